/*
 * Compilation: expression trees to a graph of nodes in which equal subexpressions are one node and
 * constants are folded. How nodes are run is in program_run.c.
 */
#include <string.h>

#include "func/bind.h"
#include "func/program_node.h"
#include "type/zone.h"

enum { DEPTH_MAX = 2000, BUCKETS = 256 };

/* One program being made. A lambda's body is a program of its own with a parent. */
struct compiler {
    struct arena *arena;
    const struct func_session *session;
    struct error *err;
    struct program *program;
    struct node *buckets[BUCKETS];
    struct compiler *parent;
    const struct expr *lambda;
    struct node **captures; /* nodes of the parent */
    uint32_t capture_count;
    uint32_t capture_room;
    uint32_t depth;
};

static struct node *compile(struct compiler *c, const struct expr *e);

static uint32_t
hash_mix(uint32_t h, uint64_t v)
{
    v = (v ^ h) * 0x9e3779b97f4a7c15u;
    return (uint32_t)(v >> 32) ^ (uint32_t)v;
}

static uint32_t
node_hash(const struct node *n)
{
    uint32_t h = hash_mix((uint32_t)n->kind, n->column);
    h = hash_mix(h, (uint64_t)(uintptr_t)n->call.def);
    for (uint32_t i = 0; i < n->arg_count; i++) {
        h = hash_mix(h, n->args[i] != NULL ? n->args[i]->slot : 0);
    }
    return n->kind == NODE_CONST ? hash_mix(h, n->expr->type->id) : h;
}

static bool
node_same(const struct node *x, const struct node *y)
{
    if (x->kind != y->kind || x->column != y->column || x->call.def != y->call.def ||
        x->cast_mode != y->cast_mode || x->arg_count != y->arg_count || !x->pure || !y->pure ||
        x->call.lambdas != NULL || y->call.lambdas != NULL || !type_equal(x->type, y->type)) {
        return false;
    }
    for (uint32_t i = 0; i < x->arg_count; i++) {
        if (x->args[i] != y->args[i]) {
            return false;
        }
    }
    if (x->kind == NODE_CONST) {
        const struct datum *p = &x->expr->literal;
        const struct datum *q = &y->expr->literal;
        if (x->expr->kind != EXPR_LITERAL || y->expr->kind != EXPR_LITERAL ||
            p->is_null != q->is_null || type_is_nested(x->type)) {
            return false;
        }
        if (p->is_null) {
            return true;
        }
        switch (phys_of(x->type)) {
        case PHYS_F32:
        case PHYS_F64: /* -0.0 is not 0.0 here */
            return memcmp(&p->f, &q->f, sizeof p->f) == 0;
        default:
            return datum_compare(p, q) == 0;
        }
    }
    return true;
}

/* Depends on columns: which single one, none or several. */
static void
node_facts(struct node *n)
{
    bool pure = n->call.def == NULL || !n->call.def->nondeterministic;
    bool strict = n->kind == NODE_COLUMN || n->kind == NODE_CAST || n->kind == NODE_CONST ||
                  (n->kind == NODE_CALL && !n->call.def->handles_nulls && n->call.lambdas == NULL);
    int32_t only = n->kind == NODE_COLUMN ? (int32_t)n->column : COLUMN_NONE;
    for (uint32_t i = 0; i < n->arg_count; i++) {
        const struct node *arg = n->args[i];
        if (arg == NULL) {
            continue;
        }
        pure = pure && arg->pure;
        strict = strict && arg->strict;
        if (arg->only_column != COLUMN_NONE && only != arg->only_column) {
            only = only == COLUMN_NONE ? arg->only_column : COLUMN_MANY;
        }
    }
    n->pure = pure;
    n->strict = strict;
    n->only_column = only;
}

static struct node *
intern(struct compiler *c, struct node *n)
{
    node_facts(n);
    const uint32_t h = node_hash(n) % BUCKETS;
    for (struct node *other = c->buckets[h]; other != NULL; other = other->next) {
        if (node_same(other, n)) {
            other->uses++;
            return other;
        }
    }
    n->slot = c->program->slot_count++;
    n->uses = 1;
    n->next = c->buckets[h];
    c->buckets[h] = n;
    return n;
}

