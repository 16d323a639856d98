/*
 * Running a program: nodes are evaluated on demand under a context, which is the rows that need a
 * value. A branch makes a narrower context; what was computed in a context is valid in all that
 * lie inside it, so a shared subexpression is computed once unless only branches ask for it.
 *
 * Dictionary and constant columns: a null-strict, deterministic expression over one such column is
 * run over the dictionary's entries instead of the rows. Should that fail, it is run over the rows,
 * since an entry that no live row uses must not raise an error.
 */
#include <string.h>

#include "func/bind.h"
#include "func/builder.h"
#include "func/program_node.h"

struct ctx {
    const struct ctx *parent;
    uint32_t id;
    const uint16_t *sel; /* NULL: rows 0..n */
    uint32_t n;
};

struct memo {
    struct vec raw;
    struct vec flat;
    uint32_t raw_ctx; /* 0: none */
    uint32_t flat_ctx;
};

struct run {
    struct eval *ev;
    const struct chunk *in;
    struct memo *memos;
    const struct ctx *top;
    uint32_t next_ctx;
    struct error *err;
};

static bool eval_raw(struct run *r, const struct ctx *ctx, const struct node *n, struct vec *out);
static bool eval_flat(struct run *r, const struct ctx *ctx, const struct node *n, struct vec *out);

static bool
run_start(struct run *r, struct ctx *top, const struct program *p, struct eval *ev,
          const struct chunk *in, struct error *err)
{
    *top = (struct ctx){.id = 1, .sel = in->sel, .n = in->sel != NULL ? in->sel_n : in->n};
    *r = (struct run){.ev = ev, .in = in, .top = top, .next_ctx = 2, .err = err};
    r->memos = arena_new_array(ev->tmp, struct memo, p->slot_count + 1);
    return true;
}

static bool
ctx_covers(const struct ctx *ctx, uint32_t id)
{
    for (; ctx != NULL; ctx = ctx->parent) {
        if (ctx->id == id) {
            return true;
        }
    }
    return false;
}

static struct ctx
ctx_inner(struct run *r, const struct ctx *ctx, const uint16_t *sel, uint32_t n)
{
    return (struct ctx){.parent = ctx, .id = r->next_ctx++, .sel = sel, .n = n};
}

static uint16_t *
sel_new(struct run *r)
{
    return arena_alloc(r->ev->tmp, sizeof(uint16_t) * ((size_t)r->in->n + 64));
}

static uint32_t
ctx_row(const struct ctx *ctx, uint32_t k)
{
    return ctx->sel != NULL ? ctx->sel[k] : k;
}

/* ---- calls ---- */

static void
valid_and(struct run *r, struct vec *out, const struct vec *in)
{
    if (in->valid == NULL) {
        return;
    }
    const size_t words = valid_words(out->n);
    if (out->valid == NULL) {
        out->valid = valid_new(r->ev->tmp, out->n, true);
    }
    for (size_t w = 0; w < words; w++) {
        out->valid[w] &= in->valid[w];
    }
}

static void
failed_at(struct run *r, const struct expr *e)
{
    if (e->start >= 0) {
        error_at(r->err, e->start, e->stop, NULL, 0);
    } else if (e->call_site != NULL && e->call_site[0] != '\0') {
        error_at_call(r->err, e->call_name, e->call_site);
    }
}

static bool
eval_call(struct run *r, const struct ctx *ctx, const struct node *n, struct vec *out)
{
    const uint32_t rows = r->in->n;
    struct vec *values = arena_new_array(r->ev->tmp, struct vec, n->arg_count + 1);
    const struct vec **in = arena_new_array(r->ev->tmp, const struct vec *, n->arg_count + 1);
    const bool strict = !n->call.def->handles_nulls;
    for (uint32_t i = 0; i < n->arg_count; i++) {
        if (n->args[i] == NULL) {
            continue; /* a lambda */
        }
        if (!eval_flat(r, ctx, n->args[i], &values[i])) {
            failed_at(r, n->call.expr); /* a cast that resolution put in has the call's place */
            return false;
        }
        in[i] = &values[i];
        if (strict && i < n->call.arg_count && values[i].phys == PHYS_NONE) {
            vec_init_const_null(out, r->ev->tmp, n->type, rows);
            return true;
        }
    }
    vec_init_flat(out, r->ev->tmp, n->type, rows);
    if (strict) {
        for (uint32_t i = 0; i < n->call.arg_count; i++) {
            if (in[i] != NULL) {
                valid_and(r, out, in[i]);
            }
        }
    }
    if (!n->kernel(r->ev, &n->call, rows, ctx->sel, ctx->n, in, out, r->err)) {
        failed_at(r, n->call.expr);
        return false;
    }
    return true;
}

