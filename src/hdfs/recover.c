/*
 * Files that were open when their writer died, and replicas that no file knows.
 *
 * Recovery of a file asks the disk how far each of its blocks is proved by checksums, ends the
 * last good one there with a new generation stamp, cuts the file to it, and closes it.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/trace.h"
#include "hdfs/internal.h"

enum { RETRY_MS = 5000 };

struct recovery {
    struct hdfs *h;
    uint64_t inode_id;
    struct ns_block *blocks; /* as the namespace has them */
    uint32_t count;
    uint64_t stamp;      /* for the block that ends the file */
    uint32_t keep;       /* blocks that stay */
    struct ns_block end; /* the last of them as it is now; id 0: none */
    bool unsure;         /* the disk did not answer: nothing is changed */
};

/* How long a replica is, as far as it can be trusted. */
static int64_t
proved_bytes(struct recovery *r, const struct ns_block *b)
{
    struct replica_meta m;
    struct error err = {0};
    int64_t bytes = 0;
    if (replica_look(r->h->replicas, b->id, &m, &err)) {
        if (m.state == REPLICA_FINISHED && m.stamp >= b->stamp) {
            return m.bytes;
        }
        if (m.stamp >= b->stamp) {
            replica_salvage(r->h->replicas, b->id, &bytes, &err);
        }
    }
    if (error_is_set(&err) && err.code != REPLICA_MISSING && err.code != REPLICA_DAMAGED) {
        r->unsure = true;
        trace(TRACE_WARN, "hdfs", "recovery of block %" PRIu64 ": %s", b->id, error_text(&err));
    }
    error_clear(&err);
    return bytes;
}

/* Makes the block that ends the file a finished one of this length. */
static bool
end_block(struct recovery *r, const struct ns_block *b, int64_t bytes)
{
    struct error err = {0};
    struct replica_writer *w = replica_reopen(r->h->replicas, b->id, r->stamp, bytes, &err);
    const bool ok = w != NULL && replica_finish(w, &err);
    replica_writer_close(w);
    if (!ok) {
        trace(TRACE_WARN, "hdfs", "recovery of block %" PRIu64 ": %s", b->id, error_text(&err));
        r->unsure = true;
    }
    error_clear(&err);
    return ok;
}

static void recovery_done(void *ctx);

static void
recovery_run(void *ctx)
{
    struct recovery *r = ctx;
    for (uint32_t i = 0; i < r->count && !r->unsure; i++) {
        const struct ns_block *b = &r->blocks[i];
        const bool last = i + 1 == r->count;
        const int64_t proved = proved_bytes(r, b);
        if (!last && proved >= b->bytes) {
            r->keep = i + 1;
            continue;
        }
        if (proved > 0 && !r->unsure && end_block(r, b, proved)) {
            r->keep = i + 1;
            r->end = (struct ns_block){b->id, r->stamp, proved};
        }
        break;
    }
    loop_post(r->h->loop, recovery_done, r);
}

/* The records: what is cut off, then the close. */
static bool
recovery_write(struct recovery *r, struct inode *file, struct error *err)
{
    struct names *n = r->h->names;
    if (r->keep < file->count) {
        int64_t bytes = 0;
        for (uint32_t i = 0; i < r->keep; i++) {
            bytes += file->blocks[i].id == r->end.id ? r->end.bytes : file->blocks[i].bytes;
        }
        const struct ns_block *cut = r->end.id != 0 ? &r->end : NULL;
        return names_truncate(n, file, bytes, cut, err) && names_file_close(n, file, NULL, err);
    }
    return names_file_close(n, file, r->end.id != 0 ? &r->end : NULL, err);
}

struct retry {
    struct hdfs *h;
    uint64_t inode_id;
};

static void
retry_run(void *ctx)
{
    struct retry *retry = ctx;
    if (!retry->h->stopping) {
        hdfs_recover_file(retry->h, retry->inode_id);
    }
    free(retry);
}

static void
recovery_done(void *ctx)
{
    struct recovery *r = ctx;
    struct error err = {0};
    if (r->unsure && !r->h->stopping) {
        struct retry *retry = hdfs_alloc(sizeof *retry);
        *retry = (struct retry){r->h, r->inode_id};
        loop_after(r->h->loop, RETRY_MS, retry_run, retry);
    }
    struct inode *file = namespace_inode(names_space(r->h->names), r->inode_id);
    if (file != NULL && file->open != NULL && !r->unsure) {
        recovery_write(r, file, &err);
        if (error_is_set(&err)) {
            trace(TRACE_WARN, "hdfs", "a file could not be closed: %s", error_text(&err));
        }
        hdfs_reap(r->h);
    }
    error_clear(&err);
    r->h->transfers--;
    free(r->blocks);
    free(r);
}

void
hdfs_recover_file(struct hdfs *h, uint64_t inode_id)
{
    const struct inode *file = namespace_inode(names_space(h->names), inode_id);
    if (file == NULL || file->open == NULL) {
        return;
    }
    struct recovery *r = hdfs_alloc(sizeof *r);
    *r = (struct recovery){
        .h = h, .inode_id = inode_id, .count = file->count, .stamp = names_stamp_next(h->names)};
    r->blocks = hdfs_alloc(file->count * sizeof *r->blocks + 1);
    if (file->count > 0) {
        memcpy(r->blocks, file->blocks, file->count * sizeof *r->blocks);
    }
    h->transfers++;
    work_submit(h->pool, recovery_run, r);
}

void
hdfs_recover_all(struct hdfs *h)
{
    for (const struct ns_open *o = namespace_open_files(names_space(h->names)); o != NULL;
         o = o->next) {
        hdfs_recover_file(h, o->inode->id);
    }
}

/* ---- orphans ---- */

struct sweep {
    struct hdfs *h;
    uint64_t below; /* younger blocks may be in the making */
    uint64_t *ids;
    size_t count, capacity;
    struct error err;
};

static void
sweep_add(void *ctx, uint64_t id)
{
    struct sweep *s = ctx;
    if (id >= s->below) {
        return;
    }
    if (s->count == s->capacity) {
        s->capacity = s->capacity * 2 + 256;
        s->ids = realloc(s->ids, s->capacity * sizeof *s->ids);
        if (s->ids == NULL) {
            abort();
        }
    }
    s->ids[s->count++] = id;
}

static void
sweep_judge(void *ctx)
{
    struct sweep *s = ctx;
    uint32_t index, orphans = 0;
    for (size_t i = 0; i < s->count; i++) {
        if (namespace_block_file(names_space(s->h->names), s->ids[i], &index) == NULL) {
            struct dead_block *d = hdfs_alloc(sizeof *d);
            *d = (struct dead_block){s->h->dead, s->ids[i]};
            s->h->dead = d;
            orphans++;
        }
    }
    if (orphans > 0) {
        trace(TRACE_INFO, "hdfs", "%u files of blocks that nobody has are removed", orphans);
    }
    hdfs_reap(s->h);
    s->h->transfers--;
    error_clear(&s->err);
    free(s->ids);
    free(s);
}

static void
sweep_run(void *ctx)
{
    struct sweep *s = ctx;
    replica_list(s->h->replicas, sweep_add, s, &s->err); /* what was listed so far counts */
    loop_post(s->h->loop, sweep_judge, s);
}

void
hdfs_sweep(struct hdfs *h)
{
    struct sweep *s = hdfs_alloc(sizeof *s);
    *s = (struct sweep){.h = h, .below = namespace_next_block(names_space(h->names))};
    h->transfers++;
    work_submit(h->pool, sweep_run, s);
}
