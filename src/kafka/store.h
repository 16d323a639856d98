/*
 * The store process: the log, the control store, the Kafka listener, the file store (hdfs/), and a
 * frame server for the
 * other processes of this node (sched/wire.h: WIRE_TOPIC_*, WIRE_APPEND_ONCE, WIRE_GROUP_LIST,
 * WIRE_STORE_STATUS).
 */
#ifndef WEIR_KAFKA_STORE_H
#define WEIR_KAFKA_STORE_H

#include "control/members.h"
#include "kafka/broker.h"

struct store;

struct store_config {
    const char *data_dir;        /* logs under log/, control/, names/ and blocks/ */
    int kafka_fd;                /* listening */
    int frame_fd;                /* listening; -1: none */
    int webhdfs_fd;              /* listening; -1, or no address: no file store */
    const char *webhdfs_address; /* "127.0.0.1:9870": where its redirects lead */
    const char *token;           /* for WebHDFS; NULL: none needed */
    struct kafka_config kafka;   /* control and members are filled in here */
    /* One of several nodes: */
    int peer_fd;               /* listening, for frames of other nodes; 0 or less: none */
    const char *etcd;          /* endpoints; "" or NULL: the control store is local */
    const char *cluster_id;    /* its keys in etcd stand under weir/<cluster_id>/ */
    const char *secret;        /* of the cluster */
    const struct member *self; /* what is registered of this node */
};

/* Recovers what is there, then serves on a thread of its own until store_stop. The descriptors are
 * taken. */
struct store *store_start(const struct store_config *config, struct error *err);
void store_stop(struct store *s); /* closes cleanly: flushed, with clean marks */

#endif
