/*
 * The worker: a frame server in front of exec_run.
 *
 * The way of a task: WIRE_TASK_START arrives on the loop thread; its bytes are copied and a thread
 * is started, which decodes the plan, runs it, sends Arrow batches as they fill, progress four
 * times a second, and one last reply. WIRE_TASK_CANCEL, or the death of the peer that asked, raises
 * the attempt's cancel flag.
 */
#include "sched/worker.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/thread.h"
#include "base/trace.h"
#include "format/arrow.h"
#include "net/frame.h"
#include "python/pool.h"
#include "sched/shuffle.h"
#include "sched/task.h"
#include "sched/wire.h"

enum {
    RUNNING_MAX = 256,           /* attempts at once; one more is refused */
    QUEUED_BYTES_MAX = 64 << 20, /* results not yet sent; above it the attempt waits */
    BATCH_BYTES = 3 << 20,
    PROGRESS_NS = 250000000,
};

struct worker {
    struct worker_config config;
    struct loop *loop;
    pthread_t loop_thread;
    struct frame_server *server;
    struct frame_server *peers; /* the same frames for other nodes; NULL: alone */
    struct python_pool *python;
    struct shuffle *shuffle; /* NULL: none */
    uint64_t incarnation;
    struct budget budget;
    pthread_mutex_t lock; /* guards running */
    pthread_cond_t idle;
    struct attempt_run *running;
    uint32_t running_count;
};

/* One attempt that is being run. */
struct attempt_run {
    struct attempt_run *next;
    struct worker *worker;
    struct frame_peer *peer;
    uint32_t request;
    uint8_t *payload; /* owned copy of the start message; the plan borrows from it */
    size_t payload_len;
    _Atomic bool cancel;
    pthread_mutex_t lock;  /* guards finished */
    pthread_cond_t finish; /* signalled with it */
    bool finished;         /* stops the progress thread */
    struct exec_progress progress;
    /* result side */
    struct task task;
    struct arrow_batch *batch;
    uint64_t rows;
};

static void
run_unlink(struct attempt_run *run)
{
    struct worker *w = run->worker;
    mutex_lock(&w->lock);
    for (struct attempt_run **at = &w->running; *at != NULL; at = &(*at)->next) {
        if (*at == run) {
            *at = run->next;
            break;
        }
    }
    w->running_count--;
    pthread_cond_broadcast(&w->idle);
    mutex_unlock(&w->lock);
}

static bool
batch_flush(struct attempt_run *run, struct error *err)
{
    const uint64_t rows = arrow_batch_rows(run->batch);
    if (rows == 0) {
        return true;
    }
    struct buffer out = {0};
    buffer_uvarint(&out, rows);
    arrow_batch_put(run->batch, &out);
    if (out.overflow) {
        buffer_release(&out);
        return error_set(err, ERROR_RESOURCE, "a result batch is larger than %d bytes",
                         FRAME_PAYLOAD_MAX);
    }
    while (frame_peer_queued(run->peer) > QUEUED_BYTES_MAX && !atomic_load(&run->cancel)) {
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    }
    frame_reply(run->peer, WIRE_TASK_BATCH, run->request, 0, out.ptr, out.len);
    buffer_release(&out);
    return true;
}

static bool
run_chunk(void *ctx, const struct chunk *c, struct error *err)
{
    struct attempt_run *run = ctx;
    run->rows += c->sel != NULL ? c->sel_n : c->n;
    if (!run->task.wants_rows) {
        return true;
    }
    if (!arrow_batch_add(run->batch, c, err)) {
        return false;
    }
    if (arrow_batch_bytes(run->batch) >= BATCH_BYTES ||
        (run->task.batch_rows > 0 && arrow_batch_rows(run->batch) >= run->task.batch_rows)) {
        return batch_flush(run, err);
    }
    return true;
}

static void
progress_send(struct attempt_run *run)
{
    struct buffer out = {0};
    task_progress_write(&out, &run->progress);
    frame_reply(run->peer, WIRE_TASK_PROGRESS, run->request, 0, out.ptr, out.len);
    buffer_release(&out);
}

