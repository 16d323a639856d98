/* One partition's replica: decisions in, epochs made durable, watermarks out, proposals written. */
#include "log/replica.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/trace.h"
#include "log/log_internal.h"
#include "log/replica_internal.h"

enum { CONTROL_RECORD_LEADER = 2, ATTRIBUTE_CONTROL = 1 << 5 };

static size_t
id_bucket(const struct replica_id *id)
{
    uint64_t h;
    memcpy(&h, id->topic, sizeof h);
    h ^= (uint64_t)id->partition * 0x9e3779b97f4a7c15u;
    return (size_t)(h ^ h >> 29) % REPLICA_BUCKETS;
}

struct replica *
replicas_find(struct replicas *rs, const struct replica_id *id)
{
    struct replica *r = rs->buckets[id_bucket(id)];
    while (r != NULL && (memcmp(r->id.topic, id->topic, sizeof id->topic) != 0 ||
                         r->id.partition != id->partition)) {
        r = r->next_in_bucket;
    }
    return r;
}

void
replica_id_put(struct buffer *out, const struct replica_id *id)
{
    buffer_put(out, id->topic, sizeof id->topic);
    buffer_uvarint(out, (uint64_t)id->partition);
}

bool
replica_id_read(struct reader *r, struct replica_id *id)
{
    const struct bytes topic = reader_take(r, sizeof id->topic);
    id->partition = (int32_t)reader_uvarint64(r);
    if (reader_ok(r)) {
        memcpy(id->topic, topic.ptr, sizeof id->topic);
    }
    return reader_ok(r);
}

static void
facts_of(struct log *log, struct replica_log *out)
{
    struct log_facts facts;
    log_facts(log, &facts);
    *out = (struct replica_log){facts.start, facts.end, facts.flushed, facts.last_epoch};
}

static void
watermark_show(struct replica *r)
{
    struct error err = {0};
    if (!log_commit_to(r->log, r->core.high_watermark, &err)) {
        trace(TRACE_ERROR, "replica", "%s: the watermark cannot be moved: %s", r->key,
              error_text(&err));
        error_clear(&err);
    }
    if (!r->settled && replica_settled(&r->core)) {
        r->settled = true;
        r->owner->config.on_role(r->owner->config.ctx, r);
    }
}

void
replica_facts_changed(struct replica *r)
{
    struct replica_log log;
    facts_of(r->log, &log);
    replica_log_is(&r->core, &log);
    watermark_show(r);
}

static void
replica_flushed(void *ctx)
{
    struct replica *r = ctx;
    atomic_store(&r->flush_posted, false);
    if (r->log == NULL || r->owner->stopped) {
        return;
    }
    replica_facts_changed(r);
    if (r->core.role == REPLICA_FOLLOWER) {
        replica_link_pump(r->owner, r->core.state.leader);
    }
}

/* On the flusher's thread. */
static void
replica_on_flush(void *ctx)
{
    struct replica *r = ctx;
    if (!atomic_exchange(&r->flush_posted, true)) {
        loop_post(r->owner->config.loop, replica_flushed, r);
    }
}

/* --- roles ----------------------------------------------------------------------------------- */

/* L8: an epoch begins with a batch of its own, so that tails of older epochs are ordered. It is a
 * control batch, which consumers step over. */
static void
marker_append(struct replica *r)
{
    static const uint8_t key[4] = {0, 0, 0, CONTROL_RECORD_LEADER}, value[2] = {0, 0};
    struct buffer bytes = {0};
    struct batch_builder b;
    struct log_append_result result;
    struct error err = {0};
    batch_begin(&b, &bytes, 0);
    batch_add(&b, env_wall_ms(&env_real), (struct bytes){key, sizeof key},
              (struct bytes){value, sizeof value}, (struct bytes){0}, 0);
    batch_end(&b);
    bytes.ptr[22] |= ATTRIBUTE_CONTROL;
    batch_seal(bytes.ptr, bytes.len);
    if (!log_append(r->log, bytes.ptr, bytes.len, LOG_INTERNAL, &result, &err)) {
        env_real.ops->fatal(&env_real, error_text(&err));
    }
    buffer_release(&bytes);
}

static void
role_taken(struct replica *r, enum replica_step step)
{
    if (step == REPLICA_LEAD) {
        trace(TRACE_INFO, "replica", "%s: leads epoch %d from offset %lld", r->key,
              r->core.state.epoch, (long long)r->core.log.end);
        if (r->core.log.last_epoch >= 0) {
            marker_append(r);
        }
        replica_facts_changed(r);
    } else if (step == REPLICA_FOLLOW) {
        r->retry_ms = 0;
        replica_link_pump(r->owner, r->core.state.leader);
    }
    if (step == REPLICA_LEAD || step == REPLICA_FOLLOW) {
        r->owner->config.on_role(r->owner->config.ctx, r);
        replica_parks_wake(r->owner);
    }
}

