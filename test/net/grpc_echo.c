/*
 * A small gRPC server for test/wire/test_grpc.py and for measurements by hand. Prints its port.
 *
 *   /test.Echo/Unary      each request message comes back
 *   /test.Echo/Stream     "COUNT BYTES": that many messages of that size, from another thread
 *   /test.Echo/Fail       status 9 with a message that needs encoding, and details
 *   /test.Echo/Early      answers on the first message, without waiting for the client's end
 *   /test.Echo/Hang       never answers
 *   /test.Echo/Cancels    how many calls were cancelled so far, and how many are open
 * It ends when its standard input ends.
 */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/thread.h"
#include "base/trace.h"
#include "net/grpc.h"

static atomic_int cancels;
static atomic_int open_calls;

struct stream_job {
    struct grpc_call *call;
    unsigned long count;
    unsigned long bytes;
};

static void
call_done(struct grpc_call *call)
{
    atomic_fetch_sub(&open_calls, 1);
    grpc_release(call);
}

static void *
stream_main(void *arg)
{
    struct stream_job *job = arg;
    bool alive = true;
    for (unsigned long i = 0; i < job->count && alive; i++) {
        uint8_t *message = malloc(job->bytes + 1);
        memset(message, (int)(i & 0xff), job->bytes);
        alive = grpc_send_blocking(job->call, message, job->bytes);
    }
    grpc_finish(job->call, GRPC_OK, NULL, NULL, 0);
    call_done(job->call);
    free(job);
    return NULL;
}

static void
stream_start(struct grpc_call *call, const uint8_t *data, size_t len)
{
    char text[64];
    struct stream_job *job = calloc(1, sizeof *job);
    snprintf(text, sizeof text, "%.*s", (int)len, (const char *)data);
    if (sscanf(text, "%lu %lu", &job->count, &job->bytes) != 2) {
        free(job);
        grpc_finish(call, GRPC_INVALID_ARGUMENT, "COUNT BYTES", NULL, 0);
        return;
    }
    job->call = call;
    grpc_set_ctx(call, job); /* the thread owns the call from here */
    pthread_t thread;
    if (!thread_start(&thread, "stream", stream_main, job)) {
        abort();
    }
    pthread_detach(thread);
}

static void
send_copy(struct grpc_call *call, const void *src, size_t len)
{
    void *copy = malloc(len + 1);
    memcpy(copy, src, len);
    grpc_send(call, copy, len);
}

static void
on_open(void *ctx, struct grpc_call *call)
{
    atomic_fetch_add(&open_calls, 1);
}

static void
on_message(struct grpc_call *call, const uint8_t *data, size_t len)
{
    const char *path = grpc_path(call);
    if (strcmp(path, "/test.Echo/Unary") == 0) {
        send_copy(call, data, len);
    } else if (strcmp(path, "/test.Echo/Stream") == 0) {
        stream_start(call, data, len);
    } else if (strcmp(path, "/test.Echo/Early") == 0) {
        send_copy(call, data, len);
        grpc_finish(call, GRPC_OK, NULL, NULL, 0);
        call_done(call);
    }
}

static void
on_end(struct grpc_call *call)
{
    const char *path = grpc_path(call);
    if (grpc_ctx(call) != NULL || strcmp(path, "/test.Echo/Hang") == 0) {
        return;
    }
    if (strcmp(path, "/test.Echo/Cancels") == 0) {
        char text[64];
        const int len = snprintf(text, sizeof text, "%d %d", atomic_load(&cancels),
                                 atomic_load(&open_calls) - 1);
        send_copy(call, text, (size_t)len);
        grpc_finish(call, GRPC_OK, NULL, NULL, 0);
    } else if (strcmp(path, "/test.Echo/Fail") == 0) {
        grpc_finish(call, GRPC_FAILED_PRECONDITION, "100% na\xc3\xafve\nsecond line",
                    "\x00\x01\x02x", 4);
    } else if (strcmp(path, "/test.Echo/Unary") == 0) {
        grpc_finish(call, GRPC_OK, NULL, NULL, 0);
    } else {
        grpc_finish(call, GRPC_UNIMPLEMENTED, path, NULL, 0);
    }
    call_done(call);
}

static void
on_cancel(struct grpc_call *call)
{
    atomic_fetch_add(&cancels, 1);
    if (grpc_ctx(call) == NULL) {
        call_done(call); /* a stream's thread notices by itself */
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
main(int argc, char **argv)
{
    static const struct grpc_handlers handlers = {on_open, on_message, on_end, on_cancel};
    struct error err = {0};
    char address[128];
    trace_init("echo");
    struct loop *loop = loop_new(&err);
    const int fd = net_listen(argc > 1 ? argv[1] : "127.0.0.1:0", &err);
    if (loop == NULL || fd < 0 || !net_local_address(fd, address, sizeof address)) {
        fprintf(stderr, "%s\n", error_text(&err));
        return 1;
    }
    struct grpc_server *server = grpc_server_new(loop, fd, &handlers, NULL);
    printf("%s\n", address);
    fflush(stdout);
    pthread_t thread;
    thread_start(&thread, "stdin", wait_for_stdin, loop);
    loop_run(loop);
    pthread_join(thread, NULL);
    grpc_server_free(server);
    loop_free(loop);
    return 0;
}
