/*
 * The inside of struct log and struct log_set, shared by the files of this folder only.
 *
 * Locks, in the order in which they may be taken: log->lock, then set->lock. Nothing is called back
 * under either. A log is counted: its opener, the flusher's list, waiters and completions hold it.
 */
#ifndef WEIR_LOG_LOG_INTERNAL_H
#define WEIR_LOG_LOG_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>

#include "log/log.h"
#include "log/producers.h"
#include "log/segment.h"

struct epoch_start {
    int32_t epoch;
    int64_t offset;
};

struct log_completion { /* a produce that waits for its flush */
    int64_t offset;
    void (*done)(void *ctx);
    void *ctx;
};

struct log_commit { /* one that waits for the watermark; only where there are other replicas */
    int64_t offset;
    void (*done)(void *ctx, bool committed);
    void *ctx;
};

enum waiter_state { WAITER_SET, WAITER_RUNNING, WAITER_DONE };

struct log_waiter {
    struct log *log;
    struct log_waiter *next;
    int64_t offset;
    enum waiter_state state; /* under log->lock */
    void (*fn)(void *ctx);
    void *ctx;
};

struct log {
    _Atomic int32_t holds;
    struct log_set *set;
    struct env *env;
    char *topic;
    int32_t partition;
    char *dir;

    pthread_mutex_t lock; /* guards all below */
    pthread_cond_t waiter_done;
    struct log_config config;
    struct segment **segments; /* by base offset; the last one is written */
    size_t segment_count, segment_capacity;
    int64_t start_offset;
    int64_t end_offset;
    int64_t durable_offset;  /* everything below is on disk */
    int64_t watermark;       /* what readers see; follows durable_offset unless replicated */
    int64_t visible_bytes;   /* bytes of the segment visible_segment below the watermark */
    int64_t visible_segment; /* its base offset */
    bool replicated;         /* the watermark moves by log_commit_to only */
    uint32_t cuts;           /* truncations: a flush that one overtook says nothing */
    int32_t epoch_acted;     /* rule L12; -1: none kept */
    void (*on_flushed)(void *ctx);
    void *on_flushed_ctx;
    struct producers producers;
    struct epoch_start *epochs; /* rising */
    size_t epoch_count;
    struct log_completion *completions; /* in the order of their offsets */
    size_t completion_count, completion_capacity;
    struct log_commit *commits; /* the same */
    size_t commit_count, commit_capacity;
    struct log_waiter *waiters;
    bool deleted;

    bool dirty;             /* in the set's queue; under set->lock */
    struct log *next_dirty; /* the same */
    struct log *next;       /* in the set; the same */
};

struct log_set {
    struct env *env;
    char *dir;
    pthread_mutex_t lock; /* guards the lists and the two flags */
    pthread_cond_t work;
    pthread_cond_t clean_wake;
    struct log *dirty, *dirty_last; /* queue of logs with unsynced bytes */
    struct log *logs;
    bool stop;
    pthread_t flusher, cleaner;
    bool threads_started;
};

void log_retain(struct log *log);
void log_release(struct log *log);

/* log_recover.c: fills segments, offsets, epochs and producers from the directory. */
bool log_load(struct log *log, struct error *err);
/* Rebuilds producer state from the snapshot and the headers behind it; under the lock or before
 * use. */
bool log_producers_rebuild(struct log *log, struct error *err);
bool log_producers_snapshot(struct log *log, struct error *err);
bool log_epochs_write(struct log *log, struct error *err);
bool log_start_write(struct log *log, struct error *err);
bool log_clean_write(struct log *log, struct error *err);

/* log_replicate.c, under the lock: readers see up to watermark, a batch boundary. */
bool log_visible_set(struct log *log, int64_t watermark, struct error *err);
/* A batch of the leader's begins an epoch that the table does not know. */
bool log_epoch_note(struct log *log, int32_t epoch, int64_t offset, struct error *err);

/* log.c */
void log_segment_add(struct log *log, struct segment *s);
struct segment *log_segment_active(struct log *log);
/* Index of the segment that holds offset; the first one if it is older than all. */
size_t log_segment_index(const struct log *log, int64_t offset);

/* log_flush.c */
struct flush_calls { /* what has to be called, collected under the lock and called without it */
    struct log_completion *completions;
    size_t completion_count;
    struct log_commit *commits;
    size_t commit_count;
    bool committed;
    struct log_waiter *waiters;
};
void log_take_visible(struct log *log, struct flush_calls *calls, int64_t below);
void flush_calls_run(struct log *log, struct flush_calls *calls);
void log_set_dirty(struct log *log);
void log_flush(struct log *log);    /* blocks in sync; then completions and waiters are called */
void log_wake_all(struct log *log); /* after deletion: everything that waits is called */

/* log_clean.c */
void log_clean(struct log *log);

#endif
