/*
 * The Parquet writer: a chunk's columns are shredded into leaves, leaves grow pages in memory, a
 * full row group is written out column by column, and the footer says where all of it lies.
 *
 * Written as Spark writes: decimals of up to 9 digits in INT32, 18 in INT64, else fixed bytes;
 * timestamps in INT64 microseconds; three-level lists; its schema in a metadata key.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "format/formats.h"
#include "format/parquet_write.h"
#include "format/thrift.h"

enum { GROUP_ROWS_MAX = 1 << 20, GROUP_BYTES_MAX = 128 << 20 };

struct write_node {
    const struct type *type;
    bool nullable;
    uint8_t def, rep; /* def: at which it is not null; rep: repeated fields above */
    uint32_t child_count;
    struct write_node *children;
    struct pw_leaf *leaf;
};

struct sink_writer {
    struct arena *arena;
    const struct type *schema;
    struct env *env;
    struct pw_codec codec;
    int fd;
    int64_t offset;
    int64_t rows;
    int64_t group_rows;
    struct write_node *columns;
    struct pw_leaf *leaves;
    uint32_t leaf_count;
    uint32_t leaf_capacity;
    struct buffer groups; /* Thrift of the row groups so far */
    uint32_t group_count;
};

static const struct codec_choice {
    const char *name;
    enum codec_kind kind;
    int32_t number;
    const char *extension;
} codec_choices[] = {
    {"snappy", CODEC_SNAPPY, 1, ".snappy.parquet"},   {"none", CODEC_NONE, 0, ".parquet"},
    {"uncompressed", CODEC_NONE, 0, ".parquet"},      {"gzip", CODEC_GZIP, 2, ".gz.parquet"},
    {"zstd", CODEC_ZSTD, 6, ".zstd.parquet"},         {"brotli", CODEC_BROTLI, 4, ".br.parquet"},
    {"lz4_raw", CODEC_LZ4_RAW, 7, ".lz4raw.parquet"}, {"lz4", CODEC_LZ4_RAW, 7, ".lz4raw.parquet"},
};

static const struct codec_choice *
choose_codec(const struct options *o)
{
    const char *name = o != NULL ? options_get(o, "compression") : NULL;
    if (name == NULL && o != NULL) {
        name = options_get(o, "parquet.compression");
    }
    if (name == NULL) {
        return &codec_choices[0];
    }
    for (size_t i = 0; i < sizeof codec_choices / sizeof *codec_choices; i++) {
        if (strcasecmp(codec_choices[i].name, name) == 0) {
            return &codec_choices[i];
        }
    }
    return NULL;
}

static const char *
parquet_extension(struct arena *a, const struct options *o)
{
    const struct codec_choice *choice = choose_codec(o);
    return choice != NULL ? choice->extension : ".parquet";
}

static bool
check_type(const struct type *t, const char *column, struct error *err)
{
    if (t->id == TYPE_NULL || t->id == TYPE_INTERVAL_CALENDAR ||
        (t->id == TYPE_STRUCT && t->field_count == 0)) {
        struct buffer text = {0};
        type_put_sql(&text, t);
        char name[256];
        snprintf(name, sizeof name, "`%s`", column);
        struct buffer quoted = {0};
        buffer_printf(&quoted, "\"%s\"", buffer_text(&text));
        error_raise(err, "UNSUPPORTED_DATA_TYPE_FOR_DATASOURCE", "format", "Parquet", "columnName",
                    name, "columnType", buffer_text(&quoted), NULL);
        buffer_release(&text);
        buffer_release(&quoted);
        return false;
    }
    for (uint32_t i = 0; i < t->field_count; i++) {
        if (!check_type(t->fields[i].type, column, err)) {
            return false;
        }
    }
    return true;
}

static bool
parquet_check(const struct type *schema, const struct options *o, struct error *err)
{
    for (uint32_t i = 0; i < schema->field_count; i++) {
        if (!check_type(schema->fields[i].type, schema->fields[i].name, err)) {
            return false;
        }
    }
    if (choose_codec(o) == NULL) {
        const char *name = options_get(o, "compression");
        return error_raise(err, "CODEC_NOT_AVAILABLE.WITH_AVAILABLE_CODECS_SUGGESTION", "codecName",
                           name != NULL ? name : "", "availableCodecs",
                           "brotli, uncompressed, lz4_raw, gzip, none, snappy, zstd", NULL);
    }
    return true;
}

