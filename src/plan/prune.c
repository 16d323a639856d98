/*
 * Column pruning: every operator is asked which of its columns are wanted and answers with a
 * relation that has just these, in the old order, so that scans decode no column in vain.
 */
#include <string.h>

#include "plan/pass.h"

/* Columns of rel that are wanted -> relation with only those. */
static struct rel *prune(struct pass *p, struct rel *rel, const struct column_set *wanted);

/* Old number -> new number for the wanted columns. */
static uint32_t *
map_of(struct pass *p, const struct column_set *wanted)
{
    uint32_t *map = arena_new_array(p->arena, uint32_t, wanted->count + 1);
    uint32_t n = 0;
    for (uint32_t i = 0; i < wanted->count; i++) {
        map[i] = column_set_has(wanted, i) ? n++ : 0;
    }
    return map;
}

static uint32_t
set_size(const struct column_set *s)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < s->count; i++) {
        n += column_set_has(s, i);
    }
    return n;
}

static const struct type *
schema_pick(struct pass *p, const struct type *t, const struct column_set *wanted)
{
    struct type_field *fields = arena_new_array(p->arena, struct type_field, t->field_count + 1);
    uint32_t n = 0;
    for (uint32_t i = 0; i < t->field_count; i++) {
        if (column_set_has(wanted, i)) {
            fields[n++] = t->fields[i];
        }
    }
    return type_struct(p->arena, fields, n);
}

static struct column_set
set_all(struct pass *p, uint32_t count)
{
    struct column_set s = column_set_new(p->arena, count);
    for (uint32_t i = 0; i < count; i++) {
        column_set_add(&s, i);
    }
    return s;
}

static struct column_set
set_copy(struct pass *p, const struct column_set *from, uint32_t count)
{
    struct column_set s = column_set_new(p->arena, count);
    for (uint32_t i = 0; i < from->count && i < count; i++) {
        if (column_set_has(from, i)) {
            column_set_add(&s, i);
        }
    }
    return s;
}

struct used {
    struct column_set set;
};

static struct expr *
note_columns(struct arena *a, struct expr *e, void *ctx)
{
    expr_columns(e, &((struct used *)ctx)->set);
    return e;
}

static struct expr *
renumber(struct arena *a, struct expr *e, void *ctx)
{
    return expr_remap(a, e, ctx);
}

/* have's output (columns `set` of the old relation) cut to the wanted ones. */
static struct rel *
cut(struct pass *p, struct rel *rel, const struct column_set *set, const struct column_set *wanted)
{
    const uint32_t n = set_size(wanted);
    if (n == set_size(set)) {
        return rel;
    }
    const uint32_t *map = map_of(p, set);
    uint32_t *columns = arena_new_array(p->arena, uint32_t, n + 1);
    uint32_t k = 0;
    for (uint32_t i = 0; i < wanted->count; i++) {
        if (column_set_has(wanted, i)) {
            columns[k++] = map[i];
        }
    }
    return pass_columns(p, rel, columns, n);
}

/* Operators that pass all columns on and use some in expressions of their own. */
static struct rel *
prune_through(struct pass *p, struct rel *rel, const struct column_set *wanted)
{
    struct rel *copy = rel_copy(p->arena, rel);
    struct used used = {set_copy(p, wanted, rel_width(rel))};
    rel_map_exprs(p->arena, copy, note_columns, &used);
    if (rel->kind == REL_EVENT_WATERMARK) {
        column_set_add(&used.set, rel->watermark_column);
    }
    copy->inputs[0] = prune(p, rel->inputs[0], &used.set);
    if (copy->inputs[0] == NULL) {
        return NULL;
    }
    uint32_t *map = map_of(p, &used.set);
    rel_map_exprs(p->arena, copy, renumber, map);
    copy->watermark_column = rel->kind == REL_EVENT_WATERMARK ? map[rel->watermark_column] : 0;
    copy->schema = copy->inputs[0]->schema;
    return cut(p, copy, &used.set, wanted);
}

static struct rel *
prune_project(struct pass *p, struct rel *rel, const struct column_set *wanted)
{
    struct rel *copy = rel_copy(p->arena, rel);
    struct column_set used = column_set_new(p->arena, rel_width(rel->inputs[0]));
    copy->exprs = arena_new_array(p->arena, struct expr *, rel->expr_count + 1);
    copy->expr_count = 0;
    for (uint32_t i = 0; i < rel->expr_count; i++) {
        if (column_set_has(wanted, i)) {
            copy->exprs[copy->expr_count++] = rel->exprs[i];
            expr_columns(rel->exprs[i], &used);
        }
    }
    copy->inputs[0] = prune(p, rel->inputs[0], &used);
    if (copy->inputs[0] == NULL) {
        return NULL;
    }
    rel_map_exprs(p->arena, copy, renumber, map_of(p, &used));
    copy->schema = schema_pick(p, rel->schema, wanted);
    return copy;
}

