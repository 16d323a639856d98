/*
 * One interface for everything that is read as a table.
 *
 * A format is a row in a table of operations. Planning calls infer (schema) and estimate; the
 * driver calls list_splits; workers open a reader per split and pull chunks. Readers decode only
 * `columns`, may skip whole row groups by `filter` (conjuncts over the source's columns that the
 * scan may use but the plan still applies), and deliver rows in file order.
 */
#ifndef WEIR_FORMAT_SCAN_H
#define WEIR_FORMAT_SCAN_H

#include "base/arena.h"
#include "base/env.h"
#include "base/error.h"
#include "func/func.h"
#include "tree/expr.h"
#include "tree/source.h"
#include "vec/vec.h"

struct scan_reader; /* one split being read by one thread */

struct scan_request {
    const struct scan_source *source;
    const uint32_t *columns; /* indexes into source->schema, in output order */
    uint32_t column_count;   /* 0: only row counts matter */
    const struct expr
        *filter; /* over source->schema (EXPR_COLUMN index = schema index); NULL = none */
    const struct func_session *session;
    struct budget *budget;
    struct env *env;
};

struct scan_format {
    const char *name;
    bool splittable;
    /* Full schema (data and partition columns) of a source whose files are listed and whose options
     * are set. */
    const struct type *(*infer)(struct arena *a, const struct scan_source *source, struct env *env,
                                const struct func_session *session, struct error *err);
    /* Rows if cheaply known (footers), else -1. */
    double (*estimate)(const struct scan_source *source, struct env *env);
    bool (*open)(struct arena *a, const struct scan_request *req, const struct split *split,
                 struct scan_reader **out, struct error *err);
    /* Fills out with up to VEC_ROWS rows; *more false and n == 0 at the end. The chunk is valid
     * until the next call. Memory of values may come from tmp. */
    bool (*next)(struct scan_reader *r, struct arena *tmp, struct chunk *out, bool *more,
                 struct error *err);
    void (*close)(struct scan_reader *r);
};

const struct scan_format *scan_format_find(const char *name); /* NULL if unknown */
/* All of planning a scan in one call: source->format and options are set, schema is NULL or the
 * user's. Lists the files, finds the partition columns, infers what is not given, estimates. After
 * it source->schema is complete: data columns, then partition columns. */
bool scan_resolve(struct arena *a, const char *const *paths, uint32_t path_count,
                  struct scan_source *source, struct env *env, const struct func_session *session,
                  struct error *err);
/* The data columns found in files plus the source's partition columns; for `infer`. */
const struct type *scan_join_schema(struct arena *a, const struct type *data,
                                    const struct scan_source *source);
/* Resolves paths (files, directories, globs, partition directories col=value; names that begin with
 * _ or . are skipped) into source->files and partition columns. PATH_NOT_FOUND if nothing is there.
 * A schema given on entry keeps its data columns and gives partition columns their types; without
 * one source->schema holds the partition columns only, until infer has run. */
bool scan_list_files(struct arena *a, const char *const *paths, uint32_t path_count,
                     struct scan_source *source, struct env *env, struct error *err);
/* Splits of about target bytes; files in order. */
bool scan_list_splits(struct arena *a, const struct scan_source *source, int64_t target_bytes,
                      struct split **out, uint32_t *count, struct error *err);

#endif
