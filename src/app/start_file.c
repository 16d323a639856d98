/* The children's start file: written by one version of this program for itself. */
#include "app/start_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/env.h"
#include "control/members.h"

bool
start_file_write(const struct start_facts *f, const char *path, struct error *err)
{
    json_t *frames = json_array(), *memory = json_array(), *peers = json_array();
    for (int i = 0; i < CHILD_COUNT; i++) {
        json_array_append_new(frames, json_string(f->frames[i]));
        json_array_append_new(memory, json_integer((json_int_t)f->memory[i]));
        json_array_append_new(peers, json_string(f->peers[i]));
    }
    json_t *node = json_pack("{s:i, s:s, s:s, s:s, s:s, s:s, s:o}", "id", (int)f->node_id, "name",
                             f->node_name, "cluster", f->cluster_id, "disk", f->disk_id, "etcd",
                             f->etcd, "secret", f->secret, "peers", peers);
    json_t *root =
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:i, s:i, s:o, s:o, s:o}", "data",
                  f->data_dir, "run", f->run_dir, "connect", f->connect, "kafka", f->kafka, "web",
                  f->web, "webhdfs", f->webhdfs, "supervisor", f->supervisor, "token", f->token,
                  "python", f->python, "threads", (int)f->threads, "workers", (int)f->workers,
                  "frames", frames, "memory", memory, "node", node);
    char *text = root != NULL ? json_dumps(root, 0) : NULL;
    json_decref(root);
    if (text == NULL) {
        return error_set(err, ERROR_ARGUMENT, "an address or path is not valid UTF-8");
    }
    const bool ok = env_write_file_atomic(&env_real, path, text, strlen(text), err);
    free(text);
    return ok;
}

void
start_facts_member(const struct start_facts *f, struct member *out)
{
    *out = (struct member){
        .id = f->node_id, .cores = f->threads, .memory_bytes = f->memory[CHILD_WORKER]};
    snprintf(out->name, sizeof out->name, "%s", f->node_name);
    snprintf(out->disk_id, sizeof out->disk_id, "%s", f->disk_id);
    snprintf(out->connect, sizeof out->connect, "%s", f->connect);
    snprintf(out->kafka, sizeof out->kafka, "%s", f->kafka);
    snprintf(out->web, sizeof out->web, "%s", f->web);
    snprintf(out->webhdfs, sizeof out->webhdfs, "%s", f->webhdfs);
    static const enum child_role faces[MEMBER_FACES] = {
        [MEMBER_STORE] = CHILD_STORE, [MEMBER_WORKER] = CHILD_WORKER, [MEMBER_FRONT] = CHILD_FRONT};
    for (size_t i = 0; i < MEMBER_FACES; i++) {
        snprintf(out->peers[i], sizeof out->peers[i], "%s", f->peers[faces[i]]);
    }
}

static void
take(const json_t *root, const char *key, char *out, size_t size)
{
    const char *text = json_string_value(json_object_get(root, key));
    snprintf(out, size, "%s", text != NULL ? text : "");
}

bool
start_file_read(struct start_facts *f, const char *path, struct error *err)
{
    *f = (struct start_facts){0};
    uint8_t *bytes = NULL;
    size_t len = 0;
    if (!env_read_file(&env_real, path, 1 << 20, &bytes, &len, err)) {
        return false;
    }
    json_t *root = json_loadb((const char *)bytes, len, 0, NULL);
    free(bytes);
    if (root == NULL) {
        return error_set(err, ERROR_SYSTEM, "%s is not JSON", path);
    }
    take(root, "data", f->data_dir, sizeof f->data_dir);
    take(root, "run", f->run_dir, sizeof f->run_dir);
    take(root, "connect", f->connect, sizeof f->connect);
    take(root, "kafka", f->kafka, sizeof f->kafka);
    take(root, "web", f->web, sizeof f->web);
    take(root, "webhdfs", f->webhdfs, sizeof f->webhdfs);
    take(root, "supervisor", f->supervisor, sizeof f->supervisor);
    take(root, "token", f->token, sizeof f->token);
    take(root, "python", f->python, sizeof f->python);
    f->threads = (uint32_t)json_integer_value(json_object_get(root, "threads"));
    const json_t *node = json_object_get(root, "node");
    f->node_id = (uint32_t)json_integer_value(json_object_get(node, "id"));
    take(node, "name", f->node_name, sizeof f->node_name);
    take(node, "cluster", f->cluster_id, sizeof f->cluster_id);
    take(node, "disk", f->disk_id, sizeof f->disk_id);
    take(node, "etcd", f->etcd, sizeof f->etcd);
    take(node, "secret", f->secret, sizeof f->secret);
    f->workers = (uint32_t)json_integer_value(json_object_get(root, "workers"));
    for (int i = 0; i < CHILD_COUNT; i++) {
        const json_t *frames = json_object_get(root, "frames");
        const json_t *memory = json_object_get(root, "memory");
        const char *frame = json_string_value(json_array_get(frames, (size_t)i));
        snprintf(f->frames[i], sizeof f->frames[i], "%s", frame != NULL ? frame : "");
        f->memory[i] = (uint64_t)json_integer_value(json_array_get(memory, (size_t)i));
        const json_t *peers = json_object_get(node, "peers");
        const char *peer = json_string_value(json_array_get(peers, (size_t)i));
        snprintf(f->peers[i], sizeof f->peers[i], "%s", peer != NULL ? peer : "");
    }
    json_decref(root);
    return true;
}
