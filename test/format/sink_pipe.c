/* Writes the Arrow stream on stdin as one file through the sink interface:
 *     format_sink_pipe [-o KEY=VALUE]... FORMAT PATH */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "format/arrow.h"
#include "format/sink.h"

static const struct func_session session = {.ansi = true, .zone = "UTC"};

static struct bytes
read_all(FILE *in)
{
    struct buffer all = {.limit = (size_t)2 << 30};
    size_t got;
    do {
        buffer_reserve(&all, 1 << 20);
        got = fread(all.ptr + all.len, 1, all.capacity - all.len, in);
        all.len += got;
    } while (got > 0);
    return (struct bytes){all.ptr, all.len};
}

static bool
write_file(const char *name, struct sink_request *req, struct error *err)
{
    struct arena arena, tmp;
    struct arrow_reader *reader;
    struct sink_writer *writer;
    struct sink_result result;
    const struct sink_format *format = sink_format_find(name);
    arena_init(&arena, NULL);
    arena_init(&tmp, NULL);
    if (format == NULL) {
        return error_unsupported(err, "writing format %s", name);
    }
    if (!arrow_reader_open(&arena, read_all(stdin), &reader, err)) {
        return false;
    }
    req->schema = arrow_reader_schema(reader);
    if (!format->check(req->schema, req->options, err) ||
        !format->open(&arena, req, &writer, err)) {
        return false;
    }
    bool ok = true;
    for (bool more = true; ok && more;) {
        struct chunk c;
        arena_reset(&tmp);
        ok = arrow_reader_next(reader, &tmp, &c, err);
        more = ok && c.n > 0;
        ok = ok && (!more || format->write(writer, &c, err));
    }
    ok = ok && format->finish(writer, &result, err);
    format->close(writer);
    arena_release(&arena);
    arena_release(&tmp);
    return ok;
}

int
main(int argc, char **argv)
{
    struct option items[32];
    struct options options = {.items = items};
    struct error err = {0};
    int opt;
    while ((opt = getopt(argc, argv, "o:")) != -1) {
        char *equals = strchr(optarg, '=');
        if (equals == NULL) {
            return 2;
        }
        *equals = '\0';
        items[options.count++] = (struct option){optarg, equals + 1};
    }
    if (argc - optind != 2) {
        return 2;
    }
    struct sink_request req = {
        .path = argv[optind + 1], .options = &options, .session = &session, .env = &env_real};
    if (!write_file(argv[optind], &req, &err)) {
        fprintf(stderr, "%s\n", error_text(&err));
        return 1;
    }
    return 0;
}
