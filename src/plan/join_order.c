/*
 * Join order: a tree of inner joins is taken apart into its relations and conditions and put
 * together again in the order that makes the fewest rows on the way.
 *
 * Equalities of columns form classes: whatever is joined first, columns of one class may be equated
 * directly, and a class has no more values than its smallest relation has rows, which is what tells
 * a key from a mere category (nationkey). Up to DP_MAX relations all orders are tried (dynamic
 * programming over subsets); above that the cheapest pair is joined first (greedy). The side with
 * fewer rows goes to the right, where hash tables are built.
 */
#include <math.h>
#include <string.h>

#include "plan/pass.h"

enum { DP_MAX = 10, RELATIONS_MAX = 48 };

struct graph {
    struct pass *p;
    struct rel *leaves[RELATIONS_MAX];
    double rows[RELATIONS_MAX];      /* with their own filters */
    double base_rows[RELATIONS_MAX]; /* without */
    uint32_t first[RELATIONS_MAX];   /* number of the leaf's first column */
    uint32_t leaf_count;
    uint32_t column_count;
    struct conjuncts conditions; /* over global column numbers */
    uint32_t *parent;            /* union-find over columns */
    double *class_values;        /* by class root */
};

struct tree {
    struct rel *rel;
    uint64_t leaves;
    uint32_t *place; /* global column -> column of rel, UINT32_MAX if absent */
    double rows;
};

static bool
is_inner(const struct rel *rel)
{
    return rel->kind == REL_JOIN && !rel->lateral &&
           (rel->join_type == JOIN_INNER || rel->join_type == JOIN_CROSS);
}

static bool
only_columns(const struct rel *rel)
{
    for (uint32_t i = 0; i < rel->expr_count; i++) {
        if (rel->exprs[i]->kind != EXPR_COLUMN) {
            return false;
        }
    }
    return rel->kind == REL_PROJECT;
}

/* Is there an inner join under filters and plain projections? */
static bool
leads_to_join(const struct rel *rel)
{
    while (rel->kind == REL_FILTER || only_columns(rel)) {
        rel = rel->inputs[0];
    }
    return is_inner(rel);
}

/* Rows of a relation as if it were not filtered. */
static double
unfiltered_rows(struct pass *p, struct rel *rel)
{
    while (
        rel->kind == REL_FILTER || rel->kind == REL_PROJECT ||
        (rel->kind == REL_JOIN && (rel->join_type == JOIN_SEMI || rel->join_type == JOIN_ANTI))) {
        rel = rel->inputs[0];
    }
    return rel_rows(p, rel);
}

static bool
add_leaf(struct graph *g, struct rel *rel, uint32_t *map)
{
    rel = pass_inputs(g->p, rel, pass_join_order);
    if (rel == NULL) {
        return false;
    }
    const uint32_t k = g->leaf_count++;
    g->leaves[k] = rel;
    g->rows[k] = rel_rows(g->p, rel);
    g->base_rows[k] = unfiltered_rows(g->p, rel);
    g->first[k] = g->column_count;
    for (uint32_t i = 0; i < rel_width(rel); i++) {
        map[i] = g->column_count++;
    }
    return true;
}

/* Fills map: column of rel -> global column. */
static bool
collect(struct graph *g, struct rel *rel, uint32_t *map)
{
    struct arena *a = g->p->arena;
    const bool room = g->leaf_count + 2 < RELATIONS_MAX;
    if (!room || !(is_inner(rel) || leads_to_join(rel))) {
        return add_leaf(g, rel, map);
    }
    const uint32_t in_width =
        rel_width(rel->inputs[0]) + (is_inner(rel) ? rel_width(rel->inputs[1]) : 0);
    uint32_t *in = arena_new_array(a, uint32_t, in_width + 1);
    if (!collect(g, rel->inputs[0], in) ||
        (is_inner(rel) && !collect(g, rel->inputs[1], in + rel_width(rel->inputs[0])))) {
        return false;
    }
    if (rel->kind == REL_PROJECT) {
        for (uint32_t i = 0; i < rel->expr_count; i++) {
            map[i] = in[rel->exprs[i]->column];
        }
        return true;
    }
    if (rel->condition != NULL) {
        conjuncts_add(a, &g->conditions, expr_remap(a, rel->condition, in));
    }
    memcpy(map, in, sizeof *map * in_width);
    return true;
}

