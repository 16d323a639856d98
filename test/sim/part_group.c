/*
 * Consumer groups: kafka/group_core.c in a coordinator on node 1 that dies and loads what it kept
 * (kafka/group_store.c), and consumers that join, sync, beat, commit, crash and come back, some as
 * static members.
 *
 * The coordinator tells assignments and answers commits when they are durable: a generation that
 * was told and then lost would be given again, and who slept through it would pass for a member.
 * Checked: K8 one owner of a partition in a generation, and a commit is taken from the owner in the
 * current generation only; M5 generations only grow in a life; R1 each request is answered once; an
 * acknowledged commit outlives the coordinator; at the end every consumer is a member of the same
 * generation and each partition has an owner.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kafka/errors.h"
#include "kafka/group_core.h"
#include "kafka/group_store.h"
#include "world.h"

enum {
    CONSUMERS_MAX = 5,
    SHARDS = 6, /* partitions of the topic */
    GENERATIONS_MAX = 4096 /* of claims, in turns */,
    RECORDS_MAX = 8192,
    COORDINATOR = 1,
    CONSUMER = ENDPOINT_CLIENT + 8,
    KIND_JOIN = 1,
    KIND_SYNC,
    KIND_BEAT,
    KIND_COMMIT,
    KIND_LEAVE,
    KIND_GONE,
    KIND_ANSWER = 16, /* and the kind of what is answered */
    HELD_MAX = 64,
    IDS_MAX = 4096,
    ID_BYTES = 24,
};

enum consumer_state { CONSUMER_DOWN, CONSUMER_JOINING, CONSUMER_SYNCING, CONSUMER_STABLE };

struct consumer {
    enum consumer_state state;
    uint32_t life;   /* of its process */
    uint32_t number; /* of its last request; an answer to an older one is late */
    char id[ID_BYTES];
    bool is_static, out;
    int32_t generation;
    uint8_t owns, owned_before; /* bits */
    bool leads;
    char members[CONSUMERS_MAX * 2][ID_BYTES];
    uint32_t member_count;
    int64_t committed_at, position[SHARDS];
};

struct token {
    uint32_t consumer, number, life;
    uint8_t kind;
    bool answered;
};

struct request { /* on the wire */
    uint32_t consumer, number;
    int32_t generation;
    uint32_t shard;
    int64_t offset;
    char id[ID_BYTES];
    uint32_t assignment_count;
    uint32_t early; /* sent before the assignment was known */
    struct {
        char id[ID_BYTES];
        uint8_t owns[8];
    } assignments[CONSUMERS_MAX * 2];
};

struct answer {
    uint32_t consumer, number;
    int16_t error, leads;
    int32_t generation;
    uint32_t owns, member_count;
    char id[ID_BYTES];
    char members[CONSUMERS_MAX * 2][ID_BYTES];
};

struct record { /* kept on the coordinator's disk */
    struct group_record bytes;
};

struct commit { /* waits for its flush */
    struct world *w;
    struct request in;
    uint32_t record;
};

struct held { /* an answer that waits until its generation is durable */
    struct answer answer;
    uint32_t records;
};

struct state {
    uint32_t part, consumer_count, ids;
    struct group_core core;
    bool up;
    struct record records[RECORDS_MAX];
    uint32_t record_count, durable;
    bool flushing;
    struct commit commits[64];
    uint32_t commit_count;
    struct held held[HELD_MAX];
    uint32_t held_count, settled; /* records up to the newest settled generation */
    int32_t session_ms, rebalance_ms, delay_ms;
    int64_t beat;
    struct consumer consumers[CONSUMERS_MAX];
    uint8_t claims[GENERATIONS_MAX][SHARDS]; /* consumer + 1 */
    int32_t generation_seen;
    bool ticking;
    uint32_t asking;                    /* consumer whose request is being handled */
    uint8_t consumer_of[IDS_MAX];       /* by the number in a member's id */
    struct token *joins[CONSUMERS_MAX]; /* the last one of each, in this life */
    int64_t dull_until[CONSUMERS_MAX];  /* busy: does not heed a rebalance */
    int64_t acked[SHARDS];              /* the newest acknowledged commit's record + 1 */
    int64_t acked_offset[SHARDS];
    uint64_t tick_number;
};

