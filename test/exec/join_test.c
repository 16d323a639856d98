/* Every kind of join against two nested loops: nulls, duplicates, several keys, residuals, no keys;
 * with one thread and several, plain and with the chaos switch. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "fixture.h"

static struct expr *
binary(struct fixture *f, const char *name, struct expr *x, struct expr *y)
{
    struct expr *e = expr_call(&f->arena, func_find(name)->name, 2, x, y);
    e->type = type_scalar(TYPE_BOOLEAN);
    e->nullable = true;
    return e;
}

/* A condition as data, so that the reference does not share code with the engine. */
struct term {
    const char *op; /* "=", "<=>", "<" over left column x and right column y */
    uint32_t x, y;
};

enum truth { NO, YES, UNKNOWN };

static enum truth
term_truth(const struct term *t, const struct datum *left, const struct datum *right)
{
    const struct datum *p = &left[t->x], *q = &right[t->y];
    if (strcmp(t->op, "<=>") == 0) {
        return p->is_null || q->is_null ? (p->is_null && q->is_null ? YES : NO)
                                        : (datum_compare(p, q) == 0 ? YES : NO);
    }
    if (p->is_null || q->is_null) {
        return UNKNOWN;
    }
    const int order = datum_compare(p, q);
    return (t->op[0] == '=' ? order == 0 : order < 0) ? YES : NO;
}

static enum truth
terms_truth(const struct term *terms, uint32_t count, const struct datum *l, const struct datum *r)
{
    enum truth all = YES;
    for (uint32_t i = 0; i < count; i++) {
        const enum truth one = term_truth(&terms[i], l, r);
        all = one == NO || all == NO ? NO : one == UNKNOWN || all == UNKNOWN ? UNKNOWN : YES;
    }
    return all;
}

static const struct type *
joined_schema(struct fixture *f, const struct type *l, const struct type *r, enum join_type type)
{
    struct type_field *fields =
        arena_new_array(&f->arena, struct type_field, l->field_count + r->field_count + 1);
    memcpy(fields, l->fields, l->field_count * sizeof *fields);
    uint32_t n = l->field_count;
    if (type == JOIN_MARK) {
        fields[n++] = (struct type_field){"mark", type_scalar(TYPE_BOOLEAN), true, NULL};
    } else if (type != JOIN_SEMI && type != JOIN_ANTI) {
        memcpy(fields + n, r->fields, r->field_count * sizeof *fields);
        n += r->field_count;
    }
    return type_struct(&f->arena, fields, n);
}

static void
reference_add(struct table *out, const struct datum *l, uint32_t ln, const struct datum *r,
              uint32_t rn)
{
    struct datum *row = table_add(out);
    if (l != NULL) {
        memcpy(row, l, ln * sizeof *row);
    }
    if (r != NULL) {
        memcpy(row + ln, r, rn * sizeof *row);
    }
}

/* *too_many: a SINGLE join met a second partner. */
static struct table *
reference(struct fixture *f, const struct table *l, const struct table *r, enum join_type type,
          const struct term *terms, uint32_t count, bool *too_many)
{
    struct table *out = arena_new(&f->arena, struct table);
    *out =
        (struct table){.schema = joined_schema(f, l->schema, r->schema, type), .arena = &f->arena};
    out->cols = out->schema->field_count;
    bool *met = arena_new_array(&f->arena, bool, r->rows + 1);
    const bool pairs = type != JOIN_SEMI && type != JOIN_ANTI && type != JOIN_MARK;
    for (uint32_t i = 0; i < l->rows; i++) {
        const struct datum *lr = l->cells + (size_t)i * l->cols;
        uint32_t partners = 0, unknown = 0;
        for (uint32_t k = 0; k < r->rows; k++) {
            const struct datum *rr = r->cells + (size_t)k * r->cols;
            const enum truth truth = terms_truth(terms, count, lr, rr);
            unknown += truth == UNKNOWN;
            if (truth == YES) {
                partners++;
                met[k] = true;
                if (pairs) {
                    reference_add(out, lr, l->cols, rr, r->cols);
                }
            }
        }
        *too_many |= type == JOIN_SINGLE && partners > 1;
        const bool left_only = type == JOIN_LEFT || type == JOIN_FULL || type == JOIN_SINGLE;
        if ((partners == 0 && left_only) || (partners == 0 && type == JOIN_ANTI) ||
            (partners > 0 && type == JOIN_SEMI)) {
            reference_add(out, lr, l->cols, NULL, 0);
        } else if (type == JOIN_MARK) {
            const struct datum mark = {.type = type_scalar(TYPE_BOOLEAN),
                                       .is_null = partners == 0 && unknown > 0,
                                       .b = partners > 0};
            reference_add(out, lr, l->cols, &mark, 1);
        }
    }
    for (uint32_t k = 0; (type == JOIN_RIGHT || type == JOIN_FULL) && k < r->rows; k++) {
        if (!met[k]) {
            reference_add(out, NULL, l->cols, r->cells + (size_t)k * r->cols, r->cols);
        }
    }
    return out;
}

