/*
 * How two ends of a frame connection prove to each other that they know the cluster's secret.
 *
 *   client: HELLO { 16 bytes of chance }
 *   server: HELLO { 16 bytes of chance, HMAC-SHA-256(secret, "server" both) }
 *   client: HELLO { HMAC-SHA-256(secret, "client" both) }, and frames from then on
 *
 * The secret never travels. It guards against programs that are not of the cluster; what is said
 * afterwards is neither hidden nor bound to the proof, which is TLS's work.
 */
#ifndef WEIR_NET_FRAME_SECRET_H
#define WEIR_NET_FRAME_SECRET_H

#include "net/frame.h"

enum {
    FRAME_HELLO = 0xfff0, /* type of these frames; no other use */
    FRAME_NONCE_BYTES = 16,
    FRAME_MAC_BYTES = 32,
    FRAME_HELLO_BYTES_MAX = FRAME_HEADER_BYTES + FRAME_NONCE_BYTES + FRAME_MAC_BYTES,
    FRAME_HELLO_MS = 5000, /* who has not proven itself by then is closed */
};

struct frame_nonces {
    uint8_t client[FRAME_NONCE_BYTES], server[FRAME_NONCE_BYTES];
};

void frame_nonce_make(uint8_t out[FRAME_NONCE_BYTES]);
void frame_mac(const char *secret, bool of_server, const struct frame_nonces *n,
               uint8_t out[FRAME_MAC_BYTES]);
bool frame_mac_is(const char *secret, bool of_server, const struct frame_nonces *n,
                  struct bytes mac); /* in constant time */

/* The client's side on a connected blocking socket. */
bool frame_secret_prove(int fd, const char *secret, struct error *err);

#endif
