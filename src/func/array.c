/* Arrays: making, looking into, changing, ordering. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "func/cast.h"
#include "func/datetime.h"
#include "func/nested.h"
#include "type/decimal.h"

static const struct type *
element_of(const struct type *t)
{
    return t->id == TYPE_ARRAY ? t->fields[0].type : type_scalar(TYPE_NULL);
}

/* Rebuilds an array for every live row; body adds to b.child[0]. */
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

/* ---- array(...) ---- */

KERNEL(array_make)
{
    ARRAY_ROWS(i)
    {
        builder_open(&b);
        for (uint32_t a = 0; a < call->arg_count; a++) {
            builder_add(&b.child[0], in[a], i);
        }
        builder_close(&b);
    }
    ARRAY_DONE();
}

static bool
bind_array(struct func_bind *b, struct error *err)
{
    const struct type *t = bind_common(b, 0, err);
    if (t == NULL) {
        return false;
    }
    b->type = type_array(b->arena, t, bind_any_nullable(b));
    b->nullable = false;
    b->kernel = array_make;
    return true;
}

/* ---- size, element, contains ---- */

KERNEL(size)
{
    const bool strict = ev->session->ansi || strcmp(call->def->name, "array_size") == 0;
    EACH_ROW(i)
    {
        if (!vec_is_null(in[0], i)) {
            ((int32_t *)out->data)[i] = (int32_t)list_at(in[0], i).len;
        } else if (strict) {
            vec_set_null(out, ev->tmp, i);
        } else {
            ((int32_t *)out->data)[i] = -1;
        }
    }
    return true;
}

static bool
bind_size(struct func_bind *b, struct error *err)
{
    const enum type_id id = b->args[0]->type->id;
    const bool array_only = strcmp(b->def->name, "array_size") == 0;
    if (id != TYPE_ARRAY && id != TYPE_NULL && (id != TYPE_MAP || array_only)) {
        return bind_fail_input(b, 0, array_only ? "\"ARRAY\"" : "(\"ARRAY\" or \"MAP\")", err);
    }
    b->type = type_scalar(TYPE_INT);
    b->nullable = bind_any_nullable(b);
    b->kernel = size;
    return true;
}

/* Gathers one child row a row; UINT32_MAX is null. */
static void
pick(struct eval *ev, struct vec *out, const struct vec *child, const uint32_t *at, uint32_t rows)
{
    struct vec picked;
    vec_gather(&picked, child, at, rows, ev->tmp);
    vec_flatten(out, &picked, NULL, rows, ev->tmp);
}

static bool
raise_index(struct error *err, const char *condition, int64_t index, uint32_t size_of)
{
    char i[24];
    char s[16];
    snprintf(i, sizeof i, "%lld", (long long)index);
    snprintf(s, sizeof s, "%u", size_of);
    return error_raise(err, condition, "indexValue", i, "arraySize", s, "ansiConfig",
                       "\"spark.sql.ansi.enabled\"", NULL);
}

static int64_t
index_at(const struct vec *v, uint32_t i)
{
    switch ((enum phys)v->phys) {
    case PHYS_I8:
        return ((const int8_t *)v->data)[i];
    case PHYS_I16:
        return ((const int16_t *)v->data)[i];
    case PHYS_I32:
        return ((const int32_t *)v->data)[i];
    default:
        return ((const int64_t *)v->data)[i];
    }
}

/* get(arr, i), arr[i] from 0; element_at(arr, i) from 1, negative from the end. */
KERNEL(array_item)
{
    const char *name = call->def->name;
    const bool from_one = strstr(name, "element_at") != NULL;
    const bool quiet = strcmp(name, "get") == 0 || name[0] == 't' || !ev->session->ansi;
    uint32_t *at = arena_alloc(ev->tmp, sizeof *at * (rows + 1));
    memset(at, 0xff, sizeof *at * (rows + 1));
    EACH_VALID(i)
    {
        const struct list_range r = list_at(in[0], i);
        const int64_t asked = index_at(in[1], i);
        int64_t k = asked;
        if (from_one) {
            if (k == 0) {
                return error_raise(err, "INVALID_INDEX_OF_ZERO", NULL);
            }
            k = k > 0 ? k - 1 : k + r.len;
        }
        if (k >= 0 && k < r.len) {
            at[i] = r.offset + (uint32_t)k;
        } else if (!quiet) {
            return raise_index(
                err, from_one ? "INVALID_ARRAY_INDEX_IN_ELEMENT_AT" : "INVALID_ARRAY_INDEX", asked,
                r.len);
        }
    }
    pick(ev, out, &in[0]->child[0], at, rows);
    return true;
}

