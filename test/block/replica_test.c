/* Replicas: what is written is read, what is changed is seen, what a death leaves is proved. */
#include "block/replica.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <openssl/evp.h>

#include "base/crc32c.h"

struct world {
    char dir[64];
    struct replica_store *store;
};

static int
setup(void **state)
{
    struct world *w = calloc(1, sizeof *w);
    struct error err = {0};
    snprintf(w->dir, sizeof w->dir, "/tmp/weir-block-XXXXXX");
    assert_non_null(mkdtemp(w->dir));
    w->store = replica_store_open(&env_real, w->dir, &err);
    assert_non_null(w->store);
    *state = w;
    return 0;
}

static int
teardown(void **state)
{
    struct world *w = *state;
    struct error err = {0};
    replica_store_close(w->store);
    env_remove_tree(&env_real, w->dir, &err);
    free(w);
    return 0;
}

enum { BLOCK = 1000, STAMP = 7 };

static uint8_t
byte_at(size_t i)
{
    return (uint8_t)(i * 31 + i / 512 + i / 70000);
}

/* Writes [from, to) of the pattern in pieces of uneven sizes. */
static void
put(struct replica_writer *w, size_t from, size_t to)
{
    struct error err = {0};
    uint8_t piece[5000];
    for (size_t n = 1; from < to; from += n, n = n * 7 % 4999 + 1) {
        n = n < to - from ? n : to - from;
        for (size_t i = 0; i < n; i++) {
            piece[i] = byte_at(from + i);
        }
        assert_true(replica_write(w, piece, n, &err));
    }
}

static void
make(struct world *w, size_t bytes)
{
    struct error err = {0};
    struct replica_writer *writer = replica_create(w->store, BLOCK, STAMP, &err);
    assert_non_null(writer);
    put(writer, 0, bytes);
    assert_true(replica_finish(writer, &err));
    replica_writer_close(writer);
}

static void
check_read(struct world *w, size_t visible, size_t offset, size_t len)
{
    struct error err = {0};
    uint8_t *bytes;
    size_t at, got;
    if (!replica_read(w->store, BLOCK, STAMP, (int64_t)visible, (int64_t)offset, len, &bytes, &at,
                      &got, &err)) {
        fail_msg("%s", error_text(&err));
    }
    const size_t want = offset >= visible ? 0 : visible - offset < len ? visible - offset : len;
    assert_int_equal(got, want);
    for (size_t i = 0; i < got; i++) {
        assert_int_equal(bytes[at + i], byte_at(offset + i));
    }
    free(bytes);
}

static void
path_of(const struct world *w, const char *suffix, char out[128])
{
    snprintf(out, 128, "%s/%02x/blk_%d%s", w->dir, BLOCK & 0xff, BLOCK, suffix);
}

static void
poke(const struct world *w, const char *suffix, off_t at, int xor)
{
    char path[128];
    uint8_t b;
    path_of(w, suffix, path);
    const int fd = open(path, O_RDWR);
    assert_true(fd >= 0 && pread(fd, &b, 1, at) == 1);
    b ^= (uint8_t) xor ;
    assert_int_equal(pwrite(fd, &b, 1, at), 1);
    close(fd);
}

static bool
read_all_is_damaged(struct world *w, size_t bytes)
{
    struct error err = {0};
    uint8_t *out = NULL;
    size_t at, got;
    const bool ok =
        replica_read(w->store, BLOCK, STAMP, (int64_t)bytes, 0, bytes, &out, &at, &got, &err);
    const bool damaged = err.code == REPLICA_DAMAGED;
    free(out);
    error_clear(&err);
    assert_int_equal(damaged, !ok);
    return damaged;
}

