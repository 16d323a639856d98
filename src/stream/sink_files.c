/*
 * Files as a sink: a batch's files appear together, once.
 *
 * A batch writes below <path>/_temporary/<query>/<batch>, then its manifest is written whole as
 * <path>/_spark_metadata/.<batch>.pending: that is the commit. The files move to their final names,
 * and only then the manifest to <path>/_spark_metadata/<batch>, its name (and form) in Spark. So
 * readers that go by manifests, ours and Spark's, never see a file named that is not there, and a
 * restart finishes what a pending manifest promises before anything else.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "driver/write.h"
#include "file/path.h"
#include "format/manifest.h"
#include "format/sink.h"
#include "stream/sink.h"

struct files_sink {
    const char *root;
    int64_t newest;  /* highest batch with a manifest; -1 = none */
    int64_t pending; /* batch that is committed but not yet all in place; -1 = none */
    /* of the batch being written */
    struct arena *arena;
    struct env *env;
    const char *attempt_dir;
    struct buffer manifest;
};

static void
manifest_path(const struct files_sink *f, int64_t batch, char *out, size_t size)
{
    snprintf(out, size, "%s/_spark_metadata/%" PRId64, f->root, batch);
}

static void
pending_path(const struct files_sink *f, int64_t batch, char *out, size_t size)
{
    snprintf(out, size, "%s/_spark_metadata/.%" PRId64 ".pending", f->root, batch);
}

static const char *
text_at(struct arena *a, const struct vec *v, uint32_t row)
{
    if (vec_is_null(v, row)) {
        return "";
    }
    const struct view *view = (const struct view *)vec_values(v) + vec_index(v, row);
    return arena_strndup(a, view_ptr(view), view->len);
}

static bool
take_files(void *ctx, const struct chunk *c, struct error *err)
{
    (void)err;
    struct files_sink *f = ctx;
    for (uint32_t i = 0; i < c->n; i++) {
        const char *from = text_at(f->arena, &c->cols[0], i);
        const char *partition = text_at(f->arena, &c->cols[1], i);
        const int64_t bytes = ((const int64_t *)vec_values(&c->cols[3]))[vec_index(&c->cols[3], i)];
        const char *base = strrchr(from, '/');
        const char *to =
            arena_printf(f->arena, "%s/%s%s%s", f->root, partition, partition[0] != '\0' ? "/" : "",
                         base != NULL ? base + 1 : from);
        const struct manifest_file file = {to, from, bytes, env_wall_ms(f->env)};
        manifest_put(&f->manifest, &file);
    }
    return true;
}

/* Moves a file that is still in the attempt's folder; one that is not was moved before. */
static bool
move_file(void *ctx, const struct manifest_file *file, struct error *err)
{
    struct env *env = ctx;
    struct env_stat st;
    struct error missing = {0};
    if (file->from == NULL || !env->ops->stat(env, file->from, &st, &missing)) {
        error_clear(&missing);
        return true;
    }
    char dir[4096];
    snprintf(dir, sizeof dir, "%s", file->path);
    *strrchr(dir, '/') = '\0';
    return env->ops->mkdirs(env, dir, err) && env->ops->rename(env, file->from, file->path, err);
}

static void
remove_attempt(struct stream_sink *s, struct files_sink *f)
{
    struct error ignored = {0};
    char path[4096];
    snprintf(path, sizeof path, "%s/_temporary/%s", f->root, s->query_id);
    env_remove_tree(s->env, path, &ignored);
    error_clear(&ignored);
    snprintf(path, sizeof path, "%s/_temporary", f->root);
    s->env->ops->rmdir(s->env, path, &ignored);
    error_clear(&ignored);
}

/* Puts a committed batch in place: its files, then its manifest. Any part of it may have been done
 * before. */
static bool
pending_finish(struct stream_sink *s, struct files_sink *f, struct arena *arena, struct error *err)
{
    if (f->pending < 0) {
        return true;
    }
    char from[4096], to[4096];
    pending_path(f, f->pending, from, sizeof from);
    manifest_path(f, f->pending, to, sizeof to);
    const bool ok = manifest_read(arena, s->env, from, move_file, s->env, err) &&
                    s->env->ops->rename(s->env, from, to, err);
    if (ok) {
        f->newest = f->pending;
        f->pending = -1;
        remove_attempt(s, f);
    }
    return ok;
}

