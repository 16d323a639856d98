/* Loops and helpers for functions that make arrays, maps and structs; for func/ only. */
#ifndef WEIR_FUNC_NESTED_H
#define WEIR_FUNC_NESTED_H

#include "func/builder.h"
#include "func/text.h"

/* One byte a row: 1 when it is selected and not null in out. */
uint8_t *rows_live(struct eval *ev, uint32_t rows, const uint16_t *sel, uint32_t n,
                   const struct vec *out);

static inline struct list_range
list_at(const struct vec *v, uint32_t i)
{
    return ((const struct list_range *)v->data)[i];
}

/* Equal, nulls equal to each other. */
bool nested_equal(const struct vec *x, uint32_t i, const struct vec *y, uint32_t j);

/* A set of rows of one vector by value; {0} with an arena. */
struct row_set {
    struct arena *arena;
    const struct vec *values;
    uint32_t *slots;
    uint32_t size;
    uint32_t count;
};
/* True if row i is new. Rows must all be of `values`. */
bool row_set_add(struct row_set *s, uint32_t i);
bool row_set_has(const struct row_set *s, const struct vec *v, uint32_t i);

bool raise_map_key_null(struct error *err);
bool raise_map_key_twice(struct eval *ev, const struct vec *keys, uint32_t i, struct error *err);

#endif
