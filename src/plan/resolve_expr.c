/* Resolving expressions: names, casts, CASE, fields; calls and subqueries have files of their own.
 */
#include <string.h>
#include <strings.h>

#include "base/buffer.h"
#include "func/program.h"
#include "plan/resolver.h"
#include "plan/sql_text.h"
#include "type/type_parse.h"

const char *
expr_name(struct resolver *r, const struct expr *u)
{
    struct buffer b = {0};
    expr_put_name(&b, u);
    const char *text = arena_strndup(r->arena, buffer_text(&b), b.len);
    buffer_release(&b);
    return text;
}

const char *
expr_sql(struct arena *a, const struct expr *e)
{
    struct buffer b = {0};
    expr_put_sql(&b, e);
    const char *text = arena_printf(a, "\"%s\"", buffer_text(&b));
    buffer_release(&b);
    return text;
}

const char *
type_sql_quoted(struct arena *a, const struct type *t)
{
    return arena_printf(a, "\"%s\"", type_sql(a, t));
}

/* Byte range of the characters start..stop of an UTF-8 text. */
static void
fragment_of(const char *text, int32_t start, int32_t stop, const char **from, size_t *len)
{
    const char *p = text;
    int32_t at = 0;
    for (; *p != '\0' && at < start; p++) {
        at += (p[1] & 0xc0) != 0x80;
    }
    *from = p;
    for (; *p != '\0' && at <= stop; p++) {
        at += (p[1] & 0xc0) != 0x80;
    }
    *len = (size_t)(p - *from);
}

bool
resolve_failed_at(struct resolver *r, const struct expr *u)
{
    if (u->start >= 0 && r->sql_text != NULL && error_is_set(r->err)) {
        const char *from = NULL;
        size_t len = 0;
        fragment_of(r->sql_text, u->start, u->stop, &from, &len);
        error_at(r->err, u->start, u->stop, from, len);
    }
    return false;
}

bool
expr_fold(struct resolver *r, struct expr *e, struct datum *out)
{
    if (e->kind == EXPR_LITERAL) {
        *out = e->literal;
        return true;
    }
    return program_fold(r->arena, e, r->ctx->session, out, r->err);
}

static enum cast_mode
session_cast_mode(const struct resolver *r)
{
    return r->ctx->session->ansi ? CAST_ANSI : CAST_LEGACY;
}

struct expr *
cast_to(struct resolver *r, struct expr *e, const struct type *type)
{
    if (type_same(e->type, type)) {
        return e;
    }
    if (e->kind == EXPR_LITERAL && e->literal.is_null) {
        return expr_null_literal(r->arena, type);
    }
    struct expr *cast = expr_cast(r->arena, e, type, session_cast_mode(r));
    cast->implicit = true;
    return cast;
}

struct expr *
call_bound(struct resolver *r, const char *name, struct expr **args, uint32_t count)
{
    const struct func_def *def = func_find(name);
    if (def == NULL) {
        error_unsupported(r->err, "the function %s", name);
        return NULL;
    }
    struct func_bind b = {
        .def = def,
        .arena = r->arena,
        .session = r->ctx->session,
        .args = args,
        .arg_count = count,
        .cast_to = arena_new_array(r->arena, const struct type *, count + 1),
    };
    if (!func_bind(&b, r->err)) {
        return NULL;
    }
    struct expr *call = expr_call_args(r->arena, def->name, args, count);
    for (uint32_t i = 0; i < count; i++) {
        if (b.cast_to[i] != NULL && args[i]->kind != EXPR_LAMBDA) {
            call->args[i] = cast_to(r, args[i], b.cast_to[i]);
        }
    }
    call->type = b.type;
    call->nullable = b.nullable;
    return call;
}

struct expr *
call2(struct resolver *r, const char *name, struct expr *x, struct expr *y)
{
    return call_bound(r, name, (struct expr *[]){x, y}, 2);
}

const struct type *
common_type(struct resolver *r, struct expr **exprs, uint32_t count, uint32_t stride)
{
    const struct type *common = exprs[0]->type;
    for (uint32_t i = stride; i < count && common != NULL; i += stride) {
        if (!type_equal(common, exprs[i]->type)) {
            common = func_common_type(r->arena, common, exprs[i]->type, r->ctx->session->ansi);
        }
    }
    return common;
}

/* Fields. */

