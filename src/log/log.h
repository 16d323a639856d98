/*
 * The partition log: one append-only sequence of record batches, in segments.
 *
 * Batches are kept byte for byte as they came in Kafka's format v2, so that a fetch sends file
 * bytes. On disk, one directory per partition:
 *
 *   00000000000000000000.log    batches; the name is the base offset, 20 digits, as in Kafka
 *   00000000000000000000.index  sparse: relative offset, position          (rebuildable)
 *   00000000000000000000.times  sparse: timestamp, relative offset         (rebuildable)
 *   epochs                      leader epoch -> start offset
 *   start                       first offset that readers may see, when it is inside a segment
 *   producers                   snapshot of producer state at an offset    (rebuildable)
 *   acted                       the highest leader epoch acted under (rule L12), where replicated
 *   identity                    the id of the topic, where a name may come back
 *   watermark                   the watermark of a clean stop, where replicated
 *   clean                       mark of a clean stop
 *
 * Recovery after an unclean stop reads from the last durable checkpoint with CRC and cuts at the
 * first bad batch. A failed flush stops the process (env fatal): the page cache may have lost what
 * it was told to keep.
 *
 * Appending returns at once with offsets; durable follows from a group flush: one flusher thread a
 * log set syncs all logs with new bytes and then calls the waiting completions. Readers that must
 * not see what could be lost stay below log_high_watermark.
 *
 * Threads: all functions may be called from any thread; one mutex a log, never held across a sync.
 * Source: Kafka protocol page "Record Batch"; rules L1-L12 of ARCHITECTURE.md.
 */
#ifndef WEIR_LOG_LOG_H
#define WEIR_LOG_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/env.h"
#include "base/error.h"
#include "base/reader.h"
#include "log/batch.h"

struct log;
struct log_set; /* the logs of one data directory: flusher, registry, cleaner */

struct log_config {
    int64_t segment_bytes;     /* 1 GiB */
    int64_t segment_ms;        /* 7 days */
    int64_t retention_ms;      /* 7 days; -1 = for ever */
    int64_t retention_bytes;   /* -1 = no limit */
    int32_t message_bytes_max; /* 1 MiB + overhead, Kafka's default 1048588 */
    bool compact;              /* cleanup.policy contains compact */
    bool delete_old;           /* cleanup.policy contains delete */
    bool log_append_time;      /* message.timestamp.type */
    int64_t flush_interval_ms; /* 0 = flush before acknowledge; >0 may lose on power cut */
};

struct log_append_result {
    int64_t base_offset;
    int64_t last_offset;
    int64_t append_time_ms; /* -1 unless LogAppendTime */
    int64_t log_start_offset;
    bool duplicate; /* an idempotent producer's batch that is already there: offsets of the old one
                     */
};

/* error.code of a refused append is Kafka's error number (CORRUPT_MESSAGE 2, MESSAGE_TOO_LARGE 10,
 * OUT_OF_ORDER_SEQUENCE_NUMBER 45, INVALID_PRODUCER_EPOCH 47, INVALID_RECORD 87, ...). */
enum log_append_origin { LOG_FROM_CLIENT = 0, LOG_FROM_LEADER, LOG_INTERNAL };

struct log_set *log_set_open(struct env *env, const char *dir, struct error *err);
/* Without threads of its own, for the simulator: log_set_step flushes one log (false: none is due)
 * and calls what waited; nothing is cleaned by itself. Step until false before closing. */
struct log_set *log_set_open_stepped(struct env *env, const char *dir, struct error *err);
bool log_set_step(struct log_set *s);
void log_set_close(struct log_set *s); /* flushes, writes clean marks */

/* Removes what a death left behind: directories half deleted, and those of partitions that the
 * caller does not want. Before any log is opened. */
bool log_set_sweep(struct log_set *s,
                   bool (*wanted)(void *ctx, const char *topic, size_t topic_len,
                                  int32_t partition),
                   void *ctx, struct error *err);

/* Opens or makes <dir>/<name>-<partition>; recovers it when it was not closed cleanly. */
struct log *log_open(struct log_set *s, const char *topic, int32_t partition,
                     const struct log_config *config, struct error *err);
bool log_delete(struct log *log, struct error *err); /* frees it too; files go after readers left */
void log_configure(struct log *log, const struct log_config *config);

/* Validates (length, magic, CRC, counts, sequences), assigns offsets and appends. batches: one or
 * more v2 batches. The bytes are patched in place (base offset, leader epoch, maybe time). */
bool log_append(struct log *log, uint8_t *batches, size_t len, enum log_append_origin origin,
                struct log_append_result *out, struct error *err);
/* Calls done once everything up to and with offset is durable; maybe at once, on the caller's
 * thread, else on the flusher's. */
void log_when_durable(struct log *log, int64_t offset, void (*done)(void *ctx), void *ctx);

/* Exactly-once appends of a streaming query: batch_id of this sink_id must grow; the same id again
 * is a duplicate, answered as success. Durable on return. records: one batch with producer fields
 * unset. */
bool log_append_once(struct log *log, uint64_t sink_id, int64_t batch_id, uint8_t *batch,
                     size_t len, struct log_append_result *out, struct error *err);

