/* Resolution: names, stars, aggregates, windows, set operations and the errors they raise. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "query.h"

#define PEOPLE "(VALUES (1, 'a', 10), (2, 'a', 20), (3, 'b', 30)) AS t(id, dept, pay)"

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
assert_schema(const char *sql, const char *expected)
{
    const struct rel *plan = query_optimize(&q, sql);
    if (plan == NULL) {
        fail_msg("%s: %s", sql, error_text(&q.err));
    }
    assert_string_equal(type_simple(&q.arena, plan->schema), expected);
}

static void
assert_refused(const char *sql, const char *condition)
{
    assert_null(query_optimize(&q, sql));
    assert_non_null(q.err.condition);
    assert_string_equal(q.err.condition, condition);
}

static void
unaliased_columns_are_named_as_spark_does(void **state)
{
    assert_schema("SELECT id, id + 1, ID, t.dept FROM " PEOPLE,
                  "struct<id:int,(id + 1):int,ID:int,dept:string>");
    assert_schema("SELECT count(*), sum(pay) FROM " PEOPLE,
                  "struct<count(1):bigint,sum(pay):bigint>");
}

static void
stars_expand_by_qualifier_and_leave_exceptions_out(void **state)
{
    assert_schema("SELECT t.*, * EXCEPT (pay) FROM " PEOPLE,
                  "struct<id:int,dept:string,pay:int,id:int,dept:string>");
}

static void
later_items_see_earlier_aliases(void **state)
{
    assert_rows("SELECT id * 2 AS a, a + 1 AS b FROM " PEOPLE " ORDER BY 1", "2|3\n4|5\n6|7\n");
}

static void
sort_keys_reach_below_the_select(void **state)
{
    assert_rows("SELECT dept FROM " PEOPLE " ORDER BY pay DESC", "b\na\na\n");
    assert_schema("SELECT dept FROM " PEOPLE " ORDER BY pay DESC", "struct<dept:string>");
}

static void
having_and_order_take_aggregates_that_are_not_selected(void **state)
{
    assert_rows("SELECT dept FROM " PEOPLE " GROUP BY dept HAVING count(*) > 1 ORDER BY max(pay)",
                "a\n");
}

static void
groups_are_named_by_position_alias_or_all(void **state)
{
    assert_rows("SELECT dept AS d, sum(pay) FROM " PEOPLE " GROUP BY 1 ORDER BY 1", "a|30\nb|30\n");
    assert_rows("SELECT dept AS d, sum(pay) FROM " PEOPLE " GROUP BY d ORDER BY d", "a|30\nb|30\n");
    assert_rows("SELECT dept AS d, sum(pay) FROM " PEOPLE " GROUP BY ALL ORDER BY ALL",
                "a|30\nb|30\n");
}

static void
using_shows_the_key_once_and_hides_the_other(void **state)
{
    assert_schema("SELECT * FROM VALUES (1, 'x') AS l(k, a) JOIN VALUES (1, 2.5D) AS r(k, b) "
                  "USING (k)",
                  "struct<k:int,a:string,b:double>");
    assert_rows("SELECT r.k FROM VALUES (1) AS l(k) RIGHT JOIN VALUES (1), (2) AS r(k) USING (k) "
                "ORDER BY 1",
                "1\n2\n");
}

static void
grouping_sets_give_a_row_a_set(void **state)
{
    assert_rows("SELECT dept, sum(pay) FROM " PEOPLE " GROUP BY ROLLUP(dept) ORDER BY 1",
                "NULL|60\na|30\nb|30\n");
}

static void
pivot_makes_a_column_a_value(void **state)
{
    assert_rows("SELECT * FROM (SELECT dept, pay, id FROM " PEOPLE
                ") PIVOT (sum(pay) FOR id IN (1, 3 AS three)) ORDER BY dept",
                "a|10|NULL\nb|NULL|30\n");
}

static void
unpivot_drops_nulls_unless_asked(void **state)
{
    assert_rows("SELECT * FROM VALUES (1, 2, CAST(NULL AS INT)) AS t(k, a, b) UNPIVOT (v FOR n IN "
                "(a, b))",
                "1|a|2\n");
    assert_rows("SELECT * FROM VALUES (1, 2, CAST(NULL AS INT)) AS t(k, a, b) UNPIVOT INCLUDE "
                "NULLS (v FOR n IN (a, b))",
                "1|a|2\n1|b|NULL\n");
}

static void
set_operations_widen_and_compare_nulls_as_equal(void **state)
{
    assert_schema("SELECT 1 AS a UNION ALL SELECT 2.5D", "struct<a:double>");
    assert_rows("SELECT a FROM VALUES (1), (NULL) AS t(a) INTERSECT SELECT NULL", "NULL\n");
    assert_rows("SELECT a FROM VALUES (1), (1), (2) AS t(a) EXCEPT ALL SELECT 1", "1\n2\n");
}

static void
a_cte_is_seen_by_those_after_it(void **state)
{
    assert_rows("WITH a AS (SELECT 1 AS x), b AS (SELECT x + 1 AS y FROM a) SELECT y FROM b",
                "2\n");
}

static void
windows_run_over_aggregates(void **state)
{
    assert_rows("SELECT dept, sum(sum(pay)) OVER () FROM " PEOPLE " GROUP BY dept ORDER BY dept",
                "a|60\nb|60\n");
}

static void
unknown_and_ambiguous_names_are_told(void **state)
{
    assert_refused("SELECT payy FROM " PEOPLE, "UNRESOLVED_COLUMN.WITH_SUGGESTION");
    assert_non_null(strstr(error_text(&q.err), "[`pay`, "));
    assert_refused("SELECT a FROM VALUES (1) AS x(a), VALUES (2) AS y(a)", "AMBIGUOUS_REFERENCE");
    assert_refused("SELECT * FROM nowhere", "TABLE_OR_VIEW_NOT_FOUND");
    assert_refused("SELECT no_such_fn(1)", "UNRESOLVED_ROUTINE");
}

static void
misplaced_aggregates_are_told(void **state)
{
    assert_refused("SELECT dept, pay FROM " PEOPLE " GROUP BY dept", "MISSING_AGGREGATION");
    assert_refused("SELECT id, sum(pay) FROM " PEOPLE, "MISSING_GROUP_BY");
    assert_refused("SELECT id FROM " PEOPLE " WHERE sum(pay) > 1", "INVALID_WHERE_CONDITION");
    assert_refused("SELECT sum(max(pay)) FROM " PEOPLE, "NESTED_AGGREGATE_FUNCTION");
    assert_refused("SELECT 1 FROM " PEOPLE " GROUP BY sum(pay)", "GROUP_BY_AGGREGATE");
}

static void
shapes_that_do_not_fit_are_told(void **state)
{
    assert_refused("SELECT 1 UNION SELECT 1, 2", "NUM_COLUMNS_MISMATCH");
    assert_refused("SELECT id FROM " PEOPLE " ORDER BY 7", "ORDER_BY_POS_OUT_OF_RANGE");
    assert_refused("SELECT 1 LIMIT -1", "INVALID_LIMIT_LIKE_EXPRESSION.IS_NEGATIVE");
    assert_refused("SELECT * FROM VALUES (1), ('x') AS t(a)",
                   "INVALID_INLINE_TABLE.INCOMPATIBLE_TYPES_IN_INLINE_TABLE");
    assert_refused("SELECT id FROM " PEOPLE " WHERE id", "DATATYPE_MISMATCH.FILTER_NOT_BOOLEAN");
}

/* Spark: a null beside a date is days, unless the date is taken from it; beside a timestamp it is a
 * timestamp, and only a difference makes sense. */
