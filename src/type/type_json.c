/*
 * The JSON form of types, as DataType.json prints it.
 *
 * The walk is driven by the grammar of types: objects are scanned once to find "type", whose value
 * decides what the other members mean. Unknown members are skipped. Depth is limited.
 */
#include <ctype.h>
#include <string.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"
#include "type/type.h"
#include "type/type_parse.h"

struct json {
    struct arena *arena;
    const char *pos;
    const char *end;
    struct error *err;
    unsigned depth;
};

/* A value's place in the text. */
struct json_span {
    const char *start;
    const char *end;
};

/* The members of an object that describe a type or a field. */
struct json_members {
    struct json_span type, element_type, key_type, value_type, fields, sql_type;
    struct json_span contains_null, value_contains_null;
    struct json_span name, nullable, metadata;
};

static bool
json_fail(struct json *j)
{
    if (!error_is_set(j->err)) {
        error_set(j->err, ERROR_PARSE, "Failed to parse the JSON form of a data type.");
    }
    return false;
}

static void
json_space(struct json *j)
{
    while (j->pos < j->end && isspace((unsigned char)*j->pos)) {
        j->pos++;
    }
}

static bool
json_take(struct json *j, char c)
{
    json_space(j);
    if (j->pos < j->end && *j->pos == c) {
        j->pos++;
        return true;
    }
    return false;
}

static bool
json_skip_string(struct json *j)
{
    for (j->pos++; j->pos < j->end; j->pos++) {
        if (*j->pos == '"') {
            j->pos++;
            return true;
        }
        if (*j->pos == '\\') {
            j->pos++;
        }
    }
    return json_fail(j);
}

/* Skips one value by counting brackets, which is enough to find its end. */
static bool
json_skip(struct json *j)
{
    size_t open = 0;
    json_space(j);
    do {
        if (j->pos >= j->end) {
            return json_fail(j);
        }
        const char c = *j->pos;
        if (c == '"') {
            if (!json_skip_string(j)) {
                return false;
            }
        } else if (c == '{' || c == '[') {
            open++;
            j->pos++;
        } else if (c == '}' || c == ']') {
            if (open == 0) {
                return json_fail(j);
            }
            open--;
            j->pos++;
        } else if (open > 0 && (c == ',' || c == ':' || isspace((unsigned char)c))) {
            j->pos++;
        } else {
            const char *start = j->pos;
            while (j->pos < j->end && (isalnum((unsigned char)*j->pos) || strchr("+-.", *j->pos))) {
                j->pos++;
            }
            if (j->pos == start) {
                return json_fail(j);
            }
        }
    } while (open > 0);
    return true;
}

static unsigned
hex_digit(char c)
{
    return c >= '0' && c <= '9'   ? (unsigned)(c - '0')
           : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a' + 10)
           : c >= 'A' && c <= 'F' ? (unsigned)(c - 'A' + 10)
                                  : 16;
}

static void
put_utf8(struct buffer *out, unsigned c)
{
    if (c < 0x80) {
        buffer_u8(out, (uint8_t)c);
    } else if (c < 0x800) {
        buffer_u8(out, (uint8_t)(0xc0 | c >> 6));
        buffer_u8(out, (uint8_t)(0x80 | (c & 0x3f)));
    } else if (c < 0x10000) {
        buffer_u8(out, (uint8_t)(0xe0 | c >> 12));
        buffer_u8(out, (uint8_t)(0x80 | (c >> 6 & 0x3f)));
        buffer_u8(out, (uint8_t)(0x80 | (c & 0x3f)));
    } else {
        buffer_u8(out, (uint8_t)(0xf0 | c >> 18));
        buffer_u8(out, (uint8_t)(0x80 | (c >> 12 & 0x3f)));
        buffer_u8(out, (uint8_t)(0x80 | (c >> 6 & 0x3f)));
        buffer_u8(out, (uint8_t)(0x80 | (c & 0x3f)));
    }
}

