/* Values that stand by themselves: literals, names, parentheses, CASE, and what follows a value. */
#include <string.h>
#include <strings.h>

#include "sql/parser.h"

static struct expr *
string_value(struct parser *p)
{
    uint32_t len;
    const char *text = parse_string(p, &len);
    return text != NULL ? expr_string_literal(p->arena, text, len) : NULL;
}

/* CASE [x] WHEN a THEN b ... [ELSE c] END */
static struct expr *
parse_case(struct parser *p)
{
    parser_next(p);
    struct expr *value = NULL;
    if (!parser_at(p, KW_WHEN)) {
        value = parse_expr(p);
        if (value == NULL) {
            return NULL;
        }
    }
    struct list args = {0};
    while (parser_take(p, KW_WHEN)) {
        struct expr *when = parse_expr(p);
        struct expr *then = when != NULL && parser_want(p, KW_THEN) ? parse_expr(p) : NULL;
        if (then == NULL) {
            return NULL;
        }
        list_add(p, &args, value != NULL ? expr_call(p->arena, "==", 2, value, when) : when);
        list_add(p, &args, then);
    }
    if (args.count == 0) {
        parser_syntax(p);
        return NULL;
    }
    if (parser_take(p, KW_ELSE)) {
        struct expr *otherwise = parse_expr(p);
        if (otherwise == NULL) {
            return NULL;
        }
        list_add(p, &args, otherwise);
    }
    if (!parser_want(p, KW_END)) {
        return NULL;
    }
    struct expr *e = expr_new(p->arena, EXPR_CASE);
    e->args = (struct expr **)args.items;
    e->arg_count = args.count;
    return e;
}

static struct expr *
parse_cast(struct parser *p, enum cast_mode mode)
{
    parser_next(p);
    parser_next(p);
    struct expr *value = parse_expr(p);
    if (value == NULL || !parser_want(p, KW_AS)) {
        return NULL;
    }
    const struct type *type = parse_type(p);
    if (type == NULL || !parser_want_sign(p, ')')) {
        return NULL;
    }
    return expr_cast(p->arena, value, type, mode);
}

static const char *
last_name(const struct expr *e)
{
    return e->kind == EXPR_ATTRIBUTE ? e->names[e->name_count - 1]
           : e->kind == EXPR_ALIAS   ? e->name
                                     : NULL;
}

struct expr *
row_of(struct parser *p, struct list *items)
{
    struct list args = {0};
    for (uint32_t i = 0; i < items->count; i++) {
        struct expr *item = items->items[i];
        const char *name = last_name(item);
        name = name != NULL ? name : arena_printf(p->arena, "col%u", i + 1);
        list_add(p, &args, expr_string_literal(p->arena, name, strlen(name)));
        list_add(p, &args, item->kind == EXPR_ALIAS ? item->args[0] : item);
    }
    struct expr *e =
        expr_call_args(p->arena, "named_struct", (struct expr **)args.items, args.count);
    e->spelling = SPELL_OPERATOR;
    return e;
}

/* ( query ), ( value ) or ( a, b ) */
static struct expr *
parse_parenthesised(struct parser *p)
{
    const uint32_t first = p->pos;
    if (!parser_deeper(p)) {
        return NULL;
    }
    struct expr *e = NULL;
    parser_next(p);
    if (parser_at_query(p)) {
        struct rel *query = parse_query(p);
        if (query != NULL && parser_want_sign(p, ')')) {
            e = expr_new(p->arena, EXPR_SUBQUERY);
            e->subquery_kind = SUBQUERY_SCALAR;
            e->subquery = query;
            parser_spanned(p, e, first);
        }
    } else {
        struct list items = {0};
        do {
            e = parse_named_expr(p);
            if (e != NULL) {
                list_add(p, &items, e);
            }
        } while (e != NULL && parser_take_sign(p, ','));
        const bool single = items.count == 1 && e != NULL && e->kind != EXPR_ALIAS;
        e = e == NULL || !parser_want_sign(p, ')') ? NULL : single ? e : row_of(p, &items);
    }
    parser_shallower(p);
    return e;
}

