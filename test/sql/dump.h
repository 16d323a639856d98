/* Trees as one line of S-expressions: everything that the parser decides, so tests can compare. */
#ifndef TEST_SQL_DUMP_H
#define TEST_SQL_DUMP_H

#include "base/arena.h"
#include "base/buffer.h"
#include "tree/command.h"
#include "tree/literal_text.h"

static void dump_rel(struct buffer *out, const struct rel *r);
static void dump_expr(struct buffer *out, const struct expr *e);

static inline void
dump_names(struct buffer *out, const char *const *names, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        buffer_printf(out, "%s%s", i > 0 ? "." : "", names[i]);
    }
}

static inline void
dump_exprs(struct buffer *out, struct expr *const *exprs, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        buffer_puts(out, " ");
        dump_expr(out, exprs[i]);
    }
}

static inline void
dump_keys(struct buffer *out, const struct sort_key *keys, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        buffer_printf(out, " (%s%s ", keys[i].descending ? "desc" : "asc",
                      keys[i].nulls_first ? "" : "-last");
        dump_expr(out, keys[i].expr);
        buffer_puts(out, ")");
    }
}

static inline void
dump_window(struct buffer *out, const struct window_spec *w)
{
    static const char *const frames[] = {"", " rows", " range"};
    buffer_puts(out, " over");
    dump_exprs(out, w->partition, w->partition_count);
    buffer_puts(out, w->order_count > 0 ? " by" : "");
    dump_keys(out, w->order, w->order_count);
    buffer_puts(out, frames[w->frame]);
    const struct frame_bound *const bounds[] = {&w->lower, &w->upper};
    for (int i = 0; w->frame != FRAME_NONE && i < 2; i++) {
        buffer_puts(out, bounds[i]->kind == BOUND_UNBOUNDED     ? " all"
                         : bounds[i]->kind == BOUND_CURRENT_ROW ? " here"
                                                                : " ");
        if (bounds[i]->kind == BOUND_VALUE) {
            dump_expr(out, bounds[i]->value);
        }
    }
}

static inline void
dump_literal(struct buffer *out, const struct datum *d)
{
    if (d->is_null) {
        buffer_puts(out, "null");
        return;
    }
    const bool quoted = d->type->id == TYPE_STRING;
    buffer_puts(out, quoted ? "'" : "");
    literal_put(out, d);
    buffer_puts(out, quoted ? "'" : ":");
    if (!quoted) {
        type_put_simple(out, d->type);
    }
}

static void
dump_expr(struct buffer *out, const struct expr *e)
{
    static const char *const kinds[] = {
        [EXPR_CASE] = "case",        [EXPR_LAMBDA] = "lambda",       [EXPR_SUBQUERY] = "subquery",
        [EXPR_SORT_ORDER] = "order", [EXPR_STAR] = "star",           [EXPR_EXTRACT] = "get",
        [EXPR_NAMED_ARG] = "named",  [EXPR_PARAMETER] = "parameter", [EXPR_WINDOW] = "window",
        [EXPR_ALIAS] = "as"};
    if (e->kind == EXPR_LITERAL) {
        dump_literal(out, &e->literal);
        return;
    }
    if (e->kind == EXPR_ATTRIBUTE) {
        dump_names(out, e->names, e->name_count);
        return;
    }
    if (e->kind == EXPR_LAMBDA_VAR) {
        buffer_printf(out, "@%s", e->name);
        return;
    }
    buffer_puts(out, "(");
    if (e->kind == EXPR_CALL) {
        buffer_printf(out, "%s%s%s", e->name, e->distinct ? " distinct" : "",
                      e->ignore_nulls ? " ignore-nulls" : "");
    } else if (e->kind == EXPR_CAST) {
        buffer_puts(out, e->spelling == SPELL_TYPED_LITERAL ? "typed "
                         : e->cast_mode == CAST_TRY         ? "try_cast "
                                                            : "cast ");
        type_put_simple(out, e->type);
    } else {
        buffer_puts(out, kinds[e->kind] != NULL ? kinds[e->kind] : "?");
        buffer_printf(out, "%s%s", e->name != NULL ? " " : "", e->name != NULL ? e->name : "");
        buffer_puts(out, e->name_count > 0 ? " " : "");
        dump_names(out, e->names, e->name_count);
    }
    if (e->kind == EXPR_SORT_ORDER) {
        buffer_printf(out, " %s%s", e->descending ? "desc" : "asc", e->nulls_first ? "" : "-last");
    }
    if (e->kind == EXPR_SUBQUERY) {
        static const char *const subqueries[] = {" scalar", " exists", " in"};
        buffer_printf(out, "%s%s", e->negated ? " not" : "", subqueries[e->subquery_kind]);
    }
    dump_exprs(out, e->args, e->arg_count);
    if (e->filter != NULL) {
        buffer_puts(out, " where ");
        dump_expr(out, e->filter);
    }
    if (e->window != NULL) {
        dump_window(out, e->window);
    }
    if (e->subquery != NULL) {
        buffer_puts(out, " ");
        dump_rel(out, e->subquery);
    }
    buffer_puts(out, ")");
}

