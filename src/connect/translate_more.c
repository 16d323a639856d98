/* Relation messages that fewer programs use: missing values, statistics, Python functions over
 * whole partitions and groups, table functions. */
#include <string.h>

#include "connect/translate.h"

static struct expr *
literal_expr(struct translator *t, const struct pb_expression_literal *l)
{
    struct pb_expression literal = {.expr_type_case = PB_EXPRESSION_LITERAL_TAG};
    literal.literal = (struct pb_expression_literal *)l;
    return translate_expr(t, &literal);
}

static struct expr *
double_expr(struct translator *t, double value)
{
    struct pb_expression_literal l = {.literal_type_case = PB_EXPRESSION_LITERAL_DOUBLE_TAG};
    l.double_ = value;
    return literal_expr(t, &l);
}

static struct rel *
sample(struct translator *t, const struct pb_sample *s)
{
    struct rel *r = rel_node_over(t, REL_SAMPLE, s->input);
    if (r != NULL) {
        r->lower = s->lower_bound;
        r->upper = s->upper_bound;
        r->with_replacement = s->with_replacement;
        r->seed = s->has_seed ? s->seed : (int64_t)t->face->random;
        r->is_global = s->deterministic_order;
    }
    return r;
}

static struct rel *
repartition(struct translator *t, const struct pb_relation *input, int32_t partitions, bool shuffle,
            const struct pb_expression *exprs, uint32_t count)
{
    if (partitions < -1 || partitions == 0) {
        error_set(t->err, ERROR_ARGUMENT, "Number of partitions (%d) must be positive.",
                  partitions);
        return NULL;
    }
    struct rel *r = rel_node_over(t, REL_REPARTITION, input);
    if (r == NULL) {
        return NULL;
    }
    r->partitions = partitions;
    r->is_all = shuffle;
    return rel_set_exprs(t, r, exprs, count) ? r : NULL;
}

static struct rel *
hint(struct translator *t, const struct pb_hint *h)
{
    struct rel *r = rel_node_over(t, REL_HINT, h->input);
    if (r == NULL) {
        return NULL;
    }
    r->name = pb_str(h->name);
    return rel_set_exprs(t, r, h->parameters, h->parameters_count) ? r : NULL;
}

static struct rel *
unpivot(struct translator *t, const struct pb_unpivot *u)
{
    struct rel *r = rel_node_over(t, REL_UNPIVOT, u->input);
    if (r == NULL) {
        return NULL;
    }
    uint32_t values = u->values != NULL ? u->values->values_count : 0;
    r->exprs = arena_new_array(t->arena, struct expr *, u->ids_count + values + 1);
    r->expr_count = u->ids_count + values;
    r->group_count = u->ids_count;
    r->all_columns = u->values == NULL;
    for (uint32_t i = 0; i < r->expr_count; i++) {
        r->exprs[i] =
            translate_expr(t, i < u->ids_count ? &u->ids[i] : &u->values->values[i - u->ids_count]);
        if (r->exprs[i] == NULL) {
            return NULL;
        }
    }
    const struct pb_text names[] = {u->variable_column_name, u->value_column_name};
    rel_set_columns(t, r, names, 2);
    return r;
}

static struct rel *
to_schema(struct translator *t, const struct pb_to_schema *s)
{
    struct rel *r = rel_node_over(t, REL_TO_SCHEMA, s->input);
    if (r == NULL) {
        return NULL;
    }
    r->schema = translate_type(t, s->schema);
    if (r->schema != NULL && r->schema->id != TYPE_STRUCT) {
        error_set(t->err, ERROR_ARGUMENT, "DataFrame.to() needs a struct type");
        return NULL;
    }
    return r->schema != NULL ? r : NULL;
}

