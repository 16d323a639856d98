/*
 * The schema of CSV files: names from the header, types by Spark's ladder over every value.
 *
 * A column begins as null and only moves towards wider types: int, long, decimal (whole numbers too
 * large for long), double, date, timestamp, boolean, string.
 */
#include <string.h>
#include <strings.h>

#include "format/csv.h"
#include "format/formats.h"
#include "type/datetime.h"
#include "type/decimal.h"
#include "type/number.h"

struct ladder {
    enum type_id id;
    uint8_t precision; /* of decimals seen */
};

struct infer_state {
    struct arena *a;
    struct csv_options options;
    struct ladder *columns;
    const char **names;
    uint32_t count;
};

static bool
is_date(const struct csv_options *o, const char *text, size_t len)
{
    int32_t days;
    return o->prefer_date && (o->format.date != NULL || len == 10) &&
           text_parse_date(&o->format, text, len, &days);
}

static struct ladder
from_timestamp(const struct csv_options *o, const char *text, size_t len)
{
    int64_t micros;
    const bool yes = strncasecmp(text, "true", len) == 0 && len == 4;
    const bool no = strncasecmp(text, "false", len) == 0 && len == 5;
    if (text_parse_timestamp(&o->format, text, len, &micros)) {
        return (struct ladder){.id = TYPE_TIMESTAMP};
    }
    return (struct ladder){.id = yes || no ? TYPE_BOOLEAN : TYPE_STRING};
}

static bool
digits_only(const char *text, size_t len)
{
    const size_t from = len > 0 && (text[0] == '-' || text[0] == '+');
    for (size_t i = from; i < len; i++) {
        if (text[i] < '0' || text[i] > '9') {
            return false;
        }
    }
    return len > from;
}

/* The narrowest type of a text, tried from `from` on. */
static struct ladder
infer_text(const struct csv_options *o, enum type_id from, const char *text, size_t len)
{
    int64_t whole;
    double real;
    if (from <= TYPE_DOUBLE || from == TYPE_DECIMAL) {
        if (digits_only(text, len)) {
            if (number_parse_int(text, len, false, &whole) && from != TYPE_DECIMAL &&
                from != TYPE_DOUBLE) {
                const bool narrow = whole == (int32_t)whole && from != TYPE_LONG;
                return (struct ladder){.id = narrow ? TYPE_INT : TYPE_LONG};
            }
            const size_t digits = len - (text[0] == '-' || text[0] == '+');
            if (from != TYPE_DOUBLE && digits <= DECIMAL_PRECISION_MAX) {
                return (struct ladder){.id = TYPE_DECIMAL, .precision = (uint8_t)digits};
            }
        }
        const char first = len > 0 ? text[len > 1 && (text[0] == '-' || text[0] == '+')] : 0;
        const bool number = (first >= '0' && first <= '9') || first == '.';
        const bool word =
            (len == strlen(o->format.nan) && strncmp(text, o->format.nan, len) == 0) ||
            (len == strlen(o->format.positive_inf) &&
             strncmp(text, o->format.positive_inf, len) == 0) ||
            (len == strlen(o->format.negative_inf) &&
             strncmp(text, o->format.negative_inf, len) == 0);
        if (word || (number && number_parse_double(text, len, &real))) {
            return (struct ladder){.id = TYPE_DOUBLE};
        }
    }
    if (from != TYPE_TIMESTAMP && from != TYPE_BOOLEAN && is_date(o, text, len)) {
        return (struct ladder){.id = TYPE_DATE};
    }
    return from == TYPE_BOOLEAN
               ? (struct ladder){.id = (len == 4 && strncasecmp(text, "true", 4) == 0) ||
                                               (len == 5 && strncasecmp(text, "false", 5) == 0)
                                           ? TYPE_BOOLEAN
                                           : TYPE_STRING}
               : from_timestamp(o, text, len);
}

static bool
is_number(enum type_id id)
{
    return id >= TYPE_BYTE && id <= TYPE_DECIMAL;
}

/* The type that holds both. */
static struct ladder
join(struct ladder x, struct ladder y)
{
    if (x.id == TYPE_NULL || (x.id == y.id && x.id != TYPE_DECIMAL)) {
        return y;
    }
    if (is_number(x.id) && is_number(y.id)) {
        if (x.id == TYPE_DOUBLE || y.id == TYPE_DOUBLE) {
            return (struct ladder){.id = TYPE_DOUBLE};
        }
        if (x.id == TYPE_DECIMAL || y.id == TYPE_DECIMAL) {
            uint8_t precision = x.precision > y.precision ? x.precision : y.precision;
            const bool has_long = x.id == TYPE_LONG || y.id == TYPE_LONG;
            precision = has_long && precision < 20 ? 20 : precision;
            return (struct ladder){.id = TYPE_DECIMAL, .precision = precision};
        }
        return x.id > y.id ? x : y;
    }
    const bool times = (x.id == TYPE_DATE || x.id == TYPE_TIMESTAMP) &&
                       (y.id == TYPE_DATE || y.id == TYPE_TIMESTAMP);
    return (struct ladder){.id = times ? TYPE_TIMESTAMP : TYPE_STRING};
}

