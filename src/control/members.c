/*
 * Members over the control store: registration, lease, pings, verdicts, election.
 *
 * Threads: the main one takes what watches brought, calls back, judges and elects; one keeps the
 * lease, so that a slow callback does not cost it; one for each other member pings it. Watches only
 * put their news into a list by key (the newest of each), which the main thread empties.
 */
#include "control/members.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/thread.h"
#include "base/trace.h"
#include "control/hearing_core.h"
#include "control/member_record.h"
#include "net/frame.h"

enum {
    IDLE_MS = 200,  /* the main thread looks around at least so often */
    ALERT_MS = 25,  /* while somebody is silent */
    BROKEN_MS = 40, /* pause of a ping after a broken connection */
    RETRY_KEEP_MS = 100,
    ELECT_MS = 50, /* pause between tries to decide */
    KEY_MAX = 64,
};

_Static_assert((int)MEMBERS_MAX == (int)HEARING_MAX, "each member has a row");

struct entry {
    struct member member;
    uint64_t version; /* of its key; 0: only its drain mark is known */
};

struct news {
    struct news *next;
    char key[KEY_MAX];
    uint8_t *value; /* NULL: removed */
    size_t len;
    uint64_t version;
};

struct ping {
    struct members *m;
    struct ping *next;
    uint32_t id;
    uint64_t incarnation;
    struct frame_client *client;
    pthread_t thread;
    bool ending; /* under the members' lock, as done */
    bool done;
};

struct members {
    struct members_config config;
    struct member self;
    bool has_self;
    pthread_mutex_t lock; /* guards all below */
    pthread_cond_t changed;
    bool ending;
    bool registered;
    bool replaced;    /* another process has this node's id now */
    bool lease_ended; /* the keeper has found out */
    uint64_t lease, self_version;
    struct entry entries[MEMBERS_MAX]; /* by id */
    size_t count;
    uint32_t controller_id; /* 0: nobody */
    uint64_t controller_incarnation, controller_version;
    struct news *news, **news_end;
    struct hearing hearing;
    struct ping *pings;

    struct control_watch *nodes_watch, *controller_watch;
    pthread_t main_thread, lease_thread;
    bool has_main, has_lease_thread;
    int64_t elected_ms; /* main thread only: of the last try */
};

/* --- small things ------------------------------------------------------------------------------
 */

static int64_t
now_ms(struct members *m)
{
    return env_mono_ms(m->config.env);
}

/* Under the lock. */
static bool
wait_ms(struct members *m, int64_t ms)
{
    return cond_wait_until(&m->changed, &m->lock, env_mono_ns(m->config.env) + ms * 1000000);
}

static void
tell(struct members *m, enum member_change change, const struct member *member)
{
    if (m->config.on_change != NULL) {
        m->config.on_change(m->config.ctx, change, member);
    }
}

/* Under the lock. Where id is, or belongs. */
static size_t
entry_at(const struct members *m, uint32_t id, bool *found)
{
    size_t at = 0;
    while (at < m->count && m->entries[at].member.id < id) {
        at++;
    }
    *found = at < m->count && m->entries[at].member.id == id;
    return at;
}

static struct entry *
entry_get(struct members *m, uint32_t id)
{
    bool found;
    const size_t at = entry_at(m, id, &found);
    if (!found && m->count < MEMBERS_MAX) {
        memmove(&m->entries[at + 1], &m->entries[at], (m->count++ - at) * sizeof *m->entries);
        m->entries[at] = (struct entry){.member.id = id};
        found = true;
    }
    return found ? &m->entries[at] : NULL;
}

static void
entry_tidy(struct members *m, uint32_t id)
{
    bool found;
    const size_t at = entry_at(m, id, &found);
    if (found && m->entries[at].version == 0 && !m->entries[at].member.draining) {
        memmove(&m->entries[at], &m->entries[at + 1], (--m->count - at) * sizeof *m->entries);
    }
}

