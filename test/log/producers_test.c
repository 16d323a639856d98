/* Idempotent producers: repeats are recognised, gaps and old epochs refused, restarts change
 * nothing. */
#include "fixture.h"

struct produced {
    bool ok;
    int32_t code;
    struct log_append_result result;
};

static struct produced
produce(struct log_fixture *f, int64_t id, int16_t epoch, int32_t sequence, int n)
{
    struct produced p = {0};
    struct buffer b = {0};
    make_batch(&b, n, 1000);
    const uint64_t id_be = __builtin_bswap64((uint64_t)id);
    const uint16_t epoch_be = __builtin_bswap16((uint16_t)epoch);
    const uint32_t sequence_be = __builtin_bswap32((uint32_t)sequence);
    memcpy(b.ptr + 43, &id_be, 8);
    memcpy(b.ptr + 51, &epoch_be, 2);
    memcpy(b.ptr + 53, &sequence_be, 4);
    batch_seal(b.ptr, b.len);
    p.ok = log_append(f->log, b.ptr, b.len, LOG_FROM_CLIENT, &p.result, &f->err);
    p.code = f->err.code;
    error_clear(&f->err);
    buffer_release(&b);
    return p;
}

static void
a_repeated_batch_is_answered_with_its_first_offset(void **state)
{
    struct log_fixture *f = *state;
    for (int i = 0; i < 6; i++) {
        assert_true(produce(f, 9, 0, i * 2, 2).ok);
    }
    for (int i = 1; i < 6; i++) {
        const struct produced again = produce(f, 9, 0, i * 2, 2);
        assert_true(again.ok && again.result.duplicate);
        assert_int_equal(again.result.base_offset, i * 2);
    }
    assert_int_equal(produce(f, 9, 0, 0, 2).code, 46); /* older than the five that are known */
    assert_int_equal(log_end_offset(f->log), 12);
}

static void
gaps_and_old_epochs_are_refused(void **state)
{
    struct log_fixture *f = *state;
    assert_true(produce(f, 9, 3, 500, 2).ok); /* an unknown producer may start anywhere */
    assert_int_equal(produce(f, 9, 3, 503, 1).code, 45);
    assert_int_equal(produce(f, 9, 2, 502, 1).code, 47);
    assert_int_equal(produce(f, 9, 4, 1, 1).code, 45);
    assert_true(produce(f, 9, 4, 0, 1).ok);
}

static void
the_sequence_wraps_to_zero(void **state)
{
    struct log_fixture *f = *state;
    assert_true(produce(f, 9, 0, INT32_MAX - 1, 2).ok);
    assert_true(produce(f, 9, 0, 0, 2).ok);
    assert_true(produce(f, 9, 0, INT32_MAX - 1, 2).result.duplicate);
}

static void
the_state_is_the_same_after_a_clean_and_an_unclean_stop(void **state)
{
    struct log_fixture *f = *state;
    for (int64_t id = 1; id <= 40; id++) {
        assert_true(produce(f, id, 0, 0, 2).ok);
    }
    for (int round = 0; round < 2; round++) {
        log_fixture_close(f);
        if (round == 1) {
            char path[128];
            static const char *const names[] = {"clean", "producers"};
            for (int i = 0; i < 2; i++) {
                snprintf(path, sizeof path, "%s/t-0/%s", f->dir, names[i]);
                assert_true(env_real.ops->unlink(&env_real, path, &f->err));
            }
        }
        log_fixture_open(f);
        for (int64_t id = 1; id <= 40; id++) {
            assert_true(produce(f, id, 0, 0, 2).result.duplicate);
            assert_int_equal(produce(f, id, 0, 5, 2).code, 45);
        }
    }
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, log_fixture_setup, log_fixture_teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_repeated_batch_is_answered_with_its_first_offset),
        TEST(gaps_and_old_epochs_are_refused),
        TEST(the_sequence_wraps_to_zero),
        TEST(the_state_is_the_same_after_a_clean_and_an_unclean_stop),
    };
    return cmocka_run_group_tests_name("log/producers", tests, NULL, NULL);
}
