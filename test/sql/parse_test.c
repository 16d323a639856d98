/* The parser: trees of expressions and queries, commands, errors with their places, and limits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dump.h"
#include "sql/lexer.h"
#include "sql/parse.h"

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

/* Calls check for every line "left<tab>right" of a file of cases; returns how many there were. */
static unsigned
each_case(const char *file, void (*check)(const char *left, const char *right))
{
    char path[512], *line = NULL;
    size_t capacity = 0;
    ssize_t len;
    unsigned count = 0;
    snprintf(path, sizeof path, "%s/sql/cases/%s", TEST_DIR, file);
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    while ((len = getline(&line, &capacity, f)) > 0) {
        if (line[0] == '#') {
            continue;
        }
        line[len - 1] = '\0';
        char *tab = strchr(line, '\t');
        assert_non_null(tab);
        *tab = '\0';
        check(line, tab + 1);
        count++;
    }
    free(line);
    fclose(f);
    return count;
}

static void
assert_dump(const char *text, struct buffer *out, const char *expected, const struct error *err)
{
    struct buffer escaped = {0};
    for (size_t i = 0; i < out->len; i++) {
        buffer_put(&escaped, out->ptr[i] == '\n' ? "\\n" : (char *)&out->ptr[i],
                   out->ptr[i] == '\n' ? 2 : 1);
    }
    if (error_is_set(err) || strcmp(buffer_text(&escaped), expected) != 0) {
        print_message("%s\n%s\n", text, error_text(err));
    }
    assert_string_equal(buffer_text(&escaped), expected);
    buffer_release(&escaped);
    buffer_release(out);
}

static void
check_expression(const char *text, const char *expected)
{
    struct error err = {0};
    struct buffer out = {0};
    struct expr *e = sql_parse_expr(&arena, text, strlen(text), &err);
    if (e != NULL) {
        dump_expr(&out, e);
    }
    assert_dump(text, &out, expected, &err);
    error_clear(&err);
}

static void
check_query(const char *text, const char *expected)
{
    struct error err = {0};
    struct buffer out = {0};
    struct rel *r = sql_parse_query(&arena, text, strlen(text), &err);
    if (r != NULL) {
        dump_rel(&out, r);
    }
    assert_dump(text, &out, expected, &err);
    error_clear(&err);
}

static void
expressions_have_the_expected_trees(void **state)
{
    assert_true(each_case("expressions.tsv", check_expression) > 40);
}

static void
queries_have_the_expected_trees(void **state)
{
    assert_true(each_case("queries.tsv", check_query) > 30);
}

static bool
parse_any(const char *text, struct rel **query, struct command **command, struct error *err)
{
    return sql_parse_statement(&arena, text, strlen(text), query, command, err);
}

static void
check_spark(const char *verdict, const char *text)
{
    char *copy = arena_strdup(&arena, text);
    for (char *c = strchr(copy, '\1'); c != NULL; c = strchr(c, '\1')) {
        *c = '\n';
    }
    struct error err = {0};
    struct rel *query;
    struct command *command;
    const bool parsed = parse_any(copy, &query, &command, &err);
    const char *got = parsed ? "parses" : err.condition != NULL ? err.condition : "?";
    if (strcmp(got, verdict) != 0) {
        print_message("%s\n%s\n", text, error_text(&err));
    }
    assert_string_equal(got, verdict);
    error_clear(&err);
}

static void
statements_that_spark_parsed_parse_and_the_others_do_not(void **state)
{
    assert_true(each_case("spark_statements.tsv", check_spark) > 1000);
}

static void
assert_fails(const char *text, const char *condition, const char *message)
{
    struct error err = {0};
    struct rel *query;
    struct command *command;
    assert_false(parse_any(text, &query, &command, &err));
    assert_string_equal(err.condition, condition);
    if (message != NULL) {
        assert_string_equal(error_text(&err), message);
    }
    error_clear(&err);
}

