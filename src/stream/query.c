/*
 * A query's life on its thread: round after round asks the sources what is new, writes the offsets,
 * runs the batch, commits.
 *
 * A batch that fails because a process of ours died is run again with the same offsets; any other
 * failure ends the query with its error.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/thread.h"
#include "base/trace.h"
#include "stream/internal.h"

enum {
    IDLE_POLL_MS = 50,
    RETRY_POLL_MS = 200,
    RETRIES_MAX = 300,
};

static int64_t
now_ns(const struct stream_query *q)
{
    return env_mono_ns(q->checkpoint.env);
}

/* Sleeps until the deadline or until somebody asks to stop. True: go on. */
static bool
pause_until(struct stream_query *q, int64_t deadline_ns)
{
    mutex_lock(&q->lock);
    while (!q->stop && cond_wait_until(&q->changed, &q->lock, deadline_ns)) {
    }
    const bool go_on = !q->stop;
    mutex_unlock(&q->lock);
    return go_on;
}

static bool
stopped(struct stream_query *q)
{
    mutex_lock(&q->lock);
    const bool stop = q->stop;
    mutex_unlock(&q->lock);
    return stop;
}

static void
status_set(struct stream_query *q, const char *message, bool data, bool active)
{
    mutex_lock(&q->lock);
    q->message = message;
    q->is_data_available = data;
    q->is_trigger_active = active;
    mutex_unlock(&q->lock);
}

static bool
same_text(const char *x, const char *y)
{
    const bool none_x = x == NULL || strcmp(x, "-") == 0, none_y = y == NULL || strcmp(y, "-") == 0;
    return none_x || none_y ? none_x && none_y : strcmp(x, y) == 0;
}

static void
ends_keep(struct stream_query *q, const char *const *ends)
{
    for (uint32_t i = 0; i < q->source_count; i++) {
        char *copy = strdup(ends[i] != NULL ? ends[i] : "-");
        free((char *)q->ends[i]);
        q->ends[i] = copy;
    }
}

/* Runs a batch whose offsets are durable, and commits it. */
static bool
batch_run(struct stream_query *q, struct arena *a, const struct batch_offsets *b,
          struct batch_figures *f, struct error *err)
{
    const int64_t begin_ns = now_ns(q);
    for (uint32_t i = 0; i < q->source_count; i++) {
        f->starts[i] =
            q->ends[i] != NULL ? arena_strdup(a, q->ends[i]) : NULL; /* the commit frees it */
        f->ends[i] = b->ends[i];
    }
    struct rel *plan = batch_plan(q, a, q->ends, b->ends, b->batch_id, b->watermark_ms,
                                  q->watermark_ms_late, f->source_rows, err);
    if (plan == NULL) {
        return false;
    }
    f->plan_ns = now_ns(q) - begin_ns;
    atomic_store(&q->execution.cancel, false);
    atomic_store(&q->execution.progress.event_micros_max, INT64_MIN);
    atomic_store(&q->execution.progress.late_rows, 0);
    atomic_store(&q->execution.progress.state_rows, 0);
    atomic_store(&q->execution.progress.state_rows_updated, 0);
    atomic_store(&q->execution.progress.state_rows_removed, 0);
    atomic_store(&q->execution.progress.state_bytes, 0);
    struct sink_batch batch = {
        .id = b->batch_id, .plan = plan, .arena = a, .execution = &q->execution};
    if (stopped(q)) {
        return error_set(err, ERROR_CANCELLED, "the query was stopped");
    }
    if (!q->sink.ops->write(&q->sink, &batch, err)) {
        return false;
    }
    f->write_ns = now_ns(q) - begin_ns - f->plan_ns;
    f->event_max_micros = atomic_load(&q->execution.progress.event_micros_max);
    f->late_rows = atomic_load(&q->execution.progress.late_rows);
    q->dropped_rows += f->late_rows; /* one thread counts; the page reads */
    f->rows_out = batch.rows;
    f->watermark_ms = b->watermark_ms;
    int64_t next_ms = b->watermark_ms;
    if (q->has_watermark && f->event_max_micros != INT64_MIN) {
        const int64_t seen_ms = (f->event_max_micros - q->delay_micros) / 1000;
        next_ms = seen_ms > next_ms ? seen_ms : next_ms;
    }
    const int64_t commit_begin_ns = now_ns(q);
    if (!checkpoint_write_commit(&q->checkpoint, b->batch_id, next_ms, q->dropped_rows, err)) {
        return false;
    }
    f->commit_ns = now_ns(q) - commit_begin_ns;
    q->watermark_ms_late = b->watermark_ms;
    q->watermark_ms = next_ms;
    q->next_batch = b->batch_id + 1;
    ends_keep(q, b->ends);
    return true;
}

