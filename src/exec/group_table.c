/* Lookup, insertion and reading of groups. */
#include "exec/group_table.h"

#include <stdlib.h>

#include "vec/compare.h"
#include "vec/hash.h"

enum {
    CAPACITY_MIN = 256,
    SMALL_CAPACITY = 1 << 16,
    PAGE_ROWS_MIN = 32,
    PAGE_ROWS_MAX = 4096,
    RECENT_STRINGS = 256
};

#define POINTER_MASK ((UINT64_C(1) << 48) - 1)

static uint8_t
slot_width(enum phys p)
{
    switch (p) {
    case PHYS_NONE:
        return 0;
    case PHYS_I128:
    case PHYS_VIEW:
    case PHYS_INTERVAL:
        return 16;
    default:
        return 8; /* nested: a pointer to a vector of one row */
    }
}

static bool
phys_is_nested(uint8_t p)
{
    return p == PHYS_LIST || p == PHYS_MAP || p == PHYS_STRUCT;
}

void
group_layout_init(struct group_layout *l, struct arena *a, const struct type *const *types,
                  uint32_t key_count, uint32_t slot_count, uint32_t state_bytes)
{
    *l = (struct group_layout){.key_count = key_count, .slot_count = slot_count};
    l->slots = arena_new_array(a, struct group_slot, slot_count + 1);
    l->null_offset = sizeof(struct group_row);
    l->null_words = (slot_count + 63) / 64;
    l->data_offset = l->null_offset + 8 * l->null_words;
    l->plain_keys = true;
    uint32_t at = l->data_offset;
    for (uint32_t i = 0; i < slot_count; i++) {
        struct group_slot *s = &l->slots[i];
        s->type = types[i];
        s->phys = (uint8_t)phys_of(types[i]);
        s->width = slot_width(s->phys);
        s->offset = at;
        at += s->width;
        if (s->phys == PHYS_VIEW || phys_is_nested(s->phys)) {
            l->has_pointers = true;
            l->plain_keys &= i >= key_count;
        }
        if (i + 1 == key_count) {
            l->keys_end = at;
        }
    }
    if (key_count == 0) {
        l->keys_end = l->data_offset;
    }
    l->state_offset = (at + 15) & ~15u;
    l->row_bytes = (l->state_offset + state_bytes + 15) & ~15u;
}

void
group_table_init(struct group_table *t, const struct group_layout *l, struct budget *budget)
{
    *t = (struct group_table){.layout = l};
    arena_init(&t->arena, budget);
}

void
group_table_free(struct group_table *t)
{
    if (t->dir != NULL && t->arena.budget != NULL) {
        budget_return(t->arena.budget, (uint64_t)t->capacity * 8);
    }
    free(t->dir);
    arena_release(&t->arena);
    *t = (struct group_table){.layout = t->layout, .arena = t->arena};
}

/* ---- keys ---- */

/* Keys are made one value where they compare equal; payload stays as it is. */
static inline uint64_t
double_bits(double x, bool is_key)
{
    uint64_t bits = UINT64_C(0x7ff8000000000000);
    if (x == x || !is_key) {
        x = is_key ? x + 0.0 : x; /* -0.0 becomes 0.0 */
        memcpy(&bits, &x, sizeof bits);
    }
    return bits;
}

#define ROW(k) (sel != NULL ? sel[k] : (k))
#define LOAD(T, EXPR)                                                                              \
    {                                                                                              \
        const T *data = vec_values(v);                                                             \
        if (v->enc == VEC_FLAT && sel == NULL) {                                                   \
            for (uint32_t k = 0; k < n; k++) {                                                     \
                const T x = data[k];                                                               \
                out[k] = (EXPR);                                                                   \
            }                                                                                      \
        } else {                                                                                   \
            for (uint32_t k = 0; k < n; k++) {                                                     \
                const T x = data[vec_index(v, ROW(k))];                                            \
                out[k] = (EXPR);                                                                   \
            }                                                                                      \
        }                                                                                          \
        break;                                                                                     \
    }

