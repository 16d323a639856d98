/*
 * The table of formats, and what all of them share: listing files, resolving a source's schema,
 * cutting files into splits.
 */
#include "format/scan.h"

#include <string.h>
#include <strings.h>

#include "format/formats.h"
#include "format/listing.h"

static const struct scan_format *const formats[] = {
    &kafka_scan_format, &parquet_scan_format, &csv_scan_format,
    &json_scan_format,  &text_scan_format,
};

const struct scan_format *
scan_format_find(const char *name)
{
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        if (strcasecmp(formats[i]->name, name) == 0) {
            return formats[i];
        }
    }
    return NULL;
}

/* Options that change which rows come out are obeyed or refused, never passed over. */
static bool
check_options(const struct options *o, struct error *err)
{
    static const char *const given[] = {"modifiedBefore", "modifiedAfter"};
    static const char *const on[] = {"ignoreCorruptFiles", "ignoreMissingFiles"};
    for (size_t i = 0; i < sizeof given / sizeof *given; i++) {
        if (options_get(o, given[i]) != NULL) {
            return error_unsupported(err, "data source option %s", given[i]);
        }
    }
    for (size_t i = 0; i < sizeof on / sizeof *on; i++) {
        if (option_is_true(o, on[i])) {
            return error_unsupported(err, "data source option %s", on[i]);
        }
    }
    return true;
}

bool
scan_list_files(struct arena *a, const char *const *paths, uint32_t path_count,
                struct scan_source *source, struct env *env, struct error *err)
{
    struct listing l = {.arena = a,
                        .env = env,
                        .recursive = option_is_true(&source->options, "recursiveFileLookup"),
                        .name_glob = options_get(&source->options, "pathGlobFilter"),
                        .base_path = options_get(&source->options, "basePath")};
    if (!check_options(&source->options, err)) {
        return false;
    }
    for (uint32_t i = 0; i < path_count; i++) {
        if (!listing_add_path(&l, paths[i], err)) {
            return false;
        }
    }
    source->files = arena_new_array(a, struct source_file, l.count);
    source->file_count = l.count;
    source->byte_estimate = 0;
    source->row_estimate = -1;
    for (uint32_t i = 0; i < l.count; i++) {
        source->files[i] = (struct source_file){.path = l.files[i].path,
                                                .bytes = l.files[i].bytes,
                                                .modified_ms = l.files[i].modified_ms};
        source->byte_estimate += l.files[i].bytes;
    }
    return partition_resolve(a, &l, source, err);
}

const struct type *
scan_join_schema(struct arena *a, const struct type *data, const struct scan_source *source)
{
    const uint32_t partitions = source->partition_column_count;
    if (partitions == 0) {
        return data;
    }
    const struct type_field *last =
        source->schema->fields + (source->schema->field_count - partitions);
    struct type_field *fields =
        arena_new_array(a, struct type_field, data->field_count + partitions);
    uint32_t n = 0;
    for (uint32_t i = 0; i < data->field_count; i++) {
        bool is_partition = false;
        for (uint32_t k = 0; k < partitions; k++) {
            is_partition |= strcasecmp(data->fields[i].name, last[k].name) == 0;
        }
        if (!is_partition) {
            fields[n++] = data->fields[i];
        }
    }
    for (uint32_t k = 0; k < partitions; k++) {
        fields[n++] = last[k];
    }
    return type_struct(a, fields, n);
}

/* Formats that Spark knows and this program does not yet. */
static bool
no_format(const char *name, struct error *err)
{
    static const char *const known[] = {"orc", "avro", "delta", "iceberg", "xml", "jdbc", "hudi"};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (strcasecmp(known[i], name) == 0) {
            return error_unsupported(err, "data source %s", known[i]);
        }
    }
    return error_raise(err, "DATA_SOURCE_NOT_FOUND", "provider", name, NULL);
}

bool
scan_resolve(struct arena *a, const char *const *paths, uint32_t path_count,
             struct scan_source *source, struct env *env, const struct func_session *session,
             struct error *err)
{
    const struct scan_format *format = scan_format_find(source->format);
    if (format == NULL) {
        return no_format(source->format, err);
    }
    const bool given = source->schema != NULL;
    if (!scan_list_files(a, paths, path_count, source, env, err)) {
        return false;
    }
    if (!given) {
        const struct type *schema = format->infer(a, source, env, session, err);
        if (schema == NULL) {
            return false;
        }
        source->schema = schema;
    }
    source->row_estimate = format->estimate != NULL ? format->estimate(source, env) : -1;
    return true;
}

void
scan_fill_partition(const struct scan_source *source, const struct split *split, uint32_t column,
                    uint32_t n, struct arena *tmp, struct vec *out)
{
    const uint32_t first = source->schema->field_count - source->partition_column_count;
    vec_const_datum(out, tmp, &source->files[split->file].partition_values[column - first], n);
}

/* Text formats cannot be entered in the middle of a compressed file or of a record that may span
 * lines. */
static bool
can_split(const struct scan_format *format, const struct scan_source *source, const char *path)
{
    static const char *const packed[] = {".gz", ".zst", ".bz2", ".lz4", ".snappy", ".deflate"};
    if (!format->splittable || option_is_true(&source->options, "multiLine") ||
        option_is_true(&source->options, "wholetext")) {
        return false;
    }
    const size_t len = strlen(path);
    for (size_t i = 0; i < sizeof packed / sizeof *packed; i++) {
        const size_t tail = strlen(packed[i]);
        if (len > tail && strcasecmp(path + len - tail, packed[i]) == 0) {
            return false;
        }
    }
    return true;
}

bool
scan_list_splits(struct arena *a, const struct scan_source *source, int64_t target_bytes,
                 struct split **out, uint32_t *count, struct error *err)
{
    enum { TARGET_DEFAULT = 64 << 20, SPLITS_MAX = 16 << 20 };
    const struct scan_format *format = scan_format_find(source->format);
    const int64_t target = target_bytes > 0 ? target_bytes : TARGET_DEFAULT;
    int64_t total = source->range_count;
    for (uint32_t i = 0; i < source->file_count; i++) {
        total += source->files[i].bytes / target + 1;
    }
    if (total > SPLITS_MAX) {
        return error_set(err, ERROR_RESOURCE, "More than %d splits; raise the split size",
                         SPLITS_MAX);
    }
    struct split *splits = arena_new_array(a, struct split, total);
    uint32_t n = 0;
    for (uint32_t i = 0; i < source->file_count; i++) {
        const int64_t bytes = source->files[i].bytes;
        const bool cut = format != NULL && can_split(format, source, source->files[i].path);
        const int64_t pieces = cut && bytes > target ? (bytes + target - 1) / target : 1;
        for (int64_t p = 0; p < pieces; p++) {
            const int64_t start = bytes * p / pieces;
            const int64_t end = bytes * (p + 1) / pieces;
            splits[n++] =
                (struct split){.file = i, .start = start, .len = end - start, .range = -1};
        }
    }
    for (uint32_t i = 0; i < source->range_count; i++) {
        splits[n++] = (struct split){.range = (int32_t)i};
    }
    *out = splits;
    *count = n;
    return true;
}
