/*
 * The driver's register of workers: who is there, who is well, who has room.
 *
 * With one worker nothing is watched: its task goes to it, and a broken connection says enough.
 * With several each is asked for its status twice a second, which is its heartbeat
 * (sched/detect_core.h). A worker's life is counted: when it begins another one (its connection
 * broke, or it answers with another incarnation), what it had is void. Threads: everything may be
 * called from any thread; `lock` guards what the page and the runs of queries look at, and
 * `changed` is told to all when something moved.
 */
#ifndef WEIR_SCHED_WORKERS_H
#define WEIR_SCHED_WORKERS_H

#include <pthread.h>

#include "base/env.h"
#include "net/frame.h"
#include "sched/detect_core.h"
#include "sched/place_core.h"
#include "sched/queue_core.h"

enum { WORKERS_MAX = 256, WORKER_SLOTS = 2 };

struct sched_worker {
    struct frame_client *client; /* tasks */
    struct frame_client *beats;  /* status only: never behind data */
    char *address;
    char name[80]; /* "n1/worker-2" */
    char node[64];
    char peer[128]; /* where workers of other nodes reach it; "": as the driver does */
    bool same_node; /* as the driver */
    /* guarded by the lock */
    bool usable;   /* not suspect, not dead, not draining */
    bool gone;     /* its node left: nothing goes there any more; it may come back */
    bool draining; /* ends what it has, gets nothing new */
    uint64_t life;
    uint64_t incarnation;
    uint32_t cores, cores_used;
    uint64_t memory, memory_used;
    uint64_t tasks_running, memory_now, python_workers; /* as it said last */
    char shuffle_dir[512];
    struct detect detect;
    int64_t failed_ns[8]; /* of the newest failures */
    uint32_t failed_next;
    pthread_t watcher;
    bool has_watcher;
    struct workers *all;
};

struct workers {
    struct env *env;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct sched_worker *items[WORKERS_MAX]; /* only added to */
    uint32_t count;
    struct queue_core queues;
    struct detect_guard guard;
    uint64_t last_query;
    uint32_t turn;
    bool stop;
};

struct workers *workers_new(struct env *env);
void workers_free(struct workers *ws);
struct worker_place {
    const char *address; /* as the driver reaches it */
    const char *peer;    /* as workers of other nodes do; NULL: the same */
    const char *name, *node;
    bool same_node;
    const char *secret; /* of the cluster, when it is on another node */
};

/* Adds a worker, or finds it by its address. Watching begins with the second, or when asked for.
 * -1: too many. */
int32_t workers_add(struct workers *ws, const struct worker_place *place);
/* Gets no new tasks, or gets them again. */
void workers_drain(struct workers *ws, const char *address, bool draining);
void workers_remove(struct workers *ws, const char *address);
void workers_watch(struct workers *ws);
uint32_t workers_count(struct workers *ws);  /* those that have not left, well or not */
uint32_t workers_usable(struct workers *ws); /* how many could take tasks */

/* ---- with the lock held ---- */

/* A slot of the query that is next by fairness; -1: none now. */
int32_t workers_take(struct workers *ws, uint64_t query, const struct queue_wants *wants,
                     const struct place_wants *place, const uint8_t *locality);
void workers_give(struct workers *ws, uint64_t query, const struct queue_wants *wants,
                  uint32_t worker);
/* One of the driver's own node, a usable one if there is; -1: none. */
int32_t workers_near(const struct workers *ws);
/* What a slot of the usual size is. */
void workers_slot(const struct workers *ws, struct queue_wants *out);
/* A call to the worker broke off. */
void workers_broken(struct workers *ws, uint32_t worker, uint64_t life, bool refused);
void workers_failed(struct workers *ws, uint32_t worker); /* an attempt failed there */

/* JSON array of all workers. */
void workers_put(struct workers *ws, struct buffer *json);

#endif
