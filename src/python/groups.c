/*
 * Python functions over groups: each group travels as one Arrow stream, of pairs as two.
 *
 * One task for all groups of a morsel: the worker answers a group when it has all of it, and the
 * next one is sent meanwhile.
 * Source: ArrowStreamGroupSerializer and ArrowStreamCoGroupSerializer of pyspark 4.2; offsets as
 * extract_key_value_indexes reads them.
 */
#include <string.h>

#include "format/arrow.h"
#include "python/task.h"

enum { END_OF_STREAM = -4 };

struct side {
    const struct type *sent; /* values, then keys; or one struct of them */
    const struct type *rows; /* values, then keys */
    uint32_t first, width;   /* values in the chunk */
};

struct python_groups {
    struct python_call *call;
    struct side sides[2];
    uint32_t side_count;
    uint32_t first_key, key_count;
    uint32_t tag, number; /* columns of the chunk; tag with two sides only */
    bool open;            /* inside a group */
    uint32_t at;          /* which of its streams */
    bool sent_rows;       /* in that stream */
    bool in_struct;       /* rows travel as one struct column */
};

static void
side_set(struct arena *a, struct side *s, const struct python_groups *g, const struct type *input,
         uint32_t first, uint32_t width)
{
    struct type_field *fields = arena_new_array(a, struct type_field, width + g->key_count + 1);
    for (uint32_t i = 0; i < width; i++) {
        fields[i] = input->fields[first + i];
    }
    for (uint32_t i = 0; i < g->key_count; i++) {
        fields[width + i] = input->fields[g->first_key + i];
        fields[width + i].name = arena_printf(a, "__key_%u", i);
    }
    const struct type *rows = type_struct(a, fields, width + g->key_count);
    struct type_field *whole = arena_new(a, struct type_field);
    *whole = (struct type_field){.name = "struct", .type = rows};
    *s = (struct side){g->in_struct ? type_struct(a, whole, 1) : rows, rows, first, width};
}

/* For each side: how many numbers follow, how many keys, the keys, the values. */
static uint32_t
put_offsets(const struct python_groups *g, uint32_t *out)
{
    uint32_t n = 0;
    for (uint32_t s = 0; s < g->side_count; s++) {
        const uint32_t width = g->sides[s].width;
        out[n++] = 1 + g->key_count + width;
        out[n++] = g->key_count;
        for (uint32_t i = 0; i < g->key_count; i++) {
            out[n++] = width + i;
        }
        for (uint32_t i = 0; i < width; i++) {
            out[n++] = i;
        }
    }
    return n;
}

bool
python_groups_open(struct python_pool *p, struct arena *a,
                   const struct python_groups_config *config, const struct func_session *session,
                   struct python_groups **out, struct error *err)
{
    struct python_groups *g = arena_new(a, struct python_groups);
    const bool pairs = udf_takes_pairs(config->udf);
    const uint32_t columns = config->input_schema->field_count;
    g->side_count = pairs ? 2 : 1;
    g->key_count = config->key_count;
    g->in_struct =
        config->udf->eval_type == UDF_GROUP_ARROW || config->udf->eval_type == UDF_GROUP_ARROW_ITER;
    g->number = columns - 1;
    g->tag = columns - 2;
    g->first_key = g->number - pairs - g->key_count;
    side_set(a, &g->sides[0], g, config->input_schema, 0, config->left_width);
    side_set(a, &g->sides[1], g, config->input_schema, config->left_width,
             g->first_key - config->left_width);
    uint32_t *offsets = arena_new_array(a, uint32_t, 2 * (columns + g->key_count + 2));
    const uint32_t count = put_offsets(g, offsets);
    g->call = task_call_new(p, a, config->udf, offsets, count, config->output_schema, session);
    *out = g;
    return task_begin(g->call, err);
}

/* Rows [from, to) of one group and side; none of them for a stream that had none: a worker makes no
 * frame out of no batch. */
