/*
 * One line an event. The settings are parsed once, before other threads start, and only read later.
 * A line goes out with one write call, so that lines of several processes on one file stay whole.
 */
#include "base/trace.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { AREAS_MAX = 16, AREA_BYTES = 24, LINE_BYTES = 4096 };

struct area_level {
    char area[AREA_BYTES];
    enum trace_level level;
};

static struct {
    char role[16];
    enum trace_level level;
    struct area_level areas[AREAS_MAX];
    unsigned area_count;
} settings = {.role = "weir", .level = TRACE_INFO};

static const char *const level_names[] = {"ERROR", "WARN", "INFO", "DEBUG"};

static bool
level_parse(const char *text, size_t len, enum trace_level *out)
{
    static const char *const words[] = {"error", "warn", "info", "debug"};
    for (unsigned i = 0; i < 4; i++) {
        if (strlen(words[i]) == len && memcmp(words[i], text, len) == 0) {
            *out = (enum trace_level)i;
            return true;
        }
    }
    return false;
}

/* One part of WEIR_LOG: "info" or "kafka=debug". What cannot be read is left out: a typing error
 * in a log setting must not stop a server. */
static void
part_parse(const char *part, size_t len)
{
    const char *equals = memchr(part, '=', len);
    if (equals == NULL) {
        level_parse(part, len, &settings.level);
        return;
    }
    const size_t area_len = (size_t)(equals - part);
    enum trace_level level;
    if (settings.area_count < AREAS_MAX && area_len < AREA_BYTES &&
        level_parse(equals + 1, len - area_len - 1, &level)) {
        struct area_level *a = &settings.areas[settings.area_count++];
        memcpy(a->area, part, area_len);
        a->area[area_len] = '\0';
        a->level = level;
    }
}

void
trace_init(const char *process_role)
{
    snprintf(settings.role, sizeof settings.role, "%s", process_role);
    settings.level = TRACE_INFO;
    settings.area_count = 0;
    const char *part = getenv("WEIR_LOG");
    while (part != NULL && *part != '\0') {
        const size_t len = strcspn(part, ",");
        part_parse(part, len);
        part += len + (part[len] == ',' ? 1 : 0);
    }
}

bool
trace_on(enum trace_level level, const char *area)
{
    for (unsigned i = 0; i < settings.area_count; i++) {
        if (strcmp(settings.areas[i].area, area) == 0) {
            return level <= settings.areas[i].level;
        }
    }
    return level <= settings.level;
}

void
trace(enum trace_level level, const char *area, const char *format, ...)
{
    if (!trace_on(level, area)) {
        return;
    }
    char line[LINE_BYTES];
    struct timespec ts;
    struct tm tm;
    clock_gettime(CLOCK_REALTIME, &ts);
    gmtime_r(&ts.tv_sec, &tm);
    size_t len = strftime(line, sizeof line, "%Y-%m-%dT%H:%M:%S", &tm);
    len += (size_t)snprintf(line + len, sizeof line - len,
                            ".%03dZ %s %s %.32s: ", (int)(ts.tv_nsec / 1000000), settings.role,
                            level_names[level], area);
    va_list args;
    va_start(args, format);
    const int text = vsnprintf(line + len, sizeof line - len - 1, format, args);
    va_end(args);
    const size_t end = len + (text > 0 ? (size_t)text : 0);
    len = end < sizeof line - 1 ? end : sizeof line - 2; /* a longer text is cut */
    for (size_t i = 0; i < len; i++) {
        line[i] = line[i] == '\n' || line[i] == '\r' ? ' ' : line[i];
    }
    line[len++] = '\n';
    const ssize_t ignored = write(STDERR_FILENO, line, len);
    (void)ignored; /* a log that cannot be written has nobody to tell */
}
