/* Pages of a column chunk: headers, decompression, levels, and who owns the buffers. */
#include "format/parquet_column.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { PAGE_BYTES_MAX = 1 << 30, AHEAD_BYTES_MAX = 4 << 20, SPARES_MAX = 3 };

static bool
set_convert(struct pq_column *c, enum pq_convert convert, uint32_t out_bytes)
{
    c->convert = convert;
    c->out_bytes = out_bytes;
    return true;
}

static bool
choose_int(struct pq_column *c, const struct pq_element *e)
{
    const bool wide = e->type == PQ_INT64;
    if (e->logical == PQ_TIMESTAMP) {
        return set_convert(c,
                           e->unit == PQ_MILLIS  ? PQ_MILLIS_TO_MICROS
                           : e->unit == PQ_NANOS ? PQ_NANOS_TO_MICROS
                                                 : PQ_AS_IS,
                           8);
    }
    if (e->logical == PQ_DECIMAL) {
        return set_convert(c, wide ? PQ_AS_IS : PQ_INT_TO_64, 8);
    }
    if (e->logical != PQ_INTEGER) {
        return set_convert(c, PQ_AS_IS, wide ? 8 : 4);
    }
    /* An 8-bit integer in an INT64 is legal in no version. */
    if (wide) {
        return e->bits == 64 &&
               set_convert(c, e->is_signed ? PQ_AS_IS : PQ_UINT64_TO_128, e->is_signed ? 8 : 16);
    }
    switch (e->bits) {
    case 8:
        return e->is_signed ? set_convert(c, PQ_INT_TO_8, 1) : set_convert(c, PQ_UINT8_TO_16, 2);
    case 16:
        return e->is_signed ? set_convert(c, PQ_INT_TO_16, 2) : set_convert(c, PQ_UINT16_TO_32, 4);
    case 32:
        return e->is_signed ? set_convert(c, PQ_AS_IS, 4) : set_convert(c, PQ_UINT32_TO_64, 8);
    default:
        return false;
    }
}

static bool
choose_convert(struct pq_column *c)
{
    const struct pq_element *e = c->field->element;
    const enum phys phys = phys_of(c->field->type);
    static const uint8_t native[] = {1, 4, 8, 12, 4, 8, 0, 0};
    c->native_bytes = e->type == PQ_FIXED ? (uint32_t)e->type_length : native[e->type];
    switch (e->type) {
    case PQ_BOOLEAN:
        return set_convert(c, PQ_AS_IS, 1);
    case PQ_INT32:
    case PQ_INT64:
        return choose_int(c, e);
    case PQ_INT96:
        return set_convert(c, PQ_INT96_TO_MICROS, 8);
    case PQ_FLOAT:
        return set_convert(c, PQ_AS_IS, 4);
    case PQ_DOUBLE:
        return set_convert(c, PQ_AS_IS, 8);
    case PQ_FIXED:
        return phys == PHYS_I64    ? set_convert(c, PQ_FIXED_TO_64, 8)
               : phys == PHYS_I128 ? set_convert(c, PQ_FIXED_TO_128, 16)
                                   : set_convert(c, PQ_FIXED_TO_VIEW, 16);
    case PQ_BYTES:
        return phys == PHYS_I64    ? set_convert(c, PQ_VIEW_TO_64, 8)
               : phys == PHYS_I128 ? set_convert(c, PQ_VIEW_TO_128, 16)
                                   : set_convert(c, PQ_AS_IS, 16);
    }
    return false;
}

bool
pq_column_init(struct pq_column *c, const struct pq_field *leaf, struct budget *budget,
               struct codec *contexts, struct error *err)
{
    assert(leaf->shape == PQ_LEAF);
    *c = (struct pq_column){.field = leaf, .budget = budget, .contexts = contexts};
    if (leaf->type->id != TYPE_NULL && !choose_convert(c)) {
        return error_unsupported(err, "Parquet integer annotation of column %s", leaf->name);
    }
    c->as_codes = phys_of(leaf->type) == PHYS_VIEW;
    return true;
}

