/* The replica machine. Each rule's id stands where it is kept. */
#include "log/replica_core.h"

#include <assert.h>
#include <string.h>

#include "base/bug.h"

static int64_t
least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

void
replica_init(struct replica_core *r, const struct replica_self *self, const struct replica_log *log,
             int32_t epoch_acted, int64_t high_watermark)
{
    assert(log->start <= log->flushed && log->flushed <= log->end);
    *r = (struct replica_core){.self = *self, .epoch_acted = epoch_acted, .log = *log};
    const int64_t kept = least(high_watermark, log->flushed);
    r->high_watermark = kept > log->start ? kept : log->start;
    r->leader_watermark = -1;
    /* L4: no two lives of a node use the same number, so an answer to an earlier one is ignored. */
    r->request_last = self->incarnation << 32;
}

static void
role_drop(struct replica_core *r)
{
    r->role = REPLICA_IDLE;
    r->proposing = false;
    r->request_out = false;
    r->leader_watermark = -1;
    memset(r->progress, 0, sizeof r->progress);
}

void
replica_reborn(struct replica_core *r, uint64_t incarnation)
{
    assert(incarnation > r->self.incarnation);
    r->self.incarnation = incarnation;
    r->begin_due = false;
    r->state.version = 0;
    role_drop(r);
}

/* Leadership is granted to one life of a node (3.3): a late grant to an earlier one is nothing. */
static bool
granted_here(const struct replica_core *r, const struct partition_state *s)
{
    return s->leader == r->self.node &&
           (s->leader_incarnation == r->self.incarnation || BUG(BUG_GRANT_NO_INCARNATION));
}

static bool
same_identity(const struct partition_replica *member, const struct replica_progress *p)
{
    return BUG(BUG_FETCH_NO_IDENTITY) ||
           (member->incarnation == p->incarnation && disk_id_equal(&member->disk, &p->disk));
}

/* How far a counted member is known to be; -1: not at all in this epoch. */
static int64_t
counted_flushed(const struct replica_core *r, const struct partition_replica *member, uint32_t i)
{
    if (member->node == r->self.node) {
        return BUG(BUG_ACK_BEFORE_FLUSH) ? r->log.end : r->log.flushed; /* L1 */
    }
    const struct replica_progress *p = &r->progress[i];
    return p->heard && same_identity(member, p) ? p->flushed : -1;
}

/* L2: the least flushed end over the in-sync set and whoever is being added; a member that is being
 * removed counts until that is committed (L6). */
static void
watermark_move(struct replica_core *r)
{
    if (r->role != REPLICA_LEADER ||
        (partition_in_sync(&r->state) < r->state.min_insync && !BUG(BUG_WATERMARK_BELOW_MIN))) {
        return;
    }
    int64_t mark = r->log.end;
    for (uint32_t i = 0; i < r->state.count; i++) {
        const struct partition_replica *now = &r->state.replicas[i];
        const struct partition_replica *then = &r->proposal.replicas[i];
        const bool added = r->proposing && then->in_sync && !now->in_sync;
        const bool removed = r->proposing && !then->in_sync && now->in_sync;
        if (now->in_sync && !(removed && BUG(BUG_REMOVED_NOT_COUNTED))) {
            mark = least(mark, counted_flushed(r, now, i));
        } else if (added && !BUG(BUG_PENDING_NOT_COUNTED)) {
            mark = least(mark, counted_flushed(r, then, i));
        } else if (r->progress[i].joining && r->progress[i].flushed < mark) {
            mark =
                r->progress[i].flushed; /* it waits for it, else it would run after it for ever */
        }
    }
    if (mark > r->high_watermark) {
        r->high_watermark = mark; /* L11: it never falls */
    }
}

