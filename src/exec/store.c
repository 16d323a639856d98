/* Column blocks: appending, sealing in morsel order, flattening. */
#include "exec/store.h"

#include <stdlib.h>

#include "base/thread.h"

enum { BLOCK_ROWS_MIN = 256, BLOCK_ROWS_MAX = 8192, VALUE_PAD = 64 };

void
store_init(struct store *s, const struct type *schema, struct budget *budget)
{
    *s = (struct store){.schema = schema};
    pthread_mutex_init(&s->lock, NULL);
    arena_init(&s->flat, budget);
    for (uint32_t i = 0; i < schema->field_count; i++) {
        s->nested |= type_is_nested(schema->fields[i].type);
    }
}

void
store_free(struct store *s)
{
    for (uint32_t i = 0; i < s->arena_count; i++) {
        arena_release(&s->arenas[i]);
    }
    free(s->arenas);
    arena_release(&s->flat);
    pthread_mutex_destroy(&s->lock);
    s->arenas = NULL;
    s->arena_count = 0;
}

/* ---- writing ---- */

void
store_writer_init(struct store_writer *w, struct store *s, struct budget *budget)
{
    *w = (struct store_writer){.store = s, .morsel = UINT32_MAX};
    arena_init(&w->arena, budget);
}

static struct store_block *
block_new(struct store_writer *w, uint32_t want)
{
    const struct type *schema = w->store->schema;
    const struct store_block *last = w->seq > 0 ? w->blocks : NULL;
    uint32_t capacity = last != NULL ? last->capacity * 2 : BLOCK_ROWS_MIN;
    capacity = capacity < want ? want : capacity;
    capacity = capacity > BLOCK_ROWS_MAX ? BLOCK_ROWS_MAX : (capacity + 63) & ~63u;
    struct store_block *b = arena_new(&w->arena, struct store_block);
    b->capacity = capacity;
    b->cols = arena_new_array(&w->arena, struct vec, schema->field_count + 1);
    for (uint32_t i = 0; i < schema->field_count; i++) {
        vec_init_flat(&b->cols[i], &w->arena, schema->fields[i].type, capacity);
        b->cols[i].n = 0;
    }
    return b;
}

static void
block_push(struct store_writer *w, struct store_block *b, uint32_t morsel)
{
    b->morsel = morsel;
    b->seq = w->seq++;
    b->next = w->blocks;
    w->blocks = b;
}

#define COPY_ROWS(T)                                                                               \
    {                                                                                              \
        const T *s = vec_values(in);                                                               \
        T *d = (T *)out->data + at;                                                                \
        if (in->enc == VEC_CONST) {                                                                \
            for (uint32_t k = 0; k < n; k++) {                                                     \
                d[k] = s[0];                                                                       \
            }                                                                                      \
        } else if (in->enc == VEC_DICT) {                                                          \
            for (uint32_t k = 0; k < n; k++) {                                                     \
                d[k] = s[in->codes[sel != NULL ? sel[k] : k]];                                     \
            }                                                                                      \
        } else if (sel != NULL) {                                                                  \
            for (uint32_t k = 0; k < n; k++) {                                                     \
                d[k] = s[sel[k]];                                                                  \
            }                                                                                      \
        } else {                                                                                   \
            memcpy(d, s, sizeof(T) * n);                                                           \
        }                                                                                          \
        break;                                                                                     \
    }

struct wide {
    uint64_t lo;
    uint64_t hi;
};

static void
copy_valid(struct vec *out, const struct vec *in, uint32_t at, const uint16_t *sel, uint32_t n,
           uint32_t capacity, struct arena *a)
{
    if (out->valid == NULL) {
        if (in->valid == NULL) {
            return;
        }
        out->valid = valid_new(a, capacity, true);
    }
    for (uint32_t k = 0; in->valid != NULL && k < n; k++) {
        if (vec_is_null(in, sel != NULL ? sel[k] : k)) {
            bit_clear(out->valid, at + k);
        }
    }
}

static void
own_views(struct vec *v, uint32_t at, uint32_t n, struct arena *a)
{
    struct view *views = (struct view *)v->data + at;
    size_t bytes = 0;
    for (uint32_t k = 0; k < n; k++) {
        if (v->valid != NULL && !bit_get(v->valid, at + k)) {
            views[k] = (struct view){0};
        }
        bytes += views[k].len > 12 ? views[k].len : 0;
    }
    if (bytes == 0) {
        return;
    }
    char *to = arena_alloc(a, bytes);
    for (uint32_t k = 0; k < n; k++) {
        if (views[k].len > 12) {
            memcpy(to, views[k].ref.ptr, views[k].len);
            views[k].ref.ptr = to;
            to += views[k].len;
        }
    }
}

