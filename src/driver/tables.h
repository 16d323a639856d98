/*
 * Tables, persistent views and databases: one small JSON file each below <data>/catalog, written
 * whole; data of managed tables below <data>/warehouse.
 *
 *   catalog/<database>/<table>.json
 *   {"kind": "table", "format": "parquet", "location": "/...", "schema": <Spark JSON>,
 *    "partition_by": ["c"], "managed": true, "comment": "", "options": {"k": "v"}}
 *   {"kind": "view", "text": "SELECT ...", "columns": ["a"], "comment": ""}
 *
 * Names are compared without case and kept in lower case, as Spark's catalog does.
 */
#ifndef WEIR_DRIVER_TABLES_H
#define WEIR_DRIVER_TABLES_H

#include "base/arena.h"
#include "base/error.h"
#include "tree/rel.h"

struct driver;

struct table_info {
    const char *database;
    const char *name;
    bool is_view;
    const char *format;
    const char *location;
    const struct type *schema;
    const char **partition_by;
    uint32_t partition_count;
    bool managed;
    const char *comment;
    struct options options;
    const char *view_text;
    const char **view_columns;
    uint32_t view_column_count;
};

bool database_exists(struct driver *d, const char *name);
bool database_create(struct driver *d, const char *name, struct error *err); /* fine if it exists */
bool database_drop(struct driver *d, const char *name, bool cascade, struct error *err);
bool databases_list(struct driver *d, struct arena *a, const char ***names, uint32_t *count,
                    struct error *err); /* sorted */

/* NULL without err: there is no such table. */
struct table_info *table_load(struct driver *d, struct arena *a, const char *database,
                              const char *name, struct error *err);
bool table_save(struct driver *d, const struct table_info *t, struct error *err);
bool table_drop(struct driver *d, struct arena *a, const struct table_info *t, struct error *err);
bool tables_list(struct driver *d, struct arena *a, const char *database, const char ***names,
                 uint32_t *count, struct error *err);
const char *table_default_location(struct driver *d, struct arena *a, const char *database,
                                   const char *name);

#endif
