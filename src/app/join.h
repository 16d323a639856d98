/*
 * How a new node becomes one of a cluster: a token, used once, within an hour.
 *
 *   token:  8 hex digits (its number), a dot, 64 hex digits (its key)
 *   joiner: number text, 16 bytes of chance, HMAC(key, "client" chance zeros)
 *   parent: 16 bytes of chance, the node's facts sealed with AES-256-GCM under
 *           HMAC(key, "server" both chances)
 *
 * So the cluster's secret travels only to who has the token, and the key never does. Tokens live in
 * the memory of the parent: those of one that ended are void.
 */
#ifndef WEIR_APP_JOIN_H
#define WEIR_APP_JOIN_H

#include "app/node.h"
#include "base/buffer.h"
#include "base/reader.h"

enum { JOIN_TOKENS_MAX = 64, JOIN_TOKEN_TEXT = 8 + 1 + 64 + 1, JOIN_TOKEN_MS = 3600 * 1000 };

struct join_token {
    char text[JOIN_TOKEN_TEXT]; /* "": free */
    int64_t until_ms;           /* monotonic */
};

struct join_tokens {
    struct join_token tokens[JOIN_TOKENS_MAX];
};

/* The oldest gives way when there are too many. */
const char *join_token_make(struct join_tokens *t, int64_t now_ms);
/* A joiner's request. On success the token is used up, and key gets what the answer is sealed with.
 * chance is the request's. */
bool join_request_take(struct join_tokens *t, struct bytes request, int64_t now_ms, char key[65],
                       uint8_t chance[16], struct error *err);
void join_answer_put(const char key[65], const uint8_t chance[16], const struct node *n,
                     struct buffer *out);

/* The joiner's side: asks at address and fills in who it is to be, without a disk id. */
bool join_cluster(const char *address, const char *token, struct node *out, struct error *err);
bool join_answer_take(const char key[65], const uint8_t chance[16], struct bytes answer,
                      struct node *out, struct error *err);

#endif
