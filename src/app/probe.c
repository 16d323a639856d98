/* One request of each protocol, by hand: a client library would cost more than the question. */
#include "app/probe.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buffer.h"
#include "net/frame.h"
#include "sched/wire.h"

/* "127.0.0.1:9092" or "[::1]:9092" -> connected socket, or -1. */
static int
tcp_connect(const char *address, struct error *err)
{
    char host[256];
    const char *colon = strrchr(address, ':');
    if (colon == NULL || (size_t)(colon - address) >= sizeof host) {
        error_set(err, ERROR_ARGUMENT, "not HOST:PORT: %s", address);
        return -1;
    }
    snprintf(host, sizeof host, "%.*s", (int)(colon - address), address);
    char *name = host;
    if (name[0] == '[') {
        name++;
        name[strcspn(name, "]")] = '\0';
    }
    const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    if (getaddrinfo(name, colon + 1, &hints, &found) != 0) {
        error_set(err, ERROR_SYSTEM, "unknown host %s", name);
        return -1;
    }
    const int fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, found->ai_addr, found->ai_addrlen) != 0) {
        error_system(err, errno, "connecting to %s", address);
        if (fd >= 0) {
            close(fd);
        }
        freeaddrinfo(found);
        return -1;
    }
    freeaddrinfo(found);
    return fd;
}

/* Sends, then reads until done says yes or the time is over. */
static bool
ask(const char *address, const void *request, size_t len, int timeout_ms,
    bool (*done)(const uint8_t *bytes, size_t got), struct error *err)
{
    const int fd = tcp_connect(address, err);
    if (fd < 0) {
        return false;
    }
    uint8_t bytes[4096];
    size_t got = 0;
    bool ok = send(fd, request, len, MSG_NOSIGNAL) == (ssize_t)len;
    bool answered = false;
    while (ok && !answered && got < sizeof bytes) {
        struct pollfd p = {.fd = fd, .events = POLLIN};
        if (poll(&p, 1, timeout_ms) != 1) {
            break;
        }
        const ssize_t n = recv(fd, bytes + got, sizeof bytes - got, 0);
        if (n <= 0) {
            break;
        }
        got += (size_t)n;
        answered = done(bytes, got);
    }
    close(fd);
    return answered || error_set(err, ERROR_UNAVAILABLE, "%s does not answer", address);
}

/* A HEADERS frame on stream 1 is the server's answer to our call. */
static bool
is_grpc_answer(const uint8_t *bytes, size_t got)
{
    for (size_t at = 0; at + 9 <= got;) {
        const size_t len = (size_t)bytes[at] << 16 | (size_t)bytes[at + 1] << 8 | bytes[at + 2];
        if (bytes[at + 3] == 1 && bytes[at + 8] == 1) {
            return true;
        }
        at += 9 + len;
    }
    return false;
}

bool
probe_connect(const char *address, int timeout_ms, struct error *err)
{
    static const char preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    static const uint8_t settings[9] = {0, 0, 0, 4, 0, 0, 0, 0, 0};
    static const char path[] = "/spark.connect.SparkConnectService/WeirProbe";
    struct buffer block = {0};
    buffer_put(&block, "\x83\x86", 2); /* :method POST, :scheme http, from the static table */
    buffer_put(&block, "\x04", 1);     /* :path, literal */
    buffer_u8(&block, sizeof path - 1);
    buffer_puts(&block, path);
    buffer_put(&block, "\x01\x09", 2); /* :authority, literal */
    buffer_puts(&block, "localhost");
    buffer_put(&block, "\x0f\x10\x10", 3); /* content-type (index 31), literal of 16 bytes */
    buffer_puts(&block, "application/grpc");
    buffer_put(&block, "\x00\x02te\x08trailers", 13);
    struct buffer out = {0};
    buffer_put(&out, preface, sizeof preface - 1);
    buffer_put(&out, settings, sizeof settings);
    buffer_put(&out, (const uint8_t[]){0, 0, (uint8_t)block.len, 1, 5, 0, 0, 0, 1}, 9);
    buffer_put(&out, block.ptr, block.len);
    const bool ok = ask(address, out.ptr, out.len, timeout_ms, is_grpc_answer, err);
    buffer_release(&block);
    buffer_release(&out);
    return ok;
}

static bool
is_kafka_answer(const uint8_t *bytes, size_t got)
{
    static const uint8_t correlation[4] = {0x77, 0x65, 0x69, 0x72};
    return got >= 8 && memcmp(bytes + 4, correlation, 4) == 0;
}

bool
probe_kafka(const char *address, int timeout_ms, struct error *err)
{
    /* ApiVersions v0, correlation "weir", no client id. */
    static const uint8_t request[] = {0, 0, 0, 10, 0, 18, 0, 0, 0x77, 0x65, 0x69, 0x72, 0xff, 0xff};
    return ask(address, request, sizeof request, timeout_ms, is_kafka_answer, err);
}

static bool
is_http_answer(const uint8_t *bytes, size_t got)
{
    return got >= 12 && memcmp(bytes, "HTTP/1.1 ", 9) == 0;
}

bool
probe_web(const char *address, int timeout_ms, struct error *err)
{
    static const char request[] = "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    return ask(address, request, sizeof request - 1, timeout_ms, is_http_answer, err);
}

bool
probe_frames(const char *address, int timeout_ms, struct error *err)
{
    struct frame_client *client = frame_client_new(address);
    struct buffer reply = {0};
    const bool ok = frame_call(client, WIRE_PING, NULL, 0, &reply, timeout_ms, err);
    buffer_release(&reply);
    frame_client_free(client);
    return ok;
}
