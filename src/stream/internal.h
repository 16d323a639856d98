/* What the files of stream/ share: the manager, a query, and how they look at each other. */
#ifndef WEIR_STREAM_INTERNAL_H
#define WEIR_STREAM_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>

#include "driver/session.h"
#include "stream/checkpoint.h"
#include "stream/sink.h"
#include "stream/source.h"
#include "stream/stream.h"

enum {
    PROGRESS_KEPT = 100, /* unless spark.sql.streaming.numRecentProgressUpdates says */
    PROGRESS_KEPT_MAX = 10000,
    ENDED_KEPT = 100,
    LISTENER_EVENTS_MAX = 1000,
    QUERIES_MAX = 1000,
};

struct stream_manager {
    struct driver *driver;
    pthread_mutex_t lock; /* guards queries, listeners, terminated; taken before a query's */
    pthread_cond_t changed;
    struct stream_query *queries; /* newest first: active and ended ones */
    uint32_t query_count;
    struct stream_listener *listeners;
    stream_planner planner;
    void *planner_ctx;
    char connect_address[256];
    bool closing;
    pthread_mutex_t starting; /* held while a start looks for its checkpoint and takes it over */
};

/* One batch's figures, for its progress. */
struct batch_figures {
    int64_t batch_id;
    int64_t started_ms; /* wall */
    int64_t trigger_ns, latest_ns, plan_ns, write_ns, commit_ns;
    int64_t rows;
    uint64_t rows_out;
    const char *starts[CHECKPOINT_SOURCES_MAX];
    const char *ends[CHECKPOINT_SOURCES_MAX];
    int64_t source_rows[CHECKPOINT_SOURCES_MAX];
    int64_t event_max_micros; /* INT64_MIN = none seen */
    int64_t watermark_ms;
    uint64_t late_rows;
    int64_t interval_ns; /* since the start of the batch before; 0 = first */
};

struct stream_query {
    struct stream_query *next; /* the manager's list */
    struct stream_manager *manager;
    struct session *session;
    _Atomic uint32_t refs;
    char id[37];
    char run_id[37];
    char *name;
    char *checkpoint_dir;
    struct arena arena; /* plan, sources, sink: for the query's life, its thread's own */
    struct rel *plan;   /* resolved */
    const struct udf *foreach_batch; /* the user's function in place of a sink; NULL if none */
    struct checkpoint checkpoint;
    struct stream_source sources[CHECKPOINT_SOURCES_MAX];
    uint32_t source_count;
    struct stream_sink sink;
    enum output_mode mode;
    enum stream_trigger trigger;
    int64_t interval_ms;
    bool has_watermark;
    bool no_data_batches; /* spark.sql.streaming.noDataMicroBatches.enabled */
    int64_t delay_micros;
    uint32_t state_count; /* stateful operators in the plan */
    uint32_t aggregate_count;
    bool temporary_checkpoint;

    /* The thread's own. */
    int64_t next_batch;
    const char *ends[CHECKPOINT_SOURCES_MAX]; /* malloc'd; where the last committed batch ended */
    int64_t watermark_ms;                     /* for the next batch */
    int64_t watermark_ms_late;                /* the one before: rows older than this are dropped */
    _Atomic uint64_t dropped_rows;            /* by the watermark, since the first start */

    pthread_t thread;
    bool has_thread;
    struct execution execution; /* of the running batch */

    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t changed;
    bool stop; /* asked for */
    bool ended;
    bool counted_terminated; /* for awaitAnyTermination, until reset */
    struct error error;
    const char *message; /* static texts */
    bool is_data_available, is_trigger_active;
    uint64_t idle_rounds; /* rounds that found nothing new */
    uint64_t rounds_begun;
    char **progress; /* a ring of progress_kept */
    uint32_t progress_kept;
    uint32_t progress_next;
    char *started_json;
    struct batch_figures last; /* its texts are gone; numbers only */
    uint64_t last_state_rows;
    bool resumed; /* by itself, after a restart; never changes */
};

/* batch.c */
/* Checks that the plan can stream at all; finds sources, watermark and stateful operators. */
bool batch_prepare(struct stream_query *q, struct error *err);
/* The plan of one batch: scans filled in, aggregates given their state. */
struct rel *batch_plan(struct stream_query *q, struct arena *a, const char *const *starts,
                       const char *const *ends, int64_t batch_id, int64_t watermark_ms,
                       int64_t late_ms, int64_t *source_rows, struct error *err);

/* query.c */
void *query_thread(void *ctx);

/* progress.c */
void progress_put(struct buffer *out, const struct stream_query *q, const struct batch_figures *f);
void progress_add(struct stream_query *q, const struct batch_figures *f);
void event_started_put(struct buffer *out, const struct stream_query *q, int64_t now_ms);
void event_terminated_put(struct buffer *out, const struct stream_query *q);

/* manager.c */
/* Is the query one of the session's own, or a resumed one of its user? */
bool query_is_seen(const struct stream_query *q, struct session *session);
void manager_event(struct stream_manager *m, const struct stream_query *q,
                   enum stream_event_type type, const char *json);

/* registry.c: what goes on after a restart */
bool registry_put(struct stream_query *q, struct bytes command, struct error *err);
void registry_drop(struct stream_query *q);

#endif
