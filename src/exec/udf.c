/*
 * Python functions: columns computed by them, and maps of whole batches.
 *
 * A projection or filter that holds Python calls is cut in layers: the arguments of the innermost
 * calls are computed, a call operator adds their results as columns, and what is above reads those.
 * Calls of one kind in one layer travel together. Each worker has its own call; the functions run
 * in the pool's processes, never here.
 * A function over groups reads rows that a window has put group by group, whole groups a morsel.
 * Memory: one chunk on its way out and back; the Python process holds a group.
 */
#include "exec/ops.h"
#include "python/pool.h"

/* ---- columns ---- */

struct udf_columns {
    struct op op;
    const struct rel *rel;
    uint32_t input_count; /* columns that pass */
    const struct type *arg_schema;
    const struct udf **udfs;
    const uint32_t **arg_columns; /* of the arguments' chunk */
    uint32_t *arg_counts;
    uint32_t udf_count;
};

static bool
udf_open(struct op *op, struct worker *w, void **state)
{
    const struct udf_columns *u = (struct udf_columns *)op;
    struct python_call *call = NULL;
    const struct exec_context *ctx = w->query->ctx;
    const bool ok = python_call_open(ctx->python, &w->keep, u->udfs, u->udf_count, u->arg_schema,
                                     u->arg_columns, u->arg_counts, ctx->session, &call, &w->err);
    *state = ok ? call : NULL;
    return ok;
}

/* The chunk's columns are the input's, then the arguments. */
static bool
udf_push(struct op *op, struct worker *w, void *state, struct chunk *in)
{
    const struct udf_columns *u = (struct udf_columns *)op;
    struct chunk src, args, out;
    chunk_compact(&src, in, w->tmp);
    args = src;
    args.cols = src.cols + u->input_count;
    args.col_count = src.col_count - u->input_count;
    out = src;
    out.col_count = u->input_count + u->udf_count;
    out.cols = arena_new_array(w->tmp, struct vec, out.col_count + 1);
    if (u->input_count > 0) {
        memcpy(out.cols, src.cols, u->input_count * sizeof *out.cols);
    }
    if (!python_call_run(state, &args, w->tmp, out.cols + u->input_count, &w->err)) {
        return false;
    }
    for (uint32_t i = 0; i < u->udf_count; i++) {
        const uint32_t at = u->input_count + i;
        vec_retype(&out.cols[at], op->schema->fields[at].type, w->tmp);
    }
    return op_push(op, w, &out);
}

static void
udf_close(struct op *op, struct worker *w, void *state)
{
    (void)op;
    (void)w;
    if (state != NULL) {
        python_call_close(state);
    }
}

static const struct op_class udf_class = {
    .name = "ArrowEvalPython", .open = udf_open, .push = udf_push, .close = udf_close};

bool
compile_udf_columns(struct compiler *c, const struct rel *r, struct pipeline *p, struct op *next,
                    struct error *err)
{
    if (c->query->ctx->python == NULL) {
        return error_unsupported(err, "Python functions without Python workers");
    }
    const struct type *input = r->inputs[0]->schema;
    struct udf_columns *u = arena_new(c->arena, struct udf_columns);
    u->rel = r;
    u->input_count = input->field_count;
    u->udf_count = r->expr_count;
    u->udfs = arena_new_array(c->arena, const struct udf *, r->expr_count + 1);
    u->arg_columns = arena_new_array(c->arena, const uint32_t *, r->expr_count + 1);
    u->arg_counts = arena_new_array(c->arena, uint32_t, r->expr_count + 1);
    uint32_t args = 0;
    for (uint32_t i = 0; i < r->expr_count; i++) {
        args += r->exprs[i]->arg_count;
    }
    struct rel *project = rel_new(c->arena, REL_PROJECT, 1, r->inputs[0]);
    struct type_field *fields =
        arena_new_array(c->arena, struct type_field, input->field_count + args + 1);
    project->exprs = arena_new_array(c->arena, struct expr *, input->field_count + args + 1);
    for (uint32_t i = 0; i < input->field_count; i++) {
        fields[i] = input->fields[i];
        project->exprs[i] = expr_column(c->arena, i, fields[i].type, fields[i].nullable);
    }
    uint32_t at = input->field_count;
    for (uint32_t i = 0; i < r->expr_count; i++) {
        const struct expr *e = r->exprs[i];
        uint32_t *columns = arena_new_array(c->arena, uint32_t, e->arg_count + 1);
        for (uint32_t k = 0; k < e->arg_count; k++, at++) {
            columns[k] = at - input->field_count;
            const char *name = arena_printf(c->arena, "_%u", columns[k]);
            fields[at] = (struct type_field){name, expr_unalias(e->args[k])->type, true, NULL};
            project->exprs[at] = e->args[k];
        }
        u->udfs[i] = e->udf;
        u->arg_columns[i] = columns;
        u->arg_counts[i] = e->arg_count;
    }
    project->expr_count = at;
    project->schema = type_struct(c->arena, fields, at);
    u->arg_schema = type_struct(c->arena, fields + input->field_count, args);
    op_add(p, &u->op, &udf_class, next, r->schema);
    return compile_rel(c, project, p, &u->op, err);
}

