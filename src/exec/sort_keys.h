/*
 * Ordering rows: keys become 128 bits that compare as unsigned numbers, and rows are sorted by
 * those first.
 *
 * Each key adds a null bit (when its column has nulls) and its value with the sign flipped, NaN on
 * top, strings by their first bytes; descending keys are inverted. When all keys fit, the bits are
 * the whole order (exact); else rows with equal bits are compared column by column. Equal rows keep
 * their order of arrival.
 *
 * Threads: slices are radix-sorted side by side and merged by disjoint key ranges side by side.
 * Memory: 24 bytes a row, twice.
 */
#ifndef WEIR_EXEC_SORT_KEYS_H
#define WEIR_EXEC_SORT_KEYS_H

#include "exec/store.h"

struct sort_column {
    uint32_t column;
    bool descending;
    bool nulls_first;
};

struct sort_entry {
    uint64_t hi;
    uint64_t lo;
    uint32_t row;
    uint32_t pad;
};

struct sort_spec {
    const struct sort_column *keys;
    uint32_t key_count;
    bool nullable[64]; /* key column may hold nulls: decided before encoding, same for all rows */
};

/* All columns are taken to hold nulls, so that encodings of different chunks compare. */
void sort_spec_init(struct sort_spec *s, const struct sort_column *keys, uint32_t key_count);
/* The bits of rows sel[0..n) (or 0..n): out[k].hi and .lo. Returns whether they are exact. */
bool sort_encode(const struct sort_spec *s, const struct vec *cols, const uint16_t *sel, uint32_t n,
                 struct sort_entry *out);
/* Full order of two rows of one set of columns, ties not broken. */
int sort_compare(const struct sort_spec *s, const struct vec *cols, uint32_t i, uint32_t j);

/* The order of a flattened store's rows. *out is malloc'ed, row_count long; free it. */
bool sort_rows(const struct sort_spec *spec, const struct store *store, struct query *q,
               uint32_t **out, struct error *err);

#endif
