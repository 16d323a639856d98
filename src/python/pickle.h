/*
 * As much of Python's pickle as rows need: values of Spark types to pickled tuples, and pickled
 * lists of results back to vectors.
 *
 * Reading never makes objects: a global is a name, and a call of one is a node that only a decimal
 * column understands. Input is bounds-checked, and what one frame may unfold to is bounded.
 * Source: pickletools of CPython (protocols 2 to 5); EvaluatePython in Spark for what fits a type.
 */
#ifndef WEIR_PYTHON_PICKLE_H
#define WEIR_PYTHON_PICKLE_H

#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"
#include "base/reader.h"
#include "vec/vec.h"

enum pickle_kind {
    PICKLE_NONE = 0,
    PICKLE_BOOL,
    PICKLE_INT,
    PICKLE_FLOAT,
    PICKLE_TEXT,
    PICKLE_BYTES,
    PICKLE_LIST,   /* and tuples */
    PICKLE_DICT,   /* items: key, value, key, value */
    PICKLE_GLOBAL, /* text is "module\nname" */
    PICKLE_CALL,   /* items: global, argument tuple */
};

struct pickle_value {
    enum pickle_kind kind;
    bool huge; /* INT beyond 64 bits */
    int64_t i;
    double f;
    const char *text;
    uint32_t len;
    struct pickle_value **items;
    uint32_t count;
    uint32_t capacity;
};

/* One frame (int32 length, pickled list of tuples) with all live rows. */
bool pickle_put_rows(struct buffer *out, const struct chunk *rows, const struct type *schema,
                     struct error *err);

/* One value; NULL with err set. */
struct pickle_value *pickle_read(struct arena *a, struct bytes input, struct error *err);

/* A FLAT vector of n values; what does not fit the type becomes null, as in Spark. Since a pickle
 * may share a value many times, what nested columns unfold to is bounded: 16 * bytes is ample. */
bool pickle_build(struct vec *out, const struct type *type, struct pickle_value *const *values,
                  uint32_t n, uint64_t items_max, struct arena *a, struct error *err);

#endif