static struct rel *
na_fill(struct translator *t, const struct pb_na_fill *f)
{
    struct rel *r = rel_node_over(t, REL_NA_FILL, f->input);
    if (r == NULL) {
        return NULL;
    }
    rel_set_columns(t, r, f->cols, f->cols_count);
    if (f->values_count == 0 || (f->values_count > 1 && f->values_count != f->cols_count)) {
        error_set(t->err, ERROR_ARGUMENT, "fillna with %u values for %u columns", f->values_count,
                  f->cols_count);
        return NULL;
    }
    r->exprs = arena_new_array(t->arena, struct expr *, f->values_count);
    r->expr_count = f->values_count;
    for (uint32_t i = 0; i < f->values_count; i++) {
        r->exprs[i] = literal_expr(t, &f->values[i]);
        if (r->exprs[i] == NULL) {
            return NULL;
        }
    }
    return r;
}

static struct rel *
na_replace(struct translator *t, const struct pb_na_replace *p)
{
    struct rel *r = rel_node_over(t, REL_NA_REPLACE, p->input);
    if (r == NULL) {
        return NULL;
    }
    rel_set_columns(t, r, p->cols, p->cols_count);
    r->exprs = arena_new_array(t->arena, struct expr *, 2 * p->replacements_count + 1);
    r->expr_count = 2 * p->replacements_count;
    for (uint32_t i = 0; i < p->replacements_count; i++) {
        r->exprs[2 * i] = literal_expr(t, p->replacements[i].old_value);
        r->exprs[2 * i + 1] =
            r->exprs[2 * i] != NULL ? literal_expr(t, p->replacements[i].new_value) : NULL;
        if (r->exprs[2 * i + 1] == NULL) {
            return NULL;
        }
    }
    return r;
}

/* Statistics of columns that are given by name. */
static struct rel *
statistic(struct translator *t, enum rel_kind kind, const struct pb_relation *input,
          const struct pb_text *columns, uint32_t count)
{
    struct rel *r = rel_node_over(t, kind, input);
    if (r != NULL) {
        rel_set_columns(t, r, columns, count);
    }
    return r;
}

static struct rel *
correlation(struct translator *t, const struct pb_stat_corr *c)
{
    const struct pb_text columns[] = {c->col1, c->col2};
    struct rel *r = statistic(t, REL_CORR, c->input, columns, 2);
    if (r != NULL) {
        r->text = c->method.len > 0 ? c->method.ptr : "pearson";
    }
    return r;
}

static struct rel *
approx_quantile(struct translator *t, const struct pb_stat_approx_quantile *q)
{
    struct rel *r = statistic(t, REL_APPROX_QUANTILE, q->input, q->cols, q->cols_count);
    if (r == NULL) {
        return NULL;
    }
    r->lower = q->relative_error;
    r->exprs = arena_new_array(t->arena, struct expr *, q->probabilities_count + 1);
    r->expr_count = q->probabilities_count;
    for (uint32_t i = 0; i < q->probabilities_count; i++) {
        r->exprs[i] = double_expr(t, q->probabilities[i]);
    }
    return r;
}

static struct rel *
sample_by(struct translator *t, const struct pb_stat_sample_by *s)
{
    struct rel *r = rel_node_over(t, REL_SAMPLE_BY, s->input);
    if (r == NULL) {
        return NULL;
    }
    r->seed = s->has_seed ? s->seed : (int64_t)t->face->random;
    r->expr_count = 1 + 2 * s->fractions_count;
    r->exprs = arena_new_array(t->arena, struct expr *, r->expr_count);
    r->exprs[0] = translate_expr(t, s->col);
    for (uint32_t i = 0; r->exprs[0] != NULL && i < s->fractions_count; i++) {
        r->exprs[1 + 2 * i] = literal_expr(t, s->fractions[i].stratum);
        r->exprs[2 + 2 * i] = double_expr(t, s->fractions[i].fraction);
        if (r->exprs[1 + 2 * i] == NULL) {
            return NULL;
        }
    }
    return r->exprs[0] != NULL ? r : NULL;
}

static struct rel *
map_partitions(struct translator *t, const struct pb_map_partitions *m)
{
    struct rel *r = rel_node_over(t, REL_MAP_UDF, m->input);
    if (r == NULL) {
        return NULL;
    }
    if (m->is_barrier) {
        error_unsupported(t->err, "barrier execution");
        return NULL;
    }
    r->udf = translate_udf(t, m->func);
    return r->udf != NULL ? r : NULL;
}

