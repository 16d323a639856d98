/*
 * Vectors as bytes: dense, in row order, whatever the encoding was in memory.
 *
 *   uvarint rows, byte has-nulls, validity bytes (a bit a row) if so, then by physical type:
 *   fixed widths as they lie in memory; views as lengths and bytes; lists as lengths and the
 * child's rows; structs as their children. Nulls inside lists keep length 0.
 */
#include "tree/serial.h"

#include <string.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/reader.h"

enum { VEC_DEPTH_MAX = 64 };

static void rows_write(struct buffer *out, const struct vec *v, const uint32_t *rows, uint32_t n);

static void
validity_write(struct buffer *out, const struct vec *v, const uint32_t *rows, uint32_t n)
{
    bool has_nulls = false;
    for (uint32_t i = 0; i < n && !has_nulls; i++) {
        has_nulls = vec_is_null(v, rows[i]);
    }
    buffer_u8(out, has_nulls);
    if (!has_nulls) {
        return;
    }
    for (uint32_t i = 0; i < n; i += 8) {
        uint8_t byte = 0;
        for (uint32_t j = i; j < n && j < i + 8; j++) {
            byte |= (uint8_t)(!vec_is_null(v, rows[j]) << (j - i));
        }
        buffer_u8(out, byte);
    }
}

static void
lists_write(struct buffer *out, const struct vec *v, const uint32_t *rows, uint32_t n)
{
    const struct list_range *ranges = vec_values(v);
    const struct vec *base = v->enc == VEC_DICT ? &v->child[0] : v;
    struct arena scratch;
    arena_init(&scratch, NULL);
    uint64_t total = 0;
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t len = vec_is_null(v, rows[i]) ? 0 : ranges[vec_index(v, rows[i])].len;
        buffer_uvarint(out, len);
        total += len;
    }
    uint32_t *child_rows = arena_alloc(&scratch, (total + 1) * sizeof *child_rows);
    uint32_t at = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (vec_is_null(v, rows[i])) {
            continue;
        }
        const struct list_range range = ranges[vec_index(v, rows[i])];
        for (uint32_t j = 0; j < range.len; j++) {
            child_rows[at++] = range.offset + j;
        }
    }
    for (uint32_t c = 0; c < base->child_count; c++) {
        rows_write(out, &base->child[c], child_rows, at);
    }
    arena_release(&scratch);
}

static void
structs_write(struct buffer *out, const struct vec *v, const uint32_t *rows, uint32_t n)
{
    const struct vec *base = v->enc == VEC_DICT ? &v->child[0] : v;
    struct arena scratch;
    arena_init(&scratch, NULL);
    uint32_t *child_rows = arena_alloc(&scratch, ((size_t)n + 1) * sizeof *child_rows);
    for (uint32_t i = 0; i < n; i++) {
        child_rows[i] = vec_index(v, rows[i]);
    }
    for (uint32_t c = 0; c < base->child_count; c++) {
        rows_write(out, &base->child[c], child_rows, n);
    }
    arena_release(&scratch);
}

static void
rows_write(struct buffer *out, const struct vec *v, const uint32_t *rows, uint32_t n)
{
    buffer_uvarint(out, n);
    if (v->phys == PHYS_NONE) {
        return;
    }
    validity_write(out, v, rows, n);
    const size_t size = phys_size(v->phys);
    const uint8_t *values = vec_values(v);
    static const uint8_t zeros[16];
    switch ((enum phys)v->phys) {
    case PHYS_VIEW:
        for (uint32_t i = 0; i < n; i++) {
            const bool null = vec_is_null(v, rows[i]);
            const struct view *view = (const struct view *)values + vec_index(v, rows[i]);
            buffer_lenbytes(out, null ? "" : view_ptr(view), null ? 0 : view->len);
        }
        break;
    case PHYS_LIST:
    case PHYS_MAP:
        lists_write(out, v, rows, n);
        break;
    case PHYS_STRUCT:
        structs_write(out, v, rows, n);
        break;
    default:
        for (uint32_t i = 0; i < n; i++) {
            const bool null = vec_is_null(v, rows[i]);
            buffer_put(out, null ? zeros : values + size * vec_index(v, rows[i]), size);
        }
        break;
    }
}

