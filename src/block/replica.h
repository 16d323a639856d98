/*
 * Replicas of blocks on one disk: a data file and beside it a file of checksums.
 *
 *   <dir>/<xx>/blk_<id>        the bytes
 *   <dir>/<xx>/blk_<id>.meta   header, saved tail, then a CRC-32C (big-endian) for each 512 bytes
 *
 * xx are the two lowest hex digits of the id. The header names block, generation stamp, state and
 * (once finished) length, with a CRC of its own. The checksums are written as Hadoop hashes them
 * for its file checksums, so that these need no more than an MD5 over the file.
 *
 * Before an append changes the partial chunk at the old end, that chunk is saved behind the header
 * and made durable, so that a death in between loses nothing that was finished before.
 *
 * One writer a replica. A finished replica is durable with its names. One that a death left
 * unfinished holds a prefix that its checksums prove (replica_salvage). Whoever reads a replica
 * that is being appended to sees what was there before: full chunks never change, and the partial
 * one at the old end is kept in memory by the writer.
 *
 * Threads: any; a writer or reader has one user at a time. All calls block on the disk.
 */
#ifndef WEIR_BLOCK_REPLICA_H
#define WEIR_BLOCK_REPLICA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/env.h"
#include "base/error.h"
#include "base/reader.h"

enum {
    REPLICA_CHUNK_BYTES = 512,
    REPLICA_HEADER_BYTES = 64,
    REPLICA_TAIL_BYTES = 16 + REPLICA_CHUNK_BYTES,
    REPLICA_META_BYTES = REPLICA_HEADER_BYTES + REPLICA_TAIL_BYTES, /* checksums begin here */
};
enum replica_state { REPLICA_WRITING = 1, REPLICA_FINISHED = 2 };

/* error.code of a replica that is not there or not good. */
enum { REPLICA_MISSING = 7001, REPLICA_DAMAGED = 7002 };

struct replica_meta {
    uint64_t id;
    uint64_t stamp;
    int64_t bytes; /* finished ones */
    enum replica_state state;
};

void replica_meta_put(uint8_t out[REPLICA_HEADER_BYTES], const struct replica_meta *m);
bool replica_meta_read(struct bytes in, struct replica_meta *out);

struct replica_tail { /* the saved chunk */
    int64_t offset;
    uint32_t len; /* 0: none */
    uint8_t bytes[REPLICA_CHUNK_BYTES];
};
void replica_tail_put(uint8_t out[REPLICA_TAIL_BYTES], const struct replica_tail *t);
bool replica_tail_read(struct bytes in,
                       struct replica_tail *out); /* false: none, or half written */

struct replica_store;
struct replica_store *replica_store_open(struct env *env, const char *dir, struct error *err);
void replica_store_close(struct replica_store *s);

struct replica_writer;
struct replica_writer *replica_create(struct replica_store *s, uint64_t id, uint64_t stamp,
                                      struct error *err);
/* Goes on behind `bytes` of a finished replica, which becomes one that is being written. */
struct replica_writer *replica_reopen(struct replica_store *s, uint64_t id, uint64_t stamp,
                                      int64_t bytes, struct error *err);
bool replica_write(struct replica_writer *w, const void *src, size_t len, struct error *err);
int64_t replica_bytes(const struct replica_writer *w);
bool replica_sync(struct replica_writer *w, struct error *err); /* what was written is durable */
/* Finished and durable. */
bool replica_finish(struct replica_writer *w, struct error *err);
void replica_writer_close(struct replica_writer *w);

/* Up to len bytes from offset on, checked against their checksums, below `visible`. *out is
 * malloc'ed (free it whole); the bytes begin at *at. got < len only at the end of what is visible.
 */
bool replica_read(struct replica_store *s, uint64_t id, uint64_t stamp, int64_t visible,
                  int64_t offset, size_t len, uint8_t **out, size_t *at, size_t *got,
                  struct error *err);

/* The replica's header; REPLICA_MISSING when there is none. */
bool replica_look(struct replica_store *s, uint64_t id, struct replica_meta *out,
                  struct error *err);
/* For one that a death left: the length up to which data and checksums agree. */
bool replica_salvage(struct replica_store *s, uint64_t id, int64_t *bytes, struct error *err);
/* MD5 over the big-endian checksums of a finished replica. */
bool replica_md5(struct replica_store *s, uint64_t id, uint64_t stamp, int64_t bytes,
                 uint8_t out[16], struct error *err);
/* Checks all of it. */
bool replica_verify(struct replica_store *s, uint64_t id, uint64_t stamp, int64_t bytes,
                    struct error *err);
bool replica_delete(struct replica_store *s, uint64_t id, struct error *err);
/* fn for each id that has any file here; order unspecified. */
bool replica_list(struct replica_store *s, void (*fn)(void *ctx, uint64_t id), void *ctx,
                  struct error *err);

#endif
