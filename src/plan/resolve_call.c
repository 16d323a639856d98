/*
 * Resolving calls: special forms are rewritten, lambdas get the types of their parameters, and the
 * rest is found in the function registry, which says what casts the arguments need.
 */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "plan/resolver.h"

static bool
is_call(const struct expr *u, const char *name)
{
    return strcasecmp(u->name, name) == 0;
}

/* Operators and functions under the names that the registry has for them. */
static const char *
registry_name(const char *name)
{
    static const struct {
        const char *from;
        const char *to;
    } names[] = {
        {"=", "=="},
        {"!", "not"},
        {"||", "concat"},
        {"random", "rand"},
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcasecmp(name, names[i].from) == 0) {
            return names[i].to;
        }
    }
    return name;
}

static bool
resolve_args(struct lookup *l, struct expr **in, uint32_t count, struct expr **out)
{
    for (uint32_t i = 0; i < count; i++) {
        const struct expr *arg = in[i]->kind == EXPR_NAMED_ARG ? in[i]->args[0] : in[i];
        if (arg->kind == EXPR_LAMBDA) {
            continue;
        }
        out[i] = resolve_expr(l, in[i]);
        if (out[i] == NULL) {
            return false;
        }
    }
    return true;
}

/* Lambdas. */

static struct expr *
resolve_lambda(struct lookup *l, struct expr *u, const struct type_field *params)
{
    struct resolver *r = l->r;
    struct lambda_scope scope = {
        .outer = l->lambda,
        .names = u->names,
        .types = params,
        .count = u->name_count,
        .slot = r->next_slot,
    };
    r->next_slot += u->name_count;
    struct lookup inner = *l;
    inner.lambda = &scope;
    struct expr *body = resolve_expr(&inner, u->args[0]);
    l->uses_outer |= inner.uses_outer;
    if (body == NULL) {
        return NULL;
    }
    struct expr *e = expr_copy(r->arena, u);
    e->args[0] = body;
    e->column = scope.slot;
    e->type = body->type;
    e->nullable = body->nullable;
    return e;
}

/* A function given where a lambda is wanted, as in transform(a, upper), is not SQL: only lambdas.
 */
static bool
resolve_lambdas(struct lookup *l, const struct func_def *def, struct expr **in, uint32_t count,
                struct expr **out)
{
    struct resolver *r = l->r;
    for (uint32_t i = 0; i < count; i++) {
        struct expr *u = in[i]->kind == EXPR_NAMED_ARG ? in[i]->args[0] : in[i];
        if (u->kind != EXPR_LAMBDA) {
            continue;
        }
        const struct type **types = arena_new_array(r->arena, const struct type *, count + 1);
        for (uint32_t k = 0; k < count; k++) {
            types[k] = out[k] != NULL ? out[k]->type : NULL;
        }
        struct type_field *params = arena_new_array(r->arena, struct type_field, u->name_count + 1);
        if (!func_lambda_params(def, r->arena, types, count, i, u->name_count, params, r->err)) {
            resolve_failed_at(r, u);
            return false;
        }
        out[i] = resolve_lambda(l, u, params);
        if (out[i] == NULL) {
            return false;
        }
    }
    return true;
}

/* Special forms. */

static struct expr *
case_of_when(struct resolver *r, struct expr *u)
{
    struct expr *e = expr_new(r->arena, EXPR_CASE);
    e->args = u->args;
    e->arg_count = u->arg_count;
    e->start = u->start;
    e->stop = u->stop;
    return e;
}

