/* The calls of the Spark Connect service: who may, what it is, on which thread it runs. */
#include "connect/server.h"

#include <stdlib.h>
#include <string.h>

#include "base/env.h"
#include "base/thread.h"
#include "base/trace.h"
#include "connect/internal.h"

enum { CONNECT_THREADS_MAX = 2000 };

static const struct rpc_method methods[] = {
    {"ExecutePlan", rpc_execute_plan, true, false},
    {"ReattachExecute", rpc_reattach_execute, true, false},
    {"ReleaseExecute", rpc_release_execute, false, false},
    {"AnalyzePlan", rpc_analyze_plan, true, false},
    {"Config", rpc_config, false, false},
    {"AddArtifacts", rpc_add_artifacts, true, true},
    {"ArtifactStatus", rpc_artifact_status, true, false},
    {"Interrupt", rpc_interrupt, false, false},
    {"ReleaseSession", rpc_release_session, true, false},
    {"FetchErrorDetails", rpc_fetch_error_details, false, false},
    {"CloneSession", rpc_clone_session, true, false},
    {"GetStatus", rpc_get_status, false, false},
};

static void
rpc_free(struct rpc *r)
{
    for (uint32_t i = 0; i < r->message_count; i++) {
        buffer_release(&r->messages[i]);
    }
    free(r->messages);
    arena_release(&r->arena);
    grpc_release(r->call);
    free(r);
}

static const struct rpc_method *
method_find(const char *path)
{
    static const char service[] = "/spark.connect.SparkConnectService/";
    if (strncmp(path, service, sizeof service - 1) != 0) {
        return NULL;
    }
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        if (strcmp(methods[i].name, path + sizeof service - 1) == 0) {
            return &methods[i];
        }
    }
    return NULL;
}

/* In constant time for texts of one length, so that answers do not tell how much was right. */
static bool
same_secret(const char *a, const char *b)
{
    size_t len = strlen(a);
    if (strlen(b) != len) {
        return false;
    }
    unsigned differs = 0;
    for (size_t i = 0; i < len; i++) {
        differs |= (unsigned)(a[i] ^ b[i]);
    }
    return differs == 0;
}

static bool
token_fits(const struct connect_server *s, const struct grpc_call *call)
{
    static const char *const names[] = {"authorization", "authentication"};
    if (s->token == NULL) {
        return true;
    }
    for (size_t i = 0; i < 2; i++) {
        const char *value = grpc_header(call, names[i]);
        if (value != NULL && strncmp(value, "Bearer ", 7) == 0 &&
            same_secret(value + 7, s->token)) {
            return true;
        }
    }
    return false;
}

/* Ends the call before it ran; what else comes of it is dropped. */
static void
refuse(struct rpc *r, enum grpc_status status, const char *text)
{
    grpc_set_ctx(r->call, NULL);
    grpc_finish(r->call, status, text, NULL, 0);
    rpc_free(r);
}

static void
call_open(void *server_ctx, struct grpc_call *call)
{
    struct connect_server *s = server_ctx;
    struct rpc *r = calloc(1, sizeof *r);
    if (r == NULL) {
        abort();
    }
    r->server = s;
    r->call = call;
    r->method = method_find(grpc_path(call));
    arena_init(&r->arena, NULL);
    grpc_set_ctx(call, r);
    if (r->method == NULL) {
        refuse(r, GRPC_UNIMPLEMENTED, "Method not found");
    } else if (!token_fits(s, call)) {
        refuse(r, GRPC_UNAUTHENTICATED, "Invalid authentication token");
    }
}

static void
call_message(struct grpc_call *call, const uint8_t *data, size_t len)
{
    struct rpc *r = grpc_ctx(call);
    if (r == NULL) {
        return;
    }
    r->message_bytes += len;
    if (!r->method->streamed && r->message_count == 1) {
        refuse(r, GRPC_INTERNAL, "More than one request message");
        return;
    }
    if (r->message_bytes > CONNECT_ARTIFACT_BYTES_MAX) {
        refuse(r, GRPC_RESOURCE_EXHAUSTED, "One call may carry 1 GiB at most");
        return;
    }
    if ((r->message_count & (r->message_count - 1)) == 0) { /* room doubles at powers of two */
        size_t room = r->message_count == 0 ? 1 : 2 * (size_t)r->message_count;
        r->messages = realloc(r->messages, room * sizeof *r->messages);
        if (r->messages == NULL) {
            abort();
        }
    }
    struct buffer *message = &r->messages[r->message_count++];
    *message = (struct buffer){0};
    buffer_put(message, data, len);
}

