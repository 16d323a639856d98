/*
 * Operators: OR, AND, NOT, the predicates (IN, LIKE, BETWEEN, IS), then the table of binary signs.
 *
 * A chain of one operator is a loop, so long chains cost no stack here; AND and OR become balanced
 * trees, since their order does not matter and later passes recurse.
 */
#include <string.h>

#include "sql/parser.h"

struct expr *
parser_spanned(struct parser *p, struct expr *e, uint32_t first_token)
{
    if (e != NULL && e->start < 0 && p->pos > first_token) {
        e->start = p->tokens[first_token].start;
        e->stop = p->tokens[p->pos - 1].stop;
    }
    return e;
}

static struct expr *
unary(struct parser *p, const char *name, struct expr *x)
{
    return x != NULL ? expr_call(p->arena, name, 1, x) : NULL;
}

static struct expr *
inverted(struct parser *p, struct expr *e, bool invert)
{
    return invert ? unary(p, "not", e) : e;
}

/* --- binary signs --- */

struct binary {
    int sign;
    uint8_t power; /* binds tighter when greater */
    const char *name;
};

static const struct binary binaries[] = {
    {'*', 9, "*"},       {'/', 9, "/"},       {'%', 9, "%"},
    {'+', 8, "+"},       {'-', 8, "-"},       {SIGN_CONCAT, 8, "concat"},
    {SIGN_SHL, 7, "<<"}, {SIGN_SHR, 7, ">>"}, {SIGN_USHR, 7, ">>>"},
    {'&', 6, "&"},       {'^', 5, "^"},       {'|', 4, "|"},
    {'=', 3, "=="},      {SIGN_EQ2, 3, "=="}, {SIGN_NULL_SAFE, 3, "<=>"},
    {SIGN_NE, 3, "!="},  {'<', 3, "<"},       {SIGN_LE, 3, "<="},
    {'>', 3, ">"},       {SIGN_GE, 3, ">="},
};

static const struct binary *
binary_at(const struct parser *p)
{
    static const struct binary div = {0, 9, "div"};
    const struct token *t = parser_peek(p, 0);
    if (t->kind == TOKEN_WORD && t->keyword == KW_DIV) {
        return &div;
    }
    if (t->kind != TOKEN_SIGN) {
        return NULL;
    }
    for (size_t i = 0; i < sizeof binaries / sizeof *binaries; i++) {
        if (binaries[i].sign == t->sign) {
            return &binaries[i];
        }
    }
    return NULL;
}

static struct expr *parse_unary(struct parser *p);

/* Precedence climbing: operators of at least `power`, left to right. */
static struct expr *
parse_binary(struct parser *p, uint8_t power)
{
    const uint32_t first = p->pos;
    struct expr *left = parse_unary(p);
    uint32_t links = 0;
    while (left != NULL) {
        const struct binary *op = binary_at(p);
        if (op == NULL || op->power < power) {
            return left;
        }
        parser_next(p);
        struct expr *right = parser_chain(p, &links) ? parse_binary(p, op->power + 1) : NULL;
        if (right == NULL) {
            return NULL;
        }
        const bool differs = strcmp(op->name, "!=") == 0;
        left = expr_call(p->arena, differs ? "==" : op->name, 2, left, right);
        parser_spanned(p, left, first);
        if (differs) {
            left = parser_spanned(p, unary(p, "not", left), first);
        }
    }
    return NULL;
}

/* Signs in front: a minus before a number belongs to the number. */
static struct expr *
parse_unary(struct parser *p)
{
    const uint32_t first = p->pos;
    const struct token *t = parser_peek(p, 0);
    if (t->kind != TOKEN_SIGN || (t->sign != '-' && t->sign != '+' && t->sign != '~')) {
        return parse_primary(p);
    }
    const enum token_kind next = (enum token_kind)parser_peek(p, 1)->kind;
    if (t->sign == '-' && next >= TOKEN_INTEGER && next <= TOKEN_REAL) {
        return parse_primary(p);
    }
    const char *name = t->sign == '-' ? "negative" : t->sign == '+' ? "positive" : "~";
    parser_next(p);
    struct expr *e = parser_deeper(p) ? unary(p, name, parse_unary(p)) : NULL;
    parser_shallower(p);
    if (e != NULL) {
        e->spelling = SPELL_OPERATOR;
    }
    return parser_spanned(p, e, first);
}

struct expr *
parse_value(struct parser *p)
{
    return parse_binary(p, 0);
}

/* --- predicates --- */

static struct expr *
parse_between(struct parser *p, struct expr *value, bool invert)
{
    struct expr *low = parse_value(p);
    if (low == NULL || !parser_want(p, KW_AND)) {
        return NULL;
    }
    struct expr *high = parse_value(p);
    if (high == NULL) {
        return NULL;
    }
    struct expr *both = expr_call(p->arena, "and", 2, expr_call(p->arena, ">=", 2, value, low),
                                  expr_call(p->arena, "<=", 2, value, high));
    both->spelling = SPELL_BETWEEN;
    return inverted(p, both, invert);
}

