/* Expressions: names as Spark prints them, walks and rebuilding. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "tree/expr.h"

static struct arena arena;

static int
setup(void **state)
{
    arena_init(&arena, NULL);
    return 0;
}

static int
teardown(void **state)
{
    arena_release(&arena);
    return 0;
}

static struct expr *
attribute(const char *name)
{
    struct expr *e = expr_new(&arena, EXPR_ATTRIBUTE);
    e->names = arena_new_array(&arena, const char *, 1);
    e->names[0] = name;
    e->name_count = 1;
    return e;
}

static void
assert_name(const struct expr *e, const char *expected)
{
    struct buffer b = {0};
    expr_put_name(&b, e);
    assert_string_equal(buffer_text(&b), expected);
    buffer_release(&b);
}

static struct expr *
double_literal(double v)
{
    return expr_literal(&arena, (struct datum){.type = type_scalar(TYPE_DOUBLE), .f = v});
}

static void
operators_are_infix(void **state)
{
    struct expr *a = attribute("a"), *one = expr_int_literal(&arena, 1);
    assert_name(expr_call(&arena, "+", 2, a, one), "(a + 1)");
    assert_name(expr_call(&arena, "!=", 2, a, one), "(NOT (a = 1))");
    assert_name(expr_call(&arena, "isnull", 1, a), "(a IS NULL)");
    assert_name(expr_call(&arena, "in", 3, a, one, one), "(a IN (1, 1))");
    assert_name(expr_call(&arena, "like", 2, a, expr_string_literal(&arena, "x%", 2)), "a LIKE x%");
}

static void
functions_show_spark_s_name_and_defaults(void **state)
{
    struct expr *a = attribute("a");
    assert_name(expr_call(&arena, "SIN", 1, a), "SIN(a)");
    assert_name(expr_call(&arena, "Upper", 1, a), "upper(a)");
    assert_name(expr_call(&arena, "locate", 2, a, a), "locate(a, a, 1)");
    assert_name(expr_call(&arena, "count", 1, expr_new(&arena, EXPR_STAR)), "count(1)");
}

static void
only_casts_of_the_user_are_shown(void **state)
{
    struct expr *cast = expr_cast(&arena, attribute("a"), type_scalar(TYPE_INT), CAST_DEFAULT);
    assert_name(cast, "CAST(a AS INT)");
    cast->implicit = true;
    assert_name(cast, "a");
}

static void
doubles_are_laid_out_as_java_does(void **state)
{
    assert_name(double_literal(1.5), "1.5");
    assert_name(double_literal(100), "100.0");
    assert_name(double_literal(-0.0), "-0.0");
    assert_name(double_literal(0.001), "0.001");
    assert_name(double_literal(1e-4), "1.0E-4");
    assert_name(double_literal(12345678), "1.2345678E7");
    assert_name(double_literal(1234567), "1234567.0");
    assert_name(double_literal(0.1), "0.1");
}

static void
dates_and_intervals_have_their_keyword(void **state)
{
    assert_name(expr_literal(&arena, (struct datum){.type = type_scalar(TYPE_DATE), .i = 19782}),
                "DATE '2024-02-29'");
    assert_name(
        expr_literal(&arena, (struct datum){.type = type_scalar(TYPE_TIMESTAMP_NTZ), .i = -500000}),
        "TIMESTAMP_NTZ '1969-12-31 23:59:59.5'");
    assert_name(expr_literal(&arena, (struct datum){.type = type_scalar(TYPE_INTERVAL_DT),
                                                    .i = 273906700000}),
                "INTERVAL '3 04:05:06.7' DAY TO SECOND");
}

static void
windows_show_the_default_frame(void **state)
{
    struct window_spec spec = {0};
    struct sort_key key = {.expr = attribute("b"), .nulls_first = true};
    spec.order = &key;
    spec.order_count = 1;
    struct expr *w = expr_new(&arena, EXPR_WINDOW);
    struct expr *args[] = {expr_call(&arena, "row_number", 0)};
    w->args = args;
    w->arg_count = 1;
    w->window = &spec;
    assert_name(w, "row_number() OVER (ORDER BY b ASC NULLS FIRST ROWS BETWEEN UNBOUNDED "
                   "PRECEDING AND CURRENT ROW)");
}

static struct expr *
rename_a(struct arena *a, struct expr *e, void *ctx)
{
    return e->kind == EXPR_ATTRIBUTE ? attribute("z") : e;
}

static void
mapping_leaves_the_original_alone(void **state)
{
    struct expr *e = expr_call(&arena, "+", 2, attribute("a"), expr_int_literal(&arena, 1));
    struct expr *mapped = expr_map(&arena, e, rename_a, NULL);
    assert_name(mapped, "(z + 1)");
    assert_name(e, "(a + 1)");
}

static void
equality_is_structural(void **state)
{
    const struct type *t = type_scalar(TYPE_INT);
    struct expr *x =
        expr_call(&arena, "+", 2, expr_column(&arena, 0, t, true), expr_int_literal(&arena, 1));
    struct expr *y =
        expr_call(&arena, "+", 2, expr_column(&arena, 0, t, true), expr_int_literal(&arena, 1));
    struct expr *z =
        expr_call(&arena, "+", 2, expr_column(&arena, 1, t, true), expr_int_literal(&arena, 1));
    assert_true(expr_equal(x, y));
    assert_false(expr_equal(x, z));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(operators_are_infix),
        cmocka_unit_test(functions_show_spark_s_name_and_defaults),
        cmocka_unit_test(only_casts_of_the_user_are_shown),
        cmocka_unit_test(doubles_are_laid_out_as_java_does),
        cmocka_unit_test(dates_and_intervals_have_their_keyword),
        cmocka_unit_test(windows_show_the_default_frame),
        cmocka_unit_test(mapping_leaves_the_original_alone),
        cmocka_unit_test(equality_is_structural),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
