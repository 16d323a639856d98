/*
 * Writing: rows go to files of the attempt's directory; the result is one row a file.
 *
 * How many files: with a repartition or coalesce below, that many tasks (one: rows keep their
 * order); else a task for each worker that took part. Which files count and what they are finally
 * called is not decided here.
 * Memory: what the format's writers hold.
 */
#include <strings.h>

#include "base/thread.h"
#include "exec/exchange.h"
#include "exec/group_table.h"
#include "exec/ops.h"
#include "exec/write_files.h"

struct write {
    struct op op; /* the sink, or what finishes behind the ordered one */
    struct query *query;
    struct write_job job;
    struct write_slot *slots;
    uint32_t slot_count;
    bool by_worker;
    struct projection keys; /* repartition by expressions; count 0 = round robin */
    struct group_layout key_layout;
    struct exec_sink ordered; /* one task: rows come in order through a result sink */
};

static bool
slot_write(struct write_slot *s, const struct chunk *in, struct error *err)
{
    mutex_lock(&s->lock);
    const bool ok = write_slot_chunk(s, in, err);
    mutex_unlock(&s->lock);
    return ok;
}

static bool
write_in_order(void *ctx, const struct chunk *c, struct error *err)
{
    return slot_write(&((struct write *)ctx)->slots[0], c, err);
}

/* Rows dealt to the tasks by the hash of the repartition's expressions. */
static bool
write_by_keys(struct write *x, struct worker *w, struct chunk *in)
{
    struct vec *cols = arena_new_array(w->tmp, struct vec, x->keys.count + 1);
    struct key_batch b;
    if (!projection_run(&x->keys, w, in, cols)) {
        return false;
    }
    key_batch_make(&b, &x->key_layout, cols, in->sel, in->sel_n, w->tmp);
    uint16_t *sel = arena_alloc(w->tmp, in->sel_n * sizeof *sel + 2);
    for (uint32_t slot = 0; slot < x->slot_count; slot++) {
        struct chunk part = *in;
        uint32_t n = 0;
        for (uint32_t k = 0; k < in->sel_n; k++) {
            sel[n] = (uint16_t)chunk_row(in, k);
            n += (b.hashes[k] >> 16) % x->slot_count == slot;
        }
        part.sel = sel;
        part.sel_n = n;
        if (n > 0 && !slot_write(&x->slots[slot], &part, &w->err)) {
            return false;
        }
    }
    return true;
}

/* The chunk's rows in equal stretches to all tasks, beginning with task `turn`. */
static bool
write_dealt(struct write *x, struct worker *w, const struct chunk *in, uint32_t turn)
{
    uint16_t *sel = arena_alloc(w->tmp, in->sel_n * sizeof *sel + 2);
    for (uint32_t k = 0; k < in->sel_n; k++) {
        sel[k] = (uint16_t)chunk_row(in, k);
    }
    for (uint32_t i = 0; i < x->slot_count; i++) {
        const uint32_t from = (uint32_t)((uint64_t)in->sel_n * i / x->slot_count);
        const uint32_t to = (uint32_t)((uint64_t)in->sel_n * (i + 1) / x->slot_count);
        struct chunk part = *in;
        part.sel = sel + from;
        part.sel_n = to - from;
        if (part.sel_n > 0 && !slot_write(&x->slots[(turn + i) % x->slot_count], &part, &w->err)) {
            return false;
        }
    }
    return true;
}

static bool
write_push(struct op *op, struct worker *w, void *state, struct chunk *in)
{
    struct write *x = (struct write *)op;
    uint32_t *turn = state;
    w->rows_out += in->sel_n;
    if (x->by_worker) {
        return slot_write(&x->slots[w->number], in, &w->err);
    }
    if (x->keys.count > 0) {
        return write_by_keys(x, w, in);
    }
    return write_dealt(x, w, in, w->morsel + (*turn)++);
}

static bool
write_open(struct op *op, struct worker *w, void **state)
{
    (void)op;
    *state = arena_new(&w->keep, uint32_t);
    return true;
}

static bool
slot_finish(void *ctx, uint32_t number, struct worker *w)
{
    return write_slot_finish(&((struct write *)ctx)->slots[number], &w->err);
}

