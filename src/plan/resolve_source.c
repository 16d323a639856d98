/*
 * Where rows come from: names of views and tables, files, local data, ranges, table functions, and
 * the plans that other plans name (CTEs, SQL text).
 */
#include <string.h>
#include <strings.h>

#include "file/path.h"
#include "format/arrow.h"
#include "format/scan.h"
#include "plan/resolver.h"
#include "plan/sql_text.h"

struct rel *
rel_one_row(struct resolver *r)
{
    struct rel *rel = rel_new(r->arena, REL_LOCAL, 0);
    rel->rows = arena_new_array(r->arena, struct expr **, 1);
    rel->rows[0] = arena_new_array(r->arena, struct expr *, 1);
    rel->row_count = 1;
    rel->schema = type_struct(r->arena, NULL, 0);
    return rel;
}

/* Gives the columns new names; err when there are not as many. */
static bool
rename_columns(struct resolver *r, struct scope *s, const char *const *names, uint32_t count)
{
    if (count == 0) {
        return true;
    }
    if (count != s->count) {
        return error_raise(r->err, "ASSIGNMENT_ARITY_MISMATCH", "numExpr",
                           arena_printf(r->arena, "%u", count), "numTarget",
                           arena_printf(r->arena, "%u", s->count), NULL);
    }
    struct expr **exprs = arena_new_array(r->arena, struct expr *, count);
    struct scope next = {0};
    for (uint32_t i = 0; i < count; i++) {
        exprs[i] = scope_column(r, s, i);
        struct column_ref c = s->columns[i];
        c.name = names[i];
        scope_push(r, &next, c);
    }
    next.rel = rel_project(r, s->rel, exprs, names, count);
    *s = next;
    return true;
}

static void
qualify(struct resolver *r, struct scope *s, const char *name)
{
    const char **qualifier = arena_new_array(r->arena, const char *, 1);
    qualifier[0] = name;
    scope_requalify(r, s, qualifier, 1);
}

/* A plan that stands for itself: no CTEs and no outer names of the query that uses it. */
static bool
resolve_apart(struct resolver *r, struct rel *u, struct cte_scope *ctes, struct scope *out)
{
    struct cte_scope *saved_ctes = r->ctes;
    struct lookup *saved_outer = r->outer;
    const char *saved_text = r->sql_text;
    r->ctes = ctes;
    r->outer = NULL;
    r->sql_text = NULL;
    const bool ok = resolve_rel(r, u, out);
    r->ctes = saved_ctes;
    r->outer = saved_outer;
    r->sql_text = saved_text;
    if (ok) {
        scope_visible(r, out);
    }
    return ok;
}

static bool
resolve_cte(struct resolver *r, const struct rel *u, bool *found, struct scope *out)
{
    *found = false;
    if (u->name_count != 1) {
        return true;
    }
    for (struct cte_scope *c = r->ctes; c != NULL; c = c->outer) {
        if (strcasecmp(c->cte->name, u->names[0]) != 0) {
            continue;
        }
        *found = true;
        struct cte_scope *saved = r->ctes;
        r->ctes = c->outer; /* what was visible where it was defined */
        const bool ok = resolve_rel(r, c->cte->rel, out);
        r->ctes = saved;
        if (!ok) {
            return false;
        }
        scope_visible(r, out);
        if (!rename_columns(r, out, c->cte->column_names, c->cte->column_count)) {
            return false;
        }
        qualify(r, out, c->cte->name);
        return true;
    }
    return true;
}

bool
resolve_with(struct resolver *r, struct rel *u, struct scope *out)
{
    struct cte_scope *saved = r->ctes;
    for (uint32_t i = 0; i < u->cte_count; i++) {
        for (uint32_t k = 0; k < i; k++) {
            if (strcasecmp(u->ctes[k].name, u->ctes[i].name) == 0) {
                return error_raise(r->err, "DUPLICATED_CTE_NAMES", "duplicateNames",
                                   names_quoted(r->arena, &u->ctes[i].name, 1), NULL);
            }
        }
        if (u->ctes[i].recursive) {
            return error_unsupported(r->err, "recursive common table expressions");
        }
        struct cte_scope *c = arena_new(r->arena, struct cte_scope);
        *c = (struct cte_scope){.outer = r->ctes, .cte = &u->ctes[i]};
        r->ctes = c;
    }
    const bool ok = resolve_rel(r, u->inputs[0], out);
    r->ctes = saved;
    return ok;
}

