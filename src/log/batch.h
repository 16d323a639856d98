/*
 * Kafka's record batch, format v2, as bytes:
 *
 *   offset size
 *    0  8  base offset            8  4  batch length (bytes after this field)
 *   12  4  partition leader epoch 16  1  magic = 2
 *   17  4  CRC-32C of everything from 21 on
 *   21  2  attributes: bits 0-2 codec, 3 timestamp type, 4 transactional, 5 control
 *   23  4  last offset delta      27  8  base timestamp   35  8  max timestamp
 *   43  8  producer id            51  2  producer epoch   53  4  base sequence
 *   57  4  record count           61  .. records, compressed as one run
 * All big-endian. A record: varint length, attributes, varint timestamp delta, varint offset delta,
 * varint key length, key, varint value length, value, varint header count, headers.
 */
#ifndef WEIR_LOG_BATCH_H
#define WEIR_LOG_BATCH_H

#include "base/buffer.h"
#include "base/error.h"
#include "base/reader.h"

enum { BATCH_HEADER_BYTES = 61, BATCH_OVERHEAD_BYTES = 12 };
enum batch_codec { BATCH_PLAIN = 0, BATCH_GZIP, BATCH_SNAPPY, BATCH_LZ4, BATCH_ZSTD };

struct batch {
    int64_t base_offset;
    int32_t length; /* with the 12 bytes in front: total size is length + 12 */
    int32_t leader_epoch;
    uint32_t crc;
    uint16_t attributes;
    int32_t last_offset_delta;
    int64_t base_timestamp, max_timestamp;
    int64_t producer_id;
    int16_t producer_epoch;
    int32_t base_sequence;
    int32_t record_count;
    struct bytes records; /* still compressed */
};

/* Header fields of the first batch in input; READER_SHORT faults leave err set with code 2. */
bool batch_parse(struct bytes input, struct batch *out, struct error *err);
bool batch_crc_ok(struct bytes whole_batch);
/* Records into out, decompressed; limit bytes bounds hostile ratios. */
bool batch_decompress(const struct batch *b, struct buffer *out, size_t limit, struct error *err);

/* One run of bytes in one of the four codecs (log/inflate.c); snappy is read bare and in Java's
 * framed form. out is appended to; growing it past limit is refused. */
bool batch_inflate(enum batch_codec codec, struct bytes input, struct buffer *out, size_t limit,
                   struct error *err);

struct log_record {
    int64_t offset;
    int64_t timestamp_ms;
    int8_t timestamp_type; /* 0 create, 1 append */
    struct bytes key;      /* ptr NULL = null */
    struct bytes value;
    struct bytes headers; /* raw header bytes, after their count */
    int32_t header_count;
};

/* Walks the records of a batch whose plain records the caller holds. next: false with err unset at
 * the end; views point into plain. */
struct record_iter {
    const struct batch *batch;
    struct reader reader;
    int32_t left;
};
void record_iter_init(struct record_iter *it, const struct batch *b, struct bytes plain);
bool record_iter_next(struct record_iter *it, struct log_record *out, struct error *err);

/* Patches what a broker sets: both fields lie outside the CRC. */
void batch_assign(uint8_t *batch, int64_t base_offset, int32_t leader_epoch);
/* Redoes the CRC after a change of anything from the attributes on. */
void batch_seal(uint8_t *batch, size_t len);

/* Builds a batch of plain records: begin, add..., end (patches lengths and CRC). */
struct batch_builder {
    struct buffer *out;
    size_t start;
    int64_t base_timestamp, max_timestamp;
    int32_t count;
};
void batch_begin(struct batch_builder *b, struct buffer *out, int64_t base_offset);
void batch_add(struct batch_builder *b, int64_t timestamp_ms, struct bytes key, struct bytes value,
               struct bytes raw_headers, int32_t header_count);
void batch_end(struct batch_builder *b);

#endif
