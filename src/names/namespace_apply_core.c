/* What each kind of record does to the namespace. Everything is checked before anything changes. */
#include <stdlib.h>
#include <string.h>

#include "names/namespace_private.h"

bool
ns_name_valid(struct bytes name)
{
    return name.len > 0 && name.len <= NS_NAME_BYTES_MAX &&
           memchr(name.ptr, '/', name.len) == NULL && memchr(name.ptr, 0, name.len) == NULL &&
           !(name.len == 1 && name.ptr[0] == '.') &&
           !(name.len == 2 && name.ptr[0] == '.' && name.ptr[1] == '.');
}

static uint32_t
depth_of(const struct inode *n)
{
    uint32_t depth = 0;
    for (; n != NULL; n = n->parent) {
        depth++;
    }
    return depth;
}

/* ---- extras ---- */

struct ns_extra *
ns_extra_of(struct inode *n)
{
    if (n->extra == NULL) {
        n->extra = ns_alloc(sizeof *n->extra);
        n->extra->name_quota = n->extra->space_quota = -1;
    }
    return n->extra;
}

void
ns_extra_trim(struct inode *n)
{
    struct ns_extra *x = n->extra;
    if (x != NULL && x->name_quota < 0 && x->space_quota < 0 && x->xattr_count == 0 &&
        x->acl_count == 0) {
        free(x->xattrs);
        free(x->acl);
        free(x);
        n->extra = NULL;
    }
}

bool
ns_acl_set(struct inode *n, struct bytes acl, bool check_only)
{
    struct reader in;
    bool is_default;
    uint8_t kind, bits;
    struct bytes name;
    uint32_t count = 0;
    reader_init(&in, acl);
    while (ns_acl_take(&in, &is_default, &kind, &bits, &name)) {
        count++;
    }
    if (!reader_ok(&in) || count > NS_ACL_ENTRIES_MAX || check_only) {
        return reader_ok(&in) && count <= NS_ACL_ENTRIES_MAX;
    }
    if (count == 0 && n->extra == NULL) {
        return true;
    }
    struct ns_extra *x = ns_extra_of(n);
    for (uint32_t i = 0; i < x->acl_count; i++) {
        free(x->acl[i].name);
    }
    free(x->acl);
    x->acl = count > 0 ? ns_alloc(count * sizeof *x->acl) : NULL;
    x->acl_count = 0;
    reader_init(&in, acl);
    while (ns_acl_take(&in, &is_default, &kind, &bits, &name)) {
        x->acl[x->acl_count++] =
            (struct ns_acl_entry){is_default, (enum ns_acl_kind)kind, ns_text(name), bits};
    }
    ns_extra_trim(n);
    return true;
}

static struct ns_xattr *
xattr_find(const struct ns_extra *x, struct bytes name)
{
    for (uint32_t i = 0; x != NULL && i < x->xattr_count; i++) {
        if (strlen(x->xattrs[i].name) == name.len &&
            memcmp(x->xattrs[i].name, name.ptr, name.len) == 0) {
            return &x->xattrs[i];
        }
    }
    return NULL;
}

bool
ns_xattr_set(struct inode *n, struct bytes name, struct bytes value)
{
    struct ns_xattr *a = xattr_find(n->extra, name);
    if (name.len == 0 || name.len > NS_NAME_BYTES_MAX || value.len > NS_XATTR_BYTES_MAX ||
        memchr(name.ptr, 0, name.len) != NULL ||
        (a == NULL && n->extra != NULL && n->extra->xattr_count >= NS_XATTRS_MAX)) {
        return false;
    }
    if (a == NULL) {
        struct ns_extra *x = ns_extra_of(n);
        x->xattrs = realloc(x->xattrs, (x->xattr_count + 1) * sizeof *x->xattrs);
        if (x->xattrs == NULL) {
            abort();
        }
        a = &x->xattrs[x->xattr_count++];
        *a = (struct ns_xattr){.name = ns_text(name)};
    }
    free(a->value);
    a->value = (uint8_t *)ns_text(value);
    a->len = value.len;
    return true;
}

