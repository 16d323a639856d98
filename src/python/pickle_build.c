/*
 * Pickled values to vectors, column by column: what does not fit its type is null, as Spark's
 * EvaluatePython has it (an int for a double column too).
 *
 * A value may be shared many times inside a pickle, so what nested columns unfold to is counted.
 */
#include <stdlib.h>
#include <string.h>

#include "python/pickle.h"
#include "type/decimal.h"

struct builder {
    struct arena *arena;
    struct error *err;
    uint64_t items;
    uint64_t items_max;
};

static bool build(struct builder *b, struct vec *out, const struct type *type,
                  struct pickle_value *const *values, uint32_t n);

/* Decimal('1.5') is a call; an int will do too. */
static bool
decimal_of(const struct pickle_value *v, const struct type *t, i128 *out)
{
    if (v->kind != PICKLE_CALL || v->items[0]->kind != PICKLE_GLOBAL ||
        strcmp(v->items[0]->text, "decimal\nDecimal") != 0 || v->items[1]->count != 1 ||
        v->items[1]->items[0]->kind != PICKLE_TEXT) {
        return false;
    }
    const struct pickle_value *text = v->items[1]->items[0];
    return decimal_parse(text->text, text->len, t->precision, t->scale, out) == DECIMAL_OK;
}

static bool
text_of(struct builder *b, const struct pickle_value *v, struct view *out)
{
    const char *text;
    switch (v->kind) {
    case PICKLE_TEXT:
        *out = view_make(v->text, v->len);
        return true;
    case PICKLE_INT:
        text = arena_printf(b->arena, "%lld", (long long)v->i);
        break;
    case PICKLE_BOOL:
        text = v->i ? "true" : "false";
        break;
    default:
        return false;
    }
    *out = view_make(text, strlen(text));
    return !v->huge;
}

/* One value of fixed width into its place; false: null. */
static bool
put_fixed(struct builder *b, struct vec *out, uint32_t i, const struct pickle_value *v)
{
    const struct type *t = out->type;
    const bool integral = v->kind == PICKLE_INT && !v->huge;
    i128 wide;
    switch (t->id) {
    case TYPE_BOOLEAN:
        ((uint8_t *)out->data)[i] = v->i != 0;
        return v->kind == PICKLE_BOOL;
    case TYPE_BYTE:
        ((int8_t *)out->data)[i] = (int8_t)v->i;
        return integral;
    case TYPE_SHORT:
        ((int16_t *)out->data)[i] = (int16_t)v->i;
        return integral;
    case TYPE_INT:
    case TYPE_DATE:
    case TYPE_INTERVAL_YM:
        ((int32_t *)out->data)[i] = (int32_t)v->i;
        return integral;
    case TYPE_LONG:
    case TYPE_TIMESTAMP:
    case TYPE_TIMESTAMP_NTZ:
    case TYPE_INTERVAL_DT:
        ((int64_t *)out->data)[i] = v->i;
        return integral;
    case TYPE_FLOAT:
        ((float *)out->data)[i] = (float)v->f;
        return v->kind == PICKLE_FLOAT;
    case TYPE_DOUBLE:
        ((double *)out->data)[i] = v->f;
        return v->kind == PICKLE_FLOAT;
    case TYPE_DECIMAL:
        if (!decimal_of(v, t, &wide)) {
            return false;
        }
        if (out->phys == PHYS_I128) {
            ((i128 *)out->data)[i] = wide;
        } else {
            ((int64_t *)out->data)[i] = (int64_t)wide;
        }
        return true;
    case TYPE_STRING:
        return text_of(b, v, &((struct view *)out->data)[i]);
    case TYPE_BINARY:
        ((struct view *)out->data)[i] = view_make(v->text, v->len);
        return v->kind == PICKLE_TEXT || v->kind == PICKLE_BYTES;
    default:
        return false;
    }
}

