/* Settings of the program: sizes, flags and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "app/options.h"

static void
assert_size(const char *text, uint64_t expected)
{
    struct error err = {0};
    uint64_t bytes = 1;
    assert_int_equal(option_bytes(text, &bytes, &err), expected != 0);
    assert_int_equal(bytes, expected);
    error_clear(&err);
}

static void
sizes_have_units(void **state)
{
    assert_size("512", 512);
    assert_size("64k", 64 << 10);
    assert_size("1.5GiB", (uint64_t)3 << 29);
    assert_size("2t", (uint64_t)2 << 40);
}

static void
what_is_no_size_is_refused(void **state)
{
    static const char *const bad[] = {"",    "g",   "0",   "-1g", "1x",
                                      "nan", "inf", "4 g", "1gg", "999999999999999t"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_size(bad[i], 0);
    }
}

static void
flags_are_taken_and_words_stay(void **state)
{
    struct program_options o;
    struct error err = {0};
    setenv("WEIR_CONFIG", "/dev/null", 1);
    assert_true(options_init(&o, &err));
    char *argv[] = {"up", "--data=/d", "word", "--ephemeral", "--cores", "3"};
    int argc = 6;
    assert_true(options_take_flags(&o, &argc, argv, &err));
    assert_int_equal(argc, 2);
    assert_string_equal(argv[1], "word");
    assert_string_equal(option_text(&o, OPTION_DATA), "/d");
    assert_string_equal(option_text(&o, OPTION_CORES), "3");
    assert_true(option_true(&o, OPTION_EPHEMERAL));
    options_release(&o);
}

static void
an_unknown_flag_and_a_missing_value_are_refused(void **state)
{
    struct program_options o;
    struct error err = {0};
    setenv("WEIR_CONFIG", "/dev/null", 1);
    assert_true(options_init(&o, &err));
    char *unknown[] = {"--nonsense"}, *missing[] = {"--data"};
    int argc = 1;
    assert_false(options_take_flags(&o, &argc, unknown, &err));
    error_clear(&err);
    assert_false(options_take_flags(&o, &argc, missing, &err));
    assert_string_equal(error_text(&err), "--data wants DIR");
    error_clear(&err);
    options_release(&o);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes_have_units),
        cmocka_unit_test(what_is_no_size_is_refused),
        cmocka_unit_test(flags_are_taken_and_words_stay),
        cmocka_unit_test(an_unknown_flag_and_a_missing_value_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
