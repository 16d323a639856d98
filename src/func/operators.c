/*
 * Arithmetic operators.
 *
 * Integer kernels compute all rows in a form that compilers vectorise and collect the evidence of
 * an overflow in a sign bit; only when there is some are the live rows looked at one by one.
 * Decimals: values are unscaled integers; a result whose natural precision fits 38 digits cannot
 * overflow, so only adjusted types are checked.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "func/arith.h"
#include "type/decimal.h"

static bool
int_overflow(const struct func_call *call, const struct vec *const *in, uint32_t i,
             struct error *err)
{
    const struct arith_data *d = call->def->data;
    static const char *const symbols[] = {"+", "-", "*", "/", "%", "div", "pmod"};
    static const char *const tries[] = {
        "try_add", "try_subtract", "try_multiply", "try_divide", "try_mod", "try_divide", NULL};
    if (in[0]->phys == PHYS_I8 || in[0]->phys == PHYS_I16) {
        char x[16];
        char y[16];
        const bool byte = in[0]->phys == PHYS_I8;
        snprintf(x, sizeof x, "%d%s",
                 byte ? ((const int8_t *)in[0]->data)[i] : ((const int16_t *)in[0]->data)[i],
                 byte ? "Y" : "S");
        snprintf(y, sizeof y, "%d%s",
                 byte ? ((const int8_t *)in[1]->data)[i] : ((const int16_t *)in[1]->data)[i],
                 byte ? "Y" : "S");
        return error_raise(err, "BINARY_ARITHMETIC_OVERFLOW", "value1", x, "symbol", symbols[d->op],
                           "value2", y, "functionName",
                           d->op < ARITH_DIV ? (const char *[]){"`try_add`", "`try_subtract`",
                                                                "`try_multiply`"}[d->op]
                                             : "`try_divide`",
                           NULL);
    }
    return raise_overflow(err, in[0]->phys == PHYS_I64 ? "long overflow" : "integer overflow",
                          tries[d->op]);
}

/* ---- integers ---- */

