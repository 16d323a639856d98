/*
 * Lambdas of higher-order functions at run time: the body is a program of its own over a chunk
 * whose first columns are the parameters and whose further columns are what the body takes from
 * outside (captures), gathered by the row each element belongs to.
 */
#ifndef WEIR_FUNC_LAMBDA_H
#define WEIR_FUNC_LAMBDA_H

#include "func/func.h"

struct program;

struct lambda {
    const struct program *body; /* NULL: this argument is not a lambda */
    uint32_t param_count;
    uint32_t capture_first; /* captures are in[capture_first ...] of the kernel's inputs */
    uint32_t capture_count;
};

/* Runs the body for m elements: params have m rows each, parent_row[k] is the row that element k
 * belongs to. out gets m rows, FLAT. */
bool lambda_run(struct eval *ev, const struct lambda *l, const struct vec *const *in,
                const uint32_t *parent_row, uint32_t m, const struct vec *params, struct vec *out,
                struct error *err);

#endif
