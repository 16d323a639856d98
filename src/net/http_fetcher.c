/* A blocking HTTP client on one socket; answers are read with http_parser. */
#include "net/http_fetcher.h"

#include <errno.h>
#include <http_parser.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "net/loop.h"

enum { PIECE_BYTES = 256 << 10, TIMEOUT_S = 300 };

struct http_fetcher {
    char *address;
    int fd;     /* -1: not connected */
    bool fresh; /* nothing has been asked on this connection */
    uint8_t *piece;
    /* The answer in the making. */
    http_parser parser;
    const struct http_fetch *req;
    struct http_fetched *out;
    struct error *err;
    bool location_next, complete, keep_alive, any_bytes;
};

struct http_fetcher *
http_fetcher_new(const char *address)
{
    struct http_fetcher *c = calloc(1, sizeof *c);
    if (c == NULL || (c->piece = malloc(PIECE_BYTES)) == NULL) {
        abort();
    }
    c->address = strdup(address);
    c->fd = -1;
    return c;
}

static void
client_close(struct http_fetcher *c)
{
    if (c->fd >= 0) {
        close(c->fd);
        c->fd = -1;
    }
}

void
http_fetcher_free(struct http_fetcher *c)
{
    if (c != NULL) {
        client_close(c);
        free(c->piece);
        free(c->address);
        free(c);
    }
}

const char *
http_fetcher_address(const struct http_fetcher *c)
{
    return c->address;
}