static void
node_key(char key[KEY_MAX], const char *folder, uint32_t id)
{
    snprintf(key, KEY_MAX, "%s/%" PRIu32, folder, id);
}

/* --- registration ------------------------------------------------------------------------------
 */

/* One try. The old registration of this node, if any, gives way to it. */
static bool
register_once(struct members *m, uint64_t lease, struct error *err)
{
    struct control *c = m->config.control;
    char node[KEY_MAX], known[KEY_MAX], removed[KEY_MAX];
    node_key(node, "node", m->self.id);
    node_key(known, "known", m->self.id);
    node_key(removed, "removed", m->self.id);
    struct buffer old = {0}, record = {0};
    uint64_t node_version, known_version, removed_version, version = 0;
    bool ok = control_get(c, removed, NULL, &removed_version, err) &&
              control_get(c, known, NULL, &known_version, err) &&
              control_get(c, node, &old, &node_version, err);
    struct member other;
    if (ok && removed_version != 0) {
        ok = error_set(err, ERROR_ARGUMENT, "node %" PRIu32 " was removed from this cluster",
                       m->self.id);
    } else if (ok && node_version != 0 &&
               member_record_read((struct bytes){old.ptr, old.len}, &other) &&
               strcmp(other.disk_id, m->self.disk_id) != 0) {
        ok = error_set(err, ERROR_ARGUMENT,
                       "node %" PRIu32 " runs elsewhere, with another data folder", m->self.id);
    }
    if (ok) {
        member_record_put(&m->self, &record);
        const struct control_change changes[] = {
            {.key = node,
             .version_expected = node_version,
             .value = record.ptr,
             .len = record.len,
             .lease = lease},
            {.key = removed, .check_only = true},
            {.key = known,
             .version_expected = known_version,
             .value = record.ptr,
             .len = record.len},
        };
        ok = control_apply(c, changes, m->config.local ? 1 : 3, &version, err);
    }
    if (ok) {
        mutex_lock(&m->lock);
        m->lease = lease;
        m->self_version = version;
        m->lease_ended = false;
        m->registered = true;
        mutex_unlock(&m->lock);
    }
    buffer_release(&old);
    buffer_release(&record);
    return ok;
}

/* A new incarnation under a new lease. */
static bool
register_self(struct members *m, struct error *err)
{
    enum { TRIES = 10 };
    struct control *c = m->config.control;
    char key[KEY_MAX];
    uint64_t lease, incarnation;
    struct error ignored = {0};
    if (m->lease != 0) { /* of a registration that is lost; what else hangs on it goes too */
        control_lease_end(c, m->lease, &ignored);
        error_clear(&ignored);
    }
    node_key(key, "incarnation", m->self.id);
    const int64_t ttl_ms = m->config.local ? INT64_MAX / 4 : MEMBERS_LEASE_MS;
    if (!control_raise(c, key, &incarnation, err) || !control_lease_grant(c, ttl_ms, &lease, err)) {
        return false;
    }
    mutex_lock(&m->lock);
    m->self.incarnation = incarnation;
    mutex_unlock(&m->lock);
    for (int i = 0; i < TRIES; i++) {
        error_clear(err);
        if (register_once(m, lease, err)) {
            return true;
        }
        if (err->code != CONTROL_CONFLICT) {
            break;
        }
    }
    control_lease_end(c, lease, &ignored);
    error_clear(&ignored);
    return false;
}

static void *
lease_main(void *ctx)
{
    struct members *m = ctx;
    mutex_lock(&m->lock);
    while (!m->ending) {
        const uint64_t lease = m->lease;
        int64_t pause_ms = MEMBERS_LEASE_MS / 5;
        if (m->registered && !m->lease_ended) {
            mutex_unlock(&m->lock);
            struct error err = {0};
            const bool kept = control_lease_keep(m->config.control, lease, &err);
            const bool ended = !kept && err.code == CONTROL_LEASE_ENDED;
            error_clear(&err);
            mutex_lock(&m->lock);
            pause_ms = kept ? pause_ms : RETRY_KEEP_MS;
            if (ended && lease == m->lease) {
                m->lease_ended = true;
                pthread_cond_broadcast(&m->changed);
            }
        }
        const int64_t until = now_ms(m) + pause_ms;
        while (!m->ending && now_ms(m) < until) {
            wait_ms(m, until - now_ms(m));
        }
    }
    mutex_unlock(&m->lock);
    return NULL;
}

