/*
 * The second step of CREATE and APPEND: a body into blocks.
 *
 * The loop thread gives out block ids and cuts the body at block boundaries; what is to be done on
 * disk goes as steps into a queue, which one call of the pool at a time works off in order. When
 * the queue holds HDFS_WINDOW_BYTES, reading from the client pauses. After the last byte each block
 * is flushed; then the record that closes the file is written, and when it is durable the client
 * gets its answer.
 *
 * A client that leaves in the middle leaves a file with what came, as in Hadoop. A disk that fails
 * leaves the file to recovery, which keeps what is proved.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/thread.h"
#include "hdfs/internal.h"

enum step_kind { STEP_BLOCK, STEP_REOPEN, STEP_WRITE, STEP_FINISH };

struct step {
    struct step *next;
    enum step_kind kind;
    struct ns_block block; /* BLOCK, REOPEN */
    uint8_t *bytes;        /* WRITE; owned */
    size_t len;
};

enum { UPLOAD_PIECE_BYTES = 256 << 10 };

struct upload {
    struct hdfs *h;
    struct http_exchange *x; /* retained; NULL once the client is gone */
    uint64_t inode_id;
    int64_t block_bytes;
    bool append;

    /* loop only */
    struct ns_block block; /* the one at the end; id 0: none */
    uint8_t *piece;        /* bytes on their way into a step */
    size_t piece_len;
    bool paused, ended, running;

    pthread_mutex_t lock; /* guards all below */
    struct step *first, **last;
    size_t queued_bytes;
    struct error err; /* the first failure; nothing is done after it */

    struct replica_writer *writer; /* the pool's */
};

static void upload_progress(void *ctx);

/* ---- on the pool ---- */

static bool
step_run(struct upload *u, struct step *s, struct error *err)
{
    struct replica_store *store = u->h->replicas;
    switch (s->kind) {
    case STEP_BLOCK:
        u->writer = replica_create(store, s->block.id, s->block.stamp, err);
        return u->writer != NULL;
    case STEP_REOPEN:
        u->writer = replica_reopen(store, s->block.id, s->block.stamp, s->block.bytes, err);
        return u->writer != NULL;
    case STEP_WRITE:
        return replica_write(u->writer, s->bytes, s->len, err);
    case STEP_FINISH: {
        const bool ok = replica_finish(u->writer, err);
        replica_writer_close(u->writer);
        u->writer = NULL;
        return ok;
    }
    }
    return false;
}

static void
upload_run(void *ctx)
{
    struct upload *u = ctx;
    for (;;) {
        mutex_lock(&u->lock);
        struct step *s = u->first;
        const bool failed = error_is_set(&u->err);
        if (s != NULL) {
            u->first = s->next;
            u->last = u->first != NULL ? u->last : &u->first;
        }
        mutex_unlock(&u->lock);
        if (s == NULL) {
            break;
        }
        struct error err = {0};
        const bool ok = failed || step_run(u, s, &err);
        mutex_lock(&u->lock);
        u->queued_bytes -= s->len;
        if (!ok) {
            error_move(&u->err, &err);
        }
        mutex_unlock(&u->lock);
        free(s->bytes);
        free(s);
    }
    loop_post(u->h->loop, upload_progress, u);
}

/* ---- on the loop ---- */

static void
upload_push(struct upload *u, struct step step)
{
    struct step *s = hdfs_alloc(sizeof *s);
    *s = step;
    mutex_lock(&u->lock);
    *u->last = s;
    u->last = &s->next;
    u->queued_bytes += s->len;
    const bool full = u->queued_bytes >= HDFS_WINDOW_BYTES;
    mutex_unlock(&u->lock);
    if (full && !u->paused && u->x != NULL) {
        u->paused = true;
        http_pause(u->x, true);
    }
    if (!u->running) {
        u->running = true;
        work_submit(u->h->pool, upload_run, u);
    }
}

static void
upload_fail(struct upload *u, struct error *err)
{
    mutex_lock(&u->lock);
    if (!error_is_set(&u->err)) {
        error_move(&u->err, err);
    }
    mutex_unlock(&u->lock);
    error_clear(err);
}

static bool
upload_failed(struct upload *u)
{
    mutex_lock(&u->lock);
    const bool failed = error_is_set(&u->err);
    mutex_unlock(&u->lock);
    return failed;
}

