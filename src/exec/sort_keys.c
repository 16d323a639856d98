/* Key bits, radix-sorted slices, merged ranges. */
#include "exec/sort_keys.h"

#include <assert.h>
#include <stdlib.h>

#include "vec/compare.h"

enum { SLICE_ROWS_MIN = 1 << 15, SLICES_MAX = 32, RADIX_MIN = 256, SAMPLES = 64 };

typedef unsigned __int128 u128; /* arithmetic inside this file only */

void
sort_spec_init(struct sort_spec *s, const struct sort_column *keys, uint32_t key_count)
{
    *s = (struct sort_spec){.keys = keys, .key_count = key_count};
    for (uint32_t i = 0; i < 64; i++) {
        s->nullable[i] = true;
    }
}

/* ---- bits ---- */

static uint32_t
phys_bits(enum phys p)
{
    switch (p) {
    case PHYS_BOOL:
        return 1;
    case PHYS_I8:
        return 8;
    case PHYS_I16:
        return 16;
    case PHYS_I32:
    case PHYS_F32:
        return 32;
    case PHYS_I64:
    case PHYS_F64:
        return 64;
    case PHYS_I128:
    case PHYS_VIEW: /* at least; strings never are exact */
        return 128;
    default:
        return 0; /* nested, intervals, type null: by comparison only */
    }
}

static uint64_t
double_order(double x)
{
    if (x != x) {
        return UINT64_MAX;
    }
    x += 0.0;
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits >> 63 ? ~bits : bits | UINT64_C(1) << 63;
}

static uint32_t
float_order(float x)
{
    if (x != x) {
        return UINT32_MAX;
    }
    x += 0.0f;
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits >> 31 ? ~bits : bits | UINT32_C(1) << 31;
}

/* The first 16 bytes, big-endian, zeros behind the end. */
static u128
view_order(const struct view *v)
{
    uint8_t bytes[16] = {0};
    memcpy(bytes, view_ptr(v), v->len < 16 ? v->len : 16);
    uint64_t hi, lo;
    memcpy(&hi, bytes, 8);
    memcpy(&lo, bytes + 8, 8);
    return (u128)__builtin_bswap64(hi) << 64 | __builtin_bswap64(lo);
}

static u128
value_order(const struct vec *v, uint32_t i)
{
    const void *data = vec_values(v);
    const uint32_t at = vec_index(v, i);
    switch ((enum phys)v->phys) {
    case PHYS_BOOL:
        return ((const uint8_t *)data)[at] & 1;
    case PHYS_I8:
        return (uint8_t)((const int8_t *)data)[at] ^ 0x80u;
    case PHYS_I16:
        return (uint16_t)((const int16_t *)data)[at] ^ 0x8000u;
    case PHYS_I32:
        return (uint32_t)((const int32_t *)data)[at] ^ 0x80000000u;
    case PHYS_I64:
        return (uint64_t)((const int64_t *)data)[at] ^ UINT64_C(1) << 63;
    case PHYS_I128: {
        i128 x;
        memcpy(&x, (const char *)data + (size_t)at * 16, 16);
        return (u128)x ^ (u128)1 << 127;
    }
    case PHYS_F32:
        return float_order(((const float *)data)[at]);
    case PHYS_F64:
        return double_order(((const double *)data)[at]);
    case PHYS_VIEW:
        return view_order((const struct view *)data + at);
    default:
        return 0;
    }
}

#define NARROW(T, EXPR)                                                                            \
    {                                                                                              \
        const T *data = vec_values(v);                                                             \
        for (uint32_t i = 0; i < n; i++) {                                                         \
            const uint32_t row = sel != NULL ? sel[i] : i;                                         \
            const T x = data[vec_index(v, row)];                                                   \
            const bool null = has_nulls && vec_is_null(v, row);                                    \
            const uint64_t bits = null ? 0 : ((uint64_t)(EXPR) ^ invert) & mask;                   \
            const u128 field =                                                                     \
                nullable ? (u128)(null ? null_bit : value_bit) << value_bits | bits : bits;        \
            const u128 placed = field << shift;                                                    \
            out[i].hi |= (uint64_t)(placed >> 64);                                                 \
            out[i].lo |= (uint64_t)placed;                                                         \
        }                                                                                          \
        break;                                                                                     \
    }