static struct rel *
group_map(struct translator *t, const struct pb_group_map *m)
{
    if (m->transform_with_state_info != NULL || m->is_map_groups_with_state ||
        m->initial_input != NULL) {
        error_unsupported(t->err, "transformWithState and mapGroupsWithState");
        return NULL;
    }
    struct rel *r = rel_node_over(t, REL_MAP_UDF, m->input);
    if (r == NULL || !rel_set_exprs(t, r, m->grouping_expressions, m->grouping_expressions_count)) {
        return NULL;
    }
    r->group_count = r->expr_count;
    r->udf = translate_udf(t, m->func);
    return r->udf != NULL ? r : NULL;
}

static struct rel *
co_group_map(struct translator *t, const struct pb_co_group_map *m)
{
    struct rel *r = rel_node_over_two(t, REL_MAP_UDF, m->input, m->other);
    if (r == NULL) {
        return NULL;
    }
    uint32_t first = m->input_grouping_expressions_count;
    r->expr_count = first + m->other_grouping_expressions_count;
    r->exprs = arena_new_array(t->arena, struct expr *, r->expr_count + 1);
    r->group_count = first;
    for (uint32_t i = 0; i < r->expr_count; i++) {
        r->exprs[i] = translate_expr(t, i < first ? &m->input_grouping_expressions[i]
                                                  : &m->other_grouping_expressions[i - first]);
        if (r->exprs[i] == NULL) {
            return NULL;
        }
    }
    r->udf = translate_udf(t, m->func);
    return r->udf != NULL ? r : NULL;
}

static struct rel *
table_function(struct translator *t, const struct pb_unresolved_table_valued_function *f)
{
    struct rel *r = rel_node(t, REL_TVF);
    r->name = pb_str(f->function_name);
    return rel_set_exprs(t, r, f->arguments, f->arguments_count) ? r : NULL;
}

static struct rel *
lateral_join(struct translator *t, const struct pb_lateral_join *j)
{
    struct rel *r = rel_node_over_two(t, REL_LATERAL_JOIN, j->left, j->right);
    if (r == NULL) {
        return NULL;
    }
    switch (j->join_type) {
    case PB_JOIN_TYPE_INNER:
        r->join_type = JOIN_INNER;
        break;
    case PB_JOIN_TYPE_LEFT_OUTER:
        r->join_type = JOIN_LEFT;
        break;
    case PB_JOIN_TYPE_CROSS:
        r->join_type = JOIN_CROSS;
        break;
    default:
        error_unsupported(t->err, "a lateral join of type %d", j->join_type);
        return NULL;
    }
    if (j->join_condition != NULL) {
        r->condition = translate_expr(t, j->join_condition);
        return r->condition != NULL ? r : NULL;
    }
    return r;
}

static struct rel *
watermark(struct translator *t, const struct pb_with_watermark *w)
{
    struct rel *r = rel_node_over(t, REL_EVENT_WATERMARK, w->input);
    if (r != NULL) {
        r->name = pb_str(w->event_time);
        r->text = pb_str(w->delay_threshold);
    }
    return r;
}

static struct rel *
collect_metrics(struct translator *t, const struct pb_collect_metrics *c)
{
    struct rel *r = rel_node_over(t, REL_COLLECT_METRICS, c->input);
    if (r == NULL) {
        return NULL;
    }
    r->name = pb_str(c->name);
    return rel_set_exprs(t, r, c->metrics, c->metrics_count) ? r : NULL;
}

