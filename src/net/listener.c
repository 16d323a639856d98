/*
 * Accepting connections. When the process has no descriptors left, accepting pauses for a moment:
 * the waiting connection keeps the socket readable, and the loop would turn without an end.
 */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/env.h"
#include "base/trace.h"
#include "net/loop.h"
#include "net/poll.h"

enum { ACCEPTS_PER_ROUND = 64, PAUSE_MS = 100 };

struct listener {
    struct poll_source source; /* first: the event's pointer is the listener */
    struct loop *loop;
    void (*on_accept)(void *ctx, struct conn *c);
    void *ctx;
    struct loop_timer *pause;
};

static void
pause_end(void *ctx)
{
    struct listener *l = ctx;
    l->pause = NULL;
    loop_watch(l->loop, &l->source, EPOLLIN);
}

static void
listener_ready(struct poll_source *source, uint32_t events)
{
    struct listener *l = (struct listener *)source;
    for (int i = 0; i < ACCEPTS_PER_ROUND && l->source.fd >= 0; i++) {
        const int fd = accept4(l->source.fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd >= 0) {
            l->on_accept(l->ctx, conn_adopt(l->loop, fd));
        } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
            trace(TRACE_WARN, "net", "cannot accept a connection: no descriptors or memory left");
            loop_watch(l->loop, &l->source, 0);
            l->pause = loop_after(l->loop, PAUSE_MS, pause_end, l);
            return;
        } else if (errno == EAGAIN) {
            return;
        }
    }
}

struct listener *
listener_new(struct loop *loop, int fd, void (*on_accept)(void *ctx, struct conn *c), void *ctx)
{
    struct listener *l = calloc(1, sizeof *l);
    if (l == NULL) {
        env_real.ops->fatal(&env_real, "out of memory for a listener");
    }
    *l = (struct listener){.source = {.fd = fd, .on_ready = listener_ready},
                           .loop = loop,
                           .on_accept = on_accept,
                           .ctx = ctx};
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK); /* an inherited one may lack it */
    if (!loop_watch(loop, &l->source, EPOLLIN)) {
        env_real.ops->fatal(&env_real, "a listening socket cannot be watched");
    }
    return l;
}

void
listener_free(struct listener *l)
{
    if (l->pause != NULL) {
        loop_timer_cancel(l->pause);
    }
    loop_watch(l->loop, &l->source, 0);
    close(l->source.fd);
    l->source.fd = -1;
    loop_bury(l->loop, l);
}
