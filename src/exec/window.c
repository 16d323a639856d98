/*
 * Window functions: rows are kept, sorted by partition and order keys, cut into partitions, and
 * each partition is evaluated on its own; results go out in sorted order behind the input's
 * columns.
 *
 * A relation whose functions have several windows becomes a chain of operators, one a window.
 * Memory: all rows, 52 bytes a row while sorting, and the results.
 */
#include "exec/window.h"

#include <stdlib.h>

#include "func/datetime.h"

enum { TASK_ROWS = 1 << 16 };

/* ---- running ---- */

static void
starts_mark(struct window *x, uint32_t n)
{
    const struct store *s = &x->gather->store;
    struct sort_spec part, all;
    sort_spec_init(&part, x->keys, x->partition_count);
    sort_spec_init(&all, x->keys, x->key_count);
    x->starts = arena_zalloc(&x->arena, (size_t)n + 1);
    x->tasks = arena_alloc(&x->arena, ((size_t)n / TASK_ROWS + 2) * sizeof *x->tasks);
    for (uint32_t row = 0; row < n; row++) {
        if (row == 0 || sort_compare(&part, s->cols, x->order[row - 1], x->order[row]) != 0) {
            x->starts[row] = 2;
            if (row == 0 || row - x->tasks[x->task_count - 1] >= TASK_ROWS) {
                x->tasks[x->task_count++] = row;
            }
        } else if (x->key_count == x->partition_count) {
            x->starts[row] = 0; /* no order: all rows of a partition are peers */
        } else {
            x->starts[row] = sort_compare(&all, s->cols, x->order[row - 1], x->order[row]) != 0;
        }
    }
    x->tasks[x->task_count] = n;
}

static void
sorted_column(const struct window *x, uint32_t column, uint32_t from, uint32_t n, struct arena *a,
              struct vec *out)
{
    vec_gather(out, &x->gather->store.cols[column], x->order + from, n, a);
    vec_flatten(out, out, NULL, n, a);
}

static bool
item_task(const struct window *x, const struct window_item *item, uint32_t from, uint32_t n,
          struct worker *w, struct arena *keep, struct vec *out)
{
    struct window_part p = {.window = x, .base = from};
    const uint32_t arg_count = item->function->arg_count;
    p.args = arena_new_array(w->tmp, struct vec, arg_count + 1);
    for (uint32_t i = 0; i < arg_count; i++) {
        sorted_column(x, item->arg_columns[i], from, n, w->tmp, &p.args[i]);
    }
    struct vec key;
    if (item->frame == FRAME_RANGE &&
        (item->lower.kind == BOUND_VALUE || item->upper.kind == BOUND_VALUE)) {
        sorted_column(x, x->keys[x->partition_count].column, from, n, w->tmp, &key);
        p.order_key = &key;
        p.descending = x->keys[x->partition_count].descending;
        p.zone = eval_zone(&w->eval);
    }
    if (item->filter_column >= 0) {
        struct vec f;
        sorted_column(x, (uint32_t)item->filter_column, from, n, w->tmp, &f);
        uint8_t *pass = arena_alloc(w->tmp, n + 1);
        for (uint32_t i = 0; i < n; i++) {
            pass[i] = !vec_is_null(&f, i) && ((const uint8_t *)f.data)[i] != 0;
        }
        p.filter = pass;
    }
    vec_init_flat(out, keep, item->expr->type, n);
    for (uint32_t row = 0; row < n;) {
        uint32_t end = row + 1;
        while (end < n && x->starts[from + end] != 2) {
            end++;
        }
        p.begin = from + row;
        p.end = from + end;
        if (!window_item_eval(item, &p, w, keep, out)) {
            return false;
        }
        row = end;
    }
    return true;
}

static bool
window_task(void *ctx, uint32_t task, struct worker *w)
{
    struct window *x = ctx;
    struct arena *keep = &x->task_arenas[task];
    const uint32_t from = x->tasks[task], n = x->tasks[task + 1] - from;
    x->results[task] = arena_new_array(keep, struct vec, x->item_count + 1);
    for (uint32_t i = 0; i < x->item_count; i++) {
        if (!item_task(x, &x->items[i], from, n, w, keep, &x->results[task][i])) {
            return false;
        }
    }
    return true;
}

