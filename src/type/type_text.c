/* Types as texts: the five forms that Spark prints, each its own walk over the tree. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "type/type.h"

/* Names of scalars by form; NULL where parameters decide. */
static const struct {
    const char *simple;
    const char *sql;
    const char *json;
} scalar_names[TYPE_COUNT] = {
    [TYPE_NULL] = {"void", "VOID", "void"},
    [TYPE_BOOLEAN] = {"boolean", "BOOLEAN", "boolean"},
    [TYPE_BYTE] = {"tinyint", "TINYINT", "byte"},
    [TYPE_SHORT] = {"smallint", "SMALLINT", "short"},
    [TYPE_INT] = {"int", "INT", "integer"},
    [TYPE_LONG] = {"bigint", "BIGINT", "long"},
    [TYPE_FLOAT] = {"float", "FLOAT", "float"},
    [TYPE_DOUBLE] = {"double", "DOUBLE", "double"},
    [TYPE_DECIMAL] = {"decimal", "DECIMAL", "decimal"},
    [TYPE_STRING] = {"string", "STRING", "string"},
    [TYPE_BINARY] = {"binary", "BINARY", "binary"},
    [TYPE_DATE] = {"date", "DATE", "date"},
    [TYPE_TIMESTAMP] = {"timestamp", "TIMESTAMP", "timestamp"},
    [TYPE_TIMESTAMP_NTZ] = {"timestamp_ntz", "TIMESTAMP_NTZ", "timestamp_ntz"},
    [TYPE_INTERVAL_YM] = {"interval", "INTERVAL", "interval"},
    [TYPE_INTERVAL_DT] = {"interval", "INTERVAL", "interval"},
    [TYPE_INTERVAL_CALENDAR] = {"interval", "INTERVAL", "interval"},
    [TYPE_ARRAY] = {"array", "ARRAY", "array"},
    [TYPE_MAP] = {"map", "MAP", "map"},
    [TYPE_STRUCT] = {"struct", "STRUCT", "struct"},
};

enum text_form { FORM_SIMPLE, FORM_SQL, FORM_JSON };

static const char *
base_name(const struct type *t, enum text_form form)
{
    return form == FORM_SIMPLE ? scalar_names[t->id].simple
           : form == FORM_SQL  ? scalar_names[t->id].sql
                               : scalar_names[t->id].json;
}

static const char *
unit_name(const struct type *t, uint8_t unit, bool upper)
{
    static const char *const lower_ym[] = {"year", "month"};
    static const char *const lower_dt[] = {"day", "hour", "minute", "second"};
    static const char *const upper_ym[] = {"YEAR", "MONTH"};
    static const char *const upper_dt[] = {"DAY", "HOUR", "MINUTE", "SECOND"};
    if (t->id == TYPE_INTERVAL_YM) {
        return (upper ? upper_ym : lower_ym)[unit & 1];
    }
    return (upper ? upper_dt : lower_dt)[unit & 3];
}

/* A type without its parts: "decimal(10,2)", "interval day to second", "array". */
static void
put_scalar(struct buffer *out, const struct type *t, enum text_form form)
{
    const bool upper = form == FORM_SQL;
    if (t->id == TYPE_STRING && t->string_kind != STRING_PLAIN) {
        const char *name = t->string_kind == STRING_CHAR ? (upper ? "CHAR" : "char")
                                                         : (upper ? "VARCHAR" : "varchar");
        buffer_printf(out, "%s(%d)", name, t->length);
        return;
    }
    buffer_puts(out, base_name(t, form));
    if (t->id == TYPE_DECIMAL) {
        buffer_printf(out, "(%d,%d)", t->precision, t->scale);
    } else if (t->id == TYPE_INTERVAL_YM || t->id == TYPE_INTERVAL_DT) {
        buffer_printf(out, " %s", unit_name(t, t->precision, upper));
        if (t->scale != t->precision) {
            buffer_printf(out, " %s %s", upper ? "TO" : "to", unit_name(t, t->scale, upper));
        }
    }
}

