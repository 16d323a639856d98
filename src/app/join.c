/* Tokens, and the sealed answer. */
#include "app/join.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "base/env.h"
#include "net/frame_secret.h"
#include "sched/wire.h"

enum { ID_TEXT = 8, KEY_TEXT = 64, TAG_BYTES = 16, ANSWER_MAX = 4096, JOIN_WAIT_MS = 15000 };

const char *
join_token_make(struct join_tokens *t, int64_t now_ms)
{
    struct join_token *at = &t->tokens[0];
    for (size_t i = 0; i < JOIN_TOKENS_MAX; i++) {
        struct join_token *other = &t->tokens[i];
        if (other->text[0] == '\0' || other->until_ms < at->until_ms) {
            at = other;
        }
        if (at->text[0] == '\0') {
            break;
        }
    }
    char key[NODE_SECRET_TEXT];
    node_secret_make(key);
    snprintf(at->text, sizeof at->text, "%08x.%s", (unsigned)env_random(&env_real), key);
    at->until_ms = now_ms + JOIN_TOKEN_MS;
    return at->text;
}

bool
join_request_take(struct join_tokens *t, struct bytes request, int64_t now_ms, char key[65],
                  uint8_t chance[16], struct error *err)
{
    struct reader in;
    reader_init(&in, request);
    const struct bytes id = reader_lenbytes(&in), nonce = reader_lenbytes(&in),
                       mac = reader_lenbytes(&in);
    if (!reader_ok(&in) || id.len != ID_TEXT || nonce.len != FRAME_NONCE_BYTES) {
        return error_set(err, ERROR_PROTOCOL, "not a request to join");
    }
    for (size_t i = 0; i < JOIN_TOKENS_MAX; i++) {
        struct join_token *token = &t->tokens[i];
        if (token->text[0] == '\0' || token->until_ms < now_ms ||
            memcmp(token->text, id.ptr, ID_TEXT) != 0) {
            continue;
        }
        struct frame_nonces nonces = {0};
        memcpy(nonces.client, nonce.ptr, FRAME_NONCE_BYTES);
        if (!frame_mac_is(token->text + ID_TEXT + 1, false, &nonces, mac)) {
            break;
        }
        snprintf(key, KEY_TEXT + 1, "%s", token->text + ID_TEXT + 1);
        memcpy(chance, nonce.ptr, FRAME_NONCE_BYTES);
        *token = (struct join_token){0};
        return true;
    }
    return error_set(err, ERROR_ARGUMENT,
                     "the token is not known, was used, or is older than an hour (weir node token "
                     "makes another one)");
}

/* One message under a key of its own, so the counter may begin at zero. */
static bool
seal(const uint8_t key[32], bool sealing, struct bytes in, uint8_t *out, uint8_t tag[TAG_BYTES])
{
    static const uint8_t iv[12];
    int len = 0, last = 0;
    EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
    bool ok = c != NULL &&
              EVP_CipherInit_ex(c, EVP_aes_256_gcm(), NULL, key, iv, sealing ? 1 : 0) == 1 &&
              EVP_CipherUpdate(c, out, &len, in.ptr, (int)in.len) == 1;
    if (ok && !sealing) {
        ok = EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_GCM_SET_TAG, TAG_BYTES, tag) == 1;
    }
    ok = ok && EVP_CipherFinal_ex(c, out + len, &last) == 1;
    if (ok && sealing) {
        ok = EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_GCM_GET_TAG, TAG_BYTES, tag) == 1;
    }
    EVP_CIPHER_CTX_free(c);
    return ok;
}

