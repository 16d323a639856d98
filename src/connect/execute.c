/* ExecutePlan: a plan into responses. One IPC stream for each record batch; the schema travels with
 * the first one. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/env.h"
#include "base/thread.h"
#include "connect/internal.h"
#include "format/arrow.h"
#include "sql/parse.h"

enum {
    CHUNK_BYTES_DEFAULT = 120795955, /* Spark's largest piece: below a message of 128 MiB */
    CHUNK_BYTES_MIN = 1024,
    COMMAND_ROWS_BYTES_MAX = 64 << 20,
};

bool
plan_open(struct arena *a, const struct pb_plan *plan, struct error *err)
{
    (void)a;
    if (plan == NULL || plan->op_type_case == 0) {
        return error_raise(err, "CONNECT_INVALID_PLAN.INVALID_ONE_OF_FIELD_NOT_SET", "fullName",
                           "spark.connect.Plan", "name", "OPTYPE_NOT_SET", NULL);
    }
    /* The client asks first whether plans may be compressed, and hears no; this answer makes one
     * that did not ask switch to plain plans. */
    return plan->op_type_case != PB_PLAN_COMPRESSED_OPERATION_TAG ||
           error_raise(err, "CONNECT_INVALID_PLAN.CANNOT_PARSE", "errorMsg",
                       "compressed plans are not supported", NULL);
}

/* Receives a result and turns each batch into a response. */
struct result {
    struct exec_request *x;
    const struct type *schema;
    struct buffer schema_message;
    struct pb_data_type *proto_schema; /* NULL once sent */
    uint64_t rows;
    bool any;
};

static bool
result_schema(void *ctx, const struct type *schema, struct error *err)
{
    (void)err;
    struct result *r = ctx;
    struct arena *a = r->x->arena;
    r->schema = type_copy(a, schema);
    const char *zone = session_conf_get(r->x->peer->session, a, "spark.sql.session.timeZone");
    buffer_clear(&r->schema_message);
    arrow_put_schema(&r->schema_message, r->schema, zone);
    r->proto_schema = proto_type(a, r->schema);
    return true;
}

static bool
result_send(struct result *r, const struct buffer *stream, uint64_t rows)
{
    struct connect_operation *op = r->x->op;
    size_t piece = CHUNK_BYTES_DEFAULT;
    if (op->chunk_bytes > 0 && (uint64_t)op->chunk_bytes < piece) {
        piece = op->chunk_bytes < CHUNK_BYTES_MIN ? CHUNK_BYTES_MIN : (size_t)op->chunk_bytes;
    }
    size_t pieces = op->allow_chunking ? (stream->len + piece - 1) / piece : 1;
    bool wanted = true;
    for (size_t i = 0; wanted && i < pieces; i++) {
        size_t from = pieces == 1 ? 0 : i * piece;
        size_t len = pieces == 1                  ? stream->len
                     : stream->len - from < piece ? stream->len - from
                                                  : piece;
        struct pb_execute_plan_response_arrow_batch batch = {
            .row_count = (int64_t)rows,
            .data = {stream->ptr + from, len},
            .start_offset = (int64_t)r->rows,
            .has_start_offset = true,
            .chunk_index = (int64_t)i,
            .has_chunk_index = true,
            .num_chunks_in_batch = (int64_t)pieces,
            .has_num_chunks_in_batch = true,
        };
        struct pb_execute_plan_response response = {.response_type_case =
                                                        PB_EXECUTE_PLAN_RESPONSE_ARROW_BATCH_TAG};
        response.arrow_batch = &batch;
        response.schema = r->proto_schema;
        r->proto_schema = NULL;
        wanted = operation_respond(op, &response);
    }
    r->rows += rows;
    r->any = true;
    return wanted;
}

static bool
result_batch(void *ctx, const void *record_batch, size_t len, uint64_t rows, struct error *err)
{
    struct result *r = ctx;
    struct buffer stream = {.limit = (size_t)2 << 30};
    buffer_reserve(&stream, r->schema_message.len + len + 16);
    buffer_put(&stream, r->schema_message.ptr, r->schema_message.len);
    buffer_put(&stream, record_batch, len);
    arrow_put_end(&stream);
    bool wanted = result_send(r, &stream, rows);
    buffer_release(&stream);
    return wanted || error_raise(err, "OPERATION_CANCELED", NULL);
}

/* Clients want at least one batch, if one of no rows. */
static bool
result_empty(struct result *r, struct error *err)
{
    struct buffer message = {0};
    struct arrow_batch *batch = arrow_batch_new(r->schema, NULL);
    arrow_batch_put(batch, &message);
    arrow_batch_free(batch);
    bool ok = result_batch(r, message.ptr, message.len, 0, err);
    buffer_release(&message);
    return ok;
}

bool
execute_relation(struct exec_request *x, struct rel *rel, struct error *err)
{
    struct result r = {.x = x};
    const struct answer_sink sink = {result_schema, result_batch, &r};
    bool ok = session_execute(x->peer->session, x->arena, rel, &x->op->execution, &sink, err);
    if (ok && !r.any && r.schema != NULL) {
        ok = result_empty(&r, err);
    }
    buffer_release(&r.schema_message);
    return ok;
}

