/*
 * The order of passes, and the switch for each.
 *
 * Subqueries go first, since every later pass believes that expressions are computed from one row.
 * After each pass the verifier looks at the tree: a pass that breaks a plan is our own fault and is
 * said so, instead of a wrong answer.
 */
#include "plan/optimize.h"

#include <string.h>

#include "plan/pass.h"

static const struct {
    const char *name;
    pass_fn *run;
    bool needed;
} passes[] = {
    {"unnest", pass_unnest, true},
    {"simplify", pass_simplify, false},
    {"merge_projects", pass_merge_projects, false},
    {"push_filters", pass_push_filters, false},
    {"join_order", pass_join_order, false},
    {"prune", pass_prune, false},
    {"merge_projects", pass_merge_projects, false},
    {"topn", pass_topn, false},
};

static bool
is_excluded(const char *list, const char *name)
{
    const size_t len = strlen(name);
    for (const char *at = list; at != NULL && *at != '\0'; at = strchr(at, ',')) {
        at += strspn(at, ", ");
        if (strncmp(at, name, len) == 0 && (at[len] == '\0' || at[len] == ',' || at[len] == ' ')) {
            return true;
        }
    }
    return false;
}

struct rel *
plan_optimize(struct plan_context *ctx, struct rel *resolved, struct error *err)
{
    struct pass p = {.ctx = ctx, .arena = ctx->arena, .err = err};
    p.r = (struct resolver){.ctx = ctx, .arena = ctx->arena, .err = err};
    const struct plan_catalog *c = ctx->catalog;
    const char *excluded = c != NULL && c->conf != NULL
                               ? c->conf(c->ctx, ctx->arena, "spark.weir.optimizer.excludedPasses")
                               : NULL;
    if (!plan_verify(resolved, err)) {
        return NULL;
    }
    struct rel *rel = resolved;
    for (size_t i = 0; i < sizeof passes / sizeof *passes; i++) {
        if (!passes[i].needed && is_excluded(excluded, passes[i].name)) {
            continue;
        }
        rel = passes[i].run(&p, rel);
        if (rel == NULL || !plan_verify(rel, err)) {
            return NULL;
        }
    }
    /* Names and nullability are those of the query, whatever the top operator now is. */
    rel = rel_copy(ctx->arena, rel);
    rel->schema = resolved->schema;
    return rel;
}
