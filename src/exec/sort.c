/*
 * Sort and top-N.
 *
 * Sort keeps all rows in a store (computed keys as more columns), orders row numbers
 * (exec/sort_keys.h) and gathers the payload as it goes out. Top-N keeps a store a worker that is
 * cut back to the best rows when it has grown; from the first cut on, rows whose key bits are above
 * the worst kept ones are dropped as they come. A hidden last key, the row's place in the input,
 * breaks ties, so that the same rows win however many threads ran.
 *
 * Memory: sort: all rows, and 52 bytes a row while sorting. Top-N: a few times (limit + offset)
 * rows a worker, at least TOPN_ROWS_MIN.
 */
#include <stdlib.h>

#include "base/thread.h"
#include "exec/ops.h"
#include "exec/sort_keys.h"

enum { TOPN_ROWS_MIN = 8192, EMIT_MORSEL_ROWS = 1 << 16 };

/* What both have in common: input columns, then computed keys. */
struct sorted {
    struct op op;
    struct projection projection;
    const struct type *store_schema;
    uint32_t input_count;
    struct sort_column *columns;
    struct sort_spec spec;
    struct store store;
    uint32_t *order;     /* malloc'ed */
    uint64_t begin, end; /* rows that go out */
    /* top-N */
    uint64_t keep; /* limit + offset */
    uint64_t offset;
    bool topn;
    uint32_t place_column;
};

struct topn_state {
    struct store store;
    struct store_writer writer;
    uint64_t rows; /* in the writer */
    bool bounded;
    struct sort_entry bound;
};

struct sort_state {
    struct store_writer writer;
    struct topn_state top;
    uint32_t morsel;
    uint64_t morsel_rows;
    bool done;
};

static bool
sort_open(struct op *op, struct worker *w, void **state)
{
    struct sorted *s = (struct sorted *)op;
    struct sort_state *st = arena_new(&w->keep, struct sort_state);
    st->morsel = UINT32_MAX;
    if (s->topn) {
        store_init(&st->top.store, s->store_schema, w->query->ctx->budget);
        store_writer_init(&st->top.writer, &st->top.store, w->query->ctx->budget);
    } else {
        store_writer_init(&st->writer, &s->store, w->query->ctx->budget);
    }
    *state = st;
    return true;
}

/* The input's columns and the computed keys; for top-N also the row's place. */
static bool
widen(struct sorted *s, struct worker *w, struct sort_state *st, struct chunk *in,
      struct chunk *out)
{
    *out = *in;
    out->col_count = s->store_schema->field_count;
    out->cols = arena_new_array(w->tmp, struct vec, out->col_count + 1);
    struct chunk src = *in;
    if (!projection_run(&s->projection, w, &src, out->cols + s->input_count)) {
        return false;
    }
    memcpy(out->cols, src.cols, s->input_count * sizeof *src.cols);
    out->n = src.n;
    out->sel = src.sel;
    out->sel_n = src.sel_n;
    if (s->topn) {
        if (st->morsel != w->morsel) {
            st->morsel = w->morsel;
            st->morsel_rows = 0;
        }
        struct vec *place = &out->cols[s->place_column];
        vec_init_flat(place, w->tmp, type_scalar(TYPE_LONG), out->n);
        for (uint32_t i = 0; i < out->n; i++) {
            ((int64_t *)place->data)[i] =
                (int64_t)(((uint64_t)w->morsel << 32) + st->morsel_rows + i);
        }
        st->morsel_rows += out->n;
    }
    return true;
}

/* Rows that may still be among the best. */
static void
bound_apply(const struct sorted *s, struct worker *w, const struct topn_state *t,
            struct chunk *rows)
{
    struct sort_entry *bits = arena_alloc(w->tmp, rows->sel_n * sizeof *bits);
    uint16_t *sel = arena_alloc(w->tmp, rows->sel_n * sizeof *sel + 2);
    sort_encode(&s->spec, rows->cols, rows->sel, rows->sel_n, bits);
    uint32_t n = 0;
    for (uint32_t k = 0; k < rows->sel_n; k++) {
        sel[n] = (uint16_t)chunk_row(rows, k);
        n += bits[k].hi < t->bound.hi || (bits[k].hi == t->bound.hi && bits[k].lo <= t->bound.lo);
    }
    rows->sel = sel;
    rows->sel_n = n;
}

