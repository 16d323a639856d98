/* The short calls around executions and sessions: reattach, release, interrupt, status, end. */
#include <string.h>

#include "base/env.h"
#include "base/thread.h"
#include "connect/internal.h"

static struct pb_text
no_text(void)
{
    return (struct pb_text){NULL, 0};
}

void
rpc_reattach_execute(struct rpc *r)
{
    struct error err = {0};
    struct pb_reattach_execute_request request = {0};
    struct connect_peer *p = NULL;
    struct connect_operation *op = NULL;
    uint32_t index = 0;
    bool gone;
    if (rpc_decode(r, PB_ID_REATTACH_EXECUTE_REQUEST, &request, &err) &&
        uuid_check(request.operation_id, &err)) {
        p = peer_get(r->server, request.session_id, request.user_context,
                     request.client_observed_server_side_session_id, &err);
    }
    if (p != NULL) {
        op = operation_find(p, request.operation_id.ptr, &gone);
        if (op == NULL || !op->reattachable) {
            error_raise(&err, "INVALID_HANDLE.OPERATION_NOT_FOUND", "handle",
                        request.operation_id.ptr, NULL);
        } else {
            operation_index(op, pb_str(request.last_response_id), &index, &err);
        }
    }
    if (error_is_set(&err)) {
        rpc_fail(r, p, &err);
    } else {
        operation_pump(op, r, index);
    }
    if (op != NULL) {
        operation_release(op);
    }
    if (p != NULL) {
        peer_release(p);
    }
}

void
rpc_release_execute(struct rpc *r)
{
    struct error err = {0};
    struct pb_release_execute_request request = {0};
    struct connect_peer *p = NULL;
    if (rpc_decode(r, PB_ID_RELEASE_EXECUTE_REQUEST, &request, &err) &&
        uuid_check(request.operation_id, &err)) {
        p = peer_get(r->server, request.session_id, request.user_context,
                     request.client_observed_server_side_session_id, &err);
    }
    if (p == NULL) {
        rpc_fail(r, NULL, &err);
        return;
    }
    bool gone;
    struct connect_operation *op = operation_find(p, request.operation_id.ptr, &gone);
    struct pb_release_execute_response response = {
        .session_id = pb_text(p->id),
        .server_side_session_id = pb_text(peer_server_id(p)),
        .operation_id = op != NULL ? request.operation_id : no_text()};
    if (op != NULL) {
        if (request.release_case == PB_RELEASE_EXECUTE_REQUEST_RELEASE_ALL_TAG) {
            operation_remove(op);
        } else if (request.release_case == PB_RELEASE_EXECUTE_REQUEST_RELEASE_UNTIL_TAG) {
            operation_release_until(op, pb_str(request.release_until->response_id));
        }
        operation_release(op);
    }
    rpc_answer(r, PB_ID_RELEASE_EXECUTE_RESPONSE, &response);
    peer_release(p);
}

static bool
has_tag(const struct connect_operation *op, const char *tag)
{
    for (uint32_t i = 0; i < op->tag_count; i++) {
        if (strcmp(op->tags[i], tag) == 0) {
            return true;
        }
    }
    return false;
}

static bool
interrupt_wants(const struct pb_interrupt_request *q, const struct connect_operation *op)
{
    switch (q->interrupt_type) {
    case PB_INTERRUPT_TYPE_ALL:
        return true;
    case PB_INTERRUPT_TYPE_TAG:
        return q->interrupt_case == PB_INTERRUPT_REQUEST_OPERATION_TAG_TAG &&
               has_tag(op, pb_str(q->operation_tag));
    case PB_INTERRUPT_TYPE_OPERATION_ID:
        return q->interrupt_case == PB_INTERRUPT_REQUEST_OPERATION_ID_TAG &&
               strcmp(op->id, pb_str(q->operation_id)) == 0;
    default:
        return false;
    }
}

