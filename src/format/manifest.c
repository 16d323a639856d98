/* Manifests of file sinks: written, parsed, listed. The newest compact one stands for all before.
 */
#include "format/manifest.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_scan.h"

enum { NAME_IS_BATCH, NAME_IS_COMPACT, NAME_IS_OTHER };

void
manifest_begin(struct buffer *out)
{
    buffer_puts(out, "v1");
}

/* As Java's URI writes a path: these bytes, controls and blanks as %XX, others as they are. */
static void
put_uri(struct buffer *out, struct arena *a, const char *path)
{
    const size_t len = strlen(path);
    char *uri = arena_alloc(a, len * 3 + 8);
    size_t n = 7;
    memcpy(uri, "file://", n);
    for (size_t i = 0; i < len; i++) {
        const unsigned char c = (unsigned char)path[i];
        if (c <= ' ' || c == 0x7f || strchr("\"%<>\\^`{|}#?[]", c) != NULL) {
            static const char digits[] = "0123456789ABCDEF";
            uri[n++] = '%';
            uri[n++] = digits[c >> 4];
            uri[n++] = digits[c & 15];
        } else {
            uri[n++] = (char)c;
        }
    }
    buffer_json_string(out, uri, n);
}

void
manifest_put(struct buffer *out, const struct manifest_file *file)
{
    struct arena scratch;
    arena_init(&scratch, NULL);
    buffer_puts(out, "\n{\"path\":");
    put_uri(out, &scratch, file->path);
    buffer_printf(out,
                  ",\"size\":%" PRId64 ",\"isDir\":false,\"modificationTime\":%" PRId64
                  ",\"blockReplication\":1,\"blockSize\":33554432,\"action\":\"add\"",
                  file->bytes, file->modified_ms);
    if (file->from != NULL) {
        buffer_puts(out, ",\"weirFrom\":");
        buffer_json_string(out, file->from, strlen(file->from));
    }
    buffer_puts(out, "}");
    arena_release(&scratch);
}

void
manifest_put_seen(struct buffer *out, const struct manifest_file *file, int64_t batch)
{
    struct arena scratch;
    arena_init(&scratch, NULL);
    buffer_puts(out, "\n{\"path\":");
    put_uri(out, &scratch, file->path);
    buffer_printf(out, ",\"timestamp\":%" PRId64 ",\"batchId\":%" PRId64 "}", file->modified_ms,
                  batch);
    arena_release(&scratch);
}

static int
hex_digit(char c)
{
    const char *digits = "0123456789abcdef", *at = c != '\0' ? strchr(digits, c | 0x20) : NULL;
    return at != NULL ? (int)(at - digits) : -1;
}

/* file:///a%20b and file:/a%20b to /a b; NULL for other schemes and for bad escapes. */
static const char *
uri_path(struct arena *a, struct json_slice uri)
{
    if (uri.len < 6 || memcmp(uri.ptr, "file:", 5) != 0) {
        return NULL;
    }
    const char *in = uri.ptr + 5, *end = uri.ptr + uri.len;
    while (end - in >= 2 && in[0] == '/' && in[1] == '/') {
        in++;
    }
    char *out = arena_alloc(a, (size_t)(end - in) + 1), *o = out;
    for (; in < end; in++) {
        char c = *in;
        if (c == '%') {
            const int high = end - in > 2 ? hex_digit(in[1]) : -1;
            const int low = high >= 0 ? hex_digit(in[2]) : -1;
            if (low < 0) {
                return NULL;
            }
            c = (char)(high << 4 | low);
            in += 2;
        }
        if (c == '\0') {
            return NULL;
        }
        *o++ = c;
    }
    *o = '\0';
    return out[0] == '/' ? out : NULL;
}

static bool
take_int(struct json_scan *s, int64_t *out)
{
    struct json_slice text;
    if (json_peek(s) != JSON_NUMBER || !json_number_take(s, &text)) {
        return false;
    }
    char digits[24] = {0};
    if (text.len >= sizeof digits) {
        return false;
    }
    memcpy(digits, text.ptr, text.len);
    *out = strtoll(digits, NULL, 10);
    return true;
}

/* One line. *is_file is false for what does not add a file. */
static bool
parse_line(struct arena *a, const char *line, size_t len, struct manifest_file *out, bool *is_file)
{
    struct json_scan s;
    json_scan_init(&s, line, len, false);
    struct json_slice key, text;
    *out = (struct manifest_file){0};
    *is_file = true;
    bool ok = json_peek(&s) == JSON_OBJECT;
    for (bool first = ok && json_object_begin(&s); ok && json_object_next(&s, &first, &key);) {
        if (json_slice_is(key, "size")) {
            ok = take_int(&s, &out->bytes);
        } else if (json_slice_is(key, "modificationTime")) {
            ok = take_int(&s, &out->modified_ms);
        } else if (json_peek(&s) != JSON_TEXT) {
            ok = json_skip(&s, NULL);
        } else {
            ok = json_text_take(&s, &text);
            text = ok ? json_decode(a, text) : text;
            if (ok && json_slice_is(key, "path")) { /* copied: text borrows from the input */
                out->path = uri_path(a, text);
            } else if (ok && json_slice_is(key, "weirFrom")) {
                out->from = arena_strndup(a, text.ptr, text.len);
            } else if (ok && json_slice_is(key, "action")) {
                *is_file = text.len == 3 && memcmp(text.ptr, "add", 3) == 0;
            }
        }
    }
    return ok && json_at_end(&s) && out->path != NULL && out->bytes >= 0;
}

