/* The nodes of a compiled program, for program.c (makes them) and program_run.c (runs them). */
#ifndef WEIR_FUNC_PROGRAM_NODE_H
#define WEIR_FUNC_PROGRAM_NODE_H

#include "func/lambda.h"
#include "func/program.h"

enum node_kind {
    NODE_CONST,
    NODE_COLUMN,
    NODE_CALL,
    NODE_CAST,
    NODE_CASE, /* also `if` */
    NODE_COALESCE,
    NODE_AND,
    NODE_OR,
    NODE_FIELD,
};

enum { COLUMN_NONE = -1, COLUMN_MANY = -2 };

struct node {
    enum node_kind kind;
    uint8_t cast_mode;
    bool pure;           /* same inputs, same value */
    bool strict;         /* null in, null out, all the way down */
    int32_t only_column; /* the one column it depends on, or COLUMN_NONE, COLUMN_MANY */
    uint32_t slot;       /* where a run remembers its value */
    uint32_t uses;
    uint32_t column; /* NODE_COLUMN, NODE_FIELD */
    const struct expr *expr;
    const struct type *type;
    struct node **args; /* NULL where an argument is a lambda; captures follow the arguments */
    uint32_t arg_count;
    func_kernel kernel;
    struct func_call call;
    struct vec value; /* NODE_CONST: CONST */
    struct vec flat;  /* NODE_CONST: the same VEC_ROWS times */
    struct node *next;
};

struct program {
    struct node *root;
    uint32_t slot_count;
};

/* Comparisons that select rows directly. */
enum compare_op {
    COMPARE_NONE = 0,
    COMPARE_EQ,
    COMPARE_NE,
    COMPARE_LT,
    COMPARE_LE,
    COMPARE_GT,
    COMPARE_GE
};
enum compare_op compare_op_of(const struct func_def *def);
/* x and y FLAT, or CONST not null; false: this pair of types has no fast path. */
bool compare_select(enum compare_op op, const struct vec *x, const struct vec *y,
                    const uint16_t *sel, uint32_t n, uint16_t *out, uint32_t *out_n);

#endif
