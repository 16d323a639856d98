/* Codes of small key domains, runs of equal keys, clusters of few groups. */
#include "exec/group_direct.h"

#include <stdlib.h>

enum { DICT_ANONYMOUS_MAX = 256, RANGE_MARGIN = 64 };

void
group_direct_forget(struct group_direct *d)
{
    d->ready = false;
    d->active = false;
}

void
group_direct_free(struct group_direct *d)
{
    free(d->groups);
    d->groups = NULL;
}

#define MINMAX(T)                                                                                  \
    {                                                                                              \
        const T *data = v->data;                                                                   \
        T low = data[chunk_row(in, 0)], high = low;                                                \
        for (uint32_t k = 1; k < in->sel_n; k++) {                                                 \
            const T x = data[in->sel != NULL ? in->sel[k] : k];                                    \
            low = x < low ? x : low;                                                               \
            high = x > high ? x : high;                                                            \
        }                                                                                          \
        *min = low;                                                                                \
        *max = high;                                                                               \
        return true;                                                                               \
    }

/* The range of a flat integer column; what lies under nulls counts too, which only costs width. */
static bool
int_range(const struct vec *v, const struct chunk *in, int64_t *min, int64_t *max)
{
    if (v->enc != VEC_FLAT || in->sel_n == 0) {
        return false;
    }
    switch ((enum phys)v->phys) {
    case PHYS_BOOL:
        MINMAX(uint8_t)
    case PHYS_I8:
        MINMAX(int8_t)
    case PHYS_I16:
        MINMAX(int16_t)
    case PHYS_I32:
        MINMAX(int32_t)
    case PHYS_I64:
        MINMAX(int64_t)
    default:
        return false;
    }
}

/* Does the key's domain hold this chunk's values? If not, what domain would? */
static bool
key_fits(const struct direct_key *old, bool ready, const struct vec *v, const struct chunk *in,
         struct direct_key *want, bool *same)
{
    if (v->enc == VEC_DICT && v->phys != PHYS_STRUCT) {
        *want = (struct direct_key){.is_dict = true, .dict_id = v->dict_id, .size = v->child[0].n};
        *same = ready && old->is_dict && v->dict_id != 0 && old->dict_id == v->dict_id &&
                old->size == want->size;
        return v->child[0].n <= (v->dict_id != 0 ? DIRECT_MAX : DICT_ANONYMOUS_MAX);
    }
    int64_t min, max;
    if (!int_range(v, in, &min, &max) || (uint64_t)max - (uint64_t)min >= DIRECT_MAX / 2) {
        return false;
    }
    *same = ready && !old->is_dict && min >= old->base &&
            (uint64_t)max - (uint64_t)old->base < old->size;
    *want = *old;
    if (!*same) {
        const uint64_t size = (uint64_t)max - (uint64_t)min + 1;
        const int64_t margin = min > INT64_MIN + RANGE_MARGIN && size > 2 ? RANGE_MARGIN : 0;
        *want = (struct direct_key){.base = min - margin,
                                    .size = (uint32_t)size + 2 * (uint32_t)margin};
    }
    return true;
}

static bool
domain_set(struct group_direct *d, const struct direct_key *want, uint32_t key_count, bool same)
{
    uint64_t total = 1;
    for (uint32_t i = 0; i < key_count; i++) {
        total *= want[i].size + 1;
        if (total > DIRECT_MAX) {
            return false;
        }
    }
    if (same) {
        return true;
    }
    if (d->groups == NULL) {
        d->groups = malloc(DIRECT_MAX * sizeof *d->groups);
        if (d->groups == NULL) {
            return false;
        }
    }
    memcpy(d->keys, want, key_count * sizeof *want);
    d->total = (uint32_t)total;
    memset(d->groups, 0, total * sizeof *d->groups);
    d->ready = true;
    return true;
}

#define CODES(T)                                                                                   \
    {                                                                                              \
        const T *data = v->data;                                                                   \
        const uint64_t base = (uint64_t)key->base;                                                 \
        if (in->sel == NULL) {                                                                     \
            for (uint32_t k = 0; k < in->sel_n; k++) {                                             \
                codes[k] = codes[k] * stride + (uint32_t)((uint64_t)(int64_t)data[k] - base);      \
            }                                                                                      \
        } else {                                                                                   \
            for (uint32_t k = 0; k < in->sel_n; k++) {                                             \
                codes[k] =                                                                         \
                    codes[k] * stride + (uint32_t)((uint64_t)(int64_t)data[in->sel[k]] - base);    \
            }                                                                                      \
        }                                                                                          \
        break;                                                                                     \
    }

