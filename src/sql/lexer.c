/*
 * The lexer: one pass over the bytes, longest match, as Spark's grammar file says.
 *
 * Two quirks that programs depend on: an identifier may begin with a digit (5days, 2024_sales), and
 * a quote doubled inside a string stands for one quote.
 */
#include "sql/lexer.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/buffer.h"

struct lexer {
    struct arena *arena;
    const char *text;
    uint32_t len;
    uint32_t pos;
    int32_t chars; /* characters before `counted` */
    uint32_t counted;
    bool in_hint;
    struct token *tokens;
    uint32_t count;
    uint32_t capacity;
};

static const char *const keyword_names[] = {
    "",
#define KEYWORD(word) #word,
#include "sql/keywords.inc"
#undef KEYWORD
};

enum keyword
sql_keyword(const char *word, size_t len)
{
    uint32_t low = 1, high = KW_COUNT;
    while (low < high) {
        const uint32_t mid = low + (high - low) / 2;
        const char *name = keyword_names[mid];
        int order = strncasecmp(name, word, len);
        if (order == 0 && name[len] != '\0') {
            order = 1;
        }
        if (order == 0) {
            return (enum keyword)mid;
        }
        if (order < 0) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    return KW_NONE;
}

static bool
is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_' || (c & 0x80) != 0;
}

static char
peek(const struct lexer *l, uint32_t ahead)
{
    return l->pos + ahead < l->len ? l->text[l->pos + ahead] : '\0';
}

/* The number of characters before byte `to`; asked in ascending order. */
static int32_t
chars_until(struct lexer *l, uint32_t to)
{
    for (; l->counted < to; l->counted++) {
        l->chars += ((unsigned char)l->text[l->counted] & 0xC0) != 0x80;
    }
    return l->chars;
}

static struct token *
token_add(struct lexer *l, enum token_kind kind, uint32_t from, uint32_t to)
{
    if (l->count == l->capacity) {
        const uint32_t capacity = l->capacity == 0 ? 64 : l->capacity * 2;
        struct token *grown = arena_new_array(l->arena, struct token, capacity);
        if (l->count > 0) {
            memcpy(grown, l->tokens, sizeof *grown * l->count);
        }
        l->tokens = grown;
        l->capacity = capacity;
    }
    struct token *t = &l->tokens[l->count++];
    *t = (struct token){.kind = (uint8_t)kind, .from = from, .to = to, .text = ""};
    t->start = chars_until(l, from);
    t->stop = to > from ? chars_until(l, to) - 1 : t->start;
    return t;
}

static void
token_text(struct lexer *l, struct token *t, const char *text, size_t len)
{
    t->text = arena_strndup(l->arena, text, len);
    t->text_len = (uint32_t)len;
}

/* Nested as Spark's; an open one reaches to the end of the text and is no token. */
static bool
skip_comment(struct lexer *l)
{
    uint32_t depth = 0, p = l->pos;
    while (p < l->len) {
        if (l->text[p] == '/' && p + 1 < l->len && l->text[p + 1] == '*') {
            depth++;
            p += 2;
        } else if (l->text[p] == '*' && p + 1 < l->len && l->text[p + 1] == '/') {
            p += 2;
            if (--depth == 0) {
                l->pos = p;
                return true;
            }
        } else {
            p++;
        }
    }
    return false;
}

static void
skip_space(struct lexer *l)
{
    while (l->pos < l->len) {
        const char c = l->text[l->pos];
        if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v') {
            l->pos++;
        } else if ((unsigned char)c == 0xC2 && (unsigned char)peek(l, 1) == 0xA0) {
            l->pos += 2; /* no-break space, common in pasted texts */
        } else if (c == '-' && peek(l, 1) == '-') {
            while (l->pos < l->len && l->text[l->pos] != '\n') {
                l->pos += l->text[l->pos] == '\\' && peek(l, 1) == '\n' ? 2 : 1;
            }
        } else if (c == '/' && peek(l, 1) == '*' && peek(l, 2) != '+') {
            if (!skip_comment(l)) {
                return;
            }
        } else {
            return;
        }
    }
    l->pos = l->pos > l->len ? l->len : l->pos;
}

static void
put_utf8(struct buffer *out, uint32_t c)
{
    if (c < 0x80) {
        buffer_u8(out, (uint8_t)c);
    } else if (c < 0x800) {
        buffer_u8(out, (uint8_t)(0xC0 | c >> 6));
        buffer_u8(out, (uint8_t)(0x80 | (c & 0x3F)));
    } else if (c < 0x10000) {
        buffer_u8(out, (uint8_t)(0xE0 | c >> 12));
        buffer_u8(out, (uint8_t)(0x80 | (c >> 6 & 0x3F)));
        buffer_u8(out, (uint8_t)(0x80 | (c & 0x3F)));
    } else {
        buffer_u8(out, (uint8_t)(0xF0 | (c >> 18 & 7)));
        buffer_u8(out, (uint8_t)(0x80 | (c >> 12 & 0x3F)));
        buffer_u8(out, (uint8_t)(0x80 | (c >> 6 & 0x3F)));
        buffer_u8(out, (uint8_t)(0x80 | (c & 0x3F)));
    }
}

