/*
 * Fetch: find the bytes, promise them by sendfile, or wait until there are enough.
 *
 * A fetch is looked at when it comes, whenever a watermark that it cares about passes (log waiters,
 * from the flusher's thread by a post), and a last time when its patience ends. Its views hold the
 * segments; nothing is copied. Sessions are not kept: answering id 0 makes each fetch a full one.
 *
 * Holds on the request: one for the arming, which the post of the first waker takes over.
 */
#include <assert.h>
#include <stdlib.h>

#include "kafka/broker_internal.h"

enum { FETCH_BYTES_MAX = 64 << 20, FETCH_WAIT_MS_MAX = 300000 };

struct fetch_state {
    struct kafka_request *request;
    struct fetch_response response;
    struct log_waiter **waiters;
    size_t waiter_count, waiter_capacity;
    struct loop_timer *timer;
    _Atomic bool woken; /* a post is on its way; set by any thread */
    bool armed;
    int64_t deadline_ms;
};

static void fetch_look(struct fetch_state *s, bool last);

static void
fetch_views_drop(struct kafka_request *r)
{
    for (size_t i = 0; i < r->view_count; i++) {
        log_view_release(&r->views[i]);
    }
    r->view_count = 0;
}

/* One partition's share; budget shrinks by what it takes. */
static void
fetch_partition(struct fetch_state *s, struct log *log, const struct fetch_request_partitions *in,
                struct fetch_response_partitions *out, int64_t *budget, bool first)
{
    struct kafka_request *r = s->request;
    struct error err = {0};
    struct log_view view;
    int64_t limit = in->partition_max_bytes < *budget ? in->partition_max_bytes : *budget;
    out->high_watermark = out->last_stable_offset = log_high_watermark(log);
    out->log_start_offset = log_start_offset(log);
    if (limit <= 0 && !first) {
        return;
    }
    if (!log_read(log, in->fetch_offset, limit > 0 ? (size_t)limit : 0, &view, &err)) {
        out->error_code = err.kind == ERROR_SYSTEM ? KE_KAFKA_STORAGE_ERROR : error_code_of(&err);
        out->high_watermark = out->last_stable_offset = -1;
        error_clear(&err);
        return;
    }
    /* Only the first batch of an answer may be over the limit, so that a reader always moves. */
    if (view.len == 0 || (!first && (int64_t)view.len > limit)) {
        log_view_release(&view);
        return;
    }
    r->views[r->view_count++] = view;
    out->records = (struct bytes){kafka_hole, view.len};
    *budget -= (int64_t)view.len;
}

static struct topic *
fetch_topic(struct kafka_request *r, const struct fetch_request_topics *in)
{
    return r->version >= 13 ? topics_find_id(&r->broker->topics, &in->topic_id)
                            : topics_find(&r->broker->topics, in->topic);
}

/* Fills the answer anew. Returns the bytes found; *failed when an error is worth answering now. */
static int64_t
fetch_fill(struct fetch_state *s, bool *failed)
{
    struct kafka_request *r = s->request;
    const struct fetch_request *in = r->in;
    int64_t limit = in->max_bytes < FETCH_BYTES_MAX ? in->max_bytes : FETCH_BYTES_MAX;
    const int64_t start = limit = limit < 0 ? 0 : limit;
    *failed = false;
    fetch_views_drop(r);
    for (int32_t i = 0; i < in->topics_count; i++) {
        struct topic *topic = fetch_topic(r, &in->topics[i]);
        for (int32_t j = 0; j < in->topics[i].partitions_count; j++) {
            const struct fetch_request_partitions *asked = &in->topics[i].partitions[j];
            struct fetch_response_partitions *out = &s->response.responses[i].partitions[j];
            int16_t code;
            struct log *log =
                partition_asked(topic, asked->partition, asked->current_leader_epoch, &code);
            kafka_init(&fetch_response_partitions_table, out);
            out->partition_index = asked->partition;
            out->aborted_transactions_count = -1;
            out->records = (struct bytes){(const uint8_t *)"", 0};
            if (log != NULL) {
                fetch_partition(s, log, asked, out, &limit, r->view_count == 0);
            } else {
                out->high_watermark = -1;
                out->error_code = topic == NULL && r->version >= 13 ? KE_UNKNOWN_TOPIC_ID : code;
            }
            *failed |= out->error_code != KE_NONE;
        }
    }
    return start - limit;
}

