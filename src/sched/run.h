/*
 * Running one task to its committed end: offer it to the worker, hold what it answers, re-run it
 * when the worker dies, hand over the rows of the attempt that counts, once.
 *
 * Results are held (in memory up to a limit, then in an unlinked file) until the attempt is done:
 * rows that a client has seen could not be taken back when the attempt is lost.
 */
#ifndef WEIR_SCHED_RUN_H
#define WEIR_SCHED_RUN_H

#include <stdatomic.h>

#include "net/frame.h"
#include "sched/task.h"

struct sched;
struct workers;

struct sched *sched_new(struct env *env, const char *worker_address, const char *hold_dir);
void sched_free(struct sched *s);
struct workers *sched_workers(struct sched *s); /* sched/workers.h: those that share queries */

struct sched_listener {
    /* Record batch message of the committed attempt, in order. false: stop. */
    bool (*batch)(void *ctx, const void *data, size_t len, uint64_t rows, struct error *err);
    /* An attempt was lost; number counts from 1. For the page's timeline. May be NULL. */
    void (*lost)(void *ctx, const struct task_id *id, const char *why);
    void *ctx;
};

struct sched_facts { /* of the committed attempt */
    uint64_t rows;
    uint64_t peak_bytes;
    uint32_t attempts;
};

/* Blocks. The task's attempt number is set here. cancel is looked at all the while. before_attempt
 * (may be NULL) is called with each attempt's number before it is sent, so that a write can name
 * its attempt directory. */
bool sched_run(struct sched *s, struct task *task, struct exec_progress *progress,
               _Atomic bool *cancel,
               bool (*before_attempt)(void *ctx, uint32_t attempt, struct error *err),
               void *before_ctx, const struct sched_listener *listener, struct sched_facts *facts,
               struct error *err);

/* The worker's own account of itself, for the page: JSON object text appended. */
bool sched_worker_status(struct sched *s, struct buffer *json, struct error *err);

#endif