void
type_put_simple(struct buffer *out, const struct type *t)
{
    put_scalar(out, t, FORM_SIMPLE);
    if (!type_is_nested(t)) {
        return;
    }
    buffer_puts(out, "<");
    for (uint32_t i = 0; i < t->field_count; i++) {
        buffer_puts(out, i > 0 ? "," : "");
        if (t->id == TYPE_STRUCT) {
            buffer_printf(out, "%s:", t->fields[i].name);
        }
        type_put_simple(out, t->fields[i].type);
    }
    buffer_puts(out, ">");
}

/* Identifiers that need no quotes: letters, digits, underscore, no digit first. */
static void
put_name(struct buffer *out, const char *name)
{
    bool plain = name[0] != '\0' && !isdigit((unsigned char)name[0]);
    for (const char *p = name; *p != '\0'; p++) {
        plain = plain && (isalnum((unsigned char)*p) || *p == '_');
    }
    if (plain) {
        buffer_puts(out, name);
        return;
    }
    buffer_puts(out, "`");
    for (const char *p = name; *p != '\0'; p++) {
        if (*p == '`') {
            buffer_puts(out, "`");
        }
        buffer_put(out, p, 1);
    }
    buffer_puts(out, "`");
}

/* The value of "comment" in a metadata object, as JSON text without its quotes; NULL if none. */
static const char *
metadata_comment(const char *metadata, size_t *len)
{
    const char *key = metadata != NULL ? strstr(metadata, "\"comment\"") : NULL;
    if (key == NULL) {
        return NULL;
    }
    const char *p = key + strlen("\"comment\"");
    p += strspn(p, " :\t\n");
    if (*p != '"') {
        return NULL;
    }
    const char *end = ++p;
    while (*end != '\0' && *end != '"') {
        end += *end == '\\' && end[1] != '\0' ? 2 : 1;
    }
    *len = (size_t)(end - p);
    return p;
}

static void
put_field_rest(struct buffer *out, const struct type_field *f)
{
    type_put_sql(out, f->type);
    if (!f->nullable) {
        buffer_puts(out, " NOT NULL");
    }
    size_t len = 0;
    const char *comment = metadata_comment(f->metadata, &len);
    if (comment != NULL) {
        buffer_puts(out, " COMMENT '");
        for (size_t i = 0; i < len; i++) {
            if (comment[i] == '\'') {
                buffer_puts(out, "\\");
            }
            buffer_put(out, &comment[i], 1);
        }
        buffer_puts(out, "'");
    }
}

void
type_put_sql(struct buffer *out, const struct type *t)
{
    put_scalar(out, t, FORM_SQL);
    if (!type_is_nested(t)) {
        return;
    }
    buffer_puts(out, "<");
    for (uint32_t i = 0; i < t->field_count; i++) {
        buffer_puts(out, i > 0 ? ", " : "");
        if (t->id == TYPE_STRUCT) {
            put_name(out, t->fields[i].name);
            buffer_puts(out, ": ");
            put_field_rest(out, &t->fields[i]);
        } else {
            type_put_sql(out, t->fields[i].type);
        }
    }
    buffer_puts(out, ">");
}

void
type_put_ddl(struct buffer *out, const struct type *t)
{
    for (uint32_t i = 0; i < t->field_count; i++) {
        buffer_puts(out, i > 0 ? "," : "");
        put_name(out, t->fields[i].name);
        buffer_puts(out, " ");
        put_field_rest(out, &t->fields[i]);
    }
}

static void
put_bool(struct buffer *out, bool v)
{
    buffer_puts(out, v ? "true" : "false");
}

static void
put_json_field(struct buffer *out, const struct type_field *f)
{
    buffer_puts(out, "{\"name\":");
    buffer_json_string(out, f->name, strlen(f->name));
    buffer_puts(out, ",\"type\":");
    type_put_json(out, f->type);
    buffer_puts(out, ",\"nullable\":");
    put_bool(out, f->nullable);
    buffer_printf(out, ",\"metadata\":%s}", f->metadata != NULL ? f->metadata : "{}");
}

