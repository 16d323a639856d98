/*
 * Patterns of date and time, in java.time's letters as Spark takes them: to write and to read.
 *
 * A pattern is compiled into items; numbers that stand next to each other have the widths that
 * their letters say, so that "yyyyMMdd" can be read.
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "func/datetime.h"

struct item {
    char letter; /* 0: literal text */
    uint16_t count;
    struct span text;
    bool adjacent; /* another number follows at once */
};

struct time_pattern {
    struct item *items;
    uint32_t count;
};

const char *const month_names[12] = {"January",   "February", "March",    "April",
                                     "May",       "June",     "July",     "August",
                                     "September", "October",  "November", "December"};
const char *const day_names[7] = {"Monday", "Tuesday",  "Wednesday", "Thursday",
                                  "Friday", "Saturday", "Sunday"};

static bool
is_number(const struct item *i)
{
    return i->letter != 0 && strchr("yuDdHkKhmsS", i->letter) != NULL
               ? true
               : (i->letter == 'M' || i->letter == 'L' || i->letter == 'Q' || i->letter == 'q') &&
                     i->count <= 2;
}

static bool
raise_pattern(struct error *err, const char *condition, struct span pattern)
{
    char text[256];
    snprintf(text, sizeof text, "'%.*s'", (int)(pattern.len < 200 ? pattern.len : 200),
             pattern.ptr);
    return error_raise(err, condition, "pattern", text, "config",
                       "\"spark.sql.legacy.timeParserPolicy\"", "docroot",
                       "https://spark.apache.org/docs/latest", NULL);
}

/* Letters that Spark refuses since 3.0, and letters that have no meaning. */
static bool
letter_ok(char c, uint32_t count, bool parsing, struct span pattern, struct error *err)
{
    if (strchr("YWwuec", c) != NULL && c != 'u') {
        return raise_pattern(
            err,
            parsing ? "INCONSISTENT_BEHAVIOR_CROSS_VERSION.DATETIME_PATTERN_RECOGNITION"
                    : "INCONSISTENT_BEHAVIOR_CROSS_VERSION.DATETIME_WEEK_BASED_PATTERN",
            pattern);
    }
    const bool known = strchr("GyuMLdDEaHkKhmsSVzOXxZQqFnNA", c) != NULL;
    const bool wide = (c == 'E' || c == 'M' || c == 'L' || c == 'G' || c == 'Q' || c == 'q')
                          ? count > 4
                          : (c == 'y'                   ? count > 6
                             : c == 'S'                 ? count > 9
                             : c == 'D'                 ? count > 3
                             : c == 'a'                 ? count > 1
                             : c == 'V'                 ? count != 2
                             : strchr("XxZ", c) != NULL ? count > 5
                             : c == 'z' || c == 'O'     ? count > 4
                                                        : count > 2);
    const bool unreadable = parsing && (c == 'E' || c == 'F' || c == 'q' || c == 'Q' || c == 'L') &&
                            c != 'L' && c != 'E';
    if (!known || wide || unreadable || strchr("nNA", c) != NULL) {
        return raise_pattern(
            err, "INCONSISTENT_BEHAVIOR_CROSS_VERSION.DATETIME_PATTERN_RECOGNITION", pattern);
    }
    return true;
}

const struct time_pattern *
time_pattern_compile(struct arena *a, struct span s, bool parsing, struct error *err)
{
    struct time_pattern *p = arena_new(a, struct time_pattern);
    const char *text = arena_strndup(a, s.ptr, s.len);
    p->items = arena_new_array(a, struct item, s.len + 1);
    for (size_t i = 0; i < s.len;) {
        const char c = text[i];
        struct item *it = &p->items[p->count];
        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) {
            size_t n = 1;
            while (i + n < s.len && text[i + n] == c) {
                n++;
            }
            if (!letter_ok(c, (uint32_t)n, parsing, s, err)) {
                return NULL;
            }
            *it = (struct item){.letter = c, .count = (uint16_t)n};
            i += n;
        } else if (c == '\'') {
            if (i + 1 < s.len && text[i + 1] == '\'') {
                *it = (struct item){.text = {text + i, 1}};
                i += 2;
            } else {
                const char *close = memchr(text + i + 1, '\'', s.len - i - 1);
                if (close == NULL) {
                    raise_pattern(
                        err, "INCONSISTENT_BEHAVIOR_CROSS_VERSION.DATETIME_PATTERN_RECOGNITION", s);
                    return NULL;
                }
                *it = (struct item){.text = {text + i + 1, (size_t)(close - text - i - 1)}};
                i = (size_t)(close - text) + 1;
            }
        } else if (c == '[' || c == ']') {
            *it = (struct item){.letter = c, .count = 1};
            i++;
        } else {
            *it = (struct item){.text = {text + i, 1}};
            i++;
        }
        p->count++;
    }
    for (uint32_t k = 0; k + 1 < p->count; k++) {
        p->items[k].adjacent = is_number(&p->items[k]) && is_number(&p->items[k + 1]);
    }
    return p;
}

