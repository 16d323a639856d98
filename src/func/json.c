/*
 * JSON in columns: looking into it, reading it by a schema, writing it, guessing its schema.
 *
 * A text is checked as a whole before anything of it is taken, so that the builders below never
 * have to take values back; a value that does not fit its type becomes null by itself.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/json_scan.h"
#include "func/cast.h"
#include "func/datetime.h"
#include "func/nested.h"
#include "type/decimal.h"
#include "type/number.h"

static bool
json_valid(struct span s, struct json_slice *whole)
{
    struct json_scan scan;
    json_scan_init(&scan, s.ptr, s.len, true);
    return json_skip(&scan, whole) && json_at_end(&scan);
}

/* The same JSON without white space between its parts. */
static void
put_compact(struct buffer *out, const char *p, size_t len)
{
    bool quoted = false;
    for (size_t i = 0; i < len; i++) {
        if (quoted) {
            buffer_put(out, p + i, 1);
            if (p[i] == '\\' && i + 1 < len) {
                buffer_put(out, p + ++i, 1);
            } else if (p[i] == '"') {
                quoted = false;
            }
        } else if ((uint8_t)p[i] > ' ') {
            quoted = p[i] == '"';
            buffer_put(out, p + i, 1);
        }
    }
}

/* ---- get_json_object ---- */

struct step {
    char kind; /* '.' name, '[' index, '*' all */
    struct span name;
    int64_t index;
};

struct path {
    struct step *steps;
    uint32_t count;
};

static bool
path_parse(struct arena *a, struct span s, struct path *p)
{
    p->count = 0;
    p->steps = arena_new_array(a, struct step, s.len + 1);
    if (s.len == 0 || s.ptr[0] != '$') {
        return false;
    }
    for (size_t i = 1; i < s.len;) {
        struct step *step = &p->steps[p->count++];
        if (s.ptr[i] == '.') {
            size_t from = ++i;
            while (i < s.len && s.ptr[i] != '.' && s.ptr[i] != '[') {
                i++;
            }
            if (i == from) {
                return false;
            }
            *step = (struct step){'.', {s.ptr + from, i - from}, 0};
            if (step->name.len == 1 && step->name.ptr[0] == '*') {
                step->kind = '*';
            }
            continue;
        }
        const char *close = s.ptr[i] == '[' ? memchr(s.ptr + i, ']', s.len - i) : NULL;
        if (close == NULL) {
            return false;
        }
        const char *inner = s.ptr + i + 1;
        const size_t len = (size_t)(close - inner);
        if (len >= 2 && inner[0] == '\'' && inner[len - 1] == '\'') {
            *step = (struct step){'.', {inner + 1, len - 2}, 0};
        } else if (len == 1 && inner[0] == '*') {
            *step = (struct step){.kind = '*'};
        } else {
            *step = (struct step){.kind = '['};
            if (!number_parse_int(inner, len, false, &step->index) || step->index < 0) {
                return false;
            }
        }
        i = (size_t)(close - s.ptr) + 1;
    }
    return true;
}

static bool
key_is(struct arena *a, struct json_slice key, struct span name)
{
    const struct json_slice k = key.escaped ? json_decode(a, key) : key;
    return k.len == name.len && memcmp(k.ptr, name.ptr, k.len) == 0;
}

struct matches {
    struct json_slice *found;
    uint32_t count;
    uint32_t room;
};

static void
match_add(struct arena *a, struct matches *m, struct json_slice s)
{
    if (m->count == m->room) {
        struct json_slice *more = arena_new_array(a, struct json_slice, m->room * 2 + 4);
        if (m->count > 0) {
            memcpy(more, m->found, sizeof *more * m->count);
        }
        m->found = more;
        m->room = m->room * 2 + 4;
    }
    m->found[m->count++] = s;
}

static void
path_walk(struct arena *a, struct json_slice at, const struct step *step, uint32_t left,
          struct matches *m)
{
    struct json_scan s;
    if (left == 0) {
        match_add(a, m, at);
        return;
    }
    json_scan_init(&s, at.ptr, at.len, true);
    const enum json_kind kind = json_peek(&s);
    if (kind == JSON_OBJECT && step->kind != '[') {
        struct json_slice key;
        for (bool first = json_object_begin(&s); json_object_next(&s, &first, &key);) {
            struct json_slice value;
            if (!json_skip(&s, &value)) {
                return;
            }
            if (step->kind == '*') {
                path_walk(a, value, step + 1, left - 1, m);
            } else if (key_is(a, key, step->name)) {
                path_walk(a, value, step + 1, left - 1, m);
                return;
            }
        }
    } else if (kind == JSON_ARRAY && step->kind != '.') {
        int64_t index = 0;
        for (bool first = json_array_begin(&s); json_array_next(&s, &first); index++) {
            struct json_slice value;
            if (!json_skip(&s, &value)) {
                return;
            }
            if (step->kind == '*' || index == step->index) {
                path_walk(a, value, step + 1, left - 1, m);
            }
        }
    }
}

