/*
 * SELECT lists, aggregates, filters and sorts: the operators whose expressions may reach through an
 * open SELECT to what stands below it.
 */
#include <regex.h>
#include <string.h>

#include "plan/resolver.h"

/* Stars. */

struct expr_list {
    struct arena *arena;
    struct expr **items;
    uint32_t count;
    uint32_t capacity;
};

static void
list_add(struct expr_list *list, struct expr *e)
{
    if (list->count == list->capacity) {
        const uint32_t capacity = list->capacity > 0 ? list->capacity * 2 : 16;
        struct expr **more = arena_new_array(list->arena, struct expr *, capacity);
        if (list->count > 0) {
            memcpy(more, list->items, sizeof *more * list->count);
        }
        list->items = more;
        list->capacity = capacity;
    }
    list->items[list->count++] = e;
}

static struct expr *
star_column(struct lookup *l, uint32_t i)
{
    return l->over != NULL ? l->over->items[i].expr : scope_column(l->r, l->input, i);
}

static bool
is_excepted(struct lookup *l, const struct expr *star, const char *name)
{
    for (uint32_t i = 0; i < star->arg_count; i++) {
        const struct expr *x = star->args[i];
        if (x->kind == EXPR_ATTRIBUTE && x->name_count > 0 &&
            name_equal(l->r, x->names[x->name_count - 1], name)) {
            return true;
        }
    }
    return false;
}

/* s.*: the fields of a struct column. */
static bool
expand_struct(struct lookup *l, struct expr *star, struct expr_list *out)
{
    struct resolver *r = l->r;
    struct expr *base = expr_new(r->arena, EXPR_ATTRIBUTE);
    base->names = star->names;
    base->name_count = star->name_count;
    struct expr *e = resolve_expr(l, base);
    if (e == NULL || e->type->id != TYPE_STRUCT) {
        error_clear(r->err);
        error_raise(r->err, "CANNOT_RESOLVE_STAR_EXPAND", "targetString",
                    names_quoted(r->arena, star->names, star->name_count), "columns", "", NULL);
        return resolve_failed_at(r, star);
    }
    for (uint32_t i = 0; i < e->type->field_count; i++) {
        if (!is_excepted(l, star, e->type->fields[i].name)) {
            list_add(out, get_field(r, e, i));
        }
    }
    return true;
}

/* df["*"]: the columns of the plan with that number, where they arrive. */
static bool
expand_plan_star(struct lookup *l, struct expr *star, struct expr_list *out)
{
    const struct plan_id_scope *p = l->r->plan_ids;
    while (p != NULL && p->plan_id != star->plan_id) {
        p = p->next;
    }
    for (uint32_t i = 0; p != NULL && i < p->count; i++) {
        for (uint32_t k = 0; k < l->input->count; k++) {
            if (!p->columns[i].hidden && l->input->columns[k].id == p->columns[i].id) {
                list_add(out, star_column(l, k));
                break;
            }
        }
    }
    return p != NULL;
}

static bool
qualifier_ends_with(const struct resolver *r, const struct column_ref *c, const struct expr *star)
{
    if (star->name_count > c->qualifier_count) {
        return false;
    }
    for (uint32_t i = 0; i < star->name_count; i++) {
        const char *q = c->qualifier[c->qualifier_count - star->name_count + i];
        if (!name_equal(r, q, star->names[i])) {
            return false;
        }
    }
    return true;
}

static bool
expand_star(struct lookup *l, struct expr *star, struct expr_list *out)
{
    if (l->input == NULL) {
        return true;
    }
    if (star->plan_id >= 0 && star->name_count == 0 && expand_plan_star(l, star, out)) {
        return true;
    }
    bool any = false;
    for (uint32_t i = 0; i < l->input->count; i++) {
        const struct column_ref *c = &l->input->columns[i];
        if (star->name_count == 0 ? c->hidden : !qualifier_ends_with(l->r, c, star)) {
            continue;
        }
        any = true;
        if (!is_excepted(l, star, c->name)) {
            list_add(out, star_column(l, i));
        }
    }
    return any || star->name_count == 0 || expand_struct(l, star, out);
}

