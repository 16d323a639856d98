/*
 * A column chunk in the making: values into pages, a dictionary while it pays, statistics.
 *
 * Values go into the dictionary until it is larger than 1 MiB or saves too little; from then on
 * pages are plain. Pages wait in memory, since the dictionary page must stand before them.
 */
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "format/parquet_bits.h"
#include "format/parquet_write.h"
#include "format/thrift.h"

enum { SLOTS_FIRST = 1 << 10, STAT_TEXT_MAX = 1024 };

void
pw_leaf_init(struct pw_leaf *leaf)
{
    leaf->plain.limit = leaf->pages.limit = (size_t)2 << 30;
    leaf->dict.on = leaf->physical != PQ_BOOLEAN;
}

void
pw_leaf_release(struct pw_leaf *leaf)
{
    struct buffer *all[] = {&leaf->defs,  &leaf->reps,       &leaf->plain,      &leaf->codes,
                            &leaf->pages, &leaf->dict.plain, &leaf->stats.smin, &leaf->stats.smax};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        buffer_release(all[i]);
    }
    free(leaf->dict.starts);
    free(leaf->dict.slots);
}

void
pw_leaf_reset(struct pw_leaf *leaf)
{
    buffer_clear(&leaf->pages);
    buffer_clear(&leaf->dict.plain);
    leaf->dict.count = 0;
    leaf->dict.on = leaf->physical != PQ_BOOLEAN;
    if (leaf->dict.slots != NULL) {
        memset(leaf->dict.slots, 0, 4 * ((size_t)leaf->dict.slot_mask + 1));
    }
    leaf->entries_total = leaf->unpacked_bytes = 0;
    leaf->dict_pages = leaf->plain_pages = false;
    leaf->stats.any = false;
    leaf->stats.nulls = 0;
}

uint64_t
pw_leaf_bytes(const struct pw_leaf *leaf)
{
    return leaf->pages.len + leaf->plain.len + leaf->codes.len + leaf->dict.plain.len;
}

static void *
grown(void *ptr, size_t bytes)
{
    void *out = realloc(ptr, bytes);
    if (out == NULL) {
        abort();
    }
    return out;
}

static uint64_t
hash_bytes(const uint8_t *p, size_t len)
{
    uint64_t h = 0x9e3779b97f4a7c15u ^ len;
    while (len >= 8) {
        uint64_t word;
        memcpy(&word, p, 8);
        h = (h ^ word) * 0xff51afd7ed558ccdu;
        h ^= h >> 32;
        p += 8;
        len -= 8;
    }
    uint64_t tail = 0;
    memcpy(&tail, p, len);
    h = (h ^ tail) * 0xc4ceb9fe1a85ec53u;
    return h ^ h >> 29;
}

static void
dict_rehash(struct pw_dict *d)
{
    const uint32_t size = d->slots == NULL ? SLOTS_FIRST : (d->slot_mask + 1) * 2;
    d->slots = grown(d->slots, 4 * (size_t)size);
    memset(d->slots, 0, 4 * (size_t)size);
    d->slot_mask = size - 1;
    for (uint32_t i = 0; i < d->count; i++) {
        const uint8_t *value = d->plain.ptr + d->starts[i];
        uint32_t at = (uint32_t)hash_bytes(value, d->starts[i + 1] - d->starts[i]) & d->slot_mask;
        while (d->slots[at] != 0) {
            at = (at + 1) & d->slot_mask;
        }
        d->slots[at] = i + 1;
    }
}

/* The code of a value in plain encoding, new or old. */
static uint32_t
dict_code(struct pw_dict *d, const uint8_t *value, size_t len)
{
    if (d->slots == NULL || d->count * 2 > d->slot_mask) {
        dict_rehash(d);
    }
    uint32_t at = (uint32_t)hash_bytes(value, len) & d->slot_mask;
    for (; d->slots[at] != 0; at = (at + 1) & d->slot_mask) {
        const uint32_t i = d->slots[at] - 1;
        if (d->starts[i + 1] - d->starts[i] == len &&
            memcmp(d->plain.ptr + d->starts[i], value, len) == 0) {
            return i;
        }
    }
    if (d->count + 2 > d->capacity) {
        d->capacity = d->capacity == 0 ? 256 : d->capacity * 2;
        d->starts = grown(d->starts, 4 * (size_t)d->capacity);
    }
    d->slots[at] = d->count + 1;
    d->starts[d->count] = (uint32_t)d->plain.len;
    buffer_put(&d->plain, value, len);
    d->starts[d->count + 1] = (uint32_t)d->plain.len;
    return d->count++;
}

