/* Frames: the decoder on any bytes, a server fed with frames whose checksum is mended so that the
 * rest is reached, and errors as payloads. */
#include <assert.h>
#include <string.h>

#include "base/crc32c.h"
#include "net/frame.h"
#include "net_feed.h"

static void
fuzz_frame(void *ctx, struct frame_peer *peer, const struct frame *f)
{
    frame_reply(peer, f->type, f->request, FRAME_LAST, f->payload.ptr, f->payload.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
decode_all(const uint8_t *data, size_t len)
{
    struct frame f;
    size_t used;
    size_t at = 0;
    while (frame_decode((struct bytes){data + at, len - at}, &f, &used) == FRAME_READY) {
        assert(used <= len - at);
        at += used;
    }
}

static void
decode_error(const uint8_t *data, size_t len)
{
    struct reader in;
    struct error err = {0};
    reader_init(&in, (struct bytes){data, len});
    frame_get_error(&in, &err);
    assert(error_is_set(&err));
    error_clear(&err);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static const struct frame_handlers handlers = {fuzz_frame, NULL};
    static struct feed feed;
    static struct frame_server *server; /* never freed: it serves all inputs */
    if (server == NULL) {
        const int fd = feed_init(&feed, "frame");
        server = frame_server_new(feed.loop, fd, &handlers, NULL);
    }
    decode_all(data, len);
    decode_error(data, len);
    uint8_t *mended = malloc(len + 1);
    memcpy(mended, data, len);
    uint32_t payload_len;
    if (len >= FRAME_HEADER_BYTES) {
        memcpy(&payload_len, data, 4);
        if (payload_len <= len - FRAME_HEADER_BYTES) {
            const uint32_t crc =
                crc32c(crc32c(0, mended, 12), mended + FRAME_HEADER_BYTES, payload_len);
            memcpy(mended + 12, &crc, 4);
        }
    }
    feed_run(&feed, NULL, 0, mended, len);
    free(mended);
    return 0;
}
