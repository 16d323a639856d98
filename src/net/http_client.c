/*
 * A blocking HTTP/1.1 caller: poll with a deadline around non-blocking reads and writes.
 *
 * A kept connection that the server has closed meanwhile is seen before the request is written
 * (it is readable without having been asked anything), so that "sent" stays honest.
 */
#include "net/http_client.h"

#include <errno.h>
#include <fcntl.h>
#include <http_parser.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/env.h"
#include "base/thread.h"
#include "net/address.h"

enum { INPUT_BYTES = 64 << 10 };

struct http_client {
    char *address;
    pthread_mutex_t lock; /* guards fd against http_client_cancel */
    int fd;               /* -1: not connected */
    atomic_bool cancelled;
    http_parser parser;
    const struct http_post *post; /* under way */
    struct buffer *body;
    bool complete, refused; /* the message's end; on_body said false, or the body is too long */
    bool overflow;
};

struct http_client *
http_client_new(const char *address)
{
    struct http_client *c = calloc(1, sizeof *c);
    char *copy = strdup(address);
    if (c == NULL || copy == NULL) {
        env_real.ops->fatal(&env_real, "out of memory for a client");
    }
    c->address = copy;
    c->fd = -1;
    pthread_mutex_init(&c->lock, NULL);
    return c;
}

static void
client_close(struct http_client *c)
{
    mutex_lock(&c->lock);
    if (c->fd >= 0) {
        close(c->fd);
        c->fd = -1;
    }
    mutex_unlock(&c->lock);
}

void
http_client_free(struct http_client *c)
{
    if (c != NULL) {
        client_close(c);
        pthread_mutex_destroy(&c->lock);
        free(c->address);
        free(c);
    }
}

void
http_client_cancel(struct http_client *c)
{
    atomic_store(&c->cancelled, true);
    mutex_lock(&c->lock);
    if (c->fd >= 0) {
        shutdown(c->fd, SHUT_RDWR);
    }
    mutex_unlock(&c->lock);
}

static bool
client_fail(struct http_client *c, int errnum, const char *what, struct error *err)
{
    client_close(c);
    if (atomic_load(&c->cancelled)) {
        return error_set(err, ERROR_CANCELLED, "the call to %s was ended", c->address);
    }
    return error_set_code(err, ERROR_UNAVAILABLE, errnum, "%s %s: %s", c->address, what,
                          strerror(errnum));
}

/* Waits for readiness; deadline_ns INT64_MAX: for ever. Returns 0, or an errno. */
static int
client_wait(struct http_client *c, short events, int64_t deadline_ns)
{
    for (;;) {
        int wait_ms = -1;
        if (deadline_ns != INT64_MAX) {
            const int64_t left_ns = deadline_ns - env_mono_ns(&env_real);
            if (left_ns <= 0) {
                return ETIMEDOUT;
            }
            wait_ms = left_ns / 1000000 >= INT_MAX ? INT_MAX : (int)(left_ns / 1000000) + 1;
        }
        struct pollfd p = {.fd = c->fd, .events = events};
        const int n = poll(&p, 1, wait_ms);
        if (n > 0) {
            return 0;
        }
        if (n < 0 && errno != EINTR) {
            return errno;
        }
    }
}

static int64_t
deadline_after(int64_t ms)
{
    return ms < 0 ? INT64_MAX : env_mono_ns(&env_real) + ms * 1000000;
}

/* A peer that vanished without a word is noticed within seconds, also by a stream that waits. */
static void
keep_watch(int fd)
{
    const int on = 1, idle_s = 2, step_s = 1, tries = 3;
    setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof idle_s);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &step_s, sizeof step_s);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &tries, sizeof tries);
}

static bool
client_connect(struct http_client *c, int64_t connect_ms, struct error *err)
{
    if (c->fd >= 0) {
        struct pollfd p = {.fd = c->fd, .events = POLLIN};
        if (poll(&p, 1, 0) == 0) {
            return true;
        }
        client_close(c); /* closed by the server, or out of step */
    }
    struct error why = {0};
    const int fd = net_connect_start(c->address, true, &why);
    if (fd < 0) {
        const int errnum = why.code != 0 ? why.code : EHOSTUNREACH;
        error_clear(&why);
        return client_fail(c, errnum, "does not answer", err);
    }
    mutex_lock(&c->lock);
    c->fd = fd;
    mutex_unlock(&c->lock);
    keep_watch(fd);
    int errnum = client_wait(c, POLLOUT, deadline_after(connect_ms));
    if (errnum == 0) {
        socklen_t len = sizeof errnum;
        getsockopt(fd, SOL_SOCKET, SO_ERROR, &errnum, &len);
    }
    return (errnum == 0 && !atomic_load(&c->cancelled)) ||
           client_fail(c, errnum, "does not answer", err);
}

