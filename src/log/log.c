/* The log itself: validation, appending, where to read, and what its offsets are. */
#include "log/log.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/bug.h"
#include "base/thread.h"
#include "log/log_internal.h"

enum {
    KAFKA_OFFSET_OUT_OF_RANGE = 1,
    KAFKA_CORRUPT = 2,
    KAFKA_TOO_LARGE = 10,
    KAFKA_STORAGE = 56,
    KAFKA_INVALID_RECORD = 87,
    KAFKA_BAD_CODEC = 76,
    BATCH_LOG_APPEND_TIME = 1 << 3,
    BATCH_CONTROL = 1 << 5,
};

void
log_retain(struct log *log)
{
    atomic_fetch_add(&log->holds, 1);
}

void
log_release(struct log *log)
{
    if (atomic_fetch_sub(&log->holds, 1) != 1) {
        return;
    }
    for (size_t i = 0; i < log->segment_count; i++) {
        segment_release(log->segments[i]);
    }
    producers_release(&log->producers);
    pthread_mutex_destroy(&log->lock);
    pthread_cond_destroy(&log->waiter_done);
    free(log->segments);
    free(log->epochs);
    free(log->completions);
    free(log->commits);
    free(log->topic);
    free(log->dir);
    free(log);
}

void
log_segment_add(struct log *log, struct segment *s)
{
    if (log->segment_count == log->segment_capacity) {
        log->segment_capacity = log->segment_capacity ? log->segment_capacity * 2 : 4;
        log->segments = realloc(log->segments, log->segment_capacity * sizeof(struct segment *));
        if (log->segments == NULL) {
            abort();
        }
    }
    log->segments[log->segment_count++] = s;
}

struct segment *
log_segment_active(struct log *log)
{
    assert(log->segment_count > 0);
    return log->segments[log->segment_count - 1];
}

size_t
log_segment_index(const struct log *log, int64_t offset)
{
    size_t low = 0, high = log->segment_count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (log->segments[middle]->base_offset <= offset) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low > 0 ? low - 1 : 0;
}

/* Whether the batch may come from a client at all; nothing of the log's state is asked here, so it
 * runs without the lock. */
static bool
batch_admissible(const struct batch *b, struct bytes whole, enum log_append_origin origin,
                 const struct log_config *config, struct error *err)
{
    if (!batch_crc_ok(whole)) {
        return error_set_code(err, ERROR_PROTOCOL, KAFKA_CORRUPT,
                              "a record batch does not have the CRC that it says");
    }
    if (origin != LOG_FROM_CLIENT) {
        return true;
    }
    if (whole.len > (size_t)config->message_bytes_max) {
        return error_set_code(err, ERROR_PROTOCOL, KAFKA_TOO_LARGE,
                              "a record batch of %zu bytes is over max.message.bytes %d", whole.len,
                              config->message_bytes_max);
    }
    if (b->record_count < 1 || b->last_offset_delta != b->record_count - 1) {
        return error_set_code(err, ERROR_PROTOCOL, KAFKA_INVALID_RECORD,
                              "a record batch counts %d records and ends at offset delta %d",
                              b->record_count, b->last_offset_delta);
    }
    if ((b->attributes & BATCH_CONTROL) != 0) {
        return error_set_code(err, ERROR_PROTOCOL, KAFKA_INVALID_RECORD,
                              "clients may not write control batches");
    }
    if ((b->attributes & 7) > BATCH_ZSTD) {
        return error_set_code(err, ERROR_PROTOCOL, KAFKA_BAD_CODEC,
                              "compression codec %d is not known", b->attributes & 7);
    }
    if (b->producer_id < -1 ||
        (b->producer_id >= 0 && (b->base_sequence < 0 || b->producer_epoch < 0))) {
        return error_set_code(err, ERROR_PROTOCOL, KAFKA_INVALID_RECORD,
                              "a record batch has producer %lld and sequence %d",
                              (long long)b->producer_id, b->base_sequence);
    }
    return true;
}

/* A compacted topic needs a key in each record. */
static bool
batch_has_keys(const struct batch *b, struct error *err)
{
    struct buffer plain = {0};
    struct record_iter it;
    struct log_record record;
    bool ok = batch_decompress(b, &plain, (size_t)1 << 30, err);
    record_iter_init(&it, b, (struct bytes){plain.ptr, plain.len});
    while (ok && record_iter_next(&it, &record, err)) {
        if (record.key.ptr == NULL) {
            ok = error_set_code(err, ERROR_PROTOCOL, KAFKA_INVALID_RECORD,
                                "a record without a key cannot go to a compacted topic");
        }
    }
    buffer_release(&plain);
    return ok && !error_is_set(err);
}

