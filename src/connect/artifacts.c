/*
 * AddArtifacts and ArtifactStatus: files, archives and cached relations that a client uploads.
 *
 * A stream of requests: each is a batch of small artifacts, or begins a big one, or goes on with
 * it. A piece whose CRC-32 is wrong spoils its artifact: nothing of it is stored, the summary says
 * so, and the call goes on.
 */
#include <stdlib.h>
#include <string.h>

#include "connect/internal.h"

struct upload {
    struct rpc *rpc;
    struct connect_peer *peer;
    struct pb_add_artifacts_response *out;
    uint32_t capacity;
    const char *name; /* of the big artifact in the making; NULL if there is none */
    struct buffer data;
    int64_t total_bytes;
    int64_t chunks_left;
    bool spoiled;
};

/* CRC-32 as zlib has it: reflected 0xedb88320. */
static uint32_t
crc32_of(const uint8_t *data, size_t len)
{
    static const uint32_t nibble[16] = {0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac,
                                        0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
                                        0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
                                        0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c};
    uint32_t crc = 0xffffffff;
    for (size_t i = 0; i < len; i++) {
        crc = nibble[(crc ^ data[i]) & 15] ^ crc >> 4;
        crc = nibble[(crc ^ (uint32_t)data[i] >> 4) & 15] ^ crc >> 4;
    }
    return ~crc;
}

static bool
crc_fits(const struct pb_add_artifacts_request_artifact_chunk *c)
{
    return c != NULL && crc32_of(c->data.ptr, c->data.len) == (uint32_t)c->crc;
}

static void
summarize(struct upload *u, const char *name, bool ok)
{
    if (u->out->artifacts_count == u->capacity) {
        uint32_t more = u->capacity == 0 ? 8 : 2 * u->capacity;
        struct pb_add_artifacts_response_artifact_summary *list = arena_new_array(
            &u->rpc->arena, struct pb_add_artifacts_response_artifact_summary, more);
        if (u->capacity > 0) {
            memcpy(list, u->out->artifacts, u->capacity * sizeof *list);
        }
        u->out->artifacts = list;
        u->capacity = more;
    }
    u->out->artifacts[u->out->artifacts_count++] =
        (struct pb_add_artifacts_response_artifact_summary){pb_text(name), ok};
}

static bool
store(struct upload *u, const char *name, const void *data, size_t len, struct error *err)
{
    if (strncmp(name, "forward_to_fs/", 14) == 0) {
        return error_unsupported(err, "copyFromLocalToFs");
    }
    return session_artifact_add(u->peer->session, name, data, len, err);
}

static bool
take_batch(struct upload *u, const struct pb_add_artifacts_request_batch *b, struct error *err)
{
    for (uint32_t i = 0; i < b->artifacts_count; i++) {
        const struct pb_add_artifacts_request_single_chunk_artifact *a = &b->artifacts[i];
        bool ok = crc_fits(a->data);
        if (ok && !store(u, pb_str(a->name), a->data->data.ptr, a->data->data.len, err)) {
            return false;
        }
        summarize(u, pb_str(a->name), ok);
    }
    return true;
}

static bool
take_chunk(struct upload *u, const struct pb_add_artifacts_request_artifact_chunk *c,
           struct error *err)
{
    if (u->name == NULL || u->chunks_left <= 0 || c == NULL) {
        return error_set(err, ERROR_ARGUMENT, "an artifact chunk that belongs to no artifact");
    }
    if (crc_fits(c)) {
        buffer_put(&u->data, c->data.ptr, c->data.len);
    } else {
        u->spoiled = true;
    }
    if (--u->chunks_left > 0) {
        return true;
    }
    if (!u->spoiled && (u->data.overflow || (int64_t)u->data.len != u->total_bytes)) {
        return error_set(err, ERROR_ARGUMENT, "the artifact %s has %zu bytes instead of %lld",
                         u->name, u->data.len, (long long)u->total_bytes);
    }
    if (!u->spoiled && !store(u, u->name, u->data.ptr, u->data.len, err)) {
        return false;
    }
    summarize(u, u->name, !u->spoiled);
    u->name = NULL;
    return true;
}

