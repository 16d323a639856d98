/* Reading replicas: nothing leaves that its checksums do not prove. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "base/crc32c.h"
#include "base/thread.h"
#include "block/replica_internal.h"

static bool
damaged(struct error *err, uint64_t id, int64_t at)
{
    return error_set_code(err, ERROR_SYSTEM, REPLICA_DAMAGED,
                          "block %" PRIu64 " is damaged at byte %" PRId64, id, at);
}

bool
replica_meta_load(struct replica_store *s, int fd, uint64_t id, struct replica_meta *m,
                  struct replica_tail *tail, struct error *err)
{
    uint8_t head[REPLICA_META_BYTES];
    size_t got = 0;
    if (!s->env->ops->pread(s->env, fd, head, sizeof head, 0, &got, err)) {
        return false;
    }
    if (!replica_meta_read((struct bytes){head, got}, m) || m->id != id) {
        return error_set_code(err, ERROR_SYSTEM, REPLICA_DAMAGED,
                              "the checksum file of block %" PRIu64 " is damaged", id);
    }
    const size_t left = got > REPLICA_HEADER_BYTES ? got - REPLICA_HEADER_BYTES : 0;
    replica_tail_read((struct bytes){head + REPLICA_HEADER_BYTES, left}, tail);
    return true;
}

struct replica_files {
    int data_fd, meta_fd;
    struct replica_meta meta;
    struct replica_tail tail;
};

static void
files_close(struct replica_store *s, struct replica_files *f)
{
    if (f->data_fd >= 0) {
        s->env->ops->close(s->env, f->data_fd);
    }
    if (f->meta_fd >= 0) {
        s->env->ops->close(s->env, f->meta_fd);
    }
}

static bool
files_open(struct replica_store *s, uint64_t id, struct replica_files *f, struct error *err)
{
    char data[REPLICA_PATH_MAX], meta[REPLICA_PATH_MAX];
    replica_paths(s, id, data, meta);
    *f = (struct replica_files){-1, -1};
    f->data_fd = s->env->ops->open(s->env, data, ENV_READ, err);
    f->meta_fd = f->data_fd >= 0 ? s->env->ops->open(s->env, meta, ENV_READ, err) : -1;
    if (f->meta_fd < 0) {
        err->code = err->code == ENOENT ? REPLICA_MISSING : err->code;
        files_close(s, f);
        return false;
    }
    if (!replica_meta_load(s, f->meta_fd, id, &f->meta, &f->tail, err)) {
        files_close(s, f);
        return false;
    }
    return true;
}

bool
replica_look(struct replica_store *s, uint64_t id, struct replica_meta *out, struct error *err)
{
    struct replica_files f;
    if (!files_open(s, id, &f, err)) {
        return false;
    }
    *out = f.meta;
    files_close(s, &f);
    return true;
}

static uint32_t
crc_at(const uint8_t *crcs, size_t i)
{
    const uint8_t *p = crcs + 4 * i;
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* Index of the first bad chunk of a run, or the number of chunks. */
static size_t
first_bad(const uint8_t *bytes, size_t len, const uint8_t *crcs, size_t crc_count)
{
    const size_t chunks = (len + REPLICA_CHUNK_BYTES - 1) / REPLICA_CHUNK_BYTES;
    for (size_t i = 0; i < chunks; i++) {
        const size_t at = i * REPLICA_CHUNK_BYTES;
        const size_t n = len - at < REPLICA_CHUNK_BYTES ? len - at : REPLICA_CHUNK_BYTES;
        if (i >= crc_count || crc32c(0, bytes + at, n) != crc_at(crcs, i)) {
            return i;
        }
    }
    return chunks;
}

/* A writer at work on this replica that keeps its old tail: a copy of that. */
static bool
tail_in_memory(struct replica_store *s, uint64_t id, struct replica_tail *out)
{
    bool found = false;
    mutex_lock(&s->lock);
    for (const struct replica_writer *w = s->writers; w != NULL && !found; w = w->next) {
        found = w->id == id;
        if (found) {
            *out = w->tail;
        }
    }
    mutex_unlock(&s->lock);
    return found;
}

/* One run of whole chunks, read and checked. start is a multiple of the chunk; end may lie inside
 * the last one. */
