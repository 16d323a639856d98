/* The interpreter over the message tables. */
#include "kafka/codec.h"

#include <assert.h>
#include <stdlib.h>

enum { DECODE_AMPLIFY = 64, DECODE_FREE_BYTES = 64 << 10 };

const uint8_t kafka_hole[1];

const struct kafka_api_entry *
kafka_api_find(int16_t key)
{
    for (size_t i = 0; i < kafka_api_count; i++) {
        if (kafka_apis[i].key == key) {
            return &kafka_apis[i];
        }
    }
    return NULL;
}

static void
int_store(const struct kafka_field *f, void *at, int64_t v)
{
    switch (f->type) {
    case KAFKA_BOOL:
        *(bool *)at = v != 0;
        break;
    case KAFKA_INT8:
        *(int8_t *)at = (int8_t)v;
        break;
    case KAFKA_INT16:
    case KAFKA_UINT16:
        *(int16_t *)at = (int16_t)v;
        break;
    case KAFKA_INT32:
        *(int32_t *)at = (int32_t)v;
        break;
    default:
        assert(f->type == KAFKA_INT64);
        *(int64_t *)at = v;
    }
}

static int64_t
int_load(const struct kafka_field *f, const void *at)
{
    switch (f->type) {
    case KAFKA_BOOL:
        return *(const bool *)at;
    case KAFKA_INT8:
        return *(const int8_t *)at;
    case KAFKA_INT16:
    case KAFKA_UINT16:
        return *(const int16_t *)at;
    case KAFKA_INT32:
        return *(const int32_t *)at;
    default:
        assert(f->type == KAFKA_INT64);
        return *(const int64_t *)at;
    }
}

static size_t
type_bytes(const struct kafka_field *f)
{
    static const uint8_t sizes[] = {
        [KAFKA_BOOL] = sizeof(bool),
        [KAFKA_INT8] = 1,
        [KAFKA_INT16] = 2,
        [KAFKA_UINT16] = 2,
        [KAFKA_INT32] = 4,
        [KAFKA_INT64] = 8,
        [KAFKA_STRING] = sizeof(struct bytes),
        [KAFKA_BYTES] = sizeof(struct bytes),
        [KAFKA_RECORDS] = sizeof(struct bytes),
        [KAFKA_UUID] = sizeof(struct kafka_uuid),
    };
    return f->type == KAFKA_STRUCT ? f->of->bytes : sizes[f->type];
}

void
kafka_init(const struct kafka_struct *table, void *object)
{
    memset(object, 0, table->bytes);
    for (size_t i = 0; i < table->count; i++) {
        const struct kafka_field *f = &table->fields[i];
        char *at = (char *)object + f->offset;
        if (f->type == KAFKA_STRUCT && !f->array) {
            kafka_init(f->of, at);
        } else if (f->initial != 0) {
            int_store(f, at, f->initial);
        }
    }
}

void *
kafka_items(struct arena *a, const struct kafka_struct *table, size_t n)
{
    char *items = arena_alloc(a, n > 0 ? n * table->bytes : 1);
    for (size_t i = 0; i < n; i++) {
        kafka_init(table, items + i * table->bytes);
    }
    return items;
}

static bool
field_in(const struct kafka_field *f, int16_t version)
{
    return version >= f->version_min && version <= f->version_max;
}

static bool
field_tagged(const struct kafka_field *f, int16_t version, bool flexible)
{
    return flexible && f->tag >= 0 && version >= f->tag_min;
}

/* Decoding. */
struct decode {
    struct reader *in;
    int16_t version;
    bool flexible;
    struct arena *arena;
    size_t bytes_left; /* that arrays may still take */
};

static void decode_struct(struct decode *d, const struct kafka_struct *table, void *object);

/* The fewest bytes that one element can have on the wire: what bounds an array's count. */
static size_t
element_bytes_min(const struct decode *d, const struct kafka_field *f)
{
    static const uint8_t sizes[] = {
        [KAFKA_BOOL] = 1,    [KAFKA_INT8] = 1,  [KAFKA_INT16] = 2,  [KAFKA_UINT16] = 2,
        [KAFKA_INT32] = 4,   [KAFKA_INT64] = 8, [KAFKA_STRING] = 2, [KAFKA_BYTES] = 4,
        [KAFKA_RECORDS] = 4, [KAFKA_UUID] = 16,
    };
    if (f->type != KAFKA_STRUCT) {
        return d->flexible && f->type >= KAFKA_STRING && f->type <= KAFKA_RECORDS ? 1
                                                                                  : sizes[f->type];
    }
    size_t total = d->flexible ? 1 : 0;
    for (size_t i = 0; i < f->of->count; i++) {
        const struct kafka_field *inner = &f->of->fields[i];
        if (!field_in(inner, d->version) || field_tagged(inner, d->version, d->flexible)) {
            continue;
        }
        total += inner->array ? (d->flexible ? 1 : 4) : element_bytes_min(d, inner);
    }
    return total > 0 ? total : 1;
}

