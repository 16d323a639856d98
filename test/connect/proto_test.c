/* The protobuf codec: what comes in goes out again, and lies are refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "connect/proto_messages.h"

#define BYTES(text) ((struct bytes){(const uint8_t *)(text), sizeof(text) - 1})

static bool
decode_plan(struct arena *a, struct bytes in, struct pb_plan *out)
{
    struct error err = {0};
    *out = (struct pb_plan){0};
    bool ok = PB_DECODE(a, PB_ID_PLAN, in, out, &err);
    error_clear(&err);
    return ok;
}

static void
a_plan_decodes_into_its_structs(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a, NULL);
    /* Plan{root: Relation{common: {plan_id: 7}, range: {start: -1, end: 300, step: 1}}} */
    struct bytes in =
        BYTES("\x0a\x16\x0a\x02\x10\x07\x7a\x10\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff"
              "\x01\x10\xac\x02\x18\x01");
    struct pb_plan plan;
    assert_true(decode_plan(&a, in, &plan));
    assert_int_equal(plan.op_type_case, 1);
    assert_true(plan.root->common->has_plan_id);
    assert_int_equal(plan.root->common->plan_id, 7);
    assert_int_equal(plan.root->rel_type_case, 15);
    assert_true(plan.root->range->has_start);
    assert_int_equal(plan.root->range->start, -1);
    assert_int_equal(plan.root->range->end, 300);
    assert_false(plan.root->range->has_num_partitions);
    struct buffer out = {0};
    plan.root->raw = (struct bytes){NULL, 0}; /* from the fields, not from the kept bytes */
    PB_ENCODE(&out, PB_ID_PLAN, &plan);
    assert_int_equal(out.len, in.len);
    assert_memory_equal(out.ptr, in.ptr, in.len);
    buffer_release(&out);
    arena_release(&a);
}

static void
repeated_fields_come_packed_or_one_by_one(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a, NULL);
    struct error err = {0};
    struct pb_ints ints = {0};
    assert_true(
        PB_DECODE(&a, PB_ID_INTS, BYTES("\x08\x05\x0a\x03\x01\xac\x02\x08\x09"), &ints, &err));
    assert_int_equal(ints.values_count, 4);
    assert_int_equal(ints.values[0], 5);
    assert_int_equal(ints.values[2], 300);
    assert_int_equal(ints.values[3], 9);
    struct buffer out = {0};
    PB_ENCODE(&out, PB_ID_INTS, &ints);
    assert_int_equal(out.len, 7);
    assert_memory_equal(out.ptr, "\x0a\x05\x05\x01\xac\x02\x09", 7);
    buffer_release(&out);
    arena_release(&a);
}

static void
maps_and_texts_survive_a_round_trip(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a, NULL);
    struct error err = {0};
    struct pb_map_string_string entries[2] = {{pb_text("k"), pb_text("v")},
                                              {pb_text("gr\xc3\xbc\xc3\x9f"), pb_text("")}};
    struct pb_error_info info = {.reason = pb_text("r"), .metadata = entries, .metadata_count = 2};
    struct buffer out = {0};
    PB_ENCODE(&out, PB_ID_ERROR_INFO, &info);
    assert_int_equal(out.len, pb_size(&pb_messages[PB_ID_ERROR_INFO], &info));
    struct pb_error_info back = {0};
    assert_true(PB_DECODE(&a, PB_ID_ERROR_INFO, ((struct bytes){out.ptr, out.len}), &back, &err));
    assert_int_equal(back.metadata_count, 2);
    assert_string_equal(back.metadata[1].key.ptr, "gr\xc3\xbc\xc3\x9f");
    assert_string_equal(pb_str(back.metadata[1].value), "");
    assert_null(back.domain.ptr);
    buffer_release(&out);
    arena_release(&a);
}

