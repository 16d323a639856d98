/*
 * What a scan reads: plain data that the planner fills, the serialiser sends and format/ opens.
 *
 * A source is a set of splits. A split is the unit of placement and re-running: a byte range of a
 * file, a row group range, an offset range of a topic partition, a part of a range. Splits are
 * listed by the driver (format/scan.h: scan_list_splits) just before a query runs.
 */
#ifndef WEIR_TREE_SOURCE_H
#define WEIR_TREE_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

#include "type/type.h"
#include "vec/vec.h"

struct option { /* reader, writer and stream options; keys as given, compared without case */
    const char *key;
    const char *value;
};

struct options {
    struct option *items;
    uint32_t count;
};

const char *options_get(const struct options *o, const char *key); /* NULL if absent */

struct source_file {
    const char *path;
    int64_t bytes;
    int64_t modified_ms;
    const struct datum *partition_values; /* one a partition column, from the directory names */
};

struct source_offset_range { /* topics: [start, end) of one partition */
    const char *topic;
    int32_t partition;
    int64_t start;
    int64_t end;
};

struct scan_source {
    const char *format; /* "parquet", "csv", "json", "text", "kafka", "rate", "binaryFile" */
    struct source_file *files;
    uint32_t file_count;
    struct source_offset_range *ranges;
    uint32_t range_count;
    const struct type *schema;       /* all columns: data columns first, then partition columns */
    uint32_t partition_column_count; /* of schema, the last ones */
    struct options options;
    const char *session_zone; /* for reading timestamps from text */
    double row_estimate;      /* -1 = unknown */
    int64_t byte_estimate;    /* -1 = unknown */
};

/* A piece of a source: files[file] bytes [start, start + len), or ranges[range]. Parquet readers
 * take the row groups whose middle lies in the byte range; line formats take the lines that begin
 * in it. */
struct split {
    uint32_t file;
    int64_t start;
    int64_t len;
    int32_t range; /* -1 for files */
};

#endif
