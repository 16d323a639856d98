/*
 * Paths as users give them (files, directories, globs, file: URIs) to lists of files.
 *
 * Names that begin with _ or . are not data (_SUCCESS, .crc), unless they are partition directories
 * (_x=1). Subdirectories are entered when they are partition directories or when
 * recursiveFileLookup is set, as Spark does. Files come in name order; those of a streaming sink in
 * the order of its batches (format/manifest.h).
 */
#include "format/listing.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "file/path.h"

#include "format/manifest.h"

bool
option_is_true(const struct options *o, const char *key)
{
    const char *value = options_get(o, key);
    return value != NULL && strcasecmp(value, "true") == 0;
}

struct names {
    struct arena *arena;
    struct name {
        const char *text;
        bool is_dir;
    } * items;
    uint32_t count;
    uint32_t capacity;
};

static void
names_add(void *ctx, const char *name, bool is_dir)
{
    struct names *n = ctx;
    if (n->count == n->capacity) {
        const uint32_t capacity = n->capacity == 0 ? 16 : n->capacity * 2;
        struct name *items = arena_alloc(n->arena, sizeof *items * capacity);
        if (n->count > 0) {
            memcpy(items, n->items, sizeof *items * n->count);
        }
        n->items = items;
        n->capacity = capacity;
    }
    n->items[n->count++] = (struct name){arena_strdup(n->arena, name), is_dir};
}

static int
name_order(const void *a, const void *b)
{
    return strcmp(((const struct name *)a)->text, ((const struct name *)b)->text);
}

static bool
names_of(struct listing *l, const char *dir, struct names *out, struct error *err)
{
    *out = (struct names){.arena = l->arena};
    if (!l->env->ops->list(l->env, dir[0] != '\0' ? dir : ".", names_add, out, err)) {
        return false;
    }
    if (out->count > 1) {
        qsort(out->items, out->count, sizeof *out->items, name_order);
    }
    return true;
}

static bool
is_hidden(const char *name)
{
    return name[0] == '.' || (name[0] == '_' && strchr(name, '=') == NULL);
}

static bool
add_file(struct listing *l, const char *path, size_t root_len, const struct env_stat *st,
         struct error *err)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash != NULL ? slash + 1 : path;
    if (l->name_glob != NULL && fnmatch(l->name_glob, name, 0) != 0) {
        return true;
    }
    if (l->count == LISTING_FILES_MAX) {
        return error_set(err, ERROR_RESOURCE, "More than %d files to read", LISTING_FILES_MAX);
    }
    if (l->count == l->capacity) {
        const uint32_t capacity = l->capacity == 0 ? 16 : l->capacity * 2;
        struct listed_file *files = arena_alloc(l->arena, sizeof *files * capacity);
        if (l->count > 0) {
            memcpy(files, l->files, sizeof *files * l->count);
        }
        l->files = files;
        l->capacity = capacity;
    }
    l->files[l->count++] = (struct listed_file){.path = arena_strdup(l->arena, path),
                                                .root_len = root_len,
                                                .bytes = st->bytes,
                                                .modified_ms = st->modified_ms};
    return true;
}

static bool
add_dir(struct listing *l, const char *dir, size_t root_len, int depth, struct error *err)
{
    struct names names;
    if (depth > LISTING_DEPTH_MAX) {
        return error_set(err, ERROR_ARGUMENT, "Directories nest too deep: %s", dir);
    }
    if (!names_of(l, dir, &names, err)) {
        return false;
    }
    const bool slash = dir[0] != '\0' && dir[strlen(dir) - 1] == '/';
    for (uint32_t i = 0; i < names.count; i++) {
        const char *name = names.items[i].text;
        if (is_hidden(name)) {
            continue;
        }
        const char *path = arena_printf(l->arena, "%s%s%s", dir, slash ? "" : "/", name);
        struct env_stat st;
        struct error gone = {0};
        if (!l->env->ops->stat(l->env, path, &st, &gone)) {
            if (gone.code != ENOENT) {
                error_move(err, &gone);
                return false;
            }
            error_clear(&gone); /* renamed or removed since its folder was read */
            continue;
        }
        const bool enter = l->recursive || strchr(name, '=') != NULL;
        if (st.is_dir ? enter && !add_dir(l, path, root_len, depth + 1, err)
                      : !add_file(l, path, root_len, &st, err)) {
            return false;
        }
    }
    return true;
}

struct by_manifest {
    struct listing *l;
    const char *dir;
    size_t root_len;
    bool moved; /* the manifests speak of another folder: this one was moved or copied */
};

static bool
add_committed(void *ctx, const struct manifest_file *file, struct error *err)
{
    struct by_manifest *m = ctx;
    const size_t len = strlen(m->dir);
    m->moved |= strncmp(file->path, m->dir, len) != 0 || file->path[len] != '/';
    const struct env_stat st = {.bytes = file->bytes, .modified_ms = file->modified_ms};
    return m->moved || add_file(m->l, file->path, m->root_len, &st, err);
}

/* What streaming sinks wrote is listed by their manifests. A folder that was moved since is listed
 * like any other. */