static uint32_t
class_of(struct graph *g, uint32_t column)
{
    while (g->parent[column] != column) {
        column = g->parent[column];
    }
    return column;
}

static uint32_t
leaf_of(const struct graph *g, uint32_t column)
{
    uint32_t k = g->leaf_count;
    while (k > 0 && g->first[k - 1] > column) {
        k--;
    }
    return k > 0 ? k - 1 : 0;
}

static bool
is_class_equality(const struct expr *e)
{
    return is_function(e, "=") && e->args[0]->kind == EXPR_COLUMN &&
           e->args[1]->kind == EXPR_COLUMN && type_same(e->args[0]->type, e->args[1]->type);
}

static void
find_classes(struct graph *g)
{
    struct arena *a = g->p->arena;
    g->parent = arena_new_array(a, uint32_t, g->column_count + 1);
    g->class_values = arena_new_array(a, double, g->column_count + 1);
    for (uint32_t c = 0; c < g->column_count; c++) {
        g->parent[c] = c;
    }
    for (uint32_t i = 0; i < g->conditions.count; i++) {
        const struct expr *e = g->conditions.items[i];
        if (is_class_equality(e)) {
            const uint32_t x = class_of(g, e->args[0]->column), y = class_of(g, e->args[1]->column);
            g->parent[x] = y;
        }
    }
    for (uint32_t c = 0; c < g->column_count; c++) {
        const uint32_t root = class_of(g, c);
        const double rows = g->base_rows[leaf_of(g, c)];
        if (g->class_values[root] == 0 || rows < g->class_values[root]) {
            g->class_values[root] = rows < 1 ? 1 : rows;
        }
    }
}

struct leaf_mask {
    const struct graph *g;
    uint64_t mask;
};

static bool
note_leaf(const struct expr *e, void *ctx)
{
    struct leaf_mask *m = ctx;
    if (e->kind == EXPR_COLUMN) {
        m->mask |= (uint64_t)1 << leaf_of(m->g, e->column);
    }
    return true;
}

static uint64_t
leaves_of(const struct graph *g, const struct expr *e)
{
    struct leaf_mask m = {.g = g};
    expr_walk(e, note_leaf, &m);
    return m.mask;
}

/* Rows of joining two sets of leaves: the class with most values divides the product. */
static double
joined_rows(struct graph *g, uint64_t x, double x_rows, uint64_t y, double y_rows,
            const uint64_t *masks)
{
    double divisor = 1, rest = 1;
    for (uint32_t c = 0; c < g->column_count; c++) {
        if (!(x >> leaf_of(g, c) & 1)) {
            continue;
        }
        const uint32_t root = class_of(g, c);
        for (uint32_t d = 0; d < g->column_count; d++) {
            if (d != c && (y >> leaf_of(g, d) & 1) && class_of(g, d) == root &&
                g->class_values[root] > divisor) {
                divisor = g->class_values[root];
            }
        }
    }
    for (uint32_t i = 0; i < g->conditions.count; i++) {
        const uint64_t m = masks[i];
        const struct expr *e = g->conditions.items[i];
        if (is_class_equality(e) || (m & ~(x | y)) != 0 || (m & ~x) == 0 || (m & ~y) == 0) {
            continue;
        }
        if (is_equality(e)) {
            const double smaller = x_rows < y_rows ? x_rows : y_rows;
            divisor = smaller > divisor ? smaller : divisor;
        } else {
            rest *= condition_selectivity(e);
        }
    }
    const double rows = x_rows * y_rows / divisor * rest;
    return rows < 1 ? 1 : rows;
}

