/*
 * Plans, values and vectors as bytes: what is written comes back, and what is not whole is refused.
 *
 * The plan of these tests sets every field that has a place in the serial form; a field that the
 * form forgets shows as a difference between what went in and what came out.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"
#include "base/reader.h"
#include "tree/serial.h"
#include "vec/verify.h"

static struct arena arena;

static int
setup(void **state)
{
    arena_init(&arena, NULL);
    return 0;
}

static int
teardown(void **state)
{
    arena_release(&arena);
    return 0;
}

static const struct type *
type_of(const char *ddl)
{
    struct error err = {0};
    const struct type *t = type_parse(&arena, ddl, strlen(ddl), &err);
    assert_non_null(t);
    return t;
}

static const char **
texts(uint32_t *count)
{
    const char **list = arena_new_array(&arena, const char *, 3);
    list[0] = "first";
    list[1] = "";
    list[2] = NULL;
    *count = 3;
    return list;
}

static struct options
some_options(void)
{
    struct option *items = arena_new_array(&arena, struct option, 2);
    items[0] = (struct option){"header", "true"};
    items[1] = (struct option){"nullValue", NULL};
    return (struct options){items, 2};
}

static struct udf *
some_udf(void)
{
    struct udf *u = arena_new(&arena, struct udf);
    u->eval_type = 200;
    u->command = (const uint8_t *)"\x80\x05\x00pickled";
    u->command_len = 10;
    u->python_version = "3.11";
    u->python_path = "/usr/bin/python3";
    u->deterministic = true;
    u->return_type = type_of("array<int>");
    u->return_ddl = "array<int>";
    u->includes = texts(&u->include_count);
    return u;
}

/* A rel or expr goes through its bytes; the second writing must give the same bytes. */
static struct rel *
through(const struct rel *r)
{
    struct buffer b = {0}, again = {0};
    rel_write(&b, r);
    assert_false(b.overflow);
    uint8_t *kept = arena_copy(&arena, b.ptr, b.len);
    struct reader in;
    reader_init(&in, (struct bytes){kept, b.len});
    struct error err = {0};
    struct rel *out = rel_read(&arena, &in, &err);
    if (out == NULL) {
        fail_msg("%s", error_text(&err));
    }
    assert_int_equal(reader_left(&in), 0);
    rel_write(&again, out);
    assert_int_equal(again.len, b.len);
    assert_memory_equal(again.ptr, b.ptr, b.len);
    buffer_release(&b);
    buffer_release(&again);
    return out;
}

static struct expr *
through_expr(struct expr *e)
{
    struct rel *r = rel_new(&arena, REL_FILTER, 0);
    r->condition = e;
    return through(r)->condition;
}

static void
every_field_of_an_expression_comes_back(void **state)
{
    struct expr *e = expr_new(&arena, EXPR_AGG);
    e->nullable = e->outer = e->nulls_first = e->ignore_nulls = e->implicit = true;
    e->cast_mode = CAST_TRY;
    e->subquery_kind = SUBQUERY_IN;
    e->spelling = SPELL_TYPED_LITERAL;
    e->depth = 65535;
    e->column = UINT32_MAX;
    e->type = type_of("struct<a:decimal(38,10),b:map<string,array<interval day to second>>>");
    e->type_text = "INT";
    e->name = "na\xc3\xafve";
    e->names = texts(&e->name_count);
    e->metadata = "{\"k\":1}";
    struct expr *args[] = {expr_int_literal(&arena, -7), NULL};
    e->args = args;
    e->arg_count = 2;
    e->filter = expr_bool_literal(&arena, true);
    e->udf = some_udf();
    e->subquery = rel_new(&arena, REL_EMPTY, 0);
    e->plan_id = INT64_MIN;
    e->start = -1;
    e->stop = INT32_MAX;
    e->call_site = "job.py:3";

    const struct expr *x = through_expr(e);
    assert_int_equal(x->kind, EXPR_AGG);
    assert_true(x->nullable && x->outer && x->nulls_first && x->ignore_nulls && x->implicit);
    assert_false(x->distinct || x->descending || x->negated || x->user_defined);
    assert_int_equal(x->cast_mode, CAST_TRY);
    assert_int_equal(x->subquery_kind, SUBQUERY_IN);
    assert_int_equal(x->spelling, SPELL_TYPED_LITERAL);
    assert_int_equal(x->depth, 65535);
    assert_true(x->column == UINT32_MAX);
    assert_true(type_equal(x->type, e->type));
    assert_string_equal(x->type_text, "INT");
    assert_string_equal(x->name, e->name);
    assert_int_equal(x->name_count, 3);
    assert_string_equal(x->names[0], "first");
    assert_string_equal(x->names[1], "");
    assert_null(x->names[2]);
    assert_string_equal(x->metadata, "{\"k\":1}");
    assert_int_equal(x->args[0]->literal.i, -7);
    assert_null(x->args[1]);
    assert_true(x->filter->literal.b);
    assert_int_equal(x->subquery->kind, REL_EMPTY);
    assert_true(x->plan_id == INT64_MIN);
    assert_int_equal(x->start, -1);
    assert_int_equal(x->stop, INT32_MAX);
    assert_string_equal(x->call_site, "job.py:3");
}

