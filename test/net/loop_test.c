/* The loop and its byte streams, served turn by turn in one thread against plain sockets. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/env.h"
#include "base/error.h"
#include "base/thread.h"
#include "net/loop.h"

/* One connection under test and what happened to it. */
struct fixture {
    struct loop *loop;
    struct conn *conn;
    int peer;
    char got[256];
    size_t got_len;
    size_t line_bytes; /* on_data takes whole runs of this many bytes */
    int closes;
    int drains;
    int sent_calls;
    bool refuse;
};

static int64_t
take_lines(void *ctx, struct conn *c, const uint8_t *data, size_t len)
{
    struct fixture *f = ctx;
    if (f->refuse) {
        return -1;
    }
    if (len < f->line_bytes || f->got_len + f->line_bytes > sizeof f->got) {
        return 0;
    }
    memcpy(f->got + f->got_len, data, f->line_bytes);
    f->got_len += f->line_bytes;
    return (int64_t)f->line_bytes;
}

static void
count_drain(void *ctx, struct conn *c)
{
    ((struct fixture *)ctx)->drains++;
}

static void
count_close(void *ctx, struct conn *c)
{
    struct fixture *f = ctx;
    f->closes++;
    f->conn = NULL;
}

static void
count_sent(void *ctx)
{
    ((struct fixture *)ctx)->sent_calls++;
}

static const struct conn_handlers handlers = {take_lines, count_drain, count_close};

static int
fixture_make(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    struct error err = {0};
    int pair[2];
    if (f == NULL || socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0) {
        return 1;
    }
    f->loop = loop_new(&err);
    f->conn = conn_adopt(f->loop, pair[0]);
    f->peer = pair[1];
    f->line_bytes = 4;
    conn_set_handlers(f->conn, &handlers, f);
    *state = f;
    return 0;
}

static int
fixture_drop(void **state)
{
    struct fixture *f = *state;
    loop_free(f->loop);
    close(f->peer);
    const bool closed_once = f->closes == 1;
    free(f);
    return closed_once ? 0 : 1; /* also when only loop_free closed it */
}

static void
turns(struct fixture *f, int count)
{
    for (int i = 0; i < count; i++) {
        loop_turn(f->loop, 0);
    }
}

static void
say(struct fixture *f, const char *text)
{
    assert_int_equal(write(f->peer, text, strlen(text)), strlen(text));
    turns(f, 2);
}

static void
unread_bytes_are_offered_again_with_more_behind(void **state)
{
    struct fixture *f = *state;
    say(f, "aaaabb");
    assert_int_equal(f->got_len, 4);
    say(f, "b");
    assert_int_equal(f->got_len, 4);
    say(f, "bcccc");
    assert_memory_equal(f->got, "aaaabbbbcccc", 12);
}

static void
a_refused_input_closes(void **state)
{
    struct fixture *f = *state;
    f->refuse = true;
    say(f, "x");
    assert_int_equal(f->closes, 1);
}

static void
too_much_unread_input_closes(void **state)
{
    struct fixture *f = *state;
    conn_set_input_max(f->conn, 8);
    f->line_bytes = 100;
    say(f, "12345678");
    assert_int_equal(f->closes, 0);
    say(f, "9");
    assert_int_equal(f->closes, 1);
}

static void
a_paused_connection_delivers_after_the_pause_even_if_the_peer_left(void **state)
{
    struct fixture *f = *state;
    say(f, "aa");
    conn_pause(f->conn, true);
    say(f, "aabbbb");
    assert_int_equal(f->got_len, 0);
    close(f->peer);
    f->peer = -1;
    turns(f, 3);
    assert_int_equal(f->closes, 0);
    conn_pause(f->conn, false);
    turns(f, 3);
    assert_memory_equal(f->got, "aaaabbbb", 8);
    assert_int_equal(f->closes, 1);
}

/* Reads what the connection sends until it has len bytes; serves the loop meanwhile. */
static void
peer_reads(struct fixture *f, uint8_t *out, size_t len)
{
    size_t have = 0;
    fcntl(f->peer, F_SETFL, O_NONBLOCK);
    for (int round = 0; have < len && round < 100000; round++) {
        loop_turn(f->loop, 0);
        const ssize_t n = read(f->peer, out + have, len - have);
        have += n > 0 ? (size_t)n : 0;
    }
    assert_int_equal(have, len);
}