static bool
eval_cast(struct run *r, const struct ctx *ctx, const struct node *n, struct vec *out)
{
    struct vec in;
    if (!eval_flat(r, ctx, n->args[0], &in)) {
        return false;
    }
    if (!func_cast(r->ev, &in, n->type, n->cast_mode, ctx->sel, ctx->n, out, r->err)) {
        failed_at(r, n->expr);
        return false;
    }
    return true;
}

static bool
eval_field(struct run *r, const struct ctx *ctx, const struct node *n, struct vec *out)
{
    struct vec in;
    if (!eval_flat(r, ctx, n->args[0], &in)) {
        return false;
    }
    if (in.phys == PHYS_NONE || n->column >= in.child_count) {
        vec_init_const_null(out, r->ev->tmp, n->type, r->in->n);
        return true;
    }
    const struct vec *child = &in.child[n->column];
    if (in.valid == NULL) {
        *out = *child;
    } else {
        vec_flatten(out, child, ctx->sel, ctx->n, r->ev->tmp);
        if (out->phys == PHYS_NONE) {
            return true;
        }
        const uint64_t *own = out->valid;
        out->valid = valid_new(r->ev->tmp, r->in->n, true);
        for (size_t w = 0; w < valid_words(r->in->n); w++) {
            out->valid[w] = in.valid[w] & (own != NULL ? own[w] : ~(uint64_t)0);
        }
    }
    out->n = r->in->n;
    return true;
}

/* ---- branches ---- */

static void
merge_fixed(struct run *r, const struct ctx *ctx, const uint16_t *of, const struct vec *values,
            struct vec *out)
{
    const size_t size = phys_size(out->phys);
    for (uint32_t k = 0; k < ctx->n; k++) {
        const uint32_t i = ctx_row(ctx, k);
        const struct vec *v = of[i] == 0 ? NULL : &values[of[i] - 1];
        if (v == NULL || vec_is_null(v, i)) {
            vec_set_null(out, r->ev->tmp, i);
            continue;
        }
        const char *from = (const char *)vec_values(v) + (size_t)vec_index(v, i) * size;
        char *to = (char *)out->data + (size_t)i * size;
        switch (size) {
        case 1:
            *to = *from;
            break;
        case 4:
            memcpy(to, from, 4);
            break;
        case 8:
            memcpy(to, from, 8);
            break;
        case 16:
            memcpy(to, from, 16);
            break;
        default:
            memcpy(to, from, size);
        }
    }
}

/* Row i of out is row i of values[of[i] - 1], or null where of[i] is 0. */
static void
merge(struct run *r, const struct ctx *ctx, const struct node *n, const uint16_t *of,
      const struct vec *values, struct vec *out)
{
    const uint32_t rows = r->in->n;
    const enum phys p = phys_of(n->type);
    if (p == PHYS_NONE) {
        vec_init_const_null(out, r->ev->tmp, n->type, rows);
        return;
    }
    if (p != PHYS_LIST && p != PHYS_MAP && p != PHYS_STRUCT) {
        vec_init_flat(out, r->ev->tmp, n->type, rows);
        merge_fixed(r, ctx, of, values, out);
        return;
    }
    struct builder b;
    builder_init(&b, r->ev->tmp, n->type);
    uint32_t k = 0;
    for (uint32_t i = 0; i < rows; i++) {
        const bool live = ctx->sel == NULL || (k < ctx->n && ctx->sel[k] == i);
        k += live;
        if (!live || of[i] == 0) {
            builder_null(&b);
        } else {
            builder_add(&b, &values[of[i] - 1], i);
        }
    }
    builder_finish(&b, out);
}

static uint16_t *
branch_map(struct run *r)
{
    return arena_zalloc(r->ev->tmp, sizeof(uint16_t) * ((size_t)r->in->n + 1));
}

