/*
 * Generators: each row becomes the rows of its array or map (explode, posexplode, inline) or a
 * fixed number of rows (stack, json_tuple), behind the input's columns. With `outer` a row without
 * any keeps its place with nulls.
 *
 * Memory: one chunk of output rows.
 */
#include "exec/ops.h"

enum generator_kind { GENERATE_EXPLODE, GENERATE_POSEXPLODE, GENERATE_INLINE, GENERATE_STACK };

struct generate {
    struct op op;
    enum generator_kind kind;
    bool outer;
    struct projection args;
    uint32_t input_count;
    const struct type *type; /* struct of the generator's columns */
    uint32_t stack_rows;
};

struct generate_state {
    struct arena scratch;
    uint32_t n;
    uint32_t left[VEC_ROWS];    /* input row */
    uint32_t element[VEC_ROWS]; /* UINT32_MAX = nulls */
    int32_t position[VEC_ROWS];
};

static bool
generate_open(struct op *op, struct worker *w, void **state)
{
    (void)op;
    struct generate_state *s = arena_new(&w->keep, struct generate_state);
    arena_init(&s->scratch, w->query->ctx->budget);
    *state = s;
    return true;
}

static void
generate_close(struct op *op, struct worker *w, void *state)
{
    (void)op;
    (void)w;
    if (state != NULL) {
        arena_release(&((struct generate_state *)state)->scratch);
    }
}

/* The generated columns of the rows at hand. */
static void
columns_fill(const struct generate *g, const struct generate_state *s, const struct vec *arg,
             struct arena *a, struct vec *out)
{
    if (g->kind == GENERATE_POSEXPLODE) {
        vec_init_flat(out, a, type_scalar(TYPE_INT), s->n);
        for (uint32_t k = 0; k < s->n; k++) {
            ((int32_t *)out->data)[k] = s->position[k];
            if (s->position[k] < 0) {
                vec_set_null(out, a, k);
            }
        }
        out++;
    }
    if (g->kind == GENERATE_INLINE) {
        const struct vec *structs = &arg->child[0];
        for (uint32_t i = 0; i < structs->child_count; i++) {
            vec_gather(&out[i], &structs->child[i], s->element, s->n, a);
        }
        return;
    }
    for (uint32_t i = 0; i < arg->child_count; i++) {
        vec_gather(&out[i], &arg->child[i], s->element, s->n, a);
    }
}

static bool
rows_emit(struct generate *g, struct worker *w, struct generate_state *s, const struct chunk *in,
          const struct vec *arg)
{
    if (s->n == 0) {
        return true;
    }
    struct arena *outer = worker_scratch(w, &s->scratch);
    struct chunk out = {
        .n = s->n, .sel_n = s->n, .col_count = g->input_count + g->type->field_count};
    out.cols = arena_new_array(w->tmp, struct vec, out.col_count + 1);
    for (uint32_t i = 0; i < g->input_count; i++) {
        vec_gather(&out.cols[i], &in->cols[i], s->left, s->n, w->tmp);
    }
    columns_fill(g, s, arg, w->tmp, out.cols + g->input_count);
    const bool ok = op_push(&g->op, w, &out);
    worker_scratch(w, outer);
    arena_reset(&s->scratch);
    s->n = 0;
    return ok;
}

static bool
explode_rows(struct generate *g, struct worker *w, struct generate_state *s, const struct chunk *in,
             const struct vec *arg)
{
    const struct list_range *ranges = arg->data;
    const struct vec *structs = g->kind == GENERATE_INLINE ? &arg->child[0] : NULL;
    for (uint32_t k = 0; k < in->sel_n; k++) {
        const uint32_t row = chunk_row(in, k);
        const struct list_range r = vec_is_null(arg, row) ? (struct list_range){0, 0} : ranges[row];
        const bool empty = r.len == 0;
        for (uint32_t i = 0; i < (empty ? (uint32_t)g->outer : r.len); i++) {
            const bool hole = empty || (structs != NULL && vec_is_null(structs, r.offset + i));
            s->left[s->n] = row;
            s->element[s->n] = hole ? UINT32_MAX : r.offset + i;
            s->position[s->n++] = empty ? -1 : (int32_t)i;
            if (s->n == VEC_ROWS && !rows_emit(g, w, s, in, arg)) {
                return false;
            }
        }
    }
    return rows_emit(g, w, s, in, arg);
}

/* stack(n, e0, e1, ...): row r of n has e[r * width + column]. args[0] is n itself. */
static bool
stack_rows(struct generate *g, struct worker *w, struct generate_state *s, const struct chunk *in,
           const struct vec *args)
{
    const uint32_t width = g->type->field_count, each = VEC_ROWS / g->stack_rows;
    for (uint32_t from = 0; from < in->sel_n; from += each) {
        const uint32_t rows = in->sel_n - from < each ? in->sel_n - from : each;
        const uint32_t n = rows * g->stack_rows;
        struct arena *outer = worker_scratch(w, &s->scratch);
        struct chunk out = {.n = n, .sel_n = n, .col_count = g->input_count + width};
        out.cols = arena_new_array(w->tmp, struct vec, out.col_count + 1);
        for (uint32_t k = 0; k < n; k++) {
            s->left[k] = chunk_row(in, from + k / g->stack_rows);
        }
        for (uint32_t i = 0; i < g->input_count; i++) {
            vec_gather(&out.cols[i], &in->cols[i], s->left, n, w->tmp);
        }
        for (uint32_t c = 0; c < width; c++) {
            struct vec *to = &out.cols[g->input_count + c];
            vec_init_flat(to, w->tmp, g->type->fields[c].type, n);
            for (uint32_t k = 0; k < n; k++) {
                const uint32_t at = 1 + k % g->stack_rows * width + c;
                struct datum d = {.type = to->type, .is_null = true};
                if (at < g->args.count) {
                    d = vec_datum(&args[at], s->left[k], w->tmp);
                }
                vec_set_datum(to, w->tmp, k, &d);
            }
        }
        const bool ok = op_push(&g->op, w, &out);
        worker_scratch(w, outer);
        arena_reset(&s->scratch);
        if (!ok) {
            return false;
        }
    }
    return true;
}

