/*
 * DataFrame operators that are projections of their input, and the ones that only streaming and
 * Python know: columns added, renamed, dropped, a schema imposed, watermarks, mapInPandas.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "plan/resolver.h"

struct projection {
    struct resolver *r;
    struct expr **exprs;
    const char **names;
    const char **metadata;
    uint32_t count;
    struct scope out;
};

static void
projection_init(struct projection *p, struct resolver *r, uint32_t max)
{
    *p = (struct projection){.r = r};
    p->exprs = arena_new_array(r->arena, struct expr *, max + 1);
    p->names = arena_new_array(r->arena, const char *, max + 1);
    p->metadata = arena_new_array(r->arena, const char *, max + 1);
}

static void
projection_add(struct projection *p, struct expr *e, struct column_ref c, const char *metadata)
{
    c.hidden = false;
    p->exprs[p->count] = e;
    p->names[p->count] = c.name;
    p->metadata[p->count++] = metadata;
    scope_push(p->r, &p->out, c);
}

static void
projection_keep(struct projection *p, const struct scope *in, uint32_t i)
{
    projection_add(p, scope_column(p->r, in, i), in->columns[i], scope_field(in, i)->metadata);
}

static bool
projection_finish(struct projection *p, const struct scope *in, struct scope *out)
{
    struct rel *rel = rel_project(p->r, in->rel, p->exprs, p->names, p->count);
    struct type_field *fields = (struct type_field *)rel->schema->fields;
    for (uint32_t i = 0; i < p->count; i++) {
        fields[i].metadata = p->metadata[i];
    }
    *out = p->out;
    out->rel = rel;
    return true;
}

/* withColumn: a SELECT of all columns, with the named ones replaced or added at the end. */
static bool
resolve_with_columns(struct resolver *r, struct rel *u, struct scope *out)
{
    struct scope from;
    if (!resolve_rel(r, u->inputs[0], &from)) {
        return false;
    }
    scope_visible(r, &from);
    bool *placed = arena_new_array(r->arena, bool, u->expr_count + 1);
    struct expr **exprs = arena_new_array(r->arena, struct expr *, from.count + u->expr_count + 1);
    uint32_t count = 0;
    for (uint32_t i = 0; i < from.count; i++) {
        exprs[count] = scope_column(r, &from, i);
        for (uint32_t k = 0; k < u->expr_count; k++) {
            const struct expr *alias = u->exprs[k];
            if (alias->name != NULL && name_equal(r, alias->name, from.columns[i].name)) {
                exprs[count] = u->exprs[k];
                placed[k] = true;
            }
        }
        count++;
    }
    for (uint32_t k = 0; k < u->expr_count; k++) {
        if (!placed[k]) {
            exprs[count++] = u->exprs[k];
        }
    }
    struct select *s = select_new(r, &from);
    struct lookup l = {.r = r, .input = &s->from, .items = s, .outer = r->outer};
    scope_init(out, s->project);
    if (!select_items(&l, out, exprs, count)) {
        return false;
    }
    for (uint32_t i = 0; i < s->item_count && !s->aggregated; i++) {
        s->aggregated = has_aggregate(s->items[i].expr);
    }
    out->select = s;
    return true;
}

static bool
resolve_rename(struct resolver *r, const struct rel *u, const struct scope *in, struct scope *out)
{
    struct projection p;
    projection_init(&p, r, in->count);
    for (uint32_t i = 0; i < in->count; i++) {
        struct column_ref c = in->columns[i];
        for (uint32_t k = 0; k + 1 < u->column_name_count; k += 2) {
            if (name_equal(r, u->column_names[k], c.name)) {
                c.name = u->column_names[k + 1];
                c.id = ++r->next_id;
            }
        }
        projection_add(&p, scope_column(r, in, i), c, scope_field(in, i)->metadata);
    }
    return projection_finish(&p, in, out);
}