/* No waiter will post after this; the hold goes unless a post is already on its way with it. */
static void
fetch_disarm(struct fetch_state *s)
{
    if (!s->armed) {
        return;
    }
    s->armed = false;
    for (size_t i = 0; i < s->waiter_count; i++) {
        log_wait_cancel(s->waiters[i]);
    }
    s->waiter_count = 0;
    if (s->timer != NULL) {
        loop_timer_cancel(s->timer);
        s->timer = NULL;
    }
    if (!atomic_load(&s->woken)) {
        request_release(s->request);
    }
}

static void
fetch_woken(void *ctx)
{
    struct fetch_state *s = ctx;
    struct kafka_request *r = s->request;
    request_retain(r);
    const bool waiting = s->armed;
    fetch_disarm(s);
    request_release(r); /* the hold that came with the post */
    if (waiting && !r->done && r->conn != NULL) {
        fetch_look(s, false);
    }
    request_release(r);
}

/* On the flusher's thread, or on the loop's during the arming. */
static void
fetch_wake(void *ctx)
{
    struct fetch_state *s = ctx;
    if (!atomic_exchange(&s->woken, true)) {
        loop_post(s->request->broker->loop, fetch_woken, s);
    }
}

static void
fetch_timeout(void *ctx)
{
    struct fetch_state *s = ctx;
    struct kafka_request *r = s->request;
    request_retain(r);
    s->timer = NULL;
    fetch_disarm(s);
    if (!r->done && r->conn != NULL) {
        fetch_look(s, true);
    }
    request_release(r);
}

static void
fetch_gone(struct kafka_request *r)
{
    fetch_disarm(r->state);
}

static void
fetch_arm(struct fetch_state *s, int64_t wait_ms)
{
    struct kafka_request *r = s->request;
    const struct fetch_request *in = r->in;
    atomic_store(&s->woken, false);
    s->armed = true;
    request_retain(r);
    s->timer = loop_after(r->broker->loop, wait_ms, fetch_timeout, s);
    for (int32_t i = 0; i < in->topics_count; i++) {
        struct topic *topic = fetch_topic(r, &in->topics[i]);
        for (int32_t j = 0; topic != NULL && j < in->topics[i].partitions_count; j++) {
            struct log *log = topic_log(topic, in->topics[i].partitions[j].partition);
            const int64_t seen = s->response.responses[i].partitions[j].high_watermark;
            if (log != NULL) {
                s->waiters[s->waiter_count++] = log_wait(log, seen, fetch_wake, s);
            }
        }
    }
}

static void
fetch_look(struct fetch_state *s, bool last)
{
    struct kafka_request *r = s->request;
    const struct fetch_request *in = r->in;
    bool failed = false;
    const int64_t found = fetch_fill(s, &failed);
    const int64_t left_ms = s->deadline_ms - env_mono_ms(&env_real);
    if (last || failed || found >= in->min_bytes || left_ms <= 0 || s->waiter_capacity == 0) {
        request_answer(r, &s->response);
        return;
    }
    fetch_views_drop(r);
    fetch_arm(s, left_ms);
}

void
handle_fetch(struct kafka_request *r)
{
    const struct fetch_request *in = r->in;
    struct fetch_state *s = arena_new(&r->arena, struct fetch_state);
    s->request = r;
    kafka_init(r->api->response, &s->response);
    if (in->session_id != 0) {
        s->response.error_code = KE_FETCH_SESSION_ID_NOT_FOUND;
        request_answer(r, &s->response);
        return;
    }
    s->response.responses_count = in->topics_count;
    s->response.responses =
        kafka_items(&r->arena, &fetch_response_responses_table, (size_t)in->topics_count);
    for (int32_t i = 0; i < in->topics_count; i++) {
        struct fetch_response_responses *out = &s->response.responses[i];
        out->topic = in->topics[i].topic;
        out->topic_id = in->topics[i].topic_id;
        out->partitions_count = in->topics[i].partitions_count;
        out->partitions =
            kafka_items(&r->arena, &fetch_response_partitions_table, (size_t)out->partitions_count);
        s->waiter_capacity += (size_t)out->partitions_count;
    }
    s->waiters = arena_new_array(&r->arena, struct log_waiter *, s->waiter_capacity + 1);
    r->views = arena_new_array(&r->arena, struct log_view, s->waiter_capacity + 1);
    r->state = s;
    r->on_gone = fetch_gone;
    int64_t wait_ms = in->max_wait_ms;
    wait_ms = wait_ms < 0 ? 0 : wait_ms > FETCH_WAIT_MS_MAX ? FETCH_WAIT_MS_MAX : wait_ms;
    s->deadline_ms = env_mono_ms(&env_real) + wait_ms;
    fetch_look(s, wait_ms == 0);
}
