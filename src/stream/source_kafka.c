/* Topics as a source: offsets per partition, ranges to scan. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <jansson.h>

#include "base/buffer.h"
#include "driver/session.h"
#include "stream/source.h"
#include "stream/topics.h"

enum { OFFSET_LATEST = -1, OFFSET_EARLIEST = -2 };

/* {"topic":{"0":5}}: the offset of a partition; missing says where unmentioned ones are. */
static int64_t
json_offset(const json_t *root, const char *topic, int32_t partition, int64_t missing)
{
    char number[16];
    snprintf(number, sizeof number, "%d", partition);
    const json_t *value = json_object_get(json_object_get(root, topic), number);
    return json_is_integer(value) ? json_integer_value(value) : missing;
}

static const char *
offsets_text(struct arena *a, const struct topic_partition *items, const int64_t *offsets,
             uint32_t count)
{
    struct buffer text = {0};
    buffer_puts(&text, "{");
    for (uint32_t i = 0; i < count; i++) {
        const bool new_topic = i == 0 || strcmp(items[i].topic, items[i - 1].topic) != 0;
        if (new_topic) {
            buffer_puts(&text, i > 0 ? "}," : "");
            buffer_json_string(&text, items[i].topic, strlen(items[i].topic));
            buffer_puts(&text, ":{");
        }
        buffer_printf(&text, "%s\"%d\":%" PRId64, new_topic ? "" : ",", items[i].partition,
                      offsets[i]);
    }
    buffer_puts(&text, count > 0 ? "}}" : "}");
    const char *copy = arena_strdup(a, buffer_text(&text));
    buffer_release(&text);
    return copy;
}

static int64_t
placed(int64_t offset, const struct topic_partition *p)
{
    return offset == OFFSET_EARLIEST ? p->start : offset == OFFSET_LATEST ? p->end : offset;
}

/* startingOffsets or endingOffsets: earliest, latest or JSON. */
static bool
boundary(const struct options *options, const char *key, const char *fallback,
         const struct topics *topics, int64_t *out, struct error *err)
{
    const char *text = options_get(options, key);
    text = text != NULL ? text : fallback;
    json_t *root = NULL;
    int64_t all = OFFSET_EARLIEST;
    if (strcasecmp(text, "latest") == 0) {
        all = OFFSET_LATEST;
    } else if (strcasecmp(text, "earliest") != 0) {
        root = json_loads(text, 0, NULL);
        if (root == NULL) {
            return error_set(err, ERROR_ARGUMENT, "%s must be earliest, latest or JSON, not %s",
                             key, text);
        }
    }
    for (uint32_t i = 0; i < topics->count; i++) {
        const struct topic_partition *p = &topics->items[i];
        out[i] = placed(
            root != NULL ? json_offset(root, p->topic, p->partition, OFFSET_EARLIEST) : all, p);
    }
    json_decref(root);
    return true;
}

/* Where the next batch begins: the last one's end, or where the query began. New partitions begin
 * at their start. */
static bool
starts_of(struct stream_source *s, const struct topics *topics, const char *start, int64_t *out,
          struct error *err)
{
    if (start == NULL || strcmp(start, "-") == 0) {
        start = s->state;
    }
    json_t *root = json_loads(start, 0, NULL);
    if (!json_is_object(root)) {
        json_decref(root);
        return error_set(err, ERROR_SYSTEM, "the checkpoint's Kafka offsets are damaged: %s",
                         start);
    }
    for (uint32_t i = 0; i < topics->count; i++) {
        const struct topic_partition *p = &topics->items[i];
        out[i] = json_offset(root, p->topic, p->partition, p->start);
    }
    json_decref(root);
    return true;
}

/* maxOffsetsPerTrigger, shared out by how much each partition has. */
static void
limit_ends(const struct stream_source *s, const int64_t *starts, int64_t *ends, uint32_t count)
{
    const char *text = options_get(s->options, "maxOffsetsPerTrigger");
    const int64_t limit = text != NULL ? atoll(text) : 0;
    int64_t total = 0;
    for (uint32_t i = 0; i < count; i++) {
        total += ends[i] > starts[i] ? ends[i] - starts[i] : 0;
    }
    if (limit <= 0 || total <= limit) {
        return;
    }
    for (uint32_t i = 0; i < count; i++) {
        const int64_t have = ends[i] > starts[i] ? ends[i] - starts[i] : 0;
        int64_t share = (int64_t)((double)have / (double)total * (double)limit);
        share = share > 0 || have == 0 ? share : 1;
        ends[i] = starts[i] + (share < have ? share : have);
    }
}

static bool
kafka_latest(struct stream_source *s, struct arena *a, const char *start, bool limited,
             const char **end, struct error *err)
{
    struct topics topics;
    if (!topics_list(s->driver, a, s->options, &topics, err)) {
        return false;
    }
    int64_t *starts = arena_new_array(a, int64_t, topics.count + 1);
    int64_t *ends = arena_new_array(a, int64_t, topics.count + 1);
    if (!starts_of(s, &topics, start, starts, err)) {
        return false;
    }
    for (uint32_t i = 0; i < topics.count; i++) {
        ends[i] = topics.items[i].end > starts[i] ? topics.items[i].end : starts[i];
    }
    if (limited) {
        limit_ends(s, starts, ends, topics.count);
    }
    *end = offsets_text(a, topics.items, ends, topics.count);
    return true;
}