static void
the_other_flags_of_an_expression_come_back(void **state)
{
    struct expr *e = expr_new(&arena, EXPR_SORT_ORDER);
    e->distinct = e->descending = e->negated = e->user_defined = true;
    const struct expr *x = through_expr(e);
    assert_true(x->distinct && x->descending && x->negated && x->user_defined);
    assert_false(x->nullable || x->outer || x->nulls_first || x->ignore_nulls || x->implicit);
}

static void
a_python_function_comes_back_with_its_files(void **state)
{
    struct expr *e = expr_new(&arena, EXPR_UDF);
    e->udf = some_udf();
    const struct udf *u = through_expr(e)->udf;
    assert_int_equal(u->eval_type, 200);
    assert_int_equal(u->command_len, 10);
    assert_memory_equal(u->command, e->udf->command, 10);
    assert_string_equal(u->python_version, "3.11");
    assert_string_equal(u->python_path, "/usr/bin/python3");
    assert_true(u->deterministic);
    assert_true(type_equal(u->return_type, e->udf->return_type));
    assert_string_equal(u->return_ddl, "array<int>");
    assert_int_equal(u->include_count, 3);
    assert_string_equal(u->includes[0], "first");
}

static void
a_window_comes_back(void **state)
{
    struct expr *e = expr_new(&arena, EXPR_WINDOW);
    struct expr *partition[] = {expr_int_literal(&arena, 1)};
    struct sort_key order[] = {{.expr = expr_int_literal(&arena, 2), .descending = true},
                               {.expr = expr_int_literal(&arena, 3), .nulls_first = true}};
    struct window_spec spec = {.partition = partition,
                               .partition_count = 1,
                               .order = order,
                               .order_count = 2,
                               .frame = FRAME_RANGE,
                               .lower = {BOUND_VALUE, expr_int_literal(&arena, -4)},
                               .upper = {BOUND_CURRENT_ROW, NULL},
                               .name = "w"};
    e->window = &spec;
    const struct window_spec *w = through_expr(e)->window;
    assert_int_equal(w->partition[0]->literal.i, 1);
    assert_int_equal(w->order_count, 2);
    assert_true(w->order[0].descending && !w->order[0].nulls_first);
    assert_true(!w->order[1].descending && w->order[1].nulls_first);
    assert_int_equal(w->frame, FRAME_RANGE);
    assert_int_equal(w->lower.kind, BOUND_VALUE);
    assert_int_equal(w->lower.value->literal.i, -4);
    assert_int_equal(w->upper.kind, BOUND_CURRENT_ROW);
    assert_null(w->upper.value);
    assert_string_equal(w->name, "w");
}

static struct scan_source *
some_source(void)
{
    static struct datum values[1];
    values[0] = (struct datum){.type = type_scalar(TYPE_DATE), .i = 19000};
    static struct source_file files[2];
    files[0] = (struct source_file){"/d/p=1/a.csv", 123, 456, values};
    files[1] = (struct source_file){"/d/b.csv", 1, 2, NULL};
    static struct source_offset_range ranges[1];
    ranges[0] = (struct source_offset_range){"topic", 3, 10, INT64_MAX};
    struct scan_source *s = arena_new(&arena, struct scan_source);
    *s = (struct scan_source){.format = "csv",
                              .files = files,
                              .file_count = 2,
                              .ranges = ranges,
                              .range_count = 1,
                              .schema = type_of("struct<a:int,p:date>"),
                              .partition_column_count = 1,
                              .options = some_options(),
                              .session_zone = "Europe/Berlin",
                              .row_estimate = 1.5,
                              .byte_estimate = -1};
    return s;
}

