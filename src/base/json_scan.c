/* The JSON scanner's steps. */
#include "base/json_scan.h"

#include <string.h>

#include "base/arena.h"

void
json_scan_init(struct json_scan *s, const char *text, size_t len, bool lenient)
{
    *s = (struct json_scan){.start = text, .pos = text, .end = text + len, .lenient = lenient};
}

static bool
json_fail(struct json_scan *s)
{
    s->broken = true;
    return false;
}

static void
skip_space(struct json_scan *s)
{
    while (s->pos < s->end &&
           (*s->pos == ' ' || *s->pos == '\n' || *s->pos == '\t' || *s->pos == '\r')) {
        s->pos++;
    }
}

bool
json_at_end(struct json_scan *s)
{
    skip_space(s);
    return s->pos == s->end;
}

enum json_kind
json_peek(struct json_scan *s)
{
    skip_space(s);
    if (s->broken || s->pos == s->end) {
        return JSON_END;
    }
    switch (*s->pos) {
    case '{':
        return JSON_OBJECT;
    case '[':
        return JSON_ARRAY;
    case '"':
        return JSON_TEXT;
    case '\'':
        if (s->lenient) {
            return JSON_TEXT;
        }
        break;
    case 't':
        return JSON_TRUE;
    case 'f':
        return JSON_FALSE;
    case 'n':
        return JSON_NULL;
    case '-':
    case '0' ... '9':
        return JSON_NUMBER;
    case 'N':
    case 'I':
    case '+':
        if (s->lenient) {
            return JSON_NUMBER;
        }
        break;
    default:
        break;
    }
    json_fail(s);
    return JSON_END;
}

/* The next byte of a text that matters: its quote, a backslash or a control character. Eight bytes
 * at a time: a byte is found where subtracting borrows (the classic zero-byte trick). */
static const char *
text_stop(const char *p, const char *end, char quote)
{
    const uint64_t ones = 0x0101010101010101, highs = 0x8080808080808080;
    const uint64_t quotes = ones * (uint8_t)quote, slashes = ones * (uint8_t)'\\';
    while (end - p >= 8) {
        uint64_t word;
        memcpy(&word, p, 8);
        const uint64_t q = word ^ quotes, b = word ^ slashes;
        const uint64_t low = (word - ones * 0x20) & ~word;
        if (((((q - ones) & ~q) | ((b - ones) & ~b) | low) & highs) != 0) {
            break;
        }
        p += 8;
    }
    while (p < end && *p != quote && *p != '\\' && (uint8_t)*p >= 0x20) {
        p++;
    }
    return p;
}

static bool
is_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* One escape, p behind the backslash. Returns what follows, or NULL. */
static const char *
escape_end(const struct json_scan *s, const char *p)
{
    if (p == s->end) {
        return NULL;
    }
    if (*p == 'u') {
        for (int i = 1; i <= 4; i++) {
            if (s->end - p <= i || !is_hex(p[i])) {
                return NULL;
            }
        }
        return p + 5;
    }
    const bool known = *p != '\0' && strchr("\"\\/bfnrt", *p) != NULL;
    return known || (*p == '\'' && s->lenient) ? p + 1 : NULL;
}

bool
json_text_take(struct json_scan *s, struct json_slice *out)
{
    if (json_peek(s) != JSON_TEXT) {
        return json_fail(s);
    }
    const char quote = *s->pos;
    const char *p = s->pos + 1;
    *out = (struct json_slice){.ptr = p};
    for (;;) {
        p = text_stop(p, s->end, quote);
        if (p == s->end || (uint8_t)*p < 0x20) {
            return json_fail(s);
        }
        if (*p == quote) {
            out->len = (size_t)(p - out->ptr);
            s->pos = p + 1;
            return true;
        }
        out->escaped = true;
        p = escape_end(s, p + 1);
        if (p == NULL) {
            return json_fail(s);
        }
    }
}

/* What may stand behind a number or a literal. */
static bool
value_ends(const struct json_scan *s, const char *p)
{
    return p == s->end || strchr(" \n\t\r,]}:", *p) != NULL;
}

static const char *
digits_end(const struct json_scan *s, const char *p)
{
    while (p < s->end && *p >= '0' && *p <= '9') {
        p++;
    }
    return p;
}

static bool
lenient_number(struct json_scan *s, struct json_slice *out)
{
    static const char *const words[] = {"NaN", "Infinity", "-Infinity", "+Infinity",
                                        "INF", "-INF",     "+INF"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        const size_t len = strlen(words[i]);
        if ((size_t)(s->end - s->pos) >= len && memcmp(s->pos, words[i], len) == 0 &&
            value_ends(s, s->pos + len)) {
            *out = (struct json_slice){.ptr = s->pos, .len = len};
            s->pos += len;
            return true;
        }
    }
    return json_fail(s);
}

bool
json_number_take(struct json_scan *s, struct json_slice *out)
{
    if (json_peek(s) != JSON_NUMBER) {
        return json_fail(s);
    }
    const char *p = s->pos;
    if (*p == '-') {
        p++;
    }
    const char *whole = p;
    p = digits_end(s, p);
    if (p == whole) {
        return s->lenient ? lenient_number(s, out) : json_fail(s);
    }
    if (*whole == '0' && p - whole > 1) {
        return json_fail(s);
    }
    if (p < s->end && *p == '.') {
        const char *fraction = ++p;
        p = digits_end(s, p);
        if (p == fraction) {
            return json_fail(s);
        }
    }
    if (p < s->end && (*p == 'e' || *p == 'E')) {
        p++;
        if (p < s->end && (*p == '+' || *p == '-')) {
            p++;
        }
        const char *exponent = p;
        p = digits_end(s, p);
        if (p == exponent) {
            return json_fail(s);
        }
    }
    if (!value_ends(s, p)) {
        return json_fail(s);
    }
    *out = (struct json_slice){.ptr = s->pos, .len = (size_t)(p - s->pos)};
    s->pos = p;
    return true;
}

