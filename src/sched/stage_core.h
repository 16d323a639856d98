/*
 * The stages of one query as a machine: which task may run next, which attempt counts, where
 * outputs are, what runs again when they are lost.
 *
 * Pure: it sees events with their time and says what to do; sched/stages.c does the talking.
 * A task may run when all stages that it reads have all their outputs, and when somebody still
 * needs what it makes: an output that was lost is made again only for readers that are not done. An
 * output is known by (stage, task, epoch); its epoch is the attempt that committed it. Reports of
 * a loss carry the epoch, so that a late one cannot void the output's successor.
 */
#ifndef WEIR_SCHED_STAGE_CORE_H
#define WEIR_SCHED_STAGE_CORE_H

#include "base/arena.h"
#include "sched/attempt.h"
#include "sched/stage.h"

enum {
    LOST_OUTPUTS_MAX = 200,      /* of one query, before it gives up */
    SPECULATE_DONE_PERCENT = 75, /* of the stage's tasks */
    SPECULATE_TIMES_MEDIAN = 2,  /* slower than this many medians */
};
#define SPECULATE_AGE_NS INT64_C(1000000000)

struct stage_task {
    struct attempt_table table;
    uint32_t worker;      /* of the attempt that counts, or the newest that runs */
    uint32_t twin_worker; /* of the older of two */
    int64_t started_ns;   /* of the newest that runs */
    int64_t took_ns;      /* of the attempt that counts */
};

struct stage_state {
    struct stage_task *tasks;
    uint32_t count, done;
    const uint32_t *inputs;
    uint32_t input_count;
    bool wanted;
    bool speculates; /* its tasks may run twice at once */
};

struct stage_core {
    struct stage_state *stages;
    uint32_t count;
    uint32_t lost_outputs;
};

/* What is to be started. */
struct stage_launch {
    uint32_t stage, task, attempt;
    bool is_copy;          /* a second attempt beside a slow one: */
    uint32_t avoid_worker; /* not there */
};

void stage_core_init(struct stage_core *c, struct arena *a, const struct stage_list *list,
                     const bool *speculates);
/* The next attempt to start; it counts as begun once stage_core_began is called. false: none now.
 */
bool stage_core_next(struct stage_core *c, int64_t now_ns, struct stage_launch *out);
void stage_core_began(struct stage_core *c, struct stage_launch *l, uint32_t worker,
                      int64_t now_ns);
/* true: this attempt counts. */
bool stage_core_commit(struct stage_core *c, uint32_t stage, uint32_t task, uint32_t attempt,
                       uint32_t worker, int64_t now_ns);
/* An attempt ended without a commit. NEXT_GIVE_UP: the query fails with the attempt's error, unless
 * the task is done by another attempt (stage_core_is_done). */
enum attempt_next stage_core_end(struct stage_core *c, uint32_t stage, uint32_t task,
                                 uint32_t attempt, enum error_kind why);
/* An output cannot be read. false: too many were lost, the query fails. */
bool stage_core_lost(struct stage_core *c, uint32_t stage, uint32_t task, uint32_t epoch);
/* All outputs on a worker are gone. */
bool stage_core_worker_gone(struct stage_core *c, uint32_t worker);
bool stage_core_is_done(const struct stage_core *c, uint32_t stage, uint32_t task);
bool stage_core_complete(const struct stage_core *c); /* every task of the last stage is done */

#endif