/* struct(a, b + 1) is named_struct('a', a, 'col2', b + 1). */
static struct expr *
resolve_struct(struct lookup *l, struct expr *u)
{
    struct resolver *r = l->r;
    struct expr **args = arena_new_array(r->arena, struct expr *, 2 * u->arg_count + 1);
    for (uint32_t i = 0; i < u->arg_count; i++) {
        struct expr *arg = u->args[i];
        struct expr *value = resolve_expr(l, arg);
        if (value == NULL) {
            return NULL;
        }
        const char *name = arena_printf(r->arena, "col%u", i + 1);
        if (arg->kind == EXPR_ALIAS || arg->kind == EXPR_NAMED_ARG) {
            name = arg->name != NULL ? arg->name : arg->names[0];
        } else if (arg->kind == EXPR_ATTRIBUTE) {
            name = arg->names[arg->name_count - 1];
        } else if (value->kind == EXPR_COLUMN && value->name != NULL) {
            name = value->name;
        } else if (value->kind == EXPR_GET_FIELD) {
            name = value->name;
        }
        args[2 * i] = expr_string_literal(r->arena, name, strlen(name));
        args[2 * i + 1] = value;
    }
    return call_bound(r, "named_struct", args, 2 * u->arg_count);
}

/* x BETWEEN a AND b */
static struct expr *
resolve_between(struct lookup *l, struct expr *u)
{
    struct resolver *r = l->r;
    struct expr *args[3];
    if (!resolve_args(l, u->args, 3, args)) {
        return NULL;
    }
    struct expr *low = call2(r, ">=", args[0], args[1]);
    struct expr *high = low != NULL ? call2(r, "<=", args[0], args[2]) : NULL;
    return high != NULL ? call2(r, "and", low, high) : NULL;
}

static struct expr *
resolve_not_equal(struct lookup *l, struct expr *u)
{
    struct expr *args[2];
    if (u->arg_count != 2 || !resolve_args(l, u->args, 2, args)) {
        return NULL;
    }
    struct expr *equal = call2(l->r, "==", args[0], args[1]);
    return equal != NULL ? call_bound(l->r, "not", &equal, 1) : NULL;
}

/* grouping(x), grouping_id(): their value is known when the SELECT is closed. */
static struct expr *
resolve_grouping(struct lookup *l, struct expr *u)
{
    struct resolver *r = l->r;
    const bool id = is_call(u, "grouping_id");
    if (!l->in_group) {
        error_raise(r->err, "UNSUPPORTED_GROUPING_EXPRESSION", NULL);
        resolve_failed_at(r, u);
        return NULL;
    }
    struct expr *e = expr_copy(r->arena, u);
    e->name = id ? "grouping_id" : "grouping";
    if (!resolve_args(l, u->args, u->arg_count, e->args)) {
        return NULL;
    }
    e->type = type_scalar(id ? TYPE_LONG : TYPE_BYTE);
    return e;
}

static bool
has_star(const struct expr *u)
{
    for (uint32_t i = 0; i < u->arg_count; i++) {
        if (u->args[i]->kind == EXPR_STAR || u->args[i]->kind == EXPR_REGEX) {
            return true;
        }
    }
    return false;
}

/* Stars among arguments become columns; count(*) counts rows. u is changed, for its text. */
static bool
expand_star_args(struct lookup *l, struct expr *u)
{
    const bool count_rows = is_call(u, "count") && u->arg_count == 1 && !u->distinct &&
                            u->args[0]->kind == EXPR_STAR && u->args[0]->name_count == 0;
    if (count_rows) {
        u->args = arena_new_array(l->r->arena, struct expr *, 1);
        u->args[0] = expr_int_literal(l->r->arena, 1);
        return true;
    }
    return expand_stars(l, u->args, u->arg_count, &u->args, &u->arg_count);
}

