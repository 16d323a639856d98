/*
 * Tasks and attempts: sched/attempt_core.c in a driver, workers on the nodes that die, hang, answer
 * late and answer twice, and a client that cancels.
 *
 * The driver takes a broken connection or a long silence for a lost worker and begins another
 * attempt, while the first may still run and answer. Checked: T1 one attempt of a task counts, and
 * none that had been given up or cancelled; T3 no attempt begins while another counts as running;
 * T6 every task ends, and for a reason that the rules know.
 */
#include <stdlib.h>
#include <string.h>

#include "sched/attempt.h"
#include "world.h"

enum { TASKS_MAX = 24, ATTEMPTS_MAX = 64, KIND_RUN = 1, KIND_RESULT, DRIVER = ENDPOINT_CLIENT + 6 };

struct task {
    struct attempt_table table;
    uint32_t live; /* attempts that the driver takes for running: one, or a slow one and its copy */
    uint8_t runs[ATTEMPTS_MAX];
    bool ended, cancelled;
    int64_t committed; /* -1 */
    uint32_t user_errors, other_errors, losses;
    uint8_t over[ATTEMPTS_MAX]; /* attempts that were given up */
    uint8_t finished[ATTEMPTS_MAX];
    uint32_t worker[ATTEMPTS_MAX], worker_life[ATTEMPTS_MAX];
};

struct state {
    uint32_t part, task_count;
    uint32_t fail_ppm, user_ppm, hang_ppm, copy_ppm;
    int64_t run_max, patience;
    struct task tasks[TASKS_MAX];
};

static struct state *
state_of(struct world *w)
{
    for (uint32_t i = 0; i < w->part_count; i++) {
        if (w->parts[i] == &part_attempt) {
            return w->states[i];
        }
    }
    abort();
}

static void begin(struct world *w, struct state *s, uint32_t i);
static void copy(struct world *w, void *ctx, uint64_t i);

/* A task must not fail for anything but what the rules name. */
static void
failed_check(struct world *w, const struct task *t, uint32_t i)
{
    if (!t->cancelled && t->user_errors == 0 && t->other_errors < ATTEMPT_FAILED_MAX &&
        t->losses <= ATTEMPT_LOST_MAX) {
        world_fail(w, "T6", "task %u failed after %u losses and %u failures", i, t->losses,
                   t->other_errors);
    }
}

static void
begin_again(struct world *w, void *ctx, uint64_t i)
{
    begin(w, state_of(w), (uint32_t)i);
}

static void
end_attempt(struct world *w, struct state *s, uint32_t i, uint32_t attempt, enum error_kind why)
{
    struct task *t = &s->tasks[i];
    const bool current = t->runs[attempt] != 0;
    if (current) {
        t->user_errors += why == ERROR_EXECUTION || why == ERROR_PROTOCOL; /* always the same */
        t->other_errors += why == ERROR_SYSTEM;
        t->losses += why == ERROR_UNAVAILABLE;
    }
    const enum attempt_next next = attempt_end(&t->table, attempt, why);
    TRACE(w, "task %u attempt %u ends: error %d, %s", i, attempt, why,
          next == NEXT_RETRY  ? "another"
          : next == NEXT_WAIT ? "its copy goes on"
                              : "no other");
    if (current) {
        t->over[attempt] = 1;
        t->runs[attempt] = 0;
        t->live--;
    }
    if (next == NEXT_WAIT && t->live == 0) {
        world_fail(w, "T6", "task %u waits for a copy that does not run", i);
    }
    if (next == NEXT_RETRY) {
        if (t->user_errors > 0) {
            world_fail(w, "T6", "task %u is tried again after a user's error", i);
        }
        if (t->losses > ATTEMPT_LOST_MAX || t->table.attempt + 1 >= ATTEMPTS_MAX) {
            world_fail(w, "R2", "task %u is tried again after %u losses", i, t->losses);
            return;
        }
        world_at(w, w->now + rng_between(&w->work, 1, 100) * MS, 0, begin_again, NULL, i);
    } else if (current && next == NEXT_GIVE_UP) {
        t->ended = true;
        t->live = 0;
        memset(t->runs, 0, sizeof t->runs);
        failed_check(w, t, i);
    }
}