static struct inode *
upload_file(struct upload *u, struct error *err)
{
    struct inode *file = namespace_inode(names_space(u->h->names), u->inode_id);
    if (file == NULL || file->open == NULL) {
        names_refuse(err, NAMES_NOT_FOUND,
                     "File does not exist: inode %llu was removed or replaced while it was written",
                     (unsigned long long)u->inode_id);
        return NULL;
    }
    return file;
}

/* The block at the end is full: its length is known to the namespace, and the next one begins. */
static bool
upload_block_next(struct upload *u, struct error *err)
{
    struct inode *file = upload_file(u, err);
    if (file == NULL) {
        return false;
    }
    if (u->block.id != 0) {
        const struct ns_record full = {.op = NS_BLOCK_SET, .id = u->inode_id, .block = u->block};
        upload_push(u, (struct step){.kind = STEP_FINISH});
        if (!names_write(u->h->names, &full, err)) {
            return false;
        }
    }
    u->block = (struct ns_block){0};
    if (!names_block_add(u->h->names, file, &u->block, err)) {
        return false;
    }
    upload_push(u, (struct step){.kind = STEP_BLOCK, .block = u->block});
    return true;
}

static void
piece_flush(struct upload *u)
{
    if (u->piece_len > 0) {
        upload_push(u, (struct step){.kind = STEP_WRITE, .bytes = u->piece, .len = u->piece_len});
        u->piece = NULL;
        u->piece_len = 0;
    }
}

static void
upload_body(void *ctx, const uint8_t *data, size_t len)
{
    struct upload *u = ctx;
    while (len > 0 && !upload_failed(u)) {
        if (u->block.id == 0 || u->block.bytes == u->block_bytes) {
            struct error err = {0};
            piece_flush(u);
            if (!upload_block_next(u, &err)) {
                upload_fail(u, &err);
                return;
            }
        }
        if (u->piece == NULL) {
            u->piece = malloc(UPLOAD_PIECE_BYTES);
            if (u->piece == NULL) {
                abort();
            }
        }
        const int64_t room = u->block_bytes - u->block.bytes;
        size_t part = UPLOAD_PIECE_BYTES - u->piece_len;
        part = part < len ? part : len;
        part = (int64_t)part < room ? part : (size_t)room;
        memcpy(u->piece + u->piece_len, data, part);
        u->piece_len += part;
        u->block.bytes += (int64_t)part;
        data += part;
        len -= part;
        if (u->piece_len == UPLOAD_PIECE_BYTES) {
            piece_flush(u);
        }
    }
}

static void
upload_free(struct upload *u)
{
    u->h->transfers--;
    if (u->x != NULL) {
        http_release(u->x);
    }
    error_clear(&u->err);
    pthread_mutex_destroy(&u->lock);
    free(u->piece);
    free(u);
}

/* All steps are done, or left out after a failure. */
static void
upload_complete(struct upload *u)
{
    struct hdfs *h = u->h;
    struct error err = {0};
    replica_writer_close(u->writer);
    u->writer = NULL;
    error_move(&err, &u->err);
    const bool ok = !error_is_set(&err);
    struct inode *file = ok ? upload_file(u, &err) : NULL;
    if (file != NULL) {
        names_file_close(h->names, file, u->block.id != 0 ? &u->block : NULL, &err);
    }
    if (error_is_set(&err)) {
        struct inode *left = namespace_inode(names_space(h->names), u->inode_id);
        if (left != NULL && left->open != NULL) {
            hdfs_recover_file(h, u->inode_id);
        } else if (u->block.id != 0) { /* its file went while it was written */
            struct dead_block *d = hdfs_alloc(sizeof *d);
            *d = (struct dead_block){h->dead, u->block.id};
            h->dead = d;
        }
    }
    if (u->x != NULL) {
        struct buffer out = {0};
        http_take(u->x, NULL, NULL);
        if (error_is_set(&err)) {
            hdfs_answer_error(h, u->x, &err);
        } else {
            if (!u->append) {
                struct buffer path = {0}, url = {0};
                namespace_path(file, &path);
                buffer_printf(&url, "hdfs://%s%s", h->address, buffer_text(&path));
                http_reply_header(u->x, "Location", buffer_text(&url));
                buffer_release(&path);
                buffer_release(&url);
            }
            hdfs_answer(h, u->x, u->append ? 200 : 201, &out);
        }
    }
    error_clear(&err);
    hdfs_reap(h);
    names_snapshot_if_due(h->names);
    upload_free(u);
}

