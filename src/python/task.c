/* A task on the wire: what tells the worker its work, and how its answer is read. */
#include "python/task.h"

#include <string.h>

#include "format/arrow.h"
#include "format/arrow_message.h"
#include "format/flat.h"

enum {
    END_OF_DATA = -1,
    EXCEPTION = -2,
    TIMING = -3,
    END_OF_STREAM = -4,
    START_ARROW = -6,
    START_INIT = -8,
    TIMING_BYTES = 4 * 8 + 2 * 8, /* boot, init, finish, processing; memory and disk spilled */
    METADATA_MAX = 1 << 26,
};

void
task_put_int(struct buffer *out, int32_t v)
{
    buffer_be32(out, (uint32_t)v);
}

void
task_put_text(struct buffer *out, const char *text)
{
    const size_t len = strlen(text);
    task_put_int(out, (int32_t)len);
    buffer_put(out, text, len);
}

static void
put_pair(struct buffer *out, const char *key, const char *value)
{
    task_put_text(out, key);
    task_put_text(out, value);
}

static void
put_conf(struct python_call *c, struct buffer *out)
{
    const bool groups = udf_takes_groups(c->udfs[0]);
    task_put_int(out, groups ? 3 : 2);
    if (groups) { /* Spark's default: a frame's columns are taken by their names */
        put_pair(out, "spark.sql.legacy.execution.pandas.groupedMap.assignColumnsByName", "true");
    }
    put_pair(out, "spark.sql.session.timeZone", c->zone);
    put_pair(out, "spark.sql.execution.pyspark.binaryAsBytes", "true");
    if (c->eval_type != EVAL_ARROW) {
        task_put_int(out, 0);
        return;
    }
    struct buffer json = {0};
    type_put_json(&json, c->sent);
    task_put_int(out, 1);
    put_pair(out, "input_type", buffer_text(&json));
    buffer_release(&json);
}

static void
put_function(struct python_call *c, struct buffer *out, uint32_t i)
{
    task_put_int(out, (int32_t)c->arg_counts[i]);
    for (uint32_t k = 0; k < c->arg_counts[i]; k++) {
        task_put_int(out, (int32_t)c->offsets[i][k]);
        buffer_u8(out, 0); /* no name */
    }
    task_put_int(out, 1); /* functions in this chain */
    task_put_int(out, (int32_t)c->udfs[i]->command_len);
    buffer_put(out, c->udfs[i]->command, c->udfs[i]->command_len);
    buffer_be64(out, 0); /* result id, for profiles */
}

static void
put_message(struct python_call *c, struct buffer *out)
{
    const struct udf *first = c->udfs[0];
    task_put_int(out, 0); /* partition */
    task_put_text(out, first->python_version != NULL ? first->python_version : "3.11");
    task_put_text(out, "{\"isBarrier\": false, \"stageId\": 0, \"partitionId\": 0, "
                       "\"attemptNumber\": 0, \"taskAttemptId\": 0, \"cpus\": 1, \"cpuAmount\": "
                       "\"1\", \"resources\": {}, \"localProperties\": {}, \"connInfo\": null, "
                       "\"secret\": null}");
    task_put_text(out, first->files_dir != NULL ? first->files_dir : "");
    task_put_int(out, (int32_t)first->include_count);
    for (uint32_t i = 0; i < first->include_count; i++) {
        task_put_text(out, first->includes[i]);
    }
    buffer_u8(out, 0);    /* broadcasts need no decryption */
    task_put_int(out, 0); /* and there are none */
    task_put_int(out, c->eval_type);
    put_conf(c, out);
    task_put_int(out, (int32_t)c->udf_count);
    for (uint32_t i = 0; i < c->udf_count; i++) {
        put_function(c, out, i);
    }
}

void
task_put_head(struct python_call *c, struct buffer *out)
{
    if (!c->worker->framed) {
        put_message(c, out);
        return;
    }
    struct buffer message = {0};
    put_message(c, &message);
    task_put_int(out, START_INIT);
    task_put_int(out, (int32_t)message.len);
    buffer_put(out, message.ptr, message.len);
    buffer_release(&message);
}

bool
task_begin(struct python_call *c, struct error *err)
{
    c->worker = worker_take(c->pool, c->udfs[0]->python_path, c->udfs[0]->files_dir, err);
    if (c->worker == NULL) {
        return false;
    }
    c->streaming = c->finished = c->reusable = false;
    task_put_head(c, &c->worker->out);
    return true;
}

void
task_end(struct python_call *c)
{
    if (c->worker != NULL) {
        worker_give(c->pool, c->worker, c->finished && c->reusable);
        c->worker = NULL;
    }
}

/* --- the answer --- */

/* A function raised: its traceback is the message, and clients put their own words before it. */
static bool
raise_traceback(struct python_worker *w, struct error *err)
{
    int32_t len;
    if (!worker_int(w, &len, err)) {
        return false;
    }
    if (len < 0 || len > (1 << 24)) {
        return error_set(err, ERROR_PROTOCOL, "A Python worker sent a traceback of %d bytes.", len);
    }
    if (!worker_need(w, (size_t)len, err)) {
        return false;
    }
    error_set(err, ERROR_EXECUTION, "%.*s", (int)len, (const char *)worker_bytes(w));
    worker_consume(w, (size_t)len);
    return false;
}

