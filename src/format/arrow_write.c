/*
 * Chunks gathered into Arrow record batches.
 *
 * Each column grows in the very layout of the wire (validity bits, offsets, values), so that
 * putting a batch is one copy a buffer. Rows come in any encoding: a row list is resolved to value
 * positions once (UINT32_MAX = null), and values are then gathered by position; whole flat columns
 * without nulls are copied.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "format/arrow.h"
#include "format/arrow_message.h"

struct growing {
    uint8_t *ptr;
    size_t len;
    size_t capacity;
};

struct column {
    const struct type *type;
    uint64_t rows;
    uint64_t nulls;
    struct growing valid;   /* bits; empty while there are no nulls */
    struct growing offsets; /* int32, rows + 1 of them: strings, lists, maps */
    struct growing data;
    uint32_t child_count;
    struct column *children;
};

struct arrow_batch {
    struct budget *budget;
    struct arena arena;   /* the column tree */
    struct arena scratch; /* reset after each chunk */
    const struct type *schema;
    uint64_t rows;
    struct column root;
};

/* Which rows of a vector: positions with UINT32_MAX for null, or the run from..from+n. */
struct pick {
    const uint32_t *pos;
    uint32_t from;
    uint32_t n;
};

static bool
grow(struct arrow_batch *b, struct growing *g, size_t more, struct error *err)
{
    if (more <= g->capacity - g->len) {
        return true;
    }
    size_t capacity = g->capacity < 256 ? 256 : g->capacity * 2;
    if (capacity < g->len + more) {
        capacity = g->len + more;
    }
    if (b->budget != NULL && !budget_reserve(b->budget, capacity - g->capacity)) {
        return budget_error(b->budget, capacity - g->capacity, err);
    }
    uint8_t *grown = realloc(g->ptr, capacity);
    if (grown == NULL) {
        if (b->budget != NULL) {
            budget_return(b->budget, capacity - g->capacity);
        }
        return error_set(err, ERROR_RESOURCE, "No memory for an Arrow batch of %zu bytes",
                         capacity);
    }
    g->ptr = grown;
    g->capacity = capacity;
    return true;
}

static void
growing_release(struct arrow_batch *b, struct growing *g)
{
    if (b->budget != NULL) {
        budget_return(b->budget, g->capacity);
    }
    free(g->ptr);
    *g = (struct growing){0};
}

static void
column_init(struct arrow_batch *b, struct column *c, const struct type *type)
{
    *c = (struct column){.type = type, .child_count = type->field_count};
    c->children = arena_new_array(&b->arena, struct column, type->field_count);
    for (uint32_t i = 0; i < type->field_count; i++) {
        column_init(b, &c->children[i], type->fields[i].type);
    }
}

static void
column_release(struct arrow_batch *b, struct column *c)
{
    growing_release(b, &c->valid);
    growing_release(b, &c->offsets);
    growing_release(b, &c->data);
    for (uint32_t i = 0; i < c->child_count; i++) {
        column_release(b, &c->children[i]);
    }
}

static void
column_clear(struct column *c)
{
    c->rows = c->nulls = 0;
    c->valid.len = c->offsets.len = c->data.len = 0;
    for (uint32_t i = 0; i < c->child_count; i++) {
        column_clear(&c->children[i]);
    }
}

struct arrow_batch *
arrow_batch_new(const struct type *schema, struct budget *budget)
{
    assert(schema->id == TYPE_STRUCT);
    struct arrow_batch *b = calloc(1, sizeof *b);
    if (b == NULL) {
        abort();
    }
    b->budget = budget;
    b->schema = schema;
    arena_init(&b->arena, budget);
    arena_init(&b->scratch, budget);
    column_init(b, &b->root, schema);
    return b;
}

void
arrow_batch_free(struct arrow_batch *b)
{
    if (b != NULL) {
        column_release(b, &b->root);
        arena_release(&b->arena);
        arena_release(&b->scratch);
        free(b);
    }
}

