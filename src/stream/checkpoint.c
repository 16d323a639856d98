/* Checkpoints: small files, written beside and renamed, so that each is whole or not there. */
#include "stream/checkpoint.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/buffer.h"

enum { FILE_BYTES_MAX = 16 << 20 };

static bool
read_text(const struct checkpoint *c, struct arena *a, const char *name, char **out,
          struct error *err)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", c->dir, name);
    uint8_t *bytes = NULL;
    size_t len = 0;
    if (!env_read_file(c->env, path, FILE_BYTES_MAX, &bytes, &len, err)) {
        return false;
    }
    *out = arena_strndup(a, (const char *)bytes, len);
    free(bytes);
    return true;
}

static bool
write_text(const struct checkpoint *c, const char *name, const char *text, struct error *err)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", c->dir, name);
    return env_write_file_atomic(c->env, path, text, strlen(text), err);
}

static bool
id_read(struct checkpoint *c, struct error *err)
{
    struct arena arena;
    arena_init(&arena, NULL);
    char *text = NULL;
    struct error missing = {0};
    bool ok = read_text(c, &arena, "metadata", &text, &missing);
    if (!ok && missing.code == ENOENT) {
        error_clear(&missing);
        env_uuid(c->env, c->id);
        ok = write_text(c, "metadata", arena_printf(&arena, "{\"id\":\"%s\"}", c->id), err);
        arena_release(&arena);
        return ok;
    }
    json_t *root = ok ? json_loads(text, 0, NULL) : NULL;
    const char *id = json_string_value(json_object_get(root, "id"));
    if (ok && (id == NULL || strlen(id) != 36)) {
        ok = error_set(err, ERROR_SYSTEM, "%s/metadata is not a query's metadata", c->dir);
    } else if (ok) {
        memcpy(c->id, id, 37);
    } else {
        error_move(err, &missing);
    }
    json_decref(root);
    arena_release(&arena);
    return ok;
}

bool
checkpoint_open(struct checkpoint *c, struct env *env, const char *dir, struct error *err)
{
    *c = (struct checkpoint){.env = env, .dir = dir};
    static const char *const folders[] = {"offsets", "commits", "state", "sources"};
    char path[4096];
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        snprintf(path, sizeof path, "%s/%s", dir, folders[i]);
        if (!env->ops->mkdirs(env, path, err)) {
            return false;
        }
    }
    return id_read(c, err);
}

/* Names that are plain numbers; anything else (temporary files of a killed write) is passed over.
 */
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

bool
checkpoint_latest(const struct checkpoint *c, int64_t *offsets, int64_t *commits, struct error *err)
{
    char path[4096];
    *offsets = *commits = -1;
    snprintf(path, sizeof path, "%s/offsets", c->dir);
    if (!c->env->ops->list(c->env, path, highest, offsets, err)) {
        return false;
    }
    snprintf(path, sizeof path, "%s/commits", c->dir);
    if (!c->env->ops->list(c->env, path, highest, commits, err)) {
        return false;
    }
    const bool fits = *offsets == *commits || *offsets == *commits + 1;
    return fits || error_set(err, ERROR_SYSTEM,
                             "the checkpoint %s is damaged: the newest file in offsets/ is %" PRId64
                             ", in commits/ %" PRId64 " (-1: none)",
                             c->dir, *offsets, *commits);
}

bool
checkpoint_write_offsets(const struct checkpoint *c, const struct batch_offsets *b,
                         struct error *err)
{
    struct buffer text = {0};
    buffer_printf(&text,
                  "v1\n{\"batchWatermarkMs\":%" PRId64 ",\"batchTimestampMs\":%" PRId64
                  ",\"conf\":{}}",
                  b->watermark_ms, b->timestamp_ms);
    for (uint32_t i = 0; i < b->source_count; i++) {
        buffer_printf(&text, "\n%s", b->ends[i]);
    }
    char name[64];
    snprintf(name, sizeof name, "offsets/%" PRId64, b->batch_id);
    const bool ok = write_text(c, name, buffer_text(&text), err);
    buffer_release(&text);
    return ok;
}

static bool
damaged(const struct checkpoint *c, const char *name, struct error *err)
{
    return error_set(err, ERROR_SYSTEM, "the checkpoint file %s/%s is damaged", c->dir, name);
}

/* The file's text after its first line, which must say the version that is written here. */
static bool
read_log(const struct checkpoint *c, struct arena *a, const char *name, char **rest,
         struct error *err)
{
    char *text = NULL;
    if (!read_text(c, a, name, &text, err)) {
        return false;
    }
    char *end = strchr(text, '\n');
    if (end == NULL) {
        return damaged(c, name, err);
    }
    *end = '\0';
    *rest = end + 1;
    if (strcmp(text, "v1") == 0) {
        return true;
    }
    const bool version =
        text[0] == 'v' && text[1] != '\0' && strspn(text + 1, "0123456789") == strlen(text + 1);
    return version ? error_set(err, ERROR_SYSTEM,
                               "the checkpoint file %s/%s has the form %s; only v1 can be read",
                               c->dir, name, text)
                   : damaged(c, name, err);
}

