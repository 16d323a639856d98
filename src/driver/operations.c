/* The record of operations: what runs and the last that ran, for the web page and GetStatus. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/thread.h"
#include "driver/internal.h"
#include "driver/operations.h"
#include "sched/stages.h"

static void
operation_free(struct operation *op)
{
    free(op->progress);
    free(op->lines);
    free(op);
}

/* Keeps the newest finished ones; the caller holds the driver's lock. */
static void
operations_trim(struct driver *d)
{
    uint32_t finished = 0;
    for (struct operation **at = &d->operations; *at != NULL;) {
        struct operation *op = *at;
        if (op->ended_ms != 0 && ++finished > OPERATIONS_KEPT) {
            *at = op->next;
            operation_free(op);
        } else {
            at = &op->next;
        }
    }
}

struct operation *
operation_begin(struct session *s, struct execution *x, const char *text)
{
    struct driver *d = s->driver;
    struct operation *op = calloc(1, sizeof *op);
    if (op == NULL) {
        abort();
    }
    snprintf(op->id, sizeof op->id, "%s", x->operation_id != NULL ? x->operation_id : "");
    snprintf(op->text, sizeof op->text, "%s", text != NULL ? text : "");
    snprintf(op->user, sizeof op->user, "%s", s->user_id);
    snprintf(op->state, sizeof op->state, "running");
    op->started_ms = env_wall_ms(d->config.env);
    op->execution = x;
    mutex_lock(&d->lock);
    op->next = d->operations;
    d->operations = op;
    operations_trim(d);
    mutex_unlock(&d->lock);
    return op;
}

void
operation_end(struct driver *d, struct operation *op, uint64_t rows, const struct error *err)
{
    mutex_lock(&d->lock);
    op->ended_ms = env_wall_ms(d->config.env);
    op->rows = rows;
    op->attempts = atomic_load(&op->execution->attempts);
    op->progress = malloc(sizeof *op->progress);
    if (op->progress != NULL) {
        memcpy(op->progress, &op->execution->progress, sizeof *op->progress);
    }
    op->execution = NULL;
    const bool cancelled = err->kind == ERROR_CANCELLED;
    snprintf(op->state, sizeof op->state, "%s",
             !error_is_set(err) ? "done"
             : cancelled        ? "cancelled"
                                : "failed");
    snprintf(op->error, sizeof op->error, "%s", error_text(err));
    mutex_unlock(&d->lock);
}

static const char *const mark_names[] = {[ATTEMPT_MARK_BEGAN] = "running",
                                         [ATTEMPT_MARK_DONE] = "done",
                                         [ATTEMPT_MARK_FAILED] = "failed",
                                         [ATTEMPT_MARK_LOST] = "lost",
                                         [ATTEMPT_MARK_LATE] = "late"};

/* The caller holds the driver's lock. */
static struct attempt_line *
line_new(struct operation *op)
{
    if (op->line_count == ATTEMPT_LINES_MAX) {
        op->lines_left_out++;
        return NULL;
    }
    if ((op->line_count & (op->line_count - 1)) == 0) { /* room grows by powers of two */
        const size_t room = op->line_count == 0 ? 1 : (size_t)op->line_count * 2;
        struct attempt_line *more = realloc(op->lines, room * sizeof *more);
        if (more == NULL) {
            op->lines_left_out++;
            return NULL;
        }
        op->lines = more;
    }
    struct attempt_line *line = &op->lines[op->line_count++];
    memset(line, 0, sizeof *line);
    return line;
}

static struct attempt_line *
line_find(struct operation *op, const struct attempt_fact *f)
{
    for (uint32_t i = op->line_count; i-- > 0;) {
        struct attempt_line *l = &op->lines[i];
        if (l->stage == f->stage && l->task == f->task && l->attempt == f->attempt &&
            l->ended_ms == 0) {
            return l;
        }
    }
    return NULL;
}

void
operation_attempt(void *request, const struct attempt_fact *f)
{
    const struct run_request *req = request;
    struct driver *d = req->session->driver;
    mutex_lock(&d->lock);
    struct operation *op = d->operations;
    while (op != NULL && op->execution != req->execution) {
        op = op->next;
    }
    const bool began = f->mark == ATTEMPT_MARK_BEGAN;
    struct attempt_line *l = op == NULL ? NULL : began ? line_new(op) : line_find(op, f);
    if (l != NULL) {
        const int64_t now = env_wall_ms(d->config.env);
        l->stage = f->stage;
        l->task = f->task;
        l->attempt = f->attempt;
        l->is_copy = f->is_copy;
        l->began_ms = began ? now : l->began_ms;
        l->ended_ms = began ? 0 : now;
        l->rows = f->rows;
        snprintf(l->worker, sizeof l->worker, "%s", f->worker);
        snprintf(l->state, sizeof l->state, "%s", mark_names[f->mark]);
        snprintf(l->why, sizeof l->why, "%s", f->why != NULL ? f->why : "");
    }
    mutex_unlock(&d->lock);
}

