/*
 * The supervisor's life: open the place, bind, start the children, probe, announce, watch.
 *
 * The main thread waits for signals (SIGCHLD, SIGTERM, SIGINT) with a time-out; a loop thread
 * answers frames. The children table is guarded by one lock, since both look at it.
 */
#include "app/supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "app/child.h"
#include "app/discovery.h"
#include "app/etcd_child.h"
#include "app/events.h"
#include "app/log_file.h"
#include "app/node.h"
#include "app/place.h"
#include "app/port_owner.h"
#include "app/probe.h"
#include "app/start_file.h"
#include "base/env.h"
#include "base/thread.h"
#include "base/trace.h"
#include "net/frame.h"
#include "sched/wire.h"

enum {
    READY_TIMEOUT_MS = 20000,
    STOP_TIMEOUT_MS = 1500,
    STOP_STARTING_MS = 300,
    STOP_ETCD_MS = 250,
    READY_CLUSTER_MS = 60000, /* with etcd, and nodes that start at the same time */
    QUICK_DEATH_MS = 2000,
    STARTS_MAX = 3, /* of a child of one of several nodes, before its start is given up */
    RESTART_DELAY_MS_MAX = 2000,
    TICK_MS = 50,
    LOG_TICK_S = 10,
};

struct supervisor {
    const struct program_options *options;
    struct place place;
    struct log_file log; /* with --detach */
    struct events *events;
    struct node node;                    /* id 0: alone */
    struct child children[CHILDREN_MAX]; /* guarded by lock; the first CHILD_COUNT by role */
    int child_count;                     /* etcd, if there is one, is the last */
    pthread_mutex_t lock;
    struct start_facts facts; /* addresses and budgets, as the children get them */
    char start_path[PATH_MAX + 16];
    double ready_ms;
    int64_t begin_ns;
    struct loop *loop;
    pthread_t loop_thread;
    struct frame_server *server;
    bool has_loop;
};

/* The processes of a killed program let go of their ports a little after its supervisor is gone. */
static int
listen_patiently(const char *address, bool after_kill, struct error *err)
{
    enum { TRIES = 200, PAUSE_MS = 10 };
    for (int i = 0;; i++) {
        const int fd = net_listen(address, err);
        if (fd >= 0 || err->code != EADDRINUSE || !after_kill || i == TRIES) {
            return fd;
        }
        error_clear(err);
        nanosleep(&(struct timespec){.tv_nsec = PAUSE_MS * 1000000}, NULL);
    }
}

static bool
bind_one(const struct supervisor *s, const char *address, int *fd, char *actual, size_t size,
         const char *what, const char *flag, struct error *err)
{
    struct error why = {0};
    *fd = listen_patiently(address, s->place.was_killed, &why);
    if (*fd < 0) {
        const bool taken = why.code == EADDRINUSE;
        char owner[128] = "";
        const bool known = taken && port_owner(address, owner, sizeof owner);
        error_set(err, ERROR_SYSTEM, "%s cannot listen on %s: %s%s%s%s%s%s%s", what, address,
                  error_text(&why), known ? " (by " : "", owner, known ? ")" : "",
                  taken ? ". Choose another with --" : "", taken ? flag : "",
                  taken ? " HOST:PORT (port 0 = any free one)" : "");
        error_clear(&why);
        return false;
    }
    return net_local_address(*fd, actual, size) ||
           error_set(err, ERROR_SYSTEM, "cannot tell the address of the %s socket", what);
}

/* Off loopback everybody on the network could run code here: a token must stand before it. */
bool
supervisor_exposure_fits(const struct program_options *o, struct error *err)
{
    static const enum option_key keys[] = {OPTION_CONNECT, OPTION_WEB, OPTION_WEBHDFS};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        const char *address = option_text(o, keys[i]);
        const bool loopback = strncmp(address, "127.", 4) == 0 || strcmp(address, "off") == 0 ||
                              strncmp(address, "localhost:", 10) == 0 ||
                              strncmp(address, "[::1]:", 6) == 0;
        if (!loopback && option_text(o, OPTION_TOKEN)[0] == '\0') {
            return error_set(err, ERROR_ARGUMENT,
                             "%s is not a loopback address: give --token TEXT, which clients must "
                             "then present",
                             address);
        }
    }
    return true;
}

