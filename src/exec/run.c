/* exec_run: compile, run, clean up. And the two questions that a scheduler asks of a plan. */
#include <stdlib.h>

#include "exec/ops.h"
#include "type/zone.h"

static void
query_init(struct query *q, struct exec_context *ctx)
{
    *q = (struct query){.ctx = ctx};
    arena_init(&q->arena, ctx->budget);
    pthread_mutex_init(&q->lock, NULL);
    q->pipelines_end = &q->pipelines;
    q->progress = ctx->progress != NULL ? ctx->progress : &q->own_progress;
    atomic_store(&q->progress->event_micros_max, INT64_MIN);
    const char *chaos = getenv("WEIR_CHAOS");
    q->chaos = chaos != NULL ? (uint32_t)strtoul(chaos, NULL, 10) : 0;
    q->verify = q->chaos != 0 || getenv("WEIR_VERIFY") != NULL;
}

static void
query_release(struct query *q)
{
    for (struct op *op = q->ops; op != NULL; op = op->after) {
        if (op->cls->free != NULL) {
            op->cls->free(op);
        }
    }
    error_clear(&q->err);
    pthread_mutex_destroy(&q->lock);
    arena_release(&q->arena);
}

/* A limit at the root needs no breaker: the result sink counts. */
static bool
compile_root(struct compiler *c, const struct rel *plan, const struct exec_sink *sink,
             struct error *err)
{
    struct pipeline *p = pipeline_new(c->query);
    int64_t limit = -1, offset = 0;
    if (plan->kind == REL_EXCHANGE) { /* its own sink: no row leaves the task */
        if (!compile_exchange(c, plan, p, NULL, err)) {
            return false;
        }
        pipeline_ready(p);
        return true;
    }
    if (plan->kind == REL_LIMIT) {
        limit = plan->limit;
        offset = plan->offset > 0 ? plan->offset : 0;
        plan = plan->inputs[0];
    }
    struct op *result = result_new(c->query, p, sink, limit, offset);
    if (!compile_rel(c, plan, p, result, err)) {
        return false;
    }
    pipeline_ready(p);
    return true;
}

bool
exec_run(const struct rel *plan, struct exec_context *ctx, const struct exec_sink *sink,
         struct error *err)
{
    struct query q;
    query_init(&q, ctx);
    struct compiler c = {.query = &q, .arena = &q.arena, .session = ctx->session};
    bool ok = true;
    if (ctx->session != NULL && ctx->session->zone != NULL) {
        q.zone = zone_find(ctx->session->zone);
    }
    ok = compile_root(&c, plan, sink, err) && query_run(&q, err);
    query_release(&q);
    return ok;
}

/* ---- questions ---- */

static bool
is_not_udf(const struct expr *e, void *ctx)
{
    (void)ctx;
    return e->kind != EXPR_UDF;
}

static bool
exprs_need_python(struct expr *const *exprs, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (!expr_walk(exprs[i], is_not_udf, NULL)) {
            return true;
        }
    }
    return false;
}

bool
exec_needs_python(const struct rel *plan)
{
    if (plan->udf != NULL ||
        (plan->exprs != NULL && exprs_need_python(plan->exprs, plan->expr_count)) ||
        (plan->condition != NULL && exprs_need_python(&plan->condition, 1))) {
        return true;
    }
    for (uint32_t i = 0; i < plan->key_count; i++) {
        if (exprs_need_python(&plan->keys[i].expr, 1)) {
            return true;
        }
    }
    /* REL_EXPAND has its expressions in sets alone. */
    for (uint32_t i = 0; plan->kind == REL_EXPAND && i < plan->set_count; i++) {
        if (exprs_need_python(plan->sets[i], plan->expr_count)) {
            return true;
        }
    }
    for (uint32_t i = 0; i < plan->input_count; i++) {
        if (exec_needs_python(plan->inputs[i])) {
            return true;
        }
    }
    return false;
}

static int64_t
source_bytes(const struct scan_source *s)
{
    if (s->file_count == 0) {
        return s->byte_estimate;
    }
    int64_t total = 0;
    for (uint32_t i = 0; i < s->file_count; i++) {
        total += s->files[i].bytes;
    }
    return total;
}

int64_t
exec_input_bytes(const struct rel *plan)
{
    int64_t total = 0;
    if (plan->kind == REL_SCAN && plan->source != NULL) {
        total = source_bytes(plan->source);
    } else if (plan->kind == REL_LOCAL) {
        total = (int64_t)plan->data_len;
    } else if (plan->kind == REL_RANGE && plan->step != 0) {
        const double rows = ((double)plan->end - (double)plan->start) / (double)plan->step;
        total = rows <= 0 ? 0 : rows > 1e17 ? INT64_MAX / 64 : (int64_t)rows * 8;
    }
    for (uint32_t i = 0; i < plan->input_count && total >= 0; i++) {
        const int64_t more = exec_input_bytes(plan->inputs[i]);
        total = more < 0 ? -1 : total + more < 0 ? INT64_MAX / 64 : total + more;
    }
    return total;
}
