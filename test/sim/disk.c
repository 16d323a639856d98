/* The simulated disk. Pages are small, so that small logs have many. */
#include "disk.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

static struct disk *
disk_of(struct env *env)
{
    return (struct disk *)env;
}

static void
bytes_set(uint8_t **at, size_t *len, size_t *capacity, const uint8_t *src, size_t n)
{
    if (n > *capacity) {
        *capacity = n * 2;
        *at = realloc(*at, *capacity);
        if (*at == NULL) {
            abort();
        }
    }
    if (src != NULL && n > 0) {
        memcpy(*at, src, n);
    }
    *len = n;
}

static void
file_free(struct disk_file *f)
{
    free(f->live);
    free(f->kept);
    *f = (struct disk_file){0};
}

/* What a crash leaves of one file's content: kept pages, and some of those written since. */
static void
content_after(struct disk *d, const struct disk_file *f, struct disk_file *out)
{
    struct rng *r = &d->w->fate;
    size_t len = f->kept_len;
    if (f->live_len != f->kept_len && rng_chance(r, 500000)) {
        len = f->live_len > f->kept_len && rng_chance(r, 300000)
                  ? f->kept_len + rng_below(r, f->live_len - f->kept_len + 1)
                  : f->live_len;
    }
    bytes_set(&out->live, &out->live_len, &out->live_capacity, NULL, len);
    if (len > 0) {
        memset(out->live, 0, len);
        if (f->kept_len > 0) {
            memcpy(out->live, f->kept, len < f->kept_len ? len : f->kept_len);
        }
    }
    const uint32_t keep_ppm = (uint32_t)rng_below(r, 1000001);
    for (size_t at = 0; at < len; at += DISK_PAGE) {
        size_t n = len - at < DISK_PAGE ? len - at : DISK_PAGE;
        if (at >= f->live_len || !rng_chance(r, keep_ppm)) {
            continue;
        }
        n = f->live_len - at < n ? f->live_len - at : n;
        if (rng_chance(r, 100000)) {
            n = rng_below(r, n + 1); /* torn */
        }
        memcpy(out->live + at, f->live + at, n);
    }
    bytes_set(&out->kept, &out->kept_len, &out->kept_capacity, out->live, len);
}

static struct disk_file *
file_find(struct disk *d, const char *name)
{
    for (int i = 0; i < DISK_FILES_MAX; i++) {
        struct disk_file *f = &d->files[i];
        if (f->name[0] != '\0' && !f->gone && strcmp(f->name, name) == 0) {
            return f;
        }
    }
    return NULL;
}

void
disk_crash_now(struct disk *d)
{
    if (d->crashed) {
        return;
    }
    d->crashed = true;
    for (int i = 0; i < DISK_FILES_MAX; i++) {
        const struct disk_file *f = &d->files[i];
        struct disk_file *out = &d->after[i];
        const bool again = f->gone && file_find(d, f->name) != NULL; /* another one has its name */
        if (f->name[0] == '\0' || again || (!f->named && rng_chance(&d->w->fate, 500000)) ||
            (f->gone && rng_chance(&d->w->fate, 500000))) {
            continue;
        }
        memcpy(out->name, f->name, sizeof out->name);
        out->named = true;
        content_after(d, f, out);
    }
}

void
disk_restart(struct disk *d)
{
    for (int i = 0; i < DISK_FILES_MAX; i++) {
        file_free(&d->files[i]);
        d->files[i] = d->after[i];
        d->after[i] = (struct disk_file){0};
    }
    memset(d->fds, 0, sizeof d->fds);
    d->crashed = false;
    d->crash_at = -1;
}

void
disk_kill(struct disk *d)
{
    memset(d->fds, 0, sizeof d->fds);
    d->crash_at = -1;
}

static void
operation(struct disk *d)
{
    if (d->operations++ == d->crash_at) {
        disk_crash_now(d);
    }
}

static struct disk_file *
file_make(struct disk *d, const char *name)
{
    for (int i = 0; i < DISK_FILES_MAX; i++) {
        struct disk_file *f = &d->files[i];
        if (f->name[0] == '\0' && strlen(name) < DISK_NAME_BYTES) {
            memcpy(f->name, name, strlen(name) + 1);
            return f;
        }
    }
    abort(); /* the world makes no more files than fit */
}