static struct world *group_world; /* the hooks get the state only */

static struct state *
state_of(struct world *w)
{
    for (uint32_t i = 0; i < w->part_count; i++) {
        if (w->parts[i] == &part_group) {
            return w->states[i];
        }
    }
    abort();
}

static const struct bytes group_name = {(const uint8_t *)"g", 1};
static const struct bytes topic_name = {(const uint8_t *)"t", 1};

static void
send_answer(struct world *w, struct state *s, uint8_t kind, const struct answer *a)
{
    world_send(w, (uint8_t)s->part, KIND_ANSWER + kind, COORDINATOR, CONSUMER + a->consumer, a,
               (uint32_t)offsetof(struct answer, members) + a->member_count * ID_BYTES);
}

/* --- the coordinator's disk ------------------------------------------------------------------ */

static void flush_begin(struct world *w, struct state *s);

static void
commit_done(struct world *w, struct state *s, const struct commit *c)
{
    const struct group_offset value = {.offset = c->in.offset};
    struct group *g = group_find(&s->core, group_name);
    if (g == NULL) {
        g = group_get(&s->core, group_name);
    }
    group_offset_set(g, topic_name, (int32_t)c->in.shard, &value);
    if ((int64_t)c->record + 1 > s->acked[c->in.shard]) {
        s->acked[c->in.shard] = c->record + 1;
        s->acked_offset[c->in.shard] = c->in.offset;
    }
    struct answer a;
    memset(&a, 0, sizeof a);
    a.consumer = c->in.consumer;
    a.number = c->in.number;
    send_answer(w, s, KIND_COMMIT, &a);
}

static void
flush_done(struct world *w, void *ctx, uint64_t to)
{
    struct state *s = state_of(w);
    s->flushing = false;
    s->durable = (uint32_t)to;
    for (uint32_t i = 0; i < s->commit_count;) {
        if (s->commits[i].record < s->durable) {
            const struct commit c = s->commits[i];
            memmove(s->commits + i, s->commits + i + 1,
                    (--s->commit_count - i) * sizeof *s->commits);
            commit_done(w, s, &c);
        } else {
            i++;
        }
    }
    uint32_t left = 0;
    for (uint32_t i = 0; i < s->held_count; i++) {
        if (s->held[i].records <= s->durable) {
            send_answer(w, s, KIND_SYNC, &s->held[i].answer);
        } else {
            s->held[left++] = s->held[i];
        }
    }
    s->held_count = left;
    flush_begin(w, s);
}

static void
flush_begin(struct world *w, struct state *s)
{
    if (!s->flushing && s->durable < s->record_count) {
        s->flushing = true;
        world_after(w, COORDINATOR, world_flush_time(w, COORDINATOR), flush_done, NULL,
                    s->record_count);
    }
}

static uint32_t
record_add(struct world *w, struct state *s, const struct group_record *r)
{
    if (s->record_count == RECORDS_MAX) {
        world_fail(w, "R2", "more than %d records", RECORDS_MAX);
        return 0;
    }
    s->records[s->record_count].bytes = *r;
    flush_begin(w, s);
    s->record_count++;
    flush_begin(w, s);
    return s->record_count - 1;
}

/* --- hooks ----------------------------------------------------------------------------------- */

static bool
token_take(struct world *w, struct state *s, struct token *t)
{
    if (t->answered) {
        world_fail(w, "R1", "request %u of consumer %u is answered twice", t->number, t->consumer);
        return false;
    }
    t->answered = true;
    return true;
}

