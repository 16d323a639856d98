/*
 * Members as processes over a real etcd of three: joining, deaths by kill -9 and by sleep, returns.
 * The test looks on as a member without a registration, and keeps what it is told.
 */
#include "control/members.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/thread.h"
#include "control/member_record.h"
#include "etcd_process.h"
#include "net/frame.h"

enum { NODES = 3, DEADLINE_MS = 30000, STEP_MS = 5 };

static struct etcd_process etcd;

static void
pause_ms(int64_t ms)
{
    nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000}, NULL);
}

/* --- a node in a process of its own ------------------------------------------------------------
 */

static struct members *_Atomic node_members;

static void
node_frame(void *ctx, struct frame_peer *peer, const struct frame *f)
{
    struct buffer out = {0};
    (void)ctx;
    if (node_members != NULL && f->type == MEMBERS_FRAME_PING) {
        members_answer(node_members, f->payload, &out);
    }
    frame_reply(peer, f->type, f->request, FRAME_LAST, out.ptr, out.len);
    buffer_release(&out);
}

static void *
node_loop(void *ctx)
{
    loop_run(ctx);
    return NULL;
}

static void
node_main(uint32_t id)
{
    static const struct frame_handlers handlers = {node_frame, NULL};
    struct error err = {0};
    struct member self = {.id = id, .cores = 2};
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    sigset_t term;
    sigemptyset(&term);
    sigaddset(&term, SIGTERM);
    sigprocmask(SIG_BLOCK, &term, NULL);
    snprintf(self.name, sizeof self.name, "n%u", id);
    snprintf(self.disk_id, sizeof self.disk_id, "disk-%u", id);
    struct loop *loop = loop_new(&err);
    const int fd = net_listen("127.0.0.1:0", &err);
    net_local_address(fd, self.peers[MEMBER_STORE], sizeof self.peers[MEMBER_STORE]);
    struct frame_server *server = frame_server_new(loop, fd, &handlers, NULL);
    frame_server_set_secret(server, "secret");
    pthread_t thread;
    thread_start(&thread, "node", node_loop, loop);
    struct control *c = control_open_etcd(
        &env_real, &(struct control_etcd_config){.endpoints = etcd.endpoints, .prefix = "m/"},
        &err);
    const struct members_config config = {
        .env = &env_real, .control = c, .self = &self, .secret = "secret"};
    struct members *m = c != NULL ? members_open(&config, &err) : NULL;
    if (m == NULL) {
        printf("node %u: %s\n", id, error_text(&err));
        _exit(1);
    }
    node_members = m;
    int sig;
    sigwait(&term, &sig);
    node_members = NULL;
    members_close(m);
    _exit(0);
}

static pid_t pids[NODES + 1];

static void
node_start(uint32_t id)
{
    fflush(stdout);
    pids[id] = fork();
    if (pids[id] == 0) {
        node_main(id);
    }
}

static void
node_end(uint32_t id, int sig)
{
    if (pids[id] > 0) {
        kill(pids[id], sig);
        waitpid(pids[id], NULL, 0);
        pids[id] = 0;
    }
}

/* --- what the test sees ------------------------------------------------------------------------
 */

struct view {
    struct control *control;
    struct members *members;
    pthread_mutex_t lock;
    uint64_t joined[NODES + 1], left[NODES + 1]; /* the newest incarnation that did */
};

static struct view view = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void
view_change(void *ctx, enum member_change change, const struct member *member)
{
    (void)ctx;
    mutex_lock(&view.lock);
    if (change == MEMBER_JOINED) {
        view.joined[member->id] = member->incarnation;
    } else if (change == MEMBER_LEFT) {
        view.left[member->id] = member->incarnation;
    }
    mutex_unlock(&view.lock);
}

static uint64_t
view_joined(uint32_t id)
{
    mutex_lock(&view.lock);
    const uint64_t incarnation = view.joined[id];
    mutex_unlock(&view.lock);
    return incarnation;
}

static bool
has_left(uint32_t id, uint64_t incarnation)
{
    mutex_lock(&view.lock);
    const bool yes = view.left[id] >= incarnation;
    mutex_unlock(&view.lock);
    return yes;
}

