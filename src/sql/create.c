/* CREATE, DROP and INSERT. */
#include <string.h>
#include <strings.h>

#include "sql/parser.h"

/* The clauses between a table's columns and its query, in any order. */
struct table_clauses {
    struct options options;
    struct options properties;
    const char *format;
    const char *location;
    const char *comment;
    const char **partition_by;
    uint32_t partition_count;
};

/* PARTITIONED BY (a, b): columns of the table; typed ones and transforms are other features. */
static bool
parse_partitioned(struct parser *p, struct table_clauses *t)
{
    p->pos += 2;
    const uint32_t first = p->pos;
    if (parser_at_sign(p, '(') && parser_is_name(parser_peek(p, 1)) &&
        !parser_at_sign_ahead(p, 2, ',') && !parser_at_sign_ahead(p, 2, ')')) {
        return error_unsupported(p->err, "PARTITIONED BY with types or transforms");
    }
    p->pos = first;
    return parse_name_list(p, &t->partition_by, &t->partition_count);
}

static bool
parse_clause(struct parser *p, struct table_clauses *t, bool *taken)
{
    *taken = true;
    if (parser_take(p, KW_USING)) {
        t->format = parse_name(p);
        return t->format != NULL;
    }
    if (parser_at(p, KW_OPTIONS) && parser_at_sign_ahead(p, 1, '(')) {
        parser_next(p);
        return parse_options(p, &t->options);
    }
    if (parser_take(p, KW_TBLPROPERTIES)) {
        return parse_options(p, &t->properties);
    }
    if (parser_at(p, KW_PARTITIONED) && parser_at_ahead(p, 1, KW_BY)) {
        return parse_partitioned(p, t);
    }
    if (parser_take(p, KW_LOCATION)) {
        t->location = parse_string(p, NULL);
        return t->location != NULL;
    }
    if (parser_at(p, KW_COMMENT) && parser_peek(p, 1)->kind == TOKEN_STRING) {
        parser_next(p);
        t->comment = parse_string(p, NULL);
        return t->comment != NULL;
    }
    if (parser_at(p, KW_STORED) && parser_at_ahead(p, 1, KW_AS)) {
        p->pos += 2; /* Hive's way of naming the format */
        t->format = parse_name(p);
        return t->format != NULL;
    }
    if (parser_at(p, KW_CLUSTERED) || (parser_at(p, KW_CLUSTER) && parser_at_ahead(p, 1, KW_BY))) {
        return error_unsupported(p->err, "CLUSTERED BY (buckets)");
    }
    *taken = false;
    return true;
}

static bool
parse_clauses(struct parser *p, struct table_clauses *t)
{
    bool taken = true;
    while (taken) {
        if (!parse_clause(p, t, &taken)) {
            return false;
        }
    }
    return true;
}

/* ( columns ) as DDL text; the current token is the parenthesis. */
static const char *
parse_columns_text(struct parser *p)
{
    const uint32_t first = p->pos;
    uint32_t depth = 0;
    do {
        const struct token *t = parser_peek(p, 0);
        if (t->kind == TOKEN_END || t->kind == TOKEN_BAD) {
            parser_want_sign(p, ')');
            return NULL;
        }
        depth += parser_at_sign(p, '(');
        depth -= parser_at_sign(p, ')');
        parser_next(p);
    } while (depth > 0);
    const char *text = parser_cut(p, first + 1, p->pos - 1);
    return type_parse_schema(p->arena, text, strlen(text), p->err) != NULL ? text : NULL;
}

static struct rel *
read_rel(struct parser *p, const struct table_clauses *t, const char *schema_text)
{
    struct rel *r = rel_new(p->arena, REL_READ, 0);
    r->format = t->format;
    r->schema_text = schema_text;
    r->options = t->options;
    const char *path = options_get(&t->options, "path");
    path = t->location != NULL ? t->location : path;
    if (path != NULL) {
        r->paths = arena_new_array(p->arena, const char *, 1);
        r->paths[0] = path;
        r->path_count = 1;
    }
    return r;
}