/* * or a.b.*, with EXCEPT (a, b.c) */
static struct expr *
parse_star(struct parser *p, struct list *qualifier)
{
    struct expr *e = expr_new(p->arena, EXPR_STAR);
    if (qualifier != NULL) {
        e->names = (const char **)qualifier->items;
        e->name_count = qualifier->count;
    }
    parser_next(p);
    if (!parser_at(p, KW_EXCEPT) || !parser_at_sign_ahead(p, 1, '(') ||
        !parser_is_name(parser_peek(p, 2)) || parser_at_ahead(p, 2, KW_SELECT)) {
        return e;
    }
    parser_next(p);
    parser_next(p);
    struct list except = {0};
    do {
        struct expr *column = expr_new(p->arena, EXPR_ATTRIBUTE);
        const uint32_t first = p->pos;
        if (!parse_names(p, &column->names, &column->name_count)) {
            return NULL;
        }
        list_add(p, &except, parser_spanned(p, column, first));
    } while (parser_take_sign(p, ','));
    e->args = (struct expr **)except.items;
    e->arg_count = except.count;
    return parser_want_sign(p, ')') ? e : NULL;
}

static bool
is_lambda_name(const struct parser *p, const char *name)
{
    for (const struct lambda_scope *s = p->lambda; s != NULL; s = s->outer) {
        for (uint32_t i = 0; i < s->count; i++) {
            if (strcasecmp(s->names[i], name) == 0) {
                return true;
            }
        }
    }
    return false;
}

static struct expr *
field_of(struct parser *p, struct expr *base, const char *name)
{
    struct expr *e = expr_new(p->arena, EXPR_EXTRACT);
    e->args = arena_new_array(p->arena, struct expr *, 2);
    e->arg_count = 2;
    e->args[0] = base;
    e->args[1] = expr_string_literal(p->arena, name, strlen(name));
    return e;
}

/* A name, a qualified name, a qualified star, or a call. */
static struct expr *
parse_name_value(struct parser *p)
{
    const uint32_t first = p->pos;
    struct list parts = {0};
    for (;;) {
        list_add(p, &parts, (void *)parser_next(p)->text);
        if (!parser_at_sign(p, '.')) {
            break;
        }
        if (parser_at_sign_ahead(p, 1, '*')) {
            parser_next(p);
            return parser_spanned(p, parse_star(p, &parts), first);
        }
        if (!parser_is_name(parser_peek(p, 1))) {
            parser_next(p);
            parser_syntax(p);
            return NULL;
        }
        parser_next(p);
    }
    if (parser_at_sign(p, '(')) {
        p->pos = first;
        return parse_call(p);
    }
    if (is_lambda_name(p, parts.items[0])) {
        struct expr *e = expr_new(p->arena, EXPR_LAMBDA_VAR);
        e->name = parts.items[0];
        for (uint32_t i = 1; i < parts.count; i++) {
            e = field_of(p, e, parts.items[i]);
        }
        return parser_spanned(p, e, first);
    }
    struct expr *e = expr_new(p->arena, EXPR_ATTRIBUTE);
    e->names = (const char **)parts.items;
    e->name_count = parts.count;
    return parser_spanned(p, e, first);
}

/* Functions that SQL calls without parentheses. A column may be called user. */
static struct expr *
parse_current(struct parser *p)
{
    static const struct {
        enum keyword kw;
        const char *name;
    } names[] = {{KW_CURRENT_DATE, "current_date"},
                 {KW_CURRENT_TIMESTAMP, "current_timestamp"},
                 {KW_CURRENT_TIME, "current_time"},
                 {KW_CURRENT_USER, "current_user"},
                 {KW_SESSION_USER, "session_user"}};
    if (parser_at_sign_ahead(p, 1, '(') || parser_at_sign_ahead(p, 1, '.')) {
        return NULL;
    }
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (parser_take(p, names[i].kw)) {
            return expr_call(p->arena, names[i].name, 0);
        }
    }
    return NULL;
}

static struct expr *
parse_word(struct parser *p)
{
    const bool plain = !parser_at_sign_ahead(p, 1, '(') && !parser_at_sign_ahead(p, 1, '.');
    /* Without AS it is a call like any other, with a wrong number of arguments. */
    const bool call = parser_at_sign_ahead(p, 1, '(') && parser_has_word_inside(p, KW_AS);
    switch (parser_peek(p, 0)->keyword) {
    case KW_NULL:
        if (plain) {
            parser_next(p);
            return expr_null_literal(p->arena, type_scalar(TYPE_NULL));
        }
        break;
    case KW_TRUE:
    case KW_FALSE:
        if (plain) {
            return expr_bool_literal(p->arena, parser_next(p)->keyword == KW_TRUE);
        }
        break;
    case KW_CASE:
        if (!parser_at_sign_ahead(p, 1, '.') && !parser_at_sign_ahead(p, 1, ',')) {
            return parse_case(p);
        }
        break;
    case KW_CAST:
        if (call) {
            return parse_cast(p, CAST_DEFAULT);
        }
        break;
    case KW_TRY_CAST:
        if (call) {
            return parse_cast(p, CAST_TRY);
        }
        break;
    default:
        break;
    }
    if (parser_at_interval(p)) {
        return parse_interval(p);
    }
    struct expr *e = parse_typed_literal(p);
    if (e == NULL && !error_is_set(p->err)) {
        e = parse_current(p);
    }
    return e != NULL || error_is_set(p->err) ? e : parse_name_value(p);
}

