/* Vectors against plain arrays: each encoding, each way of moving rows, and hashes that agree. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/arena.h"
#include "vec/compare.h"
#include "vec/hash.h"
#include "vec/vec.h"
#include "vec/verify.h"

static const struct type t_int = {.id = TYPE_INT};
static const struct type t_long = {.id = TYPE_LONG};
static const struct type t_double = {.id = TYPE_DOUBLE};
static const struct type t_string = {.id = TYPE_STRING, .length = -1};
static const struct type_field array_fields[] = {{"element", &t_string, true, NULL}};
static const struct type t_array = {.id = TYPE_ARRAY, .fields = array_fields, .field_count = 1};
static const struct type_field struct_fields[] = {{"a", &t_long, true, NULL},
                                                  {"b", &t_array, true, NULL}};
static const struct type t_struct = {.id = TYPE_STRUCT, .fields = struct_fields, .field_count = 2};

static uint64_t seed = 42;

static uint32_t
roll(uint32_t below)
{
    seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
    return (uint32_t)(seed >> 33) % below;
}

static struct datum
random_datum(struct arena *a, const struct type *t)
{
    struct datum d = {.type = t, .is_null = roll(4) == 0};
    if (d.is_null) {
        return d;
    }
    switch (t->id) {
    case TYPE_STRING: {
        const char *text = arena_printf(a, "%u%s", roll(5), roll(2) ? "" : " a string past twelve");
        d.str = view_make(text, strlen(text));
        break;
    }
    case TYPE_DOUBLE:
        d.f = roll(5) == 0 ? 0.0 / 0.0 : roll(4) == 0 ? -0.0 : (double)roll(3);
        break;
    case TYPE_ARRAY: {
        struct vec *one = arena_new(a, struct vec);
        vec_init_flat(one, a, t, 1);
        const uint32_t len = roll(4);
        *(struct list_range *)one->data = (struct list_range){0, len};
        vec_init_flat(&one->child[0], a, t->fields[0].type, len);
        for (uint32_t k = 0; k < len; k++) {
            const struct datum e = random_datum(a, t->fields[0].type);
            vec_set_datum(&one->child[0], a, k, &e);
        }
        d.nested = one;
        break;
    }
    case TYPE_STRUCT: {
        struct vec *one = arena_new(a, struct vec);
        vec_init_flat(one, a, t, 1);
        for (uint32_t c = 0; c < t->field_count; c++) {
            const struct datum e = random_datum(a, t->fields[c].type);
            vec_set_datum(&one->child[c], a, 0, &e);
        }
        d.nested = one;
        break;
    }
    default:
        d.i = (int64_t)roll(10) - 5;
    }
    return d;
}

/* A random vector of n rows in one of the encodings, and its values as datums. */
static struct datum *
random_vec(struct arena *a, const struct type *t, uint32_t n, enum vec_enc enc, struct vec *out)
{
    struct datum *want = arena_new_array(a, struct datum, n);
    if (enc == VEC_CONST) {
        want[0] = random_datum(a, t);
        vec_const_datum(out, a, &want[0], n);
        for (uint32_t i = 1; i < n; i++) {
            want[i] = want[0];
        }
        return want;
    }
    vec_init_flat(out, a, t, n);
    if (enc == VEC_FLAT) {
        for (uint32_t i = 0; i < n; i++) {
            want[i] = random_datum(a, t);
            vec_set_datum(out, a, i, &want[i]);
        }
        return want;
    }
    struct vec *dict = arena_new(a, struct vec);
    vec_init_flat(dict, a, t, 7);
    struct datum entries[7];
    for (uint32_t i = 0; i < 7; i++) {
        do {
            entries[i] = random_datum(a, t);
        } while (entries[i].is_null);
        vec_set_datum(dict, a, i, &entries[i]);
    }
    out->enc = VEC_DICT;
    out->child = dict;
    out->child_count = 1;
    out->data = NULL;
    out->codes = arena_new_array(a, uint32_t, n);
    for (uint32_t i = 0; i < n; i++) {
        out->codes[i] = roll(7);
        want[i] = entries[out->codes[i]];
        if (roll(5) == 0) {
            vec_set_null((out->enc = VEC_FLAT, out), a, i);
            out->enc = VEC_DICT;
            want[i] = (struct datum){.type = t, .is_null = true};
        }
    }
    return want;
}

static const struct type *const all_types[] = {&t_int,    &t_long,  &t_double,
                                               &t_string, &t_array, &t_struct};

static void
assert_rows(struct arena *a, const struct vec *v, const struct datum *want, const uint32_t *idx)
{
    for (uint32_t i = 0; i < v->n; i++) {
        const struct datum got = vec_datum(v, i, a);
        const uint32_t at = idx != NULL ? idx[i] : i;
        if (at == UINT32_MAX) {
            assert_true(got.is_null);
        } else {
            assert_int_equal(datum_compare(&got, &want[at]), 0);
        }
    }
    assert_null(vec_verify(v, NULL, v->n));
}

typedef void check_fn(struct arena *a, struct vec *v, const struct datum *want);

static void
for_all(check_fn *check)
{
    for (uint32_t t = 0; t < sizeof all_types / sizeof *all_types; t++) {
        for (enum vec_enc enc = VEC_FLAT; enc <= VEC_DICT; enc++) {
            if (enc == VEC_DICT && all_types[t] == &t_struct) {
                continue;
            }
            struct arena a;
            arena_init(&a, NULL);
            struct vec v;
            struct datum *want = random_vec(&a, all_types[t], 150, enc, &v);
            assert_rows(&a, &v, want, NULL);
            check(&a, &v, want);
            arena_release(&a);
        }
    }
}

