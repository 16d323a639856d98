/* Relations: tables, subqueries, functions, inline tables; their aliases, samples and joins. */
#include <string.h>
#include <strings.h>

#include "sql/parser.h"

struct rel *
parse_alias(struct parser *p, struct rel *r)
{
    const bool as = parser_take(p, KW_AS);
    if (!as && !parser_at_implicit_alias(p, true)) {
        return r;
    }
    struct rel *alias = rel_new(p->arena, REL_ALIAS, 1, r);
    if (!as || !parser_at_sign(p, '(')) {
        alias->name = parse_name(p);
        if (alias->name == NULL) {
            return NULL;
        }
    }
    if (parser_at_sign(p, '(') &&
        !parse_name_list(p, &alias->column_names, &alias->column_name_count)) {
        return NULL;
    }
    return alias;
}

/* VALUES (1, 'a'), (2, 'b'): rows of equal length; a bare value is a row of one. */
struct rel *
parse_values(struct parser *p)
{
    struct list cells = {0};
    uint32_t width = 0, row = 0;
    const struct token *at = parser_next(p);
    do {
        struct expr *e = parse_expr(p);
        if (e == NULL) {
            return NULL;
        }
        const bool is_row = e->kind == EXPR_CALL && e->spelling == SPELL_OPERATOR &&
                            strcmp(e->name, "named_struct") == 0;
        const uint32_t count = is_row ? e->arg_count / 2 : 1;
        if (row > 0 && count != width) {
            error_raise(p->err, "INVALID_INLINE_TABLE.NUM_COLUMNS_MISMATCH", "expectedNumCols",
                        arena_printf(p->arena, "%u", width), "actualNumCols",
                        arena_printf(p->arena, "%u", count), "rowIndex",
                        arena_printf(p->arena, "%u", row), NULL);
            parser_place(p, at);
            return NULL;
        }
        width = count;
        row++;
        for (uint32_t i = 0; i < count; i++) {
            list_add(p, &cells, is_row ? e->args[2 * i + 1] : e);
        }
    } while (parser_take_sign(p, ','));
    struct rel *r = rel_new(p->arena, REL_VALUES, 0);
    r->exprs = (struct expr **)cells.items;
    r->expr_count = cells.count;
    r->group_count = width;
    return parse_alias(p, r);
}

static bool
literal_number(struct parser *p, double *out)
{
    const struct token *t = parser_peek(p, 0);
    const bool negative = parser_take_sign(p, '-');
    t = parser_peek(p, 0);
    if (t->kind != TOKEN_INTEGER && t->kind != TOKEN_DECIMAL) {
        return parser_syntax(p);
    }
    parser_next(p);
    double v = 0, scale = 1;
    bool point = false;
    for (uint32_t i = 0; i < t->text_len; i++) {
        if (t->text[i] == '.') {
            point = true;
        } else if (t->text[i] >= '0' && t->text[i] <= '9') {
            v = v * 10 + (t->text[i] - '0');
            scale *= point ? 10 : 1;
        }
    }
    *out = negative ? -v / scale : v / scale;
    return true;
}

/* TABLESAMPLE (n PERCENT | n ROWS | BUCKET a OUT OF b) [REPEATABLE (seed)] */
struct rel *
parse_sample(struct parser *p, struct rel *input)
{
    const struct token *at = parser_peek(p, 0);
    if (!parser_at(p, KW_TABLESAMPLE) || !parser_at_sign_ahead(p, 1, '(')) {
        return input;
    }
    p->pos += 2;
    struct rel *r = rel_new(p->arena, REL_SAMPLE, 1, input);
    double a = 0, b = 1;
    if (parser_take(p, KW_BUCKET)) {
        if (!literal_number(p, &a) || !parser_want(p, KW_OUT) || !parser_want(p, KW_OF) ||
            !literal_number(p, &b)) {
            return NULL;
        }
        r->upper = b != 0 ? a / b : 0;
    } else {
        if (!literal_number(p, &a)) {
            return NULL;
        }
        if (parser_take(p, KW_ROWS)) {
            r->kind = REL_LIMIT;
            r->limit = (int64_t)a;
        } else if (!parser_want(p, KW_PERCENT)) {
            return NULL;
        }
        r->upper = a / 100;
    }
    if (r->kind == REL_SAMPLE && (r->upper < 0 || r->upper > 1)) {
        error_raise(
            p->err, "_LEGACY_ERROR_TEMP_0064", "msg",
            arena_printf(p->arena, "Sampling fraction (%g) must be on interval [0, 1]", r->upper),
            NULL);
        parser_place(p, at);
        return NULL;
    }
    if (!parser_want_sign(p, ')')) {
        return NULL;
    }
    if (parser_at(p, KW_REPEATABLE) && parser_at_sign_ahead(p, 1, '(')) {
        p->pos += 2;
        double seed;
        if (!literal_number(p, &seed) || !parser_want_sign(p, ')')) {
            return NULL;
        }
        r->seed = (int64_t)seed;
    }
    return r;
}

