/* The cut: where exchanges come, and what stays with its rows, by the text of the stages. */
#include "plan/stages.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "query.h"

static struct query q;
static struct stage_list list;

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
cut(const char *sql, int64_t broadcast_bytes)
{
    const struct rel *plan = query_optimize(&q, sql);
    const struct cut_options o = {
        .tasks = 4, .broadcast_bytes = broadcast_bytes, .session = &q.session};
    if (plan == NULL || !plan_cut(&q.arena, plan, &o, &list, &q.err)) {
        fail_msg("%s: %s", sql, error_text(&q.err));
    }
    struct buffer text = {0};
    stage_list_put(&text, &list);
    const char *copy = arena_strdup(&q.arena, buffer_text(&text));
    buffer_release(&text);
    return copy;
}

static void
assert_cut(const char *sql, int64_t broadcast_bytes, const char *want)
{
    const char *text = cut(sql, broadcast_bytes);
    if (strcmp(text, want) != 0) {
        fail_msg("%s\ngave\n%sinstead of\n%s", sql, text, want);
    }
}

static void
rows_alone_stay_where_they_are(void **state)
{
    assert_cut("SELECT id + 1 AS x FROM range(1000) WHERE id > 3", 0,
               "Stage 0, 4 tasks, the answer\n"
               "Project [(id#0 + 1)]\n"
               "+- Filter (id#0 > 3)\n"
               "   +- Range (0, 1000, step=1) tasks 0+4\n");
}

static void
groups_are_made_in_two_halves(void **state)
{
    assert_cut("SELECT id % 3 AS k, count(*) AS n FROM range(1000) GROUP BY id % 3", 0,
               "Stage 0, 4 tasks\n"
               "Exchange hash 4 [#0]\n"
               "+- Aggregate [(id#0 % 3)], [count(1)] partial\n"
               "   +- Range (0, 1000, step=1) tasks 0+4\n"
               "Stage 1, 4 tasks, the answer\n"
               "Project [#0, #1]\n"
               "+- Aggregate [#0], [count(1)] final\n"
               "   +- ExchangeRead stage 0 [k#0, s#1] tasks 0+4\n");
}

static uint32_t
count_of(const char *text, const char *part)
{
    uint32_t n = 0;
    for (const char *at = text; (at = strstr(at, part)) != NULL; at += strlen(part)) {
        n++;
    }
    return n;
}

static void
distinct_aggregates_wait_for_their_group(void **state)
{
    const char *text =
        cut("SELECT id % 3 AS k, count(DISTINCT id) AS n, sum(id) FROM range(9) GROUP BY 1", 0);
    assert_int_equal(count_of(text, "partial"), 0);
    assert_int_equal(list.count, 2);
}

static void
large_sides_are_dealt_by_their_keys(void **state)
{
    const char *sql = "SELECT count(*) FROM range(1000) a JOIN range(2000) b ON a.id = b.id";
    const char *text = cut(sql, 0);
    assert_int_equal(count_of(text, "Exchange hash 4"), 2);
    assert_int_equal(list.stages[2].input_count, 2);
}

static void
a_small_side_goes_to_every_task(void **state)
{
    const char *text =
        cut("SELECT count(*) FROM range(1000000) a JOIN range(10) b ON a.id = b.id", 10000);
    assert_int_equal(count_of(text, "Exchange broadcast 1"), 1);
    assert_int_equal(count_of(text, "Exchange hash"), 0);
}

static void
unmatched_rows_of_both_sides_need_all_rows_of_a_key_in_one_task(void **state)
{
    const char *text =
        cut("SELECT a.id, b.id FROM range(1000) a FULL JOIN range(10) b ON a.id = b.id", 10000);
    assert_int_equal(count_of(text, "Exchange hash 4"), 2);
    text = cut("SELECT a.id, b.id FROM range(1000) a FULL JOIN range(10) b ON a.id < b.id", 10000);
    assert_int_equal(count_of(text, "Exchange single 1"), 2);
}

