/*
 * Counts, sums, averages, extremes, firsts and lasts, bits and booleans.
 *
 * Whole numbers are summed in 128 bits and checked once at the end: no check in the loop, and the
 * order of merging does not matter. Decimals the same, with an overflow flag where 38 digits come
 * in.
 */
#include <math.h>
#include <string.h>

#include "func/agg.h"
#include "func/arith.h"
#include "type/decimal.h"

/* ---- count, count_if ---- */

struct count {
    int64_t n;
};
AGG_PLAIN(count, struct count)

static bool
count_update(AGG_ARGS, void *const *states, AGG_ROWS)
{
    for (uint32_t k = 0; k < n; k++) {
        const uint32_t i = sel != NULL ? sel[k] : k;
        bool counts = true;
        for (uint32_t a = 0; a < call->arg_count; a++) {
            counts = counts && !vec_is_null(in[a], i);
        }
        ((struct count *)states[k])->n += counts;
    }
    return true;
}

static bool
count_update_one(AGG_ARGS, void *state, AGG_ROWS)
{
    struct count *s = state;
    bool nulls = false;
    for (uint32_t a = 0; a < call->arg_count; a++) {
        nulls = nulls || in[a]->valid != NULL || in[a]->phys == PHYS_NONE;
    }
    if (!nulls) {
        s->n += n;
        return true;
    }
    for (uint32_t k = 0; k < n; k++) {
        const uint32_t i = sel != NULL ? sel[k] : k;
        bool counts = true;
        for (uint32_t a = 0; a < call->arg_count; a++) {
            counts = counts && !vec_is_null(in[a], i);
        }
        s->n += counts;
    }
    return true;
}

AGG_MERGE(count_merge)
{
    ((struct count *)into)->n += ((const struct count *)from)->n;
    return true;
}

AGG_FINISH(count_finish)
{
    for (uint32_t i = 0; i < n; i++) {
        ((int64_t *)out->data)[i] = ((const struct count *)states[i])->n;
    }
    return true;
}
AGG_OPS(count, struct count);

#define count_if_init   count_init
#define count_if_merge  count_merge
#define count_if_finish count_finish
#define count_if_save   count_save
#define count_if_load   count_load
AGG_UPDATE(count_if, struct count,
           s->n += !vec_is_null(in[0], i) && ((const uint8_t *)in[0]->data)[i];)
AGG_OPS(count_if, struct count);

static bool
bind_count(struct func_bind *b, struct error *err)
{
    b->type = type_scalar(TYPE_LONG);
    b->agg = &count_ops;
    return true;
}

static bool
bind_count_if(struct func_bind *b, struct error *err)
{
    b->type = type_scalar(TYPE_LONG);
    b->agg = &count_if_ops;
    return bind_want(b, 0, type_scalar(TYPE_BOOLEAN), err);
}

/* ---- sum and avg ---- */

struct sum {
    union {
        i128 whole;
        double real;
    };
    int64_t n;
    bool overflow;
};
AGG_PLAIN(sum, struct sum)

#define SUM_STEP(T, add)                                                                           \
    if (!vec_is_null(in[0], i)) {                                                                  \
        const T v = ((const T *)in[0]->data)[i];                                                   \
        add;                                                                                       \
        s->n++;                                                                                    \
    }
AGG_UPDATE(sum_i8, struct sum, SUM_STEP(int8_t, s->whole += v))
AGG_UPDATE(sum_i16, struct sum, SUM_STEP(int16_t, s->whole += v))
AGG_UPDATE(sum_f32, struct sum, SUM_STEP(float, s->real += (double)v))
AGG_UPDATE(sum_f64, struct sum, SUM_STEP(double, s->real += v))
AGG_UPDATE(sum_i128, struct sum,
           SUM_STEP(i128, s->overflow |= __builtin_add_overflow(s->whole, v, &s->whole)))

/* 32 and 64 bits: the loops that matter. A vector's 32-bit values cannot overflow 64 bits. */
static bool
sum_i32_update_one(AGG_ARGS, void *state, AGG_ROWS)
{
    struct sum *s = state;
    const int32_t *v = in[0]->data;
    int64_t total = 0;
    uint32_t seen = 0;
    if (in[0]->valid == NULL && sel == NULL) {
        for (uint32_t i = 0; i < n; i++) {
            total += v[i];
        }
        seen = n;
    } else {
        for (uint32_t k = 0; k < n; k++) {
            const uint32_t i = sel != NULL ? sel[k] : k;
            if (!vec_is_null(in[0], i)) {
                total += v[i];
                seen++;
            }
        }
    }
    s->whole += total;
    s->n += seen;
    return true;
}

