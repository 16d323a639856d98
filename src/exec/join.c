/*
 * Joins: the right input is built, the left one probes.
 *
 * The condition's conjuncts that equate a left expression with a right one become keys; the rest
 * is a residual that pairs must pass. Without keys every pair is tried (nested loop).
 * MARK adds one boolean column to the left rows: true when the condition holds for some right row,
 * else null when it is null for some, else false. SINGLE is a left outer join in which a second
 * match is an error.
 * SEMI and ANTI whose left input is far smaller build that one instead: the right input probes and
 * marks the rows it meets, and the rows marked, or the others, are a source when it is done.
 *
 * Memory: the whole build side and its table; a query over budget fails alone.
 */
#include "exec/join.h"

#include <stdlib.h>

#include "exec/runtime_filter.h"

struct conjuncts {
    const struct expr **items;
    uint32_t count, capacity;
    struct arena *arena;
};

static void
conjuncts_collect(struct conjuncts *c, const struct expr *e)
{
    if (e->kind == EXPR_CALL && e->name != NULL && strcmp(e->name, "and") == 0) {
        for (uint32_t i = 0; i < e->arg_count; i++) {
            conjuncts_collect(c, e->args[i]);
        }
        return;
    }
    if (c->count == c->capacity) {
        c->capacity = c->capacity == 0 ? 8 : c->capacity * 2;
        const struct expr **items = arena_new_array(c->arena, const struct expr *, c->capacity);
        if (c->count > 0) {
            memcpy(items, c->items, c->count * sizeof *items);
        }
        c->items = items;
    }
    c->items[c->count++] = e;
}

struct side_search {
    uint32_t left_count;
    bool left, right;
};

static bool
side_note(const struct expr *e, void *ctx)
{
    struct side_search *s = ctx;
    if (e->kind == EXPR_COLUMN) {
        s->left |= e->column < s->left_count;
        s->right |= e->column >= s->left_count;
    }
    return true;
}

/* 'l', 'r', or 0 for both or none. */
static char
expr_side(const struct expr *e, uint32_t left_count)
{
    struct side_search s = {.left_count = left_count};
    expr_walk(e, side_note, &s);
    return s.left == s.right ? 0 : s.left ? 'l' : 'r';
}

static struct expr *
column_shift(struct arena *a, struct expr *e, void *ctx)
{
    if (e->kind == EXPR_COLUMN) {
        struct expr *moved = expr_copy(a, e);
        moved->column -= *(uint32_t *)ctx;
        return moved;
    }
    return e;
}

struct join_keys {
    struct expr **left, **right;
    bool *null_safe;
    uint32_t count;
    struct expr *residual;
};

static bool
is_equality(const struct expr *e, bool *null_safe)
{
    if (e->kind != EXPR_CALL || e->name == NULL || e->arg_count != 2) {
        return false;
    }
    *null_safe = strcmp(e->name, "<=>") == 0;
    return *null_safe || strcmp(e->name, "=") == 0 || strcmp(e->name, "==") == 0;
}

static void
keys_extract(struct compiler *c, const struct expr *condition, uint32_t left_count,
             struct join_keys *out)
{
    struct conjuncts all = {.arena = c->arena};
    *out = (struct join_keys){0};
    if (condition == NULL) {
        return;
    }
    conjuncts_collect(&all, condition);
    out->left = arena_new_array(c->arena, struct expr *, all.count + 1);
    out->right = arena_new_array(c->arena, struct expr *, all.count + 1);
    out->null_safe = arena_new_array(c->arena, bool, all.count + 1);
    for (uint32_t i = 0; i < all.count; i++) {
        const struct expr *e = all.items[i];
        bool null_safe = false;
        if (is_equality(e, &null_safe)) {
            const char x = expr_side(e->args[0], left_count);
            const char y = expr_side(e->args[1], left_count);
            if (x != 0 && y != 0 && x != y) {
                struct expr *right = e->args[x == 'l' ? 1 : 0];
                out->left[out->count] = e->args[x == 'l' ? 0 : 1];
                out->right[out->count] = expr_map(c->arena, right, column_shift, &left_count);
                out->null_safe[out->count++] = null_safe;
                continue;
            }
        }
        out->residual = expr_and(c->arena, out->residual, (struct expr *)e);
    }
}

struct uses {
    bool *columns;
};

static bool
use_note(const struct expr *e, void *ctx)
{
    if (e->kind == EXPR_COLUMN) {
        ((struct uses *)ctx)->columns[e->column] = true;
    }
    return true;
}