/* --- pings -------------------------------------------------------------------------------------
 */

/* Who we are, and for how long we have not heard each other member. Under the lock. */
static void
view_put(struct members *m, struct buffer *out)
{
    buffer_uvarint(out, m->has_self && m->registered ? m->self.id : 0);
    buffer_uvarint(out, m->self.incarnation);
    buffer_uvarint(out, m->hearing.count);
    for (size_t i = 0; i < m->hearing.count; i++) {
        const struct hearing_row *row = &m->hearing.rows[i];
        const int64_t silent_ms = now_ms(m) - row->heard_ms;
        buffer_uvarint(out, row->id);
        buffer_uvarint(out, row->incarnation);
        buffer_uvarint(out, (uint64_t)(silent_ms > 0 ? silent_ms : 0));
    }
}

/* Under the lock. */
static void
view_take(struct members *m, struct bytes view)
{
    struct reader r;
    reader_init(&r, view);
    const uint32_t from = (uint32_t)reader_uvarint64(&r);
    const uint64_t incarnation = reader_uvarint64(&r);
    const size_t count = reader_ucount(&r, 3);
    if (!reader_ok(&r) || from == 0) {
        return;
    }
    hearing_heard(&m->hearing, from, incarnation, now_ms(m));
    for (size_t i = 0; i < count; i++) {
        const uint32_t about = (uint32_t)reader_uvarint64(&r);
        const uint64_t its = reader_uvarint64(&r);
        const uint64_t silent_ms = reader_uvarint64(&r);
        if (!reader_ok(&r)) {
            return;
        }
        hearing_said(&m->hearing, from, about, its,
                     (int64_t)(silent_ms < INT32_MAX ? silent_ms : INT32_MAX), now_ms(m));
    }
}

void
members_answer(struct members *m, struct bytes request, struct buffer *out)
{
    mutex_lock(&m->lock);
    view_take(m, request);
    view_put(m, out);
    mutex_unlock(&m->lock);
}

static void *
ping_main(void *ctx)
{
    struct ping *p = ctx;
    struct members *m = p->m;
    struct buffer view = {0}, reply = {0};
    mutex_lock(&m->lock);
    while (!p->ending) {
        buffer_clear(&view);
        view_put(m, &view);
        mutex_unlock(&m->lock);
        struct error err = {0};
        const bool ok = frame_call(p->client, MEMBERS_FRAME_PING, view.ptr, view.len, &reply,
                                   MEMBERS_SUSPECT_MS, &err);
        const bool broken = !ok && err.code != ETIMEDOUT;
        error_clear(&err);
        mutex_lock(&m->lock);
        hearing_tick(&m->hearing, now_ms(m));
        if (ok) {
            view_take(m, (struct bytes){reply.ptr, reply.len});
        } else if (broken && !p->ending) {
            hearing_broken(&m->hearing, p->id, now_ms(m));
            pthread_cond_broadcast(&m->changed);
        }
        const int64_t until = now_ms(m) + (broken ? BROKEN_MS : MEMBERS_PING_MS);
        while (!p->ending && now_ms(m) < until) {
            wait_ms(m, until - now_ms(m));
        }
    }
    p->done = true;
    mutex_unlock(&m->lock);
    buffer_release(&view);
    buffer_release(&reply);
    return NULL;
}

