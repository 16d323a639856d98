/* Literal messages to datums and back. Nested literals become vectors of one row. */
#include <string.h>

#include "connect/translate.h"

/* "-12.34", "1E+3": digits without the point, and how many stand behind it. */
static bool
decimal_digits(const char *text, i128 *digits, int *count, int *scale)
{
    bool negative = *text == '-';
    text += *text == '-' || *text == '+';
    *digits = 0;
    *count = *scale = 0;
    bool point = false, any = false;
    for (; (*text >= '0' && *text <= '9') || (*text == '.' && !point); text++) {
        if (*text == '.') {
            point = true;
            continue;
        }
        any = true;
        *scale += point;
        if (*digits != 0 || *text != '0') {
            *digits = *digits * 10 + (*text - '0');
            if (++*count > DECIMAL_PRECISION_MAX) {
                return false;
            }
        }
    }
    if (any && (*text == 'e' || *text == 'E')) {
        bool minus = *++text == '-';
        text += *text == '-' || *text == '+';
        int exponent = 0;
        for (any = false; *text >= '0' && *text <= '9' && exponent < 1000; text++, any = true) {
            exponent = exponent * 10 + (*text - '0');
        }
        *scale += minus ? exponent : -exponent;
    }
    *digits = negative ? -*digits : *digits;
    return any && *text == '\0';
}

/* Brings the digits to the wanted scale; false when that loses some. */
static bool
decimal_rescale(i128 *digits, int from, int to)
{
    for (; from < to; from++) {
        if (__builtin_mul_overflow(*digits, (i128)10, digits)) {
            return false;
        }
    }
    for (; from > to; from--) {
        if (*digits % 10 != 0) {
            return false;
        }
        *digits /= 10;
    }
    return true;
}

static bool
decimal_literal(struct translator *t, const struct pb_expression_literal_decimal *d,
                struct datum *out)
{
    i128 digits;
    int count, scale;
    const char *text = pb_str(d->value);
    bool ok = decimal_digits(text, &digits, &count, &scale);
    /* The client's precision and scale are lower bounds: PySpark sends (10, 0) for any Decimal. */
    int want_scale = scale > 0 ? scale : 0;
    want_scale = d->has_scale && d->scale > want_scale ? d->scale : want_scale;
    ok = ok && want_scale <= DECIMAL_PRECISION_MAX && decimal_rescale(&digits, scale, want_scale);
    int precision = count > want_scale ? count : want_scale;
    precision = count + want_scale - scale > precision ? count + want_scale - scale : precision;
    precision = d->has_precision && d->precision > precision ? d->precision : precision;
    precision = precision > 0 ? precision : 1;
    if (!ok || precision > DECIMAL_PRECISION_MAX) {
        return error_set(t->err, ERROR_ARGUMENT,
                         "the decimal literal %s does not fit decimal(%d,%d)", text, precision,
                         want_scale);
    }
    out->type = type_decimal(t->arena, precision, want_scale);
    if (precision <= DECIMAL_I64_PRECISION_MAX) {
        out->i = (int64_t)digits;
    } else {
        out->wide = digits;
    }
    return true;
}

/* A vector of the literals, all of one type: `type`, or when that is NULL the first one's. */
static bool
literal_vector(struct translator *t, const struct pb_expression_literal *items, uint32_t count,
               const struct type *type, struct vec *out)
{
    struct datum *values = arena_new_array(t->arena, struct datum, count + 1);
    for (uint32_t i = 0; i < count; i++) {
        if (!translate_literal(t, &items[i], &values[i])) {
            return false;
        }
        if (type == NULL || (type->id == TYPE_NULL && !values[i].is_null)) {
            type = values[i].type;
        }
    }
    type = type != NULL ? type : type_scalar(TYPE_NULL);
    vec_init_flat(out, t->arena, type, count);
    for (uint32_t i = 0; i < count; i++) {
        if (!values[i].is_null && phys_of(values[i].type) != phys_of(type)) {
            return error_set(t->err, ERROR_ARGUMENT,
                             "a literal of type %s among literals of type %s",
                             type_simple(t->arena, values[i].type), type_simple(t->arena, type));
        }
        vec_set_datum(out, t->arena, i, &values[i]);
    }
    return true;
}

static struct vec *
one_row(struct translator *t, const struct type *type, uint32_t elements)
{
    struct vec *v = arena_new(t->arena, struct vec);
    vec_init_flat(v, t->arena, type, 1);
    ((struct list_range *)v->data)[0] = (struct list_range){0, elements};
    return v;
}

