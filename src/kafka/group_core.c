/* Groups: rounds of joins and syncs, sessions, and who may commit. See group_core.h. */
#include "kafka/group_core.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/bug.h"
#include "kafka/errors.h"
#include "kafka/group_private.h"

void
group_core_init(struct group_core *c, const struct group_hooks *hooks, void *ctx)
{
    *c = (struct group_core){.hooks = *hooks, .ctx = ctx};
}

void
group_core_release(struct group_core *c)
{
    for (size_t i = 0; i < GROUP_BUCKETS; i++) {
        while (c->buckets[i] != NULL) {
            struct group *g = c->buckets[i];
            c->buckets[i] = g->next;
            group_free(g);
        }
    }
}

static void
join_refuse(struct group_core *c, void *token, int16_t error, const char *member_id)
{
    const struct group_join_answer answer = {.error = error, .member_id = member_id};
    c->hooks.join_answer(c->ctx, token, &answer);
}

static void
join_refuse_bytes(struct group_core *c, void *token, int16_t error, struct bytes member_id)
{
    char *text = NULL;
    group_text_set(&text, member_id);
    join_refuse(c, token, error, text != NULL ? text : "");
    free(text);
}

/* The settled generation as it is, to one member. */
static void
join_answer_current(struct group_core *c, struct group *g, struct group_member *m, void *token)
{
    const bool leads = g->leader != NULL && strcmp(g->leader, m->id) == 0;
    const struct group_join_answer answer = {.group = g,
                                             .member_id = m->id,
                                             .leader = g->leader != NULL ? g->leader : "",
                                             .with_members = leads};
    c->hooks.join_answer(c->ctx, token, &answer);
}

/* Answers what a member has parked, with an error. */
static void
member_unpark(struct group_core *c, struct group *g, struct group_member *m, int16_t error)
{
    void *join = m->join_token, *sync = m->sync_token;
    m->join_token = m->sync_token = NULL;
    if (join != NULL) {
        join_refuse(c, join, error, m->id);
    }
    if (sync != NULL) {
        c->hooks.sync_answer(c->ctx, sync, error, g, (struct bytes){0});
    }
}

void
group_remove(struct group_core *c, struct group *g)
{
    for (size_t i = 0; i < g->member_count; i++) {
        member_unpark(c, g, g->members[i], KE_UNKNOWN_MEMBER_ID);
    }
    group_unlink(c, g);
    group_free(g);
}

static int64_t
rebalance_ms_max(const struct group *g)
{
    int32_t most = 0;
    for (size_t i = 0; i < g->member_count; i++) {
        most = g->members[i]->rebalance_ms > most ? g->members[i]->rebalance_ms : most;
    }
    return most;
}

/* The protocol that all list and most prefer. */
static const char *
protocol_choose(const struct group *g)
{
    const struct group_member *first = g->members[0];
    const char *best = NULL;
    size_t best_votes = 0;
    for (size_t p = 0; p < first->protocol_count; p++) {
        const char *name = first->protocols[p].name;
        if (!group_all_list(g, bytes_of(name), NULL)) {
            continue;
        }
        size_t votes = 0;
        for (size_t i = 0; i < g->member_count; i++) {
            const struct group_member *m = g->members[i];
            size_t k = 0; /* its first protocol that all list is its vote */
            while (k < m->protocol_count &&
                   !group_all_list(g, bytes_of(m->protocols[k].name), NULL)) {
                k++;
            }
            votes += k < m->protocol_count && strcmp(m->protocols[k].name, name) == 0;
        }
        if (best == NULL || votes > best_votes) {
            best = name;
            best_votes = votes;
        }
    }
    return best;
}

