/*
 * Files as a sink: a batch's files appear together, once.
 *
 * A batch writes below <path>/_temporary/<query>/<batch>, then the manifest
 * <path>/_spark_metadata/<batch> (Spark's own form) is written whole: that is the commit. After it
 * the files move to their final names. Readers that know manifests, ours and Spark's, list through
 * it; a restart repeats the moves of the newest manifest first.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/buffer.h"
#include "driver/write.h"
#include "file/path.h"
#include "format/sink.h"
#include "stream/sink.h"

enum { MANIFEST_BYTES_MAX = 256 << 20 };

struct files_sink {
    const char *root;
    int64_t newest; /* highest batch with a manifest; -1 = none */
    /* of the batch being written */
    struct arena *arena;
    struct env *env;
    const char *attempt_dir;
    struct buffer manifest;
    const char **from, **to;
    uint32_t count, capacity;
    bool failed;
};

static void
manifest_path(const struct files_sink *f, int64_t batch, char *out, size_t size)
{
    snprintf(out, size, "%s/_spark_metadata/%" PRId64, f->root, batch);
}

static void
move_add(struct files_sink *f, const char *from, const char *to)
{
    if (f->count == f->capacity) {
        const uint32_t capacity = f->capacity == 0 ? 64 : f->capacity * 2;
        const char **from_grown = arena_new_array(f->arena, const char *, capacity);
        const char **to_grown = arena_new_array(f->arena, const char *, capacity);
        if (f->count > 0) {
            memcpy(from_grown, f->from, f->count * sizeof *from_grown);
            memcpy(to_grown, f->to, f->count * sizeof *to_grown);
        }
        f->from = from_grown;
        f->to = to_grown;
        f->capacity = capacity;
    }
    f->from[f->count] = from;
    f->to[f->count++] = to;
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
        move_add(f, from, to);
        buffer_puts(&f->manifest, "\n{\"path\":");
        const char *uri = arena_printf(f->arena, "file://%s", to);
        buffer_json_string(&f->manifest, uri, strlen(uri));
        buffer_printf(&f->manifest,
                      ",\"size\":%" PRId64 ",\"isDir\":false,\"modificationTime\":%" PRId64
                      ",\"blockReplication\":1,\"blockSize\":33554432,\"action\":\"add\","
                      "\"weirFrom\":",
                      bytes, env_wall_ms(f->env));
        buffer_json_string(&f->manifest, from, strlen(from));
        buffer_puts(&f->manifest, "}");
    }
    return true;
}

/* Moves what is still in the attempt's folder; a file that is already in its place was moved
 * before. */
static bool
move_all(struct files_sink *f, struct env *env, struct error *err)
{
    for (uint32_t i = 0; i < f->count; i++) {
        struct env_stat st;
        struct error missing = {0};
        const bool pending = env->ops->stat(env, f->from[i], &st, &missing);
        error_clear(&missing);
        if (!pending) {
            continue;
        }
        char dir[4096];
        snprintf(dir, sizeof dir, "%s", f->to[i]);
        *strrchr(dir, '/') = '\0';
        if (!env->ops->mkdirs(env, dir, err) || !env->ops->rename(env, f->from[i], f->to[i], err)) {
            return false;
        }
    }
    return true;
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
    f->arena = b->arena;
    f->count = f->capacity = 0;
    buffer_clear(&f->manifest);
    if (b->id <= f->newest) {
        /* Committed before the crash: the batch runs for its state, its rows are there already. */
        return sink_run_chunks(s, b, NULL, NULL, err);
    }
    buffer_puts(&f->manifest, "v1");
    if (!write_batch_files(s, f, b, err)) {
        return false;
    }
    b->rows = 0;
    char path[4096];
    manifest_path(f, b->id, path, sizeof path);
    if (!env_write_file_atomic(s->env, path, f->manifest.ptr, f->manifest.len, err)) {
        return false;
    }
    f->newest = b->id;
    const bool ok = move_all(f, s->env, err);
    if (ok) {
        remove_attempt(s, f);
    }
    return ok;
}

static void
highest(void *ctx, const char *name, bool is_dir)
{
    int64_t *found = ctx;
    char *end;
    const long long n = strtoll(name, &end, 10);
    if (!is_dir && end != name && *end == '\0' && n > *found) {
        *found = n;
    }
}

/* Fills the moves from a manifest that was written before a crash. */
static bool
manifest_load(struct files_sink *f, struct env *env, struct error *err)
{
    char path[4096];
    manifest_path(f, f->newest, path, sizeof path);
    uint8_t *bytes = NULL;
    size_t len = 0;
    if (!env_read_file(env, path, MANIFEST_BYTES_MAX, &bytes, &len, err)) {
        return false;
    }
    char *text = arena_strndup(f->arena, (const char *)bytes, len), *rest = NULL;
    free(bytes);
    for (char *line = strtok_r(text, "\n", &rest); line != NULL;
         line = strtok_r(NULL, "\n", &rest)) {
        json_t *root = json_loads(line, 0, NULL);
        const char *to = json_string_value(json_object_get(root, "path"));
        const char *from = json_string_value(json_object_get(root, "weirFrom"));
        if (to != NULL && from != NULL && strncmp(to, "file://", 7) == 0) {
            move_add(f, arena_strdup(f->arena, from), arena_strdup(f->arena, to + 7));
        }
        json_decref(root);
    }
    return true;
}

static bool
files_recover(struct stream_sink *s, struct error *err)
{
    struct files_sink *f = s->state;
    if (f->newest < 0) {
        return true;
    }
    struct arena arena;
    arena_init(&arena, NULL);
    f->arena = &arena;
    f->count = f->capacity = 0;
    const bool ok = manifest_load(f, s->env, err) && move_all(f, s->env, err);
    if (ok) {
        remove_attempt(s, f);
    }
    arena_release(&arena);
    f->arena = NULL;
    f->count = f->capacity = 0;
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
    *f = (struct files_sink){.newest = -1, .env = s->env};
    f->manifest.limit = MANIFEST_BYTES_MAX;
    f->root = path_local(a, session_conf_get(s->session, a, "spark.weir.cwd"), path, err);
    char dir[4096];
    if (f->root == NULL) {
        return false;
    }
    snprintf(dir, sizeof dir, "%s/_spark_metadata", f->root);
    if (!s->env->ops->mkdirs(s->env, dir, err) ||
        !s->env->ops->list(s->env, dir, highest, &f->newest, err)) {
        return false;
    }
    s->ops = &ops;
    s->state = f;
    s->description = arena_printf(a, "FileSink[%s]", f->root);
    return true;
}
