/*
 * Filters move down: through projections (by substitution), below aggregates (over groups), into
 * the sides of joins, into every input of a union, and finally beside the scan, which may use them
 * to skip data. What cannot move stays as a filter where it was stopped.
 *
 * On the way down a join learns: a filter that rejects nulls of the optional side turns an outer
 * join into an inner one, and an equality of two columns carries a comparison with a constant from
 * one to the other.
 */
#include <string.h>

#include "plan/pass.h"

static struct rel *push(struct pass *p, struct rel *rel, struct conjuncts *down);

/* A filter with what is left over rel. */
static struct rel *
stop_here(struct pass *p, struct rel *rel, const struct conjuncts *rest)
{
    return rel != NULL ? pass_filter(p, rel, conjuncts_join(p->arena, rest)) : NULL;
}

static struct rel *
push_inputs(struct pass *p, struct rel *rel)
{
    struct rel *copy = rel_copy(p->arena, rel);
    for (uint32_t i = 0; i < rel->input_count; i++) {
        struct conjuncts none = {0};
        copy->inputs[i] = push(p, rel->inputs[i], &none);
        if (copy->inputs[i] == NULL) {
            return NULL;
        }
    }
    return copy;
}

static struct rel *
push_over(struct pass *p, struct rel *rel, struct conjuncts *down)
{
    struct rel *copy = rel_copy(p->arena, rel);
    copy->inputs[0] = push(p, rel->inputs[0], down);
    return copy->inputs[0] != NULL ? copy : NULL;
}

static bool
can_substitute(const struct expr *e)
{
    return expr_deterministic(e) && !expr_contains(e, EXPR_UDF) && !expr_contains(e, EXPR_WINDOW) &&
           !expr_contains(e, EXPR_AGG);
}

static struct rel *
push_project(struct pass *p, struct rel *rel, struct conjuncts *down)
{
    struct conjuncts below = {0}, rest = {0};
    bool *fit = arena_new_array(p->arena, bool, rel->expr_count + 1);
    for (uint32_t i = 0; i < rel->expr_count; i++) {
        fit[i] = can_substitute(rel->exprs[i]);
    }
    for (uint32_t i = 0; i < down->count; i++) {
        struct column_set used = column_set_new(p->arena, rel->expr_count);
        expr_columns(down->items[i], &used);
        bool all = true;
        for (uint32_t c = 0; c < rel->expr_count; c++) {
            all = all && (!column_set_has(&used, c) || fit[c]);
        }
        if (all) {
            conjuncts_add(p->arena, &below, expr_substitute(p->arena, down->items[i], rel->exprs));
        } else {
            conjuncts_add(p->arena, &rest, down->items[i]);
        }
    }
    return stop_here(p, push_over(p, rel, &below), &rest);
}

static struct rel *
push_aggregate(struct pass *p, struct rel *rel, struct conjuncts *down)
{
    struct conjuncts below = {0}, rest = {0};
    for (uint32_t i = 0; i < down->count; i++) {
        struct expr *e = down->items[i];
        if (rel->group_count > 0 && expr_has_columns(e) && expr_within(e, 0, rel->group_count)) {
            conjuncts_add(p->arena, &below, expr_substitute(p->arena, e, rel->exprs));
        } else {
            conjuncts_add(p->arena, &rest, e);
        }
    }
    return stop_here(p, push_over(p, rel, &below), &rest);
}

struct key_check {
    const struct rel *rel;
    bool ok;
};

static bool
column_is_key(const struct expr *e, void *ctx)
{
    struct key_check *check = ctx;
    if (e->kind != EXPR_COLUMN) {
        return true;
    }
    for (uint32_t i = 0; i < check->rel->expr_count; i++) {
        const struct window_spec *w = check->rel->exprs[i]->window;
        bool found = false;
        for (uint32_t k = 0; k < w->partition_count; k++) {
            found |= w->partition[k]->kind == EXPR_COLUMN && w->partition[k]->column == e->column;
        }
        check->ok &= found;
    }
    return check->ok;
}