static bool
client_send(struct http_client *c, const struct buffer *request, int64_t deadline_ns,
            struct error *err)
{
    for (size_t at = 0; at < request->len;) {
        const ssize_t n = send(c->fd, request->ptr + at, request->len - at, MSG_NOSIGNAL);
        if (n >= 0) {
            at += (size_t)n;
            continue;
        }
        int errnum = errno;
        if (errnum == EAGAIN) {
            errnum = client_wait(c, POLLOUT, deadline_ns);
        } else if (errnum == EINTR) {
            errnum = 0;
        }
        if (errnum != 0) {
            return client_fail(c, errnum, "was lost during a call", err);
        }
    }
    return true;
}

static int
on_body(http_parser *p, const char *at, size_t len)
{
    struct http_client *c = p->data;
    const struct bytes piece = {(const uint8_t *)at, len};
    if (c->post->on_body != NULL) {
        c->refused = !c->post->on_body(c->post->ctx, piece);
        return c->refused ? 1 : 0;
    }
    buffer_put(c->body, at, len);
    c->overflow = c->body->overflow;
    return c->overflow ? 1 : 0;
}

static int
on_complete(http_parser *p)
{
    struct http_client *c = p->data;
    c->complete = true;
    http_parser_pause(p, 1);
    return 0;
}

static bool
client_receive(struct http_client *c, struct error *err)
{
    static const http_parser_settings settings = {.on_body = on_body,
                                                  .on_message_complete = on_complete};
    http_parser_init(&c->parser, HTTP_RESPONSE);
    c->parser.data = c;
    const bool stream = c->post->on_body != NULL;
    int64_t deadline_ns = deadline_after(c->post->timeout_ms);
    char *input = malloc(INPUT_BYTES);
    int errnum = input != NULL ? 0 : ENOMEM;
    while (errnum == 0 && !c->complete && !c->refused) {
        const ssize_t n = recv(c->fd, input, INPUT_BYTES, 0);
        if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
            errnum = errno == EINTR ? 0 : client_wait(c, POLLIN, deadline_ns);
            continue;
        }
        if (n <= 0) {
            errnum = n < 0 ? errno : ECONNRESET;
            break;
        }
        const size_t used = http_parser_execute(&c->parser, &settings, input, (size_t)n);
        const enum http_errno fault = HTTP_PARSER_ERRNO(&c->parser);
        if (fault != HPE_OK && !c->complete && !c->refused) {
            free(input);
            client_close(c);
            return error_set(err, ERROR_PROTOCOL, "%s: %s", c->address,
                             c->overflow ? "the answer is too long" : http_errno_name(fault));
        }
        if (c->complete && used != (size_t)n) {
            errnum = 0; /* more than one answer to one request: the connection is out of step */
            c->refused = true;
        }
        deadline_ns = stream ? deadline_after(c->post->timeout_ms) : deadline_ns;
    }
    free(input);
    return errnum == 0 || client_fail(c, errnum, "was lost during a call", err);
}

bool
http_client_post(struct http_client *c, const struct http_post *post, int *status,
                 struct buffer *body, bool *sent, struct error *err)
{
    *sent = false;
    c->post = post;
    c->body = body;
    c->complete = c->refused = c->overflow = false;
    if (body != NULL) {
        buffer_clear(body);
    }
    if (!client_connect(c, post->connect_ms, err)) {
        return false;
    }
    struct buffer request = {0};
    buffer_printf(&request,
                  "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\n"
                  "Content-Length: %zu\r\n%s\r\n",
                  post->path, c->address, post->body.len,
                  post->headers != NULL ? post->headers : "");
    buffer_put(&request, post->body.ptr, post->body.len);
    *sent = true;
    const bool ok =
        client_send(c, &request, deadline_after(post->timeout_ms), err) && client_receive(c, err);
    buffer_release(&request);
    if (!ok) {
        return false;
    }
    *status = (int)c->parser.status_code;
    if (c->complete) {
        http_parser_pause(&c->parser, 0);
    }
    if (c->refused || !http_should_keep_alive(&c->parser)) {
        client_close(c);
    }
    return true;
}
