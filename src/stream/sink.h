/*
 * Sinks of a streaming query: where a batch's rows go, each batch once.
 *
 * write runs the plan and makes its rows visible as batch `batch_id`. The same batch may be written
 * again after a crash; it must then change nothing that is already there.
 * Threads: a sink belongs to its query's thread.
 */
#ifndef WEIR_STREAM_SINK_H
#define WEIR_STREAM_SINK_H

#include "base/arena.h"
#include "base/env.h"
#include "base/error.h"
#include "driver/session.h"
#include "stream/stream.h"

struct stream_sink;

struct sink_batch {
    int64_t id;
    struct rel *plan; /* resolved; the sink optimises it with what it wraps around */
    struct arena *arena;
    struct execution *execution;
    uint64_t rows; /* out */
};

struct stream_sink_ops {
    bool (*write)(struct stream_sink *s, struct sink_batch *b, struct error *err);
    /* Repeats the visible part of the last committed batch: called once before the first batch. */
    bool (*recover)(struct stream_sink *s, struct error *err);
    void (*close)(struct stream_sink *s);
    bool durable; /* a query with it goes on by itself after a restart */
};

struct stream_sink {
    const struct stream_sink_ops *ops;
    struct stream_manager *manager;
    struct session *session;
    struct driver *driver;
    struct env *env;
    const char *query_id;
    const char *name; /* queryName */
    enum output_mode mode;
    struct write_spec spec; /* in the query's arena */
    const char *description;
    void *state;
};

/* Checks format, options and mode. Memory from the query's arena. */
bool sink_open(struct stream_sink *s, struct arena *a, const struct type *schema,
               struct error *err);
bool sink_files_open(struct stream_sink *s, struct arena *a, struct error *err);
bool sink_kafka_open(struct stream_sink *s, struct arena *a, const struct type *schema,
                     struct error *err);
bool sink_memory_open(struct stream_sink *s, struct arena *a, const struct type *schema,
                      struct error *err);
bool sink_foreach_open(struct stream_sink *s, struct arena *a, const struct udf *function,
                       struct error *err);
bool sink_console_open(struct stream_sink *s, struct arena *a, struct error *err);

/* Optimises and runs a batch's plan, handing out its chunks. */
bool sink_run_chunks(struct stream_sink *s, struct sink_batch *b,
                     bool (*fn)(void *ctx, const struct chunk *c, struct error *err), void *ctx,
                     struct error *err);

#endif
