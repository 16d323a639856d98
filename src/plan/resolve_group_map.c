/*
 * Python functions over groups (applyInPandas, applyInArrow) and over pairs of groups (cogroup).
 *
 * What is left for exec/ is rows that come group by group, and a mark where one begins:
 *
 *   values, keys, row_number                        of one input
 *   left values, right values, keys, side, row_number   of two: a union, the other side's values
 * null
 *
 * A window by the keys does the grouping, since it keeps a partition's rows together in one morsel.
 */
#include <string.h>

#include "plan/resolver.h"

static bool
resolve_keys(struct resolver *r, const struct rel *u, struct scope *inputs, struct expr **keys)
{
    for (uint32_t i = 0; i < u->expr_count; i++) {
        struct lookup l = {.r = r, .input = &inputs[i < u->group_count ? 0 : 1]};
        keys[i] = resolve_expr(&l, u->exprs[i]);
        if (keys[i] == NULL) {
            return false;
        }
    }
    if (u->input_count == 1) {
        return true;
    }
    if (u->expr_count != 2 * u->group_count) {
        return error_set(r->err, ERROR_ARGUMENT, "The cogroup keys must have same size: %u != %u",
                         u->group_count, u->expr_count - u->group_count);
    }
    for (uint32_t i = 0; i < u->group_count; i++) {
        const struct type *a = keys[i]->type, *b = keys[u->group_count + i]->type;
        const struct type *t = func_common_type(r->arena, a, b, r->ctx->session->ansi);
        if (t == NULL) {
            return error_raise(r->err, "DATATYPE_MISMATCH.BINARY_OP_DIFF_TYPES", "sqlExpr",
                               expr_sql(r->arena, u->exprs[i]), "left",
                               type_sql_quoted(r->arena, a), "right", type_sql_quoted(r->arena, b),
                               NULL);
        }
        keys[i] = cast_to(r, keys[i], t);
        keys[u->group_count + i] = cast_to(r, keys[u->group_count + i], t);
    }
    return true;
}

/* One side: the values of both sides (the other's as nulls), its keys, and which side it is. */
static struct rel *
side_rows(struct resolver *r, const struct scope *inputs, uint32_t side, struct expr **keys,
          uint32_t key_count)
{
    const uint32_t width = inputs[0].count + inputs[1].count;
    struct expr **exprs = arena_new_array(r->arena, struct expr *, width + key_count + 1);
    const char **names = arena_new_array(r->arena, const char *, width + key_count + 1);
    uint32_t n = 0;
    for (uint32_t s = 0; s < 2; s++) {
        for (uint32_t i = 0; i < inputs[s].count; i++) {
            exprs[n] = s == side ? scope_column(r, &inputs[s], i)
                                 : expr_null_literal(r->arena, scope_field(&inputs[s], i)->type);
            names[n++] = inputs[s].columns[i].name;
        }
    }
    for (uint32_t i = 0; i < key_count; i++) {
        exprs[n] = keys[i];
        names[n++] = "key";
    }
    exprs[n] = expr_long_literal(r->arena, side);
    names[n++] = "side";
    return rel_project(r, inputs[side].rel, exprs, names, n);
}

static struct rel *
both_sides(struct resolver *r, const struct scope *inputs, struct expr **keys, uint32_t key_count)
{
    struct rel *left = side_rows(r, inputs, 0, keys, key_count);
    struct rel *right = side_rows(r, inputs, 1, keys + key_count, key_count);
    struct rel *rows = rel_new(r->arena, REL_UNION, 2, left, right);
    const uint32_t width = left->schema->field_count;
    struct type_field *fields = arena_new_array(r->arena, struct type_field, width);
    for (uint32_t i = 0; i < width; i++) {
        fields[i] = left->schema->fields[i];
        fields[i].nullable = i + 1 < width;
    }
    rows->schema = type_struct(r->arena, fields, width);
    return rows;
}

static struct rel *
one_side(struct resolver *r, const struct scope *input, struct expr **keys, uint32_t key_count)
{
    struct expr **exprs = arena_new_array(r->arena, struct expr *, input->count + key_count + 1);
    const char **names = arena_new_array(r->arena, const char *, input->count + key_count + 1);
    uint32_t n = 0;
    for (uint32_t i = 0; i < input->count; i++) {
        exprs[n] = scope_column(r, input, i);
        names[n++] = input->columns[i].name;
    }
    for (uint32_t i = 0; i < key_count; i++) {
        exprs[n] = keys[i];
        names[n++] = "key";
    }
    return rel_project(r, input->rel, exprs, names, n);
}

bool
resolve_group_map(struct resolver *r, struct rel *u, struct rel *rel, struct scope *inputs)
{
    struct expr **keys = arena_new_array(r->arena, struct expr *, u->expr_count + 1);
    if (!resolve_keys(r, u, inputs, keys)) {
        return false;
    }
    const uint32_t n = u->group_count;
    const bool two = u->input_count == 2;
    struct rel *rows = two ? both_sides(r, inputs, keys, n) : one_side(r, &inputs[0], keys, n);
    const uint32_t first_key = rows->schema->field_count - n - two;
    rel->left_width = inputs[0].count;
    rel->inputs[0] = rel_numbered(r, rows, first_key, n, two ? first_key + n : UINT32_MAX);
    rel->input_count = 1;
    rel->exprs = NULL;
    rel->expr_count = 0;
    return rel->inputs[0] != NULL;
}
