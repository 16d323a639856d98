/*
 * A task attempt: what a worker is asked to run and how it is known.
 *
 * Identity: (query, stage, partition, attempt). Only one attempt's results count: the driver's
 * commit table says which (sched/attempt.h). With one worker a query is one stage of one task whose
 * pipelines use all cores; with several the plan is cut at exchanges (plan/stages.h).
 */
#ifndef WEIR_SCHED_TASK_H
#define WEIR_SCHED_TASK_H

#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"
#include "base/reader.h"
#include "exec/exchange.h"
#include "exec/exec.h"
#include "tree/rel.h"

struct task_id {
    char query[37]; /* operation id */
    uint32_t stage;
    uint32_t partition;
    uint32_t attempt;
};

struct task {
    struct task_id id;
    const struct rel *plan;
    struct func_session session;
    uint64_t memory_bytes; /* 0 = the worker's whole budget */
    uint32_t threads;      /* 0 = all */
    int64_t split_bytes;
    uint32_t shuffle_partitions;
    uint32_t batch_rows;     /* rows of an Arrow batch in results */
    bool wants_rows;         /* false: results are only counted (writes, noop) */
    const char *python_path; /* interpreter for UDFs; NULL = default */
    /* Of a plan cut in stages (tree/rel.h: REL_EXCHANGE): the task reads its share of leaves, and
     * these outputs of other stages. */
    bool is_share;
    struct exchange_input *inputs;
    uint32_t input_count;
};

void task_write(struct buffer *out, const struct task *t);
bool task_read(struct arena *a, struct reader *r, struct task *out, struct error *err);
void task_progress_write(struct buffer *out, const struct exec_progress *p);
bool task_progress_read(struct reader *r, struct exec_progress *out);

#endif
