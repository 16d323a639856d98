/*
 * The small streaming operators: union, expand, sample, repartition, watermark.
 *
 * None of them keeps rows; memory: one chunk of scratch.
 */
#include <math.h>

#include "exec/ops.h"

/* ---- union: its inputs' chains flow together ---- */

bool
compile_union(struct compiler *c, const struct rel *r, struct pipeline *p, struct op *next,
              struct error *err)
{
    for (uint32_t i = 0; i < r->input_count; i++) {
        if (!compile_rel(c, r->inputs[i], p, next, err)) {
            return false;
        }
    }
    return true;
}

/* ---- repartition: rows stay where they are; the write operator reads the plan's count ---- */

bool
compile_repartition(struct compiler *c, const struct rel *r, struct pipeline *p, struct op *next,
                    struct error *err)
{
    return compile_rel(c, r->inputs[0], p, next, err);
}

/* ---- expand: each row becomes one a projection ---- */

struct expand {
    struct op op;
    struct projection *sets;
    uint32_t set_count;
};

static bool
expand_push(struct op *op, struct worker *w, void *state, struct chunk *in)
{
    (void)state;
    const struct expand *e = (struct expand *)op;
    for (uint32_t s = 0; s < e->set_count; s++) {
        const struct projection *p = &e->sets[s];
        struct chunk out = *in;
        struct vec *cols = arena_new_array(w->tmp, struct vec, p->count + 1);
        if (!projection_run(p, w, &out, cols)) {
            return false;
        }
        out.cols = cols;
        out.col_count = p->count;
        if (!op_push(op, w, &out)) {
            return false;
        }
    }
    return true;
}

static const struct op_class expand_class = {.name = "Expand", .push = expand_push};

bool
compile_expand(struct compiler *c, const struct rel *r, struct pipeline *p, struct op *next,
               struct error *err)
{
    struct expand *op = arena_new(c->arena, struct expand);
    op->set_count = r->set_count;
    op->sets = arena_new_array(c->arena, struct projection, r->set_count + 1);
    for (uint32_t s = 0; s < r->set_count; s++) {
        const uint32_t count = r->set_sizes != NULL ? r->set_sizes[s] : r->expr_count;
        if (!projection_init(c, &op->sets[s], r->sets[s], count, err)) {
            return false;
        }
    }
    op_add(p, &op->op, &expand_class, next, r->schema);
    return compile_rel(c, r->inputs[0], p, &op->op, err);
}

/* ---- sample ----
 *
 * Without replacement it is Spark's Bernoulli sampler: the XORShift generator of the seed plus the
 * partition's number, one double a row, kept when lower <= x < upper. With replacement each row's
 * count is Poisson distributed; Spark's generator for that (Well19937c) is not reproduced. */

struct sample {
    struct op op;
    double lower, upper;
    uint64_t seed;
    bool with_replacement;
};

struct sample_state {
    uint32_t morsel;
    uint64_t random;
};

static uint32_t
murmur_rotl(uint32_t x, int bits)
{
    return x << bits | x >> (32 - bits);
}

/* Scala's MurmurHash3.bytesHash of 8 big-endian bytes. */
static uint32_t
murmur_long(uint64_t x, uint32_t seed)
{
    uint32_t h = seed;
    for (int half = 0; half < 2; half++) {
        uint32_t k = __builtin_bswap32((uint32_t)(half == 0 ? x >> 32 : x));
        k = murmur_rotl(k * 0xcc9e2d51u, 15) * 0x1b873593u;
        h = murmur_rotl(h ^ k, 13) * 5 + 0xe6546b64u;
    }
    h ^= 8;
    h = (h ^ h >> 16) * 0x85ebca6bu;
    h = (h ^ h >> 13) * 0xc2b2ae35u;
    return h ^ h >> 16;
}

static uint64_t
xorshift_seed(uint64_t seed)
{
    const uint32_t low = murmur_long(seed, 0x3c074a61u);
    return (uint64_t)murmur_long(seed, low) << 32 | low;
}

static uint64_t
xorshift_bits(uint64_t *state, int bits)
{
    uint64_t x = *state;
    x ^= x << 21;
    x ^= x >> 35;
    x ^= x << 4;
    *state = x;
    return x & (((uint64_t)1 << bits) - 1);
}

static double
xorshift_double(uint64_t *state)
{
    const uint64_t high = xorshift_bits(state, 26) << 27;
    return (double)(high + xorshift_bits(state, 27)) * 0x1.0p-53;
}

static bool
sample_open(struct op *op, struct worker *w, void **state)
{
    (void)op;
    struct sample_state *s = arena_new(&w->keep, struct sample_state);
    s->morsel = UINT32_MAX;
    *state = s;
    return true;
}

