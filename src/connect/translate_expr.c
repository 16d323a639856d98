/* Expression messages to expression nodes. */
#include <string.h>

#include "connect/translate.h"

void
translator_init(struct translator *t, struct arena *a, const struct translate_face *face,
                struct error *err)
{
    static const struct translate_face nothing;
    *t = (struct translator){.arena = a, .face = face != NULL ? face : &nothing, .err = err};
}

/* "Relation.rel_type" becomes Spark's words: spark.connect.Relation, RELTYPE_NOT_SET. */
void *
translate_missing(struct translator *t, const char *what)
{
    if (error_is_set(t->err)) {
        return NULL;
    }
    const char *dot = strrchr(what, '.');
    char name[80];
    size_t len = 0;
    for (const char *p = dot + 1; *p != '\0' && len < 64; p++) {
        if (*p != '_') {
            name[len++] = (char)(*p >= 'a' && *p <= 'z' ? *p - 32 : *p);
        }
    }
    memcpy(name + len, "_NOT_SET", sizeof "_NOT_SET");
    const char *message = arena_printf(t->arena, "spark.connect.%.*s", (int)(dot - what), what);
    error_raise(t->err, "CONNECT_INVALID_PLAN.INVALID_ONE_OF_FIELD_NOT_SET", "fullName", message,
                "name", name, NULL);
    return NULL;
}

const char **
translate_names(struct translator *t, const struct pb_text *list, uint32_t count)
{
    const char **out = arena_new_array(t->arena, const char *, count + 1);
    for (uint32_t i = 0; i < count; i++) {
        out[i] = pb_str(list[i]);
    }
    return out;
}

struct options
translate_options(struct translator *t, const struct pb_map_string_string *list, uint32_t count)
{
    struct option *items = arena_new_array(t->arena, struct option, count + 1);
    for (uint32_t i = 0; i < count; i++) {
        items[i] = (struct option){pb_str(list[i].key), pb_str(list[i].value)};
    }
    return (struct options){items, count};
}

static const char **
identifier_refuse(struct translator *t, struct pb_text text)
{
    struct buffer quoted = {0};
    buffer_printf(&quoted, "`%s`", pb_str(text));
    error_raise(t->err, "INVALID_ATTRIBUTE_NAME_SYNTAX", "name", buffer_text(&quoted), NULL);
    buffer_release(&quoted);
    return NULL;
}

/* One part from *p on into out; a part in backticks holds dots, and doubled backticks stand for
 * one. Returns false when the quotes do not close or something follows them. */
static bool
identifier_part(const char **p, const char *end, struct buffer *out)
{
    if (*p == end || **p != '`') {
        const char *from = *p;
        while (*p < end && **p != '.' && **p != '`') {
            ++*p;
        }
        buffer_put(out, from, (size_t)(*p - from));
        return *p > from && (*p == end || **p == '.');
    }
    for (++*p; *p < end; ++*p) {
        if (**p == '`') {
            if (*p + 1 == end || (*p)[1] != '`') {
                ++*p;
                return *p == end || **p == '.';
            }
            ++*p;
        }
        buffer_put(out, *p, 1);
    }
    return false;
}

const char **
translate_identifier(struct translator *t, struct pb_text text, uint32_t *count)
{
    const char *p = pb_str(text), *end = p + text.len;
    size_t parts_max = 1;
    for (const char *q = p; q < end; q++) {
        parts_max += *q == '.';
    }
    const char **parts = arena_new_array(t->arena, const char *, parts_max);
    struct buffer part = {0};
    *count = 0;
    bool ok = true;
    for (;;) {
        buffer_clear(&part);
        ok = identifier_part(&p, end, &part);
        if (!ok) {
            break;
        }
        parts[(*count)++] = arena_strndup(t->arena, buffer_text(&part), part.len);
        if (p == end) {
            break;
        }
        p++; /* the dot; a part must follow */
    }
    buffer_release(&part);
    return ok ? parts : identifier_refuse(t, text);
}