static const struct type *
pair_schema_make(struct compiler *c, const struct type *left, const struct type *right)
{
    const uint32_t count = left->field_count + right->field_count;
    struct type_field *fields = arena_new_array(c->arena, struct type_field, count + 1);
    if (left->field_count > 0) {
        memcpy(fields, left->fields, left->field_count * sizeof *fields);
    }
    if (right->field_count > 0) {
        memcpy(fields + left->field_count, right->fields, right->field_count * sizeof *fields);
    }
    return type_struct(c->arena, fields, count);
}

/* ---- the build side: a projection of all columns and the keys into a store, then the table ----
 */

struct build_finish {
    struct op op;
    struct join *join;
};

static bool
build_done(struct op *op, struct query *q, struct error *err)
{
    struct join *j = ((struct build_finish *)op)->join;
    const struct store *store = &j->build->store;
    if (j->has_table && !join_table_build(&j->table, store, j->build_keys, q, err)) {
        return false;
    }
    if (j->type == JOIN_RIGHT || j->type == JOIN_FULL || j->marks_build) {
        j->matched = arena_zalloc(&j->table.arena, store->row_count + 1);
    }
    return true;
}

static void
build_free(struct op *op)
{
    join_table_free(&((struct build_finish *)op)->join->table);
}

static const struct op_class build_class = {
    .name = "BuildSide", .finish = build_done, .free = build_free};

static bool
compile_build(struct compiler *c, const struct rel *r, struct join *j, const struct join_keys *keys,
              struct error *err)
{
    const struct rel *right = r->inputs[1];
    const uint32_t n = right->schema->field_count;
    struct expr **exprs = arena_new_array(c->arena, struct expr *, n + keys->count + 1);
    struct type_field *fields = arena_new_array(c->arena, struct type_field, n + keys->count + 1);
    const struct type **key_types = arena_new_array(c->arena, const struct type *, keys->count + 1);
    j->build_keys = arena_new_array(c->arena, uint32_t, keys->count + 1);
    for (uint32_t i = 0; i < n; i++) {
        fields[i] = right->schema->fields[i];
        exprs[i] = expr_column(c->arena, i, fields[i].type, true);
    }
    uint32_t count = n;
    for (uint32_t i = 0; i < keys->count; i++) {
        const struct expr *e = expr_unalias(keys->right[i]);
        key_types[i] = e->type;
        j->build_keys[i] = e->kind == EXPR_COLUMN ? e->column : count;
        if (e->kind != EXPR_COLUMN) {
            fields[count] = (struct type_field){"key", e->type, true, NULL};
            exprs[count++] = keys->right[i];
        }
    }
    struct budget *budget = c->query->ctx->budget;
    if (keys->count > 0) {
        j->has_table = true;
        join_table_init(&j->table, c->arena, key_types, keys->null_safe, keys->count, budget);
    } else {
        arena_init(&j->table.arena, budget);
    }
    struct pipeline *own = pipeline_new(c->query);
    const struct type *schema = type_struct(c->arena, fields, count);
    /* Operators finish from the source's side to the sink, and the table needs the finished store:
     * so the table's maker is put behind the store in that order, though no row passes it. */
    struct build_finish *done = arena_new(c->arena, struct build_finish);
    done->join = j;
    op_add(own, &done->op, &build_class, NULL, NULL);
    j->build = gather_new(c->query, own, schema, -1, true);
    struct op *next = &j->build->op;
    if (count > n) {
        struct rel *project = rel_new(c->arena, REL_PROJECT, 1, right);
        project->schema = schema;
        project->exprs = exprs;
        project->expr_count = count;
        right = project;
    }
    if (!compile_rel(c, right, own, next, err)) {
        return false;
    }
    pipeline_ready(own);
    return true;
}

/* ---- compiling ---- */

static bool
residuals_compile(struct compiler *c, struct join *j, const struct rel *r,
                  const struct join_keys *keys, struct error *err)
{
    j->residual_uses = arena_new_array(c->arena, bool, j->left_count + j->right_count + 1);
    struct uses uses = {j->residual_uses};
    if (keys->residual != NULL) {
        expr_walk(keys->residual, use_note, &uses);
        j->residual = program_compile(c->arena, keys->residual, c->session, err);
        if (j->residual == NULL) {
            return false;
        }
    }
    if (j->type == JOIN_MARK && r->condition != NULL) {
        expr_walk(r->condition, use_note, &uses);
        j->condition = program_compile(c->arena, r->condition, c->session, err);
        return j->condition != NULL;
    }
    return true;
}

