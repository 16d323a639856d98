/*
 * Pipelines: the shape in which a plan runs.
 *
 * A pipeline is a set of sources whose chunks are pushed through chains of operators into one sink;
 * the sink (aggregate, build, sort, result, ...) ends it, and what the sink made is a source of a
 * later pipeline. Chains may flow together (UNION): then one pipeline has several sources.
 *
 * Sources are cut into morsels, numbered through all sources of the pipeline. Workers take numbers
 * in ascending order and push a morsel to its end before they take the next; sinks that care for
 * order arrange what they keep by morsel number, so results do not depend on the number of threads.
 * Phases: sources of phase n+1 are opened when all morsels of phase n are done (the unmatched rows
 * of a right join come after all its probes).
 *
 * The life of an operator: made by the compiler; `open` once for each worker that takes part;
 * `push` per chunk; `morsel_end` per morsel; `merge` once a worker, when no morsel is left (workers
 * merge side by side); `finish` once, after all merges; `close` per worker; `free` with the query.
 * spill: the memory broker asks bytes back. Operators that cannot spill yet leave it NULL; then a
 * query over its budget fails alone with budget_error.
 *
 * Scratch: w->tmp is reset before each source chunk. An operator that pushes many chunks for one
 * gives each push its own scratch (worker_scratch).
 * Threads: a struct worker is used by one thread at a time.
 */
#ifndef WEIR_EXEC_PIPELINE_H
#define WEIR_EXEC_PIPELINE_H

#include <pthread.h>

#include "exec/exec.h"
#include "func/program.h"

struct op;
struct pipeline;
struct query;
struct source;

struct worker {
    struct query *query;
    struct pipeline *pipeline;
    uint32_t number;
    bool opened;
    bool morsel_stop; /* an operator wants no more of this morsel */
    uint32_t morsel;
    struct arena keep;        /* lives as long as the worker */
    struct arena morsel_keep; /* reset between morsels */
    struct arena chunk_tmp;   /* reset between source chunks */
    struct arena *tmp;        /* scratch in use: chunk_tmp or an operator's own */
    struct eval eval;
    void **states; /* one an operator, by op->index */
    uint64_t rows_in, rows_out, bytes_read;
    uint32_t chaos; /* random state of the chaos switch */
    struct error err;
};

struct op_class {
    const char *name;
    bool (*open)(struct op *op, struct worker *w, void **state);
    bool (*push)(struct op *op, struct worker *w, void *state, struct chunk *in);
    bool (*morsel_end)(struct op *op, struct worker *w, void *state);
    bool (*merge)(struct op *op, struct worker *w, void *state);
    bool (*finish)(struct op *op, struct query *q, struct error *err);
    size_t (*spill)(struct op *op, struct worker *w, void *state, size_t want);
    void (*close)(struct op *op, struct worker *w, void *state);
    void (*free)(struct op *op);
};

struct op {
    const struct op_class *cls;
    struct op *next;           /* NULL for a sink */
    uint32_t index;            /* in its pipeline */
    const struct type *schema; /* of what it pushes; NULL for a sink */
    struct op *after;          /* the query's list of all operators */
};

struct source_class {
    const char *name;
    /* How many morsels there are; asked when the phase begins, so after all earlier pipelines. */
    bool (*prepare)(struct source *s, struct query *q, uint32_t *morsels, struct error *err);
    bool (*open)(struct source *s, struct worker *w, uint32_t morsel, void **cursor);
    /* The next chunk; n == 0 is allowed, *more false ends the morsel. */
    bool (*next)(struct source *s, struct worker *w, void *cursor, struct chunk *out, bool *more);
    void (*close)(struct source *s, struct worker *w, void *cursor);
    void (*free)(struct source *s);
};

struct source {
    const struct source_class *cls;
    const struct type *schema;
    struct op *first; /* where its chunks go */
    uint32_t phase;
    uint32_t morsel_base;  /* number of its first morsel */
    uint32_t morsel_count; /* after prepare */
    struct source *after;  /* the pipeline's list */
};

struct pipeline {
    struct query *query;
    struct pipeline *after; /* in order of running */
    struct source *sources;
    struct op **ops; /* sink first: filled from the end of the chain to its beginning */
    uint32_t op_count, op_capacity;
    uint32_t phase_count;
    uint32_t phase_now; /* while compiling: the phase of sources added next */
    uint32_t morsel_total;
    _Atomic uint32_t morsel_next;
    uint32_t morsel_end; /* of the running phase */
    _Atomic bool stop;   /* the sink has all it wants */
    struct worker *workers;
    uint32_t worker_count;
    struct exec_stage *stage;
};

struct query {
    struct exec_context *ctx;
    struct arena arena; /* the compiled form; compile time and prepare only */
    struct pipeline *pipelines, **pipelines_end;
    struct op *ops;
    struct source *all_sources;
    struct exec_progress own_progress;
    struct exec_progress *progress;
    const struct zone *zone;
    _Atomic bool failed;
    pthread_mutex_t lock; /* guards err */
    struct error err;
    bool verify;
    uint32_t chaos; /* 0 = off */
};

/* ---- building ---- */

struct pipeline *pipeline_new(struct query *q);
void pipeline_ready(struct pipeline *p); /* complete: runs after those made ready before */
void op_add(struct pipeline *p, struct op *op, const struct op_class *cls, struct op *next,
            const struct type *schema);
void source_add(struct pipeline *p, struct source *s, const struct source_class *cls,
                const struct type *schema, struct op *first, uint32_t phase);

/* ---- running ---- */

bool query_run(struct query *q, struct error *err);     /* all pipelines in order */
bool query_stopped(struct query *q, struct error *err); /* failed, cancelled, over budget */
/* Runs fn(ctx, task, scratch, err) for each task < count on the query's threads. scratch is reset
 * between tasks. For the finish of breakers. */
bool query_parallel(struct query *q, uint32_t count,
                    bool (*fn)(void *ctx, uint32_t task, struct worker *w), void *ctx,
                    struct error *err);

bool op_push_checked(struct op *op, struct worker *w, struct chunk *in);

/* Hands a chunk on. */
static inline bool
op_push(struct op *op, struct worker *w, struct chunk *in)
{
    struct op *next = op->next;
    if (in->sel_n == 0) {
        return true;
    }
    if (w->query->verify || w->query->chaos != 0) {
        return op_push_checked(op, w, in);
    }
    return next->cls->push(next, w, w->states[next->index], in);
}

/* A pushes-many operator's own scratch: swaps it in, returns what was there. */
static inline struct arena *
worker_scratch(struct worker *w, struct arena *own)
{
    struct arena *old = w->tmp;
    w->tmp = own;
    w->eval.tmp = own;
    return old;
}

#endif
