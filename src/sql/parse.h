/*
 * SQL text to unresolved trees: expressions, queries and commands, in Spark's grammar (4.x).
 *
 * The parser is pure: it knows no catalog, no session and no functions. All results live in the
 * caller's arena and borrow nothing from the text. Depth and length of what is accepted are bounded
 * (FAILED_TO_PARSE_TOO_COMPLEX), so that no text can exhaust the stack here or in a later pass.
 *
 * What the trees look like where tree/rel.h and tree/expr.h leave a choice:
 *   - Operators are calls by Spark Connect's names: "+", "==" (also for "="), "and", "not" (!= is
 *     not(==)), "negative", "concat" (for ||), "isnull", "like" (escape is a third argument), "in".
 *     expr.spelling keeps how a thing was written where its text shows that.
 *   - DATE 'x', TIMESTAMP 'x' are EXPR_CAST of a string with spelling TYPED_LITERAL unless the
 *     value is the same in every session (plain dates): resolution folds them and raises
 *     INVALID_TYPED_LITERAL.
 *   - WITHIN GROUP (ORDER BY ...) adds EXPR_SORT_ORDER arguments at the end of a call.
 *   - count(*) has an EXPR_STAR argument. A row (a, b) is a call of named_struct.
 *   - SELECT is PROJECT (it may hold aggregates) or, with GROUP BY, AGGREGATE with output_is_list;
 *     GROUP BY ALL sets is_all. Every form of ROLLUP, CUBE and GROUPING SETS becomes GROUPING_SETS
 *     with group_type GROUP_SETS, whose sets hold the same pointers as exprs[0..group_count).
 *   - Ordinals in GROUP BY and ORDER BY are integer literals. ORDER BY ALL is a SORT with is_all
 *     and one key over a star, which says the direction.
 *   - LIMIT and OFFSET are in limit and offset when they are plain numbers, else in limit_expr and
 *     offset_expr.
 *   - PIVOT and UNPIVOT set `others`: groups or ids are all columns that are not named.
 *   - Set operations are binary and left-deep, but a chain of UNION ALL is one node over all of its
 *     inputs. FROM a, b JOIN c is ((a, b) JOIN c). Named windows are already put in place.
 */
#ifndef WEIR_SQL_PARSE_H
#define WEIR_SQL_PARSE_H

#include "base/arena.h"
#include "base/error.h"
#include "tree/command.h"
#include "tree/expr.h"
#include "tree/rel.h"

/* A statement is a query (*query set) or a command (*command set). A trailing ';' is allowed. */
bool sql_parse_statement(struct arena *a, const char *text, size_t len, struct rel **query,
                         struct command **command, struct error *err);

/* NULL with err set when the text is not a query. */
struct rel *sql_parse_query(struct arena *a, const char *text, size_t len, struct error *err);

/* One expression, maybe with an alias: what expr() and selectExpr() take. */
struct expr *sql_parse_expr(struct arena *a, const char *text, size_t len, struct error *err);

/* "a.b.`c d`" into parts. */
bool sql_parse_identifier(struct arena *a, const char *text, size_t len, const char ***parts,
                          uint32_t *count, struct error *err);

/* "a DESC, b NULLS LAST" */
bool sql_parse_order(struct arena *a, const char *text, size_t len, struct sort_key **keys,
                     uint32_t *count, struct error *err);

#endif
