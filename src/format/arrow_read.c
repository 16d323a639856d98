/*
 * Arrow streams as chunks.
 *
 * A record batch becomes a tree of arrays, each a length and up to three byte ranges inside the
 * body (or decompressed into the reader's arena), checked against that length when the batch is
 * opened. Chunks of up to VEC_ROWS rows are then decoded from the tree (arrow_decode.c).
 */
#include <assert.h>
#include <string.h>

#include "file/codec.h"
#include "format/arrow.h"
#include "format/arrow_array.h"

struct arrow_reader {
    struct arena *arena;
    struct reader stream;
    uint64_t stream_bytes;
    const struct type *schema;
    struct arrow_field *fields;
    uint32_t field_count;
    struct arrow_dictionary *dictionaries;
    struct arrow_array *columns; /* of the open batch */
    int64_t rows;
    int64_t row;
};

/* Walks a batch's nodes and buffers in the order in which its arrays take them. */
struct batch_cursor {
    struct arrow_reader *reader;
    struct flat_vector nodes, ranges, variadic;
    uint32_t node, range, variadic_at;
    struct bytes body;
    bool compressed;
    enum codec_kind codec;
    struct codec contexts;
    uint64_t unpacked_bytes;
};

enum { UNPACKED_MAX = INT32_MAX };

/* A compressed buffer: its length unpacked (-1: stored as it is), then the bytes. */
static bool
unpack_range(struct batch_cursor *c, struct bytes packed, struct bytes *out, struct error *err)
{
    struct reader r;
    reader_init(&r, packed);
    const int64_t len = (int64_t)reader_le64(&r);
    const struct bytes rest = reader_take(&r, reader_left(&r));
    if (!reader_ok(&r)) {
        return arrow_broken(err, "a compressed buffer without its length");
    }
    if (len == -1) {
        *out = rest;
        return true;
    }
    if (len < 0 || (uint64_t)len > UNPACKED_MAX - c->unpacked_bytes) {
        return arrow_broken(err, "a compressed buffer's length");
    }
    c->unpacked_bytes += (uint64_t)len;
    c->reader->stream_bytes += (uint64_t)len;
    uint8_t *dst = arena_alloc_aligned(c->reader->arena, (size_t)len + 8, 64);
    *out = (struct bytes){dst, (size_t)len};
    return codec_decompress(&c->contexts, c->codec, &(struct codec_job){rest, dst, (size_t)len},
                            err);
}

static bool
take_range(struct batch_cursor *c, struct bytes *out, struct error *err)
{
    if (c->range >= c->ranges.count) {
        return arrow_broken(err, "a batch with too few buffers");
    }
    const int64_t offset = flat_vector_word(&c->ranges, 16, c->range, 0);
    const int64_t len = flat_vector_word(&c->ranges, 16, c->range, 1);
    c->range++;
    if (offset < 0 || len < 0 || (uint64_t)offset > c->body.len ||
        (uint64_t)len > c->body.len - (uint64_t)offset) {
        return arrow_broken(err, "a buffer lies outside its message");
    }
    *out = (struct bytes){c->body.ptr + offset, (size_t)len};
    return !c->compressed || len == 0 || unpack_range(c, *out, out, err);
}

static bool
has_bytes(struct bytes range, int64_t items, uint64_t item_bytes, struct error *err)
{
    return item_bytes == 0 || (uint64_t)items <= range.len / item_bytes ||
           arrow_broken(err, "a buffer is shorter than its rows");
}

static bool
open_views(struct batch_cursor *c, struct arrow_array *x, struct error *err)
{
    if (!take_range(c, &x->data, err) || !has_bytes(x->data, x->rows, 16, err)) {
        return false;
    }
    if (c->variadic_at >= c->variadic.count) {
        return arrow_broken(err, "a view column without its buffer count");
    }
    const int64_t count = flat_vector_word(&c->variadic, 8, c->variadic_at++, 0);
    if (count < 0 || count > (int64_t)(c->ranges.count - c->range)) {
        return arrow_broken(err, "a view column's buffer count");
    }
    x->run_count = (uint32_t)count;
    x->runs = arena_new_array(c->reader->arena, struct bytes, count);
    for (uint32_t i = 0; i < x->run_count; i++) {
        if (!take_range(c, &x->runs[i], err)) {
            return false;
        }
    }
    return true;
}

static bool
open_offsets(struct batch_cursor *c, struct arrow_array *x, uint32_t width, struct error *err)
{
    x->offset_bytes = (uint8_t)width;
    return take_range(c, &x->offsets, err) &&
           (x->rows == 0 || has_bytes(x->offsets, x->rows + 1, width, err));
}

static bool
open_fixed(struct batch_cursor *c, struct arrow_array *x, uint32_t width, struct error *err)
{
    return take_range(c, &x->data, err) && has_bytes(x->data, x->rows, width, err);
}