/* Four hexadecimal digits at p, or UINT32_MAX. */
static unsigned
hex4(const char *p, const char *end)
{
    if (end - p < 4) {
        return UINT32_MAX;
    }
    unsigned v = 0;
    for (int i = 0; i < 4; i++) {
        const unsigned d = hex_digit(p[i]);
        if (d == 16) {
            return UINT32_MAX;
        }
        v = v << 4 | d;
    }
    return v;
}

/* The value of a \uXXXX escape whose digits begin at p; surrogate pairs are joined. */
static const char *
put_unicode_escape(struct buffer *out, const char *p, const char *end)
{
    unsigned c = hex4(p, end);
    if (c == UINT32_MAX || c == 0) {
        return NULL;
    }
    p += 4;
    if (c >= 0xd800 && c < 0xdc00 && end - p >= 6 && p[0] == '\\' && p[1] == 'u') {
        const unsigned low = hex4(p + 2, end);
        if (low >= 0xdc00 && low < 0xe000) {
            c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
            p += 6;
        }
    }
    put_utf8(out, c);
    return p;
}

/* The text of a string value, NUL-terminated; NULL if the span is no string. */
static const char *
span_text(struct arena *a, struct json_span s)
{
    if (s.start == NULL || s.end - s.start < 2 || *s.start != '"') {
        return NULL;
    }
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    struct buffer out = {0};
    const char *end = s.end - 1;
    for (const char *p = s.start + 1; p < end && p != NULL;) {
        if (*p != '\\' || p + 1 >= end) {
            buffer_put(&out, p++, 1);
        } else if (p[1] == 'u') {
            p = put_unicode_escape(&out, p + 2, end);
        } else {
            const char *found = strchr(from, p[1]);
            buffer_put(&out, found != NULL && p[1] != '\0' ? &to[found - from] : p + 1, 1);
            p += 2;
        }
    }
    char *text = arena_strndup(a, buffer_text(&out), out.len);
    buffer_release(&out);
    return text;
}

static bool
span_is(struct json_span s, const char *word)
{
    return s.start != NULL && (size_t)(s.end - s.start) == strlen(word) &&
           memcmp(s.start, word, strlen(word)) == 0;
}

static bool
json_members(struct json *j, struct json_members *m)
{
    const struct {
        const char *name;
        struct json_span *span;
    } known[] = {
        {"\"type\"", &m->type},
        {"\"elementType\"", &m->element_type},
        {"\"keyType\"", &m->key_type},
        {"\"valueType\"", &m->value_type},
        {"\"fields\"", &m->fields},
        {"\"sqlType\"", &m->sql_type},
        {"\"containsNull\"", &m->contains_null},
        {"\"valueContainsNull\"", &m->value_contains_null},
        {"\"name\"", &m->name},
        {"\"nullable\"", &m->nullable},
        {"\"metadata\"", &m->metadata},
    };
    *m = (struct json_members){0};
    if (!json_take(j, '{')) {
        return json_fail(j);
    }
    if (json_take(j, '}')) {
        return true;
    }
    do {
        json_space(j);
        struct json_span key = {.start = j->pos};
        if (j->pos >= j->end || *j->pos != '"' || !json_skip_string(j)) {
            return json_fail(j);
        }
        key.end = j->pos;
        if (!json_take(j, ':')) {
            return json_fail(j);
        }
        json_space(j);
        struct json_span value = {.start = j->pos};
        if (!json_skip(j)) {
            return false;
        }
        value.end = j->pos;
        for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
            if (span_is(key, known[i].name)) {
                *known[i].span = value;
            }
        }
    } while (json_take(j, ','));
    return json_take(j, '}') || json_fail(j);
}

static const struct type *json_type(struct json *j);

static const struct type *
json_sub(const struct json *outer, struct json_span span)
{
    if (span.start == NULL) {
        json_fail((struct json *)outer);
        return NULL;
    }
    struct json j = {.arena = outer->arena,
                     .pos = span.start,
                     .end = span.end,
                     .err = outer->err,
                     .depth = outer->depth};
    return json_type(&j);
}

