/*
 * The group flush: one thread that makes everything durable and then says so.
 *
 * A log with new bytes puts itself at the end of the set's queue. The flusher takes the first,
 * syncs its unsynced segments without any lock held, moves the durable offset, and calls what
 * waited. While it syncs, appends gather for the next round: under load one sync serves hundreds of
 * requests, when idle it starts at once. A failed sync ends the process: what the page cache kept
 * after it cannot be known (ARCHITECTURE.md, "stop on doubt").
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/bug.h"
#include "base/thread.h"
#include "log/log_internal.h"

void
log_set_dirty(struct log *log)
{
    struct log_set *set = log->set;
    mutex_lock(&set->lock);
    if (!log->dirty) {
        log->dirty = true;
        log_retain(log);
        log->next_dirty = NULL;
        *(set->dirty_last != NULL ? &set->dirty_last->next_dirty : &set->dirty) = log;
        set->dirty_last = log;
        pthread_cond_signal(&set->work);
    }
    mutex_unlock(&set->lock);
}

static void
log_take_completions(struct log *log, struct flush_calls *calls, int64_t below)
{
    size_t n = 0;
    while (n < log->completion_count && log->completions[n].offset < below) {
        n++;
    }
    if (n == 0) {
        return;
    }
    calls->completions = malloc(n * sizeof *calls->completions);
    if (calls->completions == NULL) {
        abort();
    }
    memcpy(calls->completions, log->completions, n * sizeof *calls->completions);
    calls->completion_count = n;
    log->completion_count -= n;
    memmove(log->completions, log->completions + n,
            log->completion_count * sizeof *log->completions);
}

static void
log_take_waiters(struct log *log, struct flush_calls *calls, int64_t below)
{
    struct log_waiter **link = &log->waiters;
    while (*link != NULL) {
        struct log_waiter *w = *link;
        if (w->offset < below) {
            *link = w->next;
            w->state = WAITER_RUNNING;
            w->next = calls->waiters;
            calls->waiters = w;
        } else {
            link = &w->next;
        }
    }
}

/* Everything that waited for the watermark. */
void
log_take_visible(struct log *log, struct flush_calls *calls, int64_t below)
{
    size_t n = 0;
    while (n < log->commit_count && log->commits[n].offset < below) {
        n++;
    }
    if (n > 0) {
        calls->commits = malloc(n * sizeof *calls->commits);
        if (calls->commits == NULL) {
            abort();
        }
        memcpy(calls->commits, log->commits, n * sizeof *calls->commits);
        calls->commit_count = n;
        log->commit_count -= n;
        memmove(log->commits, log->commits + n, log->commit_count * sizeof *log->commits);
    }
    log_take_waiters(log, calls, below);
}

void
flush_calls_run(struct log *log, struct flush_calls *calls)
{
    for (size_t i = 0; i < calls->completion_count; i++) {
        calls->completions[i].done(calls->completions[i].ctx);
    }
    free(calls->completions);
    for (size_t i = 0; i < calls->commit_count; i++) {
        calls->commits[i].done(calls->commits[i].ctx, calls->committed);
    }
    free(calls->commits);
    while (calls->waiters != NULL) {
        struct log_waiter *w = calls->waiters;
        calls->waiters = w->next;
        w->fn(w->ctx);
        mutex_lock(&log->lock);
        w->state = WAITER_DONE; /* from here on its owner may free it */
        pthread_cond_broadcast(&log->waiter_done);
        mutex_unlock(&log->lock);
    }
}

/* Segments that may hold unsynced bytes, each held; the caller frees the array. */
static struct segment **
log_unsynced(struct log *log, size_t *count)
{
    const size_t first = log_segment_index(log, log->durable_offset);
    *count = log->segment_count - first;
    struct segment **held = malloc(*count * sizeof(struct segment *));
    if (held == NULL) {
        abort();
    }
    for (size_t i = 0; i < *count; i++) {
        held[i] = log->segments[first + i];
        segment_retain(held[i]);
    }
    return held;
}

static void
log_sync_segments(struct log *log, struct segment **held, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct error err = {0};
        if (held[i]->fd >= 0 && !BUG(BUG_LOG_ACK_BEFORE_SYNC) &&
            !log->env->ops->sync(log->env, held[i]->fd, &err)) {
            if (!BUG(BUG_LOG_SYNC_RETRIED)) {
                log->env->ops->fatal(log->env, error_text(&err));
            }
            error_clear(&err);
        }
    }
}

