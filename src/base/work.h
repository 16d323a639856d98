/*
 * A few threads for calls that block on disk, started when the first one is needed: what never
 * writes a file pays nothing. Calls run in any order on any of them; who needs an order keeps one
 * call under way at a time.
 */
#ifndef WEIR_BASE_WORK_H
#define WEIR_BASE_WORK_H

#include <stdint.h>

struct work_pool;

struct work_pool *work_pool_new(const char *name, uint32_t threads);
void work_submit(struct work_pool *p, void (*fn)(void *ctx), void *ctx); /* any thread */
void work_pool_free(struct work_pool *p); /* what was submitted is still run */

#endif