static void
a_source_comes_back(void **state)
{
    struct rel *r = rel_new(&arena, REL_SCAN, 0);
    r->source = some_source();
    uint32_t columns[] = {1, 0};
    r->columns = columns;
    r->column_count = 2;
    const struct rel *back = through(r);
    const struct scan_source *s = back->source;
    assert_int_equal(back->column_count, 2);
    assert_int_equal(back->columns[0], 1);
    assert_string_equal(s->format, "csv");
    assert_int_equal(s->file_count, 2);
    assert_string_equal(s->files[0].path, "/d/p=1/a.csv");
    assert_int_equal(s->files[0].bytes, 123);
    assert_int_equal(s->files[0].modified_ms, 456);
    assert_int_equal(s->files[0].partition_values[0].i, 19000);
    assert_null(s->files[1].partition_values);
    assert_string_equal(s->ranges[0].topic, "topic");
    assert_int_equal(s->ranges[0].partition, 3);
    assert_int_equal(s->ranges[0].start, 10);
    assert_true(s->ranges[0].end == INT64_MAX);
    assert_int_equal(s->partition_column_count, 1);
    assert_string_equal(options_get(&s->options, "HEADER"), "true");
    assert_string_equal(s->session_zone, "Europe/Berlin");
    assert_true(s->row_estimate == 1.5);
    assert_int_equal(s->byte_estimate, -1);
}

static void
a_write_and_a_stream_s_state_come_back(void **state)
{
    struct write_spec spec = {.format = "parquet", .path = "/out", .mode = WRITE_IGNORE};
    spec.table = texts(&spec.table_count);
    spec.partition_by = texts(&spec.partition_count);
    spec.options = some_options();
    spec.is_create_table = spec.is_insert = true;
    spec.attempt_dir = "/out/_temporary/1";
    spec.job_id = "job";
    struct stream_state_spec kept = {.dir = "/state/0",
                                     .version = 7,
                                     .watermark_micros = INT64_MIN,
                                     .watermark_evict_micros = 99,
                                     .mode = OUTPUT_COMPLETE,
                                     .event_column = -1};
    struct rel *r = rel_new(&arena, REL_WRITE, 0);
    r->write = &spec;
    r->stream = &kept;
    const struct rel *back = through(r);
    assert_string_equal(back->write->format, "parquet");
    assert_string_equal(back->write->path, "/out");
    assert_int_equal(back->write->table_count, 3);
    assert_int_equal(back->write->mode, WRITE_IGNORE);
    assert_int_equal(back->write->partition_count, 3);
    assert_string_equal(back->write->partition_by[0], "first");
    assert_int_equal(back->write->options.count, 2);
    assert_true(back->write->is_create_table && back->write->is_insert);
    assert_string_equal(back->write->attempt_dir, "/out/_temporary/1");
    assert_string_equal(back->write->job_id, "job");
    assert_string_equal(back->stream->dir, "/state/0");
    assert_int_equal(back->stream->version, 7);
    assert_true(back->stream->watermark_micros == INT64_MIN);
    assert_int_equal(back->stream->watermark_evict_micros, 99);
    assert_int_equal(back->stream->mode, OUTPUT_COMPLETE);
    assert_int_equal(back->stream->event_column, -1);
}

