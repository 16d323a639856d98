/*
 * HTTP/1.1's calling side (libhttp-parser): POST with a body, to servers that we trust to be what
 * they say: etcd's JSON gateway. One connection, kept open between calls; blocking, with a
 * deadline.
 *
 * No TLS: the connection is for loopback and for networks of one's own.
 * Threads: one user at a time, but http_client_cancel may be called from any thread.
 */
#ifndef WEIR_NET_HTTP_CLIENT_H
#define WEIR_NET_HTTP_CLIENT_H

#include "base/buffer.h"
#include "base/error.h"
#include "base/reader.h"

struct http_client;

struct http_client *http_client_new(const char *address); /* "host:port"; connects on first use */
void http_client_free(struct http_client *c);

struct http_post {
    const char *path;
    const char *headers; /* "Name: value\r\n"..., or NULL */
    struct bytes body;   /* JSON */
    int64_t connect_ms;  /* how long a connect may take */
    int64_t timeout_ms;  /* of all of it; a stream's: between two arrivals; < 0: none */
    /* NULL: the body is collected. Else called with each piece; false ends the call as success. */
    bool (*on_body)(void *ctx, struct bytes piece);
    void *ctx;
};

/* body: cleared, then filled (at most its limit); may be NULL with on_body. *sent: whether the
 * server may have begun to act. Failures are ERROR_UNAVAILABLE (no connection, a break, time) or
 * ERROR_PROTOCOL (no HTTP). A status is no failure. */
bool http_client_post(struct http_client *c, const struct http_post *post, int *status,
                      struct buffer *body, bool *sent, struct error *err);

/* Ends the call under way, and each later one, with ERROR_CANCELLED. */
void http_client_cancel(struct http_client *c);

#endif
