/* Arrays as sets, arrays side by side. Nulls are values; NaN equals NaN. */
#include <string.h>

#include "func/nested.h"
#include "vec/compare.h"

#define ARRAY_ROWS(i)                                                                              \
    struct builder b;                                                                              \
    const uint8_t *live = rows_live(ev, rows, sel, n, out);                                        \
    builder_init(&b, ev->tmp, call->type);                                                         \
    for (uint32_t i = 0; i < rows; i++)                                                            \
        if (!live[i]) {                                                                            \
            builder_null(&b);                                                                      \
        } else
#define ARRAY_DONE()                                                                               \
    builder_finish(&b, out);                                                                       \
    return true

enum set_op { SET_DISTINCT, SET_UNION, SET_INTERSECT, SET_EXCEPT };

static void
add_new(struct builder *to, struct row_set *seen, const struct vec *child, struct list_range r,
        const struct row_set *other, bool wanted)
{
    for (uint32_t k = r.offset; k < r.offset + r.len; k++) {
        if (other != NULL && row_set_has(other, child, k) != wanted) {
            continue;
        }
        if (row_set_add(seen, k)) {
            builder_add(to, child, k);
        }
    }
}

KERNEL(set_operation)
{
    const enum set_op op = *(const enum set_op *)call->def->data;
    ARRAY_ROWS(i)
    {
        const struct vec *x = &in[0]->child[0];
        struct row_set seen = {.arena = ev->tmp, .values = x};
        builder_open(&b);
        if (op == SET_DISTINCT) {
            add_new(&b.child[0], &seen, x, list_at(in[0], i), NULL, false);
        } else {
            const struct vec *y = &in[1]->child[0];
            const struct list_range r = list_at(in[1], i);
            struct row_set other = {.arena = ev->tmp, .values = y};
            if (op == SET_UNION) {
                add_new(&b.child[0], &seen, x, list_at(in[0], i), NULL, false);
                for (uint32_t k = r.offset; k < r.offset + r.len; k++) {
                    if (row_set_add(&other, k) && !row_set_has(&seen, y, k)) {
                        builder_add(&b.child[0], y, k);
                    }
                }
            } else {
                for (uint32_t k = r.offset; k < r.offset + r.len; k++) {
                    row_set_add(&other, k);
                }
                add_new(&b.child[0], &seen, x, list_at(in[0], i), &other, op == SET_INTERSECT);
            }
        }
        builder_close(&b);
    }
    ARRAY_DONE();
}

static bool
two_arrays(struct func_bind *b, struct error *err)
{
    const struct type *x = b->args[0]->type;
    const struct type *y = b->args[1]->type;
    const struct type *t = func_common_type(b->arena, x, y, b->session->ansi);
    const bool ok = (x->id == TYPE_ARRAY || x->id == TYPE_NULL) &&
                    (y->id == TYPE_ARRAY || y->id == TYPE_NULL) && t != NULL;
    if (!ok || t->id == TYPE_NULL) {
        return error_raise(err, "DATATYPE_MISMATCH.BINARY_ARRAY_DIFF_TYPES", "sqlExpr", bind_sql(b),
                           "functionName", arena_printf(b->arena, "`%s`", b->def->name),
                           "arrayType", "\"ARRAY\"", "leftType", type_quoted(b->arena, x),
                           "rightType", type_quoted(b->arena, y), NULL);
    }
    for (uint32_t i = 0; i < 2; i++) {
        if (!type_same(b->args[i]->type, t)) {
            b->cast_to[i] = t;
        }
    }
    b->type = t;
    b->nullable = bind_any_nullable(b);
    return true;
}

static bool
bind_set(struct func_bind *b, struct error *err)
{
    b->kernel = set_operation;
    if (b->arg_count == 2) {
        return two_arrays(b, err);
    }
    const struct type *t = b->args[0]->type;
    if (t->id != TYPE_ARRAY && t->id != TYPE_NULL) {
        return bind_fail_input(b, 0, "\"ARRAY\"", err);
    }
    b->type = t;
    b->nullable = bind_any_nullable(b);
    return true;
}