/* ---- writing ---- */

static void
put_offset(struct buffer *out, const struct item *it, int32_t offset)
{
    const char c = it->letter;
    const int32_t m = offset < 0 ? -offset : offset;
    const int h = m / 3600;
    const int min = m / 60 % 60;
    const int sec = m % 60;
    const char sign = offset < 0 ? '-' : '+';
    if (c == 'O' || (c == 'Z' && it->count == 4)) {
        buffer_puts(out, "GMT");
        if (offset != 0 && it->count == 4) {
            buffer_printf(out, "%c%02d:%02d", sign, h, min);
        } else if (offset != 0) {
            buffer_printf(out, min != 0 ? "%c%d:%02d" : "%c%d", sign, h, min);
        }
        return;
    }
    if ((c == 'X' || (c == 'Z' && it->count == 5)) && offset == 0) {
        buffer_puts(out, "Z");
        return;
    }
    const bool colon = it->count == 3 || it->count == 5;
    buffer_printf(out, "%c%02d", sign, h);
    if (it->count > 1 || min != 0 || c == 'Z') {
        buffer_printf(out, colon ? ":%02d" : "%02d", min);
    }
    if (it->count >= 4 && c != 'Z' && sec != 0) {
        buffer_printf(out, colon ? ":%02d" : "%02d", sec);
    }
}

static void
put_date_item(struct buffer *out, const struct item *it, int64_t days)
{
    int64_t y;
    int m;
    int d;
    civil_from_days(days, &y, &m, &d);
    const int64_t era_year = y > 0 ? y : 1 - y;
    switch (it->letter) {
    case 'G':
        buffer_puts(out, it->count == 4 ? (y > 0 ? "Anno Domini" : "Before Christ")
                                        : (y > 0 ? "AD" : "BC"));
        break;
    case 'y':
    case 'u': {
        const int64_t v = it->letter == 'y' ? era_year : y;
        if (it->count == 2) {
            buffer_printf(out, "%02d", (int)(v % 100));
        } else {
            buffer_printf(out, "%s%0*lld",
                          v > 9999 && it->count >= 4 ? "+"
                          : v < 0                    ? "-"
                                                     : "",
                          it->count, (long long)(v < 0 ? -v : v));
        }
        break;
    }
    case 'M':
    case 'L':
        if (it->count == 3) {
            buffer_put(out, month_names[m - 1], 3);
        } else if (it->count == 4) {
            buffer_puts(out, month_names[m - 1]);
        } else {
            buffer_printf(out, "%0*d", it->count, m);
        }
        break;
    case 'Q':
    case 'q':
        if (it->count == 3) {
            buffer_printf(out, "Q%d", (m + 2) / 3);
        } else if (it->count == 4) {
            static const char *const names[] = {"1st", "2nd", "3rd", "4th"};
            buffer_printf(out, "%s quarter", names[(m - 1) / 3]);
        } else {
            buffer_printf(out, "%0*d", it->count, (m + 2) / 3);
        }
        break;
    case 'd':
        buffer_printf(out, "%0*d", it->count, d);
        break;
    case 'D':
        buffer_printf(out, "%0*d", it->count, (int)(days - days_from_civil(y, 1, 1) + 1));
        break;
    case 'F':
        buffer_printf(out, "%d", (d - 1) % 7 + 1);
        break;
    default: { /* E */
        const char *name = day_names[((days + 3) % 7 + 7) % 7];
        buffer_put(out, name, it->count == 4 ? strlen(name) : 3);
    }
    }
}

static void
put_time_item(struct buffer *out, const struct item *it, int64_t micros)
{
    const int h = (int)(micros / MICROS_PER_HOUR);
    const int n = it->count;
    switch (it->letter) {
    case 'a':
        buffer_puts(out, h < 12 ? "AM" : "PM");
        break;
    case 'H':
        buffer_printf(out, "%0*d", n, h);
        break;
    case 'k':
        buffer_printf(out, "%0*d", n, h == 0 ? 24 : h);
        break;
    case 'K':
        buffer_printf(out, "%0*d", n, h % 12);
        break;
    case 'h':
        buffer_printf(out, "%0*d", n, h % 12 == 0 ? 12 : h % 12);
        break;
    case 'm':
        buffer_printf(out, "%0*d", n, (int)(micros / MICROS_PER_MINUTE % 60));
        break;
    case 's':
        buffer_printf(out, "%0*d", n, (int)(micros / MICROS_PER_SECOND % 60));
        break;
    default: { /* S */
        char digits[16];
        snprintf(digits, sizeof digits, "%06d000", (int)(micros % MICROS_PER_SECOND));
        buffer_put(out, digits, (size_t)(n < 9 ? n : 9));
    }
    }
}

