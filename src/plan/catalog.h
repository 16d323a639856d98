/*
 * What resolution asks of the world above it: names, settings and stored bytes.
 *
 * driver/ fills the table; tests fill it with a few literals. Every callback allocates from the
 * arena it is given and may be NULL, which means "there is none of that". A callback that finds
 * nothing returns NULL (false) and leaves err alone; one that fails sets err.
 */
#ifndef WEIR_PLAN_CATALOG_H
#define WEIR_PLAN_CATALOG_H

#include "base/arena.h"
#include "base/error.h"
#include "tree/command.h"
#include "tree/rel.h"

/* A view or table that a name stands for. Exactly one of view and source-like fields is set. */
struct catalog_table {
    const char *const
        *name; /* as shown in qualifiers: {"spark_catalog", "default", "t"}, or {"v"} */
    uint32_t name_count;
    struct rel *view;                /* unresolved plan of a view; the caller's own copy */
    const char *const *column_names; /* renames of the view's columns; may be NULL */
    uint32_t column_count;
    const char *format; /* a table of files */
    const char *const *paths;
    uint32_t path_count;
    const struct type *schema; /* NULL: infer */
    struct options options;
};

struct plan_catalog {
    void *ctx;
    struct catalog_table *(*table)(void *ctx, struct arena *a, const char *const *names,
                                   uint32_t count, struct error *err);
    /* A registered Python function by name. */
    struct udf *(*function)(void *ctx, struct arena *a, const char *name, struct error *err);
    /* A setting, defaults included. */
    const char *(*conf)(void *ctx, struct arena *a, const char *key);
    /* Arrow IPC stream of a cached local relation by its hash. */
    bool (*cached_local)(void *ctx, struct arena *a, const char *hash, const uint8_t **data,
                         size_t *len, const char **schema_text, struct error *err);
    /* Plan that DataFrame id `name` of a REL_CACHED_REMOTE stands for (unresolved). */
    struct rel *(*cached_remote)(void *ctx, struct arena *a, const char *name, struct error *err);
    /* Rows of a catalog call or of a command used as a relation (SHOW TABLES): an unresolved or
     * resolved relation. */
    struct rel *(*rows)(void *ctx, struct arena *a, struct rel *call, struct error *err);
    /* Fills the ranges and the schema of a source that is no file (kafka, rate). true: it is one.
     */
    bool (*source)(void *ctx, struct arena *a, struct scan_source *source, bool is_streaming,
                   struct error *err);
};

#endif
