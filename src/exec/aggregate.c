/*
 * Hash aggregate, DISTINCT and deduplication.
 *
 * Each worker groups a morsel in a small table of its own. When the morsel ends, or the table holds
 * LOCAL_GROUPS groups, the table becomes a batch whose rows are dealt to PARTITIONS by the top bits
 * of their hash; each partition merges its share of the batches in morsel order. So partitions
 * merge side by side, sums of floating-point numbers do not depend on which worker was faster, and
 * the final groups have a fixed order: that of first appearance when they are few, else partition
 * by partition.
 *
 * Lookups are avoided where the rows allow it: no keys at all; runs of equal neighbours; keys from
 * small dictionaries or ranges, which index an array of groups (group_direct.c).
 *
 * Memory: all groups; besides, at most the batches of morsels that wait for an earlier one.
 */
#include <stdlib.h>

#include "base/thread.h"
#include "exec/aggregate.h"
#include "exec/group_direct.h"

struct agg_state {
    struct batch *batch;         /* being filled; NULL = none */
    struct morsel_batches *done; /* of this morsel */
    struct group_direct direct;
    uint64_t morsel_rows;
    uint32_t expected; /* groups of the batch before */
};

static bool
aggregate_open(struct op *op, struct worker *w, void **state)
{
    (void)op;
    *state = arena_new(&w->keep, struct agg_state);
    return true;
}

static void
batch_free(struct batch *b)
{
    group_table_free(&b->table);
    free(b);
}

static struct batch *
batch_current(struct aggregate *a, struct agg_state *s, struct worker *w)
{
    if (s->batch == NULL) {
        s->batch = calloc(1, sizeof *s->batch);
        if (s->batch == NULL) {
            abort();
        }
        group_table_init(&s->batch->table, &a->layout, w->query->ctx->budget);
        group_table_expect(&s->batch->table, s->expected);
        group_direct_forget(&s->direct);
    }
    return s->batch;
}

/* Deals a full table's rows to the partitions, keeping their order of appearance. */
static void
batch_deal(struct batch *b)
{
    struct group_table *t = &b->table;
    b->rows = arena_alloc(&t->arena, (t->count + 1) * sizeof *b->rows);
    struct group_page *page = NULL;
    uint32_t at = 0, counts[PARTITIONS + 1] = {0};
    for (struct group_row *row; (row = group_table_next(t, &page, &at)) != NULL;) {
        counts[row->hash >> PARTITION_SHIFT]++;
    }
    uint32_t sum = 0;
    for (uint32_t p = 0; p <= PARTITIONS; p++) {
        b->starts[p] = sum;
        sum += p < PARTITIONS ? counts[p] : 0;
        counts[p] = b->starts[p];
    }
    page = NULL;
    for (struct group_row *row; (row = group_table_next(t, &page, &at)) != NULL;) {
        b->rows[counts[row->hash >> PARTITION_SHIFT]++] = row;
    }
    atomic_store(&b->refs, PARTITIONS);
}

static void
batch_finish(struct agg_state *s)
{
    struct batch *b = s->batch;
    s->batch = NULL;
    if (b == NULL) {
        return;
    }
    batch_deal(b);
    s->expected = b->table.count;
    *s->done->last = b;
    s->done->last = &b->next;
}

static bool
done_begin(struct agg_state *s, struct worker *w)
{
    if (s->done == NULL) {
        s->done = calloc(1, sizeof *s->done);
        if (s->done == NULL) {
            return budget_error(w->query->ctx->budget, sizeof *s->done, &w->err);
        }
        s->done->last = &s->done->first;
    }
    return true;
}

/* rows[k] is the group of live row k. New groups' states are initialised. */
static void
rows_find(struct aggregate *a, struct agg_state *s, struct worker *w, const struct vec *keys,
          const struct chunk *in, void **rows)
{
    struct group_table *t = &s->batch->table;
    const uint32_t n = in->sel_n;
    const uint64_t first = ((uint64_t)w->morsel << 32) + s->morsel_rows;
    void **made = arena_alloc(w->tmp, (n + 1) * sizeof *made);
    uint32_t made_n;
    if (group_direct_codes(&s->direct, keys, a->key_count, a->layout.slot_count, in, w->tmp)) {
        made_n = group_direct_find(&s->direct, t, keys, in, first, rows, made, w->tmp);
    } else {
        struct key_batch b;
        key_batch_make(&b, &a->layout, keys, in->sel, n, w->tmp);
        made_n = group_runs_find(t, &b, first, rows, made, w->tmp);
    }
    for (uint32_t k = 0; k < made_n; k++) {
        agg_states_init(&a->aggs, (char *)made[k] + a->layout.state_offset);
    }
}

