/* Group-by against a plain loop: keys of all kinds, nulls, DISTINCT, FILTER, no groups, no rows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fixture.h"

static struct expr *
agg(struct fixture *f, const char *name, struct expr *arg, bool distinct)
{
    struct expr *e = expr_new(&f->arena, EXPR_AGG);
    e->name = func_find(name)->name;
    e->args = arena_new_array(&f->arena, struct expr *, 1);
    e->args[0] = arg;
    e->arg_count = 1;
    e->distinct = distinct;
    struct func_bind b = {.def = func_find(name),
                          .arena = &f->arena,
                          .session = &f->session,
                          .args = e->args,
                          .arg_count = 1,
                          .cast_to = arena_new_array(&f->arena, const struct type *, 1)};
    assert_true(func_bind(&b, &f->err));
    if (b.cast_to[0] != NULL) {
        e->args[0] = expr_cast(&f->arena, arg, b.cast_to[0], CAST_DEFAULT);
    }
    e->type = b.type;
    e->nullable = b.nullable;
    return e;
}

/* count(v), sum(v), min(s), max(v), count(distinct s), sum(v) filter (where b) */
static struct rel *
plan(struct fixture *f, struct rel *input, const uint32_t *keys, uint32_t key_count, uint32_t v,
     uint32_t s, uint32_t b)
{
    struct rel *r = rel_new(&f->arena, REL_AGGREGATE, 1, input);
    r->group_count = key_count;
    r->expr_count = key_count + 6;
    r->exprs = arena_new_array(&f->arena, struct expr *, r->expr_count);
    for (uint32_t i = 0; i < key_count; i++) {
        r->exprs[i] = col(f, input, keys[i]);
    }
    struct expr **aggs = r->exprs + key_count;
    aggs[0] = agg(f, "count", col(f, input, v), false);
    aggs[1] = agg(f, "sum", col(f, input, v), false);
    aggs[2] = agg(f, "min", col(f, input, s), false);
    aggs[3] = agg(f, "max", col(f, input, v), false);
    aggs[4] = agg(f, "count", col(f, input, s), true);
    aggs[5] = agg(f, "sum", col(f, input, v), false);
    aggs[5]->filter = col(f, input, b);
    struct type_field *fields = arena_new_array(&f->arena, struct type_field, r->expr_count);
    for (uint32_t i = 0; i < r->expr_count; i++) {
        fields[i] = (struct type_field){"c", r->exprs[i]->type, true, NULL};
    }
    r->schema = type_struct(&f->arena, fields, r->expr_count);
    return r;
}

static void
add_long(struct datum *to, const struct datum *x)
{
    if (!x->is_null) {
        to->i = to->is_null ? x->i : to->i + x->i;
        to->is_null = false;
    }
}

static struct table *
reference(struct fixture *f, const struct table *t, const struct rel *r, const uint32_t *keys,
          uint32_t kn, uint32_t v, uint32_t s, uint32_t b)
{
    struct table *out = arena_new(&f->arena, struct table);
    *out = (struct table){.schema = r->schema, .cols = r->schema->field_count, .arena = &f->arena};
    struct table **seen = arena_new_array(&f->arena, struct table *, t->rows + 1);
    for (uint32_t i = 0; i < t->rows || (kn == 0 && i == 0); i++) {
        const struct datum *row = t->cells + (size_t)i * t->cols;
        uint32_t g = 0;
        for (; g < out->rows; g++) {
            bool same = true;
            for (uint32_t k = 0; same && k < kn; k++) {
                same = datum_compare(&row[keys[k]], &out->cells[(size_t)g * out->cols + k]) == 0;
            }
            if (same) {
                break;
            }
        }
        if (g == out->rows) {
            struct datum *fresh = table_add(out);
            for (uint32_t k = 0; k < kn; k++) {
                fresh[k] = row[keys[k]];
            }
            fresh[kn].is_null = fresh[kn + 4].is_null = false;
            fresh[kn].i = fresh[kn + 4].i = 0;
            seen[g] = table_new(f, "s STRING");
        }
        if (t->rows == 0) {
            break;
        }
        struct datum *a = out->cells + (size_t)g * out->cols + kn;
        a[0].i += !row[v].is_null;
        add_long(&a[1], &row[v]);
        if (!row[s].is_null && (a[2].is_null || datum_compare(&row[s], &a[2]) < 0)) {
            a[2] = row[s];
        }
        if (!row[v].is_null && (a[3].is_null || row[v].i > a[3].i)) {
            a[3] = row[v];
        }
        bool known = row[s].is_null;
        for (uint32_t k = 0; !known && k < seen[g]->rows; k++) {
            known = datum_compare(&row[s], &seen[g]->cells[k]) == 0;
        }
        if (!known) {
            table_add(seen[g])[0] = row[s];
            a[4].i++;
        }
        if (!row[b].is_null && row[b].b) {
            add_long(&a[5], &row[v]);
        }
    }
    return out;
}

