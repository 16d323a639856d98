/* Mathematics: real functions, rounding, bits, bases. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "func/arith.h"
#include "func/text.h"
#include "type/decimal.h"
#include "type/number.h"

/* ---- one real argument ---- */

/* glibc's is a last digit off; one Newton step mends it. */
static double
f_cbrt(double x)
{
    const double r = cbrt(x);
    return x == 0 || !isfinite(r) ? r : r - (r * r * r - x) / (3 * r * r);
}
static double
f_log2(double x)
{
    return log(x) / log(2.0);
}
static double
f_cot(double x)
{
    return 1 / tan(x);
}
static double
f_sec(double x)
{
    return 1 / cos(x);
}
static double
f_csc(double x)
{
    return 1 / sin(x);
}
static double
f_degrees(double x)
{
    return x * (180.0 / 3.141592653589793);
}
static double
f_radians(double x)
{
    return x * (3.141592653589793 / 180.0);
}
static double
f_sign(double x)
{
    return isnan(x) || x == 0 ? x : (x > 0) - (x < 0);
}
static double
f_asinh(double x)
{
    return isinf(x) ? x : asinh(x);
}

static double (*const reals[])(double) = {
    sqrt, f_cbrt, exp,   expm1,   sin,   cos,   tan,   asin, acos,   atan,      sinh,     cosh,
    tanh, acosh,  atanh, f_asinh, f_cot, f_sec, f_csc, rint, f_sign, f_degrees, f_radians};
enum real_index {
    R_SQRT,
    R_CBRT,
    R_EXP,
    R_EXPM1,
    R_SIN,
    R_COS,
    R_TAN,
    R_ASIN,
    R_ACOS,
    R_ATAN,
    R_SINH,
    R_COSH,
    R_TANH,
    R_ACOSH,
    R_ATANH,
    R_ASINH,
    R_COT,
    R_SEC,
    R_CSC,
    R_RINT,
    R_SIGN,
    R_DEGREES,
    R_RADIANS
};

KERNEL(real_unary)
{
    double (*f)(double) = reals[*(const int *)call->def->data];
    const double *x = in[0]->data;
    double *o = out->data;
    EACH_VALID(i) o[i] = f(x[i]);
    return true;
}

/* Logarithms are null at and below the edge. */
KERNEL(logarithm)
{
    const char *name = call->def->name;
    const double *x = in[0]->data;
    double *o = out->data;
    const double edge = strcmp(name, "log1p") == 0 ? -1 : 0;
    double (*f)(double) = strcmp(name, "log1p") == 0   ? log1p
                          : strcmp(name, "log10") == 0 ? log10
                          : strcmp(name, "log2") == 0  ? f_log2
                                                       : log;
    EACH_VALID(i)
    {
        if (x[i] <= edge) {
            vec_set_null(out, ev->tmp, i);
        } else {
            o[i] = f(x[i]);
        }
    }
    return true;
}

KERNEL(log_base)
{
    const double *base = in[0]->data;
    const double *x = call->arg_count > 1 ? in[1]->data : in[0]->data;
    double *o = out->data;
    EACH_VALID(i)
    {
        if (x[i] <= 0 || (call->arg_count > 1 && base[i] <= 0)) {
            vec_set_null(out, ev->tmp, i);
        } else {
            o[i] = call->arg_count > 1 ? log(x[i]) / log(base[i]) : log(x[i]);
        }
    }
    return true;
}

KERNEL(real_binary)
{
    const double *x = in[0]->data;
    const double *y = in[1]->data;
    double *o = out->data;
    const char c = call->def->name[0];
    EACH_VALID(i)
    o[i] = c == 'p' ? pow(x[i], y[i]) : c == 'a' ? atan2(x[i], y[i]) : hypot(x[i], y[i]);
    return true;
}

KERNEL(constant)
{
    const double v = call->def->name[0] == 'p' ? 3.141592653589793 : 2.718281828459045;
    EACH_ROW(i)((double *)out->data)[i] = v;
    return true;
}

/* ---- rounding ---- */

struct round_call {
    enum decimal_round mode;
    int places;
};

