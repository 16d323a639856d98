/*
 * The JSON reader: a line a record (or, with multiLine, a file of objects and arrays of objects).
 *
 * A record that is no JSON gives a row of nulls with its text in the corrupt record column
 * (PERMISSIVE), is left out (DROPMALFORMED) or fails (FAILFAST); so does one with a value that is
 * not of its column's type, but what else it holds is kept.
 */
#include <string.h>

#include "format/formats.h"
#include "format/json_build.h"
#include "format/json_lines.h"

struct scan_reader {
    struct json_options options;
    const struct scan_source *source;
    struct split split;
    const struct type *data; /* the wanted data columns but the corrupt record */
    uint32_t *data_out;      /* their places in the output */
    int64_t corrupt_out;     /* -1: not wanted */
    const uint32_t *columns;
    uint32_t column_count;
    struct text_input *input;
    struct bytes records[VEC_ROWS];
    uint32_t record_count, record_at;
    struct json_scan scan; /* of a whole file */
    bool in_file, in_array, first_item;
};

static bool
json_open(struct arena *a, const struct scan_request *req, const struct split *split,
          struct scan_reader **out, struct error *err)
{
    const struct type *schema = req->source->schema;
    const uint32_t data_count = schema->field_count - req->source->partition_column_count;
    struct scan_reader *r = arena_new(a, struct scan_reader);
    *out = r;
    r->source = req->source;
    r->split = *split;
    r->columns = req->columns;
    r->column_count = req->column_count;
    r->corrupt_out = -1;
    if (!json_options_read(a, &req->source->options, req->source->session_zone, &r->options, err)) {
        return false;
    }
    struct type_field *fields = arena_new_array(a, struct type_field, req->column_count);
    r->data_out = arena_new_array(a, uint32_t, req->column_count);
    uint32_t n = 0;
    for (uint32_t i = 0; i < req->column_count; i++) {
        const struct type_field *f = &schema->fields[req->columns[i]];
        if (req->columns[i] >= data_count) {
            continue;
        }
        if (f->type->id == TYPE_STRING && strcmp(f->name, r->options.corrupt_name) == 0) {
            r->corrupt_out = i;
            continue;
        }
        r->data_out[n] = i;
        fields[n++] = *f;
    }
    r->data = type_struct(a, fields, n);
    return text_input_open(a, &req->source->files[split->file], split, &r->options.shape, req->env,
                           req->budget, &r->input, err);
}

struct json_rows {
    struct json_builder *builders;
    struct view *corrupt;
    uint64_t *corrupt_valid;
    uint32_t n;
};

static bool
failfast(struct json_slice text, struct error *err)
{
    char shown[200];
    const size_t len = text.len < sizeof shown - 1 ? text.len : sizeof shown - 1;
    memcpy(shown, text.ptr, len);
    shown[len] = '\0';
    return error_raise(err, "MALFORMED_RECORD_IN_PARSING.WITHOUT_SUGGESTION", "badRecord", shown,
                       "failFastMode", "FAILFAST", NULL);
}

/* What became of a record: kept as row n, or taken back. */
static bool
end_row(struct scan_reader *r, struct json_rows *rows, bool good, struct json_slice text,
        struct error *err)
{
    if (!good && r->options.mode == CSV_FAIL) {
        return failfast(text, err);
    }
    if (!good && r->options.mode == CSV_DROP) {
        for (uint32_t i = 0; i < r->data->field_count; i++) {
            json_builder_truncate(&rows->builders[i], rows->n);
        }
        return true;
    }
    if (!good && rows->corrupt != NULL) {
        rows->corrupt[rows->n] = view_make(text.ptr, text.len);
        bit_set(rows->corrupt_valid, rows->n);
    }
    rows->n++;
    return true;
}

static void
null_row(struct scan_reader *r, struct json_rows *rows, struct arena *tmp)
{
    for (uint32_t i = 0; i < r->data->field_count; i++) {
        json_builder_truncate(&rows->builders[i], rows->n);
        json_append_null(&rows->builders[i], tmp);
    }
}

/* One object at s as a row; text is what a corrupt record column shows. */
static bool
put_object(struct scan_reader *r, struct json_scan *s, struct json_rows *rows,
           struct json_slice text, struct arena *tmp, struct error *err)
{
    bool good = true;
    if (json_peek(s) != JSON_OBJECT) {
        json_skip(s, NULL);
        good = false;
        null_row(r, rows, tmp);
    } else {
        json_append_fields(rows->builders, r->data->field_count, r->data, s, &r->options.format,
                           tmp, &good);
        if (s->broken) {
            good = false;
            null_row(r, rows, tmp);
        }
    }
    return end_row(r, rows, good, text, err);
}

