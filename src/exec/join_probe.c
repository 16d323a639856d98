/*
 * Probing: left rows meet the rows of the build side.
 *
 * A chunk's rows are walked in order and make pairs (left row, build row), up to a chunk of them at
 * a time; pairs pass the residual; what is left goes out, or is only noted, as the kind of join
 * says. Left rows without a partner go out after the chunk's pairs.
 * Memory: one chunk of pairs.
 */
#include <stdlib.h>

#include "exec/join.h"

struct probe_state {
    struct arena scratch; /* of one flush of pairs */
    uint32_t left[VEC_ROWS];
    uint32_t right[VEC_ROWS]; /* UINT32_MAX = none */
    uint32_t n;
    uint8_t matched[VEC_ROWS]; /* by left row: 1 = has a partner, 2 = the condition was null */
};

static bool
probe_open(struct op *op, struct worker *w, void **state)
{
    (void)op;
    struct probe_state *s = arena_new(&w->keep, struct probe_state);
    arena_init(&s->scratch, w->query->ctx->budget);
    *state = s;
    return true;
}

static void
probe_close(struct op *op, struct worker *w, void *state)
{
    (void)op;
    (void)w;
    if (state != NULL) {
        arena_release(&((struct probe_state *)state)->scratch);
    }
}

/* Does a pair, once found, go out as a row? */
static bool
emits_pairs(const struct join *j)
{
    return j->type != JOIN_SEMI && j->type != JOIN_ANTI && j->type != JOIN_MARK;
}

static bool
keeps_left(const struct join *j)
{
    return j->type == JOIN_LEFT || j->type == JOIN_FULL || j->type == JOIN_SINGLE;
}

/* ---- pairs ---- */

/* The columns that the condition reads, for the pairs at hand; the others stay null. */
static void
pairs_chunk(const struct join *j, const struct probe_state *s, const struct chunk *in,
            struct arena *a, struct chunk *out)
{
    *out = (struct chunk){.n = s->n, .sel_n = s->n, .col_count = j->left_count + j->right_count};
    out->cols = arena_new_array(a, struct vec, out->col_count + 1);
    for (uint32_t i = 0; i < out->col_count; i++) {
        if (!j->residual_uses[i]) {
            vec_init_const_null(&out->cols[i], a, j->pair_schema->fields[i].type, s->n);
        } else if (i < j->left_count) {
            vec_gather(&out->cols[i], &in->cols[i], s->left, s->n, a);
        } else {
            vec_gather(&out->cols[i], &j->build->store.cols[i - j->left_count], s->right, s->n, a);
        }
    }
}

/* For MARK it also counts where the residual was null rather than false. */
static bool
marks_filter(const struct join *j, struct worker *w, struct probe_state *s,
             const struct chunk *pairs, uint16_t *sel, uint32_t *n)
{
    struct vec out;
    if (!program_run(j->residual, &w->eval, pairs, &out, &w->err)) {
        return false;
    }
    const uint8_t *values = vec_values(&out);
    for (uint32_t k = 0; k < s->n; k++) {
        if (vec_is_null(&out, k)) {
            s->matched[s->left[k]] = s->matched[s->left[k]] == 1 ? 1 : 2;
        } else if (values[vec_index(&out, k)] != 0) {
            sel[(*n)++] = (uint16_t)k;
        }
    }
    return true;
}

/* Keeps the pairs that pass the residual. */
static bool
pairs_filter(const struct join *j, struct worker *w, struct probe_state *s, const struct chunk *in)
{
    if (j->residual == NULL || s->n == 0) {
        return true;
    }
    struct chunk pairs;
    uint16_t sel[VEC_ROWS + 32];
    uint32_t n = 0;
    pairs_chunk(j, s, in, w->tmp, &pairs);
    if (j->type == JOIN_MARK ? !marks_filter(j, w, s, &pairs, sel, &n)
                             : !program_filter(j->residual, &w->eval, &pairs, sel, &n, &w->err)) {
        return false;
    }
    for (uint32_t k = 0; k < n; k++) {
        s->left[k] = s->left[sel[k]];
        s->right[k] = s->right[sel[k]];
    }
    s->n = n;
    return true;
}

