/*
 * Artifacts: what a client uploads for its session (files/, pyfiles/, archives/, cache/<hash>),
 * kept below artifacts/<server session id>/ until the session ends. What Python functions shall
 * find (files and pyfiles) lies in its folder root/ as well, flat as Spark has it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "driver/internal.h"

/* Relative, without ".." parts and odd bytes: the name came over the wire. */
static bool
name_is_safe(const char *name)
{
    if (name[0] == '\0' || name[0] == '/' || strlen(name) > 1024) {
        return false;
    }
    for (const char *part = name; part != NULL; part = strchr(part, '/')) {
        part += *part == '/';
        if (strncmp(part, "..", 2) == 0 && (part[2] == '/' || part[2] == '\0')) {
            return false;
        }
        if (*part == '\0') {
            break;
        }
    }
    return strpbrk(name, "\n\r\\") == NULL;
}

static void
artifact_path(const struct session *s, const char *name, char *out, size_t size)
{
    snprintf(out, size, "%s/artifacts/%s/%s", s->driver->data_dir, s->server_id, name);
}

static bool
same_content(struct env *env, const char *path, const void *data, size_t len)
{
    struct error ignored = {0};
    uint8_t *old = NULL;
    size_t old_len = 0;
    const bool same = env_read_file(env, path, ARTIFACT_BYTES_MAX, &old, &old_len, &ignored) &&
                      old_len == len && (len == 0 || memcmp(old, data, len) == 0);
    free(old);
    error_clear(&ignored);
    return same;
}

static bool
artifact_write(struct env *env, const char *path, const void *data, size_t len, struct error *err)
{
    char dir[4096];
    snprintf(dir, sizeof dir, "%s", path);
    *strrchr(dir, '/') = '\0';
    return env->ops->mkdirs(env, dir, err) && env_write_file_atomic(env, path, data, len, err);
}

/* Kinds of artifacts that nothing here could use. */
static bool
kind_is_known(const char *name, struct error *err)
{
    static const char *const unknown[][2] = {{"jars/", "jars as artifacts (there is no JVM here)"},
                                             {"classes/", "classes as artifacts (no JVM here)"},
                                             {"archives/", "archives as artifacts"}};
    for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++) {
        if (strncmp(name, unknown[i][0], strlen(unknown[i][0])) == 0) {
            return error_unsupported(err, "%s", unknown[i][1]);
        }
    }
    return true;
}

static bool
share_with_python(struct session *s, const char *name, const void *data, size_t len,
                  struct error *err)
{
    const bool python = strncmp(name, "pyfiles/", 8) == 0;
    if (!python && strncmp(name, "files/", 6) != 0) {
        return true;
    }
    char shared[1200], path[4096];
    snprintf(shared, sizeof shared, "root/%s", name + (python ? 8 : 6));
    artifact_path(s, shared, path, sizeof path);
    s->has_python_files = true;
    return artifact_write(s->driver->config.env, path, data, len, err);
}

bool
session_artifact_add(struct session *s, const char *name, const void *data, size_t len,
                     struct error *err)
{
    if (!name_is_safe(name)) {
        return error_raise(err, "INVALID_ARTIFACT_PATH", "name", name, NULL);
    }
    if (!kind_is_known(name, err)) {
        return false;
    }
    struct env *env = s->driver->config.env;
    char path[4096];
    artifact_path(s, name, path, sizeof path);
    struct env_stat st;
    struct error missing = {0};
    if (env->ops->stat(env, path, &st, &missing)) {
        return same_content(env, path, data, len) ||
               error_raise(err, "ARTIFACT_ALREADY_EXISTS", "normalizedRemoteRelativePath", name,
                           NULL);
    }
    error_clear(&missing);
    return artifact_write(env, path, data, len, err) && share_with_python(s, name, data, len, err);
}

struct include_names {
    struct arena *arena;
    const char **names;
    uint32_t count;
};

static void
take_include(void *ctx, const char *name, bool is_dir)
{
    struct include_names *n = ctx;
    if (!is_dir && n->count < SESSION_INCLUDES_MAX) {
        n->names[n->count++] = arena_strdup(n->arena, name);
    }
}

bool
session_python_files(struct session *s, struct arena *a, struct session_files *out,
                     struct error *err)
{
    *out = (struct session_files){0};
    if (!s->has_python_files) {
        return true;
    }
    struct include_names n = {a, arena_new_array(a, const char *, SESSION_INCLUDES_MAX), 0};
    struct env *env = s->driver->config.env;
    char path[4096];
    struct env_stat st;
    struct error missing = {0};
    artifact_path(s, "pyfiles", path, sizeof path);
    if (env->ops->stat(env, path, &st, &missing) &&
        !env->ops->list(env, path, take_include, &n, err)) {
        return false;
    }
    error_clear(&missing);
    artifact_path(s, "root", path, sizeof path);
    *out = (struct session_files){arena_strdup(a, path), n.names, n.count};
    return true;
}

bool
session_artifact_find(struct session *s, const char *name, char *path_out, size_t size)
{
    if (!name_is_safe(name)) {
        return false;
    }
    artifact_path(s, name, path_out, size);
    struct env *env = s->driver->config.env;
    struct env_stat st;
    struct error missing = {0};
    const bool found = env->ops->stat(env, path_out, &st, &missing);
    error_clear(&missing);
    return found && !st.is_dir;
}

void
session_artifacts_remove(struct session *s)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/artifacts/%s", s->driver->data_dir, s->server_id);
    struct error ignored = {0};
    env_remove_tree(s->driver->config.env, path, &ignored);
    error_clear(&ignored);
}