/* Functions of one argument named as a type are casts. */
static struct expr *
cast_by_name(struct lookup *l, struct expr *u)
{
    static const struct {
        const char *name;
        enum type_id id;
    } casts[] = {
        {"boolean", TYPE_BOOLEAN}, {"tinyint", TYPE_BYTE},
        {"smallint", TYPE_SHORT},  {"int", TYPE_INT},
        {"bigint", TYPE_LONG},     {"float", TYPE_FLOAT},
        {"double", TYPE_DOUBLE},   {"decimal", TYPE_DECIMAL},
        {"date", TYPE_DATE},       {"timestamp", TYPE_TIMESTAMP},
        {"binary", TYPE_BINARY},   {"string", TYPE_STRING},
    };
    for (size_t i = 0; i < sizeof casts / sizeof *casts; i++) {
        if (u->arg_count == 1 && is_call(u, casts[i].name)) {
            struct expr *cast =
                expr_cast(l->r->arena, u->args[0], type_scalar(casts[i].id), CAST_DEFAULT);
            cast->start = u->start;
            cast->stop = u->stop;
            return cast;
        }
    }
    return NULL;
}

static struct expr *
unknown_function(struct lookup *l, struct expr *u)
{
    struct resolver *r = l->r;
    const struct plan_catalog *c = r->ctx->catalog;
    struct udf *udf =
        c != NULL && c->function != NULL ? c->function(c->ctx, r->arena, u->name, r->err) : NULL;
    if (udf != NULL) {
        struct expr *call = expr_copy(r->arena, u);
        call->kind = EXPR_UDF;
        call->udf = udf;
        return resolve_expr(l, call);
    }
    if (!error_is_set(r->err)) {
        const char *database =
            r->ctx->session->database != NULL ? r->ctx->session->database : "default";
        error_raise(r->err, "UNRESOLVED_ROUTINE", "routineName",
                    names_quoted(r->arena, &u->name, 1), "searchPath",
                    arena_printf(r->arena,
                                 "[`system`.`builtin`, `system`.`session`, "
                                 "`spark_catalog`.%s]",
                                 names_quoted(r->arena, &database, 1)),
                    NULL);
        resolve_failed_at(r, u);
    }
    return NULL;
}

/* Aggregates. */

static bool
aggregate_allowed(struct lookup *l, const struct expr *u)
{
    struct resolver *r = l->r;
    if (l->no_aggregates_in == NULL) {
        return true;
    }
    if (strcmp(l->no_aggregates_in, "aggregate") == 0) {
        error_raise(r->err, "NESTED_AGGREGATE_FUNCTION", NULL);
    } else if (strcmp(l->no_aggregates_in, "group") == 0) {
        error_raise(r->err, "GROUP_BY_AGGREGATE", "sqlExpr", expr_name(r, u), NULL);
    } else {
        error_raise(r->err, "INVALID_WHERE_CONDITION", "condition", expr_sql(r->arena, u),
                    "expressionList", expr_name(r, u), NULL);
    }
    return resolve_failed_at(r, u);
}

static struct expr *
bound_aggregate(struct lookup *l, struct expr *u, const struct func_def *def, struct expr **args,
                uint32_t count)
{
    struct resolver *r = l->r;
    struct func_bind b = {
        .def = def,
        .arena = r->arena,
        .session = r->ctx->session,
        .args = args,
        .arg_count = count,
        .distinct = u->distinct,
        .cast_to = arena_new_array(r->arena, const struct type *, count + 1),
    };
    if (!func_bind(&b, r->err)) {
        resolve_failed_at(r, u);
        return NULL;
    }
    struct expr *e = expr_call_args(r->arena, def->name, args, count);
    e->kind = EXPR_AGG;
    for (uint32_t i = 0; i < count; i++) {
        if (b.cast_to[i] != NULL) {
            e->args[i] = cast_to(r, args[i], b.cast_to[i]);
        }
    }
    e->distinct = u->distinct;
    e->ignore_nulls = u->ignore_nulls;
    e->type = b.type;
    e->nullable = b.nullable;
    return e;
}

/* percentile_cont(p) WITHIN GROUP (ORDER BY x DESC) is percentile_cont(x, 1 - p). mode() WITHIN
 * GROUP (ORDER BY x) is mode(x, true), the smallest of the most frequent ones; with DESC mode(x,
 * false). */