/* Under the lock. */
static void
ping_start(struct members *m, const struct member *other)
{
    if (!m->has_self || m->config.local || other->id == m->self.id ||
        other->peers[MEMBER_STORE][0] == '\0') {
        return;
    }
    struct ping *p = calloc(1, sizeof *p);
    if (p == NULL) {
        return; /* its lease will tell */
    }
    const char *secret = m->config.secret != NULL ? m->config.secret : "";
    *p = (struct ping){.m = m,
                       .id = other->id,
                       .incarnation = other->incarnation,
                       .client = frame_client_new_peer(other->peers[MEMBER_STORE], secret)};
    hearing_add(&m->hearing, other->id, other->incarnation, now_ms(m));
    if (!thread_start(&p->thread, "member-ping", ping_main, p)) {
        frame_client_free(p->client);
        free(p);
        return;
    }
    p->next = m->pings;
    m->pings = p;
}

/* Under the lock. The thread may be in a call for a while: it is joined by pings_reap. */
static void
ping_stop(struct members *m, uint32_t id)
{
    hearing_remove(&m->hearing, id);
    for (struct ping *p = m->pings; p != NULL; p = p->next) {
        p->ending |= p->id == id;
    }
    pthread_cond_broadcast(&m->changed);
}

/* Under the lock, which is opened meanwhile. all: waits for those that are still in a call. */
static void
pings_reap(struct members *m, bool all)
{
    struct ping **link = &m->pings;
    while (*link != NULL) {
        struct ping *p = *link;
        if (!p->done && !all) {
            link = &p->next;
            continue;
        }
        *link = p->next;
        mutex_unlock(&m->lock);
        pthread_join(p->thread, NULL);
        frame_client_free(p->client);
        free(p);
        mutex_lock(&m->lock);
        link = &m->pings;
    }
}

/* --- news from the watches ---------------------------------------------------------------------
 */

/* The newest of each key, in the order of arrival. */
static void
news_add(void *ctx, const char *key, struct bytes value, uint64_t version)
{
    struct members *m = ctx;
    if (strlen(key) >= KEY_MAX) {
        return;
    }
    uint8_t *copy = NULL;
    if (value.ptr != NULL) {
        copy = malloc(value.len + 1);
        if (copy == NULL) {
            env_real.ops->fatal(&env_real, "out of memory for the members");
        }
        memcpy(copy, value.ptr, value.len);
        copy[value.len] = '\0';
    }
    mutex_lock(&m->lock);
    struct news *n = m->news;
    while (n != NULL && strcmp(n->key, key) != 0) {
        n = n->next;
    }
    if (n == NULL) {
        n = calloc(1, sizeof *n);
        if (n == NULL) {
            env_real.ops->fatal(&env_real, "out of memory for the members");
        }
        snprintf(n->key, sizeof n->key, "%s", key);
        *m->news_end = n;
        m->news_end = &n->next;
    }
    free(n->value);
    n->value = copy;
    n->len = value.len;
    n->version = version;
    pthread_cond_broadcast(&m->changed);
    mutex_unlock(&m->lock);
}

/* Somebody's registration is gone. Under the lock, which is opened for the callbacks. */
static void
member_left(struct members *m, struct entry *e)
{
    struct member old = e->member;
    const bool self = m->has_self && old.id == m->self.id && old.incarnation == m->self.incarnation;
    e->version = 0;
    ping_stop(m, old.id);
    if (self) {
        m->registered = false;
    }
    entry_tidy(m, old.id);
    mutex_unlock(&m->lock);
    if (self) {
        tell(m, MEMBER_SELF_LOST, &old);
    }
    tell(m, MEMBER_LEFT, &old);
    mutex_lock(&m->lock);
}