struct expr *
get_field(struct resolver *r, struct expr *base, uint32_t field)
{
    const struct type_field *f = &base->type->fields[field];
    /* A field of a struct that is made on the spot is the value it was made from. */
    if (base->kind == EXPR_CALL && strcmp(base->name, "named_struct") == 0 &&
        base->arg_count > 2 * field + 1) {
        return base->args[2 * field + 1];
    }
    struct expr *e = expr_new(r->arena, EXPR_GET_FIELD);
    e->args = arena_new_array(r->arena, struct expr *, 1);
    e->args[0] = base;
    e->arg_count = 1;
    e->column = field;
    e->name = f->name;
    e->type = f->type;
    e->nullable = base->nullable || f->nullable;
    return e;
}

static uint32_t
find_field(struct resolver *r, const struct type *t, const char *name, uint32_t *matches)
{
    uint32_t found = UINT32_MAX;
    *matches = 0;
    for (uint32_t i = 0; i < t->field_count; i++) {
        if (name_equal(r, t->fields[i].name, name)) {
            found = found == UINT32_MAX ? i : found;
            ++*matches;
        }
    }
    return found;
}

static const char *
field_list(struct resolver *r, const struct type *t)
{
    const char *all = "";
    for (uint32_t i = 0; i < t->field_count; i++) {
        all = arena_printf(r->arena, "%s%s%s", all, i > 0 ? ", " : "",
                           names_quoted(r->arena, &t->fields[i].name, 1));
    }
    return all;
}

static struct expr *
struct_field(struct resolver *r, struct expr *base, const char *name)
{
    uint32_t matches = 0;
    const uint32_t field = find_field(r, base->type, name, &matches);
    if (matches == 0) {
        error_raise(r->err, "FIELD_NOT_FOUND", "fieldName", names_quoted(r->arena, &name, 1),
                    "fields", field_list(r, base->type), NULL);
        return NULL;
    }
    if (matches > 1) {
        error_raise(r->err, "AMBIGUOUS_REFERENCE_TO_FIELDS", "field",
                    names_quoted(r->arena, &name, 1), "count",
                    arena_printf(r->arena, "%u", matches), NULL);
        return NULL;
    }
    return get_field(r, base, field);
}

/* array_of_structs.name: the field of every element. */
static struct expr *
array_field(struct resolver *r, struct expr *base, const char *name)
{
    const struct type_field *element = &base->type->fields[0];
    const uint32_t slot = r->next_slot++;
    struct expr *var = expr_new(r->arena, EXPR_LAMBDA_VAR);
    var->name = arena_printf(r->arena, "x_%u", slot);
    var->column = slot;
    var->type = element->type;
    var->nullable = element->nullable;
    struct expr *body = struct_field(r, var, name);
    if (body == NULL) {
        return NULL;
    }
    struct expr *lambda = expr_new(r->arena, EXPR_LAMBDA);
    lambda->args = arena_new_array(r->arena, struct expr *, 1);
    lambda->args[0] = body;
    lambda->arg_count = 1;
    lambda->names = arena_new_array(r->arena, const char *, 1);
    lambda->names[0] = var->name;
    lambda->name_count = 1;
    lambda->column = slot;
    lambda->type = body->type;
    lambda->nullable = body->nullable;
    return call2(r, "transform", base, lambda);
}

/* base.name or base[key] */
static struct expr *
extract(struct resolver *r, struct expr *base, struct expr *key)
{
    const bool named =
        key->kind == EXPR_LITERAL && !key->literal.is_null && key->type->id == TYPE_STRING;
    const char *name =
        named ? arena_strndup(r->arena, view_ptr(&key->literal.str), key->literal.str.len) : NULL;
    switch (base->type->id) {
    case TYPE_STRUCT:
        if (named) {
            return struct_field(r, base, name);
        }
        error_raise(r->err, "INVALID_EXTRACT_FIELD_TYPE", "extraction", expr_sql(r->arena, key),
                    NULL);
        return NULL;
    case TYPE_ARRAY:
        if (named && base->type->fields[0].type->id == TYPE_STRUCT) {
            return array_field(r, base, name);
        }
        return call2(r, "getarrayitem", base, key);
    case TYPE_MAP:
        return call2(r, "getmapvalue", base, key);
    default:
        error_raise(r->err, "INVALID_EXTRACT_BASE_FIELD_TYPE", "base", expr_sql(r->arena, base),
                    "other", type_sql_quoted(r->arena, base->type), NULL);
        return NULL;
    }
}

static struct expr *
extract_parts(struct resolver *r, struct expr *base, const char *const *parts, uint32_t count)
{
    for (uint32_t i = 0; i < count && base != NULL; i++) {
        base = extract(r, base, expr_string_literal(r->arena, parts[i], strlen(parts[i])));
    }
    return base;
}

/* Attributes. */

