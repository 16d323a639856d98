/* Statements: which kind it is, and the commands that are neither CREATE, DROP nor SHOW. */
#include <string.h>
#include <strings.h>

#include "sql/parse.h"
#include "sql/parser.h"

struct command *
command_new(struct parser *p, enum command_kind kind)
{
    struct command *c = arena_new(p->arena, struct command);
    c->kind = kind;
    return c;
}

/* A statement that Spark has and we do not. */
static struct command *
unsupported(struct parser *p, const char *what)
{
    error_unsupported(p->err, "%s", what);
    return NULL;
}

static struct command *
with_names(struct parser *p, struct command *c)
{
    return parse_names(p, &c->names, &c->name_count) ? c : NULL;
}

/* --- EXPLAIN, DESCRIBE --- */

static bool statement(struct parser *p, struct rel **query, struct command **command);

static struct command *
parse_explain(struct parser *p)
{
    struct command *c = command_new(p, COMMAND_EXPLAIN);
    parser_next(p);
    c->key = "simple";
    static const struct {
        enum keyword kw;
        const char *mode;
    } modes[] = {{KW_EXTENDED, "extended"},
                 {KW_CODEGEN, "codegen"},
                 {KW_COST, "cost"},
                 {KW_FORMATTED, "formatted"}};
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        if (parser_take(p, modes[i].kw)) {
            c->key = modes[i].mode;
            break;
        }
    }
    struct command *inner = NULL;
    if (!parser_deeper(p) || !statement(p, &c->query, &inner)) {
        return NULL;
    }
    parser_shallower(p);
    if (inner != NULL) {
        c->query = rel_new(p->arena, REL_COMMAND, 0);
        c->query->command = inner;
    }
    return c;
}

static struct command *
parse_describe(struct parser *p)
{
    parser_next(p);
    if (parser_take(p, KW_FUNCTION)) {
        struct command *c = command_new(p, COMMAND_DESCRIBE_FUNCTION);
        c->extended = parser_take(p, KW_EXTENDED);
        if (parser_peek(p, 0)->kind == TOKEN_STRING || parser_peek(p, 0)->kind == TOKEN_SIGN) {
            const struct token *t = parser_next(p); /* DESCRIBE FUNCTION '+', or + */
            const char *name =
                t->kind == TOKEN_STRING ? t->text : parser_cut(p, p->pos - 1, p->pos);
            c->names = arena_new_array(p->arena, const char *, 1);
            c->names[0] = name;
            c->name_count = 1;
            return c;
        }
        return with_names(p, c);
    }
    const struct token *next = parser_peek(p, 1);
    if ((parser_at(p, KW_DATABASE) || parser_at(p, KW_SCHEMA) || parser_at(p, KW_NAMESPACE)) &&
        parser_is_name(next)) {
        return unsupported(p, "DESCRIBE DATABASE");
    }
    const uint32_t before = p->pos;
    const struct token *word = parser_peek(p, 0);
    p->pos += word->kind == TOKEN_WORD && strcasecmp(word->text, "query") == 0;
    if (parser_at_query(p) && !parser_at(p, KW_TABLE)) {
        struct command *c = command_new(p, COMMAND_DESCRIBE_QUERY);
        c->query = parse_query(p);
        return c->query != NULL ? c : NULL;
    }
    p->pos = before;
    if (parser_is_name(next)) {
        parser_take(p, KW_TABLE);
    }
    struct command *c = command_new(p, COMMAND_DESCRIBE_TABLE);
    const bool more = parser_is_name(parser_peek(p, 1));
    c->extended = more && (parser_take(p, KW_EXTENDED) || parser_take(p, KW_FORMATTED));
    if (with_names(p, c) == NULL) {
        return NULL;
    }
    if (parser_at(p, KW_PARTITION) && parser_at_sign_ahead(p, 1, '(')) {
        return unsupported(p, "DESCRIBE of one partition");
    }
    if (parser_is_name(parser_peek(p, 0))) {
        return unsupported(p, "DESCRIBE of one column");
    }
    if (parser_take(p, KW_AS)) {
        return unsupported(p, "DESCRIBE ... AS JSON");
    }
    return c;
}

/* --- USE, CACHE, REFRESH, TRUNCATE, ALTER --- */

