/*
 * A budget is an account of memory: a limit, what is used, and a parent that is charged as well
 * (task -> query -> process). It counts; it allocates nothing.
 *
 * Two ways to charge, for two kinds of use:
 *   budget_reserve   may refuse. For what grows with the data: hash tables, sort runs, result
 *                    buffers. The operator that is refused spills, or fails its query with
 *                    budget_error.
 *   budget_charge    never refuses but may overdraw. For what is small and bounded by itself: plan
 *                    trees, expression scratch. Loops over data look at budget_overdrawn once a
 *                    chunk and fail their query, so that no allocation in between needs an
 *                    error path.
 * Threads: all functions may be called from any thread; counters are atomic.
 */
#ifndef WEIR_BASE_BUDGET_H
#define WEIR_BASE_BUDGET_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct error;

struct budget {
    const char *name;      /* for messages; borrowed */
    struct budget *parent; /* NULL at the top */
    uint64_t limit_bytes;  /* 0 = no limit of its own */
    _Atomic uint64_t used_bytes;
    _Atomic uint64_t peak_bytes;
};

void budget_init(struct budget *b, const char *name, uint64_t limit_bytes, struct budget *parent);

/* True and charged all the way up, or false and nothing changed. */
bool budget_reserve(struct budget *b, uint64_t bytes);
void budget_charge(struct budget *b, uint64_t bytes);
void budget_return(struct budget *b, uint64_t bytes); /* the opposite of both */
bool budget_overdrawn(const struct budget *b); /* this account or one above it is past its limit */

/* Fills err with Spark's out-of-memory condition for one query; returns false. */
bool budget_error(const struct budget *b, uint64_t wanted_bytes, struct error *err);

#endif
