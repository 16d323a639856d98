/* Topics: two hash tables over what the control store holds, and the logs below them. */
#include "kafka/topics.h"

#include "hdfs/hdfs.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/trace.h"
#include "kafka/cluster.h"
#include "kafka/errors.h"
#include "kafka/topics_private.h"

static void *
topic_alloc(void *p)
{
    if (p == NULL) {
        abort();
    }
    return p;
}

static size_t
name_bucket(struct bytes name)
{
    uint64_t h = 14695981039346656037u;
    for (size_t i = 0; i < name.len; i++) {
        h = (h ^ name.ptr[i]) * 1099511628211u;
    }
    return (size_t)(h ^ h >> 32) % TOPIC_BUCKETS;
}

static size_t
id_bucket(const struct kafka_uuid *id)
{
    uint32_t h;
    memcpy(&h, id->bytes, 4);
    return h % TOPIC_BUCKETS;
}

struct topic *
topics_find(struct topics *t, struct bytes name)
{
    struct topic *topic = t->by_name[name_bucket(name)];
    while (topic != NULL && !bytes_is(name, topic->name)) {
        topic = topic->next_by_name;
    }
    return topic;
}

struct topic *
topics_find_id(struct topics *t, const struct kafka_uuid *id)
{
    struct topic *topic = t->by_id[id_bucket(id)];
    while (topic != NULL && memcmp(&topic->id, id, sizeof *id) != 0) {
        topic = topic->next_by_id;
    }
    return topic;
}

static int
topic_compare(const void *a, const void *b)
{
    return strcmp((*(struct topic *const *)a)->name, (*(struct topic *const *)b)->name);
}

struct topic **
topics_sorted(struct topics *t)
{
    struct topic **all = topic_alloc(malloc((t->count + 1) * sizeof(struct topic *)));
    size_t n = 0;
    for (size_t i = 0; i < TOPIC_BUCKETS; i++) {
        for (struct topic *topic = t->by_name[i]; topic != NULL; topic = topic->next_by_name) {
            all[n++] = topic;
        }
    }
    assert(n == t->count);
    qsort(all, n, sizeof(struct topic *), topic_compare);
    return all;
}

struct log *
topic_log(struct topic *topic, int32_t partition)
{
    return partition >= 0 && partition < topic->partition_count ? topic->logs[partition] : NULL;
}

bool
topic_name_check(struct bytes name, struct error *err)
{
    bool good =
        name.len > 0 && name.len <= TOPIC_NAME_MAX && !bytes_is(name, ".") && !bytes_is(name, "..");
    for (size_t i = 0; good && i < name.len; i++) {
        const uint8_t c = name.ptr[i];
        good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '.' || c == '_' || c == '-';
    }
    return good || error_set_code(err, ERROR_ARGUMENT, KE_INVALID_TOPIC_EXCEPTION,
                                  "Topic name is invalid: '%.*s' must be 1 to %d of the characters "
                                  "[a-zA-Z0-9._-], and neither '.' nor '..'",
                                  (int)(name.len < 300 ? name.len : 300), (const char *)name.ptr,
                                  TOPIC_NAME_MAX);
}

void
settings_free(struct topic_setting *settings, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(settings[i].name);
        free(settings[i].value);
    }
    free(settings);
}

struct topic_setting *
settings_copy(const struct topic_setting *settings, size_t count)
{
    struct topic_setting *copy = topic_alloc(calloc(count + 1, sizeof *copy));
    for (size_t i = 0; i < count; i++) {
        copy[i].name = topic_alloc(strdup(settings[i].name));
        copy[i].value = topic_alloc(strdup(settings[i].value));
    }
    return copy;
}

void
topic_free(struct topic *topic)
{
    settings_free(topic->settings, topic->setting_count);
    free(topic->logs);
    free(topic->states);
    free(topic->replicas);
    free(topic->name);
    free(topic);
}

