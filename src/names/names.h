/*
 * The file namespace with its journal: paths, permissions, and changes that are records of the log.
 *
 * A change is checked against memory, appended to the partition log `__namespace-0`, and applied.
 * It may be told to anybody only when its record is durable (names_when_durable); the same call
 * lets a read wait for what it has seen. Snapshots in <dir> shorten the log.
 *
 * Refusals carry a names_fault in error.code and Hadoop's text, so that each face can name them as
 * its clients expect. Threads: one user (the loop of the file store); completions of
 * names_when_durable come on the flusher's thread.
 */
#ifndef WEIR_NAMES_NAMES_H
#define WEIR_NAMES_NAMES_H

#include "base/env.h"
#include "log/log.h"
#include "names/namespace_core.h"

enum names_fault {
    NAMES_FAULT_NONE = 0,
    NAMES_NOT_FOUND,
    NAMES_EXISTS,
    NAMES_PARENT_NOT_FOLDER,
    NAMES_NOT_EMPTY,
    NAMES_DENIED,
    NAMES_ILLEGAL,        /* IllegalArgumentException */
    NAMES_HADOOP_ILLEGAL, /* HadoopIllegalArgumentException */
    NAMES_INVALID_PATH,
    NAMES_IO,
    NAMES_BEING_CREATED, /* AlreadyBeingCreatedException: another writer */
    NAMES_NAME_QUOTA,
    NAMES_SPACE_QUOTA,
    NAMES_UNSUPPORTED,
    NAMES_ACL,
    NAMES_NAME_TOO_LONG,
    NAMES_PATH_IS_FOLDER, /* FileNotFoundException: path is a directory */
    NAMES_SAFE_MODE,
    NAMES_FAULT_COUNT
};

struct names_caller {
    const char *user;
    const char *const *groups;
    uint32_t group_count;
    bool is_super;
};

enum { NAMES_READ = 4, NAMES_WRITE = 2, NAMES_EXECUTE = 1 };

struct names;

/* free_block: see namespace_new; called when the change is applied, which is before it is durable.
 */
struct names *names_open(struct env *env, const char *dir, struct log *log, const char *super_user,
                         void (*free_block)(void *ctx, const struct ns_block *block), void *ctx,
                         struct error *err);
void names_close(struct names *n); /* the log stays the caller's */
struct namespace *names_space(struct names *n);
/* done is called when everything that memory says now is durable; maybe at once. */
void names_when_durable(struct names *n, void (*done)(void *ctx), void *ctx);
/* Appends and applies; for changes below the level of paths (blocks, closing). */
bool names_write(struct names *n, const struct ns_record *r, struct error *err);
void names_snapshot_if_due(struct names *n);

