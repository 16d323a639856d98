/*
 * The world as the core sees it: time, randomness, disk. The real program has env_real; tests and
 * the simulator bring their own, so that a seed replays a failure.
 *
 * Modules that can lose data (log, control, commit tables, stream checkpoints) touch files only
 * through here. All calls block; who must not block calls from a disk thread. Sockets belong to
 * net/.
 *
 * Error returns: false with err set (ERROR_SYSTEM, errno in code).
 */
#ifndef WEIR_BASE_ENV_H
#define WEIR_BASE_ENV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct error;
struct env;

enum env_open_flags {
    ENV_READ = 1,
    ENV_WRITE = 2,     /* read and write */
    ENV_CREATE = 4,    /* make it if it is not there */
    ENV_EXCLUSIVE = 8, /* with CREATE: fail if it is there */
    ENV_TRUNCATE = 16,
};

struct env_stat {
    int64_t bytes;
    int64_t modified_ms;
    bool is_dir;
};

struct env_ops {
    int64_t (*mono_ns)(struct env *env); /* never goes back; for durations and timeouts */
    int64_t (*wall_ms)(struct env *env); /* since 1970; may jump; for people and record times */
    uint64_t (*random)(struct env *env);
    int (*open)(struct env *env, const char *path, unsigned flags,
                struct error *err); /* -1 on failure */
    void (*close)(struct env *env, int fd);
    bool (*pread)(struct env *env, int fd, void *dst, size_t len, int64_t offset, size_t *got,
                  struct error *err); /* short only at the end of the file */
    bool (*pwrite)(struct env *env, int fd, const void *src, size_t len, int64_t offset,
                   struct error *err);                        /* all of it */
    bool (*sync)(struct env *env, int fd, struct error *err); /* data and size durable */
    /* A hint: begin to write this range back now, so that a later sync has less to wait for. NULL:
     * no such thing. */
    void (*write_back)(struct env *env, int fd, int64_t offset, int64_t len);
    bool (*truncate)(struct env *env, int fd, int64_t bytes, struct error *err);
    bool (*stat)(struct env *env, const char *path, struct env_stat *out, struct error *err);
    bool (*rename)(struct env *env, const char *from, const char *to,
                   struct error *err); /* durable on return */
    bool (*unlink)(struct env *env, const char *path, struct error *err);
    bool (*mkdirs)(struct env *env, const char *path, struct error *err);
    bool (*rmdir)(struct env *env, const char *path, struct error *err);
    bool (*sync_dir)(struct env *env, const char *path, struct error *err);
    /* Calls fn for each entry but . and ..; order unspecified. */
    bool (*list)(struct env *env, const char *path,
                 void (*fn)(void *ctx, const char *name, bool is_dir), void *ctx,
                 struct error *err);
    bool (*lock)(struct env *env, int fd,
                 struct error *err); /* exclusive, released by close or death */
    void (*fatal)(struct env *env, const char *why) __attribute__((noreturn)); /* stop on doubt */
};

struct env {
    const struct env_ops *ops;
};

extern struct env env_real;

/* Conveniences over the operations. */
int64_t env_mono_ns(struct env *env);
int64_t env_mono_ms(struct env *env);
int64_t env_wall_ms(struct env *env);
int64_t env_wall_micros(struct env *env);
uint64_t env_random(struct env *env);
void env_uuid(struct env *env, char out[37]); /* version 4, lower case, with NUL */
/* Whole small files. read: free() the bytes; a file over limit is refused. */
bool env_read_file(struct env *env, const char *path, size_t limit, uint8_t **out, size_t *len,
                   struct error *err);
/* Written beside, synced, renamed, directory synced: the old or the new content, never half. */
bool env_write_file_atomic(struct env *env, const char *path, const void *src, size_t len,
                           struct error *err);
/* A folder with all that is in it, or one file. */
bool env_remove_tree(struct env *env, const char *path, struct error *err);

#endif
