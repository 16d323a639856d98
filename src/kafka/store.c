/*
 * The store from start to clean close, and its side of the wire between our processes.
 *
 * Exactly-once appends wait for their flush without a thread: the reply leaves from the completion.
 */
#include "kafka/store.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/thread.h"
#include "base/trace.h"
#include "control/clerk.h"
#include "control/control.h"
#include "control/takeover.h"
#include "hdfs/hdfs.h"
#include "kafka/errors.h"
#include "net/frame.h"
#include "sched/wire.h"

enum {
    STORE_FORWARD_MS = 10000,
    STORE_FORWARD_PAUSE_MS = 50,
    STORE_CONTROL_MS = 10000,
    STORE_TAKE_OVER_MS = 60000,
};

struct store {
    struct store_config config;
    pthread_t thread;
    struct loop *loop;
    struct log_set *logs;
    struct control *control;
    struct members *members;
    struct kafka_broker *broker;
    struct frame_server *frames;
    struct frame_server *peers; /* the same frames for other nodes */
    struct clerk *clerk;        /* forwards what other nodes have to answer; NULL: alone */
    bool from_peer; /* while a frame of another node is looked at: not forwarded again */
    int64_t forward_deadline_ms; /* while a forwarded one is looked at again */
    _Atomic bool members_posted;
    struct hdfs *hdfs;
    char *log_dir;
};

static void
store_reply(struct frame_peer *peer, const struct frame *f, struct buffer *payload,
            struct error *err)
{
    if (error_is_set(err)) {
        buffer_clear(payload);
        frame_put_error(payload, err);
        frame_reply(peer, f->type, f->request, FRAME_LAST | FRAME_ERROR, payload->ptr,
                    payload->len);
        error_clear(err);
    } else {
        frame_reply(peer, f->type, f->request, FRAME_LAST, payload->ptr, payload->len);
    }
}

static char *
store_text(struct reader *r)
{
    const struct bytes b = reader_lenbytes(r);
    char *text = strndup(b.ptr != NULL ? (const char *)b.ptr : "", b.len);
    if (text == NULL) {
        abort();
    }
    return text;
}

/* An append that waits for its flush, or for the watermark where there are other copies. */
struct store_append {
    struct frame_peer *peer;
    uint32_t request;
    int64_t base_offset;
};

static void
store_append_durable(void *ctx, bool committed)
{
    struct store_append *a = ctx;
    struct buffer out = {0};
    if (committed) {
        buffer_varint(&out, a->base_offset);
        frame_reply(a->peer, WIRE_APPEND_ONCE, a->request, FRAME_LAST, out.ptr, out.len);
    } else { /* it may be there or not: asked again, the log knows */
        struct error err = {0};
        error_set_code(&err, ERROR_UNAVAILABLE, KE_NOT_LEADER_OR_FOLLOWER,
                       "another node leads the partition now");
        frame_put_error(&out, &err);
        frame_reply(a->peer, WIRE_APPEND_ONCE, a->request, FRAME_LAST | FRAME_ERROR, out.ptr,
                    out.len);
        error_clear(&err);
    }
    buffer_release(&out);
    frame_peer_release(a->peer);
    free(a);
}

static bool
store_append_once(struct store *s, struct frame_peer *peer, const struct frame *f,
                  struct reader *in, struct error *err)
{
    char *topic = store_text(in);
    const int32_t partition = (int32_t)reader_uvarint64(in);
    const uint64_t sink_id = reader_le64(in);
    const int64_t batch_id = reader_varint64(in);
    const struct bytes bytes = reader_lenbytes(in);
    struct log_append_result result;
    bool ok = reader_ok(in) || error_set(err, ERROR_PROTOCOL, "an append message is too short");
    struct log *log = ok ? kafka_partition(s->broker, topic, partition, err) : NULL;
    if (log != NULL) {
        uint8_t *batch = malloc(bytes.len + 1); /* it is stamped and given offsets in place */
        if (batch == NULL) {
            abort();
        }
        memcpy(batch, bytes.ptr, bytes.len);
        ok = log_append_once_start(log, sink_id, batch_id, batch, bytes.len, &result, err);
        free(batch);
        if (ok) {
            struct store_append *a = malloc(sizeof *a);
            if (a == NULL) {
                abort();
            }
            *a = (struct store_append){peer, f->request, result.base_offset};
            frame_peer_retain(peer);
            kafka_appended(s->broker, topic, partition);
            log_when_committed(log, result.last_offset, store_append_durable, a);
        }
    }
    free(topic);
    return ok && log != NULL;
}

