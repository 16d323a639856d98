/* A query's stages over workers: launch, wait, commit, run again. See the header. */
#include "sched/stages.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/thread.h"
#include "base/trace.h"
#include "sched/hold.h"
#include "sched/run_internal.h"
#include "sched/stage_core.h"
#include "sched/wire.h"

enum { TICK_NS = 100000000 };
#define NO_WORKER_NS INT64_C(60000000000)

/* One attempt under way, or ended and not yet looked at. */
struct attempt {
    struct attempt *next;
    struct run *run;
    struct stage_launch at;
    uint32_t worker;
    uint64_t life; /* of the worker when it began */
    struct arena arena;
    struct task task;
    pthread_t thread;
    _Atomic bool cancel;
    struct exec_progress progress;
    struct hold hold;
    uint64_t rows, peak_bytes;
    struct exchange_lost lost;
    struct error said; /* by the worker */
    struct error err;
    bool ok;
    bool finished; /* guarded by the workers' lock */
};

struct run {
    struct sched *s;
    struct workers *ws;
    const struct stages_request *req;
    struct exec_progress *progress;
    _Atomic bool *cancel;
    const struct sched_listener *listener;
    struct sched_facts *facts;
    struct arena arena;
    struct stage_core core;
    struct attempt *attempts;
    struct attempt **answers; /* committed ones of the last stage, by task */
    uint32_t handed_on;       /* of them */
    uint64_t lives[WORKERS_MAX];
    uint64_t id; /* in the queues */
    struct queue_wants slot;
    int64_t stuck_since_ns;
    bool failed;
    struct error err;
};

/* ---- one attempt ---- */

static bool
on_reply(void *ctx, const struct frame *f)
{
    struct attempt *a = ctx;
    struct reader in;
    reader_init(&in, f->payload);
    if (f->flags & FRAME_ERROR) {
        return true;
    }
    switch (f->type) {
    case WIRE_TASK_PROGRESS:
        task_progress_read(&in, &a->progress);
        break;
    case WIRE_TASK_BATCH: {
        const uint64_t rows = reader_uvarint64(&in);
        const struct bytes batch = reader_take(&in, reader_left(&in));
        if (!error_is_set(&a->said)) {
            hold_add(&a->hold, batch.ptr, batch.len, rows, &a->said);
        }
        break;
    }
    case WIRE_TASK_LOST_INPUT:
        a->lost.stage = (uint32_t)reader_uvarint64(&in);
        a->lost.map = (uint32_t)reader_uvarint64(&in);
        a->lost.epoch = (uint32_t)reader_uvarint64(&in);
        a->lost.is_set = reader_ok(&in);
        break;
    case WIRE_TASK_DONE:
        a->rows = reader_uvarint64(&in);
        a->peak_bytes = reader_uvarint64(&in);
        reader_uvarint64(&in);
        task_progress_read(&in, &a->progress);
        break;
    default:
        break;
    }
    return true;
}

static void *
attempt_main(void *ctx)
{
    struct attempt *a = ctx;
    struct workers *ws = a->run->ws;
    struct buffer out = {0};
    task_write(&out, &a->task);
    if (out.overflow) {
        error_set(&a->err, ERROR_RESOURCE, "the plan is too large to be sent to a worker");
    } else {
        a->ok = frame_call_stream(ws->items[a->worker]->client, WIRE_TASK_START, out.ptr, out.len,
                                  on_reply, a, &a->cancel, WIRE_TASK_CANCEL, &a->err);
    }
    buffer_release(&out);
    if (a->ok && error_is_set(&a->said)) {
        error_move(&a->err, &a->said);
        a->ok = false;
    }
    mutex_lock(&ws->lock);
    a->finished = true;
    pthread_cond_broadcast(&ws->changed);
    mutex_unlock(&ws->lock);
    return NULL;
}

