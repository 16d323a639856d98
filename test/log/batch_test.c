/* Batches as bytes: what is built can be read, in all codecs, and damage is seen. */
#include "log/batch.h"

#include <lz4frame.h>
#include <setjmp.h>
#include <snappy-c.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include <cmocka.h>
#include <libdeflate.h>

static struct bytes
text(const char *s)
{
    return (struct bytes){(const uint8_t *)s, strlen(s)};
}

static void
build(struct buffer *out)
{
    struct batch_builder b;
    batch_begin(&b, out, 100);
    batch_add(&b, 1000, text("k"), text("one"), (struct bytes){0}, 0);
    batch_add(&b, 990, (struct bytes){0}, text("two"), (struct bytes){0}, 0);
    batch_add(&b, 1010, text(""), (struct bytes){0},
              (struct bytes){(const uint8_t *)"\x02h\x01", 3}, 1);
    batch_end(&b);
}

static void
what_is_built_reads_back(void **state)
{
    (void)state;
    struct buffer out = {0};
    struct error err = {0};
    build(&out);
    struct batch b;
    assert_true(batch_parse((struct bytes){out.ptr, out.len}, &b, &err));
    assert_true(batch_crc_ok((struct bytes){out.ptr, out.len}));
    assert_int_equal(b.record_count, 3);
    assert_int_equal(b.max_timestamp, 1010);
    assert_int_equal(b.producer_id, -1);

    struct record_iter it;
    struct log_record r;
    record_iter_init(&it, &b, b.records);
    assert_true(record_iter_next(&it, &r, &err));
    assert_int_equal(r.offset, 100);
    assert_memory_equal(r.value.ptr, "one", 3);
    assert_true(record_iter_next(&it, &r, &err));
    assert_int_equal(r.timestamp_ms, 990);
    assert_null(r.key.ptr);
    assert_true(record_iter_next(&it, &r, &err));
    assert_non_null(r.key.ptr);
    assert_null(r.value.ptr);
    assert_int_equal(r.header_count, 1);
    assert_false(record_iter_next(&it, &r, &err));
    assert_false(error_is_set(&err));
    buffer_release(&out);
}

static void
any_flipped_bit_behind_the_crc_is_seen(void **state)
{
    (void)state;
    struct buffer out = {0};
    build(&out);
    for (size_t i = 17; i < out.len; i++) {
        out.ptr[i] ^= 0x40;
        assert_false(batch_crc_ok((struct bytes){out.ptr, out.len}));
        out.ptr[i] ^= 0x40;
    }
    assert_true(batch_crc_ok((struct bytes){out.ptr, out.len}));
    buffer_release(&out);
}

static void
every_prefix_of_a_batch_is_refused(void **state)
{
    (void)state;
    struct buffer out = {0};
    build(&out);
    for (size_t len = 0; len < out.len; len++) {
        struct error err = {0};
        struct batch b;
        assert_false(batch_parse((struct bytes){out.ptr, len}, &b, &err));
        assert_int_equal(err.code, 2);
        error_clear(&err);
    }
    out.ptr[16] = 1;
    struct error err = {0};
    struct batch b;
    assert_false(batch_parse((struct bytes){out.ptr, out.len}, &b, &err));
    assert_int_equal(err.code, 43);
    error_clear(&err);
    buffer_release(&out);
}

static char plain[200000];

static void
check_codec(enum batch_codec codec, const void *packed, size_t len)
{
    struct error err = {0};
    struct buffer out = {0};
    assert_true(batch_inflate(codec, (struct bytes){packed, len}, &out, 1 << 20, &err));
    assert_int_equal(out.len, sizeof plain);
    assert_memory_equal(out.ptr, plain, sizeof plain);
    buffer_clear(&out);
    assert_false(batch_inflate(codec, (struct bytes){packed, len}, &out, 100000, &err));
    assert_int_equal(err.code, 10);
    error_clear(&err);
    buffer_clear(&out);
    assert_false(batch_inflate(codec, (struct bytes){packed, len - 1}, &out, 1 << 20, &err));
    assert_int_equal(err.code, 2);
    error_clear(&err);
    buffer_release(&out);
}

static void
all_codecs_decompress_within_their_limit(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof plain; i++) {
        plain[i] = (char)("weir "[i % 5] + (i / 999) % 3);
    }
    static char packed[300000];
    check_codec(BATCH_ZSTD, packed, ZSTD_compress(packed, sizeof packed, plain, sizeof plain, 1));
    check_codec(BATCH_LZ4, packed,
                LZ4F_compressFrame(packed, sizeof packed, plain, sizeof plain, NULL));
    struct libdeflate_compressor *c = libdeflate_alloc_compressor(6);
    check_codec(BATCH_GZIP, packed,
                libdeflate_gzip_compress(c, plain, sizeof plain, packed, sizeof packed));
    libdeflate_free_compressor(c);
    size_t len = sizeof packed;
    assert_int_equal(snappy_compress(plain, sizeof plain, packed, &len), SNAPPY_OK);
    check_codec(BATCH_SNAPPY, packed, len);
}

static void
snappy_in_java_framing_is_several_blocks(void **state)
{
    (void)state;
    struct buffer framed = {0}, out = {0};
    struct error err = {0};
    buffer_put(&framed, "\x82SNAPPY\0\0\0\0\1\0\0\0\1", 16);
    for (int i = 0; i < 2; i++) {
        char packed[64];
        size_t len = sizeof packed;
        snappy_compress(i == 0 ? "hello " : "world!", 6, packed, &len);
        buffer_be32(&framed, (uint32_t)len);
        buffer_put(&framed, packed, len);
    }
    assert_true(
        batch_inflate(BATCH_SNAPPY, (struct bytes){framed.ptr, framed.len}, &out, 100, &err));
    assert_int_equal(out.len, 12);
    assert_memory_equal(out.ptr, "hello world!", 12);
    buffer_release(&framed);
    buffer_release(&out);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_built_reads_back),
        cmocka_unit_test(any_flipped_bit_behind_the_crc_is_seen),
        cmocka_unit_test(every_prefix_of_a_batch_is_refused),
        cmocka_unit_test(all_codecs_decompress_within_their_limit),
        cmocka_unit_test(snappy_in_java_framing_is_several_blocks),
    };
    return cmocka_run_group_tests_name("log/batch", tests, NULL, NULL);
}
