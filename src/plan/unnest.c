/*
 * Taking subqueries out of expressions: each becomes a join of its plan with the input of the
 * operator that holds it.
 *
 *   EXISTS, IN as a conjunct of a filter   semi or anti join
 *   the same anywhere else                 mark join: a boolean column stands for the test
 *   scalar                                 left join (single join where two rows may match)
 *
 * A correlated plan is made independent first. Its predicates over the outer row are pulled up, out
 * of filters, through projections, joins and aggregates (which then group by the inner side of the
 * equality), until they stand above the plan, where they become the join's condition. An aggregate
 * without groups gives a row even for no input; over such a group the left join finds nothing, so
 * its value on the empty input is put in there (the "count bug").
 */
#include <string.h>

#include "plan/pass.h"

struct pulled {
    struct conjuncts conditions; /* EXPR_OUTER of depth 1 and columns of the plan's output */
    bool grouped;                /* a global aggregate became one by key */
    struct rel *outer;           /* the rows around the subquery */
};

static bool
outer_here(const struct expr *e, void *ctx)
{
    return !(e->kind == EXPR_OUTER && e->depth == 1);
}

/* Does e refer to the next query out? */
static bool
is_correlated(const struct expr *e)
{
    return !expr_walk(e, outer_here, NULL);
}

static struct expr *
note_correlated(struct arena *a, struct expr *e, void *ctx)
{
    bool *found = ctx;
    *found = *found || is_correlated(e);
    return e;
}

static bool
rel_correlated(struct pass *p, struct rel *rel)
{
    bool found = false;
    struct rel *copy = rel_copy(p->arena, rel);
    rel_map_exprs(p->arena, copy, note_correlated, &found);
    for (uint32_t i = 0; i < rel->input_count && !found; i++) {
        found = rel_correlated(p, rel->inputs[i]);
    }
    return found;
}

static struct rel *
too_complex(struct pass *p, const char *what)
{
    error_unsupported(p->err, "a correlated subquery whose outer columns stand in %s", what);
    return NULL;
}

static struct rel *pull(struct pass *p, struct rel *rel, struct pulled *out);
static struct expr *value_on_empty(struct pass *p, const struct rel *rel, uint32_t column);

static struct rel *
pull_filter(struct pass *p, struct rel *rel, struct pulled *out)
{
    struct rel *input = pull(p, rel->inputs[0], out);
    if (input == NULL) {
        return NULL;
    }
    struct conjuncts all = {0}, kept = {0};
    conjuncts_add(p->arena, &all, rel->condition);
    for (uint32_t i = 0; i < all.count; i++) {
        struct expr *e = all.items[i];
        conjuncts_add(p->arena, is_correlated(e) ? &out->conditions : &kept, e);
    }
    return pass_filter(p, input, conjuncts_join(p->arena, &kept));
}

/* Makes the columns that pulled conditions need part of a projection's output. */
static void
expose(struct pass *p, struct pulled *out, const struct rel *input, struct expr **exprs,
       uint32_t *count)
{
    const uint32_t width = rel_width(input);
    struct column_set used = column_set_new(p->arena, width);
    for (uint32_t i = 0; i < out->conditions.count; i++) {
        expr_columns(out->conditions.items[i], &used);
    }
    uint32_t *map = arena_new_array(p->arena, uint32_t, width + 1);
    for (uint32_t c = 0; c < width; c++) {
        if (!column_set_has(&used, c)) {
            continue;
        }
        uint32_t at = 0;
        while (at < *count && !(exprs[at]->kind == EXPR_COLUMN && exprs[at]->column == c)) {
            at++;
        }
        if (at == *count) {
            exprs[(*count)++] = pass_column(p, input, c);
        }
        map[c] = at;
    }
    for (uint32_t i = 0; i < out->conditions.count; i++) {
        out->conditions.items[i] = expr_remap(p->arena, out->conditions.items[i], map);
    }
}

/* The values of the outer columns that a subquery uses. */
struct domain {
    uint32_t *place; /* outer column -> column of the domain */
    uint32_t *columns;
    uint32_t count;
};

static bool
domain_collect(const struct expr *e, void *ctx)
{
    struct domain *d = ctx;
    if (e->kind == EXPR_OUTER && e->depth == 1 && d->place[e->column] == UINT32_MAX) {
        d->place[e->column] = d->count;
        d->columns[d->count++] = e->column;
    }
    return true;
}

/* Outer columns become the domain's, inner ones lie behind it. */
static struct expr *
domain_columns(struct arena *a, struct expr *e, void *ctx)
{
    const struct domain *d = ctx;
    if (e->kind != EXPR_COLUMN && !(e->kind == EXPR_OUTER && e->depth == 1)) {
        return e;
    }
    struct expr *copy = expr_copy(a, e);
    copy->column = e->kind == EXPR_COLUMN ? e->column + d->count : d->place[e->column];
    copy->kind = EXPR_COLUMN;
    copy->depth = 0;
    return copy;
}

