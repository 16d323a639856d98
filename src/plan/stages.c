/* The cut: each operator over its input's parts, exchanges where rows have to meet. */
#include "plan/stages.h"

#include <string.h>

#include "base/buffer.h"
#include "exec/exec.h"
#include "plan/pass.h"

enum { DEPTH_MAX = 900 };

/* A piece of plan that is not closed yet: the rel, and how many tasks share it. One task reads all
 * of its leaves. */
struct part {
    struct rel *rel;
    uint32_t tasks;
    /* the output columns by whose hash the rows were dealt to `tasks` tasks; none: otherwise. An
     * inner join's have twins: the other side's equal columns */
    const uint32_t *keys, *twins;
    uint32_t key_count;
};

struct cutter {
    struct arena *a;
    const struct cut_options *o;
    struct pass estimate;
    struct stage stages[STAGES_MAX];
    uint32_t count;
    uint32_t depth;
    struct error *err;
};

static bool cut_rel(struct cutter *c, const struct rel *r, struct part *out);

/* ---- expressions ---- */

static struct expr *
expr_settled(struct arena *a, struct expr *e, void *ctx)
{
    (void)a;
    (void)ctx;
    return expr_deterministic(e) ? e : NULL;
}

/* Do the node's expressions give the same however its rows are shared and ordered? */
static bool
rel_settled(struct cutter *c, const struct rel *r)
{
    return rel_map_exprs(c->a, rel_copy(c->a, r), expr_settled, NULL);
}

static struct rel *
rel_over(struct cutter *c, const struct rel *r, struct rel *input)
{
    struct rel *copy = rel_copy(c->a, r);
    copy->inputs[0] = input;
    return copy;
}

static const struct expr *
unaliased(const struct expr *e)
{
    while (e->kind == EXPR_ALIAS) {
        e = e->args[0];
    }
    return e;
}

/* The expressions as columns; NULL when one is more than that. */
static const uint32_t *
columns_of(struct cutter *c, struct expr *const *exprs, uint32_t count)
{
    uint32_t *columns = arena_new_array(c->a, uint32_t, count + 1);
    for (uint32_t i = 0; i < count; i++) {
        const struct expr *e = unaliased(exprs[i]);
        if (e->kind != EXPR_COLUMN) {
            return NULL;
        }
        columns[i] = e->column;
    }
    return columns;
}

static bool
key_is(const struct part *p, uint32_t i, const struct expr *e)
{
    e = unaliased(e);
    return e->kind == EXPR_COLUMN &&
           (e->column == p->keys[i] || (p->twins != NULL && e->column == p->twins[i]));
}

/* Do rows that agree in exprs lie in one task already? */
static bool
part_meets(const struct part *p, struct expr *const *exprs, uint32_t count)
{
    bool all = p->key_count > 0;
    for (uint32_t i = 0; all && i < p->key_count; i++) {
        bool found = false;
        for (uint32_t k = 0; !found && k < count; k++) {
            found = key_is(p, i, exprs[k]);
        }
        all = found;
    }
    return all;
}

/* Were the rows dealt by exactly these columns, in this order? */
static bool
part_dealt_by(struct cutter *c, const struct part *p, struct expr *const *exprs, uint32_t count)
{
    bool all = count > 0 && p->key_count == count && p->tasks == c->o->tasks;
    for (uint32_t i = 0; all && i < count; i++) {
        all = key_is(p, i, exprs[i]);
    }
    return all;
}

/* ---- closing a stage ---- */

static void
inputs_collect(struct cutter *c, struct stage *s, const struct rel *r)
{
    if (r->kind == REL_EXCHANGE_READ) {
        for (uint32_t i = 0; i < s->input_count; i++) {
            if (s->inputs[i] == r->stage) {
                return;
            }
        }
        s->inputs[s->input_count++] = r->stage;
    }
    s->is_pinned |= r->kind == REL_STATE_AGGREGATE;
    for (uint32_t i = 0; i < r->input_count; i++) {
        inputs_collect(c, s, r->inputs[i]);
    }
}

