/* Pairs of sockets in one poll loop. */
#include "proxy.h"

#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PAIRS_MAX = 30 };

static struct sockaddr_in
loopback(int port)
{
    return (struct sockaddr_in){.sin_family = AF_INET,
                                .sin_port = htons((uint16_t)port),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static bool
forward(int from, int to)
{
    char bytes[65536];
    const ssize_t n = recv(from, bytes, sizeof bytes, 0);
    for (ssize_t at = 0; at < n;) {
        const ssize_t m = send(to, bytes + at, (size_t)(n - at), MSG_NOSIGNAL);
        if (m <= 0) {
            return false;
        }
        at += m;
    }
    return n > 0;
}

/* polled[0] is the listener, then pairs: client, server. */
static void
serve(const struct proxy *p)
{
    struct pollfd polled[1 + 2 * PAIRS_MAX] = {{.fd = p->listen_fd, .events = POLLIN}};
    nfds_t count = 1;
    for (;;) {
        poll(polled, count, -1);
        for (nfds_t i = 1; i < count; i += 2) {
            bool ok = true;
            for (nfds_t side = 0; side < 2; side++) {
                if (ok && polled[i + side].revents != 0) {
                    ok = forward(polled[i + side].fd, polled[i + 1 - side].fd);
                }
            }
            if (!ok) {
                close(polled[i].fd);
                close(polled[i + 1].fd);
                polled[i] = polled[count - 2];
                polled[i + 1] = polled[count - 1];
                count -= 2;
                i -= 2;
            }
        }
        if (polled[0].revents != 0 && count + 2 <= sizeof polled / sizeof *polled) {
            const struct sockaddr_in to = loopback(p->to_port);
            const int a = accept(p->listen_fd, NULL, NULL);
            const int b = socket(AF_INET, SOCK_STREAM, 0);
            if (a >= 0 && connect(b, (const struct sockaddr *)&to, sizeof to) == 0) {
                polled[count++] = (struct pollfd){.fd = a, .events = POLLIN};
                polled[count++] = (struct pollfd){.fd = b, .events = POLLIN};
            } else {
                close(a);
                close(b);
            }
        }
    }
}

bool
proxy_heal(struct proxy *p)
{
    p->pid = fork();
    if (p->pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        serve(p);
    }
    return p->pid > 0;
}

bool
proxy_start(struct proxy *p, int to_port)
{
    struct sockaddr_in a = loopback(0);
    socklen_t len = sizeof a;
    *p = (struct proxy){.listen_fd = socket(AF_INET, SOCK_STREAM, 0), .to_port = to_port};
    if (bind(p->listen_fd, (struct sockaddr *)&a, len) != 0 || listen(p->listen_fd, 64) != 0 ||
        getsockname(p->listen_fd, (struct sockaddr *)&a, &len) != 0) {
        return false;
    }
    p->port = ntohs(a.sin_port);
    return proxy_heal(p);
}

void
proxy_cut(struct proxy *p)
{
    kill(p->pid, SIGKILL);
    waitpid(p->pid, NULL, 0);
}

void
proxy_end(struct proxy *p)
{
    proxy_cut(p);
    close(p->listen_fd);
}
