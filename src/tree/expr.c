/* Expressions: builders, walks, rebuilding and structural equality. */
#include "tree/expr.h"

#include <assert.h>
#include <stdarg.h>
#include <string.h>

#include "base/arena.h"

struct expr *
expr_new(struct arena *a, enum expr_kind kind)
{
    struct expr *e = arena_new(a, struct expr);
    e->kind = kind;
    e->plan_id = -1;
    e->start = -1;
    e->stop = -1;
    return e;
}

static struct expr *
expr_with_args(struct arena *a, enum expr_kind kind, uint32_t count)
{
    struct expr *e = expr_new(a, kind);
    e->arg_count = count;
    e->args = count > 0 ? arena_new_array(a, struct expr *, count) : NULL;
    return e;
}

struct expr *
expr_literal(struct arena *a, struct datum literal)
{
    struct expr *e = expr_new(a, EXPR_LITERAL);
    e->literal = literal;
    e->type = literal.type;
    e->nullable = literal.is_null;
    return e;
}

struct expr *
expr_string_literal(struct arena *a, const char *text, size_t len)
{
    const char *bytes = arena_strndup(a, text, len);
    return expr_literal(
        a, (struct datum){.type = type_scalar(TYPE_STRING), .str = view_make(bytes, len)});
}

struct expr *
expr_int_literal(struct arena *a, int32_t value)
{
    return expr_literal(a, (struct datum){.type = type_scalar(TYPE_INT), .i = value});
}

struct expr *
expr_long_literal(struct arena *a, int64_t value)
{
    return expr_literal(a, (struct datum){.type = type_scalar(TYPE_LONG), .i = value});
}

struct expr *
expr_bool_literal(struct arena *a, bool value)
{
    return expr_literal(a, (struct datum){.type = type_scalar(TYPE_BOOLEAN), .b = value});
}

struct expr *
expr_null_literal(struct arena *a, const struct type *type)
{
    return expr_literal(a, (struct datum){.type = type, .is_null = true});
}

struct expr *
expr_call_args(struct arena *a, const char *name, struct expr **args, uint32_t count)
{
    struct expr *e = expr_with_args(a, EXPR_CALL, count);
    e->name = name;
    if (count > 0) {
        memcpy(e->args, args, sizeof *args * count);
    }
    return e;
}

struct expr *
expr_call(struct arena *a, const char *name, uint32_t arg_count, ...)
{
    struct expr *e = expr_with_args(a, EXPR_CALL, arg_count);
    e->name = name;
    va_list args;
    va_start(args, arg_count);
    for (uint32_t i = 0; i < arg_count; i++) {
        e->args[i] = va_arg(args, struct expr *);
    }
    va_end(args);
    return e;
}

static struct expr *
expr_unary(struct arena *a, enum expr_kind kind, struct expr *arg)
{
    struct expr *e = expr_with_args(a, kind, 1);
    e->args[0] = arg;
    e->type = arg->type;
    e->nullable = arg->nullable;
    return e;
}

struct expr *
expr_alias(struct arena *a, struct expr *arg, const char *name)
{
    struct expr *e = expr_unary(a, EXPR_ALIAS, arg);
    e->name = name;
    return e;
}

struct expr *
expr_cast(struct arena *a, struct expr *arg, const struct type *type, enum cast_mode mode)
{
    struct expr *e = expr_unary(a, EXPR_CAST, arg);
    e->type = type;
    e->cast_mode = (uint8_t)mode;
    return e;
}

struct expr *
expr_column(struct arena *a, uint32_t column, const struct type *type, bool nullable)
{
    struct expr *e = expr_new(a, EXPR_COLUMN);
    e->column = column;
    e->type = type;
    e->nullable = nullable;
    return e;
}

struct expr *
expr_and(struct arena *a, struct expr *x, struct expr *y)
{
    if (x == NULL || y == NULL) {
        return x != NULL ? x : y;
    }
    struct expr *e = expr_call(a, "and", 2, x, y);
    e->type = type_scalar(TYPE_BOOLEAN);
    e->nullable = x->nullable || y->nullable;
    return e;
}

