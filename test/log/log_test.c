/* Appending, reading, waiting, rolling, retention: each rule of log.h once. */
#include "fixture.h"

static void
appends_get_rising_offsets_and_are_read_back_once_durable(void **state)
{
    struct log_fixture *f = *state;
    assert_int_equal(append(f, 3, 1000).base_offset, 0);
    const struct log_append_result second = append_durable(f, 2, 2000);
    assert_int_equal(second.base_offset, 3);
    assert_int_equal(second.last_offset, 4);
    assert_int_equal(log_high_watermark(f->log), 5);

    struct log_view view;
    assert_true(log_read(f->log, 4, 1 << 20, &view, &f->err));
    assert_int_equal(view.first_offset, 3);
    assert_true(view.len > BATCH_HEADER_BYTES);
    log_view_release(&view);
    assert_true(log_read(f->log, 5, 1 << 20, &view, &f->err));
    assert_int_equal(view.len, 0);
    log_view_release(&view);
    assert_false(log_read(f->log, 6, 1 << 20, &view, &f->err));
    assert_int_equal(f->err.code, 1);
}

static void
a_read_is_whole_batches_within_the_limit_but_at_least_one(void **state)
{
    struct log_fixture *f = *state;
    append(f, 1, 0);
    append(f, 1, 0);
    append_durable(f, 1, 0);
    struct log_view view;
    log_read(f->log, 0, 1, &view, &f->err);
    const size_t one = view.len;
    log_view_release(&view);
    log_read(f->log, 0, one * 2 + 1, &view, &f->err);
    assert_int_equal(view.len, one * 2);
    log_view_release(&view);
    log_read(f->log, 0, one * 3, &view, &f->err);
    assert_int_equal(view.len, one * 3);
    log_view_release(&view);
}

static void
bad_batches_are_refused_with_kafkas_numbers(void **state)
{
    struct log_fixture *f = *state;
    struct log_append_result r;
    struct buffer b = {0};
    make_batch(&b, 2, 0);
    b.ptr[b.len - 1] ^= 1;
    assert_false(log_append(f->log, b.ptr, b.len, LOG_FROM_CLIENT, &r, &f->err));
    assert_int_equal(f->err.code, 2);
    error_clear(&f->err);
    b.ptr[b.len - 1] ^= 1;

    b.ptr[60] = 3; /* a count that is not the last delta + 1 */
    batch_seal(b.ptr, b.len);
    assert_false(log_append(f->log, b.ptr, b.len, LOG_FROM_CLIENT, &r, &f->err));
    assert_int_equal(f->err.code, 87);
    error_clear(&f->err);
    b.ptr[60] = 2;
    batch_seal(b.ptr, b.len);

    f->config.message_bytes_max = 50;
    log_configure(f->log, &f->config);
    assert_false(log_append(f->log, b.ptr, b.len, LOG_FROM_CLIENT, &r, &f->err));
    assert_int_equal(f->err.code, 10);
    assert_int_equal(log_end_offset(f->log), 0);
    buffer_release(&b);
}

static void
segments_roll_and_reads_go_on_in_the_next(void **state)
{
    struct log_fixture *f = *state;
    f->config.segment_bytes = 400;
    log_configure(f->log, &f->config);
    for (int i = 0; i < 20; i++) {
        append_durable(f, 2, 1000 * i);
    }
    int64_t offset = 0;
    int reads = 0;
    while (offset < 40) {
        struct log_view view;
        assert_true(log_read(f->log, offset, 1 << 20, &view, &f->err));
        assert_true(view.len > 0);
        assert_int_equal(view.first_offset, offset);
        uint8_t header[BATCH_HEADER_BYTES];
        size_t got;
        int64_t at = view.position;
        while (at < view.position + (int64_t)view.len) {
            env_real.ops->pread(&env_real, view.fd, header, sizeof header, at, &got, &f->err);
            uint32_t length;
            memcpy(&length, header + 8, 4);
            at += (int64_t)__builtin_bswap32(length) + 12;
            offset += 2;
        }
        assert_int_equal(at, view.position + (int64_t)view.len);
        log_view_release(&view);
        reads++;
    }
    assert_true(reads > 3);
}