static bool open_array(struct batch_cursor *c, const struct arrow_field *f, bool indexes,
                       struct arrow_array *out, struct error *err);

static bool
open_children(struct batch_cursor *c, struct arrow_array *x, struct error *err)
{
    const struct arrow_field *f = x->field;
    x->children = arena_new_array(c->reader->arena, struct arrow_array, f->child_count);
    for (uint32_t i = 0; i < f->child_count; i++) {
        if (!open_array(c, &f->children[i], true, &x->children[i], err)) {
            return false;
        }
        const int64_t want = f->id == ARROW_STRUCT       ? x->rows
                             : f->id == ARROW_FIXED_LIST ? x->rows * (int64_t)f->fixed
                                                         : 0;
        if (x->children[i].rows < want) {
            return arrow_broken(err, "a child column is shorter than its parent");
        }
    }
    return true;
}

/* The buffers of one array, by its layout. */
static bool
open_layout(struct batch_cursor *c, struct arrow_array *x, struct error *err)
{
    const struct arrow_field *f = x->field;
    switch (f->id) {
    case ARROW_BOOL:
        return take_range(c, &x->data, err) && has_bytes(x->data, (x->rows + 7) / 8, 1, err);
    case ARROW_INT:
    case ARROW_FLOAT:
    case ARROW_DECIMAL:
    case ARROW_DATE:
        return open_fixed(c, x, f->bits / 8, err);
    case ARROW_TIMESTAMP:
    case ARROW_DURATION:
        return open_fixed(c, x, 8, err);
    case ARROW_INTERVAL:
        return open_fixed(c, x, f->unit == 0 ? 4 : 16, err);
    case ARROW_FIXED_BINARY:
        return open_fixed(c, x, f->fixed, err);
    case ARROW_UTF8:
    case ARROW_BINARY:
        return open_offsets(c, x, 4, err) && take_range(c, &x->data, err);
    case ARROW_LARGE_UTF8:
    case ARROW_LARGE_BINARY:
        return open_offsets(c, x, 8, err) && take_range(c, &x->data, err);
    case ARROW_UTF8_VIEW:
    case ARROW_BINARY_VIEW:
        return open_views(c, x, err);
    case ARROW_LIST:
    case ARROW_MAP:
        return open_offsets(c, x, 4, err) && open_children(c, x, err);
    case ARROW_LARGE_LIST:
        return open_offsets(c, x, 8, err) && open_children(c, x, err);
    case ARROW_FIXED_LIST:
    case ARROW_STRUCT:
        return open_children(c, x, err);
    default:
        return true; /* null: no buffers */
    }
}

static struct arrow_dictionary *
find_dictionary(const struct arrow_reader *r, int64_t id)
{
    for (struct arrow_dictionary *d = r->dictionaries; d != NULL; d = d->next) {
        if (d->id == id) {
            return d;
        }
    }
    return NULL;
}

static bool
open_array(struct batch_cursor *c, const struct arrow_field *f, bool indexes,
           struct arrow_array *out, struct error *err)
{
    if (c->node >= c->nodes.count) {
        return arrow_broken(err, "a batch with too few columns");
    }
    *out = (struct arrow_array){.field = f,
                                .rows = flat_vector_word(&c->nodes, 16, c->node, 0),
                                .nulls = flat_vector_word(&c->nodes, 16, c->node, 1)};
    c->node++;
    if (out->rows < 0 || out->rows > INT32_MAX) {
        return arrow_broken(err, "a column's length");
    }
    if (f->id != ARROW_NULL || (f->dictionary && indexes)) {
        if (!take_range(c, &out->valid, err)) {
            return false;
        }
        if (out->nulls == 0 || out->valid.len == 0) {
            out->valid = (struct bytes){0};
        } else if (!has_bytes(out->valid, (out->rows + 7) / 8, 1, err)) {
            return false;
        }
    }
    if (!f->dictionary || !indexes) {
        return open_layout(c, out, err);
    }
    out->dictionary = find_dictionary(c->reader, f->dictionary_id);
    if (out->dictionary == NULL && out->rows > 0) {
        return arrow_broken(err, "a column's dictionary is missing");
    }
    return open_fixed(c, out, f->index_bits / 8, err);
}

static bool
open_cursor(struct batch_cursor *c, struct arrow_reader *r, const struct flat_table *batch,
            struct bytes body, struct error *err)
{
    *c = (struct batch_cursor){.reader = r, .body = body};
    if (!flat_get_vector(batch, 1, 16, &c->nodes)) {
        c->nodes.count = 0;
    }
    if (!flat_get_vector(batch, 2, 16, &c->ranges)) {
        c->ranges.count = 0;
    }
    if (!flat_get_vector(batch, 4, 8, &c->variadic)) {
        c->variadic.count = 0;
    }
    struct flat_table compression;
    if (flat_sub(batch, 3, &compression)) {
        const int64_t codec = flat_int(&compression, 0, 1, 0);
        if (codec != 0 && codec != 1) {
            return error_unsupported(err, "Arrow body compression %d", (int)codec);
        }
        c->compressed = true;
        c->codec = codec == 0 ? CODEC_LZ4_FRAME : CODEC_ZSTD;
    }
    return true;
}

