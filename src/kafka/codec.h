/*
 * Kafka's requests and answers between bytes and structs.
 *
 * All knowledge of messages is in tables (kafka/messages.h, generated); this is the one interpreter
 * that walks them. A decoded message borrows its texts from the frame and its arrays from an arena.
 * An encoder may leave holes for file bytes: a records field whose pointer is kafka_hole takes no
 * bytes in the buffer, only a note of where they belong, and the connection sends them by sendfile.
 * Threads: none of its own.
 */
#ifndef WEIR_KAFKA_CODEC_H
#define WEIR_KAFKA_CODEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"
#include "base/reader.h"

struct kafka_uuid {
    uint8_t bytes[16];
};

enum kafka_type {
    KAFKA_BOOL,
    KAFKA_INT8,
    KAFKA_INT16,
    KAFKA_UINT16,
    KAFKA_INT32,
    KAFKA_INT64,
    KAFKA_STRING,
    KAFKA_BYTES,
    KAFKA_RECORDS,
    KAFKA_UUID,
    KAFKA_STRUCT,
};

struct kafka_struct;

struct kafka_field {
    const char *name;
    uint8_t type;
    bool array;
    int8_t version_min, version_max;
    int8_t null_min;       /* may be null from this version on */
    int8_t tag, tag_min;   /* -1: not tagged */
    uint16_t offset;       /* in the struct */
    uint16_t count_offset; /* of an array's count, or of a nullable structure's flag */
    const struct kafka_struct *of;
    int64_t initial;
};

struct kafka_struct {
    const struct kafka_field *fields;
    size_t count;
    size_t bytes;
};

struct kafka_api_entry {
    int16_t key;
    const char *name;
    int16_t version_min, version_max, flexible_min;
    const struct kafka_struct *request, *response;
};

extern const struct kafka_api_entry kafka_apis[];
extern const size_t kafka_api_count;
const struct kafka_api_entry *kafka_api_find(int16_t key); /* NULL: not known */

/* n structs with their initial values. */
void *kafka_items(struct arena *a, const struct kafka_struct *table, size_t n);
void kafka_init(const struct kafka_struct *table, void *object);

/* The body behind the request header. False: the bytes do not fit the version. */
bool kafka_decode(struct reader *in, const struct kafka_struct *table, int16_t version,
                  bool flexible, struct arena *a, void *object);

extern const uint8_t kafka_hole[1];
struct kafka_holes {
    size_t *at; /* positions in the buffer, rising */
    size_t *len;
    size_t count, capacity;
};
/* holes may be NULL when the message can have none. */
void kafka_encode(struct buffer *out, const struct kafka_struct *table, int16_t version,
                  bool flexible, const void *object, struct kafka_holes *holes);
void kafka_holes_release(struct kafka_holes *holes);

static inline struct bytes
bytes_of(const char *text)
{
    return (struct bytes){(const uint8_t *)text, text != NULL ? strlen(text) : 0};
}

static inline bool
bytes_equal(struct bytes a, struct bytes b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

static inline bool
bytes_is(struct bytes a, const char *text)
{
    return bytes_equal(a, bytes_of(text));
}

#endif
