/* The store as the other processes of a node use it: over frames, and by reading its files. */
#include "kafka/store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "net/frame.h"
#include "sched/wire.h"

struct fixture {
    char dir[64];
    char address[96];
    struct store *store;
    struct frame_client *client;
    struct buffer request, reply;
    struct error err;
};

static void
start(struct fixture *f)
{
    snprintf(f->address, sizeof f->address, "unix:%s/sock", f->dir);
    remove(f->address + strlen("unix:"));
    const struct store_config config = {.data_dir = f->dir,
                                        .kafka_fd = net_listen("127.0.0.1:0", &f->err),
                                        .frame_fd = net_listen(f->address, &f->err),
                                        .kafka = {.node_id = 1}};
    f->store = store_start(&config, &f->err);
    if (f->store == NULL) {
        fail_msg("store_start: %s", error_text(&f->err));
    }
    f->client = frame_client_new(f->address);
}

static void
stop(struct fixture *f)
{
    frame_client_free(f->client);
    store_stop(f->store);
}

static int
setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    snprintf(f->dir, sizeof f->dir, "/tmp/weir-store-XXXXXX");
    if (mkdtemp(f->dir) == NULL) {
        return -1;
    }
    start(f);
    *state = f;
    return 0;
}

static int
teardown(void **state)
{
    struct fixture *f = *state;
    stop(f);
    buffer_release(&f->request);
    buffer_release(&f->reply);
    error_clear(&f->err);
    env_remove_tree(&env_real, f->dir, &f->err);
    error_clear(&f->err);
    free(f);
    return 0;
}

static bool
call(struct fixture *f, uint16_t type)
{
    error_clear(&f->err);
    const bool ok =
        frame_call(f->client, type, f->request.ptr, f->request.len, &f->reply, 10000, &f->err);
    buffer_clear(&f->request);
    return ok;
}

static void
create_topic(struct fixture *f, const char *name, int partitions)
{
    buffer_lentext(&f->request, name);
    buffer_uvarint(&f->request, (uint64_t)partitions);
    assert_true(call(f, WIRE_TOPIC_CREATE));
}

static int64_t
append_once(struct fixture *f, const char *topic, uint64_t sink, int64_t batch_id, int records)
{
    struct buffer batch = {0};
    struct batch_builder b;
    batch_begin(&b, &batch, 0);
    for (int i = 0; i < records; i++) {
        batch_add(&b, 1000 + i, (struct bytes){0}, (struct bytes){(const uint8_t *)"row", 3},
                  (struct bytes){0}, 0);
    }
    batch_end(&b);
    buffer_lentext(&f->request, topic);
    buffer_uvarint(&f->request, 0);
    buffer_le64(&f->request, sink);
    buffer_varint(&f->request, batch_id);
    buffer_lenbytes(&f->request, batch.ptr, batch.len);
    buffer_release(&batch);
    if (!call(f, WIRE_APPEND_ONCE)) {
        return -1;
    }
    struct reader r;
    reader_init(&r, (struct bytes){f->reply.ptr, f->reply.len});
    return reader_varint64(&r);
}

/* Directory and high watermark of partition 0. */
static int64_t
topic_end(struct fixture *f, const char *topic, char dir[256])
{
    buffer_lentext(&f->request, topic);
    assert_true(call(f, WIRE_TOPIC_OFFSETS));
    struct reader r;
    reader_init(&r, (struct bytes){f->reply.ptr, f->reply.len});
    const struct bytes text = reader_lenbytes(&r);
    snprintf(dir, 256, "%.*s/%s-0", (int)text.len, (const char *)text.ptr, topic);
    assert_true(reader_uvarint64(&r) > 0);
    assert_int_equal(reader_uvarint64(&r), 0); /* partition */
    assert_int_equal(reader_uvarint64(&r), 0); /* start */
    const int64_t end = (int64_t)reader_uvarint64(&r);
    assert_true(reader_ok(&r));
    return end;
}

