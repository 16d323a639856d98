/* Types from outside: DDL or JSON text, and the serial form. */
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/reader.h"
#include "type/type.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct arena a;
    arena_init(&a, NULL);
    struct error err = {0};
    type_parse(&a, (const char *)data, len, &err);
    error_clear(&err);
    struct reader r;
    reader_init(&r, (struct bytes){data, len});
    type_read(&a, &r);
    arena_release(&a);
    return 0;
}
