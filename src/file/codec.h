/*
 * Compression codecs behind one call: what Parquet pages, Arrow bodies and compressed text files
 * use. The libraries do the work; here are their many ways of failing made one, and their contexts
 * kept for reuse.
 *
 * Sizes are known to callers from page headers: a decompression must fill dst exactly, anything
 * else is an error. Nothing here trusts src.
 * Threads: a struct codec has one user. {0} is a fresh one.
 */
#ifndef WEIR_FILE_CODEC_H
#define WEIR_FILE_CODEC_H

#include "base/buffer.h"
#include "base/error.h"
#include "base/reader.h"

enum codec_kind {
    CODEC_NONE = 0,
    CODEC_SNAPPY,
    CODEC_GZIP,
    CODEC_BROTLI,
    CODEC_ZSTD,
    CODEC_LZ4_RAW,    /* one block */
    CODEC_LZ4_HADOOP, /* big-endian lengths before each block; falls back to a bare block */
    CODEC_LZ4_FRAME,
};

struct codec { /* contexts, made on first use */
    void *zstd_in;
    void *zstd_out;
    void *deflate_in;
    void *deflate_out;
};

/* One block to be decompressed into exactly dst_len bytes. */
struct codec_job {
    struct bytes src;
    uint8_t *dst;
    size_t dst_len;
};

void codec_release(struct codec *c);
const char *codec_name(enum codec_kind kind);
bool codec_decompress(struct codec *c, enum codec_kind kind, const struct codec_job *job,
                      struct error *err);
/* Several pages of one column at once, so that a decoder may interleave their dependency chains. */
bool codec_decompress_all(struct codec *c, enum codec_kind kind, const struct codec_job *jobs,
                          uint32_t count, struct error *err);
/* Appends the compressed form of src. level 0 = the codec's usual one. */
bool codec_compress(struct codec *c, enum codec_kind kind, int level, struct bytes src,
                    struct buffer *out, struct error *err);

#endif