/* Scans. */

static bool
source_schema_fixed(struct scan_source *source, struct arena *a)
{
    if (strcasecmp(source->format, "kafka") == 0) {
        const struct type_field fields[] = {
            {.name = "key", .type = type_scalar(TYPE_BINARY), .nullable = true},
            {.name = "value", .type = type_scalar(TYPE_BINARY), .nullable = true},
            {.name = "topic", .type = type_scalar(TYPE_STRING), .nullable = true},
            {.name = "partition", .type = type_scalar(TYPE_INT), .nullable = true},
            {.name = "offset", .type = type_scalar(TYPE_LONG), .nullable = true},
            {.name = "timestamp", .type = type_scalar(TYPE_TIMESTAMP), .nullable = true},
            {.name = "timestampType", .type = type_scalar(TYPE_INT), .nullable = true},
        };
        source->schema = type_struct(a, fields, 7);
        return true;
    }
    if (strcasecmp(source->format, "rate") == 0) {
        const struct type_field fields[] = {
            {.name = "timestamp", .type = type_scalar(TYPE_TIMESTAMP), .nullable = true},
            {.name = "value", .type = type_scalar(TYPE_LONG), .nullable = true},
        };
        source->schema = type_struct(a, fields, 2);
        return true;
    }
    return false;
}

/* Every column may be null: files prove nothing. */
static const struct type *
schema_nullable(struct arena *a, const struct type *t)
{
    struct type_field *fields = arena_new_array(a, struct type_field, t->field_count + 1);
    for (uint32_t i = 0; i < t->field_count; i++) {
        fields[i] = t->fields[i];
        fields[i].nullable = true;
    }
    return type_struct(a, fields, t->field_count);
}

/* A program's relative paths are relative to where it runs, not to where the server does. */
static bool
paths_absolute(struct resolver *r, struct rel *u)
{
    const struct plan_catalog *c = r->ctx->catalog;
    const char *cwd =
        c != NULL && c->conf != NULL ? c->conf(c->ctx, r->arena, "spark.weir.cwd") : NULL;
    const char *option = options_get(&u->options, "path");
    if (u->path_count == 0 && option == NULL) {
        return true;
    }
    const uint32_t count = u->path_count > 0 ? u->path_count : 1;
    const char **paths = arena_new_array(r->arena, const char *, count);
    for (uint32_t i = 0; i < count; i++) {
        paths[i] = path_local(r->arena, cwd, u->path_count > 0 ? u->paths[i] : option, r->err);
        if (paths[i] == NULL) {
            return false;
        }
    }
    u->paths = paths;
    u->path_count = count;
    return true;
}

static bool
is_file_format(const char *format)
{
    static const char *const formats[] = {"parquet", "csv", "json", "text"};
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        if (strcasecmp(format, formats[i]) == 0) {
            return true;
        }
    }
    return false;
}

static bool
scan_of(struct resolver *r, struct rel *u, struct scan_source *source, struct scope *out)
{
    const struct plan_catalog *c = r->ctx->catalog;
    source->session_zone = r->ctx->session->zone;
    source->row_estimate = source->byte_estimate = -1;
    const bool other = source_schema_fixed(source, r->arena);
    if (!other && !paths_absolute(r, u)) {
        return false;
    }
    if (c != NULL && c->source != NULL &&
        c->source(c->ctx, r->arena, source, u->is_streaming, r->err)) {
        /* ranges and schema are set */
    } else if (error_is_set(r->err)) {
        return false;
    } else if (!other && !u->is_streaming) {
        const char *const *paths = u->paths;
        const uint32_t count = u->path_count;
        if (r->ctx->env == NULL) {
            return error_unsupported(r->err, "reading files here");
        }
        if (count == 0) {
            return error_raise(r->err, "UNABLE_TO_INFER_SCHEMA", "format", source->format, NULL);
        }
        if (!scan_resolve(r->arena, paths, count, source, r->ctx->env, r->ctx->session, r->err)) {
            return false;
        }
        source->schema = schema_nullable(r->arena, source->schema);
    } else if (source->schema == NULL && !is_file_format(source->format)) {
        return error_unsupported(r->err, "the streaming source %s", source->format);
    } else if (source->schema == NULL) {
        return error_set(r->err, ERROR_ARGUMENT,
                         "Schema must be specified when creating a streaming source DataFrame.");
    }
    struct rel *scan = rel_new(r->arena, REL_SCAN, 0);
    scan->source = source;
    scan->format = source->format;
    scan->paths = u->paths;
    scan->path_count = u->path_count;
    scan->options = u->options;
    scan->is_streaming = u->is_streaming;
    scan->schema = source->schema;
    scan->column_count = source->schema->field_count;
    scan->columns = arena_new_array(r->arena, uint32_t, scan->column_count + 1);
    for (uint32_t i = 0; i < scan->column_count; i++) {
        scan->columns[i] = i;
    }
    scan->row_estimate = source->row_estimate;
    scope_from_schema(r, out, scan);
    return true;
}

