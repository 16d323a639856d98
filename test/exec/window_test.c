/* Window functions against loops over each row's frame, with random partitions, ties and nulls. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "fixture.h"

struct ask {
    const char *name;
    enum frame_kind frame;
    int64_t lower, upper; /* NONE = unbounded; 0 = current row */
    bool ordered;
};

#define NONE INT64_MAX

/* Table: p INT (partition), o LONG (order), v LONG, n LONG (row number). */
static const struct ask asks[] = {
    {"row_number", FRAME_ROWS, NONE, 0, true}, {"rank", FRAME_ROWS, NONE, 0, true},
    {"dense_rank", FRAME_ROWS, NONE, 0, true}, {"lag", FRAME_ROWS, NONE, 0, true},
    {"lead", FRAME_ROWS, NONE, 0, true},       {"sum", FRAME_NONE, NONE, 0, true},
    {"sum", FRAME_NONE, NONE, NONE, false},    {"sum", FRAME_ROWS, NONE, 0, true},
    {"sum", FRAME_ROWS, -2, 3, true},          {"max", FRAME_ROWS, 0, NONE, true},
    {"count", FRAME_RANGE, -4, 2, true},       {"sum", FRAME_ROWS, 2, 4, true},
    {"count", FRAME_RANGE, NONE, 3, true},
};
enum { ASKS = sizeof asks / sizeof *asks };

static struct frame_bound
bound(struct fixture *f, int64_t value)
{
    if (value == NONE) {
        return (struct frame_bound){.kind = BOUND_UNBOUNDED};
    }
    if (value == 0) {
        return (struct frame_bound){.kind = BOUND_CURRENT_ROW};
    }
    return (struct frame_bound){.kind = BOUND_VALUE, .value = expr_long_literal(&f->arena, value)};
}

static struct expr *
window_expr(struct fixture *f, const struct rel *input, const struct ask *ask, bool descending)
{
    const struct func_def *def = func_find(ask->name);
    const bool is_agg = def->class == FUNC_AGGREGATE;
    struct expr *fn = expr_new(&f->arena, is_agg ? EXPR_AGG : EXPR_CALL);
    fn->name = def->name;
    fn->args = arena_new_array(&f->arena, struct expr *, 1);
    fn->args[0] = col(f, input, 2);
    fn->arg_count = def->arg_max == 0 ? 0 : 1;
    struct func_bind b = {.def = def,
                          .arena = &f->arena,
                          .session = &f->session,
                          .args = fn->args,
                          .arg_count = fn->arg_count,
                          .cast_to = arena_new_array(&f->arena, const struct type *, 1)};
    assert_true(func_bind(&b, &f->err));
    fn->type = b.type;
    struct expr *e = expr_new(&f->arena, EXPR_WINDOW);
    e->args = arena_new_array(&f->arena, struct expr *, 1);
    e->args[0] = fn;
    e->arg_count = 1;
    e->type = b.type;
    e->nullable = true;
    struct window_spec *w = arena_new(&f->arena, struct window_spec);
    w->partition = arena_new_array(&f->arena, struct expr *, 1);
    w->partition[0] = col(f, input, 0);
    w->partition_count = 1;
    w->order = arena_new_array(&f->arena, struct sort_key, 1);
    w->order[0] = (struct sort_key){
        .expr = col(f, input, 1), .descending = descending, .nulls_first = !descending};
    w->order_count = ask->ordered ? 1 : 0;
    w->frame = ask->frame;
    w->lower = bound(f, ask->lower);
    w->upper = bound(f, ask->upper);
    e->window = w;
    return e;
}

static struct rel *
window_plan(struct fixture *f, struct rel *input, bool descending)
{
    struct rel *r = rel_new(&f->arena, REL_WINDOW, 1, input);
    const uint32_t base = input->schema->field_count;
    struct type_field *fields = arena_new_array(&f->arena, struct type_field, base + ASKS);
    memcpy(fields, input->schema->fields, base * sizeof *fields);
    r->exprs = arena_new_array(&f->arena, struct expr *, ASKS);
    r->expr_count = ASKS;
    for (uint32_t i = 0; i < ASKS; i++) {
        r->exprs[i] = window_expr(f, input, &asks[i], descending);
        fields[base + i] = (struct type_field){asks[i].name, r->exprs[i]->type, true, NULL};
    }
    r->schema = type_struct(&f->arena, fields, base + ASKS);
    return r;
}

static bool order_descending;

static int
order_of(const struct datum *x, const struct datum *y)
{
    if (x->is_null || y->is_null) {
        const int nulls = (int)y->is_null - (int)x->is_null;
        return order_descending ? -nulls : nulls;
    }
    const int order = datum_compare(x, y);
    return order_descending ? -order : order;
}

static int
reference_order(const void *x, const void *y)
{
    const struct datum *a = x, *b = y;
    const int part = datum_compare(&a[0], &b[0]);
    const int order = part != 0 ? part : order_of(&a[1], &b[1]);
    return order != 0 ? order : a[3].i < b[3].i ? -1 : a[3].i > b[3].i;
}

