/*
 * Runs Python functions over an Arrow stream from stdin and writes their results as one: the other
 * half of test/wire/python_udf_test.py.
 *
 *     python_pipe call INTERPRETER VERSION TYPE (PICKLE DDL "0,1")...
 *     python_pipe map  INTERPRETER VERSION TYPE PICKLE DDL
 *
 * The number of live workers goes to stderr at the end.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "format/arrow.h"
#include "python/pool.h"

enum { UDF_MAX = 4, ARG_MAX = 8 };

static struct bytes
read_all(FILE *in)
{
    struct buffer all = {0};
    size_t got;
    do {
        buffer_reserve(&all, 1 << 20);
        got = fread(all.ptr + all.len, 1, all.capacity - all.len, in);
        all.len += got;
    } while (got > 0);
    return (struct bytes){all.ptr, all.len};
}

struct run {
    struct arena arena;
    struct python_pool *pool;
    struct arrow_reader *reader;
    const struct type *input;
    struct udf udfs[UDF_MAX];
    const struct udf *udf_list[UDF_MAX];
    uint32_t columns[UDF_MAX][ARG_MAX];
    const uint32_t *column_list[UDF_MAX];
    uint32_t counts[UDF_MAX];
    uint32_t udf_count;
    const struct type *output;
    struct arrow_batch *batch;
    struct func_session session;
};

static bool
udf_read(struct run *r, struct udf *u, char **argv, const char *version, int type,
         struct error *err)
{
    FILE *f = fopen(argv[0], "r");
    const struct bytes command = read_all(f);
    fclose(f);
    *u = (struct udf){.eval_type = type,
                      .command = command.ptr,
                      .command_len = command.len,
                      .python_version = version};
    u->return_type = type_parse(&r->arena, argv[1], strlen(argv[1]), err);
    return u->return_type != NULL;
}

static bool
emit(void *ctx, const struct chunk *c, struct error *err)
{
    struct run *r = ctx;
    return arrow_batch_add(r->batch, c, err);
}

static bool
run_call(struct run *r, struct error *err)
{
    struct python_call *call;
    struct type_field fields[UDF_MAX];
    for (uint32_t i = 0; i < r->udf_count; i++) {
        fields[i] = (struct type_field){.name = arena_printf(&r->arena, "_%u", i),
                                        .type = r->udfs[i].return_type,
                                        .nullable = true};
    }
    r->output = type_struct(&r->arena, fields, r->udf_count);
    r->batch = arrow_batch_new(r->output, NULL);
    if (!python_call_open(r->pool, &r->arena, r->udf_list, r->udf_count, r->input, r->column_list,
                          r->counts, &r->session, &call, err)) {
        return false;
    }
    struct arena tmp;
    arena_init(&tmp, NULL);
    bool ok = true;
    for (;;) {
        struct chunk in;
        struct vec results[UDF_MAX];
        arena_reset(&tmp);
        ok = arrow_reader_next(r->reader, &tmp, &in, err);
        if (!ok || in.n == 0) {
            break;
        }
        ok = python_call_run(call, &in, &tmp, results, err);
        const struct chunk out = {
            .n = in.n, .sel_n = in.n, .col_count = r->udf_count, .cols = results};
        if (!ok || !emit(r, &out, err)) {
            break;
        }
    }
    python_call_close(call);
    arena_release(&tmp);
    return ok;
}

static bool
run_map(struct run *r, struct error *err)
{
    struct python_call *call;
    r->output = r->udfs[0].return_type;
    r->batch = arrow_batch_new(r->output, NULL);
    if (!python_map_open(r->pool, &r->arena, &r->udfs[0], r->input, r->output, &r->session, &call,
                         err)) {
        return false;
    }
    struct arena tmp;
    arena_init(&tmp, NULL);
    bool ok = true;
    for (;;) {
        struct chunk in;
        arena_reset(&tmp);
        ok = arrow_reader_next(r->reader, &tmp, &in, err);
        if (!ok || in.n == 0) {
            break;
        }
        ok = python_map_run(call, &in, emit, r, err);
        if (!ok) {
            break;
        }
    }
    ok = ok && python_map_run(call, NULL, emit, r, err);
    python_call_close(call);
    arena_release(&tmp);
    return ok;
}

int
main(int argc, char **argv)
{
    struct run r = {.session = {.ansi = true, .zone = "America/New_York"}};
    struct error err = {0};
    arena_init(&r.arena, NULL);
    const bool map = strcmp(argv[1], "map") == 0;
    bool ok = arrow_reader_open(&r.arena, read_all(stdin), &r.reader, &err);
    r.input = ok ? arrow_reader_schema(r.reader) : NULL;
    for (int i = 5; ok && i < argc; i += map ? 2 : 3) {
        struct udf *u = &r.udfs[r.udf_count];
        ok = udf_read(&r, u, argv + i, argv[3], atoi(argv[4]), &err);
        r.udf_list[r.udf_count] = u;
        r.column_list[r.udf_count] = r.columns[r.udf_count];
        for (char *p = map ? NULL : strtok(argv[i + 2], ","); p != NULL; p = strtok(NULL, ",")) {
            r.columns[r.udf_count][r.counts[r.udf_count]++] = (uint32_t)atoi(p);
        }
        r.udf_count++;
    }
    r.pool = python_pool_new(argv[2], getenv("TMPDIR") != NULL ? getenv("TMPDIR") : "/tmp");
    ok = ok && (map ? run_map(&r, &err) : run_call(&r, &err));
    fprintf(stderr, "workers %u\n", python_pool_workers(r.pool));
    python_pool_free(r.pool);
    if (!ok) {
        fprintf(stderr, "%s\n", error_text(&err));
        return 1;
    }
    struct buffer out = {0};
    arrow_put_schema(&out, r.output, "America/New_York");
    arrow_batch_put(r.batch, &out);
    arrow_put_end(&out);
    fwrite(out.ptr, 1, out.len, stdout);
    arrow_batch_free(r.batch);
    return 0;
}
