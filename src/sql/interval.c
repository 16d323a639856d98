/*
 * Interval literals: INTERVAL 1 DAY 2 HOURS, INTERVAL '1-2' YEAR TO MONTH, INTERVAL '1 day 2
 * hours'.
 *
 * Units decide the type: years and months make a year-month interval, the rest a day-time one, and
 * both together are refused. All arithmetic is checked.
 */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "sql/parser.h"

struct sum {
    int64_t months;
    int64_t micros;
    int year_month[2]; /* least and greatest unit seen; -1 = none */
    int day_time[2];
};

static const struct {
    const char *name;
    int year_month; /* unit of the result's type, or -1 */
    int day_time;   /* the same */
    int64_t factor; /* months or microseconds; 0 = nanoseconds */
} units[] = {
    {"year", UNIT_YEAR, -1, 12},          {"month", UNIT_MONTH, -1, 1},
    {"week", -1, UNIT_DAY, 604800000000}, {"day", -1, UNIT_DAY, 86400000000},
    {"hour", -1, UNIT_HOUR, 3600000000},  {"minute", -1, UNIT_MINUTE, 60000000},
    {"second", -1, UNIT_SECOND, 1000000}, {"millisecond", -1, UNIT_SECOND, 1000},
    {"microsecond", -1, UNIT_SECOND, 1},  {"nanosecond", -1, UNIT_SECOND, 0},
};

enum { UNIT_COUNT = sizeof units / sizeof *units };

static int
unit_of(const char *text, size_t len)
{
    for (int i = 0; i < UNIT_COUNT; i++) {
        const size_t n = strlen(units[i].name);
        const bool plural = len == n + 1 && (text[n] == 's' || text[n] == 'S');
        if ((len == n || plural) && strncasecmp(text, units[i].name, n) == 0) {
            return i;
        }
    }
    return -1;
}

static bool
is_number(const struct token *t)
{
    return (t->kind == TOKEN_INTEGER || t->kind == TOKEN_DECIMAL) &&
           !isalpha((unsigned char)t->text[t->text_len - 1]); /* no suffixes */
}

bool
parser_at_interval(const struct parser *p)
{
    if (!parser_at(p, KW_INTERVAL)) {
        return false;
    }
    const bool sign = parser_at_sign_ahead(p, 1, '-') || parser_at_sign_ahead(p, 1, '+');
    const struct token *t = parser_peek(p, sign ? 2 : 1);
    return is_number(t) || t->kind == TOKEN_STRING;
}

static void
sum_note(int range[2], int unit)
{
    range[0] = range[0] < 0 || unit < range[0] ? unit : range[0];
    range[1] = unit > range[1] ? unit : range[1];
}

/* Adds text, a number with maybe a fraction, of the unit. False: not a number, or out of range. */
static bool
sum_add(struct sum *s, const char *text, size_t len, bool negative, int unit)
{
    size_t i = 0;
    while (len > 0 && isspace((unsigned char)text[len - 1])) {
        len--;
    }
    while (i < len && isspace((unsigned char)text[i])) {
        i++;
    }
    if (i < len && (text[i] == '-' || text[i] == '+')) {
        negative ^= text[i++] == '-';
    }
    int64_t whole = 0, fraction = 0, scale = 1000000;
    const size_t first = i;
    for (; i < len && isdigit((unsigned char)text[i]); i++) {
        if (__builtin_mul_overflow(whole, 10, &whole) ||
            __builtin_sub_overflow(whole, text[i] - '0', &whole)) { /* kept negative */
            return false;
        }
    }
    bool digits = i > first;
    if (i < len && text[i] == '.' && strcmp(units[unit].name, "second") == 0) {
        for (i++; i < len && isdigit((unsigned char)text[i]); i++) {
            scale /= 10;
            fraction += scale * (text[i] - '0');
            digits = true;
        }
    }
    if (!digits || i < len) {
        return false;
    }
    int64_t *total = units[unit].year_month >= 0 ? &s->months : &s->micros;
    int64_t value;
    const bool nanos = units[unit].factor == 0;
    if (__builtin_mul_overflow(nanos ? whole / 1000 : whole, nanos ? 1 : units[unit].factor,
                               &value) ||
        __builtin_sub_overflow(value, fraction, &value)) {
        return false;
    }
    if (negative ? __builtin_add_overflow(*total, value, total)
                 : __builtin_sub_overflow(*total, value, total)) {
        return false;
    }
    sum_note(units[unit].year_month >= 0 ? s->year_month : s->day_time,
             units[unit].year_month >= 0 ? units[unit].year_month : units[unit].day_time);
    return s->months >= INT32_MIN && s->months <= INT32_MAX;
}

