/* Relation messages to relation nodes: those that nearly every program uses. The others are in
 * translate_more.c. */
#include <string.h>

#include "connect/translate.h"

/* Plans that subquery expressions below may name by plan_id: the references of the WithRelations
 * messages around them. */
struct translate_scope {
    struct translate_scope *outer;
    const struct pb_with_relations *relations;
    struct rel **plans; /* translated, one a reference */
};

struct rel *
rel_node(struct translator *t, enum rel_kind kind)
{
    struct rel *r = arena_new(t->arena, struct rel);
    r->kind = kind;
    r->plan_id = -1;
    r->limit = r->offset = -1;
    r->partitions = -1;
    r->row_estimate = -1;
    return r;
}

/* A node over one input; NULL when the input failed. */
struct rel *
rel_node_over(struct translator *t, enum rel_kind kind, const struct pb_relation *input)
{
    struct rel *child = translate_rel(t, input);
    if (child == NULL) {
        return NULL;
    }
    struct rel *r = rel_node(t, kind);
    r->inputs = arena_new_array(t->arena, struct rel *, 1);
    r->inputs[0] = child;
    r->input_count = 1;
    return r;
}

struct rel *
rel_node_over_two(struct translator *t, enum rel_kind kind, const struct pb_relation *left,
                  const struct pb_relation *right)
{
    struct rel *l = translate_rel(t, left);
    struct rel *r = l != NULL ? translate_rel(t, right) : NULL;
    if (r == NULL) {
        return NULL;
    }
    struct rel *out = rel_node(t, kind);
    out->inputs = arena_new_array(t->arena, struct rel *, 2);
    out->inputs[0] = l;
    out->inputs[1] = r;
    out->input_count = 2;
    return out;
}

bool
rel_set_exprs(struct translator *t, struct rel *r, const struct pb_expression *list, uint32_t count)
{
    r->exprs = translate_exprs(t, list, count);
    r->expr_count = count;
    return r->exprs != NULL;
}

void
rel_set_columns(struct translator *t, struct rel *r, const struct pb_text *list, uint32_t count)
{
    r->column_names = translate_names(t, list, count);
    r->column_name_count = count;
}

static struct rel *
read(struct translator *t, const struct pb_read *m)
{
    struct rel *r;
    if (m->read_type_case == PB_READ_NAMED_TABLE_TAG) {
        const struct pb_read_named_table *n = m->named_table;
        r = rel_node(t, REL_TABLE);
        r->names = translate_identifier(t, n->unparsed_identifier, &r->name_count);
        r->options = translate_options(t, n->options, n->options_count);
        r->is_streaming = m->is_streaming;
        return r->names != NULL ? r : NULL;
    }
    if (m->read_type_case != PB_READ_DATA_SOURCE_TAG) {
        return translate_missing(t, "Read.read_type");
    }
    const struct pb_read_data_source *s = m->data_source;
    if (s->predicates_count > 0) {
        error_unsupported(t->err, "reading JDBC with predicates");
        return NULL;
    }
    r = rel_node(t, REL_READ);
    r->format = s->format.len > 0 ? s->format.ptr : NULL;
    r->schema_text = s->schema.len > 0 ? s->schema.ptr : NULL;
    r->paths = translate_names(t, s->paths, s->paths_count);
    r->path_count = s->paths_count;
    r->options = translate_options(t, s->options, s->options_count);
    r->is_streaming = m->is_streaming;
    return r;
}

static struct rel *
project(struct translator *t, const struct pb_project *p)
{
    /* SELECT without FROM is a projection of one row. */
    struct rel *r;
    if (p->input != NULL) {
        r = rel_node_over(t, REL_PROJECT, p->input);
    } else {
        struct rel *one = rel_node(t, REL_RANGE);
        one->end = 1;
        one->step = 1;
        one->partitions = 1;
        r = rel_node(t, REL_PROJECT);
        r->inputs = arena_new_array(t->arena, struct rel *, 1);
        r->inputs[0] = one;
        r->input_count = 1;
    }
    return r != NULL && rel_set_exprs(t, r, p->expressions, p->expressions_count) ? r : NULL;
}