void
type_put_json(struct buffer *out, const struct type *t)
{
    switch (t->id) {
    case TYPE_ARRAY:
        buffer_puts(out, "{\"type\":\"array\",\"elementType\":");
        type_put_json(out, t->fields[0].type);
        buffer_puts(out, ",\"containsNull\":");
        put_bool(out, t->fields[0].nullable);
        buffer_puts(out, "}");
        break;
    case TYPE_MAP:
        buffer_puts(out, "{\"type\":\"map\",\"keyType\":");
        type_put_json(out, t->fields[0].type);
        buffer_puts(out, ",\"valueType\":");
        type_put_json(out, t->fields[1].type);
        buffer_puts(out, ",\"valueContainsNull\":");
        put_bool(out, t->fields[1].nullable);
        buffer_puts(out, "}");
        break;
    case TYPE_STRUCT:
        buffer_puts(out, "{\"type\":\"struct\",\"fields\":[");
        for (uint32_t i = 0; i < t->field_count; i++) {
            buffer_puts(out, i > 0 ? "," : "");
            put_json_field(out, &t->fields[i]);
        }
        buffer_puts(out, "]}");
        break;
    default:
        buffer_puts(out, "\"");
        put_scalar(out, t, FORM_JSON);
        buffer_puts(out, "\"");
    }
}

static void
put_tree_name(struct buffer *out, const char *name)
{
    static const char *const escapes[256] = {
        ['\n'] = "\\n", ['\r'] = "\\r", ['\t'] = "\\t", ['\f'] = "\\f",
        ['\b'] = "\\b", ['\v'] = "\\v", ['\a'] = "\\a",
    };
    for (const char *p = name; *p != '\0'; p++) {
        const char *escape = escapes[(unsigned char)*p];
        if (escape != NULL) {
            buffer_puts(out, escape);
        } else {
            buffer_put(out, p, 1);
        }
    }
}

/* One line a part; `prefix` is what stands before the dashes. */
static void
put_tree(struct buffer *out, const struct type *t, const char *prefix, int level, int level_max)
{
    if (!type_is_nested(t) || (level_max > 0 && level > level_max)) {
        return;
    }
    struct buffer deeper = {0};
    buffer_printf(&deeper, "%s    |", prefix);
    for (uint32_t i = 0; i < t->field_count; i++) {
        const struct type_field *f = &t->fields[i];
        buffer_printf(out, "%s-- ", prefix);
        put_tree_name(out, f->name);
        buffer_puts(out, ": ");
        put_scalar(out, f->type, FORM_JSON);
        if (t->id != TYPE_MAP || i == 1) {
            const char *what = t->id == TYPE_STRUCT  ? "nullable"
                               : t->id == TYPE_ARRAY ? "containsNull"
                                                     : "valueContainsNull";
            buffer_printf(out, " (%s = %s)", what, f->nullable ? "true" : "false");
        }
        buffer_puts(out, "\n");
        put_tree(out, f->type, buffer_text(&deeper), level + 1, level_max);
    }
    buffer_release(&deeper);
}

void
type_put_tree(struct buffer *out, const struct type *t, int level_max)
{
    buffer_puts(out, "root\n");
    put_tree(out, t, " |", 1, level_max);
}

static char *
text_of(struct arena *a, const struct type *t, void (*put)(struct buffer *, const struct type *))
{
    struct buffer b = {0};
    put(&b, t);
    char *text = arena_strndup(a, b.ptr != NULL ? (const char *)b.ptr : "", b.len);
    buffer_release(&b);
    return text;
}

char *
type_simple(struct arena *a, const struct type *t)
{
    return text_of(a, t, type_put_simple);
}

char *
type_sql(struct arena *a, const struct type *t)
{
    return text_of(a, t, type_put_sql);
}
