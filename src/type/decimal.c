/* Decimal arithmetic and text; see decimal.h. */
#include "type/decimal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "type/number.h"

#define u128 unsigned __int128

struct u256 {
    u128 lo;
    u128 hi;
};

static u128
pow10_u(int n)
{
    static const uint64_t small[] = {1u,
                                     10u,
                                     100u,
                                     1000u,
                                     10000u,
                                     100000u,
                                     1000000u,
                                     10000000u,
                                     100000000u,
                                     1000000000u,
                                     10000000000u,
                                     100000000000u,
                                     1000000000000u,
                                     10000000000000u,
                                     100000000000000u,
                                     1000000000000000u,
                                     10000000000000000u,
                                     100000000000000000u,
                                     1000000000000000000u,
                                     10000000000000000000u};
    return n <= 19 ? small[n] : (u128)small[19] * small[n - 19];
}

i128
decimal_pow10(int n)
{
    return (i128)pow10_u(n < 0 ? 0 : n > 38 ? 38 : n);
}

static u128
magnitude(i128 v)
{
    return v < 0 ? (u128)0 - (u128)v : (u128)v;
}

bool
decimal_fits(i128 v, int precision)
{
    return magnitude(v) < pow10_u(precision);
}

static bool
signed_result(u128 v, bool negative, i128 *out)
{
    if (v >= pow10_u(38)) {
        return false;
    }
    *out = negative ? -(i128)v : (i128)v;
    return true;
}

/* Shall a magnitude with this remainder go up by one? */
static bool
round_up(u128 quotient, u128 rest, u128 divisor, bool negative, enum decimal_round mode)
{
    if (rest == 0) {
        return false;
    }
    switch (mode) {
    case DECIMAL_HALF_UP:
        return rest >= divisor - rest;
    case DECIMAL_HALF_EVEN:
        return rest > divisor - rest || (rest == divisor - rest && (quotient & 1) != 0);
    case DECIMAL_FLOOR:
        return negative;
    case DECIMAL_CEILING:
        return !negative;
    default:
        return false;
    }
}

bool
decimal_rescale(i128 v, int from, int to, enum decimal_round mode, i128 *out)
{
    const u128 m = magnitude(v);
    if (to >= from) {
        const int up = to - from;
        if (m == 0) {
            *out = 0;
            return true;
        }
        if (up > 38 || m > pow10_u(38) / pow10_u(up)) {
            return false;
        }
        return signed_result(m * pow10_u(up), v < 0, out);
    }
    const int down = from - to;
    if (down > 38) {
        const bool away = (mode == DECIMAL_FLOOR && v < 0) || (mode == DECIMAL_CEILING && v > 0);
        *out = away ? (v < 0 ? -1 : 1) : 0;
        return true;
    }
    const u128 d = pow10_u(down);
    u128 q = m / d;
    q += round_up(q, m % d, d, v < 0, mode);
    return signed_result(q, v < 0, out);
}

static struct u256
mul_wide(u128 a, u128 b)
{
    const uint64_t a0 = (uint64_t)a;
    const uint64_t a1 = (uint64_t)(a >> 64);
    const uint64_t b0 = (uint64_t)b;
    const uint64_t b1 = (uint64_t)(b >> 64);
    const u128 low = (u128)a0 * b0;
    const u128 mid1 = (u128)a0 * b1;
    const u128 mid2 = (u128)a1 * b0;
    const u128 high = (u128)a1 * b1;
    const u128 mid = (low >> 64) + (uint64_t)mid1 + (uint64_t)mid2;
    return (struct u256){(mid << 64) | (uint64_t)low,
                         high + (mid1 >> 64) + (mid2 >> 64) + (mid >> 64)};
}

/* n / d for d below 2^127, bit by bit; false when the quotient has more than 128 bits. */
static bool
div_wide(struct u256 n, u128 d, u128 *quotient, u128 *rest)
{
    if (n.hi == 0) {
        *quotient = n.lo / d;
        *rest = n.lo % d;
        return true;
    }
    if (n.hi >= d) {
        return false;
    }
    u128 r = n.hi;
    u128 q = 0;
    for (int i = 127; i >= 0; i--) {
        r = (r << 1) | ((n.lo >> i) & 1);
        q <<= 1;
        if (r >= d) {
            r -= d;
            q |= 1;
        }
    }
    *quotient = q;
    *rest = r;
    return true;
}