bool
ns_xattr_remove(struct inode *n, struct bytes name)
{
    struct ns_xattr *a = xattr_find(n->extra, name);
    if (a == NULL) {
        return false;
    }
    free(a->name);
    free(a->value);
    const size_t behind = (size_t)(n->extra->xattrs + n->extra->xattr_count - (a + 1));
    memmove(a, a + 1, behind * sizeof *a);
    n->extra->xattr_count--;
    ns_extra_trim(n);
    return true;
}

/* ---- making and removing ---- */

static bool
apply_make(struct namespace *ns, const struct ns_record *r)
{
    struct inode *folder = namespace_inode(ns, r->parent);
    const bool is_file = r->op == NS_CREATE;
    if (folder == NULL || folder->kind != INODE_FOLDER || r->id <= NS_ROOT_ID ||
        r->id >= UINT64_MAX / 2 || namespace_inode(ns, r->id) != NULL || !ns_name_valid(r->name) ||
        namespace_child(folder, (const char *)r->name.ptr, r->name.len) != NULL ||
        depth_of(folder) > NS_DEPTH_MAX || (is_file && r->block_bytes <= 0)) {
        return false;
    }
    struct inode probe = {0};
    if (!ns_acl_set(&probe, r->acl, true)) {
        return false;
    }
    struct inode *n = ns_inode_new(ns, r->id, is_file ? INODE_FILE : INODE_FOLDER);
    ns_rename_text(n, r->name);
    n->owner = ns_intern(ns, r->owner);
    n->group = ns_intern(ns, r->group);
    n->mode = r->mode;
    n->modified_ms = r->modified_ms;
    n->accessed_ms = is_file ? r->modified_ms : 0;
    ns_acl_set(n, r->acl, false);
    if (is_file) {
        n->replication = r->replication;
        n->block_bytes = r->block_bytes;
        ns_open_begin(ns, n, r->holder);
    }
    ns_link(ns, folder, n);
    folder->modified_ms = r->modified_ms;
    return true;
}

/* The whole subtree, leaves first. */
static void
destroy_tree(struct namespace *ns, struct inode *top)
{
    struct inode *n = top;
    top->parent = NULL;
    for (;;) {
        while (n->kind == INODE_FOLDER && n->count > 0) {
            n = n->children[n->count - 1];
        }
        struct inode *parent = n == top ? NULL : n->parent;
        ns_inode_destroy(ns, n);
        if (parent == NULL) {
            return;
        }
        parent->count--; /* it was the last one; the sums of what goes too do not matter */
        n = parent;
    }
}

static bool
apply_delete(struct namespace *ns, const struct ns_record *r)
{
    struct inode *n = namespace_inode(ns, r->id);
    if (n == NULL || n == ns->root) {
        return false;
    }
    n->parent->modified_ms = r->modified_ms;
    ns_unlink(n);
    destroy_tree(ns, n);
    return true;
}

/* How deep the subtree reaches; bounded by NS_DEPTH_MAX as long as it is linked. */
static uint32_t
height_of(struct inode *top)
{
    uint32_t best = 1, depth = 1;
    uint32_t at[NS_DEPTH_MAX + 3] = {0};
    struct inode *n = top;
    for (;;) {
        best = depth > best ? depth : best;
        if (n->kind == INODE_FOLDER && at[depth] < n->count && depth < NS_DEPTH_MAX + 1) {
            n = n->children[at[depth]++];
            at[++depth] = 0;
        } else if (n == top) {
            return best;
        } else {
            n = n->parent;
            depth--;
        }
    }
}

static bool
apply_rename(struct namespace *ns, const struct ns_record *r)
{
    struct inode *n = namespace_inode(ns, r->id);
    struct inode *to = namespace_inode(ns, r->parent);
    if (n == NULL || n == ns->root || to == NULL || to->kind != INODE_FOLDER ||
        inode_is_under(to, n) || !ns_name_valid(r->name) ||
        namespace_child(to, (const char *)r->name.ptr, r->name.len) != NULL ||
        (n->kind == INODE_FOLDER && depth_of(to) + height_of(n) > NS_DEPTH_MAX + 1) ||
        depth_of(to) > NS_DEPTH_MAX) {
        return false;
    }
    n->parent->modified_ms = r->modified_ms;
    ns_unlink(n);
    ns_rename_text(n, r->name);
    ns_link(ns, to, n);
    to->modified_ms = r->modified_ms;
    return true;
}