/* `digits` of the base at p, or false. */
static bool
code_digits(const char *p, const char *end, uint32_t digits, uint32_t base, uint32_t *code)
{
    *code = 0;
    if ((size_t)(end - p) < digits) {
        return false;
    }
    for (uint32_t i = 0; i < digits; i++) {
        const char c = p[i];
        const uint32_t v = c >= '0' && c <= '9'   ? (uint32_t)(c - '0')
                           : c >= 'a' && c <= 'f' ? (uint32_t)(c - 'a') + 10
                           : c >= 'A' && c <= 'F' ? (uint32_t)(c - 'A') + 10
                                                  : 99;
        if (v >= base) {
            return false;
        }
        *code = *code * base + v;
    }
    return true;
}

/* What stands after a backslash; returns how many bytes of it were used. */
static uint32_t
put_escape(struct buffer *out, const char *p, const char *end)
{
    static const char from[] = "0bnrtZ", to[] = "\0\b\n\r\t\032";
    uint32_t code, low;
    if (*p == 'u' && code_digits(p + 1, end, 4, 16, &code)) {
        if (code >= 0xD800 && code < 0xDC00 && end - p > 10 && p[5] == '\\' && p[6] == 'u' &&
            code_digits(p + 7, end, 4, 16, &low) && low >= 0xDC00 && low < 0xE000) {
            put_utf8(out, 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00));
            return 11;
        }
        put_utf8(out, code >= 0xD800 && code < 0xE000 ? '?' : code);
        return 5;
    }
    if (*p == 'U' && code_digits(p + 1, end, 8, 16, &code) && code < 0x110000) {
        put_utf8(out, code);
        return 9;
    }
    if ((*p == '0' || *p == '1') && code_digits(p, end, 3, 8, &code)) {
        put_utf8(out, code);
        return 3;
    }
    const char *known = *p != '\0' ? strchr(from, *p) : NULL;
    if (known != NULL) {
        buffer_u8(out, (uint8_t)to[known - from]);
    } else if (*p == '%' || *p == '_') { /* LIKE reads these itself */
        buffer_u8(out, '\\');
        buffer_put(out, p, 1);
    } else {
        buffer_put(out, p, 1);
    }
    return 1;
}

static void
lex_string(struct lexer *l, uint32_t from, bool raw)
{
    const char quote = l->text[l->pos];
    struct buffer out = {0};
    const char *p = l->text + l->pos + 1, *end = l->text + l->len;
    bool closed = false;
    while (p < end && !closed) {
        if (*p == quote && !raw && p + 1 < end && p[1] == quote) {
            buffer_put(&out, p, 1);
            p += 2;
        } else if (*p == quote) {
            closed = true;
            p++;
        } else if (*p == '\\' && !raw) {
            p++;
            p += p < end ? put_escape(&out, p, end) : 0;
        } else {
            buffer_put(&out, p++, 1);
        }
    }
    if (!closed) {
        l->pos = from + 1;
        token_add(l, TOKEN_BAD, from, from + 1);
    } else {
        l->pos = (uint32_t)(p - l->text);
        token_text(l, token_add(l, TOKEN_STRING, from, l->pos), buffer_text(&out), out.len);
    }
    buffer_release(&out);
}

static void
lex_quoted(struct lexer *l)
{
    const uint32_t from = l->pos;
    struct buffer out = {0};
    uint32_t p = from + 1;
    for (; p < l->len; p++) {
        if (l->text[p] == '`') {
            if (p + 1 >= l->len || l->text[p + 1] != '`') {
                break;
            }
            p++;
        }
        buffer_put(&out, l->text + p, 1);
    }
    if (p >= l->len) {
        l->pos = from + 1;
        token_add(l, TOKEN_BAD, from, l->pos);
    } else {
        l->pos = p + 1;
        token_text(l, token_add(l, TOKEN_QUOTED, from, l->pos), buffer_text(&out), out.len);
    }
    buffer_release(&out);
}

static uint32_t
digits_at(const struct lexer *l, uint32_t p)
{
    uint32_t n = 0;
    while (p + n < l->len && isdigit((unsigned char)l->text[p + n])) {
        n++;
    }
    return n;
}

