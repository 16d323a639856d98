/* Dates and timestamps: calendar and texts; see datetime.h. */
#include "type/datetime.h"

#include <stdio.h>
#include <string.h>

#include "type/number.h"

int64_t
days_from_civil(int64_t y, int m, int d)
{
    y -= m <= 2;
    const int64_t era = (y >= 0 ? y : y - 399) / 400;
    const int64_t yoe = y - era * 400;
    const int64_t doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
    const int64_t doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
    return era * 146097 + doe - 719468;
}

void
civil_from_days(int64_t days, int64_t *y, int *m, int *d)
{
    const int64_t z = days + 719468;
    const int64_t era = (z >= 0 ? z : z - 146096) / 146097;
    const int64_t doe = z - era * 146097;
    const int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    const int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    const int64_t mp = (5 * doy + 2) / 153;
    *d = (int)(doy - (153 * mp + 2) / 5 + 1);
    *m = (int)(mp < 10 ? mp + 3 : mp - 9);
    *y = yoe + era * 400 + (*m <= 2);
}

bool
year_is_leap(int64_t y)
{
    return (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
}

int
month_days(int64_t y, int m)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[m - 1] + (m == 2 && year_is_leap(y));
}

bool
civil_valid(int64_t y, int64_t m, int64_t d)
{
    return m >= 1 && m <= 12 && d >= 1 && d <= month_days(y, (int)m);
}

int64_t
days_add_months(int64_t days, int64_t months)
{
    int64_t y;
    int m;
    int d;
    civil_from_days(days, &y, &m, &d);
    const int64_t total = y * 12 + (m - 1) + months;
    const int64_t year = total >= 0 ? total / 12 : -((11 - total) / 12);
    const int month = (int)(total - year * 12) + 1;
    const int last = month_days(year, month);
    return days_from_civil(year, month, d < last ? d : last);
}

int64_t
micros_floor_days(int64_t micros)
{
    return micros / MICROS_PER_DAY - (micros % MICROS_PER_DAY < 0);
}

/* A run of min..max digits; false when there are fewer or more. */
static bool
take_digits(const char **p, const char *end, int min, int max, int64_t *out)
{
    int n = 0;
    int64_t v = 0;
    while (*p < end && **p >= '0' && **p <= '9') {
        if (n == max) {
            return false;
        }
        v = v * 10 + (**p - '0');
        ++*p;
        n++;
    }
    *out = v;
    return n >= min;
}

/* [+-]y{4,7}[-m{1,2}[-d{1,2}]] */
static bool
take_date(const char **p, const char *end, int64_t *days, bool *whole)
{
    int64_t y;
    int64_t m = 1;
    int64_t d = 1;
    bool negative = false;
    *whole = false;
    if (*p < end && (**p == '-' || **p == '+')) {
        negative = **p == '-';
        ++*p;
    }
    if (!take_digits(p, end, 4, 7, &y)) {
        return false;
    }
    if (*p < end && **p == '-') {
        ++*p;
        if (!take_digits(p, end, 1, 2, &m)) {
            return false;
        }
        if (*p < end && **p == '-') {
            ++*p;
            if (!take_digits(p, end, 1, 2, &d)) {
                return false;
            }
            *whole = true;
        }
    }
    y = negative ? -y : y;
    if (!civil_valid(y, m, d)) {
        return false;
    }
    *days = days_from_civil(y, (int)m, (int)d);
    return true;
}

bool
date_parse(const char *text, size_t len, int32_t *days)
{
    number_trim(&text, &len);
    const char *p = text;
    const char *end = text + len;
    int64_t v;
    bool whole;
    if (!take_date(&p, end, &v, &whole)) {
        return false;
    }
    if (p < end && (!whole || (*p != ' ' && *p != 'T'))) {
        return false;
    }
    if (v < INT32_MIN || v > INT32_MAX) {
        return false;
    }
    *days = (int32_t)v;
    return true;
}

