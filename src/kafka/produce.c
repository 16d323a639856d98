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
#include "kafka/cluster.h"

enum produce_fate { FATE_OPEN = 0, FATE_COMMITTED, FATE_LOST };

struct produce_wait { /* a replicated partition of an acks=all request */
    struct produce_state *state;
    struct produce_response_partition_responses *out;
    struct kafka_uuid topic_id;
    struct produce_wait *next;
    _Atomic int fate;
};

struct produce_state {
    struct kafka_request *request;
    _Atomic int32_t unflushed; /* partitions, and one for the handler itself */
    struct produce_wait *waits;
    struct loop_timer *timer; /* for waits */
    struct produce_response response;
};

/* L3: what the watermark has not passed may be there or not; the error says so. */
static void
produce_fates(struct produce_state *s)
{
    for (struct produce_wait *w = s->waits; w != NULL; w = w->next) {
        const int fate = atomic_load(&w->fate);
        if (fate == FATE_COMMITTED || w->out->error_code != KE_NONE) {
            continue;
        }
        struct topic *topic = topics_find_id(&s->request->broker->topics, &w->topic_id);
        int16_t code = KE_UNKNOWN_TOPIC_OR_PARTITION;
        if (topic != NULL) {
            struct replica *replica;
            const bool led = partition_led(topic, w->out->index, &replica, &code) != NULL;
            code = !led || fate == FATE_LOST ? KE_NOT_LEADER_OR_FOLLOWER
                   : replica_may_append(replica_core_of(replica), true) == REPLICA_TOO_FEW
                       ? KE_NOT_ENOUGH_REPLICAS_AFTER_APPEND
                       : KE_REQUEST_TIMED_OUT;
        }
        w->out->error_code = code;
        w->out->base_offset = -1;
        w->out->log_append_time_ms = -1;
    }
}

/* All partitions are settled, or (again) after the timeout has answered. */
static void
produce_answer(void *ctx)
{
    struct produce_state *s = ctx;
    struct kafka_request *r = s->request;
    if (s->timer != NULL) {
        loop_timer_cancel(s->timer);
        s->timer = NULL;
    }
    if (!r->done) {
        produce_fates(s);
        request_answer(r, &s->response);
    }
    request_release(r);
}

/* Some have not been settled in the client's time; their completions come later and find it done.
 */
static void
produce_timeout(void *ctx)
{
    struct produce_state *s = ctx;
    s->timer = NULL;
    if (!s->request->done) {
        produce_fates(s);
        request_answer(s->request, &s->response);
    }
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
produce_committed(void *ctx, bool committed)
{
    struct produce_wait *w = ctx;
    atomic_store(&w->fate, committed ? FATE_COMMITTED : FATE_LOST);
    produce_durable(w->state);
}

static void
produce_await(struct produce_state *s, struct topic *topic, struct log *log,
              struct replica *replica, int64_t last_offset,
              struct produce_response_partition_responses *out)
{
    const struct produce_request *request = s->request->in;
    atomic_fetch_add(&s->unflushed, 1);
    if (replica == NULL || request->acks != -1) {
        log_when_durable(log, last_offset, produce_durable, s);
        return;
    }
    struct produce_wait *w = arena_new(&s->request->arena, struct produce_wait);
    w->state = s;
    w->out = out;
    w->topic_id = topic->id;
    w->next = s->waits;
    s->waits = w;
    log_when_committed(log, last_offset, produce_committed, w);
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
    struct replica *replica;
    int16_t code;
    struct log *log = partition_led(topic, in->index, &replica, &code);
    out->index = in->index;
    if (log == NULL) {
        produce_refuse(r, out, code, NULL);
        return;
    }
    if (replica != NULL && request->acks == -1 &&
        replica_may_append(replica_core_of(replica), true) == REPLICA_TOO_FEW) {
        produce_refuse(r, out, KE_NOT_ENOUGH_REPLICAS, NULL);
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
    if (replica != NULL) {
        replica_appended(replica);
    }
    if (request->acks != 0) {
        produce_await(s, topic, log, replica, result.last_offset, out);
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
    } else if (s->waits != NULL) {
        s->timer = loop_after(r->broker->loop, in->timeout_ms > 0 ? in->timeout_ms : 1,
                              produce_timeout, s);
    }
}
