/*
 * Time zones: offsets between instants and wall clocks, from the system's TZif files.
 *
 * A zone is found by name once and kept for the life of the process. Names: regions
 * ("Europe/Berlin"), "UTC", "Z", "GMT", offsets ("+01:00", "-8", "UTC+3", "GMT-02:30"). A wall
 * clock that a jump skips moves forward by the jump's length; one that happens twice means the
 * first, as java.time resolves them. UTC and offsets work without any files. Threads: safe.
 */
#ifndef WEIR_TYPE_ZONE_H
#define WEIR_TYPE_ZONE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct zone;

const struct zone *zone_find(const char *name); /* NULL: no such zone */
const struct zone *zone_find_n(const char *name, size_t len);
const struct zone *zone_utc(void);
const char *zone_name(const struct zone *z);
/* Seconds to add to UTC to get the wall clock at this instant (seconds since the epoch). */
int32_t zone_offset(const struct zone *z, int64_t utc_seconds);
/* The same, with the span of instants [from, until) in which it holds. */
int32_t zone_offset_span(const struct zone *z, int64_t utc_seconds, int64_t *from, int64_t *until);
/* The offset that a wall clock (seconds as if UTC) has; *gap is the length of a skipped hour. */
int64_t zone_to_utc(const struct zone *z, int64_t local_seconds);
/* "PST", "CEST", "UTC" at an instant; "" if the zone has only an offset. */
const char *zone_abbreviation(const struct zone *z, int64_t utc_seconds);

int64_t zone_local_micros(const struct zone *z, int64_t utc_micros);
int64_t zone_utc_micros(const struct zone *z, int64_t local_micros);

#endif
