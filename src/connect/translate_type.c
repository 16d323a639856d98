/* DataType messages to types and back. */
#include <string.h>

#include "connect/translate.h"

static const struct type *
struct_type(struct translator *t, const struct pb_data_type_struct *s)
{
    struct type_field *fields = arena_new_array(t->arena, struct type_field, s->fields_count + 1);
    for (uint32_t i = 0; i < s->fields_count; i++) {
        const struct pb_data_type_struct_field *f = &s->fields[i];
        const struct type *type = translate_type(t, f->data_type);
        if (type == NULL) {
            return NULL;
        }
        const char *metadata = f->metadata.len > 2 ? f->metadata.ptr : NULL; /* "{}" is none */
        fields[i] = (struct type_field){pb_str(f->name), type, f->nullable, metadata};
    }
    return type_struct(t->arena, fields, s->fields_count);
}

static const struct type *
interval_type(struct translator *t, enum type_id id, bool has_start, int32_t start, bool has_end,
              int32_t end)
{
    int32_t last = id == TYPE_INTERVAL_YM ? UNIT_MONTH : UNIT_SECOND;
    int32_t from = has_start ? start : 0;
    int32_t to = has_end ? end : has_start ? from : last;
    if (from < 0 || to > last || from > to) {
        error_set(t->err, ERROR_ARGUMENT, "an interval type from field %d to field %d", from, to);
        return NULL;
    }
    struct type *type = arena_new(t->arena, struct type);
    *type = *type_scalar(id);
    type->precision = (uint8_t)from;
    type->scale = (uint8_t)to;
    return type;
}

static const struct type *
string_type(struct translator *t, enum type_string_kind kind, int32_t length)
{
    struct type *type = arena_new(t->arena, struct type);
    *type = *type_scalar(TYPE_STRING);
    type->string_kind = (uint8_t)kind;
    type->length = length;
    return type;
}

static const struct type *
decimal_type(struct translator *t, const struct pb_data_type_decimal *d)
{
    int precision = d->has_precision ? d->precision : 10;
    int scale = d->has_scale ? d->scale : 0;
    if (precision < 1 || precision > DECIMAL_PRECISION_MAX || scale < 0 || scale > precision) {
        error_set(t->err, ERROR_ARGUMENT, "a type decimal(%d,%d)", precision, scale);
        return NULL;
    }
    return type_decimal(t->arena, precision, scale);
}

static const struct type *
nested_type(struct translator *t, const struct pb_data_type *d)
{
    if (d->kind_case == PB_DATA_TYPE_STRUCT_TAG) {
        return struct_type(t, d->struct_);
    }
    if (d->kind_case == PB_DATA_TYPE_ARRAY_TAG) {
        const struct type *element = translate_type(t, d->array->element_type);
        return element != NULL ? type_array(t->arena, element, d->array->contains_null) : NULL;
    }
    const struct type *key = translate_type(t, d->map->key_type);
    const struct type *value = key != NULL ? translate_type(t, d->map->value_type) : NULL;
    return value != NULL ? type_map(t->arena, key, value, d->map->value_contains_null) : NULL;
}

/* The kinds without parameters; TYPE_COUNT for all others. */
static enum type_id
plain_id(uint32_t kind)
{
    switch (kind) {
    case PB_DATA_TYPE_NULL_TAG:
        return TYPE_NULL;
    case PB_DATA_TYPE_BINARY_TAG:
        return TYPE_BINARY;
    case PB_DATA_TYPE_BOOLEAN_TAG:
        return TYPE_BOOLEAN;
    case PB_DATA_TYPE_BYTE_TAG:
        return TYPE_BYTE;
    case PB_DATA_TYPE_SHORT_TAG:
        return TYPE_SHORT;
    case PB_DATA_TYPE_INTEGER_TAG:
        return TYPE_INT;
    case PB_DATA_TYPE_LONG_TAG:
        return TYPE_LONG;
    case PB_DATA_TYPE_FLOAT_TAG:
        return TYPE_FLOAT;
    case PB_DATA_TYPE_DOUBLE_TAG:
        return TYPE_DOUBLE;
    case PB_DATA_TYPE_DATE_TAG:
        return TYPE_DATE;
    case PB_DATA_TYPE_TIMESTAMP_TAG:
        return TYPE_TIMESTAMP;
    case PB_DATA_TYPE_TIMESTAMP_NTZ_TAG:
        return TYPE_TIMESTAMP_NTZ;
    case PB_DATA_TYPE_CALENDAR_INTERVAL_TAG:
        return TYPE_INTERVAL_CALENDAR;
    default:
        return TYPE_COUNT;
    }
}

