/* A Snappy block from outside: read alone and beside another, with the library's word on it. */
#include <snappy-c.h>
#include <stdlib.h>
#include <string.h>

#include "file/snappy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    size_t plain = 0;
    if (snappy_uncompressed_length((const char *)data, len, &plain) != SNAPPY_OK ||
        plain > 1 << 20) {
        return 0;
    }
    uint8_t *mine = malloc(plain + 1), *second = malloc(plain + 1), *theirs = malloc(plain + 1);
    size_t made = plain;
    const bool good =
        snappy_uncompress((const char *)data, len, (char *)theirs, &made) == SNAPPY_OK;
    const struct codec_job a = {{data, len}, mine, plain}, b = {{data, len}, second, plain};
    if (snappy_block_read(&a) != good || (good && memcmp(mine, theirs, plain) != 0)) {
        abort();
    }
    if (snappy_blocks_read(&a, &b) != good || (good && memcmp(second, theirs, plain) != 0)) {
        abort();
    }
    free(mine);
    free(second);
    free(theirs);
    return 0;
}
