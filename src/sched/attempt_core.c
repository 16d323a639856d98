/* The attempt machine: no I/O, no time; see the drawing in the header. */
#include "sched/attempt.h"

#include <assert.h>

void
attempt_init(struct attempt_table *t)
{
    *t = (struct attempt_table){.committed = -1};
}

uint32_t
attempt_begin(struct attempt_table *t)
{
    assert(t->state == ATTEMPT_PENDING);
    t->state = ATTEMPT_RUNNING;
    return t->attempt;
}

bool
attempt_commit(struct attempt_table *t, uint32_t attempt)
{
    if (t->state == ATTEMPT_DONE) {
        return t->committed == (int64_t)attempt;
    }
    if (t->state != ATTEMPT_RUNNING || attempt != t->attempt) {
        return false; /* an attempt of an earlier life */
    }
    t->state = ATTEMPT_DONE;
    t->committed = attempt;
    return true;
}

enum attempt_next
attempt_end(struct attempt_table *t, uint32_t attempt, enum error_kind why)
{
    assert(why != ERROR_NONE);
    if (t->state != ATTEMPT_RUNNING || attempt != t->attempt) {
        return NEXT_GIVE_UP; /* nobody waits for this one any more */
    }
    if (why == ERROR_CANCELLED) {
        t->state = ATTEMPT_VOID;
        return NEXT_GIVE_UP;
    }
    bool again = false;
    if (why == ERROR_UNAVAILABLE) {
        again = ++t->lost_count <= ATTEMPT_LOST_MAX;
    } else if (why == ERROR_SYSTEM || why == ERROR_PROTOCOL) {
        again = ++t->failed_count < ATTEMPT_FAILED_MAX;
    }
    t->state = again ? ATTEMPT_PENDING : ATTEMPT_FAILED;
    t->attempt += again;
    return again ? NEXT_RETRY : NEXT_GIVE_UP;
}
