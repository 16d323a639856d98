/*
 * Topics as sources and sinks see them: offsets, and where the bytes are.
 *
 * Our own broker (recognised by its address in kafka.bootstrap.servers) is asked through the store
 * process, and its partitions are then read straight from segment files. Any other is asked through
 * librdkafka.
 */
#ifndef WEIR_STREAM_TOPICS_H
#define WEIR_STREAM_TOPICS_H

#include "base/arena.h"
#include "base/error.h"
#include "base/reader.h"
#include "tree/source.h"

struct driver;

struct topic_partition {
    const char *topic;
    int32_t partition;
    int64_t start; /* first offset there is */
    int64_t end;   /* next to be written, as far as readers may see */
};

struct topics {
    struct topic_partition *items;
    uint32_t count;
    const char *log_dir; /* ours: the folder of partition folders; else NULL */
};

/* Is this server list our own broker? */
bool topics_are_ours(struct driver *d, const char *bootstrap);
/* Partitions of the topics that the options name (subscribe, subscribePattern, assign), sorted by
 * topic and partition. */
bool topics_list(struct driver *d, struct arena *a, const struct options *options,
                 struct topics *out, struct error *err);
/* Appends one record batch exactly once; ours only. */
bool topics_append_once(struct driver *d, const char *topic, int32_t partition, uint64_t sink_id,
                        int64_t batch_id, const void *batch, size_t len, struct error *err);
/* Number of partitions of one of our topics; made with one partition when it is not there. */
bool topics_partition_count(struct driver *d, const char *topic, int32_t *count, struct error *err);
/* Where records with this key go, as Java's clients have it: murmur2 of the key. */
int32_t topics_partition_of(struct bytes key, int32_t partition_count);

#endif
