/* A TCP forwarder in a process of its own, so that a test can cut a connection and heal it. */
#ifndef WEIR_TEST_CONTROL_PROXY_H
#define WEIR_TEST_CONTROL_PROXY_H

#include <stdbool.h>
#include <sys/types.h>

struct proxy {
    int listen_fd; /* stays open over cuts: connects wait in the kernel's queue */
    int port, to_port;
    pid_t pid;
};

bool proxy_start(struct proxy *p, int to_port);
void proxy_cut(struct proxy *p); /* connections break */
bool proxy_heal(struct proxy *p);
void proxy_end(struct proxy *p);

#endif
