/*
 * A Spark Connect server alone, for the wire tests: everything runs in this process.
 *
 *     connect_server DATA_DIR [TOKEN]
 *
 * Prints its address and serves until its standard input ends.
 */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "base/env.h"
#include "base/thread.h"
#include "base/trace.h"
#include "connect/server.h"

static void *
wait_for_end(void *loop)
{
    char byte;
    while (read(STDIN_FILENO, &byte, 1) > 0) {
    }
    loop_stop(loop);
    return NULL;
}

int
main(int argc, char **argv)
{
    struct error err = {0};
    char address[64];
    if (argc < 2) {
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    trace_init("connect_server");
    const struct driver_config config = {.env = &env_real,
                                         .data_dir = argv[1],
                                         .memory_bytes = (uint64_t)2 << 30,
                                         .threads = 2,
                                         .local_input_bytes = INT64_MAX,
                                         .spark_version = "4.3.0"};
    struct driver *driver = driver_new(&config, &err);
    struct loop *loop = driver != NULL ? loop_new(&err) : NULL;
    int fd = loop != NULL ? net_listen("127.0.0.1:0", &err) : -1;
    if (fd < 0 || !net_local_address(fd, address, sizeof address)) {
        fprintf(stderr, "%s\n", error_text(&err));
        return 1;
    }
    const struct connect_config connect = {
        .loop = loop, .listen_fd = fd, .driver = driver, .token = argc > 2 ? argv[2] : NULL};
    struct connect_server *server = connect_server_new(&connect, &err);
    if (server == NULL) {
        fprintf(stderr, "%s\n", error_text(&err));
        return 1;
    }
    printf("%s\n", address);
    fflush(stdout);
    pthread_t waiter;
    thread_start(&waiter, "stdin", wait_for_end, loop);
    loop_run(loop);
    pthread_join(waiter, NULL);
    connect_server_free(server);
    loop_free(loop);
    driver_free(driver);
    return 0;
}