static bool
expand_regex(struct lookup *l, const struct expr *u, struct expr_list *out)
{
    const char *pattern = u->name;
    const size_t len = strlen(pattern);
    if (len >= 2 && pattern[0] == '`' && pattern[len - 1] == '`') {
        pattern = arena_strndup(l->r->arena, pattern + 1, len - 2);
    }
    regex_t regex;
    const int flags =
        REG_EXTENDED | REG_NOSUB | (l->r->ctx->session->case_sensitive ? 0 : REG_ICASE);
    if (regcomp(&regex, arena_printf(l->r->arena, "^(%s)$", pattern), flags) != 0) {
        return error_unsupported(l->r->err, "the column pattern %s", pattern);
    }
    for (uint32_t i = 0; l->input != NULL && i < l->input->count; i++) {
        const struct column_ref *c = &l->input->columns[i];
        if (!c->hidden && regexec(&regex, c->name, 0, NULL, 0) == 0) {
            list_add(out, star_column(l, i));
        }
    }
    regfree(&regex);
    return true;
}

bool
expand_stars(struct lookup *l, struct expr **exprs, uint32_t count, struct expr ***out,
             uint32_t *out_count)
{
    struct expr_list list = {.arena = l->r->arena};
    for (uint32_t i = 0; i < count; i++) {
        struct expr *u = exprs[i];
        if (u->kind == EXPR_STRING) {
            u = parse_expr_string(l->r, u);
            if (u == NULL) {
                return false;
            }
        }
        if (u->kind == EXPR_STAR) {
            if (!expand_star(l, u, &list)) {
                return false;
            }
        } else if (u->kind == EXPR_REGEX) {
            if (!expand_regex(l, u, &list)) {
                return false;
            }
        } else {
            list_add(&list, u);
        }
    }
    *out = list.items;
    *out_count = list.count;
    return true;
}

/* Items. */

static const char *
item_name(struct lookup *l, const struct expr *u, const struct expr *e)
{
    if (u->kind == EXPR_ATTRIBUTE) {
        return u->names[u->name_count - 1];
    }
    if (u->kind == EXPR_GET_FIELD) {
        return u->name;
    }
    if (time_window_name(u) != NULL) {
        return time_window_name(u);
    }
    if (u->kind == EXPR_CAST && u->args[0]->kind == EXPR_ATTRIBUTE) {
        return u->args[0]->names[u->args[0]->name_count - 1];
    }
    if (u->kind == EXPR_CALL && e->kind == EXPR_CAST && u->arg_count == 1 &&
        u->args[0]->kind == EXPR_ATTRIBUTE && func_find(u->name) == NULL) {
        return u->args[0]->names[u->args[0]->name_count - 1]; /* int(a) */
    }
    return expr_name(l->r, u);
}

/* A generator gives one item a column it makes. */
static bool
add_generator(struct lookup *l, struct scope *out, const struct expr *u, struct expr *e)
{
    struct resolver *r = l->r;
    const uint32_t n = e->type->field_count;
    const char *const *names = u->kind == EXPR_ALIAS ? u->names : NULL;
    uint32_t name_count = names != NULL ? u->name_count : 0;
    if (u->kind == EXPR_ALIAS && u->name != NULL && name_count == 0) {
        names = &u->name;
        name_count = 1;
    }
    if (name_count > 0 && name_count != n) {
        const char *all = "";
        for (uint32_t i = 0; i < name_count; i++) {
            all = arena_printf(r->arena, "%s%s%s", all, i > 0 ? "," : "", names[i]);
        }
        error_raise(r->err, "UDTF_ALIAS_NUMBER_MISMATCH", "aliasesSize",
                    arena_printf(r->arena, "%u", n), "aliasesNames", all, NULL);
        return resolve_failed_at(r, u);
    }
    for (uint32_t i = 0; i < n; i++) {
        const char *name = name_count > 0 ? names[i] : e->type->fields[i].name;
        struct expr *item = get_field(r, e, i);
        item->nullable = e->outer || e->type->fields[i].nullable;
        struct column_ref c = {.name = name, .id = ++r->next_id};
        select_add(r, l->items, out, item, c, name_count > 0, NULL);
    }
    return true;
}