KERNEL(map_item)
{
    uint32_t *at = arena_alloc(ev->tmp, sizeof *at * (rows + 1));
    memset(at, 0xff, sizeof *at * (rows + 1));
    EACH_VALID(i)
    {
        const struct list_range r = list_at(in[0], i);
        for (uint32_t k = 0; k < r.len; k++) {
            if (!vec_is_null(&in[0]->child[0], r.offset + k) &&
                value_equal(&in[0]->child[0], r.offset + k, in[1], i)) {
                at[i] = r.offset + k;
            }
        }
    }
    pick(ev, out, &in[0]->child[1], at, rows);
    return true;
}

static bool
bind_item(struct func_bind *b, struct error *err)
{
    const struct type *t = b->args[0]->type;
    b->nullable = true;
    if (t->id == TYPE_MAP && strcmp(b->def->name, "get") != 0) {
        const struct type *key = t->fields[0].type;
        const struct type *other = b->args[1]->type;
        if (!type_same(key, other)) {
            const struct type *c = func_common_type(b->arena, key, other, b->session->ansi);
            if (c == NULL) {
                return error_raise(err, "DATATYPE_MISMATCH.MAP_FUNCTION_DIFF_TYPES", "sqlExpr",
                                   bind_sql(b), "functionName",
                                   arena_printf(b->arena, "`%s`", b->def->name), "dataType",
                                   "\"MAP\"", "leftType", type_quoted(b->arena, t), "rightType",
                                   type_quoted(b->arena, other), NULL);
            }
            if (!type_same(c, key)) {
                b->cast_to[0] = type_map(b->arena, c, t->fields[1].type, t->fields[1].nullable);
            }
            if (!type_same(c, other)) {
                b->cast_to[1] = c;
            }
        }
        b->type = t->fields[1].type;
        b->kernel = map_item;
        return true;
    }
    if (t->id != TYPE_ARRAY) {
        return bind_fail_input(
            b, 0, strcmp(b->def->name, "get") == 0 ? "\"ARRAY\"" : "(\"ARRAY\" or \"MAP\")", err);
    }
    const struct type *index = b->args[1]->type;
    b->type = element_of(t);
    b->kernel = array_item;
    if (type_is_integral(index) && strstr(b->def->name, "getarray") != NULL) {
        return true;
    }
    if (index->id == TYPE_LONG ||
        (!type_is_integral(index) && index->id != TYPE_NULL && index->id != TYPE_STRING)) {
        return bind_fail_input(b, 1, "\"INT\"", err);
    }
    return bind_want(b, 1, type_scalar(TYPE_INT), err);
}

/* array<struct>.field as an array; the field's number is the second argument. */
KERNEL(struct_fields)
{
    const int64_t field = *(const int64_t *)call->extra;
    const struct vec *element = &in[0]->child[0];
    struct vec child = element->child[field];
    if (element->valid != NULL) {
        struct vec flat;
        vec_flatten(&flat, &child, NULL, element->n, ev->tmp);
        const uint64_t *own = flat.valid;
        flat.valid = valid_new(ev->tmp, element->n, true);
        for (size_t w = 0; w < valid_words(element->n); w++) {
            flat.valid[w] = element->valid[w] & (own != NULL ? own[w] : ~UINT64_C(0));
        }
        child = flat;
    }
    out->data = in[0]->data;
    out->child = arena_copy(ev->tmp, &child, sizeof child);
    return true;
}

static bool
bind_struct_fields(struct func_bind *b, struct error *err)
{
    int64_t *field = arena_new(b->arena, int64_t);
    const struct type *t = element_of(b->args[0]->type);
    if (t->id != TYPE_STRUCT || !bind_literal_int(b, 1, field) || *field < 0 ||
        *field >= t->field_count) {
        return error_set(err, ERROR_INTERNAL, "[INTERNAL_ERROR] %s", b->def->name);
    }
    b->extra = field;
    b->type = type_array(b->arena, t->fields[*field].type,
                         t->fields[*field].nullable || b->args[0]->type->fields[0].nullable);
    b->nullable = bind_any_nullable(b);
    b->kernel = struct_fields;
    return true;
}

