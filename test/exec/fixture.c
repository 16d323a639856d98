/* Random tables, Arrow-fed plans, results as datums. */
#include "fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "format/arrow.h"

void
fixture_init(struct fixture *f, uint32_t threads, uint64_t seed)
{
    *f = (struct fixture){.threads = threads, .seed = seed};
    budget_init(&f->budget, "test", 0, NULL);
    arena_init(&f->arena, NULL);
    f->session = (struct func_session){.ansi = true, .zone = "UTC"};
}

void
fixture_release(struct fixture *f)
{
    error_clear(&f->err);
    assert_int_equal(atomic_load(&f->budget.used_bytes), 0); /* nothing outlives exec_run */
    arena_release(&f->arena);
}

uint32_t
roll(struct fixture *f, uint32_t below)
{
    f->seed = f->seed * UINT64_C(6364136223846793005) + 1442695040888963407;
    return (uint32_t)(f->seed >> 33) % below;
}

static struct table *
table_of(struct fixture *f, const struct type *schema)
{
    struct table *t = arena_new(&f->arena, struct table);
    t->schema = schema;
    t->cols = schema->field_count;
    t->arena = &f->arena;
    return t;
}

struct table *
table_new(struct fixture *f, const char *ddl)
{
    const struct type *schema = type_parse_schema(&f->arena, ddl, strlen(ddl), &f->err);
    assert_non_null(schema);
    return table_of(f, schema);
}

struct datum *
table_add(struct table *t)
{
    if (t->rows == t->capacity) {
        const uint32_t capacity = t->capacity == 0 ? 64 : t->capacity * 2;
        struct datum *cells = arena_new_array(t->arena, struct datum, (size_t)capacity * t->cols);
        if (t->rows > 0) {
            memcpy(cells, t->cells, (size_t)t->rows * t->cols * sizeof *cells);
        }
        t->cells = cells;
        t->capacity = capacity;
    }
    struct datum *row = t->cells + (size_t)t->rows++ * t->cols;
    for (uint32_t c = 0; c < t->cols; c++) {
        row[c] = (struct datum){.type = t->schema->fields[c].type, .is_null = true};
    }
    return row;
}

static void
datum_roll(struct fixture *f, struct datum *d, uint32_t domain)
{
    if (roll(f, 8) == 0) {
        return;
    }
    d->is_null = false;
    const uint32_t x = roll(f, domain);
    switch (d->type->id) {
    case TYPE_BOOLEAN:
        d->b = x % 2 == 1;
        break;
    case TYPE_STRING: {
        const char *text =
            arena_printf(&f->arena, "%s%u", x % 3 == 0 ? "a longer string " : "s", x);
        d->str = view_make(text, strlen(text));
        break;
    }
    case TYPE_FLOAT:
    case TYPE_DOUBLE:
        d->f = x == 0 ? 0.0 / 0.0 : x == 1 ? -0.0 : x == 2 ? 0.0 : (double)x - domain / 2;
        break;
    case TYPE_DECIMAL:
        if (d->type->precision > DECIMAL_I64_PRECISION_MAX) {
            d->wide = ((i128)x - domain / 2) * INT64_MAX;
            break;
        }
        /* fallthrough */
    default:
        d->i = (int64_t)x - domain / 2;
        break;
    }
}

struct table *
table_random(struct fixture *f, const char *ddl, uint32_t rows, uint32_t domain)
{
    struct table *t = table_new(f, ddl);
    for (uint32_t i = 0; i < rows; i++) {
        struct datum *row = table_add(t);
        for (uint32_t c = 0; c < t->cols; c++) {
            datum_roll(f, &row[c], domain);
        }
    }
    return t;
}

/* Rows [from, to) as an Arrow stream. */
static struct rel *
plan_piece(struct fixture *f, const struct table *t, uint32_t from, uint32_t to)
{
    struct buffer out = {0};
    arrow_put_schema(&out, t->schema, "UTC");
    struct arrow_batch *batch = arrow_batch_new(t->schema, &f->budget);
    for (uint32_t at = from; at < to; at += VEC_ROWS) {
        const uint32_t n = to - at < VEC_ROWS ? to - at : VEC_ROWS;
        struct chunk c;
        chunk_init(&c, &f->arena, t->schema, n);
        for (uint32_t i = 0; i < n; i++) {
            for (uint32_t k = 0; k < t->cols; k++) {
                vec_set_datum(&c.cols[k], &f->arena, i, &t->cells[(size_t)(at + i) * t->cols + k]);
            }
        }
        assert_true(arrow_batch_add(batch, &c, &f->err));
    }
    arrow_batch_put(batch, &out);
    arrow_batch_free(batch);
    arrow_put_end(&out);
    struct rel *r = rel_new(&f->arena, REL_LOCAL, 0);
    r->schema = t->schema;
    r->data = arena_copy(&f->arena, out.ptr, out.len);
    r->data_len = out.len;
    buffer_release(&out);
    return r;
}

