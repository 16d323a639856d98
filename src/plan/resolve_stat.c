/*
 * Statistics of DataFrames, built from ordinary aggregates: the unresolved tree that a program
 * could have written itself is made and resolved.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "plan/resolver.h"

static struct expr *
attribute(struct resolver *r, const char *name)
{
    struct expr *e = expr_new(r->arena, EXPR_ATTRIBUTE);
    e->names = arena_new_array(r->arena, const char *, 1);
    e->names[0] = name;
    e->name_count = 1;
    return e;
}

static struct expr *
text(struct resolver *r, const char *value)
{
    return expr_string_literal(r->arena, value, strlen(value));
}

static struct expr *
double_literal(struct resolver *r, double v)
{
    return expr_literal(r->arena, (struct datum){.type = type_scalar(TYPE_DOUBLE), .f = v});
}

static struct expr *
to_type(struct resolver *r, struct expr *e, enum type_id id)
{
    return expr_cast(r->arena, e, type_scalar(id), CAST_DEFAULT);
}

static struct rel *
project_of(struct resolver *r, struct rel *input, struct expr **exprs, uint32_t count)
{
    struct rel *p = rel_new(r->arena, REL_PROJECT, 1, input);
    p->exprs = exprs;
    p->expr_count = count;
    return p;
}

/* describe() and summary(): one aggregate, then a row for each statistic. */

static const char *const describe_names[] = {"count", "mean", "stddev", "min", "max"};
static const char *const summary_names[] = {"count", "mean", "stddev", "min",
                                            "25%",   "50%",  "75%",    "max"};

/* The statistic of one column as text; NULL for an unknown name. */
static struct expr *
statistic_of(struct resolver *r, const char *name, struct expr *column, const struct type *type)
{
    const bool numeric = type_is_numeric(type);
    struct expr *value = NULL;
    if (strcasecmp(name, "count") == 0) {
        value = expr_call(r->arena, "count", 1, column);
    } else if (strcasecmp(name, "count_distinct") == 0) {
        value = expr_call(r->arena, "count", 1, column);
        value->distinct = true;
    } else if (strcasecmp(name, "approx_count_distinct") == 0) {
        value = expr_call(r->arena, "approx_count_distinct", 1, column);
    } else if (strcasecmp(name, "min") == 0 || strcasecmp(name, "max") == 0) {
        value = expr_call(r->arena, strcasecmp(name, "min") == 0 ? "min" : "max", 1, column);
    } else if (strcasecmp(name, "mean") == 0 || strcasecmp(name, "stddev") == 0) {
        struct expr *number =
            numeric ? column : expr_cast(r->arena, column, type_scalar(TYPE_DOUBLE), CAST_TRY);
        value = expr_call(r->arena, strcasecmp(name, "mean") == 0 ? "avg" : "stddev", 1, number);
    } else {
        char *end = NULL;
        const double percent = strtod(name, &end);
        if (end == name || strcmp(end, "%") != 0 || percent < 0 || percent > 100) {
            return NULL;
        }
        struct expr *number =
            numeric ? column : expr_cast(r->arena, column, type_scalar(TYPE_DOUBLE), CAST_TRY);
        value =
            expr_call(r->arena, "percentile_approx", 2, number, double_literal(r, percent / 100));
    }
    return to_type(r, value, TYPE_STRING);
}

static bool
describable(const struct type *t)
{
    return type_is_numeric(t) || t->id == TYPE_STRING;
}

/* Columns that are described: those named, or all numbers and strings. */
static bool
described_columns(struct resolver *r, const struct rel *u, const struct scope *in, uint32_t *out,
                  uint32_t *count)
{
    *count = 0;
    if (u->kind == REL_DESCRIBE && u->column_name_count > 0) {
        for (uint32_t k = 0; k < u->column_name_count; k++) {
            struct expr *name = attribute(r, u->column_names[k]);
            uint32_t found[1], used = 0;
            if (scope_find(r, in, name->names, 1, found, &used, 1) == 0) {
                return scope_unresolved(r, in, name);
            }
            out[(*count)++] = found[0];
        }
        return true;
    }
    for (uint32_t i = 0; i < in->count; i++) {
        if (!in->columns[i].hidden && describable(scope_field(in, i)->type)) {
            out[(*count)++] = i;
        }
    }
    return true;
}

