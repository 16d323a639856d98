/* The local control store: compare-and-set, what a restart and a torn journal leave, locks, leases.
 */
#include "control/control.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct fixture {
    char dir[64];
    struct control *c;
    struct error err;
};

static int
setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    strcpy(f->dir, "/tmp/weir-control-XXXXXX");
    if (mkdtemp(f->dir) == NULL) {
        return -1;
    }
    f->c = control_open_local(&env_real, f->dir, &f->err);
    *state = f;
    return f->c != NULL ? 0 : -1;
}

static int
teardown(void **state)
{
    struct fixture *f = *state;
    control_close(f->c);
    error_clear(&f->err);
    env_remove_tree(&env_real, f->dir, &f->err);
    error_clear(&f->err);
    free(f);
    return 0;
}

static bool
put(struct fixture *f, const char *key, const char *value, uint64_t expected)
{
    const struct control_change change = {
        .key = key,
        .version_expected = expected,
        .value = value,
        .len = value ? strlen(value) : 0,
    };
    error_clear(&f->err);
    return control_apply(f->c, &change, 1, NULL, &f->err);
}

static void
a_change_needs_the_version_that_is_there(void **state)
{
    struct fixture *f = *state;
    uint64_t version;
    assert_true(put(f, "a", "1", 0));
    assert_false(put(f, "a", "2", 0));
    assert_int_equal(f->err.code, CONTROL_CONFLICT);
    assert_true(control_get(f->c, "a", NULL, &version, &f->err));
    assert_true(put(f, "a", "2", version));
    assert_false(put(f, "a", "3", version));
}

static void
several_keys_change_together_or_not_at_all(void **state)
{
    struct fixture *f = *state;
    assert_true(put(f, "b", "1", 0));
    const struct control_change changes[] = {
        {.key = "a", .value = "x", .len = 1},
        {.key = "b", .value = "x", .len = 1, .version_expected = 0},
    };
    assert_false(control_apply(f->c, changes, 2, NULL, &f->err));
    uint64_t version;
    assert_true(control_get(f->c, "a", NULL, &version, &f->err));
    assert_int_equal(version, 0);
}

static void
a_restart_keeps_all_and_cuts_a_torn_entry(void **state)
{
    struct fixture *f = *state;
    uint64_t first, second;
    assert_true(control_raise(f->c, "incarnation/1", &first, &f->err));
    for (int i = 0; i < 50; i++) {
        char key[16];
        snprintf(key, sizeof key, "k%02d", i);
        assert_true(put(f, key, key, 0));
    }
    control_close(f->c);
    char path[80];
    snprintf(path, sizeof path, "%s/control", f->dir);
    struct env_stat st;
    env_real.ops->stat(&env_real, path, &st, &f->err);
    const int fd = env_real.ops->open(&env_real, path, ENV_WRITE, &f->err);
    env_real.ops->truncate(&env_real, fd, st.bytes - 1, &f->err);
    env_real.ops->close(&env_real, fd);
    f->c = control_open_local(&env_real, f->dir, &f->err);
    assert_non_null(f->c);
    assert_true(control_raise(f->c, "incarnation/1", &second, &f->err));
    assert_int_equal(second, first + 1);
    uint64_t version;
    struct buffer value = {0};
    assert_true(control_get(f->c, "k48", &value, &version, &f->err));
    assert_string_equal(buffer_text(&value), "k48");
    assert_true(control_get(f->c, "k49", NULL, &version, &f->err));
    assert_int_equal(version, 0);
    buffer_release(&value);
}

static void
a_second_opener_is_refused(void **state)
{
    struct fixture *f = *state;
    assert_null(control_open_local(&env_real, f->dir, &f->err));
    assert_non_null(strstr(error_text(&f->err), "another process"));
}

static void
count_change(void *ctx, const char *key, struct bytes value, uint64_t version)
{
    (void)key;
    (void)version;
    *(int *)ctx += value.ptr == NULL ? 100 : 1;
}

static void
a_leases_keys_go_with_it_and_watchers_see_that(void **state)
{
    struct fixture *f = *state;
    int seen = 0;
    struct control_watch *w = control_watch(f->c, "node/", count_change, &seen, &f->err);
    uint64_t lease;
    assert_true(control_lease_grant(f->c, 60000, &lease, &f->err));
    const struct control_change change = {.key = "node/1", .value = "x", .len = 1, .lease = lease};
    assert_true(control_apply(f->c, &change, 1, NULL, &f->err));
    assert_true(control_lease_keep(f->c, lease, &f->err));
    assert_int_equal(seen, 1);
    assert_true(control_lease_end(f->c, lease, &f->err));
    assert_int_equal(seen, 101);
    assert_false(control_lease_keep(f->c, lease, &f->err));
    control_watch_end(f->c, w);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_change_needs_the_version_that_is_there),
        TEST(several_keys_change_together_or_not_at_all),
        TEST(a_restart_keeps_all_and_cuts_a_torn_entry),
        TEST(a_second_opener_is_refused),
        TEST(a_leases_keys_go_with_it_and_watchers_see_that),
    };
    return cmocka_run_group_tests_name("control/control", tests, NULL, NULL);
}
