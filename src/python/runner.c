/* Companion Python processes: started, spoken to, killed. */
#include "python/runner.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/env.h"

enum {
    START_TIMEOUT_MS = 60000,
    POLL_MS = 50,
    TRACEBACK_MAX = 1 << 20,
    ANSWER_FAILED = -2,
};

struct python_runner {
    pid_t pid;
    int fd;
    int version;
    char path[108]; /* of the listening socket */
};

/* The module runs as it is. In front of it PySpark's version is told (two numbers), and SPARK_HOME
 * is named, for which PySpark would otherwise look in vain. */
static const char bootstrap[] =
    "import os, sys, runpy, struct, pyspark\n"
    "os.environ.setdefault('SPARK_HOME', os.path.dirname(pyspark.__file__))\n"
    "v = pyspark.__version__.split('.')\n"
    "with open(os.environ['WEIR_RUNNER_VERSION'], 'w') as f: f.write(v[0] + ' ' + v[1])\n"
    "runpy.run_module(sys.argv[1], run_name='__main__')\n";

static int
listen_at(const char *path, struct error *err)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path) {
        error_set(err, ERROR_SYSTEM, "the path of a Python socket is too long: %s", path);
        return -1;
    }
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) != 0 ||
        listen(fd, 1) != 0) {
        error_system(err, errno, "making the socket %s", path);
        if (fd >= 0) {
            close(fd);
        }
        return -1;
    }
    return fd;
}

static void
child_exec(const struct python_runner_config *config, const char *socket_path,
           const char *version_path, pid_t parent)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) {
        _exit(127);
    }
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    dup2(2, 1); /* what the user's function prints goes to the log */
    setenv("PYTHON_UNIX_DOMAIN_ENABLED", "true", 1);
    setenv("PYTHON_WORKER_FACTORY_SOCK_PATH", socket_path, 1);
    setenv("SPARK_CONNECT_LOCAL_URL", config->connect_url, 1);
    setenv("WEIR_RUNNER_VERSION", version_path, 1);
    setenv("PYTHONUNBUFFERED", "1", 1);
    unsetenv("SPARK_REMOTE");
    const char *python = config->interpreter != NULL ? config->interpreter : "python3";
    execlp(python, python, "-W", "ignore", "-c", bootstrap, config->module, (char *)NULL);
    _exit(127);
}

static bool
wait_readable(int fd, int timeout_ms)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    return poll(&p, 1, timeout_ms) == 1;
}

/* Accepts the child's connection; gives up when it dies first. */
static bool
accept_child(struct python_runner *r, int listener, struct error *err)
{
    const int64_t deadline_ms = env_mono_ms(&env_real) + START_TIMEOUT_MS;
    while (!wait_readable(listener, POLL_MS)) {
        int status;
        if (waitpid(r->pid, &status, WNOHANG) == r->pid) {
            r->pid = 0;
            return error_set(err, ERROR_EXECUTION,
                             "[PYTHON_DAEMON_FAILED] The Python process for foreachBatch did not "
                             "start; is pyspark installed for its interpreter?");
        }
        if (env_mono_ms(&env_real) > deadline_ms) {
            return error_set(err, ERROR_EXECUTION, "the Python process did not connect within %d s",
                             START_TIMEOUT_MS / 1000);
        }
    }
    r->fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    return r->fd >= 0 || error_system(err, errno, "accepting the Python process");
}

static bool
receive(struct python_runner *r, void *dst, size_t len, const _Atomic bool *cancel,
        struct error *err)
{
    uint8_t *at = dst;
    while (len > 0) {
        if (!wait_readable(r->fd, POLL_MS)) {
            if (cancel != NULL && atomic_load(cancel)) {
                return error_set(err, ERROR_CANCELLED, "the operation was cancelled");
            }
            continue;
        }
        const ssize_t n = recv(r->fd, at, len, 0);
        if (n <= 0) {
            return error_set(err, ERROR_EXECUTION,
                             "[PYTHON_WORKER_CRASHED] The Python process of foreachBatch ended.");
        }
        at += n;
        len -= (size_t)n;
    }
    return true;
}

