/* Who listens on a port: the socket's number from /proc/net, then the process that holds it open.
 */
#include "app/port_owner.h"

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

enum { TCP_LISTEN_STATE = 0x0a };

static bool
listener_inode(const char *table, unsigned port, unsigned long *inode)
{
    FILE *file = fopen(table, "re");
    if (file == NULL) {
        return false;
    }
    char line[512];
    bool found = false;
    while (!found && fgets(line, sizeof line, file) != NULL) {
        unsigned local, state;
        found = sscanf(line, " %*u: %*[0-9A-Fa-f]:%x %*[0-9A-Fa-f]:%*x %x %*s %*s %*s %*s %*s %lu",
                       &local, &state, inode) == 3 &&
                local == port && state == TCP_LISTEN_STATE;
    }
    fclose(file);
    return found;
}

static bool
process_holds(const char *pid, const char *link_text)
{
    char folder[64];
    snprintf(folder, sizeof folder, "/proc/%.20s/fd", pid);
    DIR *dir = opendir(folder);
    if (dir == NULL) {
        return false;
    }
    bool found = false;
    for (struct dirent *entry = readdir(dir); entry != NULL && !found; entry = readdir(dir)) {
        char path[384], target[64];
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        const ssize_t len = readlink(path, target, sizeof target - 1);
        target[len > 0 ? len : 0] = '\0';
        found = strcmp(target, link_text) == 0;
    }
    closedir(dir);
    return found;
}

static void
process_name(const char *pid, char *out, size_t size)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%.20s/comm", pid);
    FILE *file = fopen(path, "re");
    if (file == NULL || fgets(out, (int)size, file) == NULL) {
        snprintf(out, size, "a process");
    }
    if (file != NULL) {
        fclose(file);
    }
    out[strcspn(out, "\n")] = '\0';
}

bool
port_owner(const char *address, char *out, size_t size)
{
    const char *colon = strrchr(address, ':');
    const unsigned port = colon != NULL ? (unsigned)atoi(colon + 1) : 0;
    unsigned long inode;
    if (port == 0 || (!listener_inode("/proc/net/tcp", port, &inode) &&
                      !listener_inode("/proc/net/tcp6", port, &inode))) {
        return false;
    }
    char link_text[64];
    snprintf(link_text, sizeof link_text, "socket:[%lu]", inode);
    DIR *dir = opendir("/proc");
    if (dir == NULL) {
        return false;
    }
    bool found = false;
    for (struct dirent *entry = readdir(dir); entry != NULL && !found; entry = readdir(dir)) {
        if (isdigit((unsigned char)entry->d_name[0]) && process_holds(entry->d_name, link_text)) {
            char name[64];
            process_name(entry->d_name, name, sizeof name);
            snprintf(out, size, "%s, pid %s", name, entry->d_name);
            found = true;
        }
    }
    closedir(dir);
    return found;
}
