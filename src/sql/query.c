/*
 * Queries: WITH, set operations in their two ranks, and what orders and cuts the whole.
 *
 * INTERSECT binds tighter than UNION and EXCEPT. A chain of UNION ALL is one node over all of its
 * inputs, so that texts with hundreds of branches stay shallow trees.
 */
#include <string.h>
#include <strings.h>

#include "sql/parser.h"

/* Does the text go on as a query after an opening parenthesis was closed? */
static bool
continues_query(const struct token *t)
{
    if (t->kind != TOKEN_WORD) {
        return t->kind == TOKEN_END ||
               (t->kind == TOKEN_SIGN && (t->sign == ')' || t->sign == SIGN_PIPE));
    }
    switch (t->keyword) {
    case KW_UNION:
    case KW_EXCEPT:
    case KW_MINUS:
    case KW_INTERSECT:
    case KW_ORDER:
    case KW_SORT:
    case KW_CLUSTER:
    case KW_DISTRIBUTE:
    case KW_LIMIT:
    case KW_OFFSET:
        return true;
    default:
        return false;
    }
}

static bool
starts_query(const struct parser *p, uint32_t ahead)
{
    const struct token *t = parser_peek(p, ahead), *next = parser_peek(p, ahead + 1);
    if (t->kind != TOKEN_WORD) {
        return false;
    }
    switch (t->keyword) {
    case KW_SELECT:
        return true;
    case KW_WITH:
    case KW_TABLE:
        return parser_is_name(next);
    case KW_FROM:
        return parser_is_name(next) || (next->kind == TOKEN_SIGN && next->sign == '(');
    case KW_VALUES:
        return next->kind != TOKEN_END &&
               (next->kind != TOKEN_SIGN || strchr("(-+~*?:", next->sign) != NULL);
    case KW_MAP:
    case KW_REDUCE:
        return false;
    default:
        return false;
    }
}

bool
parser_at_query(const struct parser *p)
{
    uint32_t open = 0;
    while (parser_at_sign_ahead(p, open, '(')) {
        open++;
    }
    if (!starts_query(p, open)) {
        return false;
    }
    if (open == 0) {
        return true;
    }
    uint32_t depth = 0;
    for (uint32_t i = 0;; i++) {
        const struct token *t = parser_peek(p, i);
        if (t->kind == TOKEN_END) {
            return true; /* to be refused as a query */
        }
        if (t->kind == TOKEN_SIGN) {
            depth += (t->sign == '(');
            depth -= (t->sign == ')');
        }
        if (depth == 0) {
            return continues_query(parser_peek(p, i + 1));
        }
    }
}

/* --- WITH --- */

static struct rel *
parenthesised_query(struct parser *p)
{
    if (!parser_want_sign(p, '(')) {
        return NULL;
    }
    struct rel *r = parse_query(p);
    return r != NULL && parser_want_sign(p, ')') ? r : NULL;
}

static bool
parse_cte(struct parser *p, struct cte *out)
{
    out->level_max = -1;
    out->name = parse_name(p);
    if (out->name == NULL) {
        return false;
    }
    if (parser_at_sign(p, '(') && !parse_name_list(p, &out->column_names, &out->column_count)) {
        return false;
    }
    if (parser_at(p, KW_MAX) && parser_at_ahead(p, 1, KW_RECURSION)) {
        p->pos += 2;
        if (!parser_want(p, KW_LEVEL) || parser_peek(p, 0)->kind != TOKEN_INTEGER) {
            return parser_syntax(p);
        }
        struct expr *level = parse_number(p, false);
        if (level == NULL) {
            return false;
        }
        out->level_max = level->literal.i;
    }
    parser_take(p, KW_AS);
    out->rel = parenthesised_query(p);
    return out->rel != NULL;
}

static struct rel *
parse_with(struct parser *p)
{
    struct list ctes = {0};
    parser_next(p);
    const bool recursive = parser_at(p, KW_RECURSIVE) && parser_is_name(parser_peek(p, 1)) &&
                           !parser_at_ahead(p, 1, KW_AS);
    p->pos += recursive;
    do {
        struct cte *cte = arena_new(p->arena, struct cte);
        if (!parse_cte(p, cte)) {
            return NULL;
        }
        cte->recursive = recursive;
        for (uint32_t i = 0; i < ctes.count; i++) {
            if (strcasecmp(((struct cte *)ctes.items[i])->name, cte->name) == 0) {
                error_raise(p->err, "DUPLICATED_CTE_NAMES", "duplicateNames",
                            arena_printf(p->arena, "`%s`", cte->name), NULL);
                return NULL;
            }
        }
        list_add(p, &ctes, cte);
    } while (parser_take_sign(p, ','));
    struct rel *r = rel_new(p->arena, REL_WITH, 1, NULL);
    r->cte_count = ctes.count;
    r->ctes = arena_new_array(p->arena, struct cte, ctes.count);
    for (uint32_t i = 0; i < ctes.count; i++) {
        r->ctes[i] = *(struct cte *)ctes.items[i];
    }
    return r;
}

