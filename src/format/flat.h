/*
 * Flatbuffers, as much of them as Arrow's messages need: tables, vectors, strings, structs.
 *
 * Writing goes forward: a table is put with its scalar slots and its offset slots left open, what
 * they point at is put behind it, and flat_link closes the slot. (Offsets must point forward, which
 * this order gives by itself.) Positions are absolute in the buffer; alignment counts from `base`,
 * where the flatbuffer starts.
 *
 * Reading is bounds-checked: no table, slot, vector or text is handed out that does not lie wholly
 * inside the bytes. A slot that is absent or lies outside yields its default.
 * Source: the Flatbuffers "internals" page.
 */
#ifndef WEIR_FORMAT_FLAT_H
#define WEIR_FORMAT_FLAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/reader.h"

enum { FLAT_SLOT_MAX = 8, FLAT_OFFSET = 4 };

/* One slot of a table in the making: bytes is its width (0 = absent). */
struct flat_slot {
    uint8_t bytes;
    uint64_t value;
};

struct flat_put {
    struct buffer *out;
    size_t base;
};

/* Puts vtable and table; returns the table's position, and each slot's in at[]. */
size_t flat_put_table(struct flat_put *f, const struct flat_slot *slots, uint32_t count,
                      size_t *at);
size_t flat_put_text(struct flat_put *f, const char *text);
/* A vector of count offsets, to be closed by flat_link(f, flat_item(pos, i), target). */
size_t flat_put_offsets(struct flat_put *f, uint32_t count);
/* A vector of structs of 64-bit words. */
size_t flat_put_words(struct flat_put *f, const int64_t *words, uint32_t words_per_item,
                      uint32_t count);
void flat_link(struct flat_put *f, size_t slot, size_t target);
void flat_patch64(struct flat_put *f, size_t slot, uint64_t value);

static inline size_t
flat_item(size_t vector, uint32_t i)
{
    return vector + 4 + 4 * (size_t)i;
}

struct flat_table {
    struct bytes all;
    size_t pos;
    size_t vtable;
    uint16_t vtable_bytes;
    uint16_t table_bytes;
};

struct flat_vector {
    struct bytes all;
    size_t pos; /* of item 0 */
    uint32_t count;
};

bool flat_root(struct bytes all, struct flat_table *out);
int64_t flat_int(const struct flat_table *t, uint32_t slot, uint32_t bytes, int64_t absent);
bool flat_sub(const struct flat_table *t, uint32_t slot, struct flat_table *out);
bool flat_text(const struct flat_table *t, uint32_t slot, struct bytes *out);
/* False when absent or broken. */
bool flat_get_vector(const struct flat_table *t, uint32_t slot, uint32_t item_bytes,
                     struct flat_vector *out);
bool flat_vector_table(const struct flat_vector *v, uint32_t i, struct flat_table *out);
int64_t flat_vector_word(const struct flat_vector *v, uint32_t item_bytes, uint32_t i,
                         uint32_t word);

#endif
