/*
 * Which types go together: Spark's implicit casts, common types and decimal results.
 *
 * Two rule sets stand side by side, ANSI and legacy; they differ mostly in what a string may become
 * silently. Source: the ANSI compliance page of Spark SQL and its recorded answers.
 */
#include <string.h>

#include "func/bind.h"

static bool
is_atomic(const struct type *t)
{
    return t->id > TYPE_NULL && t->id < TYPE_ARRAY && t->id != TYPE_INTERVAL_CALENDAR;
}

static bool
is_timestamp(const struct type *t)
{
    return t->id == TYPE_TIMESTAMP || t->id == TYPE_TIMESTAMP_NTZ;
}

static bool
is_interval(const struct type *t)
{
    return t->id == TYPE_INTERVAL_YM || t->id == TYPE_INTERVAL_DT;
}

const struct type *
decimal_for(struct arena *a, const struct type *t)
{
    switch (t->id) {
    case TYPE_BYTE:
        return type_decimal(a, 3, 0);
    case TYPE_SHORT:
        return type_decimal(a, 5, 0);
    case TYPE_INT:
        return type_decimal(a, 10, 0);
    case TYPE_LONG:
        return type_decimal(a, 20, 0);
    case TYPE_FLOAT:
        return type_decimal(a, 14, 7);
    case TYPE_DOUBLE:
        return type_decimal(a, 30, 15);
    case TYPE_DECIMAL:
        return t;
    default:
        return type_decimal(a, 38, 18);
    }
}

/* Too many digits: keep at least six of the scale, give the rest to the integral part. */
const struct type *
decimal_adjusted(struct arena *a, int precision, int scale)
{
    if (precision <= DECIMAL_PRECISION_MAX) {
        return type_decimal(a, precision < 1 ? 1 : precision, scale);
    }
    const int integral = precision - scale;
    const int scale_min = scale < 6 ? scale : 6;
    int kept = DECIMAL_PRECISION_MAX - integral;
    if (kept < scale_min) {
        kept = scale_min;
    }
    return type_decimal(a, DECIMAL_PRECISION_MAX, kept);
}

const struct type *
decimal_wider(struct arena *a, const struct type *x, const struct type *y)
{
    const int scale = x->scale > y->scale ? x->scale : y->scale;
    const int xr = x->precision - x->scale;
    const int yr = y->precision - y->scale;
    const int range = xr > yr ? xr : yr;
    if (range + scale <= DECIMAL_PRECISION_MAX) {
        return type_decimal(a, range + scale, scale);
    }
    const int left = DECIMAL_PRECISION_MAX - range;
    return type_decimal(a, DECIMAL_PRECISION_MAX, left > 0 ? left : 0);
}

static const struct type *
interval_merge(struct arena *a, const struct type *x, const struct type *y)
{
    struct type *t = arena_new(a, struct type);
    *t = *x;
    t->precision = x->precision < y->precision ? x->precision : y->precision;
    t->scale = x->scale > y->scale ? x->scale : y->scale;
    return t;
}

static const struct type *common_any(struct arena *a, const struct type *x, const struct type *y,
                                     bool ansi, int depth,
                                     const struct type *(*leaf)(struct arena *, const struct type *,
                                                                const struct type *, bool));

static const struct type *
common_nested(struct arena *a, const struct type *x, const struct type *y, bool ansi, int depth,
              const struct type *(*leaf)(struct arena *, const struct type *, const struct type *,
                                         bool))
{
    if (x->id != y->id || x->field_count != y->field_count || depth > 64) {
        return NULL;
    }
    struct type_field *fields = arena_new_array(a, struct type_field, x->field_count + 1);
    for (uint32_t i = 0; i < x->field_count; i++) {
        fields[i] = x->fields[i];
        if (x->id == TYPE_STRUCT && strcasecmp(x->fields[i].name, y->fields[i].name) != 0) {
            return NULL;
        }
        fields[i].type = common_any(a, x->fields[i].type, y->fields[i].type, ansi, depth + 1, leaf);
        if (fields[i].type == NULL) {
            return NULL;
        }
        fields[i].nullable = x->fields[i].nullable || y->fields[i].nullable;
    }
    switch (x->id) {
    case TYPE_ARRAY:
        return type_array(a, fields[0].type, fields[0].nullable);
    case TYPE_MAP:
        return type_map(a, fields[0].type, fields[1].type, fields[1].nullable);
    default:
        return type_struct(a, fields, x->field_count);
    }
}

