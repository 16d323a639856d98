/*
 * Expressions, before and after resolution, in one tree type.
 *
 * The two producers (connect/ from protobuf, sql/ from text) build the unresolved kinds. Resolution
 * (plan/resolve*) rewrites them into the resolved kinds; after it each node has `type` and
 * `nullable`, columns are EXPR_COLUMN with an index into the input's columns, arguments carry
 * explicit casts, and a function name is canonical (lower case, registry name) so that func/ finds
 * the same kernel again in another process.
 *
 * Nodes live in an arena and are immutable once resolved; passes copy what they change.
 *
 * tree/ is pure data and lies below everything that reads or rewrites it: sql/, connect/, plan/,
 * exec/ and func/ all speak these structs.
 */
#ifndef WEIR_TREE_EXPR_H
#define WEIR_TREE_EXPR_H

#include <stdbool.h>
#include <stdint.h>

#include "type/type.h"
#include "vec/vec.h"

struct rel;

enum expr_kind {
    /* both before and after resolution */
    EXPR_LITERAL = 0, /* literal */
    EXPR_CALL,   /* name(args): functions and operators alike: "+", "and", "==", "isnull", "in",
                    "like" */
    EXPR_CAST,   /* args[0] to type; cast_mode */
    EXPR_CASE,   /* args: when, then, when, then, ..., [else]; CASE x WHEN y arrives as x == y */
    EXPR_ALIAS,  /* args[0] as name (several names for generators: names) */
    EXPR_AGG,    /* resolved: aggregate call name(args), distinct, filter */
    EXPR_WINDOW, /* args[0] is the function (CALL or AGG); window */
    EXPR_LAMBDA, /* args[0] is the body; names are the parameters; resolved: parameter i is the
                    variable with slot column + i, and type is the body's */
    EXPR_LAMBDA_VAR, /* name; resolved: column = slot (de Bruijn-free unique id) */
    EXPR_SUBQUERY,   /* subquery_kind, subquery, args = left-hand values of IN */
    EXPR_SORT_ORDER, /* args[0], descending, nulls_first: where a list of orders is an argument list
                      */
    EXPR_UDF,        /* Python function: name, args, udf */
    EXPR_GENERATOR,  /* resolved: explode & co: name(args), outer */
    /* only before */
    EXPR_ATTRIBUTE,    /* names = parts of a.b.c; plan_id */
    EXPR_STAR,         /* names = qualifier parts, maybe none; plan_id; except list in args */
    EXPR_REGEX,        /* columns whose name matches `name`; plan_id */
    EXPR_EXTRACT,      /* args[0] . or [] args[1]: field, element or map value */
    EXPR_STRING,       /* name is SQL text to be parsed as an expression (expr(), selectExpr) */
    EXPR_NAMED_ARG,    /* name => args[0] */
    EXPR_UPDATE_FIELD, /* args[0] struct, name field, args[1] new value, or drop when arg_count is 1
                        */
    EXPR_PARAMETER,    /* :name or positional ? (name NULL, column = ordinal) */
    /* only after */
    EXPR_COLUMN, /* column of the input (joins: left columns, then right ones) */
    EXPR_OUTER, /* column of the enclosing query's row, until unnesting removes it; depth in `depth`
                 */
    EXPR_GET_FIELD, /* field number `column` of struct args[0] */
};

enum cast_mode { CAST_DEFAULT = 0, CAST_LEGACY, CAST_ANSI, CAST_TRY };

enum subquery_kind { SUBQUERY_SCALAR, SUBQUERY_EXISTS, SUBQUERY_IN };

/* How a node was written, where that shows in its text or says what to do with it. */
enum spelling {
    SPELL_PLAIN = 0,
    SPELL_OPERATOR,      /* EXPR_CALL "negative": - x */
    SPELL_BETWEEN,       /* EXPR_CALL "and" of >= and <= with one left side: x BETWEEN a AND b */
    SPELL_TYPED_LITERAL, /* EXPR_CAST of a string: TIMESTAMP '...'; resolution folds it */
};

enum frame_kind { FRAME_NONE = 0, FRAME_ROWS, FRAME_RANGE };
enum bound_kind { BOUND_UNBOUNDED = 0, BOUND_CURRENT_ROW, BOUND_VALUE };

struct frame_bound {
    enum bound_kind kind; /* lower UNBOUNDED = preceding, upper UNBOUNDED = following */
    struct expr *value;   /* BOUND_VALUE: negative = preceding, as Spark Connect sends it */
};

struct sort_key {
    struct expr *expr;
    bool descending;
    bool nulls_first; /* already decided: Spark's default is first for asc, last for desc */
};

struct window_spec {
    struct expr **partition;
    uint32_t partition_count;
    struct sort_key *order;
    uint32_t order_count;
    enum frame_kind frame; /* FRAME_NONE: Spark's default for the function and order */
    struct frame_bound lower;
    struct frame_bound upper;
    const char *name; /* SQL: OVER name, until resolution */
};

/* A Python function as Spark Connect ships it. Bytes are borrowed from the plan's arena. */
struct udf {
    int32_t eval_type; /* 100 pickled rows, 101 arrow, 200 pandas, ... (PythonEvalType) */
    const uint8_t *command;
    size_t command_len;
    const char *python_version;
    const char *python_path; /* interpreter named by the session; NULL = default */
    bool deterministic;
    const struct type *return_type; /* may be NULL until resolved from return_ddl */
    const char *return_ddl;
    const char *files_dir; /* the session's files, for imports and SparkFiles; NULL = none */
    const char **includes; /* names in files_dir that are search paths themselves (zip, egg) */
    uint32_t include_count;
};

