/*
 * A streaming query's checkpoint: what makes it go on where it was, in Spark's own layout.
 *
 *   <dir>/metadata     {"id": "<uuid>"}
 *   <dir>/offsets/N    "v1", a JSON line of the batch's facts, then a JSON line for each source:
 *                      written, and durable, before batch N runs
 *   <dir>/commits/N    "v1", {"nextBatchWatermarkMs": ...}: written after batch N's sink is done
 *   <dir>/state/...    see exec's state aggregate
 *   <dir>/sources/...  files that the file source has seen
 * The order is the protocol: offsets, run, sink, commit. A batch that has offsets but no commit is
 * run again with the same offsets.
 *
 * Files are whole or not there, since they are renamed into place; so whatever does not read well
 * was damaged from outside, and the query ends with an error that names the file rather than guess.
 */
#ifndef WEIR_STREAM_CHECKPOINT_H
#define WEIR_STREAM_CHECKPOINT_H

#include "base/arena.h"
#include "base/env.h"
#include "base/error.h"

enum { CHECKPOINT_SOURCES_MAX = 32, CHECKPOINT_KEPT = 100, CHECKPOINT_STATES_KEPT = 3 };

struct checkpoint {
    struct env *env;
    const char *dir;
    char id[37];
};

struct batch_offsets {
    int64_t batch_id;
    int64_t watermark_ms; /* in force while the batch runs; 0 = none yet */
    int64_t timestamp_ms;
    const char *ends[CHECKPOINT_SOURCES_MAX]; /* JSON a source, "-" if it has none */
    uint32_t source_count;
};

/* Makes what is missing; reads or invents the query's id. */
bool checkpoint_open(struct checkpoint *c, struct env *env, const char *dir, struct error *err);
/* Highest batch in offsets/ and in commits/; -1 = none. An error if they do not fit: only the
 * newest offsets may be without their commit, and no commit without offsets. */
bool checkpoint_latest(const struct checkpoint *c, int64_t *offsets, int64_t *commits,
                       struct error *err);
bool checkpoint_write_offsets(const struct checkpoint *c, const struct batch_offsets *b,
                              struct error *err);
bool checkpoint_read_offsets(const struct checkpoint *c, struct arena *a, int64_t batch_id,
                             struct batch_offsets *out, struct error *err);
/* dropped_rows: all that the watermark dropped since the query's first start (our own addition to
 * Spark's form). */
bool checkpoint_write_commit(const struct checkpoint *c, int64_t batch_id,
                             int64_t next_watermark_ms, uint64_t dropped_rows, struct error *err);
bool checkpoint_read_commit(const struct checkpoint *c, int64_t batch_id,
                            int64_t *next_watermark_ms, uint64_t *dropped_rows, struct error *err);
/* What no restart can need goes: offsets and commits older than CHECKPOINT_KEPT batches, states of
 * the first state_count operators (state/<k>/<version>.state) older than CHECKPOINT_STATES_KEPT. */
void checkpoint_trim(const struct checkpoint *c, int64_t newest, uint32_t state_count);

#endif
