/*
 * Names, strings, types and option lists.
 *
 * Hardly a keyword is reserved in Spark, so whether a word is a name depends on where it stands: in
 * front of an optional alias the words that may open the next clause are not taken for one, unless
 * the text could not go on otherwise.
 */
#include <string.h>
#include <strings.h>

#include "base/buffer.h"
#include "sql/parser.h"
#include "type/type_parse.h"

bool
parser_is_name(const struct token *t)
{
    return t->kind == TOKEN_WORD || t->kind == TOKEN_QUOTED;
}

/* Words that never are a table's alias: the grammar calls them strict. */
static bool
is_strict(enum keyword kw)
{
    switch (kw) {
    case KW_ANTI:
    case KW_CROSS:
    case KW_EXCEPT:
    case KW_FULL:
    case KW_INNER:
    case KW_INTERSECT:
    case KW_JOIN:
    case KW_LATERAL:
    case KW_LEFT:
    case KW_MINUS:
    case KW_NATURAL:
    case KW_ON:
    case KW_RIGHT:
    case KW_SEMI:
    case KW_UNION:
    case KW_USING:
        return true;
    default:
        return false;
    }
}

/* Words that go on with the query or the expression after a place where an alias may stand. */
static bool
is_continuation(enum keyword kw)
{
    switch (kw) {
    case KW_AND:
    case KW_AS:
    case KW_BETWEEN:
    case KW_CLUSTER:
    case KW_COLLATE:
    case KW_DISTRIBUTE:
    case KW_DIV:
    case KW_ELSE:
    case KW_END:
    case KW_FOR:
    case KW_FROM:
    case KW_GROUP:
    case KW_HAVING:
    case KW_ILIKE:
    case KW_IN:
    case KW_IS:
    case KW_LIKE:
    case KW_LIMIT:
    case KW_NOT:
    case KW_OFFSET:
    case KW_OR:
    case KW_ORDER:
    case KW_PIVOT:
    case KW_QUALIFY:
    case KW_REGEXP:
    case KW_RLIKE:
    case KW_SELECT:
    case KW_SET:
    case KW_SORT:
    case KW_TABLESAMPLE:
    case KW_THEN:
    case KW_UNPIVOT:
    case KW_VALUES:
    case KW_WHEN:
    case KW_WHERE:
    case KW_WINDOW:
    case KW_WITH:
        return true;
    default:
        return is_strict(kw);
    }
}

/* Could the text end, or the list go on, right after the next token? Then it was a name. */
static bool
closes_after(const struct parser *p)
{
    const struct token *t = parser_peek(p, 1);
    return t->kind == TOKEN_END ||
           (t->kind == TOKEN_SIGN && (t->sign == ',' || t->sign == ')' || t->sign == ';'));
}

bool
parser_at_implicit_alias(const struct parser *p, bool strict)
{
    const struct token *t = parser_peek(p, 0);
    if (!parser_is_name(t)) {
        return false;
    }
    if (t->kind == TOKEN_QUOTED || !is_continuation((enum keyword)t->keyword)) {
        return true;
    }
    return closes_after(p) && !(strict && is_strict((enum keyword)t->keyword));
}

const char *
parse_name(struct parser *p)
{
    const struct token *t = parser_peek(p, 0);
    if (!parser_is_name(t)) {
        parser_syntax(p);
        return NULL;
    }
    return parser_next(p)->text;
}

/* IDENTIFIER('a.b'): a name that is computed; here only from a literal. */
static bool
parse_identifier_clause(struct parser *p, const char ***parts, uint32_t *count)
{
    parser_next(p);
    parser_next(p);
    if (parser_peek(p, 0)->kind != TOKEN_STRING || !parser_at_sign_ahead(p, 1, ')')) {
        return error_unsupported(p->err, "IDENTIFIER() of an expression that is not a literal");
    }
    const struct token *t = parser_next(p);
    parser_next(p);
    struct parser inner;
    if (!parser_init(&inner, p->arena, t->text, t->text_len, p->err)) {
        return false;
    }
    return parse_names(&inner, parts, count) && parser_want_end(&inner);
}

bool
parse_names(struct parser *p, const char ***parts, uint32_t *count)
{
    if (parser_at(p, KW_IDENTIFIER) && parser_at_sign_ahead(p, 1, '(')) {
        return parse_identifier_clause(p, parts, count);
    }
    struct list names = {0};
    do {
        const char *name = parse_name(p);
        if (name == NULL) {
            return false;
        }
        list_add(p, &names, (void *)name);
    } while (parser_take_sign(p, '.'));
    *parts = (const char **)names.items;
    *count = names.count;
    return true;
}

bool
parse_name_list(struct parser *p, const char ***names, uint32_t *count)
{
    struct list list = {0};
    if (!parser_want_sign(p, '(')) {
        return false;
    }
    do {
        const char *name = parse_name(p);
        if (name == NULL) {
            return false;
        }
        list_add(p, &list, (void *)name);
    } while (parser_take_sign(p, ','));
    *names = (const char **)list.items;
    *count = list.count;
    return parser_want_sign(p, ')');
}

