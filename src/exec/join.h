/*
 * A join operator, shared by its three files: join.c (compiling and the build side), join_probe.c
 * (probing and pairs), join_table.c.
 */
#ifndef WEIR_EXEC_JOIN_H
#define WEIR_EXEC_JOIN_H

#include "exec/join_table.h"
#include "exec/ops.h"

struct join {
    struct op op; /* the probe */
    enum join_type type;
    uint32_t left_count, right_count; /* columns */
    const struct type *pair_schema;   /* left columns, then right ones */
    /* build side */
    struct gather *build; /* right columns, then computed keys */
    uint32_t *build_keys; /* columns of the store */
    struct join_table table;
    bool has_table; /* there are equal keys; else every pair is tried */
    /* probe side */
    struct projection keys;
    struct program *residual;  /* over pair columns; NULL = none */
    struct program *condition; /* the whole condition, for MARK */
    bool *residual_uses;       /* pair column is read by residual or condition */
    uint8_t *matched;          /* by build row, for RIGHT, FULL and marks_build */
    bool marks_build; /* SEMI, ANTI whose left input is built: probing only marks its rows */
};

extern const struct op_class join_probe_class;
extern const struct source_class join_unmatched_class;
extern const struct source_class join_marked_class; /* of SEMI and ANTI with marks_build */

struct join_unmatched {
    struct source source;
    struct join *join;
};

#endif
