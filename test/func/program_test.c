/* Programs over small chunks: values, nulls, lazy branches, filters and errors. */
#include "func/program.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "type/decimal.h"
#include "type/zone.h"

static struct arena arena;
static const struct func_session session = {.ansi = true,
                                            .legacy_decimal_precision_loss = true,
                                            .zone = "America/Los_Angeles",
                                            .now_micros = 1700000000000000};

static int
setup(void **state)
{
    (void)state;
    arena_init(&arena, NULL);
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    arena_release(&arena);
    return 0;
}

static struct expr *
bound(const char *name, struct expr *x, struct expr *y)
{
    struct expr *e = y != NULL ? expr_call(&arena, name, 2, x, y) : expr_call(&arena, name, 1, x);
    struct func_bind b = {.def = func_find(name),
                          .arena = &arena,
                          .session = &session,
                          .args = e->args,
                          .arg_count = e->arg_count};
    struct error err = {0};
    assert_non_null(b.def);
    if (!func_bind(&b, &err)) {
        print_error("%s\n", error_text(&err));
        fail();
    }
    for (uint32_t i = 0; i < e->arg_count; i++) {
        if (b.cast_to[i] != NULL) {
            e->args[i] = expr_cast(&arena, e->args[i], b.cast_to[i], CAST_DEFAULT);
        }
    }
    e->type = b.type;
    e->nullable = b.nullable;
    return e;
}

static struct eval
eval_make(void)
{
    return (struct eval){.tmp = &arena, .session = &session, .zone = zone_find(session.zone)};
}

/* One int column 0, 1, 2, ... with every `null_every`th row null. */
static struct chunk
int_chunk(uint32_t n, uint32_t null_every)
{
    struct chunk c = {.n = n, .sel_n = n, .col_count = 1};
    c.cols = arena_new_array(&arena, struct vec, 1);
    vec_init_flat(&c.cols[0], &arena, type_scalar(TYPE_INT), n);
    for (uint32_t i = 0; i < n; i++) {
        ((int32_t *)c.cols[0].data)[i] = (int32_t)i;
        if (null_every != 0 && i % null_every == 0) {
            vec_set_null(&c.cols[0], &arena, i);
        }
    }
    return c;
}

static struct expr *
col(void)
{
    return expr_column(&arena, 0, type_scalar(TYPE_INT), true);
}

static struct vec
run(struct expr *e, const struct chunk *c)
{
    struct error err = {0};
    struct eval ev = eval_make();
    struct program *p = program_compile(&arena, e, &session, &err);
    struct vec out = {0};
    struct vec flat = {0};
    if (p == NULL || !program_run(p, &ev, c, &out, &err)) {
        print_error("%s\n", error_text(&err));
        fail();
    }
    vec_flatten(&flat, &out, NULL, c->n, &arena);
    return flat;
}

static void
addition_adds_and_keeps_nulls(void **state)
{
    (void)state;
    struct chunk c = int_chunk(100, 7);
    struct vec v = run(bound("+", col(), expr_int_literal(&arena, 5)), &c);
    for (uint32_t i = 0; i < 100; i++) {
        assert_int_equal(vec_is_null(&v, i), i % 7 == 0);
        if (i % 7 != 0) {
            assert_int_equal(((int32_t *)v.data)[i], (int32_t)i + 5);
        }
    }
}

static void
addition_that_overflows_raises(void **state)
{
    (void)state;
    struct chunk c = int_chunk(10, 0);
    struct error err = {0};
    struct eval ev = eval_make();
    struct expr *e = bound("+", col(), expr_int_literal(&arena, INT32_MAX));
    struct program *p = program_compile(&arena, e, &session, &err);
    struct vec out;
    assert_false(program_run(p, &ev, &c, &out, &err));
    assert_string_equal(err.condition, "ARITHMETIC_OVERFLOW");
    error_clear(&err);
    /* ... but not for rows that are not selected. */
    const uint16_t first = 0;
    c.sel = &first;
    c.sel_n = 1;
    assert_true(program_run(p, &ev, &c, &out, &err));
}

