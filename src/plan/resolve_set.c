/*
 * Set operations, inline tables, DISTINCT and dropDuplicates.
 *
 * UNION stays a union. INTERSECT and EXCEPT are semi and anti joins on all columns that treat nulls
 * as equal; their ALL forms number equal rows first, so that the n-th on the left meets the n-th on
 * the right.
 */
#include <string.h>
#include <strings.h>

#include "plan/resolver.h"

static const char *
operator_name(const struct rel *u)
{
    return u->set_op == SET_UNION ? "UNION" : u->set_op == SET_INTERSECT ? "INTERSECT" : "EXCEPT";
}

static const char *
ordinal(uint32_t n)
{
    static const char *const names[] = {"first", "second",  "third",  "fourth", "fifth",
                                        "sixth", "seventh", "eighth", "ninth",  "tenth"};
    return n < sizeof names / sizeof *names ? names[n] : "next";
}

static bool
columns_mismatch(struct resolver *r, const struct rel *u, uint32_t first, uint32_t other,
                 uint32_t which)
{
    return error_raise(r->err, "NUM_COLUMNS_MISMATCH", "operator", operator_name(u),
                       "refNumColumns", arena_printf(r->arena, "%u", first), "invalidOrdinalNum",
                       ordinal(which), "invalidNumColumns", arena_printf(r->arena, "%u", other),
                       NULL);
}

/* Reorders (and fills) the columns of s so that they follow the names of first. */
static bool
align_by_name(struct resolver *r, const struct rel *u, struct scope *first, struct scope *s)
{
    const uint32_t max = first->count + s->count;
    struct expr **exprs = arena_new_array(r->arena, struct expr *, max + 1);
    const char **names = arena_new_array(r->arena, const char *, max + 1);
    bool *taken = arena_new_array(r->arena, bool, s->count + 1);
    uint32_t count = 0;
    for (uint32_t i = 0; i < first->count; i++) {
        uint32_t at = 0;
        while (at < s->count && !name_equal(r, first->columns[i].name, s->columns[at].name)) {
            at++;
        }
        if (at == s->count && !u->allow_missing) {
            struct expr *name = expr_new(r->arena, EXPR_ATTRIBUTE);
            name->names = &first->columns[i].name;
            name->name_count = 1;
            return scope_unresolved(r, s, name);
        }
        if (at < s->count) {
            taken[at] = true;
        }
        exprs[count] = at < s->count ? scope_column(r, s, at)
                                     : expr_null_literal(r->arena, scope_field(first, i)->type);
        names[count++] = first->columns[i].name;
    }
    for (uint32_t k = 0; k < s->count; k++) {
        if (taken[k]) {
            continue;
        }
        if (!u->allow_missing) {
            return columns_mismatch(r, u, first->count, s->count, 1);
        }
        exprs[count] = scope_column(r, s, k);
        names[count++] = s->columns[k].name;
    }
    scope_from_schema(r, s, rel_project(r, s->rel, exprs, names, count));
    return true;
}

/* Columns that only the second input has, as nulls at the end of the first. */
static void
widen_first(struct resolver *r, struct scope *first, const struct scope *s)
{
    struct expr **exprs = arena_new_array(r->arena, struct expr *, s->count + 1);
    const char **names = arena_new_array(r->arena, const char *, s->count + 1);
    for (uint32_t i = 0; i < s->count; i++) {
        exprs[i] = i < first->count ? scope_column(r, first, i)
                                    : expr_null_literal(r->arena, scope_field(s, i)->type);
        names[i] = s->columns[i].name;
    }
    struct scope next;
    scope_from_schema(r, &next, rel_project(r, first->rel, exprs, names, s->count));
    *first = next;
}

/* Casts an input to the wanted column types, if it has others. */
static struct rel *
cast_columns(struct resolver *r, const struct scope *s, const struct type *const *types)
{
    struct expr **exprs = arena_new_array(r->arena, struct expr *, s->count + 1);
    const char **names = arena_new_array(r->arena, const char *, s->count + 1);
    bool changed = false;
    for (uint32_t i = 0; i < s->count; i++) {
        struct expr *column = scope_column(r, s, i);
        exprs[i] = cast_to(r, column, types[i]);
        names[i] = s->columns[i].name;
        changed |= exprs[i] != column;
    }
    return changed ? rel_project(r, s->rel, exprs, names, s->count) : s->rel;
}