static bool
store_offset_for_time(struct store *s, struct reader *in, struct buffer *out, struct error *err)
{
    char *topic = store_text(in);
    const int32_t partition = (int32_t)reader_uvarint64(in);
    const int64_t time_ms = reader_varint64(in);
    struct log *log = kafka_partition(s->broker, topic, partition, err);
    int64_t offset = -1, found = -1;
    const bool ok = log != NULL && log_offset_for_time(log, time_ms, &offset, &found, err);
    buffer_varint(out, offset);
    free(topic);
    return ok;
}

/* --- what another node's store has to answer -------------------------------------------------- */

/* A request about a partition that is led elsewhere, on its way there; tried again until its time
 * is over, since leaders move. */
struct store_forward {
    struct store *store;
    struct frame_peer *peer;
    uint16_t type;
    uint32_t request;
    struct buffer payload, reply;
    struct error err;
    char address[128];
    int64_t deadline_ms;
};

static void store_frame(void *ctx, struct frame_peer *peer, const struct frame *f);

static void
forward_run(void *ctx)
{
    struct store_forward *w = ctx;
    struct frame_client *client = frame_client_new_peer(w->address, w->store->config.secret);
    frame_call(client, w->type, w->payload.ptr, w->payload.len, &w->reply, STORE_FORWARD_MS,
               &w->err);
    frame_client_free(client);
}

static void
forward_free(struct store_forward *w)
{
    buffer_release(&w->payload);
    buffer_release(&w->reply);
    error_clear(&w->err);
    frame_peer_release(w->peer);
    free(w);
}

static void
forward_again(void *ctx)
{
    struct store_forward *w = ctx;
    const struct frame f = {
        .type = w->type, .request = w->request, .payload = {w->payload.ptr, w->payload.len}};
    w->store->forward_deadline_ms = w->deadline_ms;
    store_frame(w->store, w->peer, &f);
    w->store->forward_deadline_ms = 0;
    forward_free(w);
}

static void
forward_done(void *ctx, bool ran)
{
    struct store_forward *w = ctx;
    const struct frame f = {.type = w->type, .request = w->request};
    if (ran && w->err.kind == ERROR_UNAVAILABLE && env_mono_ms(&env_real) < w->deadline_ms) {
        loop_after(w->store->loop, STORE_FORWARD_PAUSE_MS, forward_again, w);
        return;
    }
    store_reply(w->peer, &f, &w->reply, &w->err);
    forward_free(w);
}

/* True: the answer comes later. */
static bool
store_forward(struct store *s, struct frame_peer *peer, const struct frame *f, struct error *err)
{
    struct reader in;
    reader_init(&in, f->payload);
    if (s->clerk == NULL || s->from_peer || err->code != KE_NOT_LEADER_OR_FOLLOWER) {
        return false;
    }
    const int64_t now_ms = env_mono_ms(&env_real);
    struct store_forward *w = calloc(1, sizeof *w);
    char *topic = store_text(&in);
    if (w == NULL) {
        abort();
    }
    *w = (struct store_forward){.store = s, .peer = peer, .type = f->type, .request = f->request};
    w->deadline_ms =
        s->forward_deadline_ms > 0 ? s->forward_deadline_ms : now_ms + STORE_FORWARD_MS;
    const bool known = kafka_leader_address(s->broker, topic, (int32_t)reader_uvarint64(&in),
                                            w->address, sizeof w->address);
    free(topic);
    frame_peer_retain(peer);
    if (now_ms >= w->deadline_ms) {
        forward_free(w);
        return false;
    }
    error_clear(err);
    buffer_put(&w->payload, f->payload.ptr, f->payload.len);
    if (known) {
        clerk_do(s->clerk, forward_run, forward_done, w);
    } else {
        loop_after(s->loop, STORE_FORWARD_PAUSE_MS, forward_again, w);
    }
    return true;
}

static void
store_peer_frame(void *ctx, struct frame_peer *peer, const struct frame *f)
{
    struct store *s = ctx;
    if (f->type == WIRE_REPLICA_FETCH) {
        kafka_peer_frame(s->broker, peer, f);
        return;
    }
    s->from_peer = true;
    store_frame(s, peer, f);
    s->from_peer = false;
}