static struct expr *
find_lambda_var(struct lookup *l, const struct expr *u)
{
    for (struct lambda_scope *s = l->lambda; s != NULL; s = s->outer) {
        for (uint32_t i = 0; i < s->count; i++) {
            if (!name_equal(l->r, s->names[i], u->names[0])) {
                continue;
            }
            struct expr *var = expr_new(l->r->arena, EXPR_LAMBDA_VAR);
            var->name = s->names[i];
            var->column = s->slot + i;
            var->type = s->types[i].type;
            var->nullable = s->types[i].nullable;
            return extract_parts(l->r, var, u->names + 1, u->name_count - 1);
        }
    }
    return NULL;
}

/* What column i of a scope is as an expression; the name as the user wrote it. */
static struct expr *
named_column(struct lookup *l, const struct scope *s, uint32_t i, const char *name)
{
    if (l->over != NULL && s == l->input) {
        return l->over->items[i].expr;
    }
    struct expr *e = scope_column(l->r, s, i);
    e->name = name;
    return e;
}

/* By name in one scope. NULL without error: it is not there. */
static struct expr *
find_in_scope(struct lookup *l, const struct scope *s, struct expr *u)
{
    uint32_t found[8], used = 0;
    const uint32_t n = scope_find(l->r, s, u->names, u->name_count, found, &used, 8);
    if (n == 0) {
        return NULL;
    }
    if (n > 1) {
        scope_ambiguous(l->r, s, u, found, n);
        return NULL;
    }
    u->depth = (uint16_t)(used - 1);
    struct expr *base = named_column(l, s, found[0], u->names[used - 1]);
    return extract_parts(l->r, base, u->names + used, u->name_count - used);
}

static uint32_t
column_with_id(const struct scope *s, uint64_t id)
{
    for (uint32_t i = 0; i < s->count; i++) {
        if (s->columns[i].id == id) {
            return i;
        }
    }
    return UINT32_MAX;
}

struct plan_id_hit {
    const struct scope *scope;
    uint32_t column;
    uint32_t depth;
    uint32_t used;
    uint32_t count; /* of equally near ones */
};

/* Columns that one instance of the plan calls by the wanted name, if they arrive in s. */
static void
plan_id_search(struct lookup *l, const struct plan_id_scope *p, const struct scope *s,
               const struct expr *u, struct plan_id_hit *hit)
{
    struct scope origin = {.columns = p->columns, .count = p->count};
    uint32_t found[8], used = 0;
    const uint32_t n = scope_find(l->r, &origin, u->names, u->name_count, found, &used, 8);
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t column = column_with_id(s, p->columns[found[i]].id);
        if (column == UINT32_MAX || p->depth > hit->depth ||
            (p->depth == hit->depth && hit->scope == s && hit->column == column)) {
            continue;
        }
        hit->count = p->depth < hit->depth ? 1 : hit->count + 1;
        hit->scope = s;
        hit->column = column;
        hit->depth = p->depth;
        hit->used = used;
    }
}

/* df["a"]: the column of the plan with that number, where it arrives. NULL without error: not
 * found among the columns that arrive, and the name alone decides. A plan that is no part of the
 * query is an error. */
static struct expr *
find_by_plan_id(struct lookup *l, struct expr *u)
{
    struct plan_id_hit hit = {.depth = UINT32_MAX};
    const struct scope *scopes[] = {l->input, l->over != NULL ? &l->over->from : NULL};
    for (int k = 0; k < 2 && hit.scope == NULL; k++) {
        for (struct plan_id_scope *p = l->r->plan_ids; p != NULL && scopes[k] != NULL;
             p = p->next) {
            if (p->plan_id == u->plan_id) {
                plan_id_search(l, p, scopes[k], u, &hit);
            }
        }
    }
    if (hit.scope == NULL) {
        const struct plan_id_scope *known = l->r->plan_ids;
        while (known != NULL && known->plan_id != u->plan_id) {
            known = known->next;
        }
        if (known == NULL) {
            error_raise(l->r->err, "CANNOT_RESOLVE_DATAFRAME_COLUMN", "name",
                        names_quoted(l->r->arena, u->names, u->name_count), NULL);
        }
        return NULL;
    }
    if (hit.count > 1) {
        error_raise(l->r->err, "AMBIGUOUS_COLUMN_REFERENCE", "name",
                    names_quoted(l->r->arena, u->names, u->name_count), NULL);
        return NULL;
    }
    u->depth = (uint16_t)(hit.used - 1);
    struct expr *base = named_column(l, hit.scope, hit.column, u->names[hit.used - 1]);
    return extract_parts(l->r, base, u->names + hit.used, u->name_count - hit.used);
}