/* Marks one by one, so that no operation's lock is taken under the session's. */
static void
interrupt_matching(struct rpc *r, struct connect_peer *p, const struct pb_interrupt_request *q,
                   struct pb_interrupt_response *out)
{
    struct connect_operation *found[CONNECT_OPERATIONS_MAX];
    uint32_t n = 0;
    mutex_lock(&p->lock);
    for (struct connect_operation *op = p->operations; op != NULL; op = op->next) {
        if (interrupt_wants(q, op)) {
            operation_retain(op);
            found[n++] = op;
        }
    }
    mutex_unlock(&p->lock);
    out->interrupted_ids = arena_new_array(&r->arena, struct pb_text, n + 1);
    for (uint32_t i = 0; i < n; i++) {
        mutex_lock(&found[i]->lock);
        bool running = !found[i]->ended;
        mutex_unlock(&found[i]->lock);
        if (running) {
            operation_interrupt(found[i]);
            out->interrupted_ids[out->interrupted_ids_count++] =
                pb_text(arena_strdup(&r->arena, found[i]->id));
        }
        operation_release(found[i]);
    }
}

void
rpc_interrupt(struct rpc *r)
{
    struct error err = {0};
    struct pb_interrupt_request request = {0};
    struct connect_peer *p = NULL;
    if (rpc_decode(r, PB_ID_INTERRUPT_REQUEST, &request, &err)) {
        p = peer_get(r->server, request.session_id, request.user_context,
                     request.client_observed_server_side_session_id, &err);
    }
    if (p == NULL) {
        rpc_fail(r, NULL, &err);
        return;
    }
    struct pb_interrupt_response response = {.session_id = pb_text(p->id),
                                             .server_side_session_id = pb_text(peer_server_id(p))};
    interrupt_matching(r, p, &request, &response);
    rpc_answer(r, PB_ID_INTERRUPT_RESPONSE, &response);
    peer_release(p);
}

static int32_t
operation_state(struct connect_operation *op)
{
    mutex_lock(&op->lock);
    bool cancel = atomic_load(&op->execution.cancel);
    int32_t state = op->ended ? op->cancelled ? PB_OPERATION_STATE_CANCELLED
                                : op->failed  ? PB_OPERATION_STATE_FAILED
                                              : PB_OPERATION_STATE_SUCCEEDED
                    : cancel  ? PB_OPERATION_STATE_TERMINATING
                              : PB_OPERATION_STATE_RUNNING;
    mutex_unlock(&op->lock);
    return state;
}

/* All operations when the client names none. */
static void
status_fill(struct rpc *r, struct connect_peer *p, const struct pb_get_status_request *q,
            struct pb_get_status_response *out)
{
    if (q->operation_status == NULL) {
        return;
    }
    uint32_t wanted = q->operation_status->operation_ids_count;
    struct connect_operation *found[CONNECT_OPERATIONS_MAX];
    uint32_t n = 0;
    mutex_lock(&p->lock);
    for (struct connect_operation *op = p->operations; op != NULL; op = op->next) {
        operation_retain(op);
        found[n++] = op;
    }
    mutex_unlock(&p->lock);
    uint32_t count = wanted > 0 ? wanted : n;
    out->operation_statuses =
        arena_new_array(&r->arena, struct pb_get_status_response_operation_status, count + 1);
    out->operation_statuses_count = count;
    for (uint32_t i = 0; i < count; i++) {
        struct pb_get_status_response_operation_status *s = &out->operation_statuses[i];
        s->operation_id = wanted > 0 ? q->operation_status->operation_ids[i]
                                     : pb_text(arena_strdup(&r->arena, found[i]->id));
        s->state = PB_OPERATION_STATE_UNKNOWN;
        for (uint32_t k = 0; k < n; k++) {
            if (strcmp(found[k]->id, pb_str(s->operation_id)) == 0) {
                s->state = operation_state(found[k]);
            }
        }
    }
    for (uint32_t k = 0; k < n; k++) {
        operation_release(found[k]);
    }
}

