/* What a log needs when it is one of several copies: its own watermark, epochs, a new beginning. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/bug.h"
#include "base/thread.h"
#include "log/log_internal.h"

bool
log_visible_set(struct log *log, int64_t watermark, struct error *err)
{
    struct segment *s = log->segments[log_segment_index(log, watermark)];
    int64_t position = 0, first = 0;
    if (watermark >= log->end_offset) {
        s = log_segment_active(log);
        position = s->bytes;
    } else if (!segment_find(s, watermark, &position, &first, err)) {
        return false;
    }
    log->watermark = watermark;
    log->visible_segment = s->base_offset;
    log->visible_bytes = position;
    return true;
}

bool
log_epoch_note(struct log *log, int32_t epoch, int64_t offset, struct error *err)
{
    struct epoch_start *epochs = realloc(log->epochs, (log->epoch_count + 1) * sizeof *log->epochs);
    if (epochs == NULL) {
        abort();
    }
    log->epochs = epochs;
    log->epochs[log->epoch_count++] = (struct epoch_start){epoch, offset};
    const bool ok = BUG(BUG_LOG_EPOCH_NOT_KEPT) || log_epochs_write(log, err);
    log->epoch_count -= ok ? 0 : 1;
    return ok;
}

/* Where readers had come to when the log was closed; a start without it is as right, only later. */
static int64_t
watermark_kept(struct log *log)
{
    uint8_t *bytes = NULL;
    size_t len = 0;
    int64_t kept = log->start_offset;
    if (meta_read(log->env, log->dir, "watermark", &bytes, &len)) {
        struct reader r;
        reader_init(&r, (struct bytes){bytes, len});
        const int64_t v = (int64_t)reader_le64(&r);
        if (reader_ok(&r) && v > kept) {
            kept = v < log->durable_offset ? v : log->durable_offset;
        }
        free(bytes);
    }
    return kept;
}

void
log_replicate(struct log *log, void (*on_flushed)(void *ctx), void *ctx)
{
    mutex_lock(&log->lock);
    if (!log->replicated) {
        struct error err = {0};
        const int64_t kept = watermark_kept(log);
        log->replicated = true;
        if (!log_visible_set(log, kept, &err)) {
            log->watermark = log->start_offset;
            log->visible_segment = log->segments[0]->base_offset;
            log->visible_bytes = 0;
            error_clear(&err);
        }
    }
    log->on_flushed = on_flushed;
    log->on_flushed_ctx = ctx;
    mutex_unlock(&log->lock);
}

void
log_facts(struct log *log, struct log_facts *out)
{
    mutex_lock(&log->lock);
    *out = (struct log_facts){
        .start = log->start_offset,
        .end = log->end_offset,
        .flushed = log->durable_offset,
        .watermark = log->watermark,
        .last_epoch = -1,
        .epoch_acted = log->epoch_acted,
    };
    for (size_t i = log->epoch_count; i-- > 0;) {
        if (log->epochs[i].offset < log->end_offset) {
            out->last_epoch = log->epochs[i].epoch;
            break;
        }
    }
    mutex_unlock(&log->lock);
}

bool
log_commit_to(struct log *log, int64_t watermark, struct error *err)
{
    struct flush_calls calls = {.committed = true};
    bool ok = true;
    mutex_lock(&log->lock);
    if (watermark > log->watermark && !log->deleted) {
        assert(log->replicated && watermark <= log->end_offset);
        ok = log_visible_set(log, watermark, err);
        log_take_visible(log, &calls, log->watermark);
    }
    mutex_unlock(&log->lock);
    flush_calls_run(log, &calls);
    return ok;
}

void
log_when_committed(struct log *log, int64_t offset, void (*done)(void *ctx, bool committed),
                   void *ctx)
{
    mutex_lock(&log->lock);
    const bool deleted = log->deleted;
    const bool now = offset < log->watermark || deleted;
    if (!now) {
        if (log->commit_count == log->commit_capacity) {
            log->commit_capacity = log->commit_capacity ? log->commit_capacity * 2 : 16;
            log->commits = realloc(log->commits, log->commit_capacity * sizeof *log->commits);
            if (log->commits == NULL) {
                abort();
            }
        }
        size_t at = log->commit_count++;
        while (at > 0 && log->commits[at - 1].offset > offset) {
            log->commits[at] = log->commits[at - 1];
            at--;
        }
        log->commits[at] = (struct log_commit){offset, done, ctx};
    }
    mutex_unlock(&log->lock);
    if (now) {
        done(ctx, !deleted);
    }
}

void
log_abandon(struct log *log)
{
    struct flush_calls calls = {.committed = false};
    mutex_lock(&log->lock);
    calls.commits = log->commits;
    calls.commit_count = log->commit_count;
    log->commits = NULL;
    log->commit_count = log->commit_capacity = 0;
    mutex_unlock(&log->lock);
    flush_calls_run(log, &calls);
}

bool
log_epoch_act(struct log *log, int32_t epoch, struct error *err)
{
    bool ok = true;
    mutex_lock(&log->lock);
    if (epoch > log->epoch_acted && !log->deleted) {
        struct buffer b = {0};
        buffer_le32(&b, (uint32_t)epoch);
        ok = meta_write(log->env, log->dir, "acted", &b, err);
        buffer_release(&b);
        log->epoch_acted = ok ? epoch : log->epoch_acted;
    }
    mutex_unlock(&log->lock);
    return ok;
}

/* Last segments first: a death in between leaves a shorter log, which begins anew again. */
static bool
log_empty(struct log *log, int64_t offset, struct error *err)
{
    struct segment *fresh = NULL;
    while (log->segment_count > 0) {
        struct segment *last = log_segment_active(log);
        if (!segment_unlink(last, err)) {
            return false;
        }
        segment_release(last);
        log->segment_count--;
    }
    fresh = segment_create(log->env, log->dir, offset, err);
    if (fresh == NULL) {
        return false;
    }
    log_segment_add(log, fresh);
    log->cuts++;
    log->epoch_count = 0;
    log->start_offset = log->end_offset = log->durable_offset = log->watermark = offset;
    log->visible_segment = offset;
    log->visible_bytes = 0;
    producers_release(&log->producers);
    return log_start_write(log, err) && log_epochs_write(log, err) &&
           log_producers_snapshot(log, err);
}

bool
log_begin_anew(struct log *log, int64_t offset, struct error *err)
{
    mutex_lock(&log->lock);
    assert(log->replicated && offset >= log->watermark);
    const bool ok = log_empty(log, offset, err);
    mutex_unlock(&log->lock);
    return ok;
}

bool
log_identify(struct log *log, const uint8_t id[16], bool *other, struct error *err)
{
    uint8_t *bytes = NULL;
    size_t len = 0;
    bool ok = true;
    mutex_lock(&log->lock);
    if (meta_read(log->env, log->dir, "identity", &bytes, &len)) {
        *other = len != 16 || memcmp(bytes, id, 16) != 0;
        free(bytes);
    } else {
        struct buffer b = {0};
        buffer_put(&b, id, 16);
        *other = false;
        ok = meta_write(log->env, log->dir, "identity", &b, err);
        buffer_release(&b);
    }
    mutex_unlock(&log->lock);
    return ok;
}