/* A key of at most 64 bits that fits: the loop for the common types. */
static void
encode_narrow(const struct vec *v, const struct sort_column *k, bool nullable, const uint16_t *sel,
              uint32_t n, struct sort_entry *out, uint32_t shift)
{
    const uint32_t value_bits = phys_bits(v->phys);
    const uint64_t mask = value_bits == 64 ? UINT64_MAX : (UINT64_C(1) << value_bits) - 1;
    const uint64_t invert = k->descending ? UINT64_MAX : 0;
    const uint64_t null_bit = k->nulls_first ? 0 : 1, value_bit = k->nulls_first ? 1 : 0;
    const bool has_nulls = v->valid != NULL;
    switch ((enum phys)v->phys) {
    case PHYS_BOOL:
        NARROW(uint8_t, x & 1)
    case PHYS_I8:
        NARROW(int8_t, (uint8_t)x ^ 0x80u)
    case PHYS_I16:
        NARROW(int16_t, (uint16_t)x ^ 0x8000u)
    case PHYS_I32:
        NARROW(int32_t, (uint32_t)x ^ 0x80000000u)
    case PHYS_I64:
        NARROW(int64_t, (uint64_t)x ^ UINT64_C(1) << 63)
    case PHYS_F32:
        NARROW(float, float_order(x))
    case PHYS_F64:
        NARROW(double, double_order(x))
    default:
        break;
    }
}

/* Adds one key's bits below the `used` ones that are there; returns how many are used after it. */
static uint32_t
encode_key(const struct sort_spec *s, uint32_t key, const struct vec *v, const uint16_t *sel,
           uint32_t n, struct sort_entry *out, uint32_t used, bool *whole)
{
    const struct sort_column *k = &s->keys[key];
    const uint32_t value_bits = phys_bits(v->phys);
    const bool nullable = key >= 64 || s->nullable[key];
    const uint32_t want = value_bits + (nullable ? 1 : 0);
    const uint32_t room = 128 - used;
    const uint32_t take = want < room ? want : room;
    *whole = take == want && v->phys != PHYS_VIEW && value_bits > 0;
    if (take == 0) {
        return used;
    }
    if (take == want && value_bits <= 64) {
        encode_narrow(v, k, nullable, sel, n, out, room - take);
        return used + take;
    }
    const u128 mask = value_bits == 128 ? ~(u128)0 : ((u128)1 << value_bits) - 1;
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t row = sel != NULL ? sel[i] : i;
        const bool null = vec_is_null(v, row);
        u128 bits = 0, top = 0;
        if (!null && value_bits > 0) {
            bits = value_order(v, row);
            bits = k->descending ? ~bits & mask : bits;
        }
        if (nullable) {
            top = null == k->nulls_first ? 0 : 1; /* nulls first: null 0, value 1 */
        }
        /* The first `take` bits of (null bit, value bits), left-aligned at `used`. */
        u128 field;
        if (nullable) {
            const uint32_t keep = take - 1;
            const u128 cut = keep == 0 ? 0 : keep < value_bits ? bits >> (value_bits - keep) : bits;
            field = (keep == 128 ? 0 : top << keep) | cut;
        } else {
            field = take < value_bits ? bits >> (value_bits - take) : bits;
        }
        const u128 placed = field << (room - take);
        out[i].hi |= (uint64_t)(placed >> 64);
        out[i].lo |= (uint64_t)placed;
    }
    return used + take;
}

bool
sort_encode(const struct sort_spec *s, const struct vec *cols, const uint16_t *sel, uint32_t n,
            struct sort_entry *out)
{
    for (uint32_t i = 0; i < n; i++) {
        out[i].hi = out[i].lo = 0;
    }
    uint32_t used = 0;
    for (uint32_t key = 0; key < s->key_count; key++) {
        bool whole;
        used = encode_key(s, key, &cols[s->keys[key].column], sel, n, out, used, &whole);
        if (!whole) {
            return false; /* what comes after may not decide before the rest of this one */
        }
    }
    return true;
}

int
sort_compare(const struct sort_spec *s, const struct vec *cols, uint32_t i, uint32_t j)
{
    for (uint32_t key = 0; key < s->key_count; key++) {
        const struct sort_column *k = &s->keys[key];
        const struct vec *v = &cols[k->column];
        const bool x = vec_is_null(v, i), y = vec_is_null(v, j);
        if (x || y) {
            if (x != y) {
                return x == k->nulls_first ? -1 : 1;
            }
            continue;
        }
        const int order = vec_rows_compare(v, i, v, j);
        if (order != 0) {
            return k->descending ? -order : order;
        }
    }
    return 0;
}

/* ---- sorting one slice ---- */

struct sorting {
    const struct sort_spec *spec;
    const struct vec *cols;
    bool exact;
    uint32_t n;
    struct sort_entry *entries, *spare;
    uint32_t slice_count;
    uint32_t slice_rows;
    uint32_t *out;
    struct sort_entry *splitters;
    uint32_t range_count;
};

