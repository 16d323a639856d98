/*
 * Joins: conditions over both inputs' columns, and the forms that name columns (USING, NATURAL),
 * whose output is a projection that shows the shared columns once and keeps the others hidden.
 */
#include <string.h>

#include "plan/resolver.h"

static bool
left_only(enum join_type t)
{
    return t == JOIN_SEMI || t == JOIN_ANTI;
}

/* Both inputs' columns, as the condition sees them. */
static void
scope_both(struct resolver *r, struct scope *out, struct rel *join, const struct scope *left,
           const struct scope *right)
{
    scope_init(out, join);
    for (uint32_t i = 0; i < left->count; i++) {
        scope_push(r, out, left->columns[i]);
    }
    for (uint32_t i = 0; i < right->count; i++) {
        scope_push(r, out, right->columns[i]);
    }
}

static void
join_schema(struct resolver *r, struct rel *join, const struct scope *left,
            const struct scope *right)
{
    const enum join_type t = join->join_type;
    const bool left_null = t == JOIN_RIGHT || t == JOIN_FULL;
    const bool right_null = t == JOIN_LEFT || t == JOIN_FULL || t == JOIN_SINGLE;
    join->schema = schema_join(r->arena, left->rel->schema, left_null,
                               left_only(t) ? NULL : right->rel->schema, right_null);
}

struct using_pair {
    uint32_t left;
    uint32_t right;
};

static bool
using_column(struct resolver *r, const struct scope *s, const char *name, const char *side,
             uint32_t *out)
{
    uint32_t found[8], used = 0;
    const char *parts[] = {name};
    const uint32_t n = scope_find(r, s, parts, 1, found, &used, 8);
    if (n == 0) {
        const char *all = "";
        for (uint32_t i = 0; i < s->count; i++) {
            all = arena_printf(r->arena, "%s%s%s", all, i > 0 ? ", " : "",
                               names_quoted(r->arena, &s->columns[i].name, 1));
        }
        return error_raise(r->err, "UNRESOLVED_USING_COLUMN_FOR_JOIN", "colName",
                           names_quoted(r->arena, &name, 1), "side", side, "suggestion", all, NULL);
    }
    if (n > 1) {
        struct expr *u = expr_new(r->arena, EXPR_ATTRIBUTE);
        u->names = (const char **)arena_copy(r->arena, parts, sizeof parts);
        u->name_count = 1;
        return scope_ambiguous(r, s, u, found, n);
    }
    *out = found[0];
    return true;
}

/* Pairs of columns: those named, or for NATURAL all that both sides have. */
static bool
using_pairs(struct resolver *r, const struct rel *u, const struct scope *left,
            const struct scope *right, struct using_pair **out, uint32_t *count)
{
    const uint32_t max = u->natural ? left->count : u->column_name_count;
    *out = arena_new_array(r->arena, struct using_pair, max + 1);
    *count = 0;
    for (uint32_t i = 0; i < max; i++) {
        const char *name = u->natural ? left->columns[i].name : u->column_names[i];
        struct using_pair *p = &(*out)[*count];
        if (u->natural) {
            uint32_t found[1], used = 0;
            if (left->columns[i].hidden || scope_find(r, right, &name, 1, found, &used, 1) == 0) {
                continue;
            }
            *p = (struct using_pair){i, found[0]};
        } else if (!using_column(r, left, name, "left", &p->left) ||
                   !using_column(r, right, name, "right", &p->right)) {
            return false;
        }
        ++*count;
    }
    return true;
}

static bool
using_condition(struct resolver *r, struct rel *join, const struct scope *both, uint32_t left_count,
                const struct using_pair *pairs, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        struct expr *equal = call2(r, "==", scope_column(r, both, pairs[i].left),
                                   scope_column(r, both, left_count + pairs[i].right));
        if (equal == NULL) {
            return false;
        }
        join->condition = expr_and(r->arena, join->condition, equal);
    }
    return true;
}

struct projection {
    struct resolver *r;
    const struct scope *both;
    struct expr **exprs;
    const char **names;
    uint32_t count;
    struct scope out;
};

static void
projection_add(struct projection *p, struct expr *e, struct column_ref c, bool hidden)
{
    c.hidden = hidden;
    p->exprs[p->count] = e;
    p->names[p->count++] = c.name;
    scope_push(p->r, &p->out, c);
}