/* An earlier item of the same SELECT list, by its alias. */
static struct expr *
find_lateral_alias(struct lookup *l, struct expr *u)
{
    if (l->items == NULL) {
        return NULL;
    }
    struct expr *found = NULL;
    for (uint32_t i = 0; i < l->items->item_count; i++) {
        const struct select_item *item = &l->items->items[i];
        if (!item->aliased || !name_equal(l->r, item->name, u->names[0])) {
            continue;
        }
        if (found != NULL) {
            error_raise(l->r->err, "AMBIGUOUS_LATERAL_COLUMN_ALIAS", "name",
                        names_quoted(l->r->arena, u->names, 1), "n", "2", NULL);
            return NULL;
        }
        found = item->expr;
    }
    return found != NULL ? extract_parts(l->r, found, u->names + 1, u->name_count - 1) : NULL;
}

static struct expr *
find_in_outer(struct lookup *l, struct expr *u)
{
    uint16_t depth = 1;
    for (struct lookup *o = l->outer; o != NULL; o = o->outer, depth++) {
        if (o->input == NULL) {
            continue;
        }
        struct expr *found = find_in_scope(o, o->input, u);
        if (found == NULL && !error_is_set(l->r->err) && o->over != NULL) {
            found = find_in_scope(o, &o->over->from, u);
        }
        if (error_is_set(l->r->err)) {
            return NULL;
        }
        if (found == NULL) {
            continue;
        }
        struct expr *base = found;
        struct expr **slot = &found;
        while (base->kind == EXPR_GET_FIELD) {
            slot = &base->args[0];
            base = base->args[0];
        }
        if (base->kind != EXPR_COLUMN) {
            error_unsupported(l->r->err, "a subquery that refers to the computed column %s",
                              names_dotted(l->r->arena, u->names, u->name_count));
            return NULL;
        }
        struct expr *outer = expr_copy(l->r->arena, base);
        outer->kind = EXPR_OUTER;
        outer->depth = depth;
        *slot = outer;
        l->uses_outer = true;
        return found;
    }
    return NULL;
}

const char *
time_window_name(const struct expr *e)
{
    const bool call = e->kind == EXPR_CALL && e->name != NULL;
    return call && strcasecmp(e->name, "window") == 0           ? "window"
           : call && strcasecmp(e->name, "session_window") == 0 ? "session_window"
                                                                : NULL;
}

static struct expr *
resolve_attribute(struct lookup *l, struct expr *u)
{
    struct resolver *r = l->r;
    struct expr *e = find_lambda_var(l, u);
    if (e == NULL && !error_is_set(r->err) && u->plan_id >= 0 && l->input != NULL) {
        e = find_by_plan_id(l, u);
    }
    /* Inside an aggregate function FROM's columns come before the output's aliases. */
    const bool from_first = l->over != NULL && l->no_aggregates_in != NULL &&
                            strcmp(l->no_aggregates_in, "aggregate") == 0;
    if (e == NULL && !error_is_set(r->err) && from_first) {
        e = find_in_scope(l, &l->over->from, u);
    }
    if (e == NULL && !error_is_set(r->err) && l->input != NULL) {
        e = find_in_scope(l, l->input, u);
    }
    if (e == NULL && !error_is_set(r->err) && l->over != NULL && !from_first) {
        e = find_in_scope(l, &l->over->from, u);
    }
    if (e == NULL && !error_is_set(r->err) && l->time_window != NULL &&
        strcmp(u->names[0], time_window_name(l->time_window)) == 0) {
        u->depth = 0;
        e = extract_parts(r, l->time_window, u->names + 1, u->name_count - 1);
    }
    if (e == NULL && !error_is_set(r->err)) {
        e = find_lateral_alias(l, u);
    }
    if (e == NULL && !error_is_set(r->err)) {
        e = find_in_outer(l, u);
    }
    if (e == NULL) {
        if (!error_is_set(r->err)) {
            scope_unresolved(r, l->input, u);
        }
        resolve_failed_at(r, u);
        return NULL;
    }
    u->type = e->type; /* for the texts of u */
    return e;
}

/* Casts. */

static bool
cast_may_give_null(const struct type *from, const struct type *to)
{
    if (from->id == TYPE_NULL || type_same(from, to)) {
        return false;
    }
    if (from->id == TYPE_STRING) {
        return to->id != TYPE_BINARY && to->id != TYPE_STRING;
    }
    if (to->id == TYPE_STRING) {
        return false;
    }
    if ((from->id == TYPE_FLOAT || from->id == TYPE_DOUBLE) && to->id == TYPE_TIMESTAMP) {
        return true;
    }
    if (to->id == TYPE_DATE) {
        return from->id != TYPE_TIMESTAMP && from->id != TYPE_TIMESTAMP_NTZ;
    }
    if (to->id == TYPE_DECIMAL) {
        static const uint8_t digits[] = {
            [TYPE_BOOLEAN] = 1, [TYPE_BYTE] = 3,  [TYPE_SHORT] = 5,
            [TYPE_INT] = 10,    [TYPE_LONG] = 20,
        };
        const int integral = to->precision - to->scale;
        if (from->id == TYPE_DECIMAL) {
            return integral < from->precision - from->scale || to->scale < from->scale;
        }
        return from->id > TYPE_LONG || integral < digits[from->id];
    }
    return false;
}

