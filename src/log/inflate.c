/*
 * Decompression of record batches: gzip, snappy (bare or in Java's framed form), lz4 frames, zstd.
 *
 * The input is a stranger's. The one danger after bounds is the ratio: a few bytes may ask for
 * gigabytes, so each codec writes into the buffer by steps and stops at the limit.
 */
#include <libdeflate.h>
#include <lz4frame.h>
#include <snappy-c.h>
#include <string.h>
#include <zstd.h>

#include "log/batch.h"

static bool
inflate_corrupt(struct error *err, const char *codec)
{
    return error_set_code(err, ERROR_PROTOCOL, 2, "a %s batch does not decompress", codec);
}

static bool
inflate_too_large(struct error *err, const char *codec, size_t limit)
{
    return error_set_code(err, ERROR_RESOURCE, 10,
                          "a %s batch decompresses to more than the limit of %zu bytes", codec,
                          limit);
}

static bool
gzip_decompress(struct bytes input, struct buffer *out, size_t limit, struct error *err)
{
    struct libdeflate_decompressor *d = libdeflate_alloc_decompressor();
    size_t room = input.len < limit / 4 ? input.len * 4 + 4096 : limit;
    bool ok = d != NULL;
    /* A file may be several members, one behind the other. */
    while (ok && input.len > 0) {
        const size_t used_before = out->len;
        if (room > limit - used_before) {
            room = limit - used_before;
        }
        size_t in_used = 0, got = 0;
        uint8_t *dst = buffer_extend(out, room);
        const enum libdeflate_result rc =
            dst == NULL
                ? LIBDEFLATE_INSUFFICIENT_SPACE
                : libdeflate_gzip_decompress_ex(d, input.ptr, input.len, dst, room, &in_used, &got);
        out->len = used_before;
        if (rc == LIBDEFLATE_SUCCESS && in_used > 0) {
            out->len += got;
            input.ptr += in_used;
            input.len -= in_used;
        } else if (rc == LIBDEFLATE_INSUFFICIENT_SPACE && room < limit - used_before) {
            room = room < limit / 4 ? room * 4 : limit;
        } else {
            ok = rc == LIBDEFLATE_INSUFFICIENT_SPACE ? inflate_too_large(err, "gzip", limit)
                                                     : inflate_corrupt(err, "gzip");
        }
    }
    if (d == NULL) {
        error_set(err, ERROR_RESOURCE, "no memory for the gzip decoder");
    }
    libdeflate_free_decompressor(d);
    return ok;
}

static bool
snappy_block(struct bytes input, struct buffer *out, size_t limit, struct error *err)
{
    size_t len = 0;
    if (snappy_uncompressed_length((const char *)input.ptr, input.len, &len) != SNAPPY_OK) {
        return inflate_corrupt(err, "snappy");
    }
    if (len > limit - out->len) {
        return inflate_too_large(err, "snappy", limit);
    }
    const size_t before = out->len;
    uint8_t *dst = buffer_extend(out, len);
    if (dst == NULL) {
        return inflate_too_large(err, "snappy", limit);
    }
    if (snappy_uncompress((const char *)input.ptr, input.len, (char *)dst, &len) != SNAPPY_OK) {
        out->len = before;
        return inflate_corrupt(err, "snappy");
    }
    return true;
}

/* Java's framing: 8 magic bytes, version and lowest compatible version (4 bytes each), then blocks
 * with a big-endian length in front. */
static bool
snappy_decompress(struct bytes input, struct buffer *out, size_t limit, struct error *err)
{
    static const uint8_t magic[8] = {0x82, 'S', 'N', 'A', 'P', 'P', 'Y', 0};
    if (input.len < 16 || memcmp(input.ptr, magic, 8) != 0) {
        return snappy_block(input, out, limit, err);
    }
    struct reader r;
    reader_init(&r, input);
    reader_take(&r, 16);
    while (reader_left(&r) > 0) {
        const uint32_t len = reader_be32(&r);
        const struct bytes block = reader_take(&r, len);
        if (!reader_ok(&r)) {
            return inflate_corrupt(err, "snappy");
        }
        if (!snappy_block(block, out, limit, err)) {
            return false;
        }
    }
    return reader_ok(&r) || inflate_corrupt(err, "snappy");
}

