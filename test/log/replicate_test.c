/* A log as one of several copies: its own watermark, leader's batches, epochs, cuts, new
 * beginnings. */
#include "fixture.h"

static size_t
make(struct buffer *b, int64_t base, int32_t epoch, int records)
{
    struct batch_builder builder;
    buffer_clear(b);
    batch_begin(&builder, b, base);
    for (int i = 0; i < records; i++) {
        batch_add(&builder, 1000 + i, (struct bytes){0}, (struct bytes){(const uint8_t *)"row", 3},
                  (struct bytes){0}, 0);
    }
    batch_end(&builder);
    batch_assign(b->ptr, base, epoch);
    return b->len;
}

static void
from_leader(struct log_fixture *f, int64_t base, int32_t epoch, int records)
{
    struct buffer b = {0};
    struct log_append_result result;
    make(&b, base, epoch, records);
    assert_true(log_append(f->log, b.ptr, b.len, LOG_FROM_LEADER, &result, &f->err));
    buffer_release(&b);
}

static void
await_flushed(struct log_fixture *f)
{
    struct log_facts facts;
    const int64_t deadline = env_mono_ms(&env_real) + 20000;
    do {
        log_facts(f->log, &facts);
    } while (facts.flushed < facts.end && env_mono_ms(&env_real) < deadline);
    assert_int_equal(facts.flushed, facts.end);
}

static void
readers_wait_for_the_watermark_not_for_the_flush(void **state)
{
    struct log_fixture *f = *state;
    struct log_view view;
    log_replicate(f->log, NULL, NULL);
    from_leader(f, 0, 3, 10);
    from_leader(f, 10, 3, 10);
    await_flushed(f);
    assert_int_equal(log_high_watermark(f->log), 0);
    assert_true(log_read(f->log, 0, 1 << 20, &view, &f->err));
    assert_int_equal(view.len, 0);
    assert_true(log_read_written(f->log, 0, 1 << 20, &view, &f->err));
    assert_true(view.len > 0);
    const size_t all = view.len;
    log_view_release(&view);
    assert_true(log_commit_to(f->log, 10, &f->err));
    assert_true(log_read(f->log, 0, 1 << 20, &view, &f->err));
    assert_int_equal(view.len, all / 2);
    log_view_release(&view);
}

struct told {
    int committed, lost;
};

static void
tell(void *ctx, bool committed)
{
    struct told *t = ctx;
    t->committed += committed;
    t->lost += !committed;
}

static void
l3_commits_are_told_by_the_watermark_and_lost_when_abandoned(void **state)
{
    struct log_fixture *f = *state;
    struct told told = {0};
    log_replicate(f->log, NULL, NULL);
    from_leader(f, 0, 3, 10);
    log_when_committed(f->log, 9, tell, &told);
    log_when_committed(f->log, 4, tell, &told);
    await_flushed(f);
    assert_int_equal(told.committed, 0);
    assert_true(log_commit_to(f->log, 10, &f->err));
    assert_int_equal(told.committed, 2);
    from_leader(f, 10, 3, 1);
    log_when_committed(f->log, 10, tell, &told);
    log_abandon(f->log);
    assert_int_equal(told.lost, 1);
    assert_true(log_commit_to(f->log, 11, &f->err));
    assert_int_equal(told.committed, 2);
}

static void
l5_a_cut_takes_epochs_with_it_and_stops_at_the_watermark(void **state)
{
    struct log_fixture *f = *state;
    struct log_facts facts;
    int32_t epoch;
    int64_t end;
    log_replicate(f->log, NULL, NULL);
    from_leader(f, 0, 3, 10);
    from_leader(f, 10, 5, 10);
    await_flushed(f);
    assert_true(log_commit_to(f->log, 10, &f->err));
    log_facts(f->log, &facts);
    assert_int_equal(facts.last_epoch, 5);
    log_epoch_end(f->log, 4, &epoch, &end);
    assert_int_equal(epoch, 3);
    assert_int_equal(end, 10);
    assert_true(log_truncate_after(f->log, 10, &f->err));
    log_facts(f->log, &facts);
    assert_int_equal(facts.last_epoch, 3);
    assert_int_equal(facts.end, 10);
    assert_int_equal(facts.flushed, 10);
    assert_false(log_truncate_after(f->log, 9, &f->err));
    error_clear(&f->err);
    from_leader(f, 10, 6, 5);
    log_facts(f->log, &facts);
    assert_int_equal(facts.last_epoch, 6);
    struct log_view view;
    assert_true(log_read(f->log, 10, 1 << 20, &view, &f->err));
    assert_int_equal(view.len, 0); /* what came after the cut is not visible by accident */
}

static void
l12_the_epoch_acted_under_and_the_watermark_outlive_a_restart(void **state)
{
    struct log_fixture *f = *state;
    struct log_facts facts;
    log_replicate(f->log, NULL, NULL);
    from_leader(f, 0, 3, 10);
    await_flushed(f);
    assert_true(log_commit_to(f->log, 10, &f->err));
    assert_true(log_epoch_act(f->log, 8, &f->err));
    assert_true(log_epoch_act(f->log, 7, &f->err));
    log_set_close(f->set);
    log_fixture_open(f);
    log_replicate(f->log, NULL, NULL);
    log_facts(f->log, &facts);
    assert_int_equal(facts.epoch_acted, 8);
    assert_int_equal(facts.watermark, 10);
    assert_int_equal(facts.last_epoch, 3);
}

static void
a_log_that_begins_anew_is_empty_at_its_offset(void **state)
{
    struct log_fixture *f = *state;
    struct log_facts facts;
    log_replicate(f->log, NULL, NULL);
    from_leader(f, 0, 3, 10);
    assert_true(log_begin_anew(f->log, 50, &f->err));
    log_facts(f->log, &facts);
    assert_int_equal(facts.start, 50);
    assert_int_equal(facts.end, 50);
    assert_int_equal(facts.last_epoch, -1);
    from_leader(f, 50, 4, 5);
    await_flushed(f);
    log_set_close(f->set);
    log_fixture_open(f);
    log_facts(f->log, &facts);
    assert_int_equal(facts.start, 50);
    assert_int_equal(facts.end, 55);
    assert_int_equal(facts.last_epoch, 4);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(readers_wait_for_the_watermark_not_for_the_flush,
                                        log_fixture_setup, log_fixture_teardown),
        cmocka_unit_test_setup_teardown(
            l3_commits_are_told_by_the_watermark_and_lost_when_abandoned, log_fixture_setup,
            log_fixture_teardown),
        cmocka_unit_test_setup_teardown(l5_a_cut_takes_epochs_with_it_and_stops_at_the_watermark,
                                        log_fixture_setup, log_fixture_teardown),
        cmocka_unit_test_setup_teardown(
            l12_the_epoch_acted_under_and_the_watermark_outlive_a_restart, log_fixture_setup,
            log_fixture_teardown),
        cmocka_unit_test_setup_teardown(a_log_that_begins_anew_is_empty_at_its_offset,
                                        log_fixture_setup, log_fixture_teardown),
    };
    return cmocka_run_group_tests_name("log/replicate", tests, NULL, NULL);
}
