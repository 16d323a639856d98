/*
 * The DDL form of types: "a INT NOT NULL COMMENT 'x', b STRUCT<c: STRING>" and "array<int>".
 *
 * A hand-written descent over the text with one token of look-ahead. Depth is limited, since the
 * text comes from users' programs.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"
#include "type/type.h"
#include "type/type_parse.h"

enum token_kind { TOKEN_END, TOKEN_WORD, TOKEN_QUOTED, TOKEN_STRING, TOKEN_NUMBER, TOKEN_PUNCT };

struct ddl {
    struct arena *arena;
    const char *pos;
    const char *end;
    struct error *err;
    enum token_kind kind; /* the token at hand */
    const char *text;     /* its text; words and strings NUL-terminated in the arena */
    char punct;
    unsigned depth;
};

static bool
word_byte(char c)
{
    return isalnum((unsigned char)c) || c == '_' || (c & 0x80) != 0;
}

static bool
ddl_syntax_error(struct ddl *d)
{
    if (error_is_set(d->err)) {
        return false;
    }
    const char *near =
        d->kind == TOKEN_END ? "end of input" : arena_printf(d->arena, "'%s'", d->text);
    return error_raise(d->err, "PARSE_SYNTAX_ERROR", "error", near, "hint", "", NULL);
}

/* A token between two quote characters; a doubled backtick stands for one, a backslash escapes. */
static bool
ddl_quoted(struct ddl *d, char quote)
{
    struct buffer text = {0};
    const char *p = d->pos + 1;
    for (; p < d->end; p++) {
        if (*p == quote) {
            if (quote != '`' || p + 1 >= d->end || p[1] != '`') {
                break;
            }
            p++;
        } else if (*p == '\\' && quote != '`' && p + 1 < d->end) {
            p++;
        }
        buffer_put(&text, p, 1);
    }
    d->text = arena_strndup(d->arena, buffer_text(&text), text.len);
    buffer_release(&text);
    d->kind = quote == '`' ? TOKEN_QUOTED : TOKEN_STRING;
    if (p >= d->end) {
        d->pos = d->end;
        return ddl_syntax_error(d);
    }
    d->pos = p + 1;
    return true;
}

static bool
ddl_next(struct ddl *d)
{
    while (d->pos < d->end && isspace((unsigned char)*d->pos)) {
        d->pos++;
    }
    if (d->pos == d->end) {
        d->kind = TOKEN_END;
        d->text = "";
        return true;
    }
    if (*d->pos == '`' || *d->pos == '\'' || *d->pos == '"') {
        return ddl_quoted(d, *d->pos);
    }
    const char *start = d->pos;
    if (word_byte(*d->pos)) {
        bool digits = true;
        while (d->pos < d->end && word_byte(*d->pos)) {
            digits = digits && isdigit((unsigned char)*d->pos);
            d->pos++;
        }
        d->kind = digits ? TOKEN_NUMBER : TOKEN_WORD;
    } else {
        d->punct = *d->pos++;
        d->kind = TOKEN_PUNCT;
    }
    d->text = arena_strndup(d->arena, start, (size_t)(d->pos - start));
    return true;
}

static bool
ddl_at_word(const struct ddl *d, const char *word)
{
    return d->kind == TOKEN_WORD && strcasecmp(d->text, word) == 0;
}

static bool
ddl_at(const struct ddl *d, char punct)
{
    return d->kind == TOKEN_PUNCT && d->punct == punct;
}

static bool
ddl_want(struct ddl *d, char punct)
{
    return ddl_at(d, punct) ? ddl_next(d) : ddl_syntax_error(d);
}

static bool
ddl_number(struct ddl *d, int *out)
{
    if (d->kind != TOKEN_NUMBER || strlen(d->text) > 9) {
        return ddl_syntax_error(d);
    }
    *out = atoi(d->text);
    return ddl_next(d);
}

