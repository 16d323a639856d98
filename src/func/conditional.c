/* Nulls, logic and choice. AND, OR, IF and COALESCE are evaluated by the program itself; here are
 * their types. */
#include <math.h>
#include <string.h>

#include "func/bind.h"

static bool
bind_logic(struct func_bind *b, struct error *err)
{
    for (uint32_t i = 0; i < b->arg_count; i++) {
        const struct type *t = b->args[i]->type;
        if (t->id == TYPE_NULL) {
            b->cast_to[i] = type_scalar(TYPE_BOOLEAN);
        } else if (t->id == TYPE_STRING && b->arg_count == 1) {
            b->cast_to[i] = type_scalar(TYPE_BOOLEAN);
        } else if (t->id == TYPE_STRING && b->args[1 - i]->type->id == TYPE_BOOLEAN) {
            b->cast_to[i] = type_scalar(TYPE_BOOLEAN);
        } else if (t->id != TYPE_BOOLEAN) {
            if (b->arg_count == 1) {
                return bind_fail_input(b, i, "\"BOOLEAN\"", err);
            }
            if (type_same(b->args[0]->type, b->args[1]->type)) {
                return bind_fail_wrong(b, "\"BOOLEAN\"", err);
            }
            return bind_fail_diff(b, err);
        }
    }
    b->type = type_scalar(TYPE_BOOLEAN);
    b->nullable = bind_any_nullable(b);
    b->kernel = b->def->kernel;
    return true;
}

KERNEL(logic_not)
{
    uint8_t *restrict o = out->data;
    const uint8_t *a = in[0]->data;
    for (uint32_t i = 0; i < rows; i++) {
        o[i] = !a[i];
    }
    return true;
}

KERNEL(is_null)
{
    uint8_t *o = out->data;
    const bool wanted = strcmp(call->def->name, "isnull") == 0;
    EACH_ROW(i)
    {
        o[i] = vec_is_null(in[0], i) == wanted;
    }
    return true;
}

KERNEL(is_nan)
{
    uint8_t *o = out->data;
    EACH_ROW(i)
    {
        o[i] = !vec_is_null(in[0], i) &&
               (in[0]->phys == PHYS_F32 ? isnan(((const float *)in[0]->data)[i])
                                        : isnan(((const double *)in[0]->data)[i]));
    }
    return true;
}

static bool
bind_is_nan(struct func_bind *b, struct error *err)
{
    if (b->args[0]->type->id != TYPE_FLOAT && !bind_want(b, 0, type_scalar(TYPE_DOUBLE), err)) {
        return false;
    }
    b->type = type_scalar(TYPE_BOOLEAN);
    b->kernel = is_nan;
    return true;
}

KERNEL(nanvl)
{
    EACH_ROW(i)
    {
        const bool single = in[0]->phys == PHYS_F32;
        const bool nan =
            !vec_is_null(in[0], i) && (single ? isnan(((const float *)in[0]->data)[i])
                                              : isnan(((const double *)in[0]->data)[i]));
        const struct vec *from = nan ? in[1] : in[0];
        if (vec_is_null(from, i)) {
            vec_set_null(out, ev->tmp, i);
        } else if (single) {
            ((float *)out->data)[i] = ((const float *)from->data)[i];
        } else {
            ((double *)out->data)[i] = ((const double *)from->data)[i];
        }
    }
    return true;
}

static bool
bind_nanvl(struct func_bind *b, struct error *err)
{
    const bool single = b->args[0]->type->id == TYPE_FLOAT && b->args[1]->type->id == TYPE_FLOAT;
    const struct type *t = type_scalar(single ? TYPE_FLOAT : TYPE_DOUBLE);
    if (!bind_want(b, 0, t, err) || !bind_want(b, 1, t, err)) {
        return false;
    }
    b->type = t;
    b->nullable = bind_any_nullable(b);
    b->kernel = nanvl;
    return true;
}