void
join_answer_put(const char key[65], const uint8_t chance[16], const struct node *n,
                struct buffer *out)
{
    struct frame_nonces nonces;
    uint8_t seal_key[FRAME_MAC_BYTES], sealed[ANSWER_MAX], tag[TAG_BYTES];
    memcpy(nonces.client, chance, FRAME_NONCE_BYTES);
    frame_nonce_make(nonces.server);
    frame_mac(key, true, &nonces, seal_key);
    struct buffer facts = {.limit = ANSWER_MAX};
    buffer_uvarint(&facts, n->id);
    buffer_lentext(&facts, n->name);
    buffer_lentext(&facts, n->cluster_id);
    buffer_lentext(&facts, n->secret);
    buffer_lentext(&facts, n->host);
    buffer_lentext(&facts, n->etcd);
    if (facts.overflow ||
        !seal(seal_key, true, (struct bytes){facts.ptr, facts.len}, sealed, tag)) {
        env_real.ops->fatal(&env_real, "a node's facts cannot be sealed");
    }
    buffer_lenbytes(out, nonces.server, FRAME_NONCE_BYTES);
    buffer_lenbytes(out, tag, TAG_BYTES);
    buffer_lenbytes(out, sealed, facts.len);
    buffer_release(&facts);
}

static bool
take_text(struct reader *in, char *out, size_t size)
{
    const struct bytes text = reader_lenbytes(in);
    if (!reader_ok(in) || text.len >= size) {
        return false;
    }
    memcpy(out, text.ptr, text.len);
    out[text.len] = '\0';
    return true;
}

bool
join_answer_take(const char key[65], const uint8_t chance[16], struct bytes answer,
                 struct node *out, struct error *err)
{
    struct reader in;
    struct frame_nonces nonces;
    uint8_t seal_key[FRAME_MAC_BYTES], open[ANSWER_MAX], tag[TAG_BYTES];
    reader_init(&in, answer);
    const struct bytes server = reader_lenbytes(&in), its_tag = reader_lenbytes(&in),
                       sealed = reader_lenbytes(&in);
    if (!reader_ok(&in) || server.len != FRAME_NONCE_BYTES || its_tag.len != TAG_BYTES ||
        sealed.len > ANSWER_MAX) {
        return error_set(err, ERROR_PROTOCOL, "not an answer to a request to join");
    }
    memcpy(nonces.client, chance, FRAME_NONCE_BYTES);
    memcpy(nonces.server, server.ptr, FRAME_NONCE_BYTES);
    memcpy(tag, its_tag.ptr, TAG_BYTES);
    frame_mac(key, true, &nonces, seal_key);
    if (!seal(seal_key, false, sealed, open, tag)) {
        return error_set(err, ERROR_PROTOCOL, "who answered does not know the token");
    }
    *out = (struct node){0};
    reader_init(&in, (struct bytes){open, sealed.len});
    out->id = (uint32_t)reader_uvarint64(&in);
    const bool ok = take_text(&in, out->name, sizeof out->name) &&
                    take_text(&in, out->cluster_id, sizeof out->cluster_id) &&
                    take_text(&in, out->secret, sizeof out->secret) &&
                    take_text(&in, out->host, sizeof out->host) &&
                    take_text(&in, out->etcd, sizeof out->etcd);
    return (ok && reader_ok(&in) && out->id > 0) ||
           error_set(err, ERROR_PROTOCOL, "the answer to a request to join is not readable");
}

bool
join_cluster(const char *address, const char *token, struct node *out, struct error *err)
{
    if (strlen(token) != JOIN_TOKEN_TEXT - 1 || token[ID_TEXT] != '.') {
        return error_set(err, ERROR_ARGUMENT, "that is not a token of weir node token");
    }
    const char *key = token + ID_TEXT + 1;
    struct frame_nonces nonces = {0};
    uint8_t mac[FRAME_MAC_BYTES];
    frame_nonce_make(nonces.client);
    frame_mac(key, false, &nonces, mac);
    struct buffer request = {0}, answer = {.limit = 2 * ANSWER_MAX};
    buffer_lenbytes(&request, token, ID_TEXT);
    buffer_lenbytes(&request, nonces.client, FRAME_NONCE_BYTES);
    buffer_lenbytes(&request, mac, sizeof mac);
    struct frame_client *client = frame_client_new(address);
    const bool ok =
        frame_call(client, WIRE_NODE_JOIN, request.ptr, request.len, &answer, JOIN_WAIT_MS, err) &&
        join_answer_take(key, nonces.client, (struct bytes){answer.ptr, answer.len}, out, err);
    frame_client_free(client);
    buffer_release(&request);
    buffer_release(&answer);
    return ok;
}