static void
hook_join(void *ctx, void *token, const struct group_join_answer *in)
{
    struct state *s = ctx;
    struct world *w = group_world;
    const struct token *t = token;
    struct answer a;
    memset(&a, 0, sizeof a);
    if (!token_take(w, s, token)) {
        return;
    }
    if (s->ticking && in->error == KE_UNKNOWN_MEMBER_ID) {
        world_fail(w, "LIVE", "consumer %u waits for a round and is taken for dead", t->consumer);
    }
    a.consumer = t->consumer;
    a.number = t->number;
    a.error = in->error;
    snprintf(a.id, sizeof a.id, "%s", in->member_id);
    if (in->group != NULL) {
        a.generation = in->group->generation;
        a.leads = in->with_members && !in->skip_assignment;
        if (in->with_members && strcmp(in->leader, in->member_id) != 0) {
            world_fail(w, "K8", "%s is told the members and does not lead", in->member_id);
        }
        for (size_t i = 0; in->with_members && i < in->group->member_count; i++) {
            if (a.member_count == CONSUMERS_MAX * 2) {
                break;
            }
            snprintf(a.members[a.member_count++], ID_BYTES, "%s", in->group->members[i]->id);
        }
    }
    send_answer(w, s, KIND_JOIN, &a);
}

static void
hook_sync(void *ctx, void *token, int16_t error, const struct group *g, struct bytes assignment)
{
    struct state *s = ctx;
    const struct token *t = token;
    struct answer a;
    memset(&a, 0, sizeof a);
    if (!token_take(group_world, s, token)) {
        return;
    }
    a.consumer = t->consumer;
    a.number = t->number;
    a.error = error;
    a.generation = g != NULL ? g->generation : -1;
    a.owns = assignment.len > 0 ? assignment.ptr[0] : 0;
    if (error == KE_NONE && s->settled > s->durable && s->held_count < HELD_MAX) {
        s->held[s->held_count++] = (struct held){a, s->settled};
    } else {
        send_answer(group_world, s, KIND_SYNC, &a);
    }
}

/* What is settled is the truth about its generation. */
static void
claims_set(struct world *w, struct state *s, const struct group *g)
{
    uint8_t *claims = s->claims[g->generation % GENERATIONS_MAX];
    memset(claims, 0, SHARDS);
    for (size_t i = 0; i < g->member_count; i++) {
        const struct group_member *m = g->members[i];
        const uint32_t consumer = s->consumer_of[atoi(strrchr(m->id, 'm') + 1)];
        for (uint32_t shard = 0; m->assignment_len > 0 && shard < SHARDS; shard++) {
            if ((m->assignment[0] >> shard & 1) == 0) {
                continue;
            }
            if (claims[shard] != 0) {
                world_fail(w, "K8", "generation %d: consumers %d and %u both own shard %u",
                           g->generation, claims[shard] - 1, consumer, shard);
            }
            claims[shard] = (uint8_t)(consumer + 1);
        }
    }
}

static void
hook_changed(void *ctx, const struct group *g)
{
    struct state *s = ctx;
    struct group_record r;
    TRACE(group_world, "generation %d is settled with %u members", g->generation,
          (unsigned)g->member_count);
    if (g->generation < s->generation_seen) {
        world_fail(group_world, "M5", "generation %d after %d", g->generation, s->generation_seen);
    }
    s->generation_seen = g->generation;
    claims_set(group_world, s, g);
    group_record_group(&r, g, false, world_node_ms(group_world, COORDINATOR));
    s->settled = record_add(group_world, s, &r) + 1;
}

static void
hook_id(void *ctx, char out[37])
{
    struct state *s = ctx;
    s->ids = (s->ids + 1) % IDS_MAX;
    s->consumer_of[s->ids] = (uint8_t)s->asking;
    snprintf(out, 37, "m%u", s->ids);
}

/* --- the coordinator ------------------------------------------------------------------------- */

static void
tick(struct world *w, void *ctx, uint64_t number)
{
    struct state *s = state_of(w);
    group_world = w;
    if (number == s->tick_number) {
        const int64_t now = world_node_ms(w, COORDINATOR);
        s->ticking = true;
        const int64_t next = group_core_tick(&s->core, now);
        s->ticking = false;
        const struct group *g = group_find(&s->core, group_name);
        if (g == NULL) {
            s->generation_seen = 0; /* nothing was left to know of it: the next one begins anew */
        } else if (g->state == GROUP_PREPARING && g->round_deadline_ms + 20 < now) {
            world_fail(w, "LIVE", "a round goes on after its time");
        }
        const int64_t delay = next == INT64_MAX || next > now + 500 ? 500
                              : next > now                          ? next - now
                                                                    : 1;
        world_after(w, COORDINATOR, delay * MS, tick, NULL, ++s->tick_number);
    }
}

