/* Records of the namespace as bytes: one table says which fields each kind has, in this order. */
#include <string.h>

#include "names/namespace_core.h"

enum field {
    F_ID = 1 << 0,
    F_PARENT = 1 << 1,
    F_NAME = 1 << 2,
    F_OWNER = 1 << 3, /* owner and group */
    F_MODE = 1 << 4,
    F_MODIFIED = 1 << 5,
    F_ACCESSED = 1 << 6,
    F_REPLICATION = 1 << 7,
    F_BLOCK_BYTES = 1 << 8,
    F_HOLDER = 1 << 9,
    F_BLOCK = 1 << 10,
    F_BLOCKS = 1 << 11,
    F_IDS = 1 << 12,
    F_BYTES = 1 << 13,
    F_VALUE = 1 << 14,
    F_ACL = 1 << 15,
    F_XATTRS = 1 << 16,
    F_QUOTA = 1 << 17,
    F_KIND = 1 << 18,
};

static const uint32_t fields[NS_OP_COUNT] = {
    [NS_COUNTERS] = F_ID | F_BLOCK,
    [NS_INODE] = F_ID | F_PARENT | F_NAME | F_OWNER | F_MODE | F_MODIFIED | F_ACCESSED |
                 F_REPLICATION | F_BLOCK_BYTES | F_HOLDER | F_BLOCKS | F_ACL | F_XATTRS | F_QUOTA |
                 F_KIND,
    [NS_MKDIR] = F_ID | F_PARENT | F_NAME | F_OWNER | F_MODE | F_MODIFIED | F_ACL,
    [NS_CREATE] = F_ID | F_PARENT | F_NAME | F_OWNER | F_MODE | F_MODIFIED | F_REPLICATION |
                  F_BLOCK_BYTES | F_HOLDER | F_ACL,
    [NS_BLOCK_ADD] = F_ID | F_BLOCK,
    [NS_BLOCK_SET] = F_ID | F_BLOCK,
    [NS_CLOSE] = F_ID | F_BLOCK | F_MODIFIED,
    [NS_APPEND] = F_ID | F_HOLDER | F_MODIFIED,
    [NS_RENAME] = F_ID | F_PARENT | F_NAME | F_MODIFIED,
    [NS_DELETE] = F_ID | F_MODIFIED,
    [NS_SET_MODE] = F_ID | F_MODE,
    [NS_SET_OWNER] = F_ID | F_OWNER,
    [NS_SET_TIMES] = F_ID | F_MODIFIED | F_ACCESSED,
    [NS_SET_REPLICATION] = F_ID | F_REPLICATION,
    [NS_TRUNCATE] = F_ID | F_BYTES | F_BLOCK | F_MODIFIED,
    [NS_CONCAT] = F_ID | F_IDS | F_MODIFIED,
    [NS_SET_XATTR] = F_ID | F_NAME | F_VALUE,
    [NS_REMOVE_XATTR] = F_ID | F_NAME,
    [NS_SET_ACL] = F_ID | F_MODE | F_ACL,
    [NS_SET_QUOTA] = F_ID | F_QUOTA,
    [NS_HOLDER] = F_ID | F_HOLDER,
};

static void
put_bytes(struct buffer *out, struct bytes b)
{
    buffer_lenbytes(out, b.ptr != NULL ? b.ptr : (const uint8_t *)"", b.len);
}

static void
put_texts(struct buffer *out, const struct ns_record *r, uint32_t f)
{
    if (f & F_NAME) {
        put_bytes(out, r->name);
    }
    if (f & F_OWNER) {
        put_bytes(out, r->owner);
        put_bytes(out, r->group);
    }
    if (f & F_HOLDER) {
        put_bytes(out, r->holder);
    }
    if (f & F_BLOCKS) {
        put_bytes(out, r->blocks);
    }
    if (f & F_IDS) {
        put_bytes(out, r->ids);
    }
    if (f & F_VALUE) {
        put_bytes(out, r->value);
    }
    if (f & F_ACL) {
        put_bytes(out, r->acl);
    }
    if (f & F_XATTRS) {
        put_bytes(out, r->xattrs);
    }
}