/* Without any string becoming something else. */
static const struct type *
common_leaf(struct arena *a, const struct type *x, const struct type *y, bool ansi)
{
    if (type_is_numeric(x) && type_is_numeric(y)) {
        if (x->id == TYPE_DECIMAL || y->id == TYPE_DECIMAL) {
            const struct type *other = x->id == TYPE_DECIMAL ? y : x;
            if (other->id == TYPE_FLOAT || other->id == TYPE_DOUBLE) {
                return type_scalar(TYPE_DOUBLE);
            }
            return decimal_wider(a, decimal_for(a, x), decimal_for(a, y));
        }
        const enum type_id wide = x->id > y->id ? x->id : y->id;
        return type_scalar(ansi && wide == TYPE_FLOAT ? TYPE_DOUBLE : wide);
    }
    if (x->id == TYPE_STRING && y->id == TYPE_STRING) {
        return type_scalar(TYPE_STRING); /* char and varchar meet in string */
    }
    if ((x->id == TYPE_DATE && is_timestamp(y)) || (y->id == TYPE_DATE && is_timestamp(x))) {
        return x->id == TYPE_DATE ? y : x;
    }
    if (is_timestamp(x) && is_timestamp(y)) {
        return type_scalar(TYPE_TIMESTAMP);
    }
    if (is_interval(x) && x->id == y->id) {
        return interval_merge(a, x, y);
    }
    return NULL;
}

static const struct type *
common_with_strings(struct arena *a, const struct type *x, const struct type *y, bool ansi)
{
    const struct type *found = common_leaf(a, x, y, ansi);
    if (found != NULL || (x->id != TYPE_STRING && y->id != TYPE_STRING)) {
        return found;
    }
    const struct type *other = x->id == TYPE_STRING ? y : x;
    if (!is_atomic(other)) {
        return NULL;
    }
    if (!ansi) {
        return other->id == TYPE_BINARY || other->id == TYPE_BOOLEAN ? NULL
                                                                     : type_scalar(TYPE_STRING);
    }
    if (type_is_integral(other)) {
        return type_scalar(TYPE_LONG);
    }
    if (type_is_numeric(other)) {
        return type_scalar(TYPE_DOUBLE);
    }
    return is_interval(other) ? NULL : other;
}

static const struct type *
common_any(struct arena *a, const struct type *x, const struct type *y, bool ansi, int depth,
           const struct type *(*leaf)(struct arena *, const struct type *, const struct type *,
                                      bool))
{
    if (x->id == TYPE_NULL) {
        return y;
    }
    if (y->id == TYPE_NULL || type_equal(x, y)) {
        return x;
    }
    if (x->id >= TYPE_ARRAY) {
        return common_nested(a, x, y, ansi, depth, leaf);
    }
    return leaf(a, x, y, ansi);
}

const struct type *
func_common_type(struct arena *a, const struct type *x, const struct type *y, bool ansi)
{
    return common_any(a, x, y, ansi, 0, common_with_strings);
}

static const struct type *
compare_leaf(struct arena *a, const struct type *x, const struct type *y, bool ansi)
{
    if (ansi) {
        return common_with_strings(a, x, y, ansi);
    }
    const struct type *found = common_leaf(a, x, y, ansi);
    if (x->id == TYPE_BOOLEAN && type_is_numeric(y)) { /* true is 1 */
        return y;
    }
    if (y->id == TYPE_BOOLEAN && type_is_numeric(x)) {
        return x;
    }
    if (found != NULL || (x->id != TYPE_STRING && y->id != TYPE_STRING)) {
        return found;
    }
    const struct type *other = x->id == TYPE_STRING ? y : x;
    if (!is_atomic(other)) {
        return NULL;
    }
    return other->id == TYPE_DECIMAL ? type_scalar(TYPE_DOUBLE) : other;
}