static bool
write_finish(struct op *op, struct query *q, struct error *err)
{
    struct write *x = (struct write *)op;
    uint32_t files = 0;
    for (uint32_t i = 0; i < x->slot_count; i++) {
        files += x->slots[i].file_count;
    }
    const struct exec_exchange *share = q->ctx->exchange;
    const bool first = share == NULL || share->partition == 0;
    if (files == 0 && first && x->job.partition_count == 0 &&
        !write_slot_touch(&x->slots[0], err)) {
        return false;
    }
    return query_parallel(q, x->slot_count, slot_finish, x, err);
}

static void
write_free(struct op *op)
{
    struct write *x = (struct write *)op;
    for (uint32_t i = 0; i < x->slot_count; i++) {
        write_slot_free(&x->slots[i]);
    }
}

static const struct op_class write_class = {.name = "Write",
                                            .open = write_open,
                                            .push = write_push,
                                            .finish = write_finish,
                                            .free = write_free};

/* ---- the files as rows ---- */

struct write_source {
    struct source source;
    struct write *write;
};

struct write_cursor {
    uint32_t slot, file;
};

static bool
write_source_prepare(struct source *s, struct query *q, uint32_t *morsels, struct error *err)
{
    (void)s;
    (void)q;
    (void)err;
    *morsels = 1;
    return true;
}

static bool
write_source_open(struct source *s, struct worker *w, uint32_t morsel, void **cursor)
{
    (void)s;
    (void)morsel;
    *cursor = arena_new(&w->morsel_keep, struct write_cursor);
    return true;
}

static bool
write_source_next(struct source *s, struct worker *w, void *cursor, struct chunk *out, bool *more)
{
    const struct write *x = ((struct write_source *)s)->write;
    struct write_cursor *c = cursor;
    chunk_init(out, w->tmp, s->schema, VEC_ROWS);
    uint32_t n = 0;
    for (; c->slot < x->slot_count && n < VEC_ROWS; c->slot++, c->file = 0) {
        const struct write_slot *slot = &x->slots[c->slot];
        for (; c->file < slot->file_count && n < VEC_ROWS; c->file++, n++) {
            const struct write_file *f = slot->files[c->file];
            ((struct view *)out->cols[0].data)[n] = view_make(f->path, strlen(f->path));
            ((struct view *)out->cols[1].data)[n] = view_make(f->partition, strlen(f->partition));
            ((int64_t *)out->cols[2].data)[n] = f->result.rows;
            ((int64_t *)out->cols[3].data)[n] = f->result.bytes;
        }
        if (c->file < slot->file_count) {
            break;
        }
    }
    out->n = out->sel_n = n;
    for (uint32_t i = 0; i < out->col_count; i++) {
        out->cols[i].n = n;
    }
    *more = c->slot < x->slot_count;
    return true;
}

static const struct source_class write_source_class = {
    .name = "WrittenFiles",
    .prepare = write_source_prepare,
    .open = write_source_open,
    .next = write_source_next,
};

/* ---- compiling ---- */

static int32_t
column_named(const struct query *q, const struct type *schema, const char *name)
{
    const bool exact = q->ctx->session != NULL && q->ctx->session->case_sensitive;
    for (uint32_t i = 0; i < schema->field_count; i++) {
        const char *have = schema->fields[i].name;
        if (exact ? strcmp(have, name) == 0 : strcasecmp(have, name) == 0) {
            return (int32_t)i;
        }
    }
    return -1;
}

