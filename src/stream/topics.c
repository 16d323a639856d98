/* Topics: ours through the store process, others through librdkafka. */
#include "stream/topics.h"

#include <librdkafka/rdkafka.h>
#include <pthread.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/thread.h"
#include "driver/session.h"
#include "net/frame.h"
#include "sched/wire.h"

enum { CALL_TIMEOUT_MS = 10000, FOREIGN_TIMEOUT_MS = 20000 };

/* One client of the store for the process: it connects again by itself when the store was
 * restarted. */
static struct frame_client *
store_client(struct driver *d)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    static struct frame_client *client;
    static char address[4096];
    const char *wanted = driver_config_of(d)->store_address;
    mutex_lock(&lock);
    if (wanted != NULL && (client == NULL || strcmp(address, wanted) != 0)) {
        snprintf(address, sizeof address, "%s", wanted);
        client = frame_client_new(address);
    }
    struct frame_client *found = wanted != NULL ? client : NULL;
    mutex_unlock(&lock);
    return found;
}

static bool
store_call(struct driver *d, uint16_t type, const struct buffer *request, struct buffer *reply,
           struct error *err)
{
    struct frame_client *client = store_client(d);
    if (client == NULL) {
        return error_unsupported(err, "topics without a store process");
    }
    return frame_call(client, type, request->ptr, request->len, reply, CALL_TIMEOUT_MS, err);
}

static const char *
port_of(const char *address)
{
    const char *colon = strrchr(address, ':');
    return colon != NULL ? colon + 1 : "";
}

static bool
host_is_this_computer(const char *address)
{
    return strncmp(address, "localhost:", 10) == 0 || strncmp(address, "127.", 4) == 0 ||
           strncmp(address, "[::1]:", 6) == 0 || strncmp(address, "0.0.0.0:", 8) == 0;
}

bool
topics_are_ours(struct driver *d, const char *bootstrap)
{
    const char *ours = driver_config_of(d)->kafka_bootstrap;
    if (ours == NULL || bootstrap == NULL) {
        return false;
    }
    char list[1024];
    snprintf(list, sizeof list, "%s", bootstrap);
    char *rest = NULL;
    for (char *one = strtok_r(list, ", ", &rest); one != NULL; one = strtok_r(NULL, ", ", &rest)) {
        if (strcmp(one, ours) == 0 || (host_is_this_computer(one) && host_is_this_computer(ours) &&
                                       strcmp(port_of(one), port_of(ours)) == 0)) {
            return true;
        }
    }
    return false;
}

/* Which topics the options want: an exact list, or a pattern. */
struct wanted {
    const char **names;
    uint32_t count;
    regex_t pattern;
    bool has_pattern;
};

static bool
wanted_parse(struct arena *a, const struct options *options, struct wanted *w, struct error *err)
{
    *w = (struct wanted){0};
    const char *subscribe = options_get(options, "subscribe");
    const char *pattern = options_get(options, "subscribePattern");
    static const char *const missing[] = {"assign", "startingTimestamp", "endingTimestamp",
                                          "startingOffsetsByTimestamp", "endingOffsetsByTimestamp"};
    for (size_t i = 0; i < sizeof missing / sizeof *missing; i++) {
        if (options_get(options, missing[i]) != NULL) {
            return error_unsupported(err, "the kafka source's option %s", missing[i]);
        }
    }
    const char *headers = options_get(options, "includeHeaders");
    if (headers != NULL && strcasecmp(headers, "true") == 0) {
        return error_unsupported(err, "the kafka source's option includeHeaders");
    }
    if (pattern != NULL) {
        char *anchored = arena_printf(a, "^(%s)$", pattern);
        w->has_pattern = regcomp(&w->pattern, anchored, REG_EXTENDED | REG_NOSUB) == 0;
        return w->has_pattern ||
               error_set(err, ERROR_ARGUMENT, "subscribePattern is not a pattern: %s", pattern);
    }
    if (subscribe == NULL) {
        return error_set(err, ERROR_ARGUMENT,
                         "One of the following options must be specified for Kafka source: "
                         "subscribe, subscribePattern, assign. See the docs for more details.");
    }
    char *list = arena_strdup(a, subscribe), *rest = NULL;
    w->names = arena_new_array(a, const char *, strlen(list) / 2 + 2);
    for (char *one = strtok_r(list, ", ", &rest); one != NULL; one = strtok_r(NULL, ", ", &rest)) {
        w->names[w->count++] = one;
    }
    return true;
}

static bool
wanted_has(const struct wanted *w, const char *topic)
{
    if (w->has_pattern) {
        return regexec(&w->pattern, topic, 0, NULL, 0) == 0;
    }
    for (uint32_t i = 0; i < w->count; i++) {
        if (strcmp(w->names[i], topic) == 0) {
            return true;
        }
    }
    return false;
}

