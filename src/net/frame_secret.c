/* Proofs of the cluster's secret: HMAC over both sides' chance. */
#include "net/frame_secret.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "base/env.h"

void
frame_nonce_make(uint8_t out[FRAME_NONCE_BYTES])
{
    for (size_t i = 0; i < FRAME_NONCE_BYTES; i += 8) {
        const uint64_t chance = env_random(&env_real);
        memcpy(out + i, &chance, 8);
    }
}

void
frame_mac(const char *secret, bool of_server, const struct frame_nonces *n,
          uint8_t out[FRAME_MAC_BYTES])
{
    uint8_t text[6 + sizeof *n];
    memcpy(text, of_server ? "server" : "client", 6);
    memcpy(text + 6, n, sizeof *n);
    unsigned len = 0;
    if (HMAC(EVP_sha256(), secret, (int)strlen(secret), text, sizeof text, out, &len) == NULL ||
        len != FRAME_MAC_BYTES) {
        env_real.ops->fatal(&env_real, "HMAC-SHA-256 is not there");
    }
}

bool
frame_mac_is(const char *secret, bool of_server, const struct frame_nonces *n, struct bytes mac)
{
    uint8_t expected[FRAME_MAC_BYTES];
    frame_mac(secret, of_server, n, expected);
    return mac.len == FRAME_MAC_BYTES && CRYPTO_memcmp(expected, mac.ptr, mac.len) == 0;
}

static bool
send_hello(int fd, struct bytes payload)
{
    uint8_t whole[FRAME_HELLO_BYTES_MAX];
    frame_header_put(whole, &(struct frame){.type = FRAME_HELLO, .payload = payload});
    memcpy(whole + FRAME_HEADER_BYTES, payload.ptr, payload.len);
    const size_t len = FRAME_HEADER_BYTES + payload.len;
    return send(fd, whole, len, MSG_NOSIGNAL) == (ssize_t)len;
}

bool
frame_secret_prove(int fd, const char *secret, struct error *err)
{
    const struct timeval limit = {.tv_sec = FRAME_HELLO_MS / 1000}, none = {0};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    struct frame_nonces n;
    uint8_t answer[FRAME_HELLO_BYTES_MAX];
    frame_nonce_make(n.client);
    struct frame f = {0};
    size_t used;
    const bool answered =
        send_hello(fd, (struct bytes){n.client, sizeof n.client}) &&
        recv(fd, answer, sizeof answer, MSG_WAITALL) == (ssize_t)sizeof answer &&
        frame_decode((struct bytes){answer, sizeof answer}, &f, &used) == FRAME_READY &&
        f.type == FRAME_HELLO && f.payload.len == FRAME_NONCE_BYTES + FRAME_MAC_BYTES;
    if (answered) {
        memcpy(n.server, f.payload.ptr, FRAME_NONCE_BYTES);
    }
    if (!answered ||
        !frame_mac_is(secret, true, &n,
                      (struct bytes){f.payload.ptr + FRAME_NONCE_BYTES, FRAME_MAC_BYTES})) {
        return error_set_code(err, ERROR_UNAVAILABLE, EACCES,
                              "the other end does not prove to be of this cluster");
    }
    uint8_t mac[FRAME_MAC_BYTES];
    frame_mac(secret, false, &n, mac);
    if (!send_hello(fd, (struct bytes){mac, sizeof mac})) {
        return error_set_code(err, ERROR_UNAVAILABLE, errno, "the connection was lost");
    }
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &none, sizeof none);
    return true;
}
