/* Maps and structs. Keys are never null and never twice (the policy EXCEPTION). */
#include <string.h>

#include "func/cast.h"
#include "func/nested.h"

#define MAP_ROWS(i)                                                                                \
    struct builder b;                                                                              \
    const uint8_t *live = rows_live(ev, rows, sel, n, out);                                        \
    builder_init(&b, ev->tmp, call->type);                                                         \
    for (uint32_t i = 0; i < rows; i++)                                                            \
        if (!live[i]) {                                                                            \
            builder_null(&b);                                                                      \
        } else
#define MAP_DONE()                                                                                 \
    builder_finish(&b, out);                                                                       \
    return true

/* Are the keys that the open row of a map holds all there and all different? */
static bool
keys_ok(struct eval *ev, struct builder *b, struct error *err)
{
    const struct list_range r = ((const struct list_range *)b->data)[b->n - 1];
    struct vec keys;
    builder_finish(&b->child[0], &keys);
    if (r.len > 8) {
        struct row_set seen = {.arena = ev->tmp, .values = &keys};
        for (uint32_t k = r.offset; k < r.offset + r.len; k++) {
            if (vec_is_null(&keys, k)) {
                return raise_map_key_null(err);
            }
            if (!row_set_add(&seen, k)) {
                return raise_map_key_twice(ev, &keys, k, err);
            }
        }
        return true;
    }
    for (uint32_t k = r.offset; k < r.offset + r.len; k++) {
        if (vec_is_null(&keys, k)) {
            return raise_map_key_null(err);
        }
        for (uint32_t j = r.offset; j < k; j++) {
            if (nested_equal(&keys, j, &keys, k)) {
                return raise_map_key_twice(ev, &keys, k, err);
            }
        }
    }
    return true;
}

static bool
fail_key(const struct func_bind *b, const struct type *key, struct error *err)
{
    return error_raise(err, "DATATYPE_MISMATCH.INVALID_MAP_KEY_TYPE", "sqlExpr", bind_sql(b),
                       "keyType", type_quoted(b->arena, key), NULL);
}

static bool
has_map(const struct type *t)
{
    bool found = t->id == TYPE_MAP;
    for (uint32_t i = 0; i < t->field_count && !found; i++) {
        found = has_map(t->fields[i].type);
    }
    return found;
}

/* ---- map(k, v, ...) ---- */

KERNEL(map_make)
{
    MAP_ROWS(i)
    {
        builder_open(&b);
        for (uint32_t a = 0; a + 1 < call->arg_count; a += 2) {
            builder_add(&b.child[0], in[a], i);
            builder_add(&b.child[1], in[a + 1], i);
        }
        builder_close(&b);
        if (!keys_ok(ev, &b, err)) {
            return false;
        }
    }
    MAP_DONE();
}

static const struct type *
common_from(struct func_bind *b, uint32_t from, struct error *err)
{
    const struct type *t = type_scalar(TYPE_NULL);
    for (uint32_t i = from; i < b->arg_count; i += 2) {
        t = func_common_type(b->arena, t, b->args[i]->type, b->session->ansi);
        if (t == NULL) {
            bind_fail_data_diff(b, err);
            return NULL;
        }
    }
    for (uint32_t i = from; i < b->arg_count; i += 2) {
        if (!type_same(b->args[i]->type, t)) {
            b->cast_to[i] = t;
        }
    }
    return t;
}

static bool
bind_map(struct func_bind *b, struct error *err)
{
    if (b->arg_count % 2 != 0) {
        return bind_fail_count(b, "2n (n > 0)", err);
    }
    const struct type *key = common_from(b, 0, err);
    const struct type *value = key != NULL ? common_from(b, 1, err) : NULL;
    if (value == NULL) {
        return false;
    }
    if (has_map(key)) {
        return fail_key(b, key, err);
    }
    bool nullable = false;
    for (uint32_t i = 1; i < b->arg_count; i += 2) {
        nullable = nullable || b->args[i]->nullable || b->args[i]->type->id == TYPE_NULL;
    }
    b->type = type_map(b->arena, key, value, nullable);
    b->nullable = false;
    b->kernel = map_make;
    return true;
}

