/* Opening, choosing and ending the files of one slot. */
#include "exec/write_files.h"

#include <stdlib.h>

#include "base/buffer.h"
#include "exec/exchange.h"

enum { OPEN_MAX = 64 };

void
write_slot_init(struct write_slot *s, const struct write_job *job, struct query *q, uint32_t number)
{
    *s = (struct write_slot){.job = job, .query = q, .number = number};
    pthread_mutex_init(&s->lock, NULL);
    arena_init(&s->tmp, q->ctx->budget);
    s->eval = (struct eval){.tmp = &s->tmp, .session = q->ctx->session, .zone = q->zone};
}

static void
file_free(struct write_slot *s, struct write_file *f)
{
    if (f->writer != NULL) {
        s->job->format->close(f->writer);
    }
    arena_release(&f->arena);
    free(f);
}

void
write_slot_free(struct write_slot *s)
{
    for (uint32_t i = 0; i < s->file_count; i++) {
        file_free(s, s->files[i]);
    }
    free(s->files);
    arena_release(&s->tmp);
    pthread_mutex_destroy(&s->lock);
}

static bool
file_end(struct write_slot *s, struct write_file *f, struct error *err)
{
    if (f->writer == NULL) {
        return true;
    }
    if (!s->job->format->finish(f->writer, &f->result, err)) {
        return false;
    }
    s->job->format->close(f->writer);
    f->writer = NULL;
    s->open_count--;
    return true;
}

static bool
oldest_end(struct write_slot *s, struct error *err)
{
    struct write_file *oldest = NULL;
    for (uint32_t i = 0; i < s->file_count; i++) {
        struct write_file *f = s->files[i];
        if (f->writer != NULL && (oldest == NULL || f->used < oldest->used)) {
            oldest = f;
        }
    }
    return oldest == NULL || file_end(s, oldest, err);
}

static bool
file_begin(struct write_slot *s, struct write_file *f, const char *partition, struct error *err)
{
    const struct write_job *job = s->job;
    struct env *env = s->query->ctx->env;
    const char *dir = job->spec->attempt_dir;
    f->partition = arena_strdup(&f->arena, partition);
    if (partition[0] != '\0') {
        dir = arena_printf(&f->arena, "%s/%s", dir, f->partition);
        if (!env->ops->mkdirs(env, dir, err)) {
            return false;
        }
    }
    /* Tasks of one write have 4,096 part numbers each. */
    const struct exec_exchange *share = s->query->ctx->exchange;
    const uint32_t part = s->number + (share != NULL ? share->partition * 4096 : 0);
    f->path = arena_printf(&f->arena, "%s/part-%05u-%s.c%03u%s", dir, part,
                           job->spec->job_id != NULL ? job->spec->job_id : "0", s->file_count,
                           job->extension);
    f->request = (struct sink_request){.path = f->path,
                                       .schema = job->file_schema,
                                       .options = &job->spec->options,
                                       .session = s->query->ctx->session,
                                       .budget = s->query->ctx->budget,
                                       .env = env};
    if (!job->format->open(&f->arena, &f->request, &f->writer, err)) {
        f->writer = NULL;
        return false;
    }
    s->open_count++;
    return true;
}

static struct write_file *
file_for(struct write_slot *s, const char *partition, struct error *err)
{
    for (uint32_t i = s->file_count; i-- > 0;) {
        struct write_file *f = s->files[i];
        if (f->writer != NULL && strcmp(f->partition, partition) == 0) {
            f->used = ++s->clock;
            return f;
        }
    }
    if (s->open_count >= OPEN_MAX && !oldest_end(s, err)) {
        return NULL;
    }
    if (s->file_count == s->file_capacity) {
        const uint32_t capacity = s->file_capacity * 2 + 8;
        struct write_file **more = realloc(s->files, capacity * sizeof *more);
        if (more == NULL) {
            budget_error(s->query->ctx->budget, capacity * sizeof *more, err);
            return NULL;
        }
        s->files = more;
        s->file_capacity = capacity;
    }
    struct write_file *f = calloc(1, sizeof *f);
    if (f == NULL) {
        budget_error(s->query->ctx->budget, sizeof *f, err);
        return NULL;
    }
    arena_init(&f->arena, s->query->ctx->budget);
    f->used = ++s->clock;
    if (!file_begin(s, f, partition, err)) {
        file_free(s, f);
        return NULL;
    }
    s->files[s->file_count++] = f;
    return f;
}

/* ---- partition directories ---- */

/* Bytes that Spark does not write into a directory name as they are. */
static bool
needs_escape(unsigned char c)
{
    return c < 0x20 || c == 0x7f || strchr("\"#%'*/:=?\\{[]^", c) != NULL;
}

