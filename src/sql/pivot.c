/* PIVOT and UNPIVOT behind a relation. */
#include <string.h>

#include "sql/parser.h"

/* a, or (a, b): column names as one value or as a row. */
static struct expr *
parse_column_or_row(struct parser *p)
{
    struct list items = {0};
    const bool row = parser_take_sign(p, '(');
    do {
        struct expr *e = expr_new(p->arena, EXPR_ATTRIBUTE);
        const uint32_t first = p->pos;
        if (!parse_names(p, &e->names, &e->name_count)) {
            return NULL;
        }
        list_add(p, &items, parser_spanned(p, e, first));
    } while (row && parser_take_sign(p, ','));
    if (row && !parser_want_sign(p, ')')) {
        return NULL;
    }
    return items.count == 1 ? items.items[0] : row_of(p, &items);
}

/* PIVOT (aggregate [AS a], ... FOR column IN (value [AS name], ...)) */
struct rel *
parse_pivot(struct parser *p, struct rel *input)
{
    p->pos += 2;
    struct rel *r = rel_new(p->arena, REL_PIVOT_AGGREGATE, 1, input);
    struct list aggregates = {0}, values = {0};
    r->others = true;
    r->group_type = GROUP_PIVOT;
    do {
        struct expr *e = parse_named_expr(p);
        if (e == NULL) {
            return NULL;
        }
        list_add(p, &aggregates, e);
    } while (parser_take_sign(p, ','));
    if (!parser_want(p, KW_FOR)) {
        return NULL;
    }
    r->condition = parse_column_or_row(p);
    if (r->condition == NULL || !parser_want(p, KW_IN) || !parser_want_sign(p, '(')) {
        return NULL;
    }
    do {
        struct expr *e = parse_named_expr(p);
        if (e == NULL) {
            return NULL;
        }
        list_add(p, &values, e);
    } while (parser_take_sign(p, ','));
    if (!parser_want_sign(p, ')') || !parser_want_sign(p, ')')) {
        return NULL;
    }
    r->exprs = (struct expr **)aggregates.items;
    r->expr_count = aggregates.count;
    r->sets = arena_new_array(p->arena, struct expr **, 1);
    r->set_sizes = arena_new_array(p->arena, uint32_t, 1);
    r->sets[0] = (struct expr **)values.items;
    r->set_sizes[0] = values.count;
    r->set_count = 1;
    return parse_alias(p, r);
}

/* The names of the value columns: v, or (v, w). */
static bool
parse_value_names(struct parser *p, struct list *names)
{
    const bool several = parser_take_sign(p, '(');
    do {
        const char *name = parse_name(p);
        if (name == NULL) {
            return false;
        }
        list_add(p, names, (void *)name);
    } while (several && parser_take_sign(p, ','));
    return !several || parser_want_sign(p, ')');
}

/* UNPIVOT [INCLUDE | EXCLUDE NULLS] (v FOR name IN (a [AS x], ...)) */
struct rel *
parse_unpivot(struct parser *p, struct rel *input)
{
    parser_next(p);
    struct rel *r = rel_new(p->arena, REL_UNPIVOT, 1, input);
    r->others = true;
    if (parser_at(p, KW_INCLUDE) || parser_at(p, KW_EXCLUDE)) {
        r->include_nulls = parser_next(p)->keyword == KW_INCLUDE;
        if (!parser_want(p, KW_NULLS)) {
            return NULL;
        }
    }
    struct list names = {0}, values = {0};
    if (!parser_want_sign(p, '(')) {
        return NULL;
    }
    list_add(p, &names, NULL); /* the variable's name comes after the values' */
    if (!parse_value_names(p, &names) || !parser_want(p, KW_FOR)) {
        return NULL;
    }
    names.items[0] = (void *)parse_name(p);
    if (names.items[0] == NULL || !parser_want(p, KW_IN) || !parser_want_sign(p, '(')) {
        return NULL;
    }
    do {
        struct expr *e = parse_column_or_row(p);
        if (e == NULL) {
            return NULL;
        }
        if (parser_take(p, KW_AS) || parser_is_name(parser_peek(p, 0))) {
            const char *name = parse_name(p);
            if (name == NULL) {
                return NULL;
            }
            e = expr_alias(p->arena, e, name);
        }
        list_add(p, &values, e);
    } while (parser_take_sign(p, ','));
    if (!parser_want_sign(p, ')') || !parser_want_sign(p, ')')) {
        return NULL;
    }
    r->column_names = (const char **)names.items;
    r->column_name_count = names.count;
    r->exprs = (struct expr **)values.items;
    r->expr_count = values.count;
    return parse_alias(p, r);
}

struct rel *
parse_relation_suffix(struct parser *p, struct rel *r)
{
    if (parser_at(p, KW_PIVOT) && parser_at_sign_ahead(p, 1, '(')) {
        return parse_pivot(p, r);
    }
    if (parser_at(p, KW_UNPIVOT) &&
        (parser_at_sign_ahead(p, 1, '(') || parser_at_ahead(p, 2, KW_NULLS))) {
        return parse_unpivot(p, r);
    }
    return r;
}