static void
impatient(struct world *w, void *ctx, uint64_t a)
{
    struct state *s = state_of(w);
    const uint32_t i = a & 255, attempt = (uint32_t)(a >> 8);
    struct task *t = &s->tasks[i];
    if (t->runs[attempt]) {
        const struct node *n = &w->nodes[t->worker[attempt]];
        if (!n->alive || n->life != t->worker_life[attempt] || w->healed ||
            rng_chance(&w->work, 500000)) {
            end_attempt(w, s, i, attempt, ERROR_UNAVAILABLE);
        } else {
            world_at(w, w->now + s->patience, 0, impatient, NULL, a);
        }
    }
}

static void
send(struct world *w, struct state *s, uint32_t i, uint32_t attempt)
{
    struct task *t = &s->tasks[i];
    const uint32_t worker = (uint32_t)rng_below(&w->work, w->node_count) + 1;
    t->runs[attempt] = 1;
    t->live++;
    t->worker[attempt] = worker;
    t->worker_life[attempt] = w->nodes[worker].life;
    TRACE(w, "task %u attempt %u goes to node %u", i, attempt, worker);
    const uint32_t m[2] = {i, attempt};
    world_send(w, (uint8_t)s->part, KIND_RUN, DRIVER, worker, m, sizeof m);
    world_at(w, w->now + s->patience, 0, impatient, NULL, i | (uint64_t)attempt << 8);
    if (rng_chance(&w->work, s->copy_ppm)) {
        world_at(w, w->now + s->patience / 2, 0, copy, NULL, i);
    }
}

static void
begin(struct world *w, struct state *s, uint32_t i)
{
    struct task *t = &s->tasks[i];
    if (t->ended) {
        return;
    }
    if (t->table.state != ATTEMPT_PENDING || t->live > 0) {
        world_fail(w, "T3", "task %u begins an attempt while another one runs", i);
        return;
    }
    const uint32_t attempt = attempt_begin(&t->table);
    if (attempt >= ATTEMPTS_MAX || t->over[attempt]) {
        world_fail(w, "T1", "task %u begins attempt %u a second time", i, attempt);
        return;
    }
    send(w, s, i, attempt);
}

/* A second attempt beside a slow one. */
static void
copy(struct world *w, void *ctx, uint64_t i)
{
    struct state *s = state_of(w);
    struct task *t = &s->tasks[i];
    if (!t->ended && t->live == 1 && attempt_may_copy(&t->table) &&
        t->table.used + 1 < ATTEMPTS_MAX) {
        const uint32_t attempt = attempt_copy(&t->table);
        if (t->over[attempt] || t->runs[attempt]) {
            world_fail(w, "T1", "task %u: the copy has the number %u of another", (unsigned)i,
                       attempt);
            return;
        }
        send(w, s, (uint32_t)i, attempt);
    }
}

static void
run_done(struct world *w, void *ctx, uint64_t a)
{
    struct state *s = state_of(w);
    const uint32_t m[3] = {a & 255, a >> 8 & 0xffff, (uint32_t)(a >> 24 & 255)};
    if (m[2] == ERROR_NONE) {
        s->tasks[m[0]].finished[m[1]] = 1;
    }
    world_send(w, (uint8_t)s->part, KIND_RESULT, (uint32_t)(a >> 32), DRIVER, m, sizeof m);
}

static void
on_run(struct world *w, struct state *s, const struct message *in)
{
    uint32_t m[2];
    memcpy(m, in->data, sizeof m);
    enum error_kind kind = ERROR_NONE;
    if (rng_chance(&w->work, s->hang_ppm)) {
        return;
    }
    if (rng_chance(&w->work, s->fail_ppm)) {
        kind = !rng_chance(&w->work, s->user_ppm) ? ERROR_SYSTEM
               : rng_chance(&w->work, 500000)     ? ERROR_EXECUTION
                                                  : ERROR_PROTOCOL;
    }
    world_after(w, in->to, rng_between(&w->work, 1, s->run_max), run_done, NULL,
                m[0] | m[1] << 8 | (uint64_t)kind << 24 | (uint64_t)in->to << 32);
}

