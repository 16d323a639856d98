/* Binding: from a name and argument types to a result type, the casts it needs and a kernel. */
#include "func/bind.h"

#include <stdio.h>
#include <string.h>

static char *
quoted(struct arena *a, struct buffer *text)
{
    char *out = arena_printf(a, "\"%s\"", buffer_text(text));
    buffer_release(text);
    return out;
}

char *
bind_sql(const struct func_bind *b)
{
    struct expr e = {.kind = b->def->class == FUNC_AGGREGATE ? EXPR_AGG : EXPR_CALL,
                     .name = b->def->name,
                     .args = (struct expr **)b->args,
                     .arg_count = b->arg_count,
                     .distinct = b->distinct,
                     .start = -1,
                     .plan_id = -1};
    struct buffer text = {0};
    expr_put_sql(&text, &e);
    return quoted(b->arena, &text);
}

char *
bind_arg_sql(const struct func_bind *b, uint32_t i)
{
    struct buffer text = {0};
    expr_put_sql(&text, b->args[i]);
    return quoted(b->arena, &text);
}

char *
type_quoted(struct arena *a, const struct type *t)
{
    struct buffer text = {0};
    type_put_sql(&text, t);
    return quoted(a, &text);
}

static const char *
ordinal(struct arena *a, uint32_t i)
{
    static const char *const words[] = {"first", "second",  "third",  "fourth", "fifth",
                                        "sixth", "seventh", "eighth", "ninth",  "tenth"};
    return i < 10 ? words[i] : arena_printf(a, "%uth", i + 1);
}

bool
bind_fail_input(const struct func_bind *b, uint32_t i, const char *required, struct error *err)
{
    return error_raise(err, "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE", "sqlExpr", bind_sql(b),
                       "paramIndex", ordinal(b->arena, i), "requiredType", required, "inputSql",
                       bind_arg_sql(b, i), "inputType", type_quoted(b->arena, b->args[i]->type),
                       NULL);
}

bool
bind_fail_diff(const struct func_bind *b, struct error *err)
{
    return error_raise(err, "DATATYPE_MISMATCH.BINARY_OP_DIFF_TYPES", "sqlExpr", bind_sql(b),
                       "left", type_quoted(b->arena, b->args[0]->type), "right",
                       type_quoted(b->arena, b->args[1]->type), NULL);
}

bool
bind_fail_wrong(const struct func_bind *b, const char *required, struct error *err)
{
    return error_raise(err, "DATATYPE_MISMATCH.BINARY_OP_WRONG_TYPE", "sqlExpr", bind_sql(b),
                       "inputType", required, "actualDataType",
                       type_quoted(b->arena, b->args[0]->type), NULL);
}

bool
bind_fail_data_diff(const struct func_bind *b, struct error *err)
{
    struct buffer list = {0};
    buffer_puts(&list, "(");
    for (uint32_t i = 0; i < b->arg_count; i++) {
        buffer_printf(&list, "%s%s", i > 0 ? " or " : "", type_quoted(b->arena, b->args[i]->type));
    }
    buffer_puts(&list, ")");
    const char *types = arena_strdup(b->arena, buffer_text(&list));
    buffer_release(&list);
    return error_raise(err, "DATATYPE_MISMATCH.DATA_DIFF_TYPES", "sqlExpr", bind_sql(b),
                       "functionName", arena_printf(b->arena, "`%s`", b->def->name), "dataType",
                       types, NULL);
}

bool
bind_fail_order(const struct func_bind *b, const struct type *t, struct error *err)
{
    return error_raise(err, "DATATYPE_MISMATCH.INVALID_ORDERING_TYPE", "sqlExpr", bind_sql(b),
                       "functionName", arena_printf(b->arena, "`%s`", b->def->name), "dataType",
                       type_quoted(b->arena, t), NULL);
}

