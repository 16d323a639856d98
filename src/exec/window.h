/*
 * Window functions over sorted partitions, shared by window.c (operator) and window_eval.c
 * (functions and frames).
 */
#ifndef WEIR_EXEC_WINDOW_H
#define WEIR_EXEC_WINDOW_H

#include "exec/agg_plan.h"
#include "exec/sort_keys.h"

enum window_kind {
    WINDOW_ROW_NUMBER,
    WINDOW_RANK,
    WINDOW_DENSE_RANK,
    WINDOW_PERCENT_RANK,
    WINDOW_CUME_DIST,
    WINDOW_NTILE,
    WINDOW_LAG, /* and lead */
    WINDOW_NTH, /* nth_value; first and last when nulls count */
    WINDOW_AGG,
};

/* How far a bound with a value lies from the current row. */
struct frame_shift {
    i128 value;     /* rows, or the order key's units */
    double real;    /* for keys of floating point */
    int32_t months; /* for dates and timestamps, before value */
};

struct window_item {
    enum window_kind kind;
    const struct expr *expr;            /* EXPR_WINDOW */
    const struct expr *function;        /* its args[0] */
    uint32_t arg_columns[AGG_ARGS_MAX]; /* of the store */
    int64_t offset;                     /* lag, lead (negative = before), n of nth, n of ntile */
    bool has_default;
    bool from_end; /* last */
    struct agg_item agg;
    int32_t filter_column; /* of the store; -1 = none */
    enum frame_kind frame;
    struct frame_bound lower, upper;
    struct frame_shift lower_by, upper_by; /* BOUND_VALUE */
};

struct window {
    struct op op; /* finishes after the store */
    struct gather *gather;
    uint32_t input_count;
    struct sort_column *keys; /* partition keys, then order keys */
    uint32_t partition_count, key_count;
    struct window_item *items;
    uint32_t item_count;
    /* after sorting */
    uint32_t *order; /* malloc'ed */
    uint8_t *starts; /* by sorted row: 2 = a partition begins, 1 = new peers, 0 = a peer */
    uint32_t *tasks; /* first sorted row of each task, and the end */
    uint32_t task_count;
    struct arena *task_arenas;
    struct vec **results; /* by task: one vector an item */
    struct arena arena;
};

/* One partition at hand: sorted rows [begin, end). */
struct window_part {
    const struct window *window;
    uint32_t begin, end;
    uint32_t base;         /* first row of the task: results and args are numbered from it */
    struct vec *args;      /* of the item, in sorted order, by task */
    const uint8_t *filter; /* by task row; NULL = all */
    struct vec *order_key; /* for RANGE with values; in sorted order, by task */
    bool descending;
    const struct zone *zone; /* the session's, for months over timestamps */
};

bool window_item_eval(const struct window_item *item, const struct window_part *part,
                      struct worker *w, struct arena *keep, struct vec *out);

#endif
