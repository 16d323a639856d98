/*
 * Consumer groups as a state machine: who is a member, which generation, what was assigned, and
 * what was committed. No clock, no socket, no disk: time comes with each call, answers that wait
 * leave by hooks, and the coordinator (groups.c) does the rest.
 *
 *            join                    all joined, or time is up
 *   EMPTY ---------> PREPARING -----------------------------> COMPLETING
 *     ^                ^  ^                                     |  leader's sync
 *     | nobody joined  |  | join, leave, expiry                 v
 *     +----------------+  +--------------------------------- STABLE
 *
 * A join is parked until its round completes, a sync until the leader's assignment is there. What a
 * member lists as protocols and what the leader assigns are opaque bytes. A static member (with an
 * instance id) keeps its place across a restart within its session, without a rebalance.
 * Threads: none; one owner.
 */
#ifndef WEIR_KAFKA_GROUP_CORE_H
#define WEIR_KAFKA_GROUP_CORE_H

#include "base/buffer.h"
#include "kafka/codec.h"

enum { GROUP_MEMBERS_MAX = 10000, GROUP_SESSION_MS_MAX = 1800000 };

enum group_state { GROUP_EMPTY, GROUP_PREPARING, GROUP_COMPLETING, GROUP_STABLE };

struct group_protocol {
    char *name;
    uint8_t *metadata;
    size_t len;
};

struct group_member {
    char *id;
    char *instance_id; /* NULL: dynamic */
    char *client_id;
    char *client_host;
    int32_t session_ms, rebalance_ms;
    struct group_protocol *protocols;
    size_t protocol_count;
    uint8_t *assignment;
    size_t assignment_len;
    int64_t deadline_ms; /* of its session */
    void *join_token;    /* parked; NULL: none */
    int16_t join_version;
    void *sync_token;
    bool synced; /* in this generation */
};

struct group_pending { /* was told its id and has not come with it yet */
    char *id;
    int64_t deadline_ms;
};

struct group_offset {
    char *topic;
    int32_t partition;
    int32_t leader_epoch;
    int64_t offset;
    int64_t commit_ms;
    char *metadata;
};

struct group {
    char *id;
    enum group_state state;
    char *protocol_type; /* NULL: never had members */
    char *protocol;      /* chosen; NULL: none */
    char *leader;        /* member id; NULL: none */
    int32_t generation;
    struct group_member **members;
    size_t member_count, member_capacity;
    struct group_pending *pending;
    size_t pending_count;
    int64_t round_deadline_ms;    /* PREPARING: joins; COMPLETING: syncs */
    int64_t round_earliest_ms;    /* PREPARING from EMPTY: not before */
    struct group_offset *offsets; /* by topic and partition */
    size_t offset_count, offset_capacity;
    struct group *next; /* in its bucket */
};

struct group_join {
    struct bytes group, member_id, instance_id, protocol_type, client_id;
    const char *client_host;
    int32_t session_ms, rebalance_ms;
    const struct group_protocol_view {
        struct bytes name, metadata;
    } * protocols;
    size_t protocol_count;
    int16_t version;
};

struct group_join_answer {
    int16_t error;
    const struct group *group; /* NULL with an error */
    const char *member_id;
    const char *leader;
    bool skip_assignment; /* the leader need not assign: the old assignment holds */
    bool with_members;    /* list the members: this is the leader */
};

struct group_hooks {
    void (*join_answer)(void *ctx, void *token, const struct group_join_answer *a);
    void (*sync_answer)(void *ctx, void *token, int16_t error, const struct group *g,
                        struct bytes assignment);
    void (*changed)(void *ctx, const struct group *g); /* a generation was settled: keep it */
    void (*new_id)(void *ctx, char out[37]);           /* a UUID */
};

enum { GROUP_BUCKETS = 1024 };

struct group_core {
    struct group *buckets[GROUP_BUCKETS];
    size_t count;
    struct group_hooks hooks;
    void *ctx;
    int64_t initial_delay_ms;
};

void group_core_init(struct group_core *c, const struct group_hooks *hooks, void *ctx);
void group_core_release(struct group_core *c);

/* Another node coordinates now: what is parked is answered so, and everything goes. */
void group_core_resign(struct group_core *c);

struct group *group_find(struct group_core *c, struct bytes id);
struct group *group_get(struct group_core *c, struct bytes id); /* made if need be */
void group_remove(struct group_core *c, struct group *g);       /* members' tokens are answered */
const char *group_state_name(const struct group *g);
struct group_member *group_member_find(const struct group *g, struct bytes id);

/* Answered by a hook, maybe before these return. */
void group_core_join(struct group_core *c, const struct group_join *in, void *token,
                     int64_t now_ms);
struct group_sync {
    struct bytes group, member_id, instance_id, protocol_type, protocol;
    int32_t generation;
    const struct group_assignment_view {
        struct bytes member_id, assignment;
    } * assignments;
    size_t assignment_count;
};
void group_core_sync(struct group_core *c, const struct group_sync *in, void *token,
                     int64_t now_ms);
/* The asker of a parked join or sync is gone. */
void group_core_forget_token(struct group_core *c, struct bytes group, const void *token);

int16_t group_core_heartbeat(struct group_core *c, struct bytes group, struct bytes member_id,
                             struct bytes instance_id, int32_t generation, int64_t now_ms);
int16_t group_core_leave(struct group_core *c, struct bytes group, struct bytes member_id,
                         struct bytes instance_id, int64_t now_ms);

/* Whether this commit may be taken now (0, or the error for all its partitions). */
int16_t group_core_commit_check(struct group_core *c, struct bytes group, struct bytes member_id,
                                struct bytes instance_id, int32_t generation, int64_t now_ms);
/* offset -1 removes. */
void group_offset_set(struct group *g, struct bytes topic, int32_t partition,
                      const struct group_offset *value);
const struct group_offset *group_offset_find(const struct group *g, struct bytes topic,
                                             int32_t partition);

/* Sessions and rounds whose time is up. Returns when to come again; INT64_MAX: no need. */
int64_t group_core_tick(struct group_core *c, int64_t now_ms);

/* Loading what was kept: a group with settled members. */
struct group_member *group_member_add(struct group *g, struct bytes id, struct bytes instance_id,
                                      struct bytes client_id, const char *client_host,
                                      int32_t session_ms, int32_t rebalance_ms);
void group_member_protocols_set(struct group_member *m, const struct group_protocol_view *views,
                                size_t count);
void group_member_assign(struct group_member *m, struct bytes assignment);
void group_members_clear(struct group *g);
void group_text_set(char **at, struct bytes text); /* null makes NULL */

#endif
