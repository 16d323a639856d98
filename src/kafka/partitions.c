/* Which log answers for a partition here, and with which of Kafka's errors if none does. */
#include "kafka/broker_internal.h"
#include "kafka/cluster.h"

struct log *
partition_led(struct topic *topic, int32_t partition, struct replica **replica, int16_t *code)
{
    *replica = NULL;
    *code = KE_NONE;
    if (topic == NULL || partition < 0 || partition >= topic->partition_count) {
        *code = KE_UNKNOWN_TOPIC_OR_PARTITION;
        return NULL;
    }
    if (topic->states == NULL) {
        return topic->logs[partition];
    }
    *replica = topic->replicas[partition];
    if (*replica == NULL || replica_core_of(*replica)->role != REPLICA_LEADER) {
        *code = KE_NOT_LEADER_OR_FOLLOWER;
        return NULL;
    }
    return topic->logs[partition];
}

struct log *
partition_asked(struct topic *topic, int32_t partition, int32_t epoch, int16_t *code)
{
    struct replica *replica;
    struct log *log = partition_led(topic, partition, &replica, code);
    if (log == NULL || epoch < 0) {
        return log;
    }
    const int32_t now = log_leader_epoch(log);
    if (epoch == now) {
        return log;
    }
    *code = epoch < now ? KE_FENCED_LEADER_EPOCH : KE_UNKNOWN_LEADER_EPOCH;
    return NULL;
}

bool
partition_settled(struct topic *topic, int32_t partition)
{
    return topic->states == NULL || (topic->replicas[partition] != NULL &&
                                     replica_settled(replica_core_of(topic->replicas[partition])));
}
