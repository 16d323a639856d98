/*
 * Partition columns out of directory names: /table/year=2020/city=K%C3%B6ln/part-0.parquet.
 *
 * A column's type is the narrowest that all its values have: int, long, double, date, timestamp,
 * else string, as Spark infers them; the user's schema overrides. %XX is unescaped, and
 * __HIVE_DEFAULT_PARTITION__ is null.
 */
#include <string.h>
#include <strings.h>

#include "format/listing.h"
#include "format/text_value.h"
#include "type/datetime.h"
#include "type/number.h"

enum { PARTITION_COLUMNS_MAX = 64 };

#define HIVE_NULL "__HIVE_DEFAULT_PARTITION__"

/* The values of one file's directories, in order. */
struct parts {
    uint32_t count;
    const char *names[PARTITION_COLUMNS_MAX];
    const char *values[PARTITION_COLUMNS_MAX];
};

static int
hex_digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c |= 32;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static char *
unescape(struct arena *a, const char *text, size_t len)
{
    char *out = arena_alloc(a, len + 1);
    size_t at = 0;
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '%' && i + 2 < len && hex_digit(text[i + 1]) >= 0 &&
            hex_digit(text[i + 2]) >= 0) {
            out[at++] = (char)(hex_digit(text[i + 1]) << 4 | hex_digit(text[i + 2]));
            i += 2;
        } else {
            out[at++] = text[i];
        }
    }
    out[at] = '\0';
    return out;
}

static bool
parts_of(struct arena *a, const struct listed_file *f, struct parts *out, struct error *err)
{
    out->count = 0;
    const char *p = f->path + f->root_len;
    for (;;) {
        while (*p == '/') {
            p++;
        }
        const char *slash = strchr(p, '/');
        if (slash == NULL) {
            return true; /* the file's own name */
        }
        const char *equals = memchr(p, '=', (size_t)(slash - p));
        if (equals != NULL && equals > p) {
            if (out->count == PARTITION_COLUMNS_MAX) {
                return error_set(err, ERROR_ARGUMENT, "More than %d partition columns in %s",
                                 PARTITION_COLUMNS_MAX, f->path);
            }
            out->names[out->count] = unescape(a, p, (size_t)(equals - p));
            out->values[out->count++] = unescape(a, equals + 1, (size_t)(slash - equals - 1));
        }
        p = slash;
    }
}

/* Numbers are digits here: not the words and suffixes that casts take. */
static bool
looks_like_number(const char *text)
{
    return strspn(text, "0123456789+-.eE") == strlen(text) && strpbrk(text, "0123456789") != NULL;
}

static enum type_id
infer_value(const char *text)
{
    const size_t len = strlen(text);
    int64_t whole;
    double real;
    int32_t days;
    const struct zone *zone;
    bool time_only = false;
    if (strcmp(text, HIVE_NULL) == 0) {
        return TYPE_NULL;
    }
    if (looks_like_number(text) && number_parse_int(text, len, false, &whole)) {
        return whole >= INT32_MIN && whole <= INT32_MAX ? TYPE_INT : TYPE_LONG;
    }
    if (looks_like_number(text) && number_parse_double(text, len, &real)) {
        return TYPE_DOUBLE;
    }
    if (len == 10 && date_parse(text, len, &days)) {
        return TYPE_DATE;
    }
    if (len > 10 && timestamp_parse(text, len, 0, &whole, &zone, &time_only) && !time_only) {
        return TYPE_TIMESTAMP;
    }
    return TYPE_STRING;
}

static enum type_id
wider(enum type_id a, enum type_id b)
{
    if (a == b || b == TYPE_NULL) {
        return a;
    }
    if (a == TYPE_NULL) {
        return b;
    }
    const bool numbers = a >= TYPE_INT && a <= TYPE_DOUBLE && b >= TYPE_INT && b <= TYPE_DOUBLE;
    const bool times =
        (a == TYPE_DATE || a == TYPE_TIMESTAMP) && (b == TYPE_DATE || b == TYPE_TIMESTAMP);
    return numbers || times ? (a > b ? a : b) : TYPE_STRING;
}

