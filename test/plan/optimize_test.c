/* Passes, by the text of the trees they make, and by rows that must not change without them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "query.h"

#define L "VALUES (1, 'a'), (2, 'b'), (3, NULL) AS l(k, s)"
#define R "VALUES (1, 10), (1, 11), (3, 30) AS r(k, w)"

static struct query q;

static int
setup(void **state)
{
    query_init(&q);
    return 0;
}

static int
teardown(void **state)
{
    query_release(&q);
    return 0;
}

static const char *
plan_of(const char *sql)
{
    const struct rel *plan = query_optimize(&q, sql);
    if (plan == NULL) {
        fail_msg("%s: %s", sql, error_text(&q.err));
    }
    return query_text(&q, plan);
}

static void
assert_plan_has(const char *sql, const char *part)
{
    const char *text = plan_of(sql);
    if (strstr(text, part) == NULL) {
        fail_msg("no \"%s\" in\n%s", part, text);
    }
}

static void
assert_plan_lacks(const char *sql, const char *part)
{
    const char *text = plan_of(sql);
    if (strstr(text, part) != NULL) {
        fail_msg("\"%s\" in\n%s", part, text);
    }
}

static void
assert_rows(const char *sql, const char *expected)
{
    const char *rows = query_rows(&q, sql);
    if (rows == NULL) {
        fail_msg("%s: %s", sql, error_text(&q.err));
    }
    assert_string_equal(rows, expected);
}

static void
exists_becomes_a_semi_join(void **state)
{
    const char *sql = "SELECT k FROM " L " WHERE EXISTS (SELECT 1 FROM " R
                      " WHERE r.k = l.k AND w > 10) ORDER BY k";
    assert_plan_has(sql, "Join LeftSemi");
    assert_rows(sql, "1\n3\n");
}

static void
not_exists_becomes_an_anti_join(void **state)
{
    const char *sql =
        "SELECT k FROM " L " WHERE NOT EXISTS (SELECT 1 FROM " R " WHERE r.k = l.k) ORDER BY k";
    assert_plan_has(sql, "Join LeftAnti");
    assert_rows(sql, "2\n");
}

static void
not_in_with_a_null_keeps_no_row(void **state)
{
    assert_rows("SELECT k FROM " L " WHERE k NOT IN (SELECT * FROM VALUES (1), (NULL) AS v(x))",
                "");
    assert_rows("SELECT k FROM " L " WHERE k NOT IN (SELECT * FROM VALUES (1), (2) AS v(x))",
                "3\n");
}

static void
in_under_or_becomes_a_mark_join(void **state)
{
    const char *sql = "SELECT k FROM " L " WHERE k IN (SELECT k FROM " R ") OR s = 'b' ORDER BY k";
    assert_plan_has(sql, "Join Mark");
    assert_rows(sql, "1\n2\n3\n");
}

static void
a_count_over_no_rows_is_zero(void **state)
{
    assert_rows("SELECT k, (SELECT count(*) FROM " R " WHERE r.k = l.k) FROM " L " ORDER BY k",
                "1|2\n2|0\n3|1\n");
    assert_rows("SELECT k, (SELECT sum(w) FROM " R " WHERE r.k = l.k) FROM " L " ORDER BY k",
                "1|21\n2|NULL\n3|30\n");
}

static void
correlations_that_are_no_equalities_go_over_the_outer_values(void **state)
{
    assert_rows("SELECT k, (SELECT max(w) FROM " R " WHERE r.k > l.k) FROM " L " ORDER BY k",
                "1|30\n2|30\n3|NULL\n");
    assert_rows("SELECT k, (SELECT max(w + l.k) FROM (SELECT w FROM " R ")) FROM " L " ORDER BY k",
                "1|31\n2|32\n3|33\n");
}

static void
a_correlated_limit_is_one_for_each_row(void **state)
{
    assert_rows("SELECT k, (SELECT w FROM " R " WHERE r.k = l.k ORDER BY w DESC LIMIT 1) FROM " L
                " ORDER BY k",
                "1|11\n2|NULL\n3|30\n");
}

static void
a_lateral_join_sees_the_row_on_its_left(void **state)
{
    assert_rows("SELECT k, m FROM " L ", LATERAL (SELECT max(w) AS m FROM " R
                " WHERE r.k <= l.k) ORDER BY k",
                "1|11\n2|11\n3|30\n");
}

static void
two_rows_in_a_scalar_subquery_fail(void **state)
{
    assert_null(query_rows(&q, "SELECT (SELECT w FROM " R " WHERE r.k = l.k) FROM " L));
    assert_string_equal(q.err.condition, "SCALAR_SUBQUERY_TOO_MANY_ROWS");
}

static void
filters_reach_the_sides_of_a_join(void **state)
{
    const char *sql = "SELECT l.k FROM " L " JOIN " R " ON l.k = r.k WHERE l.s = 'a' AND r.w > 10";
    const char *text = plan_of(sql);
    const char *join = strstr(text, "Join Inner");
    assert_non_null(join);
    assert_non_null(strstr(join, "Filter (s#1 = a)"));
    assert_non_null(strstr(join, "Filter (w#1 > 10)"));
}

static void
a_null_rejecting_filter_makes_an_outer_join_inner(void **state)
{
    assert_plan_has("SELECT l.k FROM " L " LEFT JOIN " R " ON l.k = r.k WHERE r.w > 10",
                    "Join Inner");
    assert_plan_has("SELECT l.k FROM " L " LEFT JOIN " R " ON l.k = r.k WHERE r.w IS NULL",
                    "Join LeftOuter");
}

static void
constants_travel_over_equalities(void **state)
{
    const char *text = plan_of("SELECT l.s FROM " L " JOIN " R " ON l.k = r.k WHERE l.k = 3");
    const char *first = strstr(text, "(k#0 = 3)");
    assert_non_null(first);
    assert_non_null(strstr(first + 1, "(k#0 = 3)"));
}

static void
what_all_branches_of_an_or_demand_is_joined_on(void **state)
{
    assert_plan_has("SELECT 1 FROM " L ", " R " WHERE (l.k = r.k AND r.w = 10 AND l.s = 'a') OR "
                    "(l.k = r.k AND r.w = 30 AND l.s = 'b')",
                    "Join Inner");
}

static void
constants_are_folded(void **state)
{
    assert_plan_has("SELECT k FROM " L " WHERE k > 1 + 1", "(k#0 > 2)");
    assert_plan_has("SELECT k FROM " L " WHERE 1 = 2", "EmptyRelation");
}

static void
limit_over_order_is_a_top_n(void **state)
{
    assert_plan_has("SELECT k FROM " L " ORDER BY s LIMIT 1", "TopN 1");
    assert_rows("SELECT k FROM " L " ORDER BY s DESC LIMIT 1", "2\n");
}

static void
unused_aggregates_and_windows_go(void **state)
{
    assert_plan_lacks("SELECT k FROM (SELECT k, max(w) AS m, sum(w) AS unused FROM " R
                      " GROUP BY k) WHERE m > 1",
                      "sum");
    assert_plan_lacks("SELECT k FROM (SELECT k, row_number() OVER (ORDER BY w) AS n FROM " R ")",
                      "Window");
}

static void
three_way_joins_give_the_same_rows_in_any_order(void **state)
{
    const char *query = "SELECT x.k, y.w, z.w FROM (SELECT * FROM " L ") x, (SELECT * FROM " R
                        ") y, (SELECT * FROM " R ") z WHERE x.k = y.k AND y.k = z.k AND y.w <= "
                        "z.w ORDER BY 1, 2, 3";
    assert_rows(query, "1|10|10\n1|10|11\n1|11|11\n3|30|30\n");
    q.excluded = "join_order,push_filters,prune,simplify,topn,merge_projects";
    assert_rows(query, "1|10|10\n1|10|11\n1|11|11\n3|30|30\n");
}

static void
volatile_expressions_are_not_computed_twice(void **state)
{
    assert_rows("SELECT count(*) FROM (SELECT rand() AS r FROM range(100)) WHERE r < 0 OR r >= 0",
                "100\n");
    assert_plan_has("SELECT r FROM (SELECT rand(7) AS r FROM range(10)) WHERE r > 0.5D",
                    "Filter (r#0 > 0.5)");
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(exists_becomes_a_semi_join),
        TEST(not_exists_becomes_an_anti_join),
        TEST(not_in_with_a_null_keeps_no_row),
        TEST(in_under_or_becomes_a_mark_join),
        TEST(a_count_over_no_rows_is_zero),
        TEST(correlations_that_are_no_equalities_go_over_the_outer_values),
        TEST(a_correlated_limit_is_one_for_each_row),
        TEST(a_lateral_join_sees_the_row_on_its_left),
        TEST(two_rows_in_a_scalar_subquery_fail),
        TEST(filters_reach_the_sides_of_a_join),
        TEST(a_null_rejecting_filter_makes_an_outer_join_inner),
        TEST(constants_travel_over_equalities),
        TEST(what_all_branches_of_an_or_demand_is_joined_on),
        TEST(constants_are_folded),
        TEST(limit_over_order_is_a_top_n),
        TEST(unused_aggregates_and_windows_go),
        TEST(volatile_expressions_are_not_computed_twice),
        TEST(three_way_joins_give_the_same_rows_in_any_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
