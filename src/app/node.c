/* node.json: read and written whole. */
#include "app/node.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <jansson.h>

#include "base/env.h"

static void
node_path(char out[PATH_MAX + 16], const char *data_dir)
{
    snprintf(out, PATH_MAX + 16, "%s/node.json", data_dir);
}

static bool
take(const json_t *root, const char *key, char *out, size_t size)
{
    const char *text = json_string_value(json_object_get(root, key));
    snprintf(out, size, "%s", text != NULL ? text : "");
    return text != NULL && strlen(text) < size;
}

bool
node_read(struct node *n, const char *data_dir, struct error *err)
{
    *n = (struct node){0};
    char path[PATH_MAX + 16];
    node_path(path, data_dir);
    uint8_t *bytes = NULL;
    size_t len = 0;
    struct error missing = {0};
    if (!env_read_file(&env_real, path, 1 << 16, &bytes, &len, &missing)) {
        if (missing.code != ENOENT) {
            error_move(err, &missing);
            return false;
        }
        error_clear(&missing);
        return true;
    }
    json_t *root = json_loadb((const char *)bytes, len, 0, NULL);
    free(bytes);
    const json_t *voter = json_object_get(root, "voter");
    const json_int_t id = json_integer_value(json_object_get(root, "id"));
    n->id = id > 0 && id <= UINT32_MAX ? (uint32_t)id : 0;
    const bool ok = n->id > 0 && take(root, "name", n->name, sizeof n->name) &&
                    take(root, "cluster", n->cluster_id, sizeof n->cluster_id) &&
                    take(root, "disk", n->disk_id, sizeof n->disk_id) &&
                    take(root, "secret", n->secret, sizeof n->secret) &&
                    take(root, "host", n->host, sizeof n->host) &&
                    take(root, "etcd", n->etcd, sizeof n->etcd);
    take(voter, "client", n->voter.client, sizeof n->voter.client);
    take(voter, "peer", n->voter.peer, sizeof n->voter.peer);
    take(voter, "members", n->voter.members, sizeof n->voter.members);
    n->voter.existing = json_is_true(json_object_get(voter, "existing"));
    json_decref(root);
    return ok ||
           error_set(err, ERROR_SYSTEM, "%s is damaged: it says which node this folder is", path);
}

bool
node_write(const struct node *n, const char *data_dir, struct error *err)
{
    json_t *root = json_pack("{s:i, s:s, s:s, s:s, s:s, s:s, s:s}", "id", (int)n->id, "name",
                             n->name, "cluster", n->cluster_id, "disk", n->disk_id, "secret",
                             n->secret, "host", n->host, "etcd", n->etcd);
    if (root != NULL && n->voter.client[0] != '\0') {
        json_object_set_new(root, "voter",
                            json_pack("{s:s, s:s, s:s, s:b}", "client", n->voter.client, "peer",
                                      n->voter.peer, "members", n->voter.members, "existing",
                                      n->voter.existing ? 1 : 0));
    }
    char *text = root != NULL ? json_dumps(root, JSON_INDENT(1)) : NULL;
    json_decref(root);
    if (text == NULL) {
        return error_set(err, ERROR_ARGUMENT, "a node's name or address is not valid UTF-8");
    }
    char path[PATH_MAX + 16];
    node_path(path, data_dir);
    const mode_t before = umask(077); /* the secret stands in it */
    const bool ok = env_write_file_atomic(&env_real, path, text, strlen(text), err);
    umask(before);
    free(text);
    return ok;
}

void
node_secret_make(char out[NODE_SECRET_TEXT])
{
    for (int i = 0; i < 4; i++) {
        snprintf(out + i * 16, 17, "%016llx", (unsigned long long)env_random(&env_real));
    }
}