bool
pq_column_open(struct pq_column *c, const struct pq_chunk *chunk, const uint8_t *bytes,
               struct error *err)
{
    if (!pq_codec(chunk->codec, &c->codec)) {
        return error_unsupported(err, "Parquet codec number %d (LZO or newer)", chunk->codec);
    }
    if (chunk->type != c->field->element->type) {
        return pq_broken(err, "a column chunk of another type than its schema says");
    }
    c->pos = bytes;
    c->end = bytes + chunk->bytes;
    c->values_left = chunk->values;
    c->page_left = 0;
    c->ahead = NULL;
    c->has_dict = false;
    c->cursor = PQ_CURSOR_NONE;
    c->page++;
    return true;
}

void *
pq_column_alloc(struct pq_column *c, size_t bytes, struct error *err)
{
    for (struct pq_buf **at = &c->spares; *at != NULL; at = &(*at)->next) {
        if ((*at)->capacity >= bytes) {
            struct pq_buf *buf = *at;
            *at = buf->next;
            buf->next = c->bufs;
            buf->page = c->page;
            c->bufs = buf;
            return buf->data;
        }
    }
    const size_t capacity = (bytes + PQ_PAD + 4095) & ~(size_t)4095;
    const size_t whole = sizeof(struct pq_buf) + capacity;
    if (c->budget != NULL && !budget_reserve(c->budget, whole)) {
        budget_error(c->budget, whole, err);
        return NULL;
    }
    struct pq_buf *buf = malloc(whole);
    if (buf == NULL) {
        if (c->budget != NULL) {
            budget_return(c->budget, whole);
        }
        error_set(err, ERROR_RESOURCE, "No memory for a Parquet page of %zu bytes", bytes);
        return NULL;
    }
    memset(buf->data + bytes, 0, capacity - bytes < PQ_PAD ? capacity - bytes : PQ_PAD);
    *buf = (struct pq_buf){.next = c->bufs, .capacity = capacity - PQ_PAD, .page = c->page};
    c->bufs = buf;
    return buf->data;
}

static void
buf_free(struct pq_column *c, struct pq_buf *buf)
{
    if (c->budget != NULL) {
        budget_return(c->budget, sizeof(struct pq_buf) + buf->capacity + PQ_PAD);
    }
    free(buf);
}

void
pq_column_recycle(struct pq_column *c)
{
    uint32_t spares = 0;
    for (struct pq_buf *s = c->spares; s != NULL; s = s->next) {
        spares++;
    }
    for (struct pq_buf **at = &c->bufs; *at != NULL;) {
        struct pq_buf *buf = *at;
        if (buf->page == c->page || buf->page == UINT32_MAX ||
            (c->ahead != NULL && buf->page == c->page + 1)) {
            at = &buf->next;
            continue;
        }
        *at = buf->next;
        if (spares < SPARES_MAX) {
            buf->next = c->spares;
            c->spares = buf;
            spares++;
        } else {
            buf_free(c, buf);
        }
    }
}

void
pq_column_release(struct pq_column *c)
{
    struct pq_buf *lists[2] = {c->bufs, c->spares};
    for (int i = 0; i < 2; i++) {
        for (struct pq_buf *buf = lists[i]; buf != NULL;) {
            struct pq_buf *next = buf->next;
            buf_free(c, buf);
            buf = next;
        }
    }
    c->bufs = c->spares = NULL;
}

/* Does another page like this one follow at once? Then both are decompressed together. */
static bool
page_follows(const struct pq_column *c, struct bytes *packed, size_t *len)
{
    struct reader r;
    struct pq_page p;
    reader_init(&r, (struct bytes){c->pos, (size_t)(c->end - c->pos)});
    if (c->codec != CODEC_SNAPPY || c->page == UINT32_MAX || c->pos == c->end ||
        !pq_read_page(&r, &p) || p.type != PQ_DATA_PAGE || p.values == 0 || p.unpacked_bytes <= 0 ||
        p.unpacked_bytes > AHEAD_BYTES_MAX) {
        return false;
    }
    *packed = reader_take(&r, (size_t)p.packed_bytes);
    *len = (size_t)p.unpacked_bytes;
    return reader_ok(&r);
}

