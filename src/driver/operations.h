/* What the driver tells of itself to the web page: JSON texts, appended. Any thread. */
#ifndef WEIR_DRIVER_OPERATIONS_H
#define WEIR_DRIVER_OPERATIONS_H

#include "base/buffer.h"

struct driver;

/* [{"id", "text", "user", "state", "error", "started_ms", "ms", "rows", "attempts",
 *   "stages": [{"name", "tasks", "tasks_done", "rows_in", "rows_out", "bytes", "ms", "started",
 *   "done"}]}], newest first */
void driver_put_operations(struct driver *d, struct buffer *json);
void driver_put_workers(struct driver *d, struct buffer *json); /* array; sched/workers.h */
void driver_put_worker(struct driver *d, struct buffer *json);  /* sched_worker_status or null */
void driver_operations_free(struct driver *d);

#endif
