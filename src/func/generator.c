/* Generators: what they make of their arguments. exec's generate operator runs them. */
#include <string.h>

#include "func/bind.h"

/* The result type of a generator is the struct of its output columns. */
static bool
bind_explode(struct func_bind *b, struct error *err)
{
    const struct type *t = b->args[0]->type;
    const bool position = strncmp(b->def->name, "pos", 3) == 0;
    const bool outer = strstr(b->def->name, "outer") != NULL;
    struct type_field f[3];
    uint32_t n = 0;
    if (t->id != TYPE_ARRAY && t->id != TYPE_MAP) {
        return bind_fail_input(b, 0, "(\"ARRAY\" or \"MAP\")", err);
    }
    if (position) {
        f[n++] = (struct type_field){"pos", type_scalar(TYPE_INT), outer, NULL};
    }
    if (t->id == TYPE_ARRAY) {
        f[n++] =
            (struct type_field){"col", t->fields[0].type, t->fields[0].nullable || outer, NULL};
    } else {
        f[n++] = (struct type_field){"key", t->fields[0].type, outer, NULL};
        f[n++] =
            (struct type_field){"value", t->fields[1].type, t->fields[1].nullable || outer, NULL};
    }
    b->type = type_struct(b->arena, f, n);
    return true;
}

static bool
bind_inline(struct func_bind *b, struct error *err)
{
    const struct type *t = b->args[0]->type;
    if (t->id != TYPE_ARRAY || t->fields[0].type->id != TYPE_STRUCT) {
        return bind_fail_input(b, 0, "\"ARRAY<STRUCT>\"", err);
    }
    const struct type *s = t->fields[0].type;
    struct type_field *f = arena_new_array(b->arena, struct type_field, s->field_count + 1);
    for (uint32_t i = 0; i < s->field_count; i++) {
        f[i] = s->fields[i];
        f[i].nullable =
            f[i].nullable || t->fields[0].nullable || strstr(b->def->name, "outer") != NULL;
    }
    b->type = type_struct(b->arena, f, s->field_count);
    return true;
}

static bool
bind_stack(struct func_bind *b, struct error *err)
{
    int64_t rows;
    if (!bind_literal_int(b, 0, &rows) || rows < 1) {
        return bind_fail_foldable(b, 0, "n", "INT", err);
    }
    const uint32_t values = b->arg_count - 1;
    const uint32_t columns = (uint32_t)((values + rows - 1) / rows);
    struct type_field *f = arena_new_array(b->arena, struct type_field, columns + 1);
    for (uint32_t c = 0; c < columns; c++) {
        const struct type *t = type_scalar(TYPE_NULL);
        for (uint32_t i = c; i < values; i += columns) {
            t = func_common_type(b->arena, t, b->args[i + 1]->type, b->session->ansi);
            if (t == NULL) {
                return bind_fail_data_diff(b, err);
            }
        }
        for (uint32_t i = c; i < values; i += columns) {
            if (!type_same(b->args[i + 1]->type, t)) {
                b->cast_to[i + 1] = t;
            }
        }
        f[c] = (struct type_field){arena_printf(b->arena, "col%u", c), t, true, NULL};
    }
    b->type = type_struct(b->arena, f, columns);
    return true;
}

static bool
bind_json_tuple(struct func_bind *b, struct error *err)
{
    struct type_field *f = arena_new_array(b->arena, struct type_field, b->arg_count);
    for (uint32_t i = 0; i < b->arg_count; i++) {
        if (b->args[i]->type->id != TYPE_STRING && b->args[i]->type->id != TYPE_NULL) {
            return error_raise(err, "DATATYPE_MISMATCH.NON_STRING_TYPE", "sqlExpr", bind_sql(b),
                               "funcName", "`json_tuple`", NULL);
        }
        if (i > 0) {
            f[i - 1] = (struct type_field){arena_printf(b->arena, "c%u", i - 1),
                                           type_scalar(TYPE_STRING), true, NULL};
        }
    }
    b->type = type_struct(b->arena, f, b->arg_count - 1);
    return true;
}

#define GENERATOR(name, min, max, bind, use)                                                       \
    {                                                                                              \
        name, FUNC_GENERATOR, min, max, false, true, bind, use                                     \
    }

static const struct func_def defs[] = {
    GENERATOR("explode", 1, 1, bind_explode, "explode(array or map) - A row an element."),
    GENERATOR("explode_outer", 1, 1, bind_explode, "explode_outer(x) - A null row for none."),
    GENERATOR("posexplode", 1, 1, bind_explode, "posexplode(x) - With positions."),
    GENERATOR("posexplode_outer", 1, 1, bind_explode, "posexplode_outer(x)"),
    GENERATOR("inline", 1, 1, bind_inline, "inline(array of structs) - A row a struct."),
    GENERATOR("inline_outer", 1, 1, bind_inline, "inline_outer(x) - A null row for none."),
    GENERATOR("stack", 2, 255, bind_stack, "stack(n, a, ...) - The values in n rows."),
    GENERATOR("json_tuple", 2, 255, bind_json_tuple, "json_tuple(json, field, ...)"),
};

const struct func_family family_generator = {defs, sizeof defs / sizeof *defs};
