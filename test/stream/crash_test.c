/*
 * A query from files into files is cut off after each of its changes to the disk, one after
 * another, and started again: no row is lost, none is there twice, and at no time does a manifest
 * name a file that is not there.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "driver/session.h"
#include "format/manifest.h"
#include "sql/parse.h"
#include "stream/stream.h"

/* ---- a disk that stops after so many changes ---- */

static _Atomic int64_t changes_left;

static bool
change(struct error *err)
{
    return atomic_fetch_sub(&changes_left, 1) > 0 ||
           error_set_code(err, ERROR_SYSTEM, 5, "the disk is gone");
}

static int
cut_open(struct env *env, const char *path, unsigned flags, struct error *err)
{
    (void)env;
    return (flags & (ENV_CREATE | ENV_TRUNCATE)) == 0 || change(err)
               ? env_real.ops->open(&env_real, path, flags, err)
               : -1;
}

/* The write at which it happens is half there. */
static bool
cut_pwrite(struct env *env, int fd, const void *src, size_t len, int64_t offset, struct error *err)
{
    (void)env;
    const int64_t left = atomic_fetch_sub(&changes_left, 1);
    if (left > 0) {
        return env_real.ops->pwrite(&env_real, fd, src, len, offset, err);
    }
    if (left == 0) {
        env_real.ops->pwrite(&env_real, fd, src, len / 2, offset, err);
    }
    return error_set_code(err, ERROR_SYSTEM, 5, "the disk is gone");
}

static bool
cut_truncate(struct env *env, int fd, int64_t bytes, struct error *err)
{
    (void)env;
    return change(err) && env_real.ops->truncate(&env_real, fd, bytes, err);
}

static bool
cut_rename(struct env *env, const char *from, const char *to, struct error *err)
{
    (void)env;
    return change(err) && (rename(from, to) == 0 || error_system(err, errno, "renaming %s", from));
}

static bool
cut_unlink(struct env *env, const char *path, struct error *err)
{
    (void)env;
    return change(err) && env_real.ops->unlink(&env_real, path, err);
}

static bool
cut_mkdirs(struct env *env, const char *path, struct error *err)
{
    (void)env;
    return change(err) && env_real.ops->mkdirs(&env_real, path, err);
}

static bool
cut_rmdir(struct env *env, const char *path, struct error *err)
{
    (void)env;
    return change(err) && env_real.ops->rmdir(&env_real, path, err);
}

static bool
no_sync(struct env *env, int fd, struct error *err)
{
    (void)env;
    (void)fd;
    (void)err;
    return true; /* processes die here, the page cache stays */
}

static bool
no_sync_dir(struct env *env, const char *path, struct error *err)
{
    (void)env;
    (void)path;
    (void)err;
    return true;
}

/* ---- a query in a program's life ---- */

enum { ROWS_MAX = 256 };

struct answer {
    char *lines[ROWS_MAX];
    uint32_t count;
};

static char dir[64];
static struct arena arena;

static const char *
below(const char *name)
{
    return arena_printf(&arena, "%s/%s", dir, name);
}