/* The file store's usual port is also that of a Hadoop on this computer: where nobody asked for it,
 * any free one will do. */
static bool
bind_webhdfs(struct supervisor *s, int *fd, struct error *err)
{
    struct start_facts *f = &s->facts;
    const char *address = option_text(s->options, OPTION_WEBHDFS);
    const bool asked = strcmp(s->options->origins[OPTION_WEBHDFS], "default") != 0;
    struct error why = {0};
    if (strcmp(address, "off") == 0) {
        return true;
    }
    if (bind_one(s, address, fd, f->webhdfs, sizeof f->webhdfs, "WebHDFS", "webhdfs", &why)) {
        return true;
    }
    if (asked) {
        error_move(err, &why);
        return false;
    }
    error_clear(&why);
    return bind_one(s, "127.0.0.1:0", fd, f->webhdfs, sizeof f->webhdfs, "WebHDFS", "webhdfs", err);
}

static bool
bind_all(struct supervisor *s, struct error *err)
{
    const struct program_options *o = s->options;
    struct start_facts *f = &s->facts;
    const bool voter = s->node.voter.client[0] != '\0';
    s->child_count = CHILD_COUNT + (int)f->workers - 1 + voter;
    for (int i = 0; i < s->child_count; i++) {
        s->children[i] = (struct child){.role = (enum child_role)i,
                                        .number = 1,
                                        .death_signal = s->node.id > 0 ? SIGKILL : SIGTERM};
        if (voter && i == s->child_count - 1) {
            s->children[i].role = CHILD_ETCD;
        } else if (i >= CHILD_COUNT) {
            s->children[i].role = CHILD_WORKER;
            s->children[i].number = (uint32_t)(i - CHILD_COUNT) + 2;
        }
        for (int j = 0; j <= CHILD_FD_LAST - CHILD_FD_FIRST; j++) {
            s->children[i].fds[j] = -1;
        }
    }
    int *store = s->children[CHILD_STORE].fds, *front = s->children[CHILD_FRONT].fds;
    if (!bind_one(s, option_text(o, OPTION_CONNECT), &front[1], f->connect, sizeof f->connect,
                  "Spark Connect", "connect", err) ||
        !bind_one(s, option_text(o, OPTION_KAFKA), &store[1], f->kafka, sizeof f->kafka, "Kafka",
                  "kafka", err) ||
        !bind_one(s, option_text(o, OPTION_WEB), &front[2], f->web, sizeof f->web, "the web page",
                  "web", err) ||
        !bind_webhdfs(s, &store[2], err)) {
        return false;
    }
    for (int i = 0; i < CHILD_COUNT; i++) {
        char *address = f->frames[i];
        place_socket(&s->place, child_role_name((enum child_role)i), address, sizeof f->frames[i]);
        s->children[i].fds[0] = net_listen(address, err);
        if (s->children[i].fds[0] < 0) {
            return false;
        }
    }
    for (int i = CHILD_COUNT; i < s->child_count && s->children[i].role == CHILD_WORKER; i++) {
        char name[32], address[PATH_MAX];
        child_name(CHILD_WORKER, s->children[i].number, name, sizeof name);
        place_socket(&s->place, name, address, sizeof address);
        s->children[i].fds[0] = net_listen(address, err);
        if (s->children[i].fds[0] < 0) {
            return false;
        }
    }
    place_socket(&s->place, "supervisor", f->supervisor, sizeof f->supervisor);
    for (int i = 0; i < CHILD_COUNT && s->node.id > 0; i++) {
        char address[80];
        snprintf(address, sizeof address, "%s:0", s->node.host);
        if (!bind_one(s, address, &s->children[i].fds[CHILD_FD_PEER - CHILD_FD_FIRST], f->peers[i],
                      sizeof f->peers[i], "the listener for other nodes", "host", err)) {
            return false;
        }
    }
    return true;
}