/* All parked joins of the round get their answer; a new generation has begun. */
static void
round_complete(struct group_core *c, struct group *g, int64_t now_ms)
{
    assert(g->state == GROUP_PREPARING);
    for (size_t i = g->member_count; i-- > 0;) {
        if (g->members[i]->join_token == NULL && g->members[i]->instance_id == NULL) {
            group_member_drop(g, i);
        }
    }
    if (!BUG(BUG_GROUP_SAME_GENERATION)) {
        g->generation = g->generation == INT32_MAX ? 1 : g->generation + 1;
    }
    if (g->member_count == 0) {
        g->state = GROUP_EMPTY;
        group_text_set(&g->protocol, (struct bytes){0});
        group_text_set(&g->leader, (struct bytes){0});
        c->hooks.changed(c->ctx, g);
        return;
    }
    group_text_set(&g->protocol, bytes_of(protocol_choose(g)));
    if (g->leader == NULL ||
        (group_member_find(g, bytes_of(g->leader)) == NULL && !BUG(BUG_GROUP_LEADER_GONE))) {
        group_text_set(&g->leader, bytes_of(g->members[0]->id));
    }
    g->state = GROUP_COMPLETING;
    g->round_deadline_ms = now_ms + rebalance_ms_max(g);
    for (size_t i = 0; i < g->member_count; i++) {
        struct group_member *m = g->members[i];
        void *token = m->join_token;
        m->join_token = NULL;
        m->synced = false;
        m->deadline_ms = now_ms + m->session_ms;
        if (!BUG(BUG_GROUP_ASSIGNMENT_KEPT)) {
            group_member_assign(m, (struct bytes){0});
        }
        if (token != NULL) {
            join_answer_current(c, g, m, token);
        }
    }
}

static void
round_try(struct group_core *c, struct group *g, int64_t now_ms)
{
    if (g->state != GROUP_PREPARING || g->pending_count > 0 || now_ms < g->round_earliest_ms) {
        return;
    }
    for (size_t i = 0; i < g->member_count; i++) {
        if (g->members[i]->join_token == NULL) {
            return;
        }
    }
    round_complete(c, g, now_ms);
}

static void
round_begin(struct group_core *c, struct group *g, int64_t now_ms)
{
    if (g->state != GROUP_PREPARING) {
        const bool first = g->state == GROUP_EMPTY;
        g->state = GROUP_PREPARING;
        g->round_deadline_ms = now_ms + rebalance_ms_max(g);
        g->round_earliest_ms = first ? now_ms + c->initial_delay_ms : now_ms;
        for (size_t i = 0; i < g->member_count; i++) {
            struct group_member *m = g->members[i];
            void *sync = m->sync_token;
            m->sync_token = NULL;
            if (sync != NULL) {
                c->hooks.sync_answer(c->ctx, sync, KE_REBALANCE_IN_PROGRESS, g, (struct bytes){0});
            }
        }
    }
    round_try(c, g, now_ms);
}

static void
join_park(struct group_core *c, struct group *g, struct group_member *m,
          const struct group_join *in, void *token, int64_t now_ms)
{
    void *before = m->join_token;
    m->join_token = token;
    m->join_version = in->version;
    m->session_ms = in->session_ms;
    m->rebalance_ms = in->rebalance_ms;
    m->deadline_ms = now_ms + in->session_ms;
    if (before != NULL && !BUG(BUG_GROUP_TOKEN_FORGOTTEN)) {
        join_refuse(c, before, KE_REBALANCE_IN_PROGRESS, m->id);
    }
    round_begin(c, g, now_ms);
}

static void
join_add(struct group_core *c, struct group *g, struct bytes id, const struct group_join *in,
         void *token, int64_t now_ms)
{
    struct group_member *m = group_member_add(g, id, in->instance_id, in->client_id,
                                              in->client_host, in->session_ms, in->rebalance_ms);
    group_member_protocols_set(m, in->protocols, in->protocol_count);
    if (g->protocol_type == NULL || g->member_count == 1) {
        group_text_set(&g->protocol_type, in->protocol_type);
    }
    join_park(c, g, m, in, token, now_ms);
}

