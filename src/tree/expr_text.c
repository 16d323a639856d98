/*
 * Expressions as texts: the names of unaliased result columns, which are also what error messages
 * quote.
 *
 * Spark prints its internal trees, so the text of a call is not always what was typed: mathematical
 * functions are in capitals, optional arguments appear with their defaults, some functions show
 * what they are rewritten to. The tables below hold those facts; the rest is name(arguments).
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "tree/expr.h"
#include "tree/literal_text.h"

static void put(struct buffer *out, const struct expr *e);

static void
put_list(struct buffer *out, struct expr *const *args, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        buffer_puts(out, i > 0 ? ", " : "");
        put(out, args[i]);
    }
}

/* (a op b) */
static const struct {
    const char *name;
    const char *text;
} infix[] = {
    {"!=", NULL}, {"%", "%"}, {"&", "&"},   {"*", "*"},     {"+", "+"},     {"-", "-"},
    {"/", "/"},   {"<", "<"}, {"<=", "<="}, {"<=>", "<=>"}, {"<>", NULL},   {"=", "="},
    {"==", "="},  {">", ">"}, {">=", ">="}, {"^", "^"},     {"and", "AND"}, {"div", "div"},
    {"or", "OR"}, {"|", "|"}, {"<<", "<<"}, {">>", ">>"},   {">>>", ">>>"},
};

/* Functions that show a name other than the one called. */
static const struct {
    const char *name;
    const char *shown;
} shown_names[] = {
    {"acos", "ACOS"},
    {"acosh", "ACOSH"},
    {"array_agg", "collect_list"},
    {"asin", "ASIN"},
    {"asinh", "ASINH"},
    {"atan", "ATAN"},
    {"atan2", "ATAN2"},
    {"atanh", "ATANH"},
    {"cbrt", "CBRT"},
    {"ceil", "CEIL"},
    {"cos", "COS"},
    {"cosh", "COSH"},
    {"cot", "COT"},
    {"csc", "CSC"},
    {"dateadd", "date_add"},
    {"degrees", "DEGREES"},
    {"e", "E"},
    {"exp", "EXP"},
    {"expm1", "EXPM1"},
    {"floor", "FLOOR"},
    {"hypot", "HYPOT"},
    {"log", "LOG"},
    {"log10", "LOG10"},
    {"log1p", "LOG1P"},
    {"log2", "LOG2"},
    {"pi", "PI"},
    {"power", "POWER"},
    {"radians", "RADIANS"},
    {"regexp", "REGEXP"},
    {"regexp_like", "REGEXP_LIKE"},
    {"rlike", "RLIKE"},
    {"sec", "SEC"},
    {"signum", "SIGNUM"},
    {"sin", "SIN"},
    {"sinh", "SINH"},
    {"sqrt", "SQRT"},
    {"tan", "TAN"},
    {"tanh", "TANH"},
    {"||", "concat"},
    {"rank", "RANK"},
    {"dense_rank", "DENSE_RANK"},
    {"percent_rank", "PERCENT_RANK"},
    {"make_timestamp_ltz", "make_timestamp"},
};

