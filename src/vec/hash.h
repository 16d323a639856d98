/*
 * Hashes of vector rows, for our own tables and partitions. Never shown to anybody: Spark's hash()
 * and its bucketing have their own kernels in func/.
 *
 * Equal rows (vec/compare.h) have equal hashes: NaNs are one value, -0.0 is 0.0, nulls hash to a
 * constant, short and long strings agree because a short view is zero-padded. Integers take a
 * multiply-xorshift, strings above 12 bytes XXH3. High bits are as good as low ones: partitions
 * use the top, directories the bottom.
 */
#ifndef WEIR_VEC_HASH_H
#define WEIR_VEC_HASH_H

#include "vec/vec.h"

#define HASH_NULL UINT64_C(0x7fb5d329728ea185)

static inline uint64_t
hash_u64(uint64_t x)
{
    x ^= x >> 32;
    x *= UINT64_C(0xd6e8feb86659fd93);
    x ^= x >> 32;
    x *= UINT64_C(0xd6e8feb86659fd93);
    return x ^ x >> 32;
}

static inline uint64_t
hash_combine(uint64_t seed, uint64_t hash)
{
    return (seed ^ hash ^ (hash >> 29)) * UINT64_C(0x9fb21c651e98df25) + (seed << 31 | seed >> 33);
}

uint64_t hash_bytes(const void *ptr, size_t len);

static inline uint64_t
hash_view(const struct view *v)
{
    if (v->len > 12) {
        return hash_bytes(v->ref.ptr, v->len);
    }
    uint64_t lo, hi;
    memcpy(&lo, v, 8);
    memcpy(&hi, (const char *)v + 8, 8);
    return hash_u64(lo ^ hi * UINT64_C(0x9e3779b97f4a7c15));
}

/* hashes[k] of row sel[k] (row k when sel is NULL), k < n. With combine, folds into what is there:
 * call once a key column, the first one without. */
void vec_hash(const struct vec *v, const uint16_t *sel, uint32_t n, uint64_t *hashes, bool combine);

uint64_t vec_row_hash(const struct vec *v, uint32_t i); /* one row, any type */

#endif
