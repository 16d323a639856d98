/*
 * Higher-order functions: the elements of all live rows are laid side by side, the lambda runs over
 * them as over a column, and the results are cut into rows again.
 */
#include "func/lambda.h"

#include <stdlib.h>
#include <string.h>

#include "func/nested.h"

/* The elements of the live rows in one run. */
struct elements {
    uint32_t m;
    uint32_t *parent;          /* the row of each */
    uint32_t *at;              /* its place in the child */
    struct list_range *ranges; /* of each row, in the new order */
    struct vec index;          /* 0, 1, 2 ... in each row */
};

static void
elements_lay(struct eval *ev, const struct vec *v, uint32_t rows, const uint8_t *live,
             struct elements *e)
{
    uint32_t m = 0;
    for (uint32_t i = 0; i < rows; i++) {
        m += live[i] ? list_at(v, i).len : 0;
    }
    e->parent = arena_alloc(ev->tmp, sizeof *e->parent * ((size_t)m + 1));
    e->at = arena_alloc(ev->tmp, sizeof *e->at * ((size_t)m + 1));
    e->ranges = arena_zalloc(ev->tmp, sizeof *e->ranges * ((size_t)rows + 1));
    vec_init_flat(&e->index, ev->tmp, type_scalar(TYPE_INT), m);
    e->m = 0;
    for (uint32_t i = 0; i < rows; i++) {
        e->ranges[i].offset = e->m;
        if (!live[i]) {
            continue;
        }
        const struct list_range r = list_at(v, i);
        e->ranges[i].len = r.len;
        for (uint32_t k = 0; k < r.len; k++, e->m++) {
            e->parent[e->m] = i;
            e->at[e->m] = r.offset + k;
            ((int32_t *)e->index.data)[e->m] = (int32_t)k;
        }
    }
}

static void
gather(struct eval *ev, struct vec *out, const struct vec *from, const uint32_t *at, uint32_t m)
{
    struct vec picked;
    vec_gather(&picked, from, at, m, ev->tmp);
    vec_flatten(out, &picked, NULL, m, ev->tmp);
}

/* Runs the lambda that is argument `arg` over e with columns gathered from `sources`. */
static bool
run_over(struct eval *ev, const struct func_call *call, uint32_t arg, const struct vec *const *in,
         const struct elements *e, const struct vec *const *sources, uint32_t source_count,
         struct vec *out, struct error *err)
{
    const struct lambda *l = &call->lambdas[arg];
    struct vec params[3];
    for (uint32_t p = 0; p < l->param_count && p < 3; p++) {
        if (p < source_count) {
            gather(ev, &params[p], sources[p], e->at, e->m);
        } else {
            params[p] = e->index;
        }
    }
    if (l->param_count > 3) {
        return error_set(err, ERROR_INTERNAL, "[INTERNAL_ERROR] a lambda of %u parameters",
                         l->param_count);
    }
    return lambda_run(ev, l, in, e->parent, e->m, params, out, err);
}

static void
list_out(struct eval *ev, const struct func_call *call, struct vec *out, uint32_t rows,
         const struct list_range *ranges, const struct vec *child, uint32_t children)
{
    const uint64_t *valid = out->valid;
    *out = (struct vec){.type = call->type, .phys = (uint8_t)phys_of(call->type), .n = rows};
    out->data = (void *)(uintptr_t)ranges;
    out->valid = (uint64_t *)(uintptr_t)valid;
    out->child_count = (uint8_t)children;
    out->child = arena_copy(ev->tmp, child, sizeof *child * children);
}

/* ---- arrays ---- */

KERNEL(transform)
{
    struct elements e;
    struct vec result;
    const struct vec *sources[1] = {&in[0]->child[0]};
    elements_lay(ev, in[0], rows, rows_live(ev, rows, sel, n, out), &e);
    if (!run_over(ev, call, 1, in, &e, sources, 1, &result, err)) {
        return false;
    }
    list_out(ev, call, out, rows, e.ranges, &result, 1);
    return true;
}