static bool
window_finish(struct op *op, struct query *q, struct error *err)
{
    struct window *x = (struct window *)op;
    struct store *s = &x->gather->store;
    const uint32_t n = (uint32_t)s->row_count;
    struct sort_spec spec;
    sort_spec_init(&spec, x->keys, x->key_count);
    for (uint32_t k = 0; k < x->key_count && k < 64; k++) {
        spec.nullable[k] = s->cols[x->keys[k].column].valid != NULL;
    }
    if (n == 0) {
        return true;
    }
    if (!sort_rows(&spec, s, q, &x->order, err)) {
        return false;
    }
    starts_mark(x, n);
    x->task_arenas = arena_new_array(&x->arena, struct arena, x->task_count);
    x->results = arena_new_array(&x->arena, struct vec *, x->task_count);
    for (uint32_t i = 0; i < x->task_count; i++) {
        arena_init(&x->task_arenas[i], q->ctx->budget);
    }
    return query_parallel(q, x->task_count, window_task, x, err);
}

static void
window_free(struct op *op)
{
    struct window *x = (struct window *)op;
    for (uint32_t i = 0; x->task_arenas != NULL && i < x->task_count; i++) {
        arena_release(&x->task_arenas[i]);
    }
    free(x->order);
    arena_release(&x->arena);
}

static const struct op_class window_class = {
    .name = "Window", .finish = window_finish, .free = window_free};

/* ---- the source: a morsel a task ---- */

struct window_source {
    struct source source;
    struct window *window;
};

struct window_cursor {
    uint32_t task, at;
};

static bool
window_source_prepare(struct source *s, struct query *q, uint32_t *morsels, struct error *err)
{
    (void)q;
    (void)err;
    *morsels = ((struct window_source *)s)->window->task_count;
    return true;
}

static bool
window_source_open(struct source *s, struct worker *w, uint32_t morsel, void **cursor)
{
    (void)s;
    struct window_cursor *c = arena_new(&w->morsel_keep, struct window_cursor);
    c->task = morsel;
    *cursor = c;
    return true;
}

static bool
window_source_next(struct source *s, struct worker *w, void *cursor, struct chunk *out, bool *more)
{
    const struct window *x = ((struct window_source *)s)->window;
    struct window_cursor *c = cursor;
    const uint32_t from = x->tasks[c->task], end = x->tasks[c->task + 1];
    const uint32_t left = end - from - c->at, n = left < VEC_ROWS ? left : VEC_ROWS;
    *out = (struct chunk){.n = n, .sel_n = n, .col_count = x->input_count + x->item_count};
    out->cols = arena_new_array(w->tmp, struct vec, out->col_count + 1);
    for (uint32_t i = 0; i < x->input_count; i++) {
        vec_gather(&out->cols[i], &x->gather->store.cols[i], x->order + from + c->at, n, w->tmp);
    }
    for (uint32_t i = 0; i < x->item_count; i++) {
        vec_slice(&out->cols[x->input_count + i], &x->results[c->task][i], c->at, n, w->tmp);
    }
    c->at += n;
    *more = from + c->at < end;
    return true;
}

static const struct source_class window_source_class = {
    .name = "Window",
    .prepare = window_source_prepare,
    .open = window_source_open,
    .next = window_source_next,
};

/* ---- compiling ---- */

struct columns { /* the store's: input columns, then what is computed */
    struct compiler *c;
    struct expr **exprs;
    struct type_field *fields;
    uint32_t count, capacity;
};

static uint32_t
column_push(struct columns *cols, struct expr *e, const struct type_field *field)
{
    if (cols->count == cols->capacity) {
        const uint32_t capacity = cols->capacity * 2 + 8;
        struct expr **exprs = arena_new_array(cols->c->arena, struct expr *, capacity);
        struct type_field *fields = arena_new_array(cols->c->arena, struct type_field, capacity);
        if (cols->count > 0) {
            memcpy(exprs, cols->exprs, cols->count * sizeof *exprs);
            memcpy(fields, cols->fields, cols->count * sizeof *fields);
        }
        cols->exprs = exprs;
        cols->fields = fields;
        cols->capacity = capacity;
    }
    cols->exprs[cols->count] = e;
    cols->fields[cols->count] = *field;
    return cols->count++;
}