static bool
pairs_note(const struct join *j, struct worker *w, struct probe_state *s)
{
    for (uint32_t k = 0; k < s->n; k++) {
        if (j->type == JOIN_SINGLE && s->matched[s->left[k]]) {
            return error_raise(&w->err, "SCALAR_SUBQUERY_TOO_MANY_ROWS", (const char *)NULL);
        }
        s->matched[s->left[k]] = 1;
    }
    for (uint32_t k = 0; j->matched != NULL && k < s->n; k++) {
        __atomic_store_n(&j->matched[s->right[k]], 1, __ATOMIC_RELAXED);
    }
    return true;
}

/* The pairs as rows. right UINT32_MAX gives nulls. */
static bool
pairs_emit(struct join *j, struct worker *w, struct probe_state *s, const struct chunk *in)
{
    struct chunk out = {.n = s->n, .sel_n = s->n, .col_count = j->left_count + j->right_count};
    out.cols = arena_new_array(w->tmp, struct vec, out.col_count + 1);
    for (uint32_t i = 0; i < j->left_count; i++) {
        vec_gather(&out.cols[i], &in->cols[i], s->left, s->n, w->tmp);
    }
    for (uint32_t i = 0; i < j->right_count; i++) {
        vec_gather(&out.cols[j->left_count + i], &j->build->store.cols[i], s->right, s->n, w->tmp);
    }
    return op_push(&j->op, w, &out);
}

/* What has gathered goes through the residual and out. */
static bool
pairs_flush(struct join *j, struct worker *w, struct probe_state *s, const struct chunk *in)
{
    if (s->n == 0) {
        return true;
    }
    struct arena *outer = worker_scratch(w, &s->scratch);
    bool ok = pairs_filter(j, w, s, in) && pairs_note(j, w, s);
    if (ok && s->n > 0 && emits_pairs(j)) {
        ok = pairs_emit(j, w, s, in);
    }
    worker_scratch(w, outer);
    arena_reset(&s->scratch);
    s->n = 0;
    return ok;
}

static inline bool
pair_add(struct join *j, struct worker *w, struct probe_state *s, const struct chunk *in,
         uint32_t left, uint32_t right)
{
    if (j->marks_build && __atomic_load_n(&j->matched[right], __ATOMIC_RELAXED)) {
        return true; /* its fate is known */
    }
    s->left[s->n] = left;
    s->right[s->n++] = right;
    return s->n < VEC_ROWS || pairs_flush(j, w, s, in);
}

/* One partner is enough, and nothing but the keys decides. */
static bool
first_suffices(const struct join *j)
{
    return j->residual == NULL && !emits_pairs(j) && !j->marks_build;
}

/* Rows of unique integer keys: one look into the map a row. */
static bool
pairs_dense(struct join *j, struct worker *w, struct probe_state *s, const struct chunk *in,
            const struct key_batch *keys)
{
    const struct join_table *t = &j->table;
    const uint64_t base = (uint64_t)t->min, span = (uint64_t)t->max - base;
    const uint64_t *values = keys->cols[0].narrow;
    const uint8_t *nulls = keys->cols[0].nulls;
    for (uint32_t k = 0; k < keys->n; k++) {
        const uint64_t at = values[k] - base;
        const uint32_t row = at <= span ? t->map[at] : UINT32_MAX;
        if (row != UINT32_MAX && !(nulls != NULL && nulls[k]) &&
            !pair_add(j, w, s, in, chunk_row(in, k), row)) {
            return false;
        }
    }
    return true;
}