/* A newer state of the epoch that is already acted under. */
static void
state_renew(struct replica_core *r, const struct partition_state *s)
{
    struct replica_progress moved[REPLICAS_MAX] = {0};
    for (uint32_t i = 0; r->role == REPLICA_LEADER && i < s->count; i++) {
        for (uint32_t j = 0; j < r->state.count; j++) {
            if (r->state.replicas[j].node == s->replicas[i].node) {
                moved[i] = r->progress[j];
                if (r->state.replicas[j].in_sync && !s->replicas[i].in_sync) {
                    /* Who left is as good as dead until it is heard again: nothing waits for it. */
                    moved[i] = (struct replica_progress){0};
                }
            }
        }
    }
    memcpy(r->progress, moved, sizeof moved);
    r->state = *s;
    r->proposing = false; /* whatever was proposed was on an older version */
    watermark_move(r);
}

enum replica_step
replica_decide(struct replica_core *r, const struct partition_state *s)
{
    if (s->version <= r->state.version) {
        return REPLICA_KEEP; /* a late message about what is over */
    }
    /* L12: never under an older epoch than that which was acted under, or than the log's own. */
    if ((s->epoch < r->epoch_acted || s->epoch < r->log.last_epoch) && !BUG(BUG_EPOCH_FORGOTTEN)) {
        return REPLICA_KEEP;
    }
    const bool same_epoch = r->state.version != 0 && s->epoch == r->state.epoch &&
                            s->leader == r->state.leader &&
                            s->leader_incarnation == r->state.leader_incarnation;
    if (same_epoch && (r->role != REPLICA_IDLE || r->begin_due)) {
        state_renew(r, s);
        return REPLICA_KEEP;
    }
    role_drop(r);
    r->state = *s;
    r->begin_due = partition_find(&r->state, r->self.node) != NULL &&
                   (granted_here(r, s) || (s->leader != 0 && s->leader != r->self.node));
    return r->begin_due ? REPLICA_PERSIST : REPLICA_KEEP;
}

enum replica_step
replica_begin(struct replica_core *r, int32_t epoch_durable)
{
    if (epoch_durable > r->epoch_acted) {
        r->epoch_acted = epoch_durable;
    }
    if (!r->begin_due || epoch_durable != r->state.epoch) {
        return REPLICA_KEEP;
    }
    r->begin_due = false;
    if (!granted_here(r, &r->state)) {
        r->role = REPLICA_FOLLOWER;
        return REPLICA_FOLLOW;
    }
    r->role = REPLICA_LEADER;
    r->epoch_start = r->log.end;
    watermark_move(r);
    return REPLICA_LEAD;
}

void
replica_log_is(struct replica_core *r, const struct replica_log *log)
{
    assert(log->start <= log->flushed && log->flushed <= log->end);
    r->log = *log;
    if (r->role == REPLICA_FOLLOWER) {
        const int64_t mark = least(r->leader_watermark, log->flushed);
        r->high_watermark = mark > r->high_watermark ? mark : r->high_watermark;
    }
    if (r->high_watermark < log->start) {
        r->high_watermark = log->start;
    }
    watermark_move(r);
}

/* --- leader ---------------------------------------------------------------------------------- */

static void
progress_note(struct replica_core *r, struct replica_progress *p, const struct replica_fetch *f,
              int64_t now_ms)
{
    const bool other_life =
        !p->heard || p->incarnation != f->incarnation || !disk_id_equal(&p->disk, &f->disk);
    if (!other_life && f->request <= p->request) {
        return; /* overtaken by a later one */
    }
    if (other_life) {
        *p = (struct replica_progress){
            .heard = true, .incarnation = f->incarnation, .disk = f->disk, .caught_ms = now_ms};
        p->end_before = r->log.end;
    }
    if (f->offset >= p->end_before) {
        p->caught_ms = p->heard_ms > p->caught_ms ? p->heard_ms : p->caught_ms;
    }
    if (f->offset >= r->log.end) {
        p->caught_ms = now_ms;
    }
    p->request = f->request;
    p->flushed = f->offset;
    p->end_before = r->log.end;
    p->heard_ms = now_ms;
}

