/*
 * Dates, times and intervals under + - * and /.
 *
 * Days and months move on the calendar, microseconds on the time line: a timestamp takes the months
 * and days on its wall clock in the session's zone and then the microseconds as they are.
 */
#include <math.h>
#include <string.h>

#include "func/arith.h"
#include "func/datetime.h"
#include "type/decimal.h"

static bool
raise_interval_overflow(struct error *err)
{
    return error_raise(err, "INTERVAL_ARITHMETIC_OVERFLOW.WITHOUT_SUGGESTION", NULL);
}

/* Row i of any interval vector, negated for subtraction. */
static struct interval
interval_at(const struct vec *v, uint32_t i, bool minus)
{
    struct interval r = {0};
    if (v->phys == PHYS_I32) {
        r.months = ((const int32_t *)v->data)[i];
    } else if (v->phys == PHYS_I64) {
        r.micros = ((const int64_t *)v->data)[i];
    } else {
        r = ((const struct interval *)v->data)[i];
    }
    if (minus) {
        r.months = (int32_t)(0u - (uint32_t)r.months);
        r.days = (int32_t)(0u - (uint32_t)r.days);
        r.micros = (int64_t)(0u - (uint64_t)r.micros);
    }
    return r;
}

struct temporal {
    bool minus;
    bool swapped; /* interval + time */
    enum arith_mode mode;
    enum arith_op op;
};

static bool
moved(const struct eval *ev, const struct vec *time, uint32_t i, const struct interval *by,
      int64_t *out)
{
    const int64_t t = ((const int64_t *)time->data)[i];
    int64_t v = t;
    if (by->months != 0 || by->days != 0) {
        const int64_t local = local_at(ev, time, i);
        const int64_t days = micros_floor_days(local);
        const int64_t rest = local - days * MICROS_PER_DAY;
        const int64_t to = days_add_months(days, by->months) + by->days;
        if (__builtin_mul_overflow(to, MICROS_PER_DAY, &v) || __builtin_add_overflow(v, rest, &v)) {
            return false;
        }
        v = time->type->id == TYPE_TIMESTAMP ? zone_utc_micros(eval_zone(ev), v) : v;
    }
    return !__builtin_add_overflow(v, by->micros, out);
}

KERNEL(time_plus_interval)
{
    const struct temporal *t = call->extra;
    const struct vec *time = in[t->swapped ? 1 : 0];
    const struct vec *span = in[t->swapped ? 0 : 1];
    EACH_VALID(i)
    {
        struct interval by = interval_at(span, i, t->minus);
        if (span->phys == PHYS_I64) { /* whole days move on the calendar */
            by.days = (int32_t)(by.micros / MICROS_PER_DAY);
            by.micros %= MICROS_PER_DAY;
        }
        if (!moved(ev, time, i, &by, (int64_t *)out->data + i)) {
            if (t->mode == ARITH_TRY) {
                vec_set_null(out, ev->tmp, i);
                continue;
            }
            return raise_overflow(err, "long overflow", NULL);
        }
    }
    return true;
}

KERNEL(date_plus_interval)
{
    const struct temporal *t = call->extra;
    const struct vec *date = in[t->swapped ? 1 : 0];
    const struct vec *span = in[t->swapped ? 0 : 1];
    EACH_VALID(i)
    {
        const struct interval by = interval_at(span, i, t->minus);
        const int64_t whole = span->phys == PHYS_I64 ? by.micros / MICROS_PER_DAY : 0;
        if (span->phys != PHYS_I64 && by.micros != 0 && t->mode == ARITH_ANSI) {
            return error_raise(err, "INVALID_INTERVAL_WITH_MICROSECONDS_ADDITION", "ansiConfig",
                               "\"spark.sql.ansi.enabled\"", NULL);
        }
        const int64_t v = days_add_months(((const int32_t *)date->data)[i], by.months) + by.days +
                          whole + (span->phys == PHYS_INTERVAL ? by.micros / MICROS_PER_DAY : 0);
        if (v != (int32_t)v) {
            if (t->mode == ARITH_TRY) {
                vec_set_null(out, ev->tmp, i);
                continue;
            }
            return raise_overflow(err, "integer overflow", NULL);
        }
        ((int32_t *)out->data)[i] = (int32_t)v;
    }
    return true;
}

