/* The local control store: the suite of all back ends, and what a restart and a torn journal leave.
 */
#include "suite.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

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

/* A key that was durable and then got a lease is gone for those who come after this process. */
static void
a_restart_forgets_what_leases_held(void **state)
{
    struct fixture *f = *state;
    assert_true(put(f, "a", "1", 0));
    uint64_t lease, version;
    assert_true(control_lease_grant(f->c, 60000, &lease, &f->err));
    assert_true(control_get(f->c, "a", NULL, &version, &f->err));
    const struct control_change changes[] = {
        {.key = "a", .version_expected = version, .value = "2", .len = 1, .lease = lease},
        {.key = "b", .value = "2", .len = 1, .lease = lease},
        {.key = "c", .value = "3", .len = 1},
    };
    assert_true(control_apply(f->c, changes, 3, NULL, &f->err));
    control_close(f->c);
    f->c = control_open_local(&env_real, f->dir, &f->err);
    assert_non_null(f->c);
    static const char *const keys[] = {"a", "b", "c"};
    for (size_t i = 0; i < 3; i++) {
        assert_true(control_get(f->c, keys[i], NULL, &version, &f->err));
        assert_int_equal(version != 0, i == 2);
    }
}

/* --- what all back ends must do --------------------------------------------------------------- */

static char suite_dir[64];

static struct control *
suite_open(void *ctx)
{
    (void)ctx;
    struct error err = {0};
    strcpy(suite_dir, "/tmp/weir-control-XXXXXX");
    return mkdtemp(suite_dir) != NULL ? control_open_local(&env_real, suite_dir, &err) : NULL;
}

static void
suite_close(void *ctx, struct control *c)
{
    (void)ctx;
    struct error err = {0};
    control_close(c);
    env_remove_tree(&env_real, suite_dir, &err);
    error_clear(&err);
}

static void
suite_pass(void *ctx, int64_t ms)
{
    (void)ctx;
    nanosleep(&(struct timespec){.tv_nsec = ms * 1000000}, NULL);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_restart_keeps_all_and_cuts_a_torn_entry),
        TEST(a_second_opener_is_refused),
        TEST(a_restart_forgets_what_leases_held),
    };
    const struct suite_backend local = {.name = "control/local",
                                        .open = suite_open,
                                        .close = suite_close,
                                        .pass = suite_pass,
                                        .threads = true};
    return suite_run(&local) + cmocka_run_group_tests_name("control/control", tests, NULL, NULL);
}