static void
offsets_check(struct world *w, struct state *s)
{
    struct group *g = group_find(&s->core, group_name);
    for (uint32_t i = 0; i < SHARDS; i++) {
        const struct group_offset *o =
            g != NULL ? group_offset_find(g, topic_name, (int32_t)i) : NULL;
        if (s->acked[i] > s->durable || (s->acked[i] > 0 && o == NULL)) {
            world_fail(w, "K3", "the commit of offset %d of shard %u was acknowledged and is gone",
                       (int)s->acked_offset[i], i);
        }
    }
}

static void
group_node_up(struct world *w, uint32_t node)
{
    static const struct group_hooks hooks = {hook_join, hook_sync, hook_changed, hook_id};
    struct state *s = state_of(w);
    if (node != COORDINATOR) {
        return;
    }
    group_world = w;
    group_core_init(&s->core, &hooks, s);
    s->core.initial_delay_ms = s->delay_ms;
    s->up = true;
    s->generation_seen = 0;
    memset(s->joins, 0, sizeof s->joins);
    const int64_t now = world_node_ms(w, COORDINATOR);
    for (uint32_t i = 0; i < s->record_count; i++) {
        const struct group_record *r = &s->records[i].bytes;
        if (!group_record_apply(&s->core, (struct bytes){r->key.ptr, r->key.len},
                                (struct bytes){r->tombstone ? NULL : r->value.ptr, r->value.len},
                                now)) {
            world_fail(w, "FORM", "a record of the groups' log cannot be read");
        }
    }
    offsets_check(w, s);
    s->tick_number++;
    tick(w, NULL, s->tick_number);
}

static void
records_cut(struct state *s, uint32_t count)
{
    while (s->record_count > count) {
        group_record_release(&s->records[--s->record_count].bytes);
    }
}

static void
group_node_down(struct world *w, uint32_t node, enum down_kind how)
{
    struct state *s = state_of(w);
    if (node != COORDINATOR) {
        return;
    }
    if (s->up) {
        group_core_release(&s->core);
    }
    s->up = false;
    s->flushing = false;
    s->commit_count = s->held_count = s->settled = 0;
    if (how != DOWN_KILL) {
        records_cut(s, (uint32_t)rng_between(&w->fate, s->durable, s->record_count));
    }
    s->durable = s->record_count;
}

static struct bytes
instance_of(const struct state *s, uint32_t consumer)
{
    static const char names[CONSUMERS_MAX][4] = {"i0", "i1", "i2", "i3", "i4"};
    return s->consumers[consumer].is_static ? bytes_of(names[consumer]) : (struct bytes){0};
}

static void
on_join(struct world *w, struct state *s, const struct request *in, struct token *t)
{
    const struct group_protocol_view protocol = {bytes_of("range"), bytes_of("x")};
    const struct group_join join = {.group = group_name,
                                    .member_id = bytes_of(in->id),
                                    .instance_id = instance_of(s, in->consumer),
                                    .protocol_type = bytes_of("consumer"),
                                    .client_id = bytes_of("c"),
                                    .client_host = "h",
                                    .session_ms = s->session_ms,
                                    .rebalance_ms = s->rebalance_ms,
                                    .protocols = &protocol,
                                    .protocol_count = 1,
                                    .version = 9};
    group_core_join(&s->core, &join, t, world_node_ms(w, COORDINATOR));
}

/* A request that has no answer yet must be parked somewhere. */
static void
token_check(struct world *w, struct state *s, const struct token *t)
{
    const struct group *g = group_find(&s->core, group_name);
    bool parked = t == NULL || t->answered;
    for (size_t i = 0; !parked && g != NULL && i < g->member_count; i++) {
        parked = g->members[i]->join_token == t || g->members[i]->sync_token == t;
    }
    if (!parked) {
        world_fail(w, "R1", "request %u of consumer %u was forgotten", t->number, t->consumer);
    }
}

