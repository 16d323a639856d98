/* Reading: which bytes of which segment a fetch may have, and where a time or an epoch lies. */
#include <assert.h>
#include <stdlib.h>

#include "base/thread.h"
#include "log/log_internal.h"

/* Bytes of s that readers may see. */
static int64_t
segment_visible(const struct log *log, const struct segment *s)
{
    if (s->base_offset < log->visible_segment) {
        return s->bytes;
    }
    return s->base_offset == log->visible_segment ? log->visible_bytes : 0;
}

static bool
log_read_segment(struct segment *s, int64_t visible, int64_t offset, size_t bytes_max,
                 struct log_view *out, struct error *err)
{
    int64_t position = 0, first = 0, end = visible;
    if (!segment_find(s, offset, &position, &first, err)) {
        return false;
    }
    if (position >= visible) {
        return true;
    }
    if (bytes_max < (size_t)(visible - position) &&
        !segment_boundary(s, position, position + (int64_t)bytes_max, &end, err)) {
        return false;
    }
    if (end > visible) {
        end = visible;
    }
    segment_retain(s);
    *out = (struct log_view){.fd = s->fd,
                             .position = position,
                             .len = (size_t)(end - position),
                             .first_offset = first,
                             .hold = s};
    return true;
}

static bool
log_read_below(struct log *log, int64_t offset, size_t bytes_max, bool written,
               struct log_view *out, struct error *err)
{
    struct log_view view = {.fd = -1, .first_offset = offset};
    bool ok = true;
    mutex_lock(&log->lock);
    if (offset < log->start_offset || offset > log->end_offset) {
        ok = error_set_code(err, ERROR_ARGUMENT, 1, "offset %lld is not in [%lld, %lld]",
                            (long long)offset, (long long)log->start_offset,
                            (long long)log->end_offset);
    }
    /* A segment whose tail was compacted away answers with nothing: the next one has it. */
    for (size_t i = log_segment_index(log, offset);
         ok && view.len == 0 && i < log->segment_count &&
         offset < (written ? log->end_offset : log->watermark);
         i++) {
        struct segment *s = log->segments[i];
        ok = log_read_segment(s, written ? s->bytes : segment_visible(log, s), offset, bytes_max,
                              &view, err);
    }
    mutex_unlock(&log->lock);
    if (ok) {
        *out = view;
    }
    return ok;
}

bool
log_read(struct log *log, int64_t offset, size_t bytes_max, struct log_view *out, struct error *err)
{
    return log_read_below(log, offset, bytes_max, false, out, err);
}

bool
log_read_written(struct log *log, int64_t offset, size_t bytes_max, struct log_view *out,
                 struct error *err)
{
    return log_read_below(log, offset, bytes_max, true, out, err);
}

void
log_view_release(struct log_view *view)
{
    segment_release(view->hold);
    *view = (struct log_view){.fd = -1};
}

/* Walks batches of all segments from `from` on until fn says stop. The segments are held, not the
 * lock. */
static bool
log_walk(struct log *log, int64_t from,
         bool (*fn)(void *ctx, const struct batch *b, struct error *err), void *ctx,
         struct error *err)
{
    struct buffer whole = {0};
    bool going = true;
    int64_t offset = from;
    while (going && !error_is_set(err)) {
        struct log_view view;
        if (!log_read(log, offset, (size_t)16 << 20, &view, err) || view.len == 0) {
            break;
        }
        const int64_t end = view.position + (int64_t)view.len;
        int64_t at = view.position;
        struct batch b;
        while (going && at < end &&
               segment_read_batch(log->env, view.fd, at, end, &whole, &b, err)) {
            at += (int64_t)whole.len;
            offset = b.base_offset + b.last_offset_delta + 1;
            going = fn(ctx, &b, err);
        }
        if (going && at == view.position && !error_is_set(err)) {
            error_set_code(err, ERROR_SYSTEM, 2, "%s has an unreadable batch at %lld", log->dir,
                           (long long)at);
        }
        log_view_release(&view);
    }
    buffer_release(&whole);
    return !error_is_set(err);
}

struct scan {
    int64_t from;
    bool (*fn)(void *ctx, const struct log_record *record);
    void *ctx;
    struct buffer plain;
};