static bool
json_field(struct json *j, struct type_field *f)
{
    struct json_members m;
    if (!json_members(j, &m)) {
        return false;
    }
    f->name = span_text(j->arena, m.name);
    if (f->name == NULL) {
        return json_fail(j);
    }
    f->type = json_sub(j, m.type);
    f->nullable = !span_is(m.nullable, "false");
    if (m.metadata.start != NULL && !span_is(m.metadata, "{}") && *m.metadata.start == '{') {
        f->metadata =
            arena_strndup(j->arena, m.metadata.start, (size_t)(m.metadata.end - m.metadata.start));
    }
    return f->type != NULL;
}

static const struct type *
json_struct(struct json *j, struct json_span span)
{
    if (span.start == NULL) {
        json_fail(j);
        return NULL;
    }
    struct json list = *j;
    list.pos = span.start;
    list.end = span.end;
    if (!json_take(&list, '[')) {
        json_fail(j);
        return NULL;
    }
    uint32_t count = 0, capacity = 8;
    struct type_field *fields = arena_new_array(j->arena, struct type_field, capacity);
    while (!json_take(&list, ']')) {
        if (count > 0 && !json_take(&list, ',')) {
            json_fail(j);
            return NULL;
        }
        if (count == capacity) {
            struct type_field *more = arena_new_array(j->arena, struct type_field, capacity * 2);
            memcpy(more, fields, sizeof *fields * count);
            fields = more;
            capacity *= 2;
        }
        if (!json_field(&list, &fields[count])) {
            return NULL;
        }
        count++;
    }
    return type_struct(j->arena, fields, count);
}

static const struct type *
json_object(struct json *j)
{
    struct json_members m;
    if (!json_members(j, &m)) {
        return NULL;
    }
    if (span_is(m.type, "\"array\"")) {
        const struct type *element = json_sub(j, m.element_type);
        return element != NULL ? type_array(j->arena, element, !span_is(m.contains_null, "false"))
                               : NULL;
    }
    if (span_is(m.type, "\"map\"")) {
        const struct type *key = json_sub(j, m.key_type);
        const struct type *value = key != NULL ? json_sub(j, m.value_type) : NULL;
        return value != NULL
                   ? type_map(j->arena, key, value, !span_is(m.value_contains_null, "false"))
                   : NULL;
    }
    if (span_is(m.type, "\"struct\"")) {
        return json_struct(j, m.fields);
    }
    if (span_is(m.type, "\"udt\"")) {
        return json_sub(j, m.sql_type);
    }
    json_fail(j);
    return NULL;
}

/* "integer", "decimal(10,2)", "interval day to second": words that the DDL parser knows too. */
static const struct type *
json_scalar(struct json *j)
{
    struct json_span span = {.start = j->pos};
    if (!json_skip_string(j)) {
        return NULL;
    }
    span.end = j->pos;
    const char *name = span_text(j->arena, span);
    if (name == NULL || name[0] == '{' || name[0] == '"') {
        json_fail(j);
        return NULL;
    }
    if (strcmp(name, "null") == 0) {
        return type_scalar(TYPE_NULL);
    }
    const struct type *t = type_parse(j->arena, name, strlen(name), j->err);
    if (t != NULL && type_is_nested(t)) {
        json_fail(j);
        return NULL;
    }
    return t;
}

static const struct type *
json_type(struct json *j)
{
    if (++j->depth > TYPE_DEPTH_MAX) {
        json_fail(j);
        return NULL;
    }
    json_space(j);
    const struct type *t = NULL;
    if (j->pos < j->end && *j->pos == '"') {
        t = json_scalar(j);
    } else {
        t = json_object(j);
    }
    j->depth--;
    return t;
}

const struct type *
type_parse_json(struct arena *a, const char *text, size_t len, struct error *err)
{
    struct json j = {.arena = a, .pos = text, .end = text + len, .err = err};
    const struct type *t = json_type(&j);
    json_space(&j);
    if (t != NULL && j.pos != j.end) {
        json_fail(&j);
        return NULL;
    }
    return t;
}