/* Makes room for n more validity bits, all set; the first null makes the bitmap. */
static bool
valid_extend(struct arrow_batch *b, struct column *c, uint32_t n, struct error *err)
{
    const size_t bytes = (size_t)((c->rows + n + 7) / 8);
    if (!grow(b, &c->valid, bytes - c->valid.len + 8, err)) {
        return false;
    }
    memset(c->valid.ptr + c->valid.len, 0xff, bytes - c->valid.len);
    c->valid.len = bytes;
    return true;
}

/* Resolves picked rows to positions in the vector's values and records their validity. *pos stays
 * NULL for a plain run of a flat vector without nulls. */
static bool
resolve(struct arrow_batch *b, struct column *c, const struct vec *v, struct pick pick,
        const uint32_t **pos, struct error *err)
{
    const bool nulls = v->valid != NULL || v->phys == PHYS_NONE;
    bool found = false;
    *pos = NULL;
    if (!nulls && pick.pos == NULL && v->enc == VEC_FLAT) {
        return c->nulls == 0 || valid_extend(b, c, pick.n, err);
    }
    uint32_t *out = arena_alloc(&b->scratch, 4 * (size_t)pick.n);
    for (uint32_t i = 0; i < pick.n; i++) {
        const uint32_t row = pick.pos != NULL ? pick.pos[i] : pick.from + i;
        const bool null = row == UINT32_MAX || (nulls && vec_is_null(v, row));
        out[i] = null ? UINT32_MAX : vec_index(v, row);
        found |= null;
    }
    *pos = out;
    if (c->nulls == 0 && !found) {
        return true;
    }
    if (!valid_extend(b, c, pick.n, err)) {
        return false;
    }
    for (uint32_t i = 0; i < pick.n; i++) {
        if (out[i] == UINT32_MAX) {
            const uint64_t at = c->rows + i;
            c->valid.ptr[at / 8] &= (uint8_t) ~(1u << (at % 8));
            c->nulls++;
        }
    }
    return true;
}

#define GATHER(bits)                                                                               \
    static void gather##bits(uint##bits##_t *restrict out, const uint##bits##_t *in,               \
                             const uint32_t *pos, uint32_t n)                                      \
    {                                                                                              \
        for (uint32_t i = 0; i < n; i++) {                                                         \
            out[i] = pos[i] == UINT32_MAX ? 0 : in[pos[i]];                                        \
        }                                                                                          \
    }
GATHER(8)
GATHER(16)
GATHER(32)
GATHER(64)

static bool
append_fixed(struct arrow_batch *b, struct column *c, const void *values, size_t width,
             struct pick pick, const uint32_t *pos, struct error *err)
{
    const size_t bytes = width * pick.n;
    if (bytes == 0) {
        return true; /* there may be no memory on either side yet */
    }
    if (!grow(b, &c->data, bytes, err)) {
        return false;
    }
    uint8_t *out = c->data.ptr + c->data.len;
    c->data.len += bytes;
    if (pos == NULL) {
        memcpy(out, (const uint8_t *)values + width * pick.from, bytes);
        return true;
    }
    switch (width) {
    case 1:
        gather8(out, values, pos, pick.n);
        return true;
    case 2:
        gather16((uint16_t *)(void *)out, values, pos, pick.n);
        return true;
    case 4:
        gather32((uint32_t *)(void *)out, values, pos, pick.n);
        return true;
    case 8:
        gather64((uint64_t *)(void *)out, values, pos, pick.n);
        return true;
    default:
        for (uint32_t i = 0; i < pick.n; i++) {
            if (pos[i] == UINT32_MAX) {
                memset(out + width * i, 0, width);
            } else {
                memcpy(out + width * i, (const uint8_t *)values + width * pos[i], width);
            }
        }
        return true;
    }
}

static bool
append_bools(struct arrow_batch *b, struct column *c, const uint8_t *values, struct pick pick,
             const uint32_t *pos, struct error *err)
{
    const size_t bytes = (size_t)((c->rows + pick.n + 7) / 8);
    if (!grow(b, &c->data, bytes - c->data.len + 1, err)) {
        return false;
    }
    memset(c->data.ptr + c->data.len, 0, bytes - c->data.len);
    c->data.len = bytes;
    for (uint32_t i = 0; i < pick.n; i++) {
        const uint32_t at = pos != NULL ? pos[i] : pick.from + i;
        const uint32_t bit = at != UINT32_MAX && values[at] != 0;
        const uint64_t to = c->rows + i;
        c->data.ptr[to / 8] |= (uint8_t)(bit << (to % 8));
    }
    return true;
}

