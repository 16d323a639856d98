/*
 * memory and console: for looking at a stream. A memory sink is a temporary view named as the
 * query; a console sink prints each batch to the program's log.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/trace.h"
#include "driver/show.h"
#include "format/arrow.h"
#include "stream/sink.h"
#include "type/zone.h"

enum { MEMORY_BYTES_MAX = 256 << 20 };

struct memory_sink {
    struct buffer batches; /* record batch messages so far */
    const struct type *schema;
    struct arrow_batch *open; /* of the batch being written */
};

static bool
memory_chunk(void *ctx, const struct chunk *c, struct error *err)
{
    struct memory_sink *m = ctx;
    return arrow_batch_add(m->open, c, err);
}

/* Makes the view over everything that was kept. */
static bool
memory_publish(struct stream_sink *s, struct memory_sink *m, struct arena *a, struct error *err)
{
    const char *zone = session_conf_get(s->session, a, "spark.sql.session.timeZone");
    struct buffer stream = {0};
    arrow_put_schema(&stream, m->schema, zone != NULL ? zone : "UTC");
    buffer_put(&stream, m->batches.ptr, m->batches.len);
    arrow_put_end(&stream);
    struct rel *local = rel_new(a, REL_LOCAL, 0);
    local->schema = m->schema;
    local->data = stream.ptr;
    local->data_len = stream.len;
    const bool ok = session_view_put(s->session, s->name, local, false, true, err);
    buffer_release(&stream);
    return ok;
}

static bool
memory_write(struct stream_sink *s, struct sink_batch *b, struct error *err)
{
    struct memory_sink *m = s->state;
    m->schema = b->plan->schema;
    m->open = arrow_batch_new(m->schema, NULL);
    bool ok = sink_run_chunks(s, b, memory_chunk, m, err);
    if (ok) {
        if (s->mode == OUTPUT_COMPLETE) {
            buffer_clear(&m->batches);
        }
        if (arrow_batch_rows(m->open) > 0) {
            arrow_batch_put(m->open, &m->batches);
        }
        ok = m->batches.overflow
                 ? error_set(err, ERROR_RESOURCE, "the memory sink holds at most %d bytes",
                             MEMORY_BYTES_MAX)
                 : memory_publish(s, m, b->arena, err);
    }
    arrow_batch_free(m->open);
    m->open = NULL;
    m->schema = NULL;
    return ok;
}

static bool
nothing_to_recover(struct stream_sink *s, struct error *err)
{
    (void)s;
    (void)err;
    return true;
}

static void
memory_close(struct stream_sink *s)
{
    struct memory_sink *m = s->state;
    buffer_release(&m->batches);
}

bool
sink_memory_open(struct stream_sink *s, struct arena *a, const struct type *schema,
                 struct error *err)
{
    static const struct stream_sink_ops ops = {memory_write, nothing_to_recover, memory_close,
                                               false};
    if (s->name == NULL) {
        return error_set(err, ERROR_ANALYSIS, "queryName must be specified for memory sink");
    }
    struct memory_sink *m = arena_new(a, struct memory_sink);
    m->batches.limit = MEMORY_BYTES_MAX;
    s->ops = &ops;
    s->state = m;
    s->description = "MemorySink";
    m->schema = schema; /* the view is there, empty, before the first batch */
    return memory_publish(s, m, a, err);
}

struct console_batch {
    struct show show;
    struct eval eval;
};

static bool
console_chunk(void *ctx, const struct chunk *c, struct error *err)
{
    struct console_batch *p = ctx;
    return show_add(&p->show, &p->eval, c, err);
}

static bool
console_write(struct stream_sink *s, struct sink_batch *b, struct error *err)
{
    const char *rows = options_get(&s->spec.options, "numRows");
    const char *truncate = options_get(&s->spec.options, "truncate");
    const bool full = truncate != NULL && strcmp(truncate, "false") == 0;
    struct func_session session;
    session_func(s->session, b->arena, &session);
    struct arena scratch;
    arena_init(&scratch, NULL);
    struct console_batch p = {.eval = {.tmp = &scratch, .session = &session}};
    p.eval.zone = zone_find(session.zone);
    p.eval.zone = p.eval.zone != NULL ? p.eval.zone : zone_utc();
    show_init(&p.show, b->arena, b->plan->schema, rows != NULL ? atoi(rows) : 20, full ? 0 : 20,
              false, false);
    const bool ok = sink_run_chunks(s, b, console_chunk, &p, err);
    arena_release(&scratch);
    if (ok) {
        struct buffer text = {0};
        show_finish(&p.show, &text);
        trace(TRACE_INFO, "console",
              "\n-------------------------------------------\nBatch: %" PRId64
              "\n-------------------------------------------\n%s",
              b->id, buffer_text(&text));
        buffer_release(&text);
    }
    return ok;
}

static void
console_close(struct stream_sink *s)
{
    (void)s;
}

bool
sink_console_open(struct stream_sink *s, struct arena *a, struct error *err)
{
    static const struct stream_sink_ops ops = {console_write, nothing_to_recover, console_close,
                                               false};
    (void)a;
    (void)err;
    s->ops = &ops;
    s->description = "ConsoleSink";
    return true;
}
