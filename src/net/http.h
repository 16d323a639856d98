/*
 * HTTP/1.1's server side (libhttp-parser): the web page, REST, metrics, WebHDFS.
 *
 * A handler gets whole requests with bodies up to a limit, on the loop's thread, and answers once
 * with http_reply, or with http_stream_begin and any number of http_stream_write (server-sent
 * events, chunked), from any thread. Who answers after the handler returned holds a reference from
 * http_retain meanwhile; the request's texts live as long as the exchange.
 *
 * Limits: 64 KiB of headers (431), 16 KiB of target (414), 64 MiB a body (413) and 256 MiB for all
 * bodies (503), 1024 connections, 60 s without progress. A client that leaves more than 16 MiB of a
 * stream unread loses its connection. Requests that arrive while one is being answered wait.
 *
 * Bodies and answers of any size: a server with an `early` handler is asked about each request when
 * its headers are there, and may take the body piece by piece (http_take), all on the loop's
 * thread. http_pause is the brake for what comes in, on_drain the one for what goes out.
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

enum http_early {
    HTTP_WHOLE = 0, /* collect the body, then call the handler */
    HTTP_TAKEN,     /* http_take was called */
    HTTP_IGNORE,    /* the body does not matter: call the handler, with none */
};
typedef enum http_early (*http_early_handler)(void *ctx, struct http_exchange *x,
                                              const struct http_request *req);

/* Who takes a request: all on the loop's thread. */
struct http_taker {
    void (*on_body)(void *ctx, const uint8_t *data, size_t len); /* borrowed */
    void (*on_end)(void *ctx);                                   /* the whole body has come */
    void (*on_drain)(void *ctx); /* the answer's queue is low; may be NULL */
    /* The client left before the answer was complete: the last call. After a complete answer
     * nothing more is called. */
    void (*on_gone)(void *ctx);
};

struct http_server *http_server_new(struct loop *loop, int listen_fd, http_handler handler,
                                    void *ctx);
void http_server_free(struct http_server *s);
void http_server_set_early(struct http_server *s, http_early_handler early);
/* In an early handler, or in a handler for the sake of on_drain and on_gone. */
void http_take(struct http_exchange *x, const struct http_taker *taker, void *ctx);
void http_pause(struct http_exchange *x, bool paused); /* the body */
bool http_header_done(const struct http_exchange *x);  /* an answer has begun */

/* An answer of a known length in pieces, on the loop's thread: on_sent as in conn_write_ref. An
 * answer that cannot be completed ends with http_abort, which closes the connection. */
void http_send_begin(struct http_exchange *x, int status, const char *content_type, int64_t length);
void http_send_ref(struct http_exchange *x, const void *src, size_t len, void (*on_sent)(void *ctx),
                   void *ctx);
void http_send_end(struct http_exchange *x);
void http_abort(struct http_exchange *x);
size_t http_send_queued(const struct http_exchange *x); /* bytes not yet with the kernel */

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