/* Shared columns first, then the rest of the left and of the right, then what is hidden. */
static bool
using_output(struct resolver *r, struct rel *join, const struct scope *both, uint32_t left_count,
             const struct using_pair *pairs, uint32_t count, struct scope *out)
{
    struct projection p = {.r = r, .both = both};
    p.exprs = arena_new_array(r->arena, struct expr *, both->count + count + 1);
    p.names = arena_new_array(r->arena, const char *, both->count + count + 1);
    bool *shared = arena_new_array(r->arena, bool, both->count + 1);
    const enum join_type t = join->join_type;
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t left = pairs[i].left, right = left_count + pairs[i].right;
        shared[left] = shared[right] = true;
        struct expr *e = scope_column(r, both, t == JOIN_RIGHT ? right : left);
        struct column_ref c = both->columns[t == JOIN_RIGHT ? right : left];
        if (t == JOIN_FULL) {
            e = call2(r, "coalesce", scope_column(r, both, left), scope_column(r, both, right));
            if (e == NULL) {
                return false;
            }
            c = (struct column_ref){.name = c.name, .id = ++r->next_id};
        }
        projection_add(&p, e, c, false);
    }
    for (uint32_t i = 0; i < both->count; i++) {
        if (!shared[i]) {
            projection_add(&p, scope_column(r, both, i), both->columns[i], both->columns[i].hidden);
        }
    }
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t left = pairs[i].left, right = left_count + pairs[i].right;
        if (t == JOIN_FULL || t == JOIN_RIGHT) {
            projection_add(&p, scope_column(r, both, left), both->columns[left], true);
        }
        if (t != JOIN_RIGHT) {
            projection_add(&p, scope_column(r, both, right), both->columns[right], true);
        }
    }
    *out = p.out;
    out->rel = rel_project(r, join, p.exprs, p.names, p.count);
    return true;
}

static bool
join_scopes(struct resolver *r, struct rel *u, struct scope *left, struct scope *right,
            struct scope *out)
{
    struct rel *join = rel_new(r->arena, REL_JOIN, 2, left->rel, right->rel);
    join->join_type = u->join_type;
    const uint32_t left_count = left->count;
    /* The condition sees both sides even when the output is only the left one. */
    struct rel *wide = rel_copy(r->arena, join);
    wide->schema = schema_join(r->arena, left->rel->schema, false, right->rel->schema, false);
    struct scope both;
    scope_both(r, &both, wide, left, right);
    struct using_pair *pairs = NULL;
    uint32_t pair_count = 0;
    const bool named = u->natural || u->column_name_count > 0;
    if (named && !using_pairs(r, u, left, right, &pairs, &pair_count)) {
        return false;
    }
    if (!using_condition(r, join, &both, left_count, pairs, pair_count)) {
        return false;
    }
    if (u->condition != NULL) {
        struct lookup l = {.r = r, .input = &both, .outer = r->outer, .no_aggregates_in = "where"};
        struct expr *e = resolve_condition(&l, u->condition, "join");
        if (e == NULL) {
            return false;
        }
        join->condition = expr_and(r->arena, join->condition, e);
    }
    if (join->condition == NULL && join->join_type == JOIN_INNER) {
        join->join_type = JOIN_CROSS;
    } else if (join->condition != NULL && join->join_type == JOIN_CROSS) {
        join->join_type = JOIN_INNER;
    }
    join_schema(r, join, left, right);
    if (left_only(join->join_type)) {
        scope_init(out, join);
        for (uint32_t i = 0; i < left_count; i++) {
            scope_push(r, out, left->columns[i]);
        }
        return true;
    }
    both.rel = join;
    if (pair_count > 0) {
        return using_output(r, join, &both, left_count, pairs, pair_count, out);
    }
    *out = both;
    return true;
}

bool
resolve_join(struct resolver *r, struct rel *u, struct scope *out)
{
    if (u->lateral) {
        return resolve_lateral_join(r, u, out);
    }
    struct scope left, right;
    return resolve_rel(r, u->inputs[0], &left) && resolve_rel(r, u->inputs[1], &right) &&
           join_scopes(r, u, &left, &right, out);
}

/* The right side sees the left one's columns: a join that unnesting makes independent. */
bool
resolve_lateral_join(struct resolver *r, struct rel *u, struct scope *out)
{
    struct scope left, right;
    if (!resolve_rel(r, u->inputs[0], &left)) {
        return false;
    }
    struct lookup around = {.r = r, .input = &left, .outer = r->outer};
    struct lookup *saved = r->outer;
    r->outer = &around;
    const bool ok = resolve_rel(r, u->inputs[1], &right);
    r->outer = saved;
    if (!ok || !join_scopes(r, u, &left, &right, out)) {
        return false;
    }
    struct rel *join = out->rel->kind == REL_PROJECT ? out->rel->inputs[0] : out->rel;
    join->lateral = true;
    return true;
}
