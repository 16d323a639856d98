/*
 * Replicated partitions over real logs: drives log/replica_core.h.
 *
 * One struct replicas a store. Followers fetch: one connection to each node that leads something
 * for us carries one request at a time for all its partitions, which the leader holds back while it
 * has nothing to say (REPLICA_PARK_MS). What came is appended and flushed before the next request
 * reports it (L1). A leader writes changes of its in-sync sets to the control store through the
 * clerk; decisions come in by replica_tell, from whoever watches the keys.
 *
 * Frames (net/frame.h; numbers between stores of nodes):
 *   REPLICA_FRAME_FETCH  node, incarnation, disk text, wait ms, count,
 *                        (topic id 16, partition, request, epoch, offset, last epoch varint,
 *                         watermark known)...
 *     -> last reply: count, (topic id 16, partition, request, epoch, error u8, watermark, start,
 *                            diverged epoch varint, diverged end varint, batches)...
 *   Partitions of which there is nothing to say are left out of the reply.
 *
 * Threads: the loop's only. One thread a link to a leader does the blocking call and nothing else.
 */
#ifndef WEIR_LOG_REPLICA_H
#define WEIR_LOG_REPLICA_H

#include "control/clerk.h"
#include "control/control.h"
#include "log/log.h"
#include "log/replica_core.h"
#include "net/frame.h"

enum {
    REPLICA_FRAME_FETCH = 9,
    REPLICA_PARK_MS = 100,  /* a fetch with nothing to answer waits this long */
    REPLICA_LAG_MS = 10000, /* who lags longer leaves the in-sync set */
    REPLICA_ANSWER_BYTES_MAX = 16 << 20,
    REPLICA_FETCH_PARTITIONS_MAX = 20000,
};

struct replicas;
struct replica;

struct replica_id {
    uint8_t topic[16];
    int32_t partition;
};

struct replicas_config {
    struct loop *loop;
    struct control *control;
    struct clerk *clerk; /* freed before the replicas are */
    struct replica_self self;
    const char *secret;
    /* The role changed, or a leader became settled (its watermark is as new as anybody's). */
    void (*on_role)(void *ctx, struct replica *r);
    void *ctx;
};

struct replicas *replicas_new(const struct replicas_config *config);
/* Ends all links and parked requests; then nothing calls out any more. After the log set is closed,
 * since flushes call in. */
void replicas_stop(struct replicas *rs);
void replicas_free(struct replicas *rs);

/* Where a node's store listens for other nodes; NULL: it is gone. */
void replicas_node(struct replicas *rs, uint32_t node, const char *address);
/* This node registered anew. The states of all partitions are to be told again. */
void replicas_reborn(struct replicas *rs, uint64_t incarnation);

/* key: of the control store. The log is made a replicated one and is borrowed. */
struct replica *replica_open(struct replicas *rs, const struct replica_id *id, const char *key,
                             struct log *log, void *user);
void replica_close(struct replica *r); /* before its log goes */
void replica_tell(struct replica *r, const struct partition_state *s);

const struct replica_core *replica_core_of(const struct replica *r);
void *replica_user(const struct replica *r);
struct log *replica_log_of(const struct replica *r);
/* After an append to a log that is led here: followers that wait get it. */
void replica_appended(struct replica *r);

/* A REPLICA_FRAME_FETCH of another store. The reply leaves later. */
void replicas_frame(struct replicas *rs, struct frame_peer *peer, const struct frame *f);
void replicas_peer_gone(struct replicas *rs, struct frame_peer *peer);

#endif
