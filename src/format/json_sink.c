/*
 * The JSON writer: an object a line, null fields left out (unless ignoreNullFields is false), dates
 * and times by the patterns, NaN and infinities as texts, binary in base64.
 */
#include <math.h>
#include <string.h>
#include <strings.h>

#include "format/formats.h"
#include "format/text_output.h"
#include "format/text_value.h"

struct sink_writer {
    struct arena tmp;
    const struct type *schema;
    struct text_output out;
    struct text_format format;
    const char *separator;
    bool keep_nulls;
    int64_t rows;
};

static const char *
json_extension(struct arena *a, const struct options *o)
{
    return text_output_extension(a, o, ".json");
}

static bool
json_check(const struct type *schema, const struct options *o, struct error *err)
{
    enum codec_kind kind;
    return text_output_codec(o, &kind, err);
}

static bool
json_open(struct arena *a, const struct sink_request *req, struct sink_writer **out,
          struct error *err)
{
    struct sink_writer *w = arena_new(a, struct sink_writer);
    const char *keep = options_get(req->options, "ignoreNullFields");
    const char *separator = options_get(req->options, "lineSep");
    w->schema = req->schema;
    w->keep_nulls = keep != NULL && strcasecmp(keep, "false") == 0;
    w->separator = separator != NULL ? separator : "\n";
    arena_init(&w->tmp, req->budget);
    *out = w;
    return text_format_init(a, &w->format, req->options,
                            req->session != NULL ? req->session->zone : NULL, err) &&
           text_output_open(&w->out, req, err);
}

static void
put_base64(struct buffer *out, const struct view *v)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const uint8_t *p = (const uint8_t *)view_ptr(v);
    buffer_u8(out, '"');
    for (uint32_t i = 0; i < v->len; i += 3) {
        const uint32_t left = v->len - i;
        const uint32_t bits = (uint32_t)p[i] << 16 | (left > 1 ? (uint32_t)p[i + 1] << 8 : 0) |
                              (left > 2 ? p[i + 2] : 0);
        buffer_u8(out, (uint8_t)digits[bits >> 18]);
        buffer_u8(out, (uint8_t)digits[bits >> 12 & 63]);
        buffer_u8(out, (uint8_t)(left > 1 ? digits[bits >> 6 & 63] : '='));
        buffer_u8(out, (uint8_t)(left > 2 ? digits[bits & 63] : '='));
    }
    buffer_u8(out, '"');
}

static void put_value(struct sink_writer *w, const struct vec *v, uint32_t i);

static void
put_struct(struct sink_writer *w, const struct type *type, const struct vec *cols, uint32_t i)
{
    struct buffer *out = &w->out.text;
    bool first = true;
    buffer_u8(out, '{');
    for (uint32_t c = 0; c < type->field_count; c++) {
        if (vec_is_null(&cols[c], i) && !w->keep_nulls) {
            continue;
        }
        if (!first) {
            buffer_u8(out, ',');
        }
        first = false;
        buffer_json_string(out, type->fields[c].name, strlen(type->fields[c].name));
        buffer_u8(out, ':');
        put_value(w, &cols[c], i);
    }
    buffer_u8(out, '}');
}

/* Keys are texts whatever their type. */
static void
put_key(struct sink_writer *w, const struct vec *v, uint32_t i)
{
    struct buffer *out = &w->out.text;
    if (v->type->id == TYPE_STRING) {
        const struct view *text = (const struct view *)vec_values(v) + vec_index(v, i);
        buffer_json_string(out, view_ptr(text), text->len);
        return;
    }
    buffer_u8(out, '"');
    struct vec flat;
    const uint32_t at = vec_index(v, i);
    vec_gather(&flat, v->enc == VEC_DICT ? &v->child[0] : v, &at, 1, &w->tmp);
    text_put_value(&w->format, out, &flat, 0);
    buffer_u8(out, '"');
}

static void
put_items(struct sink_writer *w, const struct vec *base, uint32_t at)
{
    struct buffer *out = &w->out.text;
    const struct list_range range = ((const struct list_range *)base->data)[at];
    const bool map = base->type->id == TYPE_MAP;
    buffer_u8(out, map ? '{' : '[');
    for (uint32_t k = 0; k < range.len; k++) {
        if (k > 0) {
            buffer_u8(out, ',');
        }
        if (map) {
            put_key(w, &base->child[0], range.offset + k);
            buffer_u8(out, ':');
        }
        put_value(w, &base->child[map], range.offset + k);
    }
    buffer_u8(out, map ? '}' : ']');
}

static void
put_scalar(struct sink_writer *w, const struct vec *base, uint32_t at)
{
    struct buffer *out = &w->out.text;
    bool quoted = false;
    switch (base->type->id) {
    case TYPE_BOOLEAN:
    case TYPE_BYTE:
    case TYPE_SHORT:
    case TYPE_INT:
    case TYPE_LONG:
    case TYPE_DECIMAL:
        break;
    case TYPE_FLOAT:
        quoted = !isfinite(((const float *)base->data)[at]);
        break;
    case TYPE_DOUBLE:
        quoted = !isfinite(((const double *)base->data)[at]);
        break;
    case TYPE_STRING: {
        const struct view *text = (const struct view *)base->data + at;
        buffer_json_string(out, view_ptr(text), text->len);
        return;
    }
    case TYPE_BINARY:
        put_base64(out, (const struct view *)base->data + at);
        return;
    default:
        quoted = true;
    }
    if (quoted) {
        buffer_u8(out, '"');
    }
    text_put_value(&w->format, out, base, at);
    if (quoted) {
        buffer_u8(out, '"');
    }
}

static void
put_value(struct sink_writer *w, const struct vec *v, uint32_t i)
{
    if (vec_is_null(v, i)) {
        buffer_puts(&w->out.text, "null");
        return;
    }
    const struct vec *base = v->enc == VEC_DICT ? &v->child[0] : v;
    const uint32_t at = vec_index(v, i);
    if (v->type->id == TYPE_STRUCT) {
        put_struct(w, v->type, base->child, at);
    } else if (type_is_nested(v->type)) {
        put_items(w, base, at);
    } else {
        put_scalar(w, base, at);
    }
}

static bool
json_write(struct sink_writer *w, const struct chunk *in, struct error *err)
{
    const uint32_t live = in->sel != NULL ? in->sel_n : in->n;
    arena_reset(&w->tmp);
    for (uint32_t i = 0; i < live; i++) {
        put_struct(w, w->schema, in->cols, chunk_row(in, i));
        buffer_puts(&w->out.text, w->separator);
    }
    w->rows += live;
    return text_output_flush(&w->out, 1 << 20, err);
}

static bool
json_finish(struct sink_writer *w, struct sink_result *out, struct error *err)
{
    const bool ok = text_output_finish(&w->out, err);
    *out = (struct sink_result){.rows = w->rows, .bytes = w->out.offset};
    return ok;
}

static void
json_close(struct sink_writer *w)
{
    text_output_close(&w->out);
    arena_release(&w->tmp);
}

const struct sink_format json_sink_format = {
    .name = "json",
    .extension = ".json",
    .file_extension = json_extension,
    .check = json_check,
    .open = json_open,
    .write = json_write,
    .finish = json_finish,
    .close = json_close,
};