/* Decompresses a page and the next; false when that cannot be done, and then nothing has been. */
static bool
unpack_two(struct pq_column *c, const struct codec_job *first)
{
    struct bytes packed;
    size_t len;
    struct error ignored = {0};
    if (first->dst_len > AHEAD_BYTES_MAX || !page_follows(c, &packed, &len)) {
        return false;
    }
    c->page++;
    uint8_t *dst = pq_column_alloc(c, len, &ignored);
    c->page--;
    const struct codec_job jobs[2] = {*first, {packed, dst, len}};
    if (dst == NULL || !codec_decompress_all(c->contexts, c->codec, jobs, 2, &ignored)) {
        error_clear(&ignored);
        return false; /* the broken one of the two will be found out alone */
    }
    c->ahead = dst;
    c->ahead_packed = packed.ptr;
    return true;
}

/* The page's bytes unpacked; those of uncompressed pages are used where they lie. */
static bool
unpack(struct pq_column *c, struct bytes packed, size_t len, bool compressed, const uint8_t **out,
       struct error *err)
{
    if (c->codec == CODEC_NONE || !compressed) {
        if (packed.len != len) {
            return pq_broken(err, "an uncompressed page of two sizes");
        }
        *out = packed.ptr;
        return true;
    }
    if (c->ahead != NULL && c->ahead_packed == packed.ptr) {
        *out = c->ahead;
        c->ahead = NULL;
        return true;
    }
    uint8_t *dst = len <= PAGE_BYTES_MAX ? pq_column_alloc(c, len, err) : NULL;
    if (dst == NULL) {
        return error_is_set(err) ? false : pq_broken(err, "a page of more than 1 GiB");
    }
    *out = dst;
    const struct codec_job job = {packed, dst, len};
    return unpack_two(c, &job) || codec_decompress(c->contexts, c->codec, &job, err);
}

static bool
open_dictionary(struct pq_column *c, const struct pq_page *p, struct bytes packed,
                struct error *err)
{
    const uint8_t *bytes;
    if (c->has_dict) {
        return pq_broken(err, "a second dictionary page");
    }
    const uint32_t page = c->page;
    c->page = UINT32_MAX; /* its buffers live as long as the chunk */
    const bool ok =
        unpack(c, packed, (size_t)p->unpacked_bytes, true, &bytes, err) &&
        pq_load_dictionary(c, bytes, bytes + p->unpacked_bytes, (uint32_t)p->values, err);
    c->page = page;
    c->has_dict = ok;
    return ok;
}

/* Decodes all of a nested column's levels of one kind; *out stays NULL when max is 0. */
static bool
read_levels(struct pq_column *c, const uint8_t *pos, const uint8_t *end, uint32_t max,
            uint32_t count, uint8_t **out, struct error *err)
{
    *out = NULL;
    uint8_t *levels = pq_column_alloc(c, (size_t)count + 1, err);
    if (levels == NULL) {
        return false;
    }
    memset(levels, 0, (size_t)count + 1);
    *out = levels;
    struct pq_hybrid h;
    pq_hybrid_init(&h, pos, end, pq_bit_width(max));
    for (uint32_t done = 0; max > 0 && done < count;) {
        uint32_t some[1024];
        const uint32_t take = count - done < 1024 ? count - done : 1024;
        if (!pq_hybrid_codes(&h, some, take)) {
            return pq_broken(err, "levels end too early");
        }
        for (uint32_t i = 0; i < take; i++) {
            if (some[i] > max) {
                return pq_broken(err, "a level above its maximum");
            }
            levels[done + i] = (uint8_t)some[i];
        }
        done += take;
    }
    return true;
}

static bool
open_levels(struct pq_column *c, struct bytes reps, struct bytes defs, uint32_t count,
            struct error *err)
{
    const uint32_t def_max = c->field->def, rep_max = c->field->rep;
    c->page_no_nulls = def_max == 0;
    c->level_at = 0;
    if (rep_max > 0 || def_max > 1) {
        return read_levels(c, reps.ptr, reps.ptr + reps.len, rep_max, count, &c->rep_levels, err) &&
               read_levels(c, defs.ptr, defs.ptr + defs.len, def_max, count, &c->def_levels, err);
    }
    if (def_max == 1) {
        pq_hybrid_init(&c->defs, defs.ptr, defs.ptr + defs.len, 1);
        c->page_no_nulls = pq_hybrid_all(&c->defs, 1, count);
    }
    return true;
}

