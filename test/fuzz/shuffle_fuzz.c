/* What another worker sent of its shuffle: the first byte says whether the rest is a frame's
 * blocks, a whole file, or a list of frames. */
#include <stdint.h>
#include <string.h>

#include "base/reader.h"
#include "exec/shuffle_file.h"
#include "sched/shuffle.h"
#include "type/type.h"
#include "vec/verify.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* A disk of one file, which is the input. */
struct disk {
    struct env env;
    struct bytes file;
};

static bool
disk_pread(struct env *env, int fd, void *dst, size_t len, int64_t offset, size_t *got,
           struct error *err)
{
    const struct disk *d = (const struct disk *)env;
    (void)fd;
    (void)err;
    const size_t at = offset < 0 || (uint64_t)offset > d->file.len ? d->file.len : (size_t)offset;
    *got = len < d->file.len - at ? len : d->file.len - at;
    if (*got > 0) {
        memcpy(dst, d->file.ptr + at, *got);
    }
    return true;
}

static bool
disk_stat(struct env *env, const char *path, struct env_stat *out, struct error *err)
{
    (void)path;
    (void)err;
    *out = (struct env_stat){.bytes = (int64_t)((struct disk *)env)->file.len};
    return true;
}

static const struct type *
schema_make(struct arena *a)
{
    struct type_field *f = arena_new_array(a, struct type_field, 4);
    f[0] = (struct type_field){"n", type_scalar(TYPE_LONG), true, NULL};
    f[1] = (struct type_field){"s", type_scalar(TYPE_STRING), true, NULL};
    f[2] = (struct type_field){"a", type_array(a, type_scalar(TYPE_INT), true), true, NULL};
    f[3] = (struct type_field){"z", type_scalar(TYPE_NULL), true, NULL};
    return type_struct(a, f, 4);
}

/* Behind the checksum: a sender that is wrong, not a wire that is. */
static void
try_blocks(struct arena *a, struct bytes in)
{
    const struct type *schema = schema_make(a);
    struct shuffle_blocks b = {schema, in, UINT32_MAX};
    struct chunk c = {.n = 1};
    while (c.n > 0 && shuffle_block_next(&b, a, &c)) {
        for (uint32_t i = 0; i < c.col_count && c.n <= VEC_ROWS; i++) {
            if (vec_verify(&c.cols[i], NULL, c.n) != NULL) {
                __builtin_trap();
            }
        }
    }
    struct shuffle_blocks whole;
    shuffle_frame_open(in, 0, schema, &whole);
}

static void
try_file(struct arena *a, struct bytes in)
{
    static struct env_ops ops;
    ops.pread = disk_pread;
    ops.stat = disk_stat;
    struct disk d = {{&ops}, in};
    struct shuffle_frame *frames = NULL;
    uint32_t count = 0;
    struct error err = {0};
    if (shuffle_file_list(&d.env, "", 0, 0, a, &frames, &count, &err)) {
        for (uint32_t i = 0; i < count; i++) {
            if (frames[i].offset + frames[i].bytes > in.len) {
                __builtin_trap();
            }
        }
    }
    error_clear(&err);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    if (len == 0) {
        return 0;
    }
    struct arena a;
    arena_init(&a, NULL);
    const struct bytes rest = {data + 1, len - 1};
    if (data[0] % 3 == 0) {
        try_blocks(&a, rest);
    } else if (data[0] % 3 == 1) {
        try_file(&a, rest);
    } else {
        struct reader in;
        struct shuffle_frame *frames;
        uint32_t count;
        reader_init(&in, rest);
        shuffle_list_read(&in, &a, &frames, &count);
    }
    arena_release(&a);
    return 0;
}
