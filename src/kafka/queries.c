/* What other processes of this node ask about topics (sched/wire.h). */
#include <stdio.h>
#include <stdlib.h>

#include "kafka/broker_internal.h"
#include "kafka/cluster.h"

struct log *
kafka_partition(struct kafka_broker *b, const char *name, int32_t partition, struct error *err)
{
    struct topic *topic = topics_find(&b->topics, bytes_of(name));
    int16_t code;
    struct replica *replica;
    struct log *log = partition_led(topic, partition, &replica, &code);
    if (log == NULL && code == KE_NOT_LEADER_OR_FOLLOWER) {
        error_set_code(err, ERROR_UNAVAILABLE, code, "partition %d of topic %s is led elsewhere",
                       partition, name);
    } else if (log == NULL) {
        error_set_code(err, ERROR_ARGUMENT, KE_UNKNOWN_TOPIC_OR_PARTITION,
                       "there is no partition %d of a topic %s", partition, name);
    }
    return log;
}

void
kafka_appended(struct kafka_broker *b, const char *name, int32_t partition)
{
    struct topic *topic = topics_find(&b->topics, bytes_of(name));
    if (topic != NULL && topic->replicas != NULL && topic->replicas[partition] != NULL) {
        replica_appended(topic->replicas[partition]);
    }
}

bool
kafka_leader_address(struct kafka_broker *b, const char *name, int32_t partition, char *out,
                     size_t size)
{
    struct topic *topic = topics_find(&b->topics, bytes_of(name));
    if (topic == NULL || topic->states == NULL || partition < 0 ||
        partition >= topic->partition_count) {
        return false;
    }
    const struct member *m = cluster_member(b->cluster, topic->states[partition].leader);
    if (m == NULL || m->id == (uint32_t)b->node_id || m->peers[MEMBER_STORE][0] == '\0') {
        return false;
    }
    snprintf(out, size, "%s", m->peers[MEMBER_STORE]);
    return true;
}

bool
kafka_topic_create(struct kafka_broker *b, const char *name, int32_t partitions, struct error *err)
{
    const struct topic_wish wish = {.partitions =
                                        partitions > 0 ? partitions : b->partitions_default};
    return topics_create(&b->topics, bytes_of(name), &wish, err) != NULL;
}

bool
kafka_topic_delete(struct kafka_broker *b, const char *name, struct error *err)
{
    struct topic *topic = topics_find(&b->topics, bytes_of(name));
    if (topic == NULL || topic->internal) {
        return error_set_code(err, ERROR_ARGUMENT, KE_UNKNOWN_TOPIC_OR_PARTITION,
                              "there is no topic %s that may be deleted", name);
    }
    groups_forget_topic(b->groups, bytes_of(name));
    return topics_delete(&b->topics, topic, err);
}

/* count, then name, partitions, count of settings, (name, value)... */
void
kafka_topic_list(struct kafka_broker *b, struct buffer *out)
{
    struct topic **all = topics_sorted(&b->topics);
    buffer_uvarint(out, b->topics.count);
    for (size_t i = 0; i < b->topics.count; i++) {
        buffer_lentext(out, all[i]->name);
        buffer_uvarint(out, (uint64_t)all[i]->partition_count);
        buffer_uvarint(out, all[i]->setting_count);
        for (size_t j = 0; j < all[i]->setting_count; j++) {
            buffer_lentext(out, all[i]->settings[j].name);
            buffer_lentext(out, all[i]->settings[j].value);
        }
    }
    free(all);
}

static bool
error_unsupported_here(struct error *err, const char *topic, int32_t partition)
{
    return error_set_code(err, ERROR_UNAVAILABLE, KE_REPLICA_NOT_AVAILABLE,
                          "partition %d of topic %s has no copy on this node: reading it from "
                          "another node is not supported yet",
                          partition, topic);
}

bool
kafka_topic_offsets(struct kafka_broker *b, const char *name, const char *log_dir,
                    struct buffer *out, struct error *err)
{
    struct topic *topic = topics_find(&b->topics, bytes_of(name));
    if (topic == NULL) {
        return error_set_code(err, ERROR_ARGUMENT, KE_UNKNOWN_TOPIC_OR_PARTITION,
                              "there is no topic %s", name);
    }
    buffer_lentext(out, log_dir);
    buffer_uvarint(out, (uint64_t)topic->partition_count);
    for (int32_t i = 0; i < topic->partition_count; i++) {
        if (topic->logs[i] == NULL) {
            return error_unsupported_here(err, name, i);
        }
        /* The start is read first: it never passes a watermark that is read later. */
        const int64_t start = log_start_offset(topic->logs[i]);
        buffer_uvarint(out, (uint64_t)i);
        buffer_uvarint(out, (uint64_t)start);
        buffer_uvarint(out, (uint64_t)log_high_watermark(topic->logs[i]));
        buffer_uvarint(out, (uint64_t)log_bytes(topic->logs[i]));
    }
    return true;
}

/* count, (name, value)...: counters since the start, and what there is now. */
void
kafka_status(struct kafka_broker *b, struct buffer *out)
{
    const struct {
        const char *name;
        uint64_t value;
    } counters[] = {
        {"topics", b->topics.count}, {"connections", b->conn_count},
        {"requests", b->requests},   {"bytes_in", b->bytes_in},
        {"bytes_out", b->bytes_out}, {"records_appended", b->records_appended},
    };
    const size_t count = sizeof counters / sizeof *counters;
    buffer_uvarint(out, count);
    for (size_t i = 0; i < count; i++) {
        buffer_lentext(out, counters[i].name);
        buffer_uvarint(out, counters[i].value);
    }
}
