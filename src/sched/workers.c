/* The register of workers: heartbeats, lives, slots. */
#include "sched/workers.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/thread.h"
#include "base/trace.h"
#include "sched/wire.h"

enum { STATUS_TIMEOUT_MS = 3500, AGAIN_NS = 20000000, FIRST_ANSWER_NS = 1000000000 };

struct workers *
workers_new(struct env *env)
{
    struct workers *ws = calloc(1, sizeof *ws);
    if (ws == NULL) {
        return NULL;
    }
    ws->env = env;
    pthread_mutex_init(&ws->lock, NULL);
    cond_init(&ws->changed);
    return ws; /* all zeros, which is how the queues begin: their pages stay untouched */
}

void
workers_free(struct workers *ws)
{
    if (ws == NULL) {
        return;
    }
    mutex_lock(&ws->lock);
    ws->stop = true;
    pthread_cond_broadcast(&ws->changed);
    mutex_unlock(&ws->lock);
    for (uint32_t i = 0; i < ws->count; i++) {
        struct sched_worker *w = ws->items[i];
        if (w->has_watcher) {
            frame_client_break(w->beats);
            pthread_join(w->watcher, NULL);
        }
        frame_client_free(w->client);
        frame_client_free(w->beats);
        free(w->address);
        free(w);
    }
    pthread_cond_destroy(&ws->changed);
    pthread_mutex_destroy(&ws->lock);
    free(ws);
}

/* ---- heartbeats ---- */

static void
size_update(struct workers *ws)
{
    uint64_t cores = 0, memory = 0;
    for (uint32_t i = 0; i < ws->count; i++) {
        const struct sched_worker *w = ws->items[i];
        cores += w->usable ? w->cores : 0;
        memory += w->usable ? w->memory : 0;
    }
    queue_core_size(&ws->queues, cores, memory);
}

/* A new life: what the old one had is void, and who waits for it hears of it. */
static void
life_end(struct workers *ws, struct sched_worker *w, const char *why)
{
    w->life++;
    w->usable = false;
    size_update(ws);
    trace(TRACE_WARN, "sched", "worker %s: %s", w->name, why);
    pthread_cond_broadcast(&ws->changed);
}

static void
status_take(struct workers *ws, struct sched_worker *w, struct reader *in)
{
    const uint32_t cores = (uint32_t)reader_uvarint64(in);
    const uint64_t used = reader_uvarint64(in), limit = reader_uvarint64(in),
                   running = reader_uvarint64(in), python = reader_uvarint64(in),
                   incarnation = reader_le64(in);
    const struct bytes dir = reader_lenbytes(in);
    if (!reader_ok(in) || dir.len >= sizeof w->shuffle_dir) {
        return;
    }
    const int64_t now = env_mono_ns(ws->env);
    if (w->incarnation != 0 && w->incarnation != incarnation && w->usable) {
        life_end(ws, w, "another process answers in its place");
    }
    w->incarnation = incarnation;
    if (w->detect.state == DETECT_DEAD) {
        /* It was only paused or cut off. What it had is void on both sides: its calls were broken
         * off, and with their connection it forgot them and their files. */
        detect_init(&w->detect, incarnation, now);
    }
    detect_beat(&w->detect, incarnation, now);
    w->cores = cores > 0 ? cores : 1;
    w->memory = limit;
    w->memory_now = used;
    w->tasks_running = running;
    w->python_workers = python;
    if (dir.len > 0) {
        memcpy(w->shuffle_dir, dir.ptr, dir.len);
    }
    w->shuffle_dir[dir.len] = '\0';
    const bool well = w->detect.state == DETECT_ALIVE && !w->gone && !w->draining;
    if (well != w->usable) {
        w->usable = well;
        size_update(ws);
        pthread_cond_broadcast(&ws->changed);
    }
}