static bool
stage_add(struct cutter *c, const struct rel *plan, uint32_t tasks)
{
    if (c->count == STAGES_MAX || tasks > STAGE_TASKS_MAX) {
        return error_unsupported(c->err, "a plan of more than %d stages or %d tasks in one",
                                 STAGES_MAX, STAGE_TASKS_MAX);
    }
    struct stage *s = &c->stages[c->count];
    *s = (struct stage){.plan = plan, .tasks = tasks};
    s->inputs = arena_new_array(c->a, uint32_t, c->count + 1);
    inputs_collect(c, s, plan);
    c->count++;
    return true;
}

static bool
part_close(struct cutter *c, struct part *p, enum exchange_mode mode, struct expr *const *exprs,
           uint32_t expr_count, uint32_t partitions)
{
    struct rel *write = rel_new(c->a, REL_EXCHANGE, 1, p->rel);
    write->schema = p->rel->schema;
    write->exchange = mode;
    write->exprs = (struct expr **)exprs;
    write->expr_count = expr_count;
    write->partitions = (int32_t)partitions;
    if (!stage_add(c, write, p->tasks)) {
        return false;
    }
    struct rel *read = rel_new(c->a, REL_EXCHANGE_READ, 0);
    read->schema = p->rel->schema;
    read->row_estimate = p->rel->row_estimate;
    read->stage = c->count - 1;
    read->part_count = mode == EXCHANGE_HASH || mode == EXCHANGE_ROUND_ROBIN ? partitions : 0;
    *p = (struct part){.rel = read, .tasks = read->part_count > 0 ? partitions : 1};
    return true;
}

static bool
part_gather(struct cutter *c, struct part *p)
{
    return p->tasks == 1 || part_close(c, p, EXCHANGE_SINGLE, NULL, 0, 1);
}

static bool
part_deal(struct cutter *c, struct part *p, struct expr *const *exprs, uint32_t count)
{
    if (part_dealt_by(c, p, exprs, count)) {
        return true;
    }
    const uint32_t *keys = columns_of(c, exprs, count);
    if (!part_close(c, p, EXCHANGE_HASH, exprs, count, c->o->tasks)) {
        return false;
    }
    p->keys = keys;
    p->key_count = keys != NULL ? count : 0;
    return true;
}

/* ---- leaves and what stays with its rows ---- */

static uint32_t
tasks_for(struct cutter *c, const struct rel *r)
{
    if (c->o->task_bytes <= 0) {
        return c->o->tasks;
    }
    const int64_t bytes = exec_input_bytes(r);
    const int64_t tasks = bytes < 0 ? c->o->tasks : bytes / c->o->task_bytes;
    return tasks < 1 ? 1 : tasks > c->o->tasks ? c->o->tasks : (uint32_t)tasks;
}

static bool
cut_leaf(struct cutter *c, const struct rel *r, struct part *out)
{
    struct rel *copy = rel_copy(c->a, r);
    *out = (struct part){.rel = copy, .tasks = 1};
    if (r->kind != REL_SCAN && r->kind != REL_RANGE) {
        return true;
    }
    out->tasks = tasks_for(c, r);
    copy->part_count = out->tasks > 1 ? out->tasks : 0;
    return true;
}

/* Where the input's key columns are after a projection; none if one is gone. */
static void
keys_project(struct cutter *c, struct part *p, const struct rel *project)
{
    uint32_t *keys = arena_new_array(c->a, uint32_t, p->key_count + 1);
    for (uint32_t i = 0; i < p->key_count; i++) {
        uint32_t at = 0;
        for (; at < project->expr_count; at++) {
            if (key_is(p, i, project->exprs[at])) {
                break;
            }
        }
        if (at == project->expr_count) {
            p->key_count = 0;
            return;
        }
        keys[i] = at;
    }
    p->keys = keys;
    p->twins = NULL;
}

static bool
cut_by_row(struct cutter *c, const struct rel *r, struct part *out)
{
    if (!cut_rel(c, r->inputs[0], out) || (!rel_settled(c, r) && !part_gather(c, out))) {
        return false;
    }
    out->rel = rel_over(c, r, out->rel);
    if (r->kind == REL_PROJECT) {
        keys_project(c, out, r);
    } else if (r->kind != REL_FILTER && r->kind != REL_REPARTITION &&
               r->kind != REL_EVENT_WATERMARK) {
        out->key_count = 0;
    }
    return true;
}

