/*
 * Rows that came with the plan: an Arrow stream, literal rows, or none; and ranges of numbers.
 *
 * Memory: one chunk. A literal relation's rows are made when its morsel is opened.
 */
#include "exec/exchange.h"
#include "exec/ops.h"
#include "format/arrow.h"

enum { RANGE_MORSEL_ROWS = 1 << 18, RANGE_PARTITION_ROWS = 1 << 20 };

struct local_source {
    struct source source;
    const struct rel *rel;
};

struct local_cursor {
    struct arrow_reader *reader;
    uint32_t row;
};

static bool
local_prepare(struct source *s, struct query *q, uint32_t *morsels, struct error *err)
{
    (void)q;
    (void)err;
    const struct rel *r = ((struct local_source *)s)->rel;
    *morsels = r->data != NULL || r->row_count > 0 ? 1 : 0;
    return true;
}

static bool
local_open(struct source *s, struct worker *w, uint32_t morsel, void **cursor)
{
    (void)morsel;
    const struct rel *r = ((struct local_source *)s)->rel;
    struct local_cursor *c = arena_new(&w->morsel_keep, struct local_cursor);
    *cursor = c;
    if (r->data == NULL) {
        return true;
    }
    w->bytes_read += r->data_len;
    return arrow_reader_open(&w->morsel_keep, (struct bytes){r->data, r->data_len}, &c->reader,
                             &w->err);
}

static bool
local_arrow_next(const struct rel *r, struct worker *w, struct local_cursor *c, struct chunk *out,
                 bool *more)
{
    if (!arrow_reader_next(c->reader, w->tmp, out, &w->err)) {
        return false;
    }
    *more = out->n > 0;
    if (out->n > 0 && out->col_count != r->schema->field_count) {
        return error_raise(&w->err, "INTERNAL_ERROR", "message",
                           "A local relation's data has other columns than its schema.",
                           (const char *)NULL);
    }
    for (uint32_t i = 0; i < out->col_count && out->n > 0; i++) {
        struct vec *col = &out->cols[i];
        const struct type *want = r->schema->fields[i].type;
        if (!type_same(col->type, want)) {
            struct vec flat, cast;
            vec_flatten(&flat, col, NULL, out->n, w->tmp);
            if (!func_cast(&w->eval, &flat, want, CAST_DEFAULT, NULL, out->n, &cast, &w->err)) {
                return false;
            }
            *col = cast;
        } else {
            vec_retype(col, want, w->tmp);
        }
    }
    return true;
}

static bool
local_next(struct source *s, struct worker *w, void *cursor, struct chunk *out, bool *more)
{
    const struct rel *r = ((struct local_source *)s)->rel;
    struct local_cursor *c = cursor;
    if (r->data != NULL) {
        return local_arrow_next(r, w, c, out, more);
    }
    const uint32_t left = r->row_count - c->row;
    const uint32_t n = left < VEC_ROWS ? left : VEC_ROWS;
    chunk_init(out, w->tmp, r->schema, n);
    for (uint32_t i = 0; i < n; i++) {
        for (uint32_t k = 0; k < out->col_count; k++) {
            const struct expr *e = r->rows[c->row + i][k];
            while (e->kind == EXPR_ALIAS) {
                e = e->args[0];
            }
            struct datum d = e->literal;
            if (e->kind != EXPR_LITERAL &&
                !program_fold(w->tmp, e, w->query->ctx->session, &d, &w->err)) {
                return false;
            }
            vec_set_datum(&out->cols[k], w->tmp, i, &d);
        }
    }
    c->row += n;
    *more = c->row < r->row_count;
    return true;
}

static const struct source_class local_source_class = {
    .name = "LocalTableScan",
    .prepare = local_prepare,
    .open = local_open,
    .next = local_next,
};

bool
compile_local(struct compiler *c, const struct rel *r, struct pipeline *p, struct op *next,
              struct error *err)
{
    (void)err;
    struct local_source *s = arena_new(c->arena, struct local_source);
    s->rel = r;
    source_add(p, &s->source, &local_source_class, r->schema, next, p->phase_now);
    return true;
}

