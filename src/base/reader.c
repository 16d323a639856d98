/* A bounds-checked walk over bytes from outside; the first fault shuts the window. */
#include "base/reader.h"

#include <assert.h>
#include <string.h>

/* Records the first fault and shuts the window. Returns 0, which is what the failed read yields. */
static uint64_t
reader_fail(struct reader *r, enum reader_fault fault)
{
    assert(fault != READER_OK);
    if (r->fault == READER_OK) {
        r->fault = fault;
    }
    r->end = r->pos;
    return 0;
}

void
reader_init(struct reader *r, struct bytes input)
{
    static const uint8_t nothing[1]; /* an address for "no input": NULL + 0 is undefined in C */
    assert(input.ptr != NULL || input.len == 0);
    const uint8_t *start = input.ptr != NULL ? input.ptr : nothing;
    *r = (struct reader){.start = start, .pos = start, .end = start + input.len};
}

bool
reader_ok(const struct reader *r)
{
    return r->fault == READER_OK;
}

size_t
reader_left(const struct reader *r)
{
    assert(r->pos <= r->end);
    return (size_t)(r->end - r->pos);
}

size_t
reader_offset(const struct reader *r)
{
    assert(r->start <= r->pos);
    return (size_t)(r->pos - r->start);
}

uint64_t
reader_uvarint64(struct reader *r)
{
    const uint8_t *p = r->pos;
    uint64_t value = 0;

    for (unsigned shift = 0; shift < 63; shift += 7) {
        if (p == r->end) {
            return reader_fail(r, READER_SHORT);
        }
        const uint8_t byte = *p++;
        value |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80) {
            r->pos = p;
            return value;
        }
    }

    /* Nine bytes gave 63 bits; the tenth may hold the last one and nothing else. */
    if (p == r->end) {
        return reader_fail(r, READER_SHORT);
    }
    if (*p > 1) {
        return reader_fail(r, READER_OVERLONG);
    }
    r->pos = p + 1;
    return value | (uint64_t)*p << 63;
}

int64_t
reader_varint64(struct reader *r)
{
    const uint64_t zigzag = reader_uvarint64(r);
    return (int64_t)((zigzag >> 1) ^ (0 - (zigzag & 1)));
}

int32_t
reader_varint32(struct reader *r)
{
    const int64_t value = reader_varint64(r);
    if (value < INT32_MIN || value > INT32_MAX) {
        return (int32_t)reader_fail(r, READER_RANGE);
    }
    return (int32_t)value;
}

struct bytes
reader_take(struct reader *r, size_t len)
{
    if (len > reader_left(r)) {
        reader_fail(r, READER_SHORT);
        return (struct bytes){0};
    }
    const struct bytes view = {.ptr = r->pos, .len = len};
    r->pos += len;
    return view;
}

struct bytes
reader_bytes(struct reader *r)
{
    const int32_t len = reader_varint32(r);
    if (len < -1) {
        reader_fail(r, READER_RANGE);
    }
    if (!reader_ok(r) || len == -1) {
        return (struct bytes){0};
    }
    return reader_take(r, (size_t)len);
}

size_t
reader_count(struct reader *r, size_t item_bytes_min)
{
    assert(item_bytes_min > 0);
    const int32_t count = reader_varint32(r);
    if (count < 0 || (size_t)count > reader_left(r) / item_bytes_min) {
        return reader_fail(r, READER_RANGE);
    }
    return (size_t)count;
}

uint8_t
reader_u8(struct reader *r)
{
    if (r->pos == r->end) {
        return (uint8_t)reader_fail(r, READER_SHORT);
    }
    return *r->pos++;
}

/* Reads a fixed little-endian word; the big-endian ones swap it. */
static uint64_t
reader_word(struct reader *r, size_t bytes)
{
    if (bytes > reader_left(r)) {
        return reader_fail(r, READER_SHORT);
    }
    uint64_t value = 0;
    memcpy(&value, r->pos, bytes);
    r->pos += bytes;
    return value;
}

uint16_t
reader_le16(struct reader *r)
{
    return (uint16_t)reader_word(r, 2);
}

uint32_t
reader_le32(struct reader *r)
{
    return (uint32_t)reader_word(r, 4);
}

uint64_t
reader_le64(struct reader *r)
{
    return reader_word(r, 8);
}

uint16_t
reader_be16(struct reader *r)
{
    return __builtin_bswap16((uint16_t)reader_word(r, 2));
}

uint32_t
reader_be32(struct reader *r)
{
    return __builtin_bswap32((uint32_t)reader_word(r, 4));
}

uint64_t
reader_be64(struct reader *r)
{
    return __builtin_bswap64(reader_word(r, 8));
}

struct bytes
reader_lenbytes(struct reader *r)
{
    const uint64_t len = reader_uvarint64(r);
    if (len > reader_left(r)) {
        reader_fail(r, READER_SHORT);
    }
    return reader_ok(r) ? reader_take(r, (size_t)len) : (struct bytes){0};
}

size_t
reader_ucount(struct reader *r, size_t item_bytes_min)
{
    assert(item_bytes_min > 0);
    const uint64_t count = reader_uvarint64(r);
    if (count > reader_left(r) / item_bytes_min) {
        return reader_fail(r, READER_RANGE);
    }
    return (size_t)count;
}

void
reader_refuse(struct reader *r)
{
    reader_fail(r, READER_RANGE);
}