static bool
budgets_decide(struct supervisor *s, struct error *err)
{
    const char *memory = option_text(s->options, OPTION_MEMORY);
    const char *cores = option_text(s->options, OPTION_CORES);
    uint64_t total = memory_usable_bytes() / 10 * 6;
    if (memory[0] != '\0' && !option_bytes(memory, &total, err)) {
        return false;
    }
    if (total < (uint64_t)64 << 20) {
        return error_set(err, ERROR_ARGUMENT, "--memory must be at least 64m");
    }
    s->facts.threads = cores[0] != '\0' ? (uint32_t)atoi(cores) : thread_usable_cores();
    if (s->facts.threads == 0 || s->facts.threads > 4096) {
        return error_set(err, ERROR_ARGUMENT, "--cores must be a number from 1 to 4096");
    }
    const char *workers = option_text(s->options, OPTION_WORKERS);
    s->facts.workers = (uint32_t)atoi(workers);
    if (s->facts.workers == 0 || s->facts.workers > WORKERS_OF_NODE_MAX) {
        return error_set(err, ERROR_ARGUMENT, "--workers must be a number from 1 to %d",
                         WORKERS_OF_NODE_MAX);
    }
    if (s->facts.workers > 1) {
        const uint32_t share = s->facts.threads / s->facts.workers;
        s->facts.threads = share > 0 ? share : 1;
    }
    s->facts.memory[CHILD_STORE] = total / 8;
    s->facts.memory[CHILD_FRONT] = total / 8;
    s->facts.memory[CHILD_WORKER] = (total - total / 4) / s->facts.workers;
    return true;
}

static void
put_webhdfs(const struct start_facts *f, struct buffer *out)
{
    if (f->webhdfs[0] != '\0') {
        buffer_printf(out, "\"webhdfs\":\"http://%s\",", f->webhdfs);
    } else {
        buffer_puts(out, "\"webhdfs\":null,");
    }
}

static void
put_processes(struct supervisor *s, struct buffer *out)
{
    buffer_printf(out, "\"processes\":[{\"role\":\"supervisor\",\"pid\":%d,\"node\":\"%s\"}",
                  (int)getpid(), s->facts.node_name);
    for (int i = 0; i < s->child_count; i++) {
        if (s->children[i].pid > 0) {
            buffer_printf(out, ",{\"role\":\"%s\",\"pid\":%d,\"node\":\"%s\",\"restarts\":%u}",
                          child_role_name(s->children[i].role), (int)s->children[i].pid,
                          s->facts.node_name, s->children[i].restarts);
        }
    }
    buffer_printf(out, "],\"pids\":[%d", (int)getpid());
    for (int i = 0; i < s->child_count; i++) {
        if (s->children[i].pid > 0) {
            buffer_printf(out, ",%d", (int)s->children[i].pid);
        }
    }
    buffer_puts(out, "]");
}

/* The ready file's JSON, as the children's lives stand now. */
static void
put_ready(struct supervisor *s, struct buffer *out)
{
    mutex_lock(&s->lock);
    const struct start_facts *f = &s->facts;
    const char *token = option_text(s->options, OPTION_TOKEN);
    buffer_printf(out, "{\"ready_ms\":%.1f,\"connect\":\"sc://%s\",\"kafka\":\"%s\",", s->ready_ms,
                  f->connect, f->kafka);
    put_webhdfs(f, out);
    buffer_printf(out, "\"web\":\"http://%s\",\"hdfs\":null,\"token\":", f->web);
    if (token[0] != '\0') {
        buffer_json_string(out, token, strlen(token));
    } else {
        buffer_puts(out, "null");
    }
    buffer_puts(out, ",\"version\":\"" WEIR_VERSION "\",\"run\":");
    buffer_json_string(out, s->place.run_dir, strlen(s->place.run_dir));
    buffer_puts(out, ",\"data\":");
    buffer_json_string(out, s->place.data_dir, strlen(s->place.data_dir));
    buffer_puts(out, ",\"environment\":");
    discovery_put_environment(&s->place, f->connect, out);
    buffer_puts(out, ",");
    put_processes(s, out);
    if (s->node.id > 0) {
        buffer_printf(out, ",\"cluster\":\"%s\",\"etcd\":\"%s\"", f->cluster_id, f->etcd);
    }
    buffer_printf(out,
                  ",\"nodes\":[{\"name\":\"%s\",\"id\":%u,\"state\":\"running\","
                  "\"connect\":\"sc://%s\",\"kafka\":\"%s\",",
                  f->node_name, f->node_id, f->connect, f->kafka);
    put_webhdfs(f, out);
    buffer_printf(out, "\"web\":\"http://%s\",\"run\":", f->web);
    buffer_json_string(out, s->place.run_dir, strlen(s->place.run_dir));
    buffer_puts(out, ",");
    put_processes(s, out);
    buffer_puts(out, "}]}\n");
    mutex_unlock(&s->lock);
}