/* Groups stay, aggregates that nobody wants go. */
static struct rel *
prune_aggregate(struct pass *p, struct rel *rel, const struct column_set *wanted)
{
    struct rel *copy = rel_copy(p->arena, rel);
    struct column_set kept = set_copy(p, wanted, rel->expr_count);
    struct column_set used = column_set_new(p->arena, rel_width(rel->inputs[0]));
    copy->exprs = arena_new_array(p->arena, struct expr *, rel->expr_count + 1);
    copy->expr_count = 0;
    for (uint32_t i = 0; i < rel->expr_count; i++) {
        if (i < rel->group_count) {
            column_set_add(&kept, i);
        }
        if (column_set_has(&kept, i)) {
            copy->exprs[copy->expr_count++] = rel->exprs[i];
            expr_columns(rel->exprs[i], &used);
        }
    }
    copy->inputs[0] = prune(p, rel->inputs[0], &used);
    if (copy->inputs[0] == NULL) {
        return NULL;
    }
    rel_map_exprs(p->arena, copy, renumber, map_of(p, &used));
    copy->schema = schema_pick(p, rel->schema, &kept);
    return cut(p, copy, &kept, wanted);
}

static struct rel *
prune_join(struct pass *p, struct rel *rel, const struct column_set *wanted)
{
    struct rel *join = rel_copy(p->arena, rel);
    const uint32_t left = rel_width(rel->inputs[0]), right = rel_width(rel->inputs[1]);
    struct column_set both = column_set_new(p->arena, left + right + 1);
    const uint32_t out = rel_width(rel);
    const bool mark = rel->join_type == JOIN_MARK;
    for (uint32_t i = 0; i < out; i++) {
        if (column_set_has(wanted, i) && !(mark && i == left)) {
            column_set_add(&both, i);
        }
    }
    if (rel->condition != NULL) {
        expr_columns(rel->condition, &both);
    }
    struct column_set l = column_set_new(p->arena, left), r = column_set_new(p->arena, right);
    for (uint32_t i = 0; i < left + right; i++) {
        if (column_set_has(&both, i)) {
            column_set_add(i < left ? &l : &r, i < left ? i : i - left);
        }
    }
    join->inputs[0] = prune(p, rel->inputs[0], &l);
    join->inputs[1] = join->inputs[0] != NULL ? prune(p, rel->inputs[1], &r) : NULL;
    if (join->inputs[1] == NULL) {
        return NULL;
    }
    uint32_t *map = arena_new_array(p->arena, uint32_t, left + right + 1);
    const uint32_t *left_map = map_of(p, &l), *right_map = map_of(p, &r);
    const uint32_t new_left = set_size(&l);
    for (uint32_t i = 0; i < left + right; i++) {
        map[i] = i < left ? left_map[i] : new_left + right_map[i - left];
    }
    rel_map_exprs(p->arena, join, renumber, map);
    join_schema_set(p, join);
    struct column_set have = column_set_new(p->arena, out);
    for (uint32_t i = 0; i < out; i++) {
        if ((mark && i == left) ||
            (i < left ? column_set_has(&l, i) : !mark && column_set_has(&r, i - left))) {
            column_set_add(&have, i);
        }
    }
    return cut(p, join, &have, wanted);
}

static struct rel *
prune_scan(struct pass *p, struct rel *rel, const struct column_set *wanted)
{
    struct rel *scan = rel_copy(p->arena, rel);
    scan->columns = arena_new_array(p->arena, uint32_t, rel->column_count + 1);
    scan->column_count = 0;
    for (uint32_t i = 0; i < rel->column_count; i++) {
        if (column_set_has(wanted, i)) {
            scan->columns[scan->column_count++] = rel->columns[i];
        }
    }
    scan->schema = schema_pick(p, rel->schema, wanted);
    return scan;
}

