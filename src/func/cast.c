/*
 * Casts over vectors. ANSI raises on what does not fit; TRY gives null; LEGACY wraps, saturates or
 * gives null, as Spark did before ANSI mode.
 */
#include "func/cast.h"

#include <math.h>
#include <string.h>

#include "func/bind.h"
#include "func/builder.h"
#include "type/datetime.h"
#include "type/decimal.h"
#include "type/number.h"

struct caster {
    struct eval *ev;
    const struct vec *in;
    const struct type *to;
    enum cast_mode mode;
    const uint16_t *sel;
    uint32_t n;
    struct vec *out;
    struct error *err;
};

/* Loops over live rows that are not null; CAST_FAIL leaves through the error, or sets null. */
#define CAST_ROWS(i)                                                                               \
    for (uint32_t k_ = 0, i = 0; k_ < c->n && ((i = c->sel != NULL ? c->sel[k_] : k_), true);      \
         k_++)                                                                                     \
        if (c->out->valid != NULL && !bit_get(c->out->valid, i)) {                                 \
        } else
#define CAST_FAIL(how, i)                                                                          \
    do {                                                                                           \
        if (!how(c, i)) {                                                                          \
            return false;                                                                          \
        }                                                                                          \
    } while (0)

static const struct zone *
cast_zone(const struct caster *c)
{
    return c->ev->zone != NULL ? c->ev->zone : zone_utc();
}

static bool
raise_cast(struct caster *c, uint32_t i, const char *condition, const char *param)
{
    struct buffer value = {0};
    struct buffer from = {0};
    struct buffer to = {0};
    value_put_literal(&value, c->in, i, cast_zone(c));
    buffer_puts(&from, "\"");
    type_put_sql(&from, c->in->type);
    buffer_puts(&from, "\"");
    buffer_puts(&to, "\"");
    type_put_sql(&to, c->to);
    buffer_puts(&to, "\"");
    error_raise(c->err, condition, param, buffer_text(&value), "sourceType", buffer_text(&from),
                "targetType", buffer_text(&to), NULL);
    buffer_release(&value);
    buffer_release(&from);
    buffer_release(&to);
    return false;
}

static bool
malformed(struct caster *c, uint32_t i)
{
    if (c->mode == CAST_ANSI) {
        return raise_cast(c, i, "CAST_INVALID_INPUT", "expression");
    }
    vec_set_null(c->out, c->ev->tmp, i);
    return true;
}

static bool
overflow(struct caster *c, uint32_t i)
{
    if (c->mode == CAST_ANSI) {
        return raise_cast(c, i, "CAST_OVERFLOW", "value");
    }
    vec_set_null(c->out, c->ev->tmp, i);
    return true;
}

static bool
out_of_range(struct caster *c, uint32_t i)
{
    if (c->mode != CAST_ANSI) {
        vec_set_null(c->out, c->ev->tmp, i);
        return true;
    }
    struct buffer value = {0};
    char p[NUMBER_TEXT_MAX];
    char s[NUMBER_TEXT_MAX];
    number_int_text(p, c->to->precision);
    number_int_text(s, c->to->scale);
    value_put_text(&value, c->in, i, cast_zone(c), true);
    error_raise(c->err, "NUMERIC_VALUE_OUT_OF_RANGE.WITH_SUGGESTION", "value", buffer_text(&value),
                "precision", p, "scale", s, "config", "\"spark.sql.ansi.enabled\"", NULL);
    buffer_release(&value);
    return false;
}

static void
range_of(enum type_id id, int64_t *min, int64_t *max)
{
    *min = id == TYPE_BYTE    ? INT8_MIN
           : id == TYPE_SHORT ? INT16_MIN
           : id == TYPE_INT   ? INT32_MIN
                              : INT64_MIN;
    *max = id == TYPE_BYTE    ? INT8_MAX
           : id == TYPE_SHORT ? INT16_MAX
           : id == TYPE_INT   ? INT32_MAX
                              : INT64_MAX;
}

