/*
 * The files that one writing task makes: one open file for each partition directory it meets.
 *
 * A slot is one task's share: worker n's, or partition n's of a repartitioned write. Its files are
 * part-<slot>-<job>.c<number><extension>, below col=value directories when the write is
 * partitioned. When OPEN_MAX are open, the one used longest ago is ended; its directory gets
 * another file if its value comes again. Memory: what the format's writers hold for OPEN_MAX open
 * files. Threads: a slot has one user at a time (its lock).
 */
#ifndef WEIR_EXEC_WRITE_FILES_H
#define WEIR_EXEC_WRITE_FILES_H

#include "exec/pipeline.h"
#include "format/sink.h"

struct write_file {
    const char *path;
    const char *partition;      /* "a=1/b=x", or "" */
    struct sink_writer *writer; /* NULL once ended */
    struct sink_request request;
    struct arena arena;
    struct sink_result result;
    uint64_t used; /* the slot's clock */
};

struct write_job {
    const struct write_spec *spec;
    const struct sink_format *format;
    const struct type *input_schema;
    const struct type *file_schema; /* without partition columns */
    uint32_t *file_columns;         /* of the input */
    uint32_t file_column_count;
    uint32_t *partition_columns;
    uint32_t partition_count;
    const char *extension;
};

struct write_slot {
    pthread_mutex_t lock;
    const struct write_job *job;
    struct query *query;
    uint32_t number;
    struct eval eval;
    struct arena tmp;
    struct write_file **files; /* malloc'ed, as is each */
    uint32_t file_count, file_capacity;
    uint32_t open_count;
    uint64_t clock;
};

void write_slot_init(struct write_slot *s, const struct write_job *job, struct query *q,
                     uint32_t number);
/* The chunk's live rows into the files they belong to. */
bool write_slot_chunk(struct write_slot *s, const struct chunk *in, struct error *err);
/* An empty file, so that a write of no rows leaves its schema. */
bool write_slot_touch(struct write_slot *s, struct error *err);
bool write_slot_finish(struct write_slot *s, struct error *err); /* ends all files */
void write_slot_free(struct write_slot *s);

#endif
