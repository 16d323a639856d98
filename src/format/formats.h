/* The formats that scan.c and sink.c have in their tables, and what readers share. */
#ifndef WEIR_FORMAT_FORMATS_H
#define WEIR_FORMAT_FORMATS_H

#include "format/scan.h"
#include "format/sink.h"

extern const struct scan_format kafka_scan_format;
extern const struct scan_format parquet_scan_format;
extern const struct scan_format csv_scan_format;
extern const struct scan_format json_scan_format;
extern const struct scan_format text_scan_format;
extern const struct sink_format parquet_sink_format;
extern const struct sink_format csv_sink_format;
extern const struct sink_format json_sink_format;
extern const struct sink_format text_sink_format;

/* A partition column of a split's file, as a constant of n rows. column: index into the schema. */
void scan_fill_partition(const struct scan_source *source, const struct split *split,
                         uint32_t column, uint32_t n, struct arena *tmp, struct vec *out);

#endif