static void
all_kinds_of_output_arrive_in_order(void **state)
{
    enum { BIG = 3 << 20 };
    struct fixture *f = *state;
    char *owned = malloc(BIG);
    char *borrowed = malloc(BIG);
    memset(owned, 'o', BIG);
    memset(borrowed, 'b', BIG);
    FILE *file = tmpfile();
    fputs("..file..", file);
    fflush(file);
    conn_write(f->conn, "<1>", 3);
    conn_write(f->conn, "<2>", 3);
    conn_write_owned(f->conn, owned, BIG);
    conn_write_file(f->conn, fileno(file), 2, 4, count_sent, f);
    conn_write_ref(f->conn, borrowed, BIG, count_sent, f);
    conn_write(f->conn, "<3>", 3);
    assert_int_equal(conn_queued(f->conn), 2 * BIG + 13);

    uint8_t *got = malloc(2 * BIG + 13);
    peer_reads(f, got, 2 * BIG + 13);
    assert_memory_equal(got, "<1><2>oo", 8);
    assert_memory_equal(got + 6 + BIG - 1, "ofileb", 6);
    assert_memory_equal(got + 10 + 2 * BIG - 1, "b<3>", 4);
    assert_int_equal(f->sent_calls, 2);
    assert_int_equal(f->drains, 1);
    assert_int_equal(conn_queued(f->conn), 0);
    free(got);
    free(borrowed);
    fclose(file);
}

static void
a_large_file_arrives_whole_from_its_offset(void **state)
{
    enum { WORDS = 1 << 20, SKIPPED = 1000 };
    struct fixture *f = *state;
    uint32_t *words = malloc(WORDS * sizeof *words);
    for (uint32_t i = 0; i < WORDS; i++) {
        words[i] = i * 2654435761u;
    }
    FILE *file = tmpfile();
    assert_int_equal(fwrite(words, sizeof *words, WORDS, file), WORDS);
    fflush(file);
    const size_t len = (WORDS - SKIPPED) * sizeof *words;
    conn_write_file(f->conn, fileno(file), SKIPPED * sizeof *words, len, count_sent, f);
    uint8_t *got = malloc(len);
    peer_reads(f, got, len);
    assert_int_equal(memcmp(got, words + SKIPPED, len), 0);
    assert_int_equal(f->sent_calls, 1);
    free(got);
    free(words);
    fclose(file);
}

static void
dropped_output_gives_its_bytes_back(void **state)
{
    enum { BIG = 8 << 20 };
    struct fixture *f = *state;
    char *borrowed = calloc(1, BIG);
    conn_write_ref(f->conn, borrowed, BIG, count_sent, f);
    turns(f, 2);
    assert_int_equal(f->sent_calls, 0);
    conn_close(f->conn);
    turns(f, 1);
    assert_int_equal(f->sent_calls, 1);
    assert_int_equal(f->closes, 1);
    free(borrowed);
}

static void
finish_sends_the_queue_then_ends(void **state)
{
    struct fixture *f = *state;
    conn_write(f->conn, "bye", 3);
    conn_finish(f->conn);
    conn_write(f->conn, "late", 4);
    say(f, "ignored");
    char got[16];
    assert_int_equal(read(f->peer, got, sizeof got), 3);
    assert_int_equal(read(f->peer, got, sizeof got), 0);
    close(f->peer);
    f->peer = -1;
    turns(f, 2);
    assert_int_equal(f->closes, 1);
    assert_int_equal(f->got_len, 0);
}

static void
write_letter(void *ctx)
{
    char **at = ctx;
    *(*at)++ = 'x';
}

struct letter {
    char **at;
    char letter;
};

static void
letter_put(void *ctx)
{
    struct letter *l = ctx;
    *(*l->at)++ = l->letter;
}

