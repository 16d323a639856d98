/*
 * The file namespace: a deterministic machine that is fed by the records of one partition log.
 *
 * A record is an effect, not a wish: whoever leads has checked permissions and chosen ids, stamps
 * and times before it writes one, so applying the same records gives the same namespace everywhere.
 * namespace_apply checks again whatever memory depends on, since a log may be damaged or hostile; a
 * record that does not fit changes nothing and says so, and the caller stops.
 *
 * Inodes know their parents; a folder's children are sorted by the bytes of their names. Each
 * folder carries the sums over its subtree, so that summaries and quotas cost nothing to ask.
 * Where blocks lie is not here: it comes from the reports of the nodes that hold them.
 *
 * A snapshot is a run of the same records (one NS_INODE each, parents first) and is read by the
 * same code. Threads: one user. No clock, disk, network or chance.
 */
#ifndef WEIR_NAMES_NAMESPACE_CORE_H
#define WEIR_NAMES_NAMESPACE_CORE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/reader.h"

enum {
    NS_ROOT_ID = 16385, /* Hadoop's; smaller ids are never given */
    NS_FIRST_BLOCK_ID = 1 << 30,
    NS_FIRST_STAMP = 1001,
    NS_NAME_BYTES_MAX = 255,
    NS_PATH_BYTES_MAX = 8000,
    NS_DEPTH_MAX = 1000,
    NS_XATTRS_MAX = 32,
    NS_XATTR_BYTES_MAX = 16384,
    NS_ACL_ENTRIES_MAX = 64,
    NS_BLOCKS_MAX = 1 << 20, /* a file */
    NS_CONCAT_MAX = 1 << 16,
    NS_BLOCK_BYTES_MIN = 512, /* Hadoop's own limit can be set; its tests want small ones */
    NS_CHUNK_BYTES = 512,     /* what one checksum covers */
};

struct ns_block {
    uint64_t id;
    uint64_t stamp; /* generation: a replica with an older one is garbage */
    int64_t bytes;  /* of the last block of an open file: as far as is known */
};

struct ns_tally { /* a file's own, or the sums over a folder with itself */
    int64_t files, folders, bytes, space;
};

enum ns_acl_kind { NS_ACL_USER = 0, NS_ACL_GROUP, NS_ACL_MASK, NS_ACL_OTHER };

struct ns_acl_entry { /* name "": the unnamed one of its kind */
    bool is_default;
    enum ns_acl_kind kind;
    char *name;
    uint8_t bits; /* rwx */
};

struct ns_xattr {
    char *name; /* with its namespace: "user.k" */
    uint8_t *value;
    size_t len;
};

struct ns_extra {                    /* what few inodes have */
    int64_t name_quota, space_quota; /* -1: none */
    struct ns_xattr *xattrs;
    uint32_t xattr_count;
    struct ns_acl_entry *acl; /* sorted as Hadoop shows it; without the three of the mode */
    uint32_t acl_count;
};

struct ns_open { /* a file that is being written */
    struct inode *inode;
    char *holder;
    struct ns_open *next;
    struct ns_open **link;
};

enum inode_kind { INODE_FOLDER = 1, INODE_FILE = 2 };

struct inode {
    uint64_t id;
    struct inode *parent; /* NULL: the root */
    struct inode *hash_next;
    char *name;
    const char *owner, *group; /* interned */
    int64_t modified_ms, accessed_ms;
    struct ns_tally tally;
    struct ns_extra *extra;
    uint16_t mode; /* 9 bits and the sticky one */
    uint8_t kind;
    uint8_t replication; /* 0 for folders */
    uint32_t count, capacity;
    union {
        struct inode **children; /* count of them, sorted */
        struct ns_block *blocks; /* all but the last one of an open file are full */
    };
    int64_t block_bytes;
    struct ns_open *open; /* NULL: closed */
};