/* Where the outputs are that the task reads, as things stand now. */
static void
inputs_set(struct run *r, struct attempt *a)
{
    const struct stage_state *s = &r->core.stages[a->at.stage];
    a->task.input_count = s->input_count;
    a->task.inputs = arena_new_array(&a->arena, struct exchange_input, s->input_count + 1);
    for (uint32_t i = 0; i < s->input_count; i++) {
        const struct stage_state *from = &r->core.stages[s->inputs[i]];
        struct exchange_input *in = &a->task.inputs[i];
        in->stage = s->inputs[i];
        in->count = from->count;
        in->outputs = arena_new_array(&a->arena, struct exchange_output, from->count + 1);
        for (uint32_t t = 0; t < from->count; t++) {
            const struct stage_task *task = &from->tasks[t];
            const struct sched_worker *w = r->ws->items[task->worker];
            struct exchange_output *o = &in->outputs[t];
            o->map = t;
            o->epoch = (uint32_t)task->table.committed;
            const bool near = strcmp(w->node, r->ws->items[a->worker]->node) == 0;
            o->address = near || w->peer[0] == '\0' ? w->address : w->peer;
            if (near && !r->req->remote_only && w->shuffle_dir[0] != '\0') {
                o->path = arena_printf(&a->arena, "%s/%s/%u-%u-%u.shf", w->shuffle_dir,
                                       r->req->task->id.query, in->stage, t, o->epoch);
            }
        }
    }
}

static void
attempt_tell(struct run *r, const struct attempt *a, enum attempt_mark mark, const char *why)
{
    if (r->req->attempt == NULL) {
        return;
    }
    const struct sched_worker *w = r->ws->items[a->worker];
    const struct attempt_fact fact = {.stage = a->at.stage,
                                      .task = a->at.task,
                                      .attempt = a->at.attempt,
                                      .worker = w->name,
                                      .node = w->node,
                                      .mark = mark,
                                      .is_copy = a->at.is_copy,
                                      .rows = a->rows,
                                      .why = why};
    r->req->attempt(r->req->attempt_ctx, &fact);
}

static void
attempt_free(struct attempt *a)
{
    hold_release(&a->hold);
    error_clear(&a->err);
    error_clear(&a->said);
    arena_release(&a->arena);
    free(a);
}

static void
run_fail(struct run *r, struct error *err)
{
    if (!r->failed) {
        r->failed = true;
        error_move(&r->err, err);
    } else {
        error_clear(err);
    }
}

/* With the lock held. */
static void
attempt_start(struct run *r, struct stage_launch *at, uint32_t worker)
{
    stage_core_began(&r->core, at, worker, env_mono_ns(r->ws->env));
    struct attempt *a = calloc(1, sizeof *a);
    if (a == NULL) {
        struct error err = {0};
        error_set(&err, ERROR_RESOURCE, "no memory for one more task");
        workers_give(r->ws, r->id, &r->slot, worker);
        run_fail(r, &err);
        return;
    }
    const struct stage *stage = &r->req->list->stages[at->stage];
    const bool last = at->stage + 1 == r->req->list->count;
    a->run = r;
    a->at = *at;
    a->worker = worker;
    a->life = r->ws->items[worker]->life;
    arena_init(&a->arena, NULL);
    hold_init(&a->hold, r->s->env, r->s->hold_dir);
    a->task = *r->req->task;
    a->task.id.stage = at->stage;
    a->task.id.partition = at->task;
    a->task.id.attempt = at->attempt;
    a->task.plan = stage->plan;
    a->task.is_share = true;
    a->task.wants_rows = last && a->task.wants_rows;
    inputs_set(r, a);
    atomic_store(&a->progress.event_micros_max, INT64_MIN);
    a->next = r->attempts;
    r->attempts = a;
    r->facts->attempts += at->attempt > 0;
    attempt_tell(r, a, ATTEMPT_MARK_BEGAN, NULL);
    if (!thread_start(&a->thread, "attempt", attempt_main, a)) {
        r->attempts = a->next;
        struct error err = {0};
        error_set(&err, ERROR_RESOURCE, "no thread for one more task");
        workers_give(r->ws, r->id, &r->slot, worker);
        attempt_free(a);
        run_fail(r, &err);
    }
}

/* ---- what ended ---- */

