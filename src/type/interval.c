/* Intervals and their texts; see datetime.h. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "type/datetime.h"
#include "type/number.h"

/* "6.5", "6", "0.000001" without trailing zeros; pad: at least two digits before the point. */
static int
seconds_text(char *out, size_t room, int64_t micros, bool pad)
{
    const int64_t whole = micros / MICROS_PER_SECOND;
    const int rest = (int)(micros % MICROS_PER_SECOND);
    int n = snprintf(out, room, pad ? "%02lld" : "%lld", (long long)whole);
    if (rest != 0) {
        n += snprintf(out + n, room - (size_t)n, ".%06d", rest);
        while (out[n - 1] == '0') {
            out[--n] = '\0';
        }
    }
    return n;
}

int
interval_calendar_text(char out[INTERVAL_TEXT_MAX], const struct interval *v)
{
    int n = 0;
    const int64_t hours = v->micros / MICROS_PER_HOUR;
    const int64_t minutes = v->micros / MICROS_PER_MINUTE % 60;
    const int64_t seconds = v->micros % MICROS_PER_MINUTE;
    const struct {
        int64_t value;
        const char *unit;
    } parts[] = {{v->months / 12, "years"},
                 {v->months % 12, "months"},
                 {v->days, "days"},
                 {hours, "hours"},
                 {minutes, "minutes"}};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (parts[i].value != 0) {
            n += snprintf(out + n, INTERVAL_TEXT_MAX - (size_t)n, "%s%lld %s", n > 0 ? " " : "",
                          (long long)parts[i].value, parts[i].unit);
        }
    }
    if (seconds != 0) {
        n += snprintf(out + n, INTERVAL_TEXT_MAX - (size_t)n, "%s%s", n > 0 ? " " : "",
                      seconds < 0 ? "-" : "");
        n += seconds_text(out + n, INTERVAL_TEXT_MAX - (size_t)n, seconds < 0 ? -seconds : seconds,
                          false);
        n += snprintf(out + n, INTERVAL_TEXT_MAX - (size_t)n, " seconds");
    }
    return n > 0 ? n : snprintf(out, INTERVAL_TEXT_MAX, "0 seconds");
}

int
interval_ym_text(char out[INTERVAL_TEXT_MAX], int32_t months, const struct type *t)
{
    const int64_t m = months < 0 ? -(int64_t)months : months;
    const char *sign = months < 0 ? "-" : "";
    if (t->precision == UNIT_YEAR && t->scale == UNIT_YEAR) {
        return snprintf(out, INTERVAL_TEXT_MAX, "INTERVAL '%s%lld' YEAR", sign,
                        (long long)(m / 12));
    }
    if (t->precision == UNIT_MONTH) {
        return snprintf(out, INTERVAL_TEXT_MAX, "INTERVAL '%s%lld' MONTH", sign, (long long)m);
    }
    return snprintf(out, INTERVAL_TEXT_MAX, "INTERVAL '%s%lld-%lld' YEAR TO MONTH", sign,
                    (long long)(m / 12), (long long)(m % 12));
}

int
interval_dt_text(char out[INTERVAL_TEXT_MAX], int64_t micros, const struct type *t)
{
    static const char *const units[] = {"DAY", "HOUR", "MINUTE", "SECOND"};
    static const int64_t sizes[] = {MICROS_PER_DAY, MICROS_PER_HOUR, MICROS_PER_MINUTE,
                                    MICROS_PER_SECOND};
    uint64_t rest = micros < 0 ? 0 - (uint64_t)micros : (uint64_t)micros;
    int n = snprintf(out, INTERVAL_TEXT_MAX, "INTERVAL '%s", micros < 0 ? "-" : "");
    for (int u = t->precision; u <= t->scale && u <= UNIT_SECOND; u++) {
        if (u > t->precision) {
            out[n++] = u == UNIT_HOUR ? ' ' : ':';
        }
        if (u == UNIT_SECOND) {
            n += seconds_text(out + n, INTERVAL_TEXT_MAX - (size_t)n, (int64_t)rest, true);
        } else {
            n += snprintf(out + n, INTERVAL_TEXT_MAX - (size_t)n, u == UNIT_DAY ? "%llu" : "%02llu",
                          (unsigned long long)(rest / (uint64_t)sizes[u]));
            rest %= (uint64_t)sizes[u];
        }
    }
    n += snprintf(out + n, INTERVAL_TEXT_MAX - (size_t)n, "' %s", units[t->precision & 3]);
    if (t->scale != t->precision) {
        n += snprintf(out + n, INTERVAL_TEXT_MAX - (size_t)n, " TO %s", units[t->scale & 3]);
    }
    return n;
}

