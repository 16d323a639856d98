/* Every boundary of the varint, every truncation of it, and the ways in which a peer can lie. */
#include "base/reader.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define BYTES(...) ((const uint8_t[]){__VA_ARGS__}), sizeof((const uint8_t[]){__VA_ARGS__})

static struct reader
reader_over(const uint8_t *ptr, size_t len)
{
    struct reader r;
    reader_init(&r, (struct bytes){ptr, len});
    return r;
}

static const struct {
    int64_t value;
    size_t len;
    uint8_t wire[10];
} varints[] = {
    {0, 1, {0x00}},
    {-1, 1, {0x01}},
    {64, 2, {0x80, 0x01}},
    {INT32_MIN, 5, {0xff, 0xff, 0xff, 0xff, 0x0f}},
    {INT64_MAX, 10, {0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01}},
    {INT64_MIN, 10, {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01}},
};

static void
varint_decodes_and_every_prefix_of_it_is_short(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof varints / sizeof *varints; i++) {
        for (size_t len = 0; len <= varints[i].len; len++) {
            const bool whole = len == varints[i].len;
            struct reader r = reader_over(varints[i].wire, len);
            assert_true(reader_varint64(&r) == (whole ? varints[i].value : 0));
            assert_int_equal(r.fault, whole ? READER_OK : READER_SHORT);
            assert_int_equal(reader_offset(&r), whole ? len : 0);
        }
    }
}

static void
varint_refuses_a_bit_too_many(void **state)
{
    (void)state;
    struct reader r =
        reader_over(BYTES(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02));
    assert_true(reader_uvarint64(&r) == 0);
    assert_int_equal(r.fault, READER_OVERLONG);

    r = reader_over(BYTES(0x80, 0x80, 0x80, 0x80, 0x10)); /* INT32_MAX + 1 */
    assert_int_equal(reader_varint32(&r), 0);
    assert_int_equal(r.fault, READER_RANGE);
}

static void
the_first_fault_sticks(void **state)
{
    (void)state;
    struct reader r = reader_over(BYTES(0x00, 0x01, 0x03, 'x')); /* lengths 0, -1, -2 */
    assert_non_null(reader_bytes(&r).ptr);                       /* empty is not null ... */
    assert_null(reader_bytes(&r).ptr);                           /* ... and -1 is null ... */
    assert_true(reader_ok(&r));
    assert_null(reader_bytes(&r).ptr); /* ... but -2 is a lie */

    assert_null(reader_take(&r, 1).ptr);
    assert_int_equal(reader_count(&r, 1), 0);
    assert_int_equal(r.fault, READER_RANGE);
    assert_int_equal(reader_offset(&r), 3);
}

static void
no_length_or_count_may_promise_more_than_the_input_holds(void **state)
{
    (void)state;
    struct reader r = reader_over(BYTES(0x04, 'h', 'i'));
    assert_int_equal(reader_bytes(&r).len, 2);
    r = reader_over(BYTES(0x06, 'h', 'i'));
    assert_null(reader_bytes(&r).ptr);
    assert_int_equal(r.fault, READER_SHORT);

    r = reader_over(BYTES(0x04, 0, 0, 0, 0)); /* two items of two bytes just fit */
    assert_int_equal(reader_count(&r, 2), 2);
    r = reader_over(BYTES(0x04, 0, 0, 0));
    assert_int_equal(reader_count(&r, 2), 0);
    assert_int_equal(r.fault, READER_RANGE);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(varint_decodes_and_every_prefix_of_it_is_short),
        cmocka_unit_test(varint_refuses_a_bit_too_many),
        cmocka_unit_test(the_first_fault_sticks),
        cmocka_unit_test(no_length_or_count_may_promise_more_than_the_input_holds),
    };
    return cmocka_run_group_tests_name("base/reader", tests, NULL, NULL);
}