static void
timers_fire_in_the_order_of_their_times(void **state)
{
    struct fixture *f = *state;
    char out[16] = "";
    char *at = out;
    struct letter l[] = {{&at, 'a'}, {&at, 'b'}, {&at, 'c'}, {&at, 'd'}, {&at, 'e'}};
    loop_after(f->loop, 6, letter_put, &l[3]);
    loop_after(f->loop, 2, letter_put, &l[1]);
    struct loop_timer *never = loop_after(f->loop, 3, write_letter, &at);
    loop_after(f->loop, 0, letter_put, &l[0]);
    loop_after(f->loop, 2, letter_put, &l[2]);
    loop_after(f->loop, 9, letter_put, &l[4]);
    loop_timer_cancel(never);
    while (at < out + 5) {
        loop_turn(f->loop, 100);
    }
    assert_string_equal(out, "abcde");
}

static void *
post_three(void *ctx)
{
    struct letter *l = ctx;
    loop_post(*(struct loop **)l[3].at, letter_put, &l[0]);
    loop_post(*(struct loop **)l[3].at, letter_put, &l[1]);
    loop_post(*(struct loop **)l[3].at, letter_put, &l[2]);
    loop_stop(*(struct loop **)l[3].at);
    return NULL;
}

static void
posts_of_another_thread_wake_the_loop_and_keep_their_order(void **state)
{
    struct fixture *f = *state;
    char out[8] = "";
    char *at = out;
    struct letter l[] = {{&at, 'a'}, {&at, 'b'}, {&at, 'c'}, {(char **)&f->loop, 0}};
    pthread_t thread;
    assert_true(thread_start(&thread, "poster", post_three, l));
    loop_run(f->loop);
    pthread_join(thread, NULL);
    loop_turn(f->loop, 0);
    assert_string_equal(out, "abc");
}

static void
accept_one(void *ctx, struct conn *c)
{
    struct fixture *f = ctx;
    conn_close(f->conn);
    loop_turn(f->loop, 0);
    f->conn = c;
    f->closes = 0;
    conn_set_handlers(c, &handlers, f);
}

static void
a_listener_hands_over_connections_and_a_taken_port_names_its_holder(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char address[128];
    const int fd = net_listen("127.0.0.1:0", &err);
    assert_true(fd >= 0);
    assert_true(net_local_address(fd, address, sizeof address));
    struct listener *listener = listener_new(f->loop, fd, accept_one, f);

    assert_int_equal(net_listen(address, &err), -1);
    assert_int_equal(err.code, EADDRINUSE);
    char own_pid[32];
    snprintf(own_pid, sizeof own_pid, "(process %d)", (int)getpid());
    assert_non_null(strstr(error_text(&err), own_pid));
    error_clear(&err);

    close(f->peer);
    f->peer = net_connect(address, &err);
    assert_true(f->peer >= 0);
    for (int i = 0; i < 1000 && f->got_len < 4; i++) {
        loop_turn(f->loop, 10);
        if (i == 0) {
            say(f, "abcd");
        }
    }
    assert_memory_equal(f->got, "abcd", 4);
    assert_int_equal(strncmp(conn_peer(f->conn), "127.0.0.1:", 10), 0);
    listener_free(listener);
}

static void
addresses_that_make_no_sense_are_refused(void **state)
{
    static const char *const bad[] = {"", "9092", "host", "unix:", "1.2.3.4:x", "[::1]"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct error err = {0};
        assert_int_equal(net_listen(bad[i], &err), -1);
        assert_int_equal(err.kind, ERROR_ARGUMENT);
        error_clear(&err);
    }
}

int
main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, fixture_make, fixture_drop)
    const struct CMUnitTest tests[] = {
        CASE(unread_bytes_are_offered_again_with_more_behind),
        CASE(a_refused_input_closes),
        CASE(too_much_unread_input_closes),
        CASE(a_paused_connection_delivers_after_the_pause_even_if_the_peer_left),
        CASE(all_kinds_of_output_arrive_in_order),
        CASE(a_large_file_arrives_whole_from_its_offset),
        CASE(dropped_output_gives_its_bytes_back),
        CASE(finish_sends_the_queue_then_ends),
        CASE(timers_fire_in_the_order_of_their_times),
        CASE(posts_of_another_thread_wake_the_loop_and_keep_their_order),
        CASE(a_listener_hands_over_connections_and_a_taken_port_names_its_holder),
        cmocka_unit_test(addresses_that_make_no_sense_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
