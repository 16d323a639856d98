/*
 * Scalar functions over chunks, and maps over whole partitions.
 *
 * A scalar call runs one task a chunk: the worker buffers its answer until the task ends, so a
 * chunk's results cannot be had earlier, and a reused worker needs under a millisecond for a task.
 * A map is one task, since its function keeps state from batch to batch.
 */
#include <stdlib.h>
#include <string.h>

#include "format/arrow.h"
#include "python/pickle.h"
#include "python/task.h"

static bool
is_scalar(int32_t eval_type)
{
    return eval_type == EVAL_PICKLED || eval_type == EVAL_ARROW || eval_type == EVAL_PANDAS ||
           eval_type == EVAL_SCALAR_ARROW;
}

static const struct type *
return_type(struct arena *a, const struct udf *u, struct error *err)
{
    if (u->return_type != NULL) {
        return u->return_type;
    }
    const char *ddl = u->return_ddl != NULL ? u->return_ddl : "";
    return type_parse(a, ddl, strlen(ddl), err);
}

static struct python_call *
call_new(struct python_pool *p, struct arena *a, int32_t eval_type,
         const struct func_session *session)
{
    struct python_call *c = arena_new(a, struct python_call);
    c->pool = p;
    c->arena = a;
    c->eval_type = eval_type;
    c->zone = session != NULL && session->zone != NULL ? session->zone : "Etc/UTC";
    arena_init(&c->batch, a->budget);
    return c;
}

static const struct type *
numbered_struct(struct arena *a, const struct type *const *types, uint32_t count)
{
    struct type_field *fields = arena_new_array(a, struct type_field, count + 1);
    for (uint32_t i = 0; i < count; i++) {
        fields[i] = (struct type_field){
            .name = arena_printf(a, "_%u", i), .type = types[i], .nullable = true};
    }
    return type_struct(a, fields, count);
}

/* Which of the chunk's columns travel, each once, and where the arguments are among them. */
static void
map_arguments(struct python_call *c, const struct type *input, const uint32_t *const *arg_columns)
{
    uint32_t total = 0;
    for (uint32_t i = 0; i < c->udf_count; i++) {
        total += c->arg_counts[i];
    }
    const struct type **types = arena_new_array(c->arena, const struct type *, total + 1);
    c->columns = arena_new_array(c->arena, uint32_t, total + 1);
    c->offsets = arena_new_array(c->arena, uint32_t *, c->udf_count);
    for (uint32_t i = 0; i < c->udf_count; i++) {
        c->offsets[i] = arena_new_array(c->arena, uint32_t, c->arg_counts[i] + 1);
        for (uint32_t k = 0; k < c->arg_counts[i]; k++) {
            uint32_t at = 0;
            while (at < c->column_count && c->columns[at] != arg_columns[i][k]) {
                at++;
            }
            if (at == c->column_count) {
                c->columns[at] = arg_columns[i][k];
                types[at] = input->fields[arg_columns[i][k]].type;
                c->column_count++;
            }
            c->offsets[i][k] = at;
        }
    }
    c->sent = numbered_struct(c->arena, types, c->column_count);
}

bool
python_call_open(struct python_pool *p, struct arena *a, const struct udf *const *udfs,
                 uint32_t udf_count, const struct type *input_schema,
                 const uint32_t *const *arg_columns, const uint32_t *arg_counts,
                 const struct func_session *session, struct python_call **out, struct error *err)
{
    const int32_t eval_type = udfs[0]->eval_type;
    if (!is_scalar(eval_type)) {
        return error_unsupported(err, "Python functions of evaluation type %d in expressions",
                                 eval_type);
    }
    struct python_call *c = call_new(p, a, eval_type, session);
    c->udfs = udfs;
    c->udf_count = udf_count;
    c->arg_counts = arg_counts;
    const struct type **results = arena_new_array(a, const struct type *, udf_count);
    for (uint32_t i = 0; i < udf_count; i++) {
        results[i] = return_type(a, udfs[i], err);
        if (results[i] == NULL) {
            return false;
        }
    }
    c->results = numbered_struct(a, results, udf_count);
    map_arguments(c, input_schema, arg_columns);
    *out = c;
    return true;
}

void
python_call_close(struct python_call *c)
{
    if (c != NULL) {
        task_end(c);
        buffer_release(&c->schema_message);
        arena_release(&c->batch);
    }
}

/* Rows of in, only the columns that travel, compacted. */
static void
project(const struct python_call *c, const struct chunk *in, struct arena *tmp, struct chunk *out)
{
    struct chunk some = *in;
    some.col_count = c->column_count;
    some.cols = arena_new_array(tmp, struct vec, c->column_count + 1);
    for (uint32_t i = 0; i < c->column_count; i++) {
        some.cols[i] = in->cols[c->columns[i]];
    }
    chunk_compact(out, &some, tmp);
}