static struct rel *
statistics(struct translator *t, const struct pb_relation *m)
{
    struct rel *r;
    switch (m->rel_type_case) {
    case PB_RELATION_SUMMARY_TAG:
        return statistic(t, REL_SUMMARY, m->summary->input, m->summary->statistics,
                         m->summary->statistics_count);
    case PB_RELATION_DESCRIBE_TAG:
        return statistic(t, REL_DESCRIBE, m->describe->input, m->describe->cols,
                         m->describe->cols_count);
    case PB_RELATION_CROSSTAB_TAG:
        return statistic(t, REL_CROSSTAB, m->crosstab->input,
                         (struct pb_text[]){m->crosstab->col1, m->crosstab->col2}, 2);
    case PB_RELATION_COV_TAG:
        return statistic(t, REL_COV, m->cov->input, (struct pb_text[]){m->cov->col1, m->cov->col2},
                         2);
    case PB_RELATION_CORR_TAG:
        return correlation(t, m->corr);
    case PB_RELATION_APPROX_QUANTILE_TAG:
        return approx_quantile(t, m->approx_quantile);
    case PB_RELATION_FREQ_ITEMS_TAG:
        r = statistic(t, REL_FREQ_ITEMS, m->freq_items->input, m->freq_items->cols,
                      m->freq_items->cols_count);
        if (r != NULL) {
            r->lower = m->freq_items->has_support ? m->freq_items->support : 0.01;
        }
        return r;
    case PB_RELATION_SAMPLE_BY_TAG:
        return sample_by(t, m->sample_by);
    default:
        break;
    }
    const struct pb_field *f = pb_field_find(&pb_messages[PB_ID_RELATION], m->rel_type_case);
    error_unsupported(t->err, "the Spark Connect relation %s",
                      f != NULL ? f->name : "of an unknown kind");
    return NULL;
}

struct rel *
translate_rel_more(struct translator *t, const struct pb_relation *m)
{
    struct rel *r;
    switch (m->rel_type_case) {
    case PB_RELATION_SAMPLE_TAG:
        return sample(t, m->sample);
    case PB_RELATION_REPARTITION_TAG:
        return repartition(t, m->repartition->input, m->repartition->num_partitions,
                           m->repartition->shuffle, NULL, 0);
    case PB_RELATION_REPARTITION_BY_EXPRESSION_TAG: {
        const struct pb_repartition_by_expression *e = m->repartition_by_expression;
        return repartition(t, e->input, e->has_num_partitions ? e->num_partitions : -1, true,
                           e->partition_exprs, e->partition_exprs_count);
    }
    case PB_RELATION_HINT_TAG:
        return hint(t, m->hint);
    case PB_RELATION_UNPIVOT_TAG:
        return unpivot(t, m->unpivot);
    case PB_RELATION_TO_SCHEMA_TAG:
        return to_schema(t, m->to_schema);
    case PB_RELATION_FILL_NA_TAG:
        return na_fill(t, m->fill_na);
    case PB_RELATION_DROP_NA_TAG:
        r = statistic(t, REL_NA_DROP, m->drop_na->input, m->drop_na->cols, m->drop_na->cols_count);
        if (r != NULL) {
            r->limit = m->drop_na->has_min_non_nulls ? m->drop_na->min_non_nulls : -1;
        }
        return r;
    case PB_RELATION_REPLACE_TAG:
        return na_replace(t, m->replace);
    case PB_RELATION_HTML_STRING_TAG:
        r = rel_node_over(t, REL_HTML_STRING, m->html_string->input);
        if (r != NULL) {
            r->limit = m->html_string->num_rows;
            r->truncate = m->html_string->truncate;
        }
        return r;
    case PB_RELATION_MAP_PARTITIONS_TAG:
        return map_partitions(t, m->map_partitions);
    case PB_RELATION_GROUP_MAP_TAG:
        return group_map(t, m->group_map);
    case PB_RELATION_CO_GROUP_MAP_TAG:
        return co_group_map(t, m->co_group_map);
    case PB_RELATION_WITH_WATERMARK_TAG:
        return watermark(t, m->with_watermark);
    case PB_RELATION_UNRESOLVED_TABLE_VALUED_FUNCTION_TAG:
        return table_function(t, m->unresolved_table_valued_function);
    case PB_RELATION_LATERAL_JOIN_TAG:
        return lateral_join(t, m->lateral_join);
    case PB_RELATION_COLLECT_METRICS_TAG:
        return collect_metrics(t, m->collect_metrics);
    default:
        return statistics(t, m);
    }
}