/* Rows [0, n) of an order over a flattened store, appended to a writer. */
static void
append_ordered(const struct store *from, const uint32_t *order, uint64_t n, struct store_writer *to,
               struct arena *tmp)
{
    for (uint64_t at = 0; at < n; at += VEC_ROWS) {
        const uint32_t count = n - at < VEC_ROWS ? (uint32_t)(n - at) : VEC_ROWS;
        struct chunk c = {.n = count, .sel_n = count, .col_count = from->schema->field_count};
        c.cols = arena_new_array(tmp, struct vec, c.col_count + 1);
        for (uint32_t i = 0; i < c.col_count; i++) {
            vec_gather(&c.cols[i], &from->cols[i], order + at, count, tmp);
        }
        store_append(to, &c, 0);
    }
}

/* Sorts what the worker has and keeps the best rows. */
static bool
topn_cut(struct sorted *s, struct worker *w, struct topn_state *t)
{
    store_writer_done(&t->writer);
    store_seal(&t->store);
    uint32_t *order = NULL;
    if (!store_flatten(&t->store, w->query, &w->err) ||
        !sort_rows(&s->spec, &t->store, w->query, &order, &w->err)) {
        return false;
    }
    const uint64_t n = t->store.row_count < s->keep ? t->store.row_count : s->keep;
    struct store best;
    struct store_writer writer;
    store_init(&best, s->store_schema, w->query->ctx->budget);
    store_writer_init(&writer, &best, w->query->ctx->budget);
    append_ordered(&t->store, order, n, &writer, w->tmp);
    if (n == s->keep && n > 0) {
        struct chunk last;
        struct vec *cols = arena_new_array(w->tmp, struct vec, s->store_schema->field_count + 1);
        for (uint32_t i = 0; i < s->store_schema->field_count; i++) {
            vec_gather(&cols[i], &t->store.cols[i], order + n - 1, 1, w->tmp);
        }
        last = (struct chunk){.n = 1, .sel_n = 1, .cols = cols};
        sort_encode(&s->spec, last.cols, NULL, 1, &t->bound);
        t->bounded = true;
    }
    free(order);
    store_free(&t->store);
    t->store = best;
    t->writer = writer;
    t->writer.store = &t->store;
    t->writer.morsel = UINT32_MAX;
    t->rows = n;
    return true;
}

static bool
sort_push(struct op *op, struct worker *w, void *state, struct chunk *in)
{
    struct sorted *s = (struct sorted *)op;
    struct sort_state *st = state;
    struct chunk wide;
    if (!widen(s, w, st, in, &wide)) {
        return false;
    }
    if (!s->topn) {
        store_append(&st->writer, &wide, w->morsel);
        return true;
    }
    struct topn_state *t = &st->top;
    if (s->keep == 0) {
        return true;
    }
    if (t->bounded) {
        bound_apply(s, w, t, &wide);
    }
    if (wide.sel_n > 0) {
        store_append(&t->writer, &wide, 0);
        t->rows += wide.sel_n;
    }
    return t->rows < TOPN_ROWS_MIN || t->rows < 4 * s->keep || topn_cut(s, w, t);
}

