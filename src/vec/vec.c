/*
 * Making, slicing, gathering and copying single vectors.
 *
 * The one idea: everything that moves rows is a gather over a plain array, stamped out for the few
 * element sizes, with validity handled beside it. Nested vectors move their ranges (lists, maps) or
 * their children (structs).
 */
#include "vec/vec.h"

#include <assert.h>

#include "base/arena.h"

enum { DATA_PAD = 64 }; /* readable bytes behind the last value, for wide loads */

enum phys
phys_of(const struct type *t)
{
    switch (t->id) {
    case TYPE_BOOLEAN:
        return PHYS_BOOL;
    case TYPE_BYTE:
        return PHYS_I8;
    case TYPE_SHORT:
        return PHYS_I16;
    case TYPE_INT:
    case TYPE_DATE:
    case TYPE_INTERVAL_YM:
        return PHYS_I32;
    case TYPE_LONG:
    case TYPE_TIMESTAMP:
    case TYPE_TIMESTAMP_NTZ:
    case TYPE_INTERVAL_DT:
        return PHYS_I64;
    case TYPE_DECIMAL:
        return t->precision <= DECIMAL_I64_PRECISION_MAX ? PHYS_I64 : PHYS_I128;
    case TYPE_FLOAT:
        return PHYS_F32;
    case TYPE_DOUBLE:
        return PHYS_F64;
    case TYPE_STRING:
    case TYPE_BINARY:
        return PHYS_VIEW;
    case TYPE_INTERVAL_CALENDAR:
        return PHYS_INTERVAL;
    case TYPE_ARRAY:
        return PHYS_LIST;
    case TYPE_MAP:
        return PHYS_MAP;
    case TYPE_STRUCT:
        return PHYS_STRUCT;
    case TYPE_NULL:
    case TYPE_COUNT:
        break;
    }
    return PHYS_NONE;
}

size_t
phys_size(enum phys p)
{
    static const uint8_t bytes[] = {
        [PHYS_NONE] = 0,      [PHYS_BOOL] = 1,  [PHYS_I8] = 1,  [PHYS_I16] = 2,    [PHYS_I32] = 4,
        [PHYS_I64] = 8,       [PHYS_I128] = 16, [PHYS_F32] = 4, [PHYS_F64] = 8,    [PHYS_VIEW] = 16,
        [PHYS_INTERVAL] = 16, [PHYS_LIST] = 8,  [PHYS_MAP] = 8, [PHYS_STRUCT] = 0,
    };
    return bytes[p];
}

static void *
data_new(struct arena *a, enum phys p, uint32_t n)
{
    return arena_alloc_aligned(a, phys_size(p) * n + DATA_PAD, 64);
}

static const struct type *
child_type(const struct type *t, uint32_t i)
{
    return t->fields[i].type;
}

static void
vec_clear(struct vec *v, const struct type *type, enum vec_enc enc, uint32_t n)
{
    memset(v, 0, sizeof *v);
    v->type = type;
    v->phys = (uint8_t)phys_of(type);
    v->enc = (uint8_t)enc;
    v->n = n;
}

/* The children of a nested vector: struct children get rows, list children start empty. */
static void
children_init(struct vec *v, struct arena *a, uint32_t n)
{
    if (v->phys != PHYS_STRUCT && v->phys != PHYS_LIST && v->phys != PHYS_MAP) {
        return;
    }
    const uint32_t count = v->type->field_count;
    v->child_count = count;
    v->child = arena_new_array(a, struct vec, count > 0 ? count : 1);
    for (uint32_t i = 0; i < count; i++) {
        vec_init_flat(&v->child[i], a, child_type(v->type, i), v->phys == PHYS_STRUCT ? n : 0);
    }
}

void
vec_init_flat(struct vec *v, struct arena *a, const struct type *type, uint32_t n)
{
    vec_clear(v, type, VEC_FLAT, n);
    v->data = data_new(a, v->phys, n);
    children_init(v, a, n);
}