static bool
cast_refused(struct resolver *r, const struct expr *u, const struct expr *arg,
             const struct type *to)
{
    const struct type *from = arg->type;
    const char *sql = expr_sql(r->arena, u);
    const char *src = type_sql_quoted(r->arena, from), *dst = type_sql_quoted(r->arena, to);
    const char *functions = NULL;
    if (type_is_numeric(from) && to->id == TYPE_DATE) {
        functions = "`DATE_FROM_UNIX_DATE`";
    } else if (from->id == TYPE_DATE && type_is_numeric(to)) {
        functions = "`UNIX_DATE`";
    } else if (from->id == TYPE_TIMESTAMP && type_is_numeric(to)) {
        functions = "`UNIX_SECONDS`/`UNIX_MILLIS`/`UNIX_MICROS`";
    } else if (type_is_numeric(from) && to->id == TYPE_TIMESTAMP) {
        functions = "`TIMESTAMP_SECONDS`/`TIMESTAMP_MILLIS`/`TIMESTAMP_MICROS`";
    }
    if (functions != NULL && (r->ctx->session->ansi || u->cast_mode == CAST_TRY)) {
        error_raise(r->err, "DATATYPE_MISMATCH.CAST_WITH_FUNC_SUGGESTION", "sqlExpr", sql,
                    "srcType", src, "targetType", dst, "functionNames", functions, NULL);
    } else if (r->ctx->session->ansi && u->cast_mode != CAST_TRY &&
               func_can_cast(from, to, false)) {
        error_raise(r->err, "DATATYPE_MISMATCH.CAST_WITH_CONF_SUGGESTION", "sqlExpr", sql,
                    "srcType", src, "targetType", dst, "config", "\"spark.sql.ansi.enabled\"",
                    "configVal", "'false'", NULL);
    } else {
        error_raise(r->err, "DATATYPE_MISMATCH.CAST_WITHOUT_SUGGESTION", "sqlExpr", sql, "srcType",
                    src, "targetType", dst, NULL);
    }
    return resolve_failed_at(r, u);
}

/* TIMESTAMP '2024-01-01 00:00:00', in the session's zone: how the literal shows in names. */
static const char *
typed_literal_text(struct resolver *r, struct expr *literal)
{
    struct expr *cast =
        expr_cast(r->arena, literal, type_scalar(TYPE_STRING), session_cast_mode(r));
    struct datum text;
    struct error err = {0};
    if (!program_fold(r->arena, cast, r->ctx->session, &text, &err)) {
        error_clear(&err);
        return expr_name(r, literal);
    }
    return arena_printf(r->arena, "%s '%.*s'", type_sql(r->arena, literal->type), (int)text.str.len,
                        view_ptr(&text.str));
}

/* TIMESTAMP '...': the value, or Spark's complaint about the literal. */
static struct expr *
fold_typed_literal(struct resolver *r, const struct expr *u, struct expr *cast)
{
    struct datum value;
    struct error err = {0};
    if (program_fold(r->arena, cast, r->ctx->session, &value, &err) && !value.is_null) {
        struct expr *literal = expr_literal(r->arena, value);
        ((struct expr *)u)->name = typed_literal_text(r, literal);
        return literal;
    }
    error_clear(&err);
    error_raise(r->err, "INVALID_TYPED_LITERAL", "valueType", type_sql_quoted(r->arena, cast->type),
                "value", arena_printf(r->arena, "'%s'", expr_name(r, u->args[0])), NULL);
    resolve_failed_at(r, u);
    return NULL;
}

