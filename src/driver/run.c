/*
 * Running an optimised plan: in this process when it is small and harmless, else on the worker.
 *
 * Both ways deliver the same things to the same sink: the schema, then Arrow record batches.
 */
#include <stdlib.h>
#include <string.h>

#include "driver/internal.h"
#include "format/arrow.h"
#include "sched/task.h"

enum { BATCH_BYTES = 3 << 20 };

struct local_run {
    const struct answer_sink *sink;
    struct arrow_batch *batch;
    uint64_t rows;
    bool wants_rows;
};

static bool
local_flush(struct local_run *run, struct error *err)
{
    const uint64_t rows = arrow_batch_rows(run->batch);
    if (rows == 0) {
        return true;
    }
    struct buffer out = {0};
    arrow_batch_put(run->batch, &out);
    const bool ok = run->sink->batch(run->sink->ctx, out.ptr, out.len, rows, err);
    buffer_release(&out);
    return ok;
}

static bool
local_chunk(void *ctx, const struct chunk *c, struct error *err)
{
    struct local_run *run = ctx;
    run->rows += c->sel != NULL ? c->sel_n : c->n;
    if (!run->wants_rows) {
        return true;
    }
    return arrow_batch_add(run->batch, c, err) &&
           (arrow_batch_bytes(run->batch) < BATCH_BYTES || local_flush(run, err));
}

static bool
run_here(const struct run_request *req, const struct func_session *session,
         const struct answer_sink *sink, struct sched_facts *facts, struct error *err)
{
    struct driver *d = req->session->driver;
    if (req->before_attempt != NULL && !req->before_attempt(req->before_ctx, 0, err)) {
        return false;
    }
    struct budget budget;
    budget_init(&budget, "query", 0, &d->budget);
    struct local_run run = {.sink = sink, .wants_rows = req->wants_rows};
    run.batch = arrow_batch_new(req->plan->schema, &budget);
    struct exec_context ctx = {
        .budget = &budget,
        .env = d->config.env,
        .session = session,
        .threads = d->sched != NULL ? 1 : d->config.threads,
        .cancel = &req->execution->cancel,
        .progress = &req->execution->progress,
    };
    const struct exec_sink chunks = {local_chunk, &run};
    const bool ok =
        exec_run(req->plan, &ctx, &chunks, err) && (!req->wants_rows || local_flush(&run, err));
    arrow_batch_free(run.batch);
    facts->rows = run.rows;
    facts->attempts = 1;
    facts->peak_bytes = atomic_load(&budget.peak_bytes);
    atomic_store(&req->execution->attempts, 1);
    return ok;
}

struct worker_listener {
    const struct answer_sink *sink;
    struct execution *execution;
};

static bool
listener_batch(void *ctx, const void *data, size_t len, uint64_t rows, struct error *err)
{
    const struct worker_listener *l = ctx;
    return l->sink->batch(l->sink->ctx, data, len, rows, err);
}

static void
listener_lost(void *ctx, const struct task_id *id, const char *why)
{
    struct worker_listener *l = ctx;
    (void)id;
    (void)why;
    atomic_fetch_add(&l->execution->attempts, 1);
}

static bool
run_on_worker(const struct run_request *req, struct arena *a, const struct func_session *session,
              const struct answer_sink *sink, struct sched_facts *facts, struct error *err)
{
    struct session *s = req->session;
    const char *partitions = session_conf_get(s, a, "spark.sql.shuffle.partitions");
    struct task task = {
        .plan = req->plan,
        .session = *session,
        .shuffle_partitions = partitions != NULL ? (uint32_t)atoi(partitions) : 0,
        .wants_rows = req->wants_rows,
        .python_path = session_conf_get(s, a, "spark.weir.python"),
    };
    const char *id = req->execution->operation_id;
    if (id != NULL && strlen(id) < sizeof task.id.query) {
        memcpy(task.id.query, id, strlen(id) + 1);
    }
    if (spread_is_wanted(req, a)) {
        return spread_run(req, a, &task, sink, facts, err);
    }
    struct worker_listener listening = {sink, req->execution};
    const struct sched_listener listener = {
        .batch = req->wants_rows ? listener_batch : NULL, .lost = listener_lost, .ctx = &listening};
    atomic_store(&req->execution->attempts, 1);
    return sched_run(s->driver->sched, &task, &req->execution->progress, &req->execution->cancel,
                     req->before_attempt, req->before_ctx, &listener, facts, err);
}