static void
load_narrow(uint64_t *out, const struct vec *v, const uint16_t *sel, uint32_t n, bool is_key)
{
    switch ((enum phys)v->phys) {
    case PHYS_BOOL:
        LOAD(uint8_t, x)
    case PHYS_I8:
        LOAD(int8_t, (uint64_t)(int64_t)x)
    case PHYS_I16:
        LOAD(int16_t, (uint64_t)(int64_t)x)
    case PHYS_I32:
        LOAD(int32_t, (uint64_t)(int64_t)x)
    case PHYS_I64:
        LOAD(int64_t, (uint64_t)x)
    case PHYS_F32:
        LOAD(float, double_bits(x, is_key))
    case PHYS_F64:
        LOAD(double, double_bits(x, is_key))
    default:
        break;
    }
}

static void
load_wide(struct wide_slot *out, const struct vec *v, const uint16_t *sel, uint32_t n)
{
    const struct wide_slot *data = vec_values(v);
    for (uint32_t k = 0; k < n; k++) {
        out[k] = data[vec_index(v, ROW(k))];
    }
}

static void
load_nulls(struct key_column *c, const struct vec *v, const uint16_t *sel, uint32_t n,
           struct arena *a)
{
    if (v->valid == NULL) {
        return;
    }
    c->nulls = arena_alloc(a, n);
    for (uint32_t k = 0; k < n; k++) {
        c->nulls[k] = vec_is_null(v, ROW(k));
    }
    for (uint32_t k = 0; c->narrow != NULL && k < n; k++) {
        c->narrow[k] &= (uint64_t)c->nulls[k] - 1;
    }
    for (uint32_t k = 0; c->wide != NULL && k < n; k++) {
        if (c->nulls[k]) {
            c->wide[k] = (struct wide_slot){0, 0};
        }
    }
}

static uint64_t
wide_hash(const struct wide_slot *w, uint8_t phys)
{
    if (phys == PHYS_VIEW) {
        struct view s;
        memcpy(&s, w, sizeof s);
        return hash_view(&s);
    }
    return hash_combine(hash_u64(w->lo), hash_u64(w->hi));
}

static void
hash_column(const struct key_batch *b, const struct group_slot *s, uint32_t col, bool combine)
{
    const struct key_column *c = &b->cols[col];
    for (uint32_t k = 0; k < b->n; k++) {
        uint64_t h = HASH_NULL;
        if (s->width == 0 || (c->nulls != NULL && c->nulls[k])) {
            /* stays */
        } else if (c->nested != NULL) {
            h = vec_row_hash(c->nested, b->sel != NULL ? b->sel[k] : k);
        } else if (c->narrow != NULL) {
            h = hash_u64(c->narrow[k]);
        } else {
            h = wide_hash(&c->wide[k], s->phys);
        }
        b->hashes[k] = combine ? hash_combine(b->hashes[k], h) : h;
    }
}

void
key_batch_make(struct key_batch *b, const struct group_layout *l, const struct vec *cols,
               const uint16_t *sel, uint32_t n, struct arena *a)
{
    *b = (struct key_batch){.n = n, .sel = sel};
    b->cols = arena_new_array(a, struct key_column, l->slot_count + 1);
    b->hashes = arena_alloc(a, (size_t)n * 8 + 8);
    for (uint32_t i = 0; i < l->slot_count; i++) {
        struct key_column *c = &b->cols[i];
        const struct vec *v = &cols[i];
        if (phys_is_nested(v->phys)) {
            c->nested = v;
        } else if (l->slots[i].width == 8) {
            c->narrow = arena_alloc(a, (size_t)n * 8 + 8);
            load_narrow(c->narrow, v, sel, n, i < l->key_count);
        } else if (l->slots[i].width == 16) {
            c->wide = arena_alloc(a, (size_t)n * 16 + 16);
            load_wide(c->wide, v, sel, n);
        }
        if (l->slots[i].width != 0) {
            load_nulls(c, v, sel, n, a);
        }
    }
    if (l->key_count == 0) {
        memset(b->hashes, 0, (size_t)n * 8);
    }
    for (uint32_t i = 0; i < l->key_count; i++) {
        hash_column(b, &l->slots[i], i, i > 0);
    }
}

/* ---- rows ---- */

static void *
row_new(struct group_table *t)
{
    const uint32_t bytes = t->layout->row_bytes;
    struct group_page *page = t->last_page;
    if (page == NULL || page->n == page->capacity) {
        uint32_t capacity = page == NULL ? PAGE_ROWS_MIN : page->capacity * 2;
        capacity = capacity > PAGE_ROWS_MAX ? PAGE_ROWS_MAX : capacity;
        page = arena_alloc_aligned(&t->arena, sizeof *page + (size_t)capacity * bytes, 16);
        *page = (struct group_page){.capacity = capacity};
        if (t->last_page != NULL) {
            t->last_page->next = page;
        } else {
            t->pages = page;
        }
        t->last_page = page;
    }
    t->count++;
    return page->rows + (size_t)bytes * page->n++;
}