static void
errors_show_their_place_as_spark_does(void **state)
{
    assert_fails("SELECT 1 +", "PARSE_SYNTAX_ERROR",
                 "\n[PARSE_SYNTAX_ERROR] Syntax error at or near end of input. SQLSTATE: 42601 "
                 "(line 1, pos 10)\n\n== SQL ==\nSELECT 1 +\n----------^^^\n");
    assert_fails("SELECT 'é' a\n  b c\nFROM t", "PARSE_SYNTAX_ERROR",
                 "\n[PARSE_SYNTAX_ERROR] Syntax error at or near 'b'. SQLSTATE: 42601 "
                 "(line 2, pos 2)\n\n== SQL ==\nSELECT 'é' a\n  b c\n--^^^\nFROM t\n");
    assert_fails("SELECT a b c", "PARSE_SYNTAX_ERROR",
                 "\n[PARSE_SYNTAX_ERROR] Syntax error at or near 'c': extra input 'c'. SQLSTATE: "
                 "42601 (line 1, pos 11)\n\n== SQL ==\nSELECT a b c\n-----------^^^\n");
    assert_fails("SELECT (1", "PARSE_SYNTAX_ERROR",
                 "\n[PARSE_SYNTAX_ERROR] Syntax error at or near end of input: missing ')'. "
                 "SQLSTATE: 42601 (line 1, pos 9)\n\n== SQL ==\nSELECT (1\n---------^^^\n");
    assert_fails(" ; ", "PARSE_SYNTAX_ERROR", NULL);
    assert_fails("", "PARSE_EMPTY_STATEMENT", NULL);
}

static void
places_of_expressions_count_characters(void **state)
{
    struct error err = {0};
    const char *text = "SELECT 'é', a / b FROM t";
    struct rel *r = sql_parse_query(&arena, text, strlen(text), &err);
    assert_non_null(r);
    assert_int_equal(r->exprs[1]->start, 12);
    assert_int_equal(r->exprs[1]->stop, 16);
    assert_int_equal(r->exprs[0]->start, 7);
    assert_int_equal(r->exprs[0]->stop, 9);
}

static char *
repeated(const char *head, const char *part, size_t times, const char *tail)
{
    struct buffer b = {0};
    buffer_puts(&b, head);
    for (size_t i = 0; i < times; i++) {
        buffer_puts(&b, part);
    }
    buffer_puts(&b, tail);
    char *text = arena_strndup(&arena, buffer_text(&b), b.len);
    buffer_release(&b);
    return text;
}

static void
deep_nesting_is_refused_not_fatal(void **state)
{
    static const char *const parts[][2] = {{"(", "1"},    {"NOT ", "a"},   {"- ", "a"},
                                           {"f(", "1"},   {"a[", "1"},     {"(SELECT ", ""},
                                           {"CASE ", ""}, {"f(x -> ", ""}, {"a IN (SELECT ", ""}};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        assert_fails(repeated("SELECT ", parts[i][0], 100000, parts[i][1]),
                     "FAILED_TO_PARSE_TOO_COMPLEX", NULL);
    }
    assert_fails(repeated("SELECT * FROM ", "(", 100000, "t"), "FAILED_TO_PARSE_TOO_COMPLEX", NULL);
    assert_fails(repeated("", "EXPLAIN ", 100000, "SELECT 1"), "FAILED_TO_PARSE_TOO_COMPLEX", NULL);
    assert_fails(repeated("SELECT a", "[0]", 100000, ""), "FAILED_TO_PARSE_TOO_COMPLEX", NULL);
}

static unsigned
depth_of(const struct expr *e)
{
    unsigned deepest = 0;
    for (uint32_t i = 0; i < e->arg_count; i++) {
        const unsigned d = depth_of(e->args[i]);
        deepest = d > deepest ? d : deepest;
    }
    return deepest + 1;
}

static void
long_chains_stay_shallow(void **state)
{
    struct error err = {0};
    const char *text = repeated("a = 0", " OR a = 1", 50000, "");
    struct expr *e = sql_parse_expr(&arena, text, strlen(text), &err);
    assert_non_null(e);
    assert_true(depth_of(e) < 24);
    text = repeated("SELECT 1", " UNION ALL SELECT 1", 5000, "");
    struct rel *r = sql_parse_query(&arena, text, strlen(text), &err);
    assert_non_null(r);
    assert_int_equal(r->input_count, 5001);
    assert_fails(repeated("SELECT 1", " + 1", 5000, ""), "FAILED_TO_PARSE_TOO_COMPLEX", NULL);
}

