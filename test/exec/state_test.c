/* Kept aggregates over batches: what is emitted in each mode, what is late, what is evicted, and
 * that a batch run again changes nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "fixture.h"

static struct expr *
sum_of(struct fixture *f, struct expr *arg)
{
    struct expr *e = expr_new(&f->arena, EXPR_AGG);
    e->name = "sum";
    e->args = arena_new_array(&f->arena, struct expr *, 1);
    e->args[0] = arg;
    e->arg_count = 1;
    e->type = type_scalar(TYPE_LONG);
    e->nullable = true;
    return e;
}

struct batch_row {
    int64_t time, value;
};

static char dir[] = "/tmp/weir_state_XXXXXX";

/* sum(v) by time over one batch. */
static struct table *
batch(struct fixture *f, int64_t version, enum output_mode mode, int64_t watermark,
      const struct batch_row *rows, uint32_t count)
{
    struct table *t = table_new(f, "time TIMESTAMP, v LONG");
    for (uint32_t i = 0; i < count; i++) {
        struct datum *row = table_add(t);
        row[0].is_null = row[1].is_null = false;
        row[0].i = rows[i].time;
        row[1].i = rows[i].value;
    }
    struct rel *input = plan_table(f, t, count > 1 ? 2 : 1);
    struct rel *r = rel_new(&f->arena, REL_STATE_AGGREGATE, 1, input);
    r->exprs = arena_new_array(&f->arena, struct expr *, 2);
    r->exprs[0] = col(f, input, 0);
    r->exprs[1] = sum_of(f, col(f, input, 1));
    r->expr_count = 2;
    r->group_count = 1;
    plan_schema(f, r, "time TIMESTAMP, s LONG");
    r->stream = arena_new(&f->arena, struct stream_state_spec);
    *r->stream = (struct stream_state_spec){.dir = dir,
                                            .version = version,
                                            .watermark_micros = watermark,
                                            .watermark_evict_micros = watermark,
                                            .mode = mode,
                                            .event_column = 0};
    return run(f, r);
}

static void
assert_rows(const struct table *got, const struct batch_row *want, uint32_t count)
{
    assert_int_equal(got->rows, count);
    for (uint32_t i = 0; i < count; i++) {
        assert_int_equal(got->cells[(size_t)i * 2].i, want[i].time);
        assert_int_equal(got->cells[(size_t)i * 2 + 1].i, want[i].value);
    }
}

#define ROWS(...)                                                                                  \
    ((const struct batch_row[]){__VA_ARGS__}),                                                     \
        sizeof((const struct batch_row[]){__VA_ARGS__}) / sizeof(struct batch_row)

static void
update_emits_what_the_batch_met(void **state)
{
    (void)state;
    struct fixture f;
    fixture_init(&f, 2, 1);
    const int64_t none = INT64_MIN;
    assert_rows(batch(&f, 0, OUTPUT_UPDATE, none, ROWS({20, 1}, {10, 2}, {20, 3})),
                ROWS({10, 2}, {20, 4}));
    assert_rows(batch(&f, 1, OUTPUT_UPDATE, none, ROWS({20, 5}, {30, 1})), ROWS({20, 9}, {30, 1}));
    /* Batch 1 again, as after a crash: the same rows from the same state. */
    assert_rows(batch(&f, 1, OUTPUT_UPDATE, none, ROWS({30, 1}, {20, 5})), ROWS({20, 9}, {30, 1}));
    assert_rows(batch(&f, 2, OUTPUT_COMPLETE, none, ROWS({10, 1})),
                ROWS({10, 3}, {20, 9}, {30, 1}));
    fixture_release(&f);
}

static void
append_emits_closed_groups_once_and_drops_late_rows(void **state)
{
    (void)state;
    struct fixture f;
    fixture_init(&f, 2, 1);
    assert_rows(batch(&f, 0, OUTPUT_APPEND, INT64_MIN, ROWS({10, 1}, {20, 2}, {40, 4})), NULL, 0);
    assert_rows(batch(&f, 1, OUTPUT_APPEND, 20, ROWS({15, 100}, {30, 3})),
                ROWS({10, 1}, {20, 2})); /* 15 is late */
    assert_rows(batch(&f, 2, OUTPUT_APPEND, 35, ROWS({40, 1})), ROWS({30, 3}));
    assert_rows(batch(&f, 3, OUTPUT_APPEND, 50, ROWS({60, 1})), ROWS({40, 5}));
    fixture_release(&f);
}

static void
a_damaged_state_is_refused(void **state)
{
    (void)state;
    struct fixture f;
    fixture_init(&f, 1, 1);
    batch(&f, 0, OUTPUT_UPDATE, INT64_MIN, ROWS({10, 1}));
    uint8_t *bytes;
    size_t len;
    const char *path = arena_printf(&f.arena, "%s/0.state", dir);
    assert_true(env_read_file(&env_real, path, 1 << 20, &bytes, &len, &f.err));
    bytes[len / 2] ^= 1;
    assert_true(env_write_file_atomic(&env_real, path, bytes, len, &f.err));
    free(bytes);
    struct rel *r = rel_new(&f.arena, REL_STATE_AGGREGATE, 1,
                            plan_table(&f, table_new(&f, "time TIMESTAMP, v LONG"), 1));
    r->exprs = arena_new_array(&f.arena, struct expr *, 1);
    r->exprs[0] = col(&f, r->inputs[0], 0);
    r->expr_count = r->group_count = 1;
    plan_schema(&f, r, "time TIMESTAMP");
    r->stream = arena_new(&f.arena, struct stream_state_spec);
    *r->stream = (struct stream_state_spec){.dir = dir, .version = 1, .event_column = -1};
    assert_true(run_fails(&f, r));
    assert_non_null(strstr(error_text(&f.err), "checksum"));
    fixture_release(&f);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(update_emits_what_the_batch_met),
        cmocka_unit_test(append_emits_closed_groups_once_and_drops_late_rows),
        cmocka_unit_test(a_damaged_state_is_refused),
    };
    if (mkdtemp(dir) == NULL) {
        return 1;
    }
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    struct error err = {0};
    env_remove_tree(&env_real, dir, &err);
    error_clear(&err);
    return failed;
}