/* Splits ctx's rows by a boolean vector: those where it is true, and the others. */
static void
split(const struct ctx *ctx, const struct vec *cond, uint16_t *yes, uint32_t *yes_n, uint16_t *no,
      uint32_t *no_n)
{
    uint32_t y = 0;
    uint32_t x = 0;
    const uint8_t *data = vec_values(cond);
    for (uint32_t k = 0; k < ctx->n; k++) {
        const uint16_t i = (uint16_t)ctx_row(ctx, k);
        const bool t = !vec_is_null(cond, i) && data[vec_index(cond, i)] != 0;
        yes[y] = i;
        no[x] = i;
        y += t;
        x += !t;
    }
    *yes_n = y;
    *no_n = x;
}

static bool
eval_case(struct run *r, const struct ctx *ctx, const struct node *n, struct vec *out)
{
    uint16_t *of = branch_map(r);
    struct vec *values = arena_new_array(r->ev->tmp, struct vec, n->arg_count + 1);
    uint32_t count = 0;
    struct ctx rest = *ctx;
    uint32_t a = 0;
    for (; a + 1 < n->arg_count && rest.n > 0; a += 2) {
        struct vec cond;
        uint16_t *yes = sel_new(r);
        uint16_t *no = sel_new(r);
        uint32_t yes_n;
        uint32_t no_n;
        if (!eval_raw(r, &rest, n->args[a], &cond)) {
            return false;
        }
        split(&rest, &cond, yes, &yes_n, no, &no_n);
        if (yes_n > 0) {
            const struct ctx inner = no_n == 0 ? rest : ctx_inner(r, ctx, yes, yes_n);
            if (!eval_raw(r, &inner, n->args[a + 1], &values[count])) {
                return false;
            }
            count++;
            for (uint32_t k = 0; k < yes_n; k++) {
                of[yes[k]] = (uint16_t)count;
            }
        }
        if (yes_n > 0) {
            rest = ctx_inner(r, ctx, no, no_n);
        }
    }
    if (n->arg_count % 2 == 1 && rest.n > 0) {
        if (!eval_raw(r, &rest, n->args[n->arg_count - 1], &values[count])) {
            return false;
        }
        count++;
        if (count == 1) { /* the first conditions held nowhere */
            *out = values[0];
            return true;
        }
        for (uint32_t k = 0; k < rest.n; k++) {
            of[ctx_row(&rest, k)] = (uint16_t)count;
        }
    }
    merge(r, ctx, n, of, values, out);
    return true;
}

static bool
eval_coalesce(struct run *r, const struct ctx *ctx, const struct node *n, struct vec *out)
{
    uint16_t *of = branch_map(r);
    struct vec *values = arena_new_array(r->ev->tmp, struct vec, n->arg_count + 1);
    struct ctx rest = *ctx;
    for (uint32_t a = 0; a < n->arg_count && rest.n > 0; a++) {
        if (!eval_raw(r, &rest, n->args[a], &values[a])) {
            return false;
        }
        if (a == 0 && values[0].valid == NULL && values[0].phys != PHYS_NONE) {
            *out = values[0];
            return true;
        }
        uint16_t *nulls = sel_new(r);
        uint32_t nulls_n = 0;
        for (uint32_t k = 0; k < rest.n; k++) {
            const uint32_t i = ctx_row(&rest, k);
            if (vec_is_null(&values[a], i)) {
                nulls[nulls_n++] = (uint16_t)i;
            } else {
                of[i] = (uint16_t)(a + 1);
            }
        }
        rest = ctx_inner(r, ctx, nulls, nulls_n);
    }
    merge(r, ctx, n, of, values, out);
    return true;
}

/* AND: `decides` is false; OR: true. A row is done when an argument has the deciding value. */
static bool
eval_chain(struct run *r, const struct ctx *ctx, const struct node *n, bool decides,
           struct vec *out)
{
    vec_init_flat(out, r->ev->tmp, n->type, r->in->n);
    uint8_t *data = out->data;
    uint64_t *null_seen = NULL;
    struct ctx rest = *ctx;
    for (uint32_t k = 0; k < ctx->n; k++) {
        data[ctx_row(ctx, k)] = !decides;
    }
    for (uint32_t a = 0; a < n->arg_count && rest.n > 0; a++) {
        struct vec v;
        if (!eval_raw(r, &rest, n->args[a], &v)) {
            return false;
        }
        uint16_t *open = sel_new(r);
        uint32_t open_n = 0;
        const uint8_t *bits = vec_values(&v);
        for (uint32_t k = 0; k < rest.n; k++) {
            const uint32_t i = ctx_row(&rest, k);
            if (vec_is_null(&v, i)) {
                if (null_seen == NULL) {
                    null_seen = valid_new(r->ev->tmp, r->in->n, false);
                }
                bit_set(null_seen, i);
                open[open_n++] = (uint16_t)i;
            } else if ((bits[vec_index(&v, i)] != 0) == decides) {
                data[i] = decides;
            } else {
                open[open_n++] = (uint16_t)i;
            }
        }
        if (open_n < rest.n) {
            rest = ctx_inner(r, ctx, open, open_n);
        }
    }
    for (uint32_t k = 0; null_seen != NULL && k < rest.n; k++) {
        const uint32_t i = ctx_row(&rest, k);
        if (bit_get(null_seen, i)) {
            vec_set_null(out, r->ev->tmp, i);
        }
    }
    return true;
}

