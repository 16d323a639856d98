/*
 * The real world behind env.h: POSIX files, the system's clocks and randomness.
 *
 * Durability is spelt out where it is promised: a rename is followed by a sync of the directory
 * that received the name, since a file system may otherwise forget the name after a power cut.
 */
#include "base/env.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"

enum { TREE_DEPTH_MAX = 64, MS_NS = 1000000 };

static int64_t
real_mono_ns(struct env *env)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

static int64_t
real_wall_ms(struct env *env)
{
    struct timespec ts;
    clock_gettime(CLOCK_REALTIME, &ts);
    return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / MS_NS;
}

static void real_fatal(struct env *env, const char *why) __attribute__((noreturn));

static uint64_t
real_random(struct env *env)
{
    uint64_t value;
    ssize_t got;
    do {
        got = getrandom(&value, sizeof value, 0);
    } while (got < 0 && errno == EINTR);
    if (got != (ssize_t)sizeof value) {
        real_fatal(env, "the system gives no random bytes");
    }
    return value;
}

static int
real_open(struct env *env, const char *path, unsigned flags, struct error *err)
{
    int mode = (flags & ENV_WRITE) != 0 ? O_RDWR : O_RDONLY;
    mode |= (flags & ENV_CREATE) != 0 ? O_CREAT : 0;
    mode |= (flags & ENV_EXCLUSIVE) != 0 ? O_EXCL : 0;
    mode |= (flags & ENV_TRUNCATE) != 0 ? O_TRUNC : 0;
    int fd;
    do {
        fd = open(path, mode | O_CLOEXEC, 0644);
    } while (fd < 0 && errno == EINTR);
    if (fd < 0) {
        error_system(err, errno, "cannot open %s", path);
    }
    return fd;
}

static void
real_close(struct env *env, int fd)
{
    close(fd);
}

static bool
real_pread(struct env *env, int fd, void *dst, size_t len, int64_t offset, size_t *got,
           struct error *err)
{
    size_t done = 0;
    while (done < len) {
        const ssize_t n = pread(fd, (char *)dst + done, len - done, offset + (int64_t)done);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return error_system(err, errno, "cannot read %zu bytes at %lld", len,
                                (long long)offset);
        }
        if (n == 0) {
            break;
        }
        done += (size_t)n;
    }
    *got = done;
    return true;
}

static bool
real_pwrite(struct env *env, int fd, const void *src, size_t len, int64_t offset, struct error *err)
{
    size_t done = 0;
    while (done < len) {
        const ssize_t n = pwrite(fd, (const char *)src + done, len - done, offset + (int64_t)done);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return error_system(err, n < 0 ? errno : EIO, "cannot write %zu bytes at %lld", len,
                                (long long)offset);
        }
        done += (size_t)n;
    }
    return true;
}

static bool
real_sync(struct env *env, int fd, struct error *err)
{
    /* Not repeated after a failure: the kernel may have dropped the dirty pages, and a second call
     * would then report a success that is none. */
    return fdatasync(fd) == 0 || error_system(err, errno, "cannot flush a file to disk");
}

static void
real_write_back(struct env *env, int fd, int64_t offset, int64_t len)
{
#ifdef SYNC_FILE_RANGE_WRITE
    (void)sync_file_range(fd, offset, len, SYNC_FILE_RANGE_WRITE);
#else
    (void)fd, (void)offset, (void)len;
#endif
}

static bool
real_truncate(struct env *env, int fd, int64_t bytes, struct error *err)
{
    int rc;
    do {
        rc = ftruncate(fd, bytes);
    } while (rc < 0 && errno == EINTR);
    return rc == 0 || error_system(err, errno, "cannot cut a file to %lld bytes", (long long)bytes);
}

static bool
real_stat(struct env *env, const char *path, struct env_stat *out, struct error *err)
{
    struct stat st;
    if (stat(path, &st) != 0) {
        return error_system(err, errno, "cannot look at %s", path);
    }
    *out = (struct env_stat){
        .bytes = st.st_size,
        .modified_ms = (int64_t)st.st_mtim.tv_sec * 1000 + st.st_mtim.tv_nsec / MS_NS,
        .is_dir = S_ISDIR(st.st_mode),
    };
    return true;
}

static bool
real_sync_dir(struct env *env, const char *path, struct error *err)
{
    const int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return error_system(err, errno, "cannot open the folder %s", path);
    }
    const int failed = fsync(fd) != 0 ? errno : 0;
    close(fd);
    /* Some file systems cannot sync a folder and say EINVAL; they keep names by other means. */
    return failed == 0 || failed == EINVAL ||
           error_system(err, failed, "cannot flush the folder %s", path);
}

/* The folder of a path: "a/b" -> "a", "/a" -> "/", "a" -> ".". */
static bool
path_folder(const char *path, char out[PATH_MAX], struct error *err)
{
    const size_t len = strlen(path);
    if (len >= PATH_MAX) {
        return error_system(err, ENAMETOOLONG, "%.100s...", path);
    }
    memcpy(out, path, len + 1);
    char *slash = strrchr(out, '/');
    if (slash == NULL) {
        memcpy(out, ".", 2);
    } else if (slash == out) {
        out[1] = '\0';
    } else {
        *slash = '\0';
    }
    return true;
}