struct epoch_job {
    struct replica *replica;
    struct log *log;
    int32_t epoch;
    bool leads;
    bool ok;
};

static void
epoch_job_run(void *ctx)
{
    struct epoch_job *job = ctx;
    struct error err = {0};
    job->ok = log_epoch_act(job->log, job->epoch, &err) &&
              (!job->leads || log_epoch_begin(job->log, job->epoch, &err));
    if (!job->ok) {
        trace(TRACE_ERROR, "replica", "epoch %d cannot be kept: %s", job->epoch, error_text(&err));
        error_clear(&err);
    }
}

static void epoch_persist(struct replica *r);

static void
epoch_job_done(void *ctx, bool ran)
{
    struct epoch_job *job = ctx;
    struct replica *r = job->replica;
    r->persisting = false;
    r->jobs--;
    if (ran && r->log != NULL && !r->owner->stopped) {
        struct replica_log log;
        facts_of(r->log, &log);
        replica_log_is(&r->core, &log);
        if (job->ok) {
            role_taken(r, replica_begin(&r->core, job->epoch));
        }
        if (r->core.begin_due && job->epoch != r->core.state.epoch) {
            epoch_persist(r);
        }
    }
    log_release(job->log);
    free(job);
}

static void
epoch_persist(struct replica *r)
{
    if (r->persisting) {
        return; /* the job that comes back starts the next one */
    }
    struct epoch_job *job = malloc(sizeof *job);
    if (job == NULL) {
        abort();
    }
    *job = (struct epoch_job){
        .replica = r,
        .log = r->log,
        .epoch = r->core.state.epoch,
        .leads = r->core.state.leader == r->core.self.node,
    };
    log_retain(job->log);
    r->persisting = true;
    r->jobs++;
    clerk_do(r->owner->config.clerk, epoch_job_run, epoch_job_done, job);
}

void
replica_tell(struct replica *r, const struct partition_state *s)
{
    const enum replica_role before = r->core.role;
    const int32_t epoch = r->core.state.epoch;
    if (s->version > r->told.version) {
        r->told = *s;
    }
    const enum replica_step step = replica_decide(&r->core, s);
    if (before != REPLICA_IDLE && (r->core.role == REPLICA_IDLE || r->core.state.epoch != epoch)) {
        r->settled = false;
        r->asked = false;
        if (before == REPLICA_LEADER) {
            log_abandon(r->log); /* L3: what waited may be there or not */
        }
        r->owner->config.on_role(r->owner->config.ctx, r);
        replica_parks_wake(r->owner);
    }
    if (step == REPLICA_PERSIST) {
        epoch_persist(r);
    } else if (r->core.role == REPLICA_LEADER) {
        watermark_show(r);
    }
}

void
replicas_reborn(struct replicas *rs, uint64_t incarnation)
{
    if (incarnation <= rs->config.self.incarnation) {
        return;
    }
    rs->config.self.incarnation = incarnation;
    for (struct replica *r = rs->first; r != NULL; r = r->next) {
        const bool led = r->core.role == REPLICA_LEADER;
        const struct partition_state told = r->told;
        replica_reborn(&r->core, incarnation);
        r->settled = false;
        r->asked = false;
        if (led) {
            log_abandon(r->log);
            rs->config.on_role(rs->config.ctx, r);
        }
        replica_tell(r, &told);
    }
}

/* --- proposals ------------------------------------------------------------------------------- */

struct proposal_job {
    struct replica *replica;
    struct control *control;
    char *key;
    struct partition_state proposal;
    bool written, found;
    uint64_t version;
    struct partition_state state; /* what is there instead */
};

static void
proposal_job_run(void *ctx)
{
    struct proposal_job *job = ctx;
    struct error err = {0};
    struct buffer value = {0};
    partition_write(&job->proposal, &value);
    const struct control_change change = {.key = job->key,
                                          .version_expected = job->proposal.version,
                                          .value = value.ptr,
                                          .len = value.len};
    job->written = control_apply(job->control, &change, 1, &job->version, &err);
    if (!job->written && err.code == CONTROL_CONFLICT) {
        error_clear(&err);
        job->found = control_get(job->control, job->key, &value, &job->version, &err) &&
                     job->version != 0 &&
                     partition_read(&job->state, (struct bytes){value.ptr, value.len});
        job->state.version = job->version;
    }
    if (error_is_set(&err)) {
        trace(TRACE_WARN, "replica", "%s: the in-sync set cannot be written: %s", job->key,
              error_text(&err));
        error_clear(&err);
    }
    buffer_release(&value);
}

static void
proposal_job_done(void *ctx, bool ran)
{
    struct proposal_job *job = ctx;
    struct replica *r = job->replica;
    r->writing = false;
    r->jobs--;
    if (ran && r->log != NULL && !r->owner->stopped) {
        if (job->written) {
            replica_proposed(&r->core, job->proposal.version, job->version);
            if (r->core.role == REPLICA_LEADER) {
                watermark_show(r);
            }
        } else if (job->found) {
            replica_tell(r, &job->state);
        }
    }
    free(job->key);
    free(job);
}