/* The longest number at pos; 0 if there is none. */
static uint32_t
number_length(const struct lexer *l, enum token_kind *kind)
{
    uint32_t n = digits_at(l, l->pos);
    bool point = false;
    *kind = TOKEN_INTEGER;
    if (peek(l, n) == '.') {
        const uint32_t after = digits_at(l, l->pos + n + 1);
        if (n + after == 0) {
            return 0;
        }
        const char next = peek(l, n + 1 + after);
        /* "1.e" would be a field of something; only digits, an exponent or a suffix may follow. */
        if (!is_word(next) || next == 'e' || next == 'E' || strchr("dDfFbB", next) != NULL) {
            n += 1 + after;
            point = true;
            *kind = TOKEN_DECIMAL;
        }
    }
    if (n == 0) {
        return 0;
    }
    if (peek(l, n) == 'e' || peek(l, n) == 'E') {
        const uint32_t sign = peek(l, n + 1) == '+' || peek(l, n + 1) == '-';
        const uint32_t digits = digits_at(l, l->pos + n + 1 + sign);
        if (digits > 0) {
            n += 1 + sign + digits;
            *kind = TOKEN_REAL;
        }
    }
    const char c = (char)toupper((unsigned char)peek(l, n));
    if (c == 'B' && toupper((unsigned char)peek(l, n + 1)) == 'D') {
        *kind = TOKEN_DECIMAL;
        n += 2;
    } else if (c == 'D' || c == 'F') {
        *kind = TOKEN_REAL;
        n += 1;
    } else if (*kind == TOKEN_INTEGER && !point && (c == 'L' || c == 'S' || c == 'Y')) {
        n += 1;
    }
    return n;
}

static bool
lex_number(struct lexer *l)
{
    enum token_kind kind;
    const uint32_t n = number_length(l, &kind);
    uint32_t word = 0;
    while (is_word(peek(l, word))) {
        word++;
    }
    if (n == 0 || (word > n && kind == TOKEN_INTEGER)) {
        return false;
    }
    if (is_word(peek(l, n))) { /* 1.5abc, 1e3x */
        return false;
    }
    token_text(l, token_add(l, kind, l->pos, l->pos + n), l->text + l->pos, n);
    l->pos += n;
    return true;
}

static void
lex_word(struct lexer *l)
{
    const uint32_t from = l->pos;
    while (is_word(peek(l, 0))) {
        l->pos++;
    }
    struct token *t = token_add(l, TOKEN_WORD, from, l->pos);
    token_text(l, t, l->text + from, l->pos - from);
    t->keyword = (uint16_t)sql_keyword(t->text, t->text_len);
}

static void
lex_sign(struct lexer *l)
{
    static const struct {
        const char *text;
        uint16_t sign;
    } signs[] = {{"<=>", SIGN_NULL_SAFE}, {">>>", SIGN_USHR}, {"/*+", SIGN_HINT},
                 {"==", SIGN_EQ2},        {"<>", SIGN_NE},    {"!=", SIGN_NE},
                 {"<=", SIGN_LE},         {"!>", SIGN_LE},    {">=", SIGN_GE},
                 {"!<", SIGN_GE},         {"<<", SIGN_SHL},   {">>", SIGN_SHR},
                 {"||", SIGN_CONCAT},     {"|>", SIGN_PIPE},  {"->", SIGN_ARROW},
                 {"=>", SIGN_FAT_ARROW},  {"::", SIGN_CAST},  {"*/", SIGN_HINT_END}};
    const uint32_t from = l->pos;
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
        const size_t n = strlen(signs[i].text);
        if (l->len - l->pos < n || memcmp(l->text + l->pos, signs[i].text, n) != 0 ||
            (signs[i].sign == SIGN_HINT_END && !l->in_hint)) {
            continue;
        }
        l->in_hint = signs[i].sign == SIGN_HINT || (l->in_hint && signs[i].sign != SIGN_HINT_END);
        l->pos += (uint32_t)n;
        token_add(l, TOKEN_SIGN, from, l->pos)->sign = signs[i].sign;
        return;
    }
    const char c = l->text[l->pos++];
    if (c == '\0' || strchr("()[]{},.;:?+-*/%&|^~<>=!", c) == NULL) {
        token_add(l, TOKEN_BAD, from, l->pos);
    } else {
        token_add(l, TOKEN_SIGN, from, l->pos)->sign = (uint16_t)c;
    }
}

static void
lex_one(struct lexer *l)
{
    const char c = peek(l, 0), next = peek(l, 1);
    if (c == '\'' || c == '"') {
        lex_string(l, l->pos, false);
    } else if ((c == 'r' || c == 'R') && (next == '\'' || next == '"')) {
        l->pos++;
        lex_string(l, l->pos - 1, true);
    } else if (c == '`') {
        lex_quoted(l);
    } else if ((isdigit((unsigned char)c) || (c == '.' && isdigit((unsigned char)next))) &&
               lex_number(l)) {
        return;
    } else if (is_word(c)) {
        lex_word(l);
    } else {
        lex_sign(l);
    }
}

struct token *
sql_lex(struct arena *a, const char *text, size_t len, uint32_t *count)
{
    struct lexer l = {.arena = a, .text = text, .len = (uint32_t)len};
    for (skip_space(&l); l.pos < l.len; skip_space(&l)) {
        lex_one(&l);
    }
    token_add(&l, TOKEN_END, l.len, l.len);
    *count = l.count;
    return l.tokens;
}
