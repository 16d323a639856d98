/*
 * The serving side of frames, on the loop.
 *
 * Any thread replies: the frame is built outside the lock, appended to the peer's list, and one
 * posted call moves the list to the connection. A peer's struct outlives its connection for as long
 * as somebody holds a reference; then replies are dropped.
 */
#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/env.h"
#include "base/thread.h"
#include "base/trace.h"
#include "net/frame.h"
#include "net/frame_secret.h"

struct reply {
    struct reply *next;
    struct frame_peer *peer; /* referenced: its count of queued bytes is lowered when sent */
    size_t bytes;
    uint8_t data[]; /* header, payload */
};

struct frame_server {
    struct loop *loop;
    struct listener *listener; /* NULL once freed by its owner */
    struct frame_handlers handlers;
    void *ctx;
    struct frame_peer *peers;
    char *secret; /* NULL: none is asked for */
};

struct frame_peer {
    atomic_uint refs; /* the connection, the callers, each reply on its way, a posted move */
    atomic_size_t queued_bytes;
    struct frame_server *server; /* loop only, and only while conn is set */
    struct frame_peer *next;
    struct frame_peer **link;
    struct loop *loop;
    struct conn *conn; /* loop only; NULL once closed */
    bool paused;
    enum { PEER_OPEN = 0, PEER_NEW, PEER_CHALLENGED } proof; /* loop only, as the next two */
    struct frame_nonces nonces;
    struct loop_timer *proof_timer; /* NULL: none runs */

    pthread_mutex_t lock; /* guards all below */
    struct reply *first;
    struct reply **last;
    bool posted;
    bool gone;
};

void
frame_peer_retain(struct frame_peer *peer)
{
    atomic_fetch_add(&peer->refs, 1);
}

void
frame_peer_release(struct frame_peer *peer)
{
    if (atomic_fetch_sub(&peer->refs, 1) == 1) {
        assert(peer->first == NULL);
        pthread_mutex_destroy(&peer->lock);
        free(peer);
    }
}

size_t
frame_peer_queued(const struct frame_peer *peer)
{
    return atomic_load(&peer->queued_bytes);
}

/* Sent or dropped. On the loop's thread, or where the peer was already gone. */
static void
reply_done(void *ctx)
{
    struct reply *r = ctx;
    struct frame_peer *peer = r->peer;
    const size_t left = atomic_fetch_sub(&peer->queued_bytes, r->bytes) - r->bytes;
    free(r);
    if (peer->paused && peer->conn != NULL && left < FRAME_QUEUED_MAX / 2) {
        peer->paused = false;
        conn_pause(peer->conn, false);
    }
    frame_peer_release(peer);
}

static struct reply *
replies_take(struct frame_peer *peer)
{
    mutex_lock(&peer->lock);
    struct reply *first = peer->first;
    peer->first = NULL;
    peer->last = &peer->first;
    peer->posted = false;
    mutex_unlock(&peer->lock);
    return first;
}

static void
replies_move(void *ctx)
{
    struct frame_peer *peer = ctx;
    struct reply *r = replies_take(peer);
    while (r != NULL) {
        struct reply *next = r->next;
        if (peer->conn != NULL) {
            conn_write_ref(peer->conn, r->data, r->bytes, reply_done, r);
        } else {
            reply_done(r);
        }
        r = next;
    }
    frame_peer_release(peer);
}

void
frame_reply(struct frame_peer *peer, uint16_t type, uint32_t request, uint8_t flags,
            const void *payload, size_t len)
{
    assert(len <= FRAME_PAYLOAD_MAX);
    const struct frame f = {
        .type = type, .flags = flags, .request = request, .payload = {payload, len}};
    struct reply *r = malloc(sizeof *r + FRAME_HEADER_BYTES + len);
    if (r == NULL) {
        env_real.ops->fatal(&env_real, "out of memory for a reply");
    }
    *r = (struct reply){.peer = peer, .bytes = FRAME_HEADER_BYTES + len};
    frame_header_put(r->data, &f);
    if (len > 0) {
        memcpy(r->data + FRAME_HEADER_BYTES, payload, len);
    }
    mutex_lock(&peer->lock);
    if (peer->gone) {
        mutex_unlock(&peer->lock);
        free(r);
        return;
    }
    frame_peer_retain(peer);
    atomic_fetch_add(&peer->queued_bytes, r->bytes);
    *peer->last = r;
    peer->last = &r->next;
    if (!peer->posted) {
        peer->posted = true;
        frame_peer_retain(peer);
        loop_post(peer->loop, replies_move, peer);
    }
    mutex_unlock(&peer->lock);
}

