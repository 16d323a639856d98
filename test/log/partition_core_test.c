/* Elections and the two sets of a partition: L6 and L7, and the form of its key. */
#include "log/partition_core.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct partition_member all[] = {
    {.node = 1, .incarnation = 7, .disk = {"a"}},
    {.node = 2, .incarnation = 7, .disk = {"b"}},
    {.node = 3, .incarnation = 7, .disk = {"c"}},
};

static struct partition_state
fresh(uint32_t min_insync)
{
    struct partition_state s;
    assert_true(partition_place(all, 3, 3, min_insync, 0, &s));
    s.version = 4;
    return s;
}

static void
placement_takes_turns_and_refuses_too_many_copies(void **state)
{
    (void)state;
    struct partition_state s;
    for (uint32_t i = 0; i < 6; i++) {
        assert_true(partition_place(all, 3, 2, 1, i, &s));
        assert_int_equal(s.leader, i % 3 + 1);
        assert_int_equal(partition_in_sync(&s), 2);
        assert_int_equal(s.replicas[1].node, (i + 1) % 3 + 1);
    }
    assert_false(partition_place(all, 3, 4, 1, 0, &s));
    struct partition_member some[3];
    memcpy(some, all, sizeof some);
    some[0].draining = true;
    assert_true(partition_place(some, 3, 2, 1, 0, &s));
    assert_int_equal(s.leader, 2);
}

static void
nothing_changes_while_all_are_there(void **state)
{
    (void)state;
    struct partition_state s = fresh(2), next;
    assert_false(partition_next(&s, all, 3, true, &next));
}

static void
l7_a_dead_leader_is_replaced_from_the_in_sync_set(void **state)
{
    (void)state;
    struct partition_state s = fresh(2), next;
    partition_leave(&s, 2);
    assert_true(partition_next(&s, all + 1, 2, false, &next));
    assert_int_equal(next.leader, 3); /* 2 is not in sync */
    assert_int_equal(next.epoch, s.epoch + 1);
    assert_int_equal(next.version, s.version);
    assert_false(partition_find(&next, 1)->in_sync);
    assert_true(partition_find(&next, 1)->eligible); /* the set fell below two */
}

static void
a_leader_that_restarted_leads_only_by_a_new_grant(void **state)
{
    (void)state;
    struct partition_state s = fresh(2), next;
    struct partition_member members[3];
    memcpy(members, all, sizeof members);
    members[0].incarnation = 8;
    assert_true(partition_next(&s, members, 3, false, &next));
    assert_int_equal(next.epoch, s.epoch + 1);
    assert_true(next.leader != 1 || next.leader_incarnation == 8);
}

static void
l7_the_eligible_set_leads_when_nobody_in_sync_is_left(void **state)
{
    (void)state;
    struct partition_state s = fresh(2), next;
    partition_leave(&s, 3);
    assert_false(partition_find(&s, 3)->eligible); /* two are left: they may commit without it */
    partition_leave(&s, 2);
    assert_true(partition_find(&s, 2)->eligible);
    assert_true(partition_next(&s, all + 1, 2, false, &next));
    assert_int_equal(next.leader, 2);
    assert_true(partition_find(&next, 2)->in_sync);
    assert_true(partition_find(&next, 1)->eligible);
    assert_false(partition_find(&next, 3)->eligible);
    partition_join(&next, 3, 7, &all[2].disk);
    assert_false(partition_find(&next, 1)->eligible); /* whole again: cleared */
}

/* Nothing was committed between the first and the second, so both hold everything. */
static void
l7_who_leave_together_are_eligible_together(void **state)
{
    (void)state;
    struct partition_state s = fresh(2), next;
    assert_true(partition_next(&s, all, 1, false, &next)); /* 2 and 3 are gone at once */
    assert_true(partition_find(&next, 2)->eligible);
    assert_true(partition_find(&next, 3)->eligible);
    assert_false(partition_find(&next, 1)->eligible);
}

static void
l7_else_the_partition_waits(void **state)
{
    (void)state;
    struct partition_state s = fresh(1), next, later;
    partition_leave(&s, 2);
    partition_leave(&s, 3);
    assert_true(partition_next(&s, all + 1, 2, false, &next));
    assert_int_equal(next.leader, 0);
    assert_true(partition_find(&next, 1)->in_sync); /* who must come back */
    assert_false(partition_next(&next, all + 1, 2, false, &later));
    assert_true(partition_next(&next, all, 3, false, &later));
    assert_int_equal(later.leader, 1);
    assert_int_equal(later.epoch, s.epoch + 1);
}