static struct rel *
filter(struct translator *t, const struct pb_filter *f)
{
    struct rel *r = rel_node_over(t, REL_FILTER, f->input);
    if (r == NULL) {
        return NULL;
    }
    r->condition = translate_expr(t, f->condition);
    return r->condition != NULL ? r : NULL;
}

static bool
join_type_of(struct translator *t, int32_t message, enum join_type *out)
{
    static const enum join_type types[] = {
        [PB_JOIN_TYPE_INNER] = JOIN_INNER,     [PB_JOIN_TYPE_FULL_OUTER] = JOIN_FULL,
        [PB_JOIN_TYPE_LEFT_OUTER] = JOIN_LEFT, [PB_JOIN_TYPE_RIGHT_OUTER] = JOIN_RIGHT,
        [PB_JOIN_TYPE_LEFT_ANTI] = JOIN_ANTI,  [PB_JOIN_TYPE_LEFT_SEMI] = JOIN_SEMI,
        [PB_JOIN_TYPE_CROSS] = JOIN_CROSS,
    };
    if (message < PB_JOIN_TYPE_INNER || message > PB_JOIN_TYPE_CROSS) {
        return error_set(t->err, ERROR_ARGUMENT, "a join of unknown type %d", message);
    }
    *out = types[message];
    return true;
}

static struct rel *
join(struct translator *t, const struct pb_join *j)
{
    struct rel *r = rel_node_over_two(t, REL_JOIN, j->left, j->right);
    if (r == NULL || !join_type_of(t, j->join_type, &r->join_type)) {
        return NULL;
    }
    rel_set_columns(t, r, j->using_columns, j->using_columns_count);
    if (j->join_condition != NULL) {
        r->condition = translate_expr(t, j->join_condition);
        return r->condition != NULL ? r : NULL;
    }
    return r;
}

static struct rel *
set_operation(struct translator *t, const struct pb_set_operation *s)
{
    struct rel *r = rel_node_over_two(t, REL_SET_OP, s->left_input, s->right_input);
    if (r == NULL) {
        return NULL;
    }
    switch (s->set_op_type) {
    case PB_SET_OP_TYPE_UNION:
        r->set_op = SET_UNION;
        break;
    case PB_SET_OP_TYPE_INTERSECT:
        r->set_op = SET_INTERSECT;
        break;
    case PB_SET_OP_TYPE_EXCEPT:
        r->set_op = SET_EXCEPT;
        break;
    default:
        error_set(t->err, ERROR_ARGUMENT, "a set operation of unknown type %d", s->set_op_type);
        return NULL;
    }
    r->is_all = s->is_all;
    r->by_name = s->by_name;
    r->allow_missing = s->allow_missing_columns;
    return r;
}

static struct rel *
sort(struct translator *t, const struct pb_sort *s)
{
    struct rel *r = rel_node_over(t, REL_SORT, s->input);
    if (r == NULL) {
        return NULL;
    }
    r->is_global = !s->has_is_global || s->is_global;
    r->key_count = s->order_count;
    return translate_sort_keys(t, s->order, s->order_count, &r->keys) ? r : NULL;
}

static struct rel *
limited(struct translator *t, enum rel_kind kind, const struct pb_relation *input, int64_t limit,
        int64_t offset)
{
    struct rel *r = rel_node_over(t, kind, input);
    if (r != NULL) {
        r->limit = limit;
        r->offset = offset;
    }
    return r;
}

static bool
pivot_set(struct translator *t, struct rel *r, struct expr **values, uint32_t count)
{
    r->sets = arena_new_array(t->arena, struct expr **, 1);
    r->set_sizes = arena_new_array(t->arena, uint32_t, 1);
    r->sets[0] = values;
    r->set_sizes[0] = count;
    r->set_count = 1;
    return true;
}

/* The distinct values of the pivot column, found by a query of its own over a second translation of
 * the input, since resolution may change the nodes it is given. */
