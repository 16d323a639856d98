/* Codecs: each library's call, with its failure turned into one sentence. */
#include "file/codec.h"

#include <brotli/decode.h>
#include <brotli/encode.h>
#include <libdeflate.h>
#include <lz4.h>
#include <lz4frame.h>
#include <snappy-c.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "file/snappy.h"

const char *
codec_name(enum codec_kind kind)
{
    static const char *const names[] = {"none", "snappy",  "gzip",       "brotli",
                                        "zstd", "lz4_raw", "lz4_hadoop", "lz4"};
    return (size_t)kind < sizeof names / sizeof *names ? names[kind] : "unknown";
}

void
codec_release(struct codec *c)
{
    ZSTD_freeDCtx(c->zstd_in);
    ZSTD_freeCCtx(c->zstd_out);
    if (c->deflate_in != NULL) {
        libdeflate_free_decompressor(c->deflate_in);
    }
    if (c->deflate_out != NULL) {
        libdeflate_free_compressor(c->deflate_out);
    }
    *c = (struct codec){0};
}

/* A gzip file may be several members in a row. */
static bool
gzip_in(struct codec *c, const struct codec_job *j)
{
    if (c->deflate_in == NULL) {
        c->deflate_in = libdeflate_alloc_decompressor();
    }
    const uint8_t *src = j->src.ptr;
    size_t left = j->src.len;
    size_t done = 0;
    while (left > 0 && c->deflate_in != NULL) {
        size_t used, made;
        if (libdeflate_gzip_decompress_ex(c->deflate_in, src, left, j->dst + done,
                                          j->dst_len - done, &used, &made) != LIBDEFLATE_SUCCESS) {
            return false;
        }
        src += used;
        left -= used;
        done += made;
    }
    return done == j->dst_len;
}

static bool
brotli_in(const struct codec_job *j)
{
    size_t len = j->dst_len;
    return BrotliDecoderDecompress(j->src.len, j->src.ptr, &len, j->dst) ==
               BROTLI_DECODER_RESULT_SUCCESS &&
           len == j->dst_len;
}

static bool
zstd_in(struct codec *c, const struct codec_job *j)
{
    if (c->zstd_in == NULL) {
        c->zstd_in = ZSTD_createDCtx();
    }
    if (c->zstd_in == NULL) {
        return false;
    }
    const size_t len = ZSTD_decompressDCtx(c->zstd_in, j->dst, j->dst_len, j->src.ptr, j->src.len);
    return !ZSTD_isError(len) && len == j->dst_len;
}

static bool
lz4_block_in(const struct codec_job *j)
{
    if (j->src.len > INT32_MAX || j->dst_len > INT32_MAX) {
        return false;
    }
    const int len = LZ4_decompress_safe((const char *)j->src.ptr, (char *)j->dst, (int)j->src.len,
                                        (int)j->dst_len);
    return len >= 0 && (size_t)len == j->dst_len;
}

static bool
lz4_hadoop_in(const struct codec_job *j)
{
    struct reader r;
    size_t done = 0;
    reader_init(&r, j->src);
    while (done < j->dst_len) {
        const uint32_t len = reader_be32(&r);
        const uint32_t packed = reader_be32(&r);
        const struct bytes block = reader_take(&r, packed);
        if (!reader_ok(&r) || len == 0 || len > j->dst_len - done) {
            return lz4_block_in(j);
        }
        if (!lz4_block_in(&(struct codec_job){block, j->dst + done, len})) {
            return lz4_block_in(j);
        }
        done += len;
    }
    return reader_left(&r) == 0 || lz4_block_in(j);
}

static bool
lz4_frame_in(const struct codec_job *j)
{
    LZ4F_dctx *ctx = NULL;
    if (LZ4F_isError(LZ4F_createDecompressionContext(&ctx, LZ4F_VERSION))) {
        return false;
    }
    size_t done = 0;
    size_t used = 0;
    size_t more = 1;
    while (more != 0 && used < j->src.len) {
        size_t room = j->dst_len - done;
        size_t step = j->src.len - used;
        more = LZ4F_decompress(ctx, j->dst + done, &room, j->src.ptr + used, &step, NULL);
        if (LZ4F_isError(more) || (room == 0 && step == 0)) {
            break;
        }
        done += room;
        used += step;
    }
    LZ4F_freeDecompressionContext(ctx);
    return more == 0 && done == j->dst_len;
}

bool
codec_decompress(struct codec *c, enum codec_kind kind, const struct codec_job *job,
                 struct error *err)
{
    bool ok = false;
    switch (kind) {
    case CODEC_NONE:
        ok = job->src.len == job->dst_len;
        if (ok && job->dst_len > 0) {
            memcpy(job->dst, job->src.ptr, job->dst_len);
        }
        break;
    case CODEC_SNAPPY:
        ok = snappy_block_read(job);
        break;
    case CODEC_GZIP:
        ok = gzip_in(c, job);
        break;
    case CODEC_BROTLI:
        ok = brotli_in(job);
        break;
    case CODEC_ZSTD:
        ok = zstd_in(c, job);
        break;
    case CODEC_LZ4_RAW:
        ok = lz4_block_in(job);
        break;
    case CODEC_LZ4_HADOOP:
        ok = lz4_hadoop_in(job);
        break;
    case CODEC_LZ4_FRAME:
        ok = lz4_frame_in(job);
        break;
    }
    return ok || error_set(err, ERROR_EXECUTION,
                           "Broken %s data: %zu bytes do not decompress to the %zu that were said",
                           codec_name(kind), job->src.len, job->dst_len);
}