static bool
write_ready_files(struct supervisor *s, struct error *err)
{
    struct buffer json = {0};
    put_ready(s, &json);
    const char *named = option_text(s->options, OPTION_READY_FILE);
    const mode_t before = umask(077); /* the token stands in them */
    const bool ok =
        env_write_file_atomic(&env_real, s->place.ready_path, json.ptr, json.len, err) &&
        (named[0] == '\0' || env_write_file_atomic(&env_real, named, json.ptr, json.len, err));
    umask(before);
    buffer_release(&json);
    return ok;
}

static void
on_frame(void *ctx, struct frame_peer *peer, const struct frame *f)
{
    struct supervisor *s = ctx;
    struct buffer out = {0};
    switch (f->type) {
    case WIRE_PING:
        buffer_lentext(&out, "supervisor");
        break;
    case WIRE_PROCESS_LIST:
        put_ready(s, &out);
        break;
    case WIRE_EVENT_LIST:
        events_put(s->events, &out);
        break;
    case WIRE_EVENT_ADD:
        events_add_json(s->events, (const char *)f->payload.ptr, f->payload.len);
        break;
    default:
        break;
    }
    frame_reply(peer, f->type, f->request, FRAME_LAST, out.ptr, out.len);
    buffer_release(&out);
}

static void
on_gone(void *ctx, struct frame_peer *peer)
{
    (void)ctx;
    (void)peer;
}

static void *
loop_main(void *ctx)
{
    loop_run(ctx);
    return NULL;
}

static bool
loop_begin(struct supervisor *s, struct error *err)
{
    const int fd = net_listen(s->facts.supervisor, err);
    if (fd < 0) {
        return false;
    }
    s->loop = loop_new(err);
    if (s->loop == NULL) {
        close(fd);
        return false;
    }
    static const struct frame_handlers handlers = {on_frame, on_gone};
    s->server = frame_server_new(s->loop, fd, &handlers, s);
    s->has_loop = thread_start(&s->loop_thread, "supervisor", loop_main, s->loop);
    return s->has_loop || error_set(err, ERROR_RESOURCE, "cannot start a thread");
}

static struct child *
child_by_pid(struct supervisor *s, pid_t pid)
{
    for (int i = 0; i < s->child_count; i++) {
        if (s->children[i].pid == pid) {
            return &s->children[i];
        }
    }
    return NULL;
}

static void
describe_end(int status, char *out, size_t size)
{
    if (WIFSIGNALED(status)) {
        snprintf(out, size, "was killed by signal %d (%s)", WTERMSIG(status),
                 strsignal(WTERMSIG(status)));
    } else {
        snprintf(out, size, "ended with status %d", WEXITSTATUS(status));
    }
}

static void
reap(struct supervisor *s)
{
    int status;
    for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;) {
        mutex_lock(&s->lock);
        struct child *c = child_by_pid(s, pid);
        if (c != NULL) {
            c->pid = 0;
            c->died_ms = env_mono_ms(&env_real);
            c->quick_deaths = c->died_ms - c->started_ms < QUICK_DEATH_MS ? c->quick_deaths + 1 : 0;
        }
        mutex_unlock(&s->lock);
        if (c != NULL) {
            char how[128], name[32];
            describe_end(status, how, sizeof how);
            child_name(c->role, c->number, name, sizeof name);
            events_add(s->events, "death", name, "The %s process (pid %d) %s.", name, (int)pid,
                       how);
        }
    }
}

static const struct child *
first_dead(const struct supervisor *s)
{
    for (int i = 0; i < s->child_count; i++) {
        if (s->children[i].pid == 0) {
            return &s->children[i];
        }
    }
    return NULL;
}

