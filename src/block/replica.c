/*
 * Writing replicas. Checksums are gathered in memory and go to their file in runs; a partial last
 * chunk's goes with each flush and is written over when the chunk grows.
 */
#include "block/replica.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/crc32c.h"
#include "base/thread.h"
#include "block/replica_internal.h"

enum {
    CRC_BUFFER_BYTES = 64 << 10, /* 8 MiB of data */
    WRITE_BACK_BYTES = 8 << 20,
    META_VERSION = 1,
};

static const char meta_magic[8] = "WBLKMETA";

static void
le_put(uint8_t *to, uint64_t v, int bytes)
{
    for (int i = 0; i < bytes; i++) {
        to[i] = (uint8_t)(v >> 8 * i);
    }
}

void
replica_meta_put(uint8_t out[REPLICA_HEADER_BYTES], const struct replica_meta *m)
{
    memset(out, 0, REPLICA_HEADER_BYTES);
    memcpy(out, meta_magic, sizeof meta_magic);
    le_put(out + 8, META_VERSION, 4);
    le_put(out + 12, REPLICA_CHUNK_BYTES, 4);
    le_put(out + 16, m->id, 8);
    le_put(out + 24, m->stamp, 8);
    le_put(out + 32, (uint64_t)m->bytes, 8);
    le_put(out + 40, m->state, 4);
    le_put(out + 60, crc32c(0, out, 60), 4);
}

bool
replica_meta_read(struct bytes bytes, struct replica_meta *out)
{
    struct reader in;
    reader_init(&in, bytes);
    const struct bytes magic = reader_take(&in, sizeof meta_magic);
    const uint32_t version = reader_le32(&in), chunk = reader_le32(&in);
    out->id = reader_le64(&in);
    out->stamp = reader_le64(&in);
    out->bytes = (int64_t)reader_le64(&in);
    const uint32_t state = reader_le32(&in);
    reader_take(&in, 16);
    const uint32_t crc = reader_le32(&in);
    out->state = (enum replica_state)state;
    return reader_ok(&in) && memcmp(magic.ptr, meta_magic, sizeof meta_magic) == 0 &&
           version == META_VERSION && chunk == REPLICA_CHUNK_BYTES && out->bytes >= 0 &&
           (state == REPLICA_WRITING || state == REPLICA_FINISHED) &&
           crc32c(0, bytes.ptr, 60) == crc;
}

void
replica_tail_put(uint8_t out[REPLICA_TAIL_BYTES], const struct replica_tail *t)
{
    memset(out, 0, REPLICA_TAIL_BYTES);
    le_put(out, (uint64_t)t->offset, 8);
    le_put(out + 8, t->len, 4);
    memcpy(out + 16, t->bytes, t->len);
    le_put(out + 12, crc32c(crc32c(0, out, 12), out + 16, REPLICA_CHUNK_BYTES), 4);
}

bool
replica_tail_read(struct bytes bytes, struct replica_tail *t)
{
    struct reader in;
    reader_init(&in, bytes);
    t->offset = (int64_t)reader_le64(&in);
    t->len = reader_le32(&in);
    const uint32_t crc = reader_le32(&in);
    const struct bytes chunk = reader_take(&in, REPLICA_CHUNK_BYTES);
    if (!reader_ok(&in) || t->len == 0 || t->len > REPLICA_CHUNK_BYTES || t->offset < 0 ||
        crc32c(crc32c(0, bytes.ptr, 12), chunk.ptr, chunk.len) != crc) {
        t->len = 0;
        return false;
    }
    memcpy(t->bytes, chunk.ptr, chunk.len);
    return true;
}

/* ---- the store ---- */

struct replica_store *
replica_store_open(struct env *env, const char *dir, struct error *err)
{
    if (strlen(dir) > REPLICA_PATH_MAX - 64) {
        error_set(err, ERROR_ARGUMENT, "the path of the block store is too long");
        return NULL;
    }
    if (!env->ops->mkdirs(env, dir, err)) {
        return NULL;
    }
    struct replica_store *s = calloc(1, sizeof *s);
    if (s == NULL) {
        abort();
    }
    s->env = env;
    s->dir = strdup(dir);
    pthread_mutex_init(&s->lock, NULL);
    return s;
}