struct expr **
translate_exprs(struct translator *t, const struct pb_expression *list, uint32_t count)
{
    struct expr **out = arena_new_array(t->arena, struct expr *, count + 1);
    for (uint32_t i = 0; i < count; i++) {
        out[i] = translate_expr(t, &list[i]);
        if (out[i] == NULL) {
            return NULL;
        }
    }
    return out;
}

static struct expr *
node(struct translator *t, enum expr_kind kind)
{
    struct expr *e = arena_new(t->arena, struct expr);
    e->kind = kind;
    e->plan_id = -1;
    e->start = e->stop = -1;
    return e;
}

/* A node over one argument; NULL when the argument failed. */
static struct expr *
node_over(struct translator *t, enum expr_kind kind, const struct pb_expression *arg)
{
    struct expr *child =
        arg != NULL ? translate_expr(t, arg) : translate_missing(t, "Expression.expr_type");
    if (child == NULL) {
        return NULL;
    }
    struct expr *e = node(t, kind);
    e->args = arena_new_array(t->arena, struct expr *, 2);
    e->args[0] = child;
    e->arg_count = 1;
    return e;
}

static bool
set_args(struct translator *t, struct expr *e, const struct pb_expression *list, uint32_t count)
{
    e->args = translate_exprs(t, list, count);
    e->arg_count = count;
    return e->args != NULL;
}

static struct expr *
attribute(struct translator *t, const struct pb_expression_unresolved_attribute *a)
{
    struct expr *e = node(t, EXPR_ATTRIBUTE);
    e->names = translate_identifier(t, a->unparsed_identifier, &e->name_count);
    e->plan_id = a->has_plan_id ? a->plan_id : -1;
    if (a->is_metadata_column) {
        error_unsupported(t->err, "metadata columns");
        return NULL;
    }
    return e->names != NULL ? e : NULL;
}

static struct expr *
star(struct translator *t, const struct pb_expression_unresolved_star *s)
{
    struct expr *e = node(t, EXPR_STAR);
    e->plan_id = s->has_plan_id ? s->plan_id : -1;
    if (s->unparsed_target.ptr == NULL) {
        return e;
    }
    struct pb_text target = s->unparsed_target; /* "a.b.*" */
    if (target.len < 2 || strcmp(target.ptr + target.len - 2, ".*") != 0) {
        error_set(t->err, ERROR_ARGUMENT, "the star target %s does not end in .*", target.ptr);
        return NULL;
    }
    target.len -= 2;
    e->names = translate_identifier(t, target, &e->name_count);
    return e->names != NULL ? e : NULL;
}

static struct expr *
call(struct translator *t, const struct pb_expression_unresolved_function *f)
{
    const char *name = pb_str(f->function_name);
    struct expr *e = node(t, strcmp(name, "when") == 0 ? EXPR_CASE : EXPR_CALL);
    e->name = name;
    e->distinct = f->is_distinct;
    e->user_defined = f->is_user_defined_function;
    return set_args(t, e, f->arguments, f->arguments_count) ? e : NULL;
}

static struct expr *
alias(struct translator *t, const struct pb_expression_alias *a)
{
    struct expr *e = node_over(t, EXPR_ALIAS, a->expr);
    if (e == NULL) {
        return NULL;
    }
    if (a->name_count == 0) {
        return translate_missing(t, "Expression.Alias.name");
    }
    e->name = pb_str(a->name[0]);
    if (a->name_count > 1) {
        e->names = translate_names(t, a->name, a->name_count);
        e->name_count = a->name_count;
    }
    e->metadata = a->metadata.ptr;
    return e;
}

static struct expr *
cast(struct translator *t, const struct pb_expression_cast *c)
{
    struct expr *e = node_over(t, EXPR_CAST, c->expr);
    if (e == NULL) {
        return NULL;
    }
    e->cast_mode = c->eval_mode >= CAST_DEFAULT && c->eval_mode <= CAST_TRY
                       ? (uint8_t)c->eval_mode /* the protocol's numbers are ours */
                       : CAST_DEFAULT;
    if (c->cast_to_type_case == PB_EXPRESSION_CAST_TYPE_TAG) {
        e->type = translate_type(t, c->type);
    } else if (c->cast_to_type_case == PB_EXPRESSION_CAST_TYPE_STR_TAG) {
        e->type_text = pb_str(c->type_str);
        e->type = type_parse(t->arena, e->type_text, c->type_str.len, t->err);
    } else {
        return translate_missing(t, "Expression.Cast.cast_to_type");
    }
    return e->type != NULL ? e : NULL;
}

