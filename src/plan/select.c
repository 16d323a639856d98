/*
 * Closing a SELECT: its items, in which aggregates, windows and generators still stand, become
 *
 *   Project <- Generate* <- Window* <- Aggregate <- (Expand for grouping sets)
 *           <- (Filter, Expand for window(ts, ...)) <- FROM
 *
 * Each step cuts one kind of node out of the items and puts a column in its place. Windows and
 * generators append columns to their input, so that expressions already made stay right.
 */
#include <string.h>

#include "plan/resolver.h"

struct select *
select_new(struct resolver *r, const struct scope *from)
{
    struct select *s = arena_new(r->arena, struct select);
    s->from = *from;
    s->project = rel_new(r->arena, REL_PROJECT, 1, NULL);
    return s;
}

struct column_ref
select_column(struct resolver *r, const struct scope *from, const struct expr *e, const char *name)
{
    if (e->kind == EXPR_COLUMN) {
        struct column_ref c = from->columns[e->column];
        c.hidden = false;
        c.name = name;
        return c;
    }
    return (struct column_ref){.name = name, .id = ++r->next_id};
}

void
select_add(struct resolver *r, struct select *s, struct scope *out, struct expr *e,
           struct column_ref column, bool aliased, const char *metadata)
{
    if (s->item_count == s->item_capacity) {
        const uint32_t capacity = s->item_capacity > 0 ? s->item_capacity * 2 : 16;
        struct select_item *more = arena_new_array(r->arena, struct select_item, capacity);
        if (s->item_count > 0) {
            memcpy(more, s->items, sizeof *more * s->item_count);
        }
        s->items = more;
        s->item_capacity = capacity;
    }
    s->items[s->item_count++] = (struct select_item){
        .expr = e, .name = column.name, .aliased = aliased, .metadata = metadata};
    scope_push(r, out, column);
}

/* Does a subquery's plan refer to columns of the query around it? */
static bool
outer_found(const struct expr *e, void *ctx)
{
    bool *found = ctx;
    *found = *found || e->kind == EXPR_OUTER;
    return !*found;
}

static bool
rel_has_outer(const struct rel *rel)
{
    bool found = false;
    for (uint32_t i = 0; i < rel->expr_count && rel->exprs != NULL && !found; i++) {
        expr_walk(rel->exprs[i], outer_found, &found);
    }
    for (uint32_t i = 0; i < rel->key_count && !found; i++) {
        expr_walk(rel->keys[i].expr, outer_found, &found);
    }
    if (rel->condition != NULL && !found) {
        expr_walk(rel->condition, outer_found, &found);
    }
    for (uint32_t i = 0; i < rel->input_count && !found; i++) {
        found = rel_has_outer(rel->inputs[i]);
    }
    return found;
}

struct output_search {
    struct select *select;
    bool raw; /* something is not in the output */
};

static struct expr *
output_of(struct arena *a, struct expr *e, void *ctx)
{
    struct output_search *search = ctx;
    if (e->kind == EXPR_LITERAL) {
        return e;
    }
    for (uint32_t i = 0; i < search->select->item_count; i++) {
        if (expr_equal(search->select->items[i].expr, e)) {
            return expr_column(a, i, e->type, e->nullable);
        }
    }
    if (e->kind == EXPR_COLUMN || e->kind == EXPR_AGG || e->kind == EXPR_WINDOW ||
        e->kind == EXPR_GENERATOR || (e->kind == EXPR_SUBQUERY && rel_has_outer(e->subquery))) {
        search->raw = true;
        return e;
    }
    return NULL;
}

struct expr *
select_output(struct resolver *r, struct scope *s, struct expr *e)
{
    struct output_search search = {.select = s->select};
    struct expr *out = expr_rewrite(r->arena, e, output_of, &search);
    if (!search.raw) {
        return out;
    }
    const uint32_t column = s->select->item_count;
    struct column_ref hidden = {.name = expr_name(r, e), .id = ++r->next_id, .hidden = true};
    select_add(r, s->select, s, e, hidden, false, NULL);
    return expr_column(r->arena, column, e->type, e->nullable);
}

/* Cutting aggregates out. */
struct aggregate_cut {
    struct resolver *r;
    struct select *select;
    struct expr **groups; /* over FROM */
    struct rel *aggregate;
    uint32_t capacity;
    uint32_t gid_column; /* grouping sets: the group that numbers the set */
    bool failed;
};

