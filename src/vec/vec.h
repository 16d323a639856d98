/*
 * Vectors and chunks: how values lie in memory while a query runs.
 *
 * A vector is one column of up to VEC_ROWS rows (children of arrays and maps may be longer) in one
 * of three encodings:
 *   FLAT   value i is at data[i]
 *   CONST  one value, data[0] (or null), stands for all n rows
 *   DICT   value i is child[0].data[codes[i]]; the dictionary itself is FLAT and without nulls, and
 *          never STRUCT. Codes under nulls are in range too, unless the dictionary is empty.
 * The children of a CONST struct have one row.
 * Validity is a bitmap, bit set = not null, as in Arrow; NULL pointer = no nulls. For CONST bit 0
 * speaks for all rows. What lies under a null is undefined but readable.
 *
 * A chunk is n rows of several vectors, and a selection: the rows still alive, ascending. sel NULL
 * means all rows.
 *
 * Lifetime law: a chunk and all it points at is BORROWED. It is valid until the push (or next) call
 * that delivered it returns. Who keeps rows copies them (chunk_copy, row stores). So producers
 * reuse their buffers, and scratch comes from an arena that the pipeline resets between source
 * chunks.
 *
 * Physical types: kernels are stamped out for these only.
 *   BOOL one byte 0/1 a row   I8 I16 I32 I64 I128 F32 F64
 *   VIEW 16-byte string view  INTERVAL months/days/micros
 *   LIST offset,length into child[0]   MAP the same, into child[0]=keys, child[1]=values
 *   STRUCT children of n rows          NONE type null: no data
 * Threads: a vector has one writer; readers may share it while nobody writes.
 */
#ifndef WEIR_VEC_VEC_H
#define WEIR_VEC_VEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "type/type.h"

struct arena;

enum { VEC_ROWS = 2048 };

enum phys {
    PHYS_NONE = 0,
    PHYS_BOOL,
    PHYS_I8,
    PHYS_I16,
    PHYS_I32,
    PHYS_I64,
    PHYS_I128,
    PHYS_F32,
    PHYS_F64,
    PHYS_VIEW,
    PHYS_INTERVAL,
    PHYS_LIST,
    PHYS_MAP,
    PHYS_STRUCT,
};

enum vec_enc { VEC_FLAT = 0, VEC_CONST, VEC_DICT };

/* 16 bytes: up to 12 inline; longer ones keep 4 for a quick compare and point at the rest. */
struct view {
    uint32_t len;
    union {
        char inl[12]; /* zero-padded */
        struct {
            char prefix[4];
            const char *ptr;
        } __attribute__((packed, aligned(4))) ref;
    };
};
_Static_assert(sizeof(struct view) == 16, "a view is 16 bytes");

struct list_range {
    uint32_t offset;
    uint32_t len;
};

struct vec {
    const struct type *type;
    uint8_t phys; /* enum phys, of type */
    uint8_t enc;  /* enum vec_enc */
    uint32_t n;
    uint32_t child_count;
    void *data;        /* FLAT, CONST: values; LIST, MAP: struct list_range[n]; STRUCT: unused */
    uint64_t *valid;   /* bitmap of n bits (CONST: 1), or NULL */
    uint32_t *codes;   /* DICT: n indexes into child[0] */
    struct vec *child; /* DICT: the dictionary; LIST 1, MAP 2, STRUCT one a field */
    uint64_t dict_id;  /* equal non-zero ids: codes are comparable */
};

struct chunk {
    uint32_t n; /* rows that the vectors hold */
    uint32_t col_count;
    struct vec *cols;
    const uint16_t *sel; /* rows alive, ascending; NULL = all n */
    uint32_t sel_n;      /* rows alive; equals n when sel is NULL */
};

enum phys phys_of(const struct type *t); /* decimal: I64 up to 18 digits, else I128 */
size_t phys_size(enum phys p);           /* bytes a row of data; 0 for STRUCT and NONE */

/* FLAT with room for n rows (zeroed data not promised), valid NULL. Nested types get children with
 * room for n rows (STRUCT) or none yet (LIST, MAP). */
void vec_init_flat(struct vec *v, struct arena *a, const struct type *type, uint32_t n);
void vec_init_const_null(struct vec *v, struct arena *a, const struct type *type, uint32_t n);
/* A CONST vector over one value that the caller places in v->data. */
void vec_init_const(struct vec *v, struct arena *a, const struct type *type, uint32_t n);

static inline size_t
valid_words(uint32_t n)
{
    return ((size_t)n + 63) / 64;
}

uint64_t *valid_new(struct arena *a, uint32_t n, bool all_valid);

static inline bool
bit_get(const uint64_t *bits, uint32_t i)
{
    return (bits[i >> 6] >> (i & 63)) & 1;
}

static inline void
bit_set(uint64_t *bits, uint32_t i)
{
    bits[i >> 6] |= (uint64_t)1 << (i & 63);
}

