/* Held results come back whole and in order, from memory and from the file behind it. */
#include "sched/hold.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { PIECE_BYTES = 1 << 20 };

static bool
piece_check(void *ctx, const void *data, size_t len, uint64_t rows, struct error *err)
{
    uint64_t *next = ctx;
    const uint8_t *bytes = data;
    (void)err;
    assert_int_equal(rows, *next);
    assert_int_equal(len, PIECE_BYTES - *next);
    assert_int_equal(bytes[0], (uint8_t)*next);
    assert_int_equal(bytes[len - 1], (uint8_t)*next);
    (*next)++;
    return true;
}

static void
fill_and_read_back(uint64_t count)
{
    struct error err = {0};
    struct hold h;
    hold_init(&h, &env_real, ".");
    uint8_t *piece = malloc(PIECE_BYTES);
    for (uint64_t i = 0; i < count; i++) {
        memset(piece, (int)(uint8_t)i, PIECE_BYTES);
        assert_true(hold_add(&h, piece, PIECE_BYTES - i, i, &err));
    }
    uint64_t next = 0;
    assert_true(hold_each(&h, piece_check, &next, &err));
    assert_int_equal(next, count);

    hold_clear(&h); /* a lost attempt leaves nothing */
    next = 0;
    assert_true(hold_each(&h, piece_check, &next, &err));
    assert_int_equal(next, 0);
    free(piece);
    hold_release(&h);
}

static void
small_results_stay_in_memory(void **state)
{
    (void)state;
    fill_and_read_back(3);
}

static void
large_results_pass_through_a_file(void **state)
{
    (void)state;
    fill_and_read_back(150);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(small_results_stay_in_memory),
        cmocka_unit_test(large_results_pass_through_a_file),
    };
    return cmocka_run_group_tests_name("sched/hold", tests, NULL, NULL);
}
