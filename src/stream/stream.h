/*
 * Streaming queries: a plan that reads what never ends, run again and again over what is new.
 *
 * connect/ is the face: it translates the client's start command into struct stream_start and hands
 * the client's own bytes along, so that a query outlives its session and its process: after a
 * restart the manager reads those bytes back and asks the planner (connect/, through
 * stream_set_planner) to translate them again.
 *
 * A query has two ids: `id` lives as long as its checkpoint, `run_id` is new at each start.
 * Everything that a client asks about a query is answered from the query's own last words (status,
 * progress as JSON), never from the running batch.
 *
 * Threads: each query runs on a thread of its own; all functions here may be called from any
 * thread. A struct stream_query is reference-counted; finding one retains it.
 */
#ifndef WEIR_STREAM_STREAM_H
#define WEIR_STREAM_STREAM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"
#include "base/reader.h"
#include "tree/rel.h"

struct driver;
struct session;
struct stream_manager; /* one a front process */
struct stream_query;

enum stream_trigger {
    TRIGGER_DEFAULT = 0,   /* the next batch as soon as the last one is done */
    TRIGGER_INTERVAL,      /* interval_ms between the starts of batches */
    TRIGGER_ONCE,          /* one batch of all there is, then the query ends */
    TRIGGER_AVAILABLE_NOW, /* all there is, in batches of the source's limits, then the end */
    TRIGGER_CONTINUOUS,    /* not there: the manager refuses it by name */
    TRIGGER_REAL_TIME,     /* not there either */
};

/* What a start command says. All of it is borrowed for the call; the manager copies. */
struct stream_start {
    const struct rel *input; /* unresolved; translated anew for each start, no arena is shared */
    struct write_spec sink;  /* format, path or table, options, partition_by; mode is unused */
    enum output_mode mode;
    enum stream_trigger trigger;
    int64_t interval_ms; /* TRIGGER_INTERVAL */
    const char *name;    /* queryName; NULL if none */
    /* A Python function in place of the sink: at most one of them is set. */
    const struct udf *foreach_batch;
    const struct udf *foreach_writer;
    /* The client's WriteStreamOperationStart message as it came: what is kept for a restart. */
    struct bytes command;
    bool resumed; /* by itself after a restart: nobody asked */
};

/* Fills out from the bytes of a kept command, all of it in the arena. connect/ sets it. */
typedef bool (*stream_planner)(void *ctx, struct session *session, struct arena *a,
                               struct bytes command, struct stream_start *out, struct error *err);

/* connect_address: where Python workers of foreachBatch reach this server, "127.0.0.1:15002"; NULL
 * until it is known. */
struct stream_manager *stream_manager_new(struct driver *driver, struct error *err);
void stream_manager_free(struct stream_manager *m); /* stops all queries; they stay durable */
void stream_set_planner(struct stream_manager *m, stream_planner planner, void *ctx);
void stream_set_connect_address(struct stream_manager *m, const char *connect_address);
/* Starts again what ran when the process ended. Called once, after stream_set_planner. */
bool stream_resume_all(struct stream_manager *m, struct error *err);

/* Starts a query in the session. NULL with err set: the plan does not resolve, the sink or trigger
 * is not there, a query of that name or checkpoint is active in the session, ... */
struct stream_query *stream_query_start(struct stream_manager *m, struct session *session,
                                        const struct stream_start *start, struct error *err);

/* What a session sees: the queries that it started, and those of its user that resumed by
 * themselves, whose own session died with the process before (the program that started them can
 * only come back with a new one). Finding. run_id NULL: whatever run. Ended queries are found until
 * they are forgotten (the last 100). */
struct stream_query *stream_query_find(struct stream_manager *m, struct session *session,
                                       const char *id, const char *run_id);
/* The active queries that the session sees (NULL: all there are), oldest first: up to max of them,
 * retained. Returns the count. */
uint32_t stream_query_list(struct stream_manager *m, struct session *session,
                           struct stream_query **out, uint32_t max);
void stream_query_retain(struct stream_query *q);
void stream_query_release(struct stream_query *q);

const char *stream_query_id(const struct stream_query *q);
const char *stream_query_run_id(const struct stream_query *q);
const char *stream_query_name(const struct stream_query *q); /* NULL if none */

struct stream_status {
    const char *message; /* "Waiting for next trigger", "Processing new data", "Stopped" */
    bool is_data_available;
    bool is_trigger_active;
    bool is_active;
};

void stream_query_status(struct stream_query *q, struct arena *a, struct stream_status *out);
/* Progress of the last batches as Spark's StreamingQueryProgress JSON, oldest first; the returned
 * texts are in the arena. As many are kept as spark.sql.streaming.numRecentProgressUpdates (100)
 * said at the start. */
uint32_t stream_query_progress(struct stream_query *q, struct arena *a, const char ***out);
/* The error that ended the query. false: it has none. */
bool stream_query_exception(struct stream_query *q, struct error *out);
void stream_query_explain(struct stream_query *q, bool extended, struct buffer *out);

/* All of these block. timeout_ms -1: no limit; cancel (may be NULL) ends the wait early. */
bool stream_query_stop(struct stream_query *q, struct error *err);
/* True in *terminated when the query is over; a query that failed raises its error. */
bool stream_query_await(struct stream_query *q, int64_t timeout_ms, const _Atomic bool *cancel,
                        bool *terminated, struct error *err);
bool stream_query_process_all(struct stream_query *q, const _Atomic bool *cancel,
                              struct error *err);
/* Any query that the session sees and that ended since the last reset. */
bool stream_await_any(struct stream_manager *m, struct session *session, int64_t timeout_ms,
                      const _Atomic bool *cancel, bool *terminated, struct error *err);
void stream_reset_terminated(struct stream_manager *m, struct session *session);
/* The session ends: the queries that it started stop (Spark does the same), its ended ones are
 * forgotten. Resumed ones go on. */
void stream_session_end(struct stream_manager *m, struct session *session);

/* Listeners: each is a bounded queue of events of the queries that one session sees. */
enum stream_event_type { /* the protocol's numbers; a start is told in the start's own answer */
                         STREAM_EVENT_PROGRESS = 1,
                         STREAM_EVENT_TERMINATED = 2,
                         STREAM_EVENT_IDLE = 3,
};

struct stream_event {
    enum stream_event_type type;
    const char *json; /* in the arena given to stream_listener_next */
};

struct stream_listener;
struct stream_listener *stream_listener_add(struct stream_manager *m, struct session *session);
/* Waits for an event. false: none within timeout_ms, or the listener was closed. */
bool stream_listener_next(struct stream_listener *l, int64_t timeout_ms, struct arena *a,
                          struct stream_event *out);
void stream_listener_close(struct stream_listener *l); /* wakes a waiting next */
bool stream_listener_closed(struct stream_listener *l);
void stream_listener_free(struct stream_listener *l);
bool stream_has_listener(struct stream_manager *m, struct session *session);
/* The started event of a query, for the answer to its start. */
const char *stream_query_started_json(struct stream_query *q, struct arena *a);

#endif