enum ns_op {
    NS_COUNTERS = 1, /* id, block, stamp: first of a snapshot */
    NS_INODE,        /* everything of one inode */
    NS_MKDIR,
    NS_CREATE, /* opens it too */
    NS_BLOCK_ADD,
    NS_BLOCK_SET, /* the last block of an open file: stamp and length */
    NS_CLOSE,     /* with the last block as it is in the end; bytes 0: it goes */
    NS_APPEND,    /* opens a closed file */
    NS_RENAME,
    NS_DELETE,
    NS_SET_MODE,
    NS_SET_OWNER, /* "": as it was */
    NS_SET_TIMES, /* -1: as it was */
    NS_SET_REPLICATION,
    NS_TRUNCATE, /* cuts to bytes; the block's stamp is for a block that is cut inside */
    NS_CONCAT,
    NS_SET_XATTR,
    NS_REMOVE_XATTR,
    NS_SET_ACL, /* all entries anew */
    NS_SET_QUOTA,
    NS_HOLDER, /* somebody else goes on with an open file */
    NS_OP_COUNT
};

/* One record; which fields count depends on op (namespace_record.c has the table). Texts and lists
 * are borrowed from the bytes it was read from, or from the caller. */
struct ns_record {
    enum ns_op op;
    uint64_t id, parent;
    struct bytes name, owner, group, holder, value;
    uint16_t mode;
    uint8_t kind, replication;
    int64_t modified_ms, accessed_ms, block_bytes, bytes, name_quota, space_quota;
    struct ns_block block;
    struct bytes blocks; /* (id, stamp, bytes)... as uvarints */
    struct bytes ids;    /* uvarints */
    struct bytes acl;    /* (default, kind, bits, name)... */
    struct bytes xattrs; /* (name, value)... */
};

void ns_record_put(struct buffer *out, const struct ns_record *r);
bool ns_record_read(struct bytes in, struct ns_record *out); /* false: not one record */
void ns_acl_put(struct buffer *out, const struct ns_acl_entry *entries, uint32_t count);
bool ns_acl_take(struct reader *in, bool *is_default, uint8_t *kind, uint8_t *bits,
                 struct bytes *name); /* false at the end or on nonsense */

struct namespace;

/* A namespace with only its root, owned by this user. free_block is told of each block that no file
 * has any more (may be NULL). */
struct namespace *namespace_new(const char *owner, const char *group,
                                void (*free_block)(void *ctx, const struct ns_block *block),
                                void *ctx);
void namespace_free(struct namespace *ns);

bool namespace_apply(struct namespace *ns, const struct ns_record *r, struct error *err);

/* Writes the whole as records, each with its length in front; and reads such a run into a new
 * namespace (which must have its root only). */
void namespace_snapshot_put(const struct namespace *ns, struct buffer *out);
bool namespace_snapshot_read(struct namespace *ns, struct bytes in, struct error *err);

struct inode *namespace_root(const struct namespace *ns);
struct inode *namespace_inode(const struct namespace *ns, uint64_t id);
struct inode *namespace_child(const struct inode *folder, const char *name, size_t len);
/* Index of the first child whose name is greater than this one. */
uint32_t namespace_child_after(const struct inode *folder, const char *name, size_t len);
/* The file that has a block and which one it is; NULL: none. */
struct inode *namespace_block_file(const struct namespace *ns, uint64_t block_id, uint32_t *index);
struct ns_open *namespace_open_files(const struct namespace *ns);
uint64_t namespace_next_id(const struct namespace *ns);
uint64_t namespace_next_block(const struct namespace *ns);
uint64_t namespace_next_stamp(const struct namespace *ns);
uint64_t namespace_inode_count(const struct namespace *ns);
uint64_t namespace_block_count(const struct namespace *ns);
/* Calls fn for each block of each file, in no order. */
void namespace_blocks(const struct namespace *ns,
                      void (*fn)(void *ctx, const struct inode *file, const struct ns_block *b,
                                 bool last_and_open),
                      void *ctx);
/* "/a/b"; appended to out. */
void namespace_path(const struct inode *inode, struct buffer *out);
bool inode_is_under(const struct inode *inode, const struct inode *folder); /* or the same */
/* A sum over everything that counts, for comparing two namespaces (tests, simulator). */
uint64_t namespace_digest(const struct namespace *ns);

#endif
