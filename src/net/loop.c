/*
 * The event loop: epoll for descriptors, a heap for timers, an eventfd to be woken by.
 *
 * A round is: wait; serve ready descriptors; fire timers; run posted calls; do the queued work
 * (flushing output, closing). Output is flushed at the end of a round and not where it is written,
 * so that many small answers leave in one system call.
 */
#include "net/loop.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/env.h"
#include "base/error.h"
#include "base/thread.h"
#include "net/poll.h"

enum { EVENTS_PER_ROUND = 128 };

struct loop_timer {
    int64_t due_ns;
    uint64_t order; /* equal times fire in the order in which they were set */
    size_t index;
    struct loop *loop;
    void (*fn)(void *ctx);
    void *ctx;
};

struct post {
    void (*fn)(void *ctx);
    void *ctx;
};

struct post_list {
    struct post *items;
    size_t count;
    size_t capacity;
};

struct loop {
    int epoll_fd;
    struct poll_source wake; /* an eventfd */
    atomic_bool stopping;
    bool running;
    pthread_t thread; /* valid while running */

    pthread_mutex_t lock; /* guards posts and woken */
    struct post_list posts;
    bool woken; /* the eventfd was written and not yet read */
    struct post_list posts_running;
    bool posted_here; /* by the loop's own thread, which needs no waking: only do not wait */

    struct loop_timer **timers; /* binary heap by due_ns */
    size_t timer_count;
    size_t timer_capacity;
    uint64_t timer_order;

    struct loop_work *work;
    struct loop_work **work_end;
    struct loop_member *members;
    void **graves;
    size_t grave_count;
    size_t grave_capacity;
    uint8_t *scratch;
};

static _Thread_local struct loop *loop_here; /* the loop that this thread runs, if any */

static void *
grow(void *items, size_t *capacity, size_t item_bytes)
{
    *capacity = *capacity == 0 ? 16 : *capacity * 2;
    void *grown = realloc(items, *capacity * item_bytes);
    if (grown == NULL) {
        env_real.ops->fatal(&env_real, "out of memory in the event loop");
    }
    return grown;
}

static void
wake_drain(struct poll_source *source, uint32_t events)
{
    uint64_t count;
    const ssize_t ignored = read(source->fd, &count, sizeof count);
    (void)ignored;
}

struct loop *
loop_new(struct error *err)
{
    struct loop *loop = calloc(1, sizeof *loop);
    uint8_t *scratch = malloc(LOOP_SCRATCH_BYTES);
    if (loop == NULL || scratch == NULL) {
        env_real.ops->fatal(&env_real, "out of memory for an event loop");
    }
    loop->scratch = scratch;
    loop->work_end = &loop->work;
    pthread_mutex_init(&loop->lock, NULL);
    loop->wake = (struct poll_source){.fd = -1, .on_ready = wake_drain};
    loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (loop->epoll_fd >= 0) {
        loop->wake.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    }
    if (loop->wake.fd < 0 || !loop_watch(loop, &loop->wake, EPOLLIN)) {
        error_system(err, errno, "cannot make an event loop");
        loop_free(loop);
        return NULL;
    }
    signal(SIGPIPE, SIG_IGN); /* a peer that went away is an error code, not a signal */
    return loop;
}

void
loop_bury(struct loop *loop, void *malloced)
{
    if (loop->grave_count == loop->grave_capacity) {
        loop->graves = grow(loop->graves, &loop->grave_capacity, sizeof *loop->graves);
    }
    loop->graves[loop->grave_count++] = malloced;
}

static void
graves_clear(struct loop *loop)
{
    for (size_t i = 0; i < loop->grave_count; i++) {
        free(loop->graves[i]);
    }
    loop->grave_count = 0;
}

bool
loop_is_here(const struct loop *loop)
{
    return !loop->running || pthread_equal(loop->thread, pthread_self());
}

uint8_t *
loop_scratch(struct loop *loop)
{
    return loop->scratch;
}

bool
loop_watch(struct loop *loop, struct poll_source *source, uint32_t events)
{
    if (events == source->events) {
        return true;
    }
    const int op = events == 0           ? EPOLL_CTL_DEL
                   : source->events == 0 ? EPOLL_CTL_ADD
                                         : EPOLL_CTL_MOD;
    struct epoll_event ev = {.events = events, .data.ptr = source};
    if (epoll_ctl(loop->epoll_fd, op, source->fd, &ev) != 0) {
        return false;
    }
    source->events = events;
    return true;
}