KERNEL(array_contains)
{
    const bool position = call->def->name[6] == 'p';
    const struct vec *child = &in[0]->child[0];
    EACH_VALID(i)
    {
        const struct list_range r = list_at(in[0], i);
        bool null = false;
        uint32_t found = 0;
        for (uint32_t k = 0; k < r.len && found == 0; k++) {
            if (vec_is_null(child, r.offset + k)) {
                null = true;
            } else if (value_equal(child, r.offset + k, in[1], i)) {
                found = k + 1;
            }
        }
        if (position) {
            ((int64_t *)out->data)[i] = found;
        } else if (found == 0 && null) {
            vec_set_null(out, ev->tmp, i);
        } else {
            ((uint8_t *)out->data)[i] = found != 0;
        }
    }
    return true;
}

static bool
fail_element(const struct func_bind *b, struct error *err)
{
    return error_raise(err, "DATATYPE_MISMATCH.ARRAY_FUNCTION_DIFF_TYPES", "sqlExpr", bind_sql(b),
                       "functionName", arena_printf(b->arena, "`%s`", b->def->name), "dataType",
                       "\"ARRAY\"", "leftType", type_quoted(b->arena, b->args[0]->type),
                       "rightType", type_quoted(b->arena, b->args[1]->type), NULL);
}

/* Array and element to a common element type. */
static const struct type *
element_common(struct func_bind *b, uint32_t at, struct error *err)
{
    const struct type *t = b->args[0]->type;
    if (t->id != TYPE_ARRAY) {
        if (t->id == TYPE_NULL) {
            const struct type *array = type_array(b->arena, b->args[at]->type, true);
            b->cast_to[0] = array;
            return b->args[at]->type;
        }
        bind_fail_input(b, 0, "\"ARRAY\"", err);
        return NULL;
    }
    const struct type *c =
        func_common_type(b->arena, element_of(t), b->args[at]->type, b->session->ansi);
    if (c == NULL) {
        fail_element(b, err);
        return NULL;
    }
    if (!type_same(c, element_of(t))) {
        b->cast_to[0] = type_array(b->arena, c, t->fields[0].nullable);
    }
    if (!type_same(c, b->args[at]->type)) {
        b->cast_to[at] = c;
    }
    return c;
}

static bool
bind_contains(struct func_bind *b, struct error *err)
{
    if (b->args[1]->type->id == TYPE_NULL && b->args[0]->type->id == TYPE_ARRAY &&
        b->def->name[6] == 'c') {
        return error_raise(err, "DATATYPE_MISMATCH.NULL_TYPE", "sqlExpr", bind_sql(b),
                           "functionName", arena_printf(b->arena, "`%s`", b->def->name), NULL);
    }
    if (element_common(b, 1, err) == NULL) {
        return false;
    }
    const bool position = b->def->name[6] == 'p';
    b->type = type_scalar(position ? TYPE_LONG : TYPE_BOOLEAN);
    b->nullable = bind_any_nullable(b) || !position;
    b->kernel = array_contains;
    return true;
}

/* ---- adding, removing ---- */

KERNEL(array_remove)
{
    const struct vec *child = &in[0]->child[0];
    ARRAY_ROWS(i)
    {
        const struct list_range r = list_at(in[0], i);
        builder_open(&b);
        for (uint32_t k = r.offset; k < r.offset + r.len; k++) {
            if (vec_is_null(child, k) || !value_equal(child, k, in[1], i)) {
                builder_add(&b.child[0], child, k);
            }
        }
        builder_close(&b);
    }
    ARRAY_DONE();
}

/* array_append and array_prepend: a null element is an element. */
KERNEL(array_add)
{
    const bool front = call->def->name[6] == 'p';
    ARRAY_ROWS(i)
    {
        if (vec_is_null(in[0], i)) {
            builder_null(&b);
            continue;
        }
        const struct list_range r = list_at(in[0], i);
        builder_open(&b);
        if (front) {
            builder_add(&b.child[0], in[1], i);
        }
        builder_add_range(&b.child[0], &in[0]->child[0], r.offset, r.len);
        if (!front) {
            builder_add(&b.child[0], in[1], i);
        }
        builder_close(&b);
    }
    ARRAY_DONE();
}

static bool
bind_add(struct func_bind *b, struct error *err)
{
    const struct type *t = element_common(b, 1, err);
    if (t == NULL) {
        return false;
    }
    b->type = type_array(b->arena, t, true);
    b->nullable = b->args[0]->nullable;
    b->kernel = b->def->kernel;
    return true;
}