static void
a_null_beside_a_time_has_a_type(void **state)
{
    assert_schema("SELECT DATE'2020-01-01' + NULL a, NULL + DATE'2020-01-01' b, "
                  "DATE'2020-01-01' - NULL c, NULL - DATE'2020-01-01' d, "
                  "TIMESTAMP'2020-01-01' - NULL e, NULL - TIMESTAMP'2020-01-01' f",
                  "struct<a:date,b:date,c:date,d:interval day,e:interval day to second,"
                  "f:interval day to second>");
    assert_refused("SELECT TIMESTAMP'2020-01-01' + NULL", "DATATYPE_MISMATCH.BINARY_OP_DIFF_TYPES");
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(unaliased_columns_are_named_as_spark_does),
        TEST(stars_expand_by_qualifier_and_leave_exceptions_out),
        TEST(later_items_see_earlier_aliases),
        TEST(sort_keys_reach_below_the_select),
        TEST(having_and_order_take_aggregates_that_are_not_selected),
        TEST(groups_are_named_by_position_alias_or_all),
        TEST(using_shows_the_key_once_and_hides_the_other),
        TEST(grouping_sets_give_a_row_a_set),
        TEST(pivot_makes_a_column_a_value),
        TEST(unpivot_drops_nulls_unless_asked),
        TEST(set_operations_widen_and_compare_nulls_as_equal),
        TEST(a_cte_is_seen_by_those_after_it),
        TEST(windows_run_over_aggregates),
        TEST(unknown_and_ambiguous_names_are_told),
        TEST(misplaced_aggregates_are_told),
        TEST(shapes_that_do_not_fit_are_told),
        TEST(a_null_beside_a_time_has_a_type),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