static void
on_sync(struct world *w, struct state *s, const struct request *in, struct token *t)
{
    struct group_assignment_view views[CONSUMERS_MAX * 2];
    for (uint32_t i = 0; i < in->assignment_count; i++) {
        views[i].member_id = bytes_of(in->assignments[i].id);
        views[i].assignment = (struct bytes){in->assignments[i].owns, 1};
    }
    const struct group_sync sync = {.group = group_name,
                                    .member_id = bytes_of(in->id),
                                    .instance_id = instance_of(s, in->consumer),
                                    .generation = in->generation,
                                    .assignments = views,
                                    .assignment_count = in->assignment_count};
    group_core_sync(&s->core, &sync, t, world_node_ms(w, COORDINATOR));
}

static void
on_commit(struct world *w, struct state *s, const struct request *in, int16_t error)
{
    if (error != KE_NONE || s->commit_count == 64) {
        struct answer a;
        memset(&a, 0, sizeof a);
        a.consumer = in->consumer;
        a.number = in->number;
        a.error = error != KE_NONE ? error : KE_COORDINATOR_LOAD_IN_PROGRESS;
        send_answer(w, s, KIND_COMMIT, &a);
        return;
    }
    const struct group *g = group_find(&s->core, group_name);
    const int32_t now = g != NULL ? g->generation : -1;
    if (g != NULL && g->state == GROUP_COMPLETING) {
        world_fail(w, "K8", "a commit is taken while generation %d has no owners yet", now);
    }
    if (in->early) {
        return; /* its owner may be another one by now, which the coordinator cannot see */
    }
    if (in->generation != now) {
        world_fail(w, "K8", "a commit of generation %d is taken in generation %d", in->generation,
                   now);
    } else if (s->claims[now % GENERATIONS_MAX][in->shard] != in->consumer + 1) {
        world_fail(w, "K8",
                   "consumer %u commits for shard %u, which is consumer %d's in generation %d",
                   in->consumer, in->shard, s->claims[now % GENERATIONS_MAX][in->shard] - 1, now);
    }
    const struct group_offset value = {.offset = in->offset};
    struct group_record r;
    group_record_offset(&r, group_name, topic_name, (int32_t)in->shard, &value);
    struct commit *c = &s->commits[s->commit_count++];
    c->in = *in;
    c->record = record_add(w, s, &r);
}

static void
coordinate(struct world *w, struct state *s, const struct message *m)
{
    struct request in;
    memset(&in, 0, sizeof in);
    memcpy(&in, m->data, m->len);
    const int64_t now = world_node_ms(w, COORDINATOR);
    const struct bytes id = bytes_of(in.id), instance = instance_of(s, in.consumer);
    struct token *t = world_alloc(w, sizeof *t);
    *t = (struct token){.consumer = in.consumer, .number = in.number, .kind = m->kind};
    struct answer a;
    memset(&a, 0, sizeof a);
    a.consumer = in.consumer;
    a.number = in.number;
    group_world = w;
    switch (m->kind) {
    case KIND_JOIN:
        s->asking = in.consumer;
        on_join(w, s, &in, t);
        token_check(w, s, s->joins[in.consumer]);
        s->joins[in.consumer] = t;
        break;
    case KIND_SYNC:
        on_sync(w, s, &in, t);
        break;
    case KIND_BEAT:
        a.error = group_core_heartbeat(&s->core, group_name, id, instance, in.generation, now);
        send_answer(w, s, KIND_BEAT, &a);
        break;
    case KIND_COMMIT:
        on_commit(w, s, &in,
                  group_core_commit_check(&s->core, group_name, id, instance, in.generation, now));
        break;
    default:
        group_core_leave(&s->core, group_name, id, instance, now);
        break;
    }
    tick(w, NULL, ++s->tick_number);
}

/* --- consumers ------------------------------------------------------------------------------- */

static void consumer_send(struct world *w, struct state *s, uint32_t i, uint8_t kind,
                          struct request *in);