static void
retention_by_bytes_drops_the_oldest_but_not_what_is_held(void **state)
{
    struct log_fixture *f = *state;
    f->config.segment_bytes = 400;
    f->config.retention_bytes = 800;
    log_configure(f->log, &f->config);
    for (int i = 0; i < 20; i++) {
        append_durable(f, 2, 1000);
    }
    struct log_view view;
    assert_true(log_read(f->log, 0, 1 << 20, &view, &f->err));
    log_set_clean(f->set);
    assert_true(log_start_offset(f->log) > 0);
    assert_true(log_bytes(f->log) < 1600);
    uint8_t byte;
    size_t got;
    assert_true(env_real.ops->pread(&env_real, view.fd, &byte, 1, view.position, &got, &f->err));
    assert_int_equal(got, 1);
    log_view_release(&view);
    assert_false(log_read(f->log, 0, 1, &view, &f->err));
    assert_int_equal(f->err.code, 1);
}

static void
retention_by_time_empties_a_log_of_old_records(void **state)
{
    struct log_fixture *f = *state;
    append_durable(f, 5, 1000);
    f->config.retention_ms = 60000;
    log_configure(f->log, &f->config);
    log_set_clean(f->set);
    assert_int_equal(log_start_offset(f->log), 5);
    assert_int_equal(append_durable(f, 1, env_wall_ms(&env_real)).base_offset, 5);
    log_set_clean(f->set);
    assert_int_equal(log_start_offset(f->log), 5);
}

static void
a_time_finds_the_first_record_at_or_after_it(void **state)
{
    struct log_fixture *f = *state;
    append(f, 10, 1000);
    append_durable(f, 10, 2000);
    int64_t offset, time;
    assert_true(log_offset_for_time(f->log, 1004, &offset, &time, &f->err));
    assert_int_equal(offset, 4);
    assert_int_equal(time, 1004);
    assert_true(log_offset_for_time(f->log, 1500, &offset, &time, &f->err));
    assert_int_equal(offset, 10);
    assert_true(log_offset_for_time(f->log, 9999, &offset, &time, &f->err));
    assert_int_equal(offset, -1);
    assert_true(log_offset_for_max_time(f->log, &offset, &time, &f->err));
    assert_int_equal(offset, 19);
    assert_int_equal(time, 2009);
}

static void
delete_records_moves_the_start_and_survives_a_restart(void **state)
{
    struct log_fixture *f = *state;
    append_durable(f, 10, 1000);
    assert_true(log_truncate_before(f->log, 4, &f->err));
    assert_int_equal(log_start_offset(f->log), 4);
    log_fixture_close(f);
    log_fixture_open(f);
    assert_int_equal(log_start_offset(f->log), 4);
    assert_false(log_truncate_before(f->log, 11, &f->err));
    assert_int_equal(f->err.code, 1);
}

static void
waiters_are_called_when_the_watermark_passes(void **state)
{
    struct log_fixture *f = *state;
    int called = 0, later = 0;
    struct log_waiter *w = log_wait(f->log, 0, wake_count, &called);
    struct log_waiter *unmet = log_wait(f->log, 100, wake_count, &later);
    append_durable(f, 1, 0);
    await_count(&called, 1);
    log_wait_cancel(w);
    log_wait_cancel(unmet);
    assert_int_equal(later, 0);
    w = log_wait(f->log, 0, wake_count, &called);
    assert_int_equal(called, 2);
    log_wait_cancel(w);
}

static void
deleting_a_log_calls_all_that_wait(void **state)
{
    struct log_fixture *f = *state;
    int called = 0;
    struct log_waiter *w = log_wait(f->log, 5, wake_count, &called);
    assert_true(log_delete(f->log, &f->err));
    assert_int_equal(called, 1);
    log_wait_cancel(w);
    f->log = log_open(f->set, "t", 0, &f->config, &f->err);
    assert_int_equal(log_end_offset(f->log), 0);
}

static void
a_sinks_batch_is_written_once_also_after_a_restart(void **state)
{
    struct log_fixture *f = *state;
    struct log_append_result r;
    struct buffer b = {0};
    for (int64_t id = 0; id < 3; id++) {
        buffer_clear(&b);
        make_batch(&b, 2, 1000);
        assert_true(log_append_once(f->log, 77, id * 3000000000, b.ptr, b.len, &r, &f->err));
        assert_false(r.duplicate);
        assert_int_equal(log_high_watermark(f->log), 2 * (id + 1));
    }
    log_fixture_close(f);
    log_fixture_open(f);
    buffer_clear(&b);
    make_batch(&b, 2, 1000);
    assert_true(log_append_once(f->log, 77, 6000000000, b.ptr, b.len, &r, &f->err));
    assert_true(r.duplicate);
    assert_int_equal(r.base_offset, 4);
    buffer_clear(&b);
    make_batch(&b, 2, 1000);
    assert_true(log_append_once(f->log, 78, 0, b.ptr, b.len, &r, &f->err));
    assert_false(r.duplicate);
    assert_int_equal(log_end_offset(f->log), 8);
    buffer_release(&b);
}

