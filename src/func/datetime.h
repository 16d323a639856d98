/* Dates and times by pattern letters of java.time, and fields by name; for func/ only. */
#ifndef WEIR_FUNC_DATETIME_H
#define WEIR_FUNC_DATETIME_H

#include "func/text.h"
#include "type/datetime.h"

struct time_pattern;

/* NULL with err set when the pattern has letters that Spark refuses. */
const struct time_pattern *time_pattern_compile(struct arena *a, struct span pattern, bool parsing,
                                                struct error *err);
/* Writes an instant or a wall clock; utc is what the zone's letters speak of. */
void time_pattern_put(struct buffer *out, const struct time_pattern *p, int64_t local_micros,
                      int64_t utc_micros, const struct zone *zone);
/* Local microseconds, and the zone or offset that the text named (else NULL). */
bool time_pattern_parse(const struct time_pattern *p, struct span text, int64_t *local,
                        const struct zone **zone);

enum time_field {
    FIELD_YEAR = 1,
    FIELD_QUARTER,
    FIELD_MONTH,
    FIELD_WEEK,
    FIELD_DAY,
    FIELD_DAYOFWEEK,
    FIELD_WEEKDAY,
    FIELD_ISO_DAY,
    FIELD_DAYOFYEAR,
    FIELD_HOUR,
    FIELD_MINUTE,
    FIELD_SECOND,
    FIELD_SECOND_FRACTION,
    FIELD_YEAROFWEEK,
};

int64_t date_field(enum time_field f, int64_t days);
int64_t time_field(enum time_field f, int64_t local_micros);
int iso_week(int64_t days, int64_t *year);

const struct zone *eval_zone(const struct eval *ev);
/* The wall clock of row i of a timestamp or timestamp_ntz. */
int64_t local_at(const struct eval *ev, const struct vec *v, uint32_t i);

extern const char *const month_names[12];
extern const char *const day_names[7]; /* Monday first */

#endif
