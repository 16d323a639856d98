/* Memory accounts: lock-free counters in a chain of parents. */
#include "base/budget.h"

#include <assert.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>

#include "base/error.h"

void
budget_init(struct budget *b, const char *name, uint64_t limit_bytes, struct budget *parent)
{
    b->name = name;
    b->parent = parent;
    b->limit_bytes = limit_bytes;
    atomic_init(&b->used_bytes, 0);
    atomic_init(&b->peak_bytes, 0);
}

static void
peak_raise(struct budget *b, uint64_t used)
{
    uint64_t peak = atomic_load_explicit(&b->peak_bytes, memory_order_relaxed);
    while (used > peak && !atomic_compare_exchange_weak(&b->peak_bytes, &peak, used)) {
    }
}

static bool
reserve_one(struct budget *b, uint64_t bytes)
{
    uint64_t used = atomic_load_explicit(&b->used_bytes, memory_order_relaxed);
    do {
        if (b->limit_bytes != 0 && (used > b->limit_bytes || bytes > b->limit_bytes - used)) {
            return false;
        }
    } while (!atomic_compare_exchange_weak(&b->used_bytes, &used, used + bytes));
    peak_raise(b, used + bytes);
    return true;
}

bool
budget_reserve(struct budget *b, uint64_t bytes)
{
    for (struct budget *at = b; at != NULL; at = at->parent) {
        if (!reserve_one(at, bytes)) {
            for (struct budget *undo = b; undo != at; undo = undo->parent) {
                atomic_fetch_sub(&undo->used_bytes, bytes);
            }
            return false;
        }
    }
    return true;
}

void
budget_charge(struct budget *b, uint64_t bytes)
{
    for (struct budget *at = b; at != NULL; at = at->parent) {
        peak_raise(at, atomic_fetch_add(&at->used_bytes, bytes) + bytes);
    }
}

void
budget_return(struct budget *b, uint64_t bytes)
{
    for (struct budget *at = b; at != NULL; at = at->parent) {
        const uint64_t before = atomic_fetch_sub(&at->used_bytes, bytes);
        assert(before >= bytes);
        (void)before;
    }
}

bool
budget_overdrawn(const struct budget *b)
{
    for (const struct budget *at = b; at != NULL; at = at->parent) {
        if (at->limit_bytes != 0 &&
            atomic_load_explicit(&at->used_bytes, memory_order_relaxed) > at->limit_bytes) {
            return true;
        }
    }
    return false;
}

bool
budget_error(const struct budget *b, uint64_t wanted_bytes, struct error *err)
{
    char wanted[32], used[32], limit[32];
    snprintf(wanted, sizeof wanted, "%" PRIu64, wanted_bytes);
    snprintf(used, sizeof used, "%" PRIu64, (uint64_t)atomic_load(&b->used_bytes));
    const struct budget *tight = b;
    while (tight->limit_bytes == 0 && tight->parent != NULL) {
        tight = tight->parent;
    }
    snprintf(limit, sizeof limit, "%" PRIu64, tight->limit_bytes);
    return error_raise(err, "UNABLE_TO_ACQUIRE_MEMORY", "requestedBytes", wanted, "receivedBytes",
                       "0", "usedBytes", used, "limitBytes", limit, (const char *)NULL);
}