/* UNION takes structs whose fields differ in name only; the first input's names stay. */
static bool
same_shape(const struct type *x, const struct type *y)
{
    if (x->id != TYPE_STRUCT || y->id != TYPE_STRUCT || x->field_count != y->field_count) {
        return false;
    }
    for (uint32_t i = 0; i < x->field_count; i++) {
        const struct type *a = x->fields[i].type, *b = y->fields[i].type;
        if (!type_same(a, b) && !same_shape(a, b)) {
            return false;
        }
    }
    return true;
}

static bool
common_columns(struct resolver *r, const struct rel *u, struct scope *inputs, uint32_t n,
               const struct type **types, bool *nullable)
{
    for (uint32_t i = 0; i < inputs[0].count; i++) {
        types[i] = scope_field(&inputs[0], i)->type;
        nullable[i] = scope_field(&inputs[0], i)->nullable;
        for (uint32_t k = 1; k < n; k++) {
            const struct type_field *f = scope_field(&inputs[k], i);
            nullable[i] |= f->nullable;
            if (type_equal(types[i], f->type)) {
                continue;
            }
            const struct type *common =
                func_common_type(r->arena, types[i], f->type, r->ctx->session->ansi);
            if (common == NULL && u->set_op == SET_UNION && same_shape(types[i], f->type)) {
                common = types[i];
            }
            if (common == NULL) {
                return error_raise(r->err, "INCOMPATIBLE_COLUMN_TYPE", "operator", operator_name(u),
                                   "columnOrdinalNumber", ordinal(i), "tableOrdinalNumber",
                                   ordinal(k), "dataType1", type_sql_quoted(r->arena, f->type),
                                   "dataType2", type_sql_quoted(r->arena, types[i]), "hint", "",
                                   NULL);
            }
            types[i] = common;
        }
    }
    return true;
}

static bool
check_set_types(struct resolver *r, const struct scope *s)
{
    for (uint32_t i = 0; i < s->count; i++) {
        const struct type *t = scope_field(s, i)->type;
        if (t->id == TYPE_MAP) {
            return error_raise(r->err, "UNSUPPORTED_FEATURE.SET_OPERATION_ON_MAP_TYPE", "colName",
                               names_quoted(r->arena, &s->columns[i].name, 1), "dataType",
                               type_sql_quoted(r->arena, t), NULL);
        }
    }
    return true;
}

static const struct type *
set_schema(struct resolver *r, const struct scope *first, const struct type *const *types,
           const bool *nullable)
{
    struct type_field *fields = arena_new_array(r->arena, struct type_field, first->count + 1);
    for (uint32_t i = 0; i < first->count; i++) {
        fields[i] = (struct type_field){
            .name = first->columns[i].name, .type = types[i], .nullable = nullable[i]};
    }
    return type_struct(r->arena, fields, first->count);
}

static struct rel *
distinct_of(struct resolver *r, struct rel *input)
{
    struct rel *rel = rel_new(r->arena, REL_DISTINCT, 1, input);
    rel->schema = input->schema;
    return rel;
}

struct rel *
rel_numbered(struct resolver *r, struct rel *input, uint32_t first, uint32_t count, uint32_t order)
{
    struct expr *w = expr_new(r->arena, EXPR_WINDOW);
    w->args = arena_new_array(r->arena, struct expr *, 1);
    w->arg_count = 1;
    w->args[0] = call_bound(r, "row_number", NULL, 0);
    if (w->args[0] == NULL) {
        return NULL;
    }
    w->type = w->args[0]->type;
    w->window = arena_new(r->arena, struct window_spec);
    w->window->partition = arena_new_array(r->arena, struct expr *, count + 1);
    for (uint32_t i = 0; i < count; i++) {
        const struct type_field *f = &input->schema->fields[first + i];
        w->window->partition[i] = expr_column(r->arena, first + i, f->type, f->nullable);
    }
    w->window->partition_count = count;
    if (order != UINT32_MAX) {
        const struct type_field *f = &input->schema->fields[order];
        w->window->order = arena_new(r->arena, struct sort_key);
        w->window->order[0].expr = expr_column(r->arena, order, f->type, f->nullable);
        w->window->order_count = 1;
    }
    struct rel *rel = rel_new(r->arena, REL_WINDOW, 1, input);
    rel->exprs = arena_new_array(r->arena, struct expr *, 1);
    rel->exprs[0] = w;
    rel->expr_count = 1;
    struct type_field number = {.name = "row_number", .type = w->type};
    rel->schema =
        schema_join(r->arena, input->schema, false, type_struct(r->arena, &number, 1), false);
    return rel;
}