static bool
resolve_describe(struct resolver *r, struct rel *u, struct scope *in, struct scope *out)
{
    const bool summary = u->kind == REL_SUMMARY;
    const char *const *names = summary ? summary_names : describe_names;
    uint32_t name_count = summary ? 8 : 5;
    if (summary && u->column_name_count > 0) {
        names = u->column_names;
        name_count = u->column_name_count;
    }
    uint32_t *columns = arena_new_array(r->arena, uint32_t, in->count + u->column_name_count + 1);
    uint32_t n = 0;
    if (!described_columns(r, u, in, columns, &n)) {
        return false;
    }
    /* Aggregate: name_count * n texts; then one projection a statistic, and their union. */
    struct select *s = select_new(r, in);
    struct lookup l = {.r = r, .input = &s->from, .items = s};
    struct scope aggregated;
    scope_init(&aggregated, s->project);
    s->aggregated = true;
    struct expr **items = arena_new_array(r->arena, struct expr *, (size_t)name_count * n + 1);
    for (uint32_t k = 0; k < name_count; k++) {
        for (uint32_t i = 0; i < n; i++) {
            struct expr *e = statistic_of(r, names[k], scope_column(r, in, columns[i]),
                                          scope_field(in, columns[i])->type);
            if (e == NULL) {
                return error_set(r->err, ERROR_ARGUMENT, "%s is not a recognised statistic",
                                 names[k]);
            }
            items[k * n + i] = expr_alias(r->arena, e, arena_printf(r->arena, "s%u_%u", k, i));
        }
    }
    if (!select_items(&l, &aggregated, items, name_count * n)) {
        return false;
    }
    aggregated.select = s;
    if (!select_finish(r, &aggregated)) {
        return false;
    }
    struct rel *expand = rel_new(r->arena, REL_EXPAND, 1, aggregated.rel);
    expand->expr_count = n + 1;
    expand->set_count = name_count;
    expand->sets = arena_new_array(r->arena, struct expr **, name_count + 1);
    for (uint32_t k = 0; k < name_count; k++) {
        expand->sets[k] = arena_new_array(r->arena, struct expr *, n + 1);
        expand->sets[k][0] = text(r, names[k]);
        for (uint32_t i = 0; i < n; i++) {
            expand->sets[k][i + 1] = scope_column(r, &aggregated, k * n + i);
        }
    }
    struct type_field *fields = arena_new_array(r->arena, struct type_field, n + 1);
    fields[0] =
        (struct type_field){.name = "summary", .type = type_scalar(TYPE_STRING), .nullable = true};
    for (uint32_t i = 0; i < n; i++) {
        fields[i + 1] = (struct type_field){.name = in->columns[columns[i]].name,
                                            .type = type_scalar(TYPE_STRING),
                                            .nullable = true};
    }
    expand->schema = type_struct(r->arena, fields, n + 1);
    scope_from_schema(r, out, expand);
    return true;
}

/* One aggregated value in one row. */
static bool
resolve_two_columns(struct resolver *r, struct rel *u, struct scope *out)
{
    const bool corr = u->kind == REL_CORR;
    if (corr && u->text != NULL && strcasecmp(u->text, "pearson") != 0) {
        return error_unsupported(r->err, "the correlation %s", u->text);
    }
    struct expr *x = to_type(r, attribute(r, u->column_names[0]), TYPE_DOUBLE);
    struct expr *y = to_type(r, attribute(r, u->column_names[1]), TYPE_DOUBLE);
    struct expr **exprs = arena_new_array(r->arena, struct expr *, 1);
    exprs[0] = expr_alias(r->arena, expr_call(r->arena, corr ? "corr" : "covar_samp", 2, x, y),
                          corr ? "corr" : "cov");
    return resolve_rel(r, project_of(r, u->inputs[0], exprs, 1), out);
}

/* An array of arrays: the quantiles of each column. */
static bool
resolve_quantiles(struct resolver *r, struct rel *u, struct scope *out)
{
    struct expr *lists = expr_call_args(r->arena, "array", NULL, 0);
    lists->args = arena_new_array(r->arena, struct expr *, u->column_name_count + 1);
    const double error = u->lower > 0 ? 1 / u->lower : 10000;
    for (uint32_t k = 0; k < u->column_name_count; k++) {
        struct expr *points = expr_call_args(r->arena, "array", u->exprs, u->expr_count);
        struct expr *column = to_type(r, attribute(r, u->column_names[k]), TYPE_DOUBLE);
        lists->args[lists->arg_count++] =
            expr_call(r->arena, "percentile_approx", 3, column, points,
                      expr_int_literal(r->arena, error > 1e9 ? 1000000000 : (int32_t)error));
    }
    struct expr **exprs = arena_new_array(r->arena, struct expr *, 1);
    exprs[0] = expr_alias(r->arena, lists, "approx_quantile");
    return resolve_rel(r, project_of(r, u->inputs[0], exprs, 1), out);
}

/* Keeps a row by chance, the chance depending on the column's value. */
static bool
resolve_sample_by(struct resolver *r, struct rel *u, struct scope *out)
{
    struct expr *choose = expr_new(r->arena, EXPR_CASE);
    choose->args = arena_new_array(r->arena, struct expr *, u->expr_count + 2);
    for (uint32_t i = 1; i + 1 < u->expr_count; i += 2) {
        choose->args[choose->arg_count++] = expr_call(r->arena, "<=>", 2, u->exprs[0], u->exprs[i]);
        choose->args[choose->arg_count++] = u->exprs[i + 1];
    }
    choose->args[choose->arg_count++] = double_literal(r, 0);
    struct rel *filter = rel_new(r->arena, REL_FILTER, 1, u->inputs[0]);
    struct expr *chance = expr_call(r->arena, "rand", 1, expr_long_literal(r->arena, u->seed));
    filter->condition =
        expr_call(r->arena, "<", 2, chance, choose->arg_count == 1 ? choose->args[0] : choose);
    return resolve_rel(r, filter, out);
}

bool
resolve_stat(struct resolver *r, struct rel *u, struct scope *out)
{
    switch (u->kind) {
    case REL_DESCRIBE:
    case REL_SUMMARY: {
        struct scope in;
        if (!resolve_rel(r, u->inputs[0], &in)) {
            return false;
        }
        return resolve_describe(r, u, &in, out);
    }
    case REL_COV:
    case REL_CORR:
        return resolve_two_columns(r, u, out);
    case REL_APPROX_QUANTILE:
        return resolve_quantiles(r, u, out);
    case REL_SAMPLE_BY:
        return resolve_sample_by(r, u, out);
    case REL_CROSSTAB:
        return error_unsupported(r->err, "crosstab");
    case REL_FREQ_ITEMS:
        return error_unsupported(r->err, "freqItems");
    default:
        return error_unsupported(r->err, "a statistic of kind %d", (int)u->kind);
    }
}