static void
l7_a_lost_disk_leaves_both_sets(void **state)
{
    (void)state;
    struct partition_state s = fresh(2), next;
    struct partition_member members[3];
    memcpy(members, all, sizeof members);
    members[1].disk = (struct disk_id){"new"};
    members[1].incarnation = 8;
    assert_true(partition_next(&s, members, 3, false, &next));
    assert_int_equal(next.leader, 1);
    assert_false(partition_find(&next, 2)->in_sync);
    assert_false(partition_find(&next, 2)->eligible);
    members[0].disk = (struct disk_id){"new"};
    members[0].incarnation = 8;
    assert_true(partition_next(&s, members, 3, false, &next));
    assert_int_equal(next.leader, 3);
    assert_int_equal(partition_in_sync(&next), 1);
}

static void
gone_followers_leave_the_set_without_a_new_epoch(void **state)
{
    (void)state;
    struct partition_state s = fresh(2), next;
    assert_true(partition_next(&s, all, 2, false, &next));
    assert_int_equal(next.epoch, s.epoch);
    assert_int_equal(partition_in_sync(&next), 2);
    assert_false(partition_find(&next, 3)->in_sync);
}

static void
suspects_lead_last_and_draining_nodes_hand_over(void **state)
{
    (void)state;
    struct partition_state s = fresh(2), next;
    struct partition_member members[3];
    memcpy(members, all, sizeof members);
    members[1].suspect = true;
    assert_true(partition_next(&s, members + 1, 2, false, &next));
    assert_int_equal(next.leader, 3);
    members[0].draining = true;
    members[1].suspect = false;
    assert_true(partition_next(&s, members, 3, false, &next));
    assert_int_equal(next.leader, 2);
}

static void
leaders_go_home_when_asked(void **state)
{
    (void)state;
    struct partition_state s = fresh(2), moved, next;
    assert_true(partition_next(&s, all + 1, 2, false, &moved));
    partition_join(&moved, 1, 8, &all[0].disk);
    struct partition_member members[3];
    memcpy(members, all, sizeof members);
    members[0].incarnation = 8;
    assert_false(partition_next(&moved, members, 3, false, &next));
    assert_true(partition_next(&moved, members, 3, true, &next));
    assert_int_equal(next.leader, 1);
    assert_int_equal(next.leader_incarnation, 8);
}

static void
the_key_is_read_as_it_was_written_and_no_prefix_of_it_is(void **state)
{
    (void)state;
    struct partition_state s = fresh(2), read;
    partition_leave(&s, 2);
    partition_leave(&s, 3);
    struct buffer b = {0};
    partition_write(&s, &b);
    assert_true(partition_read(&read, (struct bytes){b.ptr, b.len}));
    read.version = s.version;
    assert_memory_equal(&read, &s, sizeof s);
    for (size_t len = 0; len < b.len; len++) {
        assert_false(partition_read(&read, (struct bytes){b.ptr, len}));
    }
    buffer_release(&b);
}

static void
a_forced_leader_starts_alone_in_a_new_epoch(void **state)
{
    (void)state;
    struct partition_state s = fresh(2), next;
    partition_leave(&s, 3);
    assert_true(partition_force(&s, &all[2], &next));
    assert_int_equal(next.leader, 3);
    assert_int_equal(next.epoch, s.epoch + 1);
    assert_int_equal(partition_in_sync(&next), 1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(placement_takes_turns_and_refuses_too_many_copies),
        cmocka_unit_test(nothing_changes_while_all_are_there),
        cmocka_unit_test(l7_a_dead_leader_is_replaced_from_the_in_sync_set),
        cmocka_unit_test(a_leader_that_restarted_leads_only_by_a_new_grant),
        cmocka_unit_test(l7_the_eligible_set_leads_when_nobody_in_sync_is_left),
        cmocka_unit_test(l7_who_leave_together_are_eligible_together),
        cmocka_unit_test(l7_else_the_partition_waits),
        cmocka_unit_test(l7_a_lost_disk_leaves_both_sets),
        cmocka_unit_test(gone_followers_leave_the_set_without_a_new_epoch),
        cmocka_unit_test(suspects_lead_last_and_draining_nodes_hand_over),
        cmocka_unit_test(leaders_go_home_when_asked),
        cmocka_unit_test(the_key_is_read_as_it_was_written_and_no_prefix_of_it_is),
        cmocka_unit_test(a_forced_leader_starts_alone_in_a_new_epoch),
    };
    return cmocka_run_group_tests_name("log/partition_core", tests, NULL, NULL);
}
