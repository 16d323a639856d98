/* Tools of the passes: column sets, rewriting of column numbers, conjunctions, builders. */
#include <string.h>
#include <strings.h>

#include "plan/pass.h"

struct column_set
column_set_new(struct arena *a, uint32_t count)
{
    return (struct column_set){.bits = arena_new_array(a, uint64_t, count / 64 + 1),
                               .count = count};
}

static bool
collect_column(const struct expr *e, void *ctx)
{
    struct column_set *out = ctx;
    if (e->kind == EXPR_COLUMN && e->column < out->count) {
        column_set_add(out, e->column);
    }
    return true;
}

void
expr_columns(const struct expr *e, struct column_set *out)
{
    expr_walk(e, collect_column, out);
}

struct range {
    uint32_t from;
    uint32_t to;
};

static bool
column_in_range(const struct expr *e, void *ctx)
{
    const struct range *range = ctx;
    return e->kind != EXPR_COLUMN || (e->column >= range->from && e->column < range->to);
}

bool
expr_within(const struct expr *e, uint32_t from, uint32_t to)
{
    struct range range = {from, to};
    return expr_walk(e, column_in_range, &range);
}

bool
expr_has_columns(const struct expr *e)
{
    return !expr_within(e, 0, 0);
}

static bool
kind_differs(const struct expr *e, void *ctx)
{
    return e->kind != *(enum expr_kind *)ctx;
}

bool
expr_contains(const struct expr *e, enum expr_kind kind)
{
    return !expr_walk(e, kind_differs, &kind);
}

bool
expr_has_outer(const struct expr *e)
{
    return expr_contains(e, EXPR_OUTER);
}

static bool
node_deterministic(const struct expr *e, void *ctx)
{
    if (e->kind == EXPR_UDF) {
        return e->udf->deterministic;
    }
    if (e->kind == EXPR_CALL || e->kind == EXPR_AGG) {
        const struct func_def *def = func_find(e->name);
        return def == NULL || !def->nondeterministic;
    }
    return true;
}

bool
expr_deterministic(const struct expr *e)
{
    return expr_walk(e, node_deterministic, NULL);
}

static struct expr *
remap_column(struct arena *a, struct expr *e, void *ctx)
{
    if (e->kind != EXPR_COLUMN) {
        return e;
    }
    const uint32_t *map = ctx;
    if (map[e->column] == e->column) {
        return e;
    }
    struct expr *copy = expr_copy(a, e);
    copy->column = map[e->column];
    return copy;
}

struct expr *
expr_remap(struct arena *a, struct expr *e, const uint32_t *map)
{
    return expr_map(a, e, remap_column, (void *)(uintptr_t)map);
}

static struct expr *
shift_column(struct arena *a, struct expr *e, void *ctx)
{
    if (e->kind != EXPR_COLUMN) {
        return e;
    }
    struct expr *copy = expr_copy(a, e);
    copy->column = (uint32_t)((int64_t)e->column + *(const int64_t *)ctx);
    return copy;
}

struct expr *
expr_shift(struct arena *a, struct expr *e, int64_t by)
{
    return by == 0 ? e : expr_map(a, e, shift_column, &by);
}

static struct expr *
substitute_column(struct arena *a, struct expr *e, void *ctx)
{
    struct expr *const *by = ctx;
    return e->kind == EXPR_COLUMN ? by[e->column] : NULL;
}

struct expr *
expr_substitute(struct arena *a, struct expr *e, struct expr *const *by)
{
    return expr_rewrite(a, e, substitute_column, (void *)(uintptr_t)by);
}

/* Conjunctions. */

void
conjuncts_add(struct arena *a, struct conjuncts *c, struct expr *e)
{
    if (e == NULL || is_true(e)) {
        return;
    }
    if (is_function(e, "and")) {
        for (uint32_t i = 0; i < e->arg_count; i++) {
            conjuncts_add(a, c, e->args[i]);
        }
        return;
    }
    for (uint32_t i = 0; i < c->count; i++) {
        if (expr_equal(c->items[i], e)) {
            return;
        }
    }
    if (c->count == c->capacity) {
        const uint32_t capacity = c->capacity > 0 ? c->capacity * 2 : 8;
        struct expr **more = arena_new_array(a, struct expr *, capacity);
        if (c->count > 0) {
            memcpy(more, c->items, sizeof *more * c->count);
        }
        c->items = more;
        c->capacity = capacity;
    }
    c->items[c->count++] = e;
}

struct expr *
conjuncts_join(struct arena *a, const struct conjuncts *c)
{
    struct expr *all = NULL;
    for (uint32_t i = 0; i < c->count; i++) {
        all = expr_and(a, all, c->items[i]);
    }
    return all;
}

bool
is_function(const struct expr *e, const char *name)
{
    return e->kind == EXPR_CALL && strcmp(e->name, name) == 0;
}

bool
is_equality(const struct expr *e)
{
    return e->arg_count == 2 &&
           (is_function(e, "=") || is_function(e, "==") || is_function(e, "<=>"));
}

bool
is_true(const struct expr *e)
{
    return e->kind == EXPR_LITERAL && !e->literal.is_null && e->type->id == TYPE_BOOLEAN &&
           e->literal.b;
}