KERNEL(array_insert)
{
    ARRAY_ROWS(i)
    {
        const struct list_range r = list_at(in[0], i);
        const int64_t pos = ((const int32_t *)in[1]->data)[i];
        if (pos == 0) {
            return error_raise(err, "INVALID_INDEX_OF_ZERO", NULL);
        }
        int64_t at = pos > 0 ? pos - 1 : (int64_t)r.len + pos + 1;
        const int64_t pad_front = at < 0 ? -at : 0;
        const int64_t total = (at > r.len ? at : r.len) + pad_front + 1;
        if (total > 2147483632) {
            return error_raise(err, "COLLECTION_SIZE_LIMIT_EXCEEDED.FUNCTION", "functionName",
                               "`array_insert`", "numberOfElements",
                               arena_printf(ev->tmp, "%lld", (long long)total),
                               "maxRoundedArrayLength", "2147483632", NULL);
        }
        builder_open(&b);
        if (at < 0) {
            builder_add(&b.child[0], in[2], i);
            for (int64_t k = 0; k < pad_front; k++) {
                builder_null(&b.child[0]);
            }
            builder_add_range(&b.child[0], &in[0]->child[0], r.offset, r.len);
        } else {
            for (int64_t k = 0; k < at; k++) {
                if (k < r.len) {
                    builder_add(&b.child[0], &in[0]->child[0], r.offset + (uint32_t)k);
                } else {
                    builder_null(&b.child[0]);
                }
            }
            builder_add(&b.child[0], in[2], i);
            for (int64_t k = at; k < r.len; k++) {
                builder_add(&b.child[0], &in[0]->child[0], r.offset + (uint32_t)k);
            }
        }
        builder_close(&b);
    }
    ARRAY_DONE();
}

KERNEL(array_insert_nulls)
{
    /* Only the array and the position make the result null; a null element is inserted. */
    out->valid = NULL;
    for (uint32_t i = 0; i < rows; i++) {
        if (vec_is_null(in[0], i) || vec_is_null(in[1], i)) {
            vec_set_null(out, ev->tmp, i);
        }
    }
    return array_insert(ev, call, rows, sel, n, in, out, err);
}

static bool
bind_insert(struct func_bind *b, struct error *err)
{
    const struct type *t = element_common(b, 2, err);
    if (t == NULL || !bind_want(b, 1, type_scalar(TYPE_INT), err)) {
        return false;
    }
    b->type = type_array(b->arena, t, true);
    b->nullable = b->args[0]->nullable || b->args[1]->nullable;
    b->kernel = array_insert_nulls;
    return true;
}

static bool
bind_same_array(struct func_bind *b, struct error *err)
{
    const struct type *t = b->args[0]->type;
    if (t->id != TYPE_ARRAY && t->id != TYPE_NULL) {
        return bind_fail_input(b, 0, "\"ARRAY\"", err);
    }
    b->type = t;
    if (b->arg_count > 1 && b->def->data != NULL) { /* an element beside it */
        const struct type *c = element_common(b, 1, err);
        if (c == NULL) {
            return false;
        }
        b->type = type_array(b->arena, c, t->id != TYPE_ARRAY || t->fields[0].nullable);
    }
    b->nullable = bind_any_nullable(b);
    b->kernel = b->def->kernel;
    return true;
}

KERNEL(array_compact)
{
    const struct vec *child = &in[0]->child[0];
    ARRAY_ROWS(i)
    {
        const struct list_range r = list_at(in[0], i);
        builder_open(&b);
        for (uint32_t k = r.offset; k < r.offset + r.len; k++) {
            if (!vec_is_null(child, k)) {
                builder_add(&b.child[0], child, k);
            }
        }
        builder_close(&b);
    }
    ARRAY_DONE();
}

KERNEL(array_repeat)
{
    uint64_t total = 0;
    ARRAY_ROWS(i)
    {
        if (vec_is_null(in[1], i)) {
            builder_null(&b);
            continue;
        }
        const int32_t count = ((const int32_t *)in[1]->data)[i];
        total += count > 0 ? (uint64_t)count : 0;
        if (total > 1u << 28) {
            return error_set(err, ERROR_RESOURCE, "array_repeat would make %llu elements",
                             (unsigned long long)total);
        }
        builder_open(&b);
        for (int32_t k = 0; k < count; k++) {
            builder_add(&b.child[0], in[0], i);
        }
        builder_close(&b);
    }
    ARRAY_DONE();
}

