/*
 * Types as bytes between our own processes: id, then what the id needs, fields in order.
 * The reader bounds depth and counts, since a peer may be broken.
 */
#include "base/arena.h"
#include "base/buffer.h"
#include "base/reader.h"
#include "type/type.h"
#include "type/type_parse.h"

void
type_write(struct buffer *out, const struct type *t)
{
    buffer_u8(out, (uint8_t)t->id);
    buffer_u8(out, t->precision);
    buffer_u8(out, t->scale);
    buffer_u8(out, t->string_kind);
    buffer_varint(out, t->length);
    if (!type_is_nested(t)) {
        return;
    }
    buffer_uvarint(out, t->field_count);
    for (uint32_t i = 0; i < t->field_count; i++) {
        const struct type_field *f = &t->fields[i];
        buffer_lentext(out, f->name);
        buffer_u8(out, (uint8_t)(f->nullable | (f->metadata != NULL) << 1));
        if (f->metadata != NULL) {
            buffer_lentext(out, f->metadata);
        }
        type_write(out, f->type);
    }
}

static const char *
text_read(struct arena *a, struct reader *r)
{
    const struct bytes b = reader_lenbytes(r);
    return arena_strndup(a, b.ptr != NULL ? (const char *)b.ptr : "", b.len);
}

static bool
scalar_valid(const struct type *t)
{
    switch (t->id) {
    case TYPE_DECIMAL:
        return t->precision >= 1 && t->precision <= DECIMAL_PRECISION_MAX &&
               t->scale <= t->precision;
    case TYPE_INTERVAL_YM:
        return t->precision <= t->scale && t->scale <= UNIT_MONTH;
    case TYPE_INTERVAL_DT:
        return t->precision <= t->scale && t->scale <= UNIT_SECOND;
    default:
        return t->string_kind <= STRING_VARCHAR;
    }
}

static const struct type *type_read_deep(struct arena *a, struct reader *r, unsigned depth);

static bool
fields_read(struct arena *a, struct reader *r, struct type *t, unsigned depth)
{
    const size_t count = reader_ucount(r, 7);
    const size_t want = t->id == TYPE_ARRAY ? 1 : t->id == TYPE_MAP ? 2 : count;
    if (!reader_ok(r) || count != want) {
        return false;
    }
    struct type_field *fields = arena_new_array(a, struct type_field, count);
    for (size_t i = 0; i < count; i++) {
        fields[i].name = text_read(a, r);
        const uint8_t flags = reader_u8(r);
        fields[i].nullable = flags & 1;
        fields[i].metadata = (flags & 2) != 0 ? text_read(a, r) : NULL;
        fields[i].type = type_read_deep(a, r, depth + 1);
        if (fields[i].type == NULL) {
            return false;
        }
    }
    t->fields = fields;
    t->field_count = (uint32_t)count;
    return true;
}

static const struct type *
type_read_deep(struct arena *a, struct reader *r, unsigned depth)
{
    const uint8_t id = reader_u8(r);
    struct type t = {.id = id < TYPE_COUNT ? (enum type_id)id : TYPE_NULL};
    t.precision = reader_u8(r);
    t.scale = reader_u8(r);
    t.string_kind = reader_u8(r);
    t.length = reader_varint32(r);
    if (!reader_ok(r) || id >= TYPE_COUNT || depth > TYPE_DEPTH_MAX || !scalar_valid(&t)) {
        reader_refuse(r);
        return NULL;
    }
    if (type_is_nested(&t) && !fields_read(a, r, &t, depth)) {
        reader_refuse(r);
        return NULL;
    }
    return arena_copy(a, &t, sizeof t);
}

const struct type *
type_read(struct arena *a, struct reader *r)
{
    return type_read_deep(a, r, 0);
}
