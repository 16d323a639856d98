/*
 * Queues with dominant-resource fairness: whose task starts next. Pure.
 *
 * Each queue (a scheduler pool that queries name) has a weight, a floor and a ceiling in shares of
 * the cluster. A queue's dominant share is the larger of its shares of cores and memory in use. The
 * next slot goes to the queue with something to start that is below its floor, else to the one with
 * the smallest dominant share divided by its weight, never above its ceiling. Within a queue it is
 * the same again among its queries, without weights; of equals, who came first. Nothing is killed
 * for fairness: shares move as tasks end.
 */
#ifndef WEIR_SCHED_QUEUE_CORE_H
#define WEIR_SCHED_QUEUE_CORE_H

#include <stdbool.h>
#include <stdint.h>

enum { QUEUE_MAX = 64, QUEUE_QUERIES_MAX = 1024, QUEUE_NAME_MAX = 48 };

struct queue_wants {
    uint32_t cores;
    uint64_t memory;
};

struct queue {
    char name[QUEUE_NAME_MAX];
    double weight;
    double floor, ceiling; /* shares of the cluster: 0..1 */
    uint64_t cores_used, memory_used;
};

struct queue_query {
    uint64_t id; /* 0: free place */
    uint32_t queue;
    uint64_t arrived;
    uint64_t cores_used, memory_used;
    bool waits; /* has a task to start */
    struct queue_wants wants;
};

struct queue_core {
    uint64_t cores, memory; /* of all workers */
    struct queue queues[QUEUE_MAX];
    uint32_t queue_count;
    struct queue_query queries[QUEUE_QUERIES_MAX];
    uint64_t arrivals;
};

void queue_core_init(struct queue_core *q);
void queue_core_size(struct queue_core *q, uint64_t cores, uint64_t memory);
/* Makes the queue if it is new: weight 1, floor 0, ceiling 1. -1: there are too many. */
int32_t queue_core_queue(struct queue_core *q, const char *name);
bool queue_core_enter(struct queue_core *q, uint64_t id, uint32_t queue); /* false: too many */
void queue_core_leave(struct queue_core *q, uint64_t id); /* nothing may be in use */
void queue_core_wait(struct queue_core *q, uint64_t id, const struct queue_wants *wants);
void queue_core_rest(struct queue_core *q, uint64_t id); /* has nothing to start */
/* The query whose task should start next; 0: none waits, or none may have more. */
uint64_t queue_core_next(const struct queue_core *q);
void queue_core_take(struct queue_core *q, uint64_t id, const struct queue_wants *w);
void queue_core_give(struct queue_core *q, uint64_t id, const struct queue_wants *w);
double queue_core_share(const struct queue_core *q, uint64_t cores, uint64_t memory);

#endif