static void
stat_int(struct pw_stats *s, i128 v)
{
    if (!s->any || v < s->min) {
        s->min = v;
    }
    if (!s->any || v > s->max) {
        s->max = v;
    }
    s->any = true;
}

static void
stat_real(struct pw_stats *s, double v)
{
    if (isnan(v)) {
        return;
    }
    if (!s->any || v < s->fmin) {
        s->fmin = v;
    }
    if (!s->any || v > s->fmax) {
        s->fmax = v;
    }
    s->any = true;
}

static int
text_order(const struct buffer *b, const uint8_t *p, size_t len)
{
    const size_t common = b->len < len ? b->len : len;
    const int order = common > 0 ? memcmp(p, b->ptr, common) : 0;
    return order != 0 ? order : (len > b->len) - (len < b->len);
}

static void
stat_text(struct pw_stats *s, const uint8_t *p, size_t len)
{
    if (!s->any || text_order(&s->smin, p, len) < 0) {
        buffer_clear(&s->smin);
        buffer_put(&s->smin, p, len);
    }
    if (!s->any || text_order(&s->smax, p, len) > 0) {
        buffer_clear(&s->smax);
        buffer_put(&s->smax, p, len);
    }
    s->any = true;
}

static void
entry(struct pw_leaf *leaf, uint8_t rep, uint8_t def)
{
    if (leaf->def > 0) {
        buffer_u8(&leaf->defs, def);
    }
    if (leaf->rep > 0) {
        buffer_u8(&leaf->reps, rep);
    }
    leaf->entries++;
}

void
pw_leaf_null(struct pw_leaf *leaf, uint8_t rep, uint8_t def)
{
    entry(leaf, rep, def);
    leaf->stats.nulls++;
}

static void
put_value(struct pw_leaf *leaf, const void *plain, size_t len)
{
    if (leaf->dict.on) {
        buffer_le32(&leaf->codes, dict_code(&leaf->dict, plain, len));
    } else {
        buffer_put(&leaf->plain, plain, len);
    }
}

static i128
load_int(const struct vec *v, uint32_t at)
{
    const void *data = vec_values(v);
    switch ((enum phys)v->phys) {
    case PHYS_BOOL:
    case PHYS_I8:
        return ((const int8_t *)data)[at];
    case PHYS_I16:
        return ((const int16_t *)data)[at];
    case PHYS_I32:
        return ((const int32_t *)data)[at];
    case PHYS_I128:
        return ((const i128 *)data)[at];
    default:
        return ((const int64_t *)data)[at];
    }
}

static void
put_int(struct pw_leaf *leaf, i128 value)
{
    stat_int(&leaf->stats, value);
    if (leaf->physical == PQ_BOOLEAN) {
        buffer_u8(&leaf->plain, value != 0);
    } else if (leaf->physical == PQ_INT32) {
        put_value(leaf, &(int32_t){(int32_t)value}, 4);
    } else if (leaf->physical == PQ_INT64) {
        put_value(leaf, &(int64_t){(int64_t)value}, 8);
    } else {
        uint8_t big[16];
        for (uint32_t k = 0; k < leaf->fixed_bytes; k++) {
            big[k] = (uint8_t)(value >> (8 * (leaf->fixed_bytes - 1 - k)));
        }
        put_value(leaf, big, leaf->fixed_bytes);
    }
}

static void
put_text(struct pw_leaf *leaf, const struct view *v)
{
    uint8_t small[260];
    const uint8_t *p = (const uint8_t *)view_ptr(v);
    stat_text(&leaf->stats, p, v->len);
    if (leaf->dict.on && v->len <= 256) {
        memcpy(small, &v->len, 4);
        memcpy(small + 4, p, v->len);
        put_value(leaf, small, 4 + (size_t)v->len);
    } else if (leaf->dict.on) {
        uint8_t *big = grown(NULL, 4 + (size_t)v->len);
        memcpy(big, &v->len, 4);
        memcpy(big + 4, p, v->len);
        put_value(leaf, big, 4 + (size_t)v->len);
        free(big);
    } else {
        buffer_le32(&leaf->plain, v->len);
        buffer_put(&leaf->plain, p, v->len);
    }
}