static bool
write_batch_files(struct stream_sink *s, struct files_sink *f, struct sink_batch *b,
                  struct error *err)
{
    static const char ddl[] = "path STRING, partition STRING, rows BIGINT, bytes BIGINT";
    struct rel *write = rel_new(b->arena, REL_WRITE, 1, b->plan);
    write->schema = type_parse_schema(b->arena, ddl, strlen(ddl), err);
    write->write = arena_copy(b->arena, &s->spec, sizeof s->spec);
    write->write->path = f->root;
    write->write->attempt_dir =
        arena_printf(b->arena, "%s/_temporary/%s/%" PRId64, f->root, s->query_id, b->id);
    char job[37];
    env_uuid(s->env, job);
    write->write->job_id = arena_strdup(b->arena, job);
    remove_attempt(s, f); /* what a crash left of this batch */
    if (!s->env->ops->mkdirs(s->env, write->write->attempt_dir, err)) {
        return false;
    }
    struct sink_batch files = *b;
    files.plan = write;
    return sink_run_chunks(s, &files, take_files, f, err);
}

static bool
files_write(struct stream_sink *s, struct sink_batch *b, struct error *err)
{
    struct files_sink *f = s->state;
    if (!pending_finish(s, f, b->arena, err)) {
        return false;
    }
    f->arena = b->arena;
    buffer_clear(&f->manifest);
    if (b->id <= f->newest) {
        /* Committed before the crash: the batch runs for its state, its rows are there already. */
        return sink_run_chunks(s, b, NULL, NULL, err);
    }
    manifest_begin(&f->manifest);
    if (!write_batch_files(s, f, b, err)) {
        return false;
    }
    b->rows = 0;
    char path[4096];
    pending_path(f, b->id, path, sizeof path);
    if (!env_write_file_atomic(s->env, path, f->manifest.ptr, f->manifest.len, err)) {
        return false;
    }
    f->pending = b->id;
    return pending_finish(s, f, b->arena, err);
}

/* Finds the newest manifest and the pending one. */
static void
manifest_seen(void *ctx, const char *name, bool is_dir)
{
    struct files_sink *f = ctx;
    const bool dotted = name[0] == '.';
    char *end;
    const long long n = strtoll(name + dotted, &end, 10);
    if (is_dir || end == name + dotted || strcmp(end, dotted ? ".pending" : "") != 0) {
        return;
    }
    int64_t *found = dotted ? &f->pending : &f->newest;
    *found = n > *found ? n : *found;
}

static bool
files_recover(struct stream_sink *s, struct error *err)
{
    struct arena arena;
    arena_init(&arena, NULL);
    const bool ok = pending_finish(s, s->state, &arena, err);
    arena_release(&arena);
    return ok;
}

static void
files_close(struct stream_sink *s)
{
    struct files_sink *f = s->state;
    buffer_release(&f->manifest);
}

bool
sink_files_open(struct stream_sink *s, struct arena *a, struct error *err)
{
    static const struct stream_sink_ops ops = {files_write, files_recover, files_close, true};
    if (s->mode != OUTPUT_APPEND) {
        return error_raise(err, "STREAMING_OUTPUT_MODE.UNSUPPORTED_DATASOURCE", "className",
                           s->spec.format, "outputMode",
                           s->mode == OUTPUT_UPDATE ? "Update" : "Complete", NULL);
    }
    const char *path = s->spec.path != NULL ? s->spec.path : options_get(&s->spec.options, "path");
    if (path == NULL && s->spec.table_count > 0) {
        return error_unsupported(err, "a table as a streaming sink");
    }
    if (path == NULL) {
        return error_set(err, ERROR_ARGUMENT, "'path' is not specified");
    }
    write_codec_default(s->session, a, &s->spec);
    struct files_sink *f = arena_new(a, struct files_sink);
    *f = (struct files_sink){.newest = -1, .pending = -1, .env = s->env};
    f->manifest.limit = MANIFEST_BYTES_MAX;
    f->root = path_local(a, session_conf_get(s->session, a, "spark.weir.cwd"), path, err);
    char dir[4096];
    if (f->root == NULL) {
        return false;
    }
    snprintf(dir, sizeof dir, "%s/_spark_metadata", f->root);
    if (!s->env->ops->mkdirs(s->env, dir, err) ||
        !s->env->ops->list(s->env, dir, manifest_seen, f, err)) {
        return false;
    }
    s->ops = &ops;
    s->state = f;
    s->description = arena_printf(a, "FileSink[%s]", f->root);
    return true;
}
