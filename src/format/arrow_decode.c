/* Rows of Arrow arrays as vectors. */
#include <assert.h>
#include <string.h>

#include "format/arrow_array.h"

/* Validity bits from..from+n as a bitmap of whole words. */
static void
decode_valid(const struct arrow_array *x, uint32_t from, uint32_t n, struct arena *tmp,
             struct vec *out)
{
    out->valid = NULL;
    if (x->valid.len == 0) {
        return;
    }
    const size_t words = valid_words(n);
    const size_t byte = from / 8;
    if (from % 8 == 0 && x->valid.len - byte >= 8 * words &&
        (uintptr_t)(x->valid.ptr + byte) % 8 == 0) {
        out->valid = (uint64_t *)(uintptr_t)(x->valid.ptr + byte);
        return;
    }
    uint64_t *bits = arena_zalloc(tmp, 8 * words + 8);
    if (from % 8 == 0) {
        memcpy(bits, x->valid.ptr + byte, ((size_t)n + 7) / 8);
    } else {
        for (uint32_t i = 0; i < n; i++) {
            const uint32_t at = from + i;
            if ((x->valid.ptr[at / 8] >> (at % 8)) & 1) {
                bit_set(bits, i);
            }
        }
    }
    out->valid = bits;
}

static void *
decode_fixed(const struct arrow_array *x, uint32_t from, uint32_t n, size_t width,
             struct arena *tmp)
{
    const uint8_t *at = x->data.ptr + width * from;
    const size_t align = width < 16 ? width : 16;
    if (n == 0 || align == 0 || (uintptr_t)at % align != 0) {
        return arena_copy(tmp, at, width * n);
    }
    return (void *)(uintptr_t)at;
}

static void
decode_bools(const struct arrow_array *x, uint32_t from, uint32_t n, struct arena *tmp,
             struct vec *out)
{
    uint8_t *values = arena_alloc(tmp, n + 1);
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t at = from + i;
        values[i] = (x->data.ptr[at / 8] >> (at % 8)) & 1;
    }
    out->data = values;
}

static int64_t
load64(const uint8_t *ptr, size_t i)
{
    int64_t value;
    memcpy(&value, ptr + 8 * i, 8);
    return value;
}

static int64_t
floor_div(int64_t value, int64_t by)
{
    return value / by - (value % by < 0);
}

/* Timestamps and durations of any unit as microseconds. */
static bool
decode_micros(const struct arrow_array *x, uint32_t from, uint32_t n, struct arena *tmp,
              struct vec *out, struct error *err)
{
    if (x->field->unit == ARROW_MICRO) {
        out->data = decode_fixed(x, from, n, 8, tmp);
        return true;
    }
    const int64_t factor = x->field->unit == ARROW_SECOND ? 1000000 : 1000;
    int64_t *values = arena_alloc(tmp, 8 * (size_t)n + 8);
    for (uint32_t i = 0; i < n; i++) {
        const int64_t value = load64(x->data.ptr, from + i);
        values[i] = 0;
        if (out->valid != NULL && !bit_get(out->valid, i)) {
            continue;
        }
        if (x->field->unit == ARROW_NANO) {
            values[i] = floor_div(value, 1000);
        } else if (__builtin_mul_overflow(value, factor, &values[i])) {
            return arrow_broken(err, "a time that does not fit microseconds");
        }
    }
    out->data = values;
    return true;
}

static void
decode_dates(const struct arrow_array *x, uint32_t from, uint32_t n, struct arena *tmp,
             struct vec *out)
{
    if (x->field->unit == 0) {
        out->data = decode_fixed(x, from, n, 4, tmp);
        return;
    }
    int32_t *values = arena_alloc(tmp, 4 * (size_t)n + 4);
    for (uint32_t i = 0; i < n; i++) {
        values[i] = (int32_t)floor_div(load64(x->data.ptr, from + i), 86400000);
    }
    out->data = values;
}

static void
decode_decimals(const struct arrow_array *x, uint32_t from, uint32_t n, struct arena *tmp,
                struct vec *out)
{
    if (out->phys == PHYS_I128) {
        out->data = decode_fixed(x, from, n, 16, tmp);
        return;
    }
    int64_t *values = arena_alloc(tmp, 8 * (size_t)n + 8);
    for (uint32_t i = 0; i < n; i++) {
        values[i] = load64(x->data.ptr, 2 * ((size_t)from + i));
    }
    out->data = values;
}

static void
decode_intervals(const struct arrow_array *x, uint32_t from, uint32_t n, struct arena *tmp,
                 struct vec *out)
{
    if (x->field->unit == 0) {
        out->data = decode_fixed(x, from, n, 4, tmp);
        return;
    }
    struct interval *values = arena_alloc(tmp, 16 * (size_t)n + 16);
    for (uint32_t i = 0; i < n; i++) {
        memcpy(&values[i], x->data.ptr + 16 * ((size_t)from + i), 16);
        values[i].micros = floor_div(values[i].micros, 1000);
    }
    out->data = values;
}

