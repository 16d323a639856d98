/*
 * The calling side of frames: blocking calls over one connection that a reader thread listens on.
 *
 * A call puts itself in the list of waiting calls, writes its request, and sleeps until the reader
 * marks it done. A connection ends by an error on either side: whoever sees it shuts the socket
 * down, the reader then fails all waiting calls and ends, and the next call connects again. Two
 * locks: `lock` guards the state, `write_lock` keeps frames whole on the wire; the second may be
 * taken while nothing else is held, never the other way round.
 */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/env.h"
#include "base/thread.h"
#include "net/address.h"
#include "net/frame.h"
#include "net/frame_secret.h"

enum {
    CANCEL_LOOK_MS = 50,
    SEND_TIMEOUT_S = 60,        /* a peer that does not read for so long counts as dead */
    INPUT_STEP = 256 << 10,     /* read at least this much room at a time */
    IDLE_INPUT_BYTES = 4 << 20, /* an emptied buffer above this is given back */
};

typedef bool reply_fn(void *ctx, const struct frame *f);

struct call {
    struct call *next;
    struct call **link; /* NULL: not in the list */
    uint32_t request;
    struct buffer *reply; /* of a single call */
    reply_fn *on_reply;   /* of a stream */
    void *ctx;
    bool stopped; /* on_reply said false */
    bool done;
    struct error err; /* set if it failed */
    pthread_cond_t changed;
};

struct frame_client {
    char *address;
    char *secret; /* NULL: a process of this node */
    pthread_mutex_t write_lock;
    pthread_mutex_t lock; /* guards all below */
    struct call *calls;
    uint32_t last_request;
    int fd;               /* -1: not connected; only the reader closes it */
    bool ending;          /* the reader has stopped reading and clears up */
    bool reader_started;  /* to be joined */
    uint32_t writers;     /* threads that use fd outside the lock; it is not closed under them */
    pthread_cond_t moved; /* writers fell to 0, or ending to false */
    pthread_t reader;
};

struct frame_client *
frame_client_new(const char *address)
{
    struct frame_client *c = calloc(1, sizeof *c);
    char *copy = strdup(address);
    if (c == NULL || copy == NULL) {
        env_real.ops->fatal(&env_real, "out of memory for a client");
    }
    c->address = copy;
    c->fd = -1;
    pthread_mutex_init(&c->write_lock, NULL);
    pthread_mutex_init(&c->lock, NULL);
    cond_init(&c->moved);
    return c;
}

struct frame_client *
frame_client_new_peer(const char *address, const char *secret)
{
    struct frame_client *c = frame_client_new(address);
    c->secret = strdup(secret);
    if (c->secret == NULL) {
        env_real.ops->fatal(&env_real, "out of memory for a client");
    }
    return c;
}

/* --- the list of waiting calls; with the lock held ---------------------------------------------
 */

static void
call_add(struct frame_client *c, struct call *call)
{
    call->request = ++c->last_request;
    call->next = c->calls;
    call->link = &c->calls;
    if (call->next != NULL) {
        call->next->link = &call->next;
    }
    c->calls = call;
}

static void
call_remove(struct call *call)
{
    if (call->link != NULL) {
        *call->link = call->next;
        if (call->next != NULL) {
            call->next->link = call->link;
        }
        call->link = NULL;
    }
}

static void
call_end(struct call *call)
{
    call_remove(call);
    call->done = true;
    pthread_cond_signal(&call->changed);
}

static struct call *
call_find(struct frame_client *c, uint32_t request)
{
    struct call *call = c->calls;
    while (call != NULL && call->request != request) {
        call = call->next;
    }
    return call;
}

/* --- the reader --------------------------------------------------------------------------------
 */

static void
reply_error(struct call *call, const struct frame *f)
{
    struct reader in;
    reader_init(&in, f->payload);
    frame_get_error(&in, &call->err);
}

