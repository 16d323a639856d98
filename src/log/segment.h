/*
 * One segment of a partition log: a file of batches, and two sparse indexes held in memory.
 *
 * The last segment is written, the others are sealed. A segment is counted: the log holds it, and
 * so does every reader that was handed its descriptor, so that retention may unlink a file that is
 * still being sent.
 * Threads: all but retain and release under the log's lock; a sealed or held segment's descriptor
 * may be read without it.
 */
#ifndef WEIR_LOG_SEGMENT_H
#define WEIR_LOG_SEGMENT_H

#include <stdatomic.h>

#include "base/env.h"
#include "log/batch.h"

enum {
    SEGMENT_INDEX_STRIDE = 64 << 10, /* bytes of batches between two index entries */
    SEGMENT_NAME_BYTES = 32,         /* "00000000000000000000.index" and NUL */
};

struct segment_mark {
    int32_t relative_offset;
    uint32_t position;
};

struct segment_time {
    int64_t timestamp; /* the greatest one up to and with the batch at relative_offset */
    int32_t relative_offset;
};

struct segment {
    _Atomic int32_t holds;
    struct env *env;
    char *dir;
    int64_t base_offset;
    int64_t end_offset; /* next to be written */
    int64_t bytes;
    int64_t bytes_indexed; /* where the last mark stands */
    int64_t max_timestamp; /* -1: empty */
    int64_t created_ms;    /* wall time of the first append here, for rolling by time */
    int fd;                /* -1: not open yet */
    bool indexed;          /* index files on disk say the truth about the whole segment */
    struct segment_mark *marks;
    struct segment_time *times;
    size_t mark_count, mark_capacity;
    size_t time_count, time_capacity;
};

/* A new empty segment; the file is made. */
struct segment *segment_create(struct env *env, const char *dir, int64_t base_offset,
                               struct error *err);
/* An existing file, with its indexes where they are whole; else `indexed` is false and the caller
 * scans. */
struct segment *segment_load(struct env *env, const char *dir, int64_t base_offset,
                             struct error *err);
void segment_retain(struct segment *s);
void segment_release(struct segment *s); /* the last one closes and frees */
bool segment_open_fd(struct segment *s, struct error *err);
bool segment_unlink(struct segment *s, struct error *err);

/* Notes a batch that stands at position; for appends and scans. */
void segment_note(struct segment *s, const struct batch *b, int64_t position);
/* Appends whole batches whose headers are in b[0..count). A short write is undone; when even that
 * fails the environment is told to stop. */
bool segment_append(struct segment *s, const uint8_t *bytes, size_t len, struct error *err);

/* Reads all batches with CRC from the start, rebuilds the indexes, and cuts the file at the first
 * batch that is not whole and sound. cut: bytes that were dropped. */
bool segment_recover(struct segment *s, int64_t *cut, struct error *err);
/* Drops everything from offset on (a batch that contains it goes whole). */
bool segment_truncate(struct segment *s, int64_t offset, struct error *err);

/* Position of the batch that contains offset (or the first after it); s->bytes if there is none. */
bool segment_find(struct segment *s, int64_t offset, int64_t *position, int64_t *first_offset,
                  struct error *err);
/* The greatest batch boundary that is <= limit and > from; the end of the batch at from if that is
 * longer. */
bool segment_boundary(struct segment *s, int64_t from, int64_t limit, int64_t *out,
                      struct error *err);

bool segment_index_write(struct segment *s, struct error *err); /* both index files */
void segment_file_name(char out[SEGMENT_NAME_BYTES], int64_t base_offset, const char *suffix);
/* True for "<20 digits>.log". */
bool segment_name_parse(const char *name, int64_t *base_offset);

/* A walk over the headers of a file: one batch a step, payload left where it is. */
struct segment_walk {
    struct env *env;
    int fd;
    int64_t position, end;
    int64_t window_at; /* file position of window[0] */
    size_t window_len;
    uint8_t window[4 << 10];
};
void segment_walk_init(struct segment_walk *w, struct env *env, int fd, int64_t from, int64_t end);
/* Header of the batch at w->position (records is empty) and moves behind it; false at the end, at a
 * partial batch, or on error. */
bool segment_walk_next(struct segment_walk *w, struct batch *out, int64_t *position,
                       struct error *err);

/* Reads one whole batch at position into out (cleared first). False with err unset: nothing whole
 * is there before end. */
bool segment_read_batch(struct env *env, int fd, int64_t position, int64_t end, struct buffer *out,
                        struct batch *b, struct error *err);

/* Small files with a CRC-32C behind them. read: false with err unset when absent or damaged. */
bool meta_write(struct env *env, const char *dir, const char *name, struct buffer *content,
                struct error *err);
bool meta_read(struct env *env, const char *dir, const char *name, uint8_t **bytes, size_t *len);
char *path_join(const char *dir, const char *name); /* free() it */

#endif
