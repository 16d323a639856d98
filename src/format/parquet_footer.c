/*
 * The footer cache: planning, listing splits and every split's reader want the same footer.
 *
 * A small table under one lock; an entry is found by path, size and modification time, so that a
 * rewritten file is never answered by its old footer. Readers count references; an evicted footer
 * lives until its last reader is done.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/thread.h"
#include "format/parquet_meta.h"

enum { CACHE_SLOTS = 256, FOOTER_BYTES_MAX = 128 << 20, TAIL_BYTES = 64 << 10 };

struct cached {
    char *path;
    int64_t bytes;
    int64_t modified_ms;
    uint64_t used; /* turn of last use */
    struct pq_footer *footer;
};

static pthread_mutex_t cache_lock = PTHREAD_MUTEX_INITIALIZER;
static struct cached cache[CACHE_SLOTS]; /* under cache_lock */
static uint64_t cache_turn;              /* under cache_lock */

void
pq_footer_release(struct pq_footer *f)
{
    if (f != NULL && atomic_fetch_sub(&f->refs, 1) == 1) {
        arena_release(&f->arena);
        free(f);
    }
}

static struct pq_footer *
cache_find(const struct source_file *file)
{
    struct pq_footer *found = NULL;
    mutex_lock(&cache_lock);
    for (uint32_t i = 0; found == NULL && i < CACHE_SLOTS; i++) {
        struct cached *c = &cache[i];
        if (c->footer != NULL && c->bytes == file->bytes && c->modified_ms == file->modified_ms &&
            strcmp(c->path, file->path) == 0) {
            c->used = ++cache_turn;
            found = c->footer;
            atomic_fetch_add(&found->refs, 1);
        }
    }
    mutex_unlock(&cache_lock);
    return found;
}

static void
cache_keep(const struct source_file *file, struct pq_footer *f)
{
    mutex_lock(&cache_lock);
    struct cached *oldest = &cache[0];
    for (uint32_t i = 1; i < CACHE_SLOTS; i++) {
        if (cache[i].used < oldest->used) {
            oldest = &cache[i];
        }
    }
    struct pq_footer *evicted = oldest->footer;
    free(oldest->path);
    *oldest = (struct cached){.path = strdup(file->path),
                              .bytes = file->bytes,
                              .modified_ms = file->modified_ms,
                              .used = ++cache_turn,
                              .footer = f};
    if (oldest->path == NULL) {
        *oldest = (struct cached){0};
    } else {
        atomic_fetch_add(&f->refs, 1);
    }
    mutex_unlock(&cache_lock);
    pq_footer_release(evicted);
}

/* Reads the last bytes of the file: the metadata lies before its length and the magic. *owned is
 * what the caller frees. */
static bool
read_tail(const struct source_file *file, struct env *env, int fd, uint8_t **owned,
          struct bytes *metadata, struct error *err)
{
    size_t want = file->bytes < TAIL_BYTES ? (size_t)file->bytes : TAIL_BYTES;
    for (;;) {
        size_t got;
        uint8_t *tail = malloc(want + 1);
        if (tail == NULL) {
            return error_set(err, ERROR_RESOURCE, "No memory for a Parquet footer of %zu bytes",
                             want);
        }
        *owned = tail;
        if (!env->ops->pread(env, fd, tail, want, file->bytes - (int64_t)want, &got, err)) {
            return false;
        }
        if (got != want || want < 12 || memcmp(tail + want - 4, "PAR1", 4) != 0) {
            return error_set(err, ERROR_EXECUTION, "%s is not a Parquet file%s", file->path,
                             got == want && want >= 4 && memcmp(tail + want - 4, "PARE", 4) == 0
                                 ? " that can be read: it is encrypted"
                                 : ": it does not end with PAR1");
        }
        uint32_t len;
        memcpy(&len, tail + want - 8, 4);
        if ((int64_t)len > file->bytes - 12 || len > FOOTER_BYTES_MAX) {
            return error_set(err, ERROR_EXECUTION, "Broken Parquet file: footer length of %s",
                             file->path);
        }
        if (len + 8 <= want) {
            *metadata = (struct bytes){tail + want - 8 - len, len};
            return true;
        }
        free(tail);
        *owned = NULL;
        want = (size_t)len + 8;
    }
}

static struct pq_footer *
read_footer(const struct source_file *file, struct env *env, struct error *err)
{
    uint8_t *tail = NULL;
    struct bytes metadata;
    struct pq_footer *f = NULL;
    const int fd = env->ops->open(env, file->path, ENV_READ, err);
    if (fd < 0) {
        return NULL;
    }
    if (read_tail(file, env, fd, &tail, &metadata, err)) {
        f = calloc(1, sizeof *f);
        if (f == NULL) {
            abort();
        }
        arena_init(&f->arena, NULL);
        atomic_store(&f->refs, 1);
        metadata.ptr = arena_copy(&f->arena, metadata.ptr, metadata.len); /* statistics stay */
        if (!pq_parse_footer(f, metadata, file->bytes, err)) {
            pq_footer_release(f);
            f = NULL;
        }
    }
    free(tail);
    env->ops->close(env, fd);
    return f;
}

struct pq_footer *
pq_footer_open(const struct source_file *file, struct env *env, struct error *err)
{
    struct pq_footer *f = cache_find(file);
    if (f == NULL) {
        f = read_footer(file, env, err);
        if (f != NULL) {
            cache_keep(file, f);
        }
    }
    return f;
}