/* What the commit left unsaid, read back: where the next batch begins and whether one is open. */
static bool
recover(struct stream_query *q, struct arena *a, struct batch_offsets *open, bool *has_open,
        struct error *err)
{
    int64_t offsets, commits;
    *has_open = false;
    if (!q->sink.ops->recover(&q->sink, err) ||
        !checkpoint_latest(&q->checkpoint, &offsets, &commits, err)) {
        return false;
    }
    struct batch_offsets last = {0};
    uint64_t dropped = 0;
    if (commits >= 0) {
        if (!checkpoint_read_offsets(&q->checkpoint, a, commits, &last, err) ||
            !checkpoint_read_commit(&q->checkpoint, commits, &q->watermark_ms, &dropped, err)) {
            return false;
        }
        q->watermark_ms_late = last.watermark_ms;
        atomic_store(&q->dropped_rows, dropped);
    }
    if (commits >= 0 && last.source_count != q->source_count) {
        return error_set(err, ERROR_ANALYSIS,
                         "the checkpoint is of a query with %u sources, this one has %u",
                         last.source_count, q->source_count);
    }
    ends_keep(q, last.ends);
    q->next_batch = commits + 1;
    if (offsets > commits) {
        *has_open = true;
        if (!checkpoint_read_offsets(&q->checkpoint, a, offsets, open, err)) {
            return false;
        }
        return open->source_count == q->source_count ||
               error_set(err, ERROR_ANALYSIS, "the checkpoint is of another query");
    }
    return true;
}

/* Asks every source; true in *fresh if one has something new. */
static bool
latest(struct stream_query *q, struct arena *a, bool limited, struct batch_offsets *b, bool *fresh,
       struct error *err)
{
    *fresh = false;
    b->source_count = q->source_count;
    for (uint32_t i = 0; i < q->source_count; i++) {
        struct stream_source *s = &q->sources[i];
        const char *start = same_text(q->ends[i], NULL) ? NULL : q->ends[i];
        if (!s->ops->latest(s, a, start, limited, &b->ends[i], err)) {
            return false;
        }
        *fresh |= !same_text(b->ends[i], q->ends[i]);
    }
    return true;
}

/* Sources that count say how many rows a batch had; for files it is what the scans read. */
static int64_t
total_rows(const struct stream_query *q, const struct batch_figures *f)
{
    int64_t rows = 0;
    bool known = true;
    for (uint32_t i = 0; i < q->source_count; i++) {
        rows += f->source_rows[i] > 0 ? f->source_rows[i] : 0;
        known &= f->source_rows[i] >= 0;
    }
    const struct exec_progress *p = &q->execution.progress;
    if (!known && atomic_load(&p->stage_count) > 0) {
        rows += (int64_t)atomic_load(&p->stages[0].rows_in);
    }
    return rows;
}

/* A batch with all its retries. */
static bool
batch_whole(struct stream_query *q, struct arena *a, const struct batch_offsets *b,
            struct batch_figures *f, struct error *err)
{
    const int64_t begin_ns = now_ns(q);
    f->batch_id = b->batch_id;
    f->started_ms = env_wall_ms(q->checkpoint.env);
    for (int tries = 0;; tries++) {
        struct error why = {0};
        if (batch_run(q, a, b, f, &why)) {
            break;
        }
        if (why.kind != ERROR_UNAVAILABLE || tries == RETRIES_MAX) {
            error_move(err, &why);
            return false;
        }
        trace(TRACE_WARN, "stream", "batch %" PRId64 " of query %s is run again: %s", b->batch_id,
              q->id, error_text(&why));
        error_clear(&why);
        if (!pause_until(q, now_ns(q) + (int64_t)RETRY_POLL_MS * 1000000)) {
            return error_set(err, ERROR_CANCELLED, "the query was stopped");
        }
    }
    f->trigger_ns = now_ns(q) - begin_ns + f->latest_ns;
    f->rows = total_rows(q, f);
    mutex_lock(&q->lock);
    q->last = *f;
    q->last_state_rows = atomic_load(&q->execution.progress.state_rows);
    mutex_unlock(&q->lock);
    progress_add(q, f);
    checkpoint_trim(&q->checkpoint, b->batch_id, q->state_count);
    return true;
}