/* Predicates that no equality can carry over an aggregate are computed below it, against all
 * values that the outer columns have: input becomes a join with these, and what is left above is
 * that the outer row's values are the group's. */
static struct rel *
join_domain(struct pass *p, struct rel *input, struct pulled *out, struct expr *const *exprs,
            uint32_t expr_count, struct domain *domain)
{
    struct rel *outer = out->outer;
    const uint32_t width = rel_width(outer);
    *domain = (struct domain){.place = arena_new_array(p->arena, uint32_t, width + 1),
                              .columns = arena_new_array(p->arena, uint32_t, width + 1)};
    memset(domain->place, 0xff, sizeof *domain->place * width);
    for (uint32_t i = 0; i < out->conditions.count; i++) {
        expr_walk(out->conditions.items[i], domain_collect, domain);
    }
    for (uint32_t i = 0; i < expr_count; i++) {
        expr_walk(exprs[i], domain_collect, domain);
    }
    const struct domain d = *domain;
    struct rel *values =
        rel_new(p->arena, REL_DISTINCT, 1, pass_columns(p, outer, d.columns, d.count));
    values->schema = values->inputs[0]->schema;
    struct rel *join = rel_new(p->arena, REL_JOIN, 2, values, input);
    join->join_type = out->conditions.count > 0 ? JOIN_INNER : JOIN_CROSS;
    for (uint32_t i = 0; i < out->conditions.count; i++) {
        join->condition =
            expr_and(p->arena, join->condition,
                     expr_map(p->arena, out->conditions.items[i], domain_columns, domain));
    }
    join_schema_set(p, join);
    out->conditions = (struct conjuncts){0};
    for (uint32_t i = 0; i < d.count; i++) {
        const struct type_field *f = &outer->schema->fields[d.columns[i]];
        struct expr *around = expr_column(p->arena, d.columns[i], f->type, f->nullable);
        around->kind = EXPR_OUTER;
        around->depth = 1;
        struct expr *same = call2(&p->r, "<=>", around, pass_column(p, join, i));
        if (same == NULL) {
            return NULL;
        }
        conjuncts_add(p->arena, &out->conditions, same);
    }
    return join;
}

static struct rel *
pull_project(struct pass *p, struct rel *rel, struct pulled *out)
{
    struct rel *input = pull(p, rel->inputs[0], out);
    if (input == NULL) {
        return NULL;
    }
    bool correlated = false;
    for (uint32_t i = 0; i < rel->expr_count; i++) {
        correlated |= is_correlated(rel->exprs[i]);
    }
    struct domain domain;
    if (correlated && out->grouped) {
        return too_complex(p, "the SELECT list over an aggregate");
    }
    if (correlated) {
        input = join_domain(p, input, out, rel->exprs, rel->expr_count, &domain);
        if (input == NULL) {
            return NULL;
        }
    }
    const uint32_t max = rel->expr_count + rel_width(input);
    struct expr **exprs = arena_new_array(p->arena, struct expr *, max + 1);
    for (uint32_t i = 0; i < rel->expr_count; i++) {
        exprs[i] =
            correlated ? expr_map(p->arena, rel->exprs[i], domain_columns, &domain) : rel->exprs[i];
    }
    uint32_t count = rel->expr_count;
    expose(p, out, input, exprs, &count);
    struct rel *project = pass_project(p, input, exprs, count);
    struct type_field *fields = (struct type_field *)project->schema->fields;
    memcpy(fields, rel->schema->fields, sizeof *fields * rel->expr_count);
    return project;
}

/* The inner side of outer = inner; NULL if the condition is of another form. */
static struct expr *
inner_side(const struct expr *e, uint32_t *side)
{
    if (!is_equality(e)) {
        return NULL;
    }
    for (uint32_t i = 0; i < 2; i++) {
        if (!expr_has_outer(e->args[i]) && !expr_has_columns(e->args[1 - i])) {
            *side = i;
            return e->args[i];
        }
    }
    return NULL;
}

static bool
all_equalities(const struct conjuncts *c)
{
    uint32_t side = 0;
    for (uint32_t i = 0; i < c->count; i++) {
        if (inner_side(c->items[i], &side) == NULL) {
            return false;
        }
    }
    return true;
}

static struct expr *
to_domain(struct arena *a, struct expr *e, void *ctx)
{
    return expr_map(a, e, domain_columns, ctx);
}