static bool
sort_key(struct translator *t, const struct pb_expression_sort_order *o, struct sort_key *out)
{
    if (o == NULL || o->child == NULL) {
        return translate_missing(t, "Expression.SortOrder.child") != NULL;
    }
    out->expr = translate_expr(t, o->child);
    out->descending = o->direction == PB_SORT_DIRECTION_DESCENDING;
    out->nulls_first = o->null_ordering == PB_SORT_NULLS_FIRST ||
                       (o->null_ordering == PB_SORT_NULLS_UNSPECIFIED && !out->descending);
    return out->expr != NULL;
}

bool
translate_sort_keys(struct translator *t, const struct pb_expression_sort_order *list,
                    uint32_t count, struct sort_key **out)
{
    *out = arena_new_array(t->arena, struct sort_key, count + 1);
    for (uint32_t i = 0; i < count; i++) {
        if (!sort_key(t, &list[i], &(*out)[i])) {
            return false;
        }
    }
    return true;
}

static struct expr *
sort_order(struct translator *t, const struct pb_expression_sort_order *o)
{
    struct sort_key key;
    if (!sort_key(t, o, &key)) {
        return NULL;
    }
    struct expr *e = node(t, EXPR_SORT_ORDER);
    e->args = arena_new_array(t->arena, struct expr *, 1);
    e->args[0] = key.expr;
    e->arg_count = 1;
    e->descending = key.descending;
    e->nulls_first = key.nulls_first;
    return e;
}

static bool
frame_bound(struct translator *t, const struct pb_expression_window_window_frame_frame_boundary *b,
            struct frame_bound *out)
{
    switch (b != NULL ? b->boundary_case : 0) {
    case PB_EXPRESSION_WINDOW_WINDOW_FRAME_FRAME_BOUNDARY_CURRENT_ROW_TAG:
        out->kind = BOUND_CURRENT_ROW;
        return true;
    case PB_EXPRESSION_WINDOW_WINDOW_FRAME_FRAME_BOUNDARY_UNBOUNDED_TAG:
        out->kind = BOUND_UNBOUNDED;
        return true;
    case PB_EXPRESSION_WINDOW_WINDOW_FRAME_FRAME_BOUNDARY_VALUE_TAG:
        out->kind = BOUND_VALUE;
        out->value = translate_expr(t, b->value);
        return out->value != NULL;
    default:
        return translate_missing(t, "FrameBoundary.boundary") != NULL;
    }
}

static struct expr *
window(struct translator *t, const struct pb_expression_window *w)
{
    struct expr *e = node_over(t, EXPR_WINDOW, w->window_function);
    if (e == NULL) {
        return NULL;
    }
    struct window_spec *spec = arena_new(t->arena, struct window_spec);
    spec->partition = translate_exprs(t, w->partition_spec, w->partition_spec_count);
    spec->partition_count = w->partition_spec_count;
    spec->order_count = w->order_spec_count;
    if (spec->partition == NULL ||
        !translate_sort_keys(t, w->order_spec, w->order_spec_count, &spec->order)) {
        return NULL;
    }
    if (w->frame_spec != NULL) {
        spec->frame = w->frame_spec->frame_type == PB_FRAME_TYPE_ROW     ? FRAME_ROWS
                      : w->frame_spec->frame_type == PB_FRAME_TYPE_RANGE ? FRAME_RANGE
                                                                         : FRAME_NONE;
        if (!frame_bound(t, w->frame_spec->lower, &spec->lower) ||
            !frame_bound(t, w->frame_spec->upper, &spec->upper)) {
            return NULL;
        }
    }
    e->window = spec;
    return e;
}

static struct expr *
lambda_variable(struct translator *t,
                const struct pb_expression_unresolved_named_lambda_variable *v)
{
    if (v->name_parts_count != 1) {
        error_unsupported(t->err, "a lambda variable of %u name parts", v->name_parts_count);
        return NULL;
    }
    struct expr *e = node(t, EXPR_LAMBDA_VAR);
    e->name = pb_str(v->name_parts[0]);
    return e;
}

