/*
 * From the query's resolved plan to the plan of one batch: streaming scans become scans of what is
 * new, aggregates over them get kept state. What cannot stream is refused when the query starts.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "stream/internal.h"

static bool
is_streaming(const struct rel *r)
{
    if (r->kind == REL_SCAN) {
        return r->is_streaming;
    }
    for (uint32_t i = 0; i < r->input_count; i++) {
        if (is_streaming(r->inputs[i])) {
            return true;
        }
    }
    return false;
}

static bool
has_aggregate(const struct rel *r)
{
    if (r->kind == REL_AGGREGATE && is_streaming(r)) {
        return true;
    }
    for (uint32_t i = 0; i < r->input_count; i++) {
        if (has_aggregate(r->inputs[i])) {
            return true;
        }
    }
    return false;
}

static bool
check_node(struct stream_query *q, const struct rel *r, struct error *err)
{
    switch (r->kind) {
    case REL_SORT:
    case REL_TOPN:
    case REL_LIMIT:
        return (q->mode == OUTPUT_COMPLETE && has_aggregate(r->inputs[0])) ||
               error_unsupported(err, "sorting or limiting a stream that is not an aggregate in "
                                      "complete mode");
    case REL_DISTINCT:
    case REL_DEDUPLICATE:
        if (r->within_watermark) {
            return error_unsupported(err, "dropDuplicatesWithinWatermark");
        }
        return q->mode != OUTPUT_COMPLETE ||
               error_raise(err, "STREAMING_OUTPUT_MODE.UNSUPPORTED_OPERATION", "outputMode",
                           "complete", "operation", "dropDuplicates", NULL);
    case REL_WINDOW:
        return error_unsupported(err, "row-based window functions on a stream");
    case REL_JOIN:
        if (is_streaming(r->inputs[0]) && is_streaming(r->inputs[1])) {
            return error_unsupported(err, "joining two streams");
        }
        if ((is_streaming(r->inputs[1]) && r->join_type != JOIN_INNER &&
             r->join_type != JOIN_RIGHT) ||
            (is_streaming(r->inputs[0]) &&
             (r->join_type == JOIN_RIGHT || r->join_type == JOIN_FULL))) {
            return error_unsupported(err, "an outer join that keeps a table's unmatched rows "
                                          "beside a stream");
        }
        return true;
    case REL_AGGREGATE:
        if (has_aggregate(r->inputs[0])) {
            return error_unsupported(err, "an aggregate of an aggregate on a stream");
        }
        return true;
    default:
        return true;
    }
}

static bool
walk(struct stream_query *q, const struct rel *r, struct error *err)
{
    if (!is_streaming(r)) {
        return true;
    }
    for (uint32_t i = 0; i < r->input_count; i++) {
        if (!walk(q, r->inputs[i], err)) {
            return false;
        }
    }
    if (!check_node(q, r, err)) {
        return false;
    }
    if (r->kind == REL_SCAN) {
        if (q->source_count == CHECKPOINT_SOURCES_MAX) {
            return error_set(err, ERROR_RESOURCE, "a query reads at most %d streams",
                             CHECKPOINT_SOURCES_MAX);
        }
        const uint32_t n = q->source_count++;
        return source_open(&q->sources[n], &q->arena, q->manager->driver, q->checkpoint.dir, n, r,
                           err);
    }
    if (r->kind == REL_EVENT_WATERMARK) {
        /* Several watermarks: the most patient one decides, which loses nothing. */
        q->delay_micros = q->has_watermark && q->delay_micros > r->delay_micros ? q->delay_micros
                                                                                : r->delay_micros;
        q->has_watermark = true;
    }
    q->state_count +=
        r->kind == REL_AGGREGATE || r->kind == REL_DEDUPLICATE || r->kind == REL_DISTINCT;
    q->aggregate_count += r->kind == REL_AGGREGATE;
    return true;
}

bool
batch_prepare(struct stream_query *q, struct error *err)
{
    if (!is_streaming(q->plan)) {
        return error_set(err, ERROR_ANALYSIS,
                         "'writeStream' can be called only on streaming Dataset/DataFrame");
    }
    if (!walk(q, q->plan, err)) {
        return false;
    }
    if (q->aggregate_count > 0 && q->mode == OUTPUT_APPEND && !q->has_watermark) {
        return error_raise(err, "STREAMING_OUTPUT_MODE.UNSUPPORTED_OPERATION", "outputMode",
                           "append", "operation", "streaming aggregations without watermark", NULL);
    }
    if (q->aggregate_count == 0 && q->mode == OUTPUT_COMPLETE) {
        return error_raise(err, "STREAMING_OUTPUT_MODE.UNSUPPORTED_OPERATION", "outputMode",
                           "complete", "operation", "no streaming aggregations", NULL);
    }
    return true;
}

struct instance {
    struct stream_query *q;
    struct arena *arena;
    const char *const *starts;
    const char *const *ends;
    int64_t batch_id, watermark_ms, late_ms;
    int64_t *source_rows;
    uint32_t next_source, next_state;
};