static int64_t
round_long(int64_t v, int places, enum decimal_round mode, bool *over)
{
    i128 r;
    *over = false;
    if (places >= 0) {
        return v;
    }
    if (places < -38) {
        return 0;
    }
    i128 q = 0;
    decimal_rescale(v, -places, 0, mode, &q);
    r = q * decimal_pow10(-places);
    *over = r != (int64_t)r;
    return (int64_t)r;
}

static double
round_real(double v, int places, enum decimal_round mode, bool single)
{
    if (!isfinite(v)) {
        return v;
    }
    char text[NUMBER_TEXT_MAX];
    i128 r;
    const int scale = places > 30 ? 30 : places;
    const int n = single ? number_float_text(text, (float)v) : number_double_text(text, v);
    i128 exact;
    int precision;
    int own;
    if (places > 30 ||
        decimal_parse_exact(text, (size_t)n, &exact, &precision, &own) != DECIMAL_OK ||
        own <= scale) {
        if (places >= 0 || fabs(v) > 1e30) {
            return v;
        }
    }
    if (scale >= 0) {
        if (!decimal_rescale(exact, own, scale, mode, &r)) {
            return v;
        }
        return decimal_to_double(r, scale);
    }
    if (scale < -38 || !decimal_rescale(exact, own - scale, 0, mode, &r)) {
        return 0;
    }
    return (double)r * pow(10, -scale);
}

KERNEL(round_value)
{
    const struct round_call *c = call->extra;
    EACH_VALID(i)
    {
        bool over = false;
        switch (in[0]->type->id) {
        case TYPE_FLOAT:
            ((float *)out->data)[i] = (float)round_real((double)((const float *)in[0]->data)[i],
                                                        c->places, c->mode, true);
            break;
        case TYPE_DOUBLE:
            ((double *)out->data)[i] =
                round_real(((const double *)in[0]->data)[i], c->places, c->mode, false);
            break;
        case TYPE_DECIMAL: {
            i128 r = 0;
            const int from = in[0]->type->scale;
            const int to = c->places < from ? c->places : from;
            over = !decimal_rescale(vec_decimal(in[0], i), from, to, c->mode, &r);
            if (!over && to < 0) {
                r *= decimal_pow10(-to);
            }
            if (over || !decimal_fits(r, out->type->precision)) {
                return raise_decimal_range(err, vec_decimal(in[0], i), from, out->type->precision,
                                           out->type->scale);
            }
            vec_put_decimal(out, i, r);
            break;
        }
        default: {
            int64_t v;
            switch ((enum phys)in[0]->phys) {
            case PHYS_I8:
                v = round_long(((const int8_t *)in[0]->data)[i], c->places, c->mode, &over);
                over |= v != (int8_t)v;
                ((int8_t *)out->data)[i] = (int8_t)v;
                break;
            case PHYS_I16:
                v = round_long(((const int16_t *)in[0]->data)[i], c->places, c->mode, &over);
                over |= v != (int16_t)v;
                ((int16_t *)out->data)[i] = (int16_t)v;
                break;
            case PHYS_I32:
                v = round_long(((const int32_t *)in[0]->data)[i], c->places, c->mode, &over);
                over |= v != (int32_t)v;
                ((int32_t *)out->data)[i] = (int32_t)v;
                break;
            default:
                v = round_long(((const int64_t *)in[0]->data)[i], c->places, c->mode, &over);
                ((int64_t *)out->data)[i] = v;
            }
            if (over && ev->session->ansi) {
                return raise_overflow(err, "Overflow", NULL);
            }
        }
        }
    }
    return true;
}

KERNEL(floor_to_long)
{
    const bool up = call->def->name[0] == 'c';
    const double *x = in[0]->data;
    EACH_VALID(i)
    {
        const double v = up ? ceil(x[i]) : floor(x[i]);
        ((int64_t *)out->data)[i] = isnan(v)       ? 0
                                    : v >= 0x1p63  ? INT64_MAX
                                    : v <= -0x1p63 ? INT64_MIN
                                                   : (int64_t)v;
    }
    return true;
}

KERNEL(same_long)
{
    memcpy(out->data, in[0]->data, sizeof(int64_t) * rows);
    return true;
}

