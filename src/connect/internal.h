/*
 * What the files of connect/ share: the server, its sessions as the protocol sees them, operations
 * with their kept responses, and one RPC in work.
 *
 * Locks, outermost first: server.lock (sessions, tombstones), peer.lock (operations, errors),
 * operation.lock. Nobody calls the driver or blocks with one of them held.
 */
#ifndef WEIR_CONNECT_INTERNAL_H
#define WEIR_CONNECT_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>

#include "connect/proto_messages.h"
#include "connect/server.h"
#include "connect/translate.h"
#include "net/grpc.h"

enum {
    CONNECT_ID_MAX = 36, /* UUIDs as text */
    CONNECT_SESSION_TOMBSTONES = 1000,
    CONNECT_OPERATION_TOMBSTONES = 1000, /* a session */
    CONNECT_OPERATIONS_MAX = 1000,       /* a session, finished but unreleased ones included */
    CONNECT_ERRORS_KEPT = 50,            /* a session, for FetchErrorDetails */
    CONNECT_TAGS_MAX = 100,
    CONNECT_UNSENT_MAX = 64 << 20,  /* responses of a detached operation before it waits */
    CONNECT_HISTORY_MAX = 32 << 20, /* sent but unreleased responses kept for a reattach */
    CONNECT_TICK_MS = 200,
    CONNECT_MAINTAIN_MS = 30000,
    CONNECT_DETACHED_MS = 300000,
    CONNECT_PERSISTED_MAX = 1000,
    CONNECT_SESSION_IDLE_MS = 3600000,
    CONNECT_ARTIFACT_BYTES_MAX = 1 << 30,
};

struct connect_response {
    uint8_t *data; /* NULL once released */
    size_t len;
    char id[CONNECT_ID_MAX + 1];
};

/*
 * An operation: one ExecutePlan from its start until the client releases it.
 *
 * Its own thread appends responses. They are sent by whoever is attached: the operation's thread
 * itself (`inline_call`), which is the usual case and costs no second thread; or, after a
 * ReattachExecute, that call's thread. A new attach raises `generation`, and the older sender, once
 * it sees that, ends its call with INVALID_CURSOR.DISCONNECTED.
 */
struct connect_operation {
    struct connect_operation *next;
    struct connect_peer *peer; /* retained */
    _Atomic uint32_t refs;
    char id[CONNECT_ID_MAX + 1];
    bool reattachable;
    bool allow_chunking;
    int64_t chunk_bytes;
    char **tags;
    uint32_t tag_count;
    struct execution execution;
    int64_t started_ms;
    int64_t linger_ms; /* pause between the last response and the stream's end; see ml_command */

    pthread_mutex_t lock; /* guards all below */
    pthread_cond_t changed;
    struct connect_response *responses; /* all of them, by index; the first ones without data */
    uint32_t count;
    uint32_t capacity;
    uint32_t released; /* responses [0, released) are gone */
    uint32_t sent;     /* responses [0, sent) went to some call */
    size_t held_bytes;
    uint64_t generation;
    struct grpc_call *inline_call; /* retained; NULL: detached, or a reattached call sends */
    bool sending;                  /* the operation's thread is in grpc_send_blocking */
    bool attached;                 /* some call is there */
    bool ended;
    bool removed; /* the client released all of it */
    bool failed;
    bool cancelled;
    struct buffer failure; /* google.rpc.Status, serialised */
    char *failure_text;
    int64_t detached_ms; /* since when no call is attached; 0 while one is */
    uint64_t progress_mark;
};

struct connect_error {
    char id[CONNECT_ID_MAX + 1];
    struct error error;
};

/* A session as the protocol sees it. Reference-counted. */
struct connect_peer {
    struct connect_peer *next;
    struct connect_server *server;
    struct session *session; /* retained */
    _Atomic uint32_t refs;
    char *user_id;
    char id[CONNECT_ID_MAX + 1];
    _Atomic int64_t used_ms;
    bool closed; /* server.lock */

    pthread_mutex_t lock; /* guards all below */
    struct connect_operation *operations;
    uint32_t operation_count;
    char (*tombstones)[CONNECT_ID_MAX + 1]; /* released operations, a ring */
    uint32_t tombstone_count;
    struct connect_error *errors; /* a ring */
    uint32_t error_count;
    struct connect_persisted *persisted;
    uint32_t persisted_count;
    struct stream_listener *listener; /* the client's event stream, while it is open */
};

/* A relation that the client asked to be cached, by its canonical bytes. */
struct connect_persisted {
    struct connect_persisted *next;
    uint64_t hash;
    struct pb_storage_level level;
};

struct connect_server {
    struct connect_config config;
    struct env *env;
    char *token;
    struct grpc_server *grpc;
    struct loop_timer *tick, *maintain;
    _Atomic uint32_t threads; /* RPC threads alive */
    pthread_mutex_t lock;     /* guards all below */
    struct connect_peer *peers;
    char (*tombstones)[CONNECT_ID_MAX + 1]; /* closed sessions, a ring */
    uint32_t tombstone_count;
};