void
vec_init_const(struct vec *v, struct arena *a, const struct type *type, uint32_t n)
{
    vec_clear(v, type, VEC_CONST, n);
    v->data = data_new(a, v->phys, 1);
    memset(v->data, 0, phys_size(v->phys));
    children_init(v, a, 1);
}

void
vec_init_const_null(struct vec *v, struct arena *a, const struct type *type, uint32_t n)
{
    vec_init_const(v, a, type, n);
    v->valid = valid_new(a, 1, false);
    for (uint32_t i = 0; v->phys == PHYS_STRUCT && i < v->child_count; i++) {
        vec_init_const_null(&v->child[i], a, child_type(type, i), 1);
        v->child[i].enc = VEC_FLAT;
    }
}

uint64_t *
valid_new(struct arena *a, uint32_t n, bool all_valid)
{
    const size_t bytes = (valid_words(n) + 1) * 8;
    uint64_t *bits = arena_alloc_aligned(a, bytes, 64);
    memset(bits, all_valid ? 0xff : 0, bytes);
    return bits;
}

void
vec_set_null(struct vec *v, struct arena *a, uint32_t i)
{
    assert(v->enc == VEC_FLAT);
    if (v->phys == PHYS_NONE) {
        return;
    }
    if (v->valid == NULL) {
        v->valid = valid_new(a, v->n, true);
    }
    bit_clear(v->valid, i);
}

/* ---- gathering ---- */

#define GATHER(T)                                                                                  \
    {                                                                                              \
        const T *restrict s = src;                                                                 \
        T *restrict d = dst;                                                                       \
        for (uint32_t k = 0; k < n; k++) {                                                         \
            d[k] = s[idx[k]];                                                                      \
        }                                                                                          \
        break;                                                                                     \
    }
#define GATHER_HOLES(T)                                                                            \
    {                                                                                              \
        const T *restrict s = src;                                                                 \
        T *restrict d = dst;                                                                       \
        for (uint32_t k = 0; k < n; k++) {                                                         \
            d[k] = s[idx[k] == UINT32_MAX ? 0 : idx[k]];                                           \
        }                                                                                          \
        break;                                                                                     \
    }

struct pair64 {
    uint64_t lo;
    uint64_t hi;
};

static void
gather_data(void *dst, const void *src, size_t size, const uint32_t *idx, uint32_t n)
{
    switch (size) {
    case 1:
        GATHER(uint8_t)
    case 2:
        GATHER(uint16_t)
    case 4:
        GATHER(uint32_t)
    case 8:
        GATHER(uint64_t)
    case 16:
        GATHER(struct pair64)
    default:
        break;
    }
}

/* The same where UINT32_MAX may stand for "no row"; needs at least one row in src. */
static void
gather_data_holes(void *dst, const void *src, size_t size, const uint32_t *idx, uint32_t n)
{
    switch (size) {
    case 1:
        GATHER_HOLES(uint8_t)
    case 2:
        GATHER_HOLES(uint16_t)
    case 4:
        GATHER_HOLES(uint32_t)
    case 8:
        GATHER_HOLES(uint64_t)
    case 16:
        GATHER_HOLES(struct pair64)
    default:
        break;
    }
}

static bool
any_hole(const uint32_t *idx, uint32_t n)
{
    uint32_t seen = 0;
    for (uint32_t k = 0; k < n; k++) {
        seen |= idx[k] == UINT32_MAX;
    }
    return seen != 0;
}

/* Validity of gathered rows; NULL when none of them can be null. */
static uint64_t *
gather_valid(const struct vec *in, const uint32_t *idx, uint32_t n, bool holes, struct arena *a)
{
    if (in->valid == NULL && !holes) {
        return NULL;
    }
    uint64_t *bits = valid_new(a, n, false);
    const bool is_const = in->enc == VEC_CONST;
    for (uint32_t k = 0; k < n; k++) {
        const uint32_t i = idx[k];
        if (i != UINT32_MAX && (in->valid == NULL || bit_get(in->valid, is_const ? 0 : i))) {
            bit_set(bits, k);
        }
    }
    return bits;
}

