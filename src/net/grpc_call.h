/*
 * Calls as the two halves of the gRPC server see them: grpc.c holds the calls and their queues and
 * is entered from any thread; grpc_session.c drives HTTP/2 and lives on the loop's thread.
 *
 * References of a call: one of the handler (until grpc_release), one of the open stream, one of
 * each posted pump. What the lock guards is said beside it; everything else belongs to the loop.
 */
#ifndef WEIR_NET_GRPC_CALL_H
#define WEIR_NET_GRPC_CALL_H

#include <pthread.h>
#include <stdatomic.h>

#include <nghttp2/nghttp2.h>

#include "base/buffer.h"
#include "net/grpc.h"

enum {
    GRPC_PREFIX_BYTES = 5, /* compressed flag, big-endian length */
    GRPC_MESSAGE_MAX = 128 << 20,
    GRPC_UNSENT_MAX = 8 << 20, /* grpc_send_blocking waits above this */
    GRPC_HEADERS_MAX = 64 << 10,
    GRPC_STATUS_TEXT_MAX = 4096, /* encoded; clients refuse trailers of more than 8 KiB or so */
};

/* An outgoing message. It is held by the queue until its last byte went to the connection, and by
 * each piece that the connection has not yet sent. Its count belongs to the loop. */
struct grpc_message {
    struct grpc_message *next;
    uint8_t *data;
    size_t len;
    size_t taken; /* bytes given to the connection, prefix included */
    uint32_t refs;
};

struct grpc_call {
    atomic_uint refs;
    atomic_bool cancelled;
    struct loop *loop;
    struct grpc_session *session; /* NULL once the stream is closed */
    struct grpc_call *next;       /* in the session's list of open calls */
    struct grpc_call **link;
    int32_t stream;
    void *ctx;
    struct buffer headers; /* name NUL value NUL ... */
    bool opened;           /* the handler knows it */
    bool remote_ended;     /* the client's side is closed */
    bool handler_done;     /* on_cancel was called: nothing more is */

    uint8_t prefix[GRPC_PREFIX_BYTES]; /* request message in the making */
    size_t prefix_len;
    struct buffer body;
    size_t body_want;

    bool responded; /* response headers are submitted */
    bool deferred;  /* the data provider waits for more */

    pthread_mutex_t lock; /* guards all below */
    pthread_cond_t room;
    struct grpc_message *first;
    struct grpc_message **last;
    size_t unsent_bytes;
    bool pump_posted;
    bool finished; /* grpc_finish was called */
    enum grpc_status status;
    char *status_text;    /* percent-encoded; NULL if empty */
    char *status_details; /* base64; NULL if none */
};

struct grpc_call *grpc_call_new(struct loop *loop);
void grpc_call_close(struct grpc_call *call); /* the stream is gone: cancelled, queue freed */
const char *grpc_call_header(const struct grpc_call *call, const char *name);
void grpc_message_drop(void *message); /* gives one reference back */

/* grpc_session.c: brings what the queue holds on its way. */
void grpc_session_pump(struct grpc_call *call);

#endif
