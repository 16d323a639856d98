/* The file store's face in this process: through another node's, over a full disk, after a restart,
 * and as an environment of files. */
#include "hdfs/hdfs.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "hdfs/client.h"
#include "net/loop.h"

/* The real disk, but data files of blocks take no more than `room` bytes. */
struct tight_env {
    struct env env;
    struct env_ops ops;
    _Atomic int64_t room;
};
static struct tight_env tight;

static bool
tight_pwrite(struct env *env, int fd, const void *src, size_t len, int64_t offset,
             struct error *err)
{
    if (len >= 4096 && atomic_fetch_sub(&tight.room, (int64_t)len) < (int64_t)len) {
        return error_system(err, ENOSPC, "cannot write %zu bytes", len);
    }
    return env_real.ops->pwrite(&env_real, fd, src, len, offset, err);
}

struct node {
    char dir[64];
    char address[64];
    struct log_set *logs;
    struct hdfs *hdfs;
    struct hdfs_client *client;
};

static char other_address[128];

static bool
elsewhere(void *ctx, char address[128])
{
    (void)ctx;
    memcpy(address, other_address, sizeof other_address);
    return address[0] != '\0';
}

static void
node_start(struct node *n, bool other)
{
    struct error err = {0};
    char sub[96];
    snprintf(sub, sizeof sub, "%s/log", n->dir);
    n->logs = log_set_open(&env_real, sub, &err);
    assert_non_null(n->logs);
    const int fd = net_listen("127.0.0.1:0", &err);
    assert_true(fd >= 0 && net_local_address(fd, n->address, sizeof n->address));
    const struct hdfs_config config = {.env = &tight.env,
                                       .logs = n->logs,
                                       .data_dir = n->dir,
                                       .listen_fd = fd,
                                       .address = n->address,
                                       .elsewhere = other ? elsewhere : NULL};
    n->hdfs = hdfs_start(&config, &err);
    if (n->hdfs == NULL) {
        fail_msg("%s", error_text(&err));
    }
    n->client = hdfs_client_new(n->address, NULL, NULL);
}

static void
node_stop(struct node *n)
{
    hdfs_client_free(n->client);
    hdfs_stop(n->hdfs);
    log_set_close(n->logs);
}

static int
setup(void **state)
{
    struct node *nodes = calloc(2, sizeof *nodes);
    tight.ops = *env_real.ops;
    tight.ops.pwrite = tight_pwrite;
    tight.env.ops = &tight.ops;
    atomic_store(&tight.room, INT64_MAX / 2);
    for (int i = 0; i < 2; i++) {
        snprintf(nodes[i].dir, sizeof nodes[i].dir, "/tmp/weir-hdfs-XXXXXX");
        assert_non_null(mkdtemp(nodes[i].dir));
    }
    node_start(&nodes[0], false);
    *state = nodes;
    return 0;
}

static int
teardown(void **state)
{
    struct node *nodes = *state;
    struct error err = {0};
    node_stop(&nodes[0]);
    for (int i = 0; i < 2; i++) {
        env_remove_tree(&env_real, nodes[i].dir, &err);
    }
    free(nodes);
    return 0;
}

static bool
create(struct node *n, const char *path, const void *bytes, size_t len, struct error *err)
{
    const struct hdfs_client_call call = {
        .method = "PUT", .path = path, .op = "CREATE", .body = bytes, .len = len};
    return hdfs_client_do(n->client, &call, NULL, err);
}

static void
check_content(struct node *n, const char *path, const char *want, size_t len)
{
    struct error err = {0};
    struct buffer out = {0};
    const struct hdfs_client_call call = {.method = "GET", .path = path, .op = "OPEN"};
    if (!hdfs_client_do(n->client, &call, &out, &err)) {
        fail_msg("%s", error_text(&err));
    }
    assert_int_equal(out.len, len);
    assert_memory_equal(out.ptr, want, len);
    buffer_release(&out);
}

static void
another_node_leads_to_the_files(void **state)
{
    struct node *nodes = *state;
    struct error err = {0};
    node_start(&nodes[1], true);
    other_address[0] = '\0';
    assert_false(create(&nodes[1], "/f", "12345", 5, &err));
    assert_non_null(strstr(error_text(&err), "not there now"));
    error_clear(&err);
    snprintf(other_address, sizeof other_address, "%s", nodes[0].address);
    assert_true(create(&nodes[1], "/a b/f%", "12345", 5, &err));
    check_content(&nodes[0], "/a b/f%", "12345", 5);
    check_content(&nodes[1], "/a b/f%", "12345", 5);
    node_stop(&nodes[1]);
}

