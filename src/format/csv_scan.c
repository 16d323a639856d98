/*
 * The CSV reader: records of a split into typed columns, a record at a time, straight from tokens
 * into vectors.
 *
 * A record is malformed when it has another number of tokens than the schema has columns, or a
 * token is not a value of its type. PERMISSIVE keeps it with nulls (and its text in the corrupt
 * record column where the schema has one), DROPMALFORMED leaves it out, FAILFAST fails.
 */
#include <string.h>

#include "format/csv.h"
#include "format/formats.h"

enum { COLUMN_CORRUPT = UINT32_MAX, COLUMN_PARTITION = UINT32_MAX - 1 };

struct csv_column {
    uint32_t token; /* its place in a record, or one of the above */
    uint32_t schema_index;
    const struct type *type;
};

struct scan_reader {
    struct arena *arena;
    struct csv_options options;
    const struct scan_source *source;
    struct split split;
    struct text_input *input;
    struct csv_column *columns;
    uint32_t column_count;
    uint32_t width; /* tokens of a record */
    bool header_left;
    bool check_width;
    struct csv_token *tokens;
    struct bytes records[VEC_ROWS];
};

static bool
map_columns(struct scan_reader *r, const struct scan_request *req)
{
    const struct type *schema = req->source->schema;
    const uint32_t data = schema->field_count - req->source->partition_column_count;
    uint32_t *places = arena_new_array(r->arena, uint32_t, schema->field_count);
    for (uint32_t i = 0; i < schema->field_count; i++) {
        const bool corrupt = schema->fields[i].type->id == TYPE_STRING &&
                             strcmp(schema->fields[i].name, r->options.corrupt_name) == 0;
        places[i] = i >= data ? COLUMN_PARTITION : corrupt ? COLUMN_CORRUPT : r->width++;
    }
    r->columns = arena_new_array(r->arena, struct csv_column, req->column_count);
    r->column_count = req->column_count;
    for (uint32_t i = 0; i < req->column_count; i++) {
        const uint32_t at = req->columns[i];
        r->columns[i] = (struct csv_column){places[at], at, schema->fields[at].type};
        r->check_width |= places[at] == COLUMN_CORRUPT;
    }
    r->check_width |= r->options.mode != CSV_PERMISSIVE;
    r->tokens = arena_new_array(r->arena, struct csv_token, r->width + 1);
    return true;
}

static bool
csv_open(struct arena *a, const struct scan_request *req, const struct split *split,
         struct scan_reader **out, struct error *err)
{
    struct scan_reader *r = arena_new(a, struct scan_reader);
    r->arena = a;
    r->source = req->source;
    r->split = *split;
    if (!csv_options_read(a, &req->source->options, req->source->session_zone, &r->options, err)) {
        return false;
    }
    if (req->session != NULL) {
        r->options.format.today = req->session->now_micros / 86400000000;
    }
    map_columns(r, req);
    r->header_left = r->options.header && split->start == 0;
    *out = r;
    return text_input_open(a, &req->source->files[split->file], split, &r->options.shape, req->env,
                           req->budget, &r->input, err);
}

static bool
failfast(struct bytes record, struct error *err)
{
    char shown[200];
    const size_t len = record.len < sizeof shown - 1 ? record.len : sizeof shown - 1;
    memcpy(shown, record.ptr, len);
    shown[len] = '\0';
    return error_raise(err, "MALFORMED_RECORD_IN_PARSING.WITHOUT_SUGGESTION", "badRecord", shown,
                       "failFastMode", "FAILFAST", NULL);
}

/* One token into row i; false when it is not a value of the column's type. */
static bool
put_token(struct scan_reader *r, struct csv_token *token, struct vec *v, uint32_t i,
          struct arena *tmp)
{
    if (token->escaped) {
        csv_unescape(&r->options, token, tmp);
    }
    if (csv_is_null(&r->options, token)) {
        vec_set_null(v, tmp, i);
        return true;
    }
    if (token->len == 0) { /* a quoted nothing */
        token->ptr = r->options.empty_value;
        token->len = (uint32_t)strlen(token->ptr);
    }
    if (text_value(&r->options.format, token->ptr, token->len, v, i)) {
        return true;
    }
    vec_set_null(v, tmp, i);
    return false;
}

