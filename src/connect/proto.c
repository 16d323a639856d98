/* The protobuf decoder and encoder: wire types by hand, everything else from the tables. */
#include "connect/proto.h"

#include <assert.h>
#include <string.h>

#include "connect/proto_messages.h"

enum wire { WIRE_VARINT = 0, WIRE_64 = 1, WIRE_BYTES = 2, WIRE_32 = 5 };

struct decoder {
    struct arena *arena;
    size_t memory_left; /* what structs and texts may still take */
    uint32_t depth;
    struct error *err;
};

/* Where a repeated field stands; decoding counts the items first, so that each array is exact. */
static bool message_decode(struct decoder *d, const struct pb_message *m, struct bytes in,
                           void *out);

struct pb_text
pb_text(const char *text)
{
    return (struct pb_text){text, text != NULL ? strlen(text) : 0};
}

const struct pb_field *
pb_field_find(const struct pb_message *m, uint32_t number)
{
    uint32_t low = 0, high = m->field_count;
    if (number >= 1 && number <= high && m->fields[number - 1].number == number) {
        return &m->fields[number - 1];
    }
    while (low < high) {
        uint32_t mid = (low + high) / 2;
        if (m->fields[mid].number == number) {
            return &m->fields[mid];
        }
        if (m->fields[mid].number < number) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    return NULL;
}

static bool
fault(struct decoder *d, const struct pb_message *m, const char *what)
{
    return error_set(d->err, ERROR_PROTOCOL, "protobuf message %s: %s", m->name, what);
}

static void *
take_memory(struct decoder *d, const struct pb_message *m, size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes) || bytes > d->memory_left) {
        fault(d, m, "needs more memory than its length allows");
        return NULL;
    }
    d->memory_left -= bytes;
    return arena_zalloc(d->arena, bytes);
}

static size_t
kind_size(const struct pb_field *f)
{
    switch ((enum pb_kind)f->kind) {
    case PB_BOOL:
        return sizeof(bool);
    case PB_INT32:
    case PB_UINT32:
    case PB_FLOAT:
        return 4;
    case PB_INT64:
    case PB_DOUBLE:
        return 8;
    case PB_STRING:
        return sizeof(struct pb_text);
    case PB_BYTES:
        return sizeof(struct bytes);
    case PB_MESSAGE:
        return pb_messages[f->message].size;
    }
    return 0;
}

static enum wire
kind_wire(uint8_t kind)
{
    switch ((enum pb_kind)kind) {
    case PB_FLOAT:
        return WIRE_32;
    case PB_DOUBLE:
        return WIRE_64;
    case PB_STRING:
    case PB_BYTES:
    case PB_MESSAGE:
        return WIRE_BYTES;
    default:
        return WIRE_VARINT;
    }
}

static struct bytes
take_delimited(struct reader *r)
{
    uint64_t len = reader_uvarint64(r);
    if (len > reader_left(r)) {
        reader_refuse(r);
        return (struct bytes){NULL, 0};
    }
    return reader_take(r, (size_t)len);
}

static void
wire_skip(struct reader *r, uint32_t wire)
{
    switch (wire) {
    case WIRE_VARINT:
        reader_uvarint64(r);
        break;
    case WIRE_64:
        reader_le64(r);
        break;
    case WIRE_32:
        reader_le32(r);
        break;
    case WIRE_BYTES:
        take_delimited(r);
        break;
    default: /* groups are long dead */
        reader_refuse(r);
    }
}

static bool
utf8_valid(const uint8_t *p, size_t len)
{
    size_t i = 0;
    while (i < len) {
        uint8_t c = p[i];
        if (c < 0x80) {
            i++;
            continue;
        }
        size_t more = c >= 0xf0 && c <= 0xf4 ? 3 : c >= 0xe0 ? 2 : 1;
        if (c < 0xc2 || c > 0xf4 || i + more >= len) {
            return false;
        }
        uint8_t second = p[i + 1];
        if ((c == 0xe0 && second < 0xa0) || (c == 0xed && second > 0x9f) ||
            (c == 0xf0 && second < 0x90) || (c == 0xf4 && second > 0x8f)) {
            return false; /* overlong, surrogate, above U+10FFFF */
        }
        for (size_t k = 1; k <= more; k++) {
            if ((p[i + k] & 0xc0) != 0x80) {
                return false;
            }
        }
        i += more + 1;
    }
    return true;
}

