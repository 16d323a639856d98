/* SHOW, DESCRIBE and the catalog calls of clients: what is known, as rows. */
#include <string.h>
#include <strings.h>

#include "base/thread.h"
#include "driver/catalog.h"
#include "driver/command.h"
#include "driver/internal.h"
#include "driver/rows.h"
#include "driver/tables.h"

/* Spark's patterns of SHOW ... LIKE: * is any run, | separates alternatives, no case. Only the last
 * * is ever widened: if what follows it fits later, so it does after a longer run of an earlier
 * one. */
static bool
pattern_part(const char *p, size_t len, const char *text)
{
    const char *end = p + len, *star = NULL, *resume = text;
    while (*text != '\0') {
        if (p < end && *p == '*') {
            star = ++p;
            resume = text;
        } else if (p < end && strncasecmp(p, text, 1) == 0) {
            p++;
            text++;
        } else if (star != NULL) {
            p = star;
            text = ++resume;
        } else {
            return false;
        }
    }
    while (p < end && *p == '*') {
        p++;
    }
    return p == end;
}

bool
pattern_matches(const char *pattern, const char *text)
{
    if (pattern == NULL || strlen(pattern) > 256) {
        return pattern == NULL;
    }
    for (const char *p = pattern;;) {
        const size_t len = strcspn(p, "|");
        if (pattern_part(p, len, text)) {
            return true;
        }
        if (p[len] == '\0') {
            return false;
        }
        p += len + 1;
    }
}

static const char *
current_database(struct session *s, struct arena *a)
{
    mutex_lock(&s->lock);
    const char *copy = arena_strdup(a, s->database);
    mutex_unlock(&s->lock);
    return copy;
}

/* Names of temporary views, copied. */
static void
view_names(struct session *s, struct arena *a, const char ***names, uint32_t *count)
{
    mutex_lock(&s->lock);
    uint32_t n = 0;
    for (const struct view_entry *at = s->views; at != NULL; at = at->next) {
        n++;
    }
    *names = arena_new_array(a, const char *, n + 1);
    *count = 0;
    for (const struct view_entry *at = s->views; at != NULL; at = at->next) {
        (*names)[(*count)++] = arena_strdup(a, at->name);
    }
    mutex_unlock(&s->lock);
}

static struct rel *
show_tables(struct session *s, struct arena *a, const char *database, const char *pattern,
            bool views_only, struct error *err)
{
    struct rows rows;
    rows_init(&rows, a,
              views_only ? "namespace STRING NOT NULL, viewName STRING NOT NULL, "
                           "isTemporary BOOLEAN NOT NULL"
                         : "namespace STRING NOT NULL, tableName STRING NOT NULL, "
                           "isTemporary BOOLEAN NOT NULL");
    const char **names = NULL;
    uint32_t count = 0;
    if (!database_exists(s->driver, database)) {
        const char *quoted = name_quoted(a, &database, 1);
        error_raise(err, "SCHEMA_NOT_FOUND", "schemaName", quoted, NULL);
        return NULL;
    }
    if (!tables_list(s->driver, a, database, &names, &count, err)) {
        return NULL;
    }
    for (uint32_t i = 0; i < count; i++) {
        if (!pattern_matches(pattern, names[i])) {
            continue;
        }
        if (views_only) {
            const struct table_info *t = table_load(s->driver, a, database, names[i], err);
            if (t == NULL || !t->is_view) {
                error_clear(err);
                continue;
            }
        }
        rows_begin(&rows);
        rows_text(&rows, 0, database);
        rows_text(&rows, 1, names[i]);
        rows_bool(&rows, 2, false);
    }
    view_names(s, a, &names, &count);
    for (uint32_t i = 0; i < count; i++) {
        if (pattern_matches(pattern, names[i])) {
            rows_begin(&rows);
            rows_text(&rows, 0, "");
            rows_text(&rows, 1, names[i]);
            rows_bool(&rows, 2, true);
        }
    }
    return rows_finish(&rows);
}

static struct rel *
show_databases(struct session *s, struct arena *a, const char *pattern, struct error *err)
{
    const char **names;
    uint32_t count;
    if (!databases_list(s->driver, a, &names, &count, err)) {
        return NULL;
    }
    struct rows rows;
    rows_init(&rows, a, "namespace STRING NOT NULL");
    for (uint32_t i = 0; i < count; i++) {
        if (pattern_matches(pattern, names[i])) {
            rows_begin(&rows);
            rows_text(&rows, 0, names[i]);
        }
    }
    return rows_finish(&rows);
}

static struct rel *
show_functions(struct arena *a, const char *pattern)
{
    struct rows rows;
    rows_init(&rows, a, "function STRING NOT NULL");
    uint32_t count;
    const struct func_def *const *all = func_all(&count);
    for (uint32_t i = 0; i < count; i++) {
        if (pattern_matches(pattern, all[i]->name)) {
            rows_begin(&rows);
            rows_text(&rows, 0, all[i]->name);
        }
    }
    return rows_finish(&rows);
}