/* Length of a text or bytes field; -1 is null. */
static int64_t
decode_length(struct decode *d, const struct kafka_field *f)
{
    if (d->flexible) {
        return (int64_t)(reader_uvarint64(d->in) & UINT32_MAX) - 1;
    }
    return f->type == KAFKA_STRING ? (int16_t)reader_be16(d->in) : (int32_t)reader_be32(d->in);
}

static struct bytes
decode_bytes(struct decode *d, const struct kafka_field *f)
{
    const int64_t len = decode_length(d, f);
    if (len == -1 && d->version >= f->null_min) {
        return (struct bytes){0};
    }
    if (len < 0 || (f->type == KAFKA_STRING && len > INT16_MAX)) {
        reader_refuse(d->in);
        return (struct bytes){0};
    }
    return reader_take(d->in, (size_t)len);
}

static void
decode_value(struct decode *d, const struct kafka_field *f, void *at)
{
    switch ((enum kafka_type)f->type) {
    case KAFKA_BOOL:
    case KAFKA_INT8:
        int_store(f, at, (int8_t)reader_u8(d->in));
        break;
    case KAFKA_INT16:
    case KAFKA_UINT16:
        int_store(f, at, (int16_t)reader_be16(d->in));
        break;
    case KAFKA_INT32:
        int_store(f, at, (int32_t)reader_be32(d->in));
        break;
    case KAFKA_INT64:
        int_store(f, at, (int64_t)reader_be64(d->in));
        break;
    case KAFKA_STRING:
    case KAFKA_BYTES:
    case KAFKA_RECORDS:
        *(struct bytes *)at = decode_bytes(d, f);
        break;
    case KAFKA_UUID: {
        const struct bytes id = reader_take(d->in, 16);
        if (id.ptr != NULL) {
            memcpy(at, id.ptr, 16);
        }
        break;
    }
    case KAFKA_STRUCT:
        decode_struct(d, f->of, at);
        break;
    }
}

static void
decode_array(struct decode *d, const struct kafka_field *f, char *object)
{
    const int64_t count = d->flexible ? (int64_t)(reader_uvarint64(d->in) & UINT32_MAX) - 1
                                      : (int32_t)reader_be32(d->in);
    int32_t *count_at = (int32_t *)(object + f->count_offset);
    if (count == -1 && d->version >= f->null_min) {
        *count_at = -1;
        return;
    }
    const size_t each = type_bytes(f);
    if (count < 0 || (size_t)count > reader_left(d->in) / element_bytes_min(d, f) ||
        (size_t)count > d->bytes_left / each) {
        reader_refuse(d->in);
        return;
    }
    d->bytes_left -= (size_t)count * each;
    char *items = arena_zalloc(d->arena, count > 0 ? (size_t)count * each : 1);
    for (int64_t i = 0; i < count && reader_ok(d->in); i++) {
        if (f->type == KAFKA_STRUCT) {
            kafka_init(f->of, items + (size_t)i * each);
        }
        decode_value(d, f, items + (size_t)i * each);
    }
    *(void **)(object + f->offset) = items;
    *count_at = (int32_t)count;
}

static void
decode_field(struct decode *d, const struct kafka_field *f, char *object)
{
    if (f->array) {
        decode_array(d, f, object);
    } else if (f->type == KAFKA_STRUCT && d->version >= f->null_min) {
        const int8_t present = (int8_t)reader_u8(d->in);
        *(int32_t *)(object + f->count_offset) = present >= 0;
        if (present >= 0) {
            decode_value(d, f, object + f->offset);
        }
    } else {
        decode_value(d, f, object + f->offset);
    }
}

