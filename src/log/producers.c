/* Producer state: a hash table by producer id, the sequence rules, and its snapshot. */
#include "log/producers.h"

#include <stdlib.h>
#include <string.h>

#define PRODUCERS_MAGIC 0x31505857u /* "WXP1" */

enum { KAFKA_OUT_OF_ORDER = 45, KAFKA_DUPLICATE = 46, KAFKA_BAD_EPOCH = 47 };

void
producers_release(struct producers *p)
{
    free(p->slots);
    *p = (struct producers){0};
}

static size_t
producer_hash(int64_t id, size_t capacity)
{
    uint64_t h = (uint64_t)id * 0x9e3779b97f4a7c15u;
    return (size_t)(h >> 32) & (capacity - 1);
}

static struct producer *
producers_slot(struct producer *slots, size_t capacity, int64_t id)
{
    size_t i = producer_hash(id, capacity);
    while (slots[i].used && slots[i].id != id) {
        i = (i + 1) & (capacity - 1);
    }
    return &slots[i];
}

static const struct producer *
producers_find(const struct producers *p, int64_t id)
{
    if (p->capacity == 0) {
        return NULL;
    }
    const struct producer *found = producers_slot(p->slots, p->capacity, id);
    return found->used ? found : NULL;
}

static void
producers_rehash(struct producers *p, size_t capacity, int64_t keep_after_ms)
{
    struct producer *slots = calloc(capacity, sizeof *slots);
    if (slots == NULL) {
        abort();
    }
    size_t count = 0;
    for (size_t i = 0; i < p->capacity; i++) {
        if (p->slots[i].used && p->slots[i].last_ms >= keep_after_ms) {
            *producers_slot(slots, capacity, p->slots[i].id) = p->slots[i];
            count++;
        }
    }
    free(p->slots);
    p->slots = slots;
    p->capacity = capacity;
    p->count = count;
}

static struct producer *
producers_get(struct producers *p, int64_t id)
{
    if ((p->count + 1) * 4 > p->capacity * 3) {
        producers_rehash(p, p->capacity ? p->capacity * 2 : 16, INT64_MIN);
    }
    struct producer *slot = producers_slot(p->slots, p->capacity, id);
    if (!slot->used) {
        *slot = (struct producer){.id = id, .epoch = -1, .used = true};
        p->count++;
    }
    return slot;
}

/* Sequences run from 0 to 2^31-1 and around. */
static int32_t
sequence_add(int32_t sequence, int32_t n)
{
    return (int32_t)(((uint32_t)sequence + (uint32_t)n) & INT32_MAX);
}

enum producer_verdict
producers_check(const struct producers *p, const struct batch *b, struct producer_batch *duplicate,
                struct error *err)
{
    const struct producer *known = producers_find(p, b->producer_id);
    if (known == NULL || known->count == 0) {
        return PRODUCER_NEW; /* retention may have taken what came before: any start is good */
    }
    if (b->producer_epoch < known->epoch) {
        error_set_code(err, ERROR_PROTOCOL, KAFKA_BAD_EPOCH,
                       "producer %lld has epoch %d, the batch %d", (long long)b->producer_id,
                       known->epoch, b->producer_epoch);
        return PRODUCER_REFUSED;
    }
    if (b->producer_epoch > known->epoch) {
        if (b->base_sequence == 0) {
            return PRODUCER_NEW;
        }
        error_set_code(err, ERROR_PROTOCOL, KAFKA_OUT_OF_ORDER,
                       "a new producer epoch starts at sequence %d", b->base_sequence);
        return PRODUCER_REFUSED;
    }
    const int32_t last = sequence_add(b->base_sequence, b->last_offset_delta);
    for (uint8_t i = 0; i < known->count; i++) {
        if (known->batches[i].first_sequence == b->base_sequence &&
            known->batches[i].last_sequence == last) {
            *duplicate = known->batches[i];
            return PRODUCER_DUPLICATE;
        }
    }
    const int32_t newest = known->batches[known->count - 1].last_sequence;
    if (b->base_sequence == sequence_add(newest, 1)) {
        return PRODUCER_NEW;
    }
    const bool old = last <= newest && newest - last < INT32_MAX / 2;
    error_set_code(err, ERROR_PROTOCOL, old ? KAFKA_DUPLICATE : KAFKA_OUT_OF_ORDER,
                   "sequence %d follows %d of producer %lld", b->base_sequence, newest,
                   (long long)b->producer_id);
    return PRODUCER_REFUSED;
}

