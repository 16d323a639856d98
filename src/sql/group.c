/*
 * GROUP BY: plain keys, ALL, and ROLLUP, CUBE, GROUPING SETS in any mixture.
 *
 * A mixture means the cross product of its parts' sets, so everything but plain keys is brought to
 * one list of sets over one list of distinct keys; the number of sets is bounded.
 */
#include <string.h>

#include "sql/parser.h"

struct key_set {
    struct list keys; /* struct expr *, from the group's list of distinct keys */
};

struct grouping {
    struct list keys; /* all distinct ones, in the order of the text */
    struct list sets; /* struct key_set */
    bool plain;       /* no ROLLUP, CUBE or GROUPING SETS so far */
};

/* The same text written twice is one key. */
static struct expr *
key_intern(struct parser *p, struct grouping *g, struct expr *e)
{
    for (uint32_t i = 0; i < g->keys.count; i++) {
        if (e->kind == EXPR_ATTRIBUTE && expr_equal(g->keys.items[i], e)) {
            return g->keys.items[i];
        }
    }
    list_add(p, &g->keys, e);
    return e;
}

static bool
set_has(const struct key_set *s, const struct expr *key)
{
    for (uint32_t i = 0; i < s->keys.count; i++) {
        if (s->keys.items[i] == key) {
            return true;
        }
    }
    return false;
}

static struct key_set *
set_union(struct parser *p, const struct key_set *x, const struct key_set *y)
{
    struct key_set *s = arena_new(p->arena, struct key_set);
    for (uint32_t i = 0; i < x->keys.count; i++) {
        list_add(p, &s->keys, x->keys.items[i]);
    }
    for (uint32_t i = 0; i < y->keys.count; i++) {
        if (!set_has(s, y->keys.items[i])) {
            list_add(p, &s->keys, y->keys.items[i]);
        }
    }
    return s;
}

static bool
too_many(struct parser *p, uint64_t sets)
{
    if (sets <= SQL_SETS_MAX) {
        return false;
    }
    error_raise(p->err, "FAILED_TO_PARSE_TOO_COMPLEX", NULL);
    return true;
}

/* Every set so far with every one of these. */
static bool
sets_cross(struct parser *p, struct grouping *g, const struct list *more)
{
    if (too_many(p, (uint64_t)g->sets.count * more->count)) {
        return false;
    }
    struct list crossed = {0};
    for (uint32_t i = 0; i < g->sets.count; i++) {
        for (uint32_t k = 0; k < more->count; k++) {
            list_add(p, &crossed, set_union(p, g->sets.items[i], more->items[k]));
        }
    }
    g->sets = crossed;
    return true;
}

/* a, (a, b) or (): one set of keys. A parenthesised value that goes on, as in (a + b) * c, is one
 * key. */
static struct key_set *
parse_key_set(struct parser *p, struct grouping *g)
{
    struct key_set *s = arena_new(p->arena, struct key_set);
    if (parser_at_sign(p, '(') && parser_at_sign_ahead(p, 1, ')')) {
        p->pos += 2;
        return s;
    }
    struct expr *e = parse_expr(p);
    if (e == NULL) {
        return NULL;
    }
    const bool row = e->kind == EXPR_CALL && e->spelling == SPELL_OPERATOR &&
                     strcmp(e->name, "named_struct") == 0;
    if (!row) {
        list_add(p, &s->keys, key_intern(p, g, e));
    }
    for (uint32_t i = 1; row && i < e->arg_count; i += 2) {
        struct expr *key = key_intern(p, g, e->args[i]);
        if (!set_has(s, key)) {
            list_add(p, &s->keys, key);
        }
    }
    return s;
}

static struct key_set *
set_of_some(struct parser *p, const struct list *parts, uint64_t mask)
{
    struct key_set *s = arena_new(p->arena, struct key_set);
    for (uint32_t i = 0; i < parts->count; i++) {
        if (mask >> i & 1) {
            s = set_union(p, s, parts->items[i]);
        }
    }
    return s;
}

/* The sets that ROLLUP or CUBE of the parts stands for. */
static bool
analytic_sets(struct parser *p, const struct list *parts, bool cube, struct list *out)
{
    const uint32_t n = parts->count;
    if (too_many(p, cube ? (n < 40 ? (uint64_t)1 << n : UINT64_MAX) : (uint64_t)n + 1) || n > 60) {
        return error_is_set(p->err) ? false
                                    : error_raise(p->err, "FAILED_TO_PARSE_TOO_COMPLEX", NULL);
    }
    const uint64_t all = ((uint64_t)1 << n) - 1;
    if (cube) {
        /* Bit i of the number counts from the last part, so that full sets come first. */
        for (uint64_t number = all + 1; number > 0; number--) {
            uint64_t mask = 0;
            for (uint32_t i = 0; i < n; i++) {
                mask |= ((number - 1) >> (n - 1 - i) & 1) << i;
            }
            list_add(p, out, set_of_some(p, parts, mask));
        }
        return true;
    }
    for (uint32_t kept = n + 1; kept > 0; kept--) {
        list_add(p, out, set_of_some(p, parts, ((uint64_t)1 << (kept - 1)) - 1));
    }
    return true;
}

static bool parse_grouping_sets(struct parser *p, struct grouping *g, struct list *out);

