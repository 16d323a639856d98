/* `weir node`: the nodes of the cluster that runs here. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <jansson.h>

#include "app/commands.h"
#include "app/join.h"
#include "app/place.h"
#include "app/supervisor.h"
#include "base/env.h"
#include "control/member_record.h"
#include "net/frame.h"
#include "sched/wire.h"

static const char usage[] = "usage: weir node list\n"
                            "       weir node start|stop|kill NAME\n"
                            "       weir node drain NAME [--undo]\n"
                            "       weir node remove NAME\n"
                            "       weir node token\n"
                            "       weir node --join HOST:PORT --token TOKEN [flags of weir up]\n";

enum { START_WAIT_MS = 60000 };

static json_t *
running_facts(void)
{
    struct buffer json = {0};
    json_t *root = NULL;
    if (place_find_running(&json)) {
        root = json_loadb((const char *)json.ptr, json.len, 0, NULL);
    }
    buffer_release(&json);
    if (root == NULL) {
        fprintf(stderr, "no weir runs here (weir up --nodes 3 starts three nodes)\n");
    }
    return root;
}

static const char *
text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text != NULL ? text : "";
}

static int
fail(struct error *err)
{
    fprintf(stderr, "weir node: %s\n", error_text(err));
    const int status = err->kind == ERROR_UNAVAILABLE ? EXIT_UNREACHABLE : EXIT_FAILED;
    error_clear(err);
    return status;
}

/* The cluster's own facts. NULL when it is a node alone, or with err. */
static struct control *
open_control(const json_t *root, struct error *err)
{
    const char *etcd = text_of(root, "etcd");
    if (etcd[0] == '\0') {
        return NULL;
    }
    char prefix[80];
    snprintf(prefix, sizeof prefix, "weir/%s/", text_of(root, "cluster"));
    return control_open_etcd(
        &env_real,
        &(struct control_etcd_config){.endpoints = etcd, .prefix = prefix, .timeout_ms = 5000},
        err);
}

/* --- list --------------------------------------------------------------------------------------
 */

struct listed_node {
    struct member member;
    bool known, up, draining, decides;
};

struct listing {
    struct listed_node nodes[MEMBERS_MAX];
    size_t count;
};

static struct listed_node *
listed(struct listing *l, uint32_t id)
{
    for (size_t i = 0; i < l->count; i++) {
        if (l->nodes[i].member.id == id) {
            return &l->nodes[i];
        }
    }
    if (l->count == MEMBERS_MAX) {
        return NULL;
    }
    l->nodes[l->count] = (struct listed_node){.member.id = id};
    return &l->nodes[l->count++];
}

static void
take_key(void *ctx, const char *key, struct bytes value, uint64_t version)
{
    struct listing *l = ctx;
    (void)version;
    uint32_t id = 0;
    int used = 0;
    if (sscanf(key, "known/%" SCNu32 "%n", &id, &used) != 1 &&
        sscanf(key, "node/%" SCNu32 "%n", &id, &used) != 1) {
        return;
    }
    struct listed_node *n = listed(l, id);
    if (n == NULL) {
        return;
    }
    if (strcmp(key + used, "/drain") == 0) {
        n->draining = true;
    } else if (key[used] == '\0' && member_record_read(value, &n->member)) {
        n->known = true;
        n->up |= strncmp(key, "node/", 5) == 0;
    }
}

static bool
read_listing(struct control *c, struct listing *l, struct error *err)
{
    struct buffer value = {0};
    uint64_t version;
    const bool ok = control_list(c, "known/", take_key, l, err) &&
                    control_list(c, "node/", take_key, l, err) &&
                    control_get(c, "controller", &value, &version, err);
    uint32_t id;
    if (ok && sscanf(buffer_text(&value), "%" SCNu32, &id) == 1) {
        for (size_t i = 0; i < l->count; i++) {
            l->nodes[i].decides = l->nodes[i].member.id == id;
        }
    }
    buffer_release(&value);
    return ok;
}