static bool
path_has_star(const struct path *p)
{
    for (uint32_t i = 0; i < p->count; i++) {
        if (p->steps[i].kind == '*') {
            return true;
        }
    }
    return false;
}

/* A value as text: strings without quotes, the rest as written. False: JSON null. */
static bool
put_value(struct eval *ev, struct vec *out, uint32_t i, struct json_slice v)
{
    struct json_scan s;
    json_scan_init(&s, v.ptr, v.len, true);
    const enum json_kind kind = json_peek(&s);
    if (kind == JSON_NULL) {
        return false;
    }
    if (kind == JSON_TEXT) {
        struct json_slice text;
        json_text_take(&s, &text);
        text = json_decode(ev->tmp, text);
        text_put(ev, out, i, text.ptr, text.len);
        return true;
    }
    struct buffer b = {0};
    put_compact(&b, v.ptr, v.len);
    text_put(ev, out, i, (const char *)b.ptr, b.len);
    buffer_release(&b);
    return true;
}

KERNEL(get_json_object)
{
    EACH_VALID(i)
    {
        struct json_slice whole;
        struct path p;
        struct matches m = {0};
        if (!path_parse(ev->tmp, text_at(in[1], i), &p) || !json_valid(text_at(in[0], i), &whole)) {
            vec_set_null(out, ev->tmp, i);
            continue;
        }
        path_walk(ev->tmp, whole, p.steps, p.count, &m);
        if (m.count == 0) {
            vec_set_null(out, ev->tmp, i);
        } else if (!path_has_star(&p)) {
            if (!put_value(ev, out, i, m.found[0])) {
                vec_set_null(out, ev->tmp, i);
            }
        } else {
            struct buffer b = {0};
            if (m.count > 1) {
                buffer_puts(&b, "[");
            }
            for (uint32_t k = 0; k < m.count; k++) {
                if (k > 0) {
                    buffer_puts(&b, ",");
                }
                put_compact(&b, m.found[k].ptr, m.found[k].len);
            }
            if (m.count > 1) {
                buffer_puts(&b, "]");
            }
            text_put(ev, out, i, (const char *)b.ptr, b.len);
            buffer_release(&b);
        }
    }
    return true;
}

KERNEL(json_array_length)
{
    EACH_VALID(i)
    {
        struct json_slice whole;
        struct json_scan s;
        int32_t count = 0;
        if (!json_valid(text_at(in[0], i), &whole)) {
            vec_set_null(out, ev->tmp, i);
            continue;
        }
        json_scan_init(&s, whole.ptr, whole.len, true);
        if (json_peek(&s) != JSON_ARRAY) {
            vec_set_null(out, ev->tmp, i);
            continue;
        }
        for (bool first = json_array_begin(&s);
             json_array_next(&s, &first) && json_skip(&s, NULL);) {
            count++;
        }
        ((int32_t *)out->data)[i] = count;
    }
    return true;
}

KERNEL(json_object_keys)
{
    struct builder b;
    const uint8_t *live = rows_live(ev, rows, sel, n, out);
    builder_init(&b, ev->tmp, call->type);
    for (uint32_t i = 0; i < rows; i++) {
        struct json_slice whole;
        struct json_scan s;
        struct json_slice key;
        if (!live[i] || !json_valid(text_at(in[0], i), &whole)) {
            builder_null(&b);
            continue;
        }
        json_scan_init(&s, whole.ptr, whole.len, true);
        if (json_peek(&s) != JSON_OBJECT) {
            builder_null(&b);
            continue;
        }
        builder_open(&b);
        for (bool first = json_object_begin(&s); json_object_next(&s, &first, &key);) {
            const struct json_slice k = json_decode(ev->tmp, key);
            *(struct view *)builder_next(&b.child[0]) = view_copy(ev->tmp, k.ptr, k.len);
            json_skip(&s, NULL);
        }
        builder_close(&b);
    }
    builder_finish(&b, out);
    return true;
}

/* ---- from_json ---- */

/* What the options say, for from_json and to_json. */
struct json_options {
    const struct time_pattern *date, *timestamp, *ntz; /* NULL: as casts read, as Spark writes */
    const struct zone *zone;                           /* NULL: the session's */
    bool failfast;
    bool keep_nulls;
};

struct json_reader {
    struct eval *ev;
    const struct json_options *options;
    bool bad; /* some value did not fit its type */
};

static void read_value(struct json_reader *r, struct builder *b, struct json_slice v);