/* Keys, residual and build side; the probe side is left to the caller. */
static struct join *
join_new(struct compiler *c, const struct rel *r, bool marks_build, struct join_keys *keys,
         struct error *err)
{
    struct join *j = arena_new(c->arena, struct join);
    j->type = r->join_type;
    j->marks_build = marks_build;
    j->left_count = r->inputs[0]->schema->field_count;
    j->right_count = r->inputs[1]->schema->field_count;
    j->pair_schema = pair_schema_make(c, r->inputs[0]->schema, r->inputs[1]->schema);
    keys_extract(c, r->condition, j->left_count, keys);
    if (!residuals_compile(c, j, r, keys, err) ||
        !projection_init(c, &j->keys, keys->left, keys->count, err) ||
        !compile_build(c, r, j, keys, err)) {
        return NULL;
    }
    return j;
}

static bool
compile_probe(struct compiler *c, const struct rel *r, struct join *j, const struct join_keys *keys,
              struct pipeline *p, struct error *err)
{
    struct scan_target *outer_targets = c->targets;
    if (keys->count == 1 && j->table.is_int) {
        runtime_filter_offer(c, r, keys->left[0], j);
    }
    const bool ok = compile_rel(c, r->inputs[0], p, &j->op, err);
    c->targets = outer_targets;
    return ok;
}

/* ---- SEMI and ANTI with the left input built ---- */

static double
rows_estimate(const struct rel *r)
{
    while (r->row_estimate < 0 && r->input_count == 1) {
        r = r->inputs[0];
    }
    return r->row_estimate;
}

static bool
left_is_built(const struct rel *r)
{
    const double times = 1.5; /* smaller by what makes up for keeping all left columns */
    if (r->join_type != JOIN_SEMI && r->join_type != JOIN_ANTI) {
        return false;
    }
    const double left = rows_estimate(r->inputs[0]), right = rows_estimate(r->inputs[1]);
    return left >= 0 && right > left * times;
}

struct swap {
    uint32_t left, right; /* columns */
};

static struct expr *
column_swap(struct arena *a, struct expr *e, void *ctx)
{
    const struct swap *s = ctx;
    if (e->kind != EXPR_COLUMN) {
        return e;
    }
    struct expr *moved = expr_copy(a, e);
    moved->column = e->column < s->left ? e->column + s->right : e->column - s->left;
    return moved;
}

static bool
compile_marking(struct compiler *c, const struct rel *r, struct pipeline *p, struct op *next,
                struct error *err)
{
    struct swap swap = {r->inputs[0]->schema->field_count, r->inputs[1]->schema->field_count};
    struct rel *swapped = rel_new(c->arena, REL_JOIN, 2, r->inputs[1], r->inputs[0]);
    swapped->join_type = r->join_type;
    swapped->condition =
        r->condition != NULL ? expr_map(c->arena, r->condition, column_swap, &swap) : NULL;
    struct join_keys keys;
    struct join *j = join_new(c, swapped, true, &keys, err);
    if (j == NULL) {
        return false;
    }
    struct pipeline *own = pipeline_new(c->query);
    op_add(own, &j->op, &join_probe_class, NULL, NULL);
    if (!compile_probe(c, swapped, j, &keys, own, err)) {
        return false;
    }
    pipeline_ready(own);
    struct join_unmatched *u = arena_new(c->arena, struct join_unmatched);
    u->join = j;
    source_add(p, &u->source, &join_marked_class, r->schema, next, p->phase_now);
    return true;
}

bool
compile_join(struct compiler *c, const struct rel *r, struct pipeline *p, struct op *next,
             struct error *err)
{
    if (left_is_built(r)) {
        return compile_marking(c, r, p, next, err);
    }
    struct join_keys keys;
    struct join *j = join_new(c, r, false, &keys, err);
    if (j == NULL) {
        return false;
    }
    op_add(p, &j->op, &join_probe_class, next, r->schema);
    const bool ok = compile_probe(c, r, j, &keys, p, err);
    if (ok && (j->type == JOIN_RIGHT || j->type == JOIN_FULL)) {
        struct join_unmatched *u = arena_new(c->arena, struct join_unmatched);
        u->join = j;
        p->phase_now = p->phase_count;
        source_add(p, &u->source, &join_unmatched_class, r->schema, next, p->phase_now);
        p->phase_now = 0;
    }
    return ok;
}