/* A record into row i. False: it is dropped, or err is set. */
static bool
put_record(struct scan_reader *r, struct bytes record, struct vec *cols, uint32_t i,
           struct arena *tmp, struct error *err)
{
    uint32_t count = 0;
    csv_split(&r->options, record, r->tokens, r->width, &count);
    bool good = !r->check_width || count == r->width;
    for (uint32_t c = 0; c < r->column_count; c++) {
        const uint32_t at = r->columns[c].token;
        if (at == COLUMN_PARTITION || at == COLUMN_CORRUPT) {
            continue;
        }
        if (at >= count) {
            vec_set_null(&cols[c], tmp, i);
        } else {
            good &= put_token(r, &r->tokens[at], &cols[c], i, tmp);
        }
    }
    if (!good && r->options.mode == CSV_FAIL) {
        return failfast(record, err);
    }
    for (uint32_t c = 0; c < r->column_count; c++) {
        if (r->columns[c].token != COLUMN_CORRUPT) {
            continue;
        }
        if (good) {
            vec_set_null(&cols[c], tmp, i);
        } else {
            ((struct view *)cols[c].data)[i] = view_make((const char *)record.ptr, record.len);
        }
    }
    return good || r->options.mode == CSV_PERMISSIVE;
}

/* A dropped record's nulls must not stay behind for the row that takes its place. */
static void
clear_nulls(struct vec *cols, uint32_t count, uint32_t i)
{
    for (uint32_t c = 0; c < count; c++) {
        if (cols[c].valid != NULL) {
            bit_set(cols[c].valid, i);
        }
    }
}

static bool
fill(struct scan_reader *r, uint32_t count, struct vec *cols, uint32_t *rows, struct arena *tmp,
     struct error *err)
{
    for (uint32_t k = 0; k < count; k++) {
        if (!csv_is_record(&r->options, r->records[k])) {
            continue;
        }
        if (r->header_left) {
            r->header_left = false;
            continue;
        }
        if (put_record(r, r->records[k], cols, *rows, tmp, err)) {
            (*rows)++;
        } else if (error_is_set(err)) {
            return false;
        } else {
            clear_nulls(cols, r->column_count, *rows);
        }
    }
    return true;
}

static bool
csv_next(struct scan_reader *r, struct arena *tmp, struct chunk *out, bool *more, struct error *err)
{
    uint32_t count = 1, rows = 0;
    struct vec *cols = arena_new_array(tmp, struct vec, r->column_count);
    *out = (struct chunk){.col_count = r->column_count, .cols = cols};
    for (uint32_t c = 0; c < r->column_count; c++) {
        if (r->columns[c].token != COLUMN_PARTITION) {
            vec_init_flat(&cols[c], tmp, r->columns[c].type, VEC_ROWS);
        }
    }
    while (rows == 0 && count > 0) {
        if (!text_input_batch(r->input, r->records, VEC_ROWS, &count, err) ||
            !fill(r, count, cols, &rows, tmp, err)) {
            return false;
        }
    }
    for (uint32_t c = 0; c < r->column_count; c++) {
        cols[c].n = rows;
        if (r->columns[c].token == COLUMN_PARTITION) {
            scan_fill_partition(r->source, &r->split, r->columns[c].schema_index, rows, tmp,
                                &cols[c]);
        }
    }
    out->n = out->sel_n = rows;
    *more = rows > 0;
    return true;
}

static void
csv_close(struct scan_reader *r)
{
    text_input_close(r->input);
}

const struct scan_format csv_scan_format = {
    .name = "csv",
    .splittable = true,
    .infer = csv_infer,
    .open = csv_open,
    .next = csv_next,
    .close = csv_close,
};