static void
join_send(struct world *w, struct state *s, uint32_t i)
{
    struct consumer *c = &s->consumers[i];
    struct request in;
    memset(&in, 0, sizeof in);
    c->state = CONSUMER_JOINING;
    c->owned_before = c->owns != 0 ? c->owns : c->owned_before;
    c->owns = 0;
    consumer_send(w, s, i, KIND_JOIN, &in);
}

/* A consumer that commits what it had done when it hears of the new generation. */
static void
early_commit(struct world *w, struct state *s, uint32_t i)
{
    const struct consumer *c = &s->consumers[i];
    struct request in;
    memset(&in, 0, sizeof in);
    in.consumer = i;
    in.generation = c->generation;
    in.early = 1;
    in.shard = (uint32_t)__builtin_ctz(c->owned_before);
    in.offset = c->position[in.shard];
    memcpy(in.id, c->id, ID_BYTES);
    world_send(w, (uint8_t)s->part, KIND_COMMIT, CONSUMER + i, COORDINATOR, &in,
               (uint32_t)offsetof(struct request, assignments));
}

static void
sync_send(struct world *w, struct state *s, uint32_t i)
{
    struct consumer *c = &s->consumers[i];
    struct request in;
    memset(&in, 0, sizeof in);
    c->state = CONSUMER_SYNCING;
    /* Who gets nothing may be left out of the list. */
    const uint32_t first = c->member_count > 1 && rng_chance(&w->work, 200000) ? 1 : 0;
    for (uint32_t k = first; c->leads && k < c->member_count; k++) {
        const uint32_t at = in.assignment_count++;
        memcpy(in.assignments[at].id, c->members[k], ID_BYTES);
        for (uint32_t shard = k - first; shard < SHARDS; shard += c->member_count - first) {
            in.assignments[at].owns[0] |= (uint8_t)(1u << shard);
        }
    }
    if (c->owned_before != 0 && rng_chance(&w->work, 100000)) {
        early_commit(w, s, i);
    }
    consumer_send(w, s, i, KIND_SYNC, &in);
}

static void
resend(struct world *w, void *ctx, uint64_t a)
{
    struct state *s = state_of(w);
    const uint32_t i = a & 15;
    struct consumer *c = &s->consumers[i];
    if (c->number != (uint32_t)(a >> 8) || !c->out) {
        return;
    }
    c->out = false;
    if (c->state == CONSUMER_JOINING) {
        join_send(w, s, i);
    } else if (c->state == CONSUMER_SYNCING) {
        sync_send(w, s, i);
    }
}

static void
consumer_send(struct world *w, struct state *s, uint32_t i, uint8_t kind, struct request *in)
{
    struct consumer *c = &s->consumers[i];
    in->consumer = i;
    in->number = ++c->number;
    in->generation = c->generation;
    memcpy(in->id, c->id, ID_BYTES);
    c->out = true;
    const uint32_t len = (uint32_t)offsetof(struct request, assignments) +
                         in->assignment_count * (uint32_t)sizeof in->assignments[0];
    world_send(w, (uint8_t)s->part, kind, CONSUMER + i, COORDINATOR, in, len);
    const int64_t patience = kind == KIND_JOIN ? (s->rebalance_ms + 300) * MS : 200 * MS;
    world_at(w, w->now + patience, 0, resend, NULL, i | (uint64_t)c->number << 8);
}

static void
beat(struct world *w, void *ctx, uint64_t a)
{
    struct state *s = state_of(w);
    const uint32_t i = a & 15;
    struct consumer *c = &s->consumers[i];
    if (c->life != (uint32_t)(a >> 8)) {
        return;
    }
    if (c->state == CONSUMER_STABLE) {
        struct request in;
        memset(&in, 0, sizeof in);
        uint32_t shard = (uint32_t)rng_below(&w->work, SHARDS);
        if ((c->owns >> shard & 1) != 0 && rng_chance(&w->work, 600000)) {
            in.shard = shard;
            in.offset = ++c->position[shard];
            consumer_send(w, s, i, KIND_COMMIT, &in);
        } else {
            consumer_send(w, s, i, KIND_BEAT, &in);
        }
    }
    world_at(w, w->now + s->beat, 0, beat, NULL, a);
}