static void
put_long(struct vec *out, uint32_t i, int64_t v)
{
    switch ((enum phys)out->phys) {
    case PHYS_I8:
        ((int8_t *)out->data)[i] = (int8_t)v;
        break;
    case PHYS_I16:
        ((int16_t *)out->data)[i] = (int16_t)v;
        break;
    case PHYS_I32:
        ((int32_t *)out->data)[i] = (int32_t)v;
        break;
    default:
        ((int64_t *)out->data)[i] = v;
    }
}

static int64_t
get_long(const struct vec *v, uint32_t i)
{
    switch ((enum phys)v->phys) {
    case PHYS_BOOL:
        return ((const uint8_t *)v->data)[i] != 0;
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

static double
get_double(const struct vec *v, uint32_t i)
{
    return v->phys == PHYS_F32 ? (double)((const float *)v->data)[i] : ((const double *)v->data)[i];
}

/* ---- to whole numbers ---- */

#define WIDEN(S, T)                                                                                \
    do {                                                                                           \
        const S *from = c->in->data;                                                               \
        T *restrict to = c->out->data;                                                             \
        for (uint32_t r = 0; r < c->in->n; r++) {                                                  \
            to[r] = (T)from[r];                                                                    \
        }                                                                                          \
        return true;                                                                               \
    } while (0)

/* The pairs that cannot fail and matter for speed. */
static bool
widen(struct caster *c, bool *done)
{
    *done = true;
    const enum phys f = c->in->phys;
    const enum phys t = c->out->phys;
    if (f == PHYS_I32 && t == PHYS_I64) {
        WIDEN(int32_t, int64_t);
    }
    if (f == PHYS_I16 && t == PHYS_I32) {
        WIDEN(int16_t, int32_t);
    }
    if (f == PHYS_I8 && t == PHYS_I32) {
        WIDEN(int8_t, int32_t);
    }
    if (f == PHYS_I16 && t == PHYS_I64) {
        WIDEN(int16_t, int64_t);
    }
    if (f == PHYS_I8 && t == PHYS_I64) {
        WIDEN(int8_t, int64_t);
    }
    *done = false;
    return true;
}

static bool
ints_to_int(struct caster *c)
{
    int64_t min;
    int64_t max;
    bool done;
    if (!widen(c, &done) || done) {
        return done;
    }
    range_of(c->to->id, &min, &max);
    CAST_ROWS(i)
    {
        const int64_t v = get_long(c->in, i);
        if ((v < min || v > max) && c->mode != CAST_LEGACY) {
            CAST_FAIL(overflow, i);
        } else {
            put_long(c->out, i, v);
        }
    }
    return true;
}

static int64_t
saturate(double v, int64_t min, int64_t max)
{
    if (isnan(v)) {
        return 0;
    }
    return v >= (double)max ? max : v <= (double)min ? min : (int64_t)v;
}

static bool
reals_to_int(struct caster *c)
{
    int64_t min;
    int64_t max;
    range_of(c->to->id, &min, &max);
    const double upper = c->to->id == TYPE_LONG ? 0x1p63 : (double)max + 1;
    CAST_ROWS(i)
    {
        const double v = get_double(c->in, i);
        if (c->mode == CAST_LEGACY) {
            const bool small = c->to->id == TYPE_BYTE || c->to->id == TYPE_SHORT;
            put_long(c->out, i, small ? saturate(v, INT32_MIN, INT32_MAX) : saturate(v, min, max));
        } else if (!(v < upper) || !(v > (double)min - 1 || v >= (double)min)) {
            CAST_FAIL(overflow, i);
        } else {
            put_long(c->out, i, (int64_t)v);
        }
    }
    return true;
}

static bool
decimals_to_int(struct caster *c)
{
    int64_t min;
    int64_t max;
    range_of(c->to->id, &min, &max);
    const i128 scale = decimal_pow10(c->in->type->scale);
    CAST_ROWS(i)
    {
        const i128 v = vec_decimal(c->in, i) / scale;
        if ((v < min || v > max) && c->mode != CAST_LEGACY) {
            CAST_FAIL(overflow, i);
        } else {
            put_long(c->out, i, (int64_t)v);
        }
    }
    return true;
}

static bool
texts_to_int(struct caster *c)
{
    int64_t min;
    int64_t max;
    range_of(c->to->id, &min, &max);
    const struct view *views = c->in->data;
    CAST_ROWS(i)
    {
        const char *p = view_ptr(&views[i]);
        size_t len = views[i].len;
        int64_t v;
        number_trim(&p, &len);
        if (!number_parse_int(p, len, c->mode != CAST_ANSI, &v) || v < min || v > max) {
            CAST_FAIL(malformed, i);
        } else {
            put_long(c->out, i, v);
        }
    }
    return true;
}

static const int64_t interval_units[] = {MICROS_PER_DAY, MICROS_PER_HOUR, MICROS_PER_MINUTE,
                                         MICROS_PER_SECOND};

static bool
others_to_int(struct caster *c)
{
    int64_t min;
    int64_t max;
    range_of(c->to->id, &min, &max);
    const struct type *t = c->in->type;
    CAST_ROWS(i)
    {
        int64_t v = get_long(c->in, i);
        if (t->id == TYPE_TIMESTAMP) {
            v = v / MICROS_PER_SECOND - (v % MICROS_PER_SECOND < 0);
        } else if (t->id == TYPE_INTERVAL_DT) {
            v /= interval_units[t->scale & 3];
        } else if (t->id == TYPE_INTERVAL_YM && t->scale == UNIT_YEAR) {
            v /= 12;
        } else if (t->id == TYPE_DATE) {
            vec_set_null(c->out, c->ev->tmp, i);
            continue;
        }
        if ((v < min || v > max) && c->mode != CAST_LEGACY) {
            CAST_FAIL(overflow, i);
        } else {
            put_long(c->out, i, v);
        }
    }
    return true;
}

static bool
cast_to_int(struct caster *c)
{
    switch (c->in->type->id) {
    case TYPE_BYTE:
    case TYPE_SHORT:
    case TYPE_INT:
    case TYPE_LONG:
    case TYPE_BOOLEAN:
        return ints_to_int(c);
    case TYPE_FLOAT:
    case TYPE_DOUBLE:
        return reals_to_int(c);
    case TYPE_DECIMAL:
        return decimals_to_int(c);
    case TYPE_STRING:
        return texts_to_int(c);
    default:
        return others_to_int(c);
    }
}

/* ---- to floating point ---- */

static void
put_double(struct vec *out, uint32_t i, double v)
{
    if (out->phys == PHYS_F32) {
        ((float *)out->data)[i] = (float)v;
    } else {
        ((double *)out->data)[i] = v;
    }
}

static bool
texts_to_real(struct caster *c)
{
    const struct view *views = c->in->data;
    CAST_ROWS(i)
    {
        const char *p = view_ptr(&views[i]);
        size_t len = views[i].len;
        double v = 0;
        float f = 0;
        number_trim(&p, &len);
        const bool single = c->out->phys == PHYS_F32;
        if (!(single ? number_parse_float(p, len, &f) : number_parse_double(p, len, &v))) {
            CAST_FAIL(malformed, i);
        } else if (single) {
            ((float *)c->out->data)[i] = f;
        } else {
            ((double *)c->out->data)[i] = v;
        }
    }
    return true;
}

static bool
cast_to_real(struct caster *c)
{
    const struct type *t = c->in->type;
    switch (t->id) {
    case TYPE_STRING:
        return texts_to_real(c);
    case TYPE_FLOAT:
    case TYPE_DOUBLE:
        CAST_ROWS(i) put_double(c->out, i, get_double(c->in, i));
        return true;
    case TYPE_DECIMAL:
        CAST_ROWS(i)
        put_double(c->out, i, decimal_to_double(vec_decimal(c->in, i), t->scale));
        return true;
    case TYPE_TIMESTAMP:
        CAST_ROWS(i) put_double(c->out, i, (double)get_long(c->in, i) / 1e6);
        return true;
    case TYPE_DATE:
        CAST_ROWS(i) vec_set_null(c->out, c->ev->tmp, i);
        return true;
    case TYPE_LONG:
        if (c->out->phys == PHYS_F32) {
            CAST_ROWS(i)((float *)c->out->data)[i] = (float)get_long(c->in, i);
            return true;
        }
        break;
    case TYPE_INT:
        if (c->out->phys == PHYS_F64) {
            WIDEN(int32_t, double);
        }
        break;
    default:
        break;
    }
    CAST_ROWS(i) put_double(c->out, i, (double)get_long(c->in, i));
    return true;
}

/* ---- to decimal ---- */

static bool
store_decimal(struct caster *c, uint32_t i, bool fits, i128 v)
{
    if (!fits || !decimal_fits(v, c->to->precision)) {
        return out_of_range(c, i);
    }
    vec_put_decimal(c->out, i, v);
    return true;
}

static bool
texts_to_decimal(struct caster *c)
{
    const struct view *views = c->in->data;
    CAST_ROWS(i)
    {
        const char *p = view_ptr(&views[i]);
        size_t len = views[i].len;
        i128 v;
        number_trim(&p, &len);
        switch (decimal_parse(p, len, c->to->precision, c->to->scale, &v)) {
        case DECIMAL_OK:
            vec_put_decimal(c->out, i, v);
            break;
        case DECIMAL_MALFORMED:
            CAST_FAIL(malformed, i);
            break;
        case DECIMAL_OVERFLOW:
            CAST_FAIL(out_of_range, i);
        }
    }
    return true;
}

static bool
decimals_to_decimal(struct caster *c)
{
    const int from = c->in->type->scale;
    const int to = c->to->scale;
    const int room = c->to->precision - to;
    const bool safe = to >= from && room >= c->in->type->precision - from;
    if (safe && c->in->phys == PHYS_I64 && c->out->phys == PHYS_I64) {
        const int64_t up = (int64_t)decimal_pow10(to - from);
        const int64_t *x = c->in->data;
        int64_t *restrict o = c->out->data;
        for (uint32_t i = 0; i < c->in->n; i++) {
            o[i] = (int64_t)((uint64_t)x[i] * (uint64_t)up);
        }
        return true;
    }
    CAST_ROWS(i)
    {
        i128 v = 0;
        const bool fits = decimal_rescale(vec_decimal(c->in, i), from, to, DECIMAL_HALF_UP, &v);
        if (!store_decimal(c, i, fits, v)) {
            return false;
        }
    }
    return true;
}

static bool
cast_to_decimal(struct caster *c)
{
    const struct type *t = c->in->type;
    if (t->id == TYPE_STRING) {
        return texts_to_decimal(c);
    }
    if (t->id == TYPE_DECIMAL) {
        return decimals_to_decimal(c);
    }
    CAST_ROWS(i)
    {
        i128 v = 0;
        bool fits;
        if (t->id == TYPE_DATE ||
            (t->id == TYPE_FLOAT && !isfinite(((const float *)c->in->data)[i]))) {
            vec_set_null(c->out, c->ev->tmp, i);
            continue;
        }
        if (t->id == TYPE_FLOAT) {
            fits = decimal_from_float(((const float *)c->in->data)[i], c->to->precision,
                                      c->to->scale, &v) == DECIMAL_OK;
        } else if (t->id == TYPE_DOUBLE) {
            const double d = ((const double *)c->in->data)[i];
            if (!isfinite(d)) { /* not a number to be rounded at all */
                vec_set_null(c->out, c->ev->tmp, i);
                continue;
            }
            fits = decimal_from_double(d, c->to->precision, c->to->scale, &v) == DECIMAL_OK;
        } else if (t->id == TYPE_TIMESTAMP || t->id == TYPE_INTERVAL_DT) {
            const bool whole = t->id == TYPE_INTERVAL_DT && t->scale != UNIT_SECOND;
            const int64_t unit =
                t->id == TYPE_INTERVAL_DT ? interval_units[t->scale & 3] : MICROS_PER_SECOND;
            fits = whole
                       ? decimal_rescale(get_long(c->in, i) / unit, 0, c->to->scale,
                                         DECIMAL_HALF_UP, &v)
                       : decimal_rescale(get_long(c->in, i), 6, c->to->scale, DECIMAL_HALF_UP, &v);
        } else {
            int64_t whole = get_long(c->in, i);
            if (t->id == TYPE_INTERVAL_YM && t->scale == UNIT_YEAR) {
                whole /= 12;
            }
            fits = decimal_rescale(whole, 0, c->to->scale, DECIMAL_HALF_UP, &v);
        }
        if (!store_decimal(c, i, fits, v)) {
            return false;
        }
    }
    return true;
}

/* ---- to boolean, string, binary ---- */

static bool
boolean_word(const char *p, size_t len, bool *out)
{
    static const char *const yes[] = {"t", "true", "y", "yes", "1"};
    static const char *const no[] = {"f", "false", "n", "no", "0"};
    for (int k = 0; k < 5; k++) {
        if (strlen(yes[k]) == len && strncasecmp(p, yes[k], len) == 0) {
            *out = true;
            return true;
        }
        if (strlen(no[k]) == len && strncasecmp(p, no[k], len) == 0) {
            *out = false;
            return true;
        }
    }
    return false;
}

static bool
cast_to_boolean(struct caster *c)
{
    uint8_t *o = c->out->data;
    CAST_ROWS(i)
    {
        switch (c->in->type->id) {
        case TYPE_STRING: {
            const struct view *s = (const struct view *)c->in->data + i;
            const char *p = view_ptr(s);
            size_t len = s->len;
            bool v = false;
            number_trim(&p, &len);
            if (!boolean_word(p, len, &v)) {
                CAST_FAIL(malformed, i);
            }
            o[i] = v;
            break;
        }
        case TYPE_FLOAT:
        case TYPE_DOUBLE:
            o[i] = get_double(c->in, i) != 0;
            break;
        case TYPE_DECIMAL:
            o[i] = vec_decimal(c->in, i) != 0;
            break;
        case TYPE_DATE:
            vec_set_null(c->out, c->ev->tmp, i);
            break;
        default:
            o[i] = get_long(c->in, i) != 0;
        }
    }
    return true;
}

static bool
cast_to_string(struct caster *c)
{
    struct view *o = c->out->data;
    struct buffer text = {0};
    const bool plain = c->mode == CAST_ANSI || c->ev->session == NULL || c->ev->session->ansi;
    CAST_ROWS(i)
    {
        buffer_clear(&text);
        value_put_text(&text, c->in, i, cast_zone(c), plain);
        o[i] = view_copy(c->ev->tmp, (const char *)text.ptr, text.len);
    }
    buffer_release(&text);
    return true;
}

static bool
cast_to_binary(struct caster *c)
{
    struct view *o = c->out->data;
    if (c->in->type->id == TYPE_STRING) {
        memcpy(o, c->in->data, sizeof *o * c->in->n);
        return true;
    }
    const size_t size = phys_size(c->in->phys);
    CAST_ROWS(i)
    {
        const uint64_t v = (uint64_t)get_long(c->in, i);
        char bytes[8];
        for (size_t k = 0; k < size; k++) {
            bytes[k] = (char)(v >> (8 * (size - 1 - k)));
        }
        o[i] = view_make(bytes, size);
    }
    return true;
}

/* ---- to dates and times ---- */

static bool
cast_to_date(struct caster *c)
{
    int32_t *o = c->out->data;
    CAST_ROWS(i)
    {
        if (c->in->type->id == TYPE_STRING) {
            const struct view *s = (const struct view *)c->in->data + i;
            if (!date_parse(view_ptr(s), s->len, &o[i])) {
                CAST_FAIL(malformed, i);
            }
            continue;
        }
        int64_t v = get_long(c->in, i);
        if (c->in->type->id == TYPE_TIMESTAMP) {
            v = zone_local_micros(cast_zone(c), v);
        }
        o[i] = (int32_t)micros_floor_days(v);
    }
    return true;
}

static int64_t
today_of(const struct caster *c)
{
    const int64_t now = c->ev->session != NULL ? c->ev->session->now_micros : 0;
    return micros_floor_days(zone_local_micros(cast_zone(c), now));
}

static bool
texts_to_timestamp(struct caster *c)
{
    const bool ntz = c->to->id == TYPE_TIMESTAMP_NTZ;
    const struct view *views = c->in->data;
    int64_t *o = c->out->data;
    CAST_ROWS(i)
    {
        const struct zone *zone;
        int64_t local;
        bool time_only;
        if (!timestamp_parse(view_ptr(&views[i]), views[i].len, today_of(c), &local, &zone,
                             &time_only) ||
            (ntz && time_only)) {
            CAST_FAIL(malformed, i);
        } else {
            o[i] = ntz ? local : zone_utc_micros(zone != NULL ? zone : cast_zone(c), local);
        }
    }
    return true;
}

static bool
numbers_to_timestamp(struct caster *c)
{
    const struct type *t = c->in->type;
    int64_t *o = c->out->data;
    CAST_ROWS(i)
    {
        if (t->id == TYPE_FLOAT || t->id == TYPE_DOUBLE) {
            const double v = get_double(c->in, i) * 1e6;
            if (isnan(v) || isinf(v)) {
                if (c->mode == CAST_ANSI) {
                    return raise_cast(c, i, "CAST_INVALID_INPUT", "expression");
                }
                vec_set_null(c->out, c->ev->tmp, i);
            } else if (c->mode == CAST_ANSI && (v >= 0x1p63 || v < -0x1p63)) {
                CAST_FAIL(overflow, i);
            } else {
                o[i] = saturate(v, INT64_MIN, INT64_MAX);
            }
        } else if (t->id == TYPE_DECIMAL) {
            i128 v = 0;
            decimal_rescale(vec_decimal(c->in, i), t->scale, 6, DECIMAL_DOWN, &v);
            o[i] = (int64_t)v; /* the low 64 bits, as BigDecimal.longValue */
        } else if (__builtin_mul_overflow(get_long(c->in, i),
                                          t->id == TYPE_BOOLEAN ? 1 : MICROS_PER_SECOND, &o[i])) {
            if (c->mode == CAST_ANSI) {
                return raise_overflow(c->err, "long overflow", NULL);
            }
            o[i] = get_long(c->in, i) < 0 ? INT64_MIN : INT64_MAX;
        }
    }
    return true;
}

static bool
cast_to_timestamp(struct caster *c)
{
    const struct type *t = c->in->type;
    const struct zone *zone = cast_zone(c);
    const bool ntz = c->to->id == TYPE_TIMESTAMP_NTZ;
    int64_t *o = c->out->data;
    switch (t->id) {
    case TYPE_STRING:
        return texts_to_timestamp(c);
    case TYPE_DATE:
        CAST_ROWS(i)
        {
            const int64_t local = (int64_t)((const int32_t *)c->in->data)[i] * MICROS_PER_DAY;
            o[i] = ntz ? local : zone_utc_micros(zone, local);
        }
        return true;
    case TYPE_TIMESTAMP:
        CAST_ROWS(i) o[i] = zone_local_micros(zone, get_long(c->in, i));
        return true;
    case TYPE_TIMESTAMP_NTZ:
        CAST_ROWS(i) o[i] = zone_utc_micros(zone, get_long(c->in, i));
        return true;
    default:
        return numbers_to_timestamp(c);
    }
}

/* ---- to intervals ---- */

static bool
numbers_to_interval(struct caster *c)
{
    const struct type *t = c->in->type;
    const bool ym = c->to->id == TYPE_INTERVAL_YM;
    const int64_t unit =
        ym ? (c->to->scale == UNIT_YEAR ? 12 : 1) : interval_units[c->to->scale & 3];
    CAST_ROWS(i)
    {
        i128 v;
        if (t->id == TYPE_DECIMAL) {
            i128 product;
            if (__builtin_mul_overflow(vec_decimal(c->in, i), (i128)unit, &product) ||
                !decimal_rescale(product, t->scale, 0, DECIMAL_HALF_UP, &v)) {
                CAST_FAIL(overflow, i);
                continue;
            }
        } else {
            v = (i128)get_long(c->in, i) * unit;
        }
        if (ym ? v != (int32_t)v : v != (int64_t)v) {
            CAST_FAIL(overflow, i);
        } else {
            put_long(c->out, i, (int64_t)v);
        }
    }
    return true;
}

static bool
raise_interval_format(struct caster *c, uint32_t i)
{
    if (c->mode == CAST_TRY) {
        vec_set_null(c->out, c->ev->tmp, i);
        return true;
    }
    struct buffer value = {0};
    struct buffer to = {0};
    value_put_text(&value, c->in, i, cast_zone(c), true);
    type_put_simple(&to, c->to);
    error_raise(c->err,
                c->to->id == TYPE_INTERVAL_YM
                    ? "INVALID_INTERVAL_FORMAT.UNMATCHED_FORMAT_STRING"
                    : "INVALID_INTERVAL_FORMAT.UNMATCHED_FORMAT_STRING_WITH_NOTICE",
                "input", buffer_text(&value), "typeName", buffer_text(&to), "intervalStr",
                c->to->id == TYPE_INTERVAL_YM ? "year-month" : "day-time", "supportedFormat",
                c->to->id == TYPE_INTERVAL_YM ? "`[+|-]y-m`" : "`[+|-]d h:m:s.n`", NULL);
    buffer_release(&value);
    buffer_release(&to);
    return false;
}

static bool
cast_to_interval(struct caster *c)
{
    const enum type_id f = c->in->type->id;
    if (f == TYPE_INTERVAL_YM || f == TYPE_INTERVAL_DT) {
        const int64_t unit =
            c->to->id == TYPE_INTERVAL_YM
                ? (c->to->scale == UNIT_YEAR ? 12 : 1)
                : (c->to->scale == UNIT_SECOND ? 1 : interval_units[c->to->scale & 3]);
        CAST_ROWS(i) put_long(c->out, i, get_long(c->in, i) / unit * unit);
        return true;
    }
    if (f != TYPE_STRING) {
        return numbers_to_interval(c);
    }
    const struct view *views = c->in->data;
    CAST_ROWS(i)
    {
        const char *p = view_ptr(&views[i]);
        const size_t len = views[i].len;
        if (c->to->id == TYPE_INTERVAL_CALENDAR) {
            if (!interval_calendar_parse(p, len, (struct interval *)c->out->data + i)) {
                CAST_FAIL(malformed, i);
            }
        } else if (c->to->id == TYPE_INTERVAL_YM
                       ? !interval_ym_parse(p, len, c->to, (int32_t *)c->out->data + i)
                       : !interval_dt_parse(p, len, c->to, (int64_t *)c->out->data + i)) {
            CAST_FAIL(raise_interval_format, i);
        }
    }
    return true;
}

/* ---- nested ---- */

/* Elements of the live rows only, one after the other, so that what dead rows hold cannot fail. */
static bool
cast_children(struct caster *c)
{
    struct builder b;
    const uint32_t rows = c->in->n;
    builder_init(&b, c->ev->tmp, c->in->type);
    uint32_t k = 0;
    for (uint32_t i = 0; i < rows; i++) {
        const bool live = c->sel == NULL || (k < c->n && c->sel[k] == i);
        k += live;
        if (live) {
            builder_add(&b, c->in, i);
        } else {
            builder_null(&b);
        }
    }
    struct vec dense;
    builder_finish(&b, &dense);
    *c->out = dense;
    c->out->type = c->to;
    c->out->child = arena_new_array(c->ev->tmp, struct vec, dense.child_count + 1);
    for (uint32_t f = 0; f < dense.child_count; f++) {
        if (!func_cast(c->ev, &dense.child[f], c->to->fields[f].type, c->mode, NULL,
                       dense.child[f].n, &c->out->child[f], c->err)) {
            return false;
        }
        if (c->out->child[f].enc != VEC_FLAT) {
            const struct vec child = c->out->child[f];
            vec_flatten(&c->out->child[f], &child, NULL, child.n, c->ev->tmp);
        }
    }
    return true;
}

static bool
cast_scalars(struct caster *c)
{
    switch (c->to->id) {
    case TYPE_BOOLEAN:
        return cast_to_boolean(c);
    case TYPE_BYTE:
    case TYPE_SHORT:
    case TYPE_INT:
    case TYPE_LONG:
        return cast_to_int(c);
    case TYPE_FLOAT:
    case TYPE_DOUBLE:
        return cast_to_real(c);
    case TYPE_DECIMAL:
        return cast_to_decimal(c);
    case TYPE_STRING:
        return cast_to_string(c);
    case TYPE_BINARY:
        return cast_to_binary(c);
    case TYPE_DATE:
        return cast_to_date(c);
    case TYPE_TIMESTAMP:
    case TYPE_TIMESTAMP_NTZ:
        return cast_to_timestamp(c);
    case TYPE_INTERVAL_YM:
    case TYPE_INTERVAL_DT:
    case TYPE_INTERVAL_CALENDAR:
        return cast_to_interval(c);
    default:
        return error_set(c->err, ERROR_INTERNAL, "[INTERNAL_ERROR] cast from %d to %d",
                         (int)c->in->type->id, (int)c->to->id);
    }
}

bool
func_cast(struct eval *ev, const struct vec *in, const struct type *to, enum cast_mode mode,
          const uint16_t *sel, uint32_t n, struct vec *out, struct error *err)
{
    struct vec flat;
    if (in->phys == PHYS_NONE || to->id == TYPE_NULL) {
        struct vec nulls;
        vec_init_const_null(&nulls, ev->tmp, to, in->n);
        if (to->id == TYPE_NULL) {
            *out = nulls;
        } else {
            vec_flatten(out, &nulls, NULL, in->n, ev->tmp);
        }
        return true;
    }
    if (in->enc != VEC_FLAT) {
        vec_flatten(&flat, in, sel, n, ev->tmp);
        in = &flat;
    }
    if (mode == CAST_DEFAULT) {
        mode = ev->session == NULL || ev->session->ansi ? CAST_ANSI : CAST_LEGACY;
    }
    if (type_same(in->type, to) ||
        (in->type->id == TYPE_STRING && to->id == TYPE_STRING && to->string_kind == STRING_PLAIN)) {
        *out = *in;
        out->type = to;
        return true;
    }
    struct caster c = {ev, in, to, mode, sel, n, out, err};
    if (to->id >= TYPE_ARRAY) {
        return in->type->id == to->id ? cast_children(&c) : cast_scalars(&c);
    }
    vec_init_flat(out, ev->tmp, to, in->n);
    if (in->valid != NULL) {
        out->valid = valid_new(ev->tmp, in->n, true);
        memcpy(out->valid, in->valid, valid_words(in->n) * sizeof *out->valid);
    }
    return cast_scalars(&c);
}
