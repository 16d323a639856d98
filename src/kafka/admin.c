/* Making, changing and describing topics and settings. */
#include <stdio.h>
#include <stdlib.h>

#include "base/trace.h"
#include "kafka/broker_internal.h"
#include "kafka/cluster.h"

enum { RESOURCE_TOPIC = 2, RESOURCE_BROKER = 4 };
enum { SOURCE_TOPIC = 1, SOURCE_STATIC_BROKER = 4, SOURCE_DEFAULT = 5 };

static const char *
admin_text(struct kafka_request *r, struct bytes b)
{
    return arena_strndup(&r->arena, b.ptr != NULL ? (const char *)b.ptr : "", b.len);
}

static bool
create_assignment(const struct kafka_broker *b, const struct create_topics_request_topics *in,
                  int32_t *partitions, struct error *err)
{
    const int32_t node_id = b->node_id;
    if (in->assignments_count == 0) {
        size_t brokers = 1;
        if (b->cluster != NULL) {
            cluster_members(b->cluster, &brokers);
        }
        if (in->replication_factor != -1 &&
            (in->replication_factor < 1 || (size_t)in->replication_factor > brokers ||
             in->replication_factor > REPLICAS_MAX)) {
            return error_set_code(
                err, ERROR_ARGUMENT, KE_INVALID_REPLICATION_FACTOR,
                brokers == 1
                    ? "Unable to replicate the partition %d time(s): there is %zu broker."
                    : "Unable to replicate the partition %d time(s): there are %zu brokers.",
                in->replication_factor, brokers);
        }
        return true;
    }
    if (b->cluster != NULL) {
        return error_set_code(err, ERROR_ARGUMENT, KE_INVALID_REPLICA_ASSIGNMENT,
                              "placing replicas by hand is not supported yet");
    }
    if (*partitions != -1 || in->replication_factor != -1) {
        return error_set_code(err, ERROR_ARGUMENT, KE_INVALID_REQUEST,
                              "with assignments, partitions and replication factor must be -1");
    }
    for (int32_t i = 0; i < in->assignments_count; i++) {
        if (in->assignments[i].partition_index != i || in->assignments[i].broker_ids_count != 1 ||
            in->assignments[i].broker_ids[0] != node_id) {
            return error_set_code(err, ERROR_ARGUMENT, KE_INVALID_REPLICA_ASSIGNMENT,
                                  "partitions must be numbered from 0 and be on broker %d",
                                  node_id);
        }
    }
    *partitions = in->assignments_count;
    return true;
}

/* A topic that is only to be checked is made in nobody's sight: the same checks, no writes. */
static bool
create_check(struct kafka_broker *b, struct bytes name, int32_t partitions,
             const struct topic_setting *settings, size_t count, struct error *err)
{
    if (!topic_name_check(name, err)) {
        return false;
    }
    if (topics_find(&b->topics, name) != NULL) {
        return error_set_code(err, ERROR_ARGUMENT, KE_TOPIC_ALREADY_EXISTS,
                              "Topic '%.*s' already exists.", (int)name.len,
                              (const char *)name.ptr);
    }
    if (partitions < 1 || partitions > TOPIC_PARTITIONS_MAX) {
        return error_set_code(err, ERROR_ARGUMENT, KE_INVALID_PARTITIONS,
                              "Number of partitions must be 1 to %d, not %d.", TOPIC_PARTITIONS_MAX,
                              partitions);
    }
    return settings_check(settings, count, err);
}

static void
create_describe(struct kafka_request *r, const struct topic_setting *settings, size_t count,
                struct create_topics_response_topics *out)
{
    out->configs_count = (int32_t)setting_kind_count;
    out->configs =
        kafka_items(&r->arena, &create_topics_response_configs_table, setting_kind_count);
    for (size_t i = 0; i < setting_kind_count; i++) {
        const char *value = topic_setting_value(settings, count, setting_kinds[i].name);
        out->configs[i].name = bytes_of(setting_kinds[i].name);
        out->configs[i].value = request_text(r, value);
        out->configs[i].config_source =
            strcmp(value, setting_kinds[i].initial) == 0 ? SOURCE_DEFAULT : SOURCE_TOPIC;
    }
}