/* --- set operations --- */

/* UNION, EXCEPT, MINUS, INTERSECT [ALL | DISTINCT] [BY NAME]; *op stays NULL when there is none. */
bool
parse_set_operator(struct parser *p, struct rel **op)
{
    enum set_op kind;
    switch (parser_peek(p, 0)->kind == TOKEN_WORD ? parser_peek(p, 0)->keyword : KW_NONE) {
    case KW_UNION:
        kind = SET_UNION;
        break;
    case KW_EXCEPT:
    case KW_MINUS:
        kind = SET_EXCEPT;
        break;
    case KW_INTERSECT:
        kind = SET_INTERSECT;
        break;
    default:
        return true;
    }
    parser_next(p);
    struct rel *r = rel_new(p->arena, REL_SET_OP, 2, NULL, NULL);
    r->set_op = kind;
    r->is_all = parser_take(p, KW_ALL);
    if (!r->is_all) {
        parser_take(p, KW_DISTINCT);
    }
    if (parser_at(p, KW_BY) && parser_at_ahead(p, 1, KW_NAME)) {
        p->pos += 2;
        r->by_name = true;
    }
    *op = r;
    return true;
}

static struct rel *
parse_query_primary(struct parser *p)
{
    if (parser_at_sign(p, '(')) {
        return parenthesised_query(p);
    }
    if (parser_at(p, KW_VALUES)) {
        return parse_values(p);
    }
    if (parser_at(p, KW_TABLE) && parser_is_name(parser_peek(p, 1))) {
        parser_next(p);
        struct rel *r = rel_new(p->arena, REL_TABLE, 0);
        return parse_names(p, &r->names, &r->name_count) ? r : NULL;
    }
    if (parser_at(p, KW_SELECT) || parser_at(p, KW_FROM)) {
        return parse_select(p);
    }
    parser_syntax(p);
    return NULL;
}

static bool
at_intersect(const struct parser *p)
{
    return parser_at(p, KW_INTERSECT);
}

static bool
at_union(const struct parser *p)
{
    return parser_at(p, KW_UNION) || parser_at(p, KW_EXCEPT) || parser_at(p, KW_MINUS);
}

static bool
is_plain_union(const struct rel *r)
{
    return r->set_op == SET_UNION && r->is_all && !r->by_name;
}

static struct rel *
parse_set_chain(struct parser *p, bool (*at)(const struct parser *p),
                struct rel *(*operand)(struct parser *p))
{
    struct rel *left = operand(p), *run = NULL; /* run: a node of UNION ALL made by this chain */
    struct list inputs = {0};                   /* of run */
    uint32_t links = 0;
    while (left != NULL && at(p)) {
        struct rel *op = NULL;
        parse_set_operator(p, &op);
        const bool goes_on = is_plain_union(op) && left == run;
        struct rel *right = goes_on || parser_chain(p, &links) ? operand(p) : NULL;
        if (right == NULL) {
            return NULL;
        }
        if (!goes_on) {
            inputs = (struct list){0};
            list_add(p, &inputs, left);
            run = is_plain_union(op) ? op : NULL;
            left = op;
        }
        list_add(p, &inputs, right);
        left->inputs = (struct rel **)inputs.items;
        left->input_count = inputs.count;
    }
    return left;
}

static struct rel *
parse_intersects(struct parser *p)
{
    return parse_set_chain(p, at_intersect, parse_query_primary);
}

struct rel *
parse_query_term(struct parser *p)
{
    return parse_set_chain(p, at_union, parse_intersects);
}

/* --- ORDER BY and kin --- */

static struct rel *
parse_sort(struct parser *p, struct rel *r, bool global)
{
    struct rel *sort = rel_new(p->arena, REL_SORT, 1, r);
    sort->is_global = global;
    if (global && parser_at(p, KW_ALL) && !parser_at_sign_ahead(p, 1, '.') &&
        !parser_at_sign_ahead(p, 1, ',')) {
        parser_next(p);
        sort->is_all = true;
        sort->keys = arena_new_array(p->arena, struct sort_key, 1);
        sort->key_count = 1;
        sort->keys[0].expr = expr_new(p->arena, EXPR_STAR);
        sort->keys[0].descending = parser_take(p, KW_DESC);
        if (!sort->keys[0].descending) {
            parser_take(p, KW_ASC);
        }
        sort->keys[0].nulls_first = !sort->keys[0].descending;
        if (parser_take2(p, KW_NULLS, KW_FIRST) || parser_take2(p, KW_NULLS, KW_LAST)) {
            sort->keys[0].nulls_first = p->tokens[p->pos - 1].keyword == KW_FIRST;
        }
        return sort;
    }
    return parse_order_keys(p, &sort->keys, &sort->key_count) ? sort : NULL;
}

