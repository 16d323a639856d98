/*
 * ROLLUP, CUBE and GROUPING SETS; PIVOT, which is one aggregate with a filter for each value; and
 * UNPIVOT, which makes each row into one row a column.
 */
#include <string.h>
#include <strings.h>

#include "plan/resolver.h"

enum { CUBE_GROUPS_MAX = 12 };

/* Grouping sets. */

/* Groups that are equal are one; map says which. */
static void
unique_groups(struct resolver *r, struct select *s, uint32_t *map)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < s->group_count; i++) {
        uint32_t at = 0;
        while (at < n && !expr_equal(s->groups[at], s->groups[i])) {
            at++;
        }
        map[i] = at;
        if (at == n) {
            s->groups[n++] = s->groups[i];
        }
    }
    s->group_count = n;
}

static bool **
sets_new(struct resolver *r, uint32_t sets, uint32_t groups)
{
    bool **out = arena_new_array(r->arena, bool *, sets + 1);
    for (uint32_t k = 0; k < sets; k++) {
        out[k] = arena_new_array(r->arena, bool, groups + 1);
    }
    return out;
}

/* Which group a member of a set is: the same node, or an equal expression. */
static bool
set_member(struct lookup *l, struct rel *u, struct expr *e, const uint32_t *map, uint32_t *out)
{
    struct select *s = l->items;
    for (uint32_t i = 0; i < u->group_count; i++) {
        if (u->exprs[i] == e) {
            *out = map[i];
            return true;
        }
    }
    struct expr *resolved = resolve_expr(l, e);
    if (resolved == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < s->group_count; i++) {
        if (expr_equal(s->groups[i], resolved)) {
            *out = i;
            return true;
        }
    }
    return error_unsupported(l->r->err, "a grouping set over %s, which is no group",
                             expr_name(l->r, e));
}

static bool
make_sets(struct lookup *l, struct rel *u, const uint32_t *map)
{
    struct resolver *r = l->r;
    struct select *s = l->items;
    const uint32_t n = s->group_count;
    if (u->group_type == GROUP_SETS) {
        s->set_count = u->set_count;
        s->sets = sets_new(r, s->set_count, n);
        for (uint32_t k = 0; k < u->set_count; k++) {
            for (uint32_t i = 0; i < u->set_sizes[k]; i++) {
                uint32_t g = 0;
                if (!set_member(l, u, u->sets[k][i], map, &g)) {
                    return false;
                }
                s->sets[k][g] = true;
            }
        }
        return true;
    }
    if (u->group_type == GROUP_ROLLUP) {
        s->set_count = n + 1;
        s->sets = sets_new(r, s->set_count, n);
        for (uint32_t k = 0; k <= n; k++) {
            memset(s->sets[k], true, n - k);
        }
        return true;
    }
    if (n > CUBE_GROUPS_MAX) {
        return error_unsupported(r->err, "CUBE of more than %d groups", CUBE_GROUPS_MAX);
    }
    s->set_count = 1u << n;
    s->sets = sets_new(r, s->set_count, n);
    for (uint32_t k = 0; k < s->set_count; k++) {
        for (uint32_t g = 0; g < n; g++) {
            s->sets[k][g] = (k >> (n - 1 - g) & 1) == 0;
        }
    }
    return true;
}

bool
resolve_grouping_sets(struct resolver *r, struct rel *u, struct scope *out)
{
    struct scope from;
    if (!resolve_rel(r, u->inputs[0], &from)) {
        return false;
    }
    struct select *s = select_new(r, &from);
    struct lookup l = {.r = r, .input = &s->from, .items = s, .outer = r->outer};
    scope_init(out, s->project);
    if (!resolve_groups(&l, u, out)) {
        return false;
    }
    uint32_t *map = arena_new_array(r->arena, uint32_t, s->group_count + 1);
    unique_groups(r, s, map);
    if (!make_sets(&l, u, map)) {
        return false;
    }
    out->select = s;
    return true;
}

/* Pivot. */

static bool
note_column(const struct expr *e, void *ctx)
{
    if (e->kind == EXPR_COLUMN) {
        ((bool *)ctx)[e->column] = true;
    }
    return true;
}