static struct node *
node_new(struct compiler *c, enum node_kind kind, const struct expr *e, uint32_t arg_count)
{
    struct node *n = arena_new(c->arena, struct node);
    n->kind = kind;
    n->expr = e;
    n->type = e->type;
    n->arg_count = arg_count;
    n->args = arena_new_array(c->arena, struct node *, arg_count + 1);
    return n;
}

/* Makes a node into the constant that `value` holds (CONST, one row). */
static void
node_set_const(struct compiler *c, struct node *n, const struct vec *value)
{
    n->kind = NODE_CONST;
    n->arg_count = 0;
    n->call.def = NULL;
    n->value = *value;
    n->value.n = VEC_ROWS;
    if (value->phys == PHYS_NONE) {
        n->flat = n->value;
        return;
    }
    vec_flatten(&n->flat, &n->value, NULL, VEC_ROWS, c->arena);
}

static struct node *
compile_literal(struct compiler *c, const struct expr *e)
{
    struct node *n = node_new(c, NODE_CONST, e, 0);
    struct node *shared;
    node_facts(n);
    const uint32_t h = node_hash(n) % BUCKETS;
    for (shared = c->buckets[h]; shared != NULL; shared = shared->next) {
        if (node_same(shared, n)) {
            return shared;
        }
    }
    struct vec value;
    struct datum d = e->literal;
    if (d.type == NULL) {
        d.type = e->type;
    }
    if (d.is_null) {
        vec_init_const_null(&value, c->arena, e->type, VEC_ROWS);
    } else {
        vec_const_datum(&value, c->arena, &d, VEC_ROWS);
    }
    node_set_const(c, n, &value);
    n->slot = c->program->slot_count++;
    n->next = c->buckets[h];
    c->buckets[h] = n;
    return n;
}

static struct node *
compile_capture(struct compiler *c, const struct expr *e, struct node *outer)
{
    uint32_t k = 0;
    while (k < c->capture_count && c->captures[k] != outer) {
        k++;
    }
    if (k == c->capture_count) {
        if (c->capture_count == c->capture_room) {
            const uint32_t room = c->capture_room * 2 + 8;
            struct node **more = arena_new_array(c->arena, struct node *, room);
            if (c->capture_count > 0) {
                memcpy(more, c->captures, c->capture_count * sizeof *more);
            }
            c->captures = more;
            c->capture_room = room;
        }
        c->captures[c->capture_count++] = outer;
    }
    struct node *n = node_new(c, NODE_COLUMN, e, 0);
    n->column = c->lambda->name_count + k;
    return intern(c, n);
}

static struct node *
compile_column(struct compiler *c, const struct expr *e)
{
    if (c->parent != NULL) {
        return compile_capture(c, e, compile_column(c->parent, e));
    }
    struct node *n = node_new(c, NODE_COLUMN, e, 0);
    n->column = e->column;
    return intern(c, n);
}

static struct node *
compile_lambda_var(struct compiler *c, const struct expr *e)
{
    if (c == NULL || c->lambda == NULL) {
        return NULL;
    }
    for (uint32_t i = 0; i < c->lambda->name_count; i++) {
        if (strcasecmp(c->lambda->names[i], e->name) == 0) {
            struct node *n = node_new(c, NODE_COLUMN, e, 0);
            n->column = i;
            return intern(c, n);
        }
    }
    struct node *outer = compile_lambda_var(c->parent, e);
    return outer != NULL ? compile_capture(c, e, outer) : NULL;
}

static bool
node_is_const(const struct node *n)
{
    return n->kind == NODE_CONST;
}

/* Computes a node whose arguments are constants; one that fails is left for run time, when a row
 * may or may not need it. */
