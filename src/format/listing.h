/* Inside of file listing: what scan.c, listing.c and partition.c share. */
#ifndef WEIR_FORMAT_LISTING_H
#define WEIR_FORMAT_LISTING_H

#include "base/arena.h"
#include "base/env.h"
#include "base/error.h"
#include "tree/source.h"

/* One file found. root_len: how much of the path is the base under which directory names are
 * partition columns. */
struct listed_file {
    char *path;
    size_t root_len;
    int64_t bytes;
    int64_t modified_ms;
};

struct listing {
    struct arena *arena;
    struct env *env;
    struct listed_file *files;
    uint32_t count;
    uint32_t capacity;
    bool recursive;
    const char *name_glob;
    const char *base_path;
};

enum { LISTING_FILES_MAX = 10000000, LISTING_DEPTH_MAX = 64 };

bool listing_add_path(struct listing *l, const char *path, struct error *err);

/* Fills partition columns of source from the files' directory names: schema gets them at its end
 * (types as inferred, or as the user's schema says), files get their values. */
bool partition_resolve(struct arena *a, const struct listing *l, struct scan_source *source,
                       struct error *err);

/* "true" without case. */
bool option_is_true(const struct options *o, const char *key);

#endif
