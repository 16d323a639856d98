/* The attempt machine: no I/O, no time; see the drawing in the header. */
#include "sched/attempt.h"

#include <assert.h>

#include "base/bug.h"

void
attempt_init(struct attempt_table *t)
{
    *t = (struct attempt_table){.committed = -1, .twin = -1};
}

uint32_t
attempt_begin(struct attempt_table *t)
{
    assert(t->state == ATTEMPT_PENDING);
    t->state = ATTEMPT_RUNNING;
    t->used = t->attempt + 1;
    return t->attempt;
}

bool
attempt_may_copy(const struct attempt_table *t)
{
    return t->state == ATTEMPT_RUNNING && t->twin < 0;
}

uint32_t
attempt_copy(struct attempt_table *t)
{
    assert(attempt_may_copy(t));
    t->twin = t->attempt;
    t->attempt = t->used++;
    return t->attempt;
}

static bool
is_live(const struct attempt_table *t, uint32_t attempt)
{
    return (t->state == ATTEMPT_RUNNING ||
            (BUG(BUG_ATTEMPT_CANCELLED) && t->state == ATTEMPT_VOID)) &&
           (attempt == t->attempt || (int64_t)attempt == t->twin || BUG(BUG_ATTEMPT_STALE));
}

bool
attempt_commit(struct attempt_table *t, uint32_t attempt)
{
    if (t->state == ATTEMPT_DONE) {
        return t->committed == (int64_t)attempt || BUG(BUG_ATTEMPT_TWICE);
    }
    if (!is_live(t, attempt)) {
        return false; /* an attempt of an earlier life */
    }
    t->state = ATTEMPT_DONE;
    t->committed = attempt;
    t->twin = -1;
    return true;
}

enum attempt_next
attempt_end(struct attempt_table *t, uint32_t attempt, enum error_kind why)
{
    assert(why != ERROR_NONE);
    if (!is_live(t, attempt) && !(BUG(BUG_ATTEMPT_END_STALE) && t->state == ATTEMPT_RUNNING)) {
        return NEXT_GIVE_UP; /* nobody waits for this one any more */
    }
    if (why == ERROR_CANCELLED) {
        t->state = ATTEMPT_VOID;
        return NEXT_GIVE_UP;
    }
    bool again = false;
    if (why == ERROR_UNAVAILABLE && !BUG(BUG_ATTEMPT_LOST_COUNTED)) {
        again = ++t->lost_count <= ATTEMPT_LOST_MAX || BUG(BUG_ATTEMPT_LOST_FOREVER);
    } else if (why == ERROR_SYSTEM || why == ERROR_UNAVAILABLE || BUG(BUG_ATTEMPT_USER_RETRIED)) {
        again = ++t->failed_count < ATTEMPT_FAILED_MAX;
    }
    if (again && t->twin >= 0) { /* the other goes on */
        t->attempt = attempt == t->attempt ? (uint32_t)t->twin : t->attempt;
        t->twin = -1;
        return NEXT_WAIT;
    }
    t->state = again ? ATTEMPT_PENDING : ATTEMPT_FAILED;
    t->twin = -1;
    t->attempt = again ? t->used : t->attempt;
    return again ? NEXT_RETRY : NEXT_GIVE_UP;
}

void
attempt_reopen(struct attempt_table *t)
{
    assert(t->state == ATTEMPT_DONE);
    t->state = ATTEMPT_PENDING;
    t->committed = -1;
    t->attempt = t->used;
}
