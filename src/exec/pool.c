/* One list of offers under one lock; threads are started as the widest caller asks, and stay. */
#include "exec/pool.h"

#include <stdbool.h>
#include <stddef.h>

#include "base/thread.h"

enum { POOL_THREADS_MAX = 256 };

/* A caller's offer: the numbers still free are next .. count. It lives on the caller's stack. */
struct pool_offer {
    void (*fn)(void *ctx, uint32_t worker);
    void *ctx;
    uint32_t next;
    uint32_t count;
    uint32_t running;
    struct pool_offer *after;
};

static struct {
    pthread_mutex_t lock; /* guards everything here and all offers */
    pthread_cond_t offered;
    pthread_cond_t returned;
    struct pool_offer *first;
    uint32_t threads;
    uint32_t idle;
} pool = {.lock = PTHREAD_MUTEX_INITIALIZER,
          .offered = PTHREAD_COND_INITIALIZER,
          .returned = PTHREAD_COND_INITIALIZER};

static void
offer_remove(struct pool_offer *offer)
{
    for (struct pool_offer **at = &pool.first; *at != NULL; at = &(*at)->after) {
        if (*at == offer) {
            *at = offer->after;
            return;
        }
    }
}

static void *
pool_thread(void *unused)
{
    (void)unused;
    mutex_lock(&pool.lock);
    for (;;) {
        struct pool_offer *offer = pool.first;
        if (offer == NULL) {
            pool.idle++;
            pthread_cond_wait(&pool.offered, &pool.lock);
            pool.idle--;
            continue;
        }
        const uint32_t worker = offer->next++;
        if (offer->next == offer->count) {
            offer_remove(offer);
        }
        offer->running++;
        mutex_unlock(&pool.lock);
        offer->fn(offer->ctx, worker);
        mutex_lock(&pool.lock);
        if (--offer->running == 0) {
            pthread_cond_broadcast(&pool.returned);
        }
    }
    return NULL;
}

void
pool_run(uint32_t threads, void (*fn)(void *ctx, uint32_t worker), void *ctx)
{
    if (threads <= 1) {
        fn(ctx, 0);
        return;
    }
    struct pool_offer offer = {.fn = fn, .ctx = ctx, .next = 1, .count = threads};
    mutex_lock(&pool.lock);
    while (pool.threads + 1 < threads && pool.threads < POOL_THREADS_MAX) {
        pthread_t thread;
        if (!thread_start(&thread, "exec", pool_thread, NULL)) {
            break; /* fewer threads are slower, not wrong */
        }
        pthread_detach(thread);
        pool.threads++;
    }
    struct pool_offer **at = &pool.first;
    while (*at != NULL) {
        at = &(*at)->after;
    }
    *at = &offer;
    pthread_cond_broadcast(&pool.offered);
    mutex_unlock(&pool.lock);

    fn(ctx, 0);

    mutex_lock(&pool.lock);
    offer_remove(&offer);
    while (offer.running > 0) {
        pthread_cond_wait(&pool.returned, &pool.lock);
    }
    mutex_unlock(&pool.lock);
}
