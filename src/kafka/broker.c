/*
 * Connections, frames and the order of answers.
 *
 * A frame is an int32 size and a request; the header says which API and version, the tables say how
 * to read the rest. What is not a request that we know in a version that we know closes the
 * connection, as the real broker does, except for ApiVersions: an unknown version of it is answered
 * in the form of version 0, so that a newer client can come down.
 */
#include "kafka/broker.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/trace.h"
#include "kafka/broker_internal.h"
#include "kafka/cluster.h"

enum {
    REQUESTS_UNDER_WAY_MAX = 512, /* a connection; then its input waits */
    QUEUED_BYTES_MAX = 64 << 20,  /* the same for its output */
    FRAME_BYTES_DEFAULT = 100 << 20,
    CONNECTIONS_DEFAULT = 4096,
};

static void *
broker_alloc(void *p)
{
    if (p == NULL) {
        env_real.ops->fatal(&env_real, "out of memory for a Kafka request");
    }
    return p;
}

static const struct {
    int16_t key;
    void (*handle)(struct kafka_request *r);
    bool borrows; /* reads its frame only during the call, so the frame is not copied */
} handlers[] = {
    {KAFKA_PRODUCE, handle_produce, true},
    {KAFKA_FETCH, handle_fetch, false},
    {KAFKA_LIST_OFFSETS, handle_list_offsets, false},
    {KAFKA_METADATA, handle_metadata, false},
    {KAFKA_OFFSET_COMMIT, handle_offset_commit, false},
    {KAFKA_OFFSET_FETCH, handle_offset_fetch, false},
    {KAFKA_FIND_COORDINATOR, handle_find_coordinator, false},
    {KAFKA_JOIN_GROUP, handle_join_group, false},
    {KAFKA_HEARTBEAT, handle_heartbeat, false},
    {KAFKA_LEAVE_GROUP, handle_leave_group, false},
    {KAFKA_SYNC_GROUP, handle_sync_group, false},
    {KAFKA_DESCRIBE_GROUPS, handle_describe_groups, false},
    {KAFKA_LIST_GROUPS, handle_list_groups, false},
    {KAFKA_SASL_HANDSHAKE, handle_sasl_handshake, false},
    {KAFKA_API_VERSIONS, handle_api_versions, false},
    {KAFKA_CREATE_TOPICS, handle_create_topics, false},
    {KAFKA_DELETE_TOPICS, handle_delete_topics, false},
    {KAFKA_DELETE_RECORDS, handle_delete_records, false},
    {KAFKA_INIT_PRODUCER_ID, handle_init_producer_id, false},
    {KAFKA_OFFSET_FOR_LEADER_EPOCH, handle_offset_for_leader_epoch, false},
    {KAFKA_DESCRIBE_CONFIGS, handle_describe_configs, false},
    {KAFKA_ALTER_CONFIGS, handle_alter_configs, false},
    {KAFKA_CREATE_PARTITIONS, handle_create_partitions, false},
    {KAFKA_DELETE_GROUPS, handle_delete_groups, false},
    {KAFKA_INCREMENTAL_ALTER_CONFIGS, handle_incremental_alter_configs, false},
    {KAFKA_OFFSET_DELETE, handle_offset_delete, false},
    {KAFKA_DESCRIBE_CLUSTER, handle_describe_cluster, false},
};

void
request_retain(struct kafka_request *r)
{
    r->holds++;
}

void
request_release(struct kafka_request *r)
{
    assert(r->holds > 0);
    if (--r->holds > 0) {
        return;
    }
    for (size_t i = r->views_queued; i < r->view_count; i++) {
        log_view_release(&r->views[i]);
    }
    buffer_release(&r->out);
    kafka_holes_release(&r->holes);
    arena_release(&r->arena);
    free(r->frame);
    free(r);
}

struct bytes
request_text(struct kafka_request *r, const char *text)
{
    return bytes_of(arena_strdup(&r->arena, text));
}

/* A segment's hold that lives until its bytes are with the kernel. */
static void
view_sent(void *ctx)
{
    struct log_view *view = ctx;
    log_view_release(view);
    free(view);
}