/* ---- dictionaries ---- */

/* One column's dictionary or constant as a chunk of its own. */
static bool
eval_entries(struct run *r, const struct node *n, const struct vec *col, struct vec *out)
{
    struct chunk *entries = arena_new(r->ev->tmp, struct chunk);
    *entries = *r->in;
    entries->cols = arena_new_array(r->ev->tmp, struct vec, r->in->col_count);
    struct vec *dict = &entries->cols[n->only_column];
    if (col->enc == VEC_DICT) {
        *dict = col->child[0];
    } else {
        *dict = *col;
        dict->enc = VEC_FLAT;
        dict->n = 1;
    }
    entries->n = dict->n;
    entries->sel = NULL;
    entries->sel_n = dict->n;
    struct error ignored = {0};
    struct ctx top = {.id = 1, .n = dict->n};
    struct run inner = {.ev = r->ev, .in = entries, .top = &top, .next_ctx = 2, .err = &ignored};
    inner.memos = arena_alloc(r->ev->tmp, sizeof(struct memo) * ((size_t)n->slot + 1));
    memset(inner.memos, 0, sizeof(struct memo) * ((size_t)n->slot + 1));
    if (!eval_flat(&inner, &top, n, out)) {
        error_clear(&ignored);
        return false;
    }
    return true;
}

static const struct vec *
node_encoded_column(const struct run *r, const struct ctx *ctx, const struct node *n)
{
    if (n->only_column < 0 || !n->strict || !n->pure || n->kind == NODE_COLUMN ||
        (uint32_t)n->only_column >= r->in->col_count) {
        return NULL;
    }
    const struct vec *col = &r->in->cols[n->only_column];
    if (col->phys == PHYS_NONE || type_is_nested(n->type)) {
        return NULL;
    }
    if (col->enc == VEC_CONST) {
        return vec_is_null(col, 0) || type_is_nested(col->type) ? NULL : col;
    }
    return col->enc == VEC_DICT && col->child[0].n > 0 && col->child[0].n <= ctx->n ? col : NULL;
}

/* Spreads the entries' results over the rows. False: it did not work out. */
static bool
eval_encoded(struct run *r, const struct ctx *ctx, const struct node *n, const struct vec *col,
             struct vec *out)
{
    struct vec entries;
    if (!eval_entries(r, n, col, &entries)) {
        return false;
    }
    if (entries.phys == PHYS_NONE) {
        vec_init_const_null(out, r->ev->tmp, n->type, r->in->n);
        return true;
    }
    if (col->enc == VEC_CONST) {
        *out = entries;
        out->enc = VEC_CONST;
        out->n = r->in->n;
        return true;
    }
    *out = (struct vec){.type = n->type,
                        .phys = entries.phys,
                        .enc = VEC_DICT,
                        .child_count = 1,
                        .n = r->in->n,
                        .codes = col->codes,
                        .valid = col->valid};
    out->child = arena_new(r->ev->tmp, struct vec);
    *out->child = entries;
    if (entries.valid != NULL) { /* a dictionary has no nulls: they move to the rows */
        out->child->valid = NULL;
        out->valid = valid_new(r->ev->tmp, r->in->n, true);
        for (uint32_t k = 0; k < ctx->n; k++) {
            const uint32_t i = ctx_row(ctx, k);
            if (vec_is_null(col, i) || !bit_get(entries.valid, col->codes[i])) {
                bit_clear(out->valid, i);
            }
        }
    }
    return true;
}

/* ---- nodes ---- */

