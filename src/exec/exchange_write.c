/*
 * The sink of a stage: rows dealt to partitions, written as frames of a shuffle file.
 *
 * Each worker keeps a column store a partition. A store that is large enough, and every store at
 * the end of a morsel, becomes a frame, so that frames never mix morsels and their order is that of
 * the rows (exec/shuffle_file.h).
 */
#include <stdlib.h>

#include "base/thread.h"
#include "exec/exchange.h"
#include "exec/ops.h"
#include "vec/hash.h"

enum { PARTITION_BYTES_MIN = 16 << 10 };

struct exchange {
    struct op op;
    enum exchange_mode mode;
    uint32_t partitions;
    struct projection keys;
    struct store shape; /* never filled: what its writers go by */
    struct shuffle_writer writer;
    struct exec_exchange *x;
    size_t flush_bytes;
    _Atomic uint64_t rows;
};

struct exchange_state {
    struct store_writer *parts; /* by partition */
    uint32_t *rows;             /* in each */
    uint32_t *seqs;             /* frames of this morsel */
    uint32_t turn;              /* round robin */
    struct buffer frame;
    struct arena tmp;
};

static bool
exchange_open(struct op *op, struct worker *w, void **state)
{
    struct exchange *x = (struct exchange *)op;
    struct exchange_state *s = arena_new(&w->keep, struct exchange_state);
    s->parts = arena_new_array(&w->keep, struct store_writer, x->partitions);
    s->rows = arena_new_array(&w->keep, uint32_t, x->partitions);
    s->seqs = arena_new_array(&w->keep, uint32_t, x->partitions);
    s->frame.limit = SHUFFLE_FRAME_BYTES_MAX;
    arena_init(&s->tmp, w->query->ctx->budget);
    for (uint32_t p = 0; p < x->partitions; p++) {
        store_writer_init(&s->parts[p], &x->shape, w->query->ctx->budget);
    }
    *state = s;
    return true;
}

/* A store's blocks, newest first, as one frame, oldest first. */
static void
blocks_put(const struct exchange *x, struct exchange_state *s, const struct store_block *b)
{
    if (b == NULL) {
        return;
    }
    /* As deep as a partition has blocks: these double in size, so few. */
    blocks_put(x, s, b->next);
    struct chunk c = {
        .n = b->n, .sel_n = b->n, .cols = b->cols, .col_count = x->shape.schema->field_count};
    arena_reset(&s->tmp);
    shuffle_block_put(&s->frame, &c, &s->tmp);
}

static bool
partition_flush(struct exchange *x, struct exchange_state *s, struct worker *w, uint32_t p)
{
    if (s->rows[p] == 0) {
        return true;
    }
    buffer_clear(&s->frame);
    buffer_extend(&s->frame, SHUFFLE_FRAME_HEAD);
    blocks_put(x, s, s->parts[p].blocks);
    shuffle_frame_close(&s->frame, 0, p, s->rows[p]);
    if (s->frame.overflow) {
        return error_set(&w->err, ERROR_RESOURCE, "a frame of an exchange is larger than %d bytes",
                         SHUFFLE_FRAME_BYTES_MAX);
    }
    const bool ok = shuffle_writer_append(&x->writer, (struct bytes){s->frame.ptr, s->frame.len}, p,
                                          w->morsel, s->seqs[p]++, s->rows[p], &w->err);
    w->rows_out += s->rows[p];
    atomic_fetch_add(&x->rows, s->rows[p]);
    s->rows[p] = 0;
    arena_reset(&s->parts[p].arena);
    s->parts[p].blocks = NULL;
    s->parts[p].seq = 0;
    s->parts[p].morsel = UINT32_MAX;
    return ok;
}

static bool
partition_add(struct exchange *x, struct exchange_state *s, struct worker *w, uint32_t p,
              const struct chunk *in)
{
    store_append(&s->parts[p], in, w->morsel);
    s->rows[p] += in->sel_n;
    const bool full = s->parts[p].arena.total_bytes >= x->flush_bytes;
    return !full || partition_flush(x, s, w, p);
}

