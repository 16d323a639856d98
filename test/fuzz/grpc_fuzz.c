/* Bytes from a hostile client of the gRPC server: HTTP/2 frames, headers, message prefixes. The
 * first byte says whether a proper connection preface goes before the rest. */
#include <string.h>

#include "net/grpc.h"
#include "net_feed.h"

static void
fuzz_open(void *ctx, struct grpc_call *call)
{
}

static void
fuzz_message(struct grpc_call *call, const uint8_t *data, size_t len)
{
    void *copy = malloc(len + 1);
    memcpy(copy, data, len);
    grpc_send(call, copy, len);
}

static void
fuzz_end(struct grpc_call *call)
{
    grpc_finish(call, GRPC_NOT_FOUND, grpc_path(call), "details", 7);
    grpc_release(call);
}

static void
fuzz_cancel(struct grpc_call *call)
{
    grpc_release(call);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static const struct grpc_handlers handlers = {fuzz_open, fuzz_message, fuzz_end, fuzz_cancel};
    static const char preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0";
    static struct feed feed;
    static struct grpc_server *server; /* never freed: it serves all inputs */
    if (server == NULL) {
        const int fd = feed_init(&feed, "grpc");
        server = grpc_server_new(feed.loop, fd, &handlers, NULL);
    }
    if (len > 0) {
        feed_run(&feed, (const uint8_t *)preface, data[0] % 2 == 0 ? sizeof preface : 0, data + 1,
                 len - 1);
    }
    return 0;
}
