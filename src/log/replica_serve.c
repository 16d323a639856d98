/*
 * The leader's side: fetches of other nodes, answered at once or parked until there is something.
 *
 * Each look at a parked fetch asks the machine again; it counts a request only once. Bytes are read
 * up to the end of the log, flushed or not: a follower may be durable before its leader, and the
 * watermark takes the least of all anyway.
 */
#include <stdlib.h>
#include <string.h>

#include "base/trace.h"
#include "log/replica_internal.h"

enum { PARTITION_BYTES_MAX = 4 << 20 };

static void
answer_put(struct buffer *out, const struct replica_id *id, const struct replica_answer *a)
{
    replica_id_put(out, id);
    buffer_uvarint(out, a->request);
    buffer_uvarint(out, (uint64_t)a->epoch);
    buffer_u8(out, (uint8_t)a->error);
    buffer_uvarint(out, (uint64_t)a->high_watermark);
    buffer_uvarint(out, (uint64_t)a->start);
    buffer_varint(out, a->diverged_epoch);
    buffer_varint(out, a->diverged_end);
}

/* Appends length and bytes from offset on; nothing but a zero length when they cannot be had. */
static void
batches_put(struct buffer *out, struct log *log, int64_t offset, size_t bytes_max)
{
    struct log_view view = {.fd = -1};
    struct error err = {0};
    const bool ok = bytes_max > 0 && log_read_written(log, offset, bytes_max, &view, &err);
    const size_t at = out->len;
    size_t got = 0;
    if (ok && view.len > 0) {
        buffer_uvarint(out, view.len);
        uint8_t *to = buffer_extend(out, view.len);
        if (to == NULL ||
            !env_real.ops->pread(&env_real, view.fd, to, view.len, view.position, &got, &err) ||
            got != view.len) {
            out->len = at;
            got = 0;
        }
    }
    if (view.len > 0) {
        log_view_release(&view);
    }
    if (got == 0) {
        buffer_uvarint(out, 0);
    }
    if (error_is_set(&err)) {
        trace(TRACE_DEBUG, "replica", "a follower's read: %s", error_text(&err));
        error_clear(&err);
    }
}

struct asked { /* one partition of a fetch */
    struct replica_id id;
    struct replica_fetch fetch;
    int64_t watermark;
};

static bool
asked_read(struct reader *in, const struct replica_fetch *who, struct asked *out)
{
    out->fetch = *who;
    const bool ok = replica_id_read(in, &out->id);
    out->fetch.request = reader_uvarint64(in);
    out->fetch.epoch = (int32_t)reader_uvarint64(in);
    out->fetch.offset = (int64_t)reader_uvarint64(in);
    out->fetch.last_epoch = (int32_t)reader_varint64(in);
    out->watermark = reader_varint64(in);
    return ok && reader_ok(in) && out->fetch.offset >= 0;
}

/* What there is to say of one partition. True: it is worth an answer by itself. */
static bool
asked_answer(struct replicas *rs, const struct asked *asked, int64_t now_ms, bool last,
             struct buffer *out, uint64_t *count)
{
    struct replica *r = replicas_find(rs, &asked->id);
    struct replica_answer a = {.request = asked->fetch.request,
                               .epoch = asked->fetch.epoch,
                               .error = REPLICA_NOT_LEADER,
                               .diverged_epoch = -1,
                               .diverged_end = -1};
    bool more = false;
    if (r != NULL) {
        int32_t epoch_found = -1;
        int64_t epoch_end = -1;
        if (asked->fetch.last_epoch >= 0) {
            log_epoch_end(r->log, asked->fetch.last_epoch, &epoch_found, &epoch_end);
        }
        replica_on_fetch(&r->core, &asked->fetch, epoch_found, epoch_end, now_ms, &a);
        replica_facts_changed(r);
        a.high_watermark = r->core.high_watermark;
        more = a.error == REPLICA_OK && asked->fetch.offset < r->core.log.end;
    }
    if (a.error == REPLICA_OK && !more && (!last || a.high_watermark == asked->watermark)) {
        return false;
    }
    answer_put(out, &asked->id, &a);
    (*count)++;
    const size_t left =
        out->len < REPLICA_ANSWER_BYTES_MAX ? REPLICA_ANSWER_BYTES_MAX - out->len : 0;
    if (more) {
        batches_put(out, r->log, asked->fetch.offset,
                    left < PARTITION_BYTES_MAX ? left : PARTITION_BYTES_MAX);
    } else {
        buffer_uvarint(out, 0);
    }
    return true;
}

