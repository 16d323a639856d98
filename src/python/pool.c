/*
 * Interpreters and their workers: pyspark.daemon is started once per interpreter, every connect to
 * its socket forks a worker, and workers that ended a task cleanly wait here for the next one.
 */
#include "python/pool.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buffer.h"
#include "python/worker.h"

extern char **environ;

enum { START_TIMEOUT_MS = 60000, IDLE_MAX = 64 };

struct interpreter {
    char *path;
    pid_t pid;
    int to;   /* the daemon's stdin: a pid kills that worker, closing ends the daemon */
    int from; /* its stdout, which functions print to */
    pthread_t drain;
    bool draining;
    char *socket_path;
    bool framed;
    struct interpreter *next;
};

struct python_pool {
    pthread_mutex_t lock;
    char *default_path;
    char *work_dir;
    struct interpreter *interpreters;
    struct python_worker *idle;
    uint32_t idle_count;
    uint32_t worker_count;
};

/* The daemon unchanged, but gc.collect, which it calls between tasks, does nothing: with pandas
 * loaded that is 35 ms a task. First it says which PySpark it is. */
static const char wrapper[] = "import gc, runpy, sys\n"
                              "gc.collect = lambda *a, **k: 0\n"
                              "import pyspark\n"
                              "v = pyspark.__version__.encode()\n"
                              "sys.stdout.buffer.write(len(v).to_bytes(4, 'big') + v)\n"
                              "sys.stdout.buffer.flush()\n"
                              "sys.argv = ['pyspark.daemon', 'pyspark.worker']\n"
                              "runpy.run_module('pyspark.daemon', run_name='__main__')\n";

struct python_pool *
python_pool_new(const char *default_interpreter, const char *work_dir)
{
    struct python_pool *p = calloc(1, sizeof *p);
    pthread_mutex_init(&p->lock, NULL);
    p->default_path = strdup(default_interpreter != NULL ? default_interpreter : "python3");
    p->work_dir = strdup(work_dir);
    return p;
}

/* --- starting an interpreter --- */

static bool
read_exactly(int fd, void *dst, size_t len, struct error *err)
{
    size_t got = 0;
    while (got < len) {
        struct pollfd ready = {.fd = fd, .events = POLLIN};
        const int n = poll(&ready, 1, START_TIMEOUT_MS);
        const ssize_t r = n > 0 ? read(fd, (uint8_t *)dst + got, len - got) : -1;
        if (r <= 0 && !(r < 0 && errno == EINTR)) {
            return error_set(err, ERROR_EXECUTION,
                             "[PYTHON_DAEMON_FAILED] The Python interpreter did not start "
                             "pyspark.daemon; is pyspark installed for it?");
        }
        got += r > 0 ? (size_t)r : 0;
    }
    return true;
}

static char *
read_text(int fd, struct error *err)
{
    uint8_t head[4];
    if (!read_exactly(fd, head, 4, err)) {
        return NULL;
    }
    const uint32_t len =
        (uint32_t)head[0] << 24 | (uint32_t)head[1] << 16 | (uint32_t)head[2] << 8 | head[3];
    if (len > 4096) {
        error_set(err, ERROR_PROTOCOL, "pyspark.daemon spoke of %u bytes at its start.", len);
        return NULL;
    }
    char *text = calloc(1, len + 1);
    if (!read_exactly(fd, text, len, err)) {
        free(text);
        return NULL;
    }
    return text;
}

/* What functions print arrives on the daemon's stdout; it goes to ours for errors, since a full
 * pipe would stop them. */
static void *
drain_main(void *arg)
{
    struct interpreter *in = arg;
    char bytes[4096];
    for (;;) {
        const ssize_t n = read(in->from, bytes, sizeof bytes);
        if (n <= 0 && !(n < 0 && errno == EINTR)) {
            return NULL;
        }
        ssize_t done = 0;
        while (n > 0 && done < n) {
            const ssize_t w = write(STDERR_FILENO, bytes + done, (size_t)(n - done));
            if (w <= 0) {
                break;
            }
            done += w;
        }
    }
}