static bool
eval_kind(struct run *r, const struct ctx *ctx, const struct node *n, struct vec *out)
{
    switch (n->kind) {
    case NODE_CALL:
        return eval_call(r, ctx, n, out);
    case NODE_CAST:
        return eval_cast(r, ctx, n, out);
    case NODE_CASE:
        return eval_case(r, ctx, n, out);
    case NODE_COALESCE:
        return eval_coalesce(r, ctx, n, out);
    case NODE_AND:
        return eval_chain(r, ctx, n, false, out);
    case NODE_OR:
        return eval_chain(r, ctx, n, true, out);
    case NODE_FIELD:
        return eval_field(r, ctx, n, out);
    case NODE_CONST:
    case NODE_COLUMN:
        break;
    }
    return error_set(r->err, ERROR_INTERNAL, "[INTERNAL_ERROR] program node %d", (int)n->kind);
}

static bool
eval_raw(struct run *r, const struct ctx *ctx, const struct node *n, struct vec *out)
{
    if (n->kind == NODE_CONST) {
        *out = n->value;
        out->n = r->in->n;
        return true;
    }
    if (n->kind == NODE_COLUMN) {
        if (n->column >= r->in->col_count) {
            return error_set(r->err, ERROR_INTERNAL,
                             "[INTERNAL_ERROR] column %u of a chunk of %u columns", n->column,
                             r->in->col_count);
        }
        *out = r->in->cols[n->column];
        return true;
    }
    struct memo *m = &r->memos[n->slot];
    if (m->raw_ctx != 0 && ctx_covers(ctx, m->raw_ctx)) {
        *out = m->raw;
        return true;
    }
    if (ctx->n == 0) { /* no row asks; do not let a kernel see it */
        vec_init_const_null(out, r->ev->tmp, n->type, r->in->n);
        return true;
    }
    const struct vec *encoded = node_encoded_column(r, ctx, n);
    if (encoded == NULL || !eval_encoded(r, ctx, n, encoded, out)) {
        if (!eval_kind(r, ctx, n, out)) {
            return false;
        }
    }
    m->raw = *out;
    m->raw_ctx = ctx->id;
    m->flat_ctx = 0;
    return true;
}

static bool
eval_flat(struct run *r, const struct ctx *ctx, const struct node *n, struct vec *out)
{
    if (n->kind == NODE_CONST && r->in->n <= VEC_ROWS) {
        *out = n->flat;
        out->n = r->in->n;
        return true;
    }
    struct memo *m = &r->memos[n->slot];
    if (m->flat_ctx != 0 && ctx_covers(ctx, m->flat_ctx)) {
        *out = m->flat;
        return true;
    }
    struct vec raw;
    if (!eval_raw(r, ctx, n, &raw)) {
        return false;
    }
    if (raw.enc == VEC_FLAT || raw.phys == PHYS_NONE) {
        *out = raw;
        return true;
    }
    /* Columns cannot fail: flatten them for all rows that the run is about. */
    const struct ctx *wide = n->kind == NODE_COLUMN ? r->top : ctx;
    vec_flatten(out, &raw, wide->sel, wide->n, r->ev->tmp);
    m->flat = *out;
    m->flat_ctx = wide->id;
    return true;
}

bool
program_run(const struct program *p, struct eval *ev, const struct chunk *in, struct vec *out,
            struct error *err)
{
    struct run r;
    struct ctx top;
    return run_start(&r, &top, p, ev, in, err) && eval_raw(&r, &top, p->root, out);
}

/* ---- filters ---- */

static void
filter_bools(const struct ctx *ctx, const struct vec *v, uint16_t *out, uint32_t *out_n)
{
    uint32_t m = 0;
    const uint8_t *data = vec_values(v);
    if (v->phys == PHYS_NONE) {
        *out_n = 0;
        return;
    }
    if (v->enc == VEC_FLAT && v->valid == NULL) {
        for (uint32_t k = 0; k < ctx->n; k++) {
            const uint32_t i = ctx_row(ctx, k);
            out[m] = (uint16_t)i;
            m += data[i] != 0;
        }
    } else if (v->enc == VEC_DICT && v->valid == NULL) {
        for (uint32_t k = 0; k < ctx->n; k++) {
            const uint32_t i = ctx_row(ctx, k);
            out[m] = (uint16_t)i;
            m += data[v->codes[i]] != 0;
        }
    } else {
        for (uint32_t k = 0; k < ctx->n; k++) {
            const uint32_t i = ctx_row(ctx, k);
            out[m] = (uint16_t)i;
            m += !vec_is_null(v, i) && data[vec_index(v, i)] != 0;
        }
    }
    *out_n = m;
}

