/* Committed offsets: a commit is answered when it is durable, and seen from then on. */
#include <stdlib.h>

#include "kafka/groups.h"

enum { METADATA_BYTES_MAX = 4096 };

struct commit_state {
    struct kafka_request *request;
    _Atomic bool lost; /* this node does not lead the offsets log any more */
    struct offset_commit_response response;
};

static struct topic *
commit_topic(struct kafka_request *r, const struct offset_commit_request_topics *in)
{
    return r->version >= 10 ? topics_find_id(&r->broker->topics, &in->topic_id)
                            : topics_find(&r->broker->topics, in->name);
}

/* It may have been kept: the client asks the new coordinator, or commits again. */
static void
commit_refuse(struct commit_state *s, int16_t code)
{
    for (int32_t i = 0; i < s->response.topics_count; i++) {
        for (int32_t j = 0; j < s->response.topics[i].partitions_count; j++) {
            s->response.topics[i].partitions[j].error_code = code;
        }
    }
}

/* Durable: now it counts. */
static void
commit_apply(void *ctx)
{
    struct commit_state *s = ctx;
    struct kafka_request *r = s->request;
    struct groups *g = r->broker->groups;
    const struct offset_commit_request *in = r->in;
    g->commits_waiting--;
    if (atomic_load(&s->lost) || g->role != GROUPS_HERE) {
        commit_refuse(s, KE_NOT_COORDINATOR);
        request_answer(r, &s->response);
        request_release(r);
        return;
    }
    struct group *group = group_get(&g->core, in->group_id);
    const int64_t now_ms = env_wall_ms(&env_real);
    for (int32_t i = 0; i < in->topics_count; i++) {
        struct topic *topic = commit_topic(r, &in->topics[i]);
        for (int32_t j = 0; topic != NULL && j < in->topics[i].partitions_count; j++) {
            const struct offset_commit_request_partitions *p = &in->topics[i].partitions[j];
            if (s->response.topics[i].partitions[j].error_code == KE_NONE) {
                struct group_offset value = {.offset = p->committed_offset,
                                             .leader_epoch = p->committed_leader_epoch,
                                             .commit_ms = now_ms};
                group_text_set(&value.metadata, p->committed_metadata);
                group_offset_set(group, bytes_of(topic->name), p->partition_index, &value);
                free(value.metadata);
            }
        }
    }
    request_answer(r, &s->response);
    request_release(r);
}

static void
commit_durable(void *ctx, bool committed)
{
    struct commit_state *s = ctx;
    atomic_store(&s->lost, !committed);
    loop_post(s->request->broker->loop, commit_apply, s);
}

/* Checks each partition and makes the records of the good ones; returns how many. */
static size_t
commit_prepare(struct commit_state *s, int16_t error, struct group_record *records)
{
    struct kafka_request *r = s->request;
    const struct offset_commit_request *in = r->in;
    size_t count = 0;
    for (int32_t i = 0; i < in->topics_count; i++) {
        const struct offset_commit_request_topics *asked = &in->topics[i];
        struct offset_commit_response_topics *answer = &s->response.topics[i];
        struct topic *topic = commit_topic(r, asked);
        answer->name = asked->name;
        answer->topic_id = asked->topic_id;
        answer->partitions_count = asked->partitions_count;
        answer->partitions = kafka_items(&r->arena, &offset_commit_response_partitions_table,
                                         (size_t)asked->partitions_count);
        for (int32_t j = 0; j < asked->partitions_count; j++) {
            const struct offset_commit_request_partitions *p = &asked->partitions[j];
            int16_t code = error;
            if (code == KE_NONE && topic == NULL) {
                code = r->version >= 10 ? KE_UNKNOWN_TOPIC_ID : KE_UNKNOWN_TOPIC_OR_PARTITION;
            } else if (code == KE_NONE &&
                       (p->partition_index < 0 || p->partition_index >= topic->partition_count)) {
                code = KE_UNKNOWN_TOPIC_OR_PARTITION;
            } else if (code == KE_NONE && p->committed_metadata.len > METADATA_BYTES_MAX) {
                code = KE_OFFSET_METADATA_TOO_LARGE;
            }
            answer->partitions[j].partition_index = p->partition_index;
            answer->partitions[j].error_code = code;
            if (code == KE_NONE) {
                struct group_offset value = {.offset = p->committed_offset,
                                             .leader_epoch = p->committed_leader_epoch,
                                             .commit_ms = env_wall_ms(&env_real)};
                group_text_set(&value.metadata, p->committed_metadata);
                group_record_offset(&records[count++], in->group_id, bytes_of(topic->name),
                                    p->partition_index, p->committed_offset < 0 ? NULL : &value);
                free(value.metadata);
            }
        }
    }
    return count;
}