static struct command *
command_of(const char *text, enum command_kind kind)
{
    struct error err = {0};
    struct rel *query;
    struct command *c;
    if (!parse_any(text, &query, &c, &err)) {
        print_message("%s\n", error_text(&err));
    }
    assert_non_null(c);
    assert_null(query);
    assert_int_equal(c->kind, kind);
    return c;
}

static void
views_and_tables_are_created(void **state)
{
    struct command *c = command_of("CREATE OR REPLACE GLOBAL TEMPORARY VIEW a.v (x COMMENT 'y', z) "
                                   "AS SELECT 1, 2",
                                   COMMAND_CREATE_VIEW);
    assert_true(c->replace && c->global && c->temporary);
    assert_int_equal(c->name_count, 2);
    assert_int_equal(c->column_count, 2);
    assert_string_equal(c->query_text, "SELECT 1, 2");
    c = command_of("CREATE TEMP VIEW v USING csv OPTIONS (path '/x', header true)",
                   COMMAND_CREATE_VIEW);
    assert_int_equal(c->query->kind, REL_READ);
    assert_string_equal(c->query->paths[0], "/x");
    assert_string_equal(options_get(&c->query->options, "HEADER"), "true");
    c = command_of("CREATE TABLE IF NOT EXISTS t (a INT, b STRUCT<c: DECIMAL(3, 1)>) USING parquet "
                   "PARTITIONED BY (a) LOCATION '/t' COMMENT 'c'",
                   COMMAND_CREATE_TABLE);
    assert_string_equal(c->schema_text, "a INT, b STRUCT<c: DECIMAL(3, 1)>");
    assert_string_equal(c->write->path, "/t");
    assert_string_equal(c->write->partition_by[0], "a");
    assert_int_equal(c->write->mode, WRITE_IGNORE);
    c = command_of("CREATE TABLE t AS SELECT 1 AS a", COMMAND_CREATE_TABLE);
    assert_non_null(c->query);
    assert_true(command_of("DROP TABLE IF EXISTS a.b", COMMAND_DROP_TABLE)->if_exists);
    assert_true(command_of("DROP DATABASE d CASCADE", COMMAND_DROP_DATABASE)->cascade);
}

static void
inserts_say_where_and_how(void **state)
{
    struct command *c = command_of("INSERT INTO a.t (x, y) VALUES (1, 2)", COMMAND_INSERT);
    assert_int_equal(c->column_count, 2);
    assert_int_equal(c->write->mode, WRITE_APPEND);
    assert_int_equal(c->query->kind, REL_VALUES);
    c = command_of("INSERT OVERWRITE TABLE t (SELECT 1)", COMMAND_INSERT);
    assert_int_equal(c->column_count, 0);
    assert_int_equal(c->write->mode, WRITE_OVERWRITE);
    c = command_of("INSERT OVERWRITE DIRECTORY '/d' USING json SELECT 1", COMMAND_INSERT);
    assert_string_equal(c->write->path, "/d");
    assert_string_equal(c->write->format, "json");
}

static void
settings_keep_their_raw_value(void **state)
{
    struct command *c = command_of("SET a.b = 'x; y = \"z ;", COMMAND_SET);
    assert_string_equal(c->key, "a.b");
    assert_string_equal(c->value, "'x; y = \"z");
    c = command_of("SET spark.x", COMMAND_SET);
    assert_string_equal(c->key, "spark.x");
    assert_null(c->value);
    assert_null(command_of("SET", COMMAND_SET)->key);
    c = command_of("SET TIME ZONE INTERVAL '-5:30' HOUR TO MINUTE", COMMAND_SET);
    assert_string_equal(c->value, "-05:30");
    assert_string_equal(command_of("RESET spark.a.b", COMMAND_RESET)->key, "spark.a.b");
}