/* The same without waiting: durable when log_when_durable(out->last_offset) says so. */
bool log_append_once_start(struct log *log, uint64_t sink_id, int64_t batch_id, uint8_t *batch,
                           size_t len, struct log_append_result *out, struct error *err);

int64_t log_start_offset(const struct log *log);
int64_t log_end_offset(const struct log *log);     /* next to be written */
int64_t log_high_watermark(const struct log *log); /* readers see below this */
int32_t log_leader_epoch(const struct log *log);
int64_t log_bytes(const struct log *log);

/* Where to read: a run of whole batches from a segment file that begins with the batch that
 * contains offset, at most bytes_max long but at least one batch, never past the watermark. The fd
 * is held open until log_view_release. len 0: nothing there yet. OFFSET_OUT_OF_RANGE (1) otherwise.
 */
struct log_view {
    int fd;
    int64_t position;
    size_t len;
    int64_t first_offset; /* of the first batch, may be below the asked offset */
    void *hold;
};
bool log_read(struct log *log, int64_t offset, size_t bytes_max, struct log_view *out,
              struct error *err);
void log_view_release(struct log_view *view);
/* Offset and time of the first record with a timestamp >= time; -1 and -1 if there is none. */
bool log_offset_for_time(struct log *log, int64_t time_ms, int64_t *offset, int64_t *time_found,
                         struct error *err);
/* Offset and time of the first record with the greatest timestamp; -1 and -1 if the log is empty.
 */
bool log_offset_for_max_time(struct log *log, int64_t *offset, int64_t *time_found,
                             struct error *err);

/* Leader epochs. begin: appends from now on carry epoch; it is durable on return (rule L12) and may
 * not go back. end: the largest known epoch <= asked and where it ends; -1 and -1 if there is none.
 */
bool log_epoch_begin(struct log *log, int32_t epoch, struct error *err);
void log_epoch_end(struct log *log, int32_t asked, int32_t *epoch, int64_t *end_offset);
bool log_truncate_before(struct log *log, int64_t offset,
                         struct error *err); /* DeleteRecords: start moves up */
bool log_truncate_after(struct log *log, int64_t offset,
                        struct error *err); /* epochs' divergence only */

/* --- with other replicas (log/replica.h) ---
 *
 * A log that has been made replicated keeps its watermark until log_commit_to moves it: the flush
 * moves only what log_flushed says. */
struct log_facts {
    int64_t start, end, flushed, watermark;
    int32_t last_epoch;  /* of the last batch; -1: there is none */
    int32_t epoch_acted; /* -1: none */
};
/* on_flushed is called on the flusher's thread after each flush; NULL for none. The watermark goes
 * to where it was known to be at the last clean stop, else to the start. */
void log_replicate(struct log *log, void (*on_flushed)(void *ctx), void *ctx);
void log_facts(struct log *log, struct log_facts *out);
/* Readers see below watermark from now on: a batch boundary, never lower than before. */
bool log_commit_to(struct log *log, int64_t watermark, struct error *err);
/* done is called once when the watermark has passed offset (true), or with false when log_abandon
 * was called first: it may be there or not. Maybe at once; any thread. */
void log_when_committed(struct log *log, int64_t offset, void (*done)(void *ctx, bool committed),
                        void *ctx);
void log_abandon(struct log *log);
/* As log_read, but up to the end: for followers. */
bool log_read_written(struct log *log, int64_t offset, size_t bytes_max, struct log_view *out,
                      struct error *err);
/* The epoch is durable as acted under on return. */
bool log_epoch_act(struct log *log, int32_t epoch, struct error *err);
/* Writes whose log this is into an empty one, or says whether it is another's. */
bool log_identify(struct log *log, const uint8_t id[16], bool *other, struct error *err);
/* Everything goes; the log is empty and starts at offset. */
bool log_begin_anew(struct log *log, int64_t offset, struct error *err);

/* Waiters: fn is called once (any thread, maybe this one before log_wait returns) when the high
 * watermark passes offset or the log is deleted. Each is ended by log_wait_cancel, called or not;
 * fn itself must not call it. */
struct log_waiter;
struct log_waiter *log_wait(struct log *log, int64_t offset, void (*fn)(void *ctx), void *ctx);
void
log_wait_cancel(struct log_waiter *w); /* after return fn is not running and will not be called */

/* Walks the visible batches from the one that contains offset; fn returns false to stop. The views
 * are valid during the call. For coordinators that load their state, never on a hot path. */
bool log_scan(struct log *log, int64_t offset,
              bool (*fn)(void *ctx, const struct log_record *record), void *ctx, struct error *err);

/* One pass of retention and compaction over all logs, as the cleaner thread does by itself. */
void log_set_clean(struct log_set *s);

/* Reading another process's log directory without the log_set: for workers. The caller knows the
 * watermark (from the store) and passes it as the end. */
struct log_file_reader;
struct log_file_reader *log_file_reader_open(struct env *env, const char *partition_dir,
                                             int64_t start, int64_t end, struct error *err);
/* Next record; false with err unset at the end. Views are valid until the next call. Decompresses;
 * skips control batches. */
bool log_file_reader_next(struct log_file_reader *r, struct log_record *out, struct error *err);
void log_file_reader_close(struct log_file_reader *r);

#endif
