/*
 * Cutting an optimised plan in stages for several workers.
 *
 * A walk from the leaves up asks of each operator what its input must look like. Scans are shared
 * by tasks; what looks at one row at a time stays with them. Rows that must meet are brought
 * together by an exchange: equal keys of joins, groups and windows by their hash, everything by a
 * single partition where order or a whole matters (sorts, limits: each task sends no more than
 * could be needed). An aggregate whose states can travel is computed in two halves. A join's small
 * side is sent whole to every task.
 *
 * What depends on which rows come together in which order, other than as SQL says (random numbers,
 * row ids), is left in one task, so that an attempt run again gives the same rows.
 */
#ifndef WEIR_PLAN_STAGES_H
#define WEIR_PLAN_STAGES_H

#include "base/error.h"
#include "func/func.h"
#include "sched/stage.h"

struct cut_options {
    uint32_t tasks;          /* of a shared stage, at most */
    int64_t task_bytes;      /* a scan gets a task for each so many bytes; 0: always `tasks` */
    int64_t broadcast_bytes; /* a join's side estimated below it is sent to every task */
    const struct func_session *session;
};

/* A plan that has nothing to share comes back as one stage of one task. */
bool plan_cut(struct arena *a, const struct rel *plan, const struct cut_options *o,
              struct stage_list *out, struct error *err);

/* All stages as text, for EXPLAIN and tests. */
void stage_list_put(struct buffer *out, const struct stage_list *list);

#endif
