/* The namespace's memory: inodes by id and by name, blocks by id, sums over subtrees. */
#include "names/namespace_core.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/crc32c.h"
#include "names/namespace_private.h"

void *
ns_alloc(size_t bytes)
{
    void *p = calloc(1, bytes);
    if (p == NULL) {
        abort();
    }
    return p;
}

char *
ns_text(struct bytes b)
{
    char *text = ns_alloc(b.len + 1);
    if (b.len > 0) {
        memcpy(text, b.ptr, b.len);
    }
    return text;
}

const char *
ns_intern(struct namespace *ns, struct bytes text)
{
    const uint32_t bucket =
        crc32c(0, text.ptr != NULL ? text.ptr : (const uint8_t *)"", text.len) % INTERN_BUCKETS;
    for (struct interned *i = ns->interned[bucket]; i != NULL; i = i->next) {
        if (strlen(i->text) == text.len && memcmp(i->text, text.ptr, text.len) == 0) {
            return i->text;
        }
    }
    struct interned *i = ns_alloc(sizeof *i + text.len + 1);
    if (text.len > 0) {
        memcpy(i->text, text.ptr, text.len);
    }
    i->next = ns->interned[bucket];
    ns->interned[bucket] = i;
    return i->text;
}

/* ---- inodes by id ---- */

static uint64_t
mix(uint64_t id)
{
    id *= 0x9e3779b97f4a7c15u;
    return id ^ id >> 32;
}

static void
buckets_grow(struct namespace *ns)
{
    const uint64_t count = ns->bucket_count == 0 ? 64 : ns->bucket_count * 2;
    struct inode **buckets = ns_alloc(count * sizeof(struct inode *));
    for (uint64_t i = 0; i < ns->bucket_count; i++) {
        while (ns->by_id[i] != NULL) {
            struct inode *n = ns->by_id[i];
            ns->by_id[i] = n->hash_next;
            struct inode **at = &buckets[mix(n->id) & (count - 1)];
            n->hash_next = *at;
            *at = n;
        }
    }
    free(ns->by_id);
    ns->by_id = buckets;
    ns->bucket_count = count;
}

struct inode *
namespace_inode(const struct namespace *ns, uint64_t id)
{
    struct inode *n = ns->by_id[mix(id) & (ns->bucket_count - 1)];
    while (n != NULL && n->id != id) {
        n = n->hash_next;
    }
    return n;
}

struct inode *
ns_inode_new(struct namespace *ns, uint64_t id, enum inode_kind kind)
{
    if (ns->inode_count >= ns->bucket_count) {
        buckets_grow(ns);
    }
    struct inode *n = ns_alloc(sizeof *n);
    n->id = id;
    n->kind = (uint8_t)kind;
    n->owner = n->group = ns_intern(ns, (struct bytes){(const uint8_t *)"", 0});
    n->tally =
        kind == INODE_FOLDER ? (struct ns_tally){.folders = 1} : (struct ns_tally){1, 0, 0, 0};
    struct inode **at = &ns->by_id[mix(id) & (ns->bucket_count - 1)];
    n->hash_next = *at;
    *at = n;
    ns->inode_count++;
    ns_id_used(ns, id);
    return n;
}

void
ns_id_used(struct namespace *ns, uint64_t id)
{
    ns->next_id = id >= ns->next_id ? id + 1 : ns->next_id;
}

static void
extra_free(struct ns_extra *x)
{
    if (x == NULL) {
        return;
    }
    for (uint32_t i = 0; i < x->xattr_count; i++) {
        free(x->xattrs[i].name);
        free(x->xattrs[i].value);
    }
    for (uint32_t i = 0; i < x->acl_count; i++) {
        free(x->acl[i].name);
    }
    free(x->xattrs);
    free(x->acl);
    free(x);
}