static const struct type *
parameter_type(struct translator *t, const struct pb_data_type *d)
{
    switch (d->kind_case) {
    case PB_DATA_TYPE_STRING_TAG:
        if (d->string->collation.len > 0 && strcmp(d->string->collation.ptr, "UTF8_BINARY") != 0) {
            error_unsupported(t->err, "the collation %s", d->string->collation.ptr);
            return NULL;
        }
        return type_scalar(TYPE_STRING);
    case PB_DATA_TYPE_CHAR_TAG:
        return string_type(t, STRING_CHAR, d->char_->length);
    case PB_DATA_TYPE_VAR_CHAR_TAG:
        return string_type(t, STRING_VARCHAR, d->var_char->length);
    case PB_DATA_TYPE_DECIMAL_TAG:
        return decimal_type(t, d->decimal);
    case PB_DATA_TYPE_YEAR_MONTH_INTERVAL_TAG:
        return interval_type(t, TYPE_INTERVAL_YM, d->year_month_interval->has_start_field,
                             d->year_month_interval->start_field,
                             d->year_month_interval->has_end_field,
                             d->year_month_interval->end_field);
    case PB_DATA_TYPE_DAY_TIME_INTERVAL_TAG:
        return interval_type(t, TYPE_INTERVAL_DT, d->day_time_interval->has_start_field,
                             d->day_time_interval->start_field, d->day_time_interval->has_end_field,
                             d->day_time_interval->end_field);
    case PB_DATA_TYPE_UDT_TAG: /* the engine sees what the user's type is stored as */
        return translate_type(t, d->udt->sql_type);
    case PB_DATA_TYPE_UNPARSED_TAG:
        return type_parse(t->arena, pb_str(d->unparsed->data_type_string),
                          d->unparsed->data_type_string.len, t->err);
    default:
        break;
    }
    const struct pb_field *f = pb_field_find(&pb_messages[PB_ID_DATA_TYPE], d->kind_case);
    error_unsupported(t->err, "the data type %s", f != NULL ? f->name : "of an unknown kind");
    return NULL;
}

const struct type *
translate_type(struct translator *t, const struct pb_data_type *d)
{
    if (d == NULL || d->kind_case == 0) {
        return translate_missing(t, "DataType.kind");
    }
    enum type_id id = plain_id(d->kind_case);
    if (id != TYPE_COUNT) {
        return type_scalar(id);
    }
    if (d->kind_case == PB_DATA_TYPE_STRUCT_TAG || d->kind_case == PB_DATA_TYPE_ARRAY_TAG ||
        d->kind_case == PB_DATA_TYPE_MAP_TAG) {
        return nested_type(t, d);
    }
    return parameter_type(t, d);
}

static void
proto_struct(struct arena *a, struct pb_data_type *out, const struct type *type)
{
    out->struct_ = arena_new(a, struct pb_data_type_struct);
    out->struct_->fields = arena_new_array(a, struct pb_data_type_struct_field, type->field_count);
    out->struct_->fields_count = type->field_count;
    for (uint32_t i = 0; i < type->field_count; i++) {
        const struct type_field *f = &type->fields[i];
        out->struct_->fields[i] =
            (struct pb_data_type_struct_field){.name = pb_text(f->name),
                                               .data_type = proto_type(a, f->type),
                                               .nullable = f->nullable,
                                               .metadata = pb_text(f->metadata)};
    }
}

static void
proto_nested(struct arena *a, struct pb_data_type *out, const struct type *type)
{
    if (type->id == TYPE_STRUCT) {
        out->kind_case = PB_DATA_TYPE_STRUCT_TAG;
        proto_struct(a, out, type);
    } else if (type->id == TYPE_ARRAY) {
        out->kind_case = PB_DATA_TYPE_ARRAY_TAG;
        out->array = arena_new(a, struct pb_data_type_array);
        out->array->element_type = proto_type(a, type->fields[0].type);
        out->array->contains_null = type->fields[0].nullable;
    } else {
        out->kind_case = PB_DATA_TYPE_MAP_TAG;
        out->map = arena_new(a, struct pb_data_type_map);
        out->map->key_type = proto_type(a, type->fields[0].type);
        out->map->value_type = proto_type(a, type->fields[1].type);
        out->map->value_contains_null = type->fields[1].nullable;
    }
}

