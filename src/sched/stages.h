/*
 * Running a query that was cut in stages over several workers, to its committed end.
 *
 * One thread runs the stage machine (sched/stage_core.h); each attempt has a thread that asks its
 * worker and waits. Answers of the last stage's tasks are held until their attempt counts, and
 * handed on in the order of the tasks. A dead worker's outputs are void at once, and made again by
 * lineage for those who still need them.
 */
#ifndef WEIR_SCHED_STAGES_H
#define WEIR_SCHED_STAGES_H

#include "sched/run.h"
#include "sched/stage.h"
#include "sched/workers.h"

enum attempt_mark {
    ATTEMPT_MARK_BEGAN,
    ATTEMPT_MARK_DONE,   /* it counts */
    ATTEMPT_MARK_FAILED, /* err says why */
    ATTEMPT_MARK_LOST,   /* its worker or an input was lost */
    ATTEMPT_MARK_LATE,   /* another attempt was first, or nobody waited */
};

struct attempt_fact {
    uint32_t stage, task, attempt;
    const char *worker;
    const char *node;
    enum attempt_mark mark;
    bool is_copy;
    uint64_t rows;
    const char *why;
};

struct stages_request {
    const struct stage_list *list;
    const struct task *task; /* what all tasks have in common; id.query is set */
    const char *queue;       /* scheduler pool; NULL = "default" */
    bool remote_only;        /* tests: outputs are always fetched from their worker */
    void (*attempt)(void *ctx, const struct attempt_fact *fact); /* may be NULL */
    void *attempt_ctx;
};

bool sched_run_stages(struct sched *s, const struct stages_request *req,
                      struct exec_progress *progress, _Atomic bool *cancel,
                      const struct sched_listener *listener, struct sched_facts *facts,
                      struct error *err);

#endif