static void
put_escaped(struct buffer *out, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (needs_escape((unsigned char)text[i])) {
            buffer_printf(out, "%%%02X", (unsigned)(unsigned char)text[i]);
        } else {
            buffer_put(out, text + i, 1);
        }
    }
}

/* Partition columns as text, one FLAT string vector each. */
static bool
partition_texts(struct write_slot *s, const struct chunk *in, struct vec **out, struct error *err)
{
    const struct write_job *job = s->job;
    *out = arena_new_array(&s->tmp, struct vec, job->partition_count + 1);
    for (uint32_t i = 0; i < job->partition_count; i++) {
        struct vec flat;
        vec_flatten(&flat, &in->cols[job->partition_columns[i]], in->sel, in->sel_n, &s->tmp);
        if (flat.phys == PHYS_VIEW) {
            (*out)[i] = flat;
        } else if (!func_cast(&s->eval, &flat, type_scalar(TYPE_STRING), CAST_LEGACY, in->sel,
                              in->sel_n, &(*out)[i], err)) {
            return false;
        }
    }
    return true;
}

static const char *
partition_path(struct write_slot *s, const struct vec *texts, uint32_t row)
{
    const struct write_job *job = s->job;
    struct buffer b = {0};
    for (uint32_t i = 0; i < job->partition_count; i++) {
        const char *name = job->input_schema->fields[job->partition_columns[i]].name;
        buffer_puts(&b, i > 0 ? "/" : "");
        put_escaped(&b, name, strlen(name));
        buffer_puts(&b, "=");
        const struct view *v = (const struct view *)texts[i].data + row;
        if (vec_is_null(&texts[i], row) || v->len == 0) {
            buffer_puts(&b, "__HIVE_DEFAULT_PARTITION__");
        } else {
            put_escaped(&b, view_ptr(v), v->len);
        }
    }
    const char *path = arena_strdup(&s->tmp, buffer_text(&b));
    buffer_release(&b);
    return path;
}

static bool
texts_equal(const struct write_job *job, const struct vec *texts, uint32_t i, uint32_t j)
{
    for (uint32_t c = 0; c < job->partition_count; c++) {
        const bool x = vec_is_null(&texts[c], i), y = vec_is_null(&texts[c], j);
        const struct view *views = texts[c].data;
        if (x != y || (!x && !view_equal(&views[i], &views[j]))) {
            return false;
        }
    }
    return true;
}

static bool
file_rows(struct write_slot *s, const char *partition, const struct chunk *in, const uint16_t *sel,
          uint32_t n, struct error *err)
{
    const struct write_job *job = s->job;
    struct write_file *f = file_for(s, partition, err);
    if (f == NULL) {
        return false;
    }
    struct chunk out = *in;
    out.sel = sel;
    out.sel_n = n;
    out.col_count = job->file_column_count;
    out.cols = arena_new_array(&s->tmp, struct vec, out.col_count + 1);
    for (uint32_t i = 0; i < out.col_count; i++) {
        out.cols[i] = in->cols[job->file_columns[i]];
    }
    return job->format->write(f->writer, &out, err);
}

bool
write_slot_chunk(struct write_slot *s, const struct chunk *in, struct error *err)
{
    arena_reset(&s->tmp);
    if (s->job->partition_count == 0) {
        return file_rows(s, "", in, in->sel, in->sel_n, err);
    }
    struct vec *texts;
    if (!partition_texts(s, in, &texts, err)) {
        return false;
    }
    uint16_t *left = arena_alloc(&s->tmp, in->sel_n * sizeof *left + 2);
    uint16_t *mine = arena_alloc(&s->tmp, in->sel_n * sizeof *mine + 2);
    uint32_t left_n = in->sel_n;
    for (uint32_t k = 0; k < left_n; k++) {
        left[k] = (uint16_t)chunk_row(in, k);
    }
    while (left_n > 0) { /* once for each value in the chunk */
        uint32_t n = 0, rest = 0;
        const uint16_t first = left[0];
        for (uint32_t k = 0; k < left_n; k++) {
            if (texts_equal(s->job, texts, first, left[k])) {
                mine[n++] = left[k];
            } else {
                left[rest++] = left[k];
            }
        }
        left_n = rest;
        if (!file_rows(s, partition_path(s, texts, first), in, mine, n, err)) {
            return false;
        }
    }
    return true;
}

bool
write_slot_touch(struct write_slot *s, struct error *err)
{
    return file_for(s, "", err) != NULL;
}

bool
write_slot_finish(struct write_slot *s, struct error *err)
{
    for (uint32_t i = 0; i < s->file_count; i++) {
        if (!file_end(s, s->files[i], err)) {
            return false;
        }
    }
    return true;
}