/* Value of the control key: form 1, id, partitions, settings. */
void
topic_write(const struct topic *topic, struct buffer *out)
{
    buffer_u8(out, 1);
    buffer_put(out, topic->id.bytes, 16);
    buffer_uvarint(out, (uint64_t)topic->partition_count);
    buffer_u8(out, topic->internal);
    buffer_uvarint(out, topic->setting_count);
    for (size_t i = 0; i < topic->setting_count; i++) {
        buffer_lentext(out, topic->settings[i].name);
        buffer_lentext(out, topic->settings[i].value);
    }
}

static char *
text_of(struct bytes b)
{
    return topic_alloc(strndup(b.ptr != NULL ? (const char *)b.ptr : "", b.len));
}

bool
topic_read(struct topic *topic, struct bytes value)
{
    struct reader r;
    reader_init(&r, value);
    const uint8_t form = reader_u8(&r);
    const struct bytes id = reader_take(&r, 16);
    topic->partition_count = (int32_t)reader_uvarint64(&r);
    topic->internal = reader_u8(&r) != 0;
    const size_t count = reader_ucount(&r, 2);
    topic->settings = topic_alloc(calloc(count + 1, sizeof *topic->settings));
    for (size_t i = 0; i < count && reader_ok(&r); i++) {
        topic->settings[i].name = text_of(reader_lenbytes(&r));
        topic->settings[i].value = text_of(reader_lenbytes(&r));
        topic->setting_count++;
    }
    if (form != 1 || !reader_ok(&r) || topic->partition_count < 1 ||
        topic->partition_count > TOPIC_PARTITIONS_MAX) {
        return false;
    }
    memcpy(topic->id.bytes, id.ptr, 16);
    return true;
}

void
topic_key(char out[TOPIC_NAME_MAX + 16], const char *name)
{
    snprintf(out, TOPIC_NAME_MAX + 16, "topic/%s", name);
}

/* value NULL: the topic goes. */
static bool
topic_store(struct topics *t, struct topic *topic, bool remove, struct error *err)
{
    char key[TOPIC_NAME_MAX + 16];
    topic_key(key, topic->name);
    struct buffer value = {0};
    topic_write(topic, &value);
    const struct control_change change = {
        .key = key,
        .version_expected = topic->version,
        .value = remove ? NULL : value.ptr,
        .len = value.len,
    };
    const bool ok = control_apply(t->control, &change, 1, &topic->version, err);
    buffer_release(&value);
    return ok;
}

/* Opens the logs that are not open yet. */
static bool
topic_open_logs(struct topics *t, struct topic *topic, int32_t from, struct error *err)
{
    struct log_config config;
    topic_log_config(topic->settings, topic->setting_count, &config);
    topic->logs =
        topic_alloc(realloc(topic->logs, (size_t)topic->partition_count * sizeof(struct log *)));
    for (int32_t i = from; i < topic->partition_count; i++) {
        topic->logs[i] = log_open(t->logs, topic->name, i, &config, err);
        if (topic->logs[i] == NULL ||
            (log_leader_epoch(topic->logs[i]) <= 0 && !log_epoch_begin(topic->logs[i], 0, err))) {
            return false;
        }
    }
    return true;
}

void
topic_link(struct topics *t, struct topic *topic)
{
    struct topic **name = &t->by_name[name_bucket(bytes_of(topic->name))];
    struct topic **id = &t->by_id[id_bucket(&topic->id)];
    topic->next_by_name = *name;
    topic->next_by_id = *id;
    *name = topic;
    *id = topic;
    t->count++;
}

void
topic_unlink(struct topics *t, struct topic *topic)
{
    struct topic **link = &t->by_name[name_bucket(bytes_of(topic->name))];
    while (*link != topic) {
        link = &(*link)->next_by_name;
    }
    *link = topic->next_by_name;
    link = &t->by_id[id_bucket(&topic->id)];
    while (*link != topic) {
        link = &(*link)->next_by_id;
    }
    *link = topic->next_by_id;
    t->count--;
}

struct topics_loading {
    struct topics *topics;
    struct topic **read;
    size_t count;
    bool damaged; /* then nothing is swept, nothing started */
};