static void
put_file(const char *name, const char *text)
{
    FILE *file = fopen(below(name), "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

/* In place of the table `src` comes the stream of the folder's files. */
static void
replace_source(struct rel *r, struct rel *read)
{
    for (uint32_t i = 0; i < r->input_count; i++) {
        if (r->inputs[i]->kind == REL_TABLE) {
            r->inputs[i] = read;
        } else {
            replace_source(r->inputs[i], read);
        }
    }
}

static struct rel *
query_plan(struct arena *a, const char *sql, const char *schema, bool watermark)
{
    struct error err = {0};
    struct rel *read = rel_new(a, REL_READ, 0);
    const char *const folder = below("in");
    static struct option one_file[] = {{"maxFilesPerTrigger", "1"}};
    read->format = "json";
    read->paths = arena_copy(a, &folder, sizeof folder);
    read->path_count = 1;
    read->schema_text = schema;
    read->options = (struct options){one_file, 1};
    read->is_streaming = true;
    if (watermark) {
        struct rel *mark = rel_new(a, REL_EVENT_WATERMARK, 1, read);
        mark->name = "t";
        mark->text = "10 seconds";
        read = mark;
    }
    struct rel *plan = sql_parse_query(a, sql, strlen(sql), &err);
    assert_non_null(plan);
    replace_source(plan, read);
    return plan;
}

/* One life of the program: the query reads all that is there. False: it ended with an error. */
static bool
live(struct env *env, const char *sql, const char *schema, bool watermark)
{
    struct error err = {0};
    struct arena a;
    arena_init(&a, NULL);
    const struct driver_config config = {.env = env,
                                         .data_dir = below("data"),
                                         .memory_bytes = 256 << 20,
                                         .threads = 1,
                                         .local_input_bytes = INT64_MAX,
                                         .spark_version = "4.3.0"};
    struct driver *d = driver_new(&config, &err);
    struct stream_manager *m = d != NULL ? stream_manager_new(d, &err) : NULL;
    bool ok = m != NULL;
    if (ok) {
        struct session *s = session_get(d, "u", "11111111-2222-4333-8444-555555555555", true);
        struct option options[] = {{"checkpointLocation", below("ck")}};
        const struct stream_start start = {
            .input = query_plan(&a, sql, schema, watermark),
            .sink = {.format = "json", .path = below("out"), .options = {options, 1}},
            .mode = OUTPUT_APPEND,
            .trigger = TRIGGER_AVAILABLE_NOW};
        struct stream_query *q = stream_query_start(m, s, &start, &err);
        bool over = false;
        ok = q != NULL && stream_query_await(q, 60000, NULL, &over, &err) && over;
        if (q != NULL) {
            stream_query_release(q);
        }
        session_release(s);
    }
    if (m != NULL) {
        stream_manager_free(m);
    }
    if (d != NULL) {
        driver_free(d);
    }
    if (!ok && env == &env_real) {
        print_error("%s\n", error_text(&err));
    }
    error_clear(&err);
    arena_release(&a);
    return ok;
}

static bool
take_lines(void *ctx, const struct manifest_file *file, struct error *err)
{
    struct answer *answer = ctx;
    uint8_t *bytes = NULL;
    size_t len = 0;
    if (!env_read_file(&env_real, file->path, 1 << 20, &bytes, &len, err)) {
        return false;
    }
    char *text = arena_strndup(&arena, (const char *)bytes, len), *rest = NULL;
    free(bytes);
    for (char *line = strtok_r(text, "\n", &rest); line != NULL;
         line = strtok_r(NULL, "\n", &rest)) {
        assert_true(answer->count < ROWS_MAX);
        answer->lines[answer->count++] = line;
    }
    return true;
}

static int
line_order(const void *x, const void *y)
{
    return strcmp(*(char *const *)x, *(char *const *)y);
}

/* What a reader of the sink sees, sorted. */
static struct answer
answer_now(void)
{
    struct answer answer = {0};
    struct error err = {0};
    bool found;
    if (!manifest_list(&arena, &env_real, below("out"), &found, take_lines, &answer, &err)) {
        fail_msg("a manifest names what is not there: %s", error_text(&err));
    }
    qsort(answer.lines, answer.count, sizeof *answer.lines, line_order);
    return answer;
}

static void
forget_all(void)
{
    struct error err = {0};
    static const char *const folders[] = {"in", "out", "ck", "data"};
    for (size_t i = 0; i < 4; i++) {
        env_remove_tree(&env_real, below(folders[i]), &err);
        error_clear(&err);
    }
    assert_true(env_real.ops->mkdirs(&env_real, below("in"), &err));
}

struct query {
    const char *sql, *schema;
    bool watermark;
    const char *first[3], *later; /* contents of files */
};

static void
cut_everywhere(const struct query *q)
{
    struct env_ops ops = *env_real.ops;
    ops.open = cut_open;
    ops.pwrite = cut_pwrite;
    ops.truncate = cut_truncate;
    ops.rename = cut_rename;
    ops.unlink = cut_unlink;
    ops.mkdirs = cut_mkdirs;
    ops.rmdir = cut_rmdir;
    ops.sync = no_sync;
    ops.sync_dir = no_sync_dir;
    struct env cut = {&ops};
    struct answer expected = {0};
    bool whole = false;
    int64_t cuts = 0;
    for (int64_t at = -1; !whole; at++) { /* -1: without a cut, which says what is right */
        forget_all();
        char name[16];
        for (int i = 0; i < 3; i++) {
            snprintf(name, sizeof name, "in/%d.json", i);
            put_file(name, q->first[i]);
        }
        atomic_store(&changes_left, at < 0 ? INT64_MAX : at);
        whole = live(&cut, q->sql, q->schema, q->watermark) && at >= 0;
        answer_now();
        put_file("in/3.json", q->later);
        atomic_store(&changes_left, INT64_MAX);
        assert_true(live(&cut, q->sql, q->schema, q->watermark));
        const struct answer got = answer_now();
        expected = at < 0 ? got : expected;
        bool same = got.count == expected.count;
        for (uint32_t i = 0; same && i < got.count; i++) {
            same = strcmp(got.lines[i], expected.lines[i]) == 0;
        }
        if (!same) {
            for (uint32_t i = 0; i < got.count; i++) {
                print_error("%s\n", got.lines[i]);
            }
            fail_msg("cut after %d changes: %u rows, not %u", (int)at, got.count, expected.count);
        }
        cuts = at;
    }
    assert_true(expected.count > 0);
    assert_true(cuts > 40); /* the cuts really went through all steps */
}

static void
rows_pass_once(void **state)
{
    (void)state;
    static const struct query q = {"SELECT k, v FROM src",
                                   "k STRING, v INT",
                                   false,
                                   {"{\"k\":\"a\",\"v\":1}\n{\"k\":\"b\",\"v\":2}\n",
                                    "{\"k\":\"c\",\"v\":3}\n", "{\"k\":\"d\",\"v\":4}\n"},
                                   "{\"k\":\"e\",\"v\":5}\n"};
    cut_everywhere(&q);
}

/* Here the state and the watermark must survive as well: the row of 00:00:02 in the last file is
 * too late in each life, and each window is summed over batches and closed once. */
static void
windows_close_once(void **state)
{
    (void)state;
    static const struct query q = {
        "SELECT window(t, '10 seconds').start AS w, sum(v) AS s FROM src GROUP BY window(t, '10 "
        "seconds')",
        "t TIMESTAMP, v INT",
        true,
        {"{\"t\":\"2024-01-01T00:00:01\",\"v\":1}\n{\"t\":\"2024-01-01T00:00:05\",\"v\":2}\n",
         "{\"t\":\"2024-01-01T00:01:00\",\"v\":1}\n", "{\"t\":\"2024-01-01T00:01:01\",\"v\":3}\n"},
        "{\"t\":\"2024-01-01T00:00:02\",\"v\":100}\n{\"t\":\"2024-01-01T00:02:00\",\"v\":8}\n"};
    cut_everywhere(&q);
    const struct answer got = answer_now();
    assert_int_equal(got.count, 2);
    assert_non_null(strstr(got.lines[0], "\"s\":3"));
    assert_non_null(strstr(got.lines[1], "\"s\":4"));
}

static int
setup(void **state)
{
    (void)state;
    arena_init(&arena, NULL);
    strcpy(dir, "/tmp/weir-crash-XXXXXX");
    return mkdtemp(dir) == NULL;
}

static int
teardown(void **state)
{
    (void)state;
    struct error err = {0};
    const bool gone = env_remove_tree(&env_real, dir, &err);
    arena_release(&arena);
    return !gone;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(rows_pass_once, setup, teardown),
        cmocka_unit_test_setup_teardown(windows_close_once, setup, teardown),
    };
    return cmocka_run_group_tests_name("stream/crash", tests, NULL, NULL);
}