bool
task_put_batch(const struct type *schema, const struct chunk *rows, struct buffer *out,
               struct error *err)
{
    struct arrow_batch *batch = arrow_batch_new(schema, NULL);
    const bool ok = arrow_batch_add(batch, rows, err);
    if (ok) {
        arrow_batch_put(batch, out);
    }
    arrow_batch_free(batch);
    return ok;
}

/* --- scalar --- */

struct collected {
    struct python_call *call;
    struct arena *tmp;
    struct vec *results;
    uint32_t rows; /* wanted */
    uint32_t have;
    uint64_t bytes;                /* of the frames read */
    struct pickle_value **pickled; /* EVAL_PICKLED: results by row */
};

static bool
wrong_type(const struct type *wanted, const struct type *got, struct arena *a, struct error *err)
{
    return error_raise(err, "ARROW_TYPE_MISMATCH", "operation", "Python UDF", "outputTypes",
                       type_simple(a, wanted), "actualDataTypes", type_simple(a, got), NULL);
}

static bool
collect_chunk(void *ctx, const struct chunk *in, struct error *err)
{
    struct collected *to = ctx;
    const struct type *results = to->call->results;
    if (in->col_count != results->field_count || in->n != to->rows || to->have != 0) {
        return error_set(err, ERROR_EXECUTION,
                         "A Python function answered %u rows of %u columns where %u rows of %u "
                         "were expected.",
                         in->n, in->col_count, to->rows, results->field_count);
    }
    for (uint32_t i = 0; i < in->col_count; i++) {
        if (!type_same(in->cols[i].type, results->fields[i].type)) {
            return wrong_type(results->fields[i].type, in->cols[i].type, to->tmp, err);
        }
        struct vec flat;
        vec_flatten(&flat, &in->cols[i], NULL, in->n, to->tmp);
        vec_copy(&to->results[i], &flat, to->tmp);
    }
    to->have = in->n;
    return true;
}

static bool
collect_pickled(void *ctx, struct bytes frame, struct error *err)
{
    struct collected *to = ctx;
    to->bytes += frame.len;
    const struct pickle_value *list = pickle_read(to->tmp, frame, err);
    if (list == NULL) {
        return false;
    }
    if (list->kind != PICKLE_LIST || list->count > to->rows - to->have) {
        return error_set(err, ERROR_PROTOCOL, "A Python worker answered more rows than it got.");
    }
    if (list->count > 0) {
        memcpy(to->pickled + to->have, list->items, sizeof *list->items * list->count);
    }
    to->have += list->count;
    return true;
}

/* One function answers its bare value for a row, several answer tuples. */
static bool
build_pickled(struct collected *to, struct error *err)
{
    const struct python_call *c = to->call;
    struct pickle_value **column = arena_new_array(to->tmp, struct pickle_value *, to->rows + 1);
    for (uint32_t k = 0; k < c->udf_count; k++) {
        for (uint32_t i = 0; i < to->rows; i++) {
            struct pickle_value *v = to->pickled[i];
            if (c->udf_count > 1 && (v->kind != PICKLE_LIST || v->count != c->udf_count)) {
                return error_set(err, ERROR_PROTOCOL, "A Python worker answered a broken row.");
            }
            column[i] = c->udf_count > 1 ? v->items[k] : v;
        }
        if (!pickle_build(&to->results[k], c->results->fields[k].type, column, to->rows,
                          16 * to->bytes, to->tmp, err)) {
            return false;
        }
    }
    return true;
}

static bool
send_scalar(struct python_call *c, const struct chunk *rows, struct error *err)
{
    struct buffer *out = &c->worker->out;
    bool ok = true;
    if (c->eval_type == EVAL_PICKLED) {
        ok = pickle_put_rows(out, rows, c->sent, err);
        task_put_int(out, -1);
    } else {
        arrow_put_schema(out, c->sent, c->zone);
        ok = task_put_batch(c->sent, rows, out, err);
        arrow_put_end(out);
    }
    task_put_int(out, -4);
    if (ok && out->overflow) {
        ok = error_set(err, ERROR_RESOURCE, "The arguments of a Python function are too large.");
    }
    return ok;
}

bool
python_call_run(struct python_call *c, const struct chunk *in, struct arena *tmp,
                struct vec *results, struct error *err)
{
    struct chunk rows;
    project(c, in, tmp, &rows);
    struct collected to = {.call = c, .tmp = tmp, .results = results, .rows = rows.n};
    for (uint32_t i = 0; i < c->udf_count; i++) {
        vec_init_flat(&results[i], tmp, c->results->fields[i].type, rows.n);
    }
    if (rows.n == 0) {
        return true;
    }
    const bool pickled = c->eval_type == EVAL_PICKLED;
    to.pickled = pickled ? arena_new_array(tmp, struct pickle_value *, rows.n) : NULL;
    const struct task_sink sink = {collect_chunk, pickled ? collect_pickled : NULL, &to};
    const bool ok =
        task_begin(c, err) && send_scalar(c, &rows, err) && task_answer(c, true, &sink, err);
    task_end(c);
    if (ok && to.have != rows.n) {
        return error_set(err, ERROR_EXECUTION,
                         "A Python function answered %u rows where %u were expected.", to.have,
                         rows.n);
    }
    return ok && (!pickled || build_pickled(&to, err));
}

