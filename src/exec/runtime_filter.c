/* Finding the scan column behind a join key, and the operator that filters there. */
#include "exec/runtime_filter.h"

#include "exec/join.h"

enum { TRIAL_ROWS = 1 << 16 };

static void
target_add(struct compiler *c, const struct rel *scan, uint32_t column, const struct join *j)
{
    struct runtime_filter *f = arena_new(c->arena, struct runtime_filter);
    f->join = j;
    struct scan_target *t = arena_new(c->arena, struct scan_target);
    *t = (struct scan_target){.scan = scan, .column = column, .filter = f, .next = c->targets};
    c->targets = t;
}

static uint32_t
rel_uses(const struct rel *r, const struct rel *wanted)
{
    uint32_t count = r == wanted;
    for (uint32_t i = 0; i < r->input_count; i++) {
        count += rel_uses(r->inputs[i], wanted);
    }
    return count;
}

/* Follows one output column of r down to the scans that it comes from unchanged. */
static void
column_follow(struct compiler *c, const struct rel *r, uint32_t column, const struct join *j)
{
    switch (r->kind) {
    case REL_SCAN:
        target_add(c, r, column, j);
        break;
    case REL_FILTER:
        if (exprs_deterministic(&r->condition, 1)) {
            column_follow(c, r->inputs[0], column, j);
        }
        break;
    case REL_PROJECT: {
        const struct expr *e = expr_unalias(r->exprs[column]);
        if (e->kind == EXPR_COLUMN && exprs_deterministic(r->exprs, r->expr_count)) {
            column_follow(c, r->inputs[0], e->column, j);
        }
        break;
    }
    case REL_AGGREGATE: {
        /* A row of another key only ever adds to a group that the join drops. */
        if (column < r->group_count) {
            const struct expr *e = expr_unalias(r->exprs[column]);
            if (e->kind == EXPR_COLUMN && exprs_deterministic(r->exprs, r->expr_count)) {
                column_follow(c, r->inputs[0], e->column, j);
            }
        }
        break;
    }
    case REL_DISTINCT:
        column_follow(c, r->inputs[0], column, j);
        break;
    case REL_UNION:
        for (uint32_t i = 0; i < r->input_count; i++) {
            column_follow(c, r->inputs[i], column, j);
        }
        break;
    case REL_JOIN: {
        const uint32_t left = r->inputs[0]->schema->field_count;
        const bool keeps_left = r->join_type != JOIN_RIGHT && r->join_type != JOIN_FULL;
        if (column < left && keeps_left) {
            column_follow(c, r->inputs[0], column, j);
        } else if (column >= left && r->join_type == JOIN_INNER) {
            column_follow(c, r->inputs[1], column - left, j);
        }
        break;
    }
    default:
        break; /* dropping rows below anything else could change what it computes */
    }
}

void
runtime_filter_offer(struct compiler *c, const struct rel *join, const struct expr *left_key,
                     const struct join *j)
{
    const struct expr *key = expr_unalias(left_key);
    const bool drops =
        j->marks_build || j->type == JOIN_INNER || j->type == JOIN_SEMI || j->type == JOIN_RIGHT;
    if (!drops || key->kind != EXPR_COLUMN) {
        return;
    }
    struct scan_target *before = c->targets;
    column_follow(c, join->inputs[0], key->column, j);
    for (struct scan_target **at = &c->targets; *at != before;) {
        /* One node standing at two places of the tree must not be filtered for one of them. */
        if (rel_uses(join->inputs[0], (*at)->scan) != 1) {
            *at = (*at)->next;
        } else {
            at = &(*at)->next;
        }
    }
}

/* ---- the operator ---- */

struct key_filter {
    struct op op;
    uint32_t column;
    const struct runtime_filter *filter;
    _Atomic uint64_t seen, passed;
    _Atomic bool off;
};

#define KEEP(T)                                                                                    \
    {                                                                                              \
        const T *data = vec_values(v);                                                             \
        for (uint32_t k = 0; k < in->sel_n; k++) {                                                 \
            const uint32_t i = in->sel != NULL ? in->sel[k] : k;                                   \
            const uint64_t at = (uint64_t)(int64_t)data[vec_index(v, i)] - base;                   \
            bool keep = at <= span;                                                                \
            if (keep && present != NULL) {                                                         \
                keep = present[at >> 6] >> (at & 63) & 1;                                          \
            }                                                                                      \
            sel[n] = (uint16_t)i;                                                                  \
            n += keep && !(v->valid != NULL && vec_is_null(v, i));                                 \
        }                                                                                          \
        break;                                                                                     \
    }