static bool
word_is(const char *p, size_t n, const char *unit)
{
    const size_t len = strlen(unit);
    return (n == len || (n == len + 1 && (p[len] | 32) == 's')) && strncasecmp(p, unit, len) == 0;
}

static bool
add_scaled(int64_t *to, int64_t value, int64_t size)
{
    int64_t v;
    return !__builtin_mul_overflow(value, size, &v) && !__builtin_add_overflow(*to, v, to);
}

static bool
add_part(struct interval *out, int64_t value, int64_t nanos, const char *unit, size_t n)
{
    int64_t months = out->months;
    int64_t days = out->days;
    bool ok;
    if (word_is(unit, n, "year")) {
        ok = add_scaled(&months, value, 12);
    } else if (word_is(unit, n, "month")) {
        ok = add_scaled(&months, value, 1);
    } else if (word_is(unit, n, "week")) {
        ok = add_scaled(&days, value, 7);
    } else if (word_is(unit, n, "day")) {
        ok = add_scaled(&days, value, 1);
    } else if (word_is(unit, n, "hour")) {
        ok = add_scaled(&out->micros, value, MICROS_PER_HOUR);
    } else if (word_is(unit, n, "minute")) {
        ok = add_scaled(&out->micros, value, MICROS_PER_MINUTE);
    } else if (word_is(unit, n, "second")) {
        return add_scaled(&out->micros, value, MICROS_PER_SECOND) &&
               add_scaled(&out->micros, nanos / 1000, 1);
    } else if (word_is(unit, n, "millisecond")) {
        ok = add_scaled(&out->micros, value, 1000);
    } else {
        ok = word_is(unit, n, "microsecond") && add_scaled(&out->micros, value, 1);
    }
    if (!ok || nanos != 0 || months != (int32_t)months || days != (int32_t)days) {
        return false;
    }
    out->months = (int32_t)months;
    out->days = (int32_t)days;
    return true;
}

static const char *
skip_spaces(const char *p, const char *end)
{
    while (p < end && (uint8_t)*p <= ' ') {
        p++;
    }
    return p;
}

bool
interval_calendar_parse(const char *text, size_t len, struct interval *out)
{
    number_trim(&text, &len);
    const char *p = text;
    const char *end = text + len;
    *out = (struct interval){0};
    if (len > 8 && strncasecmp(p, "interval", 8) == 0 && (uint8_t)p[8] <= ' ') {
        p = skip_spaces(p + 8, end);
    }
    if (p == end) {
        return false;
    }
    while (p < end) {
        bool negative = false;
        int64_t value = 0;
        int64_t nanos = 0;
        if (*p == '-' || *p == '+') {
            negative = *p == '-';
            p = skip_spaces(p + 1, end);
        }
        const char *digits = p;
        for (; p < end && *p >= '0' && *p <= '9'; p++) {
            if (value > INT64_MAX / 10 - 1) {
                return false;
            }
            value = value * 10 + (*p - '0');
        }
        bool any = p > digits;
        if (p < end && *p == '.') {
            int64_t unit = 100000000;
            for (p++; p < end && *p >= '0' && *p <= '9'; p++) {
                if (unit == 0) {
                    return false;
                }
                nanos += (*p - '0') * unit;
                unit /= 10;
                any = true;
            }
        }
        if (!any) {
            return false;
        }
        const char *word = skip_spaces(p, end);
        p = word;
        while (p < end && (uint8_t)*p > ' ') {
            p++;
        }
        if (!add_part(out, negative ? -value : value, negative ? -nanos : nanos, word,
                      (size_t)(p - word))) {
            return false;
        }
        p = skip_spaces(p, end);
    }
    return true;
}

/* Takes INTERVAL '...' UNIT [TO UNIT] apart; the bare form is left alone. Units must be the type's.
 */
