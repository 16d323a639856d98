/* Building and running pipelines: workers, morsels, phases, the first error. */
#include "exec/pipeline.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/thread.h"
#include "exec/pool.h"
#include "vec/verify.h"

struct pipeline *
pipeline_new(struct query *q)
{
    struct pipeline *p = arena_new(&q->arena, struct pipeline);
    p->query = q;
    p->phase_count = 1;
    return p;
}

void
pipeline_ready(struct pipeline *p)
{
    struct query *q = p->query;
    *q->pipelines_end = p;
    q->pipelines_end = &p->after;
}

void
op_add(struct pipeline *p, struct op *op, const struct op_class *cls, struct op *next,
       const struct type *schema)
{
    op->cls = cls;
    op->next = next;
    op->schema = schema;
    op->index = p->op_count;
    if (p->op_count == p->op_capacity) {
        p->op_capacity = p->op_capacity == 0 ? 8 : p->op_capacity * 2;
        struct op **ops = arena_new_array(&p->query->arena, struct op *, p->op_capacity);
        if (p->op_count > 0) {
            memcpy(ops, p->ops, p->op_count * sizeof *ops);
        }
        p->ops = ops;
    }
    p->ops[p->op_count++] = op;
    op->after = p->query->ops;
    p->query->ops = op;
}

void
source_add(struct pipeline *p, struct source *s, const struct source_class *cls,
           const struct type *schema, struct op *first, uint32_t phase)
{
    s->cls = cls;
    s->schema = schema;
    s->first = first;
    s->phase = phase;
    if (phase >= p->phase_count) {
        p->phase_count = phase + 1;
    }
    struct source **at = &p->sources;
    while (*at != NULL) {
        at = &(*at)->after;
    }
    *at = s;
}

/* ---- errors and stops ---- */

static void
query_fail(struct query *q, struct error *err)
{
    mutex_lock(&q->lock);
    if (!error_is_set(&q->err)) {
        error_move(&q->err, err);
    } else {
        error_clear(err);
    }
    mutex_unlock(&q->lock);
    atomic_store(&q->failed, true);
}

bool
query_stopped(struct query *q, struct error *err)
{
    if (atomic_load_explicit(&q->failed, memory_order_relaxed)) {
        return !error_set(err, ERROR_CANCELLED, "Another worker of the query failed.");
    }
    if (q->ctx->cancel != NULL && atomic_load_explicit(q->ctx->cancel, memory_order_relaxed)) {
        return !error_set(err, ERROR_CANCELLED, "The query was cancelled.");
    }
    if (q->ctx->budget != NULL && budget_overdrawn(q->ctx->budget)) {
        return !budget_error(q->ctx->budget, 1 << 20, err);
    }
    return false;
}

/* ---- workers ---- */

static void
worker_init(struct worker *w, struct query *q, struct pipeline *p, uint32_t number)
{
    *w = (struct worker){.query = q, .pipeline = p, .number = number};
    arena_init(&w->keep, q->ctx->budget);
    arena_init(&w->morsel_keep, q->ctx->budget);
    arena_init(&w->chunk_tmp, q->ctx->budget);
    w->tmp = &w->chunk_tmp;
    w->eval = (struct eval){.tmp = w->tmp, .session = q->ctx->session, .zone = q->zone};
    w->chaos = q->chaos + number * 7919;
}

static void
worker_release(struct worker *w)
{
    arena_release(&w->keep);
    arena_release(&w->morsel_keep);
    arena_release(&w->chunk_tmp);
    error_clear(&w->err);
}

static bool
worker_open(struct worker *w)
{
    if (w->opened) {
        return true;
    }
    struct pipeline *p = w->pipeline;
    w->opened = true;
    w->states = arena_new_array(&w->keep, void *, p->op_count);
    for (uint32_t i = 0; i < p->op_count; i++) {
        struct op *op = p->ops[i];
        if (op->cls->open != NULL && !op->cls->open(op, w, &w->states[i])) {
            return false;
        }
    }
    return true;
}

static struct source *
source_of(struct pipeline *p, uint32_t morsel)
{
    struct source *s = p->sources;
    while (s->morsel_count == 0 || morsel < s->morsel_base ||
           morsel >= s->morsel_base + s->morsel_count) {
        s = s->after;
    }
    return s;
}

static bool
morsel_push_all(struct worker *w, struct source *s, void *cursor)
{
    struct op before = {.next = s->first, .schema = s->schema};
    for (bool more = true; more && !w->morsel_stop;) {
        if (query_stopped(w->query, &w->err)) {
            return false;
        }
        if (atomic_load_explicit(&w->pipeline->stop, memory_order_relaxed)) {
            break;
        }
        arena_reset(&w->chunk_tmp);
        struct chunk in = {0};
        if (!s->cls->next(s, w, cursor, &in, &more)) {
            return false;
        }
        w->rows_in += in.sel_n;
        if (in.sel_n > 0 && !op_push(&before, w, &in)) {
            return false;
        }
    }
    return true;
}