static bool
aggregate_push(struct op *op, struct worker *w, void *state, struct chunk *in)
{
    struct aggregate *a = (struct aggregate *)op;
    struct agg_state *s = state;
    if (!done_begin(s, w)) {
        return false;
    }
    struct chunk src = *in;
    struct vec *keys = arena_new_array(w->tmp, struct vec, a->keys.count + 1);
    struct vec *args = NULL;
    if (!projection_run(&a->keys, w, &src, keys) || !agg_args_run(&a->aggs, w, &src, &args)) {
        return false;
    }
    struct batch *b = batch_current(a, s, w);
    struct arena *keep = &b->table.arena;
    void **rows = arena_alloc(w->tmp, (src.sel_n + 1) * sizeof *rows);
    bool ok;
    if (a->phase == AGG_FINAL) {
        rows_find(a, s, w, keys, &src, rows);
        ok = agg_update_saved(&a->aggs, w, keep, &src, args, rows, a->layout.state_offset);
    } else if (a->key_count == 0) {
        /* One group: its row is found once, for the first live row. */
        struct chunk one = src;
        one.sel_n = 1;
        one.sel = src.sel != NULL ? src.sel : (const uint16_t[]){0};
        rows_find(a, s, w, keys, &one, rows);
        ok = agg_update(&a->aggs, w, keep, &src, args, NULL, a->layout.state_offset, rows[0]);
    } else {
        rows_find(a, s, w, keys, &src, rows);
        ok = group_direct_update(&s->direct, &a->aggs, w, keep, &src, args, rows,
                                 a->layout.state_offset);
    }
    s->morsel_rows += src.sel_n;
    if (b->table.count >= LOCAL_GROUPS) {
        batch_finish(s);
    }
    return ok;
}

/* ---- merging ---- */

/* The rows that are not too late for the stream's watermark. */
static uint32_t
rows_in_time(struct aggregate *a, void *const *from, uint32_t n, void **out)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < n; i++) {
        out[kept] = from[i];
        kept += !state_is_past(a, from[i], a->stream->watermark_micros);
    }
    atomic_fetch_add(&a->late_rows, n - kept);
    return kept;
}

enum { MERGE_ROWS = 256 };

static bool
rows_merge(struct aggregate *a, struct partition *p, void *const *from, uint32_t n,
           struct worker *w)
{
    const uint32_t offset = a->layout.state_offset;
    void *rows[MERGE_ROWS], *in_time[MERGE_ROWS];
    bool made[MERGE_ROWS];
    if (a->stream != NULL && a->stream->mode != OUTPUT_COMPLETE) {
        n = rows_in_time(a, from, n, in_time);
        from = in_time;
    }
    group_table_adopt_all(&p->table, from, n, rows, made);
    for (uint32_t i = 0; i < n; i++) {
        char *row = rows[i];
        if (made[i]) {
            agg_states_init(&a->aggs, row + offset);
        }
        if (a->stream != NULL) {
            uint64_t *mark = (void *)(row + a->touch_offset);
            *mark = (made[i] ? 0 : *mark) | GROUP_TOUCHED;
        }
        if (!agg_merge(&a->aggs, w, &p->table.arena, row + offset, (char *)from[i] + offset)) {
            return false;
        }
    }
    return true;
}

static bool
partition_merge_batch(struct aggregate *a, struct partition *p, uint32_t number, struct batch *b,
                      struct worker *w)
{
    const uint32_t end = b->starts[number + 1];
    for (uint32_t i = b->starts[number]; i < end; i += MERGE_ROWS) {
        const uint32_t n = end - i < MERGE_ROWS ? end - i : MERGE_ROWS;
        if (!rows_merge(a, p, b->rows + i, n, w)) {
            return false;
        }
    }
    return true;
}

static struct morsel_batches *
morsel_done(struct aggregate *a, uint32_t morsel)
{
    mutex_lock(&a->lock);
    struct morsel_batches *done = morsel < a->morsel_capacity ? a->morsels[morsel] : NULL;
    mutex_unlock(&a->lock);
    return done;
}

