/*
 * The namespace's journal: records into the log, snapshots beside it.
 *
 * A snapshot is made of memory at once and written by a thread of its own, which first waits until
 * the log is durable up to there: a snapshot never knows more than the log keeps. Then the log in
 * front of it goes.
 */
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/crc32c.h"
#include "base/thread.h"
#include "base/trace.h"
#include "names/names_internal.h"

enum {
    SNAPSHOT_HEADER_BYTES = 32, /* "WNAMES01", next offset le64, length le64, CRC le32, 0 le32 */
    SNAPSHOT_RECORDS_MIN = 50000,
    SNAPSHOT_CLOSE_MIN = 1000,
};

static const char snapshot_magic[8] = "WNAMES01";

struct names {
    struct env *env;
    struct namespace *space;
    struct log *log;
    char *dir;
    int64_t last_offset; /* of the newest record; -1: none */
    int64_t snapshot_offset;
    atomic_bool snapshotting;
    bool has_thread;
    pthread_t thread;
};

struct snapshot_job {
    struct names *names;
    struct buffer bytes;
    int64_t offset;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool durable;
};

struct namespace *
names_space(struct names *n)
{
    return n->space;
}

int64_t
names_now_ms(struct names *n)
{
    return env_wall_ms(n->env);
}

bool
names_write(struct names *n, const struct ns_record *r, struct error *err)
{
    struct buffer value = {0}, batch = {0};
    struct batch_builder b;
    struct log_append_result result;
    ns_record_put(&value, r);
    batch_begin(&b, &batch, 0);
    batch_add(&b, names_now_ms(n), (struct bytes){0}, (struct bytes){value.ptr, value.len},
              (struct bytes){0}, 0);
    batch_end(&b);
    const bool ok = log_append(n->log, batch.ptr, batch.len, LOG_INTERNAL, &result, err);
    buffer_release(&value);
    buffer_release(&batch);
    if (!ok) {
        err->code = NAMES_IO;
        return false;
    }
    n->last_offset = result.last_offset;
    struct error why = {0};
    if (!namespace_apply(n->space, r, &why)) {
        n->env->ops->fatal(n->env, error_text(&why)); /* it stands in the log: stop on doubt */
    }
    return true;
}

void
names_when_durable(struct names *n, void (*done)(void *ctx), void *ctx)
{
    if (n->last_offset < 0) {
        done(ctx);
    } else {
        log_when_durable(n->log, n->last_offset, done, ctx);
    }
}

/* ---- snapshots ---- */

static char *
snapshot_path(const struct names *n, int64_t offset)
{
    char *path = NULL;
    if (asprintf(&path, "%s/snapshot-%020" PRId64, n->dir, offset) < 0) {
        abort();
    }
    return path;
}

static void
snapshot_bytes(const struct names *n, int64_t offset, struct buffer *out)
{
    buffer_put(out, snapshot_magic, sizeof snapshot_magic);
    buffer_le64(out, (uint64_t)offset);
    buffer_le64(out, 0);
    buffer_le64(out, 0);
    namespace_snapshot_put(n->space, out);
    if (out->overflow) {
        return;
    }
    const uint64_t len = out->len - SNAPSHOT_HEADER_BYTES;
    const uint32_t crc = crc32c(0, out->ptr + SNAPSHOT_HEADER_BYTES, len);
    for (int i = 0; i < 8; i++) {
        out->ptr[16 + i] = (uint8_t)(len >> 8 * i);
    }
    for (int i = 0; i < 4; i++) {
        out->ptr[24 + i] = (uint8_t)(crc >> 8 * i);
    }
}

