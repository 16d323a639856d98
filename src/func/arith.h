/* Arithmetic's three ways with a value that does not fit, and what operators and math share. */
#ifndef WEIR_FUNC_ARITH_H
#define WEIR_FUNC_ARITH_H

#include "func/bind.h"

enum arith_mode { ARITH_ANSI = 0, ARITH_TRY, ARITH_LEGACY };

enum arith_op { ARITH_ADD = 0, ARITH_SUB, ARITH_MUL, ARITH_DIV, ARITH_MOD, ARITH_IDIV, ARITH_PMOD };

struct arith_data { /* func_def.data of the operators */
    enum arith_op op;
    bool try_variant;
};

/* Dates, timestamps and intervals under + - * /; see interval.c. False without err set: not a pair
 * of types that it knows. */
bool bind_temporal_arith(struct func_bind *b, enum arith_op op, enum arith_mode mode, bool *bound,
                         struct error *err);

bool raise_decimal_range(struct error *err, i128 value, int value_scale, int precision, int scale);

#endif