static void
put_whole(struct builder *b, int64_t v)
{
    void *to = builder_next(b);
    switch (b->phys) {
    case PHYS_I8:
        *(int8_t *)to = (int8_t)v;
        break;
    case PHYS_I16:
        *(int16_t *)to = (int16_t)v;
        break;
    case PHYS_I32:
        *(int32_t *)to = (int32_t)v;
        break;
    default:
        *(int64_t *)to = v;
    }
}

static bool
whole_fits(enum phys p, int64_t v)
{
    return p == PHYS_I8    ? v == (int8_t)v
           : p == PHYS_I16 ? v == (int16_t)v
           : p == PHYS_I32 ? v == (int32_t)v
                           : true;
}

/* Numbers and what stands for them in quotes. */
static bool
read_number(struct builder *b, enum json_kind kind, struct json_slice text)
{
    double d;
    int64_t whole;
    i128 dec;
    switch (b->type->id) {
    case TYPE_BYTE:
    case TYPE_SHORT:
    case TYPE_INT:
    case TYPE_LONG:
        if (kind != JSON_NUMBER || !number_parse_int(text.ptr, text.len, false, &whole) ||
            !whole_fits(b->phys, whole)) {
            return false;
        }
        put_whole(b, whole);
        return true;
    case TYPE_DECIMAL:
        if (decimal_parse(text.ptr, text.len, b->type->precision, b->type->scale, &dec) !=
            DECIMAL_OK) {
            return false;
        }
        if (b->phys == PHYS_I64) {
            *(int64_t *)builder_next(b) = (int64_t)dec;
        } else {
            *(i128 *)builder_next(b) = dec;
        }
        return true;
    default:
        if (!number_parse_double(text.ptr, text.len, &d) ||
            (kind == JSON_TEXT && !isnan(d) && !isinf(d))) {
            return false;
        }
        if (b->phys == PHYS_F32) {
            *(float *)builder_next(b) = (float)d;
        } else {
            *(double *)builder_next(b) = d;
        }
        return true;
    }
}

static bool
read_time(struct json_reader *r, struct builder *b, struct json_slice text)
{
    int32_t days;
    int64_t local;
    const struct zone *zone;
    bool time_only;
    const struct json_options *o = r->options;
    const struct time_pattern *pattern = b->type->id == TYPE_DATE        ? o->date
                                         : b->type->id == TYPE_TIMESTAMP ? o->timestamp
                                                                         : o->ntz;
    if (pattern != NULL &&
        !time_pattern_parse(pattern, (struct span){text.ptr, text.len}, &local, &zone)) {
        return false;
    }
    if (b->type->id == TYPE_DATE) {
        if (pattern != NULL) {
            days = (int32_t)micros_floor_days(local);
        } else if (!date_parse(text.ptr, text.len, &days)) {
            return false;
        }
        *(int32_t *)builder_next(b) = days;
        return true;
    }
    if (pattern == NULL && !timestamp_parse(text.ptr, text.len, 0, &local, &zone, &time_only)) {
        return false;
    }
    zone = zone != NULL ? zone : o->zone != NULL ? o->zone : eval_zone(r->ev);
    *(int64_t *)builder_next(b) =
        b->type->id == TYPE_TIMESTAMP ? zone_utc_micros(zone, local) : local;
    return true;
}

static bool
read_scalar(struct json_reader *r, struct builder *b, struct json_scan *s, struct json_slice raw)
{
    const enum json_kind kind = json_peek(s);
    struct json_slice text = raw;
    if (kind == JSON_TEXT) {
        json_text_take(s, &text);
        text = json_decode(r->ev->tmp, text);
    }
    switch (b->type->id) {
    case TYPE_STRING:
        if (kind != JSON_TEXT) {
            struct buffer compact = {0};
            put_compact(&compact, raw.ptr, raw.len);
            *(struct view *)builder_next(b) =
                view_copy(r->ev->tmp, (const char *)compact.ptr, compact.len);
            buffer_release(&compact);
        } else {
            *(struct view *)builder_next(b) = view_copy(r->ev->tmp, text.ptr, text.len);
        }
        return true;
    case TYPE_BOOLEAN:
        if (kind != JSON_TRUE && kind != JSON_FALSE) {
            return false;
        }
        *(uint8_t *)builder_next(b) = kind == JSON_TRUE;
        return true;
    case TYPE_DATE:
    case TYPE_TIMESTAMP:
    case TYPE_TIMESTAMP_NTZ:
        return kind == JSON_TEXT && read_time(r, b, text);
    case TYPE_BYTE:
    case TYPE_SHORT:
    case TYPE_INT:
    case TYPE_LONG:
    case TYPE_FLOAT:
    case TYPE_DOUBLE:
    case TYPE_DECIMAL:
        return (kind == JSON_NUMBER || kind == JSON_TEXT) && read_number(b, kind, text);
    default:
        return false;
    }
}