static void
branch_not_taken_raises_nothing(void **state)
{
    (void)state;
    struct chunk c = int_chunk(10, 0);
    struct expr *zero = expr_int_literal(&arena, 0);
    struct expr *divided = bound("div", expr_int_literal(&arena, 12), col());
    struct expr *choice =
        expr_call(&arena, "if", 3, bound("=", col(), zero), expr_long_literal(&arena, -1), divided);
    choice->type = type_scalar(TYPE_LONG);
    struct vec v = run(choice, &c);
    assert_int_equal(((int64_t *)v.data)[0], -1);
    assert_int_equal(((int64_t *)v.data)[5], 2);
}

static void
filter_keeps_the_rows_of_a_range(void **state)
{
    (void)state;
    struct chunk c = int_chunk(2048, 10);
    struct expr *e = bound("and", bound(">=", col(), expr_int_literal(&arena, 100)),
                           bound("<", col(), expr_int_literal(&arena, 112)));
    struct error err = {0};
    struct eval ev = eval_make();
    uint16_t sel[VEC_ROWS];
    uint32_t n = 0;
    struct program *p = program_compile(&arena, e, &session, &err);
    assert_true(program_filter(p, &ev, &c, sel, &n, &err));
    assert_int_equal(n, 10); /* 100 and 110 are null */
    assert_int_equal(sel[0], 101);
    assert_int_equal(sel[9], 111);
}

static void
dictionary_is_evaluated_by_entry(void **state)
{
    (void)state;
    struct chunk c = int_chunk(4, 0);
    struct vec plain = c.cols[0];
    uint32_t *codes = arena_new_array(&arena, uint32_t, 100);
    c.cols[0].enc = VEC_DICT;
    c.cols[0].child = arena_copy(&arena, &plain, sizeof plain);
    c.cols[0].child_count = 1;
    c.cols[0].codes = codes;
    c.cols[0].n = c.n = c.sel_n = 100;
    for (uint32_t i = 0; i < 100; i++) {
        codes[i] = i % 3; /* entry 3 is used by nobody */
    }
    struct error err = {0};
    struct eval ev = eval_make();
    struct expr *e = bound("*", col(), expr_int_literal(&arena, 10));
    struct program *p = program_compile(&arena, e, &session, &err);
    struct vec out;
    assert_true(program_run(p, &ev, &c, &out, &err));
    assert_int_equal(out.enc, VEC_DICT);
    assert_int_equal(out.child[0].n, 4);
    assert_int_equal(((int32_t *)out.child[0].data)[2], 20);
    /* Entry 3 would overflow; since no row uses it nothing is raised. */
    ((int32_t *)plain.data)[3] = INT32_MAX;
    assert_true(program_run(p, &ev, &c, &out, &err));
}

static void
fold_gives_sparks_decimal_quotient(void **state)
{
    (void)state;
    struct datum a = {.type = type_decimal(&arena, 2, 1), .i = 10};
    struct datum b = {.type = type_decimal(&arena, 2, 1), .i = 30};
    struct datum out;
    struct error err = {0};
    struct expr *e = bound("/", expr_literal(&arena, a), expr_literal(&arena, b));
    assert_true(program_fold(&arena, e, &session, &out, &err));
    assert_int_equal(out.type->precision, 8);
    assert_int_equal(out.type->scale, 6);
    assert_int_equal(out.i, 333333);
}

static void
cast_reads_timestamps_in_the_session_zone(void **state)
{
    (void)state;
    const char *text = "2024-07-01 12:00:00";
    struct datum out;
    struct error err = {0};
    struct expr *e = expr_cast(&arena, expr_string_literal(&arena, text, strlen(text)),
                               type_scalar(TYPE_TIMESTAMP), CAST_DEFAULT);
    assert_true(program_fold(&arena, e, &session, &out, &err));
    assert_int_equal(out.i, (int64_t)1719860400 * 1000000); /* 19:00 UTC */
}

