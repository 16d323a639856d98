/* Error values: Spark's message form, copies that stand alone, and the first context wins. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/error.h"

static void
a_condition_has_name_text_and_sqlstate(void **state)
{
    struct error err = {0};
    assert_false(error_raise(&err, "PARSE_SYNTAX_ERROR", "error", "'x'", "hint", "", NULL));
    assert_int_equal(err.kind, ERROR_PARSE);
    assert_string_equal(err.sqlstate, "42601");
    assert_string_equal(error_text(&err),
                        "[PARSE_SYNTAX_ERROR] Syntax error at or near 'x'. SQLSTATE: 42601");
    assert_int_equal(err.param_count, 2);
    error_clear(&err);
    assert_false(error_is_set(&err));
    assert_string_equal(error_text(&err), "");
}

static void
an_unknown_condition_is_our_own_fault(void **state)
{
    struct error err = {0};
    assert_false(error_raise(&err, "NO_SUCH_CONDITION", NULL));
    assert_int_equal(err.kind, ERROR_INTERNAL);
    error_clear(&err);
}

static void
a_copy_outlives_its_source(void **state)
{
    struct error err = {0};
    struct error copy = {0};
    error_system(&err, ENOENT, "cannot open %s", "f");
    error_at(&err, 3, 4, "ab", 2);
    error_at(&err, 9, 9, "zz", 2);
    error_copy(&copy, &err);
    error_clear(&err);
    assert_int_equal(copy.code, ENOENT);
    assert_string_equal(copy.message, "cannot open f: No such file or directory");
    assert_int_equal(copy.context.start, 3);
    assert_string_equal(copy.context.fragment, "ab");
    error_move(&err, &copy);
    assert_false(error_is_set(&copy));
    error_clear(&err);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_condition_has_name_text_and_sqlstate),
        cmocka_unit_test(an_unknown_condition_is_our_own_fault),
        cmocka_unit_test(a_copy_outlives_its_source),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
