/* Streaming commands: starting queries, asking them, and the client's stream of their events. */
#include <string.h>

#include "base/thread.h"
#include "connect/internal.h"

enum { STREAM_QUERIES_MAX = 1000, LISTENER_WAIT_MS = 500 };

static struct stream_manager *
manager_of(struct exec_request *x, struct error *err)
{
    struct stream_manager *m = x->peer->server->config.streams;
    if (m == NULL) {
        error_unsupported(err, "structured streaming in this process");
    }
    return m;
}

static struct pb_streaming_query_instance_id *
instance_id(struct arena *a, const struct stream_query *q)
{
    struct pb_streaming_query_instance_id *id = arena_new(a, struct pb_streaming_query_instance_id);
    id->id = pb_text(arena_strdup(a, stream_query_id(q)));
    id->run_id = pb_text(arena_strdup(a, stream_query_run_id(q)));
    return id;
}

static bool
start(struct exec_request *x, const struct pb_write_stream_operation_start *w, struct error *err)
{
    struct stream_manager *m = manager_of(x, err);
    struct stream_start what;
    if (m == NULL || !translate_stream_start(&x->translator, w, &what)) {
        return false;
    }
    struct stream_query *q = stream_query_start(m, x->peer->session, &what, err);
    if (q == NULL) {
        return false;
    }
    struct pb_write_stream_operation_start_result result = {
        .query_id = instance_id(x->arena, q), .name = pb_text(what.name != NULL ? what.name : "")};
    if (stream_has_listener(m, x->peer->session)) {
        result.query_started_event_json = pb_text(stream_query_started_json(q, x->arena));
    }
    struct pb_execute_plan_response response = {
        .response_type_case = PB_EXECUTE_PLAN_RESPONSE_WRITE_STREAM_OPERATION_START_RESULT_TAG};
    response.write_stream_operation_start_result = &result;
    operation_respond(x->op, &response);
    stream_query_release(q);
    return true;
}

static void
answer_status(struct exec_request *x, struct stream_query *q,
              struct pb_streaming_query_command_result *out)
{
    struct stream_status s;
    stream_query_status(q, x->arena, &s);
    out->result_type_case = PB_STREAMING_QUERY_COMMAND_RESULT_STATUS_TAG;
    out->status = arena_new(x->arena, struct pb_streaming_query_command_result_status_result);
    out->status->status_message = pb_text(s.message);
    out->status->is_data_available = s.is_data_available;
    out->status->is_trigger_active = s.is_trigger_active;
    out->status->is_active = s.is_active;
}

static void
answer_progress(struct exec_request *x, struct stream_query *q, bool last_only,
                struct pb_streaming_query_command_result *out)
{
    const char **list = NULL;
    uint32_t n = stream_query_progress(q, x->arena, &list);
    uint32_t from = last_only && n > 0 ? n - 1 : 0;
    out->result_type_case = PB_STREAMING_QUERY_COMMAND_RESULT_RECENT_PROGRESS_TAG;
    out->recent_progress =
        arena_new(x->arena, struct pb_streaming_query_command_result_recent_progress_result);
    out->recent_progress->recent_progress_json = arena_new_array(x->arena, struct pb_text, n + 1);
    for (uint32_t i = from; i < n; i++) {
        out->recent_progress
            ->recent_progress_json[out->recent_progress->recent_progress_json_count++] =
            pb_text(list[i]);
    }
}

static void
answer_exception(struct exec_request *x, struct stream_query *q,
                 struct pb_streaming_query_command_result *out)
{
    struct error found = {0};
    out->result_type_case = PB_STREAMING_QUERY_COMMAND_RESULT_EXCEPTION_TAG;
    out->exception = arena_new(x->arena, struct pb_streaming_query_command_result_exception_result);
    if (stream_query_exception(q, &found)) {
        out->exception->exception_message = pb_text(
            arena_printf(x->arena, "org.apache.spark.sql.streaming.StreamingQueryException: %s",
                         error_text(&found)));
        out->exception->error_class = pb_text(
            arena_strdup(x->arena, found.condition != NULL ? found.condition : "STREAM_FAILED"));
        out->exception->stack_trace = pb_text("");
    }
    error_clear(&found);
}