bool
select_items(struct lookup *l, struct scope *out, struct expr **exprs, uint32_t count)
{
    struct expr **expanded = NULL;
    uint32_t n = 0;
    if (!expand_stars(l, exprs, count, &expanded, &n)) {
        return false;
    }
    for (uint32_t i = 0; i < n; i++) {
        struct expr *u = expanded[i];
        struct expr *e = resolve_expr(l, u);
        if (e == NULL) {
            return false;
        }
        if (e->kind == EXPR_GENERATOR) {
            if (!add_generator(l, out, u, e)) {
                return false;
            }
            continue;
        }
        const bool aliased = u->kind == EXPR_ALIAS;
        if (aliased && u->name == NULL && u->name_count > 1) {
            error_raise(l->r->err, "MULTI_ALIAS_WITHOUT_GENERATOR", "expr",
                        expr_sql(l->r->arena, u->args[0]), "names", "", NULL);
            return resolve_failed_at(l->r, u);
        }
        const char *name = aliased ? (u->name != NULL ? u->name : u->names[0]) : item_name(l, u, e);
        struct column_ref c = select_column(l->r, &l->items->from, e, name);
        const char *metadata = aliased ? u->metadata : NULL;
        if (aliased) {
            c.id = e->kind == EXPR_COLUMN ? ++l->r->next_id : c.id;
            c.qualifier_count = 0;
        } else if (e->kind == EXPR_COLUMN) {
            metadata = scope_field(&l->items->from, e->column)->metadata;
        } else if (e->kind == EXPR_CALL && strcmp(e->name, "window") == 0) {
            metadata = "{\"spark.timeWindow\":true}";
        }
        select_add(l->r, l->items, out, e, c, aliased, metadata);
    }
    return true;
}

/* Is there an aggregate that is not itself a window function? */
static bool
find_aggregate(const struct expr *e, bool *found)
{
    if (*found || e->kind == EXPR_AGG) {
        *found = true;
        return true;
    }
    const struct expr *over = e->kind == EXPR_WINDOW ? e->args[0] : e;
    for (uint32_t i = 0; i < over->arg_count; i++) {
        find_aggregate(over->args[i], found);
    }
    if (over->filter != NULL) {
        find_aggregate(over->filter, found);
    }
    for (uint32_t i = 0; e->kind == EXPR_WINDOW && i < e->window->partition_count; i++) {
        find_aggregate(e->window->partition[i], found);
    }
    for (uint32_t i = 0; e->kind == EXPR_WINDOW && i < e->window->order_count; i++) {
        find_aggregate(e->window->order[i].expr, found);
    }
    return *found;
}

bool
has_aggregate(const struct expr *e)
{
    bool found = false;
    return find_aggregate(e, &found);
}

bool
resolve_project(struct resolver *r, struct rel *u, struct scope *out)
{
    struct scope from;
    if (u->input_count == 0) {
        scope_from_schema(r, &from, rel_one_row(r));
    } else if (!resolve_rel(r, u->inputs[0], &from)) {
        return false;
    }
    struct select *s = select_new(r, &from);
    struct lookup l = {.r = r, .input = &s->from, .items = s, .outer = r->outer};
    s->outer = r->outer;
    scope_init(out, s->project);
    if (!select_items(&l, out, u->exprs, u->expr_count)) {
        return false;
    }
    for (uint32_t i = 0; i < s->item_count && !s->aggregated; i++) {
        s->aggregated = has_aggregate(s->items[i].expr);
    }
    out->select = s;
    return true;
}

/* GROUP BY. */

/* GROUP BY 2: the second item. */
static struct expr *
group_by_position(struct lookup *l, const struct expr *u)
{
    struct resolver *r = l->r;
    const int64_t position = u->literal.i;
    if (position < 1 || position > l->items->item_count) {
        error_raise(r->err, "GROUP_BY_POS_OUT_OF_RANGE", "index",
                    arena_printf(r->arena, "%lld", (long long)position), "size",
                    arena_printf(r->arena, "%u", l->items->item_count), NULL);
        resolve_failed_at(r, u);
        return NULL;
    }
    struct expr *e = l->items->items[position - 1].expr;
    if (has_aggregate(e)) {
        error_raise(r->err, "GROUP_BY_POS_AGGREGATE", "index",
                    arena_printf(r->arena, "%lld", (long long)position), "aggExpr", expr_name(r, e),
                    NULL);
        resolve_failed_at(r, u);
        return NULL;
    }
    return e;
}

