/*
 * Who a data folder is, when it belongs to one node of several: <data>/node.json, mode 0600.
 *
 * A folder without the file is of a node alone. What stands in the file stays for the folder's
 * life: the cluster, the node's number and name, the id of its disk, the secret, and the ports of
 * its member of etcd, since the other members know them.
 */
#ifndef WEIR_APP_NODE_H
#define WEIR_APP_NODE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

enum { NODE_SECRET_TEXT = 65 };

struct node_voter {
    char client[64], peer[64]; /* HOST:PORT of this node's member of etcd; "": it has none */
    char members[1024];        /* etcd's --initial-cluster */
    bool existing;             /* joins a cluster of etcd that is there */
};

struct node {
    uint32_t id; /* 0: no file, a node alone */
    char name[64];
    char cluster_id[40], disk_id[40];
    char secret[NODE_SECRET_TEXT]; /* hex */
    char host[64];                 /* where it listens for other nodes */
    char etcd[512];                /* endpoints */
    struct node_voter voter;
};

/* True with id 0 when the folder has no such file. */
bool node_read(struct node *n, const char *data_dir, struct error *err);
bool node_write(const struct node *n, const char *data_dir, struct error *err);
void node_secret_make(char out[NODE_SECRET_TEXT]);

#endif