KERNEL(date_plus_days)
{
    const struct temporal *t = call->extra;
    const int32_t *date = in[t->swapped ? 1 : 0]->data;
    const int32_t *days = in[t->swapped ? 0 : 1]->data;
    EACH_VALID(i)
    {
        const int64_t v = t->minus ? (int64_t)date[i] - days[i] : (int64_t)date[i] + days[i];
        if (v != (int32_t)v) {
            if (t->mode == ARITH_TRY) {
                vec_set_null(out, ev->tmp, i);
                continue;
            }
            if (t->mode == ARITH_ANSI) {
                return raise_overflow(err, "integer overflow", NULL);
            }
        }
        ((int32_t *)out->data)[i] = (int32_t)v;
    }
    return true;
}

KERNEL(time_minus_time)
{
    EACH_VALID(i)
    {
        int64_t v;
        if (in[0]->phys == PHYS_I32) {
            v = ((int64_t)((const int32_t *)in[0]->data)[i] - ((const int32_t *)in[1]->data)[i]) *
                MICROS_PER_DAY;
        } else if (__builtin_sub_overflow(local_at(ev, in[0], i), local_at(ev, in[1], i), &v)) {
            return raise_overflow(err, "long overflow", NULL);
        }
        ((int64_t *)out->data)[i] = v;
    }
    return true;
}

KERNEL(interval_plus_interval)
{
    const struct temporal *t = call->extra;
    EACH_VALID(i)
    {
        bool over;
        if (out->phys == PHYS_I32) {
            const int32_t a = ((const int32_t *)in[0]->data)[i];
            const int32_t b = ((const int32_t *)in[1]->data)[i];
            int32_t *o = (int32_t *)out->data + i;
            over = t->minus ? __builtin_sub_overflow(a, b, o) : __builtin_add_overflow(a, b, o);
        } else if (out->phys == PHYS_I64) {
            const int64_t a = ((const int64_t *)in[0]->data)[i];
            const int64_t b = ((const int64_t *)in[1]->data)[i];
            int64_t *o = (int64_t *)out->data + i;
            over = t->minus ? __builtin_sub_overflow(a, b, o) : __builtin_add_overflow(a, b, o);
        } else {
            const struct interval a = interval_at(in[0], i, false);
            const struct interval b = interval_at(in[1], i, t->minus);
            struct interval *o = (struct interval *)out->data + i;
            over = __builtin_add_overflow(a.months, b.months, &o->months) ||
                   __builtin_add_overflow(a.days, b.days, &o->days) ||
                   __builtin_add_overflow(a.micros, b.micros, &o->micros);
        }
        if (over && t->mode != ARITH_TRY) {
            return raise_interval_overflow(err);
        }
        if (over) {
            vec_set_null(out, ev->tmp, i);
        }
    }
    return true;
}

/* interval * number, number * interval, interval / number */
KERNEL(interval_scale)
{
    const struct temporal *t = call->extra;
    const struct vec *span = in[t->swapped ? 1 : 0];
    const struct vec *number = in[t->swapped ? 0 : 1];
    EACH_VALID(i)
    {
        const double by = ((const double *)number->data)[i];
        if (t->op == ARITH_DIV && by == 0) {
            if (t->mode == ARITH_ANSI) {
                return error_raise(err, "INTERVAL_DIVIDED_BY_ZERO", NULL);
            }
            vec_set_null(out, ev->tmp, i);
            continue;
        }
        const struct interval v = interval_at(span, i, false);
        const double f = t->op == ARITH_DIV ? 1 / by : by;
        const double months = t->op == ARITH_DIV ? v.months / by : v.months * f;
        const double days = t->op == ARITH_DIV ? v.days / by : v.days * f;
        const double micros = t->op == ARITH_DIV ? (double)v.micros / by : (double)v.micros * f;
        if (isnan(by) || fabs(months) > INT32_MAX || fabs(days) > INT32_MAX ||
            fabs(micros) >= 0x1p63) {
            if (t->mode == ARITH_TRY) {
                vec_set_null(out, ev->tmp, i);
                continue;
            }
            return raise_interval_overflow(err);
        }
        if (out->phys == PHYS_I32) {
            ((int32_t *)out->data)[i] = (int32_t)round(months);
        } else if (out->phys == PHYS_I64) {
            ((int64_t *)out->data)[i] = (int64_t)llround(micros);
        } else {
            const double rest = (days - trunc(days)) * (double)MICROS_PER_DAY;
            ((struct interval *)out->data)[i] =
                (struct interval){(int32_t)months, (int32_t)days, (int64_t)llround(micros + rest)};
        }
    }
    return true;
}

