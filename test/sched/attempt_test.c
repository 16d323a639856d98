/* The attempt machine: who may commit, and what is tried again. */
#include "sched/attempt.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void
the_first_attempt_to_commit_wins(void **state)
{
    (void)state;
    struct attempt_table t;
    attempt_init(&t);
    const uint32_t first = attempt_begin(&t);
    assert_int_equal(attempt_end(&t, first, ERROR_UNAVAILABLE), NEXT_RETRY);
    const uint32_t second = attempt_begin(&t);
    assert_int_not_equal(first, second);

    assert_false(attempt_commit(&t, first)); /* a dead worker's late word */
    assert_true(attempt_commit(&t, second));
    assert_true(attempt_commit(&t, second)); /* asking twice changes nothing */
    assert_false(attempt_commit(&t, first));
    assert_int_equal(t.state, ATTEMPT_DONE);
}

static void
what_would_fail_again_is_final(void **state)
{
    (void)state;
    static const enum error_kind final[] = {ERROR_EXECUTION, ERROR_ANALYSIS,  ERROR_UNSUPPORTED,
                                            ERROR_RESOURCE,  ERROR_CANCELLED, ERROR_INTERNAL,
                                            ERROR_PROTOCOL};
    for (size_t i = 0; i < sizeof final / sizeof *final; i++) {
        struct attempt_table t;
        attempt_init(&t);
        const uint32_t attempt = attempt_begin(&t);
        assert_int_equal(attempt_end(&t, attempt, final[i]), NEXT_GIVE_UP);
        assert_int_equal(t.state, final[i] == ERROR_CANCELLED ? ATTEMPT_VOID : ATTEMPT_FAILED);
        assert_false(attempt_commit(&t, attempt));
    }
}

static uint32_t
tries_until_given_up(enum error_kind why)
{
    struct attempt_table t;
    attempt_init(&t);
    uint32_t tries = 1;
    while (attempt_end(&t, attempt_begin(&t), why) == NEXT_RETRY) {
        tries++;
    }
    return tries;
}

static void
lost_workers_and_failures_are_bounded_apart(void **state)
{
    (void)state;
    assert_int_equal(tries_until_given_up(ERROR_UNAVAILABLE), ATTEMPT_LOST_MAX + 1);
    assert_int_equal(tries_until_given_up(ERROR_SYSTEM), ATTEMPT_FAILED_MAX);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_attempt_to_commit_wins),
        cmocka_unit_test(what_would_fail_again_is_final),
        cmocka_unit_test(lost_workers_and_failures_are_bounded_apart),
    };
    return cmocka_run_group_tests_name("sched/attempt", tests, NULL, NULL);
}
