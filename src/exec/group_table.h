/*
 * The hash table of grouping: aggregates, DISTINCT, deduplication, streaming state.
 *
 * A group is a row of fixed width: hash, order of first appearance, null bits, key slots, payload
 * slots (kept from the group's first row), aggregate states. Keys are normalised while they are
 * copied (integers widened to 8 bytes, NaNs and zeros made one value, zero under nulls), so that
 * equality of most keys is equality of bytes; long strings lie in the table's arena.
 *
 * The directory holds 16 bits of the hash beside a 48-bit row pointer; probing is linear. A chunk
 * is looked up column by column: one pass finds candidates, one a key column compares them.
 *
 * Memory: the rows and twice 8 bytes of directory a group, charged to the budget by the arena.
 */
#ifndef WEIR_EXEC_GROUP_TABLE_H
#define WEIR_EXEC_GROUP_TABLE_H

#include "base/arena.h"
#include "vec/vec.h"

struct group_slot {
    const struct type *type;
    uint8_t phys;
    uint8_t width;   /* 8, 16, or 0 = type null */
    uint32_t offset; /* in the row */
};

struct group_layout {
    uint32_t key_count;  /* slots compared */
    uint32_t slot_count; /* keys, then payload */
    struct group_slot *slots;
    bool has_pointers; /* long strings or nested values among the slots */
    bool plain_keys;   /* keys are equal when their bytes are */
    uint32_t null_offset, null_words;
    uint32_t data_offset; /* of the first slot */
    uint32_t keys_end;
    uint32_t state_offset; /* behind all slots; states are the user's */
    uint32_t row_bytes;    /* states included */
};

struct group_row { /* head of each row */
    uint64_t hash;
    uint64_t first; /* morsel << 32 | row of the morsel */
};

struct group_page {
    struct group_page *next;
    uint32_t n, capacity;
    _Alignas(16) uint8_t rows[];
};

struct group_table {
    const struct group_layout *layout;
    struct arena arena; /* directory aside, all that the groups need */
    uint64_t *dir;      /* malloc'ed; capacity entries, 0 = free */
    uint32_t capacity;
    uint32_t count;
    struct group_page *pages, *last_page;
    struct view *recent; /* long strings that were copied last, by their hash */
};

struct wide_slot {
    uint64_t lo;
    uint64_t hi;
};

/* One column of a chunk's keys, dense over its live rows. */
struct key_column {
    uint64_t *narrow; /* width 8 */
    struct wide_slot *wide;
    uint8_t *nulls; /* 1 = null; NULL = none */
    const struct vec *nested;
};

struct key_batch {
    uint32_t n;
    struct key_column *cols; /* one a slot */
    uint64_t *hashes;
    const uint16_t *sel;
};

/* key_count keys, then payload; state_bytes behind them. */
void group_layout_init(struct group_layout *l, struct arena *a, const struct type *const *types,
                       uint32_t key_count, uint32_t slot_count, uint32_t state_bytes);

void group_table_init(struct group_table *t, const struct group_layout *l, struct budget *budget);
void group_table_free(struct group_table *t);
/* Makes room for so many groups, before the first one. */
void group_table_expect(struct group_table *t, uint32_t count);

/* Normalises a chunk's key columns; memory from a. */
void key_batch_make(struct key_batch *b, const struct group_layout *l, const struct vec *cols,
                    const uint16_t *sel, uint32_t n, struct arena *a);

/* rows[k] is the group of row pick[k] (k when NULL) of the batch, k < n; new groups are appended to
 * made (room for n), whose states the caller initialises. first: order number of row 0. */
uint32_t group_table_find(struct group_table *t, const struct key_batch *b, const uint16_t *pick,
                          uint32_t n, uint64_t first, void **rows, void **made, struct arena *tmp);
/* The group equal to another table's row (same layout); *made tells whether it is new. Slots are
 * copied deep, states not touched. */
void *group_table_adopt(struct group_table *t, const void *row, bool *made);

/* The same for many rows at once, with their memory fetched ahead; made[k] tells of rows[k]. */
void group_table_adopt_all(struct group_table *t, void *const *from, uint32_t n, void **rows,
                           bool *made);

/* Column `slot` of the groups rows[0..n). Strings are shared with the table. */
void group_slot_read(const struct group_layout *l, uint32_t slot, void *const *rows, uint32_t n,
                     struct vec *out, struct arena *a);

/* The next row in order of insertion: start with page NULL. */
void *group_table_next(const struct group_table *t, struct group_page **page, uint32_t *at);

#endif
