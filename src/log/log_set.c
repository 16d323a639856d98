/* The logs of one data directory: opening and closing them, and the two threads that serve all. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/thread.h"
#include "base/trace.h"
#include "log/log_internal.h"

enum { CLEAN_PERIOD_MS = 30000 };

/* Flushes the first log of the queue; with the set's lock, which is given up meanwhile. */
static void
flush_first(struct log_set *set)
{
    struct log *log = set->dirty;
    set->dirty = log->next_dirty;
    set->dirty_last = set->dirty != NULL ? set->dirty_last : NULL;
    /* Out of the queue before the sync: bytes that come during it queue the log again. */
    log->dirty = false;
    mutex_unlock(&set->lock);
    log_flush(log);
    log_release(log);
    mutex_lock(&set->lock);
}

static void *
flusher_main(void *ctx)
{
    struct log_set *set = ctx;
    mutex_lock(&set->lock);
    while (!set->stop || set->dirty != NULL) {
        if (set->dirty == NULL) {
            pthread_cond_wait(&set->work, &set->lock);
            continue;
        }
        flush_first(set);
    }
    mutex_unlock(&set->lock);
    return NULL;
}

void
log_set_clean(struct log_set *set)
{
    /* The list may change while a log is cleaned, so it is taken once, held. */
    struct log **logs = NULL;
    size_t count = 0;
    mutex_lock(&set->lock);
    for (struct log *log = set->logs; log != NULL; log = log->next) {
        count++;
    }
    logs = malloc((count + 1) * sizeof(struct log *));
    count = 0;
    for (struct log *log = set->logs; logs != NULL && log != NULL; log = log->next) {
        log_retain(log);
        logs[count++] = log;
    }
    mutex_unlock(&set->lock);
    for (size_t i = 0; i < count; i++) {
        log_clean(logs[i]);
        log_release(logs[i]);
    }
    free(logs);
}

static void *
cleaner_main(void *ctx)
{
    struct log_set *set = ctx;
    mutex_lock(&set->lock);
    while (!set->stop) {
        const int64_t deadline = env_mono_ns(&env_real) + (int64_t)CLEAN_PERIOD_MS * 1000000;
        while (!set->stop && cond_wait_until(&set->clean_wake, &set->lock, deadline)) {
        }
        if (!set->stop) {
            mutex_unlock(&set->lock);
            log_set_clean(set);
            mutex_lock(&set->lock);
        }
    }
    mutex_unlock(&set->lock);
    return NULL;
}

bool
log_set_step(struct log_set *set)
{
    mutex_lock(&set->lock);
    const bool due = set->dirty != NULL;
    if (due) {
        flush_first(set);
    }
    mutex_unlock(&set->lock);
    return due;
}

struct log_set *
log_set_open_stepped(struct env *env, const char *dir, struct error *err)
{
    if (!env->ops->mkdirs(env, dir, err)) {
        return NULL;
    }
    struct log_set *set = calloc(1, sizeof *set);
    if (set == NULL) {
        abort();
    }
    set->env = env;
    set->dir = strdup(dir);
    pthread_mutex_init(&set->lock, NULL);
    cond_init(&set->work);
    cond_init(&set->clean_wake);
    return set;
}

struct log_set *
log_set_open(struct env *env, const char *dir, struct error *err)
{
    struct log_set *set = log_set_open_stepped(env, dir, err);
    if (set == NULL) {
        return NULL;
    }
    if (!thread_start(&set->flusher, "log-flush", flusher_main, set)) {
        error_set(err, ERROR_RESOURCE, "the flusher thread cannot be started");
    } else if (!thread_start(&set->cleaner, "log-clean", cleaner_main, set)) {
        error_set(err, ERROR_RESOURCE, "the cleaner thread cannot be started");
        mutex_lock(&set->lock);
        set->stop = true;
        pthread_cond_signal(&set->work);
        mutex_unlock(&set->lock);
        pthread_join(set->flusher, NULL);
    } else {
        set->threads_started = true;
        return set;
    }
    log_set_close(set);
    return NULL;
}

static void
log_close_clean(struct log *log)
{
    struct error err = {0};
    mutex_lock(&log->lock);
    bool ok = !log->deleted && log_producers_snapshot(log, &err);
    for (size_t i = 0; ok && i < log->segment_count; i++) {
        ok = log->segments[i]->indexed || segment_index_write(log->segments[i], &err);
    }
    if (ok && log->replicated) {
        struct buffer b = {0};
        buffer_le64(&b, (uint64_t)log->watermark);
        ok = meta_write(log->env, log->dir, "watermark", &b, &err);
        buffer_release(&b);
    }
    ok = ok && log_clean_write(log, &err);
    if (!ok && error_is_set(&err)) {
        trace(TRACE_WARN, "log", "%s: no clean mark, the next start reads it whole: %s", log->dir,
              error_text(&err));
    }
    error_clear(&err);
    mutex_unlock(&log->lock);
}

