/* Building: hash slices, partition, sort each partition into its buckets. */
#include "exec/join_table.h"

#include <stdlib.h>

#include "vec/compare.h"

/* A bitmap of keys up to PRESENT_BYTES is made whatever it holds: it stays near the core. */
enum { SLICE_ROWS = 1 << 16, PART_BITS = 6, PARTS = 1 << PART_BITS, PRESENT_BYTES = 1 << 20 };

static bool
phys_is_int(uint8_t p)
{
    return p >= PHYS_BOOL && p <= PHYS_I64;
}

void
join_table_init(struct join_table *t, struct arena *a, const struct type *const *key_types,
                const bool *null_safe, uint32_t key_count, struct budget *budget)
{
    *t = (struct join_table){0};
    arena_init(&t->arena, budget);
    group_layout_init(&t->layout, a, key_types, key_count, key_count, 0);
    t->null_safe = arena_copy(a, null_safe, key_count * sizeof *null_safe);
    const struct group_slot *s = &t->layout.slots[0];
    const bool nested = s->phys >= PHYS_LIST;
    t->one_to_one = key_count == 1 && s->width == 8 && !nested && !null_safe[0];
    t->is_int = t->one_to_one && phys_is_int(s->phys);
}

void
join_table_free(struct join_table *t)
{
    arena_release(&t->arena);
}

bool
join_key_is_null(const struct join_table *t, const struct key_batch *probe, uint32_t k)
{
    for (uint32_t i = 0; i < t->layout.key_count; i++) {
        const struct key_column *c = &probe->cols[i];
        const bool null = t->layout.slots[i].width == 0 || (c->nulls != NULL && c->nulls[k]);
        if (null && !t->null_safe[i]) {
            return true;
        }
    }
    return false;
}

bool
join_keys_equal(const struct join_table *t, const struct key_batch *probe, uint32_t k, uint32_t row)
{
    for (uint32_t i = 0; i < t->layout.key_count; i++) {
        const struct key_column *p = &probe->cols[i], *b = &t->keys[i];
        const bool p_null = p->nulls != NULL && p->nulls[k];
        const bool b_null = b->nulls != NULL && b->nulls[row];
        if (p_null || b_null) {
            if (p_null != b_null) {
                return false;
            }
            continue;
        }
        bool equal = true;
        if (p->narrow != NULL) {
            equal = p->narrow[k] == b->narrow[row];
        } else if (p->nested != NULL) {
            equal =
                vec_rows_equal(p->nested, probe->sel != NULL ? probe->sel[k] : k, b->nested, row);
        } else if (p->wide != NULL && t->layout.slots[i].phys == PHYS_VIEW) {
            equal =
                view_equal((const struct view *)&p->wide[k], (const struct view *)&b->wide[row]);
        } else if (p->wide != NULL) {
            equal = p->wide[k].lo == b->wide[row].lo && p->wide[k].hi == b->wide[row].hi;
        }
        if (!equal) {
            return false;
        }
    }
    return true;
}

/* ---- building ---- */

struct building {
    struct join_table *t;
    const struct store *store;
    const uint32_t *key_columns;
    uint64_t *hashes;
    uint8_t *skip; /* a null key: cannot match */
    uint32_t slice_count;
    uint32_t (*counts)[PARTS]; /* by slice; then where its rows of the part go */
    uint32_t part_starts[PARTS + 1];
    struct join_entry *parted;
    int64_t *mins, *maxs; /* by slice */
    bool failed_dense;
};

static uint32_t
slice_rows(const struct building *b, uint32_t slice)
{
    const uint32_t left = b->t->n - slice * SLICE_ROWS;
    return left < SLICE_ROWS ? left : SLICE_ROWS;
}

static void
keys_keep(struct building *b, const struct key_batch *batch, uint32_t from)
{
    for (uint32_t i = 0; i < b->t->layout.key_count; i++) {
        const struct key_column *c = &batch->cols[i];
        struct key_column *to = &b->t->keys[i];
        if (c->narrow != NULL) {
            memcpy(to->narrow + from, c->narrow, (size_t)batch->n * 8);
        }
        if (c->wide != NULL) {
            memcpy(to->wide + from, c->wide, (size_t)batch->n * 16);
        }
        if (c->nulls != NULL) {
            memcpy(to->nulls + from, c->nulls, batch->n);
        }
    }
}