void
loop_work_add(struct loop *loop, struct loop_work *work)
{
    assert(loop_is_here(loop));
    if (!work->queued) {
        work->queued = true;
        work->next = NULL;
        *loop->work_end = work;
        loop->work_end = &work->next;
    }
}

void
loop_member_add(struct loop *loop, struct loop_member *member)
{
    member->next = loop->members;
    member->link = &loop->members;
    if (member->next != NULL) {
        member->next->link = &member->next;
    }
    loop->members = member;
}

void
loop_member_remove(struct loop_member *member)
{
    *member->link = member->next;
    if (member->next != NULL) {
        member->next->link = member->link;
    }
}

/* --- timers ------------------------------------------------------------------------------------
 */

static bool
timer_before(const struct loop_timer *a, const struct loop_timer *b)
{
    return a->due_ns != b->due_ns ? a->due_ns < b->due_ns : a->order < b->order;
}

static void
timer_place(struct loop *loop, size_t index, struct loop_timer *timer)
{
    loop->timers[index] = timer;
    timer->index = index;
}

static void
timer_sift(struct loop *loop, size_t index, struct loop_timer *timer)
{
    while (index > 0 && timer_before(timer, loop->timers[(index - 1) / 2])) {
        timer_place(loop, index, loop->timers[(index - 1) / 2]);
        index = (index - 1) / 2;
    }
    for (;;) {
        size_t child = 2 * index + 1;
        if (child + 1 < loop->timer_count &&
            timer_before(loop->timers[child + 1], loop->timers[child])) {
            child++;
        }
        if (child >= loop->timer_count || !timer_before(loop->timers[child], timer)) {
            break;
        }
        timer_place(loop, index, loop->timers[child]);
        index = child;
    }
    timer_place(loop, index, timer);
}

struct loop_timer *
loop_after(struct loop *loop, int64_t delay_ms, void (*fn)(void *ctx), void *ctx)
{
    assert(loop_is_here(loop));
    struct loop_timer *timer = malloc(sizeof *timer);
    if (timer == NULL) {
        env_real.ops->fatal(&env_real, "out of memory for a timer");
    }
    *timer = (struct loop_timer){.due_ns = env_mono_ns(&env_real) + delay_ms * 1000000,
                                 .order = loop->timer_order++,
                                 .loop = loop,
                                 .fn = fn,
                                 .ctx = ctx};
    if (loop->timer_count == loop->timer_capacity) {
        loop->timers = grow(loop->timers, &loop->timer_capacity, sizeof(struct loop_timer *));
    }
    timer_sift(loop, loop->timer_count++, timer);
    return timer;
}

void
loop_timer_cancel(struct loop_timer *timer)
{
    struct loop *loop = timer->loop;
    assert(loop_is_here(loop));
    assert(timer->index < loop->timer_count && loop->timers[timer->index] == timer);
    struct loop_timer *last = loop->timers[--loop->timer_count];
    if (last != timer) {
        timer_sift(loop, timer->index, last);
    }
    free(timer);
}

/* A timer that sets another one with no delay must not keep the round from ending: only what was
 * due when the round came here is fired. */
static void
timers_fire(struct loop *loop)
{
    if (loop->timer_count == 0) {
        return;
    }
    const int64_t now = env_mono_ns(&env_real);
    const uint64_t order_end = loop->timer_order;
    while (loop->timer_count > 0 && loop->timers[0]->due_ns <= now &&
           loop->timers[0]->order < order_end) {
        struct loop_timer *timer = loop->timers[0];
        void (*fn)(void *ctx) = timer->fn;
        void *ctx = timer->ctx;
        loop_timer_cancel(timer);
        fn(ctx);
    }
}

/* --- calls from other threads ------------------------------------------------------------------
 */

static void
wake(struct loop *loop)
{
    const uint64_t one = 1;
    const ssize_t ignored = write(loop->wake.fd, &one, sizeof one);
    (void)ignored; /* full means awake */
}