static struct expr *
within_group(struct resolver *r, struct expr *u)
{
    const uint32_t n = u->arg_count;
    if (n == 0 || u->args[n - 1]->kind != EXPR_SORT_ORDER) {
        return u;
    }
    const bool percentile = is_call(u, "percentile_cont") || is_call(u, "percentile_disc");
    if (!(percentile && n == 2) && !(is_call(u, "mode") && n == 1)) {
        return u;
    }
    const struct expr *order = u->args[n - 1];
    struct expr *copy = expr_copy(r->arena, u);
    copy->args[0] = order->args[0];
    if (!percentile) {
        struct expr *smallest = expr_bool_literal(r->arena, !order->descending);
        struct expr **args = arena_new_array(r->arena, struct expr *, 2);
        args[0] = order->args[0];
        args[1] = smallest;
        copy->args = args;
        copy->arg_count = 2;
    } else {
        struct expr *one =
            expr_literal(r->arena, (struct datum){.type = type_scalar(TYPE_DOUBLE), .f = 1});
        copy->args[1] =
            order->descending ? expr_call(r->arena, "-", 2, one, u->args[0]) : u->args[0];
    }
    return copy;
}

static struct expr *
resolve_aggregate_call(struct lookup *l, struct expr *u, const struct func_def *def)
{
    struct resolver *r = l->r;
    u = within_group(r, u);
    /* A window function's arguments may hold aggregates; an aggregate's may not. */
    struct lookup inner = *l;
    inner.in_window = false;
    if (!l->in_window) {
        if (!aggregate_allowed(l, u)) {
            return NULL;
        }
        inner.no_aggregates_in = "aggregate";
    }
    struct expr **args = arena_new_array(r->arena, struct expr *, u->arg_count + 1);
    if (!resolve_args(&inner, u->args, u->arg_count, args)) {
        return NULL;
    }
    struct expr *e = bound_aggregate(l, u, def, args, u->arg_count);
    if (e == NULL) {
        return NULL;
    }
    if (u->filter != NULL) {
        e->filter = resolve_condition(&inner, u->filter, "filter");
        if (e->filter == NULL) {
            return NULL;
        }
    }
    l->uses_outer |= inner.uses_outer;
    return e;
}

/* Generators. */

static struct expr *
resolve_generator(struct lookup *l, struct expr *u, const struct func_def *def)
{
    struct resolver *r = l->r;
    struct expr **args = arena_new_array(r->arena, struct expr *, u->arg_count + 1);
    if (!resolve_args(l, u->args, u->arg_count, args)) {
        return NULL;
    }
    struct expr *e = call_bound(r, def->name, args, u->arg_count);
    if (e == NULL) {
        resolve_failed_at(r, u);
        return NULL;
    }
    e->kind = EXPR_GENERATOR;
    const size_t len = strlen(u->name);
    e->outer = u->outer || (len > 6 && strcasecmp(u->name + len - 6, "_outer") == 0);
    if (e->type->id != TYPE_STRUCT) { /* one column */
        struct type_field field = {.name = "col", .type = e->type, .nullable = e->nullable};
        e->type = type_struct(r->arena, &field, 1);
    }
    e->start = u->start;
    e->stop = u->stop;
    return e;
}

/* rand() draws its seed once, so that every attempt at the query sees the same numbers. */
static void
seed_random(struct resolver *r, const char *name, struct expr ***args, uint32_t *count)
{
    if (*count > 0 || (strcmp(name, "rand") != 0 && strcmp(name, "randn") != 0)) {
        return;
    }
    *args = arena_new_array(r->arena, struct expr *, 1);
    (*args)[0] = expr_long_literal(r->arena, (int64_t)default_seed());
    *count = 1;
}