bool
decimal_mul(i128 a, i128 b, int drop, i128 *out)
{
    const bool negative = (a < 0) != (b < 0);
    if (drop <= 0) {
        i128 product;
        return !__builtin_mul_overflow(a, b, &product) &&
               decimal_rescale(product, 0, -drop, DECIMAL_HALF_UP, out);
    }
    u128 q;
    u128 r;
    struct u256 wide = mul_wide(magnitude(a), magnitude(b));
    int left = drop;
    if (left > 38) {
        return false;
    }
    const u128 d = pow10_u(left);
    if (!div_wide(wide, d, &q, &r)) {
        return false;
    }
    q += round_up(q, r, d, negative, DECIMAL_HALF_UP);
    return signed_result(q, negative, out);
}

bool
decimal_quotient(i128 a, i128 b, int shift, bool round, i128 *out)
{
    const bool negative = (a < 0) != (b < 0);
    u128 n = magnitude(a);
    u128 d = magnitude(b);
    u128 q;
    u128 r;
    if (shift < 0) {
        if (-shift > 38) {
            *out = 0;
            return true;
        }
        const struct u256 wide = mul_wide(d, pow10_u(-shift));
        if (wide.hi != 0 || wide.lo >> 127 != 0) {
            *out = 0;
            return true;
        }
        d = wide.lo;
        shift = 0;
    }
    while (shift > 38) { /* one digit group at a time: the dividend outgrows its first 38 */
        if (n > pow10_u(38) / 10) {
            return false;
        }
        n *= 10;
        shift--;
    }
    if (!div_wide(mul_wide(n, pow10_u(shift)), d, &q, &r)) {
        return false;
    }
    if (round) {
        q += round_up(q, r, d, negative, DECIMAL_HALF_UP);
    }
    return signed_result(q, negative, out);
}

static int
digits_put(char *out, u128 v)
{
    char reversed[48];
    int n = 0;
    do {
        reversed[n++] = (char)('0' + (int)(v % 10));
        v /= 10;
    } while (v != 0);
    for (int i = 0; i < n; i++) {
        out[i] = reversed[n - 1 - i];
    }
    return n;
}

int
decimal_text(char out[DECIMAL_TEXT_MAX], i128 v, int scale, bool plain)
{
    char digits[48];
    const int n = digits_put(digits, magnitude(v));
    char *p = out;
    if (v < 0) {
        *p++ = '-';
    }
    const int exponent = n - 1 - scale;
    if (!plain && exponent < -6 && scale > 0) {
        *p++ = digits[0];
        if (n > 1) {
            *p++ = '.';
            memcpy(p, digits + 1, (size_t)n - 1);
            p += n - 1;
        }
        p += snprintf(p, DECIMAL_TEXT_MAX - (size_t)(p - out), "E%d", exponent);
        return (int)(p - out);
    }
    if (n <= scale) {
        *p++ = '0';
        *p++ = '.';
        memset(p, '0', (size_t)(scale - n));
        p += scale - n;
        memcpy(p, digits, (size_t)n);
        p += n;
    } else {
        memcpy(p, digits, (size_t)(n - scale));
        p += n - scale;
        if (scale > 0) {
            *p++ = '.';
            memcpy(p, digits + n - scale, (size_t)scale);
            p += scale;
        }
    }
    *p = '\0';
    return (int)(p - out);
}

/* A number's text taken apart: its digits without leading zeros, and where the point stands. */
struct parts {
    char digits[512];
    int count;     /* digits kept */
    int64_t point; /* value = 0.digits * 10^point */
    bool negative;
    int fraction; /* digits written after the point */
};

static bool
exponent_parse(const char **p, const char *end, int64_t *out)
{
    bool negative = false;
    int64_t e = 0;
    if (*p < end && (**p == '+' || **p == '-')) {
        negative = **p == '-';
        ++*p;
    }
    if (*p == end) {
        return false;
    }
    for (; *p < end; ++*p) {
        if (**p < '0' || **p > '9') {
            return false;
        }
        if (e < 1000000) {
            e = e * 10 + (**p - '0');
        }
    }
    *out = negative ? -e : e;
    return true;
}