static bool
array_literal(struct translator *t, const struct pb_expression_literal *l, struct datum *out)
{
    const struct pb_expression_literal_array *array = l->array;
    const struct type *given = l->data_type != NULL ? translate_type(t, l->data_type) : NULL;
    const struct type *element =
        given != NULL && given->id == TYPE_ARRAY ? given->fields[0].type : NULL;
    if (element == NULL && array->element_type != NULL) {
        element = translate_type(t, array->element_type);
    }
    struct vec items;
    if (error_is_set(t->err) ||
        !literal_vector(t, array->elements, array->elements_count, element, &items)) {
        return false;
    }
    out->type =
        given != NULL && given->id == TYPE_ARRAY ? given : type_array(t->arena, items.type, true);
    struct vec *v = one_row(t, out->type, array->elements_count);
    v->child[0] = items;
    out->nested = v;
    return true;
}

static bool
map_literal(struct translator *t, const struct pb_expression_literal *l, struct datum *out)
{
    const struct pb_expression_literal_map *map = l->map;
    const struct type *given = l->data_type != NULL ? translate_type(t, l->data_type) : NULL;
    const struct type *key = NULL, *value = NULL;
    if (given != NULL && given->id == TYPE_MAP) {
        key = given->fields[0].type;
        value = given->fields[1].type;
    } else if (map->key_type != NULL && map->value_type != NULL) {
        key = translate_type(t, map->key_type);
        value = key != NULL ? translate_type(t, map->value_type) : NULL;
    }
    if (error_is_set(t->err)) {
        return false;
    }
    if (map->keys_count != map->values_count) {
        return error_set(t->err, ERROR_ARGUMENT, "a map literal of %u keys and %u values",
                         map->keys_count, map->values_count);
    }
    struct vec keys, values;
    if (!literal_vector(t, map->keys, map->keys_count, key, &keys) ||
        !literal_vector(t, map->values, map->values_count, value, &values)) {
        return false;
    }
    out->type = given != NULL && given->id == TYPE_MAP
                    ? given
                    : type_map(t->arena, keys.type, values.type, true);
    struct vec *v = one_row(t, out->type, map->keys_count);
    v->child[0] = keys;
    v->child[1] = values;
    out->nested = v;
    return true;
}

static bool
struct_literal(struct translator *t, const struct pb_expression_literal *l, struct datum *out)
{
    const struct pb_expression_literal_struct *s = l->struct_;
    const struct pb_data_type *message = l->data_type != NULL ? l->data_type : s->struct_type;
    out->type = translate_type(t, message);
    if (out->type == NULL) {
        return false;
    }
    if (out->type->id != TYPE_STRUCT || out->type->field_count != s->elements_count) {
        return error_set(t->err, ERROR_ARGUMENT, "a struct literal of %u values for the type %s",
                         s->elements_count, type_simple(t->arena, out->type));
    }
    struct vec *v = arena_new(t->arena, struct vec);
    vec_init_flat(v, t->arena, out->type, 1);
    for (uint32_t i = 0; i < s->elements_count; i++) {
        if (!literal_vector(t, &s->elements[i], 1, out->type->fields[i].type, &v->child[i])) {
            return false;
        }
    }
    out->nested = v;
    return true;
}

static bool
specialized_literal(struct translator *t, const struct pb_expression_literal_specialized_array *s,
                    struct datum *out)
{
    enum type_id id = TYPE_COUNT;
    uint32_t count = 0;
    const void *from = NULL;
    switch (s->value_type_case) {
    case PB_EXPRESSION_LITERAL_SPECIALIZED_ARRAY_BOOLS_TAG:
        id = TYPE_BOOLEAN, count = s->bools->values_count, from = s->bools->values;
        break;
    case PB_EXPRESSION_LITERAL_SPECIALIZED_ARRAY_INTS_TAG:
        id = TYPE_INT, count = s->ints->values_count, from = s->ints->values;
        break;
    case PB_EXPRESSION_LITERAL_SPECIALIZED_ARRAY_LONGS_TAG:
        id = TYPE_LONG, count = s->longs->values_count, from = s->longs->values;
        break;
    case PB_EXPRESSION_LITERAL_SPECIALIZED_ARRAY_FLOATS_TAG:
        id = TYPE_FLOAT, count = s->floats->values_count, from = s->floats->values;
        break;
    case PB_EXPRESSION_LITERAL_SPECIALIZED_ARRAY_DOUBLES_TAG:
        id = TYPE_DOUBLE, count = s->doubles->values_count, from = s->doubles->values;
        break;
    case PB_EXPRESSION_LITERAL_SPECIALIZED_ARRAY_STRINGS_TAG:
        id = TYPE_STRING, count = s->strings->values_count;
        break;
    default:
        return translate_missing(t, "SpecializedArray.value_type") != NULL;
    }
    out->type = type_array(t->arena, type_scalar(id), false);
    struct vec *v = one_row(t, out->type, count);
    vec_init_flat(&v->child[0], t->arena, type_scalar(id), count);
    if (from != NULL) {
        memcpy(v->child[0].data, from, count * phys_size(v->child[0].phys));
    }
    for (uint32_t i = 0; id == TYPE_STRING && i < count; i++) {
        struct pb_text item = s->strings->values[i];
        ((struct view *)v->child[0].data)[i] = view_make(pb_str(item), item.len);
    }
    out->nested = v;
    return true;
}

