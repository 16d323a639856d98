/* Threads that take calls from one queue. */
#include "base/work.h"

#include <stdbool.h>
#include <stdlib.h>

#include "base/thread.h"

enum { WORK_THREADS_MAX = 16 };

struct work_call {
    struct work_call *next;
    void (*fn)(void *ctx);
    void *ctx;
};

struct work_pool {
    const char *name;
    pthread_mutex_t lock; /* guards all below */
    pthread_cond_t wake;
    struct work_call *first, **last;
    uint32_t limit, started, idle;
    pthread_t threads[WORK_THREADS_MAX];
    bool stop;
};

struct work_pool *
work_pool_new(const char *name, uint32_t threads)
{
    struct work_pool *p = calloc(1, sizeof *p);
    if (p == NULL) {
        abort();
    }
    p->name = name;
    p->limit = threads < WORK_THREADS_MAX ? threads : WORK_THREADS_MAX;
    p->last = &p->first;
    pthread_mutex_init(&p->lock, NULL);
    cond_init(&p->wake);
    return p;
}

static void *
work_thread(void *ctx)
{
    struct work_pool *p = ctx;
    mutex_lock(&p->lock);
    for (;;) {
        while (p->first == NULL && !p->stop) {
            p->idle++;
            pthread_cond_wait(&p->wake, &p->lock);
            p->idle--;
        }
        struct work_call *call = p->first;
        if (call == NULL) {
            break;
        }
        p->first = call->next;
        p->last = p->first != NULL ? p->last : &p->first;
        mutex_unlock(&p->lock);
        call->fn(call->ctx);
        free(call);
        mutex_lock(&p->lock);
    }
    mutex_unlock(&p->lock);
    return NULL;
}

void
work_submit(struct work_pool *p, void (*fn)(void *ctx), void *ctx)
{
    struct work_call *call = malloc(sizeof *call);
    if (call == NULL) {
        abort();
    }
    *call = (struct work_call){NULL, fn, ctx};
    mutex_lock(&p->lock);
    *p->last = call;
    p->last = &call->next;
    if (p->idle == 0 && p->started < p->limit &&
        thread_start(&p->threads[p->started], p->name, work_thread, p)) {
        p->started++;
    } else if (p->started == 0) {
        abort(); /* not one thread: nothing can go on */
    }
    pthread_cond_signal(&p->wake);
    mutex_unlock(&p->lock);
}

void
work_pool_free(struct work_pool *p)
{
    if (p == NULL) {
        return;
    }
    mutex_lock(&p->lock);
    p->stop = true;
    pthread_cond_broadcast(&p->wake);
    mutex_unlock(&p->lock);
    for (uint32_t i = 0; i < p->started; i++) {
        pthread_join(p->threads[i], NULL);
    }
    pthread_cond_destroy(&p->wake);
    pthread_mutex_destroy(&p->lock);
    free(p);
}