static void
unknown_fields_are_skipped(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a, NULL);
    struct error err = {0};
    struct pb_key_value kv = {0};
    assert_true(PB_DECODE(&a, PB_ID_KEY_VALUE,
                          BYTES("\x98\x06\x01\x9a\x06\x02zz\x9d\x06"
                                "abcd\x0a\x01k"),
                          &kv, &err));
    assert_string_equal(kv.key.ptr, "k");
    assert_null(kv.value.ptr);
    arena_release(&a);
}

static void
lies_are_refused(void **state)
{
    (void)state;
    static const struct bytes lies[] = {
        {(const uint8_t *)"\x0a\x7f\x01", 3}, /* a length past the end */
        {(const uint8_t *)"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 11},
        {(const uint8_t *)"\x08\x01", 2},                     /* a message as a number */
        {(const uint8_t *)"\x0b\x0c", 2},                     /* groups */
        {(const uint8_t *)"\x0a\x04\x52\x02\x0a\x05", 6},     /* the inner length is longer */
        {(const uint8_t *)"\x0a\x05\x52\x03\x0a\x01\xff", 7}, /* not UTF-8 */
        {(const uint8_t *)"\x80", 1},
    };
    struct arena a;
    arena_init(&a, NULL);
    struct pb_plan plan;
    for (size_t i = 0; i < sizeof lies / sizeof *lies; i++) {
        assert_false(decode_plan(&a, lies[i], &plan));
    }
    arena_release(&a);
}

/* A plan of n filters, each inside the other. */
static struct bytes
nested_filters(struct buffer *out, int n)
{
    struct buffer inner = {0}, next = {0};
    for (int i = 0; i < n; i++) {
        buffer_clear(&next); /* Relation{filter: Filter{input: inner}} */
        struct buffer filter = {0};
        buffer_u8(&filter, 0x0a);
        buffer_lenbytes(&filter, inner.ptr, inner.len);
        buffer_u8(&next, 0x22);
        buffer_lenbytes(&next, filter.ptr, filter.len);
        buffer_release(&filter);
        struct buffer swap = inner;
        inner = next;
        next = swap;
    }
    buffer_u8(out, 0x0a);
    buffer_lenbytes(out, inner.ptr, inner.len);
    buffer_release(&inner);
    buffer_release(&next);
    return (struct bytes){out->ptr, out->len};
}

static void
nesting_is_accepted_to_1024_and_refused_beyond(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a, NULL);
    struct pb_plan plan;
    struct buffer bytes = {0};
    assert_true(decode_plan(&a, nested_filters(&bytes, 511), &plan));
    buffer_clear(&bytes);
    assert_false(decode_plan(&a, nested_filters(&bytes, 5000), &plan));
    buffer_release(&bytes);
    arena_release(&a);
}

static void
empty_items_cannot_take_all_memory(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a, NULL);
    struct buffer in = {0}; /* 4 million empty errors in 8 MB */
    for (int i = 0; i < 4000000; i++) {
        buffer_be16(&in, 0x1200);
    }
    struct error err = {0};
    struct pb_fetch_error_details_response details = {0};
    assert_false(PB_DECODE(&a, PB_ID_FETCH_ERROR_DETAILS_RESPONSE, ((struct bytes){in.ptr, in.len}),
                           &details, &err));
    assert_non_null(strstr(error_text(&err), "memory"));
    error_clear(&err);
    assert_true(a.total_bytes < 512u << 20);
    buffer_release(&in);
    arena_release(&a);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plan_decodes_into_its_structs),
        cmocka_unit_test(repeated_fields_come_packed_or_one_by_one),
        cmocka_unit_test(maps_and_texts_survive_a_round_trip),
        cmocka_unit_test(unknown_fields_are_skipped),
        cmocka_unit_test(lies_are_refused),
        cmocka_unit_test(nesting_is_accepted_to_1024_and_refused_beyond),
        cmocka_unit_test(empty_items_cannot_take_all_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
