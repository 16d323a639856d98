/* A world whose one file is the fuzzer's input, read to its end by a format. */
#ifndef WEIR_FUZZ_SCAN_ONE_H
#define WEIR_FUZZ_SCAN_ONE_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "format/scan.h"

struct one_file {
    struct env env;
    struct env_ops ops;
    const uint8_t *data;
    size_t len;
};

static int
file_open(struct env *env, const char *path, unsigned flags, struct error *err)
{
    return 3;
}

static void
file_close(struct env *env, int fd)
{
}

static bool
file_pread(struct env *env, int fd, void *dst, size_t len, int64_t offset, size_t *got,
           struct error *err)
{
    const struct one_file *f = (const struct one_file *)env;
    const size_t left = (size_t)offset < f->len ? f->len - (size_t)offset : 0;
    *got = len < left ? len : left;
    if (*got > 0) {
        memcpy(dst, f->data + offset, *got);
    }
    return true;
}

static void
read_all(struct arena *a, const struct scan_source *source, struct env *env, struct error *err)
{
    const struct scan_format *format = scan_format_find(source->format);
    uint32_t columns[64];
    struct budget budget;
    struct scan_reader *reader;
    struct arena tmp;
    budget_init(&budget, "fuzz", 256 << 20, NULL);
    struct scan_request req = {.source = source, .columns = columns, .env = env, .budget = &budget};
    while (req.column_count < source->schema->field_count && req.column_count < 64) {
        columns[req.column_count] = req.column_count;
        req.column_count++;
    }
    const struct split split = {.len = source->files[0].bytes, .range = -1};
    if (!format->open(a, &req, &split, &reader, err)) {
        return;
    }
    arena_init(&tmp, NULL);
    bool more = true;
    for (int i = 0; more && i < 64; i++) {
        struct chunk c;
        arena_reset(&tmp);
        if (!format->next(reader, &tmp, &c, &more, err)) {
            break;
        }
    }
    format->close(reader);
    arena_release(&tmp);
}

/* Infers (schema NULL) and reads. */
static void
scan_one(const char *format, const char *path, const uint8_t *data, size_t len,
         const struct options *options, const char *schema)
{
    static int64_t turn; /* each input is another file to caches */
    struct one_file file = {.data = data, .len = len};
    struct arena a;
    struct error err = {0};
    file.ops = *env_real.ops;
    file.ops.open = file_open;
    file.ops.close = file_close;
    file.ops.pread = file_pread;
    file.env.ops = &file.ops;
    arena_init(&a, NULL);
    struct source_file files = {.path = path, .bytes = (int64_t)len, .modified_ms = ++turn};
    struct scan_source source = {
        .format = format, .files = &files, .file_count = 1, .options = *options};
    source.schema = schema != NULL
                        ? type_parse_schema(&a, schema, strlen(schema), &err)
                        : scan_format_find(format)->infer(&a, &source, &file.env, NULL, &err);
    if (source.schema != NULL) {
        read_all(&a, &source, &file.env, &err);
    }
    error_clear(&err);
    arena_release(&a);
}

#endif
