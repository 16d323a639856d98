/* Types: the shared scalars, constructors into an arena, comparison and copying. */
#include "type/type.h"

#include <assert.h>
#include <string.h>

#include "base/arena.h"

#define SCALAR(type_id) [type_id] = {.id = (type_id), .length = -1}

static const struct type scalars[TYPE_COUNT] = {
    SCALAR(TYPE_NULL),
    SCALAR(TYPE_BOOLEAN),
    SCALAR(TYPE_BYTE),
    SCALAR(TYPE_SHORT),
    SCALAR(TYPE_INT),
    SCALAR(TYPE_LONG),
    SCALAR(TYPE_FLOAT),
    SCALAR(TYPE_DOUBLE),
    [TYPE_DECIMAL] = {.id = TYPE_DECIMAL, .precision = 10, .length = -1},
    SCALAR(TYPE_STRING),
    SCALAR(TYPE_BINARY),
    SCALAR(TYPE_DATE),
    SCALAR(TYPE_TIMESTAMP),
    SCALAR(TYPE_TIMESTAMP_NTZ),
    [TYPE_INTERVAL_YM] = {.id = TYPE_INTERVAL_YM,
                          .precision = UNIT_YEAR,
                          .scale = UNIT_MONTH,
                          .length = -1},
    [TYPE_INTERVAL_DT] = {.id = TYPE_INTERVAL_DT,
                          .precision = UNIT_DAY,
                          .scale = UNIT_SECOND,
                          .length = -1},
    SCALAR(TYPE_INTERVAL_CALENDAR),
};

const struct type *
type_scalar(enum type_id id)
{
    assert(id < TYPE_ARRAY);
    return &scalars[id];
}

static struct type *
type_new(struct arena *a, enum type_id id, uint32_t field_count)
{
    struct type *t = arena_new(a, struct type);
    t->id = id;
    t->length = -1;
    t->field_count = field_count;
    t->fields = field_count > 0 ? arena_new_array(a, struct type_field, field_count) : NULL;
    return t;
}

const struct type *
type_decimal(struct arena *a, int precision, int scale)
{
    assert(precision >= 1 && precision <= DECIMAL_PRECISION_MAX);
    assert(scale >= 0 && scale <= precision);
    struct type *t = type_new(a, TYPE_DECIMAL, 0);
    t->precision = (uint8_t)precision;
    t->scale = (uint8_t)scale;
    return t;
}

const struct type *
type_array(struct arena *a, const struct type *element, bool contains_null)
{
    struct type *t = type_new(a, TYPE_ARRAY, 1);
    ((struct type_field *)t->fields)[0] =
        (struct type_field){.name = "element", .type = element, .nullable = contains_null};
    return t;
}

const struct type *
type_map(struct arena *a, const struct type *key, const struct type *value,
         bool value_contains_null)
{
    struct type *t = type_new(a, TYPE_MAP, 2);
    struct type_field *fields = (struct type_field *)t->fields;
    fields[0] = (struct type_field){.name = "key", .type = key};
    fields[1] =
        (struct type_field){.name = "value", .type = value, .nullable = value_contains_null};
    return t;
}

const struct type *
type_struct(struct arena *a, const struct type_field *fields, uint32_t count)
{
    struct type *t = type_new(a, TYPE_STRUCT, count);
    if (count > 0) {
        memcpy((struct type_field *)t->fields, fields, sizeof *fields * count);
    }
    return t;
}

const struct type *
type_copy(struct arena *a, const struct type *t)
{
    if (t->id < TYPE_ARRAY && t >= scalars && t < scalars + TYPE_COUNT) {
        return t;
    }
    struct type *copy = arena_copy(a, t, sizeof *t);
    struct type_field *fields = arena_new_array(a, struct type_field, t->field_count);
    for (uint32_t i = 0; i < t->field_count; i++) {
        const struct type_field *f = &t->fields[i];
        fields[i] = (struct type_field){
            .name = arena_strdup(a, f->name),
            .type = type_copy(a, f->type),
            .nullable = f->nullable,
            .metadata = f->metadata != NULL ? arena_strdup(a, f->metadata) : NULL,
        };
    }
    copy->fields = t->field_count > 0 ? fields : NULL;
    return copy;
}

static bool
type_scalar_equal(const struct type *a, const struct type *b)
{
    if (a->id != b->id || a->field_count != b->field_count) {
        return false;
    }
    switch (a->id) {
    case TYPE_DECIMAL:
    case TYPE_INTERVAL_YM:
    case TYPE_INTERVAL_DT:
        return a->precision == b->precision && a->scale == b->scale;
    case TYPE_STRING:
        return a->string_kind == b->string_kind && a->length == b->length;
    default:
        return true;
    }
}

static bool
metadata_equal(const char *x, const char *y)
{
    return x == y || (x != NULL && y != NULL && strcmp(x, y) == 0);
}

bool
type_equal(const struct type *a, const struct type *b)
{
    if (a == b) {
        return true;
    }
    if (!type_scalar_equal(a, b)) {
        return false;
    }
    for (uint32_t i = 0; i < a->field_count; i++) {
        const struct type_field *x = &a->fields[i], *y = &b->fields[i];
        if (x->nullable != y->nullable || strcmp(x->name, y->name) != 0 ||
            !metadata_equal(x->metadata, y->metadata) || !type_equal(x->type, y->type)) {
            return false;
        }
    }
    return true;
}

bool
type_same(const struct type *a, const struct type *b)
{
    if (a == b) {
        return true;
    }
    if (!type_scalar_equal(a, b)) {
        return false;
    }
    for (uint32_t i = 0; i < a->field_count; i++) {
        const struct type_field *x = &a->fields[i], *y = &b->fields[i];
        if ((a->id == TYPE_STRUCT && strcmp(x->name, y->name) != 0) ||
            !type_same(x->type, y->type)) {
            return false;
        }
    }
    return true;
}

bool
type_is_orderable(const struct type *t)
{
    if (t->id == TYPE_MAP || t->id == TYPE_INTERVAL_CALENDAR) {
        return false;
    }
    for (uint32_t i = 0; i < t->field_count; i++) {
        if (!type_is_orderable(t->fields[i].type)) {
            return false;
        }
    }
    return true;
}