static void
set_physical(struct pw_leaf *leaf)
{
    switch (leaf->type->id) {
    case TYPE_BOOLEAN:
        leaf->physical = PQ_BOOLEAN;
        break;
    case TYPE_LONG:
    case TYPE_TIMESTAMP:
    case TYPE_TIMESTAMP_NTZ:
    case TYPE_INTERVAL_DT:
        leaf->physical = PQ_INT64;
        break;
    case TYPE_FLOAT:
        leaf->physical = PQ_FLOAT;
        break;
    case TYPE_DOUBLE:
        leaf->physical = PQ_DOUBLE;
        break;
    case TYPE_STRING:
    case TYPE_BINARY:
        leaf->physical = PQ_BYTES;
        break;
    case TYPE_DECIMAL: {
        /* The fewest bytes whose signed range holds that many digits: Spark's table. */
        const int p = leaf->type->precision;
        leaf->physical = p <= 9 ? PQ_INT32 : p <= 18 ? PQ_INT64 : PQ_FIXED;
        leaf->fixed_bytes = (uint32_t)((p * 3.3219280948873626 + 1) / 8) + 1;
        leaf->fixed_bytes = leaf->fixed_bytes > 16 ? 16 : leaf->fixed_bytes;
        break;
    }
    default:
        leaf->physical = PQ_INT32;
    }
}

static uint32_t
count_leaves(const struct type *t)
{
    uint32_t count = t->field_count == 0;
    for (uint32_t i = 0; i < t->field_count; i++) {
        count += count_leaves(t->fields[i].type);
    }
    return count;
}

static const char *const *
path_join(struct arena *a, const char *const *path, uint32_t count, const char *one,
          const char *two)
{
    const char **out = arena_new_array(a, const char *, count + 2);
    for (uint32_t i = 0; i < count; i++) {
        out[i] = path[i];
    }
    out[count] = one;
    out[count + 1] = two;
    return out;
}

static void
build_node(struct sink_writer *w, struct write_node *node, const struct type *type, bool nullable,
           uint8_t def, uint8_t rep, const char *const *path, uint32_t path_count)
{
    const bool repeats = type->id == TYPE_ARRAY || type->id == TYPE_MAP;
    *node = (struct write_node){.type = type,
                                .nullable = nullable,
                                .def = def + nullable,
                                .rep = rep,
                                .child_count = type->field_count};
    if (type->field_count == 0) {
        struct pw_leaf *leaf = &w->leaves[w->leaf_count++];
        *leaf = (struct pw_leaf){
            .type = type, .def = node->def, .rep = rep, .path = path, .path_count = path_count};
        set_physical(leaf);
        pw_leaf_init(leaf);
        node->leaf = leaf;
        return;
    }
    node->children = arena_new_array(w->arena, struct write_node, type->field_count);
    for (uint32_t i = 0; i < type->field_count; i++) {
        const struct type_field *f = &type->fields[i];
        const char *const *inner =
            !repeats ? path_join(w->arena, path, path_count, f->name, NULL)
            : type->id == TYPE_ARRAY
                ? path_join(w->arena, path, path_count, "list", "element")
                : path_join(w->arena, path, path_count, "key_value", i == 0 ? "key" : "value");
        const bool child_nullable = f->nullable && !(type->id == TYPE_MAP && i == 0);
        build_node(w, &node->children[i], f->type, child_nullable, node->def + repeats,
                   rep + repeats, inner, path_count + 1 + repeats);
    }
}

static bool
parquet_open(struct arena *a, const struct sink_request *req, struct sink_writer **out,
             struct error *err)
{
    if (!parquet_check(req->schema, req->options, err)) {
        return false;
    }
    struct sink_writer *w = arena_new(a, struct sink_writer);
    w->arena = a;
    w->schema = req->schema;
    w->env = req->env;
    const struct codec_choice *choice = choose_codec(req->options);
    w->codec.kind = choice->kind;
    w->codec.number = choice->number;
    w->codec.scratch.limit = w->codec.packed.limit = (size_t)2 << 30;
    w->fd = req->env->ops->open(req->env, req->path, ENV_WRITE | ENV_CREATE | ENV_TRUNCATE, err);
    if (w->fd < 0) {
        return false;
    }
    w->leaf_capacity = req->schema->field_count > 0 ? count_leaves(req->schema) : 0;
    w->leaves = arena_new_array(a, struct pw_leaf, w->leaf_capacity);
    w->columns = arena_new_array(a, struct write_node, req->schema->field_count);
    for (uint32_t i = 0; i < req->schema->field_count; i++) {
        const struct type_field *f = &req->schema->fields[i];
        build_node(w, &w->columns[i], f->type, f->nullable, 0, 0,
                   path_join(a, NULL, 0, f->name, NULL), 1);
    }
    assert(w->leaf_count == w->leaf_capacity);
    w->offset = 4;
    *out = w;
    return w->env->ops->pwrite(w->env, w->fd, "PAR1", 4, 0, err);
}