static inline void
bit_clear(uint64_t *bits, uint32_t i)
{
    bits[i >> 6] &= ~((uint64_t)1 << (i & 63));
}

/* Null at row i, whatever the encoding. */
static inline bool
vec_is_null(const struct vec *v, uint32_t i)
{
    if (v->phys == PHYS_NONE) {
        return true;
    }
    return v->valid != NULL && !bit_get(v->valid, v->enc == VEC_CONST ? 0 : i);
}

/* Where row i's value lies in the data that vec_values returns. */
static inline uint32_t
vec_index(const struct vec *v, uint32_t i)
{
    return v->enc == VEC_FLAT ? i : v->enc == VEC_CONST ? 0 : v->codes[i];
}

static inline const void *
vec_values(const struct vec *v)
{
    return v->enc == VEC_DICT ? v->child[0].data : v->data;
}

uint64_t dict_id_new(void); /* a number no other dictionary of this process has */

void vec_set_null(struct vec *v, struct arena *a,
                  uint32_t i); /* FLAT; makes the bitmap when needed */

/* A FLAT vector with the same rows; shares what it can. Only selected rows are filled when sel is
 * given. */
void vec_flatten(struct vec *out, const struct vec *in, const uint16_t *sel, uint32_t sel_n,
                 struct arena *a);
/* Rows picked by index: out row i = in row idx[i]; out is FLAT, or DICT/CONST kept where cheap. An
 * index of UINT32_MAX gives null. Strings are shared, not copied. */
void vec_gather(struct vec *out, const struct vec *in, const uint32_t *idx, uint32_t n,
                struct arena *a);
/* Deep copy into the arena, string bytes included. */
void vec_copy(struct vec *out, const struct vec *in, struct arena *a);
/* Lets the vector carry the caller's copy of its type (type_same), nested parts too: what a reader
 * made lives no longer than the reader. Struct, list and map children are replaced, not written. */
void vec_retype(struct vec *v, const struct type *type, struct arena *a);
/* Rows [from, from+n) as a view on in. */
void vec_slice(struct vec *out, const struct vec *in, uint32_t from, uint32_t n, struct arena *a);

void chunk_init(struct chunk *c, struct arena *a, const struct type *schema, uint32_t n);
void chunk_copy(struct chunk *out, const struct chunk *in,
                struct arena *a); /* compacted by sel, deep */
/* Applies the selection: out has only live rows, sel NULL. Shares strings. */
void chunk_compact(struct chunk *out, const struct chunk *in, struct arena *a);

static inline uint32_t
chunk_row(const struct chunk *c, uint32_t live)
{
    return c->sel != NULL ? c->sel[live] : live;
}

/* Views. */
static inline const char *
view_ptr(const struct view *v)
{
    return v->len <= 12 ? v->inl : v->ref.ptr;
}

/* Borrows the bytes when longer than 12. */
static inline struct view
view_make(const char *ptr, size_t len)
{
    struct view v = {.len = (uint32_t)len};
    if (len <= 12) {
        if (len > 0) {
            memcpy(v.inl, ptr, len);
        }
    } else {
        memcpy(v.ref.prefix, ptr, 4);
        v.ref.ptr = ptr;
    }
    return v;
}

struct view view_copy(struct arena *a, const char *ptr, size_t len); /* bytes copied when long */
int view_compare(const struct view *a, const struct view *b); /* unsigned bytes, then length */

static inline bool
view_equal(const struct view *a, const struct view *b)
{
    uint64_t x, y;
    memcpy(&x, a, 8);
    memcpy(&y, b, 8);
    if (x != y) { /* length and prefix */
        return false;
    }
    if (a->len <= 12) {
        memcpy(&x, (const char *)a + 8, 8);
        memcpy(&y, (const char *)b + 8, 8);
        return x == y;
    }
    return memcmp(a->ref.ptr, b->ref.ptr, a->len) == 0;
}

/* A single value of any type, out of a vector or a literal: for plans, statistics, row-wise edges
 * (show, CSV, JSON). Nested values hold a vector of n rows. */
struct datum {
    const struct type *type;
    bool is_null;
    union {
        bool b;
        int64_t i; /* BOOL to I64, date, timestamps, intervals YM and DT, decimal up to 18 digits */
        i128 wide; /* decimal above 18 digits */
        double f;  /* FLOAT (rounded to float) and DOUBLE */
        struct view str; /* string, binary */
        struct interval interval;
        const struct vec *nested; /* a vector of one row of the nested type */
    };
};

struct datum vec_datum(const struct vec *v, uint32_t i, struct arena *a);
void vec_set_datum(struct vec *v, struct arena *a, uint32_t i,
                   const struct datum *d); /* FLAT only */
void vec_const_datum(struct vec *v, struct arena *a, const struct datum *d, uint32_t n);
struct datum datum_copy(struct arena *a, const struct datum *d);
/* Spark's order (NaN greatest, -0.0 = 0.0); nulls first. For equal types. */
int datum_compare(const struct datum *a, const struct datum *b);

#endif
