/*
 * The follower's side of a pair of nodes: one request at a time for all partitions that the other
 * one leads.
 *
 * Happy path: pump builds a request of every partition whose log is flushed to its end; the link's
 * thread makes the blocking call and posts; the answers are appended, and when the last flush of
 * them has come back, pump builds the next request, which reports it. Failures: a call that fails
 * or a leader that does not know its role yet is asked again after REPLICA_RETRY_MS; answers to
 * what was decided anew meanwhile are ignored by the machine (L4).
 */
#include <stdlib.h>
#include <string.h>

#include "base/thread.h"
#include "base/trace.h"
#include "log/replica_internal.h"

enum { LINK_CALL_MS = 3000 };

struct replica_link {
    struct replica_link *next;
    struct replicas *owner;
    uint32_t node;
    bool known; /* has an address */
    bool calling;
    struct loop_timer *timer;
    uint32_t turn; /* whose partition comes first: none starves behind a big one */

    pthread_t thread;
    bool threaded;
    pthread_mutex_t lock; /* guards all below */
    pthread_cond_t wake;
    bool stop, ready;
    char address[128], address_used[128];
    struct buffer request, reply;
    bool ok;
};

static void link_answered(void *ctx);

static void *
link_main(void *ctx)
{
    struct replica_link *l = ctx;
    struct frame_client *client = NULL;
    mutex_lock(&l->lock);
    while (!l->stop) {
        if (!l->ready) {
            pthread_cond_wait(&l->wake, &l->lock);
            continue;
        }
        if (client == NULL || strcmp(l->address, l->address_used) != 0) {
            if (client != NULL) {
                frame_client_free(client);
            }
            memcpy(l->address_used, l->address, sizeof l->address);
            client = frame_client_new_peer(l->address_used, l->owner->secret);
        }
        mutex_unlock(&l->lock);
        struct error err = {0};
        const bool ok = frame_call(client, REPLICA_FRAME_FETCH, l->request.ptr, l->request.len,
                                   &l->reply, REPLICA_PARK_MS + LINK_CALL_MS, &err);
        if (!ok) {
            trace(TRACE_DEBUG, "replica", "node %u: %s", l->node, error_text(&err));
            error_clear(&err);
        }
        mutex_lock(&l->lock);
        l->ok = ok;
        l->ready = false;
        loop_post(l->owner->config.loop, link_answered, l);
    }
    mutex_unlock(&l->lock);
    if (client != NULL) {
        frame_client_free(client);
    }
    return NULL;
}

static struct replica_link *
link_find(struct replicas *rs, uint32_t node)
{
    struct replica_link *l = rs->links;
    while (l != NULL && l->node != node) {
        l = l->next;
    }
    return l;
}

static struct replica_link *
link_get(struct replicas *rs, uint32_t node)
{
    struct replica_link *l = link_find(rs, node);
    if (l != NULL) {
        return l;
    }
    l = calloc(1, sizeof *l);
    if (l == NULL) {
        abort();
    }
    l->owner = rs;
    l->node = node;
    pthread_mutex_init(&l->lock, NULL);
    cond_init(&l->wake);
    l->next = rs->links;
    rs->links = l;
    return l;
}

static void
link_retry(void *ctx)
{
    struct replica_link *l = ctx;
    l->timer = NULL;
    replica_link_pump(l->owner, l->node);
}

static void
link_later(struct replica_link *l)
{
    if (l->timer == NULL) {
        l->timer = loop_after(l->owner->config.loop, REPLICA_RETRY_MS, link_retry, l);
    }
}

static void
fetch_put(struct replica_link *l, struct replica *r, const struct replica_fetch *f)
{
    struct buffer *out = &l->request;
    replica_id_put(out, &r->id);
    buffer_uvarint(out, f->request);
    buffer_uvarint(out, (uint64_t)f->epoch);
    buffer_uvarint(out, (uint64_t)f->offset);
    buffer_varint(out, f->last_epoch);
    buffer_varint(out, r->core.leader_watermark);
    r->asked = true;
}

static bool
follows(const struct replica *r, uint32_t leader)
{
    return r->core.role == REPLICA_FOLLOWER && r->core.state.leader == leader;
}