static void
read_struct(struct json_reader *r, struct builder *b, struct json_scan *s)
{
    const uint32_t row = b->n;
    struct json_slice key;
    for (bool first = json_object_begin(s); json_object_next(s, &first, &key);) {
        struct json_slice value;
        if (!json_skip(s, &value)) {
            break;
        }
        for (uint32_t f = 0; f < b->child_count; f++) {
            const char *name = b->type->fields[f].name;
            if (b->child[f].n == row &&
                key_is(r->ev->tmp, key, (struct span){name, strlen(name)})) {
                read_value(r, &b->child[f], value);
                break;
            }
        }
    }
    for (uint32_t f = 0; f < b->child_count; f++) {
        if (b->child[f].n == row) {
            builder_null(&b->child[f]);
        }
    }
    builder_struct(b);
}

static void
read_value(struct json_reader *r, struct builder *b, struct json_slice v)
{
    struct json_scan s;
    json_scan_init(&s, v.ptr, v.len, true);
    const enum json_kind kind = json_peek(&s);
    if (kind == JSON_NULL) {
        builder_null(b);
    } else if (b->phys == PHYS_STRUCT && kind == JSON_OBJECT) {
        read_struct(r, b, &s);
    } else if (b->phys == PHYS_LIST && kind == JSON_ARRAY) {
        builder_open(b);
        for (bool first = json_array_begin(&s); json_array_next(&s, &first);) {
            struct json_slice value;
            if (!json_skip(&s, &value)) {
                break;
            }
            read_value(r, &b->child[0], value);
        }
        builder_close(b);
    } else if (b->phys == PHYS_MAP && kind == JSON_OBJECT) {
        struct json_slice key;
        builder_open(b);
        for (bool first = json_object_begin(&s); json_object_next(&s, &first, &key);) {
            struct json_slice value;
            const struct json_slice k = json_decode(r->ev->tmp, key);
            if (!json_skip(&s, &value)) {
                break;
            }
            *(struct view *)builder_next(&b->child[0]) = view_copy(r->ev->tmp, k.ptr, k.len);
            read_value(r, &b->child[1], value);
        }
        builder_close(b);
    } else if (type_is_nested(b->type) || !read_scalar(r, b, &s, v)) {
        r->bad = true;
        builder_null(b);
    }
}

static void
null_struct(struct builder *b)
{
    for (uint32_t f = 0; f < b->child_count; f++) {
        builder_null(&b->child[f]);
    }
    builder_struct(b);
}

KERNEL(from_json)
{
    const struct json_options *c = call->extra;
    struct builder b;
    const uint8_t *live = rows_live(ev, rows, sel, n, out);
    builder_init(&b, ev->tmp, call->type);
    for (uint32_t i = 0; i < rows; i++) {
        struct json_slice whole;
        struct json_reader r = {ev, c, false};
        if (!live[i]) {
            builder_null(&b);
            continue;
        }
        const struct span s = text_at(in[0], i);
        const bool valid = json_valid(s, &whole);
        struct json_scan scan;
        json_scan_init(&scan, s.ptr, s.len, true);
        const enum json_kind kind = valid ? json_peek(&scan) : JSON_END;
        const bool fits =
            b.phys == PHYS_LIST ? kind == JSON_ARRAY || kind == JSON_OBJECT : kind == JSON_OBJECT;
        if (!fits || (b.phys == PHYS_LIST && kind == JSON_OBJECT)) {
            if (fits && b.child[0].phys == PHYS_STRUCT) { /* one object stands for an array of it */
                builder_open(&b);
                read_value(&r, &b.child[0], whole);
                builder_close(&b);
                continue;
            }
            if (c->failfast) {
                return error_raise(err, "MALFORMED_RECORD_IN_PARSING.WITHOUT_SUGGESTION",
                                   "badRecord", arena_printf(ev->tmp, "%.*s", (int)s.len, s.ptr),
                                   "failFastMode", "FAILFAST", NULL);
            }
            if (b.phys == PHYS_STRUCT && s.len > 0) {
                null_struct(&b);
            } else {
                builder_null(&b);
            }
            continue;
        }
        read_value(&r, &b, whole);
        if (r.bad && c->failfast) {
            return error_raise(err, "MALFORMED_RECORD_IN_PARSING.WITHOUT_SUGGESTION", "badRecord",
                               arena_printf(ev->tmp, "%.*s", (int)s.len, s.ptr), "failFastMode",
                               "FAILFAST", NULL);
        }
    }
    builder_finish(&b, out);
    return true;
}

