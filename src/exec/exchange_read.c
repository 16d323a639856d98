/*
 * The leaf that reads what another stage wrote: one partition of each of its tasks' outputs, task
 * by task, frame by frame; some frames together are a morsel.
 */
#include "base/thread.h"
#include "exec/exchange.h"
#include "exec/ops.h"

enum { MORSEL_ROWS_MIN = 1 << 16 };

void
exec_exchange_init(struct exec_exchange *x)
{
    *x = (struct exec_exchange){0};
    pthread_mutex_init(&x->lock, NULL);
}

void
exec_exchange_release(struct exec_exchange *x)
{
    pthread_mutex_destroy(&x->lock);
}

void
exchange_share(const struct exec_exchange *x, const struct rel *r, uint32_t n, uint32_t *from,
               uint32_t *to)
{
    *from = 0;
    *to = n;
    if (x == NULL || r->part_count == 0) {
        return;
    }
    const uint64_t part = (uint64_t)x->partition - r->part_first; /* wraps below part_first */
    if (part >= r->part_count) {
        *to = 0;
        return;
    }
    *from = (uint32_t)((uint64_t)n * part / r->part_count);
    *to = (uint32_t)((uint64_t)n * (part + 1) / r->part_count);
}

struct read_morsel {
    const struct exchange_output *from;
    const struct shuffle_frame *frames;
    uint32_t count;
};

struct exchange_source {
    struct source source;
    const struct rel *rel;
    struct exec_exchange *x;
    const struct exchange_input *input;
    uint32_t partition;
    struct read_morsel *morsels;
};

struct read_cursor {
    const struct read_morsel *m;
    uint32_t next; /* frame */
    struct buffer bytes;
    struct shuffle_blocks blocks;
    bool open;
    struct arena arena; /* of the block at hand */
    struct chunk block;
    uint32_t row;
};

/* The output cannot be had: noted for the driver, which makes it again. */
static bool
output_lost(struct exchange_source *src, const struct exchange_output *from, struct error *err)
{
    struct exec_exchange *x = src->x;
    struct error why = {0};
    error_move(&why, err);
    if (why.kind == ERROR_CANCELLED || why.kind == ERROR_RESOURCE) {
        error_move(err, &why);
        return false;
    }
    mutex_lock(&x->lock);
    if (!x->lost.is_set) {
        x->lost = (struct exchange_lost){true, src->rel->stage, from->map, from->epoch};
    }
    mutex_unlock(&x->lock);
    error_set(err, ERROR_UNAVAILABLE, "the output of task %u.%u (attempt %u) cannot be read: %s",
              src->rel->stage, from->map, from->epoch, error_text(&why));
    error_clear(&why);
    return false;
}

static uint32_t
frames_cut(const struct shuffle_frame *frames, uint32_t count, uint32_t from)
{
    uint64_t rows = 0;
    uint32_t to = from;
    while (to < count && rows < MORSEL_ROWS_MIN) {
        rows += frames[to++].rows;
    }
    return to;
}

static bool
exchange_prepare(struct source *s, struct query *q, uint32_t *morsels, struct error *err)
{
    struct exchange_source *src = (struct exchange_source *)s;
    const uint64_t part = (uint64_t)src->x->partition - src->rel->part_first;
    *morsels = 0;
    if (src->rel->part_count > 0 && part >= src->rel->part_count) {
        return true;
    }
    src->partition = src->rel->part_count > 0 ? (uint32_t)part : 0;
    uint32_t capacity = 0, count = 0;
    for (uint32_t i = 0; i < src->input->count; i++) {
        const struct exchange_output *from = &src->input->outputs[i];
        struct shuffle_frame *frames = NULL;
        uint32_t n = 0;
        if (!src->x->list(src->x->ctx, src->rel->stage, from, src->partition, &q->arena, &frames,
                          &n, err)) {
            return output_lost(src, from, err);
        }
        for (uint32_t at = 0; at < n;) {
            if (count == capacity) {
                capacity = capacity == 0 ? 64 : capacity * 2;
                struct read_morsel *more = arena_new_array(&q->arena, struct read_morsel, capacity);
                if (count > 0) {
                    memcpy(more, src->morsels, count * sizeof *more);
                }
                src->morsels = more;
            }
            const uint32_t to = frames_cut(frames, n, at);
            src->morsels[count++] = (struct read_morsel){from, frames + at, to - at};
            at = to;
        }
    }
    *morsels = count;
    return true;
}