static bool
nested_literal(struct translator *t, const struct pb_expression_literal *l, struct datum *out)
{
    bool ok;
    if (++t->depth > PB_DEPTH_MAX) {
        return error_set(t->err, ERROR_ARGUMENT, "a literal nested too deep");
    }
    switch (l->literal_type_case) {
    case PB_EXPRESSION_LITERAL_ARRAY_TAG:
        ok = array_literal(t, l, out);
        break;
    case PB_EXPRESSION_LITERAL_MAP_TAG:
        ok = map_literal(t, l, out);
        break;
    case PB_EXPRESSION_LITERAL_STRUCT_TAG:
        ok = struct_literal(t, l, out);
        break;
    default:
        ok = specialized_literal(t, l->specialized_array, out);
    }
    t->depth--;
    return ok;
}

static bool
number(struct datum *out, enum type_id id, int64_t value)
{
    out->type = type_scalar(id);
    out->i = value;
    return true;
}

/* Literals whose value is not a plain number; the kinds that are not there end here too. */
static bool
other_literal(struct translator *t, const struct pb_expression_literal *l, struct datum *out)
{
    switch (l->literal_type_case) {
    case PB_EXPRESSION_LITERAL_NULL_TAG:
        out->is_null = true;
        out->type = l->null->kind_case != 0 ? translate_type(t, l->null) : type_scalar(TYPE_NULL);
        return out->type != NULL;
    case PB_EXPRESSION_LITERAL_BINARY_TAG:
        out->type = type_scalar(TYPE_BINARY);
        out->str = view_make((const char *)l->binary.ptr, l->binary.len);
        return true;
    case PB_EXPRESSION_LITERAL_STRING_TAG:
        out->type = type_scalar(TYPE_STRING);
        out->str = view_make(pb_str(l->string), l->string.len);
        return true;
    case PB_EXPRESSION_LITERAL_DECIMAL_TAG:
        return decimal_literal(t, l->decimal, out);
    case PB_EXPRESSION_LITERAL_CALENDAR_INTERVAL_TAG:
        out->type = type_scalar(TYPE_INTERVAL_CALENDAR);
        out->interval = (struct interval){l->calendar_interval->months, l->calendar_interval->days,
                                          l->calendar_interval->microseconds};
        return true;
    case PB_EXPRESSION_LITERAL_ARRAY_TAG:
    case PB_EXPRESSION_LITERAL_MAP_TAG:
    case PB_EXPRESSION_LITERAL_STRUCT_TAG:
    case PB_EXPRESSION_LITERAL_SPECIALIZED_ARRAY_TAG:
        return nested_literal(t, l, out);
    case PB_EXPRESSION_LITERAL_TIME_TAG:
        return error_unsupported(t->err, "the data type TIME");
    case 0:
        return translate_missing(t, "Literal.literal_type") != NULL;
    default:
        return error_unsupported(t->err, "literals of kind %u", l->literal_type_case);
    }
}

