/* Growing vectors: see builder.h. */
#include "func/builder.h"

#include <string.h>

void
builder_init(struct builder *b, struct arena *a, const struct type *type)
{
    *b = (struct builder){.arena = a, .type = type, .phys = phys_of(type)};
    if (b->phys == PHYS_LIST || b->phys == PHYS_MAP || b->phys == PHYS_STRUCT) {
        b->child_count = type->field_count;
        b->child = arena_new_array(a, struct builder, b->child_count + 1);
        for (uint32_t i = 0; i < b->child_count; i++) {
            builder_init(&b->child[i], a, type->fields[i].type);
        }
    }
}

void
builder_init_copying(struct builder *b, struct arena *a, const struct type *type)
{
    builder_init(b, a, type);
    b->copy_bytes = true;
    for (uint32_t i = 0; i < b->child_count; i++) {
        builder_init_copying(&b->child[i], a, type->fields[i].type);
    }
}

static void
grow(struct builder *b)
{
    const uint32_t capacity = b->capacity != 0 ? b->capacity * 2 : b->copy_bytes ? 4 : 64;
    const size_t size = phys_size(b->phys);
    if (size > 0) {
        void *data = arena_alloc(b->arena, (size_t)capacity * size);
        if (b->n > 0) {
            memcpy(data, b->data, (size_t)b->n * size);
        }
        b->data = data;
    }
    if (b->valid != NULL) {
        uint64_t *valid = valid_new(b->arena, capacity, true);
        memcpy(valid, b->valid, valid_words(b->capacity) * sizeof *valid);
        b->valid = valid;
    }
    b->capacity = capacity;
}

void *
builder_next(struct builder *b)
{
    if (b->n == b->capacity) {
        grow(b);
    }
    return (char *)b->data + (size_t)b->n++ * phys_size(b->phys);
}

void
builder_null(struct builder *b)
{
    if (b->n == b->capacity) {
        grow(b);
    }
    if (b->valid == NULL) {
        b->valid = valid_new(b->arena, b->capacity, true);
    }
    bit_clear(b->valid, b->n);
    const size_t size = phys_size(b->phys);
    if (size > 0) {
        memset((char *)b->data + (size_t)b->n * size, 0, size);
    }
    if (b->phys == PHYS_STRUCT) {
        for (uint32_t i = 0; i < b->child_count; i++) {
            builder_null(&b->child[i]);
        }
    }
    b->n++;
}

void
builder_struct(struct builder *b)
{
    if (b->n == b->capacity) {
        grow(b);
    }
    b->n++;
}

void
builder_open(struct builder *b)
{
    struct list_range *r = builder_next(b);
    *r = (struct list_range){b->child[0].n, 0};
}

void
builder_close(struct builder *b)
{
    struct list_range *r = (struct list_range *)b->data + (b->n - 1);
    r->len = b->child[0].n - r->offset;
}

static void
add_nested(struct builder *b, const struct vec *src, uint32_t i)
{
    if (b->phys == PHYS_STRUCT) {
        if (b->n == b->capacity) {
            grow(b);
        }
        for (uint32_t f = 0; f < b->child_count; f++) {
            builder_add(&b->child[f], &src->child[f], i);
        }
        b->n++;
        return;
    }
    const struct list_range r = ((const struct list_range *)src->data)[i];
    builder_open(b);
    for (uint32_t f = 0; f < b->child_count; f++) {
        builder_add_range(&b->child[f], &src->child[f], r.offset, r.len);
    }
    builder_close(b);
}

void
builder_add(struct builder *b, const struct vec *src, uint32_t i)
{
    if (vec_is_null(src, i)) {
        builder_null(b);
        return;
    }
    const uint32_t at = vec_index(src, i);
    const struct vec *values = src->enc == VEC_DICT ? &src->child[0] : src;
    if (b->child_count > 0 || b->phys == PHYS_STRUCT) {
        add_nested(b, values, at);
        return;
    }
    const size_t size = phys_size(b->phys);
    void *to = builder_next(b);
    if (b->copy_bytes && b->phys == PHYS_VIEW) {
        const struct view *v = (const struct view *)values->data + at;
        *(struct view *)to = view_copy(b->arena, view_ptr(v), v->len);
        return;
    }
    memcpy(to, (const char *)values->data + (size_t)at * size, size);
}

void
builder_add_range(struct builder *b, const struct vec *src, uint32_t from, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        builder_add(b, src, from + i);
    }
}

void
builder_finish(struct builder *b, struct vec *out)
{
    if (b->n == 0 && b->capacity == 0) {
        grow(b);
    }
    *out = (struct vec){.type = b->type, .phys = (uint8_t)b->phys, .n = b->n, .data = b->data};
    out->valid = b->valid;
    out->child_count = (uint8_t)b->child_count;
    if (b->child_count > 0) {
        out->child = arena_new_array(b->arena, struct vec, b->child_count);
        for (uint32_t i = 0; i < b->child_count; i++) {
            builder_finish(&b->child[i], &out->child[i]);
        }
    }
}
