/*
 * The Spark Connect server: gRPC calls in, answers out, over driver/session.h and stream/stream.h.
 *
 * Short calls (Config, ReleaseExecute, ...) are answered on the loop's thread. ExecutePlan,
 * ReattachExecute, AnalyzePlan and AddArtifacts each run on a thread of their own.
 *
 * Ownership: the server borrows the loop, the driver and the stream manager, which outlive it.
 */
#ifndef WEIR_CONNECT_SERVER_H
#define WEIR_CONNECT_SERVER_H

#include "base/buffer.h"
#include "base/error.h"
#include "driver/session.h"
#include "net/loop.h"
#include "stream/stream.h"

struct connect_server;

struct connect_config {
    struct loop *loop;
    int listen_fd; /* taken over */
    struct driver *driver;
    struct stream_manager *streams; /* NULL: streaming commands are refused by name */
    const char *token;              /* bearer token that every call must carry; NULL: none */
    int64_t session_idle_ms;        /* 0 = Spark's 60 minutes */
};

/* Called on the loop's thread or before it runs; so is free, once no call can come any more. */
struct connect_server *connect_server_new(const struct connect_config *config, struct error *err);
void connect_server_free(struct connect_server *s);

/* For stream_set_planner: a kept start command into what it starts. */
bool connect_plan_stream(void *server, struct session *session, struct arena *a,
                         struct bytes command, struct stream_start *out, struct error *err);

#endif
