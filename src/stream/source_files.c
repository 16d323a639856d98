/*
 * A folder of files as a source: each file once, in the order of its modification time.
 *
 * sources/<number>/<log offset> lists the files of one batch in Spark's form (format/manifest.h)
 * and is durable before the batch's offsets are; all of them together are the set of files that
 * were seen. A batch is scanned by listing the folder again and taking what its lists name, so that
 * partition columns come from the same root each time.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buffer.h"
#include "driver/session.h"
#include "file/path.h"
#include "format/manifest.h"
#include "format/scan.h"
#include "stream/source.h"

enum { SEEN_BUCKETS = 1 << 14 };

struct seen {
    struct seen *next;
    const char *path;
};

struct files {
    struct arena *arena; /* the query's */
    const char **paths;
    uint32_t path_count;
    const struct scan_source *template;
    struct seen *buckets[SEEN_BUCKETS];
    int64_t log_offset; /* newest list; -1 = none */
    int64_t files_max;  /* maxFilesPerTrigger; 0 = no limit */
};

static uint32_t
path_bucket(const char *path)
{
    uint32_t hash = 2166136261u;
    for (; *path != '\0'; path++) {
        hash = (hash ^ (uint8_t)*path) * 16777619u;
    }
    return hash % SEEN_BUCKETS;
}

static bool
seen_has(const struct files *f, const char *path)
{
    for (const struct seen *at = f->buckets[path_bucket(path)]; at != NULL; at = at->next) {
        if (strcmp(at->path, path) == 0) {
            return true;
        }
    }
    return false;
}

static void
seen_add(struct files *f, const char *path)
{
    struct seen **bucket = &f->buckets[path_bucket(path)];
    struct seen *entry = arena_new(f->arena, struct seen);
    *entry = (struct seen){*bucket, arena_strdup(f->arena, path)};
    *bucket = entry;
}

static void
list_path(const struct stream_source *s, int64_t offset, char *out, size_t size)
{
    snprintf(out, size, "%s/sources/%u/%" PRId64, s->checkpoint, s->number, offset);
}

/* Paths in an arena, doubled when full. */
struct path_list {
    struct arena *arena;
    const char **items;
    uint32_t count, capacity;
};

static bool
path_add(void *ctx, const struct manifest_file *file, struct error *err)
{
    (void)err;
    struct path_list *list = ctx;
    if (list->count == list->capacity) {
        list->capacity = list->capacity == 0 ? 64 : list->capacity * 2;
        const char **grown = arena_new_array(list->arena, const char *, list->capacity);
        if (list->count > 0) {
            memcpy(grown, list->items, list->count * sizeof *grown);
        }
        list->items = grown;
    }
    list->items[list->count++] = file->path;
    return true;
}

/* Appends what the list of one log offset names. */
static bool
list_read(struct stream_source *s, int64_t offset, struct path_list *out, struct error *err)
{
    char path[4096];
    list_path(s, offset, path, sizeof path);
    return manifest_read(out->arena, s->env, path, path_add, out, err);
}

static int
compare_age(const void *x, const void *y)
{
    const struct source_file *a = x, *b = y;
    if (a->modified_ms != b->modified_ms) {
        return a->modified_ms < b->modified_ms ? -1 : 1;
    }
    return strcmp(a->path, b->path);
}

static int
compare_path(const void *x, const void *y)
{
    return strcmp(((const struct source_file *)x)->path, ((const struct source_file *)y)->path);
}

static bool
list_now(struct files *f, struct arena *a, struct env *env, struct scan_source *out,
         struct error *err)
{
    *out = *f->template;
    out->files = NULL;
    out->file_count = 0;
    struct error missing = {0};
    if (!scan_list_files(a, f->paths, f->path_count, out, env, &missing)) {
        /* A missing folder is a stream that has not begun. */
        const bool empty =
            missing.code == ENOENT ||
            (missing.condition != NULL && strcmp(missing.condition, "PATH_NOT_FOUND") == 0);
        if (!empty) {
            error_move(err, &missing);
            return false;
        }
        error_clear(&missing);
        out->file_count = 0;
    }
    return true;
}

static int64_t
offset_number(const char *text)
{
    const char *colon = text != NULL ? strchr(text, ':') : NULL;
    return colon != NULL ? atoll(colon + 1) : -1;
}

static const char *
offset_text(const struct files *f, struct arena *a)
{
    return f->log_offset < 0 ? "-" : arena_printf(a, "{\"logOffset\":%" PRId64 "}", f->log_offset);
}