/* LIMIT for each outer row: rows are numbered within the keys of the pulled equalities. */
static struct rel *
pull_limit(struct pass *p, struct rel *rel, struct pulled *out)
{
    const struct rel *sort = rel->inputs[0]->kind == REL_SORT ? rel->inputs[0] : NULL;
    struct rel *input = pull(p, sort != NULL ? sort->inputs[0] : rel->inputs[0], out);
    if (input == NULL) {
        return NULL;
    }
    if (!all_equalities(&out->conditions) || out->grouped) {
        return too_complex(p, "a plan with LIMIT");
    }
    const uint32_t width = rel_width(input);
    struct expr *number = expr_new(p->arena, EXPR_WINDOW);
    number->args = arena_new_array(p->arena, struct expr *, 1);
    number->arg_count = 1;
    number->args[0] = call_bound(&p->r, "row_number", NULL, 0);
    if (number->args[0] == NULL) {
        return NULL;
    }
    number->type = number->args[0]->type;
    number->window = arena_new(p->arena, struct window_spec);
    number->window->partition = arena_new_array(p->arena, struct expr *, out->conditions.count + 1);
    for (uint32_t i = 0; i < out->conditions.count; i++) {
        uint32_t side = 0;
        number->window->partition[number->window->partition_count++] =
            inner_side(out->conditions.items[i], &side);
    }
    number->window->order = sort != NULL ? sort->keys : NULL;
    number->window->order_count = sort != NULL ? sort->key_count : 0;
    struct rel *window = rel_new(p->arena, REL_WINDOW, 1, input);
    window->exprs = arena_new_array(p->arena, struct expr *, 1);
    window->exprs[0] = number;
    window->expr_count = 1;
    const struct type_field field = {.name = "row_number", .type = number->type};
    window->schema =
        schema_join(p->arena, input->schema, false, type_struct(p->arena, &field, 1), false);
    const int64_t first = rel->offset > 0 ? rel->offset : 0;
    struct expr *place = pass_column(p, window, width);
    struct expr *keep = call2(&p->r, ">", place, expr_long_literal(p->arena, first));
    if (keep != NULL && rel->limit >= 0) {
        struct expr *last = call2(&p->r, "<=", pass_column(p, window, width),
                                  expr_long_literal(p->arena, first + rel->limit));
        keep = last != NULL ? expr_and(p->arena, keep, last) : NULL;
    }
    return keep != NULL ? pass_first_columns(p, pass_filter(p, window, keep), width) : NULL;
}

/* Groups by the inner sides as well; they follow the original columns in the output. */
static struct rel *
pull_aggregate(struct pass *p, struct rel *rel, struct pulled *out)
{
    struct rel *input = pull(p, rel->inputs[0], out);
    if (input == NULL) {
        return NULL;
    }
    bool over_domain = !all_equalities(&out->conditions);
    for (uint32_t i = 0; i < rel->expr_count; i++) {
        over_domain |= is_correlated(rel->exprs[i]);
    }
    struct domain domain = {0};
    if (over_domain) {
        input = join_domain(p, input, out, rel->exprs, rel->expr_count, &domain);
        if (input == NULL) {
            return NULL;
        }
    }
    const uint32_t n = out->conditions.count, width = rel->expr_count;
    struct rel *copy = rel_copy(p->arena, rel);
    copy->inputs[0] = input;
    if (n == 0) {
        return copy;
    }
    if (over_domain) {
        rel_map_exprs(p->arena, copy, to_domain, &domain);
    }
    struct expr *const *own = copy->exprs;
    copy->exprs = arena_new_array(p->arena, struct expr *, width + n);
    memcpy(copy->exprs, own, sizeof *copy->exprs * rel->group_count);
    struct type_field *fields = arena_new_array(p->arena, struct type_field, width + n);
    memcpy(fields, rel->schema->fields, sizeof *fields * rel->group_count);
    uint32_t *order = arena_new_array(p->arena, uint32_t, width + n);
    for (uint32_t k = 0; k < n; k++) {
        struct expr *condition = out->conditions.items[k];
        uint32_t side = 0;
        struct expr *inner = inner_side(condition, &side);
        if (inner == NULL) {
            return too_complex(p, "a comparison below an aggregate");
        }
        const uint32_t g = rel->group_count + k;
        copy->exprs[g] = inner;
        fields[g] = (struct type_field){
            .name = expr_name(&p->r, inner), .type = inner->type, .nullable = inner->nullable};
        struct expr *next = expr_copy(p->arena, condition);
        next->args[side] = expr_column(p->arena, width + k, inner->type, inner->nullable);
        out->conditions.items[k] = next;
        order[width + k] = g;
    }
    for (uint32_t i = 0; i < width; i++) {
        const bool group = i < rel->group_count;
        order[i] = group ? i : i + n;
        if (!group) {
            copy->exprs[i + n] = own[i];
            fields[i + n] = rel->schema->fields[i];
        }
    }
    out->grouped |= rel->group_count == 0;
    copy->group_count = rel->group_count + n;
    copy->expr_count = width + n;
    copy->schema = type_struct(p->arena, fields, width + n);
    return pass_columns(p, copy, order, width + n);
}

