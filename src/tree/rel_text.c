/*
 * Plans as texts in the manner of Spark's EXPLAIN: one line a node, children under "+- " or ":- ".
 * Columns are shown as name#number by their place in the input, so that a text says exactly what a
 * tree is; tests of passes compare these texts.
 */
#include <string.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "tree/literal_text.h"
#include "tree/rel.h"

static const char *const kind_names[] = {
    [REL_SCAN] = "Scan",
    [REL_LOCAL] = "LocalRelation",
    [REL_RANGE] = "Range",
    [REL_PROJECT] = "Project",
    [REL_FILTER] = "Filter",
    [REL_AGGREGATE] = "Aggregate",
    [REL_JOIN] = "Join",
    [REL_SORT] = "Sort",
    [REL_LIMIT] = "Limit",
    [REL_TOPN] = "TopN",
    [REL_UNION] = "Union",
    [REL_DISTINCT] = "Distinct",
    [REL_WINDOW] = "Window",
    [REL_GENERATE] = "Generate",
    [REL_EXPAND] = "Expand",
    [REL_SAMPLE] = "Sample",
    [REL_REPARTITION] = "Repartition",
    [REL_EVENT_WATERMARK] = "EventTimeWatermark",
    [REL_MAP_UDF] = "MapInBatches",
    [REL_TAIL] = "Tail",
    [REL_WRITE] = "Write",
    [REL_EMPTY] = "EmptyRelation",
    [REL_DEDUPLICATE] = "Deduplicate",
    [REL_STATE_AGGREGATE] = "StateAggregate",
    [REL_EXCHANGE] = "Exchange",
    [REL_EXCHANGE_READ] = "ExchangeRead",
    [REL_TABLE] = "'UnresolvedRelation",
    [REL_READ] = "'UnresolvedDataSource",
    [REL_SQL] = "'Sql",
    [REL_VALUES] = "'UnresolvedInlineTable",
    [REL_ALIAS] = "'SubqueryAlias",
    [REL_WITH] = "'With",
    [REL_SET_OP] = "'SetOperation",
    [REL_PIVOT_AGGREGATE] = "'Pivot",
    [REL_GROUPING_SETS] = "'GroupingSets",
    [REL_HINT] = "'UnresolvedHint",
    [REL_TVF] = "'UnresolvedTableValuedFunction",
    [REL_LATERAL_VIEW] = "'Generate",
    [REL_LATERAL_JOIN] = "'LateralJoin",
    [REL_COMMAND] = "'Command",
};

static const char *const exchange_names[] = {
    [EXCHANGE_SINGLE] = "single",
    [EXCHANGE_HASH] = "hash",
    [EXCHANGE_ROUND_ROBIN] = "round robin",
    [EXCHANGE_BROADCAST] = "broadcast",
};

static const char *const join_names[] = {
    [JOIN_INNER] = "Inner",    [JOIN_LEFT] = "LeftOuter", [JOIN_RIGHT] = "RightOuter",
    [JOIN_FULL] = "FullOuter", [JOIN_SEMI] = "LeftSemi",  [JOIN_ANTI] = "LeftAnti",
    [JOIN_CROSS] = "Cross",    [JOIN_MARK] = "Mark",      [JOIN_SINGLE] = "LeftSingle",
};

struct tree_text {
    struct buffer *out;
    struct arena names; /* scratch for column texts */
};

/* Gives every column the text name#number before it is printed. */
static struct expr *
number_column(struct arena *a, struct expr *e, void *ctx)
{
    if (e->kind != EXPR_COLUMN && e->kind != EXPR_OUTER) {
        return e;
    }
    struct expr *copy = expr_copy(a, e);
    copy->name = arena_printf(a, "%s%s#%u", e->kind == EXPR_OUTER ? "outer " : "",
                              e->name != NULL ? e->name : "", e->column);
    return copy;
}

static void
put_expr(struct tree_text *t, const struct expr *e)
{
    expr_put_sql(t->out, expr_map(&t->names, (struct expr *)e, number_column, NULL));
}

static void
put_exprs(struct tree_text *t, struct expr *const *exprs, uint32_t count)
{
    buffer_puts(t->out, "[");
    for (uint32_t i = 0; i < count; i++) {
        buffer_puts(t->out, i > 0 ? ", " : "");
        put_expr(t, exprs[i]);
    }
    buffer_puts(t->out, "]");
}

static void
put_keys(struct tree_text *t, const struct rel *r)
{
    buffer_puts(t->out, "[");
    for (uint32_t i = 0; i < r->key_count; i++) {
        buffer_puts(t->out, i > 0 ? ", " : "");
        put_expr(t, r->keys[i].expr);
        buffer_printf(t->out, " %s NULLS %s", r->keys[i].descending ? "DESC" : "ASC",
                      r->keys[i].nulls_first ? "FIRST" : "LAST");
    }
    buffer_puts(t->out, "]");
}

static void
put_columns(struct tree_text *t, const struct type *schema)
{
    buffer_puts(t->out, "[");
    for (uint32_t i = 0; schema != NULL && i < schema->field_count; i++) {
        buffer_printf(t->out, "%s%s#%u", i > 0 ? ", " : "", schema->fields[i].name, i);
    }
    buffer_puts(t->out, "]");
}