bool
names_snapshot_parse(struct bytes file, struct namespace *into, int64_t *offset, struct error *err)
{
    struct reader in;
    reader_init(&in, file);
    const struct bytes magic = reader_take(&in, sizeof snapshot_magic);
    *offset = (int64_t)reader_le64(&in);
    const uint64_t len = reader_le64(&in);
    const uint32_t crc = reader_le32(&in);
    reader_le32(&in);
    if (!reader_ok(&in) || memcmp(magic.ptr, snapshot_magic, sizeof snapshot_magic) != 0 ||
        len != reader_left(&in) || *offset < 0 ||
        crc32c(0, file.ptr + SNAPSHOT_HEADER_BYTES, len) != crc) {
        return error_set(err, ERROR_SYSTEM, "a snapshot of the namespace is damaged");
    }
    return namespace_snapshot_read(into, reader_take(&in, len), err);
}

struct snapshot_list {
    int64_t newest;
    int64_t older[16];
    uint32_t count;
};

static void
snapshot_seen(void *ctx, const char *name, bool is_dir)
{
    struct snapshot_list *list = ctx;
    int64_t offset;
    char rest;
    if (is_dir || sscanf(name, "snapshot-%20" SCNd64 "%c", &offset, &rest) != 1) {
        return;
    }
    const int64_t other = offset > list->newest ? list->newest : offset;
    list->newest = offset > list->newest ? offset : list->newest;
    if (other >= 0 && list->count < 16) {
        list->older[list->count++] = other;
    }
}

static void
snapshots_trim(struct names *n)
{
    struct snapshot_list list = {.newest = -1};
    struct error ignored = {0};
    n->env->ops->list(n->env, n->dir, snapshot_seen, &list, &ignored);
    for (uint32_t i = 0; i < list.count; i++) {
        char *path = snapshot_path(n, list.older[i]);
        n->env->ops->unlink(n->env, path, &ignored);
        error_clear(&ignored);
        free(path);
    }
    error_clear(&ignored);
}

static void
snapshot_durable(void *ctx)
{
    struct snapshot_job *job = ctx;
    mutex_lock(&job->lock);
    job->durable = true;
    pthread_cond_signal(&job->wake);
    mutex_unlock(&job->lock);
}

static void *
snapshot_thread(void *ctx)
{
    struct snapshot_job *job = ctx;
    struct names *n = job->names;
    mutex_lock(&job->lock);
    while (!job->durable) {
        pthread_cond_wait(&job->wake, &job->lock);
    }
    mutex_unlock(&job->lock);
    struct error err = {0};
    char *path = snapshot_path(n, job->offset);
    if (!env_write_file_atomic(n->env, path, job->bytes.ptr, job->bytes.len, &err) ||
        !log_truncate_before(n->log, job->offset, &err)) {
        trace(TRACE_WARN, "names", "no snapshot at %" PRId64 ": %s", job->offset,
              error_text(&err)); /* the log still has everything */
    } else {
        snapshots_trim(n);
    }
    error_clear(&err);
    free(path);
    buffer_release(&job->bytes);
    pthread_cond_destroy(&job->wake);
    pthread_mutex_destroy(&job->lock);
    free(job);
    atomic_store(&n->snapshotting, false);
    return NULL;
}

static void
snapshot_begin(struct names *n)
{
    struct snapshot_job *job = names_alloc(sizeof *job);
    job->names = n;
    job->offset = n->last_offset + 1;
    pthread_mutex_init(&job->lock, NULL);
    cond_init(&job->wake);
    snapshot_bytes(n, job->offset, &job->bytes);
    if (n->has_thread) {
        pthread_join(n->thread, NULL);
    }
    atomic_store(&n->snapshotting, true);
    n->snapshot_offset = job->offset;
    n->has_thread =
        !job->bytes.overflow && thread_start(&n->thread, "names-snapshot", snapshot_thread, job);
    if (n->has_thread) {
        names_when_durable(n, snapshot_durable, job);
    } else {
        atomic_store(&n->snapshotting, false);
        buffer_release(&job->bytes);
        free(job);
    }
}

void
names_snapshot_if_due(struct names *n)
{
    const int64_t inodes = (int64_t)namespace_inode_count(n->space);
    const int64_t due = inodes > SNAPSHOT_RECORDS_MIN ? inodes : SNAPSHOT_RECORDS_MIN;
    if (n->last_offset + 1 - n->snapshot_offset >= due && !atomic_load(&n->snapshotting)) {
        snapshot_begin(n);
    }
}

