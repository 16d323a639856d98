/*
 * Addresses as text, sockets from them, and who holds a port that we cannot have.
 */
#include "net/address.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/error.h"
#include "net/loop.h"

union any_address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    struct sockaddr_un local;
};

static bool
unix_parse(const char *path, union any_address *out, socklen_t *out_len, struct error *err)
{
    const size_t len = strlen(path);
    if (len == 0 || len >= sizeof out->local.sun_path) {
        return error_set(err, ERROR_ARGUMENT,
                         "the path of the socket unix:%s is empty or longer than %zu bytes", path,
                         sizeof out->local.sun_path - 1);
    }
    out->local.sun_family = AF_UNIX;
    memcpy(out->local.sun_path, path, len + 1);
    *out_len = (socklen_t)sizeof out->local;
    if (path[0] == '@') {
        out->local.sun_path[0] = '\0';
        *out_len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
    }
    return true;
}

/* "host:port", "[v6]:port" or "unix:path". */
static bool
address_parse(const char *text, union any_address *out, socklen_t *out_len, struct error *err)
{
    memset(out, 0, sizeof *out);
    if (strncmp(text, "unix:", 5) == 0) {
        return unix_parse(text + 5, out, out_len, err);
    }
    const char *colon = strrchr(text, ':');
    char host[256];
    const char *start = text;
    size_t host_len = colon != NULL ? (size_t)(colon - text) : 0;
    if (host_len >= 2 && text[0] == '[' && text[host_len - 1] == ']') {
        start++;
        host_len -= 2;
    }
    if (colon == NULL || host_len >= sizeof host || colon[1] < '0' || colon[1] > '9') {
        return error_set(err, ERROR_ARGUMENT,
                         "\"%s\" is not an address; write HOST:PORT, [IPV6]:PORT or unix:PATH",
                         text);
    }
    memcpy(host, start, host_len);
    host[host_len] = '\0';
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                                   .ai_flags = AI_NUMERICSERV | (host_len == 0 ? AI_PASSIVE : 0)};
    struct addrinfo *found = NULL;
    const int rc = getaddrinfo(host_len > 0 ? host : NULL, colon + 1, &hints, &found);
    if (rc != 0) {
        return error_set(err, ERROR_ARGUMENT, "the address \"%s\" cannot be resolved: %s", text,
                         gai_strerror(rc));
    }
    const bool fits = found->ai_addrlen <= sizeof *out;
    if (fits) {
        memcpy(out, found->ai_addr, found->ai_addrlen);
        *out_len = found->ai_addrlen;
    }
    freeaddrinfo(found);
    return fits || error_set(err, ERROR_ARGUMENT, "\"%s\" is of an unknown family", text);
}

static void
address_text(const union any_address *a, socklen_t len, char *out, size_t size)
{
    char host[INET6_ADDRSTRLEN] = "";
    if (a->any.sa_family == AF_INET) {
        inet_ntop(AF_INET, &a->v4.sin_addr, host, sizeof host);
        snprintf(out, size, "%s:%u", host, ntohs(a->v4.sin_port));
    } else if (a->any.sa_family == AF_INET6) {
        inet_ntop(AF_INET6, &a->v6.sin6_addr, host, sizeof host);
        snprintf(out, size, "[%s]:%u", host, ntohs(a->v6.sin6_port));
    } else {
        const size_t head = offsetof(struct sockaddr_un, sun_path);
        const size_t path_len = len > head ? len - head : 0;
        if (path_len > 0 && a->local.sun_path[0] == '\0') {
            snprintf(out, size, "unix:@%.*s", (int)path_len - 1, a->local.sun_path + 1);
        } else {
            snprintf(out, size, "unix:%.*s", (int)path_len, a->local.sun_path);
        }
    }
}

bool
net_local_address(int fd, char *out, size_t size)
{
    union any_address a = {0};
    socklen_t len = sizeof a;
    if (getsockname(fd, &a.any, &len) != 0) {
        return false;
    }
    address_text(&a, len, out, size);
    return true;
}

void
net_peer_text(int fd, char *out, size_t size)
{
    union any_address a = {0};
    socklen_t len = sizeof a;
    if (getpeername(fd, &a.any, &len) != 0) {
        snprintf(out, size, "?");
        return;
    }
    address_text(&a, len, out, size);
}

void
net_prepare(int fd)
{
    const int on = 1;
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    /* Both fail on Unix sockets, which do not need them. */
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
}

/* --- who has the port --------------------------------------------------------------------------
 */

/* The inode of the socket that listens on a port, from one of the kernel's tables; 0 if none. */
static unsigned long
listener_inode(const char *table, unsigned port)
{
    FILE *f = fopen(table, "re");
    if (f == NULL) {
        return 0;
    }
    char line[512];
    unsigned long found = 0;
    while (found == 0 && fgets(line, sizeof line, f) != NULL) {
        unsigned local_port;
        unsigned state;
        unsigned long inode;
        if (sscanf(line,
                   " %*[0-9]: %*[0-9A-F]:%x %*[0-9A-F]:%*x %x %*x:%*x %*x:%*x %*x %*u %*u %lu",
                   &local_port, &state, &inode) == 3 &&
            local_port == port && state == 0x0a) {
            found = inode;
        }
    }
    fclose(f);
    return found;
}