/* --- maps --- */

struct python_call *
task_call_new(struct python_pool *p, struct arena *a, const struct udf *udf,
              const uint32_t *arguments, uint32_t argument_count, const struct type *results,
              const struct func_session *session)
{
    struct python_call *c = call_new(p, a, udf->eval_type, session);
    const struct udf **udfs = arena_new_array(a, const struct udf *, 1);
    uint32_t *counts = arena_new_array(a, uint32_t, 1);
    udfs[0] = udf;
    counts[0] = argument_count;
    c->udfs = udfs;
    c->udf_count = 1;
    c->arg_counts = counts;
    c->offsets = arena_new_array(a, uint32_t *, 1);
    c->offsets[0] = arena_copy(a, arguments, argument_count * sizeof *arguments);
    c->results = results;
    return c;
}

bool
python_map_open(struct python_pool *p, struct arena *a, const struct udf *udf,
                const struct type *input_schema, const struct type *output_schema,
                const struct func_session *session, struct python_call **out, struct error *err)
{
    if (udf->eval_type != EVAL_MAP_PANDAS && udf->eval_type != EVAL_MAP_ARROW) {
        return error_unsupported(err, "Python functions of evaluation type %d over batches",
                                 udf->eval_type);
    }
    const uint32_t first = 0;
    struct python_call *c = task_call_new(p, a, udf, &first, 1, output_schema, session);
    /* Both ways all columns travel as one struct. */
    c->sent = type_struct(
        a, &(struct type_field){.name = "struct", .type = input_schema, .nullable = false}, 1);
    if (!task_begin(c, err)) {
        python_call_close(c);
        return false;
    }
    arrow_put_schema(&c->worker->out, c->sent, c->zone);
    *out = c;
    return true;
}

bool
task_rows_chunk(void *ctx, const struct chunk *in, struct error *err)
{
    struct task_rows *u = ctx;
    const struct type *wanted = u->call->results;
    struct arena *tmp = &u->call->batch;
    if (in->col_count != 1 || in->cols[0].phys != PHYS_STRUCT) {
        return error_set(err, ERROR_PROTOCOL, "A Python map did not answer one struct column.");
    }
    struct vec rows;
    vec_flatten(&rows, &in->cols[0], NULL, in->n, tmp);
    struct type *bare = arena_copy(tmp, rows.type, sizeof *bare);
    if (bare->field_count != wanted->field_count) {
        return wrong_type(wanted, bare, tmp, err);
    }
    for (uint32_t i = 0; i < wanted->field_count; i++) {
        if (!type_same(bare->fields[i].type, wanted->fields[i].type)) {
            return wrong_type(wanted, bare, tmp, err);
        }
    }
    const struct chunk out = {
        .n = in->n, .col_count = wanted->field_count, .cols = rows.child, .sel_n = in->n};
    return u->emit(u->ctx, &out, err);
}

static bool
send_struct(struct python_call *c, const struct chunk *in, struct error *err)
{
    struct arena tmp;
    arena_init(&tmp, c->arena->budget);
    struct chunk rows;
    chunk_compact(&rows, in, &tmp);
    struct vec all = {.type = c->sent->fields[0].type,
                      .phys = PHYS_STRUCT,
                      .n = rows.n,
                      .child = rows.cols,
                      .child_count = rows.col_count};
    const struct chunk one = {.n = rows.n, .col_count = 1, .cols = &all, .sel_n = rows.n};
    const bool ok = rows.n == 0 || task_put_batch(c->sent, &one, &c->worker->out, err);
    arena_release(&tmp);
    return ok;
}

bool
python_map_run(struct python_call *c, const struct chunk *in,
               bool (*emit)(void *ctx, const struct chunk *out, struct error *err), void *ctx,
               struct error *err)
{
    struct task_rows u = {c, emit, ctx};
    const struct task_sink sink = {task_rows_chunk, NULL, &u};
    if (c->worker == NULL || (in != NULL && c->finished)) {
        return true; /* the function did not want all of its input */
    }
    if (in != NULL) {
        return send_struct(c, in, err) && task_answer(c, false, &sink, err);
    }
    arrow_put_end(&c->worker->out);
    task_put_int(&c->worker->out, -4);
    const bool ok = task_answer(c, true, &sink, err);
    task_end(c);
    return ok;
}