static uint32_t
controller(void)
{
    uint32_t id;
    uint64_t incarnation, version;
    members_controller(view.members, &id, &incarnation, &version);
    return id != 0 && view_joined(id) == incarnation ? id : 0;
}

#define WAIT_FOR(condition)                                                                        \
    do {                                                                                           \
        int steps = 0;                                                                             \
        while (!(condition) && steps++ < DEADLINE_MS / STEP_MS) {                                  \
            pause_ms(STEP_MS);                                                                     \
        }                                                                                          \
        assert_true(condition);                                                                    \
    } while (0)

static int
setup(void **state)
{
    (void)state;
    struct error err = {0};
    memset(view.joined, 0, sizeof view.joined);
    memset(view.left, 0, sizeof view.left);
    for (uint32_t id = 1; id <= NODES; id++) {
        node_start(id);
    }
    view.control = control_open_etcd(
        &env_real, &(struct control_etcd_config){.endpoints = etcd.endpoints, .prefix = "m/"},
        &err);
    const struct members_config config = {
        .env = &env_real, .control = view.control, .on_change = view_change};
    view.members = members_open(&config, &err);
    WAIT_FOR(view_joined(1) && view_joined(2) && view_joined(3) && controller());
    pause_ms(500); /* they have pinged each other */
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    for (uint32_t id = 1; id <= NODES; id++) {
        if (pids[id] > 0) {
            kill(pids[id], SIGCONT);
        }
        node_end(id, SIGTERM);
    }
    members_close(view.members);
    control_close(view.control);
    return 0;
}

static void
a_killed_controller_is_replaced_without_waiting_for_its_lease(void **state)
{
    (void)state;
    const uint32_t old = controller();
    const uint64_t life = view_joined(old);
    const int64_t from_ms = env_mono_ms(&env_real);
    node_end(old, SIGKILL);
    WAIT_FOR(controller() != 0 && controller() != old);
    const int64_t took_ms = env_mono_ms(&env_real) - from_ms;
    WAIT_FOR(has_left(old, life));
    printf("a killed controller was replaced after %lld ms\n", (long long)took_ms);
    node_start(old);
    WAIT_FOR(view_joined(old) > life);
    assert_true(controller() != 0);
}

static void
a_node_that_slept_is_dropped_and_comes_back_as_another_life(void **state)
{
    (void)state;
    const uint32_t id = controller();
    const uint64_t life = view_joined(id);
    kill(pids[id], SIGSTOP);
    WAIT_FOR(controller() != 0 && controller() != id);
    WAIT_FOR(has_left(id, life));
    kill(pids[id], SIGCONT);
    WAIT_FOR(view_joined(id) > life);
    assert_int_not_equal(controller(), 0);
}

static void
a_node_that_ends_leaves_at_once(void **state)
{
    (void)state;
    const uint32_t id = controller() == 1 ? 2 : 1;
    const uint64_t life = view_joined(id);
    node_end(id, SIGTERM);
    WAIT_FOR(has_left(id, life));
    struct member members[MEMBERS_MAX];
    assert_int_equal(members_list(view.members, members, MEMBERS_MAX), NODES - 1);
    assert_int_equal(members[0].id, id == 1 ? 2 : 1);
    assert_string_equal(members[0].name, id == 1 ? "n2" : "n1");
    assert_int_equal(members[0].cores, 2);
}

static void
etcds_own_leader_may_die_with_the_controller(void **state)
{
    (void)state;
    for (int member = 0; member < etcd.count; member++) { /* one of them leads */
        const uint32_t old = controller();
        const uint64_t life = view_joined(old);
        const int64_t from_ms = env_mono_ms(&env_real);
        etcd_process_kill(&etcd, member);
        node_end(old, SIGKILL);
        WAIT_FOR(controller() != 0 && controller() != old);
        printf("with an etcd member it took %lld ms\n",
               (long long)(env_mono_ms(&env_real) - from_ms));
        assert_true(etcd_process_again(&etcd, member));
        node_start(old);
        WAIT_FOR(view_joined(old) > life);
        pause_ms(500);
    }
}