static bool
real_rename(struct env *env, const char *from, const char *to, struct error *err)
{
    char to_folder[PATH_MAX];
    char from_folder[PATH_MAX];
    if (!path_folder(to, to_folder, err) || !path_folder(from, from_folder, err)) {
        return false;
    }
    if (rename(from, to) != 0) {
        return error_system(err, errno, "cannot rename %s to %s", from, to);
    }
    if (!real_sync_dir(env, to_folder, err)) {
        return false;
    }
    return strcmp(to_folder, from_folder) == 0 || real_sync_dir(env, from_folder, err);
}

static bool
real_unlink(struct env *env, const char *path, struct error *err)
{
    return unlink(path) == 0 || error_system(err, errno, "cannot remove %s", path);
}

static bool
real_mkdirs(struct env *env, const char *path, struct error *err)
{
    char partial[PATH_MAX];
    const size_t len = strlen(path);
    if (len == 0 || len >= sizeof partial) {
        return error_system(err, len == 0 ? ENOENT : ENAMETOOLONG, "cannot make the folder %.100s",
                            path);
    }
    memcpy(partial, path, len + 1);
    for (size_t i = 1; i <= len; i++) {
        if (partial[i] != '/' && partial[i] != '\0') {
            continue;
        }
        const char kept = partial[i];
        partial[i] = '\0';
        if (mkdir(partial, 0755) != 0 && errno != EEXIST) {
            return error_system(err, errno, "cannot make the folder %s", partial);
        }
        partial[i] = kept;
    }
    struct stat st;
    if (stat(path, &st) != 0 || !S_ISDIR(st.st_mode)) {
        return error_system(err, ENOTDIR, "cannot make the folder %s", path);
    }
    return true;
}

static bool
real_rmdir(struct env *env, const char *path, struct error *err)
{
    return rmdir(path) == 0 || error_system(err, errno, "cannot remove the folder %s", path);
}

static bool
entry_is_dir(const char *folder, const struct dirent *entry)
{
    if (entry->d_type != DT_UNKNOWN && entry->d_type != DT_LNK) {
        return entry->d_type == DT_DIR;
    }
    char path[PATH_MAX];
    struct stat st;
    const int len = snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
    return len > 0 && len < (int)sizeof path && stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static bool
real_list(struct env *env, const char *path, void (*fn)(void *ctx, const char *name, bool is_dir),
          void *ctx, struct error *err)
{
    DIR *dir = opendir(path);
    if (dir == NULL) {
        return error_system(err, errno, "cannot list the folder %s", path);
    }
    struct dirent *entry;
    errno = 0;
    while ((entry = readdir(dir)) != NULL) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            fn(ctx, entry->d_name, entry_is_dir(path, entry));
        }
        errno = 0;
    }
    const int failed = errno;
    closedir(dir);
    return failed == 0 || error_system(err, failed, "cannot list the folder %s", path);
}

static bool
real_lock(struct env *env, int fd, struct error *err)
{
    int rc;
    do {
        rc = flock(fd, LOCK_EX | LOCK_NB);
    } while (rc != 0 && errno == EINTR);
    return rc == 0 || error_system(err, errno, "the file is locked by another process");
}

static void
real_fatal(struct env *env, const char *why)
{
    fprintf(stderr, "weir: stopping: %s\n", why);
    abort();
}

static const struct env_ops real_ops = {
    .mono_ns = real_mono_ns,
    .wall_ms = real_wall_ms,
    .random = real_random,
    .open = real_open,
    .close = real_close,
    .pread = real_pread,
    .pwrite = real_pwrite,
    .sync = real_sync,
    .write_back = real_write_back,
    .truncate = real_truncate,
    .stat = real_stat,
    .rename = real_rename,
    .unlink = real_unlink,
    .mkdirs = real_mkdirs,
    .rmdir = real_rmdir,
    .sync_dir = real_sync_dir,
    .list = real_list,
    .lock = real_lock,
    .fatal = real_fatal,
};

struct env env_real = {&real_ops};

int64_t
env_mono_ns(struct env *env)
{
    return env->ops->mono_ns(env);
}

int64_t
env_mono_ms(struct env *env)
{
    return env->ops->mono_ns(env) / MS_NS;
}

int64_t
env_wall_ms(struct env *env)
{
    return env->ops->wall_ms(env);
}