/* A static member came back without its id: it gets a new one and keeps its place. */
static void
join_replace_static(struct group_core *c, struct group *g, struct group_member *m,
                    const struct group_join *in, void *token, int64_t now_ms)
{
    char uuid[37], id[GROUP_TEXT_MAX + 40];
    c->hooks.new_id(c->ctx, uuid);
    snprintf(id, sizeof id, "%.*s-%s",
             (int)(in->instance_id.len < GROUP_TEXT_MAX ? in->instance_id.len : GROUP_TEXT_MAX),
             (const char *)in->instance_id.ptr, uuid);
    member_unpark(c, g, m, KE_FENCED_INSTANCE_ID);
    char *old_id = m->id;
    const bool led = g->leader != NULL && strcmp(g->leader, old_id) == 0;
    m->id = NULL;
    group_text_set(&m->id, bytes_of(id));
    if (led) {
        group_text_set(&g->leader, bytes_of(id));
    }
    const bool same = group_protocols_equal(m, in, g->protocol);
    group_member_protocols_set(m, in->protocols, in->protocol_count);
    if (g->state == GROUP_STABLE && same) {
        m->deadline_ms = now_ms + in->session_ms;
        /* Before version 9 a leader cannot be told to skip: it is told that another one leads. */
        const struct group_join_answer answer = {
            .group = g,
            .member_id = m->id,
            .leader = led && in->version < 9 ? old_id : g->leader,
            .skip_assignment = led && in->version >= 9,
            .with_members = led && in->version >= 9,
        };
        c->hooks.join_answer(c->ctx, token, &answer);
        c->hooks.changed(c->ctx, g);
    } else {
        join_park(c, g, m, in, token, now_ms);
    }
    free(old_id);
}

static void
join_new(struct group_core *c, struct group *g, const struct group_join *in, void *token,
         int64_t now_ms)
{
    struct group_member *same = group_static_find(g, in->instance_id);
    if (same != NULL) {
        join_replace_static(c, g, same, in, token, now_ms);
        return;
    }
    if (g->member_count + g->pending_count >= GROUP_MEMBERS_MAX) {
        join_refuse(c, token, KE_GROUP_MAX_SIZE_REACHED, "");
        return;
    }
    char uuid[37], id[GROUP_TEXT_MAX + 40];
    const struct bytes stem = in->instance_id.ptr != NULL ? in->instance_id : in->client_id;
    c->hooks.new_id(c->ctx, uuid);
    snprintf(id, sizeof id, "%.*s-%s", (int)(stem.len < GROUP_TEXT_MAX ? stem.len : GROUP_TEXT_MAX),
             stem.ptr != NULL ? (const char *)stem.ptr : "", uuid);
    if (in->version >= 4 && in->instance_id.ptr == NULL) {
        group_pending_add(g, id, now_ms + in->session_ms);
        join_refuse(c, token, KE_MEMBER_ID_REQUIRED, id);
        return;
    }
    join_add(c, g, bytes_of(id), in, token, now_ms);
}

static void
join_again(struct group_core *c, struct group *g, struct group_member *m,
           const struct group_join *in, void *token, int64_t now_ms)
{
    const bool same = group_protocols_equal(m, in, NULL);
    const bool leads = g->leader != NULL && strcmp(g->leader, m->id) == 0;
    if ((g->state == GROUP_COMPLETING && same) || (g->state == GROUP_STABLE && same && !leads)) {
        m->deadline_ms = now_ms + m->session_ms;
        join_answer_current(c, g, m, token); /* its last answer was lost */
        return;
    }
    group_member_protocols_set(m, in->protocols, in->protocol_count);
    join_park(c, g, m, in, token, now_ms);
}

static int16_t
join_check(const struct group_join *in)
{
    if (in->group.len == 0) {
        return KE_INVALID_GROUP_ID;
    }
    if (in->session_ms < 1 || in->session_ms > GROUP_SESSION_MS_MAX) {
        return KE_INVALID_SESSION_TIMEOUT;
    }
    return in->protocol_type.len == 0 || in->protocol_count == 0 ? KE_INCONSISTENT_GROUP_PROTOCOL
                                                                 : KE_NONE;
}

