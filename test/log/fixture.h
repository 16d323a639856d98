/* A log in a fresh directory, and batches to put into it. */
#ifndef WEIR_TEST_LOG_FIXTURE_H
#define WEIR_TEST_LOG_FIXTURE_H

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "log/log.h"

struct log_fixture {
    char dir[64];
    struct log_set *set;
    struct log *log;
    struct error err;
    struct log_config config;
};

static const struct log_config log_fixture_config = {
    .segment_bytes = 1 << 30,
    .segment_ms = 604800000,
    .retention_ms = -1,
    .retention_bytes = -1,
    .message_bytes_max = 1048588,
    .delete_old = true,
};

static inline void
log_fixture_open(struct log_fixture *f)
{
    f->set = log_set_open(&env_real, f->dir, &f->err);
    assert_non_null(f->set);
    f->log = log_open(f->set, "t", 0, &f->config, &f->err);
    if (f->log == NULL) {
        fail_msg("log_open: %s", error_text(&f->err));
    }
}

static inline void
log_fixture_close(struct log_fixture *f)
{
    log_set_close(f->set);
    f->set = NULL;
    f->log = NULL;
}

static inline int
log_fixture_setup(void **state)
{
    struct log_fixture *f = calloc(1, sizeof *f);
    strcpy(f->dir, "/tmp/weir-log-XXXXXX");
    if (mkdtemp(f->dir) == NULL) {
        return -1;
    }
    f->config = log_fixture_config;
    log_fixture_open(f);
    *state = f;
    return 0;
}

static inline int
log_fixture_teardown(void **state)
{
    struct log_fixture *f = *state;
    if (f->set != NULL) {
        log_fixture_close(f);
    }
    error_clear(&f->err);
    env_remove_tree(&env_real, f->dir, &f->err);
    error_clear(&f->err);
    free(f);
    return 0;
}

/* Counts calls from any thread; await_count blocks on them. */
static pthread_mutex_t wake_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t wake_cond = PTHREAD_COND_INITIALIZER;

static inline void
wake_count(void *ctx)
{
    pthread_mutex_lock(&wake_lock);
    ++*(int *)ctx;
    pthread_cond_broadcast(&wake_cond);
    pthread_mutex_unlock(&wake_lock);
}

static inline void
await_count(const int *count, int want)
{
    pthread_mutex_lock(&wake_lock);
    while (*count < want) {
        pthread_cond_wait(&wake_cond, &wake_lock);
    }
    assert_int_equal(*count, want);
    pthread_mutex_unlock(&wake_lock);
}

/* One batch of n records "value-<i>" from time on. */
static inline void
make_batch(struct buffer *out, int n, int64_t time)
{
    struct batch_builder b;
    batch_begin(&b, out, 0);
    for (int i = 0; i < n; i++) {
        char value[32];
        const int len = snprintf(value, sizeof value, "value-%d", i);
        batch_add(&b, time + i, (struct bytes){(const uint8_t *)"k", 1},
                  (struct bytes){(const uint8_t *)value, (size_t)len}, (struct bytes){0}, 0);
    }
    batch_end(&b);
}

static inline struct log_append_result
append(struct log_fixture *f, int n, int64_t time)
{
    struct buffer b = {0};
    struct log_append_result r = {0};
    make_batch(&b, n, time);
    if (!log_append(f->log, b.ptr, b.len, LOG_FROM_CLIENT, &r, &f->err)) {
        fail_msg("log_append: %s", error_text(&f->err));
    }
    buffer_release(&b);
    return r;
}

static inline struct log_append_result
append_durable(struct log_fixture *f, int n, int64_t time)
{
    const struct log_append_result r = append(f, n, time);
    int done = 0;
    log_when_durable(f->log, r.last_offset, wake_count, &done);
    await_count(&done, 1);
    return r;
}

#endif
