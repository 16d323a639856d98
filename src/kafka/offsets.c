/* What offsets a partition has: by time, by epoch; and moving its start; and ids for producers. */
#include <stdlib.h>

#include "base/trace.h"
#include "kafka/broker_internal.h"

enum {
    TIME_LATEST = -1,
    TIME_EARLIEST = -2,
    TIME_MAX = -3,
    TIME_EARLIEST_LOCAL = -4,
    TIME_LATEST_TIERED = -5,
    TIME_EARLIEST_PENDING_UPLOAD = -6,
    PRODUCER_ID_BLOCK = 1000,
    PRODUCER_ID_TRIES = 10,
};

static void
list_offset(struct log *log, const struct list_offsets_request_partitions *in,
            struct list_offsets_response_partitions *out, struct error *err)
{
    out->leader_epoch = log_leader_epoch(log);
    switch (in->timestamp) {
    case TIME_LATEST:
        out->offset = log_high_watermark(log);
        break;
    case TIME_EARLIEST:
    case TIME_EARLIEST_LOCAL:
        out->offset = log_start_offset(log);
        break;
    case TIME_MAX:
        log_offset_for_max_time(log, &out->offset, &out->timestamp, err);
        break;
    case TIME_LATEST_TIERED:
    case TIME_EARLIEST_PENDING_UPLOAD:
        break; /* nothing is tiered: -1 */
    default:
        if (in->timestamp < 0) {
            error_set_code(err, ERROR_ARGUMENT, KE_UNSUPPORTED_VERSION, "time %lld is not known",
                           (long long)in->timestamp);
        } else {
            log_offset_for_time(log, in->timestamp, &out->offset, &out->timestamp, err);
        }
    }
    if (out->offset < 0) {
        out->leader_epoch = -1;
    }
}

void
handle_list_offsets(struct kafka_request *r)
{
    const struct list_offsets_request *in = r->in;
    struct list_offsets_response out;
    kafka_init(r->api->response, &out);
    out.topics_count = in->topics_count;
    out.topics =
        kafka_items(&r->arena, &list_offsets_response_topics_table, (size_t)in->topics_count);
    for (int32_t i = 0; i < in->topics_count; i++) {
        struct topic *topic = topics_find(&r->broker->topics, in->topics[i].name);
        struct list_offsets_response_topics *answer = &out.topics[i];
        answer->name = in->topics[i].name;
        answer->partitions_count = in->topics[i].partitions_count;
        answer->partitions = kafka_items(&r->arena, &list_offsets_response_partitions_table,
                                         (size_t)answer->partitions_count);
        for (int32_t j = 0; j < answer->partitions_count; j++) {
            const struct list_offsets_request_partitions *asked = &in->topics[i].partitions[j];
            struct list_offsets_response_partitions *p = &answer->partitions[j];
            struct error err = {0};
            struct log *log = partition_asked(topic, asked->partition_index,
                                              asked->current_leader_epoch, &p->error_code);
            p->partition_index = asked->partition_index;
            if (log == NULL) {
                continue;
            }
            if (asked->timestamp == TIME_LATEST && !partition_settled(topic, p->partition_index)) {
                p->error_code = r->version >= 5 ? KE_OFFSET_NOT_AVAILABLE : KE_LEADER_NOT_AVAILABLE;
                continue;
            }
            list_offset(log, asked, p, &err);
            if (error_is_set(&err)) {
                trace(TRACE_WARN, "kafka", "list offsets of %s: %s", topic->name, error_text(&err));
                p->error_code = error_code_of(&err);
                error_clear(&err);
            }
        }
    }
    request_answer(r, &out);
}

void
handle_offset_for_leader_epoch(struct kafka_request *r)
{
    const struct offset_for_leader_epoch_request *in = r->in;
    struct offset_for_leader_epoch_response out;
    kafka_init(r->api->response, &out);
    out.topics_count = in->topics_count;
    out.topics = kafka_items(&r->arena, &offset_for_leader_epoch_response_topics_table,
                             (size_t)in->topics_count);
    for (int32_t i = 0; i < in->topics_count; i++) {
        struct topic *topic = topics_find(&r->broker->topics, in->topics[i].topic);
        struct offset_for_leader_epoch_response_topics *answer = &out.topics[i];
        answer->topic = in->topics[i].topic;
        answer->partitions_count = in->topics[i].partitions_count;
        answer->partitions =
            kafka_items(&r->arena, &offset_for_leader_epoch_response_partitions_table,
                        (size_t)answer->partitions_count);
        for (int32_t j = 0; j < answer->partitions_count; j++) {
            const int32_t partition = in->topics[i].partitions[j].partition;
            struct log *log =
                partition_asked(topic, partition, in->topics[i].partitions[j].current_leader_epoch,
                                &answer->partitions[j].error_code);
            answer->partitions[j].partition = partition;
            if (log != NULL) {
                log_epoch_end(log, in->topics[i].partitions[j].leader_epoch,
                              &answer->partitions[j].leader_epoch,
                              &answer->partitions[j].end_offset);
            }
        }
    }
    request_answer(r, &out);
}