/* ---- opening ---- */

static bool
snapshot_load(struct names *n, struct error *err)
{
    struct snapshot_list list = {.newest = -1};
    struct error missing = {0};
    if (!n->env->ops->list(n->env, n->dir, snapshot_seen, &list, &missing)) {
        const bool absent = missing.code == ENOENT;
        if (!absent) {
            error_move(err, &missing);
        }
        error_clear(&missing);
        return absent && n->env->ops->mkdirs(n->env, n->dir, err);
    }
    if (list.newest < 0) {
        return true;
    }
    char *path = snapshot_path(n, list.newest);
    uint8_t *bytes = NULL;
    size_t len = 0;
    const bool ok =
        env_read_file(n->env, path, (size_t)1 << 32, &bytes, &len, err) &&
        names_snapshot_parse((struct bytes){bytes, len}, n->space, &n->snapshot_offset, err);
    free(bytes);
    free(path);
    return ok;
}

struct replay {
    struct names *names;
    struct error err;
};

static bool
replay_one(void *ctx, const struct log_record *record)
{
    struct replay *replay = ctx;
    struct ns_record r;
    if (record->offset < replay->names->snapshot_offset) {
        return true;
    }
    if (!ns_record_read(record->value, &r)) {
        return error_set(&replay->err, ERROR_SYSTEM,
                         "record %" PRId64 " of the namespace's log is damaged", record->offset);
    }
    return namespace_apply(replay->names->space, &r, &replay->err);
}

static bool
journal_replay(struct names *n, const char *super_user, struct error *err)
{
    struct replay replay = {.names = n};
    const int64_t start = log_start_offset(n->log), end = log_end_offset(n->log);
    if (start > n->snapshot_offset || end < n->snapshot_offset) {
        return error_set(err, ERROR_SYSTEM,
                         "the namespace's log has offsets %" PRId64 " to %" PRId64
                         " but its snapshot ends at %" PRId64,
                         start, end, n->snapshot_offset);
    }
    n->last_offset = end - 1;
    if (end > n->snapshot_offset &&
        !log_scan(n->log, n->snapshot_offset, replay_one, &replay, err)) {
        return false;
    }
    if (error_is_set(&replay.err)) {
        error_move(err, &replay.err);
        return false;
    }
    if (end > 0) {
        return true;
    }
    const struct ns_record owner = {.op = NS_SET_OWNER,
                                    .id = NS_ROOT_ID,
                                    .owner = {(const uint8_t *)super_user, strlen(super_user)},
                                    .group = {(const uint8_t *)"supergroup", 10}};
    const struct ns_record times = {
        .op = NS_SET_TIMES, .id = NS_ROOT_ID, .modified_ms = names_now_ms(n), .accessed_ms = -1};
    return names_write(n, &owner, err) && names_write(n, &times, err);
}

struct names *
names_open(struct env *env, const char *dir, struct log *log, const char *super_user,
           void (*free_block)(void *ctx, const struct ns_block *block), void *ctx,
           struct error *err)
{
    struct names *n = names_alloc(sizeof *n);
    n->env = env;
    n->log = log;
    n->last_offset = -1;
    n->dir = strdup(dir);
    n->space = namespace_new("", "", free_block, ctx);
    if (!snapshot_load(n, err) || !journal_replay(n, super_user, err)) {
        names_close(n);
        return NULL;
    }
    return n;
}

void
names_close(struct names *n)
{
    if (n->last_offset + 1 - n->snapshot_offset >= SNAPSHOT_CLOSE_MIN &&
        !atomic_load(&n->snapshotting)) {
        snapshot_begin(n);
    }
    if (n->has_thread) {
        pthread_join(n->thread, NULL);
    }
    namespace_free(n->space);
    free(n->dir);
    free(n);
}

void *
names_alloc(size_t bytes)
{
    void *p = calloc(1, bytes);
    if (p == NULL) {
        abort();
    }
    return p;
}