static uint32_t
aggregate_add(struct aggregate_cut *cut, struct expr *e)
{
    struct rel *rel = cut->aggregate;
    for (uint32_t i = rel->group_count; i < rel->expr_count; i++) {
        if (expr_equal(rel->exprs[i], e)) {
            return i;
        }
    }
    if (rel->expr_count == cut->capacity) {
        cut->capacity *= 2;
        struct expr **more = arena_new_array(cut->r->arena, struct expr *, cut->capacity);
        memcpy(more, rel->exprs, sizeof *more * rel->expr_count);
        rel->exprs = more;
    }
    rel->exprs[rel->expr_count] = e;
    return rel->expr_count++;
}

static struct expr *aggregate_out(struct arena *a, struct expr *e, void *ctx);

static uint32_t
group_find(const struct aggregate_cut *cut, const struct expr *e)
{
    for (uint32_t i = 0; i < cut->select->group_count; i++) {
        if (expr_equal(cut->groups[i], e)) {
            return i;
        }
    }
    return UINT32_MAX;
}

static struct expr *
missing_aggregation(struct aggregate_cut *cut, struct expr *e)
{
    if (!cut->failed) {
        cut->failed = true;
        const char *name = expr_name(cut->r, e);
        if (cut->select->group_count == 0) {
            error_raise(cut->r->err, "MISSING_GROUP_BY", NULL);
        } else {
            error_raise(cut->r->err, "MISSING_AGGREGATION", "expression",
                        arena_printf(cut->r->arena, "\"%s\"", name), "expressionAnyValue",
                        arena_printf(cut->r->arena, "\"any_value(%s)\"", name), NULL);
        }
        resolve_failed_at(cut->r, e);
    }
    return e;
}

/* grouping_id(...) names no group, or all of them in order. */
static bool
grouping_id_fits(struct aggregate_cut *cut, const struct expr *e)
{
    bool fits = e->arg_count == 0 || e->arg_count == cut->select->group_count;
    const char *given = "", *groups = "";
    for (uint32_t i = 0; i < e->arg_count; i++) {
        fits = fits && expr_equal(e->args[i], cut->groups[i]);
        given = arena_printf(cut->r->arena, "%s%s%s", given, i > 0 ? "," : "",
                             expr_name(cut->r, e->args[i]));
    }
    for (uint32_t i = 0; i < cut->select->group_count; i++) {
        groups = arena_printf(cut->r->arena, "%s%s%s", groups, i > 0 ? "," : "",
                              expr_name(cut->r, cut->groups[i]));
    }
    if (!fits) {
        cut->failed = true;
        error_raise(cut->r->err, "GROUPING_ID_COLUMN_MISMATCH", "groupingIdColumn", given,
                    "groupByColumns", groups, NULL);
    }
    return fits;
}

/* grouping(g): the bit of g in the set's number, whose highest bit is the first group's. */
static struct expr *
grouping_bit(struct aggregate_cut *cut, struct expr *e)
{
    struct resolver *r = cut->r;
    const struct expr *gid = cut->aggregate->exprs[cut->gid_column];
    struct expr *id = expr_column(r->arena, cut->gid_column, gid->type, false);
    if (strcmp(e->name, "grouping_id") == 0) {
        return grouping_id_fits(cut, e) ? id : e;
    }
    const uint32_t g = group_find(cut, e->args[0]);
    if (g == UINT32_MAX) {
        cut->failed = true;
        error_raise(r->err, "GROUPING_COLUMN_MISMATCH", "grouping", expr_sql(r->arena, e->args[0]),
                    "groupingColumns", "", NULL);
        return e;
    }
    const int64_t bit = (int64_t)1 << (cut->select->group_count - 1 - g);
    struct expr *masked = call2(r, "&", id, expr_long_literal(r->arena, bit));
    struct expr *zero =
        masked != NULL ? call2(r, "=", masked, expr_long_literal(r->arena, 0)) : NULL;
    if (zero == NULL) {
        cut->failed = true;
        return e;
    }
    struct expr *choose = expr_new(r->arena, EXPR_CASE);
    choose->args = arena_new_array(r->arena, struct expr *, 3);
    choose->type = type_scalar(TYPE_BYTE);
    choose->args[0] = zero;
    choose->args[1] = expr_literal(r->arena, (struct datum){.type = choose->type, .i = 0});
    choose->args[2] = expr_literal(r->arena, (struct datum){.type = choose->type, .i = 1});
    choose->arg_count = 3;
    return choose;
}

