/*
 * window(ts, ...) in a SELECT. A time belongs to every window that holds it, so a sliding window
 * gives each row of FROM as many rows as windows: an Expand that numbers the windows from the last
 * one backwards, and a filter that drops those which are over before the time. A tumbling window
 * stays an expression. Both drop rows without a time, as Spark does.
 */
#include <string.h>

#include "plan/resolver.h"

enum { OVERLAPS_MAX = 4096 };

struct time_windows {
    struct resolver *r;
    const struct expr *call; /* the one that was found */
    struct expr *column;     /* what stands for it */
    bool several;
};

static bool
is_time_window(const struct expr *e)
{
    return e->kind == EXPR_CALL && e->name != NULL && strcmp(e->name, "window") == 0;
}

static bool
find_time_window(const struct expr *e, void *ctx)
{
    struct time_windows *w = ctx;
    if (is_time_window(e)) {
        w->several = w->several || (w->call != NULL && !expr_equal(w->call, e));
        w->call = w->call != NULL ? w->call : e;
    }
    return true;
}

static struct expr *
time_window_out(struct arena *a, struct expr *e, void *ctx)
{
    const struct time_windows *w = ctx;
    (void)a;
    return is_time_window(e) ? w->column : NULL;
}

/* FROM's columns and the n-th window, for each n. */
static struct rel *
expand_windows(struct resolver *r, const struct scope *from, const struct expr *call, uint32_t n)
{
    const uint32_t width = from->count;
    struct rel *expand = rel_new(r->arena, REL_EXPAND, 1, from->rel);
    expand->sets = arena_new_array(r->arena, struct expr **, n);
    expand->set_count = n;
    expand->expr_count = width + 1;
    for (uint32_t k = 0; k < n; k++) {
        struct expr **row = arena_new_array(r->arena, struct expr *, width + 1);
        for (uint32_t i = 0; i < width; i++) {
            row[i] = scope_column(r, from, i);
        }
        struct expr **args = arena_new_array(r->arena, struct expr *, 5);
        const uint32_t given = call->arg_count;
        memcpy(args, call->args, sizeof *args * given);
        for (uint32_t i = given; i < 4; i++) {
            args[i] = expr_long_literal(r->arena, 0);
        }
        args[4] = expr_int_literal(r->arena, (int32_t)k);
        row[width] = call_bound(r, "time_window_nth", args, 5);
        if (row[width] == NULL) {
            return NULL;
        }
        expand->sets[k] = row;
    }
    struct type_field *fields = arena_new_array(r->arena, struct type_field, width + 1);
    for (uint32_t i = 0; i < width; i++) {
        fields[i] = *scope_field(from, i);
    }
    fields[width] = (struct type_field){.name = "window", .type = call->type, .nullable = true};
    expand->schema = type_struct(r->arena, fields, width + 1);
    return expand;
}

static struct rel *
without_nulls(struct resolver *r, struct rel *input, struct expr *e)
{
    struct expr **args = arena_new_array(r->arena, struct expr *, 1);
    args[0] = e;
    struct expr *there = call_bound(r, "isnotnull", args, 1);
    return there != NULL ? rel_filter(r, input, there) : NULL;
}

bool
time_window_cut_out(struct resolver *r, struct select *s)
{
    struct time_windows w = {.r = r};
    for (uint32_t i = 0; i < s->item_count; i++) {
        expr_walk(s->items[i].expr, find_time_window, &w);
    }
    for (uint32_t g = 0; g < s->group_count; g++) {
        expr_walk(s->groups[g], find_time_window, &w);
    }
    if (w.call == NULL) {
        return true;
    }
    if (w.several) {
        return error_set(r->err, ERROR_ANALYSIS,
                         "Multiple time/session window expressions would result in a cartesian "
                         "product of rows, therefore they are currently not supported.");
    }
    uint64_t n;
    if (!func_window_overlaps(w.call, &n) || n == 1) {
        s->from.rel = without_nulls(r, s->from.rel, w.call->args[0]);
        return s->from.rel != NULL;
    }
    if (n > OVERLAPS_MAX) {
        return error_unsupported(r->err, "a time that is in more than %d windows", OVERLAPS_MAX);
    }
    struct rel *expand = expand_windows(r, &s->from, w.call, (uint32_t)n);
    if (expand == NULL) {
        return false;
    }
    w.column = expr_column(r->arena, s->from.count, w.call->type, true);
    w.column->name = "window";
    s->from.rel = without_nulls(r, expand, w.column);
    scope_push(r, &s->from,
               (struct column_ref){.name = "window", .id = ++r->next_id, .hidden = true});
    for (uint32_t i = 0; i < s->item_count; i++) {
        s->items[i].expr = expr_rewrite(r->arena, s->items[i].expr, time_window_out, &w);
    }
    for (uint32_t g = 0; g < s->group_count; g++) {
        s->groups[g] = expr_rewrite(r->arena, s->groups[g], time_window_out, &w);
    }
    return s->from.rel != NULL;
}
