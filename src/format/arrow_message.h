/*
 * Inside of the Arrow reader and writer: message numbers, and how a field of an incoming schema
 * lies in its record batches.
 *
 * Encapsulated message: ff ff ff ff, int32 metadata length, metadata (flatbuffer, padded so that
 * the body starts at a multiple of 8), body.
 * Source: Arrow's Schema.fbs and Message.fbs; the numbers are slots and union members there.
 */
#ifndef WEIR_FORMAT_ARROW_MESSAGE_H
#define WEIR_FORMAT_ARROW_MESSAGE_H

#include "base/arena.h"
#include "base/error.h"
#include "format/flat.h"
#include "vec/vec.h"

enum { ARROW_V5 = 4, ARROW_DEPTH_MAX = 64, ARROW_FIELDS_MAX = 100000 };

enum arrow_header {
    ARROW_SCHEMA = 1,
    ARROW_DICTIONARY_BATCH = 2,
    ARROW_RECORD_BATCH = 3,
};

enum arrow_type_id {
    ARROW_NULL = 1,
    ARROW_INT = 2,
    ARROW_FLOAT = 3,
    ARROW_BINARY = 4,
    ARROW_UTF8 = 5,
    ARROW_BOOL = 6,
    ARROW_DECIMAL = 7,
    ARROW_DATE = 8,
    ARROW_TIME = 9,
    ARROW_TIMESTAMP = 10,
    ARROW_INTERVAL = 11,
    ARROW_LIST = 12,
    ARROW_STRUCT = 13,
    ARROW_UNION = 14,
    ARROW_FIXED_BINARY = 15,
    ARROW_FIXED_LIST = 16,
    ARROW_MAP = 17,
    ARROW_DURATION = 18,
    ARROW_LARGE_BINARY = 19,
    ARROW_LARGE_UTF8 = 20,
    ARROW_LARGE_LIST = 21,
    ARROW_RUN_END = 22,
    ARROW_BINARY_VIEW = 23,
    ARROW_UTF8_VIEW = 24,
};

enum arrow_unit { ARROW_SECOND = 0, ARROW_MILLI = 1, ARROW_MICRO = 2, ARROW_NANO = 3 };

/* A field as the stream lays it out. Children as the stream has them: a map has one (entries). */
struct arrow_field {
    const char *name;
    const struct type *type; /* ours */
    enum arrow_type_id id;
    uint8_t unit; /* times; date: 0 day, 1 milli; interval: 0 months, 2 month-day-nano */
    uint8_t bits; /* integers, floats, decimals */
    bool nullable;
    bool dictionary;
    uint8_t index_bits; /* of dictionary codes */
    int64_t dictionary_id;
    uint32_t fixed; /* bytes of a fixed binary, items of a fixed list */
    uint32_t child_count;
    struct arrow_field *children;
};

/* One encapsulated message taken off a stream. kind 0: the end. */
struct arrow_message {
    enum arrow_header kind;
    struct flat_table header;
    struct bytes body;
};

bool arrow_take_message(struct reader *r, struct arrow_message *out, struct error *err);
/* The schema's fields; depth and count are bounded. */
bool arrow_read_fields(struct arena *a, const struct flat_table *schema, struct arrow_field **out,
                       uint32_t *count, struct error *err);
const struct type *arrow_fields_type(struct arena *a, const struct arrow_field *fields,
                                     uint32_t count);
bool arrow_broken(struct error *err, const char *what);

/* Writing: puts the frame of a message; the flatbuffer goes between begin and end. */
size_t arrow_begin_message(struct flat_put *f, enum arrow_header kind, uint64_t body_bytes,
                           size_t *header_slot);
void arrow_end_message(struct flat_put *f, size_t start);

#endif