static bool
take_time(const char **p, const char *end, int64_t *micros)
{
    int64_t part[3] = {0, 0, 0};
    int64_t fraction = 0;
    if (!take_digits(p, end, 1, 2, &part[0])) {
        return false;
    }
    for (int i = 1; i < 3 && *p < end && **p == ':'; i++) {
        ++*p;
        if (!take_digits(p, end, 1, 2, &part[i])) {
            return false;
        }
        if (i == 2 && *p < end && **p == '.') {
            ++*p;
            int n = 0;
            for (; *p < end && **p >= '0' && **p <= '9'; ++*p, n++) {
                if (n < 6) {
                    fraction = fraction * 10 + (**p - '0');
                }
            }
            for (int k = n; k < 6; k++) {
                fraction *= 10;
            }
        }
    }
    if (part[0] > 23 || part[1] > 59 || part[2] > 59) {
        return false;
    }
    *micros = part[0] * MICROS_PER_HOUR + part[1] * MICROS_PER_MINUTE +
              part[2] * MICROS_PER_SECOND + fraction;
    return true;
}

bool
timestamp_parse(const char *text, size_t len, int64_t today, int64_t *local,
                const struct zone **zone, bool *time_only)
{
    number_trim(&text, &len);
    const char *p = text;
    const char *end = text + len;
    int64_t days = today;
    int64_t micros = 0;
    bool whole = false;
    *zone = NULL;
    *time_only = false;
    const char *colon = memchr(p, ':', len);
    const bool starts_time = len > 0 && (*p == 'T' || (colon != NULL && colon - p <= 2));
    if (starts_time) {
        *time_only = true;
        p += *p == 'T';
        if (!take_time(&p, end, &micros)) {
            return false;
        }
    } else {
        if (!take_date(&p, end, &days, &whole)) {
            return false;
        }
        if (p < end) {
            if (!whole || (*p != ' ' && *p != 'T')) {
                return false;
            }
            p++;
            if (p == end || !take_time(&p, end, &micros)) {
                return false;
            }
        }
    }
    if (p < end) {
        while (p < end && *p == ' ') {
            p++;
        }
        *zone = zone_find_n(p, (size_t)(end - p));
        if (*zone == NULL) {
            return false;
        }
    }
    int64_t whole_days;
    return !__builtin_mul_overflow(days, MICROS_PER_DAY, &whole_days) &&
           !__builtin_add_overflow(whole_days, micros, local);
}

int
date_text(char out[DATETIME_TEXT_MAX], int64_t days)
{
    int64_t y;
    int m;
    int d;
    civil_from_days(days, &y, &m, &d);
    if (y >= 0 && y <= 9999) {
        out[0] = (char)('0' + y / 1000);
        out[1] = (char)('0' + y / 100 % 10);
        out[2] = (char)('0' + y / 10 % 10);
        out[3] = (char)('0' + y % 10);
        out[4] = '-';
        out[5] = (char)('0' + m / 10);
        out[6] = (char)('0' + m % 10);
        out[7] = '-';
        out[8] = (char)('0' + d / 10);
        out[9] = (char)('0' + d % 10);
        out[10] = '\0';
        return 10;
    }
    return snprintf(out, DATETIME_TEXT_MAX, "%s%04lld-%02d-%02d", y > 9999 ? "+" : "-",
                    (long long)(y < 0 ? -y : y), m, d);
}

int
timestamp_text(char out[DATETIME_TEXT_MAX], int64_t local)
{
    const int64_t days = micros_floor_days(local);
    const int64_t rest = local - days * MICROS_PER_DAY;
    int n = date_text(out, days);
    n += snprintf(out + n, DATETIME_TEXT_MAX - (size_t)n, " %02d:%02d:%02d",
                  (int)(rest / MICROS_PER_HOUR), (int)(rest / MICROS_PER_MINUTE % 60),
                  (int)(rest / MICROS_PER_SECOND % 60));
    if (rest % MICROS_PER_SECOND != 0) {
        n += snprintf(out + n, DATETIME_TEXT_MAX - (size_t)n, ".%06d",
                      (int)(rest % MICROS_PER_SECOND));
        while (out[n - 1] == '0') {
            out[--n] = '\0';
        }
    }
    return n;
}