void
rpc_get_status(struct rpc *r)
{
    struct error err = {0};
    struct pb_get_status_request request = {0};
    struct connect_peer *p = NULL;
    if (rpc_decode(r, PB_ID_GET_STATUS_REQUEST, &request, &err)) {
        p = peer_get(r->server, request.session_id, request.user_context,
                     request.client_observed_server_side_session_id, &err);
    }
    if (p == NULL) {
        rpc_fail(r, NULL, &err);
        return;
    }
    struct pb_get_status_response response = {.session_id = pb_text(p->id),
                                              .server_side_session_id = pb_text(peer_server_id(p))};
    status_fill(r, p, &request, &response);
    rpc_answer(r, PB_ID_GET_STATUS_RESPONSE, &response);
    peer_release(p);
}

void
rpc_release_session(struct rpc *r)
{
    struct error err = {0};
    struct pb_release_session_request request = {0};
    if (!rpc_decode(r, PB_ID_RELEASE_SESSION_REQUEST, &request, &err) ||
        !uuid_check(request.session_id, &err)) {
        rpc_fail(r, NULL, &err);
        return;
    }
    char server_id[CONNECT_ID_MAX + 1];
    const char *user = request.user_context != NULL ? pb_str(request.user_context->user_id) : "";
    bool known =
        peer_close(r->server, user, request.session_id.ptr, !request.allow_reconnect, server_id);
    struct pb_release_session_response response = {.session_id = request.session_id,
                                                   .server_side_session_id =
                                                       known ? pb_text(server_id) : no_text()};
    rpc_answer(r, PB_ID_RELEASE_SESSION_RESPONSE, &response);
}

void
rpc_clone_session(struct rpc *r)
{
    struct error err = {0};
    struct pb_clone_session_request request = {0};
    struct connect_peer *p = NULL, *made = NULL;
    if (rpc_decode(r, PB_ID_CLONE_SESSION_REQUEST, &request, &err)) {
        p = peer_get(r->server, request.session_id, request.user_context,
                     request.client_observed_server_side_session_id, &err);
    }
    char id[CONNECT_ID_MAX + 1];
    struct pb_text new_id = request.new_session_id;
    if (p != NULL && new_id.len == 0) {
        env_uuid(r->server->env, id);
        new_id = pb_text(id);
    }
    if (p != NULL && uuid_check(new_id, &err)) {
        struct session *copy = session_clone(p->session, new_id.ptr, &err);
        if (copy != NULL) {
            made = peer_get(r->server, new_id, request.user_context, no_text(), &err);
            session_release(copy);
        }
    }
    if (made == NULL) {
        rpc_fail(r, p, &err);
    } else {
        struct pb_clone_session_response response = {
            .session_id = pb_text(p->id),
            .server_side_session_id = pb_text(peer_server_id(p)),
            .new_session_id = new_id,
            .new_server_side_session_id = pb_text(peer_server_id(made))};
        rpc_answer(r, PB_ID_CLONE_SESSION_RESPONSE, &response);
        peer_release(made);
    }
    if (p != NULL) {
        peer_release(p);
    }
}

void
rpc_fetch_error_details(struct rpc *r)
{
    struct error err = {0};
    struct pb_fetch_error_details_request request = {0};
    struct connect_peer *p = NULL;
    if (rpc_decode(r, PB_ID_FETCH_ERROR_DETAILS_REQUEST, &request, &err)) {
        p = peer_get(r->server, request.session_id, request.user_context,
                     request.client_observed_server_side_session_id, &err);
    }
    if (p == NULL) {
        rpc_fail(r, NULL, &err);
        return;
    }
    struct pb_fetch_error_details_response response = {
        .session_id = pb_text(p->id), .server_side_session_id = pb_text(peer_server_id(p))};
    struct error found = {0};
    if (peer_error_find(p, pb_str(request.error_id), &found)) {
        response.has_root_error_idx = true;
        response.errors = failure_details(&r->arena, &found);
        response.errors_count = 1;
    }
    rpc_answer(r, PB_ID_FETCH_ERROR_DETAILS_RESPONSE, &response);
    error_clear(&found);
    peer_release(p);
}
