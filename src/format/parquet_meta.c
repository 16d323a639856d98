/* Reading Parquet's Thrift structs. Unknown fields are skipped, so that newer writers are read. */
#include "format/parquet_meta.h"

#include <stdlib.h>
#include <string.h>

#include "format/thrift.h"

bool
pq_broken(struct error *err, const char *what)
{
    return error_set(err, ERROR_EXECUTION, "Broken Parquet file: %s", what);
}

bool
pq_codec(int32_t number, enum codec_kind *out)
{
    static const int8_t kinds[] = {CODEC_NONE,   CODEC_SNAPPY,     CODEC_GZIP, -1,
                                   CODEC_BROTLI, CODEC_LZ4_HADOOP, CODEC_ZSTD, CODEC_LZ4_RAW};
    if (number < 0 || number >= (int32_t)sizeof kinds || kinds[number] < 0) {
        return false;
    }
    *out = (enum codec_kind)kinds[number];
    return true;
}

static void
read_time_unit(struct reader *r, struct pq_element *e)
{
    struct thrift_field f = {0};
    while (thrift_next(r, &f)) {
        if (f.id >= PQ_MILLIS && f.id <= PQ_NANOS) {
            e->unit = (enum pq_unit)f.id;
        }
        thrift_skip(r, f.type);
    }
}

/* The inside of one member of the LogicalType union. */
static void
read_logical_member(struct reader *r, struct pq_element *e)
{
    struct thrift_field f = {0};
    while (thrift_next(r, &f)) {
        if (e->logical == PQ_DECIMAL && f.id == 1) {
            e->scale = (int32_t)thrift_int(r, &f);
        } else if (e->logical == PQ_DECIMAL && f.id == 2) {
            e->precision = (int32_t)thrift_int(r, &f);
        } else if (e->logical == PQ_INTEGER && f.id == 1) {
            e->bits = (uint8_t)thrift_int(r, &f);
        } else if (e->logical == PQ_INTEGER && f.id == 2) {
            e->is_signed = thrift_bool(&f);
        } else if (e->logical == PQ_TIMESTAMP && f.id == 1) {
            e->utc = thrift_bool(&f);
        } else if ((e->logical == PQ_TIMESTAMP || e->logical == PQ_TIME) && f.id == 2 &&
                   f.type == THRIFT_STRUCT) {
            read_time_unit(r, e);
        } else {
            thrift_skip(r, f.type);
        }
    }
}

static void
read_logical(struct reader *r, struct pq_element *e)
{
    static const uint8_t members[] = {
        [1] = PQ_STRING,  [2] = PQ_MAP,      [3] = PQ_LIST,     [4] = PQ_ENUM,
        [5] = PQ_DECIMAL, [6] = PQ_DATE,     [7] = PQ_TIME,     [8] = PQ_TIMESTAMP,
        [9] = PQ_OTHER,   [10] = PQ_INTEGER, [11] = PQ_UNKNOWN, [12] = PQ_JSON};
    struct thrift_field f = {0};
    while (thrift_next(r, &f)) {
        if (f.type != THRIFT_STRUCT) {
            thrift_skip(r, f.type);
            continue;
        }
        e->logical = f.id < (int32_t)sizeof members ? (enum pq_logical)members[f.id] : PQ_OTHER;
        read_logical_member(r, e);
    }
}

static void
set_converted(struct pq_element *e, int64_t converted)
{
    static const uint8_t logicals[] = {
        PQ_STRING,  PQ_MAP,     PQ_OTHER,   PQ_LIST,      PQ_ENUM,      PQ_DECIMAL,
        PQ_DATE,    PQ_TIME,    PQ_TIME,    PQ_TIMESTAMP, PQ_TIMESTAMP, PQ_INTEGER,
        PQ_INTEGER, PQ_INTEGER, PQ_INTEGER, PQ_INTEGER,   PQ_INTEGER,   PQ_INTEGER,
        PQ_INTEGER, PQ_JSON,    PQ_OTHER,   PQ_OTHER};
    if (converted < 0 || converted >= (int64_t)sizeof logicals) {
        return;
    }
    e->logical = (enum pq_logical)logicals[converted];
    if (e->logical == PQ_INTEGER) { /* 11..14 unsigned of 8 to 64 bits, 15..18 signed */
        e->is_signed = converted >= 15;
        e->bits = (uint8_t)(8 << ((converted - 11) % 4));
    } else if (e->logical == PQ_TIMESTAMP) {
        e->utc = true;
        e->unit = converted == 9 ? PQ_MILLIS : PQ_MICROS;
    }
}