/* ---- writing ---- */

static struct inode *
file_of(const struct namespace *ns, uint64_t id)
{
    struct inode *n = namespace_inode(ns, id);
    return n != NULL && n->kind == INODE_FILE ? n : NULL;
}

static struct inode *
open_file_of(const struct namespace *ns, uint64_t id)
{
    struct inode *n = file_of(ns, id);
    return n != NULL && n->open != NULL ? n : NULL;
}

static bool
block_fits(const struct inode *file, const struct ns_block *b)
{
    return b->bytes >= 0 && b->bytes <= file->block_bytes && b->stamp < UINT64_MAX / 2 &&
           b->id < UINT64_MAX / 2;
}

static void
stamp_used(struct namespace *ns, uint64_t stamp)
{
    ns->next_stamp = stamp >= ns->next_stamp ? stamp + 1 : ns->next_stamp;
}

static bool
apply_block_add(struct namespace *ns, const struct ns_record *r)
{
    struct inode *file = open_file_of(ns, r->id);
    if (file == NULL || !block_fits(file, &r->block) || !ns_block_push(ns, file, r->block)) {
        return false;
    }
    ns_retally(file);
    return true;
}

static bool
apply_block_set(struct namespace *ns, const struct ns_record *r)
{
    struct inode *file = open_file_of(ns, r->id);
    struct ns_block *last = file != NULL && file->count > 0 ? &file->blocks[file->count - 1] : NULL;
    if (last == NULL || last->id != r->block.id || !block_fits(file, &r->block) ||
        r->block.stamp < last->stamp) {
        return false;
    }
    *last = r->block;
    stamp_used(ns, r->block.stamp);
    ns_retally(file);
    return true;
}

static bool
apply_close(struct namespace *ns, const struct ns_record *r)
{
    struct inode *file = open_file_of(ns, r->id);
    struct ns_block *last = file != NULL && file->count > 0 ? &file->blocks[file->count - 1] : NULL;
    if (file == NULL ||
        (r->block.id != 0 && (last == NULL || last->id != r->block.id ||
                              !block_fits(file, &r->block) || r->block.stamp < last->stamp))) {
        return false;
    }
    if (r->block.id != 0) {
        *last = r->block;
        stamp_used(ns, r->block.stamp);
        if (last->bytes == 0) {
            ns_block_forget(ns, last, false);
            file->count--;
        }
    }
    file->modified_ms = r->modified_ms;
    ns_open_end(file);
    ns_retally(file);
    return true;
}

static bool
apply_append(struct namespace *ns, const struct ns_record *r)
{
    struct inode *file = file_of(ns, r->id);
    if (file == NULL || file->open != NULL) {
        return false;
    }
    file->modified_ms = r->modified_ms;
    ns_open_begin(ns, file, r->holder);
    return true;
}

static bool
apply_truncate(struct namespace *ns, const struct ns_record *r)
{
    struct inode *file = file_of(ns, r->id);
    /* Recovery cuts a file that is still open. */
    if (file == NULL || r->bytes < 0 || r->bytes > file->tally.bytes) {
        return false;
    }
    int64_t before = 0;
    uint32_t keep = 0;
    /* An empty block, the last one of an open file, never stays. */
    while (keep < file->count && file->blocks[keep].bytes > 0 &&
           before + file->blocks[keep].bytes <= r->bytes) {
        before += file->blocks[keep++].bytes;
    }
    const int64_t rest = r->bytes - before;
    if (rest > 0 &&
        (keep == file->count || file->blocks[keep].id != r->block.id ||
         r->block.stamp < file->blocks[keep].stamp || r->block.stamp >= UINT64_MAX / 2)) {
        return false;
    }
    if (rest > 0) {
        file->blocks[keep].bytes = rest;
        file->blocks[keep].stamp = r->block.stamp;
        stamp_used(ns, r->block.stamp);
        keep++;
    }
    while (file->count > keep) {
        ns_block_forget(ns, &file->blocks[--file->count], false);
    }
    file->modified_ms = r->modified_ms;
    ns_retally(file);
    return true;
}

