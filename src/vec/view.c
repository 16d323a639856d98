/* String views: order and owned copies. Equality is in the header, since it is everywhere. */
#include "base/arena.h"
#include "vec/vec.h"

struct view
view_copy(struct arena *a, const char *ptr, size_t len)
{
    if (len <= 12) {
        return view_make(ptr, len);
    }
    return view_make(arena_copy(a, ptr, len), len);
}

int
view_compare(const struct view *a, const struct view *b)
{
    /* The first four bytes lie at the same place in both forms, zero-padded in the short one. */
    uint32_t x, y;
    memcpy(&x, a->inl, 4);
    memcpy(&y, b->inl, 4);
    if (x != y) {
        return __builtin_bswap32(x) < __builtin_bswap32(y) ? -1 : 1;
    }
    const uint32_t len = a->len < b->len ? a->len : b->len;
    const int order = memcmp(view_ptr(a), view_ptr(b), len);
    if (order != 0) {
        return order < 0 ? -1 : 1;
    }
    return a->len < b->len ? -1 : a->len > b->len;
}