static void
a_sinks_batch_is_there_once_whatever_is_repeated(void **state)
{
    struct fixture *f = *state;
    create_topic(f, "t", 2);
    assert_int_equal(append_once(f, "t", 5, 0, 10), 0);
    assert_int_equal(append_once(f, "t", 5, 1, 10), 10);
    assert_int_equal(append_once(f, "t", 5, 1, 10), 10);
    stop(f);
    start(f);
    assert_int_equal(append_once(f, "t", 5, 1, 10), 10);
    assert_int_equal(append_once(f, "t", 5, 2, 10), 20);

    char dir[256];
    const int64_t end = topic_end(f, "t", dir);
    assert_int_equal(end, 30);
    struct log_file_reader *r = log_file_reader_open(&env_real, dir, 0, end, &f->err);
    assert_non_null(r);
    struct log_record record;
    int count = 0;
    while (log_file_reader_next(r, &record, &f->err)) {
        assert_int_equal(record.offset, count++);
        assert_int_equal(record.value.len, 3);
    }
    assert_int_equal(count, 30);
    log_file_reader_close(r);
}

static void
topics_are_listed_found_by_time_and_deleted(void **state)
{
    struct fixture *f = *state;
    create_topic(f, "t", 3);
    append_once(f, "t", 5, 0, 10);
    buffer_lentext(&f->request, "t");
    buffer_uvarint(&f->request, 0);
    buffer_varint(&f->request, 1004);
    assert_true(call(f, WIRE_TOPIC_OFFSET_FOR_TIME));
    struct reader r;
    reader_init(&r, (struct bytes){f->reply.ptr, f->reply.len});
    assert_int_equal(reader_varint64(&r), 4);

    assert_true(call(f, WIRE_TOPIC_LIST));
    reader_init(&r, (struct bytes){f->reply.ptr, f->reply.len});
    assert_int_equal(reader_uvarint64(&r), 2); /* and the internal one of groups */
    buffer_lentext(&f->request, "t");
    assert_true(call(f, WIRE_TOPIC_DELETE));
    buffer_lentext(&f->request, "t");
    assert_false(call(f, WIRE_TOPIC_OFFSETS));
    assert_int_equal(f->err.code, 3);
    create_topic(f, "t", 1);
    char dir[256];
    assert_int_equal(topic_end(f, "t", dir), 0);
}

static void
what_a_death_left_of_a_deleted_topic_is_not_found_again(void **state)
{
    struct fixture *f = *state;
    stop(f);
    char path[128];
    snprintf(path, sizeof path, "%s/log/ghost-0", f->dir);
    assert_true(env_real.ops->mkdirs(&env_real, path, &f->err));
    snprintf(path, sizeof path, "%s/log/ghost-0/00000000000000000000.log", f->dir);
    FILE *file = fopen(path, "w");
    fputs("remains", file);
    fclose(file);
    start(f);
    struct env_stat st;
    assert_false(env_real.ops->stat(&env_real, path, &st, &f->err));
    create_topic(f, "ghost", 1);
    char dir[256];
    assert_int_equal(topic_end(f, "ghost", dir), 0);
}

static void
a_second_store_on_the_same_directory_is_refused(void **state)
{
    struct fixture *f = *state;
    const struct store_config config = {
        .data_dir = f->dir, .kafka_fd = net_listen("127.0.0.1:0", &f->err), .frame_fd = -1};
    assert_null(store_start(&config, &f->err));
    assert_non_null(strstr(error_text(&f->err), "another process"));
}

static void
unknown_messages_and_bad_payloads_are_errors(void **state)
{
    struct fixture *f = *state;
    assert_false(call(f, 9999));
    buffer_u8(&f->request, 0xff);
    assert_false(call(f, WIRE_APPEND_ONCE));
    assert_int_equal(append_once(f, "none", 1, 0, 1), -1);
    assert_int_equal(f->err.code, 3);
    assert_true(call(f, WIRE_STORE_STATUS));
    assert_true(call(f, WIRE_GROUP_LIST));
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_sinks_batch_is_there_once_whatever_is_repeated),
        TEST(topics_are_listed_found_by_time_and_deleted),
        TEST(what_a_death_left_of_a_deleted_topic_is_not_found_again),
        TEST(a_second_store_on_the_same_directory_is_refused),
        TEST(unknown_messages_and_bad_payloads_are_errors),
    };
    return cmocka_run_group_tests_name("kafka/store", tests, NULL, NULL);
}
