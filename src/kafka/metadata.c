/* What the cluster is: API versions, brokers, topics and their partitions. */
#include <stdlib.h>

#include "base/trace.h"
#include "kafka/broker_internal.h"
#include "kafka/cluster.h"

/* No authorizer: asked-for operations are all of them, as the real broker says without one. */
enum { TOPIC_OPERATIONS = 0x0df8, CLUSTER_OPERATIONS = 0x1f80 };

void
handle_api_versions(struct kafka_request *r)
{
    struct api_versions_response out;
    kafka_init(r->api->response, &out);
    if (r->state != NULL) { /* a version from the future: only our own range of this API */
        struct api_versions_response_api_keys *own =
            kafka_items(&r->arena, &api_versions_response_api_keys_table, 1);
        *own = (struct api_versions_response_api_keys){r->api->key, r->api->version_min,
                                                       r->api->version_max};
        out.error_code = KE_UNSUPPORTED_VERSION;
        out.api_keys = own;
        out.api_keys_count = 1;
        request_answer(r, &out);
        return;
    }
    out.api_keys = kafka_items(&r->arena, &api_versions_response_api_keys_table, kafka_api_count);
    out.api_keys_count = (int32_t)kafka_api_count;
    for (size_t i = 0; i < kafka_api_count; i++) {
        out.api_keys[i] = (struct api_versions_response_api_keys){
            kafka_apis[i].key, kafka_apis[i].version_min, kafka_apis[i].version_max};
        if (kafka_apis[i].key == KAFKA_PRODUCE) {
            out.api_keys[i].min_version = 0; /* librdkafka takes a higher one for a sign of age */
        }
    }
    out.finalized_features_epoch = 0;
    request_answer(r, &out);
}

struct topic *
topic_ask(struct kafka_broker *b, struct bytes name, bool may_create, int16_t *code)
{
    struct topic *topic = topics_find(&b->topics, name);
    *code = KE_NONE;
    if (topic != NULL) {
        return topic;
    }
    struct error err = {0};
    if (!topic_name_check(name, &err)) {
        *code = KE_INVALID_TOPIC_EXCEPTION;
    } else if (!may_create || !b->auto_create) {
        *code = KE_UNKNOWN_TOPIC_OR_PARTITION;
    } else {
        const struct topic_wish wish = {.partitions = b->partitions_default};
        topic = topics_create(&b->topics, name, &wish, &err);
        *code = topic != NULL ? KE_NONE : error_code_of(&err);
    }
    error_clear(&err);
    return topic;
}

static int32_t *
replicas_here(struct kafka_request *r)
{
    int32_t *ids = arena_alloc(&r->arena, sizeof *ids);
    ids[0] = r->broker->node_id;
    return ids;
}

/* As the control store says it: who leads is told by everybody alike. */
static void
metadata_replicated(struct kafka_request *r, const struct partition_state *s,
                    struct metadata_response_partitions *p)
{
    const struct cluster *c = r->broker->cluster;
    int32_t *all = arena_new_array(&r->arena, int32_t, 3 * REPLICAS_MAX);
    int32_t *in_sync = all + REPLICAS_MAX, *offline = in_sync + REPLICAS_MAX;
    p->replica_nodes = all;
    p->isr_nodes = in_sync;
    p->offline_replicas = offline;
    p->replica_nodes_count = p->isr_nodes_count = p->offline_replicas_count = 0;
    for (uint32_t i = 0; i < s->count; i++) {
        const struct partition_replica *m = &s->replicas[i];
        all[p->replica_nodes_count++] = (int32_t)m->node;
        if (m->in_sync) {
            in_sync[p->isr_nodes_count++] = (int32_t)m->node;
        }
        if (cluster_member(c, m->node) == NULL) {
            offline[p->offline_replicas_count++] = (int32_t)m->node;
        }
    }
    p->leader_epoch = s->epoch;
    p->leader_id = s->leader != 0 && cluster_member(c, s->leader) != NULL ? (int32_t)s->leader : -1;
    p->error_code = p->leader_id < 0 ? KE_LEADER_NOT_AVAILABLE : KE_NONE;
}

static void
metadata_topic(struct kafka_request *r, struct topic *topic, bool operations,
               struct metadata_response_topics *out)
{
    out->name = request_text(r, topic->name);
    out->topic_id = topic->id;
    out->is_internal = topic->internal;
    out->topic_authorized_operations = operations ? TOPIC_OPERATIONS : INT32_MIN;
    out->partitions_count = topic->partition_count;
    out->partitions =
        kafka_items(&r->arena, &metadata_response_partitions_table, (size_t)topic->partition_count);
    int32_t *here = replicas_here(r);
    for (int32_t i = 0; i < topic->partition_count; i++) {
        struct metadata_response_partitions *p = &out->partitions[i];
        p->partition_index = i;
        if (topic->states != NULL) {
            metadata_replicated(r, &topic->states[i], p);
            continue;
        }
        p->leader_id = r->broker->node_id;
        p->leader_epoch = log_leader_epoch(topic->logs[i]);
        p->replica_nodes = p->isr_nodes = here;
        p->replica_nodes_count = p->isr_nodes_count = 1;
    }
}

