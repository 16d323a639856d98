/*
 * The Parquet reader: splits to row groups, row groups to column chunks, chunks of rows out.
 *
 * A split takes the row groups whose middle lies in its bytes. Of a row group only the wanted
 * columns are read, neighbours by one read (gaps under 1 MiB are read over). Fields are matched by
 * name, so that files with other or fewer columns of the same table are read too.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "format/formats.h"
#include "format/listing.h"
#include "format/parquet_read.h"

enum { GAP_BYTES = 1 << 20 };

enum out_kind { OUT_FLAT, OUT_NESTED, OUT_MISSING, OUT_PARTITION };

struct out_column {
    enum out_kind kind;
    const struct type *type;
    bool widen;          /* FLAT: the file's type is narrower than the wanted one */
    struct pq_node node; /* FLAT, NESTED */
    struct datum value;  /* PARTITION */
};

struct piece { /* a run of the file read at once */
    int64_t start;
    int64_t end;
    uint8_t *bytes;
};

struct scan_reader {
    struct arena *arena;
    struct env *env;
    struct budget *budget;
    struct pq_footer *footer;
    int fd;
    const struct func_session *session;
    struct codec contexts;
    struct out_column *out;
    uint32_t out_count;
    struct pq_column *columns; /* one a wanted leaf */
    uint32_t column_count;
    uint32_t column_capacity;
    uint32_t *groups; /* to be read */
    uint32_t group_count;
    uint32_t group; /* next one */
    uint32_t rows_left;
    struct piece *pieces;
    uint32_t piece_count;
    uint64_t piece_bytes;
};

static const struct type *merge_schemas(struct arena *a, const struct scan_source *source,
                                        struct env *env, struct error *err);

static const struct type *
parquet_infer(struct arena *a, const struct scan_source *source, struct env *env,
              const struct func_session *session, struct error *err)
{
    if (source->file_count == 0) {
        error_raise(err, "UNABLE_TO_INFER_SCHEMA", "format", "Parquet", NULL);
        return NULL;
    }
    if (option_is_true(&source->options, "mergeSchema")) {
        const struct type *merged = merge_schemas(a, source, env, err);
        return merged != NULL ? scan_join_schema(a, merged, source) : NULL;
    }
    struct pq_footer *f = pq_footer_open(&source->files[0], env, err);
    if (f == NULL) {
        return NULL;
    }
    const struct type *schema = scan_join_schema(a, type_copy(a, f->schema), source);
    pq_footer_release(f);
    return schema;
}

/* mergeSchema: the fields of all files, those of the first one first. */
static const struct type *
merge_schemas(struct arena *a, const struct scan_source *source, struct env *env, struct error *err)
{
    const struct type *all = NULL;
    for (uint32_t i = 0; i < source->file_count; i++) {
        struct pq_footer *f = pq_footer_open(&source->files[i], env, err);
        if (f == NULL) {
            return NULL;
        }
        const struct type *one = type_copy(a, f->schema);
        pq_footer_release(f);
        const uint32_t have = all != NULL ? all->field_count : 0;
        struct type_field *fields = arena_new_array(a, struct type_field, have + one->field_count);
        uint32_t n = have;
        for (uint32_t k = 0; k < have; k++) {
            fields[k] = all->fields[k];
        }
        for (uint32_t k = 0; k < one->field_count; k++) {
            uint32_t at = 0;
            while (at < have && strcasecmp(fields[at].name, one->fields[k].name) != 0) {
                at++;
            }
            if (at == have) {
                fields[n++] = one->fields[k];
            } else if (!type_same(fields[at].type, one->fields[k].type)) {
                error_raise(err, "CANNOT_MERGE_SCHEMAS", "left", type_sql(a, all), "right",
                            type_sql(a, one), NULL);
                return NULL;
            }
        }
        all = type_struct(a, fields, n);
    }
    return all;
}

static double
parquet_estimate(const struct scan_source *source, struct env *env)
{
    enum { FOOTERS_MAX = 200 };
    double rows = 0;
    int64_t bytes = 0;
    for (uint32_t i = 0; i < source->file_count && i < FOOTERS_MAX; i++) {
        struct error err = {0};
        struct pq_footer *f = pq_footer_open(&source->files[i], env, &err);
        if (f == NULL) {
            error_clear(&err);
            return -1;
        }
        rows += (double)f->rows;
        bytes += source->files[i].bytes;
        pq_footer_release(f);
    }
    /* Of very many files the first ones speak for all. */
    return source->file_count > FOOTERS_MAX && bytes > 0
               ? rows * ((double)source->byte_estimate / (double)bytes)
               : rows;
}