/* Arguments that Spark fills in when they are missing: name, arguments given, text added. */
static const struct {
    const char *name;
    uint32_t given;
    const char *added;
} default_args[] = {
    {"approx_top_k", 1, ", 5, 10000"},
    {"approx_top_k", 2, ", 10000"},
    {"assert_true", 1, ", 'true' is not true!"},
    {"bround", 1, ", 0"},
    {"from_unixtime", 1, ", yyyy-MM-dd HH:mm:ss"},
    {"hll_sketch_agg", 1, ", 12"},
    {"lag", 1, ", 1, NULL"},
    {"lag", 2, ", NULL"},
    {"lead", 1, ", 1, NULL"},
    {"lead", 2, ", NULL"},
    {"listagg", 1, ", NULL"},
    {"locate", 2, ", 1"},
    {"lpad", 2, ",  "},
    {"make_dt_interval", 0, "0, 0, 0, 0.000000"},
    {"make_dt_interval", 1, ", 0, 0, 0.000000"},
    {"make_dt_interval", 2, ", 0, 0.000000"},
    {"make_dt_interval", 3, ", 0.000000"},
    {"make_interval", 0, "0, 0, 0, 0, 0, 0, 0.000000"},
    {"make_interval", 1, ", 0, 0, 0, 0, 0, 0.000000"},
    {"make_interval", 2, ", 0, 0, 0, 0, 0.000000"},
    {"make_interval", 3, ", 0, 0, 0, 0.000000"},
    {"make_interval", 4, ", 0, 0, 0.000000"},
    {"make_interval", 5, ", 0, 0.000000"},
    {"make_interval", 6, ", 0.000000"},
    {"make_ym_interval", 0, "0, 0"},
    {"make_ym_interval", 1, ", 0"},
    {"mask", 1, ", X, x, n, NULL"},
    {"mask", 2, ", x, n, NULL"},
    {"mask", 3, ", n, NULL"},
    {"mask", 4, ", NULL"},
    {"months_between", 2, ", true"},
    {"overlay", 3, ", -1"},
    {"percentile", 2, ", 1"},
    {"percentile_approx", 2, ", 10000"},
    {"approx_percentile", 2, ", 10000"},
    {"position", 2, ", 1"},
    {"regexp_extract", 2, ", 1"},
    {"regexp_extract_all", 2, ", 1"},
    {"regexp_instr", 2, ", 0"},
    {"regexp_replace", 3, ", 1"},
    {"round", 1, ", 0"},
    {"rpad", 2, ",  "},
    {"sentences", 1, ", , "},
    {"sentences", 2, ", "},
    {"split", 2, ", -1"},
    {"str_to_map", 1, ", ,, :"},
    {"str_to_map", 2, ", :"},
    {"string_agg", 1, ", NULL"},
    {"substr", 2, ", 2147483647"},
    {"substring", 2, ", 2147483647"},
    {"unix_timestamp", 1, ", yyyy-MM-dd HH:mm:ss"},
    {"to_unix_timestamp", 1, ", yyyy-MM-dd HH:mm:ss"},
};

static bool
is_name(const struct expr *e, const char *name)
{
    return strcasecmp(e->name, name) == 0;
}

/* x >= a AND x <= b that was written as x BETWEEN a AND b. */
static bool
put_between(struct buffer *out, const struct expr *e)
{
    if (e->spelling != SPELL_BETWEEN || e->arg_count != 2 || e->args[0]->arg_count != 2 ||
        e->args[1]->arg_count != 2) {
        return false;
    }
    buffer_puts(out, "between(");
    put_list(out, e->args[0]->args, 2);
    buffer_puts(out, ", ");
    put(out, e->args[1]->args[1]);
    buffer_puts(out, ")");
    return true;
}

static bool
put_infix(struct buffer *out, const struct expr *e)
{
    if (e->arg_count != 2) {
        return false;
    }
    if (put_between(out, e)) {
        return true;
    }
    for (size_t i = 0; i < sizeof infix / sizeof *infix; i++) {
        if (!is_name(e, infix[i].name)) {
            continue;
        }
        const bool differs = infix[i].text == NULL; /* a != b is parsed as NOT (a = b) */
        buffer_puts(out, differs ? "(NOT (" : "(");
        put(out, e->args[0]);
        buffer_printf(out, " %s ", differs ? "=" : infix[i].text);
        put(out, e->args[1]);
        buffer_puts(out, differs ? "))" : ")");
        return true;
    }
    return false;
}