/* A generator over outer columns runs once for each value that they have. */
static struct rel *
pull_generate(struct pass *p, struct rel *rel, struct pulled *out)
{
    struct rel *input = pull(p, rel->inputs[0], out);
    if (input == NULL) {
        return NULL;
    }
    const uint32_t old = rel_width(rel->inputs[0]), made = rel_width(rel) - old;
    const uint32_t inner = rel_width(input);
    struct domain domain = {0};
    struct rel *copy = rel_copy(p->arena, rel);
    if (is_correlated(rel->exprs[0])) {
        input = join_domain(p, input, out, rel->exprs, 1, &domain);
        if (input == NULL) {
            return NULL;
        }
        rel_map_exprs(p->arena, copy, to_domain, &domain);
    }
    copy->inputs[0] = input;
    copy->schema =
        schema_join(p->arena, input->schema, false, rel->exprs[0]->type, rel->exprs[0]->outer);
    /* The old columns first, then the domain and what was exposed. */
    const uint32_t width = rel_width(copy), d = domain.count;
    uint32_t *order = arena_new_array(p->arena, uint32_t, width + 1);
    uint32_t *place = arena_new_array(p->arena, uint32_t, width + 1);
    uint32_t n = 0;
    for (uint32_t i = 0; i < old; i++) {
        order[n++] = d + i;
    }
    for (uint32_t i = 0; i < made; i++) {
        order[n++] = d + inner + i;
    }
    for (uint32_t i = 0; i < d; i++) {
        order[n++] = i;
    }
    for (uint32_t i = old; i < inner; i++) {
        order[n++] = d + i;
    }
    for (uint32_t i = 0; i < width; i++) {
        place[order[i]] = i;
    }
    for (uint32_t i = 0; i < out->conditions.count; i++) {
        out->conditions.items[i] = expr_remap(p->arena, out->conditions.items[i], place);
    }
    return pass_columns(p, copy, order, width);
}

static struct rel *
pull_join(struct pass *p, struct rel *rel, struct pulled *out)
{
    const bool inner = rel->join_type == JOIN_INNER || rel->join_type == JOIN_CROSS;
    const uint32_t old_left = rel_width(rel->inputs[0]), old_right = rel_width(rel->inputs[1]);
    struct pulled from_left = {.outer = out->outer}, from_right = {.outer = out->outer};
    struct rel *left = pull(p, rel->inputs[0], &from_left);
    struct rel *right = left != NULL ? pull(p, rel->inputs[1], &from_right) : NULL;
    if (right == NULL) {
        return NULL;
    }
    if (!inner && (from_right.conditions.count > 0 ||
                   (rel->condition != NULL && is_correlated(rel->condition)))) {
        return too_complex(p, "the condition or the right side of an outer join");
    }
    if (from_left.grouped || from_right.grouped) {
        return too_complex(p, "an aggregate below a join");
    }
    const uint32_t new_left = rel_width(left), new_right = rel_width(right);
    /* Places in the joined output: the original columns keep their order by a projection. */
    uint32_t *map = arena_new_array(p->arena, uint32_t, old_left + old_right + 1);
    for (uint32_t i = 0; i < old_left + old_right; i++) {
        map[i] = i < old_left ? i : i - old_left + new_left;
    }
    struct rel *join = rel_copy(p->arena, rel);
    join->inputs[0] = left;
    join->inputs[1] = right;
    struct conjuncts all = {0}, kept = {0}, pulled = {0};
    conjuncts_add(p->arena, &all, rel->condition);
    for (uint32_t i = 0; i < all.count; i++) {
        struct expr *e = expr_remap(p->arena, all.items[i], map);
        conjuncts_add(p->arena, is_correlated(e) ? &pulled : &kept, e);
    }
    for (uint32_t i = 0; i < from_left.conditions.count; i++) {
        conjuncts_add(p->arena, &pulled, from_left.conditions.items[i]);
    }
    for (uint32_t i = 0; i < from_right.conditions.count; i++) {
        conjuncts_add(p->arena, &pulled,
                      expr_shift(p->arena, from_right.conditions.items[i], new_left));
    }
    join->condition = conjuncts_join(p->arena, &kept);
    join_schema_set(p, join);
    const bool left_output = rel->join_type == JOIN_SEMI || rel->join_type == JOIN_ANTI;
    if (left_output || (new_left == old_left && new_right == old_right)) {
        for (uint32_t i = 0; i < pulled.count; i++) {
            conjuncts_add(p->arena, &out->conditions, pulled.items[i]);
        }
        return join;
    }
    const uint32_t width = new_left + new_right;
    uint32_t *order = arena_new_array(p->arena, uint32_t, width);
    uint32_t *place = arena_new_array(p->arena, uint32_t, width);
    uint32_t n = 0;
    for (uint32_t i = 0; i < old_left + old_right; i++) {
        order[n++] = map[i];
    }
    for (uint32_t i = old_left; i < new_left; i++) {
        order[n++] = i;
    }
    for (uint32_t i = old_right; i < new_right; i++) {
        order[n++] = new_left + i;
    }
    for (uint32_t i = 0; i < width; i++) {
        place[order[i]] = i;
    }
    for (uint32_t i = 0; i < pulled.count; i++) {
        conjuncts_add(p->arena, &out->conditions, expr_remap(p->arena, pulled.items[i], place));
    }
    return pass_columns(p, join, order, width);
}

