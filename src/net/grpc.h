/*
 * gRPC's server side over HTTP/2 (nghttp2): one handler for all methods.
 *
 * A call lives on the loop's thread. on_open is called when the headers are there, on_message per
 * request message (borrowed bytes), on_end when the client has closed its side. The handler answers
 * with grpc_send (any number of messages) and ends with grpc_finish, from any thread: both post to
 * the loop. A call that the client cancelled gets on_cancel; sends to it are dropped.
 * After grpc_finish no further callback begins, but where another thread finishes the call, one may
 * already be under way on the loop: the context must live until the loop has come to rest (free it
 * in a loop_post, or count references).
 * Flow control: grpc_send_blocking waits while more than 8 MiB of the call's messages are unsent.
 *
 * Source: gRPC over HTTP/2 protocol page; limits: 128 MiB a message, 1024 streams a connection.
 */
#ifndef WEIR_NET_GRPC_H
#define WEIR_NET_GRPC_H

#include "net/loop.h"

struct grpc_server;
struct grpc_call; /* reference-counted; valid from on_open until grpc_release */

enum grpc_status {
    GRPC_OK = 0,
    GRPC_CANCELLED = 1,
    GRPC_UNKNOWN = 2,
    GRPC_INVALID_ARGUMENT = 3,
    GRPC_DEADLINE_EXCEEDED = 4,
    GRPC_NOT_FOUND = 5,
    GRPC_ALREADY_EXISTS = 6,
    GRPC_PERMISSION_DENIED = 7,
    GRPC_RESOURCE_EXHAUSTED = 8,
    GRPC_FAILED_PRECONDITION = 9,
    GRPC_ABORTED = 10,
    GRPC_OUT_OF_RANGE = 11,
    GRPC_UNIMPLEMENTED = 12,
    GRPC_INTERNAL = 13,
    GRPC_UNAVAILABLE = 14,
    GRPC_DATA_LOSS = 15,
    GRPC_UNAUTHENTICATED = 16,
};

struct grpc_handlers {
    void (*on_open)(void *server_ctx, struct grpc_call *call); /* look at grpc_path, grpc_header */
    void (*on_message)(struct grpc_call *call, const uint8_t *data, size_t len);
    void (*on_end)(struct grpc_call *call);    /* half-closed: no more messages */
    void (*on_cancel)(struct grpc_call *call); /* reset or connection lost before grpc_finish */
};

struct grpc_server *grpc_server_new(struct loop *loop, int listen_fd, const struct grpc_handlers *h,
                                    void *server_ctx);
void grpc_server_free(struct grpc_server *s);

const char *
grpc_path(const struct grpc_call *call); /* "/spark.connect.SparkConnectService/Config" */
const char *grpc_header(const struct grpc_call *call,
                        const char *name); /* lower case; NULL if absent */
void grpc_set_ctx(struct grpc_call *call, void *ctx);
void *grpc_ctx(const struct grpc_call *call);
void grpc_retain(struct grpc_call *call);
void grpc_release(struct grpc_call *call);
bool grpc_is_cancelled(const struct grpc_call *call); /* any thread */

/* Any thread. The message's bytes (malloc) are taken over. */
void grpc_send(struct grpc_call *call, void *malloced, size_t len);
bool grpc_send_blocking(struct grpc_call *call, void *malloced,
                        size_t len); /* false: cancelled. Not on the loop thread */
/* details: serialised google.rpc.Status for grpc-status-details-bin, or NULL. */
void grpc_finish(struct grpc_call *call, enum grpc_status status, const char *message,
                 const void *details, size_t details_len);

#endif
