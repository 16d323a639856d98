/*
 * spark.catalog's calls, which arrive as relations and answer tables with Spark's column names.
 *
 * Each call is a row in a table: its name as the protocol has it, the columns of its answer, and
 * the function that adds the rows. Arguments are literals in the protocol's field order.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/thread.h"
#include "driver/catalog.h"
#include "driver/command.h"
#include "driver/internal.h"
#include "driver/rows.h"
#include "driver/tables.h"
#include "sql/parse.h"

struct call {
    struct session *session;
    struct arena *arena;
    struct rel *rel;
    struct rows rows;
};

/* Argument n as text; NULL when absent. */
static const char *
argument(const struct call *c, uint32_t n)
{
    if (n >= c->rel->expr_count || c->rel->exprs[n]->kind != EXPR_LITERAL) {
        return NULL;
    }
    const struct datum *d = &c->rel->exprs[n]->literal;
    if (d->is_null || d->type == NULL || d->type->id != TYPE_STRING) {
        return NULL;
    }
    return arena_strndup(c->arena, view_ptr(&d->str), d->str.len);
}

static const char *
database_of(const struct call *c, uint32_t n)
{
    const char *given = argument(c, n);
    if (given != NULL) {
        return given;
    }
    mutex_lock(&c->session->lock);
    const char *copy = arena_strdup(c->arena, c->session->database);
    mutex_unlock(&c->session->lock);
    return copy;
}

/* "db.table" or "table" with an optional database argument. */
static bool
table_name(const struct call *c, const char **database, const char **name, bool *is_view,
           struct error *err)
{
    const char *text = argument(c, 0);
    const char **parts;
    uint32_t count;
    if (text == NULL) {
        return error_set(err, ERROR_ARGUMENT, "this catalog call needs a table name");
    }
    if (!sql_parse_identifier(c->arena, text, strlen(text), &parts, &count, err)) {
        return false;
    }
    struct error ignored = {0};
    *is_view = count == 1 && argument(c, 1) == NULL &&
               session_view_plan(c->session, c->arena, parts[0], false, &ignored) != NULL;
    error_clear(&ignored);
    *database = database_of(c, 1);
    *name = parts[count - 1];
    if (count > 1) {
        *database = parts[count - 2];
    }
    return true;
}

static bool
call_current_database(struct call *c, struct error *err)
{
    (void)err;
    rows_begin(&c->rows);
    rows_text(&c->rows, 0, database_of(c, 99));
    return true;
}

static bool
call_set_current_database(struct call *c, struct error *err)
{
    const char *name = argument(c, 0);
    const struct command use = {.kind = COMMAND_USE, .names = &name, .name_count = 1};
    struct rel *none;
    return session_command(c->session, c->arena, &use, NULL, &none, err);
}

static bool
call_current_catalog(struct call *c, struct error *err)
{
    (void)err;
    rows_begin(&c->rows);
    rows_text(&c->rows, 0, "spark_catalog");
    return true;
}

static void
database_row(struct call *c, const char *name)
{
    rows_begin(&c->rows);
    rows_text(&c->rows, 0, name);
    rows_text(&c->rows, 1, "spark_catalog");
    rows_text(&c->rows, 2, strcmp(name, "default") == 0 ? "default database" : "");
    rows_text(&c->rows, 3,
              arena_printf(c->arena, "file:%s/warehouse", c->session->driver->data_dir));
}

static bool
call_list_databases(struct call *c, struct error *err)
{
    const char **names;
    uint32_t count;
    if (!databases_list(c->session->driver, c->arena, &names, &count, err)) {
        return false;
    }
    for (uint32_t i = 0; i < count; i++) {
        if (pattern_matches(argument(c, 0), names[i])) {
            database_row(c, names[i]);
        }
    }
    return true;
}

static bool
call_get_database(struct call *c, struct error *err)
{
    const char *name = argument(c, 0);
    if (name == NULL || !database_exists(c->session->driver, name)) {
        return error_raise(err, "SCHEMA_NOT_FOUND", "schemaName",
                           arena_printf(c->arena, "`%s`", name != NULL ? name : ""), NULL);
    }
    database_row(c, name);
    return true;
}

static void
table_row(struct call *c, const char *database, const char *name, const char *type, bool temporary)
{
    rows_begin(&c->rows);
    rows_text(&c->rows, 0, name);
    if (!temporary) {
        rows_text(&c->rows, 1, "spark_catalog");
        rows_texts(&c->rows, 2, &database, 1);
    } else {
        rows_texts(&c->rows, 2, NULL, 0);
    }
    rows_text(&c->rows, 4, type);
    rows_bool(&c->rows, 5, temporary);
}