static void
progress_add(struct run *r, const struct attempt *a)
{
    struct exec_progress *to = r->progress;
    const struct exec_progress *from = &a->progress;
    struct exec_stage *line =
        &to->stages[a->at.stage < EXEC_STAGE_MAX ? a->at.stage : EXEC_STAGE_MAX - 1];
    const uint32_t n = atomic_load(&from->stage_count);
    for (uint32_t i = 0; i < n && i < EXEC_STAGE_MAX; i++) {
        atomic_fetch_add(&line->rows_in, atomic_load(&from->stages[i].rows_in));
        atomic_fetch_add(&line->bytes_read, atomic_load(&from->stages[i].bytes_read));
        atomic_fetch_add(&line->time_ns, atomic_load(&from->stages[i].time_ns));
    }
    atomic_fetch_add(&line->rows_out, a->rows);
    atomic_fetch_add(&line->task_done, 1);
    const struct stage_state *s = &r->core.stages[a->at.stage];
    atomic_store(&line->done, s->done == s->count);
    const int64_t event = atomic_load(&from->event_micros_max);
    if (event > atomic_load(&to->event_micros_max)) {
        atomic_store(&to->event_micros_max, event);
    }
    atomic_fetch_add(&to->late_rows, atomic_load(&from->late_rows));
    atomic_fetch_add(&to->state_rows, atomic_load(&from->state_rows));
    atomic_fetch_add(&to->state_rows_updated, atomic_load(&from->state_rows_updated));
    atomic_fetch_add(&to->state_rows_removed, atomic_load(&from->state_rows_removed));
    atomic_fetch_add(&to->state_bytes, atomic_load(&from->state_bytes));
}

/* The twin of an attempt that counts, or all when everything is to end. */
static void
attempts_cancel(struct run *r, const struct attempt *winner)
{
    for (struct attempt *a = r->attempts; a != NULL; a = a->next) {
        if (winner == NULL ||
            (a != winner && a->at.stage == winner->at.stage && a->at.task == winner->at.task)) {
            atomic_store(&a->cancel, true);
        }
    }
}

static bool
attempt_succeeded(struct run *r, struct attempt *a)
{
    /* What it wrote lies with its worker: of another life, it is gone. */
    const bool last = a->at.stage + 1 == r->core.count;
    if (!last && r->ws->items[a->worker]->life != a->life) {
        error_set(&a->err, ERROR_UNAVAILABLE, "the worker died after the attempt");
        return false;
    }
    if (!stage_core_commit(&r->core, a->at.stage, a->at.task, a->at.attempt, a->worker,
                           env_mono_ns(r->ws->env))) {
        attempt_tell(r, a, ATTEMPT_MARK_LATE, NULL);
        attempt_free(a);
        return true;
    }
    attempts_cancel(r, a);
    progress_add(r, a);
    attempt_tell(r, a, ATTEMPT_MARK_DONE, NULL);
    r->facts->peak_bytes =
        a->peak_bytes > r->facts->peak_bytes ? a->peak_bytes : r->facts->peak_bytes;
    if (last) {
        r->facts->rows += a->rows;
        r->answers[a->at.task] = a;
    } else {
        attempt_free(a);
    }
    return true;
}

static void
attempt_failed(struct run *r, struct attempt *a)
{
    enum error_kind why = a->err.kind;
    const bool lost = why == ERROR_UNAVAILABLE;
    /* With an errno it is the connection that broke; without one the worker itself said so. */
    if (lost && !a->lost.is_set && a->err.code != 0) {
        workers_broken(r->ws, a->worker, a->life, a->err.code == ECONNREFUSED);
    } else if (!lost && why != ERROR_CANCELLED) {
        workers_failed(r->ws, a->worker);
    }
    /* Cancelled because its twin was first, or by a worker that ends: no verdict on the task. */
    const bool void_twin = stage_core_is_done(&r->core, a->at.stage, a->at.task);
    if (why == ERROR_CANCELLED && !atomic_load(r->cancel) && !r->failed && !void_twin) {
        why = ERROR_UNAVAILABLE;
    }
    attempt_tell(r, a,
                 void_twin ? ATTEMPT_MARK_LATE
                 : lost    ? ATTEMPT_MARK_LOST
                           : ATTEMPT_MARK_FAILED,
                 error_text(&a->err));
    if (r->listener->lost != NULL && lost && !r->failed) {
        r->listener->lost(r->listener->ctx, &a->task.id, error_text(&a->err));
    }
    const enum attempt_next next =
        stage_core_end(&r->core, a->at.stage, a->at.task, a->at.attempt, why);
    bool ok = next != NEXT_GIVE_UP || void_twin;
    if (a->lost.is_set && !stage_core_lost(&r->core, a->lost.stage, a->lost.map, a->lost.epoch)) {
        ok = false;
    }
    if (!ok) {
        run_fail(r, &a->err);
    }
    attempt_free(a);
}

