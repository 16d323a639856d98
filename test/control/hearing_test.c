/* Suspicion and verdict: what must be so before a member is dropped. Times are made up. */
#include "control/hearing_core.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static const struct hearing_limits limits = {
    .retry_ms = 200, .suspect_ms = 600, .fresh_ms = 500, .asleep_ms = 1000};

/* We are 1; 2 and 3 joined at 0 and were heard last at `heard`. */
static struct hearing *
three_nodes(int64_t heard)
{
    struct hearing *h = malloc(sizeof *h);
    hearing_init(h, &limits);
    hearing_add(h, 2, 5, 0);
    hearing_add(h, 3, 7, 0);
    hearing_heard(h, 2, 5, heard);
    hearing_heard(h, 3, 7, heard);
    return h;
}

static void
silence_makes_suspect_and_a_word_ends_it(void **state)
{
    (void)state;
    struct hearing *h = three_nodes(100);
    assert_false(hearing_suspects(h, 2, 699));
    assert_true(hearing_suspects(h, 2, 700));
    hearing_heard(h, 2, 5, 710);
    assert_false(hearing_suspects(h, 2, 800));
    hearing_heard(h, 2, 4, 1400); /* an earlier life of it proves nothing */
    assert_true(hearing_suspects(h, 2, 1400));
    free(h);
}

static void
a_broken_connection_makes_suspect_sooner(void **state)
{
    (void)state;
    struct hearing *h = three_nodes(100);
    hearing_broken(h, 2, 150);
    hearing_broken(h, 2, 300); /* the first break counts */
    assert_false(hearing_suspects(h, 2, 349));
    assert_true(hearing_suspects(h, 2, 350));
    hearing_heard(h, 2, 5, 360);
    assert_false(hearing_suspects(h, 2, 560));
    free(h);
}

static void
a_verdict_needs_the_others_fresh_word(void **state)
{
    (void)state;
    struct hearing *h = three_nodes(1000);
    hearing_broken(h, 2, 1000);
    hearing_heard(h, 3, 7, 1250);
    assert_true(hearing_suspects(h, 2, 1250));
    assert_false(hearing_verdict(h, 2, 1250)); /* 3 has said nothing */
    hearing_said(h, 3, 2, 5, 50, 1250);
    assert_false(hearing_verdict(h, 2, 1250)); /* 3 has just heard it */
    hearing_said(h, 3, 2, 4, 900, 1260);
    assert_false(hearing_verdict(h, 2, 1260)); /* that was about an earlier life */
    hearing_said(h, 3, 2, 5, 190, 1260);
    assert_true(hearing_verdict(h, 2, 1270)); /* 190 ms and 10 more */
    hearing_heard(h, 3, 7, 1700);
    assert_true(hearing_verdict(h, 2, 1760));
    assert_false(hearing_verdict(h, 2, 1761)); /* the word is old */
    assert_false(hearing_verdict(h, 3, 1761));
    free(h);
}

static void
who_hears_nobody_blames_nobody(void **state)
{
    (void)state;
    struct hearing *h = three_nodes(0);
    assert_true(hearing_suspects(h, 2, 900) && hearing_suspects(h, 3, 900));
    assert_false(hearing_verdict(h, 2, 900));
    assert_false(hearing_verdict(h, 3, 900));
    hearing_remove(h, 3); /* one other node alone: no majority to tell who is cut off */
    assert_false(hearing_verdict(h, 2, 900));
    free(h);
}

static void
after_a_sleep_all_waiting_begins_anew(void **state)
{
    (void)state;
    struct hearing *h = three_nodes(0);
    hearing_broken(h, 2, 0);
    hearing_tick(h, 100);
    hearing_tick(h, 5000);
    assert_false(hearing_suspects(h, 2, 5100));
    assert_true(hearing_suspects(h, 2, 5600));
    free(h);
}

static void
removing_one_keeps_what_was_said_about_the_others(void **state)
{
    (void)state;
    struct hearing *h = three_nodes(1000);
    hearing_add(h, 4, 1, 1000);
    hearing_broken(h, 4, 1000);
    assert_false(hearing_suspects(h, 4, 1900)); /* never heard yet */
    hearing_heard(h, 4, 1, 1000);
    hearing_broken(h, 4, 1000);
    hearing_heard(h, 2, 5, 1300);
    hearing_heard(h, 3, 7, 1300);
    hearing_said(h, 3, 4, 1, 400, 1300);
    hearing_remove(h, 2);
    assert_true(hearing_verdict(h, 4, 1310));
    hearing_add(h, 4, 2, 1310); /* a new life: nothing is held against it */
    assert_false(hearing_suspects(h, 4, 2500));
    hearing_heard(h, 4, 2, 1310);
    hearing_broken(h, 4, 1310);
    assert_true(hearing_suspects(h, 4, 1510));
    assert_false(hearing_verdict(h, 4, 1510));
    assert_int_equal(hearing_silent_ms(h, 2, 0), -1);
    free(h);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(silence_makes_suspect_and_a_word_ends_it),
        cmocka_unit_test(a_broken_connection_makes_suspect_sooner),
        cmocka_unit_test(a_verdict_needs_the_others_fresh_word),
        cmocka_unit_test(who_hears_nobody_blames_nobody),
        cmocka_unit_test(after_a_sleep_all_waiting_begins_anew),
        cmocka_unit_test(removing_one_keeps_what_was_said_about_the_others),
    };
    return cmocka_run_group_tests_name("control/hearing", tests, NULL, NULL);
}
