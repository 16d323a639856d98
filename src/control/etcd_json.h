/*
 * The JSON of etcd's gateway: base64 of keys and values, and one reader for all its answers.
 *
 * An answer is one object: of a call (header, kvs, succeeded, ID, TTL, error, ...), or a line of a
 * stream, where the same stands under "result". Numbers of 64 bits are texts there. The bytes come
 * from outside: everything is bounds-checked, and what is not known is left out.
 */
#ifndef WEIR_CONTROL_ETCD_JSON_H
#define WEIR_CONTROL_ETCD_JSON_H

#include "base/buffer.h"
#include "base/reader.h"

void base64_put(struct buffer *out, const void *src, size_t len);
/* Appends the decoded bytes; false: not base64 with padding. */
bool base64_get(const char *text, size_t len, struct buffer *out);

struct etcd_answer {
    uint64_t revision;
    uint64_t lease;
    int64_t ttl;
    uint64_t compact_revision;
    bool has_header;
    bool succeeded, more, created, canceled;
    int code;        /* of an error; 0: none or unknown */
    char error[256]; /* "" if none */
};

/* A key with its value as kvs and events have them. Borrowed. */
struct etcd_kv {
    struct bytes key, value;
    uint64_t mod_revision;
    bool removed; /* an event of type DELETE */
};

/* False: not such an answer, or on_kv (may be NULL: left out) said false. */
bool etcd_answer_read(struct bytes json, struct etcd_answer *out,
                      bool (*on_kv)(void *ctx, const struct etcd_kv *kv), void *ctx);

#endif