static int
node_list(const json_t *root)
{
    struct error err = {0};
    struct control *c = open_control(root, &err);
    if (error_is_set(&err)) {
        return fail(&err);
    }
    printf("%-8s %-10s %-12s %-24s %-22s %s\n", "NODE", "STATE", "INCARNATION", "CONNECT", "KAFKA",
           "WEB");
    if (c == NULL) {
        printf("%-8s %-10s %-12s %-24s %-22s %s\n", "n1", "alone", "-", text_of(root, "connect"),
               text_of(root, "kafka"), text_of(root, "web"));
        return EXIT_DONE;
    }
    struct listing l = {0};
    const bool ok = read_listing(c, &l, &err);
    for (size_t i = 0; ok && i < l.count; i++) {
        const struct listed_node *n = &l.nodes[i];
        if (!n->known) {
            continue;
        }
        char state[32];
        snprintf(state, sizeof state, "%s%s",
                 !n->up        ? "down"
                 : n->draining ? "draining"
                               : "up",
                 n->decides ? " *" : "");
        printf("%-8s %-10s %-12" PRIu64 " sc://%-19s %-22s http://%s\n", n->member.name, state,
               n->member.incarnation, n->member.connect, n->member.kafka, n->member.web);
    }
    if (ok) {
        printf("* decides who leads\n");
    }
    control_close(c);
    return ok ? EXIT_DONE : fail(&err);
}

/* --- drain and remove --------------------------------------------------------------------------
 */

static struct listed_node *
find_named(struct listing *l, const char *name)
{
    for (size_t i = 0; i < l->count; i++) {
        if (l->nodes[i].known && strcmp(l->nodes[i].member.name, name) == 0) {
            return &l->nodes[i];
        }
    }
    return NULL;
}

static bool
mark_drain(struct control *c, const struct listed_node *n, bool draining, struct error *err)
{
    char key[64];
    uint64_t version;
    snprintf(key, sizeof key, "node/%" PRIu32 "/drain", n->member.id);
    if (!control_get(c, key, NULL, &version, err)) {
        return false;
    }
    if ((version != 0) == draining) {
        return true;
    }
    const struct control_change change = {
        .key = key, .version_expected = version, .value = draining ? "1" : NULL, .len = 1};
    return control_apply(c, &change, 1, NULL, err);
}

/* Its number is never given again; what it registers from now on is refused. */
static bool
mark_removed(struct control *c, const struct listed_node *n, struct error *err)
{
    char known[64], removed[64], node[64];
    uint64_t known_version, removed_version, node_version;
    snprintf(known, sizeof known, "known/%" PRIu32, n->member.id);
    snprintf(removed, sizeof removed, "removed/%" PRIu32, n->member.id);
    snprintf(node, sizeof node, "node/%" PRIu32, n->member.id);
    if (!control_get(c, known, NULL, &known_version, err) ||
        !control_get(c, removed, NULL, &removed_version, err) ||
        !control_get(c, node, NULL, &node_version, err)) {
        return false;
    }
    if (node_version != 0) {
        return error_set(err, ERROR_ARGUMENT,
                         "%s is up: drain it, end it (weir node stop %s), then remove it",
                         n->member.name, n->member.name);
    }
    const struct control_change changes[] = {
        {.key = removed, .version_expected = removed_version, .value = "1", .len = 1},
        {.key = known, .version_expected = known_version},
        {.key = node, .check_only = true},
    };
    return control_apply(c, changes, 3, NULL, err) && mark_drain(c, n, false, err);
}

