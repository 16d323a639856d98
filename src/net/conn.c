/*
 * Byte streams on the loop.
 *
 * Reading: an idle connection holds no buffer. Bytes are read to the loop's scratch and offered
 * from there; only what the owner leaves unread is kept, in a buffer of the connection's own.
 *
 * Writing: a ring of segments (copied, owned, borrowed, file), flushed at the end of the round or
 * when the socket has room again. Adjacent memory segments leave with one sendmsg.
 *
 * Closing: conn_close only marks; the end of the round calls on_close and frees, so that nobody's
 * pointer dies under him inside a callback. conn_finish sends what is queued, shuts the sending
 * side, and then drops what arrives for a while: closing a socket with unread input would make TCP
 * reset the connection and might destroy the answer on its way.
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/env.h"
#include "base/error.h"
#include "net/address.h"
#include "net/loop.h"
#include "net/poll.h"

enum {
    CHUNK_BYTES = 4 << 10, /* small writes gather in chunks of this size */
    IOV_MAX_HERE = 64,     /* segments a sendmsg */
    FLUSH_BYTES = 4 << 20, /* a round sends at most this for one connection */
    READS_PER_ROUND = 4,   /* and reads this often */
    LINGER_MS = 2000,      /* how long a finished connection waits for the peer's end */
    INPUT_DEFAULT_MAX = 1 << 20,
    IDLE_INPUT_BYTES = 256 << 10, /* an emptied input buffer above this is given back */
};

struct segment {
    const uint8_t *ptr; /* NULL: file bytes */
    void *owned;        /* freed when sent */
    size_t len;         /* unsent */
    size_t room;        /* free bytes behind a copied chunk */
    int fd;
    int64_t offset;
    void (*on_sent)(void *ctx);
    void *ctx;
};

struct conn {
    struct poll_source source; /* first: the event's pointer is the connection */
    struct loop_work work;
    struct loop_member member;
    struct loop *loop;
    const struct conn_handlers *handlers;
    void *ctx;

    uint8_t *in;
    size_t in_start;
    size_t in_len;
    size_t in_capacity;
    size_t in_max;

    struct segment *segments; /* ring; capacity is a power of two */
    size_t segment_head;
    size_t segment_count;
    size_t segment_capacity;
    size_t queued_bytes;

    bool above_low_water;
    bool blocked;   /* the socket's buffer is full; wait for EPOLLOUT */
    bool paused;    /* the owner wants no input */
    bool reoffer;   /* unpaused with unread bytes */
    bool hung_up;   /* both directions are gone while paused; watching would spin */
    bool finishing; /* close when the queue is sent */
    bool lingering; /* the sending side is shut */
    bool closing;   /* on_close is due */
    struct loop_timer *linger;
    char peer[ADDRESS_TEXT_MAX];
};

static void *
must_alloc(void *p)
{
    if (p == NULL) {
        env_real.ops->fatal(&env_real, "out of memory for a connection");
    }
    return p;
}

static struct conn *
conn_of_work(struct loop_work *work)
{
    return (struct conn *)((char *)work - offsetof(struct conn, work));
}

static struct conn *
conn_of_member(struct loop_member *member)
{
    return (struct conn *)((char *)member - offsetof(struct conn, member));
}

static void
watch_update(struct conn *c)
{
    if (c->source.fd < 0 || c->hung_up) {
        return;
    }
    const uint32_t events = (c->paused ? 0u : EPOLLIN) | (c->blocked ? EPOLLOUT : 0u);
    /* EPOLLPRI keeps a paused connection registered, so that its end is still noticed. */
    if (!loop_watch(c->loop, &c->source, events != 0 ? events : EPOLLPRI)) {
        conn_close(c);
    }
}

/* --- output ------------------------------------------------------------------------------------
 */

static struct segment *
segment_at(struct conn *c, size_t index)
{
    return &c->segments[(c->segment_head + index) & (c->segment_capacity - 1)];
}

static struct segment *
segment_push(struct conn *c)
{
    if (c->segment_count == c->segment_capacity) {
        const size_t capacity = c->segment_capacity == 0 ? 8 : c->segment_capacity * 2;
        struct segment *grown = must_alloc(malloc(capacity * sizeof *grown));
        for (size_t i = 0; i < c->segment_count; i++) {
            grown[i] = *segment_at(c, i);
        }
        free(c->segments);
        c->segments = grown;
        c->segment_capacity = capacity;
        c->segment_head = 0;
    }
    struct segment *s = segment_at(c, c->segment_count++);
    *s = (struct segment){.fd = -1};
    return s;
}