static bool
open_batch(struct arrow_reader *r, const struct arrow_message *m, struct error *err)
{
    struct batch_cursor c;
    r->rows = flat_int(&m->header, 0, 8, 0);
    r->row = 0;
    if (r->rows < 0 || r->rows > INT32_MAX) {
        return arrow_broken(err, "a batch's length");
    }
    bool ok = open_cursor(&c, r, &m->header, m->body, err);
    for (uint32_t i = 0; ok && i < r->field_count; i++) {
        ok = open_array(&c, &r->fields[i], true, &r->columns[i], err);
        if (ok && r->columns[i].rows != r->rows) {
            ok = arrow_broken(err, "columns of different length");
        }
    }
    codec_release(&c.contexts);
    return ok;
}

/* The field that is encoded by a dictionary, anywhere in the tree. */
static const struct arrow_field *
dictionary_field(const struct arrow_field *fields, uint32_t count, int64_t id)
{
    for (uint32_t i = 0; i < count; i++) {
        if (fields[i].dictionary && fields[i].dictionary_id == id) {
            return &fields[i];
        }
        const struct arrow_field *inner =
            dictionary_field(fields[i].children, fields[i].child_count, id);
        if (inner != NULL) {
            return inner;
        }
    }
    return NULL;
}

static bool
open_dictionary(struct arrow_reader *r, const struct arrow_message *m, struct error *err)
{
    struct flat_table batch;
    const int64_t id = flat_int(&m->header, 0, 8, 0);
    const struct arrow_field *f = dictionary_field(r->fields, r->field_count, id);
    if (f == NULL || !flat_sub(&m->header, 1, &batch)) {
        return arrow_broken(err, "a dictionary that no column names");
    }
    if (flat_int(&m->header, 2, 1, 0) != 0) {
        return error_unsupported(err, "delta dictionaries in Arrow streams");
    }
    struct batch_cursor c;
    struct arrow_array values;
    bool ok = open_cursor(&c, r, &batch, m->body, err) && open_array(&c, f, false, &values, err);
    codec_release(&c.contexts);
    if (!ok) {
        return false;
    }
    struct arrow_dictionary *d = arena_new(r->arena, struct arrow_dictionary);
    *d = (struct arrow_dictionary){.id = id, .dict_id = dict_id_new(), .next = r->dictionaries};
    r->dictionaries = d; /* a later one of the same id hides it */
    return arrow_decode(&values, 0, (uint32_t)values.rows, r->stream_bytes, r->arena, &d->values,
                        err);
}

bool
arrow_reader_open(struct arena *a, struct bytes stream, struct arrow_reader **out,
                  struct error *err)
{
    struct arrow_reader *r = arena_new(a, struct arrow_reader);
    struct arrow_message m;
    r->arena = a;
    r->stream_bytes = stream.len;
    reader_init(&r->stream, stream);
    if (!arrow_take_message(&r->stream, &m, err)) {
        return false;
    }
    if (m.kind != ARROW_SCHEMA) {
        return arrow_broken(err, "it does not begin with a schema");
    }
    if (!arrow_read_fields(a, &m.header, &r->fields, &r->field_count, err)) {
        return false;
    }
    r->schema = arrow_fields_type(a, r->fields, r->field_count);
    r->columns = arena_new_array(a, struct arrow_array, r->field_count);
    *out = r;
    return true;
}

const struct type *
arrow_reader_schema(const struct arrow_reader *r)
{
    return r->schema;
}

bool
arrow_reader_next(struct arrow_reader *r, struct arena *tmp, struct chunk *out, struct error *err)
{
    *out = (struct chunk){.col_count = r->field_count};
    while (r->row == r->rows) {
        struct arrow_message m;
        if (!arrow_take_message(&r->stream, &m, err)) {
            return false;
        }
        if (m.kind == 0) {
            return true;
        }
        if (m.kind == ARROW_SCHEMA) {
            return arrow_broken(err, "a second schema");
        }
        if (m.kind == ARROW_DICTIONARY_BATCH ? !open_dictionary(r, &m, err)
                                             : !open_batch(r, &m, err)) {
            return false;
        }
    }
    const int64_t left = r->rows - r->row;
    const uint32_t n = left < VEC_ROWS ? (uint32_t)left : VEC_ROWS;
    struct vec *cols = arena_new_array(tmp, struct vec, r->field_count);
    for (uint32_t i = 0; i < r->field_count; i++) {
        if (!arrow_decode(&r->columns[i], (uint32_t)r->row, n, r->stream_bytes, tmp, &cols[i],
                          err)) {
            return false;
        }
    }
    r->row += n;
    out->cols = cols;
    out->n = out->sel_n = n;
    return true;
}