static void
shred_null(const struct write_node *node, uint8_t rep, uint8_t def)
{
    if (node->leaf != NULL) {
        pw_leaf_null(node->leaf, rep, def);
    }
    for (uint32_t i = 0; i < node->child_count; i++) {
        shred_null(&node->children[i], rep, def);
    }
}

/* One value and all below it, as entries of the leaves. */
static void
shred(const struct write_node *node, const struct vec *v, uint32_t i, uint8_t rep)
{
    if (vec_is_null(v, i)) {
        shred_null(node, rep, (uint8_t)(node->def - node->nullable));
        return;
    }
    if (node->leaf != NULL) {
        pw_leaf_value(node->leaf, rep, v, i);
        return;
    }
    const struct vec *base = v->enc == VEC_DICT ? &v->child[0] : v;
    const uint32_t at = vec_index(v, i);
    if (node->type->id == TYPE_STRUCT) {
        for (uint32_t k = 0; k < node->child_count; k++) {
            shred(&node->children[k], &base->child[k], at, rep);
        }
        return;
    }
    const struct list_range range = ((const struct list_range *)base->data)[at];
    for (uint32_t k = 0; k < node->child_count; k++) {
        if (range.len == 0) {
            shred_null(&node->children[k], rep, node->def);
        }
        for (uint32_t item = 0; item < range.len; item++) {
            shred(&node->children[k], &base->child[k], range.offset + item,
                  item == 0 ? rep : (uint8_t)(node->rep + 1));
        }
    }
}

static bool
has_hidden_null(const struct write_node *node, const struct vec *v, const struct chunk *in,
                uint32_t live)
{
    for (uint32_t i = 0; !node->nullable && v->valid != NULL && i < live; i++) {
        if (vec_is_null(v, chunk_row(in, i))) {
            return true;
        }
    }
    return false;
}

static bool write_group(struct sink_writer *w, struct error *err);

static bool
rows_done(const struct write_node *node, uint32_t rows, struct pw_codec *codec, struct error *err)
{
    if (node->leaf != NULL) {
        return pw_leaf_rows(node->leaf, rows, codec, err);
    }
    for (uint32_t i = 0; i < node->child_count; i++) {
        if (!rows_done(&node->children[i], rows, codec, err)) {
            return false;
        }
    }
    return true;
}

static bool
parquet_write(struct sink_writer *w, const struct chunk *in, struct error *err)
{
    assert(in->col_count == w->schema->field_count);
    const uint32_t live = in->sel != NULL ? in->sel_n : in->n;
    uint64_t bytes = 0;
    for (uint32_t c = 0; c < in->col_count; c++) {
        if (has_hidden_null(&w->columns[c], &in->cols[c], in, live)) {
            return error_set(err, ERROR_EXECUTION,
                             "[NOT_NULL_ASSERT_VIOLATION] NULL value appeared in non-nullable "
                             "column %s",
                             w->schema->fields[c].name);
        }
        for (uint32_t i = 0; i < live; i++) {
            shred(&w->columns[c], &in->cols[c], chunk_row(in, i), 0);
        }
        if (!rows_done(&w->columns[c], live, &w->codec, err)) {
            return false;
        }
    }
    for (uint32_t i = 0; i < w->leaf_count; i++) {
        bytes += pw_leaf_bytes(&w->leaves[i]);
    }
    w->rows += live;
    w->group_rows += live;
    return (w->group_rows < GROUP_ROWS_MAX && bytes < GROUP_BYTES_MAX) || write_group(w, err);
}