const struct type *
type_for_compare(struct arena *a, const struct type *x, const struct type *y, bool ansi)
{
    return common_any(a, x, y, ansi, 0, compare_leaf);
}

static bool
can_cast_scalar(const struct type *from, const struct type *to, bool ansi)
{
    const enum type_id f = from->id;
    const enum type_id t = to->id;
    if (f == TYPE_NULL || f == t || t == TYPE_STRING) {
        return true;
    }
    switch (t) {
    case TYPE_BOOLEAN:
        return type_is_numeric(from) || f == TYPE_STRING ||
               (!ansi && (f == TYPE_DATE || f == TYPE_TIMESTAMP));
    case TYPE_BYTE:
    case TYPE_SHORT:
    case TYPE_INT:
    case TYPE_LONG:
    case TYPE_FLOAT:
    case TYPE_DOUBLE:
    case TYPE_DECIMAL:
        if (type_is_numeric(from) || f == TYPE_STRING || f == TYPE_BOOLEAN || f == TYPE_TIMESTAMP) {
            return true;
        }
        if (is_interval(from)) {
            return t != TYPE_FLOAT && t != TYPE_DOUBLE;
        }
        return !ansi && f == TYPE_DATE;
    case TYPE_BINARY:
        return f == TYPE_STRING || (!ansi && type_is_integral(from));
    case TYPE_DATE:
        return f == TYPE_STRING || is_timestamp(from);
    case TYPE_TIMESTAMP:
        return f == TYPE_STRING || f == TYPE_DATE || f == TYPE_TIMESTAMP_NTZ ||
               type_is_numeric(from) || (!ansi && f == TYPE_BOOLEAN);
    case TYPE_TIMESTAMP_NTZ:
        return f == TYPE_STRING || f == TYPE_DATE || f == TYPE_TIMESTAMP;
    case TYPE_INTERVAL_YM:
    case TYPE_INTERVAL_DT:
        return f == TYPE_STRING || type_is_integral(from) || f == TYPE_DECIMAL;
    case TYPE_INTERVAL_CALENDAR:
        return f == TYPE_STRING;
    default:
        return false;
    }
}

bool
func_can_cast(const struct type *from, const struct type *to, bool ansi)
{
    if (from->id == TYPE_NULL || to->id == TYPE_STRING) {
        return true;
    }
    if (to->id < TYPE_ARRAY && from->id < TYPE_ARRAY) {
        return can_cast_scalar(from, to, ansi);
    }
    if (from->id != to->id || from->field_count != to->field_count) {
        return false;
    }
    for (uint32_t i = 0; i < from->field_count; i++) {
        const struct type_field *f = &from->fields[i];
        const struct type_field *t = &to->fields[i];
        if (!func_can_cast(f->type, t->type, ansi) ||
            (f->nullable && !t->nullable && f->type->id != TYPE_NULL && to->id != TYPE_MAP)) {
            return false;
        }
    }
    return true;
}

bool
func_can_coerce(const struct type *from, const struct type *to, bool ansi)
{
    if (from->id == TYPE_NULL || type_same(from, to)) {
        return true;
    }
    const enum type_id f = from->id;
    const enum type_id t = to->id;
    if (f == TYPE_STRING && is_atomic(to)) {
        return true;
    }
    if (type_is_numeric(from) && type_is_numeric(to)) {
        return true;
    }
    if (t == TYPE_STRING) {
        return is_atomic(from);
    }
    if (f == TYPE_DATE || is_timestamp(from)) {
        return t == TYPE_DATE || is_timestamp(to);
    }
    if (is_interval(from)) {
        return f == t;
    }
    if (f == t && from->field_count == to->field_count && f >= TYPE_ARRAY) {
        for (uint32_t i = 0; i < from->field_count; i++) {
            if (!func_can_coerce(from->fields[i].type, to->fields[i].type, ansi)) {
                return false;
            }
        }
        return true;
    }
    return false;
}
