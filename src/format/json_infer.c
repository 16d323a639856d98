/*
 * The schema of JSON files: the type of every value, widened over all records, fields by name in
 * order as Spark sorts them.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/json_scan.h"
#include "format/formats.h"
#include "format/json_lines.h"
#include "format/listing.h"
#include "type/decimal.h"
#include "type/number.h"

enum { INFER_DEPTH_MAX = 100, INFER_FIELDS_MAX = 100000 };

struct shape;

struct shape_field {
    const char *name;
    struct shape *shape;
};

/* A type in the making; TYPE_NULL is nothing known yet. */
struct shape {
    enum type_id id;
    uint8_t precision, scale;
    struct shape *element; /* ARRAY */
    struct shape_field *fields;
    uint32_t field_count, field_capacity;
};

struct json_inference {
    struct arena *a;  /* shapes and names */
    struct arena tmp; /* decoded texts */
    struct json_options options;
    uint32_t fields_left;
    bool corrupt;
};

bool
json_options_read(struct arena *a, const struct options *o, const char *session_zone,
                  struct json_options *out, struct error *err)
{
    const char *mode = options_get(o, "mode");
    const char *corrupt = options_get(o, "columnNameOfCorruptRecord");
    const char *sampling = options_get(o, "samplingRatio");
    const char *quotes = options_get(o, "allowSingleQuotes");
    *out = (struct json_options){.corrupt_name = corrupt != NULL ? corrupt : "_corrupt_record",
                                 .sampling = sampling != NULL ? atof(sampling) : 1.0};
    if (mode != NULL) {
        out->mode = strcasecmp(mode, "DROPMALFORMED") == 0 ? CSV_DROP
                    : strcasecmp(mode, "FAILFAST") == 0    ? CSV_FAIL
                                                           : CSV_PERMISSIVE;
    }
    static const char *const missing[] = {
        "allowComments", "allowUnquotedFieldNames", "allowNumericLeadingZeros",
        "allowBackslashEscapingAnyCharacter", "allowUnquotedControlChars"};
    for (size_t i = 0; i < sizeof missing / sizeof *missing; i++) {
        if (option_is_true(o, missing[i])) {
            return error_unsupported(err, "JSON option %s", missing[i]);
        }
    }
    out->multi_line = option_is_true(o, "multiLine") || option_is_true(o, "wholeFile");
    out->primitives_as_string = option_is_true(o, "primitivesAsString");
    out->prefers_decimal = option_is_true(o, "prefersDecimal");
    out->infer_timestamp = option_is_true(o, "inferTimestamp");
    out->drop_null_fields = option_is_true(o, "dropFieldIfAllNull");
    out->lenient_quotes = quotes == NULL || strcasecmp(quotes, "true") == 0;
    out->shape = (struct text_shape){.records = out->multi_line ? TEXT_WHOLE : TEXT_LINES,
                                     .separator = options_get(o, "lineSep")};
    if (!text_check_encoding(o, err) || !text_format_init(a, &out->format, o, session_zone, err)) {
        return false;
    }
    out->format.positive_inf = "Infinity";
    out->format.negative_inf = "-Infinity";
    return true;
}

static struct shape *
shape_new(struct json_inference *s, enum type_id id)
{
    struct shape *shape = arena_new(s->a, struct shape);
    shape->id = id;
    return shape;
}

static struct shape *infer_value(struct json_inference *s, struct json_scan *scan, uint32_t depth);
static struct shape *merge(struct json_inference *s, struct shape *x, struct shape *y);

static struct shape *
infer_number(struct json_inference *s, struct json_scan *scan)
{
    struct json_slice text;
    int64_t whole;
    i128 unscaled;
    int precision, scale;
    if (!json_number_take(scan, &text)) {
        return shape_new(s, TYPE_NULL);
    }
    const bool integer = memchr(text.ptr, '.', text.len) == NULL &&
                         memchr(text.ptr, 'e', text.len) == NULL &&
                         memchr(text.ptr, 'E', text.len) == NULL && text.ptr[text.len - 1] <= '9';
    if (integer && number_parse_int(text.ptr, text.len, false, &whole)) {
        return shape_new(s, TYPE_LONG);
    }
    if ((integer || s->options.prefers_decimal) &&
        decimal_parse_exact(text.ptr, text.len, &unscaled, &precision, &scale) == DECIMAL_OK &&
        precision <= DECIMAL_PRECISION_MAX && scale >= 0 && scale <= precision) {
        struct shape *shape = shape_new(s, TYPE_DECIMAL);
        shape->precision = (uint8_t)precision;
        shape->scale = (uint8_t)scale;
        return shape;
    }
    return shape_new(s, TYPE_DOUBLE);
}

static struct shape *
infer_text(struct json_inference *s, struct json_scan *scan)
{
    struct json_slice text;
    int64_t micros;
    if (json_text_take(scan, &text) && s->options.infer_timestamp && text.len >= 8 &&
        !text.escaped && text_parse_timestamp(&s->options.format, text.ptr, text.len, &micros)) {
        return shape_new(s, TYPE_TIMESTAMP);
    }
    return shape_new(s, TYPE_STRING);
}