static void
a_full_disk_is_an_answer_and_harms_nothing(void **state)
{
    struct node *nodes = *state;
    struct error err = {0};
    const size_t len = 3 << 20;
    char *bytes = malloc(len);
    memset(bytes, 'x', len);
    assert_true(create(&nodes[0], "/before", bytes, len, &err));
    atomic_store(&tight.room, 1 << 20);
    assert_false(create(&nodes[0], "/full", bytes, len, &err));
    assert_non_null(strstr(error_text(&err), strerror(ENOSPC)));
    error_clear(&err);
    atomic_store(&tight.room, INT64_MAX / 2);
    check_content(&nodes[0], "/before", bytes, len);
    assert_true(create(&nodes[0], "/after", bytes, len, &err));
    node_stop(&nodes[0]);
    node_start(&nodes[0], false);
    check_content(&nodes[0], "/before", bytes, len);
    check_content(&nodes[0], "/after", bytes, len);
    free(bytes);
}

static bool
count_one(void *ctx, const struct hdfs_file *file)
{
    (void)file;
    ++*(int *)ctx;
    return true;
}

static void
listings_come_in_pages(void **state)
{
    struct node *nodes = *state;
    struct error err = {0};
    struct arena a;
    int seen = 0;
    arena_init(&a, NULL);
    for (int i = 0; i < 2345; i++) {
        char path[64];
        snprintf(path, sizeof path, "/many/%d", i);
        const struct hdfs_client_call call = {.method = "PUT", .path = path, .op = "MKDIRS"};
        assert_true(hdfs_client_do(nodes[0].client, &call, NULL, &err));
    }
    assert_true(hdfs_client_list(nodes[0].client, &a, "/many", count_one, &seen, &err));
    assert_int_equal(seen, 2345);
    arena_release(&a);
}

static void
an_env_of_files_behaves_as_a_local_one(void **state)
{
    struct node *nodes = *state;
    struct error err = {0};
    struct env *env = hdfs_env_new(&env_real, nodes[0].address, NULL);
    assert_true(env->ops->mkdirs(env, "hdfs:/e/d", &err));
    assert_true(env_write_file_atomic(env, "hdfs:/e/d/f", "hello", 5, &err));
    assert_true(env_write_file_atomic(env, "hdfs:///e/d/f", "again!", 6, &err));
    uint8_t *bytes = NULL;
    size_t len = 0, got = 99;
    assert_true(env_read_file(env, "hdfs:///e/d/f", 100, &bytes, &len, &err));
    assert_int_equal(len, 6);
    assert_memory_equal(bytes, "again!", 6);
    free(bytes);
    const int fd = env->ops->open(env, "hdfs:/e/d/f", ENV_READ, &err);
    char byte;
    assert_true(fd >= 0 && env->ops->pread(env, fd, &byte, 1, 6, &got, &err));
    assert_int_equal(got, 0); /* behind the end is nothing, and no error */
    env->ops->close(env, fd);
    assert_false(env->ops->rmdir(env, "hdfs:/e", &err));
    assert_int_equal(err.code, ENOTEMPTY);
    error_clear(&err);
    struct env_stat st;
    assert_false(env->ops->stat(env, "hdfs:/none", &st, &err));
    assert_int_equal(err.code, ENOENT);
    error_clear(&err);
    assert_true(env_remove_tree(env, "hdfs:/e", &err));
    assert_true(env->ops->stat(env, "/", &st, &err)); /* others go on to the disk */
    hdfs_env_free(env);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(another_node_leads_to_the_files, setup, teardown),
        cmocka_unit_test_setup_teardown(a_full_disk_is_an_answer_and_harms_nothing, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(listings_come_in_pages, setup, teardown),
        cmocka_unit_test_setup_teardown(an_env_of_files_behaves_as_a_local_one, setup, teardown),
    };
    return cmocka_run_group_tests_name("hdfs/hdfs", tests, NULL, NULL);
}
