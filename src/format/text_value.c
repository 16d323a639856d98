/* Values of text files. */
#include "format/text_value.h"

#include <string.h>
#include <strings.h>

#include "func/cast.h"
#include "func/datetime.h"
#include "type/datetime.h"
#include "type/decimal.h"
#include "type/number.h"

static bool
pattern_option(struct arena *a, const struct options *o, const char *key, const char *usual,
               const struct time_pattern **out, const struct time_pattern **put, struct error *err)
{
    const char *text = options_get(o, key);
    const char *used = text != NULL ? text : usual;
    const struct span pattern = {used, strlen(used)};
    *put = time_pattern_compile(a, pattern, false, err);
    if (*put == NULL) {
        return false;
    }
    *out = text != NULL ? time_pattern_compile(a, pattern, true, err) : NULL;
    return text == NULL || *out != NULL;
}

static const char *
text_option(const struct options *o, const char *key, const char *usual)
{
    const char *value = options_get(o, key);
    return value != NULL ? value : usual;
}

bool
text_format_init(struct arena *a, struct text_format *f, const struct options *o,
                 const char *session_zone, struct error *err)
{
    const char *zone = options_get(o, "timeZone");
    zone = zone != NULL ? zone : session_zone != NULL ? session_zone : "UTC";
    *f = (struct text_format){.zone = zone_find(zone),
                              .nan = text_option(o, "nanValue", "NaN"),
                              .positive_inf = text_option(o, "positiveInf", "Inf"),
                              .negative_inf = text_option(o, "negativeInf", "-Inf")};
    if (f->zone == NULL) {
        return error_set(err, ERROR_ARGUMENT, "Unknown time zone: %s", zone);
    }
    return pattern_option(a, o, "dateFormat", "yyyy-MM-dd", &f->date, &f->date_out, err) &&
           pattern_option(a, o, "timestampFormat", "yyyy-MM-dd'T'HH:mm:ss.SSSXXX", &f->timestamp,
                          &f->timestamp_out, err) &&
           pattern_option(a, o, "timestampNTZFormat", "yyyy-MM-dd'T'HH:mm:ss.SSS", &f->ntz,
                          &f->ntz_out, err);
}

bool
text_parse_date(const struct text_format *f, const char *text, size_t len, int32_t *days)
{
    int64_t local;
    const struct zone *zone;
    if (f->date == NULL) {
        return date_parse(text, len, days);
    }
    if (!time_pattern_parse(f->date, (struct span){text, len}, &local, &zone)) {
        return false;
    }
    *days = (int32_t)micros_floor_days(local);
    return true;
}

static bool
parse_local(const struct text_format *f, const struct time_pattern *pattern, const char *text,
            size_t len, int64_t *local, const struct zone **zone)
{
    bool time_only;
    *zone = NULL;
    return pattern != NULL ? time_pattern_parse(pattern, (struct span){text, len}, local, zone)
                           : timestamp_parse(text, len, f->today, local, zone, &time_only);
}

bool
text_parse_timestamp(const struct text_format *f, const char *text, size_t len, int64_t *micros)
{
    int64_t local;
    const struct zone *zone;
    if (!parse_local(f, f->timestamp, text, len, &local, &zone)) {
        return false;
    }
    *micros = zone_utc_micros(zone != NULL ? zone : f->zone, local);
    return true;
}

/* The common case of integers: a sign and at most 18 digits. */
static bool
short_int(const char *p, size_t len, int64_t *out)
{
    const bool minus = len > 0 && *p == '-';
    const size_t from = minus || (len > 0 && *p == '+');
    int64_t value = 0;
    if (len - from == 0 || len - from > 18) {
        return false;
    }
    for (size_t i = from; i < len; i++) {
        const uint8_t digit = (uint8_t)(p[i] - '0');
        if (digit > 9) {
            return false;
        }
        value = value * 10 + digit;
    }
    *out = minus ? -value : value;
    return true;
}

static bool
put_int(struct vec *v, uint32_t i, const char *text, size_t len)
{
    int64_t value;
    if (!short_int(text, len, &value) && !number_parse_int(text, len, false, &value)) {
        return false;
    }
    switch ((enum phys)v->phys) {
    case PHYS_I8:
        ((int8_t *)v->data)[i] = (int8_t)value;
        return value == (int8_t)value;
    case PHYS_I16:
        ((int16_t *)v->data)[i] = (int16_t)value;
        return value == (int16_t)value;
    case PHYS_I32:
        ((int32_t *)v->data)[i] = (int32_t)value;
        return value == (int32_t)value;
    default:
        ((int64_t *)v->data)[i] = value;
        return true;
    }
}

