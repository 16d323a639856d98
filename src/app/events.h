/*
 * The timeline: starts, deaths and recoveries of processes, lost attempts. The last EVENTS_KEPT in
 * memory, all appended to <data>/events.jsonl (which starts anew above 8 MiB).
 *   {"time_ms": 1767323045678, "kind": "death", "role": "worker", "text": "..."}
 * Any thread.
 */
#ifndef WEIR_APP_EVENTS_H
#define WEIR_APP_EVENTS_H

#include "base/buffer.h"
#include "base/error.h"

enum { EVENTS_KEPT = 500 };

struct events;

struct events *events_open(const char *data_dir, struct error *err);
void events_close(struct events *e);
void events_add(struct events *e, const char *kind, const char *role, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void events_add_json(struct events *e, const char *object, size_t len); /* a whole JSON object */
void events_put(struct events *e, struct buffer *json);                 /* array, oldest first */

#endif