void
replica_store_close(struct replica_store *s)
{
    if (s == NULL) {
        return;
    }
    assert(s->writers == NULL);
    pthread_mutex_destroy(&s->lock);
    free(s->dir);
    free(s);
}

void
replica_paths(const struct replica_store *s, uint64_t id, char data[REPLICA_PATH_MAX],
              char meta[REPLICA_PATH_MAX])
{
    snprintf(data, REPLICA_PATH_MAX, "%s/%02x/blk_%" PRIu64, s->dir, (unsigned)(id & 0xff), id);
    snprintf(meta, REPLICA_PATH_MAX, "%s/%02x/blk_%" PRIu64 ".meta", s->dir, (unsigned)(id & 0xff),
             id);
}

static bool
folder_make(struct replica_store *s, uint64_t id, struct error *err)
{
    const unsigned xx = id & 0xff;
    char path[REPLICA_PATH_MAX];
    mutex_lock(&s->lock);
    const bool known = s->folders[xx / 8] >> xx % 8 & 1;
    mutex_unlock(&s->lock);
    if (known) {
        return true;
    }
    snprintf(path, sizeof path, "%s/%02x", s->dir, xx);
    if (!s->env->ops->mkdirs(s->env, path, err) || !s->env->ops->sync_dir(s->env, s->dir, err)) {
        return false;
    }
    mutex_lock(&s->lock);
    s->folders[xx / 8] |= (uint8_t)(1 << xx % 8);
    mutex_unlock(&s->lock);
    return true;
}

/* ---- writers ---- */

static struct replica_writer *
writer_new(struct replica_store *s, uint64_t id, uint64_t stamp)
{
    struct replica_writer *w = calloc(1, sizeof *w);
    if (w == NULL || (w->crcs = malloc(CRC_BUFFER_BYTES)) == NULL) {
        abort();
    }
    w->store = s;
    w->id = id;
    w->stamp = stamp;
    w->data_fd = w->meta_fd = -1;
    return w;
}

static void
writer_link(struct replica_writer *w)
{
    struct replica_store *s = w->store;
    mutex_lock(&s->lock);
    w->next = s->writers;
    w->link = &s->writers;
    if (w->next != NULL) {
        w->next->link = &w->next;
    }
    s->writers = w;
    mutex_unlock(&s->lock);
}

void
replica_writer_close(struct replica_writer *w)
{
    if (w == NULL) {
        return;
    }
    struct replica_store *s = w->store;
    if (w->link != NULL) {
        mutex_lock(&s->lock);
        *w->link = w->next;
        if (w->next != NULL) {
            w->next->link = w->link;
        }
        mutex_unlock(&s->lock);
    }
    if (w->data_fd >= 0) {
        s->env->ops->close(s->env, w->data_fd);
    }
    if (w->meta_fd >= 0) {
        s->env->ops->close(s->env, w->meta_fd);
    }
    free(w->crcs);
    free(w);
}

static bool
header_write(struct replica_writer *w, enum replica_state state, struct error *err)
{
    uint8_t head[REPLICA_META_BYTES];
    const struct replica_meta m = {w->id, w->stamp, state == REPLICA_FINISHED ? w->bytes : 0,
                                   state};
    replica_meta_put(head, &m);
    replica_tail_put(head + REPLICA_HEADER_BYTES, &w->tail);
    return w->store->env->ops->pwrite(w->store->env, w->meta_fd, head, sizeof head, 0, err);
}