static bool
is_file_format(const char *name)
{
    static const char *const formats[] = {"parquet", "csv",  "json",  "text",
                                          "orc",     "avro", "delta", "binaryfile"};
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        if (strcasecmp(name, formats[i]) == 0) {
            return true;
        }
    }
    return false;
}

static struct rel *
parse_function_table(struct parser *p, const char **parts, uint32_t count)
{
    const char *name = parts[0];
    for (uint32_t i = 1; i < count; i++) {
        name = arena_printf(p->arena, "%s.%s", name, parts[i]);
    }
    parser_next(p);
    struct expr *call = expr_new(p->arena, EXPR_CALL);
    call->name = name;
    if (parse_arguments(p, call) == NULL) {
        return NULL;
    }
    struct rel *r = rel_new(p->arena, REL_TVF, 0);
    r->name = name;
    r->exprs = call->args;
    r->expr_count = call->arg_count;
    return parse_alias(p, r);
}

static bool
refuse_time_travel(struct parser *p)
{
    const bool for_word = parser_at(p, KW_FOR);
    const struct token *t = parser_peek(p, for_word ? 1 : 0);
    const bool travel = t->kind == TOKEN_WORD &&
                        (t->keyword == KW_VERSION || t->keyword == KW_TIMESTAMP ||
                         t->keyword == KW_SYSTEM_VERSION || t->keyword == KW_SYSTEM_TIME) &&
                        parser_at_ahead(p, for_word ? 2 : 1, KW_AS) &&
                        parser_at_ahead(p, for_word ? 3 : 2, KW_OF);
    return travel && !error_unsupported(p->err, "time travel (VERSION or TIMESTAMP AS OF)");
}

static struct rel *
parse_table(struct parser *p)
{
    bool streaming = false, parenthesised = false;
    if (parser_at(p, KW_STREAM) &&
        (parser_is_name(parser_peek(p, 1)) || parser_at_sign_ahead(p, 1, '(')) &&
        !parser_at_ahead(p, 1, KW_AS) && !parser_at_ahead(p, 1, KW_WHERE)) {
        streaming = true;
        parser_next(p);
        parenthesised = parser_take_sign(p, '(');
    }
    const char **parts;
    uint32_t count;
    const uint32_t first = p->pos;
    if (!parse_names(p, &parts, &count)) {
        return NULL;
    }
    if (!streaming && parser_at_sign(p, '(')) {
        return parse_function_table(p, parts, count);
    }
    struct rel *r = rel_new(p->arena, REL_TABLE, 0);
    r->names = parts;
    r->name_count = count;
    if (count == 2 && p->tokens[first + 2].kind == TOKEN_QUOTED && is_file_format(parts[0])) {
        r->kind = REL_READ; /* parquet.`/path` */
        r->format = parts[0];
        r->paths = &parts[1];
        r->path_count = 1;
        r->names = NULL;
        r->name_count = 0;
    }
    r->is_streaming = streaming;
    if ((parenthesised && !parser_want_sign(p, ')')) || refuse_time_travel(p)) {
        return NULL;
    }
    if (parser_at(p, KW_WITH) && parser_at_sign_ahead(p, 1, '(')) {
        parser_next(p);
        if (!parse_options(p, &r->options)) {
            return NULL;
        }
    }
    r = parse_sample(p, r);
    return r != NULL ? parse_alias(p, r) : NULL;
}

static struct rel *parse_relation(struct parser *p);

struct rel *
parse_relation_primary(struct parser *p)
{
    if (parser_at(p, KW_VALUES) && !parser_at_sign_ahead(p, 1, '.')) {
        return parse_values(p);
    }
    if (!parser_at_sign(p, '(')) {
        return parse_table(p);
    }
    if (!parser_deeper(p)) {
        return NULL;
    }
    parser_next(p);
    struct rel *r = parser_at_query(p) ? parse_query(p) : parse_relation(p);
    parser_shallower(p);
    if (r == NULL || !parser_want_sign(p, ')')) {
        return NULL;
    }
    r = parse_sample(p, r);
    return r != NULL ? parse_alias(p, r) : NULL;
}

/* --- joins --- */

/* The words before JOIN. False: no join stands here. */
static bool
parse_join_words(struct parser *p, enum join_type *type, bool *natural)
{
    const uint32_t before = p->pos;
    *type = JOIN_INNER;
    *natural = parser_take(p, KW_NATURAL);
    if (parser_take(p, KW_CROSS)) {
        *type = JOIN_CROSS;
    } else if (parser_take(p, KW_INNER)) {
        *type = JOIN_INNER;
    } else if (parser_take(p, KW_SEMI)) {
        *type = JOIN_SEMI;
    } else if (parser_take(p, KW_ANTI)) {
        *type = JOIN_ANTI;
    } else if (parser_at(p, KW_LEFT) || parser_at(p, KW_RIGHT) || parser_at(p, KW_FULL)) {
        const enum keyword side = (enum keyword)parser_next(p)->keyword;
        *type = side == KW_LEFT ? JOIN_LEFT : side == KW_RIGHT ? JOIN_RIGHT : JOIN_FULL;
        if (side == KW_LEFT && parser_take(p, KW_SEMI)) {
            *type = JOIN_SEMI;
        } else if (side == KW_LEFT && parser_take(p, KW_ANTI)) {
            *type = JOIN_ANTI;
        } else {
            parser_take(p, KW_OUTER);
        }
    }
    if (parser_take(p, KW_JOIN)) {
        return true;
    }
    p->pos = before;
    return false;
}