static void
put_append_time(uint8_t *batch, size_t len, int64_t now_ms)
{
    const uint64_t time = __builtin_bswap64((uint64_t)now_ms);
    batch[22] |= BATCH_LOG_APPEND_TIME;
    memcpy(batch + 35, &time, 8);
    batch_seal(batch, len);
}

/* All batches of one append, parsed: nearly always one. */
struct append_list {
    struct batch *items;
    size_t count, capacity;
    struct batch first;
};

static void
append_list_release(struct append_list *list)
{
    if (list->items != &list->first) {
        free(list->items);
    }
}

static void
append_list_add(struct append_list *list, const struct batch *b)
{
    if (list->count == 0) {
        list->items = &list->first;
        list->capacity = 1;
    } else if (list->count == list->capacity) {
        struct batch *old = list->items;
        list->capacity *= 4;
        list->items = malloc(list->capacity * sizeof *list->items);
        if (list->items == NULL) {
            abort();
        }
        memcpy(list->items, old, list->count * sizeof *old);
        if (old != &list->first) {
            free(old);
        }
    }
    list->items[list->count++] = *b;
}

static bool
append_validate(struct log *log, uint8_t *bytes, size_t len, enum log_append_origin origin,
                struct append_list *list, struct error *err)
{
    mutex_lock(&log->lock);
    const struct log_config config = log->config;
    mutex_unlock(&log->lock);
    size_t at = 0;
    while (at < len) {
        struct batch b;
        if (!batch_parse((struct bytes){bytes + at, len - at}, &b, err)) {
            return false;
        }
        const struct bytes whole = {bytes + at, (size_t)b.length + BATCH_OVERHEAD_BYTES};
        if (!batch_admissible(&b, whole, origin, &config, err) ||
            (config.compact && origin == LOG_FROM_CLIENT && !batch_has_keys(&b, err))) {
            return false;
        }
        append_list_add(list, &b);
        at += whole.len;
    }
    if (list->count == 0 || (origin == LOG_FROM_CLIENT && list->count != 1)) {
        return error_set_code(err, ERROR_PROTOCOL, KAFKA_INVALID_RECORD,
                              "a partition's records must be exactly one batch");
    }
    return true;
}

/* Offsets, epoch and time into the batches; a follower only checks what the leader gave. */
static bool
append_assign(struct log *log, uint8_t *bytes, struct append_list *list,
              enum log_append_origin origin, int64_t now_ms, struct error *err)
{
    int64_t next = log->end_offset;
    for (size_t i = 0; i < list->count; i++) {
        struct batch *b = &list->items[i];
        const size_t len = (size_t)b->length + BATCH_OVERHEAD_BYTES;
        if (origin == LOG_FROM_LEADER) {
            if (b->base_offset < next) {
                return error_set_code(err, ERROR_PROTOCOL, KAFKA_CORRUPT,
                                      "the leader sent offset %lld where %lld was expected",
                                      (long long)b->base_offset, (long long)next);
            }
            if ((log->epoch_count == 0 ||
                 b->leader_epoch > log->epochs[log->epoch_count - 1].epoch) &&
                !log_epoch_note(log, b->leader_epoch, b->base_offset, err)) {
                return false;
            }
        } else {
            b->base_offset = next;
            b->leader_epoch = log->epoch_count ? log->epochs[log->epoch_count - 1].epoch : 0;
            if (log->config.log_append_time) {
                put_append_time(bytes, len, now_ms);
                b->max_timestamp = now_ms;
                b->attributes |= BATCH_LOG_APPEND_TIME;
            }
            batch_assign(bytes, b->base_offset, b->leader_epoch);
        }
        next = b->base_offset + b->last_offset_delta + 1;
        bytes += len;
    }
    return true;
}

static bool
log_roll_needed(struct log *log, const struct append_list *list, size_t len, int64_t now_ms)
{
    struct segment *active = log_segment_active(log);
    const struct batch *last = &list->items[list->count - 1];
    if (active->bytes == 0) {
        return false;
    }
    return active->bytes + (int64_t)len > log->config.segment_bytes ||
           now_ms - active->created_ms > log->config.segment_ms ||
           last->base_offset + last->last_offset_delta - active->base_offset > INT32_MAX;
}

