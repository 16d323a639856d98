/*
 * Python workers: unmodified pyspark.daemon and pyspark.worker, started once per interpreter and
 * fed through their own wire protocol (layouts of PySpark 4.2 and 4.3).
 *
 * Functions never run in this process, nor in the client's. A worker that dies fails its call with
 * the traceback or PYTHON_WORKER_CRASHED; the next call gets a fresh one.
 * Threads: a pool is shared; a call has one user.
 */
#ifndef WEIR_PYTHON_POOL_H
#define WEIR_PYTHON_POOL_H

#include "base/arena.h"
#include "base/error.h"
#include "func/func.h"
#include "tree/expr.h"
#include "vec/vec.h"

struct python_pool;
struct python_pool *python_pool_new(const char *default_interpreter, const char *work_dir);
void python_pool_free(struct python_pool *p); /* ends all workers */
uint32_t python_pool_workers(const struct python_pool *p);

/* A running scalar call over many chunks: types 100 (pickled rows), 101 (Arrow), 200 (pandas), 250.
 */
struct python_call;
bool python_call_open(struct python_pool *p, struct arena *a, const struct udf *const *udfs,
                      uint32_t udf_count, const struct type *input_schema,
                      const uint32_t *const *arg_columns, const uint32_t *arg_counts,
                      const struct func_session *session, struct python_call **out,
                      struct error *err);
/* One chunk in, result columns (FLAT, rows compacted to live rows) out; memory from tmp. */
bool python_call_run(struct python_call *c, const struct chunk *in, struct arena *tmp,
                     struct vec *results, struct error *err);
void python_call_close(struct python_call *c);

/* mapInPandas / mapInArrow (205, 207): pushes input chunks, receives output chunks. */
bool python_map_open(struct python_pool *p, struct arena *a, const struct udf *udf,
                     const struct type *input_schema, const struct type *output_schema,
                     const struct func_session *session, struct python_call **out,
                     struct error *err);
bool python_map_run(struct python_call *c, const struct chunk *in, /* NULL: input ended */
                    bool (*emit)(void *ctx, const struct chunk *out, struct error *err), void *ctx,
                    struct error *err);

/* Functions over groups (applyInPandas, applyInArrow) and over pairs of them (cogroup). The chunks'
 * columns are those of plan/resolve_group_map.c: left_width values, then with pairs the right ones,
 * keys, with pairs the side (0, 1), and a number that is 1 where a group begins. */
struct python_groups;
struct python_groups_config {
    const struct udf *udf;
    const struct type *input_schema;
    const struct type *output_schema;
    uint32_t left_width;
    uint32_t key_count;
};
bool python_groups_open(struct python_pool *p, struct arena *a,
                        const struct python_groups_config *config,
                        const struct func_session *session, struct python_groups **out,
                        struct error *err);
bool python_groups_run(struct python_groups *g, const struct chunk *in, /* NULL: input ended */
                       bool (*emit)(void *ctx, const struct chunk *out, struct error *err),
                       void *ctx, struct error *err);
void python_groups_close(struct python_groups *g);

#endif