/* Digits with a point and no exponent, small enough that both parts are exact doubles. */
static bool
short_double(const char *p, size_t len, double *out)
{
    static const double powers[] = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                    1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
    const bool minus = len > 0 && *p == '-';
    int64_t value = 0;
    size_t i = minus, digits = 0, fraction = 0;
    bool point = false;
    for (; i < len; i++) {
        const uint8_t digit = (uint8_t)(p[i] - '0');
        if (digit <= 9) {
            value = value * 10 + digit;
            digits++;
            fraction += point;
        } else if (p[i] == '.' && !point) {
            point = true;
        } else {
            return false;
        }
        if (digits > 15) {
            return false;
        }
    }
    if (digits == 0) {
        return false;
    }
    const double real = (double)value / powers[fraction];
    *out = minus ? -real : real;
    return true;
}

static bool
is_word(const char *text, size_t len, const char *word)
{
    return strlen(word) == len && memcmp(text, word, len) == 0;
}

static bool
put_real(const struct text_format *f, struct vec *v, uint32_t i, const char *text, size_t len)
{
    double value;
    if (is_word(text, len, f->nan)) {
        value = __builtin_nan("");
    } else if (is_word(text, len, f->positive_inf)) {
        value = __builtin_inf();
    } else if (is_word(text, len, f->negative_inf)) {
        value = -__builtin_inf();
    } else if (v->phys == PHYS_F32) {
        return number_parse_float(text, len, &((float *)v->data)[i]);
    } else if (!short_double(text, len, &value) && !number_parse_double(text, len, &value)) {
        return false;
    }
    if (v->phys == PHYS_F32) {
        ((float *)v->data)[i] = (float)value;
    } else {
        ((double *)v->data)[i] = value;
    }
    return true;
}

static bool
put_decimal(struct vec *v, uint32_t i, const char *text, size_t len)
{
    i128 value;
    number_trim(&text, &len);
    if (decimal_parse(text, len, v->type->precision, v->type->scale, &value) != DECIMAL_OK) {
        return false;
    }
    if (v->phys == PHYS_I128) {
        ((i128 *)v->data)[i] = value;
    } else {
        ((int64_t *)v->data)[i] = (int64_t)value;
    }
    return true;
}

static bool
put_bool(struct vec *v, uint32_t i, const char *text, size_t len)
{
    const bool yes = len == 4 && strncasecmp(text, "true", 4) == 0;
    ((uint8_t *)v->data)[i] = yes;
    return yes || (len == 5 && strncasecmp(text, "false", 5) == 0);
}

bool
text_value(const struct text_format *f, const char *text, size_t len, struct vec *v, uint32_t i)
{
    int64_t local;
    const struct zone *zone;
    switch (v->type->id) {
    case TYPE_BOOLEAN:
        return put_bool(v, i, text, len);
    case TYPE_BYTE:
    case TYPE_SHORT:
    case TYPE_INT:
    case TYPE_LONG:
        return put_int(v, i, text, len);
    case TYPE_FLOAT:
    case TYPE_DOUBLE:
        return put_real(f, v, i, text, len);
    case TYPE_DECIMAL:
        return put_decimal(v, i, text, len);
    case TYPE_STRING:
    case TYPE_BINARY:
        ((struct view *)v->data)[i] = view_make(text, len);
        return len <= INT32_MAX;
    case TYPE_DATE:
        return text_parse_date(f, text, len, &((int32_t *)v->data)[i]);
    case TYPE_TIMESTAMP:
        return text_parse_timestamp(f, text, len, &((int64_t *)v->data)[i]);
    case TYPE_TIMESTAMP_NTZ:
        if (!parse_local(f, f->ntz, text, len, &local, &zone)) {
            return false;
        }
        ((int64_t *)v->data)[i] = local;
        return true;
    case TYPE_INTERVAL_CALENDAR:
        return interval_calendar_parse(text, len, &((struct interval *)v->data)[i]);
    case TYPE_INTERVAL_YM:
        return interval_ym_parse(text, len, v->type, &((int32_t *)v->data)[i]);
    case TYPE_INTERVAL_DT:
        return interval_dt_parse(text, len, v->type, &((int64_t *)v->data)[i]);
    default:
        return false;
    }
}

void
text_put_value(const struct text_format *f, struct buffer *out, const struct vec *v, uint32_t i)
{
    const void *data = v->data;
    int64_t micros;
    switch (v->type->id) {
    case TYPE_DATE:
        micros = ((const int32_t *)data)[i] * MICROS_PER_DAY;
        time_pattern_put(out, f->date_out, micros, micros, zone_utc());
        return;
    case TYPE_TIMESTAMP:
        micros = ((const int64_t *)data)[i];
        const int64_t local = zone_local_micros(f->zone, micros);
        time_pattern_put(out, f->timestamp_out, local, micros, f->zone);
        return;
    case TYPE_TIMESTAMP_NTZ:
        micros = ((const int64_t *)data)[i];
        time_pattern_put(out, f->ntz_out, micros, micros, zone_utc());
        return;
    case TYPE_STRING:
    case TYPE_BINARY: {
        const struct view *text = &((const struct view *)data)[i];
        buffer_put(out, view_ptr(text), text->len);
        return;
    }
    default:
        value_put_text(out, v, i, f->zone, true);
        return;
    }
}
