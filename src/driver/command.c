/*
 * Statements with an effect: views, tables, databases, settings, writes. Those that answer rows
 * give them as a relation.
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
#include "driver/write.h"
#include "plan/optimize.h"

static bool
not_found(struct arena *a, const struct command *c, struct error *err)
{
    return error_raise(err, "TABLE_OR_VIEW_NOT_FOUND", "relationName",
                       name_quoted(a, c->names, c->name_count), NULL);
}

static bool
create_view(struct session *s, struct arena *a, const struct command *c, struct error *err)
{
    struct rel *plan = c->query;
    if (c->column_count > 0) {
        plan = rel_new(a, REL_TO_DF, 1, c->query);
        plan->column_names = c->columns;
        plan->column_name_count = c->column_count;
    }
    /* Names and types must be right now, not when the view is first used. */
    struct rel *resolved = session_resolve(s, a, plan, err);
    if (resolved == NULL) {
        return false;
    }
    if (c->temporary || c->global) {
        const char *name = c->names[c->name_count - 1];
        return session_view_put(s, name, plan, c->global, c->replace, err);
    }
    const char *database, *name;
    if (!name_split(s, a, c->names, c->name_count, &database, &name, err)) {
        return false;
    }
    const struct table_info *old = table_load(s->driver, a, database, name, err);
    if (error_is_set(err) || (old != NULL && c->if_not_exists)) {
        return !error_is_set(err);
    }
    if (old != NULL && !(c->replace && old->is_view)) {
        return error_raise(err, "TABLE_OR_VIEW_ALREADY_EXISTS", "relationName",
                           name_quoted(a, c->names, c->name_count), NULL);
    }
    if (c->query_text == NULL) {
        return error_unsupported(err, "a persistent view without SQL text");
    }
    const struct table_info info = {.database = database,
                                    .name = name,
                                    .is_view = true,
                                    .view_text = c->query_text,
                                    .view_columns = c->columns,
                                    .view_column_count = c->column_count,
                                    .comment = c->comment};
    return table_save(s->driver, &info, err);
}

static bool
drop_view(struct session *s, struct arena *a, const struct command *c, struct error *err)
{
    const char *last = c->names[c->name_count - 1];
    if (c->name_count == 2 && strcasecmp(c->names[0], "global_temp") == 0) {
        return session_view_drop(s, last, true) || c->if_exists || not_found(a, c, err);
    }
    if (c->name_count == 1 && session_view_drop(s, last, false)) {
        return true;
    }
    const char *database, *name;
    if (!name_split(s, a, c->names, c->name_count, &database, &name, err)) {
        return false;
    }
    const struct table_info *info = table_load(s->driver, a, database, name, err);
    if (error_is_set(err)) {
        return false;
    }
    if (info == NULL || !info->is_view) {
        return c->if_exists || not_found(a, c, err);
    }
    return table_drop(s->driver, a, info, err);
}

static bool
drop_table(struct session *s, struct arena *a, const struct command *c, struct error *err)
{
    const char *database, *name;
    if (!name_split(s, a, c->names, c->name_count, &database, &name, err)) {
        return false;
    }
    const struct table_info *info = table_load(s->driver, a, database, name, err);
    if (error_is_set(err)) {
        return false;
    }
    if (info == NULL) {
        return c->if_exists || not_found(a, c, err);
    }
    return table_drop(s->driver, a, info, err);
}

static bool
database_command(struct session *s, struct arena *a, const struct command *c, struct error *err)
{
    const char *name = c->names[c->name_count - 1];
    const char *quoted = name_quoted(a, &name, 1);
    const bool exists = database_exists(s->driver, name);
    if (c->kind == COMMAND_CREATE_DATABASE) {
        return exists ? c->if_not_exists ||
                            error_raise(err, "SCHEMA_ALREADY_EXISTS", "schemaName", quoted, NULL)
                      : database_create(s->driver, name, err);
    }
    if (!exists) {
        return (c->kind == COMMAND_DROP_DATABASE && c->if_exists) ||
               error_raise(err, "SCHEMA_NOT_FOUND", "schemaName", quoted, NULL);
    }
    if (c->kind == COMMAND_DROP_DATABASE) {
        return strcasecmp(name, "default") == 0
                   ? error_unsupported(err, "dropping the default database")
                   : database_drop(s->driver, name, c->cascade, err);
    }
    mutex_lock(&s->lock);
    free(s->database);
    s->database = strdup(name);
    mutex_unlock(&s->lock);
    return true;
}

