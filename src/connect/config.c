/* Config: spark.conf of the client, with Spark's answers for what is not there. */
#include <stdlib.h>
#include <string.h>

#include "connect/internal.h"

struct config_call {
    struct rpc *rpc;
    struct session *session;
    struct pb_config_response *out;
    uint32_t capacity;
};

static void
answer_pair(struct config_call *c, const char *key, const char *value)
{
    if (c->out->pairs_count == c->capacity) {
        uint32_t more = c->capacity == 0 ? 16 : 2 * c->capacity;
        struct pb_key_value *pairs = arena_new_array(&c->rpc->arena, struct pb_key_value, more);
        if (c->capacity > 0) {
            memcpy(pairs, c->out->pairs, c->capacity * sizeof *pairs);
        }
        c->out->pairs = pairs;
        c->capacity = more;
    }
    c->out->pairs[c->out->pairs_count++] = (struct pb_key_value){pb_text(key), pb_text(value)};
}

static void
answer_warning(struct config_call *c, const char *text)
{
    struct pb_text *warnings =
        arena_new_array(&c->rpc->arena, struct pb_text, c->out->warnings_count + 1);
    if (c->out->warnings_count > 0) {
        memcpy(warnings, c->out->warnings, c->out->warnings_count * sizeof *warnings);
    }
    warnings[c->out->warnings_count++] = pb_text(arena_strdup(&c->rpc->arena, text));
    c->out->warnings = warnings;
}

static bool
config_set(struct config_call *c, const struct pb_config_request_set *q, struct error *err)
{
    for (uint32_t i = 0; i < q->pairs_count; i++) {
        const char *key = pb_str(q->pairs[i].key);
        if (session_conf_set(c->session, key, pb_str(q->pairs[i].value), err)) {
            answer_pair(c, key, pb_str(q->pairs[i].value));
            const char *warning = session_conf_warning(key, pb_str(q->pairs[i].value));
            if (warning != NULL) {
                answer_warning(c, warning);
            }
        } else if (q->silent) { /* builder.config() of what cannot change any more */
            answer_pair(c, key, pb_str(q->pairs[i].value));
            answer_warning(c, error_text(err));
            error_clear(err);
        } else {
            return false;
        }
    }
    return true;
}

static bool
config_get(struct config_call *c, const struct pb_text *keys, uint32_t count, bool must,
           struct error *err)
{
    for (uint32_t i = 0; i < count; i++) {
        const char *key = pb_str(keys[i]);
        const char *value = session_conf_get(c->session, &c->rpc->arena, key);
        if (value == NULL && must) {
            const char *quoted = arena_printf(&c->rpc->arena, "\"%s\"", key);
            return error_raise(err, "SQL_CONF_NOT_FOUND", "sqlConf", quoted, NULL);
        }
        answer_pair(c, key, value);
    }
    return true;
}

static void
config_get_default(struct config_call *c, const struct pb_config_request_get_with_default *q)
{
    for (uint32_t i = 0; i < q->pairs_count; i++) {
        const char *key = pb_str(q->pairs[i].key);
        const char *value = session_conf_get(c->session, &c->rpc->arena, key);
        answer_pair(c, key, value != NULL ? value : q->pairs[i].value.ptr);
    }
}

struct config_each {
    struct config_call *call;
    size_t prefix;
};

static void
each_pair(void *ctx, const char *key, const char *value)
{
    const struct config_each *each = ctx;
    struct arena *a = &each->call->rpc->arena;
    if (value != NULL) {
        answer_pair(each->call, arena_strdup(a, key + each->prefix), arena_strdup(a, value));
    }
}

static bool
config_run(struct config_call *c, const struct pb_config_request_operation *op, struct error *err)
{
    switch (op != NULL ? op->op_type_case : 0) {
    case PB_CONFIG_REQUEST_OPERATION_SET_TAG:
        return config_set(c, op->set, err);
    case PB_CONFIG_REQUEST_OPERATION_GET_TAG:
        return config_get(c, op->get->keys, op->get->keys_count, true, err);
    case PB_CONFIG_REQUEST_OPERATION_GET_OPTION_TAG:
        return config_get(c, op->get_option->keys, op->get_option->keys_count, false, err);
    case PB_CONFIG_REQUEST_OPERATION_GET_WITH_DEFAULT_TAG:
        config_get_default(c, op->get_with_default);
        return true;
    case PB_CONFIG_REQUEST_OPERATION_GET_ALL_TAG: {
        struct config_each each = {c, op->get_all->prefix.len};
        session_conf_each(c->session, op->get_all->prefix.ptr, each_pair, &each);
        return true;
    }
    case PB_CONFIG_REQUEST_OPERATION_UNSET_TAG:
        for (uint32_t i = 0; i < op->unset->keys_count; i++) {
            if (!session_conf_set(c->session, pb_str(op->unset->keys[i]), NULL, err)) {
                return false;
            }
            answer_pair(c, pb_str(op->unset->keys[i]), NULL);
        }
        return true;
    case PB_CONFIG_REQUEST_OPERATION_IS_MODIFIABLE_TAG:
        for (uint32_t i = 0; i < op->is_modifiable->keys_count; i++) {
            const char *key = pb_str(op->is_modifiable->keys[i]);
            answer_pair(c, key, session_conf_modifiable(c->session, key) ? "true" : "false");
        }
        return true;
    default:
        return error_raise(err, "CONNECT_INVALID_PLAN.INVALID_ONE_OF_FIELD_NOT_SET", "fullName",
                           "spark.connect.ConfigRequest.Operation", "name", "OPTYPE_NOT_SET", NULL);
    }
}

void
rpc_config(struct rpc *r)
{
    struct error err = {0};
    struct pb_config_request request = {0};
    struct connect_peer *p = NULL;
    if (rpc_decode(r, PB_ID_CONFIG_REQUEST, &request, &err)) {
        p = peer_get(r->server, request.session_id, request.user_context,
                     request.client_observed_server_side_session_id, &err);
    }
    if (p == NULL) {
        rpc_fail(r, NULL, &err);
        return;
    }
    struct pb_config_response response = {.session_id = pb_text(p->id),
                                          .server_side_session_id = pb_text(peer_server_id(p))};
    struct config_call call = {.rpc = r, .session = p->session, .out = &response};
    if (config_run(&call, request.operation, &err)) {
        rpc_answer(r, PB_ID_CONFIG_RESPONSE, &response);
    } else {
        rpc_fail(r, p, &err);
    }
    peer_release(p);
}