/* In the first page version levels stand before the values, each with its length. */
static struct bytes
take_levels(struct reader *r, uint32_t max)
{
    return max > 0 ? reader_take(r, reader_le32(r)) : (struct bytes){r->pos, 0};
}

static bool
open_page_v1(struct pq_column *c, const struct pq_page *p, struct bytes packed, struct error *err)
{
    const uint8_t *bytes;
    struct reader r;
    if (!unpack(c, packed, (size_t)p->unpacked_bytes, true, &bytes, err)) {
        return false;
    }
    if (c->field->def > 0 && p->def_encoding != PQ_RLE) {
        return error_unsupported(err, "Parquet levels in the retired BIT_PACKED encoding");
    }
    reader_init(&r, (struct bytes){bytes, (size_t)p->unpacked_bytes});
    const struct bytes reps = take_levels(&r, c->field->rep);
    const struct bytes defs = take_levels(&r, c->field->def);
    if (!reader_ok(&r)) {
        return pq_broken(err, "levels outside their page");
    }
    c->values = r.pos;
    c->values_end = bytes + p->unpacked_bytes;
    return open_levels(c, reps, defs, (uint32_t)p->values, err);
}

static bool
open_page_v2(struct pq_column *c, const struct pq_page *p, struct bytes packed, struct error *err)
{
    struct reader r;
    reader_init(&r, packed);
    const struct bytes reps = reader_take(&r, (size_t)p->rep_bytes);
    const struct bytes defs = reader_take(&r, (size_t)p->def_bytes);
    const int64_t len = (int64_t)p->unpacked_bytes - p->rep_bytes - p->def_bytes;
    if (!reader_ok(&r) || len < 0) {
        return pq_broken(err, "levels outside their page");
    }
    const struct bytes rest = reader_take(&r, reader_left(&r));
    if (rest.len == 0 && len == 0) {
        c->values = c->values_end = rest.ptr;
    } else if (!unpack(c, rest, (size_t)len, p->compressed, &c->values, err)) {
        return false;
    } else {
        c->values_end = c->values + len;
    }
    return open_levels(c, reps, defs, (uint32_t)p->values, err);
}

/* Takes one page off the chunk; *data says whether it was a data page with entries. */
static bool
take_page(struct pq_column *c, bool *data, struct error *err)
{
    struct reader r;
    struct pq_page p;
    *data = false;
    reader_init(&r, (struct bytes){c->pos, (size_t)(c->end - c->pos)});
    if (!pq_read_page(&r, &p)) {
        return pq_broken(err, "a page header");
    }
    const struct bytes packed = reader_take(&r, (size_t)p.packed_bytes);
    c->pos = r.pos;
    if (p.type == PQ_DICTIONARY_PAGE) {
        return open_dictionary(c, &p, packed, err);
    }
    if (p.type == PQ_INDEX_PAGE || p.values == 0) {
        return true;
    }
    if (p.values > c->values_left) {
        return pq_broken(err, "pages with more values than their column");
    }
    c->page++;
    c->values_left -= p.values;
    if (p.type == PQ_DATA_PAGE ? !open_page_v1(c, &p, packed, err)
                               : !open_page_v2(c, &p, packed, err)) {
        return false;
    }
    c->page_left = (uint32_t)p.values;
    *data = true;
    return pq_open_values(c, p.encoding, (uint32_t)p.values, err);
}

bool
pq_column_page(struct pq_column *c, struct error *err)
{
    bool data = c->page_left > 0;
    while (!data) {
        if (c->values_left == 0 || c->pos == c->end) {
            return pq_broken(err, "a column with fewer values than rows");
        }
        if (!take_page(c, &data, err)) {
            return false;
        }
    }
    return true;
}

bool
pq_column_more(const struct pq_column *c)
{
    return c->page_left > 0 || c->values_left > 0;
}