static void
decode_tags(struct decode *d, const struct kafka_struct *table, char *object)
{
    const uint64_t count = reader_uvarint64(d->in);
    for (uint64_t i = 0; i < count && reader_ok(d->in); i++) {
        const uint64_t tag = reader_uvarint64(d->in);
        const struct bytes body = reader_take(d->in, (size_t)reader_uvarint64(d->in));
        for (size_t j = 0; j < table->count && reader_ok(d->in); j++) {
            const struct kafka_field *f = &table->fields[j];
            if (field_tagged(f, d->version, true) && (uint64_t)f->tag == tag) {
                struct reader inner;
                reader_init(&inner, body);
                struct decode part = *d;
                part.in = &inner;
                decode_field(&part, f, object);
                d->bytes_left = part.bytes_left;
                if (!reader_ok(&inner)) {
                    reader_refuse(d->in);
                }
            }
        }
    }
}

static void
decode_struct(struct decode *d, const struct kafka_struct *table, void *object)
{
    for (size_t i = 0; i < table->count && reader_ok(d->in); i++) {
        const struct kafka_field *f = &table->fields[i];
        if (field_in(f, d->version) && !field_tagged(f, d->version, d->flexible)) {
            decode_field(d, f, object);
        }
    }
    if (d->flexible) {
        decode_tags(d, table, object);
    }
}

bool
kafka_decode(struct reader *in, const struct kafka_struct *table, int16_t version, bool flexible,
             struct arena *a, void *object)
{
    struct decode d = {
        .in = in,
        .version = version,
        .flexible = flexible,
        .arena = a,
        .bytes_left = reader_left(in) * DECODE_AMPLIFY + DECODE_FREE_BYTES,
    };
    kafka_init(table, object);
    decode_struct(&d, table, object);
    return reader_ok(in);
}

/* Encoding. */
struct encode {
    struct buffer *out;
    int16_t version;
    bool flexible;
    struct kafka_holes *holes;
};

static void encode_struct(struct encode *e, const struct kafka_struct *table, const void *object);

static void
encode_length(struct encode *e, const struct kafka_field *f, int64_t len)
{
    if (e->flexible) {
        buffer_uvarint(e->out, (uint64_t)(len + 1));
    } else if (f->type == KAFKA_STRING && !f->array) {
        buffer_be16(e->out, (uint16_t)len);
    } else {
        buffer_be32(e->out, (uint32_t)len);
    }
}

static void
encode_hole(struct kafka_holes *holes, size_t at, size_t len)
{
    assert(holes != NULL);
    if (holes->count == holes->capacity) {
        holes->capacity = holes->capacity ? holes->capacity * 2 : 8;
        holes->at = realloc(holes->at, holes->capacity * sizeof *holes->at);
        holes->len = realloc(holes->len, holes->capacity * sizeof *holes->len);
        if (holes->at == NULL || holes->len == NULL) {
            abort();
        }
    }
    holes->at[holes->count] = at;
    holes->len[holes->count++] = len;
}

static void
encode_bytes(struct encode *e, const struct kafka_field *f, struct bytes b)
{
    if (b.ptr == NULL) {
        const int64_t none = e->version >= f->null_min ? -1 : 0;
        if (f->type == KAFKA_STRING && !e->flexible) {
            buffer_be16(e->out, (uint16_t)none);
        } else if (e->flexible) {
            buffer_uvarint(e->out, (uint64_t)(none + 1));
        } else {
            buffer_be32(e->out, (uint32_t)none);
        }
        return;
    }
    if (e->flexible) {
        buffer_uvarint(e->out, b.len + 1);
    } else if (f->type == KAFKA_STRING) {
        buffer_be16(e->out, (uint16_t)b.len);
    } else {
        buffer_be32(e->out, (uint32_t)b.len);
    }
    if (b.ptr == kafka_hole) {
        encode_hole(e->holes, e->out->len, b.len);
    } else {
        buffer_put(e->out, b.ptr, b.len);
    }
}

static void
encode_value(struct encode *e, const struct kafka_field *f, const void *at)
{
    switch ((enum kafka_type)f->type) {
    case KAFKA_BOOL:
    case KAFKA_INT8:
        buffer_u8(e->out, (uint8_t)int_load(f, at));
        break;
    case KAFKA_INT16:
    case KAFKA_UINT16:
        buffer_be16(e->out, (uint16_t)int_load(f, at));
        break;
    case KAFKA_INT32:
        buffer_be32(e->out, (uint32_t)int_load(f, at));
        break;
    case KAFKA_INT64:
        buffer_be64(e->out, (uint64_t)int_load(f, at));
        break;
    case KAFKA_STRING:
    case KAFKA_BYTES:
    case KAFKA_RECORDS:
        encode_bytes(e, f, *(const struct bytes *)at);
        break;
    case KAFKA_UUID:
        buffer_put(e->out, at, 16);
        break;
    case KAFKA_STRUCT:
        encode_struct(e, f->of, at);
        break;
    }
}

