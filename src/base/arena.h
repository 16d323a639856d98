/*
 * An arena hands out memory that is freed all at once: one per query, request, task or chunk.
 *
 * It never returns NULL: a request is charged to the budget by budget_charge (which may overdraw,
 * see budget.h), and when the system itself has no memory the process stops. Large buffers that
 * grow with the data are reserved by their operators instead.
 *
 * arena_reset frees all but the first block, so that a loop over chunks stops allocating.
 * Threads: an arena has one user at a time.
 */
#ifndef WEIR_BASE_ARENA_H
#define WEIR_BASE_ARENA_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "base/budget.h"

struct arena_block;

struct arena {
    struct budget *budget;      /* NULL = uncharged */
    struct arena_block *blocks; /* newest first; the last one is kept by arena_reset */
    uint8_t *pos;
    uint8_t *end;
    size_t block_bytes; /* size of the next block; doubles up to 1 MiB */
    size_t total_bytes; /* held from the system */
};

void arena_init(struct arena *a, struct budget *budget);
void arena_reset(struct arena *a);   /* everything handed out is gone */
void arena_release(struct arena *a); /* the same, and the blocks too */

void *arena_alloc(struct arena *a, size_t bytes); /* 16-byte aligned, not cleared */
void *arena_alloc_aligned(struct arena *a, size_t bytes, size_t align);
void *arena_zalloc(struct arena *a, size_t bytes); /* cleared */
void *arena_copy(struct arena *a, const void *src, size_t bytes);
char *arena_strdup(struct arena *a, const char *text);
char *arena_strndup(struct arena *a, const char *text, size_t len); /* NUL-terminated */
char *arena_printf(struct arena *a, const char *format, ...) __attribute__((format(printf, 2, 3)));
char *arena_vprintf(struct arena *a, const char *format, va_list args);

/* Typed helpers: cleared objects. */
#define arena_new(a, type)              ((type *)arena_zalloc((a), sizeof(type)))
#define arena_new_array(a, type, count) ((type *)arena_zalloc((a), sizeof(type) * (size_t)(count)))

#endif
