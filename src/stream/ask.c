/* What clients ask of a query: its name, status, progress, and to wait for its end. */
#include <stdlib.h>
#include <string.h>

#include "base/thread.h"
#include "stream/internal.h"
#include "stream/queries.h"

enum { WAIT_SLICE_MS = 50 };

const char *
stream_query_id(const struct stream_query *q)
{
    return q->id;
}

const char *
stream_query_run_id(const struct stream_query *q)
{
    return q->run_id;
}

const char *
stream_query_name(const struct stream_query *q)
{
    return q->name;
}

void
stream_query_status(struct stream_query *q, struct arena *a, struct stream_status *out)
{
    (void)a;
    mutex_lock(&q->lock);
    *out =
        (struct stream_status){q->message, q->is_data_available, q->is_trigger_active, !q->ended};
    mutex_unlock(&q->lock);
}

uint32_t
stream_query_progress(struct stream_query *q, struct arena *a, const char ***out)
{
    *out = arena_new_array(a, const char *, q->progress_kept);
    uint32_t count = 0;
    mutex_lock(&q->lock);
    for (uint32_t i = 0; i < q->progress_kept; i++) {
        const char *json = q->progress[(q->progress_next + i) % q->progress_kept];
        if (json != NULL) {
            (*out)[count++] = arena_strdup(a, json);
        }
    }
    mutex_unlock(&q->lock);
    return count;
}

bool
stream_query_exception(struct stream_query *q, struct error *out)
{
    mutex_lock(&q->lock);
    const bool failed = error_is_set(&q->error);
    if (failed) {
        error_raise(out, "STREAM_FAILED", "id", q->id, "runId", q->run_id, "message",
                    error_text(&q->error), NULL);
    }
    mutex_unlock(&q->lock);
    return failed;
}

void
stream_query_explain(struct stream_query *q, bool extended, struct buffer *out)
{
    (void)extended;
    buffer_puts(out, "== Physical Plan ==\n");
    rel_put_tree(out, q->plan);
}

/* Waits in slices, so that a cancel is seen; done is asked under the query's lock. */
static bool
wait_until(struct stream_query *q, int64_t timeout_ms, const _Atomic bool *cancel,
           bool (*done)(const struct stream_query *q, const void *ctx), const void *ctx)
{
    const int64_t deadline_ns =
        timeout_ms >= 0 ? env_mono_ns(&env_real) + timeout_ms * 1000000 : INT64_MAX;
    mutex_lock(&q->lock);
    bool reached = done(q, ctx);
    while (!reached && (cancel == NULL || !atomic_load(cancel)) &&
           env_mono_ns(&env_real) < deadline_ns) {
        const int64_t slice_ns = env_mono_ns(&env_real) + (int64_t)WAIT_SLICE_MS * 1000000;
        cond_wait_until(&q->changed, &q->lock, slice_ns < deadline_ns ? slice_ns : deadline_ns);
        reached = done(q, ctx);
    }
    mutex_unlock(&q->lock);
    return reached;
}

static bool
is_over(const struct stream_query *q, const void *ctx)
{
    (void)ctx;
    return q->ended;
}

bool
stream_query_await(struct stream_query *q, int64_t timeout_ms, const _Atomic bool *cancel,
                   bool *terminated, struct error *err)
{
    *terminated = wait_until(q, timeout_ms, cancel, is_over, NULL);
    return !(*terminated && stream_query_exception(q, err));
}

static bool
was_idle_since(const struct stream_query *q, const void *ctx)
{
    return q->ended || q->idle_rounds > *(const uint64_t *)ctx;
}

bool
stream_query_process_all(struct stream_query *q, const _Atomic bool *cancel, struct error *err)
{
    mutex_lock(&q->lock);
    const uint64_t begun = q->rounds_begun;
    mutex_unlock(&q->lock);
    wait_until(q, -1, cancel, was_idle_since, &begun);
    return !stream_query_exception(q, err);
}

/* An ended query of the session that awaitAnyTermination has not reported; retained. */
static struct stream_query *
terminated_one(struct stream_manager *m, struct session *session)
{
    struct stream_query *found = NULL;
    for (struct stream_query *q = m->queries; q != NULL && found == NULL; q = q->next) {
        mutex_lock(&q->lock);
        if (q->ended && q->counted_terminated && query_is_seen(q, session)) {
            stream_query_retain(q);
            found = q;
        }
        mutex_unlock(&q->lock);
    }
    return found;
}

