/*
 * The operators, as the compiler sees them: one compile function a kind of relation.
 *
 * compile_X(c, r, p, next) arranges that r's rows are pushed into `next`, an operator of pipeline
 * p. Streaming operators put themselves before `next` and go on with their input in p; breakers
 * make a pipeline of their own for the input, and become a source of p. Since a pipeline is made
 * ready only when it is complete, those that others wait for run first.
 */
#ifndef WEIR_EXEC_OPS_H
#define WEIR_EXEC_OPS_H

#include "exec/pipeline.h"
#include "exec/store.h"

struct runtime_filter; /* exec/runtime_filter.h */

struct scan_target { /* a scan column that a join's build side will bound */
    const struct rel *scan;
    uint32_t column; /* of the scan's output */
    struct runtime_filter *filter;
    struct scan_target *next;
};

/* Run-time bounds as the scan's own filter sees them: column of the scan's output, and the filter
 * that will know min and max when the scan begins. */
struct scan_bound {
    uint32_t column;
    const struct runtime_filter *filter;
    struct scan_bound *next;
};

struct compiler {
    struct query *query;
    struct arena *arena;
    const struct func_session *session;
    struct scan_target *targets;
    uint32_t depth;
};

enum { COMPILE_DEPTH_MAX = 1000 };

typedef bool compile_fn(struct compiler *c, const struct rel *r, struct pipeline *p,
                        struct op *next, struct error *err);

compile_fn compile_rel; /* by kind: exec/compile.c */

compile_fn compile_scan;
compile_fn compile_local;
compile_fn compile_range;
compile_fn compile_filter;
compile_fn compile_project;
compile_fn compile_limit;
compile_fn compile_tail;
compile_fn compile_aggregate;
compile_fn compile_distinct;
compile_fn compile_deduplicate;
compile_fn compile_join;
compile_fn compile_sort;
compile_fn compile_topn;
compile_fn compile_union;
compile_fn compile_window;
compile_fn compile_generate;
compile_fn compile_expand;
compile_fn compile_sample;
compile_fn compile_repartition;
compile_fn compile_watermark;
compile_fn compile_map_udf;
compile_fn compile_write;
compile_fn compile_state_aggregate;
compile_fn compile_udf_columns;
compile_fn compile_exchange;
compile_fn compile_exchange_read;

/* A relation of the engine's own: the input's columns, then the results of exprs, which are Python
 * calls without Python calls in their arguments. */
enum { REL_UDF_COLUMNS = 1000 };

/* Takes Python calls out of expressions over *input: they become columns of a new *input, and exprs
 * read those. False: there are none, nothing changed. */
bool udf_split(struct compiler *c, struct rel **input, struct expr **exprs, uint32_t count);

/* Several expressions over one input, columns taken as they are, others computed. */
struct projection {
    uint32_t count;
    int32_t *columns; /* input column, or -1: programs[i] */
    struct program **programs;
    const struct type **types;
    bool orderly; /* some function looks at row numbers: rows must be compact and counted */
};

bool projection_init(struct compiler *c, struct projection *p, struct expr *const *exprs,
                     uint32_t count, struct error *err);
/* out->cols are count vectors over the input's rows, its selection kept. in may be replaced by its
 * compact form. */
bool projection_run(const struct projection *p, struct worker *w, struct chunk *in,
                    struct vec *cols);

bool exprs_deterministic(struct expr *const *exprs, uint32_t count);
const struct expr *expr_unalias(const struct expr *e);
bool expr_has_kind(const struct expr *e, enum expr_kind kind);

/* The sink of the last pipeline: delivers to the caller in morsel order, at most limit rows. */
struct op *result_new(struct query *q, struct pipeline *p, const struct exec_sink *sink,
                      int64_t limit, int64_t offset);

/* A sink that keeps all rows in a store, sealed (and flattened) at the end; then a source reads
 * it. Used by breakers that need nothing else while rows come. */
struct gather {
    struct op op;
    struct store store;
    bool flatten;
    int64_t limit; /* -1: all. Else stop when the first `limit` rows are there */
    pthread_mutex_t lock;
    uint64_t *done_rows; /* rows of finished morsels, by number; UINT64_MAX: not finished */
    uint32_t done_capacity;
    uint32_t prefix; /* morsels finished without a gap */
    uint64_t prefix_rows;
};

struct gather *gather_new(struct query *q, struct pipeline *p, const struct type *schema,
                          int64_t limit, bool flatten);
/* Rows [from, from + count) of a sealed store; count -1 = to the end; from -1 = the last count. */
void gather_source_add(struct compiler *c, struct gather *g, struct pipeline *p, struct op *next,
                       int64_t from, int64_t count);

struct op *compile_scan_filters(struct compiler *c, const struct rel *scan, struct pipeline *p,
                                struct op *next, const struct scan_bound **bounds);
const struct expr *scan_bounds_filter(struct query *q, const struct rel *scan,
                                      const struct expr *condition,
                                      const struct scan_bound *bounds);

#endif
