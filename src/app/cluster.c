/*
 * The parent of several nodes: their lives, and one ready file made of theirs.
 *
 * The main thread waits for signals and forks; the loop thread answers frames and leaves wishes in
 * the table, which one lock guards.
 */
#include "app/cluster.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <jansson.h>

#include "app/cluster_folder.h"
#include "app/etcd_child.h"
#include "app/events.h"
#include "app/join.h"
#include "app/place.h"
#include "app/supervisor.h"
#include "base/env.h"
#include "base/thread.h"
#include "base/trace.h"
#include "control/control.h"
#include "net/frame.h"
#include "sched/wire.h"

enum {
    READY_MS = 90000,
    STOP_MS = 1900,
    TICK_MS = 200,
    JOINED_FIRST = 100,
    LOG_TICKS = 50,
    PORT_STEP = 10, /* between the ports of nodes, when they are not 0 */
};

enum node_wish { WISH_NONE = 0, WISH_START, WISH_STOP, WISH_KILL };

struct cluster_node {
    int id;
    char name[16];
    char dir[PATH_MAX];
    char ready_path[PATH_MAX + 32];
    pid_t pid;             /* 0: not running */
    struct timespec ready; /* of its ready file, as it was read */
    json_t *facts;         /* its ready file; NULL before it is ready */
    bool stopped;          /* somebody wanted its end */
    enum node_wish wish;
    int64_t wished_ms;
};

struct cluster {
    const struct program_options *options;
    struct place place;
    struct log_file log; /* with --detach, of all nodes */
    struct events *events;
    int count;
    struct cluster_node nodes[CLUSTER_NODES_MAX];
    pthread_mutex_t lock; /* guards the nodes */
    double ready_ms;
    int64_t begin_ns;
    struct loop *loop;
    pthread_t loop_thread;
    struct frame_server *server;
    bool has_loop;
    char socket[PATH_MAX];
    /* The loop's: */
    struct frame_server *join_server; /* from the first token on */
    char join_address[128];
    struct join_tokens tokens;
};

int
cluster_size(const struct program_options *options, struct error *err)
{
    const char *text = option_text(options, OPTION_NODES);
    char data_dir[PATH_MAX];
    int have = 0;
    if (!option_true(options, OPTION_EPHEMERAL) &&
        place_data_dir(option_text(options, OPTION_DATA), data_dir, sizeof data_dir)) {
        have = cluster_folder_size(data_dir, err);
        if (have < 0) {
            return 0;
        }
    }
    if (text[0] == '\0') {
        return have > 0 ? have : 1;
    }
    char *end;
    const long wanted = strtol(text, &end, 10);
    if (*end != '\0' || wanted < 1 || wanted > CLUSTER_NODES_MAX) {
        error_set(err, ERROR_ARGUMENT, "--nodes must be 1 or from 3 to %d", CLUSTER_NODES_MAX);
        return 0;
    }
    if (wanted == 2) {
        error_set(err, ERROR_ARGUMENT,
                  "--nodes 2 would be no safer than 1: when two nodes lose each other, neither can "
                  "know which of them is cut off. Use 3");
        return 0;
    }
    if (wanted < have) {
        error_set(err, ERROR_ARGUMENT,
                  "%s has %d nodes; fewer are not started, since data may lie on each of them "
                  "(weir node stop NAME ends one)",
                  data_dir, have);
        return 0;
    }
    return (int)wanted;
}

/* --- one node's process ------------------------------------------------------------------------
 */

struct node_flags {
    char connect[160], kafka[160], web[160], webhdfs[176], memory[40], cores[16];
};

/* The n-th node's address: the same host, and a port PORT_STEP further for each. */
static void
node_address(const char *first, int id, char *out, size_t size)
{
    const char *colon = strrchr(first, ':');
    if (colon == NULL) {
        snprintf(out, size, "%s", first); /* "off" */
        return;
    }
    const int port = atoi(colon + 1);
    snprintf(out, size, "%.*s:%d", (int)(colon - first), first,
             port == 0 ? 0 : port + (id - 1) * PORT_STEP);
}

