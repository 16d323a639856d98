/*
 * DISTINCT aggregates: a set of argument rows a group, aggregated when the group is finished.
 *
 * The set is an open-addressing table in the group's arena; each value is the row's bytes as
 * tree/serial writes them. Rows with a
 * null argument are left to the function, as one more distinct value.
 * Memory: the distinct values of each group, charged by the arena; growing leaves half as garbage.
 */
#include "base/buffer.h"
#include "base/reader.h"
#include "exec/agg_plan.h"
#include "tree/serial.h"
#include "vec/hash.h"

struct distinct_value {
    uint64_t hash;
    uint32_t len;
    uint32_t used;
    const uint8_t *bytes;
};

struct distinct_state {
    uint32_t count, capacity;
    struct distinct_value *values;
};

struct distinct_extra {
    const struct agg_ops *inner;
    struct func_call call;
};

static const struct distinct_extra *
extra_of(const struct func_call *call)
{
    return call->extra;
}

static void
distinct_init(const struct func_call *call, void *state)
{
    (void)call;
    memset(state, 0, sizeof(struct distinct_state));
}

static void
set_place(struct distinct_state *s, const struct distinct_value *v)
{
    uint32_t at = (uint32_t)v->hash & (s->capacity - 1);
    while (s->values[at].used) {
        at = (at + 1) & (s->capacity - 1);
    }
    s->values[at] = *v;
}

static void
set_grow(struct distinct_state *s, struct arena *keep)
{
    struct distinct_state bigger = {.count = s->count,
                                    .capacity = s->capacity == 0 ? 8 : s->capacity * 2};
    bigger.values = arena_new_array(keep, struct distinct_value, bigger.capacity);
    for (uint32_t i = 0; i < s->capacity; i++) {
        if (s->values[i].used) {
            set_place(&bigger, &s->values[i]);
        }
    }
    *s = bigger;
}

/* Puts the value in unless it is there; its bytes are copied. */
static void
set_put(struct distinct_state *s, struct arena *keep, const void *bytes, size_t len)
{
    if (s->count * 4 >= s->capacity * 3) {
        set_grow(s, keep);
    }
    const uint64_t hash = hash_bytes(bytes, len);
    uint32_t at = (uint32_t)hash & (s->capacity - 1);
    for (; s->values[at].used; at = (at + 1) & (s->capacity - 1)) {
        const struct distinct_value *v = &s->values[at];
        if (v->hash == hash && v->len == len && memcmp(v->bytes, bytes, len) == 0) {
            return;
        }
    }
    s->values[at] = (struct distinct_value){hash, (uint32_t)len, 1, arena_copy(keep, bytes, len)};
    s->count++;
}

/* Values that compare equal must have equal bytes. */
static void
datum_normalise(struct datum *d)
{
    const enum phys p = phys_of(d->type);
    if (!d->is_null && (p == PHYS_F32 || p == PHYS_F64)) {
        d->f = d->f != d->f ? __builtin_nan("") : d->f + 0.0;
    }
}

static bool
distinct_put_rows(struct eval *ev, const struct func_call *call, struct arena *keep,
                  void *const *states, void *one, const uint16_t *sel, uint32_t n,
                  const struct vec *const *in)
{
    struct buffer b = {0};
    for (uint32_t k = 0; k < n; k++) {
        buffer_clear(&b);
        for (uint32_t a = 0; a < call->arg_count; a++) {
            struct datum d = vec_datum(in[a], sel != NULL ? sel[k] : k, ev->tmp);
            datum_normalise(&d);
            datum_write(&b, &d);
        }
        set_put(one != NULL ? one : states[k], keep, b.ptr, b.len);
    }
    buffer_release(&b);
    return true;
}

static bool
distinct_update(struct eval *ev, const struct func_call *call, struct arena *keep,
                void *const *states, const uint16_t *sel, uint32_t n, const struct vec *const *in,
                struct error *err)
{
    (void)err;
    return distinct_put_rows(ev, call, keep, states, NULL, sel, n, in);
}

static bool
distinct_update_one(struct eval *ev, const struct func_call *call, struct arena *keep, void *state,
                    const uint16_t *sel, uint32_t n, const struct vec *const *in, struct error *err)
{
    (void)err;
    return distinct_put_rows(ev, call, keep, NULL, state, sel, n, in);
}

