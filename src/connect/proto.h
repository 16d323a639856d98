/*
 * Protobuf by tables: one decoder and one encoder for all messages, driven by the field lists in
 * proto_messages.c.
 *
 * How a message looks in C:
 *   scalar          its value; 0 when absent. With explicit presence also has_NAME
 *   string, bytes   ptr and len; ptr NULL when absent
 *   message         pointer; NULL when absent
 *   repeated, map   array and NAME_count; of structs for messages (a map's have key and value)
 *   oneof           NAME_case is the field number of the member that is set, 0 if none; the members
 *                   share a union
 *
 * Decoding puts everything into an arena. Strings are copied and end with a NUL; bytes are borrowed
 * from the input, which must live as long. Fields that the tables do not know are skipped. Refused:
 * what ends inside a value, a length past the end, text that is not UTF-8, nesting deeper than
 * PB_DEPTH_MAX, and structs that would need much more memory than the input has bytes.
 * A field that comes twice: the last one wins, also for messages.
 */
#ifndef WEIR_CONNECT_PROTO_H
#define WEIR_CONNECT_PROTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"
#include "base/reader.h"

enum {
    PB_DEPTH_MAX = 1200, /* Spark's own servers accept 1024 nested messages */
    PB_MEMORY_MIN = 64 << 20,
    PB_MEMORY_RATIO = 16, /* decoded structs may take PB_MEMORY_MIN + ratio * input bytes */
};

struct pb_text {
    const char *ptr;
    size_t len;
};

enum pb_kind {
    PB_BOOL = 0,
    PB_INT32, /* enums too */
    PB_INT64,
    PB_UINT32,
    PB_FLOAT,
    PB_DOUBLE,
    PB_STRING,
    PB_BYTES,
    PB_MESSAGE,
};

enum pb_label { PB_PLAIN = 0, PB_OPTIONAL, PB_REPEATED, PB_ONEOF };

struct pb_field {
    uint16_t number;
    uint8_t kind;  /* enum pb_kind */
    uint8_t label; /* enum pb_label */
    const char *name;
    uint16_t offset;   /* of the value in the struct */
    uint16_t presence; /* of has_NAME, NAME_count or ONEOF_case; 0 if there is none */
    uint16_t message;  /* enum pb_id, for PB_MESSAGE */
};

struct pb_message {
    const char *name;
    const struct pb_field *fields; /* by number */
    uint16_t field_count;
    uint16_t size;
    bool raw; /* the struct begins with `struct bytes raw` */
};

/* out is a zeroed struct of the message. */
bool pb_decode(struct arena *a, const struct pb_message *m, struct bytes in, void *out,
               struct error *err);
void pb_encode(struct buffer *out, const struct pb_message *m, const void *msg);
size_t pb_size(const struct pb_message *m, const void *msg); /* bytes that pb_encode writes */
const struct pb_field *pb_field_find(const struct pb_message *m, uint32_t number); /* or NULL */

/* Typed faces: the struct and its table share their name. */
#define PB_DECODE(arena, ID, in, out, err) pb_decode((arena), &pb_messages[ID], (in), (out), (err))
#define PB_ENCODE(buffer, ID, msg)         pb_encode((buffer), &pb_messages[ID], (msg))

static inline const char *
pb_str(struct pb_text t)
{
    return t.ptr != NULL ? t.ptr : "";
}

/* A text for encoding; NULL is absent. Borrowed. */
struct pb_text pb_text(const char *text);

#endif