static struct expr *
resolve_group(struct lookup *l, struct expr *u, bool is_sql)
{
    if (is_sql && u->kind == EXPR_LITERAL && !u->literal.is_null &&
        u->literal.type->id == TYPE_INT) {
        return group_by_position(l, u);
    }
    struct expr *e = resolve_expr(l, u);
    if (e != NULL && has_aggregate(e)) { /* an alias of an aggregate */
        error_raise(l->r->err, "GROUP_BY_AGGREGATE", "sqlExpr", expr_name(l->r, u), NULL);
        resolve_failed_at(l->r, u);
        return NULL;
    }
    return e;
}

/* GROUP BY ALL: every item without aggregates. */
static void
group_by_all(struct resolver *r, struct select *s)
{
    s->groups = arena_new_array(r->arena, struct expr *, s->item_count + 1);
    for (uint32_t i = 0; i < s->item_count; i++) {
        struct expr *e = s->items[i].expr;
        if (!has_aggregate(e) && e->kind != EXPR_LITERAL) {
            s->groups[s->group_count++] = e;
        }
    }
}

/* |> AGGREGATE ... GROUP BY 2: the second column of the input. */
static bool
input_positions(struct lookup *l, struct expr **exprs, uint32_t count)
{
    struct resolver *r = l->r;
    for (uint32_t k = 0; k < count && r->sql_text != NULL; k++) {
        const struct expr *u = exprs[k];
        if (u->kind != EXPR_LITERAL || u->literal.is_null || u->literal.type->id != TYPE_INT) {
            continue;
        }
        if (u->literal.i < 1 || u->literal.i > l->input->count) {
            error_raise(r->err, "GROUP_BY_POS_OUT_OF_RANGE", "index",
                        arena_printf(r->arena, "%lld", (long long)u->literal.i), "size",
                        arena_printf(r->arena, "%u", l->input->count), NULL);
            return resolve_failed_at(r, u);
        }
        exprs[k] = scope_column(r, l->input, (uint32_t)u->literal.i - 1);
    }
    return true;
}

/* Groups and items of an aggregate (GROUPING_SETS too) into the select at l->items. */
bool
resolve_groups(struct lookup *l, struct rel *u, struct scope *out)
{
    struct resolver *r = l->r;
    struct select *s = l->items;
    const uint32_t n = u->group_count;
    s->aggregated = true;
    s->groups = arena_new_array(r->arena, struct expr *, n + 1);
    l->in_group = true;
    if (!u->output_is_list) {
        /* A DataFrame's groups are the first columns of its output. */
        l->no_aggregates_in = "group";
        if (!input_positions(l, u->exprs, n) || !select_items(l, out, u->exprs, n)) {
            return false;
        }
        l->no_aggregates_in = NULL;
        s->groups = arena_new_array(r->arena, struct expr *, s->item_count + 1);
        for (uint32_t i = 0; i < s->item_count; i++) {
            s->groups[s->group_count++] = s->items[i].expr;
        }
        /* Aliases of groups are no lateral aliases of the aggregates. */
        return select_items(l, out, u->exprs + n, u->expr_count - n);
    }
    for (uint32_t i = 0; i < n; i++) {
        if (time_window_name(u->exprs[i]) != NULL) {
            l->time_window = resolve_expr(l, u->exprs[i]);
            if (l->time_window == NULL) {
                return false;
            }
        }
    }
    if (!select_items(l, out, u->exprs + n, u->expr_count - n)) {
        return false;
    }
    if (u->is_all) {
        group_by_all(r, s);
        return true;
    }
    struct lookup groups = *l;
    groups.no_aggregates_in = "group";
    struct expr **expanded = NULL;
    uint32_t count = 0;
    if (!expand_stars(&groups, u->exprs, n, &expanded, &count)) {
        return false;
    }
    s->groups = arena_new_array(r->arena, struct expr *, count + 1);
    for (uint32_t i = 0; i < count; i++) {
        s->groups[i] = resolve_group(&groups, expanded[i], true);
        if (s->groups[i] == NULL) {
            return false;
        }
        s->group_count++;
    }
    return true;
}

