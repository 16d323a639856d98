/*
 * Frames between processes: calls, streams, errors, cancelling, and what happens when a peer lies
 * or dies. The server runs its loop in a thread, or in a forked process where it is to be killed.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/env.h"
#include "base/thread.h"
#include "net/frame.h"
#include "net/frame_secret.h"

enum { T_ECHO = 1, T_FAIL, T_COUNT, T_HANG, T_CANCEL };

struct fixture {
    char address[64];
    struct loop *loop;
    struct frame_server *server;
    struct frame_client *client;
    pthread_t thread;
    atomic_int gone;
    atomic_int cancels;
};

static void
serve_frame(void *ctx, struct frame_peer *peer, const struct frame *f)
{
    struct fixture *fx = ctx;
    struct error err = {0};
    struct buffer out = {0};
    uint32_t number = 0;
    switch (f->type) {
    case T_ECHO:
        frame_reply(peer, T_ECHO, f->request, FRAME_LAST, f->payload.ptr, f->payload.len);
        break;
    case T_FAIL:
        error_raise(&err, "PARSE_SYNTAX_ERROR", "error", "'x'", "hint", "", NULL);
        error_at(&err, 7, 9, "x y", 3);
        frame_put_error(&out, &err);
        frame_reply(peer, T_FAIL, f->request, FRAME_LAST | FRAME_ERROR, out.ptr, out.len);
        break;
    case T_COUNT:
        memcpy(&number, f->payload.ptr, 4);
        for (uint32_t i = 1; i <= number; i++) {
            frame_reply(peer, T_COUNT, f->request, i == number ? FRAME_LAST : 0, &i, sizeof i);
        }
        break;
    case T_CANCEL:
        atomic_fetch_add(&fx->cancels, 1);
        memcpy(&number, f->payload.ptr, 4);
        error_set(&err, ERROR_CANCELLED, "cancelled");
        frame_put_error(&out, &err);
        frame_reply(peer, T_HANG, number, FRAME_LAST | FRAME_ERROR, out.ptr, out.len);
        break;
    default: /* T_HANG: says one thing and goes silent */
        frame_reply(peer, T_HANG, f->request, 0, "on", 2);
        break;
    }
    buffer_release(&out);
    error_clear(&err);
}

static void
serve_gone(void *ctx, struct frame_peer *peer)
{
    atomic_fetch_add(&((struct fixture *)ctx)->gone, 1);
}

static const struct frame_handlers serve_handlers = {serve_frame, serve_gone};

static void *
serve_main(void *ctx)
{
    struct fixture *fx = ctx;
    loop_run(fx->loop);
    frame_server_free(fx->server);
    loop_free(fx->loop);
    return NULL;
}

static void
serve_init(struct fixture *fx)
{
    struct error err = {0};
    fx->loop = loop_new(&err);
    const int fd = net_listen(fx->address, &err);
    assert_true(fd >= 0);
    fx->server = frame_server_new(fx->loop, fd, &serve_handlers, fx);
}

static int
fixture_make(void **state)
{
    static int count;
    struct fixture *fx = calloc(1, sizeof *fx);
    snprintf(fx->address, sizeof fx->address, "unix:@weir-frame-test-%d-%d", (int)getpid(),
             ++count);
    serve_init(fx);
    fx->client = frame_client_new(fx->address);
    *state = fx;
    return !thread_start(&fx->thread, "server", serve_main, fx);
}

static int
fixture_drop(void **state)
{
    struct fixture *fx = *state;
    frame_client_free(fx->client);
    loop_stop(fx->loop);
    pthread_join(fx->thread, NULL);
    free(fx);
    return 0;
}

static void
echo_works(struct frame_client *client)
{
    struct buffer reply = {0};
    struct error err = {0};
    assert_true(frame_call(client, T_ECHO, "hello", 5, &reply, 20000, &err));
    assert_int_equal(reply.len, 5);
    assert_memory_equal(reply.ptr, "hello", 5);
    buffer_release(&reply);
}

static void
a_call_returns_its_reply_small_and_large(void **state)
{
    struct fixture *fx = *state;
    struct buffer reply = {0};
    struct error err = {0};
    echo_works(fx->client);
    assert_true(frame_call(fx->client, T_ECHO, NULL, 0, &reply, -1, &err));
    assert_int_equal(reply.len, 0);
    const size_t len = 70 << 20; /* above the peer's queue limit as well */
    uint8_t *big = malloc(len);
    memset(big, 'x', len);
    big[len - 1] = 'y';
    assert_true(frame_call(fx->client, T_ECHO, big, len, &reply, -1, &err));
    assert_int_equal(reply.len, len);
    assert_int_equal(memcmp(reply.ptr, big, len), 0);
    free(big);
    buffer_release(&reply);
    echo_works(fx->client);
}

