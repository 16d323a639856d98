/*
 * Expressions simplified: constants folded, AND, OR, NOT and CASE with constant parts reduced, and
 * what every branch of an OR demands taken out of it, so that it can be pushed and joined on.
 *
 * A call that would fail (ANSI) is left for run time, when a row may or may not need it.
 */
#include <string.h>

#include "func/program.h"
#include "plan/pass.h"

static bool
all_literals(const struct expr *e)
{
    for (uint32_t i = 0; i < e->arg_count; i++) {
        if (e->args[i]->kind != EXPR_LITERAL) {
            return false;
        }
    }
    return true;
}

static struct expr *
fold(struct pass *p, struct expr *e)
{
    const bool foldable = (e->kind == EXPR_CALL || e->kind == EXPR_CAST || e->kind == EXPR_CASE) &&
                          all_literals(e) && expr_deterministic(e) && e->type->id != TYPE_NULL &&
                          !type_is_nested(e->type);
    if (!foldable) {
        return e;
    }
    struct error err = {0};
    struct datum value;
    if (!program_fold(p->arena, e, p->ctx->session, &value, &err)) {
        error_clear(&err);
        return e;
    }
    value.type = e->type;
    return expr_literal(p->arena, value);
}

static struct expr *
simplify_and(struct pass *p, struct expr *e)
{
    for (uint32_t i = 0; i < 2; i++) {
        struct expr *x = e->args[i], *other = e->args[1 - i];
        if (is_true(x)) {
            return other;
        }
        if (x->kind == EXPR_LITERAL && !x->literal.is_null && !x->literal.b) {
            return x;
        }
    }
    return e;
}

/* (a and b) or (a and c) is a and (b or c). */
static struct expr *
factor_or(struct pass *p, struct expr *e)
{
    struct conjuncts left = {0}, right = {0}, common = {0}, l = {0}, r = {0};
    conjuncts_add(p->arena, &left, e->args[0]);
    conjuncts_add(p->arena, &right, e->args[1]);
    for (uint32_t i = 0; i < left.count; i++) {
        bool both = false;
        for (uint32_t k = 0; k < right.count; k++) {
            both |= expr_equal(left.items[i], right.items[k]);
        }
        conjuncts_add(p->arena, both ? &common : &l, left.items[i]);
    }
    if (common.count == 0) {
        return e;
    }
    for (uint32_t k = 0; k < right.count; k++) {
        bool both = false;
        for (uint32_t i = 0; i < common.count; i++) {
            both |= expr_equal(common.items[i], right.items[k]);
        }
        if (!both) {
            conjuncts_add(p->arena, &r, right.items[k]);
        }
    }
    struct expr *all = conjuncts_join(p->arena, &common);
    if (l.count == 0 || r.count == 0) {
        return all; /* one branch asks for nothing more */
    }
    struct expr * or = expr_copy(p->arena, e);
    or->args[0] = conjuncts_join(p->arena, &l);
    or->args[1] = conjuncts_join(p->arena, &r);
    return expr_and(p->arena, all, or);
}

static struct expr *
simplify_or(struct pass *p, struct expr *e)
{
    for (uint32_t i = 0; i < 2; i++) {
        struct expr *x = e->args[i], *other = e->args[1 - i];
        if (is_true(x)) {
            return x;
        }
        if (x->kind == EXPR_LITERAL && !x->literal.is_null && !x->literal.b) {
            return other;
        }
    }
    return factor_or(p, e);
}

static struct expr *
simplify_case(struct pass *p, struct expr *e)
{
    if (e->arg_count >= 2 && is_true(e->args[0])) {
        return e->args[1];
    }
    if (e->arg_count > 2 && is_false_or_null(e->args[0])) {
        struct expr *copy = expr_copy(p->arena, e);
        copy->args += 2;
        copy->arg_count -= 2;
        return copy->arg_count == 1 ? copy->args[0] : simplify_case(p, copy);
    }
    return e;
}

static struct expr *
simplify_node(struct arena *a, struct expr *e, void *ctx)
{
    struct pass *p = ctx;
    if (is_function(e, "and") && e->arg_count == 2) {
        e = simplify_and(p, e);
    } else if (is_function(e, "or") && e->arg_count == 2) {
        e = simplify_or(p, e);
    } else if (is_function(e, "not") && is_function(e->args[0], "not")) {
        return e->args[0]->args[0];
    } else if (e->kind == EXPR_CASE) {
        e = simplify_case(p, e);
    } else if (e->kind == EXPR_CAST && type_equal(e->type, e->args[0]->type)) {
        return e->args[0];
    }
    return fold(p, e);
}

static struct expr *
simplify_expr(struct arena *a, struct expr *e, void *ctx)
{
    return expr_map(a, e, simplify_node, ctx);
}

struct rel *
pass_simplify(struct pass *p, struct rel *rel)
{
    rel = pass_inputs(p, rel, pass_simplify);
    if (rel == NULL) {
        return NULL;
    }
    struct rel *copy = rel_copy(p->arena, rel);
    rel_map_exprs(p->arena, copy, simplify_expr, p);
    if (copy->kind == REL_FILTER && is_true(copy->condition)) {
        return copy->inputs[0];
    }
    if (copy->kind == REL_FILTER && is_false_or_null(copy->condition)) {
        struct rel *empty = rel_new(p->arena, REL_EMPTY, 0);
        empty->schema = copy->schema;
        return empty;
    }
    return copy;
}
