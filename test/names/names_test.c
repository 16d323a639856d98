/* Paths, permissions and ACLs over a real log; and that a reopened namespace is the same. */
#include "names/names.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

struct world {
    char dir[64];
    struct log_set *logs;
    struct log *log;
    struct names *names;
};

static const struct names_caller super = {"root", NULL, 0, true};
static const char *const staff[] = {"staff"};
static const struct names_caller alice = {"alice", staff, 1, false};
static const struct names_caller bob = {"bob", staff, 1, false};

static void
world_open(struct world *w)
{
    static const struct log_config config = {.segment_bytes = 1 << 20,
                                             .segment_ms = INT64_MAX,
                                             .retention_ms = -1,
                                             .retention_bytes = -1,
                                             .message_bytes_max = 1 << 20};
    struct error err = {0};
    char sub[96];
    snprintf(sub, sizeof sub, "%s/log", w->dir);
    w->logs = log_set_open(&env_real, sub, &err);
    assert_non_null(w->logs);
    w->log = log_open(w->logs, "__namespace", 0, &config, &err);
    assert_non_null(w->log);
    snprintf(sub, sizeof sub, "%s/names", w->dir);
    w->names = names_open(&env_real, sub, w->log, "root", NULL, NULL, &err);
    if (w->names == NULL) {
        fail_msg("%s", error_text(&err));
    }
}

static void
world_close(struct world *w)
{
    names_close(w->names);
    log_set_close(w->logs);
}

static int
setup(void **state)
{
    struct world *w = calloc(1, sizeof *w);
    strcpy(w->dir, "/tmp/weir-names-XXXXXX"); // NOLINT
    assert_non_null(mkdtemp(w->dir));
    world_open(w);
    *state = w;
    return 0;
}

static int
teardown(void **state)
{
    struct world *w = *state;
    struct error err = {0};
    world_close(w);
    env_remove_tree(&env_real, w->dir, &err);
    error_clear(&err);
    free(w);
    return 0;
}

#define REFUSED(call, fault)                                                                       \
    do {                                                                                           \
        struct error err_ = {0}, *err = &err_;                                                     \
        assert_false(call);                                                                        \
        assert_int_equal(err_.code, fault);                                                        \
        error_clear(&err_);                                                                        \
    } while (0)

#define DONE(call)                                                                                 \
    do {                                                                                           \
        struct error err_ = {0}, *err = &err_;                                                     \
        if (!(call)) {                                                                             \
            fail_msg("%s", error_text(&err_));                                                     \
        }                                                                                          \
    } while (0)

static const struct names_make folder = {.mode = 0755, .unmasked_mode = -1};
static const struct names_make file = {.mode = 0644,
                                       .unmasked_mode = -1,
                                       .create_parents = true,
                                       .replication = 1,
                                       .block_bytes = 1 << 20,
                                       .holder = "w"};

static void
touch(struct world *w, const struct names_caller *who, const char *path)
{
    struct error err = {0};
    struct inode *f = names_create(w->names, who, path, &file, &err);
    assert_non_null(f);
    assert_true(names_file_close(w->names, f, NULL, &err));
}

