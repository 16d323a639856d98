/* Held results: the first ones in one buffer; those beyond its limit go to the file as they come.
 */
#include "sched/hold.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HOLD_HEAD_BYTES = 16 };

#define HOLD_FN(name)                                                                              \
    bool (*name)(void *ctx, const void *data, size_t len, uint64_t rows, struct error *err)

void
hold_init(struct hold *h, struct env *env, const char *dir)
{
    *h = (struct hold){.env = env, .dir = dir, .fd = -1};
    h->memory.limit = (size_t)1 << 30;
}

void
hold_clear(struct hold *h)
{
    buffer_clear(&h->memory);
    if (h->fd >= 0) {
        h->env->ops->close(h->env, h->fd);
    }
    h->fd = -1;
    h->file_bytes = 0;
}

void
hold_release(struct hold *h)
{
    hold_clear(h);
    buffer_release(&h->memory);
}

static bool
file_open(struct hold *h, struct error *err)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/hold-%016llx", h->dir, (unsigned long long)env_random(h->env));
    h->fd = h->env->ops->open(h->env, path, ENV_WRITE | ENV_CREATE | ENV_EXCLUSIVE, err);
    return h->fd >= 0 && h->env->ops->unlink(h->env, path, err);
}

static bool
file_add(struct hold *h, const void *data, size_t len, uint64_t rows, struct error *err)
{
    const uint64_t head[2] = {rows, len};
    if (h->fd < 0 && !file_open(h, err)) {
        return false;
    }
    if (!h->env->ops->pwrite(h->env, h->fd, head, sizeof head, h->file_bytes, err) ||
        !h->env->ops->pwrite(h->env, h->fd, data, len, h->file_bytes + HOLD_HEAD_BYTES, err)) {
        return false;
    }
    h->file_bytes += HOLD_HEAD_BYTES + (int64_t)len;
    return true;
}

bool
hold_add(struct hold *h, const void *data, size_t len, uint64_t rows, struct error *err)
{
    /* Once something is in the file all that follows goes there, for the order. */
    if (h->fd >= 0 || h->memory.len + HOLD_HEAD_BYTES + len > HOLD_MEMORY_BYTES) {
        return file_add(h, data, len, rows, err);
    }
    buffer_le64(&h->memory, rows);
    buffer_le64(&h->memory, len);
    buffer_put(&h->memory, data, len);
    if (h->memory.overflow) {
        return error_set(err, ERROR_RESOURCE, "a held result batch is too large");
    }
    return true;
}

static bool
memory_each(const struct hold *h, HOLD_FN(fn), void *ctx, struct error *err)
{
    size_t at = 0;
    while (at < h->memory.len) {
        uint64_t head[2];
        memcpy(head, h->memory.ptr + at, sizeof head);
        at += HOLD_HEAD_BYTES;
        if (!fn(ctx, h->memory.ptr + at, (size_t)head[1], head[0], err)) {
            return false;
        }
        at += (size_t)head[1];
    }
    return true;
}

static bool
file_each(struct hold *h, HOLD_FN(fn), void *ctx, struct error *err)
{
    struct buffer piece = {0};
    bool ok = true;
    for (int64_t at = 0; ok && at < h->file_bytes;) {
        uint64_t head[2];
        size_t got;
        ok = h->env->ops->pread(h->env, h->fd, head, sizeof head, at, &got, err);
        if (ok && got != sizeof head) {
            ok =
                error_set(err, ERROR_INTERNAL, "a held result file is shorter than it was written");
        }
        if (!ok) {
            break;
        }
        buffer_clear(&piece);
        uint8_t *dst = buffer_extend(&piece, (size_t)head[1]);
        ok = h->env->ops->pread(h->env, h->fd, dst, (size_t)head[1], at + HOLD_HEAD_BYTES, &got,
                                err) &&
             fn(ctx, dst, (size_t)head[1], head[0], err);
        at += HOLD_HEAD_BYTES + (int64_t)head[1];
    }
    buffer_release(&piece);
    return ok;
}

bool
hold_each(struct hold *h, HOLD_FN(fn), void *ctx, struct error *err)
{
    return memory_each(h, fn, ctx, err) && file_each(h, fn, ctx, err);
}