bool names_refuse(struct error *err, enum names_fault fault, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* ---- looking ---- */

/* The inode at a path after checking that the caller may get there. NULL without err: not there. */
struct inode *names_find(struct names *n, const struct names_caller *who, const char *path,
                         struct error *err);
/* The same, and its absence is NAMES_NOT_FOUND. */
struct inode *names_must_find(struct names *n, const struct names_caller *who, const char *path,
                              struct error *err);
/* bits: all of NAMES_READ... wanted on this inode. */
bool names_may(const struct names_caller *who, const struct inode *inode, unsigned bits,
               struct error *err);
/* A file that the caller may read. */
struct inode *names_readable_file(struct names *n, const struct names_caller *who, const char *path,
                                  struct error *err);
/* May the caller sum up everything below? */
bool names_may_sum(const struct names_caller *who, const struct inode *top, struct error *err);

/* ---- changing ---- */

struct names_make { /* of a new file or folder */
    uint16_t mode;
    int32_t unmasked_mode; /* -1: not given; counts where the parent has a default ACL */
    bool create_parents;
    bool overwrite;      /* files */
    uint8_t replication; /* files */
    int64_t block_bytes; /* files */
    const char *holder;  /* files: who writes */
};

bool names_mkdirs(struct names *n, const struct names_caller *who, const char *path,
                  const struct names_make *make, struct error *err);
/* Opens a new file for writing. */
struct inode *names_create(struct names *n, const struct names_caller *who, const char *path,
                           const struct names_make *make, struct error *err);
/* The checks of names_create alone, for answering before a body comes. */
bool names_may_create(struct names *n, const struct names_caller *who, const char *path,
                      const struct names_make *make, struct error *err);
struct inode *names_append(struct names *n, const struct names_caller *who, const char *path,
                           const char *holder, struct error *err);
/* A fresh block at the end of an open file. */
bool names_block_add(struct names *n, struct inode *file, struct ns_block *out, struct error *err);
uint64_t names_stamp_next(struct names *n);
/* The last block gets this length and stamp; bytes 0 in the end removes it. block NULL: no last
 * block changed. */
bool names_file_close(struct names *n, struct inode *file, const struct ns_block *block,
                      struct error *err);

enum names_rename { NAMES_RENAME_OLD, NAMES_RENAME_STRICT, NAMES_RENAME_OVERWRITE };
/* OLD answers impossible renames with *done false, the others refuse them. */
bool names_rename(struct names *n, const struct names_caller *who, const char *from, const char *to,
                  enum names_rename how, bool *done, struct error *err);
bool names_delete(struct names *n, const struct names_caller *who, const char *path, bool recursive,
                  bool *done, struct error *err);
bool names_set_mode(struct names *n, const struct names_caller *who, const char *path,
                    uint16_t mode, struct error *err);
bool names_set_owner(struct names *n, const struct names_caller *who, const char *path,
                     const char *owner, const char *group, struct error *err);
bool names_set_times(struct names *n, const struct names_caller *who, const char *path,
                     int64_t modified_ms, int64_t accessed_ms, struct error *err);
bool names_set_replication(struct names *n, const struct names_caller *who, const char *path,
                           uint8_t replication, bool *done, struct error *err);
/* Checks a truncation and says which block is cut inside (*cut NULL: at a boundary). */
struct inode *names_truncate_check(struct names *n, const struct names_caller *who,
                                   const char *path, int64_t bytes, struct ns_block **cut,
                                   int64_t *keep, struct error *err);
bool names_truncate(struct names *n, struct inode *file, int64_t bytes, const struct ns_block *cut,
                    struct error *err);
bool names_concat(struct names *n, const struct names_caller *who, const char *path,
                  const char *sources, struct error *err);
bool names_set_quota(struct names *n, const struct names_caller *who, const char *path,
                     int64_t name_quota, int64_t space_quota, struct error *err);
/* Would this many more names and bytes (times replication) pass a quota above? */
bool names_quota_check(const struct inode *folder, int64_t names, int64_t space, struct error *err);

/* ---- extended attributes ---- */

bool names_xattr_set(struct names *n, const struct names_caller *who, const char *path,
                     const char *name, struct bytes value, bool may_create, bool may_replace,
                     struct error *err);
bool names_xattr_remove(struct names *n, const struct names_caller *who, const char *path,
                        const char *name, struct error *err);
/* May this caller see an attribute of this name? */
bool names_xattr_visible(const struct names_caller *who, const char *name);

/* ---- access control lists ---- */

enum names_acl_change {
    NAMES_ACL_MODIFY,
    NAMES_ACL_REMOVE_ENTRIES,
    NAMES_ACL_REMOVE_DEFAULT,
    NAMES_ACL_REMOVE,
    NAMES_ACL_SET,
};
bool names_acl(struct names *n, const struct names_caller *who, const char *path,
               enum names_acl_change change, const char *spec, struct error *err);
bool inode_has_acl(const struct inode *inode); /* access or default entries */
/* The entries and mode that a new child of folder gets from its default ACL, as a list of
 * ns_acl_put; false: the folder has none. */
bool names_acl_inherit(const struct inode *folder, bool is_folder, uint16_t *mode,
                       struct buffer *acl);
void names_acl_text(const struct ns_acl_entry *e, struct buffer *out); /* "default:user:bob:rw-" */

#endif
