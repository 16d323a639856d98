/* AnalyzePlan: what can be said of a plan without running it. */
#include <stdlib.h>
#include <string.h>

#include "base/env.h"
#include "base/thread.h"
#include "connect/internal.h"

struct analysis {
    struct rpc *rpc;
    struct connect_peer *peer;
    struct translator translator;
    struct translate_face face;
    struct error *err;
    struct pb_analyze_plan_response *out;
};

static struct rel *
resolve_relation(struct analysis *x, const struct pb_relation *relation)
{
    struct rel *rel = translate_rel(&x->translator, relation);
    return rel != NULL ? session_resolve(x->peer->session, &x->rpc->arena, rel, x->err) : NULL;
}

static struct rel *
resolve_plan(struct analysis *x, const struct pb_plan *plan)
{
    if (!plan_open(&x->rpc->arena, plan, x->err)) {
        return NULL;
    }
    if (plan->op_type_case != PB_PLAN_ROOT_TAG) {
        error_unsupported(x->err, "analysing a command");
        return NULL;
    }
    return resolve_relation(x, plan->root);
}

static bool
analyze_schema(struct analysis *x, const struct pb_analyze_plan_request_schema *q)
{
    struct rel *rel = resolve_plan(x, q->plan);
    if (rel == NULL) {
        return false;
    }
    x->out->result_case = PB_ANALYZE_PLAN_RESPONSE_SCHEMA_TAG;
    x->out->schema = arena_new(&x->rpc->arena, struct pb_analyze_plan_response_schema);
    x->out->schema->schema = proto_type(&x->rpc->arena, rel->schema);
    return true;
}

static void
put_section(struct buffer *out, const char *title, const struct rel *rel)
{
    buffer_printf(out, "%s== %s ==\n", out->len > 0 ? "\n" : "", title);
    rel_put_tree(out, rel);
}

static bool
analyze_explain(struct analysis *x, const struct pb_analyze_plan_request_explain *q)
{
    struct arena *a = &x->rpc->arena;
    if (!plan_open(a, q->plan, x->err)) {
        return false;
    }
    if (q->plan->op_type_case != PB_PLAN_ROOT_TAG) {
        return error_unsupported(x->err, "explaining a command");
    }
    struct rel *parsed = translate_rel(&x->translator, q->plan->root);
    if (parsed == NULL) {
        return false;
    }
    bool all = q->explain_mode == PB_EXPLAIN_MODE_EXTENDED;
    struct buffer text = {0};
    if (all) {
        put_section(&text, "Parsed Logical Plan", parsed);
    }
    struct rel *resolved = session_resolve(x->peer->session, a, parsed, x->err);
    if (resolved != NULL && all) {
        put_section(&text, "Analyzed Logical Plan", resolved);
    }
    struct rel *best =
        resolved != NULL ? session_optimize(x->peer->session, a, resolved, x->err) : NULL;
    if (best != NULL && (all || q->explain_mode == PB_EXPLAIN_MODE_COST)) {
        put_section(&text, "Optimized Logical Plan", best);
    }
    if (best != NULL) {
        put_section(&text, "Physical Plan", best);
        x->out->result_case = PB_ANALYZE_PLAN_RESPONSE_EXPLAIN_TAG;
        x->out->explain = arena_new(a, struct pb_analyze_plan_response_explain);
        x->out->explain->explain_string = pb_text(arena_strdup(a, buffer_text(&text)));
    }
    buffer_release(&text);
    return best != NULL;
}

static bool
analyze_tree(struct analysis *x, const struct pb_analyze_plan_request_tree_string *q)
{
    struct rel *rel = resolve_plan(x, q->plan);
    if (rel == NULL) {
        return false;
    }
    struct buffer text = {0};
    type_put_tree(&text, rel->schema, q->has_level ? q->level : 0);
    x->out->result_case = PB_ANALYZE_PLAN_RESPONSE_TREE_STRING_TAG;
    x->out->tree_string = arena_new(&x->rpc->arena, struct pb_analyze_plan_response_tree_string);
    x->out->tree_string->tree_string = pb_text(arena_strdup(&x->rpc->arena, buffer_text(&text)));
    buffer_release(&text);
    return true;
}

static bool
is_streaming(const struct rel *r)
{
    if (r->is_streaming) {
        return true;
    }
    for (uint32_t i = 0; i < r->input_count; i++) {
        if (is_streaming(r->inputs[i])) {
            return true;
        }
    }
    return false;
}