static void
gather_codes(struct vec *out, const struct vec *in, const uint32_t *idx, uint32_t n, bool holes,
             struct arena *a)
{
    out->enc = VEC_DICT;
    out->data = NULL;
    out->codes = arena_alloc_aligned(a, (size_t)n * 4 + DATA_PAD, 64);
    out->child = in->child;
    out->child_count = in->child_count;
    out->dict_id = in->dict_id;
    if (holes) {
        gather_data_holes(out->codes, in->codes, 4, idx, n);
    } else {
        gather_data(out->codes, in->codes, 4, idx, n);
    }
}

static void
gather_struct(struct vec *out, const struct vec *in, const uint32_t *idx, uint32_t n,
              struct arena *a)
{
    const bool is_const = in->enc == VEC_CONST;
    uint32_t *zero = NULL;
    if (is_const) {
        zero = arena_alloc(a, (size_t)n * 4);
        for (uint32_t k = 0; k < n; k++) {
            zero[k] = idx[k] == UINT32_MAX ? UINT32_MAX : 0;
        }
    }
    out->child_count = in->child_count;
    out->child = arena_new_array(a, struct vec, in->child_count > 0 ? in->child_count : 1);
    for (uint32_t i = 0; i < in->child_count; i++) {
        vec_gather(&out->child[i], &in->child[i], is_const ? zero : idx, n, a);
    }
}

void
vec_gather(struct vec *out, const struct vec *in, const uint32_t *idx, uint32_t n, struct arena *a)
{
    const bool holes = any_hole(idx, n);
    const struct vec src = *in; /* out may be in */
    vec_clear(out, src.type, VEC_FLAT, n);
    if (src.phys == PHYS_NONE) {
        return;
    }
    if (src.n == 0) { /* nothing to take from: every index is a hole */
        vec_init_const_null(out, a, src.type, n);
        return;
    }
    if (src.enc == VEC_CONST && !holes) {
        *out = src;
        out->n = n;
        return;
    }
    out->valid = gather_valid(&src, idx, n, holes, a);
    if (src.phys == PHYS_STRUCT) {
        gather_struct(out, &src, idx, n, a);
        return;
    }
    if (src.enc == VEC_DICT) {
        gather_codes(out, &src, idx, n, holes, a);
        return;
    }
    const size_t size = phys_size(src.phys);
    out->data = data_new(a, src.phys, n);
    out->child = src.child; /* lists and maps share their elements */
    out->child_count = src.child_count;
    if (src.enc == VEC_CONST) {
        for (uint32_t k = 0; k < n; k++) {
            memcpy((char *)out->data + k * size, src.data, size);
        }
    } else if (holes) {
        gather_data_holes(out->data, src.data, size, idx, n);
    } else {
        gather_data(out->data, src.data, size, idx, n);
    }
}

/* ---- flattening ---- */

#define FILL(T)                                                                                    \
    {                                                                                              \
        T *restrict d = dst;                                                                       \
        T value;                                                                                   \
        memcpy(&value, src, sizeof value);                                                         \
        for (uint32_t k = 0; k < n; k++) {                                                         \
            d[k] = value;                                                                          \
        }                                                                                          \
        break;                                                                                     \
    }

static void
fill_data(void *dst, const void *src, size_t size, uint32_t n)
{
    switch (size) {
    case 1:
        FILL(uint8_t)
    case 2:
        FILL(uint16_t)
    case 4:
        FILL(uint32_t)
    case 8:
        FILL(uint64_t)
    case 16:
        FILL(struct pair64)
    default:
        break;
    }
}

static void
flatten_const(struct vec *out, const struct vec *in, struct arena *a)
{
    vec_clear(out, in->type, VEC_FLAT, in->n);
    out->child = in->child;
    out->child_count = in->child_count;
    if (in->valid != NULL && !bit_get(in->valid, 0)) {
        out->valid = valid_new(a, in->n, false);
    }
    if (in->phys == PHYS_STRUCT) {
        uint32_t *zero = arena_new_array(a, uint32_t, in->n > 0 ? in->n : 1);
        gather_struct(out, in, zero, in->n, a);
        for (uint32_t i = 0; i < out->child_count; i++) {
            vec_flatten(&out->child[i], &out->child[i], NULL, in->n, a);
        }
        return;
    }
    out->data = data_new(a, in->phys, in->n);
    fill_data(out->data, in->data, phys_size(in->phys), in->n);
}

