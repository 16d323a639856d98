/*
 * A child process: how it is started and what it is given.
 *
 * A child is this same program with `--role NAME`. Listening sockets are inherited under fixed
 * numbers; the rest travels in one JSON file in the run folder (start.json), which children read
 * whole. The child dies with its parent (PR_SET_PDEATHSIG), so that a killed supervisor leaves
 * nothing behind. On one of several nodes it dies at once, by SIGKILL: who kills a node's
 * supervisor has killed the node.
 */
#ifndef WEIR_APP_CHILD_H
#define WEIR_APP_CHILD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

/* The last one is not this program but etcd, on nodes that have a member of it. */
enum child_role {
    CHILD_STORE = 0,
    CHILD_WORKER,
    CHILD_FRONT,
    CHILD_COUNT,
    CHILD_ETCD = CHILD_COUNT,
    CHILD_ALL
};

/* A node may have more workers than one: children behind the first CHILD_COUNT. */
enum { WORKERS_OF_NODE_MAX = 64, CHILDREN_MAX = CHILD_ALL + WORKERS_OF_NODE_MAX - 1 };

/* Numbers under which children find their sockets. */
enum child_fd {
    CHILD_FD_FIRST = 10,
    CHILD_FD_FRAMES = 10, /* unix socket of this child's frame server */
    CHILD_FD_A = 11,      /* store: Kafka; front: Connect */
    CHILD_FD_B = 12,      /* store: WebHDFS; front: web */
    CHILD_FD_PEER = 13,   /* tcp socket of this child's frame server, for other nodes */
    CHILD_FD_LAST = 13,
};

struct child {
    enum child_role role;
    uint32_t number;                             /* among those of its role, from 1 */
    pid_t pid;                                   /* 0: not running */
    int fds[CHILD_FD_LAST - CHILD_FD_FIRST + 1]; /* ours; -1 = none */
    int death_signal;                            /* what it gets when its parent dies */
    int64_t started_ms;                          /* monotonic */
    int64_t died_ms;
    uint32_t restarts;
    uint32_t quick_deaths; /* in a row, each within 2 s of its start */
};

const char *child_role_name(enum child_role role);
/* "worker", "worker-2": what people, events and sockets call it. */
void child_name(enum child_role role, uint32_t number, char *out, size_t size);
bool child_start(struct child *c, const char *start_file, struct error *err);

#endif