static void *
rpc_main(void *ctx)
{
    struct rpc *r = ctx;
    struct connect_server *s = r->server;
    r->method->run(r);
    rpc_free(r);
    atomic_fetch_sub(&s->threads, 1);
    return NULL;
}

static void
call_end(struct grpc_call *call)
{
    struct rpc *r = grpc_ctx(call);
    if (r == NULL) {
        return;
    }
    if (r->message_count == 0) {
        refuse(r, GRPC_INTERNAL, "No request message");
        return;
    }
    grpc_set_ctx(call, NULL); /* from here on it belongs to who runs it */
    if (!r->method->threaded) {
        r->method->run(r);
        rpc_free(r);
        return;
    }
    pthread_t thread;
    if (atomic_fetch_add(&r->server->threads, 1) >= CONNECT_THREADS_MAX ||
        !thread_start(&thread, "connect", rpc_main, r)) {
        atomic_fetch_sub(&r->server->threads, 1);
        refuse(r, GRPC_RESOURCE_EXHAUSTED, "Too many calls at once");
        return;
    }
    pthread_detach(thread);
}

static void
call_cancel(struct grpc_call *call)
{
    struct rpc *r = grpc_ctx(call);
    if (r != NULL) { /* not yet handed over */
        grpc_set_ctx(call, NULL);
        rpc_free(r);
    }
}

bool
rpc_decode(struct rpc *r, enum pb_id id, void *out, struct error *err)
{
    struct bytes in = {r->messages[0].ptr, r->messages[0].len};
    return pb_decode(&r->arena, &pb_messages[id], in, out, err);
}

void
rpc_answer(struct rpc *r, enum pb_id id, const void *message)
{
    struct buffer out = {0};
    pb_encode(&out, &pb_messages[id], message);
    grpc_send(r->call, out.ptr, out.len);
    grpc_finish(r->call, GRPC_OK, "", NULL, 0);
}

void
rpc_fail(struct rpc *r, struct connect_peer *peer, struct error *err)
{
    char id[CONNECT_ID_MAX + 1];
    if (peer != NULL) {
        peer_error_keep(peer, err, id);
    }
    struct buffer details = {0};
    failure_put(&details, err, peer != NULL ? id : NULL);
    char *text = failure_text(err);
    trace(TRACE_DEBUG, "connect", "%s failed: %s", r->method->name, text);
    grpc_finish(r->call, GRPC_INTERNAL, text, details.ptr, details.len);
    free(text);
    buffer_release(&details);
    error_clear(err);
}

static void
on_tick(void *ctx)
{
    struct connect_server *s = ctx;
    peers_tick(s);
    s->tick = loop_after(s->config.loop, CONNECT_TICK_MS, on_tick, s);
}

static void
on_maintain(void *ctx)
{
    struct connect_server *s = ctx;
    peers_maintain(s);
    s->maintain = loop_after(s->config.loop, CONNECT_MAINTAIN_MS, on_maintain, s);
}

struct connect_server *
connect_server_new(const struct connect_config *config, struct error *err)
{
    static const struct grpc_handlers handlers = {call_open, call_message, call_end, call_cancel};
    struct connect_server *s = calloc(1, sizeof *s);
    if (s == NULL) {
        error_set(err, ERROR_RESOURCE, "no memory for the Spark Connect server");
        return NULL;
    }
    s->config = *config;
    s->env = driver_env(config->driver);
    s->token = config->token != NULL ? strdup(config->token) : NULL;
    s->config.token = s->token;
    if (s->config.session_idle_ms == 0) {
        s->config.session_idle_ms = CONNECT_SESSION_IDLE_MS;
    }
    pthread_mutex_init(&s->lock, NULL);
    s->tombstones = calloc(CONNECT_SESSION_TOMBSTONES, sizeof *s->tombstones);
    s->grpc = grpc_server_new(config->loop, config->listen_fd, &handlers, s);
    s->tick = loop_after(config->loop, CONNECT_TICK_MS, on_tick, s);
    s->maintain = loop_after(config->loop, CONNECT_MAINTAIN_MS, on_maintain, s);
    return s;
}

void
connect_server_free(struct connect_server *s)
{
    if (s == NULL) {
        return;
    }
    loop_timer_cancel(s->tick);
    loop_timer_cancel(s->maintain);
    grpc_server_free(s->grpc);
    peers_free(s);
    free(s->tombstones);
    free(s->token);
    pthread_mutex_destroy(&s->lock);
    free(s);
}
