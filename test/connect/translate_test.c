/* Plan messages to trees: names, literals, types and what is refused by name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "connect/translate.h"

struct fixture {
    struct arena arena;
    struct error err;
    struct translator t;
};

static int
setup(void **state)
{
    static struct fixture f;
    f = (struct fixture){0};
    arena_init(&f.arena, NULL);
    translator_init(&f.t, &f.arena, NULL, &f.err);
    *state = &f;
    return 0;
}

static int
teardown(void **state)
{
    struct fixture *f = *state;
    error_clear(&f->err);
    arena_release(&f->arena);
    return 0;
}

static void
identifiers_split_at_dots_outside_of_backticks(void **state)
{
    struct fixture *f = *state;
    uint32_t n;
    const char **parts = translate_identifier(&f->t, pb_text("a.`b.c`.`d``e`"), &n);
    assert_int_equal(n, 3);
    assert_string_equal(parts[0], "a");
    assert_string_equal(parts[1], "b.c");
    assert_string_equal(parts[2], "d`e");
    static const char *const bad[] = {"", "a.", ".a", "a..b", "`a", "`a`b", "a`b`"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_null(translate_identifier(&f->t, pb_text(bad[i]), &n));
        assert_string_equal(f->err.condition, "INVALID_ATTRIBUTE_NAME_SYNTAX");
        error_clear(&f->err);
    }
}

static struct datum
decimal_of(struct fixture *f, const char *text, int precision, int scale)
{
    struct pb_expression_literal_decimal d = {.value = pb_text(text),
                                              .precision = precision,
                                              .has_precision = precision > 0,
                                              .scale = scale,
                                              .has_scale = precision > 0};
    struct pb_expression_literal l = {.literal_type_case = PB_EXPRESSION_LITERAL_DECIMAL_TAG};
    l.decimal = &d;
    struct datum out;
    if (!translate_literal(&f->t, &l, &out)) {
        out.type = NULL;
    }
    return out;
}

static void
decimals_take_the_larger_scale(void **state)
{
    struct fixture *f = *state;
    struct datum d = decimal_of(f, "-12.34", 10, 0);
    assert_int_equal(d.type->precision, 10);
    assert_int_equal(d.type->scale, 2);
    assert_int_equal(d.i, -1234);
    d = decimal_of(f, "1E+3", 0, 0);
    assert_int_equal(d.type->precision, 4);
    assert_int_equal(d.i, 1000);
    d = decimal_of(f, "0.05", 0, 0);
    assert_int_equal(d.type->precision, 2);
    assert_int_equal(d.i, 5);
    d = decimal_of(f, "12345678901234567890123456789012345678", 0, 0);
    assert_int_equal(d.type->precision, 38);
    assert_null(decimal_of(f, "123456789012345678901234567890123456789", 0, 0).type);
    error_clear(&f->err);
    assert_null(decimal_of(f, "12x", 0, 0).type);
}

static void
literals_survive_a_round_trip(void **state)
{
    struct fixture *f = *state;
    struct pb_expression_literal items[2] = {
        {.literal_type_case = PB_EXPRESSION_LITERAL_INTEGER_TAG},
        {.literal_type_case = PB_EXPRESSION_LITERAL_NULL_TAG}};
    struct pb_data_type_integer integer = {0};
    struct pb_data_type type = {.kind_case = PB_DATA_TYPE_INTEGER_TAG};
    type.integer = &integer;
    items[0].integer = -7;
    items[1].null = &type;
    struct pb_expression_literal_array array = {
        .element_type = &type, .elements = items, .elements_count = 2};
    struct pb_expression_literal l = {.literal_type_case = PB_EXPRESSION_LITERAL_ARRAY_TAG};
    l.array = &array;
    struct datum d;
    assert_true(translate_literal(&f->t, &l, &d));
    assert_int_equal(d.type->id, TYPE_ARRAY);
    struct pb_expression_literal *back = proto_literal(&f->arena, &d);
    assert_int_equal(back->literal_type_case, PB_EXPRESSION_LITERAL_ARRAY_TAG);
    assert_int_equal(back->array->elements_count, 2);
    assert_int_equal(back->array->elements[0].integer, -7);
    assert_int_equal(back->array->elements[1].literal_type_case, PB_EXPRESSION_LITERAL_NULL_TAG);
}

static void
types_survive_a_round_trip(void **state)
{
    struct fixture *f = *state;
    static const char ddl[] = "a int not null, b array<struct<c: decimal(20,3), d: map<string, "
                              "timestamp_ntz>>>, e varchar(5), g interval day to second";
    const struct type *type = type_parse_schema(&f->arena, ddl, sizeof ddl - 1, &f->err);
    assert_non_null(type);
    const struct type *back = translate_type(&f->t, proto_type(&f->arena, type));
    assert_non_null(back);
    assert_true(type_equal(type, back));
}

static void
when_becomes_a_case(void **state)
{
    struct fixture *f = *state;
    struct pb_expression_literal l = {.literal_type_case = PB_EXPRESSION_LITERAL_BOOLEAN_TAG};
    struct pb_expression args[3];
    for (int i = 0; i < 3; i++) {
        args[i] = (struct pb_expression){.expr_type_case = PB_EXPRESSION_LITERAL_TAG};
        args[i].literal = &l;
    }
    struct pb_expression_unresolved_function call = {
        .function_name = pb_text("when"), .arguments = args, .arguments_count = 3};
    struct pb_expression e = {.expr_type_case = PB_EXPRESSION_UNRESOLVED_FUNCTION_TAG};
    e.unresolved_function = &call;
    struct expr *out = translate_expr(&f->t, &e);
    assert_int_equal(out->kind, EXPR_CASE);
    assert_int_equal(out->arg_count, 3);
}

static void
nulls_stand_where_spark_puts_them(void **state)
{
    struct fixture *f = *state;
    struct pb_expression_unresolved_attribute a = {.unparsed_identifier = pb_text("x")};
    struct pb_expression child = {.expr_type_case = PB_EXPRESSION_UNRESOLVED_ATTRIBUTE_TAG};
    child.unresolved_attribute = &a;
    struct pb_expression_sort_order orders[3] = {
        {.child = &child, .direction = PB_SORT_DIRECTION_ASCENDING},
        {.child = &child, .direction = PB_SORT_DIRECTION_DESCENDING},
        {.child = &child,
         .direction = PB_SORT_DIRECTION_DESCENDING,
         .null_ordering = PB_SORT_NULLS_FIRST}};
    struct sort_key *keys;
    assert_true(translate_sort_keys(&f->t, orders, 3, &keys));
    assert_true(keys[0].nulls_first && !keys[0].descending);
    assert_true(!keys[1].nulls_first && keys[1].descending);
    assert_true(keys[2].nulls_first && keys[2].descending);
}

static void
a_subquery_is_put_in_place(void **state)
{
    struct fixture *f = *state;
    struct pb_range range = {.end = 3, .step = 1};
    struct pb_relation_common common = {.plan_id = 9, .has_plan_id = true};
    struct pb_relation reference = {.common = &common, .rel_type_case = PB_RELATION_RANGE_TAG};
    reference.range = &range;
    struct pb_subquery_expression s = {.plan_id = 9, .subquery_type = PB_SUBQUERY_TYPE_EXISTS};
    struct pb_expression condition = {.expr_type_case = PB_EXPRESSION_SUBQUERY_EXPRESSION_TAG};
    condition.subquery_expression = &s;
    struct pb_relation input = {.rel_type_case = PB_RELATION_RANGE_TAG};
    input.range = &range;
    struct pb_filter filter = {.input = &input, .condition = &condition};
    struct pb_relation root = {.rel_type_case = PB_RELATION_FILTER_TAG};
    root.filter = &filter;
    struct pb_with_relations w = {.root = &root, .references = &reference, .references_count = 1};
    struct pb_relation all = {.rel_type_case = PB_RELATION_WITH_RELATIONS_TAG};
    all.with_relations = &w;
    struct rel *r = translate_rel(&f->t, &all);
    assert_non_null(r);
    struct expr *e = r->inputs[0]->condition;
    assert_int_equal(e->subquery_kind, SUBQUERY_EXISTS);
    assert_ptr_equal(e->subquery, r->inputs[1]);
    assert_int_equal(e->subquery->plan_id, 9);
    assert_null(translate_rel(&f->t, &root)); /* outside of its WithRelations */
}

