/*
 * Calls: ordinary ones with their trailing clauses (FILTER, IGNORE NULLS, WITHIN GROUP, OVER),
 * named arguments and lambdas, and the functions that SQL writes with words between the arguments.
 */
#include <string.h>
#include <strings.h>

#include "sql/parser.h"

/* x -> body, (x, y) -> body */
static uint32_t
lambda_head(const struct parser *p)
{
    if (parser_is_name(parser_peek(p, 0)) && parser_at_sign_ahead(p, 1, SIGN_ARROW)) {
        return 2;
    }
    if (!parser_at_sign(p, '(')) {
        return 0;
    }
    uint32_t i = 1;
    if (parser_at_sign_ahead(p, 1, ')')) {
        return parser_at_sign_ahead(p, 2, SIGN_ARROW) ? 3 : 0;
    }
    for (;; i += 2) {
        if (!parser_is_name(parser_peek(p, i))) {
            return 0;
        }
        if (parser_at_sign_ahead(p, i + 1, ')')) {
            return parser_at_sign_ahead(p, i + 2, SIGN_ARROW) ? i + 3 : 0;
        }
        if (!parser_at_sign_ahead(p, i + 1, ',')) {
            return 0;
        }
    }
}

static struct expr *
parse_lambda(struct parser *p, uint32_t head)
{
    const uint32_t first = p->pos;
    struct list names = {0};
    for (uint32_t i = 0; i < head; i++) {
        const struct token *t = parser_next(p);
        if (parser_is_name(t)) {
            list_add(p, &names, (void *)t->text);
        }
    }
    const struct lambda_scope scope = {(const char **)names.items, names.count, p->lambda};
    p->lambda = &scope;
    struct expr *body = parse_expr(p);
    p->lambda = scope.outer;
    if (body == NULL) {
        return NULL;
    }
    struct expr *e = expr_new(p->arena, EXPR_LAMBDA);
    e->args = arena_new_array(p->arena, struct expr *, 1);
    e->args[0] = body;
    e->arg_count = 1;
    e->names = scope.names;
    e->name_count = scope.count;
    return parser_spanned(p, e, first);
}

static struct expr *
parse_argument(struct parser *p, bool named_values)
{
    const uint32_t head = lambda_head(p);
    if (head > 0) {
        return parse_lambda(p, head);
    }
    if (parser_is_name(parser_peek(p, 0)) && parser_at_sign_ahead(p, 1, SIGN_FAT_ARROW)) {
        struct expr *e = expr_new(p->arena, EXPR_NAMED_ARG);
        e->name = parser_next(p)->text;
        parser_next(p);
        e->args = arena_new_array(p->arena, struct expr *, 1);
        e->arg_count = 1;
        const uint32_t lambda = lambda_head(p);
        e->args[0] = lambda > 0 ? parse_lambda(p, lambda) : parse_expr(p);
        return e->args[0] != NULL ? e : NULL;
    }
    if (parser_at(p, KW_TABLE) &&
        (parser_at_sign_ahead(p, 1, '(') || parser_is_name(parser_peek(p, 1)))) {
        error_unsupported(p->err, "TABLE arguments of table-valued functions");
        return NULL;
    }
    return named_values ? parse_named_expr(p) : parse_expr(p);
}

/* The arguments and the closing parenthesis, added to the call. */
struct expr *
parse_arguments(struct parser *p, struct expr *call)
{
    struct list args = {0};
    const bool named_values = strcasecmp(call->name, "struct") == 0;
    if (!parser_take_sign(p, ')')) {
        do {
            struct expr *arg = parse_argument(p, named_values);
            if (arg == NULL) {
                return NULL;
            }
            list_add(p, &args, arg);
        } while (parser_take_sign(p, ','));
        if (!parser_want_sign(p, ')')) {
            return NULL;
        }
    }
    call->args = (struct expr **)args.items;
    call->arg_count = args.count;
    return call;
}

/* WITHIN GROUP (ORDER BY ...): the keys become arguments. */
static bool
parse_within_group(struct parser *p, struct expr *call)
{
    p->pos += 2;
    struct sort_key *keys;
    uint32_t count;
    if (!parser_want_sign(p, '(') || !parser_want(p, KW_ORDER) || !parser_want(p, KW_BY) ||
        !parse_order_keys(p, &keys, &count) || !parser_want_sign(p, ')')) {
        return false;
    }
    struct expr **args = arena_new_array(p->arena, struct expr *, call->arg_count + count);
    if (call->arg_count > 0) {
        memcpy(args, call->args, sizeof *args * call->arg_count);
    }
    for (uint32_t i = 0; i < count; i++) {
        struct expr *order = expr_new(p->arena, EXPR_SORT_ORDER);
        order->args = arena_new_array(p->arena, struct expr *, 1);
        order->args[0] = keys[i].expr;
        order->arg_count = 1;
        order->descending = keys[i].descending;
        order->nulls_first = keys[i].nulls_first;
        args[call->arg_count++] = order;
    }
    call->args = args;
    return true;
}