/* Conditions of any form may leave an operator that passes columns on and looks at no other row. */
static struct rel *
pull_through(struct pass *p, struct rel *rel, struct pulled *out)
{
    struct rel *input = pull(p, rel->inputs[0], out);
    if (input == NULL) {
        return NULL;
    }
    struct rel *copy = rel_copy(p->arena, rel);
    copy->inputs[0] = input;
    copy->schema = input->schema;
    return copy;
}

static struct rel *
pull(struct pass *p, struct rel *rel, struct pulled *out)
{
    if (!rel_correlated(p, rel)) {
        return rel;
    }
    switch (rel->kind) {
    case REL_FILTER:
        return pull_filter(p, rel, out);
    case REL_PROJECT:
        return pull_project(p, rel, out);
    case REL_AGGREGATE:
        return pull_aggregate(p, rel, out);
    case REL_JOIN:
        return pull_join(p, rel, out);
    case REL_SORT:
        return pull(p, rel->inputs[0], out); /* a subquery's order means nothing */
    case REL_DISTINCT:
    case REL_REPARTITION:
        return pull_through(p, rel, out);
    case REL_GENERATE:
        return pull_generate(p, rel, out);
    case REL_LIMIT:
        return pull_limit(p, rel, out);
    default:
        return too_complex(p, "a window or a union");
    }
}

/* Conditions as the join sees them: outer columns are the left ones, inner ones lie behind. What
 * refers further out comes one query nearer. */
struct join_shift {
    uint32_t left_width;
};

static struct expr *
to_join_columns(struct arena *a, struct expr *e, void *ctx)
{
    const struct join_shift *shift = ctx;
    if (e->kind == EXPR_COLUMN) {
        struct expr *copy = expr_copy(a, e);
        copy->column += shift->left_width;
        return copy;
    }
    if (e->kind != EXPR_OUTER) {
        return e;
    }
    struct expr *copy = expr_copy(a, e);
    if (e->depth == 1) {
        copy->kind = EXPR_COLUMN;
        copy->depth = 0;
    } else {
        copy->depth = (uint16_t)(e->depth - 1);
    }
    return copy;
}

static struct expr *
outer_nearer(struct arena *a, struct expr *e, void *ctx)
{
    if (e->kind != EXPR_OUTER) {
        return e;
    }
    struct expr *copy = expr_copy(a, e);
    copy->depth = (uint16_t)(e->depth - 1);
    return copy;
}

static struct expr *
expr_nearer(struct arena *a, struct expr *e, void *ctx)
{
    return expr_map(a, e, outer_nearer, NULL);
}

static struct rel *
rel_nearer(struct pass *p, struct rel *rel)
{
    struct rel *copy = rel_copy(p->arena, rel);
    rel_map_exprs(p->arena, copy, expr_nearer, NULL);
    for (uint32_t i = 0; i < copy->input_count; i++) {
        copy->inputs[i] = rel_nearer(p, copy->inputs[i]);
    }
    return copy;
}

/* One operator whose expressions lose their subqueries. */
struct unnesting {
    struct pass *p;
    struct rel *input; /* grows by joins; its first columns stay */
    bool failed;
};

static struct expr *
fail(struct unnesting *u, struct expr *e)
{
    u->failed = true;
    return e;
}

static struct rel *
join_new(struct unnesting *u, enum join_type type, struct rel *right, struct expr *condition)
{
    struct rel *join = rel_new(u->p->arena, REL_JOIN, 2, u->input, right);
    join->join_type = type;
    join->condition = condition;
    join_schema_set(u->p, join);
    return join;
}

/* The subquery's plan made independent; condition is over u->input and the plan's columns. */
static struct rel *
independent(struct unnesting *u, const struct expr *e, struct pulled *out, struct expr **condition)
{
    struct pass *p = u->p;
    struct rel *plan = pass_unnest(p, e->subquery);
    plan = plan != NULL ? pull(p, plan, out) : NULL;
    if (plan == NULL) {
        u->failed = true;
        return NULL;
    }
    struct join_shift shift = {.left_width = rel_width(u->input)};
    for (uint32_t i = 0; i < out->conditions.count; i++) {
        *condition =
            expr_and(p->arena, *condition,
                     expr_map(p->arena, out->conditions.items[i], to_join_columns, &shift));
    }
    return rel_nearer(p, plan);
}

/* a IN (SELECT b ...): a = b, as a condition of the join. */
static struct expr *
in_condition(struct unnesting *u, const struct expr *e, const struct rel *plan)
{
    struct expr *all = NULL;
    const uint32_t left = rel_width(u->input);
    for (uint32_t i = 0; i < e->arg_count; i++) {
        const struct type_field *f = &plan->schema->fields[i];
        struct expr *column = expr_column(u->p->arena, left + i, f->type, f->nullable);
        struct expr *equal = call2(&u->p->r, "==", e->args[i], column);
        if (equal == NULL) {
            u->failed = true;
            return NULL;
        }
        all = expr_and(u->p->arena, all, equal);
    }
    return all;
}