static struct expr *
resolve_plain_call(struct lookup *l, struct expr *u, const struct func_def *def)
{
    struct resolver *r = l->r;
    struct expr **args = arena_new_array(r->arena, struct expr *, u->arg_count + 1);
    uint32_t count = u->arg_count;
    if (!resolve_args(l, u->args, count, args) || !resolve_lambdas(l, def, u->args, count, args)) {
        return NULL;
    }
    seed_random(r, def->name, &args, &count);
    struct expr *e = call_bound(r, def->name, args, count);
    if (e == NULL) {
        resolve_failed_at(r, u);
        return NULL;
    }
    e->start = u->start;
    e->stop = u->stop;
    e->ignore_nulls = u->ignore_nulls;
    return e;
}

/* decode(x, key, value, ..., other) is a CASE over x <=> key. */
static struct expr *
case_of_decode(struct resolver *r, struct expr *u)
{
    struct expr *e = expr_new(r->arena, EXPR_CASE);
    e->args = arena_new_array(r->arena, struct expr *, u->arg_count);
    e->start = u->start;
    e->stop = u->stop;
    for (uint32_t i = 1; i < u->arg_count; i++) {
        struct expr *arg = u->args[i];
        if (i % 2 == 1 && i + 1 < u->arg_count) {
            struct expr *key = arg;
            arg = expr_new(r->arena, EXPR_CALL);
            arg->name = "<=>";
            arg->args = arena_new_array(r->arena, struct expr *, 2);
            arg->args[0] = u->args[0];
            arg->args[1] = key;
            arg->arg_count = 2;
        }
        e->args[e->arg_count++] = arg;
    }
    return e;
}

static struct expr *
special_form(struct lookup *l, struct expr *u, bool *taken)
{
    *taken = true;
    if (is_call(u, "when")) {
        return resolve_expr(l, case_of_when(l->r, u));
    }
    if (is_call(u, "struct")) {
        return resolve_struct(l, u);
    }
    if (is_call(u, "decode") && u->arg_count > 2) {
        return resolve_expr(l, case_of_decode(l->r, u));
    }
    if (is_call(u, "session_window") && (u->arg_count == 2)) {
        error_unsupported(l->r->err, "session_window()");
        return NULL;
    }
    if (is_call(u, "between") && u->arg_count == 3) {
        return resolve_between(l, u);
    }
    if (is_call(u, "!=") || is_call(u, "<>")) {
        return resolve_not_equal(l, u);
    }
    if (is_call(u, "grouping") || is_call(u, "grouping_id")) {
        return resolve_grouping(l, u);
    }
    *taken = false;
    return NULL;
}

static bool
takes_no_args(const char *name)
{
    return strcmp(name, "rank") == 0 || strcmp(name, "dense_rank") == 0 ||
           strcmp(name, "percent_rank") == 0;
}

struct expr *
resolve_call(struct lookup *l, struct expr *u)
{
    struct resolver *r = l->r;
    if (has_star(u) && !expand_star_args(l, u)) {
        return NULL;
    }
    bool taken = false;
    struct expr *special = special_form(l, u, &taken);
    if (taken) {
        return special;
    }
    const struct func_def *def = u->user_defined ? NULL : func_find(registry_name(u->name));
    if (def == NULL) {
        struct expr *cast = cast_by_name(l, u);
        return cast != NULL ? resolve_expr(l, cast) : unknown_function(l, u);
    }
    if (u->distinct && def->class != FUNC_AGGREGATE) {
        error_raise(r->err, "INVALID_SQL_SYNTAX.FUNCTION_WITH_UNSUPPORTED_SYNTAX", "prettyName",
                    names_quoted(r->arena, &def->name, 1), "syntax", "\"DISTINCT\"", NULL);
        resolve_failed_at(r, u);
        return NULL;
    }
    switch (def->class) {
    case FUNC_AGGREGATE:
        return resolve_aggregate_call(l, u, def);
    case FUNC_GENERATOR:
        return resolve_generator(l, u, def);
    case FUNC_WINDOW:
        if (u->arg_count > 0 && l->in_window && takes_no_args(def->name)) {
            u = expr_copy(r->arena, u); /* rank(x) is rank() */
            u->arg_count = 0;
        }
        if (!l->in_window && u->arg_count >= def->arg_min &&
            (u->arg_count <= def->arg_max || takes_no_args(def->name))) {
            error_raise(r->err, "WINDOW_FUNCTION_WITHOUT_OVER_CLAUSE", "funcName",
                        expr_sql(r->arena, u), NULL);
            resolve_failed_at(r, u);
            return NULL;
        }
        break;
    case FUNC_SCALAR:
        break;
    }
    struct lookup inner = *l;
    inner.in_window = false;
    struct expr *e = resolve_plain_call(&inner, u, def);
    l->uses_outer |= inner.uses_outer;
    return e;
}