static void
an_error_reply_arrives_with_all_its_parts(void **state)
{
    struct fixture *fx = *state;
    struct buffer reply = {0};
    struct error err = {0};
    assert_false(frame_call(fx->client, T_FAIL, NULL, 0, &reply, -1, &err));
    assert_int_equal(err.kind, ERROR_PARSE);
    assert_string_equal(err.condition, "PARSE_SYNTAX_ERROR");
    assert_string_equal(err.sqlstate, "42601");
    assert_string_equal(error_text(&err),
                        "[PARSE_SYNTAX_ERROR] Syntax error at or near 'x'. SQLSTATE: 42601");
    assert_int_equal(err.param_count, 2);
    assert_string_equal(err.params[0].value, "'x'");
    assert_true(err.has_context);
    assert_int_equal(err.context.stop, 9);
    assert_string_equal(err.context.fragment, "x y");
    error_clear(&err);
    buffer_release(&reply);
}

struct counter {
    uint32_t seen;
    uint32_t stop_at;
    bool in_order;
    atomic_bool *cancel;
};

static bool
count_reply(void *ctx, const struct frame *f)
{
    struct counter *k = ctx;
    uint32_t number = 0;
    if (f->payload.len == 4) {
        memcpy(&number, f->payload.ptr, 4);
    }
    k->in_order &= number == ++k->seen;
    if (k->cancel != NULL) {
        atomic_store(k->cancel, true);
    }
    return k->seen != k->stop_at;
}

static void
a_stream_delivers_every_reply_in_order(void **state)
{
    struct fixture *fx = *state;
    struct counter k = {.in_order = true};
    struct error err = {0};
    const uint32_t count = 20000;
    assert_true(frame_call_stream(fx->client, T_COUNT, &count, sizeof count, count_reply, &k, NULL,
                                  T_CANCEL, &err));
    assert_int_equal(k.seen, count);
    assert_true(k.in_order);
}

static void
a_cancelled_stream_ends_with_the_servers_last_word(void **state)
{
    struct fixture *fx = *state;
    atomic_bool cancel = false;
    struct counter k = {.cancel = &cancel};
    struct error err = {0};
    assert_false(
        frame_call_stream(fx->client, T_HANG, NULL, 0, count_reply, &k, &cancel, T_CANCEL, &err));
    assert_int_equal(err.kind, ERROR_CANCELLED);
    assert_int_equal(atomic_load(&fx->cancels), 1);
    error_clear(&err);
}

static void
a_listener_that_has_enough_has_not_failed(void **state)
{
    struct fixture *fx = *state;
    struct counter k = {.stop_at = 1};
    struct error err = {0};
    assert_true(
        frame_call_stream(fx->client, T_HANG, NULL, 0, count_reply, &k, NULL, T_CANCEL, &err));
    assert_int_equal(k.seen, 1);
    assert_int_equal(atomic_load(&fx->cancels), 1);
}

static void
a_call_without_an_answer_times_out_alone(void **state)
{
    struct fixture *fx = *state;
    struct buffer reply = {0};
    struct error err = {0};
    assert_false(frame_call(fx->client, T_HANG, NULL, 0, &reply, 30, &err));
    assert_int_equal(err.kind, ERROR_UNAVAILABLE);
    assert_int_equal(err.code, ETIMEDOUT);
    error_clear(&err);
    buffer_release(&reply);
    echo_works(fx->client);
    assert_int_equal(atomic_load(&fx->gone), 0);
}

static void *
many_echoes(void *ctx)
{
    struct fixture *fx = ctx;
    struct buffer reply = {0};
    uintptr_t failures = 0;
    for (uint64_t i = 0; i < 500; i++) {
        struct error err = {0};
        const uint64_t sent[2] = {(uint64_t)(uintptr_t)&reply, i};
        const bool ok = frame_call(fx->client, T_ECHO, sent, sizeof sent, &reply, -1, &err);
        failures += !ok || reply.len != sizeof sent || memcmp(reply.ptr, sent, sizeof sent) != 0;
        error_clear(&err);
    }
    buffer_release(&reply);
    return (void *)failures;
}

static void
calls_of_many_threads_are_kept_apart(void **state)
{
    pthread_t threads[6];
    for (size_t i = 0; i < 6; i++) {
        assert_true(thread_start(&threads[i], "caller", many_echoes, *state));
    }
    for (size_t i = 0; i < 6; i++) {
        void *failures;
        pthread_join(threads[i], &failures);
        assert_null(failures);
    }
}

