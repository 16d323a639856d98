/*
 * One task of a Python worker: its head, and the walk over what comes back.
 *
 * Source: pyspark.worker of 4.2 and 4.3 (main, read_udfs); integers are big-endian.
 */
#ifndef WEIR_PYTHON_TASK_H
#define WEIR_PYTHON_TASK_H

#include "base/reader.h"
#include "python/worker.h"

enum python_eval {
    EVAL_RDD = 0,
    EVAL_PICKLED = 100,
    EVAL_ARROW = 101,
    EVAL_PANDAS = 200,
    EVAL_MAP_PANDAS = 205,
    EVAL_MAP_ARROW = 207,
    EVAL_SCALAR_ARROW = 250,
};

struct python_call {
    struct python_pool *pool;
    struct python_worker *worker; /* while a task runs */
    struct arena *arena;
    int32_t eval_type;
    const struct udf *const *udfs;
    uint32_t udf_count;
    uint32_t *columns; /* of the chunk, that go to the worker */
    uint32_t column_count;
    uint32_t **offsets; /* per function: its arguments among those columns */
    const uint32_t *arg_counts;
    const struct type *sent;    /* schema of what goes to the worker */
    const struct type *results; /* one field a function; maps: the output's schema */
    const char *zone;
    /* the state of a task's answer */
    bool streaming; /* inside the Arrow stream */
    bool finished;
    bool reusable;
    struct buffer schema_message;
    struct arena batch;
};

/* One frame of pickled bytes or one Arrow message out of the worker's answer. */
struct task_sink {
    bool (*chunk)(void *ctx, const struct chunk *c, struct error *err);
    bool (*pickled)(void *ctx, struct bytes frame, struct error *err);
    void *ctx;
};

void task_put_int(struct buffer *out, int32_t v);
void task_put_text(struct buffer *out, const char *text);
/* The head of a task, up to where its data begins. */
void task_put_head(struct python_call *c, struct buffer *out);
bool task_begin(struct python_call *c, struct error *err);
/* Takes what has arrived; waits for all of it when to_end is set. */
bool task_answer(struct python_call *c, bool to_end, const struct task_sink *sink,
                 struct error *err);
void task_end(struct python_call *c); /* gives the worker back or kills it */

/* call.c, for tasks that answer rows of their own shape. */
struct python_call *task_call_new(struct python_pool *p, struct arena *a, const struct udf *udf,
                                  const uint32_t *arguments, uint32_t argument_count,
                                  const struct type *results, const struct func_session *session);
bool task_put_batch(const struct type *schema, const struct chunk *rows, struct buffer *out,
                    struct error *err);
struct task_rows { /* what comes back as one struct column, as rows */
    struct python_call *call;
    bool (*emit)(void *ctx, const struct chunk *out, struct error *err);
    void *ctx;
};
bool task_rows_chunk(void *rows, const struct chunk *in,
                     struct error *err); /* a task_sink's chunk */

#endif
