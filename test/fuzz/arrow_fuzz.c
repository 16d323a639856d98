/* Any bytes as an Arrow stream: an error or chunks, and what was read can be written again. */
#include <stddef.h>
#include <stdint.h>

#include "format/arrow.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct arena arena, tmp;
    struct error err = {0};
    struct arrow_reader *reader;
    arena_init(&arena, NULL);
    arena_init(&tmp, NULL);
    if (arrow_reader_open(&arena, (struct bytes){data, len}, &reader, &err)) {
        struct buffer out = {0};
        struct chunk c;
        struct arrow_batch *batch = arrow_batch_new(arrow_reader_schema(reader), NULL);
        arrow_put_schema(&out, arrow_reader_schema(reader), "UTC");
        for (int i = 0; i < 100; i++) {
            if (!arrow_reader_next(reader, &tmp, &c, &err) || c.n == 0 ||
                !arrow_batch_add(batch, &c, &err)) {
                break;
            }
            arena_reset(&tmp);
        }
        arrow_batch_free(batch);
        buffer_release(&out);
    }
    error_clear(&err);
    arena_release(&arena);
    arena_release(&tmp);
    return 0;
}
