/*
 * The plainest breaker: keeps the rows in a store. LIMIT and TAIL are little more than that.
 *
 * A limit counts finished morsels: as soon as the first ones, without a gap, hold enough rows, the
 * source is stopped; no morsel keeps more than the limit.
 * Memory: the rows kept; for a limit at most limit rows a morsel.
 */
#include <stdlib.h>

#include "base/thread.h"
#include "exec/ops.h"

struct gather_state {
    struct store_writer writer;
    uint64_t morsel_rows;
    bool done;
};

static bool
gather_open(struct op *op, struct worker *w, void **state)
{
    struct gather_state *s = arena_new(&w->keep, struct gather_state);
    store_writer_init(&s->writer, &((struct gather *)op)->store, w->query->ctx->budget);
    *state = s;
    return true;
}

static bool
gather_push(struct op *op, struct worker *w, void *state, struct chunk *in)
{
    const struct gather *g = (struct gather *)op;
    struct gather_state *s = state;
    struct chunk part = *in;
    uint16_t rows[VEC_ROWS];
    if (g->limit >= 0) {
        const uint64_t left = (uint64_t)g->limit - s->morsel_rows;
        if (left < part.sel_n) {
            for (uint32_t k = 0; k < left; k++) {
                rows[k] = (uint16_t)chunk_row(in, k);
            }
            part.sel = rows;
            part.sel_n = (uint32_t)left;
        }
        w->morsel_stop = left <= in->sel_n;
    }
    s->morsel_rows += part.sel_n;
    w->rows_out += part.sel_n;
    if (part.sel_n > 0) {
        store_append(&s->writer, &part, w->morsel);
    }
    return true;
}

/* Notes a finished morsel's rows and stops the source when the first ones suffice. */
static bool
prefix_note(struct gather *g, struct worker *w, uint64_t rows)
{
    mutex_lock(&g->lock);
    if (w->morsel >= g->done_capacity) {
        const uint32_t capacity = (w->morsel + 1) * 2;
        uint64_t *more = realloc(g->done_rows, capacity * sizeof *more);
        if (more == NULL) {
            mutex_unlock(&g->lock);
            return budget_error(w->query->ctx->budget, capacity * sizeof *more, &w->err);
        }
        for (uint32_t i = g->done_capacity; i < capacity; i++) {
            more[i] = UINT64_MAX;
        }
        g->done_rows = more;
        g->done_capacity = capacity;
    }
    g->done_rows[w->morsel] = rows;
    while (g->prefix < g->done_capacity && g->done_rows[g->prefix] != UINT64_MAX) {
        g->prefix_rows += g->done_rows[g->prefix++];
    }
    if (g->prefix_rows >= (uint64_t)g->limit) {
        atomic_store(&w->pipeline->stop, true);
    }
    mutex_unlock(&g->lock);
    return true;
}

static bool
gather_morsel_end(struct op *op, struct worker *w, void *state)
{
    struct gather *g = (struct gather *)op;
    struct gather_state *s = state;
    const uint64_t rows = s->morsel_rows;
    s->morsel_rows = 0;
    return g->limit < 0 || prefix_note(g, w, rows);
}

static bool
gather_merge(struct op *op, struct worker *w, void *state)
{
    (void)op;
    (void)w;
    struct gather_state *s = state;
    store_writer_done(&s->writer);
    s->done = true;
    return true;
}

static bool
gather_finish(struct op *op, struct query *q, struct error *err)
{
    struct gather *g = (struct gather *)op;
    store_seal(&g->store);
    return !g->flatten || store_flatten(&g->store, q, err);
}

static void
gather_close(struct op *op, struct worker *w, void *state)
{
    (void)op;
    (void)w;
    struct gather_state *s = state;
    if (s != NULL && !s->done) {
        arena_release(&s->writer.arena);
    }
}

static void
gather_free(struct op *op)
{
    struct gather *g = (struct gather *)op;
    store_free(&g->store);
    free(g->done_rows);
    pthread_mutex_destroy(&g->lock);
}

static const struct op_class gather_class = {
    .name = "Gather",
    .open = gather_open,
    .push = gather_push,
    .morsel_end = gather_morsel_end,
    .merge = gather_merge,
    .finish = gather_finish,
    .close = gather_close,
    .free = gather_free,
};

struct gather *
gather_new(struct query *q, struct pipeline *p, const struct type *schema, int64_t limit,
           bool flatten)
{
    struct gather *g = arena_new(&q->arena, struct gather);
    g->limit = limit;
    g->flatten = flatten;
    store_init(&g->store, schema, q->ctx->budget);
    pthread_mutex_init(&g->lock, NULL);
    op_add(p, &g->op, &gather_class, NULL, NULL);
    return g;
}

void
gather_source_add(struct compiler *c, struct gather *g, struct pipeline *p, struct op *next,
                  int64_t from, int64_t count)
{
    struct source *s = store_source_new(c->query, &g->store, from, count);
    source_add(p, s, &store_source_class, g->store.schema, next, p->phase_now);
}

/* ---- limit and tail ---- */

bool
compile_limit(struct compiler *c, const struct rel *r, struct pipeline *p, struct op *next,
              struct error *err)
{
    const int64_t offset = r->offset > 0 ? r->offset : 0;
    int64_t wanted = -1;
    if (r->limit >= 0 && __builtin_add_overflow(r->limit, offset, &wanted)) {
        wanted = -1;
    }
    struct pipeline *own = pipeline_new(c->query);
    struct gather *g = gather_new(c->query, own, r->schema, wanted, false);
    if (!compile_rel(c, r->inputs[0], own, &g->op, err)) {
        return false;
    }
    pipeline_ready(own);
    gather_source_add(c, g, p, next, offset, r->limit);
    return true;
}

bool
compile_tail(struct compiler *c, const struct rel *r, struct pipeline *p, struct op *next,
             struct error *err)
{
    struct pipeline *own = pipeline_new(c->query);
    struct gather *g = gather_new(c->query, own, r->schema, -1, false);
    if (!compile_rel(c, r->inputs[0], own, &g->op, err)) {
        return false;
    }
    pipeline_ready(own);
    gather_source_add(c, g, p, next, -1, r->limit > 0 ? r->limit : 0);
    return true;
}