/* The text as a value of the type; false when it is not one. */
static bool
value_of(struct arena *a, const struct text_format *format, const char *text,
         const struct type *type, struct datum *out)
{
    struct vec one;
    *out = (struct datum){.type = type};
    if (strcmp(text, HIVE_NULL) == 0) {
        out->is_null = true;
        return true;
    }
    vec_init_flat(&one, a, type, 1);
    if (type_is_nested(type) || !text_value(format, text, strlen(text), &one, 0)) {
        return false;
    }
    *out = vec_datum(&one, 0, a);
    return true;
}

static const struct type_field *
field_named(const struct type *schema, const char *name)
{
    for (uint32_t i = 0; schema != NULL && i < schema->field_count; i++) {
        if (strcasecmp(schema->fields[i].name, name) == 0) {
            return &schema->fields[i];
        }
    }
    return NULL;
}

/* Data fields of the user's schema (if any), then the partition columns. */
static const struct type *
with_partitions(struct arena *a, const struct type *given, const struct type_field *columns,
                uint32_t count)
{
    const uint32_t given_count = given != NULL ? given->field_count : 0;
    struct type_field *fields = arena_new_array(a, struct type_field, given_count + count);
    const struct type partitions = {
        .id = TYPE_STRUCT, .fields = columns, .field_count = count, .length = -1};
    uint32_t n = 0;
    for (uint32_t i = 0; i < given_count; i++) {
        if (field_named(&partitions, given->fields[i].name) == NULL) {
            fields[n++] = given->fields[i];
        }
    }
    for (uint32_t i = 0; i < count; i++) {
        fields[n++] = columns[i];
    }
    return type_struct(a, fields, n);
}

static bool
check_same(const struct parts *first, const struct parts *other, const char *path,
           struct error *err)
{
    bool same = first->count == other->count;
    for (uint32_t i = 0; same && i < first->count; i++) {
        same = strcmp(first->names[i], other->names[i]) == 0;
    }
    return same || error_set(err, ERROR_ARGUMENT,
                             "Conflicting directory structures detected. Partition columns of %s "
                             "differ from those of the files before it; use the option "
                             "\"basePath\" or read the directories one by one.",
                             path);
}

bool
partition_resolve(struct arena *a, const struct listing *l, struct scan_source *source,
                  struct error *err)
{
    struct parts *parts = arena_new_array(a, struct parts, l->count);
    enum type_id ids[PARTITION_COLUMNS_MAX] = {0};
    struct text_format format;
    const struct options no_patterns = {0}; /* those of the files are not for directory names */
    if (!text_format_init(a, &format, &no_patterns, source->session_zone, err)) {
        return false;
    }
    for (uint32_t f = 0; !l->recursive && f < l->count; f++) {
        if (!parts_of(a, &l->files[f], &parts[f], err) ||
            !check_same(&parts[0], &parts[f], l->files[f].path, err)) {
            return false;
        }
        for (uint32_t i = 0; i < parts[f].count; i++) {
            ids[i] = wider(ids[i], infer_value(parts[f].values[i]));
        }
    }
    const uint32_t count = l->count > 0 ? parts[0].count : 0;
    struct type_field *columns = arena_new_array(a, struct type_field, count);
    for (uint32_t i = 0; i < count; i++) {
        const struct type_field *given = field_named(source->schema, parts[0].names[i]);
        columns[i] = (struct type_field){.name = given != NULL ? given->name : parts[0].names[i],
                                         .type = given != NULL         ? given->type
                                                 : ids[i] == TYPE_NULL ? type_scalar(TYPE_STRING)
                                                                       : type_scalar(ids[i]),
                                         .nullable = true};
    }
    for (uint32_t f = 0; count > 0 && f < l->count; f++) {
        struct datum *values = arena_new_array(a, struct datum, count);
        for (uint32_t i = 0; i < count; i++) {
            if (!value_of(a, &format, parts[f].values[i], columns[i].type, &values[i])) {
                return error_set(err, ERROR_EXECUTION,
                                 "Partition value %s of column %s in %s is not a %s",
                                 parts[f].values[i], columns[i].name, l->files[f].path,
                                 type_simple(a, columns[i].type));
            }
        }
        source->files[f].partition_values = values;
    }
    source->partition_column_count = count;
    if (source->schema != NULL || count > 0) {
        source->schema = with_partitions(a, source->schema, columns, count);
    }
    return true;
}
