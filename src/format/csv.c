/* CSV options and tokens. */
#include "format/csv.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "format/listing.h"

static bool
bool_option(const struct options *o, const char *key, bool usual)
{
    const char *value = options_get(o, key);
    return value == NULL ? usual : strcasecmp(value, "true") == 0;
}

static bool
read_mode(const struct options *o, enum csv_mode *out, struct error *err)
{
    const char *mode = options_get(o, "mode");
    if (mode == NULL || strcasecmp(mode, "PERMISSIVE") == 0) {
        *out = CSV_PERMISSIVE;
    } else if (strcasecmp(mode, "DROPMALFORMED") == 0) {
        *out = CSV_DROP;
    } else if (strcasecmp(mode, "FAILFAST") == 0) {
        *out = CSV_FAIL;
    } else {
        *out = CSV_PERMISSIVE; /* Spark warns and goes on */
    }
    return true;
}

bool
csv_options_read(struct arena *a, const struct options *o, const char *session_zone,
                 struct csv_options *out, struct error *err)
{
    *out = (struct csv_options){.delimiter = ',', .quote = '"', .escape = '\\'};
    const char *quote = options_get(o, "quote");
    const char *empty = options_get(o, "emptyValue");
    const char *null_value = options_get(o, "nullValue");
    const char *corrupt = options_get(o, "columnNameOfCorruptRecord");
    const char *sampling = options_get(o, "samplingRatio");
    const char *separator = options_get(o, "lineSep");
    if (!text_option_char(o, "sep", "delimiter", &out->delimiter, err) ||
        !text_option_char(o, "quote", NULL, &out->quote, err) ||
        !text_option_char(o, "escape", NULL, &out->escape, err) ||
        !text_option_char(o, "comment", NULL, &out->comment, err) || !text_check_encoding(o, err) ||
        !read_mode(o, &out->mode, err) ||
        !text_format_init(a, &out->format, o, session_zone, err)) {
        return false;
    }
    static const char *const missing[] = {"charToEscapeQuoteEscaping", "unescapedQuoteHandling"};
    for (size_t i = 0; i < sizeof missing / sizeof *missing; i++) {
        if (options_get(o, missing[i]) != NULL) {
            return error_unsupported(err, "CSV option %s", missing[i]);
        }
    }
    if (quote != NULL && quote[0] == '\0') {
        out->quote = '\0';
    }
    out->header = option_is_true(o, "header");
    out->multi_line = option_is_true(o, "multiLine");
    out->infer = option_is_true(o, "inferSchema");
    out->prefer_date = bool_option(o, "preferDate", true);
    out->trim_left = option_is_true(o, "ignoreLeadingWhiteSpace");
    out->trim_right = option_is_true(o, "ignoreTrailingWhiteSpace");
    out->null_value = null_value != NULL ? null_value : "";
    out->empty_value = empty != NULL ? empty : "";
    out->corrupt_name = corrupt != NULL ? corrupt : "_corrupt_record";
    out->sampling = sampling != NULL ? atof(sampling) : 1.0;
    out->columns_max = 20480;
    if (out->sampling <= 0) {
        return error_set(err, ERROR_ARGUMENT, "samplingRatio (%s) should be greater than 0",
                         sampling);
    }
    out->shape = (struct text_shape){.records = out->multi_line ? TEXT_QUOTED : TEXT_LINES,
                                     .separator = separator,
                                     .quote = out->quote,
                                     .escape = out->escape};
    return true;
}

bool
csv_is_record(const struct csv_options *o, struct bytes record)
{
    if (o->comment != '\0' && record.len > 0 && record.ptr[0] == (uint8_t)o->comment) {
        return false;
    }
    for (size_t i = 0; i < record.len; i++) {
        if (record.ptr[i] > ' ') {
            return true;
        }
    }
    return false;
}

/* A quoted token, p behind its opening quote. Returns its end (the delimiter or the record's end),
 * or NULL when its quotes are not those of a quoted token. */
static const char *
take_quoted(const struct csv_options *o, const char *p, const char *end, struct csv_token *out)
{
    const char quote = o->quote, escape = o->escape;
    *out = (struct csv_token){.ptr = p, .quoted = true};
    for (; p < end; p++) {
        if (*p == escape && escape != quote && p + 1 < end && (p[1] == quote || p[1] == escape)) {
            out->escaped = true;
            p++;
        } else if (*p == quote) {
            if (escape == quote && p + 1 < end && p[1] == quote) {
                out->escaped = true;
                p++;
                continue;
            }
            const char *next = p + 1;
            while (next < end && *next == ' ' && o->delimiter != ' ') {
                next++;
            }
            if (next < end && *next != o->delimiter) {
                return NULL;
            }
            out->len = (uint32_t)(p - out->ptr);
            return next;
        }
    }
    return NULL;
}

static const char *
take_plain(const struct csv_options *o, const char *p, const char *end, struct csv_token *out)
{
    const char *stop = p;
    while (stop < end && *stop != o->delimiter) {
        stop++;
    }
    const char *last = stop;
    while (o->trim_left && p < last && (uint8_t)*p <= ' ') {
        p++;
    }
    while (o->trim_right && last > p && (uint8_t)last[-1] <= ' ') {
        last--;
    }
    *out = (struct csv_token){.ptr = p, .len = (uint32_t)(last - p)};
    return stop;
}

void
csv_split(const struct csv_options *o, struct bytes record, struct csv_token *tokens, uint32_t max,
          uint32_t *count)
{
    const char *p = (const char *)record.ptr;
    const char *end = p + record.len;
    uint32_t n = 0;
    for (;;) {
        struct csv_token token;
        const char *stop = NULL;
        const char *start = p;
        while (o->quote != '\0' && start < end && (uint8_t)*start <= ' ' &&
               *start != o->delimiter) {
            start++; /* blanks before a quote do not count */
        }
        if (o->quote != '\0' && start < end && *start == o->quote) {
            stop = take_quoted(o, start + 1, end, &token);
        }
        if (stop == NULL) {
            stop = take_plain(o, p, end, &token);
        }
        if (n < max) {
            tokens[n] = token;
        }
        n++;
        if (stop == end) {
            break;
        }
        p = stop + 1;
    }
    *count = n;
}

void
csv_unescape(const struct csv_options *o, struct csv_token *token, struct arena *tmp)
{
    char *copy = arena_alloc(tmp, (size_t)token->len + 1);
    uint32_t len = 0;
    for (uint32_t i = 0; i < token->len; i++) {
        if (token->ptr[i] == o->escape && i + 1 < token->len &&
            (token->ptr[i + 1] == o->quote || token->ptr[i + 1] == o->escape)) {
            i++;
        }
        copy[len++] = token->ptr[i];
    }
    token->ptr = copy;
    token->len = len;
    token->escaped = false;
}

bool
csv_is_null(const struct csv_options *o, const struct csv_token *token)
{
    const char *text = token->len == 0 && token->quoted ? o->empty_value : NULL;
    if (text != NULL) {
        return strcmp(text, o->null_value) == 0;
    }
    const size_t len = strlen(o->null_value);
    if (token->len == 0) {
        return true;
    }
    return token->len == len && memcmp(token->ptr, o->null_value, len) == 0;
}
