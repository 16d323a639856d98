/*
 * Shuffle files: what one task of a stage leaves for the tasks that read it.
 *
 *   "WSHF", le32 form
 *   frames, in the order in which they were written
 *   for each partition its list: (le64 offset, le32 bytes, le32 rows) a frame, in row order
 *   the table: for each partition le64 offset of its list, le32 frames, le32 CRC-32C of the list
 *   at the end: le32 partitions, le32 CRC-32C of the table, le64 offset of the table, "WSHE"
 *
 *   a frame: le32 bytes behind these 16, le32 rows, le32 partition, le32 CRC-32C of what came
 * before it and of what follows; then blocks: uvarint rows, the columns one after the other a
 * column: u8 form (0 plain, 1 with nulls, 2 nested: tree/serial.h's vectors); validity bits; then
 *   fixed widths as in memory, or all lengths (le32) and all bytes of strings
 *
 * Row order: by morsel number, then as pushed, so that a reader sees the same rows in the same
 * order whichever thread wrote them. The files can be made again from the plan: nothing is synced.
 * Threads: a writer's calls but append are for one thread; a reader is used by one thread at a
 * time.
 */
#ifndef WEIR_EXEC_SHUFFLE_FILE_H
#define WEIR_EXEC_SHUFFLE_FILE_H

#include <pthread.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/env.h"
#include "base/error.h"
#include "base/reader.h"
#include "vec/vec.h"

enum {
    SHUFFLE_PARTITIONS_MAX = 1 << 16,
    SHUFFLE_FRAME_HEAD = 16,
    SHUFFLE_FRAME_BYTES_MAX = 64 << 20,
    SHUFFLE_FRAMES_MAX = 1 << 22,
    SHUFFLE_BLOCK_ROWS_MAX = 1 << 16,
};

struct shuffle_frame {
    uint64_t offset;
    uint32_t bytes; /* with its head */
    uint32_t rows;
};

/* ---- frames ---- */

/* Appends a block of dense rows (a chunk without a selection). */
void shuffle_block_put(struct buffer *out, const struct chunk *c, struct arena *tmp);
/* Writes the head of the frame that begins at out->ptr + at and ends at its end. */
void shuffle_frame_close(struct buffer *out, size_t at, uint32_t partition, uint32_t rows);

struct shuffle_blocks { /* a frame being read */
    const struct type *schema;
    struct bytes left;
    uint32_t rows; /* that the head promises and no block gave yet */
};

/* Checks a whole frame (head and CRC). false: it is damaged. */
bool shuffle_frame_open(struct bytes frame, uint32_t partition, const struct type *schema,
                        struct shuffle_blocks *out);
/* The next block as FLAT columns that borrow from the frame and from `a`; n == 0 at the end. false:
 * damaged, though its checksum is right. */
bool shuffle_block_next(struct shuffle_blocks *b, struct arena *a, struct chunk *out);

/* ---- writing ---- */

struct shuffle_entry {
    struct shuffle_frame frame;
    uint32_t partition, morsel, seq;
};

struct shuffle_writer {
    struct env *env;
    int fd;
    uint32_t partitions;
    pthread_mutex_t lock; /* guards what follows */
    uint64_t end;
    struct shuffle_entry *entries;
    uint32_t count, capacity;
};

bool shuffle_writer_open(struct shuffle_writer *w, struct env *env, const char *path,
                         uint32_t partitions, struct error *err);
/* Any thread. One closed frame; (morsel, seq) order the partition's frames. */
bool shuffle_writer_append(struct shuffle_writer *w, struct bytes frame, uint32_t partition,
                           uint32_t morsel, uint32_t seq, uint32_t rows, struct error *err);
bool shuffle_writer_finish(struct shuffle_writer *w, struct error *err); /* index; closes */
void shuffle_writer_release(struct shuffle_writer *w);                   /* closes if open */

/* ---- reading ---- */

/* The frames of one partition of the open file, in order. Errors: ERROR_SYSTEM when the file cannot
 * be read, ERROR_PROTOCOL when it is damaged. */
bool shuffle_file_list(struct env *env, const char *path, int fd, uint32_t partition,
                       struct arena *a, struct shuffle_frame **frames, uint32_t *count,
                       struct error *err);

#endif