bool
manifest_parse(struct arena *a, struct bytes text, const char *what,
               bool (*fn)(void *ctx, const struct manifest_file *file, struct error *err),
               void *ctx, struct error *err)
{
    const char *in = (const char *)text.ptr, *end = in + text.len;
    for (uint64_t line = 1; in < end; line++) {
        const char *stop = memchr(in, '\n', (size_t)(end - in));
        stop = stop != NULL ? stop : end;
        const size_t len = (size_t)(stop - in);
        if (line == 1) {
            if (len != 2 || memcmp(in, "v1", 2) != 0) {
                return error_set(err, ERROR_PROTOCOL, "%s is no manifest of version 1", what);
            }
        } else if (len > 0) {
            struct manifest_file file;
            bool is_file;
            if (!parse_line(a, in, len, &file, &is_file)) {
                return error_set(err, ERROR_PROTOCOL, "Line %" PRIu64 " of %s is damaged", line,
                                 what);
            }
            if (is_file && !fn(ctx, &file, err)) {
                return false;
            }
        }
        in = stop < end ? stop + 1 : end;
    }
    return text.len > 0 || error_set(err, ERROR_PROTOCOL, "%s is empty", what);
}

bool
manifest_read(struct arena *a, struct env *env, const char *path,
              bool (*fn)(void *ctx, const struct manifest_file *file, struct error *err), void *ctx,
              struct error *err)
{
    uint8_t *bytes = NULL;
    size_t len = 0;
    if (!env_read_file(env, path, MANIFEST_BYTES_MAX, &bytes, &len, err)) {
        return false;
    }
    const bool ok = manifest_parse(a, (struct bytes){bytes, len}, path, fn, ctx, err);
    free(bytes);
    return ok;
}

struct manifest_names {
    struct arena *arena;
    int64_t *batches;
    uint32_t count, capacity;
    int64_t compact; /* newest, -1 = none */
};

static int
name_kind(const char *name, int64_t *batch)
{
    char *end;
    errno = 0;
    *batch = strtoll(name, &end, 10);
    if (end == name || *batch < 0 || errno != 0 || name[0] < '0' || name[0] > '9') {
        return NAME_IS_OTHER;
    }
    return *end == '\0'                   ? NAME_IS_BATCH
           : strcmp(end, ".compact") == 0 ? NAME_IS_COMPACT
                                          : NAME_IS_OTHER;
}

static void
take_name(void *ctx, const char *name, bool is_dir)
{
    struct manifest_names *n = ctx;
    int64_t batch;
    const int kind = is_dir ? NAME_IS_OTHER : name_kind(name, &batch);
    if (kind == NAME_IS_COMPACT) {
        n->compact = batch > n->compact ? batch : n->compact;
    }
    if (kind != NAME_IS_BATCH) {
        return;
    }
    if (n->count == n->capacity) {
        const uint32_t capacity = n->capacity == 0 ? 64 : n->capacity * 2;
        int64_t *grown = arena_new_array(n->arena, int64_t, capacity);
        if (n->count > 0) {
            memcpy(grown, n->batches, n->count * sizeof *grown);
        }
        n->batches = grown;
        n->capacity = capacity;
    }
    n->batches[n->count++] = batch;
}

static int
batch_order(const void *x, const void *y)
{
    const int64_t a = *(const int64_t *)x, b = *(const int64_t *)y;
    return a < b ? -1 : a > b;
}

bool
manifest_list(struct arena *a, struct env *env, const char *root, bool *found,
              bool (*fn)(void *ctx, const struct manifest_file *file, struct error *err), void *ctx,
              struct error *err)
{
    const char *dir = arena_printf(a, "%s/_spark_metadata", root);
    struct manifest_names names = {.arena = a, .compact = -1};
    struct error missing = {0};
    struct env_stat st;
    *found = false;
    if (!env->ops->stat(env, dir, &st, &missing)) {
        error_clear(&missing);
        return true;
    }
    if (!st.is_dir || !env->ops->list(env, dir, take_name, &names, err)) {
        return !st.is_dir;
    }
    *found = names.count > 0 || names.compact >= 0;
    if (names.count > 1) {
        qsort(names.batches, names.count, sizeof *names.batches, batch_order);
    }
    if (names.compact >= 0) {
        const char *path = arena_printf(a, "%s/%" PRId64 ".compact", dir, names.compact);
        if (!manifest_read(a, env, path, fn, ctx, err)) {
            return false;
        }
    }
    for (uint32_t i = 0; i < names.count; i++) {
        const char *path = arena_printf(a, "%s/%" PRId64, dir, names.batches[i]);
        if (names.batches[i] > names.compact && !manifest_read(a, env, path, fn, ctx, err)) {
            return false;
        }
    }
    return true;
}