static bool
run_read(struct replica_store *s, struct replica_files *f, int64_t start, int64_t end, uint8_t *to,
         size_t *got, struct error *err)
{
    const size_t chunks = (size_t)((end - start + REPLICA_CHUNK_BYTES - 1) / REPLICA_CHUNK_BYTES);
    uint8_t *crcs = malloc(chunks * 4 + 1);
    if (crcs == NULL) {
        abort();
    }
    size_t crc_got = 0;
    struct replica_tail tail = {0};
    bool ok =
        s->env->ops->pread(s->env, f->data_fd, to, chunks * REPLICA_CHUNK_BYTES, start, got, err) &&
        s->env->ops->pread(s->env, f->meta_fd, crcs, chunks * 4,
                           REPLICA_META_BYTES + start / REPLICA_CHUNK_BYTES * 4, &crc_got, err);
    if (ok && tail_in_memory(s, f->meta.id, &tail) && tail.len > 0 && tail.offset >= start &&
        tail.offset < end) {
        /* The chunk is being written over: what was there before is what may be seen. */
        const size_t at = (size_t)(tail.offset - start);
        memcpy(to + at, tail.bytes, tail.len);
        *got = at + tail.len;
        ok = first_bad(to, at, crcs, crc_got / 4) * REPLICA_CHUNK_BYTES >= at ||
             damaged(err, f->meta.id, start);
    } else if (ok) {
        const size_t bad = first_bad(to, *got, crcs, crc_got / 4);
        ok = bad * REPLICA_CHUNK_BYTES >= *got ||
             damaged(err, f->meta.id, start + (int64_t)bad * REPLICA_CHUNK_BYTES);
    }
    free(crcs);
    return ok;
}

static bool
read_once(struct replica_store *s, uint64_t id, uint64_t stamp, int64_t start, int64_t end,
          uint8_t *to, size_t *got, struct error *err)
{
    struct replica_files f;
    if (!files_open(s, id, &f, err)) {
        return false;
    }
    struct replica_tail tail;
    bool ok = f.meta.stamp >= stamp || tail_in_memory(s, id, &tail) ||
              error_set_code(err, ERROR_SYSTEM, REPLICA_DAMAGED,
                             "the replica of block %" PRIu64 " is of generation %" PRIu64
                             " instead of %" PRIu64,
                             id, f.meta.stamp, stamp);
    ok = ok && run_read(s, &f, start, end, to, got, err);
    files_close(s, &f);
    return ok;
}

bool
replica_read(struct replica_store *s, uint64_t id, uint64_t stamp, int64_t visible, int64_t offset,
             size_t len, uint8_t **out, size_t *at, size_t *got, struct error *err)
{
    const int64_t end = offset + (int64_t)len < visible ? offset + (int64_t)len : visible;
    const int64_t start = offset - offset % REPLICA_CHUNK_BYTES;
    *out = NULL;
    *at = *got = 0;
    if (offset >= end) {
        return true;
    }
    uint8_t *bytes = malloc((size_t)(end - start) + REPLICA_CHUNK_BYTES);
    if (bytes == NULL) {
        return error_set(err, ERROR_RESOURCE, "no memory for reading a block");
    }
    size_t n = 0;
    struct error why = {0};
    bool ok = read_once(s, id, stamp, start, end, bytes, &n, &why);
    if (!ok && why.code == REPLICA_DAMAGED) {
        /* A writer that began or ended in between looks like damage, once. */
        error_clear(&why);
        ok = read_once(s, id, stamp, start, end, bytes, &n, &why);
    }
    if (ok && (int64_t)n < end - start) {
        ok = error_set_code(&why, ERROR_SYSTEM, REPLICA_DAMAGED,
                            "block %" PRIu64 " ends at byte %" PRId64 " before %" PRId64, id,
                            start + (int64_t)n, end);
    }
    if (!ok) {
        error_move(err, &why);
        free(bytes);
        return false;
    }
    *out = bytes;
    *at = (size_t)(offset - start);
    *got = (size_t)(end - offset);
    return true;
}

/* A chunk that its checksum does not prove whole may be proved up to a byte of it. */
static size_t
proved_prefix(const uint8_t *chunk, size_t len, uint32_t crc)
{
    for (size_t n = len; n > 0; n--) {
        if (crc32c(0, chunk, n) == crc) {
            return n;
        }
    }
    return 0;
}