static void
topics_add(struct arena *a, struct topics *t, struct topic_partition p)
{
    if ((t->count & (t->count - 1)) == 0) { /* full at powers of two */
        const uint32_t capacity = t->count == 0 ? 1 : t->count * 2;
        struct topic_partition *grown = arena_new_array(a, struct topic_partition, capacity);
        if (t->count > 0) {
            memcpy(grown, t->items, t->count * sizeof *grown);
        }
        t->items = grown;
    }
    t->items[t->count++] = p;
}

static int
compare_partitions(const void *x, const void *y)
{
    const struct topic_partition *p = x, *q = y;
    const int by_topic = strcmp(p->topic, q->topic);
    return by_topic != 0 ? by_topic : (p->partition > q->partition) - (p->partition < q->partition);
}

static bool
ours_offsets(struct driver *d, struct arena *a, const char *topic, struct topics *out,
             struct error *err)
{
    struct buffer request = {0}, reply = {0};
    buffer_lentext(&request, topic);
    const bool ok = store_call(d, WIRE_TOPIC_OFFSETS, &request, &reply, err);
    buffer_release(&request);
    if (ok) {
        struct reader in;
        reader_init(&in, (struct bytes){reply.ptr, reply.len});
        const struct bytes dir = reader_lenbytes(&in);
        out->log_dir = arena_strndup(a, dir.ptr != NULL ? (const char *)dir.ptr : "", dir.len);
        const size_t count = reader_ucount(&in, 4);
        for (size_t i = 0; i < count && reader_ok(&in); i++) {
            struct topic_partition p = {.topic = topic};
            p.partition = (int32_t)reader_uvarint64(&in);
            p.start = (int64_t)reader_uvarint64(&in);
            p.end = (int64_t)reader_uvarint64(&in);
            reader_uvarint64(&in);
            if (reader_ok(&in)) {
                topics_add(a, out, p);
            }
        }
    }
    buffer_release(&reply);
    return ok;
}

static bool
ours_names(struct driver *d, struct arena *a, const struct wanted *w, const char ***names,
           uint32_t *count, struct error *err)
{
    struct buffer request = {0}, reply = {0};
    if (!store_call(d, WIRE_TOPIC_LIST, &request, &reply, err)) {
        buffer_release(&reply);
        return false;
    }
    struct reader in;
    reader_init(&in, (struct bytes){reply.ptr, reply.len});
    const size_t total = reader_ucount(&in, 3);
    *names = arena_new_array(a, const char *, total + 1);
    *count = 0;
    for (size_t i = 0; i < total && reader_ok(&in); i++) {
        const struct bytes name = reader_lenbytes(&in);
        reader_uvarint64(&in);
        const size_t configs = reader_ucount(&in, 2);
        for (size_t c = 0; c < configs * 2; c++) {
            reader_lenbytes(&in);
        }
        const char *text = arena_strndup(a, (const char *)name.ptr, name.len);
        if (reader_ok(&in) && wanted_has(w, text)) {
            (*names)[(*count)++] = text;
        }
    }
    buffer_release(&reply);
    return true;
}

static bool
ours_list(struct driver *d, struct arena *a, const struct wanted *w, struct topics *out,
          struct error *err)
{
    const char **names = w->names;
    uint32_t count = w->count;
    if (w->has_pattern && !ours_names(d, a, w, &names, &count, err)) {
        return false;
    }
    for (uint32_t i = 0; i < count; i++) {
        if (!ours_offsets(d, a, names[i], out, err)) {
            return false;
        }
    }
    return true;
}

static bool
foreign_offsets(rd_kafka_t *rk, struct arena *a, const rd_kafka_metadata_topic_t *t,
                struct topics *out, struct error *err)
{
    for (int i = 0; i < t->partition_cnt; i++) {
        int64_t low = 0, high = 0;
        const rd_kafka_resp_err_t status = rd_kafka_query_watermark_offsets(
            rk, t->topic, t->partitions[i].id, &low, &high, FOREIGN_TIMEOUT_MS);
        if (status != RD_KAFKA_RESP_ERR_NO_ERROR) {
            return error_set(err, ERROR_UNAVAILABLE, "offsets of topic %s: %s", t->topic,
                             rd_kafka_err2str(status));
        }
        topics_add(
            a, out,
            (struct topic_partition){arena_strdup(a, t->topic), t->partitions[i].id, low, high});
    }
    return true;
}

/* kafka.* options go to librdkafka without the prefix. */
static rd_kafka_t *
foreign_client(const struct options *options, struct error *err)
{
    char text[512];
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_conf_set(conf, "log_level", "2", NULL, 0);
    for (uint32_t i = 0; i < options->count; i++) {
        if (strncasecmp(options->items[i].key, "kafka.", 6) == 0 &&
            rd_kafka_conf_set(conf, options->items[i].key + 6, options->items[i].value, text,
                              sizeof text) == RD_KAFKA_CONF_INVALID) {
            error_set(err, ERROR_ARGUMENT, "option %s: %s", options->items[i].key, text);
            rd_kafka_conf_destroy(conf);
            return NULL;
        }
    }
    rd_kafka_t *rk = rd_kafka_new(RD_KAFKA_CONSUMER, conf, text, sizeof text);
    if (rk == NULL) {
        error_set(err, ERROR_SYSTEM, "a Kafka client: %s", text);
        rd_kafka_conf_destroy(conf);
    }
    return rk;
}

