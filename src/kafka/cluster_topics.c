/*
 * Topics of a cluster, made, grown and deleted: keys in the control store first, then what is here.
 *
 * A topic's partitions are written before or together with the topic itself, so that whoever sees
 * the topic finds who leads; keys that an interrupted change left are written over by the next.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/trace.h"
#include "kafka/cluster_private.h"

enum { CHUNK = 100, DELETE_TRIES = 5 };

int32_t
cluster_factor_usual(const struct cluster *c)
{
    return c->member_count >= 3 ? 3 : 1;
}

struct versions { /* of the keys partition/<topic>/<n> that are there */
    uint64_t *items;
    int32_t count;
    size_t prefix_len;
};

static void
versions_note(void *ctx, const char *key, struct bytes value, uint64_t version)
{
    struct versions *v = ctx;
    (void)value;
    const long n = strtol(key + v->prefix_len, NULL, 10);
    if (n >= 0 && n < v->count) {
        v->items[n] = version;
    }
}

static bool
versions_read(struct cluster *c, const char *topic, int32_t count, struct versions *v,
              struct error *err)
{
    char prefix[PARTITION_KEY_MAX];
    snprintf(prefix, sizeof prefix, "partition/%s/", topic);
    *v = (struct versions){.count = count, .prefix_len = strlen(prefix)};
    v->items = calloc((size_t)count, sizeof *v->items);
    if (v->items == NULL) {
        abort();
    }
    return control_list(c->topics->control, prefix, versions_note, v, err);
}

struct writing { /* one chunk of changes */
    struct control_change changes[CHUNK + 1];
    char keys[CHUNK + 1][PARTITION_KEY_MAX];
    struct buffer values[CHUNK + 1];
    size_t count;
};

static struct control_change *
writing_add(struct writing *w)
{
    struct control_change *change = &w->changes[w->count];
    *change = (struct control_change){.key = w->keys[w->count]};
    buffer_clear(&w->values[w->count]);
    w->count++;
    return change;
}

static void
writing_topic(struct writing *w, const struct topic *topic)
{
    struct buffer *value = &w->values[w->count];
    struct control_change *change = writing_add(w);
    char key[TOPIC_NAME_MAX + 16];
    topic_key(key, topic->name);
    snprintf(w->keys[w->count - 1], PARTITION_KEY_MAX, "%s", key);
    topic_write(topic, value);
    change->version_expected = topic->version;
    change->value = value->ptr;
    change->len = value->len;
}

static void
writing_free(struct writing *w)
{
    for (size_t i = 0; i <= CHUNK; i++) {
        buffer_release(&w->values[i]);
    }
    free(w);
}

/* Writes states[from..to) and, with the last of them, the topic. */
static bool
partitions_write(struct cluster *c, struct topic *topic, struct partition_state *states,
                 const struct versions *versions, int32_t from, int32_t to, struct error *err)
{
    struct writing *w = calloc(1, sizeof *w);
    if (w == NULL) {
        abort();
    }
    bool ok = true;
    for (int32_t at = from; ok && at < to;) {
        const int32_t first = at;
        uint64_t version = 0;
        w->count = 0;
        for (; at < to && w->count < CHUNK; at++) {
            struct buffer *value = &w->values[w->count];
            struct control_change *change = writing_add(w);
            partition_key(w->keys[w->count - 1], topic->name, at);
            partition_write(&states[at], value);
            change->version_expected = versions->items[at];
            change->value = value->ptr;
            change->len = value->len;
        }
        if (at == to) {
            writing_topic(w, topic);
        }
        ok = control_apply(c->topics->control, w->changes, w->count, &version, err);
        for (int32_t i = first; ok && i < at; i++) {
            states[i].version = version;
        }
        if (ok && at == to) {
            topic->version = version;
        }
    }
    writing_free(w);
    if (!ok && err->code == CONTROL_CONFLICT) {
        error_clear(err);
        return error_set_code(err, ERROR_ARGUMENT, KE_TOPIC_ALREADY_EXISTS,
                              "Topic '%s' already exists or is being changed elsewhere.",
                              topic->name);
    }
    return ok;
}

/* min.insync.replicas: what is set, else two of three copies. What is chosen stands in the topic's
 * settings from then on, so that DescribeConfigs says it. */
static uint32_t
min_insync_of(struct topic *topic, int32_t factor)
{
    for (size_t i = 0; i < topic->setting_count; i++) {
        if (strcmp(topic->settings[i].name, "min.insync.replicas") == 0) {
            return (uint32_t)atoi(topic->settings[i].value);
        }
    }
    if (factor < 3) {
        return 1;
    }
    struct topic_setting *more = settings_copy(topic->settings, topic->setting_count);
    more = realloc(more, (topic->setting_count + 2) * sizeof *more);
    if (more == NULL) {
        abort();
    }
    more[topic->setting_count] = (struct topic_setting){strdup("min.insync.replicas"), strdup("2")};
    settings_free(topic->settings, topic->setting_count);
    topic->settings = more;
    topic->setting_count++;
    return 2;
}

