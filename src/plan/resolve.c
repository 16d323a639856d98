/* Resolution's entrance and its table of relation kinds. */
#include "plan/resolve.h"

#include <string.h>
#include <strings.h>

#include "plan/resolver.h"

bool
resolve_unsupported(struct resolver *r, const char *what)
{
    return error_unsupported(r->err, "%s", what);
}

uint32_t
default_seed(void)
{
    static _Atomic uint32_t next = 1; /* any distinct numbers do */
    return next++ * 2654435761u;
}

static bool
resolve_alias(struct resolver *r, struct rel *u, struct scope *out)
{
    if (!resolve_rel(r, u->inputs[0], out)) {
        return false;
    }
    scope_visible(r, out);
    if (u->column_name_count > 0) {
        if (u->column_name_count != out->count && u->inputs[0]->kind == REL_VALUES) {
            return error_raise(r->err, "INVALID_INLINE_TABLE.NUM_COLUMNS_MISMATCH",
                               "expectedNumCols",
                               arena_printf(r->arena, "%u", u->column_name_count), "actualNumCols",
                               arena_printf(r->arena, "%u", out->count), "rowIndex", "0", NULL);
        }
        if (u->column_name_count != out->count) {
            return error_raise(r->err, "ASSIGNMENT_ARITY_MISMATCH", "numExpr",
                               arena_printf(r->arena, "%u", u->column_name_count), "numTarget",
                               arena_printf(r->arena, "%u", out->count), NULL);
        }
        struct expr **exprs = arena_new_array(r->arena, struct expr *, out->count);
        struct scope next = {0};
        for (uint32_t i = 0; i < out->count; i++) {
            exprs[i] = scope_column(r, out, i);
            struct column_ref c = out->columns[i];
            c.name = u->column_names[i];
            scope_push(r, &next, c);
        }
        next.rel = rel_project(r, out->rel, exprs, u->column_names, out->count);
        *out = next;
    }
    if (u->name != NULL) {
        const char **qualifier = arena_new_array(r->arena, const char *, 1);
        qualifier[0] = u->name;
        scope_requalify(r, out, qualifier, 1);
    }
    return true;
}

/* LIMIT and OFFSET as numbers: literals, or constant integers from SQL. */
static bool
fold_limit(struct resolver *r, struct expr *u, const char *name, int64_t *out)
{
    if (u == NULL) {
        return true;
    }
    struct lookup l = {.r = r, .outer = NULL};
    struct expr *e = resolve_expr(&l, u);
    if (e == NULL) {
        return false;
    }
    if (!type_is_integral(e->type)) {
        error_raise(r->err, "INVALID_LIMIT_LIKE_EXPRESSION.DATA_TYPE", "name", name, "expr",
                    expr_sql(r->arena, u), "dataType", type_sql_quoted(r->arena, e->type), NULL);
        return resolve_failed_at(r, u);
    }
    struct datum value;
    if (!expr_fold(r, e, &value)) {
        return false;
    }
    if (value.is_null) {
        error_raise(r->err, "INVALID_LIMIT_LIKE_EXPRESSION.IS_NULL", "name", name, "expr",
                    expr_sql(r->arena, u), NULL);
        return resolve_failed_at(r, u);
    }
    if (value.i < 0) {
        error_raise(r->err, "INVALID_LIMIT_LIKE_EXPRESSION.IS_NEGATIVE", "name", name, "expr",
                    expr_sql(r->arena, u), "v", arena_printf(r->arena, "%lld", (long long)value.i),
                    NULL);
        return resolve_failed_at(r, u);
    }
    *out = value.i;
    return true;
}

static bool
resolve_limit(struct resolver *r, struct rel *u, struct scope *out)
{
    struct scope in;
    if (!resolve_rel(r, u->inputs[0], &in)) {
        return false;
    }
    struct rel *rel = rel_new(r->arena, u->kind, 1, in.rel);
    rel->limit = u->limit;
    rel->offset = u->offset;
    if (!fold_limit(r, u->limit_expr, "limit", &rel->limit) ||
        !fold_limit(r, u->offset_expr, "offset", &rel->offset)) {
        return false;
    }
    scope_pass(r, out, &in, rel);
    return true;
}

static bool
resolve_sample(struct resolver *r, struct rel *u, struct scope *out)
{
    struct scope in;
    if (!resolve_rel(r, u->inputs[0], &in)) {
        return false;
    }
    struct rel *rel = rel_copy(r->arena, u);
    rel->inputs[0] = in.rel;
    scope_pass(r, out, &in, rel);
    return true;
}

static bool
resolve_repartition(struct resolver *r, struct rel *u, struct scope *out)
{
    struct scope in;
    if (!resolve_rel(r, u->inputs[0], &in)) {
        return false;
    }
    struct rel *rel = rel_copy(r->arena, u);
    rel->inputs[0] = in.rel;
    rel->exprs = arena_new_array(r->arena, struct expr *, u->expr_count + 1);
    struct lookup l = {.r = r, .input = &in, .outer = r->outer, .no_aggregates_in = "where"};
    for (uint32_t i = 0; i < u->expr_count; i++) {
        rel->exprs[i] = resolve_expr(&l, u->exprs[i]);
        if (rel->exprs[i] == NULL) {
            return false;
        }
    }
    scope_pass(r, out, &in, rel);
    return true;
}