/* Decimals of up to 18 digits lie in 64 bits with us and in 128 there. */
static bool
append_narrow_decimals(struct arrow_batch *b, struct column *c, const int64_t *values,
                       struct pick pick, const uint32_t *pos, struct error *err)
{
    if (!grow(b, &c->data, 16 * (size_t)pick.n, err)) {
        return false;
    }
    int64_t *out = (int64_t *)(void *)(c->data.ptr + c->data.len);
    c->data.len += 16 * (size_t)pick.n;
    for (uint32_t i = 0; i < pick.n; i++) {
        const uint32_t at = pos != NULL ? pos[i] : pick.from + i;
        const int64_t value = at == UINT32_MAX ? 0 : values[at];
        out[2 * i] = value;
        out[2 * i + 1] = value >> 63;
    }
    return true;
}

static bool
append_intervals(struct arrow_batch *b, struct column *c, const struct interval *values,
                 struct pick pick, const uint32_t *pos, struct error *err)
{
    if (!grow(b, &c->data, 16 * (size_t)pick.n, err)) {
        return false;
    }
    for (uint32_t i = 0; i < pick.n; i++) {
        const uint32_t at = pos != NULL ? pos[i] : pick.from + i;
        struct interval value = at == UINT32_MAX ? (struct interval){0} : values[at];
        if (__builtin_mul_overflow(value.micros, 1000, &value.micros)) {
            return error_set(err, ERROR_EXECUTION,
                             "An interval is too long for Arrow's nanoseconds");
        }
        memcpy(c->data.ptr + c->data.len, &value, 16);
        c->data.len += 16;
    }
    return true;
}

/* Room for n more offsets; the first call puts the leading zero. NULL on failure. */
static int32_t *
offsets_extend(struct arrow_batch *b, struct column *c, uint32_t n, struct error *err)
{
    if (!grow(b, &c->offsets, 4 * ((size_t)n + 1), err)) {
        return NULL;
    }
    if (c->offsets.len == 0) {
        memset(c->offsets.ptr, 0, 4);
        c->offsets.len = 4;
    }
    int32_t *out = (int32_t *)(void *)(c->offsets.ptr + c->offsets.len);
    c->offsets.len += 4 * (size_t)n;
    return out;
}

static bool
append_views(struct arrow_batch *b, struct column *c, const struct view *values, struct pick pick,
             const uint32_t *pos, struct error *err)
{
    uint64_t total = 0;
    for (uint32_t i = 0; i < pick.n; i++) {
        const uint32_t at = pos != NULL ? pos[i] : pick.from + i;
        total += at == UINT32_MAX ? 0 : values[at].len;
    }
    if (c->data.len + total > INT32_MAX) {
        return error_set(err, ERROR_RESOURCE,
                         "A column of one Arrow batch has more than 2 GiB of text");
    }
    int32_t *offsets = offsets_extend(b, c, pick.n, err);
    if (offsets == NULL || !grow(b, &c->data, total + 16, err)) {
        return false;
    }
    uint8_t *out = c->data.ptr + c->data.len;
    for (uint32_t i = 0; i < pick.n; i++) {
        const uint32_t at = pos != NULL ? pos[i] : pick.from + i;
        if (at != UINT32_MAX) {
            const struct view *v = &values[at];
            if (v->len <= 12) {
                memcpy(out, v->inl, 12); /* room is 16 more than the total */
            } else {
                memcpy(out, v->ref.ptr, v->len);
            }
            out += v->len;
        }
        offsets[i] = (int32_t)(out - c->data.ptr);
    }
    c->data.len = (size_t)(out - c->data.ptr);
    return true;
}

static bool append(struct arrow_batch *b, struct column *c, const struct vec *v, struct pick pick,
                   struct error *err);