static inline const char *
dump_kind(const struct rel *r)
{
    static const char *const joins[] = {"inner", "left", "right", "full", "semi", "anti", "cross"};
    static const char *const sets[] = {"union", "intersect", "except"};
    switch (r->kind) {
    case REL_PROJECT:
        return "project";
    case REL_FILTER:
        return r->having ? "having" : "filter";
    case REL_AGGREGATE:
        return r->is_all ? "aggregate-all" : "aggregate";
    case REL_GROUPING_SETS:
        return "sets";
    case REL_JOIN:
    case REL_LATERAL_JOIN:
        return joins[r->join_type];
    case REL_SORT:
        return r->is_all ? "sort-all" : r->is_global ? "sort" : "sort-local";
    case REL_LIMIT:
        return "limit";
    case REL_DISTINCT:
        return "distinct";
    case REL_SET_OP:
        return sets[r->set_op];
    case REL_TABLE:
        return "table";
    case REL_READ:
        return "read";
    case REL_VALUES:
        return "values";
    case REL_ALIAS:
        return "alias";
    case REL_WITH:
        return "with";
    case REL_TVF:
        return "tvf";
    case REL_LATERAL_VIEW:
        return r->outer ? "view-outer" : "view";
    case REL_HINT:
        return "hint";
    case REL_SAMPLE:
        return "sample";
    case REL_REPARTITION:
        return "repartition";
    case REL_PIVOT_AGGREGATE:
        return "pivot";
    case REL_UNPIVOT:
        return "unpivot";
    case REL_WITH_COLUMNS:
        return "with-columns";
    case REL_COMMAND:
        return "command";
    default:
        return "?";
    }
}

static inline void
dump_sets(struct buffer *out, const struct rel *r)
{
    for (uint32_t i = 0; i < r->set_count; i++) {
        buffer_puts(out, " {");
        for (uint32_t k = 0; k < r->set_sizes[i]; k++) {
            buffer_puts(out, k > 0 ? " " : "");
            dump_expr(out, r->sets[i][k]);
        }
        buffer_puts(out, "}");
    }
}

static void
dump_rel(struct buffer *out, const struct rel *r)
{
    buffer_printf(out, "(%s", dump_kind(r));
    buffer_puts(out, r->kind == REL_SET_OP && r->is_all ? "-all" : "");
    buffer_puts(out, r->by_name ? "-by-name" : "");
    buffer_puts(out, r->natural ? " natural" : "");
    buffer_puts(out, r->lateral ? " lateral" : "");
    buffer_printf(out, "%s%s", r->name != NULL ? " " : "", r->name != NULL ? r->name : "");
    buffer_printf(out, "%s%s", r->format != NULL ? " " : "", r->format != NULL ? r->format : "");
    buffer_puts(out, r->name_count > 0 ? " " : "");
    dump_names(out, r->names, r->name_count);
    if (r->column_name_count > 0) {
        buffer_puts(out, " [");
        dump_names(out, r->column_names, r->column_name_count);
        buffer_puts(out, "]");
    }
    if (r->kind == REL_LIMIT && r->limit >= 0) {
        buffer_printf(out, " %lld", (long long)r->limit);
    }
    if (r->kind == REL_LIMIT && r->offset >= 0) {
        buffer_printf(out, " skip %lld", (long long)r->offset);
    }
    if (r->limit_expr != NULL) {
        buffer_puts(out, " ");
        dump_expr(out, r->limit_expr);
    }
    if (r->kind == REL_SAMPLE) {
        buffer_printf(out, " %g %lld", r->upper, (long long)r->seed);
    }
    if (r->group_count > 0) {
        buffer_printf(out, " #%u", r->group_count);
    }
    dump_exprs(out, r->exprs, r->expr_count);
    dump_sets(out, r);
    dump_keys(out, r->keys, r->key_count);
    if (r->condition != NULL) {
        buffer_puts(out, " on ");
        dump_expr(out, r->condition);
    }
    for (uint32_t i = 0; i < r->cte_count; i++) {
        buffer_printf(out, " %s%s=", r->ctes[i].recursive ? "recursive " : "", r->ctes[i].name);
        dump_rel(out, r->ctes[i].rel);
    }
    for (uint32_t i = 0; i < r->input_count; i++) {
        buffer_puts(out, " ");
        dump_rel(out, r->inputs[i]);
    }
    buffer_puts(out, ")");
}

#endif