/* Puts the saved tail back where an append had begun to write over it. */
static bool
tail_restore(struct replica_store *s, uint64_t id, const struct replica_tail *t, struct error *err)
{
    char data[REPLICA_PATH_MAX], meta[REPLICA_PATH_MAX];
    uint8_t crc[4];
    const uint32_t sum = crc32c(0, t->bytes, t->len);
    for (int i = 0; i < 4; i++) {
        crc[i] = (uint8_t)(sum >> (24 - 8 * i));
    }
    replica_paths(s, id, data, meta);
    const int data_fd = s->env->ops->open(s->env, data, ENV_WRITE, err);
    const int meta_fd = data_fd >= 0 ? s->env->ops->open(s->env, meta, ENV_WRITE, err) : -1;
    struct replica_files f = {data_fd, meta_fd};
    const bool ok =
        meta_fd >= 0 && s->env->ops->pwrite(s->env, data_fd, t->bytes, t->len, t->offset, err) &&
        s->env->ops->pwrite(s->env, meta_fd, crc, 4,
                            REPLICA_META_BYTES + t->offset / REPLICA_CHUNK_BYTES * 4, err) &&
        s->env->ops->truncate(s->env, data_fd, t->offset + t->len, err) &&
        s->env->ops->sync(s->env, data_fd, err) && s->env->ops->sync(s->env, meta_fd, err);
    files_close(s, &f);
    return ok;
}

/* Walks the whole replica; *good: up to where data and checksums agree. */
static bool
scan(struct replica_store *s, struct replica_files *f, int64_t *good, struct error *err)
{
    uint8_t *bytes = malloc(REPLICA_PIECE_BYTES), *crcs = malloc(REPLICA_PIECE_BYTES / 128);
    if (bytes == NULL || crcs == NULL) {
        abort();
    }
    bool ok = true, more = true;
    *good = 0;
    while (ok && more) {
        size_t got = 0, crc_got = 0;
        ok =
            s->env->ops->pread(s->env, f->data_fd, bytes, REPLICA_PIECE_BYTES, *good, &got, err) &&
            s->env->ops->pread(s->env, f->meta_fd, crcs, REPLICA_PIECE_BYTES / 128,
                               REPLICA_META_BYTES + *good / REPLICA_CHUNK_BYTES * 4, &crc_got, err);
        const size_t bad = ok ? first_bad(bytes, got, crcs, crc_got / 4) : 0;
        const size_t proved = bad * REPLICA_CHUNK_BYTES;
        if (ok && proved < got) {
            const size_t left = got - proved;
            *good += (int64_t)proved;
            if (bad < crc_got / 4) {
                *good += (int64_t)proved_prefix(
                    bytes + proved, left < REPLICA_CHUNK_BYTES ? left : REPLICA_CHUNK_BYTES,
                    crc_at(crcs, bad));
            }
            more = false;
        } else if (ok) {
            *good += (int64_t)got;
            more = got == REPLICA_PIECE_BYTES;
        }
    }
    free(bytes);
    free(crcs);
    return ok;
}

bool
replica_salvage(struct replica_store *s, uint64_t id, int64_t *bytes, struct error *err)
{
    struct replica_files f;
    *bytes = 0;
    if (!files_open(s, id, &f, err)) {
        return false;
    }
    const bool ok = scan(s, &f, bytes, err);
    files_close(s, &f);
    if (ok && *bytes % REPLICA_CHUNK_BYTES != 0) {
        /* What lies behind the proved bytes in their chunk would spoil its checksum. */
        char data[REPLICA_PATH_MAX], meta[REPLICA_PATH_MAX];
        replica_paths(s, id, data, meta);
        const int fd = s->env->ops->open(s->env, data, ENV_WRITE, err);
        const bool cut = fd >= 0 && s->env->ops->truncate(s->env, fd, *bytes, err);
        if (fd >= 0) {
            s->env->ops->close(s->env, fd);
        }
        if (!cut) {
            return false;
        }
    }
    if (ok && f.meta.state == REPLICA_WRITING && f.tail.len > 0 &&
        *bytes < f.tail.offset + f.tail.len && *bytes >= f.tail.offset) {
        *bytes = f.tail.offset + f.tail.len;
        return tail_restore(s, id, &f.tail, err);
    }
    return ok;
}

