/* SHOW. */
#include <string.h>
#include <strings.h>

#include "sql/parser.h"

/* [LIKE] 'pattern' */
static bool
parse_pattern(struct parser *p, struct command *c)
{
    const bool like = parser_take(p, KW_LIKE);
    if (parser_peek(p, 0)->kind != TOKEN_STRING) {
        return !like || parser_syntax(p);
    }
    c->key = parse_string(p, NULL);
    return c->key != NULL;
}

/* FROM or IN a database */
static bool
parse_in(struct parser *p, struct command *c)
{
    if (!parser_take(p, KW_FROM) && !parser_take(p, KW_IN)) {
        return true;
    }
    return parse_names(p, &c->names, &c->name_count);
}

static struct command *
show_listed(struct parser *p, enum command_kind kind)
{
    struct command *c = command_new(p, kind);
    return parse_in(p, c) && parse_pattern(p, c) ? c : NULL;
}

static struct command *
show_columns(struct parser *p)
{
    struct command *c = command_new(p, COMMAND_SHOW_COLUMNS);
    if (!parser_at(p, KW_FROM) && !parser_at(p, KW_IN)) {
        parser_syntax(p);
        return NULL;
    }
    if (!parse_in(p, c)) {
        return NULL;
    }
    if (parser_take(p, KW_FROM) || parser_take(p, KW_IN)) { /* SHOW COLUMNS IN t IN db */
        const char **database;
        uint32_t count;
        if (!parse_names(p, &database, &count)) {
            return NULL;
        }
        const char **names = arena_new_array(p->arena, const char *, count + 1);
        memcpy(names, database, sizeof *names * count);
        names[count] = c->names[c->name_count - 1];
        c->names = names;
        c->name_count = count + 1;
    }
    return c;
}

static struct command *
show_functions(struct parser *p)
{
    struct command *c = command_new(p, COMMAND_SHOW_FUNCTIONS);
    if (!parse_in(p, c)) {
        return NULL;
    }
    const bool like = parser_take(p, KW_LIKE);
    if (parser_peek(p, 0)->kind == TOKEN_STRING) {
        c->key = parse_string(p, NULL);
    } else if (parser_is_name(parser_peek(p, 0))) {
        const uint32_t first = p->pos;
        const char **names;
        uint32_t count;
        if (!parse_names(p, &names, &count)) {
            return NULL;
        }
        c->key = parser_cut(p, first, p->pos);
    } else if (like) {
        parser_syntax(p);
        return NULL;
    }
    return c;
}

static struct command *
show_named(struct parser *p, enum command_kind kind)
{
    struct command *c = command_new(p, kind);
    if (!parse_names(p, &c->names, &c->name_count)) {
        return NULL;
    }
    if (kind == COMMAND_SHOW_PARTITIONS && parser_at(p, KW_PARTITION)) {
        error_unsupported(p->err, "SHOW PARTITIONS of some partitions");
        return NULL;
    }
    if (kind == COMMAND_SHOW_TBLPROPERTIES && parser_take_sign(p, '(')) {
        const uint32_t first = p->pos;
        if (parser_peek(p, 0)->kind == TOKEN_STRING) {
            c->key = parser_next(p)->text;
        } else {
            const char **names;
            uint32_t count;
            if (!parse_names(p, &names, &count)) {
                return NULL;
            }
            c->key = parser_cut(p, first, p->pos);
        }
        return parser_want_sign(p, ')') ? c : NULL;
    }
    return c;
}

/* SHOW [USER | SYSTEM | ALL] FUNCTIONS */
static bool
take_function_scope(struct parser *p)
{
    if (!parser_at_ahead(p, 1, KW_FUNCTIONS)) {
        return false;
    }
    p->pos += 2;
    return true;
}

struct command *
parse_show(struct parser *p)
{
    parser_next(p);
    switch (parser_peek(p, 0)->kind == TOKEN_WORD ? parser_peek(p, 0)->keyword : KW_NONE) {
    case KW_TABLES:
        parser_next(p);
        return show_listed(p, COMMAND_SHOW_TABLES);
    case KW_VIEWS:
        parser_next(p);
        return show_listed(p, COMMAND_SHOW_VIEWS);
    case KW_DATABASES:
    case KW_SCHEMAS:
    case KW_NAMESPACES:
        parser_next(p);
        return show_listed(p, COMMAND_SHOW_DATABASES);
    case KW_COLUMNS:
        parser_next(p);
        return show_columns(p);
    case KW_FUNCTIONS:
        parser_next(p);
        return show_functions(p);
    case KW_TBLPROPERTIES:
        parser_next(p);
        return show_named(p, COMMAND_SHOW_TBLPROPERTIES);
    case KW_PARTITIONS:
        parser_next(p);
        return show_named(p, COMMAND_SHOW_PARTITIONS);
    case KW_CREATE:
        parser_next(p);
        return parser_want(p, KW_TABLE) ? show_named(p, COMMAND_SHOW_CREATE_TABLE) : NULL;
    default:
        break;
    }
    if (take_function_scope(p)) {
        return show_functions(p);
    }
    if (parser_at(p, KW_TABLE) || parser_at(p, KW_CATALOGS) || parser_at(p, KW_CURRENT)) {
        error_unsupported(p->err, "SHOW %s", parser_peek(p, 0)->text);
        return NULL;
    }
    parser_syntax(p);
    return NULL;
}