bool
translate_literal(struct translator *t, const struct pb_expression_literal *l, struct datum *out)
{
    *out = (struct datum){0};
    if (l == NULL) {
        return translate_missing(t, "Expression.Literal.literal_type") != NULL;
    }
    switch (l->literal_type_case) {
    case PB_EXPRESSION_LITERAL_BOOLEAN_TAG:
        out->type = type_scalar(TYPE_BOOLEAN);
        out->b = l->boolean;
        return true;
    case PB_EXPRESSION_LITERAL_BYTE_TAG:
        return number(out, TYPE_BYTE, (int8_t)l->byte);
    case PB_EXPRESSION_LITERAL_SHORT_TAG:
        return number(out, TYPE_SHORT, (int16_t)l->short_);
    case PB_EXPRESSION_LITERAL_INTEGER_TAG:
        return number(out, TYPE_INT, l->integer);
    case PB_EXPRESSION_LITERAL_LONG_TAG:
        return number(out, TYPE_LONG, l->long_);
    case PB_EXPRESSION_LITERAL_DATE_TAG:
        return number(out, TYPE_DATE, l->date);
    case PB_EXPRESSION_LITERAL_TIMESTAMP_TAG:
        return number(out, TYPE_TIMESTAMP, l->timestamp);
    case PB_EXPRESSION_LITERAL_TIMESTAMP_NTZ_TAG:
        return number(out, TYPE_TIMESTAMP_NTZ, l->timestamp_ntz);
    case PB_EXPRESSION_LITERAL_YEAR_MONTH_INTERVAL_TAG:
        return number(out, TYPE_INTERVAL_YM, l->year_month_interval);
    case PB_EXPRESSION_LITERAL_DAY_TIME_INTERVAL_TAG:
        return number(out, TYPE_INTERVAL_DT, l->day_time_interval);
    case PB_EXPRESSION_LITERAL_FLOAT_TAG:
        out->type = type_scalar(TYPE_FLOAT);
        out->f = l->float_;
        return true;
    case PB_EXPRESSION_LITERAL_DOUBLE_TAG:
        out->type = type_scalar(TYPE_DOUBLE);
        out->f = l->double_;
        return true;
    default:
        return other_literal(t, l, out);
    }
}

static struct pb_text
decimal_text(struct arena *a, const struct datum *d)
{
    i128 value = d->type->precision <= DECIMAL_I64_PRECISION_MAX ? d->i : d->wide;
    bool negative = value < 0;
    unsigned __int128 rest = negative ? -(unsigned __int128)value : (unsigned __int128)value;
    char text[48];
    char *p = text + sizeof text;
    int digits = 0;
    *--p = '\0';
    while (rest != 0 || digits <= d->type->scale) {
        *--p = (char)('0' + (int)(rest % 10));
        rest /= 10;
        if (++digits == d->type->scale) {
            *--p = '.';
        }
    }
    if (negative) {
        *--p = '-';
    }
    return pb_text(arena_strdup(a, p));
}

static struct pb_expression_literal *
proto_elements(struct arena *a, const struct vec *v, uint32_t count)
{
    struct pb_expression_literal *out = arena_new_array(a, struct pb_expression_literal, count + 1);
    for (uint32_t i = 0; i < count; i++) {
        struct datum d = vec_datum(v, i, a);
        out[i] = *proto_literal(a, &d);
    }
    return out;
}

static void
proto_nested(struct arena *a, const struct datum *d, struct pb_expression_literal *out)
{
    const struct vec *v = d->nested;
    struct list_range r = {0, 1};
    if (d->type->id != TYPE_STRUCT) {
        r = ((const struct list_range *)v->data)[0];
    }
    struct vec *part = arena_new_array(a, struct vec, 2);
    for (uint32_t i = 0; i < 2 && i < v->child_count && d->type->id != TYPE_STRUCT; i++) {
        vec_slice(&part[i], &v->child[i], r.offset, r.len, a);
    }
    if (d->type->id == TYPE_ARRAY) {
        out->literal_type_case = PB_EXPRESSION_LITERAL_ARRAY_TAG;
        out->array = arena_new(a, struct pb_expression_literal_array);
        out->array->element_type = proto_type(a, d->type->fields[0].type);
        out->array->elements = proto_elements(a, &part[0], r.len);
        out->array->elements_count = r.len;
    } else if (d->type->id == TYPE_MAP) {
        out->literal_type_case = PB_EXPRESSION_LITERAL_MAP_TAG;
        out->map = arena_new(a, struct pb_expression_literal_map);
        out->map->key_type = proto_type(a, d->type->fields[0].type);
        out->map->value_type = proto_type(a, d->type->fields[1].type);
        out->map->keys = proto_elements(a, &part[0], r.len);
        out->map->values = proto_elements(a, &part[1], r.len);
        out->map->keys_count = out->map->values_count = r.len;
    } else {
        out->literal_type_case = PB_EXPRESSION_LITERAL_STRUCT_TAG;
        out->struct_ = arena_new(a, struct pb_expression_literal_struct);
        out->struct_->struct_type = proto_type(a, d->type);
        out->struct_->elements_count = d->type->field_count;
        out->struct_->elements =
            arena_new_array(a, struct pb_expression_literal, d->type->field_count + 1);
        for (uint32_t i = 0; i < d->type->field_count; i++) {
            out->struct_->elements[i] = *proto_elements(a, &v->child[i], 1);
        }
    }
}