static struct expr *
lambda(struct translator *t, const struct pb_expression_lambda_function *f)
{
    struct expr *e = node_over(t, EXPR_LAMBDA, f->function);
    if (e == NULL) {
        return NULL;
    }
    e->names = arena_new_array(t->arena, const char *, f->arguments_count + 1);
    e->name_count = f->arguments_count;
    for (uint32_t i = 0; i < f->arguments_count; i++) {
        struct expr *v = lambda_variable(t, &f->arguments[i]);
        if (v == NULL) {
            return NULL;
        }
        e->names[i] = v->name;
    }
    return e;
}

static struct expr *
extract(struct translator *t, const struct pb_expression_unresolved_extract_value *x)
{
    struct expr *e = node_over(t, EXPR_EXTRACT, x->child);
    if (e == NULL) {
        return NULL;
    }
    e->args[1] = x->extraction != NULL ? translate_expr(t, x->extraction)
                                       : translate_missing(t, "UnresolvedExtractValue.extraction");
    e->arg_count = 2;
    return e->args[1] != NULL ? e : NULL;
}

static struct expr *
update_fields(struct translator *t, const struct pb_expression_update_fields *u)
{
    struct expr *e = node_over(t, EXPR_UPDATE_FIELD, u->struct_expression);
    if (e == NULL) {
        return NULL;
    }
    e->name = pb_str(u->field_name);
    if (u->value_expression != NULL) {
        e->args[1] = translate_expr(t, u->value_expression);
        e->arg_count = 2;
        return e->args[1] != NULL ? e : NULL;
    }
    return e;
}

struct udf *
translate_udf(struct translator *t, const struct pb_common_inline_user_defined_function *f)
{
    if (f == NULL || f->function_case == 0) {
        return translate_missing(t, "CommonInlineUserDefinedFunction.function");
    }
    if (f->function_case != PB_COMMON_INLINE_USER_DEFINED_FUNCTION_PYTHON_UDF_TAG) {
        error_unsupported(t->err, "user functions in Scala or Java (there is no JVM here)");
        return NULL;
    }
    const struct pb_python_udf *p = f->python_udf;
    struct udf *udf = arena_new(t->arena, struct udf);
    struct session_files files = {0};
    if (p->additional_includes_count > 0) {
        return translate_missing(t, "PythonUDF.additional_includes");
    }
    if (t->face->session != NULL &&
        !session_python_files(t->face->session, t->arena, &files, t->err)) {
        return NULL;
    }
    *udf = (struct udf){
        .eval_type = p->eval_type,
        .command = p->command.ptr,
        .command_len = p->command.len,
        .python_version = pb_str(p->python_ver),
        .python_path = t->face->python_path,
        .deterministic = f->deterministic,
        .files_dir = files.dir,
        .includes = files.includes,
        .include_count = files.include_count,
    };
    if (p->output_type != NULL) {
        udf->return_type = translate_type(t, p->output_type);
        return udf->return_type != NULL ? udf : NULL;
    }
    return udf;
}

static struct expr *
user_function(struct translator *t, const struct pb_common_inline_user_defined_function *f)
{
    struct expr *e = node(t, EXPR_UDF);
    e->name = pb_str(f->function_name);
    e->distinct = f->is_distinct;
    e->udf = translate_udf(t, f);
    return e->udf != NULL && set_args(t, e, f->arguments, f->arguments_count) ? e : NULL;
}

static struct expr *
call_function(struct translator *t, const struct pb_call_function *f)
{
    struct expr *e = node(t, EXPR_CALL);
    uint32_t count;
    const char **parts = translate_identifier(t, f->function_name, &count);
    if (parts == NULL) {
        return NULL;
    }
    e->name = parts[count - 1]; /* all functions live in one place, whatever the qualifier */
    return set_args(t, e, f->arguments, f->arguments_count) ? e : NULL;
}

static struct expr *
literal(struct translator *t, const struct pb_expression_literal *l)
{
    struct expr *e = node(t, EXPR_LITERAL);
    if (!translate_literal(t, l, &e->literal)) {
        return NULL;
    }
    e->type = e->literal.type;
    e->nullable = e->literal.is_null;
    return e;
}

