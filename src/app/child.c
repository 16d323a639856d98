/* Starting a child: fork, put the sockets where it looks for them, exec this program again. */
#include "app/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/env.h"

const char *
child_role_name(enum child_role role)
{
    static const char *const names[CHILD_ALL] = {"store", "worker", "front", "etcd"};
    return names[role];
}

void
child_name(enum child_role role, uint32_t number, char *out, size_t size)
{
    if (number > 1) {
        snprintf(out, size, "%s-%u", child_role_name(role), number);
    } else {
        snprintf(out, size, "%s", child_role_name(role));
    }
}

/* In the child, between fork and exec: only calls that are safe there. */
static void
child_exec(const struct child *c, const char *start_file, const char *number, pid_t parent)
{
    prctl(PR_SET_PDEATHSIG, c->death_signal);
    if (getppid() != parent) {
        _exit(127); /* the parent died before the signal was asked for */
    }
    enum { COUNT = CHILD_FD_LAST - CHILD_FD_FIRST + 1, HIGH = 100 };
    /* First away from the target numbers, then onto them; dup2 clears close-on-exec. */
    int moved[COUNT];
    for (int i = 0; i < COUNT; i++) {
        moved[i] = c->fds[i] >= 0 ? fcntl(c->fds[i], F_DUPFD_CLOEXEC, HIGH) : -1;
    }
    for (int i = 0; i < COUNT; i++) {
        if (moved[i] >= 0) {
            dup2(moved[i], CHILD_FD_FIRST + i);
        } else {
            close(CHILD_FD_FIRST + i);
        }
    }
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    char *const argv[] = {
        "weir",         "--role", (char *)child_role_name(c->role), (char *)start_file,
        (char *)number, NULL};
    execv("/proc/self/exe", argv);
    _exit(127);
}

bool
child_start(struct child *c, const char *start_file, struct error *err)
{
    char number[16];
    snprintf(number, sizeof number, "%u", c->number);
    const pid_t parent = getpid();
    const pid_t pid = fork();
    if (pid < 0) {
        return error_system(err, errno, "starting the %s process", child_role_name(c->role));
    }
    if (pid == 0) {
        child_exec(c, start_file, number, parent);
    }
    c->pid = pid;
    c->started_ms = env_mono_ms(&env_real);
    return true;
}