/* Takes the blocks of one source away and removes it. */
static void
concat_one(struct namespace *ns, struct inode *file, struct inode *from)
{
    const uint32_t count = file->count + from->count;
    if (count > file->capacity) {
        file->capacity = count;
        file->blocks = realloc(file->blocks, count * sizeof *file->blocks);
        if (file->blocks == NULL) {
            abort();
        }
    }
    for (uint32_t i = 0; i < from->count; i++) {
        file->blocks[file->count++] = from->blocks[i];
        ns_block_move(ns, from->blocks[i].id, file);
    }
    from->count = 0;
    ns_unlink(from);
    ns_inode_destroy(ns, from);
}

static bool
apply_concat(struct namespace *ns, const struct ns_record *r)
{
    struct inode *file = file_of(ns, r->id);
    struct reader in;
    uint64_t blocks = file != NULL ? file->count : 0, seen = 0;
    reader_init(&in, r->ids);
    while (file != NULL && reader_left(&in) > 0) {
        const uint64_t id = reader_uvarint64(&in);
        struct inode *from = file_of(ns, id);
        struct reader rest = in;
        while (reader_left(&rest) > 0) { /* no source twice */
            if (reader_uvarint64(&rest) == id) {
                return false;
            }
        }
        if (from == NULL || from == file || from->open != NULL || ++seen > NS_CONCAT_MAX) {
            return false;
        }
        blocks += from->count;
    }
    if (file == NULL || file->open != NULL || !reader_ok(&in) || blocks > NS_BLOCKS_MAX) {
        return false;
    }
    reader_init(&in, r->ids);
    while (reader_left(&in) > 0) {
        struct inode *from = file_of(ns, reader_uvarint64(&in));
        from->parent->modified_ms = r->modified_ms;
        concat_one(ns, file, from);
    }
    file->modified_ms = r->modified_ms;
    ns_retally(file);
    return true;
}

/* ---- attributes ---- */

static bool
apply_attribute(struct namespace *ns, const struct ns_record *r)
{
    struct inode *n = namespace_inode(ns, r->id);
    if (n == NULL) {
        return false;
    }
    switch (r->op) {
    case NS_SET_MODE:
        n->mode = r->mode;
        return true;
    case NS_SET_OWNER:
        n->owner = r->owner.len > 0 ? ns_intern(ns, r->owner) : n->owner;
        n->group = r->group.len > 0 ? ns_intern(ns, r->group) : n->group;
        return true;
    case NS_SET_TIMES:
        n->modified_ms = r->modified_ms >= 0 ? r->modified_ms : n->modified_ms;
        n->accessed_ms = r->accessed_ms >= 0 ? r->accessed_ms : n->accessed_ms;
        return true;
    case NS_SET_REPLICATION:
        if (n->kind != INODE_FILE || r->replication == 0) {
            return false;
        }
        n->replication = r->replication;
        ns_retally(n);
        return true;
    case NS_SET_XATTR:
        return ns_xattr_set(n, r->name, r->value);
    case NS_REMOVE_XATTR:
        return ns_xattr_remove(n, r->name);
    case NS_SET_ACL:
        if (!ns_acl_set(n, r->acl, false)) {
            return false;
        }
        n->mode = r->mode;
        return true;
    case NS_SET_QUOTA:
        if (n->kind != INODE_FOLDER || r->name_quota < -1 || r->space_quota < -1) {
            return false;
        }
        ns_extra_of(n)->name_quota = r->name_quota;
        ns_extra_of(n)->space_quota = r->space_quota;
        ns_extra_trim(n);
        return true;
    default:
        return false;
    }
}

static bool
apply_holder(struct namespace *ns, const struct ns_record *r)
{
    struct inode *file = open_file_of(ns, r->id);
    if (file == NULL) {
        return false;
    }
    free(file->open->holder);
    file->open->holder = ns_text(r->holder);
    return true;
}

/* ---- snapshots ---- */

static bool
apply_counters(struct namespace *ns, const struct ns_record *r)
{
    if (ns->inode_count != 1 || r->id < ns->next_id || r->block.id < ns->next_block ||
        r->block.stamp < ns->next_stamp || r->id > UINT64_MAX / 2 || r->block.id > UINT64_MAX / 2 ||
        r->block.stamp > UINT64_MAX / 2) {
        return false;
    }
    ns->next_id = r->id;
    ns->next_block = r->block.id;
    ns->next_stamp = r->block.stamp;
    return true;
}