/* Is row j in row i's frame? Both of one partition [begin, end). */
static bool
in_frame(const struct table *t, const struct ask *ask, uint32_t i, uint32_t j)
{
    if (!ask->ordered) {
        return true;
    }
    if (ask->frame == FRAME_ROWS) {
        const int64_t off = (int64_t)j - i;
        return (ask->lower == NONE || off >= ask->lower) &&
               (ask->upper == NONE || off <= ask->upper);
    }
    const struct datum *x = &t->cells[(size_t)i * t->cols + 1],
                       *y = &t->cells[(size_t)j * t->cols + 1];
    if (ask->frame == FRAME_NONE) {
        return order_of(y, x) <= 0;
    }
    if (x->is_null || y->is_null) {
        const bool before = order_of(y, x) < 0;
        return x->is_null == y->is_null || (ask->lower == NONE && before && ask->upper != NONE);
    }
    const int64_t off = order_descending ? x->i - y->i : y->i - x->i;
    return (ask->lower == NONE || off >= ask->lower) && (ask->upper == NONE || off <= ask->upper);
}

static void
reference_value(const struct table *t, const struct ask *ask, uint32_t begin, uint32_t end,
                uint32_t i, struct datum *out)
{
    const char *name = ask->name;
    int64_t count = 0, sum = 0, max = INT64_MIN, less = 0, groups = 0;
    for (uint32_t j = begin; j < end; j++) {
        const struct datum *row = &t->cells[(size_t)j * t->cols];
        const struct datum *me = &t->cells[(size_t)i * t->cols];
        less += order_of(&row[1], &me[1]) < 0;
        groups += j <= i && (j == begin || order_of(&row[1], &row[1 - (int)t->cols]) != 0);
        if (in_frame(t, ask, i, j) && !row[2].is_null) {
            count++;
            sum += row[2].i;
            max = row[2].i > max ? row[2].i : max;
        }
    }
    out->is_null = false;
    if (strcmp(name, "row_number") == 0) {
        out->i = i - begin + 1;
    } else if (strcmp(name, "rank") == 0) {
        out->i = less + 1;
    } else if (strcmp(name, "dense_rank") == 0) {
        out->i = groups;
    } else if (strcmp(name, "lag") == 0 || strcmp(name, "lead") == 0) {
        const int64_t at = (int64_t)i + (name[1] == 'a' ? -1 : 1);
        const bool there = at >= begin && at < end;
        *out = there ? t->cells[(size_t)at * t->cols + 2] : (struct datum){.is_null = true};
    } else if (strcmp(name, "count") == 0) {
        out->i = count;
    } else {
        out->is_null = count == 0;
        out->i = name[0] == 's' ? sum : max;
    }
}

static struct table *
reference(struct fixture *f, struct table *t, const struct rel *plan)
{
    struct table *out = arena_new(&f->arena, struct table);
    *out = (struct table){.schema = plan->schema, .cols = t->cols + ASKS, .arena = &f->arena};
    qsort(t->cells, t->rows, t->cols * sizeof(struct datum), reference_order);
    for (uint32_t begin = 0, end; begin < t->rows; begin = end) {
        end = begin + 1;
        while (end < t->rows && datum_compare(&t->cells[(size_t)begin * t->cols],
                                              &t->cells[(size_t)end * t->cols]) == 0) {
            end++;
        }
        for (uint32_t i = begin; i < end; i++) {
            struct datum *row = table_add(out);
            memcpy(row, &t->cells[(size_t)i * t->cols], t->cols * sizeof *row);
            for (uint32_t k = 0; k < ASKS; k++) {
                reference_value(t, &asks[k], begin, end, i, &row[t->cols + k]);
                row[t->cols + k].type = plan->schema->fields[t->cols + k].type;
            }
        }
    }
    return out;
}

static void
functions_agree_with_loops_over_their_frames(void **state)
{
    (void)state;
    for (uint32_t pass = 0; pass < 8; pass++) {
        struct fixture f;
        fixture_init(&f, pass % 2 == 0 ? 1 : 4, pass);
        struct table *t =
            table_random(&f, "p INT, o LONG, v LONG, n LONG", pass < 6 ? 300 : 3000, 20);
        for (uint32_t i = 0; i < t->rows; i++) {
            struct datum *row = &t->cells[(size_t)i * t->cols];
            row[3].is_null = false;
            row[3].i = i;
            if (pass == 3) {
                row[0].is_null = true; /* one partition */
            }
            if (pass >= 6) {
                row[0].is_null = false;
                row[0].i = i / 11;
            }
        }
        order_descending = pass % 4 >= 2;
        struct rel *plan = window_plan(&f, plan_table(&f, t, 4), order_descending);
        struct table *got = run(&f, plan);
        assert_tables_equal(got, reference(&f, t, plan));
        fixture_release(&f);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(functions_agree_with_loops_over_their_frames),
    };
    setenv("WEIR_VERIFY", "1", 1);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    setenv("WEIR_CHAOS", "1", 1);
    failed += cmocka_run_group_tests_name("chaos", tests, NULL, NULL);
    return failed;
}
