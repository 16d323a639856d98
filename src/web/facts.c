/* Asks the other processes, and turns their answers into the documents that web.h describes. */
#include "web/facts.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/env.h"
#include "driver/operations.h"
#include "net/frame.h"
#include "sched/wire.h"
#include "stream/queries.h"
#include "stream/stream.h"
#include "web/topic_metrics.h"

enum { ASK_MS = 1000, STREAMS_MAX = 64, PROCESSES_MAX = 64 };

struct cpu_sample {
    long pid;
    int64_t time_ns;
    unsigned long ticks;
};

struct web_facts {
    struct driver *driver;
    struct stream_manager *streams;
    struct frame_client *supervisor;
    struct frame_client *store;
    char spark_version[32];
    uint64_t memory_limit_bytes;
    uint32_t cores;
    struct cpu_sample samples[PROCESSES_MAX]; /* of the last look, for the share since then */
    size_t sample_count;
};

/* False: no answer, or one that is an error; the reply is then of no use. */
static bool
ask(struct frame_client *client, uint16_t type, struct buffer *request, struct buffer *reply)
{
    struct error err = {0};
    const bool ok = frame_call(client, type, request != NULL ? request->ptr : NULL,
                               request != NULL ? request->len : 0, reply, ASK_MS, &err);
    error_clear(&err);
    return ok;
}

/* --- processes ---------------------------------------------------------------------------------
 */

struct process_facts {
    unsigned long ticks; /* of CPU, user and system */
    unsigned long long start_ticks;
    long resident_pages;
};

static bool
process_look(long pid, struct process_facts *out)
{
    char path[64];
    char line[1024];
    snprintf(path, sizeof path, "/proc/%ld/stat", pid);
    FILE *f = fopen(path, "re");
    if (f == NULL) {
        return false;
    }
    const bool got = fgets(line, sizeof line, f) != NULL;
    fclose(f);
    const char *rest = got ? strrchr(line, ')') : NULL; /* the name before it may hold anything */
    unsigned long user;
    unsigned long system;
    if (rest == NULL || sscanf(rest,
                               ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu %*d %*d %*d "
                               "%*d %*d %*d %llu %*u %ld",
                               &user, &system, &out->start_ticks, &out->resident_pages) != 4) {
        return false;
    }
    out->ticks = user + system;
    return true;
}

/* Per cent of one core since the last look; -1 at the first. */
static double
cpu_percent(const struct web_facts *facts, long pid, int64_t now_ns, unsigned long ticks)
{
    for (size_t i = 0; i < facts->sample_count; i++) {
        const struct cpu_sample *s = &facts->samples[i];
        if (s->pid == pid && now_ns > s->time_ns && ticks >= s->ticks) {
            const double seconds = (double)(now_ns - s->time_ns) / 1e9;
            return 100.0 * (double)(ticks - s->ticks) / (double)sysconf(_SC_CLK_TCK) / seconds;
        }
    }
    return -1;
}

static void
process_put(struct web_facts *facts, struct buffer *out, const json_t *process,
            struct cpu_sample *sample, uint64_t *memory_bytes)
{
    const char *role = json_string_value(json_object_get(process, "role"));
    const long pid = (long)json_integer_value(json_object_get(process, "pid"));
    struct process_facts p;
    const bool alive = process_look(pid, &p);
    buffer_puts(out, "{\"role\":");
    buffer_json_string(out, role != NULL ? role : "?", role != NULL ? strlen(role) : 1);
    buffer_printf(out, ",\"pid\":%ld,\"restarts\":%lld,\"state\":\"%s\"", pid,
                  (long long)json_integer_value(json_object_get(process, "restarts")),
                  alive ? "running" : "dead");
    if (alive) {
        const int64_t now_ns = env_mono_ns(&env_real);
        const double percent = cpu_percent(facts, pid, now_ns, p.ticks);
        const uint64_t bytes = (uint64_t)p.resident_pages * (uint64_t)sysconf(_SC_PAGESIZE);
        /* Both clocks count from the machine's start. */
        const int64_t start_ms =
            (int64_t)(p.start_ticks * 1000 / (unsigned long)sysconf(_SC_CLK_TCK));
        *memory_bytes += bytes;
        *sample = (struct cpu_sample){pid, now_ns, p.ticks};
        buffer_printf(out, ",\"memory_bytes\":%llu,\"uptime_ms\":%lld", (unsigned long long)bytes,
                      (long long)(now_ns / 1000000 - start_ms));
        if (percent >= 0) {
            buffer_printf(out, ",\"cpu_percent\":%.1f", percent);
        }
    }
    buffer_puts(out, "}");
}

