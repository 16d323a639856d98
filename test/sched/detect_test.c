/* Failure detection: silence that is unlikely, silence that is long, many silent at once. */
#include "sched/detect_core.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define MS INT64_C(1000000)

static int64_t
beats(struct detect *d, int count, int64_t from, int64_t gap)
{
    for (int i = 0; i < count; i++) {
        from += gap;
        detect_beat(d, 7, from);
    }
    return from;
}

static void
a_regular_peer_is_alive(void **state)
{
    struct detect d;
    struct detect_guard g = {0};
    detect_init(&d, 7, 0);
    const int64_t now = beats(&d, 50, 0, 500 * MS);
    assert_false(detect_look(&d, &g, 5, now + 600 * MS));
    assert_int_equal(d.state, DETECT_ALIVE);
    assert_true(detect_phi(&d, now + 600 * MS) < 8);
}

static void
silence_makes_suspect_then_dead(void **state)
{
    struct detect d;
    struct detect_guard g = {0};
    detect_init(&d, 7, 0);
    const int64_t now = beats(&d, 50, 0, 500 * MS);
    assert_true(detect_look(&d, &g, 5, now + 1200 * MS));
    assert_int_equal(d.state, DETECT_SUSPECT);
    assert_false(detect_look(&d, &g, 5, now + 2900 * MS)); /* not before 3 s */
    assert_true(detect_look(&d, &g, 5, now + 3000 * MS));
    assert_int_equal(d.state, DETECT_DEAD);
    detect_beat(&d, 7, now + 3100 * MS); /* a dead life does not come back */
    assert_int_equal(d.state, DETECT_DEAD);
    detect_beat(&d, 8, now + 3200 * MS);
    assert_int_equal(d.state, DETECT_ALIVE);
}

static void
an_irregular_peer_is_given_more_time(void **state)
{
    struct detect d;
    detect_init(&d, 7, 0);
    int64_t now = 0;
    for (int i = 0; i < 50; i++) {
        now = beats(&d, 1, now, i % 2 == 0 ? 200 * MS : 900 * MS);
    }
    struct detect regular;
    detect_init(&regular, 7, 0);
    const int64_t then = beats(&regular, 50, 0, 500 * MS);
    assert_true(detect_phi(&d, now + 1000 * MS) < detect_phi(&regular, then + 1000 * MS));
}

static void
a_suspect_that_speaks_is_alive(void **state)
{
    struct detect d;
    struct detect_guard g = {0};
    detect_init(&d, 7, 0);
    int64_t now = beats(&d, 20, 0, 500 * MS);
    assert_true(detect_broken(&d, &g, 5, false, now));
    assert_int_equal(d.state, DETECT_SUSPECT);
    detect_beat(&d, 7, now + 50 * MS);
    assert_int_equal(d.state, DETECT_ALIVE);
    assert_true(detect_broken(&d, &g, 5, true, now + 60 * MS)); /* nobody listens there */
    assert_int_equal(d.state, DETECT_DEAD);
}

static void
many_suspects_at_once_are_our_own_fault(void **state)
{
    struct detect d[5];
    struct detect_guard g = {0};
    for (int i = 0; i < 5; i++) {
        detect_init(&d[i], 7, 0);
        beats(&d[i], 20, 0, 500 * MS);
    }
    const int64_t now = 20 * 500 * MS;
    for (int i = 0; i < 4; i++) {
        detect_look(&d[i], &g, 5, now + 1500 * MS);
    }
    assert_false(detect_look(&d[0], &g, 5, now + 5000 * MS));
    assert_int_equal(d[0].state, DETECT_SUSPECT); /* held back */
    assert_true(detect_look(&d[0], &g, 5, now + 12000 * MS));
    assert_int_equal(d[0].state, DETECT_DEAD);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_regular_peer_is_alive),
        cmocka_unit_test(silence_makes_suspect_then_dead),
        cmocka_unit_test(an_irregular_peer_is_given_more_time),
        cmocka_unit_test(a_suspect_that_speaks_is_alive),
        cmocka_unit_test(many_suspects_at_once_are_our_own_fault),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