#define SCHEMA                                                                                     \
    "a INT, b STRING, c DOUBLE, d DECIMAL(30,2), e BOOLEAN, v LONG, s STRING, f BOOLEAN, g BYTE"

static void
check(const uint32_t *keys, uint32_t kn, uint32_t rows, uint32_t domain)
{
    for (uint32_t threads = 1; threads <= 4; threads += 3) {
        struct fixture f;
        fixture_init(&f, threads, domain);
        struct table *t = table_random(&f, SCHEMA, rows, domain);
        struct rel *r = plan(&f, plan_table(&f, t, 5), keys, kn, 5, 6, 7);
        assert_tables_equal(run(&f, r), reference(&f, t, r, keys, kn, 5, 6, 7));
        fixture_release(&f);
    }
}

static void
groups_of_each_key_type_come_in_order_of_appearance(void **state)
{
    (void)state;
    for (uint32_t k = 0; k < 9; k++) {
        check(&k, 1, 5000, 7);
        check(&k, 1, 5000, 90);
    }
}

static void
groups_of_several_keys(void **state)
{
    (void)state;
    check((uint32_t[]){0, 1}, 2, 5000, 8);
    check((uint32_t[]){4, 8}, 2, 8000, 4);
    check((uint32_t[]){2, 3, 4}, 3, 5000, 5);
    check((uint32_t[]){0, 1, 2, 3, 4, 8}, 6, 3000, 3);
}

static void
no_keys_give_one_row_even_over_no_rows(void **state)
{
    (void)state;
    check(NULL, 0, 10000, 50);
    check(NULL, 0, 0, 50);
}

static void
no_rows_give_no_groups(void **state)
{
    (void)state;
    check((uint32_t[]){0}, 1, 0, 50);
}

static void
runs_of_equal_keys_are_one_group_each(void **state)
{
    (void)state;
    struct fixture f;
    fixture_init(&f, 3, 5);
    struct table *t = table_random(&f, SCHEMA, 4000, 30);
    for (uint32_t i = 0; i < t->rows; i++) {
        struct datum *key = &t->cells[(size_t)i * t->cols];
        key->is_null = i / 7 % 50 == 3;
        key->i = (int64_t)(i / 7) * 100000;
    }
    struct rel *r = plan(&f, plan_table(&f, t, 5), (uint32_t[]){0}, 1, 5, 6, 7);
    assert_tables_equal(run(&f, r), reference(&f, t, r, (uint32_t[]){0}, 1, 5, 6, 7));
    fixture_release(&f);
}

/* Same length, beginning and end: only the middle tells them apart. */
static void
long_strings_that_look_alike_are_groups_of_their_own(void **state)
{
    (void)state;
    struct fixture f;
    fixture_init(&f, 3, 6);
    struct table *t = table_random(&f, SCHEMA, 4000, 30);
    for (uint32_t i = 0; i < t->rows; i++) {
        char text[32];
        snprintf(text, sizeof text, "beginning-%04u-the-end", i * 7919 % 40);
        struct datum *key = &t->cells[(size_t)i * t->cols + 1];
        key->is_null = i % 41 == 3;
        key->str = view_copy(&f.arena, text, strlen(text));
    }
    struct rel *r = plan(&f, plan_table(&f, t, 5), (uint32_t[]){0, 1}, 2, 5, 6, 7);
    assert_tables_equal(run(&f, r), reference(&f, t, r, (uint32_t[]){0, 1}, 2, 5, 6, 7));
    fixture_release(&f);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(groups_of_each_key_type_come_in_order_of_appearance),
        cmocka_unit_test(groups_of_several_keys),
        cmocka_unit_test(no_keys_give_one_row_even_over_no_rows),
        cmocka_unit_test(no_rows_give_no_groups),
        cmocka_unit_test(runs_of_equal_keys_are_one_group_each),
        cmocka_unit_test(long_strings_that_look_alike_are_groups_of_their_own),
    };
    setenv("WEIR_VERIFY", "1", 1);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    setenv("WEIR_CHAOS", "1", 1);
    failed += cmocka_run_group_tests_name("chaos", tests, NULL, NULL);
    return failed;
}
