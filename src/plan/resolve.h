/*
 * Resolution: an unresolved plan, as connect/ and sql/ build it, becomes one in which every column
 * is a number, every expression has its type, every cast is written out, and only the kinds of
 * relation marked R in tree/rel.h remain.
 *
 * Subqueries stay inside expressions (EXPR_SUBQUERY over resolved plans that hold EXPR_OUTER);
 * plan_optimize takes them out. Everything is allocated in the context's arena.
 */
#ifndef WEIR_PLAN_RESOLVE_H
#define WEIR_PLAN_RESOLVE_H

#include "base/arena.h"
#include "base/env.h"
#include "base/error.h"
#include "func/func.h"
#include "plan/catalog.h"
#include "tree/rel.h"

struct plan_context {
    struct arena *arena;
    const struct func_session *session;
    const struct plan_catalog *catalog;
    struct env *env;      /* for listing files; NULL: no files */
    const char *sql_text; /* what places in expressions refer to; NULL for DataFrames */
};

/* NULL with err set to Spark's condition if a name or a type does not fit. */
struct rel *plan_resolve(struct plan_context *ctx, struct rel *unresolved, struct error *err);

#endif