static bool
sort_merge(struct op *op, struct worker *w, void *state)
{
    struct sorted *s = (struct sorted *)op;
    struct sort_state *st = state;
    if (!s->topn) {
        store_writer_done(&st->writer);
        st->done = true;
        return true;
    }
    struct topn_state *t = &st->top;
    if (t->rows > s->keep && !topn_cut(s, w, t)) {
        return false;
    }
    store_writer_done(&t->writer);
    store_seal(&t->store);
    struct store_writer writer;
    store_writer_init(&writer, &s->store, w->query->ctx->budget);
    for (uint32_t b = 0; b < t->store.block_count; b++) {
        struct chunk c = {.col_count = s->store_schema->field_count};
        const struct store_block *block = t->store.order[b];
        for (uint32_t at = 0; at < block->n; at += VEC_ROWS) {
            c.n = c.sel_n = block->n - at < VEC_ROWS ? block->n - at : VEC_ROWS;
            c.cols = arena_new_array(w->tmp, struct vec, c.col_count + 1);
            for (uint32_t i = 0; i < c.col_count; i++) {
                struct vec col = block->cols[i];
                col.n = block->n;
                vec_slice(&c.cols[i], &col, at, c.n, w->tmp);
            }
            store_append(&writer, &c, w->number);
        }
    }
    store_writer_done(&writer);
    return true;
}

static bool
sort_finish(struct op *op, struct query *q, struct error *err)
{
    struct sorted *s = (struct sorted *)op;
    store_seal(&s->store);
    if (!store_flatten(&s->store, q, err)) {
        return false;
    }
    for (uint32_t k = 0; k < s->spec.key_count && k < 64; k++) {
        s->spec.nullable[k] = s->store.cols[s->columns[k].column].valid != NULL;
    }
    if (!sort_rows(&s->spec, &s->store, q, &s->order, err)) {
        return false;
    }
    const uint64_t rows = s->store.row_count;
    s->begin = s->offset < rows ? s->offset : rows;
    s->end = s->topn && s->keep < rows ? s->keep : rows;
    s->end = s->end < s->begin ? s->begin : s->end;
    return true;
}

static void
sort_close(struct op *op, struct worker *w, void *state)
{
    (void)w;
    struct sort_state *st = state;
    if (st == NULL) {
        return;
    }
    if (((struct sorted *)op)->topn) {
        arena_release(&st->top.writer.arena);
        store_free(&st->top.store);
    } else if (!st->done) {
        arena_release(&st->writer.arena);
    }
}

static void
sort_free(struct op *op)
{
    struct sorted *s = (struct sorted *)op;
    store_free(&s->store);
    free(s->order);
}

static const struct op_class sort_class = {
    .name = "Sort",
    .open = sort_open,
    .push = sort_push,
    .merge = sort_merge,
    .finish = sort_finish,
    .close = sort_close,
    .free = sort_free,
};

/* ---- rows in order as a source ---- */

struct sort_source {
    struct source source;
    struct sorted *sorted;
};

struct sort_cursor {
    uint64_t at, end;
};

static bool
sort_source_prepare(struct source *src, struct query *q, uint32_t *morsels, struct error *err)
{
    (void)q;
    (void)err;
    const struct sorted *s = ((struct sort_source *)src)->sorted;
    *morsels = (uint32_t)((s->end - s->begin + EMIT_MORSEL_ROWS - 1) / EMIT_MORSEL_ROWS);
    return true;
}

static bool
sort_source_open(struct source *src, struct worker *w, uint32_t morsel, void **cursor)
{
    const struct sorted *s = ((struct sort_source *)src)->sorted;
    struct sort_cursor *c = arena_new(&w->morsel_keep, struct sort_cursor);
    c->at = s->begin + (uint64_t)morsel * EMIT_MORSEL_ROWS;
    c->end = s->end - c->at < EMIT_MORSEL_ROWS ? s->end : c->at + EMIT_MORSEL_ROWS;
    *cursor = c;
    return true;
}

static bool
sort_source_next(struct source *src, struct worker *w, void *cursor, struct chunk *out, bool *more)
{
    const struct sorted *s = ((struct sort_source *)src)->sorted;
    struct sort_cursor *c = cursor;
    const uint32_t n = c->end - c->at < VEC_ROWS ? (uint32_t)(c->end - c->at) : VEC_ROWS;
    *out = (struct chunk){.n = n, .sel_n = n, .col_count = s->input_count};
    out->cols = arena_new_array(w->tmp, struct vec, s->input_count + 1);
    for (uint32_t i = 0; i < s->input_count; i++) {
        vec_gather(&out->cols[i], &s->store.cols[i], s->order + c->at, n, w->tmp);
    }
    c->at += n;
    *more = c->at < c->end;
    return true;
}

