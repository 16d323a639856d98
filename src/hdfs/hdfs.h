/*
 * The file store as its clients see it: WebHDFS over the namespace (names/) and replicas (block/).
 *
 * One loop thread owns the namespace and all connections; threads of a small pool, started on first
 * use, read and write replicas. A change, and an answer that has seen one, leaves when the
 * namespace's log is durable. Bodies and files stream through in pieces with a brake in both
 * directions: memory is bounded by HDFS_WINDOW_BYTES a transfer.
 */
#ifndef WEIR_HDFS_HDFS_H
#define WEIR_HDFS_HDFS_H

#include "base/env.h"
#include "base/error.h"
#include "log/log.h"

struct hdfs_config {
    struct env *env;
    struct log_set *logs;
    const char *data_dir; /* names/ and blocks/ below it */
    int listen_fd;        /* taken */
    const char *address;  /* "127.0.0.1:9870": where redirects lead */
    const char *token;    /* NULL: none needed */
    /* Set on a node whose file store is another's: all requests are sent there. False: nobody knows
     * just now where it is. From the face's thread. */
    bool (*elsewhere)(void *ctx, char address[128]);
    void *elsewhere_ctx;
};

enum { HDFS_WINDOW_BYTES = 2 << 20, HDFS_PIECE_BYTES = 512 << 10 };

struct hdfs;
struct hdfs *hdfs_start(const struct hdfs_config *config, struct error *err);
void hdfs_stop(struct hdfs *h); /* before the logs are closed */

/* The topic whose partition 0 is the namespace's log. */
#define HDFS_NAMESPACE_TOPIC "__namespace"

#endif