void
handle_offset_commit(struct kafka_request *r)
{
    const struct offset_commit_request *in = r->in;
    struct groups *g = r->broker->groups;
    struct commit_state *s = arena_new(&r->arena, struct commit_state);
    s->request = r;
    kafka_init(r->api->response, &s->response);
    s->response.topics_count = in->topics_count;
    s->response.topics =
        kafka_items(&r->arena, &offset_commit_response_topics_table, (size_t)in->topics_count);
    size_t partitions = 0;
    for (int32_t i = 0; i < in->topics_count; i++) {
        partitions += (size_t)in->topics[i].partitions_count;
    }
    struct group_record *records = arena_new_array(&r->arena, struct group_record, partitions + 1);
    int16_t error = groups_check(g);
    if (error == KE_NONE) {
        error =
            group_core_commit_check(&g->core, in->group_id, in->member_id, in->group_instance_id,
                                    in->generation_id_or_member_epoch, env_mono_ms(&env_real));
    }
    const size_t count = commit_prepare(s, error, records);
    struct log_append_result result;
    struct error err = {0};
    const bool appended = count > 0 && groups_append(g, records, count, &result, &err);
    for (size_t i = 0; i < count; i++) {
        group_record_release(&records[i]);
    }
    if (count > 0 && !appended) {
        error_clear(&err);
        commit_prepare(s, KE_UNKNOWN_SERVER_ERROR, records);
    }
    if (!appended) {
        request_answer(r, &s->response);
        return;
    }
    g->commits_waiting++;
    request_retain(r);
    log_when_committed(g->log, result.last_offset, commit_durable, s);
}

/* One partition's answer in either form of the response. */
struct fetched_offset {
    int64_t offset;
    int32_t leader_epoch;
    struct bytes metadata;
};

static struct fetched_offset
fetch_offset(const struct group *g, struct bytes topic, int32_t partition)
{
    const struct group_offset *o = g != NULL ? group_offset_find(g, topic, partition) : NULL;
    return o != NULL ? (struct fetched_offset){o->offset, o->leader_epoch, bytes_of(o->metadata)}
                     : (struct fetched_offset){-1, -1, bytes_of("")};
}

/* The run of offsets of one topic that starts at i; returns its end. */
static size_t
offset_run(const struct group *g, size_t i)
{
    size_t end = i + 1;
    while (end < g->offset_count && strcmp(g->offsets[end].topic, g->offsets[i].topic) == 0) {
        end++;
    }
    return end;
}

static void
offsets_of_old(struct kafka_request *r, const struct offset_fetch_request *in,
               struct offset_fetch_response *out)
{
    struct group *g = group_find(&r->broker->groups->core, in->group_id);
    if (in->topics_count < 0) {
        const size_t count = g != NULL ? g->offset_count : 0;
        out->topics = kafka_items(&r->arena, &offset_fetch_response_topics_table, count);
        for (size_t i = 0; i < count;) {
            const size_t end = offset_run(g, i);
            struct offset_fetch_response_topics *t = &out->topics[out->topics_count++];
            t->name = bytes_of(g->offsets[i].topic);
            t->partitions =
                kafka_items(&r->arena, &offset_fetch_response_partitions_table, end - i);
            for (; i < end; i++) {
                struct offset_fetch_response_partitions *p = &t->partitions[t->partitions_count++];
                p->partition_index = g->offsets[i].partition;
                p->committed_offset = g->offsets[i].offset;
                p->committed_leader_epoch = g->offsets[i].leader_epoch;
                p->metadata = bytes_of(g->offsets[i].metadata);
            }
        }
        return;
    }
    out->topics =
        kafka_items(&r->arena, &offset_fetch_response_topics_table, (size_t)in->topics_count);
    out->topics_count = in->topics_count;
    for (int32_t i = 0; i < in->topics_count; i++) {
        struct offset_fetch_response_topics *t = &out->topics[i];
        t->name = in->topics[i].name;
        t->partitions_count = in->topics[i].partition_indexes_count;
        t->partitions = kafka_items(&r->arena, &offset_fetch_response_partitions_table,
                                    (size_t)t->partitions_count);
        for (int32_t j = 0; j < t->partitions_count; j++) {
            const int32_t partition = in->topics[i].partition_indexes[j];
            const struct fetched_offset o = fetch_offset(g, t->name, partition);
            t->partitions[j].partition_index = partition;
            t->partitions[j].committed_offset = o.offset;
            t->partitions[j].committed_leader_epoch = o.leader_epoch;
            t->partitions[j].metadata = o.metadata;
        }
    }
}

