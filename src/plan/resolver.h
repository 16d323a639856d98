/*
 * What the files of resolution share.
 *
 * A relation that has been resolved is a `struct scope`: the relation, and beside each of its
 * columns what names see of it (name, qualifier, identity). Columns may be hidden: there in the
 * relation but not part of its visible output (the second key of JOIN USING, sort keys that are not
 * selected); whoever needs exactly the visible output calls scope_visible.
 *
 * A SELECT stays open until its consumer is known (struct select), since ORDER BY and HAVING may
 * add columns and aggregates to it: its items are kept as expressions over the FROM scope in which
 * aggregates, windows and generators still stand; select_finish cuts these out into relations.
 *
 * Identity: every column gets a number when it is made and keeps it through operators that only
 * pass it on. A DataFrame's df["a"] names a column of the plan with df's plan_id; the number says
 * whether and where that column arrives in the input at hand.
 */
#ifndef WEIR_PLAN_RESOLVER_H
#define WEIR_PLAN_RESOLVER_H

#include "plan/resolve.h"

enum { RESOLVE_DEPTH_MAX = 400 }; /* nesting of relations and views */

struct column_ref {
    const char *name;
    const char *const *qualifier; /* alias or catalog, database, table */
    uint32_t qualifier_count;
    uint64_t id;
    bool hidden;
};

struct select;

struct scope {
    struct rel *rel;
    struct column_ref *columns; /* as many as rel->schema has fields, in the same order */
    uint32_t count;
    uint32_t capacity;
    struct select *select; /* open: rel's project is not finished */
};

/* One column of a SELECT's output, over the FROM scope. */
struct select_item {
    struct expr *expr; /* may hold EXPR_AGG, EXPR_WINDOW, EXPR_GENERATOR, EXPR_SUBQUERY */
    const char *metadata;
    const char *name;
    bool aliased; /* named by the user: may be referred to by later items */
};

enum { WRAPPERS_MAX = 16 };

struct select {
    struct scope from;
    struct lookup *outer; /* the enclosing query's names */
    struct rel *project;
    struct select_item *items;
    uint32_t item_count, item_capacity;
    struct expr **groups; /* over from */
    uint32_t group_count;
    bool aggregated;
    bool **sets; /* grouping sets: set_count arrays of group_count flags; NULL: plain */
    uint32_t set_count;
    struct rel *wrappers[WRAPPERS_MAX]; /* filters and sorts put on top while open */
    uint32_t wrapper_count;
};

struct lambda_scope {
    struct lambda_scope *outer;
    const char *const *names;
    const struct type_field *types;
    uint32_t count;
    uint32_t slot;
};

/* Where the names of an expression are looked up. */
struct lookup {
    struct resolver *r;
    const struct scope *input; /* NULL: no columns (VALUES, constants) */
    struct select *over;       /* input is an open SELECT: expressions are over its FROM */
    struct select *items;      /* SELECT list in the making: earlier items by alias */
    struct lookup *outer;      /* the enclosing query */
    struct lambda_scope *lambda;
    bool no_aggregates;           /* inside an aggregate function, WHERE, ON */
    const char *no_aggregates_in; /* "aggregate" for nesting, else the clause's name */
    bool in_window;               /* the next aggregate call is a window function */
    bool in_group;                /* grouping() and friends are allowed */
    struct expr *time_window;     /* the group window(...), which items call "window" */
    bool uses_outer;              /* set when an outer column was found */
};

struct cte_scope {
    struct cte_scope *outer;
    const struct cte *cte;
};

struct plan_id_scope {
    struct plan_id_scope *next;
    int64_t plan_id;
    uint32_t depth;
    struct column_ref *columns;
    uint32_t count;
};

struct resolver {
    struct plan_context *ctx;
    struct arena *arena;
    struct error *err;
    uint64_t next_id;
    uint32_t next_slot;
    uint32_t depth;
    struct cte_scope *ctes;
    struct plan_id_scope *plan_ids;
    struct lookup *outer;         /* names of the query around the one being resolved */
    const struct rel *parameters; /* REL_SQL whose arguments are in force */
    const char *sql_text;
};