static int64_t
disk_mono_ns(struct env *env)
{
    return disk_of(env)->w->now + 1;
}

static int64_t
disk_wall_ms(struct env *env)
{
    return INT64_C(1700000000000) + disk_of(env)->w->now / MS;
}

static uint64_t
disk_random(struct env *env)
{
    return rng_next(&disk_of(env)->w->work);
}

static int
disk_open(struct env *env, const char *path, unsigned flags, struct error *err)
{
    struct disk *d = disk_of(env);
    operation(d);
    struct disk_file *f = file_find(d, path);
    if (f == NULL && (flags & ENV_CREATE) == 0) {
        error_set_code(err, ERROR_SYSTEM, ENOENT, "no such file");
        return -1;
    }
    if (f != NULL && (flags & ENV_EXCLUSIVE) != 0) {
        error_set_code(err, ERROR_SYSTEM, EEXIST, "the file is there");
        return -1;
    }
    f = f != NULL ? f : file_make(d, path);
    if (flags & ENV_TRUNCATE) {
        f->live_len = 0;
    }
    for (int fd = 0; fd < DISK_FDS_MAX; fd++) {
        if (d->fds[fd] == 0) {
            d->fds[fd] = (int)(f - d->files) + 1;
            return fd;
        }
    }
    abort();
}

static void
disk_close(struct env *env, int fd)
{
    disk_of(env)->fds[fd] = 0;
}

static struct disk_file *
fd_file(struct disk *d, int fd)
{
    if (fd < 0 || fd >= DISK_FDS_MAX || d->fds[fd] == 0) {
        abort();
    }
    return &d->files[d->fds[fd] - 1];
}

static bool
disk_pread(struct env *env, int fd, void *dst, size_t len, int64_t offset, size_t *got,
           struct error *err)
{
    const struct disk_file *f = fd_file(disk_of(env), fd);
    const size_t at = (size_t)offset;
    *got = at >= f->live_len ? 0 : f->live_len - at < len ? f->live_len - at : len;
    if (*got > 0) {
        memcpy(dst, f->live + at, *got);
    }
    return true;
}

static bool
disk_pwrite(struct env *env, int fd, const void *src, size_t len, int64_t offset, struct error *err)
{
    struct disk *d = disk_of(env);
    operation(d);
    struct disk_file *f = fd_file(d, fd);
    const size_t end = (size_t)offset + len, old = f->live_len;
    if (end > old) {
        bytes_set(&f->live, &f->live_len, &f->live_capacity, NULL, end);
        memset(f->live + old, 0, end - old);
    }
    if (len > 0) {
        memcpy(f->live + offset, src, len);
    }
    return true;
}

static bool
disk_sync(struct env *env, int fd, struct error *err)
{
    struct disk *d = disk_of(env);
    operation(d);
    struct disk_file *f = fd_file(d, fd);
    if (d->in_sync != NULL) {
        bytes_set(&f->kept, &f->kept_len, &f->kept_capacity, f->live, f->live_len);
        d->in_sync(d, f->name); /* what it writes is not part of this sync */
        return true;
    }
    if (rng_chance(&d->w->fate, d->sync_fails_ppm)) {
        TRACE(d->w, "a sync of %s fails", f->name);
        struct disk_file left = {0};
        content_after(d, f, &left); /* its dirty pages are dropped from the cache */
        bytes_set(&f->live, &f->live_len, &f->live_capacity, left.live, left.live_len);
        bytes_set(&f->kept, &f->kept_len, &f->kept_capacity, left.live, left.live_len);
        file_free(&left);
        return error_set_code(err, ERROR_SYSTEM, EIO, "the disk did not take it");
    }
    bytes_set(&f->kept, &f->kept_len, &f->kept_capacity, f->live, f->live_len);
    return true;
}