void *
group_table_next(const struct group_table *t, struct group_page **page, uint32_t *at)
{
    if (*page == NULL) {
        *page = t->pages;
        *at = 0;
    }
    while (*page != NULL && *at == (*page)->n) {
        *page = (*page)->next;
        *at = 0;
    }
    return *page == NULL ? NULL : (*page)->rows + (size_t)t->layout->row_bytes * (*at)++;
}

static inline uint64_t *
row_nulls(const struct group_layout *l, const void *row)
{
    return (uint64_t *)((uintptr_t)row + l->null_offset);
}

static inline void *
row_slot(const struct group_slot *s, const void *row)
{
    return (void *)((uintptr_t)row + s->offset);
}

static const struct vec *
nested_copy(struct group_table *t, const struct vec *v, uint32_t row)
{
    struct vec one;
    vec_gather(&one, v, &row, 1, &t->arena);
    vec_flatten(&one, &one, NULL, 1, &t->arena);
    struct vec *kept = arena_new(&t->arena, struct vec);
    vec_copy(kept, &one, &t->arena);
    return kept;
}

/* A long string in the table's arena. Grouping by several columns meets the same few strings again
 * and again: those met last are not copied twice. */
static struct view
string_keep(struct group_table *t, const struct view *v)
{
    uint64_t head, tail;
    if (t->recent == NULL) {
        t->recent = arena_new_array(&t->arena, struct view, RECENT_STRINGS);
    }
    memcpy(&head, v->ref.ptr, 8);
    memcpy(&tail, v->ref.ptr + v->len - 8, 8);
    const uint64_t mixed = (head ^ tail * 31 ^ v->len) * UINT64_C(0x9e3779b97f4a7c15);
    struct view *recent = &t->recent[mixed >> 56 & (RECENT_STRINGS - 1)];
    if (recent->len != v->len || !view_equal(recent, v)) {
        *recent = view_copy(&t->arena, v->ref.ptr, v->len);
    }
    return *recent;
}

/* Slot values of batch rows into fresh rows, column by column. */
static void
rows_fill(struct group_table *t, const struct key_batch *b, const uint16_t *picks, uint32_t n,
          void **rows)
{
    const struct group_layout *l = t->layout;
    for (uint32_t i = 0; i < l->slot_count; i++) {
        const struct group_slot *s = &l->slots[i];
        const struct key_column *c = &b->cols[i];
        for (uint32_t k = 0; k < n; k++) {
            const uint32_t from = picks[k];
            void *to = row_slot(s, rows[k]);
            if (s->width == 0 || (c->nulls != NULL && c->nulls[from])) {
                bit_set(row_nulls(l, rows[k]), i);
                memset(to, 0, s->width);
            } else if (c->nested != NULL) {
                const struct vec *kept =
                    nested_copy(t, c->nested, b->sel != NULL ? b->sel[from] : from);
                memcpy(to, &kept, sizeof kept);
            } else if (c->narrow != NULL) {
                memcpy(to, &c->narrow[from], 8);
            } else {
                memcpy(to, &c->wide[from], 16);
                struct view *v = to;
                if (s->phys == PHYS_VIEW && v->len > 12) {
                    *v = string_keep(t, v);
                }
            }
        }
    }
}

