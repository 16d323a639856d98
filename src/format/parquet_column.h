/*
 * One column chunk being read: pages one after another, levels and values out of the current one.
 *
 * A page becomes a cursor of one of a few kinds; encodings that cannot be entered in the middle
 * (delta, byte stream split) are decoded whole when the page is opened. Values come out in the
 * engine's physical type, so a dictionary is converted once.
 *
 * Lifetime: values borrow page buffers. Buffers of a page that was left stay until
 * pq_column_recycle, which the reader calls before each new chunk.
 */
#ifndef WEIR_FORMAT_PARQUET_COLUMN_H
#define WEIR_FORMAT_PARQUET_COLUMN_H

#include "base/budget.h"
#include "file/codec.h"
#include "format/parquet_bits.h"
#include "format/parquet_meta.h"
#include "vec/vec.h"

enum pq_cursor {
    PQ_CURSOR_NONE = 0,
    PQ_CURSOR_FIXED, /* native values at values */
    PQ_CURSOR_BYTES, /* 4-byte length, bytes */
    PQ_CURSOR_VIEWS, /* decoded views */
    PQ_CURSOR_BITS,  /* booleans, packed */
    PQ_CURSOR_RUNS,  /* booleans by runs */
    PQ_CURSOR_CODES, /* dictionary codes */
};

/* From a native value to ours. */
enum pq_convert {
    PQ_AS_IS = 0,
    PQ_INT_TO_8,
    PQ_INT_TO_16,
    PQ_UINT8_TO_16,
    PQ_UINT16_TO_32,
    PQ_UINT32_TO_64,
    PQ_UINT64_TO_128,
    PQ_INT_TO_64,
    PQ_MILLIS_TO_MICROS,
    PQ_NANOS_TO_MICROS,
    PQ_INT96_TO_MICROS,
    PQ_FIXED_TO_VIEW,
    PQ_FIXED_TO_64,
    PQ_FIXED_TO_128,
    PQ_VIEW_TO_64,
    PQ_VIEW_TO_128,
};

struct pq_buf {
    struct pq_buf *next;
    size_t capacity;
    uint32_t page;
    _Alignas(64) uint8_t data[];
};

struct pq_column {
    const struct pq_field *field; /* the leaf */
    struct budget *budget;
    struct codec *contexts;
    enum codec_kind codec;
    enum pq_convert convert;
    uint32_t native_bytes; /* width of a native value; 0: byte arrays */
    uint32_t out_bytes;
    bool as_codes; /* strings: dictionary pages are delivered as codes */

    const uint8_t *pos, *end; /* of the chunk's bytes not yet read */
    int64_t values_left;      /* entries in pages not yet opened */

    bool has_dict;
    struct vec dict; /* flat, in our physical type */

    uint32_t page; /* number of the current page */
    uint32_t page_left;
    bool page_no_nulls;
    struct pq_hybrid defs; /* flat columns */
    uint8_t *rep_levels;   /* nested columns: levels of the page's entries, and the next one */
    uint8_t *def_levels;
    uint32_t level_at;
    enum pq_cursor cursor;
    const uint8_t *values, *values_end;
    uint32_t bit_at;
    uint32_t views_left;
    struct pq_hybrid codes;

    uint8_t *ahead; /* the next page, decompressed beside this one; NULL = not */
    const uint8_t *ahead_packed;

    struct pq_buf *bufs;   /* live */
    struct pq_buf *spares; /* to be used again */
};

bool pq_column_init(struct pq_column *c, const struct pq_field *leaf, struct budget *budget,
                    struct codec *contexts, struct error *err);
bool pq_column_open(struct pq_column *c, const struct pq_chunk *chunk, const uint8_t *bytes,
                    struct error *err);
void pq_column_recycle(struct pq_column *c);
void pq_column_release(struct pq_column *c);

void *pq_column_alloc(struct pq_column *c, size_t bytes, struct error *err);
/* Opens the next data page when the current one has no entries left. False with err unset never:
 * past the last page is an error, since callers count rows. */
bool pq_column_page(struct pq_column *c, struct error *err);
bool pq_column_more(const struct pq_column *c); /* an entry is left in this chunk */
/* n values (not nulls) of the current page, dense, in our physical type. */
bool pq_column_values(struct pq_column *c, uint32_t n, void *out, struct error *err);
/* n dictionary codes, each checked. Only with PQ_CURSOR_CODES. */
bool pq_column_codes(struct pq_column *c, uint32_t n, uint32_t *out, struct error *err);

/* parquet_values.c */
bool pq_open_values(struct pq_column *c, enum pq_encoding encoding, uint32_t values,
                    struct error *err);
bool pq_load_dictionary(struct pq_column *c, const uint8_t *pos, const uint8_t *end, uint32_t count,
                        struct error *err);

#endif
