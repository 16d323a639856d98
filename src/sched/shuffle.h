/*
 * The shuffle of one worker: files of its attempts, serving them to others, fetching from others.
 *
 * Files are <dir>/<query>/<stage>-<task>-<attempt>.shf. They live until the query's driver says
 * that it ended, or its connection breaks; a worker that starts sweeps what its predecessor left:
 * its outputs are void then, and made again by who needs them. Readers pull: a request names a
 * frame, its answer carries it. What a reader has asked for and not yet worked off is its credit,
 * one frame a thread. Threads: everything may be called from any thread.
 */
#ifndef WEIR_SCHED_SHUFFLE_H
#define WEIR_SCHED_SHUFFLE_H

#include "exec/exchange.h"
#include "net/frame.h"
#include "sched/task.h"

struct shuffle;

/* Sweeps. secret: of the cluster, for workers of other nodes; NULL: none. */
struct shuffle *shuffle_new(struct env *env, const char *dir, const char *secret,
                            struct error *err);
void shuffle_free(struct shuffle *s);

/* The file of an attempt; its folder is made, and noted as owned by the peer. */
bool shuffle_begin(struct shuffle *s, const struct task_id *id, const void *owner, char *path,
                   size_t size, struct error *err);
/* The attempt ended: if its query did meanwhile, what it left is removed. */
void shuffle_attempt_end(struct shuffle *s, const struct task_id *id);
void shuffle_query_end(struct shuffle *s, const char *query);
void shuffle_owner_gone(struct shuffle *s, const void *owner);

/* WIRE_SHUFFLE_LIST and WIRE_SHUFFLE_READ. false: the frame is none of them. */
bool shuffle_serve(struct shuffle *s, struct frame_peer *peer, const struct frame *f);

/* What an attempt reads with. */
struct shuffle_fetch {
    struct shuffle *shuffle;
    const char *query;
    _Atomic bool *cancel;
};
bool shuffle_fetch_list(void *ctx, uint32_t stage, const struct exchange_output *from,
                        uint32_t partition, struct arena *a, struct shuffle_frame **frames,
                        uint32_t *count, struct error *err);
bool shuffle_fetch_read(void *ctx, uint32_t stage, const struct exchange_output *from,
                        uint32_t partition, const struct shuffle_frame *frames, uint32_t count,
                        struct buffer *out, struct error *err);

/* The answer of WIRE_SHUFFLE_LIST from its bytes; bounded, for the fuzzer too. */
bool shuffle_list_read(struct reader *in, struct arena *a, struct shuffle_frame **frames,
                       uint32_t *count);

#endif
