/* Which source reads a streaming scan. */
#include "stream/source.h"

#include <strings.h>

#include "driver/session.h"
#include "format/scan.h"

bool
source_open(struct stream_source *s, struct arena *a, struct driver *d, const char *checkpoint,
            uint32_t number, const struct rel *scan, struct error *err)
{
    const char *format = scan->source->format;
    *s = (struct stream_source){.driver = d,
                                .env = driver_env(d),
                                .number = number,
                                .checkpoint = checkpoint,
                                .options = &scan->source->options};
    if (strcasecmp(format, "kafka") == 0) {
        return source_kafka_open(s, a, err);
    }
    if (strcasecmp(format, "rate") == 0) {
        return source_rate_open(s, a, err);
    }
    if (scan_format_find(format) == NULL) {
        return error_unsupported(err, "the streaming source %s", format);
    }
    return source_files_open(s, a, scan, err);
}