void
time_pattern_put(struct buffer *out, const struct time_pattern *p, int64_t local, int64_t utc,
                 const struct zone *zone)
{
    const int64_t days = micros_floor_days(local);
    const int64_t micros = local - days * MICROS_PER_DAY;
    const int64_t seconds = utc / MICROS_PER_SECOND - (utc % MICROS_PER_SECOND < 0);
    for (uint32_t i = 0; i < p->count; i++) {
        const struct item *it = &p->items[i];
        if (it->letter == 0) {
            buffer_put(out, it->text.ptr, it->text.len);
        } else if (it->letter == '[' || it->letter == ']') {
            continue;
        } else if (strchr("aHkKhmsS", it->letter) != NULL) {
            put_time_item(out, it, micros);
        } else if (it->letter == 'V') {
            buffer_puts(out, zone_name(zone));
        } else if (it->letter == 'z') {
            const char *name = zone_abbreviation(zone, seconds);
            buffer_puts(out, name[0] != '\0' ? name : zone_name(zone));
        } else if (strchr("OXxZ", it->letter) != NULL) {
            put_offset(out, it, zone_offset(zone, seconds));
        } else {
            put_date_item(out, it, days);
        }
    }
}

/* ---- reading ---- */

struct fields {
    int64_t year, month, day, day_of_year, hour, minute, second, micros;
    int half; /* -1 not given, 0 AM, 1 PM */
    bool has_year, has_month, has_day, has_day_of_year, has_hour, hour12, before_christ;
    const struct zone *zone;
};

static bool
read_number(struct span *s, uint32_t min, uint32_t max, int64_t *out)
{
    uint32_t n = 0;
    int64_t v = 0;
    while (n < max && n < s->len && s->ptr[n] >= '0' && s->ptr[n] <= '9') {
        v = v * 10 + (s->ptr[n++] - '0');
    }
    if (n < min) {
        return false;
    }
    s->ptr += n;
    s->len -= n;
    *out = v;
    return true;
}

static bool
read_name(struct span *s, const char *const *names, int count, size_t cut, int64_t *out)
{
    for (int i = 0; i < count; i++) {
        const size_t n = cut != 0 ? cut : strlen(names[i]);
        if (s->len >= n && strncasecmp(s->ptr, names[i], n) == 0) {
            s->ptr += n;
            s->len -= n;
            *out = i + 1;
            return true;
        }
    }
    return false;
}

static bool
read_zone(struct span *s, struct fields *f)
{
    size_t n = 0;
    while (n < s->len && strchr(" ,;])", s->ptr[n]) == NULL) {
        n++;
    }
    for (; n > 0; n--) {
        f->zone = zone_find_n(s->ptr, n);
        if (f->zone != NULL) {
            s->ptr += n;
            s->len -= n;
            return true;
        }
    }
    return false;
}

static bool
read_fraction(struct span *s, uint32_t max, int64_t *micros)
{
    int64_t unit = 100000;
    uint32_t n = 0;
    *micros = 0;
    for (; n < max && n < s->len && s->ptr[n] >= '0' && s->ptr[n] <= '9'; n++) {
        *micros += (s->ptr[n] - '0') * unit;
        unit /= 10;
    }
    s->ptr += n;
    s->len -= n;
    return n > 0;
}

static bool
read_year(struct span *s, const struct item *it, struct fields *f)
{
    f->has_year = true;
    bool negative = false;
    if (s->len > 0 && (*s->ptr == '+' || *s->ptr == '-') && it->count != 2) {
        negative = *s->ptr == '-';
        s->ptr++;
        s->len--;
    }
    if (it->count == 2) {
        if (!read_number(s, 2, 2, &f->year)) {
            return false;
        }
        f->year += 2000;
        return true;
    }
    const uint32_t max = it->adjacent ? (it->count > 3 ? it->count : 4) : 10;
    if (!read_number(s, it->count == 1 ? 1 : it->count, max, &f->year)) {
        return false;
    }
    f->year = negative ? -f->year : f->year;
    return true;
}