static bool
pairs_hashed(struct join *j, struct worker *w, struct probe_state *s, const struct chunk *in,
             const struct key_batch *keys)
{
    const struct join_table *t = &j->table;
    const bool once = first_suffices(j);
    for (uint32_t k = 0; k < keys->n; k++) {
        __builtin_prefetch(&t->dir[keys->hashes[k] >> t->shift]);
    }
    struct join_match *found = arena_alloc(w->tmp, (keys->n + 1) * sizeof *found);
    for (uint32_t k = 0; k < keys->n; k++) {
        found[k] = join_bucket(t, keys->hashes[k]);
        __builtin_prefetch(&t->entries[found[k].at]);
    }
    for (uint32_t k = 0; k < keys->n; k++) {
        if (found[k].at == found[k].end || join_key_is_null(t, keys, k)) {
            continue;
        }
        const uint64_t hash = keys->hashes[k];
        for (uint32_t e = found[k].at; e < found[k].end; e++) {
            const struct join_entry *entry = &t->entries[e];
            if (entry->hash != hash ||
                (!t->one_to_one && !join_keys_equal(t, keys, k, entry->row))) {
                continue;
            }
            if (!pair_add(j, w, s, in, chunk_row(in, k), entry->row)) {
                return false;
            }
            if (once) {
                break;
            }
        }
    }
    return true;
}

static bool
pairs_all(struct join *j, struct worker *w, struct probe_state *s, const struct chunk *in)
{
    const uint32_t rows = (uint32_t)j->build->store.row_count;
    const bool once = first_suffices(j);
    for (uint32_t k = 0; k < in->sel_n; k++) {
        const uint32_t left = chunk_row(in, k);
        for (uint32_t row = 0; row < (once && rows > 0 ? 1 : rows); row++) {
            if (!pair_add(j, w, s, in, left, row)) {
                return false;
            }
        }
        if (query_stopped(w->query, &w->err)) {
            return false;
        }
    }
    return true;
}

/* ---- after a chunk's pairs ---- */

static bool
emit_selected(struct join *j, struct worker *w, struct probe_state *s, struct chunk *in,
              bool with_partner)
{
    uint16_t *sel = arena_alloc(w->tmp, (in->sel_n + 1) * sizeof *sel);
    struct chunk out = *in;
    uint32_t n = 0;
    for (uint32_t k = 0; k < in->sel_n; k++) {
        const uint32_t row = chunk_row(in, k);
        sel[n] = (uint16_t)row;
        n += (s->matched[row] == 1) == with_partner;
    }
    out.sel = sel;
    out.sel_n = n;
    return op_push(&j->op, w, &out);
}

/* Left rows without a partner, with nulls on the right. */
static bool
emit_left_only(struct join *j, struct worker *w, struct probe_state *s, const struct chunk *in)
{
    s->n = 0;
    for (uint32_t k = 0; k < in->sel_n; k++) {
        const uint32_t row = chunk_row(in, k);
        s->left[s->n] = row;
        s->right[s->n] = UINT32_MAX;
        s->n += s->matched[row] == 0;
    }
    const bool ok = s->n == 0 || pairs_emit(j, w, s, in);
    s->n = 0;
    return ok;
}

/* Three-valued marks. A row without a partner may still have a right row for which the condition
 * is null: the residual was null for a pair of equal keys (noted by then), or some key is null on
 * one side. Those pairs are looked at one left row at a time. */
static bool
condition_is_null(struct join *j, struct worker *w, struct probe_state *s, const struct chunk *in,
                  bool *any)
{
    struct chunk pairs;
    struct vec out;
    pairs_chunk(j, s, in, w->tmp, &pairs);
    if (!program_run(j->condition, &w->eval, &pairs, &out, &w->err)) {
        return false;
    }
    for (uint32_t k = 0; !*any && k < s->n; k++) {
        *any = vec_is_null(&out, k);
    }
    return true;
}

