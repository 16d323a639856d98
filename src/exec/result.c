/*
 * The result sink: chunks leave in morsel order, one call at a time.
 *
 * The worker whose morsel is the lowest unfinished one (the head) hands its chunks straight to the
 * caller. The others keep copies; who finishes the head delivers what the next ones kept. A worker
 * that is too far ahead waits: the head is always being worked on, since morsels are given out in
 * order, so the wait ends.
 * Memory: HELD_BYTES_MAX of kept chunks, and one chunk a worker beyond it.
 */
#include <stdlib.h>

#include "base/thread.h"
#include "exec/ops.h"

enum { HELD_BYTES_MAX = 64 << 20, WAIT_NS = 100000000 };

struct held {
    struct held *next;
    struct chunk chunk;
};

struct held_morsel { /* chunks kept of one morsel */
    struct held_morsel *next;
    uint32_t morsel;
    struct arena arena;
    struct held *first, **last;
};

struct result {
    struct op op;
    const struct exec_sink *sink;
    int64_t limit, offset; /* left of them; limit -1 = none. Used by the head only */
    pthread_mutex_t lock;  /* guards what follows */
    pthread_cond_t moved;
    uint32_t head;
    size_t held_bytes;
    struct held_morsel *complete; /* waiting for their turn */
};

static bool
result_open(struct op *op, struct worker *w, void **state)
{
    (void)op;
    struct held_morsel **current = arena_new(&w->keep, struct held_morsel *);
    *state = current;
    return true;
}

/* Rows past the offset and within the limit go to the caller. */
static bool
deliver(struct result *r, struct worker *w, const struct chunk *in)
{
    struct chunk out = *in;
    uint64_t skip = r->offset > 0 ? (uint64_t)r->offset : 0;
    skip = skip < out.sel_n ? skip : out.sel_n;
    r->offset -= (int64_t)skip;
    uint32_t n = out.sel_n - (uint32_t)skip;
    if (r->limit >= 0 && (uint64_t)r->limit < n) {
        n = (uint32_t)r->limit;
    }
    uint16_t rows[VEC_ROWS];
    if (n < out.sel_n) {
        for (uint32_t k = 0; k < n; k++) {
            rows[k] = (uint16_t)chunk_row(in, (uint32_t)skip + k);
        }
        out.sel = rows;
        out.sel_n = n;
    }
    if (r->limit >= 0) {
        r->limit -= n;
        if (r->limit == 0) {
            atomic_store(&w->pipeline->stop, true);
        }
    }
    w->rows_out += n;
    return n == 0 || r->sink->chunk(r->sink->ctx, &out, &w->err);
}

static void
held_free(struct held_morsel *h)
{
    arena_release(&h->arena);
    free(h);
}

static bool
held_deliver(struct result *r, struct worker *w, struct held_morsel *h)
{
    bool ok = true;
    for (struct held *c = h->first; ok && c != NULL; c = c->next) {
        ok = deliver(r, w, &c->chunk);
    }
    mutex_lock(&r->lock);
    r->held_bytes -= h->arena.total_bytes;
    mutex_unlock(&r->lock);
    held_free(h);
    return ok;
}

/* Am I the head? With too much kept, waits until I am. */
static bool
head_or_room(struct result *r, struct worker *w, bool *is_head)
{
    struct error err = {0};
    mutex_lock(&r->lock);
    while (r->head != w->morsel && r->held_bytes > HELD_BYTES_MAX &&
           !atomic_load(&w->pipeline->stop) && !query_stopped(w->query, &err)) {
        cond_wait_until(&r->moved, &r->lock, env_mono_ns(w->query->ctx->env) + WAIT_NS);
    }
    *is_head = r->head == w->morsel;
    mutex_unlock(&r->lock);
    if (error_is_set(&err)) {
        error_move(&w->err, &err);
        return false;
    }
    return true;
}

