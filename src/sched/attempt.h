/*
 * Attempts and the commit table: which try of a task counts.
 *
 *   pending --offer--> running --commit--> done
 *      ^                  |
 *      +---- retry -------+--- lost (worker died: does not count), failed (counts)
 *                         +--- void (cancelled, or another attempt was first)
 *
 * The machine is pure: it sees events and answers what to do next. sched/run.c does the talking.
 * Rules: the first attempt that asks to commit wins, all later ones are told "lost"; a lost worker
 * is not counted against the task but bounded by ATTEMPT_LOST_MAX; a user's error is not tried
 * again; a resource error neither, as the next attempt would have the same budget; others up to
 * ATTEMPT_FAILED_MAX times.
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

enum attempt_next { NEXT_RETRY, NEXT_GIVE_UP };

struct attempt_table {
    enum attempt_state state;
    uint32_t attempt; /* number of the current or last one, from 0 */
    uint32_t lost_count;
    uint32_t failed_count;
    int64_t committed; /* attempt that won, -1 */
};

void attempt_init(struct attempt_table *t);
uint32_t attempt_begin(struct attempt_table *t);                /* -> its number */
bool attempt_commit(struct attempt_table *t, uint32_t attempt); /* true: it counts */
/* The attempt ended without commit; why tells whether another makes sense. */
enum attempt_next attempt_end(struct attempt_table *t, uint32_t attempt, enum error_kind why);

#endif
