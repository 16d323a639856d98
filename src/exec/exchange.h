/*
 * Exchanges: how tasks of one stage hand rows to the tasks of another.
 *
 * REL_EXCHANGE is the root of a stage's plan: its sink deals rows to partitions and writes one
 * shuffle file (exec/shuffle_file.h). REL_EXCHANGE_READ is a leaf: it reads one partition of the
 * files that all tasks of another stage wrote, in the order of those tasks, so that the rows of a
 * stage have one order whatever ran where.
 *
 * Where a file is, is not known here: whoever runs the task says for each output how to list and
 * read its frames (a local file, or another worker over the network). What cannot be had is noted
 * in `lost`, and the task fails with ERROR_UNAVAILABLE: the driver makes that output again.
 *
 * Memory: writing, EXCHANGE_BUFFER_BYTES shared by all threads' partitions, and a frame each;
 * reading, one frame a thread.
 */
#ifndef WEIR_EXEC_EXCHANGE_H
#define WEIR_EXEC_EXCHANGE_H

#include <pthread.h>

#include "exec/shuffle_file.h"

enum { EXCHANGE_BUFFER_BYTES = 64 << 20, EXCHANGE_FRAME_BYTES = 256 << 10 };

/* One task's output, as the driver's location table has it. */
struct exchange_output {
    uint32_t map;        /* task of the writing stage */
    uint32_t epoch;      /* its attempt that counts */
    const char *address; /* of the worker that serves it */
    const char *path;    /* of the file, for those on the same node */
};

struct exchange_input {
    uint32_t stage;
    uint32_t count;
    struct exchange_output *outputs; /* by map */
};

struct exchange_lost {
    bool is_set;
    uint32_t stage, map, epoch;
};

struct exec_exchange {
    uint32_t partition; /* the task's number in its stage */
    /* writing */
    const char *out_path;
    uint64_t out_bytes, out_rows; /* results */
    /* reading */
    struct exchange_input *inputs;
    uint32_t input_count;
    /* Lists the frames of a partition. Any thread. */
    bool (*list)(void *ctx, uint32_t stage, const struct exchange_output *from, uint32_t partition,
                 struct arena *a, struct shuffle_frame **frames, uint32_t *count,
                 struct error *err);
    /* Reads `count` frames, one after the other, behind what out holds. Any thread. */
    bool (*read)(void *ctx, uint32_t stage, const struct exchange_output *from, uint32_t partition,
                 const struct shuffle_frame *frames, uint32_t count, struct buffer *out,
                 struct error *err);
    void *ctx;
    pthread_mutex_t lock; /* guards lost */
    struct exchange_lost lost;
};

void exec_exchange_init(struct exec_exchange *x);
void exec_exchange_release(struct exec_exchange *x);

/* Share `part` of `parts` of n things: [*from, *to). What task t gets of a leaf with a window
 * (tree/rel.h: part_first, part_count); all of it without an exchange. */
struct rel;
void exchange_share(const struct exec_exchange *x, const struct rel *r, uint32_t n, uint32_t *from,
                    uint32_t *to);

#endif