static int
node_mark(const json_t *root, const char *action, const char *name, bool undo)
{
    struct error err = {0};
    struct listing l = {0};
    struct control *c = open_control(root, &err);
    if (c == NULL) {
        return error_is_set(&err) || error_set(&err, ERROR_ARGUMENT, "one node alone runs here")
                   ? fail(&err)
                   : fail(&err);
    }
    const struct listed_node *n = NULL;
    bool ok = read_listing(c, &l, &err);
    if (ok && (n = find_named(&l, name)) == NULL) {
        ok = error_set(&err, ERROR_ARGUMENT, "there is no node %s (weir node list)", name);
    }
    if (ok) {
        ok =
            strcmp(action, "drain") == 0 ? mark_drain(c, n, !undo, &err) : mark_removed(c, n, &err);
    }
    control_close(c);
    return ok ? EXIT_DONE : fail(&err);
}

/* --- start, stop, kill: the parent does them ---------------------------------------------------
 */

static bool
has_state(struct frame_client *client, const char *name, const char *const states[2],
          struct error *err)
{
    struct buffer reply = {0};
    bool is = false;
    if (frame_call(client, WIRE_PROCESS_LIST, NULL, 0, &reply, 5000, err)) {
        json_t *root = json_loadb((const char *)reply.ptr, reply.len, 0, NULL);
        size_t i;
        json_t *node;
        json_array_foreach(json_object_get(root, "nodes"), i, node)
        {
            is |= strcmp(text_of(node, "name"), name) == 0 &&
                  (strcmp(text_of(node, "state"), states[0]) == 0 ||
                   strcmp(text_of(node, "state"), states[1]) == 0);
        }
        json_decref(root);
    }
    buffer_release(&reply);
    return is;
}

static int
node_change(const json_t *root, const char *action, const char *name)
{
    static const char *const up[2] = {"running", "running"}, *const down[2] = {"stopped", "dead"};
    char address[PATH_MAX + 32];
    snprintf(address, sizeof address, "unix:%s/supervisor.sock", text_of(root, "run"));
    struct frame_client *client = frame_client_new(address);
    struct error err = {0};
    struct buffer request = {0}, reply = {0};
    if (json_object_get(root, "etcd") == NULL) {
        frame_client_free(client);
        error_set(&err, ERROR_ARGUMENT, "one node alone runs here (weir up --nodes 3)");
        return fail(&err);
    }
    buffer_lentext(&request, action);
    buffer_lentext(&request, name);
    bool ok = frame_call(client, WIRE_NODE_CHANGE, request.ptr, request.len, &reply, 5000, &err);
    const bool starts = strcmp(action, "start") == 0;
    const int64_t deadline_ms = env_mono_ms(&env_real) + START_WAIT_MS;
    /* A start that fails is down again at once, so both ends of the wait are looked for. */
    while (ok && !has_state(client, name, starts ? up : down, &err)) {
        ok = !error_is_set(&err) && (env_mono_ms(&env_real) < deadline_ms ||
                                     error_set(&err, ERROR_UNAVAILABLE, "%s takes too long", name));
        nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
    }
    buffer_release(&request);
    buffer_release(&reply);
    frame_client_free(client);
    return ok ? EXIT_DONE : fail(&err);
}

static int
node_token(const json_t *root)
{
    struct error err = {0};
    struct buffer reply = {0};
    if (json_object_get(root, "etcd") == NULL) {
        error_set(&err, ERROR_ARGUMENT, "one node alone runs here (weir up --nodes 3)");
        return fail(&err);
    }
    char address[PATH_MAX + 32];
    snprintf(address, sizeof address, "unix:%s/supervisor.sock", text_of(root, "run"));
    struct frame_client *client = frame_client_new(address);
    const bool ok = frame_call(client, WIRE_NODE_TOKEN, NULL, 0, &reply, 5000, &err);
    frame_client_free(client);
    struct reader in;
    reader_init(&in, (struct bytes){reply.ptr, reply.len});
    const struct bytes where = reader_lenbytes(&in), token = reader_lenbytes(&in);
    if (ok) {
        printf("weir node --join %.*s --token %.*s\n", (int)where.len, (const char *)where.ptr,
               (int)token.len, (const char *)token.ptr);
    }
    buffer_release(&reply);
    return ok ? EXIT_DONE : fail(&err);
}

