/* Types: each text form, both parsers, the serial form. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"
#include "base/reader.h"
#include "type/type.h"

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
parse(const char *text)
{
    struct error err = {0};
    const struct type *t = type_parse(&arena, text, strlen(text), &err);
    if (t == NULL) {
        print_message("%s\n", error_text(&err));
    }
    assert_non_null(t);
    return t;
}

static void
assert_condition(const char *text, const char *condition)
{
    struct error err = {0};
    assert_null(type_parse(&arena, text, strlen(text), &err));
    assert_non_null(err.condition);
    assert_string_equal(err.condition, condition);
    error_clear(&err);
}

static void
ddl_reads_columns_of_every_scalar(void **state)
{
    const struct type *t =
        parse("a int, b BIGINT NOT NULL, `c d` decimal(12, 3) COMMENT 'x', e interval day to "
              "second, f interval, g varchar(7), h timestamp_ntz, i void");
    assert_string_equal(type_simple(&arena, t),
                        "struct<a:int,b:bigint,c d:decimal(12,3),e:interval day to second,"
                        "f:interval,g:varchar(7),h:timestamp_ntz,i:void>");
}

static void
ddl_text_reads_back_to_the_same_type(void **state)
{
    const struct type *t = parse("a INT NOT NULL,`b c` STRUCT<x: ARRAY<MAP<STRING, DOUBLE>>, y: "
                                 "DATE NOT NULL> COMMENT 'it\\'s',d INTERVAL YEAR");
    struct buffer b = {0};
    type_put_ddl(&b, t);
    const struct type *again = parse(buffer_text(&b));
    buffer_release(&b);
    assert_true(type_equal(t, again));
}

static void
single_types_are_returned_as_they_are(void **state)
{
    assert_int_equal(parse("array<int>")->id, TYPE_ARRAY);
    assert_int_equal(parse("interval year")->id, TYPE_INTERVAL_YM);
    assert_int_equal(parse("bigint")->id, TYPE_LONG);
}

static void
a_single_type_as_schema_becomes_the_column_value(void **state)
{
    struct error err = {0};
    const struct type *t = type_parse_schema(&arena, "int", 3, &err);
    assert_non_null(t);
    assert_string_equal(type_simple(&arena, t), "struct<value:int>");
}

static void
json_text_reads_back_to_the_same_type(void **state)
{
    const struct type *t = parse("a INT NOT NULL COMMENT 'n', b ARRAY<STRUCT<c: MAP<STRING, "
                                 "DECIMAL(5,2)>>>, d CHAR(3), e INTERVAL HOUR TO SECOND, f VOID");
    struct buffer b = {0};
    type_put_json(&b, t);
    const struct type *again = parse(buffer_text(&b));
    buffer_release(&b);
    assert_true(type_equal(t, again));
}

static void
json_form_is_spark_s(void **state)
{
    struct buffer b = {0};
    type_put_json(&b, parse("a map<string,int>"));
    assert_string_equal(
        buffer_text(&b),
        "{\"type\":\"struct\",\"fields\":[{\"name\":\"a\",\"type\":{\"type\":\"map\",\"keyType\":"
        "\"string\",\"valueType\":\"integer\",\"valueContainsNull\":true},\"nullable\":true,"
        "\"metadata\":{}}]}");
    buffer_release(&b);
}

static void
tree_form_is_spark_s(void **state)
{
    struct buffer b = {0};
    type_put_tree(&b, parse("a int not null, b struct<c: array<int>>, m map<string,int>"), 0);
    assert_string_equal(buffer_text(&b), "root\n"
                                         " |-- a: integer (nullable = false)\n"
                                         " |-- b: struct (nullable = true)\n"
                                         " |    |-- c: array (nullable = true)\n"
                                         " |    |    |-- element: integer (containsNull = true)\n"
                                         " |-- m: map (nullable = true)\n"
                                         " |    |-- key: string\n"
                                         " |    |-- value: integer (valueContainsNull = true)\n");
    buffer_release(&b);
}

static void
unknown_names_raise_unsupported_datatype(void **state)
{
    assert_condition("nosuchtype", "UNSUPPORTED_DATATYPE");
    assert_condition("a int, b nosuchtype", "UNSUPPORTED_DATATYPE");
}

static void
a_broken_text_raises_a_syntax_error(void **state)
{
    assert_condition("a int,, b int", "PARSE_SYNTAX_ERROR");
    assert_condition("array<int", "PARSE_SYNTAX_ERROR");
}

static void
deep_nesting_is_refused(void **state)
{
    char text[3000] = "";
    for (int i = 0; i < 300; i++) {
        strcat(text, "array<");
    }
    struct error err = {0};
    assert_null(type_parse(&arena, text, strlen(text), &err));
    error_clear(&err);
}

static void
serial_form_reads_back(void **state)
{
    const struct type *t = parse("a INT NOT NULL COMMENT 'n', b ARRAY<STRUCT<c: MAP<STRING, "
                                 "DECIMAL(5,2)>>>, d CHAR(3), e INTERVAL HOUR TO SECOND");
    struct buffer b = {0};
    type_write(&b, t);
    struct reader r;
    reader_init(&r, (struct bytes){b.ptr, b.len});
    const struct type *again = type_read(&arena, &r);
    assert_non_null(again);
    assert_true(type_equal(t, again));
    for (size_t cut = 0; cut < b.len; cut++) {
        reader_init(&r, (struct bytes){b.ptr, cut});
        assert_null(type_read(&arena, &r));
    }
    buffer_release(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ddl_reads_columns_of_every_scalar),
        cmocka_unit_test(ddl_text_reads_back_to_the_same_type),
        cmocka_unit_test(single_types_are_returned_as_they_are),
        cmocka_unit_test(a_single_type_as_schema_becomes_the_column_value),
        cmocka_unit_test(json_text_reads_back_to_the_same_type),
        cmocka_unit_test(json_form_is_spark_s),
        cmocka_unit_test(tree_form_is_spark_s),
        cmocka_unit_test(unknown_names_raise_unsupported_datatype),
        cmocka_unit_test(a_broken_text_raises_a_syntax_error),
        cmocka_unit_test(deep_nesting_is_refused),
        cmocka_unit_test(serial_form_reads_back),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