static bool
type_mismatch(const struct pq_field *f, const struct type *wanted, struct error *err)
{
    struct buffer have = {0}, want = {0};
    type_put_simple(&have, f->type);
    type_put_simple(&want, wanted);
    error_set(err, ERROR_EXECUTION,
              "[FAILED_READ_FILE.PARQUET_COLUMN_DATA_TYPE_MISMATCH] Data type mismatches when "
              "reading Parquet column [%s]. Expected Spark type %s, actual Parquet type %s.",
              f->name, buffer_text(&want), buffer_text(&have));
    buffer_release(&have);
    buffer_release(&want);
    return false;
}

/* Types that a wider column may be read from, as Spark widens them: nothing is lost. */
static bool
may_widen(const struct type *from, const struct type *to)
{
    if (type_is_integral(from)) {
        const bool whole = type_is_integral(to) && to->id > from->id;
        return whole || (to->id == TYPE_DOUBLE && from->id != TYPE_LONG) ||
               (to->id == TYPE_DECIMAL &&
                to->precision - to->scale >= (from->id == TYPE_LONG ? 20 : 10));
    }
    if (from->id == TYPE_DECIMAL && to->id == TYPE_DECIMAL) {
        return to->scale >= from->scale &&
               to->precision - to->scale >= from->precision - from->scale;
    }
    return (from->id == TYPE_FLOAT && to->id == TYPE_DOUBLE) ||
           (from->id == TYPE_DATE && to->id == TYPE_TIMESTAMP_NTZ);
}

/* Matches a wanted type with a field of the file, down to the leaves. */
static bool
match_node(struct scan_reader *r, struct pq_node *node, const struct pq_field *f,
           const struct type *type, struct error *err)
{
    *node = (struct pq_node){.type = type, .field = f};
    if (f == NULL || f->type->id == TYPE_NULL) {
        node->field = NULL;
        return true;
    }
    if (f->shape == PQ_LEAF) {
        if (!type_same(f->type, type) && !(f->type->id == TYPE_STRING && type->id == TYPE_STRING) &&
            !(f->type->id == TYPE_BINARY && type->id == TYPE_STRING) &&
            !(f->type->id == TYPE_STRING && type->id == TYPE_BINARY)) {
            return type_mismatch(f, type, err);
        }
        node->field = f;
        node->leaf = &r->columns[r->column_count++];
        assert(r->column_count <= r->column_capacity);
        return pq_column_init(node->leaf, f, r->budget, &r->contexts, err);
    }
    static const enum type_id ids[] = {
        [PQ_STRUCT] = TYPE_STRUCT, [PQ_LIST_OF] = TYPE_ARRAY, [PQ_MAP_OF] = TYPE_MAP};
    if (type->id != ids[f->shape]) {
        return type_mismatch(f, type, err);
    }
    if (type->field_count > UINT8_MAX) {
        return error_unsupported(err, "structs of more than 255 fields");
    }
    node->child_count = type->field_count;
    node->children = arena_new_array(r->arena, struct pq_node, type->field_count);
    for (uint32_t i = 0; i < type->field_count; i++) {
        const struct pq_field *child =
            f->shape == PQ_STRUCT ? pq_find_field(f->children, f->child_count, type->fields[i].name)
                                  : &f->children[i];
        if (!match_node(r, &node->children[i], child, type->fields[i].type, err)) {
            return false;
        }
    }
    return true;
}

static uint32_t
leaf_total(const struct pq_field *f)
{
    uint32_t total = f->shape == PQ_LEAF;
    for (uint32_t i = 0; i < f->child_count; i++) {
        total += leaf_total(&f->children[i]);
    }
    return total;
}

/* Room for the columns of every wanted leaf; a column may be asked for twice. */
static void
columns_reserve(struct scan_reader *r, const struct scan_request *req)
{
    const struct type *schema = req->source->schema;
    for (uint32_t i = 0; i < req->column_count; i++) {
        const struct pq_field *f = pq_find_field(r->footer->fields, r->footer->field_count,
                                                 schema->fields[req->columns[i]].name);
        r->column_capacity += f != NULL ? leaf_total(f) : 0;
    }
    r->columns = arena_new_array(r->arena, struct pq_column, r->column_capacity);
}