static bool
client_open(struct http_fetcher *c, struct error *err)
{
    struct error why = {0};
    c->fresh = false;
    if (c->fd >= 0) {
        return true;
    }
    c->fd = net_connect(c->address, &why);
    if (c->fd < 0) {
        error_set_code(err, ERROR_UNAVAILABLE, why.code, "%s", error_text(&why));
        error_clear(&why);
        return false;
    }
    const struct timeval limit = {.tv_sec = TIMEOUT_S};
    setsockopt(c->fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    setsockopt(c->fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    c->fresh = true;
    return true;
}

static bool
send_all(struct http_fetcher *c, const void *src, size_t len, struct error *err)
{
    const uint8_t *from = src;
    while (len > 0) {
        const ssize_t n = send(c->fd, from, len, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return error_set_code(err, ERROR_UNAVAILABLE, errno, "the connection to %s is lost: %s",
                                  c->address, strerror(errno));
        }
        from += n;
        len -= (size_t)n;
    }
    return true;
}

/* ---- answers ---- */

static int
on_header_field(http_parser *p, const char *at, size_t len)
{
    struct http_fetcher *c = p->data;
    c->location_next = len == 8 && strncasecmp(at, "location", 8) == 0;
    return 0;
}

static int
on_header_value(http_parser *p, const char *at, size_t len)
{
    struct http_fetcher *c = p->data;
    const size_t have = strlen(c->out->location);
    if (c->location_next && have + len < sizeof c->out->location) {
        memcpy(c->out->location + have, at, len);
        c->out->location[have + len] = '\0';
    }
    return 0;
}

static int
on_headers_complete(http_parser *p)
{
    struct http_fetcher *c = p->data;
    c->out->status = (int)p->status_code;
    return strcmp(c->req->method, "HEAD") == 0 ? 1 : 0;
}

static int
on_body(http_parser *p, const char *at, size_t len)
{
    struct http_fetcher *c = p->data;
    if (c->req->push != NULL && p->status_code / 100 == 2) {
        return c->req->push(c->req->ctx, (const uint8_t *)at, len, c->err) ? 0 : -1;
    }
    buffer_put(&c->out->body, at, len);
    return c->out->body.overflow ? -1 : 0;
}

static int
on_complete(http_parser *p)
{
    struct http_fetcher *c = p->data;
    if (p->status_code / 100 == 1) {
        http_parser_init(p, HTTP_RESPONSE);
        return 0;
    }
    c->complete = true;
    c->keep_alive = http_should_keep_alive(p) != 0;
    return 0;
}

static bool
answer_read(struct http_fetcher *c, struct error *err)
{
    static const http_parser_settings settings = {
        .on_header_field = on_header_field,
        .on_header_value = on_header_value,
        .on_headers_complete = on_headers_complete,
        .on_body = on_body,
        .on_message_complete = on_complete,
    };
    http_parser_init(&c->parser, HTTP_RESPONSE);
    c->parser.data = c;
    c->complete = c->any_bytes = false;
    while (!c->complete) {
        const ssize_t n = recv(c->fd, c->piece, PIECE_BYTES, 0);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return error_set_code(err, ERROR_UNAVAILABLE, errno, "the connection to %s is lost: %s",
                                  c->address, strerror(errno));
        }
        c->any_bytes |= n > 0;
        const size_t used =
            http_parser_execute(&c->parser, &settings, (const char *)c->piece, (size_t)n);
        if (error_is_set(err)) {
            return false;
        }
        if (used != (size_t)n && !c->complete) {
            return error_set(err, ERROR_PROTOCOL, "%s does not answer as an HTTP server: %s",
                             c->address, http_errno_name(HTTP_PARSER_ERRNO(&c->parser)));
        }
        if (n == 0 && !c->complete) {
            return error_set(err, ERROR_UNAVAILABLE, "%s closed the connection", c->address);
        }
    }
    return true;
}

/* ---- requests ---- */

static bool
body_pull(struct http_fetcher *c, const struct http_fetch *req, struct error *err)
{
    enum { ROOM = 16 }; /* for the chunk's length in front */
    for (;;) {
        const int64_t n = req->pull(req->ctx, c->piece + ROOM, PIECE_BYTES - ROOM - 2, err);
        if (n < 0) {
            return false;
        }
        if (n == 0) {
            return send_all(c, "0\r\n\r\n", 5, err);
        }
        struct buffer head = {0};
        buffer_printf(&head, "%llx\r\n", (unsigned long long)n);
        uint8_t *start = c->piece + ROOM - head.len;
        memcpy(start, head.ptr, head.len);
        memcpy(c->piece + ROOM + n, "\r\n", 2);
        const bool ok = send_all(c, start, head.len + (size_t)n + 2, err);
        buffer_release(&head);
        if (!ok) {
            return false;
        }
    }
}

static bool
request_send(struct http_fetcher *c, const struct http_fetch *req, struct error *err)
{
    struct buffer head = {0};
    buffer_printf(&head, "%s %s HTTP/1.1\r\nHost: %s\r\n", req->method, req->target, c->address);
    if (req->bearer != NULL && req->bearer[0] != '\0') {
        buffer_printf(&head, "Authorization: Bearer %s\r\n", req->bearer);
    }
    if (req->pull != NULL) {
        buffer_puts(&head, "Transfer-Encoding: chunked\r\n\r\n");
    } else {
        buffer_printf(&head, "Content-Length: %zu\r\n\r\n", req->len);
        if (req->len < 16 << 10) {
            buffer_put(&head, req->body, req->len);
        }
    }
    bool ok = send_all(c, head.ptr, head.len, err);
    buffer_release(&head);
    if (ok && req->pull != NULL) {
        ok = body_pull(c, req, err);
    } else if (ok && req->len >= 16 << 10) {
        ok = send_all(c, req->body, req->len, err);
    }
    return ok;
}

static bool
call_once(struct http_fetcher *c, const struct http_fetch *req, struct http_fetched *out,
          struct error *err)
{
    out->status = 0;
    out->location[0] = '\0';
    buffer_clear(&out->body);
    c->req = req;
    c->out = out;
    c->err = err;
    c->any_bytes = false;
    if (!client_open(c, err)) {
        return false;
    }
    bool ok = request_send(c, req, err);
    if (!ok && err->kind == ERROR_UNAVAILABLE) {
        /* Who refuses a body early has answered before he closed. */
        struct error why = {0};
        c->err = &why;
        if (answer_read(c, &why)) {
            error_clear(err);
            client_close(c);
            return true;
        }
        error_clear(&why);
    } else if (ok) {
        ok = answer_read(c, err);
    }
    if (!ok || !c->keep_alive) {
        client_close(c);
    }
    return ok;
}

bool
http_fetcher_call(struct http_fetcher *c, const struct http_fetch *req, struct http_fetched *out,
                  struct error *err)
{
    if (call_once(c, req, out, err)) {
        return true;
    }
    const bool again =
        err->kind == ERROR_UNAVAILABLE && !c->fresh && !c->any_bytes && req->pull == NULL;
    if (!again) {
        return false;
    }
    error_clear(err);
    return call_once(c, req, out, err);
}
