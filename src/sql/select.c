/* SELECT: its list, hints, FROM with lateral views, WHERE, GROUP BY, HAVING, WINDOW, DISTINCT. */
#include <string.h>
#include <strings.h>

#include "sql/parser.h"

static bool
parse_hint(struct parser *p, struct list *hints)
{
    const char *name = parse_name(p);
    if (name == NULL) {
        return false;
    }
    struct rel *hint = rel_new(p->arena, REL_HINT, 1, NULL);
    hint->name = name;
    if (parser_take_sign(p, '(')) {
        struct list args = {0};
        if (!parser_at_sign(p, ')') && !parse_exprs(p, &args)) {
            return false;
        }
        if (!parser_want_sign(p, ')')) {
            return false;
        }
        hint->exprs = (struct expr **)args.items;
        hint->expr_count = args.count;
    }
    list_add(p, hints, hint);
    return true;
}

/* Hints between the comment signs, with or without commas. */
static bool
parse_hints(struct parser *p, struct list *hints)
{
    while (parser_take_sign(p, SIGN_HINT)) {
        while (!parser_take_sign(p, SIGN_HINT_END)) {
            if (!parse_hint(p, hints)) {
                return false;
            }
            parser_take_sign(p, ',');
        }
    }
    return true;
}

static bool
parse_select_list(struct parser *p, struct list *out)
{
    do {
        struct expr *e = parse_named_expr(p);
        if (e == NULL) {
            return false;
        }
        list_add(p, out, e);
    } while (parser_take_sign(p, ','));
    return true;
}

static struct rel *
filter_of(struct parser *p, struct rel *input, bool having)
{
    struct expr *condition = parse_expr(p);
    if (condition == NULL) {
        return NULL;
    }
    struct rel *r = rel_new(p->arena, REL_FILTER, 1, input);
    r->condition = condition;
    r->having = having;
    return r;
}

/* The node that computes the list: PROJECT, or AGGREGATE where groups or HAVING make one. */
static struct rel *
parse_projection(struct parser *p, struct rel *input, struct list *items)
{
    struct rel *r;
    if (parser_take2(p, KW_GROUP, KW_BY)) {
        r = parse_group_by(p, items);
        if (r == NULL) {
            return NULL;
        }
    } else {
        r = rel_new(p->arena, parser_at(p, KW_HAVING) ? REL_AGGREGATE : REL_PROJECT, 0);
        r->output_is_list = r->kind == REL_AGGREGATE;
        r->exprs = (struct expr **)items->items;
        r->expr_count = items->count;
    }
    if (input != NULL) {
        r->inputs = arena_new_array(p->arena, struct rel *, 1);
        r->inputs[0] = input;
        r->input_count = 1;
    }
    return parser_take(p, KW_HAVING) ? filter_of(p, r, true) : r;
}

/* All after the FROM clause. */
static struct rel *
parse_select_tail(struct parser *p, struct rel *input, struct list *items, struct list *hints,
                  bool distinct)
{
    if (parser_take(p, KW_WHERE)) {
        if (input == NULL) { /* SELECT 1 WHERE x: over the one row that there is */
            input = rel_new(p->arena, REL_PROJECT, 0);
        }
        input = filter_of(p, input, false);
        if (input == NULL) {
            return NULL;
        }
    }
    struct rel *r = parse_projection(p, input, items);
    if (r == NULL) {
        return NULL;
    }
    if (parser_at(p, KW_WINDOW) && parser_is_name(parser_peek(p, 1))) {
        parser_next(p);
        if (!parse_window_clause(p, 0)) {
            return NULL;
        }
    }
    if (parser_take(p, KW_QUALIFY)) {
        r = filter_of(p, r, true);
        if (r == NULL) {
            return NULL;
        }
        if (parser_at(p, KW_WINDOW) && parser_is_name(parser_peek(p, 1))) {
            parser_next(p);
            if (!parse_window_clause(p, 0)) {
                return NULL;
            }
        }
    }
    if (distinct) {
        r = rel_new(p->arena, REL_DISTINCT, 1, r);
    }
    for (uint32_t i = hints->count; i > 0; i--) {
        struct rel *hint = hints->items[i - 1];
        hint->inputs[0] = r;
        r = hint;
    }
    return r;
}

static bool
parse_select_head(struct parser *p, struct list *items, struct list *hints, bool *distinct)
{
    if (!parser_want(p, KW_SELECT) || !parse_hints(p, hints)) {
        return false;
    }
    if (parser_at(p, KW_TRANSFORM) && parser_at_sign_ahead(p, 1, '(')) {
        /* Only the script form has USING after its parentheses; the function stays a function. */
        uint32_t depth = 0, i = 1;
        do {
            depth += parser_at_sign_ahead(p, i, '(');
            depth -= parser_at_sign_ahead(p, i, ')');
            i++;
        } while (depth > 0 && parser_peek(p, i)->kind != TOKEN_END);
        if (parser_at_ahead(p, i, KW_USING)) {
            return error_unsupported(p->err, "SELECT TRANSFORM ... USING");
        }
    }
    const bool word = !parser_at_sign_ahead(p, 1, '.') && !parser_at_sign_ahead(p, 1, ',') &&
                      parser_peek(p, 1)->kind != TOKEN_END && !parser_at_ahead(p, 1, KW_FROM);
    *distinct = word && parser_take(p, KW_DISTINCT);
    if (!*distinct && word && parser_at(p, KW_ALL)) {
        parser_next(p);
    }
    return parse_select_list(p, items);
}

struct rel *
parse_select(struct parser *p)
{
    struct list items = {0}, hints = {0};
    bool distinct = false;
    struct rel *input = NULL;
    if (parser_at(p, KW_FROM)) { /* FROM t SELECT a, FROM t |> ... */
        input = parse_from(p);
        if (input == NULL || !parser_at(p, KW_SELECT)) {
            return input;
        }
        if (!parse_select_head(p, &items, &hints, &distinct)) {
            return NULL;
        }
        return parse_select_tail(p, input, &items, &hints, distinct);
    }
    if (!parse_select_head(p, &items, &hints, &distinct)) {
        return NULL;
    }
    if (parser_at(p, KW_FROM)) {
        input = parse_from(p);
        if (input == NULL) {
            return NULL;
        }
    }
    while (parser_at(p, KW_LATERAL) && parser_at_ahead(p, 1, KW_VIEW)) {
        if (input == NULL) {
            input = rel_new(p->arena, REL_PROJECT, 0);
        }
        input = parse_lateral_view(p, input);
        if (input == NULL) {
            return NULL;
        }
    }
    return parse_select_tail(p, input, &items, &hints, distinct);
}