static bool
send_rows(struct python_groups *g, const struct chunk *in, uint32_t from, uint32_t to,
          struct error *err)
{
    const struct side *s = &g->sides[g->at];
    const uint32_t n = to - from;
    struct arena tmp;
    arena_init(&tmp, g->call->arena->budget);
    struct chunk rows = {.n = n, .sel_n = n, .col_count = s->width + g->key_count};
    rows.cols = arena_new_array(&tmp, struct vec, rows.col_count + 1);
    for (uint32_t i = 0; i < rows.col_count; i++) {
        const uint32_t column = i < s->width ? s->first + i : g->first_key + i - s->width;
        if (n == 0) {
            vec_init_flat(&rows.cols[i], &tmp, s->rows->fields[i].type, 0);
        } else {
            vec_slice(&rows.cols[i], &in->cols[column], from, n, &tmp);
        }
    }
    struct vec whole = {.type = s->rows,
                        .phys = PHYS_STRUCT,
                        .n = n,
                        .child = rows.cols,
                        .child_count = rows.col_count};
    const struct chunk one = {.n = n, .sel_n = n, .col_count = 1, .cols = &whole};
    const bool ok =
        task_put_batch(s->sent, g->in_struct ? &one : &rows, &g->call->worker->out, err);
    arena_release(&tmp);
    g->sent_rows = true;
    return ok;
}

static void
stream_begin(struct python_groups *g, uint32_t side)
{
    g->at = side;
    g->sent_rows = false;
    arrow_put_schema(&g->call->worker->out, g->sides[side].sent, g->call->zone);
}

static bool
stream_end(struct python_groups *g, struct error *err)
{
    const bool ok = g->sent_rows || send_rows(g, NULL, 0, 0, err);
    arrow_put_end(&g->call->worker->out);
    return ok;
}

static bool
group_end(struct python_groups *g, struct error *err)
{
    bool ok = true;
    if (g->open) {
        ok = stream_end(g, err);
        if (g->at + 1 < g->side_count) {
            stream_begin(g, g->at + 1);
            ok = ok && stream_end(g, err);
        }
    }
    g->open = false;
    return ok;
}

static bool
send_chunk(struct python_groups *g, const struct chunk *in, struct error *err)
{
    struct arena tmp;
    arena_init(&tmp, g->call->arena->budget);
    struct vec number, tag;
    vec_flatten(&number, &in->cols[g->number], NULL, in->n, &tmp);
    vec_flatten(&tag, &in->cols[g->tag], NULL, in->n, &tmp);
    const int32_t *numbers = number.data;
    const int64_t *tags = g->side_count == 2 ? tag.data : NULL;
    bool ok = true;
    for (uint32_t from = 0, to; ok && from < in->n; from = to) {
        const uint32_t side = tags != NULL ? (uint32_t)tags[from] : 0;
        to = from + 1;
        while (to < in->n && numbers[to] != 1 && (tags == NULL || tags[to] == tags[from])) {
            to++;
        }
        if (numbers[from] == 1) {
            ok = group_end(g, err);
            task_put_int(&g->call->worker->out, (int32_t)g->side_count);
            stream_begin(g, 0);
            g->open = true;
        }
        if (side != g->at) {
            ok = ok && stream_end(g, err);
            stream_begin(g, side);
        }
        ok = ok && send_rows(g, in, from, to, err);
    }
    arena_release(&tmp);
    return ok;
}

bool
python_groups_run(struct python_groups *g, const struct chunk *in,
                  bool (*emit)(void *ctx, const struct chunk *out, struct error *err), void *ctx,
                  struct error *err)
{
    struct task_rows rows = {g->call, emit, ctx};
    const struct task_sink sink = {task_rows_chunk, NULL, &rows};
    if (in != NULL) {
        return send_chunk(g, in, err) && task_answer(g->call, false, &sink, err);
    }
    bool ok = group_end(g, err);
    task_put_int(&g->call->worker->out, 0);
    task_put_int(&g->call->worker->out, END_OF_STREAM);
    ok = ok && task_answer(g->call, true, &sink, err);
    task_end(g->call);
    return ok;
}

void
python_groups_close(struct python_groups *g)
{
    python_call_close(g->call);
}
