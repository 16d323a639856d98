/*
 * Optimisation: a resolved plan becomes a cheaper one with the same answer.
 *
 * Each pass is a pure function from tree to tree in a file of its own, has a name, and can be
 * switched off by it (setting spark.weir.optimizer.excludedPasses, names separated by commas).
 * Passes that exec/ depends on (taking out subqueries) cannot be switched off.
 */
#ifndef WEIR_PLAN_OPTIMIZE_H
#define WEIR_PLAN_OPTIMIZE_H

#include "plan/resolve.h"

struct rel *plan_optimize(struct plan_context *ctx, struct rel *resolved, struct error *err);

#endif