/* Where a name is, or where it belongs: fields are kept sorted. */
static bool
field_at(const struct shape *shape, const char *name, uint32_t *at)
{
    uint32_t low = 0, high = shape->field_count;
    while (low < high) {
        const uint32_t middle = (low + high) / 2;
        const int order = strcmp(shape->fields[middle].name, name);
        if (order == 0) {
            *at = middle;
            return true;
        }
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    *at = low;
    return false;
}

static void
add_field(struct json_inference *s, struct shape *shape, const char *name, struct shape *value)
{
    uint32_t at;
    if (field_at(shape, name, &at)) {
        shape->fields[at].shape = merge(s, shape->fields[at].shape, value);
        return;
    }
    if (s->fields_left == 0) {
        return; /* hostile input: names without end */
    }
    s->fields_left--;
    if (shape->field_count == shape->field_capacity) {
        const uint32_t capacity = shape->field_capacity == 0 ? 8 : shape->field_capacity * 2;
        struct shape_field *fields = arena_new_array(s->a, struct shape_field, capacity);
        if (shape->field_count > 0) {
            memcpy(fields, shape->fields, sizeof *fields * shape->field_count);
        }
        shape->fields = fields;
        shape->field_capacity = capacity;
    }
    memmove(&shape->fields[at + 1], &shape->fields[at],
            sizeof *shape->fields * (shape->field_count - at));
    shape->fields[at] = (struct shape_field){name, value};
    shape->field_count++;
}

static struct shape *
infer_object(struct json_inference *s, struct json_scan *scan, uint32_t depth)
{
    struct shape *shape = shape_new(s, TYPE_STRUCT);
    struct json_slice key;
    for (bool first = json_object_begin(scan); json_object_next(scan, &first, &key);) {
        key = json_decode(&s->tmp, key);
        struct shape *value = infer_value(s, scan, depth + 1);
        add_field(s, shape, arena_strndup(s->a, key.ptr, key.len), value);
    }
    return shape;
}

static struct shape *
infer_value(struct json_inference *s, struct json_scan *scan, uint32_t depth)
{
    const enum json_kind kind = json_peek(scan);
    if (depth > INFER_DEPTH_MAX) {
        json_skip(scan, NULL);
        return shape_new(s, TYPE_STRING);
    }
    switch (kind) {
    case JSON_OBJECT:
        return infer_object(s, scan, depth);
    case JSON_ARRAY: {
        struct shape *list = shape_new(s, TYPE_ARRAY);
        list->element = shape_new(s, TYPE_NULL);
        for (bool first = json_array_begin(scan); json_array_next(scan, &first);) {
            list->element = merge(s, list->element, infer_value(s, scan, depth + 1));
        }
        return list;
    }
    case JSON_NULL:
        json_literal_take(scan);
        return shape_new(s, TYPE_NULL);
    case JSON_TEXT:
        return infer_text(s, scan);
    case JSON_NUMBER: {
        struct shape *number = infer_number(s, scan);
        return s->options.primitives_as_string ? shape_new(s, TYPE_STRING) : number;
    }
    default:
        json_skip(scan, NULL);
        return shape_new(s, s->options.primitives_as_string ? TYPE_STRING : TYPE_BOOLEAN);
    }
}

static bool
is_number(const struct shape *x)
{
    return x->id == TYPE_LONG || x->id == TYPE_DOUBLE || x->id == TYPE_DECIMAL;
}

static struct shape *
merge_numbers(struct json_inference *s, struct shape *x, struct shape *y)
{
    if (x->id == TYPE_DOUBLE || y->id == TYPE_DOUBLE) {
        return shape_new(s, TYPE_DOUBLE);
    }
    if (x->id == TYPE_LONG && y->id == TYPE_LONG) {
        return x;
    }
    const int xp = x->id == TYPE_LONG ? 20 : x->precision,
              yp = y->id == TYPE_LONG ? 20 : y->precision;
    const int whole = xp - x->scale > yp - y->scale ? xp - x->scale : yp - y->scale;
    const int scale = x->scale > y->scale ? x->scale : y->scale;
    if (whole + scale > DECIMAL_PRECISION_MAX) {
        return shape_new(s, TYPE_DOUBLE);
    }
    struct shape *out = shape_new(s, TYPE_DECIMAL);
    out->precision = (uint8_t)(whole + scale);
    out->scale = (uint8_t)scale;
    return out;
}

static struct shape *
merge(struct json_inference *s, struct shape *x, struct shape *y)
{
    if (x->id == TYPE_NULL) {
        return y;
    }
    if (y->id == TYPE_NULL) {
        return x;
    }
    if (is_number(x) && is_number(y)) {
        return merge_numbers(s, x, y);
    }
    if (x->id != y->id) {
        return shape_new(s, TYPE_STRING);
    }
    if (x->id == TYPE_ARRAY) {
        x->element = merge(s, x->element, y->element);
    } else if (x->id == TYPE_STRUCT) {
        for (uint32_t i = 0; i < y->field_count; i++) {
            add_field(s, x, y->fields[i].name, y->fields[i].shape);
        }
    }
    return x;
}

/* NULL: nothing of it can be read (a struct without fields). */
static const struct type *
shape_type(struct json_inference *s, const struct shape *x)
{
    switch (x->id) {
    case TYPE_NULL:
        return s->options.drop_null_fields ? NULL : type_scalar(TYPE_STRING);
    case TYPE_DECIMAL:
        return type_decimal(s->a, x->precision, x->scale);
    case TYPE_ARRAY: {
        const struct type *element = shape_type(s, x->element);
        return element != NULL ? type_array(s->a, element, true) : NULL;
    }
    case TYPE_STRUCT: {
        struct type_field *fields = arena_new_array(s->a, struct type_field, x->field_count);
        uint32_t n = 0;
        for (uint32_t i = 0; i < x->field_count; i++) {
            const struct type *type = shape_type(s, x->fields[i].shape);
            if (type != NULL && x->fields[i].name[0] != '\0') {
                fields[n++] = (struct type_field){x->fields[i].name, type, true, NULL};
            }
        }
        return n > 0 ? type_struct(s->a, fields, n) : NULL;
    }
    default:
        return type_scalar(x->id);
    }
}

/* One record: an object, or an array of objects; whole files may hold several. */
static bool
infer_record(struct json_inference *s, struct bytes record, struct shape **root, struct error *err)
{
    struct json_scan scan;
    arena_reset(&s->tmp);
    json_scan_init(&scan, (const char *)record.ptr, record.len, s->options.lenient_quotes);
    if (json_at_end(&scan)) {
        return true;
    }
    struct shape *shape = shape_new(s, TYPE_NULL);
    do {
        struct shape *one = infer_value(s, &scan, 0);
        shape = merge(s, shape, one->id == TYPE_ARRAY ? one->element : one);
    } while (!scan.broken && s->options.multi_line && !json_at_end(&scan));
    if (scan.broken || (shape->id != TYPE_STRUCT && shape->id != TYPE_NULL)) {
        if (s->options.mode == CSV_FAIL) {
            return error_set(err, ERROR_EXECUTION,
                             "Malformed records are detected in schema inference. Parse Mode: "
                             "FAILFAST.");
        }
        s->corrupt |= s->options.mode == CSV_PERMISSIVE;
        return true;
    }
    *root = merge(s, *root, shape);
    return true;
}

static bool
infer_file(struct json_inference *s, const struct source_file *file, struct env *env,
           struct shape **root, struct error *err)
{
    enum { BATCH = 1024 };
    struct text_input *in;
    struct bytes records[BATCH];
    uint32_t count;
    uint64_t seen = 0, taken = 0;
    const struct split split = {.len = file->bytes, .range = -1};
    bool ok;
    if (!text_input_open(s->a, file, &split, &s->options.shape, env, NULL, &in, err)) {
        return false;
    }
    while ((ok = text_input_batch(in, records, BATCH, &count, err)) && count > 0) {
        for (uint32_t i = 0; ok && i < count; i++) {
            if ((double)taken < (double)++seen * s->options.sampling) {
                taken++;
                ok = infer_record(s, records[i], root, err);
            }
        }
        if (!ok) {
            break;
        }
    }
    text_input_close(in);
    return ok;
}

const struct type *
json_infer(struct arena *a, const struct scan_source *source, struct env *env,
           const struct func_session *session, struct error *err)
{
    /* Shapes of every value would fill the plan's arena: they get one of their own. */
    struct arena shapes;
    arena_init(&shapes, NULL);
    struct json_inference s = {.a = &shapes, .fields_left = INFER_FIELDS_MAX};
    arena_init(&s.tmp, NULL);
    const struct type *type = NULL;
    bool ok = json_options_read(a, &source->options, source->session_zone, &s.options, err);
    struct shape *root = shape_new(&s, TYPE_STRUCT);
    for (uint32_t i = 0; ok && i < source->file_count; i++) {
        ok = infer_file(&s, &source->files[i], env, &root, err);
    }
    if (ok && s.corrupt) {
        add_field(&s, root, s.options.corrupt_name, shape_new(&s, TYPE_STRING));
    }
    if (ok) {
        type = shape_type(&s, root);
        type = type != NULL ? type_copy(a, type) : type_struct(a, NULL, 0);
        if (type->field_count == 0 && source->file_count == 0) {
            type = NULL;
            error_raise(err, "UNABLE_TO_INFER_SCHEMA", "format", "JSON", NULL);
        }
    }
    arena_release(&s.tmp);
    arena_release(&shapes);
    return type != NULL ? scan_join_schema(a, type, source) : NULL;
}
