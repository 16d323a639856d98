/*
 * One call to whichever member of an etcd cluster answers: kept connections, endpoints in turn.
 *
 * A call that may be repeated (a read, a lease's keep-alive) goes on to the next endpoint after
 * ETCD_TRY_MS without an answer, until its time is over: a member that has lost its leader holds
 * requests for seconds, and then says that it lost them. A change is sent once: when its answer
 * does not come within ETCD_CHANGE_MS, the caller learns that it may have been done.
 * Threads: all functions from any thread.
 */
#ifndef WEIR_CONTROL_ETCD_CALL_H
#define WEIR_CONTROL_ETCD_CALL_H

#include "base/env.h"
#include "base/error.h"
#include "control/etcd_json.h"
#include "net/http_client.h"

enum { ETCD_CHANGE_MS = 600, ETCD_TRY_MS = 500, ETCD_CONNECT_MS = 400, ETCD_ENDPOINTS_MAX = 16 };

struct etcd_link;

struct etcd_link *etcd_link_new(struct env *env, const char *endpoints, int64_t timeout_ms,
                                struct error *err);
void etcd_link_free(struct etcd_link *l);

struct etcd_call {
    const char *path;
    const struct buffer *body;
    bool once;                                          /* a change */
    int64_t timeout_ms;                                 /* 0: the link's */
    bool (*on_kv)(void *ctx, const struct etcd_kv *kv); /* only of the answer that counts */
    void *ctx;
};
/* A refusal by etcd is a failure with its gRPC code in err->code. */
bool etcd_call(struct etcd_link *l, const struct etcd_call *call, struct etcd_answer *answer,
               struct error *err);

/* For streams: the endpoint that is used now; etcd_link_turn goes on from a bad one. */
const char *etcd_link_endpoint(struct etcd_link *l, size_t *index);
void etcd_link_turn(struct etcd_link *l, size_t index);
void etcd_link_heard(struct etcd_link *l);
int64_t etcd_link_silent_ms(struct etcd_link *l);

#endif