static void
key_codes(const struct direct_key *key, const struct vec *v, const struct chunk *in,
          uint32_t *codes)
{
    const uint32_t stride = key->size + 1;
    if (v->valid != NULL) { /* rare enough for a plain loop */
        struct chunk one = *in;
        for (uint32_t k = 0; k < in->sel_n; k++) {
            const uint32_t i = chunk_row(in, k);
            uint32_t code = 0;
            if (vec_is_null(v, i)) {
                codes[k] = codes[k] * stride + key->size;
                continue;
            }
            const uint16_t at = (uint16_t)i;
            one.sel = &at;
            one.sel_n = 1;
            struct vec bare = *v;
            bare.valid = NULL;
            key_codes(key, &bare, &one, &code);
            codes[k] = codes[k] * stride + code;
        }
        return;
    }
    if (v->enc == VEC_DICT) {
        for (uint32_t k = 0; k < in->sel_n; k++) {
            codes[k] = codes[k] * stride + v->codes[in->sel != NULL ? in->sel[k] : k];
        }
        return;
    }
    switch ((enum phys)v->phys) {
    case PHYS_BOOL:
        CODES(uint8_t)
    case PHYS_I8:
        CODES(int8_t)
    case PHYS_I16:
        CODES(int16_t)
    case PHYS_I32:
        CODES(int32_t)
    case PHYS_I64:
        CODES(int64_t)
    default:
        break;
    }
}

bool
group_direct_codes(struct group_direct *d, const struct vec *keys, uint32_t key_count,
                   uint32_t slot_count, const struct chunk *in, struct arena *tmp)
{
    d->active = false;
    if (key_count == 0 || key_count > DIRECT_KEYS_MAX || slot_count > key_count || in->sel_n < 16) {
        return false;
    }
    struct direct_key want[DIRECT_KEYS_MAX];
    bool same = true;
    for (uint32_t i = 0; i < key_count; i++) {
        bool key_same = false;
        if (!key_fits(&d->keys[i], d->ready, &keys[i], in, &want[i], &key_same)) {
            return false;
        }
        same &= key_same;
    }
    if (!domain_set(d, want, key_count, same)) {
        return false;
    }
    d->codes = arena_zalloc(tmp, in->sel_n * sizeof *d->codes);
    for (uint32_t i = 0; i < key_count; i++) {
        key_codes(&d->keys[i], &keys[i], in, d->codes);
    }
    d->active = true;
    return true;
}

uint32_t
group_direct_find(struct group_direct *d, struct group_table *t, const struct vec *keys,
                  const struct chunk *in, uint64_t first, void **rows, void **made,
                  struct arena *tmp)
{
    uint16_t *missing = arena_alloc(tmp, in->sel_n * sizeof *missing + 2);
    uint32_t missing_n = 0;
    for (uint32_t k = 0; k < in->sel_n; k++) {
        void **group = &d->groups[d->codes[k]];
        if (*group == NULL) {
            *group = d; /* listed once */
            missing[missing_n++] = (uint16_t)k;
        }
    }
    uint32_t made_n = 0;
    if (missing_n > 0) {
        /* A batch over the missing rows only, whose order numbers are put right below. */
        uint16_t *sel = arena_alloc(tmp, missing_n * sizeof *sel);
        for (uint32_t j = 0; j < missing_n; j++) {
            sel[j] = (uint16_t)chunk_row(in, missing[j]);
        }
        struct key_batch b;
        key_batch_make(&b, t->layout, keys, sel, missing_n, tmp);
        void **found = arena_alloc(tmp, missing_n * sizeof *found);
        made_n = group_table_find(t, &b, NULL, missing_n, 0, found, made, tmp);
        for (uint32_t j = 0; j < made_n; j++) {
            struct group_row *row = made[j];
            row->first = first + missing[row->first];
        }
        for (uint32_t j = 0; j < missing_n; j++) {
            d->groups[d->codes[missing[j]]] = found[j];
        }
    }
    for (uint32_t k = 0; k < in->sel_n; k++) {
        rows[k] = d->groups[d->codes[k]];
    }
    return made_n;
}

