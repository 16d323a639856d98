/*
 * A query as stages: what the planner cuts (plan/stages.h) and the scheduler runs (sched/stages.h).
 *
 * A stage is one plan that several tasks run over their shares of its leaves. All but the last end
 * in REL_EXCHANGE, whose output later stages read; the last one's rows are the answer, task by
 * task.
 */
#ifndef WEIR_SCHED_STAGE_H
#define WEIR_SCHED_STAGE_H

#include "tree/rel.h"

enum { STAGES_MAX = 256, STAGE_TASKS_MAX = 4096 };

struct stage {
    const struct rel *plan;
    uint32_t tasks;
    uint32_t *inputs; /* stages that it reads; all come before it */
    uint32_t input_count;
    bool is_pinned; /* touches what only the driver's own node has: state folders */
};

struct stage_list {
    struct stage *stages;
    uint32_t count;
};

#endif