struct replica_writer *
replica_create(struct replica_store *s, uint64_t id, uint64_t stamp, struct error *err)
{
    char data[REPLICA_PATH_MAX], meta[REPLICA_PATH_MAX];
    struct replica_writer *w = writer_new(s, id, stamp);
    replica_paths(s, id, data, meta);
    const unsigned flags = ENV_WRITE | ENV_CREATE | ENV_TRUNCATE;
    w->new_names = true;
    if (folder_make(s, id, err) &&
        (w->data_fd = s->env->ops->open(s->env, data, flags, err)) >= 0 &&
        (w->meta_fd = s->env->ops->open(s->env, meta, flags, err)) >= 0 &&
        header_write(w, REPLICA_WRITING, err)) {
        writer_link(w);
        return w;
    }
    replica_writer_close(w);
    return NULL;
}

/* The partial chunk at the end of what is kept: into the tail, checked, its checksum known. */
static bool
tail_load(struct replica_writer *w, struct error *err)
{
    struct env *env = w->store->env;
    const int64_t start = w->bytes - w->bytes % REPLICA_CHUNK_BYTES;
    uint8_t chunk[REPLICA_CHUNK_BYTES], crc[4];
    size_t got = 0, crc_got = 0;
    if (w->bytes == start) {
        return true;
    }
    if (!env->ops->pread(env, w->data_fd, chunk, sizeof chunk, start, &got, err) ||
        !env->ops->pread(env, w->meta_fd, crc, 4, REPLICA_META_BYTES + start / 128, &crc_got,
                         err)) {
        return false;
    }
    const uint32_t want =
        (uint32_t)crc[0] << 24 | (uint32_t)crc[1] << 16 | (uint32_t)crc[2] << 8 | crc[3];
    const size_t keep = (size_t)(w->bytes - start);
    if (crc_got != 4 || got < keep || crc32c(0, chunk, got) != want) {
        return error_set_code(err, ERROR_SYSTEM, REPLICA_DAMAGED,
                              "block %" PRIu64 " is damaged at byte %" PRId64, w->id, start);
    }
    w->tail = (struct replica_tail){.offset = start, .len = (uint32_t)keep};
    memcpy(w->tail.bytes, chunk, keep);
    w->partial_crc = crc32c(0, chunk, keep);
    return true;
}

static bool
reopen_load(struct replica_writer *w, int64_t bytes, struct error *err)
{
    struct replica_store *s = w->store;
    struct replica_meta m;
    struct replica_tail old;
    struct env_stat st;
    char data[REPLICA_PATH_MAX], meta[REPLICA_PATH_MAX];
    replica_paths(s, w->id, data, meta);
    w->data_fd = s->env->ops->open(s->env, data, ENV_WRITE, err);
    w->meta_fd = w->data_fd >= 0 ? s->env->ops->open(s->env, meta, ENV_WRITE, err) : -1;
    if (w->meta_fd < 0) {
        err->code = err->code == ENOENT ? REPLICA_MISSING : err->code;
        return false;
    }
    if (!replica_meta_load(s, w->meta_fd, w->id, &m, &old, err) ||
        !s->env->ops->stat(s->env, data, &st, err)) {
        return false;
    }
    if (st.bytes < bytes || m.stamp > w->stamp) {
        return error_set_code(err, ERROR_SYSTEM, REPLICA_DAMAGED,
                              "block %" PRIu64 " has %" PRId64 " bytes instead of %" PRId64, w->id,
                              st.bytes, bytes);
    }
    w->bytes = w->base_bytes = w->hinted = bytes;
    w->crc_from = bytes / REPLICA_CHUNK_BYTES;
    return tail_load(w, err);
}

struct replica_writer *
replica_reopen(struct replica_store *s, uint64_t id, uint64_t stamp, int64_t bytes,
               struct error *err)
{
    struct env *env = s->env;
    struct replica_writer *w = writer_new(s, id, stamp);
    if (!reopen_load(w, bytes, err)) {
        replica_writer_close(w);
        return NULL;
    }
    writer_link(w); /* from now on readers take the tail from memory */
    const int64_t crc_end =
        REPLICA_META_BYTES + (bytes + REPLICA_CHUNK_BYTES - 1) / REPLICA_CHUNK_BYTES * 4;
    if (!header_write(w, REPLICA_WRITING, err) || !env->ops->sync(env, w->meta_fd, err) ||
        !env->ops->truncate(env, w->data_fd, bytes, err) ||
        !env->ops->truncate(env, w->meta_fd, crc_end, err)) {
        replica_writer_close(w);
        return NULL;
    }
    return w;
}

