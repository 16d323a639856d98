/* Rows through pipelines: order, limits, sorts, distinct; with one thread and several, plain and
 * with the chaos switch. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "fixture.h"

static const uint32_t thread_counts[] = {1, 4};

#define FOR_THREADS(f)                                                                             \
    for (uint32_t ti = 0; ti < 2; ti++)                                                            \
        for (struct fixture f##_it, *f = (fixture_init(&f##_it, thread_counts[ti], 7), &f##_it);   \
             f != NULL; fixture_release(f), f = NULL)

static struct rel *
limit_of(struct fixture *f, struct rel *input, int64_t limit, int64_t offset)
{
    struct rel *r = rel_new(&f->arena, REL_LIMIT, 1, input);
    r->schema = input->schema;
    r->limit = limit;
    r->offset = offset;
    return r;
}

static struct rel *
project_columns(struct fixture *f, struct rel *input)
{
    struct rel *r = rel_new(&f->arena, REL_PROJECT, 1, input);
    r->schema = input->schema;
    r->expr_count = input->schema->field_count;
    r->exprs = arena_new_array(&f->arena, struct expr *, r->expr_count);
    for (uint32_t i = 0; i < r->expr_count; i++) {
        r->exprs[i] = col(f, input, i);
    }
    return r;
}

static struct table *
rows_between(struct fixture *f, const struct table *t, uint32_t from, uint32_t n)
{
    struct table *out = arena_new(&f->arena, struct table);
    *out = *t;
    from = from < t->rows ? from : t->rows;
    out->cells = t->cells + (size_t)from * t->cols;
    out->rows = t->rows - from < n ? t->rows - from : n;
    return out;
}

static void
rows_come_in_the_order_of_their_morsels(void **state)
{
    (void)state;
    FOR_THREADS(f)
    {
        struct table *t = table_random(f, "a INT, b STRING, c DOUBLE", 20000, 1000);
        assert_tables_equal(run(f, plan_table(f, t, 13)), t);
    }
}

static void
a_limit_gives_the_first_rows_at_the_root_and_below(void **state)
{
    (void)state;
    FOR_THREADS(f)
    {
        struct table *t = table_random(f, "a INT, b STRING", 9000, 1000);
        static const struct {
            int64_t limit, offset;
        } cases[] = {{0, 0}, {1, 0}, {100, 3}, {5000, 2500}, {-1, 8990}, {99999, 10}, {10, 99999}};
        for (uint32_t i = 0; i < sizeof cases / sizeof *cases; i++) {
            const uint32_t n = cases[i].limit < 0 ? UINT32_MAX : (uint32_t)cases[i].limit;
            struct table *want = rows_between(f, t, (uint32_t)cases[i].offset, n);
            struct rel *plan = limit_of(f, plan_table(f, t, 9), cases[i].limit, cases[i].offset);
            assert_tables_equal(run(f, plan), want);
            assert_tables_equal(run(f, project_columns(f, plan)), want);
        }
    }
}

static void
tail_gives_the_last_rows(void **state)
{
    (void)state;
    FOR_THREADS(f)
    {
        struct table *t = table_random(f, "a INT, b STRING", 5000, 1000);
        struct rel *r = rel_new(&f->arena, REL_TAIL, 1, plan_table(f, t, 7));
        r->schema = t->schema;
        r->limit = 3000;
        assert_tables_equal(run(f, r), rows_between(f, t, 2000, 3000));
    }
}

static struct rel *
sort_of(struct fixture *f, struct rel *input, enum rel_kind kind, const uint32_t *cols,
        uint32_t count, uint32_t flavour)
{
    struct rel *r = rel_new(&f->arena, kind, 1, input);
    r->schema = input->schema;
    r->key_count = count;
    r->keys = arena_new_array(&f->arena, struct sort_key, count);
    for (uint32_t i = 0; i < count; i++) {
        r->keys[i] = (struct sort_key){.expr = col(f, input, cols[i]),
                                       .descending = (flavour >> i & 1) != 0,
                                       .nulls_first = (flavour >> (i + 2) & 1) != 0};
    }
    return r;
}

static const struct rel *ref_plan;
static uint32_t ref_cols;

static int
ref_order(const void *x, const void *y)
{
    const struct datum *a = x, *b = y;
    for (uint32_t k = 0; k < ref_plan->key_count; k++) {
        const struct sort_key *key = &ref_plan->keys[k];
        const struct datum *p = &a[key->expr->column], *q = &b[key->expr->column];
        int order;
        if (p->is_null || q->is_null) {
            order = p->is_null == q->is_null ? 0 : p->is_null == key->nulls_first ? -1 : 1;
        } else {
            order = datum_compare(p, q);
            order = key->descending ? -order : order;
        }
        if (order != 0) {
            return order;
        }
    }
    const int64_t i = a[ref_cols - 1].i, j = b[ref_cols - 1].i; /* row number: stability */
    return i < j ? -1 : i > j;
}

