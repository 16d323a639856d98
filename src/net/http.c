/*
 * HTTP/1.1: one http_parser a connection, one exchange at a time.
 *
 * The parser is paused at the end of each request and the rest of the input is left with the
 * connection; when the answer is complete the connection offers it again. So pipelined requests are
 * answered in order and never held twice.
 */
#include "net/http.h"

#include <assert.h>
#include <http_parser.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/env.h"
#include "base/thread.h"
#include "base/trace.h"
#include "net/http_exchange.h"

enum {
    BODIES_MAX = 256 << 20, /* of all connections together */
    UNSENT_MAX = 16 << 20,
    CONNECTIONS_MAX = 1024,
    IDLE_MS = 60000,
};

struct http_server {
    struct loop *loop;
    struct listener *listener; /* NULL once freed by its owner */
    http_handler handler;
    http_early_handler early;
    void *ctx;
    struct http_conn *conns;
    size_t conn_count;
    size_t body_bytes; /* held by exchanges in the making or in service */
};

enum header_part { PART_NONE, PART_NAME, PART_VALUE, PART_TRAILER };

struct http_conn {
    struct http_server *server;
    struct http_conn *next;
    struct http_conn **link;
    struct conn *conn;
    http_parser parser;
    struct http_exchange *making;  /* a request that is arriving */
    struct http_exchange *serving; /* one that waits for its answer */
    enum header_part last_part;    /* what the last header callback brought */
    enum http_early early;         /* what becomes of the body that is arriving */
    bool answer_now;               /* the body is not waited for, and the connection ends */
    int refuse_status;             /* set by a callback that stopped the parser */
    struct loop_timer *idle;
};

static void *
must_alloc(void *p)
{
    if (p == NULL) {
        env_real.ops->fatal(&env_real, "out of memory for an HTTP exchange");
    }
    return p;
}

static void
idle_close(void *ctx)
{
    struct http_conn *hc = ctx;
    hc->idle = NULL;
    conn_close(hc->conn);
}

/* The clock runs while we wait for the client, not while we work on its answer. */
static void
idle_set(struct http_conn *hc, bool waiting)
{
    if (hc->idle != NULL) {
        loop_timer_cancel(hc->idle);
        hc->idle = NULL;
    }
    if (waiting) {
        hc->idle = loop_after(hc->server->loop, IDLE_MS, idle_close, hc);
    }
}

/* Tells who took a request that its client has left. */
static void
taken_gone(struct http_exchange *x)
{
    const struct http_taker *taker = x != NULL ? x->taker : NULL;
    if (taker != NULL) {
        x->taker = NULL;
        taker->on_gone(x->taker_ctx);
    }
}

/* The connection lets go of an exchange; somebody else may still hold it. */
static void
exchange_detach(struct http_conn *hc, struct http_exchange *x)
{
    hc->server->body_bytes -= x->body.len;
    x->conn = NULL;
    http_release(x);
}

static void
exchange_finish(struct http_conn *hc, struct http_exchange *x)
{
    const bool keep_alive = x->keep_alive && hc->making != x; /* else the rest of the body comes */
    if (hc->making == x) {
        hc->making = NULL;
    } else {
        hc->serving = NULL;
    }
    exchange_detach(hc, x);
    if (!keep_alive) {
        conn_finish(hc->conn);
        return;
    }
    http_parser_pause(&hc->parser, 0);
    conn_pause(hc->conn, false); /* a body's taker may have ended with the brake on */
    idle_set(hc, true);
    conn_offer_again(hc->conn);
}

void
http_exchange_move(void *ctx)
{
    struct http_exchange *x = ctx;
    struct http_conn *hc = x->conn;
    mutex_lock(&x->lock);
    x->posted = false;
    struct buffer out = x->out;
    x->out = (struct buffer){0};
    const bool done = x->done;
    mutex_unlock(&x->lock);
    if (hc == NULL) {
        buffer_release(&out);
    } else if (out.overflow || (conn_queued(hc->conn) > UNSENT_MAX && x->taker == NULL)) {
        buffer_release(&out);
        conn_close(hc->conn);
    } else {
        conn_write_owned(hc->conn, out.ptr, out.len);
        atomic_store(&x->unsent_bytes, conn_queued(hc->conn));
        if (done) {
            exchange_finish(hc, x);
        }
    }
    http_release(x);
}