static void
delete_records(struct log *log, int64_t offset, struct delete_records_response_partitions *out)
{
    struct error err = {0};
    const int64_t to = offset == -1 ? log_high_watermark(log) : offset;
    if (!log_truncate_before(log, to, &err)) {
        out->error_code = error_code_of(&err);
        out->low_watermark = -1;
        error_clear(&err);
        return;
    }
    out->low_watermark = log_start_offset(log);
}

void
handle_delete_records(struct kafka_request *r)
{
    const struct delete_records_request *in = r->in;
    struct delete_records_response out;
    kafka_init(r->api->response, &out);
    out.topics_count = in->topics_count;
    out.topics =
        kafka_items(&r->arena, &delete_records_response_topics_table, (size_t)in->topics_count);
    for (int32_t i = 0; i < in->topics_count; i++) {
        struct topic *topic = topics_find(&r->broker->topics, in->topics[i].name);
        struct delete_records_response_topics *answer = &out.topics[i];
        answer->name = in->topics[i].name;
        answer->partitions_count = in->topics[i].partitions_count;
        answer->partitions = kafka_items(&r->arena, &delete_records_response_partitions_table,
                                         (size_t)answer->partitions_count);
        for (int32_t j = 0; j < answer->partitions_count; j++) {
            const int32_t partition = in->topics[i].partitions[j].partition_index;
            struct log *log = partition_asked(topic != NULL && topic->internal ? NULL : topic,
                                              partition, -1, &answer->partitions[j].error_code);
            answer->partitions[j].partition_index = partition;
            answer->partitions[j].low_watermark = -1;
            if (log != NULL) {
                delete_records(log, in->topics[i].partitions[j].offset, &answer->partitions[j]);
            }
        }
    }
    request_answer(r, &out);
}

/* Ids are never given twice, also not after a crash: a block is reserved before one is used. */
static bool
producer_id_take(struct kafka_broker *b, int64_t *id, struct error *err)
{
    for (int tries = 0; b->producer_id_next == b->producer_id_end; tries++) {
        struct buffer value = {0};
        uint64_t version;
        int64_t next = 0;
        const bool known = control_get(b->control, "producer/next", &value, &version, err);
        if (value.len == 8) {
            memcpy(&next, value.ptr, 8);
        }
        buffer_release(&value);
        const int64_t end = next + PRODUCER_ID_BLOCK;
        const struct control_change change = {
            .key = "producer/next", .version_expected = version, .value = &end, .len = 8};
        if (!known) {
            return false;
        }
        if (control_apply(b->control, &change, 1, NULL, err)) {
            b->producer_id_next = next;
            b->producer_id_end = end;
        } else if (err->code == CONTROL_CONFLICT && tries < PRODUCER_ID_TRIES) {
            error_clear(err); /* another node took that block */
        } else {
            return false;
        }
    }
    *id = b->producer_id_next++;
    return true;
}

void
handle_init_producer_id(struct kafka_request *r)
{
    const struct init_producer_id_request *in = r->in;
    struct init_producer_id_response out;
    struct error err = {0};
    kafka_init(r->api->response, &out);
    out.producer_epoch = -1;
    if (in->transactional_id.ptr != NULL) {
        trace(TRACE_WARN, "kafka",
              "a transactional producer was refused: transactions are not "
              "supported yet");
        out.error_code = KE_TRANSACTIONAL_ID_AUTHORIZATION_FAILED;
    } else if (in->producer_id >= 0 && in->producer_epoch >= 0 && in->producer_epoch < INT16_MAX) {
        out.producer_id = in->producer_id; /* an idempotent producer asks for its next epoch */
        out.producer_epoch = (int16_t)(in->producer_epoch + 1);
    } else if (producer_id_take(r->broker, &out.producer_id, &err)) {
        out.producer_epoch = 0;
    } else {
        trace(TRACE_ERROR, "kafka", "no producer id: %s", error_text(&err));
        out.error_code = KE_COORDINATOR_NOT_AVAILABLE;
        error_clear(&err);
    }
    request_answer(r, &out);
}
