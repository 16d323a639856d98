/* Texts of files to values and back: what CSV and JSON share beyond casts. */
#ifndef WEIR_FORMAT_TEXT_VALUE_H
#define WEIR_FORMAT_TEXT_VALUE_H

#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"
#include "tree/source.h"
#include "vec/vec.h"

struct time_pattern; /* func/datetime.h */

struct text_format {
    const struct zone *zone;
    const struct time_pattern *date;      /* NULL: as casts read them */
    const struct time_pattern *timestamp; /* NULL: as casts read them */
    const struct time_pattern *ntz;
    const struct time_pattern *date_out, *timestamp_out, *ntz_out;
    int64_t today;
    const char *nan, *positive_inf, *negative_inf;
};

bool text_format_init(struct arena *a, struct text_format *f, const struct options *o,
                      const char *session_zone, struct error *err);
/* A scalar of v's type out of a text, into row i of a FLAT vector. Long strings are borrowed.
 * False: it is not one. */
bool text_value(const struct text_format *f, const char *text, size_t len, struct vec *v,
                uint32_t i);
/* Row i of v, not null, as text (dates and times by the patterns). */
void text_put_value(const struct text_format *f, struct buffer *out, const struct vec *v,
                    uint32_t i);
bool text_parse_timestamp(const struct text_format *f, const char *text, size_t len,
                          int64_t *micros);
bool text_parse_date(const struct text_format *f, const char *text, size_t len, int32_t *days);

#endif
