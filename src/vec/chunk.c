/* Whole chunks: fresh ones, compaction by the selection, and copies that outlive a push. */
#include <assert.h>

#include "base/arena.h"
#include "vec/vec.h"

void
chunk_init(struct chunk *c, struct arena *a, const struct type *schema, uint32_t n)
{
    assert(schema->id == TYPE_STRUCT);
    *c = (struct chunk){.n = n, .sel_n = n, .col_count = schema->field_count};
    c->cols = arena_new_array(a, struct vec, c->col_count > 0 ? c->col_count : 1);
    for (uint32_t i = 0; i < c->col_count; i++) {
        vec_init_flat(&c->cols[i], a, schema->fields[i].type, n);
    }
}

void
chunk_compact(struct chunk *out, const struct chunk *in, struct arena *a)
{
    if (in->sel == NULL) {
        *out = *in;
        return;
    }
    const uint32_t n = in->sel_n;
    uint32_t *idx = arena_alloc(a, (size_t)n * 4 + 4);
    for (uint32_t k = 0; k < n; k++) {
        idx[k] = in->sel[k];
    }
    const struct chunk src = *in; /* out may be in */
    *out = (struct chunk){.n = n, .sel_n = n, .col_count = src.col_count};
    out->cols = arena_new_array(a, struct vec, src.col_count > 0 ? src.col_count : 1);
    for (uint32_t i = 0; i < src.col_count; i++) {
        vec_gather(&out->cols[i], &src.cols[i], idx, n, a);
    }
}

void
chunk_copy(struct chunk *out, const struct chunk *in, struct arena *a)
{
    struct chunk packed;
    chunk_compact(&packed, in, a);
    *out = (struct chunk){.n = packed.n, .sel_n = packed.n, .col_count = packed.col_count};
    out->cols = arena_new_array(a, struct vec, packed.col_count > 0 ? packed.col_count : 1);
    for (uint32_t i = 0; i < packed.col_count; i++) {
        vec_copy(&out->cols[i], &packed.cols[i], a);
    }
}
