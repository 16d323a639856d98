/*
 * Equality and order of single rows of two vectors of the same type, whatever their encoding.
 *
 * These are the rules of grouping, joining and sorting: NaN equals NaN and is greatest, -0.0 equals
 * 0.0, strings compare by unsigned bytes, arrays and structs element by element. Nulls are equal to
 * each other and come first; operators that want other places for nulls look before they ask.
 * Hot loops stamp out their own comparisons for flat scalars; this is the general path.
 */
#ifndef WEIR_VEC_COMPARE_H
#define WEIR_VEC_COMPARE_H

#include "vec/vec.h"

bool vec_rows_equal(const struct vec *x, uint32_t i, const struct vec *y, uint32_t j);
int vec_rows_compare(const struct vec *x, uint32_t i, const struct vec *y, uint32_t j);

static inline int
double_compare(double x, double y)
{
    if (x < y) {
        return -1;
    }
    if (x > y) {
        return 1;
    }
    return x == y ? 0 : (x != x) - (y != y);
}

#endif