/* One round: a batch if there is something to do. *ran tells. */
static bool
round_run(struct stream_query *q, bool limited, bool *ran, int64_t *last_start_ns,
          struct error *err)
{
    struct arena arena;
    arena_init(&arena, NULL);
    mutex_lock(&q->lock);
    const uint64_t round = ++q->rounds_begun;
    mutex_unlock(&q->lock);
    status_set(q, "Getting offsets", false, true);
    struct batch_figures f = {.event_max_micros = INT64_MIN};
    struct batch_offsets b = {.batch_id = q->next_batch,
                              .watermark_ms = q->watermark_ms,
                              .timestamp_ms = env_wall_ms(q->checkpoint.env)};
    const int64_t begin_ns = now_ns(q);
    bool fresh = false;
    bool ok = latest(q, &arena, limited, &b, &fresh, err);
    f.latest_ns = now_ns(q) - begin_ns;
    /* A watermark that moved closes windows even when nothing new has come. */
    const bool closing =
        q->no_data_batches && q->state_count > 0 && q->watermark_ms > q->watermark_ms_late;
    *ran = ok && (fresh || closing);
    if (*ran) {
        status_set(q, "Processing new data", true, true);
        f.interval_ns = *last_start_ns > 0 ? begin_ns - *last_start_ns : 0;
        *last_start_ns = begin_ns;
        ok = checkpoint_write_offsets(&q->checkpoint, &b, err) &&
             batch_whole(q, &arena, &b, &f, err);
    } else if (ok) {
        status_set(q, "Waiting for data to arrive", false, false);
        mutex_lock(&q->lock);
        q->idle_rounds = round;
        pthread_cond_broadcast(&q->changed);
        mutex_unlock(&q->lock);
    }
    arena_release(&arena);
    return ok;
}

static bool
reopen(struct stream_query *q, struct error *err)
{
    struct arena arena;
    arena_init(&arena, NULL);
    struct batch_offsets open;
    bool has_open;
    bool ok = recover(q, &arena, &open, &has_open, err);
    if (ok && has_open) {
        struct batch_figures f = {.event_max_micros = INT64_MIN};
        status_set(q, "Processing new data", true, true);
        ok = batch_whole(q, &arena, &open, &f, err);
    }
    arena_release(&arena);
    return ok;
}

static bool
is_passing(const struct error *err)
{
    return err->kind == ERROR_UNAVAILABLE;
}

static bool
query_run(struct stream_query *q, struct error *err)
{
    if (!reopen(q, err)) {
        return false;
    }
    int64_t last_start_ns = 0;
    const bool bounded = q->trigger == TRIGGER_ONCE || q->trigger == TRIGGER_AVAILABLE_NOW;
    const bool limited = q->trigger != TRIGGER_ONCE;
    while (!stopped(q)) {
        const int64_t begin_ns = now_ns(q);
        bool ran = false;
        struct error why = {0};
        if (!round_run(q, limited, &ran, &last_start_ns, &why)) {
            if (!is_passing(&why)) {
                error_move(err, &why);
                return false;
            }
            error_clear(&why);
            pause_until(q, now_ns(q) + (int64_t)RETRY_POLL_MS * 1000000);
            continue;
        }
        if (bounded && !ran) {
            return true;
        }
        if (q->trigger == TRIGGER_INTERVAL) {
            status_set(q, "Waiting for next trigger", false, false);
            pause_until(q, begin_ns + q->interval_ms * 1000000);
        } else if (!ran) {
            pause_until(q, now_ns(q) + (int64_t)IDLE_POLL_MS * 1000000);
        }
    }
    return true;
}

void *
query_thread(void *ctx)
{
    struct stream_query *q = ctx;
    struct error err = {0};
    const bool ok = query_run(q, &err);
    const bool cancelled = err.kind == ERROR_CANCELLED;
    struct stream_manager *m = q->manager;
    /* After a failure the query is over for good; a program that is ending takes it up again. */
    mutex_lock(&m->lock);
    const bool closing = m->closing;
    mutex_unlock(&m->lock);
    if (!closing) {
        registry_drop(q);
    }
    mutex_lock(&q->lock);
    if (!ok && !cancelled) {
        error_move(&q->error, &err);
    }
    q->message = "Stopped";
    q->is_data_available = q->is_trigger_active = false;
    struct buffer event = {0};
    event_terminated_put(&event, q);
    mutex_unlock(&q->lock);
    manager_event(m, q, STREAM_EVENT_TERMINATED, buffer_text(&event));
    buffer_release(&event);
    error_clear(&err);

    mutex_lock(&m->lock);
    mutex_lock(&q->lock);
    q->ended = true;
    q->counted_terminated = true;
    pthread_cond_broadcast(&q->changed);
    mutex_unlock(&q->lock);
    pthread_cond_broadcast(&m->changed);
    mutex_unlock(&m->lock);
    stream_query_release(q);
    return NULL;
}
