/*
 * CSV: options, splitting a record into tokens, and what inference and reading share.
 *
 * Tokens follow the rules of the parser that Spark uses: a quoted text ends at a quote before a
 * delimiter or the record's end; escape-quote is a quote; a quote anywhere else makes the token an
 * unquoted one, taken as it stands up to the next delimiter.
 */
#ifndef WEIR_FORMAT_CSV_H
#define WEIR_FORMAT_CSV_H

#include "format/text_input.h"
#include "format/text_value.h"

struct func_session;

enum csv_mode { CSV_PERMISSIVE = 0, CSV_DROP, CSV_FAIL };

struct csv_options {
    char delimiter, quote, escape, comment; /* 0 = none */
    bool header, multi_line, trim_left, trim_right, infer, prefer_date;
    enum csv_mode mode;
    const char *null_value, *empty_value, *corrupt_name;
    double sampling;
    uint32_t columns_max;
    struct text_shape shape;
    struct text_format format;
};

struct csv_token {
    const char *ptr;
    uint32_t len;
    bool quoted;
    bool escaped; /* csv_unescape is needed */
};

bool csv_options_read(struct arena *a, const struct options *o, const char *session_zone,
                      struct csv_options *out, struct error *err);
/* Splits a record; *count tokens, those beyond max are counted but not kept. */
void csv_split(const struct csv_options *o, struct bytes record, struct csv_token *tokens,
               uint32_t max, uint32_t *count);
void csv_unescape(const struct csv_options *o, struct csv_token *token, struct arena *tmp);
/* Blank lines and comments are no records. */
bool csv_is_record(const struct csv_options *o, struct bytes record);
bool csv_is_null(const struct csv_options *o, const struct csv_token *token);

const struct type *csv_infer(struct arena *a, const struct scan_source *source, struct env *env,
                             const struct func_session *session, struct error *err);

#endif
