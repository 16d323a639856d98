/*
 * Sources of a streaming query: what is new since an offset, and how a range of it is scanned.
 *
 * An offset is a JSON text, as Spark writes it into checkpoints: Kafka {"topic":{"0":12}}, files
 * {"logOffset":3}, rate 17 (seconds). NULL or "-" = before everything.
 * Threads: a source belongs to its query's thread.
 */
#ifndef WEIR_STREAM_SOURCE_H
#define WEIR_STREAM_SOURCE_H

#include "base/arena.h"
#include "base/env.h"
#include "base/error.h"
#include "tree/rel.h"

struct driver;
struct stream_source;

struct source_ops {
    /* The newest offset that the next batch may reach, from start (NULL at the first batch);
     * everything is asked without per-batch limits. Equal to start: nothing is new. */
    bool (*latest)(struct stream_source *s, struct arena *a, const char *start, bool limited,
                   const char **end, struct error *err);
    /* The scan of (start, end]: a copy of the template with files, ranges or rows filled in. rows
     * is the number of rows if it is known, else -1. */
    struct rel *(*scan)(struct stream_source *s, struct arena *a, const struct rel *template,
                        const char *start, const char *end, int64_t *rows, struct error *err);
    void (*close)(struct stream_source *s);
};

struct stream_source {
    const struct source_ops *ops;
    struct driver *driver;
    struct env *env;
    uint32_t number;        /* place among the query's sources */
    const char *checkpoint; /* the query's checkpoint folder */
    const struct options *options;
    const char *description; /* "KafkaV2[Subscribe[flights]]" */
    void *state;             /* the source's own */
};

/* For a streaming REL_SCAN of the resolved plan. Memory from the query's arena. */
bool source_open(struct stream_source *s, struct arena *a, struct driver *d, const char *checkpoint,
                 uint32_t number, const struct rel *scan, struct error *err);

bool source_kafka_open(struct stream_source *s, struct arena *a, struct error *err);
bool source_files_open(struct stream_source *s, struct arena *a, const struct rel *scan,
                       struct error *err);
bool source_rate_open(struct stream_source *s, struct arena *a, struct error *err);

/* driver_source_fn: schema and ranges of kafka and rate in batch queries. */
bool stream_source_fill(void *ctx, struct arena *a, struct scan_source *source, bool is_streaming,
                        struct error *err);

#endif
