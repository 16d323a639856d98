/* Arenas, budgets and buffers: what they promise about limits, alignment and accounts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"

static void
arena_aligns_and_returns_its_charge(void **state)
{
    struct budget top;
    struct budget query;
    budget_init(&top, "top", 0, NULL);
    budget_init(&query, "query", 0, &top);
    struct arena a;
    arena_init(&a, &query);
    for (size_t i = 1; i < 5000; i += 7) {
        assert_int_equal((uintptr_t)arena_alloc(&a, i) % 16, 0);
    }
    assert_int_equal((uintptr_t)arena_alloc_aligned(&a, 10, 64) % 64, 0);
    assert_true(query.used_bytes >= 5000 * 5000 / 14);
    assert_int_equal(query.used_bytes, top.used_bytes);
    arena_release(&a);
    assert_int_equal(query.used_bytes, 0);
    assert_int_equal(top.used_bytes, 0);
}

static void
arena_reset_keeps_one_block_so_that_loops_stop_allocating(void **state)
{
    struct arena a;
    arena_init(&a, NULL);
    for (int i = 0; i < 100; i++) {
        arena_alloc(&a, 500);
    }
    arena_reset(&a);
    const size_t held = a.total_bytes;
    void *first = arena_alloc(&a, 100);
    for (int round = 0; round < 10; round++) {
        arena_reset(&a);
        assert_ptr_equal(arena_alloc(&a, 100), first);
        arena_alloc(&a, 20000);
        assert_int_equal(a.total_bytes, held);
    }
    char *text = arena_printf(&a, "%s-%d", "x", 12);
    assert_string_equal(text, "x-12");
    arena_release(&a);
    assert_int_equal(a.total_bytes, 0);
}

static void
budget_refuses_past_a_parents_limit_and_changes_nothing(void **state)
{
    struct budget top;
    struct budget query;
    budget_init(&top, "top", 100, NULL);
    budget_init(&query, "query", 0, &top);
    assert_true(budget_reserve(&query, 60));
    assert_false(budget_reserve(&query, 41));
    assert_int_equal(query.used_bytes, 60);
    assert_int_equal(top.used_bytes, 60);
    assert_true(budget_reserve(&query, 40));
    assert_false(budget_overdrawn(&query));
    budget_charge(&query, 1);
    assert_true(budget_overdrawn(&query));
    budget_return(&query, 101);
    assert_int_equal(top.peak_bytes, 101);

    struct error err = {0};
    assert_false(budget_error(&query, 7, &err));
    assert_string_equal(err.condition, "UNABLE_TO_ACQUIRE_MEMORY");
    error_clear(&err);
}

static void
buffer_stops_at_its_limit(void **state)
{
    struct buffer b = {.limit = 10};
    buffer_put(&b, "123456789", 9);
    assert_false(b.overflow);
    buffer_put(&b, "ab", 2);
    assert_true(b.overflow);
    assert_int_equal(b.len, 9);
    buffer_release(&b);
}

static void
buffer_writes_each_form(void **state)
{
    struct buffer b = {0};
    buffer_be16(&b, 0x0102);
    buffer_be32(&b, 0x03040506);
    buffer_le32(&b, 0x03040506);
    buffer_uvarint(&b, 300);
    buffer_varint(&b, -1);
    static const uint8_t expected[] = {1, 2, 3, 4, 5, 6, 6, 5, 4, 3, 0xac, 2, 1};
    assert_int_equal(b.len, sizeof expected);
    assert_memory_equal(b.ptr, expected, sizeof expected);
    buffer_clear(&b);
    buffer_json_string(&b, "a\"\\\n\x01", 5);
    assert_string_equal(buffer_text(&b), "\"a\\\"\\\\\\n\\u0001\"");
    buffer_release(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arena_aligns_and_returns_its_charge),
        cmocka_unit_test(arena_reset_keeps_one_block_so_that_loops_stop_allocating),
        cmocka_unit_test(budget_refuses_past_a_parents_limit_and_changes_nothing),
        cmocka_unit_test(buffer_stops_at_its_limit),
        cmocka_unit_test(buffer_writes_each_form),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