static void
crc_be(uint8_t *to, uint32_t crc)
{
    to[0] = (uint8_t)(crc >> 24);
    to[1] = (uint8_t)(crc >> 16);
    to[2] = (uint8_t)(crc >> 8);
    to[3] = (uint8_t)crc;
}

/* The gathered checksums, and that of a partial last chunk, into the file. */
static bool
crcs_flush(struct replica_writer *w, struct error *err)
{
    struct env *env = w->store->env;
    size_t len = w->crc_len;
    if (w->bytes % REPLICA_CHUNK_BYTES != 0) {
        crc_be(w->crcs + len, w->partial_crc);
        len += 4;
    }
    if (len > 0 && !env->ops->pwrite(env, w->meta_fd, w->crcs, len,
                                     REPLICA_META_BYTES + w->crc_from * 4, err)) {
        return false;
    }
    w->crc_from += (int64_t)w->crc_len / 4;
    w->crc_len = 0;
    return true;
}

static bool
crc_push(struct replica_writer *w, uint32_t crc, struct error *err)
{
    crc_be(w->crcs + w->crc_len, crc);
    w->crc_len += 4;
    return w->crc_len + 4 < CRC_BUFFER_BYTES || crcs_flush(w, err);
}

bool
replica_write(struct replica_writer *w, const void *src, size_t len, struct error *err)
{
    struct env *env = w->store->env;
    const uint8_t *from = src;
    if (!env->ops->pwrite(env, w->data_fd, src, len, w->bytes, err)) {
        return false;
    }
    while (len > 0) {
        const size_t have = (size_t)(w->bytes % REPLICA_CHUNK_BYTES);
        const size_t room = REPLICA_CHUNK_BYTES - have, part = len < room ? len : room;
        w->partial_crc = crc32c(have > 0 ? w->partial_crc : 0, from, part);
        w->bytes += (int64_t)part;
        from += part;
        len -= part;
        if (part == room && !crc_push(w, w->partial_crc, err)) {
            return false;
        }
    }
    if (w->bytes - w->hinted >= WRITE_BACK_BYTES) {
        if (env->ops->write_back != NULL) {
            env->ops->write_back(env, w->data_fd, w->hinted, w->bytes - w->hinted);
        }
        w->hinted = w->bytes;
    }
    return true;
}

int64_t
replica_bytes(const struct replica_writer *w)
{
    return w->bytes;
}

bool
replica_sync(struct replica_writer *w, struct error *err)
{
    struct env *env = w->store->env;
    return crcs_flush(w, err) && env->ops->sync(env, w->data_fd, err) &&
           env->ops->sync(env, w->meta_fd, err);
}

bool
replica_finish(struct replica_writer *w, struct error *err)
{
    struct replica_store *s = w->store;
    char path[REPLICA_PATH_MAX];
    if (!header_write(w, REPLICA_FINISHED, err) || !replica_sync(w, err)) {
        return false;
    }
    snprintf(path, sizeof path, "%s/%02x", s->dir, (unsigned)(w->id & 0xff));
    return !w->new_names || s->env->ops->sync_dir(s->env, path, err);
}

bool
replica_delete(struct replica_store *s, uint64_t id, struct error *err)
{
    char data[REPLICA_PATH_MAX], meta[REPLICA_PATH_MAX];
    struct error why = {0};
    replica_paths(s, id, data, meta);
    const bool first = s->env->ops->unlink(s->env, meta, &why) || why.code == ENOENT;
    if (!first) {
        error_move(err, &why);
        return false;
    }
    error_clear(&why);
    if (!s->env->ops->unlink(s->env, data, &why) && why.code != ENOENT) {
        error_move(err, &why);
        return false;
    }
    error_clear(&why);
    return true;
}
