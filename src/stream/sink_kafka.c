/*
 * A topic of ours as a sink, exactly once.
 *
 * The batch's rows become one record batch for each (topic, partition); each is appended by
 * WIRE_APPEND_ONCE under this query's sink id and the number of the batch, so that a batch that is
 * written again finds itself already there. That needs the same rows in the same partitions each
 * time: the plan's output order is deterministic, and rows without a key go round by their place.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buffer.h"
#include "log/batch.h"
#include "stream/sink.h"
#include "stream/topics.h"

enum { TOPICS_MAX = 64, PARTITIONS_MAX = 10000, BATCH_BYTES_MAX = 512 << 10, PARTS_MAX = 1 << 20 };

/* Records for one partition, in record batches of at most about BATCH_BYTES_MAX. */
struct outbox {
    struct buffer bytes;
    struct batch_builder builder;
    int64_t parts; /* batches sent so far */
    bool open;
};

struct topic_out {
    const char *name;
    int32_t partition_count;
    struct outbox *boxes;
    uint64_t round; /* rows without key */
};

struct kafka_sink {
    struct stream_sink *sink;
    const char *topic;                                  /* option; NULL: the column */
    int32_t key, value, topic_column, partition_column; /* column numbers; -1 = absent */
    uint64_t sink_id;
    /* of the batch being written */
    int64_t batch_id;
    int64_t now_ms;
    struct arena *arena;
    struct topic_out topics[TOPICS_MAX];
    uint32_t topic_count;
};

static struct topic_out *
topic_of(struct kafka_sink *k, const char *name, struct error *err)
{
    for (uint32_t i = 0; i < k->topic_count; i++) {
        if (strcmp(k->topics[i].name, name) == 0) {
            return &k->topics[i];
        }
    }
    if (k->topic_count == TOPICS_MAX) {
        error_set(err, ERROR_RESOURCE, "one batch writes to more than %d topics", TOPICS_MAX);
        return NULL;
    }
    struct topic_out *t = &k->topics[k->topic_count];
    *t = (struct topic_out){.name = name};
    if (!topics_partition_count(k->sink->driver, name, &t->partition_count, err)) {
        return NULL;
    }
    t->boxes = arena_new_array(k->arena, struct outbox, t->partition_count);
    k->topic_count++;
    return t;
}

static bool
box_send(struct kafka_sink *k, struct topic_out *t, int32_t partition, struct error *err)
{
    struct outbox *box = &t->boxes[partition];
    if (!box->open) {
        return true;
    }
    batch_end(&box->builder);
    box->open = false;
    if (box->parts >= PARTS_MAX) {
        return error_set(err, ERROR_RESOURCE, "a batch for one partition is too large");
    }
    const bool ok = topics_append_once(k->sink->driver, t->name, partition, k->sink_id,
                                       k->batch_id * PARTS_MAX + box->parts, box->bytes.ptr,
                                       box->bytes.len, err);
    box->parts++;
    buffer_clear(&box->bytes);
    return ok;
}

static struct bytes
cell(const struct vec *v, uint32_t row)
{
    if (vec_is_null(v, row)) {
        return (struct bytes){0};
    }
    const struct view *view = (const struct view *)vec_values(v) + vec_index(v, row);
    return (struct bytes){(const uint8_t *)view_ptr(view), view->len};
}

static int32_t
partition_of(const struct kafka_sink *k, struct topic_out *t, const struct chunk *c, uint32_t row,
             struct bytes key)
{
    if (k->partition_column >= 0 && !vec_is_null(&c->cols[k->partition_column], row)) {
        const struct vec *v = &c->cols[k->partition_column];
        const int32_t wanted = ((const int32_t *)vec_values(v))[vec_index(v, row)];
        return wanted >= 0 && wanted < t->partition_count ? wanted : 0;
    }
    if (key.ptr != NULL) {
        return topics_partition_of(key, t->partition_count);
    }
    return (int32_t)(t->round++ % (uint32_t)t->partition_count);
}

