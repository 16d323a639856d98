/* What the files of this folder share: the walk along a path and the rules of access. */
#ifndef WEIR_NAMES_NAMES_INTERNAL_H
#define WEIR_NAMES_NAMES_INTERNAL_H

#include "names/names.h"

struct names_place {     /* where a path leads */
    struct inode *inode; /* NULL: not there */
    struct inode *last;  /* the deepest folder passed; the parent where inode is there */
    const char *name;    /* the last name looked for, in the path */
    size_t name_len;
    const char *rest; /* from the first missing name on; NULL: nothing is missing */
};

/* False only when refused. A file in the middle of the path: with for_change a refusal, else what
 * is below it is not there. */
bool names_walk(struct names *n, const struct names_caller *who, const char *path, bool for_change,
                struct names_place *out, struct error *err);
bool names_path_check(const char *path, struct error *err);
bool names_caller_in(const struct names_caller *who, const char *group);
bool names_owns(const struct names_caller *who, const struct inode *n, struct error *err);
bool names_may_remove(const struct names_caller *who, const struct inode *n, struct error *err);
bool names_may_empty(const struct names_caller *who, const struct inode *top, struct error *err);
const struct inode *names_walk_next(const struct inode *n, const struct inode *top);
void names_mode_text(const struct inode *n, char out[11]);
int64_t names_now_ms(struct names *n);
void *names_alloc(size_t bytes); /* cleared; never NULL */
/* A snapshot file into a namespace with its root only. */
bool names_snapshot_parse(struct bytes file, struct namespace *into, int64_t *offset,
                          struct error *err);

#endif
