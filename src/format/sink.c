/* The table of file writers. */
#include "format/sink.h"

#include <strings.h>

#include "format/formats.h"

static const struct sink_format *const formats[] = {
    &parquet_sink_format,
    &csv_sink_format,
    &json_sink_format,
    &text_sink_format,
};

const struct sink_format *
sink_format_find(const char *name)
{
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        if (strcasecmp(formats[i]->name, name) == 0) {
            return formats[i];
        }
    }
    return NULL;
}