/* An answer of our own to a request that the handler never sees; the connection ends with it. */
static void
refuse(struct http_conn *hc, int status)
{
    struct http_exchange *x =
        hc->making != NULL ? hc->making : http_exchange_new(hc->server->loop, hc);
    hc->making = NULL;
    hc->serving = x;
    x->keep_alive = false;
    char text[128];
    const int len =
        snprintf(text, sizeof text, "%d %s\n", status, http_status_str((enum http_status)status));
    http_reply(x, status, "text/plain; charset=utf-8", text, (size_t)len);
}

static int
stop(struct http_conn *hc, int status)
{
    hc->refuse_status = status;
    return -1;
}

static int
on_message_begin(http_parser *p)
{
    struct http_conn *hc = p->data;
    assert(hc->making == NULL);
    hc->making = http_exchange_new(hc->server->loop, hc);
    hc->last_part = PART_NONE;
    return 0;
}

static int
on_url(http_parser *p, const char *at, size_t len)
{
    struct http_conn *hc = p->data;
    buffer_put(&hc->making->target, at, len);
    return hc->making->target.overflow ? stop(hc, 414) : 0;
}

/* Ends the text before it and, where a name had no value callback, gives it an empty one. */
static void
header_part_end(struct http_conn *hc, enum header_part next)
{
    struct buffer *headers = &hc->making->headers;
    if (hc->last_part != PART_NONE && hc->last_part != next) {
        buffer_u8(headers, 0);
    }
    if (hc->last_part == PART_NAME && next == PART_TRAILER) {
        buffer_u8(headers, 0);
    }
    hc->last_part = next;
}

static int
on_header_field(http_parser *p, const char *at, size_t len)
{
    struct http_conn *hc = p->data;
    struct buffer *headers = &hc->making->headers;
    if (hc->last_part == PART_TRAILER) {
        return 0; /* what follows a chunked body says nothing that we need */
    }
    header_part_end(hc, PART_NAME);
    for (size_t i = 0; i < len; i++) {
        buffer_u8(headers, (uint8_t)(at[i] >= 'A' && at[i] <= 'Z' ? at[i] + 32 : at[i]));
    }
    return headers->overflow ? stop(hc, 431) : 0;
}

static int
on_header_value(http_parser *p, const char *at, size_t len)
{
    struct http_conn *hc = p->data;
    if (hc->last_part == PART_TRAILER) {
        return 0;
    }
    if (memchr(at, 0, len) != NULL) {
        return stop(hc, 400); /* the parser lets it pass; our list of texts cannot hold it */
    }
    header_part_end(hc, PART_VALUE);
    buffer_put(&hc->making->headers, at, len);
    return hc->making->headers.overflow ? stop(hc, 431) : 0;
}

/* False: the target is none that can be served. */
static bool
ask_early(struct http_conn *hc, struct http_exchange *x)
{
    hc->early = HTTP_WHOLE;
    hc->answer_now = false;
    if (hc->server->early == NULL) {
        return true;
    }
    if (!http_exchange_split(x)) {
        return false;
    }
    x->keep_alive = http_should_keep_alive(&hc->parser) != 0;
    const struct http_request request = {
        .method = http_method_str((enum http_method)hc->parser.method),
        .path = x->path,
        .query = x->query,
    };
    hc->early = hc->server->early(hc->server->ctx, x, &request);
    return true;
}