/* A window function over an aggregated input: its own aggregate stays, its arguments do not. */
static struct expr *
window_out(struct aggregate_cut *cut, struct expr *e)
{
    struct arena *a = cut->r->arena;
    struct expr *copy = expr_copy(a, e);
    struct expr *function = expr_copy(a, e->args[0]);
    for (uint32_t i = 0; i < function->arg_count; i++) {
        function->args[i] = expr_rewrite(a, function->args[i], aggregate_out, cut);
    }
    if (function->filter != NULL) {
        function->filter = expr_rewrite(a, function->filter, aggregate_out, cut);
    }
    copy->args[0] = function;
    for (uint32_t i = 0; i < copy->window->partition_count; i++) {
        copy->window->partition[i] =
            expr_rewrite(a, copy->window->partition[i], aggregate_out, cut);
    }
    for (uint32_t i = 0; i < copy->window->order_count; i++) {
        copy->window->order[i].expr =
            expr_rewrite(a, copy->window->order[i].expr, aggregate_out, cut);
    }
    return copy;
}

/* Columns of the enclosing row in a subquery follow the cut as well. */
struct outer_shift {
    struct aggregate_cut *cut;
    uint16_t depth;
};

static struct rel *subquery_out(struct aggregate_cut *cut, struct rel *rel, uint16_t depth);

static struct expr *
outer_column_out(struct arena *a, struct expr *e, void *ctx)
{
    struct outer_shift *shift = ctx;
    if (e->kind == EXPR_SUBQUERY) {
        struct expr *copy = expr_copy(a, e);
        copy->subquery = subquery_out(shift->cut, e->subquery, (uint16_t)(shift->depth + 1));
        for (uint32_t i = 0; i < copy->arg_count; i++) {
            copy->args[i] = expr_rewrite(a, copy->args[i], outer_column_out, ctx);
        }
        return copy;
    }
    if (e->kind != EXPR_OUTER || e->depth != shift->depth) {
        return NULL;
    }
    struct expr *column = expr_column(a, e->column, e->type, e->nullable);
    column->name = e->name;
    struct expr *out = aggregate_out(a, column, shift->cut);
    struct expr *copy = expr_copy(a, e);
    copy->column = out != NULL ? out->column : e->column;
    return copy;
}

static struct expr *
outer_expr_out(struct arena *a, struct expr *e, void *ctx)
{
    return expr_rewrite(a, e, outer_column_out, ctx);
}

static struct rel *
subquery_out(struct aggregate_cut *cut, struct rel *rel, uint16_t depth)
{
    struct rel *copy = rel_copy(cut->r->arena, rel);
    struct outer_shift shift = {.cut = cut, .depth = depth};
    rel_map_exprs(cut->r->arena, copy, outer_expr_out, &shift);
    for (uint32_t i = 0; i < copy->input_count; i++) {
        copy->inputs[i] = subquery_out(cut, copy->inputs[i], depth);
    }
    return copy;
}

static struct expr *
aggregate_out(struct arena *a, struct expr *e, void *ctx)
{
    struct aggregate_cut *cut = ctx;
    const uint32_t g = group_find(cut, e);
    if (g != UINT32_MAX) {
        const struct expr *group = cut->aggregate->exprs[g];
        struct expr *column = expr_column(a, g, group->type, group->nullable);
        column->name = e->kind == EXPR_COLUMN ? e->name : NULL;
        return column;
    }
    switch (e->kind) {
    case EXPR_AGG:
        return expr_column(a, aggregate_add(cut, e), e->type, e->nullable);
    case EXPR_WINDOW:
        return window_out(cut, e);
    case EXPR_COLUMN:
        return missing_aggregation(cut, e);
    case EXPR_SUBQUERY: {
        struct expr *copy = expr_copy(a, e);
        for (uint32_t i = 0; i < copy->arg_count; i++) {
            copy->args[i] = expr_rewrite(a, copy->args[i], aggregate_out, ctx);
        }
        copy->subquery = subquery_out(cut, e->subquery, 1);
        return copy;
    }
    case EXPR_CALL:
        if (cut->select->sets != NULL &&
            (strcmp(e->name, "grouping") == 0 || strcmp(e->name, "grouping_id") == 0)) {
            return grouping_bit(cut, e);
        }
        return NULL;
    default:
        return NULL;
    }
}

/* Each row once per grouping set: FROM's columns, the groups (null where the set lacks them), the
 * set's number, and its place when two sets have the same number. */
