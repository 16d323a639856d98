/*
 * The aggregates of one operator, bound and laid out: which functions, over which input columns,
 * where their states lie in a group's row.
 *
 * Used by the hash aggregate, by windows and by the streaming state.
 */
#ifndef WEIR_EXEC_AGG_PLAN_H
#define WEIR_EXEC_AGG_PLAN_H

#include "exec/ops.h"

enum { AGG_ARGS_MAX = 16 };

struct agg_item {
    struct func_call call;
    const struct agg_ops *ops;
    const struct expr *expr;
    uint32_t arg_first; /* of the plan's argument projection */
    uint32_t arg_count;
    struct program *filter; /* FILTER (WHERE ...); NULL = none */
    uint32_t state_offset;  /* from the beginning of the states */
};

struct agg_plan {
    uint32_t count;
    struct agg_item *items;
    struct projection args;
    uint32_t state_bytes;
};

/* aggs are EXPR_AGG, perhaps under an alias. DISTINCT ones are wrapped (exec/agg_distinct.c). */
bool agg_plan_init(struct compiler *c, struct agg_plan *p, struct expr *const *aggs, uint32_t count,
                   struct error *err);

/* The same for states that come as bytes in BINARY columns first_column, first_column + 1, ... of
 * the input: the aggregates' own arguments and filters have been applied where they were made. */
bool agg_plan_init_saved(struct compiler *c, struct agg_plan *p, struct expr *const *aggs,
                         uint32_t count, uint32_t first_column, struct error *err);
/* agg_update for such a plan: the saved states are merged into the rows' own. */
bool agg_update_saved(const struct agg_plan *p, struct worker *w, struct arena *keep,
                      const struct chunk *in, const struct vec *args, void *const *rows,
                      uint32_t state_offset);
/* States of aggregate i of n groups as bytes, a BINARY column. */
void agg_save(const struct agg_plan *p, struct worker *w, uint32_t i, void *const *rows,
              uint32_t state_offset, uint32_t n, struct vec *out);

void agg_states_init(const struct agg_plan *p, void *states);

/* The arguments over a chunk, FLAT, one vector an argument. */
bool agg_args_run(const struct agg_plan *p, struct worker *w, struct chunk *in, struct vec **out);

/* Live row k of the chunk goes to the states behind rows[k] + state_offset; rows NULL: all go to
 * `one`. */
bool agg_update(const struct agg_plan *p, struct worker *w, struct arena *keep, struct chunk *in,
                struct vec *args, void *const *rows, uint32_t state_offset, void *one);

bool agg_merge(const struct agg_plan *p, struct worker *w, struct arena *keep, void *into,
               const void *from);

/* Result column i of n groups. */
bool agg_finish(const struct agg_plan *p, struct worker *w, uint32_t i, void *const *rows,
                uint32_t state_offset, uint32_t n, struct vec *out);

/* Wraps a bound aggregate so that it sees each distinct argument row once. */
const struct agg_ops *agg_distinct_wrap(struct compiler *c, const struct agg_ops *inner,
                                        struct func_call *call);

#endif