static void
status_missed(struct workers *ws, struct sched_worker *w, const struct error *why)
{
    const int64_t now = env_mono_ns(ws->env);
    const bool refused = why->code == ECONNREFUSED || why->code == ENOENT;
    bool changed =
        why->code != ETIMEDOUT && detect_broken(&w->detect, &ws->guard, ws->count, refused, now);
    changed |= detect_look(&w->detect, &ws->guard, ws->count, now);
    if (w->detect.state == DETECT_DEAD && (changed || w->usable)) {
        life_end(ws, w, "no sign of life");
    } else if (changed) {
        w->usable = false;
        size_update(ws);
        pthread_cond_broadcast(&ws->changed);
    }
}

/* Asks the status each half second; sooner when something broke. The time that an answer may take
 * is that of a verdict: a paused worker's call ends with it. */
static void *
watch(void *ctx)
{
    struct sched_worker *w = ctx;
    struct workers *ws = w->all;
    mutex_lock(&ws->lock);
    while (!ws->stop) {
        if (w->gone) {
            pthread_cond_wait(&ws->changed, &ws->lock);
            continue;
        }
        mutex_unlock(&ws->lock);
        struct buffer reply = {0};
        struct error why = {0};
        const bool ok =
            frame_call(w->beats, WIRE_WORKER_STATUS, NULL, 0, &reply, STATUS_TIMEOUT_MS, &why);
        mutex_lock(&ws->lock);
        if (ok) {
            struct reader in;
            reader_init(&in, (struct bytes){reply.ptr, reply.len});
            status_take(ws, w, &in);
        } else if (!ws->stop) {
            status_missed(ws, w, &why);
        }
        const bool dead = w->detect.state == DETECT_DEAD;
        if (dead && !ws->stop) {
            mutex_unlock(&ws->lock);
            frame_client_break(w->client); /* calls that wait for it end */
            mutex_lock(&ws->lock);
        }
        buffer_release(&reply);
        error_clear(&why);
        const uint64_t life = w->life;
        const int64_t due = env_mono_ns(ws->env) + (w->usable ? DETECT_BEAT_NS : (int64_t)AGAIN_NS);
        while (!ws->stop && !w->gone && w->life == life && env_mono_ns(ws->env) < due) {
            cond_wait_until(&ws->changed, &ws->lock, due);
        }
    }
    mutex_unlock(&ws->lock);
    return NULL;
}

static void
watch_begin(struct sched_worker *w)
{
    if (!w->has_watcher) {
        w->has_watcher = thread_start(&w->watcher, "worker-watch", watch, w);
    }
}

static struct sched_worker *
worker_new(struct workers *ws, const struct worker_place *place)
{
    struct sched_worker *w = calloc(1, sizeof *w);
    if (w == NULL) {
        return NULL;
    }
    const bool far = place->secret != NULL && !place->same_node;
    w->address = strdup(place->address);
    w->client = far ? frame_client_new_peer(place->address, place->secret)
                    : frame_client_new(place->address);
    w->beats = far ? frame_client_new_peer(place->address, place->secret)
                   : frame_client_new(place->address);
    snprintf(w->name, sizeof w->name, "%s", place->name);
    snprintf(w->node, sizeof w->node, "%s", place->node);
    snprintf(w->peer, sizeof w->peer, "%s", place->peer != NULL ? place->peer : "");
    w->same_node = place->same_node;
    w->all = ws;
    detect_init(&w->detect, 0, env_mono_ns(ws->env));
    return w;
}

int32_t
workers_add(struct workers *ws, const struct worker_place *place)
{
    mutex_lock(&ws->lock);
    int32_t at = -1;
    for (uint32_t i = 0; i < ws->count; i++) {
        if (strcmp(ws->items[i]->address, place->address) == 0) {
            at = (int32_t)i;
            ws->items[i]->gone = false;
        }
    }
    struct sched_worker *w = NULL;
    if (at < 0 && ws->count < WORKERS_MAX && (w = worker_new(ws, place)) != NULL) {
        at = (int32_t)ws->count;
        ws->items[ws->count++] = w;
    }
    for (uint32_t i = 0; ws->count > 1 && i < ws->count; i++) {
        watch_begin(ws->items[i]);
    }
    pthread_cond_broadcast(&ws->changed);
    mutex_unlock(&ws->lock);
    return at;
}

