/* Sessions, catalog and batch writes as SQL sees them, on a disk that can be made to fail. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/env.h"
#include "driver/command.h"
#include "driver/conf.h"
#include "driver/session.h"
#include "driver/tables.h"
#include "format/arrow.h"
#include "sql/parse.h"

/* The real disk, until a rename or removal below `watched` that counts down to nothing: from there
 * on every change of names fails, as after a crash. */
static struct env disk;
static struct env_ops disk_ops;
static char watched[256];
static int changes_left;

static bool
may_change(const char *path, struct error *err)
{
    if (watched[0] == '\0' || strncmp(path, watched, strlen(watched)) != 0 || changes_left-- > 0) {
        return true;
    }
    changes_left = 0;
    return error_set(err, ERROR_SYSTEM, "the disk is gone");
}

static bool
fragile_rename(struct env *env, const char *from, const char *to, struct error *err)
{
    return may_change(to, err) && env_real.ops->rename(env, from, to, err);
}

static bool
fragile_unlink(struct env *env, const char *path, struct error *err)
{
    return may_change(path, err) && env_real.ops->unlink(env, path, err);
}

struct fixture {
    char dir[64];
    struct driver *driver;
    struct session *session;
    struct arena arena;
    struct error err;
    char rows[4096]; /* the first column's texts of the last query, each with a comma behind it */
    const struct type *schema;
};

static int
setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    snprintf(f->dir, sizeof f->dir, "/tmp/weir-session-test-XXXXXX");
    assert_non_null(mkdtemp(f->dir));
    disk_ops = *env_real.ops;
    disk_ops.rename = fragile_rename;
    disk_ops.unlink = fragile_unlink;
    disk.ops = &disk_ops;
    watched[0] = '\0';
    const struct driver_config config = {.env = &disk,
                                         .data_dir = f->dir,
                                         .memory_bytes = (uint64_t)256 << 20,
                                         .threads = 2,
                                         .local_input_bytes = INT64_MAX,
                                         .spark_version = "4.3.0"};
    f->driver = driver_new(&config, &f->err);
    assert_non_null(f->driver);
    f->session = session_get(f->driver, "user", "one", true);
    arena_init(&f->arena, NULL);
    *state = f;
    return 0;
}

static int
teardown(void **state)
{
    struct fixture *f = *state;
    watched[0] = '\0';
    error_clear(&f->err);
    session_release(f->session);
    driver_free(f->driver);
    arena_release(&f->arena);
    assert_true(env_remove_tree(&env_real, f->dir, &f->err));
    free(f);
    return 0;
}

static bool
take_schema(void *ctx, const struct type *schema, struct error *err)
{
    ((struct fixture *)ctx)->schema = schema;
    return true;
}

static bool
take_batch(void *ctx, const void *data, size_t len, uint64_t rows, struct error *err)
{
    struct fixture *f = ctx;
    struct buffer stream = {0};
    arrow_put_schema(&stream, f->schema, "UTC");
    buffer_put(&stream, data, len);
    arrow_put_end(&stream);
    struct arrow_reader *reader = NULL;
    struct chunk c = {0};
    bool ok = arrow_reader_open(&f->arena, (struct bytes){stream.ptr, stream.len}, &reader, err);
    while (ok && (ok = arrow_reader_next(reader, &f->arena, &c, err)) && c.n > 0) {
        for (uint32_t i = 0; i < c.n; i++) {
            const struct vec *v = &c.cols[0];
            const struct view *text = (const struct view *)vec_values(v) + vec_index(v, i);
            const size_t used = strlen(f->rows);
            snprintf(f->rows + used, sizeof f->rows - used, "%.*s,", (int)text->len,
                     view_ptr(text));
        }
    }
    buffer_release(&stream);
    return ok;
}

/* Runs a statement; a query's first column must be text. */
static bool
sql_in(struct fixture *f, struct session *s, const char *text)
{
    struct rel *query = NULL;
    struct command *command = NULL;
    struct execution x = {.operation_id = "test"};
    const struct answer_sink sink = {take_schema, take_batch, f};
    f->rows[0] = '\0';
    error_clear(&f->err);
    if (!sql_parse_statement(&f->arena, text, strlen(text), &query, &command, &f->err) ||
        (command != NULL && !session_command(s, &f->arena, command, &x, &query, &f->err))) {
        return false;
    }
    return query == NULL || session_execute(s, &f->arena, query, &x, &sink, &f->err);
}

static bool
sql(struct fixture *f, const char *text)
{
    return sql_in(f, f->session, text);
}