/* Inputs' columns first, then one a window or several a generator. */
static struct rel *
prune_appending(struct pass *p, struct rel *rel, const struct column_set *wanted)
{
    const uint32_t width = rel_width(rel->inputs[0]), out = rel_width(rel);
    struct rel *copy = rel_copy(p->arena, rel);
    struct used used = {set_copy(p, wanted, width)};
    struct column_set have = column_set_new(p->arena, out);
    if (rel->kind == REL_WINDOW) {
        copy->exprs = arena_new_array(p->arena, struct expr *, rel->expr_count + 1);
        copy->expr_count = 0;
        for (uint32_t i = 0; i < rel->expr_count; i++) {
            if (column_set_has(wanted, width + i)) {
                copy->exprs[copy->expr_count++] = rel->exprs[i];
                column_set_add(&have, width + i);
            }
        }
        if (copy->expr_count == 0) {
            struct column_set below = set_copy(p, wanted, width);
            return prune(p, rel->inputs[0], &below);
        }
    } else {
        for (uint32_t i = width; i < out; i++) {
            column_set_add(&have, i);
        }
    }
    rel_map_exprs(p->arena, copy, note_columns, &used);
    copy->inputs[0] = prune(p, rel->inputs[0], &used.set);
    if (copy->inputs[0] == NULL) {
        return NULL;
    }
    rel_map_exprs(p->arena, copy, renumber, map_of(p, &used.set));
    for (uint32_t i = 0; i < width; i++) {
        if (column_set_has(&used.set, i)) {
            column_set_add(&have, i);
        }
    }
    copy->schema = schema_pick(p, rel->schema, &have);
    return cut(p, copy, &have, wanted);
}

static struct rel *
prune_union(struct pass *p, struct rel *rel, const struct column_set *wanted)
{
    struct rel *copy = rel_copy(p->arena, rel);
    for (uint32_t i = 0; i < rel->input_count; i++) {
        copy->inputs[i] = prune(p, rel->inputs[i], wanted);
        if (copy->inputs[i] == NULL) {
            return NULL;
        }
    }
    copy->schema = schema_pick(p, rel->schema, wanted);
    return copy;
}

static struct rel *
prune_expand(struct pass *p, struct rel *rel, const struct column_set *wanted)
{
    struct rel *copy = rel_copy(p->arena, rel);
    struct used used = {column_set_new(p->arena, rel_width(rel->inputs[0]))};
    const uint32_t n = set_size(wanted);
    copy->sets = arena_new_array(p->arena, struct expr **, rel->set_count);
    for (uint32_t s = 0; s < rel->set_count; s++) {
        copy->sets[s] = arena_new_array(p->arena, struct expr *, n + 1);
        uint32_t k = 0;
        for (uint32_t i = 0; i < rel->expr_count; i++) {
            if (column_set_has(wanted, i)) {
                copy->sets[s][k++] = rel->sets[s][i];
            }
        }
    }
    copy->expr_count = n;
    rel_map_exprs(p->arena, copy, note_columns, &used);
    copy->inputs[0] = prune(p, rel->inputs[0], &used.set);
    if (copy->inputs[0] == NULL) {
        return NULL;
    }
    rel_map_exprs(p->arena, copy, renumber, map_of(p, &used.set));
    copy->schema = schema_pick(p, rel->schema, wanted);
    return copy;
}

/* Everything below is wanted: rows as wholes matter (DISTINCT, writes, Python). */
static struct rel *
prune_none(struct pass *p, struct rel *rel, const struct column_set *wanted)
{
    struct rel *copy = rel_copy(p->arena, rel);
    for (uint32_t i = 0; i < rel->input_count; i++) {
        struct column_set all = set_all(p, rel_width(rel->inputs[i]));
        copy->inputs[i] = prune(p, rel->inputs[i], &all);
        if (copy->inputs[i] == NULL) {
            return NULL;
        }
    }
    struct column_set have = set_all(p, rel_width(rel));
    return cut(p, copy, &have, wanted);
}

static struct rel *
prune(struct pass *p, struct rel *rel, const struct column_set *wanted)
{
    switch (rel->kind) {
    case REL_SCAN:
        return prune_scan(p, rel, wanted);
    case REL_PROJECT:
        return prune_project(p, rel, wanted);
    case REL_AGGREGATE:
        return prune_aggregate(p, rel, wanted);
    case REL_JOIN:
        return prune_join(p, rel, wanted);
    case REL_FILTER:
    case REL_SORT:
    case REL_TOPN:
    case REL_LIMIT:
    case REL_TAIL:
    case REL_SAMPLE:
    case REL_REPARTITION:
    case REL_DEDUPLICATE:
    case REL_EVENT_WATERMARK:
        return prune_through(p, rel, wanted);
    case REL_WINDOW:
    case REL_GENERATE:
        return prune_appending(p, rel, wanted);
    case REL_UNION:
        return prune_union(p, rel, wanted);
    case REL_EXPAND:
        return prune_expand(p, rel, wanted);
    default:
        return prune_none(p, rel, wanted);
    }
}

struct rel *
pass_prune(struct pass *p, struct rel *rel)
{
    struct column_set all = set_all(p, rel_width(rel));
    return prune(p, rel, &all);
}