static void
reply_take(struct frame_client *c, const struct frame *f)
{
    mutex_lock(&c->lock);
    struct call *call = call_find(c, f->request);
    if (call == NULL) {
        mutex_unlock(&c->lock);
        return; /* its caller did not wait so long */
    }
    if ((f->flags & FRAME_ERROR) != 0) {
        reply_error(call, f);
    } else if (call->on_reply == NULL) {
        buffer_put(call->reply, f->payload.ptr, f->payload.len);
        if (call->reply->overflow) {
            error_set(&call->err, ERROR_PROTOCOL, "a reply of %zu bytes is larger than expected",
                      f->payload.len);
        }
    } else if (!call->stopped) {
        /* Only the reader ends a stream, so the call stays while the lock is open. */
        mutex_unlock(&c->lock);
        const bool more = call->on_reply(call->ctx, f);
        mutex_lock(&c->lock);
        if (!more) {
            call->stopped = true;
            pthread_cond_signal(&call->changed);
        }
    }
    if ((f->flags & (FRAME_LAST | FRAME_ERROR)) != 0) {
        call_end(call);
    }
    mutex_unlock(&c->lock);
}

/* Takes whole frames off the front. False: the stream is broken. */
static bool
input_take(struct frame_client *c, struct buffer *in, size_t *want)
{
    size_t at = 0;
    *want = INPUT_STEP;
    for (;;) {
        struct frame f;
        size_t used;
        const enum frame_step step =
            frame_decode((struct bytes){in->ptr + at, in->len - at}, &f, &used);
        if (step == FRAME_BROKEN) {
            return false;
        }
        if (step == FRAME_MORE) {
            const size_t missing = used - (in->len - at);
            *want = missing > INPUT_STEP ? missing : INPUT_STEP;
            break;
        }
        reply_take(c, &f);
        at += used;
    }
    if (at > 0) {
        memmove(in->ptr, in->ptr + at, in->len - at);
        in->len -= at;
    }
    if (in->len == 0 && in->capacity > IDLE_INPUT_BYTES) {
        buffer_release(in);
    }
    return true;
}

/* Fails what still waits. The descriptor is closed when no writer uses it any more. */
static void
connection_end(struct frame_client *c, int fd, int errnum)
{
    shutdown(fd, SHUT_RDWR);
    mutex_lock(&c->lock);
    c->ending = true;
    while (c->calls != NULL) {
        struct call *call = c->calls;
        if (!error_is_set(&call->err)) {
            error_set_code(&call->err, ERROR_UNAVAILABLE, errnum,
                           "the connection to %s was lost during a call", c->address);
        }
        call_end(call);
    }
    while (c->writers > 0) {
        pthread_cond_wait(&c->moved, &c->lock);
    }
    close(fd);
    c->fd = -1;
    c->ending = false;
    pthread_cond_broadcast(&c->moved);
    mutex_unlock(&c->lock);
}

static void *
reader_main(void *ctx)
{
    struct frame_client *c = ctx;
    mutex_lock(&c->lock);
    const int fd = c->fd;
    mutex_unlock(&c->lock);
    struct buffer in = {.limit = 2 * (size_t)FRAME_PAYLOAD_MAX};
    size_t want = INPUT_STEP;
    int errnum = ECONNRESET;
    for (;;) {
        if (!buffer_reserve(&in, want)) {
            break;
        }
        const ssize_t n = recv(fd, in.ptr + in.len, in.capacity - in.len, 0);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            errnum = n < 0 ? errno : ECONNRESET;
            break;
        }
        in.len += (size_t)n;
        if (!input_take(c, &in, &want)) {
            errnum = EBADMSG;
            break;
        }
    }
    buffer_release(&in);
    connection_end(c, fd, errnum);
    return NULL;
}

/* --- writing -----------------------------------------------------------------------------------
 */