/* Memory and cores of this computer are shared among the nodes. */
static bool
node_share(const struct cluster *c, struct node_flags *f, struct error *err)
{
    const char *memory = option_text(c->options, OPTION_MEMORY);
    const char *cores = option_text(c->options, OPTION_CORES);
    uint64_t total = memory_usable_bytes() / 10 * 6;
    if (memory[0] != '\0' && !option_bytes(memory, &total, err)) {
        return false;
    }
    const uint64_t each = total / (uint64_t)c->count;
    const unsigned threads = cores[0] != '\0' ? (unsigned)atoi(cores) : thread_usable_cores();
    const unsigned share = threads / (unsigned)c->count;
    snprintf(f->memory, sizeof f->memory, "%llu", (unsigned long long)each);
    snprintf(f->cores, sizeof f->cores, "%u", share > 0 ? share : 1);
    return each >= (uint64_t)64 << 20 ||
           error_set(err, ERROR_ARGUMENT, "--memory must be at least 64m for each node");
}

static void
node_exec(const struct cluster *c, const struct cluster_node *n, const struct node_flags *f)
{
    /* A face that nobody asked for may take another port when its own is taken. */
    const bool asked = strcmp(c->options->origins[OPTION_WEBHDFS], "default") != 0;
    char *const argv[] = {"weir",
                          "up",
                          "--ephemeral=false",
                          "--detach=false",
                          "--nodes=1",
                          "--data",
                          (char *)n->dir,
                          "--member",
                          (char *)c->place.run_dir,
                          "--connect",
                          (char *)f->connect,
                          "--kafka",
                          (char *)f->kafka,
                          "--web",
                          (char *)f->web,
                          "--memory",
                          (char *)f->memory,
                          "--cores",
                          (char *)f->cores,
                          "--ready-file",
                          (char *)n->ready_path,
                          "--token",
                          (char *)option_text(c->options, OPTION_TOKEN),
                          "--python",
                          (char *)option_text(c->options, OPTION_PYTHON),
                          asked ? "--webhdfs" : NULL,
                          (char *)f->webhdfs,
                          NULL};
    execv("/proc/self/exe", argv);
    _exit(127);
}

/* Main thread only: a child's death signal hangs on the thread that forked it. */
static bool
node_start(struct cluster *c, struct cluster_node *n, struct error *err)
{
    struct node_flags f;
    if (!node_share(c, &f, err)) {
        return false;
    }
    node_address(option_text(c->options, OPTION_CONNECT), n->id, f.connect, sizeof f.connect);
    node_address(option_text(c->options, OPTION_KAFKA), n->id, f.kafka, sizeof f.kafka);
    node_address(option_text(c->options, OPTION_WEB), n->id, f.web, sizeof f.web);
    node_address(option_text(c->options, OPTION_WEBHDFS), n->id, f.webhdfs, sizeof f.webhdfs);
    unlink(n->ready_path);
    const pid_t parent = getpid();
    const pid_t pid = fork();
    if (pid < 0) {
        return error_system(err, errno, "starting node %s", n->name);
    }
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGTERM);
        if (getppid() != parent) {
            _exit(127);
        }
        sigset_t none;
        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, NULL);
        node_exec(c, n, &f);
    }
    n->pid = pid;
    n->stopped = false;
    json_decref(n->facts);
    n->facts = NULL;
    n->ready = (struct timespec){0};
    return true;
}

/* All its processes at once, as when a computer loses its power. */
static void
node_kill(struct cluster_node *n)
{
    if (n->pid <= 0) {
        return;
    }
    kill(n->pid, SIGKILL);
    size_t i;
    json_t *pid;
    json_array_foreach(json_object_get(n->facts, "pids"), i, pid)
    {
        if (json_integer_value(pid) > 1 && json_integer_value(pid) != n->pid) {
            kill((pid_t)json_integer_value(pid), SIGKILL);
        }
    }
}

