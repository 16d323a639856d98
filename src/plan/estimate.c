/*
 * How many rows an operator gives, roughly. Scans know their rows from footers; the rest follows
 * by rules of thumb. Only comparisons between plans of one query are made with these numbers.
 */
#include <math.h>
#include <string.h>

#include "plan/pass.h"

double
condition_selectivity(const struct expr *e)
{
    if (is_function(e, "and")) {
        return condition_selectivity(e->args[0]) * condition_selectivity(e->args[1]);
    }
    if (is_function(e, "or")) {
        const double x = condition_selectivity(e->args[0]), y = condition_selectivity(e->args[1]);
        return x + y - x * y;
    }
    if (is_function(e, "not")) {
        return 1 - condition_selectivity(e->args[0]);
    }
    if (is_function(e, "=") || is_function(e, "<=>")) {
        return e->args[0]->type->id == TYPE_BOOLEAN ? 0.5 : 0.05;
    }
    if (is_function(e, "in")) {
        const double n = 0.05 * (e->arg_count - 1);
        return n < 0.5 ? n : 0.5;
    }
    if (is_function(e, "<") || is_function(e, "<=") || is_function(e, ">") ||
        is_function(e, ">=")) {
        return 0.4;
    }
    if (is_function(e, "like")) {
        return 0.1;
    }
    if (is_function(e, "isnotnull")) {
        return 0.95;
    }
    if (is_true(e)) {
        return 1;
    }
    return is_false_or_null(e) ? 0 : 0.3;
}

static double
scan_rows(const struct rel *rel)
{
    const struct scan_source *s = rel->source;
    if (s->row_estimate >= 0) {
        return s->row_estimate;
    }
    return s->byte_estimate >= 0 ? (double)s->byte_estimate / 100 : 1e6;
}

static double
join_rows(struct pass *p, struct rel *rel)
{
    const double left = rel_rows(p, rel->inputs[0]), right = rel_rows(p, rel->inputs[1]);
    switch (rel->join_type) {
    case JOIN_SEMI:
        return left * 0.5;
    case JOIN_ANTI:
        return left * 0.5;
    case JOIN_MARK:
    case JOIN_SINGLE:
        return left;
    case JOIN_CROSS:
        return left * right;
    default: {
        struct conjuncts c = {0};
        conjuncts_add(p->arena, &c, rel->condition);
        bool keyed = false;
        double rest = 1;
        for (uint32_t i = 0; i < c.count; i++) {
            const bool key = is_equality(c.items[i]);
            rest *= key ? 1 : condition_selectivity(c.items[i]);
            keyed |= key;
        }
        const double larger = left > right ? left : right;
        return keyed ? larger * rest : left * right * rest;
    }
    }
}

static double
rows_of(struct pass *p, struct rel *rel)
{
    switch (rel->kind) {
    case REL_SCAN:
        return scan_rows(rel);
    case REL_LOCAL:
        return rel->data != NULL ? (double)rel->data_len / 40 : rel->row_count;
    case REL_RANGE:
        return rel->step != 0 ? fabs(((double)rel->end - (double)rel->start) / (double)rel->step)
                              : 0;
    case REL_EMPTY:
        return 0;
    case REL_FILTER:
        return rel_rows(p, rel->inputs[0]) * condition_selectivity(rel->condition);
    case REL_AGGREGATE:
        if (rel->group_count == 0) {
            return 1;
        }
        return pow(rel_rows(p, rel->inputs[0]), rel->group_count > 1 ? 0.8 : 0.7);
    case REL_DISTINCT:
        return rel_rows(p, rel->inputs[0]) * 0.5;
    case REL_JOIN:
        return join_rows(p, rel);
    case REL_LIMIT:
    case REL_TOPN:
    case REL_TAIL: {
        const double in = rel_rows(p, rel->inputs[0]);
        return rel->limit >= 0 && (double)rel->limit < in ? (double)rel->limit : in;
    }
    case REL_UNION: {
        double all = 0;
        for (uint32_t i = 0; i < rel->input_count; i++) {
            all += rel_rows(p, rel->inputs[i]);
        }
        return all;
    }
    case REL_EXPAND:
        return rel_rows(p, rel->inputs[0]) * rel->set_count;
    case REL_GENERATE:
        return rel_rows(p, rel->inputs[0]) * 4;
    default:
        return rel->input_count > 0 ? rel_rows(p, rel->inputs[0]) : 1000;
    }
}

double
rel_rows(struct pass *p, struct rel *rel)
{
    const double rows = rows_of(p, rel);
    rel->row_estimate = rows < 1 ? 1 : rows;
    return rel->row_estimate;
}
