/* Growing byte runs: doubling, one limit, sticky overflow. */
#include "base/buffer.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t
buffer_limit(const struct buffer *b)
{
    return b->limit != 0 ? b->limit : (size_t)1 << 30;
}

void
buffer_release(struct buffer *b)
{
    free(b->ptr);
    *b = (struct buffer){.limit = b->limit};
}

void
buffer_clear(struct buffer *b)
{
    b->len = 0;
    b->overflow = false;
}

bool
buffer_reserve(struct buffer *b, size_t more)
{
    if (more > buffer_limit(b) - b->len || b->len > buffer_limit(b)) {
        b->overflow = true;
        return false;
    }
    const size_t want = b->len + more;
    if (want <= b->capacity) {
        return true;
    }
    size_t capacity = b->capacity < 64 ? 64 : b->capacity * 2;
    if (capacity < want) {
        capacity = want;
    }
    uint8_t *grown = realloc(b->ptr, capacity);
    if (grown == NULL) {
        fprintf(stderr, "weir: out of memory asking for %zu bytes\n", capacity);
        abort();
    }
    b->ptr = grown;
    b->capacity = capacity;
    return true;
}

uint8_t *
buffer_extend(struct buffer *b, size_t more)
{
    if (!buffer_reserve(b, more)) {
        return NULL;
    }
    uint8_t *at = b->ptr + b->len;
    b->len += more;
    return at;
}

void
buffer_put(struct buffer *b, const void *src, size_t len)
{
    if (len == 0) {
        return;
    }
    uint8_t *at = buffer_extend(b, len);
    if (at != NULL) {
        memcpy(at, src, len);
    }
}

void
buffer_puts(struct buffer *b, const char *text)
{
    buffer_put(b, text, strlen(text));
}

void
buffer_vprintf(struct buffer *b, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    const int len = vsnprintf(NULL, 0, format, again);
    va_end(again);
    assert(len >= 0);
    if (buffer_reserve(b, (size_t)len + 1)) {
        vsnprintf((char *)b->ptr + b->len, (size_t)len + 1, format, args);
        b->len += (size_t)len;
    }
}

void
buffer_printf(struct buffer *b, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    buffer_vprintf(b, format, args);
    va_end(args);
}

void
buffer_u8(struct buffer *b, uint8_t v)
{
    buffer_put(b, &v, 1);
}

void
buffer_be16(struct buffer *b, uint16_t v)
{
    buffer_put(b, (uint8_t[]){(uint8_t)(v >> 8), (uint8_t)v}, 2);
}

void
buffer_be32(struct buffer *b, uint32_t v)
{
    const uint32_t swapped = __builtin_bswap32(v);
    buffer_put(b, &swapped, 4);
}

void
buffer_be64(struct buffer *b, uint64_t v)
{
    const uint64_t swapped = __builtin_bswap64(v);
    buffer_put(b, &swapped, 8);
}

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "little-endian machines only");

void
buffer_le16(struct buffer *b, uint16_t v)
{
    buffer_put(b, &v, 2);
}

void
buffer_le32(struct buffer *b, uint32_t v)
{
    buffer_put(b, &v, 4);
}

void
buffer_le64(struct buffer *b, uint64_t v)
{
    buffer_put(b, &v, 8);
}

void
buffer_uvarint(struct buffer *b, uint64_t v)
{
    uint8_t bytes[10];
    size_t len = 0;
    while (v >= 0x80) {
        bytes[len++] = (uint8_t)v | 0x80;
        v >>= 7;
    }
    bytes[len++] = (uint8_t)v;
    buffer_put(b, bytes, len);
}

void
buffer_varint(struct buffer *b, int64_t v)
{
    buffer_uvarint(b, ((uint64_t)v << 1) ^ (uint64_t)(v >> 63));
}

void
buffer_lenbytes(struct buffer *b, const void *src, size_t len)
{
    buffer_uvarint(b, len);
    buffer_put(b, src, len);
}

void
buffer_lentext(struct buffer *b, const char *text)
{
    buffer_lenbytes(b, text, text != NULL ? strlen(text) : 0);
}

void
buffer_json_string(struct buffer *b, const char *text, size_t len)
{
    buffer_u8(b, '"');
    for (size_t i = 0; i < len; i++) {
        const uint8_t c = (uint8_t)text[i];
        if (c == '"' || c == '\\') {
            buffer_u8(b, '\\');
            buffer_u8(b, c);
        } else if (c == '\n') {
            buffer_puts(b, "\\n");
        } else if (c == '\r') {
            buffer_puts(b, "\\r");
        } else if (c == '\t') {
            buffer_puts(b, "\\t");
        } else if (c < 0x20) {
            buffer_printf(b, "\\u%04x", c);
        } else {
            buffer_u8(b, c);
        }
    }
    buffer_u8(b, '"');
}

void
buffer_pad(struct buffer *b, size_t align)
{
    static const uint8_t zeros[64];
    assert(align <= sizeof zeros);
    const size_t over = b->len % align;
    if (over != 0) {
        buffer_put(b, zeros, align - over);
    }
}

const char *
buffer_text(struct buffer *b)
{
    if (!buffer_reserve(b, 1)) {
        return "";
    }
    b->ptr[b->len] = '\0';
    return (const char *)b->ptr;
}

char *
buffer_steal_text(struct buffer *b)
{
    buffer_u8(b, '\0');
    char *text = (char *)b->ptr;
    *b = (struct buffer){.limit = b->limit};
    return text;
}