static struct expr *
parse_call_clauses(struct parser *p, struct expr *call)
{
    if (parser_at(p, KW_WITHIN) && parser_at_ahead(p, 1, KW_GROUP) &&
        !parse_within_group(p, call)) {
        return NULL;
    }
    if (parser_at(p, KW_FILTER) && parser_at_sign_ahead(p, 1, '(') &&
        parser_at_ahead(p, 2, KW_WHERE)) {
        p->pos += 3;
        call->filter = parse_expr(p);
        if (call->filter == NULL || !parser_want_sign(p, ')')) {
            return NULL;
        }
    }
    if (parser_take2(p, KW_IGNORE, KW_NULLS)) {
        call->ignore_nulls = true;
    } else {
        parser_take2(p, KW_RESPECT, KW_NULLS);
    }
    const bool over = parser_at(p, KW_OVER) &&
                      (parser_at_sign_ahead(p, 1, '(') || parser_is_name(parser_peek(p, 1)));
    return over ? parse_over(p, call) : call;
}

struct expr *
parse_call(struct parser *p)
{
    const uint32_t first = p->pos;
    bool taken = false;
    if (!parser_deeper(p)) {
        return NULL;
    }
    struct expr *call = parse_special_call(p, &taken);
    if (!taken) {
        const char **parts;
        uint32_t count;
        if (!parse_names(p, &parts, &count)) {
            return NULL;
        }
        const char *name = parts[0];
        for (uint32_t i = 1; i < count; i++) {
            name = arena_printf(p->arena, "%s.%s", name, parts[i]);
        }
        parser_next(p);
        call = expr_new(p->arena, EXPR_CALL);
        call->name = name;
        if (!parser_at_sign_ahead(p, 1, ')') && !parser_at_sign_ahead(p, 1, ',')) {
            call->distinct = parser_take(p, KW_DISTINCT);
            if (!call->distinct && parser_at(p, KW_ALL) && !parser_at_sign_ahead(p, 1, '(')) {
                parser_next(p);
            }
        }
        call = parse_arguments(p, call);
    }
    parser_shallower(p);
    parser_spanned(p, call, first);
    return call != NULL ? parser_spanned(p, parse_call_clauses(p, call), first) : NULL;
}

/* --- functions with words between their arguments; the name and '(' are stepped over --- */

static struct expr *
closed(struct parser *p, const char *name, struct list *args)
{
    return parser_want_sign(p, ')')
               ? expr_call_args(p->arena, name, (struct expr **)args->items, args->count)
               : NULL;
}

static bool
add_value(struct parser *p, struct list *args)
{
    struct expr *e = parse_value(p);
    if (e != NULL) {
        list_add(p, args, e);
    }
    return e != NULL;
}

static struct expr *
parse_extract(struct parser *p)
{
    struct list args = {0};
    const struct token *field = parser_next(p);
    list_add(p, &args, expr_string_literal(p->arena, field->text, field->text_len));
    parser_next(p);
    return add_value(p, &args) ? closed(p, "extract", &args) : NULL;
}

static struct expr *
parse_trim(struct parser *p)
{
    const char *name = "trim";
    bool side = true;
    if (parser_take(p, KW_LEADING)) {
        name = "ltrim";
    } else if (parser_take(p, KW_TRAILING)) {
        name = "rtrim";
    } else {
        side = parser_take(p, KW_BOTH);
    }
    struct list args = {0};
    if (!(side && parser_at(p, KW_FROM)) && !add_value(p, &args)) {
        return NULL;
    }
    if (!parser_want(p, KW_FROM) || !add_value(p, &args)) {
        return NULL;
    }
    return closed(p, name, &args);
}

/* value FROM a [FOR b]; overlay also has PLACING before. */
static struct expr *
parse_from_for(struct parser *p, const char *name, bool placing)
{
    struct list args = {0};
    if (!add_value(p, &args) ||
        (placing && (!parser_want(p, KW_PLACING) || !add_value(p, &args))) ||
        !parser_want(p, KW_FROM) || !add_value(p, &args)) {
        return NULL;
    }
    if (parser_take(p, KW_FOR) && !add_value(p, &args)) {
        return NULL;
    }
    return closed(p, name, &args);
}

static struct expr *
parse_position(struct parser *p)
{
    struct list args = {0};
    if (!add_value(p, &args) || !parser_want(p, KW_IN) || !add_value(p, &args)) {
        return NULL;
    }
    return closed(p, "locate", &args);
}

