/* Reads paths by a format through the scan interface and writes an Arrow stream on stdout: the
 * other half of the tests in test/wire.
 *     format_scan_pipe FORMAT [-o KEY=VALUE]... [-s SCHEMA] [-c COLUMN,...] [-t SPLIT_BYTES]
 * PATH... -q only counts rows and says the time. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "format/arrow.h"
#include "format/scan.h"

struct args {
    struct option options[32];
    struct scan_source source;
    const char *schema;
    char *columns;
    char *filter;
    int64_t split_bytes;
    bool quiet;
};

static const struct func_session session = {.ansi = true, .zone = "UTC"};

static bool
read_split(struct arena *arena, const struct scan_request *req, const struct split *split,
           struct arrow_batch *batch, struct buffer *out, uint64_t *rows, struct error *err)
{
    const struct scan_format *format = scan_format_find(req->source->format);
    struct scan_reader *reader;
    struct arena tmp;
    bool more = true, ok = format->open(arena, req, split, &reader, err);
    if (!ok) {
        return false;
    }
    arena_init(&tmp, NULL);
    while (ok && more) {
        struct chunk c;
        arena_reset(&tmp);
        ok = format->next(reader, &tmp, &c, &more, err);
        if (ok && c.n > 0) {
            *rows += c.n;
            ok = batch == NULL || arrow_batch_add(batch, &c, err);
            if (batch != NULL && arrow_batch_rows(batch) > 100000) {
                arrow_batch_put(batch, out);
            }
        }
    }
    format->close(reader);
    arena_release(&tmp);
    return ok;
}

static const struct type *
project(struct arena *a, const struct args *args, uint32_t *columns, uint32_t *count)
{
    const struct type *schema = args->source.schema;
    struct type_field *fields = arena_new_array(a, struct type_field, schema->field_count);
    *count = 0;
    if (args->columns == NULL) {
        for (; *count < schema->field_count; (*count)++) {
            columns[*count] = *count;
        }
        return schema;
    }
    for (char *name = strtok(args->columns, ","); name != NULL; name = strtok(NULL, ",")) {
        for (uint32_t i = 0; i < schema->field_count; i++) {
            if (strcmp(schema->fields[i].name, name) == 0) {
                fields[*count] = schema->fields[i];
                columns[(*count)++] = i;
            }
        }
    }
    return type_struct(a, fields, *count);
}

/* "x>=5" as an expression over the source's columns; the number is of the column's type. */
static struct expr *
filter_of(struct arena *a, const struct args *args)
{
    const struct type *schema = args->source.schema;
    if (args->filter == NULL) {
        return NULL;
    }
    const size_t name = strcspn(args->filter, "<>=");
    const size_t op = strspn(args->filter + name, "<>=");
    for (uint32_t i = 0; i < schema->field_count; i++) {
        const struct type_field *f = &schema->fields[i];
        if (strlen(f->name) != name || memcmp(f->name, args->filter, name) != 0) {
            continue;
        }
        struct datum value = {.type = f->type};
        const char *text = args->filter + name + op;
        if (f->type->id == TYPE_STRING) {
            value.str = view_copy(a, text, strlen(text));
        } else if (f->type->id == TYPE_DOUBLE) {
            value.f = atof(text);
        } else {
            value.i = atoll(text);
        }
        return expr_call(a, arena_strndup(a, args->filter + name, op), 2,
                         expr_column(a, i, f->type, true), expr_literal(a, value));
    }
    return NULL;
}

static bool
scan(struct args *args, char **paths, int path_count, struct error *err)
{
    struct arena a;
    struct split *splits;
    uint32_t split_count, columns[1000], column_count;
    uint64_t rows = 0;
    struct buffer out = {.limit = (size_t)8 << 30};
    arena_init(&a, NULL);
    if (args->schema != NULL) {
        args->source.schema = type_parse_schema(&a, args->schema, strlen(args->schema), err);
        if (args->source.schema == NULL) {
            return false;
        }
    }
    if (!scan_resolve(&a, (const char *const *)paths, (uint32_t)path_count, &args->source,
                      &env_real, &session, err) ||
        !scan_list_splits(&a, &args->source, args->split_bytes, &splits, &split_count, err)) {
        return false;
    }
    const struct type *schema = project(&a, args, columns, &column_count);
    struct arrow_batch *batch = args->quiet ? NULL : arrow_batch_new(schema, NULL);
    arrow_put_schema(&out, schema, "UTC");
    const struct scan_request req = {.source = &args->source,
                                     .columns = columns,
                                     .column_count = column_count,
                                     .filter = filter_of(&a, args),
                                     .session = &session,
                                     .env = &env_real};
    const int64_t start = env_mono_ns(&env_real);
    for (uint32_t i = 0; i < split_count; i++) {
        if (!read_split(&a, &req, &splits[i], batch, &out, &rows, err)) {
            return false;
        }
    }
    if (args->quiet) {
        printf("%lu rows, %u splits, estimate %.0f, %.1f ms\n", (unsigned long)rows, split_count,
               args->source.row_estimate, (double)(env_mono_ns(&env_real) - start) / 1e6);
        return true;
    }
    arrow_batch_put(batch, &out);
    arrow_put_end(&out);
    fwrite(out.ptr, 1, out.len, stdout);
    arrow_batch_free(batch);
    buffer_release(&out);
    arena_release(&a);
    return true;
}

int
main(int argc, char **argv)
{
    struct args args = {.source = {.session_zone = "UTC"}};
    struct error err = {0};
    int opt;
    args.source.options.items = args.options;
    while ((opt = getopt(argc, argv, "o:s:c:t:f:q")) != -1) {
        char *equals = opt == 'o' ? strchr(optarg, '=') : NULL;
        if (equals != NULL) {
            *equals = '\0';
            args.options[args.source.options.count++] = (struct option){optarg, equals + 1};
        } else if (opt == 's') {
            args.schema = optarg;
        } else if (opt == 'c') {
            args.columns = optarg;
        } else if (opt == 't') {
            args.split_bytes = atoll(optarg);
        } else if (opt == 'f') {
            args.filter = optarg;
        } else if (opt == 'q') {
            args.quiet = true;
        }
    }
    if (optind >= argc) {
        return 2;
    }
    args.source.format = argv[optind++];
    if (!scan(&args, argv + optind, argc - optind, &err)) {
        fprintf(stderr, "%s\n", error_text(&err));
        return 1;
    }
    return 0;
}