/* ---- layers ---- */

struct layer {
    const struct expr *nodes[256];
    uint32_t count;
    int32_t eval_type; /* of all of them */
    uint32_t base;     /* column of the first result */
};

static bool
args_have_udf(const struct expr *e)
{
    for (uint32_t i = 0; i < e->arg_count; i++) {
        if (expr_has_kind(e->args[i], EXPR_UDF)) {
            return true;
        }
    }
    return false;
}

static bool
layer_collect(const struct expr *e, void *ctx)
{
    struct layer *l = ctx;
    if (e->kind == EXPR_UDF && !args_have_udf(e) && l->count < 256 &&
        (l->count == 0 || e->udf->eval_type == l->eval_type)) {
        l->eval_type = e->udf->eval_type;
        l->nodes[l->count++] = e;
    }
    return true;
}

static struct expr *
layer_replace(struct arena *a, struct expr *e, void *ctx)
{
    const struct layer *l = ctx;
    for (uint32_t i = 0; e->kind == EXPR_UDF && i < l->count; i++) {
        if (l->nodes[i]->udf == e->udf && expr_equal(l->nodes[i], e)) {
            return expr_column(a, l->base + i, e->type, true);
        }
    }
    return e;
}

/* The input with the results of one layer of calls as more columns. */
static struct rel *
layer_rel(struct compiler *c, struct rel *input, const struct layer *l)
{
    const uint32_t base = input->schema->field_count;
    struct rel *r = rel_new(c->arena, (enum rel_kind)REL_UDF_COLUMNS, 1, input);
    struct type_field *fields = arena_new_array(c->arena, struct type_field, base + l->count + 1);
    if (base > 0) {
        memcpy(fields, input->schema->fields, base * sizeof *fields);
    }
    r->exprs = arena_new_array(c->arena, struct expr *, l->count);
    r->expr_count = l->count;
    for (uint32_t i = 0; i < l->count; i++) {
        r->exprs[i] = (struct expr *)l->nodes[i];
        fields[base + i] = (struct type_field){"udf", l->nodes[i]->type, true, NULL};
    }
    r->schema = type_struct(c->arena, fields, base + l->count);
    return r;
}

bool
udf_split(struct compiler *c, struct rel **input, struct expr **exprs, uint32_t count)
{
    bool any = false;
    for (;;) {
        struct layer *l = arena_new(c->arena, struct layer);
        for (uint32_t i = 0; i < count; i++) {
            expr_walk(exprs[i], layer_collect, l);
        }
        if (l->count == 0) {
            return any;
        }
        any = true;
        l->base = (*input)->schema->field_count;
        *input = layer_rel(c, *input, l);
        for (uint32_t i = 0; i < count; i++) {
            exprs[i] = expr_map(c->arena, exprs[i], layer_replace, l);
        }
    }
}

/* ---- maps of batches ---- */

struct map_udf {
    struct op op;
    const struct rel *rel;
};

struct map_state {
    struct arena arena; /* of the call at hand */
    struct python_call *call;
    struct python_groups *groups; /* instead of call, for functions over groups */
    struct op *op;
    struct worker *worker;
};