static bool
is_true(const struct vec *v, uint32_t k)
{
    return !vec_is_null(v, k) && ((const uint8_t *)v->data)[k];
}

/* filter and map_filter: what the lambda keeps of the children. */
static bool
keep_some(struct eval *ev, const struct func_call *call, uint32_t rows, const struct vec *list,
          const struct vec *kept, struct elements *e, struct vec *out)
{
    struct vec child[2];
    uint32_t m = 0;
    uint32_t *at = arena_alloc(ev->tmp, sizeof *at * ((size_t)e->m + 1));
    for (uint32_t i = 0; i < rows; i++) {
        const struct list_range r = e->ranges[i];
        e->ranges[i].offset = m;
        for (uint32_t k = r.offset; k < r.offset + r.len; k++) {
            if (is_true(kept, k)) {
                at[m++] = e->at[k];
            }
        }
        e->ranges[i].len = m - e->ranges[i].offset;
    }
    for (uint32_t c = 0; c < list->child_count; c++) {
        gather(ev, &child[c], &list->child[c], at, m);
    }
    list_out(ev, call, out, rows, e->ranges, child, list->child_count);
    return true;
}

KERNEL(filter)
{
    struct elements e;
    struct vec kept;
    const struct vec *sources[2] = {&in[0]->child[0], &in[0]->child[in[0]->child_count - 1]};
    elements_lay(ev, in[0], rows, rows_live(ev, rows, sel, n, out), &e);
    return run_over(ev, call, 1, in, &e, sources, in[0]->child_count, &kept, err) &&
           keep_some(ev, call, rows, in[0], &kept, &e, out);
}

KERNEL(exists_forall)
{
    const bool exists = call->def->name[0] == 'e';
    struct elements e;
    struct vec held;
    const struct vec *sources[1] = {&in[0]->child[0]};
    elements_lay(ev, in[0], rows, rows_live(ev, rows, sel, n, out), &e);
    if (!run_over(ev, call, 1, in, &e, sources, 1, &held, err)) {
        return false;
    }
    EACH_VALID(i)
    {
        bool null = false;
        bool decided = false;
        for (uint32_t k = e.ranges[i].offset; k < e.ranges[i].offset + e.ranges[i].len; k++) {
            if (vec_is_null(&held, k)) {
                null = true;
            } else if ((((const uint8_t *)held.data)[k] != 0) == exists) {
                decided = true;
            }
        }
        ((uint8_t *)out->data)[i] = decided == exists;
        if (!decided && null) {
            vec_set_null(out, ev->tmp, i);
        }
    }
    return true;
}

/* One more element of each row that still has one. */
static bool
fold_step(struct eval *ev, const struct func_call *call, const struct vec *const *in,
          const uint32_t *active, uint32_t m, uint32_t step, struct vec *acc, struct error *err)
{
    struct vec params[2];
    struct vec result;
    uint32_t *at = arena_alloc(ev->tmp, sizeof *at * ((size_t)m + 1));
    for (uint32_t k = 0; k < m; k++) {
        at[k] = list_at(in[0], active[k]).offset + step;
    }
    gather(ev, &params[0], acc, active, m);
    gather(ev, &params[1], &in[0]->child[0], at, m);
    if (!lambda_run(ev, &call->lambdas[2], in, active, m, params, &result, err)) {
        return false;
    }
    struct builder b;
    builder_init(&b, ev->tmp, acc->type);
    uint32_t k = 0;
    for (uint32_t i = 0; i < acc->n; i++) {
        if (k < m && active[k] == i) {
            builder_add(&b, &result, k++);
        } else {
            builder_add(&b, acc, i);
        }
    }
    builder_finish(&b, acc);
    return true;
}

