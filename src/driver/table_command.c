/*
 * Writing: DataFrameWriter's save, saveAsTable and insertInto, SQL's CREATE TABLE and INSERT.
 *
 * All end in write_run over a resolved REL_WRITE; what differs is where the files go and what the
 * catalog learns. A new table's entry is written after its data, so that a failed CTAS leaves none.
 */
#include <string.h>
#include <strings.h>

#include "driver/catalog.h"
#include "driver/command.h"
#include "driver/internal.h"
#include "driver/tables.h"
#include "driver/write.h"
#include "file/path.h"
#include "format/scan.h"
#include "format/sink.h"
#include "plan/optimize.h"

static const char facts_ddl[] = "path STRING, partition STRING, rows BIGINT, bytes BIGINT";

/* Resolves the query, wraps it in REL_WRITE to the path, runs and commits. */
static bool
write_files(struct session *s, struct arena *a, struct rel *resolved, const struct write_spec *spec,
            struct execution *x, struct error *err)
{
    struct write_spec *mine = arena_copy(a, spec, sizeof *spec);
    const char *cwd = session_conf_get(s, a, "spark.weir.cwd");
    mine->path = path_local(a, cwd, spec->path, err);
    if (mine->path == NULL) {
        return false;
    }
    if (mine->format == NULL || mine->format[0] == '\0') {
        mine->format = session_conf_get(s, a, "spark.sql.sources.default");
    }
    struct rel *write = rel_new(a, REL_WRITE, 1, resolved);
    write->schema = type_parse_schema(a, facts_ddl, strlen(facts_ddl), err);
    write->write = mine;
    struct rel *plan = session_optimize(s, a, write, err);
    if (plan == NULL) {
        return false;
    }
    struct operation *op =
        operation_begin(s, x, arena_printf(a, "write %s to %s", mine->format, mine->path));
    uint64_t rows = 0;
    const bool ok = write_run(s, a, plan, x, &rows, err);
    operation_end(s->driver, op, rows, err);
    return ok;
}

/* df.write.format("noop"): everything is computed, nothing is kept. */
static bool
write_nothing(struct session *s, struct arena *a, struct rel *resolved, struct execution *x,
              struct error *err)
{
    struct rel *plan = session_optimize(s, a, resolved, err);
    const struct answer_sink sink = {0};
    return plan != NULL && session_run_plan(s, plan, x, &sink, err);
}

static const struct type *
table_schema(struct arena *a, const struct type *data, const char *const *partition_by,
             uint32_t partition_count)
{
    struct type_field *fields = arena_new_array(a, struct type_field, data->field_count);
    uint32_t at = 0;
    for (int last = 0; last <= 1; last++) {
        for (uint32_t i = 0; i < data->field_count; i++) {
            bool partition = false;
            for (uint32_t p = 0; p < partition_count; p++) {
                partition |= strcasecmp(partition_by[p], data->fields[i].name) == 0;
            }
            if (partition == (last == 1)) {
                fields[at] = data->fields[i];
                fields[at++].nullable = true; /* files may hold nulls whatever this query says */
            }
        }
    }
    return type_struct(a, fields, at);
}

static bool
create_from_query(struct session *s, struct arena *a, const struct write_spec *spec,
                  const char *database, const char *name, struct rel *query, struct execution *x,
                  struct error *err)
{
    struct write_spec *files = arena_copy(a, spec, sizeof *spec);
    const char *location = options_get(&spec->options, "path");
    const bool managed = location == NULL && spec->path == NULL;
    files->path = location != NULL     ? location
                  : spec->path != NULL ? spec->path
                                       : table_default_location(s->driver, a, database, name);
    if (files->path == NULL) {
        return error_raise(err, "INVALID_SCHEMA_OR_RELATION_NAME", "name", name, NULL);
    }
    if (files->format == NULL || files->format[0] == '\0') {
        files->format = session_conf_get(s, a, "spark.sql.sources.default");
    }
    files->mode = spec->mode == WRITE_ERROR_IF_EXISTS ? WRITE_OVERWRITE : spec->mode;
    struct rel *resolved = session_resolve(s, a, query, err);
    if (resolved == NULL || !write_files(s, a, resolved, files, x, err)) {
        return false;
    }
    const struct table_info info = {
        .database = database,
        .name = name,
        .format = files->format,
        .location = path_local(a, session_conf_get(s, a, "spark.weir.cwd"), files->path, err),
        .schema = table_schema(a, resolved->schema, spec->partition_by, spec->partition_count),
        .partition_by = spec->partition_by,
        .partition_count = spec->partition_count,
        .managed = managed,
        .options = spec->options};
    return table_save(s->driver, &info, err);
}

/* The query's columns by position, cast to the table's types. */
static struct rel *
fit_to_table(struct arena *a, struct rel *resolved, const struct table_info *t, const char *name,
             struct error *err)
{
    const struct type *want = t->schema, *have = resolved->schema;
    if (have->field_count != want->field_count) {
        error_raise(err,
                    have->field_count < want->field_count
                        ? "INSERT_COLUMN_ARITY_MISMATCH.NOT_ENOUGH_DATA_COLUMNS"
                        : "INSERT_COLUMN_ARITY_MISMATCH.TOO_MANY_DATA_COLUMNS",
                    "tableName", name, NULL);
        return NULL;
    }
    struct rel *project = rel_new(a, REL_PROJECT, 1, resolved);
    project->exprs = arena_new_array(a, struct expr *, want->field_count);
    project->expr_count = want->field_count;
    for (uint32_t i = 0; i < want->field_count; i++) {
        struct expr *column = expr_column(a, i, have->fields[i].type, have->fields[i].nullable);
        if (!type_same(have->fields[i].type, want->fields[i].type)) {
            column = expr_cast(a, column, want->fields[i].type, CAST_ANSI);
            column->nullable = true;
        }
        project->exprs[i] = expr_alias(a, column, want->fields[i].name);
        project->exprs[i]->type = want->fields[i].type;
        project->exprs[i]->nullable = true;
    }
    project->schema = want;
    return project;
}