/* Over partition keys only, a window's rows stand or fall together. */
static struct rel *
push_window(struct pass *p, struct rel *rel, struct conjuncts *down)
{
    struct conjuncts below = {0}, rest = {0};
    for (uint32_t i = 0; i < down->count; i++) {
        struct key_check check = {.rel = rel, .ok = expr_has_columns(down->items[i])};
        expr_walk(down->items[i], column_is_key, &check);
        conjuncts_add(p->arena, check.ok ? &below : &rest, down->items[i]);
    }
    return stop_here(p, push_over(p, rel, &below), &rest);
}

/* Conditions over the input's columns pass a generator. */
static struct rel *
push_generate(struct pass *p, struct rel *rel, struct conjuncts *down)
{
    const uint32_t width = rel_width(rel->inputs[0]);
    struct conjuncts below = {0}, rest = {0};
    for (uint32_t i = 0; i < down->count; i++) {
        struct expr *e = down->items[i];
        conjuncts_add(p->arena, expr_within(e, 0, width) && expr_deterministic(e) ? &below : &rest,
                      e);
    }
    return stop_here(p, push_over(p, rel, &below), &rest);
}

static struct rel *
push_union(struct pass *p, struct rel *rel, struct conjuncts *down)
{
    struct rel *copy = rel_copy(p->arena, rel);
    for (uint32_t i = 0; i < rel->input_count; i++) {
        struct conjuncts each = {0};
        for (uint32_t k = 0; k < down->count; k++) {
            conjuncts_add(p->arena, &each, down->items[k]);
        }
        copy->inputs[i] = push(p, rel->inputs[i], &each);
        if (copy->inputs[i] == NULL) {
            return NULL;
        }
    }
    return copy;
}

/* Joins. */

static void
outer_to_inner(struct rel *join, const struct conjuncts *down, uint32_t left, uint32_t width)
{
    for (uint32_t i = 0; i < down->count; i++) {
        const struct expr *e = down->items[i];
        const bool rejects_left = expr_rejects_null(e, 0, left);
        const bool rejects_right = expr_rejects_null(e, left, width);
        if (join->join_type == JOIN_FULL) {
            join->join_type = rejects_left && rejects_right ? JOIN_INNER
                              : rejects_left                ? JOIN_LEFT
                              : rejects_right               ? JOIN_RIGHT
                                                            : JOIN_FULL;
        } else if ((join->join_type == JOIN_LEFT && rejects_right) ||
                   (join->join_type == JOIN_RIGHT && rejects_left)) {
            join->join_type = JOIN_INNER;
        }
    }
}

static bool
is_comparison(const struct expr *e)
{
    return e->arg_count == 2 &&
           (is_function(e, "=") || is_function(e, "<") || is_function(e, "<=") ||
            is_function(e, ">") || is_function(e, ">="));
}

struct replace_column {
    uint32_t column;
    struct expr *by;
};

static struct expr *
replace_column(struct arena *a, struct expr *e, void *ctx)
{
    const struct replace_column *r = ctx;
    return e->kind == EXPR_COLUMN && e->column == r->column ? r->by : NULL;
}

/* a = b and a < 5 say b < 5: for equalities of plain columns of one type. */
static void
infer_transitive(struct pass *p, struct conjuncts *all)
{
    const uint32_t n = all->count;
    for (uint32_t i = 0; i < n; i++) {
        const struct expr *eq = all->items[i];
        if (!is_function(eq, "=") || eq->args[0]->kind != EXPR_COLUMN ||
            eq->args[1]->kind != EXPR_COLUMN || !type_same(eq->args[0]->type, eq->args[1]->type)) {
            continue;
        }
        for (uint32_t k = 0; k < n; k++) {
            struct expr *c = all->items[k];
            const bool constant_test = (is_comparison(c) && c->args[0]->kind == EXPR_COLUMN &&
                                        !expr_has_columns(c->args[1])) ||
                                       (is_function(c, "in") && c->args[0]->kind == EXPR_COLUMN);
            for (uint32_t s = 0; constant_test && s < 2; s++) {
                struct replace_column r = {.column = eq->args[s]->column, .by = eq->args[1 - s]};
                if (c->args[0]->column == r.column) {
                    conjuncts_add(p->arena, all, expr_rewrite(p->arena, c, replace_column, &r));
                }
            }
        }
    }
}