bool
resolve_aggregate(struct resolver *r, struct rel *u, struct scope *out)
{
    struct scope from;
    if (u->input_count == 0) {
        scope_from_schema(r, &from, rel_one_row(r));
    } else if (!resolve_rel(r, u->inputs[0], &from)) {
        return false;
    }
    struct select *s = select_new(r, &from);
    struct lookup l = {.r = r, .input = &s->from, .items = s, .outer = r->outer};
    s->outer = r->outer;
    scope_init(out, s->project);
    if (!resolve_groups(&l, u, out)) {
        return false;
    }
    out->select = s;
    return true;
}

/* Filters and sorts. */

static struct lookup
lookup_over(struct resolver *r, const struct scope *s)
{
    return (struct lookup){
        .r = r,
        .input = s,
        .over = s->select,
        .outer = r->outer,
        .in_group = s->select != NULL && s->select->aggregated,
    };
}

/* Puts a filter or sort on top; an open SELECT stays open. */
static bool
wrap(struct resolver *r, struct scope *s, struct rel *rel)
{
    rel->inputs[0] = s->rel;
    struct select *sel = s->select;
    s->rel = rel;
    if (sel == NULL) {
        rel->schema = rel->inputs[0]->schema;
        return true;
    }
    if (sel->wrapper_count == WRAPPERS_MAX) {
        s->rel = rel->inputs[0];
        if (!select_finish(r, s)) {
            return false;
        }
        s->rel = rel;
        rel->schema = sel->project->schema;
        return true;
    }
    sel->wrappers[sel->wrapper_count++] = rel;
    return true;
}

bool
resolve_filter(struct resolver *r, struct rel *u, struct scope *out)
{
    /* A DataFrame's filter may reach below its SELECT, SQL's only as HAVING and QUALIFY. */
    const bool reaches = u->having || r->sql_text == NULL;
    if (!(reaches ? resolve_open : resolve_rel)(r, u->inputs[0], out)) {
        return false;
    }
    struct lookup l = lookup_over(r, out);
    if (!u->having) {
        l.no_aggregates_in = "where";
    }
    struct expr *e = resolve_condition(&l, u->condition, "filter");
    if (e == NULL) {
        return false;
    }
    if (out->select != NULL) {
        out->select->aggregated |= u->having && has_aggregate(e);
        e = select_output(r, out, e);
    }
    struct rel *f = rel_new(r->arena, REL_FILTER, 1, NULL);
    f->condition = e;
    return wrap(r, out, f);
}

static struct expr *
sort_by_position(struct resolver *r, const struct scope *s, const struct expr *u)
{
    const int64_t position = u->literal.i;
    int64_t at = 0;
    for (uint32_t i = 0; i < s->count; i++) {
        if (s->columns[i].hidden || ++at != position) {
            continue;
        }
        return s->select != NULL ? expr_column(r->arena, i, s->select->items[i].expr->type,
                                               s->select->items[i].expr->nullable)
                                 : scope_column(r, s, i);
    }
    error_raise(r->err, "ORDER_BY_POS_OUT_OF_RANGE", "index",
                arena_printf(r->arena, "%lld", (long long)position), "size",
                arena_printf(r->arena, "%u", scope_visible_count(s)), NULL);
    resolve_failed_at(r, u);
    return NULL;
}

static struct expr *
resolve_sort_key(struct lookup *l, struct scope *s, struct expr *u)
{
    struct resolver *r = l->r;
    if (u->kind == EXPR_LITERAL && !u->literal.is_null && u->literal.type->id == TYPE_INT) {
        return sort_by_position(r, s, u);
    }
    struct expr *e = resolve_expr(l, u);
    if (e == NULL) {
        return NULL;
    }
    if (!type_is_orderable(e->type)) {
        error_raise(r->err, "DATATYPE_MISMATCH.INVALID_ORDERING_TYPE", "sqlExpr",
                    arena_printf(r->arena, "\"%s ASC NULLS FIRST\"", expr_name(r, u)),
                    "functionName", "`sortorder`", "dataType", type_sql_quoted(r->arena, e->type),
                    NULL);
        resolve_failed_at(r, u);
        return NULL;
    }
    if (s->select != NULL) {
        s->select->aggregated |= has_aggregate(e);
        return select_output(r, s, e);
    }
    return e;
}