static void *
progress_thread(void *ctx)
{
    struct attempt_run *run = ctx;
    struct env *env = run->worker->config.env;
    mutex_lock(&run->lock);
    int64_t due = env_mono_ns(env) + PROGRESS_NS;
    while (!run->finished) {
        if (cond_wait_until(&run->finish, &run->lock, due) || run->finished) {
            continue;
        }
        mutex_unlock(&run->lock);
        progress_send(run);
        mutex_lock(&run->lock);
        due = env_mono_ns(env) + PROGRESS_NS;
    }
    mutex_unlock(&run->lock);
    return NULL;
}

static void
lost_input_send(struct attempt_run *run, const struct exchange_lost *lost)
{
    struct buffer out = {0};
    buffer_uvarint(&out, lost->stage);
    buffer_uvarint(&out, lost->map);
    buffer_uvarint(&out, lost->epoch);
    frame_reply(run->peer, WIRE_TASK_LOST_INPUT, run->request, 0, out.ptr, out.len);
    buffer_release(&out);
}

/* A write's tasks have folders of their own in the attempt's. */
static bool
write_place(struct attempt_run *run, struct arena *arena, struct error *err)
{
    const struct rel *plan = run->task.plan;
    struct env *env = run->worker->config.env;
    if (plan->kind != REL_WRITE || plan->write == NULL || plan->write->attempt_dir == NULL) {
        return true;
    }
    plan->write->attempt_dir = arena_printf(arena, "%s/t%u.%u", plan->write->attempt_dir,
                                            run->task.id.partition, run->task.id.attempt);
    return env->ops->mkdirs(env, plan->write->attempt_dir, err);
}

/* Runs a share of a stage: with a place for its output, and a way to its inputs. */
static bool
run_share(struct attempt_run *run, struct arena *arena, struct exec_context *ctx,
          const struct exec_sink *sink, struct error *err)
{
    struct worker *w = run->worker;
    const struct task *t = &run->task;
    struct shuffle_fetch fetch = {w->shuffle, t->id.query, &run->cancel};
    struct exec_exchange x;
    char path[4096];
    if (w->shuffle == NULL) {
        return error_unsupported(err, "shares of stages on a worker without a shuffle folder");
    }
    if (!shuffle_begin(w->shuffle, &t->id, run->peer, path, sizeof path, err) ||
        !write_place(run, arena, err)) {
        return false;
    }
    exec_exchange_init(&x);
    x.partition = t->id.partition;
    x.out_path = path;
    x.inputs = t->inputs;
    x.input_count = t->input_count;
    x.list = shuffle_fetch_list;
    x.read = shuffle_fetch_read;
    x.ctx = &fetch;
    ctx->exchange = &x;
    const bool ok = exec_run(t->plan, ctx, sink, err);
    ctx->exchange = NULL;
    if (!ok && x.lost.is_set) {
        lost_input_send(run, &x.lost);
    }
    run->rows += x.out_rows;
    exec_exchange_release(&x);
    shuffle_attempt_end(w->shuffle, &t->id);
    return ok;
}

static bool
run_plan(struct attempt_run *run, struct arena *arena, struct budget *budget, struct error *err)
{
    struct worker *w = run->worker;
    struct reader in;
    reader_init(&in, (struct bytes){run->payload, run->payload_len});
    if (!task_read(arena, &in, &run->task, err)) {
        return false;
    }
    budget->limit_bytes = run->task.memory_bytes;
    if (run->task.wants_rows) {
        run->batch = arrow_batch_new(run->task.plan->schema, budget);
    }
    struct exec_context ctx = {
        .budget = budget,
        .env = w->config.env,
        .session = &run->task.session,
        .threads = run->task.threads > 0 ? run->task.threads : w->config.threads,
        .spill_dir = w->config.spill_dir,
        .cancel = &run->cancel,
        .progress = &run->progress,
        .python = w->python,
        .split_bytes = run->task.split_bytes,
        .shuffle_partitions = run->task.shuffle_partitions,
    };
    const struct exec_sink sink = {run_chunk, run};
    const bool ok = run->task.is_share ? run_share(run, arena, &ctx, &sink, err)
                                       : exec_run(run->task.plan, &ctx, &sink, err);
    return ok && (run->batch == NULL || batch_flush(run, err));
}