static bool
append_lists(struct arrow_batch *b, struct column *c, const struct vec *base, struct pick pick,
             const uint32_t *pos, struct error *err)
{
    const struct list_range *ranges = base->data;
    int32_t *offsets = offsets_extend(b, c, pick.n, err);
    if (offsets == NULL) {
        return false;
    }
    uint64_t total = 0;
    for (uint32_t i = 0; i < pick.n; i++) {
        const uint32_t at = pos != NULL ? pos[i] : pick.from + i;
        total += at == UINT32_MAX ? 0 : ranges[at].len;
        if (c->children[0].rows + total > INT32_MAX) {
            return error_set(err, ERROR_RESOURCE,
                             "A column of one Arrow batch has more than 2^31 elements");
        }
        offsets[i] = (int32_t)(c->children[0].rows + total);
    }
    uint32_t *items = arena_alloc(&b->scratch, 4 * (size_t)total + 4);
    size_t count = 0;
    for (uint32_t i = 0; i < pick.n; i++) {
        const uint32_t at = pos != NULL ? pos[i] : pick.from + i;
        for (uint32_t k = 0; at != UINT32_MAX && k < ranges[at].len; k++) {
            items[count++] = ranges[at].offset + k;
        }
    }
    const struct pick inner = {.pos = items, .n = (uint32_t)count};
    for (uint32_t i = 0; i < c->child_count; i++) {
        if (!append(b, &c->children[i], &base->child[i], inner, err)) {
            return false;
        }
    }
    return true;
}

static bool
append_structs(struct arrow_batch *b, struct column *c, const struct vec *base, struct pick pick,
               const uint32_t *pos, struct error *err)
{
    const struct pick inner = {.pos = pos, .from = pick.from, .n = pick.n};
    for (uint32_t i = 0; i < c->child_count; i++) {
        if (!append(b, &c->children[i], &base->child[i], inner, err)) {
            return false;
        }
    }
    return true;
}

static bool
append(struct arrow_batch *b, struct column *c, const struct vec *v, struct pick pick,
       struct error *err)
{
    const uint32_t *pos;
    if (!resolve(b, c, v, pick, &pos, err)) {
        return false;
    }
    const struct vec *base = v->enc == VEC_DICT ? &v->child[0] : v;
    bool ok = true;
    switch ((enum phys)v->phys) {
    case PHYS_NONE:
        break;
    case PHYS_BOOL:
        ok = append_bools(b, c, base->data, pick, pos, err);
        break;
    case PHYS_VIEW:
        ok = append_views(b, c, base->data, pick, pos, err);
        break;
    case PHYS_INTERVAL:
        ok = append_intervals(b, c, base->data, pick, pos, err);
        break;
    case PHYS_LIST:
    case PHYS_MAP:
        ok = append_lists(b, c, base, pick, pos, err);
        break;
    case PHYS_STRUCT:
        ok = append_structs(b, c, base, pick, pos, err);
        break;
    case PHYS_I64:
        if (c->type->id == TYPE_DECIMAL) {
            ok = append_narrow_decimals(b, c, base->data, pick, pos, err);
            break;
        } /* fall through */
    default:
        ok = append_fixed(b, c, base->data, phys_size((enum phys)v->phys), pick, pos, err);
        break;
    }
    c->rows += pick.n;
    return ok;
}

bool
arrow_batch_add(struct arrow_batch *b, const struct chunk *c, struct error *err)
{
    assert(c->col_count == b->schema->field_count);
    arena_reset(&b->scratch);
    const uint32_t live = c->sel != NULL ? c->sel_n : c->n;
    struct pick pick = {.n = live};
    if (c->sel != NULL) {
        uint32_t *rows = arena_alloc(&b->scratch, 4 * (size_t)live + 4);
        for (uint32_t i = 0; i < live; i++) {
            rows[i] = c->sel[i];
        }
        pick.pos = rows;
    }
    for (uint32_t i = 0; i < c->col_count; i++) {
        if (!append(b, &b->root.children[i], &c->cols[i], pick, err)) {
            return false;
        }
    }
    b->rows += live;
    return true;
}

uint64_t
arrow_batch_rows(const struct arrow_batch *b)
{
    return b->rows;
}