static void
rows_that_met_by_a_key_are_not_dealt_again(void **state)
{
    const char *text = cut("SELECT k, count(*) FROM (SELECT a.id AS k FROM range(1000) a JOIN "
                           "range(2000) b ON a.id = b.id) GROUP BY k",
                           0);
    assert_int_equal(count_of(text, "Exchange hash 4"), 2);
    assert_int_equal(count_of(text, "partial"), 0);
}

static void
limits_send_no_more_than_could_be_needed(void **state)
{
    assert_cut("SELECT id FROM range(1000) LIMIT 5 OFFSET 2", 0,
               "Stage 0, 4 tasks\n"
               "Exchange single 1\n"
               "+- Limit 7\n"
               "   +- Range (0, 1000, step=1) tasks 0+4\n"
               "Stage 1, 1 task, the answer\n"
               "Limit 5 offset 2\n"
               "+- ExchangeRead stage 0 [id#0]\n");
    const char *text = cut("SELECT id FROM range(1000) ORDER BY id DESC LIMIT 5", 0);
    assert_int_equal(count_of(text, "TopN 5"), 2);
}

static void
what_depends_on_chance_stays_in_one_task(void **state)
{
    const char *text = cut("SELECT rand(1) AS x FROM range(1000)", 0);
    assert_int_equal(count_of(text, "Exchange single 1"), 1);
    assert_int_equal(list.stages[list.count - 1].tasks, 1);
}

static void
a_unions_inputs_have_tasks_of_their_own(void **state)
{
    assert_cut("SELECT id FROM range(10) UNION ALL SELECT id FROM range(20)", 0,
               "Stage 0, 8 tasks, the answer\n"
               "Union\n"
               ":- Range (0, 10, step=1) tasks 0+4\n"
               "+- Range (0, 20, step=1) tasks 4+4\n");
}

static void
windows_are_dealt_by_their_common_partition(void **state)
{
    const char *text = cut("SELECT sum(id) OVER (PARTITION BY id % 3) FROM range(1000)", 0);
    assert_int_equal(count_of(text, "Exchange hash 4"), 1);
    text = cut("SELECT sum(id) OVER (ORDER BY id) FROM range(1000)", 0);
    assert_int_equal(count_of(text, "Exchange single 1"), 1);
}

static void
one_task_is_one_stage(void **state)
{
    const struct rel *plan = query_optimize(&q, "SELECT sum(id) FROM range(1000) GROUP BY id % 2");
    const struct cut_options o = {.tasks = 1, .session = &q.session};
    assert_true(plan_cut(&q.arena, plan, &o, &list, &q.err));
    assert_int_equal(list.count, 1);
    assert_int_equal(list.stages[0].tasks, 1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(rows_alone_stay_where_they_are, setup, teardown),
        cmocka_unit_test_setup_teardown(groups_are_made_in_two_halves, setup, teardown),
        cmocka_unit_test_setup_teardown(distinct_aggregates_wait_for_their_group, setup, teardown),
        cmocka_unit_test_setup_teardown(large_sides_are_dealt_by_their_keys, setup, teardown),
        cmocka_unit_test_setup_teardown(a_small_side_goes_to_every_task, setup, teardown),
        cmocka_unit_test_setup_teardown(
            unmatched_rows_of_both_sides_need_all_rows_of_a_key_in_one_task, setup, teardown),
        cmocka_unit_test_setup_teardown(rows_that_met_by_a_key_are_not_dealt_again, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(limits_send_no_more_than_could_be_needed, setup, teardown),
        cmocka_unit_test_setup_teardown(what_depends_on_chance_stays_in_one_task, setup, teardown),
        cmocka_unit_test_setup_teardown(a_unions_inputs_have_tasks_of_their_own, setup, teardown),
        cmocka_unit_test_setup_teardown(windows_are_dealt_by_their_common_partition, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(one_task_is_one_stage, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