static bool
take_begin(struct upload *u, const struct pb_add_artifacts_request_begin_chunked_artifact *b,
           struct error *err)
{
    if (u->name != NULL || b->num_chunks < 1 || b->total_bytes < 0 ||
        b->total_bytes > CONNECT_ARTIFACT_BYTES_MAX) {
        return error_set(err, ERROR_ARGUMENT, "an artifact of %lld bytes in %lld chunks",
                         (long long)b->total_bytes, (long long)b->num_chunks);
    }
    u->name = pb_str(b->name);
    u->total_bytes = b->total_bytes;
    u->chunks_left = b->num_chunks;
    u->spoiled = false;
    buffer_clear(&u->data);
    u->data.limit = (size_t)b->total_bytes + 1;
    return take_chunk(u, b->initial_chunk, err);
}

static bool
take_request(struct upload *u, uint32_t index, struct error *err)
{
    struct pb_add_artifacts_request *q = arena_new(&u->rpc->arena, struct pb_add_artifacts_request);
    struct bytes in = {u->rpc->messages[index].ptr, u->rpc->messages[index].len};
    if (!PB_DECODE(&u->rpc->arena, PB_ID_ADD_ARTIFACTS_REQUEST, in, q, err)) {
        return false;
    }
    if (u->peer == NULL) { /* the first one says whose they are */
        u->peer = peer_get(u->rpc->server, q->session_id, q->user_context,
                           q->client_observed_server_side_session_id, err);
        if (u->peer == NULL) {
            return false;
        }
    }
    switch (q->payload_case) {
    case PB_ADD_ARTIFACTS_REQUEST_BATCH_TAG:
        return take_batch(u, q->batch, err);
    case PB_ADD_ARTIFACTS_REQUEST_BEGIN_CHUNK_TAG:
        return take_begin(u, q->begin_chunk, err);
    case PB_ADD_ARTIFACTS_REQUEST_CHUNK_TAG:
        return take_chunk(u, q->chunk, err);
    default:
        return error_set(err, ERROR_ARGUMENT, "an AddArtifacts request without a payload");
    }
}

void
rpc_add_artifacts(struct rpc *r)
{
    struct error err = {0};
    struct pb_add_artifacts_response response = {0};
    struct upload u = {.rpc = r, .out = &response};
    bool ok = true;
    for (uint32_t i = 0; ok && i < r->message_count; i++) {
        ok = take_request(&u, i, &err);
        buffer_release(&r->messages[i]);
    }
    if (ok && u.name != NULL) {
        ok = error_set(&err, ERROR_ARGUMENT, "the artifact %s ends before its last chunk", u.name);
    }
    if (ok) {
        response.session_id = pb_text(u.peer->id);
        response.server_side_session_id = pb_text(peer_server_id(u.peer));
        rpc_answer(r, PB_ID_ADD_ARTIFACTS_RESPONSE, &response);
    } else {
        rpc_fail(r, u.peer, &err);
    }
    buffer_release(&u.data);
    if (u.peer != NULL) {
        peer_release(u.peer);
    }
}

void
rpc_artifact_status(struct rpc *r)
{
    struct error err = {0};
    struct pb_artifact_statuses_request request = {0};
    struct connect_peer *p = NULL;
    if (rpc_decode(r, PB_ID_ARTIFACT_STATUSES_REQUEST, &request, &err)) {
        p = peer_get(r->server, request.session_id, request.user_context,
                     request.client_observed_server_side_session_id, &err);
    }
    if (p == NULL) {
        rpc_fail(r, NULL, &err);
        return;
    }
    struct pb_artifact_statuses_response response = {
        .session_id = pb_text(p->id), .server_side_session_id = pb_text(peer_server_id(p))};
    uint32_t n = request.names_count;
    response.statuses = arena_new_array(
        &r->arena, struct pb_map_string_artifact_statuses_response_artifact_status, n + 1);
    response.statuses_count = n;
    for (uint32_t i = 0; i < n; i++) {
        char path[4096];
        struct pb_artifact_statuses_response_artifact_status *status =
            arena_new(&r->arena, struct pb_artifact_statuses_response_artifact_status);
        status->exists =
            session_artifact_find(p->session, pb_str(request.names[i]), path, sizeof path);
        response.statuses[i].key = request.names[i];
        response.statuses[i].value = status;
    }
    rpc_answer(r, PB_ID_ARTIFACT_STATUSES_RESPONSE, &response);
    peer_release(p);
}
