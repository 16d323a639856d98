/* Our decoder against the library's: what it packs, what no packer makes, and what is broken. */
#include "file/snappy.h"

#include <setjmp.h>
#include <snappy-c.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { LEN_MAX = 1 << 17, PACKED_MAX = 2 * LEN_MAX };

static uint32_t
next_random(uint32_t *seed)
{
    *seed = *seed * 1664525U + 1013904223U;
    return *seed >> 8;
}

/* Blocks of just their size, so that the address sanitizer sees each byte too far. */
struct block {
    uint8_t *packed, *plain;
    size_t packed_len, len;
};

static struct block
block_of(const uint8_t *plain, size_t len, const uint8_t *packed, size_t packed_len)
{
    struct block b = {malloc(packed_len + 1), malloc(len + 1), packed_len, len};
    memcpy(b.packed, packed, packed_len);
    memcpy(b.plain, plain, len);
    return b;
}

static void
block_free(struct block *b)
{
    free(b->packed);
    free(b->plain);
}

/* kind 0: noise, 1: words again and again, 2: eight-byte numbers, 3: one byte */
static struct block
packed_by_library(uint32_t seed, unsigned kind, size_t len)
{
    static uint8_t plain[LEN_MAX], packed[PACKED_MAX];
    static const char *const words[] = {"furiously ", "even ", "deposits sleep ", "x"};
    for (size_t i = 0; i < len;) {
        const uint32_t x = next_random(&seed);
        const char *word = words[x % 4];
        uint8_t value[16] = {(uint8_t)x, (uint8_t)(x >> 8), (uint8_t)(x >> 16)};
        size_t take = kind == 0 ? 1 : kind == 1 ? strlen(word) : kind == 2 ? 8 : len - i;
        take = take < len - i ? take : len - i;
        if (kind == 3) {
            memset(plain + i, 'z', take);
        } else {
            memcpy(plain + i, kind == 1 ? (const void *)word : value, take);
        }
        i += take;
    }
    size_t packed_len = sizeof packed;
    assert_int_equal(snappy_compress((char *)plain, len, (char *)packed, &packed_len), SNAPPY_OK);
    return block_of(plain, len, packed, packed_len);
}

static size_t
put_number(uint8_t *to, uint64_t x, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) {
        to[i] = (uint8_t)(x >> (8 * i));
    }
    return bytes;
}

/* Elements of all kinds in any order: long forms of short lengths, offsets from 1 up. */
static struct block
packed_by_chance(uint32_t seed, uint32_t elements)
{
    static uint8_t plain[LEN_MAX], body[PACKED_MAX], packed[PACKED_MAX];
    size_t len = 0, at = 0;
    for (uint32_t i = 0; i < elements && len < LEN_MAX - 4096; i++) {
        const uint32_t x = next_random(&seed);
        const unsigned kind = len == 0 ? 0 : x & 3;
        const size_t reach = len < 2000 ? len : 2000;
        const size_t offset = kind == 0 ? 0 : 1 + next_random(&seed) % (x & 64 ? 9 : reach);
        size_t n = 1 + (x >> 8) % 64;
        if (kind == 0) {
            n = x & 128 ? n : 1 + (x >> 8) % 1000;
            const size_t extra = n > 256 ? 2 : n > 60 ? 1 + (x >> 20) % 4 : 0;
            body[at++] = (uint8_t)((extra > 0 ? 59 + extra : n - 1) << 2);
            at += put_number(body + at, n - 1, extra);
            for (size_t k = 0; k < n; k++) {
                plain[len++] = body[at++] = (uint8_t)next_random(&seed);
            }
            continue;
        }
        if (offset > len) {
            continue;
        }
        n = kind == 1 ? 4 + n % 8 : n;
        body[at++] =
            (uint8_t)(kind == 1 ? 1 | (n - 4) << 2 | (offset >> 8) << 5 : kind | (n - 1) << 2);
        at += put_number(body + at, offset, kind == 1 ? 1 : kind == 2 ? 2 : 4);
        for (size_t k = 0; k < n; k++, len++) {
            plain[len] = plain[len - offset];
        }
    }
    size_t head = 0;
    for (size_t left = len; head == 0 || left > 0; left >>= 7) {
        packed[head++] = (uint8_t)((left & 127) | (left > 127 ? 128 : 0));
    }
    memcpy(packed + head, body, at);
    return block_of(plain, len, packed, head + at);
}