static bool
morsel_run(struct worker *w, uint32_t morsel)
{
    struct pipeline *p = w->pipeline;
    struct source *s = source_of(p, morsel);
    void *cursor = NULL;
    w->morsel = morsel;
    w->morsel_stop = false;
    w->eval.partition = morsel;
    w->eval.row_base = 0;
    arena_reset(&w->morsel_keep);
    arena_reset(&w->chunk_tmp);
    if (!s->cls->open(s, w, morsel - s->morsel_base, &cursor)) {
        return false;
    }
    bool ok = morsel_push_all(w, s, cursor);
    if (s->cls->close != NULL) {
        s->cls->close(s, w, cursor);
    }
    /* From the source's end to the sink, since an operator may still push what it held back. */
    for (uint32_t i = p->op_count; ok && i-- > 0;) {
        struct op *op = p->ops[i];
        ok = op->cls->morsel_end == NULL || op->cls->morsel_end(op, w, w->states[i]);
    }
    return ok;
}

static void
phase_work(void *ctx, uint32_t number)
{
    struct pipeline *p = ctx;
    struct query *q = p->query;
    struct worker *w = &p->workers[number];
    const int64_t begin = q->ctx->env != NULL ? env_mono_ns(q->ctx->env) : 0;
    bool ok = worker_open(w);
    while (ok && !atomic_load(&q->failed) && !atomic_load(&p->stop)) {
        const uint32_t morsel = atomic_fetch_add(&p->morsel_next, 1);
        if (morsel >= p->morsel_end) {
            break;
        }
        w->rows_in = w->bytes_read = 0;
        ok = morsel_run(w, morsel);
        atomic_fetch_add(&p->stage->rows_in, w->rows_in);
        atomic_fetch_add(&p->stage->bytes_read, w->bytes_read);
        atomic_fetch_add(&p->stage->task_done, 1);
    }
    if (!ok) {
        query_fail(q, &w->err);
    }
    if (q->ctx->env != NULL) {
        atomic_fetch_add(&p->stage->time_ns, (uint64_t)(env_mono_ns(q->ctx->env) - begin));
    }
}

static bool
phase_run(struct pipeline *p, uint32_t phase, struct error *err)
{
    struct query *q = p->query;
    const uint32_t from = p->morsel_total;
    for (struct source *s = p->sources; s != NULL; s = s->after) {
        if (s->phase != phase) {
            continue;
        }
        s->morsel_base = p->morsel_total;
        if (!s->cls->prepare(s, q, &s->morsel_count, err)) {
            return false;
        }
        p->morsel_total += s->morsel_count;
    }
    const uint32_t count = p->morsel_total - from;
    atomic_fetch_add(&p->stage->task_count, count);
    atomic_store(&p->morsel_next, from);
    p->morsel_end = p->morsel_total;
    if (count > 0) {
        pool_run(count < p->worker_count ? count : p->worker_count, phase_work, p);
    }
    return !atomic_load(&q->failed);
}

static bool
merge_task(void *ctx, uint32_t task, struct worker *caller)
{
    struct pipeline *p = ctx;
    struct worker *w = &p->workers[task];
    arena_reset(&w->chunk_tmp);
    for (uint32_t i = p->op_count; w->opened && i-- > 0;) {
        struct op *op = p->ops[i];
        if (op->cls->merge != NULL && !op->cls->merge(op, w, w->states[i])) {
            error_move(&caller->err, &w->err);
            return false;
        }
    }
    return true;
}

static bool
pipeline_finish(struct pipeline *p, struct error *err)
{
    if (!query_parallel(p->query, p->worker_count, merge_task, p, err)) {
        return false;
    }
    for (uint32_t i = p->op_count; i-- > 0;) {
        struct op *op = p->ops[i];
        if (op->cls->finish != NULL && !op->cls->finish(op, p->query, err)) {
            return false;
        }
    }
    return true;
}

static void
pipeline_close(struct pipeline *p)
{
    for (uint32_t n = 0; n < p->worker_count; n++) {
        struct worker *w = &p->workers[n];
        atomic_fetch_add(&p->stage->rows_out, w->rows_out);
        for (uint32_t i = 0; w->opened && i < p->op_count; i++) {
            if (p->ops[i]->cls->close != NULL) {
                p->ops[i]->cls->close(p->ops[i], w, w->states[i]);
            }
        }
        worker_release(w);
    }
    free(p->workers);
    p->workers = NULL;
}

static void
stage_begin(struct pipeline *p)
{
    struct exec_progress *progress = p->query->progress;
    uint32_t at = atomic_load(&progress->stage_count);
    if (at >= EXEC_STAGE_MAX) {
        at = EXEC_STAGE_MAX - 1; /* the last one stands for the rest */
    } else {
        atomic_store(&progress->stage_count, at + 1);
    }
    p->stage = &progress->stages[at];
    char name[sizeof p->stage->name] = "";
    size_t len = 0;
    const char *source = p->sources != NULL ? p->sources->cls->name : "Nothing";
    len += (size_t)snprintf(name, sizeof name, "%s", source);
    for (uint32_t i = p->op_count; i-- > 0 && len < sizeof name;) {
        len += (size_t)snprintf(name + len, sizeof name - len, " -> %s", p->ops[i]->cls->name);
    }
    memcpy(p->stage->name, name, sizeof name);
    atomic_store(&p->stage->started, true);
}