/* A relation whose every scalar has a value of its own. */
static struct rel *
full_rel(void)
{
    struct rel *r = rel_new(&arena, REL_LOCAL, 1, rel_new(&arena, REL_RANGE, 0));
    r->schema = type_of("struct<a:int,b:string>");
    struct expr **exprs = arena_new_array(&arena, struct expr *, 2);
    exprs[0] = expr_int_literal(&arena, 1);
    exprs[1] = expr_string_literal(&arena, "a text of more than twelve bytes", 32);
    r->exprs = exprs;
    r->expr_count = 2;
    r->group_count = 1;
    r->keys = arena_new_array(&arena, struct sort_key, 1);
    r->keys[0] = (struct sort_key){expr_int_literal(&arena, 5), true, false};
    r->key_count = 1;
    r->condition = expr_bool_literal(&arena, false);
    r->sets = arena_new_array(&arena, struct expr **, 2);
    r->sets[0] = exprs;
    r->set_sizes = arena_new_array(&arena, uint32_t, 2);
    r->set_sizes[0] = 2;
    r->set_count = 2;
    r->join_type = JOIN_SINGLE;
    r->set_op = SET_EXCEPT;
    r->group_type = GROUP_SETS;
    r->name = "name";
    r->names = texts(&r->name_count);
    r->column_names = texts(&r->column_name_count);
    r->text = "SELECT 1";
    r->start = -1, r->end = 2, r->step = 3, r->limit = 4, r->offset = 5;
    r->limit_expr = expr_int_literal(&arena, 6);
    r->offset_expr = expr_int_literal(&arena, 7);
    r->partitions = -8, r->truncate = 9, r->lower = 0.25, r->upper = -0.0, r->seed = 10;
    r->options = some_options();
    r->format = "csv";
    r->paths = texts(&r->path_count);
    r->schema_text = "a INT";
    r->source = some_source();
    r->data = (const uint8_t *)"arrow\0bytes";
    r->data_len = 11;
    r->rows = arena_new_array(&arena, struct expr **, 1);
    r->rows[0] = exprs;
    r->row_count = 1;
    r->watermark_column = 11, r->delay_micros = 12;
    r->udf = some_udf();
    r->ctes = arena_new_array(&arena, struct cte, 1);
    r->ctes[0] = (struct cte){.name = "c", .rel = rel_new(&arena, REL_EMPTY, 0), .recursive = true};
    r->ctes[0].column_names = texts(&r->ctes[0].column_count);
    r->ctes[0].level_max = 13;
    r->cte_count = 1;
    r->plan_id = 14, r->row_estimate = 15.5;
    return r;
}

static void
the_lists_of_a_relation_come_back(void **state)
{
    const struct rel *x = through(full_rel());
    assert_int_equal(x->kind, REL_LOCAL);
    assert_int_equal(x->inputs[0]->kind, REL_RANGE);
    assert_int_equal(x->schema->field_count, 2);
    assert_int_equal(x->expr_count, 2);
    assert_int_equal(x->exprs[1]->literal.str.len, 32);
    assert_int_equal(x->group_count, 1);
    assert_true(x->keys[0].descending);
    assert_false(x->condition->literal.b);
    assert_int_equal(x->set_count, 2);
    assert_int_equal(x->set_sizes[0], 2);
    assert_int_equal(x->set_sizes[1], 0);
    assert_int_equal(x->sets[0][0]->literal.i, 1);
    assert_int_equal(x->row_count, 1);
    assert_int_equal(x->rows[0][0]->literal.i, 1);
    assert_int_equal(x->data_len, 11);
    assert_memory_equal(x->data, "arrow\0bytes", 11);
    assert_string_equal(x->ctes[0].name, "c");
    assert_int_equal(x->ctes[0].column_count, 3);
    assert_int_equal(x->ctes[0].rel->kind, REL_EMPTY);
    assert_true(x->ctes[0].recursive);
    assert_int_equal(x->ctes[0].level_max, 13);
    assert_int_equal(x->udf->command_len, 10);
}

static void
the_scalars_of_a_relation_come_back(void **state)
{
    const struct rel *x = through(full_rel());
    assert_int_equal(x->join_type, JOIN_SINGLE);
    assert_int_equal(x->set_op, SET_EXCEPT);
    assert_int_equal(x->group_type, GROUP_SETS);
    assert_string_equal(x->name, "name");
    assert_int_equal(x->name_count, 3);
    assert_int_equal(x->column_name_count, 3);
    assert_string_equal(x->text, "SELECT 1");
    assert_true(x->start == -1 && x->end == 2 && x->step == 3 && x->limit == 4 && x->offset == 5);
    assert_int_equal(x->limit_expr->literal.i, 6);
    assert_int_equal(x->offset_expr->literal.i, 7);
    assert_true(x->partitions == -8 && x->truncate == 9 && x->lower == 0.25 && x->seed == 10);
    assert_true(x->upper == 0 && __builtin_signbit(x->upper));
    assert_int_equal(x->options.count, 2);
    assert_string_equal(x->format, "csv");
    assert_int_equal(x->path_count, 3);
    assert_string_equal(x->schema_text, "a INT");
    assert_true(x->watermark_column == 11 && x->delay_micros == 12 && x->plan_id == 14);
    assert_true(x->row_estimate == 15.5);
}