void
ns_record_put(struct buffer *out, const struct ns_record *r)
{
    const uint32_t f = fields[r->op];
    buffer_u8(out, (uint8_t)r->op);
    buffer_uvarint(out, r->id);
    if (f & F_PARENT) {
        buffer_uvarint(out, r->parent);
    }
    if (f & F_KIND) {
        buffer_u8(out, r->kind);
    }
    if (f & F_MODE) {
        buffer_uvarint(out, r->mode);
    }
    if (f & F_MODIFIED) {
        buffer_varint(out, r->modified_ms);
    }
    if (f & F_ACCESSED) {
        buffer_varint(out, r->accessed_ms);
    }
    if (f & F_REPLICATION) {
        buffer_u8(out, r->replication);
    }
    if (f & F_BLOCK_BYTES) {
        buffer_varint(out, r->block_bytes);
    }
    if (f & F_BYTES) {
        buffer_varint(out, r->bytes);
    }
    if (f & F_QUOTA) {
        buffer_varint(out, r->name_quota);
        buffer_varint(out, r->space_quota);
    }
    if (f & F_BLOCK) {
        buffer_uvarint(out, r->block.id);
        buffer_uvarint(out, r->block.stamp);
        buffer_varint(out, r->block.bytes);
    }
    put_texts(out, r, f);
}

static void
read_texts(struct reader *in, struct ns_record *r, uint32_t f)
{
    if (f & F_NAME) {
        r->name = reader_lenbytes(in);
    }
    if (f & F_OWNER) {
        r->owner = reader_lenbytes(in);
        r->group = reader_lenbytes(in);
    }
    if (f & F_HOLDER) {
        r->holder = reader_lenbytes(in);
    }
    if (f & F_BLOCKS) {
        r->blocks = reader_lenbytes(in);
    }
    if (f & F_IDS) {
        r->ids = reader_lenbytes(in);
    }
    if (f & F_VALUE) {
        r->value = reader_lenbytes(in);
    }
    if (f & F_ACL) {
        r->acl = reader_lenbytes(in);
    }
    if (f & F_XATTRS) {
        r->xattrs = reader_lenbytes(in);
    }
}

bool
ns_record_read(struct bytes bytes, struct ns_record *r)
{
    struct reader in;
    reader_init(&in, bytes);
    *r = (struct ns_record){.op = (enum ns_op)reader_u8(&in)};
    if (r->op < NS_COUNTERS || r->op >= NS_OP_COUNT) {
        return false;
    }
    const uint32_t f = fields[r->op];
    r->id = reader_uvarint64(&in);
    r->parent = f & F_PARENT ? reader_uvarint64(&in) : 0;
    r->kind = f & F_KIND ? reader_u8(&in) : 0;
    const uint64_t mode = f & F_MODE ? reader_uvarint64(&in) : 0;
    r->mode = (uint16_t)mode;
    r->modified_ms = f & F_MODIFIED ? reader_varint64(&in) : 0;
    r->accessed_ms = f & F_ACCESSED ? reader_varint64(&in) : 0;
    r->replication = f & F_REPLICATION ? reader_u8(&in) : 0;
    r->block_bytes = f & F_BLOCK_BYTES ? reader_varint64(&in) : 0;
    r->bytes = f & F_BYTES ? reader_varint64(&in) : 0;
    if (f & F_QUOTA) {
        r->name_quota = reader_varint64(&in);
        r->space_quota = reader_varint64(&in);
    }
    if (f & F_BLOCK) {
        r->block.id = reader_uvarint64(&in);
        r->block.stamp = reader_uvarint64(&in);
        r->block.bytes = reader_varint64(&in);
    }
    read_texts(&in, r, f);
    return reader_ok(&in) && reader_left(&in) == 0 && mode <= 01777;
}

void
ns_acl_put(struct buffer *out, const struct ns_acl_entry *entries, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        buffer_u8(out, entries[i].is_default);
        buffer_u8(out, (uint8_t)entries[i].kind);
        buffer_u8(out, entries[i].bits);
        buffer_lentext(out, entries[i].name);
    }
}

bool
ns_acl_take(struct reader *in, bool *is_default, uint8_t *kind, uint8_t *bits, struct bytes *name)
{
    if (reader_left(in) == 0) {
        return false;
    }
    const uint8_t flag = reader_u8(in);
    *is_default = flag == 1;
    *kind = reader_u8(in);
    *bits = reader_u8(in);
    *name = reader_lenbytes(in);
    if (flag > 1 || *kind > NS_ACL_OTHER || *bits > 7 || name->len > NS_NAME_BYTES_MAX) {
        reader_refuse(in);
    }
    return reader_ok(in);
}