/* Whether the group could still agree on something with this member in it. */
static bool
join_fits(const struct group *g, const struct group_join *in, const struct group_member *self)
{
    if (g->member_count == 0 || (g->member_count == 1 && g->members[0] == self)) {
        return true;
    }
    if (!bytes_is(in->protocol_type, g->protocol_type)) {
        return false;
    }
    for (size_t i = 0; i < in->protocol_count; i++) {
        if (group_all_list(g, in->protocols[i].name, self)) {
            return true;
        }
    }
    return false;
}

void
group_core_join(struct group_core *c, const struct group_join *in, void *token, int64_t now_ms)
{
    const int16_t error = join_check(in);
    if (error != KE_NONE) {
        join_refuse_bytes(c, token, error, in->member_id);
        return;
    }
    struct group *g = group_get(c, in->group);
    struct group_member *m = group_member_find(g, in->member_id);
    struct group_member *same = group_static_find(g, in->instance_id);
    if (!join_fits(g, in, m != NULL ? m : same)) {
        join_refuse_bytes(c, token, KE_INCONSISTENT_GROUP_PROTOCOL, in->member_id);
    } else if (in->member_id.len == 0) {
        join_new(c, g, in, token, now_ms);
    } else if (in->instance_id.ptr != NULL && same != m && same != NULL) {
        join_refuse_bytes(c, token, KE_FENCED_INSTANCE_ID, in->member_id);
    } else if (m != NULL) {
        join_again(c, g, m, in, token, now_ms);
    } else if (group_pending_take(g, in->member_id)) {
        join_add(c, g, in->member_id, in, token, now_ms);
    } else {
        join_refuse_bytes(c, token, KE_UNKNOWN_MEMBER_ID, in->member_id);
    }
}

/* The member that a request speaks for, or why not. */
static int16_t
member_check(struct group_core *c, struct bytes group, struct bytes member_id,
             struct bytes instance_id, int32_t generation, struct group **g,
             struct group_member **m)
{
    *g = group_find(c, group);
    *m = *g != NULL ? group_member_find(*g, member_id) : NULL;
    if (group.len == 0) {
        return KE_INVALID_GROUP_ID;
    }
    if (*g != NULL && instance_id.ptr != NULL) {
        struct group_member *holder = group_static_find(*g, instance_id);
        if (holder != NULL && holder != *m) {
            return KE_FENCED_INSTANCE_ID;
        }
    }
    if (*m == NULL) {
        return KE_UNKNOWN_MEMBER_ID;
    }
    return generation != (*g)->generation && !BUG(BUG_GROUP_ANY_GENERATION) ? KE_ILLEGAL_GENERATION
                                                                            : KE_NONE;
}

static void
sync_settle(struct group_core *c, struct group *g, const struct group_sync *in, int64_t now_ms)
{
    for (size_t i = 0; i < in->assignment_count; i++) {
        struct group_member *m = group_member_find(g, in->assignments[i].member_id);
        if (m != NULL) {
            group_member_assign(m, in->assignments[i].assignment);
        }
    }
    g->state = GROUP_STABLE;
    c->hooks.changed(c->ctx, g);
    for (size_t i = 0; i < g->member_count; i++) {
        struct group_member *m = g->members[i];
        void *token = m->sync_token;
        m->sync_token = NULL;
        m->deadline_ms = now_ms + m->session_ms;
        if (token != NULL) {
            c->hooks.sync_answer(c->ctx, token, KE_NONE, g,
                                 (struct bytes){m->assignment, m->assignment_len});
        }
    }
}