/* Merges all batches that are ready and next in order. The partition's lock is held. */
static bool
partition_catch_up(struct aggregate *a, uint32_t number, struct worker *w)
{
    struct partition *p = &a->partitions[number];
    struct morsel_batches *done;
    while ((done = morsel_done(a, p->morsel_next)) != NULL) {
        struct batch *next;
        for (struct batch *b = done->first; b != NULL; b = next) {
            next = b->next;
            if (!partition_merge_batch(a, p, number, b, w)) {
                return false;
            }
            if (atomic_fetch_sub(&b->refs, 1) == 1) {
                group_table_free(&b->table); /* the struct stays until the operator goes */
            }
        }
        p->morsel_next++;
    }
    return true;
}

static bool
morsel_publish(struct aggregate *a, struct worker *w, struct morsel_batches *done)
{
    mutex_lock(&a->lock);
    if (w->morsel >= a->morsel_capacity) {
        const uint32_t capacity = (w->morsel + 1) * 2;
        struct morsel_batches **more = realloc(a->morsels, capacity * sizeof *more);
        if (more == NULL) {
            mutex_unlock(&a->lock);
            return budget_error(w->query->ctx->budget, capacity * sizeof *more, &w->err);
        }
        memset(more + a->morsel_capacity, 0, (capacity - a->morsel_capacity) * sizeof *more);
        a->morsels = more;
        a->morsel_capacity = capacity;
    }
    a->morsels[w->morsel] = done;
    mutex_unlock(&a->lock);
    return true;
}

static bool
aggregate_morsel_end(struct op *op, struct worker *w, void *state)
{
    struct aggregate *a = (struct aggregate *)op;
    struct agg_state *s = state;
    if (!done_begin(s, w)) {
        return false;
    }
    batch_finish(s);
    struct morsel_batches *done = s->done;
    s->done = NULL;
    s->morsel_rows = 0;
    if (!morsel_publish(a, w, done)) {
        free(done);
        return false;
    }
    for (uint32_t i = 0; i < PARTITIONS; i++) {
        const uint32_t number = (i + w->number * 17) % PARTITIONS;
        struct partition *p = &a->partitions[number];
        if (pthread_mutex_trylock(&p->lock) != 0) {
            continue; /* somebody merges there, and whoever comes last finds ours */
        }
        const bool ok = partition_catch_up(a, number, w);
        mutex_unlock(&p->lock);
        if (!ok) {
            return false;
        }
    }
    return true;
}

static bool
merge_partition(void *ctx, uint32_t number, struct worker *w)
{
    return partition_catch_up(ctx, number, w);
}

static int
first_order(const void *x, const void *y)
{
    const struct group_row *a = *(struct group_row *const *)x;
    const struct group_row *b = *(struct group_row *const *)y;
    return a->first < b->first ? -1 : a->first > b->first;
}

static bool
aggregate_finish(struct op *op, struct query *q, struct error *err)
{
    struct aggregate *a = (struct aggregate *)op;
    if (!query_parallel(q, PARTITIONS, merge_partition, a, err)) {
        return false;
    }
    uint64_t total = 0;
    for (uint32_t i = 0; i < PARTITIONS; i++) {
        total += a->partitions[i].table.count;
    }
    if (total == 0 && a->key_count == 0) { /* a global aggregate has a row over no rows, too */
        struct group_row zero[64] = {{0}};
        void *none = a->layout.state_offset <= sizeof zero
                         ? zero
                         : arena_zalloc(&a->arena, a->layout.state_offset);
        bool made;
        char *row = group_table_adopt(&a->partitions[0].table, none, &made);
        agg_states_init(&a->aggs, row + a->layout.state_offset);
        if (a->stream != NULL) {
            *(uint64_t *)(void *)(row + a->touch_offset) = GROUP_TOUCHED;
        }
        total = 1;
    }
    if (a->stream != NULL) {
        return state_finish(a, q, err);
    }
    if (total > ORDERED_GROUPS) {
        return true;
    }
    a->ordered = arena_alloc(&a->arena, (total + 1) * sizeof *a->ordered);
    for (uint32_t i = 0; i < PARTITIONS; i++) {
        struct group_page *page = NULL;
        uint32_t at = 0;
        for (void *row; (row = group_table_next(&a->partitions[i].table, &page, &at)) != NULL;) {
            a->ordered[a->ordered_count++] = row;
        }
    }
    qsort(a->ordered, a->ordered_count, sizeof *a->ordered, first_order);
    return true;
}