void
log_flush(struct log *log)
{
    struct flush_calls calls = {.committed = true};
    size_t count = 0;
    mutex_lock(&log->lock);
    const int64_t end = log->end_offset;
    const uint32_t cuts = log->cuts;
    struct segment *active = log_segment_active(log);
    const int64_t active_base = active->base_offset, active_bytes = active->bytes;
    struct segment **held = log_unsynced(log, &count);
    mutex_unlock(&log->lock);

    log_sync_segments(log, held, count);

    mutex_lock(&log->lock);
    /* A truncation in between moved the end back: then there is nothing more to say. */
    if (cuts == log->cuts && end > log->durable_offset) {
        log->durable_offset = end;
        if (!log->replicated) {
            log->watermark = end;
            log->visible_segment = active_base;
            log->visible_bytes = active_bytes;
        }
    }
    log_take_completions(log, &calls, log->durable_offset);
    log_take_visible(log, &calls, log->watermark);
    void (*on_flushed)(void *ctx) = log->on_flushed;
    void *on_flushed_ctx = log->on_flushed_ctx;
    /* What was sealed meanwhile gets its indexes, so that recovery need not read it. */
    for (size_t i = 0; i < count; i++) {
        if (held[i] != log_segment_active(log) && held[i]->end_offset <= log->durable_offset &&
            !held[i]->indexed && !log->deleted) {
            struct error err = {0};
            if (!segment_index_write(held[i], &err) || !log_producers_snapshot(log, &err)) {
                error_clear(&err); /* rebuildable: recovery will read the segment instead */
            }
        }
    }
    mutex_unlock(&log->lock);
    for (size_t i = 0; i < count; i++) {
        segment_release(held[i]);
    }
    free(held);
    flush_calls_run(log, &calls);
    if (on_flushed != NULL) {
        on_flushed(on_flushed_ctx);
    }
}

void
log_wake_all(struct log *log)
{
    struct flush_calls calls = {0};
    mutex_lock(&log->lock);
    log_take_completions(log, &calls, INT64_MAX);
    log_take_visible(log, &calls, INT64_MAX);
    mutex_unlock(&log->lock);
    flush_calls_run(log, &calls);
}

void
log_when_durable(struct log *log, int64_t offset, void (*done)(void *ctx), void *ctx)
{
    mutex_lock(&log->lock);
    /* With a flush interval the acknowledgement does not wait: that is what the setting says. */
    const bool now =
        offset < log->durable_offset || log->config.flush_interval_ms > 0 || log->deleted;
    if (!now) {
        if (log->completion_count == log->completion_capacity) {
            log->completion_capacity = log->completion_capacity ? log->completion_capacity * 2 : 16;
            log->completions =
                realloc(log->completions, log->completion_capacity * sizeof *log->completions);
            if (log->completions == NULL) {
                abort();
            }
        }
        /* Callers come nearly in order; a late one walks back a step or two. */
        size_t at = log->completion_count++;
        while (at > 0 && log->completions[at - 1].offset > offset) {
            log->completions[at] = log->completions[at - 1];
            at--;
        }
        log->completions[at] = (struct log_completion){offset, done, ctx};
    }
    mutex_unlock(&log->lock);
    if (now) {
        done(ctx);
    }
}

struct log_waiter *
log_wait(struct log *log, int64_t offset, void (*fn)(void *ctx), void *ctx)
{
    struct log_waiter *w = calloc(1, sizeof *w);
    if (w == NULL) {
        abort();
    }
    *w = (struct log_waiter){.log = log, .offset = offset, .fn = fn, .ctx = ctx};
    log_retain(log);
    mutex_lock(&log->lock);
    const bool now = offset < log->watermark || log->deleted;
    if (now) {
        w->state = WAITER_DONE;
    } else {
        w->next = log->waiters;
        log->waiters = w;
    }
    mutex_unlock(&log->lock);
    if (now) {
        fn(ctx);
    }
    return w;
}

void
log_wait_cancel(struct log_waiter *w)
{
    struct log *log = w->log;
    mutex_lock(&log->lock);
    while (w->state == WAITER_RUNNING) {
        pthread_cond_wait(&log->waiter_done, &log->lock);
    }
    if (w->state == WAITER_SET) {
        struct log_waiter **link = &log->waiters;
        while (*link != w) {
            assert(*link != NULL);
            link = &(*link)->next;
        }
        *link = w->next;
    }
    mutex_unlock(&log->lock);
    free(w);
    log_release(log);
}
