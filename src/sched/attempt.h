/*
 * Attempts and the commit table: which try of a task counts.
 *
 *   pending --offer--> running --commit--> done --reopen--> pending (its output was lost)
 *      ^                  |
 *      +---- retry -------+--- lost (worker died: does not count), failed (counts)
 *                         +--- void (cancelled, or another attempt was first)
 *
 * The machine is pure: it sees events and answers what to do next. sched/run.c and sched/stages.c
 * do the talking. Rules: the first attempt that asks to commit wins, all later ones are told
 * "lost"; a lost worker is not counted against the task but bounded by ATTEMPT_LOST_MAX; a user's
 * error is not tried again; a resource error neither, as the next attempt would have the same
 * budget; nor bytes that do not decode, as they are the same each time (what the wire garbles
 * breaks the connection, which is a loss); the system's errors up to ATTEMPT_FAILED_MAX times. A
 * slow attempt may get one copy beside it.
 */
#ifndef WEIR_SCHED_ATTEMPT_H
#define WEIR_SCHED_ATTEMPT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

enum { ATTEMPT_LOST_MAX = 20, ATTEMPT_FAILED_MAX = 4 };

enum attempt_state {
    ATTEMPT_PENDING = 0,
    ATTEMPT_RUNNING,
    ATTEMPT_DONE,   /* committed */
    ATTEMPT_FAILED, /* for good */
    ATTEMPT_VOID,   /* cancelled */
};

/* NEXT_WAIT: the attempt's twin still runs. */
enum attempt_next { NEXT_RETRY, NEXT_GIVE_UP, NEXT_WAIT };

struct attempt_table {
    enum attempt_state state;
    uint32_t attempt; /* number of the current or last one, from 0 */
    uint32_t lost_count;
    uint32_t failed_count;
    int64_t committed; /* attempt that won, -1 */
    int64_t twin;      /* the older of two that run, -1 */
    uint32_t used;     /* numbers given out; none is given twice */
};

void attempt_init(struct attempt_table *t);
uint32_t attempt_begin(struct attempt_table *t);                /* -> its number */
bool attempt_may_copy(const struct attempt_table *t);           /* one runs, and alone */
uint32_t attempt_copy(struct attempt_table *t);                 /* beside it -> its number */
bool attempt_commit(struct attempt_table *t, uint32_t attempt); /* true: it counts */
/* The attempt ended without commit; why tells whether another makes sense. */
enum attempt_next attempt_end(struct attempt_table *t, uint32_t attempt, enum error_kind why);
void attempt_reopen(struct attempt_table *t); /* done, but what it left is gone */

#endif
