/* Batch writes: attempts in _temporary, one commit. See the header for the order and why. */
#include "driver/write.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "driver/internal.h"
#include "format/arrow.h"

/* One file of the committed attempt. */
struct written {
    const char *path;      /* where the attempt put it */
    const char *partition; /* "month=1/day=2", or "" */
};

struct write_job {
    struct session *session;
    struct env *env;
    struct arena *arena;
    struct write_spec *spec;
    const char *root; /* destination directory */
    char id[37];
    const struct type *schema;
    struct written *files;
    uint32_t file_count, file_capacity;
    uint64_t rows;
};

static bool
path_exists(struct env *env, const char *path)
{
    struct env_stat st;
    struct error missing = {0};
    const bool found = env->ops->stat(env, path, &st, &missing);
    error_clear(&missing);
    return found;
}

static bool
before_attempt(void *ctx, uint32_t attempt, struct error *err)
{
    struct write_job *job = ctx;
    job->spec->attempt_dir =
        arena_printf(job->arena, "%s/_temporary/%s/%u", job->root, job->id, attempt);
    job->spec->job_id = job->id;
    job->file_count = 0;
    job->rows = 0;
    return job->env->ops->mkdirs(job->env, job->spec->attempt_dir, err);
}

static bool
take_schema(void *ctx, const struct type *schema, struct error *err)
{
    (void)err;
    ((struct write_job *)ctx)->schema = schema;
    return true;
}

static const char *
cell_text(struct arena *a, const struct vec *v, uint32_t row)
{
    if (vec_is_null(v, row)) {
        return "";
    }
    const struct view *view = (const struct view *)vec_values(v) + vec_index(v, row);
    return arena_strndup(a, view_ptr(view), view->len);
}

static void
take_row(struct write_job *job, const struct chunk *c, uint32_t row)
{
    if (job->file_count == job->file_capacity) {
        const uint32_t capacity = job->file_capacity == 0 ? 64 : job->file_capacity * 2;
        struct written *grown = arena_new_array(job->arena, struct written, capacity);
        if (job->file_count > 0) {
            memcpy(grown, job->files, job->file_count * sizeof *grown);
        }
        job->files = grown;
        job->file_capacity = capacity;
    }
    job->files[job->file_count++] = (struct written){cell_text(job->arena, &c->cols[0], row),
                                                     cell_text(job->arena, &c->cols[1], row)};
    job->rows += (uint64_t)((const int64_t *)vec_values(&c->cols[2]))[vec_index(&c->cols[2], row)];
}

/* The worker's account of its files comes as an Arrow batch: (path, partition, rows, bytes). */
static bool
take_batch(void *ctx, const void *data, size_t len, uint64_t rows, struct error *err)
{
    struct write_job *job = ctx;
    (void)rows;
    struct buffer stream = {0};
    arrow_put_schema(&stream, job->schema, "UTC");
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
        for (uint32_t i = 0; i < c.n; i++) {
            take_row(job, &c, i);
        }
    }
    arena_release(&scratch);
    buffer_release(&stream);
    return ok;
}

struct old_entries {
    struct arena *arena;
    const char **names;
    uint32_t count, capacity;
};

static void
collect_old(void *ctx, const char *name, bool is_dir)
{
    struct old_entries *old = ctx;
    (void)is_dir;
    if (strcmp(name, "_temporary") == 0 || strcmp(name, ".") == 0 || strcmp(name, "..") == 0) {
        return;
    }
    if (old->count == old->capacity) {
        const uint32_t capacity = old->capacity == 0 ? 64 : old->capacity * 2;
        const char **grown = arena_new_array(old->arena, const char *, capacity);
        if (old->count > 0) {
            memcpy(grown, old->names, old->count * sizeof *grown);
        }
        old->names = grown;
        old->capacity = capacity;
    }
    old->names[old->count++] = arena_strdup(old->arena, name);
}

static bool
remove_old(struct write_job *job, const struct old_entries *old, struct error *err)
{
    for (uint32_t i = 0; i < old->count; i++) {
        const char *path = arena_printf(job->arena, "%s/%s", job->root, old->names[i]);
        if (!env_remove_tree(job->env, path, err)) {
            return false;
        }
    }
    return true;
}

/* With partitionOverwriteMode=dynamic only the partitions that were written lose their old files.
 */
static bool
remove_old_partitions(struct write_job *job, struct error *err)
{
    for (uint32_t i = 0; i < job->file_count; i++) {
        bool seen = false;
        for (uint32_t j = 0; j < i && !seen; j++) {
            seen = strcmp(job->files[i].partition, job->files[j].partition) == 0;
        }
        const char *dir = arena_printf(job->arena, "%s/%s", job->root, job->files[i].partition);
        if (!seen && path_exists(job->env, dir) && !env_remove_tree(job->env, dir, err)) {
            return false;
        }
    }
    return true;
}

