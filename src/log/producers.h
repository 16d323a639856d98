/*
 * What a log knows of its idempotent producers: epoch and the last five batches of each, so that a
 * repeated batch is recognised and a lost one noticed (rule L9).
 *
 * The state is a function of the log: recovery replays batch headers over the last snapshot.
 * Streaming sinks use the same fields in a way that no client can: the producer id has its top bit
 * set (clients' ids are never negative but for -1, "none") and epoch and sequence carry the batch
 * id. Threads: under the log's lock.
 */
#ifndef WEIR_LOG_PRODUCERS_H
#define WEIR_LOG_PRODUCERS_H

#include "base/env.h"
#include "log/batch.h"

enum { PRODUCER_BATCHES = 5 };

struct producer_batch {
    int32_t first_sequence, last_sequence;
    int64_t base_offset, last_offset;
    int64_t timestamp;
};

struct producer {
    int64_t id; /* 0 in an empty slot together with epoch -1 */
    int16_t epoch;
    uint8_t count; /* of batches, newest last */
    bool used;
    int64_t last_ms; /* wall time of the last append, for expiry */
    struct producer_batch batches[PRODUCER_BATCHES];
};

struct producers {
    struct producer *slots; /* open addressing, a power of two */
    size_t capacity, count;
};

enum producer_verdict { PRODUCER_NEW, PRODUCER_DUPLICATE, PRODUCER_REFUSED };

void producers_release(struct producers *p);
/* Whether b may be appended. duplicate: the earlier batch, when that is the verdict. */
enum producer_verdict producers_check(const struct producers *p, const struct batch *b,
                                      struct producer_batch *duplicate, struct error *err);
void producers_apply(struct producers *p, const struct batch *b, int64_t now_ms);
void producers_expire(struct producers *p, int64_t before_ms);

int64_t producer_sink_key(uint64_t sink_id);
/* The last batch id of a sink; -1 if none. base/last: where it was written. */
int64_t producers_sink_last(const struct producers *p, uint64_t sink_id,
                            struct producer_batch *where);
void producer_sink_stamp(uint8_t *batch, size_t len, uint64_t sink_id, int64_t batch_id);

void producers_write(const struct producers *p, int64_t offset, struct buffer *out);
bool producers_read(struct producers *p, struct bytes in, int64_t *offset);

#endif
