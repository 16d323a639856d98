/* Rows to pickle, protocol 3. */
#include <string.h>

#include "python/pickle.h"
#include "type/decimal.h"

/* Memo numbers of the functions that make what pickle has no form for. */
enum { MEMO_TIMESTAMP, MEMO_TIMESTAMP_NTZ, MEMO_INTERVAL_DT, MEMO_ROW, MEMO_COUNT };

static void
put_global(struct buffer *out, const char *module, const char *name)
{
    buffer_printf(out, "c%s\n%s\n", module, name);
}

static void
put_text(struct buffer *out, const char *text, size_t len)
{
    buffer_u8(out, 'X');
    buffer_le32(out, (uint32_t)len);
    buffer_put(out, text, len);
}

static void
put_int(struct buffer *out, int64_t v)
{
    if (v >= INT32_MIN && v <= INT32_MAX) {
        buffer_u8(out, 'J');
        buffer_le32(out, (uint32_t)v);
        return;
    }
    buffer_u8(out, 0x8A);
    buffer_u8(out, 8);
    buffer_le64(out, (uint64_t)v);
}

/* getattr(Type(), "fromInternal") into the memo: PySpark's own conversion decides the value. */
static void
put_converter(struct buffer *out, const char *type, int memo)
{
    put_global(out, "builtins", "getattr");
    put_global(out, "pyspark.sql.types", type);
    buffer_puts(out, ")R");
    put_text(out, "fromInternal", 12);
    buffer_puts(out, "\x86Rq");
    buffer_u8(out, (uint8_t)memo);
    buffer_puts(out, "0");
}

static bool
has_type(const struct type *t, enum type_id id)
{
    if (t->id == id) {
        return true;
    }
    for (uint32_t i = 0; i < t->field_count; i++) {
        if (has_type(t->fields[i].type, id)) {
            return true;
        }
    }
    return false;
}

static void
put_converters(struct buffer *out, const struct type *schema)
{
    if (has_type(schema, TYPE_TIMESTAMP)) {
        put_converter(out, "TimestampType", MEMO_TIMESTAMP);
    }
    if (has_type(schema, TYPE_TIMESTAMP_NTZ)) {
        put_converter(out, "TimestampNTZType", MEMO_TIMESTAMP_NTZ);
    }
    if (has_type(schema, TYPE_INTERVAL_DT)) {
        put_converter(out, "DayTimeIntervalType", MEMO_INTERVAL_DT);
    }
    put_global(out, "pyspark.sql.types", "_create_row");
    buffer_puts(out, "q");
    buffer_u8(out, MEMO_ROW);
    buffer_puts(out, "0");
}

static void
put_converted(struct buffer *out, int memo, int64_t v)
{
    buffer_puts(out, "h");
    buffer_u8(out, (uint8_t)memo);
    put_int(out, v);
    buffer_puts(out, "\x85R");
}

/* datetime.date(y, m, d) */
static void
put_date(struct buffer *out, int64_t days)
{
    const int64_t z = days + 719468;
    const int64_t era = (z >= 0 ? z : z - 146096) / 146097;
    const int64_t doe = z - era * 146097;
    const int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    const int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    const int64_t mp = (5 * doy + 2) / 153;
    const int64_t month = mp < 10 ? mp + 3 : mp - 9;
    put_global(out, "datetime", "date");
    put_int(out, yoe + era * 400 + (month <= 2));
    put_int(out, month);
    put_int(out, doy - (153 * mp + 2) / 5 + 1);
    buffer_puts(out, "\x87R");
}

static void
put_decimal(struct buffer *out, const struct type *t, i128 unscaled)
{
    char text[DECIMAL_TEXT_MAX];
    const int n = decimal_text(text, unscaled, t->scale, true);
    put_global(out, "decimal", "Decimal");
    put_text(out, text, (size_t)n);
    buffer_puts(out, "\x85R");
}

static bool put_value(struct buffer *out, const struct vec *v, uint32_t row, struct error *err);

static bool
put_items(struct buffer *out, const struct vec *child, struct list_range range, struct error *err)
{
    buffer_puts(out, "](");
    for (uint32_t i = 0; i < range.len; i++) {
        if (!put_value(out, child, range.offset + i, err)) {
            return false;
        }
    }
    buffer_puts(out, "e");
    return true;
}

static bool
put_map(struct buffer *out, const struct vec *v, struct list_range range, struct error *err)
{
    buffer_puts(out, "}(");
    for (uint32_t i = 0; i < range.len; i++) {
        if (!put_value(out, &v->child[0], range.offset + i, err) ||
            !put_value(out, &v->child[1], range.offset + i, err)) {
            return false;
        }
    }
    buffer_puts(out, "u");
    return true;
}

