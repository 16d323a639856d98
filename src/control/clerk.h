/*
 * A thread that does for a loop what blocks: calls to the control store, small synced files.
 *
 * Jobs run one after another in the order of clerk_do, and each one's `done` then runs on the loop.
 * Who gives jobs bounds their number (one under way for each thing they are about). Threads:
 * clerk_do from the loop's.
 */
#ifndef WEIR_CONTROL_CLERK_H
#define WEIR_CONTROL_CLERK_H

#include "base/error.h"
#include "net/loop.h"

struct clerk;

struct clerk *clerk_new(struct loop *loop, const char *name, struct error *err);
/* Waits for the job under way; `done` of those that had not run is called here, on the loop's
 * thread, without `run`. */
void clerk_free(struct clerk *c);

/* run: on the clerk's thread; done: on the loop's, always, with ran false if it was left out. */
void clerk_do(struct clerk *c, void (*run)(void *ctx), void (*done)(void *ctx, bool ran),
              void *ctx);

#endif