/* Rows sel[0..n) of a scalar column behind the `at` rows of a block's. */
static void
append_column(struct store_writer *w, struct store_block *b, struct vec *out, const struct vec *in,
              const uint16_t *sel, uint32_t n)
{
    const uint32_t at = out->n;
    out->n += n;
    if (in->phys == PHYS_NONE) {
        return;
    }
    copy_valid(out, in, at, sel, n, b->capacity, &w->arena);
    if (in->enc == VEC_DICT && in->child[0].n == 0) {
        memset((char *)out->data + at * phys_size(in->phys), 0, n * phys_size(in->phys));
        return;
    }
    switch (phys_size(in->phys)) {
    case 1:
        COPY_ROWS(uint8_t)
    case 2:
        COPY_ROWS(uint16_t)
    case 4:
        COPY_ROWS(uint32_t)
    case 8:
        COPY_ROWS(uint64_t)
    case 16:
        COPY_ROWS(struct wide)
    default:
        break;
    }
    if (in->phys == PHYS_VIEW) {
        own_views(out, at, n, &w->arena);
    }
}

static void
append_whole(struct store_writer *w, const struct chunk *in, uint32_t morsel)
{
    struct store_block *b = arena_new(&w->arena, struct store_block);
    struct chunk copy;
    chunk_copy(&copy, in, &w->arena);
    b->cols = copy.cols;
    b->n = b->capacity = copy.n;
    block_push(w, b, morsel);
}

void
store_append(struct store_writer *w, const struct chunk *in, uint32_t morsel)
{
    if (morsel != w->morsel) {
        w->morsel = morsel;
        w->seq = 0;
    }
    if (w->store->nested) {
        append_whole(w, in, morsel);
        return;
    }
    for (uint32_t from = 0; from < in->sel_n;) {
        struct store_block *b = w->seq > 0 ? w->blocks : NULL;
        if (b == NULL || b->n == b->capacity) {
            b = block_new(w, in->sel_n - from);
            block_push(w, b, morsel);
        }
        uint32_t n = b->capacity - b->n;
        n = n < in->sel_n - from ? n : in->sel_n - from;
        uint16_t rest[VEC_ROWS];
        const uint16_t *sel = in->sel != NULL ? in->sel + from : NULL;
        if (sel == NULL && from > 0) {
            for (uint32_t k = 0; k < n; k++) {
                rest[k] = (uint16_t)(from + k);
            }
            sel = rest;
        }
        for (uint32_t c = 0; c < in->col_count; c++) {
            append_column(w, b, &b->cols[c], &in->cols[c], sel, n);
        }
        b->n += n;
        from += n;
    }
}

static void
store_keep_arena(struct store *s, const struct arena *a)
{
    if (s->arena_count == s->arena_capacity) {
        s->arena_capacity = s->arena_capacity == 0 ? 8 : s->arena_capacity * 2;
        struct arena *more = realloc(s->arenas, s->arena_capacity * sizeof *more);
        if (more == NULL) {
            abort();
        }
        s->arenas = more;
    }
    s->arenas[s->arena_count++] = *a;
}

void
store_writer_done(struct store_writer *w)
{
    struct store *s = w->store;
    mutex_lock(&s->lock);
    store_keep_arena(s, &w->arena);
    struct store_block *last = NULL;
    for (struct store_block *b = w->blocks; b != NULL; b = b->next) {
        s->block_count++;
        s->row_count += b->n;
        last = b;
    }
    if (last != NULL) {
        last->next = s->blocks;
        s->blocks = w->blocks;
    }
    mutex_unlock(&s->lock);
    arena_init(&w->arena, w->arena.budget);
    w->blocks = NULL;
    w->morsel = UINT32_MAX;
}

/* ---- sealing ---- */

static int
block_order(const void *x, const void *y)
{
    const struct store_block *a = *(struct store_block *const *)x;
    const struct store_block *b = *(struct store_block *const *)y;
    if (a->morsel != b->morsel) {
        return a->morsel < b->morsel ? -1 : 1;
    }
    return a->seq < b->seq ? -1 : a->seq > b->seq;
}

void
store_seal(struct store *s)
{
    s->order = arena_alloc(&s->flat, (s->block_count + 1) * sizeof *s->order);
    s->row_starts = arena_alloc(&s->flat, (s->block_count + 1) * sizeof *s->row_starts);
    uint32_t at = 0;
    for (struct store_block *b = s->blocks; b != NULL; b = b->next) {
        s->order[at++] = b;
    }
    qsort(s->order, s->block_count, sizeof *s->order, block_order);
    uint64_t rows = 0;
    for (uint32_t i = 0; i < s->block_count; i++) {
        s->row_starts[i] = rows;
        rows += s->order[i]->n;
    }
    s->row_starts[s->block_count] = rows;
}

/* ---- flattening ---- */

struct piece {
    const struct vec *v; /* FLAT or CONST */
    uint32_t n;
};

static void concat(struct vec *out, const struct type *type, const struct piece *pieces,
                   uint32_t count, uint32_t total, struct arena *a);