/* A blocking socket to another node, or -1. */
static int
peer_connect(const struct frame_client *c, struct error *err)
{
    const int fd = net_connect_start(c->address, true, err);
    if (fd < 0) {
        return -1;
    }
    struct pollfd p = {.fd = fd, .events = POLLOUT};
    int errnum = poll(&p, 1, FRAME_PEER_CONNECT_MS) > 0 ? 0 : ETIMEDOUT;
    socklen_t len = sizeof errnum;
    if (errnum == 0) {
        getsockopt(fd, SOL_SOCKET, SO_ERROR, &errnum, &len);
    }
    const int on = 1, idle_s = 5, step_s = 2, tries = 3, unsent_ms = 10000;
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
    setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof idle_s);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &step_s, sizeof step_s);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &tries, sizeof tries);
    setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &unsent_ms, sizeof unsent_ms);
    if (errnum != 0) {
        error_system(err, errnum, "cannot connect to %s", c->address);
    } else if (c->secret[0] == '\0' || frame_secret_prove(fd, c->secret, err)) {
        return fd;
    }
    close(fd);
    return -1;
}

/* With the lock held, also while connecting: the other callers would have to wait for it anyway. */
static bool
connect_if_needed(struct frame_client *c, struct error *err)
{
    while (c->ending) {
        pthread_cond_wait(&c->moved, &c->lock);
    }
    if (c->fd >= 0) {
        return true;
    }
    if (c->reader_started) {
        c->reader_started = false;
        pthread_join(c->reader, NULL); /* it has opened the lock for the last time */
    }
    struct error why = {0};
    const int fd = c->secret != NULL ? peer_connect(c, &why) : net_connect(c->address, &why);
    if (fd < 0) {
        error_set_code(err, ERROR_UNAVAILABLE, why.code, "%s", error_text(&why));
        error_clear(&why);
        return false;
    }
    const struct timeval timeout = {.tv_sec = SEND_TIMEOUT_S};
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout);
    c->fd = fd;
    c->reader_started = thread_start(&c->reader, "frame-reader", reader_main, c);
    if (!c->reader_started) {
        c->fd = -1;
        close(fd);
        return error_set(err, ERROR_RESOURCE, "no thread for the connection to %s", c->address);
    }
    return true;
}

static bool
send_all(int fd, struct iovec iov[2])
{
    size_t index = 0;
    while (index < 2) {
        const struct msghdr msg = {.msg_iov = iov + index, .msg_iovlen = 2 - index};
        ssize_t n = sendmsg(fd, &msg, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return false;
        }
        while (index < 2 && (size_t)n >= iov[index].iov_len) {
            n -= (ssize_t)iov[index++].iov_len;
        }
        if (index < 2) {
            iov[index].iov_base = (char *)iov[index].iov_base + n;
            iov[index].iov_len -= (size_t)n;
        }
    }
    return true;
}

/* Writes a frame on fd, for which the caller is counted as a writer. A failure shuts the socket
 * down, so that the reader ends the connection and with it this call. */
static void
frame_write(struct frame_client *c, int fd, const struct frame *f)
{
    uint8_t header[FRAME_HEADER_BYTES];
    frame_header_put(header, f);
    struct iovec iov[2] = {{header, sizeof header},
                           {(void *)(uintptr_t)f->payload.ptr, f->payload.len}};
    mutex_lock(&c->write_lock);
    const bool ok = send_all(fd, iov);
    mutex_unlock(&c->write_lock);
    if (!ok) {
        shutdown(fd, SHUT_RDWR);
    }
}

static void
writer_done(struct frame_client *c)
{
    if (--c->writers == 0) {
        pthread_cond_broadcast(&c->moved);
    }
}

/* Registers the call and writes its request. Returns with the lock held. */
static bool
call_start(struct frame_client *c, struct call *call, uint16_t type, const void *payload,
           size_t len, struct error *err)
{
    cond_init(&call->changed);
    mutex_lock(&c->lock);
    if (len > FRAME_PAYLOAD_MAX) {
        return error_set(err, ERROR_RESOURCE, "a request of %zu bytes is larger than a frame", len);
    }
    if (!connect_if_needed(c, err)) {
        return false;
    }
    call_add(c, call);
    const int fd = c->fd;
    c->writers++;
    mutex_unlock(&c->lock);
    frame_write(c, fd,
                &(struct frame){.type = type, .request = call->request, .payload = {payload, len}});
    mutex_lock(&c->lock);
    writer_done(c);
    return true;
}