static void
segment_pop(struct conn *c)
{
    const struct segment s = *segment_at(c, 0);
    c->segment_head = (c->segment_head + 1) & (c->segment_capacity - 1);
    c->segment_count--;
    free(s.owned);
    if (s.on_sent != NULL) {
        s.on_sent(s.ctx);
    }
}

/* False: the connection is on its way out and takes nothing more. */
static bool
output_open(struct conn *c, size_t len)
{
    assert(loop_is_here(c->loop));
    if (c->closing || c->finishing) {
        return false;
    }
    c->queued_bytes += len;
    c->above_low_water |= c->queued_bytes >= CONN_LOW_WATER;
    loop_work_add(c->loop, &c->work);
    return true;
}

void
conn_write(struct conn *c, const void *src, size_t len)
{
    if (len == 0 || !output_open(c, len)) {
        return;
    }
    const uint8_t *from = src;
    struct segment *tail = c->segment_count > 0 ? segment_at(c, c->segment_count - 1) : NULL;
    if (tail != NULL && tail->room > 0) {
        const size_t part = len < tail->room ? len : tail->room;
        memcpy((uint8_t *)(uintptr_t)tail->ptr + tail->len, from, part);
        tail->len += part;
        tail->room -= part;
        from += part;
        len -= part;
    }
    if (len > 0) {
        const size_t bytes = len > CHUNK_BYTES ? len : CHUNK_BYTES;
        uint8_t *chunk = must_alloc(malloc(bytes));
        memcpy(chunk, from, len);
        struct segment *s = segment_push(c);
        s->owned = chunk;
        s->ptr = chunk;
        s->len = len;
        s->room = bytes - len;
    }
}

void
conn_write_owned(struct conn *c, void *malloced, size_t len)
{
    if (len == 0 || !output_open(c, len)) {
        free(malloced);
        return;
    }
    struct segment *s = segment_push(c);
    s->owned = malloced;
    s->ptr = malloced;
    s->len = len;
}

void
conn_write_ref(struct conn *c, const void *src, size_t len, void (*on_sent)(void *ctx), void *ctx)
{
    if (len == 0 || !output_open(c, len)) {
        on_sent(ctx);
        return;
    }
    struct segment *s = segment_push(c);
    s->ptr = src;
    s->len = len;
    s->on_sent = on_sent;
    s->ctx = ctx;
}

void
conn_write_file(struct conn *c, int fd, int64_t offset, size_t len, void (*on_sent)(void *ctx),
                void *ctx)
{
    if (len == 0 || !output_open(c, len)) {
        if (on_sent != NULL) {
            on_sent(ctx);
        }
        return;
    }
    struct segment *s = segment_push(c);
    s->fd = fd;
    s->offset = offset;
    s->len = len;
    s->on_sent = on_sent;
    s->ctx = ctx;
}

static void
sent(struct conn *c, size_t bytes)
{
    c->queued_bytes -= bytes;
    while (bytes > 0) {
        struct segment *s = segment_at(c, 0);
        const size_t part = bytes < s->len ? bytes : s->len;
        s->len -= part;
        bytes -= part;
        if (s->ptr != NULL) {
            s->ptr += part;
        } else {
            s->offset += (int64_t)part;
        }
        if (s->len == 0) {
            segment_pop(c);
        }
    }
}

static ssize_t
send_memory(struct conn *c)
{
    struct iovec iov[IOV_MAX_HERE];
    size_t count = 0;
    while (count < c->segment_count && count < IOV_MAX_HERE && segment_at(c, count)->ptr != NULL) {
        struct segment *s = segment_at(c, count);
        iov[count++] = (struct iovec){(void *)(uintptr_t)s->ptr, s->len};
    }
    const struct msghdr msg = {.msg_iov = iov, .msg_iovlen = count};
    return sendmsg(c->source.fd, &msg, MSG_NOSIGNAL);
}

static ssize_t
send_file(struct conn *c)
{
    const struct segment *s = segment_at(c, 0);
    off_t offset = (off_t)s->offset;
    const ssize_t n = sendfile(c->source.fd, s->fd, &offset, s->len);
    if (n == 0) {
        errno = EIO; /* the file is shorter than promised: the stream cannot be continued */
        return -1;
    }
    return n;
}