/* Makes the data folder one of the cluster's, then runs it. */
static bool
join_folder(const char *data_dir, const char *address, const char *token, struct error *err)
{
    char log[PATH_MAX + 16], dir[PATH_MAX];
    struct node n;
    place_data_dir(data_dir, dir, sizeof dir);
    if (!env_real.ops->mkdirs(&env_real, dir, err) || !node_read(&n, dir, err)) {
        return false;
    }
    snprintf(log, sizeof log, "%s/log", dir);
    if (n.id > 0) {
        return error_set(err, ERROR_ARGUMENT, "%s is node %s of a cluster: weir up --data %s", dir,
                         n.name, dir);
    }
    if (access(log, F_OK) == 0) {
        return error_set(err, ERROR_ARGUMENT,
                         "%s has data of a node alone: a new node needs a folder of its own "
                         "(--data DIR)",
                         dir);
    }
    if (!join_cluster(address, token, &n, err)) {
        return false;
    }
    env_uuid(&env_real, n.disk_id);
    return node_write(&n, dir, err);
}

/* A flag of ours with its value, taken out of the arguments. */
static const char *
take_flag(int *argc, char **argv, const char *name)
{
    for (int i = 0; i + 1 < *argc; i++) {
        if (strcmp(argv[i], name) == 0) {
            const char *value = argv[i + 1];
            memmove(&argv[i], &argv[i + 2], (size_t)(*argc - i - 2) * sizeof *argv);
            *argc -= 2;
            return value;
        }
    }
    return NULL;
}

static int
node_join(int argc, char **argv)
{
    const char *address = take_flag(&argc, argv, "--join");
    const char *token = take_flag(&argc, argv, "--token");
    if (address == NULL || token == NULL) {
        fputs(usage, stderr);
        return EXIT_USAGE;
    }
    struct program_options options;
    struct error err = {0};
    if (!options_init(&options, &err)) {
        return fail(&err);
    }
    int status;
    if (!options_take_flags(&options, &argc, argv, &err) || argc > 0 ||
        option_true(&options, OPTION_EPHEMERAL)) {
        fprintf(stderr, "weir node --join: %s\n",
                error_is_set(&err) ? error_text(&err)
                                   : "a joined node keeps its data (--data DIR)");
        error_clear(&err);
        status = EXIT_USAGE;
    } else if (!join_folder(option_text(&options, OPTION_DATA), address, token, &err)) {
        status = fail(&err);
    } else {
        status = supervisor_run(&options);
    }
    options_release(&options);
    return status;
}

int
command_node(int argc, char **argv)
{
    for (int i = 0; i < argc; i++) {
        if (strcmp(argv[i], "--join") == 0) {
            return node_join(argc, argv);
        }
    }
    const char *action = argc > 0 ? argv[0] : "";
    const bool list = argc == 1 && strcmp(action, "list") == 0;
    const bool wants_token = argc == 1 && strcmp(action, "token") == 0;
    const bool change = argc == 2 && (strcmp(action, "start") == 0 || strcmp(action, "stop") == 0 ||
                                      strcmp(action, "kill") == 0);
    const bool undo = argc == 3 && strcmp(argv[2], "--undo") == 0;
    const bool mark = (strcmp(action, "drain") == 0 && (argc == 2 || undo)) ||
                      (strcmp(action, "remove") == 0 && argc == 2);
    if (!list && !wants_token && !change && !mark) {
        fputs(usage, stderr);
        return EXIT_USAGE;
    }
    json_t *root = running_facts();
    if (root == NULL) {
        return EXIT_UNREACHABLE;
    }
    const int status = list          ? node_list(root)
                       : wants_token ? node_token(root)
                       : change      ? node_change(root, action, argv[1])
                                     : node_mark(root, action, argv[1], undo);
    json_decref(root);
    return status;
}