static bool
hold(struct result *r, struct worker *w, struct held_morsel **current, const struct chunk *in)
{
    if (*current == NULL) {
        struct held_morsel *h = calloc(1, sizeof *h);
        if (h == NULL) {
            return budget_error(w->query->ctx->budget, sizeof *h, &w->err);
        }
        arena_init(&h->arena, w->query->ctx->budget);
        h->morsel = w->morsel;
        h->last = &h->first;
        *current = h;
    }
    struct held_morsel *h = *current;
    const size_t before = h->arena.total_bytes;
    struct held *c = arena_new(&h->arena, struct held);
    chunk_copy(&c->chunk, in, &h->arena);
    *h->last = c;
    h->last = &c->next;
    mutex_lock(&r->lock);
    r->held_bytes += h->arena.total_bytes - before;
    mutex_unlock(&r->lock);
    return true;
}

static bool
result_push(struct op *op, struct worker *w, void *state, struct chunk *in)
{
    struct result *r = (struct result *)op;
    struct held_morsel **current = state;
    bool is_head = false;
    if (atomic_load(&w->pipeline->stop)) {
        w->morsel_stop = true;
        return true;
    }
    if (!head_or_room(r, w, &is_head)) {
        return false;
    }
    if (!is_head) {
        return hold(r, w, current, in);
    }
    if (*current != NULL) {
        struct held_morsel *h = *current;
        *current = NULL;
        if (!held_deliver(r, w, h)) {
            return false;
        }
    }
    return deliver(r, w, in);
}

/* Takes a complete morsel out of the waiting ones; NULL if it is not complete. */
static struct held_morsel *
complete_take(struct result *r, uint32_t morsel)
{
    for (struct held_morsel **at = &r->complete; *at != NULL; at = &(*at)->next) {
        if ((*at)->morsel == morsel) {
            struct held_morsel *h = *at;
            *at = h->next;
            return h;
        }
    }
    return NULL;
}

static bool
result_morsel_end(struct op *op, struct worker *w, void *state)
{
    struct result *r = (struct result *)op;
    struct held_morsel **current = state;
    if (*current == NULL) { /* an empty entry says that the morsel is done */
        struct held_morsel *h = calloc(1, sizeof *h);
        if (h == NULL) {
            return budget_error(w->query->ctx->budget, sizeof *h, &w->err);
        }
        h->morsel = w->morsel;
        *current = h;
    }
    struct held_morsel *mine = *current;
    *current = NULL;
    mutex_lock(&r->lock);
    mine->next = r->complete;
    r->complete = mine;
    bool ok = true;
    /* Only the head's own worker moves it on. Nobody else delivers meanwhile: the head stays where
     * it is until all complete morsels behind it are out, found missing under the lock. */
    if (r->head == w->morsel) {
        uint32_t next = w->morsel;
        struct held_morsel *h;
        while (ok && (h = complete_take(r, next)) != NULL) {
            next++;
            mutex_unlock(&r->lock);
            ok = held_deliver(r, w, h);
            mutex_lock(&r->lock);
        }
        r->head = next;
    }
    pthread_cond_broadcast(&r->moved);
    mutex_unlock(&r->lock);
    return ok;
}

static void
result_close(struct op *op, struct worker *w, void *state)
{
    (void)op;
    (void)w;
    struct held_morsel **current = state;
    if (current != NULL && *current != NULL) {
        held_free(*current);
    }
}

static void
result_free(struct op *op)
{
    struct result *r = (struct result *)op;
    while (r->complete != NULL) {
        struct held_morsel *h = r->complete;
        r->complete = h->next;
        held_free(h);
    }
    pthread_mutex_destroy(&r->lock);
    pthread_cond_destroy(&r->moved);
}

static const struct op_class result_class = {
    .name = "Result",
    .open = result_open,
    .push = result_push,
    .morsel_end = result_morsel_end,
    .close = result_close,
    .free = result_free,
};

struct op *
result_new(struct query *q, struct pipeline *p, const struct exec_sink *sink, int64_t limit,
           int64_t offset)
{
    struct result *r = arena_new(&q->arena, struct result);
    r->sink = sink;
    r->limit = limit;
    r->offset = offset;
    pthread_mutex_init(&r->lock, NULL);
    cond_init(&r->moved);
    op_add(p, &r->op, &result_class, NULL, NULL);
    return &r->op;
}
