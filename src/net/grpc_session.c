/*
 * gRPC over HTTP/2: one nghttp2 session a connection.
 *
 * In: bytes go to nghttp2, whose callbacks gather headers and cut DATA into messages; a message
 * that lies whole in one chunk is handed on without a copy. Out: a call's data provider takes from
 * its queue; large pieces are borrowed by the connection's queue, so that no byte of a result is
 * copied between the handler and the kernel. When the connection holds more than OUTPUT_MAX unsent
 * bytes, nghttp2 is told to wait, and on_drain goes on: so a slow client fills its call's queue,
 * where grpc_send_blocking stops the producer.
 *
 * What is refused: a message above the limit (RESOURCE_EXHAUSTED), one that is compressed
 * (UNIMPLEMENTED), one that ends in the middle (INTERNAL), a request that is no gRPC (HTTP 415).
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/env.h"
#include "base/thread.h"
#include "base/trace.h"
#include "net/grpc_call.h"

enum {
    STREAMS_MAX = 1024,
    STREAM_WINDOW = 8 << 20,
    CONNECTION_WINDOW = 32 << 20,
    FRAME_MAX = 1 << 20,
    OUTPUT_MAX = 1 << 20,
    COPY_MAX = 2048,               /* smaller pieces are cheaper to copy than to track */
    REQUEST_BYTES_MAX = 256 << 20, /* of all unfinished request messages of a connection */
};

struct grpc_server {
    struct loop *loop;
    struct listener *listener; /* NULL once freed by its owner */
    struct grpc_handlers handlers;
    void *ctx;
    struct grpc_session *sessions;
    nghttp2_session_callbacks *callbacks;
};

struct grpc_session {
    struct grpc_server *server;
    struct grpc_session *next;
    struct grpc_session **link;
    struct conn *conn;
    nghttp2_session *h2;
    struct grpc_call *calls;
    size_t request_bytes; /* held in unfinished request messages */
    bool receiving;       /* inside nghttp2_session_mem_recv: sending waits for its end */
};

static void session_flush(struct grpc_session *s);

/* --- calls -------------------------------------------------------------------------------------
 */

static void
handler_end(struct grpc_call *call, void (*last)(struct grpc_call *call))
{
    if (call->opened && !call->handler_done) {
        call->handler_done = true;
        last(call);
    }
}

static bool
call_is_finished(struct grpc_call *call)
{
    mutex_lock(&call->lock);
    const bool finished = call->finished;
    mutex_unlock(&call->lock);
    return finished;
}

/* Ends a call on our own account. The handler is told that it was cancelled. */
static void
call_refuse(struct grpc_session *s, struct grpc_call *call, enum grpc_status status,
            const char *why)
{
    s->request_bytes -= call->body.len;
    buffer_release(&call->body);
    grpc_finish(call, status, why, NULL, 0);
    handler_end(call, s->server->handlers.on_cancel);
}

static void
call_detach(struct grpc_session *s, struct grpc_call *call)
{
    s->request_bytes -= call->body.len;
    *call->link = call->next;
    if (call->next != NULL) {
        call->next->link = call->link;
    }
    const bool finished = call_is_finished(call);
    grpc_call_close(call);
    if (!finished) {
        handler_end(call, s->server->handlers.on_cancel);
    }
    if (!call->opened) {
        grpc_release(call); /* the handler never got its reference */
    }
    grpc_release(call);
}

static void
call_open(struct grpc_session *s, struct grpc_call *call)
{
    const char *method = grpc_call_header(call, ":method");
    const char *type = grpc_call_header(call, "content-type");
    if (method == NULL || strcmp(method, "POST") != 0 || type == NULL ||
        strncmp(type, "application/grpc", 16) != 0) {
        const nghttp2_nv status = {(uint8_t *)(uintptr_t) ":status", (uint8_t *)(uintptr_t) "415",
                                   7, 3, NGHTTP2_NV_FLAG_NONE};
        nghttp2_submit_response(s->h2, call->stream, &status, 1, NULL);
        call->responded = true;
        grpc_finish(call, GRPC_UNKNOWN, NULL, NULL, 0);
        return;
    }
    call->opened = true;
    s->server->handlers.on_open(s->server->ctx, call);
}

/* --- request messages --------------------------------------------------------------------------
 */

static void
message_deliver(struct grpc_session *s, struct grpc_call *call, const uint8_t *data, size_t len)
{
    call->prefix_len = 0;
    if (!call_is_finished(call)) {
        s->server->handlers.on_message(call, data, len);
    }
}

