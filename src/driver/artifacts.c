/*
 * Artifacts: what a client uploads for its session (files/, pyfiles/, archives/, cache/<hash>),
 * kept below artifacts/<server session id>/ until the session ends.
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

bool
session_artifact_add(struct session *s, const char *name, const void *data, size_t len,
                     struct error *err)
{
    if (!name_is_safe(name)) {
        return error_raise(err, "INVALID_ARTIFACT_PATH", "name", name, NULL);
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
    char dir[4096];
    snprintf(dir, sizeof dir, "%s", path);
    *strrchr(dir, '/') = '\0';
    return env->ops->mkdirs(env, dir, err) && env_write_file_atomic(env, path, data, len, err);
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