static void
replica_propose_now(struct replica *r, int64_t now_ms)
{
    if (r->writing || r->core.role != REPLICA_LEADER ||
        !replica_propose(&r->core, now_ms, REPLICA_LAG_MS)) {
        return;
    }
    struct proposal_job *job = calloc(1, sizeof *job);
    if (job == NULL) {
        abort();
    }
    job->replica = r;
    job->control = r->owner->config.control;
    job->key = strdup(r->key);
    job->proposal = r->core.proposal;
    r->writing = true;
    r->jobs++;
    clerk_do(r->owner->config.clerk, proposal_job_run, proposal_job_done, job);
}

static void
replicas_tick(void *ctx)
{
    struct replicas *rs = ctx;
    const int64_t now_ms = env_mono_ms(&env_real);
    rs->tick = loop_after(rs->config.loop, REPLICA_TICK_MS, replicas_tick, rs);
    for (struct replica *r = rs->first; r != NULL; r = r->next) {
        replica_propose_now(r, now_ms);
    }
    replica_parks_due(rs, now_ms);
}

/* --- opening and closing --------------------------------------------------------------------- */

struct replicas *
replicas_new(const struct replicas_config *config)
{
    struct replicas *rs = calloc(1, sizeof *rs);
    if (rs == NULL) {
        abort();
    }
    rs->config = *config;
    rs->secret = strdup(config->secret != NULL ? config->secret : "");
    rs->tick = loop_after(config->loop, REPLICA_TICK_MS, replicas_tick, rs);
    return rs;
}

void
replicas_stop(struct replicas *rs)
{
    rs->stopped = true;
    loop_timer_cancel(rs->tick);
    replica_parks_drop(rs);
    replica_links_stop(rs);
}

void
replicas_free(struct replicas *rs)
{
    assert(rs->stopped);
    while (rs->first != NULL) {
        replica_close(rs->first);
    }
    while (rs->closed != NULL) {
        struct replica *r = rs->closed;
        rs->closed = r->next;
        free(r->key);
        free(r);
    }
    replica_links_free(rs);
    free(rs->secret);
    free(rs);
}

struct replica *
replica_open(struct replicas *rs, const struct replica_id *id, const char *key, struct log *log,
             void *user)
{
    struct replica *r = calloc(1, sizeof *r);
    struct log_facts facts;
    if (r == NULL) {
        abort();
    }
    *r = (struct replica){
        .owner = rs, .id = *id, .key = strdup(key), .log = log, .user = user, .next = rs->first};
    log_replicate(log, replica_on_flush, r);
    log_facts(log, &facts);
    const struct replica_log at = {facts.start, facts.end, facts.flushed, facts.last_epoch};
    replica_init(&r->core, &rs->config.self, &at, facts.epoch_acted, facts.watermark);
    if (rs->first != NULL) {
        rs->first->previous = r;
    }
    rs->first = r;
    struct replica **bucket = &rs->buckets[id_bucket(id)];
    r->next_in_bucket = *bucket;
    *bucket = r;
    return r;
}

void
replica_close(struct replica *r)
{
    struct replicas *rs = r->owner;
    struct replica **link = &rs->buckets[id_bucket(&r->id)];
    while (*link != r) {
        link = &(*link)->next_in_bucket;
    }
    *link = r->next_in_bucket;
    *(r->previous != NULL ? &r->previous->next : &rs->first) = r->next;
    if (r->next != NULL) {
        r->next->previous = r->previous;
    }
    r->core.role = REPLICA_IDLE;
    if (!rs->stopped) {
        log_replicate(r->log, NULL, NULL);
        log_abandon(r->log);
    }
    r->log = NULL;
    r->user = NULL;
    r->next = rs->closed;
    rs->closed = r;
}

const struct replica_core *
replica_core_of(const struct replica *r)
{
    return &r->core;
}

void *
replica_user(const struct replica *r)
{
    return r->user;
}

struct log *
replica_log_of(const struct replica *r)
{
    return r->log;
}

static void
replicas_woken(void *ctx)
{
    struct replicas *rs = ctx;
    rs->wake_posted = false;
    if (!rs->stopped) {
        replica_parks_wake(rs);
    }
}

void
replica_appended(struct replica *r)
{
    struct replicas *rs = r->owner;
    struct replica_log log;
    facts_of(r->log, &log);
    replica_log_is(&r->core, &log);
    /* Once a round of the loop: requests that came together are answered together. */
    if (!rs->wake_posted && rs->parks != NULL) {
        rs->wake_posted = true;
        loop_post(rs->config.loop, replicas_woken, rs);
    }
}
