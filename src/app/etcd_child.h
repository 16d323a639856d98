/*
 * A member of etcd as a child of a node's supervisor. It dies with its supervisor at once
 * (SIGKILL), as it would with a computer: its log is flushed before it answers.
 */
#ifndef WEIR_APP_ETCD_CHILD_H
#define WEIR_APP_ETCD_CHILD_H

#include <sys/types.h>

#include "app/node.h"

enum { ETCD_HEARTBEAT_MS = 50, ETCD_ELECTION_MS = 500 };

/* Where etcd is (PATH, then the places where packages put it); false with what to install. */
bool etcd_find(char *out, size_t size, struct error *err);
bool etcd_child_start(const struct node *n, const char *data_dir, pid_t *pid, struct error *err);

#endif