static bool
process_holds(const char *pid, unsigned long inode)
{
    char folder[64];
    char wanted[64];
    snprintf(folder, sizeof folder, "/proc/%.20s/fd", pid);
    snprintf(wanted, sizeof wanted, "socket:[%lu]", inode);
    DIR *dir = opendir(folder);
    if (dir == NULL) {
        return false; /* another user's */
    }
    bool holds = false;
    for (struct dirent *e = readdir(dir); e != NULL && !holds; e = readdir(dir)) {
        char link[PATH_MAX];
        const ssize_t len = readlinkat(dirfd(dir), e->d_name, link, sizeof link - 1);
        if (len > 0) {
            link[len] = '\0';
            holds = strcmp(link, wanted) == 0;
        }
    }
    closedir(dir);
    return holds;
}

/* " by NAME (process 123)", or "" if it cannot be known. */
static void
holder_text(unsigned port, char *out, size_t size)
{
    out[0] = '\0';
    unsigned long inode = listener_inode("/proc/net/tcp", port);
    inode = inode != 0 ? inode : listener_inode("/proc/net/tcp6", port);
    DIR *proc = inode != 0 ? opendir("/proc") : NULL;
    if (proc == NULL) {
        return;
    }
    for (struct dirent *e = readdir(proc); e != NULL && out[0] == '\0'; e = readdir(proc)) {
        if (e->d_name[0] < '0' || e->d_name[0] > '9' || !process_holds(e->d_name, inode)) {
            continue;
        }
        char path[64];
        char name[64] = "";
        snprintf(path, sizeof path, "/proc/%.20s/comm", e->d_name);
        FILE *f = fopen(path, "re");
        if (f != NULL) {
            if (fgets(name, sizeof name, f) != NULL) {
                name[strcspn(name, "\n")] = '\0';
            }
            fclose(f);
        }
        snprintf(out, size, " by %s (process %.20s)", name[0] != '\0' ? name : "a program",
                 e->d_name);
    }
    closedir(proc);
}

/* --- sockets -----------------------------------------------------------------------------------
 */

/* A socket file that nobody answers is left over from a process that died. */
static void
stale_socket_remove(const union any_address *a, socklen_t len)
{
    struct stat st;
    if (a->any.sa_family != AF_UNIX || a->local.sun_path[0] == '\0' ||
        lstat(a->local.sun_path, &st) != 0 || !S_ISSOCK(st.st_mode)) {
        return;
    }
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, &a->any, len) != 0 && errno == ECONNREFUSED) {
        unlink(a->local.sun_path);
    }
    if (fd >= 0) {
        close(fd);
    }
}

static bool
listen_error(const char *address, const union any_address *a, int errnum, struct error *err)
{
    if (errnum != EADDRINUSE) {
        return error_system(err, errnum, "cannot listen on %s", address);
    }
    char holder[160] = "";
    if (a->any.sa_family == AF_INET) {
        holder_text(ntohs(a->v4.sin_port), holder, sizeof holder);
    } else if (a->any.sa_family == AF_INET6) {
        holder_text(ntohs(a->v6.sin6_port), holder, sizeof holder);
    }
    return error_set_code(err, ERROR_SYSTEM, EADDRINUSE,
                          "cannot listen on %s: the address is in use%s", address, holder);
}

int
net_listen(const char *address, struct error *err)
{
    union any_address a;
    socklen_t len;
    if (!address_parse(address, &a, &len, err)) {
        return -1;
    }
    stale_socket_remove(&a, len);
    const int on = 1;
    const int fd = socket(a.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) {
        error_system(err, errno, "cannot make a socket for %s", address);
        return -1;
    }
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, &a.any, len) != 0 || listen(fd, SOMAXCONN) != 0) {
        listen_error(address, &a, errno, err);
        close(fd);
        return -1;
    }
    return fd;
}

int
net_connect_start(const char *address, bool non_blocking, struct error *err)
{
    union any_address a;
    socklen_t len;
    if (!address_parse(address, &a, &len, err)) {
        return -1;
    }
    const int fd = socket(a.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        error_system(err, errno, "cannot make a socket for %s", address);
        return -1;
    }
    if (non_blocking) {
        fcntl(fd, F_SETFL, O_NONBLOCK);
    }
    int rc;
    do {
        rc = connect(fd, &a.any, len);
    } while (rc != 0 && errno == EINTR && !non_blocking);
    if (rc != 0 && !(non_blocking && (errno == EINPROGRESS || errno == EAGAIN || errno == EINTR))) {
        error_system(err, errno, "cannot connect to %s", address);
        close(fd);
        return -1;
    }
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return fd;
}

int
net_connect(const char *address, struct error *err)
{
    return net_connect_start(address, false, err);
}