static bool
analyze_streaming(struct analysis *x, const struct pb_analyze_plan_request_is_streaming *q)
{
    struct rel *rel = resolve_plan(x, q->plan);
    if (rel == NULL) {
        return false;
    }
    x->out->result_case = PB_ANALYZE_PLAN_RESPONSE_IS_STREAMING_TAG;
    x->out->is_streaming = arena_new(&x->rpc->arena, struct pb_analyze_plan_response_is_streaming);
    x->out->is_streaming->is_streaming = is_streaming(rel);
    return true;
}

static bool
analyze_local(struct analysis *x, const struct pb_analyze_plan_request_is_local *q)
{
    struct rel *rel = resolve_plan(x, q->plan);
    if (rel == NULL) {
        return false;
    }
    x->out->result_case = PB_ANALYZE_PLAN_RESPONSE_IS_LOCAL_TAG;
    x->out->is_local = arena_new(&x->rpc->arena, struct pb_analyze_plan_response_is_local);
    x->out->is_local->is_local = rel->kind == REL_LOCAL || rel->kind == REL_EMPTY;
    return true;
}

static uint32_t
files_count(const struct rel *r)
{
    uint32_t n = r->kind == REL_SCAN && r->source != NULL ? r->source->file_count : 0;
    for (uint32_t i = 0; i < r->input_count; i++) {
        n += files_count(r->inputs[i]);
    }
    return n;
}

static void
files_take(struct arena *a, const struct rel *r, struct pb_text *out, uint32_t *n)
{
    for (uint32_t i = 0; r->kind == REL_SCAN && r->source != NULL && i < r->source->file_count;
         i++) {
        const char *path = r->source->files[i].path;
        out[(*n)++] = pb_text(path[0] == '/' ? arena_printf(a, "file://%s", path) : path);
    }
    for (uint32_t i = 0; i < r->input_count; i++) {
        files_take(a, r->inputs[i], out, n);
    }
}

static bool
analyze_files(struct analysis *x, const struct pb_analyze_plan_request_input_files *q)
{
    struct rel *rel = resolve_plan(x, q->plan);
    if (rel == NULL) {
        return false;
    }
    struct arena *a = &x->rpc->arena;
    x->out->result_case = PB_ANALYZE_PLAN_RESPONSE_INPUT_FILES_TAG;
    x->out->input_files = arena_new(a, struct pb_analyze_plan_response_input_files);
    x->out->input_files->files = arena_new_array(a, struct pb_text, files_count(rel) + 1);
    files_take(a, rel, x->out->input_files->files, &x->out->input_files->files_count);
    return true;
}

static bool
analyze_ddl(struct analysis *x, const struct pb_analyze_plan_request_ddl_parse *q)
{
    const struct type *type =
        type_parse(&x->rpc->arena, pb_str(q->ddl_string), q->ddl_string.len, x->err);
    if (type == NULL) {
        return false;
    }
    x->out->result_case = PB_ANALYZE_PLAN_RESPONSE_DDL_PARSE_TAG;
    x->out->ddl_parse = arena_new(&x->rpc->arena, struct pb_analyze_plan_response_ddl_parse);
    x->out->ddl_parse->parsed = proto_type(&x->rpc->arena, type);
    return true;
}

static bool
analyze_json(struct analysis *x, const struct pb_analyze_plan_request_json_to_ddl *q)
{
    struct arena *a = &x->rpc->arena;
    const struct type *type = type_parse(a, pb_str(q->json_string), q->json_string.len, x->err);
    if (type == NULL) {
        return false;
    }
    struct buffer text = {0};
    if (type->id == TYPE_STRUCT) {
        type_put_ddl(&text, type);
    } else {
        type_put_sql(&text, type);
    }
    x->out->result_case = PB_ANALYZE_PLAN_RESPONSE_JSON_TO_DDL_TAG;
    x->out->json_to_ddl = arena_new(a, struct pb_analyze_plan_response_json_to_ddl);
    x->out->json_to_ddl->ddl_string = pb_text(arena_strdup(a, buffer_text(&text)));
    buffer_release(&text);
    return true;
}