void
loop_post(struct loop *loop, void (*fn)(void *ctx), void *ctx)
{
    mutex_lock(&loop->lock);
    if (loop->posts.count == loop->posts.capacity) {
        loop->posts.items =
            grow(loop->posts.items, &loop->posts.capacity, sizeof *loop->posts.items);
    }
    loop->posts.items[loop->posts.count++] = (struct post){fn, ctx};
    if (loop == loop_here) {
        loop->posted_here = true;
    } else if (!loop->woken) {
        loop->woken = true;
        wake(loop); /* with the lock held: the call may lead to the loop's end */
    }
    mutex_unlock(&loop->lock);
}

static void
posts_run(struct loop *loop)
{
    mutex_lock(&loop->lock);
    const struct post_list taken = loop->posts;
    loop->posts = loop->posts_running;
    loop->posts.count = 0;
    loop->posts_running = taken;
    loop->woken = false;
    loop->posted_here = false;
    mutex_unlock(&loop->lock);
    for (size_t i = 0; i < taken.count; i++) {
        taken.items[i].fn(taken.items[i].ctx);
    }
}

/* --- rounds ------------------------------------------------------------------------------------
 */

static void
work_run(struct loop *loop)
{
    struct loop_work *work = loop->work;
    loop->work = NULL;
    loop->work_end = &loop->work;
    while (work != NULL) {
        struct loop_work *next = work->next;
        work->queued = false;
        work->run(work);
        work = next;
    }
}

static int
wait_until_timer(const struct loop *loop, int wait_ms)
{
    if (loop->work != NULL || loop->posted_here) {
        return 0;
    }
    if (loop->timer_count == 0) {
        return wait_ms;
    }
    const int64_t left_ns = loop->timers[0]->due_ns - env_mono_ns(&env_real);
    if (left_ns <= 0) {
        return 0;
    }
    const int64_t left_ms = (left_ns + 999999) / 1000000;
    const int64_t cap = wait_ms < 0 ? 3600 * 1000 : wait_ms;
    return (int)(left_ms < cap ? left_ms : cap);
}

void
loop_turn(struct loop *loop, int wait_ms)
{
    struct epoll_event events[EVENTS_PER_ROUND];
    const int count =
        epoll_wait(loop->epoll_fd, events, EVENTS_PER_ROUND, wait_until_timer(loop, wait_ms));
    if (count < 0 && errno != EINTR) {
        env_real.ops->fatal(&env_real, "epoll_wait failed");
    }
    for (int i = 0; i < count; i++) {
        struct poll_source *source = events[i].data.ptr;
        if (source->fd >= 0) { /* not dropped earlier in this round */
            source->on_ready(source, events[i].events);
        }
    }
    timers_fire(loop);
    posts_run(loop);
    work_run(loop);
    graves_clear(loop);
}

void
loop_run(struct loop *loop)
{
    loop->thread = pthread_self();
    loop->running = true;
    loop_here = loop;
    while (!atomic_load(&loop->stopping)) {
        loop_turn(loop, -1);
    }
    loop_here = NULL;
    loop->running = false;
    atomic_store(&loop->stopping, false);
}

void
loop_stop(struct loop *loop)
{
    mutex_lock(&loop->lock); /* loop_free takes it too, and so waits for the wake-up's end */
    atomic_store(&loop->stopping, true);
    wake(loop);
    mutex_unlock(&loop->lock);
}

void
loop_free(struct loop *loop)
{
    if (loop == NULL) {
        return;
    }
    posts_run(
        loop); /* a posted call may own memory; let it go the way it meant to. Takes the lock */
    while (loop->members != NULL) {
        struct loop_member *member = loop->members;
        loop_member_remove(member);
        member->link = &member->next;
        member->next = NULL;
        member->close(member);
    }
    for (int round = 0; round < 16 && (loop->work != NULL || loop->posts.count > 0); round++) {
        work_run(loop);
        posts_run(loop);
    }
    while (loop->timer_count > 0) {
        loop_timer_cancel(loop->timers[0]);
    }
    graves_clear(loop);
    if (loop->wake.fd >= 0) {
        close(loop->wake.fd);
    }
    if (loop->epoll_fd >= 0) {
        close(loop->epoll_fd);
    }
    pthread_mutex_destroy(&loop->lock);
    free(loop->posts.items);
    free(loop->posts_running.items);
    free(loop->timers);
    free(loop->graves);
    free(loop->scratch);
    free(loop);
}
