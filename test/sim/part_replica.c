/*
 * Replicated partitions: log/replica_core.c on each node, log/partition_core.c in whichever node is
 * the controller, over a model of the log (batches are (epoch, value) pairs, with a flushed end), a
 * control store that lags, producers that repeat until they are answered, and disks that are lost.
 *
 * Checked: K1 one leader an epoch, K2 what was committed never changes, K3 what was acknowledged is
 * there (at each change of leaders and at the end), K4 a reader's watermark never falls within an
 * epoch, K5 no duplicates and the order of each producer, K7 in-sync members hold everything below
 * the watermark durably, M5 epochs and incarnations only grow, and at the end progress and
 * equality.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log/replica_core.h"
#include "world.h"

enum {
    PARTITIONS_MAX = 2,
    CLIENTS_MAX = 3, /* producers a partition */
    PENDING_MAX = 64,
    EPOCHS_MAX = 512,
    ANSWER_ENTRIES_MAX = 16,
    VALUE_SHIFT = 24,
    KIND_FETCH = 1,
    KIND_ANSWER,
    KIND_PRODUCE,
    KIND_PRODUCED,
};

struct entry {
    int32_t epoch;
    uint32_t value; /* (client + 1) << VALUE_SHIFT | sequence; 0: a marker */
};

struct pending { /* a produce that waits for the watermark */
    int32_t epoch;
    uint32_t client, sequence;
    int64_t offset;
};

struct replica { /* of one partition on one node */
    struct replica_core core;
    bool up; /* in this life of the node */
    /* the disk */
    struct entry *entries; /* entries[offset] */
    int64_t capacity, start, end, flushed;
    int32_t epoch_acted;
    int64_t watermark_kept;
    /* the process */
    bool flushing, casting;
    uint32_t cuts; /* truncations: an older flush says nothing */
    uint32_t fetch_number;
    bool fetch_idle; /* no fetch is out and none is due: somebody must start one */
    int64_t mark_seen;
    struct pending pending[PENDING_MAX];
    uint32_t pending_count;
    uint32_t sequence_of[CLIENTS_MAX]; /* a function of the log (L9) */
    int64_t offset_of[CLIENTS_MAX];
};

struct view { /* what a node knows from its watch */
    struct partition_state states[PARTITIONS_MAX];
    struct partition_member members[NODES_MAX];
    uint64_t member_versions[NODES_MAX];
    bool there[NODES_MAX];
    uint64_t controller_version; /* 0: nobody */
    uint64_t controller_seen;    /* the newest version told about it */
    uint32_t controller_node;
    uint64_t controller_incarnation;
};

struct host {             /* a node's process */
    uint64_t incarnation; /* 0: not registered yet */
    uint64_t lease;
    uint64_t registered_version;
    bool registering, deciding, taking;
    bool deciding_partition[PARTITIONS_MAX];
    struct view view;
};

struct client {
    uint32_t sequence; /* the one that is being produced, or was last */
    bool out;
    uint32_t attempt;
    int64_t begun;
    uint32_t leader; /* believed */
};

struct partition_truth {
    uint32_t replica_nodes;
    struct entry *committed;
    int64_t committed_end, committed_capacity;
    uint32_t leader_of[EPOCHS_MAX];
    uint64_t leader_incarnation_of[EPOCHS_MAX];
    int32_t epoch_max;
    int64_t mark_of_epoch[EPOCHS_MAX];
    int64_t acked_of[CLIENTS_MAX][4096]; /* sequence -> offset + 1 */
    struct client clients[CLIENTS_MAX];
    uint32_t client_count;
    uint64_t acked;
};

struct state {
    uint32_t part;
    uint32_t partition_count, min_insync;
    int64_t lag_ms, poll_ms, lease_ms, produce_max;
    bool move_home;
    bool keeps_watermark;
    struct host hosts[NODES_MAX + 1];
    struct replica replicas[NODES_MAX + 1][PARTITIONS_MAX];
    uint64_t incarnation_seen[NODES_MAX + 1];
    struct partition_truth truths[PARTITIONS_MAX];
};

static struct state *
state_of(struct world *w)
{
    for (uint32_t i = 0; i < w->part_count; i++) {
        if (w->parts[i] == &part_replica) {
            return w->states[i];
        }
    }
    abort();
}

static struct disk_id
disk_of(const struct world *w, uint32_t node)
{
    struct disk_id d = {""};
    snprintf(d.text, sizeof d.text, "d%u.%u", node, w->nodes[node].disk);
    return d;
}

static void
partition_key(char out[24], uint32_t p)
{
    snprintf(out, 24, "partition/t/%u", p);
}

static bool
stored_state(struct world *w, uint32_t p, struct partition_state *out)
{
    char key[24];
    struct buffer value = {0};
    struct error err = {0};
    uint64_t version = 0;
    partition_key(key, p);
    control_get(world_store(w), key, &value, &version, &err);
    const bool ok = version != 0 && partition_read(out, (struct bytes){value.ptr, value.len});
    out->version = version;
    buffer_release(&value);
    return ok;
}

/* --- the model of the log -------------------------------------------------------------------- */

static int32_t
log_last_epoch(const struct replica *r)
{
    return r->end > r->start ? r->entries[r->end - 1].epoch : -1;
}

static struct replica_log
log_is(const struct replica *r)
{
    return (struct replica_log){r->start, r->end, r->flushed, log_last_epoch(r)};
}

/* The greatest epoch <= asked and where it ends. */
static void
log_epoch_end_of(const struct replica *r, int32_t asked, int32_t *epoch, int64_t *end)
{
    int64_t at = r->end;
    while (at > r->start && r->entries[at - 1].epoch > asked) {
        at--;
    }
    *epoch = at > r->start ? r->entries[at - 1].epoch : -1;
    *end = at;
}