static void
create_topic(struct kafka_request *r, const struct create_topics_request_topics *in,
             struct create_topics_response_topics *out)
{
    const struct create_topics_request *request = r->in;
    struct kafka_broker *b = r->broker;
    struct error err = {0};
    int32_t partitions = in->num_partitions;
    const size_t count = (size_t)in->configs_count;
    struct topic_setting *settings = arena_new_array(&r->arena, struct topic_setting, count + 1);
    for (size_t i = 0; i < count; i++) {
        settings[i].name = (char *)(uintptr_t)admin_text(r, in->configs[i].name);
        settings[i].value = (char *)(uintptr_t)admin_text(r, in->configs[i].value);
    }
    out->name = in->name;
    if (create_assignment(b, in, &partitions, &err)) {
        partitions = partitions == -1 ? b->partitions_default : partitions;
        if (create_check(b, in->name, partitions, settings, count, &err) &&
            !request->validate_only) {
            const struct topic_wish wish = {partitions, in->replication_factor, settings, count};
            struct topic *topic = topics_create(&b->topics, in->name, &wish, &err);
            if (topic != NULL) {
                out->topic_id = topic->id;
            }
        }
    }
    if (error_is_set(&err)) {
        out->error_code = error_code_of(&err);
        out->error_message = request_text(r, error_text(&err));
        error_clear(&err);
        return;
    }
    out->num_partitions = partitions;
    out->replication_factor = in->replication_factor > 0 ? in->replication_factor
                              : b->cluster != NULL       ? (int16_t)cluster_factor_usual(b->cluster)
                                                         : 1;
    create_describe(r, settings, count, out);
}

void
handle_create_topics(struct kafka_request *r)
{
    const struct create_topics_request *in = r->in;
    struct create_topics_response out;
    kafka_init(r->api->response, &out);
    out.topics_count = in->topics_count;
    out.topics =
        kafka_items(&r->arena, &create_topics_response_topics_table, (size_t)in->topics_count);
    for (int32_t i = 0; i < in->topics_count; i++) {
        create_topic(r, &in->topics[i], &out.topics[i]);
    }
    request_answer(r, &out);
}

static void
delete_topic(struct kafka_request *r, struct topic *topic,
             struct delete_topics_response_responses *out)
{
    struct error err = {0};
    if (topic->internal) {
        out->error_code = KE_INVALID_TOPIC_EXCEPTION;
        out->error_message = bytes_of("an internal topic cannot be deleted");
        return;
    }
    groups_forget_topic(r->broker->groups, bytes_of(topic->name));
    if (!topics_delete(&r->broker->topics, topic, &err)) {
        out->error_code = error_code_of(&err);
        out->error_message = request_text(r, error_text(&err));
        error_clear(&err);
    }
}

void
handle_delete_topics(struct kafka_request *r)
{
    const struct delete_topics_request *in = r->in;
    struct delete_topics_response out;
    kafka_init(r->api->response, &out);
    const int32_t count = r->version >= 6 ? in->topics_count : in->topic_names_count;
    out.responses_count = count;
    out.responses = kafka_items(&r->arena, &delete_topics_response_responses_table, (size_t)count);
    for (int32_t i = 0; i < count; i++) {
        const struct bytes name = r->version >= 6 ? in->topics[i].name : in->topic_names[i];
        struct delete_topics_response_responses *answer = &out.responses[i];
        const bool by_id = r->version >= 6 && name.ptr == NULL;
        struct topic *topic = by_id ? topics_find_id(&r->broker->topics, &in->topics[i].topic_id)
                                    : topics_find(&r->broker->topics, name);
        answer->name = by_id && topic != NULL ? request_text(r, topic->name) : name;
        if (topic == NULL) {
            answer->error_code = by_id ? KE_UNKNOWN_TOPIC_ID : KE_UNKNOWN_TOPIC_OR_PARTITION;
            answer->topic_id = by_id ? in->topics[i].topic_id : (struct kafka_uuid){{0}};
        } else {
            answer->topic_id = topic->id;
            delete_topic(r, topic, answer);
        }
    }
    request_answer(r, &out);
}