static void
each_flag_of_a_relation_comes_back_alone(void **state)
{
    static const size_t flags[] = {
        offsetof(struct rel, is_all),           offsetof(struct rel, by_name),
        offsetof(struct rel, allow_missing),    offsetof(struct rel, is_streaming),
        offsetof(struct rel, is_global),        offsetof(struct rel, all_columns),
        offsetof(struct rel, within_watermark), offsetof(struct rel, with_replacement),
        offsetof(struct rel, natural),          offsetof(struct rel, vertical),
        offsetof(struct rel, lateral),          offsetof(struct rel, outer),
        offsetof(struct rel, output_is_list),   offsetof(struct rel, others),
        offsetof(struct rel, include_nulls),    offsetof(struct rel, having)};
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
        struct rel *r = rel_new(&arena, REL_EMPTY, 0);
        *(bool *)((char *)r + flags[i]) = true;
        const struct rel *back = through(r);
        for (size_t j = 0; j < sizeof flags / sizeof *flags; j++) {
            assert_int_equal(*(const bool *)((const char *)back + flags[j]), i == j);
        }
    }
}

static struct rel *
read_exact(const uint8_t *bytes, size_t len, struct arena *a)
{
    /* Of exactly that length on the heap, so that the address sanitizer sees one byte too many. */
    uint8_t *copy = malloc(len > 0 ? len : 1);
    memcpy(copy, bytes, len);
    struct reader in;
    struct error err = {0};
    reader_init(&in, (struct bytes){copy, len});
    struct rel *r = rel_read(a, &in, &err);
    if (r == NULL) {
        assert_int_not_equal(err.kind, ERROR_NONE);
    }
    error_clear(&err);
    free(copy);
    return r;
}

static void
every_cut_of_a_plan_is_refused(void **state)
{
    struct buffer b = {0};
    rel_write(&b, full_rel());
    for (size_t len = 0; len < b.len; len++) {
        struct arena a;
        arena_init(&a, NULL);
        assert_null(read_exact(b.ptr, len, &a));
        arena_release(&a);
    }
    buffer_release(&b);
}

static void
every_changed_byte_of_a_plan_is_read_without_harm(void **state)
{
    struct buffer b = {0};
    rel_write(&b, full_rel());
    for (size_t at = 0; at < b.len; at++) {
        const uint8_t was = b.ptr[at];
        const uint8_t others[] = {0, 0xff, 0x7f, (uint8_t)(was + 1), (uint8_t)(was ^ 0x80)};
        for (size_t i = 0; i < sizeof others; i++) {
            struct arena a;
            arena_init(&a, NULL);
            b.ptr[at] = others[i];
            read_exact(b.ptr, b.len, &a);
            arena_release(&a);
        }
        b.ptr[at] = was;
    }
    buffer_release(&b);
}

static void
a_plan_that_is_too_deep_is_refused_by_the_writer(void **state)
{
    struct expr *e = expr_int_literal(&arena, 1);
    for (int i = 0; i < SERIAL_DEPTH_MAX + 1; i++) {
        e = expr_call(&arena, "not", 1, e);
    }
    struct rel *r = rel_new(&arena, REL_FILTER, 0);
    r->condition = e;
    struct buffer b = {0};
    rel_write(&b, r);
    assert_true(b.overflow);
    buffer_release(&b);
}

static void
nested_counts_cannot_multiply(void **state)
{
    /* Each level of inputs claims as many inputs as there are bytes left. */
    enum { LEN = 1500 };
    uint8_t bytes[LEN];
    memset(bytes, 1, sizeof bytes);
    bytes[0] = SERIAL_VERSION;
    for (size_t i = 1; i + 4 < LEN;) {
        const size_t left = LEN - i - 4;
        bytes[i++] = 1;                              /* a node */
        bytes[i++] = REL_UNION;                      /* its kind */
        bytes[i++] = (uint8_t)(0x80 | (left & 127)); /* its inputs */
        bytes[i++] = (uint8_t)(left >> 7);
    }
    struct arena a;
    arena_init(&a, NULL);
    assert_null(read_exact(bytes, LEN, &a));
    assert_true(a.total_bytes < 1 << 20);
    arena_release(&a);
}