static bool
round_places(struct func_bind *b, struct round_call *c, struct error *err)
{
    int64_t places = 0;
    if (b->arg_count == 2 && b->args[1]->kind == EXPR_LITERAL && b->args[1]->literal.is_null) {
        c->places = 0;
        return true;
    }
    if (b->arg_count == 2 && !bind_literal_int(b, 1, &places)) {
        if (!type_is_numeric(b->args[1]->type) && b->args[1]->type->id != TYPE_STRING) {
            return bind_fail_input(b, 1, "\"INT\"", err);
        }
        const struct datum *d = bind_literal(b, 1);
        if (d == NULL) {
            return bind_fail_foldable(b, 1, "scale", "INT", err);
        }
        b->cast_to[1] = type_scalar(TYPE_INT); /* comes back folded */
    }
    c->places = places > 1000 ? 1000 : places < -1000 ? -1000 : (int)places;
    return true;
}

static const struct type *
round_decimal_type(struct func_bind *b, const struct type *t, int places)
{
    const int integral = t->precision - t->scale + 1;
    if (places < 0) {
        const int p = integral > -places + 1 ? integral : -places + 1;
        return type_decimal(b->arena, p < 38 ? p : 38, 0);
    }
    const int s = places < t->scale ? places : t->scale;
    const int p = integral + s;
    return type_decimal(b->arena, p < 38 ? p : 38, s);
}

/* round, bround; ceil and floor with a number of places */
static bool
bind_round(struct func_bind *b, struct error *err)
{
    struct round_call *c = arena_new(b->arena, struct round_call);
    const char kind = b->def->name[0];
    const struct type *t = b->args[0]->type;
    c->mode = kind == 'r'   ? DECIMAL_HALF_UP
              : kind == 'b' ? DECIMAL_HALF_EVEN
              : kind == 'c' ? DECIMAL_CEILING
                            : DECIMAL_FLOOR;
    if (t->id == TYPE_STRING || t->id == TYPE_NULL) {
        t = type_scalar(TYPE_DOUBLE);
        b->cast_to[0] = t;
    }
    if (!type_is_numeric(t)) {
        return bind_fail_input(b, 0, "\"NUMERIC\"", err);
    }
    if (!round_places(b, c, err)) {
        return false;
    }
    const bool directed = kind == 'c' || kind == 'f';
    if (directed && b->arg_count == 2 && t->id != TYPE_DECIMAL) {
        t = decimal_for(b->arena, t);
        b->cast_to[0] = t;
    }
    b->extra = c;
    b->nullable = bind_any_nullable(b);
    b->kernel = round_value;
    b->type = t->id == TYPE_DECIMAL ? round_decimal_type(b, t, c->places) : t;
    return true;
}

static bool
bind_floor(struct func_bind *b, struct error *err)
{
    const struct type *t = b->args[0]->type;
    if (b->arg_count == 2) {
        return bind_round(b, err);
    }
    b->nullable = bind_any_nullable(b);
    b->type = type_scalar(TYPE_LONG);
    if (t->id == TYPE_DECIMAL) {
        struct round_call *c = arena_new(b->arena, struct round_call);
        c->mode = b->def->name[0] == 'c' ? DECIMAL_CEILING : DECIMAL_FLOOR;
        const int p = t->precision - t->scale + 1;
        b->type = type_decimal(b->arena, t->scale == 0 ? t->precision : p, 0);
        b->extra = c;
        b->kernel = round_value;
        return true;
    }
    if (type_is_integral(t)) {
        if (t->id != TYPE_LONG) {
            b->cast_to[0] = b->type;
        }
        b->kernel = same_long;
        return true;
    }
    b->kernel = floor_to_long;
    return bind_want(b, 0, type_scalar(TYPE_DOUBLE), err);
}

/* ---- bits ---- */

static int64_t
int_at(const struct vec *v, uint32_t i)
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
int_put(struct vec *v, uint32_t i, int64_t x)
{
    switch ((enum phys)v->phys) {
    case PHYS_I8:
        ((int8_t *)v->data)[i] = (int8_t)x;
        break;
    case PHYS_I16:
        ((int16_t *)v->data)[i] = (int16_t)x;
        break;
    case PHYS_I32:
        ((int32_t *)v->data)[i] = (int32_t)x;
        break;
    default:
        ((int64_t *)v->data)[i] = x;
    }
}