/* The schema of a table or view by name, through resolution. */
static const struct type *
named_schema(struct session *s, struct arena *a, const char **names, uint32_t count,
             struct error *err)
{
    struct rel *table = rel_new(a, REL_TABLE, 0);
    table->names = names;
    table->name_count = count;
    const struct rel *resolved = session_resolve(s, a, table, err);
    return resolved != NULL ? resolved->schema : NULL;
}

static struct rel *
describe_schema(struct arena *a, const struct type *schema)
{
    struct rows rows;
    rows_init(&rows, a, "col_name STRING NOT NULL, data_type STRING NOT NULL, comment STRING");
    for (uint32_t i = 0; i < schema->field_count; i++) {
        rows_begin(&rows);
        rows_text(&rows, 0, schema->fields[i].name);
        rows_text(&rows, 1, type_simple(a, schema->fields[i].type));
    }
    return rows_finish(&rows);
}

static struct rel *
show_columns(struct arena *a, const struct type *schema)
{
    struct rows rows;
    rows_init(&rows, a, "col_name STRING NOT NULL");
    for (uint32_t i = 0; i < schema->field_count; i++) {
        rows_begin(&rows);
        rows_text(&rows, 0, schema->fields[i].name);
    }
    return rows_finish(&rows);
}

static struct rel *
describe_function(struct arena *a, const char *name, struct error *err)
{
    const struct func_def *def = func_find(name);
    if (def == NULL) {
        error_unsupported(err, "DESCRIBE FUNCTION of %s, which is not there", name);
        return NULL;
    }
    struct rows rows;
    rows_init(&rows, a, "function_desc STRING NOT NULL");
    rows_begin(&rows);
    rows_text(&rows, 0, arena_printf(a, "Function: %s", def->name));
    rows_begin(&rows);
    rows_text(&rows, 0, arena_printf(a, "Usage: %s", def->usage != NULL ? def->usage : "N/A."));
    return rows_finish(&rows);
}

static struct rel *
show_create_table(struct session *s, struct arena *a, const struct command *c, struct error *err)
{
    const char *database, *name;
    if (!name_split(s, a, c->names, c->name_count, &database, &name, err)) {
        return NULL;
    }
    const struct table_info *t = table_load(s->driver, a, database, name, err);
    if (t == NULL) {
        if (!error_is_set(err)) {
            error_raise(err, "TABLE_OR_VIEW_NOT_FOUND", "relationName",
                        name_quoted(a, c->names, c->name_count), NULL);
        }
        return NULL;
    }
    struct buffer text = {0};
    if (t->is_view) {
        buffer_printf(&text, "CREATE VIEW %s.%s AS %s\n", database, name, t->view_text);
    } else {
        buffer_printf(&text, "CREATE TABLE spark_catalog.%s.%s (", database, name);
        for (uint32_t i = 0; i < t->schema->field_count; i++) {
            buffer_printf(&text, "%s\n  %s %s", i > 0 ? "," : "", t->schema->fields[i].name,
                          type_sql(a, t->schema->fields[i].type));
        }
        buffer_printf(&text, ")\nUSING %s\n", t->format);
    }
    struct rows rows;
    rows_init(&rows, a, "createtab_stmt STRING NOT NULL");
    rows_begin(&rows);
    rows_text(&rows, 0, buffer_text(&text));
    buffer_release(&text);
    return rows_finish(&rows);
}

struct rel *
show_command(struct session *s, struct arena *a, const struct command *c, struct error *err)
{
    switch (c->kind) {
    case COMMAND_SHOW_TABLES:
    case COMMAND_SHOW_VIEWS:
        return show_tables(s, a,
                           c->name_count > 0 ? c->names[c->name_count - 1] : current_database(s, a),
                           c->key, c->kind == COMMAND_SHOW_VIEWS, err);
    case COMMAND_SHOW_DATABASES:
        return show_databases(s, a, c->key, err);
    case COMMAND_SHOW_FUNCTIONS:
        return show_functions(a, c->key);
    case COMMAND_SHOW_CREATE_TABLE:
        return show_create_table(s, a, c, err);
    case COMMAND_DESCRIBE_FUNCTION:
        return describe_function(a, c->names[c->name_count - 1], err);
    case COMMAND_DESCRIBE_QUERY: {
        const struct rel *resolved = session_resolve(s, a, c->query, err);
        return resolved != NULL ? describe_schema(a, resolved->schema) : NULL;
    }
    default: {
        const struct type *schema = named_schema(s, a, c->names, c->name_count, err);
        return schema == NULL                    ? NULL
               : c->kind == COMMAND_SHOW_COLUMNS ? show_columns(a, schema)
                                                 : describe_schema(a, schema);
    }
    }
}
