/*
 * The life of an operation: CREATED by ExecutePlan, its responses kept until they are released,
 * ENDED by result_complete or an error, REMOVED by release-all, abandonment or the session's end.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/env.h"
#include "base/thread.h"
#include "connect/internal.h"

static void
tags_copy(struct connect_operation *op, const struct pb_execute_plan_request *r)
{
    uint32_t count = r->tags_count < CONNECT_TAGS_MAX ? r->tags_count : CONNECT_TAGS_MAX;
    op->tags = calloc(count + 1, sizeof *op->tags);
    for (uint32_t i = 0; op->tags != NULL && i < count; i++) {
        op->tags[op->tag_count++] = strdup(pb_str(r->tags[i]));
    }
}

static void
request_options(struct connect_operation *op, const struct pb_execute_plan_request *r)
{
    for (uint32_t i = 0; i < r->request_options_count; i++) {
        const struct pb_execute_plan_request_request_option *o = &r->request_options[i];
        if (o->request_option_case == PB_EXECUTE_PLAN_REQUEST_REQUEST_OPTION_REATTACH_OPTIONS_TAG) {
            op->reattachable = o->reattach_options->reattachable;
        } else if (o->request_option_case ==
                   PB_EXECUTE_PLAN_REQUEST_REQUEST_OPTION_RESULT_CHUNKING_OPTIONS_TAG) {
            op->allow_chunking = o->result_chunking_options->allow_arrow_batch_chunking;
            op->chunk_bytes = o->result_chunking_options->preferred_arrow_chunk_size;
        }
    }
}

struct connect_operation *
operation_new(struct connect_peer *p, const struct pb_execute_plan_request *request,
              struct grpc_call *call, struct error *err)
{
    struct connect_operation *op = calloc(1, sizeof *op);
    if (op == NULL) {
        abort();
    }
    if (request->operation_id.len > 0) {
        id_copy(op->id, request->operation_id.ptr); /* a UUID: checked */
    } else {
        env_uuid(p->server->env, op->id);
    }
    op->peer = p;
    peer_retain(p);
    atomic_init(&op->refs, 2); /* the session's list, and who runs it */
    tags_copy(op, request);
    request_options(op, request);
    op->execution.operation_id = op->id;
    op->started_ms = env_mono_ms(p->server->env);
    pthread_mutex_init(&op->lock, NULL);
    cond_init(&op->changed);
    op->inline_call = call;
    op->attached = true;
    grpc_retain(call);
    mutex_lock(&p->lock);
    bool room = p->operation_count < CONNECT_OPERATIONS_MAX;
    if (room) {
        op->next = p->operations;
        p->operations = op;
        p->operation_count++;
    }
    mutex_unlock(&p->lock);
    if (!room) {
        atomic_store(&op->refs, 1);
        operation_release(op);
        error_set(err, ERROR_RESOURCE, "A session may have %d operations at most.",
                  CONNECT_OPERATIONS_MAX);
        return NULL;
    }
    return op;
}

struct connect_operation *
operation_find(struct connect_peer *p, const char *id, bool *gone)
{
    *gone = false;
    mutex_lock(&p->lock);
    struct connect_operation *op = p->operations;
    while (op != NULL && strcmp(op->id, id) != 0) {
        op = op->next;
    }
    if (op != NULL) {
        operation_retain(op);
    } else {
        uint32_t n = p->tombstone_count;
        n = n < CONNECT_OPERATION_TOMBSTONES ? n : CONNECT_OPERATION_TOMBSTONES;
        for (uint32_t i = 0; i < n && !*gone; i++) {
            *gone = strcmp(p->tombstones[i], id) == 0;
        }
    }
    mutex_unlock(&p->lock);
    return op;
}

void
operation_retain(struct connect_operation *op)
{
    atomic_fetch_add(&op->refs, 1);
}

void
operation_release(struct connect_operation *op)
{
    if (atomic_fetch_sub(&op->refs, 1) != 1) {
        return;
    }
    for (uint32_t i = 0; i < op->count; i++) {
        free(op->responses[i].data);
    }
    free(op->responses);
    for (uint32_t i = 0; i < op->tag_count; i++) {
        free(op->tags[i]);
    }
    free(op->tags);
    if (op->inline_call != NULL) {
        grpc_release(op->inline_call);
    }
    buffer_release(&op->failure);
    free(op->failure_text);
    pthread_mutex_destroy(&op->lock);
    pthread_cond_destroy(&op->changed);
    peer_release(op->peer);
    free(op);
}