static void
log_put(struct replica *r, struct entry e)
{
    if (r->end == r->capacity) {
        r->capacity = r->capacity ? r->capacity * 2 : 256;
        r->entries = realloc(r->entries, (size_t)r->capacity * sizeof *r->entries);
        if (r->entries == NULL) {
            abort();
        }
    }
    const uint32_t client = e.value >> VALUE_SHIFT;
    if (client > 0) {
        r->sequence_of[client - 1] = e.value & ((1u << VALUE_SHIFT) - 1);
        r->offset_of[client - 1] = r->end;
    }
    r->entries[r->end++] = e;
}

static void
log_cut(struct replica *r, int64_t end)
{
    r->end = end;
    r->flushed = r->flushed < end ? r->flushed : end;
    r->cuts++;
    memset(r->sequence_of, 0, sizeof r->sequence_of);
    for (int64_t i = r->start; i < end; i++) {
        const uint32_t client = r->entries[i].value >> VALUE_SHIFT;
        if (client > 0) {
            r->sequence_of[client - 1] = r->entries[i].value & ((1u << VALUE_SHIFT) - 1);
            r->offset_of[client - 1] = i;
        }
    }
}

/* --- invariants ------------------------------------------------------------------------------ */

static void
commit_to(struct world *w, struct partition_truth *t, uint32_t node, const struct replica *r,
          int64_t mark)
{
    for (int64_t i = t->committed_end; i < mark; i++) {
        if (t->committed_end == t->committed_capacity) {
            t->committed_capacity = t->committed_capacity ? t->committed_capacity * 2 : 256;
            t->committed =
                realloc(t->committed, (size_t)t->committed_capacity * sizeof *t->committed);
            if (t->committed == NULL) {
                abort();
            }
        }
        t->committed[t->committed_end++] = r->entries[i];
    }
    for (int64_t i = r->mark_seen; i < mark; i++) {
        if (i >= r->start && (r->entries[i].value != t->committed[i].value ||
                              r->entries[i].epoch != t->committed[i].epoch)) {
            world_fail(w, "K2",
                       "offset %d is %x of epoch %d on node %u and was committed as %x of %d",
                       (int)i, r->entries[i].value, r->entries[i].epoch, node,
                       t->committed[i].value, t->committed[i].epoch);
            return;
        }
    }
}

/* K7: whoever is in sync by the store's word, on the disk that was counted, has all of it. */
static void
in_sync_check(struct world *w, struct state *s, uint32_t p, int64_t mark)
{
    struct partition_state stored;
    if (!stored_state(w, p, &stored)) {
        return;
    }
    for (uint32_t i = 0; i < stored.count; i++) {
        const struct partition_replica *m = &stored.replicas[i];
        const struct disk_id disk = disk_of(w, m->node);
        const struct replica *r = &s->replicas[m->node][p];
        if (m->in_sync && disk_id_equal(&m->disk, &disk) && r->flushed < mark) {
            world_fail(w, "K7",
                       "partition %u: node %u is in sync, has %d durably, the watermark is %d", p,
                       m->node, (int)r->flushed, (int)mark);
        }
    }
}

/* L4: the watermark moves by the word of members whose lives and disks are the recorded ones. */
static void
identity_check(struct world *w, const struct replica_core *core)
{
    for (uint32_t i = 0; i < core->state.count; i++) {
        const struct partition_replica *m = &core->state.replicas[i];
        const struct replica_progress *p = &core->progress[i];
        const bool leaves = core->proposing && !core->proposal.replicas[i].in_sync;
        if (m->in_sync && !leaves && m->node != core->self.node &&
            (!p->heard || p->incarnation != m->incarnation || !disk_id_equal(&p->disk, &m->disk))) {
            world_fail(w, "L4", "the watermark moved by what another life of node %u said",
                       m->node);
        }
    }
}

static void
watermark_look(struct world *w, struct state *s, uint32_t node, uint32_t p)
{
    struct replica *r = &s->replicas[node][p];
    const int64_t mark = r->core.high_watermark;
    if (mark <= r->mark_seen) {
        return;
    }
    if (mark > r->end) {
        world_fail(w, "K4", "partition %u: node %u has watermark %d beyond its end %d", p, node,
                   (int)mark, (int)r->end);
        return;
    }
    const bool leads = r->core.role == REPLICA_LEADER;
    commit_to(w, &s->truths[p], node, r, mark);
    r->mark_seen = mark;
    r->watermark_kept = s->keeps_watermark ? mark : r->watermark_kept;
    TRACE(w, "p%u n%u watermark %d%s", p, node, (int)mark, leads ? " (leader)" : "");
    if (leads) {
        identity_check(w, &r->core);
        in_sync_check(w, s, p, mark);
    }
}

static void
leader_check(struct world *w, struct state *s, uint32_t node, uint32_t p)
{
    struct partition_truth *t = &s->truths[p];
    const struct replica *r = &s->replicas[node][p];
    const int32_t epoch = r->core.state.epoch;
    if (epoch < 0 || epoch >= EPOCHS_MAX) {
        world_fail(w, "R2", "partition %u reached epoch %d", p, epoch);
        return;
    }
    if (t->leader_of[epoch] != 0 && (t->leader_of[epoch] != node ||
                                     t->leader_incarnation_of[epoch] != r->core.self.incarnation)) {
        world_fail(w, "K1", "partition %u epoch %d is led by node %u and by node %u", p, epoch,
                   t->leader_of[epoch], node);
        return;
    }
    t->leader_of[epoch] = node;
    t->leader_incarnation_of[epoch] = r->core.self.incarnation;
    if (epoch < t->epoch_max) {
        return; /* a late one: the next epoch has taken over, and it will find that out */
    }
    t->epoch_max = epoch;
    for (int64_t i = r->start; i < t->committed_end; i++) {
        if (i >= r->end || r->entries[i].value != t->committed[i].value ||
            r->entries[i].epoch != t->committed[i].epoch) {
            world_fail(w, "K3",
                       "partition %u: node %u leads epoch %d and lacks offset %d of %d committed",
                       p, node, epoch, (int)i, (int)t->committed_end);
            return;
        }
    }
}