static bool
receive_int(struct python_runner *r, int32_t *out, const _Atomic bool *cancel, struct error *err)
{
    uint32_t word;
    if (!receive(r, &word, sizeof word, cancel, err)) {
        return false;
    }
    *out = (int32_t)__builtin_bswap32(word);
    return true;
}

static int
version_read(const char *path)
{
    uint8_t *bytes = NULL;
    size_t len = 0;
    struct error ignored = {0};
    int major = 0, minor = 0;
    if (env_read_file(&env_real, path, 64, &bytes, &len, &ignored)) {
        char *text = strndup((char *)bytes, len);
        if (sscanf(text, "%d %d", &major, &minor) != 2) {
            major = minor = 0;
        }
        free(text);
        free(bytes);
    }
    error_clear(&ignored);
    unlink(path);
    return major * 100 + minor;
}

struct python_runner *
python_runner_start(const struct python_runner_config *config, struct error *err)
{
    struct python_runner *r = calloc(1, sizeof *r);
    if (r == NULL) {
        abort();
    }
    r->fd = -1;
    char version_path[160];
    snprintf(r->path, sizeof r->path, "%s/py-%08x.sock", config->socket_dir,
             (unsigned)env_random(&env_real));
    snprintf(version_path, sizeof version_path, "%s.version", r->path);
    const int listener = listen_at(r->path, err);
    bool ok = listener >= 0;
    if (ok) {
        const pid_t parent = getpid();
        r->pid = fork();
        if (r->pid == 0) {
            child_exec(config, r->path, version_path, parent);
        }
        ok = r->pid > 0 || error_system(err, errno, "starting Python");
    }
    int32_t said_pid;
    ok = ok && accept_child(r, listener, err) && receive_int(r, &said_pid, NULL, err);
    if (listener >= 0) {
        close(listener);
    }
    r->version = version_read(version_path);
    if (!ok) {
        python_runner_stop(r);
        return NULL;
    }
    return r;
}

void
python_runner_stop(struct python_runner *r)
{
    if (r == NULL) {
        return;
    }
    if (r->fd >= 0) {
        close(r->fd);
    }
    if (r->pid > 0) {
        kill(r->pid, SIGKILL);
        waitpid(r->pid, NULL, 0);
    }
    unlink(r->path);
    free(r);
}

int
python_runner_version(const struct python_runner *r)
{
    return r->version;
}

bool
python_runner_send(struct python_runner *r, const void *src, size_t len, struct error *err)
{
    const uint8_t *at = src;
    while (len > 0) {
        const ssize_t n = send(r->fd, at, len, MSG_NOSIGNAL);
        if (n <= 0) {
            return error_set(err, ERROR_EXECUTION,
                             "[PYTHON_WORKER_CRASHED] The Python process of foreachBatch ended.");
        }
        at += n;
        len -= (size_t)n;
    }
    return true;
}

bool
python_runner_answer(struct python_runner *r, const _Atomic bool *cancel, struct error *err)
{
    int32_t code, len;
    if (!receive_int(r, &code, cancel, err)) {
        return false;
    }
    if (code == 0) {
        return true;
    }
    if (code != ANSWER_FAILED || !receive_int(r, &len, cancel, err) || len < 0 ||
        len > TRACEBACK_MAX) {
        return error_is_set(err)
                   ? false
                   : error_set(err, ERROR_PROTOCOL, "the Python process answered %d", code);
    }
    char *text = calloc(1, (size_t)len + 1);
    if (text == NULL) {
        abort();
    }
    if (receive(r, text, (size_t)len, cancel, err)) {
        error_set(err, ERROR_EXECUTION,
                  "[FOREACH_BATCH_USER_FUNCTION_ERROR] An error occurred in "
                  "the user provided function in foreach batch sink. "
                  "Reason: %s SQLSTATE: 39000",
                  text);
    }
    free(text);
    return false;
}