/* SQL's pivot groups by all columns that it does not name. */
static bool
other_columns(struct lookup *l, struct expr *const *named, uint32_t count, struct expr *condition,
              struct expr ***out, uint32_t *out_count)
{
    const struct scope *from = l->input;
    bool *used = arena_new_array(l->r->arena, bool, from->count + 1);
    for (uint32_t i = 0; i <= count; i++) {
        struct expr *u = i < count ? named[i] : condition;
        struct expr *e = u != NULL ? resolve_expr(l, u) : NULL;
        if (u != NULL && e == NULL) {
            return false;
        }
        if (e != NULL) {
            expr_walk(e, note_column, used);
        }
    }
    *out = arena_new_array(l->r->arena, struct expr *, from->count + 1);
    *out_count = 0;
    for (uint32_t i = 0; i < from->count; i++) {
        if (!used[i] && !from->columns[i].hidden) {
            (*out)[(*out_count)++] = scope_column(l->r, from, i);
        }
    }
    return true;
}

struct pivot_filter {
    struct expr *condition;
};

static bool
is_aggregate_call(const struct expr *e)
{
    const struct func_def *def = e->kind == EXPR_CALL ? func_find(e->name) : NULL;
    return def != NULL && def->class == FUNC_AGGREGATE;
}

/* Every aggregate takes only the rows of one value; a count is null where there are none. */
static struct expr *
add_filter(struct arena *a, struct expr *e, void *ctx)
{
    struct pivot_filter *f = ctx;
    if (!is_aggregate_call(e)) {
        return NULL;
    }
    struct expr *copy = expr_copy(a, e);
    copy->filter =
        e->filter != NULL ? expr_call(a, "and", 2, e->filter, f->condition) : f->condition;
    if (strncasecmp(e->name, "count", 5) != 0) {
        return copy;
    }
    struct expr *any = expr_call(a, "max", 1, expr_bool_literal(a, true));
    any->filter = f->condition;
    struct expr *test = expr_call(a, "isnotnull", 1, any);
    struct expr *choose = expr_new(a, EXPR_CASE);
    choose->args = arena_new_array(a, struct expr *, 2);
    choose->args[0] = test;
    choose->args[1] = copy;
    choose->arg_count = 2;
    return choose;
}

/* 'a' AS x is called x; values are called by their text. */
static const char *
value_name(struct resolver *r, const struct expr *value)
{
    if (value->kind == EXPR_ALIAS) {
        return value->name;
    }
    if (value->kind == EXPR_LITERAL && value->literal.is_null) {
        return "null";
    }
    const char *text = expr_name(r, value);
    const bool quoted = value->kind == EXPR_LITERAL && value->literal.type->id == TYPE_DATE;
    return quoted ? arena_strndup(r->arena, text + 6, strlen(text) - 7) : text;
}

static bool
pivot_items(struct resolver *r, struct rel *u, struct expr **aggs, uint32_t agg_count,
            struct expr **out)
{
    uint32_t n = 0;
    for (uint32_t v = 0; v < u->set_sizes[0]; v++) {
        struct expr *value = u->sets[0][v];
        const char *name = value_name(r, value);
        struct expr *plain = value->kind == EXPR_ALIAS ? value->args[0] : value;
        struct pivot_filter f = {expr_call(r->arena, "<=>", 2, u->condition, plain)};
        for (uint32_t i = 0; i < agg_count; i++) {
            struct expr *agg = aggs[i]->kind == EXPR_ALIAS ? aggs[i]->args[0] : aggs[i];
            struct expr *item = expr_rewrite(r->arena, agg, add_filter, &f);
            const char *agg_name =
                agg_count == 1 ? name
                               : arena_printf(r->arena, "%s_%s", name, expr_name(r, aggs[i]));
            out[n++] = expr_alias(r->arena, item, agg_name);
        }
    }
    return true;
}

