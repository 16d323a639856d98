/* Task attempts as bytes: identity, the session's facts, limits, and the plan behind them. */
#include "sched/task.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "tree/serial.h"

static void
id_write(struct buffer *out, const struct task_id *id)
{
    buffer_lentext(out, id->query);
    buffer_uvarint(out, id->stage);
    buffer_uvarint(out, id->partition);
    buffer_uvarint(out, id->attempt);
}

static const char *
text_read(struct arena *a, struct reader *r)
{
    const struct bytes text = reader_lenbytes(r);
    return text.ptr != NULL ? arena_strndup(a, (const char *)text.ptr, text.len) : "";
}

static void
id_read(struct reader *r, struct task_id *id)
{
    const struct bytes query = reader_lenbytes(r);
    if (query.len >= sizeof id->query) {
        reader_refuse(r);
        return;
    }
    if (query.len > 0) {
        memcpy(id->query, query.ptr, query.len);
    }
    id->query[query.len] = '\0';
    id->stage = (uint32_t)reader_uvarint64(r);
    id->partition = (uint32_t)reader_uvarint64(r);
    id->attempt = (uint32_t)reader_uvarint64(r);
}

static void
session_write(struct buffer *out, const struct func_session *s)
{
    buffer_u8(out, s->ansi);
    buffer_u8(out, s->legacy_decimal_precision_loss);
    buffer_u8(out, s->case_sensitive);
    buffer_lentext(out, s->zone);
    buffer_varint(out, s->now_micros);
    buffer_lentext(out, s->user);
    buffer_lentext(out, s->database);
    buffer_lentext(out, s->catalog);
}

static void
session_read(struct arena *a, struct reader *r, struct func_session *s)
{
    s->ansi = reader_u8(r) != 0;
    s->legacy_decimal_precision_loss = reader_u8(r) != 0;
    s->case_sensitive = reader_u8(r) != 0;
    s->zone = text_read(a, r);
    s->now_micros = reader_varint64(r);
    s->user = text_read(a, r);
    s->database = text_read(a, r);
    s->catalog = text_read(a, r);
}

static void
inputs_write(struct buffer *out, const struct task *t)
{
    buffer_u8(out, t->is_share);
    buffer_uvarint(out, t->input_count);
    for (uint32_t i = 0; i < t->input_count; i++) {
        const struct exchange_input *in = &t->inputs[i];
        buffer_uvarint(out, in->stage);
        buffer_uvarint(out, in->count);
        for (uint32_t k = 0; k < in->count; k++) {
            buffer_uvarint(out, in->outputs[k].map);
            buffer_uvarint(out, in->outputs[k].epoch);
            buffer_lentext(out, in->outputs[k].address);
            buffer_lentext(out, in->outputs[k].path);
        }
    }
}

static void
inputs_read(struct arena *a, struct reader *r, struct task *t)
{
    t->is_share = reader_u8(r) != 0;
    t->input_count = (uint32_t)reader_ucount(r, 2);
    t->inputs = arena_new_array(a, struct exchange_input, t->input_count + 1);
    for (uint32_t i = 0; i < t->input_count && reader_ok(r); i++) {
        struct exchange_input *in = &t->inputs[i];
        in->stage = (uint32_t)reader_uvarint64(r);
        in->count = (uint32_t)reader_ucount(r, 4);
        in->outputs = arena_new_array(a, struct exchange_output, in->count + 1);
        for (uint32_t k = 0; k < in->count && reader_ok(r); k++) {
            struct exchange_output *o = &in->outputs[k];
            o->map = (uint32_t)reader_uvarint64(r);
            o->epoch = (uint32_t)reader_uvarint64(r);
            o->address = text_read(a, r);
            o->path = text_read(a, r);
            o->path = o->path[0] != '\0' ? o->path : NULL;
        }
    }
}