static struct rel *
expand_new(struct resolver *r, struct select *s)
{
    const uint32_t width = s->from.count, n = s->group_count, count = width + n + 2;
    struct rel *expand = rel_new(r->arena, REL_EXPAND, 1, s->from.rel);
    expand->sets = arena_new_array(r->arena, struct expr **, s->set_count);
    expand->set_count = s->set_count;
    expand->expr_count = count;
    struct type_field *fields = arena_new_array(r->arena, struct type_field, count);
    for (uint32_t i = 0; i < width; i++) {
        fields[i] = *scope_field(&s->from, i);
    }
    for (uint32_t g = 0; g < n; g++) {
        fields[width + g] = (struct type_field){
            .name = expr_name(r, s->groups[g]), .type = s->groups[g]->type, .nullable = true};
    }
    fields[width + n] =
        (struct type_field){.name = "spark_grouping_id", .type = type_scalar(TYPE_LONG)};
    fields[width + n + 1] =
        (struct type_field){.name = "_gen_grouping_pos", .type = type_scalar(TYPE_INT)};
    for (uint32_t k = 0; k < s->set_count; k++) {
        struct expr **row = arena_new_array(r->arena, struct expr *, count);
        int64_t gid = 0;
        for (uint32_t i = 0; i < width; i++) {
            row[i] = scope_column(r, &s->from, i);
        }
        for (uint32_t g = 0; g < n; g++) {
            row[width + g] =
                s->sets[k][g] ? s->groups[g] : expr_null_literal(r->arena, s->groups[g]->type);
            gid = gid << 1 | !s->sets[k][g];
        }
        row[width + n] = expr_long_literal(r->arena, gid);
        row[width + n + 1] = expr_int_literal(r->arena, (int32_t)k);
        expand->sets[k] = row;
    }
    expand->schema = type_struct(r->arena, fields, count);
    return expand;
}

static struct rel *
aggregate_cut_out(struct resolver *r, struct select *s, struct expr **exprs)
{
    struct aggregate_cut cut = {.r = r, .select = s, .groups = s->groups, .capacity = 16};
    struct rel *input = s->sets != NULL ? expand_new(r, s) : s->from.rel;
    const uint32_t extra = s->sets != NULL ? 2 : 0;
    while (cut.capacity < s->group_count + extra + 8) {
        cut.capacity *= 2;
    }
    struct rel *rel = rel_new(r->arena, REL_AGGREGATE, 1, input);
    cut.aggregate = rel;
    rel->exprs = arena_new_array(r->arena, struct expr *, cut.capacity);
    rel->group_count = rel->expr_count = s->group_count + extra;
    for (uint32_t g = 0; g < rel->group_count; g++) {
        if (s->sets == NULL) {
            rel->exprs[g] = s->groups[g];
        } else {
            const struct type_field *f = &input->schema->fields[s->from.count + g];
            rel->exprs[g] = expr_column(r->arena, s->from.count + g, f->type, f->nullable);
            rel->exprs[g]->name = f->name;
        }
    }
    cut.gid_column = s->group_count;
    for (uint32_t i = 0; i < s->item_count; i++) {
        exprs[i] = expr_rewrite(r->arena, exprs[i], aggregate_out, &cut);
        if (cut.failed) {
            return NULL;
        }
    }
    const char **names = arena_new_array(r->arena, const char *, rel->expr_count);
    for (uint32_t i = 0; i < rel->expr_count; i++) {
        names[i] = expr_name(r, rel->exprs[i]);
    }
    rel->schema = schema_of(r->arena, rel->exprs, names, rel->expr_count);
    return rel;
}

/* Cutting windows and generators out: first they are listed, then replaced by equality. */
struct node_list {
    struct resolver *r;
    enum expr_kind kind;
    struct expr *nodes[256];
    uint32_t columns[256];
    uint32_t count;
};

static bool
node_collect(const struct expr *e, void *ctx)
{
    struct node_list *list = ctx;
    if (e->kind != list->kind) {
        return true;
    }
    for (uint32_t i = 0; i < list->count; i++) {
        if (expr_equal(list->nodes[i], e)) {
            return true;
        }
    }
    if (list->count < 256) {
        list->nodes[list->count++] = (struct expr *)e;
    }
    return true;
}

static struct expr *
node_out(struct arena *a, struct expr *e, void *ctx)
{
    struct node_list *list = ctx;
    const bool field = e->kind == EXPR_GET_FIELD && list->kind == EXPR_GENERATOR &&
                       e->args[0]->kind == EXPR_GENERATOR;
    struct expr *node = field ? e->args[0] : e;
    if (node->kind != list->kind) {
        return NULL;
    }
    for (uint32_t i = 0; i < list->count; i++) {
        if (expr_equal(list->nodes[i], node)) {
            return expr_column(a, list->columns[i] + (field ? e->column : 0), e->type, e->nullable);
        }
    }
    return NULL;
}