KERNEL(bit_binary)
{
    const char op = call->def->name[0];
    EACH_VALID(i)
    {
        const int64_t x = int_at(in[0], i);
        const int64_t y = int_at(in[1], i);
        int_put(out, i, op == '&' ? x & y : op == '|' ? x | y : x ^ y);
    }
    return true;
}

static bool
bind_bits(struct func_bind *b, struct error *err)
{
    const struct type *x = b->args[0]->type;
    const struct type *y = b->args[1]->type;
    const struct type *t = func_common_type(b->arena, x, y, b->session->ansi);
    const bool diff = (!type_is_integral(x) && x->id != TYPE_NULL && x->id != TYPE_STRING) !=
                      (!type_is_integral(y) && y->id != TYPE_NULL && y->id != TYPE_STRING);
    if (t == NULL || (diff && !type_is_numeric(t))) {
        return bind_fail_diff(b, err);
    }
    if (t->id == TYPE_NULL) {
        t = type_scalar(TYPE_INT);
    }
    if (!type_is_integral(t)) {
        return diff ? bind_fail_diff(b, err) : bind_fail_wrong(b, "\"INTEGRAL\"", err);
    }
    for (uint32_t i = 0; i < 2; i++) {
        if (!type_same(b->args[i]->type, t)) {
            b->cast_to[i] = t;
        }
    }
    b->type = t;
    b->nullable = bind_any_nullable(b);
    b->kernel = bit_binary;
    return true;
}

KERNEL(bit_not)
{
    EACH_VALID(i) int_put(out, i, ~int_at(in[0], i));
    return true;
}

KERNEL(shift)
{
    const char *name = call->def->name;
    const char kind = strcmp(name, "shiftleft") == 0    ? 'l'
                      : strcmp(name, "shiftright") == 0 ? 'r'
                                                        : 'u';
    EACH_VALID(i)
    {
        const int32_t by = ((const int32_t *)in[1]->data)[i];
        if (out->phys == PHYS_I32) {
            const int32_t x = ((const int32_t *)in[0]->data)[i];
            const int k = by & 31;
            ((int32_t *)out->data)[i] = kind == 'l'   ? (int32_t)((uint32_t)x << k)
                                        : kind == 'r' ? x >> k
                                                      : (int32_t)((uint32_t)x >> k);
        } else {
            const int64_t x = ((const int64_t *)in[0]->data)[i];
            const int k = by & 63;
            ((int64_t *)out->data)[i] = kind == 'l'   ? (int64_t)((uint64_t)x << k)
                                        : kind == 'r' ? x >> k
                                                      : (int64_t)((uint64_t)x >> k);
        }
    }
    return true;
}

static bool
bind_shift(struct func_bind *b, struct error *err)
{
    const struct type *t = b->args[0]->type;
    b->type = type_scalar(t->id == TYPE_LONG ? TYPE_LONG : TYPE_INT);
    b->nullable = bind_any_nullable(b);
    b->kernel = shift;
    if (!type_is_integral(t) && t->id != TYPE_NULL &&
        !func_can_coerce(t, b->type, b->session->ansi)) {
        return bind_fail_input(b, 0, "(\"INT\" or \"BIGINT\")", err);
    }
    return bind_want(b, 0, b->type, err) && bind_want(b, 1, type_scalar(TYPE_INT), err);
}

KERNEL(bit_count)
{
    EACH_VALID(i)
    {
        const int64_t v = int_at(in[0], i);
        ((int32_t *)out->data)[i] =
            in[0]->phys == PHYS_BOOL ? v != 0 : __builtin_popcountll((uint64_t)v);
    }
    return true;
}

static bool
bind_bit_count(struct func_bind *b, struct error *err)
{
    const struct type *t = b->args[0]->type;
    b->type = type_scalar(TYPE_INT);
    b->nullable = bind_any_nullable(b);
    b->kernel = bit_count;
    if (type_is_integral(t) || t->id == TYPE_BOOLEAN) {
        return true;
    }
    if (t->id != TYPE_NULL && t->id != TYPE_STRING) {
        return bind_fail_input(b, 0, "(\"INTEGRAL\" or \"BOOLEAN\")", err);
    }
    b->cast_to[0] = type_scalar(TYPE_LONG);
    return true;
}