/* timestampadd(DAY, n, ts): the unit is a word, not a column */
static struct expr *
parse_unit_call(struct parser *p, const char *name)
{
    struct list args = {0};
    const struct token *unit = parser_next(p);
    list_add(p, &args, expr_string_literal(p->arena, unit->text, unit->text_len));
    if (!parser_want_sign(p, ',') || !parse_exprs(p, &args)) {
        return NULL;
    }
    return closed(p, name, &args);
}

static bool
is_datetime_unit(const struct token *t)
{
    static const char *const units[] = {"year",   "quarter",     "month",      "week",
                                        "day",    "dayofyear",   "hour",       "minute",
                                        "second", "millisecond", "microsecond"};
    for (size_t i = 0; t->kind == TOKEN_WORD && i < sizeof units / sizeof *units; i++) {
        if (strcasecmp(t->text, units[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* Is there a word of this kind before the call's parenthesis closes, at the call's own level? */
bool
parser_has_word_inside(const struct parser *p, enum keyword kw)
{
    int32_t depth = 0;
    for (uint32_t i = 1;; i++) {
        const struct token *t = parser_peek(p, i);
        if (t->kind == TOKEN_END) {
            return false;
        }
        if (t->kind == TOKEN_SIGN) {
            depth += (t->sign == '(') - (t->sign == ')');
            if (depth == 0 || (depth == 1 && t->sign == ',')) {
                return false;
            }
        }
        if (depth == 1 && i > 1 && t->kind == TOKEN_WORD && t->keyword == kw) {
            return true;
        }
    }
}

enum special {
    SPECIAL_NONE,
    SPECIAL_EXTRACT,
    SPECIAL_TRIM,
    SPECIAL_SUBSTRING,
    SPECIAL_POSITION,
    SPECIAL_OVERLAY,
    SPECIAL_ADD,
    SPECIAL_DIFF
};

static enum special
special_at(const struct parser *p)
{
    const struct token *argument = parser_peek(p, 2);
    switch (parser_peek(p, 0)->keyword) {
    case KW_EXTRACT:
        return parser_at_ahead(p, 3, KW_FROM) &&
                       (argument->kind == TOKEN_WORD || argument->kind == TOKEN_STRING)
                   ? SPECIAL_EXTRACT
                   : SPECIAL_NONE;
    case KW_TRIM:
        return parser_has_word_inside(p, KW_FROM) ? SPECIAL_TRIM : SPECIAL_NONE;
    case KW_SUBSTR:
    case KW_SUBSTRING:
        return parser_has_word_inside(p, KW_FROM) ? SPECIAL_SUBSTRING : SPECIAL_NONE;
    case KW_POSITION:
        return parser_has_word_inside(p, KW_IN) ? SPECIAL_POSITION : SPECIAL_NONE;
    case KW_OVERLAY:
        return parser_has_word_inside(p, KW_PLACING) ? SPECIAL_OVERLAY : SPECIAL_NONE;
    case KW_TIMESTAMPADD:
    case KW_DATEADD:
    case KW_DATE_ADD:
        return is_datetime_unit(argument) && parser_at_sign_ahead(p, 3, ',') ? SPECIAL_ADD
                                                                             : SPECIAL_NONE;
    case KW_TIMESTAMPDIFF:
    case KW_DATEDIFF:
    case KW_DATE_DIFF:
    case KW_TIMEDIFF:
        return is_datetime_unit(argument) && parser_at_sign_ahead(p, 3, ',') ? SPECIAL_DIFF
                                                                             : SPECIAL_NONE;
    default:
        return SPECIAL_NONE;
    }
}

struct expr *
parse_special_call(struct parser *p, bool *taken)
{
    const struct token *name = parser_peek(p, 0);
    const enum special special =
        name->kind == TOKEN_WORD && parser_at_sign_ahead(p, 1, '(') ? special_at(p) : SPECIAL_NONE;
    *taken = special != SPECIAL_NONE;
    p->pos += *taken ? 2 : 0;
    switch (special) {
    case SPECIAL_EXTRACT:
        return parse_extract(p);
    case SPECIAL_TRIM:
        return parse_trim(p);
    case SPECIAL_SUBSTRING:
        return parse_from_for(p, name->text, false);
    case SPECIAL_POSITION:
        return parse_position(p);
    case SPECIAL_OVERLAY:
        return parse_from_for(p, name->text, true);
    case SPECIAL_ADD:
        return parse_unit_call(p, "timestampadd");
    case SPECIAL_DIFF:
        return parse_unit_call(p, "timestampdiff");
    default:
        return NULL;
    }
}
