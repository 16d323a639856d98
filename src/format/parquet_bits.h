/*
 * Bit-level readers of Parquet: the hybrid of run-length and bit-packed runs (levels, dictionary
 * codes), and delta-packed integers.
 *
 * Input memory must be readable PQ_PAD bytes past its end: groups are unpacked by whole 64-bit
 * loads. What is read is still checked against the end.
 */
#ifndef WEIR_FORMAT_PARQUET_BITS_H
#define WEIR_FORMAT_PARQUET_BITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/reader.h"

enum { PQ_PAD = 64 };

struct pq_hybrid {
    const uint8_t *pos;
    const uint8_t *end;
    uint32_t width;
    uint32_t left; /* of the current run */
    bool packed;
    uint32_t value;     /* of a run-length run */
    const uint8_t *run; /* a packed run's bytes, and the next value in it */
    uint32_t at;
};

void pq_hybrid_init(struct pq_hybrid *h, const uint8_t *pos, const uint8_t *end, uint32_t width);
/* The next n values; false when the input ends before. */
bool pq_hybrid_codes(struct pq_hybrid *h, uint32_t *out, uint32_t n);
/* Width 1: the next n bits at bits[from..]; *set counts the ones. bits must be zero there. */
bool pq_hybrid_bits(struct pq_hybrid *h, uint64_t *bits, uint32_t from, uint32_t n, uint32_t *set);
/* Are at least n values a single run of this value? Does not move. */
bool pq_hybrid_all(const struct pq_hybrid *h, uint32_t value, uint32_t n);

void pq_bits_fill(uint64_t *bits, uint32_t from, uint32_t n);

/* DELTA_BINARY_PACKED: *count values (at most limit) into out as 64-bit; *end is where it ended.
 * out NULL: only count. */
bool pq_delta_count(const uint8_t *pos, const uint8_t *end, uint32_t *count);
bool pq_delta_read(const uint8_t *pos, const uint8_t *end, int64_t *out, uint32_t count,
                   const uint8_t **rest);

static inline uint32_t
pq_bit_width(uint32_t max)
{
    return max == 0 ? 0 : 32 - (uint32_t)__builtin_clz(max);
}

#endif