/* One relation for all windows that share the partition and the order of the first one left. */
static struct rel *
window_new(struct node_list *list, struct rel *input, bool *done)
{
    struct resolver *r = list->r;
    struct rel *rel = rel_new(r->arena, REL_WINDOW, 1, input);
    rel->exprs = arena_new_array(r->arena, struct expr *, list->count);
    const uint32_t width = input->schema->field_count;
    const struct window_spec *spec = NULL;
    for (uint32_t i = 0; i < list->count; i++) {
        if (done[i] || (spec != NULL && !window_order_equal(spec, list->nodes[i]->window))) {
            continue;
        }
        spec = list->nodes[i]->window;
        done[i] = true;
        list->columns[i] = width + rel->expr_count;
        rel->exprs[rel->expr_count++] = list->nodes[i];
    }
    struct type_field *fields =
        arena_new_array(r->arena, struct type_field, width + rel->expr_count);
    memcpy(fields, input->schema->fields, sizeof *fields * width);
    for (uint32_t i = 0; i < rel->expr_count; i++) {
        fields[width + i] = (struct type_field){.name = expr_name(r, rel->exprs[i]),
                                                .type = rel->exprs[i]->type,
                                                .nullable = rel->exprs[i]->nullable};
    }
    rel->schema = type_struct(r->arena, fields, width + rel->expr_count);
    return rel;
}

static struct rel *
generate_new(struct resolver *r, struct rel *input, struct expr *generator)
{
    struct rel *rel = rel_new(r->arena, REL_GENERATE, 1, input);
    rel->exprs = arena_new_array(r->arena, struct expr *, 1);
    rel->exprs[0] = generator;
    rel->expr_count = 1;
    rel->outer = generator->outer;
    rel->schema = schema_join(r->arena, input->schema, false, generator->type, generator->outer);
    return rel;
}

static struct rel *
nodes_cut_out(struct resolver *r, struct rel *child, struct expr **exprs, uint32_t count,
              enum expr_kind kind)
{
    struct node_list *list = arena_new(r->arena, struct node_list);
    list->r = r;
    list->kind = kind;
    for (uint32_t i = 0; i < count; i++) {
        expr_walk(exprs[i], node_collect, list);
    }
    bool done[256] = {false};
    for (uint32_t i = 0; i < list->count; i++) {
        if (kind == EXPR_GENERATOR) {
            list->columns[i] = child->schema->field_count;
            child = generate_new(r, child, list->nodes[i]);
        } else if (!done[i]) {
            child = window_new(list, child, done);
        }
    }
    for (uint32_t i = 0; i < count && list->count > 0; i++) {
        exprs[i] = expr_rewrite(r->arena, exprs[i], node_out, list);
    }
    return child;
}

bool
select_finish(struct resolver *r, struct scope *s)
{
    struct select *sel = s->select;
    if (sel == NULL) {
        return true;
    }
    if (!time_window_cut_out(r, sel)) {
        return false;
    }
    struct expr **exprs = arena_new_array(r->arena, struct expr *, sel->item_count + 1);
    for (uint32_t i = 0; i < sel->item_count; i++) {
        exprs[i] = sel->items[i].expr;
    }
    struct rel *child = sel->aggregated ? aggregate_cut_out(r, sel, exprs) : sel->from.rel;
    if (child == NULL) {
        return false;
    }
    child = nodes_cut_out(r, child, exprs, sel->item_count, EXPR_WINDOW);
    child = nodes_cut_out(r, child, exprs, sel->item_count, EXPR_GENERATOR);
    struct type_field *fields = arena_new_array(r->arena, struct type_field, sel->item_count + 1);
    for (uint32_t i = 0; i < sel->item_count; i++) {
        fields[i] = (struct type_field){.name = s->columns[i].name,
                                        .type = exprs[i]->type,
                                        .nullable = exprs[i]->nullable,
                                        .metadata = sel->items[i].metadata};
    }
    sel->project->inputs[0] = child;
    sel->project->exprs = exprs;
    sel->project->expr_count = sel->item_count;
    sel->project->schema = type_struct(r->arena, fields, sel->item_count);
    for (uint32_t i = 0; i < sel->wrapper_count; i++) {
        sel->wrappers[i]->schema = sel->project->schema;
    }
    s->select = NULL;
    return true;
}