static char **
child_environment(struct arena *a, const char *work_dir)
{
    const char *const own[] = {
        "PYTHON_UNIX_DOMAIN_ENABLED=true",
        arena_printf(a, "PYTHON_WORKER_FACTORY_SOCK_DIR=%s", work_dir),
        "SPARK_REUSE_WORKER=1",
        "SPARK_BUFFER_SIZE=65536",
        "SPARK_SIMPLIFIED_TRACEBACK=1",
        "OMP_NUM_THREADS=1",
    };
    const size_t own_count = sizeof own / sizeof *own;
    size_t count = 0;
    while (environ[count] != NULL) {
        count++;
    }
    char **env = arena_new_array(a, char *, count + own_count + 1);
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        const bool python_home = strncmp(environ[i], "PYTHONHOME=", 11) == 0;
        if (!python_home) {
            env[n++] = environ[i];
        }
    }
    for (size_t i = 0; i < own_count; i++) {
        env[n++] = (char *)own[i];
    }
    return env;
}

static bool
spawn_daemon(struct python_pool *p, struct interpreter *in, struct error *err)
{
    int to[2], from[2];
    if (pipe2(to, O_CLOEXEC) < 0) {
        return error_system(err, errno, "pipe");
    }
    if (pipe2(from, O_CLOEXEC) < 0) {
        close(to[0]);
        close(to[1]);
        return error_system(err, errno, "pipe");
    }
    struct arena a;
    arena_init(&a, NULL);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, to[0], 0);
    posix_spawn_file_actions_adddup2(&actions, from[1], 1);
    posix_spawn_file_actions_addclosefrom_np(&actions, 3);
    char *const argv[] = {in->path, "-c", (char *)wrapper, NULL};
    const int rc =
        posix_spawnp(&in->pid, in->path, &actions, NULL, argv, child_environment(&a, p->work_dir));
    posix_spawn_file_actions_destroy(&actions);
    arena_release(&a);
    close(to[0]);
    close(from[1]);
    in->to = to[1];
    in->from = from[0];
    return rc == 0 || error_system(err, rc, "Cannot start the Python interpreter %s", in->path);
}

static void
interpreter_end(struct interpreter *in)
{
    if (in->to >= 0) {
        close(in->to);
    }
    if (in->pid > 0) {
        int status;
        while (waitpid(in->pid, &status, 0) < 0 && errno == EINTR) {
        }
    }
    if (in->draining) {
        pthread_join(in->drain, NULL);
    }
    if (in->from >= 0) {
        close(in->from);
    }
    free(in->path);
    free(in->socket_path);
    free(in);
}

static struct interpreter *
interpreter_start(struct python_pool *p, const char *path, struct error *err)
{
    struct interpreter *in = calloc(1, sizeof *in);
    in->path = strdup(path);
    in->to = in->from = -1;
    char *version = NULL;
    if (spawn_daemon(p, in, err)) {
        version = read_text(in->from, err);
        in->socket_path = version != NULL ? read_text(in->from, err) : NULL;
    }
    if (version != NULL && in->socket_path != NULL) {
        int major = atoi(version), minor = 0;
        const char *dot = strchr(version, '.');
        minor = dot != NULL ? atoi(dot + 1) : 0;
        in->framed = major > 4 || (major == 4 && minor >= 3);
        if (major < 4 || (major == 4 && minor < 2)) {
            error_unsupported(err, "Python functions with PySpark %s (4.2 and later work)",
                              version);
        } else if (pthread_create(&in->drain, NULL, drain_main, in) == 0) {
            in->draining = true;
        }
    }
    free(version);
    if (error_is_set(err)) {
        interpreter_end(in);
        return NULL;
    }
    return in;
}

/* Under the lock: a start takes a second once, and two of them would make two daemons. */
static struct interpreter *
interpreter_of(struct python_pool *p, const char *path, struct error *err)
{
    path = path != NULL ? path : p->default_path;
    for (struct interpreter *in = p->interpreters; in != NULL; in = in->next) {
        if (strcmp(in->path, path) == 0) {
            return in;
        }
    }
    struct interpreter *in = interpreter_start(p, path, err);
    if (in != NULL) {
        in->next = p->interpreters;
        p->interpreters = in;
    }
    return in;
}