void
log_set_close(struct log_set *set)
{
    if (set->threads_started) {
        mutex_lock(&set->lock);
        set->stop = true;
        pthread_cond_signal(&set->work);
        pthread_cond_signal(&set->clean_wake);
        mutex_unlock(&set->lock);
        pthread_join(set->flusher, NULL);
        pthread_join(set->cleaner, NULL);
    }
    while (set->logs != NULL) {
        struct log *log = set->logs;
        set->logs = log->next;
        log_close_clean(log);
        log_release(log);
    }
    pthread_cond_destroy(&set->work);
    pthread_cond_destroy(&set->clean_wake);
    pthread_mutex_destroy(&set->lock);
    free(set->dir);
    free(set);
}

struct sweep {
    bool (*wanted)(void *ctx, const char *topic, size_t topic_len, int32_t partition);
    void *ctx;
    char **names;
    size_t count;
};

/* "<topic>-<partition>", nothing else. */
static bool
partition_name_parse(const char *name, size_t *topic_len, int32_t *partition)
{
    const char *dash = strrchr(name, '-');
    char *end = NULL;
    if (dash == NULL || dash == name || dash[1] < '0' || dash[1] > '9') {
        return false;
    }
    const long v = strtol(dash + 1, &end, 10);
    *topic_len = (size_t)(dash - name);
    *partition = (int32_t)v;
    return *end == '\0' && v >= 0 && v <= INT32_MAX;
}

static void
sweep_name(void *ctx, const char *name, bool is_dir)
{
    struct sweep *sweep = ctx;
    const size_t len = strlen(name), tail = strlen(".deleted");
    size_t topic_len = 0;
    int32_t partition = 0;
    const bool deleted = len > tail && strcmp(name + len - tail, ".deleted") == 0;
    if (!is_dir || (!deleted && (!partition_name_parse(name, &topic_len, &partition) ||
                                 sweep->wanted(sweep->ctx, name, topic_len, partition)))) {
        return;
    }
    sweep->names = realloc(sweep->names, (sweep->count + 1) * sizeof(char *));
    if (sweep->names == NULL) {
        abort();
    }
    sweep->names[sweep->count++] = strdup(name);
}

bool
log_set_sweep(struct log_set *set,
              bool (*wanted)(void *ctx, const char *topic, size_t topic_len, int32_t partition),
              void *ctx, struct error *err)
{
    struct sweep sweep = {.wanted = wanted, .ctx = ctx};
    bool ok = set->env->ops->list(set->env, set->dir, sweep_name, &sweep, err);
    for (size_t i = 0; i < sweep.count; i++) {
        char *path = path_join(set->dir, sweep.names[i]);
        if (ok) {
            trace(TRACE_WARN, "log", "removing %s: no topic has it", path);
            ok = env_remove_tree(set->env, path, err);
        }
        free(path);
        free(sweep.names[i]);
    }
    free(sweep.names);
    return ok;
}

struct log *
log_open(struct log_set *set, const char *topic, int32_t partition, const struct log_config *config,
         struct error *err)
{
    struct log *log = calloc(1, sizeof *log);
    if (log == NULL) {
        abort();
    }
    atomic_init(&log->holds, 1);
    log->set = set;
    log->env = set->env;
    log->topic = strdup(topic);
    log->partition = partition;
    log->config = *config;
    if (asprintf(&log->dir, "%s/%s-%d", set->dir, topic, partition) < 0) {
        abort();
    }
    pthread_mutex_init(&log->lock, NULL);
    cond_init(&log->waiter_done);
    if (!log_load(log, err)) {
        log_release(log);
        return NULL;
    }
    mutex_lock(&set->lock);
    log->next = set->logs;
    set->logs = log;
    mutex_unlock(&set->lock);
    return log;
}

bool
log_delete(struct log *log, struct error *err)
{
    struct log_set *set = log->set;
    mutex_lock(&set->lock);
    struct log **link = &set->logs;
    while (*link != log) {
        link = &(*link)->next;
    }
    *link = log->next;
    mutex_unlock(&set->lock);

    mutex_lock(&log->lock);
    log->deleted = true;
    /* Renamed first: a death half-way leaves a name that no topic has, and a new topic of the same
     * name does not meet the remains. */
    char *gone = NULL;
    if (asprintf(&gone, "%s.%016llx.deleted", log->dir, (unsigned long long)env_random(log->env)) <
        0) {
        abort();
    }
    const bool ok = log->env->ops->rename(log->env, log->dir, gone, err) &&
                    env_remove_tree(log->env, gone, err);
    free(gone);
    mutex_unlock(&log->lock);
    log_wake_all(log);
    log_release(log);
    return ok;
}