/* The caller holds the lock in all of the following. */

static void
detach(struct connect_operation *op)
{
    if (op->inline_call != NULL) {
        grpc_release(op->inline_call);
        op->inline_call = NULL;
    }
    op->attached = false;
    op->detached_ms = env_mono_ms(op->peer->server->env);
}

static void
drop_response(struct connect_operation *op)
{
    struct connect_response *r = &op->responses[op->released++];
    op->held_bytes -= r->len;
    free(r->data);
    r->data = NULL;
}

/* What was sent long ago will not be asked for again. */
static void
history_trim(struct connect_operation *op)
{
    while (op->released < op->sent && (!op->reattachable || op->held_bytes > CONNECT_HISTORY_MAX)) {
        drop_response(op);
    }
}

static void
response_store(struct connect_operation *op, uint8_t *data, size_t len, const char *id)
{
    if (op->count == op->capacity) {
        op->capacity = op->capacity == 0 ? 8 : 2 * op->capacity;
        op->responses = realloc(op->responses, op->capacity * sizeof *op->responses);
        if (op->responses == NULL) {
            abort();
        }
    }
    struct connect_response *r = &op->responses[op->count++];
    r->data = data;
    r->len = len;
    id_copy(r->id, id);
    op->held_bytes += len;
}

static uint8_t *
response_copy(const struct connect_response *r)
{
    uint8_t *copy = malloc(r->len > 0 ? r->len : 1);
    if (copy == NULL) {
        abort();
    }
    memcpy(copy, r->data, r->len);
    return copy;
}

static void
finish_call(const struct connect_operation *op, struct grpc_call *call)
{
    if (op->failed) {
        grpc_finish(call, GRPC_INTERNAL, op->failure_text, op->failure.ptr, op->failure.len);
    } else {
        grpc_finish(call, GRPC_OK, "", NULL, 0);
    }
}

static void
finish_disconnected(struct grpc_call *call)
{
    struct error err = {0};
    error_raise(&err, "INVALID_CURSOR.DISCONNECTED", NULL);
    struct buffer details = {0};
    failure_put(&details, &err, NULL);
    grpc_finish(call, GRPC_INTERNAL, error_text(&err), details.ptr, details.len);
    buffer_release(&details);
    error_clear(&err);
}

/* Sends what the attached call has not seen, from the operation's own thread. */
static void
send_inline(struct connect_operation *op)
{
    while (op->inline_call != NULL && op->sent < op->count) {
        struct grpc_call *call = op->inline_call;
        uint64_t generation = op->generation;
        size_t len = op->responses[op->sent].len;
        uint8_t *copy = response_copy(&op->responses[op->sent++]);
        op->sending = true;
        grpc_retain(call); /* a reattach may let go of it meanwhile */
        mutex_unlock(&op->lock);
        bool ok = grpc_send_blocking(call, copy, len);
        grpc_release(call);
        mutex_lock(&op->lock);
        op->sending = false;
        if (!ok && op->generation == generation) {
            op->sent--; /* it did not arrive */
            detach(op);
            if (!op->reattachable) {
                atomic_store(&op->execution.cancel, true);
            }
        }
    }
    history_trim(op);
}

/* A detached operation runs on until a bounded amount waits for its client. */
static void
wait_for_room(struct connect_operation *op)
{
    while (op->inline_call == NULL && op->held_bytes > CONNECT_UNSENT_MAX && !op->removed &&
           !atomic_load(&op->execution.cancel)) {
        cond_wait_until(&op->changed, &op->lock,
                        env_mono_ns(op->peer->server->env) + (int64_t)1000000000);
    }
}

static uint8_t *
response_encode(struct connect_operation *op, struct pb_execute_plan_response *r, char *id,
                size_t *len)
{
    env_uuid(op->peer->server->env, id);
    r->session_id = pb_text(op->peer->id);
    r->server_side_session_id = pb_text(peer_server_id(op->peer));
    r->operation_id = pb_text(op->id);
    r->response_id = pb_text(id);
    struct buffer out = {.limit = (size_t)2 << 30};
    PB_ENCODE(&out, PB_ID_EXECUTE_PLAN_RESPONSE, r);
    *len = out.len;
    return out.ptr;
}

