/* Pickle: what workers send, as bytes of CPython's own pickler, and what must be refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "python/pickle.h"

static struct arena arena;

static int
setup(void **state)
{
    arena_init(&arena, NULL);
    return 0;
}

static int
teardown(void **state)
{
    arena_release(&arena);
    return 0;
}

static struct pickle_value *
read_bytes(const char *bytes, size_t len, struct error *err)
{
    return pickle_read(&arena, (struct bytes){(const uint8_t *)bytes, len}, err);
}

/* pickle.dumps([1, None, -2**40, 'ab', (True, 1.5)], protocol=5) */
static const char list5[] = "\x80\x05\x95\x22\0\0\0\0\0\0\0]\x94(K\x01N\x8a\x06\0\0\0\0\0\xff\x8c"
                            "\x02"
                            "ab\x94\x88G?\xf8\0\0\0\0\0\0\x86\x94"
                            "e.";

static void
a_list_of_values_is_read(void **state)
{
    struct error err = {0};
    struct pickle_value *v = read_bytes(list5, sizeof list5 - 1, &err);
    assert_non_null(v);
    assert_int_equal(v->count, 5);
    assert_int_equal(v->items[0]->i, 1);
    assert_int_equal(v->items[1]->kind, PICKLE_NONE);
    assert_true(v->items[2]->i == -((int64_t)1 << 40));
    assert_string_equal(v->items[3]->text, "ab");
    assert_true(v->items[4]->items[1]->f == 1.5);
}

static void
every_cut_of_a_pickle_is_refused(void **state)
{
    for (size_t len = 0; len + 1 < sizeof list5 - 1; len++) {
        struct error err = {0};
        assert_null(read_bytes(list5, len, &err));
        assert_true(error_is_set(&err));
        error_clear(&err);
    }
}

static void
unknown_classes_are_named_not_made(void **state)
{
    struct error err = {0};
    const char build[] = "\x80\x03"
                         "cos\nsystem\nX\x02\0\0\0ls\x85R}b.";
    assert_null(read_bytes(build, sizeof build - 1, &err));
    assert_string_equal(err.condition, "UNSUPPORTED_FEATURE");
    error_clear(&err);
}

static void
a_value_that_shares_itself_a_lot_is_bounded(void **state)
{
    /* Ten levels of lists, each ten times the list below: ten thousand million numbers. */
    struct buffer b = {0};
    buffer_puts(&b, "](K\x01K\x01K\x01K\x01K\x01K\x01K\x01K\x01K\x01K\x01"
                    "eq");
    buffer_u8(&b, 0);
    for (uint8_t level = 1; level < 10; level++) {
        buffer_puts(&b, "0](");
        for (int i = 0; i < 10; i++) {
            buffer_u8(&b, 'h');
            buffer_u8(&b, (uint8_t)(level - 1));
        }
        buffer_puts(&b, "eq");
        buffer_u8(&b, level);
    }
    buffer_puts(&b, ".");
    struct error err = {0};
    struct pickle_value *v = read_bytes((const char *)b.ptr, b.len, &err);
    assert_non_null(v);
    const struct type *t = type_scalar(TYPE_INT);
    for (int i = 0; i < 10; i++) {
        t = type_array(&arena, t, true);
    }
    struct vec out;
    assert_false(pickle_build(&out, t, &v, 1, 16 * b.len, &arena, &err));
    assert_int_equal(err.kind, ERROR_RESOURCE);
    error_clear(&err);
    buffer_release(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_of_values_is_read),
        cmocka_unit_test(every_cut_of_a_pickle_is_refused),
        cmocka_unit_test(unknown_classes_are_named_not_made),
        cmocka_unit_test(a_value_that_shares_itself_a_lot_is_bounded),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
