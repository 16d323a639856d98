/* Which sink takes a query's rows, and what sinks share. */
#include "stream/sink.h"

#include <string.h>
#include <strings.h>

#include "format/arrow.h"
#include "format/sink.h"

static bool
noop_write(struct stream_sink *s, struct sink_batch *b, struct error *err)
{
    return sink_run_chunks(s, b, NULL, NULL, err);
}

static bool
nothing_to_recover(struct stream_sink *s, struct error *err)
{
    (void)s;
    (void)err;
    return true;
}

static void
nothing_to_close(struct stream_sink *s)
{
    (void)s;
}

bool
sink_open(struct stream_sink *s, struct arena *a, const struct type *schema, struct error *err)
{
    const char *format = s->spec.format;
    if (format == NULL || format[0] == '\0') {
        format = "parquet";
        s->spec.format = format;
    }
    if (strcasecmp(format, "kafka") == 0) {
        return sink_kafka_open(s, a, schema, err);
    }
    if (strcasecmp(format, "memory") == 0) {
        return sink_memory_open(s, a, schema, err);
    }
    if (strcasecmp(format, "console") == 0) {
        return sink_console_open(s, a, err);
    }
    if (strcasecmp(format, "noop") == 0) {
        static const struct stream_sink_ops ops = {noop_write, nothing_to_recover, nothing_to_close,
                                                   true};
        s->ops = &ops;
        s->description = "noop";
        return true;
    }
    if (sink_format_find(format) == NULL) {
        return error_unsupported(err, "the streaming sink %s", format);
    }
    return sink_files_open(s, a, err);
}

struct chunk_run {
    const struct type *schema;
    const char *zone;
    bool (*fn)(void *ctx, const struct chunk *c, struct error *err);
    void *ctx;
    uint64_t rows;
};

static bool
run_schema(void *ctx, const struct type *schema, struct error *err)
{
    (void)err;
    ((struct chunk_run *)ctx)->schema = schema;
    return true;
}

static bool
run_batch(void *ctx, const void *data, size_t len, uint64_t rows, struct error *err)
{
    struct chunk_run *run = ctx;
    run->rows += rows;
    if (run->fn == NULL) {
        return true;
    }
    struct buffer stream = {0};
    arrow_put_schema(&stream, run->schema, run->zone);
    buffer_put(&stream, data, len);
    arrow_put_end(&stream);
    struct arena scratch;
    arena_init(&scratch, NULL);
    struct arrow_reader *reader = NULL;
    bool ok = arrow_reader_open(&scratch, (struct bytes){stream.ptr, stream.len}, &reader, err);
    while (ok) {
        struct chunk c = {0};
        ok = arrow_reader_next(reader, &scratch, &c, err);
        if (!ok || c.n == 0) {
            break;
        }
        ok = run->fn(run->ctx, &c, err);
    }
    arena_release(&scratch);
    buffer_release(&stream);
    return ok;
}

bool
sink_run_chunks(struct stream_sink *s, struct sink_batch *b,
                bool (*fn)(void *ctx, const struct chunk *c, struct error *err), void *ctx,
                struct error *err)
{
    struct rel *plan = session_optimize(s->session, b->arena, b->plan, err);
    if (plan == NULL) {
        return false;
    }
    const char *zone = session_conf_get(s->session, b->arena, "spark.sql.session.timeZone");
    struct chunk_run run = {.zone = zone != NULL ? zone : "UTC", .fn = fn, .ctx = ctx};
    const struct answer_sink sink = {run_schema, run_batch, &run};
    const bool ok = session_run_plan(s->session, plan, b->execution, &sink, err);
    b->rows = run.rows;
    return ok;
}