static void
any_range_reads_back(void **state)
{
    struct world *w = *state;
    const size_t bytes = 100003;
    make(w, bytes);
    static const size_t offsets[] = {0, 1, 511, 512, 513, 70000, 99999, 100002, 100003};
    static const size_t lens[] = {1, 2, 511, 512, 513, 4096, 200000};
    for (size_t i = 0; i < sizeof offsets / sizeof *offsets; i++) {
        for (size_t k = 0; k < sizeof lens / sizeof *lens; k++) {
            check_read(w, bytes, offsets[i], lens[k]);
            check_read(w, bytes - 700, offsets[i], lens[k]); /* a block that was truncated */
        }
    }
    struct replica_meta m;
    struct error err = {0};
    assert_true(replica_look(w->store, BLOCK, &m, &err));
    assert_int_equal(m.bytes, bytes);
    assert_int_equal(m.state, REPLICA_FINISHED);
    assert_true(replica_verify(w->store, BLOCK, STAMP, (int64_t)bytes, &err));
}

static void
damage_is_seen_wherever_it_is(void **state)
{
    struct world *w = *state;
    const size_t bytes = 5000;
    make(w, bytes);
    for (off_t at = 0; at < (off_t)bytes; at += 499) {
        poke(w, "", at, 0x10);
        assert_true(read_all_is_damaged(w, bytes));
        poke(w, "", at, 0x10);
    }
    for (off_t at = REPLICA_META_BYTES; at < REPLICA_META_BYTES + 40; at++) {
        poke(w, ".meta", at, 1);
        assert_true(read_all_is_damaged(w, bytes));
        poke(w, ".meta", at, 1);
    }
    for (off_t at = 0; at < REPLICA_HEADER_BYTES; at++) {
        poke(w, ".meta", at, 1);
        assert_true(read_all_is_damaged(w, bytes));
        poke(w, ".meta", at, 1);
    }
    assert_false(read_all_is_damaged(w, bytes));
    assert_true(read_all_is_damaged(w, bytes + 1)); /* shorter than it should be */
    struct error err = {0};
    uint8_t *out;
    size_t at, got;
    assert_false(replica_read(w->store, BLOCK, STAMP + 1, 10, 0, 10, &out, &at, &got, &err));
    assert_int_equal(err.code, REPLICA_DAMAGED); /* an older generation */
    error_clear(&err);
    assert_false(replica_read(w->store, BLOCK + 1, STAMP, 10, 0, 10, &out, &at, &got, &err));
    assert_int_equal(err.code, REPLICA_MISSING);
    error_clear(&err);
}

static void
appending_keeps_what_readers_see(void **state)
{
    struct world *w = *state;
    const size_t old = 3 * 512 + 100, bytes = 20000;
    struct error err = {0};
    make(w, old);
    struct replica_writer *writer = replica_reopen(w->store, BLOCK, STAMP + 1, (int64_t)old, &err);
    assert_non_null(writer);
    check_read(w, old, 0, old);
    put(writer, old, old + 50); /* into the same chunk */
    check_read(w, old, 0, old);
    check_read(w, old, 1500, 400);
    put(writer, old + 50, bytes);
    check_read(w, old, 0, old);
    assert_true(replica_finish(writer, &err));
    check_read(w, old, 0, old);
    replica_writer_close(writer);
    check_read(w, old, 0, old);
    check_read(w, bytes, 0, bytes);
    assert_true(replica_verify(w->store, BLOCK, STAMP + 1, (int64_t)bytes, &err));
    /* A shorter beginning: as after a truncation. */
    writer = replica_reopen(w->store, BLOCK, STAMP + 2, 1000, &err);
    assert_non_null(writer);
    put(writer, 1000, 1100);
    assert_true(replica_finish(writer, &err));
    replica_writer_close(writer);
    check_read(w, 1100, 0, 1100);
    assert_true(read_all_is_damaged(w, 1101));
}