/* All offsets of a group, in the form of versions 8 and up. */
static void
offsets_of_all(struct kafka_request *r, const struct group *g,
               struct offset_fetch_response_groups *out)
{
    const size_t count = g != NULL ? g->offset_count : 0;
    out->topics = kafka_items(&r->arena, &offset_fetch_response_groups_topics_table, count);
    for (size_t i = 0; i < count;) {
        const size_t end = offset_run(g, i);
        struct topic *topic = topics_find(&r->broker->topics, bytes_of(g->offsets[i].topic));
        if (topic == NULL && r->version >= 10) {
            i = end; /* without an id there is no way to name it */
            continue;
        }
        struct offset_fetch_response_groups_topics *t = &out->topics[out->topics_count++];
        t->name = bytes_of(g->offsets[i].topic);
        t->topic_id = topic != NULL ? topic->id : t->topic_id;
        t->partitions =
            kafka_items(&r->arena, &offset_fetch_response_topics_partitions_table, end - i);
        for (; i < end; i++) {
            struct offset_fetch_response_topics_partitions *p =
                &t->partitions[t->partitions_count++];
            p->partition_index = g->offsets[i].partition;
            p->committed_offset = g->offsets[i].offset;
            p->committed_leader_epoch = g->offsets[i].leader_epoch;
            p->metadata = bytes_of(g->offsets[i].metadata);
        }
    }
}

static void
offsets_of_asked(struct kafka_request *r, const struct group *g,
                 const struct offset_fetch_request_groups *in,
                 struct offset_fetch_response_groups *out)
{
    out->topics = kafka_items(&r->arena, &offset_fetch_response_groups_topics_table,
                              (size_t)in->topics_count);
    out->topics_count = in->topics_count;
    for (int32_t i = 0; i < in->topics_count; i++) {
        struct offset_fetch_response_groups_topics *t = &out->topics[i];
        struct topic *topic =
            r->version >= 10 ? topics_find_id(&r->broker->topics, &in->topics[i].topic_id) : NULL;
        const struct bytes name = topic != NULL ? bytes_of(topic->name) : in->topics[i].name;
        t->name = in->topics[i].name;
        t->topic_id = in->topics[i].topic_id;
        t->partitions_count = in->topics[i].partition_indexes_count;
        t->partitions = kafka_items(&r->arena, &offset_fetch_response_topics_partitions_table,
                                    (size_t)t->partitions_count);
        for (int32_t j = 0; j < t->partitions_count; j++) {
            const int32_t partition = in->topics[i].partition_indexes[j];
            const struct fetched_offset o = fetch_offset(g, name, partition);
            t->partitions[j].partition_index = partition;
            t->partitions[j].committed_offset = o.offset;
            t->partitions[j].committed_leader_epoch = o.leader_epoch;
            t->partitions[j].metadata = o.metadata;
            if (r->version >= 10 && topic == NULL) {
                t->partitions[j].error_code = KE_UNKNOWN_TOPIC_ID;
            }
        }
    }
}

void
handle_offset_fetch(struct kafka_request *r)
{
    const struct offset_fetch_request *in = r->in;
    struct offset_fetch_response out;
    kafka_init(r->api->response, &out);
    const int16_t error = groups_check(r->broker->groups);
    if (r->version < 8 && error != KE_NONE) {
        out.error_code = error;
        request_answer(r, &out);
        return;
    }
    if (r->version < 8) {
        offsets_of_old(r, in, &out);
        request_answer(r, &out);
        return;
    }
    out.groups_count = in->groups_count;
    out.groups =
        kafka_items(&r->arena, &offset_fetch_response_groups_table, (size_t)in->groups_count);
    for (int32_t i = 0; i < in->groups_count; i++) {
        const struct group *g = group_find(&r->broker->groups->core, in->groups[i].group_id);
        out.groups[i].group_id = in->groups[i].group_id;
        out.groups[i].error_code = error;
        if (error != KE_NONE) {
            continue;
        }
        if (in->groups[i].topics_count < 0) {
            offsets_of_all(r, g, &out.groups[i]);
        } else {
            offsets_of_asked(r, g, &in->groups[i], &out.groups[i]);
        }
    }
    request_answer(r, &out);
}
