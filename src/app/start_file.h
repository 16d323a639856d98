/* What the supervisor tells its children: one JSON file in the run folder. */
#ifndef WEIR_APP_START_FILE_H
#define WEIR_APP_START_FILE_H

#include <limits.h>
#include <stdint.h>

#include "app/child.h"
#include "base/error.h"

struct start_facts {
    char data_dir[PATH_MAX];
    char run_dir[PATH_MAX];
    char connect[128], kafka[128], web[128]; /* host:port as bound */
    char webhdfs[128];                       /* "": off */
    char frames[CHILD_COUNT][PATH_MAX];      /* unix:... of each child */
    char supervisor[PATH_MAX];
    char token[256];
    char python[PATH_MAX];
    uint64_t memory[CHILD_COUNT];
    uint32_t threads; /* of each worker */
    uint32_t workers; /* at least 1; memory[CHILD_WORKER] is for each */
    /* Who this node is. Alone: node 1 of a cluster of its own, and the rest is empty. */
    uint32_t node_id;
    char node_name[64];
    char cluster_id[40], disk_id[40];
    char etcd[512];               /* endpoints with commas; "": the control store is `local` */
    char peers[CHILD_COUNT][128]; /* host:port of each child's frames for other nodes; "": none */
    char secret[72];              /* of the cluster, in hex: net/frame.h */
};

bool start_file_write(const struct start_facts *f, const char *path, struct error *err);
struct member;
/* What is registered of this node. */
void start_facts_member(const struct start_facts *f, struct member *out);
bool start_file_read(struct start_facts *f, const char *path, struct error *err);

#endif
