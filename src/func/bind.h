/*
 * What the families of functions share: tables of definitions, the signature language, the errors
 * of binding, and the loops of kernels. For func/ only.
 *
 * A signature is one letter an argument, '|' before the first optional one, '*' to repeat the last
 * one, '>' and the result:
 *   s string   b binary   x string or binary   i int   l bigint   d double   f float   y byte
 *   h short    B boolean  D date   T timestamp  Z timestamp_ntz   n any integral   N any numeric
 *   A any type a array    m map    I calendar interval   t timestamp or timestamp_ntz
 *   u day-time interval   v year-month interval
 * Results are the same letters, or a digit for the type of that argument, '=' array of string;
 * '?' after the result: may be null though no argument is; '!': never null.
 */
#ifndef WEIR_FUNC_BIND_H
#define WEIR_FUNC_BIND_H

#include "base/buffer.h"
#include "func/func.h"

/* Live rows, and live rows that are not null in out. */
#define EACH_ROW(i)                                                                                \
    for (uint32_t k_##i = 0, i = 0; k_##i < n && ((i = sel != NULL ? sel[k_##i] : k_##i), true);   \
         k_##i++)
#define EACH_VALID(i)                                                                              \
    EACH_ROW(i)                                                                                    \
    if (out->valid != NULL && !bit_get(out->valid, i)) {                                           \
    } else

#define KERNEL(name)                                                                               \
    static bool name(struct eval *ev, const struct func_call *call, uint32_t rows,                 \
                     const uint16_t *sel, uint32_t n, const struct vec *const *in,                 \
                     struct vec *out, struct error *err)

/* One family: a table in its own file. */
struct func_family {
    const struct func_def *defs;
    uint32_t count;
};

extern const struct func_family family_operators, family_compare, family_conditional, family_math,
    family_string, family_regex, family_binary, family_datetime, family_datetime_make,
    family_interval, family_aggregate, family_aggregate_stat, family_aggregate_collect,
    family_window, family_array, family_array_set, family_map, family_struct, family_lambda,
    family_json, family_generator, family_misc, family_like, family_hash, family_mask;

/* Binds by def->sig; the kernel is def->kernel. */
bool func_bind_sig(struct func_bind *b, struct error *err);

/* Facts on arguments. */
static inline const struct type *
bind_type(const struct func_bind *b, uint32_t i)
{
    return b->cast_to[i] != NULL ? b->cast_to[i] : b->args[i]->type;
}

bool bind_any_nullable(const struct func_bind *b);
/* A literal (through casts), not null. */
const struct datum *bind_literal(const struct func_bind *b, uint32_t i);
bool bind_literal_text(const struct func_bind *b, uint32_t i, struct view *out);
bool bind_literal_int(const struct func_bind *b, uint32_t i, int64_t *out);
/* Wants argument i as type `to`: sets cast_to when it differs and may be coerced, else raises. */
bool bind_want(struct func_bind *b, uint32_t i, const struct type *to, struct error *err);
/* All arguments from `from` on to their common type; NULL with err set when there is none. */
const struct type *bind_common(struct func_bind *b, uint32_t from, struct error *err);
/* The wider type of two for comparing them (strings are promoted to the other side). */
const struct type *type_for_compare(struct arena *a, const struct type *x, const struct type *y,
                                    bool ansi);

/* Errors. */
bool bind_fail_input(const struct func_bind *b, uint32_t i, const char *required,
                     struct error *err);
bool bind_fail_diff(const struct func_bind *b, struct error *err); /* BINARY_OP_DIFF_TYPES */
bool bind_fail_wrong(const struct func_bind *b, const char *required, struct error *err);
bool bind_fail_data_diff(const struct func_bind *b, struct error *err);
bool bind_fail_count(const struct func_bind *b, const char *expected, struct error *err);
bool bind_fail_order(const struct func_bind *b, const struct type *t, struct error *err);
bool bind_fail_foldable(const struct func_bind *b, uint32_t i, const char *name, const char *type,
                        struct error *err);
char *bind_sql(const struct func_bind *b); /* "name(a, b)" in double quotes */
char *bind_arg_sql(const struct func_bind *b, uint32_t i);
char *type_quoted(struct arena *a, const struct type *t); /* "INT" with the quotes */

bool raise_overflow(struct error *err, const char *what, const char *alternative);
bool raise_divide_by_zero(struct error *err);
bool raise_remainder_by_zero(struct error *err);

/* Decimals. */
const struct type *decimal_for(struct arena *a, const struct type *t); /* integral, float: exact */
const struct type *decimal_adjusted(struct arena *a, int precision, int scale);
const struct type *decimal_wider(struct arena *a, const struct type *x, const struct type *y);
/* The decimal type of a numeric argument: literals take no more digits than they have. */
const struct type *bind_decimal(const struct func_bind *b, uint32_t i);

static inline i128
vec_decimal(const struct vec *v, uint32_t i)
{
    return v->phys == PHYS_I64 ? ((const int64_t *)v->data)[i] : ((const i128 *)v->data)[i];
}

static inline void
vec_put_decimal(struct vec *v, uint32_t i, i128 x)
{
    if (v->phys == PHYS_I64) {
        ((int64_t *)v->data)[i] = (int64_t)x;
    } else {
        ((i128 *)v->data)[i] = x;
    }
}

/* Spark's ordering and equality of two values of equal types; both not null. */
int value_compare(const struct vec *x, uint32_t i, const struct vec *y, uint32_t j);
bool value_equal(const struct vec *x, uint32_t i, const struct vec *y, uint32_t j);

#endif