static bool
bind_repeat(struct func_bind *b, struct error *err)
{
    b->type = type_array(b->arena, b->args[0]->type, b->args[0]->nullable);
    b->nullable = b->args[1]->nullable;
    b->kernel = array_repeat;
    return bind_want(b, 1, type_scalar(TYPE_INT), err);
}

KERNEL(slice)
{
    ARRAY_ROWS(i)
    {
        const struct list_range r = list_at(in[0], i);
        const int64_t start = ((const int32_t *)in[1]->data)[i];
        const int64_t len = ((const int32_t *)in[2]->data)[i];
        if (start == 0) {
            return error_raise(err, "INVALID_PARAMETER_VALUE.START", "parameter", "`start`",
                               "functionName", "`slice`", NULL);
        }
        if (len < 0) {
            return error_raise(err, "INVALID_PARAMETER_VALUE.LENGTH", "parameter", "`length`",
                               "functionName", "`slice`", "length",
                               arena_printf(ev->tmp, "%lld", (long long)len), NULL);
        }
        const int64_t from = start > 0 ? start - 1 : (int64_t)r.len + start;
        builder_open(&b);
        if (from >= 0 && from < r.len) {
            const int64_t take = from + len > r.len ? r.len - from : len;
            builder_add_range(&b.child[0], &in[0]->child[0], r.offset + (uint32_t)from,
                              (uint32_t)take);
        }
        builder_close(&b);
    }
    ARRAY_DONE();
}

static bool
bind_slice(struct func_bind *b, struct error *err)
{
    return bind_same_array(b, err) && bind_want(b, 1, type_scalar(TYPE_INT), err) &&
           bind_want(b, 2, type_scalar(TYPE_INT), err);
}

KERNEL(flatten)
{
    const struct vec *inner = &in[0]->child[0];
    ARRAY_ROWS(i)
    {
        const struct list_range r = list_at(in[0], i);
        bool null = false;
        for (uint32_t k = r.offset; k < r.offset + r.len; k++) {
            null = null || vec_is_null(inner, k);
        }
        if (null) {
            builder_null(&b);
            continue;
        }
        builder_open(&b);
        for (uint32_t k = r.offset; k < r.offset + r.len; k++) {
            const struct list_range x = list_at(inner, k);
            builder_add_range(&b.child[0], &inner->child[0], x.offset, x.len);
        }
        builder_close(&b);
    }
    ARRAY_DONE();
}

static bool
bind_flatten(struct func_bind *b, struct error *err)
{
    const struct type *t = b->args[0]->type;
    if (t->id != TYPE_NULL && element_of(t)->id != TYPE_ARRAY) {
        return bind_fail_input(b, 0, "\"ARRAY\" of \"ARRAY\"", err);
    }
    b->type = t->id == TYPE_NULL ? t : element_of(t);
    b->nullable = true;
    b->kernel = flatten;
    return true;
}

/* ---- ordering ---- */

struct order {
    const struct vec *v;
    bool descending;
    bool nulls_first;
};

static int
order_rows(const void *x, const void *y, void *ctx)
{
    const struct order *o = ctx;
    const uint32_t i = *(const uint32_t *)x;
    const uint32_t j = *(const uint32_t *)y;
    const bool in = vec_is_null(o->v, i);
    const bool jn = vec_is_null(o->v, j);
    if (in || jn) {
        return in == jn ? 0 : (in == o->nulls_first ? -1 : 1);
    }
    const int c = value_compare(o->v, i, o->v, j);
    return o->descending ? -c : c;
}

/* sort_array(arr[, asc]): nulls first ascending; array_sort(arr): nulls last. */
KERNEL(sort_array)
{
    const struct vec *child = &in[0]->child[0];
    const bool sorted_last = call->def->name[0] == 'a';
    ARRAY_ROWS(i)
    {
        const struct list_range r = list_at(in[0], i);
        const bool ascending = call->arg_count < 2 || ((const uint8_t *)in[1]->data)[i];
        struct order order = {child, !ascending, ascending && !sorted_last};
        uint32_t *at = arena_alloc(ev->tmp, sizeof *at * (r.len + 1));
        for (uint32_t k = 0; k < r.len; k++) {
            at[k] = r.offset + k;
        }
        qsort_r(at, r.len, sizeof *at, order_rows, &order);
        builder_open(&b);
        for (uint32_t k = 0; k < r.len; k++) {
            builder_add(&b.child[0], child, at[k]);
        }
        builder_close(&b);
    }
    ARRAY_DONE();
}

