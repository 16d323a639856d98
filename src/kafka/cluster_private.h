/* Between cluster.c (what is here), cluster_topics.c (changes of topics) and controller.c (who
 * leads). */
#ifndef WEIR_KAFKA_CLUSTER_PRIVATE_H
#define WEIR_KAFKA_CLUSTER_PRIVATE_H

#include "kafka/broker_internal.h"
#include "kafka/cluster.h"
#include "kafka/topics_private.h"

enum { CLUSTER_TICK_MS = 250, CLUSTER_HOME_MS = 10000, PARTITION_KEY_MAX = TOPIC_NAME_MAX + 32 };

struct orphan { /* a partition whose topic has not been told yet */
    struct orphan *next;
    char *topic;
    int32_t partition;
    struct partition_state state;
};

struct cluster {
    struct kafka_broker *broker;
    struct topics *topics;
    struct members *membership;
    struct clerk *clerk;
    struct replicas *replicas;
    struct control_watch *topic_watch, *partition_watch;
    struct loop_timer *tick;
    struct orphan *orphans;
    struct member members[MEMBERS_MAX];
    size_t member_count;
    uint32_t controller;
    int64_t members_changed_ms;
    bool deciding, decide_again; /* controller.c */
    bool stopped;
};

void partition_key(char out[PARTITION_KEY_MAX], const char *topic, int32_t partition);
/* A newer state of a partition of a linked topic: opens, closes or tells the replica. */
void cluster_partition_is(struct cluster *c, struct topic *topic, int32_t partition,
                          const struct partition_state *s);
/* Room for partitions up to count, all unknown yet. */
void topic_states_grow(struct topic *topic, int32_t count);
/* Unlinks, closes and deletes what is here of it. */
void cluster_topic_forget(struct cluster *c, struct topic *topic);
size_t cluster_partition_members(const struct cluster *c, struct partition_member out[MEMBERS_MAX]);

/* controller.c */
void controller_decide(struct cluster *c);

#endif