static void
run_answer(struct attempt_run *run, const struct budget *budget, bool ok, const struct error *err)
{
    struct buffer out = {0};
    if (ok) {
        buffer_uvarint(&out, run->rows);
        buffer_uvarint(&out, atomic_load(&budget->peak_bytes));
        struct timespec cpu;
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &cpu);
        buffer_uvarint(&out, (uint64_t)cpu.tv_sec * 1000000000u + (uint64_t)cpu.tv_nsec);
        task_progress_write(&out, &run->progress);
        frame_reply(run->peer, WIRE_TASK_DONE, run->request, FRAME_LAST, out.ptr, out.len);
    } else {
        frame_put_error(&out, err);
        frame_reply(run->peer, WIRE_TASK_DONE, run->request, FRAME_LAST | FRAME_ERROR, out.ptr,
                    out.len);
    }
    buffer_release(&out);
}

static void *
run_thread(void *ctx)
{
    struct attempt_run *run = ctx;
    struct budget budget;
    budget_init(&budget, "query", 0, &run->worker->budget);
    struct arena arena;
    arena_init(&arena, &budget);
    struct error err = {0};

    pthread_mutex_init(&run->lock, NULL);
    cond_init(&run->finish);
    pthread_t progress;
    const bool has_progress = thread_start(&progress, "progress", progress_thread, run);
    const bool ok = run_plan(run, &arena, &budget, &err);
    mutex_lock(&run->lock);
    run->finished = true;
    pthread_cond_signal(&run->finish);
    mutex_unlock(&run->lock);
    if (has_progress) {
        pthread_join(progress, NULL);
    }
    if (run->batch != NULL) {
        arrow_batch_free(run->batch);
    }
    run_answer(run, &budget, ok, &err);
    error_clear(&err);
    arena_release(&arena);
    run_unlink(run);
    frame_peer_release(run->peer);
    pthread_cond_destroy(&run->finish);
    pthread_mutex_destroy(&run->lock);
    free(run->payload);
    free(run);
    return NULL;
}

static void
refuse(struct frame_peer *peer, const struct frame *f, const char *why)
{
    struct error err = {0};
    error_set(&err, ERROR_UNAVAILABLE, "%s", why);
    struct buffer out = {0};
    frame_put_error(&out, &err);
    frame_reply(peer, f->type, f->request, FRAME_LAST | FRAME_ERROR, out.ptr, out.len);
    buffer_release(&out);
    error_clear(&err);
}

static void
task_start(struct worker *w, struct frame_peer *peer, const struct frame *f)
{
    mutex_lock(&w->lock);
    const bool full = w->running_count >= RUNNING_MAX;
    mutex_unlock(&w->lock);
    if (full) {
        refuse(peer, f, "this worker already runs its limit of tasks");
        return;
    }
    struct attempt_run *run = calloc(1, sizeof *run);
    uint8_t *payload = malloc(f->payload.len > 0 ? f->payload.len : 1);
    if (run == NULL || payload == NULL) {
        free(run);
        free(payload);
        refuse(peer, f, "this worker has no memory for one more task");
        return;
    }
    memcpy(payload, f->payload.ptr, f->payload.len);
    run->worker = w;
    run->peer = peer;
    run->request = f->request;
    run->payload = payload;
    run->payload_len = f->payload.len;
    frame_peer_retain(peer);
    mutex_lock(&w->lock);
    run->next = w->running;
    w->running = run;
    w->running_count++;
    mutex_unlock(&w->lock);
    pthread_t thread;
    if (!thread_start(&thread, "task", run_thread, run)) {
        run_unlink(run);
        frame_peer_release(peer);
        free(run->payload);
        free(run);
        refuse(peer, f, "this worker cannot start one more thread");
        return;
    }
    pthread_detach(thread);
}

/* Raises the cancel flag of the peer's attempts: of one request, or of all when request is 0. */
static void
cancel_of(struct worker *w, const struct frame_peer *peer, uint32_t request)
{
    mutex_lock(&w->lock);
    for (struct attempt_run *run = w->running; run != NULL; run = run->next) {
        if ((peer == NULL || run->peer == peer) && (request == 0 || run->request == request)) {
            atomic_store(&run->cancel, true);
        }
    }
    mutex_unlock(&w->lock);
}

