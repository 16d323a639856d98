/*
 * What makes a log shorter: retention by time and size, DeleteRecords, divergence.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/thread.h"
#include "base/trace.h"
#include "log/log_internal.h"

enum { PRODUCER_EXPIRY_MS = 86400000 };

/* Drops segments [0, count) whole; the start moves to what remains. Under the lock. */
static bool
log_drop_oldest(struct log *log, size_t count, struct error *err)
{
    assert(count < log->segment_count);
    if (count == 0) {
        return true;
    }
    const int64_t before = log->start_offset;
    if (log->start_offset < log->segments[count]->base_offset) {
        log->start_offset = log->segments[count]->base_offset;
    }
    /* The start is durable before the files go: a death in between must not show a gap. */
    if (log->start_offset != before && !log_start_write(log, err)) {
        log->start_offset = before;
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        struct error ignored = {0};
        if (!segment_unlink(log->segments[i], &ignored)) {
            trace(TRACE_WARN, "log", "%s: %s", log->dir, error_text(&ignored));
        }
        error_clear(&ignored);
        segment_release(log->segments[i]);
    }
    log->segment_count -= count;
    memmove(log->segments, log->segments + count, log->segment_count * sizeof(struct segment *));
    return true;
}

static size_t
log_expired(struct log *log, int64_t now_ms)
{
    size_t by_time = 0, by_bytes = 0;
    int64_t total = 0;
    for (size_t i = 0; i < log->segment_count; i++) {
        total += log->segments[i]->bytes;
    }
    const size_t sealed = log->segment_count - 1;
    while (log->config.retention_ms >= 0 && by_time < sealed &&
           log->segments[by_time]->max_timestamp < now_ms - log->config.retention_ms) {
        by_time++;
    }
    while (log->config.retention_bytes >= 0 && by_bytes < sealed &&
           total - log->segments[by_bytes]->bytes >= log->config.retention_bytes) {
        total -= log->segments[by_bytes++]->bytes;
    }
    const size_t n = by_time > by_bytes ? by_time : by_bytes;
    size_t durable = 0;
    while (durable < n && log->segments[durable]->end_offset <= log->watermark) {
        durable++;
    }
    return durable;
}

/* The written segment is sealed when all it holds has expired, so that it can go too. */
static bool
log_roll_expired(struct log *log, int64_t now_ms, struct error *err)
{
    struct segment *active = log_segment_active(log);
    if (!log->config.delete_old || log->config.retention_ms < 0 || active->bytes == 0 ||
        active->max_timestamp >= now_ms - log->config.retention_ms ||
        log->durable_offset != log->end_offset) {
        return true;
    }
    struct segment *next = segment_create(log->env, log->dir, log->end_offset, err);
    if (next != NULL) {
        log_segment_add(log, next);
        if (!log->replicated) {
            log->visible_segment = next->base_offset;
            log->visible_bytes = 0;
        }
    }
    return next != NULL;
}

void
log_clean(struct log *log)
{
    struct error err = {0};
    bool ok = true;
    mutex_lock(&log->lock);
    const int64_t now_ms = env_wall_ms(log->env);
    if (!log->deleted) {
        producers_expire(&log->producers, now_ms - PRODUCER_EXPIRY_MS);
    }
    if (!log->deleted && log->config.delete_old) {
        ok = log_roll_expired(log, now_ms, &err) &&
             log_drop_oldest(log, log_expired(log, now_ms), &err);
    }
    mutex_unlock(&log->lock);
    if (!ok) {
        trace(TRACE_WARN, "log", "%s: cleaning failed: %s", log->dir, error_text(&err));
        error_clear(&err);
    }
}

bool
log_truncate_before(struct log *log, int64_t offset, struct error *err)
{
    bool ok = true;
    mutex_lock(&log->lock);
    if (offset > log->watermark || offset < 0) {
        ok = error_set_code(err, ERROR_ARGUMENT, 1, "offset %lld is past the high watermark %lld",
                            (long long)offset, (long long)log->watermark);
    } else if (offset > log->start_offset) {
        const int64_t before = log->start_offset;
        log->start_offset = offset;
        ok = log_start_write(log, err);
        if (!ok) {
            log->start_offset = before;
        } else {
            size_t whole = 0;
            while (whole + 1 < log->segment_count &&
                   log->segments[whole + 1]->base_offset <= offset) {
                whole++;
            }
            ok = log_drop_oldest(log, whole, err);
        }
    }
    mutex_unlock(&log->lock);
    return ok;
}

static bool
log_cut(struct log *log, int64_t offset, struct error *err)
{
    while (log->segment_count > 1 && log_segment_active(log)->base_offset >= offset) {
        struct segment *last = log_segment_active(log);
        if (!segment_unlink(last, err)) {
            return false;
        }
        segment_release(last);
        log->segment_count--;
    }
    struct segment *active = log_segment_active(log);
    if (!segment_truncate(active, offset, err)) {
        return false;
    }
    log->end_offset = active->end_offset;
    log->cuts++;
    if (log->durable_offset > log->end_offset) {
        log->durable_offset = log->end_offset;
    }
    while (log->epoch_count > 0 && log->epochs[log->epoch_count - 1].offset >= log->end_offset) {
        log->epoch_count--;
    }
    return log_visible_set(log, log->watermark, err) && log_epochs_write(log, err) &&
           log_producers_rebuild(log, err);
}

bool
log_truncate_after(struct log *log, int64_t offset, struct error *err)
{
    bool ok = true;
    mutex_lock(&log->lock);
    if (offset < log->watermark) {
        ok = error_set_code(err, ERROR_INTERNAL, 1,
                            "truncating to %lld would cut below the high watermark %lld",
                            (long long)offset, (long long)log->watermark);
    } else if (offset < log->end_offset) {
        ok = log_cut(log, offset, err);
    }
    mutex_unlock(&log->lock);
    return ok;
}
