/*
 * Spark's data types.
 *
 * A type is an immutable tree. Scalars without parameters are shared statics (type_int() ...), the
 * rest lives in the arena it was made in; nothing frees a single type. Compare with type_equal,
 * never by pointer.
 *
 * Source: Spark SQL data types page; JSON and DDL forms as DataType.json and toDDL print them.
 */
#ifndef WEIR_TYPE_TYPE_H
#define WEIR_TYPE_TYPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct buffer;
struct error;

enum type_id {
    TYPE_NULL = 0,
    TYPE_BOOLEAN,
    TYPE_BYTE,
    TYPE_SHORT,
    TYPE_INT,
    TYPE_LONG,
    TYPE_FLOAT,
    TYPE_DOUBLE,
    TYPE_DECIMAL, /* precision, scale */
    TYPE_STRING,  /* length = -1, or varchar(n)/char(n) by string_kind */
    TYPE_BINARY,
    TYPE_DATE,              /* days since 1970-01-01 */
    TYPE_TIMESTAMP,         /* microseconds since the epoch, shown in the session zone */
    TYPE_TIMESTAMP_NTZ,     /* microseconds of a wall clock without a zone */
    TYPE_INTERVAL_YM,       /* months */
    TYPE_INTERVAL_DT,       /* microseconds */
    TYPE_INTERVAL_CALENDAR, /* months, days, microseconds */
    TYPE_ARRAY,             /* fields[0] is the element */
    TYPE_MAP,               /* fields[0] is the key, fields[1] the value */
    TYPE_STRUCT,            /* fields */
    TYPE_COUNT
};

enum type_string_kind { STRING_PLAIN = 0, STRING_CHAR, STRING_VARCHAR };

typedef __int128 i128; /* decimals of more than 18 digits; the one typedef of the tree */

/* A calendar interval: three parts that do not convert into each other. */
struct interval {
    int32_t months;
    int32_t days;
    int64_t micros;
};

/* Interval units, for the "day to second" of TYPE_INTERVAL_DT and "year to month" of _YM. */
enum type_unit {
    UNIT_YEAR = 0,
    UNIT_MONTH = 1,
    UNIT_DAY = 0,
    UNIT_HOUR = 1,
    UNIT_MINUTE = 2,
    UNIT_SECOND = 3
};

struct type_field {
    const char *name; /* arrays and maps: "element", "key", "value" */
    const struct type *type;
    bool nullable;
    const char *metadata; /* JSON object text, or NULL for none */
};

struct type {
    enum type_id id;
    uint8_t precision; /* decimal: 1..38; intervals: start unit */
    uint8_t scale;     /* decimal: 0..precision; intervals: end unit */
    uint8_t string_kind;
    int32_t length; /* char/varchar, else -1 */
    const struct type_field *fields;
    uint32_t field_count;
};

enum { DECIMAL_PRECISION_MAX = 38, DECIMAL_I64_PRECISION_MAX = 18 };

/* Shared scalars. */
const struct type *
type_scalar(enum type_id id); /* any id without parameters; INTERVALs get full range */
const struct type *type_decimal(struct arena *a, int precision, int scale);
const struct type *type_array(struct arena *a, const struct type *element, bool contains_null);
const struct type *type_map(struct arena *a, const struct type *key, const struct type *value,
                            bool value_contains_null);
const struct type *type_struct(struct arena *a, const struct type_field *fields, uint32_t count);
const struct type *type_copy(struct arena *a, const struct type *t); /* deep */

bool type_equal(const struct type *a,
                const struct type *b); /* with nullability of nested parts and names */
bool type_same(const struct type *a, const struct type *b); /* ignoring nullability and metadata */

static inline bool
type_is_integral(const struct type *t)
{
    return t->id >= TYPE_BYTE && t->id <= TYPE_LONG;
}

static inline bool
type_is_numeric(const struct type *t)
{
    return t->id >= TYPE_BYTE && t->id <= TYPE_DECIMAL;
}

static inline bool
type_is_nested(const struct type *t)
{
    return t->id >= TYPE_ARRAY;
}

bool
type_is_orderable(const struct type *t); /* not map, not calendar interval, all parts orderable */

/* Texts. simple: "decimal(10,2)", "struct<a:int,b:array<string>>"; sql: "DECIMAL(10,2)", "STRUCT<a:
 * INT>"; json: DataType.json; tree: the lines of df.printSchema() for a struct. */
void type_put_simple(struct buffer *out, const struct type *t);
void type_put_sql(struct buffer *out, const struct type *t);
void type_put_json(struct buffer *out, const struct type *t);
void type_put_ddl(struct buffer *out,
                  const struct type *t); /* struct only: "a INT NOT NULL, b STRING" */
void type_put_tree(struct buffer *out, const struct type *t, int level_max); /* 0 = all levels */
char *type_simple(struct arena *a, const struct type *t);
char *type_sql(struct arena *a, const struct type *t);

/* "a INT, b STRUCT<c: STRING>" or a single type "array<int>" or JSON. A single type is returned as
 * it is; use type_parse_schema where a struct is wanted (a single type becomes field "value"). */
const struct type *type_parse(struct arena *a, const char *text, size_t len, struct error *err);
const struct type *type_parse_schema(struct arena *a, const char *text, size_t len,
                                     struct error *err);

/* The form that travels between our own processes. */
struct reader;
void type_write(struct buffer *out, const struct type *t);
const struct type *type_read(struct arena *a,
                             struct reader *r); /* NULL on a fault, which the reader keeps */

#endif
