/*
 * Values out of pages: each encoding's cursor, and each native type's way into ours.
 *
 * Conversions run over a dense run of native values, a dictionary's or a page's; the common ones
 * are none at all.
 */
#include <assert.h>
#include <string.h>

#include "format/parquet_column.h"

static bool
too_short(struct error *err)
{
    return pq_broken(err, "a page with fewer values than it says");
}

static inline uint32_t
load32(const uint8_t *p)
{
    uint32_t value;
    memcpy(&value, p, 4);
    return value;
}

static inline int64_t
load64(const uint8_t *p)
{
    int64_t value;
    memcpy(&value, p, 8);
    return value;
}

/* Big-endian two's complement bytes, as decimals are kept. */
static bool
load_big(const uint8_t *p, size_t len, i128 *out)
{
    while (len > 16) { /* leading bytes may only repeat the sign */
        if (*p != 0 && *p != 0xff) {
            return false;
        }
        p++;
        len--;
    }
    i128 value = len > 0 && (*p & 0x80) ? -1 : 0;
    for (size_t i = 0; i < len; i++) {
        value = (i128)((unsigned __int128)value << 8 | p[i]);
    }
    *out = value;
    return true;
}

static bool
store_decimal(const uint8_t *p, size_t len, bool wide, uint32_t i, void *out, struct error *err)
{
    i128 value;
    if (!load_big(p, len, &value) || (!wide && value != (int64_t)value)) {
        return pq_broken(err, "a decimal that does not fit its precision");
    }
    if (wide) {
        ((i128 *)out)[i] = value;
    } else {
        ((int64_t *)out)[i] = (int64_t)value;
    }
    return true;
}

static int64_t
floor_div(int64_t value, int64_t by)
{
    return value / by - (value % by < 0);
}

#define LOOP(type, expr)                                                                           \
    do {                                                                                           \
        type *restrict to = out;                                                                   \
        for (uint32_t i = 0; i < n; i++) {                                                         \
            to[i] = (type)(expr);                                                                  \
        }                                                                                          \
    } while (0)

/* Nanoseconds of the day, then the Julian day number. */
static int64_t
int96_micros(const uint8_t *p)
{
    const int64_t nanos = load64(p);
    const int64_t days = (int64_t)load32(p + 8) - 2440588;
    return days * 86400000000 + floor_div(nanos, 1000);
}

/* n native values of fixed width at p. */
static bool
convert_fixed(const struct pq_column *c, const uint8_t *p, uint32_t n, void *out, struct error *err)
{
    const uint32_t width = c->native_bytes;
    switch (c->convert) {
    case PQ_AS_IS:
        memcpy(out, p, (size_t)width * n);
        return true;
    case PQ_INT_TO_8:
        LOOP(int8_t, load32(p + 4 * i));
        return true;
    case PQ_INT_TO_16:
        LOOP(int16_t, load32(p + 4 * i));
        return true;
    case PQ_UINT8_TO_16:
        LOOP(int16_t, (uint8_t)load32(p + 4 * i));
        return true;
    case PQ_UINT16_TO_32:
        LOOP(int32_t, (uint16_t)load32(p + 4 * i));
        return true;
    case PQ_UINT32_TO_64:
        LOOP(int64_t, load32(p + 4 * i));
        return true;
    case PQ_UINT64_TO_128:
        LOOP(i128, (uint64_t)load64(p + 8 * i));
        return true;
    case PQ_INT_TO_64:
        LOOP(int64_t, (int32_t)load32(p + 4 * i));
        return true;
    case PQ_MILLIS_TO_MICROS:
        LOOP(int64_t, (uint64_t)load64(p + 8 * i) * 1000);
        return true;
    case PQ_NANOS_TO_MICROS:
        LOOP(int64_t, floor_div(load64(p + 8 * i), 1000));
        return true;
    case PQ_INT96_TO_MICROS:
        LOOP(int64_t, int96_micros(p + 12 * i));
        return true;
    case PQ_FIXED_TO_VIEW:
        for (uint32_t i = 0; i < n; i++) {
            ((struct view *)out)[i] = view_make((const char *)p + (size_t)width * i, width);
        }
        return true;
    case PQ_FIXED_TO_64:
    case PQ_FIXED_TO_128:
        for (uint32_t i = 0; i < n; i++) {
            if (!store_decimal(p + (size_t)width * i, width, c->convert == PQ_FIXED_TO_128, i, out,
                               err)) {
                return false;
            }
        }
        return true;
    default:
        return pq_broken(err, "values of another width than their type");
    }
}

static bool
store_view(const struct pq_column *c, struct view v, uint32_t i, void *out, struct error *err)
{
    if (c->convert == PQ_AS_IS) {
        ((struct view *)out)[i] = v;
        return true;
    }
    return store_decimal((const uint8_t *)view_ptr(&v), v.len, c->convert == PQ_VIEW_TO_128, i, out,
                         err);
}

