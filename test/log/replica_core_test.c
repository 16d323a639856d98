/* Each rule of replication on one machine, and two or three of them side by side. */
#include "log/replica_core.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

enum { LAG_MS = 1000 };

static const struct disk_id disk_a = {"disk-a"}, disk_b = {"disk-b"}, disk_c = {"disk-c"};

/* Nodes 1, 2, 3 at incarnation 7, all in sync, node 1 leads epoch 5. */
static struct partition_state
state_of_three(void)
{
    struct partition_state s = {.version = 10,
                                .epoch = 5,
                                .leader = 1,
                                .leader_incarnation = 7,
                                .min_insync = 2,
                                .count = 3};
    const struct disk_id disks[] = {disk_a, disk_b, disk_c};
    for (uint32_t i = 0; i < 3; i++) {
        s.replicas[i] = (struct partition_replica){
            .node = i + 1, .incarnation = 7, .disk = disks[i], .in_sync = true};
    }
    return s;
}

static struct replica_core
replica_of(uint32_t node, int64_t end, int32_t last_epoch)
{
    const struct disk_id disks[] = {disk_a, disk_b, disk_c};
    const struct replica_self self = {.node = node, .incarnation = 7, .disk = disks[node - 1]};
    const struct replica_log log = {
        .start = 0, .end = end, .flushed = end, .last_epoch = last_epoch};
    struct replica_core r;
    replica_init(&r, &self, &log, last_epoch, 0);
    return r;
}

static struct replica_core
leader_of_three(int64_t end)
{
    struct replica_core r = replica_of(1, end, 4);
    const struct partition_state s = state_of_three();
    assert_int_equal(replica_decide(&r, &s), REPLICA_PERSIST);
    assert_int_equal(replica_begin(&r, 5), REPLICA_LEAD);
    return r;
}

static struct replica_core
follower_of_three(uint32_t node, int64_t end)
{
    struct replica_core r = replica_of(node, end, 4);
    const struct partition_state s = state_of_three();
    assert_int_equal(replica_decide(&r, &s), REPLICA_PERSIST);
    assert_int_equal(replica_begin(&r, 5), REPLICA_FOLLOW);
    return r;
}

static void
log_is(struct replica_core *r, int64_t end, int64_t flushed, int32_t last_epoch)
{
    const struct replica_log log = {
        .start = r->log.start, .end = end, .flushed = flushed, .last_epoch = last_epoch};
    replica_log_is(r, &log);
}

static struct replica_fetch
fetch_of(uint32_t node, int64_t offset, uint64_t request)
{
    const struct disk_id disks[] = {disk_a, disk_b, disk_c};
    return (struct replica_fetch){.node = node,
                                  .incarnation = 7,
                                  .disk = disks[node - 1],
                                  .request = request,
                                  .epoch = 5,
                                  .offset = offset,
                                  .last_epoch = 4};
}

/* The leader's log: epoch 4 ends where the log ends. */
static struct replica_answer
ask(struct replica_core *leader, struct replica_fetch f, int64_t now_ms)
{
    struct replica_answer a;
    replica_on_fetch(leader, &f, 4, leader->log.end, now_ms, &a);
    return a;
}

static void
l1_the_leader_counts_itself_at_its_flushed_end(void **state)
{
    (void)state;
    struct replica_core r = leader_of_three(100);
    log_is(&r, 120, 100, 4);
    ask(&r, fetch_of(2, 120, 1), 1);
    ask(&r, fetch_of(3, 120, 1), 1);
    assert_int_equal(r.high_watermark, 100);
    log_is(&r, 120, 120, 4);
    assert_int_equal(r.high_watermark, 120);
}

static void
l1_a_follower_asks_only_when_all_is_flushed(void **state)
{
    (void)state;
    struct replica_core r = follower_of_three(2, 50);
    struct replica_fetch f;
    log_is(&r, 60, 50, 5);
    assert_false(replica_fetch_make(&r, &f));
    log_is(&r, 60, 60, 5);
    assert_true(replica_fetch_make(&r, &f));
    assert_int_equal(f.offset, 60);
    assert_int_equal(f.last_epoch, 5);
    assert_int_equal(f.epoch, 5);
}

