/*
 * A broker as one of several: which partitions are here, who leads, and what others decide.
 *
 * Topics (`topic/<name>`) and the states of partitions (`partition/<topic>/<n>`, the form of
 * log/partition_core.h) are watched; each node opens the logs that it holds a copy of and lets
 * log/replica.h keep them in step. One node decides who leads (kafka/controller.c). Changes of
 * topics are made by whoever is asked, in one change of the control store where it fits into one.
 *
 * Threads: the loop's. Calls that change topics block it for as long as the control store takes.
 */
#ifndef WEIR_KAFKA_CLUSTER_H
#define WEIR_KAFKA_CLUSTER_H

#include "control/members.h"
#include "kafka/topics.h"
#include "log/replica.h"

struct kafka_broker;
struct cluster;

/* Watches begin with cluster_load. */
struct cluster *cluster_open(struct kafka_broker *b, struct members *members, const char *secret,
                             struct error *err);
bool cluster_load(struct cluster *c, struct error *err); /* of topics_load */
void cluster_stop(struct cluster *c);                    /* nothing calls out any more */
void cluster_free(struct cluster *c);                    /* after the logs are closed */

/* Something about the members changed (members.h's on_change, posted). */
void cluster_members_changed(struct cluster *c);
/* Members as last seen; the array is the cluster's and valid until the loop turns. */
const struct member *cluster_members(const struct cluster *c, size_t *count);
const struct member *cluster_member(const struct cluster *c, uint32_t node);
uint32_t cluster_controller(const struct cluster *c); /* 0: nobody */

/* For topics.c. On failure nothing was linked. */
bool cluster_topic_create(struct cluster *c, struct topic *topic, int32_t factor,
                          struct error *err);
bool cluster_topic_delete(struct cluster *c, struct topic *topic, struct error *err);
bool cluster_topic_grow(struct cluster *c, struct topic *topic, int32_t partitions,
                        struct error *err);
int32_t cluster_factor_usual(const struct cluster *c);

void cluster_frame(struct cluster *c, struct frame_peer *peer, const struct frame *f);
void cluster_peer_gone(struct cluster *c, struct frame_peer *peer);

#endif