static bool
read_item(struct span *s, const struct item *it, struct fields *f)
{
    const uint32_t min = it->count;
    const uint32_t max = it->adjacent || it->count == 2 ? (it->count > 2 ? it->count : 2) : 2;
    int64_t ignored;
    switch (it->letter) {
    case 'y':
    case 'u':
        return read_year(s, it, f);
    case 'M':
    case 'L':
        f->has_month = true;
        if (it->count >= 3) {
            return read_name(s, month_names, 12, it->count == 3 ? 3 : 0, &f->month);
        }
        return read_number(s, min, max, &f->month);
    case 'd':
        f->has_day = true;
        return read_number(s, min, max, &f->day);
    case 'D':
        f->has_day_of_year = true;
        return read_number(s, min, 3, &f->day_of_year);
    case 'E':
        return read_name(s, day_names, 7, it->count == 4 ? 0 : 3, &ignored);
    case 'G': {
        static const char *const eras[] = {"AD", "BC"};
        int64_t era = 1;
        const bool ok = read_name(s, eras, 2, 0, &era);
        f->before_christ = era == 2;
        return ok;
    }
    case 'a': {
        static const char *const halves[] = {"AM", "PM"};
        int64_t half = 1;
        const bool ok = read_name(s, halves, 2, 0, &half);
        f->half = (int)half - 1;
        return ok;
    }
    case 'H':
    case 'k':
        f->has_hour = true;
        return read_number(s, min, max, &f->hour);
    case 'h':
    case 'K':
        f->has_hour = true;
        f->hour12 = true;
        return read_number(s, min, max, &f->hour) && f->hour <= 12;
    case 'm':
        return read_number(s, min, max, &f->minute);
    case 's':
        return read_number(s, min, max, &f->second);
    case 'S':
        return read_fraction(s, it->count, &f->micros);
    default:
        return read_zone(s, f);
    }
}

static bool
fields_local(struct fields *f, int64_t *local)
{
    if (f->hour12 || f->half >= 0) {
        if (f->hour12) {
            f->hour %= 12;
            f->hour += f->half == 1 ? 12 : 0;
        }
    } else if (f->hour == 24) {
        f->hour = 0;
    }
    if (f->before_christ) {
        f->year = 1 - f->year;
    }
    if (!civil_valid(f->year, f->month, f->day) || f->hour > 23 || f->minute > 59 ||
        f->second > 59 || f->year > 294247 || f->year < -290308) {
        return false;
    }
    int64_t days = days_from_civil(f->year, (int)f->month, (int)f->day);
    if (f->has_day_of_year) {
        if (f->day_of_year < 1 || f->day_of_year > 365 + year_is_leap(f->year)) {
            return false;
        }
        days = days_from_civil(f->year, 1, 1) + f->day_of_year - 1;
    }
    *local = days * MICROS_PER_DAY + f->hour * MICROS_PER_HOUR + f->minute * MICROS_PER_MINUTE +
             f->second * MICROS_PER_SECOND + f->micros;
    return true;
}

bool
time_pattern_parse(const struct time_pattern *p, struct span s, int64_t *local,
                   const struct zone **zone)
{
    struct fields f = {.year = 1970, .month = 1, .day = 1, .half = -1};
    for (uint32_t i = 0; i < p->count; i++) {
        const struct item *it = &p->items[i];
        if (it->letter == '[') { /* optional: leave it out when its first part does not fit */
            const struct span before = s;
            struct fields saved = f;
            uint32_t k = i + 1;
            bool ok = true;
            for (; k < p->count && p->items[k].letter != ']'; k++) {
                const struct item *inner = &p->items[k];
                if (!ok) {
                    continue;
                }
                if (inner->letter == 0) {
                    ok = s.len >= inner->text.len &&
                         memcmp(s.ptr, inner->text.ptr, inner->text.len) == 0;
                    s.ptr += ok ? inner->text.len : 0;
                    s.len -= ok ? inner->text.len : 0;
                } else {
                    ok = read_item(&s, inner, &f);
                }
            }
            if (!ok) {
                s = before;
                f = saved;
            }
            i = k;
        } else if (it->letter == ']') {
            continue;
        } else if (it->letter == 0) {
            if (s.len < it->text.len || memcmp(s.ptr, it->text.ptr, it->text.len) != 0) {
                return false;
            }
            s.ptr += it->text.len;
            s.len -= it->text.len;
        } else if (!read_item(&s, it, &f)) {
            return false;
        }
    }
    *zone = f.zone;
    return s.len == 0 && fields_local(&f, local);
}