static bool
answer_await(struct exec_request *x, struct stream_query *q,
             const struct pb_streaming_query_command_await_termination_command *c,
             struct pb_streaming_query_command_result *out, struct error *err)
{
    bool terminated = false;
    if (!stream_query_await(q, c->has_timeout_ms ? c->timeout_ms : -1, &x->op->execution.cancel,
                            &terminated, err)) {
        return false;
    }
    out->result_type_case = PB_STREAMING_QUERY_COMMAND_RESULT_AWAIT_TERMINATION_TAG;
    out->await_termination =
        arena_new(x->arena, struct pb_streaming_query_command_result_await_termination_result);
    out->await_termination->terminated = terminated;
    return true;
}

static bool
query_run(struct exec_request *x, struct stream_query *q,
          const struct pb_streaming_query_command *c, struct pb_streaming_query_command_result *out,
          struct error *err)
{
    struct buffer text = {0};
    switch (c->command_case) {
    case PB_STREAMING_QUERY_COMMAND_STATUS_TAG:
        answer_status(x, q, out);
        return true;
    case PB_STREAMING_QUERY_COMMAND_LAST_PROGRESS_TAG:
    case PB_STREAMING_QUERY_COMMAND_RECENT_PROGRESS_TAG:
        answer_progress(x, q, c->command_case == PB_STREAMING_QUERY_COMMAND_LAST_PROGRESS_TAG, out);
        return true;
    case PB_STREAMING_QUERY_COMMAND_STOP_TAG:
        return stream_query_stop(q, err);
    case PB_STREAMING_QUERY_COMMAND_PROCESS_ALL_AVAILABLE_TAG:
        return stream_query_process_all(q, &x->op->execution.cancel, err);
    case PB_STREAMING_QUERY_COMMAND_EXPLAIN_TAG:
        stream_query_explain(q, c->explain->extended, &text);
        out->result_type_case = PB_STREAMING_QUERY_COMMAND_RESULT_EXPLAIN_TAG;
        out->explain = arena_new(x->arena, struct pb_streaming_query_command_result_explain_result);
        out->explain->result = pb_text(arena_strdup(x->arena, buffer_text(&text)));
        buffer_release(&text);
        return true;
    case PB_STREAMING_QUERY_COMMAND_EXCEPTION_TAG:
        answer_exception(x, q, out);
        return true;
    case PB_STREAMING_QUERY_COMMAND_AWAIT_TERMINATION_TAG:
        return answer_await(x, q, c->await_termination, out, err);
    default:
        translate_missing(&x->translator, "StreamingQueryCommand.command");
        return false;
    }
}

static bool
query_command(struct exec_request *x, const struct pb_streaming_query_command *c, struct error *err)
{
    struct stream_manager *m = manager_of(x, err);
    if (m == NULL) {
        return false;
    }
    const char *id = c->query_id != NULL ? pb_str(c->query_id->id) : "";
    const char *run_id = c->query_id != NULL ? pb_str(c->query_id->run_id) : "";
    struct stream_query *q = stream_query_find(m, x->peer->session, id, run_id);
    if (q == NULL) {
        return error_raise(err, "STREAMING_QUERY_NOT_FOUND", "queryId", id, "runId", run_id, NULL);
    }
    struct pb_streaming_query_command_result result = {.query_id = instance_id(x->arena, q)};
    bool ok = query_run(x, q, c, &result, err);
    stream_query_release(q);
    if (!ok) {
        return false;
    }
    struct pb_execute_plan_response response = {
        .response_type_case = PB_EXECUTE_PLAN_RESPONSE_STREAMING_QUERY_COMMAND_RESULT_TAG};
    response.streaming_query_command_result = &result;
    operation_respond(x->op, &response);
    return true;
}

static struct pb_streaming_query_manager_command_result_streaming_query_instance
instance_of(struct arena *a, const struct stream_query *q)
{
    struct pb_streaming_query_manager_command_result_streaming_query_instance out = {
        .id = instance_id(a, q)};
    const char *name = stream_query_name(q);
    out.name = pb_text(name != NULL ? arena_strdup(a, name) : NULL);
    return out;
}

