/*
 * Projections over projections become one, filters over filters too; a projection that only passes
 * its input on goes away (but not at the top, where its names are the result's).
 */
#include <string.h>

#include "plan/pass.h"

struct use_count {
    uint32_t *uses;
};

static bool
count_use(const struct expr *e, void *ctx)
{
    if (e->kind == EXPR_COLUMN) {
        ((struct use_count *)ctx)->uses[e->column]++;
    }
    return true;
}

/* Nothing is computed twice by putting inner's expressions into outer's. */
static bool
may_merge(struct pass *p, const struct rel *outer, const struct rel *inner)
{
    struct use_count count = {arena_new_array(p->arena, uint32_t, inner->expr_count + 1)};
    for (uint32_t i = 0; i < outer->expr_count; i++) {
        expr_walk(outer->exprs[i], count_use, &count);
    }
    for (uint32_t i = 0; i < inner->expr_count; i++) {
        const struct expr *e = inner->exprs[i];
        const bool cheap = e->kind == EXPR_COLUMN || e->kind == EXPR_LITERAL;
        if (!cheap && (count.uses[i] > 1 || !expr_deterministic(e) || expr_contains(e, EXPR_UDF))) {
            return false;
        }
    }
    return true;
}

static bool
is_identity(const struct rel *rel)
{
    if (rel->kind != REL_PROJECT || rel->expr_count != rel_width(rel->inputs[0])) {
        return false;
    }
    for (uint32_t i = 0; i < rel->expr_count; i++) {
        if (rel->exprs[i]->kind != EXPR_COLUMN || rel->exprs[i]->column != i) {
            return false;
        }
    }
    return true;
}

static struct rel *
merge(struct pass *p, struct rel *rel)
{
    rel = pass_inputs(p, rel, merge);
    if (rel == NULL) {
        return NULL;
    }
    while (rel->kind == REL_PROJECT && rel->inputs[0]->kind == REL_PROJECT &&
           may_merge(p, rel, rel->inputs[0])) {
        struct rel *inner = rel->inputs[0];
        struct rel *copy = rel_copy(p->arena, rel);
        copy->exprs = arena_new_array(p->arena, struct expr *, rel->expr_count + 1);
        for (uint32_t i = 0; i < rel->expr_count; i++) {
            copy->exprs[i] = expr_substitute(p->arena, rel->exprs[i], inner->exprs);
        }
        copy->inputs[0] = inner->inputs[0];
        rel = copy;
    }
    while (rel->kind == REL_FILTER && rel->inputs[0]->kind == REL_FILTER) {
        struct rel *copy = rel_copy(p->arena, rel);
        copy->condition = expr_and(p->arena, rel->inputs[0]->condition, rel->condition);
        copy->inputs[0] = rel->inputs[0]->inputs[0];
        rel = copy;
    }
    if (rel->kind == REL_FILTER && is_true(rel->condition)) {
        return rel->inputs[0];
    }
    /* Identity projections below this operator. */
    struct rel *copy = NULL;
    for (uint32_t i = 0; i < rel->input_count; i++) {
        if (is_identity(rel->inputs[i])) {
            copy = copy != NULL ? copy : rel_copy(p->arena, rel);
            copy->inputs[i] = rel->inputs[i]->inputs[0];
        }
    }
    return copy != NULL ? copy : rel;
}

struct rel *
pass_merge_projects(struct pass *p, struct rel *rel)
{
    return merge(p, rel);
}