static bool
foreign_list(struct arena *a, const struct options *options, const struct wanted *w,
             struct topics *out, struct error *err)
{
    rd_kafka_t *rk = foreign_client(options, err);
    if (rk == NULL) {
        return false;
    }
    const rd_kafka_metadata_t *metadata = NULL;
    const rd_kafka_resp_err_t status =
        rd_kafka_metadata(rk, 1, NULL, &metadata, FOREIGN_TIMEOUT_MS);
    bool ok = status == RD_KAFKA_RESP_ERR_NO_ERROR ||
              error_set(err, ERROR_UNAVAILABLE, "the Kafka cluster does not answer: %s",
                        rd_kafka_err2str(status));
    for (int i = 0; ok && i < metadata->topic_cnt; i++) {
        if (wanted_has(w, metadata->topics[i].topic)) {
            ok = foreign_offsets(rk, a, &metadata->topics[i], out, err);
        }
    }
    if (metadata != NULL) {
        rd_kafka_metadata_destroy(metadata);
    }
    rd_kafka_destroy(rk);
    return ok;
}

bool
topics_list(struct driver *d, struct arena *a, const struct options *options, struct topics *out,
            struct error *err)
{
    *out = (struct topics){0};
    const char *bootstrap = options_get(options, "kafka.bootstrap.servers");
    if (bootstrap == NULL) {
        return error_set(err, ERROR_ARGUMENT,
                         "Option 'kafka.bootstrap.servers' must be specified for configuring Kafka "
                         "consumer");
    }
    struct wanted w;
    if (!wanted_parse(a, options, &w, err)) {
        return false;
    }
    const bool ok = topics_are_ours(d, bootstrap) ? ours_list(d, a, &w, out, err)
                                                  : foreign_list(a, options, &w, out, err);
    if (w.has_pattern) {
        regfree(&w.pattern);
    }
    if (ok && out->count > 1) {
        qsort(out->items, out->count, sizeof *out->items, compare_partitions);
    }
    return ok;
}

bool
topics_append_once(struct driver *d, const char *topic, int32_t partition, uint64_t sink_id,
                   int64_t batch_id, const void *batch, size_t len, struct error *err)
{
    struct buffer request = {0}, reply = {0};
    buffer_lentext(&request, topic);
    buffer_uvarint(&request, (uint64_t)partition);
    buffer_le64(&request, sink_id);
    buffer_varint(&request, batch_id);
    buffer_lenbytes(&request, batch, len);
    const bool ok = store_call(d, WIRE_APPEND_ONCE, &request, &reply, err);
    buffer_release(&request);
    buffer_release(&reply);
    return ok;
}

bool
topics_partition_count(struct driver *d, const char *topic, int32_t *count, struct error *err)
{
    struct arena arena;
    arena_init(&arena, NULL);
    struct topics found = {0};
    struct error missing = {0};
    if (!ours_offsets(d, &arena, topic, &found, &missing) || found.count == 0) {
        error_clear(&missing);
        struct buffer request = {0}, reply = {0};
        buffer_lentext(&request, topic);
        buffer_uvarint(&request, 1);
        const bool made = store_call(d, WIRE_TOPIC_CREATE, &request, &reply, &missing);
        (void)made; /* somebody else may have made it meanwhile: what counts is that it is there */
        error_clear(&missing);
        buffer_release(&request);
        buffer_release(&reply);
        found = (struct topics){0};
        if (!ours_offsets(d, &arena, topic, &found, err)) {
            arena_release(&arena);
            return false;
        }
    }
    *count = (int32_t)found.count;
    arena_release(&arena);
    return *count > 0 || error_set(err, ERROR_UNAVAILABLE, "topic %s has no partitions", topic);
}

/* The Java client's partitioner: murmur2 of the key. */
static uint32_t
murmur2(const uint8_t *data, size_t len)
{
    const uint32_t m = 0x5bd1e995;
    uint32_t h = 0x9747b28c ^ (uint32_t)len;
    while (len >= 4) {
        uint32_t k;
        memcpy(&k, data, 4);
        k *= m;
        k ^= k >> 24;
        k *= m;
        h = (h * m) ^ k;
        data += 4;
        len -= 4;
    }
    switch (len) {
    case 3:
        h ^= (uint32_t)data[2] << 16;
        /* fall through */
    case 2:
        h ^= (uint32_t)data[1] << 8;
        /* fall through */
    case 1:
        h ^= data[0];
        h *= m;
        break;
    default:
        break;
    }
    h ^= h >> 13;
    h *= m;
    return h ^ (h >> 15);
}

int32_t
topics_partition_of(struct bytes key, int32_t partition_count)
{
    return (int32_t)((murmur2(key.ptr, key.len) & 0x7fffffff) % (uint32_t)partition_count);
}
