/*
 * Running a plan inside one process: a resolved, optimised relation becomes pipelines that push
 * chunks over several threads within a memory budget.
 *
 * Order: a source's morsels are numbered; chunks reach the result in morsel order, so that a plain
 * scan shows its first rows first and a sort's output stays sorted, however many threads ran.
 * Cancel: the flag is looked at once a chunk.
 * Failure: the first error wins; all threads stop; nothing outlives exec_run.
 */
#ifndef WEIR_EXEC_EXEC_H
#define WEIR_EXEC_EXEC_H

#include <stdatomic.h>

#include "base/arena.h"
#include "base/budget.h"
#include "base/env.h"
#include "base/error.h"
#include "func/func.h"
#include "tree/rel.h"
#include "vec/vec.h"

struct python_pool;   /* python/pool.h */
struct exec_exchange; /* exec/exchange.h */

/* One pipeline's progress, for progress messages and the web page. All counters are read by others.
 */
struct exec_stage {
    char name[64];               /* "Scan parquet -> Filter -> HashAggregate" */
    _Atomic uint32_t task_count; /* morsels (splits) known */
    _Atomic uint32_t task_done;
    _Atomic uint64_t rows_in;
    _Atomic uint64_t rows_out;
    _Atomic uint64_t bytes_read;
    _Atomic bool started;
    _Atomic bool done;
    _Atomic uint64_t time_ns;
};

enum { EXEC_STAGE_MAX = 64 };

struct exec_progress {
    _Atomic uint32_t stage_count;
    struct exec_stage stages[EXEC_STAGE_MAX];
    /* Streaming: the newest event time that an EVENT_WATERMARK saw (INT64_MIN: none; exec_run sets
     * it at its start), and what STATE_AGGREGATE dropped and keeps. */
    _Atomic int64_t event_micros_max;
    _Atomic uint64_t late_rows;
    _Atomic uint64_t state_rows;
    _Atomic uint64_t state_rows_updated;
    _Atomic uint64_t state_rows_removed;
    _Atomic uint64_t state_bytes;
};

struct exec_context {
    struct budget *budget;
    struct env *env;
    const struct func_session *session;
    uint32_t threads;
    const char *spill_dir; /* NULL: no spilling possible */
    _Atomic bool *cancel;
    struct exec_progress *progress; /* may be NULL */
    struct python_pool *python;     /* NULL: plans with Python functions fail by name */
    int64_t split_bytes;            /* target size of splits; 0 = default */
    uint32_t shuffle_partitions;    /* files written by a repartitioning write */
    struct exec_exchange *exchange; /* NULL: the plan is whole and has one task */
};

/* Receives result chunks, in order, one call at a time (any thread). */
struct exec_sink {
    bool (*chunk)(void *ctx, const struct chunk *c, struct error *err);
    void *ctx;
};

/* Runs to the end. For REL_WRITE the result rows are (file path, partition path, rows, bytes). */
bool exec_run(const struct rel *plan, struct exec_context *ctx, const struct exec_sink *sink,
              struct error *err);

/* Does the plan need Python workers? How many input bytes does it read (estimate, -1 unknown)? */
bool exec_needs_python(const struct rel *plan);
int64_t exec_input_bytes(const struct rel *plan);
/* Can the aggregate be computed in two halves, whose states travel as bytes (tree/rel.h:
 * agg_phase)?
 */
bool exec_aggregate_splits(const struct rel *aggregate, const struct func_session *session);

#endif
