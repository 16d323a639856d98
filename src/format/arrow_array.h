/* An array of an open record batch: where its bytes lie, and turning rows of it into a vector. */
#ifndef WEIR_FORMAT_ARROW_ARRAY_H
#define WEIR_FORMAT_ARROW_ARRAY_H

#include "format/arrow_message.h"

struct arrow_dictionary {
    int64_t id;
    uint64_t dict_id;
    struct vec values; /* flat */
    struct arrow_dictionary *next;
};

struct arrow_array {
    const struct arrow_field *field;
    int64_t rows;
    int64_t nulls;
    uint8_t offset_bytes;
    struct bytes valid; /* empty: no nulls */
    struct bytes offsets;
    struct bytes data;
    uint32_t run_count; /* views: the buffers behind them */
    struct bytes *runs;
    struct arrow_array *children;
    const struct arrow_dictionary *dictionary;
};

/* Rows [from, from + n) as a vector; sharing the bytes where the layouts agree. stream_bytes bounds
 * how many rows without bytes (lists of nulls) are believed. */
bool arrow_decode(const struct arrow_array *x, uint32_t from, uint32_t n, uint64_t stream_bytes,
                  struct arena *tmp, struct vec *out, struct error *err);

#endif