/* Keeps in pending those candidates whose keys differ; the rest is found. Returns how many. */
static uint32_t
keys_differ(const struct group_table *t, const struct key_batch *b, const uint16_t *pick,
            uint16_t *candidates, uint32_t n, void **rows, uint16_t *differ)
{
    const struct group_layout *l = t->layout;
    uint32_t differ_n = 0;
    for (uint32_t i = 0; i < l->key_count && n > 0; i++) {
        const struct group_slot *s = &l->slots[i];
        const struct key_column *c = &b->cols[i];
        uint32_t same = 0;
        for (uint32_t j = 0; j < n; j++) {
            const uint16_t k = candidates[j];
            const uint32_t from = pick != NULL ? pick[k] : k;
            const void *slot = row_slot(s, rows[k]);
            const bool null = s->width == 0 || (c->nulls != NULL && c->nulls[from]);
            bool equal = null == bit_get(row_nulls(l, rows[k]), i);
            if (equal && !null) {
                if (c->narrow != NULL) {
                    equal = *(const uint64_t *)slot == c->narrow[from];
                } else if (c->nested != NULL) {
                    equal = vec_rows_equal(*(const struct vec *const *)slot, 0, c->nested,
                                           b->sel != NULL ? b->sel[from] : from);
                } else if (s->phys == PHYS_VIEW) {
                    equal = view_equal(slot, (const struct view *)&c->wide[from]);
                } else {
                    equal = memcmp(slot, &c->wide[from], 16) == 0;
                }
            }
            differ[differ_n] = k;
            differ_n += !equal;
            candidates[same] = k;
            same += equal;
        }
        n = same;
    }
    return differ_n;
}

static inline uint64_t
entry_tag(uint64_t hash)
{
    return (hash >> 42 & 0xffff) << 48;
}

static void
directory_grow(struct group_table *t, uint32_t capacity)
{
    uint64_t *dir = calloc(capacity, 8);
    if (dir == NULL) {
        abort();
    }
    if (t->arena.budget != NULL) {
        budget_charge(t->arena.budget, (uint64_t)capacity * 8);
        budget_return(t->arena.budget, (uint64_t)t->capacity * 8);
    }
    /* In order of the rows, not of the entries: their hashes are read one behind the other. */
    const uint32_t mask = capacity - 1;
    const uint32_t bytes = t->layout->row_bytes;
    for (const struct group_page *page = t->pages; page != NULL; page = page->next) {
        for (uint32_t i = 0; i < page->n; i++) {
            const struct group_row *row = (const void *)(page->rows + (size_t)bytes * i);
            uint32_t at = (uint32_t)row->hash & mask;
            while (dir[at] != 0) {
                at = (at + 1) & mask;
            }
            dir[at] = entry_tag(row->hash) | (uint64_t)(uintptr_t)row;
        }
    }
    free(t->dir);
    t->dir = dir;
    t->capacity = capacity;
}

static void
directory_room(struct group_table *t, uint32_t more)
{
    uint32_t capacity = t->capacity == 0 ? CAPACITY_MIN : t->capacity;
    if (t->capacity != 0 && (uint64_t)capacity >= 2 * ((uint64_t)t->count + more)) {
        return;
    }
    /* Small directories grow by more than is needed: each step places all rows again. */
    const uint32_t spare = capacity < SMALL_CAPACITY ? 2 : 1;
    while ((uint64_t)capacity < 2 * ((uint64_t)t->count + more)) {
        capacity *= 2;
    }
    directory_grow(t, t->capacity == 0 ? capacity : capacity * spare);
}

void
group_table_expect(struct group_table *t, uint32_t count)
{
    if (t->capacity == 0) {
        directory_room(t, count);
    }
}

struct found {
    uint16_t *candidates;
    uint16_t *fresh; /* batch rows of new groups */
    void **fresh_rows;
    uint32_t candidate_n, fresh_n;
};

/* Steps each pending row to the next directory entry that is free or carries its tag. */
static void
probe(struct group_table *t, const struct key_batch *b, const uint16_t *pick, uint64_t first,
      const uint16_t *pending, uint32_t n, uint32_t *slots, void **rows, struct found *f)
{
    const uint32_t mask = t->capacity - 1;
    f->candidate_n = f->fresh_n = 0;
    for (uint32_t j = 0; j < n; j++) {
        const uint16_t k = pending[j];
        const uint32_t from = pick != NULL ? pick[k] : k;
        const uint64_t hash = b->hashes[from];
        const uint64_t tag = entry_tag(hash);
        uint32_t at = slots[k];
        uint64_t e;
        while ((e = t->dir[at]) != 0 && (e & ~POINTER_MASK) != tag) {
            at = (at + 1) & mask;
        }
        slots[k] = at;
        if (e != 0) {
            rows[k] = (void *)(uintptr_t)(e & POINTER_MASK);
            f->candidates[f->candidate_n++] = k;
            continue;
        }
        struct group_row *row = row_new(t);
        row->hash = hash;
        row->first = first + from;
        memset(row_nulls(t->layout, row), 0, 8 * t->layout->null_words);
        t->dir[at] = tag | (uint64_t)(uintptr_t)row;
        rows[k] = row;
        f->fresh[f->fresh_n] = (uint16_t)from;
        f->fresh_rows[f->fresh_n++] = row;
    }
}