static void
topics_load_one(void *ctx, const char *key, struct bytes value, uint64_t version)
{
    struct topics_loading *loading = ctx;
    struct topic *topic = topic_alloc(calloc(1, sizeof *topic));
    topic->name = topic_alloc(strdup(key + strlen("topic/")));
    topic->version = version;
    if (!topic_read(topic, value)) {
        loading->damaged = true;
        trace(TRACE_ERROR, "kafka", "the control store's entry of topic %s is not readable",
              topic->name);
        topic_free(topic);
        return;
    }
    loading->read =
        topic_alloc(realloc(loading->read, (loading->count + 1) * sizeof(struct topic *)));
    loading->read[loading->count++] = topic;
}

static bool
topics_want(void *ctx, const char *name, size_t len, int32_t partition)
{
    static const char files[] = HDFS_NAMESPACE_TOPIC; /* no topic of ours, but a log beside them */
    struct topic *topic = topics_find(ctx, (struct bytes){(const uint8_t *)name, len});
    return (len == sizeof files - 1 && memcmp(name, files, len) == 0) ||
           (topic != NULL && partition < topic->partition_count);
}

bool
topics_load(struct topics *t, struct control *control, struct log_set *logs,
            struct cluster *cluster, struct error *err)
{
    *t = (struct topics){.control = control, .logs = logs, .cluster = cluster};
    struct topics_loading loading = {.topics = t};
    const bool listed = control_list(control, "topic/", topics_load_one, &loading, err);
    for (size_t i = 0; i < loading.count; i++) {
        topic_link(t, loading.read[i]);
    }
    bool ok = listed && (!loading.damaged ||
                         error_set(err, ERROR_SYSTEM, "an entry of the control store is damaged"));
    if (ok && cluster != NULL) {
        free(loading.read);
        return cluster_load(cluster, err);
    }
    ok = ok && log_set_sweep(logs, topics_want, t, err);
    for (size_t i = 0; ok && i < loading.count; i++) {
        ok = topic_open_logs(t, loading.read[i], 0, err);
    }
    free(loading.read);
    return ok;
}

void
topics_release(struct topics *t)
{
    for (size_t i = 0; i < TOPIC_BUCKETS; i++) {
        while (t->by_name[i] != NULL) {
            struct topic *topic = t->by_name[i];
            t->by_name[i] = topic->next_by_name;
            topic_free(topic);
        }
    }
}

bool
settings_check(const struct topic_setting *settings, size_t count, struct error *err)
{
    for (size_t i = 0; i < count; i++) {
        const struct setting_kind *kind = setting_find(bytes_of(settings[i].name));
        if (kind == NULL) {
            return error_set_code(err, ERROR_ARGUMENT, KE_INVALID_CONFIG,
                                  "Unknown topic config name: %s", settings[i].name);
        }
        if (!setting_check(kind, settings[i].value, err)) {
            return false;
        }
    }
    return true;
}

static bool
topic_begin(struct topics *t, struct topic *topic, const struct topic_wish *wish, struct error *err)
{
    if (t->cluster != NULL) {
        return cluster_topic_create(t->cluster, topic, wish->factor, err);
    }
    if (wish->factor > 1) {
        return error_set_code(err, ERROR_ARGUMENT, KE_INVALID_REPLICATION_FACTOR,
                              "Unable to replicate the partition %d time(s): there is 1 broker.",
                              wish->factor);
    }
    if (!topic_store(t, topic, false, err)) {
        return false;
    }
    topic_link(t, topic);
    if (topic_open_logs(t, topic, 0, err)) {
        return true;
    }
    trace(TRACE_ERROR, "kafka", "topic %s: %s", topic->name, error_text(err));
    struct error ignored = {0};
    topic_store(t, topic, true, &ignored);
    error_clear(&ignored);
    topic_unlink(t, topic);
    err->code = KE_KAFKA_STORAGE_ERROR;
    return false;
}