void
workers_drain(struct workers *ws, const char *address, bool draining)
{
    mutex_lock(&ws->lock);
    for (uint32_t i = 0; i < ws->count; i++) {
        struct sched_worker *w = ws->items[i];
        if (strcmp(w->address, address) == 0 && w->draining != draining) {
            w->draining = draining;
            w->usable = w->usable && !draining; /* the next beat makes it usable again */
            size_update(ws);
            pthread_cond_broadcast(&ws->changed);
        }
    }
    mutex_unlock(&ws->lock);
}

void
workers_remove(struct workers *ws, const char *address)
{
    struct frame_client *client = NULL;
    mutex_lock(&ws->lock);
    for (uint32_t i = 0; i < ws->count; i++) {
        struct sched_worker *w = ws->items[i];
        if (strcmp(w->address, address) == 0 && !w->gone) {
            w->gone = true;
            client = w->client;
            life_end(ws, w, "it left the cluster");
        }
    }
    mutex_unlock(&ws->lock);
    if (client != NULL) {
        frame_client_break(client);
    }
}

/* Begins watching, and waits a little for the first answer, so that a first query knows sizes. */
void
workers_watch(struct workers *ws)
{
    mutex_lock(&ws->lock);
    const int64_t due = env_mono_ns(ws->env) + FIRST_ANSWER_NS;
    bool known = false;
    for (uint32_t i = 0; i < ws->count; i++) {
        watch_begin(ws->items[i]);
        known |= ws->items[i]->usable;
    }
    while (!known && ws->count > 0 && env_mono_ns(ws->env) < due) {
        cond_wait_until(&ws->changed, &ws->lock, due);
        for (uint32_t i = 0; i < ws->count; i++) {
            known |= ws->items[i]->usable;
        }
    }
    mutex_unlock(&ws->lock);
}

int32_t
workers_near(const struct workers *ws)
{
    int32_t near = -1;
    for (uint32_t i = 0; i < ws->count; i++) {
        const struct sched_worker *w = ws->items[i];
        if (w->same_node && !w->gone && (near < 0 || (w->usable && !ws->items[near]->usable))) {
            near = (int32_t)i;
        }
    }
    return near;
}

uint32_t
workers_count(struct workers *ws)
{
    mutex_lock(&ws->lock);
    uint32_t n = 0;
    for (uint32_t i = 0; i < ws->count; i++) {
        n += !ws->items[i]->gone;
    }
    mutex_unlock(&ws->lock);
    return n;
}

uint32_t
workers_usable(struct workers *ws)
{
    mutex_lock(&ws->lock);
    uint32_t n = 0;
    for (uint32_t i = 0; i < ws->count; i++) {
        n += !ws->items[i]->gone && (ws->items[i]->usable || ws->count == 1);
    }
    mutex_unlock(&ws->lock);
    return n;
}

/* ---- slots ---- */

void
workers_slot(const struct workers *ws, struct queue_wants *out)
{
    uint32_t cores = 0;
    for (uint32_t i = 0; i < ws->count; i++) {
        const struct sched_worker *w = ws->items[i];
        if (w->usable && (cores == 0 || w->cores < cores)) {
            cores = w->cores;
        }
    }
    /* Half a worker: two tasks of any queries beside each other, whose pipelines share its threads;
     * while one waits for a disk or another worker the other computes. */
    *out = (struct queue_wants){.cores = cores > WORKER_SLOTS ? cores / WORKER_SLOTS : 1};
}