KERNEL(one_bit)
{
    const int width = 8 * (int)phys_size(in[0]->phys);
    EACH_VALID(i)
    {
        const int32_t pos = ((const int32_t *)in[1]->data)[i];
        if (pos < 0 || pos >= width) {
            char shown[16];
            char upper[16];
            snprintf(shown, sizeof shown, "%d", pos);
            snprintf(upper, sizeof upper, "%d", width);
            return error_raise(err, "INVALID_PARAMETER_VALUE.BIT_POSITION_RANGE", "functionName",
                               "`bit_get`", "parameter", "`pos`", "upper", upper, "lower", "0",
                               "invalidValue", shown, NULL);
        }
        ((int8_t *)out->data)[i] = (int8_t)(int_at(in[0], i) >> pos & 1);
    }
    return true;
}

/* ---- bases ---- */

KERNEL(bin)
{
    EACH_VALID(i)
    {
        uint64_t v = (uint64_t)((const int64_t *)in[0]->data)[i];
        char text[64];
        int at = 64;
        do {
            text[--at] = (char)('0' + (v & 1));
            v >>= 1;
        } while (v != 0);
        text_put(ev, out, i, text + at, (size_t)(64 - at));
    }
    return true;
}

static int
digit_value(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'z' ? c - 'a' + 10
           : c >= 'A' && c <= 'Z' ? c - 'A' + 10
                                  : 99;
}

KERNEL(conv)
{
    EACH_VALID(i)
    {
        struct span s = text_at(in[0], i);
        const int from = ((const int32_t *)in[1]->data)[i];
        const int to = ((const int32_t *)in[2]->data)[i];
        const int to_base = to < 0 ? -to : to;
        number_trim(&s.ptr, &s.len);
        if (from < 2 || from > 36 || to_base < 2 || to_base > 36 || s.len == 0) {
            vec_set_null(out, ev->tmp, i);
            continue;
        }
        bool negative = s.ptr[0] == '-';
        uint64_t v = 0;
        bool over = false;
        for (size_t k = negative; k < s.len && digit_value(s.ptr[k]) < from; k++) {
            over |= __builtin_mul_overflow(v, (uint64_t)from, &v);
            over |= __builtin_add_overflow(v, (uint64_t)digit_value(s.ptr[k]), &v);
            if (over) {
                break;
            }
        }
        if (over) {
            if (ev->session->ansi) {
                return raise_overflow(err, "Overflow in function conv()", NULL);
            }
            v = UINT64_MAX;
        }
        if (negative && to > 0) {
            v = (int64_t)v < 0 && !over ? v : 0 - v;
            negative = false;
        }
        if (to < 0 && (int64_t)v < 0) {
            v = 0 - v;
            negative = true;
        }
        char text[80];
        int at = sizeof text;
        do {
            text[--at] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[v % (uint64_t)to_base];
            v /= (uint64_t)to_base;
        } while (v != 0);
        if (negative && to < 0) {
            text[--at] = '-';
        }
        text_put(ev, out, i, text + at, sizeof text - (size_t)at);
    }
    return true;
}

KERNEL(factorial)
{
    EACH_VALID(i)
    {
        const int32_t v = ((const int32_t *)in[0]->data)[i];
        if (v < 0 || v > 20) {
            vec_set_null(out, ev->tmp, i);
            continue;
        }
        int64_t f = 1;
        for (int32_t k = 2; k <= v; k++) {
            f *= k;
        }
        ((int64_t *)out->data)[i] = f;
    }
    return true;
}

KERNEL(width_bucket)
{
    EACH_VALID(i)
    {
        const double v = ((const double *)in[0]->data)[i];
        const double lo = ((const double *)in[1]->data)[i];
        const double hi = ((const double *)in[2]->data)[i];
        const int64_t count = ((const int64_t *)in[3]->data)[i];
        if (count <= 0 || count == INT64_MAX || isnan(v) || lo == hi || !isfinite(lo) ||
            !isfinite(hi)) {
            vec_set_null(out, ev->tmp, i);
            continue;
        }
        const bool up = lo < hi;
        int64_t b;
        if (up ? v < lo : v > lo) {
            b = 0;
        } else if (up ? v >= hi : v <= hi) {
            b = count + 1;
        } else {
            b = (int64_t)((double)count * (up ? v - lo : lo - v) / (up ? hi - lo : lo - hi)) + 1;
        }
        ((int64_t *)out->data)[i] = b;
    }
    return true;
}