static bool
call_list_tables(struct call *c, struct error *err)
{
    const char *database = database_of(c, 0), *pattern = argument(c, 1);
    const char **names;
    uint32_t count;
    if (!database_exists(c->session->driver, database)) {
        return error_raise(err, "SCHEMA_NOT_FOUND", "schemaName",
                           arena_printf(c->arena, "`%s`", database), NULL);
    }
    if (!tables_list(c->session->driver, c->arena, database, &names, &count, err)) {
        return false;
    }
    for (uint32_t i = 0; i < count; i++) {
        const struct table_info *t =
            table_load(c->session->driver, c->arena, database, names[i], err);
        if (t == NULL) {
            return false;
        }
        if (pattern_matches(pattern, names[i])) {
            table_row(c, database, names[i],
                      t->is_view   ? "VIEW"
                      : t->managed ? "MANAGED"
                                   : "EXTERNAL",
                      false);
        }
    }
    mutex_lock(&c->session->lock);
    for (const struct view_entry *at = c->session->views; at != NULL; at = at->next) {
        if (pattern_matches(pattern, at->name)) {
            table_row(c, NULL, at->name, "TEMPORARY", true);
        }
    }
    mutex_unlock(&c->session->lock);
    return true;
}

static bool
call_get_table(struct call *c, struct error *err)
{
    const char *database, *name;
    bool is_view;
    if (!table_name(c, &database, &name, &is_view, err)) {
        return false;
    }
    if (is_view) {
        table_row(c, NULL, name, "TEMPORARY", true);
        return true;
    }
    const struct table_info *t = table_load(c->session->driver, c->arena, database, name, err);
    if (t == NULL) {
        return error_is_set(err) ? false
                                 : error_raise(err, "TABLE_OR_VIEW_NOT_FOUND", "relationName",
                                               arena_printf(c->arena, "`%s`", name), NULL);
    }
    table_row(c, database, name, t->is_view ? "VIEW" : t->managed ? "MANAGED" : "EXTERNAL", false);
    return true;
}

static bool
answer_bool(struct call *c, bool value)
{
    rows_begin(&c->rows);
    rows_bool(&c->rows, 0, value);
    return true;
}

static bool
call_table_exists(struct call *c, struct error *err)
{
    const char *database, *name;
    bool is_view;
    if (!table_name(c, &database, &name, &is_view, err)) {
        return false;
    }
    const bool found = is_view || table_load(c->session->driver, c->arena, database, name, err);
    return !error_is_set(err) && answer_bool(c, found);
}

static bool
call_database_exists(struct call *c, struct error *err)
{
    (void)err;
    const char *name = argument(c, 0);
    return answer_bool(c, name != NULL && database_exists(c->session->driver, name));
}

static bool
call_function_exists(struct call *c, struct error *err)
{
    const char *name = argument(c, 0);
    struct plan_catalog catalog;
    session_catalog(c->session, &catalog);
    const bool found = name != NULL && (func_find(name) != NULL ||
                                        catalog.function(catalog.ctx, c->arena, name, err) != NULL);
    return !error_is_set(err) && answer_bool(c, found);
}

static bool
call_list_functions(struct call *c, struct error *err)
{
    (void)err;
    uint32_t count;
    const struct func_def *const *all = func_all(&count);
    const char *pattern = argument(c, 1);
    for (uint32_t i = 0; i < count; i++) {
        if (pattern_matches(pattern, all[i]->name)) {
            rows_begin(&c->rows);
            rows_text(&c->rows, 0, all[i]->name);
            rows_texts(&c->rows, 2, NULL, 0);
            rows_text(&c->rows, 3, all[i]->usage);
            rows_text(&c->rows, 4, "weir");
            rows_bool(&c->rows, 5, true);
        }
    }
    return true;
}

static bool
call_list_columns(struct call *c, struct error *err)
{
    const char *text = argument(c, 0), *database = argument(c, 1);
    const char **parts;
    uint32_t count;
    if (text == NULL || !sql_parse_identifier(c->arena, text, strlen(text), &parts, &count, err)) {
        return error_is_set(err) ? false : error_set(err, ERROR_ARGUMENT, "a table name is needed");
    }
    struct rel *table = rel_new(c->arena, REL_TABLE, 0);
    if (database != NULL && count == 1) {
        const char **full = arena_new_array(c->arena, const char *, 2);
        full[0] = database;
        full[1] = parts[0];
        parts = full;
        count = 2;
    }
    table->names = parts;
    table->name_count = count;
    const struct rel *resolved = session_resolve(c->session, c->arena, table, err);
    if (resolved == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < resolved->schema->field_count; i++) {
        const struct type_field *field = &resolved->schema->fields[i];
        rows_begin(&c->rows);
        rows_text(&c->rows, 0, field->name);
        rows_text(&c->rows, 2, type_simple(c->arena, field->type));
        rows_bool(&c->rows, 3, field->nullable);
        rows_bool(&c->rows, 4, false);
        rows_bool(&c->rows, 5, false);
        rows_bool(&c->rows, 6, false);
    }
    return true;
}