struct sides {
    struct conjuncts left;  /* over the left input */
    struct conjuncts right; /* over the right input's own numbers */
    struct conjuncts on;    /* the join's condition */
    struct conjuncts above;
};

static void
to_right(struct pass *p, struct sides *s, struct expr *e, uint32_t left)
{
    conjuncts_add(p->arena, &s->right, expr_shift(p->arena, e, -(int64_t)left));
}

static void
sort_inner(struct pass *p, struct sides *s, struct conjuncts *all, uint32_t left, uint32_t width)
{
    infer_transitive(p, all);
    for (uint32_t i = 0; i < all->count; i++) {
        struct expr *e = all->items[i];
        if (!expr_deterministic(e)) {
            conjuncts_add(p->arena, &s->above, e);
        } else if (expr_within(e, 0, left)) {
            conjuncts_add(p->arena, &s->left, e);
        } else if (expr_within(e, left, width)) {
            to_right(p, s, e, left);
        } else {
            conjuncts_add(p->arena, &s->on, e);
        }
    }
}

/* Which input may lose rows early: those conditions from above, and those of ON. */
static void
sort_outer(struct pass *p, struct sides *s, const struct rel *join, const struct conjuncts *down,
           uint32_t left, uint32_t width)
{
    const enum join_type t = join->join_type;
    const bool above_left = t != JOIN_RIGHT && t != JOIN_FULL;
    const bool on_right = t != JOIN_RIGHT && t != JOIN_FULL;
    const bool on_left = t == JOIN_RIGHT || t == JOIN_SEMI;
    for (uint32_t i = 0; i < down->count; i++) {
        struct expr *e = down->items[i];
        if (!expr_deterministic(e) || !expr_has_columns(e)) {
            conjuncts_add(p->arena, &s->above, e);
        } else if (above_left && expr_within(e, 0, left)) {
            conjuncts_add(p->arena, &s->left, e);
        } else if (t == JOIN_RIGHT && expr_within(e, left, width)) {
            to_right(p, s, e, left);
        } else {
            conjuncts_add(p->arena, &s->above, e);
        }
    }
    struct conjuncts on = {0};
    conjuncts_add(p->arena, &on, join->condition);
    for (uint32_t i = 0; i < on.count; i++) {
        struct expr *e = on.items[i];
        if (!expr_deterministic(e) || !expr_has_columns(e)) {
            conjuncts_add(p->arena, &s->on, e);
        } else if (on_right && expr_within(e, left, UINT32_MAX)) {
            to_right(p, s, e, left);
        } else if (on_left && expr_within(e, 0, left)) {
            conjuncts_add(p->arena, &s->left, e);
        } else {
            conjuncts_add(p->arena, &s->on, e);
        }
    }
}