static bool
log_roll(struct log *log, struct error *err)
{
    struct segment *next = segment_create(log->env, log->dir, log->end_offset, err);
    if (next == NULL) {
        return false;
    }
    log_segment_add(log, next);
    return true;
}

static bool
append_write(struct log *log, uint8_t *bytes, size_t len, struct append_list *list, int64_t now_ms,
             struct error *err)
{
    if (log_roll_needed(log, list, len, now_ms) && !log_roll(log, err)) {
        return false;
    }
    struct segment *active = log_segment_active(log);
    if (!segment_open_fd(active, err) || !segment_append(active, bytes, len, err)) {
        return false;
    }
    if (active->bytes == 0) {
        active->created_ms = now_ms;
    }
    for (size_t i = 0; i < list->count; i++) {
        segment_note(active, &list->items[i], active->bytes);
        producers_apply(&log->producers, &list->items[i], now_ms);
    }
    log->end_offset = active->end_offset;
    return true;
}

/* True when the batch is the repetition of one that the log has. */
static bool
append_duplicate(struct log *log, const struct append_list *list, enum log_append_origin origin,
                 struct log_append_result *out, struct error *err)
{
    const struct batch *b = &list->items[0];
    struct producer_batch earlier;
    if (origin != LOG_FROM_CLIENT || b->producer_id < 0 || BUG(BUG_LOG_NO_DEDUP) ||
        producers_check(&log->producers, b, &earlier, err) != PRODUCER_DUPLICATE) {
        return false;
    }
    out->duplicate = true;
    out->base_offset = earlier.base_offset;
    out->last_offset = earlier.last_offset;
    return true;
}

static bool
append_locked(struct log *log, uint8_t *bytes, size_t len, enum log_append_origin origin,
              struct append_list *list, struct log_append_result *out, struct error *err)
{
    const int64_t now_ms = env_wall_ms(log->env);
    *out = (struct log_append_result){.append_time_ms = -1, .log_start_offset = log->start_offset};
    if (log->deleted) {
        return error_set_code(err, ERROR_UNAVAILABLE, 3, "the partition was deleted");
    }
    if (append_duplicate(log, list, origin, out, err)) {
        return true;
    }
    if (error_is_set(err) || !append_assign(log, bytes, list, origin, now_ms, err)) {
        return false;
    }
    if (!append_write(log, bytes, len, list, now_ms, err)) {
        err->code = KAFKA_STORAGE;
        return false;
    }
    const struct batch *last = &list->items[list->count - 1];
    out->base_offset = list->items[0].base_offset;
    out->last_offset = last->base_offset + last->last_offset_delta;
    out->append_time_ms = log->config.log_append_time ? now_ms : -1;
    return true;
}

bool
log_append(struct log *log, uint8_t *batches, size_t len, enum log_append_origin origin,
           struct log_append_result *out, struct error *err)
{
    struct append_list list = {0};
    bool ok = append_validate(log, batches, len, origin, &list, err);
    if (ok) {
        mutex_lock(&log->lock);
        ok = append_locked(log, batches, len, origin, &list, out, err);
        mutex_unlock(&log->lock);
        if (ok && !out->duplicate) {
            log_set_dirty(log);
        }
    }
    append_list_release(&list);
    return ok;
}

struct append_wait {
    pthread_mutex_t lock;
    pthread_cond_t cond;
    bool done;
};

static void
append_wake(void *ctx)
{
    struct append_wait *wait = ctx;
    mutex_lock(&wait->lock);
    wait->done = true;
    pthread_cond_signal(&wait->cond);
    mutex_unlock(&wait->lock);
}

static void
log_await_durable(struct log *log, int64_t offset)
{
    struct append_wait wait = {.done = false};
    pthread_mutex_init(&wait.lock, NULL);
    cond_init(&wait.cond);
    log_when_durable(log, offset, append_wake, &wait);
    mutex_lock(&wait.lock);
    while (!wait.done) {
        pthread_cond_wait(&wait.cond, &wait.lock);
    }
    mutex_unlock(&wait.lock);
    pthread_cond_destroy(&wait.cond);
    pthread_mutex_destroy(&wait.lock);
}