static bool
in_may_be_null(const struct expr *e, const struct rel *plan)
{
    bool nullable = false;
    for (uint32_t i = 0; i < e->arg_count; i++) {
        nullable |= e->args[i]->nullable || plan->schema->fields[i].nullable;
    }
    return nullable;
}

/* EXISTS and IN as a test that drops rows. true when it was done. */
static bool
semi_or_anti(struct unnesting *u, const struct expr *e, bool negated)
{
    struct pass *p = u->p;
    struct pulled out = {.outer = u->input};
    struct expr *condition = NULL;
    struct unnesting attempt = *u;
    struct rel *plan = independent(&attempt, e, &out, &condition);
    if (plan == NULL || out.grouped) {
        u->failed |= attempt.failed;
        return false;
    }
    if (e->subquery_kind == SUBQUERY_IN) {
        if (negated && in_may_be_null(e, plan)) {
            return false; /* NOT IN with nulls needs the three-valued mark */
        }
        struct expr *in = in_condition(u, e, plan);
        condition = in != NULL ? expr_and(p->arena, in, condition) : NULL;
        if (in == NULL) {
            return false;
        }
    }
    u->input = join_new(u, negated ? JOIN_ANTI : JOIN_SEMI, plan,
                        condition != NULL ? condition : expr_bool_literal(p->arena, true));
    return true;
}

static struct expr *
negate(struct unnesting *u, struct expr *e)
{
    struct expr *not = call_bound(&u->p->r, "not", &e, 1);
    return not != NULL ? not : fail(u, e);
}

/* What the subquery asks of the outer row drops inner rows: null is false to it, where the IN
 * beside it stays null. An equality keeps its form, for the join to find its keys. */
static struct expr *
two_valued(struct unnesting *u, struct expr *e)
{
    struct pass *p = u->p;
    struct conjuncts all = {0};
    struct expr *out = NULL;
    conjuncts_add(p->arena, &all, e);
    for (uint32_t i = 0; i < all.count; i++) {
        struct expr *one = all.items[i];
        if (is_function(one, "==")) {
            for (uint32_t k = 0; k < 2; k++) {
                struct expr *there = call_bound(&p->r, "isnotnull", &one->args[k], 1);
                out = there != NULL ? expr_and(p->arena, out, there) : fail(u, out);
            }
        } else {
            one = call2(&p->r, "coalesce", one, expr_bool_literal(p->arena, false));
        }
        if (one == NULL || u->failed) {
            return fail(u, e);
        }
        out = expr_and(p->arena, out, one);
    }
    return out;
}

static struct expr *
mark(struct unnesting *u, struct expr *e)
{
    struct pass *p = u->p;
    struct pulled out = {.outer = u->input};
    struct expr *condition = NULL;
    struct rel *plan = independent(u, e, &out, &condition);
    if (plan == NULL) {
        return e;
    }
    if (out.grouped) {
        too_complex(p, "an aggregate without GROUP BY that is only tested");
        return fail(u, e);
    }
    if (e->subquery_kind == SUBQUERY_IN) {
        struct expr *in = in_condition(u, e, plan);
        condition = in != NULL && condition != NULL ? two_valued(u, condition) : condition;
        if (in == NULL || u->failed) {
            return e;
        }
        condition = expr_and(p->arena, in, condition);
    }
    const uint32_t column = rel_width(u->input);
    u->input = join_new(u, JOIN_MARK, plan,
                        condition != NULL ? condition : expr_bool_literal(p->arena, true));
    struct expr *test = expr_column(p->arena, column, type_scalar(TYPE_BOOLEAN), true);
    /* As in Spark, the test as a value is never null: IN that cannot be told is false, and so is
     * NOT IN. */
    const bool unknown = e->subquery_kind == SUBQUERY_IN && e->negated;
    test = call2(&p->r, "coalesce", test, expr_bool_literal(p->arena, unknown));
    if (test == NULL) {
        return fail(u, e);
    }
    return e->negated ? negate(u, test) : test;
}

/* Scalars. */

/* The value of output column `column` over no input rows, for a global aggregate; NULL: null. */
static struct expr *
value_on_empty(struct pass *p, const struct rel *rel, uint32_t column)
{
    if (rel->kind == REL_PROJECT) {
        const uint32_t width = rel_width(rel->inputs[0]);
        struct expr **by = arena_new_array(p->arena, struct expr *, width + 1);
        bool any = false;
        for (uint32_t i = 0; i < width; i++) {
            struct expr *value = value_on_empty(p, rel->inputs[0], i);
            any |= value != NULL;
            by[i] = value != NULL
                        ? value
                        : expr_null_literal(p->arena, rel->inputs[0]->schema->fields[i].type);
        }
        return any ? expr_substitute(p->arena, rel->exprs[column], by) : NULL;
    }
    if (rel->kind != REL_AGGREGATE || rel->exprs[column]->kind != EXPR_AGG) {
        return NULL;
    }
    const struct expr *agg = rel->exprs[column];
    static const char *const counts[] = {"count", "count_if", "approx_count_distinct",
                                         "regr_count"};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        if (strcmp(agg->name, counts[i]) == 0) {
            return expr_long_literal(p->arena, 0);
        }
    }
    static const char *const lists[] = {"collect_list", "collect_set", "array_agg"};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        if (strcmp(agg->name, lists[i]) == 0) {
            struct expr *none = call_bound(&p->r, "array", NULL, 0);
            return none != NULL ? expr_cast(p->arena, none, agg->type, CAST_ANSI) : NULL;
        }
    }
    return NULL;
}

