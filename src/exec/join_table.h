/*
 * The build side of a hash join: rows in a flattened store, found by key.
 *
 * Keys are normalised like those of groups (exec/group_table.h). The table is one array of (hash,
 * row) in bucket order, and a directory whose words hold a bucket's offset and 16 tag bits, one
 * set a row: most misses end there. Rows of equal keys keep their order. A single key of at most 8
 * bytes hashes one to one, so that equal hashes are equal keys. Unique integers of a narrow range
 * need no hash at all: row = map[key - min].
 *
 * Memory: 16 bytes a row, 8 to 16 of directory, and the normalised keys where they must be
 * compared. Everything is partitioned by the top bits of the hash first, so that workers fill
 * disjoint ranges.
 */
#ifndef WEIR_EXEC_JOIN_TABLE_H
#define WEIR_EXEC_JOIN_TABLE_H

#include "exec/group_table.h"
#include "exec/store.h"

struct join_entry {
    uint64_t hash;
    uint32_t row;
    uint32_t pad;
};

struct join_table {
    struct group_layout layout; /* of the keys */
    bool *null_safe;            /* by key: <=> */
    bool one_to_one;            /* equal hashes are equal keys */
    uint32_t n;                 /* rows of the store */
    uint32_t entry_count;       /* those that can match */
    uint64_t *dir;              /* bucket: offset << 16 | tags; one more at the end */
    uint32_t shift;             /* bucket = hash >> shift */
    uint32_t bucket_count;
    struct join_entry *entries;
    struct key_column *keys; /* of all rows; unless one_to_one */
    bool has_null_rows;      /* some row has a null under a plain = */
    uint32_t *null_rows;
    uint32_t null_row_count;
    /* integers only */
    bool is_int;
    bool has_range;
    int64_t min, max;
    uint32_t *map;     /* dense: row by key - min, UINT32_MAX = none; NULL = not dense */
    uint64_t *present; /* bit by key - min, for run-time filters; NULL = range too wide */
    struct arena arena;
    uint64_t reserved; /* bytes */
};

void join_table_init(struct join_table *t, struct arena *a, const struct type *const *key_types,
                     const bool *null_safe, uint32_t key_count, struct budget *budget);
/* Key k is column key_columns[k] of the store. */
bool join_table_build(struct join_table *t, const struct store *store, const uint32_t *key_columns,
                      struct query *q, struct error *err);
void join_table_free(struct join_table *t);

/* Walks the rows that match one probe row. */
struct join_match {
    uint32_t at, end; /* entries */
};

bool join_keys_equal(const struct join_table *t, const struct key_batch *probe, uint32_t k,
                     uint32_t row);
bool join_key_is_null(const struct join_table *t, const struct key_batch *probe, uint32_t k);

static inline struct join_match
join_bucket(const struct join_table *t, uint64_t hash)
{
    const uint64_t *word = &t->dir[hash >> t->shift];
    if (!(*word >> (hash & 15) & 1)) {
        return (struct join_match){0, 0};
    }
    return (struct join_match){(uint32_t)(word[0] >> 16), (uint32_t)(word[1] >> 16)};
}

#endif