/* Everything in one task. */
static bool
cut_single(struct cutter *c, const struct rel *r, struct part *out)
{
    struct rel *copy = rel_copy(c->a, r);
    for (uint32_t i = 0; i < r->input_count; i++) {
        struct part p;
        if (!cut_rel(c, r->inputs[i], &p) || !part_gather(c, &p)) {
            return false;
        }
        copy->inputs[i] = p.rel;
    }
    *out = (struct part){.rel = copy, .tasks = 1};
    return true;
}

/* LIMIT, TAIL, TOPN: no task sends more than could be needed. */
static bool
cut_limit(struct cutter *c, const struct rel *r, struct part *out)
{
    if (!cut_rel(c, r->inputs[0], out)) {
        return false;
    }
    if (out->tasks > 1) {
        if (r->limit >= 0 && rel_settled(c, r)) {
            struct rel *local = rel_over(c, r, out->rel);
            local->limit = r->limit + (r->offset > 0 ? r->offset : 0);
            local->offset = -1;
            out->rel = local;
        }
        if (!part_gather(c, out)) {
            return false;
        }
    }
    out->rel = rel_over(c, r, out->rel);
    return true;
}

/* ---- groups ---- */

static struct expr **
schema_columns(struct cutter *c, const struct type *schema, uint32_t count)
{
    struct expr **columns = arena_new_array(c->a, struct expr *, count + 1);
    for (uint32_t i = 0; i < count; i++) {
        const struct type_field *f = &schema->fields[i];
        columns[i] = expr_column(c->a, i, f->type, f->nullable);
    }
    return columns;
}

/* Groups and states of each task's rows. */
static struct rel *
partial_make(struct cutter *c, const struct rel *r, struct rel *input)
{
    struct rel *partial = rel_over(c, r, input);
    struct type_field *fields = arena_new_array(c->a, struct type_field, r->expr_count + 1);
    for (uint32_t i = 0; i < r->expr_count; i++) {
        fields[i] = i < r->group_count
                        ? (struct type_field){"k", unaliased(r->exprs[i])->type, true, NULL}
                        : (struct type_field){"s", type_scalar(TYPE_BINARY), false, NULL};
    }
    partial->schema = type_struct(c->a, fields, r->expr_count);
    partial->agg_phase = AGG_PARTIAL;
    return partial;
}

static struct rel *
final_make(struct cutter *c, const struct rel *r, struct rel *input)
{
    struct rel *final = rel_over(c, r, input);
    struct expr **groups = schema_columns(c, input->schema, r->group_count);
    final->exprs = arena_new_array(c->a, struct expr *, r->expr_count + 1);
    for (uint32_t i = 0; i < r->expr_count; i++) {
        final->exprs[i] = i < r->group_count ? groups[i] : r->exprs[i];
    }
    final->agg_phase = AGG_FINAL;
    return final;
}

static bool
cut_aggregate(struct cutter *c, const struct rel *r, struct part *out)
{
    if (!cut_rel(c, r->inputs[0], out)) {
        return false;
    }
    const bool settled = rel_settled(c, r);
    if (out->tasks == 1 || !settled || part_meets(out, r->exprs, r->group_count)) {
        if (!settled && !part_gather(c, out)) {
            return false;
        }
        out->rel = rel_over(c, r, out->rel);
        keys_project(c, out, r);
        return true;
    }
    if (!exec_aggregate_splits(r, c->o->session)) {
        const bool ok =
            r->group_count > 0 ? part_deal(c, out, r->exprs, r->group_count) : part_gather(c, out);
        out->rel = ok ? rel_over(c, r, out->rel) : NULL;
        out->key_count = 0;
        return ok;
    }
    out->rel = partial_make(c, r, out->rel);
    out->key_count = 0;
    struct expr **groups = schema_columns(c, out->rel->schema, r->group_count);
    if (r->group_count > 0 ? !part_deal(c, out, groups, r->group_count) : !part_gather(c, out)) {
        return false;
    }
    out->rel = final_make(c, r, out->rel);
    return true;
}