static bool
pipeline_run(struct pipeline *p, struct error *err)
{
    struct query *q = p->query;
    stage_begin(p);
    p->worker_count = q->ctx->threads > 0 ? q->ctx->threads : 1;
    p->workers = calloc(p->worker_count, sizeof *p->workers);
    if (p->workers == NULL) {
        const uint64_t wanted = p->worker_count * sizeof *p->workers;
        p->worker_count = 0;
        return budget_error(q->ctx->budget, wanted, err);
    }
    for (uint32_t n = 0; n < p->worker_count; n++) {
        worker_init(&p->workers[n], q, p, n);
    }
    bool ok = true;
    for (uint32_t phase = 0; ok && phase < p->phase_count; phase++) {
        ok = phase_run(p, phase, err);
    }
    ok = ok && pipeline_finish(p, err);
    pipeline_close(p);
    atomic_store(&p->stage->done, true);
    return ok;
}

bool
query_run(struct query *q, struct error *err)
{
    for (struct pipeline *p = q->pipelines; p != NULL; p = p->after) {
        struct error own = {0};
        if (!pipeline_run(p, &own)) {
            if (error_is_set(&own)) {
                query_fail(q, &own);
            }
            error_move(err, &q->err);
            return false;
        }
    }
    return true;
}

/* ---- parallel finishes ---- */

struct parallel {
    struct query *query;
    uint32_t count;
    _Atomic uint32_t next;
    bool (*fn)(void *ctx, uint32_t task, struct worker *w);
    void *ctx;
};

static void
parallel_work(void *ctx, uint32_t number)
{
    struct parallel *par = ctx;
    struct worker w;
    worker_init(&w, par->query, NULL, number);
    for (;;) {
        const uint32_t task = atomic_fetch_add(&par->next, 1);
        if (task >= par->count) {
            break;
        }
        arena_reset(&w.chunk_tmp);
        if (query_stopped(par->query, &w.err) || !par->fn(par->ctx, task, &w)) {
            query_fail(par->query, &w.err);
            break;
        }
    }
    worker_release(&w);
}

bool
query_parallel(struct query *q, uint32_t count,
               bool (*fn)(void *ctx, uint32_t task, struct worker *w), void *ctx, struct error *err)
{
    struct parallel par = {.query = q, .count = count, .fn = fn, .ctx = ctx};
    const uint32_t threads = q->ctx->threads < count ? q->ctx->threads : count;
    pool_run(threads > 0 ? threads : 1, parallel_work, &par);
    if (atomic_load(&q->failed)) {
        return error_set(err, ERROR_CANCELLED, "Another worker of the query failed.");
    }
    return true;
}

/* ---- checks between operators ---- */

static uint32_t
chaos_roll(struct worker *w)
{
    w->chaos = w->chaos * 1664525 + 1013904223;
    return w->chaos >> 16;
}

/* WEIR_CHAOS: cuts a chunk in two at a random place and flattens some columns, so that nothing can
 * rely on full chunks or on an encoding. */
static bool
push_chaos(struct op *next, struct worker *w, struct chunk *in)
{
    if (in->sel_n < 2 || chaos_roll(w) % 3 != 0) {
        return next->cls->push(next, w, w->states[next->index], in);
    }
    struct chunk whole;
    chunk_compact(&whole, in, w->tmp);
    const uint32_t cut = 1 + chaos_roll(w) % (whole.n - 1);
    for (uint32_t part = 0; part < 2; part++) {
        const uint32_t from = part == 0 ? 0 : cut;
        const uint32_t n = part == 0 ? cut : whole.n - cut;
        struct chunk piece = {.n = n, .sel_n = n, .col_count = whole.col_count};
        piece.cols = arena_new_array(w->tmp, struct vec, whole.col_count + 1);
        for (uint32_t c = 0; c < whole.col_count; c++) {
            vec_slice(&piece.cols[c], &whole.cols[c], from, n, w->tmp);
            if (chaos_roll(w) % 2 == 0) {
                vec_flatten(&piece.cols[c], &piece.cols[c], NULL, n, w->tmp);
            }
        }
        if (!next->cls->push(next, w, w->states[next->index], &piece)) {
            return false;
        }
    }
    return true;
}

bool
op_push_checked(struct op *op, struct worker *w, struct chunk *in)
{
    if (w->query->verify) {
        const char *fault = chunk_verify(in, op->schema);
        if (fault != NULL) {
            const char *name = op->cls != NULL ? op->cls->name : "a source";
            char text[160];
            snprintf(text, sizeof text, "%s pushed a broken chunk: %s", name, fault);
            return error_raise(&w->err, "INTERNAL_ERROR", "message", text, (const char *)NULL);
        }
    }
    if (w->query->chaos != 0) {
        return push_chaos(op->next, w, in);
    }
    return op->next->cls->push(op->next, w, w->states[op->next->index], in);
}