/* Plain byte arrays. The sixteen bytes that a short view may load lie in the page's padding. */
static bool
convert_bytes(const struct pq_column *c, const uint8_t **pos, const uint8_t *end, uint32_t n,
              void *out, struct error *err)
{
    const uint8_t *p = *pos;
    for (uint32_t i = 0; i < n; i++) {
        if (end - p < 4) {
            return too_short(err);
        }
        const uint32_t len = load32(p);
        p += 4;
        if (len > (size_t)(end - p) || len > INT32_MAX) {
            return too_short(err);
        }
        if (!store_view(c, view_make((const char *)p, len), i, out, err)) {
            return false;
        }
        p += len;
    }
    *pos = p;
    return true;
}

bool
pq_load_dictionary(struct pq_column *c, const uint8_t *pos, const uint8_t *end, uint32_t count,
                   struct error *err)
{
    if (c->field->element->type == PQ_BOOLEAN || c->field->type->id == TYPE_NULL) {
        return pq_broken(err, "a dictionary of a type that has none");
    }
    if (count > (size_t)(end - pos) / (c->native_bytes > 0 ? c->native_bytes : 4)) {
        return pq_broken(err, "a dictionary shorter than it says");
    }
    /* Fixed values that are ours already stay where they are: the page lives as long as the chunk.
     */
    const bool as_they_lie =
        c->convert == PQ_AS_IS && c->native_bytes > 0 && (uintptr_t)pos % c->native_bytes == 0;
    void *values = as_they_lie ? (void *)(uintptr_t)pos
                               : pq_column_alloc(c, (size_t)c->out_bytes * (count + 1), err);
    if (values == NULL) {
        return false;
    }
    c->dict = (struct vec){.type = c->field->type,
                           .phys = (uint8_t)phys_of(c->field->type),
                           .enc = VEC_FLAT,
                           .n = count,
                           .data = values,
                           .dict_id = dict_id_new()};
    if (as_they_lie) {
        return true;
    }
    memset(values, 0, (size_t)c->out_bytes * (count + 1));
    return c->native_bytes > 0 ? convert_fixed(c, pos, count, values, err)
                               : convert_bytes(c, &pos, end, count, values, err);
}

/* DELTA_BINARY_PACKED integers, decoded whole into native width. */
static bool
open_delta(struct pq_column *c, struct error *err)
{
    uint32_t count;
    const uint8_t *rest;
    if (c->field->element->type != PQ_INT32 && c->field->element->type != PQ_INT64) {
        return pq_broken(err, "delta-packed values that are not integers");
    }
    if (!pq_delta_count(c->values, c->values_end, &count) || count > c->page_left) {
        return too_short(err);
    }
    int64_t *wide = pq_column_alloc(c, 8 * (size_t)count + 8, err);
    if (wide == NULL) {
        return false;
    }
    if (!pq_delta_read(c->values, c->values_end, wide, count, &rest)) {
        return too_short(err);
    }
    c->values = (const uint8_t *)wide;
    if (c->native_bytes == 4) {
        int32_t *narrow = (int32_t *)wide;
        for (uint32_t i = 0; i < count; i++) {
            const int32_t value = (int32_t)wide[i];
            memcpy(&narrow[i], &value, 4); /* written behind what is read */
        }
    }
    c->values_end = c->values + (size_t)c->native_bytes * count;
    c->cursor = PQ_CURSOR_FIXED;
    return true;
}

/* Reads a delta-packed list of lengths at *pos; NULL on a fault. */
static int64_t *
delta_lengths(struct pq_column *c, const uint8_t **pos, uint32_t *count, struct error *err)
{
    if (!pq_delta_count(*pos, c->values_end, count) || *count > c->page_left) {
        too_short(err);
        return NULL;
    }
    int64_t *lengths = pq_column_alloc(c, 8 * (size_t)*count + 8, err);
    if (lengths != NULL && !pq_delta_read(*pos, c->values_end, lengths, *count, pos)) {
        too_short(err);
        return NULL;
    }
    return lengths;
}

static bool
open_views(struct pq_column *c, const struct view *views, uint32_t count)
{
    c->values = (const uint8_t *)views;
    c->views_left = count;
    c->cursor = PQ_CURSOR_VIEWS;
    return true;
}

static bool
open_delta_length(struct pq_column *c, struct error *err)
{
    uint32_t count;
    const uint8_t *pos = c->values;
    const int64_t *lengths = delta_lengths(c, &pos, &count, err);
    struct view *views = lengths != NULL ? pq_column_alloc(c, 16 * ((size_t)count + 1), err) : NULL;
    if (views == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < count; i++) {
        if (lengths[i] < 0 || lengths[i] > c->values_end - pos) {
            return too_short(err);
        }
        views[i] = view_make((const char *)pos, (size_t)lengths[i]);
        pos += lengths[i];
    }
    return open_views(c, views, count);
}