static int
entry_compare(const struct sorting *s, const struct sort_entry *x, const struct sort_entry *y)
{
    if (x->hi != y->hi) {
        return x->hi < y->hi ? -1 : 1;
    }
    if (x->lo != y->lo) {
        return x->lo < y->lo ? -1 : 1;
    }
    const int order = s->exact ? 0 : sort_compare(s->spec, s->cols, x->row, y->row);
    return order != 0 ? order : x->row < y->row ? -1 : x->row > y->row;
}

static int
entry_compare_r(const void *x, const void *y, void *sorting)
{
    return entry_compare(sorting, x, y);
}

static uint32_t
entry_byte(const struct sort_entry *e, uint32_t byte) /* 0 = least significant */
{
    return (uint32_t)((byte < 8 ? e->lo >> (8 * byte) : e->hi >> (8 * (byte - 8))) & 0xff);
}

/* Least significant byte first; bytes that are the same in all entries cost nothing. Stable. */
static void
radix_sort(struct sort_entry *e, struct sort_entry *spare, uint32_t n, uint32_t (*counts)[256])
{
    memset(counts, 0, 16 * sizeof *counts);
    for (uint32_t i = 0; i < n; i++) {
        for (uint32_t b = 0; b < 16; b++) {
            counts[b][entry_byte(&e[i], b)]++;
        }
    }
    struct sort_entry *from = e, *to = spare;
    for (uint32_t b = 0; b < 16; b++) {
        if (counts[b][entry_byte(&from[0], b)] == n) {
            continue;
        }
        uint32_t at = 0;
        for (uint32_t v = 0; v < 256; v++) {
            const uint32_t count = counts[b][v];
            counts[b][v] = at;
            at += count;
        }
        for (uint32_t i = 0; i < n; i++) {
            to[counts[b][entry_byte(&from[i], b)]++] = from[i];
        }
        struct sort_entry *swap = from;
        from = to;
        to = swap;
    }
    if (from != e) {
        memcpy(e, from, n * sizeof *e);
    }
}

/* Runs of equal bits, put in order by comparing the columns. */
static void
ties_sort(struct sorting *s, struct sort_entry *e, uint32_t n)
{
    for (uint32_t i = 0; i < n;) {
        uint32_t end = i + 1;
        while (end < n && e[end].hi == e[i].hi && e[end].lo == e[i].lo) {
            end++;
        }
        if (end - i > 1) {
            qsort_r(e + i, end - i, sizeof *e, entry_compare_r, s);
        }
        i = end;
    }
}

static bool
slice_sort(void *ctx, uint32_t slice, struct worker *w)
{
    struct sorting *s = ctx;
    const uint32_t from = slice * s->slice_rows;
    const uint32_t n = s->n - from < s->slice_rows ? s->n - from : s->slice_rows;
    struct sort_entry *e = s->entries + from;
    if (n < RADIX_MIN) {
        qsort_r(e, n, sizeof *e, entry_compare_r, s);
        return true;
    }
    uint32_t(*counts)[256] = arena_alloc(w->tmp, 16 * sizeof *counts);
    radix_sort(e, s->spare + from, n, counts);
    if (!s->exact) {
        ties_sort(s, e, n);
    }
    return true;
}

static bool
slice_encode(void *ctx, uint32_t slice, struct worker *w)
{
    struct sorting *s = ctx;
    const uint32_t from = slice * s->slice_rows;
    const uint32_t n = s->n - from < s->slice_rows ? s->n - from : s->slice_rows;
    struct vec *cols = arena_new_array(w->tmp, struct vec, s->spec->key_count + 1);
    struct sort_column *keys = arena_new_array(w->tmp, struct sort_column, s->spec->key_count + 1);
    for (uint32_t k = 0; k < s->spec->key_count; k++) {
        keys[k] = s->spec->keys[k];
        vec_slice(&cols[k], &s->cols[keys[k].column], from, n, w->tmp);
        keys[k].column = k;
    }
    struct sort_spec spec = *s->spec;
    spec.keys = keys;
    sort_encode(&spec, cols, NULL, n, s->entries + from);
    for (uint32_t i = 0; i < n; i++) {
        s->entries[from + i].row = from + i;
    }
    return slice_sort(ctx, slice, w);
}

/* ---- merging ---- */

