/* Any bytes as a manifest: what it names is a plain absolute path, and writing it again reads the
 * same. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "format/manifest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

struct again {
    struct arena *arena;
    const struct manifest_file *want;
};

static bool
same(void *ctx, const struct manifest_file *file, struct error *err)
{
    struct again *again = ctx;
    (void)err;
    if (strcmp(file->path, again->want->path) != 0 || file->bytes != again->want->bytes) {
        abort();
    }
    again->want = NULL;
    return true;
}

static bool
take(void *ctx, const struct manifest_file *file, struct error *err)
{
    struct arena *a = ctx;
    if (file->path[0] != '/' || file->bytes < 0) {
        abort();
    }
    struct buffer out = {0};
    manifest_begin(&out);
    manifest_put(&out, file);
    struct again again = {a, file};
    /* What JSON cannot carry (bytes that are no UTF-8) may come back refused, never changed. */
    if (manifest_parse(a, (struct bytes){out.ptr, out.len}, "again", same, &again, err) &&
        again.want != NULL) {
        abort();
    }
    error_clear(err);
    buffer_release(&out);
    return true;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct arena a;
    struct error err = {0};
    arena_init(&a, NULL);
    manifest_parse(&a, (struct bytes){data, len}, "input", take, &a, &err);
    error_clear(&err);
    arena_release(&a);
    return 0;
}