static bool
bind_sort(struct func_bind *b, struct error *err)
{
    const struct type *t = b->args[0]->type;
    if (t->id == TYPE_ARRAY && element_of(t)->id != TYPE_NULL &&
        !type_is_orderable(element_of(t))) {
        return bind_fail_order(b, t, err);
    }
    if (!bind_same_array(b, err)) {
        return false;
    }
    if (b->arg_count > 1 && b->args[1]->type->id != TYPE_BOOLEAN) {
        return bind_fail_input(b, 1, "\"BOOLEAN\"", err);
    }
    b->kernel = sort_array;
    return true;
}

KERNEL(array_extreme)
{
    const bool greatest = call->def->name[7] == 'a';
    const struct vec *child = &in[0]->child[0];
    uint32_t *at = arena_alloc(ev->tmp, sizeof *at * (rows + 1));
    memset(at, 0xff, sizeof *at * (rows + 1));
    EACH_VALID(i)
    {
        const struct list_range r = list_at(in[0], i);
        for (uint32_t k = r.offset; k < r.offset + r.len; k++) {
            if (!vec_is_null(child, k)) {
                const int c = at[i] == UINT32_MAX ? 0 : value_compare(child, k, child, at[i]);
                if (at[i] == UINT32_MAX || (greatest ? c > 0 : c < 0)) {
                    at[i] = k;
                }
            }
        }
    }
    pick(ev, out, child, at, rows);
    return true;
}

static bool
bind_extreme(struct func_bind *b, struct error *err)
{
    const struct type *t = b->args[0]->type;
    if (t->id != TYPE_ARRAY) {
        return bind_fail_input(b, 0, "\"ARRAY\"", err);
    }
    if (element_of(t)->id != TYPE_NULL && !type_is_orderable(element_of(t))) {
        return bind_fail_order(b, t, err);
    }
    b->type = element_of(t);
    b->nullable = true;
    b->kernel = array_extreme;
    return true;
}

/* ---- array_join ---- */

KERNEL(array_join)
{
    struct buffer text = {0};
    EACH_VALID(i)
    {
        const struct list_range r = list_at(in[0], i);
        const struct span sep = text_at(in[1], i);
        bool first = true;
        buffer_clear(&text);
        for (uint32_t k = r.offset; k < r.offset + r.len; k++) {
            struct span s;
            if (!vec_is_null(&in[0]->child[0], k)) {
                s = text_at(&in[0]->child[0], k);
            } else if (call->arg_count > 2) {
                s = text_at(in[2], i);
            } else {
                continue;
            }
            if (!first) {
                buffer_put(&text, sep.ptr, sep.len);
            }
            first = false;
            buffer_put(&text, s.ptr, s.len);
        }
        text_put(ev, out, i, (const char *)text.ptr, text.len);
    }
    buffer_release(&text);
    return true;
}

static bool
bind_join(struct func_bind *b, struct error *err)
{
    const struct type *t = b->args[0]->type;
    const struct type *s = type_scalar(TYPE_STRING);
    if (t->id != TYPE_ARRAY && t->id != TYPE_NULL) {
        return bind_fail_input(b, 0, "\"ARRAY<STRING>\"", err);
    }
    if (element_of(t)->id != TYPE_STRING) {
        if (!func_can_coerce(element_of(t), s, b->session->ansi)) {
            return bind_fail_input(b, 0, "\"ARRAY<STRING>\"", err);
        }
        b->cast_to[0] = type_array(b->arena, s, true);
    }
    b->type = s;
    b->nullable = bind_any_nullable(b);
    b->kernel = array_join;
    return bind_want(b, 1, s, err) && (b->arg_count < 3 || bind_want(b, 2, s, err));
}

/* ---- sequence ---- */

static bool
sequence_limit(struct eval *ev, int64_t count, struct error *err)
{
    if (count > 2147483632) {
        return error_raise(err, "COLLECTION_SIZE_LIMIT_EXCEEDED.PARAMETER", "numberOfElements",
                           arena_printf(ev->tmp, "%lld", (long long)count), "functionName",
                           "`sequence`", "maxRoundedArrayLength", "2147483632", "parameter",
                           "`count`", NULL);
    }
    if (count > 1 << 27) {
        return error_set(err, ERROR_RESOURCE, "sequence would make %lld elements",
                         (long long)count);
    }
    return true;
}