static void
l2_the_watermark_is_the_least_of_the_in_sync_set(void **state)
{
    (void)state;
    struct replica_core r = leader_of_three(100);
    assert_int_equal(r.high_watermark, 0);
    ask(&r, fetch_of(2, 90, 1), 1);
    assert_int_equal(r.high_watermark, 0); /* node 3 was not heard in this epoch */
    ask(&r, fetch_of(3, 70, 1), 1);
    assert_int_equal(r.high_watermark, 70);
}

static void
l2_it_does_not_move_while_the_set_is_too_small(void **state)
{
    (void)state;
    struct replica_core r = leader_of_three(100);
    struct partition_state s = state_of_three();
    partition_leave(&s, 2);
    partition_leave(&s, 3);
    s.version = 11;
    assert_int_equal(replica_decide(&r, &s), REPLICA_KEEP);
    assert_int_equal(r.role, REPLICA_LEADER);
    assert_int_equal(r.high_watermark, 0);
    assert_int_equal(replica_may_append(&r, true), REPLICA_TOO_FEW);
    assert_int_equal(replica_may_append(&r, false), REPLICA_OK);
}

static void
l3_all_is_acknowledged_by_the_watermark_in_the_same_epoch_only(void **state)
{
    (void)state;
    struct replica_core r = leader_of_three(100);
    assert_int_equal(replica_ack(&r, 5, 99), REPLICA_ACK_WAIT);
    ask(&r, fetch_of(2, 100, 1), 1);
    ask(&r, fetch_of(3, 100, 1), 1);
    assert_int_equal(replica_ack(&r, 5, 99), REPLICA_ACK_DONE);
    assert_int_equal(replica_ack(&r, 4, 99), REPLICA_ACK_LOST);
    struct partition_state s = state_of_three();
    s.version = 11;
    s.epoch = 6;
    s.leader = 2;
    replica_decide(&r, &s);
    assert_int_equal(replica_ack(&r, 5, 99), REPLICA_ACK_LOST);
}

static void
l4_a_fetch_of_another_epoch_is_refused(void **state)
{
    (void)state;
    struct replica_core r = leader_of_three(100);
    struct replica_fetch f = fetch_of(2, 100, 1);
    f.epoch = 4;
    assert_int_equal(ask(&r, f, 1).error, REPLICA_FENCED);
    f.epoch = 6;
    assert_int_equal(ask(&r, f, 1).error, REPLICA_UNKNOWN);
    assert_false(r.progress[1].heard);
}

static void
l4_a_wiped_or_restarted_node_does_not_pass_for_its_old_self(void **state)
{
    (void)state;
    struct replica_core r = leader_of_three(100);
    struct replica_fetch f = fetch_of(2, 100, 1);
    f.disk = disk_c;
    ask(&r, f, 1);
    ask(&r, fetch_of(3, 100, 1), 1);
    assert_int_equal(r.high_watermark, 0);
    f = fetch_of(2, 100, 1);
    f.incarnation = 8;
    ask(&r, f, 1);
    assert_int_equal(r.high_watermark, 0); /* until it is counted anew (L6) */
    f.incarnation = 6;
    assert_int_equal(ask(&r, f, 1).error, REPLICA_STALE);
}

static void
l4_only_the_answer_to_the_outstanding_request_is_acted_on(void **state)
{
    (void)state;
    struct replica_core r = follower_of_three(2, 50);
    struct replica_fetch f;
    assert_true(replica_fetch_make(&r, &f));
    struct replica_answer late = {.request = f.request,
                                  .epoch = 5,
                                  .error = REPLICA_DIVERGED,
                                  .diverged_epoch = 4,
                                  .diverged_end = 10};
    replica_fetch_lost(&r);
    assert_int_equal(replica_on_answer(&r, &late, 50).kind, REPLICA_IGNORE);
    assert_true(replica_fetch_make(&r, &f));
    assert_int_equal(replica_on_answer(&r, &late, 50).kind, REPLICA_IGNORE);
    late.request = f.request;
    assert_int_equal(replica_on_answer(&r, &late, 50).kind, REPLICA_TRUNCATE);
    assert_int_equal(replica_on_answer(&r, &late, 50).kind, REPLICA_IGNORE); /* its duplicate */
}