int64_t
env_wall_micros(struct env *env)
{
    if (env->ops != &real_ops) {
        return env->ops->wall_ms(env) * 1000;
    }
    struct timespec ts;
    clock_gettime(CLOCK_REALTIME, &ts);
    return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

uint64_t
env_random(struct env *env)
{
    return env->ops->random(env);
}

void
env_uuid(struct env *env, char out[37])
{
    const uint64_t hi = (env_random(env) & ~0xf000ull) | 0x4000ull;
    const uint64_t lo = (env_random(env) & ~(3ull << 62)) | (2ull << 62);
    snprintf(out, 37, "%08x-%04x-%04x-%04x-%012llx", (unsigned)(hi >> 32),
             (unsigned)(hi >> 16 & 0xffff), (unsigned)(hi & 0xffff), (unsigned)(lo >> 48),
             (unsigned long long)(lo & 0xffffffffffffull));
}

bool
env_read_file(struct env *env, const char *path, size_t limit, uint8_t **out, size_t *len,
              struct error *err)
{
    const int fd = env->ops->open(env, path, ENV_READ, err);
    if (fd < 0) {
        return false;
    }
    /* The size is found by reading, not by stat: files of /proc say 0, and others may grow. */
    uint8_t *bytes = NULL;
    size_t have = 0;
    size_t capacity = 0;
    bool ok = true;
    for (;;) {
        if (have == capacity) {
            capacity = capacity == 0 ? 4096 : capacity * 2;
            bytes = realloc(bytes, capacity + 1);
            if (bytes == NULL) {
                env->ops->fatal(env, "out of memory reading a file");
            }
        }
        size_t got = 0;
        ok = env->ops->pread(env, fd, bytes + have, capacity - have, (int64_t)have, &got, err);
        have += got;
        if (ok && have > limit) {
            ok = error_system(err, EFBIG, "%s is larger than %zu bytes", path, limit);
        }
        if (!ok || have < capacity) {
            break;
        }
    }
    env->ops->close(env, fd);
    if (!ok) {
        free(bytes);
        return false;
    }
    bytes[have] = 0; /* a courtesy to readers of text */
    *out = bytes;
    *len = have;
    return true;
}

bool
env_write_file_atomic(struct env *env, const char *path, const void *src, size_t len,
                      struct error *err)
{
    char beside[PATH_MAX];
    const int path_len = snprintf(beside, sizeof beside, "%s.%08x.tmp", path,
                                  (unsigned)(env_random(env) & 0xffffffff));
    if (path_len < 0 || path_len >= (int)sizeof beside) {
        return error_system(err, ENAMETOOLONG, "%.100s...", path);
    }
    const int fd = env->ops->open(env, beside, ENV_WRITE | ENV_CREATE | ENV_EXCLUSIVE, err);
    if (fd < 0) {
        return false;
    }
    const bool written =
        env->ops->pwrite(env, fd, src, len, 0, err) && env->ops->sync(env, fd, err);
    env->ops->close(env, fd);
    if (written && env->ops->rename(env, beside, path, err)) {
        return true;
    }
    struct error why = {0};
    error_move(&why, err);
    error_system(err, why.code, "cannot write %s", path);
    error_clear(&why);
    env->ops->unlink(env, beside, &why); /* fails where the rename had happened */
    error_clear(&why);
    return false;
}

/* The entries of one folder, gathered before any of them is removed. */
struct entry_list {
    char **names;
    bool *dirs;
    size_t count;
    size_t capacity;
};

static void
entry_list_add(void *ctx, const char *name, bool is_dir)
{
    struct entry_list *list = ctx;
    if (list->count == list->capacity) {
        list->capacity = list->capacity == 0 ? 16 : list->capacity * 2;
        list->names = realloc(list->names, list->capacity * sizeof *list->names);
        list->dirs = realloc(list->dirs, list->capacity * sizeof *list->dirs);
    }
    char *copy = strdup(name);
    if (list->names == NULL || list->dirs == NULL || copy == NULL) {
        env_real.ops->fatal(&env_real, "out of memory listing a folder");
    }
    list->names[list->count] = copy;
    list->dirs[list->count++] = is_dir;
}

static bool
tree_remove(struct env *env, const char *path, uint32_t depth, struct error *err)
{
    if (depth > TREE_DEPTH_MAX) {
        return error_system(err, ELOOP, "cannot remove %s", path);
    }
    struct entry_list list = {0};
    bool ok = env->ops->list(env, path, entry_list_add, &list, err);
    for (size_t i = 0; i < list.count; i++) {
        char child[PATH_MAX];
        const int len = snprintf(child, sizeof child, "%s/%s", path, list.names[i]);
        struct error first = {0};
        if (!ok) {
            /* already failed: only free the names */
        } else if (len < 0 || len >= (int)sizeof child) {
            ok = error_system(err, ENAMETOOLONG, "%.100s...", path);
        } else if (env->ops->unlink(env, child, &first)) {
            /* a file, or a link to a folder, whose target is not ours to empty */
        } else if (list.dirs[i]) {
            ok = tree_remove(env, child, depth + 1, err);
        } else {
            error_move(err, &first);
            ok = false;
        }
        error_clear(&first);
        free(list.names[i]);
    }
    free(list.names);
    free(list.dirs);
    return ok && env->ops->rmdir(env, path, err);
}

bool
env_remove_tree(struct env *env, const char *path, struct error *err)
{
    struct env_stat st;
    if (!env->ops->stat(env, path, &st, err)) {
        return false;
    }
    return st.is_dir ? tree_remove(env, path, 0, err) : env->ops->unlink(env, path, err);
}