static bool
put_prefix_or_test(struct buffer *out, const struct expr *e)
{
    if (e->arg_count != 1) {
        return false;
    }
    static const struct {
        const char *name;
        const char *before;
        const char *after;
    } forms[] = {
        {"not", "(NOT ", ")"},
        {"!", "(NOT ", ")"},
        {"~", "~", ""},
        {"-", "(- ", ")"},
        {"+", "(+ ", ")"},
        {"positive", "(+ ", ")"},
        {"isnull", "(", " IS NULL)"},
        {"isnotnull", "(", " IS NOT NULL)"},
        {"int", "", ""},
        {"bigint", "", ""},
        {"smallint", "", ""},
        {"tinyint", "", ""},
        {"float", "", ""},
        {"double", "", ""},
        {"boolean", "", ""},
        {"string", "", ""},
        {"binary", "", ""},
        {"date", "", ""},
        {"timestamp", "", ""},
        {"decimal", "", ""},
    };
    if (e->spelling == SPELL_OPERATOR && is_name(e, "negative")) {
        buffer_puts(out, "(- ");
        put(out, e->args[0]);
        buffer_puts(out, ")");
        return true;
    }
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        if (is_name(e, forms[i].name)) {
            buffer_puts(out, forms[i].before);
            put(out, e->args[0]);
            buffer_puts(out, forms[i].after);
            return true;
        }
    }
    return false;
}

/* Calls with a shape of their own: IN, LIKE, IF, TRIM. */
static bool
put_special(struct buffer *out, const struct expr *e)
{
    if (is_name(e, "in") && e->arg_count >= 1) {
        buffer_puts(out, "(");
        put(out, e->args[0]);
        buffer_puts(out, " IN (");
        put_list(out, e->args + 1, e->arg_count - 1);
        buffer_puts(out, "))");
        return true;
    }
    if (is_name(e, "ilike") && e->arg_count == 3) {
        buffer_puts(out, "ilike(");
        put_list(out, e->args, 2);
        buffer_puts(out, ")");
        return true;
    }
    if (is_name(e, "like") && (e->arg_count == 2 || e->arg_count == 3)) {
        put(out, e->args[0]);
        buffer_puts(out, " LIKE ");
        put(out, e->args[1]);
        if (e->arg_count == 3) {
            buffer_puts(out, " ESCAPE '");
            put(out, e->args[2]);
            buffer_puts(out, "'");
        }
        return true;
    }
    if (is_name(e, "if") && e->arg_count == 3) {
        buffer_puts(out, "(IF(");
        put_list(out, e->args, 3);
        buffer_puts(out, "))");
        return true;
    }
    if (is_name(e, "extract") && e->arg_count == 2) {
        buffer_puts(out, "extract(");
        put(out, e->args[0]);
        buffer_puts(out, " FROM ");
        put(out, e->args[1]);
        buffer_puts(out, ")");
        return true;
    }
    static const char *const trims[][2] = {
        {"trim", "BOTH"}, {"ltrim", "LEADING"}, {"rtrim", "TRAILING"}};
    for (size_t i = 0; i < 3; i++) {
        if (is_name(e, trims[i][0]) && e->arg_count == 2) {
            buffer_printf(out, "TRIM(%s ", trims[i][1]);
            put(out, e->args[0]);
            buffer_puts(out, " FROM ");
            put(out, e->args[1]);
            buffer_puts(out, ")");
            return true;
        }
    }
    return false;
}

static void
put_function_name(struct buffer *out, const char *name)
{
    for (size_t i = 0; i < sizeof shown_names / sizeof *shown_names; i++) {
        if (strcasecmp(name, shown_names[i].name) == 0) {
            buffer_puts(out, shown_names[i].shown);
            return;
        }
    }
    for (const char *p = name; *p != '\0'; p++) {
        buffer_u8(out, (uint8_t)tolower((unsigned char)*p));
    }
}

/* How many of the arguments are shown: flags that only change behaviour are hidden. */
static uint32_t
shown_args(const struct expr *e)
{
    static const char *const ignore_nulls_flag[] = {"first",      "first_value", "last",
                                                    "last_value", "any_value",   "mode"};
    for (size_t i = 0; i < sizeof ignore_nulls_flag / sizeof *ignore_nulls_flag; i++) {
        if (e->arg_count == 2 && is_name(e, ignore_nulls_flag[i])) {
            return 1;
        }
    }
    if (is_name(e, "rank") || is_name(e, "dense_rank") || is_name(e, "percent_rank")) {
        return 0;
    }
    return e->arg_count;
}

