/*
 * Running a plan over several workers: how far it is worth cutting, and the record of its attempts
 * for the page.
 *
 * Settings: spark.weir.stages is auto (cut what reads enough, when there are several workers),
 * force (cut everything, for tests) or off. spark.scheduler.pool names the queue.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "driver/internal.h"
#include "plan/stages.h"
#include "sched/stages.h"

static const int64_t cut_bytes_min = 32 << 20; /* below it one task is as soon done */
static const int64_t task_bytes = 8 << 20;
static const int64_t split_bytes = 4 << 20; /* small enough that shares are alike */

static int64_t
conf_bytes(struct session *s, struct arena *a, const char *key, int64_t otherwise)
{
    const char *text = session_conf_get(s, a, key);
    if (text == NULL || text[0] == '\0') {
        return otherwise;
    }
    char *end;
    const int64_t n = strtoll(text, &end, 10);
    switch (tolower((unsigned char)*end)) {
    case 'k':
        return n << 10;
    case 'm':
        return n << 20;
    case 'g':
        return n << 30;
    default:
        return end == text ? otherwise : n;
    }
}

static bool
conf_is(struct session *s, struct arena *a, const char *key, const char *value)
{
    const char *text = session_conf_get(s, a, key);
    return text != NULL && strcasecmp(text, value) == 0;
}

bool
spread_is_wanted(const struct run_request *req, struct arena *a)
{
    struct session *s = req->session;
    if (conf_is(s, a, "spark.weir.stages", "off")) {
        return false;
    }
    return conf_is(s, a, "spark.weir.stages", "force") ||
           workers_count(sched_workers(s->driver->sched)) > 1;
}

static bool
stages_make(const struct run_request *req, struct arena *a, const struct func_session *session,
            struct stage_list *list, struct error *err)
{
    struct session *s = req->session;
    const bool force = conf_is(s, a, "spark.weir.stages", "force");
    const uint32_t workers = workers_usable(sched_workers(s->driver->sched));
    const int64_t bytes = exec_input_bytes(req->plan);
    struct cut_options o = {
        .tasks = workers * WORKER_SLOTS, .task_bytes = task_bytes, .session = session};
    o.broadcast_bytes = conf_bytes(s, a, "spark.sql.autoBroadcastJoinThreshold", 10 << 20);
    if (force) {
        o.task_bytes = 0;
        o.tasks = o.tasks < 3 ? 3 : o.tasks;
    } else if ((bytes >= 0 && bytes < cut_bytes_min) || o.tasks < 2) {
        o.tasks = 1;
    }
    o.tasks = o.tasks > 512 ? 512 : o.tasks;
    return plan_cut(a, req->plan, &o, list, err);
}

struct spread {
    const struct answer_sink *sink;
    struct execution *execution;
};

static bool
spread_batch(void *ctx, const void *data, size_t len, uint64_t rows, struct error *err)
{
    const struct spread *x = ctx;
    return x->sink->batch(x->sink->ctx, data, len, rows, err);
}

static void
spread_lost(void *ctx, const struct task_id *id, const char *why)
{
    (void)id;
    (void)why;
    atomic_fetch_add(&((struct spread *)ctx)->execution->attempts, 1);
}

bool
spread_run(const struct run_request *req, struct arena *a, const struct task *task,
           const struct answer_sink *sink, struct sched_facts *facts, struct error *err)
{
    struct session *s = req->session;
    struct stage_list list;
    if (!stages_make(req, a, &task->session, &list, err) ||
        (req->before_attempt != NULL && !req->before_attempt(req->before_ctx, 0, err))) {
        return false;
    }
    struct task common = *task;
    env_uuid(s->driver->config.env, common.id.query); /* an operation may run several plans */
    if (list.count > 1 || list.stages[0].tasks > 1) {
        common.split_bytes = split_bytes;
    }
    struct spread x = {sink, req->execution};
    const struct sched_listener listener = {
        .batch = req->wants_rows ? spread_batch : NULL, .lost = spread_lost, .ctx = &x};
    const struct stages_request stages = {.list = &list,
                                          .task = &common,
                                          .queue = session_conf_get(s, a, "spark.scheduler.pool"),
                                          .remote_only =
                                              conf_is(s, a, "spark.weir.shuffle.remote", "true"),
                                          .attempt = operation_attempt,
                                          .attempt_ctx = (void *)(uintptr_t)req};
    atomic_store(&req->execution->attempts, 1);
    return sched_run_stages(s->driver->sched, &stages, &req->execution->progress,
                            &req->execution->cancel, &listener, facts, err);
}