static struct table *
sorted_reference(struct fixture *f, const struct table *t, const struct rel *plan)
{
    struct table *out = rows_between(f, t, 0, t->rows);
    out->cells = arena_copy(&f->arena, t->cells, (size_t)t->rows * t->cols * sizeof *t->cells);
    ref_plan = plan;
    ref_cols = t->cols;
    qsort(out->cells, out->rows, sizeof(struct datum) * t->cols, ref_order);
    return out;
}

/* The last column numbers the rows. */
static struct table *
numbered(struct fixture *f, const char *ddl, uint32_t rows, uint32_t domain)
{
    struct table *t = table_random(f, ddl, rows, domain);
    for (uint32_t i = 0; i < rows; i++) {
        struct datum *last = &t->cells[(size_t)(i + 1) * t->cols - 1];
        last->is_null = false;
        last->i = i;
    }
    return t;
}

static void
sorts_agree_with_a_plain_sort_and_keep_ties_in_order(void **state)
{
    (void)state;
    static const char *const ddls[] = {
        "a INT, b STRING, n LONG", "a DOUBLE, b INT, n LONG", "a STRING, b DECIMAL(30,2), n LONG",
        "a DECIMAL(38,0), b FLOAT, n LONG", "a BOOLEAN, b LONG, n LONG"};
    FOR_THREADS(f)
    {
        for (uint32_t d = 0; d < 5; d++) {
            struct table *t = numbered(f, ddls[d], d == 0 ? 150000 : 700, 40);
            for (uint32_t flavour = 0; flavour < 16; flavour += d == 0 ? 7 : 1) {
                const uint32_t cols[] = {0, 1};
                struct rel *input = plan_table(f, t, 5);
                struct rel *plan = sort_of(f, input, REL_SORT, cols, 2, flavour);
                assert_tables_equal(run(f, plan), sorted_reference(f, t, plan));
            }
        }
    }
}

static void
top_n_is_the_head_of_the_sort(void **state)
{
    (void)state;
    FOR_THREADS(f)
    {
        struct table *t = numbered(f, "a INT, b STRING, n LONG", 60000, 500);
        static const struct {
            int64_t limit, offset;
        } cases[] = {{10, 0}, {10, 5}, {0, 0}, {3000, 100}, {70000, 0}, {5, 59998}};
        for (uint32_t i = 0; i < 6; i++) {
            const uint32_t cols[] = {0, 1};
            struct rel *plan = sort_of(f, plan_table(f, t, 6), REL_TOPN, cols, 2, 5);
            plan->limit = cases[i].limit;
            plan->offset = cases[i].offset;
            struct table *want = sorted_reference(f, t, plan);
            want = rows_between(f, want, (uint32_t)cases[i].offset, (uint32_t)cases[i].limit);
            assert_tables_equal(run(f, plan), want);
        }
    }
}

static struct table *
distinct_reference(struct fixture *f, const struct table *t, uint32_t key_cols)
{
    struct table *out = arena_new(&f->arena, struct table);
    *out = (struct table){.schema = t->schema, .cols = t->cols, .arena = &f->arena};
    for (uint32_t i = 0; i < t->rows; i++) {
        bool seen = false;
        for (uint32_t j = 0; !seen && j < out->rows; j++) {
            seen = true;
            for (uint32_t c = 0; seen && c < key_cols; c++) {
                seen = datum_compare(&t->cells[(size_t)i * t->cols + c],
                                     &out->cells[(size_t)j * t->cols + c]) == 0;
            }
        }
        if (!seen) {
            struct datum *row = table_add(out);
            memcpy(row, &t->cells[(size_t)i * t->cols], t->cols * sizeof *row);
        }
    }
    return out;
}