/* DISTINCT and DEDUPLICATE: once in each task, then where equal rows meet. */
static bool
cut_distinct(struct cutter *c, const struct rel *r, struct part *out)
{
    if (!cut_rel(c, r->inputs[0], out)) {
        return false;
    }
    const struct type *schema = r->inputs[0]->schema;
    const bool whole = r->kind == REL_DISTINCT;
    struct expr **keys = whole ? schema_columns(c, schema, schema->field_count) : r->exprs;
    const uint32_t count = whole ? schema->field_count : r->expr_count;
    if (out->tasks > 1 && !part_meets(out, keys, count)) {
        out->rel = rel_over(c, r, out->rel);
        if (count > 0 ? !part_deal(c, out, keys, count) : !part_gather(c, out)) {
            return false;
        }
    }
    out->rel = rel_over(c, r, out->rel);
    return true;
}

/* Windows are computed where their partitions are whole; without a common key, in one task. */
static bool
cut_window(struct cutter *c, const struct rel *r, struct part *out)
{
    if (!cut_rel(c, r->inputs[0], out)) {
        return false;
    }
    const struct window_spec *first = NULL;
    bool alike = r->expr_count > 0 && rel_settled(c, r);
    for (uint32_t i = 0; alike && i < r->expr_count; i++) {
        const struct expr *e = unaliased(r->exprs[i]);
        const struct window_spec *w = e->kind == EXPR_WINDOW ? e->window : NULL;
        alike = w != NULL && w->partition_count > 0 &&
                (first == NULL || first->partition_count == w->partition_count);
        for (uint32_t k = 0; alike && first != NULL && k < w->partition_count; k++) {
            alike = expr_equal(first->partition[k], w->partition[k]);
        }
        first = first != NULL ? first : w;
    }
    if (out->tasks > 1) {
        const bool ok = !alike ? part_gather(c, out)
                               : part_meets(out, first->partition, first->partition_count) ||
                                     part_deal(c, out, first->partition, first->partition_count);
        if (!ok) {
            return false;
        }
    }
    out->rel = rel_over(c, r, out->rel);
    return true;
}

/* ---- joins ---- */

struct keys {
    struct expr **left, **right; /* over their own inputs */
    uint32_t count;
};

static void
join_keys(struct cutter *c, const struct rel *r, struct keys *out)
{
    *out = (struct keys){0};
    struct conjuncts all = {0};
    if (r->condition == NULL) {
        return;
    }
    conjuncts_add(c->a, &all, r->condition);
    const uint32_t left = rel_width(r->inputs[0]), both = left + rel_width(r->inputs[1]);
    out->left = arena_new_array(c->a, struct expr *, all.count + 1);
    out->right = arena_new_array(c->a, struct expr *, all.count + 1);
    for (uint32_t i = 0; i < all.count; i++) {
        struct expr *e = all.items[i];
        if (!is_equality(e) || !expr_deterministic(e) || !expr_has_columns(e->args[0]) ||
            !expr_has_columns(e->args[1]) || !type_same(e->args[0]->type, e->args[1]->type)) {
            continue;
        }
        for (uint32_t side = 0; side < 2; side++) {
            struct expr *x = e->args[side], *y = e->args[1 - side];
            if (expr_within(x, 0, left) && expr_within(y, left, both)) {
                out->left[out->count] = x;
                out->right[out->count++] = expr_shift(c->a, y, -(int64_t)left);
                break;
            }
        }
    }
}

/* About how many bytes the rows take on the way. */
static double
bytes_estimate(struct cutter *c, const struct rel *r)
{
    double width = 0;
    for (uint32_t i = 0; i < r->schema->field_count; i++) {
        const enum phys phys = phys_of(r->schema->fields[i].type);
        width += phys == PHYS_VIEW ? 24 : phys_size(phys) > 0 ? (double)phys_size(phys) : 16;
    }
    return rel_rows(&c->estimate, (struct rel *)r) * width;
}

/* So little, and so simple, that each task reads it by itself sooner than it is sent. */
static bool
is_cheap(const struct rel *r)
{
    if (r->kind != REL_SCAN && r->kind != REL_LOCAL && r->kind != REL_EMPTY &&
        r->kind != REL_PROJECT && r->kind != REL_FILTER) {
        return false;
    }
    return r->input_count == 0 || is_cheap(r->inputs[0]);
}

static bool
part_broadcast(struct cutter *c, struct part *p)
{
    if (p->tasks == 1 && is_cheap(p->rel)) {
        return true;
    }
    return part_close(c, p, EXCHANGE_BROADCAST, NULL, 0, 1);
}