static uint32_t
rows_keep(const struct join_table *t, const struct vec *v, const struct chunk *in, uint16_t *sel)
{
    const uint64_t base = (uint64_t)t->min, span = (uint64_t)t->max - base;
    const uint64_t *present = t->present;
    uint32_t n = 0;
    switch ((enum phys)v->phys) {
    case PHYS_BOOL:
        KEEP(uint8_t)
    case PHYS_I8:
        KEEP(int8_t)
    case PHYS_I16:
        KEEP(int16_t)
    case PHYS_I32:
        KEEP(int32_t)
    case PHYS_I64:
        KEEP(int64_t)
    default:
        break;
    }
    return n;
}

static bool
key_filter_push(struct op *op, struct worker *w, void *state, struct chunk *in)
{
    (void)state;
    struct key_filter *f = (struct key_filter *)op;
    const struct join_table *t = &f->filter->join->table;
    if (atomic_load_explicit(&f->off, memory_order_relaxed)) {
        return op_push(op, w, in);
    }
    if (!t->has_range) { /* the build side is empty: no row has a partner */
        return true;
    }
    struct chunk out = *in;
    uint16_t *sel = arena_alloc(w->tmp, (in->sel_n + 1) * sizeof *sel);
    out.sel_n = rows_keep(t, &in->cols[f->column], in, sel);
    out.sel = sel;
    const uint64_t seen = atomic_fetch_add_explicit(&f->seen, in->sel_n, memory_order_relaxed);
    const uint64_t passed = atomic_fetch_add_explicit(&f->passed, out.sel_n, memory_order_relaxed);
    if (seen > TRIAL_ROWS && passed > seen - seen / 10) {
        atomic_store_explicit(&f->off, true, memory_order_relaxed);
    }
    return op_push(op, w, &out);
}

static const struct op_class key_filter_class = {.name = "JoinFilter", .push = key_filter_push};

struct op *
compile_scan_filters(struct compiler *c, const struct rel *scan, struct pipeline *p,
                     struct op *next, const struct scan_bound **bounds)
{
    struct scan_bound *list = NULL;
    for (const struct scan_target *t = c->targets; t != NULL; t = t->next) {
        if (t->scan != scan) {
            continue;
        }
        struct key_filter *f = arena_new(c->arena, struct key_filter);
        f->column = t->column;
        f->filter = t->filter;
        op_add(p, &f->op, &key_filter_class, next, scan->schema);
        next = &f->op;
        struct scan_bound *b = arena_new(c->arena, struct scan_bound);
        *b = (struct scan_bound){.column = t->column, .filter = t->filter, .next = list};
        list = b;
    }
    *bounds = list;
    return next;
}

static struct expr *
bound_expr(struct query *q, const struct expr *column, const char *op, int64_t value)
{
    struct arena *a = &q->arena;
    struct expr *literal = expr_new(a, EXPR_LITERAL);
    literal->literal = (struct datum){.type = column->type, .i = value};
    literal->type = column->type;
    if (phys_of(column->type) == PHYS_BOOL) {
        return NULL;
    }
    struct expr *e = expr_call(a, op, 2, expr_copy(a, column), literal);
    e->type = type_scalar(TYPE_BOOLEAN);
    return e;
}

const struct expr *
scan_bounds_filter(struct query *q, const struct rel *scan, const struct expr *condition,
                   const struct scan_bound *bounds)
{
    struct expr *all = (struct expr *)condition;
    for (const struct scan_bound *b = bounds; b != NULL; b = b->next) {
        const struct join_table *t = &b->filter->join->table;
        const uint32_t at = scan->columns != NULL ? scan->columns[b->column] : b->column;
        if (!t->has_range) {
            continue;
        }
        const struct type *type = scan->source->schema->fields[at].type;
        const struct expr *column = expr_column(&q->arena, at, type, true);
        struct expr *low = bound_expr(q, column, ">=", t->min);
        struct expr *high = bound_expr(q, column, "<=", t->max);
        if (low != NULL && high != NULL) {
            all = expr_and(&q->arena, all, expr_and(&q->arena, low, high));
        }
    }
    return all;
}