/* Trailing EXPR_SORT_ORDER arguments: WITHIN GROUP. */
static uint32_t
order_args(const struct expr *e)
{
    uint32_t n = 0;
    while (n < e->arg_count && e->args[e->arg_count - 1 - n]->kind == EXPR_SORT_ORDER) {
        n++;
    }
    return n;
}

static void
put_within_group(struct buffer *out, const struct expr *e, uint32_t orders)
{
    if (orders == 0) {
        return;
    }
    const bool percentile = is_name(e, "percentile_cont") || is_name(e, "percentile_disc");
    buffer_puts(out, " WITHIN GROUP (ORDER BY ");
    for (uint32_t i = e->arg_count - orders; i < e->arg_count; i++) {
        const struct expr *order = e->args[i];
        buffer_puts(out, i > e->arg_count - orders ? ", " : "");
        put(out, percentile ? order->args[0] : order);
        buffer_puts(out, percentile && order->descending ? " DESC" : "");
    }
    buffer_puts(out, ")");
}

static void
put_call(struct buffer *out, const struct expr *e)
{
    if (put_infix(out, e) || put_prefix_or_test(out, e) || put_special(out, e)) {
        return;
    }
    if (is_name(e, "count") && !e->distinct && e->arg_count == 1 && e->args[0]->kind == EXPR_STAR &&
        e->args[0]->name_count == 0) {
        buffer_puts(out, "count(1)");
    } else {
        const bool rounds = is_name(e, "ceil") || is_name(e, "floor");
        const bool ltz = is_name(e, "make_timestamp_ltz");
        if ((rounds && e->arg_count > 1) || (ltz && e->arg_count > 3)) {
            buffer_puts(out, e->name); /* other implementations, other names */
        } else {
            put_function_name(out, e->name);
        }
        buffer_puts(out, e->distinct ? "(DISTINCT " : "(");
        const uint32_t orders = order_args(e);
        put_list(out, e->args, orders > 0 ? e->arg_count - orders : shown_args(e));
        for (size_t i = 0; i < sizeof default_args / sizeof *default_args; i++) {
            if (e->arg_count == default_args[i].given && is_name(e, default_args[i].name)) {
                buffer_puts(out, default_args[i].added);
                break;
            }
        }
        buffer_puts(out, ")");
        put_within_group(out, e, orders);
    }
    if (e->filter != NULL) {
        buffer_puts(out, " FILTER (WHERE ");
        put(out, e->filter);
        buffer_puts(out, ")");
    }
}

static void
put_case(struct buffer *out, const struct expr *e)
{
    buffer_puts(out, "CASE");
    uint32_t i = 0;
    for (; i + 1 < e->arg_count; i += 2) {
        buffer_puts(out, " WHEN ");
        put(out, e->args[i]);
        buffer_puts(out, " THEN ");
        put(out, e->args[i + 1]);
    }
    if (i < e->arg_count) {
        buffer_puts(out, " ELSE ");
        put(out, e->args[i]);
    }
    buffer_puts(out, " END");
}

static void
put_bound(struct buffer *out, const struct frame_bound *b, bool lower)
{
    if (b->kind == BOUND_UNBOUNDED) {
        buffer_puts(out, lower ? "UNBOUNDED PRECEDING" : "UNBOUNDED FOLLOWING");
    } else if (b->kind == BOUND_CURRENT_ROW) {
        buffer_puts(out, "CURRENT ROW");
    } else {
        put(out, b->value);
        buffer_puts(out, " FOLLOWING");
    }
}

