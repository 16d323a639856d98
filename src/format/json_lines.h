/* JSON files: options shared by inference and reading. */
#ifndef WEIR_FORMAT_JSON_LINES_H
#define WEIR_FORMAT_JSON_LINES_H

#include "format/csv.h"

struct json_options {
    enum csv_mode mode;
    bool multi_line, primitives_as_string, prefers_decimal, infer_timestamp, lenient_quotes;
    bool drop_null_fields;
    const char *corrupt_name;
    double sampling;
    struct text_shape shape;
    struct text_format format;
};

bool json_options_read(struct arena *a, const struct options *o, const char *session_zone,
                       struct json_options *out, struct error *err);
const struct type *json_infer(struct arena *a, const struct scan_source *source, struct env *env,
                              const struct func_session *session, struct error *err);

#endif
