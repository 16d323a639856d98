/*
 * Executing a plan of a session: resolve, optimise, run, record.
 *
 * df.show() is the one relation that is not run as it is: its input is limited, run, and printed
 * here into a single row.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "driver/catalog.h"
#include "driver/internal.h"
#include "driver/rows.h"
#include "driver/show.h"
#include "format/arrow.h"
#include "plan/optimize.h"
#include "type/zone.h"

struct rel *
session_resolve(struct session *s, struct arena *a, struct rel *unresolved, struct error *err)
{
    struct plan_scope scope;
    plan_scope_init(&scope, s, a);
    return plan_resolve(&scope.context, unresolved, err);
}

struct rel *
session_optimize(struct session *s, struct arena *a, struct rel *resolved, struct error *err)
{
    struct plan_scope scope;
    plan_scope_init(&scope, s, a);
    return plan_optimize(&scope.context, resolved, err);
}

static struct rel *
plan_whole(struct session *s, struct arena *a, struct rel *unresolved, struct error *err)
{
    struct rel *resolved = session_resolve(s, a, unresolved, err);
    return resolved != NULL ? session_optimize(s, a, resolved, err) : NULL;
}

/* Gathers the rows of show()'s input. */
struct show_run {
    struct show show;
    struct arena *arena;
    struct eval eval;
    struct arena scratch;
    const struct type *schema;
};

static bool
show_schema(void *ctx, const struct type *schema, struct error *err)
{
    (void)err;
    ((struct show_run *)ctx)->schema = schema;
    return true;
}

static bool
show_batch(void *ctx, const void *data, size_t len, uint64_t rows, struct error *err)
{
    struct show_run *run = ctx;
    (void)rows;
    struct buffer stream = {0};
    arrow_put_schema(&stream, run->schema, run->eval.session->zone);
    buffer_put(&stream, data, len);
    arrow_put_end(&stream);
    struct arrow_reader *reader = NULL;
    struct arena arena;
    arena_init(&arena, NULL);
    bool ok = arrow_reader_open(&arena, (struct bytes){stream.ptr, stream.len}, &reader, err);
    while (ok) {
        struct chunk c = {0};
        ok = arrow_reader_next(reader, &arena, &c, err);
        if (!ok || c.n == 0) {
            break;
        }
        ok = show_add(&run->show, &run->eval, &c, err);
    }
    arena_release(&arena);
    buffer_release(&stream);
    return ok;
}

static struct rel *
show_to_row(struct session *s, struct arena *a, const struct rel *show, struct execution *x,
            struct error *err)
{
    struct rel *limited = rel_new(a, REL_LIMIT, 1, show->inputs[0]);
    limited->limit = show->limit < 0 ? 1 : show->limit + 1;
    limited->offset = -1;
    struct rel *plan = plan_whole(s, a, limited, err);
    if (plan == NULL) {
        return NULL;
    }
    struct show_run run = {.arena = a};
    arena_init(&run.scratch, NULL);
    struct func_session session;
    session_func(s, a, &session);
    run.eval = (struct eval){.tmp = &run.scratch, .session = &session};
    run.eval.zone = zone_find(session.zone);
    if (run.eval.zone == NULL) {
        error_raise(err, "INVALID_TIMEZONE", "timeZone", session.zone, NULL);
        return NULL;
    }
    show_init(&run.show, a, plan->schema, show->limit < 0 ? 0 : show->limit, show->truncate,
              show->vertical, show->kind == REL_HTML_STRING);
    const struct answer_sink sink = {show_schema, show_batch, &run};
    const bool ok = session_run_plan(s, plan, x, &sink, err);
    arena_release(&run.scratch);
    if (!ok) {
        return NULL;
    }
    struct buffer text = {0};
    show_finish(&run.show, &text);
    struct rows rows;
    rows_init(&rows, a,
              show->kind == REL_HTML_STRING ? "html_string STRING" : "show_string STRING");
    rows_begin(&rows);
    rows_text(&rows, 0, buffer_text(&text));
    buffer_release(&text);
    return rows_finish(&rows);
}

/* What the page calls an operation: the SQL text if there is one, else the plan's root. */
static const char *
operation_text(struct arena *a, const struct rel *rel)
{
    for (const struct rel *at = rel; at != NULL; at = at->input_count > 0 ? at->inputs[0] : NULL) {
        if (at->kind == REL_SQL && at->text != NULL) {
            return at->text;
        }
    }
    struct buffer text = {0};
    rel_put_tree(&text, rel);
    const char *line = buffer_text(&text);
    const char *copy = arena_strndup(a, line, strcspn(line, "\n"));
    buffer_release(&text);
    return copy;
}

/* Counts rows on their way to the client. */
struct counting {
    const struct answer_sink *sink;
    uint64_t rows;
};

static bool
counting_schema(void *ctx, const struct type *schema, struct error *err)
{
    const struct counting *c = ctx;
    return c->sink->schema == NULL || c->sink->schema(c->sink->ctx, schema, err);
}

static bool
counting_batch(void *ctx, const void *data, size_t len, uint64_t rows, struct error *err)
{
    struct counting *c = ctx;
    c->rows += rows;
    return c->sink->batch == NULL || c->sink->batch(c->sink->ctx, data, len, rows, err);
}

bool
session_execute(struct session *s, struct arena *a, struct rel *unresolved, struct execution *x,
                const struct answer_sink *sink, struct error *err)
{
    struct operation *op = operation_begin(s, x, operation_text(a, unresolved));
    struct rel *plan;
    if (unresolved->kind == REL_SHOW_STRING || unresolved->kind == REL_HTML_STRING) {
        plan = show_to_row(s, a, unresolved, x, err);
    } else {
        plan = plan_whole(s, a, unresolved, err);
    }
    struct counting counting = {sink, 0};
    const struct answer_sink counted = {counting_schema, counting_batch, &counting};
    const bool ok = plan != NULL && session_run_plan(s, plan, x, &counted, err);
    operation_end(s->driver, op, counting.rows, err);
    return ok;
}