/* ---- ranges ---- */

struct range_piece {
    uint64_t from; /* index of the first row */
    uint64_t n;
    uint64_t row_base; /* rows before it in its partition */
    uint32_t partition;
};

struct range_source {
    struct source source;
    const struct rel *rel;
    struct range_piece *pieces;
    uint32_t first; /* of this task's share */
};

static uint64_t
range_count(const struct rel *r)
{
    const i128 span = (i128)r->end - r->start;
    const i128 step = r->step;
    if (step == 0 || span == 0 || (span > 0) != (step > 0)) {
        return 0;
    }
    return (uint64_t)((span + (step > 0 ? step - 1 : step + 1)) / step);
}

static bool
range_prepare(struct source *s, struct query *q, uint32_t *morsels, struct error *err)
{
    struct range_source *src = (struct range_source *)s;
    const uint64_t n = range_count(src->rel);
    uint64_t partitions =
        src->rel->partitions > 0 ? (uint64_t)src->rel->partitions : n / RANGE_PARTITION_ROWS + 1;
    const uint64_t most = n / RANGE_MORSEL_ROWS + partitions;
    if (most > 1 << 24) {
        return error_unsupported(err, "a range of %llu rows", (unsigned long long)n);
    }
    src->pieces = arena_new_array(&q->arena, struct range_piece, most + 1);
    uint32_t count = 0;
    for (uint64_t i = 0; i < partitions; i++) {
        /* Spark's slices: partition i has the rows from i*n/partitions on. */
        const uint64_t begin = (uint64_t)((unsigned __int128)i * n / partitions);
        const uint64_t end = (uint64_t)((unsigned __int128)(i + 1) * n / partitions);
        for (uint64_t at = begin; at < end;) {
            const uint64_t rows = end - at < RANGE_PARTITION_ROWS ? end - at : RANGE_MORSEL_ROWS;
            src->pieces[count++] = (struct range_piece){at, rows, at - begin, (uint32_t)i};
            at += rows;
        }
    }
    uint32_t end = 0;
    exchange_share(q->ctx->exchange, src->rel, count, &src->first, &end);
    *morsels = end - src->first;
    return true;
}

static bool
range_open(struct source *s, struct worker *w, uint32_t morsel, void **cursor)
{
    struct range_piece *left = arena_new(&w->morsel_keep, struct range_piece);
    const struct range_source *src = (struct range_source *)s;
    *left = src->pieces[src->first + morsel];
    w->eval.partition = left->partition;
    w->eval.row_base = left->row_base;
    *cursor = left;
    return true;
}

static bool
range_next(struct source *s, struct worker *w, void *cursor, struct chunk *out, bool *more)
{
    const struct rel *r = ((struct range_source *)s)->rel;
    struct range_piece *left = cursor;
    const uint32_t n = left->n < VEC_ROWS ? (uint32_t)left->n : VEC_ROWS;
    chunk_init(out, w->tmp, r->schema, n);
    int64_t *data = out->cols[0].data;
    const uint64_t base = (uint64_t)r->start + left->from * (uint64_t)r->step;
    for (uint32_t i = 0; i < n; i++) {
        data[i] = (int64_t)(base + i * (uint64_t)r->step);
    }
    left->from += n;
    left->n -= n;
    *more = left->n > 0;
    return true;
}

static const struct source_class range_source_class = {
    .name = "Range",
    .prepare = range_prepare,
    .open = range_open,
    .next = range_next,
};

bool
compile_range(struct compiler *c, const struct rel *r, struct pipeline *p, struct op *next,
              struct error *err)
{
    (void)err;
    struct range_source *s = arena_new(c->arena, struct range_source);
    s->rel = r;
    source_add(p, &s->source, &range_source_class, r->schema, next, p->phase_now);
    return true;
}
