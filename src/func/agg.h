/*
 * What aggregates share: loops over rows, boxes that hold one value of any type, values as bytes.
 *
 * Inputs are FLAT. A step is written once and stamped into the grouped loop (one state a row) and
 * the loop over a single state.
 */
#ifndef WEIR_FUNC_AGG_H
#define WEIR_FUNC_AGG_H

#include "base/reader.h"
#include "func/bind.h"
#include "func/builder.h"

#define AGG_ARGS struct eval *ev, const struct func_call *call, struct arena *keep
#define AGG_ROWS const uint16_t *sel, uint32_t n, const struct vec *const *in, struct error *err

/* step: a statement over s (the state), i (the row), in, keep, call, err. */
#define AGG_UPDATE(name, S, step)                                                                  \
    static bool name##_update(AGG_ARGS, void *const *states, AGG_ROWS)                             \
    {                                                                                              \
        for (uint32_t k_ = 0; k_ < n; k_++) {                                                      \
            const uint32_t i = sel != NULL ? sel[k_] : k_;                                         \
            S *s = states[k_];                                                                     \
            step                                                                                   \
        }                                                                                          \
        return true;                                                                               \
    }                                                                                              \
    static bool name##_update_one(AGG_ARGS, void *state, AGG_ROWS)                                 \
    {                                                                                              \
        S *s = state;                                                                              \
        for (uint32_t k_ = 0; k_ < n; k_++) {                                                      \
            const uint32_t i = sel != NULL ? sel[k_] : k_;                                         \
            step                                                                                   \
        }                                                                                          \
        return true;                                                                               \
    }

#define AGG_MERGE(name) static bool name(AGG_ARGS, void *into, const void *from, struct error *err)
#define AGG_FINISH(name)                                                                           \
    static bool name(struct eval *ev, const struct func_call *call, void *const *states,           \
                     uint32_t n, struct vec *out, struct error *err)
#define AGG_SAVE(name)                                                                             \
    static void name(const struct func_call *call, const void *state, struct buffer *out)
#define AGG_LOAD(name)                                                                             \
    static bool name(const struct func_call *call, struct arena *keep, void *state,                \
                     struct reader *in)

/* States that are plain bytes. */
#define AGG_PLAIN(name, S)                                                                         \
    AGG_SAVE(name##_save)                                                                          \
    {                                                                                              \
        buffer_put(out, state, sizeof(S));                                                         \
    }                                                                                              \
    AGG_LOAD(name##_load)                                                                          \
    {                                                                                              \
        const struct bytes b = reader_take(in, sizeof(S));                                         \
        if (!reader_ok(in)) {                                                                      \
            return false;                                                                          \
        }                                                                                          \
        memcpy(state, b.ptr, sizeof(S));                                                           \
        return true;                                                                               \
    }                                                                                              \
    static void name##_init(const struct func_call *call, void *state)                             \
    {                                                                                              \
        memset(state, 0, sizeof(S));                                                               \
    }

#define AGG_OPS(name, S)                                                                           \
    static const struct agg_ops name##_ops = {sizeof(S),         name##_init,  name##_update,      \
                                              name##_update_one, name##_merge, name##_finish,      \
                                              name##_save,       name##_load}

/* One value of any type, or none yet. */
struct box {
    struct vec *value; /* FLAT, one row; NULL: none yet */
    uint32_t room;     /* bytes that a long string may take in place */
    bool seen;
};

void box_set(struct box *b, struct arena *keep, const struct vec *src, uint32_t i);
void box_save(const struct box *b, struct buffer *out);
bool box_load(struct box *b, struct arena *keep, const struct type *t, struct reader *in);

double vec_as_double(const struct vec *v, uint32_t i); /* numbers of any type, decimals too */

#endif