static const struct type *
all_nullable(struct arena *a, const struct type *t)
{
    if (t->field_count == 0) {
        return t;
    }
    struct type *copy = arena_new(a, struct type);
    struct type_field *fields = arena_new_array(a, struct type_field, t->field_count);
    *copy = *t;
    for (uint32_t i = 0; i < t->field_count; i++) {
        fields[i] = t->fields[i];
        fields[i].type = all_nullable(a, t->fields[i].type);
        fields[i].nullable = t->id != TYPE_MAP || i == 1;
    }
    copy->fields = fields;
    return copy;
}

/* The value of an option in the literal map that is argument i. */
static bool
map_option(const struct func_bind *b, uint32_t i, const char *name, struct span *out)
{
    const struct datum *d = bind_literal(b, i);
    if (d == NULL || d->type->id != TYPE_MAP || d->type->fields[0].type->id != TYPE_STRING ||
        d->type->fields[1].type->id != TYPE_STRING) {
        return false;
    }
    const struct list_range r = list_at(d->nested, 0);
    for (uint32_t k = r.offset; k < r.offset + r.len; k++) {
        const struct span key = text_at(&d->nested->child[0], k);
        if (key.len == strlen(name) && strncasecmp(key.ptr, name, key.len) == 0) {
            *out = text_at(&d->nested->child[1], k);
            return true;
        }
    }
    return false;
}

/* An option that changes what is read or written and that is not there yet. */
static bool
json_option_refused(const struct func_bind *b, uint32_t i, bool reading, struct error *err)
{
    static const char *const unknown[] = {"primitivesAsString",
                                          "prefersDecimal",
                                          "allowComments",
                                          "allowUnquotedFieldNames",
                                          "allowSingleQuotes",
                                          "allowNumericLeadingZeros",
                                          "allowNonNumericNumbers",
                                          "allowBackslashEscapingAnyCharacter",
                                          "allowUnquotedControlChars",
                                          "columnNameOfCorruptRecord",
                                          "pretty",
                                          "writeNonAsciiCharacterAsCodePoint"};
    struct span value;
    for (size_t k = 0; k < sizeof unknown / sizeof *unknown; k++) {
        if (map_option(b, i, unknown[k], &value)) {
            error_unsupported(err, "the option %s of %s", unknown[k],
                              reading ? "from_json" : "to_json");
            return true;
        }
    }
    return false;
}

static bool
json_pattern(const struct func_bind *b, uint32_t i, const char *name, bool reading,
             const struct time_pattern **out, struct error *err)
{
    struct span pattern;
    if (!map_option(b, i, name, &pattern)) {
        return true;
    }
    *out = time_pattern_compile(b->arena, pattern, reading, err);
    return *out != NULL;
}

/* The options in argument i, where there is one. NULL with err set for those that cannot be met. */
static struct json_options *
json_options_bind(const struct func_bind *b, uint32_t i, bool reading, struct error *err)
{
    struct json_options *o = arena_new(b->arena, struct json_options);
    struct span value;
    if (b->arg_count <= i) {
        return o;
    }
    if (b->args[i]->type->id != TYPE_MAP) {
        error_raise(err, "INVALID_OPTIONS.NON_MAP_FUNCTION", NULL);
        return NULL;
    }
    o->failfast = map_option(b, i, "mode", &value) && value.len == 8 &&
                  strncasecmp(value.ptr, "FAILFAST", 8) == 0;
    o->keep_nulls = map_option(b, i, "ignoreNullFields", &value) && value.len == 5 &&
                    strncasecmp(value.ptr, "false", 5) == 0;
    if (map_option(b, i, "timeZone", &value)) {
        const char *name = arena_strndup(b->arena, value.ptr, value.len);
        o->zone = zone_find(name);
        if (o->zone == NULL) {
            error_set(err, ERROR_ARGUMENT, "Unknown time zone: %s", name);
            return NULL;
        }
    }
    const bool ok = !json_option_refused(b, i, reading, err) &&
                    json_pattern(b, i, "dateFormat", reading, &o->date, err) &&
                    json_pattern(b, i, "timestampFormat", reading, &o->timestamp, err) &&
                    json_pattern(b, i, "timestampNTZFormat", reading, &o->ntz, err);
    return ok ? o : NULL;
}