static struct expr *
subquery_of(struct parser *p, enum subquery_kind kind)
{
    struct rel *query = parse_query(p);
    if (query == NULL || !parser_want_sign(p, ')')) {
        return NULL;
    }
    struct expr *e = expr_new(p->arena, EXPR_SUBQUERY);
    e->subquery_kind = (uint8_t)kind;
    e->subquery = query;
    return e;
}

/* The parts of a row written as (a, b); any other value is its own single part. */
static void
row_parts(struct parser *p, struct expr *value, struct list *out)
{
    const bool row = value->kind == EXPR_CALL && value->spelling == SPELL_OPERATOR &&
                     strcmp(value->name, "named_struct") == 0;
    for (uint32_t i = 1; row && i < value->arg_count; i += 2) {
        list_add(p, out, value->args[i]);
    }
    if (!row) {
        list_add(p, out, value);
    }
}

static struct expr *
parse_in(struct parser *p, struct expr *value, bool invert)
{
    if (!parser_want_sign(p, '(')) {
        return NULL;
    }
    struct list parts = {0};
    if (parser_at_query(p)) {
        struct expr *e = subquery_of(p, SUBQUERY_IN);
        if (e == NULL) {
            return NULL;
        }
        row_parts(p, value, &parts);
        e->args = (struct expr **)parts.items;
        e->arg_count = parts.count;
        e->negated = invert;
        return e;
    }
    list_add(p, &parts, value);
    if (!parse_exprs(p, &parts) || !parser_want_sign(p, ')')) {
        return NULL;
    }
    struct expr *e = expr_call_args(p->arena, "in", (struct expr **)parts.items, parts.count);
    return inverted(p, e, invert);
}

/* LIKE ANY (...), LIKE ALL (...): a disjunction or conjunction of single ones. */
static struct expr *
parse_like_many(struct parser *p, const char *name, struct expr *value, bool invert)
{
    const bool all = parser_at(p, KW_ALL);
    parser_next(p);
    struct list patterns = {0};
    if (!parser_want_sign(p, '(') || !parse_exprs(p, &patterns) || !parser_want_sign(p, ')')) {
        return NULL;
    }
    struct expr *e = NULL;
    for (uint32_t i = 0; i < patterns.count; i++) {
        struct expr *one = expr_call(p->arena, name, 2, value, (struct expr *)patterns.items[i]);
        one = inverted(p, one, invert);
        e = e == NULL ? one : expr_call(p->arena, all ? "and" : "or", 2, e, one);
        if (i > SQL_CHAIN_MAX) {
            error_raise(p->err, "FAILED_TO_PARSE_TOO_COMPLEX", NULL);
            return NULL;
        }
    }
    return e;
}

static struct expr *
parse_like(struct parser *p, const char *name, struct expr *value, bool invert)
{
    const bool many = (parser_at(p, KW_ANY) || parser_at(p, KW_SOME) || parser_at(p, KW_ALL)) &&
                      parser_at_sign_ahead(p, 1, '(');
    if (many) {
        return parse_like_many(p, name, value, invert);
    }
    struct expr *pattern = parse_value(p);
    if (pattern == NULL) {
        return NULL;
    }
    if (!parser_take(p, KW_ESCAPE)) {
        return inverted(p, expr_call(p->arena, name, 2, value, pattern), invert);
    }
    const struct token *at = parser_peek(p, 0);
    uint32_t len;
    const char *escape = parse_string(p, &len);
    if (escape == NULL) {
        return NULL;
    }
    uint32_t chars = 0;
    for (uint32_t i = 0; i < len; i++) {
        chars += ((unsigned char)escape[i] & 0xC0) != 0x80;
    }
    if (chars != 1) {
        error_raise(p->err, "INVALID_ESC", "invalidEscape", arena_printf(p->arena, "'%s'", escape),
                    NULL);
        parser_place(p, at);
        return NULL;
    }
    struct expr *e =
        expr_call(p->arena, name, 3, value, pattern, expr_string_literal(p->arena, escape, len));
    return inverted(p, e, invert);
}

/* IS [NOT] NULL, TRUE, FALSE, UNKNOWN, DISTINCT FROM */
static struct expr *
parse_is(struct parser *p, struct expr *value)
{
    const bool negated = parser_take(p, KW_NOT);
    if (parser_take(p, KW_NULL) || parser_take(p, KW_UNKNOWN)) {
        return expr_call(p->arena, negated ? "isnotnull" : "isnull", 1, value);
    }
    if (parser_at(p, KW_TRUE) || parser_at(p, KW_FALSE)) {
        struct expr *truth = expr_bool_literal(p->arena, parser_at(p, KW_TRUE));
        parser_next(p);
        return inverted(p, expr_call(p->arena, "<=>", 2, value, truth), negated);
    }
    if (!parser_want(p, KW_DISTINCT) || !parser_want(p, KW_FROM)) {
        return NULL;
    }
    struct expr *other = parse_value(p);
    if (other == NULL) {
        return NULL;
    }
    return inverted(p, expr_call(p->arena, "<=>", 2, value, other), !negated);
}