static void
set_row(void *ctx, const char *key, const char *value)
{
    struct rows *rows = ctx;
    rows_begin(rows);
    rows_text(rows, 0, key);
    rows_text(rows, 1, value);
}

static bool
set_command(struct session *s, struct arena *a, const struct command *c, struct rel **answer,
            struct error *err)
{
    struct rows rows;
    rows_init(&rows, a, "key STRING NOT NULL, value STRING NOT NULL");
    if (c->key == NULL) {
        session_conf_each(s, NULL, set_row, &rows);
    } else if (c->value == NULL) {
        const char *value = session_conf_get(s, a, c->key);
        set_row(&rows, c->key, value != NULL ? value : "<undefined>");
    } else if (!session_conf_set(s, c->key, c->value, err)) {
        return false;
    } else {
        set_row(&rows, c->key, c->value);
    }
    *answer = rows_finish(&rows);
    return true;
}

static bool
reset_command(struct session *s, const struct command *c, struct error *err)
{
    if (c->key != NULL) {
        return session_conf_set(s, c->key, NULL, err);
    }
    mutex_lock(&s->lock);
    conf_release(&s->conf);
    mutex_unlock(&s->lock);
    return true;
}

static bool
explain_command(struct session *s, struct arena *a, const struct command *c, struct rel **answer,
                struct error *err)
{
    struct buffer text = {0};
    struct rel *resolved = session_resolve(s, a, c->query, err);
    if (resolved == NULL) {
        return false;
    }
    const bool extended = c->key != NULL && strcasecmp(c->key, "extended") == 0;
    if (extended) {
        buffer_puts(&text, "== Analyzed Logical Plan ==\n");
        rel_put_tree(&text, resolved);
        buffer_puts(&text, "\n");
    }
    struct rel *optimized = session_optimize(s, a, resolved, err);
    if (optimized != NULL) {
        buffer_puts(&text, "== Physical Plan ==\n");
        rel_put_tree(&text, optimized);
        struct rows rows;
        rows_init(&rows, a, "plan STRING NOT NULL");
        rows_begin(&rows);
        rows_text(&rows, 0, buffer_text(&text));
        *answer = rows_finish(&rows);
    }
    buffer_release(&text);
    return optimized != NULL;
}

bool
session_command(struct session *s, struct arena *a, const struct command *c, struct execution *x,
                struct rel **rows, struct error *err)
{
    *rows = NULL;
    switch (c->kind) {
    case COMMAND_CREATE_VIEW:
        return create_view(s, a, c, err);
    case COMMAND_DROP_VIEW:
        return drop_view(s, a, c, err);
    case COMMAND_DROP_TABLE:
        return drop_table(s, a, c, err);
    case COMMAND_CREATE_DATABASE:
    case COMMAND_DROP_DATABASE:
    case COMMAND_USE:
        return database_command(s, a, c, err);
    case COMMAND_SET:
        return set_command(s, a, c, rows, err);
    case COMMAND_RESET:
        return reset_command(s, c, err);
    case COMMAND_EXPLAIN:
        return explain_command(s, a, c, rows, err);
    case COMMAND_CREATE_TABLE:
    case COMMAND_INSERT:
    case COMMAND_WRITE:
    case COMMAND_TRUNCATE_TABLE:
        return table_command(s, a, c, x, err);
    case COMMAND_REGISTER_FUNCTION:
        return session_function_put(s, c->names[c->name_count - 1], c->function, err);
    case COMMAND_REFRESH:
    case COMMAND_CACHE_TABLE:
    case COMMAND_UNCACHE_TABLE:
    case COMMAND_CLEAR_CACHE:
        /* Files are listed anew for each query and results are not cached: nothing to forget or
         * keep, and Spark promises no more of a cache than the same rows. */
        return true;
    case COMMAND_SHOW_TABLES:
    case COMMAND_SHOW_VIEWS:
    case COMMAND_SHOW_DATABASES:
    case COMMAND_SHOW_COLUMNS:
    case COMMAND_SHOW_FUNCTIONS:
    case COMMAND_SHOW_CREATE_TABLE:
    case COMMAND_DESCRIBE_TABLE:
    case COMMAND_DESCRIBE_QUERY:
    case COMMAND_DESCRIBE_FUNCTION:
        *rows = show_command(s, a, c, err);
        return *rows != NULL;
    case COMMAND_SHOW_TBLPROPERTIES:
    case COMMAND_SHOW_PARTITIONS:
    case COMMAND_ALTER_TABLE_RENAME:
    case COMMAND_DECLARE_VARIABLE:
    case COMMAND_SET_VARIABLE:
        break;
    }
    return error_unsupported(err, "this SQL statement");
}