static void
metadata_asked(struct kafka_request *r, const struct metadata_request *in,
               struct metadata_response *out)
{
    const bool may_create = r->version < 4 || in->allow_auto_topic_creation;
    out->topics = kafka_items(&r->arena, &metadata_response_topics_table, (size_t)in->topics_count);
    out->topics_count = in->topics_count;
    for (int32_t i = 0; i < in->topics_count; i++) {
        const struct metadata_request_topics *asked = &in->topics[i];
        struct metadata_response_topics *answer = &out->topics[i];
        struct topic *topic;
        if (asked->name.ptr != NULL) {
            topic = topic_ask(r->broker, asked->name, may_create, &answer->error_code);
        } else {
            topic = topics_find_id(&r->broker->topics, &asked->topic_id);
            answer->error_code = topic != NULL ? KE_NONE : KE_UNKNOWN_TOPIC_ID;
        }
        if (topic != NULL) {
            metadata_topic(r, topic, in->include_topic_authorized_operations, answer);
        } else {
            answer->name = asked->name;
            answer->topic_id = asked->topic_id;
        }
    }
}

bool
broker_address_of(struct kafka_request *r, uint32_t node, struct broker_address *out)
{
    struct kafka_broker *b = r->broker;
    *out = (struct broker_address){b->node_id, bytes_of(b->host), b->port};
    if (node == (uint32_t)b->node_id) {
        return true;
    }
    const struct member *m = b->cluster != NULL ? cluster_member(b->cluster, node) : NULL;
    const char *colon = m != NULL ? strrchr(m->kafka, ':') : NULL;
    if (colon == NULL) {
        return false;
    }
    size_t len = (size_t)(colon - m->kafka);
    const char *host = m->kafka;
    if (len > 2 && host[0] == '[') { /* [::1]:9092 */
        host++;
        len -= 2;
    }
    *out = (struct broker_address){(int32_t)node, bytes_of(arena_strndup(&r->arena, host, len)),
                                   atoi(colon + 1)};
    return true;
}

struct broker_address *
broker_addresses(struct kafka_request *r, size_t *count, int32_t *controller)
{
    struct kafka_broker *b = r->broker;
    struct broker_address *all = arena_new_array(&r->arena, struct broker_address, MEMBERS_MAX + 1);
    size_t members_count = 0;
    const struct member *members =
        b->cluster != NULL ? cluster_members(b->cluster, &members_count) : NULL;
    broker_address_of(r, (uint32_t)b->node_id, &all[0]);
    *count = 1;
    *controller = b->node_id;
    for (size_t i = 0; i < members_count; i++) {
        if (members[i].id != (uint32_t)b->node_id &&
            broker_address_of(r, members[i].id, &all[*count])) {
            (*count)++;
        }
    }
    if (b->cluster != NULL && cluster_member(b->cluster, cluster_controller(b->cluster)) != NULL) {
        *controller = (int32_t)cluster_controller(b->cluster);
    }
    return all;
}

void
handle_metadata(struct kafka_request *r)
{
    const struct metadata_request *in = r->in;
    struct kafka_broker *b = r->broker;
    struct metadata_response out;
    kafka_init(r->api->response, &out);
    size_t count;
    struct broker_address *all = broker_addresses(r, &count, &out.controller_id);
    out.brokers = kafka_items(&r->arena, &metadata_response_brokers_table, count);
    out.brokers_count = (int32_t)count;
    for (size_t i = 0; i < count; i++) {
        out.brokers[i].node_id = all[i].node;
        out.brokers[i].host = all[i].host;
        out.brokers[i].port = all[i].port;
    }
    out.cluster_id = bytes_of(b->cluster_id);
    if (in->include_cluster_authorized_operations) {
        out.cluster_authorized_operations = CLUSTER_OPERATIONS;
    }
    if (in->topics_count == -1 || (r->version == 0 && in->topics_count == 0)) {
        struct topic **sorted = topics_sorted(&b->topics);
        out.topics = kafka_items(&r->arena, &metadata_response_topics_table, b->topics.count);
        out.topics_count = (int32_t)b->topics.count;
        for (size_t i = 0; i < b->topics.count; i++) {
            metadata_topic(r, sorted[i], in->include_topic_authorized_operations, &out.topics[i]);
        }
        free(sorted);
    } else {
        metadata_asked(r, in, &out);
    }
    request_answer(r, &out);
}

void
handle_describe_cluster(struct kafka_request *r)
{
    const struct describe_cluster_request *in = r->in;
    struct kafka_broker *b = r->broker;
    struct describe_cluster_response out;
    kafka_init(r->api->response, &out);
    size_t count;
    struct broker_address *all = broker_addresses(r, &count, &out.controller_id);
    out.brokers = kafka_items(&r->arena, &describe_cluster_response_brokers_table, count);
    out.brokers_count = (int32_t)count;
    for (size_t i = 0; i < count; i++) {
        out.brokers[i].broker_id = all[i].node;
        out.brokers[i].host = all[i].host;
        out.brokers[i].port = all[i].port;
    }
    out.cluster_id = bytes_of(b->cluster_id);
    if (in->include_cluster_authorized_operations) {
        out.cluster_authorized_operations = CLUSTER_OPERATIONS;
    }
    request_answer(r, &out);
}
