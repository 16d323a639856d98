/*
 * A growing run of bytes, born with its limit: texts, wire frames, files in the making.
 *
 * {0} is an empty buffer with the default limit of 1 GiB. Putting past the limit sets `overflow`
 * and drops the bytes; the writer asks once at the end. Integers are written big-endian (be) or
 * little-endian (le) as the name says.
 * Ownership: buffer_release frees; buffer_steal hands the bytes to the caller (free() them).
 */
#ifndef WEIR_BASE_BUFFER_H
#define WEIR_BASE_BUFFER_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buffer {
    uint8_t *ptr;
    size_t len;
    size_t capacity;
    size_t limit; /* 0 = 1 GiB */
    bool overflow;
};

void buffer_release(struct buffer *b);
void buffer_clear(struct buffer *b);                /* empty, memory kept */
bool buffer_reserve(struct buffer *b, size_t more); /* room for more bytes; false past the limit */
uint8_t *buffer_extend(struct buffer *b,
                       size_t more); /* len grows; returns the new part, or NULL */
void buffer_put(struct buffer *b, const void *src, size_t len);
void buffer_puts(struct buffer *b, const char *text);
void buffer_printf(struct buffer *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buffer_vprintf(struct buffer *b, const char *format, va_list args);

void buffer_u8(struct buffer *b, uint8_t v);
void buffer_be16(struct buffer *b, uint16_t v);
void buffer_be32(struct buffer *b, uint32_t v);
void buffer_be64(struct buffer *b, uint64_t v);
void buffer_le16(struct buffer *b, uint16_t v);
void buffer_le32(struct buffer *b, uint32_t v);
void buffer_le64(struct buffer *b, uint64_t v);
void buffer_uvarint(struct buffer *b, uint64_t v); /* LEB128 */
void buffer_varint(struct buffer *b, int64_t v);   /* zigzag LEB128 */

/* Internal form used between our own processes: uvarint length, bytes. */
void buffer_lenbytes(struct buffer *b, const void *src, size_t len);
void buffer_lentext(struct buffer *b, const char *text); /* NULL is written as "" */

/* JSON string with quotes and escapes. */
void buffer_json_string(struct buffer *b, const char *text, size_t len);

void buffer_pad(struct buffer *b, size_t align); /* zero bytes up to a multiple */
char *buffer_steal_text(struct buffer *b);       /* NUL-terminated, caller frees; b becomes empty */
const char *buffer_text(struct buffer *b);       /* NUL-terminated view; never NULL */

#endif