static void
node_news(struct members *m, const struct news *n, uint32_t id)
{
    struct member record;
    const bool present = n->value != NULL;
    if (present &&
        (!member_record_read((struct bytes){n->value, n->len}, &record) || record.id != id)) {
        trace(TRACE_WARN, "control", "the registration %s is not readable", n->key);
        return;
    }
    struct entry *e = entry_get(m, id);
    if (e == NULL) {
        trace(TRACE_WARN, "control", "more than %d nodes: %s is left out", MEMBERS_MAX, n->key);
        return;
    }
    const bool was = e->version != 0;
    if (was && (!present || record.incarnation != e->member.incarnation)) {
        member_left(m, e);
        e = entry_get(m, id);
    }
    if (!present || e == NULL) {
        entry_tidy(m, id);
        return;
    }
    const bool joined = e->version == 0;
    record.draining = e->member.draining;
    record.suspect = joined ? false : e->member.suspect;
    e->member = record;
    e->version = n->version;
    if (m->has_self && id == m->self.id && record.incarnation > m->self.incarnation) {
        m->replaced = true; /* a successor of this process, or a copy of its folder */
        m->registered = false;
    }
    if (joined) {
        ping_start(m, &record);
        mutex_unlock(&m->lock);
        tell(m, MEMBER_JOINED, &record);
        mutex_lock(&m->lock);
    }
}

static void
drain_news(struct members *m, const struct news *n, uint32_t id)
{
    struct entry *e = entry_get(m, id);
    const bool draining = n->value != NULL;
    if (e == NULL || e->member.draining == draining) {
        return;
    }
    e->member.draining = draining;
    const struct member copy = e->member;
    const bool registered = e->version != 0;
    entry_tidy(m, id);
    if (registered) {
        mutex_unlock(&m->lock);
        tell(m, MEMBER_DRAINING, &copy);
        mutex_lock(&m->lock);
    }
}

static void
controller_news(struct members *m, const struct news *n)
{
    uint32_t id = 0;
    uint64_t incarnation = 0;
    if (n->value != NULL &&
        sscanf((const char *)n->value, "%" SCNu32 " %" SCNu64, &id, &incarnation) != 2) {
        trace(TRACE_WARN, "control", "the key of the controller is not readable");
    }
    m->controller_id = id;
    m->controller_incarnation = incarnation;
    m->controller_version = n->value != NULL ? n->version : 0;
    struct member member = {.id = id, .incarnation = incarnation};
    bool found;
    const size_t at = entry_at(m, id, &found);
    if (found && m->entries[at].member.incarnation == incarnation) {
        member = m->entries[at].member;
    }
    mutex_unlock(&m->lock);
    tell(m, MEMBER_CONTROLLER, &member);
    mutex_lock(&m->lock);
}

/* Under the lock, which is opened for callbacks. */
static void
news_take(struct members *m)
{
    while (m->news != NULL) {
        struct news *n = m->news;
        m->news = n->next;
        if (m->news == NULL) {
            m->news_end = &m->news;
        }
        uint32_t id = 0;
        int used = 0;
        if (strcmp(n->key, "controller") == 0) {
            controller_news(m, n);
        } else if (sscanf(n->key, "node/%" SCNu32 "%n", &id, &used) == 1 && id > 0) {
            if (n->key[used] == '\0') {
                node_news(m, n, id);
            } else if (strcmp(n->key + used, "/drain") == 0) {
                drain_news(m, n, id);
            }
        }
        free(n->value);
        free(n);
    }
}

/* --- judging and electing: the main thread, called without the lock ----------------------------
 */

static struct control_change
controller_change(const struct members *m, char text[48], uint64_t expected)
{
    const int len = snprintf(text, 48, "%" PRIu32 " %" PRIu64, m->self.id, m->self.incarnation);
    return (struct control_change){.key = "controller",
                                   .version_expected = expected,
                                   .value = text,
                                   .len = (size_t)len,
                                   .lease = m->lease};
}

/* Our own registration stands in each change: who was dropped drops nobody. */
static struct control_change
self_check(const struct members *m, char key[KEY_MAX])
{
    node_key(key, "node", m->self.id);
    return (struct control_change){
        .key = key, .check_only = true, .version_expected = m->self_version};
}

