/* Copying a journal into the cluster's store. */
#include "control/takeover.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/trace.h"

#define READY_KEY "facts/ready"

struct copying {
    struct control *to;
    struct error *err;
    bool ok;
    size_t count;
};

static void
copy_key(void *ctx, const char *key, struct bytes value, uint64_t version)
{
    struct copying *c = ctx;
    (void)version;
    struct buffer there = {0};
    uint64_t there_version;
    if (!c->ok || !control_get(c->to, key, &there, &there_version, c->err)) {
        c->ok = false;
    } else if (there_version == 0) {
        const struct control_change change = {.key = key, .value = value.ptr, .len = value.len};
        c->ok = control_apply(c->to, &change, 1, NULL, c->err);
        c->count++;
    } else if (there.len != value.len || memcmp(there.ptr, value.ptr, value.len) != 0) {
        /* Of numbers that only grow, the cluster's may have gone on since an earlier try. */
        c->ok = strncmp(key, "incarnation/", 12) == 0 || strncmp(key, "producer/", 9) == 0 ||
                error_set(c->err, ERROR_SYSTEM,
                          "%s is in this node's journal and differs in the cluster's store", key);
    }
    buffer_release(&there);
}

static bool
copy_journal(struct control *cluster, struct env *env, const char *dir, struct error *err)
{
    char journal[4096], aside[4096];
    struct env_stat st;
    struct error absent = {0};
    snprintf(journal, sizeof journal, "%s/control", dir);
    snprintf(aside, sizeof aside, "%s/control.copied", dir);
    const bool there = env->ops->stat(env, journal, &st, &absent);
    error_clear(&absent);
    uint64_t ready = 0;
    if (!control_get(cluster, READY_KEY, NULL, &ready, err)) {
        return false;
    }
    if (there && ready == 0) {
        struct control *local = control_open_local(env, dir, err);
        if (local == NULL) {
            return false;
        }
        struct copying c = {.to = cluster, .err = err, .ok = true};
        const bool listed = control_list(local, "", copy_key, &c, err);
        control_close(local);
        if (!listed || !c.ok) {
            return false;
        }
        trace(TRACE_INFO, "control", "%zu facts of this node are the cluster's now", c.count);
    }
    if (ready == 0) {
        const struct control_change change = {.key = READY_KEY, .value = "1", .len = 1};
        if (!control_apply(cluster, &change, 1, NULL, err)) {
            return false;
        }
    }
    return !there || env->ops->rename(env, journal, aside, err);
}

bool
control_take_over(struct control *cluster, struct env *env, const char *dir, bool first,
                  int64_t wait_ms, struct error *err)
{
    enum { PAUSE_MS = 20 };
    const int64_t deadline_ms = env_mono_ms(env) + wait_ms;
    for (;;) {
        uint64_t ready = 0;
        error_clear(err);
        const bool done = first ? copy_journal(cluster, env, dir, err)
                                : control_get(cluster, READY_KEY, NULL, &ready, err) && ready != 0;
        if (done) {
            return true;
        }
        /* etcd's members may still be coming up. */
        if (env_mono_ms(env) >= deadline_ms ||
            (error_is_set(err) && err->kind != ERROR_UNAVAILABLE)) {
            return error_is_set(err)
                       ? false
                       : error_set(err, ERROR_UNAVAILABLE, "node 1 has not brought its facts yet");
        }
        nanosleep(&(struct timespec){.tv_nsec = PAUSE_MS * 1000000}, NULL);
    }
}
