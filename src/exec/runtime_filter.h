/*
 * Filters that a join's build side hands to the scans on its probe side.
 *
 * When the build is done, its integer keys are known: their range, and for a narrow range one bit
 * a value. A probe row without a partner is dropped right behind the scan, before anything is
 * computed for it; the range also goes into the scan's own filter, so that whole row groups can be
 * skipped. Only joins that drop probe rows without a partner may do this (inner, semi, right). A
 * filter that lets nearly everything pass is given up.
 */
#ifndef WEIR_EXEC_RUNTIME_FILTER_H
#define WEIR_EXEC_RUNTIME_FILTER_H

#include "exec/ops.h"

struct join;

struct runtime_filter {
    const struct join *join;
};

/* Looks for the scan column that is the join's left key, and notes it in c->targets. */
void runtime_filter_offer(struct compiler *c, const struct rel *join, const struct expr *left_key,
                          const struct join *j);

#endif
