/*
 * Projection and filter: expression programs over chunks, nothing kept.
 *
 * Columns that pass through are shared, not copied. Functions that look at row numbers (rand,
 * monotonically_increasing_id) get compact chunks and the number of rows seen before.
 * Memory: one chunk of scratch.
 */
#include "exec/ops.h"

const struct expr *
expr_unalias(const struct expr *e)
{
    while (e->kind == EXPR_ALIAS) {
        e = e->args[0];
    }
    return e;
}

struct kind_search {
    enum expr_kind kind;
};

static bool
not_of_kind(const struct expr *e, void *ctx)
{
    return e->kind != ((struct kind_search *)ctx)->kind;
}

bool
expr_has_kind(const struct expr *e, enum expr_kind kind)
{
    struct kind_search search = {kind};
    return !expr_walk(e, not_of_kind, &search);
}

static bool
is_deterministic(const struct expr *e, void *ctx)
{
    (void)ctx;
    if (e->kind != EXPR_CALL || e->name == NULL) {
        return true;
    }
    const struct func_def *def = func_find(e->name);
    return def == NULL || !def->nondeterministic;
}

bool
exprs_deterministic(struct expr *const *exprs, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (!expr_walk(exprs[i], is_deterministic, NULL)) {
            return false;
        }
    }
    return true;
}

bool
projection_init(struct compiler *c, struct projection *p, struct expr *const *exprs, uint32_t count,
                struct error *err)
{
    *p = (struct projection){.count = count};
    p->columns = arena_new_array(c->arena, int32_t, count + 1);
    p->programs = arena_new_array(c->arena, struct program *, count + 1);
    p->types = arena_new_array(c->arena, const struct type *, count + 1);
    for (uint32_t i = 0; i < count; i++) {
        const struct expr *e = expr_unalias(exprs[i]);
        p->types[i] = e->type;
        p->columns[i] = -1;
        if (e->kind == EXPR_COLUMN) {
            p->columns[i] = (int32_t)e->column;
            continue;
        }
        p->orderly |= !expr_walk(e, is_deterministic, NULL);
        p->programs[i] = program_compile(c->arena, e, c->session, err);
        if (p->programs[i] == NULL) {
            return false;
        }
    }
    return true;
}

bool
projection_run(const struct projection *p, struct worker *w, struct chunk *in, struct vec *cols)
{
    if (p->orderly && in->sel != NULL) {
        chunk_compact(in, in, w->tmp);
    }
    for (uint32_t i = 0; i < p->count; i++) {
        if (p->columns[i] >= 0) {
            cols[i] = in->cols[p->columns[i]];
        } else if (!program_run(p->programs[i], &w->eval, in, &cols[i], &w->err)) {
            return false;
        }
    }
    return true;
}

/* ---- project ---- */

struct project {
    struct op op;
    struct projection projection;
};

/* Rows of the morsel that have passed, for functions that look at row numbers. */
struct project_state {
    uint32_t morsel;
    uint64_t rows;
};

static bool
project_open(struct op *op, struct worker *w, void **state)
{
    (void)op;
    struct project_state *s = arena_new(&w->keep, struct project_state);
    s->morsel = UINT32_MAX;
    *state = s;
    return true;
}

static void
rows_count(struct worker *w, struct project_state *s, uint32_t n)
{
    if (s->morsel != w->morsel) {
        s->morsel = w->morsel;
        s->rows = 0;
    }
    w->eval.row_base += s->rows;
    s->rows += n;
}

static bool
project_push(struct op *op, struct worker *w, void *state, struct chunk *in)
{
    const struct projection *p = &((struct project *)op)->projection;
    struct project_state *s = state;
    const uint64_t base = w->eval.row_base;
    if (p->orderly) {
        rows_count(w, s, in->sel_n);
    }
    struct vec *cols = arena_new_array(w->tmp, struct vec, p->count + 1);
    struct chunk src = *in;
    const bool ok = projection_run(p, w, &src, cols);
    w->eval.row_base = base;
    if (!ok) {
        return false;
    }
    struct chunk out = src;
    out.cols = cols;
    out.col_count = p->count;
    return op_push(op, w, &out);
}

static const struct op_class project_class = {
    .name = "Project", .open = project_open, .push = project_push};

bool
compile_project(struct compiler *c, const struct rel *r, struct pipeline *p, struct op *next,
                struct error *err)
{
    struct project *op = arena_new(c->arena, struct project);
    struct rel *input = r->inputs[0];
    struct expr **exprs = arena_copy(c->arena, r->exprs, r->expr_count * sizeof *exprs);
    udf_split(c, &input, exprs, r->expr_count);
    if (!projection_init(c, &op->projection, exprs, r->expr_count, err)) {
        return false;
    }
    op_add(p, &op->op, &project_class, next, r->schema);
    return compile_rel(c, input, p, &op->op, err);
}

/* ---- filter ---- */

struct filter {
    struct op op;
    struct program *program;
    bool orderly; /* as a projection's */
};

static bool
filter_push(struct op *op, struct worker *w, void *state, struct chunk *in)
{
    const struct filter *f = (struct filter *)op;
    uint16_t *sel = arena_alloc(w->tmp, (VEC_ROWS + 32) * sizeof *sel);
    uint32_t n = 0;
    const uint64_t base = w->eval.row_base;
    struct chunk out = *in;
    if (f->orderly) {
        if (in->sel != NULL) {
            chunk_compact(&out, in, w->tmp);
        }
        rows_count(w, state, out.sel_n);
    }
    const bool ok = program_filter(f->program, &w->eval, &out, sel, &n, &w->err);
    w->eval.row_base = base;
    if (!ok) {
        return false;
    }
    if (n < out.sel_n) {
        out.sel = sel;
        out.sel_n = n;
    }
    return op_push(op, w, &out);
}

static const struct op_class filter_class = {
    .name = "Filter", .open = project_open, .push = filter_push};

/* The filter above the calls, and above it only the columns that were there before. */
static struct rel *
filter_over_calls(struct compiler *c, const struct rel *r, struct rel *input,
                  struct expr *condition)
{
    struct rel *filter = rel_new(c->arena, REL_FILTER, 1, input);
    filter->condition = condition;
    filter->schema = input->schema;
    struct rel *project = rel_new(c->arena, REL_PROJECT, 1, filter);
    project->schema = r->schema;
    project->expr_count = r->schema->field_count;
    project->exprs = arena_new_array(c->arena, struct expr *, project->expr_count + 1);
    for (uint32_t i = 0; i < project->expr_count; i++) {
        project->exprs[i] = expr_column(c->arena, i, r->schema->fields[i].type, true);
    }
    return project;
}

bool
compile_filter(struct compiler *c, const struct rel *r, struct pipeline *p, struct op *next,
               struct error *err)
{
    struct rel *input = r->inputs[0];
    struct expr *condition = r->condition;
    if (udf_split(c, &input, &condition, 1)) {
        return compile_rel(c, filter_over_calls(c, r, input, condition), p, next, err);
    }
    struct filter *op = arena_new(c->arena, struct filter);
    op->program = program_compile(c->arena, expr_unalias(r->condition), c->session, err);
    if (op->program == NULL) {
        return false;
    }
    op->orderly = !expr_walk(r->condition, is_deterministic, NULL);
    op_add(p, &op->op, &filter_class, next, r->schema);
    return compile_rel(c, r->inputs[0], p, &op->op, err);
}
