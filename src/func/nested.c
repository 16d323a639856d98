/* Helpers for functions over nested values; see nested.h. */
#include "func/nested.h"

#include "func/cast.h"
#include "type/zone.h"
#include "vec/compare.h"
#include "vec/hash.h"

uint8_t *
rows_live(struct eval *ev, uint32_t rows, const uint16_t *sel, uint32_t n, const struct vec *out)
{
    uint8_t *live = arena_zalloc(ev->tmp, (size_t)rows + 1);
    EACH_VALID(i) live[i] = 1;
    return live;
}

bool
nested_equal(const struct vec *x, uint32_t i, const struct vec *y, uint32_t j)
{
    const bool xn = vec_is_null(x, i);
    const bool yn = vec_is_null(y, j);
    return xn || yn ? xn && yn : value_equal(x, i, y, j);
}

static void
row_set_grow(struct row_set *s)
{
    const uint32_t *old = s->slots;
    const uint32_t old_size = s->size;
    s->size = old_size == 0 ? 16 : old_size * 2;
    s->slots = arena_zalloc(s->arena, sizeof *s->slots * s->size);
    for (uint32_t k = 0; k < old_size; k++) {
        if (old[k] != 0) {
            uint32_t at = (uint32_t)vec_row_hash(s->values, old[k] - 1) & (s->size - 1);
            while (s->slots[at] != 0) {
                at = (at + 1) & (s->size - 1);
            }
            s->slots[at] = old[k];
        }
    }
}

bool
row_set_add(struct row_set *s, uint32_t i)
{
    if (s->count * 2 >= s->size) {
        row_set_grow(s);
    }
    uint32_t at = (uint32_t)vec_row_hash(s->values, i) & (s->size - 1);
    for (; s->slots[at] != 0; at = (at + 1) & (s->size - 1)) {
        if (vec_rows_equal(s->values, s->slots[at] - 1, s->values, i)) {
            return false;
        }
    }
    s->slots[at] = i + 1;
    s->count++;
    return true;
}

bool
row_set_has(const struct row_set *s, const struct vec *v, uint32_t i)
{
    if (s->size == 0) {
        return false;
    }
    uint32_t at = (uint32_t)vec_row_hash(v, i) & (s->size - 1);
    for (; s->slots[at] != 0; at = (at + 1) & (s->size - 1)) {
        if (vec_rows_equal(s->values, s->slots[at] - 1, v, i)) {
            return true;
        }
    }
    return false;
}

bool
raise_map_key_null(struct error *err)
{
    return error_raise(err, "NULL_MAP_KEY", NULL);
}

bool
raise_map_key_twice(struct eval *ev, const struct vec *keys, uint32_t i, struct error *err)
{
    struct buffer text = {0};
    value_put_text(&text, keys, i, ev->zone != NULL ? ev->zone : zone_utc(), true);
    error_raise(err, "DUPLICATED_MAP_KEY", "key", buffer_text(&text), "mapKeyDedupPolicy",
                "\"spark.sql.mapKeyDedupPolicy\"", NULL);
    buffer_release(&text);
    return false;
}
