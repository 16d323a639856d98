/*
 * The Kafka face of the log: unmodified producers, consumers and admin tools speak to it.
 *
 * One loop thread owns the broker: connections, requests under way, topics and groups are touched
 * there only. Logs flush on their own thread and call back through loop_post. Durability first: an
 * answer to acks=1 or all leaves after the flush.
 *
 * The functions behind kafka_broker_start serve other processes of this program (kafka/store.h);
 * they too are called on the loop's thread.
 */
#ifndef WEIR_KAFKA_BROKER_H
#define WEIR_KAFKA_BROKER_H

#include "base/buffer.h"
#include "base/error.h"
#include "base/reader.h"
#include "log/log.h"
#include "net/loop.h"

struct control;
struct members;
struct kafka_broker;

struct kafka_config {
    struct control *control;     /* topics and their settings; borrowed */
    struct members *members;     /* the nodes, of which node_id is this one; borrowed */
    bool several;                /* one of several nodes: partitions are replicated */
    const char *secret;          /* of the cluster */
    const char *advertised_host; /* what clients are told to connect to; NULL: where it listens */
    int32_t advertised_port;     /* 0: the listener's */
    int32_t node_id;
    int32_t partitions_default;     /* num.partitions; 0 = 1 */
    bool auto_create_off;           /* auto.create.topics.enable=false */
    size_t frame_bytes_max;         /* 0 = 100 MiB */
    uint32_t connections_max;       /* 0 = 4096 */
    int64_t group_initial_delay_ms; /* group.initial.rebalance.delay.ms; Kafka's 3000 is a wait for
                                       nothing on one computer, so 0 is the default */
};

/* Takes listen_fd. Loads topics and groups first, so it may take as long as their logs are. */
struct kafka_broker *kafka_broker_start(struct loop *loop, int listen_fd, struct log_set *logs,
                                        const struct kafka_config *config, struct error *err);
/* Closes the listener and all connections; logs stay open. */
void kafka_broker_stop(struct kafka_broker *b);
void
kafka_broker_free(struct kafka_broker *b); /* when the logs are closed and the loop was turned */

/* One of several nodes: members.h's on_change, posted; frames of log/replica.h from other nodes. */
struct frame;
struct frame_peer;
/* After an append to a log of kafka_partition's: other nodes' copies get it. */
void kafka_appended(struct kafka_broker *b, const char *topic, int32_t partition);
/* Where the store of the node listens that leads it; false: unknown now. */
bool kafka_leader_address(struct kafka_broker *b, const char *topic, int32_t partition, char *out,
                          size_t size);
void kafka_members_changed(struct kafka_broker *b);
void kafka_peer_frame(struct kafka_broker *b, struct frame_peer *peer, const struct frame *f);
void kafka_peer_gone(struct kafka_broker *b, struct frame_peer *peer);

bool kafka_topic_create(struct kafka_broker *b, const char *name, int32_t partitions,
                        struct error *err);
bool kafka_topic_delete(struct kafka_broker *b, const char *name, struct error *err);
/* Payloads as sched/wire.h says. */
void kafka_topic_list(struct kafka_broker *b, struct buffer *out);
bool kafka_topic_offsets(struct kafka_broker *b, const char *name, const char *log_dir,
                         struct buffer *out, struct error *err);
void kafka_group_list(struct kafka_broker *b, struct buffer *out);
void kafka_status(struct kafka_broker *b, struct buffer *out);
/* NULL with err set (3) when there is no such partition. */
struct log *kafka_partition(struct kafka_broker *b, const char *topic, int32_t partition,
                            struct error *err);

#endif