static struct window_spec *
window_copy(struct arena *a, const struct window_spec *w)
{
    struct window_spec *copy = arena_copy(a, w, sizeof *w);
    if (w->partition_count > 0) {
        copy->partition = arena_copy(a, w->partition, sizeof *w->partition * w->partition_count);
    }
    if (w->order_count > 0) {
        copy->order = arena_copy(a, w->order, sizeof *w->order * w->order_count);
    }
    return copy;
}

struct expr *
expr_copy(struct arena *a, const struct expr *e)
{
    struct expr *copy = arena_copy(a, e, sizeof *e);
    if (e->arg_count > 0) {
        copy->args = arena_copy(a, e->args, sizeof *e->args * e->arg_count);
    }
    if (e->window != NULL) {
        copy->window = window_copy(a, e->window);
    }
    return copy;
}

/* Everything that hangs under a node, in a fixed order: arguments, filter, window parts. */
static uint32_t
expr_children(const struct expr *e)
{
    const struct window_spec *w = e->window;
    return e->arg_count + 1 + (w != NULL ? w->partition_count + w->order_count + 2 : 0);
}

/* Where child i hangs; the slot may hold NULL. */
static struct expr **
expr_child(const struct expr *e, uint32_t i)
{
    struct expr *node = (struct expr *)e;
    if (i < e->arg_count) {
        return &node->args[i];
    }
    i -= e->arg_count;
    if (i == 0) {
        return &node->filter;
    }
    i--;
    struct window_spec *w = node->window;
    if (i < w->partition_count) {
        return &w->partition[i];
    }
    i -= w->partition_count;
    if (i < w->order_count) {
        return &w->order[i].expr;
    }
    i -= w->order_count;
    return i == 0 ? &w->lower.value : &w->upper.value;
}

bool
expr_walk(const struct expr *e, bool (*fn)(const struct expr *e, void *ctx), void *ctx)
{
    if (!fn(e, ctx)) {
        return false;
    }
    const uint32_t count = expr_children(e);
    for (uint32_t i = 0; i < count; i++) {
        const struct expr *child = *expr_child(e, i);
        if (child != NULL && !expr_walk(child, fn, ctx)) {
            return false;
        }
    }
    return true;
}

struct expr *
expr_map(struct arena *a, struct expr *e,
         struct expr *(*fn)(struct arena *a, struct expr *e, void *ctx), void *ctx)
{
    struct expr *copy = NULL;
    const uint32_t count = expr_children(e);
    for (uint32_t i = 0; i < count; i++) {
        struct expr *child = *expr_child(e, i);
        if (child == NULL) {
            continue;
        }
        struct expr *mapped = expr_map(a, child, fn, ctx);
        if (mapped == NULL) {
            return NULL;
        }
        if (mapped != child) {
            copy = copy != NULL ? copy : expr_copy(a, e);
            *expr_child(copy, i) = mapped;
        }
    }
    return fn(a, copy != NULL ? copy : e, ctx);
}

struct expr *
expr_rewrite(struct arena *a, struct expr *e,
             struct expr *(*fn)(struct arena *a, struct expr *e, void *ctx), void *ctx)
{
    struct expr *found = fn(a, e, ctx);
    if (found != NULL) {
        return found;
    }
    struct expr *copy = NULL;
    const uint32_t count = expr_children(e);
    for (uint32_t i = 0; i < count; i++) {
        struct expr *child = *expr_child(e, i);
        struct expr *next = child != NULL ? expr_rewrite(a, child, fn, ctx) : NULL;
        if (next != child) {
            copy = copy != NULL ? copy : expr_copy(a, e);
            *expr_child(copy, i) = next;
        }
    }
    return copy != NULL ? copy : e;
}

static bool
text_equal(const char *x, const char *y)
{
    return x == y || (x != NULL && y != NULL && strcmp(x, y) == 0);
}

static bool
optional_equal(const struct expr *x, const struct expr *y)
{
    return x == y || (x != NULL && y != NULL && expr_equal(x, y));
}