/* A frame as a lying client sends it: built well, then one byte is changed. */
static void
server_closes_on(struct fixture *fx, size_t byte, uint8_t flip)
{
    struct error err = {0};
    uint8_t frame[FRAME_HEADER_BYTES + 4];
    memcpy(frame + FRAME_HEADER_BYTES, "abcd", 4);
    const struct frame f = {.type = T_ECHO, .payload = {frame + FRAME_HEADER_BYTES, 4}};
    frame_header_put(frame, &f);
    frame[byte] ^= flip;
    const int fd = net_connect(fx->address, &err);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, frame, sizeof frame), sizeof frame);
    char answer[64];
    assert_true(read(fd, answer, sizeof answer) <= 0);
    close(fd);
}

static void
broken_frames_cost_the_liar_his_connection_only(void **state)
{
    struct fixture *fx = *state;
    echo_works(fx->client);
    server_closes_on(fx, 12, 1);                 /* checksum */
    server_closes_on(fx, FRAME_HEADER_BYTES, 1); /* payload */
    server_closes_on(fx, 6, 2);                  /* type */
    server_closes_on(fx, 4, 3);                  /* version */
    server_closes_on(fx, 3, 0x40);               /* a length of a gigabyte */
    echo_works(fx->client);
}

static void
nobody_there_is_unavailable(void **state)
{
    struct frame_client *client = frame_client_new("unix:@weir-nobody-is-here");
    struct buffer reply = {0};
    struct error err = {0};
    assert_false(frame_call(client, T_ECHO, NULL, 0, &reply, 1000, &err));
    assert_int_equal(err.kind, ERROR_UNAVAILABLE);
    assert_int_equal(err.code, ECONNREFUSED);
    error_clear(&err);
    frame_client_free(client);
}

/* A server that answers everything with these bytes, once, then closes. */
struct liar {
    int listen_fd;
    const uint8_t *bytes;
    size_t len;
};

static void *
liar_main(void *ctx)
{
    struct liar *l = ctx;
    uint8_t request[256];
    const int fd = accept(l->listen_fd, NULL, NULL);
    if (read(fd, request, sizeof request) > 0 && write(fd, l->bytes, l->len) < 0) {
        abort();
    }
    while (read(fd, request, sizeof request) > 0) {
    }
    close(fd);
    return NULL;
}

static void
a_reply_with_a_broken_checksum_fails_the_call(void **state)
{
    struct error err = {0};
    uint8_t frame[FRAME_HEADER_BYTES];
    const struct frame f = {.type = T_ECHO, .flags = FRAME_LAST, .request = 1};
    frame_header_put(frame, &f);
    frame[13] ^= 1;
    char address[64];
    snprintf(address, sizeof address, "unix:@weir-liar-%d", (int)getpid());
    struct liar liar = {net_listen(address, &err), frame, sizeof frame};
    pthread_t thread;
    fcntl(liar.listen_fd, F_SETFL, 0);
    thread_start(&thread, "liar", liar_main, &liar);
    struct frame_client *client = frame_client_new(address);
    struct buffer reply = {0};
    assert_false(frame_call(client, T_ECHO, NULL, 0, &reply, 20000, &err));
    assert_int_equal(err.kind, ERROR_UNAVAILABLE);
    assert_int_equal(err.code, EBADMSG);
    error_clear(&err);
    pthread_join(thread, NULL);
    frame_client_free(client);
    close(liar.listen_fd);
}

/* Forks before this process' other threads matter: the child has its own loop. */
static pid_t
server_fork(struct fixture *fx)
{
    const pid_t pid = fork();
    if (pid == 0) {
        serve_init(fx);
        loop_run(fx->loop);
        _exit(0);
    }
    return pid;
}

static void
wait_for_server(struct frame_client *client)
{
    struct buffer reply = {0};
    const int64_t deadline = env_mono_ms(&env_real) + 20000;
    for (;;) {
        struct error err = {0};
        if (frame_call(client, T_ECHO, NULL, 0, &reply, 1000, &err)) {
            break;
        }
        error_clear(&err);
        assert_true(env_mono_ms(&env_real) < deadline);
        usleep(1000);
    }
    buffer_release(&reply);
}

struct killer {
    pid_t pid;
    struct counter count;
};

static bool
kill_on_first_reply(void *ctx, const struct frame *f)
{
    kill(((struct killer *)ctx)->pid, SIGKILL);
    return true;
}

static void
a_server_killed_during_a_call_fails_it_and_its_successor_serves(void **state)
{
    struct fixture fx = {0};
    snprintf(fx.address, sizeof fx.address, "unix:/tmp/weir-frame-test-%d.sock", (int)getpid());
    struct frame_client *client = frame_client_new(fx.address);
    struct killer killer = {.pid = server_fork(&fx)};
    struct error err = {0};
    wait_for_server(client);
    assert_false(frame_call_stream(client, T_HANG, NULL, 0, kill_on_first_reply, &killer, NULL,
                                   T_CANCEL, &err));
    assert_int_equal(err.kind, ERROR_UNAVAILABLE);
    error_clear(&err);
    waitpid(killer.pid, NULL, 0);

    const pid_t second = server_fork(&fx); /* takes over the stale socket file */
    wait_for_server(client);
    echo_works(client);
    kill(second, SIGKILL);
    waitpid(second, NULL, 0);
    frame_client_free(client);
    unlink(fx.address + 5);
}