bool
resolve_pivot(struct resolver *r, struct rel *u, struct scope *out)
{
    struct scope from;
    if (!resolve_rel(r, u->inputs[0], &from)) {
        return false;
    }
    if (u->set_count == 0 || u->set_sizes[0] == 0) {
        return error_unsupported(r->err, "pivot without a list of values");
    }
    struct select *s = select_new(r, &from);
    struct lookup l = {.r = r, .input = &s->from, .items = s, .outer = r->outer};
    struct expr **aggs = u->exprs + u->group_count;
    const uint32_t agg_count = u->expr_count - u->group_count;
    struct expr **groups = u->exprs;
    uint32_t group_count = u->group_count;
    if (u->others && !other_columns(&l, aggs, agg_count, u->condition, &groups, &group_count)) {
        return false;
    }
    const uint32_t items = agg_count * u->set_sizes[0];
    struct rel *aggregate = rel_new(r->arena, REL_AGGREGATE, 0);
    aggregate->exprs = arena_new_array(r->arena, struct expr *, group_count + items + 1);
    memcpy(aggregate->exprs, groups, sizeof *groups * group_count);
    aggregate->group_count = group_count;
    aggregate->expr_count = group_count + items;
    if (!pivot_items(r, u, aggs, agg_count, aggregate->exprs + group_count)) {
        return false;
    }
    scope_init(out, s->project);
    if (!resolve_groups(&l, aggregate, out)) {
        return false;
    }
    out->select = s;
    return true;
}

/* Unpivot. */

/* A value of UNPIVOT: one column, or a row of several; its name. */
static const char *
unpivot_value(struct resolver *r, const struct expr *u, struct expr **columns, uint32_t *count)
{
    const struct expr *e = u->kind == EXPR_ALIAS ? u->args[0] : u;
    *count = 0;
    if (e->kind == EXPR_CALL && strcasecmp(e->name, "named_struct") == 0) {
        for (uint32_t i = 1; i < e->arg_count && *count < 64; i += 2) {
            columns[(*count)++] = e->args[i];
        }
    } else {
        columns[(*count)++] = (struct expr *)e;
    }
    if (u->kind == EXPR_ALIAS) {
        return u->name;
    }
    const char *name = expr_name(r, columns[0]);
    for (uint32_t i = 1; i < *count; i++) {
        name = arena_printf(r->arena, "%s_%s", name, expr_name(r, columns[i]));
    }
    return name;
}

static bool
unpivot_types(struct resolver *r, struct rel *expand, uint32_t id_count, uint32_t width)
{
    for (uint32_t c = 0; c < width; c++) {
        const uint32_t at = id_count + 1 + c;
        struct expr **cells = arena_new_array(r->arena, struct expr *, expand->set_count);
        for (uint32_t k = 0; k < expand->set_count; k++) {
            cells[k] = expand->sets[k][at];
        }
        const struct type *common = common_type(r, cells, expand->set_count, 1);
        if (common == NULL) {
            const char *types = "";
            for (uint32_t k = 0; k < expand->set_count; k++) {
                types = arena_printf(r->arena, "%s%s%s", types, k > 0 ? ", " : "",
                                     type_sql_quoted(r->arena, cells[k]->type));
            }
            return error_raise(r->err, "UNPIVOT_VALUE_DATA_TYPE_MISMATCH", "types", types, NULL);
        }
        for (uint32_t k = 0; k < expand->set_count; k++) {
            expand->sets[k][at] = cast_to(r, cells[k], common);
        }
    }
    return true;
}

static bool
unpivot_rows(struct lookup *l, struct rel *u, struct expr **ids, uint32_t id_count,
             struct expr **values, uint32_t value_count, struct rel *expand, uint32_t *width)
{
    struct resolver *r = l->r;
    *width = u->column_name_count - 1;
    expand->set_count = value_count;
    expand->sets = arena_new_array(r->arena, struct expr **, value_count + 1);
    expand->expr_count = id_count + 1 + *width;
    for (uint32_t k = 0; k < value_count; k++) {
        struct expr *columns[64] = {NULL};
        uint32_t n = 0;
        const char *name = unpivot_value(r, values[k], columns, &n);
        if (n != *width) {
            return error_raise(r->err, "UNPIVOT_VALUE_SIZE_MISMATCH", "names",
                               arena_printf(r->arena, "%u", *width), NULL);
        }
        struct expr **row = arena_new_array(r->arena, struct expr *, expand->expr_count + 1);
        memcpy(row, ids, sizeof *ids * id_count);
        row[id_count] = expr_string_literal(r->arena, name, strlen(name));
        for (uint32_t c = 0; c < n; c++) {
            row[id_count + 1 + c] = resolve_expr(l, columns[c]);
            if (row[id_count + 1 + c] == NULL) {
                return false;
            }
        }
        expand->sets[k] = row;
    }
    return unpivot_types(r, expand, id_count, *width);
}

