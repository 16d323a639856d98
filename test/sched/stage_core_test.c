/* The stage machine: order, commits, lost outputs, copies of slow tasks. */
#include "sched/stage_core.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { MS = 1000000 };

struct bench {
    struct arena arena;
    struct stage_core core;
    struct stage stages[3];
    struct stage_list list;
};

/* Two stages of two and three tasks, read by the answer's two. */
static void
bench_init(struct bench *b, bool speculates)
{
    static uint32_t both[] = {0, 1};
    static const bool yes[] = {true, true, true};
    arena_init(&b->arena, NULL);
    b->stages[0] = (struct stage){.tasks = 2};
    b->stages[1] = (struct stage){.tasks = 4};
    b->stages[2] = (struct stage){.tasks = 2, .inputs = both, .input_count = 2};
    b->list = (struct stage_list){b->stages, 3};
    stage_core_init(&b->core, &b->arena, &b->list, speculates ? yes : NULL);
}

static struct stage_launch
begin(struct bench *b, uint32_t worker, int64_t now)
{
    struct stage_launch l;
    assert_true(stage_core_next(&b->core, now, &l));
    stage_core_began(&b->core, &l, worker, now);
    return l;
}

static void
finish(struct bench *b, const struct stage_launch *l, uint32_t worker, int64_t now)
{
    assert_true(stage_core_commit(&b->core, l->stage, l->task, l->attempt, worker, now));
}

/* All of the first two stages, even tasks on worker 0, odd ones on worker 1. */
static void
run_inputs(struct bench *b)
{
    struct stage_launch l[6];
    for (int i = 0; i < 6; i++) {
        l[i] = begin(b, (uint32_t)i % 2, 0);
        assert_true(l[i].stage < 2);
    }
    struct stage_launch none;
    assert_false(stage_core_next(&b->core, 0, &none)); /* the answer waits for its inputs */
    for (int i = 0; i < 6; i++) {
        finish(b, &l[i], (uint32_t)i % 2, MS);
    }
}

static void
stages_run_when_their_inputs_are_there(void **state)
{
    struct bench b;
    bench_init(&b, false);
    run_inputs(&b);
    const struct stage_launch x = begin(&b, 0, MS), y = begin(&b, 0, MS);
    assert_int_equal(x.stage, 2);
    finish(&b, &x, 0, 2 * MS);
    assert_false(stage_core_complete(&b.core));
    finish(&b, &y, 0, 2 * MS);
    assert_true(stage_core_complete(&b.core));
    arena_release(&b.arena);
}

static void
a_dead_workers_outputs_run_again_for_who_needs_them(void **state)
{
    struct bench b;
    bench_init(&b, false);
    run_inputs(&b);
    const struct stage_launch x = begin(&b, 0, MS);
    assert_true(stage_core_worker_gone(&b.core, 1));
    /* The second task of the answer does not start before its inputs are whole again. */
    uint32_t again = 0;
    for (struct stage_launch l; stage_core_next(&b.core, MS, &l); again++) {
        assert_true(l.stage < 2 && l.task % 2 == 1);
        stage_core_began(&b.core, &l, 0, MS);
        assert_int_equal(l.attempt, 1); /* a new number, so a new epoch */
        finish(&b, &l, 0, 2 * MS);
        if (again == 2) {
            break;
        }
    }
    assert_int_equal(again, 2); /* one of stage 0, two of stage 1 */
    const struct stage_launch y = begin(&b, 0, 3 * MS);
    assert_int_equal(y.stage, 2);
    finish(&b, &x, 0, 3 * MS);
    finish(&b, &y, 0, 3 * MS);
    assert_true(stage_core_complete(&b.core));
    /* Nobody needs them any more. */
    assert_true(stage_core_worker_gone(&b.core, 0));
    struct stage_launch none;
    assert_false(stage_core_next(&b.core, 4 * MS, &none));
    arena_release(&b.arena);
}

static void
a_late_report_voids_nothing(void **state)
{
    struct bench b;
    bench_init(&b, false);
    run_inputs(&b);
    assert_true(stage_core_lost(&b.core, 0, 1, 0));
    assert_false(stage_core_is_done(&b.core, 0, 1));
    struct stage_launch l = begin(&b, 0, MS);
    assert_int_equal(l.attempt, 1);
    finish(&b, &l, 0, MS);
    assert_true(stage_core_lost(&b.core, 0, 1, 0)); /* of the epoch before */
    assert_true(stage_core_is_done(&b.core, 0, 1));
    /* Numbers that are out of range come from outside, and mean nothing. */
    assert_true(stage_core_lost(&b.core, 99, 0, 0));
    assert_true(stage_core_lost(&b.core, 0, 99, 0));
    arena_release(&b.arena);
}

