/*
 * What optimiser passes share: walks over plans, sets of columns, conjunctions, and builders that
 * keep schemas right. A pass takes a resolved tree and returns one with the same output columns
 * (number, order, types); it never changes nodes that it was given, it copies them.
 */
#ifndef WEIR_PLAN_PASS_H
#define WEIR_PLAN_PASS_H

#include "plan/resolver.h"

struct pass {
    struct plan_context *ctx;
    struct arena *arena;
    struct error *err;
    struct resolver r; /* for builders that bind functions */
};

typedef struct rel *pass_fn(struct pass *p, struct rel *rel); /* NULL with err set */

pass_fn pass_unnest, pass_simplify, pass_push_filters, pass_prune, pass_join_order, pass_topn,
    pass_merge_projects;

/* Sets of columns. */
struct column_set {
    uint64_t *bits;
    uint32_t count;
};

struct column_set column_set_new(struct arena *a, uint32_t count);

static inline bool
column_set_has(const struct column_set *s, uint32_t i)
{
    return i < s->count && (s->bits[i >> 6] >> (i & 63) & 1) != 0;
}

static inline void
column_set_add(struct column_set *s, uint32_t i)
{
    s->bits[i >> 6] |= (uint64_t)1 << (i & 63);
}

void expr_columns(const struct expr *e, struct column_set *out);
/* Are all columns of e in [from, to)? An expression without columns is in any range. */
bool expr_within(const struct expr *e, uint32_t from, uint32_t to);
bool expr_has_columns(const struct expr *e);
bool expr_contains(const struct expr *e, enum expr_kind kind);
bool expr_deterministic(const struct expr *e);
bool expr_has_outer(const struct expr *e); /* EXPR_OUTER of any depth */

/* Column i becomes map[i]. */
struct expr *expr_remap(struct arena *a, struct expr *e, const uint32_t *map);
struct expr *expr_shift(struct arena *a, struct expr *e, int64_t by);
/* Column i becomes the expression by[i]. */
struct expr *expr_substitute(struct arena *a, struct expr *e, struct expr *const *by);

/* Conjunctions. */
struct conjuncts {
    struct expr **items;
    uint32_t count;
    uint32_t capacity;
};

void conjuncts_add(struct arena *a, struct conjuncts *c, struct expr *e); /* splits ANDs */
struct expr *conjuncts_join(struct arena *a, const struct conjuncts *c);  /* NULL when empty */

bool is_function(const struct expr *e, const char *name); /* canonical name */
bool is_equality(const struct expr *e);                   /* = or <=> */
bool is_true(const struct expr *e);
bool is_false_or_null(const struct expr *e);

/* Is the value never true when column i is null? (null-rejecting) */
bool expr_rejects_null(const struct expr *e, uint32_t from, uint32_t to);

/* Builders. */
struct rel *pass_filter(struct pass *p, struct rel *input, struct expr *condition);
struct rel *pass_project(struct pass *p, struct rel *input, struct expr **exprs, uint32_t count);
/* The first count columns. */
struct rel *pass_first_columns(struct pass *p, struct rel *input, uint32_t count);
struct rel *pass_columns(struct pass *p, struct rel *input, const uint32_t *columns,
                         uint32_t count);
struct expr *pass_column(struct pass *p, const struct rel *input, uint32_t i);
struct rel *pass_inputs(struct pass *p, struct rel *rel, pass_fn *fn); /* fn on every input */
void join_schema_set(struct pass *p, struct rel *join);
uint32_t rel_width(const struct rel *rel);

/* estimate.c */
double rel_rows(struct pass *p, struct rel *rel);
double condition_selectivity(const struct expr *e);

/* verify.c: every column in range, every type set; false with err set names the node. */
bool plan_verify(const struct rel *rel, struct error *err);

#endif
