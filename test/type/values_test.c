/* Numbers, decimals, dates and zones: texts and arithmetic at their edges. */
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "type/datetime.h"
#include "type/decimal.h"
#include "type/number.h"
#include "type/zone.h"

static void
doubles_print_as_java_prints_them(void **state)
{
    (void)state;
    static const struct {
        double value;
        const char *text;
    } cases[] = {{0.1, "0.1"},
                 {1e10, "1.0E10"},
                 {-0.0, "-0.0"},
                 {1234567, "1234567.0"},
                 {12345678, "1.2345678E7"},
                 {0.001, "0.001"},
                 {0.0001, "1.0E-4"},
                 {NAN, "NaN"},
                 {-INFINITY, "-Infinity"},
                 {100, "100.0"},
                 {DBL_MAX, "1.7976931348623157E308"},
                 {4.9e-324, "4.9E-324"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[NUMBER_TEXT_MAX];
        number_double_text(text, cases[i].value);
        assert_string_equal(text, cases[i].text);
    }
}

static void
floats_take_their_own_shortest_text(void **state)
{
    (void)state;
    char text[NUMBER_TEXT_MAX];
    number_float_text(text, 0.1f);
    assert_string_equal(text, "0.1");
    number_float_text(text, 16777216.0f);
    assert_string_equal(text, "1.6777216E7");
}

static void
decimals_round_half_up_and_know_their_limit(void **state)
{
    (void)state;
    i128 v;
    assert_int_equal(decimal_parse("2.345", 5, 5, 2, &v), DECIMAL_OK);
    assert_true(v == 235);
    assert_int_equal(decimal_parse("-2.345", 6, 5, 2, &v), DECIMAL_OK);
    assert_true(v == -235);
    assert_int_equal(decimal_parse("999.995", 7, 5, 2, &v), DECIMAL_OVERFLOW);
    assert_int_equal(decimal_parse("1e3", 3, 5, 0, &v), DECIMAL_OK);
    assert_true(v == 1000);
    assert_int_equal(decimal_parse("1x", 2, 5, 0, &v), DECIMAL_MALFORMED);
    const i128 big = decimal_pow10(38) - 1;
    assert_true(decimal_mul(big, 10, 1, &v));
    assert_true(v == big);
    assert_false(decimal_mul(big, 10, 0, &v));
    assert_true(decimal_quotient(big, 3, 0, true, &v));
    assert_true(v == big / 3);
    assert_true(decimal_quotient(2, 3, 37, true, &v)); /* 0.66..67 */
    char text[DECIMAL_TEXT_MAX];
    decimal_text(text, v, 37, true);
    assert_string_equal(text, "0.6666666666666666666666666666666666667");
}

static void
civil_days_go_both_ways(void **state)
{
    (void)state;
    for (int64_t day = -800000; day < 800000; day += 37) {
        int64_t y;
        int m;
        int d;
        civil_from_days(day, &y, &m, &d);
        assert_true(days_from_civil(y, m, d) == day);
        assert_true(civil_valid(y, m, d));
    }
    assert_true(days_add_months(days_from_civil(2024, 1, 31), 1) == days_from_civil(2024, 2, 29));
    assert_true(days_add_months(days_from_civil(2024, 1, 31), -11) == days_from_civil(2023, 2, 28));
}

static void
wall_clocks_in_gaps_and_overlaps(void **state)
{
    (void)state;
    const struct zone *z = zone_find("America/Los_Angeles");
    assert_non_null(z); /* needs the package tzdata */
    const int64_t day = days_from_civil(2024, 3, 10) * 86400;
    /* 02:30 does not exist: it becomes 03:30 daylight time. */
    assert_true(zone_to_utc(z, day + 9000) == day + 9000 + 8 * 3600);
    /* 01:30 of the autumn change exists twice: the first, daylight one. */
    const int64_t autumn = days_from_civil(2024, 11, 3) * 86400;
    assert_true(zone_to_utc(z, autumn + 5400) == autumn + 5400 + 7 * 3600);
    /* By the rule after the file's last change. */
    assert_int_equal(zone_offset(z, days_from_civil(2500, 7, 1) * 86400), -7 * 3600);
    assert_int_equal(zone_offset(z, days_from_civil(2500, 1, 1) * 86400), -8 * 3600);
}

static void
offsets_are_zones_too(void **state)
{
    (void)state;
    assert_int_equal(zone_offset(zone_find("+05:30"), 0), 19800);
    assert_int_equal(zone_offset(zone_find("UTC-3"), 0), -10800);
    assert_null(zone_find("+19:00"));
    assert_null(zone_find("../../etc/passwd"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(doubles_print_as_java_prints_them),
        cmocka_unit_test(floats_take_their_own_shortest_text),
        cmocka_unit_test(decimals_round_half_up_and_know_their_limit),
        cmocka_unit_test(civil_days_go_both_ways),
        cmocka_unit_test(wall_clocks_in_gaps_and_overlaps),
        cmocka_unit_test(offsets_are_zones_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
