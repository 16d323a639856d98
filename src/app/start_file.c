/* The children's start file: written by one version of this program for itself. */
#include "app/start_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/env.h"

bool
start_file_write(const struct start_facts *f, const char *path, struct error *err)
{
    json_t *frames = json_array(), *memory = json_array();
    for (int i = 0; i < CHILD_COUNT; i++) {
        json_array_append_new(frames, json_string(f->frames[i]));
        json_array_append_new(memory, json_integer((json_int_t)f->memory[i]));
    }
    json_t *root =
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:i, s:o, s:o}", "data", f->data_dir,
                  "run", f->run_dir, "connect", f->connect, "kafka", f->kafka, "web", f->web,
                  "supervisor", f->supervisor, "token", f->token, "python", f->python, "threads",
                  (int)f->threads, "frames", frames, "memory", memory);
    char *text = root != NULL ? json_dumps(root, 0) : NULL;
    json_decref(root);
    if (text == NULL) {
        return error_set(err, ERROR_ARGUMENT, "an address or path is not valid UTF-8");
    }
    const bool ok = env_write_file_atomic(&env_real, path, text, strlen(text), err);
    free(text);
    return ok;
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
    take(root, "supervisor", f->supervisor, sizeof f->supervisor);
    take(root, "token", f->token, sizeof f->token);
    take(root, "python", f->python, sizeof f->python);
    f->threads = (uint32_t)json_integer_value(json_object_get(root, "threads"));
    for (int i = 0; i < CHILD_COUNT; i++) {
        const json_t *frames = json_object_get(root, "frames");
        const json_t *memory = json_object_get(root, "memory");
        const char *frame = json_string_value(json_array_get(frames, (size_t)i));
        snprintf(f->frames[i], sizeof f->frames[i], "%s", frame != NULL ? frame : "");
        f->memory[i] = (uint64_t)json_integer_value(json_array_get(memory, (size_t)i));
    }
    json_decref(root);
    return true;
}