/* Reads a ready file that is new. True if something changed. */
static bool
node_refresh(struct cluster_node *n)
{
    struct stat st;
    if (n->pid == 0 || stat(n->ready_path, &st) != 0 ||
        (st.st_mtim.tv_sec == n->ready.tv_sec && st.st_mtim.tv_nsec == n->ready.tv_nsec)) {
        return false;
    }
    json_t *facts = json_load_file(n->ready_path, 0, NULL);
    if (facts == NULL) {
        return false;
    }
    json_decref(n->facts);
    n->facts = facts;
    n->ready = st.st_mtim;
    return true;
}

/* --- what is told ------------------------------------------------------------------------------
 */

static const char *
node_state(const struct cluster_node *n)
{
    return n->pid == 0 ? (n->stopped ? "stopped" : "dead")
                       : (n->facts != NULL ? "running" : "starting");
}

/* The entry in "nodes": the node's own one, with the state as the parent knows it. */
static json_t *
node_entry(const struct cluster_node *n)
{
    json_t *own = json_array_get(json_object_get(n->facts, "nodes"), 0);
    json_t *entry = n->pid != 0 && own != NULL ? json_deep_copy(own) : json_object();
    json_object_set_new(entry, "name", json_string(n->name));
    json_object_set_new(entry, "id", json_integer(n->id));
    json_object_set_new(entry, "state", json_string(node_state(n)));
    json_object_set_new(entry, "data", json_string(n->dir));
    json_object_set_new(entry, "supervisor", json_integer(n->pid));
    if (json_object_get(entry, "pids") == NULL) {
        json_object_set_new(entry, "pids", json_array());
        json_object_set_new(entry, "processes", json_array());
        static const char *const faces[] = {"connect", "kafka", "webhdfs", "web"};
        for (size_t i = 0; i < sizeof faces / sizeof *faces; i++) {
            json_object_set_new(entry, faces[i], json_null());
        }
    }
    return entry;
}

/* The parent's ready file: the first running node's, with all nodes' processes. Under the lock. */
static char *
ready_text(struct cluster *c)
{
    json_t *first = NULL, *nodes = json_array(), *processes = json_array(), *pids = json_array();
    json_array_append_new(processes, json_pack("{s:s, s:i, s:s}", "role", "parent", "pid",
                                               (int)getpid(), "node", ""));
    json_array_append_new(pids, json_integer(getpid()));
    for (int i = 0; i < c->count; i++) {
        json_t *entry = node_entry(&c->nodes[i]);
        json_array_extend(processes, json_object_get(entry, "processes"));
        json_array_extend(pids, json_object_get(entry, "pids"));
        json_array_append_new(nodes, entry);
        if (first == NULL && c->nodes[i].pid != 0 && c->nodes[i].facts != NULL) {
            first = c->nodes[i].facts;
        }
    }
    first = first != NULL ? first : c->nodes[0].facts;
    json_t *root = first != NULL ? json_copy(first) : json_object();
    json_object_set_new(root, "ready_ms", json_real(c->ready_ms));
    json_object_set_new(root, "run", json_string(c->place.run_dir));
    json_object_set_new(root, "data", json_string(c->place.data_dir));
    json_object_set_new(root, "processes", processes);
    json_object_set_new(root, "pids", pids);
    json_object_set_new(root, "nodes", nodes);
    char *text = json_dumps(root, JSON_REAL_PRECISION(6));
    json_decref(root);
    return text;
}

static bool
write_ready(struct cluster *c, struct error *err)
{
    mutex_lock(&c->lock);
    char *text = ready_text(c);
    mutex_unlock(&c->lock);
    const char *named = option_text(c->options, OPTION_READY_FILE);
    const mode_t before = umask(077);
    const bool ok =
        text != NULL &&
        env_write_file_atomic(&env_real, c->place.ready_path, text, strlen(text), err) &&
        (named[0] == '\0' || env_write_file_atomic(&env_real, named, text, strlen(text), err));
    umask(before);
    free(text);
    return ok;
}

