/* Time zones from TZif files; see zone.h. Source: RFC 8536. */
#include "type/zone.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/reader.h"

enum { NAME_MAX_LEN = 64, FILE_MAX = 1 << 20, CACHE_MAX = 4096 };

struct kind {
    int32_t offset;
    char abbreviation[12];
};

/* A yearly change of the POSIX footer: day by rule, seconds of that day. */
struct change {
    char form; /* 'M' month.week.day, 'J' 1..365 without leap day, 'D' 0..365 */
    int month;
    int week;
    int day;
    int32_t seconds;
};

struct zone {
    struct zone *next;
    char name[NAME_MAX_LEN];
    bool fixed; /* only kinds[0] */
    uint32_t count;
    int64_t *at; /* instants of change, ascending */
    uint8_t *kind_of;
    struct kind *kinds;
    uint32_t kind_count;
    struct kind first; /* before at[0] */
    bool has_rule;     /* after the last: standard and daylight time by yearly rules */
    bool has_daylight;
    struct kind standard;
    struct kind daylight;
    struct change to_daylight;
    struct change to_standard;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct zone *cache;
static uint32_t cache_count;
static struct kind utc_kind = {0, "UTC"};
static struct zone utc = {.name = "UTC", .fixed = true, .kinds = &utc_kind, .kind_count = 1};

const struct zone *
zone_utc(void)
{
    return &utc;
}

const char *
zone_name(const struct zone *z)
{
    return z->name;
}

/* ---- offsets as names ---- */

static bool
two_digits(const char **p, const char *end, int *out)
{
    const char *s = *p;
    int v = 0;
    while (s < end && s - *p < 2 && *s >= '0' && *s <= '9') {
        v = v * 10 + (*s++ - '0');
    }
    if (s == *p) {
        return false;
    }
    *p = s;
    *out = v;
    return true;
}

/* +h, +hh, +hh:mm, +h:m, +hhmm, +hh:mm:ss. */
static bool
offset_parse(const char *p, const char *end, int32_t *out)
{
    int part[3] = {0, 0, 0};
    if (p == end || (*p != '+' && *p != '-')) {
        return false;
    }
    const int sign = *p++ == '-' ? -1 : 1;
    for (int i = 0; i < 3 && p < end; i++) {
        if (i > 0 && *p == ':') {
            p++;
        }
        if (!two_digits(&p, end, &part[i])) {
            return false;
        }
    }
    const int32_t total = part[0] * 3600 + part[1] * 60 + part[2];
    if (p != end || part[1] > 59 || part[2] > 59 || total > 18 * 3600) {
        return false;
    }
    *out = sign * total;
    return true;
}

static bool
fixed_parse(const char *name, size_t len, int32_t *out)
{
    static const char *const zero[] = {
        "UTC",  "Z",   "GMT",       "UT",       "Etc/UTC",       "Etc/GMT", "Etc/UCT",
        "Zulu", "UCT", "Universal", "Etc/Zulu", "Etc/Universal", "GMT0",    "Greenwich"};
    for (size_t i = 0; i < sizeof zero / sizeof *zero; i++) {
        if (strlen(zero[i]) == len && memcmp(zero[i], name, len) == 0) {
            *out = 0;
            return true;
        }
    }
    static const char *const prefixes[] = {"UTC", "GMT", "UT"};
    for (size_t i = 0; i < 3; i++) {
        const size_t n = strlen(prefixes[i]);
        if (len > n && memcmp(name, prefixes[i], n) == 0 &&
            offset_parse(name + n, name + len, out)) {
            return true;
        }
    }
    return offset_parse(name, name + len, out);
}

/* ---- files ---- */

static void
skip_name(const char **p, char out[12])
{
    const char *s = *p;
    size_t n = 0;
    const bool angle = *s == '<';
    s += angle;
    while (*s != '\0' && (angle ? *s != '>' : ((*s | 32) >= 'a' && (*s | 32) <= 'z'))) {
        if (n < 11) {
            out[n++] = *s;
        }
        s++;
    }
    out[n] = '\0';
    *p = s + (angle && *s == '>');
}

static int32_t
posix_time(const char **p)
{
    int sign = 1;
    int32_t part[3] = {0, 0, 0};
    if (**p == '+' || **p == '-') {
        sign = **p == '-' ? -1 : 1;
        ++*p;
    }
    for (int i = 0; i < 3; i++) {
        while (**p >= '0' && **p <= '9' && part[i] < 100000) {
            part[i] = part[i] * 10 + (**p - '0');
            ++*p;
        }
        if (**p != ':') {
            break;
        }
        ++*p;
    }
    return sign * (part[0] * 3600 + part[1] * 60 + part[2]);
}

static int
posix_number(const char **p)
{
    int v = 0;
    while (**p >= '0' && **p <= '9' && v < 100000) {
        v = v * 10 + (**p - '0');
        ++*p;
    }
    return v;
}

static struct change
posix_change(const char **p)
{
    struct change c = {.form = 'D', .seconds = 7200};
    if (**p == ',') {
        ++*p;
    }
    if (**p == 'M') {
        c.form = 'M';
        ++*p;
        c.month = posix_number(p);
        *p += **p == '.';
        c.week = posix_number(p);
        *p += **p == '.';
        c.day = posix_number(p);
    } else {
        if (**p == 'J') {
            c.form = 'J';
            ++*p;
        }
        c.day = posix_number(p);
    }
    if (**p == '/') {
        ++*p;
        c.seconds = posix_time(p);
    }
    return c;
}

static void
footer_parse(struct zone *z, const char *p)
{
    if (*p == '\0' || *p == '\n') {
        return;
    }
    skip_name(&p, z->standard.abbreviation);
    z->standard.offset = -posix_time(&p);
    z->has_rule = true;
    if (*p == '\0' || *p == '\n') {
        return;
    }
    z->has_daylight = true;
    skip_name(&p, z->daylight.abbreviation);
    z->daylight.offset = z->standard.offset + 3600;
    if (*p != ',' && *p != '\0') {
        z->daylight.offset = -posix_time(&p);
    }
    z->to_daylight = posix_change(&p);
    z->to_standard = posix_change(&p);
}

struct header {
    uint8_t version;
    uint32_t isut, isstd, leap, times, types, chars;
};

static bool
header_read(struct reader *r, struct header *h)
{
    const struct bytes magic = reader_take(r, 4);
    if (!reader_ok(r) || memcmp(magic.ptr, "TZif", 4) != 0) {
        return false;
    }
    h->version = reader_u8(r);
    reader_take(r, 15);
    h->isut = reader_be32(r);
    h->isstd = reader_be32(r);
    h->leap = reader_be32(r);
    h->times = reader_be32(r);
    h->types = reader_be32(r);
    h->chars = reader_be32(r);
    return reader_ok(r) && h->times < 100000 && h->types > 0 && h->types <= 256 &&
           h->chars < 10000 && h->leap < 10000 && h->isut <= 256 && h->isstd <= 256;
}

static bool
body_read(struct zone *z, struct reader *r, const struct header *h)
{
    const struct bytes times = reader_take(r, (size_t)h->times * 8);
    const struct bytes kinds = reader_take(r, h->times);
    const struct bytes types = reader_take(r, (size_t)h->types * 6);
    const struct bytes chars = reader_take(r, h->chars);
    reader_take(r, (size_t)h->leap * 12 + h->isstd + h->isut);
    if (!reader_ok(r)) {
        return false;
    }
    z->at = calloc(h->times + 1, sizeof *z->at);
    z->kind_of = calloc(h->times + 1, 1);
    z->kinds = calloc(h->types, sizeof *z->kinds);
    if (z->at == NULL || z->kind_of == NULL || z->kinds == NULL) {
        return false;
    }
    z->count = h->times;
    z->kind_count = h->types;
    struct reader sub;
    reader_init(&sub, times);
    for (uint32_t i = 0; i < h->times; i++) {
        z->at[i] = (int64_t)reader_be64(&sub);
        z->kind_of[i] = kinds.ptr[i];
        if (z->kind_of[i] >= h->types || (i > 0 && z->at[i] <= z->at[i - 1])) {
            return false;
        }
    }
    reader_init(&sub, types);
    for (uint32_t i = 0; i < h->types; i++) {
        z->kinds[i].offset = (int32_t)reader_be32(&sub);
        reader_u8(&sub);
        const uint32_t name = reader_u8(&sub);
        for (uint32_t c = 0; c < 11 && name + c < h->chars && chars.ptr[name + c] != 0; c++) {
            z->kinds[i].abbreviation[c] = (char)chars.ptr[name + c];
        }
    }
    z->first = z->kinds[0];
    return true;
}

static bool
zone_decode(struct zone *z, struct bytes file)
{
    struct reader r;
    struct header h;
    reader_init(&r, file);
    if (!header_read(&r, &h) || h.version < '2') {
        return false;
    }
    reader_take(&r, (size_t)h.times * 5 + (size_t)h.types * 6 + h.chars + (size_t)h.leap * 8 +
                        h.isstd + h.isut);
    if (!header_read(&r, &h) || !body_read(z, &r, &h)) {
        return false;
    }
    char footer[128] = "";
    const size_t left = reader_left(&r);
    if (left > 1) {
        const size_t n = left - 1 < sizeof footer - 1 ? left - 1 : sizeof footer - 1;
        reader_take(&r, 1);
        memcpy(footer, reader_take(&r, n).ptr, n);
        footer_parse(z, footer);
    }
    return true;
}

static bool
name_is_safe(const char *name, size_t len)
{
    if (len == 0 || len >= NAME_MAX_LEN || name[0] == '/' || name[0] == '.') {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        const char c = name[i];
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                           (c >= '0' && c <= '9') || strchr("_-+/", c) != NULL;
        if (!plain || c == '\0') {
            return false;
        }
    }
    return true;
}

static bool
zone_load(struct zone *z, const char *name)
{
    static const char *const roots[] = {"/usr/share/zoneinfo", "/usr/lib/zoneinfo",
                                        "/etc/zoneinfo"};
    FILE *f = NULL;
    for (size_t i = 0; i < sizeof roots / sizeof *roots && f == NULL; i++) {
        char path[128];
        snprintf(path, sizeof path, "%s/%s", roots[i], name);
        f = fopen(path, "rb");
    }
    if (f == NULL) {
        return false;
    }
    uint8_t *bytes = malloc(FILE_MAX);
    const size_t len = bytes != NULL ? fread(bytes, 1, FILE_MAX, f) : 0;
    fclose(f);
    const bool ok = len > 0 && zone_decode(z, (struct bytes){bytes, len});
    free(bytes);
    return ok;
}

/* Short names that java.time's SHORT_IDS gives a region. */
static const char *
region_of(const char *name)
{
    static const char *const pairs[][2] = {{"PST", "America/Los_Angeles"},
                                           {"CST", "America/Chicago"},
                                           {"IST", "Asia/Kolkata"},
                                           {"JST", "Asia/Tokyo"},
                                           {"CTT", "Asia/Shanghai"},
                                           {"PNT", "America/Phoenix"},
                                           {"AET", "Australia/Sydney"},
                                           {"ECT", "Europe/Paris"},
                                           {"BST", "Asia/Dhaka"},
                                           {"ACT", "Australia/Darwin"},
                                           {"AGT", "America/Argentina/Buenos_Aires"},
                                           {"ART", "Africa/Cairo"},
                                           {"AST", "America/Anchorage"},
                                           {"BET", "America/Sao_Paulo"},
                                           {"CAT", "Africa/Harare"},
                                           {"CNT", "America/St_Johns"},
                                           {"EAT", "Africa/Addis_Ababa"},
                                           {"IET", "America/Indiana/Indianapolis"},
                                           {"MIT", "Pacific/Apia"},
                                           {"NET", "Asia/Yerevan"},
                                           {"NST", "Pacific/Auckland"},
                                           {"PLT", "Asia/Karachi"},
                                           {"PRT", "America/Puerto_Rico"},
                                           {"SST", "Pacific/Guadalcanal"},
                                           {"VST", "Asia/Ho_Chi_Minh"}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        if (strcmp(pairs[i][0], name) == 0) {
            return pairs[i][1];
        }
    }
    return name;
}

static void
zone_free(struct zone *z)
{
    free(z->at);
    free(z->kind_of);
    free(z->kinds);
    free(z);
}

static struct zone *
zone_make(const char *name, size_t len)
{
    int32_t offset;
    struct zone *z = calloc(1, sizeof *z);
    if (z == NULL) {
        return NULL;
    }
    memcpy(z->name, name, len);
    if (fixed_parse(name, len, &offset)) {
        z->fixed = true;
        z->kind_count = 1;
        z->kinds = calloc(1, sizeof *z->kinds);
        if (z->kinds != NULL) {
            z->kinds[0].offset = offset;
            return z;
        }
    } else if (name_is_safe(name, len)) {
        const char *region = region_of(z->name);
        if (zone_load(z, region)) {
            return z;
        }
    }
    zone_free(z);
    return NULL;
}

const struct zone *
zone_find_n(const char *name, size_t len)
{
    if (len == 0 || len >= NAME_MAX_LEN) {
        return NULL;
    }
    pthread_mutex_lock(&lock);
    struct zone *z = cache;
    while (z != NULL && (strlen(z->name) != len || memcmp(z->name, name, len) != 0)) {
        z = z->next;
    }
    if (z == NULL && cache_count < CACHE_MAX) {
        z = zone_make(name, len);
        if (z != NULL) {
            z->next = cache;
            cache = z;
            cache_count++;
        }
    }
    pthread_mutex_unlock(&lock);
    return z;
}

const struct zone *
zone_find(const char *name)
{
    return strcmp(name, "UTC") == 0 ? &utc : zone_find_n(name, strlen(name));
}

/* ---- the yearly rules after the last change ---- */

static int64_t
days_of_year(int64_t y)
{
    y--;
    const int64_t c = y >= 0 ? y / 400 : -((399 - y) / 400);
    const int64_t r = y - c * 400;
    return c * 146097 + r * 365 + r / 4 - r / 100 - 719162;
}

static bool
leap(int64_t y)
{
    return (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
}

static int64_t
change_at(const struct change *c, int64_t year, int32_t offset_before)
{
    static const int starts[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365};
    int64_t day = days_of_year(year);
    if (c->form == 'J') {
        day += c->day - 1 + (leap(year) && c->day >= 60);
    } else if (c->form == 'D') {
        day += c->day;
    } else {
        const int month = c->month < 1 ? 1 : c->month > 12 ? 12 : c->month;
        const int64_t first = day + starts[month - 1] + (leap(year) && month > 2);
        const int64_t length = starts[month] - starts[month - 1] + (leap(year) && month == 2);
        const int64_t weekday = ((first + 4) % 7 + 7) % 7;
        int64_t at = (c->day - weekday + 7) % 7 + (c->week - 1) * 7;
        while (at >= length) {
            at -= 7;
        }
        day = first + at;
    }
    return day * 86400 + c->seconds - offset_before;
}

static int64_t
year_of(int64_t seconds)
{
    int64_t days = seconds >= 0 ? seconds / 86400 : -((86399 - seconds) / 86400);
    int64_t y = 1970 + days / 366;
    while (days_of_year(y + 1) <= days) {
        y++;
    }
    while (days_of_year(y) > days) {
        y--;
    }
    return y;
}

static const struct kind *
rule_kind(const struct zone *z, int64_t t, int64_t *from, int64_t *until)
{
    if (!z->has_daylight) {
        return &z->standard;
    }
    const int64_t year = year_of(t);
    /* The last change not after t, of the years around. */
    const struct kind *found = &z->standard;
    for (int64_t y = year - 1; y <= year + 1; y++) {
        const int64_t on = change_at(&z->to_daylight, y, z->standard.offset);
        const int64_t off = change_at(&z->to_standard, y, z->daylight.offset);
        const int64_t pair[2] = {on < off ? on : off, on < off ? off : on};
        for (int i = 0; i < 2; i++) {
            const struct kind *k = (pair[i] == on) ? &z->daylight : &z->standard;
            if (pair[i] <= t) {
                found = k;
                *from = pair[i] > *from ? pair[i] : *from;
            } else if (pair[i] < *until) {
                *until = pair[i];
            }
        }
    }
    return found;
}

static const struct kind *
kind_at(const struct zone *z, int64_t t, int64_t *from, int64_t *until)
{
    *from = INT64_MIN;
    *until = INT64_MAX;
    if (z->fixed) {
        return &z->kinds[0];
    }
    if (z->count == 0 || t < z->at[0]) {
        if (z->count > 0) {
            *until = z->at[0];
        } else if (z->has_rule) {
            return rule_kind(z, t, from, until);
        }
        return &z->first;
    }
    uint32_t lo = 0;
    uint32_t hi = z->count;
    while (hi - lo > 1) {
        const uint32_t mid = lo + (hi - lo) / 2;
        if (z->at[mid] <= t) {
            lo = mid;
        } else {
            hi = mid;
        }
    }
    *from = z->at[lo];
    if (lo + 1 < z->count) {
        *until = z->at[lo + 1];
    } else if (z->has_rule) {
        return rule_kind(z, t, from, until);
    }
    return &z->kinds[z->kind_of[lo]];
}

int32_t
zone_offset_span(const struct zone *z, int64_t utc_seconds, int64_t *from, int64_t *until)
{
    return kind_at(z, utc_seconds, from, until)->offset;
}

int32_t
zone_offset(const struct zone *z, int64_t utc_seconds)
{
    int64_t from;
    int64_t until;
    return z->fixed ? z->kinds[0].offset : kind_at(z, utc_seconds, &from, &until)->offset;
}

const char *
zone_abbreviation(const struct zone *z, int64_t utc_seconds)
{
    int64_t from;
    int64_t until;
    return kind_at(z, utc_seconds, &from, &until)->abbreviation;
}

int64_t
zone_to_utc(const struct zone *z, int64_t local)
{
    if (z->fixed) {
        return local - z->kinds[0].offset;
    }
    /* Offsets lie within 18 hours; take the one before a change first. */
    int64_t from;
    int64_t until;
    const int32_t early = kind_at(z, local - 64800, &from, &until)->offset;
    if (local - early < until) {
        return local - early;
    }
    /* A change lies between: until is its instant. */
    const int64_t change = until;
    const int32_t late = kind_at(z, change, &from, &until)->offset;
    if (local - late >= change) {
        return local - late < until ? local - late : local - zone_offset(z, local - late);
    }
    return local - early; /* skipped: forward by the jump's length */
}

static int64_t
floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b != 0 && (a ^ b) < 0);
}

int64_t
zone_local_micros(const struct zone *z, int64_t utc_micros)
{
    return utc_micros + (int64_t)zone_offset(z, floor_div(utc_micros, 1000000)) * 1000000;
}

int64_t
zone_utc_micros(const struct zone *z, int64_t local_micros)
{
    const int64_t seconds = floor_div(local_micros, 1000000);
    return (zone_to_utc(z, seconds) - seconds) * 1000000 + local_micros;
}
