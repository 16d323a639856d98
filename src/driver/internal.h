/*
 * What the files of driver/ share and nobody else sees: the driver, its sessions, its record of
 * operations.
 */
#ifndef WEIR_DRIVER_INTERNAL_H
#define WEIR_DRIVER_INTERNAL_H

#include <pthread.h>

#include "driver/conf.h"
#include "driver/session.h"
#include "sched/run.h"

enum {
    SESSIONS_MAX = 10000,
    VIEWS_MAX = 10000,
    ARTIFACT_BYTES_MAX = 1 << 30,
    OPERATIONS_KEPT = 200, /* finished ones, for the page */
    ATTEMPT_LINES_MAX = 1000,
};

/* A stored plan: bytes, so that each use decodes its own copy. Immutable. */
struct view_entry {
    struct view_entry *next;
    char *name;
    uint8_t *plan;
    size_t plan_len;
};

struct session {
    struct driver *driver;
    struct session *next;
    char *user_id;
    char *id;
    char server_id[37];
    _Atomic uint32_t refs;
    bool ended;
    pthread_mutex_t lock; /* guards what follows */
    struct conf conf;
    struct view_entry *views;
    struct view_entry
        *functions; /* registered Python functions: a REL_EMPTY that holds one expression */
    struct view_entry *remotes;    /* cached remote relations by id */
    _Atomic bool has_python_files; /* an artifact for Python functions came */
    char *database;
};

/* One operation, for the web page. Owned by the driver. */
struct operation {
    struct operation *next;
    char id[64];
    char text[256];
    char user[64];
    int64_t started_ms;
    int64_t ended_ms; /* 0 = running */
    uint64_t rows;
    uint32_t attempts;
    char state[16]; /* "running", "done", "failed", "cancelled" */
    char error[512];
    struct execution *execution;    /* while running */
    struct exec_progress *progress; /* copy, after the end */
    struct attempt_line *lines; /* of tasks that ran as shares of stages, in order of beginning */
    uint32_t line_count;
    uint32_t lines_left_out; /* beyond ATTEMPT_LINES_MAX */
};

/* One attempt of a task, for the page. */
struct attempt_line {
    uint32_t stage, task, attempt;
    char worker[32];
    char state[12]; /* "running", "done", "failed", "lost", "late" */
    bool is_copy;
    int64_t began_ms, ended_ms;
    uint64_t rows;
    char why[96];
};

struct driver {
    struct driver_config config;
    char *data_dir, *worker_address, *store_address, *supervisor_address, *kafka_bootstrap,
        *spark_version;
    struct sched *sched; /* NULL: everything runs here */
    struct budget budget;
    pthread_mutex_t lock; /* guards sessions, global views, operations; taken before a session's */
    struct session *sessions;
    uint32_t session_count;
    struct view_entry *global_views;
    struct operation *operations; /* newest first */
    pthread_mutex_t catalog_lock; /* one change of tables at a time */
    driver_source_fn source_fn;
    void *source_ctx;
};

/* views.c; the caller holds the lock of the list. */
bool view_list_put(struct view_entry **list, const char *name, const struct rel *rel, bool replace,
                   struct error *err);
bool view_list_drop(struct view_entry **list, const char *name);
const struct view_entry *view_list_find(const struct view_entry *list, const char *name);
void view_list_free(struct view_entry **list);
void view_list_copy(struct view_entry **to, const struct view_entry *from);
/* The plan of a temporary view, decoded into the arena; NULL if there is none of that name. */
struct rel *session_view_plan(struct session *s, struct arena *a, const char *name, bool global,
                              struct error *err);

/* operations.c */
struct operation *operation_begin(struct session *s, struct execution *x, const char *text);
void operation_end(struct driver *d, struct operation *op, uint64_t rows, const struct error *err);

void session_artifacts_remove(struct session *s); /* artifacts.c */

/* run.c */
struct run_request {
    struct session *session;
    const struct rel *plan;
    struct execution *execution;
    bool wants_rows;
    bool (*before_attempt)(void *ctx, uint32_t attempt, struct error *err);
    void *before_ctx;
};
/* spread.c: over several workers */
bool spread_is_wanted(const struct run_request *req, struct arena *a);
bool spread_run(const struct run_request *req, struct arena *a, const struct task *task,
                const struct answer_sink *sink, struct sched_facts *facts, struct error *err);
/* operations.c: an attempt of the request's operation began or ended */
struct attempt_fact;
void operation_attempt(void *request, const struct attempt_fact *fact);
bool run_plan(const struct run_request *req, const struct answer_sink *sink,
              struct sched_facts *facts, struct error *err);

#endif