/* Rows dealt by the hash of the keys: selections of one partition after the other. */
static bool
deal_by_hash(struct exchange *x, struct exchange_state *s, struct worker *w, struct chunk *in)
{
    struct vec *keys = arena_new_array(w->tmp, struct vec, x->keys.count + 1);
    if (!projection_run(&x->keys, w, in, keys)) {
        return false;
    }
    const uint32_t n = in->sel_n;
    uint64_t *hashes = arena_alloc(w->tmp, (n + 1) * sizeof *hashes);
    for (uint32_t i = 0; i < x->keys.count; i++) {
        vec_hash(&keys[i], in->sel, n, hashes, i > 0);
    }
    uint32_t *starts = arena_zalloc(w->tmp, (x->partitions + 2) * sizeof *starts);
    uint32_t *part = arena_alloc(w->tmp, (n + 1) * sizeof *part);
    for (uint32_t k = 0; k < n; k++) {
        /* Bits that neither the group tables nor the join directories go by. */
        part[k] = (uint32_t)(((hashes[k] >> 20 & UINT32_MAX) * x->partitions) >> 32);
        starts[part[k] + 2]++;
    }
    for (uint32_t p = 2; p <= x->partitions; p++) {
        starts[p] += starts[p - 1];
    }
    uint16_t *sel = arena_alloc(w->tmp, (n + 1) * sizeof *sel);
    for (uint32_t k = 0; k < n; k++) {
        sel[starts[part[k] + 1]++] = (uint16_t)chunk_row(in, k);
    }
    for (uint32_t p = 0; p < x->partitions; p++) {
        struct chunk piece = *in;
        piece.sel = sel + starts[p];
        piece.sel_n = starts[p + 1] - starts[p];
        if (piece.sel_n > 0 && !partition_add(x, s, w, p, &piece)) {
            return false;
        }
    }
    return true;
}

static bool
exchange_push(struct op *op, struct worker *w, void *state, struct chunk *in)
{
    struct exchange *x = (struct exchange *)op;
    struct exchange_state *s = state;
    if (x->partitions == 1) {
        return partition_add(x, s, w, 0, in);
    }
    if (x->mode == EXCHANGE_HASH) {
        return deal_by_hash(x, s, w, in);
    }
    return partition_add(x, s, w, (w->morsel + s->turn++) % x->partitions, in);
}

static bool
exchange_morsel_end(struct op *op, struct worker *w, void *state)
{
    struct exchange *x = (struct exchange *)op;
    struct exchange_state *s = state;
    for (uint32_t p = 0; p < x->partitions; p++) {
        if (!partition_flush(x, s, w, p)) {
            return false;
        }
        s->seqs[p] = 0;
    }
    s->turn = 0;
    return true;
}

static bool
exchange_finish(struct op *op, struct query *q, struct error *err)
{
    (void)q;
    struct exchange *x = (struct exchange *)op;
    if (!shuffle_writer_finish(&x->writer, err)) {
        return false;
    }
    x->x->out_bytes = x->writer.end;
    x->x->out_rows = atomic_load(&x->rows);
    return true;
}

static void
exchange_close(struct op *op, struct worker *w, void *state)
{
    (void)w;
    struct exchange_state *s = state;
    if (s == NULL) {
        return;
    }
    for (uint32_t p = 0; p < ((struct exchange *)op)->partitions; p++) {
        arena_release(&s->parts[p].arena);
    }
    buffer_release(&s->frame);
    arena_release(&s->tmp);
}

static void
exchange_free(struct op *op)
{
    struct exchange *x = (struct exchange *)op;
    shuffle_writer_release(&x->writer);
    store_free(&x->shape);
}

static const struct op_class exchange_class = {
    .name = "ExchangeWrite",
    .open = exchange_open,
    .push = exchange_push,
    .morsel_end = exchange_morsel_end,
    .finish = exchange_finish,
    .close = exchange_close,
    .free = exchange_free,
};

bool
compile_exchange(struct compiler *c, const struct rel *r, struct pipeline *p, struct op *next,
                 struct error *err)
{
    (void)next; /* nothing comes out */
    const struct exec_context *ctx = c->query->ctx;
    if (ctx->exchange == NULL || ctx->exchange->out_path == NULL || r->partitions < 1 ||
        (r->exchange == EXCHANGE_HASH && r->expr_count == 0)) {
        return error_raise(err, "INTERNAL_ERROR", "message",
                           "An exchange reached the engine without a place for its rows.",
                           (const char *)NULL);
    }
    struct exchange *x = arena_new(c->arena, struct exchange);
    x->mode = r->exchange;
    x->partitions = (uint32_t)r->partitions;
    x->x = ctx->exchange;
    const size_t shares = (size_t)x->partitions * (ctx->threads > 0 ? ctx->threads : 1);
    x->flush_bytes = EXCHANGE_BUFFER_BYTES / shares;
    x->flush_bytes = x->flush_bytes > EXCHANGE_FRAME_BYTES ? EXCHANGE_FRAME_BYTES : x->flush_bytes;
    x->flush_bytes = x->flush_bytes < PARTITION_BYTES_MIN ? PARTITION_BYTES_MIN : x->flush_bytes;
    store_init(&x->shape, r->inputs[0]->schema, ctx->budget);
    op_add(p, &x->op, &exchange_class, NULL, NULL);
    return projection_init(c, &x->keys, r->exprs, r->expr_count, err) &&
           shuffle_writer_open(&x->writer, ctx->env, ctx->exchange->out_path, x->partitions, err) &&
           compile_rel(c, r->inputs[0], p, &x->op, err);
}