/* With the lock held. True: something was there. */
static bool
reap(struct run *r)
{
    bool any = false;
    for (struct attempt **at = &r->attempts; *at != NULL;) {
        struct attempt *a = *at;
        if (!a->finished) {
            at = &a->next;
            continue;
        }
        *at = a->next;
        any = true;
        mutex_unlock(&r->ws->lock);
        pthread_join(a->thread, NULL);
        mutex_lock(&r->ws->lock);
        workers_give(r->ws, r->id, &r->slot, a->worker);
        if (!a->ok || !attempt_succeeded(r, a)) {
            attempt_failed(r, a);
        }
        at = &r->attempts; /* the list may have moved while the lock was open */
    }
    return any;
}

static void
deaths_take(struct run *r)
{
    for (uint32_t i = 0; i < r->ws->count; i++) {
        if (r->ws->items[i]->life != r->lives[i]) {
            r->lives[i] = r->ws->items[i]->life;
            if (!stage_core_worker_gone(&r->core, i) && !r->failed) {
                struct error err = {0};
                error_set(&err, ERROR_UNAVAILABLE, "too many outputs of the query were lost");
                run_fail(r, &err);
            }
        }
    }
}

/* With the lock held: what may start is started while there is room. */
static void
launch(struct run *r)
{
    struct stage_launch next;
    bool waits = false, any_running = r->attempts != NULL;
    while (!r->failed && stage_core_next(&r->core, env_mono_ns(r->ws->env), &next)) {
        const struct stage *stage = &r->req->list->stages[next.stage];
        struct place_wants place = {.cores = r->slot.cores, .avoid = next.avoid_worker, .only = -1};
        if (stage->is_pinned) { /* what it touches is on the driver's own node */
            place.only = workers_near(r->ws);
        }
        const int32_t worker = workers_take(r->ws, r->id, &r->slot, &place, NULL);
        if (worker < 0) {
            waits = !next.is_copy;
            if (next.is_copy) {
                queue_core_rest(&r->ws->queues, r->id);
            }
            break;
        }
        attempt_start(r, &next, (uint32_t)worker);
        any_running = true;
    }
    if (!waits) {
        queue_core_rest(&r->ws->queues, r->id);
    }
    const int64_t now = env_mono_ns(r->ws->env);
    r->stuck_since_ns = waits && !any_running ? r->stuck_since_ns : now;
    if (now - r->stuck_since_ns > NO_WORKER_NS && !r->failed && r->ws->queues.cores == 0) {
        struct error err = {0};
        error_set(&err, ERROR_UNAVAILABLE, "no worker has been there for a minute");
        run_fail(r, &err);
    }
}

/* ---- the answer ---- */

/* Hands on what is committed and next in order. Without the lock. */
static bool
answers_hand_on(struct run *r, struct error *err)
{
    const uint32_t tasks = r->core.stages[r->core.count - 1].count;
    while (r->handed_on < tasks && r->answers[r->handed_on] != NULL) {
        struct attempt *a = r->answers[r->handed_on];
        if (r->listener->batch != NULL &&
            !hold_each(&a->hold, r->listener->batch, r->listener->ctx, err)) {
            return false;
        }
        hold_clear(&a->hold);
        r->handed_on++;
    }
    return true;
}

static void
progress_begin(struct run *r)
{
    struct exec_progress *p = r->progress;
    const uint32_t n = r->req->list->count < EXEC_STAGE_MAX ? r->req->list->count : EXEC_STAGE_MAX;
    atomic_store(&p->stage_count, 0);
    atomic_store(&p->event_micros_max, INT64_MIN);
    for (uint32_t i = 0; i < n; i++) {
        struct exec_stage *s = &p->stages[i];
        memset(s, 0, sizeof *s);
        struct buffer text = {0};
        rel_put_tree(&text, r->req->list->stages[i].plan);
        snprintf(s->name, sizeof s->name, "Stage %u: %.*s", i,
                 (int)strcspn(buffer_text(&text), "\n"), buffer_text(&text));
        buffer_release(&text);
        atomic_store(&s->task_count, r->req->list->stages[i].tasks);
        atomic_store(&s->started, true);
    }
    atomic_store(&p->stage_count, n);
}