static void
read_element(struct arena *a, struct reader *r, struct pq_element *e)
{
    struct thrift_field f = {0};
    struct bytes name;
    bool logical = false;
    *e = (struct pq_element){.name = ""};
    while (thrift_next(r, &f)) {
        switch (f.id) {
        case 1:
            e->type = (enum pq_type)(thrift_int(r, &f) & 7);
            break;
        case 2:
            e->type_length = (int32_t)thrift_int(r, &f);
            break;
        case 3:
            e->repetition = (enum pq_repetition)(thrift_int(r, &f) & 3);
            break;
        case 4:
            name = thrift_binary(r, &f);
            e->name = arena_strndup(a, (const char *)name.ptr, name.len);
            break;
        case 5:
            e->child_count = (uint32_t)thrift_int(r, &f);
            break;
        case 6: {
            const int64_t converted = thrift_int(r, &f);
            if (!logical) {
                set_converted(e, converted);
            }
            break;
        }
        case 7:
            e->scale = (int32_t)thrift_int(r, &f);
            break;
        case 8:
            e->precision = (int32_t)thrift_int(r, &f);
            break;
        case 10:
            if (f.type == THRIFT_STRUCT) {
                logical = true;
                read_logical(r, e);
                break;
            } /* fall through */
        default:
            thrift_skip(r, f.type);
        }
    }
}

static void
read_stats(struct arena *a, struct reader *r, struct pq_stats *s)
{
    struct thrift_field f = {0};
    struct bytes old_min = {0}, old_max = {0};
    while (thrift_next(r, &f)) {
        switch (f.id) {
        case 1:
            old_max = thrift_binary(r, &f);
            break;
        case 2:
            old_min = thrift_binary(r, &f);
            break;
        case 3:
            s->nulls = thrift_int(r, &f);
            s->has_nulls = s->nulls >= 0;
            break;
        case 5:
            s->max = thrift_binary(r, &f);
            s->has_max = s->max.ptr != NULL;
            break;
        case 6:
            s->min = thrift_binary(r, &f);
            s->has_min = s->min.ptr != NULL;
            break;
        default:
            thrift_skip(r, f.type);
        }
    }
    if (!s->has_min && !s->has_max && old_min.ptr != NULL && old_max.ptr != NULL) {
        s->min = old_min;
        s->max = old_max;
        s->has_min = s->has_max = s->legacy = true;
    }
}

static void
read_chunk_meta(struct arena *a, struct reader *r, struct pq_chunk *c)
{
    struct thrift_field f = {0};
    int64_t data = 0, dictionary = 0;
    while (thrift_next(r, &f)) {
        switch (f.id) {
        case 1:
            c->type = (enum pq_type)(thrift_int(r, &f) & 7);
            break;
        case 4:
            c->codec = (int32_t)thrift_int(r, &f);
            break;
        case 5:
            c->values = thrift_int(r, &f);
            break;
        case 7:
            c->bytes = thrift_int(r, &f);
            break;
        case 9:
            data = thrift_int(r, &f);
            break;
        case 11:
            dictionary = thrift_int(r, &f);
            break;
        case 12:
            if (f.type == THRIFT_STRUCT) {
                read_stats(a, r, &c->stats);
                break;
            } /* fall through */
        default:
            thrift_skip(r, f.type);
        }
    }
    c->start = dictionary > 0 && dictionary < data ? dictionary : data;
}

static void
read_chunk(struct arena *a, struct reader *r, struct pq_chunk *c)
{
    struct thrift_field f = {0};
    c->bytes = -1; /* a chunk without metadata lies in another file: refused by the check */
    while (thrift_next(r, &f)) {
        if (f.id == 3 && f.type == THRIFT_STRUCT) {
            read_chunk_meta(a, r, c);
        } else if (f.id == 1) {
            thrift_skip(r, f.type);
        } else {
            thrift_skip(r, f.type);
        }
    }
}

static void
read_group(struct arena *a, struct reader *r, struct pq_group *g)
{
    struct thrift_field f = {0};
    while (thrift_next(r, &f)) {
        switch (f.id) {
        case 1:
            g->chunk_count = thrift_list(r, &f, THRIFT_STRUCT);
            g->chunks = arena_new_array(a, struct pq_chunk, g->chunk_count);
            for (uint32_t i = 0; i < g->chunk_count && reader_ok(r); i++) {
                read_chunk(a, r, &g->chunks[i]);
            }
            break;
        case 3:
            g->rows = thrift_int(r, &f);
            break;
        default:
            thrift_skip(r, f.type);
        }
    }
}

static void
read_key_value(struct reader *r, struct pq_footer *footer)
{
    struct thrift_field f = {0};
    struct bytes key = {0}, value = {0};
    static const char spark_key[] = "org.apache.spark.sql.parquet.row.metadata";
    while (thrift_next(r, &f)) {
        if (f.id == 1) {
            key = thrift_binary(r, &f);
        } else if (f.id == 2) {
            value = thrift_binary(r, &f);
        } else {
            thrift_skip(r, f.type);
        }
    }
    if (key.len == sizeof spark_key - 1 && memcmp(key.ptr, spark_key, key.len) == 0) {
        footer->spark_schema = arena_strndup(&footer->arena, (const char *)value.ptr, value.len);
    }
}

