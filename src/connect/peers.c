/* Sessions as the protocol sees them: made by the first call that names them, closed by the client
 * or by idleness, and remembered as closed for a while. */
#include <stdlib.h>
#include <string.h>

#include "base/env.h"
#include "base/thread.h"
#include "base/trace.h"
#include "connect/internal.h"

bool
uuid_check(struct pb_text text, struct error *err)
{
    bool ok = text.len == CONNECT_ID_MAX;
    for (size_t i = 0; ok && i < text.len; i++) {
        char c = text.ptr[i];
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
        ok = dash ? c == '-' : hex;
    }
    return ok || error_raise(err, "INVALID_HANDLE.FORMAT", "handle", pb_str(text), NULL);
}

void
id_copy(char to[CONNECT_ID_MAX + 1], const char *from)
{
    size_t len = strnlen(from, CONNECT_ID_MAX);
    memcpy(to, from, len);
    to[len] = '\0';
}

const char *
peer_server_id(const struct connect_peer *p)
{
    return session_server_id(p->session);
}

void
peer_retain(struct connect_peer *p)
{
    atomic_fetch_add(&p->refs, 1);
}

void
peer_release(struct connect_peer *p)
{
    if (atomic_fetch_sub(&p->refs, 1) != 1) {
        return;
    }
    for (uint32_t i = 0; p->errors != NULL && i < CONNECT_ERRORS_KEPT; i++) {
        error_clear(&p->errors[i].error);
    }
    while (p->persisted != NULL) {
        struct connect_persisted *next = p->persisted->next;
        free(p->persisted);
        p->persisted = next;
    }
    free(p->errors);
    free(p->tombstones);
    free(p->user_id);
    session_release(p->session);
    pthread_mutex_destroy(&p->lock);
    free(p);
}

/* The caller holds the server's lock. */
static struct connect_peer *
peer_find(struct connect_server *s, const char *user_id, const char *id)
{
    for (struct connect_peer *p = s->peers; p != NULL; p = p->next) {
        if (strcmp(p->id, id) == 0 && strcmp(p->user_id, user_id) == 0) {
            return p;
        }
    }
    return NULL;
}

static bool
is_tombstone(const struct connect_server *s, const char *id)
{
    uint32_t n = s->tombstone_count;
    uint32_t kept = n < CONNECT_SESSION_TOMBSTONES ? n : CONNECT_SESSION_TOMBSTONES;
    for (uint32_t i = 0; i < kept; i++) {
        if (strcmp(s->tombstones[i], id) == 0) {
            return true;
        }
    }
    return false;
}

static struct connect_peer *
peer_new(struct connect_server *s, const char *user_id, const char *id, struct error *err)
{
    struct session *session = session_get(s->config.driver, user_id, id, true);
    if (session == NULL) {
        error_set(err, ERROR_RESOURCE, "Too many sessions are open.");
        return NULL;
    }
    struct connect_peer *p = calloc(1, sizeof *p);
    if (p == NULL) {
        abort();
    }
    p->server = s;
    p->session = session;
    p->user_id = strdup(user_id);
    id_copy(p->id, id);
    atomic_init(&p->refs, 1); /* the server's list */
    pthread_mutex_init(&p->lock, NULL);
    p->errors = calloc(CONNECT_ERRORS_KEPT, sizeof *p->errors);
    p->tombstones = calloc(CONNECT_OPERATION_TOMBSTONES, sizeof *p->tombstones);
    p->next = s->peers;
    s->peers = p;
    return p;
}

struct connect_peer *
peer_get(struct connect_server *s, struct pb_text session_id, const struct pb_user_context *user,
         struct pb_text observed, struct error *err)
{
    if (!uuid_check(session_id, err)) {
        return NULL;
    }
    const char *user_id = user != NULL ? pb_str(user->user_id) : "";
    mutex_lock(&s->lock);
    struct connect_peer *p = NULL;
    if (is_tombstone(s, session_id.ptr)) {
        error_raise(err, "INVALID_HANDLE.SESSION_CLOSED", "handle", session_id.ptr, NULL);
    } else {
        p = peer_find(s, user_id, session_id.ptr);
        p = p != NULL ? p : peer_new(s, user_id, session_id.ptr, err);
    }
    if (p != NULL && observed.len > 0 && strcmp(observed.ptr, peer_server_id(p)) != 0) {
        error_raise(err, "INVALID_HANDLE.SESSION_CHANGED", "handle", session_id.ptr, NULL);
        p = NULL;
    }
    if (p != NULL) {
        peer_retain(p);
        atomic_store(&p->used_ms, env_mono_ms(s->env));
    }
    mutex_unlock(&s->lock);
    return p;
}