/* Takes a dead member's registration away, and its role as controller over. */
static void
drop_member(struct members *m, uint32_t id, uint64_t incarnation)
{
    struct control *c = m->config.control;
    struct error err = {0};
    struct buffer value = {0};
    char key[KEY_MAX], self[KEY_MAX], text[48];
    uint64_t version, controller_version;
    struct member record;
    uint32_t decider = 0;
    uint64_t decider_incarnation = 0;
    node_key(key, "node", id);
    bool ok = control_get(c, "controller", &value, &controller_version, &err);
    if (ok) {
        sscanf(buffer_text(&value), "%" SCNu32 " %" SCNu64, &decider, &decider_incarnation);
        ok = control_get(c, key, &value, &version, &err) && version != 0 &&
             member_record_read((struct bytes){value.ptr, value.len}, &record) &&
             record.incarnation == incarnation;
    }
    if (ok) {
        const bool decides = decider == id && decider_incarnation == incarnation;
        const struct control_change changes[] = {
            {.key = key, .version_expected = version},
            self_check(m, self),
            controller_change(m, text, controller_version),
        };
        ok = control_apply(c, changes, decides ? 3 : 2, NULL, &err);
        if (ok) {
            trace(TRACE_INFO, "control", "node %" PRIu32 " is not heard by anybody: dropped", id);
        }
    }
    if (!ok && error_is_set(&err) && err.code != CONTROL_CONFLICT) {
        trace(TRACE_INFO, "control", "node %" PRIu32 " cannot be dropped yet: %s", id,
              error_text(&err));
    }
    error_clear(&err);
    buffer_release(&value);
}

/* Nobody decides, or somebody whose registration is gone: we offer. */
static void
elect(struct members *m)
{
    struct control *c = m->config.control;
    struct error err = {0};
    struct buffer value = {0};
    char key[KEY_MAX], self[KEY_MAX], text[48];
    uint64_t version, node_version = 0;
    uint32_t id = 0;
    uint64_t incarnation = 0;
    struct member record = {0};
    bool ok = control_get(c, "controller", &value, &version, &err);
    if (ok && version != 0) {
        sscanf(buffer_text(&value), "%" SCNu32 " %" SCNu64, &id, &incarnation);
        node_key(key, "node", id);
        ok = control_get(c, key, &value, &node_version, &err);
        if (ok && node_version != 0) {
            member_record_read((struct bytes){value.ptr, value.len}, &record);
        }
    }
    if (ok && (version == 0 || record.incarnation != incarnation)) {
        const struct control_change changes[] = {controller_change(m, text, version),
                                                 self_check(m, self)};
        control_apply(c, changes, 2, NULL, &err);
    }
    error_clear(&err);
    buffer_release(&value);
}

/* Under the lock. Tells changes of suspicion; the first verdict is given back. */
static bool
judge(struct members *m, uint32_t *id, uint64_t *incarnation)
{
    for (size_t i = 0; i < m->count; i++) {
        struct entry *e = &m->entries[i];
        const bool suspect =
            e->version != 0 && hearing_suspects(&m->hearing, e->member.id, now_ms(m));
        if (suspect != e->member.suspect) {
            e->member.suspect = suspect;
            const struct member copy = e->member;
            mutex_unlock(&m->lock);
            tell(m, suspect ? MEMBER_SUSPECT : MEMBER_HEARD, &copy);
            mutex_lock(&m->lock);
        }
    }
    for (size_t i = 0; i < m->count; i++) {
        const struct entry *e = &m->entries[i];
        if (e->version != 0 && hearing_verdict(&m->hearing, e->member.id, now_ms(m))) {
            *id = e->member.id;
            *incarnation = e->member.incarnation;
            return true;
        }
    }
    return false;
}

/* Under the lock. Is the seat of the controller free as far as we can see? */
static bool
seat_is_free(struct members *m)
{
    bool found;
    const size_t at = entry_at(m, m->controller_id, &found);
    return m->controller_version == 0 || !found || m->entries[at].version == 0 ||
           m->entries[at].member.incarnation != m->controller_incarnation;
}

