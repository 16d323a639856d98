/*
 * Held results: record batches of an attempt that does not count yet. In memory up to a limit, then
 * in an unlinked file in the run folder, which nobody has to clean up after a crash.
 */
#ifndef WEIR_SCHED_HOLD_H
#define WEIR_SCHED_HOLD_H

#include "base/buffer.h"
#include "base/env.h"
#include "base/error.h"

enum { HOLD_MEMORY_BYTES = 64 << 20 };

struct hold {
    struct env *env;
    const char *dir;
    struct buffer memory; /* (le64 rows, le64 length, bytes)* */
    int fd;               /* of those that came after memory was full; -1 before */
    int64_t file_bytes;
};

void hold_init(struct hold *h, struct env *env, const char *dir);
void hold_clear(struct hold *h); /* forget all; usable again */
void hold_release(struct hold *h);
bool hold_add(struct hold *h, const void *data, size_t len, uint64_t rows, struct error *err);
/* Hands everything out in the order it came. */
bool hold_each(struct hold *h,
               bool (*fn)(void *ctx, const void *data, size_t len, uint64_t rows,
                          struct error *err),
               void *ctx, struct error *err);

#endif
