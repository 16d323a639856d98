/* Threads with names, and the few lock wrappers that fail loudly. Small stacks are not used: 8 MiB.
 */
#ifndef WEIR_BASE_THREAD_H
#define WEIR_BASE_THREAD_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

bool thread_start(pthread_t *out, const char *name, void *(*fn)(void *), void *ctx);
uint32_t thread_usable_cores(void); /* affinity and cgroup quota respected, at least 1 */
uint64_t memory_usable_bytes(void); /* cgroup limit or RAM */

static inline void
mutex_lock(pthread_mutex_t *m)
{
    if (pthread_mutex_lock(m) != 0) {
        __builtin_trap();
    }
}

static inline void
mutex_unlock(pthread_mutex_t *m)
{
    if (pthread_mutex_unlock(m) != 0) {
        __builtin_trap();
    }
}

/* Waits until the condition is signalled or the monotonic deadline passes; false on timeout. The
 * condition must come from cond_init. */
void cond_init(pthread_cond_t *c);
bool cond_wait_until(pthread_cond_t *c, pthread_mutex_t *m, int64_t deadline_mono_ns);

#endif