static uint64_t
load_offset(const struct arrow_array *x, size_t i)
{
    if (x->offset_bytes == 8) {
        return (uint64_t)load64(x->offsets.ptr, i);
    }
    uint32_t value;
    memcpy(&value, x->offsets.ptr + 4 * i, 4);
    return value;
}

static bool
decode_strings(const struct arrow_array *x, uint32_t from, uint32_t n, struct arena *tmp,
               struct vec *out, struct error *err)
{
    struct view *values = arena_alloc(tmp, 16 * (size_t)n + 16);
    const char *bytes = (const char *)x->data.ptr;
    uint64_t start = n > 0 ? load_offset(x, from) : 0;
    for (uint32_t i = 0; i < n; i++) {
        const uint64_t stop = load_offset(x, (size_t)from + i + 1);
        if (stop < start || stop > x->data.len || stop - start > INT32_MAX) {
            return arrow_broken(err, "a text lies outside its buffer");
        }
        values[i] = view_make(bytes + start, stop - start);
        start = stop;
    }
    out->data = values;
    return true;
}

static void
decode_fixed_binary(const struct arrow_array *x, uint32_t from, uint32_t n, struct arena *tmp,
                    struct vec *out)
{
    const size_t width = x->field->fixed;
    struct view *values = arena_alloc(tmp, 16 * (size_t)n + 16);
    for (uint32_t i = 0; i < n; i++) {
        values[i] = view_make((const char *)x->data.ptr + width * ((size_t)from + i), width);
    }
    out->data = values;
}

static bool
decode_views(const struct arrow_array *x, uint32_t from, uint32_t n, struct arena *tmp,
             struct vec *out, struct error *err)
{
    struct view *values = arena_alloc(tmp, 16 * (size_t)n + 16);
    for (uint32_t i = 0; i < n; i++) {
        int32_t word[4]; /* length, prefix, buffer, offset; or length and up to 12 bytes */
        const uint8_t *at = x->data.ptr + 16 * ((size_t)from + i);
        memcpy(word, at, 16);
        if (out->valid != NULL && !bit_get(out->valid, i)) {
            values[i] = (struct view){0};
        } else if (word[0] >= 0 && word[0] <= 12) {
            values[i] = view_make((const char *)at + 4, (size_t)word[0]);
        } else if (word[0] < 0 || word[2] < 0 || (uint32_t)word[2] >= x->run_count || word[3] < 0 ||
                   (uint64_t)word[3] + (uint64_t)word[0] > x->runs[word[2]].len) {
            return arrow_broken(err, "a text view lies outside its buffer");
        } else {
            values[i] = view_make((const char *)x->runs[word[2]].ptr + word[3], (size_t)word[0]);
        }
    }
    out->data = values;
    return true;
}

/* A child of a list or map, flat, with the rows that the parent's ranges speak of. */
static bool
decode_child(const struct arrow_array *child, uint64_t first, uint64_t stop, uint64_t stream_bytes,
             struct arena *tmp, struct vec *out, struct error *err)
{
    if (stop < first || stop > (uint64_t)child->rows) {
        return arrow_broken(err, "a list lies outside its elements");
    }
    return arrow_decode(child, (uint32_t)first, (uint32_t)(stop - first), stream_bytes, tmp, out,
                        err);
}

static bool
decode_lists(const struct arrow_array *x, uint32_t from, uint32_t n, uint64_t stream_bytes,
             struct arena *tmp, struct vec *out, struct error *err)
{
    const bool fixed = x->field->id == ARROW_FIXED_LIST;
    const uint64_t items = x->field->fixed;
    struct list_range *ranges = arena_alloc(tmp, sizeof *ranges * ((size_t)n + 1));
    const uint64_t first = fixed ? from * items : n > 0 ? load_offset(x, from) : 0;
    uint64_t start = first;
    for (uint32_t i = 0; i < n; i++) {
        const uint64_t stop = fixed ? start + items : load_offset(x, (size_t)from + i + 1);
        if (stop < start || stop - first > UINT32_MAX) {
            return arrow_broken(err, "list offsets that run backwards");
        }
        ranges[i] = (struct list_range){(uint32_t)(start - first), (uint32_t)(stop - start)};
        start = stop;
    }
    const struct arrow_array *child = &x->children[0];
    out->data = ranges;
    if (x->field->id != ARROW_MAP) {
        out->child_count = 1;
        out->child = arena_new_array(tmp, struct vec, 1);
        return decode_child(child, first, start, stream_bytes, tmp, &out->child[0], err);
    }
    if (start > (uint64_t)child->rows) {
        return arrow_broken(err, "a map lies outside its entries");
    }
    out->child_count = 2;
    out->child = arena_new_array(tmp, struct vec, 2);
    return decode_child(&child->children[0], first, start, stream_bytes, tmp, &out->child[0],
                        err) &&
           decode_child(&child->children[1], first, start, stream_bytes, tmp, &out->child[1], err);
}