static int
on_headers_complete(http_parser *p)
{
    struct http_conn *hc = p->data;
    struct http_exchange *x = hc->making;
    header_part_end(hc, PART_TRAILER);
    if (x->headers.overflow) {
        return stop(hc, 431);
    }
    if (p->http_major != 1) {
        return stop(hc, 505);
    }
    if (p->method == HTTP_CONNECT) {
        return stop(hc, 501);
    }
    p->upgrade = 0; /* an offer that we need not take */
    x->old_version = p->http_minor == 0;
    x->head_only = p->method == HTTP_HEAD;
    if (!ask_early(hc, x)) {
        return stop(hc, 400);
    }
    if (hc->early == HTTP_WHOLE && p->content_length != UINT64_MAX &&
        p->content_length > HTTP_BODY_MAX) {
        return stop(hc, 413);
    }
    const char *expect = http_header(x, "expect");
    if (expect != NULL && strcasecmp(expect, "100-continue") == 0 && !x->old_version) {
        if (hc->early == HTTP_IGNORE || http_header_done(x)) {
            hc->answer_now = true; /* the client need not send it at all */
            return -1;
        }
        static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
        conn_write(hc->conn, go_on, sizeof go_on - 1);
    }
    return 0;
}

static int
on_body(http_parser *p, const char *at, size_t len)
{
    struct http_conn *hc = p->data;
    struct http_exchange *x = hc->making;
    if (hc->early == HTTP_TAKEN && x->taker != NULL && !http_header_done(x)) {
        x->taker->on_body(x->taker_ctx, (const uint8_t *)at, len);
    }
    if (hc->early != HTTP_WHOLE) {
        return 0;
    }
    if (len > HTTP_BODY_MAX - x->body.len) {
        return stop(hc, 413);
    }
    if (len > BODIES_MAX - hc->server->body_bytes) {
        return stop(hc, 503);
    }
    buffer_put(&x->body, at, len);
    hc->server->body_bytes += len;
    return 0;
}

static int
on_message_complete(http_parser *p)
{
    struct http_conn *hc = p->data;
    hc->making->keep_alive = http_should_keep_alive(p) != 0;
    http_parser_pause(p, 1);
    return 0;
}

static void
serve(struct http_conn *hc)
{
    struct http_exchange *x = hc->making;
    if (x->path == NULL && !http_exchange_split(x)) {
        refuse(hc, 400);
        return;
    }
    hc->making = NULL;
    hc->serving = x;
    if (hc->early == HTTP_TAKEN) {
        if (x->taker != NULL && !http_header_done(x)) {
            x->taker->on_end(x->taker_ctx);
        }
        return;
    }
    const struct http_request request = {
        .method = http_method_str((enum http_method)hc->parser.method),
        .path = x->path,
        .query = x->query,
        .body = {x->body.ptr, x->body.len},
    };
    hc->server->handler(hc->server->ctx, x, &request);
}

static int64_t
http_data(void *ctx, struct conn *c, const uint8_t *data, size_t len)
{
    static const http_parser_settings settings = {
        .on_message_begin = on_message_begin,
        .on_url = on_url,
        .on_header_field = on_header_field,
        .on_header_value = on_header_value,
        .on_headers_complete = on_headers_complete,
        .on_body = on_body,
        .on_message_complete = on_message_complete,
    };
    struct http_conn *hc = ctx;
    if (hc->serving != NULL) {
        return 0;
    }
    hc->answer_now = false;
    const size_t used = http_parser_execute(&hc->parser, &settings, (const char *)data, len);
    const enum http_errno rc = HTTP_PARSER_ERRNO(&hc->parser);
    if (rc == HPE_PAUSED) {
        idle_set(hc, false);
        serve(hc);
        return (int64_t)used;
    }
    if (hc->answer_now) {
        idle_set(hc, false);
        hc->making->keep_alive = false;
        serve(hc);
        return (int64_t)len;
    }
    if (rc != HPE_OK) {
        taken_gone(hc->making);
        const int status = hc->refuse_status != 0      ? hc->refuse_status
                           : rc == HPE_HEADER_OVERFLOW ? 431
                           : rc == HPE_INVALID_VERSION ? 505
                                                       : 400;
        trace(TRACE_DEBUG, "http", "%s: %s", conn_peer(c), http_errno_name(rc));
        idle_set(hc, false);
        refuse(hc, status);
        return (int64_t)len;
    }
    idle_set(hc, true);
    return (int64_t)used;
}

static void
http_drain(void *ctx, struct conn *c)
{
    struct http_conn *hc = ctx;
    struct http_exchange *x = hc->serving;
    if (x != NULL) {
        atomic_store(&x->unsent_bytes, conn_queued(c));
        if (x->taker != NULL && x->taker->on_drain != NULL) {
            x->taker->on_drain(x->taker_ctx);
        }
    }
}