KERNEL(arrays_overlap)
{
    EACH_VALID(i)
    {
        const struct vec *x = &in[0]->child[0];
        const struct vec *y = &in[1]->child[0];
        const struct list_range a = list_at(in[0], i);
        const struct list_range c = list_at(in[1], i);
        struct row_set left = {.arena = ev->tmp, .values = x};
        bool null = false;
        bool found = false;
        for (uint32_t k = a.offset; k < a.offset + a.len; k++) {
            null = null || vec_is_null(x, k);
            row_set_add(&left, k);
        }
        for (uint32_t k = c.offset; k < c.offset + c.len; k++) {
            null = null || vec_is_null(y, k);
            found = found || (!vec_is_null(y, k) && row_set_has(&left, y, k));
        }
        ((uint8_t *)out->data)[i] = found;
        if (!found && null && a.len > 0 && c.len > 0) {
            vec_set_null(out, ev->tmp, i);
        }
    }
    return true;
}

static bool
bind_overlap(struct func_bind *b, struct error *err)
{
    if (!two_arrays(b, err)) {
        return false;
    }
    b->type = type_scalar(TYPE_BOOLEAN);
    b->nullable = true;
    b->kernel = arrays_overlap;
    return true;
}

KERNEL(arrays_zip)
{
    ARRAY_ROWS(i)
    {
        uint32_t longest = 0;
        for (uint32_t a = 0; a < call->arg_count; a++) {
            const struct list_range r = list_at(in[a], i);
            longest = r.len > longest ? r.len : longest;
        }
        builder_open(&b);
        struct builder *s = &b.child[0];
        for (uint32_t k = 0; k < longest; k++) {
            for (uint32_t a = 0; a < call->arg_count; a++) {
                const struct list_range r = list_at(in[a], i);
                if (k < r.len) {
                    builder_add(&s->child[a], &in[a]->child[0], r.offset + k);
                } else {
                    builder_null(&s->child[a]);
                }
            }
            builder_struct(s);
        }
        builder_close(&b);
    }
    ARRAY_DONE();
}

static bool
bind_zip(struct func_bind *b, struct error *err)
{
    struct type_field *fields = arena_new_array(b->arena, struct type_field, b->arg_count + 1);
    for (uint32_t i = 0; i < b->arg_count; i++) {
        const struct expr *e = b->args[i];
        if (e->type->id != TYPE_ARRAY) {
            return bind_fail_input(b, i, "\"ARRAY\"", err);
        }
        fields[i].name = e->kind == EXPR_ALIAS || (e->kind == EXPR_COLUMN && e->name != NULL)
                             ? e->name
                             : arena_printf(b->arena, "%u", i);
        fields[i].type = e->type->fields[0].type;
        fields[i].nullable = true;
    }
    b->type = type_array(b->arena, type_struct(b->arena, fields, b->arg_count), false);
    b->nullable = bind_any_nullable(b);
    b->kernel = arrays_zip;
    return true;
}

#define SET(name, args, op, use)                                                                   \
    {                                                                                              \
        name, FUNC_SCALAR, args, args, false, false, bind_set, use, NULL, NULL,                    \
            &(const enum set_op)                                                                   \
        {                                                                                          \
            op                                                                                     \
        }                                                                                          \
    }

static const struct func_def defs[] = {
    SET("array_distinct", 1, SET_DISTINCT, "array_distinct(array)"),
    SET("array_union", 2, SET_UNION, "array_union(a, b) - Without duplicates."),
    SET("array_intersect", 2, SET_INTERSECT, "array_intersect(a, b) - In both."),
    SET("array_except", 2, SET_EXCEPT, "array_except(a, b) - In a, not in b."),
    {"arrays_overlap", FUNC_SCALAR, 2, 2, false, false, bind_overlap, "arrays_overlap(a, b)"},
    {"arrays_zip", FUNC_SCALAR, 0, 255, false, false, bind_zip, "arrays_zip(a, ...) - Of structs."},
};

const struct func_family family_array_set = {defs, sizeof defs / sizeof *defs};