static void
encode_array(struct encode *e, const struct kafka_field *f, const char *object)
{
    int32_t count = *(const int32_t *)(object + f->count_offset);
    if (count < 0 && e->version < f->null_min) {
        count = 0;
    }
    encode_length(e, f, count);
    const char *items = *(char *const *)(object + f->offset);
    const size_t each = type_bytes(f);
    for (int32_t i = 0; i < count; i++) {
        encode_value(e, f, items + (size_t)i * each);
    }
}

static void
encode_field(struct encode *e, const struct kafka_field *f, const char *object)
{
    if (f->array) {
        encode_array(e, f, object);
    } else if (f->type == KAFKA_STRUCT && e->version >= f->null_min) {
        const bool present = *(const int32_t *)(object + f->count_offset) != 0;
        buffer_u8(e->out, present ? 1 : 0xff);
        if (present) {
            encode_value(e, f, object + f->offset);
        }
    } else {
        encode_value(e, f, object + f->offset);
    }
}

/* A tagged field that has its initial value is left out. */
static bool
field_is_initial(const struct kafka_field *f, const char *object)
{
    const char *at = object + f->offset;
    if (f->array) {
        return *(const int32_t *)(object + f->count_offset) <= 0;
    }
    if (f->type == KAFKA_STRUCT) {
        for (size_t i = 0; i < f->of->count; i++) {
            if (!field_is_initial(&f->of->fields[i], at)) {
                return false;
            }
        }
        return true;
    }
    if (f->type >= KAFKA_STRING && f->type <= KAFKA_RECORDS) {
        return ((const struct bytes *)at)->len == 0;
    }
    if (f->type == KAFKA_UUID) {
        static const struct kafka_uuid zero;
        return memcmp(at, &zero, sizeof zero) == 0;
    }
    return int_load(f, at) == f->initial;
}

static void
encode_tags(struct encode *e, const struct kafka_struct *table, const char *object)
{
    uint64_t count = 0;
    int next = -1;
    for (size_t i = 0; i < table->count; i++) {
        const struct kafka_field *f = &table->fields[i];
        count += field_in(f, e->version) && field_tagged(f, e->version, true) &&
                 !field_is_initial(f, object);
    }
    buffer_uvarint(e->out, count);
    /* Tags must rise; the tables are small, so each is looked for. */
    for (; count > 0; count--) {
        const struct kafka_field *lowest = NULL;
        for (size_t i = 0; i < table->count; i++) {
            const struct kafka_field *f = &table->fields[i];
            if (field_in(f, e->version) && field_tagged(f, e->version, true) && f->tag > next &&
                !field_is_initial(f, object) && (lowest == NULL || f->tag < lowest->tag)) {
                lowest = f;
            }
        }
        assert(lowest != NULL);
        next = lowest->tag;
        struct buffer body = {0};
        struct encode part = *e;
        part.out = &body;
        encode_field(&part, lowest, object);
        buffer_uvarint(e->out, (uint64_t)lowest->tag);
        buffer_uvarint(e->out, body.len);
        buffer_put(e->out, body.ptr, body.len);
        buffer_release(&body);
    }
}

static void
encode_struct(struct encode *e, const struct kafka_struct *table, const void *object)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct kafka_field *f = &table->fields[i];
        if (field_in(f, e->version) && !field_tagged(f, e->version, e->flexible)) {
            encode_field(e, f, object);
        }
    }
    if (e->flexible) {
        encode_tags(e, table, object);
    }
}

void
kafka_encode(struct buffer *out, const struct kafka_struct *table, int16_t version, bool flexible,
             const void *object, struct kafka_holes *holes)
{
    struct encode e = {out, version, flexible, holes};
    encode_struct(&e, table, object);
}

void
kafka_holes_release(struct kafka_holes *holes)
{
    free(holes->at);
    free(holes->len);
    *holes = (struct kafka_holes){0};
}