static bool
scan_batch(void *ctx, const struct batch *b, struct error *err)
{
    struct scan *scan = ctx;
    if ((b->attributes & 1 << 5) != 0) {
        return true;
    }
    buffer_clear(&scan->plain);
    if (!batch_decompress(b, &scan->plain, (size_t)1 << 30, err)) {
        return false;
    }
    struct record_iter it;
    struct log_record record;
    record_iter_init(&it, b, (struct bytes){scan->plain.ptr, scan->plain.len});
    while (record_iter_next(&it, &record, err)) {
        if (record.offset >= scan->from && !scan->fn(scan->ctx, &record)) {
            return false;
        }
    }
    return !error_is_set(err);
}

bool
log_scan(struct log *log, int64_t offset, bool (*fn)(void *ctx, const struct log_record *record),
         void *ctx, struct error *err)
{
    struct scan scan = {.from = offset, .fn = fn, .ctx = ctx};
    const bool ok = log_walk(log, offset, scan_batch, &scan, err);
    buffer_release(&scan.plain);
    return ok;
}

struct time_search {
    int64_t time_ms;
    int64_t from;
    int64_t offset, found_ms;
};

static bool
time_search_record(void *ctx, const struct log_record *record)
{
    struct time_search *search = ctx;
    if (record->offset < search->from || record->timestamp_ms < search->time_ms) {
        return true;
    }
    search->offset = record->offset;
    search->found_ms = record->timestamp_ms;
    return false;
}

static bool
time_search_batch(void *ctx, const struct batch *b, struct error *err)
{
    struct time_search *search = ctx;
    if (b->max_timestamp < search->time_ms) {
        return true; /* nothing in here, and nothing decompressed */
    }
    struct scan scan = {.from = search->from, .fn = time_search_record, .ctx = search};
    scan_batch(&scan, b, err);
    buffer_release(&scan.plain);
    return search->offset < 0 && !error_is_set(err);
}

/* Everything before the returned offset is older than time_ms. */
static int64_t
segment_time_floor(const struct segment *s, int64_t time_ms)
{
    int64_t offset = s->base_offset;
    for (size_t i = 0; i < s->time_count && s->times[i].timestamp < time_ms; i++) {
        offset = s->base_offset + s->times[i].relative_offset;
    }
    return offset;
}

bool
log_offset_for_time(struct log *log, int64_t time_ms, int64_t *offset, int64_t *time_found,
                    struct error *err)
{
    struct time_search search = {.time_ms = time_ms, .offset = -1, .found_ms = -1};
    mutex_lock(&log->lock);
    int64_t from = -1;
    for (size_t i = 0; i < log->segment_count && from < 0; i++) {
        if (log->segments[i]->max_timestamp >= time_ms) {
            from = segment_time_floor(log->segments[i], time_ms);
        }
    }
    if (from >= 0 && from < log->start_offset) {
        from = log->start_offset;
    }
    mutex_unlock(&log->lock);
    search.from = from;
    if (from >= 0 && !log_walk(log, from, time_search_batch, &search, err)) {
        return false;
    }
    *offset = search.offset;
    *time_found = search.found_ms;
    return true;
}

static bool
max_time_batch(void *ctx, const struct batch *b, struct error *err)
{
    (void)err;
    int64_t *greatest = ctx;
    if (b->record_count > 0 && b->max_timestamp > *greatest) {
        *greatest = b->max_timestamp;
    }
    return true;
}

bool
log_offset_for_max_time(struct log *log, int64_t *offset, int64_t *time_found, struct error *err)
{
    mutex_lock(&log->lock);
    int64_t greatest = -1;
    for (size_t i = 0; i < log->segment_count; i++) {
        if (log->segments[i]->max_timestamp > greatest) {
            greatest = log->segments[i]->max_timestamp;
        }
    }
    const int64_t start = log->start_offset;
    mutex_unlock(&log->lock);
    *offset = -1;
    *time_found = -1;
    if (greatest < 0) {
        return true;
    }
    if (!log_offset_for_time(log, greatest, offset, time_found, err) || *offset >= 0) {
        return !error_is_set(err);
    }
    /* The greatest one is not durable yet, or lies before the start: look at what is visible. */
    greatest = -1;
    return log_walk(log, start, max_time_batch, &greatest, err) &&
           (greatest < 0 || log_offset_for_time(log, greatest, offset, time_found, err));
}