void
pw_leaf_value(struct pw_leaf *leaf, uint8_t rep, const struct vec *v, uint32_t i)
{
    const uint32_t at = vec_index(v, i);
    entry(leaf, rep, leaf->def);
    switch ((enum phys)v->phys) {
    case PHYS_F32: {
        const float value = ((const float *)vec_values(v))[at];
        stat_real(&leaf->stats, value);
        put_value(leaf, &value, 4);
        return;
    }
    case PHYS_F64: {
        const double value = ((const double *)vec_values(v))[at];
        stat_real(&leaf->stats, value);
        put_value(leaf, &value, 8);
        return;
    }
    case PHYS_VIEW:
        put_text(leaf, &((const struct view *)vec_values(v))[at]);
        return;
    default:
        put_int(leaf, load_int(v, at));
        return;
    }
}

/* The page's values as they stand in it. */
static void
encode_values(struct pw_leaf *leaf, struct buffer *out)
{
    if (leaf->physical == PQ_BOOLEAN) {
        for (size_t i = 0; i < leaf->plain.len; i += 8) {
            uint8_t byte = 0;
            for (size_t k = 0; k < 8 && i + k < leaf->plain.len; k++) {
                byte |= (uint8_t)(leaf->plain.ptr[i + k] << k);
            }
            buffer_u8(out, byte);
        }
    } else if (leaf->dict.on) {
        const uint32_t width = leaf->dict.count > 0 ? pq_bit_width(leaf->dict.count - 1) : 0;
        buffer_u8(out, (uint8_t)width);
        pw_hybrid(out, (const uint32_t *)(void *)leaf->codes.ptr, (uint32_t)(leaf->codes.len / 4),
                  width);
    } else {
        buffer_put(out, leaf->plain.ptr, leaf->plain.len);
    }
}

static void
put_levels(struct buffer *out, const struct buffer *levels, uint32_t max)
{
    if (max > 0) {
        const size_t at = out->len;
        buffer_le32(out, 0);
        pw_levels(out, levels->ptr, (uint32_t)levels->len, pq_bit_width(max));
        const uint32_t len = (uint32_t)(out->len - at - 4);
        if (!out->overflow) {
            memcpy(out->ptr + at, &len, 4);
        }
    }
}

/* Header and compressed bytes of one page, appended to out. */
static bool
put_page(struct pw_leaf *leaf, struct buffer *out, enum pq_page_type type, uint32_t values,
         enum pq_encoding encoding, struct pw_codec *codec, struct error *err)
{
    struct thrift_put t = {.out = out};
    const struct buffer *body = &codec->scratch;
    buffer_clear(&codec->packed);
    if (!codec_compress(&codec->contexts, codec->kind, 0, (struct bytes){body->ptr, body->len},
                        &codec->packed, err)) {
        return false;
    }
    const size_t start = out->len;
    thrift_begin_item(&t);
    thrift_put_int(&t, 1, THRIFT_I32, type);
    thrift_put_int(&t, 2, THRIFT_I32, (int64_t)body->len);
    thrift_put_int(&t, 3, THRIFT_I32, (int64_t)codec->packed.len);
    thrift_begin(&t, type == PQ_DICTIONARY_PAGE ? 7 : 5);
    thrift_put_int(&t, 1, THRIFT_I32, values);
    thrift_put_int(&t, 2, THRIFT_I32, encoding);
    if (type == PQ_DATA_PAGE) {
        thrift_put_int(&t, 3, THRIFT_I32, PQ_RLE);
        thrift_put_int(&t, 4, THRIFT_I32, PQ_RLE);
    }
    thrift_end(&t);
    thrift_end(&t);
    leaf->unpacked_bytes += (int64_t)(out->len - start + body->len);
    buffer_put(out, codec->packed.ptr, codec->packed.len);
    return !out->overflow ||
           error_set(err, ERROR_RESOURCE, "A Parquet column chunk of more than 2 GiB");
}

/* A dictionary that grew too large, or that saves nothing, ends with this page. */
static bool
dict_pays(const struct pw_leaf *leaf)
{
    return leaf->dict.plain.len <= PW_DICT_BYTES &&
           (leaf->entries_total < 65536 || leaf->dict.count < leaf->entries_total / 2);
}