static bool
unwrap(const char **text, size_t *len, const char *units, bool *negative)
{
    *negative = false;
    number_trim(text, len);
    if (*len < 9 || strncasecmp(*text, "interval", 8) != 0) {
        return true;
    }
    const char *p = skip_spaces(*text + 8, *text + *len);
    const char *end = *text + *len;
    if (p < end && (*p == '-' || *p == '+')) {
        *negative = *p == '-';
        p = skip_spaces(p + 1, end);
    }
    if (p == end || *p != '\'') {
        return false;
    }
    const char *close = memchr(p + 1, '\'', (size_t)(end - p - 1));
    if (close == NULL) {
        return false;
    }
    const char *after = skip_spaces(close + 1, end);
    if (strlen(units) != (size_t)(end - after) ||
        strncasecmp(after, units, (size_t)(end - after)) != 0) {
        return false;
    }
    *text = p + 1;
    *len = (size_t)(close - p - 1);
    number_trim(text, len);
    return true;
}

static bool
take_number(const char **p, const char *end, int64_t *out)
{
    const char *from = *p;
    int64_t v = 0;
    for (; *p < end && **p >= '0' && **p <= '9'; ++*p) {
        if (v > INT64_MAX / 10 - 1) {
            return false;
        }
        v = v * 10 + (**p - '0');
    }
    *out = v;
    return *p > from;
}

bool
interval_ym_parse(const char *text, size_t len, const struct type *t, int32_t *out)
{
    const char *units = t->precision == UNIT_MONTH ? "MONTH"
                        : t->scale == UNIT_YEAR    ? "YEAR"
                                                   : "YEAR TO MONTH";
    bool negative;
    if (!unwrap(&text, &len, units, &negative)) {
        return false;
    }
    const char *p = text;
    const char *end = text + len;
    int64_t first;
    int64_t months;
    if (p < end && (*p == '-' || *p == '+')) {
        negative = negative != (*p == '-');
        p++;
    }
    if (!take_number(&p, end, &first) || first > INT32_MAX) {
        return false;
    }
    months = t->precision == UNIT_MONTH ? first : first * 12;
    if (t->precision == UNIT_YEAR && t->scale == UNIT_MONTH) {
        int64_t rest;
        if (p == end || *p != '-') {
            return false;
        }
        p++;
        if (!take_number(&p, end, &rest) || rest > 11) {
            return false;
        }
        months += rest;
    }
    if (p != end || months > (int64_t)INT32_MAX + negative) {
        return false;
    }
    *out = (int32_t)(negative ? -months : months);
    return true;
}

bool
interval_dt_parse(const char *text, size_t len, const struct type *t, int64_t *out)
{
    static const char *const names[] = {"DAY", "HOUR", "MINUTE", "SECOND"};
    static const int64_t sizes[] = {MICROS_PER_DAY, MICROS_PER_HOUR, MICROS_PER_MINUTE,
                                    MICROS_PER_SECOND};
    static const int limits[] = {0, 23, 59, 59};
    char units[40];
    bool negative;
    snprintf(units, sizeof units, "%s%s%s", names[t->precision & 3],
             t->scale != t->precision ? " TO " : "",
             t->scale != t->precision ? names[t->scale & 3] : "");
    if (!unwrap(&text, &len, units, &negative)) {
        return false;
    }
    const char *p = text;
    const char *end = text + len;
    if (p < end && (*p == '-' || *p == '+')) {
        negative = negative != (*p == '-');
        p++;
    }
    int64_t total = 0;
    for (int u = t->precision; u <= t->scale && u <= UNIT_SECOND; u++) {
        int64_t v;
        if (u > t->precision) {
            if (p == end || *p != (u == UNIT_HOUR ? ' ' : ':')) {
                return false;
            }
            p = u == UNIT_HOUR ? skip_spaces(p, end) : p + 1;
        }
        if (!take_number(&p, end, &v) || (u > t->precision && v > limits[u]) ||
            !add_scaled(&total, v, sizes[u])) {
            return false;
        }
        if (u == UNIT_SECOND && p < end && *p == '.') {
            int64_t unit = 100000;
            for (p++; p < end && *p >= '0' && *p <= '9'; p++) {
                total += (*p - '0') * unit;
                unit /= 10;
            }
        }
    }
    if (p != end) {
        return false;
    }
    *out = negative ? -total : total;
    return true;
}