static void
grow_topic(struct kafka_request *r, const struct create_partitions_request_topics *in,
           struct create_partitions_response_results *out)
{
    const struct create_partitions_request *request = r->in;
    struct error err = {0};
    struct topic *topic = topics_find(&r->broker->topics, in->name);
    out->name = in->name;
    if (topic == NULL) {
        out->error_code = KE_UNKNOWN_TOPIC_OR_PARTITION;
        return;
    }
    if (in->assignments_count > 0 && r->broker->cluster != NULL) {
        out->error_code = KE_INVALID_REPLICA_ASSIGNMENT;
        out->error_message = bytes_of("placing replicas by hand is not supported yet");
        return;
    }
    for (int32_t i = 0; i < in->assignments_count; i++) {
        if (in->assignments_count != in->count - topic->partition_count ||
            in->assignments[i].broker_ids_count != 1 ||
            in->assignments[i].broker_ids[0] != r->broker->node_id) {
            out->error_code = KE_INVALID_REPLICA_ASSIGNMENT;
            out->error_message = bytes_of("each new partition must be on this broker");
            return;
        }
    }
    if (request->validate_only && in->count > topic->partition_count &&
        in->count <= TOPIC_PARTITIONS_MAX) {
        return;
    }
    if (!topics_grow(&r->broker->topics, topic, in->count, &err)) {
        out->error_code = error_code_of(&err);
        out->error_message = request_text(r, error_text(&err));
        error_clear(&err);
    }
}

void
handle_create_partitions(struct kafka_request *r)
{
    const struct create_partitions_request *in = r->in;
    struct create_partitions_response out;
    kafka_init(r->api->response, &out);
    out.results_count = in->topics_count;
    out.results =
        kafka_items(&r->arena, &create_partitions_response_results_table, (size_t)in->topics_count);
    for (int32_t i = 0; i < in->topics_count; i++) {
        grow_topic(r, &in->topics[i], &out.results[i]);
    }
    request_answer(r, &out);
}

/* What a broker says of itself: read-only, and only what is so. */
struct broker_setting {
    const char *name;
    char value[300];
    enum setting_type type;
};

enum { BROKER_SETTINGS = 12 };

static void
broker_settings(const struct kafka_broker *b, struct broker_setting out[BROKER_SETTINGS])
{
    static const struct {
        const char *name;
        const char *value;
        enum setting_type type;
    } fixed[] = {
        {"log.retention.ms", "604800000", SETTING_LONG},
        {"log.retention.hours", "168", SETTING_INT},
        {"log.retention.bytes", "-1", SETTING_LONG},
        {"log.segment.bytes", "1073741824", SETTING_INT},
        {"log.cleanup.policy", "delete", SETTING_LIST},
        {"message.max.bytes", "1048588", SETTING_INT},
        {"min.insync.replicas", "1", SETTING_INT},
        {"default.replication.factor", "1", SETTING_INT},
    };
    size_t n = 0;
    for (; n < sizeof fixed / sizeof *fixed; n++) {
        out[n].name = fixed[n].name;
        out[n].type = fixed[n].type;
        snprintf(out[n].value, sizeof out[n].value, "%s", fixed[n].value);
    }
    if (b->cluster != NULL && cluster_factor_usual(b->cluster) == 3) {
        snprintf(out[n - 2].value, sizeof out[n].value, "2");
        snprintf(out[n - 1].value, sizeof out[n].value, "3");
    }
    out[n].name = "broker.id";
    out[n].type = SETTING_INT;
    snprintf(out[n++].value, sizeof out[0].value, "%d", b->node_id);
    out[n].name = "num.partitions";
    out[n].type = SETTING_INT;
    snprintf(out[n++].value, sizeof out[0].value, "%d", b->partitions_default);
    out[n].name = "auto.create.topics.enable";
    out[n].type = SETTING_BOOLEAN;
    snprintf(out[n++].value, sizeof out[0].value, "%s", b->auto_create ? "true" : "false");
    out[n].name = "advertised.listeners";
    out[n].type = SETTING_STRING;
    snprintf(out[n++].value, sizeof out[0].value, "PLAINTEXT://%s:%d", b->host, b->port);
}

static bool
config_wanted(const struct describe_configs_request_resources *in, const char *name)
{
    bool wanted = in->configuration_keys_count < 0;
    for (int32_t i = 0; !wanted && i < in->configuration_keys_count; i++) {
        wanted = bytes_is(in->configuration_keys[i], name);
    }
    return wanted;
}

static struct describe_configs_response_configs *
config_add(struct kafka_request *r, struct describe_configs_response_results *out, const char *name,
           const char *value, enum setting_type type, int8_t source)
{
    const struct describe_configs_request *in = r->in;
    struct describe_configs_response_configs *c = &out->configs[out->configs_count++];
    c->name = request_text(r, name);
    c->value = request_text(r, value);
    c->config_type = (int8_t)type;
    c->config_source = source;
    c->is_default = source == SOURCE_DEFAULT;
    if (in->include_synonyms) {
        c->synonyms = kafka_items(&r->arena, &describe_configs_response_synonyms_table, 1);
        c->synonyms_count = 1;
        c->synonyms->name = c->name;
        c->synonyms->value = c->value;
        c->synonyms->source = source;
    }
    return c;
}