static uint32_t
failures_of(const struct workers *ws, const struct sched_worker *w)
{
    const int64_t since = env_mono_ns(ws->env) - INT64_C(60000000000);
    uint32_t n = 0;
    for (size_t i = 0; i < sizeof w->failed_ns / sizeof *w->failed_ns; i++) {
        n += w->failed_ns[i] != 0 && w->failed_ns[i] > since;
    }
    return n;
}

int32_t
workers_take(struct workers *ws, uint64_t query, const struct queue_wants *wants,
             const struct place_wants *place, const uint8_t *locality)
{
    struct place_worker all[WORKERS_MAX];
    for (uint32_t i = 0; i < ws->count; i++) {
        const struct sched_worker *w = ws->items[i];
        all[i] = (struct place_worker){.cores = w->cores,
                                       .cores_used = w->cores_used,
                                       .memory = w->memory,
                                       .memory_used = w->memory_used,
                                       .failures = failures_of(ws, w),
                                       .locality = locality != NULL ? locality[i] : 0,
                                       .usable = w->usable && !w->gone};
    }
    queue_core_wait(&ws->queues, query, wants);
    /* Whether it is this query's turn matters only among those for whom there is room. */
    const int32_t at = place_pick(all, ws->count, place, ws->turn);
    if (at < 0 || queue_core_next(&ws->queues) != query) {
        return -1;
    }
    queue_core_rest(&ws->queues, query);
    queue_core_take(&ws->queues, query, wants);
    ws->items[at]->cores_used += wants->cores;
    ws->items[at]->memory_used += wants->memory;
    ws->turn = (uint32_t)at + 1;
    return at;
}

void
workers_give(struct workers *ws, uint64_t query, const struct queue_wants *wants, uint32_t worker)
{
    struct sched_worker *w = ws->items[worker];
    queue_core_give(&ws->queues, query, wants);
    w->cores_used -= wants->cores < w->cores_used ? wants->cores : w->cores_used;
    w->memory_used -= wants->memory < w->memory_used ? wants->memory : w->memory_used;
    pthread_cond_broadcast(&ws->changed);
}

void
workers_broken(struct workers *ws, uint32_t worker, uint64_t life, bool refused)
{
    struct sched_worker *w = ws->items[worker];
    if (w->life != life) {
        return; /* known */
    }
    detect_broken(&w->detect, &ws->guard, ws->count, refused, env_mono_ns(ws->env));
    life_end(ws, w, "its connection broke");
}

void
workers_failed(struct workers *ws, uint32_t worker)
{
    struct sched_worker *w = ws->items[worker];
    const uint32_t places = sizeof w->failed_ns / sizeof *w->failed_ns;
    w->failed_ns[w->failed_next++ % places] = env_mono_ns(ws->env);
}

void
workers_put(struct workers *ws, struct buffer *json)
{
    static const char *const states[] = {"alive", "suspect", "dead"};
    mutex_lock(&ws->lock);
    buffer_puts(json, "[");
    bool first = true;
    for (uint32_t i = 0; i < ws->count; i++) {
        const struct sched_worker *w = ws->items[i];
        if (w->gone) {
            continue;
        }
        buffer_printf(json, "%s{\"name\":", first ? "" : ",");
        buffer_json_string(json, w->name, strlen(w->name));
        buffer_printf(json, ",\"node\":");
        buffer_json_string(json, w->node, strlen(w->node));
        buffer_printf(json,
                      ",\"state\":\"%s\",\"cores\":%u,\"cores_used\":%u,\"memory_bytes\":%llu,"
                      "\"memory_used_bytes\":%llu,\"tasks_running\":%llu,\"python_workers\":%llu,"
                      "\"lives\":%llu}",
                      states[w->detect.state], w->cores, w->cores_used,
                      (unsigned long long)w->memory, (unsigned long long)w->memory_now,
                      (unsigned long long)w->tasks_running, (unsigned long long)w->python_workers,
                      (unsigned long long)w->life + 1);
        first = false;
    }
    buffer_puts(json, "]");
    mutex_unlock(&ws->lock);
}