static bool
add_top_dir(struct listing *l, const char *path, size_t root_len, struct error *err)
{
    size_t len = strlen(path);
    while (len > 1 && path[len - 1] == '/') {
        len--;
    }
    struct by_manifest m = {l, arena_strndup(l->arena, path, len), root_len, false};
    const uint32_t before = l->count;
    bool found;
    if (!manifest_list(l->arena, l->env, m.dir, &found, add_committed, &m, err)) {
        return false;
    }
    if (found && !m.moved) {
        return true;
    }
    l->count = before;
    return add_dir(l, path, root_len, 0, err);
}

/* A path that exists. */
static bool
add_real(struct listing *l, const char *path, const struct env_stat *st, struct error *err)
{
    size_t root_len = strlen(path);
    if (l->base_path != NULL) {
        const size_t len = strlen(l->base_path);
        if (strncmp(path, l->base_path, len) == 0) {
            root_len = len;
        } else {
            return error_set(err, ERROR_ARGUMENT, "Wrong basePath %s for the root path: %s",
                             l->base_path, path);
        }
    }
    if (!st->is_dir) {
        return add_file(l, path, l->base_path != NULL ? root_len : strlen(path), st, err);
    }
    return add_top_dir(l, path, root_len, err);
}

static bool
has_glob(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (strchr("*?[{", text[i]) != NULL) {
            return true;
        }
    }
    return false;
}

/* Matches the pattern's components from `rest` on below `done`; *found counts what exists. */
static bool
add_glob(struct listing *l, const char *done, const char *rest, uint32_t *found, struct error *err)
{
    while (*rest == '/') {
        done = arena_printf(l->arena, "%s/", done);
        while (*rest == '/') {
            rest++;
        }
    }
    struct env_stat st;
    if (*rest == '\0') {
        struct error missing = {0};
        if (!l->env->ops->stat(l->env, done, &st, &missing)) {
            error_clear(&missing);
            return true;
        }
        (*found)++;
        return add_real(l, done, &st, err);
    }
    const size_t len = strcspn(rest, "/");
    const char *part = arena_strndup(l->arena, rest, len);
    if (!has_glob(part, len)) {
        return add_glob(l, arena_printf(l->arena, "%s%s", done, part), rest + len, found, err);
    }
    struct names names;
    struct error missing = {0};
    if (!names_of(l, done, &names, &missing)) {
        error_clear(&missing);
        return true; /* not a directory: nothing matches below it */
    }
    for (uint32_t i = 0; i < names.count; i++) {
        const char *name = names.items[i].text;
        if (is_hidden(name) || fnmatch(part, name, FNM_PERIOD) != 0) {
            continue;
        }
        if (!add_glob(l, arena_printf(l->arena, "%s%s", done, name), rest + len, found, err)) {
            return false;
        }
    }
    return true;
}

/* a{b,c}d as abd and acd, outermost braces first. */
static bool
add_braces(struct listing *l, const char *pattern, int depth, uint32_t *found, struct error *err)
{
    const char *open = strchr(pattern, '{');
    const char *close = open != NULL ? strchr(open, '}') : NULL;
    if (close == NULL) {
        const size_t server = path_server_len(pattern);
        return add_glob(l, arena_strndup(l->arena, pattern, server), pattern + server, found, err);
    }
    if (depth > 8) {
        return error_set(err, ERROR_ARGUMENT, "Too many braces in path %s", pattern);
    }
    for (const char *p = open + 1; p <= close;) {
        const size_t len = strcspn(p, ",}");
        const char *one = arena_printf(l->arena, "%.*s%.*s%s", (int)(open - pattern), pattern,
                                       (int)len, p, close + 1);
        if (!add_braces(l, one, depth + 1, found, err)) {
            return false;
        }
        p += len + 1;
    }
    return true;
}

/* file:///x and file:/x are local, file servers' paths stay; another scheme is not there. */
static const char *
local_path(const char *path, struct error *err)
{
    const char *colon = strchr(path, ':');
    const char *slash = strchr(path, '/');
    if (path_server_len(path) > 0 || colon == NULL || (slash != NULL && slash < colon)) {
        return path;
    }
    if (strncasecmp(path, "file:", 5) != 0) {
        error_unsupported(err, "file system of path %s", path);
        return NULL;
    }
    path += 5;
    while (path[0] == '/' && path[1] == '/') {
        path++;
    }
    return path;
}

bool
listing_add_path(struct listing *l, const char *path, struct error *err)
{
    struct env_stat st;
    struct error missing = {0};
    const char *local = local_path(path, err);
    if (local == NULL) {
        return false;
    }
    if (l->env->ops->stat(l->env, local, &st, &missing)) {
        return add_real(l, local, &st, err);
    }
    error_clear(&missing);
    uint32_t found = 0;
    if (has_glob(local, strlen(local)) && !add_braces(l, local, 0, &found, err)) {
        return false;
    }
    if (found == 0) {
        const char *shown = local[0] == '/' ? arena_printf(l->arena, "file:%s", local) : local;
        return error_raise(err, "PATH_NOT_FOUND", "path", shown, NULL);
    }
    return true;
}