static void
request_send(struct kafka_conn *c, struct kafka_request *r)
{
    size_t total = r->out.len - 4;
    for (size_t i = 0; i < r->holes.count; i++) {
        total += r->holes.len[i];
    }
    const uint32_t size = __builtin_bswap32((uint32_t)total);
    memcpy(r->out.ptr, &size, 4);
    c->broker->bytes_out += total + 4;
    if (r->holes.count == 0) {
        if (r->out.len < 4096) {
            conn_write(c->conn, r->out.ptr, r->out.len);
        } else {
            conn_write_owned(c->conn, r->out.ptr, r->out.len);
            r->out = (struct buffer){0};
        }
        return;
    }
    size_t at = 0;
    for (size_t i = 0; i < r->holes.count; i++) {
        conn_write(c->conn, r->out.ptr + at, r->holes.at[i] - at);
        at = r->holes.at[i];
        struct log_view *view = broker_alloc(malloc(sizeof *view));
        *view = r->views[i];
        r->views_queued = i + 1;
        conn_write_file(c->conn, view->fd, view->position, r->holes.len[i], view_sent, view);
    }
    conn_write(c->conn, r->out.ptr + at, r->out.len - at);
}

static bool
conn_has_room(const struct kafka_conn *c)
{
    return c->under_way < REQUESTS_UNDER_WAY_MAX && conn_queued(c->conn) < QUEUED_BYTES_MAX;
}

static void
conn_flow(struct kafka_conn *c)
{
    const bool pause = !conn_has_room(c);
    if (pause != c->paused && !c->finishing) {
        c->paused = pause;
        conn_pause(c->conn, pause);
    }
}

/* Sends every answer that no elder one holds up. */
static void
conn_send_due(struct kafka_conn *c)
{
    while (c->first != NULL && c->first->done) {
        struct kafka_request *r = c->first;
        c->first = r->next;
        if (c->first == NULL) {
            c->last = NULL;
        }
        c->under_way--;
        if (!r->silent) {
            request_send(c, r);
        }
        request_release(r);
    }
    conn_flow(c);
}

void
request_answer(struct kafka_request *r, const void *response)
{
    assert(!r->done);
    r->done = true;
    if (r->conn == NULL) {
        return;
    }
    buffer_clear(&r->out);
    buffer_be32(&r->out, 0);
    buffer_be32(&r->out, (uint32_t)r->correlation);
    if (r->flexible && r->api->key != KAFKA_API_VERSIONS) {
        buffer_u8(&r->out, 0); /* no tags in the header */
    }
    kafka_encode(&r->out, r->api->response, r->version, r->flexible, response, &r->holes);
    if (r->out.overflow) {
        trace(TRACE_ERROR, "kafka", "an answer to %s is too large", r->api->name);
        conn_close(r->conn->conn);
        return;
    }
    conn_send_due(r->conn);
}

void
request_answer_none(struct kafka_request *r)
{
    assert(!r->done);
    r->done = true;
    r->silent = true;
    if (r->conn != NULL) {
        conn_send_due(r->conn);
    }
}

void
handle_sasl_handshake(struct kafka_request *r)
{
    /* No listener of this broker asks for authentication; saying so beats a closed connection. */
    struct sasl_handshake_response out;
    kafka_init(r->api->response, &out);
    out.error_code = KE_UNSUPPORTED_SASL_MECHANISM;
    request_answer(r, &out);
}

/* Header and body; NULL: the connection is to be closed. */
static struct kafka_request *
request_read(struct kafka_conn *c, struct bytes frame)
{
    struct reader in;
    reader_init(&in, frame);
    const int16_t key = (int16_t)reader_be16(&in);
    const int16_t version = (int16_t)reader_be16(&in);
    const int32_t correlation = (int32_t)reader_be32(&in);
    const int16_t client_len = (int16_t)reader_be16(&in);
    const struct bytes client =
        client_len >= 0 ? reader_take(&in, (size_t)client_len) : (struct bytes){0};
    const struct kafka_api_entry *api = kafka_api_find(key);
    if (!reader_ok(&in) || api == NULL) {
        trace(TRACE_WARN, "kafka", "%s: request of unknown API %d, closing", conn_peer(c->conn),
              key);
        return NULL;
    }
    struct kafka_request *r = broker_alloc(calloc(1, sizeof *r));
    *r = (struct kafka_request){
        .holds = 1,
        .broker = c->broker,
        .conn = c,
        .api = api,
        .version = version,
        .flexible = version >= api->flexible_min,
        .correlation = correlation,
        .client_id = client,
    };
    arena_init(&r->arena, NULL);
    const bool known = version >= api->version_min && version <= api->version_max;
    if (!known && key == KAFKA_API_VERSIONS) {
        r->version = 0;
        r->flexible = false;
        r->state = &r->state; /* tells the handler that the version was not known */
        return r;
    }
    /* The header's tags belong to no field that we use; they are walked. */
    for (uint64_t tags = r->flexible ? reader_uvarint64(&in) : 0; tags > 0 && reader_ok(&in);
         tags--) {
        reader_uvarint64(&in);
        reader_take(&in, (size_t)reader_uvarint64(&in));
    }
    r->in = arena_alloc(&r->arena, api->request->bytes);
    if (!known || !kafka_decode(&in, api->request, version, r->flexible, &r->arena, r->in)) {
        trace(TRACE_WARN, "kafka", "%s: %s version %d %s, closing", conn_peer(c->conn), api->name,
              version, known ? "is malformed" : "is not supported");
        request_release(r);
        return NULL;
    }
    return r;
}