static struct rel *
join_plan(struct fixture *f, struct rel *l, struct rel *r, enum join_type type,
          const struct term *terms, uint32_t count)
{
    struct rel *j = rel_new(&f->arena, REL_JOIN, 2, l, r);
    j->join_type = type;
    j->schema = joined_schema(f, l->schema, r->schema, type);
    for (uint32_t i = 0; i < count; i++) {
        struct expr *right = col(f, r, terms[i].y);
        right->column += l->schema->field_count;
        struct expr *e = binary(f, terms[i].op, col(f, l, terms[i].x), right);
        j->condition = expr_and(&f->arena, j->condition, e);
    }
    return j;
}

static const enum join_type all_types[] = {JOIN_INNER, JOIN_LEFT, JOIN_RIGHT, JOIN_FULL,
                                           JOIN_SEMI,  JOIN_ANTI, JOIN_MARK,  JOIN_SINGLE};

static void
check_join(struct fixture *f, const struct table *l, const struct table *r,
           const struct term *terms, uint32_t count, bool build_left)
{
    struct rel *lp = plan_table(f, l, 4), *rp = plan_table(f, r, 3);
    lp->row_estimate = 10; /* says which side SEMI and ANTI build */
    rp->row_estimate = build_left ? 1000 : 10;
    for (uint32_t t = 0; t < sizeof all_types / sizeof *all_types; t++) {
        bool too_many = false;
        struct table *want = reference(f, l, r, all_types[t], terms, count, &too_many);
        struct rel *plan = join_plan(f, lp, rp, all_types[t], terms, count);
        if (too_many) {
            assert_true(run_fails(f, plan));
            assert_string_equal(f->err.condition, "SCALAR_SUBQUERY_TOO_MANY_ROWS");
            error_clear(&f->err);
        } else {
            assert_same_rows(run(f, plan), want);
        }
    }
}

#define SCHEMA "a INT, b STRING, c DOUBLE, d DECIMAL(30,2), e LONG"

static void
check_terms(const struct term *terms, uint32_t count, uint32_t domain)
{
    for (uint32_t threads = 1; threads <= 4; threads += 3) {
        struct fixture f;
        fixture_init(&f, threads, domain);
        struct table *l = table_random(&f, SCHEMA, 300, domain);
        struct table *r = table_random(&f, SCHEMA, 200, domain);
        struct table *none = table_random(&f, SCHEMA, 0, domain);
        for (int build_left = 0; build_left < 2; build_left++) {
            check_join(&f, l, r, terms, count, build_left != 0);
            check_join(&f, l, none, terms, count, build_left != 0);
            check_join(&f, none, r, terms, count, build_left != 0);
        }
        fixture_release(&f);
    }
}

static void
one_key_of_each_type(void **state)
{
    (void)state;
    for (uint32_t c = 0; c < 5; c++) {
        check_terms(&(struct term){"=", c, c}, 1, 40);
        check_terms(&(struct term){"=", c, c}, 1, 2000);
    }
}

static void
null_safe_keys_match_nulls(void **state)
{
    (void)state;
    for (uint32_t c = 0; c < 5; c++) {
        check_terms(&(struct term){"<=>", c, c}, 1, 40);
    }
}

