/* Window functions: their types. exec's window operator computes them. */
#include <string.h>

#include "func/bind.h"

/* lag, lead, nth_value: the value's type; the default of lag and lead becomes that type. */
static bool
bind_value(struct func_bind *b, struct error *err)
{
    b->type = b->args[0]->type;
    b->nullable = true;
    if (b->arg_count > 1 && !bind_want(b, 1, type_scalar(TYPE_INT), err)) {
        return false;
    }
    if (b->arg_count > 2) {
        const struct type *t =
            func_common_type(b->arena, b->type, b->args[2]->type, b->session->ansi);
        if (t == NULL) {
            return bind_fail_data_diff(b, err);
        }
        if (!type_same(t, b->args[0]->type)) {
            b->cast_to[0] = t;
        }
        if (!type_same(t, b->args[2]->type)) {
            b->cast_to[2] = t;
        }
        b->type = t;
    }
    return true;
}

static bool
bind_rank(struct func_bind *b, struct error *err)
{
    const bool real =
        strcmp(b->def->name, "percent_rank") == 0 || strcmp(b->def->name, "cume_dist") == 0;
    b->type = type_scalar(real ? TYPE_DOUBLE : TYPE_INT);
    b->nullable = false;
    return b->arg_count == 0 || bind_want(b, 0, type_scalar(TYPE_INT), err);
}

#define WINDOW(name, min, max, bind, use)                                                          \
    {                                                                                              \
        name, FUNC_WINDOW, min, max, false, true, bind, use                                        \
    }

static const struct func_def defs[] = {
    WINDOW("row_number", 0, 0, bind_rank, "row_number() - 1, 2, 3 ... in the partition."),
    WINDOW("rank", 0, 0, bind_rank, "rank() - One more than the rows before, ties equal."),
    WINDOW("dense_rank", 0, 0, bind_rank, "dense_rank() - Ranks without gaps."),
    WINDOW("percent_rank", 0, 0, bind_rank, "percent_rank() - Rank from 0.0 to 1.0."),
    WINDOW("cume_dist", 0, 0, bind_rank, "cume_dist() - Share of rows not after this one."),
    WINDOW("ntile", 0, 1, bind_rank, "ntile(n) - Which of n equal parts."),
    WINDOW("lag", 1, 3, bind_value, "lag(input[, offset[, default]]) - A row before."),
    WINDOW("lead", 1, 3, bind_value, "lead(input[, offset[, default]]) - A row after."),
    WINDOW("nth_value", 2, 2, bind_value, "nth_value(input, offset) - The frame's n-th value."),
};

const struct func_family family_window = {defs, sizeof defs / sizeof *defs};