static bool
request_start(struct kafka_conn *c, struct bytes frame)
{
    const int16_t key = frame.len >= 2 ? (int16_t)(frame.ptr[0] << 8 | frame.ptr[1]) : -1;
    for (size_t i = 0; i < sizeof handlers / sizeof *handlers; i++) {
        if (handlers[i].key != key) {
            continue;
        }
        uint8_t *copy = NULL;
        if (!handlers[i].borrows) {
            copy = broker_alloc(malloc(frame.len + 1));
            memcpy(copy, frame.ptr, frame.len);
            frame.ptr = copy;
        }
        struct kafka_request *r = request_read(c, frame);
        if (r == NULL) {
            free(copy);
            return false;
        }
        r->frame = copy;
        *(c->last != NULL ? &c->last->next : &c->first) = r;
        c->last = r;
        c->under_way++;
        c->broker->requests++;
        request_retain(r);
        handlers[i].handle(r);
        request_release(r);
        return true;
    }
    trace(TRACE_WARN, "kafka", "%s: request of unknown API %d, closing", conn_peer(c->conn), key);
    return false;
}

static int64_t
conn_data(void *ctx, struct conn *conn, const uint8_t *data, size_t len)
{
    struct kafka_conn *c = ctx;
    (void)conn;
    if (len < 4) {
        return 0;
    }
    uint32_t size;
    memcpy(&size, data, 4);
    size = __builtin_bswap32(size);
    if (size > c->broker->frame_bytes_max) {
        trace(TRACE_WARN, "kafka", "%s: a frame of %u bytes, closing", conn_peer(c->conn), size);
        return -1;
    }
    if (len < (size_t)size + 4) {
        return 0;
    }
    c->broker->bytes_in += size + 4;
    if (!request_start(c, (struct bytes){data + 4, size})) {
        return -1;
    }
    conn_flow(c);
    return (int64_t)size + 4;
}

static void
conn_drained(void *ctx, struct conn *conn)
{
    (void)conn;
    conn_flow(ctx);
}

static void
conn_gone(void *ctx, struct conn *conn)
{
    struct kafka_conn *c = ctx;
    struct kafka_broker *b = c->broker;
    (void)conn;
    while (c->first != NULL) {
        struct kafka_request *r = c->first;
        c->first = r->next;
        r->conn = NULL;
        if (!r->done && r->on_gone != NULL) {
            r->on_gone(r);
        }
        request_release(r);
    }
    *(c->previous != NULL ? &c->previous->next : &b->conns) = c->next;
    if (c->next != NULL) {
        c->next->previous = c->previous;
    }
    b->conn_count--;
    free(c);
}

static const struct conn_handlers kafka_conn_handlers = {conn_data, conn_drained, conn_gone};

static int64_t
conn_refuse_data(void *ctx, struct conn *conn, const uint8_t *data, size_t len)
{
    (void)ctx;
    (void)conn;
    (void)data;
    (void)len;
    return -1;
}

static void
conn_refuse_gone(void *ctx, struct conn *conn)
{
    (void)ctx;
    (void)conn;
}

static const struct conn_handlers refused_handlers = {conn_refuse_data, NULL, conn_refuse_gone};

static void
broker_accept(void *ctx, struct conn *conn)
{
    struct kafka_broker *b = ctx;
    if (b->conn_count >= b->connections_max) {
        trace(TRACE_WARN, "kafka", "more than %u connections, closing %s", b->connections_max,
              conn_peer(conn));
        conn_set_handlers(conn, &refused_handlers, NULL);
        conn_close(conn);
        return;
    }
    struct kafka_conn *c = broker_alloc(calloc(1, sizeof *c));
    *c = (struct kafka_conn){.broker = b, .conn = conn, .next = b->conns};
    if (b->conns != NULL) {
        b->conns->previous = c;
    }
    b->conns = c;
    b->conn_count++;
    conn_set_input_max(conn, b->frame_bytes_max + 4 + (1 << 20));
    conn_set_handlers(conn, &kafka_conn_handlers, c);
}

