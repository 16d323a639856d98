/*
 * Row groups that statistics prove empty are not read.
 *
 * The filter is taken as a tree of three-valued facts about a group: only what can be disproved for
 * every row skips it. Anything unknown (functions, casts, missing or truncated statistics of a kind
 * that cannot be trusted) means "may match".
 */
#include <string.h>
#include <strings.h>

#include "format/parquet_read.h"

const struct pq_field *
pq_find_field(const struct pq_field *fields, uint32_t count, const char *name)
{
    const struct pq_field *found = NULL;
    for (uint32_t i = 0; i < count; i++) {
        if (strcmp(fields[i].name, name) == 0) {
            return &fields[i];
        }
        if (found == NULL && strcasecmp(fields[i].name, name) == 0) {
            found = &fields[i];
        }
    }
    return found;
}

struct group_facts {
    const struct pq_footer *footer;
    const struct pq_group *group;
    const struct type *schema;
};

/* A statistics value in the type of the column; false when it cannot be used. */
static bool
stat_value(const struct pq_field *f, struct bytes bytes, bool legacy, struct datum *out)
{
    const struct pq_element *e = f->element;
    *out = (struct datum){.type = f->type};
    switch (e->type) {
    case PQ_INT32:
        if (bytes.len != 4 || (e->logical == PQ_INTEGER && !e->is_signed)) {
            return false;
        }
        int32_t narrow;
        memcpy(&narrow, bytes.ptr, 4);
        out->i = narrow;
        return true;
    case PQ_INT64:
        if (bytes.len != 8 || (e->logical == PQ_INTEGER && !e->is_signed)) {
            return false;
        }
        memcpy(&out->i, bytes.ptr, 8);
        if (e->logical == PQ_TIMESTAMP && e->unit == PQ_NANOS) {
            out->i = out->i / 1000 - (out->i % 1000 < 0);
        } else if (e->logical == PQ_TIMESTAMP && e->unit == PQ_MILLIS) {
            return !__builtin_mul_overflow(out->i, 1000, &out->i);
        }
        return true;
    case PQ_FLOAT:
    case PQ_DOUBLE: {
        float single;
        if (bytes.len != (e->type == PQ_FLOAT ? 4 : 8)) {
            return false;
        }
        if (e->type == PQ_FLOAT) {
            memcpy(&single, bytes.ptr, 4);
            out->f = single;
        } else {
            memcpy(&out->f, bytes.ptr, 8);
        }
        return out->f == out->f;
    }
    case PQ_BYTES:
        if (legacy || f->type->id == TYPE_DECIMAL || bytes.len > INT32_MAX) {
            return false;
        }
        out->str = view_make((const char *)bytes.ptr, bytes.len);
        return true;
    default:
        return false;
    }
}

static const struct pq_field *
field_of(const struct group_facts *g, const struct expr *e, const struct pq_stats **stats)
{
    if (e->kind != EXPR_COLUMN || e->column >= g->schema->field_count) {
        return NULL;
    }
    const struct type_field *wanted = &g->schema->fields[e->column];
    const struct pq_field *f =
        pq_find_field(g->footer->fields, g->footer->field_count, wanted->name);
    if (f == NULL || f->shape != PQ_LEAF || !type_same(f->type, wanted->type)) {
        return NULL;
    }
    *stats = &g->group->chunks[f->leaf].stats;
    return f;
}

enum compare_op { OP_EQ, OP_LT, OP_LE, OP_GT, OP_GE, OP_NONE };

static enum compare_op
op_of(const char *name)
{
    static const struct {
        const char *name;
        enum compare_op op;
    } ops[] = {{"==", OP_EQ}, {"=", OP_EQ}, {"<", OP_LT},
               {"<=", OP_LE}, {">", OP_GT}, {">=", OP_GE}};
    for (size_t i = 0; i < sizeof ops / sizeof *ops; i++) {
        if (strcmp(ops[i].name, name) == 0) {
            return ops[i].op;
        }
    }
    return OP_NONE;
}

/* NaN stands above every number but is left out of statistics: upper bounds of floats say nothing
 * of it. */