static bool
match_columns(struct scan_reader *r, const struct scan_request *req, const struct split *split,
              struct error *err)
{
    const struct type *schema = req->source->schema;
    const uint32_t data_count = schema->field_count - req->source->partition_column_count;
    r->out_count = req->column_count;
    r->out = arena_new_array(r->arena, struct out_column, r->out_count);
    columns_reserve(r, req);
    for (uint32_t i = 0; i < r->out_count; i++) {
        const uint32_t column = req->columns[i];
        struct out_column *out = &r->out[i];
        out->type = schema->fields[column].type;
        if (column >= data_count) {
            out->kind = OUT_PARTITION;
            out->value = req->source->files[split->file].partition_values[column - data_count];
            continue;
        }
        const struct pq_field *f =
            pq_find_field(r->footer->fields, r->footer->field_count, schema->fields[column].name);
        out->widen = f != NULL && f->shape == PQ_LEAF && may_widen(f->type, out->type);
        if (!match_node(r, &out->node, f, out->widen ? f->type : out->type, err)) {
            return false;
        }
        out->kind = out->node.field == NULL ? OUT_MISSING
                    : f->shape == PQ_LEAF   ? OUT_FLAT
                                            : OUT_NESTED;
    }
    return true;
}

static void
choose_groups(struct scan_reader *r, const struct scan_request *req, const struct split *split)
{
    r->groups = arena_new_array(r->arena, uint32_t, r->footer->group_count);
    for (uint32_t g = 0; g < r->footer->group_count; g++) {
        const struct pq_group *group = &r->footer->groups[g];
        int64_t start = INT64_MAX, end = 0;
        for (uint32_t i = 0; i < group->chunk_count; i++) {
            const struct pq_chunk *c = &group->chunks[i];
            start = c->start < start ? c->start : start;
            end = c->start + c->bytes > end ? c->start + c->bytes : end;
        }
        const int64_t middle = group->chunk_count == 0 ? 0 : start + (end - start) / 2;
        if (group->rows > 0 && middle >= split->start && middle < split->start + split->len &&
            pq_group_may_match(r->footer, g, req->source->schema, req->filter)) {
            r->groups[r->group_count++] = g;
        }
    }
}

static void
parquet_close(struct scan_reader *r)
{
    for (uint32_t i = 0; i < r->piece_count; i++) {
        free(r->pieces[i].bytes);
    }
    if (r->budget != NULL) {
        budget_return(r->budget, r->piece_bytes);
    }
    for (uint32_t i = 0; i < r->column_count; i++) {
        pq_column_release(&r->columns[i]);
    }
    for (uint32_t i = 0; i < r->out_count && r->out != NULL; i++) {
        pq_node_release(&r->out[i].node);
    }
    codec_release(&r->contexts);
    if (r->fd >= 0) {
        r->env->ops->close(r->env, r->fd);
    }
    pq_footer_release(r->footer);
    *r = (struct scan_reader){.fd = -1};
}

static bool
parquet_open(struct arena *a, const struct scan_request *req, const struct split *split,
             struct scan_reader **out, struct error *err)
{
    assert(split->range < 0 && split->file < req->source->file_count);
    const struct source_file *file = &req->source->files[split->file];
    struct scan_reader *r = arena_new(a, struct scan_reader);
    *r = (struct scan_reader){
        .arena = a, .env = req->env, .budget = req->budget, .session = req->session, .fd = -1};
    r->footer = pq_footer_open(file, req->env, err);
    if (r->footer == NULL) {
        return false;
    }
    if (!match_columns(r, req, split, err)) {
        parquet_close(r);
        return false;
    }
    choose_groups(r, req, split);
    if (r->group_count > 0 && r->column_count > 0) {
        r->fd = req->env->ops->open(req->env, file->path, ENV_READ, err);
        if (r->fd < 0) {
            parquet_close(r);
            return false;
        }
    }
    r->pieces = arena_new_array(a, struct piece, r->column_count);
    *out = r;
    return true;
}

static int
piece_order(const void *a, const void *b)
{
    const struct piece *x = a, *y = b;
    return x->start < y->start ? -1 : x->start > y->start;
}

static bool
read_piece(struct scan_reader *r, struct piece *p, struct error *err)
{
    const size_t len = (size_t)(p->end - p->start);
    size_t got;
    if (r->budget != NULL && !budget_reserve(r->budget, len + PQ_PAD)) {
        return budget_error(r->budget, len, err);
    }
    r->piece_bytes += r->budget != NULL ? len + PQ_PAD : 0;
    p->bytes = malloc(len + PQ_PAD);
    if (p->bytes == NULL) {
        return error_set(err, ERROR_RESOURCE, "No memory for a row group of %zu bytes", len);
    }
    memset(p->bytes + len, 0, PQ_PAD);
    if (!r->env->ops->pread(r->env, r->fd, p->bytes, len, p->start, &got, err)) {
        return false;
    }
    return got == len || pq_broken(err, "it is shorter than its footer says");
}

