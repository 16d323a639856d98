/* Pickles from workers, built into vectors of several types. */
#include <stdint.h>

#include "python/pickle.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static const char *const types[] = {"bigint",
                                        "string",
                                        "decimal(20,3)",
                                        "array<array<double>>",
                                        "map<string,struct<a:int,b:binary>>",
                                        "struct<a:boolean,b:array<date>>"};
    struct arena a;
    struct error err = {0};
    arena_init(&a, NULL);
    struct pickle_value *v = pickle_read(&a, (struct bytes){data, len}, &err);
    error_clear(&err);
    for (size_t i = 0; v != NULL && i < sizeof types / sizeof *types; i++) {
        const struct type *t = type_parse(&a, types[i], strlen(types[i]), &err);
        const bool list = v->kind == PICKLE_LIST && v->count < 4096;
        struct vec out;
        pickle_build(&out, t, list ? v->items : &v, list ? v->count : 1, 16 * len, &a, &err);
        error_clear(&err);
    }
    arena_release(&a);
    return 0;
}
