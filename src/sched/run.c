/*
 * One task to its committed end.
 *
 * The loop: begin an attempt, send it, hold its batches, and when its last reply comes ask the
 * attempt table whether it counts. A broken connection is a lost attempt; the worker's supervisor
 * starts a new one within milliseconds, so the next try waits a little and connects again.
 */
#include "sched/run.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/trace.h"
#include "sched/attempt.h"
#include "sched/hold.h"
#include "sched/run_internal.h"
#include "sched/wire.h"

struct sched *
sched_new(struct env *env, const char *worker_address, const char *hold_dir)
{
    struct sched *s = calloc(1, sizeof *s);
    if (s == NULL) {
        return NULL;
    }
    s->env = env;
    s->worker = frame_client_new(worker_address);
    s->workers = workers_new(env);
    s->hold_dir = strdup(hold_dir);
    return s;
}

void
sched_free(struct sched *s)
{
    if (s != NULL) {
        frame_client_free(s->worker);
        workers_free(s->workers);
        free(s->hold_dir);
        free(s);
    }
}

struct workers *
sched_workers(struct sched *s)
{
    return s->workers;
}

/* What one attempt's replies leave behind. */
struct replies {
    struct hold hold;
    struct exec_progress *progress;
    struct sched_facts *facts;
    struct error err;
};

static bool
on_reply(void *ctx, const struct frame *f)
{
    struct replies *r = ctx;
    struct reader in;
    reader_init(&in, f->payload);
    if (f->flags & FRAME_ERROR) {
        if (!error_is_set(&r->err)) {
            frame_get_error(&in, &r->err);
        }
        return true;
    }
    switch (f->type) {
    case WIRE_TASK_PROGRESS:
        task_progress_read(&in, r->progress);
        break;
    case WIRE_TASK_BATCH: {
        const uint64_t rows = reader_uvarint64(&in);
        const struct bytes batch = reader_take(&in, reader_left(&in));
        if (!error_is_set(&r->err) && !hold_add(&r->hold, batch.ptr, batch.len, rows, &r->err)) {
            return true; /* the error is kept; the last reply ends the call */
        }
        break;
    }
    case WIRE_TASK_DONE:
        r->facts->rows = reader_uvarint64(&in);
        r->facts->peak_bytes = reader_uvarint64(&in);
        reader_uvarint64(&in);
        task_progress_read(&in, r->progress);
        break;
    default:
        break;
    }
    return true;
}

static void
progress_reset(struct exec_progress *p)
{
    atomic_store(&p->stage_count, 0);
}

/* One attempt: true when its last reply said done. */
static bool
attempt_send(struct sched *s, const struct task *task, struct replies *r, _Atomic bool *cancel,
             struct error *err)
{
    struct buffer out = {0};
    task_write(&out, task);
    bool ok;
    if (out.overflow) {
        ok = error_set(err, ERROR_RESOURCE, "the plan is too large to be sent to a worker");
    } else {
        ok = frame_call_stream(s->worker, WIRE_TASK_START, out.ptr, out.len, on_reply, r, cancel,
                               WIRE_TASK_CANCEL, err);
    }
    buffer_release(&out);
    if (error_is_set(&r->err)) {
        /* What the worker itself said is nearer to the cause. */
        error_move(err, &r->err);
        ok = false;
    }
    return ok;
}

static void
pause_before_retry(uint32_t lost_count, _Atomic bool *cancel)
{
    const int steps = lost_count < 10 ? (int)lost_count * 2 : 20;
    for (int i = 0; i < steps && !atomic_load(cancel); i++) {
        nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
    }
}

bool
sched_run(struct sched *s, struct task *task, struct exec_progress *progress, _Atomic bool *cancel,
          bool (*before_attempt)(void *ctx, uint32_t attempt, struct error *err), void *before_ctx,
          const struct sched_listener *listener, struct sched_facts *facts, struct error *err)
{
    struct attempt_table table;
    attempt_init(&table);
    struct replies r = {.progress = progress, .facts = facts};
    hold_init(&r.hold, s->env, s->hold_dir);
    *facts = (struct sched_facts){0};
    bool done = false;
    while (!done) {
        const uint32_t attempt = attempt_begin(&table);
        task->id.attempt = attempt;
        facts->attempts = attempt + 1;
        hold_clear(&r.hold);
        progress_reset(progress);
        struct error why = {0};
        if ((before_attempt == NULL || before_attempt(before_ctx, attempt, &why)) &&
            attempt_send(s, task, &r, cancel, &why) && attempt_commit(&table, attempt)) {
            done = true;
            break;
        }
        if (atomic_load(cancel) && why.kind != ERROR_CANCELLED) {
            error_clear(&why);
            error_set(&why, ERROR_CANCELLED, "the operation was cancelled");
        }
        if (attempt_end(&table, attempt, why.kind) == NEXT_GIVE_UP) {
            error_move(err, &why);
            break;
        }
        trace(TRACE_WARN, "sched", "attempt %u of query %s was lost: %s", attempt, task->id.query,
              error_text(&why));
        if (listener->lost != NULL) {
            listener->lost(listener->ctx, &task->id, error_text(&why));
        }
        error_clear(&why);
        pause_before_retry(table.lost_count, cancel);
    }
    const bool ok = done && (listener->batch == NULL ||
                             hold_each(&r.hold, listener->batch, listener->ctx, err));
    hold_release(&r.hold);
    error_clear(&r.err);
    return ok;
}

bool
sched_worker_status(struct sched *s, struct buffer *json, struct error *err)
{
    struct buffer reply = {0};
    if (!frame_call(s->worker, WIRE_WORKER_STATUS, NULL, 0, &reply, 1000, err)) {
        buffer_release(&reply);
        return false;
    }
    struct reader in;
    reader_init(&in, (struct bytes){reply.ptr, reply.len});
    const uint64_t threads = reader_uvarint64(&in), used = reader_uvarint64(&in),
                   limit = reader_uvarint64(&in), running = reader_uvarint64(&in),
                   python = reader_uvarint64(&in);
    buffer_printf(json,
                  "{\"threads\":%llu,\"memory_used_bytes\":%llu,\"memory_limit_bytes\":%llu,"
                  "\"tasks_running\":%llu,\"python_workers\":%llu}",
                  (unsigned long long)threads, (unsigned long long)used, (unsigned long long)limit,
                  (unsigned long long)running, (unsigned long long)python);
    buffer_release(&reply);
    return true;
}
