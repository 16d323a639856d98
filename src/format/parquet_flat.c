/*
 * Flat columns: the path that decides scans. Straight from pages into vectors, without levels
 * where a page has no nulls, as codes where strings are dictionary-encoded.
 *
 * A vector may span pages. It stays in codes while its pages are; when one of them is not (the
 * writer gave up its dictionary) what is there is turned into values first.
 */
#include <assert.h>
#include <string.h>

#include "format/parquet_read.h"

struct flat_fill {
    struct pq_column *column;
    struct arena *tmp;
    uint32_t n;
    uint32_t done;
    uint32_t nulls;
    uint64_t *valid; /* of n bits once max_def is 1 */
    uint32_t *codes; /* while the vector is in codes */
    uint8_t *values; /* else */
};

/* Spreads k dense values over the rows that are set in valid, last row of `from` on; in place of a
 * null stands a neighbour's value, which nobody reads. */
#define SPREAD(type)                                                                               \
    do {                                                                                           \
        const type *in = dense;                                                                    \
        type *out = to;                                                                            \
        for (uint32_t i = 0; i < n; i++) {                                                         \
            out[i] = *in;                                                                          \
            in += bit_get(valid, from + i);                                                        \
        }                                                                                          \
    } while (0)

static void
spread(void *to, const void *dense, uint32_t width, const uint64_t *valid, uint32_t from,
       uint32_t n)
{
    switch (width) {
    case 1:
        SPREAD(uint8_t);
        break;
    case 2:
        SPREAD(uint16_t);
        break;
    case 4:
        SPREAD(uint32_t);
        break;
    case 8:
        SPREAD(uint64_t);
        break;
    default:
        SPREAD(struct view);
        break;
    }
}

/* Room for values; codes that are already there become values. */
static void
leave_codes(struct flat_fill *f)
{
    const uint32_t width = f->column->out_bytes;
    f->values = arena_alloc_aligned(f->tmp, (size_t)width * (f->n + 1), 64);
    if (f->codes == NULL) {
        return;
    }
    assert(width == sizeof(struct view));
    const struct view *dict = f->column->dict.data;
    struct view *values = (struct view *)(void *)f->values;
    for (uint32_t i = 0; i < f->done; i++) {
        values[i] = dict[f->codes[i]];
    }
    f->codes = NULL;
}

/* Validity of the next `take` rows; *live counts those that are not null. */
static bool
fill_valid(struct flat_fill *f, uint32_t take, uint32_t *live, struct error *err)
{
    struct pq_column *c = f->column;
    *live = take;
    if (c->field->def == 0) {
        return true;
    }
    if (f->valid == NULL) {
        f->valid = arena_zalloc(f->tmp, 8 * valid_words(f->n) + 8);
    }
    if (c->page_no_nulls) {
        pq_bits_fill(f->valid, f->done, take);
    } else if (!pq_hybrid_bits(&c->defs, f->valid, f->done, take, live)) {
        return pq_broken(err, "levels end too early");
    }
    f->nulls += take - *live;
    return true;
}

static bool
fill_codes(struct flat_fill *f, uint32_t take, uint32_t live, struct error *err)
{
    if (f->codes == NULL) {
        f->codes = arena_alloc_aligned(f->tmp, 4 * ((size_t)f->n + 16), 64);
    }
    if (live == take) {
        return pq_column_codes(f->column, take, f->codes + f->done, err);
    }
    uint32_t dense[VEC_ROWS + 1];
    if (!pq_column_codes(f->column, live, dense, err)) {
        return false;
    }
    dense[live] = 0; /* what trailing nulls repeat */
    spread(f->codes + f->done, dense, 4, f->valid, f->done, take);
    return true;
}

static bool
fill_values(struct flat_fill *f, uint32_t take, uint32_t live, struct error *err)
{
    const uint32_t width = f->column->out_bytes;
    uint8_t *to = f->values + (size_t)width * f->done;
    if (live == take) {
        return pq_column_values(f->column, take, to, err);
    }
    uint8_t *dense = arena_alloc_aligned(f->tmp, (size_t)width * (live + 1), 64);
    memset(dense + (size_t)width * live, 0, width);
    if (!pq_column_values(f->column, live, dense, err)) {
        return false;
    }
    spread(to, dense, width, f->valid, f->done, take);
    return true;
}

static bool
fill_page(struct flat_fill *f, struct error *err)
{
    struct pq_column *c = f->column;
    if (!pq_column_page(c, err)) {
        return false;
    }
    const uint32_t left = f->n - f->done;
    const uint32_t take = left < c->page_left ? left : c->page_left;
    const bool codes = c->as_codes && c->cursor == PQ_CURSOR_CODES && c->dict.n > 0 &&
                       (f->done == 0 || f->codes != NULL);
    uint32_t live;
    if (!fill_valid(f, take, &live, err)) {
        return false;
    }
    if (!codes && f->values == NULL) {
        leave_codes(f);
    }
    if (codes ? !fill_codes(f, take, live, err) : !fill_values(f, take, live, err)) {
        return false;
    }
    f->done += take;
    c->page_left -= take;
    return true;
}

bool
pq_read_flat(struct pq_column *c, uint32_t n, struct arena *tmp, struct vec *out, struct error *err)
{
    assert(n <= VEC_ROWS && c->field->def <= 1 && c->field->rep == 0);
    struct flat_fill f = {.column = c, .tmp = tmp, .n = n};
    while (f.done < n) {
        if (!fill_page(&f, err)) {
            return false;
        }
    }
    *out = (struct vec){.type = c->field->type,
                        .phys = (uint8_t)phys_of(c->field->type),
                        .enc = VEC_FLAT,
                        .n = n,
                        .data = f.values,
                        .valid = f.nulls > 0 ? f.valid : NULL};
    if (f.codes != NULL) {
        out->enc = VEC_DICT;
        out->codes = f.codes;
        out->child = &c->dict;
        out->child_count = 1;
        out->dict_id = c->dict.dict_id;
    }
    return true;
}