bool
bind_fail_foldable(const struct func_bind *b, uint32_t i, const char *name, const char *type,
                   struct error *err)
{
    return error_raise(err, "DATATYPE_MISMATCH.NON_FOLDABLE_INPUT", "sqlExpr", bind_sql(b),
                       "inputName", arena_printf(b->arena, "`%s`", name), "inputType",
                       arena_printf(b->arena, "\"%s\"", type), "inputExpr", bind_arg_sql(b, i),
                       NULL);
}

bool
bind_fail_count(const struct func_bind *b, const char *expected, struct error *err)
{
    return error_raise(err, "WRONG_NUM_ARGS.WITHOUT_SUGGESTION", "functionName",
                       arena_printf(b->arena, "`%s`", b->def->name), "expectedNum", expected,
                       "actualNum", arena_printf(b->arena, "%u", b->arg_count), "docroot",
                       "https://spark.apache.org/docs/latest", NULL);
}

bool
raise_overflow(struct error *err, const char *what, const char *alternative)
{
    char hint[160] = "";
    if (alternative != NULL) {
        snprintf(hint, sizeof hint, " Use '%s' to tolerate overflow and return NULL instead.",
                 alternative);
    }
    return error_raise(err, "ARITHMETIC_OVERFLOW", "message", what, "alternative", hint, "config",
                       "\"spark.sql.ansi.enabled\"", NULL);
}

bool
raise_divide_by_zero(struct error *err)
{
    return error_raise(err, "DIVIDE_BY_ZERO", "config", "\"spark.sql.ansi.enabled\"", NULL);
}

bool
raise_remainder_by_zero(struct error *err)
{
    return error_raise(err, "REMAINDER_BY_ZERO", "config", "\"spark.sql.ansi.enabled\"", NULL);
}

bool
bind_any_nullable(const struct func_bind *b)
{
    for (uint32_t i = 0; i < b->arg_count; i++) {
        if (b->args[i]->nullable || b->args[i]->type->id == TYPE_NULL) {
            return true;
        }
    }
    return false;
}

const struct datum *
bind_literal(const struct func_bind *b, uint32_t i)
{
    if (i >= b->arg_count) {
        return NULL;
    }
    const struct expr *e = b->args[i];
    while (e->kind == EXPR_ALIAS) {
        e = e->args[0];
    }
    return e->kind == EXPR_LITERAL && !e->literal.is_null ? &e->literal : NULL;
}

bool
bind_literal_text(const struct func_bind *b, uint32_t i, struct view *out)
{
    const struct datum *d = bind_literal(b, i);
    if (d == NULL || (d->type->id != TYPE_STRING && d->type->id != TYPE_BINARY)) {
        return false;
    }
    *out = d->str;
    return true;
}

bool
bind_literal_int(const struct func_bind *b, uint32_t i, int64_t *out)
{
    const struct datum *d = bind_literal(b, i);
    if (d == NULL || !type_is_integral(d->type)) {
        return false;
    }
    *out = d->i;
    return true;
}

bool
bind_want(struct func_bind *b, uint32_t i, const struct type *to, struct error *err)
{
    const struct type *from = bind_type(b, i);
    if (type_same(from, to)) {
        return true;
    }
    if (!func_can_coerce(from, to, b->session->ansi)) {
        return bind_fail_input(b, i, type_quoted(b->arena, to), err);
    }
    b->cast_to[i] = to;
    return true;
}

const struct type *
bind_common(struct func_bind *b, uint32_t from, struct error *err)
{
    const struct type *t = type_scalar(TYPE_NULL);
    for (uint32_t i = from; i < b->arg_count; i++) {
        const struct type *wider =
            func_common_type(b->arena, t, b->args[i]->type, b->session->ansi);
        if (wider == NULL) {
            bind_fail_data_diff(b, err);
            return NULL;
        }
        t = wider;
    }
    for (uint32_t i = from; i < b->arg_count; i++) {
        if (!type_same(b->args[i]->type, t)) {
            b->cast_to[i] = t;
        }
    }
    return t;
}