static void
assert_sql(struct fixture *f, const char *text)
{
    if (!sql(f, text)) {
        fail_msg("%s: %s", text, error_text(&f->err));
    }
}

static void
assert_rows(struct fixture *f, const char *query, const char *expected)
{
    assert_sql(f, query);
    assert_string_equal(f->rows, expected);
}

static void
assert_refused(struct fixture *f, const char *text, const char *condition)
{
    assert_false(sql(f, text));
    assert_non_null(f->err.condition);
    assert_string_equal(f->err.condition, condition);
}

/* ---- settings ---- */

static void
settings_have_defaults_and_can_be_unset(void **state)
{
    struct fixture *f = *state;
    const char *key = "spark.sql.shuffle.partitions";
    assert_string_equal(session_conf_get(f->session, &f->arena, key), "200");
    assert_true(session_conf_set(f->session, key, "7", &f->err));
    assert_string_equal(session_conf_get(f->session, &f->arena, key), "7");
    assert_true(session_conf_set(f->session, key, NULL, &f->err));
    assert_string_equal(session_conf_get(f->session, &f->arena, key), "200");
    assert_null(session_conf_get(f->session, &f->arena, "my.own"));
    assert_true(session_conf_set(f->session, "my.own", "x", &f->err));
    assert_string_equal(session_conf_get(f->session, &f->arena, "my.own"), "x");
}

static void
static_and_ill_typed_settings_are_refused(void **state)
{
    struct fixture *f = *state;
    assert_false(session_conf_set(f->session, "spark.master", "x", &f->err));
    assert_string_equal(f->err.condition, "CANNOT_MODIFY_STATIC_CONFIG");
    error_clear(&f->err);
    assert_false(session_conf_set(f->session, "spark.sql.ansi.enabled", "maybe", &f->err));
    assert_string_equal(session_conf_get(f->session, &f->arena, "spark.sql.ansi.enabled"), "true");
    assert_false(session_conf_modifiable(f->session, "spark.master"));
    assert_true(session_conf_modifiable(f->session, "spark.sql.ansi.enabled"));
    assert_false(session_conf_modifiable(f->session, "my.own"));
}

static void
settings_are_bounded(void **state)
{
    struct fixture *f = *state;
    char key[32];
    for (int i = 0; i < CONF_ENTRIES_MAX; i++) {
        snprintf(key, sizeof key, "k%d", i);
        assert_true(session_conf_set(f->session, key, "v", &f->err));
    }
    assert_false(session_conf_set(f->session, "one.more", "v", &f->err));
    assert_true(session_conf_set(f->session, "k0", NULL, &f->err));
    error_clear(&f->err);
    assert_true(session_conf_set(f->session, "one.more", "v", &f->err));
}

static void
settings_of_a_session_are_its_own_and_a_clone_takes_them(void **state)
{
    struct fixture *f = *state;
    const char *key = "spark.sql.shuffle.partitions";
    assert_true(session_conf_set(f->session, key, "7", &f->err));
    struct session *other = session_get(f->driver, "user", "two", true);
    assert_string_equal(session_conf_get(other, &f->arena, key), "200");
    session_release(other);
    struct session *clone = session_clone(f->session, "three", &f->err);
    assert_non_null(clone);
    assert_true(session_conf_set(f->session, key, "8", &f->err));
    assert_string_equal(session_conf_get(clone, &f->arena, key), "7");
    session_release(clone);
}

/* ---- temporary views ---- */

static void
views_are_their_sessions_and_global_ones_everybodys(void **state)
{
    struct fixture *f = *state;
    assert_sql(f, "CREATE TEMPORARY VIEW v AS SELECT 'one' AS x");
    assert_sql(f, "CREATE GLOBAL TEMPORARY VIEW g AS SELECT 'all' AS x");
    struct session *other = session_get(f->driver, "user", "two", true);
    assert_false(sql_in(f, other, "SELECT x FROM v"));
    assert_string_equal(f->err.condition, "TABLE_OR_VIEW_NOT_FOUND");
    assert_true(sql_in(f, other, "SELECT x FROM global_temp.g"));
    assert_string_equal(f->rows, "all,");
    session_release(other);
    assert_rows(f, "SELECT x FROM V", "one,"); /* names know no case */
}