static struct node *
fold(struct compiler *c, struct node *n)
{
    if (n->kind == NODE_CONST || n->kind == NODE_COLUMN || !n->pure || n->only_column != -1 ||
        n->call.lambdas != NULL) {
        return n;
    }
    for (uint32_t i = 0; i < n->arg_count; i++) {
        if (!node_is_const(n->args[i])) {
            return n;
        }
    }
    struct program one = {.root = n, .slot_count = c->program->slot_count};
    struct eval ev = {.tmp = c->arena, .session = c->session};
    struct error err = {0};
    ev.zone = zone_find(c->session->zone != NULL ? c->session->zone : "UTC");
    struct chunk chunk = {.n = 1, .sel_n = 1};
    struct vec value;
    if (!program_run(&one, &ev, &chunk, &value, &err)) {
        error_clear(&err);
        return n;
    }
    struct vec copy;
    if (vec_is_null(&value, 0)) {
        vec_init_const_null(&copy, c->arena, n->type, VEC_ROWS);
    } else {
        struct datum d = vec_datum(&value, 0, c->arena);
        d = datum_copy(c->arena, &d);
        vec_const_datum(&copy, c->arena, &d, VEC_ROWS);
        struct expr *literal = arena_new(c->arena, struct expr);
        *literal = *n->expr;
        literal->kind = EXPR_LITERAL;
        literal->literal = d;
        literal->arg_count = 0;
        n->expr = literal;
    }
    node_set_const(c, n, &copy);
    return n;
}

static bool
compile_args(struct compiler *c, struct node *n, const struct expr *e)
{
    for (uint32_t i = 0; i < e->arg_count; i++) {
        if (e->args[i]->kind == EXPR_LAMBDA) {
            continue;
        }
        n->args[i] = compile(c, e->args[i]);
        if (n->args[i] == NULL) {
            return false;
        }
    }
    return true;
}

/* AND and OR chains become one node, however deep they lean to the left. */
static void
chain_flatten(const struct expr *e, const char *name, const struct expr **out, uint32_t *count,
              uint32_t room)
{
    while (e->kind == EXPR_ALIAS) {
        e = e->args[0];
    }
    if (e->kind != EXPR_CALL || strcasecmp(e->name, name) != 0) {
        if (*count < room) {
            out[*count] = e;
        }
        ++*count;
        return;
    }
    /* A left-leaning chain is walked in a loop: its right sides are collected backwards. */
    uint32_t length = 0;
    for (const struct expr *p = e; p->kind == EXPR_CALL && strcasecmp(p->name, name) == 0;
         p = p->args[0]) {
        length++;
    }
    for (uint32_t k = length; k > 0; k--) {
        const struct expr *p = e;
        for (uint32_t i = 1; i < k; i++) {
            p = p->args[0];
        }
        if (k == length) {
            chain_flatten(p->args[0], name, out, count, room);
        }
        chain_flatten(p->args[1], name, out, count, room);
    }
}

static struct node *
compile_chain(struct compiler *c, const struct expr *e, enum node_kind kind)
{
    uint32_t count = 0;
    chain_flatten(e, e->name, NULL, &count, 0);
    const struct expr **parts = arena_new_array(c->arena, const struct expr *, count + 1);
    const uint32_t room = count;
    count = 0;
    chain_flatten(e, e->name, parts, &count, room);
    struct node *n = node_new(c, kind, e, count);
    for (uint32_t i = 0; i < count; i++) {
        n->args[i] = compile(c, parts[i]);
        if (n->args[i] == NULL) {
            return NULL;
        }
    }
    return fold(c, intern(c, n));
}

static bool
compile_lambdas(struct compiler *c, struct node *n, const struct expr *e)
{
    uint32_t inputs = e->arg_count;
    struct lambda *lambdas = NULL;
    for (uint32_t i = 0; i < e->arg_count; i++) {
        const struct expr *l = e->args[i];
        if (l->kind != EXPR_LAMBDA) {
            continue;
        }
        if (lambdas == NULL) {
            lambdas = arena_new_array(c->arena, struct lambda, e->arg_count);
        }
        struct compiler *inner = arena_new(c->arena, struct compiler);
        inner->arena = c->arena;
        inner->session = c->session;
        inner->err = c->err;
        inner->parent = c;
        inner->lambda = l;
        inner->depth = c->depth;
        inner->program = arena_new(c->arena, struct program);
        inner->program->root = compile(inner, l->args[0]);
        if (inner->program->root == NULL) {
            return false;
        }
        lambdas[i] = (struct lambda){.body = inner->program,
                                     .param_count = l->name_count,
                                     .capture_first = inputs,
                                     .capture_count = inner->capture_count};
        struct node **more =
            arena_new_array(c->arena, struct node *, inputs + inner->capture_count + 1);
        memcpy(more, n->args, inputs * sizeof *more);
        if (inner->capture_count > 0) {
            memcpy(more + inputs, inner->captures, inner->capture_count * sizeof *more);
        }
        inputs += inner->capture_count;
        n->args = more;
        n->arg_count = inputs;
    }
    n->call.lambdas = lambdas;
    return true;
}

