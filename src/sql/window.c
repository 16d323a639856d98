/*
 * Sort keys, and window specifications with their frames.
 *
 * A function over a named window waits in p->windows until the WINDOW clause of its query is read,
 * which comes later in the text; then the specification is copied into it.
 */
#include <string.h>
#include <strings.h>

#include "sql/parser.h"

bool
parse_order_keys(struct parser *p, struct sort_key **keys, uint32_t *count)
{
    struct list list = {0};
    do {
        struct sort_key *key = arena_new(p->arena, struct sort_key);
        key->expr = parse_expr(p);
        if (key->expr == NULL) {
            return false;
        }
        key->descending = parser_take(p, KW_DESC);
        if (!key->descending) {
            parser_take(p, KW_ASC);
        }
        key->nulls_first = !key->descending;
        if (parser_take2(p, KW_NULLS, KW_FIRST)) {
            key->nulls_first = true;
        } else if (parser_take2(p, KW_NULLS, KW_LAST)) {
            key->nulls_first = false;
        }
        list_add(p, &list, key);
    } while (parser_take_sign(p, ','));
    *keys = arena_new_array(p->arena, struct sort_key, list.count);
    for (uint32_t i = 0; i < list.count; i++) {
        (*keys)[i] = *(struct sort_key *)list.items[i];
    }
    *count = list.count;
    return true;
}

/* n PRECEDING is -n, as Connect sends it. */
static struct expr *
negated_offset(struct parser *p, struct expr *e)
{
    if (e->kind == EXPR_LITERAL && !e->literal.is_null &&
        (type_is_integral(e->literal.type) || e->literal.type->id == TYPE_INTERVAL_DT ||
         e->literal.type->id == TYPE_INTERVAL_YM)) {
        struct datum d = e->literal;
        if (!__builtin_sub_overflow(0, d.i, &d.i)) {
            return expr_literal(p->arena, d);
        }
    }
    struct expr *negative = expr_call(p->arena, "negative", 1, e);
    negative->spelling = SPELL_OPERATOR;
    return negative;
}

static bool
parse_bound(struct parser *p, struct frame_bound *out, bool lower)
{
    if (parser_take2(p, KW_CURRENT, KW_ROW)) {
        out->kind = BOUND_CURRENT_ROW;
        return true;
    }
    if (parser_at(p, KW_UNBOUNDED) &&
        (parser_at_ahead(p, 1, KW_PRECEDING) || parser_at_ahead(p, 1, KW_FOLLOWING))) {
        parser_next(p);
        out->kind = BOUND_UNBOUNDED;
        return lower ? parser_want(p, KW_PRECEDING) : parser_want(p, KW_FOLLOWING);
    }
    out->kind = BOUND_VALUE;
    out->value = parse_expr(p);
    if (out->value == NULL) {
        return false;
    }
    if (parser_take(p, KW_PRECEDING)) {
        out->value = negated_offset(p, out->value);
        return true;
    }
    return parser_want(p, KW_FOLLOWING);
}

static bool
parse_frame(struct parser *p, struct window_spec *w)
{
    if (!parser_at(p, KW_ROWS) && !parser_at(p, KW_RANGE)) {
        return true;
    }
    w->frame = parser_next(p)->keyword == KW_ROWS ? FRAME_ROWS : FRAME_RANGE;
    if (!parser_take(p, KW_BETWEEN)) {
        w->upper.kind = BOUND_CURRENT_ROW;
        return parse_bound(p, &w->lower, true);
    }
    return parse_bound(p, &w->lower, true) && parser_want(p, KW_AND) &&
           parse_bound(p, &w->upper, false);
}

/* What stands between the parentheses of a window. */
static bool
parse_window_body(struct parser *p, struct window_spec *w)
{
    struct list partition = {0};
    if (parser_take2(p, KW_CLUSTER, KW_BY) || parser_take2(p, KW_PARTITION, KW_BY) ||
        parser_take2(p, KW_DISTRIBUTE, KW_BY)) {
        if (!parse_exprs(p, &partition)) {
            return false;
        }
    }
    w->partition = (struct expr **)partition.items;
    w->partition_count = partition.count;
    if (parser_take2(p, KW_ORDER, KW_BY) || parser_take2(p, KW_SORT, KW_BY)) {
        if (!parse_order_keys(p, &w->order, &w->order_count)) {
            return false;
        }
    }
    return parse_frame(p, w) && parser_want_sign(p, ')');
}

static struct window_spec *
parse_window_spec(struct parser *p)
{
    struct window_spec *w = arena_new(p->arena, struct window_spec);
    if (!parser_at_sign(p, '(')) {
        w->name = parse_name(p);
        return w->name != NULL ? w : NULL;
    }
    parser_next(p);
    if (parser_is_name(parser_peek(p, 0)) && parser_at_sign_ahead(p, 1, ')')) {
        w->name = parser_next(p)->text;
        parser_next(p);
        return w;
    }
    return parse_window_body(p, w) ? w : NULL;
}

struct expr *
parse_over(struct parser *p, struct expr *function)
{
    parser_next(p);
    struct window_spec *w = parse_window_spec(p);
    if (w == NULL) {
        return NULL;
    }
    struct expr *e = expr_new(p->arena, EXPR_WINDOW);
    e->args = arena_new_array(p->arena, struct expr *, 1);
    e->args[0] = function;
    e->arg_count = 1;
    e->window = w;
    if (w->name != NULL) {
        list_add(p, &p->windows, e);
    }
    return e;
}

/* WINDOW w AS (...), v AS w: fills the waiting functions from first_window on. */
bool
parse_window_clause(struct parser *p, uint32_t first_window)
{
    struct list specs = {0}, names = {0};
    do {
        const char *name = parse_name(p);
        if (name == NULL || !parser_want(p, KW_AS)) {
            return false;
        }
        struct window_spec *w = parse_window_spec(p);
        if (w == NULL) {
            return false;
        }
        for (uint32_t i = 0; w->name != NULL && i < names.count; i++) {
            if (strcasecmp(w->name, names.items[i]) == 0) {
                w = specs.items[i];
            }
        }
        list_add(p, &names, (void *)name);
        list_add(p, &specs, w);
    } while (parser_take_sign(p, ','));
    uint32_t kept = first_window;
    for (uint32_t i = first_window; i < p->windows.count; i++) {
        struct expr *e = p->windows.items[i];
        struct window_spec *found = NULL;
        for (uint32_t k = 0; k < names.count; k++) {
            found = strcasecmp(e->window->name, names.items[k]) == 0 ? specs.items[k] : found;
        }
        if (found != NULL && found->name == NULL) {
            *e->window = *found;
        } else {
            p->windows.items[kept++] = e;
        }
    }
    p->windows.count = kept;
    return true;
}

/* At the end of a query all of its named windows must be known. */
bool
parser_windows_placed(struct parser *p, uint32_t first_window)
{
    if (p->windows.count <= first_window) {
        return true;
    }
    const struct expr *e = p->windows.items[first_window];
    return error_raise(p->err, "MISSING_WINDOW_SPECIFICATION", "windowName", e->window->name,
                       "docroot", "https://spark.apache.org/docs/latest", NULL);
}