/* A daemon that died takes its place in the list with it, so that the next call starts another. */
static void
interpreter_forget(struct python_pool *p, struct interpreter *dead)
{
    for (struct interpreter **at = &p->interpreters; *at != NULL; at = &(*at)->next) {
        if (*at == dead) {
            *at = dead->next;
            kill(dead->pid, SIGKILL);
            interpreter_end(dead);
            return;
        }
    }
}

/* --- workers --- */

static void
worker_free(struct python_worker *w)
{
    close(w->fd);
    buffer_release(&w->out);
    buffer_release(&w->in);
    free(w->files_dir);
    free(w);
}

static struct python_worker *
worker_connect(struct interpreter *in, const char *files_dir, struct error *err)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(in->socket_path) >= sizeof address.sun_path) {
        error_set(err, ERROR_SYSTEM, "The work folder's path is too long for a socket: %s",
                  in->socket_path);
        return NULL;
    }
    strncpy(address.sun_path, in->socket_path, sizeof address.sun_path - 1);
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) < 0) {
        error_system(err, errno, "Cannot reach the Python daemon");
        if (fd >= 0) {
            close(fd);
        }
        return NULL;
    }
    struct python_worker *w = calloc(1, sizeof *w);
    w->interpreter = in;
    w->files_dir = strdup(files_dir);
    w->framed = in->framed;
    w->fd = fd;
    fcntl(fd, F_SETFL, O_NONBLOCK);
    if (!worker_int(w, &w->pid, err)) {
        worker_free(w);
        return NULL;
    }
    return w;
}

struct python_worker *
worker_take(struct python_pool *p, const char *path, const char *files_dir, struct error *err)
{
    const char *files = files_dir != NULL ? files_dir : "";
    pthread_mutex_lock(&p->lock);
    struct interpreter *in = interpreter_of(p, path, err);
    struct python_worker *w = NULL;
    struct python_worker **at = &p->idle;
    while (in != NULL && w == NULL && *at != NULL) {
        struct python_worker *idle = *at;
        if (idle->interpreter != in || strcmp(idle->files_dir, files) != 0) {
            at = &idle->next;
            continue;
        }
        *at = idle->next;
        p->idle_count--;
        struct pollfd ready = {.fd = idle->fd, .events = POLLIN};
        if (poll(&ready, 1, 0) == 0) {
            w = idle;
        } else { /* an idle worker has nothing to say: it died */
            worker_free(idle);
            p->worker_count--;
        }
    }
    if (w == NULL && in != NULL) {
        w = worker_connect(in, files, err);
        if (w == NULL) {
            /* Its other workers may still run; only the daemon is started anew. */
            bool used = p->worker_count > 0;
            if (!used) {
                interpreter_forget(p, in);
            }
        } else {
            p->worker_count++;
        }
    }
    pthread_mutex_unlock(&p->lock);
    if (w != NULL) {
        w->next = NULL;
        w->sent = w->taken = 0;
        buffer_clear(&w->out);
        buffer_clear(&w->in);
    }
    return w;
}

void
worker_give(struct python_pool *p, struct python_worker *w, bool reusable)
{
    pthread_mutex_lock(&p->lock);
    if (reusable && p->idle_count < IDLE_MAX) {
        w->next = p->idle;
        p->idle = w;
        p->idle_count++;
    } else {
        const uint32_t pid = (uint32_t)w->pid;
        const uint8_t order[4] = {(uint8_t)(pid >> 24), (uint8_t)(pid >> 16), (uint8_t)(pid >> 8),
                                  (uint8_t)pid};
        if (write(w->interpreter->to, order, sizeof order) != sizeof order) {
            /* The daemon is gone, and its workers with it. */
        }
        p->worker_count--;
        worker_free(w);
    }
    pthread_mutex_unlock(&p->lock);
}

uint32_t
python_pool_workers(const struct python_pool *p)
{
    return p->worker_count;
}

void
python_pool_free(struct python_pool *p)
{
    if (p == NULL) {
        return;
    }
    while (p->idle != NULL) {
        struct python_worker *w = p->idle;
        p->idle = w->next;
        worker_free(w);
    }
    while (p->interpreters != NULL) {
        struct interpreter *in = p->interpreters;
        p->interpreters = in->next;
        interpreter_end(in);
    }
    pthread_mutex_destroy(&p->lock);
    free(p->default_path);
    free(p->work_dir);
    free(p);
}