/* --- a node's process ------------------------------------------------------------------------ */

static void fetch_start(struct world *w, uint32_t node, uint32_t p, int64_t delay);
static void register_start(struct world *w, uint32_t node);

static void
produce_answer(struct world *w, struct state *s, uint32_t node, uint32_t p, const struct pending *d,
               bool ok)
{
    const uint32_t out[4] = {p, d->client, d->sequence, ok};
    const int64_t offset = d->offset;
    uint8_t bytes[24];
    memcpy(bytes, out, 16);
    memcpy(bytes + 16, &offset, 8);
    world_send(w, (uint8_t)s->part, KIND_PRODUCED, node, ENDPOINT_CLIENT + p, bytes, sizeof bytes);
}

static void
pending_look(struct world *w, struct state *s, uint32_t node, uint32_t p)
{
    struct replica *r = &s->replicas[node][p];
    for (uint32_t i = 0; i < r->pending_count;) {
        const struct pending d = r->pending[i];
        const enum replica_ack ack = replica_ack(&r->core, d.epoch, d.offset);
        if (ack == REPLICA_ACK_WAIT) {
            i++;
            continue;
        }
        r->pending[i] = r->pending[--r->pending_count];
        produce_answer(w, s, node, p, &d, ack == REPLICA_ACK_DONE);
        if (ack == REPLICA_ACK_DONE) {
            s->truths[p].acked_of[d.client][d.sequence] = d.offset + 1;
            s->truths[p].acked++;
        }
    }
}

/* After anything that may have moved the machine. */
static void
replica_look(struct world *w, struct state *s, uint32_t node, uint32_t p)
{
    struct replica *r = &s->replicas[node][p];
    watermark_look(w, s, node, p);
    pending_look(w, s, node, p);
    if (r->core.role == REPLICA_FOLLOWER && r->fetch_idle && r->flushed == r->end) {
        fetch_start(w, node, p, 0);
    }
}

static void flush_start(struct world *w, uint32_t node, uint32_t p);

static void
flush_end(struct world *w, void *ctx, uint64_t a)
{
    struct state *s = state_of(w);
    const uint32_t node = a & 15, p = a >> 4 & 15;
    struct replica *r = &s->replicas[node][p];
    const int64_t to = (int64_t)(a >> 32);
    r->flushing = false;
    if ((r->cuts & 0xffff) == (a >> 8 & 0xffff) && to > r->flushed) {
        r->flushed = to;
    }
    const struct replica_log log = log_is(r);
    replica_log_is(&r->core, &log);
    replica_look(w, s, node, p);
    if (r->flushed < r->end) {
        flush_start(w, node, p);
    }
}

static void
flush_start(struct world *w, uint32_t node, uint32_t p)
{
    struct replica *r = &state_of(w)->replicas[node][p];
    if (!r->flushing && r->flushed < r->end) {
        r->flushing = true;
        world_after(w, node, world_flush_time(w, node), flush_end, NULL,
                    node | p << 4 | (uint64_t)(r->cuts & 0xffff) << 8 | (uint64_t)r->end << 32);
    }
}

static void
log_changed(struct world *w, struct state *s, uint32_t node, uint32_t p)
{
    struct replica *r = &s->replicas[node][p];
    const struct replica_log log = log_is(r);
    replica_log_is(&r->core, &log);
    flush_start(w, node, p);
    replica_look(w, s, node, p);
}

static void
role_begins(struct world *w, struct state *s, uint32_t node, uint32_t p, enum replica_step step)
{
    struct replica *r = &s->replicas[node][p];
    if (step == REPLICA_LEAD) {
        TRACE(w, "p%u n%u leads epoch %d from offset %d", p, node, r->core.state.epoch,
              (int)r->end);
        leader_check(w, s, node, p);
        w->aims[AIM_LEADER] = node;
        for (uint32_t c = 0; c < CLIENTS_MAX; c++) {
            s->truths[p].clients[c].leader = node;
        }
        if (r->end > r->start) {
            log_put(r, (struct entry){r->core.state.epoch, 0}); /* L8 */
        }
        log_changed(w, s, node, p);
        world_hint(w, node, 0);
    } else if (step == REPLICA_FOLLOW) {
        TRACE(w, "p%u n%u follows node %u in epoch %d", p, node, r->core.state.leader,
              r->core.state.epoch);
        fetch_start(w, node, p, 0);
    }
}

static void
persist_end(struct world *w, void *ctx, uint64_t a)
{
    struct state *s = state_of(w);
    const uint32_t node = a & 15, p = a >> 4 & 15;
    struct replica *r = &s->replicas[node][p];
    const int32_t epoch = (int32_t)(a >> 8);
    r->epoch_acted = epoch > r->epoch_acted ? epoch : r->epoch_acted;
    role_begins(w, s, node, p, replica_begin(&r->core, epoch));
    replica_look(w, s, node, p);
}

static void
decided(struct world *w, struct state *s, uint32_t node, uint32_t p,
        const struct partition_state *now)
{
    struct replica *r = &s->replicas[node][p];
    if (!r->up || partition_find((struct partition_state *)now, node) == NULL) {
        return;
    }
    const int32_t acted = r->core.epoch_acted;
    const enum replica_step step = replica_decide(&r->core, now);
    if (step == REPLICA_PERSIST) {
        if (now->epoch < acted || now->epoch < log_last_epoch(r)) {
            world_fail(w, "M5", "partition %u: node %u acts under epoch %d after %d", p, node,
                       now->epoch, acted);
        }
        world_after(w, node, world_flush_time(w, node), persist_end, NULL,
                    node | p << 4 | (uint64_t)(uint32_t)now->epoch << 8);
    }
    replica_look(w, s, node, p);
}