/* Does the plan give exactly one row, whatever its input? */
static bool
is_one_row(const struct rel *rel)
{
    if (rel->kind == REL_PROJECT || rel->kind == REL_SORT) {
        return is_one_row(rel->inputs[0]);
    }
    return (rel->kind == REL_AGGREGATE && rel->group_count == 0) ||
           (rel->kind == REL_LOCAL && rel->data == NULL && rel->row_count == 1);
}

static struct expr *
scalar(struct unnesting *u, struct expr *e)
{
    struct pass *p = u->p;
    struct pulled out = {.outer = u->input};
    struct expr *condition = NULL;
    const bool one_row = is_one_row(e->subquery);
    struct rel *plan = independent(u, e, &out, &condition);
    if (plan == NULL) {
        return e;
    }
    const uint32_t column = rel_width(u->input);
    const struct type *type = plan->schema->fields[0].type;
    struct expr *empty = out.grouped ? value_on_empty(p, e->subquery, 0) : NULL;
    uint32_t matched = 0;
    if (empty != NULL) { /* a column that is null where nothing matched */
        const uint32_t n = rel_width(plan);
        struct expr **exprs = arena_new_array(p->arena, struct expr *, n + 1);
        for (uint32_t i = 0; i < n; i++) {
            exprs[i] = pass_column(p, plan, i);
        }
        exprs[n] = expr_bool_literal(p->arena, true);
        plan = pass_project(p, plan, exprs, n + 1);
        matched = column + n;
    }
    /* One row for each key: no second match is possible. */
    const enum join_type join_type = condition == NULL && one_row ? JOIN_CROSS
                                     : out.grouped                ? JOIN_LEFT
                                                                  : JOIN_SINGLE;
    u->input = join_new(u, join_type, plan, condition);
    struct expr *value = expr_column(p->arena, column, type, true);
    if (empty == NULL) {
        return value;
    }
    struct expr *test = expr_column(p->arena, matched, type_scalar(TYPE_BOOLEAN), true);
    test = call_bound(&p->r, "isnull", &test, 1);
    if (test == NULL) {
        return fail(u, e);
    }
    struct expr *choose = expr_new(p->arena, EXPR_CASE);
    choose->args = arena_new_array(p->arena, struct expr *, 3);
    choose->args[0] = test;
    choose->args[1] = empty;
    choose->args[2] = value;
    choose->arg_count = 3;
    choose->type = type;
    choose->nullable = true;
    return choose;
}

static struct expr *
take_out(struct arena *a, struct expr *e, void *ctx)
{
    struct unnesting *u = ctx;
    if (u->failed) {
        return e;
    }
    if (is_function(e, "not") && e->args[0]->kind == EXPR_SUBQUERY &&
        e->args[0]->subquery_kind == SUBQUERY_IN) {
        e = expr_copy(a, e->args[0]);
        e->negated = !e->negated;
    }
    if (e->kind != EXPR_SUBQUERY) {
        return NULL;
    }
    if (e->arg_count > 0) { /* subqueries inside the left side of IN */
        e = expr_copy(a, e);
        for (uint32_t i = 0; i < e->arg_count; i++) {
            e->args[i] = expr_rewrite(a, e->args[i], take_out, ctx);
        }
    }
    return e->subquery_kind == SUBQUERY_SCALAR ? scalar(u, e) : mark(u, e);
}

static struct expr *
take_all_out(struct arena *a, struct expr *e, void *ctx)
{
    return expr_contains(e, EXPR_SUBQUERY) ? expr_rewrite(a, e, take_out, ctx) : e;
}

/* NOT x, x: the subquery inside and whether it is negated in all. */
static const struct expr *
tested_subquery(const struct expr *e, bool *negated)
{
    *negated = false;
    while (is_function(e, "not")) {
        *negated = !*negated;
        e = e->args[0];
    }
    if (e->kind != EXPR_SUBQUERY || e->subquery_kind == SUBQUERY_SCALAR) {
        return NULL;
    }
    *negated ^= e->negated;
    return e;
}