void
group_core_sync(struct group_core *c, const struct group_sync *in, void *token, int64_t now_ms)
{
    struct group *g;
    struct group_member *m;
    int16_t error =
        member_check(c, in->group, in->member_id, in->instance_id, in->generation, &g, &m);
    if (error == KE_NONE && ((in->protocol_type.ptr != NULL && g->protocol_type != NULL &&
                              !bytes_is(in->protocol_type, g->protocol_type)) ||
                             (in->protocol.ptr != NULL && g->protocol != NULL &&
                              !bytes_is(in->protocol, g->protocol)))) {
        error = KE_INCONSISTENT_GROUP_PROTOCOL;
    }
    if (error == KE_NONE && g->state == GROUP_PREPARING) {
        error = KE_REBALANCE_IN_PROGRESS;
    }
    if (error != KE_NONE) {
        c->hooks.sync_answer(c->ctx, token, error, g, (struct bytes){0});
        return;
    }
    m->deadline_ms = now_ms + m->session_ms;
    m->synced = true;
    if (g->state == GROUP_STABLE) {
        c->hooks.sync_answer(c->ctx, token, KE_NONE, g,
                             (struct bytes){m->assignment, m->assignment_len});
        return;
    }
    void *before = m->sync_token;
    m->sync_token = token;
    if (before != NULL) {
        c->hooks.sync_answer(c->ctx, before, KE_REBALANCE_IN_PROGRESS, g, (struct bytes){0});
    }
    if (strcmp(g->leader, m->id) == 0 || BUG(BUG_GROUP_SYNC_BY_ANYBODY)) {
        sync_settle(c, g, in, now_ms);
    }
}

void
group_core_resign(struct group_core *c)
{
    for (size_t i = 0; i < GROUP_BUCKETS; i++) {
        for (struct group *g = c->buckets[i]; g != NULL; g = g->next) {
            for (size_t k = 0; k < g->member_count; k++) {
                member_unpark(c, g, g->members[k], KE_NOT_COORDINATOR);
            }
        }
    }
    group_core_release(c);
    c->count = 0;
}

void
group_core_forget_token(struct group_core *c, struct bytes group, const void *token)
{
    struct group *g = group_find(c, group);
    for (size_t i = 0; g != NULL && i < g->member_count; i++) {
        struct group_member *m = g->members[i];
        m->join_token = m->join_token == token ? NULL : m->join_token;
        m->sync_token = m->sync_token == token ? NULL : m->sync_token;
    }
}

int16_t
group_core_heartbeat(struct group_core *c, struct bytes group, struct bytes member_id,
                     struct bytes instance_id, int32_t generation, int64_t now_ms)
{
    struct group *g;
    struct group_member *m;
    const int16_t error = member_check(c, group, member_id, instance_id, generation, &g, &m);
    if (error != KE_NONE) {
        return error;
    }
    m->deadline_ms = now_ms + m->session_ms;
    return g->state == GROUP_PREPARING ? KE_REBALANCE_IN_PROGRESS : KE_NONE;
}

/* Member i goes; the others find out by their next heartbeat. */
static void
member_remove(struct group_core *c, struct group *g, size_t i, int64_t now_ms)
{
    member_unpark(c, g, g->members[i], KE_UNKNOWN_MEMBER_ID);
    group_member_drop(g, i);
    if (g->state == GROUP_STABLE || g->state == GROUP_COMPLETING) {
        round_begin(c, g, now_ms);
    } else {
        round_try(c, g, now_ms);
    }
}

int16_t
group_core_leave(struct group_core *c, struct bytes group, struct bytes member_id,
                 struct bytes instance_id, int64_t now_ms)
{
    struct group *g = group_find(c, group);
    if (group.len == 0) {
        return KE_INVALID_GROUP_ID;
    }
    if (g == NULL) {
        return KE_UNKNOWN_MEMBER_ID;
    }
    if (group_pending_take(g, member_id)) {
        round_try(c, g, now_ms);
        return KE_NONE;
    }
    struct group_member *m = instance_id.ptr != NULL ? group_static_find(g, instance_id)
                                                     : group_member_find(g, member_id);
    if (m == NULL) {
        return KE_UNKNOWN_MEMBER_ID;
    }
    if (instance_id.ptr != NULL && member_id.len > 0 && !bytes_is(member_id, m->id)) {
        return KE_FENCED_INSTANCE_ID;
    }
    size_t i = 0;
    while (g->members[i] != m) {
        i++;
    }
    member_remove(c, g, i, now_ms);
    return KE_NONE;
}