uint32_t
group_table_find(struct group_table *t, const struct key_batch *b, const uint16_t *pick, uint32_t n,
                 uint64_t first, void **rows, void **made, struct arena *tmp)
{
    directory_room(t, n);
    const uint32_t mask = t->capacity - 1;
    uint16_t *lists = arena_alloc(tmp, 3 * (size_t)n * sizeof *lists + 8);
    uint32_t *slots = arena_alloc(tmp, (size_t)n * sizeof *slots + 8);
    uint16_t *pending = lists;
    struct found f = {.candidates = lists + n, .fresh = lists + 2 * (size_t)n};
    for (uint32_t k = 0; k < n; k++) {
        pending[k] = (uint16_t)k;
        slots[k] = (uint32_t)b->hashes[pick != NULL ? pick[k] : k] & mask;
        __builtin_prefetch(&t->dir[slots[k]]);
    }
    uint32_t made_n = 0;
    while (n > 0) {
        f.fresh_rows = made + made_n;
        probe(t, b, pick, first, pending, n, slots, rows, &f);
        rows_fill(t, b, f.fresh, f.fresh_n, f.fresh_rows);
        made_n += f.fresh_n;
        n = keys_differ(t, b, pick, f.candidates, f.candidate_n, rows, pending);
        for (uint32_t j = 0; j < n; j++) {
            slots[pending[j]] = (slots[pending[j]] + 1) & mask;
        }
    }
    return made_n;
}

/* ---- rows of other tables ---- */

static bool
row_keys_equal(const struct group_layout *l, const void *x, const void *y)
{
    for (uint32_t w = 0; w < l->null_words; w++) {
        uint64_t mask = ~UINT64_C(0);
        if (l->key_count < (w + 1) * 64) {
            mask = l->key_count > w * 64 ? (UINT64_C(1) << (l->key_count - w * 64)) - 1 : 0;
        }
        if ((row_nulls(l, x)[w] ^ row_nulls(l, y)[w]) & mask) {
            return false;
        }
    }
    if (l->plain_keys && l->keys_end == l->data_offset + 8) {
        return *(const uint64_t *)((const char *)x + l->data_offset) ==
               *(const uint64_t *)((const char *)y + l->data_offset);
    }
    if (l->plain_keys) {
        return memcmp((const char *)x + l->data_offset, (const char *)y + l->data_offset,
                      l->keys_end - l->data_offset) == 0;
    }
    for (uint32_t i = 0; i < l->key_count; i++) {
        const struct group_slot *s = &l->slots[i];
        const void *a = row_slot(s, x), *b = row_slot(s, y);
        if (bit_get(row_nulls(l, x), i)) {
            continue;
        }
        const bool equal =
            s->phys == PHYS_VIEW ? view_equal(a, b)
            : phys_is_nested(s->phys)
                ? vec_rows_equal(*(const struct vec *const *)a, 0, *(const struct vec *const *)b, 0)
                : memcmp(a, b, s->width) == 0;
        if (!equal) {
            return false;
        }
    }
    return true;
}

static void
row_own(struct group_table *t, void *row)
{
    const struct group_layout *l = t->layout;
    for (uint32_t i = 0; i < l->slot_count; i++) {
        const struct group_slot *s = &l->slots[i];
        void *at = row_slot(s, row);
        if (bit_get(row_nulls(l, row), i)) {
            continue;
        }
        struct view *v = at;
        if (s->phys == PHYS_VIEW && v->len > 12) {
            *v = string_keep(t, v);
        } else if (phys_is_nested(s->phys)) {
            struct vec *kept = arena_new(&t->arena, struct vec);
            vec_copy(kept, *(const struct vec *const *)at, &t->arena);
            memcpy(at, &kept, sizeof kept);
        }
    }
}

