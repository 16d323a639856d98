/*
 * Functions: which there are, what types they take and give, and the kernels that compute them.
 *
 * Two moments meet here. At planning (front process) func_bind decides the result type and which
 * casts the arguments need. At compilation (worker process) func_bind is called again on arguments
 * that already have those types: it must then ask for no further cast and give the same result
 * type; so a plan carries only names and types, never kernel numbers.
 *
 * Kernels see FLAT vectors only (the evaluator flattens; dictionary inputs of deterministic
 * one-column functions are evaluated once per entry) and only rows in `sel` need be computed.
 * Unless `handles_nulls`, the evaluator has already ANDed the inputs' validity into out->valid, and
 * a kernel that may trap must skip rows that are null there. Aggregates' inputs are FLAT as well.
 * Threads: definitions are immutable; a func_call is shared by workers; per-thread state lives in
 * struct eval.
 */
#ifndef WEIR_FUNC_FUNC_H
#define WEIR_FUNC_FUNC_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "tree/expr.h"
#include "vec/vec.h"

enum func_class { FUNC_SCALAR = 0, FUNC_AGGREGATE, FUNC_WINDOW, FUNC_GENERATOR };

/* Session facts that semantics depend on; copied into tasks. */
struct func_session {
    bool ansi;                          /* spark.sql.ansi.enabled, true by default */
    bool legacy_decimal_precision_loss; /* spark.sql.decimalOperations.allowPrecisionLoss, true */
    bool case_sensitive;
    const char *zone;   /* spark.sql.session.timeZone, "Etc/UTC" or region name or offset */
    int64_t now_micros; /* the query's current_timestamp */
    const char *user;
    const char *database;
    const char *catalog;
};

struct zone; /* type/zone.h */

/* Where one call of rand or randn has come to in a partition. */
struct eval_random {
    const struct func_call *call;
    uint64_t row; /* the next one */
    uint64_t state;
    double kept; /* randn makes its values in pairs */
    uint32_t partition;
    bool has_kept;
};

enum { EVAL_RANDOMS = 4 }; /* more calls of rand than these in one pipeline start over each chunk */

/* Per-thread evaluation context. */
struct eval {
    struct arena *tmp; /* reset between source chunks */
    const struct func_session *session;
    const struct zone *zone;
    uint32_t partition; /* for rand, monotonically_increasing_id, spark_partition_id */
    uint64_t row_base;  /* rows seen before this chunk in the partition */
    struct eval_random randoms[EVAL_RANDOMS];
    uint32_t random_next; /* the entry to be replaced next */
};

struct func_call;
struct func_def;

/* Computes rows sel[0..n) (all 0..rows when sel NULL, n == rows) of out. in are FLAT. False: err
 * says why (the condition, e.g. ARITHMETIC_OVERFLOW). */
typedef bool (*func_kernel)(struct eval *ev, const struct func_call *call, uint32_t rows,
                            const uint16_t *sel, uint32_t n, const struct vec *const *in,
                            struct vec *out, struct error *err);

struct func_bind {
    /* in */
    const struct func_def *def;
    struct arena *arena;
    const struct func_session *session;
    struct expr *const *args; /* resolved, with types */
    uint32_t arg_count;
    bool distinct;
    /* out */
    const struct type **cast_to; /* arg_count entries, NULL = as it is; preset to NULLs */
    const struct type *type;     /* result */
    bool nullable;
    func_kernel kernel; /* scalars */
    const void *extra;  /* the kernel's constants: compiled patterns, scales; lives in arena */
    const struct agg_ops *agg; /* aggregates */
};

struct func_call { /* what a kernel knows of its call site */
    const struct func_def *def;
    const struct expr *expr;
    const struct type *type;
    const struct type *const *arg_types;
    uint32_t arg_count;
    const void *extra;
    const struct lambda *lambdas; /* higher-order functions: one an argument, see func/lambda.h */
};

struct func_def {
    const char *name; /* canonical, lower case */
    enum func_class class;
    uint8_t arg_min;
    uint8_t arg_max; /* 255 = any */
    bool nondeterministic;
    bool handles_nulls;
    bool (*bind)(struct func_bind *b, struct error *err);
    const char *usage;  /* DESCRIBE FUNCTION, one line */
    const char *sig;    /* for func_bind_sig: types of arguments and result, see func/bind.h */
    func_kernel kernel; /* preset for the call; bind may choose another */
    const void *data;   /* a family's own constants */
};

/* Aggregates: fixed-size states in rows of a hash table, with an arena for what varies. */
struct agg_ops {
    uint32_t state_bytes; /* 8-byte aligned */
    void (*init)(const struct func_call *call, void *state);
    /* Row sel[i] (or i) of in goes to states[i], i < n. Nulls are the function's own affair. */
    bool (*update)(struct eval *ev, const struct func_call *call, struct arena *keep,
                   void *const *states, const uint16_t *sel, uint32_t n,
                   const struct vec *const *in, struct error *err);
    /* The same with one state for all rows: no grouping, or runs of equal keys. */
    bool (*update_one)(struct eval *ev, const struct func_call *call, struct arena *keep,
                       void *state, const uint16_t *sel, uint32_t n, const struct vec *const *in,
                       struct error *err);
    bool (*merge)(struct eval *ev, const struct func_call *call, struct arena *keep, void *into,
                  const void *from,
                  struct error *err); /* from stays valid for reading elsewhere: copy */
    bool (*finish)(struct eval *ev, const struct func_call *call, void *const *states, uint32_t n,
                   struct vec *out, struct error *err); /* out FLAT, n rows, valid may be set */
    /* State as bytes, for spills, exchanges and streaming state. */
    void (*save)(const struct func_call *call, const void *state, struct buffer *out);
    bool (*load)(const struct func_call *call, struct arena *keep, void *state, struct reader *in);
};

const struct func_def *
func_find(const char *name); /* without case, aliases resolved; NULL if unknown */
/* Fills b's out fields or raises Spark's DATATYPE_MISMATCH.* / WRONG_NUM_ARGS.*. */
bool func_bind(struct func_bind *b, struct error *err);
/* All functions, sorted by name, for SHOW FUNCTIONS and suggestions. */
const struct func_def *const *func_all(uint32_t *count);

/* Types of the parameters of the lambda that is argument `lambda` of a higher-order function, from
 * the types of the arguments that are not lambdas (NULL where one is, or not known yet). Fills
 * param_count entries of out (type, nullable). `aggregate`: resolve the start value first; the
 * merge lambda's result must be cast to its type. */
bool func_lambda_params(const struct func_def *def, struct arena *a,
                        const struct type *const *arg_types, uint32_t arg_count, uint32_t lambda,
                        uint32_t param_count, struct type_field *out, struct error *err);

/* Spark's common type of two types for comparisons, CASE, coalesce, UNION; NULL if none. */
const struct type *func_common_type(struct arena *a, const struct type *x, const struct type *y,
                                    bool ansi);
/* Into how many windows a resolved window(ts, size, slide ...) puts a time; false: not constant. */
bool func_window_overlaps(const struct expr *call, uint64_t *out);
/* May a value be cast at all (for analysis errors)? */
bool func_can_cast(const struct type *from, const struct type *to, bool ansi);
/* Implicit cast allowed when an argument of type `to` is wanted? */
bool func_can_coerce(const struct type *from, const struct type *to, bool ansi);
/* One vector to another type; mode ANSI raises, LEGACY and TRY give null. out is FLAT. */
bool func_cast(struct eval *ev, const struct vec *in, const struct type *to, enum cast_mode mode,
               const uint16_t *sel, uint32_t n, struct vec *out, struct error *err);

#endif