/* The group that says when a row happened: a window, or the time itself. */
static int32_t
event_group(const struct stream_query *q, const struct rel *r)
{
    for (uint32_t i = 0; q->has_watermark && i < r->group_count; i++) {
        const struct type *t = r->exprs[i]->type;
        const bool window = t->id == TYPE_STRUCT && t->field_count == 2 &&
                            strcasecmp(t->fields[0].name, "start") == 0 &&
                            strcasecmp(t->fields[1].name, "end") == 0;
        if (window || t->id == TYPE_TIMESTAMP) {
            return (int32_t)i;
        }
    }
    return -1;
}

static struct rel *
state_aggregate(struct instance *in, struct rel *r, enum output_mode mode)
{
    struct stream_query *q = in->q;
    struct stream_state_spec *spec = arena_new(in->arena, struct stream_state_spec);
    *spec = (struct stream_state_spec){
        .dir = arena_printf(in->arena, "%s/state/%u", q->checkpoint.dir, in->next_state++),
        .version = in->batch_id,
        .watermark_micros = in->late_ms > 0 ? in->late_ms * 1000 : INT64_MIN,
        .watermark_evict_micros = in->watermark_ms > 0 ? in->watermark_ms * 1000 : INT64_MIN,
        .mode = mode,
        .event_column = event_group(q, r)};
    r->kind = REL_STATE_AGGREGATE;
    r->stream = spec;
    return r;
}

static bool
is_key(const struct rel *r, uint32_t column)
{
    bool found = r->kind == REL_DISTINCT;
    for (uint32_t i = 0; i < r->expr_count; i++) {
        found |= r->exprs[i]->column == column;
    }
    return found;
}

/*
 * dropDuplicates: an aggregate with kept state whose groups are the keys and whose aggregates take
 * the first value of every other column; only groups that are new go out. A projection puts the
 * columns back in their order.
 */
static struct rel *
state_deduplicate(struct instance *in, struct rel *r)
{
    struct arena *a = in->arena;
    const struct type *schema = r->inputs[0]->schema;
    const uint32_t n = schema->field_count;
    struct rel *aggregate = rel_new(a, REL_AGGREGATE, 1, r->inputs[0]);
    aggregate->exprs = arena_new_array(a, struct expr *, n + 1);
    struct type_field *fields = arena_new_array(a, struct type_field, n + 1);
    uint32_t *place = arena_new_array(a, uint32_t, n + 1);
    for (int keys = 1; keys >= 0; keys--) {
        for (uint32_t i = 0; i < n; i++) {
            if (is_key(r, i) != (keys == 1)) {
                continue;
            }
            const struct type_field *f = &schema->fields[i];
            struct expr *column = expr_column(a, i, f->type, f->nullable);
            if (keys == 0) {
                struct expr *first = expr_call(a, "first", 1, column);
                first->kind = EXPR_AGG;
                first->type = f->type;
                first->nullable = true;
                column = first;
            }
            place[i] = aggregate->expr_count;
            fields[aggregate->expr_count] = *f;
            aggregate->exprs[aggregate->expr_count++] = column;
        }
        aggregate->group_count = keys == 1 ? aggregate->expr_count : aggregate->group_count;
    }
    aggregate->schema = type_struct(a, fields, n);
    struct rel *project = rel_new(a, REL_PROJECT, 1, state_aggregate(in, aggregate, OUTPUT_NEW));
    project->exprs = arena_new_array(a, struct expr *, n + 1);
    project->expr_count = n;
    for (uint32_t i = 0; i < n; i++) {
        const struct type_field *f = &schema->fields[i];
        project->exprs[i] = expr_alias(a, expr_column(a, place[i], f->type, f->nullable), f->name);
        project->exprs[i]->type = f->type;
        project->exprs[i]->nullable = f->nullable;
    }
    project->schema = schema;
    return project;
}

static struct rel *
instantiate(struct instance *in, const struct rel *r, struct error *err)
{
    if (!is_streaming(r)) {
        return rel_copy(in->arena, r);
    }
    if (r->kind == REL_SCAN) {
        const uint32_t n = in->next_source++;
        struct stream_source *s = &in->q->sources[n];
        return s->ops->scan(s, in->arena, r, in->starts[n], in->ends[n], &in->source_rows[n], err);
    }
    struct rel *copy = rel_copy(in->arena, r);
    for (uint32_t i = 0; i < r->input_count; i++) {
        copy->inputs[i] = instantiate(in, r->inputs[i], err);
        if (copy->inputs[i] == NULL) {
            return NULL;
        }
    }
    if (r->kind == REL_DEDUPLICATE || r->kind == REL_DISTINCT) {
        return state_deduplicate(in, copy);
    }
    return r->kind == REL_AGGREGATE ? state_aggregate(in, copy, in->q->mode) : copy;
}

struct rel *
batch_plan(struct stream_query *q, struct arena *a, const char *const *starts,
           const char *const *ends, int64_t batch_id, int64_t watermark_ms, int64_t late_ms,
           int64_t *source_rows, struct error *err)
{
    struct instance in = {.q = q,
                          .arena = a,
                          .starts = starts,
                          .ends = ends,
                          .batch_id = batch_id,
                          .watermark_ms = watermark_ms,
                          .late_ms = late_ms,
                          .source_rows = source_rows};
    return instantiate(&in, q->plan, err);
}