int16_t
group_core_commit_check(struct group_core *c, struct bytes group, struct bytes member_id,
                        struct bytes instance_id, int32_t generation, int64_t now_ms)
{
    struct group *g = group_find(c, group);
    if (group.len == 0) {
        return KE_INVALID_GROUP_ID;
    }
    if (generation < 0 && (g == NULL || g->member_count == 0)) {
        return KE_NONE; /* kept by a consumer without a group, or set by an administrator */
    }
    struct group_member *m;
    const int16_t error = member_check(c, group, member_id, instance_id, generation, &g, &m);
    if (error != KE_NONE) {
        return error == KE_UNKNOWN_MEMBER_ID && g == NULL ? KE_ILLEGAL_GENERATION : error;
    }
    m->deadline_ms = now_ms + m->session_ms;
    return g->state == GROUP_COMPLETING && !BUG(BUG_GROUP_COMMIT_IN_ROUND)
               ? KE_REBALANCE_IN_PROGRESS
               : KE_NONE;
}

static void
group_tick(struct group_core *c, struct group *g, int64_t now_ms)
{
    for (size_t i = g->pending_count; i-- > 0;) {
        if (g->pending[i].deadline_ms <= now_ms) {
            group_pending_drop(g, i);
            round_try(c, g, now_ms);
        }
    }
    /* A parked member is alive: it is we who let it wait. */
    for (size_t i = g->member_count; i-- > 0;) {
        if (i < g->member_count && g->members[i]->deadline_ms <= now_ms &&
            ((g->members[i]->join_token == NULL && g->members[i]->sync_token == NULL) ||
             BUG(BUG_GROUP_PARKED_EXPIRES))) {
            member_remove(c, g, i, now_ms);
        }
    }
    if (g->state == GROUP_PREPARING && g->round_deadline_ms <= now_ms &&
        !BUG(BUG_GROUP_ROUND_FOREVER)) {
        round_complete(c, g, now_ms);
    } else if (g->state == GROUP_COMPLETING && g->round_deadline_ms <= now_ms) {
        for (size_t i = g->member_count; i-- > 0;) {
            if (!g->members[i]->synced) {
                group_member_drop(g, i);
            }
        }
        round_begin(c, g, now_ms);
    } else {
        round_try(c, g, now_ms);
    }
}

static int64_t
group_next_deadline(const struct group *g, int64_t now_ms)
{
    int64_t next = INT64_MAX;
    if (g->state == GROUP_PREPARING || g->state == GROUP_COMPLETING) {
        next = g->round_deadline_ms;
        if (g->state == GROUP_PREPARING && g->round_earliest_ms > now_ms &&
            g->round_earliest_ms < next) {
            next = g->round_earliest_ms;
        }
    }
    for (size_t i = 0; i < g->pending_count; i++) {
        next = g->pending[i].deadline_ms < next ? g->pending[i].deadline_ms : next;
    }
    for (size_t i = 0; i < g->member_count; i++) {
        const struct group_member *m = g->members[i];
        if (m->join_token == NULL && m->sync_token == NULL && m->deadline_ms < next) {
            next = m->deadline_ms;
        }
    }
    return next;
}

int64_t
group_core_tick(struct group_core *c, int64_t now_ms)
{
    int64_t next = INT64_MAX;
    for (size_t i = 0; i < GROUP_BUCKETS; i++) {
        struct group *after;
        for (struct group *g = c->buckets[i]; g != NULL; g = after) {
            after = g->next;
            group_tick(c, g, now_ms);
            if (g->member_count == 0 && g->pending_count == 0 && g->offset_count == 0 &&
                g->state == GROUP_EMPTY) {
                group_unlink(c, g); /* nothing is left to know of it */
                group_free(g);
                continue;
            }
            const int64_t deadline = group_next_deadline(g, now_ms);
            next = deadline < next ? deadline : next;
        }
    }
    return next;
}