static void
catalog_calls_keep_their_fields_in_order(void **state)
{
    struct fixture *f = *state;
    struct pb_list_tables tables = {.pattern = pb_text("t*")};
    struct pb_catalog c = {.cat_type_case = PB_CATALOG_LIST_TABLES_TAG};
    c.list_tables = &tables;
    struct rel *r = translate_catalog(&f->t, &c);
    assert_string_equal(r->name, "list_tables");
    assert_int_equal(r->expr_count, 2);
    assert_true(r->exprs[0]->literal.is_null);
    assert_int_equal(r->exprs[1]->literal.str.len, 2);
}

static void
stream_intervals_are_read(void **state)
{
    struct fixture *f = *state;
    struct pb_range range = {.end = 3, .step = 1};
    struct pb_relation input = {.rel_type_case = PB_RELATION_RANGE_TAG};
    input.range = &range;
    struct pb_write_stream_operation_start w = {
        .input = &input,
        .trigger_case = PB_WRITE_STREAM_OPERATION_START_PROCESSING_TIME_INTERVAL_TAG,
        .output_mode = pb_text("Complete")};
    struct stream_start out;
    w.processing_time_interval = pb_text("1 minute 2 seconds");
    assert_true(translate_stream_start(&f->t, &w, &out));
    assert_int_equal(out.interval_ms, 62000);
    assert_int_equal(out.mode, OUTPUT_COMPLETE);
    w.processing_time_interval = pb_text("10 parsecs");
    assert_false(translate_stream_start(&f->t, &w, &out));
}

static void
what_has_no_node_is_refused_by_its_name(void **state)
{
    struct fixture *f = *state;
    struct pb_relation r = {.rel_type_case = PB_RELATION_ZIP_TAG};
    assert_null(translate_rel(&f->t, &r));
    assert_int_equal(f->err.kind, ERROR_UNSUPPORTED);
    assert_non_null(strstr(error_text(&f->err), "relation zip"));
    error_clear(&f->err);
    r.rel_type_case = 0;
    assert_null(translate_rel(&f->t, &r));
    assert_non_null(strstr(error_text(&f->err), "RELTYPE_NOT_SET"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(identifiers_split_at_dots_outside_of_backticks),
        TEST(decimals_take_the_larger_scale),
        TEST(literals_survive_a_round_trip),
        TEST(types_survive_a_round_trip),
        TEST(when_becomes_a_case),
        TEST(nulls_stand_where_spark_puts_them),
        TEST(a_subquery_is_put_in_place),
        TEST(catalog_calls_keep_their_fields_in_order),
        TEST(stream_intervals_are_read),
        TEST(what_has_no_node_is_refused_by_its_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
