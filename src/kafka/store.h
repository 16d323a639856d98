/*
 * The store process: the log, the control store, the Kafka listener, and a frame server for the
 * other processes of this node (sched/wire.h: WIRE_TOPIC_*, WIRE_APPEND_ONCE, WIRE_GROUP_LIST,
 * WIRE_STORE_STATUS).
 */
#ifndef WEIR_KAFKA_STORE_H
#define WEIR_KAFKA_STORE_H

#include "kafka/broker.h"

struct store;

struct store_config {
    const char *data_dir;      /* logs under log/, the control store under control/ */
    int kafka_fd;              /* listening */
    int frame_fd;              /* listening; -1: none */
    struct kafka_config kafka; /* control is filled in here */
};

/* Recovers what is there, then serves on a thread of its own until store_stop. The descriptors are
 * taken. */
struct store *store_start(const struct store_config *config, struct error *err);
void store_stop(struct store *s); /* closes cleanly: flushed, with clean marks */

#endif