#define UNCODE(T)                                                                                  \
    {                                                                                              \
        const T *restrict s = in->child[0].data;                                                   \
        T *restrict d = out->data;                                                                 \
        if (sel != NULL) {                                                                         \
            for (uint32_t k = 0; k < sel_n; k++) {                                                 \
                d[sel[k]] = s[codes[sel[k]]];                                                      \
            }                                                                                      \
        } else {                                                                                   \
            for (uint32_t k = 0; k < n; k++) {                                                     \
                d[k] = s[codes[k]];                                                                \
            }                                                                                      \
        }                                                                                          \
        break;                                                                                     \
    }

static void
flatten_dict(struct vec *out, const struct vec *in, const uint16_t *sel, uint32_t sel_n,
             struct arena *a)
{
    const uint32_t n = in->n;
    const uint32_t *codes = in->codes;
    vec_clear(out, in->type, VEC_FLAT, n);
    out->valid = in->valid;
    out->data = data_new(a, in->phys, n);
    if (in->child[0].n == 0) { /* an empty dictionary: only nulls */
        memset(out->data, 0, phys_size(in->phys) * n);
        return;
    }
    switch (phys_size(in->phys)) {
    case 1:
        UNCODE(uint8_t)
    case 2:
        UNCODE(uint16_t)
    case 4:
        UNCODE(uint32_t)
    case 8:
        UNCODE(uint64_t)
    case 16:
        UNCODE(struct pair64)
    default:
        break;
    }
    if (in->phys == PHYS_LIST || in->phys == PHYS_MAP) {
        out->child = in->child[0].child;
        out->child_count = in->child[0].child_count;
    }
}

void
vec_flatten(struct vec *out, const struct vec *in, const uint16_t *sel, uint32_t sel_n,
            struct arena *a)
{
    const struct vec src = *in; /* out may be in */
    if (src.enc == VEC_CONST) {
        flatten_const(out, &src, a);
    } else if (src.enc == VEC_DICT) {
        flatten_dict(out, &src, sel, sel_n, a);
    } else {
        *out = src;
        if (src.phys == PHYS_STRUCT) {
            out->child = arena_new_array(a, struct vec, src.child_count > 0 ? src.child_count : 1);
            for (uint32_t i = 0; i < src.child_count; i++) {
                vec_flatten(&out->child[i], &src.child[i], sel, sel_n, a);
            }
        }
    }
}

/* ---- slices and deep copies ---- */

static uint64_t *
valid_slice(const uint64_t *bits, uint32_t from, uint32_t n, struct arena *a)
{
    if (from % 64 == 0) {
        return (uint64_t *)bits + from / 64;
    }
    uint64_t *out = valid_new(a, n, false);
    const uint32_t shift = from % 64;
    const uint64_t *src = bits + from / 64;
    const size_t src_words = valid_words(from % 64 + n);
    for (size_t w = 0; w < valid_words(n); w++) {
        const uint64_t high = w + 1 < src_words ? src[w + 1] << (64 - shift) : 0;
        out[w] = src[w] >> shift | high;
    }
    return out;
}

void
vec_slice(struct vec *out, const struct vec *in, uint32_t from, uint32_t n, struct arena *a)
{
    assert((uint64_t)from + n <= in->n);
    *out = *in;
    out->n = n;
    if (in->enc == VEC_CONST || in->phys == PHYS_NONE) {
        return;
    }
    if (in->valid != NULL) {
        out->valid = valid_slice(in->valid, from, n, a);
    }
    if (in->enc == VEC_DICT) {
        out->codes = in->codes + from;
        return;
    }
    if (in->phys == PHYS_STRUCT) {
        out->child = arena_new_array(a, struct vec, in->child_count > 0 ? in->child_count : 1);
        for (uint32_t i = 0; i < in->child_count; i++) {
            vec_slice(&out->child[i], &in->child[i], from, n, a);
        }
        return;
    }
    out->data = (char *)in->data + phys_size(in->phys) * from;
}