bool
resolve_read(struct resolver *r, struct rel *u, struct scope *out)
{
    struct scan_source *source = arena_new(r->arena, struct scan_source);
    source->format = u->format;
    if (source->format == NULL) {
        const struct plan_catalog *c = r->ctx->catalog;
        const char *set = c != NULL && c->conf != NULL
                              ? c->conf(c->ctx, r->arena, "spark.sql.sources.default")
                              : NULL;
        source->format = set != NULL ? set : "parquet";
    }
    source->options = u->options;
    if (u->schema_text != NULL) {
        source->schema =
            type_parse_schema(r->arena, u->schema_text, strlen(u->schema_text), r->err);
        if (source->schema == NULL) {
            return false;
        }
    }
    return scan_of(r, u, source, out);
}

static bool
resolve_catalog_table(struct resolver *r, struct rel *u, struct catalog_table *t, struct scope *out)
{
    if (t->view != NULL) {
        if (!resolve_apart(r, t->view, NULL, out) ||
            !rename_columns(r, out, t->column_names, t->column_count)) {
            return false;
        }
    } else {
        struct rel *read = rel_new(r->arena, REL_READ, 0);
        struct scan_source *source = arena_new(r->arena, struct scan_source);
        read->is_streaming = u->is_streaming;
        read->paths = (const char **)t->paths;
        read->path_count = t->path_count;
        read->options = t->options;
        source->format = t->format;
        source->schema = t->schema;
        source->options = t->options;
        if (!scan_of(r, read, source, out)) {
            return false;
        }
    }
    scope_requalify(r, out, t->name, t->name_count);
    return true;
}

bool
resolve_table(struct resolver *r, struct rel *u, struct scope *out)
{
    bool found = false;
    if (!resolve_cte(r, u, &found, out) || found) {
        return found && !error_is_set(r->err);
    }
    const struct plan_catalog *c = r->ctx->catalog;
    struct catalog_table *t = c != NULL && c->table != NULL
                                  ? c->table(c->ctx, r->arena, u->names, u->name_count, r->err)
                                  : NULL;
    if (t != NULL) {
        return resolve_catalog_table(r, u, t, out);
    }
    if (error_is_set(r->err)) {
        return false;
    }
    /* parquet.`/path`: files queried by name. */
    if (u->name_count == 2 && scan_format_find(u->names[0]) != NULL) {
        struct rel *read = rel_new(r->arena, REL_READ, 0);
        read->format = u->names[0];
        read->paths = &u->names[1];
        read->path_count = 1;
        return resolve_read(r, read, out);
    }
    return error_raise(r->err, "TABLE_OR_VIEW_NOT_FOUND", "relationName",
                       names_quoted(r->arena, u->names, u->name_count), NULL);
}

/* Local data. */

/* The stream's columns take the names and types that the client gave. */
static bool
local_as_given(struct resolver *r, struct rel *local, const struct type *given, struct scope *out)
{
    const uint32_t n = local->schema->field_count;
    if (given->field_count != n) {
        return error_set(r->err, ERROR_ARGUMENT,
                         "The schema of a local relation has %u columns, its data %u.",
                         given->field_count, n);
    }
    struct expr **exprs = arena_new_array(r->arena, struct expr *, n + 1);
    const char **names = arena_new_array(r->arena, const char *, n + 1);
    bool changed = false;
    for (uint32_t i = 0; i < n; i++) {
        const struct type_field *have = &local->schema->fields[i], *want = &given->fields[i];
        exprs[i] = expr_column(r->arena, i, have->type, have->nullable);
        changed |= strcmp(have->name, want->name) != 0 || have->nullable != want->nullable;
        if (!type_same(have->type, want->type)) {
            changed = true;
            exprs[i] = cast_to(r, exprs[i], want->type);
        }
        exprs[i]->nullable = want->nullable;
        names[i] = want->name;
    }
    struct rel *rel = local;
    if (changed) {
        rel = rel_project(r, local, exprs, names, n);
        rel->schema = given;
    }
    scope_from_schema(r, out, rel);
    return true;
}

