/*
 * The pipe syntax: query |> operator |> operator. Every operator is one relation over what stands
 * before it, so the trees are those of the ordinary clauses.
 */
#include "sql/parser.h"

static bool
parse_items(struct parser *p, struct list *out)
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

/* SELECT a, b: with DISTINCT too. EXTEND a: all columns and a. */
static struct rel *
pipe_project(struct parser *p, struct rel *r, bool extend)
{
    struct list items = {0};
    const bool distinct = !extend && parser_take(p, KW_DISTINCT);
    if (extend) {
        list_add(p, &items, expr_new(p->arena, EXPR_STAR));
    }
    if (!parse_items(p, &items)) {
        return NULL;
    }
    struct rel *project = rel_new(p->arena, REL_PROJECT, 1, r);
    project->exprs = (struct expr **)items.items;
    project->expr_count = items.count;
    return distinct ? rel_new(p->arena, REL_DISTINCT, 1, project) : project;
}

/* SET a = x, b = y: each sees what the one before made. */
static struct rel *
pipe_set(struct parser *p, struct rel *r)
{
    do {
        const char *name = parse_name(p);
        struct expr *e = name != NULL && parser_want_sign(p, '=') ? parse_expr(p) : NULL;
        if (e == NULL) {
            return NULL;
        }
        r = rel_new(p->arena, REL_WITH_COLUMNS, 1, r);
        r->exprs = arena_new_array(p->arena, struct expr *, 1);
        r->exprs[0] = expr_alias(p->arena, e, name);
        r->expr_count = 1;
    } while (parser_take_sign(p, ','));
    return r;
}

/* DROP a, b: unlike DataFrame.drop an unknown name is an error, so the star leaves them out. */
static struct rel *
pipe_drop(struct parser *p, struct rel *r)
{
    struct list names = {0};
    do {
        struct expr *e = expr_new(p->arena, EXPR_ATTRIBUTE);
        const uint32_t first = p->pos;
        if (!parse_names(p, &e->names, &e->name_count)) {
            return NULL;
        }
        list_add(p, &names, parser_spanned(p, e, first));
    } while (parser_take_sign(p, ','));
    struct expr *star = expr_new(p->arena, EXPR_STAR);
    star->args = (struct expr **)names.items;
    star->arg_count = names.count;
    struct rel *project = rel_new(p->arena, REL_PROJECT, 1, r);
    project->exprs = arena_new_array(p->arena, struct expr *, 1);
    project->exprs[0] = star;
    project->expr_count = 1;
    return project;
}

/* AGGREGATE [a, b] [GROUP BY c, d]: the groups come first in the output. */
static struct rel *
pipe_aggregate(struct parser *p, struct rel *r)
{
    struct list aggregates = {0}, groups = {0};
    const struct token *at = parser_peek(p, 0);
    const bool bare = at->kind == TOKEN_END || parser_at_sign(p, SIGN_PIPE) ||
                      parser_at_sign(p, ')') || parser_at_sign(p, ';');
    if (bare) {
        error_raise(p->err, "_LEGACY_ERROR_TEMP_0035", "message",
                    "The AGGREGATE clause requires a list of aggregate expressions or a list of "
                    "grouping expressions, or both",
                    NULL);
        parser_place(p, at);
        return NULL;
    }
    if (!parser_at(p, KW_GROUP) && !parse_items(p, &aggregates)) {
        return NULL;
    }
    if (parser_take2(p, KW_GROUP, KW_BY) && !parse_items(p, &groups)) {
        return NULL;
    }
    struct rel *aggregate = rel_new(p->arena, REL_AGGREGATE, 1, r);
    aggregate->group_count = groups.count;
    for (uint32_t i = 0; i < aggregates.count; i++) {
        list_add(p, &groups, aggregates.items[i]);
    }
    aggregate->exprs = (struct expr **)groups.items;
    aggregate->expr_count = groups.count;
    return aggregate;
}

static struct rel *
pipe_set_operator(struct parser *p, struct rel *r)
{
    struct rel *op = NULL;
    parse_set_operator(p, &op);
    struct rel *right;
    if (parser_take_sign(p, '(')) {
        right = parse_query(p);
        right = right != NULL && parser_want_sign(p, ')') ? right : NULL;
    } else if (parser_at(p, KW_VALUES)) {
        right = parse_values(p);
    } else {
        right = parse_select(p);
    }
    if (right == NULL) {
        return NULL;
    }
    op->inputs[0] = r;
    op->inputs[1] = right;
    return op;
}

static struct rel *
pipe_other(struct parser *p, struct rel *r)
{
    const uint32_t before = p->pos;
    bool taken;
    struct rel *out = parse_join_after(p, r, &taken);
    if (out == NULL || taken) {
        return out;
    }
    out = parse_relation_suffix(p, r);
    if (out == NULL || p->pos > before) {
        return out;
    }
    out = parse_sample(p, r);
    if (out == NULL || p->pos > before) {
        return out;
    }
    out = parse_organization(p, r, true);
    if (out != NULL && p->pos == before) {
        parser_syntax(p);
        return NULL;
    }
    return out;
}

static struct rel *
parse_pipe(struct parser *p, struct rel *r)
{
    if (parser_at(p, KW_UNION) || parser_at(p, KW_EXCEPT) || parser_at(p, KW_MINUS) ||
        parser_at(p, KW_INTERSECT)) {
        return pipe_set_operator(p, r);
    }
    switch (parser_peek(p, 0)->kind == TOKEN_WORD ? parser_peek(p, 0)->keyword : KW_NONE) {
    case KW_SELECT:
        parser_next(p);
        return pipe_project(p, r, false);
    case KW_EXTEND:
        parser_next(p);
        return pipe_project(p, r, true);
    case KW_SET:
        parser_next(p);
        return pipe_set(p, r);
    case KW_DROP:
        parser_next(p);
        return pipe_drop(p, r);
    case KW_AGGREGATE:
        parser_next(p);
        return pipe_aggregate(p, r);
    case KW_AS: {
        parser_next(p);
        struct rel *alias = rel_new(p->arena, REL_ALIAS, 1, r);
        alias->name = parse_name(p);
        return alias->name != NULL ? alias : NULL;
    }
    case KW_WHERE: {
        parser_next(p);
        struct rel *filter = rel_new(p->arena, REL_FILTER, 1, r);
        filter->condition = parse_expr(p);
        return filter->condition != NULL ? filter : NULL;
    }
    default:
        return pipe_other(p, r);
    }
}

struct rel *
parse_pipes(struct parser *p, struct rel *r)
{
    uint32_t links = 0;
    while (r != NULL && parser_take_sign(p, SIGN_PIPE)) {
        r = parser_chain(p, &links) ? parse_pipe(p, r) : NULL;
    }
    return r;
}