static bool
text_decode(struct decoder *d, const struct pb_message *m, struct bytes in, struct pb_text *out)
{
    if (!utf8_valid(in.ptr, in.len)) {
        return fault(d, m, "a string is not UTF-8");
    }
    char *copy = take_memory(d, m, in.len + 1, 1);
    if (copy == NULL) {
        return false;
    }
    memcpy(copy, in.ptr, in.len);
    *out = (struct pb_text){copy, in.len};
    return true;
}

/* A delimited value: text, bytes or message. */
static bool
delimited_decode(struct decoder *d, const struct pb_message *m, const struct pb_field *f,
                 struct bytes in, void *slot)
{
    if (f->kind == PB_STRING) {
        return text_decode(d, m, in, slot);
    }
    if (f->kind == PB_BYTES) {
        *(struct bytes *)slot = in;
        return true;
    }
    const struct pb_message *sub = &pb_messages[f->message];
    if (f->label == PB_REPEATED) {
        return message_decode(d, sub, in, slot);
    }
    void *made = take_memory(d, m, 1, sub->size);
    if (made == NULL) {
        return false;
    }
    *(void **)slot = made;
    return message_decode(d, sub, in, made);
}

static void
number_decode(struct reader *r, uint8_t kind, void *slot)
{
    uint32_t bits32;
    uint64_t bits64;
    switch ((enum pb_kind)kind) {
    case PB_BOOL:
        *(bool *)slot = reader_uvarint64(r) != 0;
        break;
    case PB_INT32:
    case PB_UINT32:
        *(uint32_t *)slot = (uint32_t)reader_uvarint64(r);
        break;
    case PB_INT64:
        *(uint64_t *)slot = reader_uvarint64(r);
        break;
    case PB_FLOAT:
        bits32 = reader_le32(r);
        memcpy(slot, &bits32, 4);
        break;
    case PB_DOUBLE:
        bits64 = reader_le64(r);
        memcpy(slot, &bits64, 8);
        break;
    default:
        assert(false);
    }
}

static size_t
packed_count(struct bytes in, enum wire wire)
{
    if (wire != WIRE_VARINT) {
        return in.len / (wire == WIRE_32 ? 4 : 8);
    }
    size_t count = 0;
    for (size_t i = 0; i < in.len; i++) {
        count += (in.ptr[i] & 0x80) == 0;
    }
    return count;
}

/* How many items of field f stand in the rest of the message. */
static size_t
items_count(struct reader rest, const struct pb_field *f, uint32_t wire)
{
    enum wire want = kind_wire(f->kind);
    size_t count = 0;
    for (;;) {
        if (wire == WIRE_BYTES && want != WIRE_BYTES) {
            count += packed_count(take_delimited(&rest), want);
        } else {
            count++;
            wire_skip(&rest, wire);
        }
        uint64_t tag;
        do {
            if (!reader_ok(&rest) || reader_left(&rest) == 0) {
                return count;
            }
            tag = reader_uvarint64(&rest);
            if (tag >> 3 != f->number) {
                wire_skip(&rest, tag & 7);
            }
        } while (tag >> 3 != f->number);
        wire = tag & 7;
    }
}

static bool
repeated_decode(struct decoder *d, const struct pb_message *m, const struct pb_field *f,
                uint32_t wire, struct reader *r, uint8_t *out)
{
    uint32_t *count = (uint32_t *)(void *)(out + f->presence);
    void **array = (void **)(void *)(out + f->offset);
    size_t size = kind_size(f);
    if (*array == NULL) {
        size_t total = items_count(*r, f, wire);
        if (total > UINT32_MAX) {
            return fault(d, m, "too many items");
        }
        *array = take_memory(d, m, total, size);
        if (*array == NULL) {
            return false;
        }
    }
    enum wire want = kind_wire(f->kind);
    if (wire == want && want == WIRE_BYTES) {
        struct bytes in = take_delimited(r);
        return !reader_ok(r) ||
               delimited_decode(d, m, f, in, (uint8_t *)*array + size * (*count)++);
    }
    if (wire == want) {
        number_decode(r, f->kind, (uint8_t *)*array + size * (*count)++);
        return true;
    }
    struct reader packed;
    reader_init(&packed, take_delimited(r));
    while (reader_left(&packed) > 0) {
        uint64_t value[1] = {0};
        number_decode(&packed, f->kind, value);
        if (!reader_ok(&packed)) {
            reader_refuse(r);
            return true;
        }
        memcpy((uint8_t *)*array + size * (*count)++, value, size);
    }
    return true;
}