/* ORDER BY ALL: every output column, in order, in the one direction given. */
static void
sort_by_all(struct resolver *r, const struct scope *s, const struct rel *u, struct rel *sort)
{
    const struct sort_key how =
        u->key_count > 0 ? u->keys[0] : (struct sort_key){.nulls_first = true};
    sort->keys = arena_new_array(r->arena, struct sort_key, s->count + 1);
    for (uint32_t i = 0; i < s->count; i++) {
        if (s->columns[i].hidden) {
            continue;
        }
        struct sort_key *key = &sort->keys[sort->key_count++];
        *key = how;
        const struct expr *item = s->select != NULL ? s->select->items[i].expr : NULL;
        key->expr = item != NULL ? expr_column(r->arena, i, item->type, item->nullable)
                                 : scope_column(r, s, i);
    }
}

bool
resolve_sort(struct resolver *r, struct rel *u, struct scope *out)
{
    if (!resolve_open(r, u->inputs[0], out)) {
        return false;
    }
    struct rel *sort = rel_new(r->arena, REL_SORT, 1, NULL);
    sort->is_global = u->is_global;
    if (u->is_all) {
        sort_by_all(r, out, u, sort);
        return wrap(r, out, sort);
    }
    sort->keys = arena_new_array(r->arena, struct sort_key, u->key_count + 1);
    for (uint32_t i = 0; i < u->key_count; i++) {
        struct lookup l = lookup_over(r, out);
        sort->keys[i] = u->keys[i];
        sort->keys[i].expr = resolve_sort_key(&l, out, u->keys[i].expr);
        if (sort->keys[i].expr == NULL) {
            return false;
        }
        sort->key_count++;
    }
    return wrap(r, out, sort);
}

bool
resolve_lateral_view(struct resolver *r, struct rel *u, struct scope *out)
{
    struct scope from;
    if (!resolve_rel(r, u->inputs[0], &from)) {
        return false;
    }
    struct lookup l = {.r = r, .input = &from, .outer = r->outer, .no_aggregates_in = "where"};
    struct expr *e = resolve_expr(&l, u->exprs[0]);
    if (e == NULL) {
        return false;
    }
    if (e->kind != EXPR_GENERATOR) {
        error_raise(r->err, "UNSUPPORTED_GENERATOR.NOT_GENERATOR", "functionName",
                    expr_sql(r->arena, u->exprs[0]), "classCanonicalName", "", NULL);
        return resolve_failed_at(r, u->exprs[0]);
    }
    e->outer |= u->outer;
    const uint32_t n = e->type->field_count;
    if (u->column_name_count > 0 && u->column_name_count != n) {
        error_raise(r->err, "UDTF_ALIAS_NUMBER_MISMATCH", "aliasesSize",
                    arena_printf(r->arena, "%u", n), "aliasesNames",
                    names_dotted(r->arena, u->column_names, u->column_name_count), NULL);
        return false;
    }
    struct rel *rel = rel_new(r->arena, REL_GENERATE, 1, from.rel);
    rel->exprs = arena_new_array(r->arena, struct expr *, 1);
    rel->exprs[0] = e;
    rel->expr_count = 1;
    rel->outer = e->outer;
    rel->schema = schema_join(r->arena, from.rel->schema, false, e->type, e->outer);
    scope_init(out, rel);
    for (uint32_t i = 0; i < from.count; i++) {
        scope_push(r, out, from.columns[i]);
    }
    const char **qualifier = arena_new_array(r->arena, const char *, 1);
    qualifier[0] = u->name;
    for (uint32_t i = 0; i < n; i++) {
        scope_push(
            r, out,
            (struct column_ref){
                .name = u->column_name_count > 0 ? u->column_names[i] : e->type->fields[i].name,
                .qualifier = qualifier,
                .qualifier_count = u->name != NULL ? 1 : 0,
                .id = ++r->next_id,
            });
    }
    return true;
}