static void
announce(struct cluster *c)
{
    const int to = c->log.path[0] != '\0' ? c->log.out : STDOUT_FILENO;
    dprintf(to, "weir " WEIR_VERSION ": %d nodes are ready after %.0f ms\n", c->count, c->ready_ms);
    for (int i = 0; i < c->count; i++) {
        const json_t *facts = c->nodes[i].facts;
        dprintf(to, "  %s  %s  Kafka %s  web %s\n", c->nodes[i].name,
                json_string_value(json_object_get(facts, "connect")),
                json_string_value(json_object_get(facts, "kafka")),
                json_string_value(json_object_get(facts, "web")));
    }
    dprintf(to, "  data %s%s\n", c->place.data_dir,
            c->place.ephemeral ? " (removed at the end)" : "");
    if (c->log.path[0] != '\0') {
        dprintf(to, "  log  %s\n", c->log.path);
    }
    dprintf(to, "  weir node list shows them; weir node kill n2 ends one as a power cut would\n");
}

/* --- frames ------------------------------------------------------------------------------------
 */

/* action text, node's name -> empty. */
static bool
take_wish(struct cluster *c, const struct frame *f, struct error *err)
{
    static const char *const words[] = {
        [WISH_START] = "start", [WISH_STOP] = "stop", [WISH_KILL] = "kill"};
    struct reader in;
    reader_init(&in, f->payload);
    const struct bytes action = reader_lenbytes(&in), name = reader_lenbytes(&in);
    enum node_wish wish = WISH_NONE;
    for (int i = WISH_START; i <= WISH_KILL; i++) {
        if (action.len == strlen(words[i]) && memcmp(action.ptr, words[i], action.len) == 0) {
            wish = (enum node_wish)i;
        }
    }
    if (!reader_ok(&in) || wish == WISH_NONE) {
        return error_set(err, ERROR_PROTOCOL, "no such change of a node");
    }
    bool found = false;
    mutex_lock(&c->lock);
    for (int i = 0; i < c->count; i++) {
        struct cluster_node *n = &c->nodes[i];
        if (name.len == strlen(n->name) && memcmp(name.ptr, n->name, name.len) == 0) {
            found = true;
            if ((wish == WISH_START) == (n->pid != 0)) {
                error_set(err, ERROR_ARGUMENT, "%s is %s already", n->name,
                          n->pid != 0 ? "running" : "down");
            } else {
                n->wish = wish;
                n->wished_ms = env_mono_ms(&env_real);
            }
        }
    }
    mutex_unlock(&c->lock);
    if (!found) {
        return error_set(err, ERROR_ARGUMENT, "there is no node %.*s (weir node list)",
                         (int)name.len, (const char *)name.ptr);
    }
    kill(getpid(), SIGCHLD); /* wakes the main thread, which forks and kills */
    return !error_is_set(err);
}

/* Numbers of joined nodes begin above those that --nodes gives, and are never given twice. */
static bool
answer_join(struct cluster *c, const struct frame *f, struct buffer *out, struct error *err)
{
    char key[65], prefix[80], dir[PATH_MAX];
    uint8_t chance[16];
    uint64_t number = 0;
    struct node n;
    cluster_folder_node(c->place.data_dir, 1, dir, sizeof dir);
    if (!join_request_take(&c->tokens, f->payload, env_mono_ms(&env_real), key, chance, err) ||
        !node_read(&n, dir, err)) {
        return false;
    }
    snprintf(prefix, sizeof prefix, "weir/%s/", n.cluster_id);
    const struct control_etcd_config config = {
        .endpoints = n.etcd, .prefix = prefix, .timeout_ms = 5000};
    struct control *control = control_open_etcd(&env_real, &config, err);
    const bool ok = control != NULL && control_raise(control, "joined/last", &number, err);
    if (control != NULL) {
        control_close(control);
    }
    if (ok) {
        n.id = JOINED_FIRST + (uint32_t)number;
        snprintf(n.name, sizeof n.name, "n%u", n.id);
        join_answer_put(key, chance, &n, out);
        events_add(c->events, "join", n.name, "A token was used: node %s may join.", n.name);
    }
    return ok;
}