/* The prefix is complete. False: the call is refused. */
static bool
prefix_accept(struct grpc_session *s, struct grpc_call *call)
{
    const uint8_t *p = call->prefix;
    const uint32_t len = (uint32_t)p[1] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 8 | p[4];
    if (p[0] != 0) {
        call_refuse(s, call, GRPC_UNIMPLEMENTED,
                    "compressed messages are not supported; send them with identity encoding");
        return false;
    }
    if (len > GRPC_MESSAGE_MAX) {
        char why[96];
        snprintf(why, sizeof why, "the message has %u bytes; at most %u are accepted", len,
                 (unsigned)GRPC_MESSAGE_MAX);
        call_refuse(s, call, GRPC_RESOURCE_EXHAUSTED, why);
        return false;
    }
    call->body_want = len;
    return true;
}

static void
request_bytes(struct grpc_session *s, struct grpc_call *call, const uint8_t *data, size_t len)
{
    while (!call_is_finished(call)) {
        if (call->prefix_len < GRPC_PREFIX_BYTES) {
            if (len == 0) {
                return;
            }
            call->prefix[call->prefix_len++] = *data++;
            len--;
            if (call->prefix_len < GRPC_PREFIX_BYTES || !prefix_accept(s, call)) {
                continue;
            }
        }
        const size_t missing = call->body_want - call->body.len;
        if (call->body.len == 0 && len >= missing) {
            message_deliver(s, call, data, missing);
            data += missing;
            len -= missing;
            continue;
        }
        const size_t part = len < missing ? len : missing;
        if (s->request_bytes + part > REQUEST_BYTES_MAX) {
            call_refuse(s, call, GRPC_RESOURCE_EXHAUSTED,
                        "the connection has too many bytes in unfinished messages");
            return;
        }
        buffer_put(&call->body, data, part);
        s->request_bytes += part;
        data += part;
        len -= part;
        if (call->body.len < call->body_want) {
            return;
        }
        message_deliver(s, call, call->body.ptr, call->body.len);
        s->request_bytes -= call->body.len;
        buffer_release(&call->body);
    }
}

static void
request_end(struct grpc_session *s, struct grpc_call *call)
{
    if (call->remote_ended) {
        return;
    }
    call->remote_ended = true;
    if (call->prefix_len > 0) {
        call_refuse(s, call, GRPC_INTERNAL, "the request ends in the middle of a message");
    } else if (call->opened && !call->handler_done && !call_is_finished(call)) {
        s->server->handlers.on_end(call);
    }
}

/* --- nghttp2's callbacks: in -------------------------------------------------------------------
 */

static int
on_begin_headers(nghttp2_session *h2, const nghttp2_frame *frame, void *user_data)
{
    struct grpc_session *s = user_data;
    if (frame->hd.type != NGHTTP2_HEADERS || frame->headers.cat != NGHTTP2_HCAT_REQUEST) {
        return 0;
    }
    struct grpc_call *call = grpc_call_new(s->server->loop);
    call->session = s;
    call->stream = frame->hd.stream_id;
    call->next = s->calls;
    call->link = &s->calls;
    if (call->next != NULL) {
        call->next->link = &call->next;
    }
    s->calls = call;
    nghttp2_session_set_stream_user_data(h2, frame->hd.stream_id, call);
    return 0;
}

static int
on_header(nghttp2_session *h2, const nghttp2_frame *frame, const uint8_t *name, size_t name_len,
          const uint8_t *value, size_t value_len, uint8_t flags, void *user_data)
{
    struct grpc_call *call = nghttp2_session_get_stream_user_data(h2, frame->hd.stream_id);
    if (call == NULL || call->opened) {
        return 0; /* trailers of the client say nothing that we need */
    }
    buffer_put(&call->headers, name, name_len);
    buffer_u8(&call->headers, 0);
    buffer_put(&call->headers, value, value_len);
    buffer_u8(&call->headers, 0);
    return call->headers.overflow ? NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE : 0;
}