static void
an_error_that_is_cut_short_is_still_an_error(void **state)
{
    struct error err = {0};
    struct buffer out = {0};
    error_raise(&err, "PARSE_SYNTAX_ERROR", "error", "'x'", "hint", "", NULL);
    frame_put_error(&out, &err);
    error_clear(&err);
    for (size_t len = 0; len < out.len; len++) {
        struct reader in;
        reader_init(&in, (struct bytes){out.ptr, len});
        frame_get_error(&in, &err);
        assert_int_equal(err.kind, ERROR_PROTOCOL);
        error_clear(&err);
    }
    buffer_release(&out);
}

/* A client with the cluster's secret is served; one with another or with none is not. */
static void
only_who_knows_the_secret_is_served(void **state)
{
    struct fixture fx = {.address = "127.0.0.1:0"};
    pthread_t thread;
    struct error err = {0};
    (void)state;
    fx.loop = loop_new(&err);
    const int fd = net_listen(fx.address, &err);
    assert_true(net_local_address(fd, fx.address, sizeof fx.address));
    fx.server = frame_server_new(fx.loop, fd, &serve_handlers, &fx);
    frame_server_set_secret(fx.server, "the right one");
    assert_true(thread_start(&thread, "server", serve_main, &fx));

    struct frame_client *right = frame_client_new_peer(fx.address, "the right one");
    struct frame_client *wrong = frame_client_new_peer(fx.address, "a wrong one");
    struct frame_client *none = frame_client_new(fx.address);
    struct buffer reply = {0};
    echo_works(right);
    static const char big[1 << 20];
    assert_true(frame_call(right, T_ECHO, big, sizeof big, &reply, 20000, &err));
    assert_int_equal(reply.len, sizeof big);
    assert_false(frame_call(wrong, T_ECHO, "x", 1, &reply, 20000, &err));
    assert_int_equal(err.kind, ERROR_UNAVAILABLE);
    assert_int_equal(err.code, EACCES);
    error_clear(&err);
    assert_false(frame_call(none, T_ECHO, "x", 1, &reply, 20000, &err));
    assert_int_equal(err.kind, ERROR_UNAVAILABLE);
    error_clear(&err);
    echo_works(right);
    frame_client_free(none);
    frame_client_free(wrong);
    frame_client_free(right);
    loop_stop(fx.loop);
    pthread_join(thread, NULL);
    buffer_release(&reply);
}

/* The answer to another's challenge proves nothing: each side has chance of its own. */
static void
a_proof_heard_before_proves_nothing(void **state)
{
    (void)state;
    struct frame_nonces n;
    uint8_t mac[FRAME_MAC_BYTES];
    frame_nonce_make(n.client);
    frame_nonce_make(n.server);
    frame_mac("s", false, &n, mac);
    assert_true(frame_mac_is("s", false, &n, (struct bytes){mac, sizeof mac}));
    assert_false(frame_mac_is("s", true, &n, (struct bytes){mac, sizeof mac}));
    assert_false(frame_mac_is("t", false, &n, (struct bytes){mac, sizeof mac}));
    assert_false(frame_mac_is("s", false, &n, (struct bytes){mac, sizeof mac - 1}));
    n.server[0] ^= 1;
    assert_false(frame_mac_is("s", false, &n, (struct bytes){mac, sizeof mac}));
}

int
main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, fixture_make, fixture_drop)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_server_killed_during_a_call_fails_it_and_its_successor_serves),
        CASE(a_call_returns_its_reply_small_and_large),
        CASE(an_error_reply_arrives_with_all_its_parts),
        CASE(a_stream_delivers_every_reply_in_order),
        CASE(a_cancelled_stream_ends_with_the_servers_last_word),
        CASE(a_listener_that_has_enough_has_not_failed),
        CASE(a_call_without_an_answer_times_out_alone),
        CASE(calls_of_many_threads_are_kept_apart),
        CASE(broken_frames_cost_the_liar_his_connection_only),
        cmocka_unit_test(nobody_there_is_unavailable),
        cmocka_unit_test(only_who_knows_the_secret_is_served),
        cmocka_unit_test(a_proof_heard_before_proves_nothing),
        cmocka_unit_test(a_reply_with_a_broken_checksum_fails_the_call),
        cmocka_unit_test(an_error_that_is_cut_short_is_still_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