/* Under the lock. How soon to look around again. */
static int64_t
patience_ms(const struct members *m, int64_t now)
{
    for (size_t i = 0; i < m->hearing.count; i++) {
        const struct hearing_row *row = &m->hearing.rows[i];
        if (row->broken_ms >= 0 || now - row->heard_ms > 2 * MEMBERS_PING_MS) {
            return ALERT_MS;
        }
    }
    return IDLE_MS;
}

/* Under the lock, which is opened. */
static void
self_again(struct members *m)
{
    if (m->registered && m->lease_ended) {
        bool found;
        const size_t at = entry_at(m, m->self.id, &found);
        if (found && m->entries[at].version != 0) {
            member_left(m, &m->entries[at]); /* the watch will say so too */
        }
        m->registered = false;
    }
    if (!m->registered && !m->replaced && !m->ending) {
        mutex_unlock(&m->lock);
        struct error err = {0};
        if (!register_self(m, &err)) {
            trace(TRACE_WARN, "control", "this node cannot register again: %s", error_text(&err));
        }
        error_clear(&err);
        mutex_lock(&m->lock);
    }
}

static void *
main_main(void *ctx)
{
    struct members *m = ctx;
    mutex_lock(&m->lock);
    while (!m->ending) {
        hearing_tick(&m->hearing, now_ms(m));
        news_take(m);
        pings_reap(m, false);
        uint32_t id;
        uint64_t incarnation;
        const bool verdict = m->has_self && m->registered && judge(m, &id, &incarnation);
        if (m->has_self) {
            self_again(m);
        }
        const bool offer = m->has_self && m->registered && seat_is_free(m) && m->news == NULL &&
                           now_ms(m) - m->elected_ms >= ELECT_MS;
        if ((verdict || offer) && !m->ending) {
            mutex_unlock(&m->lock);
            if (verdict) {
                drop_member(m, id, incarnation);
            } else {
                elect(m);
            }
            m->elected_ms = now_ms(m);
            mutex_lock(&m->lock);
        }
        if (m->news == NULL && !m->ending) {
            wait_ms(m, verdict || offer ? ELECT_MS : patience_ms(m, now_ms(m)));
        }
    }
    mutex_unlock(&m->lock);
    return NULL;
}

/* --- life --------------------------------------------------------------------------------------
 */

/* Alone: registered, in charge, and told so before members_open returns. */
static bool
open_local(struct members *m, struct error *err)
{
    if (!register_self(m, err)) {
        return false;
    }
    uint64_t expected, version;
    char text[48];
    if (!control_get(m->config.control, "controller", NULL, &expected, err)) {
        return false;
    }
    const struct control_change change = controller_change(m, text, expected);
    if (!control_apply(m->config.control, &change, 1, &version, err)) {
        return false;
    }
    mutex_lock(&m->lock);
    struct entry *e = entry_get(m, m->self.id);
    e->member = m->self;
    e->version = m->self_version;
    m->controller_id = m->self.id;
    m->controller_incarnation = m->self.incarnation;
    m->controller_version = version;
    mutex_unlock(&m->lock);
    tell(m, MEMBER_JOINED, &m->self);
    tell(m, MEMBER_CONTROLLER, &m->self);
    return true;
}

static bool
open_cluster(struct members *m, struct error *err)
{
    struct control *c = m->config.control;
    if (m->has_self && !register_self(m, err)) {
        return false;
    }
    m->nodes_watch = control_watch(c, "node/", news_add, m, err);
    if (m->nodes_watch == NULL) {
        return false;
    }
    m->controller_watch = control_watch(c, "controller", news_add, m, err);
    if (m->controller_watch == NULL) {
        return false;
    }
    m->has_lease_thread =
        m->has_self && thread_start(&m->lease_thread, "member-lease", lease_main, m);
    m->has_main = (m->has_lease_thread || !m->has_self) &&
                  thread_start(&m->main_thread, "members", main_main, m);
    return m->has_main || error_set(err, ERROR_RESOURCE, "no thread for the members");
}