static void
concat_valid(struct vec *out, const struct piece *pieces, uint32_t count, struct arena *a)
{
    bool any = false;
    for (uint32_t p = 0; p < count; p++) {
        any |= pieces[p].v->valid != NULL;
    }
    if (!any) {
        return;
    }
    out->valid = valid_new(a, out->n, true);
    uint32_t at = 0;
    for (uint32_t p = 0; p < count; p++) {
        const struct vec *v = pieces[p].v;
        for (uint32_t k = 0; v->valid != NULL && k < pieces[p].n; k++) {
            if (vec_is_null(v, k)) {
                bit_clear(out->valid, at + k);
            }
        }
        at += pieces[p].n;
    }
}

static void
concat_children(struct vec *out, const struct piece *pieces, uint32_t count, struct arena *a)
{
    struct piece *parts = arena_new_array(a, struct piece, count + 1);
    out->child = arena_new_array(a, struct vec, out->child_count + 1);
    for (uint32_t c = 0; c < out->child_count; c++) {
        uint32_t total = 0;
        for (uint32_t p = 0; p < count; p++) {
            parts[p].v = &pieces[p].v->child[c];
            parts[p].n = out->phys == PHYS_STRUCT ? pieces[p].n : parts[p].v->n;
            total += parts[p].n;
        }
        concat(&out->child[c], out->type->fields[c].type, parts, count, total, a);
    }
}

static void
concat(struct vec *out, const struct type *type, const struct piece *pieces, uint32_t count,
       uint32_t total, struct arena *a)
{
    vec_init_flat(out, a, type, total);
    if (out->phys == PHYS_NONE) {
        return;
    }
    concat_valid(out, pieces, count, a);
    const size_t size = phys_size(out->phys);
    char *to = out->data;
    uint32_t child_base = 0;
    for (uint32_t p = 0; p < count && size > 0; p++) {
        struct vec flat = *pieces[p].v;
        flat.n = pieces[p].n;
        if (flat.enc != VEC_FLAT) {
            vec_flatten(&flat, &flat, NULL, flat.n, a);
        }
        memcpy(to, flat.data, size * flat.n);
        if (out->phys == PHYS_LIST || out->phys == PHYS_MAP) {
            struct list_range *ranges = (struct list_range *)(void *)to;
            for (uint32_t k = 0; k < flat.n; k++) {
                ranges[k].offset += child_base;
            }
            child_base += flat.child[0].n;
        }
        to += size * flat.n;
    }
    if (out->child_count > 0) {
        struct piece *flat = arena_new_array(a, struct piece, count + 1);
        for (uint32_t p = 0; p < count; p++) {
            struct vec *v = arena_new(a, struct vec);
            *v = *pieces[p].v;
            v->n = pieces[p].n;
            vec_flatten(v, v, NULL, v->n, a);
            flat[p] = (struct piece){v, pieces[p].n};
        }
        concat_children(out, flat, count, a);
    }
}

struct flatten {
    struct store *store;
    struct arena *arenas; /* one a column, since tasks run side by side */
};

static bool
flatten_column(void *ctx, uint32_t c, struct worker *w)
{
    struct flatten *f = ctx;
    struct store *s = f->store;
    struct piece *pieces = arena_new_array(w->tmp, struct piece, s->block_count + 1);
    for (uint32_t i = 0; i < s->block_count; i++) {
        pieces[i] = (struct piece){&s->order[i]->cols[c], s->order[i]->n};
    }
    concat(&s->cols[c], s->schema->fields[c].type, pieces, s->block_count, (uint32_t)s->row_count,
           &f->arenas[c]);
    return true;
}

bool
store_flatten(struct store *s, struct query *q, struct error *err)
{
    if (s->row_count >= UINT32_MAX) {
        return error_unsupported(err, "joining, sorting or windowing 2^32 rows in one place");
    }
    const uint32_t cols = s->schema->field_count;
    s->cols = arena_new_array(&s->flat, struct vec, cols + 1);
    if (s->block_count == 1) { /* it is flat already */
        for (uint32_t c = 0; c < cols; c++) {
            s->cols[c] = s->order[0]->cols[c];
            s->cols[c].n = s->order[0]->n;
            vec_flatten(&s->cols[c], &s->cols[c], NULL, s->cols[c].n, &s->flat);
        }
        return true;
    }
    struct flatten f = {.store = s, .arenas = calloc(cols + 1, sizeof(struct arena))};
    if (f.arenas == NULL) {
        return budget_error(q->ctx->budget, cols * sizeof(struct arena), err);
    }
    for (uint32_t c = 0; c < cols; c++) {
        arena_init(&f.arenas[c], q->ctx->budget);
    }
    const bool ok = query_parallel(q, cols, flatten_column, &f, err);
    for (uint32_t c = 0; c < cols; c++) {
        store_keep_arena(s, &f.arenas[c]);
    }
    free(f.arenas);
    return ok;
}

void
store_chunk(const struct store *s, uint64_t from, uint32_t n, struct arena *a, struct chunk *out)
{
    *out = (struct chunk){.n = n, .sel_n = n, .col_count = s->schema->field_count};
    out->cols = arena_new_array(a, struct vec, out->col_count + 1);
    for (uint32_t c = 0; c < out->col_count; c++) {
        vec_slice(&out->cols[c], &s->cols[c], (uint32_t)from, n, a);
    }
}