/* Looks at the whole fetch. True: answered (or not worth one). */
static bool
fetch_answer(struct replicas *rs, struct frame_peer *peer, uint32_t request, struct bytes payload,
             bool last, int64_t *wait_ms)
{
    struct reader in;
    struct replica_fetch who = {0};
    struct buffer body = {0}, out = {0};
    uint64_t count = 0;
    bool worth = last;
    const int64_t now_ms = env_mono_ms(&env_real);
    reader_init(&in, payload);
    who.node = (uint32_t)reader_uvarint64(&in);
    who.incarnation = reader_uvarint64(&in);
    const struct bytes disk = reader_lenbytes(&in);
    *wait_ms = (int64_t)reader_uvarint64(&in);
    const size_t asked_count = reader_ucount(&in, 22);
    bool ok =
        reader_ok(&in) && disk.len < DISK_ID_BYTES && asked_count <= REPLICA_FETCH_PARTITIONS_MAX;
    if (ok) {
        memcpy(who.disk.text, disk.ptr, disk.len);
    }
    body.limit = (size_t)REPLICA_ANSWER_BYTES_MAX * 2 + (16 << 20);
    for (size_t i = 0; ok && i < asked_count; i++) {
        struct asked asked;
        ok = asked_read(&in, &who, &asked);
        worth = (ok && asked_answer(rs, &asked, now_ms, last, &body, &count)) || worth;
    }
    if (!ok || body.overflow) {
        struct error err = {0};
        error_set(&err, ERROR_PROTOCOL, "a fetch between nodes is malformed");
        frame_put_error(&out, &err);
        frame_reply(peer, REPLICA_FRAME_FETCH, request, FRAME_LAST | FRAME_ERROR, out.ptr, out.len);
        error_clear(&err);
        worth = true;
    } else if (worth) {
        buffer_reserve(&out, body.len + 10);
        buffer_uvarint(&out, count);
        buffer_put(&out, body.ptr, body.len);
        frame_reply(peer, REPLICA_FRAME_FETCH, request, FRAME_LAST, out.ptr, out.len);
    }
    buffer_release(&body);
    buffer_release(&out);
    return worth;
}

static void
park_free(struct replica_park *park)
{
    frame_peer_release(park->peer);
    buffer_release(&park->payload);
    free(park);
}

void
replicas_frame(struct replicas *rs, struct frame_peer *peer, const struct frame *f)
{
    int64_t wait_ms = 0;
    if (fetch_answer(rs, peer, f->request, f->payload, false, &wait_ms)) {
        return;
    }
    struct replica_park *park = calloc(1, sizeof *park);
    if (park == NULL) {
        abort();
    }
    park->peer = peer;
    frame_peer_retain(peer);
    park->request = f->request;
    park->deadline_ms = env_mono_ms(&env_real) +
                        (wait_ms > REPLICA_PARK_MS || wait_ms < 0 ? REPLICA_PARK_MS : wait_ms);
    buffer_put(&park->payload, f->payload.ptr, f->payload.len);
    park->next = rs->parks;
    rs->parks = park;
}

/* Looks at each parked fetch; those before due get their last answer. */
static void
parks_look(struct replicas *rs, int64_t due_ms, bool only_due)
{
    struct replica_park **link = &rs->parks;
    while (*link != NULL) {
        struct replica_park *park = *link;
        int64_t wait_ms;
        const bool last = park->deadline_ms <= due_ms;
        if ((only_due && !last) ||
            !fetch_answer(rs, park->peer, park->request,
                          (struct bytes){park->payload.ptr, park->payload.len}, last, &wait_ms)) {
            link = &park->next;
            continue;
        }
        *link = park->next;
        park_free(park);
    }
}

void
replica_parks_wake(struct replicas *rs)
{
    parks_look(rs, 0, false);
}

void
replica_parks_due(struct replicas *rs, int64_t now_ms)
{
    parks_look(rs, now_ms, true);
}

void
replica_parks_drop(struct replicas *rs)
{
    while (rs->parks != NULL) {
        struct replica_park *park = rs->parks;
        rs->parks = park->next;
        park_free(park);
    }
}

void
replicas_peer_gone(struct replicas *rs, struct frame_peer *peer)
{
    struct replica_park **link = &rs->parks;
    while (*link != NULL) {
        struct replica_park *park = *link;
        if (park->peer == peer) {
            *link = park->next;
            park_free(park);
        } else {
            link = &park->next;
        }
    }
}