static bool
put_struct(struct buffer *out, const struct vec *v, uint32_t row, struct error *err)
{
    buffer_puts(out, "h");
    buffer_u8(out, MEMO_ROW);
    buffer_puts(out, "](");
    for (uint32_t i = 0; i < v->type->field_count; i++) {
        put_text(out, v->type->fields[i].name, strlen(v->type->fields[i].name));
    }
    buffer_puts(out, "e(");
    for (uint32_t i = 0; i < v->type->field_count; i++) {
        if (!put_value(out, &v->child[i], row, err)) {
            return false;
        }
    }
    buffer_puts(out, "t\x86R");
    return true;
}

static void
put_double(struct buffer *out, double v)
{
    uint64_t bits;
    memcpy(&bits, &v, 8);
    buffer_u8(out, 'G');
    buffer_be64(out, bits);
}

static void
put_view(struct buffer *out, const struct vec *v, const struct view *view)
{
    if (v->type->id == TYPE_STRING) {
        put_text(out, view_ptr(view), view->len);
        return;
    }
    buffer_u8(out, 'B');
    buffer_le32(out, view->len);
    buffer_put(out, view_ptr(view), view->len);
}

/* Values of 64 bits, by what they mean. */
static void
put_integral(struct buffer *out, const struct type *t, int64_t v)
{
    switch (t->id) {
    case TYPE_DATE:
        put_date(out, v);
        break;
    case TYPE_TIMESTAMP:
        put_converted(out, MEMO_TIMESTAMP, v);
        break;
    case TYPE_TIMESTAMP_NTZ:
        put_converted(out, MEMO_TIMESTAMP_NTZ, v);
        break;
    case TYPE_INTERVAL_DT:
        put_converted(out, MEMO_INTERVAL_DT, v);
        break;
    case TYPE_DECIMAL:
        put_decimal(out, t, v);
        break;
    default:
        put_int(out, v);
    }
}

static bool
put_value(struct buffer *out, const struct vec *v, uint32_t row, struct error *err)
{
    if (vec_is_null(v, row)) {
        buffer_puts(out, "N");
        return true;
    }
    if (v->phys == PHYS_STRUCT) {
        return put_struct(out, v, v->enc == VEC_CONST ? 0 : row, err);
    }
    const void *data = vec_values(v);
    const uint32_t i = vec_index(v, row);
    switch ((enum phys)v->phys) {
    case PHYS_BOOL:
        buffer_u8(out, ((const uint8_t *)data)[i] ? 0x88 : 0x89);
        return true;
    case PHYS_I8:
        put_integral(out, v->type, ((const int8_t *)data)[i]);
        return true;
    case PHYS_I16:
        put_integral(out, v->type, ((const int16_t *)data)[i]);
        return true;
    case PHYS_I32:
        if (v->type->id == TYPE_INTERVAL_YM) {
            break;
        }
        put_integral(out, v->type, ((const int32_t *)data)[i]);
        return true;
    case PHYS_I64:
        put_integral(out, v->type, ((const int64_t *)data)[i]);
        return true;
    case PHYS_I128:
        put_decimal(out, v->type, ((const i128 *)data)[i]);
        return true;
    case PHYS_F32:
        put_double(out, (double)((const float *)data)[i]);
        return true;
    case PHYS_F64:
        put_double(out, ((const double *)data)[i]);
        return true;
    case PHYS_VIEW:
        put_view(out, v, &((const struct view *)data)[i]);
        return true;
    case PHYS_LIST:
        return put_items(out, &v->child[0], ((const struct list_range *)data)[i], err);
    case PHYS_MAP:
        return put_map(out, v, ((const struct list_range *)data)[i], err);
    default:
        break;
    }
    return error_unsupported(err,
                             "arguments of interval types for Python functions that take rows");
}

bool
pickle_put_rows(struct buffer *out, const struct chunk *rows, const struct type *schema,
                struct error *err)
{
    struct buffer frame = {0};
    buffer_puts(&frame, "\x80\x03");
    put_converters(&frame, schema);
    buffer_puts(&frame, "](");
    bool ok = true;
    for (uint32_t live = 0; ok && live < rows->sel_n; live++) {
        buffer_puts(&frame, "(");
        for (uint32_t k = 0; ok && k < rows->col_count; k++) {
            ok = put_value(&frame, &rows->cols[k], chunk_row(rows, live), err);
        }
        buffer_puts(&frame, "t");
    }
    buffer_puts(&frame, "e.");
    if (ok && (frame.overflow || frame.len > INT32_MAX)) {
        ok = error_set(err, ERROR_RESOURCE, "The arguments of a Python function are too large.");
    }
    if (ok) {
        buffer_be32(out, (uint32_t)frame.len);
        buffer_put(out, frame.ptr, frame.len);
    }
    buffer_release(&frame);
    return ok;
}