static void
put_limits(struct tree_text *t, const struct rel *r)
{
    if (r->limit >= 0) {
        buffer_printf(t->out, " %lld", (long long)r->limit);
    }
    if (r->offset > 0) {
        buffer_printf(t->out, " offset %lld", (long long)r->offset);
    }
}

static void
put_scan(struct tree_text *t, const struct rel *r)
{
    buffer_printf(t->out, " %s ", r->source != NULL ? r->source->format : "");
    put_columns(t, r->schema);
    if (r->condition != NULL) {
        buffer_puts(t->out, " filter ");
        put_expr(t, r->condition);
    }
}

static void
put_names(struct tree_text *t, const char *const *names, uint32_t count)
{
    buffer_puts(t->out, " ");
    for (uint32_t i = 0; i < count; i++) {
        buffer_printf(t->out, "%s%s", i > 0 ? "." : "", names[i]);
    }
}

static void
put_expand(struct tree_text *t, const struct rel *r)
{
    buffer_puts(t->out, " [");
    for (uint32_t i = 0; i < r->set_count; i++) {
        buffer_puts(t->out, i > 0 ? ", " : "");
        put_exprs(t, r->sets[i], r->expr_count);
    }
    buffer_puts(t->out, "]");
}

static void
put_exchange(struct tree_text *t, const struct rel *r)
{
    if (r->kind == REL_EXCHANGE_READ) {
        buffer_printf(t->out, " stage %u ", r->stage);
        put_columns(t, r->schema);
        return;
    }
    buffer_printf(t->out, " %s %d", exchange_names[r->exchange], (int)r->partitions);
    if (r->expr_count > 0) {
        buffer_puts(t->out, " ");
        put_exprs(t, r->exprs, r->expr_count);
    }
}

/* What a cut plan says beside: halves of aggregates, and which tasks read a leaf. */
static void
put_cut(struct tree_text *t, const struct rel *r)
{
    if (r->agg_phase != AGG_WHOLE) {
        buffer_puts(t->out, r->agg_phase == AGG_PARTIAL ? " partial" : " final");
    }
    if (r->part_count > 0) {
        buffer_printf(t->out, " tasks %u+%u", r->part_first, r->part_count);
    }
}

static void
put_details(struct tree_text *t, const struct rel *r)
{
    struct buffer *out = t->out;
    switch (r->kind) {
    case REL_EXCHANGE:
    case REL_EXCHANGE_READ:
        put_exchange(t, r);
        break;
    case REL_SCAN:
        put_scan(t, r);
        break;
    case REL_LOCAL:
    case REL_EMPTY:
        buffer_puts(out, " ");
        put_columns(t, r->schema);
        break;
    case REL_RANGE:
        buffer_printf(out, " (%lld, %lld, step=%lld)", (long long)r->start, (long long)r->end,
                      (long long)r->step);
        break;
    case REL_AGGREGATE:
    case REL_STATE_AGGREGATE:
        buffer_puts(out, " ");
        put_exprs(t, r->exprs, r->group_count);
        buffer_puts(out, ", ");
        put_exprs(t, r->exprs + r->group_count, r->expr_count - r->group_count);
        break;
    case REL_FILTER:
        buffer_puts(out, " ");
        put_expr(t, r->condition);
        break;
    case REL_JOIN:
        buffer_printf(out, " %s", join_names[r->join_type]);
        if (r->condition != NULL) {
            buffer_puts(out, ", ");
            put_expr(t, r->condition);
        }
        break;
    case REL_SORT:
    case REL_TOPN:
        put_limits(t, r);
        buffer_puts(out, " ");
        put_keys(t, r);
        break;
    case REL_LIMIT:
    case REL_TAIL:
        put_limits(t, r);
        break;
    case REL_EXPAND:
        put_expand(t, r);
        break;
    case REL_TABLE:
        put_names(t, r->names, r->name_count);
        break;
    case REL_ALIAS:
        buffer_printf(out, " %s", r->name);
        break;
    default:
        if (r->expr_count > 0) {
            buffer_puts(out, " ");
            put_exprs(t, r->exprs, r->expr_count);
        }
    }
}

static void
put_node(struct tree_text *t, const struct rel *r, const char *first, const char *rest)
{
    const char *name =
        r->kind < sizeof kind_names / sizeof *kind_names ? kind_names[r->kind] : NULL;
    buffer_printf(t->out, "%s%s", first, name != NULL ? name : "'Unresolved");
    put_details(t, r);
    put_cut(t, r);
    buffer_puts(t->out, "\n");
    for (uint32_t i = 0; i < r->input_count; i++) {
        const bool last = i + 1 == r->input_count;
        const char *deeper_first = arena_printf(&t->names, "%s%s", rest, last ? "+- " : ":- ");
        const char *deeper_rest = arena_printf(&t->names, "%s%s", rest, last ? "   " : ":  ");
        put_node(t, r->inputs[i], deeper_first, deeper_rest);
    }
}

void
rel_put_tree(struct buffer *out, const struct rel *r)
{
    struct tree_text t = {.out = out};
    arena_init(&t.names, NULL);
    put_node(&t, r, "", "");
    arena_release(&t.names);
}