/* Until all is done, or all attempts of a failed query have ended. */
static void
run_loop(struct run *r)
{
    mutex_lock(&r->ws->lock);
    for (;;) {
        deaths_take(r);
        const bool any = reap(r);
        if (atomic_load(r->cancel) && !r->failed) {
            struct error err = {0};
            error_set(&err, ERROR_CANCELLED, "the operation was cancelled");
            run_fail(r, &err);
        }
        const bool over = r->failed || stage_core_complete(&r->core);
        if (over) {
            queue_core_rest(&r->ws->queues, r->id);
            attempts_cancel(r, NULL);
            if (r->attempts == NULL) {
                break;
            }
        } else {
            launch(r);
        }
        struct error err = {0};
        mutex_unlock(&r->ws->lock);
        const bool ok = r->failed || answers_hand_on(r, &err);
        mutex_lock(&r->ws->lock);
        if (!ok) {
            run_fail(r, &err);
        }
        bool news = any;
        for (const struct attempt *a = r->attempts; a != NULL; a = a->next) {
            news |= a->finished;
        }
        if (!news) {
            cond_wait_until(&r->ws->changed, &r->ws->lock, env_mono_ns(r->ws->env) + TICK_NS);
        }
    }
    mutex_unlock(&r->ws->lock);
}

/* The workers may forget the query's files. Who is not there has forgotten them. */
static void
query_end(struct run *r)
{
    struct buffer out = {0}, reply = {0};
    buffer_lentext(&out, r->req->task->id.query);
    for (uint32_t i = 0; i < r->ws->count; i++) {
        mutex_lock(&r->ws->lock);
        const bool there = r->ws->items[i]->usable;
        mutex_unlock(&r->ws->lock);
        struct error ignored = {0};
        if (there) {
            frame_call(r->ws->items[i]->client, WIRE_QUERY_END, out.ptr, out.len, &reply, 2000,
                       &ignored);
        }
        error_clear(&ignored);
    }
    buffer_release(&out);
    buffer_release(&reply);
}

static bool
run_begin(struct run *r, struct error *err)
{
    const struct stages_request *req = r->req;
    mutex_lock(&r->ws->lock);
    r->id = ++r->ws->last_query;
    const int32_t queue =
        queue_core_queue(&r->ws->queues, req->queue != NULL ? req->queue : "default");
    const bool entered = queue >= 0 && queue_core_enter(&r->ws->queues, r->id, (uint32_t)queue);
    workers_slot(r->ws, &r->slot);
    for (uint32_t i = 0; i < r->ws->count; i++) {
        r->lives[i] = r->ws->items[i]->life;
    }
    mutex_unlock(&r->ws->lock);
    return entered || error_set(err, ERROR_RESOURCE, "too many queries or scheduler pools at once");
}

bool
sched_run_stages(struct sched *s, const struct stages_request *req, struct exec_progress *progress,
                 _Atomic bool *cancel, const struct sched_listener *listener,
                 struct sched_facts *facts, struct error *err)
{
    struct run *r = calloc(1, sizeof *r);
    if (r == NULL) {
        return error_set(err, ERROR_RESOURCE, "no memory to run a query");
    }
    *facts = (struct sched_facts){.attempts = 1};
    r->s = s;
    r->ws = s->workers;
    r->req = req;
    r->progress = progress;
    r->cancel = cancel;
    r->listener = listener;
    r->facts = facts;
    r->stuck_since_ns = env_mono_ns(s->env);
    arena_init(&r->arena, NULL);
    const uint32_t tasks = req->list->stages[req->list->count - 1].tasks;
    bool *speculates = arena_new_array(&r->arena, bool, req->list->count + 1);
    for (uint32_t i = 0; i < req->list->count; i++) {
        const struct stage *stage = &req->list->stages[i];
        speculates[i] = !stage->is_pinned && !exec_needs_python(stage->plan);
    }
    r->answers = arena_new_array(&r->arena, struct attempt *, tasks + 1);
    stage_core_init(&r->core, &r->arena, req->list, speculates);
    progress_begin(r);
    workers_watch(r->ws);
    bool ok = run_begin(r, err);
    if (ok) {
        run_loop(r);
        query_end(r);
        mutex_lock(&r->ws->lock);
        queue_core_leave(&r->ws->queues, r->id);
        mutex_unlock(&r->ws->lock);
        ok = !r->failed && answers_hand_on(r, err);
        if (r->failed) {
            error_move(err, &r->err);
        }
    }
    for (uint32_t t = 0; t < tasks; t++) {
        if (r->answers[t] != NULL) {
            attempt_free(r->answers[t]);
        }
    }
    error_clear(&r->err);
    arena_release(&r->arena);
    free(r);
    return ok;
}