/* Null only if all arguments may be. */
static bool
bind_coalesce(struct func_bind *b, struct error *err)
{
    b->type = bind_common(b, 0, err);
    if (b->type == NULL) {
        return false;
    }
    b->nullable = true;
    for (uint32_t i = 0; i < b->arg_count; i++) {
        b->nullable = b->nullable && (b->args[i]->nullable || b->args[i]->type->id == TYPE_NULL);
    }
    return true;
}

static bool
bind_if(struct func_bind *b, struct error *err)
{
    const struct type *cond = b->args[0]->type;
    if (cond->id == TYPE_NULL || cond->id == TYPE_STRING) {
        b->cast_to[0] = type_scalar(TYPE_BOOLEAN);
    } else if (cond->id != TYPE_BOOLEAN) {
        return bind_fail_input(b, 0, "\"BOOLEAN\"", err);
    }
    b->type = bind_common(b, 1, err);
    b->nullable = b->arg_count < 3 || b->args[1]->nullable || b->args[2]->nullable ||
                  b->args[1]->type->id == TYPE_NULL || b->args[2]->type->id == TYPE_NULL;
    return b->type != NULL;
}

/* nvl2(a, b, c): the program rewrites it into CASE. */
static bool
bind_nvl2(struct func_bind *b, struct error *err)
{
    b->type = bind_common(b, 1, err);
    b->nullable = b->args[1]->nullable || b->args[2]->nullable;
    return b->type != NULL;
}

static bool
bind_nullif(struct func_bind *b, struct error *err)
{
    if (b->arg_count == 2 &&
        type_for_compare(b->arena, b->args[0]->type, b->args[1]->type, b->session->ansi) == NULL) {
        return bind_fail_diff(b, err);
    }
    b->type = b->args[0]->type;
    b->nullable = true;
    return true;
}

static bool
bind_zero(struct func_bind *b, struct error *err)
{
    const struct type *t =
        func_common_type(b->arena, b->args[0]->type, type_scalar(TYPE_INT), b->session->ansi);
    if (t == NULL) {
        return bind_fail_data_diff(b, err);
    }
    b->type = strcmp(b->def->name, "nullifzero") == 0 ? b->args[0]->type : t;
    b->nullable = strcmp(b->def->name, "nullifzero") == 0;
    return true;
}

static const struct func_def defs[] = {
    {"and", FUNC_SCALAR, 2, 2, false, true, bind_logic, "expr1 and expr2 - Logical AND."},
    {"or", FUNC_SCALAR, 2, 2, false, true, bind_logic, "expr1 or expr2 - Logical OR."},
    {"not", FUNC_SCALAR, 1, 1, false, false, bind_logic, "not expr - Logical not.", NULL,
     logic_not},
    {"isnull", FUNC_SCALAR, 1, 1, false, true, NULL, "isnull(expr) - Is it null?", "A>B!", is_null},
    {"isnotnull", FUNC_SCALAR, 1, 1, false, true, NULL, "isnotnull(expr) - Is it not null?", "A>B!",
     is_null},
    {"isnan", FUNC_SCALAR, 1, 1, false, true, bind_is_nan, "isnan(expr) - Is it NaN?"},
    {"nanvl", FUNC_SCALAR, 2, 2, false, true, bind_nanvl, "nanvl(a, b) - a, or b if a is NaN."},
    {"coalesce", FUNC_SCALAR, 1, 255, false, true, bind_coalesce,
     "coalesce(expr1, ...) - The first that is not null."},
    {"if", FUNC_SCALAR, 3, 3, false, true, bind_if, "if(expr1, expr2, expr3) - A choice."},
    {"nvl2", FUNC_SCALAR, 3, 3, false, true, bind_nvl2, "nvl2(a, b, c) - b if a is not null."},
    {"nullif", FUNC_SCALAR, 2, 2, false, true, bind_nullif, "nullif(a, b) - Null if equal."},
    {"nullifzero", FUNC_SCALAR, 1, 1, false, true, bind_zero, "nullifzero(a) - Null if 0."},
    {"zeroifnull", FUNC_SCALAR, 1, 1, false, true, bind_zero, "zeroifnull(a) - 0 if null."},
};

const struct func_family family_conditional = {defs, sizeof defs / sizeof *defs};