static void
proposal_done(struct world *w, struct control_op *op)
{
    struct state *s = state_of(w);
    const uint32_t p = (uint32_t)op->a;
    struct replica *r = &s->replicas[op->node][p];
    r->casting = false;
    if (!r->up) {
        return;
    }
    if (op->fate == CONTROL_DONE) {
        replica_proposed(&r->core, op->b, op->version);
    }
    replica_look(w, s, op->node, p);
}

static void
propose(struct world *w, struct state *s, uint32_t node, uint32_t p)
{
    struct replica *r = &s->replicas[node][p];
    if (r->casting || !replica_propose(&r->core, world_node_ms(w, node), s->lag_ms)) {
        return;
    }
    struct buffer value = {0};
    char key[24];
    partition_key(key, p);
    partition_write(&r->core.proposal, &value);
    const struct control_change change = {.key = key,
                                          .version_expected = r->core.proposal.version,
                                          .value = value.ptr,
                                          .len = value.len};
    uint32_t other = 0;
    for (uint32_t i = 0; i < r->core.state.count; i++) {
        const struct partition_replica *then = &r->core.proposal.replicas[i];
        if (then->in_sync != r->core.state.replicas[i].in_sync) {
            other = then->node;
            TRACE(w, "p%u n%u proposes that %u is %s (on version %d)", p, node, other,
                  then->in_sync ? "in sync" : "out", (int)r->core.proposal.version);
        }
    }
    r->casting = true;
    control_cas(w, node, &change, 1, proposal_done, NULL, p, r->core.proposal.version);
    buffer_release(&value);
    world_hint(w, node, other);
}

/* --- the controller -------------------------------------------------------------------------- */

static void
decision_done(struct world *w, struct control_op *op)
{
    struct state *s = state_of(w);
    struct host *h = &s->hosts[op->node];
    h->deciding_partition[op->a] = false;
}

static size_t
members_of(const struct view *v, struct partition_member *out)
{
    size_t count = 0;
    for (uint32_t i = 0; i < NODES_MAX; i++) {
        if (v->there[i]) {
            out[count++] = v->members[i];
        }
    }
    return count;
}

static void
decide_partition(struct world *w, struct state *s, uint32_t node, uint32_t p)
{
    struct host *h = &s->hosts[node];
    struct view *v = &h->view;
    struct partition_member members[NODES_MAX];
    struct partition_state next;
    const size_t count = members_of(v, members);
    const bool home = s->move_home && rng_chance(&w->work, 100000);
    if (h->deciding_partition[p] || v->states[p].version == 0 ||
        !partition_next(&v->states[p], members, count, home, &next)) {
        return;
    }
    if (next.epoch < v->states[p].epoch) {
        world_fail(w, "M5", "partition %u goes from epoch %d to %d", p, v->states[p].epoch,
                   next.epoch);
    }
    TRACE(w, "controller %u decides: p%u leader %u epoch %d (on version %d)", node, p, next.leader,
          next.epoch, (int)next.version);
    struct buffer value = {0};
    char key[24];
    partition_key(key, p);
    partition_write(&next, &value);
    const struct control_change changes[] = {
        {.key = "controller", .check_only = true, .version_expected = v->controller_version},
        {.key = key, .version_expected = next.version, .value = value.ptr, .len = value.len},
    };
    h->deciding_partition[p] = true;
    control_cas(w, node, changes, 2, decision_done, NULL, p, 0);
    buffer_release(&value);
}

static bool
is_controller(const struct host *h, uint32_t node)
{
    return h->incarnation != 0 && h->view.controller_version != 0 &&
           h->view.controller_node == node && h->view.controller_incarnation == h->incarnation;
}

static void
taken(struct world *w, struct control_op *op)
{
    state_of(w)->hosts[op->node].taking = false;
}

static void
controller_take(struct world *w, struct host *h, uint32_t node)
{
    if (h->taking || h->incarnation == 0 || h->view.controller_version != 0 ||
        h->view.controller_seen == 0) {
        return;
    }
    uint64_t value[2] = {node, h->incarnation};
    const struct control_change change = {
        .key = "controller", .value = value, .len = sizeof value, .lease = h->lease};
    h->taking = true;
    control_cas(w, node, &change, 1, taken, NULL, 0, 0);
}

static void
host_look(struct world *w, void *ctx, uint64_t a)
{
    struct state *s = state_of(w);
    const uint32_t node = (uint32_t)a;
    struct host *h = &s->hosts[node];
    h->deciding = false;
    if (is_controller(h, node)) {
        w->aims[AIM_CONTROLLER] = node;
        for (uint32_t p = 0; p < s->partition_count; p++) {
            decide_partition(w, s, node, p);
        }
    }
    controller_take(w, h, node);
}

static void
host_look_soon(struct world *w, struct state *s, uint32_t node)
{
    if (!s->hosts[node].deciding) {
        s->hosts[node].deciding = true;
        world_after(w, node, rng_between(&w->work, 100, 10000) * 1000, host_look, NULL, node);
    }
}

/* --- registration ---------------------------------------------------------------------------- */

struct registration {
    uint64_t incarnation, lease;
    struct disk_id disk;
    int64_t lease_ms;
};

static void
register_at_store(struct world *w, struct control *c, struct control_op *op)
{
    struct registration *r = op->ctx;
    struct error err = {0};
    char key[32];
    snprintf(key, sizeof key, "incarnation/%u", op->node);
    bool ok = control_raise(c, key, &r->incarnation, &err) &&
              control_lease_grant(c, r->lease_ms, &r->lease, &err);
    uint64_t version = 0;
    snprintf(key, sizeof key, "node/%u", op->node);
    ok = ok && control_get(c, key, NULL, &version, &err);
    struct buffer value = {0};
    buffer_be64(&value, r->incarnation);
    buffer_puts(&value, r->disk.text);
    const struct control_change change = {.key = key,
                                          .version_expected = version,
                                          .value = value.ptr,
                                          .len = value.len,
                                          .lease = r->lease};
    ok = ok && control_apply(c, &change, 1, &op->version, &err);
    buffer_release(&value);
    error_clear(&err);
    op->fate = ok ? CONTROL_DONE : CONTROL_NO;
}