/* The text of the resolved plan stands for what it means: column names and all. */
static bool
semantic_hash(struct analysis *x, const struct rel *rel, uint64_t *out)
{
    if (rel == NULL) {
        return false;
    }
    struct buffer text = {0};
    rel_put_tree(&text, rel);
    type_put_simple(&text, rel->schema);
    *out = 14695981039346656037u; /* FNV-1a */
    for (size_t i = 0; i < text.len; i++) {
        *out = (*out ^ text.ptr[i]) * 1099511628211u;
    }
    buffer_release(&text);
    return true;
}

static bool
analyze_same(struct analysis *x, const struct pb_analyze_plan_request_same_semantics *q)
{
    uint64_t target, other;
    if (!semantic_hash(x, resolve_plan(x, q->target_plan), &target) ||
        !semantic_hash(x, resolve_plan(x, q->other_plan), &other)) {
        return false;
    }
    x->out->result_case = PB_ANALYZE_PLAN_RESPONSE_SAME_SEMANTICS_TAG;
    x->out->same_semantics =
        arena_new(&x->rpc->arena, struct pb_analyze_plan_response_same_semantics);
    x->out->same_semantics->result = target == other;
    return true;
}

static bool
analyze_hash(struct analysis *x, const struct pb_analyze_plan_request_semantic_hash *q)
{
    uint64_t hash;
    if (!semantic_hash(x, resolve_plan(x, q->plan), &hash)) {
        return false;
    }
    x->out->result_case = PB_ANALYZE_PLAN_RESPONSE_SEMANTIC_HASH_TAG;
    x->out->semantic_hash =
        arena_new(&x->rpc->arena, struct pb_analyze_plan_response_semantic_hash);
    x->out->semantic_hash->result = (int32_t)(hash ^ hash >> 32);
    return true;
}

/* persist() is a wish that the engine may decline: the level is remembered, results are computed
 * anew. */
static struct connect_persisted **
persisted_find(struct connect_peer *p, uint64_t hash)
{
    struct connect_persisted **at = &p->persisted;
    while (*at != NULL && (*at)->hash != hash) {
        at = &(*at)->next;
    }
    return at;
}

static bool
analyze_persist(struct analysis *x, const struct pb_analyze_plan_request_persist *q)
{
    uint64_t hash;
    if (!semantic_hash(x, resolve_relation(x, q->relation), &hash)) {
        return false;
    }
    struct pb_storage_level level = {
        .use_disk = true, .use_memory = true, .deserialized = true, .replication = 1};
    level = q->storage_level != NULL ? *q->storage_level : level;
    struct connect_peer *p = x->peer;
    mutex_lock(&p->lock);
    struct connect_persisted **at = persisted_find(p, hash);
    if (*at == NULL && p->persisted_count < CONNECT_PERSISTED_MAX) {
        *at = calloc(1, sizeof **at);
        if (*at == NULL) {
            abort();
        }
        (*at)->hash = hash;
        p->persisted_count++;
    }
    if (*at != NULL) {
        (*at)->level = level;
    }
    mutex_unlock(&p->lock);
    x->out->result_case = PB_ANALYZE_PLAN_RESPONSE_PERSIST_TAG;
    x->out->persist = arena_new(&x->rpc->arena, struct pb_analyze_plan_response_persist);
    return true;
}

static bool
analyze_unpersist(struct analysis *x, const struct pb_analyze_plan_request_unpersist *q)
{
    uint64_t hash;
    if (!semantic_hash(x, resolve_relation(x, q->relation), &hash)) {
        return false;
    }
    struct connect_peer *p = x->peer;
    mutex_lock(&p->lock);
    struct connect_persisted **at = persisted_find(p, hash);
    if (*at != NULL) {
        struct connect_persisted *found = *at;
        *at = found->next;
        free(found);
        p->persisted_count--;
    }
    mutex_unlock(&p->lock);
    x->out->result_case = PB_ANALYZE_PLAN_RESPONSE_UNPERSIST_TAG;
    x->out->unpersist = arena_new(&x->rpc->arena, struct pb_analyze_plan_response_unpersist);
    return true;
}