static void
store_node_gone(void *ctx, struct frame_peer *peer)
{
    struct store *s = ctx;
    kafka_peer_gone(s->broker, peer);
}

static void
store_members_changed(void *ctx)
{
    struct store *s = ctx;
    atomic_store(&s->members_posted, false);
    if (s->broker != NULL) {
        kafka_members_changed(s->broker);
    }
}

/* On the members' thread. */
static void
store_on_member(void *ctx, enum member_change change, const struct member *member)
{
    struct store *s = ctx;
    (void)change;
    (void)member;
    if (!atomic_exchange(&s->members_posted, true)) {
        loop_post(s->loop, store_members_changed, s);
    }
}

static void
store_frame(void *ctx, struct frame_peer *peer, const struct frame *f)
{
    struct store *s = ctx;
    struct buffer out = {0};
    struct error err = {0};
    struct reader in;
    char *topic = NULL;
    reader_init(&in, f->payload);
    switch (f->type) {
    case WIRE_PING:
        buffer_lentext(&out, "store");
        buffer_uvarint(&out, (uint64_t)getpid());
        break;
    case WIRE_TOPIC_LIST:
        kafka_topic_list(s->broker, &out);
        break;
    case WIRE_TOPIC_OFFSETS:
        topic = store_text(&in);
        kafka_topic_offsets(s->broker, topic, s->log_dir, &out, &err);
        break;
    case WIRE_TOPIC_CREATE:
        topic = store_text(&in);
        kafka_topic_create(s->broker, topic, (int32_t)reader_uvarint64(&in), &err);
        break;
    case WIRE_TOPIC_DELETE:
        topic = store_text(&in);
        kafka_topic_delete(s->broker, topic, &err);
        break;
    case WIRE_TOPIC_OFFSET_FOR_TIME:
        store_offset_for_time(s, &in, &out, &err);
        break;
    case WIRE_APPEND_ONCE:
        if (store_append_once(s, peer, f, &in, &err)) {
            return; /* its completion answers */
        }
        break;
    case WIRE_GROUP_LIST:
        kafka_group_list(s->broker, &out);
        break;
    case WIRE_MEMBER_PING:
        members_answer(s->members, f->payload, &out);
        break;
    case WIRE_STORE_STATUS:
        kafka_status(s->broker, &out);
        break;
    default:
        error_set(&err, ERROR_PROTOCOL, "the store does not know message type %u", f->type);
    }
    free(topic);
    if (!error_is_set(&err) || !store_forward(s, peer, f, &err)) {
        store_reply(peer, f, &out, &err);
    }
    buffer_release(&out);
}

static void
store_peer_gone(void *ctx, struct frame_peer *peer)
{
    (void)ctx;
    (void)peer;
}