static bool
mark_nulls_of_row(struct join *j, struct worker *w, struct probe_state *s, const struct chunk *in,
                  uint32_t row, const uint32_t *candidates, uint32_t count)
{
    bool any = false;
    for (uint32_t from = 0; !any && from < count; from += VEC_ROWS) {
        s->n = count - from < VEC_ROWS ? count - from : VEC_ROWS;
        for (uint32_t k = 0; k < s->n; k++) {
            s->left[k] = row;
            s->right[k] = candidates != NULL ? candidates[from + k] : from + k;
        }
        struct arena *outer = worker_scratch(w, &s->scratch);
        const bool ok = condition_is_null(j, w, s, in, &any) && !query_stopped(w->query, &w->err);
        worker_scratch(w, outer);
        arena_reset(&s->scratch);
        if (!ok) {
            return false;
        }
    }
    s->n = 0;
    s->matched[row] = any ? 2 : 0;
    return true;
}

static bool
mark_nulls(struct join *j, struct worker *w, struct probe_state *s, const struct chunk *in,
           const struct key_batch *keys)
{
    const uint32_t build_rows = (uint32_t)j->build->store.row_count;
    if (keys == NULL || build_rows == 0) {
        return true; /* without keys every pair has been looked at */
    }
    for (uint32_t k = 0; k < in->sel_n; k++) {
        const uint32_t row = chunk_row(in, k);
        if (s->matched[row] != 0) {
            continue;
        }
        const bool all = join_key_is_null(&j->table, keys, k);
        if (all && j->residual == NULL && j->table.layout.key_count == 1) {
            s->matched[row] = 2; /* null = anything is null */
            continue;
        }
        const uint32_t *candidates = all ? NULL : j->table.null_rows;
        const uint32_t count = all ? build_rows : j->table.null_row_count;
        if (count > 0 && !mark_nulls_of_row(j, w, s, in, row, candidates, count)) {
            return false;
        }
    }
    return true;
}

static bool
emit_marks(struct join *j, struct worker *w, struct probe_state *s, const struct chunk *in,
           const struct key_batch *keys)
{
    if (!mark_nulls(j, w, s, in, keys)) {
        return false;
    }
    struct chunk out = *in;
    out.col_count = j->left_count + 1;
    out.cols = arena_new_array(w->tmp, struct vec, out.col_count);
    memcpy(out.cols, in->cols, j->left_count * sizeof *out.cols);
    struct vec *mark = &out.cols[j->left_count];
    vec_init_flat(mark, w->tmp, type_scalar(TYPE_BOOLEAN), in->n);
    memset(mark->data, 0, in->n);
    for (uint32_t k = 0; k < in->sel_n; k++) {
        const uint32_t row = chunk_row(in, k);
        ((uint8_t *)mark->data)[row] = s->matched[row] == 1;
        if (s->matched[row] == 2) {
            vec_set_null(mark, w->tmp, row);
        }
    }
    return op_push(&j->op, w, &out);
}

static bool
probe_push(struct op *op, struct worker *w, void *state, struct chunk *in)
{
    struct join *j = (struct join *)op;
    struct probe_state *s = state;
    struct chunk src = *in;
    struct key_batch keys;
    bool ok = true;
    s->n = 0;
    if (j->has_table) {
        struct vec *cols = arena_new_array(w->tmp, struct vec, j->keys.count + 1);
        if (!projection_run(&j->keys, w, &src, cols)) {
            return false;
        }
        key_batch_make(&keys, &j->table.layout, cols, src.sel, src.sel_n, w->tmp);
    }
    memset(s->matched, 0, src.n);
    if (j->build->store.row_count > 0) {
        ok = !j->has_table              ? pairs_all(j, w, s, &src)
             : j->table.map != NULL     ? pairs_dense(j, w, s, &src, &keys)
             : j->table.entry_count > 0 ? pairs_hashed(j, w, s, &src, &keys)
                                        : true;
        ok = ok && pairs_flush(j, w, s, &src);
    }
    if (!ok || j->marks_build) {
        return ok;
    }
    if (j->type == JOIN_SEMI || j->type == JOIN_ANTI) {
        return emit_selected(j, w, s, &src, j->type == JOIN_SEMI);
    }
    if (j->type == JOIN_MARK) {
        return emit_marks(j, w, s, &src, j->has_table ? &keys : NULL);
    }
    return !keeps_left(j) || emit_left_only(j, w, s, &src);
}