static bool
sum_i64_update_one(AGG_ARGS, void *state, AGG_ROWS)
{
    struct sum *s = state;
    const int64_t *v = in[0]->data;
    if (in[0]->valid == NULL && sel == NULL) {
        /* Low halves without sign and high halves apart: both loops vectorise. */
        uint64_t low = 0;
        int64_t high = 0;
        for (uint32_t i = 0; i < n; i++) {
            low += (uint32_t)v[i];
            high += v[i] >> 32;
        }
        s->whole += ((i128)high << 32) + low;
        s->n += n;
        return true;
    }
    for (uint32_t k = 0; k < n; k++) {
        const uint32_t i = sel != NULL ? sel[k] : k;
        if (!vec_is_null(in[0], i)) {
            s->whole += v[i];
            s->n++;
        }
    }
    return true;
}

#define SUM_GROUPED(nm, T)                                                                         \
    static bool sum_##nm##_update(AGG_ARGS, void *const *states, AGG_ROWS)                         \
    {                                                                                              \
        const T *v = in[0]->data;                                                                  \
        for (uint32_t k = 0; k < n; k++) {                                                         \
            const uint32_t i = sel != NULL ? sel[k] : k;                                           \
            if (!vec_is_null(in[0], i)) {                                                          \
                struct sum *s = states[k];                                                         \
                s->whole += v[i];                                                                  \
                s->n++;                                                                            \
            }                                                                                      \
        }                                                                                          \
        return true;                                                                               \
    }
SUM_GROUPED(i32, int32_t)
SUM_GROUPED(i64, int64_t)

AGG_MERGE(sum_whole_merge)
{
    struct sum *s = into;
    const struct sum *f = from;
    s->overflow |= f->overflow | __builtin_add_overflow(s->whole, f->whole, &s->whole);
    s->n += f->n;
    return true;
}

AGG_MERGE(sum_real_merge)
{
    struct sum *s = into;
    const struct sum *f = from;
    s->real += f->real;
    s->n += f->n;
    return true;
}

static bool
is_try(const struct func_call *call)
{
    return strncmp(call->def->name, "try_", 4) == 0;
}

AGG_FINISH(sum_whole_finish)
{
    const bool ansi = ev->session->ansi;
    for (uint32_t i = 0; i < n; i++) {
        const struct sum *s = states[i];
        if (s->n == 0) {
            vec_set_null(out, ev->tmp, i);
            continue;
        }
        const bool decimal = out->type->id == TYPE_DECIMAL;
        const bool fits = !s->overflow && (decimal ? decimal_fits(s->whole, out->type->precision)
                                           : out->phys == PHYS_I32 ? s->whole == (int32_t)s->whole
                                                                   : s->whole == (int64_t)s->whole);
        if (!fits && (is_try(call) || (decimal && !ansi))) {
            vec_set_null(out, ev->tmp, i);
        } else if (!fits && decimal) {
            return raise_decimal_range(err, s->whole, out->type->scale, out->type->precision,
                                       out->type->scale);
        } else if (!fits && (ansi || out->type->id != TYPE_LONG)) {
            return raise_overflow(err, "long overflow", "try_sum");
        } else if (out->phys == PHYS_I32) {
            ((int32_t *)out->data)[i] = (int32_t)s->whole;
        } else {
            vec_put_decimal(out, i, s->whole);
        }
    }
    return true;
}

AGG_FINISH(sum_real_finish)
{
    for (uint32_t i = 0; i < n; i++) {
        const struct sum *s = states[i];
        if (s->n == 0) {
            vec_set_null(out, ev->tmp, i);
        } else {
            ((double *)out->data)[i] = s->real;
        }
    }
    return true;
}