static bool
move_files(struct write_job *job, struct error *err)
{
    struct env *env = job->env;
    const char *last_dir = NULL;
    for (uint32_t i = 0; i < job->file_count; i++) {
        const struct written *file = &job->files[i];
        const char *base = strrchr(file->path, '/');
        const char *dir = file->partition[0] != '\0'
                              ? arena_printf(job->arena, "%s/%s", job->root, file->partition)
                              : job->root;
        if (last_dir == NULL || strcmp(last_dir, dir) != 0) {
            if (!env->ops->mkdirs(env, dir, err)) {
                return false;
            }
            last_dir = dir;
        }
        const char *to = arena_printf(job->arena, "%s%s", dir, base != NULL ? base : "/part");
        if (!env->ops->rename(env, file->path, to, err)) {
            return false;
        }
    }
    return true;
}

static bool
commit(struct write_job *job, const struct old_entries *old, bool dynamic, struct error *err)
{
    if (job->spec->mode == WRITE_OVERWRITE) {
        const bool removed = dynamic && job->spec->partition_count > 0
                                 ? remove_old_partitions(job, err)
                                 : remove_old(job, old, err);
        if (!removed) {
            return false;
        }
    }
    const char *success = arena_printf(job->arena, "%s/_SUCCESS", job->root);
    return move_files(job, err) && env_write_file_atomic(job->env, success, "", 0, err);
}

static void
remove_temporary(struct write_job *job)
{
    struct error ignored = {0};
    const char *mine = arena_printf(job->arena, "%s/_temporary/%s", job->root, job->id);
    env_remove_tree(job->env, mine, &ignored);
    error_clear(&ignored);
    /* Fails while another job writes here as well, which is right. */
    const char *all = arena_printf(job->arena, "%s/_temporary", job->root);
    job->env->ops->rmdir(job->env, all, &ignored);
    error_clear(&ignored);
}

/* False in *proceed: nothing is to be written (mode ignore). */
static bool
check_mode(struct write_job *job, struct old_entries *old, bool *proceed, struct error *err)
{
    *proceed = true;
    if (!path_exists(job->env, job->root)) {
        return true;
    }
    struct env_stat st;
    if (!job->env->ops->stat(job->env, job->root, &st, err)) {
        return false;
    }
    if (st.is_dir && !job->env->ops->list(job->env, job->root, collect_old, old, err)) {
        return false;
    }
    switch (job->spec->mode) {
    case WRITE_ERROR_IF_EXISTS: {
        const char *shown =
            job->root[0] == '/' ? arena_printf(job->arena, "file:%s", job->root) : job->root;
        return error_raise(err, "PATH_ALREADY_EXISTS", "outputPath", shown, NULL);
    }
    case WRITE_IGNORE:
        *proceed = false;
        return true;
    case WRITE_APPEND:
    case WRITE_OVERWRITE:
        return st.is_dir || job->env->ops->unlink(job->env, job->root, err);
    }
    return true;
}

void
write_codec_default(struct session *s, struct arena *a, struct write_spec *spec)
{
    const struct options *given = &spec->options;
    if (spec->format == NULL || strcasecmp(spec->format, "parquet") != 0 ||
        options_get(given, "compression") != NULL ||
        options_get(given, "parquet.compression") != NULL) {
        return;
    }
    const char *codec = session_conf_get(s, a, "spark.sql.parquet.compression.codec");
    if (codec == NULL) {
        return;
    }
    struct option *items = arena_new_array(a, struct option, given->count + 1);
    if (given->count > 0) {
        memcpy(items, given->items, given->count * sizeof *items);
    }
    items[given->count] = (struct option){"compression", codec};
    spec->options = (struct options){items, given->count + 1};
}

bool
write_run(struct session *s, struct arena *a, struct rel *plan, struct execution *x, uint64_t *rows,
          struct error *err)
{
    struct write_job job = {.session = s,
                            .env = s->driver->config.env,
                            .arena = a,
                            .spec = plan->write,
                            .root = plan->write->path};
    env_uuid(job.env, job.id);
    write_codec_default(s, a, job.spec);
    *rows = 0;
    struct old_entries old = {.arena = a};
    bool proceed = true;
    if (!check_mode(&job, &old, &proceed, err) || !proceed) {
        return !error_is_set(err);
    }
    const char *overwrite = session_conf_get(s, a, "spark.sql.sources.partitionOverwriteMode");
    const bool dynamic = overwrite != NULL && strcasecmp(overwrite, "dynamic") == 0;

    const struct answer_sink sink = {take_schema, take_batch, &job};
    struct sched_facts facts;
    const struct run_request req = {.session = s,
                                    .plan = plan,
                                    .execution = x,
                                    .wants_rows = true,
                                    .before_attempt = before_attempt,
                                    .before_ctx = &job};
    const bool ok = run_plan(&req, &sink, &facts, err) && commit(&job, &old, dynamic, err);
    remove_temporary(&job);
    *rows = job.rows;
    return ok;
}