static bool
call_drop_temp_view(struct call *c, struct error *err)
{
    (void)err;
    const char *name = argument(c, 0);
    return answer_bool(c, name != NULL && session_view_drop(c->session, name, false));
}

static bool
call_drop_global_temp_view(struct call *c, struct error *err)
{
    (void)err;
    const char *name = argument(c, 0);
    return answer_bool(c, name != NULL && session_view_drop(c->session, name, true));
}

static bool
call_is_cached(struct call *c, struct error *err)
{
    (void)err;
    return answer_bool(c, false);
}

/* Files are listed anew for each query and results are not cached: there is nothing to do. */
static bool
call_nothing(struct call *c, struct error *err)
{
    (void)c;
    (void)err;
    return true;
}

static const struct {
    const char *name;
    const char *ddl;
    bool (*fn)(struct call *c, struct error *err);
} calls[] = {
    {"current_database", "value STRING NOT NULL", call_current_database},
    {"set_current_database", "value STRING", call_set_current_database},
    {"current_catalog", "value STRING NOT NULL", call_current_catalog},
    {"list_databases",
     "name STRING NOT NULL, catalog STRING, description STRING, locationUri STRING NOT NULL",
     call_list_databases},
    {"get_database",
     "name STRING NOT NULL, catalog STRING, description STRING, locationUri STRING NOT NULL",
     call_get_database},
    {"list_tables",
     "name STRING NOT NULL, catalog STRING, namespace ARRAY<STRING>, description STRING, tableType "
     "STRING NOT NULL, isTemporary BOOLEAN NOT NULL",
     call_list_tables},
    {"get_table",
     "name STRING NOT NULL, catalog STRING, namespace ARRAY<STRING>, description STRING, tableType "
     "STRING NOT NULL, isTemporary BOOLEAN NOT NULL",
     call_get_table},
    {"table_exists", "value BOOLEAN NOT NULL", call_table_exists},
    {"database_exists", "value BOOLEAN NOT NULL", call_database_exists},
    {"function_exists", "value BOOLEAN NOT NULL", call_function_exists},
    {"list_functions",
     "name STRING NOT NULL, catalog STRING, namespace ARRAY<STRING>, description STRING, className "
     "STRING, isTemporary BOOLEAN NOT NULL",
     call_list_functions},
    {"list_columns",
     "name STRING NOT NULL, description STRING, dataType STRING NOT NULL, nullable BOOLEAN NOT "
     "NULL, "
     "isPartition BOOLEAN NOT NULL, isBucket BOOLEAN NOT NULL, isCluster BOOLEAN NOT NULL",
     call_list_columns},
    {"drop_temp_view", "value BOOLEAN NOT NULL", call_drop_temp_view},
    {"drop_global_temp_view", "value BOOLEAN NOT NULL", call_drop_global_temp_view},
    {"is_cached", "value BOOLEAN NOT NULL", call_is_cached},
    {"cache_table", "value STRING", call_nothing},
    {"uncache_table", "value STRING", call_nothing},
    {"clear_cache", "value STRING", call_nothing},
    {"refresh_table", "value STRING", call_nothing},
    {"refresh_by_path", "value STRING", call_nothing},
};

struct rel *
session_catalog_rows(struct session *s, struct arena *a, struct rel *call, struct error *err)
{
    if (call->kind == REL_COMMAND) {
        struct rel *rows = NULL;
        if (!session_command(s, a, call->command, NULL, &rows, err)) {
            return NULL;
        }
        if (rows == NULL) {
            rows = rel_new(a, REL_EMPTY, 0);
            rows->schema = type_struct(a, NULL, 0);
        }
        return rows;
    }
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        if (call->name != NULL && strcmp(call->name, calls[i].name) == 0) {
            struct call c = {.session = s, .arena = a, .rel = call};
            rows_init(&c.rows, a, calls[i].ddl);
            return calls[i].fn(&c, err) ? rows_finish(&c.rows) : NULL;
        }
    }
    error_unsupported(err, "the catalog call %s",
                      call->name != NULL ? call->name : "without a name");
    return NULL;
}