static struct command *
parse_use(struct parser *p)
{
    parser_next(p);
    struct command *c = command_new(p, COMMAND_USE);
    if (parser_is_name(parser_peek(p, 1)) &&
        !(parser_take(p, KW_DATABASE) || parser_take(p, KW_SCHEMA) ||
          parser_take(p, KW_NAMESPACE))) {
        parser_take(p, KW_CATALOG);
    }
    if (parser_peek(p, 0)->kind == TOKEN_STRING) {
        c->names = arena_new_array(p->arena, const char *, 1);
        c->names[0] = parser_next(p)->text;
        c->name_count = 1;
        return c;
    }
    return with_names(p, c);
}

static struct command *
parse_cache(struct parser *p)
{
    struct command *c = command_new(p, COMMAND_CACHE_TABLE);
    parser_next(p);
    parser_take(p, KW_LAZY);
    if (!parser_want(p, KW_TABLE) || with_names(p, c) == NULL) {
        return NULL;
    }
    if (parser_take(p, KW_OPTIONS) && !parse_options(p, &c->properties)) {
        return NULL;
    }
    const bool as = parser_take(p, KW_AS);
    if (as || parser_at_query(p)) {
        c->query = parse_query(p);
        return c->query != NULL ? c : NULL;
    }
    return c;
}

static struct command *
parse_refresh(struct parser *p)
{
    struct command *c = command_new(p, COMMAND_REFRESH);
    parser_next(p);
    if (parser_at(p, KW_FUNCTION) && parser_is_name(parser_peek(p, 1))) {
        return unsupported(p, "REFRESH FUNCTION");
    }
    if (parser_at(p, KW_TABLE) && parser_is_name(parser_peek(p, 1))) {
        parser_next(p);
    }
    if (parser_peek(p, 0)->kind == TOKEN_STRING) {
        c->key = parser_next(p)->text;
        return c;
    }
    return with_names(p, c);
}

static struct command *
parse_alter(struct parser *p)
{
    parser_next(p);
    if (!parser_take(p, KW_TABLE) && !parser_take(p, KW_VIEW)) {
        return unsupported(p, "ALTER of anything but a table's or view's name");
    }
    struct command *c = command_new(p, COMMAND_ALTER_TABLE_RENAME);
    if (with_names(p, c) == NULL) {
        return NULL;
    }
    if (!parser_at(p, KW_RENAME) || !parser_at_ahead(p, 1, KW_TO)) {
        return unsupported(p, "ALTER TABLE other than RENAME TO");
    }
    p->pos += 2;
    return parse_names(p, &c->columns, &c->column_count) ? c : NULL;
}

static struct command *
parse_reset(struct parser *p)
{
    struct command *c = command_new(p, COMMAND_RESET);
    parser_next(p);
    if (parser_peek(p, 0)->kind == TOKEN_END || parser_at_sign(p, ';')) {
        return c;
    }
    const uint32_t first = p->pos;
    while (parser_peek(p, 0)->kind != TOKEN_END && !parser_at_sign(p, ';')) {
        parser_next(p);
    }
    c->key = p->tokens[first].kind == TOKEN_QUOTED && p->pos == first + 1
                 ? p->tokens[first].text
                 : parser_cut(p, first, p->pos);
    return c;
}

/* --- SET --- */

static const char *
trimmed(struct parser *p, uint32_t from, uint32_t to)
{
    while (from < to && strchr(" \t\r\n", p->text[from]) != NULL) {
        from++;
    }
    while (to > from && strchr(" \t\r\n;", p->text[to - 1]) != NULL) {
        to--;
    }
    if (to - from >= 2 && p->text[from] == '`' && p->text[to - 1] == '`') {
        from++;
        to--;
    }
    return arena_strndup(p->arena, p->text + from, to - from);
}

static struct command *
parse_set_zone(struct parser *p)
{
    struct command *c = command_new(p, COMMAND_SET);
    p->pos += 2;
    c->key = "spark.sql.session.timeZone";
    if (parser_take(p, KW_LOCAL)) {
        c->value = "Etc/UTC";
        return c;
    }
    if (parser_at_interval(p)) {
        struct expr *e = parse_interval(p);
        if (e == NULL) {
            return NULL;
        }
        if (e->literal.type->id != TYPE_INTERVAL_DT) {
            parser_syntax(p);
            return NULL;
        }
        const int64_t seconds = e->literal.i / 1000000;
        const int64_t size = seconds < 0 ? -seconds : seconds;
        c->value = arena_printf(p->arena, "%c%02d:%02d", seconds < 0 ? '-' : '+',
                                (int)(size / 3600), (int)(size / 60 % 60));
        return c;
    }
    c->value = parse_string(p, NULL);
    return c->value != NULL ? c : NULL;
}

