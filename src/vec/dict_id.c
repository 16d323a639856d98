/* Dictionary ids: process-wide numbers, so that equal ids always mean the same dictionary. */
#include <stdatomic.h>

#include "vec/vec.h"

uint64_t
dict_id_new(void)
{
    static _Atomic uint64_t last;
    return atomic_fetch_add_explicit(&last, 1, memory_order_relaxed) + 1;
}