static size_t
stat_bytes(const struct pw_leaf *leaf, bool max, uint8_t out[16])
{
    const struct pw_stats *s = &leaf->stats;
    const i128 value = max ? s->max : s->min;
    double real = max ? s->fmax : s->fmin;
    if (real == 0) {
        real = max ? 0.0 : -0.0; /* zeros of both signs are equal: the bound covers both */
    }
    switch (leaf->physical) {
    case PQ_BOOLEAN:
        out[0] = value != 0;
        return 1;
    case PQ_INT32:
        memcpy(out, &(int32_t){(int32_t)value}, 4);
        return 4;
    case PQ_INT64:
        memcpy(out, &(int64_t){(int64_t)value}, 8);
        return 8;
    case PQ_FLOAT:
        memcpy(out, &(float){(float)real}, 4);
        return 4;
    case PQ_DOUBLE:
        memcpy(out, &real, 8);
        return 8;
    default:
        for (uint32_t k = 0; k < leaf->fixed_bytes; k++) {
            out[k] = (uint8_t)(value >> (8 * (leaf->fixed_bytes - 1 - k)));
        }
        return leaf->fixed_bytes;
    }
}

static void
put_stats(struct thrift_put *t, const struct pw_leaf *leaf)
{
    enum { TEXT_MAX = 1024 };
    const struct pw_stats *s = &leaf->stats;
    uint8_t bytes[16];
    thrift_begin(t, 12);
    thrift_put_int(t, 3, THRIFT_I64, s->nulls);
    if (s->any && leaf->physical == PQ_BYTES) {
        if (s->smax.len <= TEXT_MAX) {
            thrift_put_binary(t, 5, s->smax.ptr, s->smax.len);
        }
        if (s->smin.len <= TEXT_MAX) {
            thrift_put_binary(t, 6, s->smin.ptr, s->smin.len);
        }
    } else if (s->any) {
        thrift_put_binary(t, 5, bytes, stat_bytes(leaf, true, bytes));
        thrift_put_binary(t, 6, bytes, stat_bytes(leaf, false, bytes));
    }
    thrift_end(t);
}

/* ColumnChunk of a leaf whose dictionary page begins at start. */
static void
put_chunk(struct sink_writer *w, struct thrift_put *t, const struct pw_leaf *leaf, int64_t start,
          int64_t dictionary_bytes)
{
    thrift_begin_item(t);
    thrift_put_int(t, 2, THRIFT_I64, start);
    thrift_begin(t, 3);
    thrift_put_int(t, 1, THRIFT_I32, leaf->physical);
    thrift_put_list(t, 2, THRIFT_I32, 1 + (uint32_t)leaf->dict_pages + leaf->plain_pages);
    buffer_varint(t->out, PQ_RLE);
    if (leaf->dict_pages) {
        buffer_varint(t->out, PQ_RLE_DICTIONARY);
    }
    if (leaf->plain_pages) {
        buffer_varint(t->out, PQ_PLAIN);
    }
    thrift_put_list(t, 3, THRIFT_BINARY, leaf->path_count);
    for (uint32_t i = 0; i < leaf->path_count; i++) {
        buffer_lentext(t->out, leaf->path[i]);
    }
    thrift_put_int(t, 4, THRIFT_I32, w->codec.number);
    thrift_put_int(t, 5, THRIFT_I64, leaf->entries_total);
    thrift_put_int(t, 6, THRIFT_I64, leaf->unpacked_bytes);
    thrift_put_int(t, 7, THRIFT_I64, dictionary_bytes + (int64_t)leaf->pages.len);
    thrift_put_int(t, 9, THRIFT_I64, start + dictionary_bytes);
    if (dictionary_bytes > 0) {
        thrift_put_int(t, 11, THRIFT_I64, start);
    }
    put_stats(t, leaf);
    thrift_end(t);
    thrift_end(t);
}

static bool
write_bytes(struct sink_writer *w, const struct buffer *b, struct error *err)
{
    if (b->len > 0 && !w->env->ops->pwrite(w->env, w->fd, b->ptr, b->len, w->offset, err)) {
        return false;
    }
    w->offset += (int64_t)b->len;
    return true;
}