static void
lines_put(struct buffer *out, const struct operation *op)
{
    buffer_puts(out, "[");
    for (uint32_t i = 0; i < op->line_count; i++) {
        const struct attempt_line *l = &op->lines[i];
        buffer_printf(out,
                      "%s{\"stage\":%u,\"task\":%u,\"attempt\":%u,\"copy\":%s,\"state\":\"%s\","
                      "\"start_ms\":%lld,\"rows\":%llu,\"slot\":",
                      i > 0 ? "," : "", l->stage, l->task, l->attempt,
                      l->is_copy ? "true" : "false", l->state, (long long)l->began_ms,
                      (unsigned long long)l->rows);
        buffer_json_string(out, l->worker, strlen(l->worker));
        if (l->ended_ms != 0) {
            buffer_printf(out, ",\"end_ms\":%lld", (long long)l->ended_ms);
        }
        if (l->why[0] != '\0') {
            buffer_puts(out, ",\"reason\":");
            buffer_json_string(out, l->why, strnlen(l->why, sizeof l->why));
        }
        buffer_puts(out, "}");
    }
    buffer_printf(out, "],\"attempts_left_out\":%u", op->lines_left_out);
}

static void
stages_put(struct buffer *out, const struct exec_progress *p)
{
    buffer_puts(out, "[");
    const uint32_t count = p != NULL ? atomic_load(&p->stage_count) : 0;
    for (uint32_t i = 0; i < count && i < EXEC_STAGE_MAX; i++) {
        const struct exec_stage *stage = &p->stages[i];
        buffer_puts(out, i > 0 ? ",{\"name\":" : "{\"name\":");
        buffer_json_string(out, stage->name, strnlen(stage->name, sizeof stage->name));
        buffer_printf(out,
                      ",\"tasks\":%u,\"tasks_done\":%u,\"rows_in\":%llu,\"rows_out\":%llu,"
                      "\"bytes\":%llu,\"ms\":%.1f,\"started\":%s,\"done\":%s}",
                      atomic_load(&stage->task_count), atomic_load(&stage->task_done),
                      (unsigned long long)atomic_load(&stage->rows_in),
                      (unsigned long long)atomic_load(&stage->rows_out),
                      (unsigned long long)atomic_load(&stage->bytes_read),
                      (double)atomic_load(&stage->time_ns) / 1e6,
                      atomic_load(&stage->started) ? "true" : "false",
                      atomic_load(&stage->done) ? "true" : "false");
    }
    buffer_puts(out, "]");
}

void
driver_put_operations(struct driver *d, struct buffer *json)
{
    mutex_lock(&d->lock);
    const int64_t now_ms = env_wall_ms(d->config.env);
    buffer_puts(json, "[");
    bool first = true;
    for (const struct operation *op = d->operations; op != NULL; op = op->next) {
        buffer_puts(json, first ? "{\"id\":" : ",{\"id\":");
        first = false;
        buffer_json_string(json, op->id, strlen(op->id));
        buffer_puts(json, ",\"text\":");
        buffer_json_string(json, op->text, strlen(op->text));
        buffer_puts(json, ",\"user\":");
        buffer_json_string(json, op->user, strlen(op->user));
        buffer_puts(json, ",\"error\":");
        buffer_json_string(json, op->error, strlen(op->error));
        const struct execution *x = op->execution;
        buffer_printf(json,
                      ",\"state\":\"%s\",\"started_ms\":%lld,\"ms\":%lld,\"rows\":%llu,"
                      "\"attempts\":%u,\"stages\":",
                      op->state, (long long)op->started_ms,
                      (long long)((op->ended_ms != 0 ? op->ended_ms : now_ms) - op->started_ms),
                      (unsigned long long)op->rows,
                      x != NULL ? atomic_load(&x->attempts) : op->attempts);
        stages_put(json, x != NULL ? &x->progress : op->progress);
        buffer_puts(json, ",\"timeline\":");
        lines_put(json, op);
        buffer_puts(json, "}");
    }
    buffer_puts(json, "]");
    mutex_unlock(&d->lock);
}

void
driver_operations_free(struct driver *d)
{
    while (d->operations != NULL) {
        struct operation *op = d->operations;
        d->operations = op->next;
        operation_free(op);
    }
}