static void
describe_topic(struct kafka_request *r, const struct describe_configs_request_resources *in,
               struct topic *topic, struct describe_configs_response_results *out)
{
    out->configs =
        kafka_items(&r->arena, &describe_configs_response_configs_table, setting_kind_count);
    for (size_t i = 0; i < setting_kind_count; i++) {
        const char *name = setting_kinds[i].name;
        if (!config_wanted(in, name)) {
            continue;
        }
        bool set = false;
        for (size_t j = 0; j < topic->setting_count; j++) {
            set |= strcmp(topic->settings[j].name, name) == 0;
        }
        config_add(r, out, name, topic_setting_value(topic->settings, topic->setting_count, name),
                   setting_kinds[i].type, set ? SOURCE_TOPIC : SOURCE_DEFAULT);
    }
}

static void
describe_broker(struct kafka_request *r, const struct describe_configs_request_resources *in,
                struct describe_configs_response_results *out)
{
    struct broker_setting settings[BROKER_SETTINGS];
    broker_settings(r->broker, settings);
    out->configs =
        kafka_items(&r->arena, &describe_configs_response_configs_table, BROKER_SETTINGS);
    for (size_t i = 0; i < BROKER_SETTINGS; i++) {
        if (config_wanted(in, settings[i].name)) {
            config_add(r, out, settings[i].name, settings[i].value, settings[i].type,
                       i < 8 ? SOURCE_DEFAULT : SOURCE_STATIC_BROKER)
                ->read_only = true;
        }
    }
}

void
handle_describe_configs(struct kafka_request *r)
{
    const struct describe_configs_request *in = r->in;
    struct describe_configs_response out;
    kafka_init(r->api->response, &out);
    out.results_count = in->resources_count;
    out.results = kafka_items(&r->arena, &describe_configs_response_results_table,
                              (size_t)in->resources_count);
    for (int32_t i = 0; i < in->resources_count; i++) {
        const struct describe_configs_request_resources *asked = &in->resources[i];
        struct describe_configs_response_results *answer = &out.results[i];
        answer->resource_type = asked->resource_type;
        answer->resource_name = asked->resource_name;
        char node[16];
        snprintf(node, sizeof node, "%d", r->broker->node_id);
        struct topic *topic = topics_find(&r->broker->topics, asked->resource_name);
        if (asked->resource_type == RESOURCE_TOPIC && topic != NULL) {
            describe_topic(r, asked, topic, answer);
        } else if (asked->resource_type == RESOURCE_BROKER &&
                   (asked->resource_name.len == 0 || bytes_is(asked->resource_name, node))) {
            describe_broker(r, asked, answer);
        } else {
            answer->error_code = asked->resource_type == RESOURCE_TOPIC
                                     ? KE_UNKNOWN_TOPIC_OR_PARTITION
                                     : KE_INVALID_REQUEST;
            answer->error_message = bytes_of("there is no such resource");
        }
    }
    request_answer(r, &out);
}

/* A copy of the topic's settings with room for n more; all in the request's arena. */
static struct topic_setting *
settings_draft(struct kafka_request *r, const struct topic *topic, size_t n)
{
    struct topic_setting *draft =
        arena_new_array(&r->arena, struct topic_setting, topic->setting_count + n + 1);
    for (size_t i = 0; i < topic->setting_count; i++) {
        draft[i] = topic->settings[i];
    }
    return draft;
}

enum { OP_SET = 0, OP_DELETE = 1, OP_APPEND = 2, OP_SUBTRACT = 3 };

static bool
draft_change(struct kafka_request *r, struct topic_setting *draft, size_t *count,
             const struct incremental_alter_configs_request_configs *in, struct error *err)
{
    const char *name = admin_text(r, in->name);
    const struct setting_kind *kind = setting_find(in->name);
    if (kind == NULL) {
        return error_set_code(err, ERROR_ARGUMENT, KE_INVALID_CONFIG,
                              "Unknown topic config name: %s", name);
    }
    if (in->config_operation == OP_APPEND || in->config_operation == OP_SUBTRACT) {
        return error_set_code(err, ERROR_ARGUMENT, KE_INVALID_CONFIG,
                              "Appending to or subtracting from %s is not supported", name);
    }
    size_t at = 0;
    while (at < *count && strcmp(draft[at].name, name) != 0) {
        at++;
    }
    if (in->config_operation == OP_DELETE) {
        if (at < *count) {
            memmove(&draft[at], &draft[at + 1], (--*count - at) * sizeof *draft);
        }
        return true;
    }
    if (in->value.ptr == NULL) {
        return error_set_code(err, ERROR_ARGUMENT, KE_INVALID_CONFIG, "%s needs a value", name);
    }
    *count += at == *count;
    draft[at] = (struct topic_setting){(char *)(uintptr_t)name,
                                       (char *)(uintptr_t)admin_text(r, in->value)};
    return true;
}

