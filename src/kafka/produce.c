/*
 * Produce: append each partition's batch, then answer when all of them are durable.
 *
 * The happy path touches the bytes once for the CRC and once for the page cache; the flush is
 * shared with every other request of the moment (log_flush.c). acks=0 gets no answer, and an error
 * there closes the connection, which is the only way left to tell.
 */
#include <assert.h>
#include <stdlib.h>

#include "base/trace.h"
#include "kafka/broker_internal.h"

struct produce_state {
    struct kafka_request *request;
    _Atomic int32_t unflushed; /* partitions, and one for the handler itself */
    struct produce_response response;
};

static void
produce_answer(void *ctx)
{
    struct produce_state *s = ctx;
    struct kafka_request *r = s->request;
    request_answer(r, &s->response);
    request_release(r);
}

/* On the flusher's thread, or at once on the loop's. */
static void
produce_durable(void *ctx)
{
    struct produce_state *s = ctx;
    if (atomic_fetch_sub(&s->unflushed, 1) == 1) {
        loop_post(s->request->broker->loop, produce_answer, s);
    }
}

static void
produce_refuse(struct kafka_request *r, struct produce_response_partition_responses *out,
               int16_t code, const char *text)
{
    out->error_code = code;
    out->base_offset = -1;
    out->error_message = text != NULL ? request_text(r, text) : (struct bytes){0};
}

static void
produce_partition(struct produce_state *s, struct topic *topic,
                  const struct produce_request_partition_data *in,
                  struct produce_response_partition_responses *out)
{
    struct kafka_request *r = s->request;
    const struct produce_request *request = r->in;
    struct log *log = topic_log(topic, in->index);
    out->index = in->index;
    if (log == NULL) {
        produce_refuse(r, out, KE_UNKNOWN_TOPIC_OR_PARTITION, NULL);
        return;
    }
    if (topic->internal) {
        produce_refuse(r, out, KE_INVALID_TOPIC_EXCEPTION, "internal topics are not for clients");
        return;
    }
    if (in->records.ptr == NULL || in->records.len == 0) {
        produce_refuse(r, out, KE_INVALID_RECORD, "no records");
        return;
    }
    struct error err = {0};
    struct log_append_result result;
    /* The bytes are the connection's input, which nobody reads again: they may be patched. */
    uint8_t *batches = (uint8_t *)(uintptr_t)in->records.ptr;
    if (!log_append(log, batches, in->records.len, LOG_FROM_CLIENT, &result, &err)) {
        const bool disk = err.kind == ERROR_SYSTEM;
        trace(disk ? TRACE_ERROR : TRACE_DEBUG, "kafka", "produce to %s-%d: %s", topic->name,
              in->index, error_text(&err));
        produce_refuse(r, out, disk ? KE_KAFKA_STORAGE_ERROR : error_code_of(&err),
                       error_text(&err));
        error_clear(&err);
        return;
    }
    out->base_offset = result.base_offset;
    out->log_append_time_ms = result.append_time_ms;
    out->log_start_offset = result.log_start_offset;
    r->broker->records_appended += (uint64_t)(result.last_offset - result.base_offset + 1);
    if (request->acks != 0) {
        atomic_fetch_add(&s->unflushed, 1);
        log_when_durable(log, result.last_offset, produce_durable, s);
    }
}

static void
produce_topic(struct produce_state *s, const struct produce_request_topic_data *in,
              struct produce_response_responses *out)
{
    struct kafka_request *r = s->request;
    const struct produce_request *request = r->in;
    struct topic *topic;
    int16_t code = KE_NONE;
    if (r->version >= 13) {
        topic = topics_find_id(&r->broker->topics, &in->topic_id);
        code = topic != NULL ? KE_NONE : KE_UNKNOWN_TOPIC_ID;
        out->topic_id = in->topic_id;
    } else {
        topic = topics_find(&r->broker->topics, in->name);
        code = topic != NULL ? KE_NONE : KE_UNKNOWN_TOPIC_OR_PARTITION;
        /* The frame is gone when the answer is made, so the name is copied. */
        out->name.ptr = arena_copy(&r->arena, in->name.ptr, in->name.len);
        out->name.len = in->name.len;
    }
    if (request->transactional_id.ptr != NULL) {
        code = KE_INVALID_TXN_STATE;
    } else if (request->acks < -1 || request->acks > 1) {
        code = KE_INVALID_REQUIRED_ACKS;
    }
    out->partition_responses_count = in->partition_data_count;
    out->partition_responses = kafka_items(&r->arena, &produce_response_partition_responses_table,
                                           (size_t)in->partition_data_count);
    for (int32_t i = 0; i < in->partition_data_count; i++) {
        if (code == KE_NONE) {
            produce_partition(s, topic, &in->partition_data[i], &out->partition_responses[i]);
        } else {
            out->partition_responses[i].index = in->partition_data[i].index;
            produce_refuse(r, &out->partition_responses[i], code,
                           code == KE_INVALID_TXN_STATE ? "transactions are not supported yet"
                                                        : NULL);
        }
    }
}

static bool
produce_failed(const struct produce_response *response)
{
    for (int32_t i = 0; i < response->responses_count; i++) {
        const struct produce_response_responses *topic = &response->responses[i];
        for (int32_t j = 0; j < topic->partition_responses_count; j++) {
            if (topic->partition_responses[j].error_code != KE_NONE) {
                return true;
            }
        }
    }
    return false;
}

void
handle_produce(struct kafka_request *r)
{
    const struct produce_request *in = r->in;
    struct produce_state *s = arena_new(&r->arena, struct produce_state);
    s->request = r;
    atomic_init(&s->unflushed, 1);
    kafka_init(r->api->response, &s->response);
    s->response.responses_count = in->topic_data_count;
    s->response.responses =
        kafka_items(&r->arena, &produce_response_responses_table, (size_t)in->topic_data_count);
    request_retain(r); /* for produce_answer */
    for (int32_t i = 0; i < in->topic_data_count; i++) {
        produce_topic(s, &in->topic_data[i], &s->response.responses[i]);
    }
    if (in->acks == 0) {
        if (produce_failed(&s->response)) {
            conn_close(r->conn->conn);
        }
        request_answer_none(r);
        request_release(r);
        return;
    }
    if (atomic_fetch_sub(&s->unflushed, 1) == 1) {
        produce_answer(s);
    }
}