KERNEL(map_from_arrays)
{
    MAP_ROWS(i)
    {
        const struct list_range k = list_at(in[0], i);
        const struct list_range v = list_at(in[1], i);
        if (k.len != v.len) {
            return error_set(err, ERROR_EXECUTION,
                             "The key array and value array of MapData must have the same length.");
        }
        builder_open(&b);
        builder_add_range(&b.child[0], &in[0]->child[0], k.offset, k.len);
        builder_add_range(&b.child[1], &in[1]->child[0], v.offset, v.len);
        builder_close(&b);
        if (!keys_ok(ev, &b, err)) {
            return false;
        }
    }
    MAP_DONE();
}

static bool
bind_from_arrays(struct func_bind *b, struct error *err)
{
    for (uint32_t i = 0; i < 2; i++) {
        if (b->args[i]->type->id != TYPE_ARRAY) {
            return bind_fail_input(b, i, "\"ARRAY\"", err);
        }
    }
    const struct type_field *k = &b->args[0]->type->fields[0];
    const struct type_field *v = &b->args[1]->type->fields[0];
    if (has_map(k->type)) {
        return fail_key(b, k->type, err);
    }
    b->type = type_map(b->arena, k->type, v->type, v->nullable);
    b->nullable = bind_any_nullable(b);
    b->kernel = map_from_arrays;
    return true;
}

KERNEL(map_from_entries)
{
    const struct vec *entry = &in[0]->child[0];
    MAP_ROWS(i)
    {
        const struct list_range r = list_at(in[0], i);
        bool null = false;
        for (uint32_t k = r.offset; k < r.offset + r.len; k++) {
            null = null || vec_is_null(entry, k);
        }
        if (null) {
            builder_null(&b);
            continue;
        }
        builder_open(&b);
        builder_add_range(&b.child[0], &entry->child[0], r.offset, r.len);
        builder_add_range(&b.child[1], &entry->child[1], r.offset, r.len);
        builder_close(&b);
        if (!keys_ok(ev, &b, err)) {
            return false;
        }
    }
    MAP_DONE();
}

static bool
bind_from_entries(struct func_bind *b, struct error *err)
{
    const struct type *t = b->args[0]->type;
    if (t->id != TYPE_ARRAY || t->fields[0].type->id != TYPE_STRUCT ||
        t->fields[0].type->field_count != 2) {
        return bind_fail_input(b, 0, "\"ARRAY\" of pair \"STRUCT\"", err);
    }
    const struct type_field *f = t->fields[0].type->fields;
    if (has_map(f[0].type)) {
        return fail_key(b, f[0].type, err);
    }
    b->type = type_map(b->arena, f[0].type, f[1].type, f[1].nullable);
    b->nullable = true;
    b->kernel = map_from_entries;
    return true;
}

/* ---- parts ---- */

KERNEL(map_part)
{
    const uint32_t which = strcmp(call->def->name, "map_values") == 0;
    out->data = in[0]->data;
    out->child = arena_copy(ev->tmp, &in[0]->child[which], sizeof(struct vec));
    out->child_count = 1;
    return true;
}

KERNEL(map_entries)
{
    struct vec pair = {.phys = PHYS_STRUCT, .child_count = 2};
    pair.type = call->type->fields[0].type;
    pair.n = in[0]->child[0].n;
    pair.child = in[0]->child;
    out->data = in[0]->data;
    out->child = arena_copy(ev->tmp, &pair, sizeof pair);
    out->child_count = 1;
    return true;
}

static bool
bind_part(struct func_bind *b, struct error *err)
{
    const struct type *t = b->args[0]->type;
    const char *name = b->def->name;
    if (t->id != TYPE_MAP) {
        return bind_fail_input(b, 0, "\"MAP\"", err);
    }
    b->nullable = bind_any_nullable(b);
    b->kernel = map_part;
    if (strcmp(name, "map_entries") == 0) {
        const struct type_field pair[2] = {
            {"key", t->fields[0].type, false, NULL},
            {"value", t->fields[1].type, t->fields[1].nullable, NULL}};
        b->type = type_array(b->arena, type_struct(b->arena, pair, 2), false);
        b->kernel = map_entries;
    } else {
        const struct type_field *f = &t->fields[strcmp(name, "map_values") == 0];
        b->type = type_array(b->arena, f->type, f->nullable);
    }
    return true;
}

KERNEL(map_contains_key)
{
    EACH_VALID(i)
    {
        const struct list_range r = list_at(in[0], i);
        bool found = false;
        for (uint32_t k = r.offset; k < r.offset + r.len && !found; k++) {
            found = value_equal(&in[0]->child[0], k, in[1], i);
        }
        ((uint8_t *)out->data)[i] = found;
    }
    return true;
}