static int
digits_of(int64_t v)
{
    uint64_t u = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
    int digits = 1;
    while (u >= 10) {
        u /= 10;
        digits++;
    }
    return digits;
}

const struct type *
bind_decimal(const struct func_bind *b, uint32_t i)
{
    const struct type *t = b->args[i]->type;
    int64_t value;
    if (type_is_integral(t) && t->id != TYPE_BYTE && bind_literal_int(b, i, &value)) {
        return type_decimal(b->arena, digits_of(value), 0);
    }
    return decimal_for(b->arena, t);
}

/* ---- signatures ---- */

struct want {
    char letter;
    enum type_id id; /* the type it becomes, TYPE_COUNT: no single one */
    const char *text;
};

static const struct want wants[] = {
    {'s', TYPE_STRING, "\"STRING\""},
    {'b', TYPE_BINARY, "\"BINARY\""},
    {'x', TYPE_COUNT, "(\"STRING\" or \"BINARY\")"},
    {'i', TYPE_INT, "\"INT\""},
    {'l', TYPE_LONG, "\"BIGINT\""},
    {'d', TYPE_DOUBLE, "\"DOUBLE\""},
    {'f', TYPE_FLOAT, "\"FLOAT\""},
    {'y', TYPE_BYTE, "\"TINYINT\""},
    {'h', TYPE_SHORT, "\"SMALLINT\""},
    {'B', TYPE_BOOLEAN, "\"BOOLEAN\""},
    {'D', TYPE_DATE, "\"DATE\""},
    {'T', TYPE_TIMESTAMP, "\"TIMESTAMP\""},
    {'Z', TYPE_TIMESTAMP_NTZ, "\"TIMESTAMP_NTZ\""},
    {'n', TYPE_COUNT, "\"INTEGRAL\""},
    {'N', TYPE_COUNT, "\"NUMERIC\""},
    {'A', TYPE_COUNT, ""},
    {'a', TYPE_COUNT, "\"ARRAY\""},
    {'m', TYPE_COUNT, "\"MAP\""},
    {'I', TYPE_INTERVAL_CALENDAR, "\"INTERVAL\""},
    {'t', TYPE_COUNT, "(\"TIMESTAMP\" or \"TIMESTAMP WITHOUT TIME ZONE\")"},
    {'u', TYPE_INTERVAL_DT, "\"INTERVAL DAY TO SECOND\""},
    {'v', TYPE_INTERVAL_YM, "\"INTERVAL YEAR TO MONTH\""},
};

static const struct want *
want_find(char letter)
{
    for (size_t i = 0; i < sizeof wants / sizeof *wants; i++) {
        if (wants[i].letter == letter) {
            return &wants[i];
        }
    }
    return NULL;
}

/* The letters that stand for several types: as it is, or what a null or string becomes. */
static const struct type *
want_choice(const struct type *t, char letter, bool ansi)
{
    const bool loose = t->id == TYPE_STRING || t->id == TYPE_NULL;
    switch (letter) {
    case 'A':
        return t;
    case 'x':
        return t->id == TYPE_STRING || t->id == TYPE_BINARY ? t : type_scalar(TYPE_STRING);
    case 'n':
        if (loose) {
            return type_scalar(t->id == TYPE_NULL ? TYPE_INT : TYPE_LONG);
        }
        return type_is_integral(t) ? t : NULL;
    case 'N':
        return loose ? type_scalar(TYPE_DOUBLE) : type_is_numeric(t) ? t : NULL;
    case 'a':
        return t->id == TYPE_ARRAY || t->id == TYPE_NULL ? t : NULL;
    case 'm':
        return t->id == TYPE_MAP || t->id == TYPE_NULL ? t : NULL;
    case 't':
        if (t->id == TYPE_TIMESTAMP || t->id == TYPE_TIMESTAMP_NTZ) {
            return t;
        }
        return loose || t->id == TYPE_DATE ? type_scalar(TYPE_TIMESTAMP) : NULL;
    default:
        return NULL;
    }
}