struct members *
members_open(const struct members_config *config, struct error *err)
{
    struct members *m = calloc(1, sizeof *m);
    if (m == NULL) {
        env_real.ops->fatal(&env_real, "out of memory for the members");
    }
    m->config = *config;
    m->has_self = config->self != NULL;
    if (m->has_self) {
        m->self = *config->self;
    }
    m->news_end = &m->news;
    pthread_mutex_init(&m->lock, NULL);
    cond_init(&m->changed);
    const struct hearing_limits limits = {.retry_ms = MEMBERS_RETRY_MS,
                                          .suspect_ms = MEMBERS_SUSPECT_MS,
                                          .fresh_ms = 4 * MEMBERS_PING_MS,
                                          .asleep_ms = 5 * IDLE_MS};
    hearing_init(&m->hearing, &limits);
    const bool ok = config->local ? open_local(m, err) : open_cluster(m, err);
    if (!ok) {
        members_close(m);
        return NULL;
    }
    return m;
}

void
members_close(struct members *m)
{
    mutex_lock(&m->lock);
    m->ending = true;
    for (struct ping *p = m->pings; p != NULL; p = p->next) {
        p->ending = true;
    }
    pthread_cond_broadcast(&m->changed);
    mutex_unlock(&m->lock);
    if (m->has_main) {
        pthread_join(m->main_thread, NULL);
    }
    if (m->has_lease_thread) {
        pthread_join(m->lease_thread, NULL);
    }
    control_watch_end(m->config.control, m->nodes_watch);
    control_watch_end(m->config.control, m->controller_watch);
    mutex_lock(&m->lock);
    pings_reap(m, true);
    mutex_unlock(&m->lock);
    if (m->registered) {
        struct error ignored = {0};
        control_lease_end(m->config.control, m->lease, &ignored);
        error_clear(&ignored);
    }
    while (m->news != NULL) {
        struct news *n = m->news;
        m->news = n->next;
        free(n->value);
        free(n);
    }
    pthread_cond_destroy(&m->changed);
    pthread_mutex_destroy(&m->lock);
    free(m);
}

uint64_t
members_incarnation(struct members *m)
{
    mutex_lock(&m->lock);
    const uint64_t incarnation = m->has_self && m->registered ? m->self.incarnation : 0;
    mutex_unlock(&m->lock);
    return incarnation;
}

size_t
members_list(struct members *m, struct member *out, size_t max)
{
    size_t count = 0;
    mutex_lock(&m->lock);
    for (size_t i = 0; i < m->count; i++) {
        if (m->entries[i].version != 0) {
            if (count < max) {
                out[count] = m->entries[i].member;
            }
            count++;
        }
    }
    mutex_unlock(&m->lock);
    return count;
}

bool
members_find(struct members *m, uint32_t id, struct member *out)
{
    bool found;
    mutex_lock(&m->lock);
    const size_t at = entry_at(m, id, &found);
    found = found && m->entries[at].version != 0;
    if (found) {
        *out = m->entries[at].member;
    }
    mutex_unlock(&m->lock);
    return found;
}

bool
members_controller(struct members *m, uint32_t *id, uint64_t *incarnation, uint64_t *version)
{
    mutex_lock(&m->lock);
    *id = m->controller_id;
    *incarnation = m->controller_incarnation;
    *version = m->controller_version;
    mutex_unlock(&m->lock);
    return *id != 0;
}

bool
members_is_controller(struct members *m, uint64_t *version)
{
    mutex_lock(&m->lock);
    const bool is = m->has_self && m->registered && m->controller_id == m->self.id &&
                    m->controller_incarnation == m->self.incarnation;
    *version = m->controller_version;
    mutex_unlock(&m->lock);
    return is;
}