static bool
analyze_level(struct analysis *x, const struct pb_analyze_plan_request_get_storage_level *q)
{
    uint64_t hash;
    if (!semantic_hash(x, resolve_relation(x, q->relation), &hash)) {
        return false;
    }
    struct arena *a = &x->rpc->arena;
    struct pb_storage_level *level = arena_new(a, struct pb_storage_level);
    level->replication = 1;
    mutex_lock(&x->peer->lock);
    struct connect_persisted **at = persisted_find(x->peer, hash);
    if (*at != NULL) {
        *level = (*at)->level;
    }
    mutex_unlock(&x->peer->lock);
    x->out->result_case = PB_ANALYZE_PLAN_RESPONSE_GET_STORAGE_LEVEL_TAG;
    x->out->get_storage_level = arena_new(a, struct pb_analyze_plan_response_get_storage_level);
    x->out->get_storage_level->storage_level = level;
    return true;
}

static bool
analyze_version(struct analysis *x)
{
    x->out->result_case = PB_ANALYZE_PLAN_RESPONSE_SPARK_VERSION_TAG;
    x->out->spark_version =
        arena_new(&x->rpc->arena, struct pb_analyze_plan_response_spark_version);
    x->out->spark_version->version =
        pb_text(driver_config_of(x->rpc->server->config.driver)->spark_version);
    return true;
}

static bool
analyze(struct analysis *x, const struct pb_analyze_plan_request *q)
{
    switch (q->analyze_case) {
    case PB_ANALYZE_PLAN_REQUEST_SCHEMA_TAG:
        return analyze_schema(x, q->schema);
    case PB_ANALYZE_PLAN_REQUEST_EXPLAIN_TAG:
        return analyze_explain(x, q->explain);
    case PB_ANALYZE_PLAN_REQUEST_TREE_STRING_TAG:
        return analyze_tree(x, q->tree_string);
    case PB_ANALYZE_PLAN_REQUEST_IS_LOCAL_TAG:
        return analyze_local(x, q->is_local);
    case PB_ANALYZE_PLAN_REQUEST_IS_STREAMING_TAG:
        return analyze_streaming(x, q->is_streaming);
    case PB_ANALYZE_PLAN_REQUEST_INPUT_FILES_TAG:
        return analyze_files(x, q->input_files);
    case PB_ANALYZE_PLAN_REQUEST_SPARK_VERSION_TAG:
        return analyze_version(x);
    case PB_ANALYZE_PLAN_REQUEST_DDL_PARSE_TAG:
        return analyze_ddl(x, q->ddl_parse);
    case PB_ANALYZE_PLAN_REQUEST_SAME_SEMANTICS_TAG:
        return analyze_same(x, q->same_semantics);
    case PB_ANALYZE_PLAN_REQUEST_SEMANTIC_HASH_TAG:
        return analyze_hash(x, q->semantic_hash);
    case PB_ANALYZE_PLAN_REQUEST_PERSIST_TAG:
        return analyze_persist(x, q->persist);
    case PB_ANALYZE_PLAN_REQUEST_UNPERSIST_TAG:
        return analyze_unpersist(x, q->unpersist);
    case PB_ANALYZE_PLAN_REQUEST_GET_STORAGE_LEVEL_TAG:
        return analyze_level(x, q->get_storage_level);
    case PB_ANALYZE_PLAN_REQUEST_JSON_TO_DDL_TAG:
        return analyze_json(x, q->json_to_ddl);
    default:
        translate_missing(&x->translator, "AnalyzePlanRequest.analyze");
        return false;
    }
}

void
rpc_analyze_plan(struct rpc *r)
{
    struct error err = {0};
    struct pb_analyze_plan_request request = {0};
    struct connect_peer *p = NULL;
    if (rpc_decode(r, PB_ID_ANALYZE_PLAN_REQUEST, &request, &err)) {
        p = peer_get(r->server, request.session_id, request.user_context,
                     request.client_observed_server_side_session_id, &err);
    }
    if (p == NULL) {
        rpc_fail(r, NULL, &err);
        return;
    }
    struct pb_analyze_plan_response response = {
        .session_id = pb_text(p->id), .server_side_session_id = pb_text(peer_server_id(p))};
    struct analysis x = {.rpc = r, .peer = p, .err = &err, .out = &response};
    face_init(&x.face, p, &r->arena);
    translator_init(&x.translator, &r->arena, &x.face, &err);
    if (analyze(&x, &request)) {
        rpc_answer(r, PB_ID_ANALYZE_PLAN_RESPONSE, &response);
    } else {
        rpc_fail(r, p, &err);
    }
    peer_release(p);
}