/* Each value is a prefix of the one before it and a suffix of its own; they are put together in a
 * buffer of their whole length, which is summed (and bounded) first. */
static bool
open_delta_bytes(struct pq_column *c, struct error *err)
{
    uint32_t count, suffix_count;
    const uint8_t *pos = c->values;
    const int64_t *prefixes = delta_lengths(c, &pos, &count, err);
    const int64_t *suffixes = prefixes != NULL ? delta_lengths(c, &pos, &suffix_count, err) : NULL;
    if (suffixes == NULL) {
        return false;
    }
    int64_t total = 0, last = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (count != suffix_count || prefixes[i] < 0 || prefixes[i] > last || suffixes[i] < 0 ||
            suffixes[i] > c->values_end - pos) {
            return too_short(err);
        }
        last = prefixes[i] + suffixes[i];
        total += last;
        if (total > INT32_MAX) {
            return pq_broken(err, "a page with more than 2 GiB of text");
        }
    }
    char *bytes = pq_column_alloc(c, (size_t)total + 16, err);
    struct view *views = bytes != NULL ? pq_column_alloc(c, 16 * ((size_t)count + 1), err) : NULL;
    if (views == NULL) {
        return false;
    }
    const char *before = bytes;
    for (uint32_t i = 0; i < count; i++) {
        if (suffixes[i] > c->values_end - pos) {
            return too_short(err);
        }
        memmove(bytes, before, (size_t)prefixes[i]);
        memcpy(bytes + prefixes[i], pos, (size_t)suffixes[i]);
        pos += suffixes[i];
        views[i] = view_make(bytes, (size_t)(prefixes[i] + suffixes[i]));
        before = bytes;
        bytes += views[i].len;
    }
    return open_views(c, views, count);
}

/* Byte k of every value stands in stream k. */
static bool
open_byte_streams(struct pq_column *c, struct error *err)
{
    const uint32_t width = c->native_bytes;
    if (width == 0 || c->field->element->type == PQ_BOOLEAN) {
        return pq_broken(err, "byte streams of a type without a width");
    }
    const size_t count = (size_t)(c->values_end - c->values) / width;
    uint8_t *joined = pq_column_alloc(c, count * width + 1, err);
    if (joined == NULL) {
        return false;
    }
    for (uint32_t k = 0; k < width; k++) {
        const uint8_t *stream = c->values + k * count;
        for (size_t i = 0; i < count; i++) {
            joined[i * width + k] = stream[i];
        }
    }
    c->values = joined;
    c->values_end = joined + count * width;
    c->cursor = PQ_CURSOR_FIXED;
    return true;
}

static bool
open_codes(struct pq_column *c, struct error *err)
{
    if (!c->has_dict) {
        return pq_broken(err, "dictionary codes without a dictionary");
    }
    if (c->values == c->values_end) {
        pq_hybrid_init(&c->codes, c->values, c->values_end, 0); /* all null */
    } else {
        pq_hybrid_init(&c->codes, c->values + 1, c->values_end, c->values[0]);
    }
    c->cursor = PQ_CURSOR_CODES;
    return c->codes.width <= 32 || pq_broken(err, "dictionary codes of more than 32 bits");
}

bool
pq_open_values(struct pq_column *c, enum pq_encoding encoding, uint32_t values, struct error *err)
{
    const bool boolean = c->field->element->type == PQ_BOOLEAN;
    c->bit_at = 0;
    if (c->field->type->id == TYPE_NULL) {
        c->cursor = PQ_CURSOR_NONE;
        return true;
    }
    switch (encoding) {
    case PQ_PLAIN:
        c->cursor = boolean                ? PQ_CURSOR_BITS
                    : c->native_bytes == 0 ? PQ_CURSOR_BYTES
                                           : PQ_CURSOR_FIXED;
        return true;
    case PQ_PLAIN_DICTIONARY:
    case PQ_RLE_DICTIONARY:
        return open_codes(c, err);
    case PQ_RLE:
        if (!boolean || c->values_end - c->values < 4) {
            return boolean ? too_short(err) : pq_broken(err, "runs of a type that is not boolean");
        }
        pq_hybrid_init(&c->codes, c->values + 4, c->values_end, 1); /* behind a length */
        c->cursor = PQ_CURSOR_RUNS;
        return true;
    case PQ_DELTA_BINARY:
        return open_delta(c, err);
    case PQ_DELTA_LENGTH:
        return c->native_bytes == 0 ? open_delta_length(c, err)
                                    : pq_broken(err, "delta lengths of fixed-width values");
    case PQ_DELTA_BYTES:
        return c->native_bytes == 0 || c->field->element->type == PQ_FIXED
                   ? open_delta_bytes(c, err)
                   : pq_broken(err, "delta bytes of numbers");
    case PQ_BYTE_STREAM_SPLIT:
        return open_byte_streams(c, err);
    default:
        return error_unsupported(err, "Parquet encoding number %d", (int)encoding);
    }
}