/* The rows of a command (SHOW TABLES, ...) as a local relation, which the client executes later. */
struct gathered {
    struct exec_request *x;
    const struct type *schema;
    struct buffer stream;
};

static bool
gathered_schema(void *ctx, const struct type *schema, struct error *err)
{
    (void)err;
    struct gathered *g = ctx;
    struct arena *a = g->x->arena;
    g->schema = type_copy(a, schema);
    g->stream.limit = COMMAND_ROWS_BYTES_MAX;
    arrow_put_schema(&g->stream, g->schema,
                     session_conf_get(g->x->peer->session, a, "spark.sql.session.timeZone"));
    return true;
}

static bool
gathered_batch(void *ctx, const void *record_batch, size_t len, uint64_t rows, struct error *err)
{
    (void)rows;
    struct gathered *g = ctx;
    buffer_put(&g->stream, record_batch, len);
    return !g->stream.overflow ||
           error_set(err, ERROR_RESOURCE, "The rows of a command take more than %d bytes.",
                     COMMAND_ROWS_BYTES_MAX);
}

static bool
answer_local(struct exec_request *x, struct bytes data, const char *schema)
{
    struct pb_local_relation local = {.data = data, .schema = pb_text(schema)};
    struct pb_relation relation = {.rel_type_case = PB_RELATION_LOCAL_RELATION_TAG};
    relation.local_relation = &local;
    struct pb_execute_plan_response_sql_command_result result = {.relation = &relation};
    struct pb_execute_plan_response response = {
        .response_type_case = PB_EXECUTE_PLAN_RESPONSE_SQL_COMMAND_RESULT_TAG};
    response.sql_command_result = &result;
    return operation_respond(x->op, &response);
}

static bool
run_command(struct exec_request *x, const struct command *command, bool answer, struct error *err)
{
    struct rel *rows = NULL;
    if (!session_command(x->peer->session, x->arena, command, &x->op->execution, &rows, err)) {
        return false;
    }
    if (rows == NULL) {
        if (answer) {
            answer_local(x, (struct bytes){NULL, 0}, "{\"type\":\"struct\",\"fields\":[]}");
        }
        return true;
    }
    struct gathered g = {.x = x};
    const struct answer_sink sink = {gathered_schema, gathered_batch, &g};
    bool ok = session_execute(x->peer->session, x->arena, rows, &x->op->execution, &sink, err);
    if (ok && answer) {
        arrow_put_end(&g.stream);
        struct buffer json = {0};
        type_put_json(&json, g.schema);
        answer_local(x, (struct bytes){g.stream.ptr, g.stream.len}, buffer_text(&json));
        buffer_release(&json);
    }
    buffer_release(&g.stream);
    return ok;
}

/* The SQL message below maybe one WithRelations; NULL if there is another relation. */
static const struct pb_sql *
sql_of(const struct pb_relation *input)
{
    if (input->rel_type_case == PB_RELATION_WITH_RELATIONS_TAG && input->with_relations->root) {
        input = input->with_relations->root;
    }
    return input->rel_type_case == PB_RELATION_SQL_TAG ? input->sql : NULL;
}

/* A query is only analysed, and the client gets its own relation back to execute later; a command
 * is carried out now. */
static bool
sql_command(struct exec_request *x, const struct pb_sql_command *c, struct error *err)
{
    struct pb_sql old = {.query = c->sql,
                         .args = c->args,
                         .args_count = c->args_count,
                         .pos_args = c->pos_args,
                         .pos_args_count = c->pos_args_count,
                         .named_arguments = c->named_arguments,
                         .named_arguments_count = c->named_arguments_count,
                         .pos_arguments = c->pos_arguments,
                         .pos_arguments_count = c->pos_arguments_count};
    struct pb_relation made = {.rel_type_case = PB_RELATION_SQL_TAG};
    made.sql = &old;
    struct pb_relation *input = c->input != NULL ? c->input : &made; /* 3.x sends the text alone */
    const struct pb_sql *sql = sql_of(input);
    if (sql == NULL) {
        return error_set(err, ERROR_ARGUMENT, "a SQL command whose relation is not SQL");
    }
    struct rel *query = NULL;
    struct command *command = NULL;
    if (!sql_parse_statement(x->arena, pb_str(sql->query), sql->query.len, &query, &command, err)) {
        return false;
    }
    if (command != NULL) {
        if (sql->named_arguments_count + sql->pos_arguments_count + sql->args_count +
                sql->pos_args_count >
            0) {
            return error_unsupported(err, "parameters in SQL statements other than queries");
        }
        return run_command(x, command, true, err);
    }
    struct rel *rel = translate_rel(&x->translator, input);
    if (rel == NULL || session_resolve(x->peer->session, x->arena, rel, err) == NULL) {
        return false;
    }
    struct pb_execute_plan_response_sql_command_result result = {.relation = input};
    struct pb_execute_plan_response response = {
        .response_type_case = PB_EXECUTE_PLAN_RESPONSE_SQL_COMMAND_RESULT_TAG};
    response.sql_command_result = &result;
    operation_respond(x->op, &response);
    return true;
}