static void
several_keys_and_a_residual(void **state)
{
    (void)state;
    check_terms((struct term[]){{"=", 0, 0}, {"=", 1, 1}}, 2, 6);
    check_terms((struct term[]){{"=", 0, 0}, {"<=>", 2, 2}}, 2, 6);
    check_terms((struct term[]){{"=", 1, 1}, {"<", 4, 4}}, 2, 12);
    check_terms((struct term[]){{"=", 0, 0}, {"<", 3, 3}, {"<", 2, 2}}, 3, 12);
}

static void
no_keys_at_all(void **state)
{
    (void)state;
    check_terms((struct term[]){{"<", 4, 4}}, 1, 300);
    check_terms(NULL, 0, 30);
}

static void
unique_keys_take_the_dense_map_and_order_is_the_probe_sides(void **state)
{
    (void)state;
    struct fixture f;
    fixture_init(&f, 4, 3);
    struct table *l = table_random(&f, "a INT, b STRING", 9000, 5000);
    struct table *r = table_new(&f, "k INT, v STRING");
    for (uint32_t i = 0; i < 2000; i++) {
        struct datum *row = table_add(r);
        row[0].is_null = row[1].is_null = false;
        row[0].i = (int64_t)i - 1000;
        row[1].str = view_make(arena_printf(&f.arena, "value %u of many", i), 15);
    }
    const struct term term = {"=", 0, 0};
    bool unused = false;
    struct table *want = reference(&f, l, r, JOIN_INNER, &term, 1, &unused);
    struct rel *plan =
        join_plan(&f, plan_table(&f, l, 5), plan_table(&f, r, 2), JOIN_INNER, &term, 1);
    assert_tables_equal(run(&f, plan), want);
    fixture_release(&f);
}

static void
many_rows_survive_partitioned_builds(void **state)
{
    (void)state;
    struct fixture f;
    fixture_init(&f, 4, 11);
    struct table *l = table_random(&f, "a LONG, b STRING", 150000, 100000);
    struct table *r = table_random(&f, "a LONG, b STRING", 140000, 100000);
    const struct term terms[] = {{"=", 0, 0}, {"=", 1, 1}};
    for (uint32_t count = 1; count <= 2; count++) {
        /* Semi and anti together are the left side, and every semi row has its key on the right. */
        struct rel *lp = plan_table(&f, l, 4), *rp = plan_table(&f, r, 4);
        const struct table *semi = run(&f, join_plan(&f, lp, rp, JOIN_SEMI, terms, count));
        const struct table *anti = run(&f, join_plan(&f, lp, rp, JOIN_ANTI, terms, count));
        const struct table *inner = run(&f, join_plan(&f, lp, rp, JOIN_INNER, terms, count));
        const struct table *full = run(&f, join_plan(&f, lp, rp, JOIN_FULL, terms, count));
        const struct table *mirror = run(&f, join_plan(&f, rp, lp, JOIN_SEMI, terms, count));
        const struct table *swapped = run(&f, join_plan(&f, rp, lp, JOIN_INNER, terms, count));
        assert_int_equal(semi->rows + anti->rows, l->rows);
        assert_int_equal(full->rows, inner->rows + anti->rows + r->rows - mirror->rows);
        assert_int_equal(inner->rows, swapped->rows);
        assert_true(inner->rows > semi->rows || count == 2);
        for (uint32_t i = 0; i < inner->rows; i++) {
            const struct datum *row = inner->cells + (size_t)i * 4;
            assert_int_equal(datum_compare(&row[0], &row[2]), 0);
            assert_false(row[0].is_null);
        }
    }
    fixture_release(&f);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_key_of_each_type),
        cmocka_unit_test(null_safe_keys_match_nulls),
        cmocka_unit_test(several_keys_and_a_residual),
        cmocka_unit_test(no_keys_at_all),
        cmocka_unit_test(unique_keys_take_the_dense_map_and_order_is_the_probe_sides),
        cmocka_unit_test(many_rows_survive_partitioned_builds),
    };
    setenv("WEIR_VERIFY", "1", 1);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    setenv("WEIR_CHAOS", "1", 1);
    failed += cmocka_run_group_tests_name("chaos", tests, NULL, NULL);
    return failed;
}