static void
permissions_are_judged_as_hadoop_does(void **state)
{
    struct world *w = *state;
    struct names *n = w->names;
    REFUSED(names_mkdirs(n, &alice, "/a", &folder, err), NAMES_DENIED);
    DONE(names_mkdirs(n, &super, "/home/alice", &folder, err));
    DONE(names_set_owner(n, &super, "/home/alice", "alice", "staff", err));
    DONE(names_mkdirs(n, &alice, "/home/alice/x/y", &folder, err));
    REFUSED(names_mkdirs(n, &bob, "/home/alice/z", &folder, err), NAMES_DENIED);
    DONE(names_set_mode(n, &alice, "/home/alice", 0770, err));
    DONE(names_mkdirs(n, &bob, "/home/alice/z", &folder, err)); /* by the group */
    DONE(names_set_mode(n, &alice, "/home/alice", 01777, err));
    bool done;
    REFUSED(names_delete(n, &bob, "/home/alice/x", true, &done, err), NAMES_DENIED); /* sticky */
    DONE(names_delete(n, &bob, "/home/alice/z", true, &done, err));
    assert_true(done);
    REFUSED(names_set_owner(n, &alice, "/home/alice", "bob", "", err), NAMES_DENIED);
    REFUSED(names_set_owner(n, &alice, "/home/alice", "", "wheel", err), NAMES_DENIED);
    DONE(names_set_mode(n, &alice, "/home/alice", 0700, err));
    REFUSED(names_must_find(n, &bob, "/home/alice/x", err) != NULL, NAMES_DENIED);
    REFUSED(names_set_quota(n, &alice, "/home/alice", 1, 1, err), NAMES_DENIED);
}

static void
paths_and_creation(void **state)
{
    struct world *w = *state;
    struct names *n = w->names;
    touch(w, &super, "/d/e/f");
    REFUSED(names_mkdirs(n, &super, "/d/e/f", &folder, err), NAMES_EXISTS);
    REFUSED(names_mkdirs(n, &super, "/d/e/f/g", &folder, err), NAMES_PARENT_NOT_FOLDER);
    REFUSED(names_mkdirs(n, &super, "/d/../x", &folder, err), NAMES_INVALID_PATH);
    REFUSED(names_mkdirs(n, &super, "d", &folder, err), NAMES_INVALID_PATH);
    REFUSED(names_create(n, &super, "/d/e/f", &file, err) != NULL, NAMES_EXISTS);
    REFUSED(names_create(n, &super, "/d/e", &file, err) != NULL, NAMES_EXISTS);
    struct names_make over = file;
    over.overwrite = true;
    over.create_parents = false;
    DONE(names_create(n, &super, "/d/e/f", &over, err) != NULL);
    REFUSED(names_append(n, &super, "/d/e/f", "x", err) != NULL, NAMES_BEING_CREATED);
    REFUSED(names_create(n, &super, "/no/f", &over, err) != NULL, NAMES_NOT_FOUND);
    bool done;
    REFUSED(names_delete(n, &super, "/d", false, &done, err), NAMES_NOT_EMPTY);
    DONE(names_delete(n, &super, "/", true, &done, err));
    assert_false(done);
    DONE(names_set_quota(n, &super, "/d/e", 2, INT64_MAX, err));
    REFUSED(names_create(n, &super, "/d/e/g", &file, err) != NULL, NAMES_NAME_QUOTA);
}

static void
renames_answer_as_hadoop_does(void **state)
{
    struct world *w = *state;
    struct names *n = w->names;
    bool done;
    touch(w, &super, "/f");
    touch(w, &super, "/g");
    DONE(names_mkdirs(n, &super, "/d", &folder, err));
    static const struct {
        const char *from, *to;
        bool done;
    } olds[] = {
        {"/none", "/x", false}, {"/f", "/g", false},   {"/f", "/no/x", false}, {"/f", "/f", true},
        {"/d", "/d/e", false},  {"/f", "/d", true},    {"/d/f", "/f", true},   {"/d", "/d", false},
        {"/", "/d/x", false},   {"/f", "/g/x", false},
    };
    for (size_t i = 0; i < sizeof olds / sizeof *olds; i++) {
        DONE(names_rename(n, &super, olds[i].from, olds[i].to, NAMES_RENAME_OLD, &done, err));
        assert_int_equal(done, olds[i].done);
    }
    REFUSED(names_rename(n, &super, "/f", "/g", NAMES_RENAME_STRICT, &done, err), NAMES_EXISTS);
    REFUSED(names_rename(n, &super, "/x", "/y", NAMES_RENAME_STRICT, &done, err), NAMES_NOT_FOUND);
    REFUSED(names_rename(n, &super, "/f", "/d", NAMES_RENAME_OVERWRITE, &done, err), NAMES_IO);
    DONE(names_rename(n, &super, "/f", "/g", NAMES_RENAME_OVERWRITE, &done, err));
    assert_true(done);
    assert_int_equal(namespace_root(names_space(n))->tally.files, 1);
}