static void
on_join_frame(void *ctx, struct frame_peer *peer, const struct frame *f)
{
    struct cluster *c = ctx;
    struct buffer out = {0};
    struct error err = {0};
    uint8_t flags = FRAME_LAST;
    if (f->type != WIRE_NODE_JOIN || !answer_join(c, f, &out, &err)) {
        if (!error_is_set(&err)) {
            error_set(&err, ERROR_PROTOCOL, "only requests to join are answered here");
        }
        flags |= FRAME_ERROR;
        frame_put_error(&out, &err);
        error_clear(&err);
    }
    frame_reply(peer, f->type, f->request, flags, out.ptr, out.len);
    buffer_release(&out);
}

/* Nothing listens for joiners before the first token is made. */
static bool
answer_token(struct cluster *c, struct buffer *out, struct error *err)
{
    static const struct frame_handlers handlers = {on_join_frame, NULL};
    if (c->join_server == NULL) {
        const int fd = net_listen("127.0.0.1:0", err);
        if (fd < 0) {
            return false;
        }
        net_local_address(fd, c->join_address, sizeof c->join_address);
        c->join_server = frame_server_new(c->loop, fd, &handlers, c);
    }
    buffer_lentext(out, c->join_address);
    buffer_lentext(out, join_token_make(&c->tokens, env_mono_ms(&env_real)));
    return true;
}

static void
on_frame(void *ctx, struct frame_peer *peer, const struct frame *f)
{
    struct cluster *c = ctx;
    struct buffer out = {0};
    struct error err = {0};
    uint8_t flags = FRAME_LAST;
    char *text = NULL;
    switch (f->type) {
    case WIRE_PING:
        buffer_lentext(&out, "parent");
        break;
    case WIRE_PROCESS_LIST:
        mutex_lock(&c->lock);
        text = ready_text(c);
        mutex_unlock(&c->lock);
        buffer_puts(&out, text != NULL ? text : "{}");
        free(text);
        break;
    case WIRE_EVENT_LIST:
        events_put(c->events, &out);
        break;
    case WIRE_EVENT_ADD:
        events_add_json(c->events, (const char *)f->payload.ptr, f->payload.len);
        break;
    case WIRE_NODE_TOKEN:
        answer_token(c, &out, &err);
        break;
    case WIRE_NODE_CHANGE:
        take_wish(c, f, &err);
        break;
    default:
        error_set(&err, ERROR_PROTOCOL, "the parent of the nodes does not know message type %u",
                  f->type);
        break;
    }
    if (error_is_set(&err)) {
        flags |= FRAME_ERROR;
        frame_put_error(&out, &err);
        error_clear(&err);
    }
    frame_reply(peer, f->type, f->request, flags, out.ptr, out.len);
    buffer_release(&out);
}

static void *
loop_main(void *ctx)
{
    loop_run(ctx);
    return NULL;
}

static bool
loop_begin(struct cluster *c, struct error *err)
{
    place_socket(&c->place, "supervisor", c->socket, sizeof c->socket);
    const int fd = net_listen(c->socket, err);
    if (fd < 0) {
        return false;
    }
    c->loop = loop_new(err);
    if (c->loop == NULL) {
        close(fd);
        return false;
    }
    static const struct frame_handlers handlers = {on_frame, NULL};
    c->server = frame_server_new(c->loop, fd, &handlers, c);
    c->has_loop = thread_start(&c->loop_thread, "parent", loop_main, c->loop);
    return c->has_loop || error_set(err, ERROR_RESOURCE, "cannot start a thread");
}

/* --- lives -------------------------------------------------------------------------------------
 */