static bool
start_one(struct supervisor *s, struct child *c, struct error *err)
{
    if (c->role != CHILD_ETCD) {
        return child_start(c, s->start_path, err);
    }
    c->started_ms = env_mono_ms(&env_real);
    return etcd_child_start(&s->node, s->place.data_dir, &c->pid, err);
}

/* Starts the dead again: at once, or after a growing pause when they keep dying. */
static void
restart(struct supervisor *s)
{
    for (int i = 0; i < s->child_count; i++) {
        struct child *c = &s->children[i];
        if (c->pid > 0) {
            continue;
        }
        const int64_t pause_ms =
            c->quick_deaths < 2 ? 0 : (int64_t)100 << (c->quick_deaths < 6 ? c->quick_deaths : 6);
        if (env_mono_ms(&env_real) - c->died_ms <
            (pause_ms < RESTART_DELAY_MS_MAX ? pause_ms : RESTART_DELAY_MS_MAX)) {
            continue;
        }
        struct error err = {0};
        mutex_lock(&s->lock);
        c->restarts++;
        const bool ok = start_one(s, c, &err);
        mutex_unlock(&s->lock);
        char name[32];
        child_name(c->role, c->number, name, sizeof name);
        if (ok) {
            events_add(s->events, "restart", name,
                       "A new %s process (pid %d) started %lld ms after the death.", name,
                       (int)c->pid, (long long)(env_mono_ms(&env_real) - c->died_ms));
            if (s->ready_ms > 0) {
                write_ready_files(s, &err);
            }
        } else {
            events_add(s->events, "error", name, "%s", error_text(&err));
        }
        error_clear(&err);
    }
}

/* Signals are blocked; they are taken by watch, which may not have begun yet. */
static bool
end_is_wanted(void)
{
    sigset_t pending;
    return sigpending(&pending) == 0 &&
           (sigismember(&pending, SIGTERM) == 1 || sigismember(&pending, SIGINT) == 1);
}

static bool
wait_for(struct supervisor *s, bool (*probe)(const char *, int, struct error *),
         const char *address, struct error *err)
{
    const int64_t deadline_ms =
        env_mono_ms(&env_real) + (s->node.id > 0 ? READY_CLUSTER_MS : READY_TIMEOUT_MS);
    for (;;) {
        struct error why = {0};
        if (probe(address, 1000, &why)) {
            return true;
        }
        if (end_is_wanted()) {
            error_clear(&why);
            return error_set(err, ERROR_CANCELLED, "ended before it was ready");
        }
        reap(s);
        const struct child *dead = first_dead(s);
        if (dead != NULL && s->node.id > 0 && dead->quick_deaths <= STARTS_MAX) {
            restart(s); /* nodes that start at once may get into each other's way */
        } else if (dead != NULL) {
            error_clear(&why);
            return error_set(err, ERROR_SYSTEM,
                             "the %s process ended while starting: its reason stands above",
                             child_role_name(dead->role));
        }
        if (env_mono_ms(&env_real) >= deadline_ms) {
            error_move(err, &why);
            return false;
        }
        error_clear(&why);
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    }
}

static bool
wait_ready(struct supervisor *s, struct error *err)
{
    return wait_for(s, probe_kafka, s->facts.kafka, err) &&
           wait_for(s, probe_frames, s->facts.frames[CHILD_WORKER], err) &&
           wait_for(s, probe_connect, s->facts.connect, err) &&
           (s->facts.webhdfs[0] == '\0' || wait_for(s, probe_web, s->facts.webhdfs, err)) &&
           wait_for(s, probe_web, s->facts.web, err);
}

static void
announce(const struct supervisor *s)
{
    const struct start_facts *f = &s->facts;
    const int to = s->log.path[0] != '\0' ? s->log.out : STDOUT_FILENO;
    dprintf(to, "weir " WEIR_VERSION " is ready after %.0f ms\n", s->ready_ms);
    dprintf(to, "  Spark Connect  sc://%s\n", f->connect);
    dprintf(to, "  Kafka          %s\n", f->kafka);
    dprintf(to, "  web page       http://%s\n", f->web);
    if (f->webhdfs[0] != '\0') {
        dprintf(to, "  WebHDFS        http://%s\n", f->webhdfs);
    }
    dprintf(to, "  data           %s%s\n", s->place.data_dir,
            s->place.ephemeral ? " (removed at the end)" : "");
    if (s->log.path[0] != '\0') {
        dprintf(to, "  log            %s\n", s->log.path);
    }
    if (discovery_possible(f->connect)) {
        dprintf(to, "  PySpark " DISCOVERY_SPARK_VERSION
                    "  eval \"$(weir status -o env)\" lets unchanged "
                    "programs with a local master come here\n");
    }
    if (option_text(s->options, OPTION_TOKEN)[0] == '\0') {
        dprintf(to, "  no token: every user of this computer can reach these ports\n");
    }
}