bool
replica_verify(struct replica_store *s, uint64_t id, uint64_t stamp, int64_t bytes,
               struct error *err)
{
    struct replica_files f;
    int64_t good = 0;
    if (!files_open(s, id, &f, err)) {
        return false;
    }
    const bool ok = f.meta.stamp >= stamp ? scan(s, &f, &good, err) : damaged(err, id, 0);
    files_close(s, &f);
    return ok && (good >= bytes || damaged(err, id, good));
}

/* Where the replica is longer than the block (a truncation left it so), the last checksum is that
 * of the chunk's beginning. */
static bool
last_crc(struct replica_store *s, struct replica_files *f, int64_t bytes, uint8_t *crc,
         struct error *err)
{
    const int64_t start = bytes - bytes % REPLICA_CHUNK_BYTES;
    uint8_t chunk[REPLICA_CHUNK_BYTES];
    size_t got = 0;
    if (bytes == start) {
        return true;
    }
    if (!s->env->ops->pread(s->env, f->data_fd, chunk, sizeof chunk, start, &got, err)) {
        return false;
    }
    if (start + (int64_t)got < bytes || crc32c(0, chunk, got) != crc_at(crc, 0)) {
        return damaged(err, f->meta.id, start);
    }
    const uint32_t sum = crc32c(0, chunk, (size_t)(bytes - start));
    for (int i = 0; i < 4; i++) {
        crc[i] = (uint8_t)(sum >> (24 - 8 * i));
    }
    return true;
}

bool
replica_md5(struct replica_store *s, uint64_t id, uint64_t stamp, int64_t bytes, uint8_t out[16],
            struct error *err)
{
    struct replica_files f;
    if (!files_open(s, id, &f, err)) {
        return false;
    }
    const int64_t want = (bytes + REPLICA_CHUNK_BYTES - 1) / REPLICA_CHUNK_BYTES * 4;
    uint8_t *crcs = malloc((size_t)want + 1);
    size_t got = 0;
    bool ok = crcs != NULL || error_set(err, ERROR_RESOURCE, "no memory for a checksum");
    ok = ok && (f.meta.stamp >= stamp || damaged(err, id, 0)) &&
         s->env->ops->pread(s->env, f.meta_fd, crcs, (size_t)want, REPLICA_META_BYTES, &got, err) &&
         ((int64_t)got == want || damaged(err, id, (int64_t)got * 128)) &&
         (want == 0 || last_crc(s, &f, bytes, crcs + want - 4, err));
    unsigned len = 16;
    ok = ok && (EVP_Digest(crcs, got, out, &len, EVP_md5(), NULL) == 1 ||
                error_set(err, ERROR_INTERNAL, "MD5 is not available"));
    free(crcs);
    files_close(s, &f);
    return ok;
}

/* ---- listing ---- */

struct listing {
    struct replica_store *store;
    void (*fn)(void *ctx, uint64_t id);
    void *ctx;
    unsigned xx;
};

static void
list_one(void *ctx, const char *name, bool is_dir)
{
    struct listing *l = ctx;
    uint64_t id;
    int used = 0;
    /* Both files count, so that a lone one is found; a pair is told twice. */
    if (!is_dir && sscanf(name, "blk_%20" SCNu64 "%n", &id, &used) == 1 &&
        (name[used] == '\0' || strcmp(name + used, ".meta") == 0)) {
        l->fn(l->ctx, id);
    }
}

bool
replica_list(struct replica_store *s, void (*fn)(void *ctx, uint64_t id), void *ctx,
             struct error *err)
{
    struct listing l = {.store = s, .fn = fn, .ctx = ctx};
    for (unsigned xx = 0; xx < 256; xx++) {
        char path[REPLICA_PATH_MAX];
        struct error why = {0};
        snprintf(path, sizeof path, "%s/%02x", s->dir, xx);
        if (!s->env->ops->list(s->env, path, list_one, &l, &why) && why.code != ENOENT) {
            error_move(err, &why);
            return false;
        }
        error_clear(&why);
    }
    return true;
}