static void
aggregate_close(struct op *op, struct worker *w, void *state)
{
    (void)op;
    (void)w;
    struct agg_state *s = state;
    if (s == NULL) {
        return;
    }
    if (s->batch != NULL) {
        batch_free(s->batch);
    }
    for (struct batch *b = s->done != NULL ? s->done->first : NULL; b != NULL;) {
        struct batch *next = b->next;
        batch_free(b);
        b = next;
    }
    free(s->done);
    group_direct_free(&s->direct);
}

static void
aggregate_free(struct op *op)
{
    struct aggregate *a = (struct aggregate *)op;
    for (uint32_t m = 0; m < a->morsel_capacity; m++) {
        struct batch *b = a->morsels[m] != NULL ? a->morsels[m]->first : NULL;
        while (b != NULL) {
            struct batch *next = b->next;
            batch_free(b);
            b = next;
        }
        free(a->morsels[m]);
    }
    free(a->morsels);
    for (uint32_t i = 0; i < PARTITIONS; i++) {
        group_table_free(&a->partitions[i].table);
        pthread_mutex_destroy(&a->partitions[i].lock);
    }
    pthread_mutex_destroy(&a->lock);
    arena_release(&a->arena);
}

static const struct op_class aggregate_class = {
    .name = "HashAggregate",
    .open = aggregate_open,
    .push = aggregate_push,
    .morsel_end = aggregate_morsel_end,
    .finish = aggregate_finish,
    .close = aggregate_close,
    .free = aggregate_free,
};

/* ---- the groups as a source ---- */

struct agg_source {
    struct source source;
    struct aggregate *aggregate;
    const uint32_t *slots; /* output column i < slot count is slot slots[i]; NULL = i */
};

struct agg_cursor {
    uint32_t partition;
    uint32_t at;
    struct group_page *page;
};

static bool
agg_source_prepare(struct source *s, struct query *q, uint32_t *morsels, struct error *err)
{
    (void)q;
    (void)err;
    const struct aggregate *a = ((struct agg_source *)s)->aggregate;
    *morsels = a->ordered == NULL ? PARTITIONS : a->ordered_count > 0 ? 1 : 0;
    return true;
}

static bool
agg_source_open(struct source *s, struct worker *w, uint32_t morsel, void **cursor)
{
    (void)s;
    struct agg_cursor *c = arena_new(&w->morsel_keep, struct agg_cursor);
    c->partition = morsel;
    *cursor = c;
    return true;
}

static uint32_t
cursor_rows(const struct aggregate *a, struct agg_cursor *c, void **rows, bool *more)
{
    uint32_t n = 0;
    if (a->ordered != NULL) {
        n = a->ordered_count - c->at < VEC_ROWS ? a->ordered_count - c->at : VEC_ROWS;
        memcpy(rows, a->ordered + c->at, n * sizeof *rows);
        c->at += n;
        *more = c->at < a->ordered_count;
        return n;
    }
    const struct group_table *t = &a->partitions[c->partition].table;
    while (n < VEC_ROWS && (rows[n] = group_table_next(t, &c->page, &c->at)) != NULL) {
        n++;
    }
    *more = n == VEC_ROWS;
    return n;
}

static bool
agg_source_next(struct source *s, struct worker *w, void *cursor, struct chunk *out, bool *more)
{
    const struct agg_source *src = (struct agg_source *)s;
    const struct aggregate *a = src->aggregate;
    void *rows[VEC_ROWS + 1];
    const uint32_t n = cursor_rows(a, cursor, rows, more);
    const uint32_t slots = a->layout.slot_count;
    *out = (struct chunk){.n = n, .sel_n = n, .col_count = slots + a->aggs.count};
    out->cols = arena_new_array(w->tmp, struct vec, out->col_count + 1);
    for (uint32_t i = 0; i < slots; i++) {
        const uint32_t slot = src->slots != NULL ? src->slots[i] : i;
        group_slot_read(&a->layout, slot, rows, n, &out->cols[i], w->tmp);
    }
    for (uint32_t i = 0; i < a->aggs.count && n > 0; i++) {
        if (a->phase == AGG_PARTIAL) {
            agg_save(&a->aggs, w, i, rows, a->layout.state_offset, n, &out->cols[slots + i]);
            continue;
        }
        if (!agg_finish(&a->aggs, w, i, rows, a->layout.state_offset, n, &out->cols[slots + i])) {
            return false;
        }
    }
    return true;
}

