/*
 * Literals as Spark writes them in column names and messages: strings bare, dates and times with
 * their keyword, numbers without suffix. Timestamps are shown in UTC.
 */
#include "tree/literal_text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/buffer.h"

/* Shortest digits that read back to the same value, laid out as Java's Double.toString does. */
static void
put_double(struct buffer *out, double v, bool is_float)
{
    if (isnan(v) || isinf(v)) {
        buffer_puts(out, isnan(v) ? "NaN" : v > 0 ? "Infinity" : "-Infinity");
        return;
    }
    char sci[40];
    for (int digits = 1; digits <= 17; digits++) {
        snprintf(sci, sizeof sci, "%.*e", digits - 1, v);
        if (is_float ? strtof(sci, NULL) == (float)v : strtod(sci, NULL) == v) {
            break;
        }
    }
    char *e = strchr(sci, 'e');
    const int exponent = atoi(e + 1);
    char digits[40];
    int count = 0;
    for (char *p = sci; p < e; p++) {
        if (*p >= '0' && *p <= '9') {
            digits[count++] = *p;
        }
    }
    digits[count] = '\0';
    if (signbit(v)) {
        buffer_puts(out, "-");
    }
    if (v == 0) {
        buffer_puts(out, "0.0");
    } else if (exponent >= 7 || exponent < -3) {
        buffer_printf(out, "%c.%sE%d", digits[0], count > 1 ? digits + 1 : "0", exponent);
    } else if (exponent < 0) {
        buffer_puts(out, "0.");
        for (int i = -1; i > exponent; i--) {
            buffer_puts(out, "0");
        }
        buffer_puts(out, digits);
    } else {
        for (int i = 0; i <= exponent || i < count; i++) {
            if (i == exponent + 1) {
                buffer_puts(out, ".");
            }
            buffer_put(out, i < count ? &digits[i] : "0", 1);
        }
        buffer_puts(out, count <= exponent + 1 ? ".0" : "");
    }
}

static void
put_wide(struct buffer *out, i128 v, int scale)
{
    char digits[48];
    int count = 0;
    unsigned __int128 u = v < 0 ? -(unsigned __int128)v : (unsigned __int128)v;
    do {
        digits[count++] = (char)('0' + (int)(u % 10));
        u /= 10;
    } while (u != 0);
    while (count <= scale) {
        digits[count++] = '0';
    }
    if (v < 0) {
        buffer_puts(out, "-");
    }
    while (count > 0) {
        count--;
        buffer_put(out, &digits[count], 1);
        if (count == scale && scale > 0) {
            buffer_puts(out, ".");
        }
    }
}

/* Proleptic Gregorian date of a day number: days are counted from 0000-03-01 in 400-year eras. */
static void
put_date(struct buffer *out, int64_t days)
{
    const int64_t z = days + 719468;
    const int64_t era = (z >= 0 ? z : z - 146096) / 146097;
    const int64_t doe = z - era * 146097;
    const int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    const int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    const int64_t mp = (5 * doy + 2) / 153;
    const int64_t month = mp < 10 ? mp + 3 : mp - 9;
    const int64_t year = yoe + era * 400 + (month <= 2);
    const char *sign = year > 9999 ? "+" : year < 0 ? "-" : "";
    buffer_printf(out, "%s%04lld-%02lld-%02lld", sign, (long long)(year < 0 ? -year : year),
                  (long long)month, (long long)(doy - (153 * mp + 2) / 5 + 1));
}

/* .5 for 500000 microseconds; nothing for 0 */
static void
put_fraction(struct buffer *out, int64_t micros)
{
    if (micros == 0) {
        return;
    }
    char text[16];
    int len = snprintf(text, sizeof text, ".%06lld", (long long)micros);
    while (text[len - 1] == '0') {
        len--;
    }
    buffer_put(out, text, (size_t)len);
}

static void
put_timestamp(struct buffer *out, int64_t micros)
{
    const int64_t day = 86400000000;
    int64_t days = micros / day, rest = micros % day;
    if (rest < 0) {
        rest += day;
        days--;
    }
    put_date(out, days);
    const long long seconds = rest / 1000000;
    buffer_printf(out, " %02lld:%02lld:%02lld", seconds / 3600, seconds / 60 % 60, seconds % 60);
    put_fraction(out, rest % 1000000);
}

static void
put_interval_ym(struct buffer *out, const struct type *t, int64_t months)
{
    const char *sign = months < 0 ? "-" : "";
    const long long m = months < 0 ? -months : months;
    if (t->precision == t->scale) {
        buffer_printf(out, "INTERVAL '%s%lld' %s", sign, t->scale == UNIT_YEAR ? m / 12 : m,
                      t->scale == UNIT_YEAR ? "YEAR" : "MONTH");
    } else {
        buffer_printf(out, "INTERVAL '%s%lld-%lld' YEAR TO MONTH", sign, m / 12, m % 12);
    }
}