static struct expr *
resolve_cast(struct lookup *l, struct expr *u)
{
    struct resolver *r = l->r;
    struct expr *arg = resolve_expr(l, u->args[0]);
    if (arg == NULL) {
        return NULL;
    }
    const struct type *to = u->type;
    if (to == NULL) {
        to = type_parse(r->arena, u->type_text, strlen(u->type_text), r->err);
        if (to == NULL) {
            return NULL;
        }
        u->type = to;
    }
    if (to->id == TYPE_STRING && to->string_kind != STRING_PLAIN) {
        to = type_scalar(TYPE_STRING); /* lengths are checked on writing only */
    }
    const bool ansi = u->cast_mode == CAST_TRY || u->cast_mode == CAST_ANSI ||
                      (u->cast_mode == CAST_DEFAULT && r->ctx->session->ansi);
    if (!type_same(arg->type, to) && !func_can_cast(arg->type, to, ansi)) {
        cast_refused(r, u, arg, to);
        return NULL;
    }
    if (type_equal(arg->type, to)) {
        return arg;
    }
    const enum cast_mode mode =
        u->cast_mode == CAST_DEFAULT ? session_cast_mode(r) : (enum cast_mode)u->cast_mode;
    struct expr *e = expr_cast(r->arena, arg, to, mode);
    e->nullable = arg->nullable || cast_may_give_null(arg->type, to) || mode == CAST_TRY;
    e->start = u->start;
    e->stop = u->stop;
    return u->spelling == SPELL_TYPED_LITERAL ? fold_typed_literal(r, u, e) : e;
}

/* CASE: conditions are booleans, results have a common type. */
static struct expr *
resolve_case(struct lookup *l, struct expr *u)
{
    struct resolver *r = l->r;
    struct expr *e = expr_copy(r->arena, u);
    for (uint32_t i = 0; i < u->arg_count; i++) {
        e->args[i] = resolve_expr(l, u->args[i]);
        if (e->args[i] == NULL) {
            return NULL;
        }
    }
    const uint32_t pairs = e->arg_count / 2;
    const bool has_else = e->arg_count % 2 == 1;
    struct expr **results = arena_new_array(r->arena, struct expr *, pairs + 1);
    for (uint32_t i = 0; i < pairs; i++) {
        struct expr *when = e->args[2 * i];
        if (when->type->id != TYPE_BOOLEAN) {
            error_raise(r->err, "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE", "sqlExpr",
                        expr_sql(r->arena, u), "paramIndex", i == 0 ? "first" : "second",
                        "requiredType", "\"BOOLEAN\"", "inputSql", expr_sql(r->arena, when),
                        "inputType", type_sql_quoted(r->arena, when->type), NULL);
            resolve_failed_at(r, u);
            return NULL;
        }
        results[i] = e->args[2 * i + 1];
    }
    if (has_else) {
        results[pairs] = e->args[2 * pairs];
    }
    const struct type *common = common_type(r, results, pairs + has_else, 1);
    if (common == NULL) {
        const char *types = "";
        for (uint32_t i = 0; i < pairs + has_else; i++) {
            types = arena_printf(r->arena, "%s%s%s", types, i > 0 ? ", " : "",
                                 type_sql_quoted(r->arena, results[i]->type));
        }
        error_raise(r->err, "DATATYPE_MISMATCH.DATA_DIFF_TYPES", "sqlExpr", expr_sql(r->arena, u),
                    "functionName", "`casewhen`", "dataType", arena_printf(r->arena, "[%s]", types),
                    NULL);
        resolve_failed_at(r, u);
        return NULL;
    }
    e->nullable = !has_else;
    for (uint32_t i = 0; i < pairs; i++) {
        e->nullable |= results[i]->nullable;
        e->args[2 * i + 1] = cast_to(r, results[i], common);
    }
    if (has_else) {
        e->nullable |= results[pairs]->nullable;
        e->args[2 * pairs] = cast_to(r, results[pairs], common);
    }
    e->type = common;
    return e;
}

static struct expr *
resolve_extract(struct lookup *l, struct expr *u)
{
    struct expr *base = resolve_expr(l, u->args[0]);
    struct expr *key = base != NULL ? resolve_expr(l, u->args[1]) : NULL;
    if (key == NULL) {
        return NULL;
    }
    if (u->args[0]->kind != EXPR_CAST && u->args[0]->kind != EXPR_LAMBDA_VAR) {
        u->args[0]->type = base->type; /* for the text of u */
    }
    struct expr *e = extract(l->r, base, key);
    if (e == NULL) {
        resolve_failed_at(l->r, u);
    }
    return e;
}