static void
flush(struct conn *c)
{
    size_t done = 0;
    while (c->segment_count > 0 && !c->blocked && !c->closing) {
        if (done >= FLUSH_BYTES) {
            loop_work_add(c->loop, &c->work); /* others' turn; go on in the next round */
            return;
        }
        const ssize_t n = segment_at(c, 0)->ptr != NULL ? send_memory(c) : send_file(c);
        if (n >= 0) {
            done += (size_t)n;
            sent(c, (size_t)n);
        } else if (errno == EAGAIN) {
            c->blocked = true;
        } else if (errno != EINTR) {
            conn_close(c);
        }
    }
}

static void
linger_end(void *ctx)
{
    struct conn *c = ctx;
    c->linger = NULL;
    conn_close(c);
}

static void
output_work(struct conn *c)
{
    flush(c);
    if (c->closing) {
        return;
    }
    watch_update(c);
    if (c->above_low_water && c->queued_bytes < CONN_LOW_WATER) {
        c->above_low_water = false;
        if (c->handlers != NULL && c->handlers->on_drain != NULL) {
            c->handlers->on_drain(c->ctx, c);
        }
    }
    if (c->finishing && !c->lingering && c->segment_count == 0 && !c->closing) {
        c->lingering = true;
        shutdown(c->source.fd, SHUT_WR);
        c->linger = loop_after(c->loop, LINGER_MS, linger_end, c);
    }
}

/* --- input -------------------------------------------------------------------------------------
 */

/* Offers bytes as long as the owner takes some; returns how many were taken. */
static size_t
offer(struct conn *c, const uint8_t *data, size_t len)
{
    size_t used = 0;
    while (used < len && !c->paused && !c->closing && !c->finishing) {
        const int64_t took = c->handlers->on_data(c->ctx, c, data + used, len - used);
        if (took < 0) {
            conn_close(c);
            break;
        }
        assert((size_t)took <= len - used);
        if (took == 0) {
            break;
        }
        used += (size_t)took;
    }
    return c->finishing ? len : used;
}

static void
input_drop(struct conn *c, size_t bytes)
{
    c->in_start += bytes;
    c->in_len -= bytes;
    if (c->in_len == 0) {
        c->in_start = 0;
        if (c->in_capacity > IDLE_INPUT_BYTES) {
            free(c->in);
            c->in = NULL;
            c->in_capacity = 0;
        }
    }
}

/* Room for more bytes behind the unread ones. */
static void
input_reserve(struct conn *c, size_t more)
{
    if (c->in_start + c->in_len + more <= c->in_capacity) {
        return;
    }
    if (c->in_start > 0) {
        memmove(c->in, c->in + c->in_start, c->in_len);
        c->in_start = 0;
    }
    if (c->in_len + more > c->in_capacity) {
        size_t capacity = c->in_capacity * 2;
        capacity = capacity < c->in_len + more ? c->in_len + more : capacity;
        c->in = must_alloc(realloc(c->in, capacity));
        c->in_capacity = capacity;
    }
}

static void
input_keep(struct conn *c, const uint8_t *data, size_t len)
{
    if (len > 0 && !c->closing) {
        input_reserve(c, len);
        memcpy(c->in + c->in_start + c->in_len, data, len);
        c->in_len += len;
    }
}

static void
input_offer_kept(struct conn *c)
{
    if (c->in_len > 0) {
        input_drop(c, offer(c, c->in + c->in_start, c->in_len));
    }
}

/* One read. False: nothing more for now. */
static bool
input_read(struct conn *c)
{
    const bool direct = c->in_len == 0;
    uint8_t *dst = loop_scratch(c->loop);
    size_t room = LOOP_SCRATCH_BYTES;
    if (!direct) {
        input_reserve(c, 64 << 10);
        dst = c->in + c->in_start + c->in_len;
        room = c->in_capacity - c->in_start - c->in_len;
    }
    const ssize_t n = recv(c->source.fd, dst, room, 0);
    if (n < 0) {
        if (errno != EAGAIN && errno != EINTR) {
            conn_close(c);
        }
        return false;
    }
    if (n == 0) {
        conn_close(c);
        return false;
    }
    if (direct) {
        const size_t used = offer(c, dst, (size_t)n);
        input_keep(c, dst + used, (size_t)n - used);
    } else {
        c->in_len += (size_t)n;
        input_offer_kept(c);
    }
    if (c->in_len > c->in_max) {
        conn_close(c);
    }
    return (size_t)n == room;
}