static void
registered(struct world *w, struct control_op *op)
{
    struct state *s = state_of(w);
    const struct registration *reg = op->ctx;
    const uint32_t node = op->node;
    struct host *h = &s->hosts[node];
    h->registering = false;
    if (op->fate != CONTROL_DONE) {
        register_start(w, node);
        return;
    }
    if (reg->incarnation <= s->incarnation_seen[node]) {
        world_fail(w, "M5", "node %u got incarnation %d after %d", node, (int)reg->incarnation,
                   (int)s->incarnation_seen[node]);
    }
    s->incarnation_seen[node] = reg->incarnation;
    const bool again = h->incarnation != 0;
    h->incarnation = reg->incarnation;
    h->lease = reg->lease;
    h->registered_version = op->version;
    TRACE(w, "node %u is registered with incarnation %d", node, (int)reg->incarnation);
    for (uint32_t p = 0; p < s->partition_count; p++) {
        struct replica *r = &s->replicas[node][p];
        if (again) {
            replica_reborn(&r->core, h->incarnation);
            replica_look(w, s, node, p);
            continue;
        }
        const struct replica_self self = {node, h->incarnation, disk_of(w, node)};
        const struct replica_log log = log_is(r);
        replica_init(&r->core, &self, &log, r->epoch_acted, r->watermark_kept);
        r->mark_seen = r->start;
        r->up = true;
        watermark_look(w, s, node, p);
    }
    control_subscribe(w, node);
    for (uint32_t p = 0; p < s->partition_count; p++) {
        if (h->view.states[p].version != 0) {
            decided(w, s, node, p, &h->view.states[p]);
        }
    }
    host_look_soon(w, s, node);
}

static void
register_start(struct world *w, uint32_t node)
{
    struct state *s = state_of(w);
    struct registration *r = world_alloc(w, sizeof *r);
    r->disk = disk_of(w, node);
    r->lease_ms = s->lease_ms;
    s->hosts[node].registering = true;
    const struct control_op op = {
        .at_store = register_at_store, .done = registered, .ctx = r, .node = node};
    control_do(w, &op);
}

static void
keep_at_store(struct world *w, struct control *c, struct control_op *op)
{
    struct error err = {0};
    op->fate = control_lease_keep(c, op->a, &err) ? CONTROL_DONE : CONTROL_NO;
    error_clear(&err);
}

static void
kept(struct world *w, struct control_op *op)
{
    struct host *h = &state_of(w)->hosts[op->node];
    if (op->fate == CONTROL_NO && op->a == h->lease && !h->registering) {
        register_start(w, op->node); /* its registration is gone */
    }
}

static void
host_tick(struct world *w, void *ctx, uint64_t a)
{
    struct state *s = state_of(w);
    const uint32_t node = (uint32_t)a;
    struct host *h = &s->hosts[node];
    if (h->lease != 0 && !h->registering) {
        const struct control_op op = {
            .at_store = keep_at_store, .done = kept, .node = node, .a = h->lease};
        control_do(w, &op);
    }
    host_look(w, NULL, node);
    world_after(w, node, s->lease_ms * MS / 4, host_tick, NULL, node);
}

static void
lag_tick(struct world *w, void *ctx, uint64_t a)
{
    struct state *s = state_of(w);
    const uint32_t node = (uint32_t)a;
    for (uint32_t p = 0; p < s->partition_count; p++) {
        struct replica *r = &s->replicas[node][p];
        if (r->up) {
            propose(w, s, node, p);
            replica_look(w, s, node, p);
        }
    }
    world_after(w, node, s->lag_ms * MS / 5, lag_tick, NULL, node);
}

static void
replica_node_up(struct world *w, uint32_t node)
{
    register_start(w, node);
    host_tick(w, NULL, node);
    lag_tick(w, NULL, node);
}

static void
replica_node_down(struct world *w, uint32_t node, enum down_kind how)
{
    struct state *s = state_of(w);
    s->hosts[node] = (struct host){0};
    for (uint32_t p = 0; p < s->partition_count; p++) {
        struct replica *r = &s->replicas[node][p];
        r->up = false;
        r->flushing = r->casting = false;
        r->fetch_idle = false;
        r->pending_count = 0;
        r->mark_seen = 0;
        if (how == DOWN_POWER) {
            /* Recovery keeps whole batches up to the first one that is not. */
            log_cut(r, rng_between(&w->fate, r->flushed, r->end));
        } else if (how == DOWN_DISK) {
            r->start = r->flushed = 0;
            log_cut(r, 0);
            r->epoch_acted = -1;
            r->watermark_kept = 0;
        }
        r->flushed = r->end; /* recovery syncs what it found */
    }
}

/* --- watches --------------------------------------------------------------------------------- */

static void
watched_member(struct view *v, uint32_t id, struct bytes value, uint64_t version)
{
    if (id < 1 || id > NODES_MAX || version < v->member_versions[id - 1]) {
        return; /* said again, late */
    }
    v->member_versions[id - 1] = version;
    v->there[id - 1] = value.ptr != NULL;
    if (value.ptr != NULL) {
        struct partition_member m = {.node = id};
        struct reader r;
        reader_init(&r, value);
        m.incarnation = reader_be64(&r);
        const struct bytes text = reader_take(&r, reader_left(&r));
        memcpy(m.disk.text, text.ptr, text.len);
        v->members[id - 1] = m;
    }
}