const char *
parse_string(struct parser *p, uint32_t *len)
{
    const struct token *t = parser_peek(p, 0);
    if (t->kind != TOKEN_STRING) {
        parser_syntax(p);
        return NULL;
    }
    parser_next(p);
    uint32_t total = t->text_len;
    if (parser_peek(p, 0)->kind != TOKEN_STRING) {
        if (len != NULL) {
            *len = total;
        }
        return t->text;
    }
    struct buffer joined = {0};
    buffer_put(&joined, t->text, t->text_len);
    while (parser_peek(p, 0)->kind == TOKEN_STRING) {
        t = parser_next(p);
        buffer_put(&joined, t->text, t->text_len);
        total += t->text_len;
    }
    const char *text = arena_strndup(p->arena, buffer_text(&joined), joined.len);
    buffer_release(&joined);
    if (len != NULL) {
        *len = total;
    }
    return text;
}

/* Steps over the tokens between balanced brackets; the opening one is the current token. */
static bool
skip_brackets(struct parser *p)
{
    int32_t round = 0, angle = 0;
    do {
        const struct token *t = parser_peek(p, 0);
        if (t->kind == TOKEN_END || t->kind == TOKEN_BAD) {
            return parser_syntax(p);
        }
        const uint16_t sign = t->kind == TOKEN_SIGN ? t->sign : 0;
        round += (sign == '(') - (sign == ')');
        angle += (sign == '<') - (sign == '>') - 2 * (sign == SIGN_SHR) - 3 * (sign == SIGN_USHR);
        if (round < 0 || angle < 0) {
            return parser_syntax(p);
        }
        parser_next(p);
    } while (round > 0 || angle > 0);
    return true;
}

static bool
is_interval_unit(const struct token *t)
{
    static const char *const units[] = {"year", "month", "day", "hour", "minute", "second"};
    for (size_t i = 0; t->kind == TOKEN_WORD && i < sizeof units / sizeof *units; i++) {
        if (strcasecmp(t->text, units[i]) == 0) {
            return true;
        }
    }
    return false;
}

const char *
parse_type_text(struct parser *p)
{
    const uint32_t first = p->pos;
    if (parser_peek(p, 0)->kind != TOKEN_WORD) {
        parser_syntax(p);
        return NULL;
    }
    const bool interval = parser_at(p, KW_INTERVAL);
    const bool nested = parser_at_sign_ahead(p, 1, '<');
    const bool empty_struct = parser_at_sign_ahead(p, 1, SIGN_NE);
    parser_next(p);
    if (interval && is_interval_unit(parser_peek(p, 0))) {
        parser_next(p);
        if (parser_at(p, KW_TO) && is_interval_unit(parser_peek(p, 1))) {
            parser_next(p);
            parser_next(p);
        }
    } else if (empty_struct) {
        parser_next(p);
    } else if ((nested || parser_at_sign(p, '(')) && !skip_brackets(p)) {
        return NULL;
    }
    if (parser_at(p, KW_COLLATE) && parser_is_name(parser_peek(p, 1))) {
        parser_next(p);
        parser_next(p);
    }
    return parser_cut(p, first, p->pos);
}

const struct type *
parse_type(struct parser *p)
{
    const struct token *at = parser_peek(p, 0);
    const char *text = parse_type_text(p);
    if (text == NULL) {
        return NULL;
    }
    const struct type *t = type_parse(p->arena, text, strlen(text), p->err);
    if (t == NULL) {
        parser_place(p, at);
    }
    return t;
}

/* key, or key.with.dots, or 'key'; then maybe =, then a value of any literal kind. */
static bool
parse_option(struct parser *p, struct option *out)
{
    struct buffer key = {0};
    bool ok = true;
    if (parser_peek(p, 0)->kind == TOKEN_STRING) {
        buffer_puts(&key, parser_next(p)->text);
    } else {
        do {
            const char *part = parse_name(p);
            ok = part != NULL;
            buffer_printf(&key, "%s%s", key.len > 0 ? "." : "", ok ? part : "");
        } while (ok && parser_take_sign(p, '.'));
    }
    out->key = arena_strdup(p->arena, buffer_text(&key));
    buffer_release(&key);
    if (!ok) {
        return false;
    }
    if (!parser_take_sign(p, '=')) {
        parser_take_sign(p, SIGN_EQ2);
    }
    const struct token *t = parser_peek(p, 0);
    const bool negative = parser_take_sign(p, '-');
    t = parser_peek(p, 0);
    if (t->kind == TOKEN_STRING && !negative) {
        out->value = parse_string(p, NULL);
        return out->value != NULL;
    }
    if (t->kind == TOKEN_INTEGER || t->kind == TOKEN_DECIMAL || t->kind == TOKEN_REAL) {
        out->value = arena_printf(p->arena, "%s%s", negative ? "-" : "", parser_next(p)->text);
        return true;
    }
    if (parser_at(p, KW_TRUE) || parser_at(p, KW_FALSE)) {
        out->value = parser_at(p, KW_TRUE) ? "true" : "false";
        parser_next(p);
        return true;
    }
    out->value = "";
    return parser_at_sign(p, ',') || parser_at_sign(p, ')') || parser_syntax(p);
}

bool
parse_options(struct parser *p, struct options *out)
{
    struct list items = {0};
    if (!parser_want_sign(p, '(')) {
        return false;
    }
    do {
        struct option *o = arena_new(p->arena, struct option);
        if (!parse_option(p, o)) {
            return false;
        }
        list_add(p, &items, o);
    } while (parser_take_sign(p, ','));
    struct option *all = arena_new_array(p->arena, struct option, out->count + items.count);
    if (out->count > 0) {
        memcpy(all, out->items, sizeof *all * out->count);
    }
    for (uint32_t i = 0; i < items.count; i++) {
        all[out->count + i] = *(struct option *)items.items[i];
    }
    out->items = all;
    out->count += items.count;
    return parser_want_sign(p, ')');
}
