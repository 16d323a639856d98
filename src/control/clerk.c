/* The clerk: a queue, a thread, and posts back. */
#include "control/clerk.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/thread.h"

struct clerk_job {
    struct clerk_job *next;
    void (*run)(void *ctx);
    void (*done)(void *ctx, bool ran);
    void *ctx;
};

struct clerk {
    struct loop *loop;
    pthread_t thread;
    pthread_mutex_t lock; /* guards all below */
    pthread_cond_t work;
    struct clerk_job *first, **last;
    struct clerk_job *ran, **ran_last; /* waiting for the loop */
    bool posted;
    bool stop;
};

static void
clerk_deliver(void *ctx)
{
    struct clerk *c = ctx;
    mutex_lock(&c->lock);
    struct clerk_job *job = c->ran;
    c->ran = NULL;
    c->ran_last = &c->ran;
    c->posted = false;
    mutex_unlock(&c->lock);
    while (job != NULL) {
        struct clerk_job *next = job->next;
        job->done(job->ctx, true);
        free(job);
        job = next;
    }
}

static void *
clerk_main(void *ctx)
{
    struct clerk *c = ctx;
    mutex_lock(&c->lock);
    while (!c->stop) {
        struct clerk_job *job = c->first;
        if (job == NULL) {
            pthread_cond_wait(&c->work, &c->lock);
            continue;
        }
        c->first = job->next;
        if (c->first == NULL) {
            c->last = &c->first;
        }
        mutex_unlock(&c->lock);
        job->run(job->ctx);
        mutex_lock(&c->lock);
        job->next = NULL;
        *c->ran_last = job;
        c->ran_last = &job->next;
        if (!c->posted && !c->stop) {
            c->posted = true;
            loop_post(c->loop, clerk_deliver, c);
        }
    }
    mutex_unlock(&c->lock);
    return NULL;
}

struct clerk *
clerk_new(struct loop *loop, const char *name, struct error *err)
{
    struct clerk *c = calloc(1, sizeof *c);
    if (c == NULL) {
        abort();
    }
    c->loop = loop;
    c->last = &c->first;
    c->ran_last = &c->ran;
    pthread_mutex_init(&c->lock, NULL);
    cond_init(&c->work);
    if (!thread_start(&c->thread, name, clerk_main, c)) {
        error_set(err, ERROR_RESOURCE, "the thread %s cannot be started", name);
        free(c);
        return NULL;
    }
    return c;
}

void
clerk_free(struct clerk *c)
{
    mutex_lock(&c->lock);
    c->stop = true;
    pthread_cond_signal(&c->work);
    mutex_unlock(&c->lock);
    pthread_join(c->thread, NULL);
    if (c->posted) {
        loop_turn(c->loop, 0);
    }
    clerk_deliver(c);
    while (c->first != NULL) {
        struct clerk_job *job = c->first;
        c->first = job->next;
        job->done(job->ctx, false);
        free(job);
    }
    pthread_cond_destroy(&c->work);
    pthread_mutex_destroy(&c->lock);
    free(c);
}

void
clerk_do(struct clerk *c, void (*run)(void *ctx), void (*done)(void *ctx, bool ran), void *ctx)
{
    struct clerk_job *job = malloc(sizeof *job);
    if (job == NULL) {
        abort();
    }
    *job = (struct clerk_job){NULL, run, done, ctx};
    mutex_lock(&c->lock);
    *c->last = job;
    c->last = &job->next;
    pthread_cond_signal(&c->work);
    mutex_unlock(&c->lock);
}
