/* From relation kinds to operators: the dispatch, and what a plan may not hold any more. */
#include "exec/ops.h"

#include <stdio.h>

static const struct {
    int kind; /* enum rel_kind, or one of the engine's own */
    compile_fn *fn;
} compilers[] = {
    {REL_SCAN, compile_scan},
    {REL_LOCAL, compile_local},
    {REL_EMPTY, compile_local},
    {REL_RANGE, compile_range},
    {REL_PROJECT, compile_project},
    {REL_FILTER, compile_filter},
    {REL_LIMIT, compile_limit},
    {REL_TAIL, compile_tail},
    {REL_AGGREGATE, compile_aggregate},
    {REL_DISTINCT, compile_distinct},
    {REL_DEDUPLICATE, compile_deduplicate},
    {REL_JOIN, compile_join},
    {REL_WINDOW, compile_window},
    {REL_WRITE, compile_write},
    {REL_GENERATE, compile_generate},
    {REL_STATE_AGGREGATE, compile_state_aggregate},
    {REL_MAP_UDF, compile_map_udf},
    {REL_UDF_COLUMNS, compile_udf_columns},
    {REL_SORT, compile_sort},
    {REL_TOPN, compile_topn},
    {REL_UNION, compile_union},
    {REL_EXPAND, compile_expand},
    {REL_SAMPLE, compile_sample},
    {REL_REPARTITION, compile_repartition},
    {REL_EVENT_WATERMARK, compile_watermark},
    {REL_EXCHANGE, compile_exchange},
    {REL_EXCHANGE_READ, compile_exchange_read},
};

bool
compile_rel(struct compiler *c, const struct rel *r, struct pipeline *p, struct op *next,
            struct error *err)
{
    if (c->depth >= COMPILE_DEPTH_MAX) {
        return error_unsupported(err, "a plan of more than %d nested relations", COMPILE_DEPTH_MAX);
    }
    for (size_t i = 0; i < sizeof compilers / sizeof *compilers; i++) {
        if (compilers[i].kind == (int)r->kind) {
            c->depth++;
            const bool ok = compilers[i].fn(c, r, p, next, err);
            c->depth--;
            return ok;
        }
    }
    char text[96];
    snprintf(text, sizeof text, "A relation of kind %d reached the engine.", (int)r->kind);
    return error_raise(err, "INTERNAL_ERROR", "message", text, (const char *)NULL);
}