static void
views_are_replaced_only_when_asked(void **state)
{
    struct fixture *f = *state;
    assert_sql(f, "CREATE TEMPORARY VIEW v AS SELECT 'one' AS x");
    assert_refused(f, "CREATE TEMPORARY VIEW v AS SELECT 'two' AS x",
                   "TEMP_TABLE_OR_VIEW_ALREADY_EXISTS");
    assert_rows(f, "SELECT x FROM v", "one,");
    assert_sql(f, "CREATE OR REPLACE TEMPORARY VIEW v AS SELECT 'two' AS x");
    assert_rows(f, "SELECT x FROM v", "two,");
}

static void
a_dropped_view_uncovers_the_table(void **state)
{
    struct fixture *f = *state;
    assert_sql(f, "CREATE TABLE t AS SELECT 'table' AS x");
    assert_sql(f, "CREATE TEMPORARY VIEW t AS SELECT 'view' AS x");
    assert_rows(f, "SELECT x FROM t", "view,");
    assert_true(session_view_drop(f->session, "t", false));
    assert_false(session_view_drop(f->session, "t", false));
    assert_rows(f, "SELECT x FROM t", "table,");
}

/* ---- the catalog's files ---- */

static void
put_file(const char *path, const char *text)
{
    struct error err = {0};
    assert_true(env_write_file_atomic(&env_real, path, text, strlen(text), &err));
}

static void
a_damaged_table_says_so_and_loses_nothing(void **state)
{
    struct fixture *f = *state;
    char path[128];
    uint8_t *whole = NULL;
    size_t len = 0;
    assert_sql(f, "CREATE TABLE t AS SELECT 'kept' AS x");
    assert_sql(f, "CREATE TABLE u AS SELECT 'other' AS x");
    snprintf(path, sizeof path, "%s/catalog/default/t.json", f->dir);
    assert_true(env_read_file(&env_real, path, 1 << 20, &whole, &len, &f->err));
    char *text = strndup((char *)whole, len);
    for (size_t cut = 0; cut < len; cut += 7) { /* torn anywhere */
        char *torn = strndup(text, cut);
        put_file(path, torn);
        assert_false(sql(f, "SELECT x FROM t"));
        assert_non_null(strstr(error_text(&f->err), "t"));
        assert_false(sql(f, "CREATE TABLE t AS SELECT 'new' AS x"));
        assert_false(sql(f, "CREATE OR REPLACE TABLE t AS SELECT 'new' AS x"));
        free(torn);
    }
    put_file(path, "{}");
    assert_false(sql(f, "SELECT x FROM t"));
    assert_non_null(strstr(error_text(&f->err), "damaged"));
    assert_rows(f, "SELECT x FROM u", "other,");
    put_file(path, text);
    assert_rows(f, "SELECT x FROM t", "kept,");
    free(text);
    free(whole);
}

static void
names_cannot_leave_the_catalog(void **state)
{
    struct fixture *f = *state;
    assert_false(sql(f, "CREATE TABLE `../../escaped` AS SELECT 'x' AS x"));
    assert_false(sql(f, "CREATE TABLE `a/b` AS SELECT 'x' AS x"));
    assert_false(sql(f, "CREATE DATABASE `..`"));
}

/* ---- save modes ---- */

static void
save_modes(void **state)
{
    struct fixture *f = *state;
    assert_sql(f, "CREATE TABLE t AS SELECT 'a' AS x");
    assert_refused(f, "CREATE TABLE t AS SELECT 'b' AS x", "TABLE_OR_VIEW_ALREADY_EXISTS");
    assert_sql(f, "CREATE TABLE IF NOT EXISTS t AS SELECT 'c' AS x");
    assert_rows(f, "SELECT x FROM t ORDER BY x", "a,");
    assert_sql(f, "INSERT INTO t SELECT 'd'");
    assert_rows(f, "SELECT x FROM t ORDER BY x", "a,d,");
    assert_sql(f, "INSERT OVERWRITE t SELECT 'e'");
    assert_rows(f, "SELECT x FROM t ORDER BY x", "e,");
}

static void
partitioned(struct fixture *f)
{
    assert_sql(f, "CREATE TABLE p (x STRING, k INT) USING parquet PARTITIONED BY (k)");
    assert_sql(f, "INSERT INTO p VALUES ('a', 1), ('b', 2), ('c', 3)");
}

static void
a_static_overwrite_replaces_all_partitions(void **state)
{
    struct fixture *f = *state;
    partitioned(f);
    assert_sql(f, "INSERT OVERWRITE p VALUES ('B', 2)");
    assert_rows(f, "SELECT x FROM p ORDER BY x", "B,");
}

