/*
 * The CSV writer. A value is quoted when it holds a delimiter, a quote or a line end; nulls are the
 * nullValue and empty texts "" (so that both come back), blanks around values are cut unless the
 * options say otherwise: as Spark writes.
 */
#include <string.h>
#include <strings.h>

#include "format/formats.h"
#include "format/listing.h"
#include "format/text_output.h"
#include "format/text_value.h"

#include "format/text_input.h"

struct sink_writer {
    struct arena tmp;
    const struct type *schema;
    struct text_output out;
    struct text_format format;
    struct buffer value;
    char delimiter, quote, escape;
    bool quote_all, escape_quotes, keep_left, keep_right;
    const char *null_value, *empty_value, *separator;
    int64_t rows;
};

static const char *
csv_extension(struct arena *a, const struct options *o)
{
    return text_output_extension(a, o, ".csv");
}

static bool
csv_check(const struct type *schema, const struct options *o, struct error *err)
{
    enum codec_kind kind;
    for (uint32_t i = 0; i < schema->field_count; i++) {
        if (type_is_nested(schema->fields[i].type) ||
            schema->fields[i].type->id == TYPE_INTERVAL_CALENDAR) {
            return text_unsupported_type("CSV", &schema->fields[i], err);
        }
    }
    return text_output_codec(o, &kind, err) && (o == NULL || text_check_encoding(o, err));
}

static const char *
usual(const char *value, const char *other)
{
    return value != NULL ? value : other;
}

static bool
is_false(const struct options *o, const char *key)
{
    const char *value = options_get(o, key);
    return value != NULL && strcasecmp(value, "false") == 0;
}

static void
put_text(struct sink_writer *w, const char *p, size_t len)
{
    struct buffer *out = &w->out.text;
    bool quoted = w->quote_all;
    while (!w->keep_left && len > 0 && (uint8_t)*p <= ' ') {
        p++;
        len--;
    }
    while (!w->keep_right && len > 0 && (uint8_t)p[len - 1] <= ' ') {
        len--;
    }
    for (size_t i = 0; !quoted && i < len; i++) {
        quoted = p[i] == w->delimiter || p[i] == '\n' || p[i] == '\r' ||
                 (p[i] == w->quote && w->escape_quotes);
    }
    if (!quoted || w->quote == '\0') {
        buffer_put(out, p, len);
        return;
    }
    buffer_u8(out, (uint8_t)w->quote);
    for (size_t i = 0; i < len; i++) {
        if (p[i] == w->quote || (p[i] == w->escape && w->escape != w->quote)) {
            buffer_u8(out, (uint8_t)w->escape);
        }
        buffer_u8(out, (uint8_t)p[i]);
    }
    buffer_u8(out, (uint8_t)w->quote);
}

static void
put_header(struct sink_writer *w)
{
    for (uint32_t i = 0; i < w->schema->field_count; i++) {
        if (i > 0) {
            buffer_u8(&w->out.text, (uint8_t)w->delimiter);
        }
        put_text(w, w->schema->fields[i].name, strlen(w->schema->fields[i].name));
    }
    buffer_puts(&w->out.text, w->separator);
}

static bool
csv_open(struct arena *a, const struct sink_request *req, struct sink_writer **out,
         struct error *err)
{
    struct sink_writer *w = arena_new(a, struct sink_writer);
    const struct options *o = req->options;
    w->schema = req->schema;
    w->delimiter = ',';
    w->quote = '"';
    w->escape = '\\';
    if (!csv_check(req->schema, o, err) ||
        !text_option_char(o, "sep", "delimiter", &w->delimiter, err) ||
        !text_option_char(o, "quote", NULL, &w->quote, err) ||
        !text_option_char(o, "escape", NULL, &w->escape, err) ||
        !text_format_init(a, &w->format, o, req->session != NULL ? req->session->zone : NULL,
                          err)) {
        return false;
    }
    w->null_value = usual(options_get(o, "nullValue"), "");
    w->empty_value = usual(options_get(o, "emptyValue"), "\"\"");
    w->separator = usual(options_get(o, "lineSep"), "\n");
    w->quote_all = option_is_true(o, "quoteAll");
    w->escape_quotes = !is_false(o, "escapeQuotes");
    w->keep_left = is_false(o, "ignoreLeadingWhiteSpace");
    w->keep_right = is_false(o, "ignoreTrailingWhiteSpace");
    if (!text_output_open(&w->out, req, err)) {
        return false;
    }
    arena_init(&w->tmp, req->budget);
    if (option_is_true(o, "header")) {
        put_header(w);
    }
    *out = w;
    return true;
}

static void
put_value(struct sink_writer *w, const struct vec *v, uint32_t i)
{
    if (vec_is_null(v, i)) {
        buffer_puts(&w->out.text, w->null_value);
        return;
    }
    if (v->phys == PHYS_VIEW) {
        const struct view *text = &((const struct view *)v->data)[i];
        if (text->len == 0) {
            buffer_puts(&w->out.text, w->empty_value);
        } else {
            put_text(w, view_ptr(text), text->len);
        }
        return;
    }
    buffer_clear(&w->value);
    text_put_value(&w->format, &w->value, v, i);
    put_text(w, (const char *)w->value.ptr, w->value.len);
}

static bool
csv_write(struct sink_writer *w, const struct chunk *in, struct error *err)
{
    const uint32_t live = in->sel != NULL ? in->sel_n : in->n;
    arena_reset(&w->tmp);
    struct vec *flat = arena_new_array(&w->tmp, struct vec, in->col_count);
    for (uint32_t c = 0; c < in->col_count; c++) {
        vec_flatten(&flat[c], &in->cols[c], in->sel, live, &w->tmp);
    }
    for (uint32_t i = 0; i < live; i++) {
        for (uint32_t c = 0; c < in->col_count; c++) {
            if (c > 0) {
                buffer_u8(&w->out.text, (uint8_t)w->delimiter);
            }
            put_value(w, &flat[c], chunk_row(in, i));
        }
        buffer_puts(&w->out.text, w->separator);
    }
    w->rows += live;
    return text_output_flush(&w->out, 1 << 20, err);
}

static bool
csv_finish(struct sink_writer *w, struct sink_result *out, struct error *err)
{
    const bool ok = text_output_finish(&w->out, err);
    *out = (struct sink_result){.rows = w->rows, .bytes = w->out.offset};
    return ok;
}

static void
csv_close(struct sink_writer *w)
{
    text_output_close(&w->out);
    buffer_release(&w->value);
    arena_release(&w->tmp);
}

const struct sink_format csv_sink_format = {
    .name = "csv",
    .extension = ".csv",
    .file_extension = csv_extension,
    .check = csv_check,
    .open = csv_open,
    .write = csv_write,
    .finish = csv_finish,
    .close = csv_close,
};