static struct rel *
all_numbered(struct resolver *r, struct rel *input)
{
    return rel_numbered(r, input, 0, input->schema->field_count, UINT32_MAX);
}

/* left SEMI or ANTI right on all columns, nulls equal */
static struct rel *
match_rows(struct resolver *r, enum join_type type, struct rel *left, struct rel *right)
{
    struct rel *join = rel_new(r->arena, REL_JOIN, 2, left, right);
    join->join_type = type;
    join->schema = left->schema;
    const uint32_t n = left->schema->field_count;
    for (uint32_t i = 0; i < n; i++) {
        const struct type_field *x = &left->schema->fields[i], *y = &right->schema->fields[i];
        struct expr *equal = call2(r, "<=>", expr_column(r->arena, i, x->type, x->nullable),
                                   expr_column(r->arena, n + i, y->type, y->nullable));
        if (equal == NULL) {
            return NULL;
        }
        join->condition = expr_and(r->arena, join->condition, equal);
    }
    if (n == 0) {
        join->condition = expr_bool_literal(r->arena, true);
    }
    return join;
}

static struct rel *
intersect_or_except(struct resolver *r, const struct rel *u, struct rel *left, struct rel *right,
                    const struct type *schema)
{
    const enum join_type type = u->set_op == SET_INTERSECT ? JOIN_SEMI : JOIN_ANTI;
    if (!u->is_all) {
        struct rel *join = match_rows(r, type, left, right);
        return join != NULL ? distinct_of(r, join) : NULL;
    }
    left = all_numbered(r, left);
    right = left != NULL ? all_numbered(r, right) : NULL;
    struct rel *join = right != NULL ? match_rows(r, type, left, right) : NULL;
    if (join == NULL) {
        return NULL;
    }
    const uint32_t n = schema->field_count;
    struct expr **exprs = arena_new_array(r->arena, struct expr *, n + 1);
    const char **names = arena_new_array(r->arena, const char *, n + 1);
    for (uint32_t i = 0; i < n; i++) {
        const struct type_field *f = &join->schema->fields[i];
        exprs[i] = expr_column(r->arena, i, f->type, f->nullable);
        names[i] = schema->fields[i].name;
    }
    return rel_project(r, join, exprs, names, n);
}

bool
resolve_set_op(struct resolver *r, struct rel *u, struct scope *out)
{
    const uint32_t n = u->input_count;
    struct scope *inputs = arena_new_array(r->arena, struct scope, n);
    for (uint32_t i = 0; i < n; i++) {
        if (!resolve_rel(r, u->inputs[i], &inputs[i])) {
            return false;
        }
        scope_visible(r, &inputs[i]);
        if (u->by_name && i > 0 && !align_by_name(r, u, &inputs[0], &inputs[i])) {
            return false;
        }
        if (u->by_name && i > 0 && inputs[i].count > inputs[0].count) {
            widen_first(r, &inputs[0], &inputs[i]);
        }
        if (inputs[i].count != inputs[0].count) {
            return columns_mismatch(r, u, inputs[0].count, inputs[i].count, i);
        }
    }
    const struct type **types = arena_new_array(r->arena, const struct type *, inputs[0].count + 1);
    bool *nullable = arena_new_array(r->arena, bool, inputs[0].count + 1);
    const bool rows_compared = u->set_op != SET_UNION || !u->is_all;
    if (!common_columns(r, u, inputs, n, types, nullable) ||
        (rows_compared && !check_set_types(r, &inputs[0]))) {
        return false;
    }
    const struct type *schema = set_schema(r, &inputs[0], types, nullable);
    struct rel *rel = NULL;
    if (u->set_op == SET_UNION) {
        rel = rel_new(r->arena, REL_UNION, 0);
        rel->inputs = arena_new_array(r->arena, struct rel *, n);
        rel->input_count = n;
        for (uint32_t i = 0; i < n; i++) {
            rel->inputs[i] = cast_columns(r, &inputs[i], types);
        }
        rel->schema = schema;
        rel = u->is_all ? rel : distinct_of(r, rel);
    } else {
        rel = intersect_or_except(r, u, cast_columns(r, &inputs[0], types),
                                  cast_columns(r, &inputs[1], types), schema);
        if (rel == NULL) {
            return false;
        }
    }
    scope_from_schema(r, out, rel);
    /* A name of the first input still finds its column, for ORDER BY t.a. */
    for (uint32_t i = 0; i < out->count; i++) {
        out->columns[i].qualifier = inputs[0].columns[i].qualifier;
        out->columns[i].qualifier_count = inputs[0].columns[i].qualifier_count;
    }
    return true;
}

