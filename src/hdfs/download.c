/*
 * OPEN: a file's bytes in pieces. One piece is read and checked by the pool while the one before it
 * is on its way out; when too much waits for the client, reading waits for the connection's drain.
 *
 * The first piece is read before the head is sent, so that what cannot be read is an answer and not
 * a broken connection. Also GETFILECHECKSUM, which asks the disk too.
 */
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "hdfs/internal.h"

struct download {
    struct hdfs *h;
    struct http_exchange *x; /* retained */
    struct ns_block *blocks; /* a copy */
    uint32_t count, index;
    int64_t at;   /* in blocks[index] */
    int64_t left; /* bytes still to be read */
    int64_t total;
    bool begun, reading, gone;
    /* What the pool is reading; its own until it is handed back. */
    size_t want;
    uint8_t *bytes;
    size_t from, got;
    struct error err;
};

static void
download_free(struct download *d)
{
    d->h->transfers--;
    http_release(d->x);
    error_clear(&d->err);
    free(d->blocks);
    free(d);
}

static void download_next(struct download *d);

static void
download_done(struct download *d)
{
    http_send_end(d->x);
    download_free(d);
}

/* On the loop: a piece has been read. */
static void
download_piece(void *ctx)
{
    struct download *d = ctx;
    d->reading = false;
    if (d->gone) {
        free(d->bytes);
        download_free(d);
        return;
    }
    if (error_is_set(&d->err)) {
        http_take(d->x, NULL, NULL);
        if (!d->begun) {
            hdfs_answer_error(d->h, d->x, &d->err);
        } else {
            http_abort(d->x); /* the length is promised: only a broken end tells the truth */
        }
        download_free(d);
        return;
    }
    if (!d->begun) {
        d->begun = true;
        http_send_begin(d->x, 200, "application/octet-stream", d->total);
    }
    d->left -= (int64_t)d->got;
    d->at += (int64_t)d->got;
    uint8_t *bytes = d->bytes;
    d->bytes = NULL;
    if (d->from > 0) {
        memmove(bytes, bytes + d->from, d->got);
    }
    http_send_ref(d->x, bytes, d->got, free, bytes);
    if (d->left == 0) {
        download_done(d);
    } else {
        download_next(d);
    }
}

/* On a thread of the pool. */
static void
download_read(void *ctx)
{
    struct download *d = ctx;
    const struct ns_block *b = &d->blocks[d->index];
    replica_read(d->h->replicas, b->id, b->stamp, b->bytes, d->at, d->want, &d->bytes, &d->from,
                 &d->got, &d->err);
    if (!error_is_set(&d->err) && d->got == 0) {
        error_set(&d->err, ERROR_INTERNAL, "a block gave no bytes");
    }
    loop_post(d->h->loop, download_piece, d);
}

static void
download_next(struct download *d)
{
    if (d->reading || d->gone || http_send_queued(d->x) > HDFS_WINDOW_BYTES / 2) {
        return; /* the drain calls again */
    }
    while (d->at >= d->blocks[d->index].bytes) {
        d->at -= d->blocks[d->index].bytes;
        d->index++;
    }
    const int64_t here = d->blocks[d->index].bytes - d->at;
    int64_t want = d->left < here ? d->left : here;
    want = want < HDFS_PIECE_BYTES ? want : HDFS_PIECE_BYTES - d->at % REPLICA_CHUNK_BYTES;
    d->want = (size_t)want;
    d->reading = true;
    work_submit(d->h->pool, download_read, d);
}

static void
download_drain(void *ctx)
{
    struct download *d = ctx;
    if (d->begun) {
        download_next(d);
    }
}

static void
download_gone(void *ctx)
{
    struct download *d = ctx;
    d->gone = true;
    if (!d->reading) {
        download_free(d);
    }
}

static void
no_body(void *ctx, const uint8_t *data, size_t len)
{
    (void)ctx, (void)data, (void)len;
}

static void
no_end(void *ctx)
{
    (void)ctx;
}

static const struct http_taker download_taker = {no_body, no_end, download_drain, download_gone};

static bool
range_check(const struct inode *file, int64_t offset, struct error *err)
{
    const int64_t bytes = file->tally.bytes;
    return offset < bytes || (offset == 0 && bytes == 0) ||
           names_refuse(err, NAMES_IO, "Offset=%lld out of the range [0, %lld); OPEN, path=%s",
                        (long long)offset, (long long)bytes, file->name);
}