static uint64_t
column_bytes(const struct column *c)
{
    uint64_t bytes = c->valid.len + c->offsets.len + c->data.len;
    for (uint32_t i = 0; i < c->child_count; i++) {
        bytes += column_bytes(&c->children[i]);
    }
    return bytes;
}

uint64_t
arrow_batch_bytes(const struct arrow_batch *b)
{
    return column_bytes(&b->root) + 256;
}

/* The record batch's tables in the making: (length, nulls) of nodes and (offset, length) of
 * buffers, in pre-order; `runs` are the bytes behind the buffers. */
struct layout {
    struct buffer nodes;
    struct buffer ranges;
    struct bytes *runs;
    uint32_t run_count;
    uint64_t body_bytes;
};

static void
layout_node(struct layout *l, uint64_t rows, uint64_t nulls)
{
    buffer_le64(&l->nodes, rows);
    buffer_le64(&l->nodes, nulls);
}

static void
layout_run(struct layout *l, const void *ptr, size_t len)
{
    buffer_le64(&l->ranges, l->body_bytes);
    buffer_le64(&l->ranges, len);
    l->runs[l->run_count++] = (struct bytes){ptr, len};
    l->body_bytes += (len + 7) & ~(size_t)7;
}

static void
layout_column(struct layout *l, const struct column *c)
{
    static const uint8_t zero_offset[4];
    const enum type_id id = c->type->id;
    layout_node(l, c->rows, id == TYPE_NULL ? c->rows : c->nulls);
    if (id == TYPE_NULL) {
        return;
    }
    layout_run(l, c->valid.ptr, c->nulls > 0 ? c->valid.len : 0);
    if (id == TYPE_STRING || id == TYPE_BINARY || id == TYPE_ARRAY || id == TYPE_MAP) {
        if (c->offsets.len == 0) {
            layout_run(l, zero_offset, 4);
        } else {
            layout_run(l, c->offsets.ptr, c->offsets.len);
        }
    }
    if (id == TYPE_MAP) {
        layout_node(l, c->children[0].rows, 0); /* the entries */
        layout_run(l, NULL, 0);
    }
    if (c->child_count == 0 && id != TYPE_STRUCT) {
        layout_run(l, c->data.ptr, c->data.len);
    }
    for (uint32_t i = 0; i < c->child_count; i++) {
        layout_column(l, &c->children[i]);
    }
}

static uint32_t
column_count(const struct column *c)
{
    uint32_t count = 1;
    for (uint32_t i = 0; i < c->child_count; i++) {
        count += column_count(&c->children[i]);
    }
    return count;
}

void
arrow_batch_put(struct arrow_batch *b, struct buffer *out)
{
    struct layout l = {0};
    arena_reset(&b->scratch);
    l.runs = arena_alloc(&b->scratch, sizeof *l.runs * 4 * column_count(&b->root));
    for (uint32_t i = 0; i < b->root.child_count; i++) {
        layout_column(&l, &b->root.children[i]);
    }
    struct flat_put f = {.out = out};
    size_t slot, at[3];
    const size_t start = arrow_begin_message(&f, ARROW_RECORD_BATCH, l.body_bytes, &slot);
    const size_t table = flat_put_table(
        &f, (struct flat_slot[]){{8, b->rows}, {FLAT_OFFSET, 0}, {FLAT_OFFSET, 0}}, 3, at);
    flat_link(&f, slot, table);
    flat_link(
        &f, at[1],
        flat_put_words(&f, (const int64_t *)(void *)l.nodes.ptr, 2, (uint32_t)(l.nodes.len / 16)));
    flat_link(&f, at[2],
              flat_put_words(&f, (const int64_t *)(void *)l.ranges.ptr, 2,
                             (uint32_t)(l.ranges.len / 16)));
    arrow_end_message(&f, start);
    buffer_reserve(out, l.body_bytes);
    for (uint32_t i = 0; i < l.run_count; i++) {
        static const uint8_t zeros[8];
        buffer_put(out, l.runs[i].ptr, l.runs[i].len);
        buffer_put(out, zeros, (8 - l.runs[i].len % 8) % 8);
    }
    buffer_release(&l.nodes);
    buffer_release(&l.ranges);
    column_clear(&b->root);
    b->rows = 0;
}
