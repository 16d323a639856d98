/*
 * Parquet's footer and page headers as structs, and the fields of a file as a tree.
 *
 * File: "PAR1", column chunks (dictionary page?, data pages ...) row group after row group, footer
 * (Thrift FileMetaData), its length in 4 bytes little-endian, "PAR1".
 * Footers are cached by (path, size, modification time) and shared: immutable once read, counted.
 * Source: parquet.thrift of apache/parquet-format.
 */
#ifndef WEIR_FORMAT_PARQUET_META_H
#define WEIR_FORMAT_PARQUET_META_H

#include "base/arena.h"
#include "base/env.h"
#include "base/error.h"
#include "base/reader.h"
#include "file/codec.h"
#include "tree/source.h"
#include "type/type.h"

enum pq_type { PQ_BOOLEAN, PQ_INT32, PQ_INT64, PQ_INT96, PQ_FLOAT, PQ_DOUBLE, PQ_BYTES, PQ_FIXED };

enum pq_repetition { PQ_REQUIRED, PQ_OPTIONAL, PQ_REPEATED };

enum pq_encoding {
    PQ_PLAIN = 0,
    PQ_PLAIN_DICTIONARY = 2,
    PQ_RLE = 3,
    PQ_BIT_PACKED = 4,
    PQ_DELTA_BINARY = 5,
    PQ_DELTA_LENGTH = 6,
    PQ_DELTA_BYTES = 7,
    PQ_RLE_DICTIONARY = 8,
    PQ_BYTE_STREAM_SPLIT = 9,
};

enum pq_page_type {
    PQ_DATA_PAGE = 0,
    PQ_INDEX_PAGE = 1,
    PQ_DICTIONARY_PAGE = 2,
    PQ_DATA_PAGE_V2 = 3
};

/* What a leaf's values mean: converted and logical types in one list. */
enum pq_logical {
    PQ_NO_LOGICAL = 0,
    PQ_STRING,
    PQ_MAP,
    PQ_LIST,
    PQ_ENUM,
    PQ_DECIMAL,
    PQ_DATE,
    PQ_TIME,
    PQ_TIMESTAMP,
    PQ_INTEGER,
    PQ_UNKNOWN,
    PQ_JSON,
    PQ_OTHER,
};

enum pq_unit { PQ_MILLIS = 1, PQ_MICROS = 2, PQ_NANOS = 3 };

struct pq_element { /* of the flat schema list */
    const char *name;
    enum pq_type type;
    int32_t type_length;
    enum pq_repetition repetition;
    uint32_t child_count;
    enum pq_logical logical;
    int32_t scale, precision;
    uint8_t bits; /* INTEGER */
    bool is_signed;
    bool utc; /* TIMESTAMP */
    enum pq_unit unit;
};

struct pq_stats {
    bool has_min, has_max, has_nulls;
    bool legacy; /* min and max by signed bytes: only good for numbers */
    struct bytes min, max;
    int64_t nulls;
};

struct pq_chunk { /* a column of a row group */
    enum pq_type type;
    int32_t codec;
    int64_t values;
    int64_t start; /* dictionary page or first data page */
    int64_t bytes; /* compressed, headers included */
    struct pq_stats stats;
};

struct pq_group {
    struct pq_chunk *chunks;
    uint32_t chunk_count;
    int64_t rows;
};

enum pq_shape { PQ_LEAF, PQ_STRUCT, PQ_LIST_OF, PQ_MAP_OF };

/* A field of the schema as the engine sees it. def: the definition level at which it is not null;
 * rep: repeated fields above it. Lists and maps: item_def is the level at which an item exists. */
struct pq_field {
    const char *name;
    const struct type *type;
    enum pq_shape shape;
    bool nullable;
    uint8_t def, rep, item_def;
    uint32_t leaf; /* PQ_LEAF: index of the column chunk */
    const struct pq_element *element;
    struct pq_field *children; /* struct: fields; list: 1; map: key, value */
    uint32_t child_count;
};

struct pq_footer {
    struct arena arena;
    _Atomic uint32_t refs;
    int64_t rows;
    struct pq_group *groups;
    uint32_t group_count;
    struct pq_field *fields; /* of the root */
    uint32_t field_count;
    uint32_t leaf_count;
    const char *spark_schema; /* JSON in Spark's metadata key, or NULL */
    const struct type *schema;
};

struct pq_page {
    enum pq_page_type type;
    int32_t unpacked_bytes;
    int32_t packed_bytes;
    int32_t values;
    int32_t nulls; /* v2; -1 unknown */
    enum pq_encoding encoding;
    enum pq_encoding def_encoding;
    int32_t def_bytes, rep_bytes; /* v2 */
    bool compressed;              /* v2 */
};

bool pq_read_page(struct reader *r, struct pq_page *out); /* false: broken header */
bool pq_parse_footer(struct pq_footer *f, struct bytes metadata, int64_t file_bytes,
                     struct error *err);
/* The element list to fields and Spark types. */
bool pq_build_fields(struct pq_footer *f, const struct pq_element *elements, uint32_t count,
                     struct error *err);
bool pq_codec(int32_t number, enum codec_kind *out);

/* From the cache or the file; pq_footer_release when done. */
struct pq_footer *pq_footer_open(const struct source_file *file, struct env *env,
                                 struct error *err);
void pq_footer_release(struct pq_footer *f);
bool pq_broken(struct error *err, const char *what);

#endif
