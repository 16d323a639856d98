/*
 * Dates, times and intervals: calendar arithmetic and the texts that casts read and write.
 *
 * Proleptic Gregorian calendar, days and microseconds since 1970-01-01. The parses take what
 * Spark's casts take: fields of one or two digits, missing tails, 'T' or a space between date and
 * time, a fraction of up to nine digits, a zone.
 */
#ifndef WEIR_TYPE_DATETIME_H
#define WEIR_TYPE_DATETIME_H

#include "type/type.h"
#include "type/zone.h"

struct buffer;

#define MICROS_PER_SECOND ((int64_t)1000000)
#define MICROS_PER_MINUTE ((int64_t)60000000)
#define MICROS_PER_HOUR   ((int64_t)3600000000)
#define MICROS_PER_DAY    ((int64_t)86400000000)

enum { DATETIME_TEXT_MAX = 64 };

int64_t days_from_civil(int64_t y, int m, int d);
void civil_from_days(int64_t days, int64_t *y, int *m, int *d);
int month_days(int64_t y, int m);
bool civil_valid(int64_t y, int64_t m, int64_t d);
bool year_is_leap(int64_t y);
/* The same day of the month that many months on, or its last day. */
int64_t days_add_months(int64_t days, int64_t months);
int64_t micros_floor_days(int64_t micros); /* days of local microseconds */

bool date_parse(const char *text, size_t len, int32_t *days);
/* Local microseconds and the zone written behind them (NULL: none). today: for a time alone. */
bool timestamp_parse(const char *text, size_t len, int64_t today, int64_t *local,
                     const struct zone **zone, bool *time_only);
int date_text(char out[DATETIME_TEXT_MAX], int64_t days);
int timestamp_text(char out[DATETIME_TEXT_MAX], int64_t local_micros); /* fraction as needed */

/* "1 years 2 days 3.5 seconds", "INTERVAL '1-2' YEAR TO MONTH", "INTERVAL '1 02:03:04' DAY TO
 * SECOND". */
enum { INTERVAL_TEXT_MAX = 128 };
int interval_calendar_text(char out[INTERVAL_TEXT_MAX], const struct interval *v);
int interval_ym_text(char out[INTERVAL_TEXT_MAX], int32_t months, const struct type *t);
int interval_dt_text(char out[INTERVAL_TEXT_MAX], int64_t micros, const struct type *t);
/* "interval 1 day 2 hours", "-1 month 1.5 seconds". */
bool interval_calendar_parse(const char *text, size_t len, struct interval *out);
bool interval_ym_parse(const char *text, size_t len, const struct type *t, int32_t *out);
bool interval_dt_parse(const char *text, size_t len, const struct type *t, int64_t *out);

#endif