static void
a_death_in_the_middle_leaves_a_proved_prefix(void **state)
{
    struct world *w = *state;
    struct error err = {0};
    int64_t bytes = -1;
    struct replica_writer *writer = replica_create(w->store, BLOCK, STAMP, &err);
    put(writer, 0, 10000);
    assert_true(replica_sync(writer, &err));
    put(writer, 10000, 12000); /* bytes whose checksums never came to the file */
    replica_writer_close(writer);
    assert_true(replica_salvage(w->store, BLOCK, &bytes, &err));
    assert_int_equal(bytes, 10000);
    check_read(w, 10000, 0, 10000);
    writer = replica_reopen(w->store, BLOCK, STAMP + 1, bytes, &err);
    assert_non_null(writer);
    assert_true(replica_finish(writer, &err));
    replica_writer_close(writer);
}

static void
a_torn_append_gives_the_old_tail_back(void **state)
{
    struct world *w = *state;
    const int64_t old = 5 * 512 + 77;
    struct error err = {0};
    int64_t bytes = -1;
    make(w, (size_t)old);
    struct replica_writer *writer = replica_reopen(w->store, BLOCK, STAMP + 1, old, &err);
    put(writer, (size_t)old, (size_t)old + 300);
    assert_true(replica_sync(writer, &err));
    replica_writer_close(writer);
    /* The checksum of the grown chunk reached the disk, its bytes did not. */
    poke(w, "", old + 5, 0xff);
    assert_true(replica_salvage(w->store, BLOCK, &bytes, &err));
    assert_int_equal(bytes, old);
    check_read(w, (size_t)old, 0, (size_t)old);
}

static void
the_md5_is_over_big_endian_checksums(void **state)
{
    struct world *w = *state;
    struct error err = {0};
    static const size_t sizes[] = {1, 512, 1500, 4096};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        make(w, 5000); /* longer: as a truncated block's replica is */
        uint8_t sums[64], want[16], got[16], chunk[512];
        size_t n = 0;
        for (size_t at = 0; at < sizes[i]; at += 512) {
            const size_t len = sizes[i] - at < 512 ? sizes[i] - at : 512;
            for (size_t k = 0; k < len; k++) {
                chunk[k] = byte_at(at + k);
            }
            const uint32_t crc = crc32c(0, chunk, len);
            for (int k = 3; k >= 0; k--) {
                sums[n++] = (uint8_t)(crc >> 8 * k);
            }
        }
        unsigned len = 16;
        EVP_Digest(sums, n, want, &len, EVP_md5(), NULL);
        assert_true(replica_md5(w->store, BLOCK, STAMP, (int64_t)sizes[i], got, &err));
        assert_memory_equal(got, want, 16);
    }
}

static void
count_id(void *ctx, uint64_t id)
{
    assert_int_equal(id, BLOCK);
    ++*(int *)ctx;
}

static void
deleting_leaves_nothing(void **state)
{
    struct world *w = *state;
    struct error err = {0};
    int seen = 0;
    make(w, 100);
    assert_true(replica_list(w->store, count_id, &seen, &err));
    assert_int_equal(seen, 2); /* both files */
    assert_true(replica_delete(w->store, BLOCK, &err));
    assert_true(replica_delete(w->store, BLOCK, &err));
    seen = 0;
    assert_true(replica_list(w->store, count_id, &seen, &err));
    assert_int_equal(seen, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(any_range_reads_back, setup, teardown),
        cmocka_unit_test_setup_teardown(damage_is_seen_wherever_it_is, setup, teardown),
        cmocka_unit_test_setup_teardown(appending_keeps_what_readers_see, setup, teardown),
        cmocka_unit_test_setup_teardown(a_death_in_the_middle_leaves_a_proved_prefix, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_torn_append_gives_the_old_tail_back, setup, teardown),
        cmocka_unit_test_setup_teardown(the_md5_is_over_big_endian_checksums, setup, teardown),
        cmocka_unit_test_setup_teardown(deleting_leaves_nothing, setup, teardown),
    };
    return cmocka_run_group_tests_name("block/replica", tests, NULL, NULL);
}
