/*
 * HTTP/1.1's server side (libhttp-parser): the web page, REST, metrics, WebHDFS later.
 *
 * A handler gets whole requests with bodies up to a limit, on the loop's thread, and answers once
 * with http_reply, or with http_stream_begin and any number of http_stream_write (server-sent
 * events, chunked), from any thread. Who answers after the handler returned holds a reference from
 * http_retain meanwhile; the request's texts live as long as the exchange.
 *
 * Limits: 64 KiB of headers (431), 16 KiB of target (414), 64 MiB a body (413) and 256 MiB for all
 * bodies (503), 1024 connections, 60 s without progress. A client that leaves more than 16 MiB of a
 * stream unread loses its connection. Requests that arrive while one is being answered wait.
 */
#ifndef WEIR_NET_HTTP_H
#define WEIR_NET_HTTP_H

#include "base/reader.h"
#include "net/loop.h"

struct http_server;
struct http_exchange; /* one request and its answer; reference-counted */

struct http_request {
    const char *method;
    const char *path;  /* decoded, without query */
    const char *query; /* raw, "" if none */
    struct bytes body;
};

typedef void (*http_handler)(void *ctx, struct http_exchange *x, const struct http_request *req);

struct http_server *http_server_new(struct loop *loop, int listen_fd, http_handler handler,
                                    void *ctx);
void http_server_free(struct http_server *s);

const char *http_header(const struct http_exchange *x, const char *name);
bool http_query_param(const char *query, const char *name, char *out, size_t size); /* decoded */
void http_reply(struct http_exchange *x, int status, const char *content_type, const void *body,
                size_t len);
void http_reply_header(struct http_exchange *x, const char *name,
                       const char *value); /* before the reply */
void http_stream_begin(struct http_exchange *x, int status, const char *content_type);
bool http_stream_write(struct http_exchange *x, const void *src,
                       size_t len);                       /* false: the client is gone */
size_t http_stream_queued(const struct http_exchange *x); /* bytes not yet sent, roughly */
void http_stream_end(struct http_exchange *x);
void http_retain(struct http_exchange *x);
void http_release(struct http_exchange *x);

#endif
