/* Aggregates: the same answer by one state, by groups, merged, and after saving and loading. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "base/reader.h"
#include "func/func.h"

static struct arena arena;
static const struct func_session session = {.ansi = true, .zone = "UTC"};

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

static struct func_call
call_of(const char *name, const struct type *t, const struct agg_ops **ops)
{
    struct expr **args = arena_new_array(&arena, struct expr *, 1);
    const struct type **types = arena_new_array(&arena, const struct type *, 1);
    struct error err = {0};
    args[0] = expr_column(&arena, 0, t, true);
    types[0] = t;
    struct func_bind b = {
        .def = func_find(name), .arena = &arena, .session = &session, .args = args, .arg_count = 1};
    assert_true(func_bind(&b, &err));
    *ops = b.agg;
    return (struct func_call){
        .def = b.def, .type = b.type, .arg_types = types, .arg_count = 1, .extra = b.extra};
}

/* Half of the rows one by one, half by groups; merged, saved, loaded, finished. */
static struct datum
aggregate(const char *name, const struct vec *in)
{
    const struct agg_ops *ops;
    const struct func_call call = call_of(name, in->type, &ops);
    struct eval ev = {.tmp = &arena, .session = &session};
    struct error err = {0};
    void *a = arena_zalloc(&arena, ops->state_bytes);
    void *b = arena_zalloc(&arena, ops->state_bytes);
    void *c = arena_zalloc(&arena, ops->state_bytes);
    void **states = arena_new_array(&arena, void *, in->n);
    uint16_t *sel = arena_new_array(&arena, uint16_t, in->n);
    const uint32_t half = in->n / 2;
    for (uint32_t i = 0; i < in->n; i++) {
        states[i] = b;
        sel[i] = (uint16_t)i;
    }
    ops->init(&call, a);
    ops->init(&call, b);
    assert_true(ops->update_one(&ev, &call, &arena, a, sel, half, &in, &err));
    assert_true(ops->update(&ev, &call, &arena, states, sel + half, in->n - half, &in, &err));
    assert_true(ops->merge(&ev, &call, &arena, a, b, &err));
    struct buffer bytes = {0};
    ops->save(&call, a, &bytes);
    struct reader r;
    reader_init(&r, (struct bytes){bytes.ptr, bytes.len});
    assert_true(ops->load(&call, &arena, c, &r));
    assert_int_equal(reader_left(&r), 0);
    buffer_release(&bytes);
    struct vec out;
    vec_init_flat(&out, &arena, call.type, 1);
    assert_true(ops->finish(&ev, &call, &c, 1, &out, &err));
    return vec_datum(&out, 0, &arena);
}

static struct vec
numbers(uint32_t n)
{
    struct vec v;
    vec_init_flat(&v, &arena, type_scalar(TYPE_LONG), n);
    for (uint32_t i = 0; i < n; i++) {
        ((int64_t *)v.data)[i] = (int64_t)i - 3;
    }
    vec_set_null(&v, &arena, 0);
    return v;
}

static struct vec
texts(void)
{
    static const char *const words[] = {"pear", "a rather long apple",
                                        "fig",  "a rather long apple",
                                        "pear", "zebra of many stripes"};
    struct vec v;
    vec_init_flat(&v, &arena, type_scalar(TYPE_STRING), 6);
    for (uint32_t i = 0; i < 6; i++) {
        ((struct view *)v.data)[i] = view_make(words[i], strlen(words[i]));
    }
    return v;
}

static void
whole_numbers_sum_count_and_extremes(void **state)
{
    (void)state;
    struct vec v = numbers(100); /* null, -2 .. 96 */
    assert_int_equal(aggregate("count", &v).i, 99);
    assert_int_equal(aggregate("sum", &v).i, 96 * 97 / 2 - 3);
    assert_int_equal(aggregate("min", &v).i, -2);
    assert_int_equal(aggregate("max", &v).i, 96);
    assert_true(aggregate("first", &v).is_null);
    assert_int_equal(aggregate("last", &v).i, 96);
    assert_true(aggregate("avg", &v).f == 47.0);
}

static void
sum_beyond_64_bits_raises(void **state)
{
    (void)state;
    struct vec v = numbers(2);
    v.valid = NULL;
    ((int64_t *)v.data)[0] = INT64_MAX;
    ((int64_t *)v.data)[1] = 1;
    const struct agg_ops *ops;
    const struct func_call call = call_of("sum", v.type, &ops);
    struct eval ev = {.tmp = &arena, .session = &session};
    struct error err = {0};
    void *s = arena_zalloc(&arena, ops->state_bytes);
    const struct vec *in = &v;
    struct vec out;
    vec_init_flat(&out, &arena, call.type, 1);
    assert_true(ops->update_one(&ev, &call, &arena, s, NULL, 2, &in, &err));
    assert_false(ops->finish(&ev, &call, &s, 1, &out, &err));
    assert_string_equal(err.condition, "ARITHMETIC_OVERFLOW");
    error_clear(&err);
}

static void
texts_keep_their_bytes(void **state)
{
    (void)state;
    struct vec v = texts();
    struct datum d = aggregate("max", &v);
    assert_memory_equal(view_ptr(&d.str), "zebra of many stripes", 21);
    d = aggregate("min", &v);
    assert_memory_equal(view_ptr(&d.str), "a rather long apple", 19);
    d = aggregate("collect_set", &v);
    assert_int_equal(((const struct list_range *)d.nested->data)->len, 4);
    d = aggregate("collect_list", &v);
    assert_int_equal(((const struct list_range *)d.nested->data)->len, 6);
    assert_int_equal(aggregate("approx_count_distinct", &v).i, 4);
}

static void
moments_agree_with_the_formulas(void **state)
{
    (void)state;
    struct vec v;
    vec_init_flat(&v, &arena, type_scalar(TYPE_DOUBLE), 4);
    memcpy(v.data, (const double[]){1, 2, 4, 9}, 32);
    assert_true(fabs(aggregate("var_samp", &v).f - 38.0 / 3) < 1e-12);
    assert_true(fabs(aggregate("stddev_pop", &v).f - sqrt(9.5)) < 1e-12);
    assert_true(aggregate("median", &v).f == 3.0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_numbers_sum_count_and_extremes),
        cmocka_unit_test(sum_beyond_64_bits_raises),
        cmocka_unit_test(texts_keep_their_bytes),
        cmocka_unit_test(moments_agree_with_the_formulas),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