/* True if something changed that the ready file must tell. */
static bool
reap(struct cluster *c)
{
    bool changed = false;
    int status;
    for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;) {
        mutex_lock(&c->lock);
        for (int i = 0; i < c->count; i++) {
            struct cluster_node *n = &c->nodes[i];
            if (n->pid == pid) {
                n->pid = 0;
                changed = true;
                if (n->stopped) {
                    events_add(c->events, "stop", n->name, "Node %s was ended.", n->name);
                } else {
                    events_add(c->events, "death", n->name,
                               "Node %s died (%s %d). weir node start %s brings it back.", n->name,
                               WIFSIGNALED(status) ? "signal" : "status",
                               WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status),
                               n->name);
                }
            }
        }
        mutex_unlock(&c->lock);
    }
    return changed;
}

static void
grant_wishes(struct cluster *c)
{
    mutex_lock(&c->lock);
    for (int i = 0; i < c->count; i++) {
        struct cluster_node *n = &c->nodes[i];
        const enum node_wish wish = n->wish;
        struct error err = {0};
        n->wish = WISH_NONE;
        if (wish == WISH_START && n->pid == 0) {
            if (node_start(c, n, &err)) {
                events_add(c->events, "start", n->name, "Node %s was started.", n->name);
            } else {
                events_add(c->events, "error", n->name, "%s", error_text(&err));
            }
        } else if (wish == WISH_STOP && n->pid != 0) {
            n->stopped = true;
            kill(n->pid, SIGTERM);
        } else if (wish == WISH_KILL) {
            node_kill(n);
        }
        error_clear(&err);
    }
    mutex_unlock(&c->lock);
}

static bool
refresh(struct cluster *c)
{
    bool changed = false;
    mutex_lock(&c->lock);
    for (int i = 0; i < c->count; i++) {
        changed |= node_refresh(&c->nodes[i]);
    }
    mutex_unlock(&c->lock);
    return changed;
}

/* False with err when a node ended, or time is over. *ended: a signal asked for the end. */
static bool
wait_ready(struct cluster *c, const sigset_t *signals, bool *ended, struct error *err)
{
    const int64_t deadline_ms = env_mono_ms(&env_real) + READY_MS;
    for (;;) {
        const struct timespec tick = {.tv_nsec = 2000000};
        const int sig = sigtimedwait(signals, NULL, &tick);
        if (sig == SIGTERM || sig == SIGINT) {
            *ended = true;
            return error_set(err, ERROR_CANCELLED, "ended before it was ready");
        }
        reap(c);
        refresh(c);
        int ready = 0;
        for (int i = 0; i < c->count; i++) {
            if (c->nodes[i].pid == 0) {
                return error_set(err, ERROR_SYSTEM,
                                 "node %s ended while starting: its reason stands above",
                                 c->nodes[i].name);
            }
            ready += c->nodes[i].facts != NULL;
        }
        if (ready == c->count) {
            return true;
        }
        if (env_mono_ms(&env_real) >= deadline_ms) {
            return error_set(err, ERROR_SYSTEM, "%d of %d nodes are not ready after %d s",
                             c->count - ready, c->count, READY_MS / 1000);
        }
    }
}

static bool
begin(struct cluster *c, const sigset_t *signals, bool *ended, struct error *err)
{
    char run_dir[PATH_MAX];
    const struct program_options *o = c->options;
    char etcd[PATH_MAX];
    if (!etcd_find(etcd, sizeof etcd, err) || !supervisor_exposure_fits(o, err) ||
        !place_open(&c->place, option_text(o, OPTION_DATA), option_true(o, OPTION_EPHEMERAL),
                    err) ||
        !cluster_folder_make(c->place.data_dir, c->count, err) ||
        (option_true(o, OPTION_DETACH) && !log_file_begin(&c->log, c->place.data_dir, err))) {
        return false;
    }
    c->events = events_open(c->place.data_dir, err);
    if (c->events == NULL || !loop_begin(c, err)) {
        return false;
    }
    memcpy(run_dir, c->place.run_dir, sizeof run_dir); /* beside the nodes it may not be printed */
    for (int i = 0; i < c->count; i++) {
        struct cluster_node *n = &c->nodes[i];
        n->id = i + 1;
        snprintf(n->ready_path, sizeof n->ready_path, "%s/n%d.json", run_dir, n->id);
        snprintf(n->name, sizeof n->name, "n%d", n->id);
        cluster_folder_node(c->place.data_dir, n->id, n->dir, sizeof n->dir);
        if (!node_start(c, n, err)) {
            return false;
        }
    }
    if (!wait_ready(c, signals, ended, err)) {
        return false;
    }
    c->ready_ms = (double)(env_mono_ns(&env_real) - c->begin_ns) / 1e6;
    events_add(c->events, "start", "parent", "%d nodes were ready after %.0f ms.", c->count,
               c->ready_ms);
    return write_ready(c, err);
}

