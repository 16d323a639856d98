/* The stage machine: needs flow from the answer to the leaves, outputs the other way. */
#include "sched/stage_core.h"

#include <stdlib.h>
#include <string.h>

void
stage_core_init(struct stage_core *c, struct arena *a, const struct stage_list *list,
                const bool *speculates)
{
    *c = (struct stage_core){.count = list->count};
    c->stages = arena_new_array(a, struct stage_state, list->count + 1);
    for (uint32_t i = 0; i < list->count; i++) {
        struct stage_state *s = &c->stages[i];
        s->count = list->stages[i].tasks;
        s->inputs = list->stages[i].inputs;
        s->input_count = list->stages[i].input_count;
        s->speculates = speculates != NULL && speculates[i];
        s->tasks = arena_new_array(a, struct stage_task, s->count + 1);
        for (uint32_t t = 0; t < s->count; t++) {
            attempt_init(&s->tasks[t].table);
        }
    }
}

/* Inputs come before their readers, so one pass from the end knows what is needed. */
static void
wants_mark(struct stage_core *c)
{
    for (uint32_t i = 0; i < c->count; i++) {
        c->stages[i].wanted = i + 1 == c->count;
    }
    for (uint32_t i = c->count; i-- > 0;) {
        const struct stage_state *s = &c->stages[i];
        for (uint32_t k = 0; s->wanted && s->done < s->count && k < s->input_count; k++) {
            c->stages[s->inputs[k]].wanted = true;
        }
    }
}

static bool
inputs_ready(const struct stage_core *c, const struct stage_state *s)
{
    for (uint32_t k = 0; k < s->input_count; k++) {
        const struct stage_state *in = &c->stages[s->inputs[k]];
        if (in->done < in->count) {
            return false;
        }
    }
    return true;
}

static int
time_order(const void *x, const void *y)
{
    const int64_t a = *(const int64_t *)x, b = *(const int64_t *)y;
    return a < b ? -1 : a > b;
}

static int64_t
median_ns(const struct stage_state *s)
{
    int64_t times[256];
    uint32_t n = 0;
    for (uint32_t t = 0; t < s->count && n < 256; t++) {
        if (s->tasks[t].table.state == ATTEMPT_DONE) {
            times[n++] = s->tasks[t].took_ns;
        }
    }
    if (n == 0) {
        return 0;
    }
    qsort(times, n, sizeof *times, time_order);
    return times[n / 2];
}

/* A task that is so slow that a second attempt may be sooner. */
static bool
slow_task(const struct stage_state *s, int64_t now_ns, uint32_t *task)
{
    if (!s->speculates || (uint64_t)s->done * 100 < (uint64_t)s->count * SPECULATE_DONE_PERCENT ||
        s->done == s->count) {
        return false;
    }
    const int64_t bound = median_ns(s) * SPECULATE_TIMES_MEDIAN;
    for (uint32_t t = 0; t < s->count; t++) {
        const int64_t age = now_ns - s->tasks[t].started_ns;
        if (attempt_may_copy(&s->tasks[t].table) && age > SPECULATE_AGE_NS && age > bound) {
            *task = t;
            return true;
        }
    }
    return false;
}

bool
stage_core_next(struct stage_core *c, int64_t now_ns, struct stage_launch *out)
{
    wants_mark(c);
    for (uint32_t i = 0; i < c->count; i++) {
        struct stage_state *s = &c->stages[i];
        if (!s->wanted || s->done == s->count || !inputs_ready(c, s)) {
            continue;
        }
        for (uint32_t t = 0; t < s->count; t++) {
            if (s->tasks[t].table.state == ATTEMPT_PENDING) {
                *out = (struct stage_launch){.stage = i, .task = t, .avoid_worker = UINT32_MAX};
                return true;
            }
        }
        uint32_t slow = 0;
        if (slow_task(s, now_ns, &slow)) {
            *out = (struct stage_launch){
                .stage = i, .task = slow, .is_copy = true, .avoid_worker = s->tasks[slow].worker};
            return true;
        }
    }
    return false;
}

void
stage_core_began(struct stage_core *c, struct stage_launch *l, uint32_t worker, int64_t now_ns)
{
    struct stage_task *t = &c->stages[l->stage].tasks[l->task];
    if (l->is_copy) {
        t->twin_worker = t->worker;
    }
    l->attempt = l->is_copy ? attempt_copy(&t->table) : attempt_begin(&t->table);
    t->worker = worker;
    t->started_ns = now_ns;
}

bool
stage_core_commit(struct stage_core *c, uint32_t stage, uint32_t task, uint32_t attempt,
                  uint32_t worker, int64_t now_ns)
{
    struct stage_state *s = &c->stages[stage];
    struct stage_task *t = &s->tasks[task];
    if (t->table.state == ATTEMPT_DONE || !attempt_commit(&t->table, attempt)) {
        return false;
    }
    t->worker = worker;
    t->took_ns = now_ns - t->started_ns;
    s->done++;
    return true;
}

enum attempt_next
stage_core_end(struct stage_core *c, uint32_t stage, uint32_t task, uint32_t attempt,
               enum error_kind why)
{
    struct stage_task *t = &c->stages[stage].tasks[task];
    const bool newer = t->table.twin >= 0 && attempt == t->table.attempt;
    const enum attempt_next next = attempt_end(&t->table, attempt, why);
    if (next == NEXT_WAIT && newer) {
        t->worker = t->twin_worker;
    }
    return next;
}

bool
stage_core_lost(struct stage_core *c, uint32_t stage, uint32_t task, uint32_t epoch)
{
    if (stage >= c->count || task >= c->stages[stage].count) {
        return true;
    }
    struct stage_state *s = &c->stages[stage];
    struct stage_task *t = &s->tasks[task];
    if (t->table.state != ATTEMPT_DONE || t->table.committed != (int64_t)epoch) {
        return true; /* known already */
    }
    attempt_reopen(&t->table);
    s->done--;
    return ++c->lost_outputs <= LOST_OUTPUTS_MAX;
}

bool
stage_core_worker_gone(struct stage_core *c, uint32_t worker)
{
    bool ok = true;
    for (uint32_t i = 0; i + 1 < c->count; i++) { /* the answer's rows are not on it any more */
        for (uint32_t t = 0; t < c->stages[i].count; t++) {
            const struct stage_task *task = &c->stages[i].tasks[t];
            if (task->table.state == ATTEMPT_DONE && task->worker == worker) {
                ok &= stage_core_lost(c, i, t, (uint32_t)task->table.committed);
            }
        }
    }
    return ok;
}

bool
stage_core_is_done(const struct stage_core *c, uint32_t stage, uint32_t task)
{
    return c->stages[stage].tasks[task].table.state == ATTEMPT_DONE;
}

bool
stage_core_complete(const struct stage_core *c)
{
    const struct stage_state *last = &c->stages[c->count - 1];
    return last->done == last->count;
}