static void
put_interval_dt(struct buffer *out, const struct type *t, int64_t micros)
{
    static const char *const units[] = {"DAY", "HOUR", "MINUTE", "SECOND"};
    static const uint64_t unit_seconds[] = {86400, 3600, 60, 1};
    uint64_t rest = micros < 0 ? -(uint64_t)micros : (uint64_t)micros;
    const int64_t fraction = (int64_t)(rest % 1000000);
    rest /= 1000000;
    buffer_printf(out, "INTERVAL '%s", micros < 0 ? "-" : "");
    for (int unit = t->precision; unit <= t->scale; unit++) {
        const char *before = unit == t->precision ? "" : unit == UNIT_HOUR ? " " : ":";
        buffer_printf(out, unit == UNIT_DAY ? "%s%llu" : "%s%02llu", before,
                      (unsigned long long)(rest / unit_seconds[unit]));
        rest %= unit_seconds[unit];
    }
    if (t->scale == UNIT_SECOND) {
        put_fraction(out, fraction);
    }
    buffer_printf(out, "' %s", units[t->precision]);
    if (t->scale != t->precision) {
        buffer_printf(out, " TO %s", units[t->scale]);
    }
}

static void
put_calendar_part(struct buffer *out, bool *first, int64_t value, const char *unit)
{
    if (value != 0) {
        buffer_printf(out, "%s%lld %s", *first ? "" : " ", (long long)value, unit);
        *first = false;
    }
}

void
calendar_interval_put(struct buffer *out, const struct interval *v)
{
    bool first = true;
    put_calendar_part(out, &first, v->months / 12, "years");
    put_calendar_part(out, &first, v->months % 12, "months");
    put_calendar_part(out, &first, v->days, "days");
    const int64_t seconds = v->micros / 1000000;
    put_calendar_part(out, &first, seconds / 3600, "hours");
    put_calendar_part(out, &first, seconds / 60 % 60, "minutes");
    const int64_t rest = v->micros % 60000000;
    if (rest != 0) {
        const int64_t magnitude = rest < 0 ? -rest : rest;
        buffer_printf(out, "%s%s%lld", first ? "" : " ", rest < 0 ? "-" : "",
                      (long long)(magnitude / 1000000));
        put_fraction(out, magnitude % 1000000);
        buffer_puts(out, " seconds");
        first = false;
    }
    if (first) {
        buffer_puts(out, "0 seconds");
    }
}

static void
put_nested(struct buffer *out, const struct datum *d)
{
    const struct vec *v = d->nested;
    const char *open = d->type->id == TYPE_STRUCT ? "{" : d->type->id == TYPE_MAP ? "map(" : "[";
    const char *close = d->type->id == TYPE_STRUCT ? "}" : d->type->id == TYPE_MAP ? ")" : "]";
    buffer_puts(out, open);
    const struct list_range *range = v->data;
    const uint32_t count = d->type->id == TYPE_STRUCT ? 1 : range->len;
    const uint32_t from = d->type->id == TYPE_STRUCT ? 0 : range->offset;
    bool first = true;
    struct arena scratch;
    arena_init(&scratch, NULL);
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t c = 0; c < v->child_count; c++) {
            buffer_puts(out, first ? "" : ", ");
            first = false;
            const struct datum part = vec_datum(&v->child[c], from + i, &scratch);
            literal_put(out, &part);
        }
    }
    arena_release(&scratch);
    buffer_puts(out, close);
}

void
literal_put(struct buffer *out, const struct datum *d)
{
    if (d->is_null) {
        buffer_puts(out, "NULL");
        return;
    }
    switch (d->type->id) {
    case TYPE_NULL:
        buffer_puts(out, "NULL");
        break;
    case TYPE_BOOLEAN:
        buffer_puts(out, d->b ? "true" : "false");
        break;
    case TYPE_FLOAT:
    case TYPE_DOUBLE:
        put_double(out, d->f, d->type->id == TYPE_FLOAT);
        break;
    case TYPE_DECIMAL:
        put_wide(out, d->type->precision > DECIMAL_I64_PRECISION_MAX ? d->wide : (i128)d->i,
                 d->type->scale);
        break;
    case TYPE_STRING:
        buffer_put(out, view_ptr(&d->str), d->str.len);
        break;
    case TYPE_BINARY:
        buffer_puts(out, "X'");
        for (uint32_t i = 0; i < d->str.len; i++) {
            buffer_printf(out, "%02X", (unsigned char)view_ptr(&d->str)[i]);
        }
        buffer_puts(out, "'");
        break;
    case TYPE_DATE:
        buffer_puts(out, "DATE '");
        put_date(out, d->i);
        buffer_puts(out, "'");
        break;
    case TYPE_TIMESTAMP:
    case TYPE_TIMESTAMP_NTZ:
        buffer_puts(out, d->type->id == TYPE_TIMESTAMP ? "TIMESTAMP '" : "TIMESTAMP_NTZ '");
        put_timestamp(out, d->i);
        buffer_puts(out, "'");
        break;
    case TYPE_INTERVAL_YM:
        put_interval_ym(out, d->type, d->i);
        break;
    case TYPE_INTERVAL_DT:
        put_interval_dt(out, d->type, d->i);
        break;
    case TYPE_INTERVAL_CALENDAR:
        buffer_puts(out, "INTERVAL '");
        calendar_interval_put(out, &d->interval);
        buffer_puts(out, "'");
        break;
    case TYPE_ARRAY:
    case TYPE_MAP:
    case TYPE_STRUCT:
        put_nested(out, d);
        break;
    default:
        buffer_printf(out, "%lld", (long long)d->i);
    }
}
