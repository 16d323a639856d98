/* Queues and placement: whose task starts next, and where. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "sched/place_core.h"
#include "sched/queue_core.h"

static const struct queue_wants core_only = {.cores = 1};

static int
setup(void **state)
{
    struct queue_core *q = malloc(sizeof *q);
    queue_core_init(q);
    queue_core_size(q, 9, 18 << 10);
    *state = q;
    return 0;
}

static int
teardown(void **state)
{
    free(*state);
    return 0;
}

static uint64_t
take_next(struct queue_core *q, const struct queue_wants *w)
{
    const uint64_t id = queue_core_next(q);
    if (id != 0) {
        queue_core_take(q, id, w);
    }
    return id;
}

/* The textbook case: memory-hungry tasks against cpu-hungry ones on 9 cores and 18 GB. */
static void
shares_of_the_scarcest_resource_are_equal(void **state)
{
    struct queue_core *q = *state;
    const struct queue_wants memory = {1, 4 << 10}, cpu = {3, 1 << 10};
    queue_core_enter(q, 1, (uint32_t)queue_core_queue(q, "a"));
    queue_core_enter(q, 2, (uint32_t)queue_core_queue(q, "b"));
    queue_core_wait(q, 1, &memory);
    queue_core_wait(q, 2, &cpu);
    int started[3] = {0};
    for (int i = 0; i < 5; i++) {
        const uint64_t id = queue_core_next(q);
        queue_core_take(q, id, id == 1 ? &memory : &cpu);
        started[id]++;
    }
    assert_int_equal(started[1], 3); /* 12 of 18 GB */
    assert_int_equal(started[2], 2); /* 6 of 9 cores */
}

static void
weights_floors_and_ceilings_hold(void **state)
{
    struct queue_core *q = *state;
    const uint32_t heavy = (uint32_t)queue_core_queue(q, "heavy");
    const uint32_t light = (uint32_t)queue_core_queue(q, "light");
    q->queues[heavy].weight = 2;
    queue_core_enter(q, 1, heavy);
    queue_core_enter(q, 2, light);
    queue_core_wait(q, 1, &core_only);
    queue_core_wait(q, 2, &core_only);
    int started[3] = {0};
    for (int i = 0; i < 9; i++) {
        started[take_next(q, &core_only)]++;
    }
    assert_int_equal(started[1], 6);
    assert_int_equal(started[2], 3);
    q->queues[light].floor = 0.5;
    assert_int_equal(queue_core_next(q), 2); /* below its floor: before all others */
    q->queues[light].ceiling = 0.4;
    q->queues[light].floor = 0;
    queue_core_rest(q, 1);
    assert_int_equal(queue_core_next(q), 0); /* nobody may have more */
    queue_core_give(q, 2, &core_only);
    assert_int_equal(queue_core_next(q), 2);
}

static void
a_late_query_gets_what_ends(void **state)
{
    struct queue_core *q = *state;
    const uint32_t queue = (uint32_t)queue_core_queue(q, "default");
    queue_core_enter(q, 1, queue);
    queue_core_wait(q, 1, &core_only);
    for (int i = 0; i < 9; i++) {
        assert_int_equal(take_next(q, &core_only), 1);
    }
    queue_core_enter(q, 2, queue);
    queue_core_wait(q, 2, &core_only);
    for (int i = 0; i < 4; i++) {
        queue_core_give(q, 1, &core_only);
        assert_int_equal(take_next(q, &core_only), 2);
    }
    for (int i = 0; i < 4; i++) {
        queue_core_give(q, 2, &core_only);
    }
    queue_core_leave(q, 2);
    assert_int_equal(queue_core_next(q), 1);
}

static void
queues_and_queries_are_bounded(void **state)
{
    struct queue_core *q = *state;
    char name[16];
    for (int i = 0; i < QUEUE_MAX; i++) {
        snprintf(name, sizeof name, "q%d", i);
        assert_int_equal(queue_core_queue(q, name), i);
        assert_int_equal(queue_core_queue(q, name), i);
    }
    assert_int_equal(queue_core_queue(q, "one more"), -1);
    for (uint64_t id = 1; id <= QUEUE_QUERIES_MAX; id++) {
        assert_true(queue_core_enter(q, id, 0));
    }
    assert_false(queue_core_enter(q, QUEUE_QUERIES_MAX + 1, 0));
    assert_false(queue_core_enter(q, 0, 0));
}

static void
a_task_goes_to_its_rows_else_to_who_is_free(void **state)
{
    (void)state;
    struct place_worker w[3] = {
        {.cores = 4, .cores_used = 3, .usable = true, .locality = LOCALITY_BLOCK},
        {.cores = 4, .cores_used = 0, .usable = true},
        {.cores = 4, .cores_used = 1, .usable = true},
    };
    struct place_wants wants = {.cores = 1, .avoid = UINT32_MAX, .only = -1};
    assert_int_equal(place_pick(w, 3, &wants, 0), 0);
    w[0].cores_used = 4; /* full */
    assert_int_equal(place_pick(w, 3, &wants, 0), 1);
    w[1].failures = 2;
    assert_int_equal(place_pick(w, 3, &wants, 0), 2);
    w[2].usable = false;
    assert_int_equal(place_pick(w, 3, &wants, 0), 1); /* better than none */
    wants.avoid = 1;
    assert_int_equal(place_pick(w, 3, &wants, 0), -1);
    wants = (struct place_wants){.cores = 100, .avoid = UINT32_MAX, .only = -1};
    assert_int_equal(place_pick(w, 3, &wants, 0), 1); /* too large for anybody: who is idle */
    wants.only = 0;
    assert_int_equal(place_pick(w, 3, &wants, 0), -1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(shares_of_the_scarcest_resource_are_equal, setup, teardown),
        cmocka_unit_test_setup_teardown(weights_floors_and_ceilings_hold, setup, teardown),
        cmocka_unit_test_setup_teardown(a_late_query_gets_what_ends, setup, teardown),
        cmocka_unit_test_setup_teardown(queues_and_queries_are_bounded, setup, teardown),
        cmocka_unit_test(a_task_goes_to_its_rows_else_to_who_is_free),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
