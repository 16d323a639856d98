/* Starting and killing etcd. */
#include "etcd_process.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/env.h"
#include "control/control.h"

static int
free_port(void)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof a;
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    int port = -1;
    if (bind(fd, (struct sockaddr *)&a, sizeof a) == 0 &&
        getsockname(fd, (struct sockaddr *)&a, &len) == 0) {
        port = ntohs(a.sin_port);
    }
    close(fd);
    return port;
}

static void
member_exec(const struct etcd_process *e, int member)
{
    char name[8], dir[96], client[64], peer[64], cluster[256] = "", log[96];
    snprintf(name, sizeof name, "m%d", member);
    snprintf(dir, sizeof dir, "%s/m%d", e->dir, member);
    snprintf(log, sizeof log, "%s/m%d.log", e->dir, member);
    snprintf(client, sizeof client, "http://127.0.0.1:%d", e->client_port[member]);
    snprintf(peer, sizeof peer, "http://127.0.0.1:%d", e->peer_port[member]);
    for (int i = 0; i < e->count; i++) {
        snprintf(cluster + strlen(cluster), sizeof cluster - strlen(cluster),
                 "%sm%d=http://127.0.0.1:%d", i > 0 ? "," : "", i, e->peer_port[i]);
    }
    const int fd = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600);
    dup2(fd, 1);
    dup2(fd, 2);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    execlp("etcd", "etcd", "--name", name, "--data-dir", dir, "--listen-client-urls", client,
           "--advertise-client-urls", client, "--listen-peer-urls", peer,
           "--initial-advertise-peer-urls", peer, "--initial-cluster", cluster,
           "--heartbeat-interval", "50", "--election-timeout", "500", "--logger", "zap",
           (char *)NULL);
    dprintf(2, "etcd cannot be started: install etcd-server\n");
    _exit(127);
}

bool
etcd_process_again(struct etcd_process *e, int member)
{
    e->pid[member] = fork();
    if (e->pid[member] == 0) {
        member_exec(e, member);
    }
    return e->pid[member] > 0;
}

static bool
answers(struct etcd_process *e)
{
    struct error err = {0};
    const struct control_etcd_config config = {.endpoints = e->endpoints, .timeout_ms = 1000};
    struct control *c = control_open_etcd(&env_real, &config, &err);
    bool ok = false, alive = c != NULL;
    for (int i = 0; i < 60 && alive && !ok; i++) {
        uint64_t version;
        error_clear(&err);
        ok = control_get(c, "ready", NULL, &version, &err);
        alive = waitpid(e->pid[0], NULL, WNOHANG) == 0;
    }
    if (!ok) {
        printf("etcd does not answer: %s (is etcd-server installed?)\n", error_text(&err));
    }
    if (c != NULL) {
        control_close(c);
    }
    error_clear(&err);
    return ok;
}

bool
etcd_process_start(struct etcd_process *e, int count)
{
    *e = (struct etcd_process){.count = count};
    strcpy(e->dir, "/tmp/weir-etcd-XXXXXX");
    if (mkdtemp(e->dir) == NULL) {
        return false;
    }
    for (int i = 0; i < count; i++) {
        e->client_port[i] = free_port();
        e->peer_port[i] = free_port();
        snprintf(e->endpoints + strlen(e->endpoints), sizeof e->endpoints - strlen(e->endpoints),
                 "%s127.0.0.1:%d", i > 0 ? "," : "", e->client_port[i]);
    }
    for (int i = 0; i < count; i++) {
        if (!etcd_process_again(e, i)) {
            return false;
        }
    }
    return answers(e);
}

void
etcd_process_kill(struct etcd_process *e, int member)
{
    if (e->pid[member] > 0) {
        kill(e->pid[member], SIGKILL);
        waitpid(e->pid[member], NULL, 0);
        e->pid[member] = 0;
    }
}

void
etcd_process_end(struct etcd_process *e)
{
    for (int i = 0; i < e->count; i++) {
        etcd_process_kill(e, i);
    }
    struct error err = {0};
    env_remove_tree(&env_real, e->dir, &err);
    error_clear(&err);
}
