/* Arena allocation: bump pointer in blocks that double up to 1 MiB; bigger requests get their own.
 */
#include "base/arena.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_MIN = 4096, BLOCK_MAX = 1 << 20 };

struct arena_block {
    struct arena_block *next;
    size_t bytes; /* with this header */
    _Alignas(64) uint8_t data[];
};

void
arena_init(struct arena *a, struct budget *budget)
{
    *a = (struct arena){.budget = budget, .block_bytes = BLOCK_MIN};
}

static struct arena_block *
block_new(struct arena *a, size_t data_bytes)
{
    const size_t bytes = (sizeof(struct arena_block) + data_bytes + 63) & ~(size_t)63;
    struct arena_block *block = aligned_alloc(64, bytes);
    if (block == NULL) {
        fprintf(stderr, "weir: out of memory asking for %zu bytes\n", bytes);
        abort();
    }
    block->bytes = bytes;
    a->total_bytes += bytes;
    if (a->budget != NULL) {
        budget_charge(a->budget, bytes);
    }
    return block;
}

static void
block_free(struct arena *a, struct arena_block *block)
{
    a->total_bytes -= block->bytes;
    if (a->budget != NULL) {
        budget_return(a->budget, block->bytes);
    }
    free(block);
}

static void *
alloc_slow(struct arena *a, size_t bytes, size_t align)
{
    assert(align <= 64);
    if (a->block_bytes == 0) {
        a->block_bytes = BLOCK_MIN; /* an arena that was zeroed instead of initialised */
    }
    if (bytes > a->block_bytes / 4 && a->blocks != NULL) {
        /* A large request stands behind the current block, which goes on being used. */
        struct arena_block *block = block_new(a, bytes);
        block->next = a->blocks->next;
        a->blocks->next = block;
        return block->data;
    }
    const size_t want = bytes > a->block_bytes ? bytes : a->block_bytes;
    struct arena_block *block = block_new(a, want);
    block->next = a->blocks;
    a->blocks = block;
    a->pos = block->data + bytes;
    a->end = (uint8_t *)block + block->bytes;
    if (a->block_bytes < BLOCK_MAX) {
        a->block_bytes *= 2;
    }
    return block->data;
}

void *
arena_alloc_aligned(struct arena *a, size_t bytes, size_t align)
{
    uintptr_t at = ((uintptr_t)a->pos + (align - 1)) & ~(uintptr_t)(align - 1);
    if (a->pos == NULL || at > (uintptr_t)a->end || bytes > (uintptr_t)a->end - at) {
        return alloc_slow(a, bytes, align);
    }
    a->pos = (uint8_t *)at + bytes;
    return (void *)at;
}

void *
arena_alloc(struct arena *a, size_t bytes)
{
    return arena_alloc_aligned(a, bytes, 16);
}

void *
arena_zalloc(struct arena *a, size_t bytes)
{
    void *p = arena_alloc(a, bytes);
    memset(p, 0, bytes);
    return p;
}

void *
arena_copy(struct arena *a, const void *src, size_t bytes)
{
    void *p = arena_alloc(a, bytes);
    if (bytes > 0) {
        memcpy(p, src, bytes);
    }
    return p;
}

char *
arena_strndup(struct arena *a, const char *text, size_t len)
{
    char *copy = arena_alloc(a, len + 1);
    if (len > 0) {
        memcpy(copy, text, len);
    }
    copy[len] = '\0';
    return copy;
}

char *
arena_strdup(struct arena *a, const char *text)
{
    return arena_strndup(a, text, strlen(text));
}

char *
arena_vprintf(struct arena *a, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    const int len = vsnprintf(NULL, 0, format, again);
    va_end(again);
    assert(len >= 0);
    char *text = arena_alloc(a, (size_t)len + 1);
    vsnprintf(text, (size_t)len + 1, format, args);
    return text;
}

char *
arena_printf(struct arena *a, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *text = arena_vprintf(a, format, args);
    va_end(args);
    return text;
}

void
arena_reset(struct arena *a)
{
    struct arena_block *block = a->blocks;
    if (block == NULL) {
        return;
    }
    /* The newest block is the largest: keep that one. */
    struct arena_block *old = block->next;
    while (old != NULL) {
        struct arena_block *next = old->next;
        block_free(a, old);
        old = next;
    }
    block->next = NULL;
    a->pos = block->data;
    a->end = (uint8_t *)block + block->bytes;
}

void
arena_release(struct arena *a)
{
    arena_reset(a);
    if (a->blocks != NULL) {
        block_free(a, a->blocks);
    }
    *a = (struct arena){.budget = a->budget, .block_bytes = BLOCK_MIN};
}