/* aggregate(array, start, merge[, finish]) */
KERNEL(aggregate)
{
    struct builder start;
    struct vec acc;
    uint32_t longest = 0;
    uint32_t m = 0;
    uint32_t *active = arena_alloc(ev->tmp, sizeof *active * ((size_t)rows + 1));
    uint8_t *live = arena_zalloc(ev->tmp, (size_t)rows + 1);
    EACH_ROW(i)
    {
        live[i] = !vec_is_null(in[0], i);
        if (live[i] && list_at(in[0], i).len > longest) {
            longest = list_at(in[0], i).len;
        }
    }
    builder_init(&start, ev->tmp, in[1]->type);
    for (uint32_t i = 0; i < rows; i++) {
        if (live[i]) {
            builder_add(&start, in[1], i);
        } else {
            builder_null(&start);
        }
    }
    builder_finish(&start, &acc);
    for (uint32_t step = 0; step < longest; step++) {
        m = 0;
        for (uint32_t i = 0; i < rows; i++) {
            if (live[i] && list_at(in[0], i).len > step) {
                active[m++] = i;
            }
        }
        if (!fold_step(ev, call, in, active, m, step, &acc, err)) {
            return false;
        }
    }
    if (call->arg_count > 3) {
        struct vec done;
        for (uint32_t i = 0; i < rows; i++) {
            active[i] = i;
        }
        if (!lambda_run(ev, &call->lambdas[3], in, active, rows, &acc, &done, err)) {
            return false;
        }
        acc = done;
    }
    *out = acc;
    for (uint32_t i = 0; i < rows; i++) {
        if (!live[i]) {
            vec_set_null(out, ev->tmp, i);
        }
    }
    return true;
}

KERNEL(zip_with)
{
    const uint8_t *live = rows_live(ev, rows, sel, n, out);
    struct list_range *ranges = arena_zalloc(ev->tmp, sizeof *ranges * ((size_t)rows + 1));
    uint32_t m = 0;
    for (uint32_t i = 0; i < rows; i++) {
        ranges[i].offset = m;
        if (live[i]) {
            const uint32_t a = list_at(in[0], i).len;
            const uint32_t b = list_at(in[1], i).len;
            ranges[i].len = a > b ? a : b;
            m += ranges[i].len;
        }
    }
    uint32_t *parent = arena_alloc(ev->tmp, sizeof *parent * ((size_t)m + 1));
    uint32_t *at[2] = {arena_alloc(ev->tmp, sizeof **at * ((size_t)m + 1)),
                       arena_alloc(ev->tmp, sizeof **at * ((size_t)m + 1))};
    for (uint32_t i = 0; i < rows; i++) {
        for (uint32_t k = 0; k < ranges[i].len; k++) {
            parent[ranges[i].offset + k] = i;
            for (int s = 0; s < 2; s++) {
                const struct list_range r = list_at(in[s], i);
                at[s][ranges[i].offset + k] = k < r.len ? r.offset + k : UINT32_MAX;
            }
        }
    }
    struct vec params[2];
    struct vec result;
    gather(ev, &params[0], &in[0]->child[0], at[0], m);
    gather(ev, &params[1], &in[1]->child[0], at[1], m);
    if (!lambda_run(ev, &call->lambdas[2], in, parent, m, params, &result, err)) {
        return false;
    }
    list_out(ev, call, out, rows, ranges, &result, 1);
    return true;
}

/* ---- maps ---- */

KERNEL(transform_map)
{
    const bool keys = strcmp(call->def->name, "transform_keys") == 0;
    struct elements e;
    struct vec child[2];
    struct vec result;
    const struct vec *sources[2] = {&in[0]->child[0], &in[0]->child[1]};
    elements_lay(ev, in[0], rows, rows_live(ev, rows, sel, n, out), &e);
    if (!run_over(ev, call, 1, in, &e, sources, 2, &result, err)) {
        return false;
    }
    child[keys ? 0 : 1] = result;
    gather(ev, &child[keys ? 1 : 0], sources[keys ? 1 : 0], e.at, e.m);
    for (uint32_t i = 0; keys && i < rows; i++) {
        struct row_set seen = {.arena = ev->tmp, .values = &result};
        for (uint32_t k = e.ranges[i].offset; k < e.ranges[i].offset + e.ranges[i].len; k++) {
            if (vec_is_null(&result, k)) {
                return raise_map_key_null(err);
            }
            if (!row_set_add(&seen, k)) {
                return raise_map_key_twice(ev, &result, k, err);
            }
        }
    }
    list_out(ev, call, out, rows, e.ranges, child, 2);
    return true;
}