/* SET VAR x = value, (a, b) = (query) */
static struct command *
parse_set_variable(struct parser *p)
{
    struct command *c = command_new(p, COMMAND_SET_VARIABLE);
    parser_next(p);
    if (parser_at_sign(p, '(')) {
        if (!parse_name_list(p, &c->columns, &c->column_count) || !parser_want_sign(p, '=') ||
            !parser_want_sign(p, '(')) {
            return NULL;
        }
        c->query = parse_query(p);
        return c->query != NULL && parser_want_sign(p, ')') ? c : NULL;
    }
    if (with_names(p, c) == NULL || !parser_want_sign(p, '=')) {
        return NULL;
    }
    c->function = parse_expr(p);
    if (c->function != NULL && parser_at_sign(p, ',')) {
        return unsupported(p, "SET VARIABLE of several variables");
    }
    return c->function != NULL ? c : NULL;
}

/* SET key=value: the value is whatever stands there, SQL or not. */
struct command *
parse_set(struct parser *p)
{
    parser_next(p);
    if (parser_at(p, KW_TIME) && parser_at_ahead(p, 1, KW_ZONE)) {
        return parse_set_zone(p);
    }
    if ((parser_at(p, KW_VAR) || parser_at(p, KW_VARIABLE)) &&
        (parser_is_name(parser_peek(p, 1)) || parser_at_sign_ahead(p, 1, '('))) {
        return parse_set_variable(p);
    }
    struct command *c = command_new(p, COMMAND_SET);
    const uint32_t from = parser_peek(p, 0)->from;
    const char *rest = p->text + from;
    const char *equals = memchr(rest, '=', p->len - from);
    p->pos = p->count - 1;
    const uint32_t key_end = equals != NULL ? (uint32_t)(equals - p->text) : p->len;
    const char *key = trimmed(p, from, key_end);
    c->key = *key != '\0' && strcmp(key, "-v") != 0 ? key : NULL;
    c->extended = strcmp(key, "-v") == 0;
    c->value = equals != NULL ? trimmed(p, key_end + 1, p->len) : NULL;
    if (equals != NULL && c->key == NULL) {
        parser_syntax(p);
        return NULL;
    }
    return c;
}

/* DECLARE [OR REPLACE] [VARIABLE] x [type] [DEFAULT | = value] */
static struct command *
parse_declare(struct parser *p)
{
    struct command *c = command_new(p, COMMAND_DECLARE_VARIABLE);
    parser_next(p);
    c->replace = parser_take2(p, KW_OR, KW_REPLACE);
    if (parser_is_name(parser_peek(p, 1))) {
        if (!parser_take(p, KW_VARIABLE)) {
            parser_take(p, KW_VAR);
        }
    }
    if (with_names(p, c) == NULL) {
        return NULL;
    }
    if (!parser_at(p, KW_DEFAULT) && !parser_at_sign(p, '=')) {
        c->schema_text = parse_type_text(p);
        if (c->schema_text == NULL) {
            return NULL;
        }
    }
    if (parser_take(p, KW_DEFAULT) || parser_take_sign(p, '=')) {
        c->function = parse_expr(p);
        return c->function != NULL ? c : NULL;
    }
    return c;
}

/* --- the statement --- */

static struct command *
parse_cache_kin(struct parser *p)
{
    if (parser_at(p, KW_CACHE)) {
        return parse_cache(p);
    }
    if (parser_take(p, KW_CLEAR)) {
        return parser_want(p, KW_CACHE) ? command_new(p, COMMAND_CLEAR_CACHE) : NULL;
    }
    parser_next(p);
    struct command *c = command_new(p, COMMAND_UNCACHE_TABLE);
    if (!parser_want(p, KW_TABLE)) {
        return NULL;
    }
    c->if_exists = parser_take2(p, KW_IF, KW_EXISTS);
    return with_names(p, c);
}

