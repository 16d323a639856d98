/* Bytes from a hostile client of the HTTP server. */
#include <string.h>

#include "net/http.h"
#include "net_feed.h"

static void
fuzz_request(void *ctx, struct http_exchange *x, const struct http_request *req)
{
    char value[64];
    const char *header = http_header(x, "x-test");
    http_query_param(req->query, "p", value, sizeof value);
    if (req->body.len % 2 == 1) {
        http_stream_begin(x, 200, "text/plain");
        http_stream_write(x, req->path, strlen(req->path));
        http_stream_end(x);
    } else {
        http_reply_header(x, "X-Test", header != NULL ? header : "none");
        http_reply(x, 200, "text/plain", req->body.ptr, req->body.len);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static struct feed feed;
    static struct http_server *server; /* never freed: it serves all inputs */
    if (server == NULL) {
        const int fd = feed_init(&feed, "http");
        server = http_server_new(feed.loop, fd, fuzz_request, NULL);
    }
    feed_run(&feed, NULL, 0, data, len);
    return 0;
}