static bool
inode_lists(struct namespace *ns, struct inode *n, const struct ns_record *r)
{
    struct reader in;
    reader_init(&in, r->xattrs);
    while (reader_left(&in) > 0) {
        const struct bytes name = reader_lenbytes(&in), value = reader_lenbytes(&in);
        if (!reader_ok(&in) || !ns_xattr_set(n, name, value)) {
            return false;
        }
    }
    reader_init(&in, r->blocks);
    while (n->kind == INODE_FILE && reader_left(&in) > 0) {
        struct ns_block b = {reader_uvarint64(&in), reader_uvarint64(&in), reader_varint64(&in)};
        if (!reader_ok(&in) || !block_fits(n, &b) || !ns_block_push(ns, n, b)) {
            return false;
        }
    }
    return reader_ok(&in) && ns_acl_set(n, r->acl, false);
}

static bool
apply_inode(struct namespace *ns, const struct ns_record *r)
{
    const bool is_root = r->id == NS_ROOT_ID;
    struct inode *folder = is_root ? NULL : namespace_inode(ns, r->parent);
    const bool is_file = r->kind == INODE_FILE;
    if ((!is_file && r->kind != INODE_FOLDER) || (is_root && is_file) ||
        (is_file && (r->block_bytes <= 0 || r->replication == 0)) || r->id >= UINT64_MAX / 2 ||
        r->id < NS_ROOT_ID || r->name_quota < -1 || r->space_quota < -1 ||
        (!is_root && (folder == NULL || folder->kind != INODE_FOLDER || !ns_name_valid(r->name) ||
                      namespace_inode(ns, r->id) != NULL || depth_of(folder) > NS_DEPTH_MAX ||
                      namespace_child(folder, (const char *)r->name.ptr, r->name.len) != NULL))) {
        return false;
    }
    struct inode *n = is_root ? ns->root : ns_inode_new(ns, r->id, (enum inode_kind)r->kind);
    if (!is_root) {
        ns_rename_text(n, r->name);
    }
    n->owner = ns_intern(ns, r->owner);
    n->group = ns_intern(ns, r->group);
    n->mode = r->mode;
    n->modified_ms = r->modified_ms;
    n->accessed_ms = r->accessed_ms;
    n->replication = is_file ? r->replication : 0;
    n->block_bytes = is_file ? r->block_bytes : 0;
    if (r->name_quota >= 0 || r->space_quota >= 0) {
        ns_extra_of(n)->name_quota = r->name_quota;
        ns_extra_of(n)->space_quota = r->space_quota;
    }
    if (is_file && r->holder.len > 0) {
        ns_open_begin(ns, n, r->holder);
    }
    const bool ok = inode_lists(ns, n, r);
    if (!is_root) {
        ns_link(ns, folder, n);
        if (is_file) {
            ns_retally(n);
        }
    }
    return ok;
}

bool
namespace_apply(struct namespace *ns, const struct ns_record *r, struct error *err)
{
    static bool (*const applies[NS_OP_COUNT])(struct namespace *, const struct ns_record *) = {
        [NS_COUNTERS] = apply_counters,   [NS_INODE] = apply_inode,
        [NS_MKDIR] = apply_make,          [NS_CREATE] = apply_make,
        [NS_BLOCK_ADD] = apply_block_add, [NS_BLOCK_SET] = apply_block_set,
        [NS_CLOSE] = apply_close,         [NS_APPEND] = apply_append,
        [NS_RENAME] = apply_rename,       [NS_DELETE] = apply_delete,
        [NS_SET_MODE] = apply_attribute,  [NS_SET_OWNER] = apply_attribute,
        [NS_SET_TIMES] = apply_attribute, [NS_SET_REPLICATION] = apply_attribute,
        [NS_TRUNCATE] = apply_truncate,   [NS_CONCAT] = apply_concat,
        [NS_SET_XATTR] = apply_attribute, [NS_REMOVE_XATTR] = apply_attribute,
        [NS_SET_ACL] = apply_attribute,   [NS_SET_QUOTA] = apply_attribute,
        [NS_HOLDER] = apply_holder,
    };
    if (r->op < NS_COUNTERS || r->op >= NS_OP_COUNT || !applies[r->op](ns, r)) {
        return error_set(err, ERROR_INTERNAL,
                         "a record of kind %d for inode %llu does not fit the namespace", r->op,
                         (unsigned long long)r->id);
    }
    return true;
}