struct command *
parse_command(struct parser *p)
{
    switch (parser_peek(p, 0)->kind == TOKEN_WORD ? parser_peek(p, 0)->keyword : KW_NONE) {
    case KW_CREATE:
    case KW_REPLACE:
        return parse_create(p);
    case KW_DROP:
        return parse_drop(p);
    case KW_SHOW:
        return parse_show(p);
    case KW_INSERT:
        return parse_insert(p);
    case KW_EXPLAIN:
        return parse_explain(p);
    case KW_DESC:
    case KW_DESCRIBE:
        return parse_describe(p);
    case KW_USE:
        return parse_use(p);
    case KW_SET:
        return parse_set(p);
    case KW_RESET:
        return parse_reset(p);
    case KW_CACHE:
    case KW_UNCACHE:
    case KW_CLEAR:
        return parse_cache_kin(p);
    case KW_REFRESH:
        return parse_refresh(p);
    case KW_ALTER:
        return parse_alter(p);
    case KW_DECLARE:
        return parse_declare(p);
    case KW_TRUNCATE:
        parser_next(p);
        return parser_want(p, KW_TABLE) ? with_names(p, command_new(p, COMMAND_TRUNCATE_TABLE))
                                        : NULL;
    case KW_DELETE:
        return unsupported(p, "DELETE");
    case KW_UPDATE:
        return unsupported(p, "UPDATE");
    case KW_MERGE:
        return unsupported(p, "MERGE INTO");
    case KW_ANALYZE:
        return unsupported(p, "ANALYZE");
    case KW_CALL:
        return unsupported(p, "CALL");
    case KW_EXECUTE:
        return unsupported(p, "EXECUTE IMMEDIATE");
    case KW_BEGIN:
        return unsupported(p, "SQL scripts (BEGIN ... END)");
    case KW_COMMENT:
        return unsupported(p, "COMMENT ON");
    default:
        parser_syntax(p);
        return NULL;
    }
}

static bool
statement(struct parser *p, struct rel **query, struct command **command)
{
    if (parser_at_query(p)) {
        *query = parse_query(p);
        return *query != NULL;
    }
    *command = parse_command(p);
    return *command != NULL;
}

/* --- what others call --- */

static bool
refuse_empty(struct parser *p)
{
    if (parser_peek(p, 0)->kind != TOKEN_END) {
        return true;
    }
    error_raise(p->err, "PARSE_EMPTY_STATEMENT", NULL);
    return parser_place(p, parser_peek(p, 0));
}

bool
sql_parse_statement(struct arena *a, const char *text, size_t len, struct rel **query,
                    struct command **command, struct error *err)
{
    struct parser p;
    *query = NULL;
    *command = NULL;
    return parser_init(&p, a, text, len, err) && refuse_empty(&p) &&
           statement(&p, query, command) && parser_want_end(&p);
}

struct rel *
sql_parse_query(struct arena *a, const char *text, size_t len, struct error *err)
{
    struct parser p;
    struct rel *r = parser_init(&p, a, text, len, err) && refuse_empty(&p) ? parse_query(&p) : NULL;
    return r != NULL && parser_want_end(&p) ? r : NULL;
}

struct expr *
sql_parse_expr(struct arena *a, const char *text, size_t len, struct error *err)
{
    struct parser p;
    struct expr *e =
        parser_init(&p, a, text, len, err) && refuse_empty(&p) ? parse_named_expr(&p) : NULL;
    if (e == NULL || !parser_windows_placed(&p, 0) || !parser_want_end(&p)) {
        return NULL;
    }
    return e;
}

bool
sql_parse_identifier(struct arena *a, const char *text, size_t len, const char ***parts,
                     uint32_t *count, struct error *err)
{
    struct parser p;
    return parser_init(&p, a, text, len, err) && refuse_empty(&p) &&
           parse_names(&p, parts, count) && parser_want_end(&p);
}

bool
sql_parse_order(struct arena *a, const char *text, size_t len, struct sort_key **keys,
                uint32_t *count, struct error *err)
{
    struct parser p;
    return parser_init(&p, a, text, len, err) && refuse_empty(&p) &&
           parse_order_keys(&p, keys, count) && parser_windows_placed(&p, 0) && parser_want_end(&p);
}
