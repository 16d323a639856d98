/* What translation may ask of a session: uploaded bytes, and the values of a small query. */
#include <stdlib.h>
#include <string.h>

#include "base/env.h"
#include "connect/internal.h"
#include "format/arrow.h"

static const uint8_t *
artifact_bytes(void *ctx, struct arena *a, const char *name, size_t *len, struct error *err)
{
    struct connect_peer *p = ctx;
    char path[4096];
    if (!session_artifact_find(p->session, name, path, sizeof path)) {
        error_set(err, ERROR_ARGUMENT, "Not found any cached local relation with the hash: %s",
                  name);
        return NULL;
    }
    uint8_t *data = NULL;
    if (!env_read_file(p->server->env, path, CONNECT_ARTIFACT_BYTES_MAX, &data, len, err)) {
        return NULL;
    }
    uint8_t *copy = arena_alloc(a, *len + 1);
    memcpy(copy, data, *len);
    copy[*len] = '\0';
    free(data);
    return copy;
}

/* A small query while a plan is translated: its first column, row by row. */
struct values {
    struct buffer stream;
    uint64_t rows;
    uint64_t max;
};

static bool
values_schema(void *ctx, const struct type *schema, struct error *err)
{
    (void)err;
    struct values *v = ctx;
    arrow_put_schema(&v->stream, schema, "UTC");
    return true;
}

static bool
values_batch(void *ctx, const void *record_batch, size_t len, uint64_t rows, struct error *err)
{
    struct values *v = ctx;
    buffer_put(&v->stream, record_batch, len);
    v->rows += rows;
    return v->rows <= v->max ||
           error_set(err, ERROR_ANALYSIS,
                     "The pivot column has more than %llu distinct values, this could indicate an "
                     "error.",
                     (unsigned long long)v->max);
}

static bool
values_read(struct arena *a, const struct values *v, struct datum **out, uint32_t *count,
            struct error *err)
{
    *out = arena_new_array(a, struct datum, v->rows + 1);
    *count = 0;
    struct arrow_reader *reader;
    struct bytes copy = {arena_copy(a, v->stream.ptr, v->stream.len), v->stream.len};
    if (!arrow_reader_open(a, copy, &reader, err)) {
        return false;
    }
    for (;;) {
        struct chunk c;
        if (!arrow_reader_next(reader, a, &c, err)) {
            return false;
        }
        if (c.n == 0) {
            return true;
        }
        for (uint32_t i = 0; i < c.sel_n && *count < v->rows; i++) {
            struct datum d = vec_datum(&c.cols[0], chunk_row(&c, i), a);
            (*out)[(*count)++] = datum_copy(a, &d);
        }
    }
}

static bool
query_values(void *ctx, struct arena *a, struct rel *rel, uint32_t max, struct datum **out,
             uint32_t *count, struct error *err)
{
    struct connect_peer *p = ctx;
    struct values v = {.max = max};
    struct execution execution = {.operation_id = ""};
    const struct answer_sink sink = {values_schema, values_batch, &v};
    bool ok = session_execute(p->session, a, rel, &execution, &sink, err);
    if (ok) {
        arrow_put_end(&v.stream);
        ok = values_read(a, &v, out, count, err);
    }
    buffer_release(&v.stream);
    return ok;
}

void
face_init(struct translate_face *face, struct connect_peer *p, struct arena *a)
{
    *face = (struct translate_face){.artifact = artifact_bytes, .ctx = p};
    face->values = query_values;
    face->python_path = session_conf_get(p->session, a, "spark.weir.python");
    face->session = p->session;
    face->random = env_random(p->server->env);
}
