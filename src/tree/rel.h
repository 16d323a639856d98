/*
 * Relations: the nodes of a logical plan, before and after resolution, and the few commands.
 *
 * As with expressions there is one tree for both producers (connect/, sql/) and all passes. After
 * resolution every node has `schema` (a TYPE_STRUCT whose fields are the output columns, duplicate
 * names allowed) and only the kinds marked R remain; the optimiser keeps that form; plan/serial
 * writes it for other processes; exec/ compiles it into pipelines.
 */
#ifndef WEIR_TREE_REL_H
#define WEIR_TREE_REL_H

#include "tree/expr.h"
#include "tree/source.h"

enum rel_kind {
    /* R: remain after resolution */
    REL_SCAN = 0,  /* R  files, topics, ranges: source, columns, filter */
    REL_LOCAL,     /* R  rows that came with the plan: arrow IPC stream or literal rows */
    REL_RANGE,     /* R  range: start, end, step, partitions */
    REL_PROJECT,   /* R  exprs */
    REL_FILTER,    /* R  condition */
    REL_AGGREGATE, /* R  groups (exprs[0..group_count)), aggregates (exprs[group_count..)); grouping
                      sets are expanded by REL_EXPAND before */
    REL_JOIN,      /* R  inputs[0], inputs[1], join_type, condition */
    REL_SORT,      /* R  keys; global or within partitions */
    REL_LIMIT,     /* R  limit, offset (-1 = none) */
    REL_TOPN,      /* R  keys, limit, offset: made by the optimiser */
    REL_UNION,     /* R  all of inputs, by position */
    REL_DISTINCT,  /* R  whole rows */
    REL_WINDOW,    /* R  input columns, then one per window expression in exprs (EXPR_WINDOW) */
    REL_GENERATE,  /* R  input columns kept, then the generator's: exprs[0] EXPR_GENERATOR */
    REL_EXPAND,    /* R  each row becomes set_count rows: sets[i] projections */
    REL_SAMPLE,    /* R  lower, upper, seed, with_replacement */
    REL_REPARTITION,     /* R partitions, exprs */
    REL_EVENT_WATERMARK, /* R  column, delay_micros */
    REL_MAP_UDF,         /* R  mapInPandas and kin: udf over whole batches */
    REL_TAIL,            /* R  last limit rows */
    REL_WRITE,           /* R  batch write to files: write; output is the written files' facts */
    REL_EMPTY,           /* R  no rows; schema */
    REL_DEDUPLICATE,     /* R  keys = exprs (EXPR_COLUMN); keep any first row */
    REL_STATE_AGGREGATE, /* R streaming aggregate with kept state: as AGGREGATE, plus stream */

    /* made by plan/stages.c, where a plan is cut for several workers */
    REL_EXCHANGE,      /* root of a stage: the input's rows dealt by exprs to `partitions` files */
    REL_EXCHANGE_READ, /* rows that the tasks of `stage` wrote; schema, part_first, part_count */

    /* only before resolution */
    REL_TABLE,        /* names (catalog, db, table, or view), options, is_streaming */
    REL_READ,         /* format, paths, schema_text, options, is_streaming */
    REL_SQL,          /* text, args */
    REL_VALUES,       /* exprs row-major, column count in group_count */
    REL_ALIAS,        /* alias of the input: name, column_names (maybe none) */
    REL_WITH,         /* CTEs: ctes, inputs[0] */
    REL_SET_OP,       /* set_op, all, by_name, allow_missing */
    REL_TO_DF,        /* column_names */
    REL_RENAME,       /* old/new pairs in column_names */
    REL_WITH_COLUMNS, /* exprs are aliases */
    REL_DROP,         /* exprs or column_names */
    REL_DEDUP_NAMES,  /* dropDuplicates(column_names), all_columns, within_watermark */
    REL_UNPIVOT,
    REL_PIVOT_AGGREGATE,
    REL_GROUPING_SETS,
    REL_TO_SCHEMA,
    REL_HINT,
    REL_TVF,
    REL_NA_FILL,
    REL_NA_DROP,
    REL_NA_REPLACE,
    REL_DESCRIBE,
    REL_SUMMARY,
    REL_CROSSTAB,
    REL_COV,
    REL_CORR,
    REL_APPROX_QUANTILE,
    REL_FREQ_ITEMS,
    REL_SAMPLE_BY,
    REL_SHOW_STRING,
    REL_HTML_STRING,
    REL_WITH_RELATIONS, /* root inputs[0], referenced subquery plans inputs[1..] */
    REL_CACHED_LOCAL,
    REL_CACHED_REMOTE, /* name is the hash or id */
    REL_CATALOG,       /* a catalog call that answers rows: name is the operation, args in exprs */
    REL_LATERAL_VIEW, /* SQL's LATERAL VIEW: exprs[0] generator call, name table alias, column_names
                       */
    REL_LATERAL_JOIN,
    REL_COMMAND,         /* a SQL statement with an effect: command */
    REL_COLLECT_METRICS, /* observe(): name, exprs */
};