static void
check_flatten(struct arena *a, struct vec *v, const struct datum *want)
{
    struct vec flat;
    vec_flatten(&flat, v, NULL, v->n, a);
    assert_int_equal(flat.enc, VEC_FLAT);
    assert_rows(a, &flat, want, NULL);
}

static void
flattening_keeps_every_row(void **state)
{
    (void)state;
    for_all(check_flatten);
}

static void
check_gather(struct arena *a, struct vec *v, const struct datum *want)
{
    for (int holes = 0; holes < 2; holes++) {
        uint32_t idx[77];
        for (uint32_t k = 0; k < 77; k++) {
            idx[k] = holes && roll(3) == 0 ? UINT32_MAX : roll(v->n);
        }
        struct vec picked;
        vec_gather(&picked, v, idx, 77, a);
        assert_rows(a, &picked, want, idx);
    }
}

static void
gathering_takes_the_rows_named_and_null_for_holes(void **state)
{
    (void)state;
    for_all(check_gather);
}

static void
check_copy(struct arena *a, struct vec *v, const struct datum *want)
{
    struct arena own;
    arena_init(&own, NULL);
    struct vec copy;
    vec_copy(&copy, v, &own);
    if (v->enc == VEC_FLAT && v->phys == PHYS_VIEW) {
        struct datum *kept = arena_new_array(&own, struct datum, v->n);
        for (uint32_t i = 0; i < v->n; i++) {
            kept[i] = datum_copy(&own, &want[i]);
        }
        for (uint32_t i = 0; i < v->n; i++) { /* scribble over the original bytes */
            struct view *s = (struct view *)v->data + i;
            if (!vec_is_null(v, i) && s->len > 12) {
                memset((char *)s->ref.ptr, 'x', s->len);
            }
        }
        want = kept;
    }
    assert_rows(a, &copy, want, NULL);
    arena_release(&own);
}

static void
copies_do_not_need_the_original(void **state)
{
    (void)state;
    for_all(check_copy);
}

static void
check_slice(struct arena *a, struct vec *v, const struct datum *want)
{
    for (uint32_t from = 0; from < v->n; from += 13) {
        struct vec part;
        vec_slice(&part, v, from, v->n - from, a);
        assert_rows(a, &part, want + from, NULL);
    }
}

static void
slices_see_their_rows(void **state)
{
    (void)state;
    for_all(check_slice);
}

static void
check_hash(struct arena *a, struct vec *v, const struct datum *want)
{
    uint64_t hashes[150], twice[150];
    vec_hash(v, NULL, v->n, hashes, false);
    memcpy(twice, hashes, sizeof hashes);
    vec_hash(v, NULL, v->n, twice, true);
    for (uint32_t i = 0; i < v->n; i++) {
        struct vec one;
        vec_const_datum(&one, a, &want[i], 3);
        assert_true(vec_row_hash(&one, 0) == hashes[i]);
        assert_true(twice[i] == hash_combine(hashes[i], hashes[i]));
        for (uint32_t k = 0; k < i; k++) {
            const bool same = datum_compare(&want[i], &want[k]) == 0;
            assert_true(same == (hashes[i] == hashes[k])); /* no collision in so few values */
        }
    }
}

static void
equal_rows_have_equal_hashes_in_every_encoding(void **state)
{
    (void)state;
    for_all(check_hash);
}

static void
view_order_is_byte_order(void **state)
{
    (void)state;
    static const char *const sorted[] = {
        "",  "a",   "aa", "ab", "abcd", "abcde", "abcdefghijkl", "abcdefghijklm", "abcdefghijkln",
        "b", "\xff"};
    for (int i = 0; i < 11; i++) {
        for (int j = 0; j < 11; j++) {
            const struct view x = view_make(sorted[i], strlen(sorted[i]));
            const struct view y = view_make(sorted[j], strlen(sorted[j]));
            assert_int_equal(view_compare(&x, &y), i < j ? -1 : i > j);
            assert_int_equal(view_equal(&x, &y), i == j);
        }
    }
}

static void
compaction_keeps_live_rows_only(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a, NULL);
    struct vec cols[2];
    struct datum *x = random_vec(&a, &t_int, 100, VEC_FLAT, &cols[0]);
    random_vec(&a, &t_string, 100, VEC_DICT, &cols[1]);
    const uint16_t sel[] = {0, 3, 50, 99};
    const struct chunk in = {.n = 100, .col_count = 2, .cols = cols, .sel = sel, .sel_n = 4};
    assert_null(chunk_verify(&in, NULL));
    struct chunk out;
    chunk_compact(&out, &in, &a);
    assert_int_equal(out.n, 4);
    assert_null(out.sel);
    for (uint32_t k = 0; k < 4; k++) {
        const struct datum got = vec_datum(&out.cols[0], k, &a);
        assert_int_equal(datum_compare(&got, &x[sel[k]]), 0);
    }
    assert_null(chunk_verify(&out, NULL));
    arena_release(&a);
}

static void
the_verifier_sees_a_code_out_of_range(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a, NULL);
    struct vec v;
    random_vec(&a, &t_long, 50, VEC_DICT, &v);
    v.codes[20] = 7;
    v.valid = NULL;
    assert_non_null(vec_verify(&v, NULL, 50));
    arena_release(&a);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(flattening_keeps_every_row),
        cmocka_unit_test(gathering_takes_the_rows_named_and_null_for_holes),
        cmocka_unit_test(copies_do_not_need_the_original),
        cmocka_unit_test(slices_see_their_rows),
        cmocka_unit_test(equal_rows_have_equal_hashes_in_every_encoding),
        cmocka_unit_test(view_order_is_byte_order),
        cmocka_unit_test(compaction_keeps_live_rows_only),
        cmocka_unit_test(the_verifier_sees_a_code_out_of_range),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