static void
infer_record(struct infer_state *s, struct bytes record, struct csv_token *tokens)
{
    uint32_t count;
    csv_split(&s->options, record, tokens, s->count, &count);
    for (uint32_t i = 0; i < s->count && i < count; i++) {
        struct ladder *column = &s->columns[i];
        if (column->id == TYPE_STRING || csv_is_null(&s->options, &tokens[i])) {
            continue;
        }
        *column = join(*column, infer_text(&s->options, column->id, tokens[i].ptr, tokens[i].len));
    }
}

/* Names by the header: empty ones by position, those that come twice with their position. */
static void
take_names(struct infer_state *s, struct csv_token *tokens, uint32_t count)
{
    s->count = count;
    s->names = arena_new_array(s->a, const char *, count);
    s->columns = arena_new_array(s->a, struct ladder, count);
    for (uint32_t i = 0; i < count; i++) {
        if (tokens[i].escaped) {
            csv_unescape(&s->options, &tokens[i], s->a);
        }
        s->names[i] = arena_printf(s->a, "_c%u", i);
        if (s->options.header && !csv_is_null(&s->options, &tokens[i])) {
            s->names[i] = arena_strndup(s->a, tokens[i].ptr, tokens[i].len);
        }
    }
    if (!s->options.header) {
        return;
    }
    const char **plain = arena_copy(s->a, s->names, sizeof *plain * count);
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t k = 0; k < count; k++) {
            if (i != k && strcasecmp(plain[i], plain[k]) == 0) {
                s->names[i] = arena_printf(s->a, "%s%u", plain[i], i);
                break;
            }
        }
    }
}

/* One file: its first record names the columns (of the first file), the others give types. */
static bool
infer_file(struct infer_state *s, const struct source_file *file, struct env *env,
           struct error *err)
{
    enum { BATCH = 1024 };
    struct text_input *in;
    struct bytes records[BATCH];
    uint32_t count;
    const struct split split = {.len = file->bytes, .range = -1};
    bool first = true, ok = true;
    uint64_t seen = 0, taken = 0;
    if (!text_input_open(s->a, file, &split, &s->options.shape, env, NULL, &in, err)) {
        return false;
    }
    struct csv_token *tokens = arena_new_array(s->a, struct csv_token, s->options.columns_max);
    while ((ok = text_input_batch(in, records, BATCH, &count, err)) && count > 0) {
        for (uint32_t i = 0; i < count; i++) {
            if (!csv_is_record(&s->options, records[i])) {
                continue;
            }
            if (first && s->names == NULL) {
                uint32_t width;
                csv_split(&s->options, records[i], tokens, s->options.columns_max, &width);
                take_names(s, tokens,
                           width < s->options.columns_max ? width : s->options.columns_max);
            }
            if (!(first && s->options.header) && s->options.infer &&
                (double)taken < (double)++seen * s->options.sampling) {
                taken++;
                infer_record(s, records[i], tokens);
            }
            first = false;
        }
        if (!s->options.infer && s->names != NULL) {
            break;
        }
    }
    text_input_close(in);
    return ok;
}

const struct type *
csv_infer(struct arena *a, const struct scan_source *source, struct env *env,
          const struct func_session *session, struct error *err)
{
    struct infer_state s = {.a = a};
    if (!csv_options_read(a, &source->options, source->session_zone, &s.options, err)) {
        return NULL;
    }
    for (uint32_t i = 0; i < source->file_count; i++) {
        if (!infer_file(&s, &source->files[i], env, err)) {
            return NULL;
        }
        if (!s.options.infer && s.names != NULL) {
            break;
        }
    }
    if (s.names == NULL && source->file_count == 0) {
        error_raise(err, "UNABLE_TO_INFER_SCHEMA", "format", "CSV", NULL);
        return NULL;
    }
    struct type_field *fields = arena_new_array(a, struct type_field, s.count);
    for (uint32_t i = 0; i < s.count; i++) {
        const struct ladder c = s.columns[i];
        const struct type *type = c.id == TYPE_NULL      ? type_scalar(TYPE_STRING)
                                  : c.id == TYPE_DECIMAL ? type_decimal(a, c.precision, 0)
                                                         : type_scalar(c.id);
        fields[i] = (struct type_field){s.names[i], type, true, NULL};
    }
    return scan_join_schema(a, type_struct(a, fields, s.count), source);
}