/*
 * What the kinds hold before resolution, beyond what stands beside them above:
 *
 * JOIN             join_type, condition, column_names = USING columns (natural: by name)
 * AGGREGATE        group_count, exprs = groups, then aggregates; the output is all of them in order
 * GROUPING_SETS    the same with group_type ROLLUP, CUBE or SETS (sets, set_sizes, set_count)
 * PIVOT_AGGREGATE  the same; condition = pivot column; sets[0] = values when set_count is 1
 * LIMIT            limit, offset (-1 = none)
 * SAMPLE           lower, upper, with_replacement, seed; is_global = the order must not matter
 * REPARTITION      partitions (-1 = default), exprs (EXPR_SORT_ORDER: by range); is_all = rows may
 *                  move (false: coalesce)
 * EVENT_WATERMARK  name = column, text = delay ("10 seconds")
 * LOCAL            data; schema when the client gave one (columns by position), else the stream's
 * SET_OP           two inputs; UNION ALL may have more
 * SQL              text; exprs = arguments, column_names = their names (none: positional)
 * TO_SCHEMA        schema = the wanted one
 * UNPIVOT          exprs = ids (group_count), then values (all_columns: none given, all others);
 *                  column_names = variable's and value's column
 * HINT, TVF        name, exprs
 * NA_FILL          column_names (maybe none), exprs = one value, or one a column
 * NA_DROP          column_names (maybe none), limit = least number of values (-1 = all of them)
 * NA_REPLACE       column_names (maybe none), exprs = old, new, old, new ...
 * DESCRIBE, SUMMARY  column_names = columns, statistics
 * CROSSTAB, COV, CORR  column_names = the two columns; CORR: text = method
 * APPROX_QUANTILE  column_names, exprs = probabilities, lower = relative error
 * FREQ_ITEMS       column_names, lower = support
 * SAMPLE_BY        exprs = column, then stratum, fraction, stratum, fraction ...; seed
 * SHOW_STRING      limit = rows, truncate, vertical; HTML_STRING the same
 * CATALOG          name = the call as the protocol names it ("list_tables"), exprs = its fields in
 *                  order (a null literal where one is absent); schema and options where it has them
 * MAP_UDF          udf (eval_type says which kind: map, grouped, cogrouped), exprs = group
 *                  expressions of the first input (group_count), then of the second. Resolved, it
 * has one input and no exprs; plan/resolve_group_map.c says what its columns are A subquery in a
 * DataFrame expression is already in place (EXPR_SUBQUERY's subquery); WITH_RELATIONS keeps the
 * plans that SQL text names by their aliases.
 */

enum join_type {
    JOIN_INNER = 0,
    JOIN_LEFT,
    JOIN_RIGHT,
    JOIN_FULL,
    JOIN_SEMI,
    JOIN_ANTI,
    JOIN_CROSS,
    JOIN_MARK,   /* left rows plus one boolean column: three-valued IN/EXISTS */
    JOIN_SINGLE, /* left outer that fails on a second match: scalar subqueries */
};

enum set_op { SET_UNION = 0, SET_INTERSECT, SET_EXCEPT };
enum group_type { GROUP_BY = 0, GROUP_ROLLUP, GROUP_CUBE, GROUP_PIVOT, GROUP_SETS };

struct cte {
    const char *name;
    const char **column_names;
    uint32_t column_count;
    struct rel *rel;
    bool recursive;
    int64_t level_max; /* MAX RECURSION LEVEL; -1 = default */
};

/* How an exchange deals rows to its partitions. */
enum exchange_mode {
    EXCHANGE_SINGLE = 0,  /* one partition, for one reader */
    EXCHANGE_HASH,        /* by the hash of exprs: equal keys meet in one partition */
    EXCHANGE_ROUND_ROBIN, /* chunk by chunk */
    EXCHANGE_BROADCAST,   /* one partition, read by every task of the reading stage */
};

/* Which half of an aggregate a node is. States travel as BINARY columns behind the groups. */
enum agg_phase { AGG_WHOLE = 0, AGG_PARTIAL, AGG_FINAL };

/* What a batch or stream write wants. */
enum write_mode { WRITE_ERROR_IF_EXISTS = 0, WRITE_APPEND, WRITE_OVERWRITE, WRITE_IGNORE };
struct write_spec {
    const char *format; /* "parquet", "csv", "json", "text", "kafka", "noop" */
    const char *path;   /* NULL for tables */
    const char **table; /* name parts */
    uint32_t table_count;
    enum write_mode mode;
    const char **partition_by;
    uint32_t partition_count;
    struct options options;
    bool is_create_table; /* saveAsTable / CTAS */
    bool is_insert;
    /* set by the driver for each attempt */
    const char *attempt_dir; /* where part files go until commit */
    const char *job_id;
};