/* --- requests and answers in pieces ------------------------------------------------------------
 */

void
http_server_set_early(struct http_server *s, http_early_handler early)
{
    s->early = early;
}

void
http_take(struct http_exchange *x, const struct http_taker *taker, void *ctx)
{
    x->taker = taker;
    x->taker_ctx = ctx;
}

void
http_pause(struct http_exchange *x, bool paused)
{
    struct http_conn *hc = x->conn;
    if (hc != NULL && hc->making == x) {
        conn_pause(hc->conn, paused);
        idle_set(hc, !paused); /* while it is we who are slow, the client may wait */
    }
}

void
http_send_begin(struct http_exchange *x, int status, const char *content_type, int64_t length)
{
    http_exchange_head(x, status, content_type, length);
    if (x->conn != NULL) {
        http_retain(x);
        http_exchange_move(x);
    }
}

void
http_send_ref(struct http_exchange *x, const void *src, size_t len, void (*on_sent)(void *ctx),
              void *ctx)
{
    if (x->conn == NULL || x->head_only) {
        on_sent(ctx);
        return;
    }
    conn_write_ref(x->conn->conn, src, len, on_sent, ctx);
}

void
http_send_end(struct http_exchange *x)
{
    if (x->conn != NULL) {
        x->taker = NULL;
        exchange_finish(x->conn, x);
    }
}

void
http_abort(struct http_exchange *x)
{
    if (x->conn != NULL) {
        conn_close(x->conn->conn);
    }
}

size_t
http_send_queued(const struct http_exchange *x)
{
    return x->conn != NULL ? conn_queued(x->conn->conn) : 0;
}

static void
server_free_if_done(struct http_server *server)
{
    if (server->listener == NULL && server->conns == NULL) {
        free(server);
    }
}

static void
http_close(void *ctx, struct conn *c)
{
    struct http_conn *hc = ctx;
    struct http_server *server = hc->server;
    idle_set(hc, false);
    if (hc->making != NULL) {
        atomic_store(&hc->making->gone, true);
        taken_gone(hc->making);
        exchange_detach(hc, hc->making);
    }
    if (hc->serving != NULL) {
        atomic_store(&hc->serving->gone, true);
        taken_gone(hc->serving);
        exchange_detach(hc, hc->serving);
    }
    *hc->link = hc->next;
    if (hc->next != NULL) {
        hc->next->link = hc->link;
    }
    server->conn_count--;
    free(hc);
    server_free_if_done(server);
}

static void
http_accept(void *ctx, struct conn *c)
{
    static const struct conn_handlers handlers = {http_data, http_drain, http_close};
    struct http_server *server = ctx;
    if (server->conn_count >= CONNECTIONS_MAX) {
        trace(TRACE_WARN, "http", "%s: too many connections", conn_peer(c));
        conn_close(c);
        return;
    }
    struct http_conn *hc = must_alloc(calloc(1, sizeof *hc));
    hc->server = server;
    hc->conn = c;
    http_parser_init(&hc->parser, HTTP_REQUEST);
    hc->parser.data = hc;
    hc->next = server->conns;
    hc->link = &server->conns;
    if (hc->next != NULL) {
        hc->next->link = &hc->next;
    }
    server->conns = hc;
    server->conn_count++;
    conn_set_handlers(c, &handlers, hc);
    idle_set(hc, true);
}

struct http_server *
http_server_new(struct loop *loop, int listen_fd, http_handler handler, void *ctx)
{
    struct http_server *server = must_alloc(calloc(1, sizeof *server));
    *server = (struct http_server){.loop = loop, .handler = handler, .ctx = ctx};
    server->listener = listener_new(loop, listen_fd, http_accept, server);
    return server;
}

void
http_server_free(struct http_server *server)
{
    listener_free(server->listener);
    server->listener = NULL;
    for (struct http_conn *hc = server->conns; hc != NULL; hc = hc->next) {
        conn_close(hc->conn);
    }
    server_free_if_done(server);
}