bool
resolve_local(struct resolver *r, struct rel *u, struct scope *out)
{
    if (u->kind == REL_EMPTY || u->data == NULL) {
        struct rel *rel = rel_copy(r->arena, u);
        scope_from_schema(r, out, rel);
        return true;
    }
    struct rel *local = rel_copy(r->arena, u);
    struct arrow_reader *reader = NULL;
    if (!arrow_reader_open(r->arena, (struct bytes){u->data, u->data_len}, &reader, r->err)) {
        return false;
    }
    local->schema = arrow_reader_schema(reader);
    return local_as_given(r, local, u->schema != NULL ? u->schema : local->schema, out);
}

static bool
resolve_cached_local(struct resolver *r, struct rel *u, struct scope *out)
{
    const struct plan_catalog *c = r->ctx->catalog;
    struct rel *local = rel_new(r->arena, REL_LOCAL, 0);
    const char *schema = NULL;
    if (c == NULL || c->cached_local == NULL ||
        !c->cached_local(c->ctx, r->arena, u->name, &local->data, &local->data_len, &schema,
                         r->err)) {
        return error_is_set(r->err)
                   ? false
                   : error_set(r->err, ERROR_ARGUMENT,
                               "Not found any cached local relation with the hash: %s", u->name);
    }
    if (schema != NULL) {
        local->schema = type_parse_schema(r->arena, schema, strlen(schema), r->err);
        if (local->schema == NULL) {
            return false;
        }
    }
    return resolve_local(r, local, out);
}

static bool
resolve_cached_remote(struct resolver *r, struct rel *u, struct scope *out)
{
    const struct plan_catalog *c = r->ctx->catalog;
    struct rel *plan = c != NULL && c->cached_remote != NULL
                           ? c->cached_remote(c->ctx, r->arena, u->name, r->err)
                           : NULL;
    if (plan == NULL) {
        return error_is_set(r->err)
                   ? false
                   : error_set(r->err, ERROR_ARGUMENT,
                               "No DataFrame with id %s is found in this session", u->name);
    }
    return resolve_apart(r, plan, NULL, out);
}

bool
resolve_range(struct resolver *r, struct rel *u, struct scope *out)
{
    struct rel *rel = rel_copy(r->arena, u);
    const struct type_field id = {.name = "id", .type = type_scalar(TYPE_LONG)};
    rel->schema = type_struct(r->arena, &id, 1);
    scope_from_schema(r, out, rel);
    return true;
}

/* Table functions. */

static bool
range_argument(struct resolver *r, struct rel *u, uint32_t i, int64_t *out)
{
    struct lookup l = {.r = r, .outer = r->outer};
    struct expr *e = resolve_expr(&l, u->exprs[i]);
    if (e == NULL) {
        return false;
    }
    if (e->kind == EXPR_OUTER || e->kind == EXPR_COLUMN) {
        return error_raise(r->err, "NON_FOLDABLE_ARGUMENT", "funcName", "`range`", "paramName",
                           i == 0   ? "`start`"
                           : i == 1 ? "`end`"
                                    : "`step`",
                           "paramType", "\"BIGINT\"", NULL);
    }
    if (!type_is_integral(e->type) && e->type->id != TYPE_STRING) {
        return error_raise(r->err, "UNEXPECTED_INPUT_TYPE", "functionName", "`range`", "paramIndex",
                           i == 0   ? "first"
                           : i == 1 ? "second"
                                    : "third",
                           "requiredType", "\"BIGINT\"", "inputSql",
                           expr_sql(r->arena, u->exprs[i]), "inputType",
                           type_sql_quoted(r->arena, e->type), NULL);
    }
    struct datum value;
    if (!expr_fold(r, cast_to(r, e, type_scalar(TYPE_LONG)), &value)) {
        return false;
    }
    *out = value.i;
    return true;
}