static bool
pivot_discover(struct translator *t, struct rel *r, const struct pb_aggregate *a)
{
    struct rel *project = rel_node_over(t, REL_PROJECT, a->input);
    struct expr *column = project != NULL ? translate_expr(t, a->pivot->col) : NULL;
    if (column == NULL) {
        return false;
    }
    struct expr *named = arena_new(t->arena, struct expr);
    *named = (struct expr){.kind = EXPR_ALIAS, .name = "value", .arg_count = 1};
    named->plan_id = -1;
    named->start = named->stop = -1;
    named->args = arena_new_array(t->arena, struct expr *, 1);
    named->args[0] = column;
    project->exprs = arena_new_array(t->arena, struct expr *, 1);
    project->exprs[0] = named;
    project->expr_count = 1;
    struct rel *distinct = rel_node(t, REL_DEDUP_NAMES), *sort = rel_node(t, REL_SORT);
    distinct->all_columns = true;
    sort->is_global = true;
    sort->keys = arena_new_array(t->arena, struct sort_key, 1);
    sort->key_count = 1;
    struct expr *key = arena_new(t->arena, struct expr);
    *key = (struct expr){.kind = EXPR_ATTRIBUTE, .name_count = 1, .plan_id = -1};
    key->start = key->stop = -1;
    key->names = arena_new_array(t->arena, const char *, 1);
    key->names[0] = "value";
    sort->keys[0] = (struct sort_key){.expr = key, .nulls_first = true};
    distinct->inputs = arena_new_array(t->arena, struct rel *, 1);
    distinct->inputs[0] = project;
    sort->inputs = arena_new_array(t->arena, struct rel *, 1);
    sort->inputs[0] = distinct;
    distinct->input_count = sort->input_count = 1;
    struct datum *found;
    uint32_t count;
    if (!t->face->values(t->face->ctx, t->arena, sort, PIVOT_VALUES_MAX, &found, &count, t->err)) {
        return false;
    }
    struct expr **values = arena_new_array(t->arena, struct expr *, count + 1);
    for (uint32_t i = 0; i < count; i++) {
        values[i] = arena_new(t->arena, struct expr);
        *values[i] = (struct expr){.kind = EXPR_LITERAL, .plan_id = -1};
        values[i]->start = values[i]->stop = -1;
        values[i]->literal = found[i];
        values[i]->type = found[i].type;
        values[i]->nullable = found[i].is_null;
    }
    return pivot_set(t, r, values, count);
}

static bool
pivot(struct translator *t, struct rel *r, const struct pb_aggregate *a)
{
    const struct pb_aggregate_pivot *p = a->pivot;
    if (p == NULL) {
        return translate_missing(t, "Aggregate.pivot") != NULL;
    }
    r->condition = translate_expr(t, p->col);
    if (r->condition == NULL) {
        return false;
    }
    if (p->values_count == 0) {
        return t->face->values == NULL || pivot_discover(t, r, a);
    }
    struct expr **values = arena_new_array(t->arena, struct expr *, p->values_count);
    for (uint32_t i = 0; i < p->values_count; i++) {
        struct pb_expression value = {.expr_type_case = PB_EXPRESSION_LITERAL_TAG};
        value.literal = &p->values[i];
        values[i] = translate_expr(t, &value);
        if (values[i] == NULL) {
            return false;
        }
    }
    return pivot_set(t, r, values, p->values_count);
}

static bool
grouping_sets(struct translator *t, struct rel *r, const struct pb_aggregate *a)
{
    r->set_count = a->grouping_sets_count;
    r->sets = arena_new_array(t->arena, struct expr **, r->set_count + 1);
    r->set_sizes = arena_new_array(t->arena, uint32_t, r->set_count + 1);
    for (uint32_t i = 0; i < r->set_count; i++) {
        const struct pb_aggregate_grouping_sets *s = &a->grouping_sets[i];
        r->sets[i] = translate_exprs(t, s->grouping_set, s->grouping_set_count);
        r->set_sizes[i] = s->grouping_set_count;
        if (r->sets[i] == NULL) {
            return false;
        }
    }
    return true;
}