bool
hdfs_download_begin(struct hdfs_call *c, struct error *err)
{
    int64_t offset = 0, length = INT64_MAX;
    const struct inode *file = names_readable_file(c->h->names, &c->who, c->req.path, err);
    if (file == NULL || !hdfs_param_int(&c->req, "offset", 0, INT64_MAX, &offset, err) ||
        !hdfs_param_int(&c->req, "length", 0, INT64_MAX, &length, err) ||
        !range_check(file, offset, err)) {
        return false;
    }
    const int64_t rest = file->tally.bytes - offset;
    struct download *d = hdfs_alloc(sizeof *d);
    *d = (struct download){.h = c->h, .x = c->x, .count = file->count, .at = offset};
    d->total = d->left = length < rest ? length : rest;
    c->h->transfers++;
    http_retain(c->x);
    if (d->left == 0) {
        http_send_begin(c->x, 200, "application/octet-stream", 0);
        download_done(d);
        return true;
    }
    d->blocks = hdfs_alloc(file->count * sizeof *d->blocks);
    memcpy(d->blocks, file->blocks, file->count * sizeof *d->blocks);
    http_take(c->x, &download_taker, d);
    download_next(d);
    return true;
}

/* ---- checksums ---- */

struct checksum {
    struct hdfs *h;
    struct http_exchange *x;
    struct ns_block *blocks;
    uint32_t count;
    uint8_t outer[16];
    struct error err;
};

static void checksum_answer(void *ctx);

/* Hadoop's buffer of block digests starts at 32 bytes and doubles; the outer MD5 covers it whole,
 * with the zeros behind the digests. */
static void
checksum_run(void *ctx)
{
    struct checksum *s = ctx;
    size_t room = 32;
    while (room < (size_t)s->count * 16) {
        room *= 2;
    }
    uint8_t *digests = hdfs_alloc(room);
    bool ok = true;
    for (uint32_t i = 0; ok && i < s->count; i++) {
        const struct ns_block *b = &s->blocks[i];
        ok = replica_md5(s->h->replicas, b->id, b->stamp, b->bytes, digests + 16 * (size_t)i,
                         &s->err);
    }
    unsigned len = 16;
    if (ok && EVP_Digest(digests, room, s->outer, &len, EVP_md5(), NULL) != 1) {
        error_set(&s->err, ERROR_INTERNAL, "MD5 is not available");
    }
    free(digests);
    loop_post(s->h->loop, checksum_answer, s);
}

static void
checksum_answer(void *ctx)
{
    struct checksum *s = ctx;
    struct buffer out = {0};
    if (error_is_set(&s->err)) {
        hdfs_answer_error(s->h, s->x, &s->err);
    } else {
        const uint64_t per_block =
            s->count > 1
                ? (uint64_t)(s->blocks[0].bytes + REPLICA_CHUNK_BYTES - 1) / REPLICA_CHUNK_BYTES
                : 0;
        const uint32_t per_crc = s->count > 0 ? REPLICA_CHUNK_BYTES : 0;
        buffer_printf(&out,
                      "{\"FileChecksum\":{\"algorithm\":\"MD5-of-%lluMD5-of-%uCRC32%s\","
                      "\"bytes\":\"%08x%016llx",
                      (unsigned long long)per_block, per_crc, s->count > 0 ? "C" : "", per_crc,
                      (unsigned long long)per_block);
        for (int i = 0; i < 16; i++) {
            buffer_printf(&out, "%02x", s->outer[i]);
        }
        buffer_puts(&out, "00000000\",\"length\":28}}");
        hdfs_answer(s->h, s->x, 200, &out);
    }
    s->h->transfers--;
    http_release(s->x);
    free(s->blocks);
    free(s);
}

bool
hdfs_checksum_begin(struct hdfs_call *c, struct error *err)
{
    const struct inode *file = names_readable_file(c->h->names, &c->who, c->req.path, err);
    if (file == NULL) {
        return false;
    }
    if (file->open != NULL) {
        return names_refuse(err, NAMES_IO,
                            "Fail to get checksum, since file %s is under "
                            "construction.",
                            c->req.path);
    }
    struct checksum *s = hdfs_alloc(sizeof *s);
    *s = (struct checksum){.h = c->h, .x = c->x, .count = file->count};
    s->blocks = hdfs_alloc(file->count * sizeof *s->blocks + 1);
    if (file->count > 0) {
        memcpy(s->blocks, file->blocks, file->count * sizeof *s->blocks);
    }
    c->h->transfers++;
    http_retain(c->x);
    work_submit(c->h->pool, checksum_run, s);
    return true;
}