static struct datum
datum_through(struct datum d)
{
    struct buffer b = {0};
    datum_write(&b, &d);
    uint8_t *kept = arena_copy(&arena, b.ptr, b.len);
    struct reader in;
    struct datum out;
    for (size_t len = 0; len < b.len; len++) {
        reader_init(&in, (struct bytes){kept, len});
        assert_false(datum_read(&arena, &in, &out));
    }
    reader_init(&in, (struct bytes){kept, b.len});
    assert_true(datum_read(&arena, &in, &out));
    assert_int_equal(reader_left(&in), 0);
    buffer_release(&b);
    return out;
}

static void
scalars_of_every_type_come_back(void **state)
{
    static const char *const integral[] = {"tinyint",       "smallint",
                                           "int",           "bigint",
                                           "date",          "timestamp",
                                           "timestamp_ntz", "interval year to month",
                                           "decimal(18,3)", "interval day to second"};
    for (size_t i = 0; i < sizeof integral / sizeof *integral; i++) {
        struct datum d = {.type = type_of(integral[i]), .i = -117};
        assert_int_equal(datum_compare(&(struct datum){.type = d.type, .i = -117}, &d), 0);
        const struct datum back = datum_through(d);
        assert_true(type_equal(back.type, d.type));
        assert_int_equal(back.i, -117);
        d.is_null = true;
        assert_true(datum_through(d).is_null);
    }
    assert_true(datum_through((struct datum){.type = type_of("boolean"), .b = true}).b);
    assert_true(datum_through((struct datum){.type = type_of("float"), .f = 0.5}).f == 0.5);
    const double nan = __builtin_nan("");
    assert_true(
        __builtin_isnan(datum_through((struct datum){.type = type_of("double"), .f = nan}).f));
    assert_true(datum_through((struct datum){.type = type_of("void"), .is_null = true}).is_null);
}

static void
wide_values_come_back(void **state)
{
    const i128 wide = -((i128)1 << 120) + 12345;
    assert_true(
        datum_through((struct datum){.type = type_of("decimal(38,0)"), .wide = wide}).wide == wide);
    const struct interval v = {-1, 40, INT64_MIN};
    const struct interval back =
        datum_through((struct datum){.type = type_scalar(TYPE_INTERVAL_CALENDAR), .interval = v})
            .interval;
    assert_true(back.months == -1 && back.days == 40 && back.micros == INT64_MIN);
    static const char *const strings[] = {"", "short", "twelve bytes", "more than twelve bytes"};
    for (size_t i = 0; i < 4; i++) {
        const struct view s = view_make(strings[i], strlen(strings[i]));
        const struct datum d = datum_through((struct datum){.type = type_of("string"), .str = s});
        assert_true(view_equal(&d.str, &s));
    }
}

/* rows rows of array<struct<a:int,m:map<string,bigint>>>, some null at each level. */
static struct vec *
nested_vec(uint32_t rows)
{
    const struct type *t = type_of("array<struct<a:int,m:map<string,bigint>>>");
    struct vec *v = arena_new(&arena, struct vec);
    vec_init_flat(v, &arena, t, rows);
    struct list_range *ranges = v->data;
    uint32_t items = 0;
    for (uint32_t i = 0; i < rows; i++) {
        ranges[i] = (struct list_range){items, i % 4};
        items += i % 4;
        if (i % 5 == 4) {
            vec_set_null(v, &arena, i);
        }
    }
    struct vec *s = &v->child[0];
    vec_init_flat(s, &arena, t->fields[0].type, items);
    struct list_range *maps = s->child[1].data;
    uint32_t entries = 0;
    for (uint32_t i = 0; i < items; i++) {
        ((int32_t *)s->child[0].data)[i] = (int32_t)i;
        maps[i] = (struct list_range){entries, i % 3};
        entries += i % 3;
        if (i % 7 == 3) {
            vec_set_null(s, &arena, i);
        }
    }
    const struct type *map = t->fields[0].type->fields[1].type;
    struct vec *keys = &s->child[1].child[0], *values = &s->child[1].child[1];
    vec_init_flat(keys, &arena, map->fields[0].type, entries);
    vec_init_flat(values, &arena, map->fields[1].type, entries);
    for (uint32_t i = 0; i < entries; i++) {
        const char *text = arena_printf(&arena, "a key of some length %u", i);
        ((struct view *)keys->data)[i] = view_make(text, strlen(text));
        ((int64_t *)values->data)[i] = i * (int64_t)1000;
        if (i % 2 == 1) {
            vec_set_null(values, &arena, i);
        }
    }
    return v;
}