/* ---- greatest, least ---- */

KERNEL(extreme)
{
    const bool greatest = call->def->name[0] == 'g';
    uint32_t *pick = arena_zalloc(ev->tmp, sizeof *pick * (rows + 1));
    EACH_ROW(i)
    {
        int best = -1;
        for (uint32_t a = 0; a < call->arg_count; a++) {
            if (vec_is_null(in[a], i)) {
                continue;
            }
            const int order = best < 0 ? 0 : value_compare(in[a], i, in[best], i);
            if (best < 0 || (greatest ? order > 0 : order < 0)) {
                best = (int)a;
            }
        }
        pick[i] = (uint32_t)(best + 1);
    }
    const size_t size = phys_size(out->phys);
    EACH_ROW(k)
    {
        if (pick[k] == 0) {
            vec_set_null(out, ev->tmp, k);
        } else {
            memcpy((char *)out->data + size * k, (const char *)in[pick[k] - 1]->data + size * k,
                   size);
        }
    }
    return true;
}

static bool
bind_extreme(struct func_bind *b, struct error *err)
{
    if (b->arg_count < 2) {
        return bind_fail_count(b, "> 1", err);
    }
    bool text = false;
    bool other = false;
    for (uint32_t i = 0; i < b->arg_count; i++) {
        const enum type_id id = b->args[i]->type->id;
        text = text || id == TYPE_STRING;
        other = other || (id != TYPE_STRING && id != TYPE_NULL);
    }
    if (text && other) { /* no text becomes something else here */
        return bind_fail_data_diff(b, err);
    }
    b->type = bind_common(b, 0, err);
    if (b->type == NULL) {
        return false;
    }
    if (b->type->id != TYPE_NULL && !type_is_orderable(b->type)) {
        return bind_fail_order(b, b->type, err);
    }
    if (type_is_nested(b->type)) {
        return error_unsupported(err, "%s of nested values", b->def->name);
    }
    b->nullable = true;
    for (uint32_t i = 0; i < b->arg_count; i++) {
        b->nullable = b->nullable && b->args[i]->nullable;
    }
    b->kernel = extreme;
    return true;
}

/* ---- sign of intervals ---- */

KERNEL(interval_sign)
{
    EACH_VALID(i)
    {
        const int64_t v = int_at(in[0], i);
        ((double *)out->data)[i] = (v > 0) - (v < 0);
    }
    return true;
}

static bool
bind_sign(struct func_bind *b, struct error *err)
{
    const enum type_id id = b->args[0]->type->id;
    b->type = type_scalar(TYPE_DOUBLE);
    b->nullable = bind_any_nullable(b);
    b->kernel = real_unary;
    if (id == TYPE_INTERVAL_DT || id == TYPE_INTERVAL_YM) {
        b->kernel = interval_sign;
        return true;
    }
    return bind_want(b, 0, b->type, err);
}

#define REAL(name, index, use)                                                                     \
    {                                                                                              \
        name, FUNC_SCALAR, 1, 1, false, false, NULL, use, "d>d", real_unary, &(const int)          \
        {                                                                                          \
            index                                                                                  \
        }                                                                                          \
    }
#define FN(name, min, max, sig, kernel, use)                                                       \
    {                                                                                              \
        name, FUNC_SCALAR, min, max, false, false, NULL, use, sig, kernel                          \
    }
#define BIND(name, min, max, bind, use)                                                            \
    {                                                                                              \
        name, FUNC_SCALAR, min, max, false, false, bind, use                                       \
    }

