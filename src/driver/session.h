/*
 * A user's session: settings, temporary views, artifacts, the current database; and how a plan of
 * that session becomes an answer. connect/ and the SQL shell are its faces; stream/ runs its
 * batches through it.
 *
 * Threads: a session may run several operations at once; settings and views are guarded inside.
 */
#ifndef WEIR_DRIVER_SESSION_H
#define WEIR_DRIVER_SESSION_H

#include <stdatomic.h>

#include "base/arena.h"
#include "base/budget.h"
#include "base/buffer.h"
#include "base/error.h"
#include "exec/exec.h"
#include "tree/command.h"
#include "tree/rel.h"

struct driver;  /* one a front process: scheduler, catalog on disk, sessions */
struct session; /* reference-counted */

struct driver_config {
    struct env *env;
    const char *data_dir; /* warehouse, artifacts, spills, results below it */
    const char
        *worker_address; /* net/frame address of this node's worker; NULL: run everything here */
    const char *store_address;      /* for topics; NULL: none */
    const char *supervisor_address; /* events; NULL: none */
    const char *kafka_bootstrap;    /* our own broker's address, to recognise it in options */
    uint64_t memory_bytes;
    uint32_t threads;
    int64_t local_input_bytes; /* run in this process below this estimate: 1 MiB */
    const char *spark_version; /* "4.3.0" */
    const char *socket_dir;    /* short private folder for sockets; NULL: no companion processes */
    const char *python_path;   /* default interpreter; NULL: python3 of the PATH */
    const char *token;         /* what our own clients must present; NULL: none */
    const char *node_name;     /* "n1" */
    const char *const *more_workers; /* addresses of this node's workers beside the first */
    uint32_t more_worker_count;
    const char *worker_peer; /* where workers of other nodes reach this node's; NULL: nowhere */
};

/* Fills schema and ranges of a source that is no file (kafka, rate); see plan/catalog.h. stream/
 * sets it. */
struct scan_source;
typedef bool (*driver_source_fn)(void *ctx, struct arena *a, struct scan_source *source,
                                 bool is_streaming, struct error *err);
void driver_set_source(struct driver *d, driver_source_fn fn, void *ctx);

/* Another node's worker is there, gets no new tasks, or is gone. Any thread. */
void driver_worker_joined(struct driver *d, const char *node, const char *address,
                          const char *secret);
void driver_worker_draining(struct driver *d, const char *address, bool draining);
void driver_worker_left(struct driver *d, const char *address);

struct driver *driver_new(const struct driver_config *config, struct error *err);
void driver_free(struct driver *d);
struct env *driver_env(struct driver *d);
const struct driver_config *driver_config_of(const struct driver *d);

struct session *session_get(struct driver *d, const char *user_id, const char *session_id,
                            bool create); /* retained */
struct session *session_clone(struct session *s, const char *new_session_id, struct error *err);
void session_retain(struct session *s);
void session_release(struct session *s);
void session_end(struct session *s); /* interrupts its operations; forgotten by session_get */
const char *session_id(const struct session *s);
const char *session_user_id(const struct session *s);
const char *session_server_id(const struct session *s); /* the server side's UUID of this session */
struct driver *session_driver(const struct session *s);

/* Settings (spark.conf). get: NULL if unset and without default. Values are copied to the arena. */
const char *session_conf_get(struct session *s, struct arena *a, const char *key);
bool session_conf_set(struct session *s, const char *key, const char *value,
                      struct error *err); /* value NULL: unset */
/* What the client should be told of a value that was taken and has no effect; NULL: nothing. */
const char *session_conf_warning(const char *key, const char *value);
bool session_conf_modifiable(struct session *s, const char *key);
void session_conf_each(struct session *s, const char *prefix,
                       void (*fn)(void *ctx, const char *key, const char *value), void *ctx);
void session_func(struct session *s, struct arena *a,
                  struct func_session *out); /* the semantic ones */

/* Artifacts: files/, pyfiles/, cache/<hash>. */
bool session_artifact_add(struct session *s, const char *name, const void *data, size_t len,
                          struct error *err);
bool session_artifact_find(struct session *s, const char *name, char *path_out, size_t size);
/* What Python functions get of them: dir NULL when there are none. Texts live in a. */
enum { SESSION_INCLUDES_MAX = 1000 };
struct session_files {
    const char *dir;       /* files and pyfiles, flat */
    const char **includes; /* the names of the pyfiles */
    uint32_t include_count;
};
bool session_python_files(struct session *s, struct arena *a, struct session_files *out,
                          struct error *err);

/* One execution. */
struct execution {
    const char *operation_id;
    _Atomic bool cancel;
    struct exec_progress progress; /* live */
    _Atomic uint32_t attempts;
};

/* Receives an answer: first the schema, then Arrow record batch messages (whole IPC streams are the
 * receiver's to build). Called on the executing thread. false: stop. */
struct answer_sink {
    bool (*schema)(void *ctx, const struct type *schema, struct error *err);
    bool (*batch)(void *ctx, const void *record_batch, size_t len, uint64_t rows,
                  struct error *err);
    void *ctx;
};

/* Resolves, optimises, runs on the worker (or here when small), re-runs attempts that a dead worker
 * lost, and delivers each row once. */
bool session_execute(struct session *s, struct arena *a, struct rel *unresolved,
                     struct execution *x, const struct answer_sink *sink, struct error *err);
/* A statement with an effect. Its rows (SHOW ..., EXPLAIN) come as a relation to be executed:
 * *rows, or NULL if it has none. */
bool session_command(struct session *s, struct arena *a, const struct command *c,
                     struct execution *x, struct rel **rows, struct error *err);
/* Resolution only: schema, explain. */
struct rel *session_resolve(struct session *s, struct arena *a, struct rel *unresolved,
                            struct error *err);
struct rel *session_optimize(struct session *s, struct arena *a, struct rel *resolved,
                             struct error *err);
/* Runs an already optimised plan: stream/'s door. */
bool session_run_plan(struct session *s, const struct rel *plan, struct execution *x,
                      const struct answer_sink *sink, struct error *err);

/* Temporary views; the relation is the unresolved plan, kept in memory of the session. */
bool session_view_put(struct session *s, const char *name, const struct rel *rel, bool global,
                      bool replace, struct error *err);
bool session_view_drop(struct session *s, const char *name, bool global);

/* Relations that a client names by id (checkpoint, foreachBatch); registered Python functions. */
bool session_remote_put(struct session *s, const char *id, const struct rel *rel,
                        struct error *err);
void session_remote_drop(struct session *s, const char *id);
bool session_function_put(struct session *s, const char *name, struct expr *udf, struct error *err);

#endif