static bool
group_kind(struct translator *t, struct rel *r, const struct pb_aggregate *a)
{
    switch (a->group_type) {
    case PB_GROUP_TYPE_GROUPBY:
        return true;
    case PB_GROUP_TYPE_ROLLUP:
    case PB_GROUP_TYPE_CUBE:
        r->kind = REL_GROUPING_SETS;
        r->group_type = a->group_type == PB_GROUP_TYPE_ROLLUP ? GROUP_ROLLUP : GROUP_CUBE;
        return true;
    case PB_GROUP_TYPE_PIVOT:
        r->kind = REL_PIVOT_AGGREGATE;
        r->group_type = GROUP_PIVOT;
        return pivot(t, r, a);
    case PB_GROUP_TYPE_GROUPING_SETS:
        r->kind = REL_GROUPING_SETS;
        r->group_type = GROUP_SETS;
        return grouping_sets(t, r, a);
    default:
        return error_set(t->err, ERROR_ARGUMENT, "an aggregate of unknown type %d", a->group_type);
    }
}

static struct rel *
aggregate(struct translator *t, const struct pb_aggregate *a)
{
    struct rel *r = rel_node_over(t, REL_AGGREGATE, a->input);
    if (r == NULL) {
        return NULL;
    }
    uint32_t groups = a->grouping_expressions_count;
    uint32_t count = groups + a->aggregate_expressions_count;
    r->exprs = arena_new_array(t->arena, struct expr *, count + 1);
    r->expr_count = count;
    r->group_count = groups;
    for (uint32_t i = 0; i < count; i++) {
        r->exprs[i] = translate_expr(t, i < groups ? &a->grouping_expressions[i]
                                                   : &a->aggregate_expressions[i - groups]);
        if (r->exprs[i] == NULL) {
            return NULL;
        }
    }
    return group_kind(t, r, a) ? r : NULL;
}

/* The arguments of a SQL text: expressions (4.x), or literals as 3.x sent them. */
static bool
sql_arguments(struct translator *t, struct rel *r, const struct pb_sql *s)
{
    uint32_t named = s->named_arguments_count > 0 ? s->named_arguments_count : s->args_count;
    uint32_t count = named > 0                    ? named
                     : s->pos_arguments_count > 0 ? s->pos_arguments_count
                                                  : s->pos_args_count;
    r->exprs = arena_new_array(t->arena, struct expr *, count + 1);
    r->expr_count = count;
    r->column_names = arena_new_array(t->arena, const char *, named + 1);
    r->column_name_count = named;
    for (uint32_t i = 0; i < count; i++) {
        struct pb_expression literal = {.expr_type_case = PB_EXPRESSION_LITERAL_TAG};
        const struct pb_expression *arg = &literal;
        if (s->named_arguments_count > 0) {
            arg = s->named_arguments[i].value;
            r->column_names[i] = pb_str(s->named_arguments[i].key);
        } else if (s->args_count > 0) {
            literal.literal = s->args[i].value;
            r->column_names[i] = pb_str(s->args[i].key);
        } else if (s->pos_arguments_count > 0) {
            arg = &s->pos_arguments[i];
        } else {
            literal.literal = &s->pos_args[i];
        }
        r->exprs[i] = translate_expr(t, arg);
        if (r->exprs[i] == NULL) {
            return false;
        }
    }
    return true;
}

static struct rel *
sql(struct translator *t, const struct pb_sql *s)
{
    struct rel *r = rel_node(t, REL_SQL);
    r->text = pb_str(s->query);
    return sql_arguments(t, r, s) ? r : NULL;
}

static struct rel *
range(struct translator *t, const struct pb_range *m)
{
    if (m->step == 0) {
        error_set(t->err, ERROR_ARGUMENT, "a range with step 0");
        return NULL;
    }
    struct rel *r = rel_node(t, REL_RANGE);
    r->start = m->has_start ? m->start : 0;
    r->end = m->end;
    r->step = m->step;
    r->partitions = m->has_num_partitions ? m->num_partitions : -1;
    return r;
}

static struct rel *
show(struct translator *t, const struct pb_show_string *s)
{
    struct rel *r = limited(t, REL_SHOW_STRING, s->input, s->num_rows, -1);
    if (r != NULL) {
        r->truncate = s->truncate;
        r->vertical = s->vertical;
    }
    return r;
}