/* All conditions that become possible when x and y meet: one equality a class, and the others. */
static struct expr *
meeting_condition(struct graph *g, const struct tree *x, const struct tree *y,
                  const uint64_t *masks, const uint32_t *place, bool *failed)
{
    struct arena *a = g->p->arena;
    struct conjuncts all = {0};
    bool *done = arena_new_array(a, bool, g->column_count + 1);
    for (uint32_t c = 0; c < g->column_count; c++) {
        const uint32_t root = class_of(g, c);
        if (done[root] || x->place[c] == UINT32_MAX) {
            continue;
        }
        for (uint32_t d = 0; d < g->column_count && !done[root]; d++) {
            if (class_of(g, d) != root || y->place[d] == UINT32_MAX) {
                continue;
            }
            done[root] = true;
            struct expr *equal =
                call2(&g->p->r, "=", pass_column(g->p, x->rel, x->place[c]),
                      expr_shift(a, pass_column(g->p, y->rel, y->place[d]), rel_width(x->rel)));
            if (equal == NULL) {
                *failed = true;
                return NULL;
            }
            conjuncts_add(a, &all, equal);
        }
    }
    for (uint32_t i = 0; i < g->conditions.count; i++) {
        const struct expr *e = g->conditions.items[i];
        const uint64_t m = masks[i];
        const bool inside = (m & ~(x->leaves | y->leaves)) == 0;
        if (!is_class_equality(e) && inside && (m & ~x->leaves) != 0 && (m & ~y->leaves) != 0) {
            conjuncts_add(a, &all, expr_remap(a, g->conditions.items[i], place));
        }
    }
    return conjuncts_join(a, &all);
}

static struct tree *
tree_join(struct graph *g, struct tree *x, struct tree *y, double rows, const uint64_t *masks)
{
    struct arena *a = g->p->arena;
    if (x->rows < y->rows) { /* the smaller one is built on */
        struct tree *t = x;
        x = y;
        y = t;
    }
    struct tree *t = arena_new(a, struct tree);
    const uint32_t left = rel_width(x->rel);
    t->place = arena_new_array(a, uint32_t, g->column_count + 1);
    for (uint32_t c = 0; c < g->column_count; c++) {
        t->place[c] = x->place[c] != UINT32_MAX   ? x->place[c]
                      : y->place[c] != UINT32_MAX ? left + y->place[c]
                                                  : UINT32_MAX;
    }
    bool failed = false;
    struct rel *join = rel_new(a, REL_JOIN, 2, x->rel, y->rel);
    join->condition = meeting_condition(g, x, y, masks, t->place, &failed);
    if (failed) {
        return NULL;
    }
    join->join_type = join->condition != NULL ? JOIN_INNER : JOIN_CROSS;
    join_schema_set(g->p, join);
    join->row_estimate = rows;
    t->rel = join;
    t->leaves = x->leaves | y->leaves;
    t->rows = rows;
    return t;
}

static struct tree *
tree_leaf(struct graph *g, uint32_t k, const uint64_t *masks)
{
    struct arena *a = g->p->arena;
    struct tree *t = arena_new(a, struct tree);
    t->leaves = (uint64_t)1 << k;
    t->rows = g->rows[k];
    t->place = arena_new_array(a, uint32_t, g->column_count + 1);
    for (uint32_t c = 0; c < g->column_count; c++) {
        const bool own = c >= g->first[k] && c < g->first[k] + rel_width(g->leaves[k]);
        t->place[c] = own ? c - g->first[k] : UINT32_MAX;
    }
    struct conjuncts own = {0};
    for (uint32_t i = 0; i < g->conditions.count; i++) {
        if (masks[i] != 0 && (masks[i] & ~t->leaves) == 0) {
            conjuncts_add(a, &own, expr_remap(a, g->conditions.items[i], t->place));
        }
    }
    t->rel = pass_filter(g->p, g->leaves[k], conjuncts_join(a, &own));
    return t;
}

/* The best way to join a subset: split, rows, cost. */
struct plan_cell {
    uint64_t split;
    double rows;
    double cost;
};

static struct tree *
tree_of(struct graph *g, const struct plan_cell *cells, uint64_t set, const uint64_t *masks)
{
    if ((set & (set - 1)) == 0) {
        return tree_leaf(g, (uint32_t)__builtin_ctzll(set), masks);
    }
    const uint64_t x = cells[set].split;
    struct tree *left = tree_of(g, cells, x, masks);
    struct tree *right = left != NULL ? tree_of(g, cells, set & ~x, masks) : NULL;
    return right != NULL ? tree_join(g, left, right, cells[set].rows, masks) : NULL;
}