/* The frame that is in force when none was written. */
static void
put_default_frame(struct buffer *out, const struct expr *function, const struct window_spec *w)
{
    static const char *const row_functions[] = {"row_number", "rank", "dense_rank", "percent_rank",
                                                "ntile"};
    const char *name = function->name != NULL ? function->name : "";
    for (size_t i = 0; i < sizeof row_functions / sizeof *row_functions; i++) {
        if (strcasecmp(name, row_functions[i]) == 0) {
            buffer_puts(out, "ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW");
            return;
        }
    }
    const bool lag = strcasecmp(name, "lag") == 0;
    if (lag || strcasecmp(name, "lead") == 0) {
        struct buffer offset = {0};
        if (function->arg_count > 1) {
            put(&offset, function->args[1]);
        } else {
            buffer_puts(&offset, "1");
        }
        const char *text = buffer_text(&offset);
        const char *sign = lag && text[0] != '-' ? "-" : "";
        text += lag && text[0] == '-';
        buffer_printf(out, "ROWS BETWEEN %s%s FOLLOWING AND %s%s FOLLOWING", sign, text, sign,
                      text);
        buffer_release(&offset);
        return;
    }
    buffer_puts(out, w->order_count > 0 ? "RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW"
                                        : "ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED "
                                          "FOLLOWING");
}

static void
put_order(struct buffer *out, const struct expr *e, bool descending, bool nulls_first)
{
    put(out, e);
    buffer_printf(out, " %s NULLS %s", descending ? "DESC" : "ASC", nulls_first ? "FIRST" : "LAST");
}

static void
put_window(struct buffer *out, const struct expr *e)
{
    const struct window_spec *w = e->window;
    put(out, e->args[0]);
    if (w == NULL) {
        return;
    }
    buffer_puts(out, " OVER (");
    if (w->partition_count > 0) {
        buffer_puts(out, "PARTITION BY ");
        put_list(out, w->partition, w->partition_count);
        buffer_puts(out, " ");
    }
    for (uint32_t i = 0; i < w->order_count; i++) {
        buffer_puts(out, i > 0 ? ", " : "ORDER BY ");
        put_order(out, w->order[i].expr, w->order[i].descending, w->order[i].nulls_first);
    }
    buffer_puts(out, w->order_count > 0 ? " " : "");
    if (w->frame == FRAME_NONE) {
        put_default_frame(out, e->args[0], w);
    } else {
        buffer_puts(out, w->frame == FRAME_ROWS ? "ROWS BETWEEN " : "RANGE BETWEEN ");
        put_bound(out, &w->lower, true);
        buffer_puts(out, " AND ");
        put_bound(out, &w->upper, false);
    }
    buffer_puts(out, ")");
}

static void
put_attribute(struct buffer *out, const struct expr *e)
{
    if (e->name_count > 0) {
        buffer_puts(out, e->names[e->name_count - 1]);
    }
}

static void
put_subquery(struct buffer *out, const struct expr *e)
{
    buffer_puts(out, e->negated ? "(NOT " : "");
    if (e->subquery_kind == SUBQUERY_IN) {
        buffer_puts(out, "(");
        if (e->arg_count == 1) {
            put(out, e->args[0]);
        } else {
            buffer_puts(out, "named_struct(");
            put_list(out, e->args, e->arg_count);
            buffer_puts(out, ")");
        }
        buffer_puts(out, " IN (listquery()))");
    } else {
        buffer_puts(out, e->subquery_kind == SUBQUERY_EXISTS ? "exists()" : "scalarsubquery()");
    }
    buffer_puts(out, e->negated ? ")" : "");
}

static void
put_extract(struct buffer *out, const struct expr *e)
{
    put(out, e->args[0]);
    const struct expr *key = e->args[1];
    const bool field = key->kind == EXPR_LITERAL && !key->literal.is_null &&
                       key->literal.type->id == TYPE_STRING && e->args[0]->type != NULL &&
                       e->args[0]->type->id != TYPE_MAP;
    buffer_puts(out, field ? "." : "[");
    put(out, key);
    buffer_puts(out, field ? "" : "]");
}

static void
put_cast(struct buffer *out, const struct expr *e)
{
    if (e->spelling == SPELL_TYPED_LITERAL && e->name != NULL) {
        buffer_puts(out, e->name);
        return;
    }
    /* Casts to nested types do not show in Spark's names. */
    if (e->implicit || (e->type != NULL && type_is_nested(e->type))) {
        put(out, e->args[0]);
        return;
    }
    buffer_puts(out, e->cast_mode == CAST_TRY ? "TRY_CAST(" : "CAST(");
    put(out, e->args[0]);
    buffer_puts(out, " AS ");
    if (e->type != NULL) {
        type_put_sql(out, e->type);
    } else {
        for (const char *p = e->type_text != NULL ? e->type_text : ""; *p != '\0'; p++) {
            buffer_u8(out, (uint8_t)toupper((unsigned char)*p));
        }
    }
    buffer_puts(out, ")");
}