static bool
take_row(struct kafka_sink *k, const struct chunk *c, uint32_t row, struct error *err)
{
    const char *name = k->topic;
    if (name == NULL) {
        const struct bytes text = cell(&c->cols[k->topic_column], row);
        if (text.ptr == NULL) {
            return error_set(err, ERROR_EXECUTION,
                             "null topic present in the data. Use the topic option for setting a "
                             "default topic.");
        }
        name = arena_strndup(k->arena, (const char *)text.ptr, text.len);
    }
    struct topic_out *t = topic_of(k, name, err);
    if (t == NULL) {
        return false;
    }
    const struct bytes key = k->key >= 0 ? cell(&c->cols[k->key], row) : (struct bytes){0};
    const struct bytes value = cell(&c->cols[k->value], row);
    const int32_t partition = partition_of(k, t, c, row, key);
    struct outbox *box = &t->boxes[partition];
    if (!box->open) {
        batch_begin(&box->builder, &box->bytes, 0);
        box->open = true;
    }
    batch_add(&box->builder, k->now_ms, key, value, (struct bytes){0}, 0);
    return box->bytes.len < BATCH_BYTES_MAX || box_send(k, t, partition, err);
}

static bool
take_chunk(void *ctx, const struct chunk *c, struct error *err)
{
    struct kafka_sink *k = ctx;
    for (uint32_t i = 0; i < c->n; i++) {
        if (!take_row(k, c, i, err)) {
            return false;
        }
    }
    return true;
}

static bool
kafka_write(struct stream_sink *s, struct sink_batch *b, struct error *err)
{
    struct kafka_sink *k = s->state;
    k->arena = b->arena;
    k->batch_id = b->id;
    k->now_ms = env_wall_ms(s->env);
    k->topic_count = 0;
    bool ok = sink_run_chunks(s, b, take_chunk, k, err);
    for (uint32_t i = 0; i < k->topic_count; i++) {
        struct topic_out *t = &k->topics[i];
        for (int32_t p = 0; p < t->partition_count; p++) {
            ok = ok && box_send(k, t, p, err);
            buffer_release(&t->boxes[p].bytes);
        }
    }
    return ok;
}

static bool
kafka_recover(struct stream_sink *s, struct error *err)
{
    (void)s;
    (void)err;
    return true;
}

static void
kafka_close(struct stream_sink *s)
{
    (void)s;
}

static int32_t
column_find(const struct type *schema, const char *name)
{
    for (uint32_t i = 0; i < schema->field_count; i++) {
        if (strcasecmp(schema->fields[i].name, name) == 0) {
            return (int32_t)i;
        }
    }
    return -1;
}

static bool
is_text(const struct type *schema, int32_t column)
{
    return column < 0 || schema->fields[column].type->id == TYPE_STRING ||
           schema->fields[column].type->id == TYPE_BINARY;
}

/* FNV-1a over the query's id: the sink's name in the log. */
static uint64_t
sink_number(const char *query_id)
{
    uint64_t hash = 14695981039346656037u;
    for (; *query_id != '\0'; query_id++) {
        hash = (hash ^ (uint8_t)*query_id) * 1099511628211u;
    }
    return hash;
}

bool
sink_kafka_open(struct stream_sink *s, struct arena *a, const struct type *schema,
                struct error *err)
{
    static const struct stream_sink_ops ops = {kafka_write, kafka_recover, kafka_close, true};
    const char *bootstrap = options_get(&s->spec.options, "kafka.bootstrap.servers");
    if (bootstrap == NULL) {
        return error_set(err, ERROR_ARGUMENT,
                         "Option 'kafka.bootstrap.servers' must be specified for configuring Kafka "
                         "producer");
    }
    if (!topics_are_ours(s->driver, bootstrap)) {
        return error_unsupported(err, "a streaming sink to a Kafka cluster other than this one");
    }
    if (column_find(schema, "headers") >= 0) {
        return error_unsupported(err, "the column headers in a streaming Kafka sink");
    }
    struct kafka_sink *k = arena_new(a, struct kafka_sink);
    k->sink = s;
    k->topic = options_get(&s->spec.options, "topic");
    k->key = column_find(schema, "key");
    k->value = column_find(schema, "value");
    k->topic_column = column_find(schema, "topic");
    k->partition_column = column_find(schema, "partition");
    k->sink_id = sink_number(s->query_id);
    if (k->value < 0) {
        return error_set(err, ERROR_ANALYSIS, "Required attribute 'value' not found.");
    }
    if (k->topic == NULL && k->topic_column < 0) {
        return error_set(err, ERROR_ANALYSIS,
                         "topic option required when no 'topic' attribute is present. Use the "
                         "topic option for setting a topic.");
    }
    if (!is_text(schema, k->key) || !is_text(schema, k->value) ||
        !is_text(schema, k->topic_column)) {
        return error_set(err, ERROR_ANALYSIS, "key, value and topic must be STRING or BINARY");
    }
    s->ops = &ops;
    s->state = k;
    s->description = "KafkaTable";
    return true;
}