static void
conn_ready(struct poll_source *source, uint32_t events)
{
    struct conn *c = (struct conn *)source;
    if (c->closing) {
        return;
    }
    if ((events & EPOLLOUT) != 0) {
        c->blocked = false;
        loop_work_add(c->loop, &c->work);
    }
    if (c->paused) {
        if ((events & (EPOLLHUP | EPOLLERR)) != 0) {
            /* The peer is gone, but what it sent first is still to be read after the pause. */
            loop_watch(c->loop, &c->source, 0);
            c->hung_up = true;
            c->blocked = false; /* let queued output find out as well */
            loop_work_add(c->loop, &c->work);
        }
        return;
    }
    if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) {
        for (int i = 0; i < READS_PER_ROUND && !c->closing && !c->paused; i++) {
            if (!input_read(c)) {
                break;
            }
        }
    }
}

/* --- life --------------------------------------------------------------------------------------
 */

static void
conn_destroy(struct conn *c)
{
    if (c->linger != NULL) {
        loop_timer_cancel(c->linger);
        c->linger = NULL;
    }
    while (c->segment_count > 0) {
        segment_pop(c);
    }
    if (c->handlers != NULL && c->handlers->on_close != NULL) {
        c->handlers->on_close(c->ctx, c);
    }
    loop_member_remove(&c->member);
    free(c->segments);
    free(c->in);
    loop_bury(c->loop, c);
}

static void
conn_work(struct loop_work *work)
{
    struct conn *c = conn_of_work(work);
    if (!c->closing && c->reoffer) {
        c->reoffer = false;
        input_offer_kept(c);
        if (c->hung_up && !c->paused && !c->closing) {
            while (input_read(c) && !c->paused) {
            }
            c->closing |= !c->paused;
        }
    }
    if (!c->closing) {
        output_work(c);
    }
    if (c->closing) {
        conn_destroy(c);
    }
}

static void
member_close(struct loop_member *member)
{
    conn_close(conn_of_member(member));
}

struct conn *
conn_adopt(struct loop *loop, int fd)
{
    assert(loop_is_here(loop));
    struct conn *c = must_alloc(calloc(1, sizeof *c));
    c->source = (struct poll_source){.fd = fd, .on_ready = conn_ready};
    c->work.run = conn_work;
    c->member.close = member_close;
    c->loop = loop;
    c->in_max = INPUT_DEFAULT_MAX;
    net_prepare(fd);
    loop_member_add(loop, &c->member);
    watch_update(c);
    return c;
}

struct conn *
conn_connect(struct loop *loop, const char *address, struct error *err)
{
    const int fd = net_connect_start(address, true, err);
    return fd >= 0 ? conn_adopt(loop, fd) : NULL;
}

void
conn_set_handlers(struct conn *c, const struct conn_handlers *handlers, void *ctx)
{
    c->handlers = handlers;
    c->ctx = ctx;
}

void
conn_set_input_max(struct conn *c, size_t bytes)
{
    c->in_max = bytes;
}

size_t
conn_queued(const struct conn *c)
{
    return c->queued_bytes;
}

void
conn_pause(struct conn *c, bool paused)
{
    assert(loop_is_here(c->loop));
    if (c->paused == paused || c->finishing || c->closing) {
        return;
    }
    c->paused = paused;
    watch_update(c);
    if (!paused) {
        conn_offer_again(c);
    }
}

void
conn_offer_again(struct conn *c)
{
    assert(loop_is_here(c->loop));
    if (!c->closing && !c->paused && (c->in_len > 0 || c->hung_up)) {
        c->reoffer = true;
        loop_work_add(c->loop, &c->work);
    }
}

void
conn_close(struct conn *c)
{
    assert(loop_is_here(c->loop));
    if (c->closing) {
        return;
    }
    c->closing = true;
    loop_watch(c->loop, &c->source, 0);
    close(c->source.fd);
    c->source.fd = -1;
    loop_work_add(c->loop, &c->work);
}

void
conn_finish(struct conn *c)
{
    assert(loop_is_here(c->loop));
    if (c->closing || c->finishing) {
        return;
    }
    c->finishing = true;
    c->paused = false; /* reads and drops */
    watch_update(c);
    loop_work_add(c->loop, &c->work);
}

const char *
conn_peer(const struct conn *c)
{
    struct conn *own = (struct conn *)(uintptr_t)c;
    if (own->peer[0] == '\0') {
        net_peer_text(c->source.fd, own->peer, sizeof own->peer);
    }
    return c->peer;
}

struct loop *
conn_loop(const struct conn *c)
{
    return c->loop;
}