static bool
single_decode(struct decoder *d, const struct pb_message *m, const struct pb_field *f,
              struct reader *r, uint8_t *out)
{
    if (f->label == PB_ONEOF) {
        *(uint32_t *)(void *)(out + f->presence) = f->number;
    } else if (f->label == PB_OPTIONAL && f->presence != 0) {
        *(bool *)(out + f->presence) = true;
    }
    if (kind_wire(f->kind) != WIRE_BYTES) {
        number_decode(r, f->kind, out + f->offset);
        return true;
    }
    struct bytes in = take_delimited(r);
    return !reader_ok(r) || delimited_decode(d, m, f, in, out + f->offset);
}

static bool
message_decode(struct decoder *d, const struct pb_message *m, struct bytes in, void *out)
{
    if (d->depth == PB_DEPTH_MAX) {
        return fault(d, m, "nested too deep");
    }
    d->depth++;
    if (m->raw) {
        *(struct bytes *)out = in;
    }
    struct reader r;
    reader_init(&r, in);
    while (reader_left(&r) > 0) {
        uint64_t tag = reader_uvarint64(&r);
        uint32_t wire = tag & 7;
        const struct pb_field *f =
            tag >> 3 <= UINT16_MAX ? pb_field_find(m, (uint32_t)(tag >> 3)) : NULL;
        bool packed = f != NULL && f->label == PB_REPEATED && wire == WIRE_BYTES;
        bool ok = true;
        if (f == NULL) {
            wire_skip(&r, wire);
        } else if (wire != (uint32_t)kind_wire(f->kind) && !packed) {
            return fault(d, m, "a field has another wire type than its schema says");
        } else if (f->label == PB_REPEATED) {
            ok = repeated_decode(d, m, f, wire, &r, out);
        } else {
            ok = single_decode(d, m, f, &r, out);
        }
        if (!ok) {
            return false;
        }
    }
    d->depth--;
    return reader_ok(&r) || fault(d, m, "ends inside a value");
}

bool
pb_decode(struct arena *a, const struct pb_message *m, struct bytes in, void *out,
          struct error *err)
{
    struct decoder d = {.arena = a, .err = err};
    d.memory_left = PB_MEMORY_MIN + in.len * PB_MEMORY_RATIO;
    return message_decode(&d, m, in, out);
}

/* Encoding: sizes are computed from below each time they are needed, which costs a factor of the
 * depth; the messages that we write are flat, and deep ones go out by their raw bytes. */

static size_t
uvarint_size(uint64_t v)
{
    return (size_t)(70 - __builtin_clzll(v | 1)) / 7;
}

static uint64_t
varint_of(uint8_t kind, const void *slot)
{
    switch ((enum pb_kind)kind) {
    case PB_BOOL:
        return *(const bool *)slot;
    case PB_INT32:
        return (uint64_t)(int64_t) * (const int32_t *)slot;
    case PB_UINT32:
        return *(const uint32_t *)slot;
    default:
        return *(const uint64_t *)slot;
    }
}

static const void *
item_message(const struct pb_field *f, const void *slot)
{
    return f->label == PB_REPEATED ? slot : *(void *const *)slot;
}

static size_t
value_size(const struct pb_field *f, const void *slot)
{
    switch ((enum pb_kind)f->kind) {
    case PB_FLOAT:
        return 4;
    case PB_DOUBLE:
        return 8;
    case PB_STRING:
        return ((const struct pb_text *)slot)->len;
    case PB_BYTES:
        return ((const struct bytes *)slot)->len;
    case PB_MESSAGE:
        return pb_size(&pb_messages[f->message], item_message(f, slot));
    default:
        return uvarint_size(varint_of(f->kind, slot));
    }
}

/* Is the single field worth writing? */
static bool
is_present(const struct pb_field *f, const uint8_t *msg)
{
    const void *slot = msg + f->offset;
    if (f->label == PB_ONEOF) {
        return *(const uint32_t *)(const void *)(msg + f->presence) == f->number &&
               (f->kind != PB_MESSAGE || *(void *const *)slot != NULL);
    }
    switch ((enum pb_kind)f->kind) {
    case PB_MESSAGE:
        return *(void *const *)slot != NULL;
    case PB_STRING:
        return f->label == PB_OPTIONAL ? ((const struct pb_text *)slot)->ptr != NULL
                                       : ((const struct pb_text *)slot)->len > 0;
    case PB_BYTES:
        return f->label == PB_OPTIONAL ? ((const struct bytes *)slot)->ptr != NULL
                                       : ((const struct bytes *)slot)->len > 0;
    default:
        break;
    }
    if (f->label == PB_OPTIONAL) {
        return *(const bool *)(msg + f->presence);
    }
    uint64_t zero = 0;
    return memcmp(slot, &zero, kind_size(f)) != 0;
}

