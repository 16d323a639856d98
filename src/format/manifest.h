/*
 * Manifests: what a file sink of Structured Streaming has committed, in Spark's form.
 *
 * <root>/_spark_metadata/N lists the files of batch N: a line "v1", then one JSON object a line
 * (path as a URI, size, modificationTime, action). Spark sums batches up in N.compact. A folder
 * with manifests is read through them, so a batch is seen wholly or not at all, and files that no
 * manifest names are no data.
 * Source: Spark's FileStreamSinkLog and MetadataLogFileIndex, as its files look.
 */
#ifndef WEIR_FORMAT_MANIFEST_H
#define WEIR_FORMAT_MANIFEST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/env.h"
#include "base/error.h"
#include "base/reader.h"

enum { MANIFEST_BYTES_MAX = 256 << 20 };

struct manifest_file {
    const char *path; /* plain, absolute */
    const char *from; /* where our sink wrote it first; NULL in manifests that Spark wrote */
    int64_t bytes;
    int64_t modified_ms;
};

/* A whole manifest is manifest_begin and any number of files. */
void manifest_begin(struct buffer *out);
void manifest_put(struct buffer *out, const struct manifest_file *file);
/* The same form with a line for a file that a streaming source has seen (Spark's
 * FileStreamSourceLog); path and modified_ms count. */
void manifest_put_seen(struct buffer *out, const struct manifest_file *file, int64_t batch);

/* Calls fn for each file that text adds, in its order. Texts live in a. what: named in errors. */
bool manifest_parse(struct arena *a, struct bytes text, const char *what,
                    bool (*fn)(void *ctx, const struct manifest_file *file, struct error *err),
                    void *ctx, struct error *err);
bool manifest_read(struct arena *a, struct env *env, const char *path,
                   bool (*fn)(void *ctx, const struct manifest_file *file, struct error *err),
                   void *ctx, struct error *err);

/* All files that the manifests below root commit, batch by batch. *found is false, and nothing is
 * called, when root has none. */
bool manifest_list(struct arena *a, struct env *env, const char *root, bool *found,
                   bool (*fn)(void *ctx, const struct manifest_file *file, struct error *err),
                   void *ctx, struct error *err);

#endif
