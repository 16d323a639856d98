/*
 * What the program says of itself: one line an event, to stderr or the file the supervisor gave.
 *
 * "2026-01-02T03:04:05.678Z front WARN area: text". Level and areas by WEIR_LOG ("info",
 * "debug", "kafka=debug,info"). Cheap when off. Never for results and never instead of an error.
 */
#ifndef WEIR_BASE_TRACE_H
#define WEIR_BASE_TRACE_H

#include <stdbool.h>

enum trace_level { TRACE_ERROR = 0, TRACE_WARN, TRACE_INFO, TRACE_DEBUG };

void trace_init(const char *process_role); /* reads WEIR_LOG */
bool trace_on(enum trace_level level, const char *area);
void trace(enum trace_level level, const char *area, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
