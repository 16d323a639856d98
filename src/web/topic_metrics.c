/* One pass over the topics for each metric, since a metric's samples must stand together. */
#include "web/topic_metrics.h"

#include <jansson.h>

#include "base/buffer.h"
#include "web/web.h"

enum metric_kind {
    TOPIC_PARTITIONS,
    PARTITION_OLDEST,
    PARTITION_CURRENT,
    GROUP_MEMBERS,
    GROUP_CURRENT,
    GROUP_LAG,
    METRIC_COUNT,
};

static const struct {
    const char *name;
    const char *help;
} metrics[METRIC_COUNT] = {
    [TOPIC_PARTITIONS] = {"kafka_topic_partitions", "Number of partitions for this Topic"},
    [PARTITION_OLDEST] = {"kafka_topic_partition_oldest_offset",
                          "Oldest Offset of a Broker at Topic/Partition"},
    [PARTITION_CURRENT] = {"kafka_topic_partition_current_offset",
                           "Current Offset of a Broker at Topic/Partition"},
    [GROUP_MEMBERS] = {"kafka_consumergroup_members", "Amount of members in a consumer group"},
    [GROUP_CURRENT] = {"kafka_consumergroup_current_offset",
                       "Current Offset of a ConsumerGroup at Topic/Partition"},
    [GROUP_LAG] = {"kafka_consumergroup_lag",
                   "Current Approximate Lag of a ConsumerGroup at Topic/Partition"},
};

static json_int_t
member_int(const json_t *object, const char *name)
{
    return json_integer_value(json_object_get(object, name));
}

static const char *
member_text(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text != NULL ? text : "";
}

/* group NULL and partition -1 leave the label out. */
static void
sample_put(struct buffer *out, enum metric_kind kind, const char *group, const char *topic,
           json_int_t partition, json_int_t value)
{
    struct buffer labels = {0};
    if (group != NULL) {
        buffer_puts(&labels, "consumergroup=\"");
        web_label(&labels, group);
        buffer_puts(&labels, topic != NULL ? "\"," : "\"");
    }
    if (topic != NULL) {
        buffer_puts(&labels, "topic=\"");
        web_label(&labels, topic);
        buffer_puts(&labels, "\"");
    }
    if (partition >= 0) {
        buffer_printf(&labels, ",partition=\"%lld\"", (long long)partition);
    }
    web_metric(out, metrics[kind].name, "gauge", NULL, buffer_text(&labels), (double)value);
    buffer_release(&labels);
}

static json_int_t
partition_end(const json_t *topic, json_int_t id)
{
    size_t i;
    const json_t *partition;
    json_array_foreach(json_object_get(topic, "partitions"), i, partition)
    {
        if (member_int(partition, "id") == id) {
            return member_int(partition, "end");
        }
    }
    return 0;
}

static void
group_put(struct buffer *out, enum metric_kind kind, const json_t *topic, const json_t *group)
{
    const char *name = member_text(group, "group");
    size_t i;
    const json_t *partition;
    json_array_foreach(json_object_get(group, "partitions"), i, partition)
    {
        const json_int_t id = member_int(partition, "id");
        const json_int_t committed = member_int(partition, "committed");
        const json_int_t left = partition_end(topic, id) - committed;
        sample_put(out, kind, name, member_text(topic, "name"), id,
                   kind == GROUP_CURRENT ? committed
                   : left > 0            ? left
                                         : 0);
    }
}

static void
topic_put(struct buffer *out, enum metric_kind kind, const json_t *topic)
{
    const char *name = member_text(topic, "name");
    const json_t *partitions = json_object_get(topic, "partitions");
    size_t i;
    const json_t *item;
    if (kind == TOPIC_PARTITIONS) {
        sample_put(out, kind, NULL, name, -1, (json_int_t)json_array_size(partitions));
    } else if (kind == PARTITION_OLDEST || kind == PARTITION_CURRENT) {
        json_array_foreach(partitions, i, item)
        {
            sample_put(out, kind, NULL, name, member_int(item, "id"),
                       member_int(item, kind == PARTITION_OLDEST ? "start" : "end"));
        }
    } else {
        json_array_foreach(json_object_get(topic, "groups"), i, item)
        {
            group_put(out, kind, topic, item);
        }
    }
}

/* A group that reads several topics stands in each of them, but is counted once. */
static void
members_put(struct buffer *out, const json_t *topics)
{
    json_t *seen = json_object();
    size_t i;
    const json_t *topic;
    json_array_foreach(topics, i, topic)
    {
        size_t k;
        const json_t *group;
        json_array_foreach(json_object_get(topic, "groups"), k, group)
        {
            const char *name = member_text(group, "group");
            if (json_object_get(seen, name) == NULL) {
                json_object_set_new(seen, name, json_true());
                sample_put(out, GROUP_MEMBERS, name, NULL, -1, member_int(group, "members"));
            }
        }
    }
    json_decref(seen);
}

void
topic_metrics_put(struct buffer *out, const struct buffer *topics_json)
{
    json_t *topics = json_loadb((const char *)topics_json->ptr, topics_json->len, 0, NULL);
    for (int kind = 0; kind < METRIC_COUNT; kind++) {
        buffer_printf(out, "# HELP %s %s\n# TYPE %s gauge\n", metrics[kind].name,
                      metrics[kind].help, metrics[kind].name);
        if (kind == GROUP_MEMBERS) {
            members_put(out, topics);
            continue;
        }
        size_t i;
        const json_t *topic;
        json_array_foreach(topics, i, topic)
        {
            topic_put(out, (enum metric_kind)kind, topic);
        }
    }
    json_decref(topics);
}