static void
put_lambda(struct buffer *out, const struct expr *e)
{
    buffer_puts(out, "lambdafunction(");
    put(out, e->args[0]);
    for (uint32_t i = 0; i < e->name_count; i++) {
        buffer_puts(out, ", namedlambdavariable()");
    }
    buffer_puts(out, ")");
}

static void
put_update_field(struct buffer *out, const struct expr *e)
{
    buffer_puts(out, "update_fields(");
    put(out, e->args[0]);
    if (e->arg_count > 1) {
        buffer_puts(out, ", WithField(");
        put(out, e->args[1]);
        buffer_puts(out, ")");
    } else {
        buffer_puts(out, ", dropfield()");
    }
    buffer_puts(out, ")");
}

static void
put_star(struct buffer *out, const struct expr *e)
{
    for (uint32_t i = 0; i < e->name_count; i++) {
        buffer_printf(out, "%s.", e->names[i]);
    }
    buffer_puts(out, "*");
}

static void
put_column(struct buffer *out, const struct expr *e)
{
    if (e->name != NULL) {
        buffer_puts(out, e->name);
    } else {
        buffer_printf(out, "%s%u", e->kind == EXPR_OUTER ? "outer #" : "#", e->column);
    }
}

static void
put(struct buffer *out, const struct expr *e)
{
    switch (e->kind) {
    case EXPR_LITERAL:
        literal_put(out, &e->literal);
        break;
    case EXPR_CALL:
    case EXPR_AGG:
    case EXPR_GENERATOR:
    case EXPR_UDF:
        put_call(out, e);
        break;
    case EXPR_CAST:
        put_cast(out, e);
        break;
    case EXPR_CASE:
        put_case(out, e);
        break;
    case EXPR_ALIAS:
        put(out, e->args[0]);
        buffer_printf(out, " AS %s", e->name != NULL ? e->name : e->names[0]);
        break;
    case EXPR_WINDOW:
        put_window(out, e);
        break;
    case EXPR_LAMBDA:
        put_lambda(out, e);
        break;
    case EXPR_LAMBDA_VAR:
        buffer_puts(out, "namedlambdavariable()");
        break;
    case EXPR_SUBQUERY:
        put_subquery(out, e);
        break;
    case EXPR_SORT_ORDER:
        put_order(out, e->args[0], e->descending, e->nulls_first);
        break;
    case EXPR_ATTRIBUTE:
        put_attribute(out, e);
        break;
    case EXPR_STAR:
        put_star(out, e);
        break;
    case EXPR_EXTRACT:
        put_extract(out, e);
        break;
    case EXPR_STRING:
    case EXPR_REGEX:
        buffer_puts(out, e->name);
        break;
    case EXPR_NAMED_ARG:
        put(out, e->args[0]);
        break;
    case EXPR_UPDATE_FIELD:
        put_update_field(out, e);
        break;
    case EXPR_PARAMETER:
        buffer_printf(out, "%s%s", e->name != NULL ? ":" : "?", e->name != NULL ? e->name : "");
        break;
    case EXPR_COLUMN:
    case EXPR_OUTER:
        put_column(out, e);
        break;
    case EXPR_GET_FIELD:
        put(out, e->args[0]);
        buffer_printf(out, ".%s",
                      e->name != NULL ? e->name : e->args[0]->type->fields[e->column].name);
        break;
    }
}

void
expr_put_name(struct buffer *out, const struct expr *e)
{
    if (e->kind == EXPR_ALIAS && e->name != NULL) {
        buffer_puts(out, e->name);
        return;
    }
    put(out, e);
}

void
expr_put_sql(struct buffer *out, const struct expr *e)
{
    put(out, e);
}