AGG_FINISH(avg_finish)
{
    const enum type_id id = call->arg_types[0]->id;
    for (uint32_t i = 0; i < n; i++) {
        const struct sum *s = states[i];
        if (s->n == 0) {
            vec_set_null(out, ev->tmp, i);
        } else if (id == TYPE_FLOAT || id == TYPE_DOUBLE) {
            ((double *)out->data)[i] = s->real / (double)s->n;
        } else if (out->phys == PHYS_F64) {
            ((double *)out->data)[i] = (double)s->whole / (double)s->n;
        } else {
            const int up = id == TYPE_DECIMAL ? out->type->scale - call->arg_types[0]->scale : 0;
            i128 v = 0;
            const bool fits = !s->overflow && decimal_quotient(s->whole, s->n, up, true, &v);
            if (out->type->id == TYPE_INTERVAL_YM) {
                ((int32_t *)out->data)[i] = (int32_t)v;
            } else if (out->type->id != TYPE_DECIMAL) {
                ((int64_t *)out->data)[i] = (int64_t)v;
            } else if (fits && decimal_fits(v, out->type->precision)) {
                vec_put_decimal(out, i, v);
            } else if (!ev->session->ansi || is_try(call)) {
                vec_set_null(out, ev->tmp, i);
            } else {
                return raise_decimal_range(err, s->whole, call->arg_types[0]->scale,
                                           out->type->precision, out->type->scale);
            }
        }
    }
    return true;
}

#define SUM_ENTRY(nm, kind, fin)                                                                   \
    {                                                                                              \
        sizeof(struct sum), sum_init, sum_##nm##_update, sum_##nm##_update_one,                    \
            sum_##kind##_merge, fin, sum_save, sum_load                                            \
    }
#define SUM_ROWS(wf, rf)                                                                           \
    {                                                                                              \
        [PHYS_I8] = SUM_ENTRY(i8, whole, wf), [PHYS_I16] = SUM_ENTRY(i16, whole, wf),              \
        [PHYS_I32] = SUM_ENTRY(i32, whole, wf), [PHYS_I64] = SUM_ENTRY(i64, whole, wf),            \
        [PHYS_I128] = SUM_ENTRY(i128, whole, wf), [PHYS_F32] = SUM_ENTRY(f32, real, rf),           \
        [PHYS_F64] = SUM_ENTRY(f64, real, rf)                                                      \
    }
static const struct agg_ops sum_table[PHYS_STRUCT + 1] =
    SUM_ROWS(sum_whole_finish, sum_real_finish);
static const struct agg_ops avg_table[PHYS_STRUCT + 1] = SUM_ROWS(avg_finish, avg_finish);

/* The argument's type for sum and avg; NULL with err set. */
static const struct type *
summable(struct func_bind *b, struct error *err)
{
    const struct type *t = b->args[0]->type;
    if (t->id == TYPE_STRING || t->id == TYPE_NULL) {
        b->cast_to[0] = type_scalar(TYPE_DOUBLE);
        return b->cast_to[0];
    }
    if (!type_is_numeric(t) && t->id != TYPE_INTERVAL_YM && t->id != TYPE_INTERVAL_DT) {
        bind_fail_input(b, 0,
                        "(\"NUMERIC\" or \"INTERVAL DAY TO SECOND\" or \"INTERVAL YEAR TO "
                        "MONTH\")",
                        err);
        return NULL;
    }
    return t;
}

static bool
bind_sum(struct func_bind *b, struct error *err)
{
    const struct type *t = summable(b, err);
    if (t == NULL) {
        return false;
    }
    b->nullable = true;
    b->agg = &sum_table[phys_of(t)];
    if (t->id == TYPE_DECIMAL) {
        const int p = t->precision + 10;
        b->type = type_decimal(b->arena, p < 38 ? p : 38, t->scale);
    } else if (type_is_integral(t)) {
        b->type = type_scalar(TYPE_LONG);
    } else {
        b->type = type_is_numeric(t) ? type_scalar(TYPE_DOUBLE) : t;
    }
    return true;
}