bool
is_false_or_null(const struct expr *e)
{
    return e->kind == EXPR_LITERAL && e->type->id == TYPE_BOOLEAN &&
           (e->literal.is_null || !e->literal.b);
}

/* Functions that give null when any argument is null. */
static bool
is_strict(const struct expr *e)
{
    static const char *const names[] = {"=", "==", "<", "<=", ">",   ">=",   "+",
                                        "-", "*",  "/", "%",  "not", "like", "!="};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (is_function(e, names[i])) {
            return true;
        }
    }
    return false;
}

/* Is e null whenever all columns in [from, to) are? */
static bool
null_from_columns(const struct expr *e, uint32_t from, uint32_t to)
{
    if (e->kind == EXPR_COLUMN) {
        return e->column >= from && e->column < to;
    }
    if (e->kind == EXPR_CAST) {
        return null_from_columns(e->args[0], from, to);
    }
    if (!is_strict(e)) {
        return false;
    }
    for (uint32_t i = 0; i < e->arg_count; i++) {
        if (null_from_columns(e->args[i], from, to)) {
            return true;
        }
    }
    return false;
}

bool
expr_rejects_null(const struct expr *e, uint32_t from, uint32_t to)
{
    if (is_function(e, "and")) {
        return expr_rejects_null(e->args[0], from, to) || expr_rejects_null(e->args[1], from, to);
    }
    if (is_function(e, "or")) {
        return expr_rejects_null(e->args[0], from, to) && expr_rejects_null(e->args[1], from, to);
    }
    if (is_function(e, "isnotnull") || (is_function(e, "in") && e->arg_count > 0)) {
        return null_from_columns(e->args[0], from, to);
    }
    return null_from_columns(e, from, to);
}

/* Builders. */

uint32_t
rel_width(const struct rel *rel)
{
    return rel->schema->field_count;
}

struct expr *
pass_column(struct pass *p, const struct rel *input, uint32_t i)
{
    const struct type_field *f = &input->schema->fields[i];
    struct expr *e = expr_column(p->arena, i, f->type, f->nullable);
    e->name = f->name;
    return e;
}

struct rel *
pass_filter(struct pass *p, struct rel *input, struct expr *condition)
{
    return condition != NULL ? rel_filter(&p->r, input, condition) : input;
}

struct rel *
pass_project(struct pass *p, struct rel *input, struct expr **exprs, uint32_t count)
{
    const char **names = arena_new_array(p->arena, const char *, count + 1);
    for (uint32_t i = 0; i < count; i++) {
        names[i] = exprs[i]->kind == EXPR_COLUMN ? input->schema->fields[exprs[i]->column].name
                                                 : expr_name(&p->r, exprs[i]);
    }
    return rel_project(&p->r, input, exprs, names, count);
}

struct rel *
pass_columns(struct pass *p, struct rel *input, const uint32_t *columns, uint32_t count)
{
    struct expr **exprs = arena_new_array(p->arena, struct expr *, count + 1);
    struct type_field *fields = arena_new_array(p->arena, struct type_field, count + 1);
    for (uint32_t i = 0; i < count; i++) {
        exprs[i] = pass_column(p, input, columns[i]);
        fields[i] = input->schema->fields[columns[i]];
    }
    struct rel *project = rel_new(p->arena, REL_PROJECT, 1, input);
    project->exprs = exprs;
    project->expr_count = count;
    project->schema = type_struct(p->arena, fields, count);
    return project;
}

struct rel *
pass_first_columns(struct pass *p, struct rel *input, uint32_t count)
{
    if (count == rel_width(input)) {
        return input;
    }
    uint32_t *columns = arena_new_array(p->arena, uint32_t, count + 1);
    for (uint32_t i = 0; i < count; i++) {
        columns[i] = i;
    }
    return pass_columns(p, input, columns, count);
}

struct rel *
pass_inputs(struct pass *p, struct rel *rel, pass_fn *fn)
{
    struct rel *copy = NULL;
    for (uint32_t i = 0; i < rel->input_count; i++) {
        struct rel *input = fn(p, rel->inputs[i]);
        if (input == NULL) {
            return NULL;
        }
        if (input != rel->inputs[i]) {
            copy = copy != NULL ? copy : rel_copy(p->arena, rel);
            copy->inputs[i] = input;
        }
    }
    return copy != NULL ? copy : rel;
}

void
join_schema_set(struct pass *p, struct rel *join)
{
    const enum join_type t = join->join_type;
    const struct type *left = join->inputs[0]->schema, *right = join->inputs[1]->schema;
    if (t == JOIN_SEMI || t == JOIN_ANTI) {
        join->schema = left;
        return;
    }
    if (t == JOIN_MARK) {
        const struct type_field mark = {
            .name = "mark", .type = type_scalar(TYPE_BOOLEAN), .nullable = true};
        join->schema = schema_join(p->arena, left, false, type_struct(p->arena, &mark, 1), false);
        return;
    }
    join->schema = schema_join(p->arena, left, t == JOIN_RIGHT || t == JOIN_FULL, right,
                               t == JOIN_LEFT || t == JOIN_FULL || t == JOIN_SINGLE);
}