static bool
map_open(struct op *op, struct worker *w, void **state)
{
    struct map_state *s = arena_new(&w->keep, struct map_state);
    arena_init(&s->arena, w->query->ctx->budget);
    s->op = op;
    s->worker = w;
    *state = s;
    return true;
}

static bool
map_emit(void *ctx, const struct chunk *out, struct error *err)
{
    struct map_state *s = ctx;
    struct chunk c = *out;
    for (uint32_t i = 0; i < c.col_count; i++) {
        vec_retype(&c.cols[i], s->op->schema->fields[i].type, s->worker->tmp);
    }
    if (!op_push(s->op, s->worker, &c)) {
        error_move(err, &s->worker->err);
        return false;
    }
    return true;
}

static bool
map_run(struct map_state *s, const struct chunk *in)
{
    struct error err = {0};
    const bool ok = s->groups != NULL ? python_groups_run(s->groups, in, map_emit, s, &err)
                                      : python_map_run(s->call, in, map_emit, s, &err);
    if (!ok) {
        error_move(&s->worker->err, &err);
        return false;
    }
    return true;
}

static bool
map_begin(struct map_state *s, const struct rel *r)
{
    struct worker *w = s->worker;
    const struct exec_context *ctx = w->query->ctx;
    if (s->call != NULL || s->groups != NULL) {
        return true;
    }
    if (!udf_takes_groups(r->udf)) {
        return python_map_open(ctx->python, &s->arena, r->udf, r->inputs[0]->schema, r->schema,
                               ctx->session, &s->call, &w->err);
    }
    const struct python_groups_config config = {.udf = r->udf,
                                                .input_schema = r->inputs[0]->schema,
                                                .output_schema = r->schema,
                                                .left_width = r->left_width,
                                                .key_count = r->group_count};
    return python_groups_open(ctx->python, &s->arena, &config, ctx->session, &s->groups, &w->err);
}

static bool
map_push(struct op *op, struct worker *w, void *state, struct chunk *in)
{
    const struct map_udf *m = (struct map_udf *)op;
    struct map_state *s = state;
    if (!map_begin(s, m->rel)) {
        return false;
    }
    struct chunk src;
    chunk_compact(&src, in, w->tmp);
    return map_run(s, &src);
}

static void
map_end(struct map_state *s)
{
    if (s->call != NULL) {
        python_call_close(s->call);
        s->call = NULL;
    }
    if (s->groups != NULL) {
        python_groups_close(s->groups);
        s->groups = NULL;
    }
    arena_reset(&s->arena);
}

/* A morsel is one run of the function, as a partition is in Spark. */
static bool
map_morsel_end(struct op *op, struct worker *w, void *state)
{
    (void)op;
    (void)w;
    struct map_state *s = state;
    const bool ok = (s->call == NULL && s->groups == NULL) || map_run(s, NULL);
    map_end(s);
    return ok;
}

static void
map_close(struct op *op, struct worker *w, void *state)
{
    (void)op;
    (void)w;
    if (state != NULL) {
        map_end(state);
        arena_release(&((struct map_state *)state)->arena);
    }
}

static const struct op_class map_class = {.name = "MapInPandas",
                                          .open = map_open,
                                          .push = map_push,
                                          .morsel_end = map_morsel_end,
                                          .close = map_close};

bool
compile_map_udf(struct compiler *c, const struct rel *r, struct pipeline *p, struct op *next,
                struct error *err)
{
    enum { MAP_PANDAS = 205, MAP_ARROW = 207 };
    if (r->udf == NULL || (r->udf->eval_type != MAP_PANDAS && r->udf->eval_type != MAP_ARROW &&
                           !udf_takes_groups(r->udf))) {
        return error_unsupported(err, "Python functions over rows (evaluation type %d)",
                                 r->udf != NULL ? (int)r->udf->eval_type : -1);
    }
    if (c->query->ctx->python == NULL) {
        return error_unsupported(err, "Python functions without Python workers");
    }
    struct map_udf *m = arena_new(c->arena, struct map_udf);
    m->rel = r;
    op_add(p, &m->op, &map_class, next, r->schema);
    return compile_rel(c, r->inputs[0], p, &m->op, err);
}