void
producers_apply(struct producers *p, const struct batch *b, int64_t now_ms)
{
    if (b->producer_id == -1 || (b->base_sequence < 0 && b->producer_id >= 0)) {
        return;
    }
    struct producer *state = producers_get(p, b->producer_id);
    if (state->epoch != b->producer_epoch) {
        state->epoch = b->producer_epoch;
        state->count = 0;
    }
    if (state->count == PRODUCER_BATCHES) {
        memmove(state->batches, state->batches + 1,
                (PRODUCER_BATCHES - 1) * sizeof *state->batches);
        state->count--;
    }
    state->last_ms = now_ms;
    state->batches[state->count++] = (struct producer_batch){
        .first_sequence = b->base_sequence,
        .last_sequence = sequence_add(b->base_sequence, b->last_offset_delta),
        .base_offset = b->base_offset,
        .last_offset = b->base_offset + b->last_offset_delta,
        .timestamp = b->max_timestamp,
    };
}

void
producers_expire(struct producers *p, int64_t before_ms)
{
    /* Sinks stay: a query may be started again after any time. */
    for (size_t i = 0; i < p->capacity; i++) {
        if (p->slots[i].used && p->slots[i].id < 0) {
            p->slots[i].last_ms = INT64_MAX;
        }
    }
    if (p->capacity > 0) {
        producers_rehash(p, p->capacity, before_ms);
    }
}

int64_t
producer_sink_key(uint64_t sink_id)
{
    const uint64_t key = sink_id | (uint64_t)1 << 63;
    return key == UINT64_MAX ? INT64_MIN : (int64_t)key;
}

int64_t
producers_sink_last(const struct producers *p, uint64_t sink_id, struct producer_batch *where)
{
    const struct producer *known = producers_find(p, producer_sink_key(sink_id));
    if (known == NULL || known->count == 0) {
        return -1;
    }
    *where = known->batches[known->count - 1];
    return (int64_t)known->epoch << 31 | where->first_sequence;
}

void
producer_sink_stamp(uint8_t *batch, size_t len, uint64_t sink_id, int64_t batch_id)
{
    const uint64_t key = __builtin_bswap64((uint64_t)producer_sink_key(sink_id));
    const uint16_t high = __builtin_bswap16((uint16_t)(batch_id >> 31));
    const uint32_t low = __builtin_bswap32((uint32_t)batch_id & INT32_MAX);
    memcpy(batch + 43, &key, 8);
    memcpy(batch + 51, &high, 2);
    memcpy(batch + 53, &low, 4);
    batch_seal(batch, len);
}

void
producers_write(const struct producers *p, int64_t offset, struct buffer *out)
{
    buffer_le32(out, PRODUCERS_MAGIC);
    buffer_le64(out, (uint64_t)offset);
    buffer_le32(out, (uint32_t)p->count);
    for (size_t i = 0; i < p->capacity; i++) {
        const struct producer *state = &p->slots[i];
        if (!state->used) {
            continue;
        }
        buffer_le64(out, (uint64_t)state->id);
        buffer_le16(out, (uint16_t)state->epoch);
        buffer_le64(out, (uint64_t)state->last_ms);
        buffer_u8(out, state->count);
        for (uint8_t j = 0; j < state->count; j++) {
            const struct producer_batch *b = &state->batches[j];
            buffer_le32(out, (uint32_t)b->first_sequence);
            buffer_le32(out, (uint32_t)b->last_sequence);
            buffer_le64(out, (uint64_t)b->base_offset);
            buffer_le64(out, (uint64_t)b->last_offset);
            buffer_le64(out, (uint64_t)b->timestamp);
        }
    }
}

bool
producers_read(struct producers *p, struct bytes in, int64_t *offset)
{
    struct reader r;
    reader_init(&r, in);
    const bool magic = reader_le32(&r) == PRODUCERS_MAGIC;
    *offset = (int64_t)reader_le64(&r);
    const uint32_t count = reader_le32(&r);
    for (uint32_t i = 0; magic && i < count && reader_ok(&r); i++) {
        const int64_t id = (int64_t)reader_le64(&r);
        struct producer *state = producers_get(p, id);
        state->epoch = (int16_t)reader_le16(&r);
        state->last_ms = (int64_t)reader_le64(&r);
        const uint8_t batches = reader_u8(&r);
        state->count = batches <= PRODUCER_BATCHES ? batches : 0;
        for (uint8_t j = 0; j < state->count; j++) {
            struct producer_batch *b = &state->batches[j];
            b->first_sequence = (int32_t)reader_le32(&r);
            b->last_sequence = (int32_t)reader_le32(&r);
            b->base_offset = (int64_t)reader_le64(&r);
            b->last_offset = (int64_t)reader_le64(&r);
            b->timestamp = (int64_t)reader_le64(&r);
        }
    }
    if (!magic || !reader_ok(&r)) {
        producers_release(p);
        return false;
    }
    return true;
}
