/* The real environment: files as promised, checksums, and what the machine says of itself. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/crc32c.h"
#include "base/env.h"
#include "base/error.h"
#include "base/thread.h"

static char folder[64];

static int
folder_make(void **state)
{
    snprintf(folder, sizeof folder, "/tmp/weir-env-test-XXXXXX");
    return mkdtemp(folder) == NULL;
}

static int
folder_drop(void **state)
{
    struct error err = {0};
    return !env_remove_tree(&env_real, folder, &err);
}

static void
count_entry(void *ctx, const char *name, bool is_dir)
{
    ++*(int *)ctx;
}

static int
entries(void)
{
    int count = 0;
    struct error err = {0};
    assert_true(env_real.ops->list(&env_real, folder, count_entry, &count, &err));
    return count;
}

static void
an_atomic_write_replaces_the_whole_file_and_leaves_nothing_beside(void **state)
{
    char path[96];
    struct error err = {0};
    snprintf(path, sizeof path, "%s/state", folder);
    assert_true(env_write_file_atomic(&env_real, path, "first content", 13, &err));
    assert_true(env_write_file_atomic(&env_real, path, "second", 6, &err));
    uint8_t *bytes;
    size_t len;
    assert_true(env_read_file(&env_real, path, 6, &bytes, &len, &err));
    assert_int_equal(len, 6);
    assert_memory_equal(bytes, "second", 6);
    free(bytes);
    assert_int_equal(entries(), 1);
    assert_false(env_read_file(&env_real, path, 5, &bytes, &len, &err));
    assert_int_equal(err.code, EFBIG);
    error_clear(&err);
}

static void
a_failed_atomic_write_leaves_the_old_file(void **state)
{
    char path[96];
    struct error err = {0};
    snprintf(path, sizeof path, "%s/taken/below", folder);
    assert_true(env_real.ops->mkdirs(&env_real, path, &err));
    snprintf(path, sizeof path, "%s/taken", folder);
    /* The target is a folder that is not empty: the rename fails after the new file was written. */
    assert_false(env_write_file_atomic(&env_real, path, "x", 1, &err));
    assert_int_equal(err.kind, ERROR_SYSTEM);
    error_clear(&err);
    struct env_stat st;
    assert_true(env_real.ops->stat(&env_real, path, &st, &err));
    assert_true(st.is_dir);
    assert_true(env_remove_tree(&env_real, path, &err));
}

static void
a_second_lock_is_refused_until_the_first_is_closed(void **state)
{
    char path[96];
    struct error err = {0};
    snprintf(path, sizeof path, "%s/lock", folder);
    const int first = env_real.ops->open(&env_real, path, ENV_WRITE | ENV_CREATE, &err);
    const int second = env_real.ops->open(&env_real, path, ENV_WRITE, &err);
    assert_true(first >= 0 && second >= 0);
    assert_true(env_real.ops->lock(&env_real, first, &err));
    assert_false(env_real.ops->lock(&env_real, second, &err));
    error_clear(&err);
    env_real.ops->close(&env_real, first);
    assert_true(env_real.ops->lock(&env_real, second, &err));
    env_real.ops->close(&env_real, second);
}

static void
removing_a_tree_does_not_follow_links(void **state)
{
    char path[128];
    char outside[128];
    struct error err = {0};
    snprintf(outside, sizeof outside, "%s/outside/kept", folder);
    assert_true(env_real.ops->mkdirs(&env_real, outside, &err));
    snprintf(path, sizeof path, "%s/tree", folder);
    assert_true(env_real.ops->mkdirs(&env_real, path, &err));
    snprintf(outside, sizeof outside, "%s/outside", folder);
    snprintf(path, sizeof path, "%s/tree/link", folder);
    assert_int_equal(symlink(outside, path), 0);
    snprintf(path, sizeof path, "%s/tree", folder);
    assert_true(env_remove_tree(&env_real, path, &err));
    struct env_stat st;
    snprintf(outside, sizeof outside, "%s/outside/kept", folder);
    assert_true(env_real.ops->stat(&env_real, outside, &st, &err));
}