static void
value_encode(struct buffer *out, const struct pb_field *f, const void *slot)
{
    enum wire wire = kind_wire(f->kind);
    buffer_uvarint(out, (uint64_t)f->number << 3 | (uint64_t)wire);
    if (wire == WIRE_VARINT) {
        buffer_uvarint(out, varint_of(f->kind, slot));
    } else if (wire != WIRE_BYTES) {
        buffer_put(out, slot, wire == WIRE_32 ? 4 : 8);
    } else if (f->kind == PB_MESSAGE) {
        const void *sub = item_message(f, slot);
        buffer_uvarint(out, pb_size(&pb_messages[f->message], sub));
        pb_encode(out, &pb_messages[f->message], sub);
    } else {
        const struct bytes *b = slot; /* pb_text has the same shape */
        buffer_uvarint(out, b->len);
        buffer_put(out, b->ptr, b->len);
    }
}

_Static_assert(sizeof(struct pb_text) == sizeof(struct bytes), "texts are written as bytes");
_Static_assert(offsetof(struct pb_text, len) == offsetof(struct bytes, len), "the same shape");
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "floats are written as they lie");

/* Numbers go packed, as proto3 has it. */
static size_t
packed_size(const struct pb_field *f, const uint8_t *items, uint32_t count)
{
    size_t total = 0;
    for (uint32_t i = 0; i < count; i++) {
        total += value_size(f, items + i * kind_size(f));
    }
    return total;
}

static size_t
field_size(const struct pb_field *f, const uint8_t *msg)
{
    size_t tag = uvarint_size((uint64_t)f->number << 3);
    bool delimited = kind_wire(f->kind) == WIRE_BYTES;
    if (f->label != PB_REPEATED) {
        if (!is_present(f, msg)) {
            return 0;
        }
        size_t size = value_size(f, msg + f->offset);
        return tag + size + (delimited ? uvarint_size(size) : 0);
    }
    uint32_t count = *(const uint32_t *)(const void *)(msg + f->presence);
    const uint8_t *items = *(uint8_t *const *)(const void *)(msg + f->offset);
    if (count > 0 && !delimited) {
        size_t size = packed_size(f, items, count);
        return tag + uvarint_size(size) + size;
    }
    size_t total = 0;
    for (uint32_t i = 0; i < count; i++) {
        size_t size = value_size(f, items + i * kind_size(f));
        total += tag + uvarint_size(size) + size;
    }
    return total;
}

size_t
pb_size(const struct pb_message *m, const void *msg)
{
    if (m->raw && ((const struct bytes *)msg)->ptr != NULL) {
        return ((const struct bytes *)msg)->len;
    }
    size_t total = 0;
    for (uint32_t i = 0; i < m->field_count; i++) {
        total += field_size(&m->fields[i], msg);
    }
    return total;
}

static void
repeated_encode(struct buffer *out, const struct pb_field *f, const uint8_t *msg)
{
    uint32_t count = *(const uint32_t *)(const void *)(msg + f->presence);
    const uint8_t *items = *(uint8_t *const *)(const void *)(msg + f->offset);
    size_t size = kind_size(f);
    enum wire wire = kind_wire(f->kind);
    if (count == 0) {
        return;
    }
    if (wire == WIRE_BYTES) {
        for (uint32_t i = 0; i < count; i++) {
            value_encode(out, f, items + i * size);
        }
        return;
    }
    buffer_uvarint(out, (uint64_t)f->number << 3 | WIRE_BYTES);
    buffer_uvarint(out, packed_size(f, items, count));
    for (uint32_t i = 0; i < count; i++) {
        if (wire == WIRE_VARINT) {
            buffer_uvarint(out, varint_of(f->kind, items + i * size));
        } else {
            buffer_put(out, items + i * size, size);
        }
    }
}

void
pb_encode(struct buffer *out, const struct pb_message *m, const void *msg)
{
    if (m->raw && ((const struct bytes *)msg)->ptr != NULL) {
        buffer_put(out, ((const struct bytes *)msg)->ptr, ((const struct bytes *)msg)->len);
        return;
    }
    for (uint32_t i = 0; i < m->field_count; i++) {
        const struct pb_field *f = &m->fields[i];
        if (f->label == PB_REPEATED) {
            repeated_encode(out, f, msg);
        } else if (is_present(f, msg)) {
            value_encode(out, f, (const uint8_t *)msg + f->offset);
        }
    }
}
