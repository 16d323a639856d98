/*
 * Threads, and how much of the machine is ours: the smallest of what the hardware has, what the
 * affinity mask allows, and what any control group above us grants.
 */
#include "base/thread.h"

#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { STACK_BYTES = 8 << 20 };

struct start {
    char name[16];
    void *(*fn)(void *);
    void *ctx;
};

static void *
thread_main(void *arg)
{
    struct start start = *(struct start *)arg;
    free(arg);
    pthread_setname_np(pthread_self(), start.name);
    return start.fn(start.ctx);
}

bool
thread_start(pthread_t *out, const char *name, void *(*fn)(void *), void *ctx)
{
    struct start *start = malloc(sizeof *start);
    if (start == NULL) {
        return false;
    }
    *start = (struct start){.fn = fn, .ctx = ctx};
    snprintf(start->name, sizeof start->name, "%s", name);
    pthread_attr_t attr;
    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, STACK_BYTES);
    const int rc = pthread_create(out, &attr, thread_main, start);
    pthread_attr_destroy(&attr);
    if (rc != 0) {
        free(start);
    }
    return rc == 0;
}

static bool
line_read(const char *path, char *out, size_t size)
{
    FILE *f = fopen(path, "re");
    if (f == NULL) {
        return false;
    }
    const bool ok = fgets(out, (int)size, f) != NULL;
    fclose(f);
    return ok;
}

/* This process' group below the v2 mount or a v1 controller: "" for the root, never with a "/" at
 * the end. In a container with its own namespace this is "" and the files at the mount's root are
 * the container's own. */
static void
group_path(const char *controller, char *out, size_t size)
{
    out[0] = '\0';
    FILE *f = fopen("/proc/self/cgroup", "re");
    if (f == NULL) {
        return;
    }
    char line[PATH_MAX];
    while (fgets(line, sizeof line, f) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        char *controllers = strchr(line, ':');
        char *path = controllers != NULL ? strchr(controllers + 1, ':') : NULL;
        if (path == NULL) {
            continue;
        }
        *path++ = '\0';
        controllers++;
        const bool match =
            controller == NULL ? controllers[0] == '\0' : strstr(controllers, controller) != NULL;
        if (match && strcmp(path, "/") != 0 && strlen(path) < size) {
            memcpy(out, path, strlen(path) + 1);
        }
    }
    fclose(f);
}

/* Calls fn with the text of `file` in our group and in each one above it, up to the mount. */
static void
group_each(const char *mount, const char *controller, const char *file,
           void (*fn)(const char *folder, const char *text, void *ctx), void *ctx)
{
    char group[PATH_MAX / 2];
    group_path(controller, group, sizeof group);
    for (;;) {
        char folder[PATH_MAX];
        char path[PATH_MAX + 64];
        char text[128];
        snprintf(folder, sizeof folder, "%s%s", mount, group);
        snprintf(path, sizeof path, "%s/%s", folder, file);
        if (line_read(path, text, sizeof text)) {
            fn(folder, text, ctx);
        }
        char *slash = strrchr(group, '/');
        if (slash == NULL) {
            return;
        }
        *slash = '\0';
    }
}

static void
cores_lower(uint32_t *cores, long long quota, long long period)
{
    if (quota > 0 && period > 0) {
        const long long granted = (quota + period - 1) / period;
        *cores = granted < (long long)*cores ? (uint32_t)granted : *cores;
    }
}

static void
cpu_max_read(const char *folder, const char *text, void *ctx)
{
    long long quota = 0;
    long long period = 0;
    if (sscanf(text, "%lld %lld", &quota, &period) == 2) { /* "max 100000" does not match */
        cores_lower(ctx, quota, period);
    }
}

static void
cfs_quota_read(const char *folder, const char *text, void *ctx)
{
    char path[PATH_MAX + 64];
    char period[64];
    snprintf(path, sizeof path, "%s/cpu.cfs_period_us", folder);
    if (line_read(path, period, sizeof period)) {
        cores_lower(ctx, strtoll(text, NULL, 10), strtoll(period, NULL, 10));
    }
}

uint32_t
thread_usable_cores(void)
{
    const long online = sysconf(_SC_NPROCESSORS_ONLN);
    uint32_t cores = online > 0 ? (uint32_t)online : 1;
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 0) {
        const uint32_t allowed = (uint32_t)CPU_COUNT(&set);
        cores = allowed < cores ? allowed : cores;
    }
    group_each("/sys/fs/cgroup", NULL, "cpu.max", cpu_max_read, &cores);
    group_each("/sys/fs/cgroup/cpu", "cpu", "cpu.cfs_quota_us", cfs_quota_read, &cores);
    return cores > 0 ? cores : 1;
}

static void
memory_limit_read(const char *folder, const char *text, void *ctx)
{
    uint64_t *bytes = ctx;
    char *end;
    const unsigned long long limit = strtoull(text, &end, 10); /* "max" reads as nothing */
    if (end != text && limit > 0 && limit < *bytes) {
        *bytes = limit;
    }
}

uint64_t
memory_usable_bytes(void)
{
    const long pages = sysconf(_SC_PHYS_PAGES);
    const long page_bytes = sysconf(_SC_PAGESIZE);
    uint64_t bytes =
        pages > 0 && page_bytes > 0 ? (uint64_t)pages * (uint64_t)page_bytes : 1ull << 30;
    group_each("/sys/fs/cgroup", NULL, "memory.max", memory_limit_read, &bytes);
    group_each("/sys/fs/cgroup/memory", "memory", "memory.limit_in_bytes", memory_limit_read,
               &bytes);
    return bytes;
}

void
cond_init(pthread_cond_t *c)
{
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    if (pthread_condattr_setclock(&attr, CLOCK_MONOTONIC) != 0 ||
        pthread_cond_init(c, &attr) != 0) {
        __builtin_trap();
    }
    pthread_condattr_destroy(&attr);
}

bool
cond_wait_until(pthread_cond_t *c, pthread_mutex_t *m, int64_t deadline_mono_ns)
{
    const struct timespec ts = {.tv_sec = deadline_mono_ns / 1000000000,
                                .tv_nsec = deadline_mono_ns % 1000000000};
    const int rc = pthread_cond_timedwait(c, m, &ts);
    if (rc != 0 && rc != ETIMEDOUT) {
        __builtin_trap();
    }
    return rc == 0;
}