static void
watched_controller(struct view *v, struct bytes value, uint64_t version)
{
    if (version < v->controller_seen) {
        return;
    }
    v->controller_seen = version;
    v->controller_version = 0;
    if (value.ptr != NULL) {
        uint64_t who[2];
        memcpy(who, value.ptr, sizeof who);
        v->controller_version = version;
        v->controller_node = (uint32_t)who[0];
        v->controller_incarnation = who[1];
    }
}

static void
replica_watched(struct world *w, uint32_t node, const char *key, struct bytes value,
                uint64_t version)
{
    struct state *s = state_of(w);
    struct host *h = &s->hosts[node];
    if (strncmp(key, "node/", 5) == 0) {
        const uint32_t id = (uint32_t)atoi(key + 5);
        watched_member(&h->view, id, value, version);
        if (id == node && value.ptr == NULL && h->incarnation != 0 && !h->registering &&
            version > h->registered_version) {
            register_start(w, node);
        }
    } else if (strcmp(key, "controller") == 0) {
        watched_controller(&h->view, value, version);
    } else if (strncmp(key, "partition/t/", 12) == 0) {
        const uint32_t p = (uint32_t)atoi(key + 12);
        struct partition_state now;
        if (!partition_read(&now, value)) {
            world_fail(w, "FORM", "a partition's state cannot be read");
            return;
        }
        now.version = version;
        if (version > h->view.states[p].version) {
            h->view.states[p] = now;
        }
        decided(w, s, node, p, &now); /* as told, also when it is an old one */
    }
    if (h->view.controller_seen == 0) {
        h->view.controller_seen = 1; /* the list is in order: nobody has it unless we hear of it */
    }
    host_look_soon(w, s, node);
}

/* --- fetches --------------------------------------------------------------------------------- */

struct fetch_message {
    uint32_t partition, pad;
    struct replica_fetch fetch;
};

struct answer_message {
    uint32_t partition, count;
    int64_t offset;
    struct replica_answer answer;
    struct entry entries[ANSWER_ENTRIES_MAX];
};

static void
fetch_late(struct world *w, void *ctx, uint64_t a)
{
    struct state *s = state_of(w);
    const uint32_t node = a & 15, p = a >> 4 & 15;
    struct replica *r = &s->replicas[node][p];
    if ((uint32_t)(a >> 8) == r->fetch_number && !r->fetch_idle) {
        replica_fetch_lost(&r->core);
        fetch_start(w, node, p, 0);
    }
}

static void
fetch_send(struct world *w, void *ctx, uint64_t a)
{
    struct state *s = state_of(w);
    const uint32_t node = a & 15, p = a >> 4 & 15;
    struct replica *r = &s->replicas[node][p];
    if ((uint32_t)(a >> 8) != r->fetch_number) {
        return;
    }
    struct fetch_message m;
    memset(&m, 0, sizeof m); /* all of it goes into the hash */
    m.partition = p;
    r->fetch_idle = !replica_fetch_make(&r->core, &m.fetch);
    if (!r->fetch_idle) {
        world_send(w, (uint8_t)s->part, KIND_FETCH, node, r->core.state.leader, &m, sizeof m);
        world_after(w, node, 6 * s->poll_ms * MS + 4 * w->delay_max, fetch_late, NULL,
                    node | p << 4 | (uint64_t)r->fetch_number << 8);
    }
}

static void
fetch_start(struct world *w, uint32_t node, uint32_t p, int64_t delay)
{
    struct replica *r = &state_of(w)->replicas[node][p];
    r->fetch_idle = false;
    r->fetch_number = (r->fetch_number + 1) & 0xffffff;
    world_after(w, node, delay, fetch_send, NULL, node | p << 4 | (uint64_t)r->fetch_number << 8);
}

static void
on_fetch(struct world *w, struct state *s, const struct message *in)
{
    struct fetch_message m;
    memcpy(&m, in->data, sizeof m);
    const uint32_t node = in->to, p = m.partition;
    struct replica *r = &s->replicas[node][p];
    if (!r->up) {
        return;
    }
    struct answer_message out;
    memset(&out, 0, sizeof out);
    int32_t epoch = -1;
    int64_t end = 0;
    log_epoch_end_of(r, m.fetch.last_epoch, &epoch, &end);
    out.partition = p;
    out.offset = m.fetch.offset;
    replica_on_fetch(&r->core, &m.fetch, epoch, end, world_node_ms(w, node), &out.answer);
    if (out.answer.error == REPLICA_OK) {
        for (int64_t at = m.fetch.offset; at < r->end && out.count < ANSWER_ENTRIES_MAX; at++) {
            out.entries[out.count++] = r->entries[at];
        }
    }
    world_send(w, (uint8_t)s->part, KIND_ANSWER, node, in->from, &out,
               (uint32_t)offsetof(struct answer_message, entries) +
                   out.count * (uint32_t)sizeof(struct entry));
    replica_look(w, s, node, p);
}

static void
truncated(struct world *w, struct state *s, uint32_t node, uint32_t p, int64_t offset)
{
    struct replica *r = &s->replicas[node][p];
    TRACE(w, "p%u n%u cuts its log from %d to %d", p, node, (int)r->end, (int)offset);
    log_cut(r, offset);
    r->mark_seen = r->mark_seen < offset ? r->mark_seen : offset;
    const struct replica_log log = log_is(r);
    replica_log_is(&r->core, &log);
    fetch_start(w, node, p, 0);
}