/* Long strings of a vector that owns its views, moved into one block of the arena. */
static void
own_strings(struct vec *v, uint32_t n, struct arena *a)
{
    struct view *views = v->data;
    size_t bytes = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (!vec_is_null(v, i) && views[i].len > 12) {
            bytes += views[i].len;
        }
    }
    char *to = bytes > 0 ? arena_alloc(a, bytes) : NULL;
    for (uint32_t i = 0; i < n; i++) {
        if (vec_is_null(v, i)) {
            views[i] = (struct view){0}; /* what lies under a null may dangle */
        } else if (views[i].len > 12) {
            memcpy(to, views[i].ref.ptr, views[i].len);
            views[i].ref.ptr = to;
            to += views[i].len;
        }
    }
}

/* Lists of a vector that owns its ranges: the elements in use, packed, copied deep. */
static void
own_elements(struct vec *v, uint32_t n, struct arena *a)
{
    struct list_range *ranges = v->data;
    uint64_t total = 0;
    for (uint32_t i = 0; i < n; i++) {
        total += vec_is_null(v, i) ? 0 : ranges[i].len;
    }
    assert(total < UINT32_MAX);
    uint32_t *idx = arena_alloc(a, (size_t)total * 4 + 4);
    uint32_t at = 0;
    for (uint32_t i = 0; i < n; i++) {
        const struct list_range r = vec_is_null(v, i) ? (struct list_range){0, 0} : ranges[i];
        ranges[i] = (struct list_range){at, r.len};
        for (uint32_t k = 0; k < r.len; k++) {
            idx[at++] = r.offset + k;
        }
    }
    struct vec *child = arena_new_array(a, struct vec, v->child_count);
    for (uint32_t c = 0; c < v->child_count; c++) {
        struct vec picked;
        vec_gather(&picked, &v->child[c], idx, at, a);
        vec_copy(&child[c], &picked, a);
    }
    v->child = child;
}

void
vec_copy(struct vec *out, const struct vec *in, struct arena *a)
{
    struct vec flat;
    if (in->enc == VEC_DICT) {
        vec_flatten(&flat, in, NULL, in->n, a);
    } else {
        flat = *in;
    }
    const uint32_t rows = flat.enc == VEC_CONST ? 1 : flat.n;
    *out = flat;
    if (flat.phys == PHYS_NONE) {
        return;
    }
    if (flat.valid != NULL) {
        out->valid = valid_new(a, rows, false);
        memcpy(out->valid, flat.valid, valid_words(rows) * 8);
    }
    if (flat.phys == PHYS_STRUCT) {
        out->child = arena_new_array(a, struct vec, flat.child_count > 0 ? flat.child_count : 1);
        for (uint32_t i = 0; i < flat.child_count; i++) {
            vec_copy(&out->child[i], &flat.child[i], a);
        }
        return;
    }
    out->data = data_new(a, flat.phys, rows);
    memcpy(out->data, flat.data, phys_size(flat.phys) * rows);
    if (flat.phys == PHYS_VIEW) {
        own_strings(out, rows, a);
    } else if (flat.phys == PHYS_LIST || flat.phys == PHYS_MAP) {
        own_elements(out, rows, a);
    }
}

void
vec_retype(struct vec *v, const struct type *type, struct arena *a)
{
    v->type = type;
    if (v->enc == VEC_DICT || v->child_count > 0) {
        const uint32_t count = v->enc == VEC_DICT ? 1 : v->child_count;
        struct vec *child = arena_new_array(a, struct vec, count);
        memcpy(child, v->child, count * sizeof *child);
        for (uint32_t i = 0; i < count; i++) {
            vec_retype(&child[i], v->enc == VEC_DICT ? type : type->fields[i].type, a);
        }
        v->child = child;
    }
}