static void
l4_an_answer_to_an_earlier_life_is_ignored(void **state)
{
    (void)state;
    struct replica_core first = follower_of_three(2, 50), second = follower_of_three(2, 50);
    struct replica_fetch f;
    assert_true(replica_fetch_make(&first, &f));
    const struct replica_answer late = {.request = f.request,
                                        .epoch = 5,
                                        .error = REPLICA_DIVERGED,
                                        .diverged_epoch = 3,
                                        .diverged_end = 10};
    second.self.incarnation = 8;
    replica_init(&second, &second.self, &second.log, 4, 0);
    struct partition_state s = state_of_three();
    s.replicas[1].incarnation = 8;
    replica_decide(&second, &s);
    assert_int_equal(replica_begin(&second, 5), REPLICA_FOLLOW);
    assert_true(replica_fetch_make(&second, &f));
    assert_int_equal(replica_on_answer(&second, &late, 50).kind, REPLICA_IGNORE);
}

static void
l5_divergence_is_answered_and_cut_to_the_smaller_end(void **state)
{
    (void)state;
    struct replica_core leader = leader_of_three(100);
    struct replica_fetch f = fetch_of(2, 80, 1);
    struct replica_answer a;
    f.last_epoch = 3;
    replica_on_fetch(&leader, &f, 3, 60, 1, &a); /* the leader's epoch 3 ended at 60 */
    assert_int_equal(a.error, REPLICA_DIVERGED);
    assert_int_equal(a.diverged_epoch, 3);
    assert_int_equal(a.diverged_end, 60);
    assert_false(leader.progress[1].heard); /* counts for nothing */

    struct replica_core r = follower_of_three(2, 80);
    assert_true(replica_fetch_make(&r, &f));
    a.request = f.request;
    struct replica_action action = replica_on_answer(&r, &a, 80);
    assert_int_equal(action.kind, REPLICA_TRUNCATE);
    assert_int_equal(action.offset, 60);
    assert_true(replica_fetch_make(&r, &f));
    a.request = f.request;
    action = replica_on_answer(&r, &a, 40); /* its own epoch 3 ended earlier */
    assert_int_equal(action.offset, 40);
}

static void
l5_below_the_own_watermark_it_stops(void **state)
{
    (void)state;
    struct replica_core r = follower_of_three(2, 80);
    struct replica_fetch f;
    assert_true(replica_fetch_make(&r, &f));
    struct replica_answer a = {.request = f.request, .epoch = 5, .high_watermark = 70};
    assert_int_equal(replica_on_answer(&r, &a, 0).kind, REPLICA_APPEND);
    log_is(&r, 80, 80, 4);
    assert_int_equal(r.high_watermark, 70);
    assert_true(replica_fetch_make(&r, &f));
    a = (struct replica_answer){.request = f.request,
                                .epoch = 5,
                                .error = REPLICA_DIVERGED,
                                .diverged_epoch = 4,
                                .diverged_end = 69};
    assert_int_equal(replica_on_answer(&r, &a, 80).kind, REPLICA_STOP);
}

static void
l6_an_added_member_counts_from_the_proposal_a_removed_one_until_it_is_committed(void **state)
{
    (void)state;
    struct replica_core r = leader_of_three(100);
    ask(&r, fetch_of(2, 100, 1), 1);
    ask(&r, fetch_of(3, 100, 1), 1);
    log_is(&r, 150, 150, 5);
    ask(&r, fetch_of(2, 150, 2), 2000);
    assert_true(replica_propose(&r, 2500, LAG_MS)); /* node 3 lags */
    assert_false(r.proposal.replicas[2].in_sync);
    assert_int_equal(r.proposal.version, 10);
    ask(&r, fetch_of(2, 150, 3), 2600);
    assert_int_equal(r.high_watermark, 100);
    assert_true(replica_propose(&r, 2700, LAG_MS)); /* the same again while unknown */
    replica_proposed(&r, 10, 12);
    assert_int_equal(r.high_watermark, 150);
    assert_int_equal(r.state.version, 12);

    ask(&r, fetch_of(3, 150, 2), 3000);
    assert_true(replica_propose(&r, 3000, LAG_MS));
    assert_true(r.proposal.replicas[2].in_sync);
    log_is(&r, 200, 200, 5);
    ask(&r, fetch_of(2, 200, 4), 3100);
    assert_int_equal(r.high_watermark, 150); /* waits for node 3 already */
    ask(&r, fetch_of(3, 200, 3), 3100);
    assert_int_equal(r.high_watermark, 200);
}