/* 22 characters of base64url over 16 random bytes, as Kafka's own ids look. Who comes second with
 * several nodes takes the first one's. */
static bool
cluster_id_load(struct kafka_broker *b, struct error *err)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    struct buffer value = {0};
    uint64_t version;
    bool ok = control_get(b->control, "cluster/id", &value, &version, err);
    if (ok && version == 0) {
        for (int i = 0; i < 22; i++) {
            buffer_u8(&value, (uint8_t)letters[env_random(&env_real) & (i == 21 ? 0x30 : 0x3f)]);
        }
        const struct control_change change = {
            .key = "cluster/id", .value = value.ptr, .len = value.len};
        ok = control_apply(b->control, &change, 1, NULL, err);
        if (!ok && err->code == CONTROL_CONFLICT) {
            error_clear(err);
            ok = control_get(b->control, "cluster/id", &value, &version, err);
        }
    }
    snprintf(b->cluster_id, sizeof b->cluster_id, "%s", buffer_text(&value));
    buffer_release(&value);
    return ok;
}

static void
broker_address(struct kafka_broker *b, int listen_fd, const struct kafka_config *config)
{
    char local[128] = "127.0.0.1:9092";
    net_local_address(listen_fd, local, sizeof local);
    char *colon = strrchr(local, ':');
    b->port = config->advertised_port;
    if (colon != NULL) {
        *colon = '\0';
        b->port = b->port != 0 ? b->port : atoi(colon + 1);
    }
    snprintf(b->host, sizeof b->host, "%s",
             config->advertised_host != NULL ? config->advertised_host : local);
}

struct kafka_broker *
kafka_broker_start(struct loop *loop, int listen_fd, struct log_set *logs,
                   const struct kafka_config *config, struct error *err)
{
    struct kafka_broker *b = broker_alloc(calloc(1, sizeof *b));
    *b = (struct kafka_broker){
        .loop = loop,
        .logs = logs,
        .control = config->control,
        .node_id = config->node_id,
        .partitions_default = config->partitions_default > 0 ? config->partitions_default : 1,
        .auto_create = !config->auto_create_off,
        .frame_bytes_max =
            config->frame_bytes_max > 0 ? config->frame_bytes_max : FRAME_BYTES_DEFAULT,
        .connections_max =
            config->connections_max > 0 ? config->connections_max : CONNECTIONS_DEFAULT,
        .group_initial_delay_ms = config->group_initial_delay_ms,
    };
    broker_address(b, listen_fd, config);
    if (config->several) {
        b->cluster = cluster_open(b, config->members, config->secret, err);
    }
    if (!error_is_set(err) && cluster_id_load(b, err) &&
        topics_load(&b->topics, b->control, logs, b->cluster, err) &&
        (b->groups = groups_open(b, err)) != NULL) {
        b->listener = listener_new(loop, listen_fd, broker_accept, b);
        return b;
    }
    if (b->cluster != NULL) {
        cluster_stop(b->cluster);
        cluster_free(b->cluster);
    }
    topics_release(&b->topics);
    free(b);
    return NULL;
}

void
kafka_broker_stop(struct kafka_broker *b)
{
    listener_free(b->listener);
    for (struct kafka_conn *c = b->conns; c != NULL; c = c->next) {
        conn_close(c->conn);
    }
    loop_turn(b->loop, 0); /* the connections' last calls */
    if (b->cluster != NULL) {
        cluster_stop(b->cluster);
    }
    groups_close(b->groups);
    topics_release(&b->topics);
}

void
kafka_broker_free(struct kafka_broker *b)
{
    if (b->cluster != NULL) {
        cluster_free(b->cluster);
    }
    free(b);
}

void
kafka_members_changed(struct kafka_broker *b)
{
    if (b->cluster != NULL) {
        cluster_members_changed(b->cluster);
    }
}

void
kafka_peer_frame(struct kafka_broker *b, struct frame_peer *peer, const struct frame *f)
{
    if (b->cluster != NULL) {
        cluster_frame(b->cluster, peer, f);
    }
}

void
kafka_peer_gone(struct kafka_broker *b, struct frame_peer *peer)
{
    if (b->cluster != NULL) {
        cluster_peer_gone(b->cluster, peer);
    }
}