/* ROLLUP(...), CUBE(...), GROUPING SETS(...); *taken false when none stands here. */
static bool
parse_analytic(struct parser *p, struct grouping *g, struct list *out, bool *taken)
{
    const bool rollup = parser_at(p, KW_ROLLUP), cube = parser_at(p, KW_CUBE);
    *taken = true;
    if ((rollup || cube) && parser_at_sign_ahead(p, 1, '(')) {
        p->pos += 2;
        struct list parts = {0};
        do {
            struct key_set *s = parse_key_set(p, g);
            if (s == NULL) {
                return false;
            }
            list_add(p, &parts, s);
        } while (parser_take_sign(p, ','));
        return parser_want_sign(p, ')') && analytic_sets(p, &parts, cube, out);
    }
    if (parser_at(p, KW_GROUPING) && parser_at_ahead(p, 1, KW_SETS)) {
        p->pos += 2;
        return parse_grouping_sets(p, g, out);
    }
    *taken = false;
    return true;
}

static bool
parse_grouping_sets(struct parser *p, struct grouping *g, struct list *out)
{
    if (!parser_want_sign(p, '(') || !parser_deeper(p)) {
        return false;
    }
    do {
        bool taken;
        if (!parse_analytic(p, g, out, &taken)) {
            return false;
        }
        if (taken) {
            continue;
        }
        struct key_set *s = parse_key_set(p, g);
        if (s == NULL) {
            return false;
        }
        list_add(p, out, s);
        if (too_many(p, out->count)) {
            return false;
        }
    } while (parser_take_sign(p, ','));
    parser_shallower(p);
    return parser_want_sign(p, ')');
}

/* One element of GROUP BY. */
static bool
parse_group(struct parser *p, struct grouping *g)
{
    struct list sets = {0};
    bool taken;
    if (!parse_analytic(p, g, &sets, &taken)) {
        return false;
    }
    if (taken) {
        g->plain = false;
        return sets_cross(p, g, &sets);
    }
    struct expr *e = parse_expr(p);
    if (e == NULL) {
        return false;
    }
    struct expr *key = key_intern(p, g, e);
    for (uint32_t i = 0; i < g->sets.count; i++) {
        struct key_set *s = g->sets.items[i];
        if (!set_has(s, key)) {
            list_add(p, &s->keys, key);
        }
    }
    return true;
}

/* Hive's forms after the list: WITH ROLLUP, WITH CUBE, GROUPING SETS (...) over its keys. */
static bool
parse_group_suffix(struct parser *p, struct grouping *g)
{
    struct list sets = {0};
    if (parser_at(p, KW_WITH) &&
        (parser_at_ahead(p, 1, KW_ROLLUP) || parser_at_ahead(p, 1, KW_CUBE))) {
        const bool cube = parser_at_ahead(p, 1, KW_CUBE);
        p->pos += 2;
        struct list parts = {0};
        for (uint32_t i = 0; i < g->keys.count; i++) {
            struct key_set *s = arena_new(p->arena, struct key_set);
            list_add(p, &s->keys, g->keys.items[i]);
            list_add(p, &parts, s);
        }
        if (!analytic_sets(p, &parts, cube, &sets)) {
            return false;
        }
    } else if (parser_at(p, KW_GROUPING) && parser_at_ahead(p, 1, KW_SETS)) {
        p->pos += 2;
        if (!parse_grouping_sets(p, g, &sets)) {
            return false;
        }
    } else {
        return true;
    }
    g->plain = false;
    g->sets = sets;
    return true;
}

static struct rel *
group_rel(struct parser *p, const struct grouping *g, const struct list *select)
{
    struct rel *r = rel_new(p->arena, g->plain ? REL_AGGREGATE : REL_GROUPING_SETS, 0);
    r->output_is_list = true;
    r->group_count = g->keys.count;
    r->expr_count = g->keys.count + select->count;
    r->exprs = arena_new_array(p->arena, struct expr *, r->expr_count);
    for (uint32_t i = 0; i < g->keys.count; i++) {
        r->exprs[i] = g->keys.items[i];
    }
    for (uint32_t i = 0; i < select->count; i++) {
        r->exprs[g->keys.count + i] = select->items[i];
    }
    if (!g->plain) {
        r->group_type = GROUP_SETS;
        r->set_count = g->sets.count;
        r->sets = arena_new_array(p->arena, struct expr **, g->sets.count);
        r->set_sizes = arena_new_array(p->arena, uint32_t, g->sets.count);
        for (uint32_t i = 0; i < g->sets.count; i++) {
            const struct key_set *s = g->sets.items[i];
            r->sets[i] = (struct expr **)s->keys.items;
            r->set_sizes[i] = s->keys.count;
        }
    }
    return r;
}

/* After GROUP BY. The input is hung in by the caller. */
struct rel *
parse_group_by(struct parser *p, struct list *select)
{
    struct grouping g = {.plain = true};
    list_add(p, &g.sets, arena_new(p->arena, struct key_set));
    if (parser_at(p, KW_ALL) && !parser_at_sign_ahead(p, 1, '.') &&
        !parser_at_sign_ahead(p, 1, ',')) {
        parser_next(p);
        struct rel *r = group_rel(p, &g, select);
        r->is_all = true;
        return r;
    }
    do {
        if (!parse_group(p, &g)) {
            return NULL;
        }
    } while (parser_take_sign(p, ','));
    return parse_group_suffix(p, &g) ? group_rel(p, &g, select) : NULL;
}
