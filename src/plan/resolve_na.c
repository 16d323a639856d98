/* Missing values: fillna, dropna and replace, as projections and filters over named columns. */
#include <string.h>

#include "plan/resolver.h"

struct projection {
    struct expr **exprs;
    const char **names;
};

/* Is column i among those named (or is none named)? Sets *place to its place in the list. */
static bool
is_named(struct resolver *r, const struct rel *u, const struct scope *in, uint32_t i,
         uint32_t *place)
{
    *place = 0;
    for (uint32_t k = 0; k < u->column_name_count; k++) {
        const char *name = u->column_names[k];
        if (name_equal(r, name, in->columns[i].name)) {
            *place = k;
            return true;
        }
    }
    return u->column_name_count == 0;
}

static bool
check_names(struct resolver *r, const struct rel *u, const struct scope *in)
{
    for (uint32_t k = 0; k < u->column_name_count; k++) {
        bool found = false;
        for (uint32_t i = 0; i < in->count; i++) {
            found |= name_equal(r, u->column_names[k], in->columns[i].name);
        }
        if (!found) {
            struct expr *name = expr_new(r->arena, EXPR_ATTRIBUTE);
            name->names = &u->column_names[k];
            name->name_count = 1;
            return scope_unresolved(r, in, name);
        }
    }
    return true;
}

/* Do a value and a column go together: numbers with numbers, else the same type? */
static bool
value_fits(const struct type *value, const struct type *column)
{
    return (type_is_numeric(value) && type_is_numeric(column)) || value->id == column->id;
}

static struct expr *
filled(struct resolver *r, struct expr *column, struct expr *value)
{
    if (column->type->id == TYPE_FLOAT || column->type->id == TYPE_DOUBLE) {
        /* NaN counts as missing too. */
        column = call2(r, "nanvl", column, expr_null_literal(r->arena, column->type));
        if (column == NULL) {
            return NULL;
        }
    }
    struct expr *cast = expr_cast(r->arena, value, column->type, CAST_LEGACY);
    cast->implicit = true;
    return call2(r, "coalesce", column, type_same(value->type, column->type) ? value : cast);
}

static bool
fill(struct resolver *r, const struct rel *u, const struct scope *in, struct projection *p)
{
    for (uint32_t i = 0; i < in->count; i++) {
        struct expr *e = scope_column(r, in, i);
        uint32_t place = 0;
        if (is_named(r, u, in, i, &place)) {
            struct expr *value = u->exprs[u->expr_count > 1 ? place : 0];
            value->type = value->literal.type;
            if (value_fits(value->type, e->type)) {
                e = filled(r, e, value);
                if (e == NULL) {
                    return false;
                }
            }
        }
        p->exprs[i] = e;
        p->names[i] = in->columns[i].name;
    }
    return true;
}

/* CASE WHEN c = old THEN new ... ELSE c END */
static struct expr *
replaced(struct resolver *r, const struct rel *u, struct expr *column)
{
    struct expr *e = expr_new(r->arena, EXPR_CASE);
    e->args = arena_new_array(r->arena, struct expr *, u->expr_count + 1);
    for (uint32_t k = 0; k + 1 < u->expr_count; k += 2) {
        struct expr *old = u->exprs[k], *new = u->exprs[k + 1];
        old->type = old->literal.type;
        new->type = new->literal.type;
        const struct type *what = old->type->id != TYPE_NULL ? old->type : new->type;
        if (!value_fits(what, column->type)) {
            continue;
        }
        struct expr *test =
            old->literal.is_null ? call_bound(r, "isnull", &column, 1) : call2(r, "=", column, old);
        if (test == NULL) {
            return NULL;
        }
        struct expr *value = new->literal.is_null
                                 ? expr_null_literal(r->arena, column->type)
                                 : expr_cast(r->arena, new, column->type, CAST_LEGACY);
        value->implicit = true;
        value->nullable = new->literal.is_null;
        e->args[e->arg_count++] = test;
        e->args[e->arg_count++] = value;
        e->nullable |= value->nullable;
    }
    if (e->arg_count == 0) {
        return column;
    }
    e->args[e->arg_count++] = column;
    e->type = column->type;
    e->nullable |= column->nullable;
    return e;
}

static bool
replace(struct resolver *r, const struct rel *u, const struct scope *in, struct projection *p)
{
    for (uint32_t i = 0; i < in->count; i++) {
        struct expr *e = scope_column(r, in, i);
        uint32_t place = 0;
        p->exprs[i] = is_named(r, u, in, i, &place) ? replaced(r, u, e) : e;
        p->names[i] = in->columns[i].name;
        if (p->exprs[i] == NULL) {
            return false;
        }
    }
    return true;
}

/* Rows with fewer than `limit` values in the named columns go (-1: any missing value). */
static bool
drop(struct resolver *r, const struct rel *u, struct scope *in, struct scope *out)
{
    struct expr *sum = NULL;
    uint32_t named = 0;
    for (uint32_t i = 0; i < in->count; i++) {
        uint32_t place = 0;
        if (!is_named(r, u, in, i, &place)) {
            continue;
        }
        named++;
        struct expr *column = scope_column(r, in, i);
        if (column->type->id == TYPE_FLOAT || column->type->id == TYPE_DOUBLE) {
            column = call2(r, "nanvl", column, expr_null_literal(r->arena, column->type));
        }
        struct expr *test = column != NULL ? call_bound(r, "isnotnull", &column, 1) : NULL;
        if (test == NULL) {
            return false;
        }
        struct expr *one = expr_new(r->arena, EXPR_CASE);
        one->args = arena_new_array(r->arena, struct expr *, 3);
        one->args[0] = test;
        one->args[1] = expr_int_literal(r->arena, 1);
        one->args[2] = expr_int_literal(r->arena, 0);
        one->arg_count = 3;
        one->type = type_scalar(TYPE_INT);
        sum = sum != NULL ? call2(r, "+", sum, one) : one;
        if (sum == NULL) {
            return false;
        }
    }
    if (sum == NULL) {
        *out = *in;
        return true;
    }
    const int32_t least = u->limit < 0 ? (int32_t)named : (int32_t)u->limit;
    struct expr *enough = call2(r, ">=", sum, expr_int_literal(r->arena, least));
    if (enough == NULL) {
        return false;
    }
    scope_pass(r, out, in, rel_filter(r, in->rel, enough));
    return true;
}

bool
resolve_na(struct resolver *r, struct rel *u, struct scope *out)
{
    struct scope in;
    if (!resolve_rel(r, u->inputs[0], &in)) {
        return false;
    }
    scope_visible(r, &in);
    if (!check_names(r, u, &in)) {
        return false;
    }
    if (u->kind == REL_NA_DROP) {
        return drop(r, u, &in, out);
    }
    struct projection p = {
        .exprs = arena_new_array(r->arena, struct expr *, in.count + 1),
        .names = arena_new_array(r->arena, const char *, in.count + 1),
    };
    if (!(u->kind == REL_NA_FILL ? fill(r, u, &in, &p) : replace(r, u, &in, &p))) {
        return false;
    }
    struct rel *rel = rel_project(r, in.rel, p.exprs, p.names, in.count);
    scope_init(out, rel);
    for (uint32_t i = 0; i < in.count; i++) {
        struct column_ref c = in.columns[i];
        c.id = p.exprs[i]->kind == EXPR_COLUMN ? c.id : ++r->next_id;
        scope_push(r, out, c);
    }
    return true;
}