static bool
parts_parse(struct parts *d, const char *p, const char *end)
{
    bool any = false;
    bool seen_point = false;
    int64_t exponent = 0;
    d->count = 0;
    d->point = 0;
    d->fraction = 0;
    d->negative = false;
    if (p < end && (*p == '+' || *p == '-')) {
        d->negative = *p++ == '-';
    }
    for (; p < end; p++) {
        if (*p == '.' && !seen_point) {
            seen_point = true;
        } else if (*p >= '0' && *p <= '9') {
            any = true;
            d->fraction += seen_point;
            if (d->count == 0 && *p == '0') {
                d->point -= seen_point;
                continue;
            }
            d->point += !seen_point;
            if (d->count < (int)sizeof d->digits) {
                d->digits[d->count++] = *p;
            }
        } else if ((*p == 'e' || *p == 'E') && any) {
            p++;
            if (!exponent_parse(&p, end, &exponent)) {
                return false;
            }
            break;
        } else {
            return false;
        }
    }
    d->point += exponent;
    return any;
}

enum decimal_parsed
decimal_parse(const char *text, size_t len, int precision, int scale, i128 *out)
{
    struct parts d;
    if (!parts_parse(&d, text, text + len)) {
        return DECIMAL_MALFORMED;
    }
    *out = 0;
    const int64_t kept = d.point + scale;
    if (d.count == 0 || kept < 0) {
        return DECIMAL_OK;
    }
    if (kept > 38) {
        return DECIMAL_OVERFLOW;
    }
    u128 v = 0;
    for (int i = 0; i < kept; i++) {
        v = v * 10 + (u128)(i < d.count ? d.digits[i] - '0' : 0);
    }
    if (kept < d.count && d.digits[kept] >= '5') {
        v++;
    }
    if (v >= pow10_u(precision)) {
        return DECIMAL_OVERFLOW;
    }
    *out = d.negative ? -(i128)v : (i128)v;
    return DECIMAL_OK;
}

enum decimal_parsed
decimal_parse_exact(const char *text, size_t len, i128 *out, int *precision, int *scale)
{
    struct parts d;
    if (!parts_parse(&d, text, text + len)) {
        return DECIMAL_MALFORMED;
    }
    /* digits * 10^(point - count); a positive exponent is written out */
    int64_t s = d.count - d.point;
    if (d.count == 0) {
        s = d.fraction;
    }
    u128 v = 0;
    for (int i = 0; i < d.count; i++) {
        if (v > pow10_u(38) / 10) {
            return DECIMAL_OVERFLOW;
        }
        v = v * 10 + (u128)(d.digits[i] - '0');
    }
    for (; s < 0; s++) {
        if (v > pow10_u(38) / 10) {
            return DECIMAL_OVERFLOW;
        }
        v *= 10;
    }
    if (s > 38 || v >= pow10_u(38)) {
        return DECIMAL_OVERFLOW;
    }
    char digits[48];
    const int n = v == 0 ? 1 : digits_put(digits, v);
    *scale = (int)s;
    *precision = n > s ? n : (int)s;
    *out = d.negative ? -(i128)v : (i128)v;
    return DECIMAL_OK;
}

double
decimal_to_double(i128 v, int scale)
{
    if (v > -((i128)1 << 53) && v < ((i128)1 << 53) && scale <= 22) {
        return (double)(int64_t)v / (double)(uint64_t)pow10_u(scale > 19 ? 19 : scale) /
               (double)(uint64_t)pow10_u(scale > 19 ? scale - 19 : 0);
    }
    char text[DECIMAL_TEXT_MAX];
    decimal_text(text, v, scale, true);
    return strtod(text, NULL);
}

enum decimal_parsed
decimal_from_double(double v, int precision, int scale, i128 *out)
{
    char text[NUMBER_TEXT_MAX];
    if (!isfinite(v)) {
        return DECIMAL_OVERFLOW;
    }
    const int n = number_double_text(text, v);
    return decimal_parse(text, (size_t)n, precision, scale, out);
}

enum decimal_parsed
decimal_from_float(float v, int precision, int scale, i128 *out)
{
    return decimal_from_double((double)v, precision, scale, out);
}