static bool
decode_struct(const struct arrow_array *x, uint32_t from, uint32_t n, uint64_t stream_bytes,
              struct arena *tmp, struct vec *out, struct error *err)
{
    if (x->field->child_count > UINT8_MAX) {
        return error_unsupported(err, "structs of more than 255 fields");
    }
    out->child_count = (uint8_t)x->field->child_count;
    out->child = arena_new_array(tmp, struct vec, x->field->child_count);
    for (uint32_t i = 0; i < x->field->child_count; i++) {
        if (!arrow_decode(&x->children[i], from, n, stream_bytes, tmp, &out->child[i], err)) {
            return false;
        }
    }
    return true;
}

static bool
load_code(const struct arrow_array *x, uint32_t at, uint32_t *out)
{
    const uint32_t width = x->field->index_bits / 8;
    uint64_t code = 0; /* negative ones become too large */
    memcpy(&code, x->data.ptr + (size_t)width * at, width);
    *out = (uint32_t)code;
    return code < x->dictionary->values.n;
}

static bool
decode_codes(const struct arrow_array *x, uint32_t from, uint32_t n, struct arena *tmp,
             struct vec *out, struct error *err)
{
    uint32_t *codes = arena_alloc(tmp, 4 * (size_t)n + 4);
    const struct vec *values = &x->dictionary->values;
    const bool as_dict = values->valid == NULL && values->n > 0 && !type_is_nested(values->type);
    for (uint32_t i = 0; i < n; i++) {
        if (out->valid != NULL && !bit_get(out->valid, i)) {
            codes[i] = as_dict ? 0 : UINT32_MAX;
        } else if (!load_code(x, from + i, &codes[i])) {
            return arrow_broken(err, "a dictionary code outside its dictionary");
        }
    }
    if (!as_dict) {
        vec_gather(out, values, codes, n, tmp);
        return true;
    }
    out->enc = VEC_DICT;
    out->codes = codes;
    out->child_count = 1;
    out->child = (struct vec *)(uintptr_t)values;
    out->dict_id = x->dictionary->dict_id;
    return true;
}

bool
arrow_decode(const struct arrow_array *x, uint32_t from, uint32_t n, uint64_t stream_bytes,
             struct arena *tmp, struct vec *out, struct error *err)
{
    assert((int64_t)from + n <= x->rows);
    if (n > VEC_ROWS && n / 8 > stream_bytes) {
        return arrow_broken(err, "more rows than its bytes can hold");
    }
    const struct type *type = x->field->type;
    *out = (struct vec){.type = type, .phys = (uint8_t)phys_of(type), .enc = VEC_FLAT, .n = n};
    decode_valid(x, from, n, tmp, out);
    if (x->dictionary != NULL) {
        return decode_codes(x, from, n, tmp, out, err);
    }
    switch (x->field->id) {
    case ARROW_BOOL:
        decode_bools(x, from, n, tmp, out);
        return true;
    case ARROW_INT:
    case ARROW_FLOAT:
        out->data = decode_fixed(x, from, n, x->field->bits / 8, tmp);
        return true;
    case ARROW_DECIMAL:
        decode_decimals(x, from, n, tmp, out);
        return true;
    case ARROW_DATE:
        decode_dates(x, from, n, tmp, out);
        return true;
    case ARROW_TIMESTAMP:
    case ARROW_DURATION:
        return decode_micros(x, from, n, tmp, out, err);
    case ARROW_INTERVAL:
        decode_intervals(x, from, n, tmp, out);
        return true;
    case ARROW_FIXED_BINARY:
        decode_fixed_binary(x, from, n, tmp, out);
        return true;
    case ARROW_UTF8:
    case ARROW_BINARY:
    case ARROW_LARGE_UTF8:
    case ARROW_LARGE_BINARY:
        return decode_strings(x, from, n, tmp, out, err);
    case ARROW_UTF8_VIEW:
    case ARROW_BINARY_VIEW:
        return decode_views(x, from, n, tmp, out, err);
    case ARROW_LIST:
    case ARROW_LARGE_LIST:
    case ARROW_FIXED_LIST:
    case ARROW_MAP:
        return decode_lists(x, from, n, stream_bytes, tmp, out, err);
    case ARROW_STRUCT:
        return decode_struct(x, from, n, stream_bytes, tmp, out, err);
    default:
        return true; /* null */
    }
}