/* Reads the wanted column chunks of the group, neighbours together. */
static bool
read_pieces(struct scan_reader *r, const struct pq_group *group, struct error *err)
{
    for (uint32_t i = 0; i < r->piece_count; i++) {
        free(r->pieces[i].bytes);
        r->pieces[i].bytes = NULL;
    }
    if (r->budget != NULL) {
        budget_return(r->budget, r->piece_bytes);
    }
    r->piece_bytes = 0;
    r->piece_count = 0;
    for (uint32_t i = 0; i < r->column_count; i++) {
        const struct pq_chunk *c = &group->chunks[r->columns[i].field->leaf];
        r->pieces[i] = (struct piece){.start = c->start, .end = c->start + c->bytes};
    }
    if (r->column_count > 1) {
        qsort(r->pieces, r->column_count, sizeof *r->pieces, piece_order);
    }
    for (uint32_t i = 0; i < r->column_count; i++) {
        struct piece *last = r->piece_count > 0 ? &r->pieces[r->piece_count - 1] : NULL;
        const struct piece next = r->pieces[i];
        if (last != NULL && next.start <= last->end + GAP_BYTES) {
            last->end = next.end > last->end ? next.end : last->end;
        } else {
            r->pieces[r->piece_count++] = next;
        }
    }
    for (uint32_t i = 0; i < r->piece_count; i++) {
        r->pieces[i].bytes = NULL;
    }
    for (uint32_t i = 0; i < r->piece_count; i++) {
        if (!read_piece(r, &r->pieces[i], err)) {
            return false;
        }
    }
    return true;
}

static bool
open_group(struct scan_reader *r, struct error *err)
{
    const struct pq_group *group = &r->footer->groups[r->groups[r->group++]];
    r->rows_left = (uint32_t)group->rows;
    if (r->column_count > 0 && !read_pieces(r, group, err)) {
        return false;
    }
    for (uint32_t i = 0; i < r->column_count; i++) {
        const struct pq_chunk *c = &group->chunks[r->columns[i].field->leaf];
        const struct piece *p = r->pieces;
        while (c->start < p->start || c->start + c->bytes > p->end) {
            p++;
        }
        if (!pq_column_open(&r->columns[i], c, p->bytes + (c->start - p->start), err)) {
            return false;
        }
    }
    return true;
}

static bool
widen(const struct scan_reader *r, const struct out_column *out, struct arena *tmp, struct vec *v,
      struct error *err)
{
    static const struct func_session plain = {.zone = "UTC"};
    struct eval ev = {.tmp = tmp, .session = r->session != NULL ? r->session : &plain};
    const struct vec narrow = *v;
    return func_cast(&ev, &narrow, out->type, CAST_LEGACY, NULL, narrow.n, v, err);
}

static bool
read_column(const struct scan_reader *r, struct out_column *out, uint32_t n, struct arena *tmp,
            struct vec *v, struct error *err)
{
    switch (out->kind) {
    case OUT_FLAT:
        if (!pq_read_flat(out->node.leaf, n, tmp, v, err)) {
            return false;
        }
        if (out->widen) {
            return widen(r, out, tmp, v, err);
        }
        v->type = out->type;
        return true;
    case OUT_NESTED:
        return pq_read_nested(&out->node, n, tmp, v, err);
    case OUT_MISSING:
        vec_init_const_null(v, tmp, out->type, n);
        return true;
    case OUT_PARTITION:
        vec_const_datum(v, tmp, &out->value, n);
        return true;
    }
    return false;
}

static bool
parquet_next(struct scan_reader *r, struct arena *tmp, struct chunk *out, bool *more,
             struct error *err)
{
    *out = (struct chunk){.col_count = r->out_count};
    *more = false;
    while (r->rows_left == 0) {
        if (r->group == r->group_count) {
            return true;
        }
        if (!open_group(r, err)) {
            return false;
        }
    }
    const uint32_t n = r->rows_left < VEC_ROWS ? r->rows_left : VEC_ROWS;
    for (uint32_t i = 0; i < r->column_count; i++) {
        pq_column_recycle(&r->columns[i]);
    }
    out->cols = arena_new_array(tmp, struct vec, r->out_count);
    for (uint32_t i = 0; i < r->out_count; i++) {
        if (!read_column(r, &r->out[i], n, tmp, &out->cols[i], err)) {
            return false;
        }
    }
    r->rows_left -= n;
    out->n = out->sel_n = n;
    *more = true;
    return true;
}

const struct scan_format parquet_scan_format = {
    .name = "parquet",
    .splittable = true,
    .infer = parquet_infer,
    .estimate = parquet_estimate,
    .open = parquet_open,
    .next = parquet_next,
    .close = parquet_close,
};