static struct expr *
refuse(struct parser *p, const char *condition, const char *name, const char *value,
       const struct token *at)
{
    if (!error_is_set(p->err)) {
        error_raise(p->err, condition, name, value, NULL);
        parser_place(p, at);
    }
    return NULL;
}

static struct expr *
sum_literal(struct parser *p, const struct sum *s, uint32_t first)
{
    const bool ym = s->year_month[0] >= 0;
    if (ym && s->day_time[0] >= 0) {
        return refuse(p, "_LEGACY_ERROR_TEMP_0029", "literal", parser_cut(p, first, p->pos),
                      &p->tokens[first]);
    }
    const int *range = ym ? s->year_month : s->day_time;
    struct type *t = arena_copy(p->arena, type_scalar(ym ? TYPE_INTERVAL_YM : TYPE_INTERVAL_DT),
                                sizeof(struct type));
    t->precision = (uint8_t)range[0];
    t->scale = (uint8_t)range[1];
    return expr_literal(p->arena, (struct datum){.type = t, .i = ym ? s->months : s->micros});
}

/* "1 day -2 hours", the text of INTERVAL '...' without a unit. */
static bool
sum_words(struct sum *s, const char *text, size_t len)
{
    size_t i = 0;
    bool any = false;
    while (i < len && isspace((unsigned char)text[i])) {
        i++;
    }
    if (len - i > 8 && strncasecmp(text + i, "interval", 8) == 0 &&
        isspace((unsigned char)text[i + 8])) {
        i += 8;
    }
    while (i < len) {
        while (i < len && isspace((unsigned char)text[i])) {
            i++;
        }
        const size_t number = i;
        while (i < len && (isdigit((unsigned char)text[i]) || strchr("+-.", text[i]) != NULL)) {
            i++;
        }
        const size_t number_end = i;
        while (i < len && isspace((unsigned char)text[i])) {
            i++;
        }
        const size_t word = i;
        while (i < len && isalpha((unsigned char)text[i])) {
            i++;
        }
        if (number == i) {
            break; /* trailing blanks, or something else entirely */
        }
        const int unit = unit_of(text + word, i - word);
        if (unit < 0 || !sum_add(s, text + number, number_end - number, false, unit)) {
            return false;
        }
        any = true;
    }
    return any && i == len;
}

/* '1-2' YEAR TO MONTH, '1 02:03:04.5' DAY TO SECOND: fields of the units from..to. */
static bool
sum_fields(struct sum *s, const char *text, size_t len, bool negative, int from, int to)
{
    static const int limits[] = {0, 11, 0, 0, 23, 59, 59};
    size_t i = 0;
    while (len > 0 && isspace((unsigned char)text[len - 1])) {
        len--;
    }
    while (i < len && isspace((unsigned char)text[i])) {
        i++;
    }
    if (i < len && (text[i] == '-' || text[i] == '+')) {
        negative ^= text[i++] == '-';
    }
    for (int unit = from; unit <= to; unit++) {
        const size_t start = i;
        while (i < len && isdigit((unsigned char)text[i])) {
            i++;
        }
        if (i == start || (unit > from && (i - start > 2))) {
            return false;
        }
        int v = 0;
        for (size_t k = start; unit > from && k < i; k++) {
            v = v * 10 + (text[k] - '0');
        }
        if (unit > from && v > limits[unit]) {
            return false;
        }
        if (unit == 6 && i < len && text[i] == '.') {
            for (i++; i < len && isdigit((unsigned char)text[i]); i++) {
            }
        }
        if (!sum_add(s, text + start, i - start, negative, unit)) {
            return false;
        }
        if (unit < to) {
            const char wanted = unit == 0 ? '-' : unit == 3 ? ' ' : ':';
            if (i >= len || text[i] != wanted) {
                return false;
            }
            i++;
        }
    }
    return i == len;
}

