/* What is told by the control store and the members, made into topics, logs and replicas. */
#include "kafka/cluster.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/trace.h"
#include "hdfs/hdfs.h"
#include "kafka/cluster_private.h"
#include "kafka/groups.h"

void
partition_key(char out[PARTITION_KEY_MAX], const char *topic, int32_t partition)
{
    snprintf(out, PARTITION_KEY_MAX, "partition/%s/%d", topic, partition);
}

static void *
cluster_alloc(void *p)
{
    if (p == NULL) {
        abort();
    }
    return p;
}

void
topic_states_grow(struct topic *topic, int32_t count)
{
    const size_t n = (size_t)count;
    size_t before = topic->states != NULL ? (size_t)topic->partition_count : 0;
    topic->states = cluster_alloc(realloc(topic->states, n * sizeof *topic->states));
    topic->logs = cluster_alloc(realloc(topic->logs, n * sizeof(struct log *)));
    topic->replicas = cluster_alloc(realloc(topic->replicas, n * sizeof(struct replica *)));
    for (; before < n; before++) {
        topic->states[before] = (struct partition_state){0};
        topic->logs[before] = NULL;
        topic->replicas[before] = NULL;
    }
    topic->partition_count = count;
}

/* --- partitions that are here ---------------------------------------------------------------- */

/* A folder of that name may be what a topic deleted in our absence left. */
static struct log *
partition_log_open(struct cluster *c, struct topic *topic, int32_t partition, struct error *err)
{
    struct log_config config;
    topic_log_config(topic->settings, topic->setting_count, &config);
    for (int i = 0; i < 2; i++) {
        struct log *log = log_open(c->topics->logs, topic->name, partition, &config, err);
        bool other = false;
        if (log == NULL || !log_identify(log, topic->id.bytes, &other, err)) {
            return NULL;
        }
        if (!other) {
            return log;
        }
        trace(TRACE_WARN, "kafka", "%s-%d here is of an earlier topic of that name and goes",
              topic->name, partition);
        if (!log_delete(log, err)) {
            return NULL;
        }
    }
    return NULL;
}

static void
partition_open(struct cluster *c, struct topic *topic, int32_t partition)
{
    struct error err = {0};
    struct log *log = partition_log_open(c, topic, partition, &err);
    if (log == NULL) {
        trace(TRACE_ERROR, "kafka", "%s-%d cannot be opened: %s", topic->name, partition,
              error_text(&err));
        error_clear(&err);
        return;
    }
    char key[PARTITION_KEY_MAX];
    struct replica_id id = {.partition = partition};
    memcpy(id.topic, topic->id.bytes, sizeof id.topic);
    partition_key(key, topic->name, partition);
    topic->logs[partition] = log;
    topic->replicas[partition] = replica_open(c->replicas, &id, key, log, topic);
}

static void
partition_close(struct topic *topic, int32_t partition)
{
    struct error err = {0};
    if (topic->logs[partition] == NULL) {
        return;
    }
    replica_close(topic->replicas[partition]);
    if (!log_delete(topic->logs[partition], &err)) {
        trace(TRACE_WARN, "kafka", "remains of %s-%d: %s", topic->name, partition,
              error_text(&err));
        error_clear(&err);
    }
    topic->replicas[partition] = NULL;
    topic->logs[partition] = NULL;
}

void
cluster_partition_is(struct cluster *c, struct topic *topic, int32_t partition,
                     const struct partition_state *s)
{
    struct partition_state *known = &topic->states[partition];
    if (s->version <= known->version) {
        return;
    }
    *known = *s;
    if (partition_find(known, (uint32_t)c->broker->node_id) == NULL) {
        partition_close(topic, partition);
        return;
    }
    if (topic->logs[partition] == NULL) {
        partition_open(c, topic, partition);
    }
    if (topic->replicas[partition] != NULL) {
        replica_tell(topic->replicas[partition], s);
    }
}

void
cluster_topic_forget(struct cluster *c, struct topic *topic)
{
    if (c->broker->groups != NULL) {
        groups_forget_topic(c->broker->groups, bytes_of(topic->name));
    }
    topic_unlink(c->topics, topic);
    for (int32_t i = 0; i < topic->partition_count; i++) {
        partition_close(topic, i);
    }
    topic_free(topic);
}

/* --- what the watches tell ------------------------------------------------------------------- */

static void
orphan_keep(struct cluster *c, const char *topic, size_t len, int32_t partition,
            const struct partition_state *s)
{
    struct orphan *o = cluster_alloc(calloc(1, sizeof *o));
    *o = (struct orphan){.next = c->orphans, .partition = partition, .state = *s};
    o->topic = cluster_alloc(strndup(topic, len));
    c->orphans = o;
}

static void
orphans_take(struct cluster *c, struct topic *topic)
{
    struct orphan **link = &c->orphans;
    while (*link != NULL) {
        struct orphan *o = *link;
        if (strcmp(o->topic, topic->name) != 0) {
            link = &o->next;
            continue;
        }
        *link = o->next;
        if (o->partition < topic->partition_count) {
            cluster_partition_is(c, topic, o->partition, &o->state);
        }
        free(o->topic);
        free(o);
    }
}