static bool
bind_contains_key(struct func_bind *b, struct error *err)
{
    const struct type *t = b->args[0]->type;
    const struct type *other = b->args[1]->type;
    if (other->id == TYPE_NULL) {
        return error_raise(err, "DATATYPE_MISMATCH.NULL_TYPE", "sqlExpr", bind_sql(b),
                           "functionName", "`map_contains_key`", NULL);
    }
    const struct type *c =
        t->id == TYPE_MAP ? func_common_type(b->arena, t->fields[0].type, other, b->session->ansi)
                          : NULL;
    if (c == NULL) {
        return error_raise(err, "DATATYPE_MISMATCH.MAP_FUNCTION_DIFF_TYPES", "sqlExpr", bind_sql(b),
                           "functionName", "`map_contains_key`", "dataType", "\"MAP\"", "leftType",
                           type_quoted(b->arena, t), "rightType", type_quoted(b->arena, other),
                           NULL);
    }
    if (!type_same(c, t->fields[0].type)) {
        b->cast_to[0] = type_map(b->arena, c, t->fields[1].type, t->fields[1].nullable);
    }
    if (!type_same(c, other)) {
        b->cast_to[1] = c;
    }
    b->type = type_scalar(TYPE_BOOLEAN);
    b->nullable = bind_any_nullable(b);
    b->kernel = map_contains_key;
    return true;
}

KERNEL(map_concat)
{
    MAP_ROWS(i)
    {
        builder_open(&b);
        for (uint32_t a = 0; a < call->arg_count; a++) {
            const struct list_range r = list_at(in[a], i);
            builder_add_range(&b.child[0], &in[a]->child[0], r.offset, r.len);
            builder_add_range(&b.child[1], &in[a]->child[1], r.offset, r.len);
        }
        builder_close(&b);
        if (!keys_ok(ev, &b, err)) {
            return false;
        }
    }
    MAP_DONE();
}

static bool
bind_map_concat(struct func_bind *b, struct error *err)
{
    for (uint32_t i = 0; i < b->arg_count; i++) {
        if (b->args[i]->type->id != TYPE_MAP) {
            return error_raise(
                err, "DATATYPE_MISMATCH.MAP_CONCAT_DIFF_TYPES", "sqlExpr", bind_sql(b),
                "functionName", "`map_concat`", "dataType",
                arena_printf(b->arena, "[%s]", type_quoted(b->arena, b->args[i]->type)), NULL);
        }
    }
    if (b->arg_count == 0) {
        b->type = type_map(b->arena, type_scalar(TYPE_STRING), type_scalar(TYPE_STRING), false);
    } else {
        b->type = bind_common(b, 0, err);
    }
    b->nullable = bind_any_nullable(b);
    b->kernel = map_concat;
    return b->type != NULL;
}

/* str_to_map(text[, pairDelim[, keyValueDelim]]), plain delimiters */
KERNEL(str_to_map)
{
    MAP_ROWS(i)
    {
        const struct span s = text_at(in[0], i);
        const struct span pair = call->arg_count > 1 ? text_at(in[1], i) : (struct span){",", 1};
        const struct span mid = call->arg_count > 2 ? text_at(in[2], i) : (struct span){":", 1};
        builder_open(&b);
        for (size_t from = 0;;) {
            size_t end = pair.len > 0 ? text_find(s, pair, from) : SIZE_MAX;
            const size_t stop = end == SIZE_MAX ? s.len : end;
            const struct span part = {s.ptr + from, stop - from};
            const size_t at = mid.len > 0 ? text_find(part, mid, 0) : SIZE_MAX;
            *(struct view *)builder_next(&b.child[0]) =
                view_make(part.ptr, at == SIZE_MAX ? part.len : at);
            if (at == SIZE_MAX) {
                builder_null(&b.child[1]);
            } else {
                *(struct view *)builder_next(&b.child[1]) =
                    view_make(part.ptr + at + mid.len, part.len - at - mid.len);
            }
            if (end == SIZE_MAX) {
                break;
            }
            from = end + pair.len;
        }
        builder_close(&b);
        if (!keys_ok(ev, &b, err)) {
            return false;
        }
    }
    MAP_DONE();
}