static void
watch(struct cluster *c, const sigset_t *signals)
{
    for (uint32_t ticks = 1;; ticks++) {
        const struct timespec tick = {.tv_nsec = TICK_MS * 1000000};
        const int sig = sigtimedwait(signals, NULL, &tick);
        if (sig == SIGTERM || sig == SIGINT) {
            return;
        }
        if (ticks % LOG_TICKS == 0) {
            log_file_trim(&c->log, LOG_FILE_BYTES_MAX);
        }
        const bool died = reap(c);
        grant_wishes(c);
        if (refresh(c) || died) {
            struct error err = {0};
            if (!write_ready(c, &err)) {
                trace(TRACE_WARN, "app", "the ready file cannot be written: %s", error_text(&err));
            }
            error_clear(&err);
        }
    }
}

static bool
any_alive(const struct cluster *c)
{
    for (int i = 0; i < c->count; i++) {
        if (c->nodes[i].pid != 0) {
            return true;
        }
    }
    return false;
}

static void
end(struct cluster *c)
{
    for (int i = 0; i < c->count; i++) {
        if (c->nodes[i].pid != 0) {
            c->nodes[i].stopped = true;
            kill(c->nodes[i].pid, SIGTERM);
        }
    }
    const int64_t deadline_ms = env_mono_ms(&env_real) + STOP_MS;
    while (any_alive(c) && env_mono_ms(&env_real) < deadline_ms) {
        nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
        reap(c);
    }
    for (int i = 0; i < c->count; i++) {
        node_kill(&c->nodes[i]);
    }
    while (any_alive(c)) {
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
        reap(c);
    }
    if (c->has_loop) {
        loop_stop(c->loop);
        pthread_join(c->loop_thread, NULL);
    }
    if (c->server != NULL) {
        frame_server_free(c->server);
    }
    if (c->join_server != NULL) {
        frame_server_free(c->join_server);
    }
    if (c->loop != NULL) {
        loop_free(c->loop);
    }
    for (int i = 0; i < c->count; i++) {
        json_decref(c->nodes[i].facts);
    }
    events_close(c->events);
    place_close(&c->place);
    pthread_mutex_destroy(&c->lock);
}

int
cluster_run(const struct program_options *options, int size)
{
    struct cluster c = {.options = options, .count = size, .begin_ns = env_mono_ns(&env_real)};
    c.place.lock_fd = -1;
    c.log.out = c.log.err = -1;
    pthread_mutex_init(&c.lock, NULL);
    int ready_pipe = -1;
    if (option_true(options, OPTION_DETACH) && supervisor_detach(&ready_pipe) != 0) {
        fprintf(stderr, "weir up: cannot go into the background: %s\n", strerror(errno));
        return 1;
    }
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGCHLD);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    signal(SIGPIPE, SIG_IGN);
    trace_init("parent");
    struct error err = {0};
    bool ended = false;
    const bool ok = begin(&c, &signals, &ended, &err);
    if (ok) {
        announce(&c);
        if (ready_pipe >= 0) {
            supervisor_detached_ready(&c.log, ready_pipe);
        }
        watch(&c, &signals);
    } else if (!ended) {
        dprintf(c.log.err >= 0 ? c.log.err : STDERR_FILENO, "weir up: %s\n", error_text(&err));
    }
    end(&c);
    error_clear(&err);
    return ok || ended ? 0 : 1;
}
