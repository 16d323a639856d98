/* Binding aggregate calls and running their four verbs over chunks and rows. */
#include "exec/agg_plan.h"

#include <stdio.h>

#include "base/buffer.h"
#include "base/reader.h"

static bool
item_bind(struct compiler *c, struct agg_item *item, const struct expr *e, bool saved,
          struct error *err)
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
    if (e->filter != NULL && !saved) {
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
        if (!item_bind(c, item, expr_unalias(aggs[i]), false, err)) {
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

bool
agg_plan_init_saved(struct compiler *c, struct agg_plan *p, struct expr *const *aggs,
                    uint32_t count, uint32_t first_column, struct error *err)
{
    *p = (struct agg_plan){.count = count};
    p->items = arena_new_array(c->arena, struct agg_item, count + 1);
    struct expr **args = arena_new_array(c->arena, struct expr *, count + 1);
    for (uint32_t i = 0; i < count; i++) {
        struct agg_item *item = &p->items[i];
        if (!item_bind(c, item, expr_unalias(aggs[i]), true, err)) {
            return false;
        }
        if (item->ops->load == NULL || item->ops->save == NULL) {
            return error_unsupported(err, "the aggregate function %s in two halves",
                                     item->expr->name);
        }
        args[i] = expr_column(c->arena, first_column + i, type_scalar(TYPE_BINARY), false);
        item->arg_first = i;
        item->state_offset = p->state_bytes;
        p->state_bytes += (item->ops->state_bytes + 15) & ~15u;
    }
    return projection_init(c, &p->args, args, count, err);
}

bool
agg_update_saved(const struct agg_plan *p, struct worker *w, struct arena *keep,
                 const struct chunk *in, const struct vec *args, void *const *rows,
                 uint32_t state_offset)
{
    struct arena tmp;
    arena_init(&tmp, w->query->ctx->budget);
    bool ok = true;
    for (uint32_t i = 0; ok && i < p->count; i++) {
        const struct agg_item *item = &p->items[i];
        const struct view *saved = args[item->arg_first].data;
        for (uint32_t k = 0; ok && k < in->sel_n; k++) {
            const struct view *bytes = &saved[chunk_row(in, k)];
            struct reader r;
            reader_init(&r, (struct bytes){(const uint8_t *)view_ptr(bytes), bytes->len});
            arena_reset(&tmp);
            void *state = arena_zalloc(&tmp, item->ops->state_bytes + 16);
            item->ops->init(&item->call, state);
            ok = item->ops->load(&item->call, &tmp, state, &r)
                     ? item->ops->merge(&w->eval, &item->call, keep,
                                        (char *)rows[k] + state_offset + item->state_offset, state,
                                        &w->err)
                     : error_set(&w->err, ERROR_PROTOCOL, "a saved state of %s does not load",
                                 item->expr->name);
        }
    }
    arena_release(&tmp);
    return ok;
}

void
agg_save(const struct agg_plan *p, struct worker *w, uint32_t i, void *const *rows,
         uint32_t state_offset, uint32_t n, struct vec *out)
{
    const struct agg_item *item = &p->items[i];
    vec_init_flat(out, w->tmp, type_scalar(TYPE_BINARY), n);
    struct view *views = out->data;
    struct buffer saved = {0};
    for (uint32_t k = 0; k < n; k++) {
        buffer_clear(&saved);
        item->ops->save(&item->call, (char *)rows[k] + state_offset + item->state_offset, &saved);
        views[k] = view_copy(w->tmp, (const char *)saved.ptr, saved.len);
    }
    buffer_release(&saved);
}

bool
exec_aggregate_splits(const struct rel *aggregate, const struct func_session *session)
{
    struct arena arena;
    arena_init(&arena, NULL);
    bool ok = true;
    for (uint32_t i = aggregate->group_count; ok && i < aggregate->expr_count; i++) {
        const struct expr *e = expr_unalias(aggregate->exprs[i]);
        const struct func_def *def =
            e->kind == EXPR_AGG && e->name != NULL && !e->distinct ? func_find(e->name) : NULL;
        struct func_bind b = {.def = def,
                              .arena = &arena,
                              .session = session,
                              .args = e->args,
                              .arg_count = e->arg_count};
        b.cast_to = arena_new_array(&arena, const struct type *, e->arg_count + 1);
        struct error err = {0};
        ok = def != NULL && def->class == FUNC_AGGREGATE && func_bind(&b, &err) && b.agg != NULL &&
             b.agg->save != NULL && b.agg->load != NULL;
        error_clear(&err);
    }
    arena_release(&arena);
    return ok;
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