static bool
bind_from_json(struct func_bind *b, struct error *err)
{
    struct view text;
    if (!bind_literal_text(b, 1, &text)) {
        return error_raise(err, "INVALID_SCHEMA.NON_STRING_LITERAL", "inputSchema",
                           bind_arg_sql(b, 1), NULL);
    }
    const struct type *t = type_parse(b->arena, view_ptr(&text), text.len, err);
    if (t == NULL) {
        return false;
    }
    b->extra = json_options_bind(b, 2, true, err);
    if (b->extra == NULL) {
        return false;
    }
    if (t->id != TYPE_STRUCT && t->id != TYPE_ARRAY && t->id != TYPE_MAP) {
        return error_raise(err, "DATATYPE_MISMATCH.INVALID_JSON_SCHEMA", "sqlExpr", bind_sql(b),
                           "schema", type_quoted(b->arena, t), NULL);
    }
    b->type = all_nullable(b->arena, t);
    b->nullable = true;
    b->kernel = from_json;
    return bind_want(b, 0, type_scalar(TYPE_STRING), err);
}

/* ---- to_json ---- */

struct json_writer {
    const struct json_options *options;
    const struct zone *zone;
};

static void write_value(struct buffer *out, const struct vec *v, uint32_t i,
                        const struct json_writer *w, int depth);

/* A date or time for which a pattern was given. */
static bool
write_by_pattern(struct buffer *out, const struct vec *v, uint32_t i, const struct json_writer *w)
{
    const enum type_id id = v->type->id;
    const struct time_pattern *pattern = id == TYPE_DATE            ? w->options->date
                                         : id == TYPE_TIMESTAMP     ? w->options->timestamp
                                         : id == TYPE_TIMESTAMP_NTZ ? w->options->ntz
                                                                    : NULL;
    if (pattern == NULL) {
        return false;
    }
    const int64_t utc = id == TYPE_DATE ? ((const int32_t *)v->data)[i] * (int64_t)MICROS_PER_DAY
                                        : ((const int64_t *)v->data)[i];
    const int64_t local = id == TYPE_TIMESTAMP ? zone_local_micros(w->zone, utc) : utc;
    struct buffer text = {0};
    time_pattern_put(&text, pattern, local, utc, id == TYPE_TIMESTAMP ? w->zone : zone_utc());
    buffer_json_string(out, (const char *)text.ptr, text.len);
    buffer_release(&text);
    return true;
}

static void
write_scalar(struct buffer *out, const struct vec *v, uint32_t i, const struct json_writer *w)
{
    const struct zone *zone = w->zone;
    struct buffer text = {0};
    if (write_by_pattern(out, v, i, w)) {
        return;
    }
    char day[DATETIME_TEXT_MAX];
    switch (v->type->id) {
    case TYPE_TIMESTAMP:
    case TYPE_TIMESTAMP_NTZ: {
        const int64_t utc = ((const int64_t *)v->data)[i];
        const bool zoned = v->type->id == TYPE_TIMESTAMP;
        const int64_t local = zoned ? zone_local_micros(zone, utc) : utc;
        const int64_t days = micros_floor_days(local);
        const int64_t rest = local - days * MICROS_PER_DAY;
        date_text(day, days);
        buffer_printf(out, "\"%sT%02d:%02d:%02d.%03d", day, (int)(rest / MICROS_PER_HOUR),
                      (int)(rest / MICROS_PER_MINUTE % 60), (int)(rest / MICROS_PER_SECOND % 60),
                      (int)(rest % MICROS_PER_SECOND / 1000));
        if (zoned) {
            const int32_t offset = (int32_t)((local - utc) / MICROS_PER_SECOND);
            const int32_t m = offset < 0 ? -offset : offset;
            if (offset == 0) {
                buffer_puts(out, "Z");
            } else {
                buffer_printf(out, "%c%02d:%02d", offset < 0 ? '-' : '+', m / 3600, m / 60 % 60);
            }
        }
        buffer_puts(out, "\"");
        return;
    }
    case TYPE_BINARY:
    case TYPE_STRING: {
        const struct span s = text_at(v, i);
        buffer_json_string(out, s.ptr, s.len);
        return;
    }
    case TYPE_FLOAT:
    case TYPE_DOUBLE: {
        const double d = v->type->id == TYPE_FLOAT ? (double)((const float *)v->data)[i]
                                                   : ((const double *)v->data)[i];
        value_put_text(&text, v, i, zone, true);
        if (!isfinite(d)) {
            buffer_printf(out, "\"%s\"", buffer_text(&text));
        } else {
            buffer_put(out, text.ptr, text.len);
        }
        break;
    }
    default:
        value_put_text(&text, v, i, zone, true);
        if (type_is_numeric(v->type) || v->type->id == TYPE_BOOLEAN) {
            buffer_put(out, text.ptr, text.len);
        } else {
            buffer_json_string(out, (const char *)text.ptr, text.len);
        }
    }
    buffer_release(&text);
}