/* ---- array_sort(array, comparator) ---- */

struct sorter {
    struct eval *ev;
    const struct func_call *call;
    const struct vec *const *in;
    const struct vec *child;
    uint32_t row;
    struct error *err;
};

static bool
sorter_compare(const struct sorter *s, uint32_t x, uint32_t y, int *order)
{
    struct vec params[2];
    struct vec result;
    gather(s->ev, &params[0], s->child, &x, 1);
    gather(s->ev, &params[1], s->child, &y, 1);
    if (!lambda_run(s->ev, &s->call->lambdas[1], s->in, &s->row, 1, params, &result, s->err)) {
        return false;
    }
    if (vec_is_null(&result, 0)) {
        return error_raise(s->err, "COMPARATOR_RETURNS_NULL", "firstValue", "", "secondValue", "",
                           NULL);
    }
    *order = ((const int32_t *)result.data)[0];
    return true;
}

/* Merge sort, since the comparator may fail or be inconsistent. */
static bool
sorter_run(const struct sorter *s, uint32_t *at, uint32_t *spare, uint32_t n)
{
    for (uint32_t width = 1; width < n; width *= 2) {
        for (uint32_t from = 0; from < n; from += 2 * width) {
            const uint32_t mid = from + width < n ? from + width : n;
            const uint32_t end = from + 2 * width < n ? from + 2 * width : n;
            uint32_t l = from;
            uint32_t r = mid;
            for (uint32_t k = from; k < end; k++) {
                int order = 0;
                if (l < mid && r < end && !sorter_compare(s, at[l], at[r], &order)) {
                    return false;
                }
                spare[k] = r >= end || (l < mid && order <= 0) ? at[l++] : at[r++];
            }
        }
        memcpy(at, spare, sizeof *at * n);
    }
    return true;
}

KERNEL(sort_by_lambda)
{
    struct builder b;
    const uint8_t *live = rows_live(ev, rows, sel, n, out);
    builder_init(&b, ev->tmp, call->type);
    for (uint32_t i = 0; i < rows; i++) {
        if (!live[i]) {
            builder_null(&b);
            continue;
        }
        const struct list_range r = list_at(in[0], i);
        const struct sorter s = {ev, call, in, &in[0]->child[0], i, err};
        uint32_t *at = arena_alloc(ev->tmp, sizeof *at * 2 * ((size_t)r.len + 1));
        for (uint32_t k = 0; k < r.len; k++) {
            at[k] = r.offset + k;
        }
        if (!sorter_run(&s, at, at + r.len, r.len)) {
            return false;
        }
        builder_open(&b);
        for (uint32_t k = 0; k < r.len; k++) {
            builder_add(&b.child[0], &in[0]->child[0], at[k]);
        }
        builder_close(&b);
    }
    builder_finish(&b, out);
    return true;
}

static int
plain_order(const void *x, const void *y, void *v)
{
    const uint32_t i = *(const uint32_t *)x;
    const uint32_t j = *(const uint32_t *)y;
    const bool in = vec_is_null(v, i);
    const bool jn = vec_is_null(v, j);
    return in || jn ? (int)in - (int)jn : value_compare(v, i, v, j);
}