/* One call in work. */
struct rpc {
    struct connect_server *server;
    struct grpc_call *call;
    const struct rpc_method *method;
    struct buffer *messages; /* one a request message */
    uint32_t message_count;
    size_t message_bytes;
    struct arena arena;
};

struct rpc_method {
    const char *name;
    void (*run)(struct rpc *r);
    bool threaded;
    bool streamed; /* the request is a stream of messages */
};

/* server.c */
bool rpc_decode(struct rpc *r, enum pb_id id, void *out, struct error *err);
void rpc_answer(struct rpc *r, enum pb_id id, const void *message); /* and finishes the call */
/* Ends the call with an error; peer may be NULL (then there is no errorId). Clears err. */
void rpc_fail(struct rpc *r, struct connect_peer *peer, struct error *err);

/* peers.c */
struct connect_peer *peer_get(struct connect_server *s, struct pb_text session_id,
                              const struct pb_user_context *user, struct pb_text observed,
                              struct error *err); /* retained; made when new */
void peer_retain(struct connect_peer *p);
void peer_release(struct connect_peer *p);
/* Ends the session: interrupts, forgets. tombstone: it may not come back. */
bool peer_close(struct connect_server *s, const char *user_id, const char *session_id,
                bool tombstone, char server_id[CONNECT_ID_MAX + 1]);
void peers_maintain(struct connect_server *s); /* idle sessions, abandoned operations */
void peers_tick(struct connect_server *s);     /* progress messages */
void peers_free(struct connect_server *s);
const char *peer_server_id(const struct connect_peer *p);
bool uuid_check(struct pb_text text, struct error *err);
void id_copy(char to[CONNECT_ID_MAX + 1], const char *from); /* cut at a UUID's length */
void peer_error_keep(struct connect_peer *p, const struct error *err, char id[CONNECT_ID_MAX + 1]);
bool peer_error_find(struct connect_peer *p, const char *id, struct error *out);

/* operation.c */
struct connect_operation *operation_new(struct connect_peer *p,
                                        const struct pb_execute_plan_request *request,
                                        struct grpc_call *call, struct error *err);
/* Retained; NULL if unknown: then *gone says whether it is a tombstone. */
struct connect_operation *operation_find(struct connect_peer *p, const char *id, bool *gone);
void operation_retain(struct connect_operation *op);
void operation_release(struct connect_operation *op);
/* Appends a response; the envelope's ids are filled in here. False: stop, nobody wants more. */
bool operation_respond(struct connect_operation *op, struct pb_execute_plan_response *response);
bool operation_progress(struct connect_operation *op, struct pb_execute_plan_response *response);
void operation_finish(struct connect_operation *op, struct error *err); /* err {0}: success */
/* Attaches the call and sends from index on until the end; blocks. */
void operation_pump(struct connect_operation *op, struct rpc *r, uint32_t index);
bool operation_index(struct connect_operation *op, const char *last_response_id, uint32_t *index,
                     struct error *err);
void operation_release_until(struct connect_operation *op, const char *response_id);
void operation_remove(struct connect_operation *op); /* release all: forgotten, cancelled */
void operation_interrupt(struct connect_operation *op);
void operation_tick(struct connect_operation *op, int64_t now_ms);

/* failure.c */
/* google.rpc.Status for an error. error_id NULL: none. */
void failure_put(struct buffer *out, const struct error *err, const char *error_id);
char *failure_text(const struct error *err); /* for grpc-message: malloc */
struct pb_fetch_error_details_response_error *failure_details(struct arena *a,
                                                              const struct error *err);

/* The methods. */
void rpc_execute_plan(struct rpc *r);
void rpc_reattach_execute(struct rpc *r);
void rpc_release_execute(struct rpc *r);
void rpc_interrupt(struct rpc *r);
void rpc_get_status(struct rpc *r);
void rpc_analyze_plan(struct rpc *r);
void rpc_config(struct rpc *r);
void rpc_add_artifacts(struct rpc *r);
void rpc_artifact_status(struct rpc *r);
void rpc_release_session(struct rpc *r);
void rpc_clone_session(struct rpc *r);
void rpc_fetch_error_details(struct rpc *r);

/* execute.c: a request's plan in its arena. */
struct exec_request {
    struct connect_operation *op;
    struct connect_peer *peer;
    struct arena *arena;
    struct translator translator;
    struct translate_face face;
};
/* face.c */
void face_init(struct translate_face *face, struct connect_peer *p, struct arena *a);
bool plan_open(struct arena *a, const struct pb_plan *plan, struct error *err);
bool execute_relation(struct exec_request *x, struct rel *rel, struct error *err);
bool execute_command(struct exec_request *x, const struct pb_command *c, struct error *err);
/* execute_stream.c; false also when the command is none of streaming's: then *mine is false. */
bool execute_stream(struct exec_request *x, const struct pb_command *c, bool *mine,
                    struct error *err);
/* checkpoint.c */
bool execute_checkpoint(struct exec_request *x, const struct pb_checkpoint_command *c,
                        struct error *err);

#endif