static const struct {
    const char *name;
    enum type_id id;
} simple_types[] = {
    {"boolean", TYPE_BOOLEAN},
    {"tinyint", TYPE_BYTE},
    {"byte", TYPE_BYTE},
    {"smallint", TYPE_SHORT},
    {"short", TYPE_SHORT},
    {"int", TYPE_INT},
    {"integer", TYPE_INT},
    {"bigint", TYPE_LONG},
    {"long", TYPE_LONG},
    {"float", TYPE_FLOAT},
    {"real", TYPE_FLOAT},
    {"double", TYPE_DOUBLE},
    {"date", TYPE_DATE},
    {"timestamp", TYPE_TIMESTAMP},
    {"timestamp_ltz", TYPE_TIMESTAMP},
    {"timestamp_ntz", TYPE_TIMESTAMP_NTZ},
    {"string", TYPE_STRING},
    {"binary", TYPE_BINARY},
    {"void", TYPE_NULL},
};

static const struct type *ddl_type(struct ddl *d);

const struct type *
type_interval_range(struct arena *a, const char *from, const char *to)
{
    static const char *const ym[] = {"year", "month"};
    static const char *const dt[] = {"day", "hour", "minute", "second"};
    int start = -1, end = -1;
    enum type_id id = TYPE_INTERVAL_YM;
    for (int i = 0; i < 2; i++) {
        start = strcasecmp(from, ym[i]) == 0 ? i : start;
        end = strcasecmp(to, ym[i]) == 0 ? i : end;
    }
    if (start < 0 && end < 0) {
        id = TYPE_INTERVAL_DT;
        for (int i = 0; i < 4; i++) {
            start = strcasecmp(from, dt[i]) == 0 ? i : start;
            end = strcasecmp(to, dt[i]) == 0 ? i : end;
        }
    }
    if (start < 0 || end < start) {
        return NULL;
    }
    struct type *t = arena_copy(a, type_scalar(id), sizeof *t);
    t->precision = (uint8_t)start;
    t->scale = (uint8_t)end;
    return t;
}

static const struct type *
ddl_interval(struct ddl *d)
{
    if (d->kind != TOKEN_WORD) {
        return type_scalar(TYPE_INTERVAL_CALENDAR);
    }
    const char *from = d->text;
    if (type_interval_range(d->arena, from, from) == NULL) {
        return type_scalar(TYPE_INTERVAL_CALENDAR);
    }
    const char *to = from;
    if (!ddl_next(d)) {
        return NULL;
    }
    if (ddl_at_word(d, "to")) {
        if (!ddl_next(d)) {
            return NULL;
        }
        to = d->text;
        if (!ddl_next(d)) {
            return NULL;
        }
    }
    const struct type *t = type_interval_range(d->arena, from, to);
    if (t == NULL) {
        error_raise(d->err, "PARSE_SYNTAX_ERROR", "error", arena_printf(d->arena, "'%s'", to),
                    "hint", "", NULL);
    }
    return t;
}

const struct type *
type_decimal_checked(struct arena *a, int precision, int scale, struct error *err)
{
    if (precision > DECIMAL_PRECISION_MAX) {
        error_raise(err, "DECIMAL_PRECISION_EXCEEDS_MAX_PRECISION", "precision",
                    arena_printf(a, "%d", precision), "maxPrecision", "38", NULL);
        return NULL;
    }
    if (precision < 1 || scale < 0 || scale > precision) {
        error_raise(err, "DECIMAL_SCALE_EXCEEDS_PRECISION", "scale", arena_printf(a, "%d", scale),
                    "precision", arena_printf(a, "%d", precision), NULL);
        return NULL;
    }
    return type_decimal(a, precision, scale);
}

static const struct type *
ddl_decimal(struct ddl *d)
{
    int precision = 10, scale = 0;
    if (ddl_at(d, '(')) {
        if (!ddl_next(d) || !ddl_number(d, &precision) ||
            (ddl_at(d, ',') && (!ddl_next(d) || !ddl_number(d, &scale))) || !ddl_want(d, ')')) {
            return NULL;
        }
    }
    return type_decimal_checked(d->arena, precision, scale, d->err);
}

const struct type *
type_char(struct arena *a, enum type_string_kind kind, int length)
{
    struct type *t = arena_copy(a, type_scalar(TYPE_STRING), sizeof *t);
    t->string_kind = (uint8_t)kind;
    t->length = length;
    return t;
}

