/* The children's lives: read the start file, serve until SIGTERM, end cleanly. */
#include "app/role.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "app/front.h"
#include "app/start_file.h"
#include "base/trace.h"
#include "hdfs/client.h"
#include "sched/worker.h"

static void
wait_for_end(void)
{
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    while (sigwaitinfo(&signals, NULL) < 0) {
    }
}

static bool
worker_life(const struct start_facts *f, uint32_t number, struct error *err)
{
    char spill[PATH_MAX + 16], shuffle[PATH_MAX + 32], work[PATH_MAX + 16], name[32];
    child_name(CHILD_WORKER, number, name, sizeof name);
    snprintf(spill, sizeof spill, "%s/spill", f->data_dir);
    snprintf(shuffle, sizeof shuffle, "%s/shuffle/%s", f->data_dir, name);
    snprintf(work, sizeof work, number > 1 ? "%s/%u" : "%s", f->run_dir, number);
    const struct worker_config config = {.env = hdfs_env_new(&env_real, f->webhdfs, f->token),
                                         .listen_fd = CHILD_FD_FRAMES,
                                         .peer_fd =
                                             f->peers[CHILD_WORKER][0] != '\0' ? CHILD_FD_PEER : -1,
                                         .secret = f->secret,
                                         .memory_bytes = f->memory[CHILD_WORKER],
                                         .threads = f->threads,
                                         .spill_dir = spill,
                                         .shuffle_dir = shuffle,
                                         .work_dir = work,
                                         .python_path = f->python[0] != '\0' ? f->python : NULL};
    if (!env_real.ops->mkdirs(&env_real, spill, err) ||
        !env_real.ops->mkdirs(&env_real, work, err)) {
        return false;
    }
    struct worker *w = worker_start(&config, err);
    if (w == NULL) {
        return false;
    }
    wait_for_end();
    worker_stop(w);
    return true;
}

int
role_main(const char *role, const char *start_path, uint32_t number)
{
    trace_init(role);
    /* Blocked before any thread starts, so that only the waiting main thread gets them. */
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    signal(SIGPIPE, SIG_IGN);

    /* Processes that this one starts must not keep its ports. */
    for (int fd = CHILD_FD_FIRST; fd <= CHILD_FD_LAST; fd++) {
        fcntl(fd, F_SETFD, FD_CLOEXEC);
    }

    struct error err = {0};
    struct start_facts facts;
    bool ok = start_file_read(&facts, start_path, &err);
    if (ok && strcmp(role, "worker") == 0) {
        ok = worker_life(&facts, number, &err);
    } else if (ok && strcmp(role, "front") == 0) {
        ok = front_life(&facts, wait_for_end, &err);
    } else if (ok && strcmp(role, "store") == 0) {
        ok = store_life(&facts, wait_for_end, &err);
    } else if (ok) {
        ok = error_set(&err, ERROR_ARGUMENT, "no such role: %s", role);
    }
    if (!ok) {
        fprintf(stderr, "weir %s: %s\n", role, error_text(&err));
    }
    error_clear(&err);
    return ok ? 0 : 1;
}