/* A struct with one field replaced, added or dropped; path may lead into nested structs. */
static struct expr *
update_field(struct resolver *r, struct expr *base, const char *path, struct expr *value)
{
    if (base->type->id != TYPE_STRUCT) {
        error_raise(r->err, "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE", "sqlExpr",
                    expr_sql(r->arena, base), "paramIndex", "first", "requiredType", "\"STRUCT\"",
                    "inputSql", expr_sql(r->arena, base), "inputType",
                    type_sql_quoted(r->arena, base->type), NULL);
        return NULL;
    }
    const char *dot = strchr(path, '.');
    const char *name = dot != NULL ? arena_strndup(r->arena, path, (size_t)(dot - path)) : path;
    const uint32_t n = base->type->field_count;
    struct expr **args = arena_new_array(r->arena, struct expr *, 2 * n + 2);
    uint32_t count = 0;
    bool found = false;
    for (uint32_t i = 0; i < n; i++) {
        const char *field = base->type->fields[i].name;
        struct expr *v = get_field(r, base, i);
        if (name_equal(r, field, name)) {
            found = true;
            if (dot == NULL && value == NULL) {
                continue;
            }
            v = dot != NULL ? update_field(r, v, dot + 1, value) : value;
            if (v == NULL) {
                return NULL;
            }
        }
        args[count++] = expr_string_literal(r->arena, field, strlen(field));
        args[count++] = v;
    }
    if (!found && dot != NULL) {
        struct_field(r, base, name); /* raises FIELD_NOT_FOUND */
        return NULL;
    }
    if (!found && value != NULL) {
        args[count++] = expr_string_literal(r->arena, name, strlen(name));
        args[count++] = value;
    }
    if (count == 0) {
        error_raise(r->err, "DATATYPE_MISMATCH.CANNOT_DROP_ALL_FIELDS", "sqlExpr",
                    expr_sql(r->arena, base), NULL);
        return NULL;
    }
    struct expr *made = call_bound(r, "named_struct", args, count);
    if (made == NULL || !base->nullable) {
        return made;
    }
    struct expr *test = call_bound(r, "isnull", &base, 1);
    if (test == NULL) {
        return NULL;
    }
    struct expr *e = expr_new(r->arena, EXPR_CASE);
    e->args = arena_new_array(r->arena, struct expr *, 3);
    e->args[0] = test;
    e->args[1] = expr_null_literal(r->arena, made->type);
    e->args[2] = made;
    e->arg_count = 3;
    e->type = made->type;
    e->nullable = true;
    return e;
}

static struct expr *
resolve_update_field(struct lookup *l, struct expr *u)
{
    struct expr *base = resolve_expr(l, u->args[0]);
    struct expr *value = NULL;
    if (base != NULL && u->arg_count > 1) {
        value = resolve_expr(l, u->args[1]);
    }
    if (base == NULL || (u->arg_count > 1 && value == NULL)) {
        return NULL;
    }
    return update_field(l->r, base, u->name, value);
}

static struct expr *
resolve_udf(struct lookup *l, struct expr *u)
{
    struct resolver *r = l->r;
    struct expr *e = expr_copy(r->arena, u);
    for (uint32_t i = 0; i < u->arg_count; i++) {
        e->args[i] = resolve_expr(l, u->args[i]);
        if (e->args[i] == NULL) {
            return NULL;
        }
    }
    struct udf *udf = u->udf;
    if (udf->return_type == NULL) {
        udf->return_type = type_parse(r->arena, udf->return_ddl, strlen(udf->return_ddl), r->err);
        if (udf->return_type == NULL) {
            return NULL;
        }
    }
    e->type = udf->return_type;
    e->nullable = true;
    return e;
}

struct expr *
parse_expr_string(struct resolver *r, struct expr *u)
{
    struct expr *e = sql_text_expr(r, u->name);
    if (e != NULL && e->plan_id < 0) {
        e->plan_id = u->plan_id;
    }
    return e;
}

static struct expr *
misplaced(struct lookup *l, const struct expr *u, const char *what)
{
    error_raise(l->r->err, "INVALID_USAGE_OF_STAR_OR_REGEX", "elem", what, "prettyName",
                "expression", NULL);
    resolve_failed_at(l->r, u);
    return NULL;
}

static struct expr *
resolve_parameter(struct lookup *l, const struct expr *u)
{
    struct rel *sql = (struct rel *)l->r->parameters;
    for (uint32_t i = 0; sql != NULL && i < sql->expr_count; i++) {
        const bool named = i < sql->column_name_count;
        if (named ? u->name != NULL && name_equal(l->r, sql->column_names[i], u->name)
                  : u->name == NULL && u->column == i) {
            l->r->parameters = NULL; /* an argument has no parameters of its own */
            struct expr *e = resolve_expr(l, sql->exprs[i]);
            l->r->parameters = sql;
            return e;
        }
    }
    const char *name = u->name != NULL ? u->name : arena_printf(l->r->arena, "_%u", u->column);
    error_raise(l->r->err, "UNBOUND_SQL_PARAMETER", "name", name, NULL);
    resolve_failed_at(l->r, u);
    return NULL;
}

/* A lambda's variable that no lambda has bound yet: a column of that name, as SQL reads it. */
static struct expr *
resolve_lambda_var(struct lookup *l, struct expr *u)
{
    if (u->type != NULL) {
        return u;
    }
    struct expr *name = expr_new(l->r->arena, EXPR_ATTRIBUTE);
    name->names = arena_new_array(l->r->arena, const char *, 1);
    name->names[0] = u->name;
    name->name_count = 1;
    return resolve_attribute(l, name);
}

