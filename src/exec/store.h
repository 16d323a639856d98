/*
 * A store keeps rows in columns: what joins build on, sorts and windows order, limits hold back.
 *
 * While it is filled, each worker has a writer that appends live rows to blocks; a block belongs to
 * one morsel. Sealing puts the blocks in morsel order, so that the store's rows have one order
 * however many threads wrote. Then rows are read block by block (store_source), or store_flatten
 * makes one long FLAT vector of each column, in which a row number is all that a gather needs.
 *
 * Memory: all rows, charged to the query's budget; flattening holds them twice for a moment, column
 * by column of fixed-size types.
 * Threads: writers run side by side; store_seal and store_flatten are for one thread.
 */
#ifndef WEIR_EXEC_STORE_H
#define WEIR_EXEC_STORE_H

#include "exec/pipeline.h"

struct store_block {
    struct store_block *next;
    uint32_t morsel;
    uint32_t seq; /* within its morsel */
    uint32_t n;
    uint32_t capacity;
    struct vec *cols;
};

struct store {
    const struct type *schema;
    bool nested; /* some column is nested: blocks are whole chunk copies */
    pthread_mutex_t lock;
    struct arena *arenas; /* of finished writers */
    uint32_t arena_count, arena_capacity;
    struct store_block *blocks; /* of finished writers; an array after sealing */
    struct store_block **order;
    uint32_t block_count;
    uint64_t row_count;
    uint64_t *row_starts; /* after sealing: first row of each block, and the total */
    struct arena flat;
    struct vec *cols; /* after flattening */
};

struct store_writer {
    struct store *store;
    struct arena arena;
    struct store_block *blocks; /* newest first */
    uint32_t morsel;
    uint32_t seq;
};

void store_init(struct store *s, const struct type *schema, struct budget *budget);
void store_free(struct store *s);

void store_writer_init(struct store_writer *w, struct store *s, struct budget *budget);
/* Copies the live rows; cols are a chunk of the store's schema. */
void store_append(struct store_writer *w, const struct chunk *in, uint32_t morsel);
void store_writer_done(struct store_writer *w); /* hands all blocks to the store */

void store_seal(struct store *s);
bool store_flatten(struct store *s, struct query *q, struct error *err);

/* Reads rows [from, from + n) of a flattened store as a chunk that borrows them. */
void store_chunk(const struct store *s, uint64_t from, uint32_t n, struct arena *a,
                 struct chunk *out);

/* A source over a sealed store, in order: rows [from, from + count). count -1: to the end; from -1:
 * the last count rows. */
struct source *store_source_new(struct query *q, struct store *s, int64_t from, int64_t count);
extern const struct source_class store_source_class;

#endif