static void
write_list(struct buffer *out, const struct vec *v, uint32_t i, const struct json_writer *w,
           int depth)
{
    const struct list_range r = list_at(v, i);
    const bool map = v->phys == PHYS_MAP;
    buffer_puts(out, map ? "{" : "[");
    for (uint32_t k = r.offset; k < r.offset + r.len; k++) {
        if (k > r.offset) {
            buffer_puts(out, ",");
        }
        if (map) {
            struct buffer key = {0};
            value_put_text(&key, &v->child[0], k, w->zone, true);
            buffer_json_string(out, (const char *)key.ptr, key.len);
            buffer_puts(out, ":");
            buffer_release(&key);
        }
        write_value(out, &v->child[map], k, w, depth + 1);
    }
    buffer_puts(out, map ? "}" : "]");
}

static void
write_value(struct buffer *out, const struct vec *v, uint32_t i, const struct json_writer *w,
            int depth)
{
    if (vec_is_null(v, i) || depth > 100) {
        buffer_puts(out, "null");
        return;
    }
    if (v->phys == PHYS_LIST || v->phys == PHYS_MAP) {
        write_list(out, v, i, w, depth);
        return;
    }
    if (v->phys != PHYS_STRUCT) {
        write_scalar(out, v, i, w);
        return;
    }
    bool any = false;
    buffer_puts(out, "{");
    for (uint32_t f = 0; f < v->child_count; f++) {
        if (vec_is_null(&v->child[f], i) && !w->options->keep_nulls) {
            continue; /* null fields are left out */
        }
        const char *name = v->type->fields[f].name;
        buffer_puts(out, any ? "," : "");
        any = true;
        buffer_json_string(out, name, strlen(name));
        buffer_puts(out, ":");
        write_value(out, &v->child[f], i, w, depth + 1);
    }
    buffer_puts(out, "}");
}

/* Encoded vectors deep inside would confuse the writers: flatten all the way down. */
static void
flatten_deep(struct eval *ev, struct vec *v, int depth)
{
    if (v->enc != VEC_FLAT && v->phys != PHYS_NONE) {
        const struct vec encoded = *v;
        vec_flatten(v, &encoded, NULL, encoded.n, ev->tmp);
    }
    if (v->child_count == 0 || depth > 100) {
        return;
    }
    v->child = arena_copy(ev->tmp, v->child, sizeof *v->child * v->child_count);
    for (uint32_t c = 0; c < v->child_count; c++) {
        flatten_deep(ev, &v->child[c], depth + 1);
    }
}

KERNEL(to_json)
{
    const struct json_options *o = call->extra;
    const struct json_writer w = {o, o->zone != NULL ? o->zone : eval_zone(ev)};
    struct buffer text = {0};
    struct vec flat = *in[0];
    flatten_deep(ev, &flat, 0);
    EACH_VALID(i)
    {
        buffer_clear(&text);
        write_value(&text, &flat, i, &w, 0);
        text_put(ev, out, i, (const char *)text.ptr, text.len);
    }
    buffer_release(&text);
    return true;
}

static bool
bind_to_json(struct func_bind *b, struct error *err)
{
    const enum type_id id = b->args[0]->type->id;
    b->extra = json_options_bind(b, 1, false, err);
    if (b->extra == NULL) {
        return false;
    }
    if (id < TYPE_ARRAY && id != TYPE_NULL) {
        return bind_fail_input(b, 0, "(\"STRUCT\" or \"ARRAY\" or \"MAP\")", err);
    }
    b->type = type_scalar(TYPE_STRING);
    b->nullable = true;
    b->kernel = to_json;
    return true;
}

/* ---- schema_of_json ---- */

static const struct type *infer(struct arena *a, struct json_slice v, int depth);

static int
field_order(const void *x, const void *y)
{
    return strcmp(((const struct type_field *)x)->name, ((const struct type_field *)y)->name);
}

static const struct type *
widen(struct arena *a, const struct type *x, const struct type *y)
{
    const struct type *t = func_common_type(a, x, y, false);
    return t != NULL ? t : type_scalar(TYPE_STRING);
}

static const struct type *
infer_object(struct arena *a, struct json_scan *s, int depth)
{
    struct type_field *fields = NULL;
    uint32_t n = 0;
    uint32_t room = 0;
    struct json_slice key;
    for (bool first = json_object_begin(s); json_object_next(s, &first, &key);) {
        struct json_slice value;
        const struct json_slice k = json_decode(a, key);
        if (!json_skip(s, &value)) {
            break;
        }
        if (n == room) {
            struct type_field *more = arena_new_array(a, struct type_field, room * 2 + 8);
            if (n > 0) {
                memcpy(more, fields, sizeof *more * n);
            }
            fields = more;
            room = room * 2 + 8;
        }
        fields[n++] = (struct type_field){arena_strndup(a, k.ptr, k.len),
                                          infer(a, value, depth + 1), true, NULL};
    }
    if (n > 0) {
        qsort(fields, n, sizeof *fields, field_order);
    }
    return type_struct(a, fields, n);
}