static void
partition_told(struct cluster *c, const char *rest, struct bytes value, uint64_t version)
{
    const char *slash = strrchr(rest, '/');
    struct partition_state s;
    if (slash == NULL || value.ptr == NULL) {
        return; /* goes with its topic */
    }
    const int32_t partition = (int32_t)strtol(slash + 1, NULL, 10);
    if (!partition_read(&s, value)) {
        trace(TRACE_ERROR, "kafka", "the state of partition %s is not readable", rest);
        return;
    }
    s.version = version;
    struct topic *topic =
        topics_find(c->topics, (struct bytes){(const uint8_t *)rest, (size_t)(slash - rest)});
    if (topic != NULL && partition >= 0 && partition < topic->partition_count) {
        cluster_partition_is(c, topic, partition, &s);
    } else {
        orphan_keep(c, rest, (size_t)(slash - rest), partition, &s);
    }
}

/* Partitions may be told before or after their topic; what came before waits as an orphan. */
static void
topic_told(struct cluster *c, const char *name, struct bytes value, uint64_t version)
{
    struct topic *now = topics_find(c->topics, bytes_of(name));
    if (value.ptr == NULL) {
        if (now != NULL && version > now->version) {
            cluster_topic_forget(c, now);
        }
        return;
    }
    if (now != NULL && version <= now->version) {
        return;
    }
    struct topic *told = cluster_alloc(calloc(1, sizeof *told));
    told->name = cluster_alloc(strdup(name));
    told->version = version;
    if (!topic_read(told, value)) {
        trace(TRACE_ERROR, "kafka", "the entry of topic %s is not readable", name);
        topic_free(told);
        return;
    }
    if (now != NULL && memcmp(&now->id, &told->id, sizeof told->id) != 0) {
        cluster_topic_forget(c, now);
        now = NULL;
    }
    if (now == NULL) {
        const int32_t count = told->partition_count;
        topic_states_grow(told, count);
        topic_link(c->topics, told);
        orphans_take(c, told);
        return;
    }
    now->version = version;
    if (told->partition_count > now->partition_count) {
        topic_states_grow(now, told->partition_count);
    }
    settings_free(now->settings, now->setting_count);
    now->settings = told->settings;
    now->setting_count = told->setting_count;
    told->settings = NULL;
    told->setting_count = 0;
    topic_free(told);
    topic_logs_configure(now);
    orphans_take(c, now);
}

struct told { /* a change on its way to the loop */
    struct cluster *cluster;
    char *key;
    uint8_t *value; /* NULL: removed */
    size_t len;
    uint64_t version;
};

static void
told_arrive(void *ctx)
{
    struct told *t = ctx;
    struct cluster *c = t->cluster;
    const struct bytes value = {t->value, t->len};
    if (!c->stopped && strncmp(t->key, "topic/", 6) == 0) {
        topic_told(c, t->key + 6, value, t->version);
    } else if (!c->stopped && strncmp(t->key, "partition/", 10) == 0) {
        partition_told(c, t->key + 10, value, t->version);
    }
    free(t->key);
    free(t->value);
    free(t);
}

/* On a thread of the control store, or on the loop's while a watch begins. */
static void
told_post(void *ctx, const char *key, struct bytes value, uint64_t version)
{
    struct cluster *c = ctx;
    struct told *t = cluster_alloc(calloc(1, sizeof *t));
    *t = (struct told){
        .cluster = c, .key = cluster_alloc(strdup(key)), .len = value.len, .version = version};
    if (value.ptr != NULL) {
        t->value = cluster_alloc(malloc(value.len + 1));
        memcpy(t->value, value.ptr, value.len);
    }
    loop_post(c->broker->loop, told_arrive, t);
}

/* --- members --------------------------------------------------------------------------------- */

const struct member *
cluster_members(const struct cluster *c, size_t *count)
{
    *count = c->member_count;
    return c->members;
}

const struct member *
cluster_member(const struct cluster *c, uint32_t node)
{
    for (size_t i = 0; i < c->member_count; i++) {
        if (c->members[i].id == node) {
            return &c->members[i];
        }
    }
    return NULL;
}

uint32_t
cluster_controller(const struct cluster *c)
{
    return c->controller;
}

size_t
cluster_partition_members(const struct cluster *c, struct partition_member out[MEMBERS_MAX])
{
    for (size_t i = 0; i < c->member_count; i++) {
        const struct member *m = &c->members[i];
        out[i] = (struct partition_member){.node = m->id,
                                           .incarnation = m->incarnation,
                                           .suspect = m->suspect,
                                           .draining = m->draining};
        snprintf(out[i].disk.text, sizeof out[i].disk.text, "%s", m->disk_id);
    }
    return c->member_count;
}