/* ---- binding ---- */

static bool
is_time(const struct type *t)
{
    return t->id == TYPE_TIMESTAMP || t->id == TYPE_TIMESTAMP_NTZ;
}

static bool
is_span(const struct type *t)
{
    return t->id == TYPE_INTERVAL_YM || t->id == TYPE_INTERVAL_DT ||
           t->id == TYPE_INTERVAL_CALENDAR;
}

static const struct type *
dt_range(struct arena *a, int from, int to)
{
    struct type *t = arena_new(a, struct type);
    *t = *type_scalar(TYPE_INTERVAL_DT);
    t->precision = (uint8_t)from;
    t->scale = (uint8_t)to;
    return t;
}

static bool
bind_difference(struct func_bind *b, const struct type *x, const struct type *y, struct error *err)
{
    b->kernel = time_minus_time;
    if (x->id == TYPE_DATE && y->id == TYPE_DATE) {
        b->type = dt_range(b->arena, UNIT_DAY, UNIT_DAY);
        return true;
    }
    const struct type *t = func_common_type(b->arena, x, y, b->session->ansi);
    b->type = type_scalar(TYPE_INTERVAL_DT);
    if (!type_same(x, t)) {
        b->cast_to[0] = t;
    }
    if (!type_same(y, t)) {
        b->cast_to[1] = t;
    }
    return true;
}

/* time +- interval: which kernel and type. */
static bool
bind_moved(struct func_bind *b, const struct type *time, const struct type *span, uint32_t at)
{
    b->type = time;
    b->kernel = time_plus_interval;
    if (time->id == TYPE_DATE) {
        if (span->id == TYPE_INTERVAL_DT && span->scale != UNIT_DAY) {
            b->type = type_scalar(TYPE_TIMESTAMP);
            b->cast_to[at] = b->type;
        } else {
            b->kernel = date_plus_interval;
        }
    }
    return true;
}

static bool
bind_spans(struct func_bind *b, const struct type *x, const struct type *y, bool *bound,
           struct error *err)
{
    const struct type *t = x->id == y->id ? func_common_type(b->arena, x, y, true) : NULL;
    if (t == NULL) {
        *bound = false;
        return bind_fail_diff(b, err);
    }
    for (uint32_t i = 0; i < 2; i++) {
        if (!type_same(b->args[i]->type, t)) {
            b->cast_to[i] = t;
        }
    }
    b->type = t;
    b->kernel = interval_plus_interval;
    return true;
}

/* A span times or over a number. */
static bool
bind_scaled(struct func_bind *b, struct temporal *t, enum arith_op op, struct error *err)
{
    t->swapped = is_span(b->args[1]->type);
    const struct type *span = b->args[t->swapped ? 1 : 0]->type;
    const struct type *number = b->args[t->swapped ? 0 : 1]->type;
    if (!is_span(span) || (t->swapped && op == ARITH_DIV) ||
        !(type_is_numeric(number) || number->id == TYPE_NULL || number->id == TYPE_STRING)) {
        return bind_fail_diff(b, err);
    }
    b->type = span->id == TYPE_INTERVAL_CALENDAR ? span : type_scalar(span->id);
    if (number->id != TYPE_DOUBLE) {
        b->cast_to[t->swapped ? 0 : 1] = type_scalar(TYPE_DOUBLE);
    }
    b->kernel = interval_scale;
    return true;
}