static const struct type *
infer(struct arena *a, struct json_slice v, int depth)
{
    struct json_scan s;
    int64_t whole;
    json_scan_init(&s, v.ptr, v.len, true);
    switch (json_peek(&s)) {
    case JSON_OBJECT:
        return depth > 100 ? type_scalar(TYPE_STRING) : infer_object(a, &s, depth);
    case JSON_ARRAY: {
        const struct type *t = type_scalar(TYPE_NULL);
        for (bool first = json_array_begin(&s); json_array_next(&s, &first) && depth <= 100;) {
            struct json_slice value;
            if (!json_skip(&s, &value)) {
                break;
            }
            t = widen(a, t, infer(a, value, depth + 1));
        }
        return type_array(a, t->id == TYPE_NULL ? type_scalar(TYPE_STRING) : t, true);
    }
    case JSON_NUMBER:
        return type_scalar(number_parse_int(v.ptr, v.len, false, &whole) ? TYPE_LONG : TYPE_DOUBLE);
    case JSON_TRUE:
    case JSON_FALSE:
        return type_scalar(TYPE_BOOLEAN);
    case JSON_NULL:
        return type_scalar(depth == 0 ? TYPE_STRING : TYPE_NULL);
    default:
        return type_scalar(TYPE_STRING);
    }
}

static const struct type *
null_to_string(struct arena *a, const struct type *t)
{
    if (t->id == TYPE_NULL) {
        return type_scalar(TYPE_STRING);
    }
    if (t->field_count == 0) {
        return t;
    }
    struct type *copy = arena_new(a, struct type);
    struct type_field *fields = arena_new_array(a, struct type_field, t->field_count);
    *copy = *t;
    for (uint32_t i = 0; i < t->field_count; i++) {
        fields[i] = t->fields[i];
        fields[i].type = null_to_string(a, t->fields[i].type);
    }
    copy->fields = fields;
    return copy;
}

KERNEL(schema_of_json)
{
    const char *text = call->extra;
    EACH_ROW(i) text_share(out, i, text, strlen(text));
    return true;
}

static bool
bind_schema_of_json(struct func_bind *b, struct error *err)
{
    struct view text;
    struct json_slice whole;
    if (b->arg_count > 1 && b->args[1]->type->id != TYPE_MAP) {
        return error_raise(err, "INVALID_OPTIONS.NON_MAP_FUNCTION", NULL);
    }
    if (!bind_literal_text(b, 0, &text)) {
        if (b->args[0]->kind == EXPR_LITERAL && b->args[0]->literal.is_null) {
            return error_raise(err, "DATATYPE_MISMATCH.UNEXPECTED_NULL", "sqlExpr", bind_sql(b),
                               "exprName", "json", NULL);
        }
        if (b->args[0]->type->id != TYPE_STRING) {
            return bind_fail_input(b, 0, "\"STRING\"", err);
        }
        return bind_fail_foldable(b, 0, "json", "STRING", err);
    }
    if (!json_valid((struct span){view_ptr(&text), text.len}, &whole)) {
        return error_raise(err, "MALFORMED_RECORD_IN_PARSING.WITHOUT_SUGGESTION", "badRecord",
                           arena_printf(b->arena, "%.*s", (int)text.len, view_ptr(&text)),
                           "failFastMode", "FAILFAST", NULL);
    }
    b->extra = type_sql(b->arena, null_to_string(b->arena, infer(b->arena, whole, 0)));
    b->type = type_scalar(TYPE_STRING);
    b->kernel = schema_of_json;
    return true;
}

#define FN(name, min, max, sig, kernel, use)                                                       \
    {                                                                                              \
        name, FUNC_SCALAR, min, max, false, false, NULL, use, sig, kernel                          \
    }

static const struct func_def defs[] = {
    FN("get_json_object", 2, 2, "ss>s?", get_json_object, "get_json_object(json, path)"),
    FN("json_array_length", 1, 1, "s>i?", json_array_length, "json_array_length(json)"),
    FN("json_object_keys", 1, 1, "s>=?", json_object_keys, "json_object_keys(json)"),
    {"from_json", FUNC_SCALAR, 2, 3, false, false, bind_from_json, "from_json(json, schema[, o])"},
    {"to_json", FUNC_SCALAR, 1, 2, false, false, bind_to_json, "to_json(value[, options])"},
    {"schema_of_json", FUNC_SCALAR, 1, 2, false, true, bind_schema_of_json,
     "schema_of_json(json[, options]) - DDL of its type."},
};

const struct func_family family_json = {defs, sizeof defs / sizeof *defs};