/* Small enough that the way to the worker would cost more than the work, and without user code.
 * spark.weir.localInputBytes sets the limit for a session; 0 sends everything to the worker. */
static bool
belongs_here(const struct run_request *req, struct arena *a)
{
    const struct driver *d = req->session->driver;
    if (d->sched == NULL) {
        return true;
    }
    if (exec_needs_python(req->plan) || req->plan->kind == REL_WRITE) {
        return false;
    }
    const char *limit = session_conf_get(req->session, a, "spark.weir.localInputBytes");
    const int64_t bytes = exec_input_bytes(req->plan);
    return bytes >= 0 &&
           bytes < (limit != NULL ? strtoll(limit, NULL, 10) : d->config.local_input_bytes);
}

struct place_search {
    struct arena *arena;
    const struct error_context *place;
    const char *text;
};

static void place_in_rel(struct place_search *s, const struct rel *r);

static bool
place_in_node(const struct expr *e, void *ctx)
{
    struct place_search *s = ctx;
    if (e->subquery != NULL) {
        place_in_rel(s, e->subquery);
    }
    if (s->text == NULL && e->start == s->place->start && e->stop == s->place->stop) {
        s->text = e->sql_text;
    }
    return s->text == NULL;
}

static struct expr *
place_in_expr(struct arena *a, struct expr *e, void *ctx)
{
    (void)a;
    expr_walk(e, place_in_node, ctx);
    return e;
}

static void
place_in_rel(struct place_search *s, const struct rel *r)
{
    if (s->text == NULL) {
        rel_map_exprs(s->arena, rel_copy(s->arena, r), place_in_expr, s);
    }
    for (uint32_t i = 0; i < r->input_count && s->text == NULL; i++) {
        place_in_rel(s, r->inputs[i]);
    }
}

/* What failed knows its place as two offsets; the text that they count in is known here. */
static void
place_error(struct arena *a, const struct rel *plan, struct error *err)
{
    error_place_call(err);
    if (!err->has_context || err->context.dataframe || err->context.line > 0) {
        return;
    }
    struct place_search search = {.arena = a, .place = &err->context};
    place_in_rel(&search, plan);
    if (search.text != NULL) {
        error_place_in(err, search.text);
    } else {
        error_forget_place(err);
    }
}

bool
run_plan(const struct run_request *req, const struct answer_sink *sink, struct sched_facts *facts,
         struct error *err)
{
    struct arena arena;
    arena_init(&arena, NULL);
    struct func_session session;
    session_func(req->session, &arena, &session);
    *facts = (struct sched_facts){0};
    bool ok = sink->schema == NULL || sink->schema(sink->ctx, req->plan->schema, err);
    if (ok) {
        ok = belongs_here(req, &arena) ? run_here(req, &session, sink, facts, err)
                                       : run_on_worker(req, &arena, &session, sink, facts, err);
    }
    if (!ok) {
        place_error(&arena, req->plan, err);
    }
    arena_release(&arena);
    return ok;
}

bool
session_run_plan(struct session *s, const struct rel *plan, struct execution *x,
                 const struct answer_sink *sink, struct error *err)
{
    struct sched_facts facts;
    const struct run_request req = {
        .session = s, .plan = plan, .execution = x, .wants_rows = sink->batch != NULL};
    return run_plan(&req, sink, &facts, err);
}