static bool
exchange_cursor_open(struct source *s, struct worker *w, uint32_t morsel, void **cursor)
{
    struct exchange_source *src = (struct exchange_source *)s;
    struct read_cursor *c = arena_new(&w->morsel_keep, struct read_cursor);
    c->m = &src->morsels[morsel];
    c->bytes.limit = SHUFFLE_FRAME_BYTES_MAX;
    arena_init(&c->arena, w->query->ctx->budget);
    *cursor = c;
    return true;
}

static bool
frame_next(struct exchange_source *src, struct read_cursor *c, struct worker *w)
{
    const struct shuffle_frame *f = &c->m->frames[c->next++];
    buffer_clear(&c->bytes);
    if (!src->x->read(src->x->ctx, src->rel->stage, c->m->from, src->partition, f, 1, &c->bytes,
                      &w->err)) {
        return output_lost(src, c->m->from, &w->err);
    }
    w->bytes_read += f->bytes;
    if (!shuffle_frame_open((struct bytes){c->bytes.ptr, c->bytes.len}, src->partition,
                            src->source.schema, &c->blocks)) {
        error_set(&w->err, ERROR_PROTOCOL, "a frame has a wrong checksum");
        return output_lost(src, c->m->from, &w->err);
    }
    c->open = true;
    return true;
}

static bool
block_next(struct exchange_source *src, struct read_cursor *c, struct worker *w)
{
    arena_reset(&c->arena);
    c->row = 0;
    if (!shuffle_block_next(&c->blocks, &c->arena, &c->block)) {
        error_set(&w->err, ERROR_PROTOCOL, "a frame does not decode");
        return output_lost(src, c->m->from, &w->err);
    }
    c->open = c->block.n > 0;
    return true;
}

static bool
exchange_next(struct source *s, struct worker *w, void *cursor, struct chunk *out, bool *more)
{
    struct exchange_source *src = (struct exchange_source *)s;
    struct read_cursor *c = cursor;
    while (c->row >= c->block.n) {
        if (!c->open) {
            if (c->next == c->m->count) {
                *more = false;
                return true;
            }
            if (!frame_next(src, c, w)) {
                return false;
            }
        }
        if (!block_next(src, c, w)) {
            return false;
        }
    }
    const uint32_t left = c->block.n - c->row;
    const uint32_t n = left < VEC_ROWS ? left : VEC_ROWS;
    *out = (struct chunk){.n = n, .sel_n = n, .col_count = c->block.col_count};
    out->cols = arena_new_array(w->tmp, struct vec, out->col_count + 1);
    for (uint32_t i = 0; i < out->col_count; i++) {
        vec_slice(&out->cols[i], &c->block.cols[i], c->row, n, w->tmp);
    }
    c->row += n;
    *more = true;
    return true;
}

static void
exchange_cursor_close(struct source *s, struct worker *w, void *cursor)
{
    (void)s;
    (void)w;
    struct read_cursor *c = cursor;
    buffer_release(&c->bytes);
    arena_release(&c->arena);
}

static const struct source_class exchange_source_class = {
    .name = "ExchangeRead",
    .prepare = exchange_prepare,
    .open = exchange_cursor_open,
    .next = exchange_next,
    .close = exchange_cursor_close,
};

bool
compile_exchange_read(struct compiler *c, const struct rel *r, struct pipeline *p, struct op *next,
                      struct error *err)
{
    struct exec_exchange *x = c->query->ctx->exchange;
    struct exchange_source *s = arena_new(c->arena, struct exchange_source);
    s->rel = r;
    s->x = x;
    for (uint32_t i = 0; x != NULL && i < x->input_count; i++) {
        if (x->inputs[i].stage == r->stage) {
            s->input = &x->inputs[i];
        }
    }
    if (s->input == NULL) {
        return error_raise(err, "INTERNAL_ERROR", "message",
                           "A task reads a stage whose outputs it was not told.",
                           (const char *)NULL);
    }
    source_add(p, &s->source, &exchange_source_class, r->schema, next, p->phase_now);
    return true;
}