static enum replica_error
fetch_check(const struct replica_core *r, const struct replica_fetch *f, uint32_t *index)
{
    if (r->role != REPLICA_LEADER) {
        return REPLICA_NOT_LEADER;
    }
    if (f->epoch != r->state.epoch && !BUG(BUG_FETCH_NO_EPOCH)) {
        return f->epoch < r->state.epoch ? REPLICA_FENCED : REPLICA_UNKNOWN;
    }
    uint32_t i = 0;
    while (i < r->state.count && r->state.replicas[i].node != f->node) {
        i++;
    }
    *index = i;
    if (i == r->state.count || f->node == r->self.node ||
        (r->progress[i].heard && f->incarnation < r->progress[i].incarnation) ||
        f->incarnation < r->state.replicas[i].incarnation) {
        return REPLICA_STALE;
    }
    return REPLICA_OK;
}

void
replica_on_fetch(struct replica_core *r, const struct replica_fetch *f, int32_t epoch_found,
                 int64_t epoch_end, int64_t now_ms, struct replica_answer *out)
{
    uint32_t i = 0;
    *out = (struct replica_answer){.request = f->request,
                                   .epoch = r->state.epoch,
                                   .error = fetch_check(r, f, &i),
                                   .start = r->log.start,
                                   .diverged_epoch = -1,
                                   .diverged_end = -1};
    if (out->error == REPLICA_OK) {
        const bool has_batches = f->last_epoch >= 0;
        if (f->offset < r->log.start || (!has_batches && f->offset > r->log.end)) {
            out->error = REPLICA_OUT_OF_RANGE;
        } else if (has_batches && (epoch_found != f->last_epoch || epoch_end < f->offset) &&
                   !BUG(BUG_FETCH_NO_DIVERGENCE)) {
            out->error = REPLICA_DIVERGED; /* L5 */
            out->diverged_epoch = epoch_found;
            out->diverged_end = epoch_found < 0 ? r->log.start : epoch_end;
        } else {
            progress_note(r, &r->progress[i], f, now_ms);
            watermark_move(r);
        }
    }
    out->high_watermark = r->high_watermark;
}

enum replica_error
replica_may_append(const struct replica_core *r, bool acks_all)
{
    if (r->role != REPLICA_LEADER) {
        return REPLICA_NOT_LEADER;
    }
    return acks_all && partition_in_sync(&r->state) < r->state.min_insync ? REPLICA_TOO_FEW
                                                                          : REPLICA_OK;
}

enum replica_ack
replica_ack(const struct replica_core *r, int32_t epoch, int64_t offset)
{
    if (r->role != REPLICA_LEADER || r->state.epoch != epoch) {
        return REPLICA_ACK_LOST;
    }
    return offset < r->high_watermark || BUG(BUG_ACK_WITHOUT_WATERMARK) ? REPLICA_ACK_DONE
                                                                        : REPLICA_ACK_WAIT;
}

bool
replica_settled(const struct replica_core *r)
{
    return r->role == REPLICA_LEADER && r->high_watermark >= r->epoch_start;
}

/* Holds everything committed and everything from before this epoch, in a life that is recent. */
static bool
may_join(const struct replica_core *r, const struct replica_progress *p, int64_t now_ms,
         int64_t lag_ms_max)
{
    return p->heard && now_ms - p->heard_ms <= lag_ms_max &&
           (BUG(BUG_ADD_BEFORE_CAUGHT_UP) ||
            (p->flushed >= r->high_watermark && p->flushed >= r->epoch_start));
}

/* It keeps up, but for what came while its last fetch was on its way. */
static bool
nearly_joins(const struct replica_core *r, const struct replica_progress *p, int64_t now_ms,
             int64_t lag_ms_max)
{
    return p->heard && now_ms - p->heard_ms <= lag_ms_max / 4 &&
           now_ms - p->caught_ms <= lag_ms_max && p->flushed >= r->epoch_start;
}

/* One who was never heard in this epoch has lagged since it began: caught_ms is set at the first
 * look. */
static bool
lags(struct replica_progress *p, int64_t now_ms, int64_t lag_ms_max)
{
    if (p->caught_ms == 0) {
        p->caught_ms = now_ms;
    }
    return now_ms - p->caught_ms > lag_ms_max;
}

