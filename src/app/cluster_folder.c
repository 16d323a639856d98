/* Making and growing the folder. Every step may be repeated after a crash. */
#include "app/cluster_folder.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <jansson.h>

#include "app/cluster.h"
#include "app/node.h"
#include "base/env.h"

/* Ports of etcd's members stay for the folder's life, so they come from below those that the system
 * gives to connections. */
enum { PORT_FIRST = 20000, PORT_LAST = 31999, VOTERS_SMALL = 3, VOTERS_LARGE = 5 };

static void
folder_path(char out[PATH_MAX + 32], const char *data_dir)
{
    snprintf(out, PATH_MAX + 32, "%s/cluster.json", data_dir);
}

void
cluster_folder_node(const char *data_dir, int id, char *out, size_t size)
{
    snprintf(out, size, "%s/node-%d", data_dir, id);
}

int
cluster_folder_size(const char *data_dir, struct error *err)
{
    char path[PATH_MAX + 32];
    folder_path(path, data_dir);
    uint8_t *bytes = NULL;
    size_t len = 0;
    struct error missing = {0};
    if (!env_read_file(&env_real, path, 1 << 16, &bytes, &len, &missing)) {
        if (missing.code == ENOENT || missing.code == ENOTDIR) {
            error_clear(&missing);
            return 0;
        }
        error_move(err, &missing);
        return -1;
    }
    json_t *root = json_loadb((const char *)bytes, len, 0, NULL);
    free(bytes);
    const json_int_t count = json_integer_value(json_object_get(root, "nodes"));
    json_decref(root);
    if (count < 1 || count > CLUSTER_NODES_MAX) {
        error_set(err, ERROR_SYSTEM, "%s is damaged", path);
        return -1;
    }
    return (int)count;
}