/* The first entry of the slice that is not below the splitter. */
static uint32_t
slice_cut(const struct sorting *s, uint32_t slice, const struct sort_entry *splitter)
{
    const uint32_t from = slice * s->slice_rows;
    uint32_t low = from;
    uint32_t high = from + (s->n - from < s->slice_rows ? s->n - from : s->slice_rows);
    while (low < high) {
        const uint32_t mid = low + (high - low) / 2;
        if (entry_compare(s, &s->entries[mid], splitter) < 0) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    return low;
}

static bool
range_merge(void *ctx, uint32_t range, struct worker *w)
{
    (void)w;
    struct sorting *s = ctx;
    uint32_t at[SLICES_MAX], end[SLICES_MAX];
    uint32_t out = 0;
    for (uint32_t i = 0; i < s->slice_count; i++) {
        const uint32_t from = i * s->slice_rows;
        const uint32_t stop = from + (s->n - from < s->slice_rows ? s->n - from : s->slice_rows);
        at[i] = range == 0 ? from : slice_cut(s, i, &s->splitters[range - 1]);
        end[i] = range + 1 == s->range_count ? stop : slice_cut(s, i, &s->splitters[range]);
        out += at[i] - from;
    }
    for (;;) {
        uint32_t best = UINT32_MAX;
        for (uint32_t i = 0; i < s->slice_count; i++) {
            if (at[i] < end[i] &&
                (best == UINT32_MAX ||
                 entry_compare(s, &s->entries[at[i]], &s->entries[at[best]]) < 0)) {
                best = i;
            }
        }
        if (best == UINT32_MAX) {
            return true;
        }
        s->out[out++] = s->entries[at[best]++].row;
    }
}

static void
splitters_choose(struct sorting *s)
{
    static const uint32_t samples = SAMPLES;
    const uint32_t count = samples * s->slice_count;
    struct sort_entry *all = s->spare; /* free by now */
    uint32_t at = 0;
    for (uint32_t i = 0; i < s->slice_count; i++) {
        const uint32_t from = i * s->slice_rows;
        const uint32_t n = s->n - from < s->slice_rows ? s->n - from : s->slice_rows;
        for (uint32_t k = 0; k < samples; k++) {
            all[at++] = s->entries[from + (uint64_t)k * n / samples];
        }
    }
    qsort_r(all, count, sizeof *all, entry_compare_r, s);
    for (uint32_t i = 1; i < s->range_count; i++) {
        all[i - 1] = all[(uint64_t)i * count / s->range_count];
    }
    s->splitters = all;
}

static bool
sorting_run(struct sorting *s, struct query *q, struct error *err)
{
    const uint32_t threads = q->ctx->threads > 0 ? q->ctx->threads : 1;
    s->exact = sort_encode(s->spec, s->cols, NULL, 0, NULL); /* types alone decide */
    uint32_t slices = s->n / SLICE_ROWS_MIN + 1;
    slices = slices > threads ? threads : slices;
    slices = slices > SLICES_MAX ? SLICES_MAX : slices;
    s->slice_rows = (s->n / slices + 64) & ~63u;
    s->slice_count = (s->n + s->slice_rows - 1) / s->slice_rows;
    if (!query_parallel(q, s->slice_count, slice_encode, s, err)) {
        return false;
    }
    s->range_count = s->slice_count;
    if (s->slice_count > 1) {
        splitters_choose(s);
    }
    return query_parallel(q, s->range_count, range_merge, s, err);
}

bool
sort_rows(const struct sort_spec *spec, const struct store *store, struct query *q, uint32_t **out,
          struct error *err)
{
    struct sorting s = {.spec = spec, .cols = store->cols, .n = (uint32_t)store->row_count};
    const uint64_t bytes = (uint64_t)s.n * (2 * sizeof *s.entries + 4) + 4;
    struct budget *budget = q->ctx->budget;
    *out = NULL;
    if (s.n == 0) {
        return true;
    }
    if (budget != NULL && !budget_reserve(budget, bytes)) {
        return budget_error(budget, bytes, err);
    }
    const size_t entries = s.n > SLICES_MAX * SAMPLES ? s.n : SLICES_MAX * SAMPLES;
    s.entries = malloc((size_t)s.n * sizeof *s.entries);
    s.spare = malloc(entries * sizeof *s.spare);
    s.out = malloc((size_t)s.n * sizeof *s.out);
    bool ok = s.entries != NULL && s.spare != NULL && s.out != NULL;
    ok = ok ? sorting_run(&s, q, err) : budget_error(budget, bytes, err);
    free(s.entries);
    free(s.spare);
    if (budget != NULL) {
        budget_return(budget, bytes);
    }
    if (!ok) {
        free(s.out);
        return false;
    }
    *out = s.out;
    return true;
}