#define INT_KERNELS(op, nm, T, U, expr, evid, exact)                                               \
    KERNEL(op##_##nm##_ansi)                                                                       \
    {                                                                                              \
        T *restrict o = out->data;                                                                 \
        const T *a = in[0]->data;                                                                  \
        const T *b = in[1]->data;                                                                  \
        if (sel == NULL || n * 4 >= rows) {                                                        \
            U e = 0;                                                                               \
            for (uint32_t i = 0; i < rows; i++) {                                                  \
                const U x = (U)a[i];                                                               \
                const U y = (U)b[i];                                                               \
                const U r = (U)(expr);                                                             \
                o[i] = (T)r;                                                                       \
                e |= (U)(evid);                                                                    \
            }                                                                                      \
            if (!(e >> (8 * sizeof(U) - 1))) {                                                     \
                return true;                                                                       \
            }                                                                                      \
        }                                                                                          \
        EACH_VALID(i)                                                                              \
        {                                                                                          \
            T t;                                                                                   \
            if (exact(a[i], b[i], &t)) {                                                           \
                return int_overflow(call, in, i, err);                                             \
            }                                                                                      \
            o[i] = t;                                                                              \
        }                                                                                          \
        return true;                                                                               \
    }                                                                                              \
    KERNEL(op##_##nm##_try)                                                                        \
    {                                                                                              \
        T *restrict o = out->data;                                                                 \
        const T *a = in[0]->data;                                                                  \
        const T *b = in[1]->data;                                                                  \
        EACH_VALID(i)                                                                              \
        {                                                                                          \
            if (exact(a[i], b[i], &o[i])) {                                                        \
                vec_set_null(out, ev->tmp, i);                                                     \
            }                                                                                      \
        }                                                                                          \
        return true;                                                                               \
    }                                                                                              \
    KERNEL(op##_##nm##_wrap)                                                                       \
    {                                                                                              \
        T *restrict o = out->data;                                                                 \
        const T *a = in[0]->data;                                                                  \
        const T *b = in[1]->data;                                                                  \
        for (uint32_t i = 0; i < rows; i++) {                                                      \
            const U x = (U)a[i];                                                                   \
            const U y = (U)b[i];                                                                   \
            o[i] = (T)(U)(expr);                                                                   \
        }                                                                                          \
        return true;                                                                               \
    }

#define ADD_SUB(nm, T, U)                                                                          \
    INT_KERNELS(add, nm, T, U, x + y, (r ^ x) & (r ^ y), __builtin_add_overflow)                   \
    INT_KERNELS(sub, nm, T, U, x - y, (x ^ y) & (x ^ r), __builtin_sub_overflow)
ADD_SUB(i8, int8_t, uint8_t)
ADD_SUB(i16, int16_t, uint16_t)
ADD_SUB(i32, int32_t, uint32_t)
ADD_SUB(i64, int64_t, uint64_t)

/* Multiplication widens; an overflow is a widened product that narrows to another value. */
#define MUL_EVIDENCE(T, W) ((W)(T)((W)(T)x * (W)(T)y) == (W)(T)x * (W)(T)y ? 0u : ~0u)
INT_KERNELS(mul, i8, int8_t, uint8_t, x *y, MUL_EVIDENCE(int8_t, int32_t), __builtin_mul_overflow)
INT_KERNELS(mul, i16, int16_t, uint16_t, x *y, MUL_EVIDENCE(int16_t, int32_t),
            __builtin_mul_overflow)
INT_KERNELS(mul, i32, int32_t, uint32_t, x *y, MUL_EVIDENCE(int32_t, int64_t),
            __builtin_mul_overflow)
/* 64 bits: when both factors' magnitudes stay below 2^31 no product can overflow. */
INT_KERNELS(mul, i64, int64_t, uint64_t, x *y,
            ((x + 0x80000000u) | (y + 0x80000000u)) >> 32 ? (uint64_t)1 << 63 : 0,
            __builtin_mul_overflow)

#define MOD_EXACT(T)                                                                               \
    KERNEL(mod_##T)                                                                                \
    {                                                                                              \
        T *o = out->data;                                                                          \
        const T *a = in[0]->data;                                                                  \
        const T *b = in[1]->data;                                                                  \
        const enum arith_mode mode = *(const enum arith_mode *)call->extra;                        \
        const bool positive = ((const struct arith_data *)call->def->data)->op == ARITH_PMOD;      \
        EACH_VALID(i)                                                                              \
        {                                                                                          \
            if (b[i] == 0) {                                                                       \
                if (mode == ARITH_ANSI) {                                                          \
                    return raise_remainder_by_zero(err);                                           \
                }                                                                                  \
                vec_set_null(out, ev->tmp, i);                                                     \
                continue;                                                                          \
            }                                                                                      \
            const int64_t m = b[i] == -1 ? 0 : (int64_t)(a[i] % b[i]);                             \
            o[i] = (T)(positive && m < 0 ? (int64_t)((i128)(m + (i128)b[i]) % (int64_t)b[i]) : m); \
        }                                                                                          \
        return true;                                                                               \
    }
MOD_EXACT(int8_t)
MOD_EXACT(int16_t)
MOD_EXACT(int32_t)
MOD_EXACT(int64_t)

KERNEL(idiv_i64)
{
    int64_t *o = out->data;
    const int64_t *a = in[0]->data;
    const int64_t *b = in[1]->data;
    const enum arith_mode mode = *(const enum arith_mode *)call->extra;
    EACH_VALID(i)
    {
        if (b[i] == 0) {
            if (mode == ARITH_ANSI) {
                return raise_divide_by_zero(err);
            }
            vec_set_null(out, ev->tmp, i);
        } else if (b[i] == -1 && a[i] == INT64_MIN) {
            if (mode == ARITH_ANSI) {
                return raise_overflow(err, "Overflow in integral divide", "try_divide");
            }
            o[i] = a[i];
        } else {
            o[i] = a[i] / b[i];
        }
    }
    return true;
}

/* ---- floating point ---- */

#define FLOAT_KERNEL(op, nm, T, expr)                                                              \
    KERNEL(op##_##nm)                                                                              \
    {                                                                                              \
        T *restrict o = out->data;                                                                 \
        const T *a = in[0]->data;                                                                  \
        const T *b = in[1]->data;                                                                  \
        for (uint32_t i = 0; i < rows; i++) {                                                      \
            o[i] = expr;                                                                           \
        }                                                                                          \
        return true;                                                                               \
    }
FLOAT_KERNEL(add, f32, float, a[i] + b[i])
FLOAT_KERNEL(sub, f32, float, a[i] - b[i])
FLOAT_KERNEL(mul, f32, float, a[i] * b[i])
FLOAT_KERNEL(add, f64, double, a[i] + b[i])
FLOAT_KERNEL(sub, f64, double, a[i] - b[i])
FLOAT_KERNEL(mul, f64, double, a[i] * b[i])

KERNEL(div_f64)
{
    double *o = out->data;
    const double *a = in[0]->data;
    const double *b = in[1]->data;
    const enum arith_mode mode = *(const enum arith_mode *)call->extra;
    EACH_VALID(i)
    {
        if (b[i] == 0) {
            if (mode == ARITH_ANSI) {
                return raise_divide_by_zero(err);
            }
            vec_set_null(out, ev->tmp, i);
        } else {
            o[i] = a[i] / b[i];
        }
    }
    return true;
}

#define FMOD_KERNEL(T, fn)                                                                         \
    KERNEL(mod_##T)                                                                                \
    {                                                                                              \
        T *o = out->data;                                                                          \
        const T *a = in[0]->data;                                                                  \
        const T *b = in[1]->data;                                                                  \
        const enum arith_mode mode = *(const enum arith_mode *)call->extra;                        \
        const bool positive = ((const struct arith_data *)call->def->data)->op == ARITH_PMOD;      \
        EACH_VALID(i)                                                                              \
        {                                                                                          \
            if (b[i] == 0) {                                                                       \
                if (mode == ARITH_ANSI) {                                                          \
                    return raise_remainder_by_zero(err);                                           \
                }                                                                                  \
                vec_set_null(out, ev->tmp, i);                                                     \
                continue;                                                                          \
            }                                                                                      \
            const T m = fn(a[i], b[i]);                                                            \
            o[i] = positive && m < 0 ? fn(m + b[i], b[i]) : m;                                     \
        }                                                                                          \
        return true;                                                                               \
    }
FMOD_KERNEL(float, fmodf)
FMOD_KERNEL(double, fmod)

/* ---- decimals ---- */

struct decimal_call {
    enum arith_mode mode; /* first: the shared kernels read it alone */
    uint8_t x_scale;
    uint8_t y_scale;
    uint8_t natural_scale; /* of the exact result */
    uint8_t precision;
    uint8_t scale;
    bool safe; /* the natural precision fits: no check is needed */
};

bool
raise_decimal_range(struct error *err, i128 value, int value_scale, int precision, int scale)
{
    char text[DECIMAL_TEXT_MAX];
    char p[12];
    char s[12];
    decimal_text(text, value, value_scale, true);
    snprintf(p, sizeof p, "%d", precision);
    snprintf(s, sizeof s, "%d", scale);
    return error_raise(err, "NUMERIC_VALUE_OUT_OF_RANGE.WITH_SUGGESTION", "value", text,
                       "precision", p, "scale", s, "config", "\"spark.sql.ansi.enabled\"", NULL);
}

/* Stores a row's result or does what the mode says about one that does not fit. */
static bool
decimal_store(struct eval *ev, const struct decimal_call *d, struct vec *out, uint32_t i, bool fits,
              i128 value, struct error *err)
{
    i128 scaled = value;
    if (fits && d->natural_scale != d->scale) {
        fits = decimal_rescale(value, d->natural_scale, d->scale, DECIMAL_HALF_UP, &scaled);
    }
    if (!fits || (!d->safe && !decimal_fits(scaled, d->precision))) {
        if (d->mode == ARITH_ANSI) {
            return raise_decimal_range(err, value, d->natural_scale, d->precision, d->scale);
        }
        vec_set_null(out, ev->tmp, i);
        return true;
    }
    vec_put_decimal(out, i, scaled);
    return true;
}

/* All 64 bits wide, no rescaling in between that could overflow. */
static bool
decimal_narrow(const struct func_call *call, const struct vec *const *in, const struct vec *out)
{
    const struct decimal_call *d = call->extra;
    return d->safe && in[0]->phys == PHYS_I64 && in[1]->phys == PHYS_I64 && out->phys == PHYS_I64 &&
           d->natural_scale == d->scale;
}

#define DECIMAL_ADD_SUB(op, sign, exact)                                                           \
    KERNEL(op##_decimal)                                                                           \
    {                                                                                              \
        const struct decimal_call *d = call->extra;                                                \
        if (decimal_narrow(call, in, out)) {                                                       \
            const uint64_t mx = (uint64_t)decimal_pow10(d->scale - d->x_scale);                    \
            const uint64_t my = (uint64_t)decimal_pow10(d->scale - d->y_scale);                    \
            const int64_t *a = in[0]->data;                                                        \
            const int64_t *b = in[1]->data;                                                        \
            int64_t *restrict o = out->data;                                                       \
            for (uint32_t i = 0; i < rows; i++) {                                                  \
                o[i] = (int64_t)((uint64_t)a[i] * mx sign(uint64_t) b[i] * my);                    \
            }                                                                                      \
            return true;                                                                           \
        }                                                                                          \
        const i128 mx = decimal_pow10(d->natural_scale - d->x_scale);                              \
        const i128 my = decimal_pow10(d->natural_scale - d->y_scale);                              \
        EACH_VALID(i)                                                                              \
        {                                                                                          \
            i128 x;                                                                                \
            i128 y;                                                                                \
            i128 z = 0;                                                                            \
            const bool fits = !__builtin_mul_overflow(vec_decimal(in[0], i), mx, &x) &&            \
                              !__builtin_mul_overflow(vec_decimal(in[1], i), my, &y) &&            \
                              !exact(x, y, &z);                                                    \
            if (!decimal_store(ev, d, out, i, fits, z, err)) {                                     \
                return false;                                                                      \
            }                                                                                      \
        }                                                                                          \
        return true;                                                                               \
    }
DECIMAL_ADD_SUB(add, +, __builtin_add_overflow)
DECIMAL_ADD_SUB(sub, -, __builtin_sub_overflow)

KERNEL(mul_decimal)
{
    const struct decimal_call *d = call->extra;
    if (decimal_narrow(call, in, out)) {
        const int64_t *a = in[0]->data;
        const int64_t *b = in[1]->data;
        int64_t *restrict o = out->data;
        for (uint32_t i = 0; i < rows; i++) {
            o[i] = (int64_t)((uint64_t)a[i] * (uint64_t)b[i]);
        }
        return true;
    }
    if (d->safe && d->natural_scale == d->scale && out->phys == PHYS_I128) {
        i128 *o = out->data;
        if (in[0]->phys == PHYS_I64 && in[1]->phys == PHYS_I64) {
            const int64_t *a = in[0]->data;
            const int64_t *b = in[1]->data;
            for (uint32_t i = 0; i < rows; i++) {
                o[i] = (i128)a[i] * b[i];
            }
            return true;
        }
        EACH_VALID(i)
        {
            o[i] = vec_decimal(in[0], i) * vec_decimal(in[1], i);
        }
        return true;
    }
    EACH_VALID(i)
    {
        struct decimal_call done = *d;
        i128 z = 0;
        const bool fits = decimal_mul(vec_decimal(in[0], i), vec_decimal(in[1], i),
                                      d->natural_scale - d->scale, &z);
        done.natural_scale = d->scale;
        if (!decimal_store(ev, &done, out, i, fits, z, err)) {
            return false;
        }
    }
    return true;
}

KERNEL(div_decimal)
{
    const struct decimal_call *d = call->extra;
    const bool integral = ((const struct arith_data *)call->def->data)->op == ARITH_IDIV;
    EACH_VALID(i)
    {
        const i128 y = vec_decimal(in[1], i);
        if (y == 0) {
            if (d->mode == ARITH_ANSI) {
                return raise_divide_by_zero(err);
            }
            vec_set_null(out, ev->tmp, i);
            continue;
        }
        i128 z = 0;
        const i128 x = vec_decimal(in[0], i);
        if (integral) {
            const int shift = d->y_scale - d->x_scale;
            const bool fits =
                decimal_quotient(x, y, shift, false, &z) && z >= INT64_MIN && z <= INT64_MAX;
            if (!fits && d->mode == ARITH_ANSI) {
                return raise_overflow(err, "Overflow in integral divide", "try_divide");
            }
            ((int64_t *)out->data)[i] = (int64_t)z;
            continue;
        }
        struct decimal_call done = *d;
        done.natural_scale = d->scale;
        const bool fits = decimal_quotient(x, y, d->scale - d->x_scale + d->y_scale, true, &z);
        if (!decimal_store(ev, &done, out, i, fits, z, err)) {
            return false;
        }
    }
    return true;
}

KERNEL(mod_decimal)
{
    const struct decimal_call *d = call->extra;
    const bool positive = ((const struct arith_data *)call->def->data)->op == ARITH_PMOD;
    const i128 mx = decimal_pow10(d->natural_scale - d->x_scale);
    const i128 my = decimal_pow10(d->natural_scale - d->y_scale);
    EACH_VALID(i)
    {
        i128 x;
        i128 y;
        if (vec_decimal(in[1], i) == 0) {
            if (d->mode == ARITH_ANSI) {
                return raise_remainder_by_zero(err);
            }
            vec_set_null(out, ev->tmp, i);
            continue;
        }
        const bool fits = !__builtin_mul_overflow(vec_decimal(in[0], i), mx, &x) &&
                          !__builtin_mul_overflow(vec_decimal(in[1], i), my, &y);
        i128 z = fits ? x % y : 0;
        if (fits && positive && z < 0) {
            z = (z + y) % y;
        }
        if (!decimal_store(ev, d, out, i, fits, z, err)) {
            return false;
        }
    }
    return true;
}

/* ---- binding ---- */

static const struct type *
decimal_result(struct func_bind *b, enum arith_op op, const struct type *x, const struct type *y,
               struct decimal_call *d)
{
    const int p1 = x->precision;
    const int s1 = x->scale;
    const int p2 = y->precision;
    const int s2 = y->scale;
    const int s = s1 > s2 ? s1 : s2;
    const int i1 = p1 - s1;
    const int i2 = p2 - s2;
    int precision;
    int scale = s;
    switch (op) {
    case ARITH_ADD:
    case ARITH_SUB:
        precision = (i1 > i2 ? i1 : i2) + s + 1;
        break;
    case ARITH_MUL:
        precision = p1 + p2 + 1;
        scale = s1 + s2;
        break;
    case ARITH_DIV:
        scale = s1 + p2 + 1 > 6 ? s1 + p2 + 1 : 6;
        precision = i1 + s2 + scale;
        break;
    default:
        precision = (i1 < i2 ? i1 : i2) + s;
        break;
    }
    const struct type *t = decimal_adjusted(b->arena, precision, scale);
    if (!b->session->legacy_decimal_precision_loss && precision > DECIMAL_PRECISION_MAX) {
        t = type_decimal(b->arena, DECIMAL_PRECISION_MAX,
                         scale < DECIMAL_PRECISION_MAX ? scale : DECIMAL_PRECISION_MAX);
    }
    d->x_scale = (uint8_t)s1;
    d->y_scale = (uint8_t)s2;
    d->natural_scale = (uint8_t)(op == ARITH_MUL ? s1 + s2 : s);
    d->precision = t->precision;
    d->scale = t->scale;
    d->safe = precision <= DECIMAL_PRECISION_MAX;
    return t;
}

static bool
bind_decimals(struct func_bind *b, enum arith_op op, enum arith_mode mode)
{
    static const func_kernel kernels[] = {add_decimal, sub_decimal, mul_decimal, div_decimal,
                                          mod_decimal, div_decimal, mod_decimal};
    const struct type *x = bind_decimal(b, 0);
    const struct type *y = bind_decimal(b, 1);
    if (b->args[0]->type->id != TYPE_DECIMAL) {
        b->cast_to[0] = x;
    }
    if (b->args[1]->type->id != TYPE_DECIMAL) {
        b->cast_to[1] = y;
    }
    struct decimal_call *d = arena_new(b->arena, struct decimal_call);
    d->mode = mode;
    b->type = decimal_result(b, op, x, y, d);
    if (op == ARITH_IDIV) {
        b->type = type_scalar(TYPE_LONG);
    }
    b->extra = d;
    b->kernel = kernels[op];
    return true;
}

static func_kernel
number_kernel(enum arith_op op, enum type_id id, enum arith_mode mode)
{
#define INT_ROW(op)                                                                                \
    {                                                                                              \
        {op##_i8_ansi, op##_i8_try, op##_i8_wrap}, {op##_i16_ansi, op##_i16_try, op##_i16_wrap},   \
            {op##_i32_ansi, op##_i32_try, op##_i32_wrap},                                          \
        {                                                                                          \
            op##_i64_ansi, op##_i64_try, op##_i64_wrap                                             \
        }                                                                                          \
    }
    static const func_kernel ints[3][4][3] = {INT_ROW(add), INT_ROW(sub), INT_ROW(mul)};
    static const func_kernel floats[3][2] = {
        {add_f32, add_f64}, {sub_f32, sub_f64}, {mul_f32, mul_f64}};
    static const func_kernel mods[] = {mod_int8_t,  mod_int16_t, mod_int32_t,
                                       mod_int64_t, mod_float,   mod_double};
    if (op == ARITH_MOD || op == ARITH_PMOD) {
        return mods[id - TYPE_BYTE];
    }
    if (op == ARITH_DIV) {
        return div_f64;
    }
    if (op == ARITH_IDIV) {
        return idiv_i64;
    }
    if (id >= TYPE_FLOAT) {
        return floats[op][id - TYPE_FLOAT];
    }
    return ints[op][id - TYPE_BYTE][mode];
}

static bool
arith_numeric_or_text(const struct type *t)
{
    return type_is_numeric(t) || t->id == TYPE_STRING || t->id == TYPE_NULL;
}

/* What both sides become; NULL with err set. Decimals are dealt with apart. */
static const struct type *
arith_common(struct func_bind *b, struct error *err)
{
    const struct type *x = b->args[0]->type;
    const struct type *y = b->args[1]->type;
    const bool ansi = b->session->ansi;
    if (!arith_numeric_or_text(x) || !arith_numeric_or_text(y)) {
        bind_fail_diff(b, err);
        return NULL;
    }
    if (x->id == TYPE_NULL && y->id == TYPE_NULL) {
        return type_scalar(TYPE_DOUBLE);
    }
    const bool text = x->id == TYPE_STRING || y->id == TYPE_STRING;
    if (text && !ansi) {
        return type_scalar(TYPE_DOUBLE);
    }
    const struct type *t = func_common_type(b->arena, x, y, ansi);
    if (t == NULL || t->id == TYPE_STRING) {
        if (t == NULL) {
            bind_fail_diff(b, err);
        } else {
            bind_fail_wrong(b,
                            "(\"NUMERIC\" or \"INTERVAL DAY TO SECOND\" or \"INTERVAL YEAR TO "
                            "MONTH\" or \"INTERVAL\")",
                            err);
        }
        return NULL;
    }
    return t;
}

static bool
bind_arith(struct func_bind *b, struct error *err)
{
    const struct arith_data *d = b->def->data;
    enum arith_mode mode = d->try_variant     ? ARITH_TRY
                           : b->session->ansi ? ARITH_ANSI
                                              : ARITH_LEGACY;
    bool bound = false;
    if (!bind_temporal_arith(b, d->op, mode, &bound, err)) {
        return false;
    }
    if (bound) {
        return true;
    }
    const struct type *t = arith_common(b, err);
    if (t == NULL) {
        return false;
    }
    b->nullable = bind_any_nullable(b) || mode != ARITH_ANSI;
    const struct type *x = b->args[0]->type;
    const struct type *y = b->args[1]->type;
    if (t->id == TYPE_DECIMAL && type_is_numeric(x) && type_is_numeric(y)) {
        return bind_decimals(b, d->op, mode);
    }
    if (t->id == TYPE_DECIMAL && d->op == ARITH_DIV && x->id == TYPE_NULL) {
        t = type_scalar(TYPE_DOUBLE);
    }
    if (t->id == TYPE_DECIMAL) { /* with a null */
        if (x->id == TYPE_NULL) {
            b->cast_to[0] = t;
        }
        if (y->id == TYPE_NULL) {
            b->cast_to[1] = t;
        }
        struct decimal_call *call = arena_new(b->arena, struct decimal_call);
        call->mode = mode;
        b->type = decimal_result(b, d->op, t, t, call);
        if (d->op == ARITH_IDIV) {
            b->type = type_scalar(TYPE_LONG);
        }
        b->extra = call;
        b->kernel = d->op == ARITH_IDIV || d->op == ARITH_DIV ? div_decimal : add_decimal;
        return true;
    }
    if (d->op == ARITH_DIV) {
        t = type_scalar(TYPE_DOUBLE);
    } else if (d->op == ARITH_IDIV) {
        if (t->id == TYPE_FLOAT || t->id == TYPE_DOUBLE) {
            return bind_fail_wrong(b,
                                   "(\"BIGINT\" or \"DECIMAL\" or \"INTERVAL DAY TO SECOND\" or "
                                   "\"INTERVAL YEAR TO MONTH\")",
                                   err);
        }
        t = type_scalar(TYPE_LONG);
    }
    for (uint32_t i = 0; i < 2; i++) {
        if (!type_same(b->args[i]->type, t)) {
            b->cast_to[i] = t;
        }
    }
    b->type = t;
    enum arith_mode *extra = arena_new(b->arena, enum arith_mode);
    *extra = mode;
    b->extra = extra;
    b->kernel = number_kernel(d->op, t->id, mode);
    return true;
}

/* ---- one argument ---- */

#define NEGATE_INT(T, what)                                                                        \
    KERNEL(negate_##T)                                                                             \
    {                                                                                              \
        T *o = out->data;                                                                          \
        const T *a = in[0]->data;                                                                  \
        const bool absolute = call->def->name[0] == 'a';                                           \
        EACH_VALID(i)                                                                              \
        {                                                                                          \
            if (absolute && a[i] >= 0) {                                                           \
                o[i] = a[i];                                                                       \
            } else if (__builtin_sub_overflow((T)0, a[i], &o[i]) && ev->session->ansi) {           \
                return raise_overflow(err, what " overflow", NULL);                                \
            }                                                                                      \
        }                                                                                          \
        return true;                                                                               \
    }
NEGATE_INT(int8_t, "byte")
NEGATE_INT(int16_t, "short")
NEGATE_INT(int32_t, "integer")
NEGATE_INT(int64_t, "long")
NEGATE_INT(i128, "decimal")

KERNEL(negate_float)
{
    const bool absolute = call->def->name[0] == 'a';
    EACH_ROW(i)
    {
        if (out->phys == PHYS_F32) {
            const float x = ((const float *)in[0]->data)[i];
            ((float *)out->data)[i] = absolute ? fabsf(x) : -x;
        } else {
            const double x = ((const double *)in[0]->data)[i];
            ((double *)out->data)[i] = absolute ? fabs(x) : -x;
        }
    }
    return true;
}

KERNEL(negate_interval)
{
    struct interval *o = out->data;
    const struct interval *a = in[0]->data;
    EACH_VALID(i)
    {
        if (__builtin_sub_overflow(0, a[i].months, &o[i].months) ||
            __builtin_sub_overflow(0, a[i].days, &o[i].days) ||
            __builtin_sub_overflow((int64_t)0, a[i].micros, &o[i].micros)) {
            return raise_overflow(err, "integer overflow", NULL);
        }
    }
    return true;
}

static bool
bind_sign(struct func_bind *b, struct error *err)
{
    const struct type *t = b->args[0]->type;
    const bool absolute = b->def->name[0] == 'a';
    if (t->id == TYPE_STRING || t->id == TYPE_NULL) {
        t = type_scalar(TYPE_DOUBLE);
        b->cast_to[0] = t;
    }
    const bool interval = t->id == TYPE_INTERVAL_YM || t->id == TYPE_INTERVAL_DT ||
                          (t->id == TYPE_INTERVAL_CALENDAR && !absolute);
    if (!type_is_numeric(t) && !interval) {
        return bind_fail_input(b, 0,
                               absolute ? "(\"NUMERIC\" or \"INTERVAL DAY TO SECOND\" or "
                                          "\"INTERVAL YEAR TO MONTH\")"
                                        : "(\"NUMERIC\" or \"INTERVAL DAY TO SECOND\" or "
                                          "\"INTERVAL YEAR TO MONTH\" or \"INTERVAL\")",
                               err);
    }
    b->type = t;
    b->nullable = bind_any_nullable(b);
    switch (phys_of(t)) {
    case PHYS_I8:
        b->kernel = negate_int8_t;
        break;
    case PHYS_I16:
        b->kernel = negate_int16_t;
        break;
    case PHYS_I32:
        b->kernel = negate_int32_t;
        break;
    case PHYS_I64:
        b->kernel = negate_int64_t;
        break;
    case PHYS_I128:
        b->kernel = negate_i128;
        break;
    case PHYS_INTERVAL:
        b->kernel = negate_interval;
        break;
    default:
        b->kernel = negate_float;
    }
    return true;
}

KERNEL(identity)
{
    *out = *in[0];
    return true;
}

static bool
bind_positive(struct func_bind *b, struct error *err)
{
    if (!bind_sign(b, err)) {
        return false;
    }
    b->kernel = identity;
    return true;
}

#define ARITH(name, op, try, use)                                                                  \
    {                                                                                              \
        name, FUNC_SCALAR, 2, 2, false, false, bind_arith, use, NULL, NULL,                        \
            &(const struct arith_data)                                                             \
        {                                                                                          \
            op, try                                                                                \
        }                                                                                          \
    }

static const struct func_def defs[] = {
    ARITH("+", ARITH_ADD, false, "expr1 + expr2 - Returns the sum."),
    ARITH("-", ARITH_SUB, false, "expr1 - expr2 - Returns the difference."),
    ARITH("*", ARITH_MUL, false, "expr1 * expr2 - Returns the product."),
    ARITH("/", ARITH_DIV, false, "expr1 / expr2 - Returns the quotient, never integral."),
    ARITH("%", ARITH_MOD, false, "expr1 % expr2 - Returns the remainder."),
    ARITH("div", ARITH_IDIV, false, "expr1 div expr2 - Divides and drops the fraction."),
    ARITH("pmod", ARITH_PMOD, false, "pmod(expr1, expr2) - Returns the positive remainder."),
    ARITH("try_add", ARITH_ADD, true, "try_add(x, y) - The sum, null on overflow."),
    ARITH("try_subtract", ARITH_SUB, true, "try_subtract(x, y) - Null on overflow."),
    ARITH("try_multiply", ARITH_MUL, true, "try_multiply(x, y) - Null on overflow."),
    ARITH("try_divide", ARITH_DIV, true, "try_divide(x, y) - Null when y is 0."),
    ARITH("try_mod", ARITH_MOD, true, "try_mod(x, y) - Null when y is 0."),
    {"negative", FUNC_SCALAR, 1, 1, false, false, bind_sign, "negative(expr) - Negates."},
    {"positive", FUNC_SCALAR, 1, 1, false, false, bind_positive, "positive(expr) - The value."},
    {"abs", FUNC_SCALAR, 1, 1, false, false, bind_sign, "abs(expr) - The absolute value."},
};

const struct func_family family_operators = {defs, sizeof defs / sizeof *defs};
