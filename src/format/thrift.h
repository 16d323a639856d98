/*
 * Thrift's compact protocol, as much as Parquet's footers and page headers need.
 *
 * Reading: struct thrift_field f = {0}; while (thrift_next(r, &f)) switch (f.id) {...}. Every field
 * must be taken by a call for its type or thrift_skip. The reader is sticky, so a struct is read
 * straight through and asked once; nesting and counts are bounded by what is left.
 * Writing: a field is put with its id and the id before it in the same struct.
 * Source: Thrift's "compact protocol" specification.
 */
#ifndef WEIR_FORMAT_THRIFT_H
#define WEIR_FORMAT_THRIFT_H

#include "base/buffer.h"
#include "base/reader.h"

enum thrift_type {
    THRIFT_STOP = 0,
    THRIFT_TRUE = 1,
    THRIFT_FALSE = 2,
    THRIFT_BYTE = 3,
    THRIFT_I16 = 4,
    THRIFT_I32 = 5,
    THRIFT_I64 = 6,
    THRIFT_DOUBLE = 7,
    THRIFT_BINARY = 8,
    THRIFT_LIST = 9,
    THRIFT_SET = 10,
    THRIFT_MAP = 11,
    THRIFT_STRUCT = 12,
};

struct thrift_field {
    int32_t id;
    uint8_t type;
};

bool thrift_next(struct reader *r, struct thrift_field *f); /* false at the struct's end */
void thrift_skip(struct reader *r, uint8_t type);
int64_t thrift_int(struct reader *r, const struct thrift_field *f);
bool thrift_bool(const struct thrift_field *f);
struct bytes thrift_binary(struct reader *r, const struct thrift_field *f);
/* Item count of a list; its items must be of that type. */
uint32_t thrift_list(struct reader *r, const struct thrift_field *f, uint8_t item_type);

struct thrift_put {
    struct buffer *out;
    int32_t last[8]; /* the last field id at each depth */
    uint32_t depth;
};

void thrift_put_int(struct thrift_put *t, int32_t id, uint8_t type, int64_t value);
void thrift_put_bool(struct thrift_put *t, int32_t id, bool value);
void thrift_put_binary(struct thrift_put *t, int32_t id, const void *ptr, size_t len);
void thrift_put_text(struct thrift_put *t, int32_t id, const char *text);
void thrift_put_list(struct thrift_put *t, int32_t id, uint8_t item_type, uint32_t count);
void thrift_begin(struct thrift_put *t, int32_t id); /* a struct field */
void thrift_begin_item(struct thrift_put *t);        /* a struct in a list, or the outermost */
void thrift_end(struct thrift_put *t);

#endif