/* resolve.c */
bool resolve_rel(struct resolver *r, struct rel *u, struct scope *out);  /* closed */
bool resolve_open(struct resolver *r, struct rel *u, struct scope *out); /* maybe an open SELECT */
bool resolve_unsupported(struct resolver *r, const char *what);
uint32_t default_seed(void);

/* scope.c */
void scope_init(struct scope *s, struct rel *rel);
void scope_add(struct resolver *r, struct scope *s, const char *name, uint64_t id);
struct column_ref *scope_push(struct resolver *r, struct scope *s, struct column_ref column);
/* A scope for a relation that has its schema: names from it, new identities. */
void scope_from_schema(struct resolver *r, struct scope *s, struct rel *rel);
/* The same columns as in, over rel (which passes all of in's columns on). */
void scope_pass(struct resolver *r, struct scope *out, const struct scope *in, struct rel *rel);
void scope_requalify(struct resolver *r, struct scope *s, const char *const *qualifier,
                     uint32_t count);
/* Drops hidden columns by a projection, if there are any. */
void scope_visible(struct resolver *r, struct scope *s);
uint32_t scope_visible_count(const struct scope *s);
struct expr *scope_column(struct resolver *r, const struct scope *s, uint32_t i);
const struct type_field *scope_field(const struct scope *s, uint32_t i);
bool name_equal(const struct resolver *r, const char *x, const char *y);
/* Columns that parts may mean: fills found (room for max), and how many parts each used up. */
uint32_t scope_find(const struct resolver *r, const struct scope *s, const char *const *parts,
                    uint32_t count, uint32_t *found, uint32_t *used, uint32_t max);
bool scope_unresolved(struct resolver *r, const struct scope *s, const struct expr *u);
bool scope_ambiguous(struct resolver *r, const struct scope *s, const struct expr *u,
                     const uint32_t *found, uint32_t count);
const char *names_quoted(struct arena *a, const char *const *parts, uint32_t count);
const char *names_dotted(struct arena *a, const char *const *parts, uint32_t count);
void scope_register(struct resolver *r, const struct scope *s, int64_t plan_id);

/* resolve_expr.c */
struct expr *resolve_expr(struct lookup *l, struct expr *u);
struct expr *resolve_condition(struct lookup *l, struct expr *u, const char *clause);
struct expr *cast_to(struct resolver *r, struct expr *e, const struct type *type); /* implicit */
struct expr *call_bound(struct resolver *r, const char *name, struct expr **args, uint32_t count);
struct expr *call2(struct resolver *r, const char *name, struct expr *x, struct expr *y);
bool expr_fold(struct resolver *r, struct expr *e, struct datum *out); /* false with err set */
const char *expr_name(struct resolver *r, const struct expr *u);
const char *expr_sql(struct arena *a, const struct expr *e); /* "\"a + 1\"" with the quotes */
const char *type_sql_quoted(struct arena *a, const struct type *t);
const char *time_window_name(const struct expr *e); /* of a call of window(); NULL for others */
struct expr *get_field(struct resolver *r, struct expr *base, uint32_t field);
struct expr *parse_expr_string(struct resolver *r, struct expr *u);
/* All expressions brought to their common type; false with err unset if there is none. */
const struct type *common_type(struct resolver *r, struct expr **exprs, uint32_t count,
                               uint32_t stride);
bool resolve_failed_at(struct resolver *r, const struct expr *u);

/* resolve_call.c */
struct expr *resolve_call(struct lookup *l, struct expr *u);
struct expr *resolve_window(struct lookup *l, struct expr *u);

/* resolve_subquery.c */
struct expr *resolve_subquery(struct lookup *l, struct expr *u);

/* select.c: building and closing SELECTs */
struct select *select_new(struct resolver *r, const struct scope *from);
void select_add(struct resolver *r, struct select *s, struct scope *out, struct expr *e,
                struct column_ref column, bool aliased, const char *metadata);
bool select_finish(struct resolver *r, struct scope *s);
/* Where e, over FROM, can be had as an expression over the SELECT's output; adds a hidden column
 * for it if it must. */
