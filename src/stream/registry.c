/*
 * The registry: which queries go on by themselves after a restart. One file a query,
 * <data>/streams/<id>.json, with the client's own command, the session's settings and the
 * checkpoint; gone when the query is stopped, has failed or is done.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/trace.h"
#include "stream/internal.h"

enum { FILE_BYTES_MAX = 256 << 20, RESUMED_MAX = 1000 };

static void
registry_path(const struct driver *d, const char *id, char *out, size_t size)
{
    snprintf(out, size, "%s/streams/%s.json", driver_config_of(d)->data_dir, id);
}

/* Hexadecimal: twice the size, nothing to get wrong. */
static char *
to_hex(struct bytes in)
{
    char *out = malloc(in.len * 2 + 1);
    if (out == NULL) {
        abort();
    }
    for (size_t i = 0; i < in.len; i++) {
        snprintf(out + i * 2, 3, "%02x", in.ptr[i]);
    }
    out[in.len * 2] = '\0';
    return out;
}

static int
hex_digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool
from_hex(const char *text, uint8_t *out, size_t *len)
{
    *len = strlen(text) / 2;
    for (size_t i = 0; i < *len; i++) {
        const int high = hex_digit(text[i * 2]), low = hex_digit(text[i * 2 + 1]);
        if (high < 0 || low < 0) {
            return false;
        }
        out[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

static void
conf_add(void *ctx, const char *key, const char *value)
{
    json_object_set_new(ctx, key, json_string(value));
}

bool
registry_put(struct stream_query *q, struct bytes command, struct error *err)
{
    struct driver *d = q->manager->driver;
    struct env *env = driver_env(d);
    char dir[4096], path[4096];
    snprintf(dir, sizeof dir, "%s/streams", driver_config_of(d)->data_dir);
    registry_path(d, q->id, path, sizeof path);
    char *hex = to_hex(command);
    json_t *conf = json_object();
    session_conf_each(q->session, NULL, conf_add, conf);
    json_t *root = json_pack("{s:s, s:s, s:s, s:s, s:s, s:o}", "id", q->id, "user",
                             session_user_id(q->session), "session", session_id(q->session),
                             "checkpoint", q->checkpoint_dir, "command", hex, "conf", conf);
    free(hex);
    char *text = root != NULL ? json_dumps(root, 0) : NULL;
    json_decref(root);
    const bool ok = text != NULL && env->ops->mkdirs(env, dir, err) &&
                    env_write_file_atomic(env, path, text, strlen(text), err);
    free(text);
    return ok || error_is_set(err) ||
           error_set(err, ERROR_INTERNAL, "the query does not become a registry entry");
}

void
registry_drop(struct stream_query *q)
{
    char path[4096];
    registry_path(q->manager->driver, q->id, path, sizeof path);
    struct env *env = driver_env(q->manager->driver);
    struct error ignored = {0};
    env->ops->unlink(env, path, &ignored);
    error_clear(&ignored);
}

struct names {
    char *items[RESUMED_MAX];
    uint32_t count;
};

static void
collect(void *ctx, const char *name, bool is_dir)
{
    struct names *names = ctx;
    const size_t len = strlen(name);
    if (!is_dir && len > 5 && strcmp(name + len - 5, ".json") == 0 && name[0] != '.' &&
        names->count < RESUMED_MAX) {
        names->items[names->count++] = strdup(name);
    }
}

static struct session *
session_again(struct driver *d, const json_t *root)
{
    const char *user = json_string_value(json_object_get(root, "user"));
    const char *id = json_string_value(json_object_get(root, "session"));
    if (user == NULL || id == NULL) {
        return NULL;
    }
    struct session *s = session_get(d, user, id, true);
    const char *key;
    json_t *value;
    json_object_foreach(json_object_get(root, "conf"), key, value)
    {
        struct error ignored = {0};
        if (s != NULL) {
            session_conf_set(s, key, json_string_value(value), &ignored);
        }
        error_clear(&ignored);
    }
    return s;
}

static bool
resume_one(struct stream_manager *m, const char *path, struct error *err)
{
    struct env *env = driver_env(m->driver);
    uint8_t *bytes = NULL;
    size_t len = 0;
    if (!env_read_file(env, path, FILE_BYTES_MAX, &bytes, &len, err)) {
        return false;
    }
    json_t *root = json_loadb((const char *)bytes, len, 0, NULL);
    free(bytes);
    const char *hex = json_string_value(json_object_get(root, "command"));
    struct session *s = hex != NULL ? session_again(m->driver, root) : NULL;
    if (s == NULL) {
        json_decref(root);
        return error_set(err, ERROR_SYSTEM, "%s is damaged", path);
    }
    struct arena arena;
    arena_init(&arena, NULL);
    struct bytes command = {arena_alloc(&arena, strlen(hex) / 2 + 1), 0};
    struct stream_start start = {0};
    bool ok = from_hex(hex, (uint8_t *)command.ptr, &command.len) &&
              m->planner(m->planner_ctx, s, &arena, command, &start, err);
    if (ok) {
        start.command = command;
        start.resumed = true;
        struct stream_query *q = stream_query_start(m, s, &start, err);
        ok = q != NULL;
        if (ok) {
            stream_query_release(q);
        }
    }
    arena_release(&arena);
    session_release(s);
    json_decref(root);
    return ok || error_is_set(err) || error_set(err, ERROR_SYSTEM, "%s is damaged", path);
}

bool
stream_resume_all(struct stream_manager *m, struct error *err)
{
    if (m->planner == NULL) {
        return true;
    }
    struct env *env = driver_env(m->driver);
    char dir[4096];
    snprintf(dir, sizeof dir, "%s/streams", driver_config_of(m->driver)->data_dir);
    struct names *names = calloc(1, sizeof *names);
    if (names == NULL) {
        abort();
    }
    if (!env->ops->mkdirs(env, dir, err) || !env->ops->list(env, dir, collect, names, err)) {
        free(names);
        return false;
    }
    for (uint32_t i = 0; i < names->count; i++) {
        char path[4400];
        snprintf(path, sizeof path, "%s/%s", dir, names->items[i]);
        struct error why = {0};
        if (!resume_one(m, path, &why)) {
            /* One query that cannot go on must not keep the others from it. */
            trace(TRACE_ERROR, "stream", "a streaming query does not resume (%s): %s", path,
                  error_text(&why));
        }
        error_clear(&why);
        free(names->items[i]);
    }
    free(names);
    return true;
}
