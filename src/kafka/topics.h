/*
 * The topics of this store: what the control store says of them, and their open logs.
 *
 * A topic is a key "topic/<name>" with id, partition count and settings; the logs follow from it. A
 * change is in the control store before anything is done, and a death in between is made good at
 * the next start: missing logs are made, logs without a topic are removed. Threads: the loop's
 * only.
 */
#ifndef WEIR_KAFKA_TOPICS_H
#define WEIR_KAFKA_TOPICS_H

#include "control/control.h"
#include "kafka/codec.h"
#include "log/log.h"
#include "log/partition_core.h"

struct cluster;
struct replica;

enum { TOPIC_NAME_MAX = 249, TOPIC_PARTITIONS_MAX = 10000, TOPIC_BUCKETS = 4096 };

struct topic_setting {
    char *name;
    char *value;
};

struct topic {
    char *name;
    struct kafka_uuid id;
    int32_t partition_count;
    struct log **logs; /* NULL entries: that partition is on other nodes only */
    /* One of several nodes (kafka/cluster.h); NULL alone: */
    struct partition_state *states;
    struct replica **replicas;      /* as logs */
    struct topic_setting *settings; /* those that differ from the defaults */
    size_t setting_count;
    uint64_t version; /* in the control store */
    bool internal;
    struct topic *next_by_name, *next_by_id;
};

struct topics {
    struct control *control;
    struct cluster *cluster; /* NULL: this node is alone */
    struct log_set *logs;
    struct topic *by_name[TOPIC_BUCKETS];
    struct topic *by_id[TOPIC_BUCKETS];
    size_t count;
};

bool topics_load(struct topics *t, struct control *control, struct log_set *logs,
                 struct cluster *cluster, struct error *err);
void topics_release(struct topics *t); /* the logs stay with their set */

struct topic *topics_find(struct topics *t, struct bytes name);
struct topic *topics_find_id(struct topics *t, const struct kafka_uuid *id);
/* All topics by name; free() the array. */
struct topic **topics_sorted(struct topics *t);
/* NULL: there is no such partition, or it is not on this node. */
struct log *topic_log(struct topic *topic, int32_t partition);

/* err->code is Kafka's number. check_only: says what would happen. */
bool topic_name_check(struct bytes name, struct error *err);
struct topic_wish {
    int32_t partitions;
    int32_t factor; /* copies of each; 0: what is usual for so many nodes */
    const struct topic_setting *settings;
    size_t setting_count;
};
struct topic *topics_create(struct topics *t, struct bytes name, const struct topic_wish *wish,
                            struct error *err);
bool topics_delete(struct topics *t, struct topic *topic, struct error *err);
bool topics_grow(struct topics *t, struct topic *topic, int32_t partitions, struct error *err);
/* Replaces all settings. */
bool topics_configure(struct topics *t, struct topic *topic, const struct topic_setting *settings,
                      size_t setting_count, struct error *err);

/* topic_config.c: what may be set, and what it means for a log. */
enum setting_type { /* DescribeConfigs' numbers */
                    SETTING_BOOLEAN = 1,
                    SETTING_STRING = 2,
                    SETTING_INT = 3,
                    SETTING_LONG = 5,
                    SETTING_DOUBLE = 6,
                    SETTING_LIST = 7,
};
struct setting_kind {
    const char *name;
    const char *initial;
    enum setting_type type;
};
extern const struct setting_kind setting_kinds[];
extern const size_t setting_kind_count;
const struct setting_kind *setting_find(struct bytes name);
bool settings_check(const struct topic_setting *settings, size_t count, struct error *err);
bool setting_check(const struct setting_kind *kind, const char *value, struct error *err);
const char *topic_setting_value(const struct topic_setting *settings, size_t count,
                                const char *name); /* set or default */
void topic_log_config(const struct topic_setting *settings, size_t count, struct log_config *out);

#endif
