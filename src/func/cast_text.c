/* Casts to string: one value's text, nested ones included. */
#include "func/cast.h"

#include <stdio.h>
#include <string.h>

#include "type/datetime.h"
#include "type/decimal.h"
#include "type/number.h"

static void put_row(struct buffer *out, const struct vec *v, uint32_t i, const struct zone *zone,
                    bool plain, int depth);

static void
put_list(struct buffer *out, const struct vec *v, uint32_t i, const struct zone *zone, bool plain,
         int depth)
{
    const struct list_range r = ((const struct list_range *)v->data)[i];
    const bool map = v->phys == PHYS_MAP;
    buffer_puts(out, map ? "{" : "[");
    for (uint32_t k = 0; k < r.len; k++) {
        if (k > 0) {
            buffer_puts(out, ", ");
        }
        put_row(out, &v->child[0], r.offset + k, zone, plain, depth + 1);
        if (map) {
            buffer_puts(out, " -> ");
            put_row(out, &v->child[1], r.offset + k, zone, plain, depth + 1);
        }
    }
    buffer_puts(out, map ? "}" : "]");
}

static void
put_scalar(struct buffer *out, const struct vec *v, uint32_t i, const struct zone *zone, bool plain)
{
    char text[192];
    int n = 0;
    const void *data = vec_values(v);
    i = vec_index(v, i);
    switch (v->type->id) {
    case TYPE_BOOLEAN:
        buffer_puts(out, ((const uint8_t *)data)[i] ? "true" : "false");
        return;
    case TYPE_BYTE:
        n = number_int_text(text, ((const int8_t *)data)[i]);
        break;
    case TYPE_SHORT:
        n = number_int_text(text, ((const int16_t *)data)[i]);
        break;
    case TYPE_INT:
        n = number_int_text(text, ((const int32_t *)data)[i]);
        break;
    case TYPE_LONG:
        n = number_int_text(text, ((const int64_t *)data)[i]);
        break;
    case TYPE_FLOAT:
        n = number_float_text(text, ((const float *)data)[i]);
        break;
    case TYPE_DOUBLE:
        n = number_double_text(text, ((const double *)data)[i]);
        break;
    case TYPE_DECIMAL: {
        const i128 d = v->phys == PHYS_I64 ? ((const int64_t *)data)[i] : ((const i128 *)data)[i];
        n = decimal_text(text, d, v->type->scale, plain);
        break;
    }
    case TYPE_STRING:
    case TYPE_BINARY: {
        const struct view *s = (const struct view *)data + i;
        buffer_put(out, view_ptr(s), s->len);
        return;
    }
    case TYPE_DATE:
        n = date_text(text, ((const int32_t *)data)[i]);
        break;
    case TYPE_TIMESTAMP:
        n = timestamp_text(text, zone_local_micros(zone, ((const int64_t *)data)[i]));
        break;
    case TYPE_TIMESTAMP_NTZ:
        n = timestamp_text(text, ((const int64_t *)data)[i]);
        break;
    case TYPE_INTERVAL_YM:
        n = interval_ym_text(text, ((const int32_t *)data)[i], v->type);
        break;
    case TYPE_INTERVAL_DT:
        n = interval_dt_text(text, ((const int64_t *)data)[i], v->type);
        break;
    case TYPE_INTERVAL_CALENDAR:
        n = interval_calendar_text(text, (const struct interval *)data + i);
        break;
    default:
        break;
    }
    buffer_put(out, text, (size_t)n);
}

static void
put_row(struct buffer *out, const struct vec *v, uint32_t i, const struct zone *zone, bool plain,
        int depth)
{
    if (vec_is_null(v, i) || depth > 100) {
        buffer_puts(out, "null");
        return;
    }
    const struct vec *nested = v->enc == VEC_DICT ? &v->child[0] : v;
    switch ((enum phys)v->phys) {
    case PHYS_LIST:
    case PHYS_MAP:
        put_list(out, nested, vec_index(v, i), zone, plain, depth);
        return;
    case PHYS_STRUCT:
        buffer_puts(out, "{");
        for (uint32_t f = 0; f < nested->child_count; f++) {
            if (f > 0) {
                buffer_puts(out, ", ");
            }
            put_row(out, &nested->child[f], vec_index(v, i), zone, plain, depth + 1);
        }
        buffer_puts(out, "}");
        return;
    default:
        put_scalar(out, v, i, zone, plain);
    }
}

void
value_put_text(struct buffer *out, const struct vec *v, uint32_t i, const struct zone *zone,
               bool plain)
{
    put_row(out, v, i, zone, plain, 0);
}

void
value_put_literal(struct buffer *out, const struct vec *v, uint32_t i, const struct zone *zone)
{
    const char *before = "";
    const char *after = "";
    switch (v->type->id) {
    case TYPE_STRING: {
        const struct view *s = (const struct view *)vec_values(v) + vec_index(v, i);
        const char *p = view_ptr(s);
        buffer_puts(out, "'");
        for (uint32_t k = 0; k < s->len; k++) {
            if (p[k] == '\'' || p[k] == '\\') {
                buffer_puts(out, "\\");
            }
            buffer_put(out, p + k, 1);
        }
        buffer_puts(out, "'");
        return;
    }
    case TYPE_BYTE:
        after = "Y";
        break;
    case TYPE_SHORT:
        after = "S";
        break;
    case TYPE_LONG:
        after = "L";
        break;
    case TYPE_DOUBLE:
        after = "D";
        break;
    case TYPE_DECIMAL:
        after = "BD";
        break;
    case TYPE_DATE:
        before = "DATE '";
        after = "'";
        break;
    case TYPE_TIMESTAMP:
        before = "TIMESTAMP '";
        after = "'";
        break;
    case TYPE_TIMESTAMP_NTZ:
        before = "TIMESTAMP_NTZ '";
        after = "'";
        break;
    default:
        break;
    }
    buffer_puts(out, before);
    value_put_text(out, v, i, zone, true);
    buffer_puts(out, after);
}
