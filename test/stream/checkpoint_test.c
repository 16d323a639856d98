/* A checkpoint comes back as it was written; what is damaged is named. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "stream/checkpoint.h"

static struct arena arena;
static char dir[64];

static int
setup(void **state)
{
    arena_init(&arena, NULL);
    strcpy(dir, "/tmp/weir-checkpoint-XXXXXX");
    return mkdtemp(dir) == NULL;
}

static int
teardown(void **state)
{
    struct error err = {0};
    arena_release(&arena);
    return !env_remove_tree(&env_real, dir, &err);
}

static struct checkpoint
opened(void)
{
    struct checkpoint c;
    struct error err = {0};
    assert_true(checkpoint_open(&c, &env_real, dir, &err));
    return c;
}

static void
replace(const char *name, const char *text)
{
    char path[256];
    struct error err = {0};
    snprintf(path, sizeof path, "%s/%s", dir, name);
    assert_true(env_write_file_atomic(&env_real, path, text, strlen(text), &err));
}

static void
the_id_stays(void **state)
{
    const struct checkpoint first = opened(), second = opened();
    assert_int_equal(strlen(first.id), 36);
    assert_string_equal(first.id, second.id);
}

static void
offsets_and_commits_come_back(void **state)
{
    const struct checkpoint c = opened();
    struct error err = {0};
    struct batch_offsets b = {.batch_id = 11, .watermark_ms = 5, .timestamp_ms = 6};
    b.ends[0] = "{\"t\":{\"0\":7}}";
    b.ends[1] = "-";
    b.source_count = 2;
    assert_true(checkpoint_write_offsets(&c, &b, &err));
    assert_true(checkpoint_write_commit(&c, 10, 77, 3, &err));
    struct batch_offsets back;
    assert_true(checkpoint_read_offsets(&c, &arena, 11, &back, &err));
    assert_true(back.watermark_ms == 5 && back.timestamp_ms == 6 && back.source_count == 2);
    assert_string_equal(back.ends[0], b.ends[0]);
    assert_string_equal(back.ends[1], "-");
    int64_t offsets, commits, watermark;
    uint64_t dropped;
    assert_true(checkpoint_latest(&c, &offsets, &commits, &err));
    assert_true(offsets == 11 && commits == 10);
    assert_true(checkpoint_read_commit(&c, 10, &watermark, &dropped, &err));
    assert_true(watermark == 77 && dropped == 3);
}

static bool
offsets_read(const char *text, struct error *err)
{
    const struct checkpoint c = opened();
    struct batch_offsets out;
    replace("offsets/3", text);
    return checkpoint_read_offsets(&c, &arena, 3, &out, err);
}

static bool
commit_read(const char *text, struct error *err)
{
    const struct checkpoint c = opened();
    int64_t watermark;
    uint64_t dropped;
    replace("commits/3", text);
    return checkpoint_read_commit(&c, 3, &watermark, &dropped, err);
}

/* Every text that a whole file can be cut down to. */
static void
a_truncated_file_is_named(void **state)
{
    static const struct {
        bool (*read)(const char *text, struct error *err);
        const char *name, *whole;
    } files[] = {
        {offsets_read, "offsets/3",
         "v1\n{\"batchWatermarkMs\":1,\"batchTimestampMs\":2}\n{\"t\":{\"0\":1}}"},
        {commit_read, "commits/3", "v1\n{\"nextBatchWatermarkMs\":1}"},
    };
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        struct error err = {0};
        assert_true(files[i].read(files[i].whole, &err));
        char cut[128];
        for (size_t len = 0; len < strlen(files[i].whole); len++) {
            memcpy(cut, files[i].whole, len);
            cut[len] = '\0';
            assert_false(files[i].read(cut, &err));
            assert_non_null(strstr(error_text(&err), files[i].name));
            error_clear(&err);
        }
    }
}

