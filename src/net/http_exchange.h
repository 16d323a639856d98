/*
 * An exchange as the two halves of the HTTP server see it: http_exchange.c answers from any thread,
 * http.c reads requests and moves answers on the loop.
 */
#ifndef WEIR_NET_HTTP_EXCHANGE_H
#define WEIR_NET_HTTP_EXCHANGE_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/buffer.h"
#include "net/http.h"

enum {
    HTTP_TARGET_MAX = 16 << 10,
    HTTP_HEADERS_MAX = 64 << 10,
    HTTP_BODY_MAX = 64 << 20,
};

struct http_conn;

struct http_exchange {
    atomic_uint refs; /* the connection, the handler's, a posted move */
    atomic_bool gone; /* the client is */
    atomic_size_t unsent_bytes;
    struct loop *loop;
    struct http_conn *conn; /* loop only; NULL once closed or answered */

    struct buffer target;
    struct buffer headers; /* name NUL value NUL ...; names in lower case */
    struct buffer body;
    char *path;
    const char *query;
    bool head_only; /* HEAD: the answer has no body */
    bool keep_alive;
    bool old_version;               /* HTTP/1.0: no chunks */
    const struct http_taker *taker; /* loop only; NULL: nobody took it */
    void *taker_ctx;

    pthread_mutex_t lock; /* guards all below */
    struct buffer extra;  /* header lines of http_reply_header */
    struct buffer out;
    bool begun;
    bool chunked;
    bool done;
    bool posted;
};

struct http_exchange *http_exchange_new(struct loop *loop, struct http_conn *conn);
/* Splits the target in path and query. False: it is none that we serve. */
bool http_exchange_split(struct http_exchange *x);
/* The head of an answer of this length, into the exchange's buffer. */
void http_exchange_head(struct http_exchange *x, int status, const char *content_type,
                        int64_t length);
/* http.c: on the loop, moves the bytes of x (a void pointer for loop_post) to its connection. */
void http_exchange_move(void *x);

#endif