static void
alter_refuse(struct kafka_request *r, struct error *err, int16_t *code, struct bytes *message)
{
    *code = error_code_of(err);
    *message = request_text(r, error_text(err));
    error_clear(err);
}

static struct topic *
alter_topic(struct kafka_request *r, int8_t type, struct bytes name, struct error *err)
{
    if (type != RESOURCE_TOPIC) {
        error_set_code(err, ERROR_ARGUMENT, KE_INVALID_REQUEST,
                       "only topics' settings can be changed while running");
        return NULL;
    }
    struct topic *topic = topics_find(&r->broker->topics, name);
    if (topic == NULL) {
        error_set_code(err, ERROR_ARGUMENT, KE_UNKNOWN_TOPIC_OR_PARTITION, "no such topic");
    }
    return topic;
}

void
handle_incremental_alter_configs(struct kafka_request *r)
{
    const struct incremental_alter_configs_request *in = r->in;
    struct incremental_alter_configs_response out;
    kafka_init(r->api->response, &out);
    out.responses_count = in->resources_count;
    out.responses = kafka_items(&r->arena, &incremental_alter_configs_response_responses_table,
                                (size_t)in->resources_count);
    for (int32_t i = 0; i < in->resources_count; i++) {
        const struct incremental_alter_configs_request_resources *asked = &in->resources[i];
        struct incremental_alter_configs_response_responses *answer = &out.responses[i];
        struct error err = {0};
        answer->resource_type = asked->resource_type;
        answer->resource_name = asked->resource_name;
        struct topic *topic = alter_topic(r, asked->resource_type, asked->resource_name, &err);
        if (topic != NULL) {
            struct topic_setting *draft = settings_draft(r, topic, (size_t)asked->configs_count);
            size_t count = topic->setting_count;
            bool ok = true;
            for (int32_t j = 0; ok && j < asked->configs_count; j++) {
                ok = draft_change(r, draft, &count, &asked->configs[j], &err);
            }
            ok = ok && settings_check(draft, count, &err);
            if (ok && !in->validate_only) {
                topics_configure(&r->broker->topics, topic, draft, count, &err);
            }
        }
        if (error_is_set(&err)) {
            alter_refuse(r, &err, &answer->error_code, &answer->error_message);
        }
    }
    request_answer(r, &out);
}

/* The old form: what is not named goes back to its default. */
void
handle_alter_configs(struct kafka_request *r)
{
    const struct alter_configs_request *in = r->in;
    struct alter_configs_response out;
    kafka_init(r->api->response, &out);
    out.responses_count = in->resources_count;
    out.responses = kafka_items(&r->arena, &alter_configs_response_responses_table,
                                (size_t)in->resources_count);
    for (int32_t i = 0; i < in->resources_count; i++) {
        const struct alter_configs_request_resources *asked = &in->resources[i];
        struct alter_configs_response_responses *answer = &out.responses[i];
        struct error err = {0};
        answer->resource_type = asked->resource_type;
        answer->resource_name = asked->resource_name;
        struct topic *topic = alter_topic(r, asked->resource_type, asked->resource_name, &err);
        if (topic != NULL) {
            const size_t count = (size_t)asked->configs_count;
            struct topic_setting *all = arena_new_array(&r->arena, struct topic_setting, count + 1);
            for (size_t j = 0; j < count; j++) {
                all[j].name = (char *)(uintptr_t)admin_text(r, asked->configs[j].name);
                all[j].value = (char *)(uintptr_t)admin_text(r, asked->configs[j].value);
            }
            if (settings_check(all, count, &err) && !in->validate_only) {
                topics_configure(&r->broker->topics, topic, all, count, &err);
            }
        }
        if (error_is_set(&err)) {
            alter_refuse(r, &err, &answer->error_code, &answer->error_message);
        }
    }
    request_answer(r, &out);
}