static struct expr *
resolve_sort_order(struct lookup *l, struct expr *u)
{
    struct expr *arg = resolve_expr(l, u->args[0]);
    if (arg == NULL) {
        return NULL;
    }
    struct expr *e = expr_copy(l->r->arena, u);
    e->args[0] = arg;
    e->type = arg->type;
    e->nullable = arg->nullable;
    return e;
}

static struct expr *
resolve_string(struct lookup *l, struct expr *u)
{
    struct expr *parsed = parse_expr_string(l->r, u);
    return parsed != NULL ? resolve_expr(l, parsed) : NULL;
}

static struct expr *
resolve_kind(struct lookup *l, struct expr *u)
{
    switch (u->kind) {
    case EXPR_LITERAL:
        u->type = u->literal.type;
        u->nullable = u->literal.is_null;
        return u;
    case EXPR_ATTRIBUTE:
        return resolve_attribute(l, u);
    case EXPR_CALL:
    case EXPR_AGG:
    case EXPR_GENERATOR:
        return u->type != NULL && u->kind != EXPR_CALL ? u : resolve_call(l, u);
    case EXPR_CAST:
        return resolve_cast(l, u);
    case EXPR_CASE:
        return resolve_case(l, u);
    case EXPR_ALIAS:
    case EXPR_NAMED_ARG:
        return resolve_expr(l, u->args[0]);
    case EXPR_EXTRACT:
        return resolve_extract(l, u);
    case EXPR_UPDATE_FIELD:
        return resolve_update_field(l, u);
    case EXPR_WINDOW:
        return resolve_window(l, u);
    case EXPR_SUBQUERY:
        return resolve_subquery(l, u);
    case EXPR_UDF:
        return resolve_udf(l, u);
    case EXPR_STRING:
        return resolve_string(l, u);
    case EXPR_SORT_ORDER:
        return resolve_sort_order(l, u);
    case EXPR_STAR:
    case EXPR_REGEX:
        return misplaced(l, u, u->kind == EXPR_STAR ? "'*'" : "regular expression");
    case EXPR_PARAMETER:
        return resolve_parameter(l, u);
    case EXPR_LAMBDA:
        error_raise(l->r->err, "INVALID_LAMBDA_FUNCTION_CALL.NON_HIGHER_ORDER_FUNCTION", "class",
                    "expression", NULL);
        return NULL;
    case EXPR_LAMBDA_VAR:
        return resolve_lambda_var(l, u);
    case EXPR_COLUMN:
    case EXPR_OUTER:
    case EXPR_GET_FIELD:
        return u;
    }
    return NULL;
}

struct expr *
resolve_expr(struct lookup *l, struct expr *u)
{
    struct resolver *r = l->r;
    if (++r->depth > RESOLVE_DEPTH_MAX) {
        r->depth--;
        error_set(r->err, ERROR_ANALYSIS, "An expression is nested deeper than %d levels.",
                  RESOLVE_DEPTH_MAX);
        return NULL;
    }
    struct expr *e = resolve_kind(l, u);
    r->depth--;
    if (e == NULL && u->call_site != NULL && u->call_site[0] != '\0') {
        error_at_call(r->err, u->call_name, u->call_site);
    } else if (e != NULL && e != u) {
        e->call_site = e->call_site == NULL ? u->call_site : e->call_site;
        e->call_name = e->call_name == NULL ? u->call_name : e->call_name;
    }
    if (e != NULL && e->start >= 0 && e->sql_text == NULL) {
        e->sql_text = r->sql_text;
    }
    return e;
}

struct expr *
resolve_condition(struct lookup *l, struct expr *u, const char *clause)
{
    struct resolver *r = l->r;
    struct expr *e = resolve_expr(l, u);
    if (e == NULL) {
        return NULL;
    }
    if (e->type->id != TYPE_BOOLEAN) {
        if (strcmp(clause, "join") == 0) {
            error_raise(r->err, "JOIN_CONDITION_IS_NOT_BOOLEAN_TYPE", "joinCondition",
                        expr_sql(r->arena, u), "conditionType", type_sql_quoted(r->arena, e->type),
                        NULL);
        } else {
            error_raise(r->err, "DATATYPE_MISMATCH.FILTER_NOT_BOOLEAN", "sqlExpr",
                        expr_sql(r->arena, u), "filter", expr_sql(r->arena, u), "type",
                        type_sql_quoted(r->arena, e->type), NULL);
        }
        resolve_failed_at(r, u);
        return NULL;
    }
    return e;
}