static struct expr *
named(struct translator *t, enum expr_kind kind, struct pb_text name)
{
    struct expr *e = node(t, kind);
    e->name = pb_str(name);
    return e;
}

static struct expr *
rare(struct translator *t, const struct pb_expression *x)
{
    struct expr *e;
    switch (x->expr_type_case) {
    case PB_EXPRESSION_UNRESOLVED_REGEX_TAG:
        e = named(t, EXPR_REGEX, x->unresolved_regex->col_name);
        e->plan_id = x->unresolved_regex->has_plan_id ? x->unresolved_regex->plan_id : -1;
        return e;
    case PB_EXPRESSION_LAMBDA_FUNCTION_TAG:
        return lambda(t, x->lambda_function);
    case PB_EXPRESSION_UNRESOLVED_NAMED_LAMBDA_VARIABLE_TAG:
        return lambda_variable(t, x->unresolved_named_lambda_variable);
    case PB_EXPRESSION_UPDATE_FIELDS_TAG:
        return update_fields(t, x->update_fields);
    case PB_EXPRESSION_COMMON_INLINE_USER_DEFINED_FUNCTION_TAG:
        return user_function(t, x->common_inline_user_defined_function);
    case PB_EXPRESSION_CALL_FUNCTION_TAG:
        return call_function(t, x->call_function);
    case PB_EXPRESSION_NAMED_ARGUMENT_EXPRESSION_TAG:
        e = node_over(t, EXPR_NAMED_ARG, x->named_argument_expression->value);
        if (e != NULL) {
            e->name = pb_str(x->named_argument_expression->key);
        }
        return e;
    case PB_EXPRESSION_SUBQUERY_EXPRESSION_TAG:
        return translate_subquery(t, x->subquery_expression);
    case 0:
        return translate_missing(t, "Expression.expr_type");
    default:
        break;
    }
    const struct pb_field *f = pb_field_find(&pb_messages[PB_ID_EXPRESSION], x->expr_type_case);
    error_unsupported(t->err, "the Spark Connect expression %s",
                      f != NULL ? f->name : "of an unknown kind");
    return NULL;
}

static struct expr *
by_kind(struct translator *t, const struct pb_expression *x)
{
    switch (x->expr_type_case) {
    case PB_EXPRESSION_LITERAL_TAG:
        return literal(t, x->literal);
    case PB_EXPRESSION_UNRESOLVED_ATTRIBUTE_TAG:
        return attribute(t, x->unresolved_attribute);
    case PB_EXPRESSION_UNRESOLVED_FUNCTION_TAG:
        return call(t, x->unresolved_function);
    case PB_EXPRESSION_EXPRESSION_STRING_TAG:
        return named(t, EXPR_STRING, x->expression_string->expression);
    case PB_EXPRESSION_UNRESOLVED_STAR_TAG:
        return star(t, x->unresolved_star);
    case PB_EXPRESSION_ALIAS_TAG:
        return alias(t, x->alias);
    case PB_EXPRESSION_CAST_TAG:
        return cast(t, x->cast);
    case PB_EXPRESSION_SORT_ORDER_TAG:
        return sort_order(t, x->sort_order);
    case PB_EXPRESSION_WINDOW_TAG:
        return window(t, x->window);
    case PB_EXPRESSION_UNRESOLVED_EXTRACT_VALUE_TAG:
        return extract(t, x->unresolved_extract_value);
    default:
        return rare(t, x);
    }
}

struct expr *
translate_expr(struct translator *t, const struct pb_expression *x)
{
    if (x == NULL) {
        return translate_missing(t, "Expression.expr_type");
    }
    struct expr *e = by_kind(t, x);
    const struct pb_origin *origin = x->common != NULL ? x->common->origin : NULL;
    if (e != NULL && origin != NULL && origin->function_case == PB_ORIGIN_PYTHON_ORIGIN_TAG) {
        e->call_site = origin->python_origin->call_site.ptr;
        e->call_name = origin->python_origin->fragment.ptr;
    }
    return e;
}