static struct command *
parse_create_table(struct parser *p, bool replace)
{
    struct command *c = command_new(p, COMMAND_CREATE_TABLE);
    struct table_clauses t = {0};
    c->replace = replace;
    if (parser_at(p, KW_IF)) {
        parser_next(p);
        if (!parser_want(p, KW_NOT) || !parser_want(p, KW_EXISTS)) {
            return NULL;
        }
        c->if_not_exists = true;
    }
    if (!parse_names(p, &c->names, &c->name_count)) {
        return NULL;
    }
    if (parser_at(p, KW_LIKE)) {
        error_unsupported(p->err, "CREATE TABLE LIKE");
        return NULL;
    }
    if (parser_at_sign(p, '(')) {
        c->schema_text = parse_columns_text(p);
        if (c->schema_text == NULL) {
            return NULL;
        }
    }
    if (!parse_clauses(p, &t)) {
        return NULL;
    }
    const bool as = parser_take(p, KW_AS);
    if (as || parser_at_query(p)) {
        c->query = parse_query(p);
        if (c->query == NULL) {
            return NULL;
        }
    }
    c->comment = t.comment;
    c->properties = t.properties;
    c->write = arena_new(p->arena, struct write_spec);
    *c->write = (struct write_spec){.format = t.format,
                                    .path = t.location != NULL ? t.location
                                                               : options_get(&t.options, "path"),
                                    .table = c->names,
                                    .table_count = c->name_count,
                                    .mode = c->if_not_exists ? WRITE_IGNORE
                                            : replace        ? WRITE_OVERWRITE
                                                             : WRITE_ERROR_IF_EXISTS,
                                    .partition_by = t.partition_by,
                                    .partition_count = t.partition_count,
                                    .options = t.options,
                                    .is_create_table = true};
    return c;
}

/* name [COMMENT 'x'], ... between parentheses */
static bool
parse_view_columns(struct parser *p, struct command *c)
{
    struct list names = {0};
    if (!parser_take_sign(p, '(')) {
        return true;
    }
    do {
        const char *name = parse_name(p);
        if (name == NULL) {
            return false;
        }
        list_add(p, &names, (void *)name);
        if (parser_take(p, KW_COMMENT) && parse_string(p, NULL) == NULL) {
            return false;
        }
    } while (parser_take_sign(p, ','));
    c->columns = (const char **)names.items;
    c->column_count = names.count;
    return parser_want_sign(p, ')');
}

static struct command *
parse_create_view(struct parser *p, struct command *c)
{
    if (parser_at(p, KW_IF)) {
        parser_next(p);
        if (!parser_want(p, KW_NOT) || !parser_want(p, KW_EXISTS)) {
            return NULL;
        }
        c->if_not_exists = true;
    }
    if (!parse_names(p, &c->names, &c->name_count)) {
        return NULL;
    }
    struct table_clauses t = {0};
    if (parser_at_sign(p, '(') && c->temporary) {
        /* With USING these are typed columns, with AS plain names. */
        const uint32_t before = p->pos;
        if (parser_is_name(parser_peek(p, 2)) && !parser_at_ahead(p, 2, KW_COMMENT)) {
            c->schema_text = parse_columns_text(p);
            if (c->schema_text == NULL) {
                return NULL;
            }
        } else {
            p->pos = before;
        }
    }
    if (c->schema_text == NULL && !parse_view_columns(p, c)) {
        return NULL;
    }
    if (!parse_clauses(p, &t)) {
        return NULL;
    }
    c->comment = t.comment;
    c->properties = t.properties;
    if (t.format != NULL) {
        c->query = read_rel(p, &t, c->schema_text);
        return c;
    }
    if (!parser_want(p, KW_AS)) {
        return NULL;
    }
    const uint32_t first = p->pos;
    c->query = parse_query(p);
    c->query_text = parser_cut(p, first, p->pos);
    return c->query != NULL ? c : NULL;
}

static struct command *
parse_create_database(struct parser *p)
{
    struct command *c = command_new(p, COMMAND_CREATE_DATABASE);
    if (parser_at(p, KW_IF)) {
        parser_next(p);
        if (!parser_want(p, KW_NOT) || !parser_want(p, KW_EXISTS)) {
            return NULL;
        }
        c->if_not_exists = true;
    }
    if (!parse_names(p, &c->names, &c->name_count)) {
        return NULL;
    }
    for (;;) {
        if (parser_take(p, KW_COMMENT)) {
            c->comment = parse_string(p, NULL);
        } else if (parser_take(p, KW_LOCATION)) {
            c->value = parse_string(p, NULL);
        } else if (parser_take(p, KW_WITH)) { /* DBPROPERTIES or PROPERTIES */
            if (parse_name(p) == NULL || !parse_options(p, &c->properties)) {
                return NULL;
            }
        } else {
            return c;
        }
        if (error_is_set(p->err)) {
            return NULL;
        }
    }
}

static bool
at_database(const struct parser *p)
{
    return parser_at(p, KW_DATABASE) || parser_at(p, KW_SCHEMA) || parser_at(p, KW_NAMESPACE);
}