static void
cancel_send(struct frame_client *c, struct call *call, uint16_t cancel_type)
{
    uint8_t number[4];
    memcpy(number, &call->request, sizeof number);
    const int fd = c->fd;
    if (fd < 0 || c->ending || cancel_type == 0) {
        return;
    }
    const uint32_t own_number = ++c->last_request; /* nobody waits for an answer to it */
    c->writers++;
    mutex_unlock(&c->lock);
    frame_write(c, fd,
                &(struct frame){.type = cancel_type,
                                .request = own_number,
                                .payload = {number, sizeof number}});
    mutex_lock(&c->lock);
    writer_done(c);
}

/* --- calls -------------------------------------------------------------------------------------
 */

bool
frame_call(struct frame_client *c, uint16_t type, const void *payload, size_t len,
           struct buffer *reply, int64_t timeout_ms, struct error *err)
{
    buffer_clear(reply);
    struct call call = {.reply = reply};
    const int64_t deadline = env_mono_ns(&env_real) + timeout_ms * 1000000;
    bool ok = call_start(c, &call, type, payload, len, err);
    while (ok && !call.done) {
        if (timeout_ms < 0) {
            pthread_cond_wait(&call.changed, &c->lock);
        } else if (!cond_wait_until(&call.changed, &c->lock, deadline) && !call.done) {
            ok = error_set_code(err, ERROR_UNAVAILABLE, ETIMEDOUT,
                                "%s did not answer within %lld ms", c->address,
                                (long long)timeout_ms);
        }
    }
    call_remove(&call);
    mutex_unlock(&c->lock);
    pthread_cond_destroy(&call.changed);
    if (ok && error_is_set(&call.err)) {
        error_move(err, &call.err);
        return false;
    }
    error_clear(&call.err);
    return ok;
}

bool
frame_call_stream(struct frame_client *c, uint16_t type, const void *payload, size_t len,
                  bool (*on_reply)(void *ctx, const struct frame *f), void *ctx,
                  _Atomic bool *cancel, uint16_t cancel_type, struct error *err)
{
    struct call call = {.on_reply = on_reply, .ctx = ctx};
    bool cancel_sent = false;
    const bool started = call_start(c, &call, type, payload, len, err);
    while (started && !call.done) {
        const bool wanted = call.stopped || (cancel != NULL && atomic_load(cancel));
        if (wanted && !cancel_sent) {
            cancel_sent = true;
            cancel_send(c, &call, cancel_type);
        } else if (cancel != NULL && !cancel_sent) {
            cond_wait_until(&call.changed, &c->lock,
                            env_mono_ns(&env_real) + (int64_t)CANCEL_LOOK_MS * 1000000);
        } else {
            pthread_cond_wait(&call.changed, &c->lock);
        }
    }
    mutex_unlock(&c->lock);
    pthread_cond_destroy(&call.changed);
    if (started && error_is_set(&call.err) && !call.stopped) {
        error_move(err, &call.err);
        return false;
    }
    error_clear(&call.err);
    return started;
}

void
frame_client_break(struct frame_client *c)
{
    mutex_lock(&c->lock);
    if (c->fd >= 0 && !c->ending) {
        shutdown(c->fd, SHUT_RDWR); /* the reader ends the connection */
    }
    mutex_unlock(&c->lock);
}

void
frame_client_free(struct frame_client *c)
{
    if (c == NULL) {
        return;
    }
    mutex_lock(&c->lock);
    assert(c->calls == NULL);
    if (c->fd >= 0 && !c->ending) {
        shutdown(c->fd, SHUT_RDWR);
    }
    const bool join = c->reader_started;
    mutex_unlock(&c->lock);
    if (join) {
        pthread_join(c->reader, NULL);
    }
    pthread_cond_destroy(&c->moved);
    pthread_mutex_destroy(&c->lock);
    pthread_mutex_destroy(&c->write_lock);
    free(c->address);
    free(c->secret);
    free(c);
}