static bool
slice_hash(void *ctx, uint32_t slice, struct worker *w)
{
    struct building *b = ctx;
    struct join_table *t = b->t;
    const uint32_t begin = slice * SLICE_ROWS, end = begin + slice_rows(b, slice);
    const bool partition = t->bucket_count >= PARTS;
    int64_t min = INT64_MAX, max = INT64_MIN;
    for (uint32_t from = begin; from < end; from += VEC_ROWS) {
        const uint32_t n = end - from < VEC_ROWS ? end - from : VEC_ROWS;
        arena_reset(w->tmp);
        struct vec *cols = arena_new_array(w->tmp, struct vec, t->layout.key_count + 1);
        for (uint32_t i = 0; i < t->layout.key_count; i++) {
            vec_slice(&cols[i], &b->store->cols[b->key_columns[i]], from, n, w->tmp);
        }
        struct key_batch batch;
        key_batch_make(&batch, &t->layout, cols, NULL, n, w->tmp);
        memcpy(b->hashes + from, batch.hashes, (size_t)n * 8);
        if (!t->one_to_one) {
            keys_keep(b, &batch, from);
        }
        for (uint32_t k = 0; k < n; k++) {
            b->skip[from + k] = join_key_is_null(t, &batch, k);
            if (b->skip[from + k]) {
                continue;
            }
            b->counts[slice][partition ? batch.hashes[k] >> (64 - PART_BITS) : 0]++;
            if (t->is_int) {
                const int64_t x = (int64_t)batch.cols[0].narrow[k];
                min = x < min ? x : min;
                max = x > max ? x : max;
            }
        }
    }
    b->mins[slice] = min;
    b->maxs[slice] = max;
    return true;
}

static void
parts_place(struct building *b)
{
    uint32_t at = 0;
    for (uint32_t p = 0; p < PARTS; p++) {
        b->part_starts[p] = at;
        for (uint32_t s = 0; s < b->slice_count; s++) {
            const uint32_t count = b->counts[s][p];
            b->counts[s][p] = at;
            at += count;
        }
    }
    b->part_starts[PARTS] = at;
    b->t->entry_count = at;
}

static bool
slice_scatter(void *ctx, uint32_t slice, struct worker *w)
{
    (void)w;
    struct building *b = ctx;
    const uint32_t begin = slice * SLICE_ROWS, end = begin + slice_rows(b, slice);
    const bool partition = b->t->bucket_count >= PARTS;
    for (uint32_t row = begin; row < end; row++) {
        if (!b->skip[row]) {
            const uint32_t part = partition ? (uint32_t)(b->hashes[row] >> (64 - PART_BITS)) : 0;
            b->parted[b->counts[slice][part]++] =
                (struct join_entry){.hash = b->hashes[row], .row = row};
        }
    }
    return true;
}

/* One part's entries into their buckets; the part owns a range of the directory. */
static bool
part_fill(void *ctx, uint32_t part, struct worker *w)
{
    (void)w;
    struct building *b = ctx;
    struct join_table *t = b->t;
    const bool partition = t->bucket_count >= PARTS;
    if (!partition && part > 0) {
        return true;
    }
    const uint32_t buckets = partition ? t->bucket_count / PARTS : t->bucket_count;
    uint64_t *dir = t->dir + (size_t)part * buckets;
    const uint32_t from = b->part_starts[part];
    const uint32_t end = partition ? b->part_starts[part + 1] : t->entry_count;
    const uint64_t base = (uint64_t)part * buckets;
    memset(dir, 0, (size_t)buckets * 8);
    for (uint32_t i = from; i < end; i++) {
        dir[(b->parted[i].hash >> t->shift) - base] += 1 << 16;
    }
    uint64_t at = from;
    for (uint32_t i = 0; i < buckets; i++) {
        const uint64_t count = dir[i] >> 16;
        dir[i] = at << 16;
        at += count;
    }
    for (uint32_t i = from; i < end; i++) {
        uint64_t *word = &dir[(b->parted[i].hash >> t->shift) - base];
        t->entries[*word >> 16] = b->parted[i];
        *word = (*word + (1 << 16)) | UINT64_C(1) << (b->parted[i].hash & 15);
    }
    /* The offsets have moved to the ends of their buckets, the next one's beginning: back. */
    uint64_t begin = from;
    for (uint32_t i = 0; i < buckets; i++) {
        const uint64_t stop = dir[i] >> 16;
        dir[i] = begin << 16 | (dir[i] & 0xffff);
        begin = stop;
    }
    return true;
}

