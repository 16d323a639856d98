/*
 * Tables of datums for the tests of the engine: random rows go in as unions of Arrow streams (so
 * that a plan has several morsels), results come out as datums, and naive loops say what is right.
 */
#ifndef WEIR_TEST_EXEC_FIXTURE_H
#define WEIR_TEST_EXEC_FIXTURE_H

#include "exec/exec.h"

struct table {
    const struct type *schema;
    uint32_t cols;
    uint32_t rows, capacity;
    struct datum *cells; /* row-major */
    struct arena *arena;
};

struct fixture {
    struct arena arena;
    struct budget budget;
    struct func_session session;
    uint32_t threads;
    uint64_t seed;
    struct error err;
};

void fixture_init(struct fixture *f, uint32_t threads, uint64_t seed);
void fixture_release(struct fixture *f);
uint32_t roll(struct fixture *f, uint32_t below);

/* "a INT, b STRING" */
struct table *table_new(struct fixture *f, const char *ddl);
struct datum *table_add(struct table *t); /* a row of nulls to be filled */
/* Random rows of small domains (many duplicates and nulls). */
struct table *table_random(struct fixture *f, const char *ddl, uint32_t rows, uint32_t domain);

/* A plan that reads the table, in `pieces` morsels. */
struct rel *plan_table(struct fixture *f, const struct table *t, uint32_t pieces);
struct expr *col(struct fixture *f, const struct rel *input, uint32_t i);
struct rel *plan_schema(struct fixture *f, struct rel *r, const char *ddl);

/* Runs the plan; fails the test on an error. */
struct table *run(struct fixture *f, const struct rel *plan);
bool run_fails(struct fixture *f, const struct rel *plan); /* err in f->err */

int row_compare(const struct table *t, uint32_t i, const struct table *u, uint32_t j);
void table_sort(struct table *t);                                            /* by all columns */
void assert_tables_equal(const struct table *got, const struct table *want); /* in order */
void assert_same_rows(struct table *got, struct table *want);                /* in any order */

#endif