/* A span and something that is no time: a text or a null takes the type that fits. */
static bool
bind_span_with(struct func_bind *b, struct temporal *t, enum arith_op op, bool *bound,
               struct error *err)
{
    const struct type *x = b->args[0]->type;
    const struct type *y = b->args[1]->type;
    if (is_span(x) && is_span(y)) {
        return bind_spans(b, x, y, bound, err);
    }
    const uint32_t other = is_span(x) ? 1 : 0;
    const enum type_id id = b->args[other]->type->id;
    if (id == TYPE_NULL) {
        b->cast_to[other] = other == 1 ? x : y;
        b->type = other == 1 ? x : y;
        b->kernel = interval_plus_interval;
        return true;
    }
    if (id == TYPE_STRING && (op == ARITH_ADD || other == 0)) {
        t->swapped = other == 1;
        b->cast_to[other] = type_scalar(TYPE_TIMESTAMP);
        b->type = b->cast_to[other];
        b->kernel = time_plus_interval;
        return true;
    }
    return bind_fail_diff(b, err);
}

/* A date or time and something that is no span: another time, a text, or days. */
static bool
bind_time_with(struct func_bind *b, struct temporal *t, enum arith_op op, struct error *err)
{
    const struct type *x = b->args[0]->type;
    const struct type *y = b->args[1]->type;
    const bool x_time = is_time(x) || x->id == TYPE_DATE;
    const bool y_time = is_time(y) || y->id == TYPE_DATE;
    if (x_time && y_time) {
        return op == ARITH_SUB ? bind_difference(b, x, y, err) : bind_fail_diff(b, err);
    }
    t->swapped = y_time;
    const struct type *time = y_time ? y : x;
    const struct type *other = y_time ? x : y;
    const uint32_t at = y_time ? 0 : 1;
    /* As in Spark: a null less a date, and a null and a timestamp, are a difference; a date less a
     * null is the date some days before. */
    if (op == ARITH_SUB && (other->id == TYPE_STRING ||
                            (other->id == TYPE_NULL && (y_time || time->id != TYPE_DATE)))) {
        b->cast_to[at] = time;
        return bind_difference(b, time, time, err);
    }
    const bool days = other->id == TYPE_INT || other->id == TYPE_SHORT || other->id == TYPE_BYTE ||
                      other->id == TYPE_NULL;
    if (time->id != TYPE_DATE || !days || (op == ARITH_SUB && t->swapped)) {
        return bind_fail_diff(b, err);
    }
    if (other->id != TYPE_INT) {
        b->cast_to[at] = type_scalar(TYPE_INT);
    }
    b->type = time;
    b->kernel = date_plus_days;
    return true;
}

bool
bind_temporal_arith(struct func_bind *b, enum arith_op op, enum arith_mode mode, bool *bound,
                    struct error *err)
{
    const struct type *x = b->args[0]->type;
    const struct type *y = b->args[1]->type;
    const bool any_time = is_time(x) || is_time(y) || x->id == TYPE_DATE || y->id == TYPE_DATE;
    const bool any_span = is_span(x) || is_span(y);
    struct temporal *t = arena_new(b->arena, struct temporal);
    *bound = false;
    if (!any_time && !any_span) {
        return true;
    }
    t->mode = mode;
    t->op = op;
    t->minus = op == ARITH_SUB;
    b->extra = t;
    b->nullable = bind_any_nullable(b) || mode != ARITH_ANSI;
    *bound = true;
    if (op == ARITH_MUL || op == ARITH_DIV) {
        return bind_scaled(b, t, op, err);
    }
    if (op != ARITH_ADD && op != ARITH_SUB) {
        return bind_fail_diff(b, err);
    }
    if (any_span && !any_time) {
        return bind_span_with(b, t, op, bound, err);
    }
    if (!any_span) {
        return bind_time_with(b, t, op, err);
    }
    t->swapped = is_span(x);
    if (t->swapped && op == ARITH_SUB) {
        return bind_fail_diff(b, err);
    }
    return bind_moved(b, t->swapped ? y : x, t->swapped ? x : y, t->swapped ? 1 : 0);
}
