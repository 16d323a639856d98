/* Record batches as bytes: the header in and out, the CRC, and the records inside. */
#include "log/batch.h"

#include <assert.h>
#include <string.h>

#include "base/crc32c.h"

enum { BATCH_CRC_AT = 17, BATCH_CHECKED_FROM = 21 };

static void
put_be32(uint8_t *at, uint32_t v)
{
    v = __builtin_bswap32(v);
    memcpy(at, &v, 4);
}

static void
put_be64(uint8_t *at, uint64_t v)
{
    v = __builtin_bswap64(v);
    memcpy(at, &v, 8);
}

bool
batch_parse(struct bytes input, struct batch *out, struct error *err)
{
    struct reader r;
    reader_init(&r, input);
    struct batch b = {0};
    b.base_offset = (int64_t)reader_be64(&r);
    b.length = (int32_t)reader_be32(&r);
    b.leader_epoch = (int32_t)reader_be32(&r);
    const uint8_t magic = reader_u8(&r);
    b.crc = reader_be32(&r);
    b.attributes = reader_be16(&r);
    b.last_offset_delta = (int32_t)reader_be32(&r);
    b.base_timestamp = (int64_t)reader_be64(&r);
    b.max_timestamp = (int64_t)reader_be64(&r);
    b.producer_id = (int64_t)reader_be64(&r);
    b.producer_epoch = (int16_t)reader_be16(&r);
    b.base_sequence = (int32_t)reader_be32(&r);
    b.record_count = (int32_t)reader_be32(&r);
    /* Old formats keep their magic at the same place, so it is looked at even in a short input. */
    if (input.len > 16 && input.ptr[16] != 2) {
        return error_set_code(err, ERROR_PROTOCOL, 43,
                              "record format v%u is not supported, only v2 is", input.ptr[16]);
    }
    if (!reader_ok(&r) || magic != 2 || b.length < BATCH_HEADER_BYTES - BATCH_OVERHEAD_BYTES ||
        (size_t)b.length > input.len - BATCH_OVERHEAD_BYTES) {
        return error_set_code(err, ERROR_PROTOCOL, 2, "a record batch ends too early");
    }
    if (b.record_count < 0 || b.last_offset_delta < 0 ||
        b.base_offset > INT64_MAX - 1 - b.last_offset_delta) {
        return error_set_code(err, ERROR_PROTOCOL, 87, "a record batch has a count below zero");
    }
    b.records = reader_take(&r, (size_t)b.length - (BATCH_HEADER_BYTES - BATCH_OVERHEAD_BYTES));
    *out = b;
    return true;
}

bool
batch_crc_ok(struct bytes whole_batch)
{
    if (whole_batch.len < BATCH_HEADER_BYTES) {
        return false;
    }
    uint32_t crc;
    memcpy(&crc, whole_batch.ptr + BATCH_CRC_AT, 4);
    return crc32c(0, whole_batch.ptr + BATCH_CHECKED_FROM, whole_batch.len - BATCH_CHECKED_FROM) ==
           __builtin_bswap32(crc);
}

void
batch_assign(uint8_t *batch, int64_t base_offset, int32_t leader_epoch)
{
    put_be64(batch, (uint64_t)base_offset);
    put_be32(batch + 12, (uint32_t)leader_epoch);
}

void
batch_seal(uint8_t *batch, size_t len)
{
    assert(len >= BATCH_HEADER_BYTES);
    put_be32(batch + BATCH_CRC_AT, crc32c(0, batch + BATCH_CHECKED_FROM, len - BATCH_CHECKED_FROM));
}

bool
batch_decompress(const struct batch *b, struct buffer *out, size_t limit, struct error *err)
{
    return batch_inflate((enum batch_codec)(b->attributes & 7), b->records, out, limit, err);
}

void
record_iter_init(struct record_iter *it, const struct batch *b, struct bytes plain)
{
    it->batch = b;
    it->left = b->record_count;
    reader_init(&it->reader, plain);
}

static bool
record_corrupt(struct error *err)
{
    return error_set_code(err, ERROR_PROTOCOL, 87, "a record does not fit its batch");
}

/* Headers are only walked, to find out that they end where the record does. */
static bool
record_headers_ok(struct bytes headers, int32_t count)
{
    struct reader r;
    reader_init(&r, headers);
    for (int32_t i = 0; i < count && reader_ok(&r); i++) {
        if (reader_bytes(&r).ptr == NULL) {
            return false;
        }
        reader_bytes(&r);
    }
    return reader_ok(&r) && reader_left(&r) == 0;
}