bool
replica_propose(struct replica_core *r, int64_t now_ms, int64_t lag_ms_max)
{
    if (r->role != REPLICA_LEADER) {
        return false;
    }
    if (r->proposing) {
        return true;
    }
    bool change = false;
    r->proposal = r->state;
    for (uint32_t i = 0; i < r->state.count; i++) {
        const struct partition_replica *m = &r->state.replicas[i];
        struct replica_progress *p = &r->progress[i];
        if (m->node == r->self.node) {
            continue;
        }
        const bool known = m->in_sync && p->heard && same_identity(m, p);
        p->joining = !known && nearly_joins(r, p, now_ms, lag_ms_max);
        if (!known && may_join(r, p, now_ms, lag_ms_max)) {
            partition_join(&r->proposal, m->node, p->incarnation, &p->disk);
            change = true;
        } else if (m->in_sync && lags(p, now_ms, lag_ms_max)) {
            partition_leave(&r->proposal, m->node);
            change = true;
        }
    }
    partition_left(&r->proposal, &r->state);
    r->proposing = change;
    return change;
}

void
replica_proposed(struct replica_core *r, uint64_t base_version, uint64_t version)
{
    if (r->proposing && r->proposal.version == base_version && version > base_version) {
        struct partition_state s = r->proposal;
        s.version = version;
        state_renew(r, &s);
    }
}

/* --- follower -------------------------------------------------------------------------------- */

bool
replica_fetch_make(struct replica_core *r, struct replica_fetch *out)
{
    if (r->role != REPLICA_FOLLOWER || r->log.flushed != r->log.end) {
        return false;
    }
    r->request_out = true;
    *out = (struct replica_fetch){
        .node = r->self.node,
        .incarnation = r->self.incarnation,
        .disk = r->self.disk,
        .request = ++r->request_last,
        .epoch = r->state.epoch,
        .offset = r->log.flushed,
        .last_epoch = r->log.last_epoch,
    };
    return true;
}

void
replica_fetch_lost(struct replica_core *r)
{
    r->request_out = false;
}

static struct replica_action
truncate_action(const struct replica_core *r, const struct replica_answer *a, int64_t own_epoch_end)
{
    struct replica_action action = {REPLICA_TRUNCATE, least(a->diverged_end, own_epoch_end), 0};
    if (a->diverged_epoch < 0) {
        action.offset = r->log.start; /* nothing in common */
    }
    action.offset = least(action.offset, r->log.end);
    if (BUG(BUG_TRUNCATE_TO_WATERMARK)) {
        action.offset = r->high_watermark;
    } else if (action.offset < r->high_watermark) {
        action.kind = REPLICA_STOP; /* L5: what was committed is never cut */
    }
    return action;
}

struct replica_action
replica_on_answer(struct replica_core *r, const struct replica_answer *a, int64_t own_epoch_end)
{
    const struct replica_action ignore = {REPLICA_IGNORE, 0, 0}, retry = {REPLICA_RETRY, 0, 0};
    /* L4: only the answer to the outstanding request, in the epoch that is followed. */
    if (r->role != REPLICA_FOLLOWER ||
        ((!r->request_out || a->request != r->request_last) && !BUG(BUG_NO_REQUEST_NUMBER))) {
        return ignore;
    }
    r->request_out = false;
    if (a->epoch != r->state.epoch && !BUG(BUG_FETCH_NO_EPOCH)) {
        return retry;
    }
    switch (a->error) {
    case REPLICA_OK:
        r->leader_watermark =
            a->high_watermark > r->leader_watermark ? a->high_watermark : r->leader_watermark;
        return (struct replica_action){REPLICA_APPEND, r->log.end, a->start};
    case REPLICA_DIVERGED:
        return truncate_action(r, a, own_epoch_end);
    case REPLICA_OUT_OF_RANGE: /* what lies below the leader's start was let go on purpose */
        return (struct replica_action){a->start < r->high_watermark ? REPLICA_STOP : REPLICA_ANEW,
                                       a->start, a->start};
    default:
        return retry;
    }
}
