/* Thrift compact protocol. */
#include "format/thrift.h"

#include <assert.h>
#include <string.h>

enum { THRIFT_DEPTH_MAX = 32 };

bool
thrift_next(struct reader *r, struct thrift_field *f)
{
    const uint8_t head = reader_u8(r);
    if (!reader_ok(r) || (head & 15) == THRIFT_STOP) {
        return false;
    }
    f->type = head & 15;
    f->id = head >> 4 != 0 ? f->id + (head >> 4) : reader_varint32(r);
    if (f->type > THRIFT_STRUCT || f->id < 0 || f->id > INT16_MAX) {
        reader_refuse(r);
    }
    return reader_ok(r);
}

static void skip_deep(struct reader *r, uint8_t type, uint32_t depth);

static void
skip_items(struct reader *r, uint8_t type, uint64_t count, uint32_t depth)
{
    const bool is_bool = type == THRIFT_TRUE || type == THRIFT_FALSE;
    for (uint64_t i = 0; i < count && reader_ok(r); i++) {
        if (is_bool) {
            reader_u8(r); /* a byte in lists, nothing in fields */
        } else {
            skip_deep(r, type, depth);
        }
    }
}

static void
skip_deep(struct reader *r, uint8_t type, uint32_t depth)
{
    if (depth > THRIFT_DEPTH_MAX) {
        reader_refuse(r);
        return;
    }
    switch (type) {
    case THRIFT_TRUE:
    case THRIFT_FALSE:
        return;
    case THRIFT_BYTE:
        reader_u8(r);
        return;
    case THRIFT_I16:
    case THRIFT_I32:
    case THRIFT_I64:
        reader_uvarint64(r);
        return;
    case THRIFT_DOUBLE:
        reader_le64(r);
        return;
    case THRIFT_BINARY:
        reader_lenbytes(r);
        return;
    case THRIFT_LIST:
    case THRIFT_SET: {
        const uint8_t head = reader_u8(r);
        const uint64_t count = head >> 4 == 15 ? reader_uvarint64(r) : head >> 4;
        skip_items(r, head & 15, count, depth + 1);
        return;
    }
    case THRIFT_MAP: {
        const uint64_t count = reader_uvarint64(r);
        const uint8_t types = count > 0 ? reader_u8(r) : 0;
        for (uint64_t i = 0; i < count && reader_ok(r); i++) {
            skip_items(r, types >> 4, 1, depth + 1);
            skip_items(r, types & 15, 1, depth + 1);
        }
        return;
    }
    case THRIFT_STRUCT: {
        struct thrift_field f = {0};
        while (thrift_next(r, &f)) {
            skip_deep(r, f.type, depth + 1);
        }
        return;
    }
    default:
        reader_refuse(r);
    }
}

void
thrift_skip(struct reader *r, uint8_t type)
{
    skip_deep(r, type, 0);
}

int64_t
thrift_int(struct reader *r, const struct thrift_field *f)
{
    switch (f->type) {
    case THRIFT_BYTE:
        return (int8_t)reader_u8(r);
    case THRIFT_I16:
    case THRIFT_I32:
    case THRIFT_I64:
        return reader_varint64(r);
    default:
        reader_refuse(r);
        return 0;
    }
}

bool
thrift_bool(const struct thrift_field *f)
{
    return f->type == THRIFT_TRUE;
}

struct bytes
thrift_binary(struct reader *r, const struct thrift_field *f)
{
    if (f->type != THRIFT_BINARY) {
        reader_refuse(r);
        return (struct bytes){0};
    }
    return reader_lenbytes(r);
}

uint32_t
thrift_list(struct reader *r, const struct thrift_field *f, uint8_t item_type)
{
    if (f->type != THRIFT_LIST) {
        reader_refuse(r);
        return 0;
    }
    const uint8_t head = reader_u8(r);
    const uint64_t count = head >> 4 == 15 ? reader_uvarint64(r) : head >> 4;
    if (!reader_ok(r) || count > reader_left(r) || (count > 0 && (head & 15) != item_type)) {
        reader_refuse(r);
        return 0;
    }
    return (uint32_t)count;
}

static void
put_head(struct thrift_put *t, int32_t id, uint8_t type)
{
    int32_t *last = &t->last[t->depth];
    const int32_t step = id - *last;
    assert(step > 0);
    if (step <= 15) {
        buffer_u8(t->out, (uint8_t)(step << 4 | type));
    } else {
        buffer_u8(t->out, type);
        buffer_varint(t->out, id);
    }
    *last = id;
}

void
thrift_put_int(struct thrift_put *t, int32_t id, uint8_t type, int64_t value)
{
    put_head(t, id, type);
    if (type == THRIFT_BYTE) {
        buffer_u8(t->out, (uint8_t)value);
    } else {
        buffer_varint(t->out, value);
    }
}

void
thrift_put_bool(struct thrift_put *t, int32_t id, bool value)
{
    put_head(t, id, value ? THRIFT_TRUE : THRIFT_FALSE);
}

void
thrift_put_binary(struct thrift_put *t, int32_t id, const void *ptr, size_t len)
{
    put_head(t, id, THRIFT_BINARY);
    buffer_lenbytes(t->out, ptr, len);
}

void
thrift_put_text(struct thrift_put *t, int32_t id, const char *text)
{
    thrift_put_binary(t, id, text, strlen(text));
}

void
thrift_put_list(struct thrift_put *t, int32_t id, uint8_t item_type, uint32_t count)
{
    put_head(t, id, THRIFT_LIST);
    if (count < 15) {
        buffer_u8(t->out, (uint8_t)(count << 4 | item_type));
    } else {
        buffer_u8(t->out, (uint8_t)(0xf0 | item_type));
        buffer_uvarint(t->out, count);
    }
}

void
thrift_begin_item(struct thrift_put *t)
{
    t->depth++;
    assert(t->depth < sizeof t->last / sizeof *t->last);
    t->last[t->depth] = 0;
}

void
thrift_begin(struct thrift_put *t, int32_t id)
{
    put_head(t, id, THRIFT_STRUCT);
    thrift_begin_item(t);
}

void
thrift_end(struct thrift_put *t)
{
    buffer_u8(t->out, THRIFT_STOP);
    t->depth--;
}
