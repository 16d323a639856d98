/* Starting a member of etcd. */
#include "app/etcd_child.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

bool
etcd_find(char *out, size_t size, struct error *err)
{
    const char *path = getenv("PATH");
    char places[4096];
    snprintf(places, sizeof places, "%s:/usr/bin:/usr/local/bin", path != NULL ? path : "");
    char *rest = NULL;
    for (char *dir = strtok_r(places, ":", &rest); dir != NULL; dir = strtok_r(NULL, ":", &rest)) {
        snprintf(out, size, "%s/etcd", dir);
        if (access(out, X_OK) == 0) {
            return true;
        }
    }
    return error_set(err, ERROR_SYSTEM,
                     "several nodes need etcd, which is not installed. On Debian and Ubuntu: "
                     "sudo systemctl mask etcd; sudo apt-get install etcd-server (weir starts it "
                     "by itself; the package's own service is not needed). One node works without");
}

struct etcd_arguments {
    char election[16], heartbeat[16], dir[PATH_MAX + 16];
    char client[80], peer[80], token[48];
};

/* In the child. Nothing of our environment: etcd would read ETCD_ variables over its flags. */
static void
etcd_exec(const char *program, const struct node *n, const struct etcd_arguments *a)
{
    char *const argv[] = {"etcd",
                          "--name",
                          (char *)n->name,
                          "--data-dir",
                          (char *)a->dir,
                          "--listen-client-urls",
                          (char *)a->client,
                          "--advertise-client-urls",
                          (char *)a->client,
                          "--listen-peer-urls",
                          (char *)a->peer,
                          "--initial-advertise-peer-urls",
                          (char *)a->peer,
                          "--initial-cluster",
                          (char *)n->voter.members,
                          "--initial-cluster-state",
                          n->voter.existing ? "existing" : "new",
                          "--initial-cluster-token",
                          (char *)a->token,
                          "--heartbeat-interval",
                          (char *)a->heartbeat,
                          "--election-timeout",
                          (char *)a->election,
                          "--pre-vote",
                          "--snapshot-count",
                          "10000",
                          "--auto-compaction-mode",
                          "revision",
                          "--auto-compaction-retention",
                          "10000",
                          "--logger",
                          "zap",
                          "--log-level",
                          "warn",
                          NULL};
    char *const envp[] = {
        "PATH=/usr/bin:/bin",
#if defined(__aarch64__)
        "ETCD_UNSUPPORTED_ARCH=arm64", /* as etcd 3.4 calls what later ones support */
#endif
        NULL,
    };
    execve(program, argv, envp);
    _exit(127);
}

bool
etcd_child_start(const struct node *n, const char *data_dir, pid_t *pid, struct error *err)
{
    char program[PATH_MAX], log[PATH_MAX + 16];
    if (!etcd_find(program, sizeof program, err)) {
        return false;
    }
    struct etcd_arguments a;
    snprintf(a.dir, sizeof a.dir, "%s/etcd", data_dir);
    snprintf(a.client, sizeof a.client, "http://%s", n->voter.client);
    snprintf(a.peer, sizeof a.peer, "http://%s", n->voter.peer);
    snprintf(a.token, sizeof a.token, "%s", n->cluster_id);
    snprintf(a.heartbeat, sizeof a.heartbeat, "%d", ETCD_HEARTBEAT_MS);
    snprintf(a.election, sizeof a.election, "%d", ETCD_ELECTION_MS);
    snprintf(log, sizeof log, "%s/etcd.log", data_dir);
    const int fd = open(log, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0) {
        return error_system(err, errno, "making %s", log);
    }
    const pid_t parent = getpid();
    *pid = fork();
    if (*pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent) {
            _exit(127);
        }
        sigset_t none;
        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, NULL);
        dup2(fd, 1);
        dup2(fd, 2);
        etcd_exec(program, n, &a);
    }
    const int errnum = errno;
    close(fd);
    if (*pid < 0) {
        *pid = 0;
        return error_system(err, errnum, "starting etcd");
    }
    return true;
}
