/* The parser's hands: looking at tokens, stepping over them, refusing them as Spark does. */
#include "sql/parser.h"

#include <ctype.h>
#include <string.h>

#include "base/buffer.h"

bool
parser_init(struct parser *p, struct arena *a, const char *text, size_t len, struct error *err)
{
    *p = (struct parser){.arena = a, .text = text, .err = err};
    if (len > SQL_BYTES_MAX) {
        return error_raise(err, "FAILED_TO_PARSE_TOO_COMPLEX", NULL);
    }
    p->len = (uint32_t)len;
    p->tokens = sql_lex(a, text, len, &p->count);
    return true;
}

const struct token *
parser_peek(const struct parser *p, uint32_t ahead)
{
    const uint32_t left = p->count - 1 - p->pos;
    return &p->tokens[p->pos + (ahead < left ? ahead : left)];
}

const struct token *
parser_next(struct parser *p)
{
    const struct token *t = &p->tokens[p->pos];
    p->pos += p->pos + 1 < p->count;
    return t;
}

bool
parser_at_ahead(const struct parser *p, uint32_t ahead, enum keyword kw)
{
    const struct token *t = parser_peek(p, ahead);
    return t->kind == TOKEN_WORD && t->keyword == kw;
}

bool
parser_at(const struct parser *p, enum keyword kw)
{
    return parser_at_ahead(p, 0, kw);
}

bool
parser_at_sign_ahead(const struct parser *p, uint32_t ahead, int sign)
{
    const struct token *t = parser_peek(p, ahead);
    return t->kind == TOKEN_SIGN && t->sign == sign;
}

bool
parser_at_sign(const struct parser *p, int sign)
{
    return parser_at_sign_ahead(p, 0, sign);
}

bool
parser_take(struct parser *p, enum keyword kw)
{
    if (!parser_at(p, kw)) {
        return false;
    }
    parser_next(p);
    return true;
}

bool
parser_take2(struct parser *p, enum keyword first, enum keyword second)
{
    if (!parser_at(p, first) || !parser_at_ahead(p, 1, second)) {
        return false;
    }
    parser_next(p);
    parser_next(p);
    return true;
}

bool
parser_take_sign(struct parser *p, int sign)
{
    if (!parser_at_sign(p, sign)) {
        return false;
    }
    parser_next(p);
    return true;
}

bool
parser_want(struct parser *p, enum keyword kw)
{
    return parser_take(p, kw) || parser_syntax(p);
}

bool
parser_want_sign(struct parser *p, int sign)
{
    if (parser_take_sign(p, sign)) {
        return true;
    }
    const bool missing = sign == ')' && parser_peek(p, 0)->kind == TOKEN_END;
    return parser_syntax_hint(p, missing ? ": missing ')'" : "");
}

bool
parser_want_end(struct parser *p)
{
    while (parser_take_sign(p, ';')) {
    }
    const struct token *t = parser_peek(p, 0);
    if (t->kind == TOKEN_END) {
        return true;
    }
    /* One token too many is named as such; with more of them the text is merely wrong. */
    const bool one = parser_peek(p, 1)->kind == TOKEN_END && t->kind != TOKEN_BAD;
    const char *hint = one ? arena_printf(p->arena, ": extra input '%.*s'", (int)(t->to - t->from),
                                          p->text + t->from)
                           : "";
    return parser_syntax_hint(p, hint);
}

bool
parser_syntax(struct parser *p)
{
    return parser_syntax_hint(p, "");
}

bool
parser_syntax_hint(struct parser *p, const char *hint)
{
    if (error_is_set(p->err)) {
        return false;
    }
    const struct token *t = parser_peek(p, 0);
    const char *near =
        t->kind == TOKEN_END
            ? "end of input"
            : arena_printf(p->arena, "'%.*s'", (int)(t->to - t->from), p->text + t->from);
    error_raise(p->err, "PARSE_SYNTAX_ERROR", "error", near, "hint", hint, NULL);
    return parser_place(p, t);
}

/* The message as users of ParseException see it: the place, then the text with the place marked. */
bool
parser_place(struct parser *p, const struct token *at)
{
    if (p->err->message == NULL || p->err->has_context) {
        return false;
    }
    uint32_t line = 1, line_start = 0;
    for (uint32_t i = 0; i < at->from; i++) {
        if (p->text[i] == '\n') {
            line++;
            line_start = i + 1;
        }
    }
    uint32_t column = 0;
    for (uint32_t i = line_start; i < at->from; i++) {
        column += ((unsigned char)p->text[i] & 0xC0) != 0x80;
    }
    const char *line_end = memchr(p->text + at->from, '\n', p->len - at->from);
    const uint32_t head = line_end != NULL ? (uint32_t)(line_end - p->text) : p->len;
    struct buffer out = {0};
    buffer_printf(&out, "\n%s (line %u, pos %u)\n\n== SQL ==\n", p->err->message, line, column);
    buffer_put(&out, p->text, head);
    buffer_puts(&out, "\n");
    for (uint32_t i = 0; i < column; i++) {
        buffer_puts(&out, "-");
    }
    buffer_puts(&out, "^^^\n");
    if (head < p->len) {
        buffer_put(&out, p->text + head + 1, p->len - head - 1);
        buffer_puts(&out, "\n");
    }
    error_set_message(p->err, buffer_text(&out));
    buffer_release(&out);
    error_at(p->err, at->start, at->stop, p->text + at->from, at->to - at->from);
    p->err->context.line = (int32_t)line;
    p->err->context.column = (int32_t)column;
    return false;
}

bool
parser_deeper(struct parser *p)
{
    if (++p->depth <= SQL_DEPTH_MAX) {
        return true;
    }
    if (!error_is_set(p->err)) {
        error_raise(p->err, "FAILED_TO_PARSE_TOO_COMPLEX", NULL);
    }
    return false;
}

void
parser_shallower(struct parser *p)
{
    p->depth--;
}

bool
parser_chain(struct parser *p, uint32_t *links)
{
    if (++*links <= SQL_CHAIN_MAX) {
        return true;
    }
    if (!error_is_set(p->err)) {
        error_raise(p->err, "FAILED_TO_PARSE_TOO_COMPLEX", NULL);
    }
    return false;
}

void
list_add(struct parser *p, struct list *l, void *item)
{
    if (l->count == l->capacity) {
        const uint32_t capacity = l->capacity == 0 ? 8 : l->capacity * 2;
        void **grown = arena_new_array(p->arena, void *, capacity);
        if (l->count > 0) {
            memcpy(grown, l->items, sizeof *grown * l->count);
        }
        l->items = grown;
        l->capacity = capacity;
    }
    l->items[l->count++] = item;
}

const char *
parser_cut(struct parser *p, uint32_t from_token, uint32_t to_token)
{
    if (from_token >= to_token) {
        return "";
    }
    const uint32_t from = p->tokens[from_token].from, to = p->tokens[to_token - 1].to;
    return arena_strndup(p->arena, p->text + from, to - from);
}