static struct rel *
parse_distribute(struct parser *p, struct rel *r)
{
    struct list exprs = {0};
    if (!parse_exprs(p, &exprs)) {
        return NULL;
    }
    struct rel *out = rel_new(p->arena, REL_REPARTITION, 1, r);
    out->exprs = (struct expr **)exprs.items;
    out->expr_count = exprs.count;
    out->is_all = true;
    return out;
}

/* CLUSTER BY a: DISTRIBUTE BY a SORT BY a */
static struct rel *
parse_cluster(struct parser *p, struct rel *r)
{
    r = parse_distribute(p, r);
    if (r == NULL) {
        return NULL;
    }
    struct rel *sort = rel_new(p->arena, REL_SORT, 1, r);
    sort->key_count = r->expr_count;
    sort->keys = arena_new_array(p->arena, struct sort_key, r->expr_count);
    for (uint32_t i = 0; i < r->expr_count; i++) {
        sort->keys[i] = (struct sort_key){.expr = r->exprs[i], .nulls_first = true};
    }
    return sort;
}

static bool
parse_count(struct parser *p, int64_t *count, struct expr **expr)
{
    struct expr *e = parse_expr(p);
    if (e == NULL) {
        return false;
    }
    if (e->kind == EXPR_LITERAL && !e->literal.is_null && e->literal.type->id == TYPE_INT &&
        e->literal.i >= 0) {
        *count = e->literal.i;
    } else {
        *expr = e;
    }
    return true;
}

static struct rel *
parse_limits(struct parser *p, struct rel *r)
{
    struct rel *limit = rel_new(p->arena, REL_LIMIT, 1, r);
    bool any = false;
    if (parser_take(p, KW_LIMIT)) {
        if (!parser_take(p, KW_ALL)) {
            any = true;
            if (!parse_count(p, &limit->limit, &limit->limit_expr)) {
                return NULL;
            }
        }
    }
    if (parser_take(p, KW_OFFSET)) {
        any = true;
        if (!parse_count(p, &limit->offset, &limit->offset_expr)) {
            return NULL;
        }
    }
    return any ? limit : r;
}

/* ORDER BY, SORT BY, CLUSTER BY, DISTRIBUTE BY, then LIMIT and OFFSET. */
struct rel *
parse_organization(struct parser *p, struct rel *r, bool pipe)
{
    const uint32_t first = p->pos;
    if (parser_take2(p, KW_ORDER, KW_BY)) {
        r = parse_sort(p, r, true);
    } else if (parser_take2(p, KW_CLUSTER, KW_BY)) {
        r = parse_cluster(p, r);
    } else {
        if (parser_take2(p, KW_DISTRIBUTE, KW_BY)) {
            r = parse_distribute(p, r);
        }
        if (r != NULL && parser_take2(p, KW_SORT, KW_BY)) {
            r = parse_sort(p, r, false);
        }
    }
    if (r == NULL || (pipe && p->pos > first)) {
        return r;
    }
    if (parser_at(p, KW_WINDOW) && parser_is_name(parser_peek(p, 1))) {
        parser_next(p);
        if (!parse_window_clause(p, 0)) {
            return NULL;
        }
    }
    return parse_limits(p, r);
}

struct rel *
parse_query(struct parser *p)
{
    if (!parser_deeper(p)) {
        return NULL;
    }
    /* Windows and lambda variables of the enclosing query are not in force inside. */
    const struct list outer_windows = p->windows;
    const struct lambda_scope *outer_lambda = p->lambda;
    p->windows = (struct list){0};
    p->lambda = NULL;
    struct rel *with = parser_at(p, KW_WITH) ? parse_with(p) : NULL;
    struct rel *r = error_is_set(p->err) ? NULL : parse_query_term(p);
    r = r != NULL ? parse_organization(p, r, false) : NULL;
    r = r != NULL ? parse_pipes(p, r) : NULL;
    if (r != NULL && !parser_windows_placed(p, 0)) {
        r = NULL;
    }
    p->windows = outer_windows;
    p->lambda = outer_lambda;
    parser_shallower(p);
    if (r != NULL && with != NULL) {
        with->inputs[0] = r;
        r = with;
    }
    return r;
}
