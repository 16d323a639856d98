/*
 * Finding groups without hashing, where keys come from small domains or in runs.
 *
 * Direct: when every key of a chunk is a dictionary code or an integer of a narrow range, the keys
 * make one small number; an array remembers the group of each number, so that only numbers not met
 * before go to the hash table. The array is forgotten with the table that it points into.
 * Runs: when many neighbours are equal, only the first row of each run is looked up.
 * Clusters: with few groups in a chunk, rows are listed by group and each group is updated at one
 * go, since adding row by row into four states waits for the last store each time.
 */
#ifndef WEIR_EXEC_GROUP_DIRECT_H
#define WEIR_EXEC_GROUP_DIRECT_H

#include "exec/agg_plan.h"
#include "exec/group_table.h"

enum { DIRECT_MAX = 65536, DIRECT_KEYS_MAX = 4, CLUSTER_MAX = 32 };

struct direct_key {
    bool is_dict;
    uint64_t dict_id;
    int64_t base;
    uint32_t size; /* values; the code `size` stands for null */
};

struct group_direct {
    bool ready; /* keys and groups describe the chunks seen last */
    struct direct_key keys[DIRECT_KEYS_MAX];
    uint32_t total;
    void **groups; /* by code; DIRECT_MAX entries, NULL = not met */
    /* of the chunk at hand */
    bool active;
    uint32_t *codes; /* by live row */
};

void group_direct_forget(struct group_direct *d);
/* Computes the codes of a chunk's keys; false when they do not fit: look them up. */
bool group_direct_codes(struct group_direct *d, const struct vec *keys, uint32_t key_count,
                        uint32_t slot_count, const struct chunk *in, struct arena *tmp);
uint32_t group_direct_find(struct group_direct *d, struct group_table *t, const struct vec *keys,
                           const struct chunk *in, uint64_t first, void **rows, void **made,
                           struct arena *tmp);
void group_direct_free(struct group_direct *d);

/* group_table_find of all rows, through runs where they pay. */
uint32_t group_runs_find(struct group_table *t, const struct key_batch *b, uint64_t first,
                         void **rows, void **made, struct arena *tmp);

/* Updates the states of the rows found, by clusters where they pay. */
bool group_direct_update(struct group_direct *d, const struct agg_plan *aggs, struct worker *w,
                         struct arena *keep, struct chunk *in, struct vec *args, void *const *rows,
                         uint32_t state_offset);

#endif