static bool
bind_avg(struct func_bind *b, struct error *err)
{
    const struct type *t = summable(b, err);
    if (t == NULL) {
        return false;
    }
    b->nullable = true;
    b->agg = &avg_table[phys_of(t)];
    if (t->id == TYPE_DECIMAL) {
        const int s = t->scale + 4;
        const int p = t->precision + 4;
        b->type = decimal_adjusted(b->arena, p, s);
        if (p > 38) { /* plain bound: digits are cut from the precision, then the scale */
            b->type = type_decimal(b->arena, 38, s < 38 ? s : 38);
        }
    } else {
        b->type = type_is_numeric(t) ? type_scalar(TYPE_DOUBLE) : t;
        if (!type_is_numeric(t)) {
            struct type *full = arena_new(b->arena, struct type);
            *full = *type_scalar(t->id);
            b->type = full;
        }
    }
    return true;
}

/* ---- min and max ---- */

static bool
wants_min(const struct func_call *call)
{
    return strncmp(call->def->name, "min", 3) == 0;
}

#define EXTREME(nm, T, better_max, better_min)                                                     \
    struct extreme_##nm {                                                                          \
        T v;                                                                                       \
        bool seen;                                                                                 \
    };                                                                                             \
    AGG_PLAIN(extreme_##nm, struct extreme_##nm)                                                   \
    AGG_UPDATE(                                                                                    \
        extreme_##nm, struct extreme_##nm, if (!vec_is_null(in[0], i)) {                           \
            const T a = ((const T *)in[0]->data)[i];                                               \
            const T b = s->v;                                                                      \
            if (!s->seen || (wants_min(call) ? (better_min) : (better_max))) {                     \
                s->v = a;                                                                          \
                s->seen = true;                                                                    \
            }                                                                                      \
        })                                                                                         \
    AGG_MERGE(extreme_##nm##_merge)                                                                \
    {                                                                                              \
        struct extreme_##nm *s = into;                                                             \
        const struct extreme_##nm *f = from;                                                       \
        const T a = f->v;                                                                          \
        const T b = s->v;                                                                          \
        if (f->seen && (!s->seen || (wants_min(call) ? (better_min) : (better_max)))) {            \
            *s = *f;                                                                               \
        }                                                                                          \
        return true;                                                                               \
    }                                                                                              \
    AGG_FINISH(extreme_##nm##_finish)                                                              \
    {                                                                                              \
        for (uint32_t i = 0; i < n; i++) {                                                         \
            const struct extreme_##nm *s = states[i];                                              \
            if (s->seen) {                                                                         \
                ((T *)out->data)[i] = s->v;                                                        \
            } else {                                                                               \
                vec_set_null(out, ev->tmp, i);                                                     \
            }                                                                                      \
        }                                                                                          \
        return true;                                                                               \
    }                                                                                              \
    AGG_OPS(extreme_##nm, struct extreme_##nm);

EXTREME(flag, uint8_t, a > b, a < b)
EXTREME(i8, int8_t, a > b, a < b)
EXTREME(i16, int16_t, a > b, a < b)
EXTREME(i32, int32_t, a > b, a < b)
EXTREME(i64, int64_t, a > b, a < b)
EXTREME(i128, i128, a > b, a < b)
EXTREME(f32, float, a > b || (isnan(a) && !isnan(b)), a < b || (isnan(b) && !isnan(a)))
EXTREME(f64, double, a > b || (isnan(a) && !isnan(b)), a < b || (isnan(b) && !isnan(a)))

static void
box_init(const struct func_call *call, void *state)
{
    memset(state, 0, sizeof(struct box));
}

AGG_UPDATE(
    extreme_box, struct box, if (!vec_is_null(in[0], i)) {
        const int order = s->seen ? value_compare(in[0], i, s->value, 0) : 0;
        if (!s->seen || (wants_min(call) ? order < 0 : order > 0)) {
            box_set(s, keep, in[0], i);
        }
    })

AGG_MERGE(extreme_box_merge)
{
    struct box *s = into;
    const struct box *f = from;
    if (!f->seen) {
        return true;
    }
    const int order = s->seen ? value_compare(f->value, 0, s->value, 0) : 0;
    if (!s->seen || (wants_min(call) ? order < 0 : order > 0)) {
        box_set(s, keep, f->value, 0);
    }
    return true;
}

AGG_FINISH(box_finish)
{
    struct builder b;
    builder_init(&b, ev->tmp, call->type);
    for (uint32_t i = 0; i < n; i++) {
        const struct box *s = states[i];
        if (s->seen) {
            builder_add(&b, s->value, 0);
        } else {
            builder_null(&b);
        }
    }
    builder_finish(&b, out);
    return true;
}

static void
box_state_save(const struct func_call *call, const void *state, struct buffer *out)
{
    box_save(state, out);
}

AGG_LOAD(box_state_load)
{
    return box_load(state, keep, call->arg_types[0], in);
}

static const struct agg_ops extreme_box_ops = {
    sizeof(struct box), box_init,   extreme_box_update, extreme_box_update_one,
    extreme_box_merge,  box_finish, box_state_save,     box_state_load};

static bool
bind_extreme(struct func_bind *b, struct error *err)
{
    static const struct agg_ops *const ops[PHYS_STRUCT + 1] = {
        [PHYS_BOOL] = &extreme_flag_ops, [PHYS_I8] = &extreme_i8_ops,
        [PHYS_I16] = &extreme_i16_ops,   [PHYS_I32] = &extreme_i32_ops,
        [PHYS_I64] = &extreme_i64_ops,   [PHYS_I128] = &extreme_i128_ops,
        [PHYS_F32] = &extreme_f32_ops,   [PHYS_F64] = &extreme_f64_ops};
    const struct type *t = b->args[0]->type;
    if (t->id != TYPE_NULL && !type_is_orderable(t)) {
        return bind_fail_order(b, t, err);
    }
    b->type = t;
    b->nullable = true;
    b->agg = ops[phys_of(t)] != NULL ? ops[phys_of(t)] : &extreme_box_ops;
    return true;
}

/* ---- first, last, any_value ---- */

struct first_call {
    bool ignore_nulls;
    bool last;
};

static bool
first_skips_nulls(const struct func_call *call)
{
    const struct first_call *first = call->extra;
    return first->ignore_nulls || (call->expr != NULL && call->expr->ignore_nulls);
}

#define FIRST_WANTED(v, i)                                                                         \
    ((first->last || !s->seen) && !(vec_is_null(v, i) && first_skips_nulls(call)))

AGG_UPDATE(
    first, struct box, const struct first_call *first = call->extra;
    if (FIRST_WANTED(in[0], i)) { box_set(s, keep, in[0], i); })

AGG_MERGE(first_merge)
{
    struct box *s = into;
    const struct box *f = from;
    const struct first_call *first = call->extra;
    if (f->seen && FIRST_WANTED(f->value, 0)) {
        box_set(s, keep, f->value, 0);
    }
    return true;
}

static const struct agg_ops first_ops = {sizeof(struct box), box_init,      first_update,
                                         first_update_one,   first_merge,   box_finish,
                                         box_state_save,     box_state_load};

static bool
bind_first(struct func_bind *b, struct error *err)
{
    struct first_call *first = arena_new(b->arena, struct first_call);
    const struct datum *d = bind_literal(b, 1);
    first->last = strncmp(b->def->name, "last", 4) == 0;
    if (b->arg_count == 2) {
        if (d == NULL || d->type->id != TYPE_BOOLEAN) {
            return b->args[1]->type->id == TYPE_BOOLEAN
                       ? bind_fail_foldable(b, 1, "ignoreNullsExpr", "BOOLEAN", err)
                       : bind_fail_input(b, 1, "\"BOOLEAN\"", err);
        }
        first->ignore_nulls = d->b;
    }
    b->extra = first;
    b->type = b->args[0]->type;
    b->nullable = true;
    b->agg = &first_ops;
    return true;
}

/* ---- bool_and, bool_or, bit_and, bit_or, bit_xor ---- */

struct bits {
    int64_t v;
    bool seen;
};
AGG_PLAIN(bits, struct bits)

static int64_t
bits_get(const struct vec *v, uint32_t i)
{
    switch ((enum phys)v->phys) {
    case PHYS_BOOL:
        return ((const uint8_t *)v->data)[i];
    case PHYS_I8:
        return ((const int8_t *)v->data)[i];
    case PHYS_I16:
        return ((const int16_t *)v->data)[i];
    case PHYS_I32:
        return ((const int32_t *)v->data)[i];
    default:
        return ((const int64_t *)v->data)[i];
    }
}

static void
bits_add(const struct func_call *call, struct bits *s, int64_t v)
{
    const char op = *(const char *)call->def->data;
    s->v = !s->seen ? v : op == '&' ? s->v & v : op == '|' ? s->v | v : s->v ^ v;
    s->seen = true;
}

AGG_UPDATE(
    bits, struct bits, if (!vec_is_null(in[0], i)) { bits_add(call, s, bits_get(in[0], i)); })

AGG_MERGE(bits_merge)
{
    const struct bits *f = from;
    if (f->seen) {
        bits_add(call, into, f->v);
    }
    return true;
}

AGG_FINISH(bits_finish)
{
    for (uint32_t i = 0; i < n; i++) {
        const struct bits *s = states[i];
        if (!s->seen) {
            vec_set_null(out, ev->tmp, i);
            continue;
        }
        switch ((enum phys)out->phys) {
        case PHYS_BOOL:
            ((uint8_t *)out->data)[i] = (uint8_t)s->v;
            break;
        case PHYS_I8:
            ((int8_t *)out->data)[i] = (int8_t)s->v;
            break;
        case PHYS_I16:
            ((int16_t *)out->data)[i] = (int16_t)s->v;
            break;
        case PHYS_I32:
            ((int32_t *)out->data)[i] = (int32_t)s->v;
            break;
        default:
            ((int64_t *)out->data)[i] = s->v;
        }
    }
    return true;
}
AGG_OPS(bits, struct bits);

static bool
bind_bits(struct func_bind *b, struct error *err)
{
    const struct type *t = b->args[0]->type;
    const bool boolean = strncmp(b->def->name, "bool", 4) == 0;
    b->agg = &bits_ops;
    b->nullable = true;
    if (boolean) {
        b->type = type_scalar(TYPE_BOOLEAN);
        if (t->id != TYPE_BOOLEAN && t->id != TYPE_NULL && t->id != TYPE_STRING) {
            return bind_fail_input(b, 0, "\"BOOLEAN\"", err);
        }
        return bind_want(b, 0, b->type, err);
    }
    if (t->id == TYPE_NULL || t->id == TYPE_STRING) {
        b->cast_to[0] = type_scalar(t->id == TYPE_NULL ? TYPE_INT : TYPE_LONG);
        t = b->cast_to[0];
    }
    if (!type_is_integral(t)) {
        return bind_fail_input(b, 0, "\"INTEGRAL\"", err);
    }
    b->type = t;
    return true;
}

#define AGG(name, min, max, bind, use)                                                             \
    {                                                                                              \
        name, FUNC_AGGREGATE, min, max, false, true, bind, use                                     \
    }
#define AGG_BITS(name, op, use)                                                                    \
    {                                                                                              \
        name, FUNC_AGGREGATE, 1, 1, false, true, bind_bits, use, NULL, NULL, op                    \
    }

static const struct func_def defs[] = {
    AGG("count", 0, 255, bind_count, "count(*), count(expr, ...) - Rows without nulls."),
    AGG("count_if", 1, 1, bind_count_if, "count_if(expr) - Rows for which expr is true."),
    AGG("sum", 1, 1, bind_sum, "sum(expr) - The sum."),
    AGG("try_sum", 1, 1, bind_sum, "try_sum(expr) - The sum, null on overflow."),
    AGG("avg", 1, 1, bind_avg, "avg(expr) - The mean."),
    AGG("try_avg", 1, 1, bind_avg, "try_avg(expr) - The mean, null on overflow."),
    AGG("min", 1, 1, bind_extreme, "min(expr) - The least."),
    AGG("max", 1, 1, bind_extreme, "max(expr) - The greatest."),
    AGG("first", 1, 2, bind_first, "first(expr[, isIgnoreNull]) - The first value."),
    AGG("last", 1, 2, bind_first, "last(expr[, isIgnoreNull]) - The last value."),
    AGG("any_value", 1, 2, bind_first, "any_value(expr[, isIgnoreNull]) - Some value."),
    AGG_BITS("bool_and", "&", "bool_and(expr) - True if all are."),
    AGG_BITS("bool_or", "|", "bool_or(expr) - True if any is."),
    AGG_BITS("bit_and", "&", "bit_and(expr) - Bitwise AND of all."),
    AGG_BITS("bit_or", "|", "bit_or(expr) - Bitwise OR of all."),
    AGG_BITS("bit_xor", "^", "bit_xor(expr) - Bitwise XOR of all."),
};

const struct func_family family_aggregate = {defs, sizeof defs / sizeof *defs};