static int
on_frame_recv(nghttp2_session *h2, const nghttp2_frame *frame, void *user_data)
{
    struct grpc_session *s = user_data;
    if (frame->hd.type != NGHTTP2_HEADERS && frame->hd.type != NGHTTP2_DATA) {
        return 0;
    }
    struct grpc_call *call = nghttp2_session_get_stream_user_data(h2, frame->hd.stream_id);
    if (call == NULL) {
        return 0;
    }
    if (frame->hd.type == NGHTTP2_HEADERS && frame->headers.cat == NGHTTP2_HCAT_REQUEST) {
        call_open(s, call);
    }
    if ((frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0) {
        request_end(s, call);
    }
    return 0;
}

static int
on_data_chunk(nghttp2_session *h2, uint8_t flags, int32_t stream, const uint8_t *data, size_t len,
              void *user_data)
{
    struct grpc_call *call = nghttp2_session_get_stream_user_data(h2, stream);
    if (call != NULL && call->opened) {
        request_bytes(user_data, call, data, len);
    }
    return 0;
}

static int
on_stream_close(nghttp2_session *h2, int32_t stream, uint32_t error_code, void *user_data)
{
    struct grpc_call *call = nghttp2_session_get_stream_user_data(h2, stream);
    if (call != NULL) {
        nghttp2_session_set_stream_user_data(h2, stream, NULL);
        call_detach(user_data, call);
    }
    return 0;
}

/* --- nghttp2's callbacks: out ------------------------------------------------------------------
 */

static ssize_t
on_send(nghttp2_session *h2, const uint8_t *data, size_t len, int flags, void *user_data)
{
    struct grpc_session *s = user_data;
    if (conn_queued(s->conn) > OUTPUT_MAX) {
        return NGHTTP2_ERR_WOULDBLOCK;
    }
    conn_write(s->conn, data, len);
    return (ssize_t)len;
}

/* Answered but still being sent to: the client is told to stop, as the protocol wants. */
static int
on_frame_send(nghttp2_session *h2, const nghttp2_frame *frame, void *user_data)
{
    if (frame->hd.type != NGHTTP2_HEADERS || (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) == 0) {
        return 0;
    }
    struct grpc_call *call = nghttp2_session_get_stream_user_data(h2, frame->hd.stream_id);
    if (call != NULL && !call->remote_ended) {
        nghttp2_submit_rst_stream(h2, NGHTTP2_FLAG_NONE, frame->hd.stream_id, NGHTTP2_NO_ERROR);
    }
    return 0;
}

static nghttp2_nv
nv(const char *name, const char *value)
{
    return (nghttp2_nv){(uint8_t *)(uintptr_t)name, (uint8_t *)(uintptr_t)value, strlen(name),
                        strlen(value), NGHTTP2_NV_FLAG_NONE};
}

enum { STATUS_FIELDS_MAX = 3, RESPONSE_FIELDS = 3 };

/* grpc-status and its companions. Details that would make the header list larger than the client
 * accepts are left out: it would refuse the whole trailer, and the status with it. */
static size_t
status_fields(struct grpc_call *call, char number[12], nghttp2_nv *out)
{
    size_t count = 0;
    size_t bytes = 256;
    snprintf(number, 12, "%d", (int)call->status);
    out[count++] = nv("grpc-status", number);
    if (call->status_text != NULL) {
        bytes += strlen(call->status_text);
        out[count++] = nv("grpc-message", call->status_text);
    }
    if (call->status_details != NULL) {
        bytes += strlen(call->status_details);
        if (bytes <= nghttp2_session_get_remote_settings(call->session->h2,
                                                         NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE)) {
            out[count++] = nv("grpc-status-details-bin", call->status_details);
        } else {
            trace(TRACE_WARN, "grpc", "status details of %zu bytes are too large for the client",
                  strlen(call->status_details));
        }
    }
    return count;
}

/* Takes at most `length` bytes of the queue. Nothing is moved here: send_data follows. */
static ssize_t
provider_read(nghttp2_session *h2, int32_t stream, uint8_t *buf, size_t length,
              uint32_t *data_flags, nghttp2_data_source *source, void *user_data)
{
    struct grpc_call *call = source->ptr;
    mutex_lock(&call->lock);
    size_t have = 0;
    const struct grpc_message *m = call->first;
    for (; m != NULL && have < length; m = m->next) {
        have += GRPC_PREFIX_BYTES + m->len - m->taken;
    }
    const bool all = m == NULL && have <= length;
    const bool finished = call->finished;
    mutex_unlock(&call->lock);
    if (have == 0 && !finished) {
        call->deferred = true;
        return NGHTTP2_ERR_DEFERRED;
    }
    *data_flags |= NGHTTP2_DATA_FLAG_NO_COPY;
    if (all && finished) {
        char number[12];
        nghttp2_nv fields[STATUS_FIELDS_MAX];
        *data_flags |= NGHTTP2_DATA_FLAG_EOF | NGHTTP2_DATA_FLAG_NO_END_STREAM;
        nghttp2_submit_trailer(h2, stream, fields, status_fields(call, number, fields));
    }
    return (ssize_t)(have < length ? have : length);
}

static ssize_t
provider_length(nghttp2_session *h2, uint8_t frame_type, int32_t stream, int32_t session_window,
                int32_t stream_window, uint32_t remote_frame_max, void *user_data)
{
    int64_t length = FRAME_MAX;
    length = length < session_window ? length : session_window;
    length = length < stream_window ? length : stream_window;
    return (ssize_t)(length < remote_frame_max ? length : remote_frame_max);
}

/* The next piece of the first message: at most `want` bytes; returns how many. */
static size_t
piece_write(struct conn *c, struct grpc_message *m, size_t want)
{
    if (m->taken < GRPC_PREFIX_BYTES) {
        const uint8_t prefix[GRPC_PREFIX_BYTES] = {0, (uint8_t)(m->len >> 24),
                                                   (uint8_t)(m->len >> 16), (uint8_t)(m->len >> 8),
                                                   (uint8_t)m->len};
        const size_t left = GRPC_PREFIX_BYTES - m->taken;
        const size_t part = want < left ? want : left;
        conn_write(c, prefix + m->taken, part);
        return part;
    }
    const size_t at = m->taken - GRPC_PREFIX_BYTES;
    const size_t part = want < m->len - at ? want : m->len - at;
    if (part <= COPY_MAX) {
        conn_write(c, m->data + at, part);
    } else {
        m->refs++;
        conn_write_ref(c, m->data + at, part, grpc_message_drop, m);
    }
    return part;
}

static struct grpc_message *
queue_first(struct grpc_call *call)
{
    mutex_lock(&call->lock);
    struct grpc_message *m = call->first;
    mutex_unlock(&call->lock);
    return m;
}

static void
queue_pop(struct grpc_call *call)
{
    mutex_lock(&call->lock);
    struct grpc_message *m = call->first;
    call->first = m->next;
    if (call->first == NULL) {
        call->last = &call->first;
    }
    call->unsent_bytes -= m->len;
    if (call->unsent_bytes <= GRPC_UNSENT_MAX) {
        pthread_cond_broadcast(&call->room);
    }
    mutex_unlock(&call->lock);
    grpc_message_drop(m);
}

static int
on_send_data(nghttp2_session *h2, nghttp2_frame *frame, const uint8_t *frame_head, size_t length,
             nghttp2_data_source *source, void *user_data)
{
    struct grpc_session *s = user_data;
    struct grpc_call *call = source->ptr;
    if (conn_queued(s->conn) > OUTPUT_MAX) {
        return NGHTTP2_ERR_WOULDBLOCK;
    }
    conn_write(s->conn, frame_head, 9);
    while (length > 0) {
        struct grpc_message *m = queue_first(call);
        assert(m != NULL);
        const size_t part = piece_write(s->conn, m, length);
        m->taken += part;
        length -= part;
        if (m->taken == GRPC_PREFIX_BYTES + m->len) {
            queue_pop(call);
        }
    }
    return 0;
}

static void
respond(struct grpc_session *s, struct grpc_call *call, bool only_status)
{
    char number[12];
    nghttp2_nv fields[RESPONSE_FIELDS + STATUS_FIELDS_MAX] = {
        nv(":status", "200"),
        nv("content-type", "application/grpc"),
        nv("grpc-accept-encoding", "identity"),
    };
    call->responded = true;
    if (only_status) {
        const size_t more = status_fields(call, number, fields + RESPONSE_FIELDS);
        nghttp2_submit_response(s->h2, call->stream, fields, RESPONSE_FIELDS + more, NULL);
        return;
    }
    const nghttp2_data_provider provider = {.source.ptr = call, .read_callback = provider_read};
    nghttp2_submit_response(s->h2, call->stream, fields, RESPONSE_FIELDS, &provider);
}

void
grpc_session_pump(struct grpc_call *call)
{
    struct grpc_session *s = call->session;
    mutex_lock(&call->lock);
    const bool has_messages = call->first != NULL;
    const bool finished = call->finished;
    mutex_unlock(&call->lock);
    if (!call->responded && (has_messages || finished)) {
        respond(s, call, !has_messages);
    } else if (call->deferred) {
        call->deferred = false;
        nghttp2_session_resume_data(s->h2, call->stream);
    }
    session_flush(s);
}

/* --- sessions ----------------------------------------------------------------------------------
 */

static void
session_flush(struct grpc_session *s)
{
    if (s->receiving) {
        return;
    }
    const int rc = nghttp2_session_send(s->h2);
    if (rc != 0) {
        trace(TRACE_WARN, "grpc", "%s: %s", conn_peer(s->conn), nghttp2_strerror(rc));
        conn_close(s->conn);
    } else if (!nghttp2_session_want_read(s->h2) && !nghttp2_session_want_write(s->h2)) {
        conn_finish(s->conn);
    }
}

static int64_t
session_data(void *ctx, struct conn *c, const uint8_t *data, size_t len)
{
    struct grpc_session *s = ctx;
    s->receiving = true;
    const ssize_t used = nghttp2_session_mem_recv(s->h2, data, len);
    s->receiving = false;
    if (used < 0) {
        trace(TRACE_DEBUG, "grpc", "%s: %s", conn_peer(c), nghttp2_strerror((int)used));
        return -1;
    }
    session_flush(s);
    return used;
}

static void
session_drain(void *ctx, struct conn *c)
{
    session_flush(ctx);
}

static void
server_free_if_done(struct grpc_server *server)
{
    if (server->listener == NULL && server->sessions == NULL) {
        nghttp2_session_callbacks_del(server->callbacks);
        free(server);
    }
}

static void
session_close(void *ctx, struct conn *c)
{
    struct grpc_session *s = ctx;
    struct grpc_server *server = s->server;
    while (s->calls != NULL) {
        call_detach(s, s->calls);
    }
    nghttp2_session_del(s->h2);
    *s->link = s->next;
    if (s->next != NULL) {
        s->next->link = s->link;
    }
    free(s);
    server_free_if_done(server);
}

static void
session_accept(void *ctx, struct conn *c)
{
    static const struct conn_handlers handlers = {session_data, session_drain, session_close};
    static const nghttp2_settings_entry settings[] = {
        {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, STREAMS_MAX},
        {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, STREAM_WINDOW},
        {NGHTTP2_SETTINGS_MAX_FRAME_SIZE, FRAME_MAX},
        {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, GRPC_HEADERS_MAX},
    };
    struct grpc_server *server = ctx;
    struct grpc_session *s = calloc(1, sizeof *s);
    nghttp2_option *options = NULL;
    if (s == NULL || nghttp2_option_new(&options) != 0) {
        env_real.ops->fatal(&env_real, "out of memory for a gRPC connection");
    }
    nghttp2_option_set_no_closed_streams(options, 1);
    if (nghttp2_session_server_new2(&s->h2, server->callbacks, s, options) != 0) {
        env_real.ops->fatal(&env_real, "out of memory for a gRPC connection");
    }
    nghttp2_option_del(options);
    s->server = server;
    s->conn = c;
    s->next = server->sessions;
    s->link = &server->sessions;
    if (s->next != NULL) {
        s->next->link = &s->next;
    }
    server->sessions = s;
    conn_set_handlers(c, &handlers, s);
    nghttp2_submit_settings(s->h2, NGHTTP2_FLAG_NONE, settings, sizeof settings / sizeof *settings);
    nghttp2_session_set_local_window_size(s->h2, NGHTTP2_FLAG_NONE, 0, CONNECTION_WINDOW);
    session_flush(s);
}

struct grpc_server *
grpc_server_new(struct loop *loop, int listen_fd, const struct grpc_handlers *h, void *server_ctx)
{
    struct grpc_server *server = calloc(1, sizeof *server);
    if (server == NULL || nghttp2_session_callbacks_new(&server->callbacks) != 0) {
        env_real.ops->fatal(&env_real, "out of memory for a gRPC server");
    }
    server->loop = loop;
    server->handlers = *h;
    server->ctx = server_ctx;
    nghttp2_session_callbacks *cb = server->callbacks;
    nghttp2_session_callbacks_set_on_begin_headers_callback(cb, on_begin_headers);
    nghttp2_session_callbacks_set_on_header_callback(cb, on_header);
    nghttp2_session_callbacks_set_on_frame_recv_callback(cb, on_frame_recv);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(cb, on_data_chunk);
    nghttp2_session_callbacks_set_on_stream_close_callback(cb, on_stream_close);
    nghttp2_session_callbacks_set_on_frame_send_callback(cb, on_frame_send);
    nghttp2_session_callbacks_set_send_callback(cb, on_send);
    nghttp2_session_callbacks_set_send_data_callback(cb, on_send_data);
    nghttp2_session_callbacks_set_data_source_read_length_callback(cb, provider_length);
    server->listener = listener_new(loop, listen_fd, session_accept, server);
    return server;
}

void
grpc_server_free(struct grpc_server *server)
{
    listener_free(server->listener);
    server->listener = NULL;
    for (struct grpc_session *s = server->sessions; s != NULL; s = s->next) {
        conn_close(s->conn);
    }
    server_free_if_done(server);
}
