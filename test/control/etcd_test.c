/* The etcd back end on a real etcd: the suite of all back ends, and what losses of etcd do to it.
 */
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/thread.h"
#include "control/etcd_call.h"
#include "control/takeover.h"
#include "etcd_process.h"
#include "proxy.h"
#include "suite.h"

static struct etcd_process etcd;
static char prefix[32];
static int stores;

static struct control *
open_at(const char *endpoints, int64_t timeout_ms)
{
    struct error err = {0};
    struct control *c =
        control_open_etcd(&env_real,
                          &(struct control_etcd_config){
                              .endpoints = endpoints, .prefix = prefix, .timeout_ms = timeout_ms},
                          &err);
    error_clear(&err);
    return c;
}

static struct control *
again(void *ctx)
{
    (void)ctx;
    return open_at(etcd.endpoints, 20000);
}

static void
prefix_next(void)
{
    snprintf(prefix, sizeof prefix, "test/%d/", ++stores);
}

static struct control *
fresh(void *ctx)
{
    prefix_next();
    return again(ctx);
}

static void
drop(void *ctx, struct control *c)
{
    (void)ctx;
    control_close(c);
}

static void
pass(void *ctx, int64_t ms)
{
    (void)ctx;
    nanosleep(&(struct timespec){.tv_nsec = ms * 1000000}, NULL);
}

static bool
put(struct control *c, const char *key, const char *value)
{
    struct error err = {0};
    uint64_t version;
    bool ok = control_get(c, key, NULL, &version, &err);
    const struct control_change change = {.key = key,
                                          .version_expected = version,
                                          .value = value,
                                          .len = value != NULL ? strlen(value) : 0};
    ok = ok && control_apply(c, &change, 1, NULL, &err);
    error_clear(&err);
    return ok;
}

static void
compact_at_version_of(struct control *c, const char *key)
{
    struct error err = {0};
    uint64_t version;
    assert_true(control_get(c, key, NULL, &version, &err));
    struct etcd_link *link = etcd_link_new(&env_real, etcd.endpoints, 20000, &err);
    struct buffer body = {0};
    buffer_printf(&body, "{\"revision\":\"%llu\",\"physical\":true}", (unsigned long long)version);
    const struct etcd_call call = {.path = "/v3/kv/compaction", .body = &body};
    struct etcd_answer answer;
    assert_true(etcd_call(link, &call, &answer, &err));
    buffer_release(&body);
    etcd_link_free(link);
}

/* A watcher's own copy of the keys: "a=1 b=2 ". */
struct copy {
    pthread_mutex_t lock;
    char values[26]; /* of keys "k/a" to "k/z", one character each */
};

static void
copy_change(void *ctx, const char *key, struct bytes value, uint64_t version)
{
    struct copy *copy = ctx;
    (void)version;
    mutex_lock(&copy->lock);
    copy->values[key[2] - 'a'] = value.ptr != NULL ? (char)value.ptr[0] : '\0';
    mutex_unlock(&copy->lock);
}

/* expected: the values of the first keys; a zero byte for one that is not there. */
#define copy_gets(copy, expected) copy_gets_bytes(copy, expected, sizeof(expected) - 1)

static bool
copy_gets_bytes(struct copy *copy, const char *expected, size_t len)
{
    enum { DEADLINE_MS = 30000 };
    bool same = false;
    for (int i = 0; i < DEADLINE_MS / 5 && !same; i++) {
        pass(NULL, 5);
        mutex_lock(&copy->lock);
        same = memcmp(copy->values, expected, len) == 0;
        mutex_unlock(&copy->lock);
    }
    return same;
}

static void
a_dead_endpoint_is_passed_over(void **state)
{
    (void)state;
    char endpoints[200];
    prefix_next();
    snprintf(endpoints, sizeof endpoints, "127.0.0.1:1, http://%s", etcd.endpoints);
    struct control *c = open_at(endpoints, 20000);
    for (int i = 0; i < 4; i++) {
        assert_true(put(c, "a", "1"));
    }
    assert_true(control_silent_ms(c) < 20000);
    control_close(c);
}

static void
without_etcd_a_call_fails_in_its_time(void **state)
{
    (void)state;
    struct control *c = open_at("127.0.0.1:1", 200);
    struct error err = {0};
    uint64_t version;
    const int64_t from_ms = env_mono_ms(&env_real);
    assert_false(control_get(c, "a", NULL, &version, &err));
    assert_int_equal(err.kind, ERROR_UNAVAILABLE);
    assert_int_not_equal(err.code, CONTROL_CONFLICT);
    assert_true(env_mono_ms(&env_real) - from_ms < 10000);
    error_clear(&err);
    control_close(c);
    assert_null(open_at("", 200));
}

static void
a_watch_goes_on_after_etcd_was_killed(void **state)
{
    (void)state;
    struct control *c = fresh(NULL);
    struct copy copy = {.lock = PTHREAD_MUTEX_INITIALIZER};
    struct error err = {0};
    assert_true(put(c, "k/a", "1"));
    struct control_watch *w = control_watch(c, "k/", copy_change, &copy, &err);
    assert_non_null(w);
    assert_true(put(c, "k/b", "2"));
    assert_true(copy_gets(&copy, "12"));
    etcd_process_kill(&etcd, 0);
    assert_true(etcd_process_again(&etcd, 0));
    while (!put(c, "k/c", "3")) {
        pass(NULL, 20);
    }
    assert_true(put(c, "k/a", NULL));
    assert_true(copy_gets(&copy, "\0"
                                 "23"));
    control_watch_end(c, w);
    control_close(c);
}

