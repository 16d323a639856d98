/*
 * The process's worker threads, shared by all queries.
 *
 * A query never waits for the pool: the calling thread is worker 0 and works itself; pool threads
 * that are free take the numbers above it. So several queries run at once without a scheduler, one
 * query alone gets all cores, and a full pool slows nobody to a standstill.
 */
#ifndef WEIR_EXEC_POOL_H
#define WEIR_EXEC_POOL_H

#include <stdint.h>

/* Calls fn(ctx, 0) here and offers fn(ctx, 1) ... fn(ctx, threads - 1) to the pool. Offers not
 * taken when fn(ctx, 0) returns are withdrawn; those taken are waited for. */
void pool_run(uint32_t threads, void (*fn)(void *ctx, uint32_t worker), void *ctx);

#endif