struct expr *select_output(struct resolver *r, struct scope *s, struct expr *e);
struct column_ref select_column(struct resolver *r, const struct scope *from, const struct expr *e,
                                const char *name);

/* time_window.c: the rows that window(ts, ...) makes of FROM's */
bool time_window_cut_out(struct resolver *r, struct select *s);

/* resolve_select.c */
bool resolve_project(struct resolver *r, struct rel *u, struct scope *out);
bool resolve_aggregate(struct resolver *r, struct rel *u, struct scope *out);
bool resolve_filter(struct resolver *r, struct rel *u, struct scope *out);
bool resolve_sort(struct resolver *r, struct rel *u, struct scope *out);
bool resolve_lateral_view(struct resolver *r, struct rel *u, struct scope *out);
/* Expands stars and the like, resolves, names and adds items to the select. */
bool select_items(struct lookup *l, struct scope *out, struct expr **exprs, uint32_t count);
bool has_aggregate(const struct expr *e); /* one that is not itself a window function */
bool expand_stars(struct lookup *l, struct expr **exprs, uint32_t count, struct expr ***out,
                  uint32_t *out_count);

/* resolve_group.c */
bool resolve_grouping_sets(struct resolver *r, struct rel *u, struct scope *out);
bool resolve_pivot(struct resolver *r, struct rel *u, struct scope *out);
bool resolve_unpivot(struct resolver *r, struct rel *u, struct scope *out);
bool resolve_groups(struct lookup *l, struct rel *u, struct scope *out);

/* resolve_join.c */
bool resolve_join(struct resolver *r, struct rel *u, struct scope *out);
bool resolve_lateral_join(struct resolver *r, struct rel *u, struct scope *out);

/* resolve_set.c */
bool resolve_set_op(struct resolver *r, struct rel *u, struct scope *out);
bool resolve_union(struct resolver *r, struct rel *u, struct scope *out);
bool resolve_values(struct resolver *r, struct rel *u, struct scope *out);
bool resolve_distinct(struct resolver *r, struct rel *u, struct scope *out);
bool resolve_deduplicate(struct resolver *r, struct rel *u, struct scope *out);

/* resolve_source.c */
bool resolve_table(struct resolver *r, struct rel *u, struct scope *out);
bool resolve_read(struct resolver *r, struct rel *u, struct scope *out);
bool resolve_local(struct resolver *r, struct rel *u, struct scope *out);
bool resolve_with(struct resolver *r, struct rel *u, struct scope *out);
bool resolve_sql(struct resolver *r, struct rel *u, struct scope *out);
bool resolve_range(struct resolver *r, struct rel *u, struct scope *out);
bool resolve_tvf(struct resolver *r, struct rel *u, struct scope *out);
bool resolve_catalog_rows(struct resolver *r, struct rel *u, struct scope *out);
struct rel *rel_one_row(struct resolver *r);

/* resolve_frame.c: the DataFrame operators that are projections */
bool resolve_frame(struct resolver *r, struct rel *u, struct scope *out);

/* resolve_na.c */
bool resolve_na(struct resolver *r, struct rel *u, struct scope *out);

/* resolve_stat.c */
bool resolve_stat(struct resolver *r, struct rel *u, struct scope *out);

/* Small builders. */
struct rel *rel_filter(struct resolver *r, struct rel *input, struct expr *condition);
/* input plus a column that numbers its rows from 1 within those equal in `count` columns from
 * `first` on, in the order of column `order` (UINT32_MAX: any). */
struct rel *rel_numbered(struct resolver *r, struct rel *input, uint32_t first, uint32_t count,
                         uint32_t order);
/* resolve_group_map.c: inputs are the resolved ones of u; rel gets its input's final form. */
bool resolve_group_map(struct resolver *r, struct rel *u, struct rel *rel, struct scope *inputs);
struct rel *rel_project(struct resolver *r, struct rel *input, struct expr **exprs,
                        const char *const *names, uint32_t count);
const struct type *schema_of(struct arena *a, struct expr *const *exprs, const char *const *names,
                             uint32_t count);
const struct type *schema_join(struct arena *a, const struct type *left, bool left_nullable,
                               const struct type *right, bool right_nullable);

#endif