static void
nested_vectors_come_back(void **state)
{
    const struct vec *v = nested_vec(40);
    struct buffer b = {0};
    vec_write(&b, v, NULL, 40);
    struct reader in;
    struct vec out;
    for (size_t len = 0; len < b.len; len++) {
        uint8_t *copy = malloc(len > 0 ? len : 1);
        memcpy(copy, b.ptr, len);
        reader_init(&in, (struct bytes){copy, len});
        struct arena a;
        arena_init(&a, NULL);
        assert_false(vec_read(&a, &in, v->type, &out));
        arena_release(&a);
        free(copy);
    }
    reader_init(&in, (struct bytes){b.ptr, b.len});
    assert_true(vec_read(&arena, &in, v->type, &out));
    assert_int_equal(out.n, 40);
    assert_null(vec_verify(&out, NULL, 40));
    for (uint32_t i = 0; i < 40; i++) {
        const struct datum x = vec_datum(v, i, &arena), y = vec_datum(&out, i, &arena);
        assert_int_equal(x.is_null, y.is_null);
        struct buffer bx = {0}, by = {0};
        datum_write(&bx, &x);
        datum_write(&by, &y);
        assert_int_equal(bx.len, by.len);
        assert_memory_equal(bx.ptr, by.ptr, bx.len);
        buffer_release(&bx);
        buffer_release(&by);
    }
    buffer_release(&b);
}

static void
a_selection_writes_only_its_rows(void **state)
{
    const struct vec *v = nested_vec(40);
    const uint16_t sel[] = {3, 8, 30};
    struct buffer b = {0};
    vec_write(&b, v, sel, 3);
    struct reader in;
    struct vec out;
    reader_init(&in, (struct bytes){b.ptr, b.len});
    assert_true(vec_read(&arena, &in, v->type, &out));
    assert_int_equal(out.n, 3);
    assert_int_equal(((struct list_range *)out.data)[0].len, 3);
    assert_int_equal(((struct list_range *)out.data)[1].len, 0);
    assert_int_equal(((struct list_range *)out.data)[2].len, 2);
    buffer_release(&b);
}

static void
a_nested_value_is_one_row(void **state)
{
    /* A datum whose vector claims no rows: who takes its first row would read past it. */
    struct datum d = {.type = type_of("array<int>"), .nested = nested_vec(1)};
    struct vec *v = arena_new(&arena, struct vec);
    vec_init_flat(v, &arena, d.type, 1);
    ((struct list_range *)v->data)[0] = (struct list_range){0, 0};
    vec_init_flat(&v->child[0], &arena, type_scalar(TYPE_INT), 0);
    d.nested = v;
    assert_int_equal(datum_through(d).nested->n, 1);
    struct buffer b = {0};
    type_write(&b, d.type);
    const size_t type_len = b.len;
    buffer_clear(&b);
    datum_write(&b, &d);
    const size_t at = 1 + type_len + 1; /* present, type, is_null */
    assert_int_equal(b.ptr[at], 1);
    b.ptr[at] = 0;
    struct reader in;
    struct datum out;
    reader_init(&in, (struct bytes){b.ptr, b.len});
    assert_false(datum_read(&arena, &in, &out));
    buffer_release(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_field_of_an_expression_comes_back),
        cmocka_unit_test(the_other_flags_of_an_expression_come_back),
        cmocka_unit_test(a_python_function_comes_back_with_its_files),
        cmocka_unit_test(a_window_comes_back),
        cmocka_unit_test(a_source_comes_back),
        cmocka_unit_test(a_write_and_a_stream_s_state_come_back),
        cmocka_unit_test(the_lists_of_a_relation_come_back),
        cmocka_unit_test(the_scalars_of_a_relation_come_back),
        cmocka_unit_test(each_flag_of_a_relation_comes_back_alone),
        cmocka_unit_test(every_cut_of_a_plan_is_refused),
        cmocka_unit_test(every_changed_byte_of_a_plan_is_read_without_harm),
        cmocka_unit_test(a_plan_that_is_too_deep_is_refused_by_the_writer),
        cmocka_unit_test(nested_counts_cannot_multiply),
        cmocka_unit_test(scalars_of_every_type_come_back),
        cmocka_unit_test(wide_values_come_back),
        cmocka_unit_test(nested_vectors_come_back),
        cmocka_unit_test(a_selection_writes_only_its_rows),
        cmocka_unit_test(a_nested_value_is_one_row),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
