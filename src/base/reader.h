/*
 * A reader walks bytes that came from outside (a socket, a segment file) and never leaves them.
 *
 * It is sticky: the first bad read is remembered, and from then on every read yields zero and moves
 * nothing. So a decoder reads a whole record straight through and asks reader_ok() once. Only two
 * kinds of value may not wait for that question, because memory or time follow from them: a length
 * (use reader_take or reader_bytes) and a number of items (use reader_count).
 *
 * Ownership: a reader borrows its input, and so does every view it returns.
 * Threads:   none; one reader has one user.
 */
#ifndef WEIR_BASE_READER_H
#define WEIR_BASE_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum reader_fault {
    READER_OK = 0,
    READER_SHORT,    /* the input ends inside a value */
    READER_OVERLONG, /* a varint has more than 64 bits */
    READER_RANGE,    /* a value that its field does not allow */
};

/* A borrowed run of bytes. ptr is NULL only for a Kafka null, which is not an empty string. */
struct bytes {
    const uint8_t *ptr;
    size_t len;
};

struct reader {
    const uint8_t *start;
    const uint8_t *pos;
    const uint8_t *end; /* drawn in to pos by the first fault, so later reads fail by themselves */
    enum reader_fault fault;
};

void reader_init(struct reader *r, struct bytes input);
bool reader_ok(const struct reader *r);
size_t reader_left(const struct reader *r);   /* unread bytes; 0 after a fault */
size_t reader_offset(const struct reader *r); /* bytes read; after a fault, where it happened */

uint64_t reader_uvarint64(struct reader *r); /* LEB128, low seven bits first */
int64_t reader_varint64(struct reader *r);   /* zigzag, Kafka VARLONG */
int32_t reader_varint32(struct reader *r);   /* zigzag, Kafka VARINT */

uint8_t reader_u8(struct reader *r);
uint16_t reader_be16(struct reader *r);
uint32_t reader_be32(struct reader *r);
uint64_t reader_be64(struct reader *r);
uint16_t reader_le16(struct reader *r);
uint32_t reader_le32(struct reader *r);
uint64_t reader_le64(struct reader *r);

struct bytes reader_take(struct reader *r, size_t len); /* the next len bytes, not copied */
struct bytes reader_bytes(struct reader *r);            /* VARINT length, bytes; -1 is null */

/* A VARINT item count, refused if that many items of item_bytes_min could not fit in what is left,
 * so that five hostile bytes cannot ask for two thousand million allocations. */
size_t reader_count(struct reader *r, size_t item_bytes_min);

/* The form used between our own processes (buffer_lenbytes): uvarint length, bytes; and a count
 * written by buffer_uvarint, refused like reader_count. */
struct bytes reader_lenbytes(struct reader *r);
size_t reader_ucount(struct reader *r, size_t item_bytes_min);
void reader_refuse(struct reader *r); /* the caller found a value that its field does not allow */

#endif