static void
a_drained_node_is_told_as_such(void **state)
{
    (void)state;
    struct error err = {0};
    const struct control_change mark = {.key = "node/2/drain", .value = "1", .len = 1};
    assert_true(control_apply(view.control, &mark, 1, NULL, &err));
    struct member m;
    WAIT_FOR(members_find(view.members, 2, &m) && m.draining);
    uint64_t version;
    assert_true(control_get(view.control, "node/2/drain", NULL, &version, &err));
    const struct control_change unmark = {.key = "node/2/drain", .version_expected = version};
    assert_true(control_apply(view.control, &unmark, 1, NULL, &err));
    WAIT_FOR(members_find(view.members, 2, &m) && !m.draining);
}

/* --- records, and a node alone -----------------------------------------------------------------
 */

static void
a_record_is_read_as_it_was_written(void **state)
{
    (void)state;
    const struct member m = {.id = 7,
                             .incarnation = 1ull << 60,
                             .name = "n7",
                             .disk_id = "d",
                             .kafka = "127.0.0.1:9092",
                             .peers = {"a:1", "b:2", ""},
                             .cores = 4,
                             .memory_bytes = 1ull << 40};
    struct member back;
    struct buffer out = {0};
    member_record_put(&m, &out);
    assert_true(member_record_read((struct bytes){out.ptr, out.len}, &back));
    assert_memory_equal(&m, &back, sizeof m);
    for (size_t len = 0; len < out.len; len++) {
        assert_false(member_record_read((struct bytes){out.ptr, len}, &back));
    }
    buffer_release(&out);
    static const char foreign[] = "{\"id\":1,\"later\":{\"x\":[1]},\"cores\":2}";
    assert_true(
        member_record_read((struct bytes){(const uint8_t *)foreign, sizeof foreign - 1}, &back));
    static const char long_name[] =
        "{\"id\":1,\"disk\":\"0123456789012345678901234567890123456789\"}";
    assert_false(member_record_read(
        (struct bytes){(const uint8_t *)long_name, sizeof long_name - 1}, &back));
}

static int told;

static void
count_told(void *ctx, enum member_change change, const struct member *member)
{
    (void)ctx;
    assert_int_equal(member->id, 1);
    told += change == MEMBER_JOINED ? 1 : change == MEMBER_CONTROLLER ? 10 : 100;
}

static void
a_node_alone_is_its_own_controller_at_once(void **state)
{
    (void)state;
    struct error err = {0};
    char dir[] = "/tmp/weir-members-XXXXXX";
    assert_non_null(mkdtemp(dir));
    const struct member self = {.id = 1, .name = "n1"};
    for (uint64_t life = 1; life <= 2; life++) {
        struct control *c = control_open_local(&env_real, dir, &err);
        const struct members_config config = {
            .env = &env_real, .control = c, .self = &self, .local = true, .on_change = count_told};
        told = 0;
        struct members *m = members_open(&config, &err);
        assert_non_null(m);
        assert_int_equal(told, 11);
        uint64_t version, there;
        assert_true(members_is_controller(m, &version));
        assert_true(control_get(c, "controller", NULL, &there, &err));
        assert_int_equal(version, there);
        assert_int_equal(members_incarnation(m), life);
        members_close(m);
        control_close(c);
    }
    env_remove_tree(&env_real, dir, &err);
}

int
main(void)
{
#define NODE_TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_record_is_read_as_it_was_written),
        cmocka_unit_test(a_node_alone_is_its_own_controller_at_once),
        NODE_TEST(a_killed_controller_is_replaced_without_waiting_for_its_lease),
        NODE_TEST(a_node_that_slept_is_dropped_and_comes_back_as_another_life),
        NODE_TEST(a_node_that_ends_leaves_at_once),
        NODE_TEST(a_drained_node_is_told_as_such),
        NODE_TEST(etcds_own_leader_may_die_with_the_controller),
    };
    if (!etcd_process_start(&etcd, 3)) {
        etcd_process_end(&etcd);
        return 1;
    }
    const int failed = cmocka_run_group_tests_name("control/members", tests, NULL, NULL);
    etcd_process_end(&etcd);
    return failed;
}