struct rel {
    enum rel_kind kind;
    struct rel **inputs;
    uint32_t input_count;
    const struct type *schema; /* after resolution */
    struct expr **exprs;
    uint32_t expr_count;
    uint32_t group_count;
    struct sort_key *keys;
    uint32_t key_count;
    struct expr *condition;
    struct expr **
        *sets; /* EXPAND: set_count arrays of expr_count expressions; GROUPING_SETS before */
    uint32_t *set_sizes;
    uint32_t set_count;
    enum join_type join_type;
    enum set_op set_op;
    enum group_type group_type;
    bool is_all, by_name, allow_missing, is_streaming, is_global, all_columns, within_watermark,
        with_replacement, natural, vertical, lateral, outer;
    bool output_is_list; /* AGGREGATE and kin before: exprs after the groups are the whole output,
                            as in SQL's SELECT list; false: groups, then aggregates (DataFrames) */
    bool others;        /* PIVOT_AGGREGATE, UNPIVOT from SQL: groups or ids are all columns that are
                           not named */
    bool include_nulls; /* UNPIVOT */
    bool having;        /* FILTER before: HAVING or QUALIFY, may hold aggregates and windows */
    const char *name;
    const char **names;
    uint32_t name_count;
    const char **column_names;
    uint32_t column_name_count;
    const char *text;                      /* SQL text */
    int64_t start, end, step;              /* RANGE */
    int64_t limit, offset;                 /* -1 = none */
    struct expr *limit_expr, *offset_expr; /* SQL, before folding */
    int32_t partitions;                    /* -1 = default */
    int32_t truncate;
    double lower, upper;
    int64_t seed;
    struct options options;
    const char *format;
    const char **paths;
    uint32_t path_count;
    const char *schema_text;          /* given by the user: DDL or JSON */
    const struct scan_source *source; /* SCAN: tree/source.h */
    uint32_t *columns; /* SCAN: which columns of the source's schema, in output order */
    uint32_t column_count;
    const uint8_t *data; /* LOCAL: Arrow IPC stream; CACHED_*: none */
    size_t data_len;
    struct expr ***rows; /* LOCAL from VALUES: literal rows */
    uint32_t row_count;
    uint32_t watermark_column;
    int64_t delay_micros;
    struct udf *udf;
    uint32_t left_width; /* MAP_UDF over groups, resolved: value columns of the first input */
    struct cte *ctes;
    uint32_t cte_count;
    struct write_spec *write;
    struct command *command; /* tree/command.h */
    struct stream_state_spec
        *stream;         /* STATE_AGGREGATE; stream's directory, version, watermark, mode */
    int64_t plan_id;     /* Connect's, -1 if none */
    double row_estimate; /* optimiser; -1 = unknown */
    /* of a plan that is cut in stages */
    enum exchange_mode exchange;
    enum agg_phase agg_phase;
    uint32_t stage; /* EXCHANGE_READ: whose output */
    /* SCAN, RANGE, EXCHANGE_READ: task t of the stage reads share t - part_first of part_count, and
     * nothing when that is not in [0, part_count). part_count 0: every task reads all. */
    uint32_t part_first, part_count;
};

/* Where a stateful operator finds its state and what it must emit. Set by stream/ for each batch.
 */
enum output_mode {
    OUTPUT_APPEND = 0,
    OUTPUT_UPDATE,
    OUTPUT_COMPLETE,
    OUTPUT_NEW, /* not a user's: groups that no batch before had, for dropDuplicates */
};
struct stream_state_spec {
    const char *dir; /* state directory of this operator */
    int64_t version; /* batch id to write; version - 1 is read (-1 = nothing yet) */
    int64_t
        watermark_micros; /* drop older events, emit and evict closed windows; INT64_MIN = none */
    int64_t watermark_evict_micros;
    enum output_mode mode;
    int32_t event_column; /* group expression that carries the window or event time; -1 = none */
};

struct rel *rel_new(struct arena *a, enum rel_kind kind, uint32_t input_count,
                    ...);                                   /* struct rel * each */
struct rel *rel_copy(struct arena *a, const struct rel *r); /* shallow node, own inputs array */
/* Replaces every expression that hangs directly at r, in place (r is the caller's own copy, its
 * arrays are copied): expressions, keys, condition, sets. false: fn returned NULL. */
bool rel_map_exprs(struct arena *a, struct rel *r,
                   struct expr *(*fn)(struct arena *a, struct expr *e, void *ctx), void *ctx);
/* Text for EXPLAIN, Spark's tree style. */
void rel_put_tree(struct buffer *out, const struct rel *r);

#endif