static void
assert_reads(const struct block *b)
{
    uint8_t *dst = malloc(b->len + 1);
    assert_true(snappy_block_read(&(struct codec_job){{b->packed, b->packed_len}, dst, b->len}));
    assert_memory_equal(dst, b->plain, b->len);
    free(dst);
}

static void
assert_reads_both(const struct block *a, const struct block *b)
{
    uint8_t *x = malloc(a->len + 1), *y = malloc(b->len + 1);
    const struct codec_job p = {{a->packed, a->packed_len}, x, a->len};
    const struct codec_job q = {{b->packed, b->packed_len}, y, b->len};
    assert_true(snappy_blocks_read(&p, &q));
    assert_memory_equal(x, a->plain, a->len);
    assert_memory_equal(y, b->plain, b->len);
    free(x);
    free(y);
}

static void
what_the_library_packs_is_read(void **state)
{
    (void)state;
    static const size_t lengths[] = {0, 1, 15, 16, 17, 31, 32, 33, 100, 1000, 65535, LEN_MAX};
    for (unsigned kind = 0; kind < 4; kind++) {
        for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
            struct block a = packed_by_library((uint32_t)i, kind, lengths[i]);
            struct block b = packed_by_library(7, (kind + 1) % 4, 5000);
            assert_reads(&a);
            assert_reads_both(&a, &b);
            assert_reads_both(&b, &a);
            block_free(&a);
            block_free(&b);
        }
    }
}

static void
elements_of_every_kind_are_read(void **state)
{
    (void)state;
    for (uint32_t seed = 0; seed < 200; seed++) {
        struct block a = packed_by_chance(seed, 1 + seed * 3);
        struct block b = packed_by_chance(seed + 1000, 300);
        size_t len = 0;
        assert_int_equal(snappy_uncompressed_length((const char *)a.packed, a.packed_len, &len),
                         SNAPPY_OK);
        assert_int_equal(len, a.len);
        assert_reads(&a);
        assert_reads_both(&a, &b);
        block_free(&a);
        block_free(&b);
    }
}

/* The library's word on broken bytes is ours. */
static void
assert_same_verdict(const uint8_t *packed, size_t packed_len, size_t len)
{
    uint8_t *src = malloc(packed_len + 1), *mine = malloc(len + 1), *theirs = malloc(len + 1);
    memcpy(src, packed, packed_len);
    size_t said = 0, made = len;
    const bool good =
        snappy_uncompressed_length((char *)src, packed_len, &said) == SNAPPY_OK && said == len &&
        snappy_uncompress((char *)src, packed_len, (char *)theirs, &made) == SNAPPY_OK;
    const struct codec_job j = {{src, packed_len}, mine, len};
    assert_int_equal(snappy_block_read(&j), good);
    if (good) {
        assert_memory_equal(mine, theirs, len);
    }
    struct block whole = packed_by_library(3, 1, 3000);
    uint8_t *other = malloc(whole.len + 1);
    const struct codec_job k = {{whole.packed, whole.packed_len}, other, whole.len};
    assert_int_equal(snappy_blocks_read(&j, &k), good);
    assert_int_equal(snappy_blocks_read(&k, &j), good);
    block_free(&whole);
    free(other);
    free(src);
    free(mine);
    free(theirs);
}

static void
broken_blocks_are_refused_as_by_the_library(void **state)
{
    (void)state;
    uint32_t seed = 1;
    for (uint32_t i = 0; i < 60; i++) {
        struct block b = i % 2 ? packed_by_chance(i, 40) : packed_by_library(i, i / 2 % 3, 700);
        for (uint32_t k = 0; k < 20; k++) {
            assert_same_verdict(b.packed, next_random(&seed) % b.packed_len, b.len);
            const size_t at = next_random(&seed) % b.packed_len;
            const uint8_t old = b.packed[at];
            b.packed[at] = (uint8_t)next_random(&seed);
            assert_same_verdict(b.packed, b.packed_len, b.len);
            b.packed[at] = old;
        }
        assert_same_verdict(b.packed, b.packed_len, b.len + 1);
        block_free(&b);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_the_library_packs_is_read),
        cmocka_unit_test(elements_of_every_kind_are_read),
        cmocka_unit_test(broken_blocks_are_refused_as_by_the_library),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