/* Functions that are CASE in other clothes; NULL: not one of them. */
static const struct expr *
rewritten(struct compiler *c, const struct func_def *def, const struct expr *e)
{
    struct arena *a = c->arena;
    struct expr *out = NULL;
    if (strcmp(def->name, "nvl2") == 0) {
        out =
            expr_call(a, "if", 3, expr_call(a, "isnotnull", 1, e->args[0]), e->args[1], e->args[2]);
    } else if (strcmp(def->name, "nullif") == 0) {
        out = expr_call(a, "if", 3, expr_call(a, "=", 2, e->args[0], e->args[1]),
                        expr_null_literal(a, e->args[0]->type), e->args[0]);
    } else if (strcmp(def->name, "nullifzero") == 0) {
        out = expr_call(a, "if", 3, expr_call(a, "=", 2, e->args[0], expr_int_literal(a, 0)),
                        expr_null_literal(a, e->args[0]->type), e->args[0]);
    } else if (strcmp(def->name, "zeroifnull") == 0) {
        out = expr_call(a, "coalesce", 2, e->args[0], expr_int_literal(a, 0));
    }
    if (out != NULL) {
        out->type = e->type;
        out->args[0]->type =
            strcmp(def->name, "zeroifnull") == 0 ? out->args[0]->type : type_scalar(TYPE_BOOLEAN);
        out->args[0]->nullable = true;
        out->start = e->start;
        out->stop = e->stop;
    }
    return out;
}

static struct node *
compile_call(struct compiler *c, const struct expr *e)
{
    const struct func_def *def = func_find(e->name);
    if (def == NULL) {
        error_raise(c->err, "UNRESOLVED_ROUTINE", "routineName", e->name, "searchPath",
                    "[`system`.`builtin`, `system`.`session`]", NULL);
        return NULL;
    }
    if (def->class != FUNC_SCALAR) {
        error_set(c->err, ERROR_INTERNAL,
                  "[INTERNAL_ERROR] %s is not computed row by row. SQLSTATE: XX000", def->name);
        return NULL;
    }
    if (strcmp(def->name, "and") == 0 || strcmp(def->name, "or") == 0) {
        return compile_chain(c, e, def->name[0] == 'a' ? NODE_AND : NODE_OR);
    }
    const struct expr *other = rewritten(c, def, e);
    if (other != NULL) {
        return compile_call(c, other);
    }
    enum node_kind kind = NODE_CALL;
    if (strcmp(def->name, "coalesce") == 0) {
        kind = NODE_COALESCE;
    } else if (strcmp(def->name, "if") == 0) {
        kind = NODE_CASE;
    }
    struct node *n = node_new(c, kind, e, e->arg_count);
    if (!compile_args(c, n, e) || !compile_lambdas(c, n, e)) {
        return NULL;
    }
    struct func_bind b = {.def = def,
                          .arena = c->arena,
                          .session = c->session,
                          .args = e->args,
                          .arg_count = e->arg_count};
    /* Folded arguments are literals to the binder: patterns, formats and lists. */
    struct expr **args = arena_new_array(c->arena, struct expr *, e->arg_count + 1);
    const struct type **types = arena_new_array(c->arena, const struct type *, e->arg_count + 1);
    for (uint32_t i = 0; i < e->arg_count; i++) {
        const bool folded = n->args[i] != NULL && node_is_const(n->args[i]) &&
                            n->args[i]->expr->kind == EXPR_LITERAL;
        args[i] = folded ? (struct expr *)n->args[i]->expr : e->args[i];
        types[i] = args[i]->type;
    }
    b.args = args;
    if (!func_bind(&b, c->err)) {
        return NULL;
    }
    for (uint32_t i = 0; i < e->arg_count; i++) {
        if (b.cast_to[i] != NULL && n->args[i] != NULL) { /* only for trees made by hand */
            struct expr *cast = expr_cast(c->arena, e->args[i], b.cast_to[i], CAST_DEFAULT);
            n->args[i] = compile(c, cast);
            if (n->args[i] == NULL) {
                return NULL;
            }
            types[i] = b.cast_to[i];
        }
    }
    n->type = b.type;
    n->call.def = def;
    n->call.expr = e;
    n->call.type = b.type;
    n->call.arg_types = types;
    n->call.arg_count = e->arg_count;
    n->call.extra = b.extra;
    n->kernel = b.kernel;
    if (kind == NODE_CALL && n->kernel == NULL) {
        error_unsupported(c->err, "the function %s", def->name);
        return NULL;
    }
    return fold(c, intern(c, n));
}