/* Hints may be ignored; COALESCE and REPARTITION change only how work is cut. */
static bool
resolve_hint(struct resolver *r, struct rel *u, struct scope *out)
{
    return resolve_rel(r, u->inputs[0], out);
}

static bool
resolve_write(struct resolver *r, struct rel *u, struct scope *out)
{
    struct scope in;
    if (!resolve_rel(r, u->inputs[0], &in)) {
        return false;
    }
    scope_visible(r, &in);
    struct rel *rel = rel_copy(r->arena, u);
    rel->inputs[0] = in.rel;
    const struct type_field fields[] = {
        {.name = "path", .type = type_scalar(TYPE_STRING)},
        {.name = "partition", .type = type_scalar(TYPE_STRING)},
        {.name = "rows", .type = type_scalar(TYPE_LONG)},
        {.name = "bytes", .type = type_scalar(TYPE_LONG)},
    };
    rel->schema = type_struct(r->arena, fields, 4);
    scope_from_schema(r, out, rel);
    return true;
}

/* A plan of our own making may hold scans already. */
static bool
resolve_scan(struct resolver *r, struct rel *u, struct scope *out)
{
    scope_from_schema(r, out, u);
    return true;
}

static bool
resolve_drawing(struct resolver *r, struct rel *u, struct scope *out)
{
    return resolve_unsupported(r, "a table drawn as text inside a plan");
}

/* Who resolves what; the rest are projections, see resolve_frame. */
static bool (*const resolvers[])(struct resolver *r, struct rel *u, struct scope *out) = {
    [REL_PROJECT] = resolve_project,
    [REL_FILTER] = resolve_filter,
    [REL_SORT] = resolve_sort,
    [REL_AGGREGATE] = resolve_aggregate,
    [REL_GROUPING_SETS] = resolve_grouping_sets,
    [REL_PIVOT_AGGREGATE] = resolve_pivot,
    [REL_UNPIVOT] = resolve_unpivot,
    [REL_JOIN] = resolve_join,
    [REL_LATERAL_JOIN] = resolve_lateral_join,
    [REL_LATERAL_VIEW] = resolve_lateral_view,
    [REL_SET_OP] = resolve_set_op,
    [REL_UNION] = resolve_union,
    [REL_DISTINCT] = resolve_distinct,
    [REL_DEDUP_NAMES] = resolve_deduplicate,
    [REL_DEDUPLICATE] = resolve_deduplicate,
    [REL_VALUES] = resolve_values,
    [REL_TABLE] = resolve_table,
    [REL_READ] = resolve_read,
    [REL_LOCAL] = resolve_local,
    [REL_EMPTY] = resolve_local,
    [REL_RANGE] = resolve_range,
    [REL_ALIAS] = resolve_alias,
    [REL_WITH] = resolve_with,
    [REL_SQL] = resolve_sql,
    [REL_WITH_RELATIONS] = resolve_sql,
    [REL_TVF] = resolve_tvf,
    [REL_LIMIT] = resolve_limit,
    [REL_TAIL] = resolve_limit,
    [REL_SAMPLE] = resolve_sample,
    [REL_REPARTITION] = resolve_repartition,
    [REL_HINT] = resolve_hint,
    [REL_WRITE] = resolve_write,
    [REL_CATALOG] = resolve_catalog_rows,
    [REL_COMMAND] = resolve_catalog_rows,
    [REL_CACHED_LOCAL] = resolve_catalog_rows,
    [REL_CACHED_REMOTE] = resolve_catalog_rows,
    [REL_NA_FILL] = resolve_na,
    [REL_NA_DROP] = resolve_na,
    [REL_NA_REPLACE] = resolve_na,
    [REL_DESCRIBE] = resolve_stat,
    [REL_SUMMARY] = resolve_stat,
    [REL_CROSSTAB] = resolve_stat,
    [REL_COV] = resolve_stat,
    [REL_CORR] = resolve_stat,
    [REL_APPROX_QUANTILE] = resolve_stat,
    [REL_FREQ_ITEMS] = resolve_stat,
    [REL_SAMPLE_BY] = resolve_stat,
    [REL_SCAN] = resolve_scan,
    [REL_SHOW_STRING] = resolve_drawing,
    [REL_HTML_STRING] = resolve_drawing,
};

bool
resolve_open(struct resolver *r, struct rel *u, struct scope *out)
{
    if (++r->depth > RESOLVE_DEPTH_MAX) {
        r->depth--;
        return error_set(r->err, ERROR_ANALYSIS, "A plan is nested deeper than %d levels.",
                         RESOLVE_DEPTH_MAX);
    }
    const bool listed =
        (size_t)u->kind < sizeof resolvers / sizeof *resolvers && resolvers[u->kind] != NULL;
    const bool ok = (listed ? resolvers[u->kind] : resolve_frame)(r, u, out);
    r->depth--;
    if (ok) {
        scope_register(r, out, u->plan_id);
    }
    return ok;
}

bool
resolve_rel(struct resolver *r, struct rel *u, struct scope *out)
{
    return resolve_open(r, u, out) && select_finish(r, out);
}

struct rel *
plan_resolve(struct plan_context *ctx, struct rel *unresolved, struct error *err)
{
    struct resolver r = {.ctx = ctx, .arena = ctx->arena, .err = err, .sql_text = ctx->sql_text};
    struct scope s;
    if (!resolve_rel(&r, unresolved, &s)) {
        return NULL;
    }
    scope_visible(&r, &s);
    return s.rel;
}