/* How many can be asked about now; -1: a flush is under way, which will pump again. */
static int
link_ready(struct replica_link *l, int64_t now_ms, bool *later)
{
    int ready = 0;
    for (struct replica *r = l->owner->first; r != NULL; r = r->next) {
        if (!follows(r, l->node)) {
            continue;
        }
        if (r->core.log.flushed != r->core.log.end) {
            return -1;
        }
        *later |= r->retry_ms > now_ms;
        ready += r->retry_ms <= now_ms;
    }
    return ready;
}

static void
link_build(struct replica_link *l, int ready, int64_t now_ms)
{
    const struct replica_self *self = &l->owner->config.self;
    const int skip = (int)(l->turn++ % (uint32_t)ready);
    buffer_clear(&l->request);
    buffer_uvarint(&l->request, self->node);
    buffer_uvarint(&l->request, self->incarnation);
    buffer_lentext(&l->request, self->disk.text);
    buffer_uvarint(&l->request, REPLICA_PARK_MS);
    const int count = ready < REPLICA_FETCH_PARTITIONS_MAX ? ready : REPLICA_FETCH_PARTITIONS_MAX;
    buffer_uvarint(&l->request, (uint64_t)count);
    int put = 0;
    for (int pass = 0; pass < 2; pass++) {
        int at = 0;
        for (struct replica *r = l->owner->first; r != NULL && put < count; r = r->next) {
            struct replica_fetch f;
            if (!follows(r, l->node) || r->retry_ms > now_ms) {
                continue;
            }
            const bool mine = (at >= skip) == (pass == 0);
            at++;
            if (mine && replica_fetch_make(&r->core, &f)) {
                fetch_put(l, r, &f);
                put++;
            }
        }
    }
}

void
replica_link_pump(struct replicas *rs, uint32_t leader)
{
    struct replica_link *l = leader != 0 ? link_get(rs, leader) : NULL;
    if (l == NULL || l->calling || rs->stopped) {
        return;
    }
    const int64_t now_ms = env_mono_ms(&env_real);
    bool later = false;
    const int ready = link_ready(l, now_ms, &later);
    if (ready < 0) {
        return;
    }
    if (ready == 0 || !l->known) {
        if (later || ready > 0) {
            link_later(l);
        }
        return;
    }
    if (!l->threaded) {
        l->threaded = thread_start(&l->thread, "replica-link", link_main, l);
        if (!l->threaded) {
            link_later(l);
            return;
        }
    }
    link_build(l, ready, now_ms);
    l->calling = true;
    mutex_lock(&l->lock);
    l->ready = true;
    pthread_cond_signal(&l->wake);
    mutex_unlock(&l->lock);
}

/* --- answers --------------------------------------------------------------------------------- */

static bool
batches_append(struct replica *r, struct bytes batches)
{
    struct error err = {0};
    struct log_append_result result;
    /* The bytes lie in the link's own buffer: nobody else reads them. */
    if (batches.len == 0 || log_append(r->log, (uint8_t *)(uintptr_t)batches.ptr, batches.len,
                                       LOG_FROM_LEADER, &result, &err)) {
        return true;
    }
    trace(TRACE_WARN, "replica", "%s: what the leader sent was refused: %s", r->key,
          error_text(&err));
    error_clear(&err);
    return false;
}

/* Does what the machine says. False: ask again later. */
static bool
action_do(struct replica *r, const struct replica_action *action, struct bytes batches)
{
    struct error err = {0};
    bool ok = true;
    switch (action->kind) {
    case REPLICA_APPEND:
        ok = batches_append(r, batches);
        if (ok && action->start > r->core.log.start) {
            const int64_t mark = r->core.high_watermark;
            ok = log_truncate_before(r->log, action->start < mark ? action->start : mark, &err);
        }
        break;
    case REPLICA_TRUNCATE:
        trace(TRACE_INFO, "replica", "%s: cut from %lld to %lld, where the leader's log parts",
              r->key, (long long)r->core.log.end, (long long)action->offset);
        ok = log_truncate_after(r->log, action->offset, &err);
        break;
    case REPLICA_ANEW:
        trace(TRACE_INFO, "replica", "%s: begins anew at %lld", r->key, (long long)action->offset);
        ok = log_begin_anew(r->log, action->offset, &err);
        break;
    case REPLICA_STOP:
        trace(TRACE_ERROR, "replica", "%s: the leader lacks what was committed here", r->key);
        env_real.ops->fatal(&env_real, "a leader's log lacks committed records");
    case REPLICA_IGNORE:
        break;
    case REPLICA_RETRY:
        return false;
    }
    if (error_is_set(&err)) {
        trace(TRACE_WARN, "replica", "%s: %s", r->key, error_text(&err));
        error_clear(&err);
    }
    replica_facts_changed(r);
    return ok;
}