bool
record_iter_next(struct record_iter *it, struct log_record *out, struct error *err)
{
    if (it->left == 0) {
        return false;
    }
    it->left--;
    const struct batch *b = it->batch;
    const struct bytes body = reader_bytes(&it->reader);
    if (!reader_ok(&it->reader) || body.ptr == NULL) {
        it->left = 0;
        return record_corrupt(err);
    }
    struct reader r;
    reader_init(&r, body);
    reader_u8(&r); /* attributes: no bit has a meaning yet */
    const int64_t timestamp_delta = reader_varint64(&r);
    const int32_t offset_delta = reader_varint32(&r);
    struct log_record record = {.timestamp_type = (b->attributes >> 3) & 1};
    record.key = reader_bytes(&r);
    record.value = reader_bytes(&r);
    const size_t header_count = reader_count(&r, 2);
    if (!reader_ok(&r) || offset_delta < 0 || offset_delta > b->last_offset_delta) {
        it->left = 0;
        return record_corrupt(err);
    }
    record.headers = reader_take(&r, reader_left(&r));
    record.header_count = (int32_t)header_count;
    record.offset = b->base_offset + offset_delta;
    record.timestamp_ms = record.timestamp_type == 1
                              ? b->max_timestamp
                              : (int64_t)((uint64_t)b->base_timestamp + (uint64_t)timestamp_delta);
    if (!record_headers_ok(record.headers, record.header_count)) {
        it->left = 0;
        return record_corrupt(err);
    }
    *out = record;
    return true;
}

void
batch_begin(struct batch_builder *b, struct buffer *out, int64_t base_offset)
{
    *b = (struct batch_builder){.out = out, .start = out->len};
    uint8_t *header = buffer_extend(out, BATCH_HEADER_BYTES);
    if (header == NULL) {
        return; /* the buffer remembers its overflow */
    }
    memset(header, 0, BATCH_HEADER_BYTES);
    put_be64(header, (uint64_t)base_offset);
    put_be32(header + 12, UINT32_MAX);
    header[16] = 2;
    memset(header + 43, 0xff, 14); /* producer id, epoch, sequence: none */
}

static size_t
varint_len(int64_t v)
{
    uint64_t zigzag = ((uint64_t)v << 1) ^ (uint64_t)(v >> 63);
    size_t len = 1;
    while (zigzag >= 0x80) {
        zigzag >>= 7;
        len++;
    }
    return len;
}

static size_t
field_len(struct bytes b)
{
    return b.ptr == NULL ? 1 : varint_len((int64_t)b.len) + b.len;
}

static void
field_put(struct buffer *out, struct bytes b)
{
    buffer_varint(out, b.ptr == NULL ? -1 : (int64_t)b.len);
    buffer_put(out, b.ptr, b.len);
}

void
batch_add(struct batch_builder *b, int64_t timestamp_ms, struct bytes key, struct bytes value,
          struct bytes raw_headers, int32_t header_count)
{
    if (b->count == 0) {
        b->base_timestamp = timestamp_ms;
        b->max_timestamp = timestamp_ms;
    }
    if (timestamp_ms > b->max_timestamp) {
        b->max_timestamp = timestamp_ms;
    }
    const int64_t delta = timestamp_ms - b->base_timestamp;
    const size_t len = 1 + varint_len(delta) + varint_len(b->count) + field_len(key) +
                       field_len(value) + varint_len(header_count) + raw_headers.len;
    buffer_varint(b->out, (int64_t)len);
    buffer_u8(b->out, 0);
    buffer_varint(b->out, delta);
    buffer_varint(b->out, b->count);
    field_put(b->out, key);
    field_put(b->out, value);
    buffer_varint(b->out, header_count);
    buffer_put(b->out, raw_headers.ptr, raw_headers.len);
    b->count++;
}

void
batch_end(struct batch_builder *b)
{
    if (b->out->overflow) {
        return;
    }
    uint8_t *batch = b->out->ptr + b->start;
    const size_t len = b->out->len - b->start;
    put_be32(batch + 8, (uint32_t)(len - BATCH_OVERHEAD_BYTES));
    put_be32(batch + 23, (uint32_t)(b->count > 0 ? b->count - 1 : 0));
    put_be64(batch + 27, (uint64_t)b->base_timestamp);
    put_be64(batch + 35, (uint64_t)b->max_timestamp);
    put_be32(batch + 57, (uint32_t)b->count);
    batch_seal(batch, len);
}
