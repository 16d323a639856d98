/* The text format: lines (or whole files) as rows of one string column, both ways. */
#include <string.h>

#include "format/formats.h"
#include "format/listing.h"
#include "format/text_input.h"
#include "format/text_output.h"

struct scan_reader {
    const struct scan_source *source;
    struct split split;
    const uint32_t *columns;
    uint32_t column_count;
    struct text_input *input;
    struct bytes records[VEC_ROWS];
};

static const struct type *
text_infer(struct arena *a, const struct scan_source *source, struct env *env,
           const struct func_session *session, struct error *err)
{
    const struct type_field field = {"value", type_scalar(TYPE_STRING), true, NULL};
    return scan_join_schema(a, type_struct(a, &field, 1), source);
}

static bool
text_open(struct arena *a, const struct scan_request *req, const struct split *split,
          struct scan_reader **out, struct error *err)
{
    const struct options *o = &req->source->options;
    const uint32_t data = req->source->schema->field_count - req->source->partition_column_count;
    if (data != 1 || req->source->schema->fields[0].type->id != TYPE_STRING) {
        return error_set(err, ERROR_ANALYSIS,
                         "Text data source supports only a single string column");
    }
    struct scan_reader *r = arena_new(a, struct scan_reader);
    r->source = req->source;
    r->split = *split;
    r->columns = req->columns;
    r->column_count = req->column_count;
    *out = r;
    const struct text_shape shape = {.records =
                                         option_is_true(o, "wholetext") ? TEXT_WHOLE : TEXT_LINES,
                                     .separator = options_get(o, "lineSep")};
    return text_check_encoding(o, err) &&
           text_input_open(a, &req->source->files[split->file], split, &shape, req->env,
                           req->budget, &r->input, err);
}

static bool
text_next(struct scan_reader *r, struct arena *tmp, struct chunk *out, bool *more,
          struct error *err)
{
    uint32_t count;
    struct vec *cols = arena_new_array(tmp, struct vec, r->column_count);
    if (!text_input_batch(r->input, r->records, VEC_ROWS, &count, err)) {
        return false;
    }
    for (uint32_t c = 0; c < r->column_count; c++) {
        if (r->columns[c] > 0) {
            scan_fill_partition(r->source, &r->split, r->columns[c], count, tmp, &cols[c]);
            continue;
        }
        vec_init_flat(&cols[c], tmp, r->source->schema->fields[0].type, count);
        for (uint32_t i = 0; i < count; i++) {
            if (r->records[i].len > INT32_MAX) {
                return error_set(err, ERROR_RESOURCE, "A line of more than 2 GiB");
            }
            ((struct view *)cols[c].data)[i] =
                view_make((const char *)r->records[i].ptr, r->records[i].len);
        }
    }
    *out = (struct chunk){.col_count = r->column_count, .cols = cols, .n = count, .sel_n = count};
    *more = count > 0;
    return true;
}

static void
text_close(struct scan_reader *r)
{
    text_input_close(r->input);
}

const struct scan_format text_scan_format = {
    .name = "text",
    .splittable = true,
    .infer = text_infer,
    .open = text_open,
    .next = text_next,
    .close = text_close,
};

struct sink_writer {
    struct text_output out;
    const char *separator;
    int64_t rows;
};

static const char *
text_extension(struct arena *a, const struct options *o)
{
    return text_output_extension(a, o, ".txt");
}

static bool
text_check(const struct type *schema, const struct options *o, struct error *err)
{
    enum codec_kind kind;
    if (schema->field_count != 1) {
        return error_set(err, ERROR_ANALYSIS,
                         "Text data source supports only a single column, and you have %u columns.",
                         schema->field_count);
    }
    if (schema->fields[0].type->id != TYPE_STRING) {
        return text_unsupported_type("Text", &schema->fields[0], err);
    }
    return text_output_codec(o, &kind, err);
}

static bool
text_sink_open(struct arena *a, const struct sink_request *req, struct sink_writer **out,
               struct error *err)
{
    struct sink_writer *w = arena_new(a, struct sink_writer);
    const char *separator = options_get(req->options, "lineSep");
    w->separator = separator != NULL ? separator : "\n";
    *out = w;
    return text_check(req->schema, req->options, err) && text_output_open(&w->out, req, err);
}

static bool
text_write(struct sink_writer *w, const struct chunk *in, struct error *err)
{
    const uint32_t live = in->sel != NULL ? in->sel_n : in->n;
    const struct vec *v = &in->cols[0];
    for (uint32_t i = 0; i < live; i++) {
        const uint32_t row = chunk_row(in, i);
        if (!vec_is_null(v, row)) {
            const struct view *text = (const struct view *)vec_values(v) + vec_index(v, row);
            buffer_put(&w->out.text, view_ptr(text), text->len);
        }
        buffer_puts(&w->out.text, w->separator);
    }
    w->rows += live;
    return text_output_flush(&w->out, 1 << 20, err);
}

static bool
text_finish(struct sink_writer *w, struct sink_result *out, struct error *err)
{
    const bool ok = text_output_finish(&w->out, err);
    *out = (struct sink_result){.rows = w->rows, .bytes = w->out.offset};
    return ok;
}

static void
text_sink_close(struct sink_writer *w)
{
    text_output_close(&w->out);
}

const struct sink_format text_sink_format = {
    .name = "text",
    .extension = ".txt",
    .file_extension = text_extension,
    .check = text_check,
    .open = text_sink_open,
    .write = text_write,
    .finish = text_finish,
    .close = text_sink_close,
};
