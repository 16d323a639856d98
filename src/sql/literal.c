/*
 * Literals: numbers with their suffixes, typed strings (DATE '...', X'...'), intervals.
 *
 * A value that is the same in every session becomes a literal here; the others (timestamps, which
 * the session's zone decides) stay casts of strings that resolution folds.
 */
#include <errno.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sql/parser.h"

static struct expr *
out_of_range(struct parser *p, const struct token *t, const char *raw, const char *type,
             const char *min, const char *max)
{
    error_raise(p->err, "INVALID_NUMERIC_LITERAL_RANGE", "rawLiteral", raw, "typeName", type,
                "minValue", min, "maxValue", max, NULL);
    parser_place(p, t);
    return NULL;
}

/* Digits (with at most 38 of them significant), a point and an exponent to a decimal. */
static struct expr *
decimal_literal(struct parser *p, const struct token *t, const char *digits, size_t len,
                bool negative)
{
    i128 value = 0;
    int significant = 0, scale = 0;
    bool point = false;
    size_t i = 0;
    for (; i < len && digits[i] != 'e' && digits[i] != 'E'; i++) {
        if (digits[i] == '.') {
            point = true;
            continue;
        }
        scale += point;
        significant += significant > 0 || digits[i] != '0';
        if (significant <= DECIMAL_PRECISION_MAX) {
            value = value * 10 + (digits[i] - '0');
        }
    }
    if (i < len) {
        const long exponent = strtol(digits + i + 1, NULL, 10);
        scale -= exponent > 1000 ? 1000 : exponent < -1000 ? -1000 : (int)exponent;
    }
    for (; scale < 0 && significant <= DECIMAL_PRECISION_MAX; scale++) {
        significant += value != 0;
        value = significant <= DECIMAL_PRECISION_MAX ? value * 10 : value;
    }
    int precision = significant > scale ? significant : scale;
    precision = precision < 1 ? 1 : precision;
    if (precision > DECIMAL_PRECISION_MAX || scale < 0) {
        error_raise(p->err, "DECIMAL_PRECISION_EXCEEDS_MAX_PRECISION", "precision",
                    arena_printf(p->arena, "%d", precision), "maxPrecision", "38", NULL);
        parser_place(p, t);
        return NULL;
    }
    value = negative ? -value : value;
    struct datum d = {.type = type_decimal(p->arena, precision, scale)};
    if (precision > DECIMAL_I64_PRECISION_MAX) {
        d.wide = value;
    } else {
        d.i = (int64_t)value;
    }
    return expr_literal(p->arena, d);
}

static struct expr *
integer_literal(struct parser *p, const struct token *t, bool negative)
{
    static const struct {
        char suffix;
        enum type_id type;
        int64_t max;
        const char *name, *min_text, *max_text;
    } kinds[] = {
        {'Y', TYPE_BYTE, INT8_MAX, "tinyint", "-128", "127"},
        {'S', TYPE_SHORT, INT16_MAX, "smallint", "-32768", "32767"},
        {'L', TYPE_LONG, INT64_MAX, "bigint", "-9223372036854775808", "9223372036854775807"},
    };
    const char last = t->text[t->text_len - 1];
    const char suffix = (char)(last >= 'a' ? last - 32 : last);
    errno = 0;
    const uint64_t magnitude = strtoull(t->text, NULL, 10);
    const bool huge = errno == ERANGE;
    for (size_t i = 0; i < 3; i++) {
        if (suffix != kinds[i].suffix) {
            continue;
        }
        if (huge || magnitude > (uint64_t)kinds[i].max + negative) {
            const char *raw = arena_printf(p->arena, "%s%.*s", negative ? "-" : "",
                                           (int)t->text_len - 1, t->text);
            return out_of_range(p, t, raw, kinds[i].name, kinds[i].min_text, kinds[i].max_text);
        }
        const int64_t v = (int64_t)(negative ? 0 - magnitude : magnitude);
        return expr_literal(p->arena, (struct datum){.type = type_scalar(kinds[i].type), .i = v});
    }
    if (huge || magnitude > (uint64_t)INT64_MAX + negative) {
        return decimal_literal(p, t, t->text, t->text_len, negative);
    }
    const int64_t v = (int64_t)(negative ? 0 - magnitude : magnitude);
    return v >= INT32_MIN && v <= INT32_MAX ? expr_int_literal(p->arena, (int32_t)v)
                                            : expr_long_literal(p->arena, v);
}