static bool
job_columns(struct compiler *c, struct write_job *job, struct error *err)
{
    const struct write_spec *spec = job->spec;
    const uint32_t count = job->input_schema->field_count;
    bool *is_partition = arena_new_array(c->arena, bool, count + 1);
    job->partition_columns = arena_new_array(c->arena, uint32_t, spec->partition_count + 1);
    for (uint32_t i = 0; i < spec->partition_count; i++) {
        const int32_t at = column_named(c->query, job->input_schema, spec->partition_by[i]);
        if (at < 0) {
            return error_raise(err, "UNRESOLVED_COLUMN.WITHOUT_SUGGESTION", "objectName",
                               spec->partition_by[i], (const char *)NULL);
        }
        is_partition[at] = true;
        job->partition_columns[job->partition_count++] = (uint32_t)at;
    }
    job->file_columns = arena_new_array(c->arena, uint32_t, count + 1);
    struct type_field *fields = arena_new_array(c->arena, struct type_field, count + 1);
    for (uint32_t i = 0; i < count; i++) {
        if (!is_partition[i]) {
            fields[job->file_column_count] = job->input_schema->fields[i];
            job->file_columns[job->file_column_count++] = i;
        }
    }
    job->file_schema = type_struct(c->arena, fields, job->file_column_count);
    return true;
}

static bool
job_init(struct compiler *c, struct write_job *job, const struct rel *r, struct error *err)
{
    *job = (struct write_job){.spec = r->write, .input_schema = r->inputs[0]->schema};
    const char *name = r->write->format != NULL ? r->write->format : "parquet";
    job->format = sink_format_find(name);
    if (job->format == NULL) {
        return error_unsupported(err, "writing the format \"%s\"", name);
    }
    if (r->write->attempt_dir == NULL) {
        return error_raise(err, "INTERNAL_ERROR", "message",
                           "A write reached the engine without a directory for its attempt.",
                           (const char *)NULL);
    }
    const struct options *options = &r->write->options;
    job->extension = job->format->extension;
    if (job->format->file_extension != NULL) {
        job->extension = job->format->file_extension(c->arena, options);
    }
    return job_columns(c, job, err) &&
           (job->format->check == NULL || job->format->check(job->file_schema, options, err));
}

/* The repartition that decides the number of tasks: through what keeps rows where they are. */
static const struct rel *
repartition_below(const struct rel *r)
{
    while (r->kind == REL_PROJECT || r->kind == REL_FILTER) {
        r = r->inputs[0];
    }
    return r->kind == REL_REPARTITION ? r : NULL;
}

static bool
slots_make(struct compiler *c, struct write *x, const struct rel *input, struct error *err)
{
    const struct exec_context *ctx = c->query->ctx;
    const struct rel *r = repartition_below(input);
    uint32_t count = ctx->threads > 0 ? ctx->threads : 1;
    x->by_worker = true;
    if (r != NULL && (r->partitions > 0 || (r->expr_count > 0 && ctx->shuffle_partitions > 0))) {
        count = r->partitions > 0 ? (uint32_t)r->partitions : ctx->shuffle_partitions;
        count = count > 4096 ? 4096 : count;
        x->by_worker = false;
        if (r == input && r->expr_count > 0) {
            if (!projection_init(c, &x->keys, r->exprs, r->expr_count, err)) {
                return false;
            }
            group_layout_init(&x->key_layout, c->arena, x->keys.types, r->expr_count, r->expr_count,
                              0);
        }
    }
    x->slot_count = count;
    x->slots = arena_new_array(c->arena, struct write_slot, count);
    for (uint32_t i = 0; i < count; i++) {
        write_slot_init(&x->slots[i], &x->job, c->query, i);
    }
    return true;
}

bool
compile_write(struct compiler *c, const struct rel *r, struct pipeline *p, struct op *next,
              struct error *err)
{
    struct write *x = arena_new(c->arena, struct write);
    x->query = c->query;
    if (!job_init(c, &x->job, r, err) || !slots_make(c, x, r->inputs[0], err)) {
        return false;
    }
    struct pipeline *own = pipeline_new(c->query);
    op_add(own, &x->op, &write_class, NULL, NULL);
    struct op *sink = &x->op;
    if (x->slot_count == 1) {
        x->ordered = (struct exec_sink){write_in_order, x};
        sink = result_new(c->query, own, &x->ordered, -1, 0);
    }
    if (!compile_rel(c, r->inputs[0], own, sink, err)) {
        return false;
    }
    pipeline_ready(own);
    struct write_source *s = arena_new(c->arena, struct write_source);
    s->write = x;
    source_add(p, &s->source, &write_source_class, r->schema, next, p->phase_now);
    return true;
}