void
vec_write(struct buffer *out, const struct vec *v, const uint16_t *sel, uint32_t n)
{
    struct arena scratch;
    arena_init(&scratch, NULL);
    uint32_t *rows = arena_alloc(&scratch, ((size_t)n + 1) * sizeof *rows);
    for (uint32_t i = 0; i < n; i++) {
        rows[i] = sel != NULL ? sel[i] : i;
    }
    rows_write(out, v, rows, n);
    arena_release(&scratch);
}

static bool rows_read(struct arena *a, struct reader *r, const struct type *type, struct vec *out,
                      int depth);

static void
validity_read(struct arena *a, struct reader *r, uint32_t n, struct vec *out)
{
    if (reader_u8(r) == 0) {
        return;
    }
    const struct bytes bits = reader_take(r, ((size_t)n + 7) / 8);
    if (bits.ptr == NULL) {
        return;
    }
    out->valid = valid_new(a, n, false);
    for (uint32_t i = 0; i < n; i++) {
        if (bits.ptr[i / 8] >> (i % 8) & 1) {
            bit_set(out->valid, i);
        }
    }
}

static bool
views_read(struct arena *a, struct reader *r, uint32_t n, struct vec *out)
{
    struct view *views = out->data;
    for (uint32_t i = 0; i < n; i++) {
        const struct bytes text = reader_lenbytes(r);
        if (!reader_ok(r)) {
            return false;
        }
        views[i] = view_copy(a, (const char *)text.ptr, text.len);
    }
    return true;
}

static bool
lists_read(struct arena *a, struct reader *r, uint32_t n, struct vec *out, int depth)
{
    struct list_range *ranges = out->data;
    uint64_t total = 0;
    for (uint32_t i = 0; i < n; i++) {
        const uint64_t len = reader_uvarint64(r);
        if (len > UINT32_MAX || total + len > UINT32_MAX) {
            reader_refuse(r);
            return false;
        }
        ranges[i] = (struct list_range){(uint32_t)total, (uint32_t)len};
        total += len;
    }
    for (uint32_t c = 0; c < out->type->field_count; c++) {
        if (!rows_read(a, r, out->type->fields[c].type, &out->child[c], depth + 1)) {
            return false;
        }
        if (out->child[c].n != total) {
            reader_refuse(r);
            return false;
        }
    }
    return reader_ok(r);
}

static bool
rows_read(struct arena *a, struct reader *r, const struct type *type, struct vec *out, int depth)
{
    const uint64_t n = reader_uvarint64(r);
    const enum phys phys = phys_of(type);
    /* A row costs input bytes, but for types whose values are empty: those have their own limit. */
    if (depth > VEC_DEPTH_MAX || n > UINT32_MAX / 64 ||
        (phys != PHYS_NONE && phys != PHYS_STRUCT && n > reader_left(r)) ||
        (phys == PHYS_STRUCT && type->field_count == 0 && n > VEC_ROWS)) {
        reader_refuse(r);
        return false;
    }
    vec_init_flat(out, a, type, phys == PHYS_STRUCT || phys == PHYS_NONE ? 0 : (uint32_t)n);
    out->n = (uint32_t)n;
    if (phys == PHYS_NONE) {
        return reader_ok(r);
    }
    validity_read(a, r, (uint32_t)n, out);
    switch (phys) {
    case PHYS_VIEW:
        return views_read(a, r, (uint32_t)n, out);
    case PHYS_LIST:
    case PHYS_MAP:
        return lists_read(a, r, (uint32_t)n, out, depth);
    case PHYS_STRUCT:
        for (uint32_t c = 0; c < type->field_count; c++) {
            if (!rows_read(a, r, type->fields[c].type, &out->child[c], depth + 1)) {
                return false;
            }
            if (out->child[c].n != n) {
                reader_refuse(r);
                return false;
            }
        }
        return reader_ok(r);
    default: {
        const struct bytes values = reader_take(r, phys_size(phys) * n);
        if (values.ptr == NULL) {
            return false;
        }
        memcpy(out->data, values.ptr, values.len);
        return true;
    }
    }
}

bool
vec_read(struct arena *a, struct reader *r, const struct type *type, struct vec *out)
{
    return rows_read(a, r, type, out, 0);
}