/* Windows. */

/* Functions whose frame follows from what they are. */
static bool
has_own_frame(const char *name)
{
    static const char *const names[] = {"row_number", "rank",  "dense_rank", "percent_rank",
                                        "cume_dist",  "ntile", "lag",        "lead"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(name, names[i]) == 0) {
            return true;
        }
    }
    return false;
}

static bool
resolve_bound(struct lookup *l, struct window_spec *w, struct frame_bound *b)
{
    struct resolver *r = l->r;
    if (b->kind != BOUND_VALUE) {
        return true;
    }
    struct expr *e = resolve_expr(l, b->value);
    if (e == NULL) {
        return false;
    }
    const struct type *order = w->order_count > 0 ? w->order[0].expr->type : NULL;
    if (w->frame == FRAME_ROWS) {
        e = cast_to(r, e, type_scalar(TYPE_INT));
    } else if (order != NULL && type_is_numeric(order) && type_is_numeric(e->type)) {
        e = cast_to(r, e, order);
    }
    struct datum value;
    if (!expr_fold(r, e, &value)) {
        return false;
    }
    b->value = expr_literal(r->arena, value);
    if (!value.is_null && value.type->id >= TYPE_BYTE && value.type->id <= TYPE_LONG &&
        value.i == 0) {
        *b = (struct frame_bound){.kind = BOUND_CURRENT_ROW};
    }
    return true;
}

static bool
resolve_window_spec(struct lookup *l, struct window_spec *w)
{
    for (uint32_t i = 0; i < w->partition_count; i++) {
        w->partition[i] = resolve_expr(l, w->partition[i]);
        if (w->partition[i] == NULL) {
            return false;
        }
    }
    for (uint32_t i = 0; i < w->order_count; i++) {
        struct expr *e = resolve_expr(l, w->order[i].expr);
        if (e == NULL) {
            return false;
        }
        if (!type_is_orderable(e->type)) {
            error_raise(l->r->err, "DATATYPE_MISMATCH.INVALID_ORDERING_TYPE", "sqlExpr",
                        expr_sql(l->r->arena, e), "functionName", "`sortorder`", "dataType",
                        type_sql_quoted(l->r->arena, e->type), NULL);
            return false;
        }
        w->order[i].expr = e;
    }
    return resolve_bound(l, w, &w->lower) && resolve_bound(l, w, &w->upper);
}

/* Is the frame's lower end after its upper one? */
static bool
frame_is_reversed(const struct window_spec *w)
{
    int64_t ends[2];
    const struct frame_bound *bounds[] = {&w->lower, &w->upper};
    for (int i = 0; i < 2; i++) {
        if (bounds[i]->kind == BOUND_UNBOUNDED) {
            return false;
        }
        ends[i] = 0;
        if (bounds[i]->kind == BOUND_VALUE) {
            const struct datum *d = &bounds[i]->value->literal;
            if (d->is_null || !type_is_integral(d->type)) {
                return false;
            }
            ends[i] = d->i;
        }
    }
    return ends[0] > ends[1];
}