static void
losses_are_bounded(void **state)
{
    struct bench b;
    bench_init(&b, false);
    run_inputs(&b);
    uint32_t losses = 0;
    bool ok = true;
    for (uint32_t epoch = 0; ok && losses < 10000; epoch++, losses++) {
        ok = stage_core_lost(&b.core, 0, 1, epoch);
        if (ok) {
            struct stage_launch l = begin(&b, 0, MS);
            finish(&b, &l, 0, MS);
        }
    }
    assert_int_equal(losses, LOST_OUTPUTS_MAX + 1);
    arena_release(&b.arena);
}

static void
a_slow_task_gets_one_copy_elsewhere(void **state)
{
    struct bench b;
    bench_init(&b, true);
    struct stage_launch l[6], copy, none;
    for (int i = 0; i < 6; i++) {
        l[i] = begin(&b, (uint32_t)i % 2, 0);
    }
    finish(&b, &l[0], 0, 100 * MS);
    finish(&b, &l[1], 1, 100 * MS);
    finish(&b, &l[2], 0, 400 * MS);
    finish(&b, &l[3], 1, 400 * MS);
    assert_false(stage_core_next(&b.core, 2000 * (int64_t)MS, &none)); /* half is not enough */
    finish(&b, &l[4], 0, 400 * MS);
    assert_false(stage_core_next(&b.core, 900 * MS, &none)); /* slow, but under a second */
    assert_true(stage_core_next(&b.core, 1100 * (int64_t)MS, &copy));
    assert_true(copy.is_copy);
    assert_int_equal(copy.stage, 1);
    assert_int_equal(copy.task, l[5].task);
    assert_int_equal(copy.avoid_worker, 1);
    stage_core_began(&b.core, &copy, 0, 1100 * (int64_t)MS);
    assert_int_equal(copy.attempt, 1);
    assert_false(stage_core_next(&b.core, 9000 * (int64_t)MS, &none)); /* one is enough */
    finish(&b, &copy, 0, 1200 * (int64_t)MS);
    assert_false(stage_core_commit(&b.core, l[5].stage, l[5].task, l[5].attempt, 1, 0));
    /* What the late one's end says does not matter any more. */
    stage_core_end(&b.core, l[5].stage, l[5].task, l[5].attempt, ERROR_EXECUTION);
    assert_true(stage_core_is_done(&b.core, 1, l[5].task));
    arena_release(&b.arena);
}

static void
a_copys_death_leaves_the_older_one(void **state)
{
    struct bench b;
    bench_init(&b, true);
    struct stage_launch l[6], copy;
    for (int i = 0; i < 6; i++) {
        l[i] = begin(&b, (uint32_t)i % 2, 0);
    }
    for (int i = 0; i < 5; i++) {
        finish(&b, &l[i], (uint32_t)i % 2, 100 * MS);
    }
    copy = begin(&b, 0, 2000 * (int64_t)MS);
    assert_true(copy.is_copy);
    assert_int_equal(stage_core_end(&b.core, 1, copy.task, copy.attempt, ERROR_UNAVAILABLE),
                     NEXT_WAIT);
    struct stage_launch again = begin(&b, 0, 4000 * (int64_t)MS); /* another copy: a new number */
    assert_true(again.is_copy);
    assert_int_equal(again.attempt, 2);
    finish(&b, &l[5], 1, 4100 * (int64_t)MS);
    assert_false(stage_core_commit(&b.core, 1, again.task, again.attempt, 0, 0));
    arena_release(&b.arena);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stages_run_when_their_inputs_are_there),
        cmocka_unit_test(a_dead_workers_outputs_run_again_for_who_needs_them),
        cmocka_unit_test(a_late_report_voids_nothing),
        cmocka_unit_test(losses_are_bounded),
        cmocka_unit_test(a_slow_task_gets_one_copy_elsewhere),
        cmocka_unit_test(a_copys_death_leaves_the_older_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