static bool
resolve_range_function(struct resolver *r, struct rel *u, struct scope *out)
{
    int64_t v[4] = {0, 0, 1, -1};
    if (u->expr_count < 1 || u->expr_count > 4) {
        return error_raise(r->err, "WRONG_NUM_ARGS.WITHOUT_SUGGESTION", "functionName", "`range`",
                           "expectedNum", "[1, 2, 3, 4]", "actualNum",
                           arena_printf(r->arena, "%u", u->expr_count), "docroot",
                           "https://spark.apache.org/docs/latest", NULL);
    }
    for (uint32_t i = 0; i < u->expr_count; i++) {
        if (!range_argument(r, u, i, &v[u->expr_count == 1 ? 1 : i])) {
            return false;
        }
    }
    if (v[2] == 0) {
        return error_set(r->err, ERROR_ARGUMENT, "requirement failed: step (0) cannot be 0");
    }
    struct rel *range = rel_new(r->arena, REL_RANGE, 0);
    range->start = v[0];
    range->end = v[1];
    range->step = v[2];
    range->partitions = (int32_t)v[3];
    return resolve_range(r, range, out);
}

bool
resolve_tvf(struct resolver *r, struct rel *u, struct scope *out)
{
    const char *name = u->name != NULL ? u->name : u->names[u->name_count - 1];
    if (strcasecmp(name, "range") == 0) {
        return resolve_range_function(r, u, out);
    }
    const struct func_def *def = func_find(name);
    if (def == NULL || def->class != FUNC_GENERATOR) {
        return error_raise(r->err, "UNRESOLVABLE_TABLE_VALUED_FUNCTION", "name",
                           names_quoted(r->arena, &name, 1), NULL);
    }
    struct rel *project = rel_new(r->arena, REL_PROJECT, 0);
    project->exprs = arena_new_array(r->arena, struct expr *, 1);
    project->exprs[0] = expr_call_args(r->arena, name, u->exprs, u->expr_count);
    project->expr_count = 1;
    return resolve_rel(r, project, out);
}

/* SQL text and plans that it names. */

static bool
resolve_with_relations(struct resolver *r, struct rel *u, struct scope *out)
{
    struct cte_scope *saved = r->ctes;
    for (uint32_t i = 1; i < u->input_count; i++) {
        const struct rel *named = u->inputs[i];
        if (named->kind != REL_ALIAS) {
            continue;
        }
        struct cte *cte = arena_new(r->arena, struct cte);
        *cte = (struct cte){.name = named->name, .rel = named->inputs[0]};
        struct cte_scope *c = arena_new(r->arena, struct cte_scope);
        *c = (struct cte_scope){.outer = r->ctes, .cte = cte};
        r->ctes = c;
    }
    const bool ok = resolve_rel(r, u->inputs[0], out);
    r->ctes = saved;
    return ok;
}

bool
resolve_sql(struct resolver *r, struct rel *u, struct scope *out)
{
    if (u->kind == REL_WITH_RELATIONS) {
        return resolve_with_relations(r, u, out);
    }
    struct rel *query = sql_text_query(r, u->text);
    if (query == NULL) {
        return false;
    }
    const char *saved_text = r->sql_text;
    const struct rel *saved_parameters = r->parameters;
    r->sql_text = u->text;
    r->parameters = u;
    const bool ok = resolve_rel(r, query, out);
    if (!ok) {
        error_place_in(r->err, u->text);
    }
    r->sql_text = saved_text;
    r->parameters = saved_parameters;
    return ok;
}

bool
resolve_catalog_rows(struct resolver *r, struct rel *u, struct scope *out)
{
    if (u->kind == REL_CACHED_LOCAL) {
        return resolve_cached_local(r, u, out);
    }
    if (u->kind == REL_CACHED_REMOTE) {
        return resolve_cached_remote(r, u, out);
    }
    const struct plan_catalog *c = r->ctx->catalog;
    struct rel *rows = c != NULL && c->rows != NULL ? c->rows(c->ctx, r->arena, u, r->err) : NULL;
    if (rows == NULL) {
        return error_is_set(r->err) ? false : resolve_unsupported(r, "this catalog call");
    }
    return resolve_apart(r, rows, NULL, out);
}