static struct rel *
push_join(struct pass *p, struct rel *rel, struct conjuncts *down)
{
    const uint32_t left = rel_width(rel->inputs[0]);
    const uint32_t width = left + rel_width(rel->inputs[1]);
    struct rel *join = rel_copy(p->arena, rel);
    outer_to_inner(join, down, left, width);
    struct sides s = {{0}, {0}, {0}, {0}};
    if (join->join_type == JOIN_INNER || join->join_type == JOIN_CROSS) {
        struct conjuncts all = {0};
        conjuncts_add(p->arena, &all, join->condition);
        for (uint32_t i = 0; i < down->count; i++) {
            conjuncts_add(p->arena, &all, down->items[i]);
        }
        sort_inner(p, &s, &all, left, width);
        join->join_type = s.on.count > 0 ? JOIN_INNER : JOIN_CROSS;
    } else {
        sort_outer(p, &s, join, down, left, width);
    }
    join->condition = conjuncts_join(p->arena, &s.on);
    if (join->condition == NULL && join->join_type != JOIN_CROSS) {
        join->condition = expr_bool_literal(p->arena, true);
    }
    join->inputs[0] = push(p, rel->inputs[0], &s.left);
    join->inputs[1] = join->inputs[0] != NULL ? push(p, rel->inputs[1], &s.right) : NULL;
    if (join->inputs[1] == NULL) {
        return NULL;
    }
    join_schema_set(p, join);
    return stop_here(p, join, &s.above);
}

/* The scan's own filter is over the source's columns; the filter above stays and decides. */
static struct rel *
push_scan(struct pass *p, struct rel *rel, struct conjuncts *down)
{
    struct rel *scan = rel_copy(p->arena, rel);
    for (uint32_t i = 0; i < down->count; i++) {
        struct expr *e = down->items[i];
        if (can_substitute(e) && expr_has_columns(e)) {
            scan->condition =
                expr_and(p->arena, scan->condition, expr_remap(p->arena, e, scan->columns));
        }
    }
    return stop_here(p, scan, down);
}

static bool
is_dedup_key(const struct expr *e, void *ctx)
{
    const struct rel *rel = ctx;
    for (uint32_t k = 0; e->kind == EXPR_COLUMN && k < rel->expr_count; k++) {
        if (rel->exprs[k]->kind == EXPR_COLUMN && rel->exprs[k]->column == e->column) {
            return true;
        }
    }
    return e->kind != EXPR_COLUMN;
}

static struct rel *
push_deduplicate(struct pass *p, struct rel *rel, struct conjuncts *down)
{
    struct conjuncts below = {0}, rest = {0};
    for (uint32_t i = 0; i < down->count; i++) {
        struct expr *e = down->items[i];
        conjuncts_add(p->arena, expr_walk(e, is_dedup_key, rel) ? &below : &rest, e);
    }
    return stop_here(p, push_over(p, rel, &below), &rest);
}

static struct rel *
push(struct pass *p, struct rel *rel, struct conjuncts *down)
{
    switch (rel->kind) {
    case REL_FILTER: {
        struct conjuncts own = {0};
        conjuncts_add(p->arena, &own, rel->condition);
        struct conjuncts fixed = {0};
        for (uint32_t i = 0; i < own.count; i++) {
            const bool moves =
                expr_deterministic(own.items[i]) && !expr_contains(own.items[i], EXPR_UDF);
            conjuncts_add(p->arena, moves ? down : &fixed, own.items[i]);
        }
        return stop_here(p, push(p, rel->inputs[0], down), &fixed);
    }
    case REL_PROJECT:
        return push_project(p, rel, down);
    case REL_AGGREGATE:
        return push_aggregate(p, rel, down);
    case REL_JOIN:
        return push_join(p, rel, down);
    case REL_UNION:
        return push_union(p, rel, down);
    case REL_WINDOW:
        return push_window(p, rel, down);
    case REL_GENERATE:
        return push_generate(p, rel, down);
    case REL_SORT:
    case REL_DISTINCT:
    case REL_REPARTITION:
        return push_over(p, rel, down);
    case REL_DEDUPLICATE:
        return push_deduplicate(p, rel, down);
    case REL_SCAN:
        return push_scan(p, rel, down);
    default:
        return stop_here(p, push_inputs(p, rel), down);
    }
}

struct rel *
pass_push_filters(struct pass *p, struct rel *rel)
{
    struct conjuncts none = {0};
    return push(p, rel, &none);
}
