/*
 * HTTP/1.1's client side for files (net/http_client.h is for small posts), blocking: one
 * connection, kept alive, one request at a time. For threads that may wait (workers, commands).
 *
 * A request goes out with its body from memory or from a callback, the answer's body goes into a
 * buffer with a limit or to a callback, so files of any size pass in bounded memory. A kept
 * connection that the server has closed meanwhile is opened anew, once, where the body can be sent
 * again. Errors: ERROR_UNAVAILABLE (nobody there, connection lost), ERROR_PROTOCOL (not HTTP).
 */
#ifndef WEIR_NET_HTTP_FETCHER_H
#define WEIR_NET_HTTP_FETCHER_H

#include "base/buffer.h"
#include "base/error.h"

struct http_fetcher;

struct http_fetch {
    const char *method;
    const char *target; /* "/path?query", encoded */
    const void *body;   /* len bytes; NULL with pull */
    size_t len;
    /* Fills dst with up to size bytes; 0: the end, negative: give up with err set. Sent chunked. */
    int64_t (*pull)(void *ctx, uint8_t *dst, size_t size, struct error *err);
    /* Takes a piece of a good (2xx) answer's body; false stops, with err set. NULL: into body. */
    bool (*push)(void *ctx, const uint8_t *src, size_t len, struct error *err);
    void *ctx;
    const char *bearer; /* NULL: no authorization */
};

struct http_fetched {
    int status;
    char location[8192]; /* "" if none */
    struct buffer body;  /* what push did not take; the caller's, limit set by him */
};

struct http_fetcher *http_fetcher_new(const char *address); /* "host:port" */
void http_fetcher_free(struct http_fetcher *c);
const char *http_fetcher_address(const struct http_fetcher *c);
bool http_fetcher_call(struct http_fetcher *c, const struct http_fetch *req,
                       struct http_fetched *out, struct error *err);

#endif
