/*
 * Feeds bytes to a server of net/ over a socket: what its fuzz targets share.
 *
 * The input arrives in two parts, so that decoders also meet an end in the middle; then the client
 * goes away, and the loop turns until the server has let the connection go.
 */
#ifndef WEIR_TEST_NET_FEED_H
#define WEIR_TEST_NET_FEED_H

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"
#include "net/loop.h"

struct feed {
    struct loop *loop;
    char address[64];
};

/* The listening descriptor for the server under test. */
static int
feed_init(struct feed *f, const char *name)
{
    struct error err = {0};
    f->loop = loop_new(&err);
    snprintf(f->address, sizeof f->address, "unix:@weir-fuzz-%s-%d", name, (int)getpid());
    const int fd = net_listen(f->address, &err);
    if (f->loop == NULL || fd < 0) {
        fprintf(stderr, "%s\n", error_text(&err));
        abort();
    }
    return fd;
}

static void
feed_part(struct feed *f, int fd, const uint8_t *data, size_t len)
{
    uint8_t answer[4096];
    size_t done = 0;
    for (int round = 0; done < len && round < 1000; round++) {
        const ssize_t n = send(fd, data + done, len - done, MSG_NOSIGNAL);
        done += n > 0 ? (size_t)n : 0;
        loop_turn(f->loop, 0);
        while (recv(fd, answer, sizeof answer, 0) > 0) {
        }
    }
    for (int i = 0; i < 4; i++) {
        loop_turn(f->loop, 0);
    }
}

static void
feed_run(struct feed *f, const uint8_t *head, size_t head_len, const uint8_t *data, size_t len)
{
    struct error err = {0};
    const int fd = net_connect(f->address, &err);
    if (fd < 0) {
        fprintf(stderr, "%s\n", error_text(&err));
        abort();
    }
    fcntl(fd, F_SETFL, O_NONBLOCK);
    feed_part(f, fd, head, head_len);
    const size_t cut = len / 2;
    feed_part(f, fd, data, cut);
    feed_part(f, fd, data + cut, len - cut);
    close(fd);
    for (int i = 0; i < 4; i++) {
        loop_turn(f->loop, 0);
    }
}

#endif