bool
codec_decompress_all(struct codec *c, enum codec_kind kind, const struct codec_job *jobs,
                     uint32_t count, struct error *err)
{
    uint32_t i = 0;
    for (; kind == CODEC_SNAPPY && i + 1 < count; i += 2) {
        if (!snappy_blocks_read(&jobs[i], &jobs[i + 1])) {
            return error_set(err, ERROR_EXECUTION, "Broken snappy data in one of two pages");
        }
    }
    for (; i < count; i++) {
        if (!codec_decompress(c, kind, &jobs[i], err)) {
            return false;
        }
    }
    return true;
}

static bool
gzip_out(struct codec *c, int level, struct bytes src, struct buffer *out)
{
    if (c->deflate_out == NULL) {
        c->deflate_out = libdeflate_alloc_compressor(level > 0 ? level : 6);
    }
    if (c->deflate_out == NULL) {
        return false;
    }
    const size_t bound = libdeflate_gzip_compress_bound(c->deflate_out, src.len);
    if (!buffer_reserve(out, bound)) {
        return false;
    }
    const size_t len =
        libdeflate_gzip_compress(c->deflate_out, src.ptr, src.len, out->ptr + out->len, bound);
    out->len += len;
    return len > 0;
}

static bool
zstd_out(struct codec *c, int level, struct bytes src, struct buffer *out)
{
    if (c->zstd_out == NULL) {
        c->zstd_out = ZSTD_createCCtx();
    }
    const size_t bound = ZSTD_compressBound(src.len);
    if (c->zstd_out == NULL || !buffer_reserve(out, bound)) {
        return false;
    }
    const size_t len = ZSTD_compressCCtx(c->zstd_out, out->ptr + out->len, bound, src.ptr, src.len,
                                         level != 0 ? level : 3);
    if (ZSTD_isError(len)) {
        return false;
    }
    out->len += len;
    return true;
}

static bool
snappy_out(struct bytes src, struct buffer *out)
{
    size_t len = snappy_max_compressed_length(src.len);
    if (!buffer_reserve(out, len) ||
        snappy_compress((const char *)src.ptr, src.len, (char *)out->ptr + out->len, &len) !=
            SNAPPY_OK) {
        return false;
    }
    out->len += len;
    return true;
}

static bool
lz4_out(enum codec_kind kind, struct bytes src, struct buffer *out)
{
    if (src.len > LZ4_MAX_INPUT_SIZE) {
        return false;
    }
    size_t len;
    if (kind == CODEC_LZ4_FRAME) {
        const size_t bound = LZ4F_compressFrameBound(src.len, NULL);
        if (!buffer_reserve(out, bound)) {
            return false;
        }
        len = LZ4F_compressFrame(out->ptr + out->len, bound, src.ptr, src.len, NULL);
        if (LZ4F_isError(len)) {
            return false;
        }
    } else {
        const int bound = LZ4_compressBound((int)src.len);
        if (!buffer_reserve(out, (size_t)bound)) {
            return false;
        }
        len = (size_t)LZ4_compress_default((const char *)src.ptr, (char *)out->ptr + out->len,
                                           (int)src.len, bound);
    }
    out->len += len;
    return len > 0;
}

static bool
brotli_out(int level, struct bytes src, struct buffer *out)
{
    size_t len = BrotliEncoderMaxCompressedSize(src.len);
    if (!buffer_reserve(out, len + 16) ||
        !BrotliEncoderCompress(level != 0 ? level : 4, BROTLI_DEFAULT_WINDOW, BROTLI_MODE_GENERIC,
                               src.len, src.ptr, &len, out->ptr + out->len)) {
        return false;
    }
    out->len += len;
    return true;
}

bool
codec_compress(struct codec *c, enum codec_kind kind, int level, struct bytes src,
               struct buffer *out, struct error *err)
{
    bool ok = false;
    static const uint8_t nothing[1];
    if (src.ptr == NULL) {
        src.ptr = nothing;
    }
    switch (kind) {
    case CODEC_NONE:
        buffer_put(out, src.ptr, src.len);
        ok = !out->overflow;
        break;
    case CODEC_SNAPPY:
        ok = snappy_out(src, out);
        break;
    case CODEC_GZIP:
        ok = gzip_out(c, level, src, out);
        break;
    case CODEC_BROTLI:
        ok = brotli_out(level, src, out);
        break;
    case CODEC_ZSTD:
        ok = zstd_out(c, level, src, out);
        break;
    case CODEC_LZ4_RAW:
    case CODEC_LZ4_FRAME:
        ok = lz4_out(kind, src, out);
        break;
    case CODEC_LZ4_HADOOP:
        return error_unsupported(err, "writing Hadoop LZ4 frames");
    }
    return ok ||
           error_set(err, ERROR_RESOURCE, "Cannot compress %zu bytes by %s (buffer limit reached)",
                     src.len, codec_name(kind));
}