static const struct type *
ddl_char(struct ddl *d, enum type_string_kind kind)
{
    int length = 0;
    if (!ddl_at(d, '(')) {
        error_raise(d->err, "DATATYPE_MISSING_SIZE", "type",
                    kind == STRING_CHAR ? "\"CHARACTER\"" : "\"VARCHAR\"", NULL);
        return NULL;
    }
    if (!ddl_next(d) || !ddl_number(d, &length) || !ddl_want(d, ')')) {
        return NULL;
    }
    if (length == 0) {
        ddl_syntax_error(d);
        return NULL;
    }
    return type_char(d->arena, kind, length);
}

/* One field "name[:] type [NOT NULL] [COMMENT 'text'] [DEFAULT ...]" of a struct or a table. */
static bool
ddl_field(struct ddl *d, struct type_field *f)
{
    if (d->kind != TOKEN_WORD && d->kind != TOKEN_QUOTED && d->kind != TOKEN_NUMBER) {
        return ddl_syntax_error(d);
    }
    *f = (struct type_field){.name = d->text, .nullable = true};
    if (!ddl_next(d) || (ddl_at(d, ':') && !ddl_next(d))) {
        return false;
    }
    f->type = ddl_type(d);
    if (f->type == NULL) {
        return false;
    }
    if (ddl_at_word(d, "not")) {
        if (!ddl_next(d) || !ddl_at_word(d, "null")) {
            return ddl_syntax_error(d);
        }
        f->nullable = false;
        if (!ddl_next(d)) {
            return false;
        }
    }
    if (ddl_at_word(d, "comment")) {
        if (!ddl_next(d) || d->kind != TOKEN_STRING) {
            return ddl_syntax_error(d);
        }
        struct buffer json = {0};
        buffer_puts(&json, "{\"comment\":");
        buffer_json_string(&json, d->text, strlen(d->text));
        buffer_puts(&json, "}");
        f->metadata = arena_strdup(d->arena, buffer_text(&json));
        buffer_release(&json);
        return ddl_next(d);
    }
    return true;
}

/* Fields up to `close` (or the end of the text when close is 0). */
static const struct type *
ddl_fields(struct ddl *d, char close)
{
    uint32_t count = 0, capacity = 8;
    struct type_field *fields = arena_new_array(d->arena, struct type_field, capacity);
    while (close == 0 || !ddl_at(d, close)) {
        if (count == capacity) {
            struct type_field *more = arena_new_array(d->arena, struct type_field, capacity * 2);
            memcpy(more, fields, sizeof *fields * count);
            fields = more;
            capacity *= 2;
        }
        if (!ddl_field(d, &fields[count])) {
            return NULL;
        }
        count++;
        if (!ddl_at(d, ',')) {
            break;
        }
        if (!ddl_next(d)) {
            return NULL;
        }
    }
    if (close != 0 && !ddl_want(d, close)) {
        return NULL;
    }
    return type_struct(d->arena, fields, count);
}

static const struct type *
ddl_nested(struct ddl *d, enum type_id id)
{
    if (!ddl_want(d, '<')) {
        return NULL;
    }
    if (id == TYPE_STRUCT) {
        return ddl_fields(d, '>');
    }
    const struct type *first = ddl_type(d);
    if (first == NULL) {
        return NULL;
    }
    const struct type *second = NULL;
    if (id == TYPE_MAP) {
        if (!ddl_want(d, ',')) {
            return NULL;
        }
        second = ddl_type(d);
        if (second == NULL) {
            return NULL;
        }
    }
    if (!ddl_want(d, '>')) {
        return NULL;
    }
    return id == TYPE_MAP ? type_map(d->arena, first, second, true)
                          : type_array(d->arena, first, true);
}

/* STRING COLLATE name: only the default collation is known here. */
static const struct type *
ddl_string(struct ddl *d)
{
    if (ddl_at_word(d, "collate")) {
        if (!ddl_next(d)) {
            return NULL;
        }
        if (strcasecmp(d->text, "utf8_binary") != 0) {
            error_unsupported(d->err, "strings with the collation %s", d->text);
            return NULL;
        }
        if (!ddl_next(d)) {
            return NULL;
        }
    }
    return type_scalar(TYPE_STRING);
}