/* There is room in the directory. */
static void *
row_adopt(struct group_table *t, const void *row, bool *made)
{
    const struct group_row *head = row;
    const uint32_t mask = t->capacity - 1;
    const uint64_t tag = entry_tag(head->hash);
    uint32_t at = (uint32_t)head->hash & mask;
    for (uint64_t e; (e = t->dir[at]) != 0; at = (at + 1) & mask) {
        struct group_row *mine = (void *)(uintptr_t)(e & POINTER_MASK);
        if ((e & ~POINTER_MASK) == tag && mine->hash == head->hash &&
            row_keys_equal(t->layout, row, mine)) {
            *made = false;
            return mine;
        }
    }
    void *mine = row_new(t);
    memcpy(mine, row, t->layout->state_offset);
    if (t->layout->has_pointers) {
        row_own(t, mine);
    }
    t->dir[at] = tag | (uint64_t)(uintptr_t)mine;
    *made = true;
    return mine;
}

void *
group_table_adopt(struct group_table *t, const void *row, bool *made)
{
    directory_room(t, 1);
    return row_adopt(t, row, made);
}

void
group_table_adopt_all(struct group_table *t, void *const *from, uint32_t n, void **rows, bool *made)
{
    enum { FAR = 24, MID = 16, NEAR = 8 }; /* how far ahead: source row, directory, group */
    directory_room(t, n);
    const uint32_t mask = t->capacity - 1;
    for (uint32_t k = 0; k < n; k++) {
        if (k + FAR < n) {
            __builtin_prefetch(from[k + FAR]);
            __builtin_prefetch((const char *)from[k + FAR] + 64);
        }
        if (k + MID < n) {
            __builtin_prefetch(&t->dir[(uint32_t)((struct group_row *)from[k + MID])->hash & mask]);
        }
        if (k + NEAR < n) {
            const uint64_t e = t->dir[(uint32_t)((struct group_row *)from[k + NEAR])->hash & mask];
            __builtin_prefetch((const void *)(uintptr_t)(e & POINTER_MASK));
        }
        rows[k] = row_adopt(t, from[k], &made[k]);
    }
}

/* ---- reading ---- */

#define STORE(T, EXPR)                                                                             \
    {                                                                                              \
        T *to = out->data;                                                                         \
        for (uint32_t k = 0; k < n; k++) {                                                         \
            const void *at = row_slot(s, rows[k]);                                                 \
            uint64_t x;                                                                            \
            memcpy(&x, at, 8);                                                                     \
            to[k] = (EXPR);                                                                        \
        }                                                                                          \
        break;                                                                                     \
    }

static double
bits_double(uint64_t bits)
{
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

static void
nested_read(const struct group_slot *s, void *const *rows, uint32_t n, struct vec *out,
            struct arena *a)
{
    for (uint32_t k = 0; k < n; k++) {
        struct datum d = {.type = s->type, .is_null = vec_is_null(out, k)};
        if (!d.is_null) {
            d.nested = *(const struct vec *const *)row_slot(s, rows[k]);
            vec_set_datum(out, a, k, &d);
        } else {
            vec_set_datum(out, a, k, &d);
        }
    }
}

void
group_slot_read(const struct group_layout *l, uint32_t slot, void *const *rows, uint32_t n,
                struct vec *out, struct arena *a)
{
    const struct group_slot *s = &l->slots[slot];
    vec_init_flat(out, a, s->type, n);
    if (s->width == 0) {
        return;
    }
    for (uint32_t k = 0; k < n; k++) {
        if (bit_get(row_nulls(l, rows[k]), slot)) {
            vec_set_null(out, a, k);
        }
    }
    switch ((enum phys)s->phys) {
    case PHYS_BOOL:
        STORE(uint8_t, (uint8_t)x)
    case PHYS_I8:
        STORE(int8_t, (int8_t)x)
    case PHYS_I16:
        STORE(int16_t, (int16_t)x)
    case PHYS_I32:
        STORE(int32_t, (int32_t)x)
    case PHYS_I64:
        STORE(int64_t, (int64_t)x)
    case PHYS_F32:
        STORE(float, (float)bits_double(x))
    case PHYS_F64:
        STORE(double, bits_double(x))
    case PHYS_I128:
    case PHYS_VIEW:
    case PHYS_INTERVAL: {
        struct wide_slot *to = out->data;
        for (uint32_t k = 0; k < n; k++) {
            memcpy(&to[k], row_slot(s, rows[k]), 16);
        }
        break;
    }
    case PHYS_LIST:
    case PHYS_MAP:
    case PHYS_STRUCT:
        nested_read(s, rows, n, out, a);
        break;
    case PHYS_NONE:
        break;
    }
}