void
cluster_members_changed(struct cluster *c)
{
    struct member before[MEMBERS_MAX];
    const size_t before_count = c->member_count;
    uint64_t incarnation = 0, version = 0;
    if (c->stopped) {
        return;
    }
    memcpy(before, c->members, before_count * sizeof *before);
    const size_t count = members_list(c->membership, c->members, MEMBERS_MAX);
    c->member_count = count < MEMBERS_MAX ? count : MEMBERS_MAX;
    if (!members_controller(c->membership, &c->controller, &incarnation, &version)) {
        c->controller = 0;
    }
    if (before_count != c->member_count ||
        memcmp(before, c->members, before_count * sizeof *before) != 0) {
        c->members_changed_ms = env_mono_ms(&env_real);
    }
    for (size_t i = 0; i < before_count; i++) {
        if (cluster_member(c, before[i].id) == NULL) {
            replicas_node(c->replicas, before[i].id, NULL);
        }
    }
    for (size_t i = 0; i < c->member_count; i++) {
        if (c->members[i].id != (uint32_t)c->broker->node_id) {
            replicas_node(c->replicas, c->members[i].id, c->members[i].peers[MEMBER_STORE]);
        }
    }
    replicas_reborn(c->replicas, members_incarnation(c->membership));
    controller_decide(c);
}

static void
cluster_tick(void *ctx)
{
    struct cluster *c = ctx;
    c->tick = loop_after(c->broker->loop, CLUSTER_TICK_MS, cluster_tick, c);
    cluster_members_changed(c);
}

/* --- life ------------------------------------------------------------------------------------ */

static void
cluster_role_changed(void *ctx, struct replica *r)
{
    struct cluster *c = ctx;
    const struct topic *topic = replica_user(r);
    if (topic != NULL && strcmp(topic->name, OFFSETS_TOPIC) == 0 && c->broker->groups != NULL) {
        groups_role_changed(c->broker->groups, r);
    }
}

static void
partition_listed(void *ctx, const char *key, struct bytes value, uint64_t version)
{
    partition_told(ctx, key + strlen("partition/"), value, version);
}

static bool
partition_wanted(void *ctx, const char *name, size_t len, int32_t partition)
{
    static const char files[] = HDFS_NAMESPACE_TOPIC; /* no topic of ours, but a log beside them */
    struct cluster *c = ctx;
    struct topic *topic = topics_find(c->topics, (struct bytes){(const uint8_t *)name, len});
    return (len == sizeof files - 1 && memcmp(name, files, len) == 0) ||
           (topic != NULL && partition < topic->partition_count);
}

bool
cluster_load(struct cluster *c, struct error *err)
{
    for (size_t i = 0; i < TOPIC_BUCKETS; i++) {
        for (struct topic *t = c->topics->by_name[i]; t != NULL; t = t->next_by_name) {
            topic_states_grow(t, t->partition_count);
        }
    }
    if (!log_set_sweep(c->topics->logs, partition_wanted, c, err) ||
        !control_list(c->topics->control, "partition/", partition_listed, c, err)) {
        return false;
    }
    c->topic_watch = control_watch(c->topics->control, "topic/", told_post, c, err);
    if (c->topic_watch != NULL) {
        c->partition_watch = control_watch(c->topics->control, "partition/", told_post, c, err);
    }
    if (c->partition_watch == NULL) {
        return false;
    }
    cluster_members_changed(c);
    return true;
}

struct cluster *
cluster_open(struct kafka_broker *b, struct members *members, const char *secret, struct error *err)
{
    struct cluster *c = cluster_alloc(calloc(1, sizeof *c));
    struct member self = {0};
    *c = (struct cluster){.broker = b, .topics = &b->topics, .membership = members};
    c->clerk = clerk_new(b->loop, "clerk", err);
    if (c->clerk == NULL) {
        free(c);
        return NULL;
    }
    members_find(members, (uint32_t)b->node_id, &self);
    struct replicas_config config = {
        .loop = b->loop,
        .control = b->control,
        .clerk = c->clerk,
        .self = {.node = (uint32_t)b->node_id, .incarnation = members_incarnation(members)},
        .secret = secret,
        .on_role = cluster_role_changed,
        .ctx = c,
    };
    snprintf(config.self.disk.text, sizeof config.self.disk.text, "%s", self.disk_id);
    c->replicas = replicas_new(&config);
    c->tick = loop_after(b->loop, CLUSTER_TICK_MS, cluster_tick, c);
    return c;
}

void
cluster_stop(struct cluster *c)
{
    c->stopped = true;
    loop_timer_cancel(c->tick);
    if (c->topic_watch != NULL) {
        control_watch_end(c->topics->control, c->topic_watch);
    }
    if (c->partition_watch != NULL) {
        control_watch_end(c->topics->control, c->partition_watch);
    }
    replicas_stop(c->replicas);
    clerk_free(c->clerk);
}

void
cluster_free(struct cluster *c)
{
    replicas_free(c->replicas);
    while (c->orphans != NULL) {
        struct orphan *o = c->orphans;
        c->orphans = o->next;
        free(o->topic);
        free(o);
    }
    free(c);
}

void
cluster_frame(struct cluster *c, struct frame_peer *peer, const struct frame *f)
{
    replicas_frame(c->replicas, peer, f);
}

void
cluster_peer_gone(struct cluster *c, struct frame_peer *peer)
{
    if (!c->stopped) {
        replicas_peer_gone(c->replicas, peer);
    }
}