/* On the loop: the pool has worked off the queue. */
static void
upload_progress(void *ctx)
{
    struct upload *u = ctx;
    mutex_lock(&u->lock);
    const bool more = u->first != NULL;
    mutex_unlock(&u->lock);
    if (more) {
        work_submit(u->h->pool, upload_run, u);
        return;
    }
    u->running = false;
    if (u->ended) {
        upload_complete(u);
    } else if (u->paused && u->x != NULL) {
        u->paused = false;
        http_pause(u->x, false);
    }
}

static void
upload_end(void *ctx)
{
    struct upload *u = ctx;
    u->ended = true;
    piece_flush(u);
    if (u->block.id != 0) {
        upload_push(u, (struct step){.kind = STEP_FINISH});
    } else if (!u->running) {
        upload_complete(u);
    }
}

static void
upload_gone(void *ctx)
{
    struct upload *u = ctx;
    http_release(u->x);
    u->x = NULL;
    if (!u->ended) {
        upload_end(u);
    }
}

static const struct http_taker upload_taker = {upload_body, upload_end, NULL, upload_gone};

/* ---- beginning ---- */

static bool
create_params(struct hdfs_call *c, struct names_make *make, struct error *err)
{
    int32_t mode = 0644, unmasked = -1;
    int64_t replication = 1, block_bytes = 128 << 20;
    bool parents = true, overwrite = false;
    char flags[128];
    if (!hdfs_param_mode(&c->req, "permission", &mode, err) ||
        !hdfs_param_mode(&c->req, "unmaskedpermission", &unmasked, err) ||
        !hdfs_param_int(&c->req, "replication", 1, 255, &replication, err) ||
        !hdfs_param_int(&c->req, "blocksize", 1, (int64_t)1 << 40, &block_bytes, err) ||
        !hdfs_param_bool(&c->req, "createparent", &parents, err) ||
        !hdfs_param_bool(&c->req, "overwrite", &overwrite, err)) {
        return false;
    }
    if (hdfs_param_text(&c->req, "createflag", flags, sizeof flags) &&
        strcasestr(flags, "overwrite") != NULL) {
        overwrite = true;
    }
    *make = (struct names_make){.mode = (uint16_t)(mode & 01777),
                                .unmasked_mode = unmasked,
                                .create_parents = parents,
                                .overwrite = overwrite,
                                .replication = (uint8_t)replication,
                                .block_bytes = block_bytes};
    return true;
}

bool
hdfs_create_check(struct hdfs_call *c, struct error *err)
{
    struct names_make make;
    return create_params(c, &make, err) &&
           names_may_create(c->h->names, &c->who, c->req.path, &make, err);
}

static struct upload *
upload_new(struct hdfs_call *c, const struct inode *file, bool append)
{
    struct upload *u = hdfs_alloc(sizeof *u);
    *u = (struct upload){.h = c->h,
                         .x = c->x,
                         .inode_id = file->id,
                         .block_bytes = file->block_bytes,
                         .append = append};
    u->last = &u->first;
    pthread_mutex_init(&u->lock, NULL);
    c->h->transfers++;
    http_retain(c->x);
    http_take(c->x, &upload_taker, u);
    return u;
}

bool
hdfs_upload_begin(struct hdfs_call *c, struct error *err)
{
    struct hdfs *h = c->h;
    char holder[320];
    snprintf(holder, sizeof holder, "webhdfs_%llu_%s", (unsigned long long)++h->writers,
             c->who.user);
    if (c->req.op == HDFS_CREATE) {
        struct names_make make;
        if (!create_params(c, &make, err)) {
            return false;
        }
        make.holder = holder;
        const struct inode *file = names_create(h->names, &c->who, c->req.path, &make, err);
        if (file == NULL) {
            return false;
        }
        upload_new(c, file, false);
        return true;
    }
    struct inode *file = names_append(h->names, &c->who, c->req.path, holder, err);
    if (file == NULL) {
        return false;
    }
    struct upload *u = upload_new(c, file, true);
    if (file->count > 0 && file->blocks[file->count - 1].bytes < file->block_bytes) {
        u->block = file->blocks[file->count - 1];
        u->block.stamp = names_stamp_next(h->names);
        upload_push(u, (struct step){.kind = STEP_REOPEN, .block = u->block});
    }
    return true;
}