static void
on_answer(struct world *w, struct state *s, const struct message *in)
{
    struct answer_message m;
    memset(&m, 0, sizeof m);
    memcpy(&m, in->data, in->len);
    const uint32_t node = in->to, p = m.partition;
    struct replica *r = &s->replicas[node][p];
    if (!r->up) {
        return;
    }
    int32_t epoch = -1;
    int64_t end = 0;
    log_epoch_end_of(r, m.answer.diverged_epoch, &epoch, &end);
    const struct replica_action action = replica_on_answer(&r->core, &m.answer, end);
    switch (action.kind) {
    case REPLICA_IGNORE:
        break;
    case REPLICA_RETRY:
        fetch_start(w, node, p, s->poll_ms * MS);
        break;
    case REPLICA_APPEND: {
        /* Bytes begin where the request asked; what does not continue the log is refused by it. */
        bool fits = m.offset == r->end;
        for (uint32_t i = 0; fits && i < m.count; i++) {
            log_put(r, m.entries[i]);
        }
        r->fetch_idle = fits && m.count > 0;
        log_changed(w, s, node, p);
        if (!fits || m.count == 0) {
            fetch_start(w, node, p, s->poll_ms * MS);
        }
        break;
    }
    case REPLICA_TRUNCATE:
        truncated(w, s, node, p, action.offset);
        break;
    case REPLICA_ANEW:
        TRACE(w, "p%u n%u begins anew at %d", p, node, (int)action.offset);
        if (action.offset != 0) {
            world_fail(w, "K2", "partition %u: node %u begins anew at %d", p, node,
                       (int)action.offset);
        }
        truncated(w, s, node, p, action.offset);
        break;
    case REPLICA_STOP:
        world_fail(w, "L5", "partition %u: node %u is to cut at %d, below its watermark %d", p,
                   node, (int)action.offset, (int)r->core.high_watermark);
        break;
    }
}

/* --- producers ------------------------------------------------------------------------------- */

static void
on_produce(struct world *w, struct state *s, const struct message *in)
{
    uint32_t m[3];
    memcpy(m, in->data, sizeof m);
    const uint32_t node = in->to, p = m[0], client = m[1], sequence = m[2];
    struct replica *r = &s->replicas[node][p];
    struct pending d = {.client = client, .sequence = sequence, .offset = -1};
    if (!r->up || replica_may_append(&r->core, true) != REPLICA_OK ||
        r->pending_count == PENDING_MAX || sequence > r->sequence_of[client] + 1) {
        produce_answer(w, s, node, p, &d, false);
        return;
    }
    if (sequence < r->sequence_of[client]) {
        return; /* older than the newest: the client has had its answer */
    }
    d.epoch = r->core.state.epoch;
    if (sequence == r->sequence_of[client]) {
        d.offset = r->offset_of[client];
    } else {
        d.offset = r->end;
        log_put(r, (struct entry){d.epoch, (client + 1) << VALUE_SHIFT | sequence});
    }
    r->pending[r->pending_count++] = d;
    log_changed(w, s, node, p);
}

static void produce_next(struct world *w, void *ctx, uint64_t a);

static void
produce_try(struct world *w, void *ctx, uint64_t a)
{
    struct state *s = state_of(w);
    const uint32_t p = a & 15, c = a >> 4 & 15;
    struct client *client = &s->truths[p].clients[c];
    if ((uint32_t)(a >> 8) != client->attempt || !client->out) {
        return;
    }
    client->attempt = (client->attempt + 1) & 0xffffff;
    if (client->leader == 0 || rng_chance(&w->work, 300000)) {
        struct partition_state stored;
        client->leader = stored_state(w, p, &stored) && stored.leader != 0
                             ? stored.leader
                             : (uint32_t)rng_below(&w->work, w->node_count) + 1;
    }
    const uint32_t m[3] = {p, c, client->sequence};
    world_send(w, (uint8_t)s->part, KIND_PRODUCE, ENDPOINT_CLIENT + p, client->leader, m, sizeof m);
    world_at(w, w->now + 300 * MS, 0, produce_try, NULL,
             p | c << 4 | (uint64_t)client->attempt << 8);
}

static void
on_produced(struct world *w, struct state *s, const struct message *in)
{
    uint32_t m[4];
    int64_t offset;
    memcpy(m, in->data, sizeof m);
    memcpy(&offset, in->data + 16, 8);
    const uint32_t p = m[0], c = m[1];
    struct client *client = &s->truths[p].clients[c];
    if (!client->out || m[2] != client->sequence) {
        return;
    }
    if (!m[3]) {
        client->leader = 0;
        client->attempt = (client->attempt + 1) & 0xffffff;
        world_at(w, w->now + 30 * MS, 0, produce_try, NULL,
                 p | c << 4 | (uint64_t)client->attempt << 8);
        return;
    }
    client->out = false;
    world_at(w, w->now + rng_between(&w->work, 1, s->produce_max), 0, produce_next, NULL,
             p | c << 4);
}

static void
produce_next(struct world *w, void *ctx, uint64_t a)
{
    struct client *client = &state_of(w)->truths[a & 15].clients[a >> 4 & 15];
    if (client->sequence + 1 >= 4096) {
        return;
    }
    client->sequence++;
    client->out = true;
    client->begun = w->now;
    produce_try(w, NULL, (a & 255) | (uint64_t)client->attempt << 8);
}

static void
replica_message(struct world *w, const struct message *m)
{
    struct state *s = state_of(w);
    switch (m->kind) {
    case KIND_FETCH:
        on_fetch(w, s, m);
        break;
    case KIND_ANSWER:
        on_answer(w, s, m);
        break;
    case KIND_PRODUCE:
        on_produce(w, s, m);
        break;
    default:
        on_produced(w, s, m);
        break;
    }
}

/* --- the whole ------------------------------------------------------------------------------- */