/* One line of JSON; an object with these whole numbers. */
static bool
numbers_read(const char *line, const char *const *keys, int64_t **out, size_t count)
{
    json_t *root = json_loads(line, 0, NULL);
    bool ok = json_is_object(root);
    for (size_t i = 0; ok && i < count; i++) {
        const json_t *value = json_object_get(root, keys[i]);
        ok = json_is_integer(value);
        *out[i] = json_integer_value(value);
    }
    json_decref(root);
    return ok;
}

/* A source's offset is any JSON value, or "-". */
static bool
is_offset(const char *line)
{
    json_t *root = json_loads(line, JSON_DECODE_ANY, NULL);
    const bool ok = root != NULL || strcmp(line, "-") == 0;
    json_decref(root);
    return ok;
}

bool
checkpoint_read_offsets(const struct checkpoint *c, struct arena *a, int64_t batch_id,
                        struct batch_offsets *out, struct error *err)
{
    *out = (struct batch_offsets){.batch_id = batch_id};
    char name[64];
    snprintf(name, sizeof name, "offsets/%" PRId64, batch_id);
    char *text = NULL;
    if (!read_log(c, a, name, &text, err)) {
        return false;
    }
    static const char *const keys[] = {"batchWatermarkMs", "batchTimestampMs"};
    int64_t *values[] = {&out->watermark_ms, &out->timestamp_ms};
    char *rest = NULL;
    const char *facts = strtok_r(text, "\n", &rest);
    if (facts == NULL || !numbers_read(facts, keys, values, 2)) {
        return damaged(c, name, err);
    }
    for (char *line = strtok_r(NULL, "\n", &rest); line != NULL;
         line = strtok_r(NULL, "\n", &rest)) {
        if (out->source_count == CHECKPOINT_SOURCES_MAX || !is_offset(line)) {
            return damaged(c, name, err);
        }
        out->ends[out->source_count++] = line;
    }
    return out->source_count > 0 || damaged(c, name, err);
}

bool
checkpoint_write_commit(const struct checkpoint *c, int64_t batch_id, int64_t next_watermark_ms,
                        uint64_t dropped_rows, struct error *err)
{
    char name[64], text[160];
    snprintf(name, sizeof name, "commits/%" PRId64, batch_id);
    snprintf(text, sizeof text,
             "v1\n{\"nextBatchWatermarkMs\":%" PRId64 ",\"weirDroppedRows\":%" PRIu64 "}",
             next_watermark_ms, dropped_rows);
    return write_text(c, name, text, err);
}

bool
checkpoint_read_commit(const struct checkpoint *c, int64_t batch_id, int64_t *next_watermark_ms,
                       uint64_t *dropped_rows, struct error *err)
{
    struct arena arena;
    arena_init(&arena, NULL);
    char name[64];
    snprintf(name, sizeof name, "commits/%" PRId64, batch_id);
    char *text = NULL;
    bool ok = read_log(c, &arena, name, &text, err);
    if (ok) {
        static const char *const keys[] = {"nextBatchWatermarkMs"};
        ok = numbers_read(text, keys, &next_watermark_ms, 1) || damaged(c, name, err);
        json_t *root = ok ? json_loads(text, 0, NULL) : NULL; /* Spark does not write this one */
        *dropped_rows = (uint64_t)json_integer_value(json_object_get(root, "weirDroppedRows"));
        json_decref(root);
    }
    arena_release(&arena);
    return ok;
}

struct trim {
    const struct checkpoint *c;
    const char *folder;
    const char *suffix;
    int64_t below;
};

static void
trim_one(void *ctx, const char *name, bool is_dir)
{
    const struct trim *t = ctx;
    char *end;
    const long long n = strtoll(name, &end, 10);
    if (is_dir || end == name || strcmp(end, t->suffix) != 0 || n >= t->below) {
        return;
    }
    char path[4096];
    snprintf(path, sizeof path, "%s/%s/%s", t->c->dir, t->folder, name);
    struct error ignored = {0};
    t->c->env->ops->unlink(t->c->env, path, &ignored);
    error_clear(&ignored);
}

static void
trim_folder(const struct checkpoint *c, const char *folder, const char *suffix, int64_t below)
{
    struct trim t = {c, folder, suffix, below};
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", c->dir, folder);
    struct error ignored = {0};
    c->env->ops->list(c->env, path, trim_one, &t, &ignored);
    error_clear(&ignored);
}

void
checkpoint_trim(const struct checkpoint *c, int64_t newest, uint32_t state_count)
{
    trim_folder(c, "offsets", "", newest - CHECKPOINT_KEPT);
    trim_folder(c, "commits", "", newest - CHECKPOINT_KEPT);
    for (uint32_t i = 0; i < state_count; i++) {
        char folder[32];
        snprintf(folder, sizeof folder, "state/%u", i);
        trim_folder(c, folder, ".state", newest - CHECKPOINT_STATES_KEPT);
    }
}
