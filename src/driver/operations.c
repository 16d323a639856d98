/* The record of operations: what runs and the last that ran, for the web page and GetStatus. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/thread.h"
#include "driver/internal.h"
#include "driver/operations.h"

static void
operation_free(struct operation *op)
{
    free(op->progress);
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
