/* Single values: out of vectors, into vectors, copies and order. The slow, general edge. */
#include <assert.h>

#include "base/arena.h"
#include "vec/compare.h"
#include "vec/vec.h"

struct datum
vec_datum(const struct vec *v, uint32_t i, struct arena *a)
{
    struct datum d = {.type = v->type, .is_null = vec_is_null(v, i)};
    if (d.is_null) {
        return d;
    }
    const void *values = vec_values(v);
    const uint32_t at = vec_index(v, i);
    switch ((enum phys)v->phys) {
    case PHYS_NONE:
        break;
    case PHYS_BOOL:
        d.b = ((const uint8_t *)values)[at] != 0;
        break;
    case PHYS_I8:
        d.i = ((const int8_t *)values)[at];
        break;
    case PHYS_I16:
        d.i = ((const int16_t *)values)[at];
        break;
    case PHYS_I32:
        d.i = ((const int32_t *)values)[at];
        break;
    case PHYS_I64:
        d.i = ((const int64_t *)values)[at];
        break;
    case PHYS_I128:
        d.wide = ((const i128 *)values)[at];
        break;
    case PHYS_F32:
        d.f = ((const float *)values)[at];
        break;
    case PHYS_F64:
        d.f = ((const double *)values)[at];
        break;
    case PHYS_VIEW:
        d.str = ((const struct view *)values)[at];
        break;
    case PHYS_INTERVAL:
        d.interval = ((const struct interval *)values)[at];
        break;
    case PHYS_LIST:
    case PHYS_MAP:
    case PHYS_STRUCT: {
        struct vec *one = arena_new(a, struct vec);
        vec_gather(one, v, &i, 1, a);
        vec_flatten(one, one, NULL, 1, a);
        d.nested = one;
        break;
    }
    }
    return d;
}

/* Room in a vector that only grows through here: capacities are powers of two from 8 on. */
static void
vec_grow(struct vec *v, struct arena *a, uint32_t more)
{
    uint32_t old_cap = v->n == 0 ? 0 : 8;
    while (old_cap != 0 && old_cap < v->n) {
        old_cap *= 2;
    }
    const uint32_t n = v->n + more;
    if (n > old_cap) {
        uint32_t cap = 8;
        while (cap < n) {
            cap *= 2;
        }
        struct vec bigger;
        vec_init_flat(&bigger, a, v->type, v->phys == PHYS_STRUCT ? 0 : cap);
        if (v->n > 0) {
            memcpy(bigger.data, v->data, phys_size(v->phys) * v->n);
        }
        v->data = bigger.data;
        uint64_t *valid = valid_new(a, cap, true);
        if (v->valid != NULL) {
            memcpy(valid, v->valid, valid_words(v->n) * 8);
        }
        v->valid = valid;
    }
    for (uint32_t i = v->n; i < n && v->valid != NULL; i++) {
        bit_set(v->valid, i);
    }
    v->n = n;
    for (uint32_t c = 0; v->phys == PHYS_STRUCT && c < v->child_count; c++) {
        vec_grow(&v->child[c], a, more);
    }
}

/* Elements [0, len) of src appended to child; returns where they begin. */
static uint32_t
elements_append(struct vec *child, const struct vec *src, struct list_range r, struct arena *a)
{
    const uint32_t at = child->n;
    vec_grow(child, a, r.len);
    for (uint32_t k = 0; k < r.len; k++) {
        const struct datum d = vec_datum(src, r.offset + k, a);
        vec_set_datum(child, a, at + k, &d);
    }
    return at;
}

static void
set_nested(struct vec *v, struct arena *a, uint32_t i, const struct vec *one)
{
    if (v->phys == PHYS_STRUCT) {
        for (uint32_t c = 0; c < v->child_count; c++) {
            const struct datum d = vec_datum(&one->child[c], 0, a);
            vec_set_datum(&v->child[c], a, i, &d);
        }
        return;
    }
    const struct list_range r = ((const struct list_range *)vec_values(one))[vec_index(one, 0)];
    struct list_range *to = (struct list_range *)v->data + i;
    to->len = r.len;
    for (uint32_t c = 0; c < v->child_count; c++) {
        to->offset = elements_append(&v->child[c], &one->child[c], r, a);
    }
}