static void
a_dynamic_overwrite_replaces_the_written_partitions(void **state)
{
    struct fixture *f = *state;
    partitioned(f);
    assert_true(session_conf_set(f->session, "spark.sql.sources.partitionOverwriteMode", "dynamic",
                                 &f->err));
    assert_sql(f, "INSERT OVERWRITE p VALUES ('B', 2), ('D', 4)");
    assert_rows(f, "SELECT x FROM p ORDER BY x", "B,D,a,c,");
}

/* ---- the order of a commit ---- */

static void
a_write_that_fails_leaves_no_row_and_no_old_one_is_lost(void **state)
{
    struct fixture *f = *state;
    assert_sql(f, "CREATE TABLE t AS SELECT 'old' AS x");
    /* The query fails before its commit, in every mode. */
    assert_false(sql(f, "INSERT OVERWRITE t SELECT raise_error('x')"));
    assert_false(sql(f, "INSERT INTO t SELECT raise_error('x')"));
    assert_rows(f, "SELECT x FROM t", "old,");
    char path[160];
    snprintf(path, sizeof path, "%s/warehouse/t/_temporary", f->dir);
    assert_int_not_equal(access(path, F_OK), 0);
}

/* An append that loses its disk after any number of steps: the old rows are there, a new one is
 * seen whole or not at all, and once the disk is back the next append works. */
static void
an_append_that_is_cut_off_keeps_the_old_rows(void **state)
{
    struct fixture *f = *state;
    assert_sql(f, "CREATE TABLE t AS SELECT 'old' AS x");
    char folder[160];
    snprintf(folder, sizeof folder, "%s/warehouse/t", f->dir);
    bool done = false;
    for (int steps = 0; !done; steps++) {
        assert_true(steps < 20);
        snprintf(watched, sizeof watched, "%s", folder);
        changes_left = steps;
        done = sql(f, "INSERT INTO t SELECT 'new'");
        watched[0] = '\0';
        assert_sql(f, "SELECT x FROM t WHERE x = 'old'");
        assert_string_equal(f->rows, "old,");
        if (steps == 0) {
            assert_false(done);
            assert_rows(f, "SELECT x FROM t", "old,"); /* nothing before the first rename */
        }
    }
    assert_sql(f, "INSERT INTO t SELECT 'last'");
    assert_rows(f, "SELECT x FROM t WHERE x = 'last'", "last,");
}

/* ---- patterns of SHOW ... LIKE ---- */

static void
patterns_match_runs_alternatives_and_no_case(void **state)
{
    (void)state;
    assert_true(pattern_matches(NULL, "x"));
    assert_true(pattern_matches("*", ""));
    assert_true(pattern_matches("a*c", "AbbC"));
    assert_true(pattern_matches("a*b*c", "aXbXbc"));
    assert_true(pattern_matches("x|a*", "abc"));
    assert_true(pattern_matches("abc*", "abc"));
    assert_false(pattern_matches("a*c", "abcd"));
    assert_false(pattern_matches("ab", "abc"));
    assert_false(pattern_matches("", "a"));
    assert_false(pattern_matches("a|b", "ab"));
}

/* 120 stars against a text that fits only nearly: minutes when each star tries all lengths. */
static void
patterns_of_many_stars_end(void **state)
{
    (void)state;
    char pattern[256], text[256];
    for (int i = 0; i < 120; i++) {
        memcpy(pattern + (ptrdiff_t)2 * i, "*a", 2);
        text[i] = 'a';
    }
    memcpy(pattern + 240, "*b", 3);
    text[120] = '\0';
    assert_false(pattern_matches(pattern, text));
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(settings_have_defaults_and_can_be_unset),
        CASE(static_and_ill_typed_settings_are_refused),
        CASE(settings_are_bounded),
        CASE(settings_of_a_session_are_its_own_and_a_clone_takes_them),
        CASE(views_are_their_sessions_and_global_ones_everybodys),
        CASE(views_are_replaced_only_when_asked),
        CASE(a_dropped_view_uncovers_the_table),
        CASE(a_damaged_table_says_so_and_loses_nothing),
        CASE(names_cannot_leave_the_catalog),
        CASE(save_modes),
        CASE(a_static_overwrite_replaces_all_partitions),
        CASE(a_dynamic_overwrite_replaces_the_written_partitions),
        CASE(a_write_that_fails_leaves_no_row_and_no_old_one_is_lost),
        CASE(an_append_that_is_cut_off_keeps_the_old_rows),
        cmocka_unit_test(patterns_match_runs_alternatives_and_no_case),
        cmocka_unit_test(patterns_of_many_stars_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
