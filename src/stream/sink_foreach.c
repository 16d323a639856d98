/*
 * foreachBatch: each batch becomes a DataFrame for the user's Python function.
 *
 * The function lives in a Python process of its own (PySpark's unmodified foreach_batch_worker),
 * which is a Spark Connect client of ours in the query's session. A batch's rows are kept as a
 * cached remote relation under a fresh id for as long as the function runs. At least once: after a
 * crash the function sees the batch again, with the same batch id, as in Spark.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "format/arrow.h"
#include "python/runner.h"
#include "stream/internal.h"

enum { BATCH_BYTES_MAX = 512 << 20, VERSION_WITH_SESSION = 403 };

struct foreach_sink {
    const struct udf *function;
    const char *interpreter;
    char *connect_url;
    struct python_runner *runner; /* started with the first batch, again after a failure */
    struct buffer rows;
    struct arrow_batch *open;
};

static void
put_text(struct buffer *out, const char *text)
{
    buffer_be32(out, (uint32_t)strlen(text));
    buffer_puts(out, text);
}

static bool
runner_begin(struct stream_sink *s, struct foreach_sink *f, const _Atomic bool *cancel,
             struct error *err)
{
    const struct python_runner_config config = {
        .interpreter = f->interpreter,
        .module = "pyspark.sql.connect.streaming.worker.foreach_batch_worker",
        .socket_dir = driver_config_of(s->driver)->socket_dir,
        .connect_url = f->connect_url};
    f->runner = python_runner_start(&config, err);
    if (f->runner == NULL) {
        return false;
    }
    struct buffer hello = {0};
    put_text(&hello, f->function->python_version != NULL ? f->function->python_version : "");
    put_text(&hello, session_id(s->session));
    buffer_be32(&hello, (uint32_t)f->function->command_len);
    buffer_put(&hello, f->function->command, f->function->command_len);
    const bool ok = python_runner_send(f->runner, hello.ptr, hello.len, err) &&
                    python_runner_answer(f->runner, cancel, err);
    buffer_release(&hello);
    return ok;
}

static bool
take_chunk(void *ctx, const struct chunk *c, struct error *err)
{
    struct foreach_sink *f = ctx;
    return arrow_batch_add(f->open, c, err) &&
           (arrow_batch_bytes(f->open) < BATCH_BYTES_MAX ||
            error_set(err, ERROR_RESOURCE, "a batch for foreachBatch holds at most %d bytes",
                      BATCH_BYTES_MAX));
}

/* The batch's rows as a relation that the Python process can name. */
static bool
relation_put(struct stream_sink *s, struct foreach_sink *f, struct sink_batch *b, const char *id,
             struct error *err)
{
    const char *zone = session_conf_get(s->session, b->arena, "spark.sql.session.timeZone");
    buffer_clear(&f->rows);
    arrow_put_schema(&f->rows, b->plan->schema, zone != NULL ? zone : "UTC");
    if (arrow_batch_rows(f->open) > 0) {
        arrow_batch_put(f->open, &f->rows);
    }
    arrow_put_end(&f->rows);
    struct rel *local = rel_new(b->arena, REL_LOCAL, 0);
    local->schema = b->plan->schema;
    local->data = f->rows.ptr;
    local->data_len = f->rows.len;
    return session_remote_put(s->session, id, local, err);
}

static bool
function_call(struct stream_sink *s, struct foreach_sink *f, const struct sink_batch *b,
              const char *id, struct error *err)
{
    struct buffer call = {0};
    put_text(&call, id);
    buffer_be64(&call, (uint64_t)b->id);
    if (python_runner_version(f->runner) >= VERSION_WITH_SESSION) {
        put_text(&call, session_id(s->session));
    }
    const bool ok = python_runner_send(f->runner, call.ptr, call.len, err) &&
                    python_runner_answer(f->runner, &b->execution->cancel, err);
    buffer_release(&call);
    return ok;
}

static bool
foreach_write(struct stream_sink *s, struct sink_batch *b, struct error *err)
{
    struct foreach_sink *f = s->state;
    if (f->runner == NULL && !runner_begin(s, f, &b->execution->cancel, err)) {
        python_runner_stop(f->runner);
        f->runner = NULL;
        return false;
    }
    char id[37];
    env_uuid(s->env, id);
    f->open = arrow_batch_new(b->plan->schema, NULL);
    bool ok = sink_run_chunks(s, b, take_chunk, f, err) && relation_put(s, f, b, id, err);
    arrow_batch_free(f->open);
    f->open = NULL;
    if (ok) {
        ok = function_call(s, f, b, id, err);
        session_remote_drop(s->session, id);
    }
    if (!ok) {
        python_runner_stop(f->runner);
        f->runner = NULL;
    }
    return ok;
}

static bool
foreach_recover(struct stream_sink *s, struct error *err)
{
    (void)s;
    (void)err;
    return true;
}

static void
foreach_close(struct stream_sink *s)
{
    struct foreach_sink *f = s->state;
    python_runner_stop(f->runner);
    buffer_release(&f->rows);
    free(f->connect_url);
}

bool
sink_foreach_open(struct stream_sink *s, struct arena *a, const struct udf *function,
                  struct error *err)
{
    static const struct stream_sink_ops ops = {foreach_write, foreach_recover, foreach_close, true};
    const struct driver_config *config = driver_config_of(s->driver);
    if (config->socket_dir == NULL || s->manager->connect_address[0] == '\0') {
        return error_unsupported(err, "foreachBatch without a Spark Connect listener");
    }
    struct foreach_sink *f = arena_new(a, struct foreach_sink);
    f->function = function;
    f->interpreter = session_conf_get(s->session, a, "spark.weir.python");
    if (f->interpreter == NULL) {
        f->interpreter = config->python_path;
    }
    struct buffer url = {0};
    buffer_printf(&url, "sc://%s/;user_id=%s", s->manager->connect_address,
                  session_user_id(s->session));
    if (config->token != NULL) {
        buffer_printf(&url, ";token=%s", config->token);
    }
    f->connect_url = buffer_steal_text(&url);
    s->ops = &ops;
    s->state = f;
    s->description = "ForeachBatchSink";
    return true;
}