static struct rel *
with_columns(struct translator *t, const struct pb_with_columns *w)
{
    struct rel *r = rel_node_over(t, REL_WITH_COLUMNS, w->input);
    if (r == NULL) {
        return NULL;
    }
    r->exprs = arena_new_array(t->arena, struct expr *, w->aliases_count + 1);
    r->expr_count = w->aliases_count;
    for (uint32_t i = 0; i < w->aliases_count; i++) {
        struct pb_expression alias = {.expr_type_case = PB_EXPRESSION_ALIAS_TAG};
        alias.alias = &w->aliases[i];
        r->exprs[i] = translate_expr(t, &alias);
        if (r->exprs[i] == NULL) {
            return NULL;
        }
    }
    return r;
}

static struct rel *
renamed(struct translator *t, const struct pb_with_columns_renamed *w)
{
    struct rel *r = rel_node_over(t, REL_RENAME, w->input);
    if (r == NULL) {
        return NULL;
    }
    uint32_t renames = w->renames_count > 0 ? w->renames_count : w->rename_columns_map_count;
    r->column_names = arena_new_array(t->arena, const char *, 2 * renames + 1);
    r->column_name_count = 2 * renames;
    for (uint32_t i = 0; i < renames; i++) {
        bool list = w->renames_count > 0; /* 3.x clients send the map */
        r->column_names[2 * i] =
            pb_str(list ? w->renames[i].col_name : w->rename_columns_map[i].key);
        r->column_names[2 * i + 1] =
            pb_str(list ? w->renames[i].new_col_name : w->rename_columns_map[i].value);
    }
    return r;
}

static struct rel *
deduplicate(struct translator *t, const struct pb_deduplicate *d)
{
    struct rel *r = rel_node_over(t, REL_DEDUP_NAMES, d->input);
    if (r != NULL) {
        rel_set_columns(t, r, d->column_names, d->column_names_count);
        r->all_columns = d->all_columns_as_keys;
        r->within_watermark = d->within_watermark;
    }
    return r;
}

static struct rel *
drop(struct translator *t, const struct pb_drop *d)
{
    struct rel *r = rel_node_over(t, REL_DROP, d->input);
    if (r == NULL) {
        return NULL;
    }
    rel_set_columns(t, r, d->column_names, d->column_names_count);
    return rel_set_exprs(t, r, d->columns, d->columns_count) ? r : NULL;
}

static struct rel *
with_relations(struct translator *t, const struct pb_with_relations *w)
{
    struct translate_scope scope = {.outer = t->scope, .relations = w};
    scope.plans = arena_new_array(t->arena, struct rel *, w->references_count + 1);
    for (uint32_t i = 0; i < w->references_count; i++) {
        scope.plans[i] = translate_rel(t, &w->references[i]);
        if (scope.plans[i] == NULL) {
            return NULL;
        }
    }
    t->scope = &scope;
    struct rel *root = translate_rel(t, w->root);
    t->scope = scope.outer;
    if (root == NULL) {
        return NULL;
    }
    struct rel *r = rel_node(t, REL_WITH_RELATIONS);
    r->inputs = arena_new_array(t->arena, struct rel *, w->references_count + 1);
    r->inputs[0] = root;
    memcpy(&r->inputs[1], scope.plans, w->references_count * sizeof *scope.plans);
    r->input_count = w->references_count + 1;
    return r;
}

struct expr *
translate_subquery(struct translator *t, const struct pb_subquery_expression *s)
{
    struct expr *e = arena_new(t->arena, struct expr);
    e->kind = EXPR_SUBQUERY;
    e->plan_id = s->plan_id;
    e->start = e->stop = -1;
    for (struct translate_scope *scope = t->scope; scope != NULL; scope = scope->outer) {
        for (uint32_t i = 0; i < scope->relations->references_count; i++) {
            if (scope->plans[i]->plan_id == s->plan_id) {
                e->subquery = scope->plans[i];
            }
        }
    }
    if (e->subquery == NULL) {
        error_set(t->err, ERROR_ARGUMENT, "a subquery names plan %lld, which is not in the request",
                  (long long)s->plan_id);
        return NULL;
    }
    switch (s->subquery_type) {
    case PB_SUBQUERY_TYPE_SCALAR:
        e->subquery_kind = SUBQUERY_SCALAR;
        break;
    case PB_SUBQUERY_TYPE_EXISTS:
        e->subquery_kind = SUBQUERY_EXISTS;
        break;
    case PB_SUBQUERY_TYPE_IN:
        e->subquery_kind = SUBQUERY_IN;
        break;
    default:
        error_unsupported(t->err, "table arguments of table functions");
        return NULL;
    }
    e->args = translate_exprs(t, s->in_subquery_values, s->in_subquery_values_count);
    e->arg_count = s->in_subquery_values_count;
    return e->args != NULL ? e : NULL;
}