static void
cast_of_nonsense_names_value_and_types(void **state)
{
    (void)state;
    struct datum out;
    struct error err = {0};
    struct expr *e = expr_cast(&arena, expr_string_literal(&arena, "1x", 2), type_scalar(TYPE_INT),
                               CAST_DEFAULT);
    assert_false(program_fold(&arena, e, &session, &out, &err));
    assert_string_equal(err.condition, "CAST_INVALID_INPUT");
    assert_string_equal(err.params[0].value, "'1x'");
    assert_string_equal(err.params[2].value, "\"INT\"");
    error_clear(&err);
}

/* Texts and patterns over few letters, so that they often match. */
static struct view
random_text(uint32_t *seed, const char *const *letters, uint32_t count, uint32_t most)
{
    char *bytes = arena_alloc(&arena, (size_t)most * 4 + 1);
    size_t len = 0;
    *seed = *seed * 1664525 + 1013904223;
    for (uint32_t n = (*seed >> 16) % (most + 1); n > 0; n--) {
        *seed = *seed * 1664525 + 1013904223;
        const char *letter = letters[(*seed >> 16) % count];
        memcpy(bytes + len, letter, strlen(letter));
        len += strlen(letter);
    }
    return view_make(bytes, (uint32_t)len);
}

/* A pattern known when bound takes short ways; one from a column is stepped through. */
static void
like_of_a_constant_agrees_with_like_of_a_column(void **state)
{
    (void)state;
    static const char *const in_text[] = {"a", "b", "ab", "\xc3\xa9"};
    static const char *const in_pattern[] = {"a", "b", "%", "%", "\xc3\xa9", "_"};
    uint32_t seed = 7, matches = 0;
    for (uint32_t round = 0; round < 300; round++) {
        struct chunk c = {.n = 200, .sel_n = 200, .col_count = 2};
        c.cols = arena_new_array(&arena, struct vec, 2);
        const uint32_t letters = round % 2 == 0 ? 5 : 6;
        const struct view pattern = random_text(&seed, in_pattern, letters, 7);
        for (uint32_t k = 0; k < 2; k++) {
            vec_init_flat(&c.cols[k], &arena, type_scalar(TYPE_STRING), c.n);
            for (uint32_t i = 0; i < c.n; i++) {
                ((struct view *)c.cols[k].data)[i] =
                    k == 1 ? pattern : random_text(&seed, in_text, 4, 9);
            }
        }
        struct expr *text = expr_column(&arena, 0, type_scalar(TYPE_STRING), true);
        struct expr *column = expr_column(&arena, 1, type_scalar(TYPE_STRING), true);
        struct expr *literal = expr_string_literal(&arena, view_ptr(&pattern), pattern.len);
        struct vec x = run(bound("like", text, literal), &c);
        struct vec y = run(bound("like", text, column), &c);
        for (uint32_t i = 0; i < c.n; i++) {
            assert_int_equal(((uint8_t *)x.data)[i], ((uint8_t *)y.data)[i]);
            matches += ((uint8_t *)x.data)[i];
        }
    }
    assert_true(matches > 1000);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addition_adds_and_keeps_nulls),
        cmocka_unit_test(addition_that_overflows_raises),
        cmocka_unit_test(branch_not_taken_raises_nothing),
        cmocka_unit_test(filter_keeps_the_rows_of_a_range),
        cmocka_unit_test(dictionary_is_evaluated_by_entry),
        cmocka_unit_test(fold_gives_sparks_decimal_quotient),
        cmocka_unit_test(cast_reads_timestamps_in_the_session_zone),
        cmocka_unit_test(cast_of_nonsense_names_value_and_types),
        cmocka_unit_test(like_of_a_constant_agrees_with_like_of_a_column),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
