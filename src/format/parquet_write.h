/* Inside of the Parquet writer: leaves (columns in the making) and the tree of fields above them.
 */
#ifndef WEIR_FORMAT_PARQUET_WRITE_H
#define WEIR_FORMAT_PARQUET_WRITE_H

#include "base/buffer.h"
#include "file/codec.h"
#include "format/parquet_meta.h"
#include "vec/vec.h"

enum { PW_PAGE_ROWS = 20000, PW_PAGE_BYTES = 1 << 20, PW_DICT_BYTES = 1 << 20 };

/* The dictionary of a column chunk: distinct values in plain encoding, found by hash. */
struct pw_dict {
    bool on;
    struct buffer plain; /* as the dictionary page holds it */
    uint32_t *starts;    /* of value i in plain; one more than count */
    uint32_t count;
    uint32_t capacity;
    uint32_t *slots; /* value number + 1; 0 = free */
    uint32_t slot_mask;
};

struct pw_stats {
    bool any;
    int64_t nulls;
    i128 min, max;            /* integers, decimals, dates */
    double fmin, fmax;        /* floats */
    struct buffer smin, smax; /* texts */
};

struct pw_leaf {
    const struct type *type;
    enum pq_type physical;
    uint32_t fixed_bytes; /* PQ_FIXED */
    uint8_t def, rep;     /* maximum levels */
    const char *const *path;
    uint32_t path_count;

    struct buffer defs, reps; /* one byte an entry of the page */
    struct buffer plain;      /* values of the page, or of booleans a byte each */
    struct buffer codes;      /* uint32 each, while the dictionary is on */
    uint32_t entries;         /* of the page */
    uint32_t rows;            /* of the page */
    struct pw_dict dict;
    struct buffer pages; /* finished, with headers */
    int64_t entries_total;
    int64_t unpacked_bytes;
    bool dict_pages, plain_pages;
    struct pw_stats stats;
};

struct pw_codec {
    struct codec contexts;
    enum codec_kind kind;
    int32_t number; /* Parquet's */
    struct buffer scratch, packed;
};

void pw_leaf_init(struct pw_leaf *leaf);
void pw_leaf_release(struct pw_leaf *leaf);
void pw_leaf_reset(struct pw_leaf *leaf); /* a new row group begins */
uint64_t pw_leaf_bytes(const struct pw_leaf *leaf);

/* One entry: its levels, and the value at row i of v when def is the leaf's maximum. */
void pw_leaf_null(struct pw_leaf *leaf, uint8_t rep, uint8_t def);
void pw_leaf_value(struct pw_leaf *leaf, uint8_t rep, const struct vec *v, uint32_t i);
/* Called after each row or run of rows; closes the page when it is full. */
bool pw_leaf_rows(struct pw_leaf *leaf, uint32_t rows, struct pw_codec *codec, struct error *err);
/* Closes the last page; the dictionary page goes to the front of what is written. */
bool pw_leaf_finish(struct pw_leaf *leaf, struct pw_codec *codec, struct buffer *dictionary,
                    struct error *err);

/* Encoders. */
void pw_hybrid(struct buffer *out, const uint32_t *values, uint32_t n, uint32_t width);
void pw_levels(struct buffer *out, const uint8_t *levels, uint32_t n, uint32_t width);

#endif