static void
proto_string(struct arena *a, struct pb_data_type *out, const struct type *type)
{
    if (type->string_kind == STRING_CHAR) {
        out->kind_case = PB_DATA_TYPE_CHAR_TAG;
        out->char_ = arena_new(a, struct pb_data_type_char);
        out->char_->length = type->length;
    } else if (type->string_kind == STRING_VARCHAR) {
        out->kind_case = PB_DATA_TYPE_VAR_CHAR_TAG;
        out->var_char = arena_new(a, struct pb_data_type_var_char);
        out->var_char->length = type->length;
    } else {
        out->kind_case = PB_DATA_TYPE_STRING_TAG;
        out->string = arena_new(a, struct pb_data_type_string);
    }
}

struct pb_data_type *
proto_type(struct arena *a, const struct type *type)
{
    static const uint8_t tags[TYPE_COUNT] = {
        [TYPE_NULL] = PB_DATA_TYPE_NULL_TAG,
        [TYPE_BOOLEAN] = PB_DATA_TYPE_BOOLEAN_TAG,
        [TYPE_BYTE] = PB_DATA_TYPE_BYTE_TAG,
        [TYPE_SHORT] = PB_DATA_TYPE_SHORT_TAG,
        [TYPE_INT] = PB_DATA_TYPE_INTEGER_TAG,
        [TYPE_LONG] = PB_DATA_TYPE_LONG_TAG,
        [TYPE_FLOAT] = PB_DATA_TYPE_FLOAT_TAG,
        [TYPE_DOUBLE] = PB_DATA_TYPE_DOUBLE_TAG,
        [TYPE_BINARY] = PB_DATA_TYPE_BINARY_TAG,
        [TYPE_DATE] = PB_DATA_TYPE_DATE_TAG,
        [TYPE_TIMESTAMP] = PB_DATA_TYPE_TIMESTAMP_TAG,
        [TYPE_TIMESTAMP_NTZ] = PB_DATA_TYPE_TIMESTAMP_NTZ_TAG,
        [TYPE_INTERVAL_CALENDAR] = PB_DATA_TYPE_CALENDAR_INTERVAL_TAG,
    };
    struct pb_data_type *out = arena_new(a, struct pb_data_type);
    if (type_is_nested(type)) {
        proto_nested(a, out, type);
    } else if (type->id == TYPE_STRING) {
        proto_string(a, out, type);
    } else if (type->id == TYPE_DECIMAL) {
        out->kind_case = PB_DATA_TYPE_DECIMAL_TAG;
        out->decimal = arena_new(a, struct pb_data_type_decimal);
        *out->decimal = (struct pb_data_type_decimal){.precision = type->precision,
                                                      .has_precision = true,
                                                      .scale = type->scale,
                                                      .has_scale = true};
    } else if (type->id == TYPE_INTERVAL_YM) {
        out->kind_case = PB_DATA_TYPE_YEAR_MONTH_INTERVAL_TAG;
        out->year_month_interval = arena_new(a, struct pb_data_type_year_month_interval);
        *out->year_month_interval =
            (struct pb_data_type_year_month_interval){.start_field = type->precision,
                                                      .has_start_field = true,
                                                      .end_field = type->scale,
                                                      .has_end_field = true};
    } else if (type->id == TYPE_INTERVAL_DT) {
        out->kind_case = PB_DATA_TYPE_DAY_TIME_INTERVAL_TAG;
        out->day_time_interval = arena_new(a, struct pb_data_type_day_time_interval);
        *out->day_time_interval =
            (struct pb_data_type_day_time_interval){.start_field = type->precision,
                                                    .has_start_field = true,
                                                    .end_field = type->scale,
                                                    .has_end_field = true};
    } else {
        out->kind_case = tags[type->id];
        out->null = arena_new(a, struct pb_data_type_null); /* all of these have one shape */
    }
    return out;
}
