/*
 * One Python worker process and its socket: bytes out, bytes in, both at once.
 *
 * Writing all input before reading any output deadlocks as soon as both sockets are full, so every
 * wait here goes through worker_pump, which sends and receives whatever is possible.
 * Threads: a worker has one user; taking and giving back goes through the pool's lock.
 */
#ifndef WEIR_PYTHON_WORKER_H
#define WEIR_PYTHON_WORKER_H

#include "base/buffer.h"
#include "base/error.h"
#include "python/pool.h"

struct interpreter;

struct python_worker {
    struct interpreter *interpreter;
    struct python_worker *next; /* idle list */
    char *files_dir;            /* what was imported stays: only for sessions with these files */
    int fd;
    int32_t pid;
    bool framed; /* PySpark 4.3: the task's head is one frame */
    struct buffer out;
    size_t sent;
    struct buffer in;
    size_t taken; /* bytes of in that were consumed */
};

/* interpreter NULL: the pool's default. A used worker is taken only with the files_dir (NULL: none)
 * that it had before. */
struct python_worker *worker_take(struct python_pool *p, const char *interpreter,
                                  const char *files_dir, struct error *err);
/* Back to the pool, or killed when it cannot be used again. */
void worker_give(struct python_pool *p, struct python_worker *w, bool reusable);

/* Sends and receives once; waits for the socket when wait is set. */
bool worker_pump(struct python_worker *w, bool wait, struct error *err);
/* Until n bytes are there to be consumed. */
bool worker_need(struct python_worker *w, size_t n, struct error *err);

static inline size_t
worker_have(const struct python_worker *w)
{
    return w->in.len - w->taken;
}

static inline const uint8_t *
worker_bytes(const struct python_worker *w)
{
    return w->in.ptr + w->taken;
}

void worker_consume(struct python_worker *w, size_t n);
bool worker_int(struct python_worker *w, int32_t *out, struct error *err);

#endif