static bool
count_items(struct builder *b, uint64_t more)
{
    b->items += more;
    return b->items <= b->items_max ||
           error_set(b->err, ERROR_RESOURCE, "A Python function answered with too much.");
}

/* Arrays and maps: the ranges, then the children of all rows in one column each. */
static bool
build_list(struct builder *b, struct vec *out, struct pickle_value *const *values, uint32_t n)
{
    const bool map = out->type->id == TYPE_MAP;
    const enum pickle_kind kind = map ? PICKLE_DICT : PICKLE_LIST;
    uint64_t total = 0;
    for (uint32_t i = 0; i < n; i++) {
        total += values[i]->kind == kind ? values[i]->count : 0;
    }
    if (!count_items(b, total)) {
        return false;
    }
    const uint32_t step = map ? 2 : 1;
    struct pickle_value **children[2];
    for (uint32_t k = 0; k < step; k++) {
        children[k] = arena_new_array(b->arena, struct pickle_value *, total / step + 1);
    }
    uint32_t at = 0;
    for (uint32_t i = 0; i < n; i++) {
        const struct pickle_value *v = values[i];
        const uint32_t len = v->kind == kind ? v->count / step : 0;
        ((struct list_range *)out->data)[i] = (struct list_range){at, len};
        if (v->kind != kind) {
            vec_set_null(out, b->arena, i);
        }
        for (uint32_t k = 0; k < len; k++, at++) {
            for (uint32_t part = 0; part < step; part++) {
                children[part][at] = v->items[k * step + part];
            }
        }
    }
    out->child_count = step;
    out->child = arena_new_array(b->arena, struct vec, step);
    for (uint32_t k = 0; k < step; k++) {
        if (!build(b, &out->child[k], out->type->fields[k].type, children[k], at)) {
            return false;
        }
    }
    return true;
}

static bool
build_struct(struct builder *b, struct vec *out, struct pickle_value *const *values, uint32_t n)
{
    static struct pickle_value none = {.kind = PICKLE_NONE};
    const uint32_t fields = out->type->field_count;
    if (!count_items(b, (uint64_t)fields * n)) {
        return false;
    }
    for (uint32_t i = 0; i < n; i++) {
        if (values[i]->kind != PICKLE_LIST || values[i]->count != fields) {
            vec_set_null(out, b->arena, i);
        }
    }
    for (uint32_t k = 0; k < fields; k++) {
        struct pickle_value **column = arena_new_array(b->arena, struct pickle_value *, n + 1);
        for (uint32_t i = 0; i < n; i++) {
            column[i] = vec_is_null(out, i) ? &none : values[i]->items[k];
        }
        if (!build(b, &out->child[k], out->type->fields[k].type, column, n)) {
            return false;
        }
    }
    return true;
}

static bool
build(struct builder *b, struct vec *out, const struct type *type,
      struct pickle_value *const *values, uint32_t n)
{
    vec_init_flat(out, b->arena, type, n);
    if (type->id == TYPE_ARRAY || type->id == TYPE_MAP) {
        return build_list(b, out, values, n);
    }
    if (type->id == TYPE_STRUCT) {
        return build_struct(b, out, values, n);
    }
    if (type->id == TYPE_INTERVAL_CALENDAR) {
        return error_unsupported(b->err, "Python functions that return calendar intervals");
    }
    const size_t width = phys_size((enum phys)out->phys);
    for (uint32_t i = 0; i < n; i++) {
        if (values[i]->kind == PICKLE_NONE || !put_fixed(b, out, i, values[i])) {
            if (width > 0) {
                memset((uint8_t *)out->data + width * i, 0, width);
            }
            vec_set_null(out, b->arena, i);
        }
    }
    return true;
}

bool
pickle_build(struct vec *out, const struct type *type, struct pickle_value *const *values,
             uint32_t n, uint64_t items_max, struct arena *a, struct error *err)
{
    struct builder b = {.arena = a, .err = err, .items_max = items_max};
    return build(&b, out, type, values, n);
}
