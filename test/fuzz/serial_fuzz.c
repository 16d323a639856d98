/* Plans and vectors from another process: the first byte says which of them the rest is. */
#include <stdint.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"
#include "base/reader.h"
#include "tree/serial.h"
#include "vec/verify.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
try_plan(struct arena *a, struct reader *in)
{
    struct error err = {0};
    const struct rel *r = rel_read(a, in, &err);
    if (r != NULL) { /* what was read can be written */
        struct buffer out = {0};
        rel_write(&out, r);
        buffer_release(&out);
    }
    error_clear(&err);
}

static void
try_vector(struct arena *a, struct reader *in)
{
    struct vec v;
    const struct type *type = type_read(a, in);
    if (type != NULL && vec_read(a, in, type, &v) && v.n <= VEC_ROWS &&
        vec_verify(&v, NULL, v.n) != NULL) {
        __builtin_trap();
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct arena a;
    struct reader in;
    arena_init(&a, NULL);
    reader_init(&in, (struct bytes){data, len});
    const uint8_t which = reader_u8(&in);
    if (which % 2 == 0) {
        try_plan(&a, &in);
    } else {
        try_vector(&a, &in);
    }
    arena_release(&a);
    return 0;
}