/* number unit number unit ...; the current token is the first number. */
static bool
sum_pairs(struct parser *p, struct sum *s, uint32_t first)
{
    bool any = false;
    for (;;) {
        const uint32_t before = p->pos;
        const bool sign = parser_at_sign(p, '-') || parser_at_sign(p, '+');
        const bool negative = parser_take_sign(p, '-') || (parser_take_sign(p, '+') && false);
        const struct token *t = parser_peek(p, 0);
        const struct token *word = parser_peek(p, 1);
        const int unit = word->kind == TOKEN_WORD ? unit_of(word->text, word->text_len) : -1;
        if ((!is_number(t) && t->kind != TOKEN_STRING) || unit < 0) {
            p->pos = before;
            if (!any || (sign && is_number(t) && unit >= 0)) {
                p->pos += sign + 1 < (int)(p->count - p->pos) ? sign + 1 : 0;
                return parser_syntax(p);
            }
            return true;
        }
        parser_next(p);
        parser_next(p);
        if (!sum_add(s, t->text, t->text_len, negative, unit)) {
            refuse(p, "_LEGACY_ERROR_TEMP_0026", "msg",
                   arena_printf(p->arena, "Error parsing '%s' to interval",
                                parser_cut(p, first + 1, p->pos)),
                   &p->tokens[first]);
            return false;
        }
        any = true;
    }
}

struct expr *
parse_interval(struct parser *p)
{
    const uint32_t first = p->pos;
    const struct token *at = parser_next(p);
    struct sum s = {.year_month = {-1, -1}, .day_time = {-1, -1}};
    const bool sign = parser_at_sign(p, '-') || parser_at_sign(p, '+');
    const struct token *value = parser_peek(p, sign ? 1 : 0);
    const struct token *unit = parser_peek(p, sign ? 2 : 1);
    const int from = unit->kind == TOKEN_WORD ? unit_of(unit->text, unit->text_len) : -1;
    struct expr *e = NULL;
    if (value->kind == TOKEN_STRING && from < 0) {
        parser_next(p);
        if (sign || !sum_words(&s, value->text, value->text_len)) {
            error_raise(p->err, "INVALID_TYPED_LITERAL", "valueType", "\"INTERVAL\"", "value",
                        arena_printf(p->arena, "'%s'", value->text), NULL);
            parser_place(p, at);
            return NULL;
        }
        e = sum_literal(p, &s, first);
    } else if (from >= 0 && parser_at_ahead(p, sign ? 3 : 2, KW_TO)) {
        const bool negative = parser_at_sign(p, '-');
        p->pos += sign ? 4 : 3;
        const struct token *last = parser_next(p);
        const int to = last->kind == TOKEN_WORD ? unit_of(last->text, last->text_len) : -1;
        const bool fits = (from == 0 && to == 1) || (from >= 3 && to > from && to <= 6);
        if (!fits || value->kind != TOKEN_STRING ||
            !sum_fields(&s, value->text, value->text_len, negative, from, to)) {
            return refuse(p, "_LEGACY_ERROR_TEMP_0026", "msg",
                          arena_printf(p->arena, "Error parsing '%s' to interval", value->text),
                          at);
        }
        e = sum_literal(p, &s, first);
    } else if (sum_pairs(p, &s, first)) {
        e = sum_literal(p, &s, first);
    }
    return parser_spanned(p, e, first);
}