/* Of the first count children. */
static bool
any_alive(const struct supervisor *s, int count)
{
    for (int i = 0; i < count; i++) {
        if (s->children[i].pid > 0) {
            return true;
        }
    }
    return false;
}

static void
signal_first(const struct supervisor *s, int count, int sig)
{
    for (int i = 0; i < count; i++) {
        if (s->children[i].pid > 0) {
            kill(s->children[i].pid, sig);
        }
    }
}

static void
await_end(struct supervisor *s, int count, int64_t ms)
{
    const int64_t deadline_ms = env_mono_ms(&env_real) + ms;
    while (any_alive(s, count) && env_mono_ms(&env_real) < deadline_ms) {
        nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
        reap(s);
    }
}

/* etcd goes last: the store says goodbye through it. A child that is still starting does not look
 * at signals yet, and has nothing to close. */
static void
stop_children(struct supervisor *s)
{
    const int all = s->child_count;
    const bool voter = all > 0 && s->children[all - 1].role == CHILD_ETCD;
    const int own = voter ? all - 1 : all;
    signal_first(s, own, SIGTERM);
    await_end(s, own, s->ready_ms > 0 ? STOP_TIMEOUT_MS : STOP_STARTING_MS);
    signal_first(s, own, SIGKILL);
    if (voter) {
        signal_first(s, all, SIGTERM);
        await_end(s, all, STOP_ETCD_MS);
    }
    signal_first(s, all, SIGKILL);
    while (any_alive(s, all)) {
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
        reap(s);
    }
}

/* Waits for the end, starting again what dies. */
static void
watch(struct supervisor *s, const sigset_t *signals)
{
    for (;;) {
        const struct timespec soon = {.tv_nsec = TICK_MS * 1000000}, later = {.tv_sec = LOG_TICK_S};
        const bool dead = first_dead(s) != NULL, logs = s->log.path[0] != '\0';
        const int sig = dead || logs ? sigtimedwait(signals, NULL, dead ? &soon : &later)
                                     : sigwaitinfo(signals, NULL);
        if (sig == SIGTERM || sig == SIGINT) {
            return;
        }
        reap(s);
        restart(s);
        log_file_trim(&s->log, LOG_FILE_BYTES_MAX);
    }
}

/* Who we are, for the children. */
static void
node_facts(struct supervisor *s)
{
    struct start_facts *f = &s->facts;
    const struct node *n = &s->node;
    f->node_id = n->id > 0 ? n->id : 1;
    snprintf(f->node_name, sizeof f->node_name, "%s", n->id > 0 ? n->name : "n1");
    snprintf(f->cluster_id, sizeof f->cluster_id, "%s", n->cluster_id);
    snprintf(f->disk_id, sizeof f->disk_id, "%s", n->disk_id);
    snprintf(f->etcd, sizeof f->etcd, "%s", n->etcd);
    snprintf(f->secret, sizeof f->secret, "%s", n->secret);
}

