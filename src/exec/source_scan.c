/*
 * Scans: one morsel a split, read through format/scan.h.
 *
 * Memory: what one reader holds (a row group's decoded pages, a text block) per worker.
 */
#include "exec/exchange.h"
#include "exec/ops.h"
#include "format/scan.h"

struct scan_source_op {
    struct source source;
    const struct rel *rel;
    const struct scan_format *format;
    const uint32_t *columns;
    uint32_t column_count;
    struct split *splits;
    uint32_t split_first; /* of this task's share */
    const struct expr *filter;
    const struct scan_bound *bounds; /* run-time bounds of joins, ready when the scan begins */
};

static bool
scan_prepare(struct source *s, struct query *q, uint32_t *morsels, struct error *err)
{
    struct scan_source_op *scan = (struct scan_source_op *)s;
    uint32_t count = 0, end = 0;
    if (!scan_list_splits(&q->arena, scan->rel->source, q->ctx->split_bytes, &scan->splits, &count,
                          err)) {
        return false;
    }
    exchange_share(q->ctx->exchange, scan->rel, count, &scan->split_first, &end);
    scan->filter = scan_bounds_filter(q, scan->rel, scan->rel->condition, scan->bounds);
    *morsels = end - scan->split_first;
    return true;
}

static bool
scan_open(struct source *s, struct worker *w, uint32_t morsel, void **cursor)
{
    const struct scan_source_op *scan = (struct scan_source_op *)s;
    struct scan_request *req = arena_new(&w->morsel_keep, struct scan_request);
    *req = (struct scan_request){.source = scan->rel->source,
                                 .columns = scan->columns,
                                 .column_count = scan->column_count,
                                 .filter = scan->filter,
                                 .session = w->query->ctx->session,
                                 .budget = w->query->ctx->budget,
                                 .env = w->query->ctx->env};
    struct scan_reader *reader = NULL;
    const struct split *split = &scan->splits[scan->split_first + morsel];
    if (!scan->format->open(&w->morsel_keep, req, split, &reader, &w->err)) {
        return false;
    }
    w->bytes_read += split->len > 0 ? (uint64_t)split->len : 0;
    *cursor = reader;
    return true;
}

static bool
scan_next(struct source *s, struct worker *w, void *cursor, struct chunk *out, bool *more)
{
    const struct scan_source_op *scan = (struct scan_source_op *)s;
    if (!scan->format->next(cursor, w->tmp, out, more, &w->err)) {
        return false;
    }
    for (uint32_t i = 0; out->n > 0 && i < out->col_count; i++) {
        vec_retype(&out->cols[i], s->schema->fields[i].type, w->tmp);
    }
    return true;
}

static void
scan_close(struct source *s, struct worker *w, void *cursor)
{
    (void)w;
    ((struct scan_source_op *)s)->format->close(cursor);
}

static const struct source_class scan_source_class = {
    .name = "Scan",
    .prepare = scan_prepare,
    .open = scan_open,
    .next = scan_next,
    .close = scan_close,
};

bool
compile_scan(struct compiler *c, const struct rel *r, struct pipeline *p, struct op *next,
             struct error *err)
{
    struct scan_source_op *scan = arena_new(c->arena, struct scan_source_op);
    scan->rel = r;
    scan->format = r->source != NULL ? scan_format_find(r->source->format) : NULL;
    if (scan->format == NULL) {
        return error_unsupported(err, "reading the format \"%s\"",
                                 r->source != NULL ? r->source->format : "none");
    }
    scan->columns = r->columns;
    scan->column_count = r->column_count;
    if (r->columns == NULL && r->schema->field_count == r->source->schema->field_count) {
        uint32_t *all = arena_new_array(c->arena, uint32_t, r->schema->field_count + 1);
        for (uint32_t i = 0; i < r->schema->field_count; i++) {
            all[i] = i;
        }
        scan->columns = all;
        scan->column_count = r->schema->field_count;
    }
    scan->bounds = NULL;
    next = compile_scan_filters(c, r, p, next, &scan->bounds);
    source_add(p, &scan->source, &scan_source_class, r->schema, next, p->phase_now);
    return true;
}