static void
l6_a_member_joins_only_with_all_that_is_committed_and_its_identity_is_recorded(void **state)
{
    (void)state;
    struct replica_core r = leader_of_three(100);
    ask(&r, fetch_of(2, 100, 1), 1);
    ask(&r, fetch_of(3, 100, 1), 1);
    struct replica_fetch f = fetch_of(3, 99, 1);
    f.incarnation = 9;
    ask(&r, f, 2);
    assert_false(replica_propose(&r, 2, LAG_MS));
    f.offset = 100;
    f.request = 2;
    ask(&r, f, 3);
    assert_true(replica_propose(&r, 3, LAG_MS));
    assert_int_equal(r.proposal.replicas[2].incarnation, 9);
}

/* Alone in the set, under load, the watermark is always a little ahead of who comes back. */
static void
l6_the_watermark_waits_for_who_keeps_up_until_it_has_joined(void **state)
{
    (void)state;
    struct replica_core r = leader_of_three(100);
    struct partition_state alone = state_of_three();
    alone.version++;
    alone.min_insync = 1;
    alone.replicas[1].in_sync = alone.replicas[2].in_sync = false;
    replica_decide(&r, &alone);
    ask(&r, fetch_of(2, 100, 1), 10);
    log_is(&r, 110, 110, 5);
    assert_int_equal(r.high_watermark, 110);
    assert_false(replica_propose(&r, 20, LAG_MS));
    log_is(&r, 120, 120, 5);
    assert_int_equal(r.high_watermark, 110);
    struct replica_fetch f = fetch_of(2, 110, 2);
    ask(&r, f, 30);
    assert_true(replica_propose(&r, 40, LAG_MS));
    assert_true(r.proposal.replicas[1].in_sync);
    /* One who falls silent is waited for no longer than the lag. */
    r.proposing = false;
    assert_false(replica_propose(&r, 31 + LAG_MS, LAG_MS));
    log_is(&r, 130, 130, 5);
    assert_int_equal(r.high_watermark, 130);
}

static void
nothing_waits_for_a_member_that_was_removed(void **state)
{
    (void)state;
    struct replica_core r = leader_of_three(100);
    ask(&r, fetch_of(2, 100, 1), 1);
    ask(&r, fetch_of(3, 100, 1), 1);
    log_is(&r, 150, 150, 5);
    ask(&r, fetch_of(2, 150, 2), 100);
    struct partition_state s = state_of_three(); /* the controller saw node 3 die */
    s.version = 11;
    partition_leave(&s, 3);
    replica_decide(&r, &s);
    assert_false(replica_propose(&r, 110, LAG_MS));
    log_is(&r, 200, 200, 5);
    ask(&r, fetch_of(2, 200, 3), 120);
    assert_int_equal(r.high_watermark, 200);
}

static void
l6_a_conflict_is_settled_by_the_state_that_won(void **state)
{
    (void)state;
    struct replica_core r = leader_of_three(100);
    assert_false(replica_propose(&r, 5000, LAG_MS)); /* lag is counted from the first look */
    assert_true(replica_propose(&r, 6001, LAG_MS));
    struct partition_state s = state_of_three();
    s.version = 11;
    assert_int_equal(replica_decide(&r, &s), REPLICA_KEEP);
    assert_false(r.proposing);
    replica_proposed(&r, 10, 12); /* a late success of the old base is nothing */
    assert_int_equal(r.state.version, 11);
}

static void
l11_the_watermark_never_falls_and_is_settled_past_the_epochs_start(void **state)
{
    (void)state;
    struct replica_core r = leader_of_three(100);
    assert_false(replica_settled(&r));
    ask(&r, fetch_of(2, 100, 1), 1);
    ask(&r, fetch_of(3, 100, 1), 1);
    assert_true(replica_settled(&r));
    struct replica_fetch f = fetch_of(3, 40, 1);
    f.incarnation = 8;
    ask(&r, f, 2);
    assert_int_equal(r.high_watermark, 100);
}

static void
l12_an_older_epoch_is_never_obeyed_also_after_a_restart(void **state)
{
    (void)state;
    struct partition_state s = state_of_three();
    struct replica_core r = replica_of(2, 100, 4);
    r.epoch_acted = 6; /* as it was kept */
    assert_int_equal(replica_decide(&r, &s), REPLICA_KEEP);
    assert_int_equal(r.role, REPLICA_IDLE);
    r = replica_of(2, 100, 6); /* the log knows of epoch 6 */
    r.epoch_acted = -1;
    assert_int_equal(replica_decide(&r, &s), REPLICA_KEEP);
}