static bool
join_over(struct cutter *c, const struct rel *r, const struct part *left, const struct part *right,
          struct part *out)
{
    struct rel *copy = rel_copy(c->a, r);
    copy->inputs[0] = left->rel;
    copy->inputs[1] = right->rel;
    const bool keeps = r->join_type != JOIN_RIGHT && r->join_type != JOIN_FULL;
    *out = (struct part){.rel = copy, .tasks = left->tasks};
    if (keeps && left->tasks > 1) {
        out->keys = left->keys;
        out->twins = left->twins;
        out->key_count = left->key_count;
    }
    return true;
}

/* Rows of an inner join agree in both sides' keys. */
static bool
join_dealt(struct cutter *c, const struct rel *r, const struct keys *keys, struct part *left,
           struct part *right, struct part *out)
{
    if (!part_deal(c, left, keys->left, keys->count) ||
        !part_deal(c, right, keys->right, keys->count) || !join_over(c, r, left, right, out)) {
        return false;
    }
    if (r->join_type == JOIN_INNER && out->key_count > 0 && out->key_count == right->key_count) {
        uint32_t *twins = arena_new_array(c->a, uint32_t, out->key_count);
        for (uint32_t i = 0; i < out->key_count; i++) {
            twins[i] = right->keys[i] + rel_width(r->inputs[0]);
        }
        out->twins = twins;
    }
    return true;
}

static bool
cut_join(struct cutter *c, const struct rel *r, struct part *out)
{
    struct part left, right;
    if (!cut_rel(c, r->inputs[0], &left) || !cut_rel(c, r->inputs[1], &right)) {
        return false;
    }
    if (left.tasks == 1 && right.tasks == 1) {
        return join_over(c, r, &left, &right, out);
    }
    if (!rel_settled(c, r)) {
        return part_gather(c, &left) && part_gather(c, &right) &&
               join_over(c, r, &left, &right, out);
    }
    struct keys keys;
    join_keys(c, r, &keys);
    const bool left_may = r->join_type == JOIN_INNER || r->join_type == JOIN_CROSS ||
                          r->join_type == JOIN_RIGHT; /* be whole in every task */
    const bool right_may = r->join_type != JOIN_RIGHT && r->join_type != JOIN_FULL;
    const double limit = (double)c->o->broadcast_bytes;
    const double right_bytes = bytes_estimate(c, r->inputs[1]);
    const bool must = keys.count == 0 || r->join_type == JOIN_MARK;
    if (right_may && left.tasks > 1 && (must || right_bytes < limit)) {
        return part_broadcast(c, &right) && join_over(c, r, &left, &right, out);
    }
    if (left_may && right.tasks > 1 &&
        ((must && left.tasks == 1) || bytes_estimate(c, r->inputs[0]) < limit)) {
        if (!part_broadcast(c, &left) || !join_over(c, r, &left, &right, out)) {
            return false;
        }
        out->tasks = right.tasks;
        out->key_count = 0;
        return true;
    }
    if (must) {
        return part_gather(c, &left) && part_gather(c, &right) &&
               join_over(c, r, &left, &right, out);
    }
    return join_dealt(c, r, &keys, &left, &right, out);
}

/* ---- unions: the inputs' tasks one behind the other ---- */

static void
windows_move(struct rel *r, uint32_t by)
{
    r->part_first += r->part_count > 0 ? by : 0;
    for (uint32_t i = 0; i < r->input_count; i++) {
        windows_move(r->inputs[i], by);
    }
}

static bool
cut_union(struct cutter *c, const struct rel *r, struct part *out)
{
    struct part *parts = arena_new_array(c->a, struct part, r->input_count + 1);
    struct rel *copy = rel_copy(c->a, r);
    bool shared = false;
    for (uint32_t i = 0; i < r->input_count; i++) {
        if (!cut_rel(c, r->inputs[i], &parts[i])) {
            return false;
        }
        shared |= parts[i].tasks > 1;
    }
    uint32_t tasks = 0;
    for (uint32_t i = 0; i < r->input_count; i++) {
        if (shared && parts[i].tasks == 1) {
            /* Read by one of the tasks; the others would each read it whole. */
            if (!part_close(c, &parts[i], EXCHANGE_SINGLE, NULL, 0, 1)) {
                return false;
            }
            parts[i].rel->part_count = 1;
        }
        if (shared) {
            windows_move(parts[i].rel, tasks);
        }
        copy->inputs[i] = parts[i].rel;
        tasks += parts[i].tasks;
    }
    *out = (struct part){.rel = copy, .tasks = shared ? tasks : 1};
    return true;
}