/* A comparison straight to a selection; false: not that simple. */
static bool
filter_compare(struct run *r, const struct ctx *ctx, const struct node *n, uint16_t *out,
               uint32_t *out_n, bool *failed)
{
    const enum compare_op op = n->kind == NODE_CALL ? compare_op_of(n->call.def) : COMPARE_NONE;
    if (op == COMPARE_NONE || node_encoded_column(r, ctx, n) != NULL ||
        r->memos[n->slot].raw_ctx != 0) {
        return false;
    }
    struct vec x;
    struct vec y;
    if (!eval_raw(r, ctx, n->args[0], &x) || !eval_raw(r, ctx, n->args[1], &y)) {
        *failed = true;
        return false;
    }
    if (vec_is_null(&y, 0) && y.enc == VEC_CONST) {
        return false;
    }
    if (x.enc == VEC_DICT && !eval_flat(r, ctx, n->args[0], &x)) {
        *failed = true;
        return false;
    }
    if (y.enc == VEC_DICT && !eval_flat(r, ctx, n->args[1], &y)) {
        *failed = true;
        return false;
    }
    return compare_select(op, &x, &y, ctx->sel, ctx->n, out, out_n);
}

static bool
filter_node(struct run *r, const struct ctx *ctx, const struct node *n, uint16_t *out,
            uint32_t *out_n)
{
    if (n->kind == NODE_AND) {
        struct ctx rest = *ctx;
        uint32_t m = ctx->n;
        for (uint32_t a = 0; a < n->arg_count && rest.n > 0; a++) {
            uint16_t *kept = a + 1 == n->arg_count ? out : sel_new(r);
            if (!filter_node(r, &rest, n->args[a], kept, &m)) {
                return false;
            }
            rest = ctx_inner(r, ctx, kept, m);
        }
        if (rest.sel != out && rest.n > 0) {
            memcpy(out, rest.sel, rest.n * sizeof *out);
        }
        *out_n = rest.n;
        return true;
    }
    bool failed = false;
    if (filter_compare(r, ctx, n, out, out_n, &failed)) {
        return true;
    }
    struct vec v;
    if (failed || !eval_raw(r, ctx, n, &v)) {
        return false;
    }
    filter_bools(ctx, &v, out, out_n);
    return true;
}

bool
program_filter(const struct program *p, struct eval *ev, const struct chunk *in, uint16_t *sel_out,
               uint32_t *n_out, struct error *err)
{
    struct run r;
    struct ctx top;
    if (!run_start(&r, &top, p, ev, in, err)) {
        return false;
    }
    /* Scratch: a selection may write one place past its end. */
    uint16_t *kept = sel_new(&r);
    uint32_t m = 0;
    if (top.n > 0 && !filter_node(&r, &top, p->root, kept, &m)) {
        return false;
    }
    memcpy(sel_out, kept, m * sizeof *kept);
    *n_out = m;
    return true;
}

/* ---- lambdas ---- */

bool
lambda_run(struct eval *ev, const struct lambda *l, const struct vec *const *in,
           const uint32_t *parent_row, uint32_t m, const struct vec *params, struct vec *out,
           struct error *err)
{
    struct builder all;
    builder_init(&all, ev->tmp, l->body->root->type);
    for (uint32_t from = 0; from == 0 || from < m; from += VEC_ROWS) {
        const uint32_t part = m - from < VEC_ROWS ? m - from : VEC_ROWS;
        struct chunk chunk = {.n = part, .sel_n = part};
        chunk.col_count = l->param_count + l->capture_count;
        chunk.cols = arena_new_array(ev->tmp, struct vec, chunk.col_count + 1);
        for (uint32_t i = 0; i < l->param_count; i++) {
            vec_slice(&chunk.cols[i], &params[i], from, part, ev->tmp);
        }
        for (uint32_t i = 0; i < l->capture_count; i++) {
            vec_gather(&chunk.cols[l->param_count + i], in[l->capture_first + i], parent_row + from,
                       part, ev->tmp);
        }
        struct vec value;
        if (part == 0) {
            break;
        }
        if (!program_run(l->body, ev, &chunk, &value, err)) {
            return false;
        }
        if (part == m) {
            vec_flatten(out, &value, NULL, m, ev->tmp);
            return true;
        }
        builder_add_range(&all, &value, 0, part);
    }
    builder_finish(&all, out);
    return true;
}