static void
l12_nothing_is_done_before_the_epoch_is_durable(void **state)
{
    (void)state;
    struct replica_core r = replica_of(1, 100, 4);
    struct partition_state s = state_of_three();
    struct replica_fetch f;
    assert_int_equal(replica_decide(&r, &s), REPLICA_PERSIST);
    assert_int_equal(replica_may_append(&r, false), REPLICA_NOT_LEADER);
    assert_false(replica_fetch_make(&r, &f));
    s.version = 11;
    s.epoch = 6;
    s.leader = 2;
    assert_int_equal(replica_decide(&r, &s), REPLICA_PERSIST);
    assert_int_equal(replica_begin(&r, 5), REPLICA_KEEP); /* overtaken */
    assert_int_equal(replica_begin(&r, 6), REPLICA_FOLLOW);
}

static void
a_grant_to_an_earlier_life_is_nothing(void **state)
{
    (void)state;
    struct replica_core r = replica_of(1, 100, 4);
    struct partition_state s = state_of_three();
    s.leader_incarnation = 6;
    assert_int_equal(replica_decide(&r, &s), REPLICA_KEEP);
    assert_int_equal(r.role, REPLICA_IDLE);

    r = leader_of_three(100);
    replica_reborn(&r, 8);
    assert_int_equal(r.role, REPLICA_IDLE);
    s = state_of_three();
    assert_int_equal(replica_decide(&r, &s), REPLICA_KEEP);
    assert_int_equal(r.role, REPLICA_IDLE);
}

static void
a_follower_below_the_leaders_start_begins_anew(void **state)
{
    (void)state;
    struct replica_core leader = leader_of_three(100);
    leader.log.start = 50;
    struct replica_answer a = ask(&leader, fetch_of(2, 20, 1), 1);
    assert_int_equal(a.error, REPLICA_OUT_OF_RANGE);
    struct replica_core r = follower_of_three(2, 20);
    struct replica_fetch f;
    assert_true(replica_fetch_make(&r, &f));
    a.request = f.request;
    const struct replica_action action = replica_on_answer(&r, &a, 0);
    assert_int_equal(action.kind, REPLICA_ANEW);
    assert_int_equal(action.offset, 50);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(l1_the_leader_counts_itself_at_its_flushed_end),
        cmocka_unit_test(l1_a_follower_asks_only_when_all_is_flushed),
        cmocka_unit_test(l2_the_watermark_is_the_least_of_the_in_sync_set),
        cmocka_unit_test(l2_it_does_not_move_while_the_set_is_too_small),
        cmocka_unit_test(l3_all_is_acknowledged_by_the_watermark_in_the_same_epoch_only),
        cmocka_unit_test(l4_a_fetch_of_another_epoch_is_refused),
        cmocka_unit_test(l4_a_wiped_or_restarted_node_does_not_pass_for_its_old_self),
        cmocka_unit_test(l4_only_the_answer_to_the_outstanding_request_is_acted_on),
        cmocka_unit_test(l4_an_answer_to_an_earlier_life_is_ignored),
        cmocka_unit_test(l5_divergence_is_answered_and_cut_to_the_smaller_end),
        cmocka_unit_test(l5_below_the_own_watermark_it_stops),
        cmocka_unit_test(
            l6_an_added_member_counts_from_the_proposal_a_removed_one_until_it_is_committed),
        cmocka_unit_test(
            l6_a_member_joins_only_with_all_that_is_committed_and_its_identity_is_recorded),
        cmocka_unit_test(l6_the_watermark_waits_for_who_keeps_up_until_it_has_joined),
        cmocka_unit_test(nothing_waits_for_a_member_that_was_removed),
        cmocka_unit_test(l6_a_conflict_is_settled_by_the_state_that_won),
        cmocka_unit_test(l11_the_watermark_never_falls_and_is_settled_past_the_epochs_start),
        cmocka_unit_test(l12_an_older_epoch_is_never_obeyed_also_after_a_restart),
        cmocka_unit_test(l12_nothing_is_done_before_the_epoch_is_durable),
        cmocka_unit_test(a_grant_to_an_earlier_life_is_nothing),
        cmocka_unit_test(a_follower_below_the_leaders_start_begins_anew),
    };
    return cmocka_run_group_tests_name("log/replica_core", tests, NULL, NULL);
}