static struct rel *
named_over(struct translator *t, enum rel_kind kind, const struct pb_relation *input,
           struct pb_text name)
{
    struct rel *r = rel_node_over(t, kind, input);
    if (r != NULL) {
        r->name = pb_str(name);
    }
    return r;
}

static struct rel *
to_df(struct translator *t, const struct pb_to_df *d)
{
    struct rel *r = rel_node_over(t, REL_TO_DF, d->input);
    if (r != NULL) {
        rel_set_columns(t, r, d->column_names, d->column_names_count);
    }
    return r;
}

static struct rel *
by_kind(struct translator *t, const struct pb_relation *m)
{
    switch (m->rel_type_case) {
    case PB_RELATION_READ_TAG:
        return read(t, m->read);
    case PB_RELATION_PROJECT_TAG:
        return project(t, m->project);
    case PB_RELATION_FILTER_TAG:
        return filter(t, m->filter);
    case PB_RELATION_JOIN_TAG:
        return join(t, m->join);
    case PB_RELATION_SET_OP_TAG:
        return set_operation(t, m->set_op);
    case PB_RELATION_SORT_TAG:
        return sort(t, m->sort);
    case PB_RELATION_LIMIT_TAG:
        return limited(t, REL_LIMIT, m->limit->input, m->limit->limit, -1);
    case PB_RELATION_OFFSET_TAG:
        return limited(t, REL_LIMIT, m->offset->input, -1, m->offset->offset);
    case PB_RELATION_TAIL_TAG:
        return limited(t, REL_TAIL, m->tail->input, m->tail->limit, -1);
    case PB_RELATION_AGGREGATE_TAG:
        return aggregate(t, m->aggregate);
    case PB_RELATION_SQL_TAG:
        return sql(t, m->sql);
    case PB_RELATION_RANGE_TAG:
        return range(t, m->range);
    case PB_RELATION_SUBQUERY_ALIAS_TAG:
        return named_over(t, REL_ALIAS, m->subquery_alias->input, m->subquery_alias->alias);
    case PB_RELATION_TO_DF_TAG:
        return to_df(t, m->to_df);
    case PB_RELATION_WITH_COLUMNS_RENAMED_TAG:
        return renamed(t, m->with_columns_renamed);
    case PB_RELATION_SHOW_STRING_TAG:
        return show(t, m->show_string);
    case PB_RELATION_DROP_TAG:
        return drop(t, m->drop);
    case PB_RELATION_WITH_COLUMNS_TAG:
        return with_columns(t, m->with_columns);
    case PB_RELATION_DEDUPLICATE_TAG:
        return deduplicate(t, m->deduplicate);
    case PB_RELATION_WITH_RELATIONS_TAG:
        return with_relations(t, m->with_relations);
    case PB_RELATION_CATALOG_TAG:
        return translate_catalog(t, m->catalog);
    case PB_RELATION_LOCAL_RELATION_TAG:
    case PB_RELATION_CACHED_LOCAL_RELATION_TAG:
    case PB_RELATION_CHUNKED_CACHED_LOCAL_RELATION_TAG:
    case PB_RELATION_CACHED_REMOTE_RELATION_TAG:
        return translate_local(t, m);
    case 0:
        return translate_missing(t, "Relation.rel_type");
    default:
        return translate_rel_more(t, m);
    }
}

struct rel *
translate_rel(struct translator *t, const struct pb_relation *m)
{
    if (m == NULL) {
        return translate_missing(t, "Relation.rel_type");
    }
    struct rel *r = by_kind(t, m);
    if (r != NULL && m->common != NULL && m->common->has_plan_id) {
        r->plan_id = m->common->plan_id;
    }
    return r;
}
