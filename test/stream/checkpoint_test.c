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
    assert_true(checkpoint_write_commit(&c, 9, 77, 3, &err));
    struct batch_offsets back;
    assert_true(checkpoint_read_offsets(&c, &arena, 11, &back, &err));
    assert_true(back.watermark_ms == 5 && back.timestamp_ms == 6 && back.source_count == 2);
    assert_string_equal(back.ends[0], b.ends[0]);
    assert_string_equal(back.ends[1], "-");
    int64_t offsets, commits, watermark;
    uint64_t dropped;
    assert_true(checkpoint_latest(&c, &offsets, &commits, &err));
    assert_true(offsets == 11 && commits == 9);
    assert_true(checkpoint_read_commit(&c, 9, &watermark, &dropped, &err));
    assert_true(watermark == 77 && dropped == 3);
}

static void
damaged_files_are_named(void **state)
{
    const struct checkpoint c = opened();
    static const char *const texts[] = {"", "v1", "v2\n{}\n-", "v1\nnot json\n-"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct error err = {0};
        struct batch_offsets out;
        int64_t watermark;
        uint64_t dropped;
        replace("offsets/3", texts[i]);
        assert_false(checkpoint_read_offsets(&c, &arena, 3, &out, &err));
        assert_non_null(strstr(error_text(&err), "offsets/3"));
        error_clear(&err);
        if (i == 2) {
            continue; /* a commit's version line is not looked at */
        }
        replace("commits/3", texts[i]);
        assert_false(checkpoint_read_commit(&c, 3, &watermark, &dropped, &err));
        error_clear(&err);
    }
}

static void
names_that_are_no_batches_are_passed_over(void **state)
{
    const struct checkpoint c = opened();
    struct error err = {0};
    int64_t offsets, commits;
    replace("offsets/4", "v1\n{}");
    replace("offsets/9.tmp", "");
    replace("offsets/x7", "");
    assert_true(checkpoint_latest(&c, &offsets, &commits, &err));
    assert_true(offsets == 4 && commits == -1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_id_stays, setup, teardown),
        cmocka_unit_test_setup_teardown(offsets_and_commits_come_back, setup, teardown),
        cmocka_unit_test_setup_teardown(damaged_files_are_named, setup, teardown),
        cmocka_unit_test_setup_teardown(names_that_are_no_batches_are_passed_over, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
