/* Flatbuffers written forward and read with every step checked. */
#include "format/flat.h"

#include <assert.h>
#include <string.h>

static void
flat_align(struct flat_put *f, size_t align, size_t ahead)
{
    while ((f->out->len - f->base + ahead) % align != 0 && !f->out->overflow) {
        buffer_u8(f->out, 0);
    }
}

size_t
flat_put_table(struct flat_put *f, const struct flat_slot *slots, uint32_t count, size_t *at)
{
    assert(count <= FLAT_SLOT_MAX);
    uint16_t place[FLAT_SLOT_MAX] = {0};
    uint16_t end = 4; /* behind the table's own offset to its vtable */
    for (uint32_t width = 8; width >= 1; width /= 2) {
        for (uint32_t i = 0; i < count; i++) {
            if (slots[i].bytes == width) {
                end = (uint16_t)((end + width - 1) & ~(width - 1));
                place[i] = end;
                end = (uint16_t)(end + width);
            }
        }
    }
    const uint16_t vtable_bytes = (uint16_t)(4 + 2 * count);
    flat_align(f, 2, 0);
    flat_align(f, 8, vtable_bytes);
    const size_t vtable = f->out->len;
    buffer_le16(f->out, vtable_bytes);
    buffer_le16(f->out, end);
    for (uint32_t i = 0; i < count; i++) {
        buffer_le16(f->out, place[i]);
    }
    const size_t table = f->out->len;
    uint8_t *body = buffer_extend(f->out, end);
    if (body == NULL) {
        return table;
    }
    memset(body, 0, end);
    const int32_t back = (int32_t)(table - vtable);
    memcpy(body, &back, 4);
    for (uint32_t i = 0; i < count; i++) {
        memcpy(body + place[i], &slots[i].value, slots[i].bytes);
        if (at != NULL) {
            at[i] = table + place[i];
        }
    }
    return table;
}

size_t
flat_put_text(struct flat_put *f, const char *text)
{
    flat_align(f, 4, 0);
    const size_t pos = f->out->len;
    const size_t len = strlen(text);
    buffer_le32(f->out, (uint32_t)len);
    buffer_put(f->out, text, len);
    buffer_u8(f->out, 0);
    return pos;
}

size_t
flat_put_offsets(struct flat_put *f, uint32_t count)
{
    flat_align(f, 4, 0);
    const size_t pos = f->out->len;
    buffer_le32(f->out, count);
    for (uint32_t i = 0; i < count; i++) {
        buffer_le32(f->out, 0);
    }
    return pos;
}

size_t
flat_put_words(struct flat_put *f, const int64_t *words, uint32_t words_per_item, uint32_t count)
{
    flat_align(f, 4, 0);
    flat_align(f, 8, 4); /* the items, behind the count, are 8-byte aligned */
    const size_t pos = f->out->len;
    buffer_le32(f->out, count);
    buffer_put(f->out, words, 8 * (size_t)words_per_item * count);
    return pos;
}

void
flat_link(struct flat_put *f, size_t slot, size_t target)
{
    assert(target > slot || f->out->overflow);
    if (!f->out->overflow) {
        const uint32_t distance = (uint32_t)(target - slot);
        memcpy(f->out->ptr + slot, &distance, 4);
    }
}

void
flat_patch64(struct flat_put *f, size_t slot, uint64_t value)
{
    if (!f->out->overflow) {
        memcpy(f->out->ptr + slot, &value, 8);
    }
}

static uint32_t
load32(struct bytes all, size_t pos)
{
    uint32_t value;
    memcpy(&value, all.ptr + pos, 4);
    return value;
}

static uint16_t
load16(struct bytes all, size_t pos)
{
    uint16_t value;
    memcpy(&value, all.ptr + pos, 2);
    return value;
}

static bool
fits(struct bytes all, size_t pos, size_t len)
{
    return pos <= all.len && len <= all.len - pos;
}

static bool
table_at(struct bytes all, size_t pos, struct flat_table *out)
{
    if (!fits(all, pos, 4)) {
        return false;
    }
    const int64_t vtable = (int64_t)pos - (int32_t)load32(all, pos);
    if (vtable < 0 || !fits(all, (size_t)vtable, 4)) {
        return false;
    }
    *out = (struct flat_table){.all = all, .pos = pos, .vtable = (size_t)vtable};
    out->vtable_bytes = load16(all, out->vtable);
    out->table_bytes = load16(all, out->vtable + 2);
    return out->vtable_bytes >= 4 && fits(all, out->vtable, out->vtable_bytes) &&
           out->table_bytes >= 4 && fits(all, pos, out->table_bytes);
}

bool
flat_root(struct bytes all, struct flat_table *out)
{
    return fits(all, 0, 4) && table_at(all, load32(all, 0), out);
}

/* Where a slot's bytes lie, or 0 when it is absent or outside its table. */
static size_t
slot_pos(const struct flat_table *t, uint32_t slot, uint32_t bytes)
{
    const size_t entry = 4 + 2 * (size_t)slot;
    if (entry + 2 > t->vtable_bytes) {
        return 0;
    }
    const uint16_t place = load16(t->all, t->vtable + entry);
    if (place < 4 || (uint32_t)place + bytes > t->table_bytes) {
        return 0;
    }
    return t->pos + place;
}

int64_t
flat_int(const struct flat_table *t, uint32_t slot, uint32_t bytes, int64_t absent)
{
    const size_t pos = slot_pos(t, slot, bytes);
    if (pos == 0) {
        return absent;
    }
    int64_t value = 0;
    memcpy(&value, t->all.ptr + pos, bytes);
    const uint32_t shift = 64 - 8 * bytes;
    return (int64_t)((uint64_t)value << shift) >> shift;
}

/* What an offset slot points at: its position, or 0. */
static size_t
slot_target(const struct flat_table *t, uint32_t slot)
{
    const size_t pos = slot_pos(t, slot, 4);
    if (pos == 0) {
        return 0;
    }
    const size_t target = pos + load32(t->all, pos);
    return fits(t->all, target, 4) ? target : 0;
}

bool
flat_sub(const struct flat_table *t, uint32_t slot, struct flat_table *out)
{
    const size_t target = slot_target(t, slot);
    return target != 0 && table_at(t->all, target, out);
}

bool
flat_text(const struct flat_table *t, uint32_t slot, struct bytes *out)
{
    struct flat_vector v;
    if (!flat_get_vector(t, slot, 1, &v)) {
        return false;
    }
    *out = (struct bytes){v.all.ptr + v.pos, v.count};
    return true;
}

bool
flat_get_vector(const struct flat_table *t, uint32_t slot, uint32_t item_bytes,
                struct flat_vector *out)
{
    const size_t target = slot_target(t, slot);
    if (target == 0) {
        return false;
    }
    const uint32_t count = load32(t->all, target);
    if (!fits(t->all, target + 4, (size_t)count * item_bytes)) {
        return false;
    }
    *out = (struct flat_vector){.all = t->all, .pos = target + 4, .count = count};
    return true;
}

bool
flat_vector_table(const struct flat_vector *v, uint32_t i, struct flat_table *out)
{
    assert(i < v->count);
    const size_t pos = v->pos + 4 * (size_t)i;
    return table_at(v->all, pos + load32(v->all, pos), out);
}

int64_t
flat_vector_word(const struct flat_vector *v, uint32_t item_bytes, uint32_t i, uint32_t word)
{
    assert(i < v->count && 8 * word + 8 <= item_bytes);
    int64_t value;
    memcpy(&value, v->all.ptr + v->pos + (size_t)item_bytes * i + 8 * (size_t)word, 8);
    return value;
}