/* The store's column of an input column or of an expression over the input. */
static uint32_t
column_of(struct columns *cols, struct expr *e)
{
    const struct expr *bare = expr_unalias(e);
    const struct type_field field = {"w", bare->type, true, NULL};
    return bare->kind == EXPR_COLUMN ? bare->column : column_push(cols, e, &field);
}

static bool
literal_int(struct compiler *c, const struct expr *e, int64_t *out, struct error *err)
{
    struct datum d;
    if (!program_fold(c->arena, e, c->session, &d, err)) {
        return false;
    }
    if (d.is_null || phys_of(d.type) > PHYS_I64) {
        return error_unsupported(err, "a window function's offset that is no whole number");
    }
    *out = d.i;
    return true;
}

static bool
bound_set(struct compiler *c, const struct frame_bound *b, const struct expr *order_key,
          struct frame_shift *by, struct error *err)
{
    struct datum d;
    if (b->kind != BOUND_VALUE) {
        return true;
    }
    if (!program_fold(c->arena, expr_unalias(b->value), c->session, &d, err)) {
        return false;
    }
    const enum phys p = d.is_null ? PHYS_NONE : phys_of(d.type);
    if (p == PHYS_I32 && d.type->id == TYPE_INTERVAL_YM) {
        by->months = (int32_t)d.i;
    } else if (p >= PHYS_BOOL && p <= PHYS_I64) {
        by->value = d.i;
        by->real = (double)d.i;
    } else if (p == PHYS_I128) {
        by->value = d.wide;
        by->real = (double)d.wide;
    } else if (p == PHYS_F32 || p == PHYS_F64) {
        by->real = d.f;
        by->value = (i128)d.f;
    } else if (p == PHYS_INTERVAL) {
        by->months = d.interval.months;
        by->value = (i128)d.interval.days * INT64_C(86400000000) + d.interval.micros;
    } else {
        return error_unsupported(err, "a window frame bounded by a value of this type");
    }
    if (order_key != NULL && order_key->type->id == TYPE_DATE &&
        (d.type->id == TYPE_INTERVAL_DT || p == PHYS_INTERVAL)) {
        by->value /= INT64_C(86400000000);
    }
    if (order_key != NULL && order_key->type->id == TYPE_DECIMAL) {
        int32_t shift = order_key->type->scale - (d.type->id == TYPE_DECIMAL ? d.type->scale : 0);
        for (; shift > 0; shift--) {
            by->value *= 10;
        }
        for (; shift < 0; shift++) {
            by->value /= 10;
        }
    }
    return true;
}

static bool
frame_set(struct compiler *c, struct window_item *item, const struct window_spec *spec,
          struct error *err)
{
    item->frame = spec->frame;
    item->lower = spec->lower;
    item->upper = spec->upper;
    if (spec->frame == FRAME_NONE) {
        item->frame = FRAME_RANGE;
        item->lower.kind = BOUND_UNBOUNDED;
        item->upper.kind = spec->order_count > 0 ? BOUND_CURRENT_ROW : BOUND_UNBOUNDED;
    }
    const bool valued = item->lower.kind == BOUND_VALUE || item->upper.kind == BOUND_VALUE;
    const struct expr *key = NULL;
    if (item->frame == FRAME_RANGE && valued) {
        if (spec->order_count != 1) {
            return error_unsupported(err, "RANGE frames with values over other than one order key");
        }
        key = expr_unalias(spec->order[0].expr);
        const enum phys p = phys_of(key->type);
        if (p < PHYS_I8 || p > PHYS_F64) {
            return error_unsupported(err, "RANGE frames with values over keys of this type");
        }
    }
    return bound_set(c, &item->lower, key, &item->lower_by, err) &&
           bound_set(c, &item->upper, key, &item->upper_by, err);
}