/* array_sort(array): nulls last. */
KERNEL(sort_plain)
{
    struct builder b;
    const uint8_t *live = rows_live(ev, rows, sel, n, out);
    builder_init(&b, ev->tmp, call->type);
    for (uint32_t i = 0; i < rows; i++) {
        if (!live[i]) {
            builder_null(&b);
            continue;
        }
        const struct list_range r = list_at(in[0], i);
        uint32_t *at = arena_alloc(ev->tmp, sizeof *at * ((size_t)r.len + 1));
        for (uint32_t k = 0; k < r.len; k++) {
            at[k] = r.offset + k;
        }
        qsort_r(at, r.len, sizeof *at, plain_order, &in[0]->child[0]);
        builder_open(&b);
        for (uint32_t k = 0; k < r.len; k++) {
            builder_add(&b.child[0], &in[0]->child[0], at[k]);
        }
        builder_close(&b);
    }
    builder_finish(&b, out);
    return true;
}

/* ---- binding ---- */

static const struct type *
body_type(const struct func_bind *b, uint32_t i)
{
    return b->args[i]->kind == EXPR_LAMBDA ? b->args[i]->args[0]->type : NULL;
}

static bool
body_nullable(const struct func_bind *b, uint32_t i)
{
    return b->args[i]->args[0]->nullable || b->args[i]->args[0]->type->id == TYPE_NULL;
}

static bool
wants_lambda(const struct func_bind *b, uint32_t i, bool predicate, struct error *err)
{
    const struct type *t = body_type(b, i);
    if (t == NULL) {
        return error_raise(err, "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE", "sqlExpr", "",
                           "paramIndex", i == 1 ? "second" : "third", "requiredType", "\"LAMBDA\"",
                           "inputSql", bind_arg_sql(b, i), "inputType", "", NULL);
    }
    if (predicate && t->id != TYPE_BOOLEAN && t->id != TYPE_NULL) {
        return error_raise(err, "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE", "sqlExpr", "",
                           "paramIndex", "second", "requiredType", "\"BOOLEAN\"", "inputSql",
                           bind_arg_sql(b, i), "inputType", type_quoted(b->arena, t), NULL);
    }
    return true;
}

static bool
bind_array_lambda(struct func_bind *b, struct error *err)
{
    const struct type *t = b->args[0]->type;
    const char *name = b->def->name;
    const bool predicate = strcmp(name, "transform") != 0;
    if (t->id != TYPE_ARRAY) {
        return bind_fail_input(b, 0, "\"ARRAY\"", err);
    }
    if (!wants_lambda(b, 1, predicate, err)) {
        return false;
    }
    b->nullable = b->args[0]->nullable;
    b->kernel = b->def->kernel;
    if (!predicate) {
        b->type = type_array(b->arena, body_type(b, 1), body_nullable(b, 1));
    } else if (strcmp(name, "filter") == 0) {
        b->type = t;
    } else {
        b->type = type_scalar(TYPE_BOOLEAN);
        b->nullable = b->nullable || body_nullable(b, 1);
    }
    return true;
}

static bool
bind_array_sort(struct func_bind *b, struct error *err)
{
    const struct type *t = b->args[0]->type;
    if (t->id != TYPE_ARRAY && t->id != TYPE_NULL) {
        return bind_fail_input(b, 0, "\"ARRAY\"", err);
    }
    b->type = t;
    b->nullable = b->args[0]->nullable;
    b->kernel = sort_plain;
    if (b->arg_count == 1) {
        return t->id == TYPE_NULL || t->fields[0].type->id == TYPE_NULL ||
               type_is_orderable(t->fields[0].type) || bind_fail_order(b, t, err);
    }
    const struct type *body = body_type(b, 1);
    if (body == NULL || body->id != TYPE_INT) {
        return error_raise(err, "DATATYPE_MISMATCH.UNEXPECTED_RETURN_TYPE", "sqlExpr", "",
                           "functionName", "`lambdafunction`", "expectedType", "\"INT\"",
                           "actualType",
                           type_quoted(b->arena, body != NULL ? body : b->args[1]->type), NULL);
    }
    b->kernel = sort_by_lambda;
    return true;
}

