/*
 * A Python process that runs one PySpark module for long: not a pooled worker but a companion, as
 * foreachBatch needs. The module connects back over a unix socket (PYTHON_WORKER_FACTORY_SOCK_PATH)
 * and then speaks its own small protocol of big-endian integers and texts.
 *
 * The process dies with ours, and is killed by python_runner_stop.
 * Threads: a runner has one user.
 */
#ifndef WEIR_PYTHON_RUNNER_H
#define WEIR_PYTHON_RUNNER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct python_runner;

struct python_runner_config {
    const char *interpreter; /* NULL: python3 of the PATH */
    const char *module;      /* "pyspark.sql.connect.streaming.worker.foreach_batch_worker" */
    const char *socket_dir;  /* private folder, short */
    const char *connect_url; /* SPARK_CONNECT_LOCAL_URL */
};

/* Starts the process and waits until it has connected and said its pid. */
struct python_runner *python_runner_start(const struct python_runner_config *config,
                                          struct error *err);
void python_runner_stop(struct python_runner *r);
/* PySpark's version there, e.g. 4.3 -> 403. */
int python_runner_version(const struct python_runner *r);

bool python_runner_send(struct python_runner *r, const void *src, size_t len, struct error *err);
/* Waits for an answer: 0 is success, -2 comes with a traceback, which becomes the error. *cancel
 * ends the wait (the process is then good for nothing any more). */
bool python_runner_answer(struct python_runner *r, const _Atomic bool *cancel, struct error *err);

#endif