static uint64_t
processes_put(struct web_facts *facts, struct buffer *out, const json_t *processes)
{
    struct cpu_sample samples[PROCESSES_MAX] = {{0}};
    const size_t all = json_array_size(processes);
    const size_t count = all < PROCESSES_MAX ? all : PROCESSES_MAX;
    uint64_t memory_bytes = 0;
    buffer_puts(out, ",\"processes\":[");
    for (size_t i = 0; i < count; i++) {
        buffer_puts(out, i > 0 ? "," : "");
        process_put(facts, out, json_array_get(processes, i), &samples[i], &memory_bytes);
    }
    buffer_puts(out, "]");
    memcpy(facts->samples, samples, sizeof samples);
    facts->sample_count = count;
    return memory_bytes;
}

static void
address_put(struct buffer *out, const json_t *root, const char *name, bool *first)
{
    const char *text = json_string_value(json_object_get(root, name));
    if (text != NULL) {
        buffer_printf(out, "%s\"%s\":", *first ? "" : ",", name);
        buffer_json_string(out, text, strlen(text));
        *first = false;
    }
}

static void
facts_overview(void *ctx, struct buffer *out)
{
    struct web_facts *facts = ctx;
    struct buffer reply = {0};
    json_t *root = ask(facts->supervisor, WIRE_PROCESS_LIST, NULL, &reply)
                       ? json_loadb((const char *)reply.ptr, reply.len, 0, NULL)
                       : NULL;
    bool first = true;
    buffer_printf(out, "{\"version\":\"%s\",\"spark_version\":\"%s\",\"cores\":%u,\"addresses\":{",
                  WEIR_VERSION, facts->spark_version, facts->cores);
    address_put(out, root, "connect", &first);
    address_put(out, root, "kafka", &first);
    address_put(out, root, "web", &first);
    buffer_puts(out, "}");
    const uint64_t used = processes_put(facts, out, json_object_get(root, "processes"));
    buffer_printf(out, ",\"memory\":{\"used_bytes\":%llu", (unsigned long long)used);
    if (facts->memory_limit_bytes > 0) {
        buffer_printf(out, ",\"limit_bytes\":%llu", (unsigned long long)facts->memory_limit_bytes);
    }
    buffer_puts(out, "},\"workers\":");
    driver_put_workers(facts->driver, out);
    buffer_puts(out, "}");
    json_decref(root);
    buffer_release(&reply);
}

static void
facts_events(void *ctx, struct buffer *out)
{
    struct web_facts *facts = ctx;
    struct buffer reply = {0};
    if (ask(facts->supervisor, WIRE_EVENT_LIST, NULL, &reply)) {
        buffer_put(out, reply.ptr, reply.len);
    }
    buffer_release(&reply);
}

/* --- queries and streams -----------------------------------------------------------------------
 */

static void
facts_queries(void *ctx, struct buffer *out)
{
    driver_put_operations(((struct web_facts *)ctx)->driver, out);
}

static void
facts_streams(void *ctx, struct buffer *out)
{
    stream_put_queries(((struct web_facts *)ctx)->streams, out);
}

/* --- topics ------------------------------------------------------------------------------------
 */

static void
text_put(struct buffer *out, struct bytes text)
{
    buffer_json_string(out, (const char *)text.ptr, text.len);
}

static bool
bytes_equal(struct bytes a, struct bytes b)
{
    return a.len == b.len && memcmp(a.ptr, b.ptr, a.len) == 0;
}

/* The committed offsets of one group on one topic, from the store's list; nothing if it has none.
 */
static void
group_put(struct buffer *out, struct reader *in, struct bytes topic, bool *first)
{
    const struct bytes name = reader_lenbytes(in);
    const struct bytes state = reader_lenbytes(in);
    const uint64_t members = reader_uvarint64(in);
    const size_t count = reader_ucount(in, 4);
    bool found = false;
    for (size_t i = 0; i < count && reader_ok(in); i++) {
        const struct bytes of = reader_lenbytes(in);
        const uint64_t partition = reader_uvarint64(in);
        const uint64_t committed = reader_uvarint64(in);
        reader_uvarint64(in); /* the watermark then; the topic's own is newer */
        if (!reader_ok(in) || !bytes_equal(of, topic)) {
            continue;
        }
        if (!found) {
            buffer_puts(out, *first ? "{\"group\":" : ",{\"group\":");
            text_put(out, name);
            buffer_puts(out, ",\"state\":");
            text_put(out, state);
            buffer_printf(out, ",\"members\":%llu,\"partitions\":[", (unsigned long long)members);
        }
        buffer_printf(out, "%s{\"id\":%llu,\"committed\":%llu}", found ? "," : "",
                      (unsigned long long)partition, (unsigned long long)committed);
        found = true;
        *first = false;
    }
    buffer_puts(out, found ? "]}" : "");
}

static void
groups_put(struct buffer *out, const struct buffer *list, struct bytes topic)
{
    struct reader in;
    reader_init(&in, (struct bytes){list->ptr, list->len});
    bool first = true;
    const size_t count = reader_ucount(&in, 4);
    buffer_puts(out, ",\"groups\":[");
    for (size_t i = 0; i < count && reader_ok(&in); i++) {
        group_put(out, &in, topic, &first);
    }
    buffer_puts(out, "]");
}

