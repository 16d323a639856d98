/*
 * Arrow IPC streams: the form of results to Spark Connect clients, of local relations from them,
 * and of data to and from Python workers. Own writer and reader for the tables we use.
 *
 * A stream is: schema message, dictionary or record batches, end-of-stream mark (ff ff ff ff 00 00
 * 00 00). Spark's types map as PySpark's to_arrow_type does: decimal -> decimal128, timestamp ->
 * timestamp[us, session zone], string -> utf8, map -> map<entries: struct<key, value>>.
 * Source: Arrow columnar format and IPC pages (Schema.fbs, Message.fbs).
 */
#ifndef WEIR_FORMAT_ARROW_H
#define WEIR_FORMAT_ARROW_H

#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"
#include "base/reader.h"
#include "vec/vec.h"

/* Schema message alone (encapsulated, padded). zone: for timestamps. */
void arrow_put_schema(struct buffer *out, const struct type *schema, const char *zone);
void arrow_put_end(struct buffer *out);

/* Gathers chunks into one record batch. */
struct arrow_batch; /* columns growing; charged to the budget */
struct arrow_batch *arrow_batch_new(const struct type *schema, struct budget *budget);
void arrow_batch_free(struct arrow_batch *b);
bool arrow_batch_add(struct arrow_batch *b, const struct chunk *c,
                     struct error *err); /* live rows */
uint64_t arrow_batch_rows(const struct arrow_batch *b);
uint64_t arrow_batch_bytes(const struct arrow_batch *b); /* about what put will write */
void arrow_batch_put(struct arrow_batch *b,
                     struct buffer *out); /* record batch message; b is empty after */

/* Reading a stream from bytes. */
struct arrow_reader;
bool arrow_reader_open(struct arena *a, struct bytes stream, struct arrow_reader **out,
                       struct error *err);
const struct type *arrow_reader_schema(const struct arrow_reader *r); /* as Spark types */
/* Next up to VEC_ROWS rows; n == 0 at the end. Zero-copy where layouts agree; valid while the
 * stream's bytes and tmp live. Accepts utf8, large_utf8, utf8_view, dictionary and LZ4/zstd
 * compressed bodies. */
bool arrow_reader_next(struct arrow_reader *r, struct arena *tmp, struct chunk *out,
                       struct error *err);
bool arrow_schema_read(struct arena *a, struct bytes message, const struct type **out,
                       struct error *err);

#endif