bool
operation_respond(struct connect_operation *op, struct pb_execute_plan_response *response)
{
    char id[CONNECT_ID_MAX + 1];
    size_t len;
    uint8_t *data = response_encode(op, response, id, &len);
    mutex_lock(&op->lock);
    response_store(op, data, len, id);
    pthread_cond_broadcast(&op->changed);
    send_inline(op);
    wait_for_room(op);
    bool wanted = !op->removed && !atomic_load(&op->execution.cancel);
    mutex_unlock(&op->lock);
    return wanted;
}

/* From the loop's thread: sent only where that cannot wait and cannot overtake a result. */
bool
operation_progress(struct connect_operation *op, struct pb_execute_plan_response *response)
{
    char id[CONNECT_ID_MAX + 1];
    size_t len;
    uint8_t *data = response_encode(op, response, id, &len);
    mutex_lock(&op->lock);
    bool ok = op->inline_call != NULL && !op->sending && !op->ended && op->sent == op->count;
    if (ok) {
        response_store(op, data, len, id);
        grpc_send(op->inline_call, response_copy(&op->responses[op->sent]), len);
        op->sent++;
        history_trim(op);
    } else {
        free(data);
    }
    mutex_unlock(&op->lock);
    return ok;
}

void
operation_finish(struct connect_operation *op, struct error *err)
{
    struct pb_execute_plan_response_result_complete complete = {0};
    struct pb_execute_plan_response response = {.response_type_case =
                                                    PB_EXECUTE_PLAN_RESPONSE_RESULT_COMPLETE_TAG};
    response.result_complete = &complete;
    char id[CONNECT_ID_MAX + 1];
    struct buffer failure = {0};
    if (error_is_set(err)) {
        if (err->kind == ERROR_CANCELLED && err->condition == NULL) {
            error_clear(err);
            error_raise(err, "OPERATION_CANCELED", NULL);
        }
        peer_error_keep(op->peer, err, id);
        failure_put(&failure, err, id);
    } else {
        operation_respond(op, &response);
        nanosleep(&(struct timespec){.tv_nsec = op->linger_ms * 1000000}, NULL);
    }
    mutex_lock(&op->lock);
    op->failed = error_is_set(err);
    op->cancelled = err->kind == ERROR_CANCELLED;
    op->failure = failure;
    op->failure_text = op->failed ? failure_text(err) : NULL;
    op->ended = true;
    pthread_cond_broadcast(&op->changed);
    if (op->inline_call != NULL && op->sent == op->count) {
        finish_call(op, op->inline_call);
        detach(op);
    }
    bool keep = op->reattachable;
    mutex_unlock(&op->lock);
    error_clear(err);
    if (!keep) {
        operation_remove(op);
    }
}

bool
operation_index(struct connect_operation *op, const char *last_response_id, uint32_t *index,
                struct error *err)
{
    mutex_lock(&op->lock);
    uint32_t i = op->count;
    if (last_response_id[0] == '\0') {
        *index = 0;
    } else {
        for (i = 0; i < op->count && strcmp(op->responses[i].id, last_response_id) != 0; i++) {
        }
        *index = i + 1;
    }
    bool found = last_response_id[0] == '\0' || i < op->count;
    bool available = *index >= op->released;
    mutex_unlock(&op->lock);
    if (!found) {
        return error_raise(err, "INVALID_CURSOR.POSITION_NOT_FOUND", "responseId", last_response_id,
                           NULL);
    }
    char number[16];
    snprintf(number, sizeof number, "%u", *index);
    return available || error_raise(err, "INVALID_CURSOR.POSITION_NOT_AVAILABLE", "index", number,
                                    "responseId", last_response_id, NULL);
}