static bool
bind_str_to_map(struct func_bind *b, struct error *err)
{
    const struct type *s = type_scalar(TYPE_STRING);
    for (uint32_t i = 0; i < b->arg_count; i++) {
        struct view v;
        if (!bind_want(b, i, s, err)) {
            return false;
        }
        if (i > 0 && (!bind_literal_text(b, i, &v) ||
                      (v.len > 0 && strpbrk(arena_strndup(b->arena, view_ptr(&v), v.len),
                                            "[](){}.*+?^$|\\") != NULL))) {
            return error_unsupported(err, "str_to_map with a regular expression as delimiter");
        }
    }
    b->type = type_map(b->arena, s, s, true);
    b->nullable = bind_any_nullable(b);
    b->kernel = str_to_map;
    return true;
}

/* ---- structs ---- */

KERNEL(struct_make)
{
    const uint32_t step =
        call->arg_count / (call->type->field_count > 0 ? call->type->field_count : 1);
    *out = (struct vec){.type = call->type, .phys = PHYS_STRUCT, .n = rows};
    out->child_count = (uint8_t)call->type->field_count;
    out->child = arena_new_array(ev->tmp, struct vec, call->type->field_count + 1);
    for (uint32_t f = 0; f < call->type->field_count; f++) {
        const struct vec *v = in[f * step + step - 1];
        out->child[f] = *v;
        out->child[f].n = rows;
    }
    return true;
}

static const char *
field_name(struct func_bind *b, uint32_t i)
{
    const struct expr *e = b->args[i];
    if ((e->kind == EXPR_ALIAS || e->kind == EXPR_COLUMN || e->kind == EXPR_LAMBDA_VAR) &&
        e->name != NULL) {
        return e->name;
    }
    if (e->kind == EXPR_GET_FIELD && e->args[0]->type->id == TYPE_STRUCT) {
        return e->args[0]->type->fields[e->column].name;
    }
    return arena_printf(b->arena, "col%u", i + 1);
}

static bool
bind_struct(struct func_bind *b, struct error *err)
{
    const bool named = strcmp(b->def->name, "named_struct") == 0;
    const uint32_t count = named ? b->arg_count / 2 : b->arg_count;
    if (named && b->arg_count % 2 != 0) {
        return bind_fail_count(b, "2n (n > 0)", err);
    }
    struct type_field *fields = arena_new_array(b->arena, struct type_field, count + 1);
    for (uint32_t i = 0; i < count; i++) {
        const struct expr *e = b->args[named ? 2 * i + 1 : i];
        struct view name;
        if (named && !bind_literal_text(b, 2 * i, &name)) {
            return error_raise(err, "DATATYPE_MISMATCH.CREATE_NAMED_STRUCT_WITHOUT_FOLDABLE_STRING",
                               "sqlExpr", bind_sql(b), "inputExprs", bind_arg_sql(b, 2 * i), NULL);
        }
        fields[i].name =
            named ? arena_strndup(b->arena, view_ptr(&name), name.len) : field_name(b, i);
        fields[i].type = e->type;
        fields[i].nullable = e->nullable || e->type->id == TYPE_NULL;
    }
    b->type = type_struct(b->arena, fields, count);
    b->nullable = false;
    b->kernel = struct_make;
    return true;
}

#define BIND(name, min, max, nulls, bind, use)                                                     \
    {                                                                                              \
        name, FUNC_SCALAR, min, max, false, nulls, bind, use                                       \
    }

static const struct func_def defs[] = {
    BIND("map", 0, 255, true, bind_map, "map(key, value, ...)"),
    BIND("map_from_arrays", 2, 2, false, bind_from_arrays, "map_from_arrays(keys, values)"),
    BIND("map_from_entries", 1, 1, false, bind_from_entries, "map_from_entries(array of pairs)"),
    BIND("map_keys", 1, 1, false, bind_part, "map_keys(map)"),
    BIND("map_values", 1, 1, false, bind_part, "map_values(map)"),
    BIND("map_entries", 1, 1, false, bind_part, "map_entries(map) - An array of pairs."),
    BIND("map_contains_key", 2, 2, false, bind_contains_key, "map_contains_key(map, key)"),
    BIND("map_concat", 0, 255, false, bind_map_concat, "map_concat(map, ...)"),
    BIND("str_to_map", 1, 3, false, bind_str_to_map, "str_to_map(text[, pairDelim[, kvDelim]])"),
    BIND("struct", 1, 255, true, bind_struct, "struct(a, ...)"),
    BIND("named_struct", 0, 255, true, bind_struct, "named_struct(name, value, ...)"),
};

const struct func_family family_map = {defs, sizeof defs / sizeof *defs};