struct topic *
topics_create(struct topics *t, struct bytes name, const struct topic_wish *wish, struct error *err)
{
    const int32_t partitions = wish->partitions;
    if (!topic_name_check(name, err)) {
        return NULL;
    }
    if (topics_find(t, name) != NULL) {
        error_set_code(err, ERROR_ARGUMENT, KE_TOPIC_ALREADY_EXISTS, "Topic '%.*s' already exists.",
                       (int)name.len, (const char *)name.ptr);
        return NULL;
    }
    if (partitions < 1 || partitions > TOPIC_PARTITIONS_MAX) {
        error_set_code(err, ERROR_ARGUMENT, KE_INVALID_PARTITIONS,
                       "Number of partitions must be 1 to %d, not %d.", TOPIC_PARTITIONS_MAX,
                       partitions);
        return NULL;
    }
    if (!settings_check(wish->settings, wish->setting_count, err)) {
        return NULL;
    }
    struct topic *topic = topic_alloc(calloc(1, sizeof *topic));
    topic->name = text_of(name);
    topic->partition_count = partitions;
    topic->settings = settings_copy(wish->settings, wish->setting_count);
    topic->setting_count = wish->setting_count;
    topic->internal = bytes_is(name, "__consumer_offsets");
    for (int i = 0; i < 16; i += 8) {
        const uint64_t random = env_random(&env_real);
        memcpy(topic->id.bytes + i, &random, 8);
    }
    topic->id.bytes[6] = (topic->id.bytes[6] & 0x0f) | 0x40;
    topic->id.bytes[8] = (topic->id.bytes[8] & 0x3f) | 0x80;
    if (!topic_begin(t, topic, wish, err)) {
        topic_free(topic);
        return NULL;
    }
    return topic;
}

bool
topics_delete(struct topics *t, struct topic *topic, struct error *err)
{
    if (t->cluster != NULL) {
        return cluster_topic_delete(t->cluster, topic, err);
    }
    if (!topic_store(t, topic, true, err)) {
        return false;
    }
    topic_unlink(t, topic);
    for (int32_t i = 0; i < topic->partition_count; i++) {
        struct error each = {0};
        if (!log_delete(topic->logs[i], &each)) {
            trace(TRACE_WARN, "kafka", "remains of deleted topic %s: %s", topic->name,
                  error_text(&each));
        }
        error_clear(&each);
    }
    topic_free(topic);
    return true;
}

bool
topics_grow(struct topics *t, struct topic *topic, int32_t partitions, struct error *err)
{
    const int32_t before = topic->partition_count;
    if (partitions <= before || partitions > TOPIC_PARTITIONS_MAX) {
        return error_set_code(err, ERROR_ARGUMENT, KE_INVALID_PARTITIONS,
                              "The topic %s currently has %d partition(s); %d would not be an "
                              "increase.",
                              topic->name, before, partitions);
    }
    if (t->cluster != NULL) {
        return cluster_topic_grow(t->cluster, topic, partitions, err);
    }
    topic->partition_count = partitions;
    if (!topic_store(t, topic, false, err)) {
        topic->partition_count = before;
        return false;
    }
    return topic_open_logs(t, topic, before, err);
}

void
topic_logs_configure(struct topic *topic)
{
    struct log_config config;
    topic_log_config(topic->settings, topic->setting_count, &config);
    for (int32_t i = 0; i < topic->partition_count; i++) {
        if (topic->logs[i] != NULL) {
            log_configure(topic->logs[i], &config);
        }
    }
}

bool
topics_configure(struct topics *t, struct topic *topic, const struct topic_setting *settings,
                 size_t setting_count, struct error *err)
{
    if (!settings_check(settings, setting_count, err)) {
        return false;
    }
    struct topic_setting *before = topic->settings;
    const size_t before_count = topic->setting_count;
    topic->settings = settings_copy(settings, setting_count);
    topic->setting_count = setting_count;
    if (!topic_store(t, topic, false, err)) {
        settings_free(topic->settings, topic->setting_count);
        topic->settings = before;
        topic->setting_count = before_count;
        return false;
    }
    settings_free(before, before_count);
    topic_logs_configure(topic);
    return true;
}