static bool
compare_may_match(const struct pq_field *f, const struct pq_stats *s, enum compare_op op,
                  const struct datum *value)
{
    struct datum min, max;
    const bool real = f->type->id == TYPE_FLOAT || f->type->id == TYPE_DOUBLE;
    if (value->is_null || (real && value->f != value->f)) {
        return value->is_null ? false : true;
    }
    const bool has_min = s->has_min && stat_value(f, s->min, s->legacy, &min);
    const bool has_max = s->has_max && stat_value(f, s->max, s->legacy, &max);
    const int low = has_min ? datum_compare(value, &min) : 1;   /* value against the least */
    const int high = has_max ? datum_compare(value, &max) : -1; /* and the greatest */
    switch (op) {
    case OP_EQ:
        return low >= 0 && high <= 0;
    case OP_LT:
        return low > 0;
    case OP_LE:
        return low >= 0;
    case OP_GT:
        return high < 0 || real;
    case OP_GE:
        return high <= 0 || real;
    case OP_NONE:
        break;
    }
    return true;
}

static bool
all_null(const struct group_facts *g, const struct pq_stats *s)
{
    return s->has_nulls && s->nulls == g->group->rows && g->group->rows > 0;
}

static bool
may_match_compare(const struct group_facts *g, const struct expr *e, enum compare_op op)
{
    static const enum compare_op mirrored[] = {OP_EQ, OP_GT, OP_GE, OP_LT, OP_LE};
    const struct expr *x = e->args[0], *y = e->args[1];
    const struct pq_stats *stats;
    if (x->kind == EXPR_LITERAL) {
        const struct expr *swap = x;
        x = y;
        y = swap;
        op = mirrored[op];
    }
    const struct pq_field *f = y->kind == EXPR_LITERAL ? field_of(g, x, &stats) : NULL;
    if (f == NULL || !type_same(f->type, y->literal.type)) {
        return true;
    }
    return !all_null(g, stats) && compare_may_match(f, stats, op, &y->literal);
}

static bool
may_match_in(const struct group_facts *g, const struct expr *e)
{
    const struct pq_stats *stats;
    const struct pq_field *f = field_of(g, e->args[0], &stats);
    for (uint32_t i = 1; f != NULL && i < e->arg_count; i++) {
        const struct expr *item = e->args[i];
        if (item->kind != EXPR_LITERAL || !type_same(f->type, item->literal.type) ||
            compare_may_match(f, stats, OP_EQ, &item->literal)) {
            return true;
        }
    }
    return f == NULL;
}

static bool
may_match(const struct group_facts *g, const struct expr *e, uint32_t depth)
{
    const struct pq_stats *stats;
    if (e->kind == EXPR_LITERAL && e->literal.type != NULL && e->literal.type->id == TYPE_BOOLEAN) {
        return !e->literal.is_null && e->literal.b;
    }
    if (e->kind != EXPR_CALL || e->name == NULL || depth > 100) {
        return true;
    }
    if (strcmp(e->name, "and") == 0 || strcmp(e->name, "or") == 0) {
        const bool both = e->name[0] == 'a';
        for (uint32_t i = 0; i < e->arg_count; i++) {
            if (may_match(g, e->args[i], depth + 1) != both) {
                return !both;
            }
        }
        return both;
    }
    if (strcmp(e->name, "in") == 0 && e->arg_count > 1) {
        return may_match_in(g, e);
    }
    if (e->arg_count == 1) {
        const bool is_null = strcmp(e->name, "isnull") == 0;
        if ((is_null || strcmp(e->name, "isnotnull") == 0) &&
            field_of(g, e->args[0], &stats) != NULL && stats->has_nulls) {
            return is_null ? stats->nulls > 0 : !all_null(g, stats);
        }
        return true;
    }
    const enum compare_op op = e->arg_count == 2 ? op_of(e->name) : OP_NONE;
    return op == OP_NONE || may_match_compare(g, e, op);
}

bool
pq_group_may_match(const struct pq_footer *footer, uint32_t group, const struct type *schema,
                   const struct expr *filter)
{
    const struct group_facts g = {
        .footer = footer, .group = &footer->groups[group], .schema = schema};
    return filter == NULL || may_match(&g, filter, 0);
}