static bool
resolve_to_df(struct resolver *r, const struct rel *u, const struct scope *in, struct scope *out)
{
    if (u->column_name_count != in->count) {
        const char *have = "";
        for (uint32_t i = 0; i < in->count; i++) {
            have = arena_printf(r->arena, "%s%s%s", have, i > 0 ? ", " : "", in->columns[i].name);
        }
        return error_set(r->err, ERROR_ARGUMENT,
                         "requirement failed: The number of columns doesn't match.\nOld column "
                         "names (%u): %s\nNew column names (%u)",
                         in->count, have, u->column_name_count);
    }
    struct projection p;
    projection_init(&p, r, in->count);
    for (uint32_t i = 0; i < in->count; i++) {
        struct column_ref c = in->columns[i];
        if (strcmp(c.name, u->column_names[i]) != 0) {
            c.id = ++r->next_id;
        }
        c.name = u->column_names[i];
        projection_add(&p, scope_column(r, in, i), c, scope_field(in, i)->metadata);
    }
    return projection_finish(&p, in, out);
}

/* drop(): names that are not there are no error. */
static bool
resolve_drop(struct resolver *r, const struct rel *u, const struct scope *in, struct scope *out)
{
    bool *dropped = arena_new_array(r->arena, bool, in->count + 1);
    for (uint32_t k = 0; k < u->column_name_count; k++) {
        for (uint32_t i = 0; i < in->count; i++) {
            dropped[i] |= name_equal(r, u->column_names[k], in->columns[i].name);
        }
    }
    for (uint32_t k = 0; k < u->expr_count; k++) {
        struct lookup l = {.r = r, .input = in, .outer = NULL};
        struct expr *e = resolve_expr(&l, u->exprs[k]);
        if (e != NULL && e->kind == EXPR_COLUMN) {
            dropped[e->column] = true;
        } else if (e == NULL && r->err->condition != NULL &&
                   strncmp(r->err->condition, "UNRESOLVED_COLUMN", 17) == 0) {
            error_clear(r->err);
        } else if (e == NULL) {
            return false;
        }
    }
    struct projection p;
    projection_init(&p, r, in->count);
    for (uint32_t i = 0; i < in->count; i++) {
        if (!dropped[i]) {
            projection_keep(&p, in, i);
        }
    }
    return projection_finish(&p, in, out);
}

/* df.to(schema): columns by name, cast, in the schema's order. */
static bool
resolve_to_schema(struct resolver *r, const struct rel *u, const struct scope *in,
                  struct scope *out)
{
    struct projection p;
    projection_init(&p, r, u->schema->field_count);
    for (uint32_t i = 0; i < u->schema->field_count; i++) {
        const struct type_field *want = &u->schema->fields[i];
        uint32_t found[2], used = 0;
        const uint32_t n = scope_find(r, in, &want->name, 1, found, &used, 2);
        struct expr *e = NULL;
        if (n == 0 && want->nullable) {
            e = expr_null_literal(r->arena, want->type);
        } else if (n != 1) {
            struct expr *name = expr_new(r->arena, EXPR_ATTRIBUTE);
            name->names = arena_new_array(r->arena, const char *, 1);
            name->names[0] = want->name;
            name->name_count = 1;
            return n == 0 ? scope_unresolved(r, in, name) : scope_ambiguous(r, in, name, found, n);
        } else {
            e = scope_column(r, in, found[0]);
        }
        if (e->nullable && !want->nullable) {
            return error_raise(r->err, "NULLABLE_COLUMN_OR_FIELD", "name",
                               names_quoted(r->arena, &want->name, 1), NULL);
        }
        if (!type_same(e->type, want->type) &&
            !func_can_cast(e->type, want->type, r->ctx->session->ansi)) {
            return error_raise(r->err, "INVALID_COLUMN_OR_FIELD_DATA_TYPE", "name",
                               names_quoted(r->arena, &want->name, 1), "type",
                               type_sql_quoted(r->arena, e->type), "expectedType",
                               type_sql_quoted(r->arena, want->type), NULL);
        }
        struct column_ref c = {.name = want->name, .id = ++r->next_id};
        projection_add(&p, cast_to(r, e, want->type), c, want->metadata);
    }
    return projection_finish(&p, in, out);
}