static bool
sig_arg(struct func_bind *b, uint32_t i, char letter, struct error *err)
{
    const struct want *want = want_find(letter);
    const struct type *from = b->args[i]->type;
    if (want == NULL) {
        return error_set(err, ERROR_INTERNAL, "signature of %s", b->def->name);
    }
    const struct type *to = want->id != TYPE_COUNT ? type_scalar(want->id)
                                                   : want_choice(from, letter, b->session->ansi);
    if (want->id == TYPE_STRING && from->id == TYPE_STRING) {
        return true;
    }
    if ((letter == 'u' && from->id == TYPE_INTERVAL_DT) ||
        (letter == 'v' && from->id == TYPE_INTERVAL_YM)) {
        return true;
    }
    if (to == NULL || (to != from && !func_can_coerce(from, to, b->session->ansi))) {
        return bind_fail_input(b, i, want->text, err);
    }
    if (!type_same(from, to)) {
        b->cast_to[i] = to;
    }
    return true;
}

static bool
sig_result(struct func_bind *b, const char *p, struct error *err)
{
    if (*p >= '0' && *p <= '9') {
        b->type = bind_type(b, (uint32_t)(*p - '0'));
        if (b->type->id == TYPE_STRING) {
            b->type = type_scalar(TYPE_STRING);
        }
    } else if (*p == '=') {
        b->type = type_array(b->arena, type_scalar(TYPE_STRING), true);
    } else {
        const struct want *want = want_find(*p);
        if (want == NULL || want->id == TYPE_COUNT) {
            return error_set(err, ERROR_INTERNAL, "signature of %s", b->def->name);
        }
        b->type = type_scalar(want->id);
    }
    b->nullable = p[1] == '?' || (p[1] != '!' && bind_any_nullable(b));
    return true;
}

bool
func_bind_sig(struct func_bind *b, struct error *err)
{
    const char *p = b->def->sig;
    const char *result = strchr(p, '>');
    char last = 'A';
    for (uint32_t i = 0; i < b->arg_count; i++) {
        if (*p == '|') {
            p++;
        }
        if (*p == '*' || *p == '>') {
            /* repeats the last letter */
        } else {
            last = *p++;
        }
        if (!sig_arg(b, i, last, err)) {
            return false;
        }
    }
    b->kernel = b->def->kernel;
    return sig_result(b, result + 1, err);
}

static bool
count_fits(struct func_bind *b, struct error *err)
{
    const struct func_def *d = b->def;
    if (b->arg_count >= d->arg_min && (d->arg_max == 255 || b->arg_count <= d->arg_max)) {
        return true;
    }
    if (d->arg_max == 255) {
        return bind_fail_count(b, arena_printf(b->arena, "> %d", d->arg_min - 1), err);
    }
    if (d->arg_min == d->arg_max) {
        return bind_fail_count(b, arena_printf(b->arena, "%u", d->arg_min), err);
    }
    struct buffer list = {0};
    buffer_puts(&list, "[");
    for (int i = d->arg_min; i <= d->arg_max; i++) {
        buffer_printf(&list, "%s%d", i > d->arg_min ? ", " : "", i);
    }
    buffer_puts(&list, "]");
    const char *text = arena_strdup(b->arena, buffer_text(&list));
    buffer_release(&list);
    return bind_fail_count(b, text, err);
}

bool
func_bind(struct func_bind *b, struct error *err)
{
    if (b->cast_to == NULL) {
        b->cast_to = arena_new_array(b->arena, const struct type *, b->arg_count + 1);
    }
    if (!count_fits(b, err)) {
        return false;
    }
    if (b->def->bind != NULL) {
        return b->def->bind(b, err);
    }
    return func_bind_sig(b, err);
}