static bool
sequence_bounds(int64_t start, int64_t stop, int64_t step, struct error *err)
{
    if ((step > 0 && start <= stop) || (step < 0 && start >= stop) ||
        (step == 0 && start == stop)) {
        return true;
    }
    return error_set(err, ERROR_ARGUMENT, "Illegal sequence boundaries: %lld to %lld by %lld",
                     (long long)start, (long long)stop, (long long)step);
}

KERNEL(sequence_numbers)
{
    ARRAY_ROWS(i)
    {
        const int64_t start = index_at(in[0], i);
        const int64_t stop = index_at(in[1], i);
        const int64_t step = call->arg_count > 2 ? index_at(in[2], i) : start <= stop ? 1 : -1;
        if (!sequence_bounds(start, stop, step, err)) {
            return false;
        }
        const i128 span = (i128)stop - start;
        const i128 count = step == 0 ? 1 : span / step + 1;
        if (!sequence_limit(ev, count > INT64_MAX ? INT64_MAX : (int64_t)count, err)) {
            return false;
        }
        builder_open(&b);
        for (int64_t k = 0; k < (int64_t)count; k++) {
            const int64_t v = start + k * step;
            void *to = builder_next(&b.child[0]);
            switch (b.child[0].phys) {
            case PHYS_I8:
                *(int8_t *)to = (int8_t)v;
                break;
            case PHYS_I16:
                *(int16_t *)to = (int16_t)v;
                break;
            case PHYS_I32:
                *(int32_t *)to = (int32_t)v;
                break;
            default:
                *(int64_t *)to = v;
            }
        }
        builder_close(&b);
    }
    ARRAY_DONE();
}

/* Dates and times stepped by an interval; a day when none is given. */
KERNEL(sequence_times)
{
    const bool date = in[0]->phys == PHYS_I32;
    const bool zoned = in[0]->type->id == TYPE_TIMESTAMP;
    const struct zone *zone = eval_zone(ev);
    ARRAY_ROWS(i)
    {
        const int64_t start = date ? index_at(in[0], i) * MICROS_PER_DAY : local_at(ev, in[0], i);
        const int64_t stop = date ? index_at(in[1], i) * MICROS_PER_DAY : local_at(ev, in[1], i);
        struct interval by = {0, start <= stop ? 1 : -1, 0};
        if (call->arg_count > 2 && in[2]->phys == PHYS_I32) {
            by = (struct interval){((const int32_t *)in[2]->data)[i], 0, 0};
        } else if (call->arg_count > 2 && in[2]->phys == PHYS_I64) {
            by = (struct interval){0, 0, ((const int64_t *)in[2]->data)[i]};
        } else if (call->arg_count > 2) {
            by = ((const struct interval *)in[2]->data)[i];
        }
        const int64_t size_of =
            by.months * (28 * MICROS_PER_DAY) + by.days * MICROS_PER_DAY + by.micros;
        if (!sequence_bounds(start, stop, size_of, err) ||
            !sequence_limit(ev, size_of == 0 ? 1 : (stop - start) / size_of, err)) {
            return false;
        }
        builder_open(&b);
        for (int64_t k = 0;; k++) {
            const int64_t days = micros_floor_days(start);
            const int64_t v =
                (days_add_months(days, by.months * k) + by.days * k) * MICROS_PER_DAY +
                (start - days * MICROS_PER_DAY) + by.micros * k;
            if ((size_of > 0 ? v > stop : v < stop) || (size_of == 0 && k > 0)) {
                break;
            }
            void *to = builder_next(&b.child[0]);
            if (date) {
                *(int32_t *)to = (int32_t)micros_floor_days(v);
            } else {
                *(int64_t *)to = zoned ? zone_utc_micros(zone, v) : v;
            }
        }
        builder_close(&b);
    }
    ARRAY_DONE();
}