static int
port_choose(void)
{
    for (int tries = 0; tries < 1000; tries++) {
        const int port = PORT_FIRST + (int)(env_random(&env_real) % (PORT_LAST - PORT_FIRST + 1));
        struct sockaddr_in a = {.sin_family = AF_INET,
                                .sin_port = htons((uint16_t)port),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
        const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        const bool free_now = fd >= 0 && bind(fd, (struct sockaddr *)&a, sizeof a) == 0;
        if (fd >= 0) {
            close(fd);
        }
        if (free_now) {
            return port;
        }
    }
    return -1;
}

/* What belongs to the cluster and not to the node that was alone here. */
static bool
stays(const char *name)
{
    return strcmp(name, "lock") == 0 || strcmp(name, "version") == 0 ||
           strcmp(name, "cluster.json") == 0 || strcmp(name, "events.jsonl") == 0 ||
           strncmp(name, "node-", 5) == 0;
}

static bool
move_one(const char *data_dir, const char *node_dir, const char *name, struct error *err)
{
    char from[PATH_MAX + 300], to[PATH_MAX + 300], target[PATH_MAX];
    snprintf(from, sizeof from, "%s/%s", data_dir, name);
    snprintf(to, sizeof to, "%s/%s", node_dir, name);
    snprintf(target, sizeof target, "node-1/%s", name);
    struct stat st;
    if (lstat(from, &st) != 0 || S_ISLNK(st.st_mode)) {
        return true; /* moved before */
    }
    return env_real.ops->rename(&env_real, from, to, err) &&
           (symlink(target, from) == 0 || errno == EEXIST ||
            error_system(err, errno, "linking %s", from));
}

struct moving {
    const char *data_dir, *node_dir;
    struct error *err;
    bool ok;
};

static void
move_entry(void *ctx, const char *name, bool is_dir)
{
    struct moving *m = ctx;
    (void)is_dir;
    m->ok = m->ok && (stays(name) || move_one(m->data_dir, m->node_dir, name, m->err));
}

/* A crash between a rename and its link leaves an entry of node-1 without a link. */
static void
link_entry(void *ctx, const char *name, bool is_dir)
{
    struct moving *m = ctx;
    (void)is_dir;
    char link[PATH_MAX + 300], target[PATH_MAX];
    snprintf(link, sizeof link, "%s/%s", m->data_dir, name);
    snprintf(target, sizeof target, "node-1/%s", name);
    m->ok = m->ok && (stays(name) || symlink(target, link) == 0 || errno == EEXIST);
}

static bool
adopt_alone(const char *data_dir, struct error *err)
{
    char node_dir[PATH_MAX], log[PATH_MAX + 16], moved[PATH_MAX + 16];
    cluster_folder_node(data_dir, 1, node_dir, sizeof node_dir);
    snprintf(log, sizeof log, "%s/log", data_dir);
    snprintf(moved, sizeof moved, "%s/log", node_dir);
    if (access(log, F_OK) != 0 && access(moved, F_OK) != 0) {
        return true; /* nobody lived here */
    }
    struct moving m = {.data_dir = data_dir, .node_dir = node_dir, .err = err, .ok = true};
    return env_real.ops->list(&env_real, data_dir, move_entry, &m, err) && m.ok &&
           env_real.ops->list(&env_real, node_dir, link_entry, &m, err) &&
           (m.ok || error_set(err, ERROR_SYSTEM, "cannot link %s into %s", data_dir, node_dir));
}

/* Identity and ports of all nodes; those that exist keep theirs. */
static bool
nodes_plan(const char *data_dir, int have, int count, struct node *nodes, struct error *err)
{
    const int voters = count >= VOTERS_LARGE ? VOTERS_LARGE : VOTERS_SMALL;
    for (int i = 0; i < count; i++) {
        struct node *n = &nodes[i];
        if (i < have) {
            char dir[PATH_MAX];
            cluster_folder_node(data_dir, i + 1, dir, sizeof dir);
            if (!node_read(n, dir, err)) {
                return false;
            }
            continue;
        }
        *n = (struct node){.id = (uint32_t)i + 1, .host = "127.0.0.1"};
        snprintf(n->name, sizeof n->name, "n%d", i + 1);
        env_uuid(&env_real, n->disk_id);
        if (have == 0 && i < voters) {
            const int client = port_choose(), peer = port_choose();
            if (client < 0 || peer < 0) {
                return error_set(err, ERROR_SYSTEM, "no free ports for etcd");
            }
            snprintf(n->voter.client, sizeof n->voter.client, "127.0.0.1:%d", client);
            snprintf(n->voter.peer, sizeof n->voter.peer, "127.0.0.1:%d", peer);
        }
    }
    if (have > 0) {
        for (int i = have; i < count; i++) {
            memcpy(nodes[i].cluster_id, nodes[0].cluster_id, sizeof nodes[i].cluster_id);
            memcpy(nodes[i].secret, nodes[0].secret, sizeof nodes[i].secret);
            memcpy(nodes[i].etcd, nodes[0].etcd, sizeof nodes[i].etcd);
        }
        return true;
    }
    char cluster_id[37], secret[NODE_SECRET_TEXT], members[1024] = "", etcd[512] = "";
    env_uuid(&env_real, cluster_id);
    node_secret_make(secret);
    for (int i = 0; i < count && i < voters; i++) {
        const size_t m = strlen(members), e = strlen(etcd);
        snprintf(members + m, sizeof members - m, "%s%s=http://%s", i > 0 ? "," : "", nodes[i].name,
                 nodes[i].voter.peer);
        snprintf(etcd + e, sizeof etcd - e, "%s%s", i > 0 ? "," : "", nodes[i].voter.client);
    }
    for (int i = 0; i < count; i++) {
        snprintf(nodes[i].cluster_id, sizeof nodes[i].cluster_id, "%s", cluster_id);
        snprintf(nodes[i].secret, sizeof nodes[i].secret, "%s", secret);
        snprintf(nodes[i].etcd, sizeof nodes[i].etcd, "%s", etcd);
        if (i < voters) {
            snprintf(nodes[i].voter.members, sizeof nodes[i].voter.members, "%s", members);
        }
    }
    return true;
}

bool
cluster_folder_make(const char *data_dir, int count, struct error *err)
{
    struct node *nodes = calloc((size_t)count, sizeof *nodes);
    const int have = cluster_folder_size(data_dir, err);
    if (nodes == NULL || have < 0) {
        free(nodes);
        return nodes != NULL || error_system(err, ENOMEM, "making nodes");
    }
    bool ok = have >= count || nodes_plan(data_dir, have, count, nodes, err);
    for (int i = have; ok && i < count; i++) {
        char dir[PATH_MAX];
        cluster_folder_node(data_dir, i + 1, dir, sizeof dir);
        ok = env_real.ops->mkdirs(&env_real, dir, err) && node_write(&nodes[i], dir, err);
    }
    ok = ok && (have > 0 || adopt_alone(data_dir, err));
    if (ok && have < count) {
        char path[PATH_MAX + 32], text[128];
        folder_path(path, data_dir);
        const int len = snprintf(text, sizeof text, "{\"cluster\":\"%s\",\"nodes\":%d}\n",
                                 nodes[0].cluster_id, count);
        ok = env_write_file_atomic(&env_real, path, text, (size_t)len, err);
    }
    free(nodes);
    return ok;
}