bool
stream_await_any(struct stream_manager *m, struct session *session, int64_t timeout_ms,
                 const _Atomic bool *cancel, bool *terminated, struct error *err)
{
    const int64_t deadline_ns =
        timeout_ms >= 0 ? env_mono_ns(&env_real) + timeout_ms * 1000000 : INT64_MAX;
    mutex_lock(&m->lock);
    struct stream_query *q = terminated_one(m, session);
    while (q == NULL && (cancel == NULL || !atomic_load(cancel)) &&
           env_mono_ns(&env_real) < deadline_ns) {
        const int64_t slice_ns = env_mono_ns(&env_real) + (int64_t)WAIT_SLICE_MS * 1000000;
        cond_wait_until(&m->changed, &m->lock, slice_ns < deadline_ns ? slice_ns : deadline_ns);
        q = terminated_one(m, session);
    }
    mutex_unlock(&m->lock);
    *terminated = q != NULL;
    if (q == NULL) {
        return true;
    }
    const bool failed = stream_query_exception(q, err);
    stream_query_release(q);
    return !failed;
}

void
stream_reset_terminated(struct stream_manager *m, struct session *session)
{
    mutex_lock(&m->lock);
    for (struct stream_query *q = m->queries; q != NULL; q = q->next) {
        if (query_is_seen(q, session)) {
            mutex_lock(&q->lock);
            q->counted_terminated = false;
            mutex_unlock(&q->lock);
        }
    }
    mutex_unlock(&m->lock);
}

const char *
stream_query_started_json(struct stream_query *q, struct arena *a)
{
    return arena_strdup(a, q->started_json);
}

static const char *
trigger_name(const struct stream_query *q)
{
    switch (q->trigger) {
    case TRIGGER_INTERVAL:
        return "interval";
    case TRIGGER_ONCE:
        return "once";
    case TRIGGER_AVAILABLE_NOW:
        return "available now";
    default:
        return "as soon as possible";
    }
}

static void
put_text(struct buffer *json, const char *key, const char *text)
{
    buffer_printf(json, ",\"%s\":", key);
    buffer_json_string(json, text, strlen(text));
}

/* The query's lock is held. */
static void
put_query(struct buffer *json, struct stream_query *q)
{
    const struct batch_figures *f = &q->last;
    const double seconds = (double)f->trigger_ns / 1e9, between = (double)f->interval_ns / 1e9;
    const bool failed = error_is_set(&q->error);
    const char *last = q->progress[(q->progress_next + q->progress_kept - 1) % q->progress_kept];
    buffer_printf(json, "{\"id\":\"%s\"", q->id);
    put_text(json, "name", q->name != NULL ? q->name : "");
    put_text(json, "state",
             failed                 ? "failed"
             : q->ended             ? "stopped"
             : q->is_trigger_active ? "running"
                                    : "waiting");
    put_text(json, "trigger", trigger_name(q));
    put_text(json, "sink", q->sink.description != NULL ? q->sink.description : "");
    put_text(json, "error", error_text(&q->error));
    buffer_printf(json, ",\"resumed\":%s,\"batch\":%lld,\"batch_rows\":%lld,\"batch_ms\":%lld",
                  q->resumed ? "true" : "false", (long long)f->batch_id, (long long)f->rows,
                  (long long)(f->trigger_ns / 1000000));
    buffer_printf(json, ",\"input_rows_per_s\":%.1f,\"processed_rows_per_s\":%.1f",
                  between > 0 ? (double)f->rows / between : 0.0,
                  seconds > 0 ? (double)f->rows / seconds : 0.0);
    buffer_printf(json,
                  ",\"state_rows\":%llu,\"watermark_ms\":%lld,\"dropped_rows\":%llu,"
                  "\"progress\":%s}",
                  (unsigned long long)q->last_state_rows, (long long)f->watermark_ms,
                  (unsigned long long)atomic_load(&q->dropped_rows), last != NULL ? last : "null");
}

void
stream_put_queries(struct stream_manager *m, struct buffer *json)
{
    mutex_lock(&m->lock);
    buffer_puts(json, "[");
    bool first = true;
    for (struct stream_query *q = m->queries; q != NULL; q = q->next) {
        mutex_lock(&q->lock);
        buffer_puts(json, first ? "" : ",");
        put_query(json, q);
        first = false;
        mutex_unlock(&q->lock);
    }
    buffer_puts(json, "]");
    mutex_unlock(&m->lock);
}