static void
partition_make(struct world *w, struct state *s, uint32_t p, uint32_t factor)
{
    struct partition_member members[NODES_MAX];
    struct partition_state first;
    for (uint32_t i = 0; i < w->node_count; i++) {
        members[i] =
            (struct partition_member){.node = i + 1, .incarnation = 1, .disk = disk_of(w, i + 1)};
    }
    partition_place(members, w->node_count, factor, s->min_insync, p, &first);
    struct buffer value = {0};
    char key[24];
    struct error err = {0};
    partition_key(key, p);
    partition_write(&first, &value);
    const struct control_change change = {.key = key, .value = value.ptr, .len = value.len};
    control_apply(world_store(w), &change, 1, NULL, &err);
    buffer_release(&value);
    for (uint32_t i = 1; i <= NODES_MAX; i++) {
        s->replicas[i][p].epoch_acted = -1;
    }
    struct partition_truth *t = &s->truths[p];
    t->epoch_max = -1;
    t->client_count = (uint32_t)rng_between(&w->draw, 1, CLIENTS_MAX);
    for (uint32_t c = 0; c < t->client_count; c++) {
        world_at(w, rng_between(&w->work, 100, 600) * MS, 0, produce_next, NULL, p | c << 4);
    }
}

static void
replica_start(struct world *w)
{
    struct state *s = world_alloc(w, sizeof *s);
    uint32_t i = 0;
    while (w->parts[i] != &part_replica) {
        i++;
    }
    w->states[i] = s;
    s->part = i;
    struct rng *r = &w->draw;
    if (w->node_count < 3 && rng_chance(r, 500000)) {
        w->node_count = 3;
    }
    const uint32_t factor =
        w->node_count < 3 ? w->node_count : (uint32_t)rng_between(r, 3, w->node_count);
    s->min_insync = factor < 2 || rng_chance(r, 150000) ? 1
                    : factor > 3                        ? (uint32_t)rng_between(r, 2, 3)
                                                        : 2;
    s->partition_count = rng_chance(r, 250000) ? 2 : 1;
    s->lag_ms = rng_between(r, 150, 600);
    s->poll_ms = rng_between(r, 10, 50);
    s->lease_ms = rng_between(r, 300, 1500);
    s->produce_max = rng_between(r, 5, 120) * MS;
    s->move_home = rng_chance(r, 300000);
    s->keeps_watermark = rng_chance(r, 300000);
    for (uint32_t p = 0; p < s->partition_count; p++) {
        partition_make(w, s, p, factor);
    }
}

/* Promised is the loss of one disk while the others hold what was committed and count. */
static bool
replica_disk_may_go(struct world *w, uint32_t node)
{
    struct state *s = state_of(w);
    for (uint32_t p = 0; p < s->partition_count; p++) {
        struct partition_state stored;
        uint32_t good = 0;
        if (s->min_insync < 2 || !stored_state(w, p, &stored)) {
            return false;
        }
        for (uint32_t i = 0; i < stored.count; i++) {
            const struct partition_replica *m = &stored.replicas[i];
            const struct disk_id disk = disk_of(w, m->node);
            const struct replica *r = &s->replicas[m->node][p];
            if (m->node != node && !disk_id_equal(&m->disk, &disk)) {
                return false; /* an earlier loss is not made good yet */
            }
            good += m->node != node && (m->in_sync || m->eligible) &&
                    disk_id_equal(&m->disk, &disk) && r->flushed >= s->truths[p].committed_end;
        }
        if (good < 1) {
            return false;
        }
    }
    return true;
}

static void
truth_check(struct world *w, struct state *s, uint32_t p)
{
    struct partition_truth *t = &s->truths[p];
    uint32_t last[CLIENTS_MAX] = {0};
    for (int64_t i = 0; i < t->committed_end; i++) {
        const uint32_t client = t->committed[i].value >> VALUE_SHIFT;
        const uint32_t sequence = t->committed[i].value & ((1u << VALUE_SHIFT) - 1);
        if (client > 0 && sequence != last[client - 1] + 1) {
            world_fail(w, "K5", "partition %u: producer %u has sequence %u after %u at offset %d",
                       p, client - 1, sequence, last[client - 1], (int)i);
            return;
        }
        if (client > 0) {
            last[client - 1] = sequence;
        }
    }
    for (uint32_t c = 0; c < t->client_count; c++) {
        for (uint32_t q = 1; q <= t->clients[c].sequence; q++) {
            const int64_t at = t->acked_of[c][q] - 1;
            if (at >= 0 && (at >= t->committed_end ||
                            t->committed[at].value != ((c + 1) << VALUE_SHIFT | q))) {
                world_fail(w, "K3",
                           "partition %u: sequence %u of producer %u was acknowledged at %d", p, q,
                           c, (int)at);
                return;
            }
        }
        if (t->clients[c].out && w->now - t->clients[c].begun > 3 * SECS) {
            world_fail(w, "LIVE", "partition %u: producer %u waits for %d ms for sequence %u", p, c,
                       (int)((w->now - t->clients[c].begun) / MS), t->clients[c].sequence);
        }
    }
}

static void
replica_finish(struct world *w)
{
    struct state *s = state_of(w);
    for (uint32_t p = 0; p < s->partition_count && !w->failed; p++) {
        struct partition_state stored;
        truth_check(w, s, p);
        stored_state(w, p, &stored);
        if (partition_in_sync(&stored) != stored.count) {
            world_fail(w, "LIVE", "partition %u: %u of %u are in sync after healing", p,
                       partition_in_sync(&stored), stored.count);
        }
        if (s->truths[p].acked == 0) {
            world_fail(w, "LIVE", "partition %u: nothing was acknowledged", p);
        }
        world_note(w, (uint64_t)s->truths[p].committed_end);
    }
}

static void
replica_release(struct world *w)
{
    struct state *s = state_of(w);
    for (uint32_t p = 0; p < PARTITIONS_MAX; p++) {
        free(s->truths[p].committed);
        for (uint32_t i = 0; i <= NODES_MAX; i++) {
            free(s->replicas[i][p].entries);
        }
    }
}

const struct part part_replica = {
    .name = "replica",
    .start = replica_start,
    .node_up = replica_node_up,
    .node_down = replica_node_down,
    .message = replica_message,
    .watched = replica_watched,
    .finish = replica_finish,
    .release = replica_release,
    .disk_may_go = replica_disk_may_go,
};