static struct rel *
unnest_filter(struct pass *p, struct rel *rel)
{
    struct unnesting u = {.p = p, .input = rel->inputs[0]};
    const uint32_t width = rel_width(rel);
    struct conjuncts all = {0}, kept = {0};
    conjuncts_add(p->arena, &all, rel->condition);
    /* Plain conjuncts first: they make the joins' input smaller. */
    struct conjuncts plain = {0};
    for (uint32_t i = 0; i < all.count; i++) {
        if (!expr_contains(all.items[i], EXPR_SUBQUERY)) {
            conjuncts_add(p->arena, &plain, all.items[i]);
        }
    }
    u.input = pass_filter(p, u.input, conjuncts_join(p->arena, &plain));
    for (uint32_t i = 0; i < all.count && !u.failed; i++) {
        struct expr *e = all.items[i];
        if (!expr_contains(e, EXPR_SUBQUERY)) {
            continue;
        }
        bool negated = false;
        const struct expr *test = tested_subquery(e, &negated);
        bool nested = false;
        for (uint32_t k = 0; test != NULL && k < test->arg_count; k++) {
            nested |= expr_contains(test->args[k], EXPR_SUBQUERY);
        }
        if (test != NULL && !nested && semi_or_anti(&u, test, negated)) {
            continue;
        }
        if (!u.failed) {
            conjuncts_add(p->arena, &kept, take_all_out(p->arena, e, &u));
        }
    }
    if (u.failed) {
        return NULL;
    }
    struct rel *filter = pass_filter(p, u.input, conjuncts_join(p->arena, &kept));
    return pass_first_columns(p, filter, width);
}

/* An inner join's condition with subqueries is a filter above it. */
static struct rel *
unnest_join(struct pass *p, struct rel *rel)
{
    if (rel->join_type != JOIN_INNER && rel->join_type != JOIN_CROSS) {
        error_unsupported(p->err, "a subquery in the condition of an outer join");
        return NULL;
    }
    struct rel *join = rel_copy(p->arena, rel);
    join->condition = NULL;
    join->join_type = JOIN_CROSS;
    return unnest_filter(p, pass_filter(p, join, rel->condition));
}

/* The right side of a lateral join refers to the left row. */
static struct rel *
unnest_lateral(struct pass *p, struct rel *rel)
{
    struct rel *join = rel_copy(p->arena, rel);
    join->lateral = false;
    struct pulled out = {.outer = rel->inputs[0]};
    struct rel *right = pull(p, rel->inputs[1], &out);
    if (right == NULL) {
        return NULL;
    }
    if (out.grouped) { /* a global aggregate gives its row to every left row */
        for (uint32_t i = 0; i < rel_width(rel->inputs[1]); i++) {
            if (value_on_empty(p, rel->inputs[1], i) != NULL) {
                return too_complex(p, "a count without GROUP BY of a lateral join");
            }
        }
        join->join_type = JOIN_LEFT;
    }
    const uint32_t left = rel_width(rel->inputs[0]), old_right = rel_width(rel->inputs[1]);
    struct join_shift shift = {.left_width = left};
    for (uint32_t i = 0; i < out.conditions.count; i++) {
        join->condition =
            expr_and(p->arena, join->condition,
                     expr_map(p->arena, out.conditions.items[i], to_join_columns, &shift));
    }
    join->inputs[1] = rel_nearer(p, right);
    if (join->join_type == JOIN_CROSS && join->condition != NULL) {
        join->join_type = JOIN_INNER;
    }
    join_schema_set(p, join);
    return pass_first_columns(p, join, left + old_right);
}

static struct expr *
note_subquery(struct arena *a, struct expr *e, void *ctx)
{
    *(bool *)ctx = *(bool *)ctx || expr_contains(e, EXPR_SUBQUERY);
    return e;
}

struct rel *
pass_unnest(struct pass *p, struct rel *rel)
{
    rel = pass_inputs(p, rel, pass_unnest);
    if (rel == NULL) {
        return NULL;
    }
    if (rel->kind == REL_JOIN && rel->lateral) {
        return unnest_lateral(p, rel);
    }
    bool found = false;
    struct rel *copy = rel_copy(p->arena, rel);
    rel_map_exprs(p->arena, copy, note_subquery, &found);
    if (!found) {
        return rel;
    }
    if (rel->kind == REL_FILTER) {
        return unnest_filter(p, rel);
    }
    if (rel->kind == REL_JOIN) {
        return unnest_join(p, rel);
    }
    const uint32_t width = rel_width(rel->inputs[0]), out_width = rel_width(rel);
    struct unnesting u = {.p = p, .input = rel->inputs[0]};
    if (rel->kind == REL_WINDOW || rel->kind == REL_GENERATE || rel->kind == REL_EXPAND) {
        error_unsupported(p->err, "a subquery inside a window, a generator or grouping sets");
        return NULL;
    }
    rel_map_exprs(p->arena, copy, take_all_out, &u);
    if (u.failed) {
        return NULL;
    }
    copy->inputs[0] = u.input;
    if (rel->kind == REL_PROJECT || rel->kind == REL_AGGREGATE) {
        return copy;
    }
    copy->schema = u.input->schema; /* sorts and the like pass their input on */
    return width == out_width ? pass_first_columns(p, copy, out_width) : copy;
}