void
ns_inode_destroy(struct namespace *ns, struct inode *n)
{
    struct inode **at = &ns->by_id[mix(n->id) & (ns->bucket_count - 1)];
    while (*at != n) {
        at = &(*at)->hash_next;
    }
    *at = n->hash_next;
    ns->inode_count--;
    ns_open_end(n);
    if (n->kind == INODE_FILE) {
        for (uint32_t i = 0; i < n->count; i++) {
            ns_block_forget(ns, &n->blocks[i], false);
        }
        free(n->blocks);
    } else {
        free(n->children);
    }
    extra_free(n->extra);
    free(n->name);
    free(n);
}

/* ---- folders ---- */

static int
name_order(const char *a, const char *b, size_t b_len)
{
    const size_t a_len = strlen(a);
    const int cmp = memcmp(a, b, a_len < b_len ? a_len : b_len);
    return cmp != 0 ? cmp : (a_len > b_len) - (a_len < b_len);
}

/* First index whose name is not less than this one. */
static uint32_t
child_index(const struct inode *folder, const char *name, size_t len)
{
    uint32_t low = 0, high = folder->count;
    if (high > 0 && name_order(folder->children[high - 1]->name, name, len) < 0) {
        return high; /* names often come in order */
    }
    while (low < high) {
        const uint32_t mid = low + (high - low) / 2;
        if (name_order(folder->children[mid]->name, name, len) < 0) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    return low;
}

struct inode *
namespace_child(const struct inode *folder, const char *name, size_t len)
{
    if (folder->kind != INODE_FOLDER) {
        return NULL;
    }
    const uint32_t i = child_index(folder, name, len);
    return i < folder->count && name_order(folder->children[i]->name, name, len) == 0
               ? folder->children[i]
               : NULL;
}

uint32_t
namespace_child_after(const struct inode *folder, const char *name, size_t len)
{
    const uint32_t i = child_index(folder, name, len);
    return i < folder->count && name_order(folder->children[i]->name, name, len) == 0 ? i + 1 : i;
}

static void
tally_add(struct inode *folder, const struct ns_tally *t, int64_t sign)
{
    for (; folder != NULL; folder = folder->parent) {
        folder->tally.files += sign * t->files;
        folder->tally.folders += sign * t->folders;
        folder->tally.bytes += sign * t->bytes;
        folder->tally.space += sign * t->space;
    }
}

void
ns_link(struct namespace *ns, struct inode *folder, struct inode *n)
{
    (void)ns;
    const uint32_t at = child_index(folder, n->name, strlen(n->name));
    if (folder->count == folder->capacity) {
        folder->capacity = folder->capacity == 0 ? 4 : folder->capacity * 2;
        folder->children = realloc(folder->children, folder->capacity * sizeof(struct inode *));
        if (folder->children == NULL) {
            abort();
        }
    }
    memmove(folder->children + at + 1, folder->children + at,
            (folder->count - at) * sizeof(struct inode *));
    folder->children[at] = n;
    folder->count++;
    n->parent = folder;
    tally_add(folder, &n->tally, 1);
}

void
ns_unlink(struct inode *n)
{
    struct inode *folder = n->parent;
    const uint32_t at = child_index(folder, n->name, strlen(n->name));
    assert(folder->children[at] == n);
    folder->count--;
    memmove(folder->children + at, folder->children + at + 1,
            (folder->count - at) * sizeof(struct inode *));
    tally_add(folder, &n->tally, -1);
    n->parent = NULL;
}

void
ns_rename_text(struct inode *n, struct bytes name)
{
    char *text = ns_text(name);
    free(n->name);
    n->name = text;
}

bool
inode_is_under(const struct inode *inode, const struct inode *folder)
{
    while (inode != NULL && inode != folder) {
        inode = inode->parent;
    }
    return inode != NULL;
}

/* ---- blocks ---- */

static uint64_t
slot_find(const struct namespace *ns, uint64_t id)
{
    uint64_t at = mix(id) & (ns->slot_count - 1);
    while (ns->blocks[at].id != 0 && ns->blocks[at].id != id) {
        at = (at + 1) & (ns->slot_count - 1);
    }
    return at;
}

static void
slots_grow(struct namespace *ns)
{
    struct block_slot *old = ns->blocks;
    const uint64_t old_count = ns->slot_count;
    ns->slot_count = old_count == 0 ? 64 : old_count * 2;
    ns->blocks = ns_alloc(ns->slot_count * sizeof *ns->blocks);
    for (uint64_t i = 0; i < old_count; i++) {
        if (old[i].id != 0) {
            ns->blocks[slot_find(ns, old[i].id)] = old[i];
        }
    }
    free(old);
}

static void
slot_remove(struct namespace *ns, uint64_t at)
{
    const uint64_t mask = ns->slot_count - 1;
    for (uint64_t next = (at + 1) & mask; ns->blocks[next].id != 0; next = (next + 1) & mask) {
        const uint64_t home = mix(ns->blocks[next].id) & mask;
        if (((next - home) & mask) >= ((next - at) & mask)) {
            ns->blocks[at] = ns->blocks[next];
            at = next;
        }
    }
    ns->blocks[at] = (struct block_slot){0};
    ns->block_count--;
}

bool
ns_block_push(struct namespace *ns, struct inode *file, struct ns_block b)
{
    if ((ns->block_count + 1) * 4 > ns->slot_count * 3) {
        slots_grow(ns);
    }
    const uint64_t at = slot_find(ns, b.id);
    if (b.id == 0 || ns->blocks[at].id != 0 || file->count >= NS_BLOCKS_MAX || b.bytes < 0) {
        return false;
    }
    if (file->count == file->capacity) {
        file->capacity = file->capacity == 0 ? 1 : file->capacity * 2;
        file->blocks = realloc(file->blocks, file->capacity * sizeof *file->blocks);
        if (file->blocks == NULL) {
            abort();
        }
    }
    ns->blocks[at] = (struct block_slot){b.id, file};
    ns->block_count++;
    file->blocks[file->count++] = b;
    ns->next_block = b.id >= ns->next_block ? b.id + 1 : ns->next_block;
    ns->next_stamp = b.stamp >= ns->next_stamp ? b.stamp + 1 : ns->next_stamp;
    return true;
}

void
ns_block_forget(struct namespace *ns, const struct ns_block *b, bool keep)
{
    const uint64_t at = slot_find(ns, b->id);
    assert(ns->blocks[at].id == b->id);
    slot_remove(ns, at);
    if (!keep && ns->free_block != NULL) {
        ns->free_block(ns->free_ctx, b);
    }
}

void
ns_block_move(struct namespace *ns, uint64_t id, struct inode *to)
{
    ns->blocks[slot_find(ns, id)].file = to;
}

struct inode *
namespace_block_file(const struct namespace *ns, uint64_t block_id, uint32_t *index)
{
    if (ns->slot_count == 0 || block_id == 0) {
        return NULL;
    }
    struct inode *file = ns->blocks[slot_find(ns, block_id)].file;
    for (uint32_t i = 0; file != NULL && i < file->count; i++) {
        if (file->blocks[i].id == block_id) {
            *index = i;
            return file;
        }
    }
    return NULL;
}

void
namespace_blocks(const struct namespace *ns,
                 void (*fn)(void *ctx, const struct inode *file, const struct ns_block *b,
                            bool last_and_open),
                 void *ctx)
{
    for (uint64_t i = 0; i < ns->bucket_count; i++) {
        for (const struct inode *n = ns->by_id[i]; n != NULL; n = n->hash_next) {
            for (uint32_t k = 0; n->kind == INODE_FILE && k < n->count; k++) {
                fn(ctx, n, &n->blocks[k], n->open != NULL && k + 1 == n->count);
            }
        }
    }
}

void
ns_retally(struct inode *file)
{
    struct ns_tally now = {.files = 1};
    for (uint32_t i = 0; i < file->count; i++) {
        now.bytes += file->blocks[i].bytes;
    }
    now.space = now.bytes * file->replication;
    tally_add(file->parent, &file->tally, -1);
    file->tally = now;
    tally_add(file->parent, &now, 1);
}

/* ---- open files ---- */

void
ns_open_begin(struct namespace *ns, struct inode *file, struct bytes holder)
{
    struct ns_open *o = ns_alloc(sizeof *o);
    *o = (struct ns_open){file, ns_text(holder), ns->open, &ns->open};
    if (o->next != NULL) {
        o->next->link = &o->next;
    }
    ns->open = o;
    file->open = o;
}

void
ns_open_end(struct inode *file)
{
    struct ns_open *o = file->open;
    if (o == NULL) {
        return;
    }
    *o->link = o->next;
    if (o->next != NULL) {
        o->next->link = o->link;
    }
    free(o->holder);
    free(o);
    file->open = NULL;
}

/* ---- the whole ---- */

struct namespace *
namespace_new(const char *owner, const char *group,
              void (*free_block)(void *ctx, const struct ns_block *block), void *ctx)
{
    struct namespace *ns = ns_alloc(sizeof *ns);
    ns->next_id = NS_ROOT_ID;
    ns->next_block = NS_FIRST_BLOCK_ID;
    ns->next_stamp = NS_FIRST_STAMP;
    ns->free_block = free_block;
    ns->free_ctx = ctx;
    ns->root = ns_inode_new(ns, NS_ROOT_ID, INODE_FOLDER);
    ns->root->name = ns_text((struct bytes){0});
    ns->root->mode = 0755;
    ns->root->owner = ns_intern(ns, (struct bytes){(const uint8_t *)owner, strlen(owner)});
    ns->root->group = ns_intern(ns, (struct bytes){(const uint8_t *)group, strlen(group)});
    return ns;
}

void
namespace_free(struct namespace *ns)
{
    ns->free_block = NULL;
    for (uint64_t i = 0; i < ns->bucket_count; i++) {
        while (ns->by_id[i] != NULL) {
            ns_inode_destroy(ns, ns->by_id[i]);
        }
    }
    for (int i = 0; i < INTERN_BUCKETS; i++) {
        while (ns->interned[i] != NULL) {
            struct interned *next = ns->interned[i]->next;
            free(ns->interned[i]);
            ns->interned[i] = next;
        }
    }
    free(ns->by_id);
    free(ns->blocks);
    free(ns);
}

struct inode *
namespace_root(const struct namespace *ns)
{
    return ns->root;
}

struct ns_open *
namespace_open_files(const struct namespace *ns)
{
    return ns->open;
}

uint64_t
namespace_next_id(const struct namespace *ns)
{
    return ns->next_id;
}

uint64_t
namespace_next_block(const struct namespace *ns)
{
    return ns->next_block;
}

uint64_t
namespace_next_stamp(const struct namespace *ns)
{
    return ns->next_stamp;
}

uint64_t
namespace_inode_count(const struct namespace *ns)
{
    return ns->inode_count;
}

uint64_t
namespace_block_count(const struct namespace *ns)
{
    return ns->block_count;
}

void
namespace_path(const struct inode *inode, struct buffer *out)
{
    const struct inode *chain[NS_DEPTH_MAX + 2];
    uint32_t depth = 0;
    for (; inode->parent != NULL && depth < NS_DEPTH_MAX + 2; inode = inode->parent) {
        chain[depth++] = inode;
    }
    if (depth == 0) {
        buffer_puts(out, "/");
    }
    while (depth > 0) {
        buffer_puts(out, "/");
        buffer_puts(out, chain[--depth]->name);
    }
}

uint64_t
namespace_digest(const struct namespace *ns)
{
    struct buffer out = {0};
    namespace_snapshot_put(ns, &out);
    const uint64_t digest = (uint64_t)crc32c(0, out.ptr, out.len) << 32 | (uint32_t)out.len;
    buffer_release(&out);
    return digest;
}