struct rel *
parse_join_after(struct parser *p, struct rel *left, bool *taken)
{
    enum join_type type;
    bool natural;
    *taken = parse_join_words(p, &type, &natural);
    if (!*taken) {
        return left;
    }
    const bool lateral = parser_take(p, KW_LATERAL);
    struct rel *right = parse_relation_primary(p);
    if (right == NULL) {
        return NULL;
    }
    struct rel *join = rel_new(p->arena, lateral ? REL_LATERAL_JOIN : REL_JOIN, 2, left, right);
    join->join_type = type;
    join->natural = natural;
    join->lateral = lateral;
    if (natural) {
        return join;
    }
    if (parser_take(p, KW_ON)) {
        join->condition = parse_expr(p);
        return join->condition != NULL ? join : NULL;
    }
    if (parser_at(p, KW_USING) && parser_at_sign_ahead(p, 1, '(')) {
        parser_next(p);
        return parse_name_list(p, &join->column_names, &join->column_name_count) ? join : NULL;
    }
    return join;
}

/* All that is joined to a relation or pivots it. */
static struct rel *
parse_extensions(struct parser *p, struct rel *r)
{
    uint32_t links = 0;
    bool taken = true;
    while (r != NULL && taken) {
        const uint32_t before = p->pos;
        r = parse_relation_suffix(p, r);
        if (r != NULL && p->pos == before) {
            r = parse_join_after(p, r, &taken);
        }
        if (r != NULL && taken && !parser_chain(p, &links)) {
            return NULL;
        }
    }
    return r;
}

static struct rel *
parse_relation(struct parser *p)
{
    struct rel *r = parse_relation_primary(p);
    return r != NULL ? parse_extensions(p, r) : NULL;
}

/* LATERAL VIEW [OUTER] f(args) [table] [AS a, b] */
struct rel *
parse_lateral_view(struct parser *p, struct rel *input)
{
    p->pos += 2;
    struct rel *r = rel_new(p->arena, REL_LATERAL_VIEW, 1, input);
    r->outer = parser_take(p, KW_OUTER);
    struct expr *call = parse_name(p) != NULL ? expr_new(p->arena, EXPR_CALL) : NULL;
    if (call == NULL) {
        return NULL;
    }
    const uint32_t first = p->pos - 1;
    call->name = p->tokens[first].text;
    while (parser_take_sign(p, '.')) {
        const char *part = parse_name(p);
        if (part == NULL) {
            return NULL;
        }
        call->name = arena_printf(p->arena, "%s.%s", call->name, part);
    }
    if (!parser_want_sign(p, '(') || parse_arguments(p, call) == NULL) {
        return NULL;
    }
    parser_spanned(p, call, first);
    r->exprs = arena_new_array(p->arena, struct expr *, 1);
    r->exprs[0] = call;
    r->expr_count = 1;
    if (!parser_at(p, KW_AS) && parser_at_implicit_alias(p, true)) {
        r->name = parse_name(p);
    }
    if (parser_take(p, KW_AS) || parser_at_implicit_alias(p, true)) {
        struct list names = {0};
        do {
            const char *name = parse_name(p);
            if (name == NULL) {
                return NULL;
            }
            list_add(p, &names, (void *)name);
        } while (parser_take_sign(p, ','));
        r->column_names = (const char **)names.items;
        r->column_name_count = names.count;
    }
    return r;
}

/* FROM a, b JOIN c: a comma binds first, so that a's columns are known in c's condition. */
struct rel *
parse_from(struct parser *p)
{
    struct rel *r = NULL;
    uint32_t links = 0;
    parser_next(p);
    do {
        const bool lateral = parser_at(p, KW_LATERAL) && !parser_at_ahead(p, 1, KW_VIEW);
        p->pos += lateral;
        struct rel *next = parser_chain(p, &links) ? parse_relation_primary(p) : NULL;
        if (next == NULL) {
            return NULL;
        }
        if (r == NULL && lateral) {
            r = rel_new(p->arena, REL_PROJECT, 0);
        }
        if (r != NULL) {
            struct rel *join = rel_new(p->arena, lateral ? REL_LATERAL_JOIN : REL_JOIN, 2, r, next);
            join->lateral = lateral;
            next = join;
        }
        r = parse_extensions(p, next);
    } while (r != NULL && parser_take_sign(p, ','));
    while (r != NULL && parser_at(p, KW_LATERAL) && parser_at_ahead(p, 1, KW_VIEW)) {
        r = parser_chain(p, &links) ? parse_lateral_view(p, r) : NULL;
    }
    return r;
}