static void
worker_frame(void *ctx, struct frame_peer *peer, const struct frame *f)
{
    struct worker *w = ctx;
    struct reader in;
    reader_init(&in, f->payload);
    struct buffer out = {0};
    if (w->shuffle != NULL && shuffle_serve(w->shuffle, peer, f)) {
        return;
    }
    switch (f->type) {
    case WIRE_PING:
        buffer_lentext(&out, "worker");
        frame_reply(peer, f->type, f->request, FRAME_LAST, out.ptr, out.len);
        break;
    case WIRE_TASK_START:
        task_start(w, peer, f);
        break;
    case WIRE_TASK_CANCEL: {
        const uint32_t request = reader_le32(&in);
        if (request != 0) {
            cancel_of(w, peer, request);
        }
        break;
    }
    case WIRE_WORKER_STATUS:
        buffer_uvarint(&out, w->config.threads);
        buffer_uvarint(&out, atomic_load(&w->budget.used_bytes));
        buffer_uvarint(&out, w->budget.limit_bytes);
        mutex_lock(&w->lock);
        buffer_uvarint(&out, w->running_count);
        mutex_unlock(&w->lock);
        buffer_uvarint(&out, w->python != NULL ? python_pool_workers(w->python) : 0);
        buffer_le64(&out, w->incarnation);
        buffer_lentext(&out, w->config.shuffle_dir);
        frame_reply(peer, f->type, f->request, FRAME_LAST, out.ptr, out.len);
        break;
    case WIRE_QUERY_END: {
        const struct bytes query = reader_lenbytes(&in);
        char name[sizeof((struct task_id *)0)->query] = "";
        if (w->shuffle != NULL && query.len > 0 && query.len < sizeof name) {
            memcpy(name, query.ptr, query.len);
            shuffle_query_end(w->shuffle, name);
        }
        frame_reply(peer, f->type, f->request, FRAME_LAST, NULL, 0);
        break;
    }
    default:
        refuse(peer, f, "a worker does not know this message type");
        break;
    }
    buffer_release(&out);
}

static void
worker_peer_gone(void *ctx, struct frame_peer *peer)
{
    struct worker *w = ctx;
    cancel_of(w, peer, 0);
    if (w->shuffle != NULL) {
        shuffle_owner_gone(w->shuffle, peer);
    }
}

static void *
loop_thread(void *ctx)
{
    loop_run(ctx);
    return NULL;
}

static void
servers_free(struct worker *w)
{
    frame_server_free(w->server);
    if (w->peers != NULL) {
        frame_server_free(w->peers);
    }
}

struct worker *
worker_start(const struct worker_config *config, struct error *err)
{
    struct worker *w = calloc(1, sizeof *w);
    if (w == NULL) {
        error_system(err, ENOMEM, "starting a worker");
        return NULL;
    }
    w->config = *config;
    pthread_mutex_init(&w->lock, NULL);
    cond_init(&w->idle);
    budget_init(&w->budget, "worker", config->memory_bytes, NULL);
    w->loop = loop_new(err);
    if (w->loop == NULL) {
        free(w);
        return NULL;
    }
    w->incarnation = env_random(config->env);
    if (config->shuffle_dir != NULL) {
        w->shuffle = shuffle_new(config->env, config->shuffle_dir, config->secret, err);
        if (w->shuffle == NULL) {
            loop_free(w->loop);
            free(w);
            return NULL;
        }
    }
    w->python = python_pool_new(config->python_path, config->work_dir);
    static const struct frame_handlers handlers = {worker_frame, worker_peer_gone};
    w->server = frame_server_new(w->loop, config->listen_fd, &handlers, w);
    if (config->peer_fd > 0) {
        w->peers = frame_server_new(w->loop, config->peer_fd, &handlers, w);
        frame_server_set_secret(w->peers, config->secret);
    }
    if (!thread_start(&w->loop_thread, "worker-loop", loop_thread, w->loop)) {
        servers_free(w);
        python_pool_free(w->python);
        shuffle_free(w->shuffle);
        loop_free(w->loop);
        free(w);
        error_set(err, ERROR_RESOURCE, "cannot start the worker's loop thread");
        return NULL;
    }
    return w;
}

void
worker_stop(struct worker *w)
{
    cancel_of(w, NULL, 0);
    mutex_lock(&w->lock);
    while (w->running_count > 0) {
        pthread_cond_wait(&w->idle, &w->lock);
    }
    mutex_unlock(&w->lock);
    loop_stop(w->loop);
    pthread_join(w->loop_thread, NULL);
    servers_free(w);
    python_pool_free(w->python);
    loop_free(w->loop); /* the last peers go here, and with them their shuffle files */
    shuffle_free(w->shuffle);
    pthread_cond_destroy(&w->idle);
    pthread_mutex_destroy(&w->lock);
    free(w);
}