struct command *
parse_create(struct parser *p)
{
    bool replace = false;
    if (parser_take(p, KW_REPLACE)) {
        replace = true;
    } else {
        parser_next(p);
        replace = parser_take2(p, KW_OR, KW_REPLACE);
    }
    if (at_database(p)) {
        parser_next(p);
        return parse_create_database(p);
    }
    struct command *view = command_new(p, COMMAND_CREATE_VIEW);
    view->replace = replace;
    view->global = parser_take(p, KW_GLOBAL);
    view->temporary = parser_take(p, KW_TEMPORARY) || parser_take(p, KW_TEMP);
    if (parser_take(p, KW_VIEW)) {
        return parse_create_view(p, view);
    }
    if (parser_take(p, KW_TABLE)) {
        return parse_create_table(p, replace);
    }
    if (parser_at(p, KW_FUNCTION)) {
        error_unsupported(p->err, "CREATE FUNCTION");
        return NULL;
    }
    parser_syntax(p);
    return NULL;
}

struct command *
parse_drop(struct parser *p)
{
    parser_next(p);
    struct command *c = command_new(p, COMMAND_DROP_TABLE);
    if (at_database(p)) {
        c->kind = COMMAND_DROP_DATABASE;
    } else if (parser_at(p, KW_VIEW)) {
        c->kind = COMMAND_DROP_VIEW;
    } else if (!parser_at(p, KW_TABLE)) {
        const bool known = parser_at(p, KW_FUNCTION) || parser_at(p, KW_TEMPORARY) ||
                           parser_at(p, KW_TEMP) || parser_at(p, KW_VARIABLE);
        if (known) {
            error_unsupported(p->err, "DROP FUNCTION and DROP VARIABLE");
        } else {
            parser_syntax(p);
        }
        return NULL;
    }
    parser_next(p);
    c->if_exists = parser_take2(p, KW_IF, KW_EXISTS);
    if (!parse_names(p, &c->names, &c->name_count)) {
        return NULL;
    }
    if (c->kind == COMMAND_DROP_DATABASE) {
        c->cascade = parser_take(p, KW_CASCADE);
        if (!c->cascade) {
            parser_take(p, KW_RESTRICT);
        }
    } else if (c->kind == COMMAND_DROP_TABLE) {
        const struct token *t = parser_peek(p, 0);
        if (t->kind == TOKEN_WORD && strcasecmp(t->text, "purge") == 0) {
            parser_next(p);
        }
    }
    return c;
}

/* --- INSERT --- */

/* INSERT OVERWRITE [LOCAL] DIRECTORY 'path' USING format [OPTIONS (...)] query */
static struct command *
parse_insert_directory(struct parser *p, struct command *c)
{
    struct table_clauses t = {0};
    if (parser_peek(p, 0)->kind == TOKEN_STRING) {
        t.location = parse_string(p, NULL);
    }
    if (!parse_clauses(p, &t)) {
        return NULL;
    }
    c->write->format = t.format;
    c->write->path = t.location != NULL ? t.location : options_get(&t.options, "path");
    c->write->options = t.options;
    c->write->mode = WRITE_OVERWRITE;
    c->query = parse_query(p);
    return c->query != NULL ? c : NULL;
}

struct command *
parse_insert(struct parser *p)
{
    parser_next(p);
    struct command *c = command_new(p, COMMAND_INSERT);
    c->write = arena_new(p->arena, struct write_spec);
    c->write->is_insert = true;
    if (parser_take(p, KW_OVERWRITE)) {
        c->overwrite = true;
        const bool local = parser_at(p, KW_LOCAL) && parser_at_ahead(p, 1, KW_DIRECTORY);
        p->pos += local;
        if (parser_at(p, KW_DIRECTORY) && !parser_at_sign_ahead(p, 1, '.')) {
            parser_next(p);
            return parse_insert_directory(p, c);
        }
        parser_take(p, KW_INTO);
    } else if (!parser_want(p, KW_INTO)) {
        return NULL;
    }
    if (parser_at(p, KW_TABLE) && parser_is_name(parser_peek(p, 1))) {
        parser_next(p);
    }
    if (!parse_names(p, &c->names, &c->name_count)) {
        return NULL;
    }
    if (parser_at(p, KW_PARTITION) && parser_at_sign_ahead(p, 1, '(')) {
        error_unsupported(p->err, "INSERT into a named PARTITION");
        return NULL;
    }
    if (parser_at(p, KW_REPLACE) && parser_at_ahead(p, 1, KW_WHERE)) {
        error_unsupported(p->err, "INSERT INTO ... REPLACE WHERE");
        return NULL;
    }
    if (parser_at(p, KW_BY) && parser_at_ahead(p, 1, KW_NAME)) {
        p->pos += 2;
        c->extended = true; /* BY NAME */
    } else if (parser_at_sign(p, '(') && !parser_at_query(p) &&
               !parse_name_list(p, &c->columns, &c->column_count)) {
        return NULL;
    }
    c->write->table = c->names;
    c->write->table_count = c->name_count;
    c->write->mode = c->overwrite ? WRITE_OVERWRITE : WRITE_APPEND;
    c->query = parse_query(p);
    return c->query != NULL ? c : NULL;
}