static void
epochs_know_where_they_end(void **state)
{
    struct log_fixture *f = *state;
    assert_true(log_epoch_begin(f->log, 2, &f->err));
    append_durable(f, 3, 0);
    assert_true(log_epoch_begin(f->log, 5, &f->err));
    append_durable(f, 4, 0);
    int32_t epoch;
    int64_t end;
    log_epoch_end(f->log, 4, &epoch, &end);
    assert_int_equal(epoch, 2);
    assert_int_equal(end, 3);
    log_fixture_close(f);
    log_fixture_open(f);
    log_epoch_end(f->log, 9, &epoch, &end);
    assert_int_equal(epoch, 5);
    assert_int_equal(end, 7);
    assert_false(log_epoch_begin(f->log, 4, &f->err));
}

static void
a_file_reader_sees_the_asked_range_across_segments(void **state)
{
    struct log_fixture *f = *state;
    f->config.segment_bytes = 400;
    log_configure(f->log, &f->config);
    for (int i = 0; i < 20; i++) {
        append_durable(f, 3, 1000 * i);
    }
    char dir[128];
    snprintf(dir, sizeof dir, "%s/t-0", f->dir);
    struct log_file_reader *r = log_file_reader_open(&env_real, dir, 7, 50, &f->err);
    assert_non_null(r);
    struct log_record record;
    int64_t want = 7;
    while (log_file_reader_next(r, &record, &f->err)) {
        assert_int_equal(record.offset, want);
        assert_int_equal(record.timestamp_ms, 1000 * (want / 3) + want % 3);
        want++;
    }
    assert_false(error_is_set(&f->err));
    assert_int_equal(want, 50);
    log_file_reader_close(r);
}

enum { BUSY_LOGS = 6, BUSY_THREADS = 12, BUSY_APPENDS = 300 };

struct busy {
    struct log *log;
    uint64_t sink;
    int done;
};

static void *
busy_main(void *ctx)
{
    struct busy *busy = ctx;
    struct buffer b = {0};
    for (int i = 0; i < BUSY_APPENDS; i++) {
        struct log_append_result r;
        struct error err = {0};
        buffer_clear(&b);
        make_batch(&b, 1, 1000);
        busy->done += log_append_once(busy->log, busy->sink, i, b.ptr, b.len, &r, &err);
        error_clear(&err);
    }
    buffer_release(&b);
    return NULL;
}

/* Two threads a log: while one log is flushed, others that wait for their turn get new bytes. */
static void
many_busy_logs_are_all_flushed(void **state)
{
    struct log_fixture *f = *state;
    struct log *logs[BUSY_LOGS];
    struct busy busy[BUSY_THREADS] = {{0}};
    pthread_t threads[BUSY_THREADS];
    for (int i = 0; i < BUSY_LOGS; i++) {
        logs[i] = log_open(f->set, "busy", i, &f->config, &f->err);
    }
    for (int i = 0; i < BUSY_THREADS; i++) {
        busy[i].log = logs[i % BUSY_LOGS];
        busy[i].sink = (uint64_t)i;
        assert_int_equal(pthread_create(&threads[i], NULL, busy_main, &busy[i]), 0);
    }
    for (int i = 0; i < BUSY_THREADS; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(busy[i].done, BUSY_APPENDS);
    }
    for (int i = 0; i < BUSY_LOGS; i++) {
        assert_int_equal(log_high_watermark(logs[i]), 2 * BUSY_APPENDS);
    }
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, log_fixture_setup, log_fixture_teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(appends_get_rising_offsets_and_are_read_back_once_durable),
        TEST(a_read_is_whole_batches_within_the_limit_but_at_least_one),
        TEST(bad_batches_are_refused_with_kafkas_numbers),
        TEST(segments_roll_and_reads_go_on_in_the_next),
        TEST(retention_by_bytes_drops_the_oldest_but_not_what_is_held),
        TEST(retention_by_time_empties_a_log_of_old_records),
        TEST(a_time_finds_the_first_record_at_or_after_it),
        TEST(delete_records_moves_the_start_and_survives_a_restart),
        TEST(waiters_are_called_when_the_watermark_passes),
        TEST(deleting_a_log_calls_all_that_wait),
        TEST(a_sinks_batch_is_written_once_also_after_a_restart),
        TEST(epochs_know_where_they_end),
        TEST(many_busy_logs_are_all_flushed),
        TEST(a_file_reader_sees_the_asked_range_across_segments),
    };
    return cmocka_run_group_tests_name("log/log", tests, NULL, NULL);
}