/* Every chunk must lie in the file and every group have one chunk a leaf, of the leaf's type. */
static bool
check_groups(const struct pq_footer *f, int64_t file_bytes, struct error *err)
{
    int64_t rows = 0;
    for (uint32_t g = 0; g < f->group_count; g++) {
        const struct pq_group *group = &f->groups[g];
        if (group->rows < 0 || group->rows > INT32_MAX || group->chunk_count != f->leaf_count) {
            return pq_broken(err, "a row group's rows or columns");
        }
        rows += group->rows;
        for (uint32_t i = 0; i < group->chunk_count; i++) {
            const struct pq_chunk *c = &group->chunks[i];
            if (c->start < 0 || c->bytes < 0 || c->start > file_bytes ||
                c->bytes > file_bytes - c->start || c->values < 0) {
                return pq_broken(err, "a column chunk lies outside the file");
            }
        }
    }
    return rows == f->rows || pq_broken(err, "row counts that do not add up");
}

bool
pq_parse_footer(struct pq_footer *footer, struct bytes metadata, int64_t file_bytes,
                struct error *err)
{
    struct reader r;
    struct thrift_field f = {0};
    struct pq_element *elements = NULL;
    uint32_t count = 0;
    struct arena *a = &footer->arena;
    reader_init(&r, metadata);
    while (thrift_next(&r, &f)) {
        switch (f.id) {
        case 2:
            count = thrift_list(&r, &f, THRIFT_STRUCT);
            elements = arena_new_array(a, struct pq_element, count);
            for (uint32_t i = 0; i < count && reader_ok(&r); i++) {
                read_element(a, &r, &elements[i]);
            }
            break;
        case 3:
            footer->rows = thrift_int(&r, &f);
            break;
        case 4:
            footer->group_count = thrift_list(&r, &f, THRIFT_STRUCT);
            footer->groups = arena_new_array(a, struct pq_group, footer->group_count);
            for (uint32_t i = 0; i < footer->group_count && reader_ok(&r); i++) {
                read_group(a, &r, &footer->groups[i]);
            }
            break;
        case 5: {
            const uint32_t keys = thrift_list(&r, &f, THRIFT_STRUCT);
            for (uint32_t i = 0; i < keys && reader_ok(&r); i++) {
                read_key_value(&r, footer);
            }
            break;
        }
        default:
            thrift_skip(&r, f.type);
        }
    }
    if (!reader_ok(&r) || count == 0) {
        return pq_broken(err, "its footer does not decode");
    }
    return pq_build_fields(footer, elements, count, err) && check_groups(footer, file_bytes, err);
}

static void
read_data_page(struct reader *r, struct pq_page *p)
{
    struct thrift_field f = {0};
    while (thrift_next(r, &f)) {
        if (f.id == 1) {
            p->values = (int32_t)thrift_int(r, &f);
        } else if (f.id == 2) {
            p->encoding = (enum pq_encoding)(thrift_int(r, &f) & 15);
        } else if (f.id == 3 && f.type == THRIFT_I32) {
            p->def_encoding = (enum pq_encoding)(thrift_int(r, &f) & 15);
        } else {
            thrift_skip(r, f.type);
        }
    }
}

static void
read_data_page_v2(struct reader *r, struct pq_page *p)
{
    struct thrift_field f = {0};
    p->compressed = true;
    while (thrift_next(r, &f)) {
        switch (f.id) {
        case 1:
            p->values = (int32_t)thrift_int(r, &f);
            break;
        case 2:
            p->nulls = (int32_t)thrift_int(r, &f);
            break;
        case 4:
            p->encoding = (enum pq_encoding)(thrift_int(r, &f) & 15);
            break;
        case 5:
            p->def_bytes = (int32_t)thrift_int(r, &f);
            break;
        case 6:
            p->rep_bytes = (int32_t)thrift_int(r, &f);
            break;
        case 7:
            p->compressed = thrift_bool(&f);
            break;
        default:
            thrift_skip(r, f.type);
        }
    }
}

bool
pq_read_page(struct reader *r, struct pq_page *out)
{
    struct thrift_field f = {0};
    *out = (struct pq_page){
        .type = PQ_INDEX_PAGE, .nulls = -1, .def_encoding = PQ_RLE, .compressed = true};
    while (thrift_next(r, &f)) {
        switch (f.id) {
        case 1:
            out->type = (enum pq_page_type)(thrift_int(r, &f) & 3);
            break;
        case 2:
            out->unpacked_bytes = (int32_t)thrift_int(r, &f);
            break;
        case 3:
            out->packed_bytes = (int32_t)thrift_int(r, &f);
            break;
        case 5:
        case 7:
            read_data_page(r, out); /* a dictionary page's first two fields are the same */
            break;
        case 8:
            read_data_page_v2(r, out);
            break;
        default:
            thrift_skip(r, f.type);
        }
    }
    return reader_ok(r) && out->packed_bytes >= 0 && out->unpacked_bytes >= 0 && out->values >= 0 &&
           out->def_bytes >= 0 && out->rep_bytes >= 0 &&
           (size_t)out->packed_bytes <= reader_left(r);
}
