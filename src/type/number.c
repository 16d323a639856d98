/* Numbers and their texts; see number.h. */
#include "type/number.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* The fewest digits that read back as v; returns their number. v = 0.d1d2... * 10^point. */
static int
shortest_digits(double v, bool single, char digits[24], int *point)
{
    /* Most values in tables are short decimals: try m / 10^k exactly. Both are exact doubles, so
     * the correctly rounded quotient proves that the text reads back. */
    static const double powers[] = {1,   1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                    1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
    char text[64];
    if (!single && v < 1e15 && v >= 1e-5) {
        for (int k = 0; k < 16; k++) {
            const double m = v * powers[k];
            if (m >= 1e15) {
                break;
            }
            const double whole = nearbyint(m);
            if (whole / powers[k] == v) {
                int n = snprintf(digits, 24, "%lld", (long long)whole);
                *point = n - k;
                while (n > 1 && digits[n - 1] == '0') {
                    n--;
                }
                return n;
            }
        }
    }
    /* Fewer than 15 digits are found by the zeros at the end, but where doubles are sparse; and
     * Java takes two digits where one would do. */
    for (int precision = single || v < 1e-300 ? 2 : 15; precision <= 17; precision++) {
        snprintf(text, sizeof text, "%.*e", precision - 1, v);
        const bool same = single ? (double)strtof(text, NULL) == v : strtod(text, NULL) == v;
        if (same || precision == 17) {
            break;
        }
    }
    int n = 0;
    const char *p = text;
    for (; *p != 'e'; p++) {
        if (*p != '.') {
            digits[n++] = *p;
        }
    }
    *point = atoi(p + 1) + 1;
    while (n > 1 && digits[n - 1] == '0') {
        n--;
    }
    return n;
}

static int
real_text(char *out, double v, bool single)
{
    char *p = out;
    if (isnan(v)) {
        return snprintf(out, NUMBER_TEXT_MAX, "NaN");
    }
    if (signbit(v)) {
        *p++ = '-';
        v = -v;
    }
    if (isinf(v)) {
        p += snprintf(p, NUMBER_TEXT_MAX - (size_t)(p - out), "Infinity");
        return (int)(p - out);
    }
    if (v == 0) {
        p += snprintf(p, NUMBER_TEXT_MAX - (size_t)(p - out), "0.0");
        return (int)(p - out);
    }
    char digits[24];
    int point;
    const int n = shortest_digits(v, single, digits, &point);
    if (v >= 1e-3 && v < 1e7) {
        if (point <= 0) {
            *p++ = '0';
            *p++ = '.';
            for (int i = point; i < 0; i++) {
                *p++ = '0';
            }
            memcpy(p, digits, (size_t)n);
            p += n;
        } else {
            for (int i = 0; i < point; i++) {
                *p++ = i < n ? digits[i] : '0';
            }
            *p++ = '.';
            if (n <= point) {
                *p++ = '0';
            }
            for (int i = point; i < n; i++) {
                *p++ = digits[i];
            }
        }
        *p = '\0';
        return (int)(p - out);
    }
    *p++ = digits[0];
    *p++ = '.';
    if (n == 1) {
        *p++ = '0';
    }
    for (int i = 1; i < n; i++) {
        *p++ = digits[i];
    }
    p += snprintf(p, NUMBER_TEXT_MAX - (size_t)(p - out), "E%d", point - 1);
    return (int)(p - out);
}

int
number_double_text(char out[NUMBER_TEXT_MAX], double v)
{
    return real_text(out, v, false);
}

int
number_float_text(char out[NUMBER_TEXT_MAX], float v)
{
    return real_text(out, (double)v, true);
}

int
number_int_text(char out[NUMBER_TEXT_MAX], int64_t v)
{
    char reversed[24];
    int n = 0;
    uint64_t u = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
    do {
        reversed[n++] = (char)('0' + u % 10);
        u /= 10;
    } while (u != 0);
    char *p = out;
    if (v < 0) {
        *p++ = '-';
    }
    while (n > 0) {
        *p++ = reversed[--n];
    }
    *p = '\0';
    return (int)(p - out);
}

void
number_trim(const char **text, size_t *len)
{
    while (*len > 0 && (uint8_t) * *text <= ' ') {
        ++*text;
        --*len;
    }
    while (*len > 0 && (uint8_t)(*text)[*len - 1] <= ' ') {
        --*len;
    }
}

bool
number_parse_int(const char *text, size_t len, bool fraction_cut, int64_t *out)
{
    const char *p = text;
    const char *end = text + len;
    bool negative = false;
    if (p < end && (*p == '+' || *p == '-')) {
        negative = *p++ == '-';
    }
    const char *digits = p;
    uint64_t v = 0;
    for (; p < end && *p >= '0' && *p <= '9'; p++) {
        if (v > (UINT64_MAX - 9) / 10) {
            return false;
        }
        v = v * 10 + (uint64_t)(*p - '0');
    }
    bool any = p > digits;
    if (fraction_cut && p < end && *p == '.') {
        p++;
        const char *fraction = p;
        while (p < end && *p >= '0' && *p <= '9') {
            p++;
        }
        any = any || p > fraction;
        any = any || digits < end;
    }
    if (!any || p != end || v > (uint64_t)INT64_MAX + negative) {
        return false;
    }
    *out = negative ? (int64_t)(0 - v) : (int64_t)v;
    return true;
}

static bool
word_value(const char *text, size_t len, double *out)
{
    bool negative = false;
    if (len > 0 && (*text == '+' || *text == '-')) {
        negative = *text == '-';
        text++;
        len--;
    }
    if ((len == 3 && strncasecmp(text, "inf", 3) == 0) ||
        (len == 8 && strncasecmp(text, "infinity", 8) == 0)) {
        *out = negative ? -INFINITY : INFINITY;
        return true;
    }
    if (len == 3 && strncasecmp(text, "nan", 3) == 0) {
        *out = NAN;
        return true;
    }
    return false;
}

/* Checks the grammar, which is narrower than strtod's; the length without a type suffix. */
static bool
real_grammar(const char *text, size_t *len)
{
    const char *p = text;
    const char *end = text + *len;
    bool digits = false;
    if (p < end && (*p == '+' || *p == '-')) {
        p++;
    }
    for (; p < end && isdigit((unsigned char)*p); p++) {
        digits = true;
    }
    if (p < end && *p == '.') {
        for (p++; p < end && isdigit((unsigned char)*p); p++) {
            digits = true;
        }
    }
    if (!digits) {
        return false;
    }
    if (p < end && (*p == 'e' || *p == 'E')) {
        p++;
        if (p < end && (*p == '+' || *p == '-')) {
            p++;
        }
        if (p == end || !isdigit((unsigned char)*p)) {
            return false;
        }
        while (p < end && isdigit((unsigned char)*p)) {
            p++;
        }
    }
    *len = (size_t)(p - text);
    return p == end || (p + 1 == end && strchr("dDfF", *p) != NULL);
}

/* Up to 15 digits and a small power of ten: one exact division or product. */
static bool
real_quick(const char *text, size_t len, double *out)
{
    static const double powers[] = {1,   1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                    1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
    const char *p = text;
    const char *end = text + len;
    uint64_t v = 0;
    int fraction = 0;
    bool point = false;
    bool negative = false;
    if (len > 17) {
        return false;
    }
    if (p < end && (*p == '-' || *p == '+')) {
        negative = *p++ == '-';
    }
    int digits = 0;
    for (; p < end; p++) {
        if (*p == '.') {
            point = true;
            continue;
        }
        if (*p < '0' || *p > '9') {
            return false;
        }
        v = v * 10 + (uint64_t)(*p - '0');
        fraction += point;
        digits++;
    }
    if (digits > 15) {
        return false;
    }
    *out = (double)v / powers[fraction];
    if (negative) {
        *out = -*out;
    }
    return true;
}

static bool
real_parse(const char *text, size_t len, bool single, double *out)
{
    if (word_value(text, len, out)) {
        return true;
    }
    size_t kept = len;
    if (!real_grammar(text, &kept)) {
        return false;
    }
    if (!single && real_quick(text, kept, out)) {
        return true;
    }
    char local[128];
    char *copy = kept < sizeof local ? local : malloc(kept + 1);
    if (copy == NULL) {
        return false;
    }
    memcpy(copy, text, kept);
    copy[kept] = '\0';
    *out = single ? (double)strtof(copy, NULL) : strtod(copy, NULL);
    if (copy != local) {
        free(copy);
    }
    return true;
}

bool
number_parse_double(const char *text, size_t len, double *out)
{
    return real_parse(text, len, false, out);
}

bool
number_parse_float(const char *text, size_t len, float *out)
{
    double v;
    if (!real_parse(text, len, true, &v)) {
        return false;
    }
    *out = (float)v;
    return true;
}
