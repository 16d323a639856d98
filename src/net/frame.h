/*
 * Messages between our own processes, on one machine or several.
 *
 *   offset bytes
 *    0  4  payload length, little-endian, at most FRAME_PAYLOAD_MAX
 *    4  1  protocol version (1)      5  1  flags (bit 0: last reply, bit 1: error reply)
 *    6  2  type
 *    8  4  request number: replies carry the number of their request
 *   12  4  CRC-32C of bytes 0..12 and the payload
 *   16  .. payload
 *
 * A request gets any number of replies and one last one. An error reply's payload is an error in
 * the form of frame_put_error.
 */
#ifndef WEIR_NET_FRAME_H
#define WEIR_NET_FRAME_H

#include "base/buffer.h"
#include "base/error.h"
#include "base/reader.h"
#include "net/loop.h"

enum { FRAME_PAYLOAD_MAX = 256 << 20, FRAME_HEADER_BYTES = 16 };
enum frame_flags { FRAME_LAST = 1, FRAME_ERROR = 2 };

struct frame {
    uint16_t type;
    uint8_t flags;
    uint32_t request;
    struct bytes payload; /* borrowed during the callback */
};

enum frame_step { FRAME_MORE, FRAME_READY, FRAME_BROKEN };

/* Looks at the start of `in`. FRAME_READY: out is filled, its payload borrowed from `in`, and *used
 * bytes belong to it. FRAME_MORE: *used is how many bytes it takes at least. FRAME_BROKEN: wrong
 * version, length or checksum; the connection is of no more use. */
enum frame_step frame_decode(struct bytes in, struct frame *out, size_t *used);
/* The header of a frame whose payload follows it on the wire. */
void frame_header_put(uint8_t header[FRAME_HEADER_BYTES], const struct frame *f);

/* Server side, on a loop. A client whose unsent replies pass FRAME_QUEUED_MAX is not read from
 * until they are half of it: who does not take answers cannot ask for more. */
enum { FRAME_QUEUED_MAX = 64 << 20 };
struct frame_server;
struct frame_peer; /* one connected client; valid until on_gone returns */
struct frame_handlers {
    void (*on_frame)(void *ctx, struct frame_peer *peer, const struct frame *f);
    void (*on_gone)(void *ctx, struct frame_peer *peer);
};
struct frame_server *frame_server_new(struct loop *loop, int listen_fd,
                                      const struct frame_handlers *h, void *ctx);
/* Clients must prove that they know the cluster's secret (net/frame_secret.h) before anything else
 * of theirs is read. To be called before the loop runs; "": none is asked for. */
void frame_server_set_secret(struct frame_server *s, const char *secret);
void frame_server_free(struct frame_server *s);
/* Any thread; dropped silently when the peer is gone. Peers are reference-counted for that. */
void frame_reply(struct frame_peer *peer, uint16_t type, uint32_t request, uint8_t flags,
                 const void *payload, size_t len);
void frame_peer_retain(struct frame_peer *peer);
void frame_peer_release(struct frame_peer *peer);
size_t frame_peer_queued(const struct frame_peer *peer); /* any thread: bytes not yet sent */

/* Client side: a connection with a reader thread of its own; calls may come from any thread but
 * from within on_reply. It connects on first use and again after a loss; calls under way when it is
 * lost fail with ERROR_UNAVAILABLE, as does a call when nobody listens or its time is over (code is
 * then the errno: ECONNREFUSED, ETIMEDOUT, ECONNRESET). */
struct frame_client;
struct frame_client *frame_client_new(const char *address);
/* To another node: proves the secret, gives up connecting after FRAME_PEER_CONNECT_MS, and notices
 * within ten seconds or so that the other computer has gone without a word. */
enum { FRAME_PEER_CONNECT_MS = 1500 };
struct frame_client *frame_client_new_peer(const char *address, const char *secret);
void frame_client_free(struct frame_client *c);
/* Breaks the connection, if there is one: calls under way fail as if it had been lost. Any thread.
 */
void frame_client_break(struct frame_client *c);
/* One request, one last reply. reply: cleared first, filled with the payload. timeout_ms < 0: none.
 */
bool frame_call(struct frame_client *c, uint16_t type, const void *payload, size_t len,
                struct buffer *reply, int64_t timeout_ms, struct error *err);
/* One request, many replies: on_reply is called on the reader's thread for each, the last one too
 * if it is no error; it must not block for long, since other calls' replies wait behind it. False
 * asks to stop listening. Returns after the last one. *cancel (may be NULL) is looked at every 50
 * ms; when it turns true or on_reply said false, cancel_type is sent once with the request's number
 * as payload (le32), and waiting goes on. A call that on_reply ended by itself has not failed. */
bool frame_call_stream(struct frame_client *c, uint16_t type, const void *payload, size_t len,
                       bool (*on_reply)(void *ctx, const struct frame *f), void *ctx,
                       _Atomic bool *cancel, uint16_t cancel_type, struct error *err);

void frame_put_error(struct buffer *out, const struct error *err);
void frame_get_error(struct reader *in, struct error *err); /* always sets err */

#endif