static void
on_result(struct world *w, struct state *s, const struct message *in)
{
    uint32_t m[3];
    memcpy(m, in->data, sizeof m);
    const uint32_t i = m[0], attempt = m[1];
    struct task *t = &s->tasks[i];
    if (m[2] != ERROR_NONE) {
        end_attempt(w, s, i, attempt, (enum error_kind)m[2]);
        return;
    }
    if (!attempt_commit(&t->table, attempt)) {
        return;
    }
    TRACE(w, "task %u attempt %u counts", i, attempt);
    if (t->committed >= 0 && t->committed != attempt) {
        world_fail(w, "T1", "task %u: attempts %d and %u both count", i, (int)t->committed,
                   attempt);
    } else if (t->over[attempt] || t->cancelled) {
        world_fail(w, "T1", "task %u: attempt %u counts, although it was given up", i, attempt);
    } else if (!t->finished[attempt]) {
        world_fail(w, "T2", "task %u: attempt %u counts and never finished", i, attempt);
    }
    t->committed = attempt;
    t->live = 0;
    memset(t->runs, 0, sizeof t->runs);
    t->ended = true;
}

static void
attempt_message(struct world *w, const struct message *m)
{
    if (m->kind == KIND_RUN) {
        on_run(w, state_of(w), m);
    } else {
        on_result(w, state_of(w), m);
    }
}

static void
cancel(struct world *w, void *ctx, uint64_t i)
{
    struct state *s = state_of(w);
    struct task *t = &s->tasks[i];
    if (t->live > 0) {
        t->cancelled = true;
        end_attempt(w, s, (uint32_t)i, t->table.attempt, ERROR_CANCELLED);
    }
}

static void
attempt_start(struct world *w)
{
    struct state *s = world_alloc(w, sizeof *s);
    struct rng *r = &w->draw;
    while (w->parts[s->part] != &part_attempt) {
        s->part++;
    }
    w->states[s->part] = s;
    s->task_count = (uint32_t)rng_between(r, 1, TASKS_MAX);
    s->fail_ppm = rng_chance(r, 300000) ? 0 : (uint32_t)rng_below(r, 500000);
    s->user_ppm = rng_chance(r, 500000) ? 0 : (uint32_t)rng_below(r, 300000);
    s->hang_ppm = rng_chance(r, 500000) ? 0 : (uint32_t)rng_below(r, 500000);
    s->copy_ppm = rng_chance(r, 500000) ? 0 : (uint32_t)rng_below(r, 500000);
    s->run_max = rng_between(r, 5, 600) * MS;
    s->patience = rng_between(r, 20, 500) * MS;
    for (uint32_t i = 0; i < s->task_count; i++) {
        attempt_init(&s->tasks[i].table);
        s->tasks[i].committed = -1;
        world_at(w, rng_between(r, 100, w->fault_end / MS) * MS, 0, begin_again, NULL, i);
        if (rng_chance(r, 150000)) {
            world_at(w, rng_between(r, 100, w->fault_end / MS) * MS, 0, cancel, NULL, i);
        }
    }
}

static void
attempt_heal(struct world *w)
{
    struct state *s = state_of(w);
    s->fail_ppm = s->hang_ppm = 0;
    s->run_max = s->run_max < 50 * MS ? s->run_max : 50 * MS;
}

static void
attempt_finish(struct world *w)
{
    struct state *s = state_of(w);
    for (uint32_t i = 0; i < s->task_count; i++) {
        if (!s->tasks[i].ended) {
            world_fail(w, "T6", "task %u has not ended: state %d, attempt %u", i,
                       s->tasks[i].table.state, s->tasks[i].table.attempt);
            return;
        }
    }
}

const struct part part_attempt = {
    .name = "attempt",
    .start = attempt_start,
    .message = attempt_message,
    .heal = attempt_heal,
    .finish = attempt_finish,
};