static const struct func_def defs[] = {
    REAL("sqrt", R_SQRT, "sqrt(x)"),
    REAL("cbrt", R_CBRT, "cbrt(x)"),
    REAL("exp", R_EXP, "exp(x)"),
    REAL("expm1", R_EXPM1, "expm1(x) - exp(x) - 1."),
    REAL("sin", R_SIN, "sin(x)"),
    REAL("cos", R_COS, "cos(x)"),
    REAL("tan", R_TAN, "tan(x)"),
    REAL("asin", R_ASIN, "asin(x)"),
    REAL("acos", R_ACOS, "acos(x)"),
    REAL("atan", R_ATAN, "atan(x)"),
    REAL("sinh", R_SINH, "sinh(x)"),
    REAL("cosh", R_COSH, "cosh(x)"),
    REAL("tanh", R_TANH, "tanh(x)"),
    REAL("acosh", R_ACOSH, "acosh(x)"),
    REAL("atanh", R_ATANH, "atanh(x)"),
    REAL("asinh", R_ASINH, "asinh(x)"),
    REAL("cot", R_COT, "cot(x)"),
    REAL("sec", R_SEC, "sec(x)"),
    REAL("csc", R_CSC, "csc(x)"),
    REAL("rint", R_RINT, "rint(x) - The nearest whole number, ties to even."),
    REAL("degrees", R_DEGREES, "degrees(x) - From radians."),
    REAL("radians", R_RADIANS, "radians(x) - From degrees."),
    {"sign", FUNC_SCALAR, 1, 1, false, false, bind_sign, "sign(x) - -1.0, 0.0 or 1.0.", NULL, NULL,
     &(const int){R_SIGN}},
    FN("ln", 1, 1, "d>d?", logarithm, "ln(x)"),
    FN("log10", 1, 1, "d>d?", logarithm, "log10(x)"),
    FN("log2", 1, 1, "d>d?", logarithm, "log2(x)"),
    FN("log1p", 1, 1, "d>d?", logarithm, "log1p(x) - ln(1 + x)."),
    FN("log", 1, 2, "d|d>d?", log_base, "log([base, ]x)"),
    FN("power", 2, 2, "dd>d", real_binary, "power(x, y)"),
    FN("atan2", 2, 2, "dd>d", real_binary, "atan2(y, x)"),
    FN("hypot", 2, 2, "dd>d", real_binary, "hypot(x, y)"),
    FN("pi", 0, 0, ">d!", constant, "pi()"),
    FN("e", 0, 0, ">d!", constant, "e()"),
    BIND("round", 1, 2, bind_round, "round(x[, d]) - Half away from zero."),
    BIND("bround", 1, 2, bind_round, "bround(x[, d]) - Half to even."),
    BIND("ceil", 1, 2, bind_floor, "ceil(x[, d]) - Up."),
    BIND("floor", 1, 2, bind_floor, "floor(x[, d]) - Down."),
    BIND("&", 2, 2, bind_bits, "a & b - Bitwise AND."),
    BIND("|", 2, 2, bind_bits, "a | b - Bitwise OR."),
    BIND("^", 2, 2, bind_bits, "a ^ b - Bitwise exclusive OR."),
    FN("~", 1, 1, "n>0", bit_not, "~ a - Bitwise NOT."),
    BIND("shiftleft", 2, 2, bind_shift, "shiftleft(a, n)"),
    BIND("shiftright", 2, 2, bind_shift, "shiftright(a, n) - With sign."),
    BIND("shiftrightunsigned", 2, 2, bind_shift, "shiftrightunsigned(a, n)"),
    BIND("bit_count", 1, 1, bind_bit_count, "bit_count(x) - Bits that are set."),
    FN("bit_get", 2, 2, "ni>y", one_bit, "bit_get(x, pos) - One bit."),
    FN("bin", 1, 1, "l>s", bin, "bin(x) - Binary digits."),
    FN("conv", 3, 3, "sii>s?", conv, "conv(num, from_base, to_base)"),
    FN("factorial", 1, 1, "i>l?", factorial, "factorial(n) - Null outside 0 to 20."),
    FN("width_bucket", 4, 4, "dddl>l?", width_bucket, "width_bucket(v, min, max, n)"),
    {"greatest", FUNC_SCALAR, 2, 255, false, true, bind_extreme, "greatest(a, b, ...)"},
    {"least", FUNC_SCALAR, 2, 255, false, true, bind_extreme, "least(a, b, ...)"},
};

const struct func_family family_math = {defs, sizeof defs / sizeof *defs};