static bool
write_group(struct sink_writer *w, struct error *err)
{
    struct thrift_put t = {.out = &w->groups};
    const int64_t group_start = w->offset;
    int64_t unpacked = 0;
    struct buffer dictionary = {0};
    bool ok = true;
    thrift_begin_item(&t);
    thrift_put_list(&t, 1, THRIFT_STRUCT, w->leaf_count);
    for (uint32_t i = 0; ok && i < w->leaf_count; i++) {
        struct pw_leaf *leaf = &w->leaves[i];
        const int64_t start = w->offset;
        buffer_clear(&dictionary);
        ok = pw_leaf_finish(leaf, &w->codec, &dictionary, err) &&
             write_bytes(w, &dictionary, err) && write_bytes(w, &leaf->pages, err);
        put_chunk(w, &t, leaf, start, (int64_t)dictionary.len);
        unpacked += leaf->unpacked_bytes;
        pw_leaf_reset(leaf);
    }
    thrift_put_int(&t, 2, THRIFT_I64, unpacked);
    thrift_put_int(&t, 3, THRIFT_I64, w->group_rows);
    thrift_put_int(&t, 5, THRIFT_I64, group_start);
    thrift_put_int(&t, 6, THRIFT_I64, w->offset - group_start);
    thrift_end(&t);
    buffer_release(&dictionary);
    w->group_count++;
    w->group_rows = 0;
    return ok;
}

static uint32_t
element_count(const struct type *t)
{
    uint32_t count = 1 + (t->id == TYPE_ARRAY || t->id == TYPE_MAP);
    for (uint32_t i = 0; i < t->field_count; i++) {
        count += element_count(t->fields[i].type);
    }
    return count;
}

enum converted {
    CONV_NONE = -1,
    CONV_UTF8 = 0,
    CONV_MAP = 1,
    CONV_LIST = 3,
    CONV_DECIMAL = 5,
    CONV_DATE = 6,
    CONV_MICROS = 10,
    CONV_INT8 = 15,
    CONV_INT16 = 16
};

static void
put_element(struct thrift_put *t, const char *name, int physical, int fixed_bytes, int repetition,
            uint32_t children, const struct type *type)
{
    int converted = CONV_NONE;
    switch (type != NULL ? type->id : TYPE_COUNT) {
    case TYPE_STRING:
        converted = CONV_UTF8;
        break;
    case TYPE_MAP:
        converted = CONV_MAP;
        break;
    case TYPE_ARRAY:
        converted = CONV_LIST;
        break;
    case TYPE_DECIMAL:
        converted = CONV_DECIMAL;
        break;
    case TYPE_DATE:
        converted = CONV_DATE;
        break;
    case TYPE_TIMESTAMP:
        converted = CONV_MICROS;
        break;
    case TYPE_BYTE:
        converted = CONV_INT8;
        break;
    case TYPE_SHORT:
        converted = CONV_INT16;
        break;
    default:
        break;
    }
    thrift_begin_item(t);
    if (physical >= 0) {
        thrift_put_int(t, 1, THRIFT_I32, physical);
        if (physical == PQ_FIXED) {
            thrift_put_int(t, 2, THRIFT_I32, fixed_bytes);
        }
    }
    if (repetition >= 0) {
        thrift_put_int(t, 3, THRIFT_I32, repetition);
    }
    thrift_put_text(t, 4, name);
    if (children > 0) {
        thrift_put_int(t, 5, THRIFT_I32, children);
    }
    if (converted != CONV_NONE) {
        thrift_put_int(t, 6, THRIFT_I32, converted);
    }
    if (converted == CONV_DECIMAL) {
        thrift_put_int(t, 7, THRIFT_I32, type->scale);
        thrift_put_int(t, 8, THRIFT_I32, type->precision);
    }
}

/* LogicalType where readers need more than the converted type. */
static void
put_logical(struct thrift_put *t, const struct type *type)
{
    if (type->id == TYPE_TIMESTAMP || type->id == TYPE_TIMESTAMP_NTZ) {
        thrift_begin(t, 10);
        thrift_begin(t, 8);
        thrift_put_bool(t, 1, type->id == TYPE_TIMESTAMP);
        thrift_begin(t, 2);
        thrift_begin(t, 2); /* microseconds */
        thrift_end(t);
        thrift_end(t);
        thrift_end(t);
        thrift_end(t);
    } else if (type->id == TYPE_STRING) {
        thrift_begin(t, 10);
        thrift_begin(t, 1);
        thrift_end(t);
        thrift_end(t);
    }
}

