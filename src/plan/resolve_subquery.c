/* Subqueries in expressions: their plans are resolved with the query around them as outer names. */
#include <string.h>

#include "plan/resolver.h"

static bool
subquery_scope(struct lookup *l, const struct expr *u, struct scope *out)
{
    struct resolver *r = l->r;
    struct lookup outer = *l;
    outer.lambda = NULL;
    outer.items = NULL;
    struct lookup *saved = r->outer;
    r->outer = &outer;
    const bool ok = resolve_rel(r, u->subquery, out);
    r->outer = saved;
    if (ok) {
        scope_visible(r, out);
    }
    return ok;
}

/* (a, b) IN (...): the row's values are the left sides. */
static void
unpack_row(struct expr *e, uint32_t width)
{
    struct expr *row = e->args[0];
    if (e->arg_count != 1 || width == 1 || row->kind != EXPR_CALL ||
        strcmp(row->name, "named_struct") != 0 || row->arg_count != 2 * width) {
        return;
    }
    struct expr **args = row->args;
    e->args = args; /* values are compacted to the front below */
    for (uint32_t i = 0; i < width; i++) {
        e->args[i] = args[2 * i + 1];
    }
    e->arg_count = width;
}

/* Brings both sides of IN to common types; the right side by a projection. */
static bool
align_in(struct lookup *l, const struct expr *u, struct expr *e, struct scope *s)
{
    struct resolver *r = l->r;
    struct rel *rel = s->rel;
    if (e->arg_count != s->count) {
        error_raise(r->err, "DATATYPE_MISMATCH.IN_SUBQUERY_LENGTH_MISMATCH", "sqlExpr",
                    expr_sql(r->arena, u), "leftLength", arena_printf(r->arena, "%u", e->arg_count),
                    "rightLength", arena_printf(r->arena, "%u", s->count), "leftColumns", "",
                    "rightColumns", "", NULL);
        return resolve_failed_at(r, u);
    }
    struct expr **exprs = arena_new_array(r->arena, struct expr *, s->count);
    const char **names = arena_new_array(r->arena, const char *, s->count);
    bool changed = false;
    for (uint32_t i = 0; i < s->count; i++) {
        struct expr *pair[2] = {e->args[i], scope_column(r, s, i)};
        const struct type *common = common_type(r, pair, 2, 1);
        if (common == NULL) {
            error_raise(r->err, "DATATYPE_MISMATCH.IN_SUBQUERY_DATA_TYPE_MISMATCH", "sqlExpr",
                        expr_sql(r->arena, u), "mismatchedColumns", "", "leftType",
                        type_sql_quoted(r->arena, pair[0]->type), "rightType",
                        type_sql_quoted(r->arena, pair[1]->type), NULL);
            return resolve_failed_at(r, u);
        }
        e->args[i] = cast_to(r, pair[0], common);
        exprs[i] = cast_to(r, pair[1], common);
        names[i] = s->columns[i].name;
        changed |= exprs[i] != pair[1];
    }
    e->subquery = changed ? rel_project(r, rel, exprs, names, s->count) : rel;
    return true;
}

struct expr *
resolve_subquery(struct lookup *l, struct expr *u)
{
    struct resolver *r = l->r;
    struct expr *e = expr_copy(r->arena, u);
    struct scope s;
    for (uint32_t i = 0; i < u->arg_count; i++) {
        e->args[i] = resolve_expr(l, u->args[i]);
        if (e->args[i] == NULL) {
            return NULL;
        }
    }
    if (!subquery_scope(l, u, &s)) {
        return NULL;
    }
    e->subquery = s.rel;
    e->type = type_scalar(TYPE_BOOLEAN);
    switch (u->subquery_kind) {
    case SUBQUERY_SCALAR:
        if (s.count != 1) {
            error_raise(r->err,
                        "INVALID_SUBQUERY_EXPRESSION."
                        "SCALAR_SUBQUERY_RETURN_MORE_THAN_ONE_OUTPUT_COLUMN",
                        "number", arena_printf(r->arena, "%u", s.count), NULL);
            resolve_failed_at(r, u);
            return NULL;
        }
        e->type = scope_field(&s, 0)->type;
        e->nullable = true;
        return e;
    case SUBQUERY_IN:
        unpack_row(e, s.count);
        if (!align_in(l, u, e, &s)) {
            return NULL;
        }
        for (uint32_t i = 0; i < e->arg_count; i++) {
            e->nullable |= e->args[i]->nullable || scope_field(&s, i)->nullable;
        }
        return e;
    default:
        return e;
    }
}
