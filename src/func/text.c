/* UTF-8 helpers; see text.h. */
#include "func/text.h"

#include <locale.h>
#include <pthread.h>
#include <string.h>
#include <wctype.h>

size_t
utf8_count(const char *p, size_t len)
{
    size_t n = 0;
    for (size_t i = 0; i < len; i++) {
        n += ((uint8_t)p[i] & 0xc0) != 0x80;
    }
    return n;
}

size_t
utf8_offset(const char *p, size_t len, size_t n)
{
    const char *end = p + len;
    const char *q = p;
    while (n > 0 && q < end) {
        q += utf8_step(q, end);
        n--;
    }
    return (size_t)(q - p);
}

uint32_t
utf8_decode(const char *p, size_t len)
{
    const uint8_t *b = (const uint8_t *)p;
    switch (len) {
    case 2:
        return (uint32_t)(b[0] & 0x1f) << 6 | (b[1] & 0x3f);
    case 3:
        return (uint32_t)(b[0] & 0x0f) << 12 | (uint32_t)(b[1] & 0x3f) << 6 | (b[2] & 0x3f);
    case 4:
        return (uint32_t)(b[0] & 0x07) << 18 | (uint32_t)(b[1] & 0x3f) << 12 |
               (uint32_t)(b[2] & 0x3f) << 6 | (b[3] & 0x3f);
    default:
        return len > 0 ? b[0] : 0;
    }
}

size_t
utf8_encode(char out[4], uint32_t c)
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char)(0xc0 | c >> 6);
        out[1] = (char)(0x80 | (c & 0x3f));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (char)(0xe0 | c >> 12);
        out[1] = (char)(0x80 | (c >> 6 & 0x3f));
        out[2] = (char)(0x80 | (c & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | (c >> 18 & 7));
    out[1] = (char)(0x80 | (c >> 12 & 0x3f));
    out[2] = (char)(0x80 | (c >> 6 & 0x3f));
    out[3] = (char)(0x80 | (c & 0x3f));
    return 4;
}

bool
utf8_is_valid(const char *p, size_t len)
{
    const uint8_t *b = (const uint8_t *)p;
    for (size_t i = 0; i < len;) {
        const size_t n = b[i] < 0x80   ? 1
                         : b[i] < 0xc2 ? 0
                         : b[i] < 0xe0 ? 2
                         : b[i] < 0xf0 ? 3
                         : b[i] < 0xf5 ? 4
                                       : 0;
        if (n == 0 || n > len - i) {
            return false;
        }
        for (size_t k = 1; k < n; k++) {
            if ((b[i + k] & 0xc0) != 0x80) {
                return false;
            }
        }
        const uint32_t c = utf8_decode(p + i, n);
        if ((n == 3 && (c < 0x800 || (c >= 0xd800 && c < 0xe000))) ||
            (n == 4 && (c < 0x10000 || c > 0x10ffff))) {
            return false;
        }
        i += n;
    }
    return true;
}

size_t
text_find(struct span text, struct span needle, size_t from)
{
    if (from > text.len || needle.len > text.len - from) {
        return SIZE_MAX;
    }
    if (needle.len == 0) {
        return from;
    }
    const char *at = memmem(text.ptr + from, text.len - from, needle.ptr, needle.len);
    return at != NULL ? (size_t)(at - text.ptr) : SIZE_MAX;
}

size_t
text_find_last(struct span text, struct span needle, size_t before)
{
    if (needle.len > before) {
        return SIZE_MAX;
    }
    for (size_t at = before - needle.len + 1; at > 0; at--) {
        if (memcmp(text.ptr + at - 1, needle.ptr, needle.len) == 0) {
            return at - 1;
        }
    }
    return SIZE_MAX;
}

static locale_t unicode;
static pthread_once_t unicode_once = PTHREAD_ONCE_INIT;

static void
unicode_load(void)
{
    unicode = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
}

uint32_t
char_upper(uint32_t c)
{
    if (c < 0x80) {
        return c >= 'a' && c <= 'z' ? c - 32 : c;
    }
    pthread_once(&unicode_once, unicode_load);
    return unicode != (locale_t)0 ? (uint32_t)towupper_l((wint_t)c, unicode) : c;
}

uint32_t
char_lower(uint32_t c)
{
    if (c < 0x80) {
        return c >= 'A' && c <= 'Z' ? c + 32 : c;
    }
    pthread_once(&unicode_once, unicode_load);
    return unicode != (locale_t)0 ? (uint32_t)towlower_l((wint_t)c, unicode) : c;
}

void
text_put_case(struct buffer *out, struct span s, bool upper)
{
    const char *end = s.ptr + s.len;
    for (const char *p = s.ptr; p < end;) {
        const size_t n = utf8_step(p, end);
        const uint32_t c = utf8_decode(p, n);
        char bytes[4];
        if (n == 1) {
            buffer_u8(out, (uint8_t)((uint8_t)*p < 0x80 ? (upper ? char_upper(c) : char_lower(c))
                                                        : (uint8_t)*p));
        } else if (upper && c == 0xdf) {
            buffer_puts(out, "SS");
        } else {
            buffer_put(out, bytes, utf8_encode(bytes, upper ? char_upper(c) : char_lower(c)));
        }
        p += n;
    }
}