/*
 * Every PySpark client says clean_cache while its interpreter ends, and then does not read the
 * stream to its end. An event of that stream which arrives just as Python freezes its threads
 * leaves a lock of grpcio held for ever, and the program never exits: a fast server meets that
 * moment often (1 in 4 here after an error). So the answer waits a little for what is still under
 * way in the client, and the stream's end comes when the interpreter is gone. There is no ML here,
 * so nothing has to be cleaned.
 */
static bool
ml_command(struct exec_request *x, const struct pb_ml_command *c, struct error *err)
{
    enum { BEFORE_MS = 20, LINGER_MS = 300 };
    if (c->command_case != PB_ML_COMMAND_CLEAN_CACHE_TAG) {
        return error_unsupported(err, "spark.ml over Spark Connect");
    }
    nanosleep(&(struct timespec){.tv_nsec = BEFORE_MS * 1000000}, NULL);
    x->op->linger_ms = LINGER_MS;
    return true;
}

static bool
get_resources(struct exec_request *x)
{
    struct pb_get_resources_command_result none = {0};
    struct pb_execute_plan_response response = {
        .response_type_case = PB_EXECUTE_PLAN_RESPONSE_GET_RESOURCES_COMMAND_RESULT_TAG};
    response.get_resources_command_result = &none;
    return operation_respond(x->op, &response);
}

bool
execute_command(struct exec_request *x, const struct pb_command *c, struct error *err)
{
    switch (c->command_type_case) {
    case PB_COMMAND_SQL_COMMAND_TAG:
        return sql_command(x, c->sql_command, err);
    case PB_COMMAND_ML_COMMAND_TAG:
        return ml_command(x, c->ml_command, err);
    case PB_COMMAND_GET_RESOURCES_COMMAND_TAG:
        return get_resources(x);
    case PB_COMMAND_CHECKPOINT_COMMAND_TAG:
        return execute_checkpoint(x, c->checkpoint_command, err);
    case PB_COMMAND_REMOVE_CACHED_REMOTE_RELATION_COMMAND_TAG:
        if (c->remove_cached_remote_relation_command->relation != NULL) {
            session_remote_drop(
                x->peer->session,
                pb_str(c->remove_cached_remote_relation_command->relation->relation_id));
        }
        return true;
    default:
        break;
    }
    bool mine;
    bool ok = execute_stream(x, c, &mine, err);
    if (mine) {
        return ok;
    }
    struct command *command = translate_command(&x->translator, c);
    return command != NULL && run_command(x, command, false, err);
}

static void
execute_run(struct rpc *r, struct connect_operation *op, const struct pb_plan *plan)
{
    struct error err = {0};
    struct exec_request x = {.op = op, .peer = op->peer, .arena = &r->arena};
    face_init(&x.face, op->peer, &r->arena);
    translator_init(&x.translator, &r->arena, &x.face, &err);
    if (plan_open(&r->arena, plan, &err)) {
        if (plan->op_type_case == PB_PLAN_COMMAND_TAG) {
            execute_command(&x, plan->command, &err);
        } else {
            struct rel *rel = translate_rel(&x.translator, plan->root);
            if (rel != NULL) {
                execute_relation(&x, rel, &err);
            }
        }
    }
    if (atomic_load(&op->execution.cancel) && error_is_set(&err)) {
        error_clear(&err);
        error_raise(&err, "OPERATION_CANCELED", NULL);
    }
    operation_finish(op, &err);
    operation_release(op);
}

void
rpc_execute_plan(struct rpc *r)
{
    struct error err = {0};
    struct pb_execute_plan_request request = {0};
    if (!rpc_decode(r, PB_ID_EXECUTE_PLAN_REQUEST, &request, &err)) {
        rpc_fail(r, NULL, &err);
        return;
    }
    struct connect_peer *p = peer_get(r->server, request.session_id, request.user_context,
                                      request.client_observed_server_side_session_id, &err);
    struct connect_operation *op = NULL;
    bool gone = false, known = false;
    if (p != NULL && request.operation_id.len > 0 && uuid_check(request.operation_id, &err)) {
        op = operation_find(p, request.operation_id.ptr, &gone);
        known = op != NULL;
    }
    if (gone) {
        error_raise(&err, "INVALID_HANDLE.OPERATION_ABANDONED", "handle", request.operation_id.ptr,
                    NULL);
    }
    if (known) { /* the client lost the answer to its first try: all of it again */
        operation_pump(op, r, 0);
        operation_release(op);
    } else if (!error_is_set(&err)) {
        op = operation_new(p, &request, r->call, &err);
    }
    if (error_is_set(&err)) {
        rpc_fail(r, p, &err);
    } else if (!known) {
        execute_run(r, op, request.plan);
    }
    if (p != NULL) {
        peer_release(p);
    }
}
