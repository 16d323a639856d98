/* Inside of the Parquet reader: vectors out of columns, and skipping row groups. */
#ifndef WEIR_FORMAT_PARQUET_READ_H
#define WEIR_FORMAT_PARQUET_READ_H

#include "format/parquet_column.h"
#include "format/scan.h"

/* A requested field matched with the file's: by name, since files of one table differ. */
struct pq_node {
    const struct type *type;
    const struct pq_field *field; /* NULL: the file lacks it, all null */
    struct pq_column *leaf;       /* PQ_LEAF; nested: PQ_LEAF nodes only */
    struct pq_node *children;
    uint32_t child_count;
    /* nested: the entries of one chunk, gathered from pages */
    uint8_t *reps, *defs;
    uint32_t entry_count, entry_capacity;
    uint8_t *values; /* dense, not null ones only */
    uint32_t value_count, value_capacity;
};

/* The next n rows of a column that is neither nested nor repeated. */
bool pq_read_flat(struct pq_column *c, uint32_t n, struct arena *tmp, struct vec *out,
                  struct error *err);
/* The next n rows of any column. */
bool pq_read_nested(struct pq_node *node, uint32_t n, struct arena *tmp, struct vec *out,
                    struct error *err);
void pq_node_release(struct pq_node *node);

/* False when statistics prove that no row of the group passes the filter. */
bool pq_group_may_match(const struct pq_footer *footer, uint32_t group, const struct type *schema,
                        const struct expr *filter);
const struct pq_field *pq_find_field(const struct pq_field *fields, uint32_t count,
                                     const char *name);

#endif