static const struct {
    const char *name;
    enum window_kind kind;
} kinds[] = {
    {"row_number", WINDOW_ROW_NUMBER},
    {"rank", WINDOW_RANK},
    {"dense_rank", WINDOW_DENSE_RANK},
    {"percent_rank", WINDOW_PERCENT_RANK},
    {"cume_dist", WINDOW_CUME_DIST},
    {"ntile", WINDOW_NTILE},
    {"lag", WINDOW_LAG},
    {"lead", WINDOW_LAG},
    {"nth_value", WINDOW_NTH},
};

static bool
item_function(struct compiler *c, struct window_item *item, struct error *err)
{
    const struct expr *f = item->function;
    item->kind = WINDOW_AGG;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (strcmp(f->name, kinds[i].name) == 0) {
            item->kind = kinds[i].kind;
        }
    }
    if (item->kind == WINDOW_LAG) {
        item->offset = 1;
        if (f->arg_count > 1 && !literal_int(c, f->args[1], &item->offset, err)) {
            return false;
        }
        item->offset = strcmp(f->name, "lag") == 0 ? -item->offset : item->offset;
        item->has_default = f->arg_count > 2;
    } else if (item->kind == WINDOW_NTILE || item->kind == WINDOW_NTH) {
        const uint32_t at = item->kind == WINDOW_NTH ? 1 : 0;
        item->offset = 1;
        if (f->arg_count > at && !literal_int(c, f->args[at], &item->offset, err)) {
            return false;
        }
        if (item->offset <= 0) {
            return error_unsupported(err, "%s of a number below 1", f->name);
        }
    } else if (item->kind == WINDOW_AGG) {
        struct agg_plan plan;
        struct expr *call = expr_copy(c->arena, f);
        call->kind = EXPR_AGG;
        call->filter = NULL;
        if (!agg_plan_init(c, &plan, &call, 1, err)) {
            return false;
        }
        item->agg = plan.items[0];
    }
    return true;
}

static bool
item_make(struct compiler *c, struct columns *cols, struct window_item *item, const struct expr *e,
          struct error *err)
{
    item->expr = e;
    item->function = expr_unalias(e->args[0]);
    item->filter_column = -1;
    if ((item->function->kind != EXPR_AGG && item->function->kind != EXPR_CALL) ||
        item->function->arg_count > AGG_ARGS_MAX) {
        return error_unsupported(err, "this kind of function over a window");
    }
    for (uint32_t i = 0; i < item->function->arg_count; i++) {
        item->arg_columns[i] = column_of(cols, item->function->args[i]);
    }
    if (item->function->filter != NULL) {
        item->filter_column = (int32_t)column_of(cols, item->function->filter);
    }
    return item_function(c, item, err) && frame_set(c, item, e->window, err);
}

static void
keys_make(struct compiler *c, struct window *x, struct columns *cols,
          const struct window_spec *spec)
{
    x->partition_count = spec->partition_count;
    x->key_count = spec->partition_count + spec->order_count;
    x->keys = arena_new_array(c->arena, struct sort_column, x->key_count + 1);
    for (uint32_t i = 0; i < spec->partition_count; i++) {
        x->keys[i] = (struct sort_column){.column = column_of(cols, spec->partition[i]),
                                          .nulls_first = true};
    }
    for (uint32_t i = 0; i < spec->order_count; i++) {
        const struct sort_key *k = &spec->order[i];
        x->keys[spec->partition_count + i] =
            (struct sort_column){.column = column_of(cols, k->expr),
                                 .descending = k->descending,
                                 .nulls_first = k->nulls_first};
    }
}