void
operation_pump(struct connect_operation *op, struct rpc *r, uint32_t index)
{
    mutex_lock(&op->lock);
    uint64_t generation = ++op->generation;
    if (op->inline_call != NULL) {
        finish_disconnected(op->inline_call);
        detach(op);
    }
    op->attached = true;
    op->detached_ms = 0;
    pthread_cond_broadcast(&op->changed);
    bool ok = true;
    while (ok && op->generation == generation) {
        if (index < op->count && index >= op->released) {
            size_t len = op->responses[index].len;
            uint8_t *copy = response_copy(&op->responses[index++]);
            op->sent = op->sent > index ? op->sent : index;
            mutex_unlock(&op->lock);
            ok = grpc_send_blocking(r->call, copy, len);
            mutex_lock(&op->lock);
            history_trim(op);
            pthread_cond_broadcast(&op->changed);
        } else if (op->ended || op->removed) {
            break;
        } else {
            cond_wait_until(&op->changed, &op->lock,
                            env_mono_ns(op->peer->server->env) + (int64_t)500000000);
            ok = !grpc_is_cancelled(r->call);
        }
    }
    if (op->generation == generation) {
        finish_call(op, r->call);
        detach(op);
    } else {
        finish_disconnected(r->call);
    }
    mutex_unlock(&op->lock);
}

void
operation_release_until(struct connect_operation *op, const char *response_id)
{
    mutex_lock(&op->lock);
    for (uint32_t i = op->released; i < op->count; i++) {
        if (strcmp(op->responses[i].id, response_id) == 0) {
            while (op->released <= i) {
                drop_response(op);
            }
            op->sent = op->sent > op->released ? op->sent : op->released;
        }
    }
    pthread_cond_broadcast(&op->changed);
    mutex_unlock(&op->lock);
}

void
operation_interrupt(struct connect_operation *op)
{
    atomic_store(&op->execution.cancel, true);
    mutex_lock(&op->lock);
    pthread_cond_broadcast(&op->changed);
    mutex_unlock(&op->lock);
}

void
operation_remove(struct connect_operation *op)
{
    struct connect_peer *p = op->peer;
    bool found = false;
    mutex_lock(&p->lock);
    for (struct connect_operation **at = &p->operations; *at != NULL; at = &(*at)->next) {
        if (*at == op) {
            *at = op->next;
            p->operation_count--;
            id_copy(p->tombstones[p->tombstone_count++ % CONNECT_OPERATION_TOMBSTONES], op->id);
            found = true;
            break;
        }
    }
    mutex_unlock(&p->lock);
    mutex_lock(&op->lock);
    op->removed = true;
    bool running = !op->ended;
    mutex_unlock(&op->lock);
    if (running) {
        operation_interrupt(op);
    }
    if (found) {
        operation_release(op);
    }
}

/* Every tick: progress for whoever waits; the end of an operation whose only client left. */
void
operation_tick(struct connect_operation *op, int64_t now_ms)
{
    mutex_lock(&op->lock);
    bool waiting = op->inline_call != NULL && !op->ended && !op->sending;
    bool lost = waiting && grpc_is_cancelled(op->inline_call);
    if (lost) {
        detach(op);
        if (!op->reattachable) {
            atomic_store(&op->execution.cancel, true);
        }
    }
    mutex_unlock(&op->lock);
    uint32_t n = atomic_load(&op->execution.progress.stage_count);
    if (!waiting || lost || n == 0 || now_ms - op->started_ms < CONNECT_TICK_MS) {
        return;
    }
    struct pb_execute_plan_response_execution_progress_stage_info stages[EXEC_STAGE_MAX] = {0};
    struct pb_execute_plan_response_execution_progress progress = {.stages = stages};
    progress.stages_count = n < EXEC_STAGE_MAX ? n : EXEC_STAGE_MAX;
    uint64_t mark = n;
    for (uint32_t i = 0; i < progress.stages_count; i++) {
        struct exec_stage *s = &op->execution.progress.stages[i];
        stages[i].stage_id = i;
        stages[i].num_tasks = atomic_load(&s->task_count);
        stages[i].num_completed_tasks = atomic_load(&s->task_done);
        stages[i].input_bytes_read = (int64_t)atomic_load(&s->bytes_read);
        stages[i].done = atomic_load(&s->done);
        progress.num_inflight_tasks += atomic_load(&s->started) && !stages[i].done;
        mark = mark * 31 + (uint64_t)stages[i].num_completed_tasks * 7 + stages[i].done +
               (uint64_t)stages[i].num_tasks * 3 + (uint64_t)stages[i].input_bytes_read;
    }
    if (mark == op->progress_mark) { /* this thread alone looks at it */
        return;
    }
    struct pb_execute_plan_response response = {
        .response_type_case = PB_EXECUTE_PLAN_RESPONSE_EXECUTION_PROGRESS_TAG};
    response.execution_progress = &progress;
    if (operation_progress(op, &response)) {
        op->progress_mark = mark;
    }
}
