/* What the cluster is: API versions, brokers, topics and their partitions. */
#include <stdlib.h>

#include "base/trace.h"
#include "kafka/broker_internal.h"

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
        topic = topics_create(&b->topics, name, b->partitions_default, NULL, 0, &err);
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

void
handle_metadata(struct kafka_request *r)
{
    const struct metadata_request *in = r->in;
    struct kafka_broker *b = r->broker;
    struct metadata_response out;
    kafka_init(r->api->response, &out);
    struct metadata_response_brokers *broker =
        kafka_items(&r->arena, &metadata_response_brokers_table, 1);
    broker->node_id = b->node_id;
    broker->host = bytes_of(b->host);
    broker->port = b->port;
    out.brokers = broker;
    out.brokers_count = 1;
    out.cluster_id = bytes_of(b->cluster_id);
    out.controller_id = b->node_id;
    if (in->include_cluster_authorized_operations) {
        out.cluster_authorized_operations = CLUSTER_OPERATIONS;
    }
    if (in->topics_count == -1 || (r->version == 0 && in->topics_count == 0)) {
        struct topic **all = topics_sorted(&b->topics);
        out.topics = kafka_items(&r->arena, &metadata_response_topics_table, b->topics.count);
        out.topics_count = (int32_t)b->topics.count;
        for (size_t i = 0; i < b->topics.count; i++) {
            metadata_topic(r, all[i], in->include_topic_authorized_operations, &out.topics[i]);
        }
        free(all);
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
    struct describe_cluster_response_brokers *broker =
        kafka_items(&r->arena, &describe_cluster_response_brokers_table, 1);
    broker->broker_id = b->node_id;
    broker->host = bytes_of(b->host);
    broker->port = b->port;
    out.brokers = broker;
    out.brokers_count = 1;
    out.cluster_id = bytes_of(b->cluster_id);
    out.controller_id = b->node_id;
    if (in->include_cluster_authorized_operations) {
        out.cluster_authorized_operations = CLUSTER_OPERATIONS;
    }
    request_answer(r, &out);
}
