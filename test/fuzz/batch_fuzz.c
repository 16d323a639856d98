/* A batch from a stranger: its header, its codec, its records, as the broker and readers walk them.
 */
#include <stdlib.h>

#include "log/batch.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct error err = {0};
    struct batch b;
    if (batch_parse((struct bytes){data, len}, &b, &err)) {
        struct buffer plain = {0};
        struct record_iter it;
        struct log_record record;
        batch_crc_ok((struct bytes){data, (size_t)b.length + BATCH_OVERHEAD_BYTES});
        if (batch_decompress(&b, &plain, 1 << 20, &err)) {
            record_iter_init(&it, &b, (struct bytes){plain.ptr, plain.len});
            while (record_iter_next(&it, &record, &err)) {
            }
        }
        buffer_release(&plain);
    }
    error_clear(&err);
    /* The records part by itself: a header in front would nearly always be refused. */
    b = (struct batch){.last_offset_delta = 1 << 20, .record_count = 1 << 20};
    struct record_iter it;
    struct log_record record;
    record_iter_init(&it, &b, (struct bytes){data, len});
    while (record_iter_next(&it, &record, &err)) {
    }
    error_clear(&err);
    for (int codec = BATCH_PLAIN; codec <= BATCH_ZSTD; codec++) {
        struct buffer plain = {0};
        batch_inflate((enum batch_codec)codec, (struct bytes){data, len}, &plain, 1 << 20, &err);
        error_clear(&err);
        buffer_release(&plain);
    }
    return 0;
}
