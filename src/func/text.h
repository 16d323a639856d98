/*
 * UTF-8 in kernels: code points, searches, and results put into the chunk's arena. Bytes that are
 * no valid UTF-8 count as one character each and are passed on.
 */
#ifndef WEIR_FUNC_TEXT_H
#define WEIR_FUNC_TEXT_H

#include "func/bind.h"

struct span {
    const char *ptr;
    size_t len;
};

static inline struct span
text_at(const struct vec *v, uint32_t i)
{
    const struct view *s = (const struct view *)v->data + i;
    return (struct span){view_ptr(s), s->len};
}

static inline void
text_put(struct eval *ev, struct vec *out, uint32_t i, const char *ptr, size_t len)
{
    ((struct view *)out->data)[i] = view_copy(ev->tmp, ptr, len);
}

/* A part of an input text: shares its bytes, which live as long as the chunk. */
static inline void
text_share(struct vec *out, uint32_t i, const char *ptr, size_t len)
{
    ((struct view *)out->data)[i] = view_make(ptr, len);
}

static inline size_t
utf8_step(const char *p, const char *end)
{
    const uint8_t c = (uint8_t)*p;
    const size_t n = c < 0xc0 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : c < 0xf8 ? 4 : 1;
    return n <= (size_t)(end - p) ? n : (size_t)(end - p);
}

size_t utf8_count(const char *p, size_t len);
/* The byte offset of character n, or len. */
size_t utf8_offset(const char *p, size_t len, size_t n);
uint32_t utf8_decode(const char *p, size_t len); /* of one step's bytes */
size_t utf8_encode(char out[4], uint32_t code_point);
bool utf8_is_valid(const char *p, size_t len);
/* Offset of needle in text from `from` on, or SIZE_MAX. */
size_t text_find(struct span text, struct span needle, size_t from);
size_t text_find_last(struct span text, struct span needle, size_t before);
uint32_t char_upper(uint32_t c);
uint32_t char_lower(uint32_t c);
void text_put_case(struct buffer *out, struct span s, bool upper);

/* Java's String.format for the values of row i of in[from..]. */
bool text_format(struct buffer *out, struct span format, const struct vec *const *in, uint32_t from,
                 uint32_t count, uint32_t i, const struct zone *zone, struct error *err);

#endif
