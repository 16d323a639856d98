/*
 * One interface for everything that is written as files.
 *
 * A writer makes one file at the path it is given, and nothing else: where attempt files lie, which
 * of them count and what they are finally called is the commit table's affair (driver/commit.h).
 * Chunks hold the data columns only; partition columns are already gone.
 */
#ifndef WEIR_FORMAT_SINK_H
#define WEIR_FORMAT_SINK_H

#include "base/arena.h"
#include "base/env.h"
#include "base/error.h"
#include "func/func.h"
#include "tree/rel.h"
#include "vec/vec.h"

struct sink_writer;

struct sink_request {
    const char *path;
    const struct type *schema;
    const struct options *options;
    const struct func_session *session;
    struct budget *budget;
    struct env *env;
};

struct sink_result {
    int64_t rows;
    int64_t bytes;
};

struct sink_format {
    const char *name;
    const char *extension; /* ".snappy.parquet", ".csv": may depend on the compression option */
    const char *(*file_extension)(struct arena *a, const struct options *o); /* NULL: extension */
    bool (*check)(const struct type *schema, const struct options *o, struct error *err);
    bool (*open)(struct arena *a, const struct sink_request *req, struct sink_writer **out,
                 struct error *err);
    bool (*write)(struct sink_writer *w, const struct chunk *in, struct error *err);
    bool (*finish)(struct sink_writer *w, struct sink_result *out,
                   struct error *err);    /* flushed to disk */
    void (*close)(struct sink_writer *w); /* without finish: the file is worthless */
};

const struct sink_format *sink_format_find(const char *name);

#endif