/* The first batch's range must have a start of its own in the log: begin at what latest saw. */
static bool
check_loss(const struct stream_source *s, const struct topic_partition *p, int64_t start,
           struct error *err)
{
    const char *fail = options_get(s->options, "failOnDataLoss");
    if (start >= p->start || (fail != NULL && strcasecmp(fail, "false") == 0)) {
        return true;
    }
    return error_set(err, ERROR_EXECUTION,
                     "topic %s, partition %d: records from offset %" PRId64 " to %" PRId64
                     " are gone (retention). Set failOnDataLoss to false to go on without them.",
                     p->topic, p->partition, start, p->start);
}

static bool
source_ranges(struct arena *a, struct scan_source *source, const struct topics *topics,
              const int64_t *starts, const int64_t *ends, int64_t *rows)
{
    source->ranges = arena_new_array(a, struct source_offset_range, topics->count + 1);
    source->range_count = 0;
    *rows = 0;
    for (uint32_t i = 0; i < topics->count; i++) {
        const struct topic_partition *p = &topics->items[i];
        const int64_t from = starts[i] > p->start ? starts[i] : p->start;
        if (ends[i] > from) {
            source->ranges[source->range_count++] =
                (struct source_offset_range){p->topic, p->partition, from, ends[i]};
            *rows += ends[i] - from;
        }
    }
    source->row_estimate = (double)*rows;
    source->byte_estimate = *rows * 256;
    if (topics->log_dir != NULL) {
        struct option *items = arena_new_array(a, struct option, source->options.count + 1);
        if (source->options.count > 0) {
            memcpy(items, source->options.items, source->options.count * sizeof *items);
        }
        items[source->options.count++] = (struct option){"weir.log.dir", topics->log_dir};
        source->options.items = items;
    }
    return true;
}

static struct rel *
kafka_scan(struct stream_source *s, struct arena *a, const struct rel *template, const char *start,
           const char *end, int64_t *rows, struct error *err)
{
    struct topics topics;
    json_t *root = json_loads(end, 0, NULL);
    if (!json_is_object(root)) {
        json_decref(root);
        error_set(err, ERROR_SYSTEM, "the checkpoint's Kafka offsets are damaged: %s", end);
        return NULL;
    }
    if (!topics_list(s->driver, a, s->options, &topics, err)) {
        json_decref(root);
        return NULL;
    }
    int64_t *starts = arena_new_array(a, int64_t, topics.count + 1);
    int64_t *ends = arena_new_array(a, int64_t, topics.count + 1);
    bool ok = starts_of(s, &topics, start, starts, err);
    const bool first = start == NULL || strcmp(start, "-") == 0;
    for (uint32_t i = 0; ok && i < topics.count; i++) {
        const struct topic_partition *p = &topics.items[i];
        ends[i] = json_offset(root, p->topic, p->partition, starts[i]);
        ok = first || check_loss(s, p, starts[i], err);
    }
    json_decref(root);
    if (!ok) {
        return NULL;
    }
    struct rel *scan = rel_copy(a, template);
    struct scan_source *source = arena_copy(a, template->source, sizeof *source);
    source_ranges(a, source, &topics, starts, ends, rows);
    scan->source = source;
    scan->is_streaming = false;
    return scan;
}

static void
kafka_close(struct stream_source *s)
{
    (void)s;
}

/* Where the query begins is decided once: "latest" must not move with a restart. */
static bool
initial_offsets(struct stream_source *s, struct arena *a, struct error *err)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/sources/kafka-%u", s->checkpoint, s->number);
    uint8_t *bytes = NULL;
    size_t len = 0;
    struct error missing = {0};
    if (env_read_file(s->env, path, 16 << 20, &bytes, &len, &missing)) {
        s->state = arena_strndup(a, (const char *)bytes, len);
        free(bytes);
        return true;
    }
    if (missing.code != ENOENT) {
        error_move(err, &missing);
        return false;
    }
    error_clear(&missing);
    struct topics topics;
    if (!topics_list(s->driver, a, s->options, &topics, err)) {
        return false;
    }
    int64_t *starts = arena_new_array(a, int64_t, topics.count + 1);
    if (!boundary(s->options, "startingOffsets", "latest", &topics, starts, err)) {
        return false;
    }
    const char *text = offsets_text(a, topics.items, starts, topics.count);
    s->state = (void *)text;
    return env_write_file_atomic(s->env, path, text, strlen(text), err);
}

bool
source_kafka_open(struct stream_source *s, struct arena *a, struct error *err)
{
    static const struct source_ops ops = {kafka_latest, kafka_scan, kafka_close};
    const char *topics = options_get(s->options, "subscribe");
    const char *pattern = options_get(s->options, "subscribePattern");
    s->ops = &ops;
    s->description = topics != NULL
                         ? arena_printf(a, "KafkaV2[Subscribe[%s]]", topics)
                         : arena_printf(a, "KafkaV2[SubscribePattern[%s]]", pattern ? pattern : "");
    return initial_offsets(s, a, err);
}

bool
stream_source_fill(void *ctx, struct arena *a, struct scan_source *source, bool is_streaming,
                   struct error *err)
{
    struct driver *d = ctx;
    if (strcasecmp(source->format, "kafka") != 0 || is_streaming) {
        return false; /* streams fill their ranges batch by batch */
    }
    struct topics topics;
    if (!topics_list(d, a, &source->options, &topics, err)) {
        return false;
    }
    int64_t *starts = arena_new_array(a, int64_t, topics.count + 1);
    int64_t *ends = arena_new_array(a, int64_t, topics.count + 1);
    int64_t rows;
    return boundary(&source->options, "startingOffsets", "earliest", &topics, starts, err) &&
           boundary(&source->options, "endingOffsets", "latest", &topics, ends, err) &&
           source_ranges(a, source, &topics, starts, ends, &rows);
}