bool
pq_column_codes(struct pq_column *c, uint32_t n, uint32_t *out, struct error *err)
{
    assert(c->cursor == PQ_CURSOR_CODES);
    if (!pq_hybrid_codes(&c->codes, out, n)) {
        return too_short(err);
    }
    uint32_t max = 0;
    for (uint32_t i = 0; i < n; i++) {
        max = out[i] > max ? out[i] : max;
    }
    return n == 0 || max < c->dict.n || pq_broken(err, "a code outside its dictionary");
}

#define GATHER(type)                                                                               \
    do {                                                                                           \
        const type *restrict from = c->dict.data;                                                  \
        type *restrict to = (type *)out + done;                                                    \
        for (uint32_t i = 0; i < take; i++) {                                                      \
            to[i] = from[codes[i]];                                                                \
        }                                                                                          \
    } while (0)

static bool
values_by_codes(struct pq_column *c, uint32_t n, void *out, struct error *err)
{
    uint32_t codes[VEC_ROWS];
    for (uint32_t done = 0; done < n;) {
        const uint32_t take = n - done < VEC_ROWS ? n - done : VEC_ROWS;
        if (!pq_column_codes(c, take, codes, err)) {
            return false;
        }
        switch (c->out_bytes) {
        case 1:
            GATHER(uint8_t);
            break;
        case 2:
            GATHER(uint16_t);
            break;
        case 4:
            GATHER(uint32_t);
            break;
        case 8:
            GATHER(uint64_t);
            break;
        default:
            GATHER(struct view); /* any 16 bytes */
            break;
        }
        done += take;
    }
    return true;
}

static bool
values_by_bits(struct pq_column *c, uint32_t n, uint8_t *out, struct error *err)
{
    if (((uint64_t)c->bit_at + n + 7) / 8 > (size_t)(c->values_end - c->values)) {
        return too_short(err);
    }
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t at = c->bit_at + i;
        out[i] = (c->values[at / 8] >> (at % 8)) & 1;
    }
    c->bit_at += n;
    return true;
}

static bool
values_by_runs(struct pq_column *c, uint32_t n, uint8_t *out, struct error *err)
{
    for (uint32_t i = 0; i < n; i++) {
        uint32_t bit;
        if (!pq_hybrid_codes(&c->codes, &bit, 1)) {
            return too_short(err);
        }
        out[i] = (uint8_t)bit;
    }
    return true;
}

static bool
values_by_views(struct pq_column *c, uint32_t n, void *out, struct error *err)
{
    const struct view *views = (const struct view *)(const void *)c->values;
    const bool fixed = c->field->element->type == PQ_FIXED;
    if (n > c->views_left) {
        return too_short(err);
    }
    for (uint32_t i = 0; i < n; i++) {
        if (fixed) {
            if (views[i].len != c->native_bytes) {
                return pq_broken(err, "fixed bytes of another length");
            }
            if (!convert_fixed(c, (const uint8_t *)view_ptr(&views[i]), 1,
                               (uint8_t *)out + (size_t)c->out_bytes * i, err)) {
                return false;
            }
        } else if (!store_view(c, views[i], i, out, err)) {
            return false;
        }
    }
    c->values += sizeof *views * n;
    c->views_left -= n;
    return true;
}

bool
pq_column_values(struct pq_column *c, uint32_t n, void *out, struct error *err)
{
    switch (c->cursor) {
    case PQ_CURSOR_NONE:
        return true; /* a null column has no values */
    case PQ_CURSOR_FIXED: {
        const uint8_t *p = c->values;
        if (n > (size_t)(c->values_end - p) / c->native_bytes) {
            return too_short(err);
        }
        c->values += (size_t)c->native_bytes * n;
        return convert_fixed(c, p, n, out, err);
    }
    case PQ_CURSOR_BYTES:
        return convert_bytes(c, &c->values, c->values_end, n, out, err);
    case PQ_CURSOR_VIEWS:
        return values_by_views(c, n, out, err);
    case PQ_CURSOR_BITS:
        return values_by_bits(c, n, out, err);
    case PQ_CURSOR_RUNS:
        return values_by_runs(c, n, out, err);
    case PQ_CURSOR_CODES:
        return values_by_codes(c, n, out, err);
    }
    return false;
}