static bool
window_make(struct compiler *c, const struct rel *r, struct pipeline *p, struct op *next,
            struct error *err)
{
    struct window *x = arena_new(c->arena, struct window);
    const struct type *input = r->inputs[0]->schema;
    struct columns cols = {.c = c};
    for (uint32_t i = 0; i < input->field_count; i++) { /* computed ones come behind these */
        struct expr *one = expr_column(c->arena, i, input->fields[i].type, true);
        column_push(&cols, one, &input->fields[i]);
    }
    x->input_count = input->field_count;
    x->item_count = r->expr_count;
    x->items = arena_new_array(c->arena, struct window_item, r->expr_count + 1);
    keys_make(c, x, &cols, expr_unalias(r->exprs[0])->window);
    for (uint32_t i = 0; i < r->expr_count; i++) {
        if (!item_make(c, &cols, &x->items[i], expr_unalias(r->exprs[i]), err)) {
            return false;
        }
    }
    struct rel *project = rel_new(c->arena, REL_PROJECT, 1, r->inputs[0]);
    project->schema = type_struct(c->arena, cols.fields, cols.count);
    project->exprs = cols.exprs;
    project->expr_count = cols.count;
    struct pipeline *own = pipeline_new(c->query);
    arena_init(&x->arena, c->query->ctx->budget);
    op_add(own, &x->op, &window_class, NULL, NULL);
    x->gather = gather_new(c->query, own, project->schema, -1, true);
    if (!compile_rel(c, project, own, &x->gather->op, err)) {
        return false;
    }
    pipeline_ready(own);
    struct window_source *src = arena_new(c->arena, struct window_source);
    src->window = x;
    source_add(p, &src->source, &window_source_class, r->schema, next, p->phase_now);
    return true;
}

/* ---- several windows in one relation ---- */

/* A relation over input with those of r's functions that share the window of the first one not
 * done; places[i] is the output column of function i. */
static struct rel *
window_layer(struct compiler *c, const struct rel *r, struct rel *input, bool *done,
             uint32_t *places)
{
    struct rel *layer = rel_new(c->arena, REL_WINDOW, 1, input);
    layer->exprs = arena_new_array(c->arena, struct expr *, r->expr_count);
    const uint32_t base = input->schema->field_count;
    struct type_field *fields =
        arena_new_array(c->arena, struct type_field, base + r->expr_count + 1);
    if (base > 0) {
        memcpy(fields, input->schema->fields, base * sizeof *fields);
    }
    const struct window_spec *spec = NULL;
    const uint32_t inputs = r->inputs[0]->schema->field_count;
    for (uint32_t i = 0; i < r->expr_count; i++) {
        const struct window_spec *own = expr_unalias(r->exprs[i])->window;
        if (!done[i] && (spec == NULL || window_order_equal(spec, own))) {
            spec = own;
            done[i] = true;
            places[i] = base + layer->expr_count;
            fields[places[i]] = r->schema->fields[inputs + i];
            layer->exprs[layer->expr_count++] = r->exprs[i];
        }
    }
    layer->schema = type_struct(c->arena, fields, base + layer->expr_count);
    return layer;
}

bool
compile_window(struct compiler *c, const struct rel *r, struct pipeline *p, struct op *next,
               struct error *err)
{
    for (uint32_t i = 0; i < r->expr_count; i++) {
        const struct expr *e = expr_unalias(r->exprs[i]);
        if (e->kind != EXPR_WINDOW || e->window == NULL) {
            return error_raise(err, "INTERNAL_ERROR", "message",
                               "A window relation holds an expression without a window.",
                               (const char *)NULL);
        }
    }
    bool *done = arena_new_array(c->arena, bool, r->expr_count + 1);
    uint32_t *places = arena_new_array(c->arena, uint32_t, r->expr_count + 1);
    struct rel *top = r->inputs[0];
    uint32_t layers = 0;
    for (uint32_t i = 0; i < r->expr_count; i++) {
        if (!done[i]) {
            top = window_layer(c, r, top, done, places);
            layers++;
        }
    }
    if (layers <= 1) {
        return r->expr_count == 0 ? compile_rel(c, r->inputs[0], p, next, err)
                                  : window_make(c, r, p, next, err);
    }
    const uint32_t inputs = r->inputs[0]->schema->field_count;
    struct rel *project = rel_new(c->arena, REL_PROJECT, 1, top);
    project->schema = r->schema;
    project->expr_count = inputs + r->expr_count;
    project->exprs = arena_new_array(c->arena, struct expr *, project->expr_count);
    for (uint32_t i = 0; i < project->expr_count; i++) {
        const uint32_t at = i < inputs ? i : places[i - inputs];
        project->exprs[i] = expr_column(c->arena, at, r->schema->fields[i].type, true);
    }
    return compile_rel(c, project, p, next, err);
}