static void
a_uuid_is_version_4(void **state)
{
    char a[37];
    char b[37];
    env_uuid(&env_real, a);
    env_uuid(&env_real, b);
    assert_int_equal(strlen(a), 36);
    assert_int_equal(a[14], '4');
    assert_non_null(strchr("89ab", a[19]));
    assert_string_not_equal(a, b);
}

/* Bit by bit, straight from the definition. */
static uint32_t
crc32c_slow(const uint8_t *p, size_t len)
{
    uint32_t state = 0xffffffffu;
    while (len-- > 0) {
        state ^= *p++;
        for (int bit = 0; bit < 8; bit++) {
            state = (state >> 1) ^ ((state & 1) != 0 ? 0x82f63b78u : 0);
        }
    }
    return ~state;
}

static void
crc32c_matches_the_published_vectors(void **state)
{
    uint8_t bytes[32];
    assert_int_equal(crc32c(0, "123456789", 9), 0xe3069283u);
    memset(bytes, 0, sizeof bytes);
    assert_int_equal(crc32c(0, bytes, 32), 0x8a9136aau); /* RFC 3720 B.4 */
    memset(bytes, 0xff, sizeof bytes);
    assert_int_equal(crc32c(0, bytes, 32), 0x62a8ab43u);
}

static void
crc32c_matches_the_definition_at_all_lengths_and_cuts(void **state)
{
    enum { BYTES = 30000 };
    uint8_t *bytes = malloc(BYTES);
    uint32_t seed = 1;
    for (size_t i = 0; i < BYTES; i++) {
        seed = seed * 1664525 + 1013904223;
        bytes[i] = (uint8_t)(seed >> 24);
    }
    for (size_t len = 0; len < BYTES; len = len < 1000 ? len + 13 : len * 2 - 901) {
        const uint32_t whole = crc32c_slow(bytes + 1, len);
        assert_int_equal(crc32c(0, bytes + 1, len), whole);
        const size_t cut = len / 3;
        assert_int_equal(crc32c(crc32c(0, bytes + 1, cut), bytes + 1 + cut, len - cut), whole);
    }
    free(bytes);
}

static void
the_machine_has_cores_and_memory(void **state)
{
    assert_true(thread_usable_cores() >= 1);
    assert_true(thread_usable_cores() <= (uint32_t)sysconf(_SC_NPROCESSORS_ONLN));
    assert_true(memory_usable_bytes() > 16 << 20);
}

static void
a_wait_ends_at_its_deadline(void **state)
{
    pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
    pthread_cond_t c;
    cond_init(&c);
    mutex_lock(&m);
    const int64_t deadline = env_mono_ns(&env_real) + 2000000;
    while (cond_wait_until(&c, &m, deadline)) {
    }
    mutex_unlock(&m);
    assert_true(env_mono_ns(&env_real) >= deadline);
    pthread_cond_destroy(&c);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_atomic_write_replaces_the_whole_file_and_leaves_nothing_beside),
        cmocka_unit_test(a_failed_atomic_write_leaves_the_old_file),
        cmocka_unit_test(a_second_lock_is_refused_until_the_first_is_closed),
        cmocka_unit_test(removing_a_tree_does_not_follow_links),
        cmocka_unit_test(a_uuid_is_version_4),
        cmocka_unit_test(crc32c_matches_the_published_vectors),
        cmocka_unit_test(crc32c_matches_the_definition_at_all_lengths_and_cuts),
        cmocka_unit_test(the_machine_has_cores_and_memory),
        cmocka_unit_test(a_wait_ends_at_its_deadline),
    };
    return cmocka_run_group_tests(tests, folder_make, folder_drop);
}