/* All but the record batches: a batch is read as a stream of its own behind the schema. */
static bool
take_batch(struct python_call *c, struct bytes message, const struct task_sink *sink,
           struct error *err)
{
    struct buffer stream = {0};
    buffer_put(&stream, c->schema_message.ptr, c->schema_message.len);
    buffer_put(&stream, message.ptr, message.len);
    arrow_put_end(&stream);
    arena_reset(&c->batch);
    struct arrow_reader *reader;
    bool ok = arrow_reader_open(&c->batch, (struct bytes){stream.ptr, stream.len}, &reader, err);
    while (ok) {
        struct chunk chunk;
        ok = arrow_reader_next(reader, &c->batch, &chunk, err);
        if (!ok || chunk.n == 0) {
            break;
        }
        ok = sink->chunk(sink->ctx, &chunk, err);
    }
    buffer_release(&stream);
    return ok;
}

static uint32_t
le32(const uint8_t *b)
{
    return (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

/* The length of the Arrow message at hand, 0 while it is not known yet. */
static bool
message_length(struct python_worker *w, size_t *total, int *header, struct error *err)
{
    const uint8_t *b = worker_bytes(w);
    *total = 0;
    if (worker_have(w) < 8) {
        return true;
    }
    const uint32_t metadata = le32(b + 4);
    if (le32(b) != 0xFFFFFFFF || metadata > METADATA_MAX) {
        return error_set(err, ERROR_PROTOCOL, "A Python worker sent a broken Arrow stream.");
    }
    if (metadata == 0) {
        *total = 8; /* the end of the stream */
        *header = 0;
        return true;
    }
    if (worker_have(w) < 8 + (size_t)metadata) {
        return true;
    }
    struct flat_table message;
    if (!flat_root((struct bytes){b + 8, metadata}, &message)) {
        return error_set(err, ERROR_PROTOCOL, "A Python worker sent a broken Arrow message.");
    }
    const int64_t body = flat_int(&message, 3, 8, 0);
    *header = (int)flat_int(&message, 1, 1, 0);
    if (body < 0 || body > (int64_t)1 << 31) {
        return error_set(err, ERROR_PROTOCOL, "A Python worker sent a body of %lld bytes.",
                         (long long)body);
    }
    *total = 8 + (size_t)metadata + (size_t)body;
    return true;
}

/* One message; *stuck when more bytes must come first. */
static bool
stream_step(struct python_call *c, bool *stuck, const struct task_sink *sink, struct error *err)
{
    struct python_worker *w = c->worker;
    size_t total;
    int header = 0;
    if (!message_length(w, &total, &header, err)) {
        return false;
    }
    *stuck = total == 0 || worker_have(w) < total;
    if (*stuck) {
        return true;
    }
    const struct bytes message = {worker_bytes(w), total};
    bool ok = true;
    if (header == 0) {
        c->streaming = false;
    } else if (header == ARROW_RECORD_BATCH) {
        ok = take_batch(c, message, sink, err);
    } else { /* schema and dictionaries stand before every batch */
        buffer_put(&c->schema_message, message.ptr, message.len);
    }
    worker_consume(w, total);
    return ok;
}

/* After the times: accumulators, which we have none of, and whether the worker can go on. */
static bool
take_tail(struct python_call *c, struct error *err)
{
    struct python_worker *w = c->worker;
    int32_t mark, count, last;
    if (!worker_need(w, TIMING_BYTES, err)) {
        return false;
    }
    worker_consume(w, TIMING_BYTES);
    if (!worker_int(w, &mark, err) || !worker_int(w, &count, err)) {
        return false;
    }
    if (mark != END_OF_DATA || count != 0) {
        return error_unsupported(err, "accumulators in Python functions");
    }
    if (!worker_int(w, &last, err)) {
        return false;
    }
    c->finished = true;
    c->reusable = last == END_OF_STREAM;
    return true;
}

static bool
tag_step(struct python_call *c, const struct task_sink *sink, struct error *err)
{
    struct python_worker *w = c->worker;
    int32_t tag;
    if (!worker_int(w, &tag, err)) {
        return false;
    }
    if (tag >= 0 && sink->pickled != NULL) {
        if (!worker_need(w, (size_t)tag, err)) {
            return false;
        }
        const bool ok = sink->pickled(sink->ctx, (struct bytes){worker_bytes(w), (size_t)tag}, err);
        worker_consume(w, (size_t)tag);
        return ok;
    }
    switch (tag) {
    case START_ARROW:
        c->streaming = true;
        buffer_clear(&c->schema_message);
        return true;
    case EXCEPTION:
        return raise_traceback(w, err);
    case TIMING:
        return take_tail(c, err);
    default:
        return error_set(err, ERROR_PROTOCOL, "A Python worker sent the unknown mark %d.", tag);
    }
}

bool
task_answer(struct python_call *c, bool to_end, const struct task_sink *sink, struct error *err)
{
    struct python_worker *w = c->worker;
    while (!c->finished) {
        bool stuck = false;
        if (c->streaming) {
            if (!stream_step(c, &stuck, sink, err)) {
                return false;
            }
        } else if (worker_have(w) >= 4) {
            if (!tag_step(c, sink, err)) {
                return false;
            }
        } else {
            stuck = true;
        }
        if (!stuck) {
            continue;
        }
        const bool sending = w->sent < w->out.len;
        const size_t before = worker_have(w);
        if (!worker_pump(w, to_end || sending, err)) {
            return false;
        }
        if (!to_end && w->sent >= w->out.len && worker_have(w) == before) {
            return true;
        }
    }
    return true;
}
