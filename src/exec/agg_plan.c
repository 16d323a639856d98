/* Binding aggregate calls and running their four verbs over chunks and rows. */
#include "exec/agg_plan.h"

#include <stdio.h>

static bool
item_bind(struct compiler *c, struct agg_item *item, const struct expr *e, struct error *err)
{
    if (e->kind != EXPR_AGG || e->name == NULL || e->arg_count > AGG_ARGS_MAX) {
        return error_raise(err, "INTERNAL_ERROR", "message",
                           "An aggregate relation holds an expression that is no aggregate call.",
                           (const char *)NULL);
    }
    const struct func_def *def = func_find(e->name);
    if (def == NULL || def->class != FUNC_AGGREGATE) {
        return error_unsupported(err, "the aggregate function %s", e->name);
    }
    struct func_bind b = {.def = def,
                          .arena = c->arena,
                          .session = c->session,
                          .args = e->args,
                          .arg_count = e->arg_count,
                          .distinct = e->distinct};
    b.cast_to = arena_new_array(c->arena, const struct type *, e->arg_count + 1);
    if (!func_bind(&b, err)) {
        return false;
    }
    if (b.agg == NULL) {
        return error_unsupported(err, "the aggregate function %s", e->name);
    }
    const struct type **types = arena_new_array(c->arena, const struct type *, e->arg_count + 1);
    for (uint32_t i = 0; i < e->arg_count; i++) {
        types[i] = e->args[i]->type;
    }
    item->expr = e;
    item->ops = b.agg;
    item->arg_count = e->arg_count;
    item->call = (struct func_call){.def = def,
                                    .expr = e,
                                    .type = e->type != NULL ? e->type : b.type,
                                    .arg_types = types,
                                    .arg_count = e->arg_count,
                                    .extra = b.extra};
    if (e->distinct) {
        item->ops = agg_distinct_wrap(c, b.agg, &item->call);
    }
    if (e->filter != NULL) {
        item->filter = program_compile(c->arena, expr_unalias(e->filter), c->session, err);
        return item->filter != NULL;
    }
    return true;
}

bool
agg_plan_init(struct compiler *c, struct agg_plan *p, struct expr *const *aggs, uint32_t count,
              struct error *err)
{
    *p = (struct agg_plan){.count = count};
    p->items = arena_new_array(c->arena, struct agg_item, count + 1);
    uint32_t arg_total = 0;
    for (uint32_t i = 0; i < count; i++) {
        struct agg_item *item = &p->items[i];
        if (!item_bind(c, item, expr_unalias(aggs[i]), err)) {
            return false;
        }
        item->arg_first = arg_total;
        arg_total += item->arg_count;
        item->state_offset = p->state_bytes;
        p->state_bytes += (item->ops->state_bytes + 15) & ~15u;
    }
    struct expr **args = arena_new_array(c->arena, struct expr *, arg_total + 1);
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t k = 0; k < p->items[i].arg_count; k++) {
            args[p->items[i].arg_first + k] = p->items[i].expr->args[k];
        }
    }
    return projection_init(c, &p->args, args, arg_total, err);
}

void
agg_states_init(const struct agg_plan *p, void *states)
{
    for (uint32_t i = 0; i < p->count; i++) {
        void *state = (char *)states + p->items[i].state_offset;
        memset(state, 0, p->items[i].ops->state_bytes);
        p->items[i].ops->init(&p->items[i].call, state);
    }
}

bool
agg_args_run(const struct agg_plan *p, struct worker *w, struct chunk *in, struct vec **out)
{
    struct vec *cols = arena_new_array(w->tmp, struct vec, p->args.count + 1);
    if (!projection_run(&p->args, w, in, cols)) {
        return false;
    }
    for (uint32_t i = 0; i < p->args.count; i++) {
        if (cols[i].enc != VEC_FLAT || cols[i].phys == PHYS_STRUCT) {
            vec_flatten(&cols[i], &cols[i], in->sel, in->sel_n, w->tmp);
        }
    }
    *out = cols;
    return true;
}

/* The rows for which the filter holds; picks[j] is the live number of the j-th of them. */
static bool
filter_rows(const struct agg_item *item, struct worker *w, const struct chunk *in,
            const uint16_t **sel, uint32_t *n, uint16_t **picks)
{
    uint16_t *rows = arena_alloc(w->tmp, (VEC_ROWS + 32) * sizeof *rows);
    if (!program_filter(item->filter, &w->eval, in, rows, n, &w->err)) {
        return false;
    }
    *picks = arena_alloc(w->tmp, (*n + 1) * sizeof **picks);
    for (uint32_t j = 0, k = 0; j < *n; j++) {
        while (chunk_row(in, k) != rows[j]) {
            k++;
        }
        (*picks)[j] = (uint16_t)k;
    }
    *sel = rows;
    return true;
}

bool
agg_update(const struct agg_plan *p, struct worker *w, struct arena *keep, struct chunk *in,
           struct vec *args, void *const *rows, uint32_t state_offset, void *one)
{
    void **states = rows != NULL ? arena_alloc(w->tmp, in->sel_n * sizeof *states + 8) : NULL;
    for (uint32_t i = 0; i < p->count; i++) {
        const struct agg_item *item = &p->items[i];
        const uint32_t offset = state_offset + item->state_offset;
        const uint16_t *sel = in->sel;
        uint32_t n = in->sel_n;
        uint16_t *picks = NULL;
        if (item->filter != NULL && !filter_rows(item, w, in, &sel, &n, &picks)) {
            return false;
        }
        if (n == 0) {
            continue;
        }
        const struct vec *in_vecs[AGG_ARGS_MAX];
        for (uint32_t k = 0; k < item->arg_count; k++) {
            in_vecs[k] = &args[item->arg_first + k];
        }
        bool ok;
        if (rows == NULL) {
            ok = item->ops->update_one(&w->eval, &item->call, keep, (char *)one + offset, sel, n,
                                       in_vecs, &w->err);
        } else {
            for (uint32_t k = 0; k < n; k++) {
                states[k] = (char *)rows[picks != NULL ? picks[k] : k] + offset;
            }
            ok = item->ops->update(&w->eval, &item->call, keep, states, sel, n, in_vecs, &w->err);
        }
        if (!ok) {
            return false;
        }
    }
    return true;
}

bool
agg_merge(const struct agg_plan *p, struct worker *w, struct arena *keep, void *into,
          const void *from)
{
    for (uint32_t i = 0; i < p->count; i++) {
        const struct agg_item *item = &p->items[i];
        if (!item->ops->merge(&w->eval, &item->call, keep, (char *)into + item->state_offset,
                              (const char *)from + item->state_offset, &w->err)) {
            return false;
        }
    }
    return true;
}

bool
agg_finish(const struct agg_plan *p, struct worker *w, uint32_t i, void *const *rows,
           uint32_t state_offset, uint32_t n, struct vec *out)
{
    const struct agg_item *item = &p->items[i];
    void **states = arena_alloc(w->tmp, n * sizeof *states + 8);
    for (uint32_t k = 0; k < n; k++) {
        states[k] = (char *)rows[k] + state_offset + item->state_offset;
    }
    vec_init_flat(out, w->tmp, item->call.type, n);
    return item->ops->finish(&w->eval, &item->call, states, n, out, &w->err);
}