static bool
insert_into(struct session *s, struct arena *a, const struct table_info *t, const char *quoted,
            struct rel *query, bool overwrite, struct execution *x, struct error *err)
{
    if (t->is_view) {
        return error_unsupported(err, "inserting into the view %s", quoted);
    }
    struct rel *resolved = session_resolve(s, a, query, err);
    struct rel *fitted = resolved != NULL ? fit_to_table(a, resolved, t, quoted, err) : NULL;
    if (fitted == NULL) {
        return false;
    }
    const struct write_spec spec = {.format = t->format,
                                    .path = t->location,
                                    .mode = overwrite ? WRITE_OVERWRITE : WRITE_APPEND,
                                    .partition_by = t->partition_by,
                                    .partition_count = t->partition_count,
                                    .options = t->options};
    return write_files(s, a, fitted, &spec, x, err);
}

static bool
create_empty(struct session *s, struct arena *a, const struct command *c, const char *database,
             const char *name, struct error *err)
{
    const struct write_spec *w = c->write;
    const char *location = w != NULL ? options_get(&w->options, "path") : NULL;
    if (location == NULL && w != NULL) {
        location = w->path;
    }
    if (c->schema_text == NULL) {
        return error_unsupported(err, "CREATE TABLE without columns or query");
    }
    const struct type *schema = type_parse_schema(a, c->schema_text, strlen(c->schema_text), err);
    if (schema == NULL) {
        return false;
    }
    struct table_info info = {.database = database,
                              .name = name,
                              .format = w != NULL && w->format != NULL && w->format[0] != '\0'
                                            ? w->format
                                            : session_conf_get(s, a, "spark.sql.sources.default"),
                              .managed = location == NULL,
                              .comment = c->comment};
    if (w != NULL) {
        info.partition_by = w->partition_by;
        info.partition_count = w->partition_count;
        info.options = w->options;
    }
    info.schema = table_schema(a, schema, info.partition_by, info.partition_count);
    info.location = location != NULL
                        ? path_local(a, session_conf_get(s, a, "spark.weir.cwd"), location, err)
                        : table_default_location(s->driver, a, database, name);
    if (info.location == NULL) {
        return error_is_set(err)
                   ? false
                   : error_raise(err, "INVALID_SCHEMA_OR_RELATION_NAME", "name", name, NULL);
    }
    struct env *env = s->driver->config.env;
    return env->ops->mkdirs(env, info.location, err) && table_save(s->driver, &info, err);
}

static bool
to_table(struct session *s, struct arena *a, const struct command *c, struct execution *x,
         struct error *err)
{
    const struct write_spec *w = c->write;
    const char **names = c->name_count > 0 ? c->names : w->table;
    const uint32_t count = c->name_count > 0 ? c->name_count : w->table_count;
    const char *database, *name;
    if (!name_split(s, a, names, count, &database, &name, err)) {
        return false;
    }
    const char *quoted = name_quoted(a, names, count);
    const struct table_info *t = table_load(s->driver, a, database, name, err);
    if (error_is_set(err)) {
        return false;
    }
    const enum write_mode mode = w != NULL ? w->mode : WRITE_ERROR_IF_EXISTS;
    if (c->kind == COMMAND_INSERT || (w != NULL && w->is_insert)) {
        if (t == NULL) {
            return error_raise(err, "TABLE_OR_VIEW_NOT_FOUND", "relationName", quoted, NULL);
        }
        return insert_into(s, a, t, quoted, c->query, c->overwrite || mode == WRITE_OVERWRITE, x,
                           err);
    }
    if (t != NULL && (c->if_not_exists || mode == WRITE_IGNORE)) {
        return true;
    }
    if (t != NULL && mode == WRITE_APPEND) {
        return insert_into(s, a, t, quoted, c->query, false, x, err);
    }
    if (t != NULL && mode != WRITE_OVERWRITE && !c->replace) {
        return error_raise(err, "TABLE_OR_VIEW_ALREADY_EXISTS", "relationName", quoted, NULL);
    }
    static const struct write_spec plain = {0};
    return c->query != NULL
               ? create_from_query(s, a, w != NULL ? w : &plain, database, name, c->query, x, err)
               : create_empty(s, a, c, database, name, err);
}

bool
table_command(struct session *s, struct arena *a, const struct command *c, struct execution *x,
              struct error *err)
{
    if (c->kind == COMMAND_TRUNCATE_TABLE) {
        return error_unsupported(err, "TRUNCATE TABLE");
    }
    const struct write_spec *w = c->write;
    if (c->kind != COMMAND_WRITE || w->table_count > 0) {
        return to_table(s, a, c, x, err);
    }
    struct rel *resolved = session_resolve(s, a, c->query, err);
    if (resolved == NULL) {
        return false;
    }
    if (w->format != NULL && strcasecmp(w->format, "noop") == 0) {
        return write_nothing(s, a, resolved, x, err);
    }
    if (w->format != NULL && strcasecmp(w->format, "kafka") == 0) {
        return error_unsupported(err, "a batch write to the kafka sink");
    }
    const char *path = w->path != NULL ? w->path : options_get(&w->options, "path");
    if (path == NULL) {
        return error_set(err, ERROR_ARGUMENT, "a write to files needs a path");
    }
    struct write_spec spec = *w;
    spec.path = path;
    return write_files(s, a, resolved, &spec, x, err);
}