void
vec_set_datum(struct vec *v, struct arena *a, uint32_t i, const struct datum *d)
{
    assert(v->enc == VEC_FLAT && i < v->n);
    if (d->is_null) {
        vec_set_null(v, a, i);
        const size_t size = phys_size(v->phys);
        memset((char *)v->data + size * i, 0, size);
        for (uint32_t c = 0; v->phys == PHYS_STRUCT && c < v->child_count; c++) {
            const struct datum none = {.type = v->child[c].type, .is_null = true};
            vec_set_datum(&v->child[c], a, i, &none);
        }
        return;
    }
    if (v->valid != NULL) {
        bit_set(v->valid, i);
    }
    switch ((enum phys)v->phys) {
    case PHYS_NONE:
        break;
    case PHYS_BOOL:
        ((uint8_t *)v->data)[i] = d->b;
        break;
    case PHYS_I8:
        ((int8_t *)v->data)[i] = (int8_t)d->i;
        break;
    case PHYS_I16:
        ((int16_t *)v->data)[i] = (int16_t)d->i;
        break;
    case PHYS_I32:
        ((int32_t *)v->data)[i] = (int32_t)d->i;
        break;
    case PHYS_I64:
        ((int64_t *)v->data)[i] = d->i;
        break;
    case PHYS_I128:
        ((i128 *)v->data)[i] = d->wide;
        break;
    case PHYS_F32:
        ((float *)v->data)[i] = (float)d->f;
        break;
    case PHYS_F64:
        ((double *)v->data)[i] = d->f;
        break;
    case PHYS_VIEW:
        ((struct view *)v->data)[i] = view_copy(a, view_ptr(&d->str), d->str.len);
        break;
    case PHYS_INTERVAL:
        ((struct interval *)v->data)[i] = d->interval;
        break;
    case PHYS_LIST:
    case PHYS_MAP:
    case PHYS_STRUCT:
        set_nested(v, a, i, d->nested);
        break;
    }
}

void
vec_const_datum(struct vec *v, struct arena *a, const struct datum *d, uint32_t n)
{
    if (d->is_null) {
        vec_init_const_null(v, a, d->type, n);
        return;
    }
    vec_init_flat(v, a, d->type, 1);
    vec_set_datum(v, a, 0, d);
    v->enc = VEC_CONST;
    v->n = n;
}

struct datum
datum_copy(struct arena *a, const struct datum *d)
{
    struct datum out = *d;
    if (d->is_null) {
        return out;
    }
    switch (phys_of(d->type)) {
    case PHYS_VIEW:
        out.str = view_copy(a, view_ptr(&d->str), d->str.len);
        break;
    case PHYS_LIST:
    case PHYS_MAP:
    case PHYS_STRUCT: {
        struct vec *one = arena_new(a, struct vec);
        vec_copy(one, d->nested, a);
        out.nested = one;
        break;
    }
    default:
        break;
    }
    return out;
}

static int
sign_i128(i128 x, i128 y)
{
    return x < y ? -1 : x > y;
}

int
datum_compare(const struct datum *a, const struct datum *b)
{
    if (a->is_null || b->is_null) {
        return (int)b->is_null - (int)a->is_null;
    }
    switch (phys_of(a->type)) {
    case PHYS_NONE:
        return 0;
    case PHYS_BOOL:
        return (int)a->b - (int)b->b;
    case PHYS_I8:
    case PHYS_I16:
    case PHYS_I32:
    case PHYS_I64:
        return sign_i128(a->i, b->i);
    case PHYS_I128:
        return sign_i128(a->wide, b->wide);
    case PHYS_F32:
    case PHYS_F64:
        return double_compare(a->f, b->f);
    case PHYS_VIEW:
        return view_compare(&a->str, &b->str);
    case PHYS_INTERVAL: {
        const struct interval *x = &a->interval, *y = &b->interval;
        const int months = sign_i128(x->months, y->months);
        const int days = sign_i128(x->days, y->days);
        return months != 0 ? months : days != 0 ? days : sign_i128(x->micros, y->micros);
    }
    case PHYS_LIST:
    case PHYS_MAP:
    case PHYS_STRUCT:
        break;
    }
    return vec_rows_compare(a->nested, 0, b->nested, 0);
}