static bool
states_place(struct cluster *c, struct topic *topic, int32_t factor, int32_t from, int32_t to,
             struct partition_state *states, struct error *err)
{
    struct partition_member members[MEMBERS_MAX];
    const size_t count = cluster_partition_members(c, members);
    const uint32_t min_insync = min_insync_of(topic, factor);
    for (int32_t i = from; i < to; i++) {
        /* Each topic starts at another member, so that single partitions spread too. */
        const uint32_t turn = (uint32_t)topic->id.bytes[0] + (uint32_t)i;
        if (!partition_place(members, count, (uint32_t)factor, min_insync, turn, &states[i])) {
            return error_set_code(
                err, ERROR_ARGUMENT, KE_INVALID_REPLICATION_FACTOR,
                "Unable to replicate the partition %d time(s): there are %zu brokers.", factor,
                count);
        }
    }
    return true;
}

bool
cluster_topic_create(struct cluster *c, struct topic *topic, int32_t factor, struct error *err)
{
    const int32_t count = topic->partition_count;
    struct versions versions = {0};
    struct partition_state *states = calloc((size_t)count, sizeof *states);
    if (states == NULL) {
        abort();
    }
    factor = factor > 0 ? factor : cluster_factor_usual(c);
    const bool ok = states_place(c, topic, factor, 0, count, states, err) &&
                    versions_read(c, topic->name, count, &versions, err) &&
                    partitions_write(c, topic, states, &versions, 0, count, err);
    if (ok) {
        topic_states_grow(topic, count);
        topic_link(c->topics, topic);
        for (int32_t i = 0; i < count; i++) {
            cluster_partition_is(c, topic, i, &states[i]);
        }
    }
    free(versions.items);
    free(states);
    return ok;
}

bool
cluster_topic_grow(struct cluster *c, struct topic *topic, int32_t partitions, struct error *err)
{
    const int32_t before = topic->partition_count;
    const int32_t factor = (int32_t)topic->states[0].count;
    struct versions versions = {0};
    struct partition_state *states = calloc((size_t)partitions, sizeof *states);
    if (states == NULL) {
        abort();
    }
    topic->partition_count = partitions; /* as it is to be written */
    const bool ok =
        states_place(c, topic, factor > 0 ? factor : 1, before, partitions, states, err) &&
        versions_read(c, topic->name, partitions, &versions, err) &&
        partitions_write(c, topic, states, &versions, before, partitions, err);
    topic->partition_count = before;
    if (ok) {
        topic_states_grow(topic, partitions);
        for (int32_t i = before; i < partitions; i++) {
            cluster_partition_is(c, topic, i, &states[i]);
        }
    }
    free(versions.items);
    free(states);
    return ok;
}

/* The partitions' keys. A leader may just write one of them: then it is tried again. */
static bool
partitions_remove(struct cluster *c, const char *topic, int32_t count, struct error *err)
{
    struct versions versions;
    bool ok = versions_read(c, topic, count, &versions, err);
    struct writing *w = calloc(1, sizeof *w);
    if (w == NULL) {
        abort();
    }
    for (int32_t at = 0; ok && at < count;) {
        w->count = 0;
        for (; at < count && w->count < CHUNK; at++) {
            if (versions.items[at] != 0) {
                struct control_change *change = writing_add(w);
                partition_key(w->keys[w->count - 1], topic, at);
                change->version_expected = versions.items[at];
            }
        }
        ok = w->count == 0 || control_apply(c->topics->control, w->changes, w->count, NULL, err);
    }
    writing_free(w);
    free(versions.items);
    return ok;
}

bool
cluster_topic_delete(struct cluster *c, struct topic *topic, struct error *err)
{
    char key[TOPIC_NAME_MAX + 16];
    topic_key(key, topic->name);
    const struct control_change change = {.key = key, .version_expected = topic->version};
    if (!control_apply(c->topics->control, &change, 1, NULL, err)) {
        return false;
    }
    for (int i = 0; i < DELETE_TRIES; i++) {
        struct error each = {0};
        if (partitions_remove(c, topic->name, topic->partition_count, &each)) {
            break;
        }
        trace(TRACE_DEBUG, "kafka", "keys of deleted topic %s: %s", topic->name, error_text(&each));
        error_clear(&each);
    }
    cluster_topic_forget(c, topic);
    return true;
}