static void
dense_fill(struct building *b)
{
    struct join_table *t = b->t;
    for (uint32_t s = 0; s < b->slice_count; s++) {
        t->min = s == 0 || b->mins[s] < t->min ? b->mins[s] : t->min;
        t->max = s == 0 || b->maxs[s] > t->max ? b->maxs[s] : t->max;
    }
    t->has_range = t->is_int && t->entry_count > 0;
    if (!t->has_range) {
        return;
    }
    const uint64_t span = (uint64_t)t->max - (uint64_t)t->min;
    if (span / 8 > PRESENT_BYTES && span / 64 > t->entry_count) {
        return;
    }
    const struct vec *keys = &b->store->cols[b->key_columns[0]];
    t->present = arena_zalloc(&t->arena, (span / 64 + 1) * 8);
    const bool map = span < (uint64_t)t->entry_count * 4 + 1024;
    if (map) {
        t->map = arena_alloc(&t->arena, (span + 1) * 4);
        memset(t->map, 0xff, (span + 1) * 4);
    }
    bool unique = true;
    struct arena tmp;
    arena_init(&tmp, NULL);
    for (uint32_t from = 0; from < t->n; from += VEC_ROWS) {
        const uint32_t n = t->n - from < VEC_ROWS ? t->n - from : VEC_ROWS;
        struct vec col;
        struct key_batch batch;
        arena_reset(&tmp);
        vec_slice(&col, keys, from, n, &tmp);
        key_batch_make(&batch, &t->layout, &col, NULL, n, &tmp);
        for (uint32_t k = 0; k < n; k++) {
            if (!b->skip[from + k]) {
                const uint64_t at = batch.cols[0].narrow[k] - (uint64_t)t->min;
                unique &= !bit_get(t->present, (uint32_t)at);
                bit_set(t->present, (uint32_t)at);
                if (map) {
                    t->map[at] = from + k;
                }
            }
        }
    }
    arena_release(&tmp);
    t->map = unique ? t->map : NULL;
}

static void
null_rows_list(struct building *b)
{
    struct join_table *t = b->t;
    const uint32_t count = t->n - t->entry_count;
    t->has_null_rows = count > 0;
    if (count > 0) {
        t->null_rows = arena_alloc(&t->arena, (size_t)count * 4);
        for (uint32_t row = 0; row < t->n; row++) {
            if (b->skip[row]) {
                t->null_rows[t->null_row_count++] = row;
            }
        }
    }
}

static void
memory_take(struct building *b, struct arena *scratch)
{
    struct join_table *t = b->t;
    const uint32_t n = t->n;
    uint32_t bits = PART_BITS;
    while (bits < 31 && (UINT64_C(1) << bits) < n) {
        bits++;
    }
    t->bucket_count = 1u << bits;
    t->shift = 64 - bits;
    t->dir = arena_alloc(&t->arena, ((size_t)t->bucket_count + 1) * 8);
    t->entries = arena_alloc(&t->arena, (size_t)n * sizeof *t->entries + 16);
    if (!t->one_to_one) {
        t->keys = arena_new_array(&t->arena, struct key_column, t->layout.key_count + 1);
        for (uint32_t i = 0; i < t->layout.key_count; i++) {
            const struct group_slot *s = &t->layout.slots[i];
            struct key_column *c = &t->keys[i];
            if (s->phys >= PHYS_LIST) {
                c->nested = &b->store->cols[b->key_columns[i]];
            } else if (s->width == 8) {
                c->narrow = arena_alloc(&t->arena, (size_t)n * 8 + 8);
            } else if (s->width == 16) {
                c->wide = arena_alloc(&t->arena, (size_t)n * 16 + 16);
            }
            c->nulls = arena_zalloc(&t->arena, (size_t)n + 1);
        }
    }
    b->slice_count = (n + SLICE_ROWS - 1) / SLICE_ROWS;
    b->hashes = arena_alloc(scratch, (size_t)n * 8 + 8);
    b->skip = arena_alloc(scratch, (size_t)n + 1);
    b->parted = arena_alloc(scratch, (size_t)n * sizeof *b->parted + 16);
    b->counts = arena_zalloc(scratch, (b->slice_count + 1) * sizeof *b->counts);
    b->mins = arena_alloc(scratch, (b->slice_count + 1) * sizeof *b->mins);
    b->maxs = arena_alloc(scratch, (b->slice_count + 1) * sizeof *b->maxs);
}

bool
join_table_build(struct join_table *t, const struct store *store, const uint32_t *key_columns,
                 struct query *q, struct error *err)
{
    struct building b = {.t = t, .store = store, .key_columns = key_columns};
    struct arena scratch;
    arena_init(&scratch, q->ctx->budget);
    t->n = (uint32_t)store->row_count;
    memory_take(&b, &scratch);
    bool ok = !query_stopped(q, err) && query_parallel(q, b.slice_count, slice_hash, &b, err);
    if (ok) {
        parts_place(&b);
        null_rows_list(&b);
        dense_fill(&b);
        ok = query_parallel(q, b.slice_count, slice_scatter, &b, err) &&
             query_parallel(q, PARTS, part_fill, &b, err);
        t->dir[t->bucket_count] = (uint64_t)t->entry_count << 16;
    }
    arena_release(&scratch);
    return ok;
}