static struct expr *
parse_predicate(struct parser *p)
{
    const uint32_t first = p->pos;
    struct expr *value = parse_value(p);
    if (value == NULL) {
        return NULL;
    }
    if (parser_take(p, KW_IS)) {
        return parser_spanned(p, parse_is(p, value), first);
    }
    const bool bang = parser_at_sign(p, '!');
    const bool invert = parser_at(p, KW_NOT) || bang;
    const uint32_t ahead = invert ? 1 : 0;
    const struct token *t = parser_peek(p, ahead);
    struct expr *e = value;
    const uint32_t before = p->pos;
    p->pos += ahead + 1 < p->count - p->pos ? ahead + 1 : 0;
    switch (t->kind == TOKEN_WORD ? t->keyword : KW_NONE) {
    case KW_BETWEEN:
        e = parse_between(p, value, invert);
        break;
    case KW_IN:
        e = parse_in(p, value, invert);
        break;
    case KW_LIKE:
        e = parse_like(p, "like", value, invert);
        break;
    case KW_ILIKE:
        e = parse_like(p, "ilike", value, invert);
        break;
    case KW_RLIKE:
    case KW_REGEXP: {
        struct expr *pattern = parse_value(p);
        e = pattern != NULL ? inverted(p, expr_call(p->arena, "rlike", 2, value, pattern), invert)
                            : NULL;
        break;
    }
    default:
        p->pos = before;
        return value;
    }
    return parser_spanned(p, e, first);
}

/* --- NOT, AND, OR --- */

static struct expr *
parse_exists(struct parser *p)
{
    const uint32_t first = p->pos;
    parser_next(p);
    parser_next(p);
    return parser_spanned(p, subquery_of(p, SUBQUERY_EXISTS), first);
}

static bool
at_exists_query(struct parser *p)
{
    if (!parser_at(p, KW_EXISTS) || !parser_at_sign_ahead(p, 1, '(')) {
        return false;
    }
    const uint32_t before = p->pos;
    p->pos += 2;
    const bool query = parser_at_query(p);
    p->pos = before;
    return query;
}

/* NOT is a name too (a column called not), but never before something that begins a value. */
static struct expr *
parse_not(struct parser *p)
{
    const uint32_t first = p->pos;
    if (!parser_at(p, KW_NOT) && !parser_at_sign(p, '!')) {
        return at_exists_query(p) ? parse_exists(p) : parse_predicate(p);
    }
    parser_next(p);
    struct expr *e = parser_deeper(p) ? parse_not(p) : NULL;
    parser_shallower(p);
    if (e != NULL && e->kind == EXPR_SUBQUERY && e->subquery_kind == SUBQUERY_EXISTS &&
        !e->negated) {
        e->negated = true;
        return e;
    }
    return parser_spanned(p, unary(p, "not", e), first);
}

/* Halves of a chain joined, halves of these, and so on. */
static struct expr *
balanced(struct parser *p, const char *name, struct expr **items, uint32_t count)
{
    if (count == 1) {
        return items[0];
    }
    const uint32_t half = count / 2;
    struct expr *left = balanced(p, name, items, half);
    struct expr *e =
        expr_call(p->arena, name, 2, left, balanced(p, name, items + half, count - half));
    e->start = items[0]->start;
    e->stop = items[count - 1]->stop;
    return e;
}

static struct expr *
left_deep(struct parser *p, const char *name, struct expr **items, uint32_t count)
{
    struct expr *e = items[0];
    for (uint32_t i = 1; i < count; i++) {
        const int32_t start = e->start;
        e = expr_call(p->arena, name, 2, e, items[i]);
        e->start = start;
        e->stop = items[i]->stop;
    }
    return e;
}

static struct expr *
parse_chain(struct parser *p, enum keyword kw, const char *name,
            struct expr *(*operand)(struct parser *p))
{
    struct list items = {0};
    do {
        struct expr *e = operand(p);
        if (e == NULL) {
            return NULL;
        }
        list_add(p, &items, e);
    } while (parser_take(p, kw));
    struct expr **exprs = (struct expr **)items.items;
    return items.count <= 8 ? left_deep(p, name, exprs, items.count)
                            : balanced(p, name, exprs, items.count);
}

static struct expr *
parse_and(struct parser *p)
{
    return parse_chain(p, KW_AND, "and", parse_not);
}

struct expr *
parse_expr(struct parser *p)
{
    struct expr *e = parser_deeper(p) ? parse_chain(p, KW_OR, "or", parse_and) : NULL;
    parser_shallower(p);
    return e;
}

bool
parse_exprs(struct parser *p, struct list *out)
{
    do {
        struct expr *e = parse_expr(p);
        if (e == NULL) {
            return false;
        }
        list_add(p, out, e);
    } while (parser_take_sign(p, ','));
    return true;
}