const struct op_class join_probe_class = {
    .name = "HashJoin", .open = probe_open, .push = probe_push, .close = probe_close};

/* ---- build rows that no probe row met, or those that some met ---- */

enum { UNMATCHED_MORSEL_ROWS = 1 << 16 };

struct unmatched_cursor {
    uint32_t at, end;
};

static bool
unmatched_prepare(struct source *s, struct query *q, uint32_t *morsels, struct error *err)
{
    (void)q;
    (void)err;
    const struct join *j = ((struct join_unmatched *)s)->join;
    const uint64_t rows = j->build->store.row_count;
    *morsels = (uint32_t)((rows + UNMATCHED_MORSEL_ROWS - 1) / UNMATCHED_MORSEL_ROWS);
    return true;
}

static bool
unmatched_open(struct source *s, struct worker *w, uint32_t morsel, void **cursor)
{
    const struct join *j = ((struct join_unmatched *)s)->join;
    const uint32_t rows = (uint32_t)j->build->store.row_count;
    struct unmatched_cursor *c = arena_new(&w->morsel_keep, struct unmatched_cursor);
    c->at = morsel * UNMATCHED_MORSEL_ROWS;
    c->end = rows - c->at < UNMATCHED_MORSEL_ROWS ? rows : c->at + UNMATCHED_MORSEL_ROWS;
    *cursor = c;
    return true;
}

static bool
unmatched_next(struct source *s, struct worker *w, void *cursor, struct chunk *out, bool *more)
{
    const struct join *j = ((struct join_unmatched *)s)->join;
    struct unmatched_cursor *c = cursor;
    uint32_t rows[VEC_ROWS];
    uint32_t n = 0;
    while (c->at < c->end && n < VEC_ROWS) {
        rows[n] = c->at;
        n += !j->matched[c->at++];
    }
    *out = (struct chunk){.n = n, .sel_n = n, .col_count = j->left_count + j->right_count};
    out->cols = arena_new_array(w->tmp, struct vec, out->col_count + 1);
    for (uint32_t i = 0; i < j->left_count; i++) {
        vec_init_const_null(&out->cols[i], w->tmp, s->schema->fields[i].type, n);
    }
    for (uint32_t i = 0; i < j->right_count; i++) {
        vec_gather(&out->cols[j->left_count + i], &j->build->store.cols[i], rows, n, w->tmp);
    }
    *more = c->at < c->end;
    return true;
}

const struct source_class join_unmatched_class = {
    .name = "UnmatchedRows",
    .prepare = unmatched_prepare,
    .open = unmatched_open,
    .next = unmatched_next,
};

static bool
marked_next(struct source *s, struct worker *w, void *cursor, struct chunk *out, bool *more)
{
    const struct join *j = ((struct join_unmatched *)s)->join;
    struct unmatched_cursor *c = cursor;
    const uint8_t wanted = j->type == JOIN_SEMI;
    uint32_t rows[VEC_ROWS];
    uint32_t n = 0;
    while (c->at < c->end && n < VEC_ROWS) {
        rows[n] = c->at;
        n += j->matched[c->at++] == wanted;
    }
    *out = (struct chunk){.n = n, .sel_n = n, .col_count = j->right_count};
    out->cols = arena_new_array(w->tmp, struct vec, out->col_count + 1);
    for (uint32_t i = 0; i < j->right_count; i++) {
        vec_gather(&out->cols[i], &j->build->store.cols[i], rows, n, w->tmp);
    }
    *more = c->at < c->end;
    return true;
}

const struct source_class join_marked_class = {
    .name = "MarkedRows",
    .prepare = unmatched_prepare,
    .open = unmatched_open,
    .next = marked_next,
};
