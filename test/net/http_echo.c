/*
 * A small HTTP server for test/wire/test_http.py. Prints its address; ends when its input ends.
 *
 *   /echo     method, path, query, the header x-test and the body come back
 *   /param    the query's parameter "p", decoded
 *   /stream   five events, from another thread
 *   /endless  events until the client leaves; /left says how many clients have left
 */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/thread.h"
#include "net/http.h"

static atomic_int left;

static void *
stream_main(void *ctx)
{
    struct http_exchange *x = ctx;
    http_stream_begin(x, 200, "text/event-stream");
    for (int i = 0; i < 5; i++) {
        char event[64];
        const int len = snprintf(event, sizeof event, "data: %d\n\n", i);
        http_stream_write(x, event, (size_t)len);
    }
    http_stream_end(x);
    http_release(x);
    return NULL;
}

static void *
endless_main(void *ctx)
{
    struct http_exchange *x = ctx;
    http_stream_begin(x, 200, "text/event-stream");
    while (http_stream_write(x, "data: tick\n\n", 12)) {
        usleep(1000);
    }
    http_release(x);
    atomic_fetch_add(&left, 1);
    return NULL;
}

static void
on_thread(struct http_exchange *x, void *(*fn)(void *ctx))
{
    pthread_t thread;
    http_retain(x);
    if (!thread_start(&thread, "stream", fn, x)) {
        abort();
    }
    pthread_detach(thread);
}

static void
reply_text(struct http_exchange *x, int status, const char *text)
{
    http_reply(x, status, "text/plain; charset=utf-8", text, strlen(text));
}

static void
on_request(void *ctx, struct http_exchange *x, const struct http_request *req)
{
    char text[256];
    if (strcmp(req->path, "/stream") == 0) {
        on_thread(x, stream_main);
    } else if (strcmp(req->path, "/endless") == 0) {
        on_thread(x, endless_main);
    } else if (strcmp(req->path, "/left") == 0) {
        snprintf(text, sizeof text, "%d", atomic_load(&left));
        reply_text(x, 200, text);
    } else if (strcmp(req->path, "/param") == 0) {
        const bool found = http_query_param(req->query, "p", text, sizeof text);
        reply_text(x, found ? 200 : 400, found ? text : "no p");
    } else if (strncmp(req->path, "/echo", 5) == 0) {
        const char *header = http_header(x, "X-Test");
        struct buffer out = {0};
        buffer_printf(&out, "%s|%s|%s|%s|", req->method, req->path, req->query,
                      header != NULL ? header : "-");
        buffer_put(&out, req->body.ptr, req->body.len);
        http_reply_header(x, "X-Reply", "one\r\nX-Evil: two");
        http_reply(x, 200, "application/octet-stream", out.ptr, out.len);
        buffer_release(&out);
    } else {
        reply_text(x, 404, "nothing here");
    }
}

static void *
wait_for_stdin(void *ctx)
{
    char byte;
    while (read(STDIN_FILENO, &byte, 1) > 0) {
    }
    loop_stop(ctx);
    return NULL;
}

int
main(void)
{
    struct error err = {0};
    char address[128];
    struct loop *loop = loop_new(&err);
    const int fd = net_listen("127.0.0.1:0", &err);
    if (loop == NULL || fd < 0 || !net_local_address(fd, address, sizeof address)) {
        fprintf(stderr, "%s\n", error_text(&err));
        return 1;
    }
    struct http_server *server = http_server_new(loop, fd, on_request, NULL);
    printf("%s\n", address);
    fflush(stdout);
    pthread_t thread;
    thread_start(&thread, "stdin", wait_for_stdin, loop);
    loop_run(loop);
    pthread_join(thread, NULL);
    http_server_free(server);
    loop_free(loop);
    return 0;
}