static void
snapshot_inode(const struct inode *n, struct buffer *scratch, struct buffer *out)
{
    struct buffer blocks = {0}, acl = {0}, xattrs = {0};
    const struct ns_extra *x = n->extra;
    for (uint32_t i = 0; n->kind == INODE_FILE && i < n->count; i++) {
        buffer_uvarint(&blocks, n->blocks[i].id);
        buffer_uvarint(&blocks, n->blocks[i].stamp);
        buffer_varint(&blocks, n->blocks[i].bytes);
    }
    for (uint32_t i = 0; x != NULL && i < x->xattr_count; i++) {
        buffer_lentext(&xattrs, x->xattrs[i].name);
        buffer_lenbytes(&xattrs, x->xattrs[i].value, x->xattrs[i].len);
    }
    if (x != NULL) {
        ns_acl_put(&acl, x->acl, x->acl_count);
    }
    const char *holder = n->open != NULL ? n->open->holder : "";
    const struct ns_record r = {
        .op = NS_INODE,
        .id = n->id,
        .parent = n->parent != NULL ? n->parent->id : 0,
        .name = {(const uint8_t *)n->name, strlen(n->name)},
        .owner = {(const uint8_t *)n->owner, strlen(n->owner)},
        .group = {(const uint8_t *)n->group, strlen(n->group)},
        .holder = {(const uint8_t *)holder, strlen(holder)},
        .mode = n->mode,
        .kind = n->kind,
        .replication = n->replication,
        .modified_ms = n->modified_ms,
        .accessed_ms = n->accessed_ms,
        .block_bytes = n->block_bytes,
        .name_quota = x != NULL ? x->name_quota : -1,
        .space_quota = x != NULL ? x->space_quota : -1,
        .blocks = {blocks.ptr, blocks.len},
        .acl = {acl.ptr, acl.len},
        .xattrs = {xattrs.ptr, xattrs.len},
    };
    buffer_clear(scratch);
    ns_record_put(scratch, &r);
    buffer_lenbytes(out, scratch->ptr, scratch->len);
    buffer_release(&blocks);
    buffer_release(&acl);
    buffer_release(&xattrs);
}

/* Parents first, by walking the tree without a stack of our own: the index among the siblings is
 * found again by name. */
void
namespace_snapshot_put(const struct namespace *ns, struct buffer *out)
{
    struct buffer scratch = {0};
    const struct ns_record counters = {
        .op = NS_COUNTERS, .id = ns->next_id, .block = {ns->next_block, ns->next_stamp, 0}};
    ns_record_put(&scratch, &counters);
    buffer_lenbytes(out, scratch.ptr, scratch.len);
    uint32_t at[NS_DEPTH_MAX + 3] = {0};
    uint32_t depth = 0;
    const struct inode *n = ns->root;
    snapshot_inode(n, &scratch, out);
    while (n != NULL) {
        if (n->kind == INODE_FOLDER && at[depth] < n->count) {
            n = n->children[at[depth]++];
            at[++depth] = 0;
            snapshot_inode(n, &scratch, out);
        } else {
            n = n->parent;
            depth--;
        }
    }
    buffer_release(&scratch);
}

bool
namespace_snapshot_read(struct namespace *ns, struct bytes bytes, struct error *err)
{
    struct reader in;
    reader_init(&in, bytes);
    while (reader_left(&in) > 0) {
        const struct bytes one = reader_lenbytes(&in);
        struct ns_record r;
        if (!reader_ok(&in) || !ns_record_read(one, &r) ||
            (r.op != NS_COUNTERS && r.op != NS_INODE)) {
            return error_set(err, ERROR_SYSTEM,
                             "a snapshot of the namespace is damaged at byte %zu",
                             reader_offset(&in));
        }
        if (!namespace_apply(ns, &r, err)) {
            return false;
        }
    }
    return true;
}