static struct tree *
order_by_dp(struct graph *g, const uint64_t *masks)
{
    const uint64_t all = ((uint64_t)1 << g->leaf_count) - 1;
    struct plan_cell *cells = arena_new_array(g->p->arena, struct plan_cell, all + 1);
    for (uint32_t k = 0; k < g->leaf_count; k++) {
        cells[(uint64_t)1 << k] = (struct plan_cell){.rows = g->rows[k]};
    }
    for (uint64_t set = 1; set <= all; set++) {
        if ((set & (set - 1)) == 0) {
            continue;
        }
        struct plan_cell *best = &cells[set];
        best->cost = INFINITY;
        for (uint64_t x = (set - 1) & set; x != 0; x = (x - 1) & set) {
            const uint64_t y = set & ~x;
            if (x < y) {
                continue; /* each split once */
            }
            const double below = cells[x].cost + cells[y].cost;
            if (below >= best->cost) {
                continue;
            }
            const double rows = joined_rows(g, x, cells[x].rows, y, cells[y].rows, masks);
            const double build = cells[x].rows < cells[y].rows ? cells[x].rows : cells[y].rows;
            const double cost = below + rows + build;
            if (cost < best->cost) {
                *best = (struct plan_cell){.split = x, .rows = rows, .cost = cost};
            }
        }
    }
    return tree_of(g, cells, all, masks);
}

static struct tree *
order_greedily(struct graph *g, const uint64_t *masks)
{
    struct tree *trees[RELATIONS_MAX];
    uint32_t n = g->leaf_count;
    for (uint32_t k = 0; k < n; k++) {
        trees[k] = tree_leaf(g, k, masks);
    }
    while (n > 1) {
        uint32_t bx = 0, by = 1;
        double best = INFINITY;
        for (uint32_t x = 0; x < n; x++) {
            for (uint32_t y = x + 1; y < n; y++) {
                const double rows = joined_rows(g, trees[x]->leaves, trees[x]->rows,
                                                trees[y]->leaves, trees[y]->rows, masks);
                if (rows < best) {
                    best = rows;
                    bx = x;
                    by = y;
                }
            }
        }
        struct tree *t = tree_join(g, trees[bx], trees[by], best, masks);
        if (t == NULL) {
            return NULL;
        }
        trees[bx] = t;
        trees[by] = trees[--n];
    }
    return trees[0];
}

static struct rel *
order_joins(struct pass *p, struct rel *rel)
{
    struct graph *g = arena_new(p->arena, struct graph);
    g->p = p;
    const uint32_t width = rel_width(rel);
    uint32_t *map = arena_new_array(p->arena, uint32_t, width + 1);
    if (!collect(g, rel, map)) {
        return NULL;
    }
    find_classes(g);
    uint64_t *masks = arena_new_array(p->arena, uint64_t, g->conditions.count + 1);
    struct conjuncts constant = {0};
    for (uint32_t i = 0; i < g->conditions.count; i++) {
        masks[i] = leaves_of(g, g->conditions.items[i]);
        if (masks[i] == 0) {
            conjuncts_add(p->arena, &constant, g->conditions.items[i]);
        }
    }
    struct tree *t = g->leaf_count <= DP_MAX ? order_by_dp(g, masks) : order_greedily(g, masks);
    if (t == NULL) {
        return NULL;
    }
    struct rel *out = pass_filter(p, t->rel, conjuncts_join(p->arena, &constant));
    for (uint32_t i = 0; i < width; i++) {
        map[i] = t->place[map[i]];
    }
    struct rel *project = pass_columns(p, out, map, width);
    project->schema = rel->schema;
    return project;
}

struct rel *
pass_join_order(struct pass *p, struct rel *rel)
{
    return is_inner(rel) ? order_joins(p, rel) : pass_inputs(p, rel, pass_join_order);
}