static void
another_version_is_refused_by_its_name(void **state)
{
    struct error err = {0};
    assert_false(offsets_read("v2\n{\"batchWatermarkMs\":1,\"batchTimestampMs\":2}\n5", &err));
    assert_non_null(strstr(error_text(&err), "v2"));
    error_clear(&err);
    assert_false(commit_read("v10\n{\"nextBatchWatermarkMs\":1}", &err));
    assert_non_null(strstr(error_text(&err), "v10"));
    error_clear(&err);
    assert_false(commit_read("vx\n{\"nextBatchWatermarkMs\":1}", &err));
    assert_non_null(strstr(error_text(&err), "damaged"));
    error_clear(&err);
}

static void
a_commit_that_spark_wrote_is_read(void **state)
{
    struct error err = {0};
    assert_true(commit_read("v1\n{\"nextBatchWatermarkMs\":7}", &err));
    assert_false(commit_read("v1\n{\"nextBatchWatermarkMs\":\"7\"}", &err));
    error_clear(&err);
}

static void
a_metadata_file_of_something_else_is_refused(void **state)
{
    static const char *const texts[] = {"", "{", "{}", "{\"id\":\"short\"}", "[]"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct checkpoint c;
        struct error err = {0};
        replace("metadata", texts[i]);
        assert_false(checkpoint_open(&c, &env_real, dir, &err));
        assert_non_null(strstr(error_text(&err), "metadata"));
        error_clear(&err);
    }
}

static void
names_that_are_no_batches_are_passed_over(void **state)
{
    const struct checkpoint c = opened();
    struct error err = {0};
    int64_t offsets, commits;
    replace("offsets/0", "");
    replace("offsets/9.tmp", "");
    replace("offsets/x7", "");
    assert_true(checkpoint_latest(&c, &offsets, &commits, &err));
    assert_true(offsets == 0 && commits == -1);
}

/* Only the newest batch may be open; a commit without offsets was never written by us. */
static void
a_gap_between_offsets_and_commits_is_damage(void **state)
{
    const struct checkpoint c = opened();
    struct error err = {0};
    int64_t offsets, commits;
    replace("offsets/4", "");
    replace("commits/4", "");
    assert_true(checkpoint_latest(&c, &offsets, &commits, &err));
    replace("offsets/6", "");
    assert_false(checkpoint_latest(&c, &offsets, &commits, &err));
    error_clear(&err);
    replace("commits/7", "");
    assert_false(checkpoint_latest(&c, &offsets, &commits, &err));
    error_clear(&err);
}

static bool
exists(const char *name)
{
    char path[256];
    struct error err = {0};
    struct env_stat st;
    snprintf(path, sizeof path, "%s/%s", dir, name);
    const bool found = env_real.ops->stat(&env_real, path, &st, &err);
    error_clear(&err);
    return found;
}

static void
what_no_restart_needs_goes(void **state)
{
    const struct checkpoint c = opened();
    struct error err = {0};
    char path[128];
    snprintf(path, sizeof path, "%s/state/0", dir);
    assert_true(env_real.ops->mkdirs(&env_real, path, &err));
    for (int i = 195; i <= 200; i++) {
        snprintf(path, sizeof path, "state/0/%d.state", i);
        replace(path, "");
    }
    replace("offsets/99", "");
    replace("offsets/100", "");
    replace("commits/99", "");
    replace("commits/100", "");
    checkpoint_trim(&c, 200, 1);
    assert_true(!exists("offsets/99") && exists("offsets/100"));
    assert_true(!exists("commits/99") && exists("commits/100"));
    assert_true(!exists("state/0/196.state") && exists("state/0/197.state"));
    assert_true(exists("metadata"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_id_stays, setup, teardown),
        cmocka_unit_test_setup_teardown(offsets_and_commits_come_back, setup, teardown),
        cmocka_unit_test_setup_teardown(a_truncated_file_is_named, setup, teardown),
        cmocka_unit_test_setup_teardown(another_version_is_refused_by_its_name, setup, teardown),
        cmocka_unit_test_setup_teardown(a_commit_that_spark_wrote_is_read, setup, teardown),
        cmocka_unit_test_setup_teardown(a_metadata_file_of_something_else_is_refused, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(names_that_are_no_batches_are_passed_over, setup, teardown),
        cmocka_unit_test_setup_teardown(a_gap_between_offsets_and_commits_is_damage, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(what_no_restart_needs_goes, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