static void
consumer_start(struct world *w, void *ctx, uint64_t i)
{
    struct state *s = state_of(w);
    struct consumer *c = &s->consumers[i];
    if (c->state != CONSUMER_DOWN) {
        return;
    }
    c->life++;
    c->id[0] = '\0';
    c->generation = -1;
    TRACE(w, "consumer %u starts%s", (unsigned)i, c->is_static ? " (static)" : "");
    join_send(w, s, (uint32_t)i);
    world_at(w, w->now + s->beat, 0, beat, NULL, i | (uint64_t)c->life << 8);
}

static void
consumer_crash(struct world *w, void *ctx, uint64_t i)
{
    struct state *s = state_of(w);
    struct consumer *c = &s->consumers[i];
    if (c->state == CONSUMER_DOWN || w->healed) {
        return;
    }
    TRACE(w, "consumer %u dies", (unsigned)i);
    if (!c->is_static && rng_chance(&w->fate, 300000)) {
        struct request in;
        memset(&in, 0, sizeof in);
        consumer_send(w, s, (uint32_t)i, KIND_LEAVE, &in);
    }
    c->state = CONSUMER_DOWN;
    c->owns = 0;
    c->number++;
    world_at(w, w->now + rng_between(&w->fate, 1, 1500) * MS, 0, consumer_start, NULL, i);
}

static void
joined(struct world *w, struct state *s, uint32_t i, const struct answer *a)
{
    struct consumer *c = &s->consumers[i];
    if (a->error == KE_MEMBER_ID_REQUIRED) {
        memcpy(c->id, a->id, ID_BYTES);
        join_send(w, s, i);
    } else if (a->error == KE_NONE) {
        memcpy(c->id, a->id, ID_BYTES);
        c->generation = a->generation;
        c->leads = a->leads;
        c->member_count = a->member_count;
        memcpy(c->members, a->members, sizeof c->members);
        sync_send(w, s, i);
    } else {
        if (a->error == KE_UNKNOWN_MEMBER_ID || a->error == KE_FENCED_INSTANCE_ID) {
            c->id[0] = '\0';
        }
        join_send(w, s, i);
    }
}

static void
synced(struct world *w, struct state *s, uint32_t i, const struct answer *a)
{
    struct consumer *c = &s->consumers[i];
    if (a->error != KE_NONE) {
        if (a->error == KE_UNKNOWN_MEMBER_ID || a->error == KE_FENCED_INSTANCE_ID) {
            c->id[0] = '\0';
        }
        join_send(w, s, i);
        return;
    }
    c->state = CONSUMER_STABLE;
    c->owns = (uint8_t)a->owns;
    TRACE(w, "consumer %u owns %x in generation %d", i, c->owns, c->generation);
    for (uint32_t shard = 0; shard < SHARDS; shard++) {
        const uint8_t claim = s->claims[c->generation % GENERATIONS_MAX][shard];
        if ((c->owns >> shard & 1) != 0 && claim != i + 1) {
            world_fail(w, "K8", "generation %d: consumer %u is told to own shard %u of consumer %d",
                       c->generation, i, shard, claim - 1);
        }
    }
}

static void
consume(struct world *w, struct state *s, const struct message *m)
{
    struct answer a;
    memset(&a, 0, sizeof a);
    memcpy(&a, m->data, m->len);
    struct consumer *c = &s->consumers[a.consumer];
    const uint8_t kind = m->kind - KIND_ANSWER;
    if (c->state == CONSUMER_DOWN || a.number != c->number || !c->out) {
        return;
    }
    c->out = false;
    if (kind == KIND_JOIN && c->state == CONSUMER_JOINING) {
        joined(w, s, a.consumer, &a);
    } else if (kind == KIND_SYNC && c->state == CONSUMER_SYNCING) {
        synced(w, s, a.consumer, &a);
    } else if (c->state == CONSUMER_STABLE && a.error != KE_NONE &&
               a.error != KE_COORDINATOR_LOAD_IN_PROGRESS) {
        if (a.error == KE_UNKNOWN_MEMBER_ID || a.error == KE_FENCED_INSTANCE_ID) {
            c->id[0] = '\0';
        }
        if (a.error == KE_REBALANCE_IN_PROGRESS && !w->healed &&
            s->dull_until[a.consumer] < w->now && rng_chance(&w->work, 50000)) {
            s->dull_until[a.consumer] = w->now + rng_between(&w->work, 100, 3000) * MS;
        }
        if (a.error != KE_REBALANCE_IN_PROGRESS || s->dull_until[a.consumer] <= w->now ||
            w->healed) {
            join_send(w, s, a.consumer);
        }
    }
}