/* Columns that are not among the given ones. */
static void
remaining(struct lookup *l, struct expr *const *given, uint32_t count, struct expr ***out,
          uint32_t *out_count)
{
    *out = arena_new_array(l->r->arena, struct expr *, l->input->count + 1);
    *out_count = 0;
    for (uint32_t i = 0; i < l->input->count; i++) {
        bool found = l->input->columns[i].hidden;
        for (uint32_t k = 0; k < count && !found; k++) {
            found = given[k]->kind == EXPR_COLUMN && given[k]->column == i;
        }
        if (!found) {
            (*out)[(*out_count)++] = scope_column(l->r, l->input, i);
        }
    }
}

/* All-null rows go, unless they were asked for. */
static bool
unpivot_filter(struct resolver *r, struct rel *expand, uint32_t first, uint32_t width,
               struct rel **out)
{
    struct expr *any = NULL;
    for (uint32_t c = 0; c < width; c++) {
        const struct type_field *f = &expand->schema->fields[first + c];
        struct expr *column = expr_column(r->arena, first + c, f->type, f->nullable);
        struct expr *test = call_bound(r, "isnotnull", &column, 1);
        any = any != NULL && test != NULL ? call2(r, "or", any, test) : test;
        if (any == NULL) {
            return false;
        }
    }
    *out = rel_filter(r, expand, any);
    return true;
}

bool
resolve_unpivot(struct resolver *r, struct rel *u, struct scope *out)
{
    struct scope from;
    if (!resolve_rel(r, u->inputs[0], &from)) {
        return false;
    }
    struct lookup l = {.r = r, .input = &from, .outer = r->outer, .no_aggregates_in = "where"};
    struct expr **ids = NULL, **values = NULL;
    uint32_t id_count = 0, value_count = 0;
    if (!expand_stars(&l, u->exprs + u->group_count, u->expr_count - u->group_count, &values,
                      &value_count)) {
        return false;
    }
    if (u->others) {
        if (!other_columns(&l, values, value_count, NULL, &ids, &id_count)) {
            return false;
        }
    } else {
        if (!expand_stars(&l, u->exprs, u->group_count, &ids, &id_count)) {
            return false;
        }
        for (uint32_t i = 0; i < id_count; i++) {
            ids[i] = resolve_expr(&l, ids[i]);
            if (ids[i] == NULL) {
                return false;
            }
        }
        if (u->all_columns) {
            remaining(&l, ids, id_count, &values, &value_count);
        }
    }
    struct rel *expand = rel_new(r->arena, REL_EXPAND, 1, from.rel);
    uint32_t width = 0;
    if (!unpivot_rows(&l, u, ids, id_count, values, value_count, expand, &width)) {
        return false;
    }
    struct type_field *fields =
        arena_new_array(r->arena, struct type_field, expand->expr_count + 1);
    for (uint32_t c = 0; c < expand->expr_count; c++) {
        const char *name = c < id_count ? expr_name(r, ids[c]) : u->column_names[c - id_count];
        fields[c] = (struct type_field){.name = name, .type = type_scalar(TYPE_STRING)};
        for (uint32_t k = 0; k < expand->set_count; k++) {
            fields[c].type = expand->sets[k][c]->type;
            fields[c].nullable |= expand->sets[k][c]->nullable;
        }
    }
    expand->schema = type_struct(r->arena, fields, expand->expr_count);
    struct rel *rel = expand;
    if (u->others && !u->include_nulls && !unpivot_filter(r, expand, id_count + 1, width, &rel)) {
        return false;
    }
    scope_from_schema(r, out, rel);
    return true;
}