/* :name or ? */
static struct expr *
parse_parameter(struct parser *p)
{
    struct expr *e = expr_new(p->arena, EXPR_PARAMETER);
    if (parser_next(p)->sign == '?') {
        e->column = p->parameters++;
        return e;
    }
    e->name = parse_name(p);
    return e->name != NULL ? e : NULL;
}

static struct expr *
parse_bare(struct parser *p)
{
    const struct token *t = parser_peek(p, 0);
    switch (t->kind) {
    case TOKEN_STRING:
        return string_value(p);
    case TOKEN_INTEGER:
    case TOKEN_DECIMAL:
    case TOKEN_REAL:
        return parse_number(p, false);
    case TOKEN_QUOTED:
        return parse_name_value(p);
    case TOKEN_WORD:
        return parse_word(p);
    case TOKEN_SIGN:
        break;
    default:
        parser_syntax(p);
        return NULL;
    }
    switch (t->sign) {
    case '-': /* parse_unary saw a number behind it */
        parser_next(p);
        return parse_number(p, true);
    case '(':
        return parse_parenthesised(p);
    case '*':
        return parse_star(p, NULL);
    case '?':
    case ':':
        return parse_parameter(p);
    default:
        parser_syntax(p);
        return NULL;
    }
}

/* value[key], value.field, value::type, value COLLATE name */
static struct expr *
parse_suffix(struct parser *p, struct expr *e, bool *taken)
{
    *taken = true;
    if (parser_take_sign(p, '[')) {
        struct expr *key = parse_expr(p);
        if (key == NULL || !parser_want_sign(p, ']')) {
            return NULL;
        }
        struct expr *at = expr_new(p->arena, EXPR_EXTRACT);
        at->args = arena_new_array(p->arena, struct expr *, 2);
        at->arg_count = 2;
        at->args[0] = e;
        at->args[1] = key;
        return at;
    }
    if (parser_at_sign(p, '.') && e->kind != EXPR_STAR) {
        parser_next(p);
        const char *name = parse_name(p);
        return name != NULL ? field_of(p, e, name) : NULL;
    }
    if (parser_take_sign(p, SIGN_CAST)) {
        const struct type *type = parse_type(p);
        return type != NULL ? expr_cast(p->arena, e, type, CAST_DEFAULT) : NULL;
    }
    if (parser_at(p, KW_COLLATE) && parser_is_name(parser_peek(p, 1))) {
        parser_next(p);
        const char **parts;
        uint32_t count;
        if (!parse_names(p, &parts, &count)) {
            return NULL;
        }
        const char *name = parts[count - 1];
        return expr_call(p->arena, "collate", 2, e,
                         expr_string_literal(p->arena, name, strlen(name)));
    }
    if (parser_at_sign(p, ':') &&
        (parser_is_name(parser_peek(p, 1)) || parser_at_sign_ahead(p, 1, '['))) {
        error_unsupported(p->err, "paths into VARIANT values (value:path)");
        return NULL;
    }
    *taken = false;
    return e;
}

struct expr *
parse_primary(struct parser *p)
{
    const uint32_t first = p->pos;
    struct expr *e = parser_spanned(p, parse_bare(p), first);
    bool taken = true;
    uint32_t links = 0;
    while (e != NULL && taken) {
        e = parse_suffix(p, e, &taken);
        if (taken && !parser_chain(p, &links)) {
            return NULL;
        }
        parser_spanned(p, e, first);
    }
    return e;
}

/* value [AS] name, value AS (a, b) */
struct expr *
parse_named_expr(struct parser *p)
{
    const uint32_t first = p->pos;
    struct expr *e = parse_expr(p);
    if (e == NULL) {
        return NULL;
    }
    const bool as = parser_take(p, KW_AS);
    if (parser_at_sign(p, '(') && as) {
        struct expr *alias = expr_alias(p->arena, e, NULL);
        return parse_name_list(p, &alias->names, &alias->name_count) ? alias : NULL;
    }
    if (!as && !parser_at_implicit_alias(p, false)) {
        return e;
    }
    const char *name = parse_name(p);
    return name != NULL ? parser_spanned(p, expr_alias(p->arena, e, name), first) : NULL;
}