static bool
answer_read(struct reader *in, struct replica_id *id, struct replica_answer *a,
            struct bytes *batches)
{
    const bool ok = replica_id_read(in, id);
    a->request = reader_uvarint64(in);
    a->epoch = (int32_t)reader_uvarint64(in);
    a->error = reader_u8(in);
    a->high_watermark = (int64_t)reader_uvarint64(in);
    a->start = (int64_t)reader_uvarint64(in);
    a->diverged_epoch = (int32_t)reader_varint64(in);
    a->diverged_end = reader_varint64(in);
    *batches = reader_lenbytes(in);
    return ok && reader_ok(in) && a->high_watermark >= 0 && a->start >= 0;
}

static void
link_apply(struct replica_link *l, int64_t now_ms)
{
    struct reader in;
    reader_init(&in, (struct bytes){l->reply.ptr, l->reply.len});
    const size_t count = reader_ucount(&in, 24);
    for (size_t i = 0; i < count; i++) {
        struct replica_id id;
        struct replica_answer a = {0};
        struct bytes batches;
        if (!answer_read(&in, &id, &a, &batches)) {
            trace(TRACE_WARN, "replica", "node %u: an answer is malformed", l->node);
            return;
        }
        struct replica *r = replicas_find(l->owner, &id);
        if (r == NULL || !follows(r, l->node)) {
            continue;
        }
        int64_t own_end = r->core.log.start;
        if (a.error == REPLICA_DIVERGED && a.diverged_epoch >= 0) {
            int32_t epoch;
            log_epoch_end(r->log, a.diverged_epoch, &epoch, &own_end);
            own_end = epoch >= 0 ? own_end : r->core.log.start;
        }
        const struct replica_action action = replica_on_answer(&r->core, &a, own_end);
        r->asked = r->asked && action.kind == REPLICA_IGNORE;
        if (!action_do(r, &action, batches)) {
            r->retry_ms = now_ms + REPLICA_RETRY_MS;
        }
    }
}

static void
link_answered(void *ctx)
{
    struct replica_link *l = ctx;
    struct replicas *rs = l->owner;
    const int64_t now_ms = env_mono_ms(&env_real);
    if (rs->stopped) {
        return;
    }
    l->calling = false;
    if (l->ok) {
        link_apply(l, now_ms);
    }
    for (struct replica *r = rs->first; r != NULL; r = r->next) {
        if (r->asked && follows(r, l->node)) {
            replica_fetch_lost(&r->core); /* nothing was said about it */
            r->asked = false;
        }
    }
    if (l->ok) {
        replica_link_pump(rs, l->node);
    } else {
        link_later(l);
    }
}

void
replicas_node(struct replicas *rs, uint32_t node, const char *address)
{
    struct replica_link *l = link_get(rs, node);
    l->known = address != NULL && address[0] != '\0';
    if (l->known) {
        mutex_lock(&l->lock);
        strncpy(l->address, address, sizeof l->address - 1);
        mutex_unlock(&l->lock);
        replica_link_pump(rs, node);
    }
}

void
replica_links_stop(struct replicas *rs)
{
    for (struct replica_link *l = rs->links; l != NULL; l = l->next) {
        mutex_lock(&l->lock);
        l->stop = true;
        pthread_cond_signal(&l->wake);
        mutex_unlock(&l->lock);
        if (l->timer != NULL) {
            loop_timer_cancel(l->timer);
            l->timer = NULL;
        }
    }
    for (struct replica_link *l = rs->links; l != NULL; l = l->next) {
        if (l->threaded) {
            pthread_join(l->thread, NULL);
        }
    }
}

void
replica_links_free(struct replicas *rs)
{
    while (rs->links != NULL) {
        struct replica_link *l = rs->links;
        rs->links = l->next;
        buffer_release(&l->request);
        buffer_release(&l->reply);
        pthread_mutex_destroy(&l->lock);
        pthread_cond_destroy(&l->wake);
        free(l);
    }
}