static bool
close_page(struct pw_leaf *leaf, struct pw_codec *codec, struct error *err)
{
    if (leaf->entries == 0) {
        return true;
    }
    buffer_clear(&codec->scratch);
    put_levels(&codec->scratch, &leaf->reps, leaf->rep);
    put_levels(&codec->scratch, &leaf->defs, leaf->def);
    encode_values(leaf, &codec->scratch);
    const enum pq_encoding encoding = leaf->dict.on ? PQ_RLE_DICTIONARY : PQ_PLAIN;
    if (!put_page(leaf, &leaf->pages, PQ_DATA_PAGE, leaf->entries, encoding, codec, err)) {
        return false;
    }
    leaf->dict_pages |= leaf->dict.on;
    leaf->plain_pages |= !leaf->dict.on;
    leaf->entries_total += leaf->entries;
    leaf->entries = leaf->rows = 0;
    buffer_clear(&leaf->defs);
    buffer_clear(&leaf->reps);
    buffer_clear(&leaf->plain);
    buffer_clear(&leaf->codes);
    if (leaf->dict.on && !dict_pays(leaf)) {
        leaf->dict.on = false;
    }
    return true;
}

bool
pw_leaf_rows(struct pw_leaf *leaf, uint32_t rows, struct pw_codec *codec, struct error *err)
{
    leaf->rows += rows;
    const bool full = leaf->rows >= PW_PAGE_ROWS || leaf->entries >= 8 * PW_PAGE_ROWS ||
                      leaf->plain.len >= PW_PAGE_BYTES ||
                      (leaf->dict.on && leaf->dict.plain.len > PW_DICT_BYTES);
    return !full || close_page(leaf, codec, err);
}

bool
pw_leaf_finish(struct pw_leaf *leaf, struct pw_codec *codec, struct buffer *dictionary,
               struct error *err)
{
    if (!close_page(leaf, codec, err)) {
        return false;
    }
    if (!leaf->dict_pages) {
        return true;
    }
    buffer_clear(&codec->scratch);
    buffer_put(&codec->scratch, leaf->dict.plain.ptr, leaf->dict.plain.len);
    return put_page(leaf, dictionary, PQ_DICTIONARY_PAGE, leaf->dict.count, PQ_PLAIN, codec, err);
}

static void
put_packed(struct buffer *out, const uint32_t *values, uint32_t n, uint32_t width)
{
    const uint32_t groups = (n + 7) / 8;
    buffer_uvarint(out, (uint64_t)groups << 1 | 1);
    uint64_t bits = 0;
    uint32_t have = 0;
    for (uint32_t i = 0; i < groups * 8; i++) {
        bits |= (uint64_t)(i < n ? values[i] : 0) << have;
        have += width;
        while (have >= 8) {
            buffer_u8(out, (uint8_t)bits);
            bits >>= 8;
            have -= 8;
        }
    }
}

static uint32_t
run_length(const uint32_t *values, uint32_t n)
{
    uint32_t len = 1;
    while (len < n && values[len] == values[0]) {
        len++;
    }
    return len;
}

void
pw_hybrid(struct buffer *out, const uint32_t *values, uint32_t n, uint32_t width)
{
    uint32_t i = 0;
    while (i < n) {
        const uint32_t run = run_length(values + i, n - i);
        if (run >= 8 || width == 0) {
            buffer_uvarint(out, (uint64_t)run << 1);
            for (uint32_t k = 0; k < width; k += 8) {
                buffer_u8(out, (uint8_t)(values[i] >> k));
            }
            i += run;
            continue;
        }
        uint32_t stop = i;
        do {
            stop += 8;
        } while (stop < n && run_length(values + stop, n - stop) < 8);
        stop = stop < n ? stop : n;
        put_packed(out, values + i, stop - i, width);
        i = stop;
    }
}

void
pw_levels(struct buffer *out, const uint8_t *levels, uint32_t n, uint32_t width)
{
    uint32_t *wide = grown(NULL, 4 * (size_t)n + 4);
    for (uint32_t i = 0; i < n; i++) {
        wide[i] = levels[i];
    }
    pw_hybrid(out, wide, n, width);
    free(wide);
}
