/*
 * What the files of the parser share: the state over the token array, and the grammar's main rules.
 *
 * A rule returns its tree, or NULL (false) with p->err set. `parser_at_*` look, `parser_take_*`
 * step over a token if it is there, `parser_want_*` refuse the text if it is not. Rules that
 * recurse count their depth; chains of operators are loops that count their length.
 */
#ifndef WEIR_SQL_PARSER_H
#define WEIR_SQL_PARSER_H

#include "base/arena.h"
#include "base/error.h"
#include "sql/lexer.h"
#include "tree/command.h"
#include "tree/expr.h"
#include "tree/rel.h"

enum {
    SQL_DEPTH_MAX = 200,     /* nesting of parentheses and queries */
    SQL_CHAIN_MAX = 2000,    /* a + b + c ..., UNION chains, joins: left-deep trees of this depth */
    SQL_SETS_MAX = 4096,     /* grouping sets of one GROUP BY */
    SQL_BYTES_MAX = 1 << 28, /* of text */
};

/* Pointers that grow in the arena. */
struct list {
    void **items;
    uint32_t count;
    uint32_t capacity;
};

struct lambda_scope { /* names of the lambda variables in force, innermost first */
    const char **names;
    uint32_t count;
    const struct lambda_scope *outer;
};

struct parser {
    struct arena *arena;
    const char *text;
    uint32_t len;
    struct token *tokens;
    uint32_t count;
    uint32_t pos;
    uint32_t depth;
    uint32_t parameters; /* positional ones seen */
    struct error *err;
    const struct lambda_scope *lambda;
    struct list windows; /* EXPR_WINDOW nodes that name a window not yet put in place */
};

/* parser.c */
bool parser_init(struct parser *p, struct arena *a, const char *text, size_t len,
                 struct error *err);
const struct token *parser_peek(const struct parser *p, uint32_t ahead);
const struct token *parser_next(struct parser *p);
bool parser_at(const struct parser *p, enum keyword kw);
bool parser_at_ahead(const struct parser *p, uint32_t ahead, enum keyword kw);
bool parser_at_sign(const struct parser *p, int sign);
bool parser_at_sign_ahead(const struct parser *p, uint32_t ahead, int sign);
bool parser_take(struct parser *p, enum keyword kw);
bool parser_take2(struct parser *p, enum keyword first, enum keyword second);
bool parser_take_sign(struct parser *p, int sign);
bool parser_want(struct parser *p, enum keyword kw);
bool parser_want_sign(struct parser *p, int sign);
bool parser_want_end(struct parser *p);
bool parser_syntax(struct parser *p); /* PARSE_SYNTAX_ERROR at the current token; false */
bool parser_syntax_hint(struct parser *p, const char *hint);
/* Writes the place and the text under an error that the parser raised. */
bool parser_place(struct parser *p, const struct token *at);
bool parser_deeper(struct parser *p); /* false: too complex */
void parser_shallower(struct parser *p);
bool parser_chain(struct parser *p, uint32_t *links); /* one more link; false: too complex */
void list_add(struct parser *p, struct list *l, void *item);
const char *parser_cut(struct parser *p, uint32_t from_token, uint32_t to_token); /* source text */

/* names.c */
bool parser_is_name(const struct token *t); /* may be an identifier at all */
bool parser_at_implicit_alias(const struct parser *p, bool strict);
const char *parse_name(struct parser *p);                                     /* one identifier */
bool parse_names(struct parser *p, const char ***parts, uint32_t *count);     /* a.b.c */
bool parse_name_list(struct parser *p, const char ***names, uint32_t *count); /* ( a, b ) */
const char *parse_string(struct parser *p, uint32_t *len); /* adjacent literals are joined */
const struct type *parse_type(struct parser *p);
const char *parse_type_text(struct parser *p);             /* the type's source text, checked */
bool parse_options(struct parser *p, struct options *out); /* ( key = value, ... ) */

/* literal.c */
struct expr *parse_number(struct parser *p, bool negative);
struct expr *parse_typed_literal(struct parser *p); /* at DATE '...', X'...' and kin */
struct expr *parse_interval(struct parser *p);      /* at INTERVAL */
bool parser_at_interval(const struct parser *p);

/* expr_parse.c, primary.c, call.c, window.c */
struct expr *parse_expr(struct parser *p);
struct expr *parse_value(struct parser *p); /* without AND, OR, NOT, predicates */
struct expr *parse_primary(struct parser *p);
struct expr *parse_call(struct parser *p);
struct expr *parse_special_call(struct parser *p, bool *taken);
bool parser_has_word_inside(const struct parser *p, enum keyword kw); /* of the call at hand */
struct expr *parse_named_expr(struct parser *p);                      /* with an alias or not */
bool parse_exprs(struct parser *p, struct list *out);                 /* a, b, c */
struct expr *parse_arguments(struct parser *p, struct expr *call);    /* after '(' */
struct expr *parse_over(struct parser *p, struct expr *function);
bool parse_window_clause(struct parser *p, uint32_t first_window);
bool parser_windows_placed(struct parser *p, uint32_t first_window);
bool parse_order_keys(struct parser *p, struct sort_key **keys, uint32_t *count);
struct expr *parser_spanned(struct parser *p, struct expr *e, uint32_t first_token);
struct expr *row_of(struct parser *p, struct list *items); /* (a, b) as a struct */

/* query.c, select.c, group.c, from.c, pipe.c */
struct rel *parse_query(struct parser *p); /* WITH ... to LIMIT */
bool parser_at_query(const struct parser *p);
struct rel *parse_select(struct parser *p);
struct rel *parse_from(struct parser *p); /* at FROM: relations and lateral views */
struct rel *parse_group_by(struct parser *p, struct list *select); /* after the words */
struct rel *parse_relation_primary(struct parser *p);
struct rel *parse_join_after(struct parser *p, struct rel *left, bool *taken);
struct rel *parse_relation_suffix(struct parser *p, struct rel *r); /* PIVOT, UNPIVOT */
struct rel *parse_values(struct parser *p);
struct rel *parse_sample(struct parser *p, struct rel *input);
struct rel *parse_alias(struct parser *p, struct rel *r);
struct rel *parse_lateral_view(struct parser *p, struct rel *r);
struct rel *parse_organization(struct parser *p, struct rel *r, bool pipe);
struct rel *parse_pipes(struct parser *p, struct rel *r);
struct rel *parse_query_term(struct parser *p);
bool parse_set_operator(struct parser *p, struct rel **op);
struct rel *parse_pivot(struct parser *p, struct rel *input);
struct rel *parse_unpivot(struct parser *p, struct rel *input);

/* command.c, create.c, show.c: at the first word of the statement */
struct command *parse_command(struct parser *p);
struct command *parse_create(struct parser *p);
struct command *parse_drop(struct parser *p);
struct command *parse_show(struct parser *p);
struct command *parse_insert(struct parser *p);
struct command *parse_set(struct parser *p);
struct command *command_new(struct parser *p, enum command_kind kind);

#endif
