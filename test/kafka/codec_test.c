/*
 * The codec against bytes that real clients and the real broker exchanged (test/data/kafka): each
 * request decodes, and encodes back to the same bytes; so does each answer.
 */
#include "kafka/codec.h"

#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "kafka/data_path.h"
#include "kafka/messages.h"

static size_t
unhex(const char *text, uint8_t *out)
{
    size_t len = 0;
    for (; isxdigit((unsigned char)text[0]) && isxdigit((unsigned char)text[1]); text += 2) {
        const char pair[3] = {text[0], text[1], '\0'};
        out[len++] = (uint8_t)strtol(pair, NULL, 16);
    }
    return len;
}

static void
check_same(const struct kafka_struct *table, struct bytes body, int16_t version, bool flexible,
           const char *what)
{
    struct arena a;
    struct reader in;
    struct buffer out = {0};
    struct kafka_holes holes = {0};
    arena_init(&a, NULL);
    void *object = arena_alloc(&a, table->bytes);
    reader_init(&in, body);
    if (!kafka_decode(&in, table, version, flexible, &a, object)) {
        fail_msg("%s version %d does not decode", what, version);
    }
    assert_int_equal(reader_left(&in), 0);
    kafka_encode(&out, table, version, flexible, object, &holes);
    if (out.len != body.len || (out.len > 0 && memcmp(out.ptr, body.ptr, out.len) != 0)) {
        fail_msg("%s version %d encodes differently", what, version);
    }
    /* Every prefix is refused, and nothing is read behind it. */
    for (size_t len = 0; len < body.len; len++) {
        uint8_t *exact = malloc(len > 0 ? len : 1);
        memcpy(exact, body.ptr, len);
        reader_init(&in, (struct bytes){exact, len});
        arena_reset(&a);
        object = arena_alloc(&a, table->bytes);
        assert_false(kafka_decode(&in, table, version, flexible, &a, object));
        free(exact);
    }
    buffer_release(&out);
    arena_release(&a);
}

/* Lines: key version request-hex answer-hex. */
static void
what_real_clients_sent_decodes_and_encodes_back(void **state)
{
    (void)state;
    FILE *file = fopen(TEST_DATA "/kafka/captures.txt", "r");
    assert_non_null(file);
    static char line[1 << 16];
    static uint8_t bytes[1 << 15];
    int checked = 0;
    while (fgets(line, sizeof line, file) != NULL) {
        if (line[0] == '#') {
            continue;
        }
        char *rest = line;
        const int16_t key = (int16_t)strtol(rest, &rest, 10);
        const int16_t version = (int16_t)strtol(rest, &rest, 10);
        const struct kafka_api_entry *api = kafka_api_find(key);
        assert_non_null(api);
        const bool flexible = version >= api->flexible_min;
        size_t len = unhex(rest + 1, bytes);
        struct reader r;
        reader_init(&r, (struct bytes){bytes, len});
        reader_take(&r, 8);
        const int16_t client = (int16_t)reader_be16(&r);
        reader_take(&r, client > 0 ? (size_t)client : 0);
        if (flexible) {
            assert_int_equal(reader_u8(&r), 0);
        }
        check_same(api->request, reader_take(&r, reader_left(&r)), version, flexible, api->name);
        len = unhex(strchr(rest + 1, ' ') + 1, bytes);
        reader_init(&r, (struct bytes){bytes, len});
        reader_take(&r, 4);
        if (flexible && key != KAFKA_API_VERSIONS) {
            assert_int_equal(reader_u8(&r), 0);
        }
        check_same(api->response, reader_take(&r, reader_left(&r)), version, flexible, api->name);
        checked++;
    }
    fclose(file);
    assert_true(checked > 60);
}

static void
a_count_that_the_bytes_cannot_hold_is_refused(void **state)
{
    (void)state;
    static const uint8_t bytes[] = {0x7f, 0xff, 0xff, 0xff, 0, 0, 0, 0};
    struct arena a;
    struct reader in;
    struct metadata_request request;
    arena_init(&a, NULL);
    reader_init(&in, (struct bytes){bytes, sizeof bytes});
    assert_false(kafka_decode(&in, &metadata_request_table, 1, false, &a, &request));
    assert_true(a.total_bytes < 10000);
    arena_release(&a);
}

static void
a_records_field_can_be_a_hole_for_file_bytes(void **state)
{
    (void)state;
    struct fetch_response_partitions partition;
    struct fetch_response_responses topic;
    struct fetch_response out;
    kafka_init(&fetch_response_partitions_table, &partition);
    kafka_init(&fetch_response_responses_table, &topic);
    kafka_init(&fetch_response_table, &out);
    partition.records = (struct bytes){kafka_hole, 300};
    topic.topic = bytes_of("t");
    topic.partitions = &partition;
    topic.partitions_count = 1;
    out.responses = &topic;
    out.responses_count = 1;
    struct buffer bytes = {0};
    struct kafka_holes holes = {0};
    kafka_encode(&bytes, &fetch_response_table, 12, true, &out, &holes);
    assert_int_equal(holes.count, 1);
    assert_int_equal(holes.len[0], 300);
    assert_int_equal(bytes.len - holes.at[0], 3);       /* three empty tag counts behind it */
    assert_int_equal(bytes.ptr[holes.at[0] - 2], 0xad); /* 301 as a varint */
    assert_int_equal(bytes.ptr[holes.at[0] - 1], 0x02);
    kafka_holes_release(&holes);
    buffer_release(&bytes);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_real_clients_sent_decodes_and_encodes_back),
        cmocka_unit_test(a_count_that_the_bytes_cannot_hold_is_refused),
        cmocka_unit_test(a_records_field_can_be_a_hole_for_file_bytes),
    };
    return cmocka_run_group_tests_name("kafka/codec", tests, NULL, NULL);
}