bool
resolve_union(struct resolver *r, struct rel *u, struct scope *out)
{
    u->set_op = SET_UNION;
    u->is_all = true;
    return resolve_set_op(r, u, out);
}

/* Inline tables. */

/* Strings are not promoted here: a column of strings and numbers is refused. */
static const struct type *
inline_type(struct resolver *r, struct expr **cells, uint32_t count, uint32_t width)
{
    bool strings = false, others = false;
    for (uint32_t i = 0; i < count; i += width) {
        const enum type_id id = cells[i]->type->id;
        strings |= id == TYPE_STRING;
        others |= id != TYPE_STRING && id != TYPE_NULL;
    }
    return strings && others ? NULL : common_type(r, cells, count, width);
}

bool
resolve_values(struct resolver *r, struct rel *u, struct scope *out)
{
    const uint32_t width = u->group_count;
    const uint32_t height = width > 0 ? u->expr_count / width : 0;
    struct expr **cells = arena_new_array(r->arena, struct expr *, u->expr_count + 1);
    struct lookup l = {.r = r, .outer = r->outer, .no_aggregates_in = "where"};
    for (uint32_t i = 0; i < u->expr_count; i++) {
        cells[i] = resolve_expr(&l, u->exprs[i]);
        if (cells[i] == NULL) {
            return false;
        }
    }
    struct rel *rel = rel_new(r->arena, REL_LOCAL, 0);
    struct type_field *fields = arena_new_array(r->arena, struct type_field, width + 1);
    rel->rows = arena_new_array(r->arena, struct expr **, height + 1);
    rel->row_count = height;
    for (uint32_t i = 0; i < height; i++) {
        rel->rows[i] = cells + (size_t)i * width;
    }
    for (uint32_t c = 0; c < width; c++) {
        const char *name = arena_printf(r->arena, "col%u", c + 1);
        const struct type *common = inline_type(r, cells + c, u->expr_count - c, width);
        if (common == NULL) {
            return error_raise(r->err, "INVALID_INLINE_TABLE.INCOMPATIBLE_TYPES_IN_INLINE_TABLE",
                               "colName", names_quoted(r->arena, &name, 1), NULL);
        }
        fields[c] = (struct type_field){.name = name, .type = common};
        for (uint32_t i = 0; i < height; i++) {
            struct datum value;
            if (!expr_fold(r, cast_to(r, rel->rows[i][c], common), &value)) {
                return false;
            }
            rel->rows[i][c] = expr_literal(r->arena, value);
            fields[c].nullable |= value.is_null;
        }
    }
    rel->schema = type_struct(r->arena, fields, width);
    scope_from_schema(r, out, rel);
    return true;
}

/* Duplicates. */

bool
resolve_distinct(struct resolver *r, struct rel *u, struct scope *out)
{
    struct scope in;
    if (!resolve_rel(r, u->inputs[0], &in)) {
        return false;
    }
    scope_visible(r, &in);
    if (!check_set_types(r, &in)) {
        return false;
    }
    scope_pass(r, out, &in, distinct_of(r, in.rel));
    return true;
}

bool
resolve_deduplicate(struct resolver *r, struct rel *u, struct scope *out)
{
    struct scope in;
    if (!resolve_rel(r, u->inputs[0], &in)) {
        return false;
    }
    scope_visible(r, &in);
    struct rel *rel = rel_new(r->arena, REL_DEDUPLICATE, 1, in.rel);
    rel->within_watermark = u->within_watermark;
    rel->is_streaming = u->is_streaming;
    rel->exprs = arena_new_array(r->arena, struct expr *, in.count + u->column_name_count + 1);
    for (uint32_t i = 0; i < in.count; i++) {
        bool wanted = u->all_columns || u->column_name_count == 0;
        for (uint32_t k = 0; k < u->column_name_count && !wanted; k++) {
            wanted = name_equal(r, u->column_names[k], in.columns[i].name);
        }
        if (wanted) {
            rel->exprs[rel->expr_count++] = scope_column(r, &in, i);
        }
    }
    for (uint32_t k = 0; k < u->column_name_count; k++) {
        uint32_t found[1], used = 0;
        if (scope_find(r, &in, &u->column_names[k], 1, found, &used, 1) == 0) {
            struct expr *name = expr_new(r->arena, EXPR_ATTRIBUTE);
            name->names = &u->column_names[k];
            name->name_count = 1;
            return scope_unresolved(r, &in, name);
        }
    }
    scope_pass(r, out, &in, rel);
    return true;
}