/* PythonEvalType of functions over groups and pairs of groups. */
enum udf_group_eval {
    UDF_GROUP_PANDAS = 201,
    UDF_COGROUP_PANDAS = 206,
    UDF_GROUP_ARROW = 209,
    UDF_COGROUP_ARROW = 210,
    UDF_GROUP_ARROW_ITER = 215,
    UDF_GROUP_PANDAS_ITER = 216,
};
bool udf_takes_groups(const struct udf *u);
bool udf_takes_pairs(const struct udf *u);

struct expr {
    enum expr_kind kind;
    uint8_t cast_mode; /* EXPR_CAST; EXPR_CALL: ansi or try variants are other names (try_add) */
    bool nullable;     /* after resolution */
    bool distinct;     /* EXPR_AGG, EXPR_CALL before */
    bool outer;        /* EXPR_GENERATOR */
    bool descending;   /* EXPR_SORT_ORDER */
    bool nulls_first;  /* EXPR_SORT_ORDER */
    bool negated;      /* EXPR_SUBQUERY: NOT IN, NOT EXISTS */
    bool ignore_nulls; /* first, last, lag, ... */
    bool user_defined; /* EXPR_CALL before: is_user_defined_function */
    bool implicit;     /* EXPR_CAST: put in by resolution, so not shown in names */
    uint8_t subquery_kind;
    uint8_t spelling; /* enum spelling */
    uint16_t depth;   /* EXPR_OUTER: 1 = the next query out */
    uint32_t column;
    uint32_t arg_count;
    uint32_t name_count;
    const struct type *type; /* after resolution; EXPR_CAST also before */
    const char *type_text;   /* EXPR_CAST before: DDL text when the type came as text */
    const char
        *name; /* EXPR_COLUMN, EXPR_OUTER, EXPR_GET_FIELD: the column's or field's, for texts */
    const char **names;
    const char *metadata; /* EXPR_ALIAS: JSON or NULL */
    struct expr **args;
    struct expr *filter; /* EXPR_AGG: FILTER (WHERE ...) */
    struct datum literal;
    struct window_spec *window;
    struct udf *udf;
    struct rel *subquery;
    int64_t plan_id; /* Connect's, -1 if none */
    int32_t start;   /* place in the SQL text, characters; -1 = none */
    int32_t stop;
    const char *sql_text;  /* the text that start and stop refer to; stays in this process */
    const char *call_site; /* DataFrame programs: where in the client's code; NULL if not sent */
    const char *call_name; /* and the method called there */
};

/* Builders: nodes with plan_id and place unset. */
struct expr *expr_new(struct arena *a, enum expr_kind kind);
struct expr *expr_literal(struct arena *a, struct datum literal);
struct expr *expr_string_literal(struct arena *a, const char *text, size_t len);
struct expr *expr_int_literal(struct arena *a, int32_t value);
struct expr *expr_long_literal(struct arena *a, int64_t value);
struct expr *expr_bool_literal(struct arena *a, bool value);
struct expr *expr_null_literal(struct arena *a, const struct type *type);
struct expr *expr_call(struct arena *a, const char *name, uint32_t arg_count,
                       ...); /* struct expr * each */
struct expr *expr_call_args(struct arena *a, const char *name, struct expr **args, uint32_t count);
struct expr *expr_alias(struct arena *a, struct expr *e, const char *name);
struct expr *expr_cast(struct arena *a, struct expr *e, const struct type *type,
                       enum cast_mode mode);
struct expr *expr_column(struct arena *a, uint32_t column, const struct type *type, bool nullable);
struct expr *expr_and(struct arena *a, struct expr *x, struct expr *y); /* either may be NULL */
struct expr *expr_copy(struct arena *a, const struct expr *e); /* shallow node, own args array */

/* Calls fn on e and everything under it (not into subqueries' plans); false stops. */
bool expr_walk(const struct expr *e, bool (*fn)(const struct expr *e, void *ctx), void *ctx);
/* Rebuilds bottom-up: fn gets each node after its arguments were replaced and returns its
 * successor, NULL with err set on failure. */
struct expr *expr_map(struct arena *a, struct expr *e,
                      struct expr *(*fn)(struct arena *a, struct expr *e, void *ctx), void *ctx);
/* The same from the top: fn is asked before a node's parts are; what it returns stands as it is,
 * NULL means "go on into the parts". */
struct expr *expr_rewrite(struct arena *a, struct expr *e,
                          struct expr *(*fn)(struct arena *a, struct expr *e, void *ctx),
                          void *ctx);
bool expr_equal(const struct expr *x, const struct expr *y); /* structural, after resolution */
/* The same partitions in the same order: one sort serves both. Frames are not looked at. */
bool window_order_equal(const struct window_spec *x, const struct window_spec *y);
/* Spark's text of an expression: column names of unaliased results, EXPLAIN, error messages. */
void expr_put_name(struct buffer *out,
                   const struct expr *e); /* "sum(x)", "(a + 1)" : output column name */
void expr_put_sql(struct buffer *out,
                  const struct expr *e); /* for messages: "\"(a + 1)\"" without the quotes */

#endif