static void
answer_active(struct exec_request *x, struct stream_manager *m,
              struct pb_streaming_query_manager_command_result *out)
{
    struct stream_query **list =
        arena_new_array(x->arena, struct stream_query *, STREAM_QUERIES_MAX);
    uint32_t n = stream_query_list(m, x->peer->session, list, STREAM_QUERIES_MAX);
    out->result_type_case = PB_STREAMING_QUERY_MANAGER_COMMAND_RESULT_ACTIVE_TAG;
    out->active =
        arena_new(x->arena, struct pb_streaming_query_manager_command_result_active_result);
    out->active->active_queries = arena_new_array(
        x->arena, struct pb_streaming_query_manager_command_result_streaming_query_instance, n + 1);
    out->active->active_queries_count = n;
    for (uint32_t i = 0; i < n; i++) {
        out->active->active_queries[i] = instance_of(x->arena, list[i]);
        stream_query_release(list[i]);
    }
}

static bool
manager_run(struct exec_request *x, struct stream_manager *m,
            const struct pb_streaming_query_manager_command *c,
            struct pb_streaming_query_manager_command_result *out, struct error *err)
{
    struct stream_query *q;
    bool terminated = false;
    switch (c->command_case) {
    case PB_STREAMING_QUERY_MANAGER_COMMAND_ACTIVE_TAG:
        answer_active(x, m, out);
        return true;
    case PB_STREAMING_QUERY_MANAGER_COMMAND_GET_QUERY_TAG:
        q = stream_query_find(m, x->peer->session, pb_str(c->get_query), NULL);
        if (q != NULL) { /* no member set means: there is none */
            out->result_type_case = PB_STREAMING_QUERY_MANAGER_COMMAND_RESULT_QUERY_TAG;
            out->query = arena_new(
                x->arena,
                struct pb_streaming_query_manager_command_result_streaming_query_instance);
            *out->query = instance_of(x->arena, q);
            stream_query_release(q);
        }
        return true;
    case PB_STREAMING_QUERY_MANAGER_COMMAND_AWAIT_ANY_TERMINATION_TAG:
        if (!stream_await_any(m, x->peer->session,
                              c->await_any_termination->has_timeout_ms
                                  ? c->await_any_termination->timeout_ms
                                  : -1,
                              &x->op->execution.cancel, &terminated, err)) {
            return false;
        }
        out->result_type_case = PB_STREAMING_QUERY_MANAGER_COMMAND_RESULT_AWAIT_ANY_TERMINATION_TAG;
        out->await_any_termination = arena_new(
            x->arena,
            struct pb_streaming_query_manager_command_result_await_any_termination_result);
        out->await_any_termination->terminated = terminated;
        return true;
    case PB_STREAMING_QUERY_MANAGER_COMMAND_RESET_TERMINATED_TAG:
        stream_reset_terminated(m, x->peer->session);
        out->result_type_case = PB_STREAMING_QUERY_MANAGER_COMMAND_RESULT_RESET_TERMINATED_TAG;
        out->reset_terminated = true;
        return true;
    default:
        return error_unsupported(err, "listeners of streams that run in the server");
    }
}

static bool
manager_command(struct exec_request *x, const struct pb_streaming_query_manager_command *c,
                struct error *err)
{
    struct stream_manager *m = manager_of(x, err);
    struct pb_streaming_query_manager_command_result result = {0};
    if (m == NULL || !manager_run(x, m, c, &result, err)) {
        return false;
    }
    struct pb_execute_plan_response response = {
        .response_type_case = PB_EXECUTE_PLAN_RESPONSE_STREAMING_QUERY_MANAGER_COMMAND_RESULT_TAG};
    response.streaming_query_manager_command_result = &result;
    operation_respond(x->op, &response);
    return true;
}