static bool
disk_truncate(struct env *env, int fd, int64_t bytes, struct error *err)
{
    struct disk *d = disk_of(env);
    operation(d);
    struct disk_file *f = fd_file(d, fd);
    const size_t old = f->live_len;
    bytes_set(&f->live, &f->live_len, &f->live_capacity, NULL, (size_t)bytes);
    if ((size_t)bytes > old) {
        memset(f->live + old, 0, (size_t)bytes - old);
    }
    return true;
}

static bool
disk_stat(struct env *env, const char *path, struct env_stat *out, struct error *err)
{
    const struct disk_file *f = file_find(disk_of(env), path);
    *out = (struct env_stat){.bytes = f != NULL ? (int64_t)f->live_len : 0};
    return f != NULL || error_set_code(err, ERROR_SYSTEM, ENOENT, "no such file");
}

static bool
disk_rename(struct env *env, const char *from, const char *to, struct error *err)
{
    struct disk *d = disk_of(env);
    operation(d);
    struct disk_file *f = file_find(d, from), *old = file_find(d, to);
    if (f == NULL) {
        return error_set_code(err, ERROR_SYSTEM, ENOENT, "no such file");
    }
    if (old != NULL) {
        file_free(old);
    }
    memcpy(f->name, to, strlen(to) + 1);
    f->named = true;
    return true;
}

static bool
disk_unlink(struct env *env, const char *path, struct error *err)
{
    struct disk *d = disk_of(env);
    operation(d);
    struct disk_file *f = file_find(d, path);
    if (f == NULL) {
        return error_set_code(err, ERROR_SYSTEM, ENOENT, "no such file");
    }
    f->gone = true;
    return true;
}

static bool
disk_sync_dir(struct env *env, const char *path, struct error *err)
{
    struct disk *d = disk_of(env);
    operation(d);
    for (int i = 0; i < DISK_FILES_MAX; i++) {
        struct disk_file *f = &d->files[i];
        bool open = false;
        for (int fd = 0; fd < DISK_FDS_MAX; fd++) {
            open |= d->fds[fd] == i + 1;
        }
        if (f->gone && !open) {
            file_free(f);
        }
        f->named = f->name[0] != '\0';
    }
    return true;
}

static bool
disk_ok(struct env *env, const char *path, struct error *err)
{
    operation(disk_of(env));
    return true;
}

static bool
disk_list(struct env *env, const char *path, void (*fn)(void *ctx, const char *name, bool is_dir),
          void *ctx, struct error *err)
{
    struct disk *d = disk_of(env);
    const size_t len = strlen(path);
    for (int i = 0; i < DISK_FILES_MAX; i++) {
        const struct disk_file *f = &d->files[i];
        if (f->name[0] != '\0' && !f->gone && strncmp(f->name, path, len) == 0 &&
            f->name[len] == '/') {
            fn(ctx, f->name + len + 1, false);
        }
    }
    return true;
}

static bool
disk_lock(struct env *env, int fd, struct error *err)
{
    return true;
}

static __attribute__((noreturn)) void
disk_fatal(struct env *env, const char *why)
{
    struct disk *d = disk_of(env);
    TRACE(d->w, "the process stops: %s", why);
    if (!d->can_stop) {
        abort();
    }
    longjmp(d->stopped, 1);
}

static const struct env_ops disk_ops = {
    .mono_ns = disk_mono_ns,
    .wall_ms = disk_wall_ms,
    .random = disk_random,
    .open = disk_open,
    .close = disk_close,
    .pread = disk_pread,
    .pwrite = disk_pwrite,
    .sync = disk_sync,
    .truncate = disk_truncate,
    .stat = disk_stat,
    .rename = disk_rename,
    .unlink = disk_unlink,
    .mkdirs = disk_ok,
    .rmdir = disk_ok,
    .sync_dir = disk_sync_dir,
    .list = disk_list,
    .lock = disk_lock,
    .fatal = disk_fatal,
};

void
disk_init(struct disk *d, struct world *w, uint32_t node)
{
    *d = (struct disk){.env.ops = &disk_ops, .w = w, .node = node, .crash_at = -1};
}

void
disk_release(struct disk *d)
{
    for (int i = 0; i < DISK_FILES_MAX; i++) {
        file_free(&d->files[i]);
        file_free(&d->after[i]);
    }
}