static bool
bind_sequence(struct func_bind *b, struct error *err)
{
    const struct type *t =
        func_common_type(b->arena, b->args[0]->type, b->args[1]->type, b->session->ansi);
    const bool times =
        t != NULL && (t->id == TYPE_DATE || t->id == TYPE_TIMESTAMP || t->id == TYPE_TIMESTAMP_NTZ);
    if (t == NULL || (!type_is_integral(t) && !times)) {
        return error_raise(err, "DATATYPE_MISMATCH.SEQUENCE_WRONG_INPUT_TYPES", "sqlExpr",
                           bind_sql(b), "functionName", "`sequence`", "startType",
                           "(\"TIMESTAMP\" or \"DATE\" or \"INTEGRAL\")", "stepType",
                           "(\"INTERVAL\" or \"INTERVAL YEAR TO MONTH\" or \"INTERVAL DAY TO "
                           "SECOND\")",
                           "otherStartType", "\"INTEGRAL\"", NULL);
    }
    if (b->arg_count > 2) {
        const enum type_id step = b->args[2]->type->id;
        if (times && step != TYPE_INTERVAL_CALENDAR && step != TYPE_INTERVAL_DT &&
            step != TYPE_INTERVAL_YM) {
            return bind_fail_input(b, 2, "\"INTERVAL\"", err);
        }
        if (!times) {
            const struct type *wide =
                func_common_type(b->arena, t, b->args[2]->type, b->session->ansi);
            if (wide == NULL || !type_is_integral(wide)) {
                return bind_fail_input(b, 2, "\"INTEGRAL\"", err);
            }
            t = wide;
            if (!type_same(b->args[2]->type, t)) {
                b->cast_to[2] = t;
            }
        }
    }
    for (uint32_t i = 0; i < 2; i++) {
        if (!type_same(b->args[i]->type, t)) {
            b->cast_to[i] = t;
        }
    }
    b->type = type_array(b->arena, t, false);
    b->nullable = bind_any_nullable(b);
    b->kernel = times ? sequence_times : sequence_numbers;
    return true;
}

#define BIND(name, min, max, nulls, bind, kernel, use)                                             \
    {                                                                                              \
        name, FUNC_SCALAR, min, max, false, nulls, bind, use, NULL, kernel                         \
    }

static const struct func_def defs[] = {
    BIND("array", 0, 255, true, bind_array, NULL, "array(a, ...) - An array of these."),
    BIND("size", 1, 1, true, bind_size, NULL, "size(expr) - Elements of an array or map."),
    BIND("array_size", 1, 1, true, bind_size, NULL, "array_size(expr) - Elements."),
    BIND("getarrayitem", 2, 2, false, bind_item, NULL, "array[index] - From 0."),
    BIND("getmapvalue", 2, 2, false, bind_item, NULL, "map[key] - Null if it is not there."),
    BIND("getarraystructfields", 2, 2, false, bind_struct_fields, NULL, "array.field"),
    BIND("element_at", 2, 2, false, bind_item, NULL, "element_at(array or map, key) - From 1."),
    BIND("try_element_at", 2, 2, false, bind_item, NULL, "try_element_at(array or map, key)"),
    BIND("get", 2, 2, false, bind_item, NULL, "get(array, index) - From 0, null outside."),
    BIND("array_contains", 2, 2, false, bind_contains, NULL, "array_contains(array, value)"),
    BIND("array_position", 2, 2, false, bind_contains, NULL, "array_position(array, value)"),
    {"array_remove", FUNC_SCALAR, 2, 2, false, false, bind_same_array, "array_remove(array, value)",
     NULL, array_remove, "element"},
    BIND("array_append", 2, 2, true, bind_add, array_add, "array_append(array, value)"),
    BIND("array_prepend", 2, 2, true, bind_add, array_add, "array_prepend(array, value)"),
    BIND("array_insert", 3, 3, true, bind_insert, NULL, "array_insert(array, pos, value)"),
    BIND("array_compact", 1, 1, false, bind_same_array, array_compact, "array_compact(array)"),
    BIND("array_repeat", 2, 2, true, bind_repeat, NULL, "array_repeat(value, count)"),
    BIND("slice", 3, 3, false, bind_slice, slice, "slice(array, start, length)"),
    BIND("flatten", 1, 1, false, bind_flatten, NULL, "flatten(array of arrays)"),
    BIND("sort_array", 1, 2, false, bind_sort, NULL, "sort_array(array[, ascending])"),
    BIND("array_max", 1, 1, false, bind_extreme, NULL, "array_max(array)"),
    BIND("array_min", 1, 1, false, bind_extreme, NULL, "array_min(array)"),
    BIND("array_join", 2, 3, false, bind_join, NULL, "array_join(array, sep[, for null])"),
    BIND("sequence", 2, 3, false, bind_sequence, NULL, "sequence(start, stop[, step])"),
};

const struct func_family family_array = {defs, sizeof defs / sizeof *defs};
