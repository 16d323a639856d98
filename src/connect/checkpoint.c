/*
 * DataFrame.checkpoint(): the rows are computed once and kept by the session as a local relation
 * under a new id, until the client lets go of it.
 */
#include <string.h>

#include "base/env.h"
#include "connect/internal.h"
#include "format/arrow.h"

enum { CHECKPOINT_BYTES_MAX = 1 << 30 };

struct kept_rows {
    struct exec_request *x;
    struct rel *rel;
    struct buffer stream;
};

static bool
kept_schema(void *ctx, const struct type *schema, struct error *err)
{
    (void)err;
    struct kept_rows *k = ctx;
    struct arena *a = k->x->arena;
    k->rel->schema = type_copy(a, schema);
    arrow_put_schema(&k->stream, k->rel->schema,
                     session_conf_get(k->x->peer->session, a, "spark.sql.session.timeZone"));
    return true;
}

static bool
kept_batch(void *ctx, const void *record_batch, size_t len, uint64_t rows, struct error *err)
{
    (void)rows;
    struct kept_rows *k = ctx;
    buffer_put(&k->stream, record_batch, len);
    return !k->stream.overflow ||
           error_set(err, ERROR_RESOURCE, "A checkpoint may take %d bytes at most.",
                     CHECKPOINT_BYTES_MAX);
}

bool
execute_checkpoint(struct exec_request *x, const struct pb_checkpoint_command *c, struct error *err)
{
    struct rel *input = translate_rel(&x->translator, c->relation);
    if (input == NULL) {
        return false;
    }
    struct kept_rows k = {.x = x, .stream = {.limit = CHECKPOINT_BYTES_MAX}};
    k.rel = rel_node(&x->translator, REL_LOCAL);
    const struct answer_sink sink = {kept_schema, kept_batch, &k};
    bool ok = session_execute(x->peer->session, x->arena, input, &x->op->execution, &sink, err);
    char id[CONNECT_ID_MAX + 1];
    env_uuid(x->peer->server->env, id);
    if (ok) {
        arrow_put_end(&k.stream);
        k.rel->data = k.stream.ptr;
        k.rel->data_len = k.stream.len;
        ok = session_remote_put(x->peer->session, id, k.rel, err);
    }
    buffer_release(&k.stream);
    if (!ok) {
        return false;
    }
    struct pb_cached_remote_relation kept = {.relation_id = pb_text(id)};
    struct pb_checkpoint_command_result result = {.relation = &kept};
    struct pb_execute_plan_response response = {
        .response_type_case = PB_EXECUTE_PLAN_RESPONSE_CHECKPOINT_COMMAND_RESULT_TAG};
    response.checkpoint_command_result = &result;
    operation_respond(x->op, &response);
    return true;
}