static struct expr *
real_literal(struct parser *p, const struct token *t, bool negative)
{
    const char last = t->text[t->text_len - 1];
    const bool single = last == 'f' || last == 'F';
    const bool suffix = single || last == 'd' || last == 'D';
    const char *raw =
        arena_printf(p->arena, "%s%.*s", negative ? "-" : "", (int)(t->text_len - suffix), t->text);
    double v = strtod(raw, NULL);
    if (single) {
        v = (double)strtof(raw, NULL);
        if (isinf(v)) {
            return out_of_range(p, t, raw, "float", "-3.4028234663852886E+38",
                                "3.4028234663852886E+38");
        }
    } else if (isinf(v)) {
        return out_of_range(p, t, raw, "double", "-1.7976931348623157E+308",
                            "1.7976931348623157E+308");
    }
    return expr_literal(
        p->arena, (struct datum){.type = type_scalar(single ? TYPE_FLOAT : TYPE_DOUBLE), .f = v});
}

struct expr *
parse_number(struct parser *p, bool negative)
{
    const struct token *t = parser_next(p);
    if (t->kind == TOKEN_INTEGER) {
        return integer_literal(p, t, negative);
    }
    if (t->kind == TOKEN_REAL) {
        return real_literal(p, t, negative);
    }
    const char last = t->text[t->text_len - 1];
    const bool suffix = last == 'd' || last == 'D'; /* BD */
    return decimal_literal(p, t, t->text, t->text_len - (suffix ? 2 : 0), negative);
}

/* --- typed strings --- */

static struct expr *
hex_literal(struct parser *p, const struct token *at)
{
    uint32_t len;
    const char *text = parse_string(p, &len);
    if (text == NULL) {
        return NULL;
    }
    const uint32_t odd = len % 2;
    uint8_t *bytes = arena_alloc(p->arena, len / 2 + 1);
    for (uint32_t i = 0; i < len; i++) {
        const char c = text[i];
        const int v = c >= '0' && c <= '9'   ? c - '0'
                      : c >= 'a' && c <= 'f' ? c - 'a' + 10
                      : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                             : -1;
        if (v < 0) {
            error_raise(p->err, "INVALID_TYPED_LITERAL", "valueType", "\"X\"", "value",
                        arena_printf(p->arena, "'%s'", text), NULL);
            parser_place(p, at);
            return NULL;
        }
        const uint32_t place = i + odd;
        bytes[place / 2] = (uint8_t)(place % 2 == 0 ? v << 4 : (i == 0 ? 0 : bytes[place / 2]) | v);
    }
    return expr_literal(p->arena,
                        (struct datum){.type = type_scalar(TYPE_BINARY),
                                       .str = view_make((const char *)bytes, (len + odd) / 2)});
}

/* yyyy-mm-dd exactly; every other form is left to the cast. */
static bool
plain_date(const char *text, uint32_t len, int64_t *days)
{
    static const uint8_t month_days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int y, m, d, used = 0;
    if (len != 10 || sscanf(text, "%4d-%2d-%2d%n", &y, &m, &d, &used) != 3 || used != 10 ||
        strspn(text, "0123456789-") != 10 || y < 1 || m < 1 || m > 12 || d < 1) {
        return false;
    }
    const bool leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
    if (d > month_days[m - 1] + (m == 2 && leap)) {
        return false;
    }
    const int64_t years = m <= 2 ? y - 1 : y; /* years begin in March */
    const int64_t era = years / 400, of_era = years % 400;
    const int64_t day = (153 * (m > 2 ? m - 3 : m + 9) + 2) / 5 + d - 1;
    *days = era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + day - 719468;
    return true;
}

static struct expr *
string_cast(struct parser *p, enum type_id type)
{
    uint32_t len;
    const char *text = parse_string(p, &len);
    if (text == NULL) {
        return NULL;
    }
    int64_t days;
    if (type == TYPE_DATE && plain_date(text, len, &days)) {
        return expr_literal(p->arena, (struct datum){.type = type_scalar(TYPE_DATE), .i = days});
    }
    struct expr *e =
        expr_cast(p->arena, expr_string_literal(p->arena, text, len), type_scalar(type), CAST_ANSI);
    e->spelling = SPELL_TYPED_LITERAL;
    return e;
}

/* NULL without an error when this is not a typed literal at all. */
struct expr *
parse_typed_literal(struct parser *p)
{
    const struct token *t = parser_peek(p, 0);
    if (t->kind != TOKEN_WORD || parser_peek(p, 1)->kind != TOKEN_STRING) {
        return NULL;
    }
    const uint32_t first = p->pos;
    struct expr *e = NULL;
    parser_next(p);
    if (strcasecmp(t->text, "x") == 0) {
        e = hex_literal(p, t);
    } else if (t->keyword == KW_DATE) {
        e = string_cast(p, TYPE_DATE);
    } else if (t->keyword == KW_TIMESTAMP || t->keyword == KW_TIMESTAMP_LTZ) {
        e = string_cast(p, TYPE_TIMESTAMP);
    } else if (t->keyword == KW_TIMESTAMP_NTZ) {
        e = string_cast(p, TYPE_TIMESTAMP_NTZ);
    } else if (t->keyword == KW_TIME) {
        error_unsupported(p->err, "values of type TIME");
    } else {
        p->pos = first;
    }
    return parser_spanned(p, e, first);
}