static bool
generate_push(struct op *op, struct worker *w, void *state, struct chunk *in)
{
    struct generate *g = (struct generate *)op;
    struct chunk src = *in;
    struct vec *args = arena_new_array(w->tmp, struct vec, g->args.count + 1);
    if (!projection_run(&g->args, w, &src, args)) {
        return false;
    }
    if (g->kind == GENERATE_STACK) {
        return stack_rows(g, w, state, &src, args);
    }
    vec_flatten(&args[0], &args[0], src.sel, src.sel_n, w->tmp);
    /* Elements are gathered more than once: flat, in an array of our own, since the input's may be
     * shared with other workers. */
    struct vec *child = arena_new_array(w->tmp, struct vec, args[0].child_count + 1);
    for (uint32_t i = 0; i < args[0].child_count; i++) {
        vec_flatten(&child[i], &args[0].child[i], NULL, args[0].child[i].n, w->tmp);
    }
    args[0].child = child;
    return explode_rows(g, w, state, &src, &args[0]);
}

static const struct op_class generate_class = {
    .name = "Generate", .open = generate_open, .push = generate_push, .close = generate_close};

static const struct {
    const char *name;
    enum generator_kind kind;
    bool outer;
} generators[] = {
    {"explode", GENERATE_EXPLODE, false},       {"explode_outer", GENERATE_EXPLODE, true},
    {"posexplode", GENERATE_POSEXPLODE, false}, {"posexplode_outer", GENERATE_POSEXPLODE, true},
    {"inline", GENERATE_INLINE, false},         {"inline_outer", GENERATE_INLINE, true},
    {"stack", GENERATE_STACK, false},
};

/* json_tuple(json, name, ...) is a stack of one row of the named members' texts. */
static bool
json_tuple_init(struct compiler *c, struct generate *g, const struct expr *e, struct error *err)
{
    const struct type *text = type_scalar(TYPE_STRING);
    struct expr **args = arena_new_array(c->arena, struct expr *, e->arg_count);
    args[0] = expr_int_literal(c->arena, 1);
    for (uint32_t i = 1; i < e->arg_count; i++) {
        struct expr *path =
            expr_call(c->arena, "concat", 3, expr_string_literal(c->arena, "$['", 3), e->args[i],
                      expr_string_literal(c->arena, "']", 2));
        path->type = text;
        path->nullable = true;
        args[i] = expr_call(c->arena, "get_json_object", 2, e->args[0], path);
        args[i]->type = text;
        args[i]->nullable = true;
    }
    g->kind = GENERATE_STACK;
    g->stack_rows = 1;
    g->outer = e->outer;
    return projection_init(c, &g->args, args, e->arg_count, err);
}

static bool
generator_init(struct compiler *c, struct generate *g, const struct expr *e, struct error *err)
{
    for (size_t i = 0; i < sizeof generators / sizeof *generators; i++) {
        if (strcmp(e->name, generators[i].name) != 0) {
            continue;
        }
        g->kind = generators[i].kind;
        g->outer = e->outer || generators[i].outer;
        if (g->kind == GENERATE_STACK) {
            struct datum d;
            if (!program_fold(c->arena, e->args[0], c->session, &d, err)) {
                return false;
            }
            g->stack_rows = d.is_null || d.i < 1 ? 1 : (uint32_t)d.i;
            if (g->stack_rows > VEC_ROWS) {
                return error_unsupported(err, "stack of more than %d rows", VEC_ROWS);
            }
        }
        return projection_init(c, &g->args, e->args, e->arg_count, err);
    }
    if (strcmp(e->name, "json_tuple") == 0) {
        return json_tuple_init(c, g, e, err);
    }
    return error_unsupported(err, "the generator %s", e->name);
}

bool
compile_generate(struct compiler *c, const struct rel *r, struct pipeline *p, struct op *next,
                 struct error *err)
{
    struct generate *g = arena_new(c->arena, struct generate);
    const struct expr *e = expr_unalias(r->exprs[0]);
    if (e->kind != EXPR_GENERATOR || e->type->id != TYPE_STRUCT) {
        return error_raise(err, "INTERNAL_ERROR", "message",
                           "A generate relation without a generator.", (const char *)NULL);
    }
    g->type = e->type;
    g->input_count = r->inputs[0]->schema->field_count;
    if (!generator_init(c, g, e, err)) {
        return false;
    }
    g->outer |= r->outer;
    op_add(p, &g->op, &generate_class, next, r->schema);
    return compile_rel(c, r->inputs[0], p, &g->op, err);
}