/* One step of the proof; see net/frame_secret.h. */
static bool
peer_proves(struct frame_peer *peer, const struct frame *f)
{
    const char *secret = peer->server->secret;
    if (f->type == FRAME_HELLO && peer->proof == PEER_NEW && f->payload.len == FRAME_NONCE_BYTES) {
        uint8_t answer[FRAME_NONCE_BYTES + FRAME_MAC_BYTES];
        memcpy(peer->nonces.client, f->payload.ptr, FRAME_NONCE_BYTES);
        frame_nonce_make(peer->nonces.server);
        memcpy(answer, peer->nonces.server, FRAME_NONCE_BYTES);
        frame_mac(secret, true, &peer->nonces, answer + FRAME_NONCE_BYTES);
        frame_reply(peer, FRAME_HELLO, f->request, FRAME_LAST, answer, sizeof answer);
        peer->proof = PEER_CHALLENGED;
        return true;
    }
    if (f->type == FRAME_HELLO && peer->proof == PEER_CHALLENGED &&
        frame_mac_is(secret, false, &peer->nonces, f->payload)) {
        peer->proof = PEER_OPEN;
        loop_timer_cancel(peer->proof_timer);
        peer->proof_timer = NULL;
        conn_set_input_max(peer->conn, FRAME_HEADER_BYTES + (size_t)FRAME_PAYLOAD_MAX);
        return true;
    }
    trace(TRACE_WARN, "net", "%s does not know the cluster's secret; closing",
          conn_peer(peer->conn));
    return false;
}

static void
proof_is_late(void *ctx)
{
    struct frame_peer *peer = ctx;
    peer->proof_timer = NULL;
    conn_close(peer->conn);
}

static int64_t
peer_data(void *ctx, struct conn *c, const uint8_t *data, size_t len)
{
    struct frame_peer *peer = ctx;
    struct frame f;
    size_t used;
    switch (frame_decode((struct bytes){data, len}, &f, &used)) {
    case FRAME_READY:
        if (peer->proof != PEER_OPEN) {
            return peer_proves(peer, &f) ? (int64_t)used : -1;
        }
        peer->server->handlers.on_frame(peer->server->ctx, peer, &f);
        if (atomic_load(&peer->queued_bytes) > FRAME_QUEUED_MAX && peer->conn != NULL) {
            peer->paused = true;
            conn_pause(c, true);
        }
        return (int64_t)used;
    case FRAME_MORE:
        return 0;
    case FRAME_BROKEN:
    default:
        trace(TRACE_WARN, "net", "%s sent a broken frame; closing", conn_peer(c));
        return -1;
    }
}

static void
server_free_if_done(struct frame_server *server)
{
    if (server->listener == NULL && server->peers == NULL) {
        free(server->secret);
        free(server);
    }
}

static void
peer_close(void *ctx, struct conn *c)
{
    struct frame_peer *peer = ctx;
    struct frame_server *server = peer->server;
    mutex_lock(&peer->lock);
    peer->gone = true;
    mutex_unlock(&peer->lock);
    peer->conn = NULL;
    if (peer->proof_timer != NULL) {
        loop_timer_cancel(peer->proof_timer);
        peer->proof_timer = NULL;
    }
    *peer->link = peer->next;
    if (peer->next != NULL) {
        peer->next->link = peer->link;
    }
    if (server->handlers.on_gone != NULL) {
        server->handlers.on_gone(server->ctx, peer);
    }
    frame_peer_release(peer);
    server_free_if_done(server);
}

static void
peer_accept(void *ctx, struct conn *c)
{
    static const struct conn_handlers handlers = {peer_data, NULL, peer_close};
    struct frame_server *server = ctx;
    struct frame_peer *peer = calloc(1, sizeof *peer);
    if (peer == NULL) {
        env_real.ops->fatal(&env_real, "out of memory for a peer");
    }
    atomic_init(&peer->refs, 1);
    pthread_mutex_init(&peer->lock, NULL);
    peer->server = server;
    peer->loop = server->loop;
    peer->conn = c;
    peer->last = &peer->first;
    peer->next = server->peers;
    peer->link = &server->peers;
    if (peer->next != NULL) {
        peer->next->link = &peer->next;
    }
    server->peers = peer;
    conn_set_handlers(c, &handlers, peer);
    if (server->secret != NULL) {
        peer->proof = PEER_NEW;
        peer->proof_timer = loop_after(server->loop, FRAME_HELLO_MS, proof_is_late, peer);
        conn_set_input_max(c, 2 * FRAME_HELLO_BYTES_MAX);
    } else {
        conn_set_input_max(c, FRAME_HEADER_BYTES + (size_t)FRAME_PAYLOAD_MAX);
    }
}

struct frame_server *
frame_server_new(struct loop *loop, int listen_fd, const struct frame_handlers *h, void *ctx)
{
    struct frame_server *server = calloc(1, sizeof *server);
    if (server == NULL) {
        env_real.ops->fatal(&env_real, "out of memory for a frame server");
    }
    *server = (struct frame_server){.loop = loop, .handlers = *h, .ctx = ctx};
    server->listener = listener_new(loop, listen_fd, peer_accept, server);
    return server;
}

void
frame_server_set_secret(struct frame_server *server, const char *secret)
{
    if (secret[0] != '\0') {
        server->secret = strdup(secret);
        if (server->secret == NULL) {
            env_real.ops->fatal(&env_real, "out of memory for a frame server");
        }
    }
}

void
frame_server_free(struct frame_server *server)
{
    listener_free(server->listener);
    server->listener = NULL;
    for (struct frame_peer *peer = server->peers; peer != NULL; peer = peer->next) {
        conn_close(peer->conn);
    }
    server_free_if_done(server);
}