static void
acls_widen_and_mask(void **state)
{
    struct world *w = *state;
    struct names *n = w->names;
    struct error why = {0};
    touch(w, &super, "/f");
    DONE(names_set_mode(n, &super, "/f", 0640, err));
    const struct inode *f = names_must_find(n, &super, "/f", &why);
    REFUSED(names_may(&bob, f, NAMES_READ, err), NAMES_DENIED);
    DONE(names_acl(n, &super, "/f", NAMES_ACL_MODIFY, "user:bob:rw-", err));
    assert_int_equal(f->mode, 0660); /* the mask */
    DONE(names_may(&bob, f, NAMES_READ | NAMES_WRITE, err));
    DONE(names_set_mode(n, &super, "/f", 0640, err)); /* lowers the mask */
    REFUSED(names_may(&bob, f, NAMES_WRITE, err), NAMES_DENIED);
    DONE(names_acl(n, &super, "/f", NAMES_ACL_REMOVE, "", err));
    assert_null(f->extra);
    assert_int_equal(f->mode, 0640);
    REFUSED(names_acl(n, &super, "/f", NAMES_ACL_MODIFY, "user:bob:rwz", err),
            NAMES_HADOOP_ILLEGAL);
    REFUSED(names_acl(n, &super, "/f", NAMES_ACL_MODIFY, "default:user:bob:rw-", err), NAMES_ACL);
    REFUSED(names_acl(n, &super, "/f", NAMES_ACL_SET, "user::rw-", err), NAMES_ACL);
    DONE(names_mkdirs(n, &super, "/d", &folder, err));
    DONE(names_acl(n, &super, "/d", NAMES_ACL_MODIFY, "default:user:bob:rwx", err));
    touch(w, &super, "/d/f");
    const struct inode *child = names_must_find(n, &super, "/d/f", &why);
    DONE(names_may(&bob, child, NAMES_READ, err));
    REFUSED(names_may(&bob, child, NAMES_EXECUTE, err), NAMES_DENIED); /* the mode's mask */
    DONE(names_mkdirs(n, &super, "/d/e", &folder, err));
    assert_true(inode_has_acl(names_must_find(n, &super, "/d/e", &why)));
}

static void
a_reopened_namespace_is_the_same(void **state)
{
    struct world *w = *state;
    for (int i = 0; i < 1500; i++) { /* enough for a snapshot at the close */
        char path[64];
        snprintf(path, sizeof path, "/d%d/f%d", i % 7, i);
        touch(w, &super, path);
    }
    const uint64_t before = namespace_digest(names_space(w->names));
    world_close(w);
    world_open(w);
    assert_true(namespace_digest(names_space(w->names)) == before);
    assert_true(log_start_offset(w->log) > 1000); /* the snapshot stands for what was there */
    touch(w, &super, "/after");
    const uint64_t after = namespace_digest(names_space(w->names));
    world_close(w);
    world_open(w);
    assert_true(namespace_digest(names_space(w->names)) == after);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(permissions_are_judged_as_hadoop_does, setup, teardown),
        cmocka_unit_test_setup_teardown(paths_and_creation, setup, teardown),
        cmocka_unit_test_setup_teardown(renames_answer_as_hadoop_does, setup, teardown),
        cmocka_unit_test_setup_teardown(acls_widen_and_mask, setup, teardown),
        cmocka_unit_test_setup_teardown(a_reopened_namespace_is_the_same, setup, teardown),
    };
    return cmocka_run_group_tests_name("names/names", tests, NULL, NULL);
}
