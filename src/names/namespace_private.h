/* The inside of struct namespace, shared by the files of this folder that apply records to it. */
#ifndef WEIR_NAMES_NAMESPACE_PRIVATE_H
#define WEIR_NAMES_NAMESPACE_PRIVATE_H

#include "names/namespace_core.h"

struct block_slot { /* open addressing; id 0: free */
    uint64_t id;
    struct inode *file;
};

struct interned {
    struct interned *next;
    char text[];
};

enum { INTERN_BUCKETS = 256 };

struct namespace
{
    struct inode *root;
    struct inode **by_id; /* buckets, a power of two */
    uint64_t inode_count, bucket_count;
    struct block_slot *blocks;
    uint64_t block_count, slot_count; /* slots: a power of two */
    struct interned *interned[INTERN_BUCKETS];
    struct ns_open *open;
    uint64_t next_id, next_block, next_stamp;
    void (*free_block)(void *ctx, const struct ns_block *block);
    void *free_ctx;
};

void *ns_alloc(size_t bytes); /* cleared; never NULL */
char *ns_text(struct bytes b);
const char *ns_intern(struct namespace *ns, struct bytes text);

struct inode *ns_inode_new(struct namespace *ns, uint64_t id, enum inode_kind kind);
void ns_inode_destroy(struct namespace *ns, struct inode *n); /* unlinked, without children */
/* Puts a nameless or renamed inode below its folder; the name must be free. */
void ns_link(struct namespace *ns, struct inode *folder, struct inode *n);
void ns_unlink(struct inode *n);
void ns_rename_text(struct inode *n, struct bytes name);

/* The file's own sums after a change of its blocks or replication, and those of all above it. */
void ns_retally(struct inode *file);
bool ns_block_push(struct namespace *ns, struct inode *file, struct ns_block b);
/* keep: another file has it now. */
void ns_block_forget(struct namespace *ns, const struct ns_block *b, bool keep);
void ns_block_move(struct namespace *ns, uint64_t id, struct inode *to);

void ns_open_begin(struct namespace *ns, struct inode *file, struct bytes holder);
void ns_open_end(struct inode *file);
struct ns_extra *ns_extra_of(struct inode *n); /* made if it is not there */
void ns_extra_trim(struct inode *n);           /* freed if it says nothing */
bool ns_acl_set(struct inode *n, struct bytes acl, bool check_only);
bool ns_xattr_set(struct inode *n, struct bytes name, struct bytes value);
bool ns_xattr_remove(struct inode *n, struct bytes name);
void ns_id_used(struct namespace *ns, uint64_t id);
bool ns_name_valid(struct bytes name);

#endif