/* ---- writes ---- */

/* A repartition below decides how many files there are: then one task writes them all. */
static bool
cut_write(struct cutter *c, const struct rel *r, struct part *out)
{
    const struct rel *below = r->inputs[0];
    while (below->kind == REL_PROJECT || below->kind == REL_FILTER) {
        below = below->inputs[0];
    }
    if (!cut_rel(c, r->inputs[0], out)) {
        return false;
    }
    if (below->kind == REL_REPARTITION && out->tasks > 1) {
        if (!part_gather(c, out)) {
            return false;
        }
        /* What the write operator looks for is behind the exchange now. */
        struct rel *again = rel_copy(c->a, below);
        again->inputs[0] = out->rel;
        again->schema = out->rel->schema;
        if (below != r->inputs[0]) {
            again->exprs = NULL;
            again->expr_count = 0;
            again->partitions = below->partitions > 0 ? below->partitions : 1;
        }
        out->rel = again;
    }
    out->rel = rel_over(c, r, out->rel);
    out->key_count = 0;
    return true;
}

/* ---- the walk ---- */

static bool
cut_kind(struct cutter *c, const struct rel *r, struct part *out)
{
    switch (r->kind) {
    case REL_SCAN:
    case REL_RANGE:
    case REL_LOCAL:
    case REL_EMPTY:
        return cut_leaf(c, r, out);
    case REL_PROJECT:
    case REL_FILTER:
    case REL_GENERATE:
    case REL_EXPAND:
    case REL_REPARTITION:
    case REL_EVENT_WATERMARK:
        return cut_by_row(c, r, out);
    case REL_MAP_UDF: /* one over groups wants them in the order that its input was put in */
        return udf_takes_groups(r->udf) ? cut_single(c, r, out) : cut_by_row(c, r, out);
    case REL_LIMIT:
    case REL_TAIL:
    case REL_TOPN:
        return cut_limit(c, r, out);
    case REL_AGGREGATE:
        return cut_aggregate(c, r, out);
    case REL_DISTINCT:
    case REL_DEDUPLICATE:
        return cut_distinct(c, r, out);
    case REL_WINDOW:
        return cut_window(c, r, out);
    case REL_JOIN:
        return cut_join(c, r, out);
    case REL_UNION:
        return cut_union(c, r, out);
    case REL_WRITE:
        return cut_write(c, r, out);
    default:
        return cut_single(c, r, out);
    }
}

static bool
cut_rel(struct cutter *c, const struct rel *r, struct part *out)
{
    if (c->depth >= DEPTH_MAX) {
        return error_unsupported(c->err, "a plan of more than %d nested relations", DEPTH_MAX);
    }
    c->depth++;
    const bool ok = cut_kind(c, r, out);
    c->depth--;
    return ok;
}

bool
plan_cut(struct arena *a, const struct rel *plan, const struct cut_options *o,
         struct stage_list *out, struct error *err)
{
    struct cutter *c = arena_new(a, struct cutter);
    c->a = a;
    c->o = o;
    c->err = err;
    c->estimate = (struct pass){.arena = a, .err = err};
    struct part root;
    if (!cut_rel(c, plan, &root)) {
        return false;
    }
    if (root.rel->schema != plan->schema) { /* names are those of the query */
        root.rel = rel_copy(a, root.rel);
        root.rel->schema = plan->schema;
    }
    if (!stage_add(c, root.rel, root.tasks)) {
        return false;
    }
    *out = (struct stage_list){c->stages, c->count};
    return true;
}

void
stage_list_put(struct buffer *out, const struct stage_list *list)
{
    for (uint32_t i = 0; i < list->count; i++) {
        const struct stage *s = &list->stages[i];
        buffer_printf(out, "Stage %u, %u task%s%s\n", i, s->tasks, s->tasks == 1 ? "" : "s",
                      i + 1 == list->count ? ", the answer" : "");
        rel_put_tree(out, s->plan);
    }
}