/* One descriptor a segment and one a connection: as many as the system lets us have. */
static void
store_raise_limits(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

/* What a node that was alone knew becomes the cluster's, once. */
static bool
store_take_over(struct store *s, struct error *err)
{
    char *dir = NULL;
    if (asprintf(&dir, "%s/control", s->config.data_dir) < 0) {
        abort();
    }
    const bool ok = control_take_over(s->control, &env_real, dir, s->config.self->id == 1,
                                      STORE_TAKE_OVER_MS, err);
    free(dir);
    return ok;
}

/* Files are kept on one node, the first, and not copied yet: the others lead there. */
enum { FILES_NODE = 1 };

static bool
store_files_elsewhere(void *ctx, char address[128])
{
    struct member first;
    if (!members_find(ctx, FILES_NODE, &first) || first.webhdfs[0] == '\0') {
        return false;
    }
    memcpy(address, first.webhdfs, sizeof first.webhdfs);
    return true;
}

static bool
store_open_files(struct store *s, struct error *err)
{
    if (s->config.webhdfs_address == NULL || s->config.webhdfs_fd < 0) {
        return true;
    }
    const bool other = s->config.self != NULL && s->config.self->id > FILES_NODE;
    const struct hdfs_config config = {.env = &env_real,
                                       .logs = s->logs,
                                       .data_dir = s->config.data_dir,
                                       .listen_fd = s->config.webhdfs_fd,
                                       .address = s->config.webhdfs_address,
                                       .token = s->config.token,
                                       .elsewhere = other ? store_files_elsewhere : NULL,
                                       .elsewhere_ctx = s->members};
    s->hdfs = hdfs_start(&config, err);
    return s->hdfs != NULL;
}

static bool
store_open_control(struct store *s, struct error *err)
{
    const struct store_config *config = &s->config;
    const bool local = config->etcd == NULL || config->etcd[0] == '\0';
    char *where = NULL;
    if (asprintf(&where, local ? "%s/control" : "weir/%s/",
                 local ? config->data_dir : config->cluster_id) < 0) {
        abort();
    }
    s->control =
        local ? control_open_local(&env_real, where, err)
              : control_open_etcd(&env_real,
                                  &(struct control_etcd_config){.endpoints = config->etcd,
                                                                .prefix = where,
                                                                .timeout_ms = STORE_CONTROL_MS},
                                  err);
    free(where);
    if (s->control == NULL || (!local && !store_take_over(s, err))) {
        return false;
    }
    const struct member alone = {.id = 1};
    const struct members_config members = {
        .env = &env_real,
        .control = s->control,
        .self = config->self != NULL ? config->self : &alone,
        .secret = config->secret,
        .local = local,
        .on_change = local ? NULL : store_on_member,
        .ctx = s,
    };
    s->members = members_open(&members, err);
    return s->members != NULL;
}

static bool
store_open(struct store *s, struct error *err)
{
    if (asprintf(&s->log_dir, "%s/log", s->config.data_dir) < 0) {
        abort();
    }
    if ((s->loop = loop_new(err)) == NULL || !store_open_control(s, err) ||
        (s->logs = log_set_open(&env_real, s->log_dir, err)) == NULL) {
        return false;
    }
    const bool several = s->config.etcd != NULL && s->config.etcd[0] != '\0';
    if (several && (s->clerk = clerk_new(s->loop, "forward", err)) == NULL) {
        return false;
    }
    struct kafka_config kafka = s->config.kafka;
    kafka.control = s->control;
    kafka.members = s->members;
    kafka.several = several;
    kafka.secret = s->config.secret;
    s->broker = kafka_broker_start(s->loop, s->config.kafka_fd, s->logs, &kafka, err);
    if (s->broker != NULL && s->config.frame_fd >= 0) {
        static const struct frame_handlers handlers = {store_frame, store_peer_gone};
        s->frames = frame_server_new(s->loop, s->config.frame_fd, &handlers, s);
        if (s->config.peer_fd > 0) {
            static const struct frame_handlers nodes = {store_peer_frame, store_node_gone};
            s->peers = frame_server_new(s->loop, s->config.peer_fd, &nodes, s);
            frame_server_set_secret(s->peers, s->config.secret);
        }
    }
    return s->broker != NULL && store_open_files(s, err);
}

static void
store_close(struct store *s)
{
    if (s->frames != NULL) {
        frame_server_free(s->frames);
    }
    if (s->peers != NULL) {
        frame_server_free(s->peers);
    }
    hdfs_stop(s->hdfs);
    if (s->members != NULL) {
        members_close(s->members); /* so that others lead at once what is led here */
    }
    if (s->clerk != NULL) {
        clerk_free(s->clerk);
    }
    if (s->broker != NULL) {
        kafka_broker_stop(s->broker);
    }
    if (s->logs != NULL) {
        log_set_close(s->logs); /* flushes; what still waited is called */
    }
    if (s->loop != NULL) {
        loop_turn(s->loop, 0);
        if (s->broker != NULL) {
            kafka_broker_free(s->broker);
        }
        loop_free(s->loop);
    }
    if (s->control != NULL) {
        control_close(s->control);
    }
    free(s->log_dir);
}

static void *
store_thread(void *ctx)
{
    struct store *s = ctx;
    loop_run(s->loop);
    store_close(s);
    return NULL;
}

struct store *
store_start(const struct store_config *config, struct error *err)
{
    struct store *s = calloc(1, sizeof *s);
    if (s == NULL) {
        abort();
    }
    s->config = *config;
    store_raise_limits();
    if (store_open(s, err) && !thread_start(&s->thread, "store", store_thread, s)) {
        error_set(err, ERROR_RESOURCE, "the store's thread cannot be started");
    }
    if (error_is_set(err)) {
        store_close(s);
        free(s);
        return NULL;
    }
    return s;
}

void
store_stop(struct store *s)
{
    loop_stop(s->loop);
    pthread_join(s->thread, NULL);
    free(s);
}
