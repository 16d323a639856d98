/* A sealed store as a source: its blocks in order, cut into morsels of many blocks. */
#include "exec/store.h"

enum { MORSEL_ROWS = 1 << 16 };

struct store_source {
    struct source source;
    struct store *store;
    int64_t from, count;
    uint64_t begin, end; /* rows, once the store is sealed */
    uint32_t *starts;    /* first block of each morsel, and the end */
};

struct store_cursor {
    uint32_t block, block_end;
    uint32_t row;
};

static void
window_set(struct store_source *src)
{
    const uint64_t rows = src->store->row_count;
    if (src->from < 0) {
        src->begin = (uint64_t)src->count < rows ? rows - (uint64_t)src->count : 0;
        src->end = rows;
        return;
    }
    src->begin = (uint64_t)src->from < rows ? (uint64_t)src->from : rows;
    const uint64_t left = rows - src->begin;
    src->end =
        src->begin + (src->count < 0 || (uint64_t)src->count > left ? left : (uint64_t)src->count);
}

static bool
store_source_prepare(struct source *s, struct query *q, uint32_t *morsels, struct error *err)
{
    (void)err;
    struct store_source *src = (struct store_source *)s;
    const struct store *store = src->store;
    window_set(src);
    src->starts = arena_new_array(&q->arena, uint32_t, store->block_count + 2);
    uint32_t count = 0, end = 0;
    uint64_t rows = MORSEL_ROWS;
    for (uint32_t i = 0; i < store->block_count; i++) {
        if (store->row_starts[i + 1] <= src->begin || store->row_starts[i] >= src->end) {
            continue;
        }
        if (rows >= MORSEL_ROWS) {
            src->starts[count++] = i;
            rows = 0;
        }
        rows += store->order[i]->n;
        end = i + 1;
    }
    src->starts[count] = end;
    *morsels = count;
    return true;
}

static bool
store_source_open(struct source *s, struct worker *w, uint32_t morsel, void **cursor)
{
    const struct store_source *src = (struct store_source *)s;
    struct store_cursor *c = arena_new(&w->morsel_keep, struct store_cursor);
    c->block = src->starts[morsel];
    c->block_end = src->starts[morsel + 1];
    const uint64_t first = src->store->row_starts[c->block];
    c->row = first < src->begin ? (uint32_t)(src->begin - first) : 0;
    *cursor = c;
    return true;
}

static bool
store_source_next(struct source *s, struct worker *w, void *cursor, struct chunk *out, bool *more)
{
    const struct store_source *src = (struct store_source *)s;
    const struct store *store = src->store;
    struct store_cursor *c = cursor;
    const struct store_block *b = store->order[c->block];
    const uint64_t first = store->row_starts[c->block];
    const uint32_t stop = first + b->n > src->end ? (uint32_t)(src->end - first) : b->n;
    const uint32_t n = stop - c->row < VEC_ROWS ? stop - c->row : VEC_ROWS;
    *out = (struct chunk){.n = n, .sel_n = n, .col_count = store->schema->field_count};
    out->cols = arena_new_array(w->tmp, struct vec, out->col_count + 1);
    for (uint32_t i = 0; i < out->col_count; i++) {
        struct vec col = b->cols[i];
        col.n = b->n;
        vec_slice(&out->cols[i], &col, c->row, n, w->tmp);
    }
    c->row += n;
    if (c->row >= stop) {
        c->block++;
        c->row = 0;
        *more = c->block < c->block_end;
    }
    return true;
}

const struct source_class store_source_class = {
    .name = "Store",
    .prepare = store_source_prepare,
    .open = store_source_open,
    .next = store_source_next,
};

struct source *
store_source_new(struct query *q, struct store *s, int64_t from, int64_t count)
{
    struct store_source *src = arena_new(&q->arena, struct store_source);
    src->store = s;
    src->from = from;
    src->count = count;
    return &src->source;
}