struct rel *
plan_table(struct fixture *f, const struct table *t, uint32_t pieces)
{
    if (pieces <= 1) {
        return plan_piece(f, t, 0, t->rows);
    }
    struct rel *u = rel_new(&f->arena, REL_UNION, 0);
    u->inputs = arena_new_array(&f->arena, struct rel *, pieces);
    u->input_count = pieces;
    u->schema = t->schema;
    for (uint32_t i = 0; i < pieces; i++) {
        const uint32_t from = (uint32_t)((uint64_t)t->rows * i / pieces);
        const uint32_t to = (uint32_t)((uint64_t)t->rows * (i + 1) / pieces);
        u->inputs[i] = plan_piece(f, t, from, to);
    }
    return u;
}

struct expr *
col(struct fixture *f, const struct rel *input, uint32_t i)
{
    return expr_column(&f->arena, i, input->schema->fields[i].type, true);
}

struct rel *
plan_schema(struct fixture *f, struct rel *r, const char *ddl)
{
    r->schema = type_parse_schema(&f->arena, ddl, strlen(ddl), &f->err);
    assert_non_null(r->schema);
    return r;
}

static bool
collect(void *ctx, const struct chunk *c, struct error *err)
{
    (void)err;
    struct table *t = ctx;
    for (uint32_t k = 0; k < c->sel_n; k++) {
        struct datum *row = table_add(t);
        for (uint32_t i = 0; i < t->cols; i++) {
            const struct datum d = vec_datum(&c->cols[i], chunk_row(c, k), t->arena);
            row[i] = datum_copy(t->arena, &d);
            row[i].type = t->schema->fields[i].type; /* the chunk's was borrowed */
        }
    }
    return true;
}

static bool
run_into(struct fixture *f, const struct rel *plan, struct table *t)
{
    struct exec_context ctx = {
        .budget = &f->budget, .env = &env_real, .session = &f->session, .threads = f->threads};
    const struct exec_sink sink = {collect, t};
    return exec_run(plan, &ctx, &sink, &f->err);
}

struct table *
run(struct fixture *f, const struct rel *plan)
{
    struct table *t = table_of(f, plan->schema);
    if (!run_into(f, plan, t)) {
        fail_msg("%s", error_text(&f->err));
    }
    return t;
}

bool
run_fails(struct fixture *f, const struct rel *plan)
{
    return !run_into(f, plan, table_of(f, plan->schema));
}

int
row_compare(const struct table *t, uint32_t i, const struct table *u, uint32_t j)
{
    for (uint32_t c = 0; c < t->cols; c++) {
        const int order =
            datum_compare(&t->cells[(size_t)i * t->cols + c], &u->cells[(size_t)j * u->cols + c]);
        if (order != 0) {
            return order;
        }
    }
    return 0;
}

static uint32_t sorting_cols;

static int
cells_order(const void *x, const void *y)
{
    const struct datum *a = x, *b = y;
    for (uint32_t c = 0; c < sorting_cols; c++) {
        const int order = datum_compare(&a[c], &b[c]);
        if (order != 0) {
            return order;
        }
    }
    return 0;
}

void
table_sort(struct table *t)
{
    sorting_cols = t->cols;
    if (t->rows > 0) {
        qsort(t->cells, t->rows, sizeof(struct datum) * t->cols, cells_order);
    }
}

static void
table_print_row(const struct table *t, uint32_t i)
{
    for (uint32_t c = 0; c < t->cols; c++) {
        const struct datum *d = &t->cells[(size_t)i * t->cols + c];
        const enum phys p = phys_of(d->type);
        if (d->is_null) {
            print_error("null ");
        } else if (p == PHYS_VIEW) {
            print_error("'%.*s' ", (int)d->str.len, view_ptr(&d->str));
        } else if (p == PHYS_F32 || p == PHYS_F64) {
            print_error("%g ", d->f);
        } else {
            print_error("%lld ", (long long)(p == PHYS_I128 ? (int64_t)d->wide : d->i));
        }
    }
    print_error("\n");
}

void
assert_tables_equal(const struct table *got, const struct table *want)
{
    assert_int_equal(got->cols, want->cols);
    assert_int_equal(got->rows, want->rows);
    for (uint32_t i = 0; i < got->rows; i++) {
        if (row_compare(got, i, want, i) != 0) {
            table_print_row(got, i);
            table_print_row(want, i);
            fail_msg("row %u of %u differs", i, got->rows);
        }
    }
}

void
assert_same_rows(struct table *got, struct table *want)
{
    table_sort(got);
    table_sort(want);
    assert_tables_equal(got, want);
}