static uint32_t
poisson(uint64_t *random, double mean)
{
    const double floor = exp(-mean);
    uint32_t count = 0;
    for (double p = xorshift_double(random); p > floor && count < 1000;
         p *= xorshift_double(random)) {
        count++;
    }
    return count;
}

static bool
sample_repeat(struct op *op, struct worker *w, struct sample_state *s, struct chunk *in)
{
    const struct sample *sample = (struct sample *)op;
    uint32_t rows[VEC_ROWS];
    uint32_t n = 0;
    for (uint32_t k = 0; k <= in->sel_n; k++) {
        uint32_t copies = k < in->sel_n ? poisson(&s->random, sample->upper - sample->lower) : 0;
        while (copies > 0 || (k == in->sel_n && n > 0)) {
            if (n == VEC_ROWS || copies == 0) {
                struct chunk out = {.n = n, .sel_n = n, .col_count = in->col_count};
                out.cols = arena_new_array(w->tmp, struct vec, in->col_count + 1);
                for (uint32_t c = 0; c < in->col_count; c++) {
                    vec_gather(&out.cols[c], &in->cols[c], rows, n, w->tmp);
                }
                n = 0;
                if (!op_push(op, w, &out)) {
                    return false;
                }
                continue;
            }
            rows[n++] = chunk_row(in, k);
            copies--;
        }
    }
    return true;
}

static bool
sample_push(struct op *op, struct worker *w, void *state, struct chunk *in)
{
    const struct sample *sample = (struct sample *)op;
    struct sample_state *s = state;
    if (s->morsel != w->morsel) {
        s->morsel = w->morsel;
        s->random = xorshift_seed(sample->seed + w->eval.partition);
    }
    if (sample->with_replacement) {
        return sample_repeat(op, w, s, in);
    }
    uint16_t *sel = arena_alloc(w->tmp, in->sel_n * sizeof *sel);
    uint32_t n = 0;
    for (uint32_t k = 0; k < in->sel_n; k++) {
        const double x = xorshift_double(&s->random);
        sel[n] = (uint16_t)chunk_row(in, k);
        n += x >= sample->lower && x < sample->upper;
    }
    struct chunk out = *in;
    out.sel = sel;
    out.sel_n = n;
    return op_push(op, w, &out);
}

static const struct op_class sample_class = {
    .name = "Sample", .open = sample_open, .push = sample_push};

bool
compile_sample(struct compiler *c, const struct rel *r, struct pipeline *p, struct op *next,
               struct error *err)
{
    struct sample *op = arena_new(c->arena, struct sample);
    op->lower = r->lower;
    op->upper = r->upper;
    op->seed = (uint64_t)r->seed;
    op->with_replacement = r->with_replacement;
    op_add(p, &op->op, &sample_class, next, r->schema);
    return compile_rel(c, r->inputs[0], p, &op->op, err);
}

/* ---- event-time watermark: rows pass, the newest event time is noted ---- */

struct watermark {
    struct op op;
    uint32_t column;
};

static bool
watermark_push(struct op *op, struct worker *w, void *state, struct chunk *in)
{
    (void)state;
    const struct vec *v = &in->cols[((struct watermark *)op)->column];
    const bool window = v->phys == PHYS_STRUCT; /* window.end, exclusive, is the event's time */
    const struct vec *times = window ? &v->child[v->child_count - 1] : v;
    const int64_t *values = vec_values(times);
    int64_t newest = INT64_MIN;
    for (uint32_t k = 0; k < in->sel_n; k++) {
        const uint32_t i = chunk_row(in, k);
        if (!vec_is_null(v, i) && !vec_is_null(times, i)) {
            const int64_t t = values[vec_index(times, i)] - (window ? 1 : 0);
            newest = t > newest ? t : newest;
        }
    }
    struct exec_progress *progress = w->query->progress;
    int64_t seen = atomic_load(&progress->event_micros_max);
    while (newest > seen &&
           !atomic_compare_exchange_weak(&progress->event_micros_max, &seen, newest)) {
    }
    return op_push(op, w, in);
}

static const struct op_class watermark_class = {.name = "EventTimeWatermark",
                                                .push = watermark_push};

bool
compile_watermark(struct compiler *c, const struct rel *r, struct pipeline *p, struct op *next,
                  struct error *err)
{
    struct watermark *op = arena_new(c->arena, struct watermark);
    op->column = r->watermark_column;
    op_add(p, &op->op, &watermark_class, next, r->schema);
    return compile_rel(c, r->inputs[0], p, &op->op, err);
}