/* ---- runs ---- */

static void
run_heads(const struct key_batch *b, const struct group_layout *l, uint8_t *heads)
{
    heads[0] = 1;
    memset(heads + 1, 0, b->n - 1);
    for (uint32_t i = 0; i < l->key_count; i++) {
        const struct key_column *c = &b->cols[i];
        for (uint32_t k = 1; c->narrow != NULL && k < b->n; k++) {
            heads[k] |= c->narrow[k] != c->narrow[k - 1];
        }
        for (uint32_t k = 1; c->wide != NULL && k < b->n; k++) {
            heads[k] |= c->wide[k].lo != c->wide[k - 1].lo || c->wide[k].hi != c->wide[k - 1].hi;
        }
        for (uint32_t k = 1; c->nulls != NULL && k < b->n; k++) {
            heads[k] |= c->nulls[k] != c->nulls[k - 1];
        }
        for (uint32_t k = 1; c->nested != NULL && k < b->n; k++) {
            heads[k] = 1;
        }
    }
}

uint32_t
group_runs_find(struct group_table *t, const struct key_batch *b, uint64_t first, void **rows,
                void **made, struct arena *tmp)
{
    if (b->n < 16 || t->layout->key_count == 0) {
        return group_table_find(t, b, NULL, b->n, first, rows, made, tmp);
    }
    uint8_t *heads = arena_alloc(tmp, b->n);
    run_heads(b, t->layout, heads);
    uint16_t *pick = arena_alloc(tmp, b->n * sizeof *pick + 2);
    uint32_t n = 0;
    for (uint32_t k = 0; k < b->n; k++) {
        pick[n] = (uint16_t)k;
        n += heads[k];
    }
    if (n > b->n - b->n / 4) {
        return group_table_find(t, b, NULL, b->n, first, rows, made, tmp);
    }
    void **found = arena_alloc(tmp, n * sizeof *found);
    const uint32_t made_n = group_table_find(t, b, pick, n, first, found, made, tmp);
    for (uint32_t k = 0, run = 0; k < b->n; k++) {
        run += heads[k];
        rows[k] = found[run - 1];
    }
    return made_n;
}

/* ---- clusters ---- */

static bool
update_clusters(const struct group_direct *d, const struct agg_plan *aggs, struct worker *w,
                struct arena *keep, struct chunk *in, struct vec *args, uint32_t state_offset,
                bool *done)
{
    uint16_t counts[CLUSTER_MAX * 4] = {0}, starts[CLUSTER_MAX * 4];
    *done = false;
    if (d->total > CLUSTER_MAX * 4) {
        return true;
    }
    for (uint32_t k = 0; k < in->sel_n; k++) {
        counts[d->codes[k]]++;
    }
    uint32_t groups = 0, at = 0;
    for (uint32_t c = 0; c < d->total; c++) {
        groups += counts[c] > 0;
        starts[c] = (uint16_t)at;
        at += counts[c];
    }
    if (groups > CLUSTER_MAX || in->sel_n < groups * 16) {
        return true;
    }
    uint16_t *sel = arena_alloc(w->tmp, in->sel_n * sizeof *sel);
    for (uint32_t k = 0; k < in->sel_n; k++) {
        sel[starts[d->codes[k]]++] = (uint16_t)chunk_row(in, k);
    }
    *done = true;
    for (uint32_t c = 0; c < d->total; c++) {
        if (counts[c] == 0) {
            continue;
        }
        struct chunk part = *in;
        part.sel = sel + (starts[c] - counts[c]);
        part.sel_n = counts[c];
        if (!agg_update(aggs, w, keep, &part, args, NULL, state_offset, d->groups[c])) {
            return false;
        }
    }
    return true;
}

bool
group_direct_update(struct group_direct *d, const struct agg_plan *aggs, struct worker *w,
                    struct arena *keep, struct chunk *in, struct vec *args, void *const *rows,
                    uint32_t state_offset)
{
    bool done = false;
    if (d->active && !update_clusters(d, aggs, w, keep, in, args, state_offset, &done)) {
        return false;
    }
    return done || agg_update(aggs, w, keep, in, args, rows, state_offset, NULL);
}