/* A ranking function takes no frame but its own. */
static bool
frame_is_own(const char *name, const struct window_spec *w)
{
    const bool ranges = strcmp(name, "cume_dist") == 0;
    return strcmp(name, "lag") != 0 && strcmp(name, "lead") != 0 &&
           w->frame == (ranges ? FRAME_RANGE : FRAME_ROWS) && w->lower.kind == BOUND_UNBOUNDED &&
           w->upper.kind == BOUND_CURRENT_ROW;
}

static bool
check_frame(struct lookup *l, const struct expr *u, const struct expr *function,
            struct window_spec *w)
{
    struct resolver *r = l->r;
    const bool own = has_own_frame(function->name);
    if (own && w->order_count == 0) {
        error_raise(r->err, "WINDOW_FUNCTION_FRAME_NOT_ORDERED", "wf", expr_name(r, function),
                    NULL);
        return resolve_failed_at(r, u);
    }
    if (own && w->frame != FRAME_NONE && !frame_is_own(function->name, w)) {
        const bool offset =
            strcmp(function->name, "lag") == 0 || strcmp(function->name, "lead") == 0;
        if (offset) {
            error_raise(r->err, "_LEGACY_ERROR_TEMP_1035", "prettyName", function->name, NULL);
        } else {
            error_raise(r->err, "_LEGACY_ERROR_TEMP_1036", "wf", expr_name(r, u), "required",
                        "specifiedwindowframe(RowFrame, unboundedpreceding$(), currentrow$())",
                        NULL);
        }
        return resolve_failed_at(r, u);
    }
    if (w->frame != FRAME_NONE && frame_is_reversed(w)) {
        error_raise(r->err, "DATATYPE_MISMATCH.SPECIFIED_WINDOW_FRAME_WRONG_COMPARISON", "sqlExpr",
                    expr_sql(r->arena, u), "comparison", "less than or equal", NULL);
        return resolve_failed_at(r, u);
    }
    if (own) {
        return true;
    }
    if (w->frame == FRAME_NONE) {
        w->frame = w->order_count > 0 ? FRAME_RANGE : FRAME_ROWS;
        w->lower = (struct frame_bound){.kind = BOUND_UNBOUNDED};
        w->upper =
            (struct frame_bound){.kind = w->order_count > 0 ? BOUND_CURRENT_ROW : BOUND_UNBOUNDED};
    }
    return true;
}

struct expr *
resolve_window(struct lookup *l, struct expr *u)
{
    struct resolver *r = l->r;
    struct expr *e = expr_copy(r->arena, u);
    if (u->window == NULL) {
        error_raise(r->err, "MISSING_WINDOW_SPECIFICATION", "windowName", "", NULL);
        return NULL;
    }
    if (l->no_aggregates_in != NULL && strcmp(l->no_aggregates_in, "where") == 0) {
        error_raise(r->err, "WINDOW_FUNCTION_NOT_ALLOWED_IN_CLAUSE", "clauseName", "WHERE", NULL);
        resolve_failed_at(r, u);
        return NULL;
    }
    struct lookup inner = *l;
    inner.in_window = true;
    struct expr *function = resolve_expr(&inner, u->args[0]);
    l->uses_outer |= inner.uses_outer;
    if (function == NULL) {
        return NULL;
    }
    const struct func_def *def = function->kind == EXPR_CALL || function->kind == EXPR_AGG
                                     ? func_find(function->name)
                                     : NULL;
    const bool udf = function->kind == EXPR_UDF;
    if (!udf && (def == NULL || (def->class != FUNC_AGGREGATE && def->class != FUNC_WINDOW))) {
        error_raise(r->err, "UNSUPPORTED_EXPR_FOR_WINDOW", "sqlExpr", expr_sql(r->arena, u), NULL);
        resolve_failed_at(r, u);
        return NULL;
    }
    e->args[0] = function;
    if (!resolve_window_spec(l, e->window) || (!udf && !check_frame(l, u, function, e->window))) {
        return NULL;
    }
    e->type = function->type;
    e->nullable = function->nullable;
    return e;
}