bool
json_literal_take(struct json_scan *s)
{
    const enum json_kind kind = json_peek(s);
    const char *word = kind == JSON_TRUE ? "true" : kind == JSON_FALSE ? "false" : "null";
    const size_t len = strlen(word);
    if ((kind != JSON_TRUE && kind != JSON_FALSE && kind != JSON_NULL) ||
        (size_t)(s->end - s->pos) < len || memcmp(s->pos, word, len) != 0 ||
        !value_ends(s, s->pos + len)) {
        return json_fail(s);
    }
    s->pos += len;
    return true;
}

static bool
enter(struct json_scan *s, enum json_kind kind)
{
    if (json_peek(s) != kind || s->depth >= JSON_DEPTH_MAX) {
        return json_fail(s);
    }
    s->depth++;
    s->pos++;
    return true;
}

bool
json_object_begin(struct json_scan *s)
{
    return enter(s, JSON_OBJECT);
}

bool
json_array_begin(struct json_scan *s)
{
    return enter(s, JSON_ARRAY);
}

/* Between items: true when one follows; at the closing bracket the level is left. */
static bool
next_item(struct json_scan *s, bool *first, char close)
{
    skip_space(s);
    if (s->broken || s->pos == s->end) {
        return json_fail(s);
    }
    if (*s->pos == close) {
        s->pos++;
        s->depth--;
        return false;
    }
    if (*first) {
        *first = false;
        return true;
    }
    if (*s->pos != ',') {
        return json_fail(s);
    }
    s->pos++;
    skip_space(s);
    return true;
}

bool
json_object_next(struct json_scan *s, bool *first, struct json_slice *key)
{
    if (!next_item(s, first, '}') || !json_text_take(s, key)) {
        return false;
    }
    skip_space(s);
    if (s->pos == s->end || *s->pos != ':') {
        return json_fail(s);
    }
    s->pos++;
    return true;
}

bool
json_array_next(struct json_scan *s, bool *first)
{
    return next_item(s, first, ']');
}

bool
json_skip(struct json_scan *s, struct json_slice *out)
{
    struct json_slice slice;
    const enum json_kind kind = json_peek(s);
    const char *from = s->pos;
    switch (kind) {
    case JSON_OBJECT:
        for (bool first = json_object_begin(s); json_object_next(s, &first, &slice);) {
            json_skip(s, NULL);
        }
        break;
    case JSON_ARRAY:
        for (bool first = json_array_begin(s); json_array_next(s, &first);) {
            json_skip(s, NULL);
        }
        break;
    case JSON_TEXT:
        json_text_take(s, &slice);
        break;
    case JSON_NUMBER:
        json_number_take(s, &slice);
        break;
    case JSON_TRUE:
    case JSON_FALSE:
    case JSON_NULL:
        json_literal_take(s);
        break;
    case JSON_END:
        json_fail(s);
        break;
    }
    if (out != NULL) {
        *out = (struct json_slice){.ptr = from, .len = (size_t)(s->pos - from)};
    }
    return !s->broken;
}

static uint32_t
hex4(const char *p)
{
    uint32_t value = 0;
    for (int i = 0; i < 4; i++) {
        const char c = p[i];
        value = value << 4 | (uint32_t)(c <= '9' ? c - '0' : (c | 32) - 'a' + 10);
    }
    return value;
}

static char *
put_utf8(char *out, uint32_t c)
{
    if (c < 0x80) {
        *out++ = (char)c;
    } else if (c < 0x800) {
        *out++ = (char)(0xc0 | c >> 6);
        *out++ = (char)(0x80 | (c & 63));
    } else if (c < 0x10000) {
        *out++ = (char)(0xe0 | c >> 12);
        *out++ = (char)(0x80 | (c >> 6 & 63));
        *out++ = (char)(0x80 | (c & 63));
    } else {
        *out++ = (char)(0xf0 | c >> 18);
        *out++ = (char)(0x80 | (c >> 12 & 63));
        *out++ = (char)(0x80 | (c >> 6 & 63));
        *out++ = (char)(0x80 | (c & 63));
    }
    return out;
}

/* A \u escape, p at its digits: one code point, of two escapes when they pair up. */
static const char *
decode_unicode(const char *p, const char *end, char **out)
{
    uint32_t c = hex4(p);
    p += 4;
    if (c >= 0xd800 && c < 0xdc00 && end - p >= 6 && p[0] == '\\' && p[1] == 'u') {
        const uint32_t low = hex4(p + 2);
        if (low >= 0xdc00 && low < 0xe000) {
            c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
            p += 6;
        }
    }
    *out = put_utf8(*out, c >= 0xd800 && c < 0xe000 ? '?' : c);
    return p;
}

struct json_slice
json_decode(struct arena *a, struct json_slice text)
{
    if (!text.escaped) {
        return text;
    }
    char *copy = arena_alloc(a, text.len + 1);
    char *out = copy;
    const char *p = text.ptr;
    const char *end = text.ptr + text.len;
    while (p < end) {
        if (*p != '\\') {
            *out++ = *p++;
            continue;
        }
        static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
        const char c = p[1];
        const char *known = strchr(from, c);
        p += 2;
        if (c == 'u') {
            p = decode_unicode(p, end, &out);
        } else {
            *out++ = known != NULL ? to[known - from] : c;
        }
    }
    return (struct json_slice){.ptr = copy, .len = (size_t)(out - copy)};
}

bool
json_slice_is(struct json_slice text, const char *word)
{
    return strlen(word) == text.len && memcmp(text.ptr, word, text.len) == 0;
}