static void
distinct_keeps_first_appearances_in_order(void **state)
{
    (void)state;
    static const char *const ddls[] = {"a INT", "a STRING, b DOUBLE", "a DOUBLE, b DECIMAL(30,1)",
                                       "a BYTE, b BOOLEAN, c DATE", "a LONG, b STRING, c FLOAT"};
    FOR_THREADS(f)
    {
        for (uint32_t d = 0; d < 5; d++) {
            struct table *t = table_random(f, ddls[d], 3000, 12);
            struct rel *r = rel_new(&f->arena, REL_DISTINCT, 1, plan_table(f, t, 5));
            r->schema = t->schema;
            assert_tables_equal(run(f, r), distinct_reference(f, t, t->cols));
        }
    }
}

static void
distinct_of_many_groups_loses_none(void **state)
{
    (void)state;
    FOR_THREADS(f)
    {
        struct table *t = table_random(f, "a LONG, b INT", 200000, 1000000);
        struct rel *r = rel_new(&f->arena, REL_DISTINCT, 1, plan_table(f, t, 4));
        r->schema = t->schema;
        struct table *got = run(f, r);
        table_sort(t);
        uint32_t want = 0;
        struct table *unique = rows_between(f, t, 0, t->rows);
        for (uint32_t i = 0; i < t->rows; i++) {
            if (i == 0 || row_compare(t, i, t, i - 1) != 0) {
                memmove(&unique->cells[(size_t)want++ * t->cols], &t->cells[(size_t)i * t->cols],
                        t->cols * sizeof(struct datum));
            }
        }
        unique->rows = want;
        assert_same_rows(got, unique);
    }
}

static void
deduplication_keeps_whole_first_rows(void **state)
{
    (void)state;
    FOR_THREADS(f)
    {
        struct table *t = numbered(f, "a INT, b STRING, c DOUBLE, n LONG", 4000, 9);
        struct rel *input = plan_table(f, t, 5);
        struct rel *r = rel_new(&f->arena, REL_DEDUPLICATE, 1, input);
        r->schema = t->schema;
        r->expr_count = 2;
        r->exprs = arena_new_array(&f->arena, struct expr *, 2);
        r->exprs[0] = col(f, input, 1);
        r->exprs[1] = col(f, input, 0);
        assert_tables_equal(run(f, r), distinct_reference(f, t, 2));
    }
}

static void
a_range_counts_up_and_down(void **state)
{
    (void)state;
    FOR_THREADS(f)
    {
        struct rel *r = plan_schema(f, rel_new(&f->arena, REL_RANGE, 0), "id LONG");
        r->start = 10;
        r->end = -3000000;
        r->step = -7;
        r->partitions = 3;
        struct table *t = run(f, r);
        assert_int_equal(t->rows, 428573);
        for (uint32_t i = 0; i < t->rows; i++) {
            assert_int_equal(t->cells[i].i, 10 - 7 * (int64_t)i);
        }
    }
}

static void
a_query_over_its_budget_fails_alone(void **state)
{
    (void)state;
    FOR_THREADS(f)
    {
        struct table *t = table_random(f, "a LONG, b STRING", 50000, 100000);
        const uint32_t cols[] = {1};
        struct rel *plan = sort_of(f, plan_table(f, t, 5), REL_SORT, cols, 1, 0);
        f->budget.limit_bytes = 1 << 20;
        assert_true(run_fails(f, plan));
        assert_int_equal(f->err.kind, ERROR_RESOURCE);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_come_in_the_order_of_their_morsels),
        cmocka_unit_test(a_limit_gives_the_first_rows_at_the_root_and_below),
        cmocka_unit_test(tail_gives_the_last_rows),
        cmocka_unit_test(sorts_agree_with_a_plain_sort_and_keep_ties_in_order),
        cmocka_unit_test(top_n_is_the_head_of_the_sort),
        cmocka_unit_test(distinct_keeps_first_appearances_in_order),
        cmocka_unit_test(distinct_of_many_groups_loses_none),
        cmocka_unit_test(deduplication_keeps_whole_first_rows),
        cmocka_unit_test(a_range_counts_up_and_down),
        cmocka_unit_test(a_query_over_its_budget_fails_alone),
    };
    setenv("WEIR_VERIFY", "1", 1);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    setenv("WEIR_CHAOS", "1", 1);
    failed += cmocka_run_group_tests_name("chaos", tests, NULL, NULL);
    return failed;
}