static void
other_commands_parse(void **state)
{
    struct command *c = command_of("EXPLAIN EXTENDED SELECT 1", COMMAND_EXPLAIN);
    assert_string_equal(c->key, "extended");
    c = command_of("SHOW TABLES IN db LIKE 'a*'", COMMAND_SHOW_TABLES);
    assert_string_equal(c->names[0], "db");
    assert_string_equal(c->key, "a*");
    c = command_of("SHOW COLUMNS IN t FROM db", COMMAND_SHOW_COLUMNS);
    assert_string_equal(c->names[0], "db");
    assert_string_equal(c->names[1], "t");
    command_of("DESCRIBE TABLE EXTENDED a.b", COMMAND_DESCRIBE_TABLE);
    command_of("DESC extended", COMMAND_DESCRIBE_TABLE);
    command_of("DESCRIBE QUERY SELECT 1", COMMAND_DESCRIBE_QUERY);
    command_of("DESCRIBE FUNCTION upper", COMMAND_DESCRIBE_FUNCTION);
    command_of("USE DATABASE d", COMMAND_USE);
    command_of("CACHE LAZY TABLE t AS SELECT 1", COMMAND_CACHE_TABLE);
    command_of("UNCACHE TABLE IF EXISTS t", COMMAND_UNCACHE_TABLE);
    command_of("CLEAR CACHE", COMMAND_CLEAR_CACHE);
    command_of("REFRESH TABLE t", COMMAND_REFRESH);
    command_of("ALTER TABLE a RENAME TO b", COMMAND_ALTER_TABLE_RENAME);
    command_of("TRUNCATE TABLE t", COMMAND_TRUNCATE_TABLE);
    c = command_of("DECLARE OR REPLACE VARIABLE x INT DEFAULT 1 + 1", COMMAND_DECLARE_VARIABLE);
    assert_string_equal(c->schema_text, "INT");
    assert_non_null(c->function);
    command_of("SET VAR x = 5", COMMAND_SET_VARIABLE);
    assert_fails("MERGE INTO t USING s ON true WHEN MATCHED THEN DELETE", "UNSUPPORTED_FEATURE",
                 NULL);
}

static void
names_and_orders_parse_alone(void **state)
{
    struct error err = {0};
    const char **parts;
    uint32_t count;
    assert_true(sql_parse_identifier(&arena, "a.`b.c`.d1", 10, &parts, &count, &err));
    assert_int_equal(count, 3);
    assert_string_equal(parts[1], "b.c");
    assert_string_equal(parts[2], "d1");
    assert_false(sql_parse_identifier(&arena, "a..b", 4, &parts, &count, &err));
    error_clear(&err);
    struct sort_key *keys;
    assert_true(sql_parse_order(&arena, "a DESC, b NULLS LAST", 20, &keys, &count, &err));
    assert_true(keys[0].descending && !keys[0].nulls_first);
    assert_true(!keys[1].descending && !keys[1].nulls_first);
}

static void
every_keyword_is_found(void **state)
{
    static const char *const words[] = {
#define KEYWORD(word) #word,
#include "sql/keywords.inc"
#undef KEYWORD
    };
    for (unsigned i = 0; i < sizeof words / sizeof *words; i++) {
        assert_int_equal(sql_keyword(words[i], strlen(words[i])), i + 1);
    }
    assert_int_equal(sql_keyword("selec", 5), KW_NONE);
    assert_int_equal(sql_keyword("sElEcT", 6), KW_SELECT);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(expressions_have_the_expected_trees),
        cmocka_unit_test(queries_have_the_expected_trees),
        cmocka_unit_test(statements_that_spark_parsed_parse_and_the_others_do_not),
        cmocka_unit_test(errors_show_their_place_as_spark_does),
        cmocka_unit_test(places_of_expressions_count_characters),
        cmocka_unit_test(deep_nesting_is_refused_not_fatal),
        cmocka_unit_test(long_chains_stay_shallow),
        cmocka_unit_test(views_and_tables_are_created),
        cmocka_unit_test(inserts_say_where_and_how),
        cmocka_unit_test(settings_keep_their_raw_value),
        cmocka_unit_test(other_commands_parse),
        cmocka_unit_test(names_and_orders_parse_alone),
        cmocka_unit_test(every_keyword_is_found),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
