/* Bytes to and from a worker. */
#include "python/worker.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

enum { READ_BYTES = 1 << 16 };

static bool
crashed(struct error *err)
{
    return error_set(err, ERROR_EXECUTION,
                     "[PYTHON_WORKER_CRASHED] Python worker exited unexpectedly (crashed). "
                     "Consider setting 'spark.sql.execution.pyspark.udf.faulthandler.enabled' to "
                     "'true' to see where it was.");
}

static bool
send_some(struct python_worker *w, struct error *err)
{
    while (w->sent < w->out.len) {
        const ssize_t n = send(w->fd, w->out.ptr + w->sent, w->out.len - w->sent, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            return true;
        }
        if (n < 0) {
            /* It may have closed after it said why; that is read before this counts. */
            w->sent = w->out.len;
            break;
        }
        w->sent += (size_t)n;
    }
    if (w->sent == w->out.len) {
        buffer_clear(&w->out);
        w->sent = 0;
    }
    (void)err;
    return true;
}

/* *ended: the other side closed. */
static bool
receive_some(struct python_worker *w, bool *ended, struct error *err)
{
    for (;;) {
        if (!buffer_reserve(&w->in, READ_BYTES)) {
            return error_set(err, ERROR_RESOURCE, "A Python function answered with too much.");
        }
        const ssize_t n = recv(w->fd, w->in.ptr + w->in.len, READ_BYTES, 0);
        if (n > 0) {
            w->in.len += (size_t)n;
            if (n < READ_BYTES) {
                return true;
            }
        } else if (n == 0 || (errno != EINTR && errno != EAGAIN && errno != EWOULDBLOCK)) {
            *ended = true;
            return true;
        } else if (errno != EINTR) {
            return true;
        }
    }
}

bool
worker_pump(struct python_worker *w, bool wait, struct error *err)
{
    struct pollfd ready = {.fd = w->fd, .events = POLLIN};
    if (w->sent < w->out.len) {
        ready.events |= POLLOUT;
    }
    const int n = poll(&ready, 1, wait ? -1 : 0);
    if (n < 0 && errno != EINTR) {
        return error_system(err, errno, "poll");
    }
    bool ended = false;
    const size_t before = w->in.len;
    if (n > 0 && (ready.revents & (POLLIN | POLLHUP | POLLERR)) != 0 &&
        !receive_some(w, &ended, err)) {
        return false;
    }
    if (n > 0 && (ready.revents & POLLOUT) != 0 && !send_some(w, err)) {
        return false;
    }
    return !(ended && w->in.len == before) || crashed(err);
}

bool
worker_need(struct python_worker *w, size_t n, struct error *err)
{
    while (worker_have(w) < n) {
        if (!worker_pump(w, true, err)) {
            return false;
        }
    }
    return true;
}

void
worker_consume(struct python_worker *w, size_t n)
{
    w->taken += n;
    if (w->taken == w->in.len) {
        buffer_clear(&w->in);
        w->taken = 0;
    } else if (w->taken > (1 << 20) && w->taken > w->in.len / 2) {
        memmove(w->in.ptr, w->in.ptr + w->taken, w->in.len - w->taken);
        w->in.len -= w->taken;
        w->taken = 0;
    }
}

bool
worker_int(struct python_worker *w, int32_t *out, struct error *err)
{
    if (!worker_need(w, 4, err)) {
        return false;
    }
    const uint8_t *b = worker_bytes(w);
    *out = (int32_t)((uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3]);
    worker_consume(w, 4);
    return true;
}