enum { INFLATE_STEP_BYTES = 64 << 10 };

static bool
lz4_decompress(struct bytes input, struct buffer *out, size_t limit, struct error *err)
{
    LZ4F_dctx *ctx = NULL;
    if (LZ4F_isError(LZ4F_createDecompressionContext(&ctx, LZ4F_VERSION))) {
        return error_set(err, ERROR_RESOURCE, "no memory for the lz4 decoder");
    }
    size_t hint = 1;
    bool ok = true;
    while (ok && input.len > 0) {
        if (out->len >= limit || !buffer_reserve(out, INFLATE_STEP_BYTES)) {
            ok = inflate_too_large(err, "lz4", limit);
            break;
        }
        size_t produced = out->capacity - out->len, used = input.len;
        if (produced > limit - out->len) {
            produced = limit - out->len;
        }
        hint = LZ4F_decompress(ctx, out->ptr + out->len, &produced, input.ptr, &used, NULL);
        if (LZ4F_isError(hint) || (used == 0 && produced == 0)) {
            ok = inflate_corrupt(err, "lz4");
            break;
        }
        out->len += produced;
        input.ptr += used;
        input.len -= used;
    }
    LZ4F_freeDecompressionContext(ctx);
    return ok && (hint == 0 || inflate_corrupt(err, "lz4"));
}

static bool
zstd_decompress(struct bytes input, struct buffer *out, size_t limit, struct error *err)
{
    ZSTD_DCtx *ctx = ZSTD_createDCtx();
    if (ctx == NULL) {
        return error_set(err, ERROR_RESOURCE, "no memory for the zstd decoder");
    }
    ZSTD_inBuffer in = {input.ptr, input.len, 0};
    size_t hint = 1;
    bool ok = true, full = false;
    while (ok && (in.pos < in.size || full)) {
        if (out->len >= limit || !buffer_reserve(out, INFLATE_STEP_BYTES)) {
            ok = inflate_too_large(err, "zstd", limit);
            break;
        }
        size_t room = out->capacity - out->len;
        if (room > limit - out->len) {
            room = limit - out->len;
        }
        ZSTD_outBuffer to = {out->ptr + out->len, room, 0};
        hint = ZSTD_decompressStream(ctx, &to, &in);
        if (ZSTD_isError(hint)) {
            ok = inflate_corrupt(err, "zstd");
            break;
        }
        out->len += to.pos;
        full = to.pos == to.size && hint != 0;
    }
    ZSTD_freeDCtx(ctx);
    return ok && (hint == 0 || inflate_corrupt(err, "zstd"));
}

bool
batch_inflate(enum batch_codec codec, struct bytes input, struct buffer *out, size_t limit,
              struct error *err)
{
    if (out->len > limit) {
        return inflate_too_large(err, "record", limit);
    }
    switch (codec) {
    case BATCH_PLAIN:
        if (input.len > limit - out->len) {
            return inflate_too_large(err, "plain", limit);
        }
        buffer_put(out, input.ptr, input.len);
        return true;
    case BATCH_GZIP:
        return gzip_decompress(input, out, limit, err);
    case BATCH_SNAPPY:
        return snappy_decompress(input, out, limit, err);
    case BATCH_LZ4:
        return lz4_decompress(input, out, limit, err);
    case BATCH_ZSTD:
        return zstd_decompress(input, out, limit, err);
    }
    return error_set_code(err, ERROR_PROTOCOL, 76, "compression codec %d is not known", (int)codec);
}
