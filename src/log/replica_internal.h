/* Between the files of replication: replica.c (a partition), replica_link.c (the follower's side of
 * a pair of nodes), replica_serve.c (the leader's). */
#ifndef WEIR_LOG_REPLICA_INTERNAL_H
#define WEIR_LOG_REPLICA_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>

#include "log/replica.h"

enum { REPLICA_BUCKETS = 1024, REPLICA_TICK_MS = 100, REPLICA_RETRY_MS = 30 };

struct replica_link;

struct replica {
    struct replicas *owner;
    struct replica *next_in_bucket;
    struct replica *next, *previous; /* all of the store's */
    struct replica_id id;
    char *key;
    struct log *log; /* NULL: closed */
    void *user;
    struct replica_core core;
    struct partition_state told; /* the newest state, for a new life of the node */
    bool settled;
    bool persisting;  /* a clerk's job about the epoch is under way */
    bool writing;     /* one about the in-sync set */
    bool asked;       /* in its link's request under way */
    int64_t retry_ms; /* not asked again before */
    _Atomic bool flush_posted;
    int jobs; /* posts and jobs that will come back; freed by replicas_free in any case */
};

struct replica_park { /* a fetch that waits */
    struct replica_park *next;
    struct frame_peer *peer;
    uint32_t request;
    int64_t deadline_ms;
    struct buffer payload;
};

struct replicas {
    struct replicas_config config;
    char *secret;
    struct replica *buckets[REPLICA_BUCKETS];
    struct replica *first;
    struct replica *closed; /* kept until the end: a flush may still speak of them */
    struct replica_link *links;
    struct replica_park *parks;
    struct loop_timer *tick;
    bool wake_posted;
    bool stopped;
};

struct replica *replicas_find(struct replicas *rs, const struct replica_id *id);
/* The log changed: tells the machine, moves the watermark, and says so. */
void replica_facts_changed(struct replica *r);

/* replica_link.c */
void replica_link_pump(struct replicas *rs, uint32_t leader);
void replica_links_stop(struct replicas *rs);
void replica_links_free(struct replicas *rs);

/* replica_serve.c */
void replica_parks_wake(struct replicas *rs);
void replica_parks_due(struct replicas *rs, int64_t now_ms);
void replica_parks_drop(struct replicas *rs);

void replica_id_put(struct buffer *out, const struct replica_id *id);
bool replica_id_read(struct reader *r, struct replica_id *id);

#endif