static const struct type *
ddl_named(struct ddl *d, const char *name)
{
    static const char *const decimals[] = {"decimal", "dec", "numeric"};
    for (size_t i = 0; i < sizeof decimals / sizeof *decimals; i++) {
        if (strcasecmp(name, decimals[i]) == 0) {
            return ddl_decimal(d);
        }
    }
    if (strcasecmp(name, "array") == 0) {
        return ddl_nested(d, TYPE_ARRAY);
    }
    if (strcasecmp(name, "map") == 0) {
        return ddl_nested(d, TYPE_MAP);
    }
    if (strcasecmp(name, "struct") == 0) {
        return ddl_nested(d, TYPE_STRUCT);
    }
    if (strcasecmp(name, "interval") == 0) {
        return ddl_interval(d);
    }
    if (strcasecmp(name, "char") == 0 || strcasecmp(name, "character") == 0) {
        return ddl_char(d, STRING_CHAR);
    }
    if (strcasecmp(name, "varchar") == 0) {
        return ddl_char(d, STRING_VARCHAR);
    }
    if (strcasecmp(name, "string") == 0) {
        return ddl_string(d);
    }
    for (size_t i = 0; i < sizeof simple_types / sizeof *simple_types; i++) {
        if (strcasecmp(name, simple_types[i].name) == 0) {
            return type_scalar(simple_types[i].id);
        }
    }
    char *upper = arena_strdup(d->arena, name);
    for (char *p = upper; *p != '\0'; p++) {
        *p = (char)toupper((unsigned char)*p);
    }
    error_raise(d->err, "UNSUPPORTED_DATATYPE", "typeName", arena_printf(d->arena, "\"%s\"", upper),
                NULL);
    return NULL;
}

static const struct type *
ddl_type(struct ddl *d)
{
    if (d->kind != TOKEN_WORD) {
        ddl_syntax_error(d);
        return NULL;
    }
    if (++d->depth > TYPE_DEPTH_MAX) {
        error_set(d->err, ERROR_PARSE, "A type is nested deeper than %d levels.", TYPE_DEPTH_MAX);
        return NULL;
    }
    const char *name = d->text;
    const struct type *t = ddl_next(d) ? ddl_named(d, name) : NULL;
    d->depth--;
    return t;
}

static bool
ddl_begin(struct ddl *d, struct arena *a, const char *text, size_t len, struct error *err)
{
    *d = (struct ddl){.arena = a, .pos = text, .end = text + len, .err = err};
    return ddl_next(d);
}

/* All of the text as a list of columns; NULL with err set. */
static const struct type *
ddl_parse_columns(struct arena *a, const char *text, size_t len, struct error *err)
{
    struct ddl d;
    const struct type *t = ddl_begin(&d, a, text, len, err) ? ddl_fields(&d, 0) : NULL;
    if (t != NULL && d.kind != TOKEN_END) {
        ddl_syntax_error(&d);
        return NULL;
    }
    return t;
}

static const struct type *
ddl_parse_single(struct arena *a, const char *text, size_t len, struct error *err)
{
    struct ddl d;
    const struct type *t = ddl_begin(&d, a, text, len, err) ? ddl_type(&d) : NULL;
    if (t != NULL && d.kind != TOKEN_END) {
        ddl_syntax_error(&d);
        return NULL;
    }
    return t;
}

const struct type *
type_parse(struct arena *a, const char *text, size_t len, struct error *err)
{
    size_t from = 0;
    while (from < len && isspace((unsigned char)text[from])) {
        from++;
    }
    if (from < len && (text[from] == '{' || text[from] == '"')) {
        return type_parse_json(a, text + from, len - from, err);
    }
    /* A single type wins, since "interval year" could be read as a column of an unknown type. */
    struct error first = {0};
    const struct type *t = ddl_parse_single(a, text, len, &first);
    if (t != NULL) {
        return t;
    }
    struct error second = {0};
    t = ddl_parse_columns(a, text, len, &second);
    if (t != NULL) {
        error_clear(&first);
        return t;
    }
    /* One word cannot have been meant as columns: then the first complaint is the better one. */
    const bool one_word = memchr(text + from, ' ', len - from) == NULL;
    error_move(err, one_word ? &first : &second);
    error_clear(one_word ? &second : &first);
    return NULL;
}

const struct type *
type_parse_schema(struct arena *a, const char *text, size_t len, struct error *err)
{
    const struct type *t = type_parse(a, text, len, err);
    if (t == NULL || t->id == TYPE_STRUCT) {
        return t;
    }
    return type_struct(a, &(struct type_field){.name = "value", .type = t, .nullable = true}, 1);
}