static bool
bind_aggregate(struct func_bind *b, struct error *err)
{
    if (b->args[0]->type->id != TYPE_ARRAY) {
        return bind_fail_input(b, 0, "\"ARRAY\"", err);
    }
    if (!wants_lambda(b, 2, false, err) || (b->arg_count > 3 && !wants_lambda(b, 3, false, err))) {
        return false;
    }
    const struct type *start = b->args[1]->type;
    const struct type *merged = body_type(b, 2);
    if (!type_same(start, merged)) {
        return error_raise(err, "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE", "sqlExpr", "",
                           "paramIndex", "third", "requiredType", type_quoted(b->arena, start),
                           "inputSql", bind_arg_sql(b, 2), "inputType",
                           type_quoted(b->arena, merged), NULL);
    }
    b->type = b->arg_count > 3 ? body_type(b, 3) : merged;
    b->nullable = true;
    b->kernel = aggregate;
    return true;
}

static bool
bind_zip_with(struct func_bind *b, struct error *err)
{
    for (uint32_t i = 0; i < 2; i++) {
        if (b->args[i]->type->id != TYPE_ARRAY) {
            return bind_fail_input(b, i, "\"ARRAY\"", err);
        }
    }
    if (!wants_lambda(b, 2, false, err)) {
        return false;
    }
    b->type = type_array(b->arena, body_type(b, 2), body_nullable(b, 2));
    b->nullable = b->args[0]->nullable || b->args[1]->nullable;
    b->kernel = zip_with;
    return true;
}

static bool
bind_map_lambda(struct func_bind *b, struct error *err)
{
    const struct type *t = b->args[0]->type;
    const char *name = b->def->name;
    if (t->id != TYPE_MAP) {
        return bind_fail_input(b, 0, "\"MAP\"", err);
    }
    if (!wants_lambda(b, 1, name[0] == 'm', err)) {
        return false;
    }
    b->nullable = b->args[0]->nullable;
    b->kernel = b->def->kernel;
    b->type = t;
    if (strcmp(name, "transform_keys") == 0) {
        b->type = type_map(b->arena, body_type(b, 1), t->fields[1].type, t->fields[1].nullable);
    } else if (strcmp(name, "transform_values") == 0) {
        b->type = type_map(b->arena, t->fields[0].type, body_type(b, 1), body_nullable(b, 1));
    }
    return true;
}

#define BIND(name, min, max, nulls, bind, kernel, use)                                             \
    {                                                                                              \
        name, FUNC_SCALAR, min, max, false, nulls, bind, use, NULL, kernel                         \
    }

static const struct func_def defs[] = {
    BIND("transform", 2, 2, false, bind_array_lambda, transform, "transform(array, x -> ...)"),
    BIND("filter", 2, 2, false, bind_array_lambda, filter, "filter(array, x -> ...)"),
    BIND("exists", 2, 2, false, bind_array_lambda, exists_forall, "exists(array, x -> ...)"),
    BIND("forall", 2, 2, false, bind_array_lambda, exists_forall, "forall(array, x -> ...)"),
    BIND("aggregate", 3, 4, true, bind_aggregate, NULL, "aggregate(array, start, merge[, finish])"),
    BIND("zip_with", 3, 3, false, bind_zip_with, NULL, "zip_with(a, b, (x, y) -> ...)"),
    BIND("map_filter", 2, 2, false, bind_map_lambda, filter, "map_filter(map, (k, v) -> ...)"),
    BIND("transform_keys", 2, 2, false, bind_map_lambda, transform_map, "transform_keys(map, f)"),
    BIND("transform_values", 2, 2, false, bind_map_lambda, transform_map,
         "transform_values(map, f)"),
    BIND("array_sort", 1, 2, false, bind_array_sort, NULL, "array_sort(array[, comparator])"),
};

const struct func_family family_lambda = {defs, sizeof defs / sizeof *defs};