struct pb_expression_literal *
proto_literal(struct arena *a, const struct datum *d)
{
    static const uint8_t tags[TYPE_COUNT] = {
        [TYPE_BYTE] = PB_EXPRESSION_LITERAL_BYTE_TAG,
        [TYPE_SHORT] = PB_EXPRESSION_LITERAL_SHORT_TAG,
        [TYPE_INT] = PB_EXPRESSION_LITERAL_INTEGER_TAG,
        [TYPE_DATE] = PB_EXPRESSION_LITERAL_DATE_TAG,
        [TYPE_INTERVAL_YM] = PB_EXPRESSION_LITERAL_YEAR_MONTH_INTERVAL_TAG,
        [TYPE_LONG] = PB_EXPRESSION_LITERAL_LONG_TAG,
        [TYPE_TIMESTAMP] = PB_EXPRESSION_LITERAL_TIMESTAMP_TAG,
        [TYPE_TIMESTAMP_NTZ] = PB_EXPRESSION_LITERAL_TIMESTAMP_NTZ_TAG,
        [TYPE_INTERVAL_DT] = PB_EXPRESSION_LITERAL_DAY_TIME_INTERVAL_TAG,
        [TYPE_BOOLEAN] = PB_EXPRESSION_LITERAL_BOOLEAN_TAG,
        [TYPE_FLOAT] = PB_EXPRESSION_LITERAL_FLOAT_TAG,
        [TYPE_DOUBLE] = PB_EXPRESSION_LITERAL_DOUBLE_TAG,
        [TYPE_STRING] = PB_EXPRESSION_LITERAL_STRING_TAG,
        [TYPE_BINARY] = PB_EXPRESSION_LITERAL_BINARY_TAG,
        [TYPE_DECIMAL] = PB_EXPRESSION_LITERAL_DECIMAL_TAG,
        [TYPE_INTERVAL_CALENDAR] = PB_EXPRESSION_LITERAL_CALENDAR_INTERVAL_TAG,
    };
    struct pb_expression_literal *out = arena_new(a, struct pb_expression_literal);
    if (d->is_null || d->type->id == TYPE_NULL) {
        out->literal_type_case = PB_EXPRESSION_LITERAL_NULL_TAG;
        out->null = proto_type(a, d->type);
        return out;
    }
    if (type_is_nested(d->type)) {
        proto_nested(a, d, out);
        return out;
    }
    out->literal_type_case = tags[d->type->id];
    switch (d->type->id) {
    case TYPE_BYTE:
    case TYPE_SHORT:
    case TYPE_INT:
    case TYPE_DATE:
    case TYPE_INTERVAL_YM:
        out->integer = (int32_t)d->i; /* these members are one int32 */
        break;
    case TYPE_BOOLEAN:
        out->boolean = d->b;
        break;
    case TYPE_FLOAT:
        out->float_ = (float)d->f;
        break;
    case TYPE_DOUBLE:
        out->double_ = d->f;
        break;
    case TYPE_STRING:
    case TYPE_BINARY: /* one shape */
        out->string = (struct pb_text){arena_copy(a, view_ptr(&d->str), d->str.len), d->str.len};
        break;
    case TYPE_DECIMAL:
        out->decimal = arena_new(a, struct pb_expression_literal_decimal);
        *out->decimal = (struct pb_expression_literal_decimal){.value = decimal_text(a, d),
                                                               .precision = d->type->precision,
                                                               .has_precision = true,
                                                               .scale = d->type->scale,
                                                               .has_scale = true};
        break;
    case TYPE_INTERVAL_CALENDAR:
        out->calendar_interval = arena_new(a, struct pb_expression_literal_calendar_interval);
        *out->calendar_interval = (struct pb_expression_literal_calendar_interval){
            d->interval.months, d->interval.days, d->interval.micros};
        break;
    default:
        out->long_ = d->i;
    }
    return out;
}
