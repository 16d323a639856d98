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
    int64_t
        durable_offset;    /* everything below is on disk; the high watermark of a single replica */
    int64_t visible_bytes; /* bytes of the segment visible_segment below durable_offset */
    int64_t visible_segment; /* its base offset */
    struct producers producers;
    struct epoch_start *epochs; /* rising */
    size_t epoch_count;
    struct log_completion *completions; /* in the order of their offsets */
    size_t completion_count, completion_capacity;
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

/* log.c */
void log_segment_add(struct log *log, struct segment *s);
struct segment *log_segment_active(struct log *log);
/* Index of the segment that holds offset; the first one if it is older than all. */
size_t log_segment_index(const struct log *log, int64_t offset);

/* log_flush.c */
void log_set_dirty(struct log *log);
void log_flush(struct log *log);    /* blocks in sync; then completions and waiters are called */
void log_wake_all(struct log *log); /* after deletion: everything that waits is called */

/* log_clean.c */
void log_clean(struct log *log);

#endif
