/* Reads an Arrow stream on stdin and writes what it understood as an Arrow stream on stdout: the
 * other half of test/wire/arrow_test.py. Batches hold every other row when the argument is "half".
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "format/arrow.h"

static struct bytes
read_all(FILE *in)
{
    struct buffer all = {.limit = (size_t)2 << 30};
    size_t got;
    do {
        buffer_reserve(&all, 1 << 20);
        got = fread(all.ptr + all.len, 1, all.capacity - all.len, in);
        all.len += got;
    } while (got > 0);
    return (struct bytes){all.ptr, all.len};
}

static bool
copy_stream(struct bytes input, bool half, struct buffer *out, struct error *err)
{
    struct arena arena, tmp;
    arena_init(&arena, NULL);
    arena_init(&tmp, NULL);
    struct arrow_reader *reader;
    if (!arrow_reader_open(&arena, input, &reader, err)) {
        return false;
    }
    const struct type *schema = arrow_reader_schema(reader);
    arrow_put_schema(out, schema, "UTC");
    struct arrow_batch *batch = arrow_batch_new(schema, NULL);
    for (;;) {
        struct chunk c;
        uint16_t sel[VEC_ROWS];
        arena_reset(&tmp);
        if (!arrow_reader_next(reader, &tmp, &c, err)) {
            return false;
        }
        if (c.n == 0) {
            break;
        }
        if (half) {
            c.sel_n = 0;
            for (uint32_t i = 0; i < c.n; i += 2) {
                sel[c.sel_n++] = (uint16_t)i;
            }
            c.sel = sel;
        }
        if (!arrow_batch_add(batch, &c, err)) {
            return false;
        }
        if (arrow_batch_rows(batch) >= 100000) {
            arrow_batch_put(batch, out);
        }
    }
    arrow_batch_put(batch, out);
    arrow_put_end(out);
    arrow_batch_free(batch);
    arena_release(&arena);
    arena_release(&tmp);
    return true;
}

int
main(int argc, char **argv)
{
    struct buffer out = {.limit = (size_t)4 << 30};
    struct error err = {0};
    const struct bytes input = read_all(stdin);
    if (!copy_stream(input, argc > 1 && strcmp(argv[1], "half") == 0, &out, &err)) {
        fprintf(stderr, "%s\n", error_text(&err));
        return 1;
    }
    fwrite(out.ptr, 1, out.len, stdout);
    return 0;
}
