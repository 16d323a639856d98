/*
 * Expression programs: a resolved expression compiled once per task and run over chunks.
 *
 * CASE, coalesce, AND and OR evaluate lazily by narrowing the selection, so that errors in branches
 * not taken do not fire (Spark's rule). Common subexpressions of one program set are computed once.
 *
 * Threads: a program is immutable after compilation and shared; run it with one struct eval a
 * thread.
 */
#ifndef WEIR_FUNC_PROGRAM_H
#define WEIR_FUNC_PROGRAM_H

#include "func/func.h"

struct program;

/* Compiles one expression. NULL with err set if a function is unknown or a kind cannot be computed
 * row by row (aggregates, windows, subqueries, Python UDFs: those are other operators' work). */
struct program *program_compile(struct arena *a, const struct expr *e,
                                const struct func_session *session, struct error *err);

/* Evaluates over the chunk's live rows. out has in->n rows in any encoding; rows not in in->sel are
 * undefined. Memory comes from ev->tmp or is shared with in. */
bool program_run(const struct program *p, struct eval *ev, const struct chunk *in, struct vec *out,
                 struct error *err);

/* Evaluates a boolean expression as a filter: writes the live rows for which it is true to sel_out
 * (room for VEC_ROWS) and their number to n_out. */
bool program_filter(const struct program *p, struct eval *ev, const struct chunk *in,
                    uint16_t *sel_out, uint32_t *n_out, struct error *err);

/* A constant expression's value (folding at planning). */
bool program_fold(struct arena *a, const struct expr *e, const struct func_session *session,
                  struct datum *out, struct error *err);

#endif