static void
group_message(struct world *w, const struct message *m)
{
    struct state *s = state_of(w);
    if (m->kind >= KIND_ANSWER) {
        consume(w, s, m);
    } else if (s->up) {
        coordinate(w, s, m);
    }
}

static void
group_start(struct world *w)
{
    struct state *s = world_alloc(w, sizeof *s);
    struct rng *r = &w->draw;
    while (w->parts[s->part] != &part_group) {
        s->part++;
    }
    w->states[s->part] = s;
    s->consumer_count = (uint32_t)rng_between(r, 1, CONSUMERS_MAX);
    s->session_ms = (int32_t)rng_between(r, 200, 1500);
    s->rebalance_ms = (int32_t)rng_between(r, 200, 1500);
    s->delay_ms = rng_chance(r, 500000) ? 0 : (int32_t)rng_between(r, 1, 300);
    /* Members learn of a round by their beats: the round must be longer than some of them. */
    s->beat = rng_between(r, 20,
                          (s->session_ms < s->rebalance_ms ? s->session_ms : s->rebalance_ms) / 4) *
              MS;
    w->aims[AIM_LEADER] = COORDINATOR;
    const bool statics = rng_chance(r, 500000);
    for (uint32_t i = 0; i < s->consumer_count; i++) {
        s->consumers[i].is_static = statics && rng_chance(r, 500000);
        world_at(w, rng_between(r, 100, 1500) * MS, 0, consumer_start, NULL, i);
    }
    const int crashes = rng_chance(r, 300000) ? 0 : (int)rng_between(r, 1, 12);
    for (int k = 0; k < crashes; k++) {
        world_at(w, rng_between(r, 500, w->fault_end / MS) * MS, 0, consumer_crash, NULL,
                 rng_below(r, s->consumer_count));
    }
}

static void
group_heal(struct world *w)
{
    struct state *s = state_of(w);
    for (uint32_t i = 0; i < s->consumer_count; i++) {
        consumer_start(w, NULL, i);
    }
}

static void
group_finish(struct world *w)
{
    struct state *s = state_of(w);
    uint8_t owned = 0;
    const struct group *g = group_find(&s->core, group_name);
    if (s->rebalance_ms + s->session_ms > 1500) {
        return; /* may take longer to settle than this world has */
    }
    for (uint32_t i = 0; i < s->consumer_count && !w->failed; i++) {
        const struct consumer *c = &s->consumers[i];
        if (c->state != CONSUMER_STABLE || g == NULL || c->generation != g->generation) {
            world_fail(w, "LIVE", "consumer %u is in state %d of generation %d, the group in %d", i,
                       c->state, c->generation, g != NULL ? g->generation : -1);
        }
        if ((owned & c->owns) != 0) {
            world_fail(w, "K8", "consumer %u owns what another one owns", i);
        }
        owned |= c->owns;
    }
    if (!w->failed && owned != (1u << SHARDS) - 1) {
        world_fail(w, "LIVE", "the shards %x have no owner", ((1u << SHARDS) - 1) & ~owned);
    }
}

static void
group_release(struct world *w)
{
    struct state *s = state_of(w);
    if (s->up) {
        group_core_release(&s->core);
    }
    records_cut(s, 0);
}

static bool
group_disk_may_go(struct world *w, uint32_t node)
{
    return node != COORDINATOR; /* there is one copy of it in this world */
}

const struct part part_group = {
    .name = "group",
    .start = group_start,
    .node_up = group_node_up,
    .node_down = group_node_down,
    .message = group_message,
    .heal = group_heal,
    .finish = group_finish,
    .release = group_release,
    .disk_may_go = group_disk_may_go,
};
