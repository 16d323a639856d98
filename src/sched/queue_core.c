/* Dominant-resource fairness over queues and their queries. */
#include "sched/queue_core.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

void
queue_core_init(struct queue_core *q)
{
    memset(q, 0, sizeof *q);
}

void
queue_core_size(struct queue_core *q, uint64_t cores, uint64_t memory)
{
    q->cores = cores;
    q->memory = memory;
}

int32_t
queue_core_queue(struct queue_core *q, const char *name)
{
    for (uint32_t i = 0; i < q->queue_count; i++) {
        if (strncmp(q->queues[i].name, name, QUEUE_NAME_MAX - 1) == 0) {
            return (int32_t)i;
        }
    }
    if (q->queue_count == QUEUE_MAX) {
        return -1;
    }
    struct queue *made = &q->queues[q->queue_count];
    *made = (struct queue){.weight = 1, .ceiling = 1};
    snprintf(made->name, sizeof made->name, "%s", name);
    return (int32_t)q->queue_count++;
}

static struct queue_query *
query_find(struct queue_core *q, uint64_t id)
{
    for (uint32_t i = 0; i < QUEUE_QUERIES_MAX; i++) {
        if (q->queries[i].id == id) {
            return &q->queries[i];
        }
    }
    return NULL;
}

bool
queue_core_enter(struct queue_core *q, uint64_t id, uint32_t queue)
{
    struct queue_query *free_place = query_find(q, 0);
    if (free_place == NULL || queue >= q->queue_count || id == 0) {
        return false;
    }
    *free_place = (struct queue_query){.id = id, .queue = queue, .arrived = ++q->arrivals};
    return true;
}

void
queue_core_leave(struct queue_core *q, uint64_t id)
{
    struct queue_query *x = query_find(q, id);
    if (x != NULL) {
        *x = (struct queue_query){0};
    }
}

void
queue_core_wait(struct queue_core *q, uint64_t id, const struct queue_wants *wants)
{
    struct queue_query *x = query_find(q, id);
    if (x != NULL) {
        x->waits = true;
        x->wants = *wants;
    }
}

void
queue_core_rest(struct queue_core *q, uint64_t id)
{
    struct queue_query *x = query_find(q, id);
    if (x != NULL) {
        x->waits = false;
    }
}

double
queue_core_share(const struct queue_core *q, uint64_t cores, uint64_t memory)
{
    const double c = q->cores > 0 ? (double)cores / (double)q->cores : 0;
    const double m = q->memory > 0 ? (double)memory / (double)q->memory : 0;
    return c > m ? c : m;
}

/* The queue's waiting query with the smallest share; NULL: none waits. */
static const struct queue_query *
query_of(const struct queue_core *q, uint32_t queue)
{
    const struct queue_query *best = NULL;
    double best_share = 0;
    for (uint32_t i = 0; i < QUEUE_QUERIES_MAX; i++) {
        const struct queue_query *x = &q->queries[i];
        if (x->id == 0 || x->queue != queue || !x->waits) {
            continue;
        }
        const double share = queue_core_share(q, x->cores_used, x->memory_used);
        if (best == NULL || share < best_share ||
            (share == best_share && x->arrived < best->arrived)) {
            best = x;
            best_share = share;
        }
    }
    return best;
}

uint64_t
queue_core_next(const struct queue_core *q)
{
    const struct queue_query *best = NULL;
    double best_order = 0;
    bool best_poor = false;
    for (uint32_t i = 0; i < q->queue_count; i++) {
        const struct queue *queue = &q->queues[i];
        const struct queue_query *x = query_of(q, i);
        if (x == NULL) {
            continue;
        }
        const double share = queue_core_share(q, queue->cores_used, queue->memory_used);
        const double after = queue_core_share(q, queue->cores_used + x->wants.cores,
                                              queue->memory_used + x->wants.memory);
        if (after > queue->ceiling && share > 0) {
            continue; /* one task at least, however small the ceiling */
        }
        const bool poor = share < queue->floor;
        const double order = share / (queue->weight > 0 ? queue->weight : 1e-9);
        const bool sooner = order < best_order ||
                            (order == best_order && best != NULL && x->arrived < best->arrived);
        if (best == NULL || (poor && !best_poor) || (poor == best_poor && sooner)) {
            best = x;
            best_order = order;
            best_poor = poor;
        }
    }
    return best != NULL ? best->id : 0;
}

void
queue_core_take(struct queue_core *q, uint64_t id, const struct queue_wants *w)
{
    struct queue_query *x = query_find(q, id);
    if (x == NULL) {
        return;
    }
    x->cores_used += w->cores;
    x->memory_used += w->memory;
    q->queues[x->queue].cores_used += w->cores;
    q->queues[x->queue].memory_used += w->memory;
}

static void
less(uint64_t *from, uint64_t by)
{
    *from = *from > by ? *from - by : 0;
}

void
queue_core_give(struct queue_core *q, uint64_t id, const struct queue_wants *w)
{
    struct queue_query *x = query_find(q, id);
    if (x == NULL) {
        return;
    }
    less(&x->cores_used, w->cores);
    less(&x->memory_used, w->memory);
    less(&q->queues[x->queue].cores_used, w->cores);
    less(&q->queues[x->queue].memory_used, w->memory);
}