static const struct source_class agg_source_class = {
    .name = "HashAggregate",
    .prepare = agg_source_prepare,
    .open = agg_source_open,
    .next = agg_source_next,
};

/* ---- compiling ---- */

bool
aggregate_make(struct compiler *c, const struct agg_shape *shape, const struct rel *input,
               const struct type *schema, struct pipeline *p, struct op *next,
               struct aggregate **out, struct error *err)
{
    struct pipeline *own = pipeline_new(c->query);
    struct aggregate *a = arena_new(c->arena, struct aggregate);
    a->key_count = shape->key_count;
    a->stream = shape->stream;
    a->phase = shape->phase;
    *out = a;
    if (!projection_init(c, &a->keys, shape->slots, shape->slot_count, err)) {
        return false;
    }
    if (a->phase == AGG_FINAL
            ? !agg_plan_init_saved(c, &a->aggs, shape->aggs, shape->agg_count, a->key_count, err)
            : !agg_plan_init(c, &a->aggs, shape->aggs, shape->agg_count, err)) {
        return false;
    }
    group_layout_init(&a->layout, c->arena, a->keys.types, shape->key_count, shape->slot_count,
                      a->aggs.state_bytes + (a->stream != NULL ? 16 : 0));
    a->touch_offset = a->layout.state_offset + a->aggs.state_bytes;
    struct budget *budget = c->query->ctx->budget;
    arena_init(&a->arena, budget);
    pthread_mutex_init(&a->lock, NULL);
    for (uint32_t i = 0; i < PARTITIONS; i++) {
        pthread_mutex_init(&a->partitions[i].lock, NULL);
        group_table_init(&a->partitions[i].table, &a->layout, budget);
    }
    op_add(own, &a->op, &aggregate_class, NULL, NULL);
    if (a->stream != NULL && !state_load(a, c->query, err)) {
        return false;
    }
    if (!compile_rel(c, input, own, &a->op, err)) {
        return false;
    }
    pipeline_ready(own);
    struct agg_source *s = arena_new(c->arena, struct agg_source);
    s->aggregate = a;
    s->slots = shape->order;
    source_add(p, &s->source, &agg_source_class, schema, next, p->phase_now);
    return true;
}

/* Are all aggregates DISTINCT over the same arguments, without filters? */
static bool
all_distinct_alike(const struct rel *r)
{
    const struct expr *first = NULL;
    for (uint32_t i = r->group_count; i < r->expr_count; i++) {
        const struct expr *e = expr_unalias(r->exprs[i]);
        if (e->kind != EXPR_AGG || !e->distinct || e->filter != NULL || e->arg_count == 0 ||
            (first != NULL && e->arg_count != first->arg_count)) {
            return false;
        }
        for (uint32_t k = 0; first != NULL && k < e->arg_count; k++) {
            if (!expr_equal(e->args[k], first->args[k])) {
                return false;
            }
        }
        first = e;
    }
    return first != NULL;
}

/* Groups of (keys, arguments) below, plain aggregates by keys above: no set a group is needed. */
static const struct rel *
distinct_split(struct compiler *c, const struct rel *r)
{
    const struct expr *agg = expr_unalias(r->exprs[r->group_count]);
    const uint32_t count = r->group_count + agg->arg_count;
    struct rel *below = rel_new(c->arena, REL_AGGREGATE, 1, r->inputs[0]);
    struct type_field *fields = arena_new_array(c->arena, struct type_field, count + 1);
    below->exprs = arena_new_array(c->arena, struct expr *, count + 1);
    below->expr_count = below->group_count = count;
    for (uint32_t i = 0; i < count; i++) {
        struct expr *e = i < r->group_count ? r->exprs[i] : agg->args[i - r->group_count];
        below->exprs[i] = e;
        fields[i] = (struct type_field){"k", expr_unalias(e)->type, true, NULL};
    }
    below->schema = type_struct(c->arena, fields, count);
    struct rel *above = rel_copy(c->arena, r);
    above->inputs[0] = below;
    above->exprs = arena_new_array(c->arena, struct expr *, r->expr_count + 1);
    for (uint32_t i = 0; i < r->expr_count; i++) {
        if (i < r->group_count) {
            above->exprs[i] = expr_column(c->arena, i, fields[i].type, true);
            continue;
        }
        struct expr *plain = expr_copy(c->arena, expr_unalias(r->exprs[i]));
        plain->distinct = false;
        for (uint32_t k = 0; k < plain->arg_count; k++) {
            const uint32_t at = r->group_count + k;
            plain->args[k] = expr_column(c->arena, at, fields[at].type, true);
        }
        above->exprs[i] = plain;
    }
    return above;
}