static void
put_field(struct thrift_put *t, const struct write_node *node, const char *name)
{
    const int repetition = node->nullable ? PQ_OPTIONAL : PQ_REQUIRED;
    if (node->leaf != NULL) {
        put_element(t, name, (int)node->leaf->physical, (int)node->leaf->fixed_bytes, repetition, 0,
                    node->type);
        put_logical(t, node->type);
        thrift_end(t);
        return;
    }
    const bool repeats = node->type->id != TYPE_STRUCT;
    put_element(t, name, -1, 0, repetition, repeats ? 1 : node->child_count, node->type);
    thrift_end(t);
    if (repeats) {
        put_element(t, node->type->id == TYPE_ARRAY ? "list" : "key_value", -1, 0, PQ_REPEATED,
                    node->child_count, NULL);
        thrift_end(t);
    }
    for (uint32_t i = 0; i < node->child_count; i++) {
        const char *child = node->type->id == TYPE_ARRAY ? "element"
                            : node->type->id == TYPE_MAP ? (i == 0 ? "key" : "value")
                                                         : node->type->fields[i].name;
        put_field(t, &node->children[i], child);
    }
}

static void
put_key_values(struct thrift_put *t, const struct type *schema)
{
    struct buffer json = {0};
    type_put_json(&json, schema);
    thrift_put_list(t, 5, THRIFT_STRUCT, 2);
    thrift_begin_item(t);
    thrift_put_text(t, 1, "org.apache.spark.version");
    thrift_put_text(t, 2, "4.3.0");
    thrift_end(t);
    thrift_begin_item(t);
    thrift_put_text(t, 1, "org.apache.spark.sql.parquet.row.metadata");
    thrift_put_binary(t, 2, json.ptr, json.len);
    thrift_end(t);
    buffer_release(&json);
}

static void
put_footer(struct sink_writer *w, struct buffer *out)
{
    struct thrift_put t = {.out = out};
    thrift_begin_item(&t);
    thrift_put_int(&t, 1, THRIFT_I32, 1);
    thrift_put_list(&t, 2, THRIFT_STRUCT, element_count(w->schema));
    put_element(&t, "spark_schema", -1, 0, -1, w->schema->field_count, NULL);
    thrift_end(&t);
    for (uint32_t i = 0; i < w->schema->field_count; i++) {
        put_field(&t, &w->columns[i], w->schema->fields[i].name);
    }
    thrift_put_int(&t, 3, THRIFT_I64, w->rows);
    thrift_put_list(&t, 4, THRIFT_STRUCT, w->group_count);
    buffer_put(out, w->groups.ptr, w->groups.len);
    put_key_values(&t, w->schema);
    thrift_put_text(&t, 6, "weir version " WEIR_VERSION);
    thrift_put_list(&t, 7, THRIFT_STRUCT, w->leaf_count);
    for (uint32_t i = 0; i < w->leaf_count; i++) {
        thrift_begin_item(&t);
        thrift_begin(&t, 1); /* ordered by type */
        thrift_end(&t);
        thrift_end(&t);
    }
    thrift_end(&t);
}

static bool
parquet_finish(struct sink_writer *w, struct sink_result *out, struct error *err)
{
    if (w->group_rows > 0 && !write_group(w, err)) {
        return false;
    }
    struct buffer footer = {0};
    put_footer(w, &footer);
    const uint32_t len = (uint32_t)footer.len;
    buffer_le32(&footer, len);
    buffer_puts(&footer, "PAR1");
    const bool ok = write_bytes(w, &footer, err) && w->env->ops->sync(w->env, w->fd, err);
    buffer_release(&footer);
    *out = (struct sink_result){.rows = w->rows, .bytes = w->offset};
    return ok;
}

static void
parquet_close(struct sink_writer *w)
{
    for (uint32_t i = 0; i < w->leaf_count; i++) {
        pw_leaf_release(&w->leaves[i]);
    }
    buffer_release(&w->groups);
    buffer_release(&w->codec.scratch);
    buffer_release(&w->codec.packed);
    codec_release(&w->codec.contexts);
    w->env->ops->close(w->env, w->fd);
    w->leaf_count = 0;
}

const struct sink_format parquet_sink_format = {
    .name = "parquet",
    .extension = ".snappy.parquet",
    .file_extension = parquet_extension,
    .check = parquet_check,
    .open = parquet_open,
    .write = parquet_write,
    .finish = parquet_finish,
    .close = parquet_close,
};