bool
log_append_once_start(struct log *log, uint64_t sink_id, int64_t batch_id, uint8_t *batch,
                      size_t len, struct log_append_result *out, struct error *err)
{
    struct append_list list = {0};
    if (batch_id < 0 || batch_id >> 46 != 0) {
        return error_set_code(err, ERROR_ARGUMENT, KAFKA_INVALID_RECORD,
                              "batch id %lld of a sink is out of range", (long long)batch_id);
    }
    bool ok = append_validate(log, batch, len, LOG_FROM_CLIENT, &list, err);
    if (ok) {
        producer_sink_stamp(batch, len, sink_id, batch_id);
        ok = batch_parse((struct bytes){batch, len}, &list.items[0], err);
    }
    if (ok) {
        mutex_lock(&log->lock);
        struct producer_batch where = {0};
        const int64_t last = producers_sink_last(&log->producers, sink_id, &where);
        if (batch_id <= last) {
            *out = (struct log_append_result){.base_offset = where.base_offset,
                                              .last_offset = where.last_offset,
                                              .append_time_ms = -1,
                                              .log_start_offset = log->start_offset,
                                              .duplicate = true};
        } else {
            ok = append_locked(log, batch, len, LOG_INTERNAL, &list, out, err);
        }
        mutex_unlock(&log->lock);
    }
    append_list_release(&list);
    if (ok && !out->duplicate) {
        log_set_dirty(log);
    }
    return ok;
}

bool
log_append_once(struct log *log, uint64_t sink_id, int64_t batch_id, uint8_t *batch, size_t len,
                struct log_append_result *out, struct error *err)
{
    if (!log_append_once_start(log, sink_id, batch_id, batch, len, out, err)) {
        return false;
    }
    log_await_durable(log, out->last_offset);
    return true;
}

int64_t
log_start_offset(const struct log *log)
{
    struct log *mutable_log = (struct log *)log; /* the lock is all that changes */
    mutex_lock(&mutable_log->lock);
    const int64_t v = log->start_offset;
    mutex_unlock(&mutable_log->lock);
    return v;
}

int64_t
log_end_offset(const struct log *log)
{
    struct log *mutable_log = (struct log *)log;
    mutex_lock(&mutable_log->lock);
    const int64_t v = log->end_offset;
    mutex_unlock(&mutable_log->lock);
    return v;
}

int64_t
log_high_watermark(const struct log *log)
{
    struct log *mutable_log = (struct log *)log;
    mutex_lock(&mutable_log->lock);
    const int64_t v = log->watermark;
    mutex_unlock(&mutable_log->lock);
    return v;
}

int32_t
log_leader_epoch(const struct log *log)
{
    struct log *mutable_log = (struct log *)log;
    mutex_lock(&mutable_log->lock);
    const int32_t v = log->epoch_count ? log->epochs[log->epoch_count - 1].epoch : 0;
    mutex_unlock(&mutable_log->lock);
    return v;
}

int64_t
log_bytes(const struct log *log)
{
    struct log *mutable_log = (struct log *)log;
    int64_t bytes = 0;
    mutex_lock(&mutable_log->lock);
    for (size_t i = 0; i < log->segment_count; i++) {
        bytes += log->segments[i]->bytes;
    }
    mutex_unlock(&mutable_log->lock);
    return bytes;
}

void
log_configure(struct log *log, const struct log_config *config)
{
    mutex_lock(&log->lock);
    log->config = *config;
    mutex_unlock(&log->lock);
}

bool
log_epoch_begin(struct log *log, int32_t epoch, struct error *err)
{
    mutex_lock(&log->lock);
    const int32_t now = log->epoch_count ? log->epochs[log->epoch_count - 1].epoch : -1;
    bool ok = true;
    if (epoch < now) {
        ok =
            error_set_code(err, ERROR_PROTOCOL, 74, "leader epoch %d is older than %d", epoch, now);
    } else if (epoch > now) {
        ok = log_epoch_note(log, epoch, log->end_offset, err);
    }
    mutex_unlock(&log->lock);
    return ok;
}

void
log_epoch_end(struct log *log, int32_t asked, int32_t *epoch, int64_t *end_offset)
{
    *epoch = -1;
    *end_offset = -1;
    mutex_lock(&log->lock);
    for (size_t i = log->epoch_count; i-- > 0;) {
        if (log->epochs[i].epoch <= asked) {
            *epoch = log->epochs[i].epoch;
            *end_offset = i + 1 < log->epoch_count ? log->epochs[i + 1].offset
                          : log->replicated        ? log->end_offset
                                                   : log->durable_offset;
            break;
        }
    }
    mutex_unlock(&log->lock);
}