static struct node *
compile_simple(struct compiler *c, const struct expr *e, enum node_kind kind)
{
    struct node *n = node_new(c, kind, e, e->arg_count);
    if (!compile_args(c, n, e)) {
        return NULL;
    }
    if (kind == NODE_CAST) {
        n->cast_mode = e->cast_mode;
        if (e->cast_mode == CAST_DEFAULT) {
            n->cast_mode = c->session->ansi ? CAST_ANSI : CAST_LEGACY;
        }
        if (type_same(n->args[0]->type, e->type)) {
            return n->args[0];
        }
    }
    if (kind == NODE_FIELD) {
        n->column = e->column;
    }
    return fold(c, intern(c, n));
}

static struct node *
compile_kind(struct compiler *c, const struct expr *e)
{
    struct node *n;
    switch (e->kind) {
    case EXPR_LITERAL:
        return compile_literal(c, e);
    case EXPR_ALIAS:
        return compile(c, e->args[0]);
    case EXPR_COLUMN:
        return compile_column(c, e);
    case EXPR_LAMBDA_VAR:
        n = compile_lambda_var(c, e);
        if (n == NULL) {
            error_set(c->err, ERROR_INTERNAL, "[INTERNAL_ERROR] lambda variable %s is not bound",
                      e->name);
        }
        return n;
    case EXPR_CAST:
        return compile_simple(c, e, NODE_CAST);
    case EXPR_CASE:
        return compile_simple(c, e, NODE_CASE);
    case EXPR_GET_FIELD:
        return compile_simple(c, e, NODE_FIELD);
    case EXPR_CALL:
        return compile_call(c, e);
    default:
        error_set(c->err, ERROR_INTERNAL,
                  "[INTERNAL_ERROR] an expression of kind %d cannot be computed row by row. "
                  "SQLSTATE: XX000",
                  (int)e->kind);
        return NULL;
    }
}

static struct node *
compile(struct compiler *c, const struct expr *e)
{
    if (++c->depth > DEPTH_MAX) {
        error_set(c->err, ERROR_UNSUPPORTED, "an expression is nested deeper than %d levels",
                  DEPTH_MAX);
        return NULL;
    }
    struct node *n = compile_kind(c, e);
    c->depth--;
    return n;
}

struct program *
program_compile(struct arena *a, const struct expr *e, const struct func_session *session,
                struct error *err)
{
    struct compiler *c = arena_new(a, struct compiler);
    c->arena = a;
    c->session = session;
    c->err = err;
    c->program = arena_new(a, struct program);
    c->program->root = compile(c, e);
    return c->program->root != NULL ? c->program : NULL;
}

bool
program_fold(struct arena *a, const struct expr *e, const struct func_session *session,
             struct datum *out, struct error *err)
{
    struct program *p = program_compile(a, e, session, err);
    if (p == NULL) {
        return false;
    }
    struct eval ev = {.tmp = a, .session = session};
    ev.zone = zone_find(session->zone != NULL ? session->zone : "UTC");
    struct chunk chunk = {.n = 1, .sel_n = 1};
    struct vec value;
    if (!program_run(p, &ev, &chunk, &value, err)) {
        return false;
    }
    struct datum d = vec_datum(&value, 0, a);
    *out = datum_copy(a, &d);
    out->type = p->root->type;
    return true;
}
