/* Limits: LIMIT over a sort becomes a top-N, which keeps only that many rows in memory; a limit
 * moves below projections to get there. */
#include "plan/pass.h"

struct rel *
pass_topn(struct pass *p, struct rel *rel)
{
    rel = pass_inputs(p, rel, pass_topn);
    if (rel == NULL || rel->kind != REL_LIMIT || rel->limit < 0) {
        return rel;
    }
    struct rel *input = rel->inputs[0];
    if (input->kind == REL_PROJECT && input->inputs[0]->kind == REL_SORT) {
        for (uint32_t i = 0; i < input->expr_count; i++) {
            if (!expr_deterministic(input->exprs[i])) {
                return rel;
            }
        }
        struct rel *limit = rel_copy(p->arena, rel);
        limit->inputs[0] = input->inputs[0];
        limit->schema = input->inputs[0]->schema;
        struct rel *project = rel_copy(p->arena, input);
        project->inputs[0] = pass_topn(p, limit);
        return project->inputs[0] != NULL ? project : NULL;
    }
    if (input->kind != REL_SORT || !input->is_global) {
        return rel;
    }
    struct rel *top = rel_copy(p->arena, input);
    top->kind = REL_TOPN;
    top->limit = rel->limit;
    top->offset = rel->offset;
    return top;
}