void
task_write(struct buffer *out, const struct task *t)
{
    id_write(out, &t->id);
    session_write(out, &t->session);
    buffer_uvarint(out, t->memory_bytes);
    buffer_uvarint(out, t->threads);
    buffer_varint(out, t->split_bytes);
    buffer_uvarint(out, t->shuffle_partitions);
    buffer_uvarint(out, t->batch_rows);
    buffer_u8(out, t->wants_rows);
    buffer_lentext(out, t->python_path);
    inputs_write(out, t);
    rel_write(out, t->plan);
}

bool
task_read(struct arena *a, struct reader *r, struct task *out, struct error *err)
{
    *out = (struct task){0};
    id_read(r, &out->id);
    session_read(a, r, &out->session);
    out->memory_bytes = reader_uvarint64(r);
    out->threads = (uint32_t)reader_uvarint64(r);
    out->split_bytes = reader_varint64(r);
    out->shuffle_partitions = (uint32_t)reader_uvarint64(r);
    out->batch_rows = (uint32_t)reader_uvarint64(r);
    out->wants_rows = reader_u8(r) != 0;
    out->python_path = text_read(a, r);
    if (out->python_path[0] == '\0') {
        out->python_path = NULL;
    }
    inputs_read(a, r, out);
    out->plan = rel_read(a, r, err);
    return out->plan != NULL;
}

void
task_progress_write(struct buffer *out, const struct exec_progress *p)
{
    const uint32_t count = atomic_load(&p->stage_count);
    buffer_uvarint(out, count);
    for (uint32_t i = 0; i < count && i < EXEC_STAGE_MAX; i++) {
        const struct exec_stage *stage = &p->stages[i];
        buffer_lentext(out, stage->name);
        buffer_uvarint(out, atomic_load(&stage->task_count));
        buffer_uvarint(out, atomic_load(&stage->task_done));
        buffer_uvarint(out, atomic_load(&stage->rows_in));
        buffer_uvarint(out, atomic_load(&stage->rows_out));
        buffer_uvarint(out, atomic_load(&stage->bytes_read));
        buffer_u8(out, (uint8_t)(atomic_load(&stage->started) | atomic_load(&stage->done) << 1));
        buffer_uvarint(out, atomic_load(&stage->time_ns));
    }
    buffer_varint(out, atomic_load(&p->event_micros_max));
    buffer_uvarint(out, atomic_load(&p->late_rows));
    buffer_uvarint(out, atomic_load(&p->state_rows));
    buffer_uvarint(out, atomic_load(&p->state_rows_updated));
    buffer_uvarint(out, atomic_load(&p->state_rows_removed));
    buffer_uvarint(out, atomic_load(&p->state_bytes));
}

bool
task_progress_read(struct reader *r, struct exec_progress *out)
{
    const size_t count = reader_ucount(r, 8);
    if (!reader_ok(r) || count > EXEC_STAGE_MAX) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        struct exec_stage *stage = &out->stages[i];
        const struct bytes name = reader_lenbytes(r);
        snprintf(stage->name, sizeof stage->name, "%.*s", (int)name.len,
                 name.ptr != NULL ? (const char *)name.ptr : "");
        atomic_store(&stage->task_count, (uint32_t)reader_uvarint64(r));
        atomic_store(&stage->task_done, (uint32_t)reader_uvarint64(r));
        atomic_store(&stage->rows_in, reader_uvarint64(r));
        atomic_store(&stage->rows_out, reader_uvarint64(r));
        atomic_store(&stage->bytes_read, reader_uvarint64(r));
        const uint8_t flags = reader_u8(r);
        atomic_store(&stage->started, (flags & 1) != 0);
        atomic_store(&stage->done, (flags & 2) != 0);
        atomic_store(&stage->time_ns, reader_uvarint64(r));
    }
    atomic_store(&out->event_micros_max, reader_varint64(r));
    atomic_store(&out->late_rows, reader_uvarint64(r));
    atomic_store(&out->state_rows, reader_uvarint64(r));
    atomic_store(&out->state_rows_updated, reader_uvarint64(r));
    atomic_store(&out->state_rows_removed, reader_uvarint64(r));
    atomic_store(&out->state_bytes, reader_uvarint64(r));
    atomic_store(&out->stage_count, (uint32_t)count);
    return reader_ok(r);
}