static bool
window_equal(const struct window_spec *x, const struct window_spec *y)
{
    if (x == y) {
        return true;
    }
    if (x == NULL || y == NULL || x->partition_count != y->partition_count ||
        x->order_count != y->order_count || x->frame != y->frame ||
        x->lower.kind != y->lower.kind || x->upper.kind != y->upper.kind) {
        return false;
    }
    for (uint32_t i = 0; i < x->order_count; i++) {
        if (x->order[i].descending != y->order[i].descending ||
            x->order[i].nulls_first != y->order[i].nulls_first) {
            return false;
        }
    }
    return true; /* the expressions are compared as children */
}

static bool
literal_equal(const struct datum *x, const struct datum *y)
{
    if (!type_equal(x->type, y->type) || x->is_null != y->is_null) {
        return false;
    }
    if (x->is_null) {
        return true;
    }
    switch (x->type->id) {
    case TYPE_BOOLEAN:
        return x->b == y->b;
    case TYPE_FLOAT:
    case TYPE_DOUBLE:
        return memcmp(&x->f, &y->f, sizeof x->f) == 0;
    case TYPE_STRING:
    case TYPE_BINARY:
        return view_equal(&x->str, &y->str);
    case TYPE_DECIMAL:
        return x->type->precision > DECIMAL_I64_PRECISION_MAX ? x->wide == y->wide : x->i == y->i;
    case TYPE_INTERVAL_CALENDAR:
        return memcmp(&x->interval, &y->interval, sizeof x->interval) == 0;
    case TYPE_ARRAY:
    case TYPE_MAP:
    case TYPE_STRUCT:
        return x->nested == y->nested;
    default:
        return x->i == y->i;
    }
}

bool
udf_takes_pairs(const struct udf *u)
{
    return u->eval_type == UDF_COGROUP_PANDAS || u->eval_type == UDF_COGROUP_ARROW;
}

bool
udf_takes_groups(const struct udf *u)
{
    return udf_takes_pairs(u) || u->eval_type == UDF_GROUP_PANDAS ||
           u->eval_type == UDF_GROUP_ARROW || u->eval_type == UDF_GROUP_ARROW_ITER ||
           u->eval_type == UDF_GROUP_PANDAS_ITER;
}

bool
expr_equal(const struct expr *x, const struct expr *y)
{
    if (x == y) {
        return true;
    }
    if (x->kind != y->kind || x->arg_count != y->arg_count || x->distinct != y->distinct ||
        x->column != y->column || x->depth != y->depth || x->cast_mode != y->cast_mode ||
        x->ignore_nulls != y->ignore_nulls || x->descending != y->descending ||
        x->nulls_first != y->nulls_first || x->negated != y->negated || x->outer != y->outer ||
        x->udf != y->udf || x->subquery != y->subquery || !window_equal(x->window, y->window)) {
        return false;
    }
    /* A column's name is only its spelling in the query. */
    const bool named = x->kind != EXPR_COLUMN && x->kind != EXPR_OUTER && x->kind != EXPR_GET_FIELD;
    if (named && !text_equal(x->name, y->name)) {
        return false;
    }
    if ((x->type == NULL) != (y->type == NULL) ||
        (x->type != NULL && !type_same(x->type, y->type))) {
        return false;
    }
    if (x->name_count != y->name_count ||
        (x->kind == EXPR_LITERAL && !literal_equal(&x->literal, &y->literal))) {
        return false;
    }
    for (uint32_t i = 0; i < x->name_count; i++) {
        if (!text_equal(x->names[i], y->names[i])) {
            return false;
        }
    }
    const uint32_t count = expr_children(x);
    for (uint32_t i = 0; i < count; i++) {
        if (!optional_equal(*expr_child(x, i), *expr_child(y, i))) {
            return false;
        }
    }
    return true;
}

bool
window_order_equal(const struct window_spec *x, const struct window_spec *y)
{
    if (x->partition_count != y->partition_count || x->order_count != y->order_count) {
        return false;
    }
    for (uint32_t i = 0; i < x->partition_count; i++) {
        if (!expr_equal(x->partition[i], y->partition[i])) {
            return false;
        }
    }
    for (uint32_t i = 0; i < x->order_count; i++) {
        if (x->order[i].descending != y->order[i].descending ||
            x->order[i].nulls_first != y->order[i].nulls_first ||
            !expr_equal(x->order[i].expr, y->order[i].expr)) {
            return false;
        }
    }
    return true;
}
