/* SQL in, plan text or rows out: the fixture of planner tests. */
#ifndef WEIR_TEST_PLAN_QUERY_H
#define WEIR_TEST_PLAN_QUERY_H

#include "plan/optimize.h"

struct query {
    struct arena arena;
    struct func_session session;
    struct plan_catalog catalog;
    struct plan_context context;
    struct error err;
    const char *data_dir; /* tables are DIR/name.parquet; NULL: none */
    const char *excluded; /* optimiser passes left out */
    struct rel *plan;
};

void query_init(struct query *q);
void query_release(struct query *q);
/* Parses and resolves; NULL with q->err set. */
struct rel *query_resolve(struct query *q, const char *sql);
struct rel *query_optimize(struct query *q, const char *sql);
/* The text of a plan, in the arena. */
const char *query_text(struct query *q, const struct rel *rel);
/* Runs the optimised plan: rows as lines, values joined by |, in the arena. NULL with err set. */
const char *query_rows(struct query *q, const char *sql);

#endif