/* The revision where the watch would go on is gone: it must list again and tell what vanished. */
static void
a_watch_lists_again_after_a_compaction(void **state)
{
    (void)state;
    struct control *c = fresh(NULL);
    struct copy copy = {.lock = PTHREAD_MUTEX_INITIALIZER};
    struct error err = {0};
    struct proxy proxy;
    assert_true(proxy_start(&proxy, etcd.client_port[0]));
    char endpoint[32];
    snprintf(endpoint, sizeof endpoint, "127.0.0.1:%d", proxy.port);
    struct control *behind = open_at(endpoint, 30000);
    assert_true(put(c, "k/a", "1") && put(c, "k/b", "2"));
    struct control_watch *w = control_watch(behind, "k/", copy_change, &copy, &err);
    assert_non_null(w);
    assert_true(put(c, "k/b", "3"));
    assert_true(copy_gets(&copy, "13"));
    proxy_cut(&proxy);
    assert_true(put(c, "k/a", NULL) && put(c, "k/c", "4") && put(c, "k/d", "5"));
    compact_at_version_of(c, "k/d");
    assert_true(put(c, "k/e", "6"));
    assert_true(proxy_heal(&proxy));
    assert_true(copy_gets(&copy, "\0"
                                 "3456"));
    control_watch_end(behind, w);
    control_close(behind);
    control_close(c);
    proxy_end(&proxy);
}

static _Atomic bool raising;

static void *
raise_on(void *ctx)
{
    uint64_t *last = ctx;
    struct error err = {0};
    struct control *c = open_at(etcd.endpoints, 60000);
    while (raising) {
        uint64_t number;
        assert_true(control_raise(c, "number", &number, &err));
        assert_int_equal(number, *last + 1); /* each once, and none for nothing */
        *last = number;
    }
    control_close(c);
    return NULL;
}

/* Answers get lost, tries are repeated, and etcd does all of them in the end. */
static void
a_change_whose_answer_is_late_is_done_once(void **state)
{
    (void)state;
    prefix_next();
    pthread_t thread;
    uint64_t last = 0;
    raising = true;
    assert_int_equal(pthread_create(&thread, NULL, raise_on, &last), 0);
    for (int i = 0; i < 3; i++) {
        pass(NULL, 100);
        kill(etcd.pid[0], SIGSTOP);
        pass(NULL, 900);
        pass(NULL, 900);
        kill(etcd.pid[0], SIGCONT);
    }
    raising = false;
    pthread_join(thread, NULL);
    assert_true(last > 3);
}

static int counted;

static void
count_key(void *ctx, const char *key, struct bytes value, uint64_t version)
{
    (void)ctx;
    (void)key;
    (void)value;
    (void)version;
    counted++;
}

static void
the_facts_of_a_node_alone_are_taken_over_once(void **state)
{
    (void)state;
    struct error err = {0};
    char dir[] = "/tmp/weir-takeover-XXXXXX";
    assert_non_null(mkdtemp(dir));
    struct control *local = control_open_local(&env_real, dir, &err);
    assert_true(put(local, "topic/a", "1") && put(local, "topic/b", "2"));
    assert_true(put(local, "producer/next", "1000"));
    control_close(local);

    struct control *c = fresh(NULL);
    assert_false(control_take_over(c, &env_real, "/nowhere", false, 50, &err));
    assert_int_equal(err.kind, ERROR_UNAVAILABLE);
    error_clear(&err);
    /* A try that was cut off left one key, and a number that has grown since. */
    assert_true(put(c, "topic/a", "1") && put(c, "producer/next", "2000"));
    assert_true(control_take_over(c, &env_real, dir, true, 20000, &err));
    assert_true(control_take_over(c, &env_real, dir, true, 20000, &err));
    assert_true(control_take_over(c, &env_real, "/nowhere", false, 20000, &err));
    struct buffer value = {0};
    uint64_t version;
    assert_true(control_get(c, "topic/b", &value, &version, &err));
    assert_string_equal(buffer_text(&value), "2");
    assert_true(control_get(c, "producer/next", &value, &version, &err));
    assert_string_equal(buffer_text(&value), "2000");
    counted = 0;
    assert_true(control_list(c, "", count_key, NULL, &err));
    assert_int_equal(counted, 4);
    control_close(c);

    /* What stands there with another value is nobody's to decide. */
    local = control_open_local(&env_real, dir, &err);
    assert_true(put(local, "topic/a", "other"));
    control_close(local);
    c = fresh(NULL);
    assert_true(put(c, "topic/a", "1"));
    assert_false(control_take_over(c, &env_real, dir, true, 20000, &err));
    assert_int_equal(err.kind, ERROR_SYSTEM);
    error_clear(&err);
    control_close(c);
    buffer_release(&value);
    env_remove_tree(&env_real, dir, &err);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_dead_endpoint_is_passed_over),
        cmocka_unit_test(without_etcd_a_call_fails_in_its_time),
        cmocka_unit_test(a_watch_goes_on_after_etcd_was_killed),
        cmocka_unit_test(a_watch_lists_again_after_a_compaction),
        cmocka_unit_test(the_facts_of_a_node_alone_are_taken_over_once),
        cmocka_unit_test(a_change_whose_answer_is_late_is_done_once),
    };
    const struct suite_backend backend = {.name = "control/etcd suite",
                                          .open = fresh,
                                          .close = drop,
                                          .again = again,
                                          .pass = pass,
                                          .threads = true};
    if (!etcd_process_start(&etcd, 1)) {
        etcd_process_end(&etcd);
        return 1;
    }
    int failed = suite_run(&backend);
    failed += cmocka_run_group_tests_name("control/etcd", tests, NULL, NULL);
    etcd_process_end(&etcd);
    return failed;
}