/* A line: an object, or an array whose objects are a row each. */
static bool
put_line(struct scan_reader *r, struct bytes line, struct json_rows *rows, struct arena *tmp,
         struct error *err)
{
    const struct json_slice text = {.ptr = (const char *)line.ptr, .len = line.len};
    struct json_scan s;
    json_scan_init(&s, text.ptr, text.len, r->options.lenient_quotes);
    if (json_at_end(&s)) {
        return true; /* a blank line */
    }
    if (json_peek(&s) != JSON_ARRAY) {
        return put_object(r, &s, rows, text, tmp, err);
    }
    for (bool first = json_array_begin(&s); json_array_next(&s, &first);) {
        if (rows->n == VEC_ROWS) {
            return error_unsupported(err, "a JSON line with an array of more than %d rows",
                                     VEC_ROWS);
        }
        if (!put_object(r, &s, rows, text, tmp, err)) {
            return false;
        }
    }
    return true;
}

static bool
fill_lines(struct scan_reader *r, struct json_rows *rows, struct arena *tmp, struct error *err)
{
    while (rows->n == 0) {
        if (!text_input_batch(r->input, r->records, VEC_ROWS, &r->record_count, err)) {
            return false;
        }
        if (r->record_count == 0) {
            return true;
        }
        for (uint32_t i = 0; i < r->record_count; i++) {
            if (!put_line(r, r->records[i], rows, tmp, err)) {
                return false;
            }
        }
    }
    return true;
}

/* Objects of a whole file, up to a chunk of them; the scan goes on in the next call. */
static bool
fill_file(struct scan_reader *r, struct json_rows *rows, struct arena *tmp, struct error *err)
{
    if (!r->in_file && r->record_count == 0) {
        if (!text_input_batch(r->input, r->records, 1, &r->record_count, err)) {
            return false;
        }
        if (r->record_count > 0) {
            r->in_file = true;
            json_scan_init(&r->scan, (const char *)r->records[0].ptr, r->records[0].len,
                           r->options.lenient_quotes);
        }
    }
    while (r->in_file && rows->n < VEC_ROWS) {
        struct json_scan *s = &r->scan;
        if (!r->in_array && json_at_end(s)) {
            r->in_file = false;
            break;
        }
        if (!r->in_array && json_peek(s) == JSON_ARRAY) {
            r->in_array = r->first_item = json_array_begin(s);
        }
        if (r->in_array && !json_array_next(s, &r->first_item)) {
            r->in_array = false;
            if (!s->broken) {
                continue;
            }
        }
        const struct json_slice text = {.ptr = s->start, .len = (size_t)(s->end - s->start)};
        if (!put_object(r, s, rows, text, tmp, err)) {
            return false;
        }
        if (s->broken) {
            r->in_file = false;
        }
    }
    return true;
}

static bool
json_next(struct scan_reader *r, struct arena *tmp, struct chunk *out, bool *more,
          struct error *err)
{
    const uint32_t fields = r->data->field_count;
    struct json_rows rows = {.builders = arena_new_array(tmp, struct json_builder, fields)};
    for (uint32_t i = 0; i < fields; i++) {
        json_builder_init(&rows.builders[i], r->data->fields[i].type, tmp);
    }
    if (r->corrupt_out >= 0) {
        rows.corrupt = arena_zalloc(tmp, sizeof *rows.corrupt * VEC_ROWS);
        rows.corrupt_valid = valid_new(tmp, VEC_ROWS, false);
    }
    if (r->options.multi_line ? !fill_file(r, &rows, tmp, err) : !fill_lines(r, &rows, tmp, err)) {
        return false;
    }
    *out = (struct chunk){.col_count = r->column_count,
                          .cols = arena_new_array(tmp, struct vec, r->column_count),
                          .n = rows.n,
                          .sel_n = rows.n};
    for (uint32_t i = 0; i < r->column_count; i++) {
        const uint32_t data_count =
            r->source->schema->field_count - r->source->partition_column_count;
        if (r->columns[i] >= data_count) {
            scan_fill_partition(r->source, &r->split, r->columns[i], rows.n, tmp, &out->cols[i]);
        }
    }
    for (uint32_t i = 0; i < fields; i++) {
        out->cols[r->data_out[i]] = json_builder_take(&rows.builders[i], tmp);
    }
    if (r->corrupt_out >= 0) {
        out->cols[r->corrupt_out] = (struct vec){.type = type_scalar(TYPE_STRING),
                                                 .phys = PHYS_VIEW,
                                                 .n = rows.n,
                                                 .data = rows.corrupt,
                                                 .valid = rows.corrupt_valid};
    }
    *more = rows.n > 0;
    return true;
}

static void
json_close(struct scan_reader *r)
{
    text_input_close(r->input);
}

const struct scan_format json_scan_format = {
    .name = "json",
    .splittable = true,
    .infer = json_infer,
    .open = json_open,
    .next = json_next,
    .close = json_close,
};
