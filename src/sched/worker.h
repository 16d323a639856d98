/*
 * The worker process: runs task attempts with exec/ and answers over net/frame.
 *
 * One thread a running attempt does the asking (compile, wait, encode); the pipelines share the
 * process's compute threads. A crash in here loses attempts, never data: who asked starts them
 * again, here or on another worker. It serves what its attempts wrote for other stages
 * (sched/shuffle.h).
 */
#ifndef WEIR_SCHED_WORKER_H
#define WEIR_SCHED_WORKER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/env.h"
#include "base/error.h"

struct worker_config {
    struct env *env;
    int listen_fd;         /* unix socket for net/frame, taken over */
    int peer_fd;           /* tcp socket for frames of other nodes, taken over; 0 or less: none */
    const char *secret;    /* of the cluster */
    uint64_t memory_bytes; /* budget of all tasks together */
    uint32_t threads;
    const char *spill_dir;
    const char *shuffle_dir; /* its own; what lies there is removed. NULL: no shares of stages */
    const char *work_dir;    /* Python daemons' sockets */
    const char *python_path; /* default interpreter; NULL: python3 of PATH */
};

struct worker;

struct worker *worker_start(const struct worker_config *config, struct error *err);
void worker_stop(struct worker *w); /* cancels what runs, waits for it, frees */

#endif