static bool
begin(struct supervisor *s, struct error *err)
{
    const struct program_options *o = s->options;
    if (!supervisor_exposure_fits(o, err) || !place_open(&s->place, option_text(o, OPTION_DATA),
                                                         option_true(o, OPTION_EPHEMERAL), err)) {
        return false;
    }
    if (option_true(o, OPTION_DETACH) && !log_file_begin(&s->log, s->place.data_dir, err)) {
        return false;
    }
    if (option_text(o, OPTION_MEMBER)[0] != '\0') { /* its parent tells where it is */
        snprintf(s->place.ready_path, sizeof s->place.ready_path, "%s/ready.json",
                 s->place.run_dir);
    }
    s->events = events_open(s->place.data_dir, err);
    if (s->events != NULL && s->place.was_killed) {
        events_add(s->events, "recovery", "supervisor",
                   "The program before this one was killed; this one goes on with its data.");
    }
    if (s->events == NULL || !node_read(&s->node, s->place.data_dir, err) ||
        !budgets_decide(s, err) || !bind_all(s, err)) {
        return false;
    }
    node_facts(s);
    snprintf(s->facts.data_dir, sizeof s->facts.data_dir, "%s", s->place.data_dir);
    snprintf(s->facts.run_dir, sizeof s->facts.run_dir, "%s", s->place.run_dir);
    snprintf(s->facts.token, sizeof s->facts.token, "%s", option_text(o, OPTION_TOKEN));
    snprintf(s->facts.python, sizeof s->facts.python, "%s", option_text(o, OPTION_PYTHON));
    snprintf(s->start_path, sizeof s->start_path, "%s/start.json", s->place.run_dir);
    if (!start_file_write(&s->facts, s->start_path, err) || !loop_begin(s, err)) {
        return false;
    }
    for (int i = s->child_count; i-- > 0;) { /* etcd first: the store waits for it */
        if (!start_one(s, &s->children[i], err)) {
            return false;
        }
    }
    if (!wait_ready(s, err)) {
        return false;
    }
    s->ready_ms = (double)(env_mono_ns(&env_real) - s->begin_ns) / 1e6;
    events_add(s->events, "start", "supervisor", "Everything was ready after %.0f ms.",
               s->ready_ms);
    return discovery_write(&s->place, s->facts.connect, s->facts.token, err) &&
           write_ready_files(s, err);
}

static void
end(struct supervisor *s)
{
    stop_children(s);
    if (s->has_loop) {
        loop_stop(s->loop);
        pthread_join(s->loop_thread, NULL);
    }
    if (s->server != NULL) {
        frame_server_free(s->server);
    }
    if (s->loop != NULL) {
        loop_free(s->loop);
    }
    for (int i = 0; i < s->child_count; i++) {
        for (int j = 0; j <= CHILD_FD_LAST - CHILD_FD_FIRST; j++) {
            if (s->children[i].fds[j] > 0) {
                close(s->children[i].fds[j]);
            }
        }
    }
    events_close(s->events);
    place_close(&s->place);
    pthread_mutex_destroy(&s->lock);
}

int
supervisor_detach(int *ready_pipe)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) {
        return -1;
    }
    const pid_t pid = fork();
    if (pid < 0) {
        return -1;
    }
    if (pid > 0) {
        close(ends[1]);
        char byte = 0;
        const bool ready = read(ends[0], &byte, 1) == 1;
        _exit(ready ? 0 : 1);
    }
    close(ends[0]);
    setsid();
    *ready_pipe = ends[1];
    return 0;
}

void
supervisor_detached_ready(struct log_file *log, int ready_pipe)
{
    const int null = open("/dev/null", O_RDONLY);
    dup2(null, STDIN_FILENO);
    close(null);
    log_file_leave(log);
    if (write(ready_pipe, "r", 1) != 1) {
        trace(TRACE_WARN, "app", "nobody waits for this program any more");
    }
    close(ready_pipe);
}

int
supervisor_run(const struct program_options *options)
{
    struct supervisor s = {.options = options, .begin_ns = env_mono_ns(&env_real)};
    s.place.lock_fd = -1;
    s.log.out = s.log.err = -1;
    pthread_mutex_init(&s.lock, NULL);
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
    trace_init("supervisor");

    struct error err = {0};
    const bool ok = begin(&s, &err);
    if (ok) {
        if (option_text(options, OPTION_MEMBER)[0] == '\0') {
            announce(&s);
        }
        if (ready_pipe >= 0) {
            supervisor_detached_ready(&s.log, ready_pipe);
        }
        watch(&s, &signals);
    } else if (err.kind != ERROR_CANCELLED) {
        dprintf(s.log.err >= 0 ? s.log.err : STDERR_FILENO, "weir up: %s\n", error_text(&err));
    }
    end(&s);
    error_clear(&err);
    return ok ? 0 : 1;
}