bool
compile_aggregate(struct compiler *c, const struct rel *r, struct pipeline *p, struct op *next,
                  struct error *err)
{
    if (r->agg_phase == AGG_WHOLE && all_distinct_alike(r)) {
        r = distinct_split(c, r);
    }
    const struct agg_shape shape = {.slots = r->exprs,
                                    .key_count = r->group_count,
                                    .slot_count = r->group_count,
                                    .aggs = r->exprs + r->group_count,
                                    .agg_count = r->expr_count - r->group_count,
                                    .phase = r->agg_phase};
    struct aggregate *made = NULL;
    return aggregate_make(c, &shape, r->inputs[0], r->schema, p, next, &made, err);
}

static struct expr **
all_columns(struct compiler *c, const struct type *schema)
{
    struct expr **cols = arena_new_array(c->arena, struct expr *, schema->field_count + 1);
    for (uint32_t i = 0; i < schema->field_count; i++) {
        const struct type_field *f = &schema->fields[i];
        cols[i] = expr_column(c->arena, i, f->type, f->nullable);
    }
    return cols;
}

bool
compile_distinct(struct compiler *c, const struct rel *r, struct pipeline *p, struct op *next,
                 struct error *err)
{
    const struct type *schema = r->inputs[0]->schema;
    const struct agg_shape shape = {.slots = all_columns(c, schema),
                                    .key_count = schema->field_count,
                                    .slot_count = schema->field_count};
    struct aggregate *made = NULL;
    return aggregate_make(c, &shape, r->inputs[0], r->schema, p, next, &made, err);
}

/* Keys first, then the other columns as payload of the first row; put back in order at the end. */
bool
compile_deduplicate(struct compiler *c, const struct rel *r, struct pipeline *p, struct op *next,
                    struct error *err)
{
    const struct type *schema = r->inputs[0]->schema;
    const uint32_t count = schema->field_count;
    struct expr **columns = all_columns(c, schema);
    struct expr **slots = arena_new_array(c->arena, struct expr *, count + 1);
    uint32_t *order = arena_new_array(c->arena, uint32_t, count + 1);
    bool *used = arena_new_array(c->arena, bool, count + 1);
    uint32_t keys = 0, at;
    for (uint32_t i = 0; i < r->expr_count; i++) {
        const struct expr *e = expr_unalias(r->exprs[i]);
        if (e->kind != EXPR_COLUMN || e->column >= count) {
            return error_raise(err, "INTERNAL_ERROR", "message",
                               "Deduplication is by columns only.", (const char *)NULL);
        }
        if (!used[e->column]) {
            used[e->column] = true;
            order[e->column] = keys;
            slots[keys++] = columns[e->column];
        }
    }
    at = keys;
    for (uint32_t i = 0; i < count; i++) {
        if (!used[i]) {
            order[i] = at;
            slots[at++] = columns[i];
        }
    }
    const struct agg_shape shape = {
        .slots = slots, .key_count = keys, .slot_count = count, .order = order};
    struct aggregate *made = NULL;
    return aggregate_make(c, &shape, r->inputs[0], r->schema, p, next, &made, err);
}

bool
compile_state_aggregate(struct compiler *c, const struct rel *r, struct pipeline *p,
                        struct op *next, struct error *err)
{
    if (r->stream == NULL || r->stream->dir == NULL) {
        return error_raise(err, "INTERNAL_ERROR", "message",
                           "A streaming aggregate without a place for its state.",
                           (const char *)NULL);
    }
    const struct agg_shape shape = {.slots = r->exprs,
                                    .key_count = r->group_count,
                                    .slot_count = r->group_count,
                                    .aggs = r->exprs + r->group_count,
                                    .agg_count = r->expr_count - r->group_count,
                                    .stream = r->stream};
    struct aggregate *made = NULL;
    return aggregate_make(c, &shape, r->inputs[0], r->schema, p, next, &made, err);
}