static bool
distinct_merge(struct eval *ev, const struct func_call *call, struct arena *keep, void *into,
               const void *from, struct error *err)
{
    (void)ev;
    (void)call;
    (void)err;
    const struct distinct_state *src = from;
    for (uint32_t i = 0; i < src->capacity; i++) {
        if (src->values[i].used) {
            set_put(into, keep, src->values[i].bytes, src->values[i].len);
        }
    }
    return true;
}

/* Feeds one group's values to the inner function, a chunk at a time. */
static bool
feed(struct eval *ev, const struct distinct_extra *x, const struct distinct_state *s, void *state,
     struct error *err)
{
    struct vec cols[AGG_ARGS_MAX];
    const struct vec *in[AGG_ARGS_MAX];
    uint32_t n = 0;
    for (uint32_t i = 0; i <= s->capacity; i++) {
        const bool last = i == s->capacity;
        if (n > 0 && (last || n == VEC_ROWS)) {
            for (uint32_t a = 0; a < x->call.arg_count; a++) {
                cols[a].n = n;
                in[a] = &cols[a];
            }
            if (!x->inner->update_one(ev, &x->call, ev->tmp, state, NULL, n, in, err)) {
                return false;
            }
            n = 0;
        }
        if (last || !s->values[i].used) {
            continue;
        }
        if (n == 0) {
            const uint32_t room = s->count < VEC_ROWS ? s->count : VEC_ROWS;
            for (uint32_t a = 0; a < x->call.arg_count; a++) {
                vec_init_flat(&cols[a], ev->tmp, x->call.arg_types[a], room);
            }
        }
        struct reader r;
        reader_init(&r, (struct bytes){s->values[i].bytes, s->values[i].len});
        for (uint32_t a = 0; a < x->call.arg_count; a++) {
            struct datum d;
            if (!datum_read(ev->tmp, &r, &d)) {
                return error_raise(err, "INTERNAL_ERROR", "message",
                                   "A distinct value cannot be read back.", (const char *)NULL);
            }
            vec_set_datum(&cols[a], ev->tmp, n, &d);
        }
        n++;
    }
    return true;
}

static bool
distinct_finish(struct eval *ev, const struct func_call *call, void *const *states, uint32_t n,
                struct vec *out, struct error *err)
{
    const struct distinct_extra *x = extra_of(call);
    const uint32_t bytes = (x->inner->state_bytes + 15) & ~15u;
    char *inner = arena_zalloc(ev->tmp, (size_t)bytes * n + 16);
    void **inner_states = arena_alloc(ev->tmp, n * sizeof *inner_states + 8);
    for (uint32_t k = 0; k < n; k++) {
        inner_states[k] = inner + (size_t)bytes * k;
        x->inner->init(&x->call, inner_states[k]);
        if (!feed(ev, x, states[k], inner_states[k], err)) {
            return false;
        }
    }
    return x->inner->finish(ev, &x->call, inner_states, n, out, err);
}

static void
distinct_save(const struct func_call *call, const void *state, struct buffer *out)
{
    (void)call;
    const struct distinct_state *s = state;
    buffer_uvarint(out, s->count);
    for (uint32_t i = 0; i < s->capacity; i++) {
        if (s->values[i].used) {
            buffer_lenbytes(out, s->values[i].bytes, s->values[i].len);
        }
    }
}

static bool
distinct_load(const struct func_call *call, struct arena *keep, void *state, struct reader *in)
{
    (void)call;
    const size_t count = reader_ucount(in, 1);
    for (size_t i = 0; i < count && reader_ok(in); i++) {
        const struct bytes b = reader_lenbytes(in);
        if (reader_ok(in)) {
            set_put(state, keep, b.ptr, b.len);
        }
    }
    return reader_ok(in);
}

static const struct agg_ops distinct_ops = {
    .state_bytes = sizeof(struct distinct_state),
    .init = distinct_init,
    .update = distinct_update,
    .update_one = distinct_update_one,
    .merge = distinct_merge,
    .finish = distinct_finish,
    .save = distinct_save,
    .load = distinct_load,
};

const struct agg_ops *
agg_distinct_wrap(struct compiler *c, const struct agg_ops *inner, struct func_call *call)
{
    struct distinct_extra *x = arena_new(c->arena, struct distinct_extra);
    x->inner = inner;
    x->call = *call;
    call->extra = x;
    return &distinct_ops;
}
