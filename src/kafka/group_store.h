/*
 * Groups and offsets on disk: records in the internal topic __consumer_offsets, in Kafka's own form
 * (offset commits and group metadata), so that tools that read that topic understand it.
 *
 * The state is what the records say, in order. Instead of compaction: when the log has grown far
 * over what is alive, everything alive is written once more and the log starts there.
 */
#ifndef WEIR_KAFKA_GROUP_STORE_H
#define WEIR_KAFKA_GROUP_STORE_H

#include "kafka/group_core.h"
#include "log/log.h"

struct group_record { /* one to be appended */
    struct buffer key;
    struct buffer value;
    bool tombstone;
};

void group_record_release(struct group_record *r);
/* value NULL: the offset is gone. */
void group_record_offset(struct group_record *out, struct bytes group, struct bytes topic,
                         int32_t partition, const struct group_offset *value);
void group_record_group(struct group_record *out, const struct group *g, bool gone, int64_t now_ms);

/* Applies a record read back. False: it is not one of ours. */
bool group_record_apply(struct group_core *c, struct bytes key, struct bytes value, int64_t now_ms);

/* Appends records as one batch. */
bool group_records_append(struct log *log, const struct group_record *records, size_t count,
                          int64_t now_ms, struct log_append_result *out, struct error *err);

#endif