static bool
files_latest(struct stream_source *s, struct arena *a, const char *start, bool limited,
             const char **end, struct error *err)
{
    struct files *f = s->state;
    if (f->log_offset > offset_number(start)) {
        /* A list that was written and never became a batch before a crash: it is the next batch as
         * it is, so that batches have the same files as without the crash. */
        *end = offset_text(f, a);
        return true;
    }
    struct scan_source now;
    if (!list_now(f, a, s->env, &now, err)) {
        return false;
    }
    uint32_t fresh = 0;
    for (uint32_t i = 0; i < now.file_count; i++) {
        if (!seen_has(f, now.files[i].path)) {
            now.files[fresh++] = now.files[i];
        }
    }
    if (fresh > 1) {
        qsort(now.files, fresh, sizeof *now.files, compare_age);
    }
    if (limited && f->files_max > 0 && fresh > f->files_max) {
        fresh = (uint32_t)f->files_max;
    }
    if (fresh > 0) {
        struct buffer text = {0};
        manifest_begin(&text);
        for (uint32_t i = 0; i < fresh; i++) {
            const struct manifest_file file = {.path = now.files[i].path,
                                               .modified_ms = now.files[i].modified_ms};
            manifest_put_seen(&text, &file, f->log_offset + 1);
        }
        char path[4096];
        list_path(s, f->log_offset + 1, path, sizeof path);
        const bool ok = env_write_file_atomic(s->env, path, text.ptr, text.len, err);
        buffer_release(&text);
        if (!ok) {
            return false;
        }
        f->log_offset++;
        for (uint32_t i = 0; i < fresh; i++) {
            seen_add(f, now.files[i].path);
        }
    }
    *end = offset_text(f, a);
    return true;
}

/* Leaves the listed files that are wanted, in the order of the lists. */
static bool
take_wanted(struct scan_source *source, struct arena *a, const struct path_list *wanted,
            struct error *err)
{
    struct source_file *taken = arena_new_array(a, struct source_file, wanted->count + 1);
    if (source->file_count > 1) {
        qsort(source->files, source->file_count, sizeof *source->files, compare_path);
    }
    for (uint32_t i = 0; i < wanted->count; i++) {
        const struct source_file key = {.path = wanted->items[i]};
        const struct source_file *found = source->file_count > 0
                                              ? bsearch(&key, source->files, source->file_count,
                                                        sizeof *source->files, compare_path)
                                              : NULL;
        if (found == NULL) {
            return error_raise(err, "PATH_NOT_FOUND", "path",
                               arena_printf(a, "file:%s", wanted->items[i]), NULL);
        }
        taken[i] = *found;
    }
    source->files = taken;
    source->file_count = wanted->count;
    return true;
}

static struct rel *
files_scan(struct stream_source *s, struct arena *a, const struct rel *template, const char *start,
           const char *end, int64_t *rows, struct error *err)
{
    struct files *f = s->state;
    struct path_list wanted = {.arena = a};
    for (int64_t n = offset_number(start) + 1; n <= offset_number(end); n++) {
        if (!list_read(s, n, &wanted, err)) {
            return NULL;
        }
    }
    struct scan_source *source = arena_new(a, struct scan_source);
    if (!list_now(f, a, s->env, source, err) || !take_wanted(source, a, &wanted, err)) {
        return NULL;
    }
    source->schema = f->template->schema;
    *rows = -1;
    struct rel *scan = rel_copy(a, template);
    scan->source = source;
    scan->is_streaming = false;
    return scan;
}

static void
files_close(struct stream_source *s)
{
    (void)s;
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

static bool
seen_load(struct stream_source *s, struct files *f, struct error *err)
{
    char dir[4096];
    snprintf(dir, sizeof dir, "%s/sources/%u", s->checkpoint, s->number);
    if (!s->env->ops->mkdirs(s->env, dir, err) ||
        !s->env->ops->list(s->env, dir, highest, &f->log_offset, err)) {
        return false;
    }
    struct arena scratch;
    arena_init(&scratch, NULL);
    struct path_list seen = {.arena = &scratch};
    bool ok = true;
    for (int64_t n = 0; ok && n <= f->log_offset; n++) {
        ok = list_read(s, n, &seen, err);
    }
    for (uint32_t i = 0; ok && i < seen.count; i++) {
        seen_add(f, seen.items[i]);
    }
    arena_release(&scratch);
    return ok;
}

bool
source_files_open(struct stream_source *s, struct arena *a, const struct rel *scan,
                  struct error *err)
{
    static const struct source_ops ops = {files_latest, files_scan, files_close};
    struct files *f = arena_new(a, struct files);
    *f = (struct files){.arena = a, .template = scan->source, .log_offset = -1};
    static const struct {
        const char *name, *harmless;
    } missing[] = {{"cleanSource", "off"}, {"latestFirst", "false"}, {"maxBytesPerTrigger", NULL}};
    for (size_t i = 0; i < sizeof missing / sizeof *missing; i++) {
        const char *value = options_get(s->options, missing[i].name);
        if (value != NULL &&
            (missing[i].harmless == NULL || strcasecmp(value, missing[i].harmless) != 0)) {
            return error_unsupported(err, "the file source's option %s=%s", missing[i].name, value);
        }
    }
    const char *limit = options_get(s->options, "maxFilesPerTrigger");
    f->files_max = limit != NULL ? atoll(limit) : 0;
    const char *one = options_get(s->options, "path");
    f->path_count = scan->path_count > 0 ? scan->path_count : one != NULL;
    f->paths = arena_new_array(a, const char *, f->path_count + 1);
    for (uint32_t i = 0; i < f->path_count; i++) {
        f->paths[i] = path_local(a, NULL, scan->path_count > 0 ? scan->paths[i] : one, err);
        if (f->paths[i] == NULL) {
            return false;
        }
    }
    if (f->path_count == 0) {
        return error_set(err, ERROR_ARGUMENT, "'path' is not specified");
    }
    s->ops = &ops;
    s->state = f;
    s->description = arena_printf(a, "FileStreamSource[file:%s]", f->paths[0]);
    return seen_load(s, f, err);
}