/* Out of the list, its operations stopped; the caller has the list's reference now. */
static void
peer_end(struct connect_peer *p)
{
    struct connect_server *s = p->server;
    for (;;) {
        mutex_lock(&p->lock);
        struct connect_operation *op = p->operations;
        if (op != NULL) {
            operation_retain(op);
        }
        if (p->listener != NULL) {
            stream_listener_close(p->listener);
        }
        mutex_unlock(&p->lock);
        if (op == NULL) {
            break;
        }
        operation_remove(op);
        operation_release(op);
    }
    if (s->config.streams != NULL) {
        stream_session_end(s->config.streams, p->session);
    }
    session_end(p->session);
    peer_release(p);
}

bool
peer_close(struct connect_server *s, const char *user_id, const char *session_id, bool tombstone,
           char server_id[CONNECT_ID_MAX + 1])
{
    mutex_lock(&s->lock);
    struct connect_peer *p = peer_find(s, user_id, session_id);
    if (p != NULL) {
        struct connect_peer **at = &s->peers;
        while (*at != p) {
            at = &(*at)->next;
        }
        *at = p->next;
        id_copy(server_id, peer_server_id(p));
    }
    if (tombstone && !is_tombstone(s, session_id)) {
        id_copy(s->tombstones[s->tombstone_count++ % CONNECT_SESSION_TOMBSTONES], session_id);
    }
    mutex_unlock(&s->lock);
    if (p != NULL) {
        peer_end(p);
    }
    return p != NULL;
}

void
peer_error_keep(struct connect_peer *p, const struct error *err, char id[CONNECT_ID_MAX + 1])
{
    env_uuid(p->server->env, id);
    mutex_lock(&p->lock);
    struct connect_error *slot = &p->errors[p->error_count++ % CONNECT_ERRORS_KEPT];
    error_copy(&slot->error, err);
    id_copy(slot->id, id);
    mutex_unlock(&p->lock);
}

bool
peer_error_find(struct connect_peer *p, const char *id, struct error *out)
{
    bool found = false;
    mutex_lock(&p->lock);
    for (uint32_t i = 0; i < CONNECT_ERRORS_KEPT && !found; i++) {
        found = p->errors[i].id[0] != '\0' && strcmp(p->errors[i].id, id) == 0;
        if (found) {
            error_copy(out, &p->errors[i].error);
        }
    }
    mutex_unlock(&p->lock);
    return found;
}

/* Calls fn on each operation of each session, with no lock held. */
static void
operations_each(struct connect_server *s, void (*fn)(struct connect_operation *op, int64_t now_ms))
{
    struct connect_operation *batch[256];
    uint32_t n = 0;
    int64_t now_ms = env_mono_ms(s->env);
    mutex_lock(&s->lock);
    for (struct connect_peer *p = s->peers; p != NULL; p = p->next) {
        mutex_lock(&p->lock);
        for (struct connect_operation *op = p->operations; op != NULL && n < 256; op = op->next) {
            operation_retain(op);
            batch[n++] = op;
        }
        mutex_unlock(&p->lock);
    }
    mutex_unlock(&s->lock);
    for (uint32_t i = 0; i < n; i++) {
        fn(batch[i], now_ms);
        operation_release(batch[i]);
    }
}

void
peers_tick(struct connect_server *s)
{
    operations_each(s, operation_tick);
}

static void
abandon(struct connect_operation *op, int64_t now_ms)
{
    mutex_lock(&op->lock);
    bool old = op->detached_ms != 0 && now_ms - op->detached_ms > CONNECT_DETACHED_MS;
    mutex_unlock(&op->lock);
    if (old) {
        trace(TRACE_INFO, "connect", "operation %s abandoned: no client came back", op->id);
        operation_remove(op);
    }
}

static void *
close_idle(void *ctx)
{
    struct connect_peer *p = ctx;
    peer_end(p);
    return NULL;
}

void
peers_maintain(struct connect_server *s)
{
    operations_each(s, abandon);
    int64_t now_ms = env_mono_ms(s->env);
    struct connect_peer *idle = NULL;
    mutex_lock(&s->lock);
    for (struct connect_peer **at = &s->peers; *at != NULL;) {
        struct connect_peer *p = *at;
        mutex_lock(&p->lock);
        bool busy = p->operations != NULL;
        mutex_unlock(&p->lock);
        if (!busy && now_ms - atomic_load(&p->used_ms) > s->config.session_idle_ms) {
            *at = p->next;
            p->next = idle;
            idle = p;
            id_copy(s->tombstones[s->tombstone_count++ % CONNECT_SESSION_TOMBSTONES], p->id);
        } else {
            at = &p->next;
        }
    }
    mutex_unlock(&s->lock);
    while (idle != NULL) { /* its end waits for streams and files: not on this thread */
        struct connect_peer *p = idle;
        idle = p->next;
        pthread_t thread;
        if (thread_start(&thread, "connect-idle", close_idle, p)) {
            pthread_detach(thread);
        }
    }
}

void
peers_free(struct connect_server *s)
{
    while (s->peers != NULL) {
        struct connect_peer *p = s->peers;
        s->peers = p->next;
        peer_end(p);
    }
}