/* "10 seconds" in microseconds, by the interval parser behind CAST. */
static bool
parse_delay(struct resolver *r, const char *text, int64_t *micros)
{
    struct expr *literal = expr_string_literal(r->arena, text, strlen(text));
    struct expr *cast =
        expr_cast(r->arena, literal, type_scalar(TYPE_INTERVAL_CALENDAR), CAST_LEGACY);
    struct datum value;
    if (!expr_fold(r, cast, &value)) {
        return false;
    }
    if (value.is_null || value.interval.months != 0) {
        return error_raise(r->err, "CANNOT_PARSE_INTERVAL", "intervalString",
                           arena_printf(r->arena, "'%s'", text), NULL);
    }
    *micros = value.interval.micros + (int64_t)value.interval.days * 86400000000;
    return true;
}

static bool
resolve_watermark(struct resolver *r, const struct rel *u, const struct scope *in,
                  struct scope *out)
{
    struct expr *name = expr_new(r->arena, EXPR_ATTRIBUTE);
    name->names = arena_new_array(r->arena, const char *, 1);
    name->names[0] = u->name;
    name->name_count = 1;
    struct lookup l = {.r = r, .input = in};
    struct expr *e = resolve_expr(&l, name);
    if (e == NULL) {
        return false;
    }
    const bool window = e->type->id == TYPE_STRUCT;
    if (e->kind != EXPR_COLUMN ||
        (!window && e->type->id != TYPE_TIMESTAMP && e->type->id != TYPE_TIMESTAMP_NTZ)) {
        return error_raise(r->err, "EVENT_TIME_IS_NOT_ON_TIMESTAMP_TYPE", "eventName",
                           names_quoted(r->arena, &u->name, 1), "eventType",
                           type_sql_quoted(r->arena, e->type), NULL);
    }
    struct rel *rel = rel_copy(r->arena, u);
    rel->inputs[0] = in->rel;
    rel->watermark_column = e->column;
    if (!parse_delay(r, u->text, &rel->delay_micros)) {
        return false;
    }
    scope_pass(r, out, in, rel);
    return true;
}

/* Python over batches or groups: its output is what the function declares. */
static bool
resolve_map_udf(struct resolver *r, struct rel *u, struct scope *out)
{
    struct rel *rel = rel_copy(r->arena, u);
    struct scope inputs[2] = {{0}, {0}};
    for (uint32_t i = 0; i < u->input_count && i < 2; i++) {
        if (!resolve_rel(r, u->inputs[i], &inputs[i])) {
            return false;
        }
        scope_visible(r, &inputs[i]);
        rel->inputs[i] = inputs[i].rel;
    }
    if (udf_takes_groups(u->udf) && !resolve_group_map(r, u, rel, inputs)) {
        return false;
    }
    if (u->udf->return_type == NULL) {
        u->udf->return_type =
            type_parse_schema(r->arena, u->udf->return_ddl, strlen(u->udf->return_ddl), r->err);
        if (u->udf->return_type == NULL) {
            return false;
        }
    }
    rel->schema = u->udf->return_type;
    scope_from_schema(r, out, rel);
    return true;
}

bool
resolve_frame(struct resolver *r, struct rel *u, struct scope *out)
{
    if (u->kind == REL_WITH_COLUMNS) {
        return resolve_with_columns(r, u, out);
    }
    if (u->kind == REL_MAP_UDF) {
        return resolve_map_udf(r, u, out);
    }
    struct scope in;
    if (u->input_count != 1) {
        return error_unsupported(r->err, "a relation of kind %d", (int)u->kind);
    }
    if (!resolve_rel(r, u->inputs[0], &in)) {
        return false;
    }
    scope_visible(r, &in);
    switch (u->kind) {
    case REL_RENAME:
        return resolve_rename(r, u, &in, out);
    case REL_TO_DF:
        return resolve_to_df(r, u, &in, out);
    case REL_DROP:
        return resolve_drop(r, u, &in, out);
    case REL_TO_SCHEMA:
        return resolve_to_schema(r, u, &in, out);
    case REL_EVENT_WATERMARK:
        return resolve_watermark(r, u, &in, out);
    case REL_COLLECT_METRICS:
        return resolve_unsupported(r, "observed metrics");
    default:
        return error_unsupported(r->err, "a relation of kind %d", (int)u->kind);
    }
}
