/*
 * The parts of the hash aggregate that the streaming state (exec/state.c) shares with it.
 */
#ifndef WEIR_EXEC_AGGREGATE_H
#define WEIR_EXEC_AGGREGATE_H

#include "exec/agg_plan.h"
#include "exec/group_table.h"

enum { PARTITIONS = 64, PARTITION_SHIFT = 58, LOCAL_GROUPS = 16384, ORDERED_GROUPS = 65536 };

struct batch { /* a worker's table on its way into the partitions */
    struct batch *next;
    struct group_table table;
    void **rows; /* by partition */
    uint32_t starts[PARTITIONS + 1];
    _Atomic uint32_t refs; /* partitions that have not merged it */
};

struct morsel_batches {
    struct batch *first, **last;
};

struct partition {
    pthread_mutex_t lock;
    struct group_table table;
    uint32_t morsel_next; /* batches of this morsel are merged next */
};

/* Marks at touch_offset of a streaming group. */
enum group_mark {
    GROUP_TOUCHED = 1, /* the batch has rows of it */
    GROUP_KEPT = 2,    /* it was there before the batch */
};

struct aggregate {
    struct op op;
    struct projection keys; /* keys, then payload */
    uint32_t key_count;
    struct agg_plan aggs;
    struct group_layout layout;
    struct partition partitions[PARTITIONS];
    pthread_mutex_t lock;            /* guards what follows */
    struct morsel_batches **morsels; /* finished ones, by number */
    uint32_t morsel_capacity;
    const struct stream_state_spec *stream; /* NULL = a batch aggregate */
    enum agg_phase phase;                   /* states leave as bytes, or come as such */
    uint32_t touch_offset; /* stream: a word behind the states, 1 = met by this batch */
    _Atomic uint64_t late_rows;
    /* after finish */
    void **ordered; /* groups by first appearance, when few */
    uint32_t ordered_count;
    struct arena arena;
};

struct agg_shape {
    struct expr *const *slots; /* keys, then payload */
    uint32_t key_count, slot_count;
    struct expr *const *aggs;
    uint32_t agg_count;
    const uint32_t *order; /* slot of each output column; NULL = as they are */
    const struct stream_state_spec *stream;
    enum agg_phase phase;
};

/* Compiles the aggregate with its input and its source; *out for who adds to it. */
bool aggregate_make(struct compiler *c, const struct agg_shape *shape, const struct rel *input,
                    const struct type *schema, struct pipeline *p, struct op *next,
                    struct aggregate **out, struct error *err);

/* Streaming: reads the kept groups before the batch's are merged; writes the new version after. */
bool state_load(struct aggregate *a, struct query *q, struct error *err);
bool state_finish(struct aggregate *a, struct query *q, struct error *err);
/* Is the group's window or event time at or before the watermark? */
bool state_is_past(const struct aggregate *a, const void *row, int64_t watermark_micros);

#endif