static void
partitions_put(struct web_facts *facts, struct buffer *out, struct bytes topic)
{
    struct buffer request = {0};
    struct buffer reply = {0};
    buffer_lenbytes(&request, topic.ptr, topic.len);
    buffer_puts(out, ",\"partitions\":[");
    if (ask(facts->store, WIRE_TOPIC_OFFSETS, &request, &reply)) {
        struct reader in;
        reader_init(&in, (struct bytes){reply.ptr, reply.len});
        reader_lenbytes(&in); /* the folder of its logs */
        const size_t count = reader_ucount(&in, 4);
        for (size_t i = 0; i < count && reader_ok(&in); i++) {
            const uint64_t id = reader_uvarint64(&in);
            const uint64_t start = reader_uvarint64(&in);
            const uint64_t end = reader_uvarint64(&in);
            const uint64_t bytes = reader_uvarint64(&in);
            buffer_printf(out, "%s{\"id\":%llu,\"start\":%llu,\"end\":%llu,\"bytes\":%llu}",
                          i > 0 ? "," : "", (unsigned long long)id, (unsigned long long)start,
                          (unsigned long long)end, (unsigned long long)bytes);
        }
    }
    buffer_puts(out, "]");
    buffer_release(&request);
    buffer_release(&reply);
}

static void
topic_settings_skip(struct reader *in)
{
    const size_t count = reader_ucount(in, 2);
    for (size_t i = 0; i < count && reader_ok(in); i++) {
        reader_lenbytes(in);
        reader_lenbytes(in);
    }
}

static void
facts_topics(void *ctx, struct buffer *out)
{
    struct web_facts *facts = ctx;
    struct buffer topics = {0};
    struct buffer groups = {0};
    buffer_puts(out, "[");
    if (ask(facts->store, WIRE_TOPIC_LIST, NULL, &topics) &&
        ask(facts->store, WIRE_GROUP_LIST, NULL, &groups)) {
        struct reader in;
        reader_init(&in, (struct bytes){topics.ptr, topics.len});
        const size_t count = reader_ucount(&in, 3);
        bool first = true;
        for (size_t i = 0; i < count; i++) {
            const struct bytes name = reader_lenbytes(&in);
            reader_uvarint64(&in); /* how many partitions: they are listed below */
            topic_settings_skip(&in);
            if (!reader_ok(&in)) {
                break;
            }
            buffer_puts(out, first ? "{\"name\":" : ",{\"name\":");
            first = false;
            text_put(out, name);
            partitions_put(facts, out, name);
            groups_put(out, &groups, name);
            buffer_puts(out, "}");
        }
    }
    buffer_puts(out, "]");
    buffer_release(&topics);
    buffer_release(&groups);
}

/* --- metrics -----------------------------------------------------------------------------------
 */

/* The store's counters: count, (name, value)...; then its topics. */
static void
facts_metrics(void *ctx, struct buffer *out)
{
    struct web_facts *facts = ctx;
    struct buffer reply = {0};
    if (ask(facts->store, WIRE_STORE_STATUS, NULL, &reply)) {
        struct reader in;
        reader_init(&in, (struct bytes){reply.ptr, reply.len});
        const size_t count = reader_ucount(&in, 2);
        for (size_t i = 0; i < count; i++) {
            const struct bytes name = reader_lenbytes(&in);
            const uint64_t value = reader_uvarint64(&in);
            if (!reader_ok(&in)) {
                break;
            }
            char metric[96];
            snprintf(metric, sizeof metric, "weir_store_%.*s", (int)name.len,
                     (const char *)name.ptr);
            web_metric(out, metric, "untyped", "Of the store process.", "", (double)value);
        }
    }
    buffer_release(&reply);
    struct buffer topics = {0};
    facts_topics(ctx, &topics);
    topic_metrics_put(out, &topics);
    buffer_release(&topics);
}

/* --- life --------------------------------------------------------------------------------------
 */

struct web_facts *
web_facts_new(const struct web_facts_config *config)
{
    struct web_facts *facts = calloc(1, sizeof *facts);
    if (facts == NULL) {
        env_real.ops->fatal(&env_real, "out of memory for the page's facts");
    }
    facts->driver = config->driver;
    facts->streams = config->streams;
    facts->supervisor = frame_client_new(config->supervisor_address);
    facts->store = frame_client_new(config->store_address);
    snprintf(facts->spark_version, sizeof facts->spark_version, "%s", config->spark_version);
    facts->memory_limit_bytes = config->memory_limit_bytes;
    facts->cores = config->cores;
    return facts;
}

void
web_facts_free(struct web_facts *facts)
{
    frame_client_free(facts->supervisor);
    frame_client_free(facts->store);
    free(facts);
}

void
web_facts_sources(struct web_facts *facts, struct web_sources *out)
{
    *out = (struct web_sources){.ctx = facts,
                                .overview = facts_overview,
                                .queries = facts_queries,
                                .topics = facts_topics,
                                .streams = facts_streams,
                                .events = facts_events,
                                .metrics = facts_metrics};
}