static bool
send_events(struct exec_request *x, struct pb_streaming_query_listener_events_result *result)
{
    struct pb_execute_plan_response response = {
        .response_type_case = PB_EXECUTE_PLAN_RESPONSE_STREAMING_QUERY_LISTENER_EVENTS_RESULT_TAG};
    response.streaming_query_listener_events_result = result;
    return operation_respond(x->op, &response);
}

/* Takes the session's one place for a listener, or gives it back. */
static bool
listener_place(struct connect_peer *p, struct stream_listener *from, struct stream_listener *to)
{
    mutex_lock(&p->lock);
    bool ok = p->listener == from;
    if (ok) {
        p->listener = to;
    }
    mutex_unlock(&p->lock);
    return ok;
}

/* The client's event stream: open until it says remove, leaves, or its session ends. */
static bool
listen_to_events(struct exec_request *x, struct stream_manager *m, struct error *err)
{
    struct stream_listener *l = stream_listener_add(m, x->peer->session);
    if (!listener_place(x->peer, NULL, l)) {
        stream_listener_free(l);
        return error_set(err, ERROR_ARGUMENT, "the session has a stream of events already");
    }
    struct pb_streaming_query_listener_events_result added = {
        .listener_bus_listener_added = true, .has_listener_bus_listener_added = true};
    bool wanted = send_events(x, &added);
    struct arena scratch;
    arena_init(&scratch, NULL);
    while (wanted && !atomic_load(&x->op->execution.cancel)) {
        struct stream_event event;
        arena_reset(&scratch);
        if (stream_listener_next(l, LISTENER_WAIT_MS, &scratch, &event)) {
            struct pb_streaming_query_listener_event one = {.event_json = pb_text(event.json),
                                                            .event_type = event.type};
            struct pb_streaming_query_listener_events_result events = {.events = &one,
                                                                       .events_count = 1};
            wanted = send_events(x, &events);
        } else if (stream_listener_closed(l)) {
            break;
        }
    }
    arena_release(&scratch);
    listener_place(x->peer, l, NULL);
    stream_listener_free(l);
    return true;
}

static bool
bus_command(struct exec_request *x, const struct pb_streaming_query_listener_bus_command *c,
            struct error *err)
{
    struct stream_manager *m = manager_of(x, err);
    if (m == NULL) {
        return false;
    }
    if (c->command_case == PB_STREAMING_QUERY_LISTENER_BUS_COMMAND_ADD_LISTENER_BUS_LISTENER_TAG) {
        return listen_to_events(x, m, err);
    }
    mutex_lock(&x->peer->lock);
    if (x->peer->listener != NULL) {
        stream_listener_close(x->peer->listener);
    }
    mutex_unlock(&x->peer->lock);
    return true;
}

bool
execute_stream(struct exec_request *x, const struct pb_command *c, bool *mine, struct error *err)
{
    *mine = true;
    switch (c->command_type_case) {
    case PB_COMMAND_WRITE_STREAM_OPERATION_START_TAG:
        return start(x, c->write_stream_operation_start, err);
    case PB_COMMAND_STREAMING_QUERY_COMMAND_TAG:
        return query_command(x, c->streaming_query_command, err);
    case PB_COMMAND_STREAMING_QUERY_MANAGER_COMMAND_TAG:
        return manager_command(x, c->streaming_query_manager_command, err);
    case PB_COMMAND_STREAMING_QUERY_LISTENER_BUS_COMMAND_TAG:
        return bus_command(x, c->streaming_query_listener_bus_command, err);
    default:
        *mine = false;
        return false;
    }
}

bool
connect_plan_stream(void *server, struct session *session, struct arena *a, struct bytes command,
                    struct stream_start *out, struct error *err)
{
    (void)server;
    struct pb_write_stream_operation_start *w =
        arena_new(a, struct pb_write_stream_operation_start);
    if (!PB_DECODE(a, PB_ID_WRITE_STREAM_OPERATION_START, command, w, err)) {
        return false;
    }
    struct translate_face face = {.python_path = session_conf_get(session, a, "spark.weir.python"),
                                  .session = session};
    struct translator t;
    translator_init(&t, a, &face, err);
    return translate_stream_start(&t, w, out);
}
