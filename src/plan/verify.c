/*
 * The plan verifier: what must hold after resolution and after every pass. Columns exist and have
 * the type that their reader believes in, schemas have as many fields as operators make, and kinds
 * that only unresolved trees know are gone. A failure is our own fault and names the place.
 */
#include <string.h>

#include "base/buffer.h"
#include "plan/pass.h"

struct check {
    const struct type *input;  /* what EXPR_COLUMN refers to; two parts for joins */
    const struct type *second; /* the right input of a join, or NULL */
    const char *what;
};

static bool
check_column(const struct expr *e, struct check *c)
{
    const uint32_t first = c->input != NULL ? c->input->field_count : 0;
    const uint32_t second = c->second != NULL ? c->second->field_count : 0;
    if (e->column >= first + second) {
        c->what = "a column out of range";
        return false;
    }
    const struct type_field *f =
        e->column < first ? &c->input->fields[e->column] : &c->second->fields[e->column - first];
    if (!type_same(f->type, e->type)) {
        c->what = "a column of another type";
        return false;
    }
    return true;
}

static bool
check_node(const struct expr *e, void *ctx)
{
    struct check *c = ctx;
    if (e->type == NULL) {
        c->what = "an expression without a type";
        return false;
    }
    switch (e->kind) {
    case EXPR_COLUMN:
        return check_column(e, c);
    case EXPR_ATTRIBUTE:
    case EXPR_STAR:
    case EXPR_REGEX:
    case EXPR_EXTRACT:
    case EXPR_STRING:
    case EXPR_PARAMETER:
    case EXPR_NAMED_ARG:
        c->what = "an unresolved expression";
        return false;
    case EXPR_GET_FIELD:
        if (e->args[0]->type->id != TYPE_STRUCT || e->column >= e->args[0]->type->field_count) {
            c->what = "a field out of range";
            return false;
        }
        return true;
    default:
        return true;
    }
}

static struct expr *
check_expr(struct arena *a, struct expr *e, void *ctx)
{
    return expr_walk(e, check_node, ctx) ? e : NULL;
}

static bool
fail(struct error *err, const struct rel *rel, const char *what)
{
    struct buffer text = {0};
    rel_put_tree(&text, rel);
    error_set(err, ERROR_INTERNAL, "[INTERNAL_ERROR] The plan has %s in:\n%s SQLSTATE: XX000",
              what != NULL ? what : "a fault", buffer_text(&text));
    buffer_release(&text);
    return false;
}

/* How many columns an operator makes, by its own parts; -1: not known here. */
static int64_t
made_columns(const struct rel *rel)
{
    switch (rel->kind) {
    case REL_PROJECT:
    case REL_AGGREGATE:
    case REL_EXPAND:
        return rel->expr_count;
    case REL_FILTER:
    case REL_SORT:
    case REL_LIMIT:
    case REL_TOPN:
    case REL_DISTINCT:
    case REL_UNION:
    case REL_SAMPLE:
    case REL_DEDUPLICATE:
        return rel->input_count > 0 ? (int64_t)rel_width(rel->inputs[0]) : -1;
    case REL_WINDOW:
        return (int64_t)rel_width(rel->inputs[0]) + rel->expr_count;
    case REL_JOIN:
        if (rel->join_type == JOIN_SEMI || rel->join_type == JOIN_ANTI) {
            return rel_width(rel->inputs[0]);
        }
        return (int64_t)rel_width(rel->inputs[0]) +
               (rel->join_type == JOIN_MARK ? 1 : rel_width(rel->inputs[1]));
    case REL_SCAN:
        return rel->column_count;
    default:
        return -1;
    }
}

bool
plan_verify(const struct rel *rel, struct error *err)
{
    for (uint32_t i = 0; i < rel->input_count; i++) {
        if (rel->inputs[i] == NULL || !plan_verify(rel->inputs[i], err)) {
            return error_is_set(err) ? false : fail(err, rel, "no input");
        }
    }
    if (rel->schema == NULL || rel->schema->id != TYPE_STRUCT) {
        return fail(err, rel, "no schema");
    }
    const int64_t made = made_columns(rel);
    if (made >= 0 && made != rel->schema->field_count) {
        return fail(err, rel, "a schema of another width");
    }
    struct check c = {
        .input = rel->input_count > 0 ? rel->inputs[0]->schema : NULL,
        .second = rel->kind == REL_JOIN || rel->kind == REL_MAP_UDF
                      ? (rel->input_count > 1 ? rel->inputs[1]->schema : NULL)
                      : NULL,
    };
    if (rel->kind == REL_SCAN) {
        c.input = rel->source->schema;
    }
    if (rel->kind == REL_MAP_UDF) {
        return true; /* its expressions belong to one input each */
    }
    struct arena scratch;
    arena_init(&scratch, NULL);
    struct rel *copy = rel_copy(&scratch, rel);
    const bool ok = rel_map_exprs(&scratch, copy, check_expr, &c);
    arena_release(&scratch);
    return ok || fail(err, rel, c.what);
}