static const struct source_class sort_source_class = {
    .name = "Sort",
    .prepare = sort_source_prepare,
    .open = sort_source_open,
    .next = sort_source_next,
};

/* ---- compiling ---- */

/* Key expressions that are columns are used in place; others become columns behind the input's. */
static bool
keys_place(struct compiler *c, struct sorted *s, const struct rel *r, struct error *err)
{
    const struct type *input = r->inputs[0]->schema;
    s->input_count = input->field_count;
    s->columns = arena_new_array(c->arena, struct sort_column, r->key_count + 2);
    struct expr **computed = arena_new_array(c->arena, struct expr *, r->key_count + 1);
    uint32_t count = 0;
    for (uint32_t k = 0; k < r->key_count; k++) {
        const struct expr *e = expr_unalias(r->keys[k].expr);
        s->columns[k].descending = r->keys[k].descending;
        s->columns[k].nulls_first = r->keys[k].nulls_first;
        if (e->kind == EXPR_COLUMN) {
            s->columns[k].column = e->column;
        } else {
            s->columns[k].column = s->input_count + count;
            computed[count++] = r->keys[k].expr;
        }
    }
    struct type_field *fields =
        arena_new_array(c->arena, struct type_field, s->input_count + count + 1);
    if (s->input_count > 0) {
        memcpy(fields, input->fields, s->input_count * sizeof *fields);
    }
    for (uint32_t i = 0; i < count; i++) {
        fields[s->input_count + i] = (struct type_field){"key", computed[i]->type, true, NULL};
    }
    uint32_t key_count = r->key_count, field_count = s->input_count + count;
    if (s->topn) {
        s->place_column = field_count;
        fields[field_count++] = (struct type_field){"place", type_scalar(TYPE_LONG), false, NULL};
        s->columns[key_count++] = (struct sort_column){.column = s->place_column};
    }
    s->store_schema = type_struct(c->arena, fields, field_count);
    sort_spec_init(&s->spec, s->columns, key_count);
    return projection_init(c, &s->projection, computed, count, err);
}

static bool
sorted_make(struct compiler *c, struct sorted *s, const struct rel *r, struct pipeline *p,
            struct op *next, struct error *err)
{
    if (!keys_place(c, s, r, err)) {
        return false;
    }
    struct pipeline *own = pipeline_new(c->query);
    store_init(&s->store, s->store_schema, c->query->ctx->budget);
    op_add(own, &s->op, &sort_class, NULL, NULL);
    if (!compile_rel(c, r->inputs[0], own, &s->op, err)) {
        return false;
    }
    pipeline_ready(own);
    struct sort_source *src = arena_new(c->arena, struct sort_source);
    src->sorted = s;
    source_add(p, &src->source, &sort_source_class, r->schema, next, p->phase_now);
    return true;
}

bool
compile_sort(struct compiler *c, const struct rel *r, struct pipeline *p, struct op *next,
             struct error *err)
{
    struct sorted *s = arena_new(c->arena, struct sorted);
    return sorted_make(c, s, r, p, next, err);
}

bool
compile_topn(struct compiler *c, const struct rel *r, struct pipeline *p, struct op *next,
             struct error *err)
{
    struct sorted *s = arena_new(c->arena, struct sorted);
    s->offset = r->offset > 0 ? (uint64_t)r->offset : 0;
    int64_t keep = 0;
    if (r->limit < 0 || __builtin_add_overflow(r->limit, (int64_t)s->offset, &keep)) {
        return sorted_make(c, s, r, p, next, err); /* no limit: all of them, past the offset */
    }
    s->topn = true;
    s->keep = (uint64_t)keep;
    return sorted_make(c, s, r, p, next, err);
}
